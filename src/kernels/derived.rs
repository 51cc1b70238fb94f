//! Replacements for UNIQUE columns: different for every row, and derived from the row's token.
//!
//! The token comes from the row's key, never from the erased value, so that nothing of the value
//! survives and a second run finds the replacement unchanged. Each replacement keeps as many of
//! the token's bits as the column has room for, and never fewer than 40.

use std::fmt::Display;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BinaryArray, Decimal128Array, FixedSizeBinaryArray, Int64Array};
use arrow::datatypes::DataType;
use data_encoding::BASE32_DNSSEC;

use super::KernelError;
use super::pseudonym::uuid;
use super::text::TextColumn;
use crate::keys::Token;

const KERNEL: &str = "derived";

/// Follows the local part; `.invalid` never resolves (RFC 2606, section 2).
const DOMAIN: &str = "@gallra.invalid";

/// Letters carry five bits each: 8 carry 40, 26 the whole token.
const LEAST_LETTERS: usize = 8;
const MOST_LETTERS: usize = 26;

/// 10^13 is the first power of ten above 2^40, 10^38 the last one below 2^128, 10^18 below 2^63.
const LEAST_DIGITS: usize = 13;
const MOST_DIGITS: usize = 38;
const MOST_INTEGER_DIGITS: usize = 18;

/// As many significant digits as every IEEE 754 double keeps: SQLite holds decimals as such.
const MOST_DECIMAL_DIGITS: usize = 15;

const UUID_LENGTH: usize = 36;

/// What the replacement must look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DerivedShape {
    /// `prefix` and then digits and small letters (`0-9a-v`), safe where case is ignored.
    Text {
        /// Begins every replacement.
        prefix: String,
    },
    /// An address that can not receive mail, such as `x3f9…@gallra.invalid`.
    Email,
    /// A text of decimal digits, all of one length.
    Digits,
    /// A whole number from 0, as `Int64`.
    Integer,
    /// A number from 0, as `Decimal128` of this precision and scale: digits before the point as far as there is room, then digits after it.
    Decimal {
        /// Digits in all.
        precision: u8,
        /// Digits after the point.
        scale: u8,
    },
    /// A UUID of version 8 (RFC 9562, section 5.8): 122 bits of the token.
    Uuid,
    /// The token itself, as `Binary`.
    Bytes,
}

/// One replacement per token (16 bytes each); a null token gives null. The result is `Utf8`, for [`DerivedShape::Integer`] `Int64`, for
/// [`DerivedShape::Decimal`] `Decimal128`, for [`DerivedShape::Bytes`] `Binary`. `max_length` counts characters, for a number digits.
///
/// Two rows share a replacement only if their tokens agree in all bits kept: with 40 bits about
/// one time in ten among 500,000 rows, with 60 or more practically never.
///
/// ```
/// use arrow::array::{AsArray, FixedSizeBinaryArray};
/// use gallra::kernels::derived::{DerivedShape, derived};
///
/// let tokens = FixedSizeBinaryArray::try_from_iter([[0xff_u8; 16]].iter())?;
/// let emails = derived(&tokens, &DerivedShape::Email, Some(24))?;
/// assert_eq!(emails.as_string::<i32>().value(0), "xvvvvvvvv@gallra.invalid");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`KernelError::TooShort`] if `max_length` or the precision leaves fewer than 40 bits;
/// [`KernelError::UnsupportedType`] if the tokens are not 16 bytes wide, or there is no `Decimal128` of the precision and scale.
pub fn derived(tokens: &FixedSizeBinaryArray, shape: &DerivedShape, max_length: Option<usize>) -> Result<ArrayRef, KernelError> {
    if tokens.value_length() != 16 {
        return Err(KernelError::unsupported(KERNEL, tokens.data_type()));
    }
    match shape {
        DerivedShape::Text { prefix } => letters(tokens, prefix, "", max_length),
        // Begins with a letter, as some checks of addresses demand.
        DerivedShape::Email => letters(tokens, "x", DOMAIN, max_length),
        DerivedShape::Digits => {
            let width = room(0, max_length, LEAST_DIGITS, MOST_DIGITS)?;
            let modulus = power_of_ten(width);
            texts(tokens, |token| {
                let number = u128::from_be_bytes(token) % modulus;
                format!("{number:0width$}")
            })
        }
        DerivedShape::Integer => {
            let width = room(0, max_length, LEAST_DIGITS, MOST_INTEGER_DIGITS)?;
            let modulus = power_of_ten(width);
            let numbers: Int64Array = values(tokens)
                // Below 10^18, so that the conversion never fails.
                .map(|token| i64::try_from(u128::from_be_bytes(token?) % modulus).ok())
                .collect();
            Ok(Arc::new(numbers))
        }
        DerivedShape::Decimal { precision, scale } => decimals(tokens, *precision, *scale),
        DerivedShape::Uuid => {
            room(0, max_length, UUID_LENGTH, UUID_LENGTH)?;
            // ASCII always, so that nothing is lost.
            texts(tokens, |token| String::from_utf8_lossy(&uuid(Token::from_bytes(token))).into_owned())
        }
        DerivedShape::Bytes => Ok(Arc::new(BinaryArray::from_iter(values(tokens)))),
    }
}

