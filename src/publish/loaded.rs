//! The rows of a partition as they will be written, handed out a slice at a time.

use std::ops::Range;

use arrow::array::{RecordBatch, RecordBatchOptions, UInt64Array};
use arrow::compute::take_record_batch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;

use super::PublishError;
use super::content::{Held, content_hash};
use super::together::Numbers;

/// The sorted rows of a partition.
pub(super) enum Loaded {
    /// In memory as they will be written.
    Whole(RecordBatch),
    /// As numbers: a large partition's columns are several times as large.
    Numbers(SchemaRef, usize, Numbers),
}

impl Loaded {
    pub fn schema(&self) -> SchemaRef {
        match self {
            Self::Whole(rows) => rows.schema(),
            Self::Numbers(schema, ..) => schema.clone(),
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Self::Whole(rows) => rows.num_rows(),
            Self::Numbers(_, rows, _) => *rows,
        }
    }

    /// Some rows.
    ///
    /// # Errors
    /// What arrow says.
    pub fn slice(&self, rows: Range<usize>) -> Result<RecordBatch, ArrowError> {
        match self {
            Self::Whole(all) => Ok(all.slice(rows.start, rows.len())),
            Self::Numbers(schema, _, numbers) => batch(schema, numbers.slice(rows.clone())?, rows.len()),
        }
    }

    /// All rows.
    ///
    /// # Errors
    /// What arrow says.
    pub fn whole(&self) -> Result<RecordBatch, ArrowError> {
        self.slice(0..self.len())
    }

    /// Single rows.
    ///
    /// # Errors
    /// What arrow says.
    pub fn at(&self, rows: &[usize]) -> Result<RecordBatch, ArrowError> {
        match self {
            Self::Whole(all) => take_record_batch(all, &rows.iter().map(|row| *row as u64).collect::<UInt64Array>()),
            Self::Numbers(schema, _, numbers) => batch(schema, numbers.at(rows)?, rows.len()),
        }
    }

    /// The hash of what the rows hold and of what their file says of itself.
    ///
    /// # Errors
    /// [`PublishError::Compute`].
    pub fn content_hash(&self, set: &str, facts: &[(&str, String)]) -> Result<String, PublishError> {
        let held = match self {
            Self::Whole(rows) => Held::Columns(rows.columns()),
            Self::Numbers(.., numbers) => Held::Hashed(&numbers.content),
        };
        content_hash(&self.schema(), self.len(), held, facts).map_err(PublishError::step(set, "comparing with the latest version"))
    }
}

fn batch(schema: &SchemaRef, columns: Vec<arrow::array::ArrayRef>, rows: usize) -> Result<RecordBatch, ArrowError> {
    RecordBatch::try_new_with_options(schema.clone(), columns, &RecordBatchOptions::new().with_row_count(Some(rows)))
}
