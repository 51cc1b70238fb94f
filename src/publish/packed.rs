//! Rows of a set as small numbers, until they are written: what waits in memory, or on the disk where it would be too much.
//!
//! Columns of few values are codes, and dates, amounts and counts are their distance from the least of a chunk, in as many bytes as that needs.
//! A partition's rows are put together from all chunks when it is written (`together.rs`).
//!
//! What goes to the disk is as the set has it: generalised, without identity, pseudonyms as codes whose values stay in memory. Its file has no
//! name, so that nothing is left of it, whatever becomes of the process.

use std::fs::File;
use std::io::{Cursor, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Int64Array, PrimitiveArray, RecordBatch,
    TimestampMicrosecondArray, UInt8Array, UInt16Array, UInt32Array,
};
use arrow::compute::take;
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Field, Int64Type, Schema, TimeUnit, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type,
};
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;

use super::PublishError;

/// A column of a chunk.
#[derive(Debug, Clone)]
pub(super) struct Cells {
    /// What the number 1 stands for, where the cells are numbers of 8, 16 or 32 bits; 0 is NULL there.
    least: i64,
    /// Such numbers, or whole numbers of 64 bits as they are, or cells of a type that is no number.
    array: ArrayRef,
}

impl Cells {
    /// Codes of an interner.
    pub fn of_codes(codes: &[u32]) -> Self {
        let most = codes.iter().copied().max().unwrap_or(0);
        let array: ArrayRef = if most <= u32::from(u8::MAX) {
            Arc::new(codes.iter().map(|code| *code as u8).collect::<UInt8Array>())
        } else if most <= u32::from(u16::MAX) {
            Arc::new(codes.iter().map(|code| *code as u16).collect::<UInt16Array>())
        } else {
            Arc::new(UInt32Array::from(codes.to_vec()))
        };
        Self { least: 1, array }
    }

    /// Published cells.
    pub fn of(cells: &ArrayRef) -> Self {
        let Some(numbers) = numbers(cells) else { return Self { least: 0, array: cells.clone() } };
        let valid = numbers.iter().flatten();
        let (Some(least), Some(most)) = (valid.clone().min(), valid.max()) else {
            return Self { least: 0, array: Arc::new(UInt8Array::from(vec![0; numbers.len()])) };
        };
        let span = most.abs_diff(least);
        let distance = |cell: Option<i64>| cell.map_or(0, |cell| cell.abs_diff(least) + 1);
        let array: ArrayRef = if span < u64::from(u8::MAX) {
            Arc::new(numbers.iter().map(|cell| distance(cell) as u8).collect::<UInt8Array>())
        } else if span < u64::from(u16::MAX) {
            Arc::new(numbers.iter().map(|cell| distance(cell) as u16).collect::<UInt16Array>())
        } else if span < u64::from(u32::MAX) {
            Arc::new(numbers.iter().map(|cell| distance(cell) as u32).collect::<UInt32Array>())
        } else {
            return Self { least: 0, array: Arc::new(numbers) };
        };
        Self { least, array }
    }

    pub fn len(&self) -> usize {
        self.array.len()
    }

    pub fn filter(&self, kept: &BooleanArray) -> Result<Self, ArrowError> {
        Ok(Self { least: self.least, array: arrow::compute::filter(&self.array, kept)? })
    }

    fn slice(&self, from: usize, rows: usize) -> Self {
        Self { least: self.least, array: self.array.slice(from, rows) }
    }

    /// The array of cells that are no numbers.
    pub fn as_they_are(&self) -> ArrayRef {
        self.array.clone()
    }

    /// Whether the cells are numbers.
    pub fn is_number(&self) -> bool {
        matches!(self.array.data_type(), DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::Int64)
    }

    /// Hands each cell to `visit`, where they are numbers.
    pub fn each(&self, mut visit: impl FnMut(Option<i64>)) {
        // The least number is at most what any cell stands for, so that nothing leaves 64 bits but on the way: NULL of the very least.
        let of = |distance: u32| (distance > 0).then(|| self.least.wrapping_add(i64::from(distance) - 1));
        match self.native() {
            Some(Native::Bytes(cells)) => cells.iter().for_each(|cell| visit(of(u32::from(*cell)))),
            Some(Native::Pairs(cells)) => cells.iter().for_each(|cell| visit(of(u32::from(*cell)))),
            Some(Native::Fours(cells)) => cells.iter().for_each(|cell| visit(of(*cell))),
            Some(Native::Whole(cells)) => cells.iter().for_each(visit),
            None => {}
        }
    }

    /// The cells as they are held, where they are numbers.
    pub fn native(&self) -> Option<Native<'_>> {
        Some(match self.array.data_type() {
            DataType::UInt8 => Native::Bytes(self.array.as_primitive::<UInt8Type>().values()),
            DataType::UInt16 => Native::Pairs(self.array.as_primitive::<UInt16Type>().values()),
            DataType::UInt32 => Native::Fours(self.array.as_primitive::<UInt32Type>().values()),
            DataType::Int64 => Native::Whole(self.array.as_primitive::<Int64Type>()),
            _ => return None,
        })
    }

    /// What the distance 1 stands for.
    pub fn least(&self) -> i64 {
        self.least
    }
}

