//! From SQLite's cells to Arrow columns: one builder per column, fed cell by cell from the driver's borrowed values.
//!
//! A cell that SQLite's affinity would never have stored in a column of the declared type is an error that names the row. Dates and
//! timestamps are the exception: people type them, so that a text that is no date is `NULL` in the batch and listed as unreadable.

use std::fmt::Write;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, Float64Builder, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use jiff::tz::TimeZone;
use rusqlite::types::ValueRef;

use super::decimal::{self, Shape};
use crate::store::ColumnType;
use crate::store::temporal;

const IS_TEXT: &str = "the cell holds text";
const IS_BLOB: &str = "the cell holds a blob";
const IS_FRACTION: &str = "the number is not a whole number of 64 bits";
const NOT_BOOLEAN: &str = "the cell is neither 0 nor 1, true nor false";
const NOT_UTF8: &str = "the text is not valid UTF-8";

/// What became of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It was read (or is NULL).
    Read,
    /// It is a date or time that can not be read; the column got a NULL.
    Unreadable,
}

/// The growing column.
pub(super) enum Decoder {
    Integer(Int64Builder),
    Decimal(Decimal128Builder, Shape),
    Float(Float64Builder),
    Text(StringBuilder),
    Date(Date32Builder),
    Timestamp(TimestampMicrosecondBuilder, TimeZone),
    Boolean(BooleanBuilder),
    Blob(BinaryBuilder),
}

impl Decoder {
    /// A decoder for a type; `None` for an unsupported one.
    pub(super) fn new(data_type: ColumnType, zone: &TimeZone) -> Option<Self> {
        Some(match data_type {
            ColumnType::Integer => Self::Integer(Int64Builder::new()),
            ColumnType::Decimal { precision, scale } => {
                Self::Decimal(Decimal128Builder::new().with_precision_and_scale(precision, scale).ok()?, Shape::new(precision, scale))
            }
            ColumnType::Float => Self::Float(Float64Builder::new()),
            ColumnType::Text => Self::Text(StringBuilder::new()),
            ColumnType::Date => Self::Date(Date32Builder::new()),
            ColumnType::Timestamp => Self::Timestamp(TimestampMicrosecondBuilder::new().with_timezone("UTC"), zone.clone()),
            ColumnType::Boolean => Self::Boolean(BooleanBuilder::new()),
            ColumnType::Blob => Self::Blob(BinaryBuilder::new()),
            ColumnType::Unsupported => return None,
        })
    }

    /// Appends a cell.
    ///
    /// # Errors
    /// Why the cell does not fit the type, without its value. Nothing is appended then.
    pub(super) fn append(&mut self, cell: ValueRef<'_>) -> Result<Outcome, &'static str> {
        match self {
            Self::Integer(builder) => builder.append_option(integer(cell)?),
            Self::Decimal(builder, shape) => builder.append_option(match cell {
                ValueRef::Null => None,
                ValueRef::Integer(value) => Some(shape.integer(value)?),
                ValueRef::Real(value) => Some(shape.real(value)?),
                ValueRef::Text(text) => Some(shape.text(text)?),
                ValueRef::Blob(_) => return Err(IS_BLOB),
            }),
            Self::Float(builder) => builder.append_option(match cell {
                ValueRef::Null => None,
                ValueRef::Integer(value) => Some(value as f64),
                ValueRef::Real(value) => Some(value),
                ValueRef::Text(_) => return Err(IS_TEXT),
                ValueRef::Blob(_) => return Err(IS_BLOB),
            }),
            Self::Text(builder) => match cell {
                ValueRef::Null => builder.append_null(),
                ValueRef::Text(text) => builder.append_value(std::str::from_utf8(text).map_err(|_| NOT_UTF8)?),
                ValueRef::Integer(value) => rendered(builder, format_args!("{value}"))?,
                ValueRef::Real(value) => rendered(builder, format_args!("{value:?}"))?,
                ValueRef::Blob(_) => return Err(IS_BLOB),
            },
            Self::Date(builder) => {
                let day = match cell {
                    ValueRef::Text(text) => temporal::day(text),
                    _ => None,
                };
                builder.append_option(day);
                return Ok(readable(day.is_some(), cell));
            }
            Self::Timestamp(builder, zone) => {
                let instant = match cell {
                    ValueRef::Text(text) => temporal::instant(text, zone),
                    ValueRef::Integer(seconds) => temporal::from_seconds(seconds),
                    _ => None,
                };
                builder.append_option(instant);
                return Ok(readable(instant.is_some(), cell));
            }
            Self::Boolean(builder) => builder.append_option(boolean(cell)?),
            Self::Blob(builder) => match cell {
                ValueRef::Null => builder.append_null(),
                ValueRef::Blob(bytes) | ValueRef::Text(bytes) => builder.append_value(bytes),
                ValueRef::Integer(_) | ValueRef::Real(_) => return Err("the cell holds a number"),
            },
        }
        Ok(Outcome::Read)
    }

    /// Bytes of text or blobs appended so far.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Text(builder) => builder.values_slice().len(),
            Self::Blob(builder) => builder.values_slice().len(),
            _ => 0,
        }
    }

    /// The column of the cells appended so far; the decoder starts anew.
    pub(super) fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Integer(builder) => Arc::new(builder.finish()),
            Self::Decimal(builder, _) => Arc::new(builder.finish()),
            Self::Float(builder) => Arc::new(builder.finish()),
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Date(builder) => Arc::new(builder.finish()),
            Self::Timestamp(builder, _) => Arc::new(builder.finish()),
            Self::Boolean(builder) => Arc::new(builder.finish()),
            Self::Blob(builder) => Arc::new(builder.finish()),
        }
    }
}

