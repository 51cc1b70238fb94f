//! Aggregates of groups of rows: sums, means, the least and the greatest, quantiles.
//!
//! Exact in whole numbers and decimals; the order of rows does not matter.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Decimal128Array, Float64Array, Scalar, UInt32Array};
use arrow::compute::kernels::cmp::{gt_eq, lt_eq};
use arrow::compute::take;
use arrow::datatypes::DataType;

use super::PublishError;
use super::group::{Groups, distinct, subject_of};
use crate::kernels::KernelError;
use crate::kernels::mean::{DIGITS, Mean, mean, mean_scale};
use crate::kernels::rank::ranked;
use crate::pipeline::Measure;

/// How many people must stand on either side of a quantile.
#[derive(Clone, Copy)]
pub(super) struct Sides<'a> {
    /// Per row the subject.
    pub subjects: &'a UInt32Array,
    /// The fewest on a side, the quantile's own value counted on both.
    pub k: u64,
}

/// An aggregate per group.
pub(super) struct Measured {
    /// One cell per group; null where all cells of a group are.
    pub cells: ArrayRef,
    /// Per group whether its quantile was left out because too few people stand on one side; empty where nothing was.
    pub hidden: Vec<bool>,
}

impl Groups {
    /// Per group an aggregate of a column.
    ///
    /// Of whole numbers a sum is whole and a mean a decimal of four digits after the point; of decimals a sum has their scale and a mean four
    /// digits more, rounded half to even, both with 38 digits in all; of floats both are floats. The least, the greatest and quantiles (the
    /// nearest rank) are cells of the column. With `sides`, a quantile with fewer than k distinct subjects at or below it, or at or above it,
    /// is null.
    ///
    /// # Errors
    /// [`PublishError::Overflow`], [`PublishError::Unsupported`].
    pub fn measure(
        &self,
        set: &str,
        column: &str,
        measure: Measure,
        values: &ArrayRef,
        sides: Option<Sides<'_>>,
    ) -> Result<Measured, PublishError> {
        match measure {
            Measure::Sum => Ok(Measured { cells: self.sums(set, column, values)?, hidden: Vec::new() }),
            Measure::Mean => Ok(Measured { cells: self.means(set, column, values)?, hidden: Vec::new() }),
            Measure::Rank(rank) => {
                let ordered = take(values, &self.members, None).map_err(PublishError::step(set, "fetching a column"))?;
                let mut rows = Vec::with_capacity(self.len());
                let mut hidden = vec![false; if sides.is_some() { self.len() } else { 0 }];
                for group in 0..self.len() {
                    let (start, cells) = self.slice(&ordered, group);
                    let row = ranked(&cells, rank).map_err(|error| refused(set, column, measure, values, error))?;
                    let shown = match (row, sides) {
                        (Some(row), Some(sides)) => self.has_sides(set, group, &cells, row, sides)?,
                        _ => true,
                    };
                    if !shown {
                        hidden[group] = true;
                    }
                    rows.push(row.filter(|_| shown).and_then(|row| u32::try_from(start + row).ok()));
                }
                let cells = take(&ordered, &UInt32Array::from(rows), None).map_err(PublishError::step(set, "fetching a column"))?;
                Ok(Measured { cells, hidden })
            }
        }
    }

    /// The cells of a group, of a column in the order of groups, and where they begin.
    fn slice(&self, ordered: &ArrayRef, group: usize) -> (usize, ArrayRef) {
        let (start, end) = (self.offsets[group], self.offsets[group + 1]);
        (start, ordered.slice(start, end - start))
    }

    fn means(&self, set: &str, column: &str, values: &ArrayRef) -> Result<ArrayRef, PublishError> {
        let ordered = take(values, &self.members, None).map_err(PublishError::step(set, "fetching a column"))?;
        let of_group = |group| mean(&self.slice(&ordered, group).1).map_err(|error| refused(set, column, Measure::Mean, values, error));
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

    /// Whether at least k people are at or below the cell of a row of a group, and at least k at or above it.
    fn has_sides(&self, set: &str, group: usize, cells: &ArrayRef, row: usize, sides: Sides<'_>) -> Result<bool, PublishError> {
        let quantile = Scalar::new(cells.slice(row, 1));
        let step = "counting the sides of a quantile";
        let people = |side: &BooleanArray| {
            let rows = self.rows_of(group).iter().enumerate().filter(|(at, _)| side.is_valid(*at) && side.value(*at));
            distinct(rows.filter_map(|(_, row)| subject_of(sides.subjects, *row)))
        };
        let below = lt_eq(cells, &quantile).map_err(PublishError::step(set, step))?;
        let above = gt_eq(cells, &quantile).map_err(PublishError::step(set, step))?;
        Ok(people(&below) >= sides.k && people(&above) >= sides.k)
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
