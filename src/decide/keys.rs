//! Which subject a key names: an index over the key columns of a category's table, for rows that come piece by piece.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

use arrow::array::{Array, ArrayRef, AsArray, UInt32Array, UInt32Builder};
use arrow::datatypes::Int64Type;

use crate::kernels::KernelError;
use crate::kernels::cast::to_text;

/// Key → row.
#[derive(Debug)]
pub struct KeyIndex(Index);

#[derive(Debug)]
enum Index {
    /// Whole numbers that lie close together, or with gaps.
    Ranked(Ranked),
    /// Whole numbers.
    Sparse(HashMap<i64, u32, BuildHasherDefault<Spread>>),
    /// Anything else, as text: the columns' values, each behind its length.
    Texts(HashMap<Box<[u8]>, u32>),
}

/// No row has this key.
const NOBODY: u32 = u32::MAX;
/// So many numbers there may be per key for an index of bits.
const APART: i64 = 64;
/// Of so many words of bits one may have rows that do not follow each other.
const ONE_OF: usize = 4;

/// A bit for every number between the first and the last that is a key, and where the rows of each word of bits are. Far less than a byte per
/// key where keys lie together and rows come in their order, or in pieces that do; twelve bytes at the most.
#[derive(Debug)]
struct Ranked {
    first: i64,
    words: Vec<u64>,
    rows: Rows,
}

#[derive(Debug)]
enum Rows {
    /// By word the row of its first key, whom the others' follow; [`NOBODY`] where they do not: the rows of such a word stand `apart`, from
    /// where `begins` says.
    ByWord { firsts: Vec<u32>, begins: HashMap<u64, u32, BuildHasherDefault<Spread>>, apart: Vec<u32> },
    /// By rank; a word's first key has the rank `before`.
    ByRank { before: Vec<u32>, rows: Vec<u32> },
}

impl Ranked {
    /// `keys` gives each row with its key, the last row first: whoever comes later is overwritten by whoever came before.
    fn of<I: Iterator<Item = (u32, i64)>>(first: i64, span: i64, keys: impl Fn() -> I) -> Self {
        let mut words = vec![0_u64; (span / 64) as usize + 1];
        for (_, key) in keys() {
            let place = (key - first) as u64;
            words[(place / 64) as usize] |= 1 << (place % 64);
        }
        let rows = Rows::ByRank { before: Vec::new(), rows: Vec::new() };
        let mut ranked = Self { first, words, rows };
        let mut firsts: Vec<Option<i64>> = vec![None; ranked.words.len()];
        let mut strays: BTreeSet<usize> = BTreeSet::new();
        for (row, key) in keys() {
            if let Some((word, rank)) = ranked.place(key) {
                let of_first = i64::from(row) - i64::from(rank);
                if *firsts[word].get_or_insert(of_first) != of_first {
                    strays.insert(word);
                }
            }
        }
        ranked.rows = if strays.len() * ONE_OF <= ranked.words.len() {
            let (mut begins, mut places) = (HashMap::default(), 0);
            for word in &strays {
                begins.insert(*word as u64, places);
                firsts[*word] = None;
                places += ranked.words[*word].count_ones();
            }
            let firsts: Vec<u32> = firsts.into_iter().map(|row| row.map_or(NOBODY, |row| row as u32)).collect();
            let mut apart = vec![NOBODY; places as usize];
            for (row, key) in keys() {
                if let Some((word, rank)) = ranked.place(key)
                    && firsts[word] == NOBODY
                    && let Some(begin) = begins.get(&(word as u64))
                {
                    apart[(begin + rank) as usize] = row;
                }
            }
            Rows::ByWord { firsts, begins, apart }
        } else {
            let mut sum: u32 = 0;
            let count = |word: &u64| {
                sum += word.count_ones();
                sum - word.count_ones()
            };
            let before: Vec<u32> = ranked.words.iter().map(count).collect();
            let mut rows = vec![NOBODY; sum as usize];
            for (row, key) in keys() {
                if let Some((word, rank)) = ranked.place(key) {
                    rows[(before[word] + rank) as usize] = row;
                }
            }
            Rows::ByRank { before, rows }
        };
        ranked
    }

