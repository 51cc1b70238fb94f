//! Columns between arrow, which the run works with, and polars, which groups them, over the Arrow C data interface; and what is asked of the
//! C library's memory.
//!
//! Both crates implement the same published C structures, so that a column changes hands without being copied. This is the
//! only file of the crate that may say `unsafe`; each use says why it is sound. polars is built without time zones: an
//! instant goes there as a naive time in UTC, and a column that comes back is given the type that the caller says it has.

#![expect(
    unsafe_code,
    reason = "the Arrow C data interface hands structures of pointers from one crate to the other, and the C library is called"
)]

use std::mem;

use arrow::array::{Array, ArrayRef, RecordBatch, TimestampMicrosecondArray, make_array};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, SchemaRef, TimeUnit};
use arrow::ffi::{FFI_ArrowArray, FFI_ArrowSchema};
use polars::prelude::{Column, CompatLevel, DataFrame, PlSmallStr, Series};
use polars_arrow::ffi::{ArrowArray, ArrowSchema};

/// Gives memory that was freed back to the system. glibc keeps what lies between pieces that are in use, which after a table was read can be
/// as much as what is left of it; other C libraries are not asked.
pub(crate) fn give_back_memory() {
    // SAFETY: takes no pointer and changes nothing that is in use; malloc_trim(3) calls it safe beside other threads.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    unsafe {
        libc::malloc_trim(0);
    }
}

/// A column or a frame that could not change hands.
///
/// The messages of arrow and polars are left out: those about a cast quote the cell that they failed on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InteropError {
    /// arrow could not hand the column over.
    #[error("column `{column}` of type `{data_type}` has no form in the Arrow C data interface")]
    Export {
        /// The column's name.
        column: String,
        /// Its type.
        data_type: String,
    },
    /// The receiving side does not know the column's type, or its buffers do not fit the type.
    #[error("column `{column}` of type `{data_type}` could not be taken over")]
    Import {
        /// The column's name.
        column: String,
        /// Its type.
        data_type: String,
    },
    /// The values do not fit the type asked for.
    #[error("column `{column}` did not come back as `{data_type}`")]
    Type {
        /// The column's name.
        column: String,
        /// The type asked for.
        data_type: String,
    },
    /// A frame lacks a column, or its columns differ in length.
    #[error("column `{column}` does not fit its frame")]
    Shape {
        /// The column's name.
        column: String,
    },
}

// The two crates each define the structures of the C data interface. Were their sizes to differ, this would not compile.
const _: () = {
    assert!(mem::size_of::<FFI_ArrowArray>() == mem::size_of::<ArrowArray>());
    assert!(mem::align_of::<FFI_ArrowArray>() == mem::align_of::<ArrowArray>());
    assert!(mem::size_of::<FFI_ArrowSchema>() == mem::size_of::<ArrowSchema>());
    assert!(mem::align_of::<FFI_ArrowSchema>() == mem::align_of::<ArrowSchema>());
};

/// An arrow column as a polars series of the same length and nulls. A timestamp loses its zone's name, not its instant.
///
/// # Errors
/// [`InteropError::Export`] or [`InteropError::Import`] for a type that one of the sides does not know.
pub fn to_series(name: &str, values: &ArrayRef) -> Result<Series, InteropError> {
    let data_type = values.data_type().clone();
    let naive;
    let values = match &data_type {
        DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => {
            naive = values
                .as_any()
                .downcast_ref::<TimestampMicrosecondArray>()
                .map(|instants| instants.clone().with_timezone_opt(None::<&str>))
                .ok_or_else(|| import_error(name, &data_type))?;
            &naive as &dyn Array
        }
        _ => values.as_ref(),
    };
    let (array, schema) = arrow::ffi::to_ffi(&values.to_data())
        .map_err(|_| InteropError::Export { column: name.to_owned(), data_type: data_type.to_string() })?;
    // SAFETY: both types are `#[repr(C)]` forms of the `ArrowArray` and `ArrowSchema` that the C data interface lays down,
    // and their sizes are compared above. `transmute` moves them, so each release callback is run once, by the new owner.
    let (array, schema) =
        unsafe { (mem::transmute::<FFI_ArrowArray, ArrowArray>(array), mem::transmute::<FFI_ArrowSchema, ArrowSchema>(schema)) };
    // SAFETY: arrow's own exporter made the schema just now, so it is valid in the interface's terms.
    let field = unsafe { polars_arrow::ffi::import_field_from_c(&schema) }.map_err(|_| import_error(name, &data_type))?;
    // SAFETY: array and schema come from one call of that exporter: buffers, lengths and type fit each other, and the
    // buffers live until the release callback, which the imported array now owns.
    let imported = unsafe { polars_arrow::ffi::import_array_from_c(array, field.dtype) }.map_err(|_| import_error(name, &data_type))?;
    Series::from_arrow(PlSmallStr::from_str(name), imported).map_err(|_| import_error(name, &data_type))
}

