//! Who was named in full in a text, so that one name alone is known again.

use super::endings;
use super::tokens::Token;

/// What is kept of whoever was named in full: hashes of single names. A text names more people than this only in lists.
const REMEMBERED: usize = 64;

/// What is kept of forms, of which a word has a few.
const STEMS: usize = 128;

/// People named in full in one text.
#[derive(Debug)]
pub(super) struct Memory {
    names: [u64; REMEMBERED],
    length: usize,
    /// A bit for how each name begins: what begins otherwise is no form of any.
    beginnings: u64,
    /// A bit for the hash of each name.
    hashes: u64,
    /// What words that are in no table may be forms of: `Malaspinan` of `Malaspina`.
    stems: [u64; STEMS],
    stems_length: usize,
}

impl Default for Memory {
    fn default() -> Self {
        Self { names: [0; REMEMBERED], length: 0, beginnings: 0, hashes: 0, stems: [0; STEMS], stems_length: 0 }
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
            self.hashes |= 1 << (name >> 58);
            self.length += 1;
        }
    }

    /// Keeps the parts of a name.
    pub(super) fn remember_all(&mut self, text: &str, parts: &[Token]) {
        for token in parts.iter().filter(|token| token.is_telling()) {
            let word = &text[token.start..token.end];
            self.remember(token.stem, word);
            if token.entry.is_unknown() {
                for stem in endings::stems(word) {
                    if let Some(place) = self.stems.get_mut(self.stems_length) {
                        *place = stem;
                        self.stems_length += 1;
                    }
                }
            }
        }
    }

    /// Whether a word may be another form of a name that is in no table, or the name itself.
    pub(super) fn may_know(&self, word: &str) -> bool {
        let stems = &self.stems[..self.stems_length];
        !stems.is_empty() && endings::is_form_of(word, |hash| stems.contains(&hash))
    }

    pub(super) fn knows(&self, name: u64) -> bool {
        self.hashes >> (name >> 58) & 1 == 1 && self.names[..self.length].contains(&name)
    }
}

/// A bit for the first two letters of a word.
fn beginning(word: &str) -> u64 {
    let two = word.as_bytes().first_chunk().map_or(0, |two| u16::from_le_bytes(*two) | 0x2020);
    1 << (two.wrapping_mul(0x9e37) >> 10)
}
