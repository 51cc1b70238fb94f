//! Icelandic numbers: `555 1234`, `555-1234`, `5551234`.
//!
//! Rule: seven digits that begin with 4 to 8, in three and four. So few digits prove little: without a word they count only in that
//! grouping or in three, two and two (two, two and three if they are a mobile's), and only in a text that is Icelandic, known by `ð`, `þ` or the word `í` nearby or because no other country is read.
//!
//! Source: Fjarskiptastofa, "Númeraskipulag" (the Icelandic numbering plan after ITU-T E.164).

use super::written::{Form, Written};
use crate::detect::Country;
use crate::detect::calendar::number;
use crate::detect::digits::{Page, Separator};

/// What the digits are as an Icelandic number.
pub(super) fn form(written: &Written<'_>) -> Option<Form> {
    let digits = written.digits;
    if digits.len() != 7 || !matches!(digits[0], b'4'..=b'8') {
        return None;
    }
    match (written.lengths(), written.separators()) {
        // "551 77 40", "466-12-33": no amount is grouped so.
        ([3, 2, 2], [first @ (Separator::Space | Separator::Hyphen | Separator::Dot), second]) if first == second => {
            Some(Form::lonely(0.65))
        }
        ([2, 2, 3], [Separator::Space, Separator::Space]) if matches!(digits[0], b'6'..=b'8') => Some(Form::lonely(0.6)),
        ([3, 1, 3], [Separator::Hyphen, Separator::Hyphen]) if matches!(digits[0], b'6'..=b'8') => Some(Form::lonely(0.6)),
        // "471 1 664"
        ([3, 1, 3], [Separator::Space, Separator::Space]) => Some(Form::lonely(0.6)),
        ([7], _) | ([3, 4], [Separator::Dot]) => Some(Form::BARE),
        // "450 2024" may be an amount and a year.
        ([3, 4], [Separator::Space | Separator::Hyphen]) if !(1900..2100).contains(&number(&digits[3..])) => Some(Form::lonely(0.75)),
        ([3, 4], [Separator::Space | Separator::Hyphen]) => Some(Form::BARE),
        _ => None,
    }
}

/// How far letters are looked for, in bytes.
const NEAR: usize = 128;

/// Whether the text around a number is Icelandic.
///
/// Stops where a placeholder stands or may come to stand, so that nothing farther comes near when a text is scrubbed.
pub(super) fn is_icelandic(page: &Page<'_>, start: usize, end: usize) -> bool {
    if page.countries.iter().eq([Country::IS]) {
        return true;
    }
    let bytes = page.bytes();
    let before = &bytes[start.saturating_sub(NEAR)..start];
    let after = &bytes[end..bytes.len().min(end + NEAR)];
    let is_barrier = |byte: &u8| matches!(*byte, b'[' | b']' | b'@');
    let before = &before[before.iter().rposition(is_barrier).map_or(0, |barrier| barrier + 1)..];
    let after = &after[..after.iter().position(is_barrier).unwrap_or(after.len())];
    // ð, þ, Ð, Þ.
    let is_letter = |pair: &[u8]| matches!(pair, [0xc3, 0xb0 | 0xbe | 0x90 | 0x9e]);
    // The word "í".
    let is_word = |four: &[u8]| matches!(four, [b' ', 0xc3, 0xad, b' ']);
    // "á", "í", "ó", "ú", "ý" are rare alone elsewhere; together they are not.
    let is_vowel = |pair: &&[u8]| matches!(pair, [0xc3, 0xa1 | 0xad | 0xb3 | 0xba | 0xbd | 0x81 | 0x8d | 0x93 | 0x9a | 0x9d]);
    let vowels = before.windows(2).filter(is_vowel).count() + after.windows(2).filter(is_vowel).count();
    vowels > 2
        || before.windows(2).any(is_letter)
        || after.windows(2).any(is_letter)
        || before.windows(4).any(is_word)
        || after.windows(4).any(is_word)
}
