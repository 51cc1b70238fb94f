//! Groups of rows that agree in all columns of a list, and what each group holds.
//!
//! polars groups (its lazy engine, in parallel); exact sums come from the kernels, because polars' own wrap around silently.
//! Facts about groups are mergeable: rows and sums add up, and so do subjects as long as work is divided by subject.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Decimal128Array, Float64Array, Int64Array, UInt32Array, UInt64Array};
use arrow::compute::take;
use arrow::datatypes::{DataType, Decimal128Type, UInt32Type, UInt64Type};
use polars::prelude::{Column, DataFrame, IntoLazy, SortMultipleOptions, col, len};

use super::PublishError;
use crate::interop::{to_array, to_series};
use crate::kernels::KernelError;
use crate::kernels::sums::{Sum, checked_sum};

/// Digits that a decimal sum may have.
const SUM_PRECISION: u8 = 38;

/// The groups of a list of columns, numbered in the order of their values.
#[derive(Debug)]
pub(super) struct Groups {
    /// All rows, group by group.
    pub members: UInt32Array,
    /// Per group the position of its first member; one more at the end.
    pub offsets: Vec<usize>,
    /// Per group the number of distinct subjects. Rows that lead to nobody count for none.
    pub subjects: Vec<u64>,
    /// Per row for how many it stands; one each where there are none.
    weights: Option<Vec<u64>>,
}

impl Groups {
    /// Groups rows by the columns; NULL is a value like any other. Without columns all rows are one group, and no rows are
    /// none. All columns and `subjects` are `rows` long.
    pub fn of(set: &str, columns: &[ArrayRef], subjects: Option<&UInt32Array>, rows: usize) -> Result<Self, PublishError> {
        let failed = |step| PublishError::Compute { set: set.to_owned(), step };
        let count = u32::try_from(rows).map_err(|_| PublishError::TooManyRows { set: set.to_owned() })?;
        if rows == 0 {
            return Ok(Self { members: UInt32Array::from(Vec::<u32>::new()), offsets: vec![0], subjects: Vec::new(), weights: None });
        }
        let all_alike: ArrayRef = Arc::new(BooleanArray::from(vec![true; rows]));
        let columns = if columns.is_empty() { std::slice::from_ref(&all_alike) } else { columns };
        let mut frame = Vec::with_capacity(columns.len() + 2);
        let mut by = Vec::with_capacity(columns.len());
        for (at, values) in columns.iter().flat_map(halves).enumerate() {
            let name = format!("by{at}");
            frame.push(Column::from(to_series(&name, &values).map_err(PublishError::interop(set))?));
            by.push(name);
        }
        let nobody = || UInt32Array::new_null(rows);
        let subjects: ArrayRef = Arc::new(subjects.cloned().unwrap_or_else(nobody));
        let row_numbers: ArrayRef = Arc::new((0..count).collect::<UInt32Array>());
        for (name, values) in [("subject", &subjects), ("row", &row_numbers)] {
            frame.push(Column::from(to_series(name, values).map_err(PublishError::interop(set))?));
        }
        let grouped = DataFrame::new(rows, frame)
            .map_err(|_| failed("putting rows together"))?
            .lazy()
            .group_by(by.iter().map(col).collect::<Vec<_>>())
            .agg([len().alias("rows"), col("subject").drop_nulls().n_unique().alias("subjects"), col("row")])
            // Ties are impossible: no two groups have the same values.
            .sort(by, SortMultipleOptions::default())
            .collect()
            .map_err(|_| failed("grouping"))?;

        let numbers = |name: &str| -> Result<Vec<u64>, PublishError> {
            let column = grouped.column(name).map_err(|_| failed("grouping"))?;
            let values = to_array(column.as_materialized_series(), &DataType::UInt64).map_err(PublishError::interop(set))?;
            Ok(values.as_primitive::<UInt64Type>().values().to_vec())
        };
        let mut offsets = vec![0];
        let mut end = 0;
        for rows in numbers("rows")? {
            end += rows as usize;
            offsets.push(end);
        }
        let members = grouped
            .column("row")
            .and_then(|lists| {
                lists.as_materialized_series().explode(polars::prelude::ExplodeOptions { empty_as_null: true, keep_nulls: true })
            })
            .map_err(|_| failed("grouping"))?;
        let members = to_array(&members, &DataType::UInt32).map_err(PublishError::interop(set))?;
        let members = members.as_primitive::<UInt32Type>().clone();
        if members.len() != rows || end != rows || members.null_count() > 0 {
            return Err(failed("grouping"));
        }
        Ok(Self { members, offsets, subjects: numbers("subjects")?, weights: None })
    }

