//! Exact sums, differences and products of two columns of amounts, row by row.
//!
//! Everything is `Decimal128(38, scale)`: of sums and differences the larger scale of the two, of products both scales together. A result
//! that needs more than 38 digits is an error, never a wrong number. A null on either side gives null.

use arrow::array::{Array, AsArray, Decimal128Array};
use arrow::compute::kernels::arity::try_binary;
use arrow::datatypes::{DataType, Decimal128Type, Int64Type};
use arrow::error::ArrowError;

use super::KernelError;
use super::mean::DIGITS;

const KERNEL: &str = "arithmetic";

/// What is done with two amounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Times,
}

impl Operator {
    /// The digits after the point of the result; of a product possibly more than a decimal has.
    #[must_use]
    pub fn scale(self, left: i8, right: i8) -> i8 {
        match self {
            Self::Plus | Self::Minus => left.max(right),
            Self::Times => left.saturating_add(right),
        }
    }
}

/// A column of whole numbers or decimals as decimals of 38 digits. One whose scale is below zero gets the scale 0.
///
/// # Errors
/// [`KernelError::UnsupportedType`]; [`KernelError::Overflow`].
pub fn decimals(array: &dyn Array) -> Result<Decimal128Array, KernelError> {
    let unsupported = || KernelError::unsupported(KERNEL, array.data_type());
    match array.data_type() {
        DataType::Int64 => {
            let cells = array.as_primitive_opt::<Int64Type>().ok_or_else(unsupported)?;
            with_scale(cells.unary::<_, Decimal128Type>(i128::from), 0)
        }
        DataType::Decimal128(_, scale) => {
            let cells = array.as_primitive_opt::<Decimal128Type>().ok_or_else(unsupported)?;
            let more = u32::from((*scale).min(0).unsigned_abs());
            let grown = cells.try_unary::<_, Decimal128Type, ArrowError>(|cell| grown(cell, more).filter(fits).ok_or_else(out_of_range));
            with_scale(grown.map_err(|_| overflow(0))?, (*scale).max(0))
        }
        _ => Err(unsupported()),
    }
}

/// `left` and `right` combined, row by row. Both come from [`decimals`] or from here.
///
/// ```
/// use arrow::array::{Decimal128Array, Int64Array};
/// use gallra::kernels::arithmetic::{Operator, combine, decimals};
///
/// let quantity = decimals(&Int64Array::from(vec![Some(3), None]))?;
/// let price = decimals(&Decimal128Array::from(vec![1999, 5]).with_precision_and_scale(12, 2)?)?;
/// let amount = combine(Operator::Times, &quantity, &price)?;
/// assert_eq!(amount, Decimal128Array::from(vec![Some(5997), None]).with_precision_and_scale(38, 2)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`KernelError::Overflow`]; [`KernelError::UnequalLengths`].
pub fn combine(operator: Operator, left: &Decimal128Array, right: &Decimal128Array) -> Result<Decimal128Array, KernelError> {
    if left.len() != right.len() {
        return Err(KernelError::UnequalLengths { kernel: KERNEL, expected: left.len(), found: right.len() });
    }
    let scale = operator.scale(left.scale(), right.scale());
    let missing = |of: i8| u32::from(scale.saturating_sub(of).unsigned_abs());
    let (more_left, more_right) = (missing(left.scale()), missing(right.scale()));
    let cells = try_binary::<_, _, _, Decimal128Type>(left, right, |left, right| {
        let result = match operator {
            Operator::Times => left.checked_mul(right),
            Operator::Plus => grown(left, more_left).zip(grown(right, more_right)).and_then(|(left, right)| left.checked_add(right)),
            Operator::Minus => grown(left, more_left).zip(grown(right, more_right)).and_then(|(left, right)| left.checked_sub(right)),
        };
        result.filter(fits).ok_or_else(out_of_range)
    });
    with_scale(cells.map_err(|_| overflow(scale))?, scale)
}

fn grown(cell: i128, digits: u32) -> Option<i128> {
    10_i128.checked_pow(digits).and_then(|power| cell.checked_mul(power))
}

fn fits(cell: &i128) -> bool {
    cell.unsigned_abs() < 10_u128.pow(u32::from(DIGITS))
}

