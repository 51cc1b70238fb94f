//! International bank account numbers (IBAN).
//!
//! Finds: the country's two letters, two check digits and as many characters as the country prescribes,
//! in groups of four (with blanks, hyphens or dots), in one piece or with blanks anywhere, in capitals or small letters.
//!
//! Rule: modulus 97 of ISO 7064 leaves one. Small letters are taken in one piece or in groups of four
//! alone, and beside the word `IBAN` a number of the right length whose check fails is an account too:
//! a slip of the finger.
//!
//! Source: ISO 13616 and its registry of countries and lengths, which holds the example accounts.
//!
//! ```text
//! Till SE45 5000 0000 0583 9825 7466, tack → Till [iban], tack
//! SE4550000000058398257466 / se4550000000058398257466 → [iban] / [iban]
//! GB29 NWBK 6016 1331 9268 19 och NO 9386 0111 17947 → [iban] och [iban]
//! SE45-5000-0000-0583-9825-7466, FI21.1234.5600.0007.85 → [iban], [iban]
//! IBAN SE45 5000 0000 0583 9825 7467 → IBAN [iban]
//! SE45 5000 0000 0583 9825 7467 → SE45 5000 0000 0583 9825 7467
//! ```

use crate::detect::Kind;
use crate::detect::check_digit::modulus_97;
use crate::detect::context::Meaning;
use crate::detect::digits::Page;
use crate::detect::resolve::Candidate;

/// Lengths of the registry, by country; at the end those of countries that use the form without being in it.
#[rustfmt::skip]
const LENGTHS: [(&[u8; 2], u8); 110] = [
    (b"AD", 24), (b"AE", 23), (b"AL", 28), (b"AT", 20), (b"AX", 18), (b"AZ", 28), (b"BA", 20), (b"BE", 16), (b"BG", 22), (b"BH", 22),
    (b"BI", 27), (b"BL", 27), (b"BR", 29), (b"BY", 28), (b"CH", 21), (b"CR", 22), (b"CY", 28), (b"CZ", 24), (b"DE", 22), (b"DJ", 27),
    (b"DK", 18), (b"DO", 28), (b"EE", 20), (b"EG", 29), (b"ES", 24), (b"FI", 18), (b"FK", 18), (b"FO", 18), (b"FR", 27), (b"GB", 22),
    (b"GE", 22), (b"GF", 27), (b"GG", 22), (b"GI", 23), (b"GL", 18), (b"GP", 27), (b"GR", 27), (b"GT", 28), (b"HN", 28), (b"HR", 21),
    (b"HU", 28), (b"IE", 22), (b"IL", 23), (b"IM", 22), (b"IQ", 23), (b"IS", 26), (b"IT", 27), (b"JE", 22), (b"JO", 30), (b"KW", 30),
    (b"KZ", 20), (b"LB", 28), (b"LC", 32), (b"LI", 21), (b"LT", 20), (b"LU", 20), (b"LV", 21), (b"LY", 25), (b"MC", 27), (b"MD", 24),
    (b"ME", 22), (b"MF", 27), (b"MK", 19), (b"MN", 20), (b"MQ", 27), (b"MR", 27), (b"MT", 31), (b"MU", 30), (b"NC", 27), (b"NI", 28),
    (b"NL", 18), (b"NO", 15), (b"OM", 23), (b"PF", 27), (b"PK", 24), (b"PL", 28), (b"PM", 27), (b"PS", 29), (b"PT", 25), (b"QA", 29),
    (b"RE", 27), (b"RO", 24), (b"RS", 22), (b"RU", 33), (b"SA", 24), (b"SC", 31), (b"SD", 18), (b"SE", 24), (b"SI", 19), (b"SK", 24),
    (b"SM", 27), (b"SO", 23), (b"ST", 25), (b"SV", 28), (b"TF", 27), (b"TL", 23), (b"TN", 24), (b"TR", 26), (b"UA", 29), (b"VA", 22),
    (b"VG", 24), (b"WF", 27), (b"XK", 20), (b"YE", 30), (b"YT", 27), (b"AO", 25), (b"CV", 25), (b"DZ", 26), (b"MZ", 25), (b"SN", 28),
];

/// The longest account of the registry is 33 characters.
const LONGEST: usize = 34;

/// Offers the account whose check digits are this group, or begin it.
pub(in crate::detect) fn recognise(page: &Page<'_>, first: usize, found: &mut Vec<Candidate>) {
    let Some(group) = page.groups.get(first).filter(|group| group.length() >= 2) else { return };
    let bytes = page.bytes();
    let Some(before) = bytes.get(..group.start) else { return };
    // `NO 9386…`: the letters may stand apart, if they are capitals.
    let (letters, apart) = match before {
        [head @ .., b' '] => (head, true),
        head => (head, false),
    };
    let Some(start) = letters.len().checked_sub(2) else { return };
    let Some(&[one, two]) = letters.get(start..) else { return };
    if !one.is_ascii_alphabetic() || !two.is_ascii_alphabetic() || (apart && !(one.is_ascii_uppercase() && two.is_ascii_uppercase())) {
        return;
    }
    let country = [one.to_ascii_uppercase(), two.to_ascii_uppercase()];
    let Some((_, length)) = LENGTHS.iter().find(|(known, _)| *known == &country) else { return };
    if page.text.get(..start).is_none_or(|before| before.chars().next_back().is_some_and(char::is_alphanumeric)) {
        return;
    }
    let Some(account) = Account::read(bytes, start, usize::from(*length)) else { return };
    let ends = page.text.get(account.end..).is_some_and(|after| !after.chars().next().is_some_and(char::is_alphanumeric));
    if !ends || (account.irregular && !account.capitals) {
        return;
    }
    if modulus_97(account.characters()) {
        let confidence = if account.irregular || apart { 0.97 } else { 0.99 };
        found.push(Candidate::proven(start, account.end, Kind::Iban, confidence));
    } else if account.mostly_digits() && page.context(start, account.end).is(Meaning::Account) {
        found.push(Candidate::shape(start, account.end, Kind::Iban, 0.85));
    }
}

