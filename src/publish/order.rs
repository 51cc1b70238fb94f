//! The order of a set's rows.

use arrow::array::{ArrayRef, UInt32Array};
use arrow::compute::take;
use arrow::error::ArrowError;
use arrow::row::{RowConverter, SortField};

/// The rows sorted by all columns, the first column first, NULL before everything.
///
/// Called after the gate, never before: a row whose postcode was suppressed must not stand where its postcode sorted. Equal
/// rows are interchangeable, so the result depends on the set's content alone and not on where the store keeps its rows.
pub(super) fn sorted(columns: &[ArrayRef]) -> Result<Vec<ArrayRef>, ArrowError> {
    if columns.is_empty() {
        return Ok(Vec::new());
    }
    let fields = columns.iter().map(|column| SortField::new(column.data_type().clone())).collect();
    let rows = RowConverter::new(fields)?.convert_columns(columns)?;
    let count = u32::try_from(rows.num_rows()).map_err(|_| ArrowError::ComputeError("too many rows".to_owned()))?;
    let mut order: Vec<u32> = (0..count).collect();
    order.sort_unstable_by(|one, other| rows.row(*one as usize).cmp(&rows.row(*other as usize)));
    drop(rows);
    let order = UInt32Array::from(order);
    columns.iter().map(|column| take(column, &order, None)).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int64Array, StringArray};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn order_is_that_of_the_values(mut rows in prop::collection::vec((prop::option::of("[a-c]{0,2}"), prop::option::of(-2_i64..2)), 0..40)) {
            let texts: ArrayRef = Arc::new(rows.iter().map(|row| row.0.as_deref()).collect::<StringArray>());
            let numbers: ArrayRef = Arc::new(rows.iter().map(|row| row.1).collect::<Int64Array>());
            let found = sorted(&[texts, numbers]).unwrap();
            rows.sort();
            let texts: ArrayRef = Arc::new(rows.iter().map(|row| row.0.as_deref()).collect::<StringArray>());
            let numbers: ArrayRef = Arc::new(rows.iter().map(|row| row.1).collect::<Int64Array>());
            prop_assert_eq!(found, vec![texts, numbers]);
        }
    }
}
