//! One growing column: plain vectors of values, and the numbers of the rows that are NULL. A cell costs one length check and one push; the
//! validity bitmap and the check of UTF-8 are made once per chunk.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, StringArray,
    TimestampMicrosecondArray,
};
use arrow::buffer::{BooleanBuffer, Buffer, MutableBuffer, NullBuffer, OffsetBuffer, ScalarBuffer};

use super::numeric::{self, Shape};
use super::offsets::Offsets;
use super::{EPOCH_DAYS, EPOCH_MICROSECONDS, FIRST_DAY, LAST_DAY, LONGEST_FIELD, MICROSECONDS_PER_DAY, WRONG_WIDTH, Wire, fixed};

/// The earliest and the latest time that is read, as the server counts.
const FIRST_TIME: i64 = FIRST_DAY as i64 * MICROSECONDS_PER_DAY - EPOCH_MICROSECONDS;
const LAST_TIME: i64 = (LAST_DAY as i64 + 1) * MICROSECONDS_PER_DAY - EPOCH_MICROSECONDS - 1;
const TOO_MUCH_TEXT: &str = "the chunk holds more text than 32-bit offsets can count";
pub(super) const NOT_UTF8: &str = "the text is not valid UTF-8";

/// Texts or blobs one behind the other, and where each ends.
#[derive(Debug)]
struct Strings {
    /// Begins with 0.
    offsets: Vec<i32>,
    bytes: Vec<u8>,
}

impl Strings {
    fn new() -> Self {
        Self { offsets: vec![0], bytes: Vec::new() }
    }

    #[inline]
    fn push(&mut self, text: &[u8]) -> Result<(), &'static str> {
        self.bytes.extend_from_slice(text);
        self.offsets.push(i32::try_from(self.bytes.len()).map_err(|_| TOO_MUCH_TEXT)?);
        Ok(())
    }

    fn repeat_last(&mut self) {
        self.offsets.push(self.offsets.last().copied().unwrap_or(0));
    }

    fn truncate(&mut self, rows: usize) {
        self.offsets.truncate(rows + 1);
        self.bytes.truncate(self.offsets.last().and_then(|end| usize::try_from(*end).ok()).unwrap_or(0));
    }

    /// What was pushed; the strings start anew with room for as much.
    fn take(&mut self) -> (OffsetBuffer<i32>, Buffer) {
        let mut offsets = Vec::with_capacity(roomy(self.offsets.len()));
        offsets.push(0);
        let offsets = fitted(std::mem::replace(&mut self.offsets, offsets));
        let room = roomy(self.bytes.len());
        let bytes = fitted(std::mem::replace(&mut self.bytes, Vec::with_capacity(room)));
        (OffsetBuffer::new(ScalarBuffer::from(offsets)), Buffer::from_vec(bytes))
    }
}

/// The values of a column, by how they are sent.
#[derive(Debug)]
enum Values {
    Boolean(Vec<bool>),
    Int2(Vec<i64>),
    Int4(Vec<i64>),
    Int8(Vec<i64>),
    /// `oid` and `xid`.
    Unsigned4(Vec<i64>),
    Tid(Vec<i64>),
    Float4(Vec<f64>),
    Float8(Vec<f64>),
    Numeric(Vec<i128>, Shape),
    Text(Strings),
    PaddedText(Strings),
    Jsonb(Strings),
    Uuid(Strings),
    Bytes(Strings),
    Date(Vec<i32>),
    Timestamp(Vec<i64>),
    TimestampTz(Vec<i64>),
}

/// A growing column.
#[derive(Debug)]
pub(super) struct Column {
    wire: Wire,
    values: Values,
    /// Rows that are NULL, ascending.
    nulls: Vec<u32>,
    /// Rows whose date or time can not be read, ascending; they are NULL as well.
    unreadable: Vec<u32>,
}

/// Why a chunk's column could not be made.
pub(super) enum Unfinished {
    /// The text of this row is not UTF-8.
    NotUtf8(usize),
    /// The type is none that Arrow has (a precision beyond 38).
    Type,
}

