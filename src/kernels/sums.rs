//! Totals that prove that a treatment moved no money.
//!
//! Totals do not depend on the order of rows: a table read twice has one total, whatever order the
//! store returns its rows in.

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type};

use super::KernelError;

const KERNEL: &str = "checked_sum";

/// The total of a column. Two totals are equal if they are the same number of the same kind; for
/// this purpose a total that is not a number equals itself.
#[derive(Clone, Copy, Debug)]
pub enum Sum {
    /// Of `Int64`: exact.
    Integer(i128),
    /// Of `Decimal128`: exact; `unscaled` × 10^-`scale`.
    Decimal {
        /// The total's digits as a whole number.
        unscaled: i128,
        /// How many of the digits follow the decimal point, as in the column.
        scale: i8,
    },
    /// Of `Float64`: the exact total, rounded once to the nearest float. Infinite or not a number
    /// if a cell is.
    Float(f64),
}

impl PartialEq for Sum {
    fn eq(&self, other: &Self) -> bool {
        match (*self, *other) {
            (Self::Integer(left), Self::Integer(right)) => left == right,
            (Self::Decimal { unscaled, scale }, Self::Decimal { unscaled: other_unscaled, scale: other_scale }) => {
                unscaled == other_unscaled && scale == other_scale
            }
            (Self::Float(left), Self::Float(right)) => left.total_cmp(&right).is_eq(),
            _ => false,
        }
    }
}

impl Eq for Sum {}

/// The total of all cells that are not null; zero if there is none.
///
/// Takes `Int64`, `Decimal128` and `Float64`.
///
/// ```
/// use arrow::array::{Float64Array, Int64Array};
/// use gallra::kernels::sums::{Sum, checked_sum};
///
/// let amounts = Int64Array::from(vec![Some(i64::MAX), None, Some(1)]);
/// assert_eq!(checked_sum(&amounts)?, Sum::Integer(9_223_372_036_854_775_808));
/// let prices = Float64Array::from(vec![0.1; 10]);
/// assert_eq!(checked_sum(&prices)?, Sum::Float(1.0));
/// # Ok::<(), gallra::kernels::KernelError>(())
/// ```
///
/// # Errors
/// [`KernelError::UnsupportedType`]; [`KernelError::Overflow`] if the total of decimals leaves 128
/// bits, or that of finite floats the range of floats on the way.
pub fn checked_sum(array: &dyn Array) -> Result<Sum, KernelError> {
    let overflow = || KernelError::Overflow { kernel: KERNEL, data_type: array.data_type().clone() };
    if let Some(cells) = array.as_primitive_opt::<Int64Type>() {
        // 2^31 rows of 2^63 each stay far below 2^127.
        let total = cells.iter().flatten().map(i128::from).sum();
        return Ok(Sum::Integer(total));
    }
    if let (DataType::Decimal128(_, scale), Some(cells)) = (array.data_type(), array.as_primitive_opt::<Decimal128Type>()) {
        let unscaled = decimal_total(cells.iter().flatten()).ok_or_else(overflow)?;
        return Ok(Sum::Decimal { unscaled, scale: *scale });
    }
    if let Some(cells) = array.as_primitive_opt::<Float64Type>() {
        let total = float_total(cells.iter().flatten()).ok_or_else(overflow)?;
        return Ok(Sum::Float(total));
    }
    Err(KernelError::unsupported(KERNEL, array.data_type()))
}

/// Adds modulo 2^128 and counts how often the range was left upwards and downwards: the total is
/// within range exactly if both are equally often, in whatever order the cells come.
fn decimal_total(cells: impl Iterator<Item = i128>) -> Option<i128> {
    let (mut total, mut laps) = (0_i128, 0_i64);
    for cell in cells {
        let (sum, left_range) = total.overflowing_add(cell);
        total = sum;
        if left_range {
            laps += if cell < 0 { -1 } else { 1 };
        }
    }
    (laps == 0).then_some(total)
}

