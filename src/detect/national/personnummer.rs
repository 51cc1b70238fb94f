//! Swedish personal identity numbers (personnummer) and coordination numbers (samordningsnummer).
//!
//! Finds: ten digits `yymmddnnnc` or twelve with the century, with `-`, `+` (aged a hundred or
//! more), a blank or nothing before the last four; and `SE…01`, the VAT number of a sole trader,
//! which holds one.
//!
//! Rule: a date of birth that exists, a birth number from 001, and Luhn's check digit over the ten
//! digits without century. A coordination number has 60 added to the day; where the date of birth is
//! not fully known, its month is 00 or its day is 60. Without the century, 29 February is accepted
//! for every fourth year. Undelimited digits are not taken where the nearest word calls them an
//! order, an amount or a telephone.
//!
//! Source: folkbokföringslag (1991:481) 18 §; lag (2022:1697) om samordningsnummer; Skatteverket's
//! brochure SKV 704 and its published test numbers, which the examples use.
//!
//! ```text
//! Kund 19031204-9802 → Kund [national_id]
//! Kund 031204+9802, ring → Kund [national_id], ring
//! pnr:190101-2391 → pnr:[national_id]
//! 1901012391 och 20190101 2391 → [national_id] och [national_id]
//! Samordningsnummer 202601622380 → Samordningsnummer [national_id]
//! Ofullständigt: 191500722390, 171160-2399 → Ofullständigt: [national_id], [national_id]
//! Momsnr SE190101239101 → Momsnr [national_id]
//! Fel kontrollsiffra 190101-2392 → Fel kontrollsiffra 190101-2392
//! Order 1901012391 → Order 1901012391
//! Org.nr 212000-0142 → Org.nr 212000-0142
//! ```

use crate::detect::Kind;
use crate::detect::calendar::{days_in_month, is_date, number};
use crate::detect::check_digit::luhn;
use crate::detect::context::{Context, Meaning};
use crate::detect::digits::{Page, Separator};
use crate::detect::resolve::Candidate;

/// Day of the month in a coordination number: the day of birth and this.
const COORDINATION: u32 = 60;

/// Whether ten ASCII digits without century are a valid number.
pub(in crate::detect) fn is_valid(digits: &[u8]) -> bool {
    // Every year that four divides is a leap year from 1901 to 2099; of the two that 00 may mean,
    // 2000 is one. 1904 stands for all leap years.
    let year = if number(digits.get(..2).unwrap_or_default()).is_multiple_of(4) { 1904 } else { 1903 };
    is_valid_in(year, digits)
}

/// Whether twelve ASCII digits, century first, are a valid number.
pub(in crate::detect) fn is_valid_with_century(digits: &[u8]) -> bool {
    digits.len() == 12
        && digits.iter().all(u8::is_ascii_digit)
        && (18..=20).contains(&number(&digits[..2]))
        && is_valid_in(number(&digits[..4]), &digits[2..])
}

fn is_valid_in(year: u32, digits: &[u8]) -> bool {
    if digits.len() != 10 || !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let month = number(&digits[2..4]);
    let day = number(&digits[4..6]);
    let birth = match day.checked_sub(COORDINATION) {
        None => is_date(year, month, day),
        Some(0) => month <= 12,
        Some(day) if month == 0 => day <= 31,
        Some(day) => day <= days_in_month(year, month),
    };
    birth && &digits[6..9] != b"000" && luhn(digits)
}

/// Offers the number that begins with this group.
pub(in crate::detect) fn recognise(page: &Page<'_>, first: usize, found: &mut Vec<Candidate>) {
    let Some(group) = page.groups.get(first) else {
        return;
    };
    let mut digits = page.text.as_bytes()[group.start..group.end].to_vec();
    let mut end = group.end;
    let mut start = group.start;
    let mut delimiter = None;
    match digits.len() {
        10 | 12 => {}
        6 | 8 => {
            let Some(last) = page.groups.get(first + 1) else {
                return;
            };
            let delimits = matches!(last.before, Separator::Hyphen | Separator::Plus | Separator::Space);
            if last.length() != 4 || !delimits {
                return;
            }
            digits.extend_from_slice(&page.text.as_bytes()[last.start..last.end]);
            end = last.end;
            delimiter = Some(last.before);
        }
        _ => return,
    }
    let has_century = is_valid_with_century(&digits);
    let is_vat = delimiter.is_none() && is_vat_number(page.text, start, &digits);
    if is_vat {
        start -= 2;
    } else if !has_century && !is_valid(&digits) {
        return;
    }
    if !page.is_free(start, end) {
        return;
    }
    let context = page.context(start, end);
    let is_marked = is_vat || matches!(delimiter, Some(Separator::Hyphen | Separator::Plus));
    if !is_marked && speaks_against(context) {
        return;
    }
    let confidence = if is_marked || context.is(Meaning::CivilNumber) {
        if has_century { 0.98 } else { 0.97 }
    } else if has_century {
        0.9
    } else {
        0.8
    };
    found.push(Candidate::proven(start, end, Kind::NationalId, confidence));
}

