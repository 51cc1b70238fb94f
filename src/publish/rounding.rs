//! Conventional rounding of an anonymous set's measures: to the nearest multiple of a base, halves away from zero, the same every time.
//!
//! Rounded before the comparison with earlier releases, so that a frozen cell shows what was shown. Rounding comes on top of everything else that
//! the gate does and replaces none of it: cells of fewer than `k` people are not rounded but left out, and a count that would be rounded to
//! nothing is shown as one base, because a cell that is shown is never empty.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Decimal128Array, Float64Array, Int64Array};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type};

use super::PublishError;
use crate::pipeline::Set;

/// Counts of rows or subjects, rounded as the set declares.
///
/// # Errors
/// [`PublishError::Overflow`] where the nearest multiple does not fit.
pub(super) fn rounded_counts(set: &Set, column: &str, counts: ArrayRef) -> Result<ArrayRef, PublishError> {
    match set.rounding {
        None => Ok(counts),
        Some(base) => multiples(set, column, &counts, i128::from(base), true),
    }
}

/// Sums, rounded to whole units of their column as the set declares.
///
/// # Errors
/// As [`rounded_counts`].
pub(super) fn rounded_amounts(set: &Set, column: &str, amounts: ArrayRef) -> Result<ArrayRef, PublishError> {
    match set.round_to {
        None => Ok(amounts),
        Some(base) => multiples(set, column, &amounts, i128::from(base), false),
    }
}

/// How counts are published, for the data dictionary.
pub(super) fn describe(treatment: &str, base: Option<u32>) -> String {
    match base {
        None => treatment.to_owned(),
        Some(base) => format!("{treatment}, rounded to {base}"),
    }
}

fn multiples(set: &Set, column: &str, values: &ArrayRef, base: i128, never_zero: bool) -> Result<ArrayRef, PublishError> {
    let overflow = || PublishError::Overflow { set: set.name.clone(), column: column.to_owned() };
    let nearest = |value: i128, base: i128| nearest(value, base).map(|found| if never_zero && found == 0 { base } else { found });
    Ok(match values.data_type() {
        DataType::Int64 => {
            let of = |value: i64| nearest(i128::from(value), base).and_then(|found| i64::try_from(found).ok()).ok_or_else(overflow);
            let cells = values.as_primitive::<Int64Type>().iter().map(|value| value.map(of).transpose());
            Arc::new(cells.collect::<Result<Int64Array, _>>()?)
        }
        DataType::Decimal128(precision, scale) => {
            let largest = 10_i128.checked_pow(u32::from(*precision)).ok_or_else(overflow)? - 1;
            // A scale below zero counts in tens, hundreds …: its unit is larger than the base, or a divisor of it.
            let power = |exponent: u8| 10_i128.checked_pow(u32::from(exponent)).ok_or_else(overflow);
            let base = match u8::try_from(*scale) {
                Ok(scale) => power(scale)?.checked_mul(base).ok_or_else(overflow)?,
                Err(_) => (base / power(scale.unsigned_abs())?).max(1),
            };
            let of = |value: i128| nearest(value, base).filter(|found| found.abs() <= largest).ok_or_else(overflow);
            let cells = values.as_primitive::<Decimal128Type>().iter().map(|value| value.map(of).transpose());
            let cells = cells.collect::<Result<Decimal128Array, _>>()?;
            Arc::new(cells.with_precision_and_scale(*precision, *scale).map_err(|_| overflow())?)
        }
        DataType::Float64 => {
            let base = base as f64;
            let of = |value: f64| (value / base).round() * base;
            Arc::new(values.as_primitive::<Float64Type>().iter().map(|value| value.map(of)).collect::<Float64Array>())
        }
        other => {
            return Err(PublishError::Unsupported {
                set: set.name.clone(),
                column: column.to_owned(),
                data_type: other.to_string(),
                treatment: "rounding".to_owned(),
            });
        }
    })
}

/// The multiple of a base above 0 that is nearest, the one further from zero of two; `None` where it does not fit.
fn nearest(value: i128, base: i128) -> Option<i128> {
    let rest = value % base;
    let down = value - rest;
    // Twice the rest may not fit; what is missing to the base does.
    if rest.abs() >= base - rest.abs() { down.checked_add(base * rest.signum()) } else { Some(down) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pipeline::Release;
    use crate::publish::testing;

    fn set(rounding: Option<u32>, round_to: Option<u32>) -> Set {
        Set { rounding, round_to, ..testing::set(testing::ORDER, Release::Anonymous, None) }
    }

    #[test]
    fn halves_go_away_from_zero_and_a_count_is_never_nothing() {
        let counts: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), Some(2), Some(3), Some(7), Some(8), Some(12), Some(13), None]));
        let found = rounded_counts(&set(Some(5), None), "n", counts.clone()).unwrap();
        let expected: ArrayRef = Arc::new(Int64Array::from(vec![Some(5), Some(5), Some(5), Some(5), Some(10), Some(10), Some(15), None]));
        assert_eq!(&found, &expected);
        assert_eq!(&rounded_counts(&set(None, Some(5)), "n", counts.clone()).unwrap(), &counts);
        assert_eq!(&rounded_amounts(&set(Some(5), None), "n", counts.clone()).unwrap(), &counts);
        let tens = rounded_counts(&set(Some(10), None), "n", Arc::new(Int64Array::from(vec![4, 5, 14, 15]))).unwrap();
        assert_eq!(tens.as_primitive::<Int64Type>().values(), &[10, 10, 10, 20]);
    }

    #[test]
    fn amounts_are_rounded_to_whole_units() {
        let to = |values: ArrayRef, base| rounded_amounts(&set(None, Some(base)), "total", values);
        let decimals = |cells: Vec<Option<i128>>, scale| {
            Arc::new(Decimal128Array::from(cells).with_precision_and_scale(38, scale).unwrap()) as ArrayRef
        };
        let found = to(decimals(vec![Some(14_999), Some(15_000), Some(-15_000), Some(-14_999), Some(1), None], 2), 100).unwrap();
        assert_eq!(&found, &decimals(vec![Some(10_000), Some(20_000), Some(-20_000), Some(-10_000), Some(0), None], 2));
        assert_eq!(&to(decimals(vec![Some(149)], -1), 100).unwrap(), &decimals(vec![Some(150)], -1));
        assert_eq!(&to(decimals(vec![Some(149)], -3), 100).unwrap(), &decimals(vec![Some(149)], -3));
        let floats = to(Arc::new(Float64Array::from(vec![2.5, -2.5, 7.4])), 5).unwrap();
        assert_eq!(floats.as_primitive::<Float64Type>().values(), &[5.0, -5.0, 5.0]);
        assert!(matches!(to(decimals(vec![Some(10_i128.pow(38) - 1)], 0), 100), Err(PublishError::Overflow { .. })));
        assert!(matches!(to(Arc::new(Int64Array::from(vec![i64::MAX])), 10), Err(PublishError::Overflow { .. })));
        assert!(to(Arc::new(Int64Array::from(vec![i64::MIN + 8])), 100).is_ok());
    }

    proptest! {
        /// The witness looks for the nearest multiple by stepping.
        #[test]
        fn the_nearest_is_that_of_a_plain_search(value in -300_i128..300, base in 1_i128..40) {
            let multiples = (-400_i128..400).map(|step| step * base);
            let expected = multiples.min_by_key(|multiple| ((multiple - value).abs(), -multiple.abs())).unwrap();
            prop_assert_eq!(nearest(value, base), Some(expected));
            prop_assert_eq!(nearest(expected, base), Some(expected));
        }
    }
}