/// A polars series as an arrow column of the type that the caller expects: text comes back as `Utf8` and an instant with its
/// zone, if `data_type` says so.
///
/// # Errors
/// [`InteropError::Export`] or [`InteropError::Import`] for a type that one of the sides does not know,
/// [`InteropError::Type`] if a value does not fit `data_type`.
pub fn to_array(series: &Series, data_type: &DataType) -> Result<ArrayRef, InteropError> {
    let name = series.name().as_str();
    let mistyped = || InteropError::Type { column: name.to_owned(), data_type: data_type.to_string() };
    let series = series.rechunk();
    // The oldest level has large texts instead of views; every reader of the interface knows those.
    let exported = series.to_arrow(0, CompatLevel::oldest());
    let field = polars_arrow::datatypes::Field::new(PlSmallStr::from_str(name), exported.dtype().clone(), true);
    let schema = polars_arrow::ffi::export_field_to_c(&field);
    let array = polars_arrow::ffi::export_array_to_c(exported);
    // SAFETY: as in `to_series`, in the other direction.
    let (array, schema) =
        unsafe { (mem::transmute::<ArrowArray, FFI_ArrowArray>(array), mem::transmute::<ArrowSchema, FFI_ArrowSchema>(schema)) };
    // SAFETY: polars' own exporter made both from one column just now, so that type, lengths and buffers fit each other; the
    // array owns the release callback.
    let data = unsafe { arrow::ffi::from_ffi(array, &schema) }.map_err(|_| import_error(name, data_type))?;
    let imported = make_array(data);
    if imported.data_type() == data_type {
        return Ok(imported);
    }
    if let DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) = data_type {
        // Never by a cast: that would read a naive time as local time of the zone, and it is one of UTC.
        return imported
            .as_any()
            .downcast_ref::<TimestampMicrosecondArray>()
            .map(|instants| std::sync::Arc::new(instants.clone().with_timezone(zone.clone())) as ArrayRef)
            .ok_or_else(mistyped);
    }
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(&imported, data_type, &strict).map_err(|_| mistyped())
}

/// A batch as a frame, column by column.
///
/// # Errors
/// As [`to_series`]; [`InteropError::Shape`] if two columns share a name.
pub fn to_frame(batch: &RecordBatch) -> Result<DataFrame, InteropError> {
    let columns = batch
        .schema_ref()
        .fields()
        .iter()
        .zip(batch.columns())
        .map(|(field, values)| to_series(field.name(), values).map(Column::from))
        .collect::<Result<Vec<_>, _>>()?;
    DataFrame::new(batch.num_rows(), columns).map_err(|_| InteropError::Shape {
        column: batch.schema_ref().fields().first().map(|field| field.name().clone()).unwrap_or_default(),
    })
}

/// The columns that a schema names, of the types that it gives them, in its order; further columns of the frame are left out.
///
/// # Errors
/// As [`to_array`]; [`InteropError::Shape`] if the frame lacks a column, or a column that may not be NULL holds one.
pub fn to_batch(frame: &DataFrame, schema: &SchemaRef) -> Result<RecordBatch, InteropError> {
    let mut columns = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let misfit = || InteropError::Shape { column: field.name().clone() };
        let column = frame.column(field.name()).map_err(|_| misfit())?;
        let values = to_array(column.as_materialized_series(), field.data_type())?;
        if !field.is_nullable() && values.null_count() > 0 {
            return Err(misfit());
        }
        columns.push(values);
    }
    let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(frame.height()));
    RecordBatch::try_new_with_options(schema.clone(), columns, &options).map_err(|_| InteropError::Shape { column: String::new() })
}