struct Account {
    characters: [u8; LONGEST],
    length: usize,
    end: usize,
    /// A blank stands elsewhere than behind every fourth character.
    irregular: bool,
    /// No small letter stands in it.
    capitals: bool,
}

impl Account {
    /// As many letters and digits as the country prescribes, with single blanks between them, or a hyphen or dot behind every fourth.
    fn read(bytes: &[u8], start: usize, length: usize) -> Option<Self> {
        let mut account = Self { characters: [0; LONGEST], length, end: start, irregular: false, capitals: true };
        let mut position = start;
        for (count, place) in account.characters.get_mut(..length)?.iter_mut().enumerate() {
            match bytes.get(position) {
                Some(b' ') if count > 0 => {
                    account.irregular |= count % 4 != 0;
                    position += 1;
                }
                Some(b'-' | b'.') if count > 0 && count % 4 == 0 => position += 1,
                _ => {}
            }
            let character = *bytes.get(position)?;
            if !character.is_ascii_alphanumeric() {
                return None;
            }
            account.capitals &= !character.is_ascii_lowercase();
            *place = character.to_ascii_uppercase();
            position += 1;
        }
        account.end = position;
        Some(account)
    }

    fn characters(&self) -> &[u8] {
        self.characters.get(..self.length).unwrap_or_default()
    }

    /// Whether hardly a letter follows the country's: prose has more.
    fn mostly_digits(&self) -> bool {
        let characters = self.characters();
        characters.iter().filter(|character| character.is_ascii_digit()).count() + 6 >= characters.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::examples;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> = crate::detect::examples::scanner(&[])
            .scan(text)
            .into_iter()
            .filter(|finding| finding.kind == Kind::Iban)
            .map(|finding| &text[finding.start..finding.end])
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn documented_examples_hold() {
        assert_eq!(examples::check(include_str!("iban.rs"), &[]), 6);
    }

    /// Example accounts of the registry.
    const REGISTRY: [&str; 30] = [
        "AD1200012030200359100100",
        "AE070331234567890123456",
        "AL47212110090000000235698741",
        "AT611904300234573201",
        "AZ21NABZ00000000137010001944",
        "BA391290079401028494",
        "BE68539007547034",
        "BG80BNBG96611020345678",
        "BH67BMAG00001299123456",
        "BR9700360305000010009795493P1",
        "CH9300762011623852957",
        "CR05015202001026284066",
        "CY17002001280000001200527600",
        "CZ6508000000192000145399",
        "DE89370400440532013000",
        "DK5000400440116243",
        "DO28BAGR00000001212453611324",
        "EE382200221020145685",
        "ES9121000418450200051332",
        "FI2112345600000785",
        "FO6264600001631634",
        "FR1420041010050500013M02606",
        "GB29NWBK60161331926819",
        "GE29NB0000000101904917",
        "GI75NWBK000000007099453",
        "GL8964710001000206",
        "GR1601101250000000012300695",
        "IE29AIBK93115212345678",
        "IS140159260076545510730339",
        "IL620108000000099999999",
    ];

    #[test]
    fn accounts_of_the_registry_are_found_in_every_spelling() {
        for account in REGISTRY {
            let fours: Vec<&str> = (0..account.len()).step_by(4).map(|at| &account[at..account.len().min(at + 4)]).collect();
            let odd = format!("{} {}", &account[..4], &account[4..]);
            for text in [account.to_owned(), account.to_lowercase(), fours.join(" "), fours.join(" ").to_lowercase(), odd] {
                check(&text, &[&text]);
                check(&format!("Till {text}, tack"), &[&text]);
            }
        }
        check("konto:NO9386011117947.", &["NO9386011117947"]);
        check("DK50 0040 0440 1162 43 FI21 1234 5600 0007 85", &["DK50 0040 0440 1162 43", "FI21 1234 5600 0007 85"]);
        check("SE45 5000 000 0058 398257466", &["SE45 5000 000 0058 398257466"]);
    }

    #[test]
    fn countries_occur_once() {
        for (index, (country, length)) in LENGTHS.iter().enumerate() {
            assert!(LENGTHS[..index].iter().all(|(other, _)| other != country), "{country:?}");
            assert!((15..=33).contains(length));
        }
    }

    #[test]
    fn wrong_check_digits_lengths_and_neighbours_are_no_account() {
        check("SE45 5000 0000 0583 9825 7467", &[]);
        check("SE45 5000 0000 0583 9825 746", &[]);
        check("xSE4550000000058398257466", &[]);
        check("SE45500000000583982574661", &[]);
        check("SE45 5000 0000 0583 9825 74å", &[]);
        check("se 45 5000 0000 0583 9825 7466", &[]);
        check("ZZ45 5000 0000 0583 9825 7466", &[]);
        check("IBAN saknas, se 20 sidor till", &[]);
    }

    #[test]
    fn a_slip_of_the_finger_is_found_beside_the_word() {
        check("IBAN: SE45 5000 0000 0583 9825 7467", &["SE45 5000 0000 0583 9825 7467"]);
        check("iban nr DK5000400440116244", &["DK5000400440116244"]);
    }
}
