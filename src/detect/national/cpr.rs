//! Danish civil registration numbers (CPR).
//!
//! Finds: `ddmmyy-ssss` and ten digits without hyphen or with a blank.
//!
//! Rule: a date of birth that exists in the century that the seventh digit gives. Modulus 11 is no
//! condition, since numbers without it have been issued from 2007 on (and the published test
//! persons mostly lack it): with a hyphen it only adds confidence; without one, either the check or
//! a word such as `cpr` or `personnr` beside the number is asked for.
//!
//! Source: lov om Det Centrale Personregister, and the CPR office's "Personnummeret i CPR" (century
//! table, modulus 11 with its example 070761-4285) and "Personnumre uden kontrolciffer". The
//! examples use that number and the health services' published test persons.
//!
//! ```text
//! Kunde 070761-4285 → Kunde [national_id]
//! Kunde 251248-9996 ringer → Kunde [national_id] ringer
//! CPR: 2512489996 → CPR: [national_id]
//! personnr. 251248 9996 → personnr. [national_id]
//! Kunde 0707614285 → Kunde [national_id]
//! Kunde 2512489996 → Kunde 2512489996
//! Ordre 251248-9996 → Ordre 251248-9996
//! Ordre 0707614285 → Ordre 0707614285
//! CPR 311148-9996 → CPR 311148-9996
//! ```

use crate::detect::Kind;
use crate::detect::calendar::{is_date, number};
use crate::detect::check_digit::modulus_11;
use crate::detect::context::Meaning;
use crate::detect::digits::{Page, Separator};
use crate::detect::resolve::{Candidate, Validity};

/// Whether ten ASCII digits begin with a date of birth in the century of their seventh digit.
pub(in crate::detect) fn has_birth_date(digits: &[u8]) -> bool {
    if digits.len() != 10 || !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let short_year = number(&digits[4..6]);
    let century = match (digits[6], short_year) {
        (b'0'..=b'3', _) => 1900,
        (b'4' | b'9', 0..=36) => 2000,
        (b'4' | b'9', _) => 1900,
        (_, 0..=57) => 2000,
        _ => 1800,
    };
    is_date(century + short_year, number(&digits[2..4]), number(&digits[..2]))
}

/// Offers the number that begins with this group.
pub(in crate::detect) fn recognise(page: &Page<'_>, first: usize, found: &mut Vec<Candidate>) {
    let Some(group) = page.groups.get(first) else {
        return;
    };
    let mut digits = page.text.as_bytes()[group.start..group.end].to_vec();
    let start = group.start;
    let mut end = group.end;
    let mut has_hyphen = false;
    match digits.len() {
        10 => {}
        6 => {
            let Some(last) = page.groups.get(first + 1) else {
                return;
            };
            if last.length() != 4 || !matches!(last.before, Separator::Hyphen | Separator::Space) {
                return;
            }
            digits.extend_from_slice(&page.text.as_bytes()[last.start..last.end]);
            end = last.end;
            has_hyphen = last.before == Separator::Hyphen;
        }
        _ => return,
    }
    if !has_birth_date(&digits) || !page.is_free(start, end) {
        return;
    }
    let is_checked = modulus_11(&digits);
    let context = page.context(start, end);
    let is_named = context.is(Meaning::CivilNumber);
    let is_denied =
        context.is_reference_or_amount() || context.is(Meaning::Organisation) || (context.is(Meaning::Telephone) && context.immediate);
    let confidence = match (has_hyphen, is_checked, is_named) {
        (true, true, _) => 0.95,
        (_, true, true) => 0.95,
        (true, false, true) => 0.9,
        (false, false, true) => 0.85,
        _ if is_denied => return,
        (true, false, false) => 0.6,
        (false, true, false) => 0.7,
        (false, false, false) => return,
    };
    let validity = if is_checked { Validity::Proven } else { Validity::Shape };
    found.push(Candidate { start, end, kind: Some(Kind::NationalId), confidence, validity });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Country, Scanner, examples};

    /// Test persons that the Danish health services publish; with their dates of birth.
    const PUBLISHED: [(&str, u32); 10] = [
        ("0104909995", 1990),
        ("0107729995", 1972),
        ("0211223989", 1922),
        ("0212159995", 2015),
        ("1007059995", 2005),
        ("1310169996", 2016),
        ("2103009996", 2000),
        ("2311143995", 1914),
        ("2512489996", 1948),
        ("3103979995", 1997),
    ];

    fn confidence(text: &str) -> Option<f32> {
        let found = Scanner::new(&[Country::DK]).scan(text);
        assert!(found.len() <= 1, "{text}");
        found.first().map(|finding| finding.confidence)
    }

    #[test]
    fn documented_examples_hold() {
        assert_eq!(examples::check(include_str!("cpr.rs"), &[Country::DK]), 9);
    }

    #[test]
    fn published_test_persons_are_found_with_hyphen_or_with_a_word() {
        for (published, _) in PUBLISHED {
            let (date, number) = published.split_at(6);
            assert!(!modulus_11(published.as_bytes()), "{published}");
            assert!(confidence(&format!("{date}-{number}")).is_some());
            assert!(confidence(&format!("cpr {published}")).is_some());
            assert!(confidence(&format!("{published} (cpr)")).is_some());
            assert_eq!(confidence(published), None, "{published}");
        }
    }

    #[test]
    fn the_check_digit_adds_confidence() {
        assert!(confidence("070761-4285") > confidence("251248-9996"));
        assert!(confidence("cpr 251248-9996") > confidence("251248-9996"));
    }

    #[test]
    fn the_seventh_digit_gives_the_century() {
        // 29 February exists in 2000 but not in 1900; years 1858–1899 and 2036/2037 are the edges.
        let born = |digits: &str| has_birth_date(digits.as_bytes());
        for digits in ["2902004000", "2902005000", "2902009000", "2902368000", "2902364000"] {
            assert!(born(digits), "{digits}");
        }
        for digits in ["2902000000", "2902003000", "2902374000", "2902578000", "2902588000"] {
            assert!(!born(digits), "{digits}");
        }
        assert!(born("2902608000"), "1860 is a leap year");
        assert!(!born("3201901000"));
        assert!(!born("0113901000"));
        assert!(!born("010190100"));
    }

    #[test]
    fn dates_with_times_and_orders_are_left() {
        for text in [
            "251248-99961",
            "2024-251248-9996",
            "ordre 2512489996",
            "faktura nr. 251248-9996",
            "25124-89996",
            "251248/9996",
            "CVR 2512489996",
        ] {
            assert_eq!(confidence(text), None, "{text}");
        }
    }
}
