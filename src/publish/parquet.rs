//! Parquet files: the same content gives the same bytes, so that an unchanged set is recognised by its hash.
//!
//! A file says which set it is of and under which label; it holds no time, no run id and no tenant. Arrow writes the metadata of
//! a field in no fixed order, so a field has one entry at most.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, SchemaRef};
use data_encoding::HEXLOWER;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use sha2::{Digest, Sha256};

use super::PublishError;
use super::folder::create_file;

/// Rows of a row group: what a reader skips or reads as a whole.
const ROW_GROUP: usize = 1_000_000;
/// Rows handed to the writer at a time, and read back at a time.
const SLICE: usize = 65_536;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub rows: u64,
    pub bytes: u64,
    pub sha256: String,
}

/// Writes rows to a new file, to its last byte on the disk. `facts` go into the file's key-value metadata, in their order.
pub(super) fn write(path: &Path, batch: &RecordBatch, facts: &[(&str, String)]) -> Result<Written, PublishError> {
    let failed = |error| parquet_error("write", path, error);
    let facts = facts.iter().map(|(key, value)| KeyValue::new((*key).to_owned(), value.clone())).collect();
    let properties = WriterProperties::builder()
        .set_created_by("gallra".to_owned())
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3).map_err(failed)?))
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_key_value_metadata(Some(facts))
        .build();
    let sink = Hashed { file: BufWriter::with_capacity(1 << 20, create_file(path)?), hash: Sha256::new(), bytes: 0 };
    let mut writer = ArrowWriter::try_new(sink, batch.schema(), Some(properties)).map_err(failed)?;
    let mut start = 0;
    while start < batch.num_rows() {
        let rows = SLICE.min(batch.num_rows() - start);
        writer.write(&batch.slice(start, rows)).map_err(failed)?;
        start += rows;
    }
    let sink = writer.into_inner().map_err(failed)?;
    let file = sink.file.into_inner().map_err(|error| PublishError::io("write", path)(error.into_error()))?;
    file.sync_all().map_err(PublishError::io("write", path))?;
    Ok(Written { rows: batch.num_rows() as u64, bytes: sink.bytes, sha256: HEXLOWER.encode(&sink.hash.finalize()) })
}

/// A file that is hashed as it is written.
struct Hashed {
    file: BufWriter<File>,
    hash: Sha256,
    bytes: u64,
}

