//! The shortest text that says everything a cell says, for fingerprints and comparisons.

use std::fmt;

use arrow::array::{Array, AsArray, BooleanArray, StringArray};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use data_encoding::HEXLOWER;
use jiff::Timestamp;

use super::KernelError;
use super::calendar::{date_of, wall_time};
use super::text::TextColumn;

/// Every cell as text. Nulls stay null; equal values of one column have equal texts, and different
/// values different ones.
///
/// | Type | Text |
/// |---|---|
/// | `Int64` | `-42` |
/// | `Float64` | fewest digits that read back as the same number: `0.1`, `1e300`, `-0`, `NaN` |
/// | `Decimal128` | without zeros at the end of its fraction: `12.5` |
/// | `Utf8` | itself |
/// | `Boolean` | `true`, `false` |
/// | `Date32` | `2026-07-01`; outside the years -9999 to 9999 the count of days, `2147483647d` |
/// | `Timestamp(µs)` | `2026-07-01T12:00:00.5`, with `Z` at the end (in UTC) if the column has a zone; outside the calendar the count of microseconds, `9223372036854775807us` |
/// | `Binary` | lower-case hexadecimal digits |
///
/// ```
/// use arrow::array::{Float64Array, StringArray};
/// use gallra::kernels::cast::to_text;
///
/// let prices = Float64Array::from(vec![Some(12.50), None]);
/// assert_eq!(to_text(&prices)?, StringArray::from(vec![Some("12.5"), None]));
/// # Ok::<(), gallra::kernels::KernelError>(())
/// ```
///
/// # Errors
/// [`KernelError::UnsupportedType`] and [`KernelError::TooLarge`].
pub fn to_text(array: &dyn Array) -> Result<StringArray, KernelError> {
    const KERNEL: &str = "to_text";
    let unsupported = || KernelError::unsupported(KERNEL, array.data_type());
    match array.data_type() {
        DataType::Utf8 => array.as_string_opt::<i32>().cloned().ok_or_else(unsupported),
        DataType::Int64 => {
            let cells = array.as_primitive_opt::<Int64Type>();
            write(cells.ok_or_else(unsupported)?.iter())
        }
        DataType::Float64 => {
            let cells = array.as_primitive_opt::<Float64Type>();
            write(cells.ok_or_else(unsupported)?.iter().map(|cell| cell.map(Float)))
        }
        DataType::Decimal128(_, scale) => {
            let cells = array.as_primitive_opt::<Decimal128Type>();
            let decimal = |unscaled| Decimal { unscaled, scale: *scale };
            write(cells.ok_or_else(unsupported)?.iter().map(|cell| cell.map(decimal)))
        }
        DataType::Boolean => {
            let cells = array.as_boolean_opt();
            write(cells.ok_or_else(unsupported)?.iter())
        }
        DataType::Date32 => {
            let cells = array.as_primitive_opt::<Date32Type>();
            write(cells.ok_or_else(unsupported)?.iter().map(|cell| cell.map(Day)))
        }
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            let cells = array.as_primitive_opt::<TimestampMicrosecondType>();
            let moment = |microseconds| Moment { microseconds, instant: zone.is_some() };
            write(cells.ok_or_else(unsupported)?.iter().map(|cell| cell.map(moment)))
        }
        DataType::Binary => {
            let cells = array.as_binary_opt::<i32>();
            let digits = |bytes: &[u8]| HEXLOWER.encode(bytes);
            write(cells.ok_or_else(unsupported)?.iter().map(|cell| cell.map(digits)))
        }
        _ => Err(unsupported()),
    }
}

