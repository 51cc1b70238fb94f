//! Generalises numbers and ages to bands such as `20-29`, `<18` and `≥65`.

use std::num::NonZeroU32;

use arrow::array::{Array, AsArray, StringArray};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Float64Type, Int64Type};
use jiff::civil::Date;

use super::KernelError;
use super::calendar::date_of;
use super::text::TextColumn;

/// How the line of numbers is cut. A band holds its lower end and everything below its upper one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bands(Cut);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Cut {
    Width(NonZeroU32),
    Edges(Vec<i64>),
}

impl Bands {
    /// Bands of one width, one of which begins at 0: width 10 gives `0-9`, `10-19` …
    #[must_use]
    pub fn of_width(width: NonZeroU32) -> Self {
        Self(Cut::Width(width))
    }

    /// Bands that begin at the edges, open at both ends: 18 and 65 give `<18`, `18-64` and `≥65`.
    ///
    /// # Errors
    /// [`KernelError::InvalidEdges`] if there is no edge or they do not ascend.
    pub fn at_edges(edges: Vec<i64>) -> Result<Self, KernelError> {
        if edges.is_empty() || !edges.is_sorted_by(|lower, upper| lower < upper) {
            return Err(KernelError::InvalidEdges);
        }
        Ok(Self(Cut::Edges(edges)))
    }

    /// Writes the name of the band that holds `whole`, a number rounded down.
    fn push(&self, whole: i128, column: &mut TextColumn) -> Result<(), KernelError> {
        match &self.0 {
            Cut::Width(width) => {
                let width = i128::from(width.get());
                // `whole` comes from 64 bits or is checked against them: nothing here overflows.
                let lower = whole.div_euclid(width) * width;
                push_between(lower, lower + width - 1, column)
            }
            Cut::Edges(edges) => {
                let above = edges.partition_point(|edge| i128::from(*edge) <= whole);
                let upper = edges.get(above).copied().map(i128::from);
                let lower = above.checked_sub(1).and_then(|at| edges.get(at)).copied();
                match (lower.map(i128::from), upper) {
                    (Some(lower), Some(upper)) => push_between(lower, upper - 1, column),
                    (None, Some(upper)) => column.push_formatted(format_args!("<{upper}")),
                    (Some(lower), None) => column.push_formatted(format_args!("≥{lower}")),
                    // Not reachable: there is at least one edge.
                    (None, None) => column.push(None),
                }
            }
        }
    }
}

fn push_between(lower: i128, last: i128, column: &mut TextColumn) -> Result<(), KernelError> {
    if lower == last {
        column.push_formatted(lower)
    } else if lower < 0 {
        // A hyphen between negative numbers would read as one more minus sign.
        column.push_formatted(format_args!("{lower} to {last}"))
    } else {
        column.push_formatted(format_args!("{lower}-{last}"))
    }
}

/// The band of every number. Takes `Int64`, `Decimal128` and `Float64`; nulls stay null, and a
/// float that is not a number has no band and gives null.
///
/// ```
/// use arrow::array::{Int64Array, StringArray};
/// use gallra::kernels::band::{Bands, bands};
///
/// let seats = Int64Array::from(vec![Some(7), Some(20), None]);
/// let names = bands(&seats, &Bands::at_edges(vec![10, 20])?)?;
/// assert_eq!(names, StringArray::from(vec![Some("<10"), Some("≥20"), None]));
/// # Ok::<(), gallra::kernels::KernelError>(())
/// ```
///
/// # Errors
/// [`KernelError::UnsupportedType`]; with bands of one width [`KernelError::Cell`] for a number
/// that 64 bits do not hold.
pub fn bands(array: &dyn Array, bands: &Bands) -> Result<StringArray, KernelError> {
    const KERNEL: &str = "bands";
    let mut column = TextColumn::new(KERNEL, array.len());
    let mut push = |row: usize, whole: Option<i128>| {
        let Some(whole) = whole else {
            return column.push(None);
        };
        if matches!(bands.0, Cut::Width(_)) && i64::try_from(whole).is_err() {
            let reason = "is too large for a band";
            return Err(KernelError::cell(KERNEL, array.data_type(), row, reason));
        }
        bands.push(whole, &mut column)
    };
    if let Some(numbers) = array.as_primitive_opt::<Int64Type>() {
        for (row, number) in numbers.iter().enumerate() {
            push(row, number.map(i128::from))?;
        }
    } else if let (DataType::Decimal128(_, scale), Some(numbers)) = (array.data_type(), array.as_primitive_opt::<Decimal128Type>()) {
        for (row, number) in numbers.iter().enumerate() {
            push(row, number.map(|number| round_down(number, *scale)))?;
        }
    } else if let Some(numbers) = array.as_primitive_opt::<Float64Type>() {
        for (row, number) in numbers.iter().enumerate() {
            // The conversion saturates: beyond 128 bits every number is in the outermost band.
            let number = number.filter(|number| !number.is_nan());
            push(row, number.map(|number| number.floor() as i128))?;
        }
    } else {
        return Err(KernelError::unsupported(KERNEL, array.data_type()));
    }
    Ok(column.finish())
}

