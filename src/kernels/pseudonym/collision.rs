//! Whether two keys got one integer.

use std::collections::HashMap;

use arrow::array::ArrayRef;

use super::columns;
use crate::kernels::KernelError;
use crate::keys::{DerivedKey, Token};

/// The integers that keys got, over as many columns as are added: for sets of which no single column holds all keys.
///
/// Two keys are told apart by their whole tokens, of 128 bits. Holds 24 bytes per key.
///
/// ```
/// use std::sync::Arc;
///
/// use arrow::array::{ArrayRef, Int64Array};
/// use gallra::kernels::pseudonym::Collisions;
/// use gallra::keys::{Keyring, Purpose};
///
/// let keyring = Keyring::generate(jiff::Timestamp::UNIX_EPOCH, [7; 40]);
/// let key = keyring.derive("north", Purpose::Pseudonym("analytics".to_owned()), 1)?;
/// let mut collisions = Collisions::default();
/// for month in [vec![42, 43], vec![42, 44]] {
///     let buyers: ArrayRef = Arc::new(Int64Array::from(month));
///     collisions.add(&[buyers], &key, "customer")?;
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Collisions {
    seen: HashMap<i64, Token>,
}

impl Collisions {
    /// Takes note of the keys of a column, and refuses it if one of them has the integer of another key, whichever column that was in.
    ///
    /// # Errors
    /// [`KernelError::Collision`]; as [`pseudonyms`](super::pseudonyms) for columns that are no keys.
    pub fn add(&mut self, keys: &[ArrayRef], key: &DerivedKey, domain: &str) -> Result<(), KernelError> {
        const KERNEL: &str = "collisions";
        let mut met = false;
        columns(KERNEL, keys)?.each(key, domain, |token| met |= !self.see(token), |_| Ok(()))?;
        if met { Err(KernelError::Collision { kernel: KERNEL }) } else { Ok(()) }
    }

    /// Takes note of a key by its token; `false` if another key has its integer.
    pub(super) fn see(&mut self, token: Token) -> bool {
        *self.seen.entry(integer(token)).or_insert(token) == token
    }
}

/// The token's first 64 bits without the topmost.
pub(super) fn integer(token: Token) -> i64 {
    let mut first = [0; 8];
    first.copy_from_slice(&token.as_bytes()[..8]);
    i64::from_be_bytes(first) & i64::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No two keys that meet can be found, so the tokens are made by hand.
    #[test]
    fn two_tokens_with_one_integer_are_told() {
        let token = |first: u8, last: u8| {
            let mut bytes = [0x21; 16];
            (bytes[0], bytes[15]) = (first, last);
            Token::from_bytes(bytes)
        };
        let mut collisions = Collisions::default();
        assert!(collisions.see(token(1, 1)));
        assert!(collisions.see(token(2, 1)));
        // The same key again.
        assert!(collisions.see(token(1, 1)));
        // Another key: its last bit alone differs, or the one that no integer has.
        assert!(!collisions.see(token(1, 0)));
        assert!(!collisions.see(token(0x82, 1)));
        assert_eq!(integer(token(0x82, 1)), integer(token(2, 1)));
        assert!(integer(token(0xff, 0)) >= 0);
    }
}