/// Whether twelve digits after `SE` are a VAT number around a personal identity number.
fn is_vat_number(text: &str, start: usize, digits: &[u8]) -> bool {
    digits.len() == 12
        && digits.ends_with(b"01")
        && is_valid(&digits[..10])
        && start.checked_sub(2).and_then(|prefix| text.get(prefix..start)).is_some_and(|prefix| prefix.eq_ignore_ascii_case("se"))
}

fn speaks_against(context: Context) -> bool {
    context.is_reference_or_amount() || (context.is(Meaning::Telephone) && context.immediate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Country, Scanner, examples, scrub};

    /// Published by Skatteverket as test numbers; never given to anyone.
    const PUBLISHED: [&str; 12] = [
        "189001019802",
        "190312049802",
        "190308189802",
        "190401149810",
        "201901012391",
        "201905242382",
        "191401682396",
        "191500722390",
        "191711602399",
        "202601612381",
        "202601622380",
        "202601912393",
    ];

    #[test]
    fn documented_examples_hold() {
        assert_eq!(examples::check(include_str!("personnummer.rs"), &[Country::SE]), 10);
    }

    #[test]
    fn published_numbers_are_valid_and_no_other_last_digit_is() {
        for published in PUBLISHED {
            let mut digits = published.as_bytes().to_vec();
            assert!(is_valid_with_century(&digits), "{published}");
            assert!(is_valid(&digits[2..]), "{published}");
            for last in b'0'..=b'9' {
                digits[11] = last;
                assert_eq!(is_valid_with_century(&digits), last == published.as_bytes()[11]);
            }
        }
    }

    #[test]
    fn published_numbers_are_found_in_every_spelling() {
        let scanner = Scanner::new(&[Country::SE]);
        for published in PUBLISHED {
            let (date, number) = published.split_at(8);
            for separator in ["-", "+", " ", "", "\u{2013}"] {
                for date in [date, &date[2..]] {
                    let text = format!("nr ({date}{separator}{number}).");
                    assert_eq!(scrub(&text, &scanner.scan(&text)), "nr ([national_id]).", "{text}");
                }
            }
        }
    }

    /// The date rule alone: tries every check digit.
    fn is_birth_date(date: &str) -> bool {
        (0..10).any(|check| is_valid_with_century(format!("{date}238{check}").as_bytes()))
    }

    #[test]
    fn dates_of_birth_exist_or_are_coordination_dates() {
        for date in ["20190131", "20000229", "20190191", "20190060", "20190091", "20001260"] {
            assert!(is_birth_date(date), "{date}");
        }
        for date in [
            "20190132", "19000229", "20190229", "20190192", "20190092", "20190431", "20190491", "20191301", "20190001", "20190100",
            "20191360", "17990101", "21000101",
        ] {
            assert!(!is_birth_date(date), "{date}");
        }
    }

    #[test]
    fn birth_number_zero_is_not_issued() {
        assert!((0..10).all(|check| !is_valid(format!("190101000{check}").as_bytes())));
    }

    #[test]
    fn other_numbers_of_ten_or_twelve_digits_are_left() {
        let scanner = Scanner::new(&[Country::SE]);
        for text in [
            "OCR 1901012391",
            "summa 1901012391",
            "1901012391 kr",
            "tel 1901012391",
            "INV-190101-2391",
            "190101-23911",
            "190101-2391-7",
            "#1901012391",
            "1901012391.50",
            "1.190101-2391",
            "20190101 10:30",
            "556016-0680",
            "16556016-0680",
        ] {
            assert!(scanner.scan(text).is_empty(), "{text}");
        }
    }
}
