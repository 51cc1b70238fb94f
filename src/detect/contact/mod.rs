//! How somebody is reached: telephone, e-mail and street addresses, accounts, devices, vehicles.

pub(in crate::detect) mod address;
pub(in crate::detect) mod email;
pub(in crate::detect) mod handle;
pub(in crate::detect) mod imei;
pub(in crate::detect) mod network;
pub(in crate::detect) mod phone;
pub(in crate::detect) mod plate;
pub(in crate::detect) mod url;

use super::digits::{Page, Run};
use super::resolve::Candidate;

/// Offers what begins with this group of digits.
pub(super) fn recognise(page: &Page<'_>, first: usize, run: &Run<'_>, found: &mut Vec<Candidate>) {
    phone::recognise(page, first, run, found);
    network::recognise(page, first, run, found);
    imei::recognise(page, first, run, found);
    plate::recognise(page, first, run, found);
    address::recognise(page, first, run, found);
}

/// Offers what stands around an `@` or a `:`, e-mail addresses aside.
pub(super) fn recognise_sign(page: &Page<'_>, position: usize, found: &mut Vec<Candidate>) {
    match page.bytes()[position] {
        b'@' => handle::recognise(page, position, found),
        _ => {
            url::recognise(page, position, found);
            handle::recognise_label(page, position, found);
        }
    }
}
