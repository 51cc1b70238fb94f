//! What is known of words as they are written, wherever they stand.
//!
//! A company's notes use the same words over and over. So what the tables say of one (its stem, how it is built, what its own traits add
//! up to) is worked out once and kept in a small table, from which a word that is seldom seen is driven out by the next in its place.
//! A kept word is known again by 64 bits of its hash.

use std::cell::Cell;

use super::endings;
use super::odds::odds;
use super::tokens::Shape;
use super::traits;
use crate::detect::lexicon::{self, Entry, lexicon};

/// Words of each sort that are kept, once there were many: 1.3 MB of parts of names, which are many and seldom the same, and 320 KB of
/// others.
const MOST_PARTS: usize = 1 << 15;
const MOST_OTHERS: usize = 1 << 13;

/// Words of each sort that are kept of a first short text.
const FEWEST: usize = 1 << 6;

/// What the traits of one word come to in log odds.
fn sum(each: impl Fn(&mut dyn FnMut(u32))) -> f32 {
    let mut sum = 0.0;
    each(&mut |key| sum += odds().of_trait(key));
    sum
}

/// What is known of a word in some respect, and kept.
pub(super) trait Known: Copy + Default {
    fn read(word: &str) -> Self;
}

/// A word that stands beside others.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Word {
    /// Its hash in lower case.
    pub(super) hash: u64,
    /// What the tables say of it as it stands.
    pub(super) entry: Entry,
    /// What sort of word it is.
    pub(super) class: u32,
    /// What its end says of a name of one word, or several, behind it.
    pub(super) before: [f32; 2],
    pub(super) is_capitalised: bool,
    pub(super) is_in_lower_case: bool,
    pub(super) is_article: bool,
    /// Whether it is built like a word for somebody who does something: `bagaren`, `valmentaja`.
    pub(super) is_role: bool,
}

impl Known for Word {
    fn read(word: &str) -> Self {
        let hash = lexicon::hash(word);
        let entry = lexicon().entry_of(hash);
        let first = word.chars().next();
        Self {
            hash,
            entry,
            class: traits::class(word, entry),
            before: [false, true].map(|several| sum(|put| traits::before(word, several, put))),
            is_capitalised: first.is_some_and(char::is_uppercase),
            is_in_lower_case: first.is_some_and(char::is_lowercase),
            is_article: is_article(word),
            is_role: is_role(word),
        }
    }
}

/// A word that may be part of a name.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Part {
    /// The hash of its uninflected form.
    pub(super) stem: u64,
    /// What the tables say of its uninflected form.
    pub(super) entry: Entry,
    /// How much it is built like a name: -1 to 1.
    pub(super) likeness: f32,
    /// What its own traits say, where it is a name's only word and where it is the first of several.
    pub(super) own: [f32; 2],
    /// What its end says where it is the last word of several.
    pub(super) last: f32,
    pub(super) shape: Shape,
    /// How much it is a family's name, by the tables or by its form: 0 to 9.
    pub(super) family: u8,
    /// Whether it is a form of its stem.
    pub(super) is_inflected: bool,
    /// Whether it is a particle that is written with a capital too: `Fatima El Amrani`.
    pub(super) is_capital_particle: bool,
}

impl Known for Part {
    fn read(word: &str) -> Self {
        let shape = Shape::of(word);
        let stem = if shape == Shape::Lower { endings::stem_in_lower_case(lexicon(), word) } else { endings::stem(lexicon(), word) };
        let is_shaped = shape == Shape::Capital && stem.entry.is_unknown();
        let family = if is_shaped { endings::family_shape(word) } else { stem.entry.family() };
        Self {
            stem: stem.hash,
            entry: stem.entry,
            likeness: lexicon().likeness(word),
            own: [false, true].map(|several| sum(|put| traits::own(word, several, put))),
            last: sum(|put| traits::last(word, put)),
            shape,
            family: family as u8,
            is_inflected: stem.is_inflected,
            is_capital_particle: is_capital_particle(word),
        }
    }
}

/// Articles and what stands in their place.
fn is_article(word: &str) -> bool {
    const ARTICLES: [&str; 22] = [
        "the", "a", "an", "this", "that", "these", "those", "en", "ett", "et", "ei", "eit", "den", "det", "denna", "detta", "dessa",
        "denne", "dette", "disse", "tämä", "þessi",
    ];
    word.len() <= 6 && ARTICLES.iter().any(|article| word.eq_ignore_ascii_case(article))
}

fn is_capital_particle(word: &str) -> bool {
    matches!(word, "El" | "Al" | "De" | "Van" | "Von" | "Der" | "La" | "Le" | "Di" | "Da" | "Abu" | "Ben" | "Bin" | "Abdel")
}