fn import_error(column: &str, data_type: &DataType) -> InteropError {
    InteropError::Import { column: column.to_owned(), data_type: data_type.to_string() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, StringArray, UInt32Array};
    use arrow::datatypes::{Field, Schema};
    use proptest::prelude::*;

    use super::*;
    use crate::store::catalog::ColumnType;

    /// One column of each type that a store's column can have, with its type.
    fn columns() -> Vec<(ColumnType, ArrayRef)> {
        let instants = vec![Some(0), None, Some(-1), Some(1_795_305_600_000_001)];
        vec![
            (ColumnType::Integer, Arc::new(Int64Array::from(vec![Some(i64::MIN), None, Some(0), Some(i64::MAX)]))),
            (
                ColumnType::Decimal { precision: 38, scale: 4 },
                Arc::new(
                    Decimal128Array::from(vec![Some(10_i128.pow(38) - 1), None, Some(1 - 10_i128.pow(38)), Some(5)])
                        .with_precision_and_scale(38, 4)
                        .unwrap(),
                ),
            ),
            (
                ColumnType::Decimal { precision: 9, scale: 2 },
                Arc::new(Decimal128Array::from(vec![Some(-1), None, Some(123_456_789), Some(0)]).with_precision_and_scale(9, 2).unwrap()),
            ),
            (ColumnType::Float, Arc::new(Float64Array::from(vec![Some(-0.5), None, Some(f64::MAX), Some(f64::INFINITY)]))),
            (
                ColumnType::Text,
                Arc::new(StringArray::from(vec![Some(""), None, Some("Ö"), Some("longer than twelve bytes, so not inlined in a view")])),
            ),
            (ColumnType::Date, Arc::new(Date32Array::from(vec![Some(0), None, Some(-719_162), Some(20_779)]))),
            (ColumnType::Timestamp, Arc::new(TimestampMicrosecondArray::from(instants).with_timezone("UTC"))),
            (ColumnType::Boolean, Arc::new(BooleanArray::from(vec![Some(true), None, Some(false), Some(true)]))),
            (ColumnType::Blob, Arc::new(BinaryArray::from(vec![Some(&b"\0\xff"[..]), None, Some(b""), Some(b"abc")]))),
        ]
    }

    #[test]
    fn every_type_of_the_catalog_comes_back_as_it_went() {
        for (data_type, values) in columns() {
            assert_eq!(values.data_type(), &data_type.arrow());
            for part in [values.clone(), values.slice(1, 2), values.slice(2, 2), values.slice(0, 0), values.slice(1, 1)] {
                let series = to_series("cell", &part).unwrap();
                assert_eq!(series.len(), part.len());
                assert_eq!(series.null_count(), part.null_count());
                let back = to_array(&series, part.data_type()).unwrap();
                assert_eq!(&back, &part, "{data_type:?}");
            }
        }
    }

    #[test]
    fn polars_reads_what_arrow_wrote() {
        let text = to_series("t", &(Arc::new(StringArray::from(vec![Some("å"), None])) as ArrayRef)).unwrap();
        assert_eq!(text.str().unwrap().get(0), Some("å"));
        assert_eq!(text.str().unwrap().get(1), None);
        let number = to_series("n", &(Arc::new(Int64Array::from(vec![Some(7), None])) as ArrayRef)).unwrap();
        assert_eq!(number.i64().unwrap().get(0), Some(7));
        let row = to_series("r", &(Arc::new(UInt32Array::from(vec![None, Some(u32::MAX)])) as ArrayRef)).unwrap();
        assert_eq!(row.u32().unwrap().get(1), Some(u32::MAX));
    }

    #[test]
    fn an_instant_keeps_its_microseconds_whatever_its_zone_is_called() {
        let summer: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![1_750_000_000_000_000]).with_timezone("Europe/Stockholm"));
        let back = to_array(&to_series("at", &summer).unwrap(), summer.data_type()).unwrap();
        assert_eq!(&back, &summer);
    }

    #[test]
    fn the_buffers_outlive_the_column_that_they_came_from() {
        let series = {
            let values: ArrayRef = Arc::new(StringArray::from_iter_values((0..1000).map(|at| format!("row number {at}"))));
            to_series("t", &values).unwrap()
        };
        assert_eq!(series.str().unwrap().get(999), Some("row number 999"));
        let back = {
            let moved = series;
            to_array(&moved, &DataType::Utf8).unwrap()
        };
        assert_eq!(back.as_any().downcast_ref::<StringArray>().unwrap().value(999), "row number 999");
    }

    #[test]
    fn a_frame_comes_back_in_the_order_of_the_schema() {
        let fields: Vec<Field> =
            columns().iter().enumerate().map(|(at, (_, values))| Field::new(format!("c{at}"), values.data_type().clone(), true)).collect();
        let schema = Arc::new(Schema::new(fields));
        let batch = RecordBatch::try_new(schema.clone(), columns().into_iter().map(|(_, values)| values).collect()).unwrap();
        let frame = to_frame(&batch).unwrap();
        assert_eq!(to_batch(&frame, &schema).unwrap(), batch);
        let two = Arc::new(schema.project(&[4, 0]).unwrap());
        assert_eq!(to_batch(&frame, &two).unwrap(), batch.project(&[4, 0]).unwrap());
        let strict = Arc::new(Schema::new(vec![Field::new("c0", DataType::Int64, false)]));
        assert_eq!(to_batch(&frame, &strict), Err(InteropError::Shape { column: "c0".into() }));
        let absent = Arc::new(Schema::new(vec![Field::new("c99", DataType::Int64, true)]));
        assert_eq!(to_batch(&frame, &absent), Err(InteropError::Shape { column: "c99".into() }));
    }

    #[test]
    fn a_value_that_does_not_fit_is_an_error_that_does_not_quote_it() {
        let values: ArrayRef = Arc::new(StringArray::from(vec!["070-1740605"]));
        let error = to_array(&to_series("phone", &values).unwrap(), &DataType::Int64).unwrap_err();
        assert_eq!(error.to_string(), "column `phone` did not come back as `Int64`");
    }

    proptest! {
        #[test]
        fn any_texts_and_numbers_come_back(cells in prop::collection::vec((prop::option::of(".{0,20}"), prop::option::of(any::<i64>())), 0..50)) {
            let texts: ArrayRef = Arc::new(cells.iter().map(|(text, _)| text.as_deref()).collect::<StringArray>());
            let numbers: ArrayRef = Arc::new(cells.iter().map(|(_, number)| *number).collect::<Int64Array>());
            for values in [texts, numbers] {
                let series = to_series("c", &values).unwrap();
                prop_assert_eq!(&to_array(&series, values.data_type()).unwrap(), &values);
            }
        }
    }
}
