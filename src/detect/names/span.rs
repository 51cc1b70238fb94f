//! Which bytes a name covers: its words, and what is written onto the last and before the first.

use super::Reader;
use super::tokens::{Shape, Token};

impl Reader<'_, '_> {
    /// The span of a name: its parts, and a genitive behind an apostrophe or colon.
    pub(super) fn span(&self, parts: &[Token]) -> (usize, usize) {
        let start = parts.first().map_or(0, |token| token.start);
        let mut end = parts.last().map_or(0, |token| token.end);
        let bytes = self.page.bytes();
        if matches!(bytes.get(end), Some(b'\'' | b':')) {
            let tail = self.page.marks.word_end(end + 1);
            let ending = &self.page.text[end + 1..tail.max(end + 1)];
            if matches!(ending, "s" | "n" | "lle" | "lla" | "lta" | "ssa" | "sta" | "in" | "a") {
                end = tail;
            }
        }
        // `nisse h`: an initial in lower case.
        if let Some(last) = parts.last().filter(|last| last.shape == Shape::Lower && last.entry.given() >= 5)
            && let [b' ', letter, rest @ ..] = &bytes[last.end..]
            && letter.is_ascii_lowercase()
            && !b"aeiouy".contains(letter)
            && !rest.first().is_some_and(|next| next.is_ascii_alphanumeric() || matches!(next, b'/' | b':' | b'-' | b'\'' | 0x80..))
        {
            end = last.end + 2;
        }
        // `Lee Jun-ho`, `Jussi Halla-aho`.
        if parts.len() > 1
            && bytes.get(end) == Some(&b'-')
            && bytes.get(end + 1).is_some_and(|next| next.is_ascii_lowercase() || *next >= 0x80)
        {
            let tail = self.page.marks.word_end(end + 1);
            if tail - end <= 4 || tail - end <= 8 && self.words.of(&self.page.text[end + 1..tail]).entry.is_unknown() {
                end = tail;
            }
        }
        (self.with_particle(start), end)
    }

    /// Where a name begins whose first part a particle stands before: `von Gerdten`, `al-Assad`.
    fn with_particle(&self, start: usize) -> usize {
        const PARTICLES: [&str; 15] = [
            "von ", "van ", "van der ", "van de ", "van den ", "von der ", "al-", "el-", "bin ", "ibn ", "ben ", "zu ", "Von ", "Van ",
            "Af ",
        ];
        if !matches!(self.page.bytes()[..start], [.., b'n' | b'r' | b'e' | b'u' | b'f', b' '] | [.., b'l', b'-']) {
            return start;
        }
        let before = &self.page.text[..start];
        // `Af Ugglas` has a given name before it; at the beginning of a line it is Danish for `by`.
        let is_free = |particle: &str, head: &str| {
            !head.ends_with(|character: char| character.is_alphanumeric() || character == '-')
                && (particle != "Af " || head.trim_end_matches(' ').ends_with(char::is_alphabetic))
        };
        let heads = PARTICLES.iter().filter_map(|particle| before.strip_suffix(particle).filter(|head| is_free(particle, head)));
        heads.map(str::len).min().unwrap_or(start)
    }
}
