//! Casts a column to another type, exactly, and counts the cells that it can not cast.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, PrimitiveArray};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::KernelError;
use super::calendar::{days_of, local_time};
use super::cast::to_text;
use super::mean::DIGITS;

const KERNEL: &str = "convert";

/// Beyond this not every whole number is a float.
const WHOLE_FLOATS: f64 = 9_007_199_254_740_992.0;

/// The type that cells are cast to.
///
/// | To | From |
/// |---|---|
/// | `integer` | a text of digits, a decimal or float that is whole, a boolean (0 or 1) |
/// | `decimal(p,s)` | a text such as `-12.50`, an integer, a decimal: each only where no digit is lost; a float, as the nearest decimal |
/// | `float` | a text such as `1.5e3`, an integer, a decimal: the nearest float |
/// | `text` | anything, as [`to_text`] writes it |
/// | `date` | a text `2026-07-01`; a timestamp, on the wall clock of the zone |
/// | `timestamp` | a text with its offset, `2026-07-01T12:00:00+02:00`, to the microsecond |
/// | `boolean` | a text `true` or `false` in any case, the integers 0 and 1 |
///
/// Blanks around a text do not count. Casting a type to itself changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// `Int64`
    Integer,
    /// `Decimal128`
    Decimal {
        /// Digits in all, at most 38.
        precision: u8,
        /// Digits after the point.
        scale: i8,
    },
    /// `Float64`
    Float,
    /// `Utf8`
    Text,
    /// `Date32`
    Date,
    /// `Timestamp(µs, UTC)`
    Timestamp,
    /// `Boolean`
    Boolean,
}

impl Target {
    /// The type of the cast column.
    #[must_use]
    pub fn data_type(self) -> DataType {
        match self {
            Self::Integer => DataType::Int64,
            Self::Decimal { precision, scale } => DataType::Decimal128(precision, scale),
            Self::Float => DataType::Float64,
            Self::Text => DataType::Utf8,
            Self::Date => DataType::Date32,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Boolean => DataType::Boolean,
        }
    }

    /// Whether there is a cast from this type.
    #[must_use]
    pub fn takes(self, from: &DataType) -> bool {
        use DataType::{Boolean, Decimal128, Float64, Int64, Utf8};
        let same = std::mem::discriminant(from) == std::mem::discriminant(&self.data_type());
        same || match self {
            Self::Integer => matches!(from, Utf8 | Decimal128(..) | Float64 | Boolean),
            Self::Decimal { .. } => matches!(from, Utf8 | Int64 | Float64),
            Self::Float => matches!(from, Utf8 | Int64 | Decimal128(..)),
            Self::Text => true,
            Self::Date => matches!(from, Utf8 | DataType::Timestamp(..)),
            Self::Timestamp => matches!(from, Utf8),
            Self::Boolean => matches!(from, Utf8 | Int64),
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Integer => formatter.write_str("integer"),
            Self::Decimal { precision, scale } => write!(formatter, "decimal({precision},{scale})"),
            Self::Float => formatter.write_str("float"),
            Self::Text => formatter.write_str("text"),
            Self::Date => formatter.write_str("date"),
            Self::Timestamp => formatter.write_str("timestamp"),
            Self::Boolean => formatter.write_str("boolean"),
        }
    }
}

/// A column that was cast.
#[derive(Debug, Clone)]
pub struct Converted {
    /// The cells; null where the cell was, and where it could not be cast.
    pub cells: ArrayRef,
    /// How many could not be cast.
    pub failed: u64,
}

