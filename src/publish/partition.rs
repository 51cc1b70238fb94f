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
use arrow::compute::partition;

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
    /// Its rows, without the column that the folder names.
    pub rows: RecordBatch,
}

/// The partitions of rows that are sorted by their partition column first. Without such a column all rows are one; no rows are one too,
/// so that readers find the columns.
///
/// # Errors
/// [`PublishError::Compute`].
pub(super) fn partitions(set: &str, rows: &RecordBatch, column: Option<usize>) -> Result<Vec<Partition>, PublishError> {
    let Some(column) = column.filter(|_| rows.num_rows() > 0) else {
        return Ok(vec![Partition { folder: String::new(), rows: rows.clone() }]);
    };
    let failed = |_| PublishError::Compute { set: set.to_owned(), step: "dividing into partitions" };
    let others: Vec<usize> = (0..rows.num_columns()).filter(|at| *at != column).collect();
    let without = rows.project(&others).map_err(failed)?;
    let name = folder_name(rows.schema_ref().field(column).name());
    let values = rows.column(column).clone();
    let ranges = partition(std::slice::from_ref(&values)).map_err(failed)?.ranges();
    ranges
        .into_iter()
        .map(|range| {
            let value = text_at(set, &values, range.start)?;
            let folder = format!("{name}={}", value.as_deref().map_or_else(|| NOTHING.to_owned(), folder_name));
            Ok(Partition { folder, rows: without.slice(range.start, range.len()) })
        })
        .collect()
}

fn text_at(set: &str, values: &ArrayRef, row: usize) -> Result<Option<String>, PublishError> {
    let text = to_text(&values.slice(row, 1)).map_err(|_| PublishError::Compute { set: set.to_owned(), step: "naming a partition" })?;
    Ok(text.is_valid(0).then(|| text.value(0).to_owned()))
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

    fn batch(days: Vec<Option<i32>>) -> RecordBatch {
        let schema = Schema::new(vec![Field::new("a month", DataType::Date32, true), Field::new("n", DataType::Int64, true)]);
        let numbers = Int64Array::from_iter_values(0..days.len() as i64);
        RecordBatch::try_new(Arc::new(schema), vec![Arc::new(Date32Array::from(days)), Arc::new(numbers)]).unwrap()
    }

    #[test]
    fn rows_are_divided_by_value_and_the_column_moves_into_the_path() {
        let found = partitions("s", &batch(vec![None, None, Some(0), Some(31), Some(31)]), Some(0)).unwrap();
        let names: Vec<_> = found.iter().map(|partition| (partition.folder.as_str(), partition.rows.num_rows())).collect();
        assert_eq!(names, [("a%20month=__HIVE_DEFAULT_PARTITION__", 2), ("a%20month=1970-01-01", 1), ("a%20month=1970-02-01", 2)]);
        assert_eq!(found[2].rows.schema().fields().len(), 1);
        assert_eq!(value_of(&found[0].folder), None);
        assert_eq!(value_of(&found[2].folder), Some("1970-02-01"));
        assert!(found.iter().all(|partition| is_inside(&format!("{}/part-0000.parquet", partition.folder))));
    }

    #[test]
    fn without_a_column_or_rows_there_is_one() {
        let rows = batch(vec![Some(0), Some(31)]);
        let found = partitions("s", &rows, None).unwrap();
        assert!(found.len() == 1 && found[0].folder.is_empty() && found[0].rows == rows);
        let found = partitions("s", &batch(vec![]), Some(0)).unwrap();
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
