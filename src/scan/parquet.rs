//! Parquet files: their columns of texts.

use arrow::array::{Array, AsArray, StringArray};
use arrow::datatypes::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};

use super::files::{Failure, Gathering, Open, Scanned, number};
use super::tally::{Part, Tally, shown};

/// Rows read before they are scanned.
const ROWS: usize = 65_536;
/// Rows of one thread's work.
const PIECE: usize = 512;

/// Scans the columns of texts that are wanted. Texts within lists and structs are not.
pub(super) fn scan(open: &Open<'_>, source: &mut Gathering<'_>) -> Result<Scanned, Failure> {
    // What the writer's Arrow schema says of a column (a dictionary, a view) is left out: a text is a text.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(open.open()?, options);
    let builder = builder.map_err(|_| Failure::Problem(open.problem("is not a Parquet file that can be read".to_owned(), None)))?;
    // A codec that this program is built without is found out now, not in the middle.
    if let Some(codec) = unknown_codec(builder.metadata()) {
        let hint = "write it with zstd or snappy: `COPY (FROM 'old.parquet') TO 'new.parquet' (COMPRESSION zstd)` in DuckDB";
        return Err(Failure::Problem(open.problem(format!("is compressed with {codec}, which can not be read here"), Some(hint))));
    }
    let fields = builder.schema().fields().clone();
    let texts = |at: &usize| *fields[*at].data_type() == DataType::Utf8;
    let chosen: Vec<usize> = (0..fields.len()).filter(texts).filter(|at| open.choice.wants(fields[*at].name())).collect();
    let absent = open.choice.columns.iter().filter(|column| !chosen.iter().any(|at| fields[*at].name() == *column)).cloned().collect();
    source.set_names(chosen.iter().map(|at| shown(fields[*at].name(), *at)).collect());
    if chosen.is_empty() {
        return Ok(Scanned { absent });
    }
    let rows = builder.metadata().file_metadata().num_rows().unsigned_abs().max(1);
    let size = std::fs::metadata(open.path).map_or(0, |file| file.len());
    let mask = ProjectionMask::roots(builder.parquet_schema(), chosen);
    let unreadable = |_| Failure::Problem(open.problem("can not be read to its end".to_owned(), None));
    let reader = builder.with_projection(mask).with_batch_size(ROWS).build().map_err(|_| unreadable(()))?;
    let (mut done, mut told) = (0_u64, 0_u64);
    for batch in reader {
        let batch = batch.map_err(|_| unreadable(()))?;
        let columns: Vec<&StringArray> = batch.columns().iter().filter_map(|column| column.as_string_opt::<i32>()).collect();
        scan_rows(open, source, &columns, batch.num_rows())?;
        done += batch.num_rows() as u64;
        // Told in bytes of the file, as of other files.
        let bytes = (u128::from(size) * u128::from(done) / u128::from(rows)) as u64;
        open.stage.advance(bytes.saturating_sub(told));
        told = bytes;
    }
    Ok(Scanned { absent })
}

fn scan_rows(open: &Open<'_>, source: &mut Gathering<'_>, columns: &[&StringArray], rows: usize) -> Result<(), Failure> {
    let starts: Vec<usize> = (0..rows).step_by(PIECE).collect();
    let parts: Vec<Part> = open.workers.map(&starts, |start, workspace| {
        let mut tally = Tally::new(open.scanner, workspace, open.each);
        for row in *start..rows.min(start + PIECE) {
            for (place, column) in columns.iter().enumerate().filter(|(_, column)| column.is_valid(row)) {
                tally.cell(place, column.value(row));
            }
            tally.next_row();
        }
        tally.part
    });
    Ok(parts.into_iter().try_for_each(|part| source.take(part, &number))?)
}

/// A codec of the file's that this program is built without.
fn unknown_codec(metadata: &parquet::file::metadata::ParquetMetaData) -> Option<String> {
    use parquet::basic::Compression;
    let codecs = metadata.row_groups().iter().flat_map(|group| group.columns()).map(|column| column.compression());
    let is_known = |codec: &Compression| {
        matches!(codec, Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::ZSTD(_) | Compression::LZ4 | Compression::LZ4_RAW)
    };
    let unknown = codecs.filter(|codec| !is_known(codec));
    unknown.map(|codec| codec.to_string()).next()
}
