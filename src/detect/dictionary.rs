//! The names that a tenant's people bear, as a dictionary for texts about anyone.
//!
//! Data comes in as full names (every subject and member of staff of one tenant) and stays as fingerprints: 64 bits of a folded part under
//! a key, never the text. Whoever reads free text asks whether a word is somebody's given or family name here, how usual it is, and whether
//! two words are one person's. Dictionaries of two tenants have two keys, so that nothing is learnt from comparing them; a dictionary is
//! nevertheless personal data, since whoever has the key can ask for any name, and is neither written nor logged.
//!
//! ```text
//! Dictionary::builder(1 << 20, key), add("Anna-Lisa Sjöberg"), add("Lind, Anna"), add("Bo Lind"), add("Sjöberg Bygg AB"), build():
//! contains_part("sjoberg")     → a family name of one
//! contains_part("ANNA")        → a given name of two or three
//! contains_pair("Bo", "Lind")  → yes
//! contains_pair("Bo", "Berg")  → no
//! contains_part("Bygg")        → nobody's
//! ```
//!
//! # What is a part
//!
//! A name in the record's usual order ends with the family name; behind a comma stands the given name (`Lind, Anna`). Particles (`von`, `al`,
//! `de`) and single letters are no parts. A hyphenated name is each of its halves and the whole (`annalisa`). Names of more than six words,
//! names with digits or an `@`, and names with a company's suffix (`AB`, `Oy`, `ApS`) or word are not added.
//!
//! # Asking
//!
//! Words are folded: case and diacritics do not count. Of `ö` and `oe` only the first is known; endings (`Annas`, `Virtasen`) are taken off
//! by whoever asks, and so is the hyphen of a double name (`Anna-Lisa` is asked for as `Anna`, `Lisa` or `AnnaLisa`: what is no letter is
//! left out). Asking allocates nothing and looks at one or two lines of memory.
//!
//! # Bounds
//!
//! An entry takes twelve bytes: fingerprint, role and count. While it is built twice as many are kept as fit, in the order of their
//! fingerprints; what does not fit any more is dropped, the rarest first, and among those as rare as each other the greatest fingerprints:
//! [`Dictionary::dropped`] says how many. So the same names give the same dictionary in any order and in any number of pieces, as long as
//! the builders themselves have dropped nothing ([`Builder::has_room`]). Two names share a fingerprint with a probability of one in
//! 2⁶⁴ for each pair: among ten million names, one in four hundred thousand dictionaries holds such a pair.

use std::collections::HashMap;

use super::known::fold_into;

/// Bytes that an entry takes.
pub const BYTES_PER_ENTRY: usize = 12;

/// More words than a person's name has.
const MOST_WORDS: usize = 6;

/// What a part of a name is to those who bear it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A given name.
    Given,
    /// A family name.
    Family,
    /// A given name of some and a family name of others.
    Both,
}

/// What the dictionary knows of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is to those who bear it.
    pub role: Role,
    /// The logarithm to the base two of how many bear it, rounded down: 0 for one, 1 for two and three, 10 for a thousand.
    pub bearers_log: u8,
}

impl Part {
    /// The least number of bearers that the part has.
    pub fn bearers_at_least(self) -> u64 {
        1 << self.bearers_log.min(63)
    }
}

const GIVEN: u32 = 1 << 31;
const FAMILY: u32 = 1 << 30;
const PAIR: u32 = 1 << 29;
const COUNT: u32 = PAIR - 1;

/// The roles and the count of one fingerprint.
fn joined(one: u32, other: u32) -> u32 {
    let count = (one & COUNT).saturating_add(other & COUNT).min(COUNT);
    ((one | other) & !COUNT) | count
}

/// The names of one tenant's people, as fingerprints.
pub struct Dictionary {
    key: [u64; 2],
    /// Ascending.
    fingerprints: Box<[u64]>,
    /// Roles and counts, in the same order.
    entries: Box<[u32]>,
    /// Where the fingerprints with the same first bits begin, so that a search begins near its end.
    starts: Box<[u32]>,
    shift: u32,
    dropped: u64,
}

/// Collects names for a [`Dictionary`].
pub struct Builder {
    key: [u64; 2],
    entries: HashMap<u64, u32>,
    most: usize,
    dropped: u64,
}

