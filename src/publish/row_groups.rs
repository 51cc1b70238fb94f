//! The row groups of a Parquet file, and the bloom filters of the columns that are asked for by one value.

use std::io::Write;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Int64Type, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::bloom_filter::Sbbf;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;

/// Rows and bytes of a row group: what a reader skips or reads as a whole.
pub(super) const ROW_GROUP: usize = 1_000_000;
const ROW_GROUP_BYTES: usize = 128 << 20;
/// The share of values that a bloom filter takes for present although they are not.
const FALSE_POSITIVES: f64 = 0.01;

/// A file that is written a row group after the other.
pub(super) struct RowGroups<W: Write + Send> {
    file: SerializedFileWriter<W>,
    factory: ArrowRowGroupWriterFactory,
    schema: SchemaRef,
    sought: Vec<usize>,
    group: Option<RowGroup>,
}

/// A row group that is not in the file yet.
struct RowGroup {
    columns: Vec<ArrowColumnWriter>,
    filters: Vec<Filter>,
    rows: usize,
}

impl RowGroup {
    fn bytes(&self) -> usize {
        self.columns.iter().map(ArrowColumnWriter::get_estimated_total_bytes).sum()
    }

    /// How many rows more it takes.
    fn room(&self) -> usize {
        let bytes = self.bytes();
        let fit = match bytes.checked_div(self.rows) {
            Some(width) if width > 0 => ROW_GROUP_BYTES.saturating_sub(bytes) / width,
            _ => ROW_GROUP,
        };
        fit.min(ROW_GROUP - self.rows)
    }
}

impl<W: Write + Send> RowGroups<W> {
    /// `sought`: the columns that get a bloom filter.
    pub fn new(sink: W, schema: SchemaRef, properties: WriterProperties, sought: &[usize]) -> Result<Self, ParquetError> {
        let (file, factory) = ArrowWriter::try_new(sink, schema.clone(), Some(properties))?.into_serialized_writer()?;
        Ok(Self { file, factory, schema, sought: sought.to_vec(), group: None })
    }

    /// About how many bytes the file has so far.
    pub fn bytes(&self) -> usize {
        self.file.bytes_written() + self.group.as_ref().map_or(0, RowGroup::bytes)
    }

    /// How many rows may be written at once: at least one.
    pub fn room(&self) -> usize {
        self.group.as_ref().map_or(ROW_GROUP, RowGroup::room).max(1)
    }

    /// Writes rows, no more than there is [`Self::room`] for. Of the partition so many are left, with these; texts may be a dictionary's.
    ///
    /// # Errors
    /// What the Parquet library says.
    pub fn write(&mut self, rows: &RecordBatch, left: usize) -> Result<(), ParquetError> {
        let group = match &mut self.group {
            Some(group) => group,
            none => {
                let columns = self.factory.create_column_writers(self.file.flushed_row_groups().len())?;
                let most = left.clamp(1, ROW_GROUP);
                let filters = self.sought.iter().map(|at| Filter::new(*at, most)).collect::<Result<_, _>>()?;
                none.insert(RowGroup { columns, filters, rows: 0 })
            }
        };
        let mut columns = group.columns.iter_mut();
        for (field, cells) in self.schema.fields().iter().zip(rows.columns()) {
            for leaf in compute_leaves(field, cells)? {
                columns.next().ok_or_else(|| ParquetError::General("a column without a writer".to_owned()))?.write(&leaf)?;
            }
        }
        for filter in &mut group.filters {
            filter.take(rows.column(filter.column))?;
        }
        group.rows += rows.num_rows();
        if group.room() == 0 { self.end_group() } else { Ok(()) }
    }

    fn end_group(&mut self) -> Result<(), ParquetError> {
        let Some(mut group) = self.group.take() else { return Ok(()) };
        let mut written = self.file.next_row_group()?;
        for (at, column) in group.columns.into_iter().enumerate() {
            let mut chunk = column.close()?;
            if let Some(filter) = group.filters.iter().position(|filter| filter.column == at) {
                chunk.close_mut().bloom_filter = Some(group.filters.swap_remove(filter).folded());
            }
            chunk.append_to_row_group(&mut written)?;
        }
        written.close()?;
        Ok(())
    }

