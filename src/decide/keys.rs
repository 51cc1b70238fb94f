//! Which subject a key names: an index over the key columns of a category's table, for rows that come piece by piece.

use std::collections::HashMap;
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
    /// Whole numbers that lie close together: the row at the number's distance from the first.
    Dense { first: i64, rows: Vec<u32> },
    /// Whole numbers.
    Sparse(HashMap<i64, u32, BuildHasherDefault<Spread>>),
    /// Anything else, as text: the columns' values, each behind its length.
    Texts(HashMap<Box<[u8]>, u32>),
}

/// No row has this key.
const NOBODY: u32 = u32::MAX;
/// A dense index may have so many places per key.
const SPARSENESS: i64 = 4;

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
        let rows = columns.first().map_or(0, |column| column.len());
        if let [column] = columns
            && let Some(numbers) = numbers(column)
        {
            let all = || numbers.iter().copied();
            let (first, last) = (all().min().unwrap_or(0), all().max().unwrap_or(0));
            let span = last.checked_sub(first).filter(|span| *span < (rows as i64).saturating_mul(SPARSENESS));
            if let (Some(span), 0) = (span, column.null_count()) {
                let mut dense = vec![NOBODY; span as usize + 1];
                for (row, number) in all().enumerate().rev() {
                    dense[(number - first) as usize] = row as u32;
                }
                return Ok(Self(Index::Dense { first, rows: dense }));
            }
            let mut sparse = HashMap::with_capacity_and_hasher(rows, BuildHasherDefault::default());
            for (row, number) in all().enumerate().filter(|(row, _)| column.is_valid(*row)) {
                sparse.entry(number).or_insert(row as u32);
            }
            return Ok(Self(Index::Sparse(sparse)));
        }
        let mut texts = HashMap::with_capacity(rows);
        for (row, key) in encoded(columns)?.into_iter().enumerate() {
            if let Some(key) = key {
                texts.entry(key.into_boxed_slice()).or_insert(row as u32);
            }
        }
        Ok(Self(Index::Texts(texts)))
    }

    /// For each row of the pointing columns the row that they name; null where they name none.
    ///
    /// # Errors
    /// As [`KeyIndex::of`].
    pub fn find(&self, columns: &[ArrayRef]) -> Result<UInt32Array, KernelError> {
        let pointing = match (&self.0, columns) {
            (Index::Dense { .. } | Index::Sparse(_), [column]) => numbers(column).map(|numbers| (column, numbers)),
            _ => None,
        };
        let found = |row: Option<u32>| row.filter(|row| *row != NOBODY);
        match (&self.0, pointing) {
            (Index::Dense { first, rows }, Some((column, numbers))) => {
                let at = |number: i64| {
                    let place = number.wrapping_sub(*first) as u64;
                    rows.get(place as usize).copied().unwrap_or(NOBODY)
                };
                let places: Vec<u32> = numbers.iter().map(|number| at(*number)).collect();
                // Where everybody is somebody there is no need to say who is not.
                if column.null_count() == 0 && !places.contains(&NOBODY) {
                    return Ok(UInt32Array::from(places));
                }
                Ok(places.into_iter().enumerate().map(|(row, place)| found(Some(place)).filter(|_| column.is_valid(row))).collect())
            }
            (Index::Sparse(sparse), Some((column, numbers))) => {
                let mut builder = UInt32Builder::with_capacity(numbers.len());
                for (row, number) in numbers.iter().enumerate() {
                    builder.append_option(found(sparse.get(number).copied()).filter(|_| column.is_valid(row)));
                }
                Ok(builder.finish())
            }
            (Index::Texts(texts), _) => {
                let keys = encoded(columns)?;
                Ok(keys.into_iter().map(|key| key.and_then(|key| texts.get(key.as_slice()).copied())).collect())
            }
            (Index::Dense { .. } | Index::Sparse(_), None) => {
                let other = columns.first().map_or(&arrow::datatypes::DataType::Null, |column| column.data_type());
                Err(KernelError::unsupported("find a row by its key", other))
            }
        }
    }
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
    fn numbers_that_lie_close_together_are_looked_up_by_place() {
        let index = KeyIndex::of(&[numbers(&[Some(1_001), Some(1_003), Some(1_002)])]).unwrap();
        assert!(matches!(index.0, Index::Dense { .. }));
        let asked = numbers(&[Some(1_002), Some(1_000), None, Some(i64::MIN), Some(i64::MAX), Some(1_001), Some(1_004)]);
        assert_eq!(found(&index, &[asked]), [Some(2), None, None, None, None, Some(0), None]);
        assert_eq!(found(&index, &[numbers(&[Some(1_003), Some(1_003)])]), [Some(1), Some(1)]);
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

    proptest! {
        #[test]
        fn an_index_finds_what_a_walk_over_all_rows_finds(
            keys in proptest::collection::vec(prop_oneof![4 => (-50_i64..50).prop_map(Some), 1 => any::<i64>().prop_map(Some), 1 => Just(None)], 0..60),
            asked in proptest::collection::vec(prop_oneof![4 => (-50_i64..50).prop_map(Some), 1 => any::<i64>().prop_map(Some), 1 => Just(None)], 0..60),
        ) {
            let index = KeyIndex::of(&[numbers(&keys)]).unwrap();
            let walk = |key: &Option<i64>| key.and_then(|key| keys.iter().position(|known| *known == Some(key))).map(|row| row as u32);
            prop_assert_eq!(found(&index, &[numbers(&asked)]), asked.iter().map(walk).collect::<Vec<_>>());
        }
    }
}
