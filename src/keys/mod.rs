//! Keys: the keyring, the keys derived from it, and the tokens they give.
//!
//! Master keys come from one small keyring that belongs to the product ([`Keyring`]), out of a file, a
//! variable or a command ([`KeyringSource`]). Every other key is derived from a master by HKDF-SHA-256
//! per tenant × purpose ([`Keyring::derive`]), and for pseudonyms × epoch, so that the same person in
//! two tenants, or for two purposes, gets two unrelated pseudonyms and no key is ever used for two
//! things. A derived key gives [`Token`]s: HMAC-SHA-256 cut to 128 bits.
//!
//! Nothing here reads a clock or a random source: both are arguments. No secret is ever printed;
//! `Debug` of every type that holds one says `[redacted]`.

pub mod approver;
mod blocks;
pub mod canonical;
mod derivation;
mod error;
mod keyring;
mod source;
mod token;

pub use derivation::{DerivedKey, Purpose};
pub(crate) use derivation::{frame, frame_with};
pub use error::{KeysError, Place};
pub use keyring::{Keyring, KeyringFile};
pub use source::{KeyringCommand, KeyringSource, Variable};
pub use token::Token;