    /// Ends the file and gives back what it was written to.
    ///
    /// # Errors
    /// What the Parquet library says.
    pub fn finish(mut self) -> Result<W, ParquetError> {
        self.end_group()?;
        self.file.into_inner()
    }
}

/// The bloom filter of a column in a row group.
///
/// The Parquet library would offer every row's value to it. Rows are sorted, so that the rows of a pseudonym mostly follow one another: here a
/// value is offered where the row before has another.
struct Filter {
    column: usize,
    filter: Sbbf,
}

impl Filter {
    /// As large as `most` different values need.
    fn new(column: usize, most: usize) -> Result<Self, ParquetError> {
        Ok(Self { column, filter: Sbbf::new_with_ndv_fpp(most as u64, FALSE_POSITIVES)? })
    }

    fn take(&mut self, cells: &ArrayRef) -> Result<(), ParquetError> {
        let filter = &mut self.filter;
        match cells.data_type() {
            DataType::Utf8 => starts(cells.as_string::<i32>().iter()).for_each(|text| filter.insert(text)),
            DataType::Int64 => starts(cells.as_primitive::<Int64Type>().iter()).for_each(|number| filter.insert(&number)),
            // Where no row has a text the dictionary has none either.
            DataType::Dictionary(..) if cells.as_any_dictionary().values().is_empty() => {}
            DataType::Dictionary(_, texts) if **texts == DataType::Utf8 => {
                let cells = cells.as_any_dictionary();
                let (keys, nulls, texts) = (cells.normalized_keys(), cells.nulls(), cells.values().as_string::<i32>());
                let present = |row| nulls.is_none_or(|nulls| nulls.is_valid(row));
                let keys = keys.into_iter().enumerate().map(|(row, key)| present(row).then_some(key));
                starts(keys).for_each(|key| filter.insert(texts.value(key)));
            }
            // A filter that lacks a value would hide its rows.
            other => return Err(ParquetError::NYI(format!("a bloom filter over {other}"))),
        }
        Ok(())
    }

    /// As small as its values allow.
    fn folded(mut self) -> Sbbf {
        self.filter.fold_to_target_fpp(FALSE_POSITIVES);
        self.filter
    }
}

