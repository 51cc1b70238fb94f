//! Payment cards.
//!
//! Finds: 14 to 19 digits in the issuers' grouping (4-4-4-4, 4-6-5, 4-6-4, with blanks or hyphens) or in
//! one piece. A masked number (`4111 **** **** 1111`) is none.
//!
//! Rule: a range of an issuer with a length that it issues, and Luhn's check digit. In one piece,
//! sixteen digits of a reference pass one time in forty for Visa and Mastercard together, so that
//! without a word such as `kort` they are a guess, a poor one for the issuers with wide ranges and
//! many lengths.
//!
//! Source: ISO/IEC 7812-1 (structure and check digit); the issuers' ranges as the networks publish
//! them: Visa 4; Mastercard 51–55 and 2221–2720; American Express 34 and 37; Diners Club 300–305, 3095,
//! 36, 38 and 39; Discover 6011, 644–649 and 65; JCB 3528–3589; Maestro 50 and 56–58, 6304, 6390, 67;
//! UnionPay 62 and 81. The examples are the networks' test numbers.
//!
//! ```text
//! Kort 4111 1111 1111 1111, exp 12/27 → Kort [card], exp 12/27
//! 5555-5555-5555-4444 och 3782 822463 10005 → [card] och [card]
//! kortnr 4111111111111111 → kortnr [card]
//! 4111 1111 1111 1112, 4111 **** **** 1111 → 4111 1111 1111 1112, 4111 **** **** 1111
//! OCR 4111111111111111, faktura 5555555555554444 → OCR 4111111111111111, faktura 5555555555554444
//! ```

use crate::detect::Kind;
use crate::detect::check_digit::luhn;
use crate::detect::context::Meaning;
use crate::detect::digits::{Page, Run, Separator};
use crate::detect::fold::Folded;
use crate::detect::resolve::Candidate;

/// Digits of the shortest card number.
pub(super) const SHORTEST: usize = 13;

/// How much an issuer's range says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    /// A narrow range with one length.
    Narrow,
    /// A wide range, or one with many lengths.
    Wide,
}

/// The range of the issuer whose card the digits may be.
fn issuer(digits: &[u8]) -> Option<Range> {
    let four = digits.get(..4)?.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit.wrapping_sub(b'0')));
    match (four, digits.len()) {
        (4000..=4999, 16) => Some(Range::Narrow),
        (4000..=4999, 13 | 19) => Some(Range::Wide),
        (5100..=5599 | 2221..=2720, 16) => Some(Range::Narrow),
        (3400..=3499 | 3700..=3799, 15) => Some(Range::Narrow),
        (3000..=3059 | 3095 | 3600..=3699 | 3800..=3999, 14) => Some(Range::Wide),
        (3600..=3699, 15..=19) => Some(Range::Wide),
        (6011 | 6440..=6599, 16) => Some(Range::Narrow),
        (6011 | 6440..=6599, 17..=19) => Some(Range::Wide),
        (3528..=3589, 16) => Some(Range::Narrow),
        (3528..=3589, 17..=19) => Some(Range::Wide),
        (5000..=5099 | 5600..=5899 | 6304 | 6390 | 6700..=6799, 13..=19) => Some(Range::Wide),
        (6200..=6299 | 8100..=8199, 16..=19) => Some(Range::Wide),
        _ => None,
    }
}

/// Offers what begins with this group of digits.
pub(in crate::detect) fn recognise(page: &Page<'_>, first: usize, run: &Run<'_>, found: &mut Vec<Candidate>) {
    let Some(group) = page.groups.get(first) else { return };
    match group.length() {
        SHORTEST..=19 => offer(page, run, 1, found),
        4 => {
            for (count, length) in run.prefixes() {
                if length >= SHORTEST && is_card_grouping(run, count) {
                    offer(page, run, count, found);
                }
            }
        }
        _ => {}
    }
}

fn is_card_grouping(run: &Run<'_>, count: usize) -> bool {
    let Some(groups) = run.groups.get(..count) else { return false };
    let Some(separator) = groups.get(1).map(|group| group.before) else { return false };
    let joined = matches!(separator, Separator::Space | Separator::Hyphen) && groups.iter().skip(1).all(|group| group.before == separator);
    let mut lengths = [0; 5];
    for (place, group) in lengths.iter_mut().zip(groups) {
        *place = group.length();
    }
    joined && matches!(lengths, [4, 4, 4, 4, 0..=3] | [4, 6, 4 | 5, 0, 0] | [4, 4, 4, 1..=3, 0]) && count <= 5
}

