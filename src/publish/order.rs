//! The order of a set's rows.

use arrow::array::{ArrayRef, UInt32Array};
use arrow::compute::{SortOptions, partition, sort_to_indices, take};
use arrow::error::ArrowError;
use arrow::row::{RowConverter, SortField};
use rayon::prelude::*;

/// The rows sorted by the column of the partition, then by the columns of `first`, then by all others in their order; NULL before
/// everything.
///
/// Called after the gate, never before: a row whose postcode was suppressed must not stand where its postcode sorted. Equal
/// rows are interchangeable, so the result depends on the set's content alone and not on where the store keeps its rows.
pub(super) fn sorted(columns: &[ArrayRef], by_partition: Option<usize>, first: &[usize]) -> Result<Vec<ArrayRef>, ArrowError> {
    let Some(any) = columns.first() else {
        return Ok(Vec::new());
    };
    let count = u32::try_from(any.len()).map_err(|_| ArrowError::ComputeError("too many rows".to_owned()))?;
    let mut order: Vec<u32> = Vec::with_capacity(any.len());
    match by_partition {
        // As many partitions as there are cores are in memory a second time.
        Some(column) => {
            let options = SortOptions { descending: false, nulls_first: true };
            let by_value = sort_to_indices(&columns[column], Some(options), None)?;
            let values = take(&columns[column], &by_value, None)?;
            let sort = |range: std::ops::Range<usize>| -> Result<Vec<u32>, ArrowError> {
                let rows = by_value.slice(range.start, range.len());
                let here = columns.iter().map(|column| take(column, &rows, None)).collect::<Result<Vec<_>, _>>()?;
                Ok(order_of(&here, first)?.into_iter().map(|at| rows.value(at as usize)).collect())
            };
            let parts = partition(&[values])?.ranges().into_par_iter().map(sort).collect::<Result<Vec<_>, _>>()?;
            order.extend(parts.into_iter().flatten());
        }
        None if count > 0 => order = order_of(columns, first)?,
        None => {}
    }
    let order = UInt32Array::from(order);
    columns.par_iter().map(|column| take(column, &order, None)).collect()
}

/// The rows' numbers in the order of their values.
fn order_of(columns: &[ArrayRef], first: &[usize]) -> Result<Vec<u32>, ArrowError> {
    let others = (0..columns.len()).filter(|at| !first.contains(at));
    let columns: Vec<ArrayRef> = first.iter().copied().chain(others).map(|at| columns[at].clone()).collect();
    let fields = columns.iter().map(|column| SortField::new(column.data_type().clone())).collect();
    let rows = RowConverter::new(fields)?.convert_columns(&columns)?;
    let mut order: Vec<u32> = (0..rows.num_rows() as u32).collect();
    order.sort_unstable_by(|one, other| rows.row(*one as usize).cmp(&rows.row(*other as usize)));
    Ok(order)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int64Array, StringArray};
    use proptest::prelude::*;

    use super::*;

    type Row = (Option<String>, Option<i64>, Option<i64>);

    fn arrays(rows: &[Row]) -> Vec<ArrayRef> {
        vec![
            Arc::new(rows.iter().map(|row| row.0.as_deref()).collect::<StringArray>()),
            Arc::new(rows.iter().map(|row| row.1).collect::<Int64Array>()),
            Arc::new(rows.iter().map(|row| row.2).collect::<Int64Array>()),
        ]
    }

    proptest! {
        #[test]
        fn order_is_that_of_the_values(
            mut rows in prop::collection::vec((prop::option::of("[a-c]{0,2}"), prop::option::of(-2_i64..2), prop::option::of(0_i64..2)), 0..40),
        ) {
            let given = arrays(&rows);
            rows.sort();
            prop_assert_eq!(sorted(&given, None, &[]).unwrap(), arrays(&rows));
            prop_assert_eq!(sorted(&given, Some(0), &[]).unwrap(), arrays(&rows));
            rows.sort_by(|one, other| (one.2, &one.0, one.1).cmp(&(other.2, &other.0, other.1)));
            prop_assert_eq!(sorted(&given, None, &[2]).unwrap(), arrays(&rows));
            rows.sort_by(|one, other| (one.1, one.2, &one.0).cmp(&(other.1, other.2, &other.0)));
            prop_assert_eq!(sorted(&given, Some(1), &[2]).unwrap(), arrays(&rows));
            prop_assert_eq!(sorted(&given, Some(1), &[1, 2]).unwrap(), arrays(&rows));
        }
    }
}
