//! Swedish personal identity numbers (personnummer), coordination numbers (samordningsnummer) and interim numbers.
//!
//! Finds: ten digits `yymmddnnnc` or twelve with the century, with `-`, `+` (aged a hundred or
//! more), a blank or nothing before the last four, the date in one piece or in three; `SE…01`, the
//! VAT number of a sole trader, which holds one; and `yymmdd-Tnnn`, the interim number of somebody
//! who has no personal identity number yet.
//!
//! Rule: a date of birth that exists, a birth number from 001, and Luhn's check digit over the ten
//! digits without century. A coordination number has 60 added to the day; where the date of birth is
//! not fully known, its month is 00 or its day is 60. Without the century, 29 February is accepted
//! for every fourth year. Undelimited digits are not taken where the nearest word calls them an
//! order, an amount, an account or a telephone; where no word speaks of them and no name stands before
//! them, one in 130 random numbers of ten digits passes, so that they are a guess. A number whose check digit fails is still
//! somebody's where a word such as `personnummer` stands beside it: a slip of the finger.
//!
//! An interim number has a letter of T R S U W X J K L M N, or TF, before its last digits (authorities
//! and study registers give them; there is no register of the letters and no check digit), and needs
//! its hyphen or a word.
//!
//! Source: folkbokföringslag (1991:481) 18 §; lag (2022:1697) om samordningsnummer; Skatteverket's
//! brochure SKV 704 and its published test numbers, which the examples use; Inspektionen för vård och
//! omsorg on reporting persons without a personal identity number (`ååååmmdd-T123`, `ååååmmdd-TF10`).
//!
//! ```text
//! Kund 19031204-9802 → Kund [national_id]
//! Kund 031204+9802, ring → Kund [national_id], ring
//! pnr:190101-2391 → pnr:[national_id]
//! 1901012391 och 20190101 2391 → [national_id] och [national_id]
//! Samordningsnummer 202601622380 → Samordningsnummer [national_id]
//! Ofullständigt: 191500722390, 171160-2399 → Ofullständigt: [national_id], [national_id]
//! Momsnr SE190101239101 → Momsnr [national_id]
//! Skrivet isär: 2019-01-01-2391, pnr 19 01 01 2391 → Skrivet isär: [national_id], pnr [national_id]
//! Väntar på nummer: 850315-T123, 19850315-TF10 → Väntar på nummer: [national_id], [national_id]
//! Fel kontrollsiffra 190101-2392 → Fel kontrollsiffra 190101-2392
//! Hennes personnummer är 190101-2392 → Hennes personnummer är [national_id]
//! Personnr 190131-2392, inte 190132-2392 → Personnr [national_id], inte 190132-2392
//! Order 1901012391 → Order 1901012391
//! Artikel 850315-T123, sal 850315 T123 → Artikel 850315-T123, sal 850315 T123
//! Org.nr 212000-0142 → Org.nr 212000-0142
//! ```

use super::written::{Delimiter, Written, follows_name};
use crate::detect::Kind;
use crate::detect::calendar::{days_in_month, is_date, number};
use crate::detect::check_digit::luhn;
use crate::detect::context::{Context, Meaning};
use crate::detect::digits::Page;
use crate::detect::resolve::Candidate;

/// Day of the month in a coordination number: the day of birth and this.
const COORDINATION: u32 = 60;

/// Whether ten ASCII digits without century are a valid number.
pub(in crate::detect) fn is_valid(digits: &[u8]) -> bool {
    digits.len() == 10 && digits.iter().all(u8::is_ascii_digit) && has_birth_date(digits) && has_check_digit(digits)
}

/// Whether twelve ASCII digits, century first, are a valid number.
pub(in crate::detect) fn is_valid_with_century(digits: &[u8]) -> bool {
    digits.len() == 12 && digits.iter().all(u8::is_ascii_digit) && has_birth_date(digits) && has_check_digit(&digits[2..])
}

/// Whether a birth number is given and Luhn's sum holds over ten digits.
fn has_check_digit(digits: &[u8]) -> bool {
    digits.get(6..9).is_some_and(|birth_number| birth_number != b"000") && luhn(digits)
}