impl Dictionary {
    /// A builder of a dictionary of at most so many bytes, under the tenant's key.
    pub fn builder(bound_bytes: usize, key: [u8; 16]) -> Builder {
        let (low, high) = key.split_at(8);
        let read = |bytes: &[u8]| bytes.iter().rev().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
        Builder { key: [read(low), read(high)], entries: HashMap::new(), most: bound_bytes / BYTES_PER_ENTRY, dropped: 0 }
    }

    /// What is known of a word, which is folded before it is looked for; nothing if it is nobody's name here.
    pub fn contains_part(&self, word: &str) -> Option<Part> {
        let entry = self.find(fingerprint(self.key, word, "")?)?;
        let role = match (entry & GIVEN != 0, entry & FAMILY != 0) {
            (true, true) => Role::Both,
            (true, false) => Role::Given,
            (false, true) => Role::Family,
            (false, false) => return None,
        };
        Some(Part { role, bearers_log: (entry & COUNT).max(1).ilog2() as u8 })
    }

    /// Whether somebody bears these two as given and family name.
    pub fn contains_pair(&self, given: &str, family: &str) -> bool {
        fingerprint(self.key, given, family).and_then(|fingerprint| self.find(fingerprint)).is_some_and(|entry| entry & PAIR != 0)
    }

    /// How many parts and pairs it holds.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many parts and pairs did not fit. Names that are not known here may be somebody's all the same where this is not zero.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    fn find(&self, fingerprint: u64) -> Option<u32> {
        let bucket = fingerprint.checked_shr(self.shift).unwrap_or(0) as usize;
        let (first, last) = (*self.starts.get(bucket)? as usize, *self.starts.get(bucket + 1)? as usize);
        let at = self.fingerprints.get(first..last)?.binary_search(&fingerprint).ok()?;
        self.entries.get(first + at).copied()
    }
}

impl std::fmt::Debug for Dictionary {
    /// Counts only.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Dictionary").field("entries", &self.len()).field("dropped", &self.dropped).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Builder {
    /// Counts only.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Builder").field("entries", &self.entries.len()).field("dropped", &self.dropped).finish_non_exhaustive()
    }
}

impl Builder {
    /// Adds a person's full name, as a record holds it. A company's is not added.
    pub fn add(&mut self, full_name: &str) {
        let (family_first, name) = match full_name.split_once(',') {
            Some((family, given)) => (Some(family), given),
            None => (None, full_name),
        };
        let words = |text: &'_ str| text.split_whitespace().map(str::to_owned).collect::<Vec<String>>();
        let mut given = words(name);
        let mut family = family_first.map(words).unwrap_or_default();
        if given.len() + family.len() > MOST_WORDS || full_name.contains(|sign: char| sign.is_numeric() || matches!(sign, '@' | '/' | '&'))
        {
            return;
        }
        if given.iter().chain(&family).any(|word| is_company(word)) {
            return;
        }
        if family.is_empty() && given.len() > 1 {
            family.extend(given.pop());
        }
        let parts = |words: &[String]| -> Vec<String> {
            let halves = words.iter().flat_map(|word| word.split('-').filter(|half| *half != word.as_str()).map(str::to_owned));
            let mut parts: Vec<String> = words.iter().cloned().chain(halves).filter(|word| is_part(word)).collect();
            parts.sort();
            parts.dedup();
            parts
        };
        let (given, family) = (parts(&given), parts(&family));
        for part in &given {
            self.count(part, "", GIVEN);
        }
        for part in &family {
            self.count(part, "", FAMILY);
            for other in &given {
                self.count(other, part, PAIR);
            }
        }
    }

    fn count(&mut self, first: &str, second: &str, role: u32) {
        let Some(fingerprint) = fingerprint(self.key, first, second) else { return };
        let entry = self.entries.entry(fingerprint).or_default();
        *entry = joined(*entry, role | 1);
        if self.entries.len() > self.most.saturating_mul(2).max(16) {
            self.shrink();
        }
    }