fn decimals(tokens: &FixedSizeBinaryArray, precision: u8, scale: u8) -> Result<ArrayRef, KernelError> {
    let (precision_digits, scale_digits) = (usize::from(precision), usize::from(scale));
    let width = room(0, Some(precision_digits), LEAST_DIGITS, MOST_DECIMAL_DIGITS)?;
    let before = precision_digits.saturating_sub(scale_digits).min(width);
    let (modulus, unit) = (power_of_ten(width), power_of_ten(scale_digits.saturating_sub(width - before)));
    let numbers: Decimal128Array = values(tokens)
        // Below 10^precision, since the digits before the point and those after it are.
        .map(|token| i128::try_from(u128::from_be_bytes(token?) % modulus * unit).ok())
        .collect();
    let data_type = DataType::Decimal128(precision, scale as i8);
    match numbers.with_precision_and_scale(precision, scale as i8) {
        Ok(numbers) => Ok(Arc::new(numbers)),
        Err(_) => Err(KernelError::unsupported(KERNEL, &data_type)),
    }
}

fn letters(tokens: &FixedSizeBinaryArray, before: &str, after: &str, max_length: Option<usize>) -> Result<ArrayRef, KernelError> {
    let fixed = before.chars().count() + after.len();
    let count = room(fixed, max_length, LEAST_LETTERS, MOST_LETTERS)?;
    texts(tokens, |token| {
        let code = BASE32_DNSSEC.encode(&token);
        format!("{before}{}{after}", code.get(..count).unwrap_or(&code))
    })
}

/// How many characters of token there is room for.
fn room(fixed: usize, max_length: Option<usize>, least: usize, most: usize) -> Result<usize, KernelError> {
    let Some(max_length) = max_length else {
        return Ok(most);
    };
    match max_length.checked_sub(fixed) {
        Some(room) if room >= least => Ok(room.min(most)),
        _ => Err(KernelError::TooShort { max_length, needed: fixed + least }),
    }
}

/// The modulus that keeps `width` digits: at most 10^38, which 128 bits hold.
fn power_of_ten(width: usize) -> u128 {
    (0..width.min(MOST_DIGITS)).fold(1, |power, _| power * 10)
}

fn texts<T: Display>(tokens: &FixedSizeBinaryArray, text: impl Fn([u8; 16]) -> T) -> Result<ArrayRef, KernelError> {
    let mut column = TextColumn::new(KERNEL, tokens.len());
    for token in values(tokens) {
        match token {
            Some(token) => column.push_formatted(text(token))?,
            None => column.push(None)?,
        }
    }
    Ok(Arc::new(column.finish()))
}

