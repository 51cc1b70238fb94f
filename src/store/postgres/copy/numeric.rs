//! `numeric` on the wire: digits to the base of 10 000, most significant first, and the weight of the first; to and from whole numbers of a
//! column's smallest unit.

use std::ops::RangeInclusive;

use super::WRONG_WIDTH;

const BASE: u32 = 10_000;
const POSITIVE: u16 = 0x0000;
const NEGATIVE: u16 = 0x4000;
const NOT_A_NUMBER: u16 = 0xC000;
const INFINITY: u16 = 0xD000;
const NEGATIVE_INFINITY: u16 = 0xF000;
/// The largest number of digits after the point that the server sends.
const LARGEST_DISPLAY_SCALE: u16 = 0x3fff;
/// Digits of 38 decimals, where the first and the last may be partly used.
const MOST_DIGITS: usize = 11;
/// The bytes that a field can have.
pub(super) const LENGTHS: RangeInclusive<usize> = 8..=8 + 2 * u16::MAX as usize;
const MALFORMED: &str = "the number is malformed";
const TOO_LARGE: &str = "the number has more digits than the column's precision allows";
const TOO_FINE: &str = "the number is finer than the column's scale";

/// Precision and scale of a column, with what is computed from them once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    scale: i32,
    /// 10^precision; no value reaches it.
    limit: u128,
    /// The same where it fits 64 bits.
    short_limit: u64,
}

impl Shape {
    pub(super) fn new(precision: u8, scale: i8) -> Self {
        let limit = 10_u128.pow(u32::from(precision.min(38)));
        Self { scale: i32::from(scale), limit, short_limit: u64::try_from(limit).unwrap_or(u64::MAX) }
    }

