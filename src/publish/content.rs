//! What a partition holds, as one hash: equal content keeps its file.
//!
//! The hash is over cells, not over bytes in memory: where an array begins in its buffer and what lies under a NULL make no difference. It
//! covers the columns' names, types and descriptions and what the file says of itself, so that whatever would change the file changes the
//! hash.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;
use arrow::row::{RowConverter, SortField};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// How files are laid out: another layout makes other files of the same content.
const LAYOUT: &[u8] = b"gallra-part-1";

/// What a partition's rows hold.
#[derive(Clone, Copy)]
pub(super) enum Held<'a> {
    Columns(&'a [ArrayRef]),
    /// Hashed as they were put together.
    Hashed(&'a [u8; 32]),
}

/// The hash of a partition's rows, in lower-case hexadecimal digits. `facts` is what their file says of itself.
pub(super) fn content_hash(schema: &Schema, rows: usize, held: Held<'_>, facts: &[(&str, String)]) -> Result<String, ArrowError> {
    let mut hash = Sha256::new();
    part(&mut hash, LAYOUT);
    for (name, value) in facts {
        part(&mut hash, name.as_bytes());
        part(&mut hash, value.as_bytes());
    }
    hash.update((rows as u64).to_be_bytes());
    for (at, field) in schema.fields().iter().enumerate() {
        describe(&mut hash, field);
        if let Held::Columns(columns) = held {
            cells(&mut hash, &columns[at])?;
        }
    }
    if let Held::Hashed(known) = held {
        part(&mut hash, known);
    }
    Ok(HEXLOWER.encode(&hash.finalize()))
}

/// A part with its length, so that two parts never look like two others.
fn part(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

fn describe(hash: &mut Sha256, field: &Field) {
    part(hash, field.name().as_bytes());
    part(hash, field.data_type().to_string().as_bytes());
    // A field has one entry at most: arrow keeps several in no order.
    for (key, value) in field.metadata() {
        part(hash, key.as_bytes());
        part(hash, value.as_bytes());
    }
}

/// The cells of a column.
pub(super) fn cells(hash: &mut Sha256, values: &ArrayRef) -> Result<(), ArrowError> {
    let nulls = values.nulls().filter(|nulls| nulls.null_count() > 0);
    hash.update([u8::from(nulls.is_some())]);
    if let Some(nulls) = nulls {
        let valid: Vec<u8> = nulls.iter().map(u8::from).collect();
        hash.update(&valid);
    }
    // Runs of cells that are not NULL.
    let runs: Vec<(usize, usize)> = nulls.map_or_else(|| vec![(0, values.len())], |nulls| nulls.valid_slices().collect());
    match values.data_type() {
        DataType::Utf8 => {
            let texts = values.as_string::<i32>();
            let offsets = texts.value_offsets();
            let lengths: Vec<u8> = offsets.windows(2).flat_map(|pair| (pair[1] - pair[0]).to_be_bytes()).collect();
            for (start, end) in runs {
                hash.update(&lengths[4 * start..4 * end]);
                hash.update(&texts.value_data()[offsets[start] as usize..offsets[end] as usize]);
            }
        }
        data_type => match data_type.primitive_width() {
            Some(width) => {
                let data = values.to_data();
                if let Some(buffer) = data.buffers().first() {
                    let bytes = &buffer.as_slice()[data.offset() * width..];
                    for (start, end) in runs {
                        hash.update(&bytes[start * width..end * width]);
                    }
                }
            }
            // Booleans and bytes: arrow's own row format, which is one for equal cells.
            None => {
                let rows = RowConverter::new(vec![SortField::new(data_type.clone())])?.convert_columns(std::slice::from_ref(values))?;
                rows.iter().for_each(|row| part(hash, row.as_ref()));
            }
        },
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray};
    use proptest::prelude::*;

    use super::*;

    /// A row, by type: number, text, flag, amount, bytes, day, share.
    type Row = (Option<i64>, Option<String>, Option<bool>, Option<i128>, Option<Vec<u8>>, Option<i32>, Option<i16>);

    fn batch(rows: &[Row]) -> RecordBatch {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(rows.iter().map(|row| row.0).collect::<Int64Array>()),
            Arc::new(rows.iter().map(|row| row.1.as_deref()).collect::<StringArray>()),
            Arc::new(rows.iter().map(|row| row.2).collect::<BooleanArray>()),
            Arc::new(rows.iter().map(|row| row.3).collect::<Decimal128Array>().with_precision_and_scale(38, 2).unwrap()),
            Arc::new(rows.iter().map(|row| row.4.as_deref()).collect::<BinaryArray>()),
            Arc::new(rows.iter().map(|row| row.5).collect::<Date32Array>()),
            Arc::new(rows.iter().map(|row| row.6.map(f64::from)).collect::<Float64Array>()),
        ];
        let field = |(at, column): (usize, &ArrayRef)| Field::new(format!("c{at}"), column.data_type().clone(), true);
        let schema = Schema::new(columns.iter().enumerate().map(field).collect::<Vec<_>>());
        RecordBatch::try_new(Arc::new(schema), columns).unwrap()
    }

    fn hash_with(batch: &RecordBatch, facts: &[(&str, String)]) -> String {
        content_hash(batch.schema_ref(), batch.num_rows(), Held::Columns(batch.columns()), facts).unwrap()
    }

    fn hash(batch: &RecordBatch) -> String {
        hash_with(batch, &[])
    }

    fn row() -> impl Strategy<Value = Row> {
        let bytes = prop::option::of(prop::collection::vec(0_u8..3, 0..3));
        (
            prop::option::of(-1_i64..2),
            prop::option::of("[aå]{0,2}"),
            prop::option::of(any::<bool>()),
            prop::option::of(-1_i128..2),
            bytes,
            prop::option::of(0_i32..2),
            prop::option::of(0_i16..2),
        )
    }

    proptest! {
        #[test]
        fn hashes_are_equal_where_rows_are(one in prop::collection::vec(row(), 0..4), other in prop::collection::vec(row(), 0..4)) {
            prop_assert_eq!(hash(&batch(&one)) == hash(&batch(&other)), one == other);
        }

        #[test]
        fn a_piece_of_a_batch_has_the_hash_of_its_rows(rows in prop::collection::vec(row(), 0..9), start in 0_usize..9, length in 0_usize..9) {
            let start = start.min(rows.len());
            let end = (start + length).min(rows.len());
            prop_assert_eq!(hash(&batch(&rows).slice(start, end - start)), hash(&batch(&rows[start..end])));
        }
    }

    #[test]
    fn what_the_file_says_of_itself_counts() {
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1]));
        let named = |name: &str, description: &str| {
            let field = Field::new(name, DataType::Int64, true).with_metadata([("description".to_owned(), description.to_owned())].into());
            RecordBatch::try_new(Arc::new(Schema::new(vec![field])), vec![numbers.clone()]).unwrap()
        };
        let all = [
            hash_with(&named("a", "x"), &[("k", "5".to_owned())]),
            hash_with(&named("a", "x"), &[("k", "6".to_owned())]),
            hash_with(&named("a", "y"), &[("k", "5".to_owned())]),
            hash_with(&named("b", "x"), &[("k", "5".to_owned())]),
            hash_with(&named("a", "x"), &[]),
        ];
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }
}