/// The cells that differ from the one before, without NULL.
fn starts<T: PartialEq + Copy>(cells: impl Iterator<Item = Option<T>>) -> impl Iterator<Item = T> {
    let mut last = None;
    cells.filter_map(move |cell| {
        let is_new = cell != last;
        last = cell;
        cell.filter(|_| is_new)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{DictionaryArray, Int64Array, StringArray};
    use arrow::datatypes::{Field, Schema, UInt32Type};
    use bytes::Bytes;
    use parquet::file::metadata::ParquetMetaData;
    use parquet::file::properties::ReaderProperties;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::file::serialized_reader::ReadOptionsBuilder;
    use parquet::schema::types::ColumnPath;

    use super::*;

    fn opened(bytes: Vec<u8>) -> SerializedFileReader<Bytes> {
        let properties = ReaderProperties::builder().set_read_bloom_filter(true).build();
        let options = ReadOptionsBuilder::new().with_reader_properties(properties).build();
        SerializedFileReader::new_with_options(Bytes::from(bytes), options).unwrap()
    }

    fn rows_of(metadata: &ParquetMetaData) -> Vec<i64> {
        metadata.row_groups().iter().map(|group| group.num_rows()).collect()
    }

    /// The Parquet library offers every row to its filter; ours must come out the same, of texts, of numbers and of a dictionary's texts.
    #[test]
    fn a_filter_is_the_librarys_own() {
        // In runs, with NULL between them and beside their like.
        let numbers: Vec<Option<i64>> = (0..90_000).map(|row| (row % 11 != 5).then_some(row / 7 * 31 % 4099)).collect();
        let texts: Vec<Option<String>> = numbers.iter().map(|cell| cell.map(|cell| format!("{cell:032x}"))).collect();
        let plain: ArrayRef = Arc::new(texts.iter().map(Option::as_deref).collect::<StringArray>());
        let coded: ArrayRef = Arc::new(texts.iter().map(Option::as_deref).collect::<DictionaryArray<UInt32Type>>());
        let numbers: ArrayRef = Arc::new(Int64Array::from(numbers));
        for (held, cells) in [(&plain, &plain), (&plain, &coded), (&numbers, &numbers)] {
            let schema: SchemaRef = Schema::new(vec![Field::new("who", held.data_type().clone(), true)]).into();
            let as_held: SchemaRef = Schema::new(vec![Field::new("who", cells.data_type().clone(), true)]).into();
            let rows = RecordBatch::try_new(as_held, vec![cells.clone()]).unwrap();
            let mut ours = RowGroups::new(Vec::new(), schema.clone(), WriterProperties::default(), &[0]).unwrap();
            for slice in [0..50_000, 50_000..90_000] {
                ours.write(&rows.slice(slice.start, slice.len()), rows.num_rows() - slice.start).unwrap();
            }
            let ours = opened(ours.finish().unwrap());
            let path = ColumnPath::new(vec!["who".to_owned()]);
            let properties = WriterProperties::builder()
                .set_column_bloom_filter_enabled(path.clone(), true)
                .set_column_bloom_filter_fpp(path.clone(), FALSE_POSITIVES)
                .set_column_bloom_filter_max_ndv(path, 90_000);
            let mut theirs = ArrowWriter::try_new(Vec::new(), schema.clone(), Some(properties.build())).unwrap();
            theirs.write(&RecordBatch::try_new(schema, vec![held.clone()]).unwrap()).unwrap();
            let theirs = opened(theirs.into_inner().unwrap());
            let bits = |file: &SerializedFileReader<Bytes>| {
                let mut bits = Vec::new();
                file.get_row_group(0).unwrap().get_column_bloom_filter(0).unwrap().write_bitset(&mut bits).unwrap();
                bits
            };
            assert_eq!(rows_of(ours.metadata()), [90_000]);
            assert_eq!(bits(&ours), bits(&theirs));
        }
    }

    #[test]
    fn a_filter_of_nothing_but_null_says_so_of_every_value() {
        let cells: ArrayRef = Arc::new([None::<&str>; 3].into_iter().collect::<DictionaryArray<UInt32Type>>());
        let rows = RecordBatch::try_from_iter([("who", cells)]).unwrap();
        let schema: SchemaRef = Schema::new(vec![Field::new("who", DataType::Utf8, true)]).into();
        let mut writer = RowGroups::new(Vec::new(), schema, WriterProperties::default(), &[0]).unwrap();
        writer.write(&rows, 3).unwrap();
        let file = opened(writer.finish().unwrap());
        assert!(!file.get_row_group(0).unwrap().get_column_bloom_filter(0).unwrap().check("a"));
    }

    #[test]
    fn a_filter_over_what_it_does_not_know_is_refused() {
        let flags: ArrayRef = Arc::new(arrow::array::BooleanArray::from(vec![true]));
        let rows = RecordBatch::try_from_iter([("flag", flags)]).unwrap();
        let mut writer = RowGroups::new(Vec::new(), rows.schema(), WriterProperties::default(), &[0]).unwrap();
        assert!(matches!(writer.write(&rows, 1), Err(ParquetError::NYI(_))));
    }

    #[test]
    fn a_row_group_ends_at_its_bytes() {
        // Wide texts that no dictionary and no compression makes smaller.
        let mut state = 1_u64;
        let mut wide = || {
            let words = (0..256).map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                format!("{:016x}", state)
            });
            words.collect::<String>()
        };
        let texts: ArrayRef = Arc::new((0..1000).map(|_| Some(wide())).collect::<StringArray>());
        let rows = RecordBatch::try_from_iter([("text", texts)]).unwrap();
        let properties = WriterProperties::builder().set_dictionary_enabled(false).build();
        let mut writer = RowGroups::new(Vec::new(), rows.schema(), properties, &[]).unwrap();
        let mut written = 0;
        while written < 40_000 {
            let taken = 1000.min(writer.room());
            writer.write(&rows.slice(0, taken), 40_000 - written).unwrap();
            written += taken;
        }
        let file = opened(writer.finish().unwrap());
        let groups = file.metadata().row_groups();
        assert_eq!(groups.iter().map(|group| group.num_rows()).sum::<i64>() as usize, written);
        assert!(groups.len() > 1);
        for (at, group) in groups.iter().enumerate() {
            assert!(group.compressed_size() <= ROW_GROUP_BYTES as i64, "{}", group.compressed_size());
            assert!(at + 1 == groups.len() || group.compressed_size() > (ROW_GROUP_BYTES as i64) * 9 / 10, "{}", group.compressed_size());
        }
    }
}
