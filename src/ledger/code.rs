//! Short codes in place of sentences, so that no message with a value in it reaches the ledger.

use std::fmt;

use serde::{Deserialize, Serialize};

const LONGEST: usize = 64;
/// Enough for an SQLSTATE such as `40001`, too few for a phone, an identity number or an account.
const DIGITS: usize = 5;

/// A reason, stage, outcome or class of error: 1–64 characters of `a-z`, `0-9`, `_`, `-` and `.`, a letter first and at
/// most five digits in all.
///
/// A sentence with a name, an e-mail address or a number in it does not fit, which is the point.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Code(String);

/// Text that is not a [`Code`]. The text itself is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a code is 1 to 64 characters of `a-z`, `0-9`, `_`, `-` and `.`, a letter first, at most five digits")]
pub struct CodeError;

impl Code {
    /// Accepts `text` if it has the form of a code.
    ///
    /// # Errors
    ///
    /// [`CodeError`] if it has not.
    pub fn new(text: &str) -> Result<Self, CodeError> {
        let mut digits = 0;
        let formed = text.bytes().all(|byte| match byte {
            b'a'..=b'z' | b'_' | b'-' | b'.' => true,
            b'0'..=b'9' => {
                digits += 1;
                digits <= DIGITS
            }
            _ => false,
        });
        let begins = text.as_bytes().first().is_some_and(u8::is_ascii_lowercase);
        if formed && begins && text.len() <= LONGEST { Ok(Self(text.to_owned())) } else { Err(CodeError) }
    }

    /// A code written in the source. It carries no value of a run, so it can not fail: what does not fit the form is
    /// bent into it (`_` for a wrong character, `x` before a wrong beginning, cut at 64).
    #[must_use]
    pub fn literal(text: &'static str) -> Self {
        if let Ok(code) = Self::new(text) {
            return code;
        }
        let begins = text.as_bytes().first().is_some_and(u8::is_ascii_lowercase);
        let mut bent = String::from(if begins { "" } else { "x" });
        let mut digits = 0;
        for character in text.chars().take(LONGEST - bent.len()) {
            digits += usize::from(character.is_ascii_digit());
            let fits = match character {
                'a'..='z' | '_' | '-' | '.' => true,
                '0'..='9' => digits <= DIGITS,
                _ => false,
            };
            bent.push(if fits { character } else { '_' });
        }
        Self(bent)
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for Code {
    type Error = CodeError;

    fn try_from(text: String) -> Result<Self, CodeError> {
        Self::new(&text)
    }
}

impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_value_does_not_fit() {
        for code in ["changed", "sqlstate_40p01", "bookkeeping-act.7", "a"] {
            assert_eq!(Code::new(code).unwrap().as_str(), code);
            assert_eq!(Code::literal(code).as_str(), code);
        }
        for value in ["", "_changed", "Changed", "was changed", "number.189001019802", "tel.070-1740605", "ada@example.com", "å", "7eleven"]
        {
            assert_eq!(Code::new(value), Err(CodeError), "{value}");
            assert!(serde_json::from_str::<Code>(&format!("\"{value}\"")).is_err(), "{value}");
        }
        assert!(Code::new(&"a".repeat(64)).is_ok());
        assert!(Code::new(&"a".repeat(65)).is_err());
        assert_eq!(Code::literal("Not a code 123456"), Code("x_ot_a_code_12345_".to_owned()));
    }

    proptest! {
        #[test]
        fn a_bent_literal_is_always_readable(text in "\\PC{0,80}") {
            // Leaked, because only a literal lives that long.
            let code = Code::literal(Box::leak(text.into_boxed_str()));
            prop_assert_eq!(Code::new(code.as_str()), Ok(code.clone()));
        }
    }
}
