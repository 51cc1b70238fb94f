//! A column of a table that was read and not kept: a number per row, and each value once.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use arrow::error::ArrowError;

use super::intern::Interner;
use crate::pipeline::{ColumnIndex, TableIndex};

/// A column in the making: its rows come piece by piece.
#[derive(Debug)]
pub struct Coding {
    known: Interner,
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
        Ok(Coded { table, column, codes: Arc::new(self.codes), known: self.known.closed()? })
    }
}

/// A column of a table whose cells are not in memory.
#[derive(Debug)]
pub struct Coded {
    /// The table.
    pub table: TableIndex,
    /// The column.
    pub column: ColumnIndex,
    /// Per row the number of its value.
    pub(super) codes: Arc<Vec<u32>>,
    pub(super) known: Interner,
}
