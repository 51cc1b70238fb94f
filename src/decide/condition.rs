//! Conditions on cells: blocking conditions, flags, filters.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type};

use super::days::DecideError;
use crate::pipeline::*;
use crate::snapshot::State;

/// Whether each row of the table passes.
pub fn passes(pipeline: &Pipeline, state: &State, table: TableIndex, condition: &Condition) -> Result<Vec<bool>, DecideError> {
    let names = || (pipeline.tables[table].name().to_owned(), pipeline.tables[table].catalog.columns[condition.column].name.clone());
    let cells = state.column(table, condition.column).ok_or_else(|| {
        let (table, column) = names();
        DecideError::NotRead { table, column }
    })?;
    passes_cells(cells, &condition.tests).ok_or_else(|| {
        let (table, column) = names();
        DecideError::Type { table, column, data_type: cells.data_type().to_string() }
    })
}

/// The same for an array; `None` where a test can not be made on its type.
pub fn passes_cells(cells: &ArrayRef, tests: &[Test]) -> Option<Vec<bool>> {
    let mut passing = vec![true; cells.len()];
    for test in tests {
        for (row, passing) in passing.iter_mut().enumerate() {
            *passing &= match test {
                Test::Null(wanted) => cells.is_null(row) == *wanted,
                Test::Is(values) => cells.is_valid(row) && one_of(cells, row, values)?,
                Test::IsNot(values) => cells.is_null(row) || !one_of(cells, row, values)?,
                Test::Above(limit) => cells.is_valid(row) && number(cells, row)? > *limit,
                Test::Below(limit) => cells.is_valid(row) && number(cells, row)? < *limit,
            };
        }
    }
    Some(passing)
}

fn one_of(cells: &ArrayRef, row: usize, values: &[Scalar]) -> Option<bool> {
    for value in values {
        let equal = match (cells.data_type(), value) {
            (DataType::Utf8, Scalar::Text(text)) => cells.as_string::<i32>().value(row) == text,
            (DataType::Utf8, Scalar::Integer(number)) => cells.as_string::<i32>().value(row) == number.to_string(),
            (DataType::Boolean, Scalar::Boolean(wanted)) => cells.as_boolean().value(row) == *wanted,
            (DataType::Boolean, Scalar::Integer(wanted)) => i64::from(cells.as_boolean().value(row)) == *wanted,
            (DataType::Int64, Scalar::Integer(wanted)) => cells.as_primitive::<Int64Type>().value(row) == *wanted,
            (DataType::Int64, Scalar::Boolean(wanted)) => cells.as_primitive::<Int64Type>().value(row) == i64::from(*wanted),
            (DataType::Int64 | DataType::Float64 | DataType::Decimal128(..), Scalar::Number(wanted)) => number(cells, row)? == *wanted,
            (DataType::Float64 | DataType::Decimal128(..), Scalar::Integer(wanted)) => number(cells, row)? == *wanted as f64,
            (DataType::Date32, Scalar::Text(text)) => {
                let day = cells.as_primitive::<arrow::datatypes::Date32Type>().value(row);
                super::clocks::date_of_day(day).is_some_and(|date| date.to_string() == *text)
            }
            _ => return None,
        };
        if equal {
            return Some(true);
        }
    }
    Some(false)
}

fn number(cells: &ArrayRef, row: usize) -> Option<f64> {
    match cells.data_type() {
        DataType::Int64 => Some(cells.as_primitive::<Int64Type>().value(row) as f64),
        DataType::Float64 => Some(cells.as_primitive::<Float64Type>().value(row)),
        DataType::Decimal128(_, scale) => Some(cells.as_primitive::<Decimal128Type>().value(row) as f64 / 10f64.powi(i32::from(*scale))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{BooleanArray, Decimal128Array, Int64Array, StringArray};

    use super::*;

    #[test]
    fn null_is_none_of_the_values_and_equal_to_none() {
        let cells: ArrayRef = Arc::new(StringArray::from(vec![Some("open"), Some("paid"), None]));
        let paid = vec![Scalar::Text("paid".into())];
        assert_eq!(passes_cells(&cells, &[Test::Is(paid.clone())]).unwrap(), [false, true, false]);
        assert_eq!(passes_cells(&cells, &[Test::IsNot(paid)]).unwrap(), [true, false, true]);
        assert_eq!(passes_cells(&cells, &[Test::Null(true)]).unwrap(), [false, false, true]);
        assert_eq!(passes_cells(&cells, &[Test::Null(false)]).unwrap(), [true, true, false]);
    }

    #[test]
    fn numbers_compare_by_value_whatever_their_type() {
        let decimals: ArrayRef =
            Arc::new(Decimal128Array::from(vec![Some(0), Some(1), Some(12_50), None]).with_precision_and_scale(10, 2).unwrap());
        assert_eq!(passes_cells(&decimals, &[Test::Above(0.0)]).unwrap(), [false, true, true, false]);
        assert_eq!(passes_cells(&decimals, &[Test::Is(vec![Scalar::Number(12.5)])]).unwrap(), [false, false, true, false]);
        assert_eq!(passes_cells(&decimals, &[Test::Is(vec![Scalar::Integer(0)])]).unwrap(), [true, false, false, false]);
        let integers: ArrayRef = Arc::new(Int64Array::from(vec![1, 5, 9]));
        assert_eq!(passes_cells(&integers, &[Test::Above(1.0), Test::Below(9.0)]).unwrap(), [false, true, false]);
        let flags: ArrayRef = Arc::new(BooleanArray::from(vec![true, false]));
        assert_eq!(passes_cells(&flags, &[Test::Is(vec![Scalar::Integer(1)])]).unwrap(), [true, false]);
    }

    #[test]
    fn a_test_that_a_type_can_not_take_is_an_error_not_false() {
        let cells: ArrayRef = Arc::new(Int64Array::from(vec![1]));
        assert!(passes_cells(&cells, &[Test::Is(vec![Scalar::Text("1".into())])]).is_none());
    }
}
