//! Conditions on cells: blocking conditions, flags, filters.

use std::cmp::Ordering;
use std::str::FromStr;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use jiff::Timestamp;
use jiff::civil::Date;

use super::clocks::day_of_date;
use super::days::DecideError;
use crate::pipeline::*;
use crate::snapshot::State;
use crate::store::Column;

/// Whether each row of the table passes.
pub fn passes(pipeline: &Pipeline, state: &State, table: TableIndex, condition: &Condition) -> Result<Vec<bool>, DecideError> {
    let names = || (pipeline.tables[table].name().to_owned(), pipeline.tables[table].catalog.columns[condition.column].name.clone());
    let cells = state.column(table, condition.column).ok_or_else(|| {
        let (table, column) = names();
        DecideError::NotRead { table, column }
    })?;
    passes_column(&pipeline.tables[table].catalog.columns[condition.column], cells, &condition.tests).ok_or_else(|| {
        let (table, column) = names();
        DecideError::Type { table, column, data_type: cells.data_type().to_string() }
    })
}

/// [`passes_cells`] as the store compares the column: where texts that differ in case alone are equal to it, they are here.
pub fn passes_column(column: &Column, values: &ArrayRef, tests: &[Test]) -> Option<Vec<bool>> {
    let Some(texts) = values.as_string_opt::<i32>().filter(|_| column.case_insensitive) else {
        return passes_cells(values, tests);
    };
    let folded: ArrayRef = Arc::new(texts.iter().map(|text| text.map(str::to_lowercase)).collect::<StringArray>());
    let fold = |scalar: &Scalar| match scalar {
        Scalar::Text(text) => Scalar::Text(text.to_lowercase()),
        other => other.clone(),
    };
    let fold = |test: &Test| match test {
        Test::Is(scalars) => Test::Is(scalars.iter().map(fold).collect()),
        Test::IsNot(scalars) => Test::IsNot(scalars.iter().map(fold).collect()),
        other => other.clone(),
    };
    passes_cells(&folded, &tests.iter().map(fold).collect::<Vec<_>>())
}

/// Which rows of a column pass all tests; `None` where a test names a value of another type than the column, whatever its rows hold.
///
/// NULL is none of the values of an `is`, so it passes every `is_not`; it is neither above nor below anything. A whole number
/// equals the decimal of the same value, and 0 and 1 equal `false` and `true`: stores keep flags either way. Dates are written
/// `2026-11-22`, instants as in RFC 3339.
pub fn passes_cells(values: &ArrayRef, tests: &[Test]) -> Option<Vec<bool>> {
    let mut pass = vec![true; values.len()];
    for test in tests {
        match test {
            Test::Is(scalars) => {
                let any = equals_any(values, scalars)?;
                retain(&mut pass, |row| any[row]);
            }
            Test::IsNot(scalars) => {
                let any = equals_any(values, scalars)?;
                retain(&mut pass, |row| !any[row]);
            }
            Test::Null(wanted) => retain(&mut pass, |row| values.is_null(row) == *wanted),
            Test::Above(bound) => {
                let compared = compared(values, bound)?;
                retain(&mut pass, |row| compared[row] == Some(Ordering::Greater));
            }
            Test::Below(bound) => {
                let compared = compared(values, bound)?;
                retain(&mut pass, |row| compared[row] == Some(Ordering::Less));
            }
        }
    }
    Some(pass)
}

fn retain(pass: &mut [bool], test: impl Fn(usize) -> bool) {
    for (row, pass) in pass.iter_mut().enumerate() {
        *pass = *pass && test(row);
    }
}

