//! Which rows have the same key, so that each key is hashed once, if that pays.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};

use super::Column;
use crate::keys::DerivedKey;

/// The index of a row whose key has a null: no key has it.
const NULL: u32 = u32::MAX;

/// How many rows are looked at before it is decided: one in sixteen, within these.
const FEWEST: usize = 512;
const MOST: usize = 4096;

/// The share of rows whose keys have to be hashed, from which on finding the others costs more than it saves.
const WORTH: f64 = 0.6;

/// The keys of a column, numbered in the order in which they first occur.
pub(super) struct Distinct {
    /// Per row the number of its key; a number that no key has where the key has a null.
    pub index: Vec<u32>,
    /// Per key the first row that has it.
    pub first: Vec<usize>,
}

impl Distinct {
    /// Numbers the keys, or gives `None` where they hardly repeat.
    pub fn of(columns: &[Column<'_>], rows: usize, key: &DerivedKey) -> Option<Self> {
        let seed = Seed::of(key);
        if rows >= NULL as usize || share(columns, rows, seed) > WORTH {
            return None;
        }
        let (head, others) = columns.split_first()?;
        let mut index = head.numbered(seed);
        for column in others {
            let pairs = index.iter().zip(column.numbered(seed)).map(|(left, right)| {
                let known = *left != NULL && right != NULL;
                known.then_some(u64::from(*left) << 32 | u64::from(right))
            });
            index = numbered(pairs, seed);
        }
        let mut first = Vec::new();
        for (row, number) in index.iter().enumerate() {
            if *number as usize == first.len() {
                first.push(row);
            }
        }
        Some(Self { index, first })
    }
}

impl Column<'_> {
    fn numbered(&self, seed: Seed) -> Vec<u32> {
        match self {
            Self::Integer(array) => numbered(array.iter(), seed),
            Self::Text(array) => numbered(array.iter(), seed),
            Self::Decimal(array, _) => numbered(array.iter(), seed),
            Self::Bytes(array) => numbered(array.iter(), seed),
            Self::Date(array) => numbered(array.iter(), seed),
        }
    }
}

/// Numbers cells in the order in which they first occur.
fn numbered<K: Hash + Eq>(cells: impl Iterator<Item = Option<K>>, seed: Seed) -> Vec<u32> {
    let mut numbers: HashMap<K, u32, Seed> = HashMap::with_hasher(seed);
    let mut index = Vec::with_capacity(cells.size_hint().0);
    for cell in cells {
        // There are fewer rows than numbers.
        let next = numbers.len() as u32;
        index.push(cell.map_or(NULL, |cell| *numbers.entry(cell).or_insert(next)));
    }
    index
}