/// Casts a column; [`Target`] says from what and how.
///
/// ```
/// use arrow::array::{Array, StringArray};
/// use gallra::kernels::convert::{Target, convert};
/// use jiff::tz::TimeZone;
///
/// let typed = StringArray::from(vec![Some("12.50"), Some("12.505"), None]);
/// let money = convert(&typed, Target::Decimal { precision: 12, scale: 2 }, &TimeZone::UTC)?;
/// assert_eq!((money.failed, money.cells.null_count()), (1, 2));
/// # Ok::<(), gallra::kernels::KernelError>(())
/// ```
///
/// # Errors
/// [`KernelError::UnsupportedType`], [`KernelError::TooLarge`].
pub fn convert(array: &dyn Array, to: Target, zone: &TimeZone) -> Result<Converted, KernelError> {
    let from = array.data_type();
    let unsupported = || KernelError::unsupported(KERNEL, from);
    if *from == to.data_type() {
        return Ok(Converted { cells: arrow::array::make_array(array.to_data()), failed: 0 });
    }
    if !to.takes(from) {
        return Err(unsupported());
    }
    let cells: ArrayRef = match to {
        Target::Text => Arc::new(to_text(array)?),
        Target::Integer => Arc::new(integers(array).ok_or_else(unsupported)?),
        Target::Decimal { precision, scale } => {
            let cells = decimals(array, precision, scale).ok_or_else(unsupported)?;
            let named = cells.with_precision_and_scale(precision, scale);
            Arc::new(named.map_err(|_| KernelError::Assembly { kernel: KERNEL, data_type: to.data_type() })?)
        }
        Target::Float => {
            // Through the text, which reads back as the nearest float whatever the number of digits.
            let texts = to_text(array)?;
            let cells = texts.iter().map(|cell| cell.and_then(|text| text.trim().parse::<f64>().ok()).filter(|cell| cell.is_finite()));
            Arc::new(cells.collect::<PrimitiveArray<Float64Type>>())
        }
        Target::Date => Arc::new(days(array, zone).ok_or_else(unsupported)?),
        Target::Timestamp => {
            let texts = array.as_string_opt::<i32>().ok_or_else(unsupported)?;
            let instant = |text: &str| text.trim().parse::<Timestamp>().ok().map(Timestamp::as_microsecond);
            let cells: PrimitiveArray<TimestampMicrosecondType> = texts.iter().map(|cell| cell.and_then(instant)).collect();
            Arc::new(cells.with_timezone("UTC"))
        }
        Target::Boolean => Arc::new(booleans(array).ok_or_else(unsupported)?),
    };
    let failed = cells.null_count().saturating_sub(array.null_count()) as u64;
    Ok(Converted { cells, failed })
}

fn each<F: ArrowPrimitiveType, T: ArrowPrimitiveType>(
    array: &dyn Array,
    of: impl Fn(F::Native) -> Option<T::Native>,
) -> Option<PrimitiveArray<T>> {
    let cells = array.as_primitive_opt::<F>()?;
    Some(cells.iter().map(|cell| cell.and_then(&of)).collect())
}

fn integers(array: &dyn Array) -> Option<PrimitiveArray<Int64Type>> {
    match array.data_type() {
        DataType::Utf8 => Some(array.as_string_opt::<i32>()?.iter().map(|cell| cell?.trim().parse().ok()).collect()),
        DataType::Decimal128(_, scale) => {
            let scale = *scale;
            each::<Decimal128Type, _>(array, |cell| rescaled(cell, scale, 0).and_then(|whole| i64::try_from(whole).ok()))
        }
        DataType::Float64 => each::<Float64Type, _>(array, |cell| {
            let whole = cell.fract() == 0.0 && cell.abs() <= WHOLE_FLOATS;
            whole.then_some(cell as i64)
        }),
        DataType::Boolean => Some(array.as_boolean_opt()?.iter().map(|cell| cell.map(i64::from)).collect()),
        _ => None,
    }
}

fn decimals(array: &dyn Array, precision: u8, scale: i8) -> Option<PrimitiveArray<Decimal128Type>> {
    let largest = 10_u128.checked_pow(u32::from(precision.min(DIGITS)))?;
    let fits = |cell: &i128| cell.unsigned_abs() < largest;
    match array.data_type() {
        DataType::Utf8 => Some(array.as_string_opt::<i32>()?.iter().map(|cell| decimal_of(cell?.trim(), scale).filter(fits)).collect()),
        DataType::Int64 => each::<Int64Type, _>(array, |cell| rescaled(i128::from(cell), 0, scale).filter(fits)),
        DataType::Decimal128(_, from) => each::<Decimal128Type, _>(array, |cell| rescaled(cell, *from, scale).filter(fits)),
        DataType::Float64 => {
            let places = usize::from(scale.max(0).unsigned_abs());
            // The standard library writes the exact value of the float, rounded once, half to even.
            let nearest = |cell: f64| decimal_of(&format!("{cell:.places$}"), scale).filter(fits);
            each::<Float64Type, _>(array, |cell| Some(cell).filter(|cell| cell.is_finite()).and_then(nearest))
        }
        _ => None,
    }
}

