//! Partitions: the rows of one value of a column, in a folder of their own.
//!
//! ```text
//! v-<run id>/month=2024-01-01/part-0000.parquet
//!            month=2024-02-01/part-0000.parquet
//!            month=__HIVE_DEFAULT_PARTITION__/part-0000.parquet      rows without a month
//! ```
//!
//! The layout is Hive's, as DuckDB, Polars, pyarrow and Spark read it: the column stands in the folder's name and not in the file.

use arrow::array::{Array, ArrayRef, RecordBatch};

use super::PublishError;
use super::folder::folder_name;
use super::manifest::is_plain;
use crate::kernels::cast::to_text;

/// Hive's name for NULL.
const NOTHING: &str = "__HIVE_DEFAULT_PARTITION__";

/// A partition of a set's rows.
#[derive(Debug, Clone)]
pub(super) struct Partition {
    /// Its folder within the version; empty where the set has no partitions.
    pub folder: String,
    /// How many rows it has.
    pub rows: usize,
    /// Where they are.
    pub place: Place,
}

/// Where a partition's rows are among those of its set.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// They are all there are.
    All,
    /// They begin at this row.
    From(usize),
    /// They have this code of the partition's column.
    Part(u32),
}

/// Rows without the column that folders name.
///
/// # Errors
/// [`PublishError::Compute`].
pub(super) fn without(set: &str, rows: &RecordBatch, column: Option<usize>) -> Result<RecordBatch, PublishError> {
    let others: Vec<usize> = (0..rows.num_columns()).filter(|at| Some(*at) != column).collect();
    rows.project(&others).map_err(PublishError::step(set, "dividing into partitions"))
}

/// The folder of a column's value: its only cell.
///
/// # Errors
/// [`PublishError::Compute`].
pub(super) fn folder_of_value(set: &str, column: &str, value: &ArrayRef) -> Result<String, PublishError> {
    let text = to_text(value).map_err(PublishError::step(set, "naming a partition"))?;
    let value = text.is_valid(0).then(|| folder_name(text.value(0)));
    Ok(format!("{column}={}", value.as_deref().unwrap_or(NOTHING)))
}

/// The value that a partition's folder names, as text; `None` for rows without one, and for a folder of another form.
#[must_use]
pub fn value_of(folder: &str) -> Option<&str> {
    folder.split_once('=').map(|(_, value)| value).filter(|value| *value != NOTHING)
}

/// Whether a data file's name stays in its version's folder: `part-0000.parquet` or `month=2024-01-01/part-0000.parquet`.
pub(super) fn is_inside(name: &str) -> bool {
    match name.split_once('/') {
        None => is_plain(name),
        Some((folder, file)) => {
            is_plain(file) && folder.split_once('=').is_some_and(|(column, value)| is_encoded(column) && is_encoded(value))
        }
    }
}

/// Whether a text is one that [`folder_name`] made.
fn is_encoded(text: &str) -> bool {
    !text.is_empty() && (is_plain(text) || super::folder::name_of_folder(text).is_some())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Date32Array, Int64Array};
    use arrow::datatypes::{DataType, Field, Schema};

    use super::*;
    use crate::publish::rows::Rows;

    fn batch(days: Vec<Option<i32>>) -> RecordBatch {
        let schema = Schema::new(vec![Field::new("a month", DataType::Date32, true), Field::new("n", DataType::Int64, true)]);
        let numbers = Int64Array::from_iter_values(0..days.len() as i64);
        RecordBatch::try_new(Arc::new(schema), vec![Arc::new(Date32Array::from(days)), Arc::new(numbers)]).unwrap()
    }

    #[test]
    fn rows_are_divided_by_value_and_the_column_moves_into_the_path() {
        let rows = Rows::Whole(batch(vec![None, None, Some(0), Some(31), Some(31)]));
        let found = rows.partitions("s", Some(0)).unwrap();
        let names: Vec<_> = found.iter().map(|partition| (partition.folder.as_str(), partition.rows)).collect();
        assert_eq!(names, [("a%20month=__HIVE_DEFAULT_PARTITION__", 2), ("a%20month=1970-01-01", 1), ("a%20month=1970-02-01", 2)]);
        assert_eq!(rows.load("s", Some(0), &found[2]).unwrap().schema().fields().len(), 1);
        assert_eq!(value_of(&found[0].folder), None);
        assert_eq!(value_of(&found[2].folder), Some("1970-02-01"));
        assert!(found.iter().all(|partition| is_inside(&format!("{}/part-0000.parquet", partition.folder))));
    }

    #[test]
    fn without_a_column_or_rows_there_is_one() {
        let rows = batch(vec![Some(0), Some(31)]);
        let whole = Rows::Whole(rows.clone());
        let found = whole.partitions("s", None).unwrap();
        assert!(found.len() == 1 && found[0].folder.is_empty() && whole.load("s", None, &found[0]).unwrap().whole().unwrap() == rows);
        let found = Rows::Whole(batch(vec![])).partitions("s", Some(0)).unwrap();
        assert!(found.len() == 1 && found[0].folder.is_empty());
    }

    #[test]
    fn no_name_leaves_the_version() {
        for good in ["part-0000.parquet", "m=1/part-0000.parquet", "m=a%20b/part-0001.parquet"] {
            assert!(is_inside(good), "{good}");
        }
        for bad in ["", "../x", "/x", "m=1", "a/b", "m=1/../x", "m=../x", "=1/x", "m=/x", "m=1/n=2/x", ".=1/x", "m=1/", "m=1//x", "m=a b/x"]
        {
            assert!(!is_inside(bad), "{bad}");
        }
    }
}
