//! Between the server's binary COPY and Arrow columns: what comes out of `COPY … TO STDOUT (FORMAT binary)` is decoded straight into the
//! columns' buffers, and what goes into `COPY … FROM STDIN (FORMAT binary)` is encoded from arrays.
//!
//! The format is PostgreSQL's own (its manual, "COPY", "Binary Format"): a header, per row the number of fields and each field with its
//! length, a trailer. Nothing here knows a connection. Bytes that are not as the format says are an error that names column and row, never
//! a value; nothing is allocated that the bytes received do not justify.

mod column;
mod decode;
mod encode;
mod fixed;
mod numeric;
mod offsets;
#[cfg(test)]
mod tests;

use arrow::datatypes::{DataType, TimeUnit};

pub use decode::{Chunk, DecodeError, Decoder};
pub use encode::{EncodeError, Encoder};

/// What a stream begins with.
const SIGNATURE: [u8; 11] = *b"PGCOPY\n\xff\r\n\0";
/// 2000-01-01, the server's epoch, in days since 1970-01-01.
const EPOCH_DAYS: i32 = 10_957;
const MICROSECONDS_PER_DAY: i64 = 86_400_000_000;
/// The same in microseconds.
const EPOCH_MICROSECONDS: i64 = EPOCH_DAYS as i64 * MICROSECONDS_PER_DAY;
/// -9999-01-01 and 9999-12-31 as days since 1970-01-01: the calendar that jiff knows. The server's own begins later and ends later.
const FIRST_DAY: i32 = -4_371_587;
const LAST_DAY: i32 = 2_932_896;
/// No field is longer than the server's largest allocation.
const LONGEST_FIELD: usize = 0x3fff_ffff;
const WRONG_WIDTH: &str = "the field's length does not fit the column's type";

/// The type of a column as it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// `boolean`.
    Boolean,
    /// `smallint`.
    Int2,
    /// `integer`.
    Int4,
    /// `bigint`.
    Int8,
    /// `oid`.
    Oid,
    /// `real`.
    Float4,
    /// `double precision`.
    Float8,
    /// `numeric(precision, scale)`.
    Numeric {
        /// Decimal digits, 1 to 38.
        precision: u8,
        /// Digits after the point; negative where the last digits before it are cut.
        scale: i8,
    },
    /// `text`, `varchar`, `name`, `json`, and whatever else is sent as its text.
    Text,
    /// `char(n)`, which is sent with its padding.
    PaddedText,
    /// `bytea`.
    Bytes,
    /// `date`.
    Date,
    /// `timestamp`: a civil time in the zone that the decoder or encoder is given.
    Timestamp,
    /// `timestamp with time zone`: an instant.
    TimestampTz,
    /// `uuid`.
    Uuid,
    /// `jsonb`.
    Jsonb,
    /// `tid`, where a row stands in its table.
    Tid,
    /// `xid`.
    Xid,
}

impl Wire {
    /// The Arrow type of the decoded column: integers of every width, `tid` (`block << 16 | offset`) and `xid` are `Int64`; both timestamps
    /// are microseconds in UTC; a `uuid` is its 36 characters in lower case.
    pub fn data_type(&self) -> DataType {
        match self {
            Self::Boolean => DataType::Boolean,
            Self::Int2 | Self::Int4 | Self::Int8 | Self::Oid | Self::Tid | Self::Xid => DataType::Int64,
            Self::Float4 | Self::Float8 => DataType::Float64,
            Self::Numeric { precision, scale } => DataType::Decimal128(*precision, *scale),
            Self::Text | Self::PaddedText | Self::Uuid | Self::Jsonb => DataType::Utf8,
            Self::Bytes => DataType::Binary,
            Self::Date => DataType::Date32,
            Self::Timestamp | Self::TimestampTz => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        }
    }
}