/// Whether digits begin with a date of birth or of coordination: `yymmdd` of six or ten digits, `yyyymmdd` of eight or twelve.
pub(in crate::detect) fn has_birth_date(digits: &[u8]) -> bool {
    let (year, date) = match digits.len() {
        // Every year that four divides is a leap year from 1901 to 2099; of the two that 00 may mean,
        // 2000 is one. 1904 stands for all leap years.
        6 | 10 => (if number(&digits[..2]).is_multiple_of(4) { 1904 } else { 1903 }, &digits[2..6]),
        8 | 12 if (18..=20).contains(&number(&digits[..2])) => (number(&digits[..4]), &digits[4..8]),
        _ => return false,
    };
    let month = number(&date[..2]);
    let day = number(&date[2..]);
    match day.checked_sub(COORDINATION) {
        None => is_date(year, month, day),
        Some(0) => month <= 12,
        Some(day) if month == 0 => day <= 31,
        Some(day) => day <= days_in_month(year, month),
    }
}

/// Offers the number that begins with this group.
pub(in crate::detect) fn recognise(page: &Page<'_>, first: usize, found: &mut Vec<Candidate>) {
    if let Some(candidate) = written(page, first).or_else(|| interim(page, first)) {
        found.push(candidate);
    }
}

fn written(page: &Page<'_>, first: usize) -> Option<Candidate> {
    let number = Written::read(page, first, true, 4)?;
    let digits = number.digits();
    let has_century = digits.len() == 12;
    let prefix = if number.is_whole() { vat_prefix(page.bytes(), number.start, digits) } else { None };
    let is_checked = prefix.is_some() || if has_century { is_valid_with_century(digits) } else { is_valid(digits) };
    if !is_checked && !has_birth_date(digits) {
        return None;
    }
    let (start, end) = (prefix.unwrap_or(number.start), number.end);
    if !page.is_free(start, end) {
        return None;
    }
    let context = page.context(start, end);
    let is_named = context.is(Meaning::CivilNumber);
    let is_denied = speaks_against(context);
    if !is_checked {
        let confidence = if number.is_whole() { 0.7 } else { 0.8 };
        let is_likely = is_named && (context.immediate || number.is_marked());
        return is_likely.then(|| Candidate::shape(start, end, Kind::NationalId, confidence));
    }
    let confidence = if is_named || prefix.is_some() {
        if has_century { 0.98 } else { 0.97 }
    } else if number.in_pieces {
        // A date and a number behind it, one time in ten.
        if !number.is_marked() || is_denied {
            return None;
        }
        0.65
    } else if number.is_marked() {
        match (is_denied, has_century) {
            (false, true) => 0.98,
            (false, false) => 0.97,
            // A customer's number is often the customer's own.
            (true, true) => 0.85,
            (true, false) => 0.7,
        }
    } else if is_denied {
        return None;
    } else if context.is(Meaning::Organisation) {
        0.9
    } else if follows_name(page, start) {
        if has_century { 0.9 } else { 0.85 }
    } else {
        match (number.delimiter, has_century) {
            (Delimiter::Blank, true) => 0.75,
            (Delimiter::Blank, false) => 0.65,
            (_, true) => 0.58,
            (_, false) => 0.5,
        }
    };
    Some(Candidate::proven(start, end, Kind::NationalId, confidence))
}

/// Where the `SE` before twelve digits begins that are a VAT number around a personal identity number.
fn vat_prefix(bytes: &[u8], start: usize, digits: &[u8]) -> Option<usize> {
    if digits.len() != 12 || !digits.ends_with(b"01") || !is_valid(&digits[..10]) {
        return None;
    }
    let before = bytes.get(..start)?;
    let before = before.strip_suffix(b" ").unwrap_or(before);
    let prefix = before.len().checked_sub(2)?;
    before.get(prefix..)?.eq_ignore_ascii_case(b"se").then_some(prefix)
}

