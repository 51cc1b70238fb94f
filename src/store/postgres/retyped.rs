//! Columns that hold dates or times although they are declared as texts or numbers, where the pipeline says so: read by the same rules as
//! SQLite's, and written back in the form that those rules read.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Date32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Date32Type, Field, Int64Type, Schema, TimestampMicrosecondType};
use jiff::tz::TimeZone;

use super::copy::{Chunk, Wire};
use crate::store::{Table, temporal};

const MICROSECONDS: i64 = 1_000_000;

/// The requested columns of a decoded chunk (the first ones), in the types that the table's columns have in the pipeline. `None` where they
/// form no batch.
pub(super) fn requested(
    chunk: Chunk,
    table: &Table,
    columns: &[usize],
    zone: &TimeZone,
) -> Option<(RecordBatch, BTreeMap<usize, Vec<u32>>)> {
    let mut unreadable = chunk.unreadable;
    unreadable.retain(|position, _| *position < columns.len());
    let (mut fields, mut arrays) = (Vec::with_capacity(columns.len()), Vec::with_capacity(columns.len()));
    for (position, column) in columns.iter().enumerate() {
        let column = table.columns.get(*column)?;
        let (wanted, read) = (column.data_type.arrow(), chunk.batch.column(position));
        let array =
            if *read.data_type() == wanted { read.clone() } else { retyped(read, &wanted, zone, unreadable.entry(position).or_default())? };
        fields.push(Field::new(&column.name, wanted, true));
        arrays.push(array);
    }
    unreadable.retain(|_, rows| !rows.is_empty());
    let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(chunk.batch.num_rows()));
    let batch = RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options).ok()?;
    Some((batch, unreadable))
}

fn retyped(read: &ArrayRef, wanted: &DataType, zone: &TimeZone, unreadable: &mut Vec<u32>) -> Option<ArrayRef> {
    let texts = read.as_string_opt::<i32>();
    let numbers = read.as_primitive_opt::<Int64Type>();
    let mut cell = |row: usize, value: Option<i64>| {
        if value.is_none() && read.is_valid(row) {
            unreadable.extend(u32::try_from(row));
        }
        value
    };
    let text = |row: usize| texts.filter(|texts| texts.is_valid(row)).map(|texts| texts.value(row).trim().as_bytes());
    match wanted {
        DataType::Date32 => {
            let days = (0..read.len()).map(|row| cell(row, text(row).and_then(temporal::day).map(i64::from)));
            Some(Arc::new(days.map(|day| day.and_then(|day| i32::try_from(day).ok())).collect::<Date32Array>()))
        }
        DataType::Timestamp(..) => {
            let instant = |row: usize| match numbers {
                Some(numbers) => numbers.is_valid(row).then(|| numbers.value(row)).and_then(temporal::from_seconds),
                None => text(row).and_then(|text| temporal::instant(text, zone)),
            };
            let instants: TimestampMicrosecondArray = (0..read.len()).map(|row| cell(row, instant(row))).collect();
            Some(Arc::new(instants.with_timezone("UTC")))
        }
        _ => None,
    }
}

/// Values on their way into a column, in the type that its wire takes; `None` where there is no form for one.
pub(super) fn for_wire(values: &ArrayRef, wire: Wire, zone: &TimeZone) -> Option<ArrayRef> {
    if *values.data_type() == wire.data_type() || *values.data_type() == DataType::Null {
        return Some(values.clone());
    }
    let mut buffer = String::new();
    match (values.data_type(), wire.data_type()) {
        (DataType::Date32, DataType::Utf8) => {
            let days = values.as_primitive::<Date32Type>();
            let texts = days.iter().map(|day| match day {
                Some(day) => written(&mut buffer, |text| temporal::write_day(i64::from(day), text)).map(Some),
                None => Some(None),
            });
            Some(Arc::new(texts.collect::<Option<Vec<_>>>().map(StringArray::from)?))
        }
        (DataType::Timestamp(..), DataType::Utf8) => {
            let instants = values.as_primitive::<TimestampMicrosecondType>();
            let texts = instants.iter().map(|at| match at {
                Some(at) => written(&mut buffer, |text| temporal::write_instant(at, zone, text)).map(Some),
                None => Some(None),
            });
            Some(Arc::new(texts.collect::<Option<Vec<_>>>().map(StringArray::from)?))
        }
        (DataType::Timestamp(..), DataType::Int64) => {
            let instants = values.as_primitive::<TimestampMicrosecondType>();
            Some(Arc::new(instants.iter().map(|at| at.map(|at| at.div_euclid(MICROSECONDS))).collect::<Int64Array>()))
        }
        _ => None,
    }
}

fn written(buffer: &mut String, write: impl FnOnce(&mut String) -> Option<()>) -> Option<String> {
    buffer.clear();
    write(buffer)?;
    Some(buffer.clone())
}
