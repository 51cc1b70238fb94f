//! The keyring: a control master for all that must stay the same, and a master per epoch for pseudonyms.
//!
//! The ledger's proof, the journal's tokens and all else by which gallra recognises its own work
//! rest on the control master, which is never rotated and never shredded. Pseudonyms rest on the
//! master of an epoch: rotation begins a new epoch, and shredding destroys an old one's master, so
//! that nobody can link its pseudonyms to a person any more. What was shredded leaves its number and
//! its times behind.
//!
//! The identifier is no secret: ledgers and manifests name the keyring by it, and so recognise a
//! foreign one.

mod document;
mod file;

use std::collections::BTreeMap;
use std::fmt;

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretBox};
use zeroize::Zeroizing;

use super::derivation::master_of;
use super::{DerivedKey, KeysError, Purpose, Token};

pub(super) use document::LARGEST;
pub use file::KeyringFile;

/// The number that stands for the epoch in the derivation of a new keyring's control keys.
const NO_EPOCH: u32 = 0;

/// A key from which others are derived: 32 bytes, wiped when dropped.
type Master = SecretBox<[u8; 32]>;

/// The master keys of an installation.
///
/// ```
/// use gallra::keys::{Keyring, Purpose};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("secrets").join("keyring.json");
/// // The 40 bytes come from the operating system's random source.
/// let created = Keyring::create(&path, jiff::Timestamp::UNIX_EPOCH, [7; 40])?;
/// let opened = Keyring::open(&path)?;
/// assert_eq!(opened.id(), created.id());
///
/// let key = opened.control("north", Purpose::Journal)?;
/// assert_eq!(key.token(&[b"42"]).to_string().len(), 32);
/// assert!(Keyring::create(&path, jiff::Timestamp::UNIX_EPOCH, [8; 40]).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Keyring {
    id: String,
    created: Timestamp,
    control: Control,
    epochs: BTreeMap<u32, Epoch>,
    current: u32,
}

/// What everything but pseudonyms is derived from.
struct Control {
    /// Stands for the epoch in the derivation: in a keyring that was of the first format, its first epoch.
    number: u32,
    master: Master,
}

struct Epoch {
    created: Timestamp,
    state: State,
}

enum State {
    Held(Master),
    Shredded(Timestamp),
}

impl Keyring {
    /// A keyring with one epoch, in memory only. `random` must come from a cryptographic source:
    /// 8 bytes for the identifier, then 32 from which both masters are made, neither of which
    /// tells anything of the other.
    #[must_use]
    pub fn generate(now: Timestamp, random: [u8; 40]) -> Self {
        let (id, secret) = split(random);
        let control = Control { number: NO_EPOCH, master: master_of(&secret, "control") };
        let epoch = Epoch { created: now, state: State::Held(master_of(&secret, "epoch")) };
        Self { id: HEXLOWER.encode(&id), created: now, control, epochs: BTreeMap::from([(1, epoch)]), current: 1 }
    }

    /// The keyring's public identifier, 16 lower-case hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// When the keyring was created.
    #[must_use]
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// The newest epoch, whose keys are used for everything new.
    #[must_use]
    pub fn current_epoch(&self) -> u32 {
        self.current
    }

