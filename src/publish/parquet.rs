//! Parquet files: the same content gives the same bytes, so that an unchanged set is recognised by its hash.
//!
//! A file says which set it is of and under which label; it holds no time, no run id and no tenant. Arrow writes the metadata of
//! a field in no fixed order, so a field has one entry at most.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use data_encoding::HEXLOWER;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;
use sha2::{Digest, Sha256};

use super::PublishError;
use super::folder::{create_file, open_file};
use super::loaded::Loaded;
use super::row_groups::RowGroups;

/// Bytes of a file before the next begins: a row group more stays below 512 MB.
const FILE_BYTES: usize = 384 << 20;
/// Rows handed to the writer at a time, and read back at a time.
const SLICE: usize = 65_536;
/// Of zstd, what pyarrow takes where nothing is said: the next two cost a third more time and save nothing on sorted numbers.
const LEVEL: i32 = 1;
/// What a row group's dictionary of a column may have: 32 digits of every pseudonym of a large partition.
const DICTIONARY_BYTES: usize = 8 << 20;
/// So many cells tell whether a column of numbers repeats its values.
const SAMPLE: usize = 1024;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub name: String,
    pub rows: u64,
    pub bytes: u64,
    pub sha256: String,
}

/// What readers look for, by column in the file.
#[derive(Debug, Clone, Default)]
pub(super) struct Layout {
    /// Columns of texts or whole numbers that a reader asks for by one value: they get a bloom filter.
    pub sought: Vec<usize>,
    /// The columns by which the rows are sorted.
    pub sorting: Vec<usize>,
}

/// Writes rows to new files in a folder, to their last byte on the disk: `part-0000.parquet`, and more where one would be large. `facts` go
/// into the files' key-value metadata, in their order.
pub(super) fn write(folder: &Path, rows: &Loaded, layout: &Layout, facts: &[(&str, String)]) -> Result<Vec<Written>, PublishError> {
    write_files(folder, rows, layout, facts, FILE_BYTES)
}

/// Writes rows to new files in a folder as those of a set are written, columns by name: `sought`, texts or whole numbers, are asked for by one
/// value, by `sorting` the rows are sorted. Gives the bytes written.
///
/// # Errors
/// [`PublishError::Io`] and [`PublishError::Parquet`].
pub fn write_parquet(folder: &Path, rows: &RecordBatch, sought: &[&str], sorting: &[&str]) -> Result<u64, PublishError> {
    let places = |names: &[&str]| names.iter().filter_map(|name| rows.schema_ref().index_of(name).ok()).collect();
    let layout = Layout { sought: places(sought), sorting: places(sorting) };
    Ok(write(folder, &Loaded::Whole(rows.clone()), &layout, &[])?.iter().map(|file| file.bytes).sum())
}

/// As [`write`], with a file's end after so many bytes.
fn write_files(
    folder: &Path,
    rows: &Loaded,
    layout: &Layout,
    facts: &[(&str, String)],
    file_bytes: usize,
) -> Result<Vec<Written>, PublishError> {
    let mut files = Vec::new();
    let mut start = 0;
    loop {
        let name = format!("part-{:04}.parquet", files.len());
        let path = folder.join(&name);
        let failed = |error| parquet_error("write", &path, error);
        let sink = Hashed { file: BufWriter::with_capacity(1 << 20, create_file(&path)?), hash: Sha256::new(), bytes: 0 };
        let properties = properties(rows, layout, facts).map_err(failed)?;
        let mut writer = RowGroups::new(sink, rows.schema(), properties, &layout.sought).map_err(failed)?;
        let first = start;
        while start < rows.len() && writer.bytes() < file_bytes {
            let end = rows.len().min(start + SLICE.min(writer.room()));
            let slice = rows.slice(start..end).map_err(|error| failed(error.into()))?;
            writer.write(&slice, rows.len() - start).map_err(failed)?;
            start = end;
        }
        let sink = writer.finish().map_err(failed)?;
        let file = sink.file.into_inner().map_err(|error| PublishError::io("write", &path)(error.into_error()))?;
        file.sync_all().map_err(PublishError::io("write", &path))?;
        let sha256 = HEXLOWER.encode(&sink.hash.finalize());
        files.push(Written { name, rows: (start - first) as u64, bytes: sink.bytes, sha256 });
        if start >= rows.len() {
            return Ok(files);
        }
    }
}

