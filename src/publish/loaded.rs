//! The rows of a partition as they will be written, handed out a slice at a time.

use std::ops::Range;

use arrow::array::{ArrayRef, AsArray, RecordBatch, RecordBatchOptions, UInt64Array};
use arrow::compute::take;
use arrow::datatypes::{FieldRef, Schema, SchemaRef};
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

    /// Some rows, as the writer takes them: texts may be a dictionary's.
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
        match self {
            Self::Whole(rows) => Ok(rows.clone()),
            Self::Numbers(schema, rows, numbers) => {
                let texts = |cells: ArrayRef| match cells.as_any_dictionary_opt() {
                    Some(cells) => take(cells.values(), cells.keys(), None),
                    None => Ok(cells),
                };
                let columns = numbers.slice(0..*rows)?.into_iter().map(texts).collect::<Result<Vec<_>, _>>()?;
                let options = RecordBatchOptions::new().with_row_count(Some(*rows));
                RecordBatch::try_new_with_options(schema.clone(), columns, &options)
            }
        }
    }

    /// Single rows, as [`Self::slice`] has them.
    ///
    /// # Errors
    /// What arrow says.
    pub fn at(&self, rows: &[usize]) -> Result<RecordBatch, ArrowError> {
        match self {
            Self::Whole(all) => {
                let places: UInt64Array = rows.iter().map(|row| *row as u64).collect();
                let columns = all.columns().iter().map(|cells| take(cells, &places, None)).collect::<Result<Vec<_>, _>>()?;
                batch(all.schema_ref(), columns, rows.len())
            }
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

/// Rows whose texts may be a dictionary's.
fn batch(schema: &SchemaRef, columns: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch, ArrowError> {
    let as_held = |(field, cells): (&FieldRef, &ArrayRef)| field.as_ref().clone().with_data_type(cells.data_type().clone());
    let schema = Schema::new(schema.fields().iter().zip(&columns).map(as_held).collect::<Vec<_>>());
    RecordBatch::try_new_with_options(schema.into(), columns, &RecordBatchOptions::new().with_row_count(Some(rows)))
}