/// The unscaled digits under another scale; `None` where digits would be lost.
fn rescaled(unscaled: i128, from: i8, to: i8) -> Option<i128> {
    let power = 10_i128.checked_pow(u32::from((i16::from(to) - i16::from(from)).unsigned_abs()));
    match power {
        _ if unscaled == 0 => Some(0),
        Some(power) if to >= from => unscaled.checked_mul(power),
        Some(power) if unscaled % power == 0 => Some(unscaled / power),
        _ => None,
    }
}

/// A decimal as people write it: a sign, digits, and digits after a full stop. `None` where digits would be lost.
fn decimal_of(text: &str, scale: i8) -> Option<i128> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || !are_digits(fraction) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let unscaled: i128 = format!("{whole}{fraction}").parse().ok()?;
    rescaled(sign * unscaled, i8::try_from(fraction.len()).ok()?, scale)
}

fn days(array: &dyn Array, zone: &TimeZone) -> Option<PrimitiveArray<Date32Type>> {
    if let Some(texts) = array.as_string_opt::<i32>() {
        // The parser also takes a date with a time and the basic form `20260701`; a column of dates has neither.
        let day = |text: &str| Some(text).filter(|text| text.len() == 10)?.parse::<Date>().ok().and_then(days_of);
        return Some(texts.iter().map(|cell| cell.and_then(|text| day(text.trim()))).collect());
    }
    each::<TimestampMicrosecondType, _>(array, |cell| local_time(cell, zone).and_then(|local| days_of(local.date())))
}

fn booleans(array: &dyn Array) -> Option<BooleanArray> {
    if let Some(texts) = array.as_string_opt::<i32>() {
        let truth = |text: &str| match text.trim() {
            text if text.eq_ignore_ascii_case("true") => Some(true),
            text if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        };
        return Some(texts.iter().map(|cell| cell.and_then(truth)).collect());
    }
    let truth = |number: i64| match number {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    };
    Some(array.as_primitive_opt::<Int64Type>()?.iter().map(|cell| cell.and_then(truth)).collect())
}

#[cfg(test)]
mod tests {
    use arrow::array::{Date32Array, Decimal128Array, Float64Array, Int64Array, StringArray, TimestampMicrosecondArray};
    use proptest::prelude::*;

    use super::*;

    const MONEY: Target = Target::Decimal { precision: 12, scale: 2 };

    #[track_caller]
    fn check(array: &dyn Array, to: Target, expected: &[Option<&str>]) {
        let zone = TimeZone::get("Europe/Stockholm").unwrap();
        let converted = convert(array, to, &zone).unwrap();
        assert_eq!(*converted.cells.data_type(), to.data_type());
        assert_eq!(to_text(&converted.cells).unwrap(), StringArray::from(expected.to_vec()));
        let failed = (0..array.len()).filter(|row| array.is_valid(*row) && expected[*row].is_none()).count();
        assert_eq!(converted.failed, failed as u64);
    }

