//! What is known of single words: which are names of people, towns, companies, titles, and which are ordinary words.
//!
//! The tables beside this file are made by `scripts/lexicon` from permissively licensed packages and lists of our own (`LICENCES.md`).
//! They are read once, into one table of hashes: an entry is 32 bits of a word's hash and 32 bits of what is known of it, so that two words
//! in a few thousand million are taken for one another, and 150,000 words fit in 2 MB. No word is kept as text.

use std::sync::LazyLock;

mod entry;
mod likeness;
mod surroundings;

pub(super) use entry::Entry;

const NAMES: &str = include_str!("names.txt");
const WORDS: &str = include_str!("words.txt");
const COMMON: &str = include_str!("common.txt");
const PLACES: &str = include_str!("places.txt");
const ORGANISATIONS: &str = include_str!("organisations.txt");
const BRANDS: &str = include_str!("brands.txt");
const TITLES: &str = include_str!("titles.txt");

static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::read);

/// The words of all tables.
#[derive(Debug)]
pub(super) struct Lexicon {
    slots: Vec<u64>,
    likeness: likeness::Likeness,
    /// A bit for each hash that is in the table, among eight times as many: most words are in none, and this fits in the processor's
    /// nearer memory.
    known: Vec<u64>,
}

/// The most words that an entry of several words has.
pub(super) const MOST_WORDS: usize = 4;

/// The tables, read on the first call.
pub(super) fn lexicon() -> &'static Lexicon {
    &LEXICON
}

impl Lexicon {
    /// What is known of a word, whatever its case; nothing where it is in no table. Several words are parted by single spaces.
    pub(super) fn entry(&self, word: &str) -> Entry {
        self.entry_of(hash(word))
    }

    /// As [`entry`](Self::entry), by the word's [`hash`].
    #[inline]
    pub(super) fn entry_of(&self, hash: u64) -> Entry {
        let bit = known_bit(hash);
        if self.known[bit >> 6] >> (bit & 63) & 1 == 0 {
            return Entry::default();
        }
        let mask = self.slots.len() - 1;
        let tag = tag(hash);
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot == 0 {
                return Entry::default();
            }
            if slot >> 32 == tag {
                return Entry::from_bits(slot as u32);
            }
            at = (at + 1) & mask;
        }
    }

    /// How much a word that is in no table is built like a name: -1 to 1.
    pub(super) fn likeness(&self, word: &str) -> f32 {
        self.likeness.of_word(word)
    }

    /// The names of the tables that are looked for in lower case, with what is known of them.
    pub(super) fn names_in_lower_case(&self) -> impl Iterator<Item = (&'static str, Entry)> {
        let names = lines(NAMES).filter_map(|line| line.split('\t').next());
        let is_sought = |entry: Entry| entry.is_name_in_lower_case() || entry.may_be_name_in_lower_case();
        names.map(|name| (name, self.entry(name))).filter(move |(_, entry)| is_sought(*entry))
    }

    fn read() -> Self {
        let mut words: Vec<(u64, Entry)> = Vec::with_capacity(200_000);
        let mut add = |word: &str, entry: Entry| {
            words.push((hash(word), entry));
            // What begins an entry of several words says so, or nobody would look for it.
            if let (Some((first, _)), Some((_, last))) = (word.split_once(' '), word.rsplit_once(' ')) {
                words.push((hash(first), Entry::default().beginning_phrase()));
                words.push((hash(last), Entry::default().ending_phrase()));
            }
        };
        for line in lines(NAMES) {
            let mut fields = line.split('\t');
            let name = fields.next().unwrap_or_default();
            let (given, family) = (digit(fields.next()), digit(fields.next()));
            // The rarest say little more than an unknown word does, and would be a third of the table.
            if given.max(family) > 2 {
                add(name, Entry::default().with_names(given, family));
            }
        }
        for line in lines(WORDS) {
            let mut fields = line.split('\t');
            let word = fields.next().unwrap_or_default();
            add(word, Entry::default().with_word(digit(fields.nth(1))));
        }
        for word in lines(COMMON) {
            add(word, Entry::default().common());
        }
        for word in lines(BRANDS) {
            add(word, Entry::default().brand());
        }
        for line in lines(PLACES) {
            if let Some((place, class)) = line.split_once('\t') {
                add(place, Entry::default().place(class));
            }
        }
        for (words, entry) in surroundings::ALL {
            words.iter().for_each(|word| add(word, entry()));
        }
        for line in lines(ORGANISATIONS) {
            if let Some((word, side)) = line.split_once('\t') {
                add(word, Entry::default().organisation(side));
            }
        }
        for line in lines(TITLES) {
            let mut fields = line.split('\t');
            let title = fields.next().unwrap_or_default();
            let side = fields.next().unwrap_or_default();
            add(title, Entry::default().title(side, digit(fields.next())));
        }
        let mut known_bits = vec![0_u64; KNOWN_BITS / 64];
        for (hash, _) in &words {
            let bit = known_bit(*hash);
            known_bits[bit >> 6] |= 1 << (bit & 63);
        }
        let mut slots = vec![0_u64; (words.len() * 2).next_power_of_two()];
        let mask = slots.len() - 1;
        for (hash, entry) in &words {
            let mut at = *hash as usize & mask;
            while slots[at] != 0 && slots[at] >> 32 != tag(*hash) {
                at = (at + 1) & mask;
            }
            let known = Entry::from_bits(slots[at] as u32);
            slots[at] = tag(*hash) << 32 | u64::from(known.and(*entry).bits());
        }
        let first = |line: &'static str| line.split('\t').next().unwrap_or_default();
        let usual = |line: &&str| line.split('\t').skip(1).any(|weight| digit(Some(weight)) >= 3);
        let others = lines(COMMON).chain(lines(BRANDS)).chain(lines(PLACES).map(first)).filter(|word| !word.contains(' '));
        let likeness = likeness::Likeness::of(lines(NAMES).filter(usual).map(first), others);
        Self { slots, likeness, known: known_bits }
    }
}

