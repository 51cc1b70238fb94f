//! Icelandic identity numbers (kennitala).
//!
//! Finds: `ddmmyy-nnnn`, with a blank, and ten digits in one piece; the numbers of companies are
//! recognised as nobody's.
//!
//! Rule: a date of birth in the century of the last digit (8, 9 or 0 for the 1800s, 1900s, 2000s). The
//! ninth digit was a check digit (weights 3 2 7 6 5 4 3 2 1, modulus 11) until 18 February 2026; what is
//! issued from that day on has none. With a hyphen the check only adds confidence; ten digits in one
//! piece need it or a word such as `kennitala` or `kt.`, and are a guess without the word or a name before them. A company's
//! number has 40 added to the day of its founding. A system number (kerfiskennitala), of people who are
//! not registered, begins with 8 or 9 and is random otherwise: it needs the word.
//!
//! Source: lög um skráningu einstaklinga nr. 140/2019; Þjóðskrá, "Um kennitölur" (its example
//! 120160-338), "Kennitölur án vartölu" and "Breytt kerfiskennitala" (its example 892350-1739).
//!
//! ```text
//! Viðskiptavinur 120160-3389 → Viðskiptavinur [national_id]
//! kt. 1201603389, kennitala: 120160 3389 → kt. [national_id], kennitala: [national_id]
//! Kennitala 120160-3399, kt. 1201603399 → Kennitala [national_id], kt. [national_id]
//! Kerfiskennitala: kt. 892350-1739 → Kerfiskennitala: kt. [national_id]
//! Félagið, kt. 520160-3389 → Félagið, kt. 520160-3389
//! Reikningur 1201603399, pöntun 1201603389 → Reikningur 1201603399, pöntun 1201603389
//! kt. 121360-3389, 120160-3381 → kt. 121360-3389, 120160-3381
//! ```

use super::written::{Delimiter, Written, follows_name};
use crate::detect::Kind;
use crate::detect::calendar::{is_date, number};
use crate::detect::check_digit::weighted_11;
use crate::detect::context::Meaning;
use crate::detect::digits::{Page, Run};
use crate::detect::resolve::{Candidate, Validity};

/// Day of the month in a company's number: the day of its founding and this.
const COMPANY: u32 = 40;

/// Whose number it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holder {
    Person,
    Company,
    System,
}

fn holder(digits: &[u8]) -> Option<Holder> {
    let &[first, .., last] = digits else { return None };
    if digits.len() != 10 {
        return None;
    }
    if matches!(first, b'8' | b'9') {
        return Some(Holder::System);
    }
    let century = match last {
        b'8' => 1800,
        b'9' => 1900,
        b'0' => 2000,
        _ => return None,
    };
    let day = number(&digits[..2]);
    let (day, holder) = if day > COMPANY { (day - COMPANY, Holder::Company) } else { (day, Holder::Person) };
    is_date(century + number(&digits[4..6]), number(&digits[2..4]), day).then_some(holder)
}

/// Whether the ninth of ten digits is the check digit that was issued until 2026.
fn is_checked(digits: &[u8]) -> bool {
    digits.get(..9).is_some_and(|checked| weighted_11(checked, &[3, 2, 7, 6, 5, 4, 3, 2, 1]))
}

/// Whether ten ASCII digits are the number of a person, the check digit aside.
pub(in crate::detect) fn is_person(digits: &[u8]) -> bool {
    digits.iter().all(u8::is_ascii_digit) && holder(digits) == Some(Holder::Person)
}

/// Whether ten ASCII digits are the number of a person, the check digit included.
pub(in crate::detect) fn is_valid(digits: &[u8]) -> bool {
    is_person(digits) && is_checked(digits)
}