/// Cells as they are held: distances from a least, counted from 1 as 0 is NULL, or whole numbers.
pub(super) enum Native<'a> {
    Bytes(&'a [u8]),
    Pairs(&'a [u16]),
    Fours(&'a [u32]),
    Whole(&'a Int64Array),
}

/// Cells as whole numbers of 64 bits, where they all are that.
fn numbers(cells: &ArrayRef) -> Option<Int64Array> {
    match cells.data_type() {
        DataType::Int64 => Some(cells.as_primitive::<Int64Type>().clone()),
        DataType::Date32 => Some(cells.as_primitive::<Date32Type>().iter().map(|day| day.map(i64::from)).collect()),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let instants = cells.as_primitive::<TimestampMicrosecondType>();
            Some(PrimitiveArray::new(instants.values().clone(), instants.nulls().cloned()))
        }
        DataType::Boolean => Some(cells.as_boolean().iter().map(|flag| flag.map(i64::from)).collect()),
        DataType::Decimal128(..) => {
            let amounts = cells.as_primitive::<Decimal128Type>();
            // Under a NULL stands what is no amount.
            let fits = amounts.iter().flatten().all(|amount| i64::try_from(amount).is_ok());
            let words = || amounts.values().iter().map(|amount| *amount as i64).collect::<Vec<_>>();
            fits.then(|| PrimitiveArray::new(words().into(), amounts.nulls().cloned()))
        }
        _ => None,
    }
}

/// The cells that [`numbers`] made numbers of.
pub(super) fn cells_of(data_type: &DataType, numbers: Int64Array) -> Result<ArrayRef, ArrowError> {
    let other = || ArrowError::SchemaError(format!("{data_type} is no type of numbers"));
    let days = || numbers.iter().map(|day| day.map(|day| i32::try_from(day).map_err(|_| other())).transpose());
    Ok(match data_type {
        DataType::Int64 => Arc::new(numbers),
        DataType::Date32 => Arc::new(days().collect::<Result<Date32Array, _>>()?),
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            let (_, values, nulls) = numbers.into_parts();
            Arc::new(TimestampMicrosecondArray::new(values, nulls).with_timezone_opt(zone.clone()))
        }
        DataType::Boolean => Arc::new(numbers.iter().map(|flag| flag.map(|flag| flag != 0)).collect::<BooleanArray>()),
        DataType::Decimal128(precision, scale) => {
            let amounts: Vec<i128> = numbers.values().iter().map(|amount| i128::from(*amount)).collect();
            let cells = Decimal128Array::new(amounts.into(), numbers.nulls().cloned());
            Arc::new(cells.with_precision_and_scale(*precision, *scale)?)
        }
        _ => return Err(other()),
    })
}

/// Some rows, those of a partition side by side.
#[derive(Debug)]
struct Chunk {
    /// Partition, first row, number of rows.
    parts: Vec<(u32, usize, usize)>,
    columns: Vec<Cells>,
}

/// Where rows of a partition are in the file.
#[derive(Debug)]
struct Segment {
    part: u32,
    at: u64,
    bytes: usize,
    rows: usize,
    least: Vec<i64>,
}

/// All rows of a set.
#[derive(Debug)]
pub(super) struct Packed {
    chunks: Vec<Chunk>,
    /// Bytes of the chunks.
    held: usize,
    /// When the chunks go to the disk.
    limit: usize,
    folder: PathBuf,
    spilled: Option<(File, u64)>,
    segments: Vec<Segment>,
}

impl Packed {
    /// `folder` is where rows go that are more than `limit` bytes.
    pub fn new(folder: &Path, limit: usize) -> Self {
        Self { chunks: Vec::new(), held: 0, limit, folder: folder.to_owned(), spilled: None, segments: Vec::new() }
    }

    /// Adds rows. `parts` holds per row its partition; all are in partition 0 where there is none.
    ///
    /// # Errors
    /// [`PublishError::Io`] where the disk does not take what memory should not hold.
    pub fn push(&mut self, set: &str, parts: Option<&[u32]>, columns: Vec<Cells>) -> Result<(), PublishError> {
        let rows = columns.first().map_or(0, Cells::len);
        if rows == 0 {
            return Ok(());
        }
        let chunk = match parts {
            None => Chunk { parts: vec![(0, 0, rows)], columns },
            Some(parts) => apart(parts, &columns).map_err(PublishError::step(set, "dividing into partitions"))?,
        };
        self.held += chunk.columns.iter().map(|cells| cells.array.get_buffer_memory_size()).sum::<usize>();
        self.chunks.push(chunk);
        if self.held > self.limit { self.spill(set) } else { Ok(()) }
    }

    fn spill(&mut self, set: &str) -> Result<(), PublishError> {
        // Where the folder is not there yet, the one that it will be in is.
        let folder = self.folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new(".")).to_owned();
        let failed = PublishError::io("write to an unnamed file in", &folder);
        let (file, end) = match &mut self.spilled {
            Some(spilled) => spilled,
            None => {
                self.spilled.insert((tempfile::tempfile_in(&folder).map_err(PublishError::io("write to an unnamed file in", &folder))?, 0))
            }
        };
        file.seek(SeekFrom::Start(*end)).map_err(failed)?;
        for chunk in std::mem::take(&mut self.chunks) {
            let mut bytes = Vec::new();
            for (part, from, rows) in &chunk.parts {
                let start = bytes.len();
                write_segment(&chunk.columns, *from, *rows, &mut bytes).map_err(PublishError::step(set, "moving rows to the disk"))?;
                let least = chunk.columns.iter().map(|cells| cells.least).collect();
                let at = *end + start as u64;
                self.segments.push(Segment { part: *part, at, bytes: bytes.len() - start, rows: *rows, least });
            }
            file.write_all(&bytes).map_err(PublishError::io("write to an unnamed file in", &folder))?;
            *end += bytes.len() as u64;
        }
        self.held = 0;
        Ok(())
    }

    /// The number of rows by partition.
    pub fn rows_by_part(&self) -> std::collections::BTreeMap<u32, usize> {
        let mut rows = std::collections::BTreeMap::new();
        let held = self.chunks.iter().flat_map(|chunk| chunk.parts.iter().map(|(part, _, rows)| (*part, *rows)));
        for (part, count) in held.chain(self.segments.iter().map(|segment| (segment.part, segment.rows))) {
            *rows.entry(part).or_default() += count;
        }
        rows
    }

    /// The rows of a partition, as they came.
    ///
    /// # Errors
    /// [`PublishError::Io`] and [`PublishError::Compute`].
    pub fn rows_of(&self, set: &str, part: u32) -> Result<Vec<Vec<Cells>>, PublishError> {
        let mut found = Vec::new();
        for segment in self.segments.iter().filter(|segment| segment.part == part) {
            let Some((file, _)) = &self.spilled else { continue };
            let mut bytes = vec![0; segment.bytes];
            file.read_exact_at(&mut bytes, segment.at).map_err(PublishError::io("read from an unnamed file in", &self.folder))?;
            let columns = read_segment(bytes, &segment.least).map_err(PublishError::step(set, "taking rows from the disk"))?;
            found.push(columns);
        }
        for chunk in &self.chunks {
            let ranges = chunk.parts.iter().filter(|(of, ..)| *of == part);
            found.extend(ranges.map(|(_, from, rows)| chunk.columns.iter().map(|cells| cells.slice(*from, *rows)).collect()));
        }
        Ok(found)
    }
}

