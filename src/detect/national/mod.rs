//! National identity numbers, and the numbers of companies that must not be taken for them.

pub(in crate::detect) mod company;
pub(in crate::detect) mod cpr;
pub(in crate::detect) mod fodselsnummer;
pub(in crate::detect) mod henkilotunnus;
pub mod identity_number;
pub(in crate::detect) mod kennitala;
#[cfg(test)]
mod odds;
pub(in crate::detect) mod personnummer;
mod written;

use super::Country;
use super::digits::{DigitGroup, Page, Run};
use super::resolve::Candidate;

/// Whether a number of any country may begin with a group of this length, with what stands behind it.
fn may_be_a_persons(page: &Page<'_>, first: usize, length: usize) -> bool {
    /// More bytes never stand between a date and the rest.
    const GAP: usize = 8;
    let next = |count: usize| page.groups.get(first + count);
    let is_next = |count: usize, lengths: std::ops::RangeInclusive<usize>| next(count).is_some_and(|next| lengths.contains(&next.length()));
    match length {
        // A date in pieces.
        2 | 4 => is_next(1, 2..=2) && is_next(2, 2..=2) && is_next(3, 4..=5),
        6 | 8 => {
            let end = page.groups.get(first).map_or(0, |group| group.end);
            let is_near = |next: &DigitGroup| next.start - end <= GAP;
            // Letters stand in interim numbers and in Finnish ones.
            next(1).is_some_and(is_near)
                || page.bytes().get(end).is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'+' | b' '))
        }
        10..=12 => true,
        _ => false,
    }
}

/// Offers what begins with this group of digits.
pub(super) fn recognise(page: &Page<'_>, first: usize, run: &Run<'_>, found: &mut Vec<Candidate>) {
    let Some(group) = run.groups.first() else { return };
    let length = group.length();
    if matches!(length, 8..=10 | 12) || (run.groups.len() > 1 && matches!(length, 2 | 3 | 6 | 7)) {
        company::recognise(page, first, run, found);
    }
    if !may_be_a_persons(page, first, length) {
        return;
    }
    for country in page.countries.iter() {
        match country {
            Country::SE => personnummer::recognise(page, first, found),
            Country::DK => cpr::recognise(page, first, found),
            Country::NO => fodselsnummer::recognise(page, first, run, found),
            Country::FI => henkilotunnus::recognise(page, first, run, found),
            Country::IS => kennitala::recognise(page, first, run, found),
        }
    }
}