fn properties(rows: &Loaded, layout: &Layout, facts: &[(&str, String)]) -> Result<WriterProperties, ParquetError> {
    let facts = facts.iter().map(|(key, value)| KeyValue::new((*key).to_owned(), value.clone())).collect();
    let sorting = layout.sorting.iter().map(|at| SortingColumn { column_idx: *at as i32, descending: false, nulls_first: true });
    let mut properties = WriterProperties::builder()
        .set_created_by("gallra".to_owned())
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(LEVEL)?))
        .set_dictionary_page_size_limit(DICTIONARY_BYTES)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_sorting_columns(Some(sorting.collect::<Vec<_>>()).filter(|sorting| !sorting.is_empty()))
        .set_key_value_metadata(Some(facts));
    let schema = rows.schema();
    let taken = SAMPLE.min(rows.len());
    let sample = rows.at(&(0..taken).map(|sample| sample * rows.len() / taken).collect::<Vec<_>>())?;
    for (field, _) in schema.fields().iter().zip(sample.columns()).filter(|(_, cells)| !repeats(cells, rows.len())) {
        let path = ColumnPath::new(vec![field.name().clone()]);
        properties = properties.set_column_dictionary_enabled(path.clone(), false);
        if is_whole(field.data_type()) {
            properties = properties.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
        }
    }
    Ok(properties.build())
}

/// Whether the file holds a column's cells as whole numbers of 32 or 64 bits: decimals of up to 18 digits are among them.
fn is_whole(held: &DataType) -> bool {
    matches!(held, DataType::Int32 | DataType::Int64 | DataType::Date32 | DataType::Timestamp(..) | DataType::Decimal128(..=18, _))
}

/// Whether a dictionary of a column's values is worth its making. Texts always have one; numbers where about half of them have come before,
/// as pairs in a sample tell: among `s` cells of `d` equally frequent values are about s² / 2d pairs. `rows` is how many there are in all.
fn repeats(sample: &ArrayRef, rows: usize) -> bool {
    let Some(width) = sample.data_type().primitive_width() else { return true };
    let data = sample.to_data();
    let Some(buffer) = data.buffers().first() else { return true };
    let bytes = &buffer.as_slice()[data.offset() * width..];
    // Under a NULL anything may stand: equal rows have equal files.
    let valid = (0..sample.len()).filter(|at| sample.is_valid(*at));
    let mut cells: Vec<&[u8]> = valid.map(|at| &bytes[at * width..(at + 1) * width]).collect();
    cells.sort_unstable();
    let pairs: usize = cells.chunk_by(|left, right| left == right).map(|same| same.len() * (same.len() - 1) / 2).sum();
    pairs * rows >= cells.len() * sample.len()
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
    let file = open_file(path)?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(failed)?;
    let schema = builder.schema().clone();
    Ok((schema, builder.with_batch_size(SLICE).build().map_err(failed)?))
}

