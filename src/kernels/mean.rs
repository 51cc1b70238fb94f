//! The mean of a column, exact until it is rounded once.

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type, i256};

use super::KernelError;
use super::sums::{Sum, checked_sum};

const KERNEL: &str = "mean";

/// How many digits after the point a mean has more than the column.
const MORE_DIGITS: i8 = 4;

/// The most digits that a decimal has.
pub const DIGITS: u8 = 38;

/// A mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mean {
    /// Of `Int64` and `Decimal128`: `unscaled` × 10^-scale with the scale of [`mean_scale`].
    Decimal(i128),
    /// Of `Float64`.
    Float(f64),
}

/// The digits after the point of the mean of a column with `scale` of them; whole numbers have 0.
#[must_use]
pub fn mean_scale(scale: i8) -> i8 {
    scale.saturating_add(MORE_DIGITS).min(DIGITS as i8)
}

/// The mean of all cells that are not null; `None` if there is none.
///
/// Of whole numbers and decimals it is the exact quotient, rounded once to [`mean_scale`] digits, half to even: no float is involved. Of
/// floats it is the exact total, rounded to the nearest float and divided.
///
/// ```
/// use arrow::array::Int64Array;
/// use gallra::kernels::mean::{Mean, mean};
///
/// let bought = Int64Array::from(vec![Some(1), Some(2), None, Some(2)]);
/// assert_eq!(mean(&bought)?, Some(Mean::Decimal(1_6667))); // 1.6667
/// # Ok::<(), gallra::kernels::KernelError>(())
/// ```
///
/// # Errors
/// [`KernelError::UnsupportedType`]; [`KernelError::Overflow`] for a mean of more than 38 digits or a total of floats out of range.
pub fn mean(array: &dyn Array) -> Result<Option<Mean>, KernelError> {
    let overflow = || KernelError::Overflow { kernel: KERNEL, data_type: array.data_type().clone() };
    let count = array.len() - array.null_count();
    if count == 0 {
        return Ok(None);
    }
    let (total, scale) = match (array.data_type(), array.as_primitive_opt::<Int64Type>(), array.as_primitive_opt::<Decimal128Type>()) {
        (DataType::Int64, Some(cells), _) => (wide_total(cells.iter().flatten().map(i128::from)), 0),
        (DataType::Decimal128(_, scale), _, Some(cells)) => (wide_total(cells.iter().flatten()), *scale),
        _ if array.as_primitive_opt::<Float64Type>().is_some() => {
            return match checked_sum(array).map_err(|_| overflow())? {
                Sum::Float(total) => Ok(Some(Mean::Float(total / count as f64))),
                Sum::Integer(_) | Sum::Decimal { .. } => Err(overflow()),
            };
        }
        _ => return Err(KernelError::unsupported(KERNEL, array.data_type())),
    };
    let added = u32::from((mean_scale(scale) - scale).unsigned_abs());
    let unscaled = total
        .and_then(|total| total.checked_mul(i256::from_i128(10_i128.pow(added))))
        .and_then(|total| quotient(total, i256::from_i128(count as i128)))
        .filter(|mean| mean.unsigned_abs() < 10_u128.pow(u32::from(DIGITS)));
    unscaled.map(|unscaled| Some(Mean::Decimal(unscaled))).ok_or_else(overflow)
}

/// In 256 bits 2^31 cells of 128 bits do not come near the range.
fn wide_total(mut cells: impl Iterator<Item = i128>) -> Option<i256> {
    cells.try_fold(i256::ZERO, |total, cell| total.checked_add(i256::from_i128(cell)))
}

/// `total` / `count`, half to even.
fn quotient(total: i256, count: i256) -> Option<i128> {
    let whole = total.checked_div(count)?;
    let rest = total.checked_rem(count)?;
    let twice = rest.checked_abs()?.checked_mul(i256::from_i128(2))?;
    let whole = whole.to_i128()?;
    let away = twice > count || (twice == count && whole % 2 != 0);
    let step = if rest.is_negative() { -1 } else { 1 };
    if away { whole.checked_add(step) } else { Some(whole) }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Decimal128Array, Float64Array, Int64Array, StringArray};
    use proptest::prelude::*;

    use super::*;

    fn decimals(cells: Vec<Option<i128>>, scale: i8) -> Decimal128Array {
        Decimal128Array::from(cells).with_precision_and_scale(38, scale).unwrap()
    }

    fn of(cells: &[i64]) -> Option<Mean> {
        mean(&Int64Array::from(cells.to_vec())).unwrap()
    }

    #[test]
    fn a_half_goes_to_the_even_neighbour() {
        // 1/20000 = 0.00005 lies half-way between 0.0000 and 0.0001, 3/20000 between 0.0001 and 0.0002.
        let with = |cell: i64| of(&[vec![cell], vec![0; 19_999]].concat());
        assert_eq!((with(1), with(3), with(5)), (Some(Mean::Decimal(0)), Some(Mean::Decimal(2)), Some(Mean::Decimal(2))));
        assert_eq!((with(-1), with(-3), with(-5)), (Some(Mean::Decimal(0)), Some(Mean::Decimal(-2)), Some(Mean::Decimal(-2))));
        assert_eq!((of(&[1, 1, 0]), of(&[-1, -1, 0])), (Some(Mean::Decimal(6667)), Some(Mean::Decimal(-6667))));
    }

    #[test]
    fn nothing_has_no_mean_and_nulls_are_not_counted() {
        assert_eq!(of(&[]), None);
        assert_eq!(mean(&Int64Array::from(vec![None, None])).unwrap(), None);
        assert_eq!(mean(&decimals(vec![Some(100), None, Some(201)], 2)).unwrap(), Some(Mean::Decimal(1_505_000)));
        assert_eq!(mean(&Float64Array::from(vec![0.1; 10])).unwrap(), Some(Mean::Float(0.1)));
        assert!(matches!(mean(&StringArray::from(vec!["1"])), Err(KernelError::UnsupportedType { .. })));
    }

    #[test]
    fn a_total_may_pass_128_bits_where_the_mean_does_not() {
        let large = 10_i128.pow(34) - 1;
        let cells = decimals(vec![Some(large); 100_000], 0);
        assert_eq!(mean(&cells).unwrap(), Some(Mean::Decimal(large * 10_000)));
        assert!(matches!(mean(&decimals(vec![Some(10_i128.pow(34))], 0)), Err(KernelError::Overflow { .. })));
        assert_eq!(mean(&decimals(vec![Some(10_i128.pow(37)), Some(-1)], 38)).unwrap(), Some(Mean::Decimal(5 * 10_i128.pow(36))));
        assert!(mean(&Float64Array::from(vec![f64::MAX, f64::MAX])).is_err());
    }

    proptest! {
        /// The witness is the definition: no other number of that scale is nearer, and of two equally near ones the even one was taken.
        #[test]
        fn no_other_number_is_nearer(cells in prop::collection::vec(-1_000_000_i128..1_000_000, 1..40)) {
            let Some(Mean::Decimal(found)) = mean(&decimals(cells.iter().copied().map(Some).collect(), 2)).unwrap() else { panic!("a mean") };
            let count = cells.len() as i128;
            let exact = cells.iter().sum::<i128>() * 10_000;
            let distance = |mean: i128| (mean * count - exact).abs();
            for other in [found - 1, found + 1] {
                prop_assert!(distance(found) < distance(other) || (distance(found) == distance(other) && found % 2 == 0));
            }
        }
    }
}
