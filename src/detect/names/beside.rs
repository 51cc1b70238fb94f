//! The words on either side of a name.

use super::words::{Word, Words};
use crate::detect::digits::Page;

/// Bytes between two words that are looked past.
pub(super) const WIDEST: usize = 4;
/// Bytes of a word that are looked at.
const LONGEST: usize = 64;

/// What stands on one side of a name: the next word, which may be empty, and what is between.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beside {
    /// The word's bytes.
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) word: Word,
    /// Up to three bytes between, from the name on.
    pub(super) signs: u64,
    /// Whether the word is longer than what is looked at of it.
    pub(super) is_cut: bool,
}

impl Beside {
    /// The word before a place.
    #[inline(always)]
    pub(super) fn before(page: &Page<'_>, words: &Words, place: usize) -> Self {
        let bytes = page.bytes();
        let (mut last, mut signs) = (place, 1);
        while last > 0 && place - last < WIDEST && !is_letter(bytes[last - 1]) {
            last -= 1;
            if !(bytes[last] == b' ' && bytes.get(last + 1..place).and_then(<[u8]>::first).is_some_and(closes)) {
                signs = with(signs, bytes[last], place - last);
            }
        }
        let first = page.marks.word_start(last);
        let is_cut = last - first > LONGEST;
        let first = if is_cut { page.text.ceil_char_boundary(last - LONGEST) } else { first };
        Self { first, last, word: words.of(&page.text[first..last]), signs, is_cut }
    }

    /// The word behind a place.
    #[inline(always)]
    pub(super) fn behind(page: &Page<'_>, words: &Words, place: usize) -> Self {
        let bytes = page.bytes();
        let place = past_blank(bytes, place);
        let (mut first, mut signs) = (place, 1);
        while first < bytes.len() && first - place < WIDEST && !is_letter(bytes[first]) {
            signs = with(signs, bytes[first], first + 1 - place);
            first += 1;
        }
        let last = page.marks.word_end(first);
        let is_cut = last - first > LONGEST;
        let last = if is_cut { page.text.floor_char_boundary(first + LONGEST) } else { last };
        Self { first, last, word: words.of(&page.text[first..last]), signs, is_cut }
    }
}

/// A sign that has no blank before it, but where every sign of a text is a word of its own: `Anna , 34 , bor i Lund .`
fn closes(sign: &u8) -> bool {
    matches!(sign, b',' | b'.' | b';' | b':' | b'!' | b'?' | b')')
}

/// Behind the blank that stands before such a sign.
pub(super) fn past_blank(bytes: &[u8], place: usize) -> usize {
    let is_apart = bytes.get(place) == Some(&b' ') && bytes.get(place + 1).is_some_and(closes);
    place + usize::from(is_apart)
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80
}

/// One byte more between two words; a digit is any digit, and the fourth says nothing.
fn with(signs: u64, byte: u8, position: usize) -> u64 {
    if position > 3 { signs } else { signs << 8 | u64::from(if byte.is_ascii_digit() { b'0' } else { byte }) }
}