    /// Adds what another builder of the same key and bound collected of other names: as if this one had been given them too.
    pub fn merge(&mut self, other: Builder) {
        self.dropped += other.dropped;
        for (fingerprint, entry) in other.entries {
            let own = self.entries.entry(fingerprint).or_default();
            *own = joined(*own, entry);
        }
        if self.entries.len() > self.most.saturating_mul(2).max(16) {
            self.shrink();
        }
    }

    /// Whether nothing had to be dropped while names were added.
    pub fn has_room(&self) -> bool {
        self.dropped == 0
    }

    /// Drops the rarest until no more are left than fit.
    fn shrink(&mut self) {
        let mut sorted: Vec<(u32, u64)> = self.entries.iter().map(|(fingerprint, entry)| (entry & COUNT, *fingerprint)).collect();
        if sorted.len() <= self.most {
            return;
        }
        sorted.sort_unstable_by_key(|(count, fingerprint)| (std::cmp::Reverse(*count), *fingerprint));
        for (_, fingerprint) in sorted.drain(self.most..) {
            self.entries.remove(&fingerprint);
            self.dropped += 1;
        }
    }

    /// The dictionary.
    pub fn build(mut self) -> Dictionary {
        self.shrink();
        let mut sorted: Vec<(u64, u32)> = self.entries.into_iter().collect();
        sorted.sort_unstable();
        // A bucket holds four entries on average.
        let bits = (sorted.len() / 4).max(1).ilog2().min(28);
        let shift = 64 - bits;
        let mut starts = vec![0_u32; (1 << bits) + 1];
        for (fingerprint, _) in &sorted {
            if let Some(count) = starts.get_mut(fingerprint.checked_shr(shift).unwrap_or(0) as usize + 1) {
                *count += 1;
            }
        }
        let mut total = 0;
        for start in &mut starts {
            total += *start;
            *start = total;
        }
        let (fingerprints, entries): (Vec<u64>, Vec<u32>) = sorted.into_iter().unzip();
        Dictionary {
            key: self.key,
            fingerprints: fingerprints.into(),
            entries: entries.into(),
            starts: starts.into(),
            shift,
            dropped: self.dropped,
        }
    }
}

/// Whether a word of a name is more than a letter and no particle.
fn is_part(word: &str) -> bool {
    const PARTICLES: [&str; 22] = [
        "af", "al", "av", "bin", "da", "de", "del", "den", "der", "di", "do", "dos", "du", "el", "ibn", "la", "le", "ten", "ter", "van",
        "von", "zu",
    ];
    let mut folded = [0; 64];
    fold_into(word, &mut folded).is_some_and(|length| {
        let folded = folded.get(..length).unwrap_or_default();
        folded.len() > 1 && !PARTICLES.iter().any(|particle| particle.as_bytes() == folded)
    })
}

/// Whether a word of a name is one of a company's.
fn is_company(word: &str) -> bool {
    #[rustfmt::skip]
    const WORDS: [&str; 58] = [
        "ab", "aktiebolag", "aktiebolaget", "ans", "aps", "as", "asa", "association", "avoin", "bank", "brf", "bv", "bygg", "company", "consulting",
        "corp", "da", "drift", "eftf", "ehf", "enk", "enskild", "fastigheter", "firma", "forening", "foreningen", "gmbh", "group", "handelsbolag",
        "hb", "hf", "holding", "inc", "invest", "is", "ivs", "kb", "kiinteisto", "kommun", "kommune", "konsult", "ky", "llc", "llp", "ltd", "ny",
        "nuf", "osk", "osuuskunta", "oy", "oyj", "plc", "ry", "sameie", "sarl", "service", "slf", "stiftelsen",
    ];
    let mut folded = [0; 64];
    fold_into(word, &mut folded).and_then(|length| folded.get(..length)).is_some_and(|folded| {
        // `Da` is a particle and `Is` and `Ny` are names where they are not written in capitals.
        let doubtful = matches!(folded, b"da" | b"is" | b"ny" | b"as");
        let capitals = word.chars().filter(|letter| letter.is_alphabetic()).all(char::is_uppercase);
        WORDS.iter().any(|known| known.as_bytes() == folded) && (!doubtful || capitals)
    })
}

