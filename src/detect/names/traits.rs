//! What a run of words and its neighbours are, as single traits: the words beside it, their kinds and ends, its own beginning and end.
//!
//! Each trait is a hash of what it says. Thousands of them are seen a few times each, so that they are weighed in a table of their own.

use super::tokens::{Shape, Token};
use crate::detect::digits::Page;
use crate::detect::lexicon::{self, Entry, Lexicon};

/// What stands beside a run: the word, and what is between.
#[derive(Clone, Copy)]
struct Neighbour<'p> {
    word: &'p str,
    entry: Entry,
    hash: u64,
    /// Up to three bytes between.
    between: u64,
}

/// Bytes between two words that are looked past.
const WIDEST: usize = 4;
/// Bytes of a neighbour that are looked at.
const LONGEST: usize = 64;

impl<'p> Neighbour<'p> {
    /// The word before a place.
    fn before(page: &Page<'p>, lexicon: &Lexicon, place: usize) -> Self {
        let between = page.bytes()[..place].iter().rev().take(WIDEST).take_while(|byte| !is_letter(**byte));
        let last = place - between.count();
        let first = page.text.ceil_char_boundary(page.marks.word_start(last).max(last.saturating_sub(LONGEST)));
        Self::of(page, lexicon, (first, last), page.bytes()[last..place].iter().rev())
    }

    /// The word behind a place.
    fn behind(page: &Page<'p>, lexicon: &Lexicon, place: usize) -> Self {
        let between = page.bytes()[place..].iter().take(WIDEST).take_while(|byte| !is_letter(**byte));
        let first = place + between.count();
        let last = page.text.floor_char_boundary(page.marks.word_end(first).min(first + LONGEST));
        Self::of(page, lexicon, (first, last), page.bytes()[place..first].iter())
    }

    fn of<'b>(page: &Page<'p>, lexicon: &Lexicon, (first, last): (usize, usize), between: impl Iterator<Item = &'b u8>) -> Self {
        let word = &page.text[first..last];
        let hash = lexicon::hash(word);
        // A digit is any digit.
        let between = between.take(3).fold(1, |sum, byte| sum << 8 | u64::from(if byte.is_ascii_digit() { b'0' } else { *byte }));
        Self { word, entry: lexicon.entry_of(hash), hash, between }
    }

    /// What sort of word it is.
    fn class(&self) -> u64 {
        let entry = self.entry;
        let flags = [
            entry.is_common(),
            entry.given() >= 5,
            entry.family() >= 5,
            entry.is_place() || entry.is_people(),
            entry.is_brand(),
            entry.is_organisation_before(),
            entry.is_organisation_after(),
            entry.is_unknown(),
            self.word.starts_with(char::is_uppercase),
            self.word.is_empty(),
        ];
        bits(&flags) << 8 | u64::from(entry.opens_name()) << 4 | u64::from(entry.closes_name())
    }
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80
}

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

/// Calls with each trait of a run that covers these bytes.
///
/// `is_uncased`: whether nothing in the text is written with a capital but the beginnings of sentences.
pub(super) fn each(
    page: &Page<'_>,
    lexicon: &Lexicon,
    (start, end): (usize, usize),
    parts: &[Token],
    is_uncased: bool,
    mut put: impl FnMut(u32),
) {
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return };
    let (before, behind) = (Neighbour::before(page, lexicon, start), Neighbour::behind(page, lexicon, end));
    let (class_before, class_behind) = (before.class(), behind.class());
    let several = u64::from(parts.len() > 1);
    let mut kind = 0;
    let mut add = |one: u64, other: u64| {
        kind += 1;
        put(key(kind, one, other));
    };
    let (sort_first, sort_last) = (sort(first), sort(last));
    let known = step(first.entry.given()) << 4 | step(first.family) << 1 | several;
    let bytes = page.bytes();
    let (one, two) = (&bytes[first.start..first.end], &bytes[last.start..last.end]);
    // The words beside it.
    add(before.hash, before.between);
    add(behind.hash, behind.between);
    add(behind.hash, known);
    add(number(before.word.as_bytes().iter().rev(), 3), several);
    add(class_behind, sort_last);
    // The signs between.
    add(behind.between, sort_last);
    add(class_before, behind.between);
    add(class_behind, before.between);
    // Its own words.
    add(lexicon::hash_of(one), several);
    add(number(one.iter().rev(), 3), several);
    add(number(one.iter().rev(), 4), several);
    add(number(one.iter(), 3), several);
    add(sort_first, u64::from(is_uncased) << 1 | several);
    if parts.len() > 1 {
        add(number(two.iter().rev(), 4), several);
        add(sort_first, sort_last);
    }
}