/// Shewchuk's exact sum ("Adaptive precision floating-point arithmetic and fast robust geometric
/// predicates", 1997): the running total is kept as floats that do not overlap, smallest first.
fn float_total(cells: impl Iterator<Item = f64> + Clone) -> Option<f64> {
    let special = cells.clone().filter(|cell| !cell.is_finite());
    if let Some(special) = special.reduce(|left, right| left + right) {
        // One bit pattern for everything that is not a number, so that totals compare.
        return Some(if special.is_nan() { f64::NAN } else { special });
    }
    let mut parts: Vec<f64> = Vec::new();
    for cell in cells {
        let mut carry = cell;
        let mut kept = 0;
        for at in 0..parts.len() {
            let part = parts[at];
            let (large, small) = if carry.abs() < part.abs() { (part, carry) } else { (carry, part) };
            let sum = large + small;
            let error = small - (sum - large);
            if error != 0.0 {
                parts[kept] = error;
                kept += 1;
            }
            carry = sum;
        }
        if !carry.is_finite() {
            return None;
        }
        parts.truncate(kept);
        parts.push(carry);
    }
    Some(round_once(&parts))
}

/// The float nearest to the sum of non-overlapping parts, ties to even.
fn round_once(parts: &[f64]) -> f64 {
    let mut rest = parts.iter().rev().copied();
    let Some(mut total) = rest.next() else {
        return 0.0;
    };
    let mut error = 0.0;
    for part in rest.by_ref() {
        let sum = total + part;
        error = part - (sum - total);
        total = sum;
        if error != 0.0 {
            break;
        }
    }
    // A tie was rounded to even as if nothing followed; what follows decides otherwise.
    if let Some(next) = rest.next()
        && ((error < 0.0 && next < 0.0) || (error > 0.0 && next > 0.0))
    {
        let doubled = error * 2.0;
        let moved = total + doubled;
        if moved - total == doubled {
            total = moved;
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use arrow::array::{Decimal128Array, Float64Array, Int64Array, StringArray};
    use proptest::prelude::*;

    use super::*;

    fn decimals(rows: Vec<Option<i128>>) -> Decimal128Array {
        Decimal128Array::from(rows).with_precision_and_scale(38, 2).unwrap()
    }

    fn floats(rows: &[f64]) -> Result<Sum, KernelError> {
        checked_sum(&Float64Array::from(rows.to_vec()))
    }

    #[test]
    fn nothing_totals_zero() {
        let zero = Sum::Decimal { unscaled: 0, scale: 2 };
        assert_eq!(checked_sum(&Int64Array::from(vec![None, None])), Ok(Sum::Integer(0)));
        assert_eq!(checked_sum(&decimals(vec![])), Ok(zero));
        assert_eq!(floats(&[]), Ok(Sum::Float(0.0)));
        assert_eq!(floats(&[1.0, -1.0]), Ok(Sum::Float(0.0)));
    }

    #[test]
    fn a_total_out_of_range_is_an_error_and_a_detour_is_none() {
        let (max, min) = (Some(i128::MAX), Some(i128::MIN));
        let error = checked_sum(&decimals(vec![max, Some(1)])).unwrap_err();
        assert_eq!(error.to_string(), "kernel `checked_sum`: the total of type `Decimal128(38, 2)` is out of range");
        assert!(checked_sum(&decimals(vec![min, Some(-1)])).is_err());
        assert!(checked_sum(&decimals(vec![max; 4])).is_err());
        assert!(checked_sum(&decimals(vec![min; 2])).is_err());
        let back = decimals(vec![max, max, None, min, min, Some(5)]);
        assert_eq!(checked_sum(&back), Ok(Sum::Decimal { unscaled: 3, scale: 2 }));
    }

    #[test]
    fn floats_are_rounded_once() {
        assert_eq!(floats(&[1e16, 1.0, -1e16]), Ok(Sum::Float(1.0)));
        assert_eq!(floats(&[1e100, 1.0, -1e100, 1e-100]), Ok(Sum::Float(1.0)));
        assert_eq!(floats(&[0.1; 10]), Ok(Sum::Float(1.0)));
        // A tie of 2^53 and one, decided by the smallest part.
        let tie = 9_007_199_254_740_992.0;
        assert_eq!(floats(&[tie, 1.0]), Ok(Sum::Float(tie)));
        assert_eq!(floats(&[tie, 1.0, 1e-9]), Ok(Sum::Float(tie + 2.0)));
        assert_eq!(floats(&[tie, 1.0, -1e-9]), Ok(Sum::Float(tie)));
    }

    #[test]
    fn infinite_cells_make_an_infinite_total_and_equal_themselves() {
        let infinite = f64::INFINITY;
        assert_eq!(floats(&[1.0, infinite]), Ok(Sum::Float(infinite)));
        assert_eq!(floats(&[-infinite, 1.0]), Ok(Sum::Float(-infinite)));
        let nan = floats(&[infinite, -infinite]).unwrap();
        assert_eq!(nan, floats(&[f64::NAN, 1.0]).unwrap());
        assert_eq!(nan, floats(&[-f64::NAN]).unwrap());
        assert_ne!(nan, Sum::Float(0.0));
        assert!(floats(&[f64::MAX, f64::MAX]).is_err());
        assert!(floats(&[1.0, f64::MAX, f64::MAX]).is_err());
    }

    #[test]
    fn kinds_and_scales_are_not_mixed_up() {
        let decimal = |scale| Sum::Decimal { unscaled: 1, scale };
        assert_ne!(decimal(0), decimal(1));
        assert_ne!(decimal(0), Sum::Integer(1));
        assert_ne!(Sum::Integer(1), Sum::Float(1.0));
        let error = checked_sum(&StringArray::from(vec!["1"])).unwrap_err();
        assert!(matches!(error, KernelError::UnsupportedType { .. }));
    }

    proptest! {
        #[test]
        fn integers_equal_a_plain_loop(rows in prop::collection::vec(any::<Option<i64>>(), 0..40)) {
            let mut slow = 0_i128;
            for cell in rows.iter().flatten() {
                slow += i128::from(*cell);
            }
            prop_assert_eq!(checked_sum(&Int64Array::from(rows)), Ok(Sum::Integer(slow)));
        }

        /// The reference adds halves of 64 bits apart, in which nothing overflows.
        #[test]
        fn decimals_equal_a_sum_in_halves(rows in prop::collection::vec(any::<i128>(), 0..12)) {
            let (mut high, mut low) = (0_i128, 0_i128);
            for cell in &rows {
                high += cell >> 64;
                low += cell & i128::from(u64::MAX);
            }
            high += low >> 64;
            low &= i128::from(u64::MAX);
            let slow = i64::try_from(high).ok().map(|high| i128::from(high) << 64 | low);
            prop_assert_eq!(decimal_total(rows.into_iter()), slow);
        }

        /// Multiples of 2^-40 below 2^50 add exactly as whole numbers, and one conversion rounds.
        #[test]
        fn floats_equal_whole_numbers_in_any_order(
            rows in prop::collection::vec((-(1_i64 << 52)..(1_i64 << 52), 0_u32..38), 0..40),
        ) {
            let whole: i128 = rows.iter().map(|(digits, shift)| i128::from(*digits) << shift).sum();
            let unit = 2_f64.powi(-40);
            let cells: Vec<f64> = rows
                .iter()
                .map(|(digits, shift)| *digits as f64 * 2_f64.powi(*shift as i32) * unit)
                .collect();
            let expected = Some(whole as f64 * unit);
            prop_assert_eq!(float_total(cells.iter().copied()), expected);
            prop_assert_eq!(float_total(cells.iter().rev().copied()), expected);
        }
    }
}