/// A date, a delimiter, and a letter with three digits or `TF` with two.
fn interim(page: &Page<'_>, first: usize) -> Option<Candidate> {
    let group = page.groups.get(first)?;
    if !matches!(group.length(), 6 | 8) {
        return None;
    }
    let bytes = page.bytes();
    let delimited = matches!(bytes.get(group.end), Some(b'-' | b'+'));
    let at = group.end + usize::from(delimited || bytes.get(group.end) == Some(&b' '));
    let (letter, rest) = bytes.get(at..at + 4)?.split_first()?;
    let has_letter = matches!(letter.to_ascii_uppercase(), b'T' | b'R' | b'S' | b'U' | b'W' | b'X' | b'J' | b'K' | b'L' | b'M' | b'N');
    let temporary = letter == &b'T' && rest.first() == Some(&b'F');
    if !has_letter || !rest.iter().skip(usize::from(temporary)).all(u8::is_ascii_digit) {
        return None;
    }
    let (start, end) = (group.start, at + 4);
    if !has_birth_date(bytes.get(start..group.end)?) || !page.is_free(start, end) {
        return None;
    }
    let context = page.context(start, end);
    let confidence = match (context.is(Meaning::CivilNumber), group.length()) {
        (true, _) => 0.95,
        (false, _) if !delimited || letter.is_ascii_lowercase() || speaks_against(context) => return None,
        (false, 8) => 0.92,
        (false, _) => 0.88,
    };
    Some(Candidate::shape(start, end, Kind::NationalId, confidence))
}

fn speaks_against(context: Context) -> bool {
    context.is_reference_or_amount() || (context.is(Meaning::Telephone) && context.immediate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Country, examples, scrub};

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
        assert_eq!(examples::check(include_str!("personnummer.rs"), &[Country::SE]), 15);
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
        let scanner = crate::detect::examples::scanner(&[Country::SE]);
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
    fn interim_numbers_need_their_hyphen_or_a_word() {
        let found = |text: &str| crate::detect::examples::scanner(&[Country::SE]).scan(text).first().map(|finding| finding.confidence);
        for letter in "TRSUWXJKLMN".chars() {
            assert!(found(&format!("850315-{letter}123")) > Some(0.8), "{letter}");
            assert!(found(&format!("pnr 19850315{letter}123")) > Some(0.8), "{letter}");
            assert!(found(&format!("personnummer 850375-{}123", letter.to_ascii_lowercase())) > Some(0.8), "{letter}");
        }
        for text in ["850315-A123", "851315-T123", "850315T123", "850315 T123", "850315-T12", "850315-T1234", "850315-TG10", "x850315-T123"]
        {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn a_slip_of_the_finger_is_found_beside_a_word_alone() {
        let found = |text: &str| crate::detect::examples::scanner(&[Country::SE]).scan(text).first().map(|finding| finding.confidence);
        for text in ["personnummer 190101-2392", "pnr: 20190101-2392", "personnr 1901012392", "190101-2392 (pnr)"] {
            assert!(found(text).is_some_and(|confidence| (0.6..0.9).contains(&confidence)), "{text}");
        }
        for text in ["190101-2392", "kund 190101-2392", "personnummer 191301-2392", "tel 190101-2392", "personnummer och order 190101-2392"]
        {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn digits_of_which_nothing_speaks_are_a_guess() {
        let confidence = |text: &str| crate::detect::examples::scanner(&[Country::SE]).scan(text).first().map(|finding| finding.confidence);
        assert!(confidence("1901012391") < Some(0.6) && confidence("201901012391") < Some(0.6));
        assert!(confidence("Fullmakt för Kim Lind, 1901012391, att företräda") > Some(0.8));
        for text in ["pnr 1901012391", "190101-2391", "20190101-2391", "personnummer: 201901012391", "1901012391 (personnummer)"] {
            assert!(confidence(text) > Some(0.95), "{text}");
        }
    }

    #[test]
    fn other_numbers_of_ten_or_twelve_digits_are_left() {
        let scanner = crate::detect::examples::scanner(&[Country::SE]);
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
