//! Numbers for the different values of a column that comes piece by piece: a code per cell, and each value once.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, UInt32Array, new_empty_array};
use arrow::compute::{SortOptions, concat, sort_to_indices, take};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use arrow::error::ArrowError;

use crate::decide::keys::Spread;

/// The code of NULL; the values have 1, 2, 3 and so on.
pub(super) const NULL: u32 = 0;

/// So many texts are remembered with their codes.
const RECENT: usize = 32;

/// Values in the order in which they first came.
#[derive(Debug)]
pub(super) struct Interner {
    data_type: DataType,
    known: Known,
    /// What was new in each piece.
    values: Vec<ArrayRef>,
    len: u32,
}

#[derive(Debug)]
enum Known {
    Texts(HashMap<Box<str>, u32>),
    Bytes(HashMap<Box<[u8]>, u32>),
    /// By what stands in 64 bits of the value.
    Words(HashMap<i64, u32, BuildHasherDefault<Spread>>),
    Wide(HashMap<i128, u32>),
}

impl Interner {
    /// `None` for a type whose values can not be numbered.
    pub fn of(data_type: &DataType) -> Option<Self> {
        let known = match data_type {
            DataType::Utf8 => Known::Texts(HashMap::new()),
            DataType::Binary => Known::Bytes(HashMap::new()),
            DataType::Int64 | DataType::Date32 | DataType::Float64 | DataType::Boolean | DataType::Timestamp(TimeUnit::Microsecond, _) => {
                Known::Words(HashMap::default())
            }
            DataType::Decimal128(..) => Known::Wide(HashMap::new()),
            _ => return None,
        };
        Some(Self { data_type: data_type.clone(), known, values: Vec::new(), len: 0 })
    }

    /// Of values that are all different and not NULL: numbered in their order. No more can come.
    pub fn of_different(values: &ArrayRef) -> Self {
        let known = Known::Words(HashMap::default());
        Self { data_type: values.data_type().clone(), known, values: vec![values.clone()], len: values.len() as u32 }
    }

    /// How many different values came.
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// The type of the values.
    pub fn data_type(&self) -> &DataType {
        &self.data_type
    }

    /// Per cell its code. The cells are of the interner's type.
    pub fn codes(&mut self, cells: &ArrayRef) -> Result<Vec<u32>, ArrowError> {
        let mut new: Vec<u32> = Vec::new();
        let mut codes = Vec::with_capacity(cells.len());
        let mut len = self.len;
        let mut next = |row: usize| {
            len += 1;
            new.push(row as u32);
            len
        };
        match (&mut self.known, cells.data_type()) {
            (Known::Texts(known), DataType::Utf8) => {
                // Flags and categories come again at once: where a text last stood is looked at before it is looked up.
                let mut recent: [(&str, u32); RECENT] = [("", NULL); RECENT];
                for (row, cell) in cells.as_string::<i32>().iter().enumerate() {
                    codes.push(match cell {
                        None => NULL,
                        Some(text) => {
                            let place = (text.len() + usize::from(text.as_bytes().first().copied().unwrap_or(0))) % RECENT;
                            if recent[place].0 != text || recent[place].1 == NULL {
                                let code = match known.get(text) {
                                    Some(code) => *code,
                                    None => *known.entry(text.into()).or_insert_with(|| next(row)),
                                };
                                recent[place] = (text, code);
                            }
                            recent[place].1
                        }
                    });
                }
            }
            (Known::Bytes(known), DataType::Binary) => {
                for (row, cell) in cells.as_binary::<i32>().iter().enumerate() {
                    codes.push(match cell {
                        None => NULL,
                        Some(bytes) => match known.get(bytes) {
                            Some(code) => *code,
                            None => *known.entry(bytes.into()).or_insert_with(|| next(row)),
                        },
                    });
                }
            }
            (Known::Words(known), data_type) => {
                let mut code = |row: usize, word: i64| *known.entry(word).or_insert_with(|| next(row));
                match data_type {
                    DataType::Int64 => words::<Int64Type>(cells, &mut codes, &mut code, |word| word),
                    DataType::Date32 => words::<Date32Type>(cells, &mut codes, &mut code, i64::from),
                    DataType::Timestamp(..) => words::<TimestampMicrosecondType>(cells, &mut codes, &mut code, |word| word),
                    DataType::Float64 => words::<Float64Type>(cells, &mut codes, &mut code, |float| float.to_bits() as i64),
                    _ => {
                        let flags = cells.as_boolean();
                        codes.extend(flags.iter().enumerate().map(|(row, flag)| flag.map_or(NULL, |flag| code(row, i64::from(flag)))));
                    }
                }
            }
            (Known::Wide(known), _) => {
                let amounts = cells.as_primitive::<Decimal128Type>();
                let mut code = |row: usize, amount: i128| *known.entry(amount).or_insert_with(|| next(row));
                codes.extend(amounts.iter().enumerate().map(|(row, amount)| amount.map_or(NULL, |amount| code(row, amount))));
            }
            (Known::Texts(_) | Known::Bytes(_), other) => {
                return Err(ArrowError::SchemaError(format!("{other} where {} was expected", self.data_type)));
            }
        }
        self.len = len;
        if !new.is_empty() {
            self.values.push(take(cells, &UInt32Array::from(new), None)?);
        }
        Ok(codes)
    }