/// Rows sorted by their partition.
fn apart(parts: &[u32], columns: &[Cells]) -> Result<Chunk, ArrowError> {
    let most = parts.iter().copied().max().unwrap_or(0) as usize;
    let mut next = vec![0_u32; most + 2];
    parts.iter().for_each(|part| next[*part as usize + 1] += 1);
    let ranges = next.clone();
    for at in 1..next.len() {
        next[at] += next[at - 1];
    }
    let mut found = Vec::new();
    for part in 0..=most {
        if ranges[part + 1] > 0 {
            found.push((part as u32, next[part] as usize, ranges[part + 1] as usize));
        }
    }
    if let [only] = found.as_slice() {
        return Ok(Chunk { parts: vec![*only], columns: columns.to_vec() });
    }
    let mut order = vec![0_u32; parts.len()];
    for (row, part) in parts.iter().enumerate() {
        let place = &mut next[*part as usize];
        order[*place as usize] = row as u32;
        *place += 1;
    }
    let order = UInt32Array::from(order);
    let moved = columns.iter().map(|cells| Ok(Cells { least: cells.least, array: take(&cells.array, &order, None)? }));
    Ok(Chunk { parts: found, columns: moved.collect::<Result<_, ArrowError>>()? })
}

fn write_segment(columns: &[Cells], from: usize, rows: usize, bytes: &mut Vec<u8>) -> Result<(), ArrowError> {
    let field = |(at, cells): (usize, &Cells)| Field::new(at.to_string(), cells.array.data_type().clone(), true);
    let schema = Arc::new(Schema::new(columns.iter().enumerate().map(field).collect::<Vec<_>>()));
    let slices = columns.iter().map(|cells| cells.array.slice(from, rows)).collect();
    let mut writer = StreamWriter::try_new(bytes, &schema)?;
    writer.write(&RecordBatch::try_new(schema, slices)?)?;
    writer.finish()
}

fn read_segment(bytes: Vec<u8>, least: &[i64]) -> Result<Vec<Cells>, ArrowError> {
    let mut reader = StreamReader::try_new(Cursor::new(bytes), None)?;
    let batch = reader.next().ok_or_else(|| ArrowError::IpcError("no rows".to_owned()))??;
    Ok(batch.columns().iter().zip(least).map(|(array, least)| Cells { least: *least, array: array.clone() }).collect())
}
