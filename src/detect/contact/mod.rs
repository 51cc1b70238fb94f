//! How somebody is reached: telephone, e-mail and street addresses, accounts, devices, vehicles.

pub(in crate::detect) mod address;
pub(in crate::detect) mod email;
pub(in crate::detect) mod handle;
pub(in crate::detect) mod imei;
pub(in crate::detect) mod log;
pub(in crate::detect) mod network;
pub(in crate::detect) mod path;
pub(in crate::detect) mod phone;
pub(in crate::detect) mod plate;
pub(in crate::detect) mod spelled;
pub(in crate::detect) mod url;
pub(in crate::detect) mod user;
mod vehicle;

use super::digits::{Page, Run};
use super::resolve::Candidate;

/// Offers what begins with this group of digits.
pub(super) fn recognise(page: &Page<'_>, first: usize, run: &Run<'_>, found: &mut Vec<Candidate>) {
    let Some(group) = run.groups.first() else { return };
    let length = group.length();
    phone::recognise(page, first, run, found);
    if run.digits().len() >= phone::FEWEST && matches!(length, 2 | 6 | 8 | 15..=17) {
        imei::recognise(page, first, run, found);
    }
    let bytes = page.bytes();
    if group.start.checked_sub(1).is_some_and(|before| bytes[before].is_ascii_alphabetic() || matches!(bytes[before], b'_' | b'.')) {
        user::recognise_digits(page, first, found);
    }
    // What is left begins with few digits, and letters or signs stand beside them.
    if length > 5 {
        return;
    }
    let before = |back: usize| group.start.checked_sub(back).and_then(|at| bytes.get(at)).copied().unwrap_or(b'\n');
    let after = bytes.get(group.end).copied().unwrap_or(b'\n');
    let is_sign = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'-' | b'.');
    if length <= 4 && (is_sign(after) || is_sign(before(1))) {
        network::recognise(page, first, run, found);
    }
    // The letters of a plate, or a street, stand before the digits, or a blank and digits behind them.
    let is_letter = |byte: u8| byte.is_ascii_alphabetic() || byte >= 0x80;
    let spaced = matches!(before(1), b' ' | b'-' | b'.');
    let lettered = is_letter(before(1)) || (spaced && (is_letter(before(2)) || matches!(before(2), b' ' | b'.')));
    if lettered {
        plate::recognise(page, first, run, found);
    }
    if lettered || after == b' ' || after == b'-' || is_letter(after) {
        address::recognise(page, first, run, found);
    }
}

/// Offers what stands around an `@`, `:` or `=`, or a `.` or `_` before a letter; e-mail addresses aside.
pub(super) fn recognise_sign(page: &Page<'_>, position: usize, found: &mut Vec<Candidate>) {
    match page.bytes()[position] {
        b'@' => handle::recognise(page, position, found),
        b':' => {
            url::recognise(page, position, found);
            handle::recognise_label(page, position, found);
            log::recognise_colon(page, position, found);
        }
        b'=' => {
            url::recognise_query(page, position, found);
            user::recognise_value(page, position, found);
            log::recognise_equals(page, position, found);
        }
        _ => {
            url::recognise_host(page, position, found);
            user::recognise(page, position, found);
        }
    }
}