impl Write for Hashed {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        let written = self.file.write(part)?;
        self.hash.update(&part[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Opens a file for reading: its schema and its rows in slices.
pub(super) fn read(path: &Path) -> Result<(SchemaRef, ParquetRecordBatchReader), PublishError> {
    let failed = |error| parquet_error("read", path, error);
    let file = File::open(path).map_err(PublishError::io("read", path))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(failed)?;
    let schema = builder.schema().clone();
    Ok((schema, builder.with_batch_size(SLICE).build().map_err(failed)?))
}

/// Hands every text of a Parquet file to `visit`, with its column's name: what the search for residual identifiers reads.
///
/// Texts are all cells of text columns that are not NULL, and bytes where they are UTF-8.
///
/// # Errors
/// [`PublishError::Io`] and [`PublishError::Parquet`].
pub fn for_each_text(path: &Path, mut visit: impl FnMut(&str, &str)) -> Result<(), PublishError> {
    let (schema, rows) = read(path)?;
    for batch in rows {
        let batch = batch.map_err(|error| parquet_error("read", path, error.into()))?;
        for (field, values) in schema.fields().iter().zip(batch.columns()) {
            let name = field.name().as_str();
            match values.data_type() {
                DataType::Utf8 => values.as_string::<i32>().iter().flatten().for_each(|text| visit(name, text)),
                DataType::LargeUtf8 => values.as_string::<i64>().iter().flatten().for_each(|text| visit(name, text)),
                DataType::Utf8View => values.as_string_view().iter().flatten().for_each(|text| visit(name, text)),
                DataType::Binary => values
                    .as_binary::<i32>()
                    .iter()
                    .flatten()
                    .filter_map(|bytes| std::str::from_utf8(bytes).ok())
                    .for_each(|text| visit(name, text)),
                _ => {}
            }
        }
    }
    Ok(())
}

/// Errors of the disk come through the Parquet library in a wrapping; they are told as what they are.
pub(super) fn parquet_error(action: &'static str, path: &Path, error: ParquetError) -> PublishError {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => PublishError::io(action, path)(*error),
            Err(inner) => PublishError::Parquet { action, path: path.to_owned(), source: ParquetError::External(inner) },
        },
        source => PublishError::Parquet { action, path: path.to_owned(), source },
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, StringArray, TimestampMicrosecondArray,
    };
    use arrow::compute::concat_batches;
    use arrow::datatypes::{Field, Schema};
    use parquet::file::reader::{FileReader, SerializedFileReader};

    use super::*;

    fn batch(rows: usize) -> RecordBatch {
        let numbers = || (0..rows as i64).map(|row| (row % 7 != 3).then_some(row));
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("integer", Arc::new(numbers().collect::<Int64Array>())),
            (
                "decimal",
                Arc::new(numbers().map(|cell| cell.map(i128::from)).collect::<Decimal128Array>().with_precision_and_scale(38, 2).unwrap()),
            ),
            ("float", Arc::new(numbers().map(|cell| cell.map(|cell| cell as f64 / 8.0)).collect::<Float64Array>())),
            ("text", Arc::new(numbers().map(|cell| cell.map(|cell| format!("t{cell}"))).collect::<StringArray>())),
            ("day", Arc::new(numbers().map(|cell| cell.map(|cell| cell as i32)).collect::<Date32Array>())),
            ("instant", Arc::new(numbers().collect::<TimestampMicrosecondArray>().with_timezone("UTC"))),
            ("flag", Arc::new(numbers().map(|cell| cell.map(|cell| cell % 2 == 0)).collect::<BooleanArray>())),
            ("bytes", Arc::new(numbers().map(|cell| cell.map(|cell| cell.to_le_bytes())).collect::<BinaryArray>())),
        ];
        let fields: Vec<Field> = columns
            .iter()
            .map(|(name, values)| {
                Field::new(*name, values.data_type().clone(), true)
                    .with_metadata([("description".to_owned(), format!("the {name}"))].into())
            })
            .collect();
        let values = columns.into_iter().map(|(_, values)| values).collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), values).unwrap()
    }

    fn facts() -> Vec<(&'static str, String)> {
        vec![("gallra.set", "sales".into()), ("gallra.label", "pseudonymised".into())]
    }

    #[test]
    fn equal_content_gives_equal_bytes_and_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        for rows in [0, 1, SLICE, SLICE + 1, 3 * SLICE] {
            let (one, other) = (folder.path().join(format!("one{rows}")), folder.path().join(format!("other{rows}")));
            let written = write(&one, &batch(rows), &facts()).unwrap();
            assert_eq!(write(&other, &batch(rows), &facts()).unwrap(), written);
            let bytes = std::fs::read(&one).unwrap();
            assert_eq!(bytes, std::fs::read(&other).unwrap());
            assert_eq!((bytes.len() as u64, super::super::folder::sha256(&bytes)), (written.bytes, written.sha256));
            let (schema, reader) = read(&one).unwrap();
            let back: Vec<_> = reader.map(Result::unwrap).collect();
            let back = concat_batches(&schema, &back).unwrap();
            assert_eq!((back.schema_ref().fields(), back.columns()), (batch(rows).schema_ref().fields(), batch(rows).columns()));
        }
    }

    #[test]
    fn a_file_has_what_readers_skip_by() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part");
        let rows = ROW_GROUP + 5;
        let column: ArrayRef = Arc::new((0..rows as i64).collect::<Int64Array>());
        write(&path, &RecordBatch::try_from_iter([("n", column)]).unwrap(), &facts()).unwrap();
        let reader = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
        let metadata = reader.metadata();
        assert_eq!(metadata.row_groups().iter().map(|group| group.num_rows()).collect::<Vec<_>>(), [ROW_GROUP as i64, 5]);
        let chunk = metadata.row_group(0).column(0);
        assert!(matches!(chunk.compression(), Compression::ZSTD(_)));
        assert!(chunk.statistics().is_some() && chunk.column_index_offset().is_some() && chunk.offset_index_offset().is_some());
        let pairs = metadata.file_metadata().key_value_metadata().unwrap();
        assert!(pairs.iter().any(|pair| pair.key == "gallra.label" && pair.value.as_deref() == Some("pseudonymised")));
        assert_eq!(metadata.file_metadata().created_by(), Some("gallra"));
    }

    #[test]
    fn all_texts_are_visited() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part");
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("å"), None, Some("")]));
        let bytes: ArrayRef = Arc::new(BinaryArray::from(vec![Some(&b"abc"[..]), Some(b"\xff"), None]));
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
        let batch = RecordBatch::try_from_iter([("t", texts), ("b", bytes), ("n", numbers)]).unwrap();
        write(&path, &batch, &[]).unwrap();
        let mut seen = Vec::new();
        for_each_text(&path, |column, text| seen.push(format!("{column}={text}"))).unwrap();
        assert_eq!(seen, ["t=å", "t=", "b=abc"]);
    }

    #[test]
    fn an_existing_file_is_not_overwritten_and_a_torn_one_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part");
        write(&path, &batch(10), &[]).unwrap();
        assert!(matches!(write(&path, &batch(10), &[]), Err(PublishError::Io { action: "create", .. })));
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        assert!(matches!(for_each_text(&path, |_, _| {}), Err(PublishError::Parquet { .. })));
    }
}
