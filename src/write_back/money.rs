//! The proof that no money moved: counts and sums of the locked rows, before and after.

use std::collections::BTreeMap;

use arrow::array::ArrayRef;
use arrow::compute::filter;

use crate::kernels::sums::{Sum, checked_sum};
use crate::passes::{PassError, Treating};
use crate::pipeline::*;

/// Per table and amount column the number of rows and the total.
pub type Totals = BTreeMap<(TableIndex, ColumnIndex), (u64, Sum)>;

/// The amount columns of a table.
pub fn amount_columns(pipeline: &Pipeline, table: TableIndex) -> Vec<ColumnIndex> {
    let columns = &pipeline.tables[table].columns;
    let is_number = |column: &ColumnIndex| {
        use crate::store::ColumnType::{Decimal, Float, Integer};
        matches!(pipeline.tables[table].catalog.columns[*column].data_type, Integer | Float | Decimal { .. })
    };
    (0..columns.len()).filter(|column| columns[*column].class == Class::Amount).filter(is_number).collect()
}

/// Totals of the rows of a table for which `counts` is true.
pub fn totals(treating: &Treating<'_>, table: TableIndex, columns: &[Option<ArrayRef>], counts: &[bool]) -> Result<Totals, PassError> {
    let mask = arrow::array::BooleanArray::from(counts.to_vec());
    let rows = counts.iter().filter(|counts| **counts).count() as u64;
    let mut totals = Totals::new();
    for column in amount_columns(treating.pipeline, table) {
        let cells = columns[column].as_ref().ok_or_else(|| treating.not_read(table, column))?;
        let cells = filter(cells, &mask).map_err(|_| treating.assembly(table, column))?;
        let sum = checked_sum(&cells).map_err(|source| treating.failed(table, column, source))?;
        totals.insert((table, column), (rows, sum));
    }
    Ok(totals)
}
