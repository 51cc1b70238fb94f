//! Whether a keyring is the one that the ledger knows: none of an older copy, and no key that was destroyed.
//!
//! The ledger names the epoch of every run and a fingerprint of its key, and every shredding. An older copy of the keyring lacks epochs or has
//! keys that are said to be destroyed; whoever began epochs in it has given their numbers to other keys. Nothing is published under such a
//! keyring: pseudonyms of two keys under one number would make manifests, certificates and shreddings untrue.

use crate::keys::{Keyring, KeysError};
use crate::ledger::{Hex, KeyFingerprint, KnownEpochs, KnownShredding};

/// Everything that keeps a keyring from being used beside a ledger that knows these epochs and shreddings, the most serious first.
///
/// # Errors
/// [`KeysError::Derivation`], which does not happen.
pub fn disagreements(keyring: &Keyring, known: &KnownEpochs, shreddings: &[KnownShredding]) -> Result<Vec<KeysError>, KeysError> {
    let mut found: Vec<KeysError> = keyring.epochs().filter_map(|(epoch, _)| came_back(keyring, epoch, shreddings)).collect();
    found.extend(another_key(keyring, keyring.current_epoch(), known)?);
    found.extend(older(keyring, known));
    Ok(found)
}

/// The same, where the first stops whoever asks.
///
/// # Errors
/// The first of [`disagreements`].
pub fn refuse_disagreement(keyring: &Keyring, known: &KnownEpochs, shreddings: &[KnownShredding]) -> Result<(), KeysError> {
    disagreements(keyring, known, shreddings)?.into_iter().next().map_or(Ok(()), Err)
}

/// That the keyring has the key of an epoch which the ledger says was shredded, if it has.
pub(super) fn came_back(keyring: &Keyring, epoch: u32, shreddings: &[KnownShredding]) -> Option<KeysError> {
    let is_there = keyring.epochs().any(|(number, _)| number == epoch) && keyring.shredded(epoch).is_none();
    let said = shreddings.iter().map(|known| &known.said).rfind(|said| said.epoch == epoch && said.keyring == keyring.id());
    let current = epoch == keyring.current_epoch();
    said.filter(|_| is_there).map(|said| KeysError::CameBack { id: said.keyring.clone(), epoch, shredded: said.shredded, current })
}

/// That the keyring ends before the ledger's last epoch, if it does.
pub(super) fn older(keyring: &Keyring, known: &KnownEpochs) -> Option<KeysError> {
    let current = keyring.current_epoch();
    known.highest().filter(|highest| *highest > current).map(|known| KeysError::Older { id: keyring.id().to_owned(), current, known })
}

/// That an epoch's key is another than the one under which runs published, if it is. What was shredded, or is not there, is none.
///
/// # Errors
/// [`KeysError::Derivation`], which does not happen.
pub(super) fn another_key(keyring: &Keyring, epoch: u32, known: &KnownEpochs) -> Result<Option<KeysError>, KeysError> {
    match fingerprint(keyring, epoch) {
        Ok(fingerprint) if known.knows_another_key(epoch, &fingerprint) => {
            Ok(Some(KeysError::AnotherKey { id: keyring.id().to_owned(), epoch }))
        }
        Ok(_) | Err(KeysError::Shredded { .. } | KeysError::UnknownEpoch { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The same in a word.
///
/// # Errors
/// [`KeysError::Derivation`], which does not happen.
pub fn is_another_key(keyring: &Keyring, epoch: u32, known: &KnownEpochs) -> Result<bool, KeysError> {
    Ok(another_key(keyring, epoch, known)?.is_some())
}

/// An epoch's fingerprint as the ledger takes it down.
///
/// # Errors
/// As [`Keyring::fingerprint`].
pub fn fingerprint(keyring: &Keyring, epoch: u32) -> Result<KeyFingerprint, KeysError> {
    Ok(Hex(*keyring.fingerprint(epoch)?.as_bytes()))
}
