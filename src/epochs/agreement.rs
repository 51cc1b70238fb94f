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
#[must_use]
pub fn came_back(keyring: &Keyring, epoch: u32, shreddings: &[KnownShredding]) -> Option<KeysError> {
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
            let current = epoch == keyring.current_epoch();
            Ok(Some(KeysError::AnotherKey { id: keyring.id().to_owned(), epoch, current }))
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

#[cfg(all(test, unix))]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::{Path, PathBuf};

    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::super::{refuse_shredding, said_of};
    use super::*;
    use crate::keys::KeyringFile;
    use crate::ledger::{Ledger, Opening, Record, RunStarted};

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[derive(Debug, Clone)]
    enum Step {
        Run,
        Rotate,
        Shred(u32),
        Backup,
        Restore(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => Just(Step::Run),
            3 => Just(Step::Rotate),
            3 => (1..6_u32).prop_map(Step::Shred),
            2 => Just(Step::Backup),
            3 => (0..8_usize).prop_map(Step::Restore),
        ]
    }

    /// A keyring's file with copies of it, a ledger, and what somebody saw who read the files' own text.
    struct Office {
        folder: tempfile::TempDir,
        ledger: Ledger,
        copies: Vec<PathBuf>,
        chance: u8,
        runs: u32,
        /// Number → the key, as it stands in the file, under which was published.
        published: BTreeMap<u32, String>,
        shredded: BTreeSet<u32>,
    }

    impl Office {
        fn open() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let keyring = Keyring::create(&folder.path().join("keyring.json"), NOW, [200; 40]).unwrap();
            let opening = Opening { ledger: Hex([9; 8]), keyring: keyring.id().into(), store: "s".into(), gallra_version: "1".into() };
            let key = crate::run::ledger_mac(&keyring).unwrap();
            let ledger = Ledger::open_or_create(&folder.path().join("ledger"), key, opening, NOW).unwrap();
            Self { folder, ledger, copies: Vec::new(), chance: 0, runs: 0, published: BTreeMap::new(), shredded: BTreeSet::new() }
        }

        fn path(&self) -> PathBuf {
            self.folder.path().join("keyring.json")
        }

        /// The keys in the file: number → its text.
        fn seen(&self) -> BTreeMap<u32, String> {
            let text: serde_json::Value = serde_json::from_slice(&std::fs::read(self.path()).unwrap()).unwrap();
            let held = text["epochs"].as_array().unwrap().iter().filter_map(|epoch| {
                Some((u32::try_from(epoch["number"].as_u64().unwrap()).unwrap(), epoch["master"].as_str()?.to_owned()))
            });
            held.collect()
        }

        fn found(&self) -> Vec<KeysError> {
            disagreements(&Keyring::open(&self.path()).unwrap(), self.ledger.epochs(), self.ledger.shreddings()).unwrap()
        }

        /// Publishes, or is refused: exactly where what was seen says so.
        fn run(&mut self) {
            let seen = self.seen();
            let (number, key) = seen.last_key_value().map(|(number, key)| (*number, key.clone())).unwrap();
            let highest = self.published.keys().chain(&self.shredded).max().copied().unwrap_or_default();
            let is_another = self.published.get(&number).is_some_and(|before| *before != key);
            let came_back = seen.keys().any(|number| self.shredded.contains(number));
            let found = self.found();
            assert_eq!(!found.is_empty(), highest > number || is_another || came_back, "{found:?}");
            if !found.is_empty() {
                return;
            }
            self.published.insert(number, key);
            self.runs += 1;
            let keyring = Keyring::open(&self.path()).unwrap();
            let begun = RunStarted {
                run: format!("r{}", self.runs),
                as_of: jiff::civil::date(2026, 11, 22),
                tenants: Vec::new(),
                pipeline_sha256: Hex([1; 32]),
                lock_sha256: Hex([1; 32]),
                schema_sha256: Hex([1; 32]),
                code_version: "1".into(),
                snapshot: "s".into(),
                time_zones: Vec::new(),
                key_epoch: keyring.current_epoch(),
                key_fingerprint: Some(fingerprint(&keyring, keyring.current_epoch()).unwrap()),
                saved_plan: None,
            };
            self.ledger.append(&Record::RunStarted(begun), NOW).unwrap();
        }

        fn rotate(&mut self) {
            self.chance += 1;
            let (file, mut keyring) = KeyringFile::open(&self.path()).unwrap();
            let given = keyring.rotate(self.ledger.epochs().highest(), NOW, [self.chance; 40]).unwrap();
            assert!(!self.published.contains_key(&given) && !self.shredded.contains(&given), "{given} is given a second time");
            file.replace(&keyring, false).unwrap();
        }

        /// Whether it was shredded, or had been.
        fn shred(&mut self, epoch: u32) -> bool {
            let seen = self.seen();
            let (file, mut keyring) = KeyringFile::open(&self.path()).unwrap();
            if refuse_shredding(&keyring, epoch, self.ledger.epochs(), self.ledger.shreddings()).is_err()
                || keyring.shred(epoch, NOW).is_err()
            {
                return false;
            }
            // What the ledger first says to be gone is the key under which was published, and no other.
            if let (Some(key), Some(published), false) = (seen.get(&epoch), self.published.get(&epoch), self.shredded.contains(&epoch)) {
                assert_eq!(key, published);
            }
            file.replace(&keyring, true).unwrap();
            self.ledger.append(&Record::EpochShredded(said_of(&keyring, epoch).unwrap()), NOW).unwrap();
            self.shredded.insert(epoch);
            true
        }

        fn copy(from: &Path, to: &Path) {
            std::fs::copy(from, to).unwrap();
        }

        fn take(&mut self, step: &Step) {
            match step {
                Step::Run => self.run(),
                Step::Rotate => self.rotate(),
                Step::Shred(epoch) => drop(self.shred(*epoch)),
                Step::Backup => {
                    let to = self.folder.path().join(format!("copy-{}.json", self.copies.len()));
                    Self::copy(&self.path(), &to);
                    self.copies.push(to);
                }
                Step::Restore(which) if !self.copies.is_empty() => {
                    let from = self.copies[which % self.copies.len()].clone();
                    // What is put away may come back as well.
                    self.take(&Step::Backup);
                    Self::copy(&from, &self.path());
                }
                Step::Restore(_) => {}
            }
        }

        /// Does what the hints say to somebody who has no newer copy, until a run is let through.
        fn follow_the_hints(&mut self) {
            for _ in 0..20 {
                match self.found().first() {
                    None => return self.run(),
                    Some(error) => {
                        let hint = error.hint().unwrap();
                        if hint.contains("gallra keys rotate") {
                            self.rotate();
                        } else if let KeysError::CameBack { epoch, .. } = error {
                            assert!(hint.contains(&format!("gallra keys shred PIPELINE {epoch} --yes")), "{hint}");
                            let epoch = *epoch;
                            if !self.shred(epoch) {
                                // The refusal has a hint of its own.
                                let keyring = Keyring::open(&self.path()).unwrap();
                                let refused =
                                    refuse_shredding(&keyring, epoch, self.ledger.epochs(), self.ledger.shreddings()).unwrap_err();
                                assert!(refused.hint().unwrap().contains("gallra keys rotate"), "{refused}");
                                self.rotate();
                            }
                        }
                    }
                }
            }
            panic!("the hints lead in a circle: {:?}", self.found());
        }
    }

    #[test]
    fn an_older_copy_another_key_and_a_key_that_came_back_are_told_with_a_way_out() {
        let mut office = Office::open();
        for step in [Step::Run, Step::Backup, Step::Rotate, Step::Run] {
            office.take(&step);
        }
        assert_eq!(office.found().len(), 0);
        office.take(&Step::Restore(0));
        assert!(matches!(office.found().as_slice(), [KeysError::Older { current: 1, known: 2, .. }]));
        assert!(!office.shred(1), "an older copy shreds nothing");
        office.rotate();
        assert_eq!(Keyring::open(&office.path()).unwrap().current_epoch(), 3);
        office.run();
        // The copy with the second epoch comes back: the ledger knows the third by now.
        office.take(&Step::Restore(1));
        assert!(matches!(office.found().as_slice(), [KeysError::Older { current: 2, known: 3, .. }]));
        office.follow_the_hints();
        assert!(office.shred(1));
        office.take(&Step::Restore(0));
        let found = office.found();
        assert!(matches!(found.as_slice(), [KeysError::CameBack { epoch: 1, current: true, .. }, KeysError::Older { .. }]), "{found:?}");
        office.follow_the_hints();
        assert_eq!(office.published.keys().copied().collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn a_key_that_was_never_used_and_has_the_number_of_a_shredded_one_goes_as_well() {
        let mut office = Office::open();
        for step in [Step::Run, Step::Backup, Step::Rotate, Step::Backup, Step::Restore(0), Step::Rotate, Step::Run, Step::Rotate] {
            office.take(&step);
        }
        assert!(office.shred(2));
        office.take(&Step::Restore(1));
        assert!(matches!(office.found().as_slice(), [KeysError::CameBack { epoch: 2, current: true, .. }, KeysError::AnotherKey { .. }]));
        office.follow_the_hints();
    }

    #[test]
    fn an_epoch_that_an_earlier_version_gave_twice_is_told_and_never_shredded_for_the_other() {
        let mut office = Office::open();
        for step in [Step::Run, Step::Backup, Step::Rotate, Step::Run, Step::Restore(0)] {
            office.take(&step);
        }
        // As earlier versions did: the next number of the keyring, whatever the ledger knows.
        let (file, mut keyring) = KeyringFile::open(&office.path()).unwrap();
        assert_eq!(keyring.rotate(None, NOW, [100; 40]).unwrap(), 2);
        file.replace(&keyring, false).unwrap();
        assert!(matches!(office.found().as_slice(), [KeysError::AnotherKey { epoch: 2, current: true, .. }]));
        office.run();
        assert!(!office.shred(1));
        office.follow_the_hints();
        assert!(is_another_key(&Keyring::open(&office.path()).unwrap(), 2, office.ledger.epochs()).unwrap());
        assert!(!office.shred(2), "the key under which was published is in another file");
        assert!(office.shred(1));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn whatever_copy_comes_back_no_number_has_two_keys_and_the_hints_lead_out(steps in prop::collection::vec(step(), 0..24)) {
            let mut office = Office::open();
            for step in &steps {
                office.take(step);
            }
            office.follow_the_hints();
        }
    }
}
