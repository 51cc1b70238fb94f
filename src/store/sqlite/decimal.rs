//! Decimals between SQLite's numbers and 128-bit integers with a scale.
//!
//! SQLite has no decimal type: a column declared `DECIMAL(p,s)` holds integers and binary floating point numbers. The decimal that was meant is
//! the shortest one that reads back as the same binary number, as every double of at most 15 significant digits is the image of one such
//! decimal. A number whose shortest form has more digits after the point than the scale was reckoned in binary where it lies within [`NOISE`] of a
//! decimal of that scale (0.1 + 0.2 is 0.30000000000000004), and is that decimal. What lies further away (0.305 in a `DECIMAL(10,2)`) was not
//! written as such a decimal, and is an error, never rounded.

use std::fmt::{self, Write};

/// The powers of ten that fit 128 bits.
const POWERS: [i128; 39] = {
    let mut powers = [1_i128; 39];
    let mut index = 1;
    while index < powers.len() {
        powers[index] = powers[index - 1] * 10;
        index += 1;
    }
    powers
};

/// How far from the decimal that was meant a number may lie that was reckoned in binary, as a share of itself: 2^-40, some thousand roundings.
const NOISE: f64 = 1.0 / (1_u64 << 40) as f64;
/// And as a share of the last digit, so that no digit that somebody wrote is taken for noise.
const NOISE_OF_DIGIT: f64 = 1e-3;

/// Why a number does not fit.
pub(super) const TOO_LARGE: &str = "the number has more digits than the precision allows";
pub(super) const TOO_FINE: &str = "the number has more digits after the point than the scale allows";
pub(super) const NO_NUMBER: &str = "the text is not a decimal number";
pub(super) const NOT_FINITE: &str = "the number is infinite";

/// The shape of a decimal column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    precision: usize,
    scale: usize,
}

impl Shape {
    /// A shape of a precision (1 to 38 digits) and a scale (0 to the precision).
    pub(super) fn new(precision: u8, scale: i8) -> Self {
        Self { precision: usize::from(precision).min(38), scale: usize::from(scale.max(0).unsigned_abs()).min(38) }
    }

