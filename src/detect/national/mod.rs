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

use super::check_digit::modulus_11;
use super::context::Meaning;
use super::digits::{DigitGroup, Page, Run};
use super::resolve::Candidate;
use super::{Country, Kind};
use written::Written;

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

/// Offers a number with blanks in odd places, right behind a word such as `fnr`, `cpr` or `kt.`: `03056 438113`.
fn in_odd_groups(page: &Page<'_>, first: usize, run: &Run<'_>, found: &mut Vec<Candidate>) {
    /// Digits of the shortest number.
    const FEWEST: usize = 10;
    if run.groups.len() < 2 || run.digits().len() < FEWEST {
        return;
    }
    for country in page.countries.iter() {
        let lengths: &[usize] = match country {
            Country::SE => &[10, 12],
            Country::DK | Country::IS => &[10],
            Country::NO => &[11],
            Country::FI => continue,
        };
        for number in lengths.iter().filter_map(|length| Written::in_any_groups(page, first, *length)) {
            let digits = number.digits();
            let (has_date, is_checked) = match country {
                Country::SE if digits.len() == 12 => (personnummer::has_birth_date(digits), personnummer::is_valid_with_century(digits)),
                Country::SE => (personnummer::has_birth_date(digits), personnummer::is_valid(digits)),
                Country::DK => (cpr::has_birth_date(digits), modulus_11(digits)),
                Country::IS => (kennitala::is_person(digits), kennitala::is_valid(digits)),
                _ => (fodselsnummer::has_some_birth_date(digits), fodselsnummer::is_valid(digits)),
            };
            if !has_date || !page.is_free(number.start, number.end) {
                continue;
            }
            let context = page.context(number.start, number.end);
            if !context.is(Meaning::CivilNumber) || !context.immediate {
                continue;
            }
            found.push(match is_checked {
                true => Candidate::proven(number.start, number.end, Kind::NationalId, 0.93),
                false => Candidate::shape(number.start, number.end, Kind::NationalId, 0.7),
            });
        }
    }
}

/// Offers what begins with this group of digits.
pub(super) fn recognise(page: &Page<'_>, first: usize, run: &Run<'_>, found: &mut Vec<Candidate>) {
    let Some(group) = run.groups.first() else { return };
    let length = group.length();
    if matches!(length, 8..=10 | 12) || (run.groups.len() > 1 && matches!(length, 2 | 3 | 6 | 7)) {
        company::recognise(page, first, run, found);
    }
    in_odd_groups(page, first, run, found);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{examples, scrub};

    fn check(countries: &[Country], before: &str, after: &str) {
        assert_eq!(scrub(before, &examples::scanner(countries).scan(before)), after, "{before}");
    }

    #[test]
    fn blanks_in_odd_places_need_the_word_right_before() {
        for (country, word, numbers) in [
            (Country::NO, "fnr.", &["15858 598181", "158 585 98181", "15 85 85 98181", "1585 8598 181", "158585 98 181"][..]),
            (Country::NO, "f.nr.", &["15858598181", "15858 598181"]),
            (Country::NO, "D-nr", &["15858598181", "15858 598181"]),
            (Country::SE, "pnr", &["1901 01 2391", "1901 012391", "20 190101 2391", "190 101 2391"]),
            (Country::SE, "pers.nr:", &["190101 2391", "1901 01-2391"]),
            (Country::DK, "cpr", &["25 12 48 9996", "2512 48 9996", "251 248 9996"]),
            (Country::IS, "kt.", &["12 01 60 3389", "120 160 3389", "1201 60-3389"]),
        ] {
            for number in numbers {
                for countries in [&[country][..], &Country::ALL] {
                    check(countries, &format!("{word} {number}, ok"), &format!("{word} [national_id], ok"));
                }
            }
        }
        for text in
            ["15858 598181", "fnr for Kim 15858 598181", "fnr 15858 59818", "fnr 15858 5981811", "fnr 1585/8598181", "fnr 39858 598181"]
        {
            check(&[Country::NO], text, text);
        }
    }
}