/// Per row, whether its value equals one of the scalars; false for NULL.
fn equals_any(values: &ArrayRef, scalars: &[Scalar]) -> Option<Vec<bool>> {
    let mut any = vec![false; values.len()];
    for scalar in scalars {
        let equal: Box<dyn Fn(usize) -> bool + '_> = match (values.data_type(), scalar) {
            (DataType::Boolean, Scalar::Boolean(wanted)) => {
                let cells = values.as_boolean();
                Box::new(move |row| cells.value(row) == *wanted)
            }
            (DataType::Boolean, Scalar::Integer(wanted)) => {
                let cells = values.as_boolean();
                Box::new(move |row| i64::from(cells.value(row)) == *wanted)
            }
            (DataType::Utf8, Scalar::Text(wanted)) => {
                let cells = values.as_string::<i32>();
                Box::new(move |row| cells.value(row) == wanted)
            }
            (DataType::Int64, Scalar::Integer(wanted)) => {
                let cells = values.as_primitive::<Int64Type>();
                Box::new(move |row| cells.value(row) == *wanted)
            }
            (DataType::Int64, Scalar::Boolean(wanted)) => {
                let cells = values.as_primitive::<Int64Type>();
                Box::new(move |row| cells.value(row) == i64::from(*wanted))
            }
            // The amount itself is compared, not its nearest float: of two neighbouring amounts only one is named.
            (DataType::Decimal128(_, scale), Scalar::Integer(wanted)) => {
                let cells = values.as_primitive::<Decimal128Type>();
                let wanted = in_units(*wanted, *scale);
                Box::new(move |row| Some(cells.value(row)) == wanted)
            }
            (DataType::Date32, Scalar::Text(wanted)) => {
                let cells = values.as_primitive::<Date32Type>();
                let wanted = day(wanted)?;
                Box::new(move |row| cells.value(row) == wanted)
            }
            (DataType::Timestamp(TimeUnit::Microsecond, _), Scalar::Text(wanted)) => {
                let cells = values.as_primitive::<TimestampMicrosecondType>();
                let wanted = instant(wanted)?;
                Box::new(move |row| cells.value(row) == wanted)
            }
            (DataType::Float64 | DataType::Int64 | DataType::Decimal128(..), Scalar::Number(_) | Scalar::Integer(_)) => {
                let wanted = number(scalar)?;
                let cells = numbers(values)?;
                Box::new(move |row| cells[row] == Some(wanted))
            }
            _ => return None,
        };
        for (row, any) in any.iter_mut().enumerate() {
            *any = *any || (values.is_valid(row) && equal(row));
        }
    }
    Some(any)
}

/// How each cell stands to a bound; `None` for NULL and for what is not a number. Whole numbers are compared to the last digit.
fn compared(values: &ArrayRef, bound: &Scalar) -> Option<Vec<Option<Ordering>>> {
    Some(match (values.data_type(), bound) {
        (DataType::Int64, Scalar::Integer(bound)) => values.as_primitive::<Int64Type>().iter().map(|cell| Some(cell?.cmp(bound))).collect(),
        (DataType::Decimal128(_, scale), Scalar::Integer(bound)) if let Some(bound) = in_units(*bound, *scale) => {
            values.as_primitive::<Decimal128Type>().iter().map(|cell| Some(cell?.cmp(&bound))).collect()
        }
        (_, Scalar::Number(_) | Scalar::Integer(_)) => {
            let bound = number(bound)?;
            numbers(values)?.into_iter().map(|cell| cell?.partial_cmp(&bound)).collect()
        }
        (DataType::Date32, Scalar::Text(bound)) => {
            let bound = day(bound)?;
            values.as_primitive::<Date32Type>().iter().map(|cell| Some(cell?.cmp(&bound))).collect()
        }
        (DataType::Timestamp(TimeUnit::Microsecond, _), Scalar::Text(bound)) => {
            let bound = instant(bound)?;
            values.as_primitive::<TimestampMicrosecondType>().iter().map(|cell| Some(cell?.cmp(&bound))).collect()
        }
        _ => return None,
    })
}

fn day(text: &str) -> Option<i32> {
    Date::from_str(text).ok().map(day_of_date)
}

fn instant(text: &str) -> Option<i64> {
    Timestamp::from_str(text).ok().map(Timestamp::as_microsecond)
}

fn number(scalar: &Scalar) -> Option<f64> {
    match scalar {
        Scalar::Number(number) => Some(*number),
        Scalar::Integer(number) => Some(*number as f64),
        Scalar::Boolean(_) | Scalar::Text(_) => None,
    }
}

