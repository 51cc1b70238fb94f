//! Bank accounts and cards, and the references and amounts that must not be taken for them.

pub(in crate::detect) mod account;
pub(in crate::detect) mod card;
pub(in crate::detect) mod giro;
pub(in crate::detect) mod iban;
pub(in crate::detect) mod reference;

use super::digits::{Page, Run};
use super::resolve::Candidate;

/// Offers what begins with this group of digits.
pub(super) fn recognise(page: &Page<'_>, first: usize, run: &Run<'_>, found: &mut Vec<Candidate>) {
    reference::recognise(page, first, run, found);
    iban::recognise(page, first, found);
    card::recognise(page, first, run, found);
    giro::recognise(page, first, run, found);
    account::recognise(page, first, run, found);
}
