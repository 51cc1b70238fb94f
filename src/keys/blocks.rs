//! HMAC-SHA-256 of short messages, in two compressions and nothing else.
//!
//! HMAC (RFC 2104) hashes a block of padded key before the message, and another before the result. After those two blocks SHA-256 is in a state
//! that depends on the key alone, and a message of up to 55 bytes fills one more block with its padding (FIPS 180-4, section 5.1.1). The `hmac`
//! crate does the same, but copies and wipes its states and buffers for every message, which is a fifth of the time of such a short one.

use sha2::block_api::compress256;
use zeroize::Zeroizing;

use super::Token;

/// The bytes of a block, and those that are left for a message beside one byte of padding and eight of length.
const BLOCK: usize = 64;
const LONGEST: usize = BLOCK - 9;

/// What the padded key is combined with, in the block before the message and in that before the result (RFC 2104, section 2).
const INNER: u8 = 0x36;
const OUTER: u8 = 0x5c;

/// SHA-256's states after each block of padded key.
#[derive(Clone)]
pub(super) struct KeyedBlocks {
    inner: Zeroizing<[u32; 8]>,
    outer: Zeroizing<[u32; 8]>,
}

impl KeyedBlocks {
    /// Of a key that was padded to a block with zeros.
    pub fn new(key: &[u8; BLOCK]) -> Self {
        Self { inner: state_after(key, INNER), outer: state_after(key, OUTER) }
    }

    /// The first 128 bits of the code, or `None` for a message that is too long for one block.
    #[inline]
    pub fn token(&self, message: &[u8]) -> Option<Token> {
        if message.len() > LONGEST {
            return None;
        }
        let mut block = [0; BLOCK];
        block[..message.len()].copy_from_slice(message);
        let mut state = *self.inner;
        compress256(&mut state, &[padded(block, message.len())]);
        let mut block = [0; BLOCK];
        for (bytes, word) in block.as_chunks_mut::<4>().0.iter_mut().zip(state) {
            *bytes = word.to_be_bytes();
        }
        let mut state = *self.outer;
        compress256(&mut state, &[padded(block, 32)]);
        let mut token = [0; 16];
        for (bytes, word) in token.as_chunks_mut::<4>().0.iter_mut().zip(state) {
            *bytes = word.to_be_bytes();
        }
        Some(Token::from_bytes(token))
    }
}

/// A last block that holds `length` bytes, after one block of padded key.
#[inline]
fn padded(mut block: [u8; BLOCK], length: usize) -> [u8; BLOCK] {
    block[length] = 0x80;
    block[BLOCK - 8..].copy_from_slice(&(8 * (BLOCK + length) as u64).to_be_bytes());
    block
}

fn state_after(key: &[u8; BLOCK], pad: u8) -> Zeroizing<[u32; 8]> {
    let block = Zeroizing::new(key.map(|byte| byte ^ pad));
    let mut state = initial();
    compress256(&mut state, &[*block]);
    state
}

/// SHA-256's initial state (FIPS 180-4, section 5.3.3).
fn initial() -> Zeroizing<[u32; 8]> {
    Zeroizing::new([0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19])
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};
    use proptest::prelude::*;
    use sha2::Sha256;

    use super::*;

    proptest! {
        /// The witness is the `hmac` crate, which the published vectors are checked against.
        #[test]
        fn every_length_gives_what_the_hmac_crate_gives(key: [u8; 32], message in prop::collection::vec(any::<u8>(), 0..70)) {
            let mut block = [0; BLOCK];
            block[..32].copy_from_slice(&key);
            let found = KeyedBlocks::new(&block).token(&message);
            prop_assert_eq!(found.is_some(), message.len() <= 55);
            let mut code = Hmac::<Sha256>::new((&block).into());
            code.update(&message);
            let code = code.finalize().into_bytes();
            if let Some(found) = found {
                prop_assert_eq!(&found.as_bytes()[..], &code[..16]);
            }
        }
    }

    #[test]
    fn the_longest_message_and_the_shortest_fit() {
        let block = [7; BLOCK];
        for length in [0, 1, 54, 55] {
            let mut code = Hmac::<Sha256>::new((&block).into());
            code.update(&vec![9; length]);
            let found = KeyedBlocks::new(&block).token(&vec![9; length]).unwrap();
            assert_eq!(&found.as_bytes()[..], &code.finalize().into_bytes()[..16]);
        }
        assert_eq!(KeyedBlocks::new(&block).token(&[9; 56]), None);
    }
}
