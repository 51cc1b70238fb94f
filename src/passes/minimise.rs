//! Minimisation: a cell becomes NULL, a placeholder, the first day of its period, or its first characters.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, TimeUnit};
use jiff::tz::TimeZone;

use crate::decide::clocks::day_of_date;
use crate::kernels::replace::{Constant, constant, nulls};
use crate::kernels::{KernelError, period, truncate};
use crate::pipeline::{PeriodKind, Scalar, Shape, Treatment};

/// The fewest characters, or digits, that a column must hold for a replacement per row.
pub fn shortest_derived(shape: Shape) -> usize {
    match shape {
        Shape::Text => 8,
        Shape::Email => 24,
        Shape::Digits | Shape::Integer | Shape::Decimal { .. } => 13,
        Shape::Uuid => 36,
        Shape::Bytes => 0,
    }
}

/// The cells after minimisation. Idempotent. A placeholder also stands where the cell was NULL: a mandatory column has none.
pub fn minimise(cells: &ArrayRef, treatment: &Treatment, zone: &TimeZone) -> Result<ArrayRef, KernelError> {
    match treatment {
        Treatment::Null => Ok(nulls(cells)),
        Treatment::Constant(value) => {
            let value = fitted(value, cells.data_type());
            constant(&value, cells.data_type(), cells.len())
        }
        Treatment::Period(kind) => to_period(cells, *kind, zone),
        Treatment::Prefix(length) => match cells.as_string_opt::<i32>() {
            Some(text) => Ok(Arc::new(truncate::truncate_text(text, *length))),
            None => Ok(cells.clone()),
        },
        _ => Ok(cells.clone()),
    }
}

/// The kernel's period of a pipeline's.
pub fn kernel_period(kind: PeriodKind) -> period::Period {
    match kind {
        PeriodKind::Year => period::Period::Year,
        PeriodKind::Quarter => period::Period::Quarter,
        PeriodKind::Month => period::Period::Month,
        PeriodKind::Week => period::Period::Week,
        PeriodKind::Day => period::Period::Day,
    }
}

fn to_period(cells: &ArrayRef, kind: PeriodKind, zone: &TimeZone) -> Result<ArrayRef, KernelError> {
    let days = period::to_period(cells, kernel_period(kind), zone)?;
    match cells.data_type() {
        DataType::Timestamp(TimeUnit::Microsecond, column_zone) => {
            // The first instant of the period's first local day, so that treating it again changes nothing.
            let instants: arrow::array::TimestampMicrosecondArray = days
                .iter()
                .map(|day| {
                    let date = crate::decide::clocks::date_of_day(day?)?;
                    let start = date.to_zoned(zone.clone()).ok()?;
                    Some(start.timestamp().as_microsecond())
                })
                .collect();
            Ok(Arc::new(instants.with_timezone_opt(column_zone.clone())))
        }
        _ => Ok(Arc::new(days)),
    }
}

/// A constant of the pipeline in the form that the column's type takes.
fn fitted(value: &Scalar, data_type: &DataType) -> Constant {
    match (value, data_type) {
        (Scalar::Integer(number), DataType::Decimal128(_, scale)) => {
            Constant::Decimal(i128::from(*number) * 10i128.pow((*scale).max(0) as u32))
        }
        (Scalar::Number(number), DataType::Decimal128(_, scale)) => {
            Constant::Decimal((number * 10f64.powi(i32::from(*scale))).round() as i128)
        }
        (Scalar::Integer(number), DataType::Float64) => Constant::Float(*number as f64),
        (Scalar::Integer(number), _) => Constant::Integer(*number),
        (Scalar::Number(number), _) => Constant::Float(*number),
        (Scalar::Boolean(value), _) => Constant::Boolean(*value),
        (Scalar::Text(text), DataType::Date32) => Constant::Date(text.parse().map_or(0, day_of_date)),
        (Scalar::Text(text), DataType::Timestamp(..)) => {
            Constant::Timestamp(text.parse().map_or(0, |date: jiff::civil::Date| i64::from(day_of_date(date)) * 86_400_000_000))
        }
        (Scalar::Text(text), DataType::Binary) => Constant::Bytes(text.clone().into_bytes()),
        (Scalar::Text(text), _) => Constant::Text(text.clone()),
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Date32Array, Decimal128Array, StringArray, TimestampMicrosecondArray};

    use super::*;

    fn twice(cells: ArrayRef, treatment: &Treatment) -> ArrayRef {
        let zone = TimeZone::get("Europe/Stockholm").unwrap();
        let once = minimise(&cells, treatment, &zone).unwrap();
        let again = minimise(&once, treatment, &zone).unwrap();
        assert_eq!(&once, &again, "treating twice equals once");
        once
    }

    #[test]
    fn every_minimisation_is_idempotent_and_says_what_it_should() {
        let names: ArrayRef = Arc::new(StringArray::from(vec![Some("Astrid"), None]));
        assert_eq!(twice(names.clone(), &Treatment::Null).null_count(), 2);
        let placeholder = twice(names.clone(), &Treatment::Constant(Scalar::Text("XXX".into())));
        assert_eq!(placeholder.as_string::<i32>(), &StringArray::from(vec!["XXX", "XXX"]));
        assert_eq!(twice(names, &Treatment::Prefix(2)).as_string::<i32>(), &StringArray::from(vec![Some("As"), None]));
        let born: ArrayRef = Arc::new(Date32Array::from(vec![20_635])); // 2026-07-01
        let year = twice(born, &Treatment::Period(PeriodKind::Year));
        assert_eq!(year.as_primitive::<arrow::datatypes::Date32Type>().value(0), 20_454); // 2026-01-01
    }

    #[test]
    fn an_instant_becomes_the_first_local_instant_of_its_period() {
        // 2026-07-15 12:00 UTC; the quarter began on 1 July 00:00 in Stockholm, 22:00 UTC the day before.
        let seen: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![1_784_116_800_000_000]).with_timezone("UTC"));
        let quarter = twice(seen, &Treatment::Period(PeriodKind::Quarter));
        let first = quarter.as_primitive::<arrow::datatypes::TimestampMicrosecondType>().value(0);
        assert_eq!(jiff::Timestamp::from_microsecond(first).unwrap().to_string(), "2026-06-30T22:00:00Z");
    }

    #[test]
    fn a_decimal_placeholder_has_the_columns_scale() {
        let wages: ArrayRef = Arc::new(Decimal128Array::from(vec![1]).with_precision_and_scale(10, 2).unwrap());
        let treated = twice(wages, &Treatment::Constant(Scalar::Integer(7)));
        assert_eq!(treated.as_primitive::<arrow::datatypes::Decimal128Type>().value(0), 700);
    }
}
