//! Company numbers that are really a person's.
//!
//! A Swedish sole trader (enskild firma) has no number of its own: its organisation number is the
//! owner's personal identity number, and its VAT number holds it; an Icelandic one uses the owner's
//! kennitala. A column of company numbers is therefore not free of personal data.

use super::{cpr, fodselsnummer, henkilotunnus, kennitala, personnummer};
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
/// Norway: true for eleven digits with both check digits of a fødselsnummer (D-, H- and synthetic
/// numbers too). Finland: true for an identity code whose check character holds. Their company
/// numbers are separate series, so that such a number is in the wrong column, and is a person's.
///
/// Iceland: true for a kennitala of a person, with a hyphen or passing its check digit. A company's
/// has 40 added to the day.
///
/// Empty texts, letters and anything else that is no such number give false.
pub fn is_natural_person_number(text: &str, country: Country) -> bool {
    let text = text.trim();
    if country == Country::FI {
        return henkilotunnus::is_valid(text.as_bytes());
    }
    let prefix = text.get(..2).filter(|prefix| country == Country::SE && prefix.eq_ignore_ascii_case("se"));
    let Some(number) = Digits::of(&text[prefix.map_or(0, str::len)..]) else { return false };
    let digits = number.as_slice();
    match country {
        Country::SE => is_swedish(prefix.is_some(), digits),
        Country::DK => cpr::has_birth_date(digits) && (number.has_hyphen || modulus_11(digits)),
        Country::NO => fodselsnummer::is_valid(digits),
        Country::IS => kennitala::is_valid(digits) || (number.has_hyphen && kennitala::is_person(digits)),
        Country::FI => false,
    }
}

fn is_swedish(has_prefix: bool, digits: &[u8]) -> bool {
    let embedded = digits.len() == 12 && digits.ends_with(b"01") && personnummer::is_valid(&digits[..10]);
    match digits.len() {
        _ if has_prefix => embedded,
        10 => personnummer::is_valid(digits),
        _ => personnummer::is_valid_with_century(digits) || embedded,
    }
}

/// The digits of a number written with at most blanks and the usual separators.
struct Digits {
    digits: [u8; 12],
    length: usize,
    has_hyphen: bool,
}

impl Digits {
    fn of(text: &str) -> Option<Self> {
        let mut number = Self { digits: [0; 12], length: 0, has_hyphen: false };
        for character in text.chars() {
            match character {
                '0'..='9' => {
                    *number.digits.get_mut(number.length)? = character as u8;
                    number.length += 1;
                }
                '-' | '\u{2013}' => number.has_hyphen = true,
                '+' => {}
                blank if blank.is_whitespace() => {}
                _ => return None,
            }
        }
        Some(number)
    }

    fn as_slice(&self) -> &[u8] {
        &self.digits[..self.length]
    }
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
    fn persons_of_the_other_countries_are_told_from_companies() {
        for (text, country) in [
            ("15858598181", Country::NO),
            ("158585 98181", Country::NO),
            ("131052-308T", Country::FI),
            (" 131052A308t ", Country::FI),
            ("120160-3389", Country::IS),
            ("1201603389", Country::IS),
            ("120160-3399", Country::IS),
        ] {
            assert!(is_natural_person_number(text, country), "{text}");
        }
        for (text, country) in [
            ("974760673", Country::NO),
            ("NO974760673MVA", Country::NO),
            ("15858598182", Country::NO),
            ("190101-2391", Country::NO),
            ("0112038-9", Country::FI),
            ("FI01120389", Country::FI),
            ("190101-2392", Country::FI),
            ("520160-3389", Country::IS),
            ("1201603399", Country::IS),
        ] {
            assert!(!is_natural_person_number(text, country), "{text}");
        }
    }
}
