//! Bank accounts and cards, and the references and amounts that must not be taken for them.

pub(in crate::detect) mod account;
pub(in crate::detect) mod card;
mod clearing;
pub(in crate::detect) mod giro;
pub(in crate::detect) mod iban;
mod pieces;
pub(in crate::detect) mod reference;

use super::digits::{Page, Run};
use super::resolve::Candidate;

/// Offers what begins with this group of digits.
pub(super) fn recognise(page: &Page<'_>, first: usize, run: &Run<'_>, found: &mut Vec<Candidate>) {
    reference::recognise(page, first, run, found);
    // A run may be empty: its first group may have more digits than any number, but an account does.
    let Some(group) = page.groups.get(first) else { return };
    let length = group.length();
    // Two letters of a country stand before the digits.
    let bytes = page.bytes();
    let before = |back: usize| group.start.checked_sub(back).and_then(|at| bytes.get(at)).copied().unwrap_or(b'\n');
    if length >= 2 && before(2).is_ascii_alphabetic() && (before(1) == b' ' || before(1).is_ascii_alphabetic()) {
        iban::recognise(page, first, found);
    }
    let total = run.digits().len();
    if total >= card::SHORTEST && (length == 4 || length >= card::SHORTEST) {
        card::recognise(page, first, run, found);
    }
    if length >= 7 || run.groups.len() > 1 {
        giro::recognise(page, first, run, found);
    }
    // A clearing number may stand apart from its account.
    if total >= 7 || length == 4 {
        account::recognise(page, first, run, found);
    }
}