    /// The word that a key's bit stands in, and how many keys stand before it there.
    #[inline]
    fn place(&self, key: i64) -> Option<(usize, u32)> {
        let place = key.wrapping_sub(self.first) as u64;
        let (at, bit) = ((place / 64) as usize, 1 << (place % 64));
        let word = self.words.get(at).filter(|word| **word & bit != 0)?;
        Some((at, (word & (bit - 1)).count_ones()))
    }

    #[inline]
    fn row(&self, key: i64) -> u32 {
        let Some((word, rank)) = self.place(key) else { return NOBODY };
        match &self.rows {
            Rows::ByWord { firsts, begins, apart } => match firsts[word] {
                NOBODY => begins.get(&(word as u64)).map_or(NOBODY, |begin| apart[(begin + rank) as usize]),
                first => first + rank,
            },
            Rows::ByRank { before, rows } => rows[(before[word] + rank) as usize],
        }
    }
}

/// Spreads whole numbers over the table: one multiplication (Knuth, The Art of Computer Programming, volume 3, section 6.4).
#[derive(Debug, Default)]
pub struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, number: u64) {
        let mixed = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }

    fn write_i64(&mut self, number: i64) {
        self.write_u64(number as u64);
    }
}

impl KeyIndex {
    /// Indexes rows by their key; of a key that stands twice the first row counts.
    ///
    /// # Errors
    /// [`KernelError`] where a column has a type that can not be written as text.
    pub fn of(columns: &[ArrayRef]) -> Result<Self, KernelError> {
        Self::of_pieces(&[columns.to_vec()])
    }

    /// As [`KeyIndex::of`], of rows that came piece by piece: of each the key's columns.
    ///
    /// # Errors
    /// As there.
    pub fn of_pieces(pieces: &[Vec<ArrayRef>]) -> Result<Self, KernelError> {
        let of_numbers = |piece: &Vec<ArrayRef>| match piece.as_slice() {
            [column] => numbers(column).is_some(),
            _ => false,
        };
        if !pieces.is_empty() && pieces.iter().all(of_numbers) {
            return Ok(Self::of_numbers(&pieces.iter().filter_map(|piece| piece.first()).collect::<Vec<_>>()));
        }
        let mut texts = HashMap::new();
        let mut row = 0;
        for piece in pieces {
            for key in encoded(piece)? {
                if let Some(key) = key {
                    texts.entry(key.into_boxed_slice()).or_insert(row);
                }
                row += 1;
            }
        }
        Ok(Self(Index::Texts(texts)))
    }

