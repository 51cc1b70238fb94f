//! From Arrow columns to SQLite's cells: keys, new values, and locators.
//!
//! A value is bound in the storage class that the column's affinity would give it: integers as INTEGER, decimals as the INTEGER or REAL that
//! reads back as the same decimal, dates as `YYYY-MM-DD`, timestamps as `YYYY-MM-DD HH:MM:SS[.ffffff]` of the pipeline's zone, booleans as 0
//! and 1. A key therefore finds its row again when it was stored in this form; a date key stored in another form leads to no row.

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BinaryBuilder, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array,
    StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use jiff::tz::TimeZone;
use rusqlite::Statement;
use rusqlite::types::{ToSqlOutput, ValueRef};

use super::decimal::{self, Number};
use crate::store::temporal;

/// Why a cell was not bound.
#[derive(Debug)]
pub(super) enum Unbound {
    /// The driver refused it.
    Driver(rusqlite::Error),
    /// SQLite has no form for it, for this reason.
    Unwritable(&'static str),
}

impl From<rusqlite::Error> for Unbound {
    fn from(error: rusqlite::Error) -> Self {
        Self::Driver(error)
    }
}

/// A column whose cells are bound one by one.
pub(super) enum Cells<'a> {
    Null,
    Integer(&'a Int64Array),
    Decimal(&'a Decimal128Array, i8),
    Float(&'a Float64Array),
    Text(&'a StringArray),
    Date(&'a Date32Array),
    Timestamp(&'a TimestampMicrosecondArray),
    Boolean(&'a BooleanArray),
    Blob(&'a BinaryArray),
    Stored(&'a BinaryArray),
}

impl<'a> Cells<'a> {
    /// The cells of a column of values; `None` for a type that no column of a store has.
    pub(super) fn values(array: &'a ArrayRef) -> Option<Self> {
        Some(match array.data_type() {
            DataType::Null => Self::Null,
            DataType::Int64 => Self::Integer(array.as_primitive::<Int64Type>()),
            DataType::Decimal128(_, scale) => Self::Decimal(array.as_primitive::<Decimal128Type>(), *scale),
            DataType::Float64 => Self::Float(array.as_primitive::<Float64Type>()),
            DataType::Utf8 => Self::Text(array.as_string::<i32>()),
            DataType::Date32 => Self::Date(array.as_primitive::<Date32Type>()),
            DataType::Timestamp(TimeUnit::Microsecond, _) => Self::Timestamp(array.as_primitive::<TimestampMicrosecondType>()),
            DataType::Boolean => Self::Boolean(array.as_boolean()),
            DataType::Binary => Self::Blob(array.as_binary::<i32>()),
            _ => return None,
        })
    }

    /// The cells of a locating column: row numbers, or cells as they are stored.
    pub(super) fn locators(array: &'a ArrayRef) -> Option<Self> {
        match array.data_type() {
            DataType::Int64 => Some(Self::Integer(array.as_primitive::<Int64Type>())),
            DataType::Binary => Some(Self::Stored(array.as_binary::<i32>())),
            _ => None,
        }
    }

    fn is_null(&self, row: usize) -> bool {
        match self {
            Self::Null => true,
            Self::Integer(array) => array.is_null(row),
            Self::Decimal(array, _) => array.is_null(row),
            Self::Float(array) => array.is_null(row),
            Self::Text(array) => array.is_null(row),
            Self::Date(array) => array.is_null(row),
            Self::Timestamp(array) => array.is_null(row),
            Self::Boolean(array) => array.is_null(row),
            Self::Blob(array) | Self::Stored(array) => array.is_null(row),
        }
    }

    /// One cell as SQLite stores it; `text` is where a date is written.
    pub(super) fn cell<'b>(&'b self, row: usize, zone: &TimeZone, text: &'b mut String) -> Result<ValueRef<'b>, &'static str> {
        const NO_DATE: &str = "a date outside of the years 0001 to 9999 can not be written";
        if self.is_null(row) {
            return Ok(ValueRef::Null);
        }
        text.clear();
        Ok(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(array) => ValueRef::Integer(array.value(row)),
            Self::Decimal(array, scale) => match decimal::stored(array.value(row), *scale) {
                Some(Number::Integer(whole)) => ValueRef::Integer(whole),
                Some(Number::Real(real)) => ValueRef::Real(real),
                None => return Err("SQLite can not hold the decimal exactly"),
            },
            Self::Float(array) => ValueRef::Real(array.value(row)),
            Self::Text(array) => ValueRef::Text(array.value(row).as_bytes()),
            Self::Date(array) => {
                temporal::write_day(i64::from(array.value(row)), text).ok_or(NO_DATE)?;
                ValueRef::Text(text.as_bytes())
            }
            Self::Timestamp(array) => {
                temporal::write_instant(array.value(row), zone, text).ok_or(NO_DATE)?;
                ValueRef::Text(text.as_bytes())
            }
            Self::Boolean(array) => ValueRef::Integer(i64::from(array.value(row))),
            Self::Blob(array) => ValueRef::Blob(array.value(row)),
            Self::Stored(array) => stored_cell(array.value(row)).ok_or("the locator is not of this store")?,
        })
    }

    /// Binds one cell to a parameter (counted from 1).
    pub(super) fn bind(
        &self,
        row: usize,
        zone: &TimeZone,
        text: &mut String,
        statement: &mut Statement<'_>,
        parameter: usize,
    ) -> Result<(), Unbound> {
        let cell = self.cell(row, zone, text).map_err(Unbound::Unwritable)?;
        Ok(statement.raw_bind_parameter(parameter, ToSqlOutput::Borrowed(cell))?)
    }
}

/// Appends a cell exactly as SQLite stores it: a tag of the storage class, then its bytes. A locator so made finds its row whatever the
/// column's declared type, and whatever form the value has.
pub(super) fn append_stored(builder: &mut BinaryBuilder, bytes: &mut Vec<u8>, cell: ValueRef<'_>) {
    bytes.clear();
    match cell {
        ValueRef::Null => bytes.push(0),
        ValueRef::Integer(value) => {
            bytes.push(1);
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        ValueRef::Real(value) => {
            bytes.push(2);
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        ValueRef::Text(text) => {
            bytes.push(3);
            bytes.extend_from_slice(text);
        }
        ValueRef::Blob(blob) => {
            bytes.push(4);
            bytes.extend_from_slice(blob);
        }
    }
    builder.append_value(&*bytes);
}

/// Reads what [`append_stored`] wrote.
fn stored_cell(bytes: &[u8]) -> Option<ValueRef<'_>> {
    let (tag, rest) = bytes.split_first()?;
    Some(match tag {
        0 => ValueRef::Null,
        1 => ValueRef::Integer(i64::from_le_bytes(rest.try_into().ok()?)),
        2 => ValueRef::Real(f64::from_le_bytes(rest.try_into().ok()?)),
        3 => ValueRef::Text(rest),
        4 => ValueRef::Blob(rest),
        _ => return None,
    })
}

/// Appends the bytes that name a row by one of its cells: the text of a number, or the bytes themselves; nothing for NULL.
pub(super) fn append_name(name: &mut Vec<u8>, cell: ValueRef<'_>) {
    match cell {
        ValueRef::Null => {}
        ValueRef::Integer(value) => name.extend_from_slice(value.to_string().as_bytes()),
        ValueRef::Real(value) => name.extend_from_slice(value.to_string().as_bytes()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => name.extend_from_slice(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_cell_is_read_as_it_was() {
        let cells = [
            ValueRef::Null,
            ValueRef::Integer(i64::MIN),
            ValueRef::Real(-0.0),
            ValueRef::Text("Åsa".as_bytes()),
            ValueRef::Text(b"\xff\0"),
            ValueRef::Text(b""),
            ValueRef::Blob(b""),
            ValueRef::Blob(b"\x01"),
        ];
        let (mut builder, mut bytes) = (BinaryBuilder::new(), Vec::new());
        for cell in cells {
            append_stored(&mut builder, &mut bytes, cell);
        }
        let column = builder.finish();
        for (row, cell) in cells.into_iter().enumerate() {
            assert_eq!(stored_cell(column.value(row)), Some(cell));
        }
        assert_eq!(stored_cell(b""), None);
        assert_eq!(stored_cell(b"\x01\x02"), None);
        assert_eq!(stored_cell(b"\x09"), None);
    }
}
