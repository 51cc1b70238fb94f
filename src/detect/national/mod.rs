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
use super::digits::{Page, Run};
use super::resolve::Candidate;

/// Offers what begins with this group of digits.
pub(super) fn recognise(page: &Page<'_>, first: usize, run: &Run<'_>, found: &mut Vec<Candidate>) {
    company::recognise(page, first, run, found);
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
