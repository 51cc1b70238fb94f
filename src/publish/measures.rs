//! Aggregates of groups of rows: sums, means, the least and the greatest, quantiles.
//!
//! Exact in whole numbers and decimals; the order of rows does not matter.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Decimal128Array, Float64Array, Scalar, UInt32Array};
use arrow::compute::kernels::cmp::{gt_eq, lt_eq};
use arrow::compute::{nullif, take};
use arrow::datatypes::DataType;

use super::PublishError;
use super::group::{Groups, distinct, subject_of};
use crate::kernels::KernelError;
use crate::kernels::mean::{DIGITS, Mean, mean, mean_scale};
use crate::kernels::rank::ranked;
use crate::pipeline::Measure;

/// How many people an aggregate must rest on: behind its cells, and of a quantile on either side.
#[derive(Clone, Copy)]
pub(super) struct Behind<'a> {
    /// Per row the subject.
    pub subjects: &'a UInt32Array,
    /// The fewest.
    pub k: u64,
}

/// An aggregate per group.
pub(super) struct Measured {
    /// One cell per group; null where all cells of a group are.
    pub cells: ArrayRef,
    /// Per group whether its cell was left out because it rests on too few people; empty where nobody asked.
    pub hidden: Vec<bool>,
}

impl Groups {
    /// Per group an aggregate of a column.
    ///
    /// Of whole numbers a sum is whole and a mean a decimal of four digits after the point; of decimals a sum has their scale and a mean four
    /// digits more, rounded half to even, both with 38 digits in all; of floats both are floats. The least, the greatest and quantiles (the
    /// nearest rank) are cells of the column.
    ///
    /// With `behind`, an aggregate is null where its cells that are not null belong to fewer than k distinct subjects, although the group may
    /// have k; and a quantile also where fewer than k are at or below it, or at or above it. Cells of nobody's alone are nobody's secret.
    ///
    /// # Errors
    /// [`PublishError::Overflow`], [`PublishError::Unsupported`].
    pub fn measure(
        &self,
        set: &str,
        column: &str,
        measure: Measure,
        values: &ArrayRef,
        behind: Option<Behind<'_>>,
    ) -> Result<Measured, PublishError> {
        let ordered = take(values, &self.members, None).map_err(PublishError::step(set, "fetching a column"))?;
        let mut hidden = vec![false; if behind.is_some() { self.len() } else { 0 }];
        let mut rows = Vec::with_capacity(self.len());
        for group in 0..self.len() {
            let (start, cells) = self.slice(&ordered, group);
            let mut safe =
                behind.is_none_or(|behind| self.people(group, behind, |at| cells.is_valid(at)).is_none_or(|people| people >= behind.k));
            if let Measure::Rank(rank) = measure {
                let row = ranked(&cells, rank).map_err(|error| refused(set, column, measure, values, error))?;
                if let (Some(row), Some(behind)) = (row, behind) {
                    safe = safe && self.has_sides(set, group, &cells, row, behind)?;
                }
                rows.push(row.filter(|_| safe).and_then(|row| u32::try_from(start + row).ok()));
            }
            if !safe {
                hidden[group] = true;
            }
        }
        let cells = match measure {
            Measure::Sum => self.sums(set, column, values)?,
            Measure::Mean => self.means(set, column, values, &ordered)?,
            // What is hidden has no row already.
            Measure::Rank(_) => take(&ordered, &UInt32Array::from(rows), None).map_err(PublishError::step(set, "fetching a column"))?,
        };
        let cells = match hidden.contains(&true) {
            true => nullif(&cells, &BooleanArray::from(hidden.clone())).map_err(PublishError::step(set, "suppressing"))?,
            false => cells,
        };
        Ok(Measured { cells, hidden })
    }

    /// The cells of a group, of a column in the order of groups, and where they begin.
    fn slice(&self, ordered: &ArrayRef, group: usize) -> (usize, ArrayRef) {
        let (start, end) = (self.offsets[group], self.offsets[group + 1]);
        (start, ordered.slice(start, end - start))
    }

    fn means(&self, set: &str, column: &str, values: &ArrayRef, ordered: &ArrayRef) -> Result<ArrayRef, PublishError> {
        let of_group = |group| mean(&self.slice(ordered, group).1).map_err(|error| refused(set, column, Measure::Mean, values, error));
        let means = (0..self.len()).map(of_group).collect::<Result<Vec<_>, _>>()?;
        let overflow = || PublishError::Overflow { set: set.to_owned(), column: column.to_owned() };
        match values.data_type() {
            DataType::Float64 => {
                let cells = means.into_iter().map(|mean| match mean {
                    Some(Mean::Float(mean)) if mean.is_finite() => Ok(Some(mean)),
                    None => Ok(None),
                    _ => Err(overflow()),
                });
                Ok(Arc::new(cells.collect::<Result<Float64Array, _>>()?))
            }
            data_type => {
                let scale = if let DataType::Decimal128(_, scale) = data_type { *scale } else { 0 };
                let cells = means.into_iter().map(|mean| match mean {
                    Some(Mean::Decimal(mean)) => Ok(Some(mean)),
                    None => Ok(None),
                    Some(Mean::Float(_)) => Err(overflow()),
                });
                let cells = cells.collect::<Result<Decimal128Array, _>>()?;
                Ok(Arc::new(cells.with_precision_and_scale(DIGITS, mean_scale(scale)).map_err(|_| overflow())?))
            }
        }
    }

