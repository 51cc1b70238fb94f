//! From the stream to record batches. The stream may be cut anywhere; cut as the server cuts it, a row per message, nothing is copied but
//! the values into their columns.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Field, Schema, SchemaRef};
use jiff::tz::TimeZone;

use super::column::{Column, NOT_UTF8, Unfinished};
use super::offsets::Offsets;
use super::{SIGNATURE, Wire};

/// The bits of the header's flags that a reader has to know.
const CRITICAL_FLAGS: u32 = 0xffff_0000;
const NULL: i32 = -1;
/// The field count of the trailer.
const TRAILER: i16 = -1;

/// Why a stream could not be decoded. Never carries a cell's value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A field is not what its column's type says.
    #[error("column `{column}`, row {row} of the stream: {reason}")]
    Cell {
        /// The column.
        column: String,
        /// The row, counted from 1 since the stream's beginning.
        row: u64,
        /// What is wrong, without the value.
        reason: &'static str,
    },
    /// A row has more or fewer fields than columns were asked for.
    #[error("row {row} of the stream has {found} fields instead of {expected}")]
    Fields {
        /// The row, counted from 1 since the stream's beginning.
        row: u64,
        /// The fields that the row says it has.
        found: i16,
        /// The columns.
        expected: usize,
    },
    /// The stream itself is not as the format says.
    #[error("the stream is no binary COPY after {rows} rows: {reason}")]
    Stream {
        /// The rows before.
        rows: u64,
        /// What is wrong.
        reason: &'static str,
    },
}

/// Decoded rows.
#[derive(Debug, Clone)]
pub struct Chunk {
    /// The rows; every field is nullable.
    pub batch: RecordBatch,
    /// Column index → rows of the batch whose date or time is infinite or outside of the calendar, ascending. The cell is NULL.
    pub unreadable: BTreeMap<usize, Vec<u32>>,
}

/// Where in the stream the decoder is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stage {
    Header,
    Rows,
    Ended,
    Failed(DecodeError),
}

/// Why reading stopped within the bytes at hand.
enum Stop {
    /// This many bytes are wanted at least, counted from the beginning of the row or header.
    Incomplete(usize),
    /// The field of this column is bad.
    Cell(usize, &'static str),
    Fields(i16),
    Stream(&'static str),
}

/// Decodes a stream of `COPY … TO STDOUT (FORMAT binary)`.
#[derive(Debug)]
pub struct Decoder {
    schema: SchemaRef,
    columns: Vec<Column>,
    offsets: Offsets,
    stage: Stage,
    /// What came of a row or header that is not complete.
    rest: Vec<u8>,
    /// How long `rest` must be before it is worth another look.
    wanted: usize,
    rows: u32,
    rows_taken: u64,
    row_width: usize,
    text_bytes: usize,
}

impl Decoder {
    /// A decoder of these columns, named for errors and for the batches. `zone` is that of `timestamp` columns.
    pub fn new(columns: Vec<(String, Wire)>, zone: TimeZone) -> Self {
        let fields: Vec<Field> = columns.iter().map(|(name, wire)| Field::new(name, wire.data_type(), true)).collect();
        let columns: Vec<Column> = columns.into_iter().map(|(_, wire)| Column::new(wire)).collect();
        Self {
            schema: Arc::new(Schema::new(fields)),
            row_width: columns.iter().map(Column::width).sum(),
            columns,
            offsets: Offsets::new(zone),
            stage: Stage::Header,
            rest: Vec::new(),
            wanted: 0,
            rows: 0,
            rows_taken: 0,
            text_bytes: 0,
        }
    }

    /// Takes the next bytes of the stream, cut anywhere.
    ///
    /// # Errors
    /// The bytes are not as the format and the columns say. The decoder stays failed; complete rows before it can still be taken.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        if self.rest.is_empty() {
            let used = self.read(bytes)?;
            if let Some(rest @ [_, ..]) = bytes.get(used..) {
                self.rest.extend_from_slice(rest);
            }
            return Ok(());
        }
        self.rest.extend_from_slice(bytes);
        if self.rest.len() < self.wanted {
            return Ok(());
        }
        let mut rest = std::mem::take(&mut self.rest);
        let used = self.read(&rest)?;
        rest.drain(..used);
        self.rest = rest;
        Ok(())
    }