/// Reads every row of a file: its schema, and how many there are. Texts that stand once are not repeated for it.
pub(super) fn read_through(path: &Path) -> Result<(SchemaRef, u64), PublishError> {
    let failed = |error| parquet_error("read", path, error);
    let file = open_file(path)?;
    let known = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(failed)?;
    let once = |field: &FieldRef| match field.data_type() {
        DataType::Utf8 => field.as_ref().clone().with_data_type(DataType::Dictionary(DataType::UInt32.into(), DataType::Utf8.into())),
        _ => field.as_ref().clone(),
    };
    let fields: Vec<Field> = known.schema().fields().iter().map(once).collect();
    let as_read = Schema::new_with_metadata(fields, known.schema().metadata().clone());
    let options = ArrowReaderOptions::new().with_schema(as_read.into());
    let metadata = ArrowReaderMetadata::try_new(known.metadata().clone(), options).map_err(failed)?;
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata).with_batch_size(SLICE).build().map_err(failed)?;
    let mut rows = 0;
    for batch in reader {
        rows += batch.map_err(|error| failed(error.into()))?.num_rows() as u64;
    }
    Ok((known.schema().clone(), rows))
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
    use parquet::file::properties::ReaderProperties;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::file::serialized_reader::ReadOptionsBuilder;

    use super::super::row_groups::ROW_GROUP;
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
            [&one, &other].into_iter().for_each(|folder| std::fs::create_dir(folder).unwrap());
            let layout = Layout { sought: vec![3], sorting: vec![0] };
            let written = write(&one, &Loaded::Whole(batch(rows)), &layout, &facts()).unwrap();
            assert_eq!(write(&other, &Loaded::Whole(batch(rows)), &layout, &facts()).unwrap(), written);
            let [written] = &written[..] else { panic!("{} files", written.len()) };
            let (one, other) = (one.join(&written.name), other.join(&written.name));
            let bytes = std::fs::read(&one).unwrap();
            assert_eq!(bytes, std::fs::read(&other).unwrap());
            assert_eq!((bytes.len() as u64, super::super::folder::sha256(&bytes)), (written.bytes, written.sha256.clone()));
            let (schema, reader) = read(&one).unwrap();
            let back: Vec<_> = reader.map(Result::unwrap).collect();
            let back = concat_batches(&schema, &back).unwrap();
            assert_eq!((back.schema_ref().fields(), back.columns()), (batch(rows).schema_ref().fields(), batch(rows).columns()));
            assert_eq!(read_through(&one).unwrap(), (schema, rows as u64));
        }
    }

    #[test]
    fn rows_without_a_column_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(3));
        let rows = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), Vec::new(), &options).unwrap();
        assert_eq!(write(folder.path(), &Loaded::Whole(rows), &Layout::default(), &[]).unwrap()[0].rows, 3);
    }

    #[test]
    fn a_file_has_what_readers_skip_by() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part-0000.parquet");
        let rows = ROW_GROUP + 5;
        let column: ArrayRef = Arc::new((0..rows as i64).collect::<Int64Array>());
        let layout = Layout { sought: vec![0], sorting: vec![0] };
        write(folder.path(), &Loaded::Whole(RecordBatch::try_from_iter([("n", column)]).unwrap()), &layout, &facts()).unwrap();
        let properties = ReaderProperties::builder().set_read_bloom_filter(true).build();
        let options = ReadOptionsBuilder::new().with_reader_properties(properties).build();
        let reader = SerializedFileReader::new_with_options(File::open(&path).unwrap(), options).unwrap();
        let metadata = reader.metadata();
        assert_eq!(metadata.row_groups().iter().map(|group| group.num_rows()).collect::<Vec<_>>(), [ROW_GROUP as i64, 5]);
        let chunk = metadata.row_group(0).column(0);
        assert!(matches!(chunk.compression(), Compression::ZSTD(_)));
        assert!(chunk.statistics().is_some() && chunk.column_index_offset().is_some() && chunk.offset_index_offset().is_some());
        let sorting = metadata.row_group(0).sorting_columns().unwrap();
        assert_eq!(sorting, &vec![SortingColumn { column_idx: 0, descending: false, nulls_first: true }]);
        let filter = reader.get_row_group(0).unwrap().get_column_bloom_filter(0).cloned().unwrap();
        assert!((0..1000_i64).all(|number| filter.check(&number)));
        let wrong = (rows as i64..rows as i64 + 10_000).filter(|number| filter.check(number)).count();
        assert!(wrong < 300, "{wrong} of 10,000 are taken for present");
        let pairs = metadata.file_metadata().key_value_metadata().unwrap();
        assert!(pairs.iter().any(|pair| pair.key == "gallra.label" && pair.value.as_deref() == Some("pseudonymised")));
        assert_eq!(metadata.file_metadata().created_by(), Some("gallra"));
    }

    #[test]
    fn a_large_partition_is_several_files() {
        let folder = tempfile::tempdir().unwrap();
        let rows = batch(5 * SLICE + 7);
        let written = write_files(folder.path(), &Loaded::Whole(rows.clone()), &Layout::default(), &facts(), 1 << 20).unwrap();
        assert!(written.len() > 1);
        let mut back = Vec::new();
        for (at, file) in written.iter().enumerate() {
            assert_eq!(file.name, format!("part-{at:04}.parquet"));
            let (_, reader) = read(&folder.path().join(&file.name)).unwrap();
            let batches: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
            assert_eq!(batches.iter().map(|batch| batch.num_rows() as u64).sum::<u64>(), file.rows);
            back.extend(batches);
        }
        let back = concat_batches(&back[0].schema(), &back).unwrap();
        assert_eq!(back.columns(), rows.columns());
    }

    #[test]
    fn all_texts_are_visited() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part-0000.parquet");
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("å"), None, Some("")]));
        let bytes: ArrayRef = Arc::new(BinaryArray::from(vec![Some(&b"abc"[..]), Some(b"\xff"), None]));
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
        let batch = RecordBatch::try_from_iter([("t", texts), ("b", bytes), ("n", numbers)]).unwrap();
        write(folder.path(), &Loaded::Whole(batch), &Layout::default(), &[]).unwrap();
        let mut seen = Vec::new();
        for_each_text(&path, |column, text| seen.push(format!("{column}={text}"))).unwrap();
        assert_eq!(seen, ["t=å", "t=", "b=abc"]);
    }

    #[test]
    fn an_existing_file_is_not_overwritten_and_a_torn_one_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part-0000.parquet");
        let layout = Layout::default();
        write(folder.path(), &Loaded::Whole(batch(10)), &layout, &[]).unwrap();
        assert!(matches!(write(folder.path(), &Loaded::Whole(batch(10)), &layout, &[]), Err(PublishError::Io { action: "create", .. })));
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        assert!(matches!(for_each_text(&path, |_, _| {}), Err(PublishError::Parquet { .. })));
    }
}
