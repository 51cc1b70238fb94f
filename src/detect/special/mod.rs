//! Words that speak of a special category of personal data: health, trade union membership, belief, doping, crime.
//!
//! Finds: a word of one category's list, whole or by its beginning, in Swedish, Danish, Norwegian, Finnish, Icelandic and English. Such a
//! finding is a flag: it says what a text speaks of, and is never replaced.
//!
//! Rule: the longest entry that a word is or begins with decides. Words with other common meanings (`operation`, `dom`, `unionen`) count for
//! little, unless a witness of the category stands beside them (`medlem i Unionen`); beside `EU`, the Union is none. Of the words of notes
//! about a category (`bilat`, `rodnad`; `tingsrätt`, `misstänkt`) two different ones bear witness to each other, and a dose in mg is a
//! witness of health.
//!
//! Source: Regulation (EU) 2016/679, articles 9 (health, belief, trade union membership) and 10 (crime); the World Anti-Doping Code's
//! prohibited list for doping. The word lists are our own.

mod clinical;
mod crime;
mod doping;
mod health;
mod medicine;
mod religion;
mod union;
mod witness;

use std::sync::LazyLock;

use super::Kind;
use super::digits::Page;
use super::resolve::Candidate;

/// Words of one language and one confidence.
struct Group {
    confidence: f32,
    /// Lower-case words and beginnings (those end in `*`), sorted, with a blank between them.
    words: &'static str,
}

const CATEGORIES: [(Kind, &[Group]); 7] = [
    (Kind::Health, health::WORDS),
    (Kind::Health, medicine::WORDS),
    (Kind::Health, clinical::WORDS),
    (Kind::Union, union::WORDS),
    (Kind::Religion, religion::WORDS),
    (Kind::Doping, doping::WORDS),
    (Kind::Crime, crime::WORDS),
];

/// A word or a beginning, and what it says.
#[derive(Clone, Copy, Debug)]
struct Entry {
    text: &'static str,
    beginning: bool,
    kind: Kind,
    confidence: f32,
}

fn entries() -> impl Iterator<Item = Entry> {
    CATEGORIES.into_iter().flat_map(|(kind, groups)| {
        groups.iter().flat_map(move |group| {
            group.words.split(' ').map(move |word| {
                let text = word.trim_end_matches('*');
                Entry { text, beginning: text.len() < word.len(), kind, confidence: group.confidence }
            })
        })
    })
}

#[cfg(test)]
/// What a word must begin with to be worth a look, in lower-case UTF-8: four bytes at least. Shorter words are in [`short_words`].
fn beginnings() -> impl Iterator<Item = &'static str> {
    entries().map(|entry| entry.text).filter(|text| text.len() >= SHORTEST)
}

#[cfg(test)]
/// The whole words of less than four bytes, in lower case: `epo`, `hgh`.
fn short_words() -> impl Iterator<Item = &'static str> {
    entries().map(|entry| entry.text).filter(|text| text.len() < SHORTEST)
}

/// What a word of the lists can begin with: of nearly all other words, four bytes say that they are none.
struct Sieve {
    /// A bit for each hash of the first four bytes of openings that are no longer than that, of five and of six: all that a word's own
    /// must be in one of. Shorter words end in a zero.
    bits: [[u64; SIEVE_BITS / 64]; REACHES.len()],
    /// Where the openings of a hash begin.
    starts: [u16; BUCKETS + 1],
    openings: Vec<Opening>,
}

/// Up to eight bytes that words of the lists begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Opening {
    bucket: usize,
    /// The bytes that count.
    mask: u64,
    /// With the bit of small letters set in each byte.
    bytes: u64,
    /// The word ends behind these bytes.
    ends: bool,
}

impl Opening {
    fn of(entry: &Entry) -> Self {
        let text = entry.text.as_bytes();
        let bytes = u64::from_le_bytes(std::array::from_fn(|index| text.get(index).map_or(0, |byte| byte | 0x20)));
        let bucket = bucket(bytes | SMALL);
        Self { bucket, mask: first_bytes(text.len()), bytes, ends: !entry.beginning && text.len() < 8 }
    }

    #[inline(always)]
    fn fits(&self, window: u64) -> bool {
        // Behind the word's letters the window is zero; what is beyond ASCII may be a sign that ends the word.
        let next = window & !self.mask & (self.mask << 8 | 0xff);
        let bits = self.mask.count_ones();
        window & self.mask == self.bytes && (!self.ends || next == 0 || next >> bits >= 0x80)
    }
}