    fn bounded(self, value: Option<i128>) -> Result<i128, &'static str> {
        value.filter(|value| value.unsigned_abs() < POWERS[self.precision].unsigned_abs()).ok_or(TOO_LARGE)
    }

    /// An integer cell.
    pub(super) fn integer(self, value: i64) -> Result<i128, &'static str> {
        self.bounded(i128::from(value).checked_mul(POWERS[self.scale]))
    }

    /// A floating point cell: the shortest decimal that reads back as the same number, or the one that it lies within [`NOISE`] of.
    pub(super) fn real(self, value: f64) -> Result<i128, &'static str> {
        // Where the nearest decimal of this scale has at most 15 digits and reads back as the same number, it is the shortest: decimals of at
        // most 15 digits map to different doubles. The division is exact to the last bit, since both sides of it are exact.
        if self.scale <= 15 {
            let power = POWERS[self.scale] as f64;
            let candidate = (value * power).round();
            if candidate.abs() < 1e15 && candidate / power == value {
                return self.bounded(Some(candidate as i128));
            }
        }
        match self.real_by_digits(value) {
            Err(TOO_FINE) => self.bounded(Some(self.nearest(value).ok_or(TOO_FINE)?)),
            exact => exact,
        }
    }

    /// The decimal of this scale that a number lies within [`NOISE`] of.
    fn nearest(self, value: f64) -> Option<i128> {
        if self.scale > 15 {
            return None;
        }
        let power = POWERS[self.scale] as f64;
        let candidate = (value * power).round();
        let noise = (value.abs() * NOISE).min(NOISE_OF_DIGIT / power);
        (candidate.abs() < 1e15 && (candidate / power - value).abs() <= noise).then_some(candidate as i128)
    }

    fn real_by_digits(self, value: f64) -> Result<i128, &'static str> {
        if !value.is_finite() {
            return Err(NOT_FINITE);
        }
        // At most a sign, 17 digits, a point and an exponent of five characters.
        let mut text = Digits { bytes: [0; 32], used: 0 };
        if write!(text, "{value:e}").is_err() {
            return Err(TOO_LARGE);
        }
        let (mut mantissa, mut after_point, mut exponent, mut negative_exponent) = (0_i128, 0_i32, 0_i32, false);
        let (mut in_fraction, mut in_exponent) = (false, false);
        for &byte in &text.bytes[..text.used] {
            match byte {
                b'0'..=b'9' if in_exponent => exponent = exponent * 10 + i32::from(byte - b'0'),
                b'0'..=b'9' => {
                    mantissa = mantissa * 10 + i128::from(byte - b'0');
                    after_point += i32::from(in_fraction);
                }
                b'.' => in_fraction = true,
                b'e' => in_exponent = true,
                b'-' if in_exponent => negative_exponent = true,
                _ => {}
            }
        }
        if mantissa == 0 {
            return Ok(0);
        }
        let exponent = if negative_exponent { -exponent } else { exponent };
        let shift = exponent - after_point + i32::try_from(self.scale).unwrap_or(0);
        let magnitude = match POWERS.get(shift.unsigned_abs() as usize) {
            Some(power) if shift >= 0 => mantissa.checked_mul(*power),
            Some(power) if mantissa % power == 0 => Some(mantissa / power),
            None if shift >= 0 => None,
            _ => return Err(TOO_FINE),
        };
        self.bounded(magnitude.map(|magnitude| if value < 0.0 { -magnitude } else { magnitude }))
    }

    /// A text cell: an optional sign, digits, and optionally a point and digits, of which those after the scale must be zeros.
    pub(super) fn text(self, text: &[u8]) -> Result<i128, &'static str> {
        let (negative, digits) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        let point = digits.iter().position(|&byte| byte == b'.');
        let (whole, fraction) = point.map_or((digits, &[][..]), |point| (&digits[..point], &digits[point + 1..]));
        if whole.is_empty() && fraction.is_empty() || whole.iter().chain(fraction).any(|byte| !byte.is_ascii_digit()) {
            return Err(NO_NUMBER);
        }
        let (kept, dropped) = fraction.split_at(fraction.len().min(self.scale));
        if dropped.iter().any(|&byte| byte != b'0') {
            return Err(TOO_FINE);
        }
        let mut value = Some(0_i128);
        for &byte in whole.iter().chain(kept) {
            value = value.and_then(|value| value.checked_mul(10)?.checked_add(i128::from(byte - b'0')));
        }
        let value = value.and_then(|value| value.checked_mul(POWERS[self.scale - kept.len()]));
        self.bounded(value.map(|value| if negative { -value } else { value }))
    }
}

/// A number as SQLite stores it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    /// An integer.
    Integer(i64),
    /// A binary floating point number.
    Real(f64),
}

/// A decimal as SQLite would store it in a numeric column; `None` where SQLite can hold no number that reads back as the same decimal.
pub(super) fn stored(value: i128, scale: i8) -> Option<Number> {
    let scale = usize::from(scale.max(0).unsigned_abs());
    let power = *POWERS.get(scale)?;
    if value % power == 0
        && let Ok(whole) = i64::try_from(value / power)
    {
        return Some(Number::Integer(whole));
    }
    if value.unsigned_abs() < 1_000_000_000_000_000 && scale <= 22 {
        return Some(Number::Real(value as f64 / power as f64));
    }
    let magnitude = value.unsigned_abs();
    let sign = if value < 0 { "-" } else { "" };
    let (whole, fraction) = (magnitude / power.unsigned_abs(), magnitude % power.unsigned_abs());
    let real: f64 = format!("{sign}{whole}.{fraction:0scale$}").parse().ok()?;
    let shape = Shape { precision: 38, scale };
    (shape.real(real) == Ok(value)).then_some(Number::Real(real))
}

/// A small text on the stack: decoding a cell allocates nothing.
struct Digits {
    bytes: [u8; 32],
    used: usize,
}

