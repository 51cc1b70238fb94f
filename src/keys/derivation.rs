//! From a master key to the key of one purpose, and from that key to tokens.
//!
//! Derivation is HKDF-SHA-256 (RFC 5869) without salt, the master being uniformly random; its
//! `info` is the framed sequence `gallra-v1`, purpose, tenant, epoch. Tokens are HMAC-SHA-256
//! (RFC 2104) over framed parts. A frame is the part's length (8 bytes, big endian) and the part,
//! so that `("ab", "c")` and `("a", "bc")` never meet.

use std::borrow::Cow;
use std::fmt;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::SecretBox;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::Token;
use super::blocks::KeyedBlocks;

const VERSION: &[u8] = b"gallra-v1";
/// The first part of what random bytes are turned into masters with.
const MASTER: &[u8] = b"gallra-v1-master";

/// What a derived key is for. Each purpose has a key of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Pseudonyms in published sets, by the name of the declared purpose, such as `analytics`.
    Pseudonym(String),
    /// The fingerprint by which an epoch's master is known again. It has no tenant.
    EpochFingerprint,
    /// The tokens that stand for subjects in the ledger.
    LedgerToken,
    /// The MAC over the ledger's chain of records.
    LedgerMac,
    /// The tokens in the store's journal.
    Journal,
    /// The keyed fingerprint that tells whether a row has changed.
    RowVersion,
    /// Derived replacements for UNIQUE columns.
    Replacement,
    /// The tokens that stand for row keys in printed reports.
    RowToken,
    /// The suppression list of unsubscribed addresses.
    Suppression,
    /// The tokens that stand for subjects in the register of legal holds.
    HoldToken,
    /// The MAC over the register of legal holds.
    HoldMac,
    /// The MAC over a saved plan.
    PlanMac,
    /// The fingerprints in a saved plan.
    PlanFingerprint,
    /// The names of a tenant's people, as fingerprints in memory.
    Names,
    /// What stands in for an unlinked person's pseudonyms while partitions are compared.
    StandIn,
    /// Who contributed to the cells of anonymous sets.
    Contributor,
    /// The MAC over the memory of such cells.
    ContributorMac,
}

impl Purpose {
    /// The purpose's label in the derivation. Only a pseudonym's label holds a colon, and it is its
    /// first: no name makes a pseudonym's key equal to another purpose's.
    fn label(&self) -> Cow<'static, str> {
        match self {
            Self::Pseudonym(name) => Cow::Owned(format!("pseudonym:{name}")),
            Self::EpochFingerprint => Cow::Borrowed("epoch-fingerprint"),
            Self::LedgerToken => Cow::Borrowed("ledger-token"),
            Self::LedgerMac => Cow::Borrowed("ledger-mac"),
            Self::Journal => Cow::Borrowed("journal"),
            Self::RowVersion => Cow::Borrowed("row-version"),
            Self::Replacement => Cow::Borrowed("replacement"),
            Self::RowToken => Cow::Borrowed("row-token"),
            Self::Suppression => Cow::Borrowed("suppression"),
            Self::HoldToken => Cow::Borrowed("hold-token"),
            Self::HoldMac => Cow::Borrowed("hold-mac"),
            Self::PlanMac => Cow::Borrowed("plan-mac"),
            Self::PlanFingerprint => Cow::Borrowed("plan-fingerprint"),
            Self::Names => Cow::Borrowed("names"),
            Self::StandIn => Cow::Borrowed("stand-in"),
            Self::Contributor => Cow::Borrowed("contributor"),
            Self::ContributorMac => Cow::Borrowed("contributor-mac"),
        }
    }
}

/// The key of one tenant, purpose and epoch.
///
/// Holds HMAC's keyed states, so that a message costs no re-keying. `Debug` shows nothing of them.
#[derive(Clone)]
pub struct DerivedKey {
    keyed: Hmac<Sha256>,
    blocks: KeyedBlocks,
}

impl DerivedKey {
    /// Derives the key, or `None` where HKDF refuses the length (32 bytes never are).
    pub(super) fn derive(master: &[u8; 32], tenant: &str, purpose: &Purpose, epoch: u32) -> Option<Self> {
        let mut info = Vec::new();
        frame(&mut info, VERSION);
        frame(&mut info, purpose.label().as_bytes());
        frame(&mut info, tenant.as_bytes());
        frame(&mut info, &epoch.to_be_bytes());
        // HMAC pads a key to its block of 64 bytes with zeros (RFC 2104, section 2), so the block
        // is the 32-byte key; taking the block makes the construction infallible.
        let mut block = Zeroizing::new([0_u8; 64]);
        expand(None, master, &info, &mut block[..32])?;
        Some(Self::from_block(&block))
    }