fn readable(read: bool, cell: ValueRef<'_>) -> Outcome {
    if read || matches!(cell, ValueRef::Null) { Outcome::Read } else { Outcome::Unreadable }
}

fn integer(cell: ValueRef<'_>) -> Result<Option<i64>, &'static str> {
    // 2^63 as a double: the first value beyond 64 bits.
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    match cell {
        ValueRef::Null => Ok(None),
        ValueRef::Integer(value) => Ok(Some(value)),
        ValueRef::Real(value) if value.fract() == 0.0 && (-BEYOND..BEYOND).contains(&value) => Ok(Some(value as i64)),
        ValueRef::Real(_) => Err(IS_FRACTION),
        // A text that is a number would have become one under the column's affinity.
        ValueRef::Text(_) => Err(IS_TEXT),
        ValueRef::Blob(_) => Err(IS_BLOB),
    }
}

fn boolean(cell: ValueRef<'_>) -> Result<Option<bool>, &'static str> {
    let is = |text: &[u8], long: &[u8], short: &[u8]| text.eq_ignore_ascii_case(long) || text.eq_ignore_ascii_case(short);
    match cell {
        ValueRef::Null => Ok(None),
        ValueRef::Integer(0) => Ok(Some(false)),
        ValueRef::Integer(1) => Ok(Some(true)),
        ValueRef::Text(text) if is(text, b"true", b"t") => Ok(Some(true)),
        ValueRef::Text(text) if is(text, b"false", b"f") => Ok(Some(false)),
        _ => Err(NOT_BOOLEAN),
    }
}

/// A number in a text column, written into the column's own buffer.
fn rendered(builder: &mut StringBuilder, number: std::fmt::Arguments<'_>) -> Result<(), &'static str> {
    builder.write_fmt(number).map_err(|_| decimal::NO_NUMBER)?;
    builder.append_value("");
    Ok(())
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, AsArray};
    use arrow::datatypes::{Date32Type, Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType};

    use super::*;

    fn decode(data_type: ColumnType, cell: ValueRef<'_>) -> Result<(Outcome, ArrayRef), &'static str> {
        let mut decoder = Decoder::new(data_type, &TimeZone::UTC).unwrap();
        let outcome = decoder.append(cell)?;
        let column = decoder.finish();
        assert_eq!(column.data_type(), &data_type.arrow());
        assert_eq!(column.len(), 1);
        Ok((outcome, column))
    }

    #[test]
    fn integers() {
        let value = |cell| decode(ColumnType::Integer, cell).map(|(_, column)| column.as_primitive::<Int64Type>().value(0));
        assert_eq!(value(ValueRef::Integer(i64::MIN)), Ok(i64::MIN));
        assert_eq!(value(ValueRef::Real(-3.0)), Ok(-3));
        assert_eq!(value(ValueRef::Real(3.5)), Err(IS_FRACTION));
        assert_eq!(value(ValueRef::Real(9_223_372_036_854_775_808.0)), Err(IS_FRACTION));
        assert_eq!(value(ValueRef::Text(b"3")), Err(IS_TEXT));
        assert_eq!(value(ValueRef::Blob(b"3")), Err(IS_BLOB));
    }

    #[test]
    fn decimals() {
        let data_type = ColumnType::Decimal { precision: 10, scale: 2 };
        let value = |cell| decode(data_type, cell).map(|(_, column)| column.as_primitive::<Decimal128Type>().value(0));
        assert_eq!(value(ValueRef::Integer(7)), Ok(700));
        assert_eq!(value(ValueRef::Real(0.3)), Ok(30));
        assert_eq!(value(ValueRef::Real(0.305)), Err(decimal::TOO_FINE));
        assert_eq!(value(ValueRef::Text(b"12.50")), Ok(1_250));
        assert_eq!(value(ValueRef::Blob(b"1")), Err(IS_BLOB));
    }

    #[test]
    fn floats_texts_and_blobs() {
        let float = |cell| decode(ColumnType::Float, cell).map(|(_, column)| column.as_primitive::<Float64Type>().value(0));
        assert_eq!(float(ValueRef::Real(0.1)), Ok(0.1));
        assert_eq!(float(ValueRef::Integer(2)), Ok(2.0));
        assert_eq!(float(ValueRef::Text(b"2")), Err(IS_TEXT));
        let text = |cell| decode(ColumnType::Text, cell).map(|(_, column)| column.as_string::<i32>().value(0).to_owned());
        assert_eq!(text(ValueRef::Text("Åsa\0".as_bytes())), Ok("Åsa\0".into()));
        assert_eq!(text(ValueRef::Integer(-12)), Ok("-12".into()));
        assert_eq!(text(ValueRef::Real(1.0)), Ok("1.0".into()));
        assert_eq!(text(ValueRef::Text(b"\xff")), Err(NOT_UTF8));
        assert_eq!(text(ValueRef::Blob(b"a")), Err(IS_BLOB));
        let blob = |cell| decode(ColumnType::Blob, cell).map(|(_, column)| column.as_binary::<i32>().value(0).to_owned());
        assert_eq!(blob(ValueRef::Text(b"\xff")), Ok(vec![0xff]));
        assert!(blob(ValueRef::Integer(1)).is_err());
    }

    #[test]
    fn booleans() {
        let value = |cell| decode(ColumnType::Boolean, cell).map(|(_, column)| column.as_boolean().value(0));
        assert_eq!(value(ValueRef::Integer(0)), Ok(false));
        assert_eq!(value(ValueRef::Text(b"True")), Ok(true));
        assert_eq!(value(ValueRef::Text(b"f")), Ok(false));
        for cell in [ValueRef::Integer(2), ValueRef::Real(0.5), ValueRef::Text(b"yes"), ValueRef::Text(b""), ValueRef::Blob(b"t")] {
            assert_eq!(value(cell), Err(NOT_BOOLEAN));
        }
    }

    #[test]
    fn dates_that_can_not_be_read_are_told_apart_from_missing_ones() {
        let (outcome, column) = decode(ColumnType::Date, ValueRef::Text(b"2024-02-29 10:00")).unwrap();
        assert_eq!((outcome, column.as_primitive::<Date32Type>().value(0)), (Outcome::Read, 19_782));
        let (outcome, column) = decode(ColumnType::Timestamp, ValueRef::Integer(86_400)).unwrap();
        assert_eq!((outcome, column.as_primitive::<TimestampMicrosecondType>().value(0)), (Outcome::Read, 86_400_000_000));
        for data_type in [ColumnType::Date, ColumnType::Timestamp] {
            for cell in [ValueRef::Text(b"unknown"), ValueRef::Text(b""), ValueRef::Real(2_460_000.5), ValueRef::Blob(b"2024-01-01")] {
                let (outcome, column) = decode(data_type, cell).unwrap();
                assert_eq!((outcome, column.is_null(0)), (Outcome::Unreadable, true));
            }
            let (outcome, column) = decode(data_type, ValueRef::Null).unwrap();
            assert_eq!((outcome, column.is_null(0)), (Outcome::Read, true));
        }
        assert_eq!(decode(ColumnType::Date, ValueRef::Integer(20_240_101)).unwrap().0, Outcome::Unreadable);
    }

    #[test]
    fn a_null_is_a_null_in_every_type() {
        for data_type in [
            ColumnType::Integer,
            ColumnType::Decimal { precision: 5, scale: 1 },
            ColumnType::Float,
            ColumnType::Text,
            ColumnType::Boolean,
            ColumnType::Blob,
        ] {
            let (outcome, column) = decode(data_type, ValueRef::Null).unwrap();
            assert_eq!((outcome, column.is_null(0)), (Outcome::Read, true));
        }
        assert!(Decoder::new(ColumnType::Unsupported, &TimeZone::UTC).is_none());
    }
}