/// Arrow's own message would quote the cell; this one never leaves the module.
fn out_of_range() -> ArrowError {
    ArrowError::ComputeError(String::new())
}

fn overflow(scale: i8) -> KernelError {
    KernelError::Overflow { kernel: KERNEL, data_type: DataType::Decimal128(DIGITS, scale) }
}

fn with_scale(cells: Decimal128Array, scale: i8) -> Result<Decimal128Array, KernelError> {
    cells.with_precision_and_scale(DIGITS, scale).map_err(|_| overflow(scale))
}

#[cfg(test)]
mod tests {
    use arrow::array::{Float64Array, Int64Array};
    use proptest::prelude::*;

    use super::*;

    fn amounts(cells: Vec<Option<i128>>, scale: i8) -> Decimal128Array {
        Decimal128Array::from(cells).with_precision_and_scale(38, scale).unwrap()
    }

    #[test]
    fn scales_are_those_that_are_stated() {
        let (two, three) = (amounts(vec![Some(125)], 2), amounts(vec![Some(-2500)], 3));
        for (operator, cell, scale) in [(Operator::Plus, -1250, 3), (Operator::Minus, 3750, 3), (Operator::Times, -312_500, 5)] {
            assert_eq!(combine(operator, &two, &three).unwrap(), amounts(vec![Some(cell)], scale), "{operator:?}");
        }
        let thousands = Decimal128Array::from(vec![7]).with_precision_and_scale(10, -3).unwrap();
        assert_eq!(decimals(&thousands).unwrap(), amounts(vec![Some(7000)], 0));
        assert!(matches!(decimals(&Float64Array::from(vec![0.1])), Err(KernelError::UnsupportedType { .. })));
    }

    #[test]
    fn a_result_of_39_digits_is_an_error_and_a_null_never_is() {
        let most = 10_i128.pow(38) - 1;
        let refused = |operator, left: i128, right: i128| {
            let error = combine(operator, &amounts(vec![Some(left)], 2), &amounts(vec![Some(right)], 2)).unwrap_err();
            assert_eq!(
                error.to_string(),
                KernelError::Overflow { kernel: "arithmetic", data_type: DataType::Decimal128(38, operator.scale(2, 2)) }.to_string()
            );
        };
        refused(Operator::Plus, most, 1);
        refused(Operator::Minus, -most, 1);
        refused(Operator::Times, most, 2);
        refused(Operator::Times, i128::MAX, i128::MAX);
        let fits = combine(Operator::Plus, &amounts(vec![Some(most - 1)], 2), &amounts(vec![Some(1)], 2)).unwrap();
        assert_eq!(fits.value(0), most);
        // The value below a null may be anything, and is not computed with.
        let hidden = Int64Array::new(vec![i64::MAX].into(), Some(vec![false].into()));
        let product = combine(Operator::Times, &decimals(&hidden).unwrap(), &amounts(vec![Some(most)], 0)).unwrap();
        assert!(product.is_null(0));
        // 1 as 10^38 of the scale 38 is one digit too many.
        assert!(combine(Operator::Plus, &amounts(vec![Some(1)], 0), &amounts(vec![Some(1)], 38)).is_err());
    }

    proptest! {
        /// The witness reckons in whole numbers of the smallest unit.
        #[test]
        fn results_are_those_of_whole_numbers(rows in prop::collection::vec((prop::option::of(-10_000_i128..10_000), prop::option::of(-10_000_i128..10_000)), 0..20)) {
            let (left, right): (Vec<_>, Vec<_>) = rows.iter().copied().unzip();
            let (left, right) = (amounts(left, 1), amounts(right, 3));
            let slow = |take: &dyn Fn(i128, i128) -> i128| rows.iter().map(|(left, right)| Some(take(left.as_ref()? * 100, *right.as_ref()?))).collect::<Vec<_>>();
            prop_assert_eq!(combine(Operator::Plus, &left, &right).unwrap(), amounts(slow(&|left, right| left + right), 3));
            prop_assert_eq!(combine(Operator::Minus, &left, &right).unwrap(), amounts(slow(&|left, right| left - right), 3));
            prop_assert_eq!(combine(Operator::Times, &left, &right).unwrap(), amounts(slow(&|left, right| left / 100 * right), 4));
        }
    }
}