/// A mask of the first bytes of eight.
#[inline(always)]
fn first_bytes(count: usize) -> u64 {
    if count < 8 { (1 << (8 * count)) - 1 } else { u64::MAX }
}

static SIEVE: LazyLock<Box<Sieve>> = LazyLock::new(|| {
    let mut openings: Vec<Opening> = entries().map(|entry| Opening::of(&entry)).collect();
    openings.sort_unstable();
    openings.dedup();
    let mut sieve = Box::new(Sieve { bits: [[0; SIEVE_BITS / 64]; REACHES.len()], starts: [0; BUCKETS + 1], openings: Vec::new() });
    for opening in &openings {
        let reach = opening.mask.count_ones().clamp(32, 48) as usize / 8 - 4;
        let bit = sieve_bit(opening.bytes | SMALL, reach);
        sieve.bits[reach][bit >> 6] |= 1 << (bit & 63);
    }
    for (bucket, start) in sieve.starts.iter_mut().enumerate() {
        *start = openings.partition_point(|opening| opening.bucket < bucket) as u16;
    }
    sieve.openings = openings;
    sieve
});

/// Bits for each reach: 8 KB.
const SIEVE_BITS: usize = 1 << 16;
/// Of how many bytes there are bits.
const REACHES: [u32; 3] = [4, 5, 6];
/// Openings are kept by a coarser hash of their first four bytes.
const BUCKETS: usize = 1 << 13;

/// Of ASCII and Latin-1 this makes lower case of upper; other letters keep their bytes, and are found in lower case alone.
const SMALL: u64 = 0x2020_2020_2020_2020;

/// Where the first bytes of a word have their bit.
#[inline(always)]
fn sieve_bit(small: u64, reach: usize) -> usize {
    (hash_of(small << (64 - 8 * REACHES[reach])) >> 48) as usize
}

#[inline(always)]
fn bucket(small: u64) -> usize {
    (hash_of(small << 32) >> 51) as usize
}

#[inline(always)]
fn hash_of(bytes: u64) -> u64 {
    bytes.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Offers every word of a text that speaks of a special category.
pub(in crate::detect) fn collect(page: &Page<'_>, found: &mut Vec<Candidate>) {
    let sieve = &**SIEVE;
    let bytes = page.bytes();
    page.marks.longer_words(
        found,
        |found, start| {
            let eight = match bytes.get(start..start + 8) {
                Some(eight) => eight.first_chunk().map_or(0, |eight| u64::from_le_bytes(*eight)),
                None => (bytes[start..].iter().rev()).fold(0, |raw, byte| raw << 8 | u64::from(*byte)),
            };
            if sieve.may_hold(eight | SMALL) {
                sieve.consider(page, start, eight, found);
            }
        },
        |found, start| {
            let three = bytes.get(start..).and_then(<[u8]>::first_chunk).map_or([0; 3], |three: &[u8; 3]| *three);
            let three = u64::from(u32::from_le_bytes([three[0], three[1], three[2], 0]));
            if sieve.has(three | SMALL, 0) {
                sieve.consider(page, start, three, found);
            }
        },
    );
    witness::weigh(page.text, found);
}

impl Sieve {
    #[inline(always)]
    fn has(&self, small: u64, reach: usize) -> bool {
        let bit = sieve_bit(small, reach);
        self.bits[reach][bit >> 6] >> (bit & 63) & 1 == 1
    }

    /// Whether a word of four bytes and more can be one of the lists, by its first eight.
    #[inline(always)]
    fn may_hold(&self, small: u64) -> bool {
        self.has(small, 0) | self.has(small, 1) | self.has(small, 2)
    }

    /// Offers the word that begins here with these eight bytes, if it is one.
    #[inline(never)]
    fn consider(&self, page: &Page<'_>, start: usize, eight: u64, found: &mut Vec<Candidate>) {
        if self.may_begin(page, start, eight) {
            recognise(page, start, page.marks.word_end(start), found);
        }
    }

    /// Whether eight bytes of the word that begins here let it be one of the lists.
    fn may_begin(&self, page: &Page<'_>, start: usize, eight: u64) -> bool {
        let letters = first_bytes(page.marks.word_length(start) as usize);
        let window = (eight | SMALL) & letters;
        // What is neither ASCII nor Latin-1 may become other bytes in lower case.
        if eight & letters & 0x8080_8080_8080_8080 != 0 && window.to_le_bytes().iter().any(|byte| *byte >= 0xe0 && *byte != 0xe3) {
            return true;
        }
        let bucket = bucket(eight | SMALL);
        let openings = self.openings.get(usize::from(self.starts[bucket])..usize::from(self.starts[bucket + 1])).unwrap_or_default();
        openings.iter().any(|opening| opening.fits(window))
    }
}

/// No beginning is shorter, in bytes.
const SHORTEST: usize = 4;
/// Of longer words the beginning alone is read, in bytes.
const LONGEST: usize = 64;
/// What an entry says that only begins like one: `eksempel` is no eczema.
const NOTHING: f32 = 0.0;

/// Entries by the hash of their text: open addressing, half of the places empty.
struct Table {
    places: Vec<Option<Entry>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let size = (entries().count() * 2).next_power_of_two();
    let mut table = Table { places: vec![None; size] };
    for entry in entries() {
        let mut place = table.place(hash(entry.text.as_bytes()));
        while table.places[place].is_some() {
            place = table.place(place + 1);
        }
        table.places[place] = Some(entry);
    }
    table
});