    /// Complete rows held.
    pub fn rows(&self) -> usize {
        usize::try_from(self.rows).unwrap_or(usize::MAX)
    }

    /// Bytes held, approximately: the columns' values, their texts, and what came of an incomplete row.
    pub fn bytes(&self) -> usize {
        self.rows() * self.row_width + self.text_bytes + self.rest.len()
    }

    /// The complete rows held; the decoder goes on with the next.
    ///
    /// # Errors
    /// A text is not UTF-8, or a `numeric` column's precision and scale are none that Arrow has. The rows are lost and the decoder stays
    /// failed.
    pub fn take(&mut self) -> Result<Chunk, DecodeError> {
        let rows = self.rows();
        let (mut arrays, mut unreadable) = (Vec::<ArrayRef>::with_capacity(self.columns.len()), BTreeMap::new());
        let mut failed = None;
        for (index, column) in self.columns.iter_mut().enumerate() {
            match column.take(rows) {
                Ok((array, unread)) => {
                    arrays.push(array);
                    if !unread.is_empty() {
                        unreadable.insert(index, unread);
                    }
                }
                Err(unfinished) => failed = failed.or(Some((index, unfinished))),
            }
        }
        let before = self.rows_taken;
        (self.rows, self.text_bytes) = (0, 0);
        self.rows_taken += u64::try_from(rows).unwrap_or(u64::MAX);
        let failure = match failed {
            None => {
                let options = RecordBatchOptions::new().with_row_count(Some(rows));
                match RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options) {
                    Ok(batch) => return Ok(Chunk { batch, unreadable }),
                    Err(_) => DecodeError::Stream { rows: before, reason: "the columns do not make a batch" },
                }
            }
            Some((index, Unfinished::NotUtf8(row))) => {
                DecodeError::Cell { column: self.name(index), row: before + 1 + u64::try_from(row).unwrap_or(0), reason: NOT_UTF8 }
            }
            Some((index, Unfinished::Type)) => DecodeError::Cell {
                column: self.name(index),
                row: before + 1,
                reason: "the column's precision and scale are outside of what a decimal can have",
            },
        };
        self.stage = Stage::Failed(failure.clone());
        Err(failure)
    }

    /// Says that the stream has ended. Rows that were not taken can still be.
    ///
    /// # Errors
    /// The stream ended before its trailer.
    pub fn finish(&mut self) -> Result<(), DecodeError> {
        match &self.stage {
            Stage::Failed(failure) => Err(failure.clone()),
            Stage::Ended => Ok(()),
            Stage::Header | Stage::Rows => Err(self.failed(Stop::Stream("it ends before its trailer"))),
        }
    }

    /// Reads all that is complete; the number of bytes that it was.
    fn read(&mut self, bytes: &[u8]) -> Result<usize, DecodeError> {
        let mut used = 0;
        loop {
            let rest = bytes.get(used..).unwrap_or_default();
            let read = match &self.stage {
                Stage::Failed(failure) => return Err(failure.clone()),
                Stage::Ended if rest.is_empty() => return Ok(used),
                Stage::Ended => Err(Stop::Stream("bytes follow its trailer")),
                Stage::Rows => self.row(rest),
                Stage::Header => header(rest).inspect(|_| self.stage = Stage::Rows),
            };
            match read {
                Ok(length) => used += length,
                Err(Stop::Incomplete(wanted)) => {
                    self.wanted = wanted;
                    return Ok(used);
                }
                Err(stop) => return Err(self.failed(stop)),
            }
        }
    }

    /// Reads one row, or the trailer; the number of bytes that it was.
    #[inline]
    fn row(&mut self, bytes: &[u8]) -> Result<usize, Stop> {
        let Some((count, fields)) = bytes.split_first_chunk::<2>() else {
            return Err(Stop::Incomplete(2));
        };
        let count = i16::from_be_bytes(*count);
        if usize::try_from(count) != Ok(self.columns.len()) {
            if count != TRAILER {
                return Err(Stop::Fields(count));
            }
            self.stage = Stage::Ended;
            return Ok(2);
        }
        if self.rows == u32::MAX {
            return Err(Stop::Stream("the chunk holds more rows than can be counted"));
        }
        let (mut rest, mut text_bytes) = (fields, 0);
        for (index, column) in self.columns.iter_mut().enumerate() {
            let Some((length, after)) = rest.split_first_chunk::<4>() else {
                return Err(self.incomplete(bytes.len() - rest.len() + 4));
            };
            let length = i32::from_be_bytes(*length);
            let Ok(length) = usize::try_from(length) else {
                if length != NULL {
                    return Err(Stop::Cell(index, "the field's length is negative"));
                }
                column.push_null(self.rows);
                rest = after;
                continue;
            };
            let Some((field, after_field)) = after.split_at_checked(length) else {
                column.can_be(length).map_err(|reason| Stop::Cell(index, reason))?;
                return Err(self.incomplete(bytes.len() - after.len() + length));
            };
            column.push(field, self.rows, &mut self.offsets).map_err(|reason| Stop::Cell(index, reason))?;
            if column.is_text() {
                text_bytes += length;
            }
            rest = after_field;
        }
        self.rows += 1;
        self.text_bytes += text_bytes;
        Ok(bytes.len() - rest.len())
    }

    /// The row is not complete: its first fields are forgotten.
    #[cold]
    fn incomplete(&mut self, wanted: usize) -> Stop {
        self.forget_half_row();
        Stop::Incomplete(wanted)
    }

    fn forget_half_row(&mut self) {
        for column in &mut self.columns {
            column.truncate(self.rows);
        }
    }

    #[cold]
    fn failed(&mut self, stop: Stop) -> DecodeError {
        self.forget_half_row();
        let rows = self.rows_taken + u64::from(self.rows);
        let failure = match stop {
            Stop::Cell(index, reason) => DecodeError::Cell { column: self.name(index), row: rows + 1, reason },
            Stop::Fields(found) => DecodeError::Fields { row: rows + 1, found, expected: self.columns.len() },
            Stop::Stream(reason) => DecodeError::Stream { rows, reason },
            Stop::Incomplete(_) => DecodeError::Stream { rows, reason: "it ends within a row" },
        };
        self.stage = Stage::Failed(failure.clone());
        failure
    }

    fn name(&self, index: usize) -> String {
        self.schema.fields().get(index).map(|field| field.name().clone()).unwrap_or_default()
    }
}

