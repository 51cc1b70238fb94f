//! Fixed-length bytes that are written as lower-case hexadecimal.

use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER;
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// `N` bytes, written and read as exactly `2 × N` lower-case hexadecimal digits.
///
/// Upper case is refused: a value has one spelling, so that a changed letter in the ledger is always noticed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hex<const N: usize>(pub [u8; N]);

/// A subject of one tenant and category, pseudonymised under the ledger's own token key (128 bits, 32 digits).
pub type Token = Hex<16>;

/// What tells one key of an epoch's pseudonyms from another (128 bits, 32 digits): one-way, so that it tells nothing of the key.
pub type KeyFingerprint = Hex<16>;

/// A SHA-256 digest or an HMAC-SHA-256 code (256 bits, 64 digits).
pub type Digest = Hex<32>;

/// What tells one ledger from another: random, chosen when the ledger is created (64 bits, 16 digits).
pub type LedgerId = Hex<8>;

/// Text that is not the expected number of lower-case hexadecimal digits. The text itself is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {digits} lower-case hexadecimal digits")]
pub struct HexError {
    /// How many digits there should have been.
    pub digits: usize,
}

impl<const N: usize> Hex<N> {
    /// Reads exactly `2 × N` lower-case digits.
    ///
    /// # Errors
    ///
    /// [`HexError`] for any other length or character.
    pub fn parse(text: &[u8]) -> Result<Self, HexError> {
        let error = HexError { digits: 2 * N };
        let mut bytes = [0; N];
        if text.len() != 2 * N {
            return Err(error);
        }
        match HEXLOWER.decode_mut(text, &mut bytes) {
            Ok(_) => Ok(Self(bytes)),
            Err(_) => Err(error),
        }
    }
}

impl<const N: usize> FromStr for Hex<N> {
    type Err = HexError;

    fn from_str(text: &str) -> Result<Self, HexError> {
        Self::parse(text.as_bytes())
    }
}

impl<const N: usize> fmt::Display for Hex<N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl<const N: usize> fmt::Debug for Hex<N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl<const N: usize> Serialize for Hex<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Hex<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digits<const N: usize>;

        impl<const N: usize> Visitor<'_> for Digits<N> {
            type Value = Hex<N>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{} lower-case hexadecimal digits", 2 * N)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Hex<N>, E> {
                Hex::parse(text.as_bytes()).map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Digits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_one_spelling() {
        let id: LedgerId = "00ff10a09b8c7d6e".parse().unwrap();
        assert_eq!(id.0, [0x00, 0xff, 0x10, 0xa0, 0x9b, 0x8c, 0x7d, 0x6e]);
        assert_eq!(id.to_string(), "00ff10a09b8c7d6e");
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"00ff10a09b8c7d6e\"");
        for other in ["00FF10A09B8C7D6E", "00ff10a09b8c7d6", "00ff10a09b8c7d6e0", "00ff10a09b8c7d6g", ""] {
            assert_eq!(other.parse::<LedgerId>(), Err(HexError { digits: 16 }), "{other}");
            assert!(serde_json::from_str::<LedgerId>(&format!("\"{other}\"")).is_err(), "{other}");
        }
    }
}
