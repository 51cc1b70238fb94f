//! A column of a table that was read and not kept: a number per row, and each value once.

use arrow::array::{Array, ArrayRef};
use arrow::buffer::ScalarBuffer;
use arrow::compute::concat;
use arrow::datatypes::DataType;
use arrow::error::ArrowError;

use super::intern::Interner;
use crate::pipeline::{ColumnIndex, TableIndex};

/// A column in the making: its rows come piece by piece.
#[derive(Debug)]
pub struct Coding {
    known: Interner,
    /// Counted from 1; 0 is NULL.
    codes: Vec<u32>,
}

impl Coding {
    /// `None` for a type whose values can not be numbered. About so many `rows` will come.
    #[must_use]
    pub fn of(data_type: &DataType, rows: usize) -> Option<Self> {
        Some(Self { known: Interner::of(data_type)?, codes: Vec::with_capacity(rows) })
    }

    /// Takes in the cells of some more rows.
    ///
    /// # Errors
    /// Cells of another type.
    pub fn push(&mut self, cells: &ArrayRef) -> Result<(), ArrowError> {
        self.codes.append(&mut self.known.codes(cells)?);
        Ok(())
    }

    /// The column, once all rows came.
    ///
    /// # Errors
    /// More than an array can hold.
    pub fn finish(self, table: TableIndex, column: ColumnIndex) -> Result<Coded, ArrowError> {
        // Less by one, and NULL after all.
        let codes = if self.known.len() < usize::from(u16::MAX) {
            Codes::Narrow(self.codes.iter().map(|code| (*code as u16).wrapping_sub(1)).collect())
        } else {
            Codes::Wide(self.codes.iter().map(|code| code.wrapping_sub(1)).collect::<Vec<_>>().into())
        };
        Ok(Coded { table, column, codes, values: self.known.values()? })
    }
}

/// Numbers of values, counted from 0; what is none of theirs is NULL.
#[derive(Debug, Clone)]
pub(super) enum Codes {
    Narrow(ScalarBuffer<u16>),
    Wide(ScalarBuffer<u32>),
}

impl Codes {
    /// What a table says of the values of some rows: of each value in its order, and at its end of NULL and of rows that are not there.
    pub fn look_up(&self, table: &[u32], rows: &[u32]) -> Vec<u32> {
        let null = table.len() - 1;
        match self {
            Self::Narrow(codes) => {
                let at = |row: &u32| codes.get(*row as usize).map_or(null, |code| usize::from(*code).min(null));
                rows.iter().map(|row| table[at(row)]).collect()
            }
            Self::Wide(codes) => {
                let at = |row: &u32| codes.get(*row as usize).map_or(null, |code| (*code as usize).min(null));
                rows.iter().map(|row| table[at(row)]).collect()
            }
        }
    }
}

/// A column of a table whose cells are not in memory.
#[derive(Debug)]
pub struct Coded {
    /// The table.
    pub table: TableIndex,
    /// The column.
    pub column: ColumnIndex,
    pub(super) codes: Codes,
    /// Each once, none of them NULL.
    pub(super) values: ArrayRef,
}