/// The keyed fingerprint of a folded word, or of two; nothing for what has no letter.
fn fingerprint(key: [u64; 2], first: &str, second: &str) -> Option<u64> {
    let mut bytes = [0; 130];
    let length = fold_into(first, bytes.get_mut(..64)?)?;
    let mut total = length;
    if !second.is_empty() {
        // A byte that no folded word holds keeps the two apart.
        *bytes.get_mut(total)? = 0xff;
        total += 1;
        let further = fold_into(second, bytes.get_mut(total..total + 64)?).filter(|length| *length > 0)?;
        total += further;
    }
    (length > 0).then(|| siphash(key, bytes.get(..total).unwrap_or_default()))
}

/// SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash for short inputs that nobody without the key can compute or invert.
fn siphash(key: [u64; 2], bytes: &[u8]) -> u64 {
    let mut state =
        [key[0] ^ 0x736f_6d65_7073_6575, key[1] ^ 0x646f_7261_6e64_6f6d, key[0] ^ 0x6c79_6765_6e65_7261, key[1] ^ 0x7465_6462_7974_6573];
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last.iter_mut().zip(rest).for_each(|(place, byte)| *place = *byte);
    let last = u64::from_le_bytes(last) | (bytes.len() as u64) << 56;
    for word in words.iter().map(|word| u64::from_le_bytes(*word)).chain([last]) {
        state[3] ^= word;
        rounds(&mut state, 2);
        state[0] ^= word;
    }
    state[2] ^= 0xff;
    rounds(&mut state, 4);
    state[0] ^ state[1] ^ state[2] ^ state[3]
}