/// Reads the header; the number of bytes that it was.
fn header(bytes: &[u8]) -> Result<usize, Stop> {
    const FIXED: usize = SIGNATURE.len() + 8;
    let known = bytes.len().min(SIGNATURE.len());
    if bytes.get(..known) != SIGNATURE.get(..known) {
        return Err(Stop::Stream("its signature is another"));
    }
    let Some(&[flags_1, flags_2, flags_3, flags_4, length_1, length_2, length_3, length_4]) =
        bytes.get(SIGNATURE.len()..).and_then(<[u8]>::first_chunk)
    else {
        // Each further byte may show that the signature is another.
        return Err(Stop::Incomplete(bytes.len() + 1));
    };
    if u32::from_be_bytes([flags_1, flags_2, flags_3, flags_4]) & CRITICAL_FLAGS != 0 {
        return Err(Stop::Stream("its header has flags that are not known"));
    }
    // An extension may be skipped. The server has none; one of more than a few pages is none either.
    let extension = u32::from_be_bytes([length_1, length_2, length_3, length_4]);
    let length = match usize::try_from(extension) {
        Ok(length) if length <= 0xffff => FIXED + length,
        _ => return Err(Stop::Stream("its header's extension has an absurd length")),
    };
    if bytes.len() < length { Err(Stop::Incomplete(length)) } else { Ok(length) }
}
