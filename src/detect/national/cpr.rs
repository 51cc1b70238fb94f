//! Danish civil registration numbers (CPR).
//!
//! Finds: `ddmmyy-ssss` and ten digits without hyphen or with a blank, also with the date in pieces;
//! replacement numbers (erstatningspersonnummer), which have 60 added to the day.
//!
//! Rule: a date of birth that exists in the century that the seventh digit gives. Modulus 11 is no
//! condition, since numbers without it have been issued from 2007 on (and the published test
//! persons mostly lack it): with a hyphen it only adds confidence; without one, either the check or
//! a word such as `cpr` or `personnr` beside the number is asked for. Ten digits of which nothing
//! speaks, no name before them either, pass the check by chance one time in 300: they are a guess.
//!
//! Source: lov om Det Centrale Personregister, and the CPR office's "Personnummeret i CPR" (century
//! table, modulus 11 with its example 070761-4285), "Personnumre uden kontrolciffer" and
//! "Erstatningspersonnummer i eksterne systemer" (the first digit raised by 6). The examples use that
//! number and the health services' published test persons.
//!
//! ```text
//! Kunde 070761-4285 → Kunde [national_id]
//! Kunde 251248-9996 ringer → Kunde [national_id] ringer
//! CPR: 2512489996 → CPR: [national_id]
//! personnr. 251248 9996 → personnr. [national_id]
//! Kunde 0707614285 → Kunde [national_id]
//! Erstatningspersonnummer 670761-4285 → Erstatningspersonnummer [national_id]
//! cpr 25 12 48-9996, 25.12.48-9996 → cpr [national_id], 25.12.48-9996
//! Kunde 2512489996 → Kunde 2512489996
//! Ordre 251248-9996 → Ordre 251248-9996
//! Ordre 0707614285 → Ordre 0707614285
//! CPR 311148-9996 → CPR 311148-9996
//! ```

use super::written::{Delimiter, Written, follows_name};
use crate::detect::Kind;
use crate::detect::calendar::{is_date, number};
use crate::detect::check_digit::modulus_11;
use crate::detect::context::Meaning;
use crate::detect::digits::Page;
use crate::detect::resolve::{Candidate, Validity};

/// Day of the month in a replacement number: the day of birth and this.
const REPLACEMENT: u32 = 60;

/// Whether ten ASCII digits begin with a date of birth in the century of their seventh digit.
pub(in crate::detect) fn has_birth_date(digits: &[u8]) -> bool {
    digits.len() == 10 && digits.iter().all(u8::is_ascii_digit) && number(&digits[..2]) < REPLACEMENT && birth(digits)
}

fn birth(digits: &[u8]) -> bool {
    let short_year = number(&digits[4..6]);
    let century = match (digits[6], short_year) {
        (b'0'..=b'3', _) => 1900,
        (b'4' | b'9', 0..=36) => 2000,
        (b'4' | b'9', _) => 1900,
        (_, 0..=57) => 2000,
        _ => 1800,
    };
    let day = number(&digits[..2]);
    is_date(century + short_year, number(&digits[2..4]), day.checked_sub(REPLACEMENT).unwrap_or(day))
}

/// Offers the number that begins with this group.
pub(in crate::detect) fn recognise(page: &Page<'_>, first: usize, found: &mut Vec<Candidate>) {
    let Some(number) = Written::read(page, first, false, 4) else { return };
    let digits = number.digits();
    if number.delimiter == Delimiter::Plus || !birth(digits) || !page.is_free(number.start, number.end) {
        return;
    }
    let is_replacement = !has_birth_date(digits);
    let is_checked = modulus_11(digits);
    let has_hyphen = number.delimiter == Delimiter::Hyphen;
    let context = page.context(number.start, number.end);
    let is_named = context.is(Meaning::CivilNumber);
    let is_denied =
        context.is_reference_or_amount() || context.is(Meaning::Organisation) || (context.is(Meaning::Telephone) && context.immediate);
    let confidence = match (has_hyphen, is_checked, is_named) {
        (_, true, true) => 0.97,
        (true, false, true) => 0.93,
        (false, false, true) => 0.85,
        (true, true, false) if !is_replacement && !number.in_pieces => {
            if is_denied {
                0.75
            } else {
                0.95
            }
        }
        _ if is_denied || number.in_pieces => return,
        (true, _, false) => {
            if is_replacement {
                0.55
            } else {
                0.6
            }
        }
        (false, true, false) if is_replacement => return,
        (false, true, false) => {
            if follows_name(page, number.start) {
                0.85
            } else if number.is_whole() {
                0.5
            } else {
                0.65
            }
        }
        (false, false, false) => return,
    };
    let validity = if is_checked { Validity::Proven } else { Validity::Shape };
    found.push(Candidate { start: number.start, end: number.end, kind: Some(Kind::NationalId), confidence, validity });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Country, examples};

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
        let found = crate::detect::examples::scanner(&[Country::DK]).scan(text);
        assert!(found.len() <= 1, "{text}");
        found.first().map(|finding| finding.confidence)
    }

    #[test]
    fn documented_examples_hold() {
        assert_eq!(examples::check(include_str!("cpr.rs"), &[Country::DK]), 11);
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
    fn replacement_numbers_have_sixty_days_more() {
        // The example of the CPR office: born on the 7th, the date is 67.
        assert!(confidence("erstatnings-cpr 670761-4285").is_some());
        assert!(confidence("670761-4285").is_some_and(|confidence| confidence < 0.6));
        assert_eq!(confidence("6707614285"), None);
        assert_eq!(confidence("ordre 670761-4285"), None);
        assert!(!has_birth_date(b"6707614285"));
        assert_eq!(confidence("cpr 920761-4285"), None);
    }

    #[test]
    fn digits_of_which_nothing_speaks_are_a_guess() {
        assert!(confidence("0707614285") < Some(0.6));
        assert!(confidence("cpr 0707614285") > Some(0.95));
        assert!(confidence("Boet efter Poul Sten, 0707614285, sluttes") > Some(0.8));
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