/// Offers what begins with this group of digits.
pub(in crate::detect) fn recognise(page: &Page<'_>, first: usize, _run: &Run<'_>, found: &mut Vec<Candidate>) {
    let Some(number) = Written::read(page, first, false, 4) else { return };
    let digits = number.digits();
    if number.delimiter == Delimiter::Plus || number.in_pieces {
        return;
    }
    let Some(holder) = holder(digits) else { return };
    let (start, end) = (number.start, number.end);
    if !page.is_free(start, end) {
        return;
    }
    let has_hyphen = number.delimiter == Delimiter::Hyphen;
    let is_checked = is_checked(digits);
    let context = page.context(start, end);
    let is_named = context.is(Meaning::CivilNumber);
    if holder == Holder::Company {
        if is_named || context.is(Meaning::Organisation) || (has_hyphen && is_checked) {
            let validity = if is_checked { Validity::Proven } else { Validity::Shape };
            found.push(Candidate::nobody(start, end, 0.9, validity));
        }
        return;
    }
    let is_denied =
        context.is_reference_or_amount() || context.is(Meaning::Organisation) || (context.is(Meaning::Telephone) && context.immediate);
    let confidence = match (has_hyphen, is_checked, is_named) {
        _ if holder == Holder::System => {
            if !is_named {
                return;
            }
            0.8
        }
        (_, true, true) => 0.98,
        (true, false, true) => 0.95,
        (false, false, true) => 0.9,
        // A sole trader's company number is the trader's own.
        (_, true, false) if context.is(Meaning::Organisation) => 0.9,
        _ if is_denied => return,
        (true, true, false) => 0.96,
        (true, false, false) => 0.7,
        (false, true, false) if follows_name(page, start) => 0.85,
        (false, true, false) if !number.is_whole() => 0.7,
        (false, true, false) => 0.55,
        (false, false, false) => return,
    };
    let validity = if is_checked { Validity::Proven } else { Validity::Shape };
    found.push(Candidate { start, end, kind: Some(Kind::NationalId), confidence, validity });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Country, examples};

    fn confidence(text: &str) -> Option<f32> {
        let found = crate::detect::examples::scanner(&[Country::IS]).scan(text);
        assert!(found.len() <= 1, "{text}");
        found.first().filter(|finding| finding.kind == Kind::NationalId).map(|finding| finding.confidence)
    }

    #[test]
    fn documented_examples_hold() {
        assert_eq!(examples::check(include_str!("kennitala.rs"), &[Country::IS]), 7);
    }

    #[test]
    fn published_numbers_are_valid_and_other_check_digits_are_not() {
        // The register's own example (with the century digit of 1960) and the one in encyclopaedias.
        for published in ["1201603389", "1201743399"] {
            let mut digits: Vec<u8> = published.bytes().collect();
            for check in b'0'..=b'9' {
                digits[8] = check;
                assert_eq!(is_valid(&digits), check == published.as_bytes()[8], "{published}");
            }
        }
    }

    #[test]
    fn numbers_without_a_check_digit_are_found_with_hyphen_or_with_a_word() {
        for check in (0..10).filter(|check| *check != 8) {
            assert!(confidence(&format!("120160-33{check}9")) >= Some(0.6));
            assert!(confidence(&format!("kennitala 12016033{check}9")) >= Some(0.9));
            assert_eq!(confidence(&format!("12016033{check}9")), None);
        }
        assert!(confidence("1201603389").is_some_and(|confidence| confidence < 0.6));
    }

    #[test]
    fn the_last_digit_gives_the_century() {
        for (text, known) in
            [("290200-3380", true), ("290200-3389", false), ("290296-3388", true), ("290200-3381", false), ("010126-2130", true)]
        {
            assert_eq!(confidence(text).is_some(), known, "{text}");
        }
    }

    #[test]
    fn companies_and_other_numbers_are_left() {
        for text in [
            "520160-3389",
            "kt. 520160-3389",
            "kt. 5201603389",
            "kennitala 711299-3389",
            "892350-1739",
            "8923501739",
            "pöntun 120160-3399",
            "2024-120160-3389",
        ] {
            assert_eq!(confidence(text), None, "{text}");
        }
    }
}