impl Coded {
    /// A column that holds the key of another table's row, by which rows `rows` points at; what is none of its rows is NULL. Keys that the other
    /// table does not have stand in `dangling`: each row's number, and their cells in that order, none of them NULL.
    ///
    /// # Errors
    /// Cells of another type than the keys.
    pub fn of_keys(
        (table, column): (TableIndex, ColumnIndex),
        rows: ScalarBuffer<u32>,
        keys: &ArrayRef,
        dangling: &[(Vec<u32>, ArrayRef)],
    ) -> Result<Self, ArrowError> {
        if dangling.is_empty() {
            return Ok(Self { table, column, codes: Codes::Wide(rows), values: keys.clone() });
        }
        let mut codes = rows.to_vec();
        let unknown = ArrowError::NotYetImplemented("keys of this type".to_owned());
        let mut others = Interner::of(keys.data_type()).ok_or(unknown)?;
        for (rows, cells) in dangling {
            for (row, code) in rows.iter().zip(others.codes(cells)?) {
                codes[*row as usize] = keys.len() as u32 + code - 1;
            }
        }
        let values: [&dyn Array; 2] = [keys, &others.values()?];
        Ok(Self { table, column, codes: Codes::Wide(codes.into()), values: concat(&values)? })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::UInt32Array;
    use arrow::array::{AsArray, Int64Array, StringArray};
    use arrow::compute::take;
    use proptest::prelude::*;

    use super::*;

    /// The cells that the numbers lead back to.
    fn cells(coded: &Coded, rows: usize) -> ArrayRef {
        let all: Vec<u32> = (0..rows as u32).collect();
        let table: Vec<u32> = (0..=coded.values.len() as u32).collect();
        let places = coded.codes.look_up(&table, &all);
        let places: UInt32Array = places.into_iter().map(|place| Some(place).filter(|place| *place < coded.values.len() as u32)).collect();
        take(&coded.values, &places, None).unwrap()
    }

    proptest! {
        #[test]
        fn numbers_lead_back_to_the_cells(pieces in prop::collection::vec(prop::collection::vec(prop::option::of(-3_i64..9), 0..9), 1..5)) {
            let mut coding = Coding::of(&DataType::Int64, 0).unwrap();
            let whole: Int64Array = pieces.iter().flatten().copied().collect();
            pieces.into_iter().for_each(|piece| coding.push(&(Arc::new(Int64Array::from(piece)) as ArrayRef)).unwrap());
            let coded = coding.finish(0, 0).unwrap();
            let again = cells(&coded, whole.len());
            prop_assert_eq!(again.as_primitive(), &whole);
            prop_assert_eq!(coded.codes.look_up(&[7; 20][..=coded.values.len()], &[u32::MAX]), [7]);
        }

        #[test]
        fn pointers_lead_back_to_the_keys_and_so_does_what_dangles(
            pointing in prop::collection::vec(prop::option::of(0_usize..8), 0..20), known in 1_usize..6,
        ) {
            let key = |at: usize| format!("key {at}");
            let keys: ArrayRef = Arc::new((0..known).map(|at| Some(key(at))).collect::<StringArray>());
            let whole: StringArray = pointing.iter().map(|at| at.map(key)).collect();
            let rows: Vec<u32> = pointing.iter().map(|at| at.filter(|at| *at < known).map_or(u32::MAX, |at| at as u32)).collect();
            let dangles = |row: &u32| pointing[*row as usize].is_some_and(|at| at >= known);
            let dangling: Vec<u32> = (0..pointing.len() as u32).filter(dangles).collect();
            let of_them: ArrayRef = Arc::new(dangling.iter().map(|row| pointing[*row as usize].map(key)).collect::<StringArray>());
            let dangling = if dangling.is_empty() { Vec::new() } else { vec![(dangling, of_them)] };
            let coded = Coded::of_keys((0, 0), rows.into(), &keys, &dangling).unwrap();
            let again = cells(&coded, whole.len());
            prop_assert_eq!(again.as_string::<i32>(), &whole);
        }
    }

    #[test]
    fn many_values_have_wide_numbers() {
        let cells: ArrayRef = Arc::new(Int64Array::from_iter((0..70_000).map(|at| (at % 9 != 4).then_some(at))));
        let mut coding = Coding::of(&DataType::Int64, 0).unwrap();
        coding.push(&cells).unwrap();
        let coded = coding.finish(0, 0).unwrap();
        assert!(matches!(coded.codes, Codes::Narrow(_)));
        let mut coding = Coding::of(&DataType::Int64, 0).unwrap();
        let more: ArrayRef = Arc::new(Int64Array::from_iter_values(0..70_000));
        coding.push(&more).unwrap();
        coding.push(&cells).unwrap();
        let wide = coding.finish(0, 0).unwrap();
        assert!(matches!(wide.codes, Codes::Wide(_)));
        let again = self::cells(&wide, 140_000);
        assert_eq!(again.slice(70_000, 70_000).as_primitive::<arrow::datatypes::Int64Type>(), cells.as_primitive());
        assert_eq!(self::cells(&coded, 70_000).as_primitive::<arrow::datatypes::Int64Type>(), cells.as_primitive());
    }
}
