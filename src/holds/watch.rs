//! The register during a run: read anew whenever somebody asks, because a hold may be added while the run is at work.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::register::{Seal, read_bytes};
use super::{HoldsError, Known, Register, compare, enter};
use crate::error::Error;
use crate::keys::Keyring;
use crate::ledger::{Hex, Ledger, LedgerError};

/// The register as a run sees it. Several threads may ask.
#[derive(Debug)]
pub struct Watch {
    path: PathBuf,
    seal: Seal,
    known: Known,
    seen: Mutex<Seen>,
}

/// The file when it was last looked at.
#[derive(Debug)]
struct Seen {
    bytes: Option<Vec<u8>>,
    register: Arc<Register>,
}

impl Watch {
    /// Begins to watch. `known` is what the ledger knew before.
    ///
    /// # Errors
    /// The register can not be used, or lacks what the ledger knows.
    pub fn begin(path: &Path, keyring: &Keyring, known: Known) -> Result<Self, Error> {
        let nothing = Register { ledger: known.ledger.unwrap_or(Hex([0; 8])), holds: Vec::new() };
        let seen = Mutex::new(Seen { bytes: None, register: Arc::new(nothing) });
        let watch = Self { path: path.to_owned(), seal: Seal::of(keyring)?, known, seen };
        compare(path, watch.look()?.as_ref(), &watch.known)?;
        watch.register()?;
        Ok(watch)
    }

    fn look(&self) -> Result<Option<Register>, HoldsError> {
        Register::read(&self.path, &self.seal)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // Whoever panicked while looking left what was seen before.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The register as it stands now. Every hold of which [`super::add`] returned before this was called is in it. The same value as before
    /// where nobody has changed it.
    ///
    /// # Errors
    /// The register can not be used, or lacks a hold that the ledger knew or that was seen before.
    pub fn register(&self) -> Result<Arc<Register>, HoldsError> {
        let mut seen = self.seen();
        let bytes = read_bytes(&self.path)?;
        if bytes == seen.bytes {
            return Ok(seen.register.clone());
        }
        let register = bytes.as_ref().map(|bytes| Register::parse(&self.path, bytes, &self.seal)).transpose()?;
        compare(&self.path, register.as_ref(), &self.known)?;
        let Some(register) = register else {
            let holds = seen.register.holds.len();
            return Err(HoldsError::Missing { path: self.path.clone(), holds });
        };
        for before in &seen.register.holds {
            match register.hold(before.id) {
                None => return Err(HoldsError::Lacks { path: self.path.clone(), hold: before.id }),
                Some(now) if before.released.is_some() && now.released.is_none() => {
                    return Err(HoldsError::Disagrees { path: self.path.clone(), hold: before.id });
                }
                Some(_) => {}
            }
        }
        *seen = Seen { bytes, register: Arc::new(register) };
        Ok(seen.register.clone())
    }

    /// Enters in the ledger what is new, on behalf of those who could not because a run has it.
    ///
    /// # Errors
    /// The register can not be used, or the ledger refuses.
    pub fn enter(&self, ledger: &mut Ledger, now: Timestamp) -> Result<(), EnterError> {
        let register = self.register()?;
        let entered = enter(ledger, &register, now)?;
        if entered > 0 {
            tracing::info!(entries = entered, "holds entered in the ledger");
        }
        Ok(())
    }
}

/// Why holds could not be entered.
#[derive(Debug, thiserror::Error)]
pub enum EnterError {
    /// The register.
    #[error(transparent)]
    Holds(#[from] HoldsError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

#[cfg(test)]
mod tests {
    use super::super::register::Lock;
    use super::super::tests::hold;
    use super::super::{Hold, Release, Words};
    use super::*;

    fn keyring() -> Keyring {
        Keyring::generate(Timestamp::UNIX_EPOCH, [7; 40])
    }

    fn write(path: &Path, holds: &[Hold]) {
        let register = Register { ledger: Hex([9; 8]), holds: holds.to_vec() };
        register.write(&Lock::take(path).unwrap(), &Seal::of(&keyring()).unwrap()).unwrap();
    }

    #[test]
    fn a_hold_is_seen_as_soon_as_it_is_there_and_none_ever_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("holds.json");
        let known = Known { ledger: Some(Hex([9; 8])), ..Known::default() };
        let watch = Watch::begin(&path, &keyring(), known).unwrap();
        let count = || watch.register().map(|register| register.holds.len());
        assert_eq!(count().unwrap(), 0);
        write(&path, &[hold(1)]);
        assert_eq!(count().unwrap(), 1);
        let first = watch.register().unwrap();
        assert!(Arc::ptr_eq(&first, &watch.register().unwrap()), "an unchanged file is the same value");
        let whole = std::fs::read(&path).unwrap();
        let release = Release { at: Timestamp::UNIX_EPOCH, reason: Words("r".into()), owner: Words("o".into()) };
        write(&path, &[Hold { released: Some(release), ..hold(1) }, hold(2)]);
        assert_eq!(count().unwrap(), 2);
        // An older file, authentic as it is.
        std::fs::write(&path, &whole).unwrap();
        assert!(matches!(count(), Err(HoldsError::Disagrees { .. })));
        write(&path, &[hold(2)]);
        assert!(matches!(count(), Err(HoldsError::Lacks { .. })));
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(count(), Err(HoldsError::Missing { holds: 2, .. })));
        std::fs::write(&path, b"{}").unwrap();
        assert!(matches!(count(), Err(HoldsError::NotARegister { .. })));
    }
}
