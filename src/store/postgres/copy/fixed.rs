//! The small types of fixed width whose two forms have to agree: `uuid` and `tid`.

const HEXADECIMAL: &[u8; 16] = b"0123456789abcdef";
/// Where the hyphens stand in a UUID's text.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// The 36 characters of a UUID.
pub(super) fn uuid_text(bytes: [u8; 16]) -> [u8; 36] {
    let mut text = [b'-'; 36];
    let mut at = 0;
    for (index, byte) in bytes.into_iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            at += 1;
        }
        text[at] = HEXADECIMAL[usize::from(byte >> 4)];
        text[at + 1] = HEXADECIMAL[usize::from(byte & 15)];
        at += 2;
    }
    text
}

/// The bytes of a UUID's text: 36 characters, in upper or lower case.
pub(super) fn uuid_bytes(text: &str) -> Option<[u8; 16]> {
    let text: &[u8; 36] = text.as_bytes().try_into().ok()?;
    let (mut bytes, mut nibbles) = ([0; 16], 0);
    for (at, character) in text.iter().enumerate() {
        if HYPHENS.contains(&at) {
            if *character != b'-' {
                return None;
            }
            continue;
        }
        let nibble = match character {
            b'0'..=b'9' => character - b'0',
            b'a'..=b'f' => character - b'a' + 10,
            b'A'..=b'F' => character - b'A' + 10,
            _ => return None,
        };
        let byte: &mut u8 = &mut bytes[nibbles / 2];
        *byte = *byte << 4 | nibble;
        nibbles += 1;
    }
    Some(bytes)
}

/// A row's place as one number, in the order of the table: `block << 16 | offset`.
#[inline]
pub(super) fn tid_number([block @ .., high, low]: [u8; 6]) -> i64 {
    i64::from(u32::from_be_bytes(block)) << 16 | i64::from(u16::from_be_bytes([high, low]))
}

/// The place that a number names.
pub(super) fn tid_bytes(number: i64) -> Option<[u8; 6]> {
    let [0, 0, place @ ..] = number.to_be_bytes() else {
        return None;
    };
    Some(place)
}