/// Per row, whether both cells have the same text or are both null; never null itself.
///
/// The types may differ: a date equals the text that spells it, and 12.50 of one scale 12.5 of
/// another. So a column can be compared across a change of its type.
///
/// ```
/// use arrow::array::{BooleanArray, Int64Array, StringArray};
/// use gallra::kernels::cast::text_equal;
///
/// let before = Int64Array::from(vec![Some(1), Some(2), None]);
/// let after = StringArray::from(vec![Some("1"), None, None]);
/// assert_eq!(text_equal(&before, &after)?, BooleanArray::from(vec![true, false, true]));
/// # Ok::<(), gallra::kernels::KernelError>(())
/// ```
///
/// # Errors
/// As [`to_text`], and [`KernelError::UnequalLengths`].
pub fn text_equal(left: &dyn Array, right: &dyn Array) -> Result<BooleanArray, KernelError> {
    if left.len() != right.len() {
        return Err(KernelError::UnequalLengths { kernel: "text_equal", expected: left.len(), found: right.len() });
    }
    let (left, right) = (to_text(left)?, to_text(right)?);
    let equal: Vec<bool> = left.iter().zip(right.iter()).map(|(left, right)| left == right).collect();
    Ok(BooleanArray::from(equal))
}

fn write<T: fmt::Display>(cells: impl ExactSizeIterator<Item = Option<T>>) -> Result<StringArray, KernelError> {
    let mut column = TextColumn::new("to_text", cells.len());
    for cell in cells {
        match cell {
            Some(cell) => column.push_formatted(cell)?,
            None => column.push(None)?,
        }
    }
    Ok(column.finish())
}

struct Float(f64);

impl fmt::Display for Float {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.abs();
        // Both forms have the fewest digits that read back the same; beyond these bounds the plain
        // one fills up with zeros.
        if size != 0.0 && size.is_finite() && !(1e-5..1e16).contains(&size) {
            write!(formatter, "{:e}", self.0)
        } else {
            write!(formatter, "{}", self.0)
        }
    }
}

struct Decimal {
    unscaled: i128,
    scale: i8,
}

impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut unscaled, mut scale) = (self.unscaled, self.scale);
        while scale > 0 && unscaled % 10 == 0 {
            unscaled /= 10;
            scale -= 1;
        }
        if unscaled == 0 {
            return formatter.write_str("0");
        }
        if scale <= 0 {
            let zeros = usize::from(scale.unsigned_abs());
            return write!(formatter, "{unscaled}{:0<zeros$}", "");
        }
        let sign = if unscaled < 0 { "-" } else { "" };
        let places = usize::from(scale.unsigned_abs());
        // One digit at least before the point.
        let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        write!(formatter, "{sign}{whole}.{fraction}")
    }
}

struct Day(i32);

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match date_of(self.0) {
            Some(date) => write!(formatter, "{date}"),
            None => write!(formatter, "{}d", self.0),
        }
    }
}

struct Moment {
    microseconds: i64,
    instant: bool,
}

impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = Timestamp::from_microsecond(self.microseconds).ok();
        match (instant, wall_time(self.microseconds)) {
            (Some(instant), _) if self.instant => write!(formatter, "{instant}"),
            (_, Some(wall)) => write!(formatter, "{wall}"),
            _ => write!(formatter, "{}us", self.microseconds),
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{BinaryArray, Date32Array, Decimal128Array, Float64Array, Int32Array, Int64Array, TimestampMicrosecondArray};
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(array: &dyn Array, expected: &[&str]) {
        assert_eq!(to_text(array).unwrap(), StringArray::from(expected.to_vec()));
    }

    fn decimals(rows: Vec<i128>, scale: i8) -> Decimal128Array {
        Decimal128Array::from(rows).with_precision_and_scale(38, scale).unwrap()
    }

    #[test]
    fn every_type_has_its_text() {
        check(&Int64Array::from(vec![0, -42, i64::MIN]), &["0", "-42", "-9223372036854775808"]);
        check(
            &Float64Array::from(vec![0.0, -0.0, 0.1, 1.0, 12.50, 1e15, 1e16, 1e300, 1e-5, 1e-6, -5e-324]),
            &["0", "-0", "0.1", "1", "12.5", "1000000000000000", "1e16", "1e300", "0.00001", "1e-6", "-5e-324"],
        );
        check(&Float64Array::from(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY]), &["NaN", "inf", "-inf"]);
        check(
            &decimals(vec![0, 1250, 1200, 5, -5, 100, i128::MAX], 2),
            &["0", "12.5", "12", "0.05", "-0.05", "1", "1701411834604692317316873037158841057.27"],
        );
        check(&decimals(vec![0, 7, -7], -3), &["0", "7000", "-7000"]);
        check(&decimals(vec![i128::MIN], 0), &["-170141183460469231731687303715884105728"]);
        check(&BooleanArray::from(vec![true, false]), &["true", "false"]);
        check(&Date32Array::from(vec![0, -1, 20_635, i32::MAX]), &["1970-01-01", "1969-12-31", "2026-07-01", "2147483647d"]);
        let times = TimestampMicrosecondArray::from(vec![0, -1, 1_500_000, i64::MAX]);
        check(&times, &["1970-01-01T00:00:00", "1969-12-31T23:59:59.999999", "1970-01-01T00:00:01.5", "9223372036854775807us"]);
        check(
            &times.with_timezone("Europe/Stockholm"),
            &["1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "1970-01-01T00:00:01.5Z", "9223372036854775807us"],
        );
        check(&BinaryArray::from(vec![&b""[..], b"\x00\xff"]), &["", "00ff"]);
        check(&StringArray::from(vec!["", "Å"]), &["", "Å"]);
    }

    #[test]
    fn other_types_are_refused() {
        let error = to_text(&Int32Array::from(vec![1])).unwrap_err();
        assert_eq!(error.to_string(), "kernel `to_text` does not support type `Int32`");
        let (one, two) = (Int64Array::from(vec![1]), Int64Array::from(vec![1, 1]));
        assert!(matches!(text_equal(&one, &two), Err(KernelError::UnequalLengths { .. })));
    }

    #[test]
    fn equality_holds_across_scales_and_for_nulls() {
        let check = |left: &dyn Array, right: &dyn Array, expected: Vec<bool>| {
            assert_eq!(text_equal(left, right).unwrap(), BooleanArray::from(expected.clone()));
            assert_eq!(text_equal(right, left).unwrap(), BooleanArray::from(expected));
        };
        check(&decimals(vec![1250, 1], 2), &decimals(vec![12_500, 11], 3), vec![true, false]);
        check(&Float64Array::from(vec![f64::NAN, 0.0]), &Float64Array::from(vec![f64::NAN, -0.0]), vec![true, false]);
        check(
            &StringArray::from(vec![None, Some(""), Some("a")]),
            &StringArray::from(vec![None, None, Some("a")]),
            vec![true, false, true],
        );
    }

    proptest! {
        #[test]
        fn floats_read_back_as_themselves(number: f64) {
            let text = to_text(&Float64Array::from(vec![number])).unwrap();
            let back: f64 = text.value(0).parse().unwrap();
            prop_assert!(back.to_bits() == number.to_bits() || number.is_nan());
            prop_assert!(text.value(0).len() <= 24);
        }

        #[test]
        fn decimals_read_back_as_themselves(unscaled: i128, scale in 0_i8..38) {
            let text = to_text(&decimals(vec![unscaled], scale)).unwrap();
            let (whole, fraction) = text.value(0).split_once('.').unwrap_or((text.value(0), ""));
            prop_assert!(!fraction.ends_with('0'));
            let digits = format!("{whole}{fraction:0<width$}", width = usize::from(scale.unsigned_abs()));
            prop_assert_eq!(digits.parse::<i128>().unwrap(), unscaled);
        }

        #[test]
        fn text_of_text_is_itself_and_nulls_stay(rows in prop::collection::vec(any::<Option<i64>>(), 0..20)) {
            let once = to_text(&Int64Array::from(rows.clone())).unwrap();
            let slow: StringArray = rows.iter().map(|cell| cell.map(|cell| format!("{cell}"))).collect();
            prop_assert_eq!(&once, &slow);
            prop_assert_eq!(&to_text(&once).unwrap(), &once);
        }

        #[test]
        fn different_times_have_different_texts(left: i64, right: i64, near in -3_i64..4) {
            for right in [right, left.wrapping_add(near)] {
                let text = to_text(&TimestampMicrosecondArray::from(vec![left, right])).unwrap();
                prop_assert_eq!(text.value(0) == text.value(1), left == right);
            }
        }
    }
}
