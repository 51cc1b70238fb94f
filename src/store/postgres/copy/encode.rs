//! From Arrow columns to the bytes of a COPY into the server: keys, new values, and rows' places.

use std::ops::Range;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use jiff::tz::TimeZone;

use super::numeric::Shape;
use super::offsets::Offsets;
use super::{EPOCH_DAYS, EPOCH_MICROSECONDS, LONGEST_FIELD, SIGNATURE, Wire, fixed};

const NULL: [u8; 4] = (-1_i32).to_be_bytes();
const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();
/// The server's calendar: 4714-11-24 BC up to, but not with, 5874898-01-01 for dates and 294277-01-01 for times.
const FIRST_DAY: i32 = -2_451_545;
const AFTER_LAST_DAY: i32 = 2_145_031_949;
const FIRST_TIME: i64 = -211_813_488_000_000_000;
const AFTER_LAST_TIME: i64 = 9_223_371_331_200_000_000;
const OUTSIDE_CALENDAR: &str = "the date is outside of PostgreSQL's calendar";
const OUTSIDE_RANGE: &str = "the number is outside of the range of the column's type";
const TOO_LONG: &str = "the value is longer than a field can be";
const NUL_CHARACTER: &str = "the text has a NUL character, which PostgreSQL can not store";

/// Why rows could not be encoded. Never carries a cell's value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// A cell has no form on the wire.
    #[error("column {column}, row {row}: {reason}")]
    Cell {
        /// The column, counted from 0 in the order given to the encoder.
        column: usize,
        /// The row, counted from 0 in the arrays.
        row: usize,
        /// Why, without the value.
        reason: &'static str,
    },
    /// An array is not of its column's Arrow type.
    #[error("column {column} is {found} where {expected} is wanted")]
    Type {
        /// The column, counted from 0 in the order given to the encoder.
        column: usize,
        /// The Arrow type wanted.
        expected: DataType,
        /// The array's type.
        found: DataType,
    },
    /// The arrays are not as many as the columns, or shorter than the rows asked for.
    #[error("the arrays do not cover the columns and rows to be encoded")]
    Shape,
}

/// Encodes the stream of a `COPY … FROM STDIN (FORMAT binary)`: [`Encoder::header`], any number of [`Encoder::rows`], [`Encoder::trailer`].
#[derive(Debug, Clone)]
pub struct Encoder {
    columns: Vec<Wire>,
    zone: TimeZone,
}

impl Encoder {
    /// An encoder of these columns. `zone` is that of `timestamp` columns, which hold civil times: the repeated hour of a clock change
    /// reads back as its first occurrence.
    pub fn new(columns: Vec<Wire>, zone: TimeZone) -> Self {
        Self { columns, zone }
    }

    /// Appends what a stream begins with.
    pub fn header(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&SIGNATURE);
        // No flags, no extension.
        out.extend_from_slice(&[0; 8]);
    }

    /// Appends rows of the arrays, which are of the columns' Arrow types (or `Null` for a column of NULLs alone).
    ///
    /// # Errors
    /// The arrays are not those of the columns, or a cell has no form in its column's type; `out` is as before then.
    pub fn rows(&self, columns: &[ArrayRef], range: Range<usize>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        if columns.len() != self.columns.len() || columns.iter().any(|array| array.len() < range.end) {
            return Err(EncodeError::Shape);
        }
        let count = i16::try_from(self.columns.len()).map_err(|_| EncodeError::Shape)?.to_be_bytes();
        let mut cells = Vec::with_capacity(columns.len());
        for (column, (wire, array)) in self.columns.iter().zip(columns).enumerate() {
            let Some(found) = Cells::new(*wire, array) else {
                return Err(EncodeError::Type { column, expected: wire.data_type(), found: array.data_type().clone() });
            };
            cells.push((found, array.nulls()));
        }
        let (before, mut offsets) = (out.len(), Offsets::new(self.zone.clone()));
        for row in range {
            out.extend_from_slice(&count);
            for (column, (cells, nulls)) in cells.iter().enumerate() {
                if nulls.is_some_and(|nulls| nulls.is_null(row)) {
                    out.extend_from_slice(&NULL);
                } else if let Err(reason) = cells.write(row, &mut offsets, out) {
                    out.truncate(before);
                    return Err(EncodeError::Cell { column, row, reason });
                }
            }
        }
        Ok(())
    }

    /// Appends what a stream ends with.
    pub fn trailer(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&TRAILER);
    }
}

