//! Which words in lower case are worth a look.
//!
//! Nearly every word of a text is in lower case and nobody's name. Of those only the first eight bytes are looked at: four bits of one word
//! of a table that names in lower case have set, as they are, in the genitive, and the most usual ones in Finnish and Icelandic cases. What
//! passes is looked up as any other word.

use std::sync::LazyLock;

use super::endings;
use crate::detect::lexicon::{self, Lexicon};

/// Words of the table: 256 KB. A beginning has all its bits in one of them, so that one look answers, and hardly ever with a surprise.
const WORDS: usize = 1 << 15;

static SIEVE: LazyLock<Sieve> = LazyLock::new(|| Sieve::of(lexicon::lexicon()));

/// What stands last before somebody's own name: `jag heter`, `nimeni on`.
const TELLING: [&str; 6] = ["heter", "hedder", "heiter", "heiti", "on", "is"];

/// Beginnings of words, as bits.
pub(super) struct Sieve {
    bits: Box<[u64; WORDS]>,
}

/// The table, filled on the first call.
pub(super) fn sieve() -> &'static Sieve {
    &SIEVE
}

impl Sieve {
    fn of(lexicon: &Lexicon) -> Self {
        let mut sieve = Self { bits: Box::new([0; WORDS]) };
        TELLING.iter().for_each(|word| sieve.add(word));
        for (name, entry) in lexicon.names_in_lower_case() {
            sieve.add(name);
            if name.len() < 8 {
                sieve.add(&format!("{name}s"));
            }
            // The beginning of a longer name stays what it is in all cases.
            if endings::is_inflected_in_lower_case(entry) && name.len() <= 10 {
                endings::inflect(name, |form| sieve.add(form));
            }
        }
        sieve
    }

    fn add(&mut self, word: &str) {
        let (place, bits) = place(beginning(word.as_bytes()));
        self.bits[place] |= bits;
    }

    /// Whether a word in lower case can be a name, by the first eight of its bytes (the others zero).
    #[inline(always)]
    pub(super) fn lets_through(&self, beginning: u64) -> bool {
        let (place, bits) = place(beginning);
        !self.bits[place] & bits == 0
    }
}

/// Where a beginning has its bits, and which.
#[inline(always)]
fn place(beginning: u64) -> (usize, u64) {
    let mixed = lexicon::fold(beginning, 0x9e37_79b9_7f4a_7c15);
    let bit = |from: u32| 1 << (mixed >> from & 63);
    ((mixed >> 49) as usize, bit(0) | bit(6) | bit(12) | bit(18))
}

/// The first eight bytes of a word, the others zero.
fn beginning(word: &[u8]) -> u64 {
    word.iter().take(8).enumerate().fold(0, |sum, (position, byte)| sum | u64::from(*byte) << (8 * position))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_their_usual_forms_pass_and_few_others_do() {
        for name in
            ["anna", "annas", "erik", "mohammed", "christopher", "jussilta", "annalle", "saaraa", "pekan", "önnu", "guðmundi", "ólafs"]
        {
            assert!(sieve().lets_through(beginning(name.as_bytes())), "{name}");
        }
        for (name, _) in lexicon::lexicon().names_in_lower_case() {
            assert!(sieve().lets_through(beginning(name.as_bytes())), "{name}");
        }
        let set: u32 = sieve().bits.iter().map(|bits| bits.count_ones()).sum();
        assert!(set < (WORDS * 64) as u32 / 4, "{set}");
    }

    #[test]
    fn what_passes_in_a_case_is_read_as_the_name() {
        for (written, name) in [("jussilta", "jussi"), ("annalle", "anna"), ("pekan", "pekka"), ("önnu", "anna"), ("guðmundi", "guðmundur")]
        {
            assert_eq!(endings::stem_in_lower_case(lexicon::lexicon(), written).hash, lexicon::hash(name), "{written}");
        }
        // A word is itself, though a name could be written so.
        assert!(!endings::stem_in_lower_case(lexicon::lexicon(), "ilta").is_inflected);
    }
}