    fn from_block(block: &[u8; 64]) -> Self {
        Self { keyed: Hmac::new(block.into()), blocks: KeyedBlocks::new(block) }
    }

    /// HMAC-SHA-256 over the framed parts. Order and boundaries of the parts count.
    #[must_use]
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut keyed = self.keyed.clone();
        for part in parts {
            keyed.update(&(part.len() as u64).to_be_bytes());
            keyed.update(part);
        }
        keyed.finalize().into_bytes().into()
    }

    /// The first 128 bits of [`mac`](Self::mac).
    ///
    /// ```
    /// use gallra::keys::{Keyring, Purpose};
    ///
    /// // A real keyring comes from `Keyring::open`; these bytes must be random.
    /// let keyring = Keyring::generate(jiff::Timestamp::UNIX_EPOCH, [7; 40]);
    /// let key = keyring.derive("north", Purpose::RowToken, keyring.current_epoch())?;
    /// assert_ne!(key.token(&[b"ab", b"c"]), key.token(&[b"a", b"bc"]));
    /// # Ok::<(), gallra::keys::KeysError>(())
    /// ```
    #[must_use]
    pub fn token(&self, parts: &[&[u8]]) -> Token {
        truncate(&self.mac(parts))
    }

    /// The token of a message whose parts were already put in by [`frame`]; equals
    /// [`token`](Self::token) of the same parts. For kernels, which reuse one buffer for all rows.
    #[must_use]
    pub(crate) fn token_of_framed(&self, message: &[u8]) -> Token {
        self.blocks.token(message).unwrap_or_else(|| truncate(&self.raw(message)))
    }

    fn raw(&self, message: &[u8]) -> [u8; 32] {
        let mut keyed = self.keyed.clone();
        keyed.update(message);
        keyed.finalize().into_bytes().into()
    }
}

impl fmt::Debug for DerivedKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DerivedKey([redacted])")
    }
}

/// Appends one framed part: its length in 8 bytes, big endian, then the part.
pub(crate) fn frame(message: &mut Vec<u8>, part: &[u8]) {
    message.extend_from_slice(&(part.len() as u64).to_be_bytes());
    message.extend_from_slice(part);
}

/// Appends one framed part that `write` appends without its length, saving the part's own buffer.
pub(crate) fn frame_with(message: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = message.len();
    message.extend_from_slice(&[0; 8]);
    write(message);
    let length = (message.len() - start - 8) as u64;
    message[start..start + 8].copy_from_slice(&length.to_be_bytes());
}

fn truncate(mac: &[u8; 32]) -> Token {
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&mac[..16]);
    Token::from_bytes(bytes)
}

/// A master for one use, out of 32 random bytes: HMAC under them, which is one-way, so that it tells neither them nor a master for another use.
pub(super) fn master_of(random: &[u8; 32], usage: &str) -> SecretBox<[u8; 32]> {
    let mut block = Zeroizing::new([0_u8; 64]);
    block[..32].copy_from_slice(random);
    let code = Zeroizing::new(DerivedKey::from_block(&block).mac(&[MASTER, usage.as_bytes()]));
    SecretBox::init_with_mut(|master: &mut [u8; 32]| master.copy_from_slice(&*code))
}

