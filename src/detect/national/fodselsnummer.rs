//! Norwegian identity numbers: fødselsnummer, D-number, H-number and synthetic numbers.
//!
//! Finds: `ddmmyynnnkk` in one piece, `ddmmyy nnnkk`, `ddmmyy-nnnkk`, and with the date in pieces.
//!
//! Rule: a date that exists, to whose day 40 is added in a D-number and to whose month 40 in a
//! H-number (help number), 80 in Tenor's synthetic persons and 65 or 40 in the welfare
//! administration's; an individual number of the century; and two check digits of modulus 11, with
//! the weights 3 7 6 1 8 9 4 5 2 1 and 5 4 3 2 7 6 5 4 3 2 1.
//!
//! From 2032 on, numbers are issued of which the first sum may leave 0, 1, 2 or 3, and the individual
//! number tells neither century nor sex. They are recognised already, but four times as many random
//! numbers pass that rule, and until 2032 nobody has such a number: they are taken only where they are
//! written in two groups or beside a word such as `fødselsnummer`. Beside such a word, a number whose
//! check digits fail is somebody's too: a slip of the finger.
//!
//! Eleven digits are an account number as well, with a check digit of the same kind. The grouping
//! decides (`nnnn.nn.nnnnn` is an account, see [`account`](crate::detect::money::account)), then the
//! word or a name before them; without any of these the digits are a guess, as one in 450 random numbers passes.
//!
//! Source: folkeregisterforskriften § 2-2-1 ff.; Skatteetaten, "Nytt fødselsnummer fra 2032" and its
//! published check, "Testdata" (Tenor); KITH 11/98 on H-numbers. The examples are numbers of persons
//! who do not exist: computed for this file, month + 80.
//!
//! ```text
//! Fødselsnr. 15858598181 → Fødselsnr. [national_id]
//! 158585 98181, 158585-98181 → [national_id], [national_id]
//! Pasient 15858598181 → Pasient [national_id]
//! fnr 15858598182 (tastefeil) → fnr [national_id] (tastefeil)
//! KID 15858598181, konto 15858598181 → KID 15858598181, konto [bank_account]
//! Ordre 15858598182 eller 15858598182 → Ordre 15858598182 eller 15858598182
//! ```

use super::written::{Delimiter, Written, follows_name};
use crate::detect::Kind;
use crate::detect::calendar::{is_date, number};
use crate::detect::check_digit::{weighted_11, weighted_sum};
use crate::detect::context::Meaning;
use crate::detect::digits::{Page, Run};
use crate::detect::resolve::Candidate;

/// What the check digits say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Check {
    /// Both hold, as in every number until 2032, and the century is one that the individual number gives.
    Now,
    /// They hold by the rule of 2032.
    From2032,
    Fails,
}

const FIRST: [u32; 10] = [3, 7, 6, 1, 8, 9, 4, 5, 2, 1];
const SECOND: [u32; 11] = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1];

fn check(digits: &[u8]) -> Check {
    if digits.len() != 11 || !weighted_11(digits, &SECOND) {
        return Check::Fails;
    }
    match weighted_sum(&digits[..10], &FIRST) % 11 {
        0 if has_birth_date(digits, century(digits)) => Check::Now,
        0..=3 => Check::From2032,
        _ => Check::Fails,
    }
}

/// The century that the individual number gives until 2032.
fn century(digits: &[u8]) -> Option<u32> {
    match (number(&digits[6..9]), number(&digits[4..6])) {
        (0..=499, _) => Some(1900),
        (500..=999, 0..=39) => Some(2000),
        (900..=999, _) => Some(1900),
        (500..=749, 54..=99) => Some(1800),
        _ => None,
    }
}

/// Whether the first six digits are a date, with what is added to day and month taken away.
fn has_birth_date(digits: &[u8], century: Option<u32>) -> bool {
    let Some(century) = century else { return false };
    let (day, month) = (number(&digits[..2]), number(&digits[2..4]));
    let day = if day > 40 { day - 40 } else { day };
    let month = match month {
        41..=52 => month - 40,
        66..=77 => month - 65,
        81..=92 => month - 80,
        month => month,
    };
    is_date(century + number(&digits[4..6]), month, day)
}

/// Whether digits begin with a date of birth of any century: the year 2000 knows every date.
pub(super) fn has_some_birth_date(digits: &[u8]) -> bool {
    has_birth_date(digits, Some(2000))
}

/// Whether eleven ASCII digits are a valid number by the rule that holds until 2032.
pub(in crate::detect) fn is_valid(digits: &[u8]) -> bool {
    digits.len() == 11 && digits.iter().all(u8::is_ascii_digit) && check(digits) == Check::Now
}