fn rounds(state: &mut [u64; 4], count: usize) {
    let [a, b, c, d] = state;
    for _ in 0..count {
        *a = a.wrapping_add(*b);
        *b = b.rotate_left(13) ^ *a;
        *a = a.rotate_left(32);
        *c = c.wrapping_add(*d);
        *d = d.rotate_left(16) ^ *c;
        *a = a.wrapping_add(*d);
        *d = d.rotate_left(21) ^ *a;
        *c = c.wrapping_add(*b);
        *b = b.rotate_left(17) ^ *c;
        *c = c.rotate_left(32);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(names: &[&str], bound: usize) -> Dictionary {
        let mut builder = Dictionary::builder(bound, [3; 16]);
        names.iter().for_each(|name| builder.add(name));
        builder.build()
    }

    #[test]
    fn siphash_is_the_authors() {
        // The reference's vectors: the key 00…0f, the inputs of 0, 1 and 15 bytes 00, 01, …
        let key = [0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908];
        let input: Vec<u8> = (0..15).collect();
        assert_eq!(siphash(key, &[]), 0x726f_db47_dd0e_0e31);
        assert_eq!(siphash(key, &input[..1]), 0x74f8_39c5_93dc_67fd);
        assert_eq!(siphash(key, &input), 0xa129_ca61_49be_45e5);
    }

    #[test]
    fn parts_know_their_role_and_how_many_bear_them() {
        let names = of(&["Anna Lind", "Lind, Erik", "ANNA-LISA von Berg", "Erik", "Þór Anna Sjöberg"], 1 << 16);
        let part = |word| names.contains_part(word).map(|part| (part.role, part.bearers_log));
        assert_eq!(part("anna"), Some((Role::Given, 1)));
        assert_eq!(part("LIND"), Some((Role::Family, 1)));
        assert_eq!(part("lisa"), Some((Role::Given, 0)));
        assert_eq!(part("Anna-Lisa"), Some((Role::Given, 0)));
        assert_eq!(part("thor"), Some((Role::Given, 0)));
        assert_eq!(part("SJOBERG"), Some((Role::Family, 0)));
        for other in ["von", "annas", "", "-", "AnnaLind", "x"] {
            assert_eq!(part(other), None, "{other}");
        }
        assert!(names.contains_pair("erik", "lind") && names.contains_pair("lisa", "berg") && names.contains_pair("Þór", "Sjöberg"));
        assert!(!names.contains_pair("lind", "erik") && !names.contains_pair("anna", "") && !names.contains_pair("erik", "berg"));
    }

    #[test]
    fn a_name_can_be_both() {
        let names = of(&["Lind Martin", "Martin Lind"], 1 << 16);
        assert_eq!(names.contains_part("martin").map(|part| part.role), Some(Role::Both));
    }

    #[test]
    fn companies_are_not_added() {
        let companies = [
            "Sjöberg Bygg AB",
            "Virtanen Oy",
            "Hansen & Søn",
            "Holm ApS",
            "Holm A/S",
            "Lie AS",
            "kim@example.org",
            "Kund 4",
            "Brf Linden",
            "Ett mycket långt namn på en förening",
        ];
        let names = of(&companies, 1 << 16);
        assert!(names.is_empty(), "{names:?}");
        assert!(!of(&["Per Ny", "Vasco da Gama"], 1 << 16).is_empty());
    }

    #[test]
    fn what_does_not_fit_is_dropped_rarest_first_and_counted() {
        let mut builder = Dictionary::builder(3 * BYTES_PER_ENTRY, [3; 16]);
        for _ in 0..5 {
            builder.add("Anna Lind");
        }
        builder.add("Bo Ek");
        let names = builder.build();
        assert_eq!((names.len(), names.dropped()), (3, 3));
        assert!(names.contains_pair("Anna", "Lind") && names.contains_part("Bo").is_none());
        assert!(of(&["Anna Lind"], 0).is_empty());
    }

    #[test]
    fn another_key_has_other_fingerprints() {
        assert_ne!(fingerprint([1, 2], "anna", ""), fingerprint([1, 3], "anna", ""));
        assert_ne!(fingerprint([1, 2], "anna", "lind"), fingerprint([1, 2], "annalind", ""));
        assert_eq!(fingerprint([1, 2], "ÅSA", ""), fingerprint([1, 2], "asa", ""));
    }

    #[test]
    fn a_million_names_stay_within_the_bound() {
        let bound = 50_000 * BYTES_PER_ENTRY;
        let mut builder = Dictionary::builder(bound, [9; 16]);
        let letters = |mut number: u32| -> String {
            (0..6)
                .map(|_| {
                    let letter = char::from(b'a' + (number % 26) as u8);
                    number /= 26;
                    letter
                })
                .collect()
        };
        for number in 0..100_000 {
            builder.add(&format!("x{} y{}", letters(number % 300), letters(number)));
            assert!(builder.entries.len() <= 2 * 50_000);
        }
        let names = builder.build();
        assert!(names.len() <= 50_000 && names.dropped() > 0);
        // The usual ones stayed.
        assert!((0..300).all(|number| names.contains_part(&format!("x{}", letters(number))).is_some_and(|part| part.bearers_log >= 8)));
    }

    proptest! {
        #[test]
        fn two_halves_give_the_whole(
            names in prop::collection::vec("[A-F][a-c]{1,2} [A-F][a-c]{1,2}", 0..60),
            half in 0_usize..60,
            most in 1_usize..200,
        ) {
            let build = |pieces: &[&[String]]| {
                let mut builders = pieces.iter().map(|names| {
                    let mut builder = Dictionary::builder(most.max(120) * BYTES_PER_ENTRY, [3; 16]);
                    names.iter().for_each(|name| builder.add(name));
                    builder
                });
                let mut first = builders.next().unwrap();
                builders.for_each(|other| first.merge(other));
                first.build()
            };
            let (left, right) = names.split_at(half.min(names.len()));
            let (whole, halves, swapped) = (build(&[&names]), build(&[left, right]), build(&[right, left]));
            for other in [&halves, &swapped] {
                prop_assert_eq!(&whole.fingerprints, &other.fingerprints);
                prop_assert_eq!(&whole.entries, &other.entries);
                prop_assert_eq!(whole.dropped, other.dropped);
            }
            // The slow reference: ask for every name that was added.
            if whole.dropped == 0 {
                for name in &names {
                    let (given, family) = name.split_once(' ').unwrap();
                    if ![given, family].iter().any(|word| !is_part(word) || is_company(word)) {
                        prop_assert!(whole.contains_pair(given, family));
                        let bearers = names.iter().filter(|other| other.split(' ').any(|word| word == given)).count();
                        prop_assert!(whole.contains_part(given).is_some_and(|part| part.bearers_at_least() as usize <= 2 * bearers));
                    }
                }
            }
        }
    }
}