    /// The value of a field in units of the scale.
    ///
    /// # Errors
    /// Why the field is no number of this precision and scale.
    #[inline]
    pub(super) fn read(&self, field: &[u8]) -> Result<i128, &'static str> {
        let Some((&[count_1, count_2, weight_1, weight_2, sign_1, sign_2, display_1, display_2], digits)) = field.split_first_chunk()
        else {
            return Err(WRONG_WIDTH);
        };
        let count = usize::from(u16::from_be_bytes([count_1, count_2]));
        let weight = i32::from(i16::from_be_bytes([weight_1, weight_2]));
        let sign = u16::from_be_bytes([sign_1, sign_2]);
        if digits.len() != 2 * count || u16::from_be_bytes([display_1, display_2]) > LARGEST_DISPLAY_SCALE {
            return Err(if LENGTHS.contains(&field.len()) { MALFORMED } else { WRONG_WIDTH });
        }
        if sign & !NEGATIVE != 0 {
            return Err(match sign {
                NOT_A_NUMBER => "the number is NaN",
                INFINITY | NEGATIVE_INFINITY => "the number is infinite",
                _ => MALFORMED,
            });
        }
        let magnitude = match self.short(digits, weight)? {
            Some(short) => i128::from(short),
            None => i128::try_from(self.long(digits, weight)?).map_err(|_| TOO_LARGE)?,
        };
        Ok(if sign == NEGATIVE { -magnitude } else { magnitude })
    }

    /// Numbers of at most four digits, in 64 bits; `None` for the others.
    #[inline]
    fn short(&self, digits: &[u8], weight: i32) -> Result<Option<u64>, &'static str> {
        if digits.len() > 8 {
            return Ok(None);
        }
        let (digits, _) = digits.as_chunks::<2>();
        let (mut magnitude, mut largest, mut last) = (0_u64, 0_u16, weight);
        for digit in digits {
            let digit = u16::from_be_bytes(*digit);
            largest = largest.max(digit);
            magnitude = magnitude * u64::from(BASE) + u64::from(digit);
            last -= 1;
        }
        if u32::from(largest) >= BASE {
            return Err(MALFORMED);
        }
        // Ten to this is the last digit's unit, counted in units of the scale.
        let exponent = (last + 1) * 4 + self.scale;
        let (scaled, remainder) = match exponent {
            0 => (magnitude, 0),
            -1 => (magnitude / 10, magnitude % 10),
            -2 => (magnitude / 100, magnitude % 100),
            -3 => (magnitude / 1_000, magnitude % 1_000),
            1..=8 => match magnitude.checked_mul(POWERS[exponent.unsigned_abs() as usize]) {
                Some(scaled) => (scaled, 0),
                None => return Ok(None),
            },
            _ => return Ok(None),
        };
        if remainder != 0 {
            return Err(TOO_FINE);
        }
        if scaled >= self.short_limit {
            // Either beyond the precision, or the precision is beyond 64 bits.
            return Ok(None);
        }
        Ok(Some(scaled))
    }

    /// Any number.
    #[cold]
    fn long(&self, digits: &[u8], weight: i32) -> Result<u128, &'static str> {
        let (digits, _) = digits.as_chunks::<2>();
        let (mut magnitude, mut exponent) = (0_u128, weight * 4 + self.scale);
        let shifted = |magnitude: u128, by: u32, digit: u32| {
            magnitude.checked_mul(u128::from(10_u32.pow(by))).and_then(|shifted| shifted.checked_add(u128::from(digit))).ok_or(TOO_LARGE)
        };
        for digit in digits {
            let digit = u32::from(u16::from_be_bytes(*digit));
            if digit >= BASE {
                return Err(MALFORMED);
            }
            match exponent {
                0.. => magnitude = shifted(magnitude, 4, digit)?,
                // The digit stands across the unit of the scale.
                -3..0 => {
                    let below = 10_u32.pow(exponent.unsigned_abs());
                    if digit % below != 0 {
                        return Err(TOO_FINE);
                    }
                    magnitude = shifted(magnitude, 4 - exponent.unsigned_abs(), digit / below)?;
                }
                _ if digit != 0 => return Err(TOO_FINE),
                _ => {}
            }
            exponent -= 4;
        }
        let zeros = exponent + 4;
        if zeros > 0 && magnitude != 0 {
            let factor = 10_u128.checked_pow(zeros.unsigned_abs()).ok_or(TOO_LARGE)?;
            magnitude = magnitude.checked_mul(factor).ok_or(TOO_LARGE)?;
        }
        if magnitude >= self.limit { Err(TOO_LARGE) } else { Ok(magnitude) }
    }

    /// Appends a value as a field, its length first.
    ///
    /// # Errors
    /// The value has more digits than the precision.
    pub(super) fn write(&self, value: i128, out: &mut Vec<u8>) -> Result<(), &'static str> {
        let mut magnitude = value.unsigned_abs();
        if magnitude >= self.limit {
            return Err(TOO_LARGE);
        }
        // Digits from the last to the first. The unit of the scale stands at 10^across within the last.
        let (mut digits, mut count) = ([0_u16; MOST_DIGITS], 0);
        let mut exponent = (-self.scale).div_euclid(4);
        let across = (-self.scale).rem_euclid(4).unsigned_abs();
        let mut unit = 10_u32.pow(across);
        while magnitude != 0 {
            let (rest, digit) = divided(magnitude, BASE / unit);
            magnitude = rest;
            let digit = digit * unit;
            unit = 1;
            if count == 0 && digit == 0 {
                // The server strips zeros at the end, and compares numbers as if they were stripped.
                exponent += 1;
                continue;
            }
            let (Some(place), Ok(digit)) = (digits.get_mut(count), u16::try_from(digit)) else {
                return Err(TOO_LARGE);
            };
            *place = digit;
            count += 1;
        }
        let digits = digits.get(..count).unwrap_or_default();
        let number = i32::try_from(count).map_err(|_| TOO_LARGE)?;
        let weight = if count == 0 { 0 } else { exponent + number - 1 };
        let short = |value: i32| i16::try_from(value).map_err(|_| TOO_LARGE);
        out.extend_from_slice(&(8 + 2 * number).to_be_bytes());
        out.extend_from_slice(&short(number)?.to_be_bytes());
        out.extend_from_slice(&short(weight)?.to_be_bytes());
        out.extend_from_slice(&(if value < 0 { NEGATIVE } else { POSITIVE }).to_be_bytes());
        out.extend_from_slice(&short(self.scale.max(0))?.to_be_bytes());
        for digit in digits.iter().rev() {
            out.extend_from_slice(&digit.to_be_bytes());
        }
        Ok(())
    }
}

const POWERS: [u64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/// Quotient and remainder; in 64 bits where they suffice, which is many times faster.
fn divided(value: u128, by: u32) -> (u128, u32) {
    let (rest, digit) = match u64::try_from(value) {
        Ok(short) => (u128::from(short / u64::from(by)), u128::from(short % u64::from(by))),
        Err(_) => (value / u128::from(by), value % u128::from(by)),
    };
    (rest, u32::try_from(digit).unwrap_or(0))
}