    /// The same groups, where each row stands for several.
    pub fn weighted(self, weights: Option<&[u64]>) -> Self {
        Self { weights: weights.map(<[u64]>::to_vec), ..self }
    }

    /// For how many rows a row stands.
    pub fn weight(&self, row: u32) -> u64 {
        self.weights.as_ref().map_or(1, |weights| weights[row as usize])
    }

    /// For how many rows those of a group stand.
    pub fn size(&self, group: usize) -> u64 {
        self.rows_of(group).iter().map(|row| self.weight(*row)).sum()
    }

    /// The number of groups.
    pub fn len(&self) -> usize {
        self.subjects.len()
    }

    /// The rows of a group.
    pub fn rows_of(&self, group: usize) -> &[u32] {
        &self.members.values()[self.offsets[group]..self.offsets[group + 1]]
    }

    /// One row of each group, from which its values are read.
    pub fn first_rows(&self) -> UInt32Array {
        (0..self.len()).map(|group| self.members.value(self.offsets[group])).collect::<Vec<_>>().into()
    }

    /// Per group its number of rows.
    pub fn row_counts(&self) -> Int64Array {
        self.offsets.windows(2).map(|pair| (pair[1] - pair[0]) as i64).collect::<Vec<_>>().into()
    }

    /// Per group the exact sum of a column; null where all of its cells are.
    ///
    /// Whole numbers give whole numbers, decimals 38 digits of the same scale, floats the nearest float to the exact sum; the
    /// order of rows does not matter.
    ///
    /// # Errors
    /// [`PublishError::Overflow`] where a sum does not fit; [`PublishError::Unsupported`] for other types.
    pub fn sums(&self, set: &str, column: &str, values: &ArrayRef) -> Result<ArrayRef, PublishError> {
        let overflow = || PublishError::Overflow { set: set.to_owned(), column: column.to_owned() };
        let unsupported = || PublishError::Unsupported {
            set: set.to_owned(),
            column: column.to_owned(),
            data_type: values.data_type().to_string(),
            treatment: "sum".to_owned(),
        };
        let ordered = take(values, &self.members, None).map_err(PublishError::step(set, "fetching a column"))?;
        let sums = (0..self.len())
            .map(|group| {
                let (start, end) = (self.offsets[group], self.offsets[group + 1]);
                let cells = ordered.slice(start, end - start);
                if cells.null_count() == cells.len() {
                    return Ok(None);
                }
                checked_sum(&cells).map(Some).map_err(|error| match error {
                    KernelError::UnsupportedType { .. } => unsupported(),
                    _ => overflow(),
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(match values.data_type() {
            DataType::Int64 => {
                let fit = |sum| if let Sum::Integer(sum) = sum { i64::try_from(sum).ok() } else { None };
                Arc::new(Int64Array::from(fitted(sums, fit).ok_or_else(overflow)?))
            }
            DataType::Decimal128(_, scale) => {
                let largest = 10_u128.pow(u32::from(SUM_PRECISION)) - 1;
                let fit = |sum| match sum {
                    Sum::Decimal { unscaled, .. } if unscaled.unsigned_abs() <= largest => Some(unscaled),
                    _ => None,
                };
                let cells = Decimal128Array::from(fitted(sums, fit).ok_or_else(overflow)?);
                Arc::new(cells.with_precision_and_scale(SUM_PRECISION, *scale).map_err(|_| overflow())?)
            }
            DataType::Float64 => {
                let fit = |sum| if let Sum::Float(sum) = sum { Some(sum).filter(|sum| sum.is_finite()) } else { None };
                Arc::new(Float64Array::from(fitted(sums, fit).ok_or_else(overflow)?))
            }
            _ => return Err(unsupported()),
        })
    }
}

/// The sums as cells of their column's type, null where there is none; `None` if any does not fit.
fn fitted<T>(sums: Vec<Option<Sum>>, fit: impl Fn(Sum) -> Option<T>) -> Option<Vec<Option<T>>> {
    sums.into_iter().map(|sum| sum.map_or(Some(None), |sum| fit(sum).map(Some))).collect()
}

/// How many different subjects.
pub(super) fn distinct(subjects: impl Iterator<Item = u32>) -> u64 {
    subjects.collect::<HashSet<_>>().len() as u64
}

/// The subject of a row, if it leads to one.
pub(super) fn subject_of(subjects: &UInt32Array, row: u32) -> Option<u32> {
    subjects.is_valid(row as usize).then(|| subjects.value(row as usize))
}

/// A column as polars can group it: without its 128-bit types, polars panics on a decimal alone, so that it goes as two
/// halves, the signed upper and the unsigned lower one, which sort as the number does.
fn halves(values: &ArrayRef) -> Vec<ArrayRef> {
    match values.as_primitive_opt::<Decimal128Type>() {
        Some(decimals) => {
            let upper: Int64Array = decimals.unary(|cell| (cell >> 64) as i64);
            let lower: UInt64Array = decimals.unary(|cell| cell as u64);
            vec![Arc::new(upper), Arc::new(lower)]
        }
        None => vec![values.clone()],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use arrow::array::{BinaryArray, Date32Array, StringArray, TimestampMicrosecondArray};
    use proptest::prelude::*;

    use super::*;

    fn array(values: impl Array + 'static) -> ArrayRef {
        Arc::new(values)
    }

    #[test]
    fn every_type_can_be_grouped_and_null_is_a_group() {
        let decimals = Decimal128Array::from(vec![Some(1), None, Some(1), None]).with_precision_and_scale(38, 2).unwrap();
        for values in [
            array(Int64Array::from(vec![Some(1), None, Some(1), None])),
            array(decimals),
            array(Float64Array::from(vec![Some(0.5), None, Some(0.5), None])),
            array(StringArray::from(vec![Some("a"), None, Some("a"), None])),
            array(Date32Array::from(vec![Some(1), None, Some(1), None])),
            array(TimestampMicrosecondArray::from(vec![Some(1), None, Some(1), None]).with_timezone("UTC")),
            array(BooleanArray::from(vec![Some(true), None, Some(true), None])),
            array(BinaryArray::from(vec![Some(&b"a"[..]), None, Some(b"a"), None])),
        ] {
            let groups = Groups::of("s", std::slice::from_ref(&values), None, 4).unwrap();
            assert_eq!(groups.len(), 2, "{}", values.data_type());
            assert_eq!((groups.rows_of(0), groups.rows_of(1)), (&[1, 3][..], &[0, 2][..]), "{}", values.data_type());
        }
    }

    #[test]
    fn decimals_are_grouped_by_all_of_their_digits() {
        let (large, low) = (1_i128 << 64, 1_i128);
        let cells = vec![large + low, low, large, -low, large + low, 0];
        let decimals = array(Decimal128Array::from(cells).with_precision_and_scale(38, 0).unwrap());
        let groups = Groups::of("s", &[decimals], None, 6).unwrap();
        let found: Vec<_> = (0..groups.len()).map(|group| groups.rows_of(group).to_vec()).collect();
        assert_eq!(found, [vec![3], vec![5], vec![1], vec![2], vec![0, 4]]);
    }

    #[test]
    fn no_columns_are_one_group_and_no_rows_are_none() {
        let subjects = UInt32Array::from(vec![Some(7), Some(7), None]);
        let groups = Groups::of("s", &[], Some(&subjects), 3).unwrap();
        assert_eq!((groups.len(), groups.subjects.as_slice(), groups.rows_of(0)), (1, &[1][..], &[0, 1, 2][..]));
        let empty = Groups::of("s", &[array(Int64Array::from(Vec::<i64>::new()))], None, 0).unwrap();
        assert_eq!((empty.len(), empty.row_counts().len()), (0, 0));
        let sums = empty.sums("s", "c", &array(Int64Array::from(Vec::<i64>::new()))).unwrap();
        assert_eq!((sums.len(), sums.data_type()), (0, &DataType::Int64));
    }

    #[test]
    fn a_sum_that_does_not_fit_is_an_error() {
        let two = |values: ArrayRef| Groups::of("s", &[], None, 2).unwrap().sums("s", "total", &values);
        assert!(matches!(two(array(Int64Array::from(vec![i64::MAX, 1]))), Err(PublishError::Overflow { .. })));
        assert!(matches!(two(array(Int64Array::from(vec![i64::MIN, -1]))), Err(PublishError::Overflow { .. })));
        let fits = two(array(Int64Array::from(vec![i64::MAX, i64::MIN]))).unwrap();
        assert_eq!(&fits, &array(Int64Array::from(vec![-1])));
        let most = 10_i128.pow(38) - 1;
        let decimals = |one, other| array(Decimal128Array::from(vec![one, other]).with_precision_and_scale(38, 2).unwrap());
        assert!(matches!(two(decimals(most, 1)), Err(PublishError::Overflow { .. })));
        assert!(two(decimals(most, 0)).is_ok());
        assert!(matches!(two(array(Float64Array::from(vec![f64::MAX, f64::MAX]))), Err(PublishError::Overflow { .. })));
        assert!(matches!(two(array(Float64Array::from(vec![f64::NAN, 1.0]))), Err(PublishError::Overflow { .. })));
        assert!(matches!(two(array(StringArray::from(vec!["1", "2"]))), Err(PublishError::Unsupported { .. })));
    }

    #[test]
    fn a_sum_of_nulls_is_null_and_decimals_get_room() {
        let by = array(StringArray::from(vec!["a", "a", "b"]));
        let money = Decimal128Array::from(vec![Some(150), Some(-25), None]).with_precision_and_scale(9, 2).unwrap();
        let sums = Groups::of("s", &[by], None, 3).unwrap().sums("s", "total", &array(money)).unwrap();
        let expected = Decimal128Array::from(vec![Some(125), None]).with_precision_and_scale(38, 2).unwrap();
        assert_eq!(&sums, &array(expected));
    }

    proptest! {
        /// The witness: an ordered map of ordered sets, row by row.
        #[test]
        fn groups_are_those_of_a_plain_loop(
            rows in prop::collection::vec((prop::option::of(0_i64..4), prop::option::of("[ab]{0,2}"), prop::option::of(0_u32..5), any::<i32>()), 0..60),
        ) {
            let numbers = array(rows.iter().map(|row| row.0).collect::<Int64Array>());
            let texts = array(rows.iter().map(|row| row.1.as_deref()).collect::<StringArray>());
            let subjects: UInt32Array = rows.iter().map(|row| row.2).collect();
            let amounts = array(rows.iter().map(|row| Some(i64::from(row.3))).collect::<Int64Array>());
            let groups = Groups::of("s", &[numbers, texts], Some(&subjects), rows.len()).unwrap();
            let sums = groups.sums("s", "c", &amounts).unwrap();

            let mut slow: BTreeMap<_, (BTreeSet<u32>, BTreeSet<u32>, i64)> = BTreeMap::new();
            for (at, row) in rows.iter().enumerate() {
                let group = slow.entry((row.0, row.1.clone())).or_default();
                group.0.insert(at as u32);
                group.1.extend(row.2);
                group.2 += i64::from(row.3);
            }
            prop_assert_eq!(groups.len(), slow.len());
            for (group, (members, people, sum)) in slow.values().enumerate() {
                let found: BTreeSet<u32> = groups.rows_of(group).iter().copied().collect();
                prop_assert_eq!(&found, members);
                prop_assert_eq!(groups.rows_of(group).len(), members.len());
                prop_assert_eq!(groups.subjects[group], people.len() as u64);
                prop_assert_eq!(sums.as_primitive::<arrow::datatypes::Int64Type>().value(group), *sum);
            }
        }
    }
}
