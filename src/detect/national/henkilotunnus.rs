//! Finnish identity codes (henkilötunnus, hetu).
//!
//! Finds: `ddmmyy`, the sign of the century, three digits and a check character; in capitals or small
//! letters.
//!
//! Rule: the sign is `+` for the 1800s, `-` Y X W V U for the 1900s and A B C D E F for the 2000s; the
//! date exists in that century; the individual number is at least 002 (900–999 are artificial, for
//! tests and for temporary use); the check character stands at the place in
//! `0123456789ABCDEFHJKLMNPRSTUVWXY` that the nine digits leave when divided by 31. Beside a word such
//! as `hetu`, a code whose check character fails is somebody's too: a slip of the finger. With a hyphen
//! and a digit at the end a code looks like the numbers of Denmark and Sweden, and a reference of that
//! form passes one time in 900.
//!
//! Source: laki väestötietojärjestelmästä 661/2009 11 §; valtioneuvoston asetus 128/2010 2 § as changed
//! from 2023 on (the further signs); Digi- ja väestötietovirasto, "Henkilötunnus" (its example
//! 131052-308T). The other examples are artificial codes.
//!
//! ```text
//! Asiakas 131052-308T soitti → Asiakas [national_id] soitti
//! hetu: 010190Y999W, 010190-999w → hetu: [national_id], [national_id]
//! Henkilötunnus 150315A9332 → Henkilötunnus [national_id]
//! hetu 131052-308U → hetu [national_id]
//! Tilaus 131052-308U, tuote 131052-308T → Tilaus 131052-308U, tuote 131052-308T
//! 311152-308T, 131052/308T, 131052Z308T → 311152-308T, 131052/308T, 131052Z308T
//! ```

use crate::detect::Kind;
use crate::detect::calendar::{is_date, number};
use crate::detect::context::Meaning;
use crate::detect::digits::{Page, Run};
use crate::detect::resolve::Candidate;

const CHECKS: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
/// Date, sign, individual number, check character.
const LENGTH: usize = 11;

/// Whether eleven bytes have the form of a code, and if so, whether its check character holds.
fn check(code: &[u8]) -> Option<bool> {
    let (date, rest) = code.split_at_checked(6)?;
    let [sign, individual @ .., last] = rest else { return None };
    let century = match sign.to_ascii_uppercase() {
        b'+' => 1800,
        b'-' | b'Y' | b'X' | b'W' | b'V' | b'U' => 1900,
        b'A'..=b'F' => 2000,
        _ => return None,
    };
    let has_form = individual.len() == 3
        && date.iter().chain(individual).all(u8::is_ascii_digit)
        && last.is_ascii_alphanumeric()
        && number(individual) >= 2
        && is_date(century + number(&date[4..]), number(&date[2..4]), number(&date[..2]));
    let place = (number(date) * 1000 + number(individual)) % 31;
    has_form.then(|| CHECKS.get(place as usize) == Some(&last.to_ascii_uppercase()))
}

/// Whether a text is a code with a right check character.
pub(in crate::detect) fn is_valid(code: &[u8]) -> bool {
    code.len() == LENGTH && check(code) == Some(true)
}

/// Offers what begins with this group of digits.
pub(in crate::detect) fn recognise(page: &Page<'_>, first: usize, _run: &Run<'_>, found: &mut Vec<Candidate>) {
    let Some(group) = page.groups.get(first).filter(|group| group.length() == 6) else { return };
    let (start, end) = (group.start, group.start + LENGTH);
    let Some(code) = page.bytes().get(start..end) else { return };
    let Some(is_checked) = check(code) else { return };
    // A digit or a letter was the last character, so that the end is a character's end.
    if !page.is_free(start, end) {
        return;
    }
    let context = page.context(start, end);
    let is_named = context.is(Meaning::CivilNumber);
    let (sign, last) = (code[6], code[10]);
    let candidate = match (is_checked, is_named) {
        (true, true) => Candidate::proven(start, end, Kind::NationalId, 0.98),
        (true, false) if context.is_reference_or_amount() => return,
        (true, false) if last.is_ascii_digit() && !sign.is_ascii_alphabetic() => Candidate::proven(start, end, Kind::NationalId, 0.85),
        (true, false) => Candidate::proven(start, end, Kind::NationalId, 0.96),
        (false, true) if context.immediate => Candidate::shape(start, end, Kind::NationalId, 0.75),
        (false, _) => return,
    };
    found.push(candidate);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Country, examples};

    fn confidence(text: &str) -> Option<f32> {
        let found = crate::detect::examples::scanner(&[Country::FI]).scan(text);
        assert!(found.len() <= 1, "{text}");
        found.first().filter(|finding| finding.kind == Kind::NationalId).map(|finding| finding.confidence)
    }

    #[test]
    fn documented_examples_hold() {
        assert_eq!(examples::check(include_str!("henkilotunnus.rs"), &[Country::FI]), 6);
    }

    #[test]
    fn published_codes_are_valid_and_no_other_character_is() {
        // The authority's example, and those of the hetu package for R.
        for published in ["131052-308T", "010101-0101", "290296-7808"] {
            let mut code: Vec<u8> = published.bytes().collect();
            let holds: Vec<char> = ('0'..='9')
                .chain('A'..='Z')
                .filter(|last| {
                    code[10] = *last as u8;
                    is_valid(&code)
                })
                .collect();
            assert_eq!(holds, [published.chars().next_back().unwrap()], "{published}");
        }
    }

    #[test]
    fn the_sign_gives_the_century() {
        // 29 February 1900 did not exist, that of 2000 did.
        for sign in "YXWVU-".chars() {
            assert_eq!(check(format!("290200{sign}9001").as_bytes()), None, "{sign}");
            assert!(check(format!("290204{sign}9001").as_bytes()).is_some());
        }
        for sign in "ABCDEFabcdef".chars() {
            assert!(check(format!("290200{sign}9001").as_bytes()).is_some(), "{sign}");
        }
        assert!(check(b"290296+9001").is_some());
        assert_eq!(check(b"290200+9001"), None);
        for sign in "GHIJKLMNOPQRSTZ/ 0".chars() {
            assert_eq!(check(format!("290204{sign}9001").as_bytes()), None, "{sign}");
        }
        assert_eq!(check(b"131052-001T"), None);
        assert_eq!(check("131052-3åT".as_bytes()), None);
    }

    #[test]
    fn every_sign_and_case_is_found() {
        for sign in "-YXWVU+".chars() {
            for text in [format!("131052{sign}308T"), format!("131052{sign}308t").to_lowercase()] {
                assert!(confidence(&format!("Asiakas {text}.")) > Some(0.9), "{text}");
            }
        }
        assert!(confidence("131052\u{2013}308T").is_some());
    }

    #[test]
    fn other_tokens_are_left() {
        for text in [
            "131052-308T5",
            "x131052-308T",
            "131052-308TX",
            "1131052-308T",
            "131052-308",
            "tuotekoodi 131052-308U",
            "viite 131052-308T",
            "131052-308Tä",
            "131052-308",
            "131052",
        ] {
            assert_eq!(confidence(text), None, "{text}");
        }
    }
}