/// Offers what begins with this group of digits.
pub(in crate::detect) fn recognise(page: &Page<'_>, first: usize, _run: &Run<'_>, found: &mut Vec<Candidate>) {
    let Some(number) = Written::read(page, first, false, 5) else { return };
    let digits = number.digits();
    // The numbers of 2032 do not tell the century.
    if number.delimiter == Delimiter::Plus || !has_some_birth_date(digits) {
        return;
    }
    let check = check(digits);
    if !page.is_free(number.start, number.end) {
        return;
    }
    let context = page.context(number.start, number.end);
    let is_named = context.is(Meaning::CivilNumber);
    if check == Check::Fails {
        if is_named && (context.immediate || number.is_marked()) {
            found.push(Candidate::shape(number.start, number.end, Kind::NationalId, 0.75));
        }
        return;
    }
    let is_denied =
        context.is_reference_or_amount() || context.is(Meaning::Organisation) || (context.is(Meaning::Telephone) && context.immediate);
    let confidence = match (is_named, check, number.delimiter) {
        (true, Check::Now, _) => 0.98,
        (true, ..) => 0.9,
        _ if is_denied || number.in_pieces => return,
        (false, Check::Now, Delimiter::Nothing) if follows_name(page, number.start) => 0.9,
        (false, Check::Now, Delimiter::Nothing) => 0.58,
        (false, Check::Now, Delimiter::Hyphen) => 0.96,
        (false, Check::Now, _) => 0.93,
        (false, _, Delimiter::Nothing) => return,
        (false, ..) => 0.5,
    };
    found.push(Candidate::proven(number.start, number.end, Kind::NationalId, confidence));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Country, examples};

    fn confidence(text: &str) -> Option<f32> {
        let found = crate::detect::examples::scanner(&[Country::NO]).scan(text);
        assert!(found.len() <= 1, "{text}");
        found.first().filter(|finding| finding.kind == Kind::NationalId).map(|finding| finding.confidence)
    }

    #[test]
    fn documented_examples_hold() {
        assert_eq!(examples::check(include_str!("fodselsnummer.rs"), &[Country::NO]), 6);
    }

    #[test]
    fn published_numbers_are_valid_and_single_errors_are_not() {
        // Examples that guides to the check digits work through, and numbers of published validators' tests.
        for published in ["31129956715", "02010171337", "02010171175", "02010170977", "02010168190"] {
            assert!(is_valid(published.as_bytes()), "{published}");
            for position in 0..11 {
                for digit in b'0'..=b'9' {
                    let mut changed: Vec<u8> = published.bytes().collect();
                    if changed[position] != digit {
                        changed[position] = digit;
                        assert!(!is_valid(&changed));
                    }
                }
            }
        }
    }

    /// All eleven digits of a date and an individual number, check digits by hand: one try for each of the hundred.
    fn complete(date: &str, individual: u32, remainder: u32) -> Option<String> {
        (0..100).map(|checks| format!("{date}{individual:03}{checks:02}")).find(|text| {
            let digits: Vec<u32> = text.bytes().map(|digit| u32::from(digit - b'0')).collect();
            let first = 3 * digits[0]
                + 7 * digits[1]
                + 6 * digits[2]
                + digits[3]
                + 8 * digits[4]
                + 9 * digits[5]
                + 4 * digits[6]
                + 5 * digits[7]
                + 2 * digits[8]
                + digits[9];
            let second = 5 * digits[0]
                + 4 * digits[1]
                + 3 * digits[2]
                + 2 * digits[3]
                + 7 * digits[4]
                + 6 * digits[5]
                + 5 * digits[6]
                + 4 * digits[7]
                + 3 * digits[8]
                + 2 * digits[9]
                + digits[10];
            first % 11 == remainder && second.is_multiple_of(11)
        })
    }

    #[test]
    fn what_is_added_to_day_and_month_is_known() {
        for date in ["150385", "550385", "154385", "158385", "156885", "558385", "290200", "311299"] {
            let individual = if date.ends_with("00") { 900..960 } else { 100..160 };
            let numbers: Vec<String> = individual.filter_map(|individual| complete(date, individual, 0)).collect();
            assert!(numbers.len() > 30, "{date}");
            for number in numbers {
                assert!(is_valid(number.as_bytes()), "{number}");
                let (date, rest) = number.split_at(6);
                for text in [format!("fnr {number}"), format!("{date} {rest}"), format!("{date}-{rest}")] {
                    assert!(confidence(&text) > Some(0.9), "{text}");
                }
                assert!(confidence(&number).is_some_and(|confidence| confidence < 0.6), "{number}");
            }
        }
        for date in ["320385", "151385", "150085", "300285", "155385", "157885", "159385", "720385", "000385", "400385"] {
            assert!((100..160).filter_map(|individual| complete(date, individual, 0)).all(|number| !is_valid(number.as_bytes())), "{date}");
        }
    }

    #[test]
    fn the_individual_number_gives_the_century() {
        // 29 February: 1900 had none, 1904, 2000 and 2036 had one; in 2040 nobody is born by this rule yet.
        for (date, individual, known) in
            [("290200", 100, false), ("290204", 100, true), ("290200", 600, true), ("290236", 600, true), ("010140", 600, false)]
        {
            let numbers: Vec<String> = (individual..individual + 40).filter_map(|individual| complete(date, individual, 0)).collect();
            assert!(numbers.iter().all(|number| is_valid(number.as_bytes()) == known), "{date}");
        }
    }

    #[test]
    fn numbers_of_2032_need_their_grouping_or_a_word() {
        for remainder in 1..=3 {
            let numbers: Vec<String> = (700..760).filter_map(|individual| complete("150385", individual, remainder)).collect();
            assert!(numbers.len() > 30);
            for number in numbers {
                assert_eq!(confidence(&number), None, "{number}");
                let (date, rest) = number.split_at(6);
                assert_eq!(confidence(&format!("{date} {rest}")), Some(0.5));
                assert!(confidence(&format!("fødselsnummer {number}")) >= Some(0.9));
            }
        }
        for remainder in 4..=10 {
            let number = (100..160).find_map(|individual| complete("150385", individual, remainder)).unwrap();
            assert_eq!(check(number.as_bytes()), Check::Fails);
        }
    }

    #[test]
    fn other_numbers_of_eleven_digits_are_left() {
        for text in [
            "KID 15858598181",
            "kontonr. 15858598181",
            "kontonr. 1585.85.98181",
            "1585.85.98181",
            "15858598182",
            "158585981811",
            "INV-15858598181",
            "15858598181 kr",
            "org.nr. 15858598181",
            "tlf 15858598181",
            "fødselsnummer 15938598181",
        ] {
            assert_eq!(confidence(text), None, "{text}");
        }
    }
}
