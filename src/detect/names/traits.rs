//! What a run of words and its neighbours are, as single traits: the words beside it, their kinds and ends, its own beginning and end.
//!
//! Each trait is a hash of what it says. Thousands of them are seen a few times each, so that they are weighed in a table of their own.

use super::beside::Beside;
use super::tokens::{Shape, Token};
use crate::detect::lexicon::{self, Entry};

fn bits(flags: &[bool]) -> u64 {
    flags.iter().fold(0, |sum, flag| sum << 1 | u64::from(*flag))
}

/// How much of nine, in steps.
fn step(of_nine: u32) -> u64 {
    match of_nine {
        0 => 0,
        1..=3 => 1,
        4..=5 => 2,
        6..=7 => 3,
        _ => 4,
    }
}

/// How a token is written, and what it is known for.
pub(super) fn sort(token: &Token) -> u64 {
    let entry = token.entry;
    let shape = match token.shape {
        Shape::Capital => 0,
        Shape::Upper => 1,
        Shape::Initial => 2,
        Shape::Lower => 3,
        Shape::Mixed => 4,
    };
    let flags = bits(&[entry.is_common(), entry.is_place(), entry.is_brand(), token.opens_sentence]);
    (((flags * 8 + shape) * 8 + step(entry.given())) * 8 + step(token.family)) * 8 + step(entry.word())
}

/// Some bytes of a word as a number, in lower case.
fn number<'b>(bytes: impl Iterator<Item = &'b u8>, most: usize) -> u64 {
    bytes.take(most).fold(0, |sum, byte| sum << 8 | u64::from(*byte | 0x20))
}

/// The hash of a trait of some kind.
#[inline(always)]
pub(super) fn key(kind: u64, one: u64, other: u64) -> u32 {
    (lexicon::fold(one ^ (kind << 56), 0x9e37_79b9_7f4a_7c15 ^ other.wrapping_mul(0xd6e8_feb8_6659_fd93)) >> 32) as u32
}

/// Calls with the traits of a word that is a name's only one, or the first of several.
pub(super) fn own(word: &str, is_one_of_several: bool, put: &mut dyn FnMut(u32)) {
    let bytes = word.as_bytes();
    let is_lower = bytes.first().is_some_and(u8::is_ascii_lowercase);
    let several = u64::from(is_lower) << 1 | u64::from(is_one_of_several);
    put(key(9, lexicon::hash(word), several));
    put(key(10, number(bytes.iter().rev(), 3), several));
    put(key(11, number(bytes.iter().rev(), 4), several));
    put(key(12, number(bytes.iter(), 3), several));
}

/// Calls with the traits of the last of several words.
pub(super) fn last(word: &str, put: &mut dyn FnMut(u32)) {
    put(key(14, number(word.as_bytes().iter().rev(), 4), 1));
}

/// Calls with the traits of a word that stands before a name.
pub(super) fn before(word: &str, of_several: bool, put: &mut dyn FnMut(u32)) {
    put(key(4, number(word.as_bytes().iter().rev(), 3), u64::from(of_several)));
}

/// What single words say for a run and against it, in log odds; `put` is called with each trait of two words, or of a word and signs.
///
/// `is_uncased`: whether nothing in the text is written with a capital but the beginnings of sentences.
#[inline(always)]
pub(super) fn read(beside: &[Beside; 2], beyond: [u64; 2], parts: &[Token], is_uncased: bool, mut put: impl FnMut(u32)) -> f32 {
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return 0.0 };
    let [before, behind] = beside;
    let is_several = parts.len() > 1;
    let several = u64::from(is_several);
    let (sort_first, sort_last) = (sort(first), sort(last));
    let strength = if !is_several {
        0
    } else if first.entry.given() >= 5 && last.family >= 4 {
        2
    } else {
        1
    };
    let known = step(first.entry.given()) << 4 | step(first.family) << 1 | several;
    // The words beside it.
    put(key(1, before.word.hash, before.signs << 2 | strength));
    put(key(2, behind.word.hash, behind.signs << 2 | strength));
    put(key(3, behind.word.hash, known));
    put(key(5, behind.word.class.into(), sort_last));
    // The words beyond those.
    put(key(16, beyond[0], u64::from(before.word.class) << 2 | strength));
    put(key(17, beyond[1], u64::from(behind.word.class) << 2 | strength));
    // The signs between.
    put(key(6, behind.signs, sort_last));
    put(key(7, before.word.class.into(), behind.signs));
    put(key(8, behind.word.class.into(), before.signs));
    // Its own words.
    put(key(13, sort_first, u64::from(is_uncased) << 1 | several));
    if is_several {
        put(key(15, sort_first, sort_last));
    }
    let last = if is_several { last.last } else { 0.0 };
    first.own[usize::from(is_several)] + before.word.before[usize::from(is_several)] + last
}

/// What sort of word it is that stands beside a name.
pub(super) fn class(word: &str, entry: Entry) -> u32 {
    let flags = [
        entry.is_common(),
        entry.given() >= 5,
        entry.family() >= 5,
        entry.is_place() || entry.is_people(),
        entry.is_brand(),
        entry.is_organisation_before(),
        entry.is_organisation_after(),
        entry.is_unknown(),
        word.starts_with(char::is_uppercase),
        word.is_empty(),
    ];
    (bits(&flags) as u32) << 8 | entry.opens_name() << 4 | entry.closes_name()
}