impl Column {
    pub(super) fn new(wire: Wire) -> Self {
        let values = match wire {
            Wire::Boolean => Values::Boolean(Vec::new()),
            Wire::Int2 => Values::Int2(Vec::new()),
            Wire::Int4 => Values::Int4(Vec::new()),
            Wire::Int8 => Values::Int8(Vec::new()),
            Wire::Oid | Wire::Xid => Values::Unsigned4(Vec::new()),
            Wire::Tid => Values::Tid(Vec::new()),
            Wire::Float4 => Values::Float4(Vec::new()),
            Wire::Float8 => Values::Float8(Vec::new()),
            Wire::Numeric { precision, scale } => Values::Numeric(Vec::new(), Shape::new(precision, scale)),
            Wire::Text => Values::Text(Strings::new()),
            Wire::PaddedText => Values::PaddedText(Strings::new()),
            Wire::Jsonb => Values::Jsonb(Strings::new()),
            Wire::Uuid => Values::Uuid(Strings::new()),
            Wire::Bytes => Values::Bytes(Strings::new()),
            Wire::Date => Values::Date(Vec::new()),
            Wire::Timestamp => Values::Timestamp(Vec::new()),
            Wire::TimestampTz => Values::TimestampTz(Vec::new()),
        };
        Self { wire, values, nulls: Vec::new(), unreadable: Vec::new() }
    }

    /// Bytes that a row takes in the column, a text's own apart.
    pub(super) fn width(&self) -> usize {
        match self.wire {
            Wire::Boolean => 1,
            Wire::Date | Wire::Text | Wire::PaddedText | Wire::Jsonb | Wire::Bytes => 4,
            Wire::Numeric { .. } => 16,
            Wire::Uuid => 40,
            _ => 8,
        }
    }

    /// Whether a field is text or a blob, whose bytes are kept as they are.
    pub(super) fn is_text(&self) -> bool {
        matches!(self.values, Values::Text(_) | Values::PaddedText(_) | Values::Jsonb(_) | Values::Bytes(_))
    }