fn offer(page: &Page<'_>, run: &Run<'_>, count: usize, found: &mut Vec<Candidate>) {
    let Some(groups) = run.groups.get(..count) else { return };
    let length = groups.iter().map(|group| group.length()).sum();
    let (Some(digits), Some(first), Some(last)) = (run.digits().get(..length), groups.first(), groups.last()) else { return };
    let Some(range) = issuer(digits) else { return };
    let (start, end) = (first.start, last.end);
    if !luhn(digits) || !page.is_free(start, end) {
        return;
    }
    let context = page.context(start, end);
    let is_named = context.is(Meaning::Card) || page.is_near(start, Meaning::Card) || follows_card_word(page.text, start);
    let confidence = if is_named {
        0.98
    } else if context.is_reference_or_amount() {
        return;
    } else {
        match (count > 1, range) {
            (true, Range::Narrow) => 0.96,
            (true, Range::Wide) => 0.75,
            (false, Range::Narrow) => 0.58,
            (false, Range::Wide) if digits.len() < 16 => return,
            (false, Range::Wide) => 0.35,
        }
    };
    found.push(Candidate::proven(start, end, Kind::Card, confidence));
}

/// Whether `kort` or `Visa` stands before the number. They are words of their own too ("short", "to show"), which mean something here alone.
fn follows_card_word(text: &str, start: usize) -> bool {
    let before = text.get(..start).unwrap_or_default().trim_end_matches([' ', ':', '.', ',']);
    let word = before.len() - before.bytes().rev().take(10).take_while(u8::is_ascii_alphabetic).count();
    before.get(word..).is_some_and(|word| matches!(Folded::of(word).as_str(), "kort" | "visa" | "kortet"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Country, examples};

    /// Test numbers that the networks and payment services publish.
    const PUBLISHED: [&str; 20] = [
        "4111111111111111",
        "4012888888881881",
        "4242424242424242",
        "5555555555554444",
        "5105105105105100",
        "2223003122003222",
        "2720990000000007",
        "378282246310005",
        "371449635398431",
        "30569309025904",
        "38520000023237",
        "36227206271667",
        "6011111111111117",
        "6011000990139424",
        "3530111333300000",
        "3566002020360505",
        "6759649826438453",
        "6799990100000000019",
        "6205500000000000004",
        "6200000000000005",
    ];

    fn confidence(text: &str) -> Option<f32> {
        let found = crate::detect::examples::scanner(&Country::ALL).scan(text);
        found.iter().find(|finding| finding.kind == Kind::Card).map(|finding| finding.confidence)
    }

    #[test]
    fn documented_examples_hold() {
        assert_eq!(examples::check(include_str!("card.rs"), &Country::ALL), 5);
    }

    #[test]
    fn published_cards_are_found_beside_a_word_and_no_other_check_digit_is() {
        for card in PUBLISHED {
            if !luhn(card.as_bytes()) {
                continue;
            }
            assert!(issuer(card.as_bytes()).is_some(), "{card}");
            for digit in 0..10 {
                let changed = format!("{}{digit}", &card[..card.len() - 1]);
                let found = confidence(&format!("kort {changed}"));
                assert_eq!(found.is_some(), changed == card, "{changed}");
            }
        }
        assert!(PUBLISHED.iter().filter(|card| luhn(card.as_bytes())).count() >= 18);
    }

    #[test]
    fn the_usual_groupings_need_no_word() {
        for text in [
            "4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "5555 5555 5555 4444",
            "3782 822463 10005",
            "3782-822463-10005",
            "3852 000002 3237",
            "6011 1111 1111 1117",
            "4111 1111 1111 1111 12/27 cvc 123",
        ] {
            assert!(confidence(text) > Some(0.7), "{text}");
        }
        assert!(confidence("4111111111111111").is_some_and(|confidence| confidence < 0.6));
    }

    #[test]
    fn other_numbers_are_left() {
        for text in [
            "4111 1111 1111 1112",
            "4111 11 1111 1111 11",
            "41 11 11 11 11 11 11 11",
            "4111 **** **** 1111",
            "4111-1111 1111-1111",
            "1111 1111 1111 1117",
            "OCR 4111 1111 1111 1111",
            "faktura 4111111111111111",
            "A4111111111111111",
            "41111111111111111111",
            "7310865004703",
            "4006381333931",
            "SE45 5000 0000 0583 9825 7466",
        ] {
            assert_eq!(confidence(text), None, "{text}");
        }
    }
}