/// The band of every age in whole years on the day `on`, from birth dates (`Date32`).
///
/// A year of age is completed on the birthday, for those born on 29 February on 1 March in other
/// years. Null stays null; a birth date after `on` tells no age and gives null.
///
/// ```
/// use arrow::array::{Date32Array, StringArray};
/// use gallra::kernels::band::{Bands, age_bands};
/// use jiff::civil::date;
///
/// let born = Date32Array::from(vec![10_957]); // 2000-01-01
/// let bands = Bands::at_edges(vec![18, 26, 65])?;
/// let names = age_bands(&born, &bands, date(2025, 12, 31))?;
/// assert_eq!(names, StringArray::from(vec!["18-25"]));
/// # Ok::<(), gallra::kernels::KernelError>(())
/// ```
///
/// # Errors
/// [`KernelError::UnsupportedType`]; [`KernelError::Cell`] outside the years -9999 to 9999.
pub fn age_bands(array: &dyn Array, bands: &Bands, on: Date) -> Result<StringArray, KernelError> {
    const KERNEL: &str = "age_bands";
    let Some(births) = array.as_primitive_opt::<Date32Type>() else {
        return Err(KernelError::unsupported(KERNEL, array.data_type()));
    };
    let mut column = TextColumn::new(KERNEL, array.len());
    for (row, days) in births.iter().enumerate() {
        let Some(days) = days else {
            column.push(None)?;
            continue;
        };
        let Some(born) = date_of(days) else {
            let reason = "is outside the calendar";
            return Err(KernelError::cell(KERNEL, array.data_type(), row, reason));
        };
        if born > on {
            column.push(None)?;
            continue;
        }
        let birthday_ahead = (on.month(), on.day()) < (born.month(), born.day());
        let age = i128::from(on.year()) - i128::from(born.year()) - i128::from(birthday_ahead);
        bands.push(age, &mut column)?;
    }
    Ok(column.finish())
}

