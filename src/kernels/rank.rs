//! The least, the greatest and the quantile of a column: which row holds it.
//!
//! A row and no value is given back, so that what is published is a cell as the store has it: nothing is rounded, whatever the type.

use std::cmp::Ordering;

use arrow::array::{Array, ArrowPrimitiveType, AsArray, PrimitiveArray};
use arrow::datatypes::{
    ArrowNativeTypeOp, DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};

use super::KernelError;

const BILLION: u32 = 1_000_000_000;

/// A share between nothing and all, exact to nine digits after the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    billionths: u32,
}

impl Share {
    /// The share that a number as typed stands for: 0.9 is nine tenths and not the float beside it. `None` for 0 and below, for 1 and
    /// above, and for more than nine digits after the point.
    #[must_use]
    pub fn of(number: f64) -> Option<Self> {
        // A float's shortest text is what was typed.
        let text = number.to_string();
        let digits = text.strip_prefix("0.").filter(|digits| digits.len() <= 9)?;
        let billionths = format!("{digits:0<9}").parse().ok().filter(|billionths| *billionths > 0)?;
        Some(Self { billionths })
    }

    /// The place, from 0, of this share of `count` cells in order: the first at which at least this share of them has been passed.
    fn place(self, count: usize) -> usize {
        let passed = (count as u128 * u128::from(self.billionths)).div_ceil(u128::from(BILLION));
        passed.saturating_sub(1) as usize
    }
}

impl std::fmt::Display for Share {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = format!("{:09}", self.billionths);
        write!(formatter, "0.{}", digits.trim_end_matches('0'))
    }
}

/// Which cell of a column in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// The first.
    Least,
    /// The last.
    Greatest,
    /// The first at which at least this share of the cells has been passed: `PERCENTILE_DISC` of the SQL standard (ISO/IEC 9075-2), definition 1
    /// of Hyndman and Fan, "Sample Quantiles in Statistical Packages" (The American Statistician 50, 1996), known as the nearest rank. It is
    /// always one of the cells: the median of 1, 2, 3 and 4 is 2.
    Quantile(Share),
}

impl Rank {
    fn place(self, count: usize) -> usize {
        match self {
            Self::Least => 0,
            Self::Greatest => count.saturating_sub(1),
            Self::Quantile(share) => share.place(count),
        }
    }
}

/// The row of the cell at a rank; `None` where all cells are null. Nulls have no place in the order. Of equal cells any may be given.
///
/// Takes `Int64`, `Decimal128`, `Date32`, `Timestamp(µs)` and `Float64`, whose order is total: `-NaN`, negative numbers, -0, 0, positive
/// numbers, `NaN`.
///
/// ```
/// use arrow::array::Int64Array;
/// use gallra::kernels::rank::{Rank, Share, ranked};
///
/// let paid = Int64Array::from(vec![Some(40), None, Some(10), Some(30), Some(20)]);
/// assert_eq!(ranked(&paid, Rank::Greatest)?, Some(0));
/// let median = Share::of(0.5).map(Rank::Quantile).ok_or("no share")?;
/// assert_eq!(ranked(&paid, median)?, Some(4)); // 20
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`KernelError::UnsupportedType`].
pub fn ranked(array: &dyn Array, rank: Rank) -> Result<Option<usize>, KernelError> {
    let unsupported = || KernelError::unsupported("ranked", array.data_type());
    match array.data_type() {
        DataType::Int64 => Ok(row_of::<Int64Type>(array.as_primitive_opt().ok_or_else(unsupported)?, rank)),
        DataType::Float64 => Ok(row_of::<Float64Type>(array.as_primitive_opt().ok_or_else(unsupported)?, rank)),
        DataType::Decimal128(_, _) => Ok(row_of::<Decimal128Type>(array.as_primitive_opt().ok_or_else(unsupported)?, rank)),
        DataType::Date32 => Ok(row_of::<Date32Type>(array.as_primitive_opt().ok_or_else(unsupported)?, rank)),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            Ok(row_of::<TimestampMicrosecondType>(array.as_primitive_opt().ok_or_else(unsupported)?, rank))
        }
        _ => Err(unsupported()),
    }
}

fn row_of<T: ArrowPrimitiveType>(cells: &PrimitiveArray<T>, rank: Rank) -> Option<usize>
where
    T::Native: ArrowNativeTypeOp,
{
    let mut rows: Vec<usize> = (0..cells.len()).filter(|row| cells.is_valid(*row)).collect();
    let place = rank.place(rows.len());
    if place >= rows.len() {
        return None;
    }
    let order = |one: &usize, other: &usize| -> Ordering { cells.value(*one).compare(cells.value(*other)) };
    let (_, row, _) = rows.select_nth_unstable_by(place, order);
    Some(*row)
}