    fn texts(cells: &[&'static str]) -> StringArray {
        cells.iter().map(|cell| Some(*cell)).chain([None]).collect()
    }

    #[test]
    fn texts_are_read_as_people_write_them() {
        check(
            &texts(&["42", " -7 ", "+1", "4.0", "1e3", "", "x", "9223372036854775808"]),
            Target::Integer,
            &[Some("42"), Some("-7"), Some("1"), None, None, None, None, None, None],
        );
        check(
            &texts(&["12.5", "-12.50", "12.505", "12.500", "12,5", ".5", "5.", "1e3", "--1", "10000000000", "9999999999.99", "-0.01"]),
            MONEY,
            &[
                Some("12.5"),
                Some("-12.5"),
                None,
                Some("12.5"),
                None,
                None,
                None,
                None,
                None,
                None,
                Some("9999999999.99"),
                Some("-0.01"),
                None,
            ],
        );
        check(
            &texts(&["1.5e3", "0.1", "inf", "NaN", "1e400", "one"]),
            Target::Float,
            &[Some("1500"), Some("0.1"), None, None, None, None, None],
        );
        check(
            &texts(&["2026-07-01", "2026-7-1", "20260701", "2026-02-30", "2026-07-01T12:00", "01.07.2026"]),
            Target::Date,
            &[Some("2026-07-01"), None, None, None, None, None, None],
        );
        check(
            &texts(&["2026-07-01T12:00:00+02:00", "2026-07-01 10:00:00.5Z", "2026-07-01T12:00:00", "yesterday"]),
            Target::Timestamp,
            &[Some("2026-07-01T10:00:00Z"), Some("2026-07-01T10:00:00.5Z"), None, None, None],
        );
        check(&texts(&["TRUE", "false", "yes", "1"]), Target::Boolean, &[Some("true"), Some("false"), None, None, None]);
    }

    #[test]
    fn numbers_lose_no_digit() {
        let money = Decimal128Array::from(vec![Some(100), Some(150), None]).with_precision_and_scale(12, 2).unwrap();
        check(&money, Target::Integer, &[Some("1"), None, None]);
        check(&money, Target::Decimal { precision: 12, scale: 1 }, &[Some("1"), Some("1.5"), None]);
        check(&money, Target::Decimal { precision: 2, scale: 2 }, &[None, None, None]);
        check(&money, Target::Float, &[Some("1"), Some("1.5"), None]);
        check(&Int64Array::from(vec![i64::MAX, 0, 1]), Target::Boolean, &[None, Some("false"), Some("true")]);
        check(&Int64Array::from(vec![i64::MAX, -3]), MONEY, &[None, Some("-3")]);
        let floats = Float64Array::from(vec![19.99, 0.125, 0.1 + 0.2, f64::NAN, 1e300, -3.0]);
        check(&floats, MONEY, &[Some("19.99"), Some("0.12"), Some("0.3"), None, None, Some("-3")]);
        check(&floats, Target::Integer, &[None, None, None, None, None, Some("-3")]);
        check(&BooleanArray::from(vec![Some(true), Some(false), None]), Target::Integer, &[Some("1"), Some("0"), None]);
    }

    #[test]
    fn an_instant_is_a_day_on_the_controllers_clock() {
        let instant = "2025-12-31T23:30:00Z".parse::<Timestamp>().unwrap().as_microsecond();
        let times = TimestampMicrosecondArray::from(vec![Some(instant), Some(i64::MAX), None]).with_timezone("UTC");
        check(&times, Target::Date, &[Some("2026-01-01"), None, None]);
        check(&Date32Array::from(vec![0]), Target::Text, &[Some("1970-01-01")]);
    }

    #[test]
    fn what_has_no_cast_is_refused_and_said_beforehand() {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from(vec![1])),
            Arc::new(Float64Array::from(vec![1.0])),
            Arc::new(Decimal128Array::from(vec![1])),
            Arc::new(StringArray::from(vec!["1"])),
            Arc::new(BooleanArray::from(vec![true])),
            Arc::new(Date32Array::from(vec![1])),
            Arc::new(TimestampMicrosecondArray::from(vec![1]).with_timezone("UTC")),
        ];
        for to in [Target::Integer, MONEY, Target::Float, Target::Text, Target::Date, Target::Timestamp, Target::Boolean] {
            for column in &columns {
                assert_eq!(convert(column, to, &TimeZone::UTC).is_ok(), to.takes(column.data_type()), "{} to {to}", column.data_type());
            }
        }
    }

    proptest! {
        #[test]
        fn decimals_survive_the_way_through_text(unscaled in -999_999_999_999_i128..999_999_999_999) {
            let money = Decimal128Array::from(vec![unscaled]).with_precision_and_scale(12, 2).unwrap();
            let text = convert(&money, Target::Text, &TimeZone::UTC).unwrap().cells;
            let back = convert(&text, MONEY, &TimeZone::UTC).unwrap();
            prop_assert_eq!(back.cells.as_primitive::<Decimal128Type>(), &money);
        }
    }
}