/// About which share of the rows has a key that was not there before, told from a sample of them.
///
/// Keys that the sample has three times and more are few and have many rows each. Of the others the pairs tell how many there are, as birthdays
/// tell the length of the year: among s rows of N equally frequent keys there are about s² / 2N pairs. Keys that stand one after the other are
/// found by looking at neighbours.
fn share(columns: &[Column<'_>], rows: usize, seed: Seed) -> f64 {
    let wanted = (rows / 16).clamp(FEWEST, MOST);
    let mut sample: Vec<usize> = if rows <= wanted {
        (0..rows).collect()
    } else {
        (0..wanted as u64).map(|at| ((u128::from(mixed(at)) * rows as u128) >> 64) as usize).collect()
    };
    sample.sort_unstable();
    sample.dedup();
    let fingerprint = |row: usize| {
        let mut hasher = seed.build_hasher();
        for column in columns {
            column.part(row).hash(&mut hasher);
        }
        hasher.finish()
    };
    let taken = sample.len() as f64;
    let alike = sample.iter().filter(|row| **row > 0 && fingerprint(**row) == fingerprint(**row - 1)).count() as f64;
    let mut prints: Vec<u64> = sample.into_iter().map(fingerprint).collect();
    prints.sort_unstable();
    let groups = prints.chunk_by(|left, right| left == right);
    if rows <= wanted {
        return groups.count() as f64 / taken.max(1.0);
    }
    let (mut others, mut pairs) = (0.0, 0.0);
    for group in groups.filter(|group| group.len() < 3) {
        others += group.len() as f64;
        pairs += if group.len() == 2 { 1.0 } else { 0.0 };
    }
    let rest = rows as f64 * others / taken;
    let keys = if pairs > 0.0 {
        let population = others * others / (2.0 * pairs);
        population * -(-rest / population).exp_m1()
    } else {
        rest
    };
    (keys / rows as f64).min(1.0 - alike / taken)
}

/// SplitMix64 (Steele, Lea and Flood 2014): the same rows in every column of one length, in no order.
fn mixed(at: u64) -> u64 {
    let mut mixed = at.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

/// Where a table of keys begins to spread them. It comes out of the secret key, so that nobody can choose keys that meet in the table.
#[derive(Clone, Copy)]
struct Seed {
    begin: u64,
    factor: u64,
}

impl Seed {
    fn of(key: &DerivedKey) -> Self {
        let code = key.mac(&[b"gallra.kernels.pseudonym.distinct"]);
        let word = |at: usize| code[at..at + 8].iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
        Self { begin: word(0), factor: word(8) | 1 }
    }
}

impl BuildHasher for Seed {
    type Hasher = Spread;

    fn build_hasher(&self) -> Spread {
        Spread { state: self.begin, factor: self.factor }
    }
}

/// Spreads keys over a table by multiplying to 128 bits and folding both halves together. It decides nothing but speed.
struct Spread {
    state: u64,
    factor: u64,
}

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.state
    }

    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.write_u64(u64::from_le_bytes(last));
        self.write_u64(bytes.len() as u64);
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(u64::from(value));
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        let product = u128::from(self.state ^ value) * u128::from(self.factor);
        self.state = (product >> 64) as u64 ^ product as u64;
    }

    fn write_u128(&mut self, value: u128) {
        self.write_u64(value as u64);
        self.write_u64((value >> 64) as u64);
    }

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Int64Array, StringArray};
    use proptest::prelude::*;

    use super::*;
    use crate::keys::{Keyring, Purpose};

    fn key() -> DerivedKey {
        Keyring::generate(jiff::Timestamp::UNIX_EPOCH, [7; 40]).control("", Purpose::Names).unwrap()
    }

    fn share_of(rows: &[i64]) -> f64 {
        let array = Int64Array::from(rows.to_vec());
        share(&[Column::Integer(&array)], rows.len(), Seed::of(&key()))
    }

    /// `keys` keys over a column, in no order.
    fn drawn(rows: u64, keys: u64) -> Vec<i64> {
        (0..rows).map(|row| (mixed(row ^ 0x5555_0000) % keys) as i64).collect()
    }

    #[test]
    fn the_estimate_is_near_the_truth() {
        let truth = |rows: &[i64]| rows.iter().collect::<std::collections::HashSet<_>>().len() as f64 / rows.len() as f64;
        let half_alike = (0..400_000).map(|row| if row % 2 == 0 { -1 } else { row }).collect();
        let sorted = (0..400_000).map(|row| row / 5).collect();
        let distinct = (0..400_000).collect();
        let few = (0..300).map(|row| row / 3).collect();
        for rows in [
            drawn(400_000, 20_000),
            drawn(400_000, 200_000),
            drawn(400_000, 3),
            drawn(400_000, 4_000_000),
            half_alike,
            sorted,
            distinct,
            few,
            Vec::new(),
        ] {
            let (estimate, truth) = (share_of(&rows), if rows.is_empty() { 0.0 } else { truth(&rows) });
            assert!((estimate - truth).abs() < 0.15, "{estimate} for {truth} of {}", rows.len());
        }
    }

    #[test]
    fn keys_that_hardly_repeat_are_not_looked_for() {
        let of = |rows: Vec<i64>| {
            let array = Int64Array::from(rows);
            Distinct::of(&[Column::Integer(&array)], array.values().len(), &key()).map(|distinct| distinct.first.len())
        };
        assert_eq!(of((0..100_000).collect()), None);
        assert_eq!(of((0..100_000).map(|row| row % 10_000).collect()), Some(10_000));
        assert_eq!(of(vec![7; 3]), Some(1));
    }

    #[test]
    fn texts_that_share_bytes_are_spread() {
        // Zeros of several lengths are one word in the end.
        let texts: Vec<String> = (0..64).map(|length| "\0".repeat(length)).collect();
        let seed = Seed::of(&key());
        let hashes: std::collections::HashSet<u64> = texts.iter().map(|text| seed.hash_one(text.as_str())).collect();
        assert_eq!(hashes.len(), 64);
    }

    proptest! {
        #[test]
        fn rows_have_one_number_exactly_when_they_have_one_key(
            rows in prop::collection::vec((prop::option::weighted(0.8, -2_i64..2), prop::option::weighted(0.8, "[ab]{0,2}")), 4..200),
        ) {
            let numbers: Int64Array = rows.iter().map(|row| row.0).collect();
            let names: StringArray = rows.iter().map(|row| row.1.as_deref()).collect();
            let columns = [Column::Integer(&numbers), Column::Text(&names)];
            let seed = Seed::of(&key());
            prop_assume!(share(&columns, rows.len(), seed) <= WORTH);
            let distinct = Distinct::of(&columns, rows.len(), &key()).unwrap();
            for (row, index) in rows.iter().zip(&distinct.index) {
                let (Some(_), Some(_)) = row else {
                    prop_assert_eq!(*index, NULL);
                    continue;
                };
                prop_assert_eq!(&rows[distinct.first[*index as usize]], row);
            }
            for (number, first) in distinct.first.iter().enumerate() {
                let earlier = distinct.index.iter().position(|index| *index as usize == number);
                prop_assert_eq!(earlier, Some(*first));
            }
        }
    }
}