/// A column whose cells are written one by one.
enum Cells<'a> {
    Null,
    Boolean(&'a BooleanArray),
    Int2(&'a Int64Array),
    Int4(&'a Int64Array),
    Int8(&'a Int64Array),
    /// `oid` and `xid`.
    Unsigned4(&'a Int64Array),
    Tid(&'a Int64Array),
    Float4(&'a Float64Array),
    Float8(&'a Float64Array),
    Numeric(&'a Decimal128Array, Shape),
    Text(&'a StringArray),
    Jsonb(&'a StringArray),
    Uuid(&'a StringArray),
    Bytes(&'a BinaryArray),
    Date(&'a Date32Array),
    Timestamp(&'a TimestampMicrosecondArray),
    TimestampTz(&'a TimestampMicrosecondArray),
}

impl<'a> Cells<'a> {
    /// `None` where the array is of another type than the column.
    fn new(wire: Wire, array: &'a ArrayRef) -> Option<Self> {
        if array.data_type() == &DataType::Null {
            return Some(Self::Null);
        }
        Some(match wire {
            Wire::Boolean => Self::Boolean(array.as_boolean_opt()?),
            Wire::Int2 => Self::Int2(array.as_primitive_opt::<Int64Type>()?),
            Wire::Int4 => Self::Int4(array.as_primitive_opt::<Int64Type>()?),
            Wire::Int8 => Self::Int8(array.as_primitive_opt::<Int64Type>()?),
            Wire::Oid | Wire::Xid => Self::Unsigned4(array.as_primitive_opt::<Int64Type>()?),
            Wire::Tid => Self::Tid(array.as_primitive_opt::<Int64Type>()?),
            Wire::Float4 => Self::Float4(array.as_primitive_opt::<Float64Type>()?),
            Wire::Float8 => Self::Float8(array.as_primitive_opt::<Float64Type>()?),
            Wire::Numeric { precision, scale } => match array.data_type() {
                DataType::Decimal128(_, of_array) if *of_array == scale => {
                    Self::Numeric(array.as_primitive_opt::<Decimal128Type>()?, Shape::new(precision, scale))
                }
                _ => return None,
            },
            Wire::Text | Wire::PaddedText => Self::Text(array.as_string_opt::<i32>()?),
            Wire::Jsonb => Self::Jsonb(array.as_string_opt::<i32>()?),
            Wire::Uuid => Self::Uuid(array.as_string_opt::<i32>()?),
            Wire::Bytes => Self::Bytes(array.as_binary_opt::<i32>()?),
            Wire::Date => Self::Date(array.as_primitive_opt::<Date32Type>()?),
            Wire::Timestamp => Self::Timestamp(microseconds(array)?),
            Wire::TimestampTz => Self::TimestampTz(microseconds(array)?),
        })
    }

    /// Appends a cell that is not NULL.
    fn write(&self, row: usize, offsets: &mut Offsets, out: &mut Vec<u8>) -> Result<(), &'static str> {
        match self {
            Self::Null => {
                out.extend_from_slice(&NULL);
                Ok(())
            }
            Self::Boolean(array) => sized(&[u8::from(array.value(row))], out),
            Self::Int2(array) => sized(&i16::try_from(array.value(row)).map_err(|_| OUTSIDE_RANGE)?.to_be_bytes(), out),
            Self::Int4(array) => sized(&i32::try_from(array.value(row)).map_err(|_| OUTSIDE_RANGE)?.to_be_bytes(), out),
            Self::Int8(array) => sized(&array.value(row).to_be_bytes(), out),
            Self::Unsigned4(array) => sized(&u32::try_from(array.value(row)).map_err(|_| OUTSIDE_RANGE)?.to_be_bytes(), out),
            Self::Tid(array) => sized(&fixed::tid_bytes(array.value(row)).ok_or(OUTSIDE_RANGE)?, out),
            Self::Float4(array) => sized(&narrow(array.value(row))?.to_be_bytes(), out),
            Self::Float8(array) => sized(&array.value(row).to_be_bytes(), out),
            Self::Numeric(array, shape) => shape.write(array.value(row), out),
            Self::Text(array) => sized(without_nul(array.value(row))?, out),
            Self::Jsonb(array) => {
                let text = without_nul(array.value(row))?;
                out.extend_from_slice(&length(text.len() + 1)?);
                out.push(1);
                out.extend_from_slice(text);
                Ok(())
            }
            Self::Uuid(array) => sized(&fixed::uuid_bytes(array.value(row)).ok_or("the text is no UUID")?, out),
            Self::Bytes(array) => sized(array.value(row), out),
            Self::Date(array) => match array.value(row).checked_sub(EPOCH_DAYS) {
                Some(day @ FIRST_DAY..AFTER_LAST_DAY) => sized(&day.to_be_bytes(), out),
                _ => Err(OUTSIDE_CALENDAR),
            },
            Self::Timestamp(array) => time(offsets.civil(array.value(row)), out),
            Self::TimestampTz(array) => time(array.value(row), out),
        }
    }
}

fn microseconds(array: &ArrayRef) -> Option<&TimestampMicrosecondArray> {
    match array.data_type() {
        DataType::Timestamp(TimeUnit::Microsecond, _) => array.as_primitive_opt::<TimestampMicrosecondType>(),
        _ => None,
    }
}

fn length(bytes: usize) -> Result<[u8; 4], &'static str> {
    match i32::try_from(bytes) {
        Ok(length) if bytes <= LONGEST_FIELD => Ok(length.to_be_bytes()),
        _ => Err(TOO_LONG),
    }
}

/// Appends a field, its length first.
fn sized(field: &[u8], out: &mut Vec<u8>) -> Result<(), &'static str> {
    out.extend_from_slice(&length(field.len())?);
    out.extend_from_slice(field);
    Ok(())
}

/// Appends a time given in microseconds since 1970.
fn time(microseconds: i64, out: &mut Vec<u8>) -> Result<(), &'static str> {
    match microseconds.checked_sub(EPOCH_MICROSECONDS) {
        Some(time @ FIRST_TIME..AFTER_LAST_TIME) => sized(&time.to_be_bytes(), out),
        _ => Err(OUTSIDE_CALENDAR),
    }
}

fn without_nul(text: &str) -> Result<&[u8], &'static str> {
    if text.as_bytes().contains(&0) { Err(NUL_CHARACTER) } else { Ok(text.as_bytes()) }
}

/// The nearest `real`, as the server's own cast has it; a finite number stays finite.
fn narrow(value: f64) -> Result<f32, &'static str> {
    let narrow = value as f32;
    if narrow.is_infinite() && value.is_finite() { Err(OUTSIDE_RANGE) } else { Ok(narrow) }
}
