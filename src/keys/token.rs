//! The 128-bit token that stands for a row, a subject or a pseudonym.

use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::KeysError;

/// The first 128 bits of an HMAC-SHA-256 (truncation as in RFC 2104, section 5).
///
/// Written and read as 32 lower-case hexadecimal digits, also by serde. Tokens sort by their bytes,
/// which is the order of their text. A token is pseudonymised data, not anonymous data.
///
/// ```
/// use gallra::keys::Token;
///
/// let token: Token = "000102030405060708090a0b0c0d0e0f".parse()?;
/// assert_eq!(token.as_bytes()[15], 15);
/// assert_eq!(token.to_string(), "000102030405060708090a0b0c0d0e0f");
/// # Ok::<(), gallra::keys::KeysError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token([u8; 16]);

impl Token {
    /// The token of these 16 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The token's 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [0_u8; 32];
        formatter.pad(HEXLOWER.encode_mut_str(&self.0, &mut digits))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Token({self})")
    }
}

impl FromStr for Token {
    type Err = KeysError;

    /// Upper-case digits are refused: a token has one spelling, so texts compare as tokens do.
    fn from_str(text: &str) -> Result<Self, KeysError> {
        let invalid = || KeysError::InvalidToken { found: text.chars().count() };
        if text.len() != 32 {
            return Err(invalid());
        }
        let mut bytes = [0_u8; 16];
        match HEXLOWER.decode_mut(text.as_bytes(), &mut bytes) {
            Ok(16) => Ok(Self(bytes)),
            Ok(_) | Err(_) => Err(invalid()),
        }
    }
}

impl Serialize for Token {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Token {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digits;

        impl serde::de::Visitor<'_> for Digits {
            type Value = Token;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a token of 32 lower-case hexadecimal digits")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Token, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Digits)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_is_lower_case_hexadecimal_and_nothing_else() {
        let token = Token::from_bytes([0xab; 16]);
        assert_eq!(token.to_string(), "ab".repeat(16));
        assert_eq!(format!("{token:?}"), format!("Token({})", "ab".repeat(16)));
        for wrong in [
            String::new(),
            "ab".repeat(15),
            "ab".repeat(17),
            "AB".repeat(16),
            "zz".repeat(16),
            "å".repeat(16),
            format!(" {}", "a".repeat(31)),
        ] {
            let error = wrong.parse::<Token>().unwrap_err();
            assert!(matches!(error, KeysError::InvalidToken { .. }), "{wrong}");
        }
    }

    #[test]
    fn an_error_keeps_what_was_typed_to_itself() {
        let error = "0701740605".parse::<Token>().unwrap_err().to_string();
        assert_eq!(error, "a token is 32 lower-case hexadecimal digits, 10 characters were given");
    }

    proptest! {
        #[test]
        fn text_and_json_give_the_token_back(bytes: [u8; 16], other: [u8; 16]) {
            let token = Token::from_bytes(bytes);
            let slow: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            prop_assert_eq!(token.to_string(), slow.clone());
            prop_assert_eq!(slow.parse::<Token>().unwrap(), token);
            let json = serde_json::to_string(&token).unwrap();
            prop_assert_eq!(&json, &format!("\"{slow}\""));
            prop_assert_eq!(serde_json::from_str::<Token>(&json).unwrap(), token);
            let other = Token::from_bytes(other);
            prop_assert_eq!(token.cmp(&other), token.to_string().cmp(&other.to_string()));
        }
    }
}