/// Ends of words for those who do something, by their last byte.
#[rustfmt::skip]
const ROLES: [(u8, &[&str]); 11] = [
    (b'a', &["inna", "ja"]),
    (b'e', &["are", "ledare"]),
    (b'f', &["chef", "sjef"]),
    (b'h', &["smith"]),
    (b'i', &["äri", "ari", "ori", "eri", "stjóri"]),
    (b'n', &["aren", "ören", "øren", "isten", "chefen", "sjefen", "lederen", "spilleren", "ministern", "ministeren", "mannen", "manden", "mann", "kvinnan", "innan", "moren", "faren", "modern", "fadern", "brodern", "läkaren", "lægen", "legen", "skan", "treneren", "konan", "ician", "woman"]),
    (b'r', &["ör", "ør", "leder", "spiller", "mester", "minister", "trener", "træner", "dommer", "forsker", "maður"]),
    (b's', &["mies"]),
    (b't', &["ist", "ologist"]),
    (0xa4, &["jä"]),
    (0xb6, &["kkö"]),
];

fn is_role(word: &str) -> bool {
    let last = word.as_bytes().last().copied().unwrap_or(0);
    let endings = ROLES.iter().find(|(byte, _)| *byte == last);
    word.len() >= 5 && endings.is_some_and(|(_, endings)| endings.iter().any(|ending| word.ends_with(ending)))
}

/// What is known of the words that were seen lately.
#[derive(Debug)]
struct Kept<K: Copy> {
    /// What is known of a word, and the hash of the word as it is written, which is never zero.
    slots: Vec<Cell<(u64, K)>>,
    /// How often a word was worked out.
    read: Cell<usize>,
}

impl<K: Known> Default for Kept<K> {
    fn default() -> Self {
        Self { slots: vec![Cell::default(); FEWEST], read: Cell::new(0) }
    }
}

impl<K: Known> Kept<K> {
    #[inline(always)]
    fn of(&self, word: &str) -> K {
        let key = lexicon::hash_as_written(word.as_bytes()) | 1;
        let slot = &self.slots[(key >> 32) as usize & (self.slots.len() - 1)];
        let (kept, known) = slot.get();
        if kept == key { known } else { self.read(word, key, slot) }
    }

    #[inline(never)]
    fn read(&self, word: &str, key: u64, slot: &Cell<(u64, K)>) -> K {
        let known = K::read(word);
        slot.set((key, known));
        self.read.set(self.read.get() + 1);
        known
    }

    fn grow(&mut self, most: usize) {
        if self.slots.len() < most && self.read.get() > self.slots.len() {
            self.slots.clear();
            self.slots.resize(most, Cell::default());
        }
    }
}

/// The words that were seen lately.
#[derive(Debug, Default)]
pub(super) struct Words {
    parts: Kept<Part>,
    others: Kept<Word>,
}

impl Words {
    /// What is known of a word, which may be empty, beside others.
    #[inline]
    pub(super) fn of(&self, word: &str) -> Word {
        self.others.of(word)
    }

    /// What is known of a word as part of a name.
    #[inline]
    pub(super) fn part(&self, word: &str) -> Part {
        self.parts.of(word)
    }

    /// Makes room for more words, if there were more than it was made for.
    pub(super) fn grow(&mut self) {
        self.parts.grow(MOST_PARTS);
        self.others.grow(MOST_OTHERS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_what_it_is_whoever_had_its_place() {
        // Of a few places, each is taken by many words in turn.
        let words = Words::default();
        let tail = |number: usize| format!("{}{}", "abcdefghij".repeat(number / 40 % 3), &"xyz"[..number % 4 % 3]);
        let written: Vec<String> =
            (0..4_000).map(|number| ["Anna", "kund", "Å", "virtaselle", "bagaren", "The"][number % 6].to_owned() + &tail(number)).collect();
        for word in written.iter().chain(&written) {
            assert_eq!(format!("{:?}", words.of(word)), format!("{:?}", Word::read(word)), "{word}");
            assert_eq!(format!("{:?}", words.part(word)), format!("{:?}", Part::read(word)), "{word}");
        }
    }

    #[test]
    fn case_matters_as_it_is_written() {
        let words = Words::default();
        assert!(words.of("Anna").is_capitalised && words.of("anna").is_in_lower_case);
        assert!(words.of("The").is_article && words.of("bagaren").is_role && !words.of("bagar").is_role);
        let shape = |word| words.part(word).shape;
        assert_eq!((shape("ANNA"), shape("Anna"), shape("A"), shape("anna")), (Shape::Upper, Shape::Capital, Shape::Initial, Shape::Lower));
        assert_eq!(words.part("Virtaselle").stem, words.of("virtanen").hash);
        assert!(words.part("Virtaselle").is_inflected && !words.part("virtanen").is_inflected);
    }
}