    /// All epochs with the time at which each began, by ascending number; shredded ones as well.
    pub fn epochs(&self) -> impl Iterator<Item = (u32, Timestamp)> + '_ {
        self.epochs.iter().map(|(number, epoch)| (*number, epoch.created))
    }

    /// When the epoch was shredded; `None` where it was not, or there is no such epoch.
    #[must_use]
    pub fn shredded(&self, epoch: u32) -> Option<Timestamp> {
        match self.epochs.get(&epoch)?.state {
            State::Shredded(at) => Some(at),
            State::Held(_) => None,
        }
    }

    /// The key of one tenant and purpose; always the same one.
    ///
    /// A pseudonym's key is the given epoch's. Every other purpose has one key for as long as the
    /// keyring lives, whatever epoch is given: see [`control`](Self::control).
    ///
    /// # Errors
    /// [`KeysError::UnknownEpoch`] if the keyring lacks a pseudonym's epoch,
    /// [`KeysError::Shredded`] if that was shredded.
    pub fn derive(&self, tenant: &str, purpose: Purpose, epoch: u32) -> Result<DerivedKey, KeysError> {
        let (master, number) = match &purpose {
            Purpose::Pseudonym(_) | Purpose::EpochFingerprint => (self.master(epoch)?, epoch),
            _ => (&self.control.master, self.control.number),
        };
        DerivedKey::derive(master.expose_secret(), tenant, &purpose, number).ok_or_else(|| KeysError::Derivation { id: self.id.clone() })
    }

    /// The key of one tenant and a purpose that has no epochs: the ledger, the journal, replacements,
    /// holds, plans, suppression. Rotation does not change it, and no shredding destroys it. For
    /// pseudonyms it is the current epoch's.
    ///
    /// # Errors
    /// [`KeysError::Derivation`], which does not happen.
    pub fn control(&self, tenant: &str, purpose: Purpose) -> Result<DerivedKey, KeysError> {
        self.derive(tenant, purpose, self.current)
    }

    /// What tells an epoch's master from every other, so that another one under the same number is
    /// noticed: 128 bits of an HMAC under a key that HKDF derives from the master and this purpose
    /// alone.
    ///
    /// It is no secret. Both steps are one-way, no other key follows from the derived one, and a master
    /// is 256 random bits: whoever knows the fingerprint can do no more than recognise a copy of the
    /// master that he already has. That holds for a master that was shredded as well.
    ///
    /// # Errors
    /// As [`derive`](Self::derive) for a pseudonym.
    pub fn fingerprint(&self, epoch: u32) -> Result<Token, KeysError> {
        Ok(self.derive("", Purpose::EpochFingerprint, epoch)?.token(&[]))
    }

    fn master(&self, epoch: u32) -> Result<&Master, KeysError> {
        match self.epochs.get(&epoch).map(|epoch| &epoch.state) {
            Some(State::Held(master)) => Ok(master),
            Some(State::Shredded(shredded)) => Err(KeysError::Shredded { id: self.id.clone(), epoch, shredded: *shredded }),
            None => Err(self.unknown(epoch)),
        }
    }

    /// What is said of an epoch that it lacks.
    pub(crate) fn unknown(&self, epoch: u32) -> KeysError {
        KeysError::UnknownEpoch { id: self.id.clone(), epoch, known: self.epochs.keys().copied().collect() }
    }

    /// Begins a new epoch, which becomes the current one, and returns its number: one more than the
    /// highest of this keyring's epochs and of `used`, the highest that is known to have been used, so
    /// that no number is given twice where this is an older copy. `random` must come from a
    /// cryptographic source; its last 32 bytes are used.
    ///
    /// # Errors
    /// [`KeysError::TooManyEpochs`] after four billion.
    pub fn rotate(&mut self, used: Option<u32>, now: Timestamp, random: [u8; 40]) -> Result<u32, KeysError> {
        let (_, secret) = split(random);
        let number =
            self.current.max(used.unwrap_or_default()).checked_add(1).ok_or_else(|| KeysError::TooManyEpochs { id: self.id.clone() })?;
        self.epochs.insert(number, Epoch { created: now, state: State::Held(master_of(&secret, "epoch")) });
        self.current = number;
        Ok(number)
    }

    /// Destroys an epoch's master in this value, and keeps its number and times. An epoch that was
    /// shredded before stays as it is.
    ///
    /// # Errors
    /// As [`check_shreddable`](Self::check_shreddable).
    pub fn shred(&mut self, epoch: u32, now: Timestamp) -> Result<(), KeysError> {
        self.check_shreddable(epoch)?;
        if let Some(found) = self.epochs.get_mut(&epoch)
            && let State::Held(_) = found.state
        {
            found.state = State::Shredded(now);
        }
        Ok(())
    }

    /// Whether an epoch can be shredded, or was.
    ///
    /// # Errors
    /// [`KeysError::UnknownEpoch`]; [`KeysError::SharedEpoch`] if the control master is the same
    /// secret; [`KeysError::CurrentEpoch`] if the epoch is in use.
    pub fn check_shreddable(&self, epoch: u32) -> Result<(), KeysError> {
        match self.master(epoch) {
            Err(KeysError::Shredded { .. }) => Ok(()),
            Err(error) => Err(error),
            // Said first: rotating would not help.
            Ok(master) if self.is_control(master) => Err(KeysError::SharedEpoch { id: self.id.clone(), epoch }),
            Ok(_) if epoch == self.current => Err(KeysError::CurrentEpoch { id: self.id.clone(), epoch }),
            Ok(_) => Ok(()),
        }
    }

    fn is_control(&self, master: &Master) -> bool {
        master.expose_secret() == self.control.master.expose_secret()
    }
}

/// The bytes for an identifier and those for secrets.
fn split(random: [u8; 40]) -> ([u8; 8], Zeroizing<[u8; 32]>) {
    let random = Zeroizing::new(random);
    let (mut id, mut secret) = ([0; 8], Zeroizing::new([0; 32]));
    id.copy_from_slice(&random[..8]);
    secret.copy_from_slice(&random[8..]);
    (id, secret)
}

impl fmt::Debug for Keyring {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Keyring")
            .field("id", &self.id)
            .field("created", &self.created)
            .field("epochs", &format_args!("[redacted]"))
            .field("current", &self.current)
            .finish()
    }
}

#[cfg(all(test, unix))]
mod tests;