fn expand(salt: Option<&[u8]>, input: &[u8], info: &[u8], output: &mut [u8]) -> Option<()> {
    Hkdf::<Sha256>::new(salt, input).expand(info, output).ok()
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;
    use proptest::prelude::*;

    use super::*;

    fn bytes(hexadecimal: &str) -> Vec<u8> {
        HEXLOWER.decode(hexadecimal.as_bytes()).unwrap()
    }

    fn key_of(raw: &[u8]) -> DerivedKey {
        let mut block = [0_u8; 64];
        block[..raw.len()].copy_from_slice(raw);
        DerivedKey::from_block(&block)
    }

    /// RFC 5869, appendix A, cases 1 to 3.
    #[test]
    fn expansion_follows_the_published_vectors() {
        let check = |input: &str, salt: Option<&str>, info: &str, expected: &str| {
            let salt = salt.map(bytes);
            let mut output = vec![0; expected.len() / 2];
            expand(salt.as_deref(), &bytes(input), &bytes(info), &mut output).unwrap();
            assert_eq!(HEXLOWER.encode(&output), expected);
        };
        let input = "0b".repeat(22);
        check(
            &input,
            Some("000102030405060708090a0b0c"),
            "f0f1f2f3f4f5f6f7f8f9",
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        );
        let run = |from: u8, to: u8| HEXLOWER.encode(&(from..=to).collect::<Vec<_>>());
        check(
            &run(0x00, 0x4f),
            Some(&run(0x60, 0xaf)),
            &run(0xb0, 0xff),
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c\
             59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71\
             cc30c58179ec3e87c14c01d5c1f3434f1d87",
        );
        check(&input, None, "", "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
    }

    /// RFC 4231, sections 4.2 to 4.5: the cases whose key fits one block, as ours do.
    #[test]
    fn authentication_follows_the_published_vectors() {
        let check = |key: &[u8], message: &[u8], expected: &str| {
            let key = key_of(key);
            assert_eq!(HEXLOWER.encode(&key.raw(message)), expected);
            assert_eq!(key.token_of_framed(message).to_string(), expected[..32]);
        };
        check(&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        check(b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        check(&[0xaa; 20], &[0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
        check(&(1..=25).collect::<Vec<u8>>(), &[0xcd; 50], "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
    }

    /// Golden values computed by the HMAC of Python's standard library over hand-written frames.
    #[test]
    fn a_derived_key_is_the_same_for_ever() {
        let master: [u8; 32] = std::array::from_fn(|at| at as u8);
        let check = |tenant: &str, purpose: Purpose, epoch: u32, expected: &str| {
            let key = DerivedKey::derive(&master, tenant, &purpose, epoch).unwrap();
            let token = key.token(&[b"customer", b"42"]);
            assert_eq!(token.to_string(), expected, "{purpose:?}");
        };
        check("north", Purpose::Pseudonym("analytics".into()), 1, "a40ec30ab618f9d5f9eb260bdd80d752");
        check("north", Purpose::LedgerToken, 1, "79f08ea187bd834ed788130f91b0eb4a");
        check("", Purpose::Suppression, 4_000_000_000, "624d79a4feb871a189860cc2e472e502");
        check("", Purpose::PlanMac, 1, "e93d8b85cd18a2b90db51e05d79fe278");
        check("north", Purpose::PlanFingerprint, 1, "c964f2abeb04c4f9745cad2ff69b91b2");
    }

    #[test]
    fn tenant_purpose_and_epoch_each_change_the_key() {
        let purposes = [
            Purpose::Pseudonym("analytics".into()),
            Purpose::Pseudonym(String::new()),
            Purpose::Pseudonym("journal".into()),
            Purpose::Pseudonym("epoch-fingerprint".into()),
            Purpose::EpochFingerprint,
            Purpose::LedgerToken,
            Purpose::LedgerMac,
            Purpose::Journal,
            Purpose::RowVersion,
            Purpose::Replacement,
            Purpose::RowToken,
            Purpose::Suppression,
            Purpose::HoldToken,
            Purpose::HoldMac,
            Purpose::PlanMac,
            Purpose::PlanFingerprint,
            Purpose::Names,
            Purpose::Contributor,
            Purpose::ContributorMac,
        ];
        let mut seen = std::collections::BTreeSet::new();
        for master in [[0_u8; 32], [1; 32]] {
            for tenant in ["", "north", "south", "north\0"] {
                for purpose in &purposes {
                    for epoch in [1, 2, 256] {
                        let key = DerivedKey::derive(&master, tenant, purpose, epoch).unwrap();
                        assert!(seen.insert(key.token(&[])), "{tenant} {purpose:?} {epoch}");
                    }
                }
            }
        }
        assert_eq!(seen.len(), 2 * 4 * 19 * 3);
    }

    #[test]
    fn debug_is_redacted() {
        assert_eq!(format!("{:?}", key_of(b"Jefe")), "DerivedKey([redacted])");
    }

    proptest! {
        #[test]
        fn parts_are_framed(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..9), 0..5)) {
            let key = key_of(b"Jefe");
            let borrowed: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            let mut slow = Vec::new();
            for part in &parts {
                slow.extend([0, 0, 0, 0, 0, 0, 0, part.len() as u8]);
                slow.extend(part);
            }
            prop_assert_eq!(key.mac(&borrowed), key.raw(&slow));
            let mut framed = Vec::new();
            for (at, part) in parts.iter().enumerate() {
                if at % 2 == 0 {
                    frame(&mut framed, part);
                } else {
                    frame_with(&mut framed, |out| out.extend(part));
                }
            }
            prop_assert_eq!(key.token_of_framed(&framed), key.token(&borrowed));
        }

        #[test]
        fn moving_a_boundary_changes_the_token(text in "[a-z]{2,12}", cut in 1_usize..11) {
            let text = text.as_bytes();
            let cut = cut.min(text.len() - 1);
            let key = key_of(b"Jefe");
            prop_assert_ne!(key.token(&[&text[..cut], &text[cut..]]), key.token(&[text]));
            prop_assert_ne!(key.token(&[&text[..cut], &text[cut..]]), key.token(&[text, b""]));
        }
    }
}