impl Write for Digits {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.used + text.len();
        self.bytes.get_mut(self.used..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.used = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shape(precision: u8, scale: i8) -> Shape {
        Shape::new(precision, scale)
    }

    #[test]
    fn a_sum_in_binary_is_the_decimal_that_was_meant_and_other_digits_are_refused() {
        assert_eq!(shape(10, 2).real(0.1 + 0.2), Ok(30));
        assert_eq!(shape(10, 2).real(-(0.1 + 0.2)), Ok(-30));
        let ten_thousand_cents: f64 = (0..10_000).map(|_| 0.01).sum();
        assert_ne!(ten_thousand_cents, 100.0);
        assert_eq!(shape(10, 2).real(ten_thousand_cents), Ok(10_000));
        for other in [0.305, 0.3001, 0.300_000_1, 1e9 + 0.000_1, 1e-13, 1e-300, 999_999_999.990_01] {
            assert_eq!(shape(12, 2).real(other), Err(TOO_FINE), "{other}");
        }
        assert_eq!(shape(10, 2).real(0.3), Ok(30));
        assert_eq!(shape(20, 17).real(0.1 + 0.2), Ok(30_000_000_000_000_004));
    }

    #[test]
    fn precision_and_scale_are_kept() {
        assert_eq!(shape(4, 2).integer(99), Ok(9_900));
        assert_eq!(shape(4, 2).integer(100), Err(TOO_LARGE));
        assert_eq!(shape(4, 2).real(99.99), Ok(9_999));
        assert_eq!(shape(4, 2).real(-100.5), Err(TOO_LARGE));
        assert_eq!(shape(38, 0).real(1e20), Ok(100_000_000_000_000_000_000));
        assert_eq!(shape(38, 2).real(1e300), Err(TOO_LARGE));
        assert_eq!(shape(38, 2).real(1e-300), Err(TOO_FINE));
        assert_eq!(shape(38, 2).real(-0.0), Ok(0));
        assert_eq!(shape(10, 2).real(f64::INFINITY), Err(NOT_FINITE));
        assert_eq!(shape(38, 38).integer(1), Err(TOO_LARGE));
    }

    #[test]
    fn text_is_read_exactly() {
        assert_eq!(shape(38, 2).text(b"123456789012345678901234567890.12"), Ok(12_345_678_901_234_567_890_123_456_789_012));
        assert_eq!(shape(10, 2).text(b"-1.5"), Ok(-150));
        assert_eq!(shape(10, 2).text(b"+.5"), Ok(50));
        assert_eq!(shape(10, 2).text(b"1.500"), Ok(150));
        assert_eq!(shape(10, 2).text(b"1.501"), Err(TOO_FINE));
        assert_eq!(shape(3, 0).text(b"1000"), Err(TOO_LARGE));
        for text in ["", "-", ".", "1e3", "1,5", " 1", "1 ", "0x10", "NaN", "--1", "1.2.3"] {
            assert_eq!(shape(10, 2).text(text.as_bytes()), Err(NO_NUMBER), "{text}");
        }
    }

    /// Rust's own shortest text of a double, read digit by digit, and its own rounding to so many digits where that has too many: slow, and
    /// independent of the arithmetic above.
    fn reference(value: f64, shape: Shape) -> Result<i128, &'static str> {
        let scale = shape.scale;
        let exact = shape.text(format!("{value}").as_bytes());
        let rounded = format!("{value:.scale$}");
        let distance = (rounded.parse::<f64>().unwrap() - value).abs();
        let is_noise = distance <= value.abs() * NOISE && distance <= NOISE_OF_DIGIT / 10_f64.powi(scale as i32);
        if exact == Err(TOO_FINE) && scale <= 15 && is_noise { shape.text(rounded.as_bytes()) } else { exact }
    }

    proptest! {
        #[test]
        fn every_decimal_of_twelve_digits_survives_a_double(cents in -999_999_999_999_i128..=999_999_999_999) {
            let sign = if cents < 0 { "-" } else { "" };
            let text = format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100);
            let real: f64 = text.parse().unwrap();
            prop_assert_eq!(shape(12, 2).real(real), Ok(cents));
            prop_assert_eq!(shape(12, 2).real_by_digits(real), Ok(cents));
        }

        #[test]
        fn any_double_reads_as_its_shortest_text(bits in any::<u64>(), scale in 0_i8..=20) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            prop_assert_eq!(shape(38, scale).real(value), reference(value, shape(38, scale)));
        }

        #[test]
        fn any_double_of_everyday_size_reads_as_its_shortest_text(whole in -1e9_f64..1e9, scale in 0_i8..=17) {
            prop_assert_eq!(shape(38, scale).real(whole), reference(whole, shape(38, scale)));
        }

        #[test]
        fn what_is_stored_reads_back(value in any::<i64>(), scale in 0_i8..=6) {
            let value = i128::from(value);
            match stored(value, scale) {
                Some(Number::Integer(whole)) => prop_assert_eq!(shape(38, scale).integer(whole), Ok(value)),
                Some(Number::Real(real)) => prop_assert_eq!(shape(38, scale).real(real), Ok(value)),
                None => prop_assert!(value.abs() > 1_000_000_000_000_000),
            }
        }
    }
}