#[cfg(test)]
mod tests {
    use arrow::array::{BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array};
    use proptest::prelude::*;

    use super::*;

    fn share(number: f64) -> Share {
        Share::of(number).unwrap()
    }

    #[test]
    fn a_share_is_what_was_typed() {
        assert_eq!(share(0.9).to_string(), "0.9");
        assert_eq!(share(0.123_456_789).to_string(), "0.123456789");
        assert_eq!(share(0.000_000_001).to_string(), "0.000000001");
        for refused in [0.0, -0.5, 1.0, 1.5, 0.123_456_789_1, 1e-10, f64::NAN, f64::INFINITY] {
            assert_eq!(Share::of(refused), None, "{refused}");
        }
        // In floats 0.07 × 100 is a little more than 7, and the next cell would be taken.
        assert!(std::hint::black_box(0.07) * 100.0 > 7.0);
        assert_eq!(share(0.07).place(100), 6);
    }

    /// The example that PostgreSQL's and Oracle's manuals explain PERCENTILE_DISC by: of 10, 20, 30, 40 the median is 20.
    #[test]
    fn the_nearest_rank_is_one_of_the_cells() {
        let paid = Int64Array::from(vec![Some(40), None, Some(10), Some(30), Some(20)]);
        for (at, row) in [(0.01, 2), (0.25, 2), (0.26, 4), (0.5, 4), (0.51, 3), (0.75, 3), (0.76, 0), (0.99, 0)] {
            assert_eq!(ranked(&paid, Rank::Quantile(share(at))).unwrap(), Some(row), "{at}");
        }
        let one = Int64Array::from(vec![None, Some(7)]);
        for at in [0.000_000_001, 0.5, 0.999_999_999] {
            assert_eq!(ranked(&one, Rank::Quantile(share(at))).unwrap(), Some(1));
        }
        for none in [Int64Array::from(vec![None, None]), Int64Array::from(Vec::<i64>::new())] {
            for rank in [Rank::Least, Rank::Greatest, Rank::Quantile(share(0.5))] {
                assert_eq!(ranked(&none, rank).unwrap(), None);
            }
        }
    }

    #[test]
    fn every_ordered_type_has_its_order() {
        let money = Decimal128Array::from(vec![Some(-1), Some(-200), None, Some(0)]).with_precision_and_scale(12, 2).unwrap();
        assert_eq!((ranked(&money, Rank::Least).unwrap(), ranked(&money, Rank::Greatest).unwrap()), (Some(1), Some(3)));
        let days = Date32Array::from(vec![5, -5]);
        assert_eq!((ranked(&days, Rank::Least).unwrap(), ranked(&days, Rank::Greatest).unwrap()), (Some(1), Some(0)));
        let odd = Float64Array::from(vec![1.0, f64::NAN, f64::NEG_INFINITY]);
        assert_eq!((ranked(&odd, Rank::Least).unwrap(), ranked(&odd, Rank::Greatest).unwrap()), (Some(2), Some(1)));
        assert!(matches!(ranked(&BooleanArray::from(vec![true]), Rank::Least), Err(KernelError::UnsupportedType { .. })));
    }

    proptest! {
        /// The witness sorts, and counts cells until the share has been passed.
        #[test]
        fn ranks_are_those_of_a_sorted_list(rows in prop::collection::vec(prop::option::of(-4_i128..4), 0..30), thousandths in 1_u32..1000) {
            let cells = Decimal128Array::from(rows.clone()).with_precision_and_scale(38, 2).unwrap();
            let mut sorted: Vec<i128> = rows.iter().flatten().copied().collect();
            sorted.sort();
            let value = |rank| ranked(&cells, rank).unwrap().map(|row| cells.value(row));
            prop_assert_eq!(value(Rank::Least), sorted.first().copied());
            prop_assert_eq!(value(Rank::Greatest), sorted.last().copied());
            let slow = sorted.iter().enumerate().find(|(at, _)| (*at as u32 + 1) * 1000 >= thousandths * sorted.len() as u32).map(|(_, cell)| *cell);
            prop_assert_eq!(value(Rank::Quantile(share(f64::from(thousandths) / 1000.0))), slow);
        }
    }
}