    fn of_numbers<'a>(pieces: &[&'a ArrayRef]) -> Self {
        let rows: usize = pieces.iter().map(|piece| piece.len()).sum();
        let in_piece = |(column, end): (&&'a ArrayRef, usize)| {
            let column: &'a ArrayRef = column;
            let (begin, keys) = (end - column.len(), numbers(column).unwrap_or_default());
            (0..keys.len()).rev().filter(move |row| column.is_valid(*row)).map(move |row| ((begin + row) as u32, keys[row]))
        };
        let ends: Vec<usize> = pieces
            .iter()
            .scan(0, |end, piece| {
                Some({
                    *end += piece.len();
                    *end
                })
            })
            .collect();
        let keys = || pieces.iter().zip(ends.iter().copied()).rev().flat_map(in_piece);
        let all = || keys().map(|(_, key)| key);
        let (first, last) = (all().min().unwrap_or(0), all().max().unwrap_or(0));
        let span = last.checked_sub(first).unwrap_or(i64::MAX);
        if span < (rows as i64).saturating_mul(APART) {
            return Self(Index::Ranked(Ranked::of(first, span, keys)));
        }
        let mut sparse = HashMap::with_capacity_and_hasher(rows, BuildHasherDefault::default());
        sparse.extend(keys().map(|(row, key)| (key, row)));
        Self(Index::Sparse(sparse))
    }

    /// For each row of the pointing columns the row that they name; null where they name none.
    ///
    /// # Errors
    /// As [`KeyIndex::of`].
    pub fn find(&self, columns: &[ArrayRef]) -> Result<UInt32Array, KernelError> {
        let pointing = match (&self.0, columns) {
            (Index::Ranked(_) | Index::Sparse(_), [column]) => numbers(column).map(|numbers| (column, numbers)),
            _ => None,
        };
        match (&self.0, pointing) {
            (Index::Ranked(ranked), Some((column, numbers))) => {
                Ok(rows_or_nobody(column, numbers.iter().map(|number| ranked.row(*number)).collect()))
            }
            (Index::Sparse(sparse), Some((column, numbers))) => {
                let mut builder = UInt32Builder::with_capacity(numbers.len());
                for (row, number) in numbers.iter().enumerate() {
                    builder.append_option(sparse.get(number).copied().filter(|_| column.is_valid(row)));
                }
                Ok(builder.finish())
            }
            (Index::Texts(texts), _) => {
                let keys = encoded(columns)?;
                Ok(keys.into_iter().map(|key| key.and_then(|key| texts.get(key.as_slice()).copied())).collect())
            }
            (Index::Ranked(_) | Index::Sparse(_), None) => {
                let other = columns.first().map_or(&arrow::datatypes::DataType::Null, |column| column.data_type());
                Err(KernelError::unsupported("find a row by its key", other))
            }
        }
    }
}

/// Where everybody is somebody there is no need to say who is not.
fn rows_or_nobody(column: &ArrayRef, rows: Vec<u32>) -> UInt32Array {
    if column.null_count() == 0 && !rows.contains(&NOBODY) {
        return UInt32Array::from(rows);
    }
    rows.into_iter().enumerate().map(|(row, place)| Some(place).filter(|place| *place != NOBODY && column.is_valid(row))).collect()
}

/// The values of a column of whole numbers of 64 bits, whatever stands in its NULLs.
fn numbers(column: &ArrayRef) -> Option<&[i64]> {
    column.as_primitive_opt::<Int64Type>().map(|numbers| &numbers.values()[..])
}