/// Bits for known words: 128 KB.
const KNOWN_BITS: usize = 1 << 20;

#[inline(always)]
fn known_bit(hash: u64) -> usize {
    (hash >> 20) as usize & (KNOWN_BITS - 1)
}

fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn digit(field: Option<&str>) -> u32 {
    field.and_then(|field| field.parse().ok()).unwrap_or(0)
}

const fn tag(hash: u64) -> u64 {
    // An empty slot is zero, so no tag is.
    hash >> 32 | 1
}

/// No word of letters beyond Latin-1 is longer, in bytes; what is longer has the hash of its beginning, which no table holds.
const LONGEST: usize = 64;

/// The bit that makes small letters of ASCII's capitals. It does the same to the second byte of Latin-1's, and what else it changes, it
/// changes in both cases alike.
const SMALL: u64 = 0x2020_2020_2020_2020;

/// The hash of a word in lower case. Not secret: only for finding what is in a table.
#[inline]
pub(super) fn hash(word: &str) -> u64 {
    hash_of(word.as_bytes())
}

/// As [`hash`], of a word's UTF-8 bytes.
#[inline]
pub(super) fn hash_of(bytes: &[u8]) -> u64 {
    let (state, is_beyond) = mixed::<SMALL>(bytes);
    if is_beyond { hash_by_letters(bytes) } else { state }
}

/// The hash of a word as it is written.
#[inline(always)]
pub(super) fn hash_as_written(bytes: &[u8]) -> u64 {
    mixed::<0>(bytes).0
}

/// The hash of bytes with some bits set in each eight of them, and whether one begins a character beyond Latin-1.
#[inline(always)]
fn mixed<const SET: u64>(bytes: &[u8]) -> (u64, bool) {
    let (chunks, rest) = bytes.as_chunks::<8>();
    let mut state = begin(bytes.len());
    let mut is_beyond = 0;
    for chunk in chunks {
        let eight = u64::from_le_bytes(*chunk);
        is_beyond |= beyond_latin(eight);
        state = mix(state, eight | SET);
    }
    if !rest.is_empty() {
        let last = last_bytes(bytes, rest);
        is_beyond |= beyond_latin(last);
        state = mix(state, last | SET);
    }
    (finish(state), is_beyond != 0)
}