    /// The distinct subjects of the rows of a group that are chosen; `None` where all of those rows are nobody's.
    fn people(&self, group: usize, behind: Behind<'_>, chosen: impl Fn(usize) -> bool) -> Option<u64> {
        let rows = self.rows_of(group).iter().enumerate().filter(|(at, _)| chosen(*at));
        let people = distinct(rows.filter_map(|(_, row)| subject_of(behind.subjects, *row)));
        (people > 0).then_some(people)
    }

    /// Whether at least k people are at or below the cell of a row of a group, and at least k at or above it.
    fn has_sides(&self, set: &str, group: usize, cells: &ArrayRef, row: usize, behind: Behind<'_>) -> Result<bool, PublishError> {
        let quantile = Scalar::new(cells.slice(row, 1));
        let step = "counting the sides of a quantile";
        let below = lt_eq(cells, &quantile).map_err(PublishError::step(set, step))?;
        let above = gt_eq(cells, &quantile).map_err(PublishError::step(set, step))?;
        let enough = |side: &BooleanArray| {
            let people = self.people(group, behind, |at| side.is_valid(at) && side.value(at));
            people.is_none_or(|people| people >= behind.k)
        };
        Ok(enough(&below) && enough(&above))
    }
}

fn refused(set: &str, column: &str, measure: Measure, values: &ArrayRef, error: KernelError) -> PublishError {
    let (set, column) = (set.to_owned(), column.to_owned());
    match error {
        KernelError::UnsupportedType { .. } => {
            PublishError::Unsupported { set, column, data_type: values.data_type().to_string(), treatment: measure.to_string() }
        }
        _ => PublishError::Overflow { set, column },
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{AsArray, Int64Array};
    use arrow::datatypes::Int64Type;

    use super::*;
    use crate::kernels::rank::{Rank, Share};

    fn measured(measure: Measure, amounts: Vec<Option<i64>>, subjects: Vec<Option<u32>>, k: u64) -> (Option<i64>, bool) {
        let (rows, subjects) = (amounts.len(), UInt32Array::from(subjects));
        let values: ArrayRef = Arc::new(Int64Array::from(amounts));
        let groups = Groups::of("s", &[], Some(&subjects), rows).unwrap();
        let found = groups.measure("s", "c", measure, &values, Some(Behind { subjects: &subjects, k })).unwrap();
        let cell = found.cells.as_primitive_opt::<Int64Type>().filter(|cells| cells.is_valid(0)).map(|cells| cells.value(0));
        (cell, found.hidden[0])
    }

    /// Three people are in the cell, and the amounts are those of one.
    #[test]
    fn a_sum_of_one_persons_amounts_is_left_out_however_many_are_in_the_cell() {
        let people = || vec![Some(1), Some(1), Some(2), Some(3)];
        let sum = |amounts| measured(Measure::Sum, amounts, people(), 3);
        assert_eq!(sum(vec![Some(10), Some(5), None, None]), (None, true));
        assert_eq!(sum(vec![Some(10), Some(5), Some(1), None]), (None, true));
        assert_eq!(sum(vec![Some(10), Some(5), Some(1), Some(-2)]), (Some(14), false));
        assert_eq!(sum(vec![None; 4]), (None, false));
        // Sales to nobody known tell of nobody.
        assert_eq!(measured(Measure::Sum, vec![Some(10), None, None, None], vec![None, Some(1), Some(2), Some(3)], 3), (Some(10), false));
    }

    #[test]
    fn one_person_with_many_rows_is_one_person_on_a_side_of_a_quantile() {
        let median = Measure::Rank(Rank::Quantile(Share::of(0.5).unwrap()));
        let of = |amounts: [i64; 6], people: [u32; 6]| measured(median, amounts.map(Some).to_vec(), people.map(Some).to_vec(), 3);
        // 1 2 3 | 4 5 6: three people at or below 3, and four at or above it.
        assert_eq!(of([4, 1, 6, 3, 2, 5], [0, 1, 2, 3, 4, 5]), (Some(3), false));
        // Those at or below it are two people.
        assert_eq!(of([4, 1, 6, 3, 2, 5], [0, 1, 2, 3, 1, 5]), (None, true));
        // All pay the same: all are on either side.
        assert_eq!(of([7; 6], [0, 1, 2, 0, 1, 2]), (Some(7), false));
    }
}
