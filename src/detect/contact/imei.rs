//! Numbers of mobile telephone sets (IMEI).
//!
//! Finds: fifteen digits beside `IMEI`, in one piece or grouped, and the groupings 2-6-6-1 and 6-2-6-1 without
//! the word.
//!
//! Rule: Luhn's check digit. Beside the word, one that fails is a slip of the finger, and sixteen or seventeen
//! digits are the number with its software version.
//!
//! Source: 3GPP TS 23.003, 6.2 (structure: eight digits of the type, six of the set, one check digit) and annex B
//! (check digit); GSMA TS.06. The examples are the standard's example and computed ones.
//!
//! ```text
//! IMEI 356938035643809 → IMEI [imei]
//! Telefonens imei-nr: 35-693803-564380-9 → Telefonens imei-nr: [imei]
//! 35 693803 564380 9 lämnades in → [imei] lämnades in
//! Serienr 356938035643809, 356938035643809 → Serienr 356938035643809, 356938035643809
//! ```

use crate::detect::Kind;
use crate::detect::check_digit::luhn;
use crate::detect::context::Meaning;
use crate::detect::digits::{Page, Run, Separator};
use crate::detect::resolve::Candidate;

/// Offers what begins with this group of digits.
pub(in crate::detect) fn recognise(page: &Page<'_>, _first: usize, run: &Run<'_>, found: &mut Vec<Candidate>) {
    let Some(group) = run.groups.first() else { return };
    let lengths = |expected: &[usize]| {
        run.groups.len() >= expected.len() && run.groups.iter().zip(expected).all(|(group, length)| group.length() == *length)
    };
    let count = match group.length() {
        15..=17 => 1,
        2 if lengths(&[2, 6, 6, 1]) => 4,
        6 if lengths(&[6, 2, 6, 1]) => 4,
        8 if lengths(&[8, 6, 1]) => 3,
        _ => return,
    };
    let Some(groups) = run.groups.get(..count) else { return };
    let same = |separator: Separator| groups.iter().skip(1).all(|group| group.before == separator);
    if count > 1 && !same(Separator::Hyphen) && !same(Separator::Space) && !same(Separator::Slash) {
        return;
    }
    let (Some(last), Some(digits)) = (groups.last(), run.digits().get(..groups.iter().map(|group| group.length()).sum())) else {
        return;
    };
    let (start, end) = (group.start, last.end);
    let is_checked = digits.len() == 15 && luhn(digits);
    if (count > 1 && !is_checked) || !page.is_free(start, end) {
        return;
    }
    let context = page.context(start, end);
    let is_named = context.is(Meaning::Device) || (context.meaning.is_none() && page.is_near(start, Meaning::Device));
    match (is_named, is_checked) {
        (true, true) => found.push(Candidate::proven(start, end, Kind::Imei, 0.98)),
        (true, false) => found.push(Candidate::shape(start, end, Kind::Imei, 0.8)),
        (false, true) if count == 4 && !context.is_reference_or_amount() => found.push(Candidate::proven(start, end, Kind::Imei, 0.8)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Country, examples};

    fn found(text: &str) -> Vec<&str> {
        let found = crate::detect::examples::scanner(&Country::ALL).scan(text);
        found.iter().filter(|finding| finding.kind == Kind::Imei).map(|finding| &text[finding.start..finding.end]).collect()
    }

    #[test]
    fn documented_examples_hold() {
        assert_eq!(examples::check(include_str!("imei.rs"), &Country::ALL), 4);
    }

    #[test]
    fn published_numbers_are_found_in_their_groupings() {
        // Numbers that guides to the check digit work through.
        for text in
            ["490154203237518", "49-015420-323751-8", "49 015420 323751 8", "490154-20-323751-8", "35-209900-176148-1", "49015420 323751 8"]
        {
            assert_eq!(found(&format!("IMEI: {text}")), [text]);
        }
        for text in ["49-015420-323751-8", "490154-20-323751-8"] {
            assert_eq!(found(text), [text]);
            assert_eq!(found(&format!("serienr {text}")), [""; 0]);
        }
    }

    #[test]
    fn other_numbers_of_fifteen_digits_are_left() {
        for text in [
            "490154203237518",
            "49-015420-323751-7",
            "order 490154203237518",
            "49-015420 323751-8",
            "IMEI 12345",
            "imei saknas, order 490154203237518",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