/// A whole number in a decimal's units; `None` where they do not hold it.
fn in_units(number: i64, scale: i8) -> Option<i128> {
    let unit = 10_i128.checked_pow(u32::try_from(scale).ok()?)?;
    i128::from(number).checked_mul(unit)
}

/// The column as floats, for bounds that the file writes as numbers.
fn numbers(values: &ArrayRef) -> Option<Vec<Option<f64>>> {
    Some(match values.data_type() {
        DataType::Int64 => {
            let cells = values.as_primitive::<Int64Type>();
            cells.iter().map(|cell| cell.map(|cell| cell as f64)).collect()
        }
        DataType::Float64 => values.as_primitive::<Float64Type>().iter().collect(),
        DataType::Decimal128(_, scale) => {
            let unit = 10_f64.powi(i32::from(*scale));
            let cells = values.as_primitive::<Decimal128Type>();
            cells.iter().map(|cell| cell.map(|cell| cell as f64 / unit)).collect()
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use arrow::array::{BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, TimestampMicrosecondArray};

    use super::*;

    fn check(values: impl Array + 'static, tests: &[Test], expected: &[bool]) {
        let pass = passes_cells(&(Arc::new(values) as ArrayRef), tests);
        assert_eq!(pass.as_deref(), Some(expected), "{tests:?}");
    }

    #[test]
    fn null_is_none_of_the_values() {
        let texts = || StringArray::from(vec![Some("open"), None, Some("paid")]);
        check(texts(), &[Test::Is(vec![Scalar::Text("open".into())])], &[true, false, false]);
        check(texts(), &[Test::IsNot(vec![Scalar::Text("open".into())])], &[false, true, true]);
        check(texts(), &[Test::Null(true)], &[false, true, false]);
        check(texts(), &[Test::Null(false)], &[true, false, true]);
        check(texts(), &[Test::Null(false), Test::IsNot(vec![Scalar::Text("paid".into())])], &[true, false, false]);
        check(texts(), &[Test::Is(vec![])], &[false, false, false]);
        check(texts(), &[], &[true, true, true]);
    }

    #[test]
    fn texts_compare_as_their_column_does() {
        let column = |case_insensitive| Column {
            name: "state".into(),
            declared: "citext".into(),
            data_type: crate::store::ColumnType::Text,
            nullable: true,
            max_length: None,
            generated: false,
            fixed: None,
            case_insensitive,
        };
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("Öppen"), None, Some("stängd")]));
        let open = || vec![Scalar::Text("ÖPPEN".into())];
        for (case_insensitive, found) in [(true, true), (false, false)] {
            let column = column(case_insensitive);
            assert_eq!(passes_column(&column, &texts, &[Test::Is(open())]).unwrap(), [found, false, false]);
            assert_eq!(passes_column(&column, &texts, &[Test::IsNot(open()), Test::Null(false)]).unwrap(), [!found, false, true]);
        }
    }

    #[test]
    fn numbers_compare_by_value() {
        let money = || Decimal128Array::from(vec![Some(100), Some(150), None, Some(-1)]).with_precision_and_scale(9, 2).unwrap();
        check(money(), &[Test::Is(vec![Scalar::Integer(1), Scalar::Number(1.5)])], &[true, true, false, false]);
        check(money(), &[Test::Above(Scalar::Number(1.0))], &[false, true, false, false]);
        check(money(), &[Test::Below(Scalar::Number(1.5)), Test::Above(Scalar::Number(-1.0))], &[true, false, false, true]);
        check(Int64Array::from(vec![Some(0), Some(1), None]), &[Test::Is(vec![Scalar::Integer(1)])], &[false, true, false]);
        check(
            Int64Array::from(vec![1, 5, 9]),
            &[Test::Above(Scalar::Number(1.0)), Test::Below(Scalar::Number(9.0))],
            &[false, true, false],
        );
        check(Float64Array::from(vec![0.5, f64::NAN]), &[Test::Above(Scalar::Number(0.0))], &[true, false]);
        check(Float64Array::from(vec![2.0, 2.5]), &[Test::Is(vec![Scalar::Integer(2)])], &[true, false]);
    }

    #[test]
    fn a_large_amount_is_not_its_neighbour() {
        let money = Decimal128Array::from(vec![900_719_925_474_099_300, 900_719_925_474_099_200]).with_precision_and_scale(38, 2).unwrap();
        check(money.clone(), &[Test::Is(vec![Scalar::Integer(9_007_199_254_740_993)])], &[true, false]);
        check(money, &[Test::Above(Scalar::Integer(9_007_199_254_740_992))], &[true, false]);
        let numbers = Int64Array::from(vec![i64::MAX - 1, i64::MAX]);
        check(numbers, &[Test::Below(Scalar::Integer(i64::MAX))], &[true, false]);
    }

    #[test]
    fn days_instants_and_flags() {
        check(Date32Array::from(vec![Some(0), Some(1)]), &[Test::Is(vec![Scalar::Text("1970-01-02".into())])], &[false, true]);
        check(
            TimestampMicrosecondArray::from(vec![0, 1_000_000]).with_timezone("UTC"),
            &[Test::Is(vec![Scalar::Text("1970-01-01T01:00:01+01:00".into())])],
            &[false, true],
        );
        check(BooleanArray::from(vec![Some(true), Some(false), None]), &[Test::Is(vec![Scalar::Boolean(false)])], &[false, true, false]);
    }

    #[test]
    fn days_and_instants_have_an_order() {
        let text = |text: &str| Scalar::Text(text.into());
        let days = || Date32Array::from(vec![Some(-1), Some(0), Some(1), None]);
        check(days(), &[Test::Above(text("1970-01-01"))], &[false, false, true, false]);
        check(days(), &[Test::Below(text("1970-01-01"))], &[true, false, false, false]);
        let instants = || TimestampMicrosecondArray::from(vec![Some(-1), Some(0), Some(1), None]).with_timezone("UTC");
        check(instants(), &[Test::Above(text("1970-01-01T01:00:00+01:00"))], &[false, false, true, false]);
        check(instants(), &[Test::Below(text("1970-01-01T00:00:00Z"))], &[true, false, false, false]);
        // A day is no instant before somebody says where it begins, and a number is neither.
        for bound in [text("1970-01-01"), text("1970-01-01T00:00:00"), Scalar::Integer(0), Scalar::Boolean(true)] {
            assert_eq!(passes_cells(&(Arc::new(instants()) as ArrayRef), &[Test::Above(bound)]), None);
        }
    }

    #[test]
    fn a_flag_is_a_boolean_or_one_or_zero() {
        for wanted in [Scalar::Boolean(true), Scalar::Integer(1)] {
            let is = [Test::Is(vec![wanted])];
            check(BooleanArray::from(vec![Some(true), Some(false), None]), &is, &[true, false, false]);
            check(Int64Array::from(vec![Some(1), Some(0), None, Some(2)]), &is, &[true, false, false, false]);
        }
    }

    #[test]
    fn another_type_is_refused_and_not_taken_for_unequal() {
        let text: ArrayRef = Arc::new(StringArray::from(vec!["1"]));
        for test in [Test::Is(vec![Scalar::Integer(1)]), Test::IsNot(vec![Scalar::Boolean(true)]), Test::Above(Scalar::Number(0.0))] {
            assert_eq!(passes_cells(&text, &[test]), None);
        }
        let day: ArrayRef = Arc::new(Date32Array::from(vec![0]));
        assert_eq!(passes_cells(&day, &[Test::Is(vec![Scalar::Text("yesterday".into())])]), None);
        // Nor does it depend on what the rows hold: a condition that is wrong tonight was wrong on the first, empty night.
        let nothing: ArrayRef = Arc::new(Int64Array::from(vec![None, None]));
        assert_eq!(passes_cells(&nothing, &[Test::Is(vec![Scalar::Text("1".into())])]), None);
    }
}