fn values(tokens: &FixedSizeBinaryArray) -> impl Iterator<Item = Option<[u8; 16]>> + '_ {
    tokens.iter().map(|token| token?.try_into().ok())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use arrow::array::AsArray;
    use arrow::datatypes::{Decimal128Type, Int64Type};
    use proptest::prelude::*;

    use super::*;

    fn tokens(rows: &[Option<[u8; 16]>]) -> FixedSizeBinaryArray {
        FixedSizeBinaryArray::try_from_sparse_iter_with_size(rows.iter().copied(), 16).unwrap()
    }

    fn text(prefix: &str) -> DerivedShape {
        DerivedShape::Text { prefix: prefix.to_owned() }
    }

    /// The first `count` base-32 digits by long division of the token's bits.
    fn slow_letters(token: [u8; 16], count: usize) -> String {
        let bits: String = token.iter().map(|byte| format!("{byte:08b}")).collect();
        let bits = format!("{bits}00");
        (0..count)
            .map(|at| {
                let digit = u32::from_str_radix(&bits[at * 5..at * 5 + 5], 2).unwrap();
                char::from_digit(digit, 32).unwrap()
            })
            .collect()
    }

    #[test]
    fn a_column_too_short_is_refused_with_the_length_needed() {
        let tokens = tokens(&[Some([1; 16])]);
        let check = |shape: DerivedShape, needed: usize| {
            for max_length in 0..needed {
                assert_eq!(derived(&tokens, &shape, Some(max_length)), Err(KernelError::TooShort { max_length, needed }));
            }
            assert!(derived(&tokens, &shape, Some(needed)).is_ok());
        };
        check(text(""), 8);
        check(text("Förfallen "), 18);
        check(DerivedShape::Email, 24);
        check(DerivedShape::Digits, 13);
        check(DerivedShape::Integer, 13);
        check(DerivedShape::Uuid, 36);
        for precision in 1..=12 {
            let narrow = DerivedShape::Decimal { precision, scale: 2.min(precision) };
            assert_eq!(derived(&tokens, &narrow, None), Err(KernelError::TooShort { max_length: usize::from(precision), needed: 13 }));
        }
        // Where the 40 bits come from.
        assert!(32_f64.powi(8).log2() >= 40.0 && 32_f64.powi(7).log2() < 40.0);
        assert!(10_f64.powi(13).log2() >= 40.0 && 10_f64.powi(12).log2() < 40.0);
    }

    #[test]
    fn nulls_stay_and_nothing_stays_nothing() {
        let decimal = DerivedShape::Decimal { precision: 18, scale: 2 };
        let of_text = [text("x"), DerivedShape::Email, DerivedShape::Digits, DerivedShape::Uuid];
        for shape in of_text.into_iter().chain([DerivedShape::Integer, decimal, DerivedShape::Bytes]) {
            let two = derived(&tokens(&[None, Some([0; 16])]), &shape, None).unwrap();
            assert!(two.is_null(0) && two.is_valid(1));
            assert_eq!(derived(&tokens(&[]), &shape, None).unwrap().len(), 0);
        }
    }

    #[test]
    fn tokens_of_another_width_are_refused() {
        let narrow = FixedSizeBinaryArray::try_from_iter([[0_u8; 8]].iter()).unwrap();
        let error = derived(&narrow, &DerivedShape::Email, None).unwrap_err();
        assert!(matches!(error, KernelError::UnsupportedType { .. }));
    }

    #[test]
    fn half_a_million_rows_stay_unique() {
        // A multiplicative walk stands for the tokens: well spread and without repeats.
        let rows: Vec<_> =
            (1..=500_000_u128).map(|row| Some((row.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)).to_be_bytes())).collect();
        let tokens = tokens(&rows);
        let digits = derived(&tokens, &DerivedShape::Digits, Some(20)).unwrap();
        let digits: BTreeSet<_> = digits.as_string::<i32>().iter().collect();
        assert_eq!(digits.len(), 500_000);
        let letters = derived(&tokens, &text("x"), Some(14)).unwrap();
        let letters: BTreeSet<_> = letters.as_string::<i32>().iter().collect();
        assert_eq!(letters.len(), 500_000);
        let numbers = derived(&tokens, &DerivedShape::Integer, None).unwrap();
        let numbers: BTreeSet<_> = numbers.as_primitive::<Int64Type>().iter().collect();
        assert_eq!(numbers.len(), 500_000);
        let uuids = derived(&tokens, &DerivedShape::Uuid, Some(36)).unwrap();
        let uuids: BTreeSet<_> = uuids.as_string::<i32>().iter().collect();
        assert_eq!(uuids.len(), 500_000);
        let decimals = derived(&tokens, &DerivedShape::Decimal { precision: 14, scale: 2 }, None).unwrap();
        let decimals: BTreeSet<_> = decimals.as_primitive::<Decimal128Type>().iter().collect();
        assert_eq!(decimals.len(), 500_000);
    }

    #[test]
    fn a_decimal_has_whole_digits_first() {
        // 2^128 - 1 is 340282366920938463463 374607431768211455; 15 digits of it at most.
        let most = tokens(&[Some([0xff; 16])]);
        let check = |precision, scale, expected: i128| {
            let numbers = derived(&most, &DerivedShape::Decimal { precision, scale }, None).unwrap();
            assert_eq!(numbers.data_type(), &DataType::Decimal128(precision, scale as i8));
            assert_eq!(numbers.as_primitive::<Decimal128Type>().value(0), expected, "{precision}, {scale}");
        };
        check(13, 0, 7_431_768_211_455);
        check(15, 2, 607_431_768_211_455);
        check(18, 5, 607_431_768_211_455 * 1000);
        check(38, 20, 607_431_768_211_455 * 10_i128.pow(20));
        check(20, 20, 607_431_768_211_455 * 10_i128.pow(5));
    }

    proptest! {
        #[test]
        fn every_shape_is_what_long_division_gives(token: [u8; 16], length in 36_usize..60) {
            let row = tokens(&[Some(token)]);
            let one = |shape: &DerivedShape| {
                let array = derived(&row, shape, Some(length)).unwrap();
                array.as_string::<i32>().value(0).to_owned()
            };
            let prefixed = one(&text("å-"));
            prop_assert_eq!(prefixed, format!("å-{}", slow_letters(token, (length - 2).min(26))));
            let email = one(&DerivedShape::Email);
            let local = slow_letters(token, (length - 16).min(26));
            prop_assert_eq!(&email, &format!("x{local}@gallra.invalid"));
            prop_assert!(email.chars().count() <= length);

            let width = length.min(38);
            let decimal = u128::from_be_bytes(token).to_string();
            let padded = format!("{decimal:0>60}");
            prop_assert_eq!(one(&DerivedShape::Digits), &padded[60 - width..]);
            let number = derived(&row, &DerivedShape::Integer, Some(length)).unwrap();
            let number = number.as_primitive::<Int64Type>().value(0);
            prop_assert_eq!(number, padded[60 - 18..].parse::<i64>().unwrap());

            // RFC 9562, section 5.8: the version in the first digit of the third group, the variant in the first one of the fourth.
            let uuid = one(&DerivedShape::Uuid);
            let hex: String = token.iter().map(|byte| format!("{byte:02x}")).collect();
            let plain = uuid.replace('-', "");
            prop_assert_eq!(uuid.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
            prop_assert_eq!((&plain[..12], &plain[13..16], &plain[17..]), (&hex[..12], &hex[13..16], &hex[17..]));
            prop_assert_eq!(&plain[12..13], "8");
            prop_assert!("89ab".contains(&plain[16..17]));
            let bytes = derived(&row, &DerivedShape::Bytes, None).unwrap();
            prop_assert_eq!(bytes.as_binary::<i32>().value(0), &token[..]);
        }

        /// The witness is the double that SQLite would hold: its shortest text is the same number.
        #[test]
        fn a_decimal_fits_its_precision_and_a_double(token: [u8; 16], (precision, scale) in (13_u8..=38).prop_flat_map(|p| (Just(p), 0..=p))) {
            let row = tokens(&[Some(token)]);
            let number = derived(&row, &DerivedShape::Decimal { precision, scale }, None).unwrap();
            let number = number.as_primitive::<Decimal128Type>().value(0);
            let digits = number.to_string();
            prop_assert!(number >= 0 && digits.len() <= usize::from(precision));
            let text = format!("{digits}e-{scale}");
            let double: f64 = text.parse().unwrap();
            let back = format!("{double:.prec$}", prec = usize::from(scale)).replace('.', "");
            let significant = digits.trim_end_matches('0').len();
            prop_assert!(significant <= 15);
            if significant > 0 && digits.len() <= 15 {
                prop_assert_eq!(back.trim_start_matches('0'), digits.trim_start_matches('0'));
            }
        }
    }
}