/// The largest whole number not above `unscaled` × 10^-`scale`, saturating at 128 bits.
fn round_down(unscaled: i128, scale: i8) -> i128 {
    let power = 10_i128.checked_pow(u32::from(scale.unsigned_abs()));
    match (power, scale >= 0) {
        (Some(power), true) => unscaled.div_euclid(power),
        (Some(power), false) => unscaled.saturating_mul(power),
        // The power is beyond 128 bits, so the number is a tiny fraction or enormous.
        (None, true) => -i128::from(unscaled < 0),
        (None, false) => unscaled.signum().saturating_mul(i128::MAX),
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array};
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn width(width: u32) -> Bands {
        Bands::of_width(NonZeroU32::new(width).unwrap())
    }

    fn edges(edges: &[i64]) -> Bands {
        Bands::at_edges(edges.to_vec()).unwrap()
    }

    #[track_caller]
    fn check(array: &dyn Array, cut: &Bands, expected: &[Option<&str>]) {
        assert_eq!(bands(array, cut).unwrap(), StringArray::from(expected.to_vec()));
    }

    #[test]
    fn numbers_fall_into_bands_of_one_width() {
        let numbers = Int64Array::from(vec![Some(0), Some(9), Some(10), Some(29), None]);
        check(&numbers, &width(10), &[Some("0-9"), Some("0-9"), Some("10-19"), Some("20-29"), None]);
        check(&Int64Array::from(vec![-1, -10, -11]), &width(10), &[Some("-10 to -1"), Some("-10 to -1"), Some("-20 to -11")]);
        check(&Int64Array::from(vec![7, -7]), &width(1), &[Some("7"), Some("-7")]);
        check(
            &Int64Array::from(vec![i64::MAX, i64::MIN]),
            &width(10),
            &[Some("9223372036854775800-9223372036854775809"), Some("-9223372036854775810 to -9223372036854775801")],
        );
    }

    #[test]
    fn numbers_fall_between_edges() {
        let numbers = Int64Array::from(vec![i64::MIN, 17, 18, 64, 65, i64::MAX]);
        check(&numbers, &edges(&[18, 65]), &["<18", "<18", "18-64", "18-64", "≥65", "≥65"].map(Some));
        check(&Int64Array::from(vec![4, 5, 6]), &edges(&[5, 6]), &["<5", "5", "≥6"].map(Some));
        check(&Int64Array::from(vec![4, 5]), &edges(&[5]), &["<5", "≥5"].map(Some));
    }

    #[test]
    fn fractions_belong_to_the_band_below() {
        let decimals = Decimal128Array::from(vec![Some(2999), Some(3000), Some(-1), None]).with_precision_and_scale(10, 2).unwrap();
        check(&decimals, &width(10), &[Some("20-29"), Some("30-39"), Some("-10 to -1"), None]);
        let thousands = Decimal128Array::from(vec![3]).with_precision_and_scale(10, -3).unwrap();
        check(&thousands, &width(1000), &[Some("3000-3999")]);
        let floats = Float64Array::from(vec![29.999, 30.0, -0.5, f64::NAN]);
        check(&floats, &width(10), &[Some("20-29"), Some("30-39"), Some("-10 to -1"), None]);
        check(&Float64Array::from(vec![f64::INFINITY, f64::NEG_INFINITY, 1e300]), &edges(&[0]), &["≥0", "<0", "≥0"].map(Some));
    }

    #[test]
    fn what_no_band_can_name_is_an_error() {
        let error = bands(&Float64Array::from(vec![0.0, 1e300]), &width(10)).unwrap_err();
        assert_eq!(error.to_string(), "kernel `bands`: row 1 of type `Float64` is too large for a band");
        let huge = Decimal128Array::from(vec![i128::MAX]);
        assert!(bands(&huge.with_precision_and_scale(38, -38).unwrap(), &width(10)).is_err());
        let error = bands(&BooleanArray::from(vec![true]), &width(10)).unwrap_err();
        assert!(matches!(error, KernelError::UnsupportedType { .. }));
        for wrong in [vec![], vec![1, 1], vec![2, 1]] {
            assert_eq!(Bands::at_edges(wrong), Err(KernelError::InvalidEdges));
        }
    }

    #[test]
    fn ages_change_on_the_birthday() {
        let check = |born: Date, on: Date, expected: Option<&str>| {
            let days = born.since(date(1970, 1, 1)).unwrap().get_days();
            let found = age_bands(&Date32Array::from(vec![days]), &width(1), on).unwrap();
            assert_eq!(found, StringArray::from(vec![expected]), "{born} on {on}");
        };
        let born = date(2008, 11, 22);
        check(born, date(2026, 11, 21), Some("17"));
        check(born, date(2026, 11, 22), Some("18"));
        check(born, born, Some("0"));
        check(born, date(2008, 11, 21), None);
        let leap = date(2004, 2, 29);
        check(leap, date(2026, 2, 28), Some("21"));
        check(leap, date(2026, 3, 1), Some("22"));
        check(leap, date(2028, 2, 28), Some("23"));
        check(leap, date(2028, 2, 29), Some("24"));
        check(date(1900, 1, 1), date(2026, 11, 22), Some("126"));
    }

    #[test]
    fn absurd_births_and_other_types() {
        let bands = edges(&[18]);
        let on = date(2026, 11, 22);
        let births = Date32Array::from(vec![None, Some(i32::MIN)]);
        assert!(matches!(age_bands(&births, &bands, on), Err(KernelError::Cell { row: 1, .. })));
        assert!(age_bands(&births.slice(0, 1), &bands, on).unwrap().is_null(0));
        assert!(age_bands(&Int64Array::from(vec![1]), &bands, on).is_err());
    }

    proptest! {
        /// Reads the name back and asks whether it holds the number.
        #[test]
        fn a_band_holds_its_number(number in -10_000_i64..10_000, size in 2_u32..300) {
            let found = bands(&Int64Array::from(vec![number]), &width(size)).unwrap();
            let name = found.value(0);
            let (lower, last) = name.split_once(" to ").unwrap_or_else(|| name.split_once('-').unwrap());
            let (lower, last): (i64, i64) = (lower.parse().unwrap(), last.parse().unwrap());
            prop_assert!(lower <= number && number <= last);
            prop_assert_eq!(last - lower + 1, i64::from(size));
            prop_assert_eq!(lower % i64::from(size), 0);
        }

        /// The three number types agree, and edges agree with looking at one edge after another.
        #[test]
        fn types_agree_between_edges(
            number in -100_i64..100,
            cuts in prop::collection::btree_set(-90_i64..90, 1..6),
        ) {
            let cuts: Vec<i64> = cuts.into_iter().collect();
            let arrays: [ArrayRef; 3] = [
                std::sync::Arc::new(Int64Array::from(vec![number])),
                std::sync::Arc::new(Float64Array::from(vec![number as f64])),
                std::sync::Arc::new(Decimal128Array::from(vec![i128::from(number) * 100])
                    .with_precision_and_scale(38, 2)
                    .unwrap()),
            ];
            let mut expected = format!("<{}", cuts[0]);
            for (at, edge) in cuts.iter().enumerate() {
                if number >= *edge {
                    expected = match cuts.get(at + 1) {
                        Some(next) if next - 1 == *edge => format!("{edge}"),
                        Some(next) if *edge < 0 => format!("{edge} to {}", next - 1),
                        Some(next) => format!("{edge}-{}", next - 1),
                        None => format!("≥{edge}"),
                    };
                }
            }
            for array in arrays {
                let found = bands(&array, &edges(&cuts)).unwrap();
                prop_assert_eq!(found.value(0), &expected);
            }
        }
    }
}