    /// Whether a field of this column can have this length at all; so that nobody waits for the rest of an absurd one.
    pub(super) fn can_be(&self, length: usize) -> Result<(), &'static str> {
        let fits = match self.wire {
            Wire::Boolean => length == 1,
            Wire::Int2 => length == 2,
            Wire::Int4 | Wire::Oid | Wire::Xid | Wire::Float4 | Wire::Date => length == 4,
            Wire::Int8 | Wire::Float8 | Wire::Timestamp | Wire::TimestampTz => length == 8,
            Wire::Tid => length == 6,
            Wire::Uuid => length == 16,
            Wire::Numeric { .. } => numeric::LENGTHS.contains(&length),
            Wire::Text | Wire::PaddedText | Wire::Bytes | Wire::Jsonb => length <= LONGEST_FIELD,
        };
        if fits { Ok(()) } else { Err(WRONG_WIDTH) }
    }

    /// Appends a field.
    ///
    /// # Errors
    /// Why the field is none of this type. The column may have grown by then: it wants truncating.
    #[inline]
    pub(super) fn push(&mut self, field: &[u8], row: u32, offsets: &mut Offsets) -> Result<(), &'static str> {
        match &mut self.values {
            Values::Int4(values) => values.push(i64::from(i32::from_be_bytes(exactly(field)?))),
            Values::Int8(values) => values.push(i64::from_be_bytes(exactly(field)?)),
            Values::Numeric(values, shape) => values.push(shape.read(field)?),
            Values::Text(strings) | Values::Bytes(strings) => strings.push(field)?,
            Values::PaddedText(strings) => {
                let length = field.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
                strings.push(&field[..length])?;
            }
            Values::Date(values) => {
                let day = i32::from_be_bytes(exactly(field)?);
                let read = (FIRST_DAY - EPOCH_DAYS..=LAST_DAY - EPOCH_DAYS).contains(&day);
                values.push(if read { day + EPOCH_DAYS } else { 0 });
                if !read {
                    self.unread(row);
                }
            }
            Values::Timestamp(values) => {
                let time = i64::from_be_bytes(exactly(field)?);
                let read = (FIRST_TIME..=LAST_TIME).contains(&time);
                values.push(if read { offsets.instant(time + EPOCH_MICROSECONDS) } else { 0 });
                if !read {
                    self.unread(row);
                }
            }
            Values::TimestampTz(values) => {
                let time = i64::from_be_bytes(exactly(field)?);
                let read = (FIRST_TIME..=LAST_TIME).contains(&time);
                values.push(if read { time + EPOCH_MICROSECONDS } else { 0 });
                if !read {
                    self.unread(row);
                }
            }
            Values::Boolean(values) => values.push(match exactly(field)? {
                [0] => false,
                [1] => true,
                _ => return Err("the boolean is neither 0 nor 1"),
            }),
            Values::Int2(values) => values.push(i64::from(i16::from_be_bytes(exactly(field)?))),
            Values::Unsigned4(values) => values.push(i64::from(u32::from_be_bytes(exactly(field)?))),
            Values::Tid(values) => values.push(fixed::tid_number(exactly(field)?)),
            Values::Float4(values) => values.push(f64::from(f32::from_be_bytes(exactly(field)?))),
            Values::Float8(values) => values.push(f64::from_be_bytes(exactly(field)?)),
            Values::Uuid(strings) => strings.push(&fixed::uuid_text(exactly(field)?))?,
            Values::Jsonb(strings) => match field {
                [1, text @ ..] => strings.push(text)?,
                _ => return Err("the version of the jsonb is not 1"),
            },
        }
        Ok(())
    }

    /// Appends a NULL.
    #[inline]
    pub(super) fn push_null(&mut self, row: u32) {
        self.nulls.push(row);
        match &mut self.values {
            Values::Boolean(values) => values.push(false),
            Values::Int2(values)
            | Values::Int4(values)
            | Values::Int8(values)
            | Values::Unsigned4(values)
            | Values::Tid(values)
            | Values::Timestamp(values)
            | Values::TimestampTz(values) => values.push(0),
            Values::Float4(values) | Values::Float8(values) => values.push(0.0),
            Values::Numeric(values, _) => values.push(0),
            Values::Date(values) => values.push(0),
            Values::Text(strings)
            | Values::PaddedText(strings)
            | Values::Jsonb(strings)
            | Values::Uuid(strings)
            | Values::Bytes(strings) => strings.repeat_last(),
        }
    }

    #[cold]
    fn unread(&mut self, row: u32) {
        self.nulls.push(row);
        self.unreadable.push(row);
    }

    /// Forgets what was appended beyond these rows.
    pub(super) fn truncate(&mut self, rows: u32) {
        for list in [&mut self.nulls, &mut self.unreadable] {
            list.truncate(list.partition_point(|row| *row < rows));
        }
        let Ok(rows) = usize::try_from(rows) else {
            return;
        };
        match &mut self.values {
            Values::Boolean(values) => values.truncate(rows),
            Values::Int2(values)
            | Values::Int4(values)
            | Values::Int8(values)
            | Values::Unsigned4(values)
            | Values::Tid(values)
            | Values::Timestamp(values)
            | Values::TimestampTz(values) => values.truncate(rows),
            Values::Float4(values) | Values::Float8(values) => values.truncate(rows),
            Values::Numeric(values, _) => values.truncate(rows),
            Values::Date(values) => values.truncate(rows),
            Values::Text(strings)
            | Values::PaddedText(strings)
            | Values::Jsonb(strings)
            | Values::Uuid(strings)
            | Values::Bytes(strings) => strings.truncate(rows),
        }
    }

    /// The rows appended so far as an array, and those that could not be read; the column starts anew.
    pub(super) fn take(&mut self, rows: usize) -> Result<(ArrayRef, Vec<u32>), Unfinished> {
        let nulls = validity(&std::mem::take(&mut self.nulls), rows);
        let array: ArrayRef = match &mut self.values {
            Values::Boolean(values) => Arc::new(BooleanArray::new(BooleanBuffer::from(std::mem::take(values)), nulls)),
            Values::Int2(values) | Values::Int4(values) | Values::Int8(values) | Values::Unsigned4(values) | Values::Tid(values) => {
                Arc::new(Int64Array::new(scalars(values), nulls))
            }
            Values::Float4(values) | Values::Float8(values) => Arc::new(Float64Array::new(scalars(values), nulls)),
            Values::Numeric(values, _) => Arc::new(Decimal128Array::new(scalars(values), nulls)),
            Values::Date(values) => Arc::new(Date32Array::new(scalars(values), nulls)),
            Values::Timestamp(values) | Values::TimestampTz(values) => {
                Arc::new(TimestampMicrosecondArray::new(scalars(values), nulls).with_timezone("UTC"))
            }
            Values::Text(strings) | Values::PaddedText(strings) | Values::Jsonb(strings) | Values::Uuid(strings) => {
                let (offsets, bytes) = strings.take();
                match StringArray::try_new(offsets.clone(), bytes.clone(), nulls) {
                    Ok(array) => Arc::new(array),
                    Err(_) => return Err(Unfinished::NotUtf8(first_not_utf8(&offsets, &bytes))),
                }
            }
            Values::Bytes(strings) => {
                let (offsets, bytes) = strings.take();
                Arc::new(BinaryArray::new(offsets, bytes, nulls))
            }
        };
        let array = match (self.wire, array.as_any().downcast_ref::<Decimal128Array>()) {
            (Wire::Numeric { precision, scale }, Some(decimals)) => {
                Arc::new(decimals.clone().with_precision_and_scale(precision, scale).map_err(|_| Unfinished::Type)?)
            }
            _ => array,
        };
        Ok((array, std::mem::take(&mut self.unreadable)))
    }
}

