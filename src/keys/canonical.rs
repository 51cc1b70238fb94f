//! The one byte form of a key's cells, from which every token is computed.
//!
//! A cell becomes a type tag, the length of its payload (8 bytes, big endian) and the payload; a
//! composite key is the concatenation of its cells. Tag and length make the form unambiguous: no
//! two different keys share their bytes, whatever their texts contain. The form is part of what a
//! pseudonym is: changing it changes every pseudonym.

/// One cell of a key, typed as the catalog says that the column stores it.
///
/// The integer 42 and the text `42` are two different keys. Numbers that are equal are one key
/// whatever their column's scale, so a column widened from `bigint` to `numeric` keeps its
/// pseudonyms. Texts are taken byte for byte: no case folding, no trimming, no normalisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyPart<'a> {
    /// The absent value; equal to itself here, although SQL says otherwise.
    Null,
    /// A whole number.
    Integer(i64),
    /// The number `unscaled` × 10^-`scale`.
    Decimal {
        /// The digits as a whole number.
        unscaled: i128,
        /// How many of the digits follow the decimal point; negative for powers of ten.
        scale: i8,
    },
    /// Days since 1970-01-01.
    Date(i32),
    /// A text in UTF-8.
    Text(&'a str),
    /// Any bytes.
    Bytes(&'a [u8]),
}

const NULL: u8 = 0;
const INTEGER: u8 = 1;
const DECIMAL: u8 = 2;
const DATE: u8 = 3;
const TEXT: u8 = 4;
const BYTES: u8 = 5;

impl KeyPart<'_> {
    /// Appends the cell's canonical bytes to `out`.
    pub fn encode(self, out: &mut Vec<u8>) {
        match self {
            Self::Null => put(out, NULL, &[]),
            Self::Integer(value) => put(out, INTEGER, &value.to_be_bytes()),
            Self::Decimal { unscaled, scale } => put_decimal(out, unscaled, scale),
            Self::Date(days) => put(out, DATE, &days.to_be_bytes()),
            Self::Text(text) => put(out, TEXT, text.as_bytes()),
            Self::Bytes(bytes) => put(out, BYTES, bytes),
        }
    }
}

/// The canonical bytes of a key, its cells in the key's declared order.
///
/// ```
/// use gallra::keys::canonical::{KeyPart, canonical_key};
///
/// let number = canonical_key(&[KeyPart::Integer(42)]);
/// assert_ne!(number, canonical_key(&[KeyPart::Text("42")]));
/// assert_eq!(number, canonical_key(&[KeyPart::Decimal { unscaled: 4200, scale: 2 }]));
/// ```
#[must_use]
pub fn canonical_key(parts: &[KeyPart<'_>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(parts.len() * 32);
    for part in parts {
        part.encode(&mut out);
    }
    out
}

fn put(out: &mut Vec<u8>, tag: u8, payload: &[u8]) {
    out.push(tag);
    out.extend_from_slice(&(payload.len() as u64).to_be_bytes());
    out.extend_from_slice(payload);
}

/// Brings a decimal to the scale nearest to zero that holds it, so that equal numbers have equal
/// bytes; a whole number that fits 64 bits is the integer it is.
fn put_decimal(out: &mut Vec<u8>, mut unscaled: i128, mut scale: i8) {
    while scale > 0 && unscaled % 10 == 0 {
        unscaled /= 10;
        scale -= 1;
    }
    while scale < 0
        && let Some(larger) = unscaled.checked_mul(10)
    {
        unscaled = larger;
        scale += 1;
    }
    if scale == 0
        && let Ok(whole) = i64::try_from(unscaled)
    {
        return put(out, INTEGER, &whole.to_be_bytes());
    }
    let mut payload = [0_u8; 17];
    payload[..16].copy_from_slice(&unscaled.to_be_bytes());
    payload[16..].copy_from_slice(&scale.to_be_bytes());
    put(out, DECIMAL, &payload);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(parts: &[KeyPart<'_>], expected: &str) {
        let found: String = canonical_key(parts).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(found, expected.replace(' ', ""));
    }

    #[test]
    fn the_bytes_are_these_for_ever() {
        check(&[KeyPart::Null], "00 0000000000000000");
        check(&[KeyPart::Integer(42)], "01 0000000000000008 000000000000002a");
        check(&[KeyPart::Integer(-1)], "01 0000000000000008 ffffffffffffffff");
        check(&[KeyPart::Decimal { unscaled: 1250, scale: 3 }], "02 0000000000000011 0000000000000000000000000000007d 02");
        check(&[KeyPart::Date(1)], "03 0000000000000004 00000001");
        check(&[KeyPart::Text("42")], "04 0000000000000002 3432");
        check(&[KeyPart::Bytes(b"42")], "05 0000000000000002 3432");
        check(&[KeyPart::Text("å"), KeyPart::Integer(0)], "04 0000000000000002 c3a5 01 0000000000000008 0000000000000000");
    }

    #[test]
    fn extreme_decimals_neither_overflow_nor_meet() {
        let huge = |unscaled, scale| canonical_key(&[KeyPart::Decimal { unscaled, scale }]);
        assert_eq!(huge(1, -39), huge(10, -38));
        assert_eq!(huge(0, i8::MIN), huge(0, i8::MAX));
        assert_eq!(huge(0, 3), canonical_key(&[KeyPart::Integer(0)]));
        assert_ne!(huge(i128::MAX, i8::MIN), huge(i128::MAX, i8::MAX));
        assert_ne!(huge(i128::MIN, 0), huge(i128::MAX, 0));
        assert_eq!(huge(i128::from(i64::MAX) * 10, 1), canonical_key(&[KeyPart::Integer(i64::MAX)]));
    }

    fn any_part() -> impl Strategy<Value = (u8, i64, String, Vec<u8>)> {
        (0_u8..5, -3_i64..3, "[0-9]{0,3}", prop::collection::vec(0_u8..6, 0..12))
    }

    fn part_of(raw: &(u8, i64, String, Vec<u8>)) -> KeyPart<'_> {
        match raw.0 {
            0 => KeyPart::Null,
            1 => KeyPart::Integer(raw.1),
            2 => KeyPart::Date(raw.1 as i32),
            3 => KeyPart::Text(&raw.2),
            _ => KeyPart::Bytes(&raw.3),
        }
    }

    proptest! {
        #[test]
        fn different_keys_have_different_bytes(
            left in prop::collection::vec(any_part(), 0..4),
            right in prop::collection::vec(any_part(), 0..4),
        ) {
            let left: Vec<_> = left.iter().map(part_of).collect();
            let right: Vec<_> = right.iter().map(part_of).collect();
            prop_assert_eq!(canonical_key(&left) == canonical_key(&right), left == right);
        }

        #[test]
        fn decimals_are_one_key_exactly_when_they_are_one_number(
            left in -2_000_i128..2_000, left_scale in 0_i8..5,
            right in -2_000_i128..2_000, right_scale in 0_i8..5,
        ) {
            let equal = left * 10_i128.pow(right_scale as u32) == right * 10_i128.pow(left_scale as u32);
            let left = canonical_key(&[KeyPart::Decimal { unscaled: left, scale: left_scale }]);
            let right = canonical_key(&[KeyPart::Decimal { unscaled: right, scale: right_scale }]);
            prop_assert_eq!(left == right, equal);
        }
    }
}