/// As [`hash`], for letters beyond Latin-1.
#[cold]
fn hash_by_letters(bytes: &[u8]) -> u64 {
    let word = str::from_utf8(bytes).unwrap_or_default();
    let mut lower = [0_u8; LONGEST];
    let mut length = 0;
    for letter in word.chars().flat_map(char::to_lowercase) {
        let mut bytes = [0; 4];
        let bytes = letter.encode_utf8(&mut bytes).as_bytes();
        let Some(place) = lower.get_mut(length..length + bytes.len()) else { break };
        place.copy_from_slice(bytes);
        length += bytes.len();
    }
    let chunks = lower.as_chunks::<8>().0.iter().take(length.div_ceil(8));
    finish(chunks.fold(begin(length), |state, chunk| mix(state, u64::from_le_bytes(*chunk) | SMALL)))
}

/// The bytes of a word behind its whole eights, one to seven, the others zero.
#[inline(always)]
fn last_bytes(word: &[u8], rest: &[u8]) -> u64 {
    if let Some(eight) = word.last_chunk::<8>() {
        return u64::from_le_bytes(*eight) >> (64 - 8 * rest.len());
    }
    match (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
        (Some(first), Some(last)) => {
            let (first, last) = (u64::from(u32::from_le_bytes(*first)), u64::from(u32::from_le_bytes(*last)));
            first | last << (8 * (rest.len() - 4))
        }
        _ => rest.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
    }
}

/// Not zero where one of eight bytes begins a character beyond Latin-1.
#[inline(always)]
fn beyond_latin(eight: u64) -> u64 {
    // 11 in the highest bits, and not 0000 behind them, as in 0xc3.
    eight & eight << 1 & (eight << 2 | eight << 3 | eight << 4 | eight << 5) & 0x8080_8080_8080_8080
}

#[inline(always)]
fn begin(length: usize) -> u64 {
    0x51ab_c0de_9d2c_5680 ^ length as u64
}

#[inline(always)]
fn mix(state: u64, eight: u64) -> u64 {
    fold(state ^ eight, 0x9fb2_1c65_1e98_df25)
}

#[inline(always)]
fn finish(state: u64) -> u64 {
    fold(state, 0xd6e8_feb8_6659_fd93)
}

/// Mixes two numbers into one.
#[inline(always)]
pub(super) fn fold(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    (product as u64) ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_case_and_others_are_not() {
        let lexicon = lexicon();
        for word in ["anna", "Anna", "ANNA"] {
            assert!(lexicon.entry(word).given() >= 8, "{word}");
        }
        assert!(lexicon.entry("Åsa").given() > 0 && lexicon.entry("ÅSA") == lexicon.entry("åsa"));
        assert!(lexicon.entry("svensson").family() >= 8);
        assert_eq!(lexicon.entry("qqzzxxyy"), Entry::default());
        assert_eq!(lexicon.entry(""), Entry::default());
        assert!(lexicon.entry("København").is_place());
        assert!(lexicon.entry("aktiebolag").is_organisation_after());
    }

    #[test]
    fn letters_of_latin_1_are_lowered_as_all_others() {
        for letter in ('A'..='\u{17f}').filter(|letter| letter.is_alphabetic() && *letter != '\u{130}') {
            let word = format!("x{letter}y");
            assert_eq!(hash(&word), hash_by_letters(word.as_bytes()), "{letter}");
        }
    }

    #[test]
    fn no_two_words_of_the_tables_share_a_hash() {
        let tables = [NAMES, WORDS, COMMON, PLACES, ORGANISATIONS, BRANDS, TITLES];
        let mut words: Vec<&str> = tables.into_iter().flat_map(lines).filter_map(|line| line.split('\t').next()).collect();
        words.sort_unstable();
        words.dedup();
        let mut hashes: Vec<u64> = words.iter().map(|word| tag(hash(word))).collect();
        hashes.sort_unstable();
        hashes.dedup();
        // Of 150,000 words in 2³¹ tags about five pairs meet; more would be a poor hash.
        assert!(words.len() - hashes.len() < 20, "{} of {}", words.len() - hashes.len(), words.len());
    }
}
