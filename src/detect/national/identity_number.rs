//! Company numbers that are really a person's.
//!
//! A Swedish sole trader (enskild firma) has no number of its own: its organisation number is the
//! owner's personal identity number, and its VAT number holds it. A column of company numbers is
//! therefore not free of personal data.

use super::{cpr, personnummer};
use crate::detect::Country;
use crate::detect::check_digit::modulus_11;

/// Whether a company or VAT number is a natural person's identity number.
///
/// Sweden: ten digits (or twelve with century), with or without `-`, `+` or blanks; or `SE`, ten
/// digits and `01`. True if they are a valid personal identity or coordination number. The number of
/// a legal person has at least 20 as its middle pair (lag 1974:174 om identitetsbeteckning för
/// juridiska personer), which is no month, so the two can not be confused.
///
/// Denmark: true for a civil registration number of ten digits, with a hyphen or passing modulus 11.
/// A CVR number has eight and does not tell whose company it is.
///
/// Norway and Finland: always false. Their company numbers are separate series, and their personal
/// identity numbers are not read yet.
///
/// Empty texts, letters and anything else that is no such number give false.
pub fn is_natural_person_number(text: &str, country: Country) -> bool {
    let text = text.trim();
    match country {
        Country::SE => is_swedish(text),
        Country::DK => digits(text).is_some_and(|digits| cpr::has_birth_date(&digits) && (text.contains('-') || modulus_11(&digits))),
        Country::NO | Country::FI | Country::IS => false,
    }
}

fn is_swedish(text: &str) -> bool {
    let prefix = text.get(..2).filter(|prefix| prefix.eq_ignore_ascii_case("se"));
    let Some(digits) = digits(&text[prefix.map_or(0, str::len)..]) else {
        return false;
    };
    let embedded = digits.len() == 12 && digits.ends_with(b"01") && personnummer::is_valid(&digits[..10]);
    match (prefix, digits.len()) {
        (Some(_), _) => embedded,
        (None, 10) => personnummer::is_valid(&digits),
        (None, _) => personnummer::is_valid_with_century(&digits) || embedded,
    }
}

/// The digits of a number written with at most blanks and the usual separators.
fn digits(text: &str) -> Option<Vec<u8>> {
    text.chars()
        .filter(|character| !character.is_whitespace() && !matches!(character, '-' | '+' | '\u{2013}'))
        .map(|character| character.is_ascii_digit().then(|| u8::try_from(character).ok()).flatten())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sole_traders_are_natural_persons() {
        // Skatteverket's published test numbers.
        for text in [
            "190101-2391",
            "1901012391",
            "20190101-2391",
            " 031204+9802 ",
            "190101 2391",
            "SE190101239101",
            "se 190101-2391 01",
            "190101239101",
            "260162-2380",
        ] {
            assert!(is_natural_person_number(text, Country::SE), "{text}");
        }
    }

    #[test]
    fn legal_persons_are_not() {
        for text in [
            // Published numbers of authorities and of a listed company: no natural person.
            "202100-5448",
            "SE202100544801",
            "556016-0680",
            "16556016-0680",
            "165560160680",
            // Wrong check digit, no date, wrong VAT suffix, other texts.
            "190101-2392",
            "191301-2391",
            "SE190101239102",
            "SE1901012391",
            "19010123910",
            "",
            "SE",
            "å1",
            "19010123é1",
        ] {
            assert!(!is_natural_person_number(text, Country::SE), "{text}");
        }
    }

    #[test]
    fn no_number_of_a_legal_person_can_be_mistaken() {
        // Third digit 2 to 9: whatever follows, the middle pair is no month.
        for middle in 20..100 {
            for day in 0..100 {
                for check in 0..10 {
                    let text = format!("55{middle}{day:02}238{check}");
                    assert!(!is_natural_person_number(&text, Country::SE), "{text}");
                }
            }
        }
    }

    #[test]
    fn danish_numbers_need_a_hyphen_or_the_check() {
        assert!(is_natural_person_number("251248-9996", Country::DK));
        assert!(is_natural_person_number("0707614285", Country::DK));
        assert!(!is_natural_person_number("2512489996", Country::DK));
        assert!(!is_natural_person_number("12345678", Country::DK));
    }

    #[test]
    fn other_countries_are_not_read() {
        assert!(!is_natural_person_number("190101-2391", Country::NO));
        assert!(!is_natural_person_number("190101-2391", Country::FI));
    }
}
