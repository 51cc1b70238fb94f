//! Which words in lower case are worth a look.
//!
//! Nearly every word of a text is in lower case and nobody's name. Of those only the first eight bytes are looked at: three bits of a table
//! that names in lower case have set, as they are, in the genitive, and the most usual ones in Finnish and Icelandic cases. What passes is
//! looked up as any other word.

use std::sync::LazyLock;

use super::endings;
use crate::detect::lexicon::{self, Lexicon};

/// Bits of the table: 256 KB, of which a sixth is set.
const BITS: usize = 1 << 21;

static SIEVE: LazyLock<Sieve> = LazyLock::new(|| Sieve::of(lexicon::lexicon()));

/// Beginnings of words, as bits.
pub(super) struct Sieve {
    bits: Vec<u64>,
}

/// The table, filled on the first call.
pub(super) fn sieve() -> &'static Sieve {
    &SIEVE
}

impl Sieve {
    fn of(lexicon: &Lexicon) -> Self {
        let mut sieve = Self { bits: vec![0; BITS / 64] };
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
        for bit in places(beginning(word.as_bytes())) {
            self.bits[bit >> 6] |= 1 << (bit & 63);
        }
    }

    /// Whether a word in lower case can be a name, by the first eight of its bytes (the others zero).
    #[inline(always)]
    pub(super) fn lets_through(&self, beginning: u64) -> bool {
        places(beginning).into_iter().all(|bit| self.bits[bit >> 6] >> (bit & 63) & 1 == 1)
    }
}

/// Where a beginning has its three bits.
#[inline(always)]
fn places(beginning: u64) -> [usize; 3] {
    let mixed = lexicon::fold(beginning, 0x9e37_79b9_7f4a_7c15);
    [(mixed >> 43) as usize, mixed as usize & (BITS - 1), (mixed >> 21) as usize & (BITS - 1)]
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
        assert!(set < BITS as u32 / 5, "{set}");
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
