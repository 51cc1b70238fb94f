//! Finnish identity codes (henkilötunnus, hetu).
//!
//! Finds: `ddmmyy`, the sign of the century, three digits and a check character; in capitals or small
//! letters, with a blank on either side of the sign, and beside a word such as `hetu` with a blank in its place.
//!
//! Rule: the sign is `+` for the 1800s, `-` Y X W V U for the 1900s and A B C D E F for the 2000s; the
//! date exists in that century; the individual number is at least 002 (900–999 are artificial, for
//! tests and for temporary use); the check character stands at the place in
//! `0123456789ABCDEFHJKLMNPRSTUVWXY` that the nine digits leave when divided by 31. Beside a word such
//! as `hetu`, a code whose check character fails, or whose date never was (29 February of other years), is somebody's too: a slip of the
//! finger; where the check character holds, such a date is one without the word as well. With a hyphen
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
//! hetu 131052 -308T, 131052 A 308T, hetu 131052 308T → hetu [national_id], [national_id], hetu [national_id]
//! hetu 290201A937T, FIN, 290294-906T → hetu [national_id], FIN, [national_id]
//! Tilaus 131052 -308T, 131052 308T, 290294-906U → Tilaus 131052 -308T, 131052 308T, 290294-906U
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

/// Whether eleven bytes have the form of a code with a date that exists, and if so, whether its check character holds.
fn check(code: &[u8]) -> Option<bool> {
    form(code).filter(|form| form.has_date).map(|form| form.is_checked)
}

/// What has the form of a code: its date has a day up to 31 and a month up to 12.
#[derive(Clone, Copy)]
struct Form {
    /// There was such a day in the century of the sign.
    has_date: bool,
    /// The check character holds.
    is_checked: bool,
}

fn form(code: &[u8]) -> Option<Form> {
    let (date, rest) = code.split_at_checked(6)?;
    let [sign, individual @ .., last] = rest else { return None };
    let century = match sign.to_ascii_uppercase() {
        b'+' => 1800,
        b'-' | b'Y' | b'X' | b'W' | b'V' | b'U' => 1900,
        b'A'..=b'F' => 2000,
        _ => return None,
    };
    let has_digits = individual.len() == 3 && date.iter().chain(individual).all(u8::is_ascii_digit);
    if !has_digits || !last.is_ascii_alphanumeric() || number(individual) < 2 {
        return None;
    }
    let (day, month) = (number(date.get(..2)?), number(date.get(2..4)?));
    let place = (number(date) * 1000 + number(individual)) % 31;
    ((1..=31).contains(&day) && (1..=12).contains(&month)).then(|| Form {
        has_date: is_date(century + number(&date[4..]), month, day),
        is_checked: CHECKS.get(place as usize) == Some(&last.to_ascii_uppercase()),
    })
}

/// Whether a text is a code with a right check character.
pub(in crate::detect) fn is_valid(code: &[u8]) -> bool {
    code.len() == LENGTH && check(code) == Some(true)
}

/// A code as it stands in a text.
struct Spelling {
    code: [u8; LENGTH],
    end: usize,
    /// Blanks stand in it, or no sign does.
    is_loose: bool,
    has_sign: bool,
}

/// Reads a code whose date ends at this byte; one blank may stand on either side of the sign, or in its place.
fn spelling(bytes: &[u8], start: usize, date_end: usize) -> Option<Spelling> {
    let blank = |at: usize| usize::from(bytes.get(at) == Some(&b' '));
    let mut at = date_end + blank(date_end);
    let sign = *bytes.get(at)?;
    let has_sign = !sign.is_ascii_digit();
    if has_sign {
        at += 1;
        at += blank(at);
    }
    let end = at + 4;
    let mut code = [0; LENGTH];
    let (date, rest) = code.split_at_mut(6);
    date.copy_from_slice(bytes.get(start..date_end)?);
    let (century, individual) = rest.split_at_mut(1);
    // Of which century somebody is whose sign is missing is not known; the dates of 1900 and 2000 differ in one day.
    century.copy_from_slice(if has_sign { std::slice::from_ref(&sign) } else { b"A" });
    individual.copy_from_slice(bytes.get(at..end)?);
    Some(Spelling { code, end, is_loose: end - start != LENGTH || !has_sign, has_sign })
}

/// Offers what begins with this group of digits.
pub(in crate::detect) fn recognise(page: &Page<'_>, first: usize, _run: &Run<'_>, found: &mut Vec<Candidate>) {
    let Some(group) = page.groups.get(first).filter(|group| group.length() == 6) else { return };
    let start = group.start;
    let Some(Spelling { code, end, is_loose, has_sign }) = spelling(page.bytes(), start, group.end) else { return };
    let Some(Form { has_date, is_checked }) = form(&code) else { return };
    // A digit or a letter was the last character, so that the end is a character's end.
    if !page.is_free(start, end) {
        return;
    }
    let context = page.context(start, end);
    let is_named = context.is(Meaning::CivilNumber);
    let (sign, last) = (code[6], code[10]);
    let has_letter = sign.is_ascii_alphabetic() || last.is_ascii_alphabetic();
    let candidate = match (is_checked, is_named) {
        (true, true) if has_date && (has_sign || context.immediate) => Candidate::proven(start, end, Kind::NationalId, 0.98),
        (true, false) if !has_sign || context.is_reference_or_amount() => return,
        // A date that never was, as in made-up codes.
        (_, true) if !has_date && context.immediate && has_letter && has_sign => Candidate::shape(start, end, Kind::NationalId, 0.8),
        (true, false) if !has_date => {
            if !has_letter || is_loose || last.is_ascii_lowercase() {
                return;
            }
            Candidate::shape(start, end, Kind::NationalId, 0.75)
        }
        _ if !has_date || !has_sign => return,
        (true, _) if is_loose && (sign.is_ascii_lowercase() || last.is_ascii_lowercase()) => return,
        (true, _) if !has_letter && is_loose => Candidate::proven(start, end, Kind::NationalId, 0.7),
        (true, _) if last.is_ascii_digit() && !sign.is_ascii_alphabetic() => Candidate::proven(start, end, Kind::NationalId, 0.85),
        (true, _) => Candidate::proven(start, end, Kind::NationalId, 0.96),
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
        assert_eq!(examples::check(include_str!("henkilotunnus.rs"), &[Country::FI]), 9);
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
