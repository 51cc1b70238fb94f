//! Who was named in full in a text, so that one name alone is known again.

use super::tokens::Token;

/// What is kept of whoever was named in full: hashes of single names. A text names more people than this only in lists.
const REMEMBERED: usize = 64;

/// People named in full in one text.
#[derive(Debug)]
pub(super) struct Memory {
    names: [u64; REMEMBERED],
    length: usize,
    /// A bit for how each name begins: what begins otherwise is no form of any.
    beginnings: u64,
}

impl Default for Memory {
    fn default() -> Self {
        Self { names: [0; REMEMBERED], length: 0, beginnings: 0 }
    }
}

impl Memory {
    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Whether a name of somebody begins as this word does.
    pub(super) fn begins_alike(&self, word: &str) -> bool {
        self.beginnings & beginning(word) != 0
    }

    /// Keeps a name, by the hash of its stem, and the word as it was written.
    fn remember(&mut self, name: u64, word: &str) {
        self.beginnings |= beginning(word);
        if !self.knows(name)
            && let Some(place) = self.names.get_mut(self.length)
        {
            *place = name;
            self.length += 1;
        }
    }

    /// Keeps the parts of a name.
    pub(super) fn remember_all(&mut self, text: &str, parts: &[Token]) {
        parts.iter().filter(|token| token.is_telling()).for_each(|token| self.remember(token.stem, &text[token.start..token.end]));
    }

    pub(super) fn knows(&self, name: u64) -> bool {
        self.names[..self.length].contains(&name)
    }
}

/// A bit for the first two letters of a word.
fn beginning(word: &str) -> u64 {
    let two = word.as_bytes().first_chunk().map_or(0, |two| u16::from_le_bytes(*two) | 0x2020);
    1 << (two.wrapping_mul(0x9e37) >> 10)
}