    /// Without what only numbers more cells: all came.
    pub fn closed(mut self) -> Result<Self, ArrowError> {
        self.values = vec![self.values()?];
        self.known = Known::Words(HashMap::default());
        Ok(self)
    }

    /// The values, so that code `n` is at `n - 1`.
    pub fn values(&self) -> Result<ArrayRef, ArrowError> {
        match self.values.as_slice() {
            [] => return Ok(new_empty_array(&self.data_type)),
            [only] => return Ok(only.clone()),
            _ => {}
        }
        let pieces: Vec<&dyn Array> = self.values.iter().map(AsRef::as_ref).collect();
        concat(&pieces)
    }
}

fn words<T: ArrowPrimitiveType>(
    cells: &ArrayRef,
    codes: &mut Vec<u32>,
    code: &mut impl FnMut(usize, i64) -> u32,
    word: impl Fn(T::Native) -> i64,
) {
    let cells = cells.as_primitive::<T>();
    codes.extend(cells.iter().enumerate().map(|(row, cell)| cell.map_or(NULL, |cell| code(row, word(cell)))));
}

/// Values in ascending order, and where the codes given before stand in it.
#[derive(Debug)]
pub(super) struct Ranked {
    /// Without NULL.
    pub values: ArrayRef,
    /// By code the place in `values`, counted from 1; [`NULL`] stays.
    pub ranks: Vec<u32>,
}

impl Ranked {
    /// `values` are all different and none is NULL; code `n` stands at `n - 1`.
    pub fn of(values: &ArrayRef) -> Result<Self, ArrowError> {
        let order = sort_to_indices(values, Some(SortOptions::default()), None)?;
        let mut ranks = vec![NULL; values.len() + 1];
        for (rank, at) in order.values().iter().enumerate() {
            ranks[*at as usize + 1] = rank as u32 + 1;
        }
        Ok(Self { values: take(values, &order, None)?, ranks })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use arrow::array::{BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, StringArray};
    use proptest::prelude::*;

    use super::*;
    use crate::kernels::cast::to_text;

    fn as_type(cells: &[Option<i8>], which: usize) -> ArrayRef {
        let cells = cells.iter().copied();
        match which {
            0 => Arc::new(cells.map(|cell| cell.map(|cell| format!("{cell}é"))).collect::<StringArray>()),
            1 => Arc::new(cells.map(|cell| cell.map(i64::from)).collect::<Int64Array>()),
            2 => Arc::new(cells.map(|cell| cell.map(i32::from)).collect::<Date32Array>()),
            3 => Arc::new(cells.map(|cell| cell.map(|cell| f64::from(cell) / 4.0)).collect::<Float64Array>()),
            4 => Arc::new(cells.map(|cell| cell.map(|cell| cell > 0)).collect::<BooleanArray>()),
            5 => Arc::new(cells.map(|cell| cell.map(|cell| i128::from(cell) << 70)).collect::<Decimal128Array>()),
            _ => Arc::new(cells.map(|cell| cell.map(|cell| cell.to_be_bytes())).collect::<BinaryArray>()),
        }
    }

    proptest! {
        #[test]
        fn codes_lead_back_to_the_cells_and_ranks_follow_their_order(
            pieces in prop::collection::vec(prop::collection::vec(prop::option::of(-3_i8..4), 0..9), 0..5), which in 0_usize..7,
        ) {
            let arrays: Vec<ArrayRef> = pieces.iter().map(|piece| as_type(piece, which)).collect();
            let empty = as_type(&[], which);
            let mut interner = Interner::of(empty.data_type()).unwrap();
            let codes: Vec<Vec<u32>> = arrays.iter().map(|cells| interner.codes(cells).unwrap()).collect();
            let values = interner.values().unwrap();
            prop_assert_eq!(values.len(), interner.len());
            let ranked = Ranked::of(&values).unwrap();
            let mut different = BTreeSet::new();
            for (cells, codes) in arrays.iter().zip(&codes) {
                for (row, code) in codes.iter().enumerate() {
                    prop_assert_eq!(*code == NULL, cells.is_null(row));
                    if *code != NULL {
                        let cell = cells.slice(row, 1);
                        prop_assert_eq!(&values.slice(*code as usize - 1, 1), &cell);
                        prop_assert_eq!(&ranked.values.slice(ranked.ranks[*code as usize] as usize - 1, 1), &cell);
                        different.insert(*code);
                    }
                }
            }
            prop_assert_eq!(different.len(), values.len());
            let again = sort_to_indices(&ranked.values, None, None).unwrap();
            prop_assert!(again.values().iter().enumerate().all(|(at, index)| at as u32 == *index));
            if which != 6 {
                prop_assert!(to_text(&ranked.values).is_ok());
            }
        }
    }
}