/// Keys of several columns, or of texts, as bytes that are equal where the keys are; `None` where a part is NULL.
fn encoded(columns: &[ArrayRef]) -> Result<Vec<Option<Vec<u8>>>, KernelError> {
    let texts = columns.iter().map(|column| to_text(column)).collect::<Result<Vec<_>, _>>()?;
    let rows = columns.first().map_or(0, |column| column.len());
    let key = |row: usize| {
        let mut key = Vec::new();
        for text in &texts {
            if text.is_null(row) {
                return None;
            }
            let value = text.value(row).as_bytes();
            key.extend_from_slice(&(value.len() as u64).to_be_bytes());
            key.extend_from_slice(value);
        }
        Some(key)
    };
    Ok((0..rows).map(key).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int64Array, StringArray};
    use proptest::prelude::*;

    use super::*;

    fn numbers(values: &[Option<i64>]) -> ArrayRef {
        Arc::new(Int64Array::from(values.to_vec()))
    }

    fn found(index: &KeyIndex, columns: &[ArrayRef]) -> Vec<Option<u32>> {
        index.find(columns).unwrap().iter().collect()
    }

    #[test]
    fn numbers_are_looked_up_by_their_place() {
        let index = KeyIndex::of(&[numbers(&[Some(1_001), Some(1_003), Some(1_002)])]).unwrap();
        let asked = numbers(&[Some(1_002), Some(1_000), None, Some(i64::MIN), Some(i64::MAX), Some(1_001), Some(1_004)]);
        assert_eq!(found(&index, &[asked]), [Some(2), None, None, None, None, Some(0), None]);
        assert_eq!(found(&index, &[numbers(&[Some(1_003), Some(1_003)])]), [Some(1), Some(1)]);
    }

    #[test]
    fn numbers_with_gaps_are_looked_up_wherever_their_rows_are() {
        let spread = |rows: &[i64]| numbers(&rows.iter().map(|key| Some(key * 40 - 7)).collect::<Vec<_>>());
        for rows in [vec![0, 1, 2, 3, 4], vec![3, 0, 4, 1, 2], vec![1, 0, 1, 4, 0]] {
            let index = KeyIndex::of(&[spread(&rows)]).unwrap();
            assert!(matches!(index.0, Index::Ranked(_)));
            let first = |key: i64| rows.iter().position(|known| *known == key).map(|row| row as u32);
            assert_eq!(found(&index, &[spread(&[0, 1, 2, 3, 4, 5, -1])]), [0, 1, 2, 3, 4, 5, -1].map(first));
        }
    }

    #[test]
    fn pieces_that_came_out_of_order_take_no_place_per_key() {
        let piece = |from: i64| (from..from + 2_004).map(|key| key / 8 * 32 + key % 8);
        let keys: Vec<i64> = [4_008, 0, 6_012, 2_004].into_iter().flat_map(piece).collect();
        let index = KeyIndex::of(&[numbers(&keys.iter().copied().map(Some).collect::<Vec<_>>())]).unwrap();
        let Index::Ranked(Ranked { rows: Rows::ByWord { apart, .. }, .. }) = &index.0 else { panic!("{index:?}") };
        assert!(!apart.is_empty() && apart.len() < 64, "{}", apart.len());
        let asked = numbers(&(-1..40_000).map(Some).collect::<Vec<_>>());
        let known: HashMap<i64, u32> = keys.iter().copied().zip(0..).collect();
        assert_eq!(found(&index, &[asked]), (-1..40_000).map(|key| known.get(&key).copied()).collect::<Vec<_>>());
    }

    #[test]
    fn keys_of_several_columns_and_texts_are_compared_part_by_part() {
        let texts = |values: &[Option<&str>]| -> ArrayRef { Arc::new(StringArray::from(values.to_vec())) };
        let index = KeyIndex::of(&[texts(&[Some("a"), Some("ab"), None]), numbers(&[Some(12), Some(2), Some(1)])]).unwrap();
        let asked = [texts(&[Some("ab"), Some("a"), Some("a"), None, Some("b")]), numbers(&[Some(2), Some(12), Some(2), Some(1), None])];
        assert_eq!(found(&index, &asked), [Some(1), Some(0), None, None, None]);
    }

    #[test]
    fn numbers_are_not_asked_for_by_texts() {
        let index = KeyIndex::of(&[numbers(&[Some(1)])]).unwrap();
        assert!(index.find(&[Arc::new(StringArray::from(vec!["1"])) as ArrayRef]).is_err());
    }

    /// Close together, with gaps, or anywhere.
    fn keys() -> impl Strategy<Value = Vec<Option<i64>>> {
        prop_oneof![Just(1_i64), Just(30), Just(1 << 40)].prop_flat_map(|gap| {
            let strange = any::<i64>().prop_map(move |key| if gap == 1 << 40 { key } else { key % 9 });
            let key = prop_oneof![4 => (-50_i64..50).prop_map(move |key| Some(key * gap)), 1 => strange.prop_map(Some), 1 => Just(None)];
            proptest::collection::vec(key, 0..60)
        })
    }

    proptest! {
        #[test]
        fn an_index_finds_what_a_walk_over_all_rows_finds(
            keys in keys(),
            asked in keys(),
            at_a_time in 1_usize..70,
        ) {
            let pieces: Vec<Vec<ArrayRef>> = keys.chunks(at_a_time).map(|piece| vec![numbers(piece)]).collect();
            let index = KeyIndex::of_pieces(&pieces).unwrap();
            let walk = |key: &Option<i64>| key.and_then(|key| keys.iter().position(|known| *known == Some(key))).map(|row| row as u32);
            prop_assert_eq!(found(&index, &[numbers(&asked)]), asked.iter().map(walk).collect::<Vec<_>>());
        }
    }
}