impl Table {
    fn place(&self, hash: usize) -> usize {
        hash & (self.places.len() - 1)
    }

    fn get(&self, text: &[u8], hash: usize) -> Option<Entry> {
        let mut place = self.place(hash);
        while let Some(entry) = self.places.get(place).copied().flatten() {
            if entry.text.as_bytes() == text {
                return Some(entry);
            }
            place = self.place(place + 1);
        }
        None
    }
}

/// FNV-1a, folded so that the low bits know of the high ones.
fn hash(text: &[u8]) -> usize {
    fold(text.iter().fold(SEED, |hash, byte| step(hash, *byte)))
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;

fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
}

fn fold(hash: u64) -> usize {
    (hash ^ (hash >> 32)) as usize
}

/// A word in lower case.
struct Lower {
    bytes: [u8; LONGEST],
    length: usize,
    /// The word was read to its end.
    whole: bool,
}

impl Lower {
    /// The letters that a text begins with.
    fn of(word: &str) -> Self {
        let mut lower = Self { bytes: [0; LONGEST], length: 0, whole: true };
        if word.is_ascii() && word.len() <= LONGEST {
            // A run of letters, but for what the window of a witness cut.
            for (place, byte) in lower.bytes.iter_mut().zip(word.bytes().take_while(u8::is_ascii_alphabetic)) {
                *place = byte.to_ascii_lowercase();
                lower.length += 1;
            }
            return lower;
        }
        for character in word.chars().take_while(|character| character.is_alphabetic()) {
            let small = match character {
                ascii if ascii.is_ascii() => ascii.to_ascii_lowercase(),
                other => other.to_lowercase().next().unwrap_or(other),
            };
            let mut encoded = [0; 4];
            let encoded = small.encode_utf8(&mut encoded).as_bytes();
            let Some(room) = lower.bytes.get_mut(lower.length..lower.length + encoded.len()) else {
                lower.whole = false;
                break;
            };
            room.copy_from_slice(encoded);
            lower.length += encoded.len();
        }
        lower
    }

    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// The longest entry that the word is or begins with.
fn entry(word: &[u8], whole: bool) -> Option<Entry> {
    let mut hash = SEED;
    let mut best = None;
    for (index, byte) in word.iter().enumerate() {
        hash = step(hash, *byte);
        let length = index + 1;
        let last = length == word.len();
        // Not inside a character; short words only as a whole.
        if (length < SHORTEST && !last) || word.get(length).is_some_and(|next| next & 0xc0 == 0x80) {
            continue;
        }
        if let Some(found) = TABLE.get(&word[..length], fold(hash))
            && (found.beginning || (last && whole))
        {
            best = Some(found);
        }
    }
    best
}

/// Offers what one word, a run of letters, speaks of by itself.
fn recognise(page: &Page<'_>, start: usize, end: usize, found: &mut Vec<Candidate>) {
    let Some(word) = page.text.get(start..end) else {
        return;
    };
    let lower = Lower::of(word);
    if let Some(entry) = entry(lower.as_bytes(), lower.whole)
        && entry.confidence > NOTHING
    {
        found.push(Candidate::shape(start, end, entry.kind, entry.confidence));
    }
}

#[cfg(test)]
mod tests;