/// The bytes of a field of fixed width.
#[inline]
fn exactly<const WIDTH: usize>(field: &[u8]) -> Result<[u8; WIDTH], &'static str> {
    field.try_into().map_err(|_| WRONG_WIDTH)
}

/// Room for as much again, and a little more: the next chunk is much like the last.
fn roomy(length: usize) -> usize {
    length + length / 16
}

/// The vector without much unused room, as chunks are kept.
fn fitted<T>(mut values: Vec<T>) -> Vec<T> {
    if values.capacity() - values.len() > values.len() / 8 {
        values.shrink_to_fit();
    }
    values
}

fn scalars<T: arrow::datatypes::ArrowNativeType>(values: &mut Vec<T>) -> ScalarBuffer<T> {
    let room = roomy(values.len());
    ScalarBuffer::from(fitted(std::mem::replace(values, Vec::with_capacity(room))))
}

/// The bitmap of a column's rows; none where no row is NULL.
fn validity(nulls: &[u32], rows: usize) -> Option<NullBuffer> {
    if nulls.is_empty() {
        return None;
    }
    let mut bits = MutableBuffer::new_null(rows);
    let bytes = bits.as_slice_mut();
    bytes.fill(0xff);
    for null in nulls {
        if let Some(byte) = usize::try_from(null / 8).ok().and_then(|index| bytes.get_mut(index)) {
            *byte &= !(1 << (null % 8));
        }
    }
    Some(NullBuffer::new(BooleanBuffer::new(bits.into(), 0, rows)))
}

/// The first row whose text is not UTF-8.
fn first_not_utf8(offsets: &[i32], bytes: &[u8]) -> usize {
    let mut rest = bytes;
    let readable = |ends: &[i32]| {
        let length = ends.first().zip(ends.last()).and_then(|(start, end)| usize::try_from(end - start).ok())?;
        let (text, after) = rest.split_at_checked(length)?;
        rest = after;
        std::str::from_utf8(text).ok()
    };
    offsets.windows(2).map(readable).position(|text| text.is_none()).unwrap_or(0)
}
