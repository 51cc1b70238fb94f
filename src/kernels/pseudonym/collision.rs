//! Whether two keys got one integer.

use arrow::array::ArrayRef;

use super::columns;
use crate::kernels::KernelError;
use crate::keys::{DerivedKey, Token};

/// The integers that keys got, over as many columns as are added: for sets of which no single column holds all keys.
///
/// Two keys are told apart by their whole tokens, of 128 bits. Holds 16 bytes per key.
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
    /// Sorted, each once.
    seen: Vec<Ordered>,
}

impl Collisions {
    /// Takes note of the keys of a column, and refuses it if one of them has the integer of another key, whichever column that was in.
    ///
    /// # Errors
    /// [`KernelError::Collision`]; as [`pseudonyms`](super::pseudonyms) for columns that are no keys.
    pub fn add(&mut self, keys: &[ArrayRef], key: &DerivedKey, domain: &str) -> Result<(), KernelError> {
        const KERNEL: &str = "collisions";
        let mut added = Vec::new();
        columns(KERNEL, keys)?.each(key, domain, |token| added.push(ordered(token)), |_| Ok(()))?;
        added.sort_unstable();
        self.seen.append(&mut added);
        // Two sorted runs, which a stable sort merges.
        self.seen.sort();
        self.seen.dedup();
        if neighbours_met(&self.seen) { Err(KernelError::Collision { kernel: KERNEL }) } else { Ok(()) }
    }
}

/// A token with its topmost bit, which no integer has, behind all others: those of one integer stand side by side when they are sorted.
pub(super) type Ordered = u128;

pub(super) fn ordered(token: Token) -> Ordered {
    u128::from_be_bytes(*token.as_bytes()).rotate_left(1)
}

/// Whether two different tokens have one integer. Sorts them only if an integer occurs twice, which a key that repeats explains as well.
pub(super) fn met(tokens: &mut [Ordered]) -> bool {
    let mut integers: Vec<u64> = tokens.iter().map(|token| (token >> 65) as u64).collect();
    integers.sort_unstable();
    if integers.windows(2).all(|pair| pair[0] != pair[1]) {
        return false;
    }
    tokens.sort_unstable();
    neighbours_met(tokens)
}

fn neighbours_met(sorted: &[Ordered]) -> bool {
    sorted.windows(2).any(|pair| pair[0] != pair[1] && pair[0] >> 65 == pair[1] >> 65)
}

/// The token's first 64 bits without the topmost.
pub(super) fn integer(token: Token) -> i64 {
    let mut first = [0; 8];
    first.copy_from_slice(&token.as_bytes()[..8]);
    i64::from_be_bytes(first) & i64::MAX
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::Int64Array;

    use super::*;
    use crate::keys::{Keyring, Purpose};

    /// No two keys that meet can be found, so the tokens are made by hand.
    #[test]
    fn two_tokens_with_one_integer_are_told() {
        let token = |first: u8, last: u8| {
            let mut bytes = [0x21; 16];
            (bytes[0], bytes[15]) = (first, last);
            Token::from_bytes(bytes)
        };
        let of = |tokens: &[Token]| met(&mut tokens.iter().map(|token| ordered(*token)).collect::<Vec<_>>());
        assert!(!of(&[]));
        assert!(!of(&[token(1, 1), token(2, 1), token(3, 1)]));
        // The same key again.
        assert!(!of(&[token(2, 1), token(1, 1), token(2, 1)]));
        // Another key: its last bit alone differs, or the one that no integer has.
        assert!(of(&[token(2, 1), token(1, 1), token(2, 0)]));
        assert!(of(&[token(2, 1), token(1, 1), token(0x82, 1)]));
        assert!(!of(&[token(2, 1), token(0x42, 1)]));
        assert_eq!(integer(token(0x82, 1)), integer(token(2, 1)));
        assert!(integer(token(0xff, 0)) >= 0);
        assert_eq!((ordered(token(0x82, 1)) >> 65) as i64, integer(token(0x82, 1)));
    }

    #[test]
    fn columns_are_compared_with_those_before() {
        let key = Keyring::generate(jiff::Timestamp::UNIX_EPOCH, [7; 40]).control("", Purpose::Names).unwrap();
        let column = |rows: std::ops::Range<i64>| Arc::new(rows.collect::<Int64Array>()) as ArrayRef;
        let mut collisions = Collisions::default();
        for rows in [0..900, 400..1_300, 0..1_300] {
            collisions.add(&[column(rows)], &key, "customer").unwrap();
        }
        assert_eq!(collisions.seen.len(), 1_300);
        // Another key of an integer that is there, made by hand.
        collisions.seen.push(collisions.seen[650] ^ 1);
        assert!(matches!(collisions.add(&[column(0..1)], &key, "customer"), Err(KernelError::Collision { .. })));
    }
}
