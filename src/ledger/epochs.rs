//! The epochs of pseudonyms that a ledger knows: under which number, and under which key, its runs published.
//!
//! A keyring is a small file with backups of its own. Whoever puts an older one back has fewer epochs than were used, and would give their
//! numbers to other keys. The ledger tells.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{KeyFingerprint, Record};

/// What a ledger knows of one epoch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownEpoch {
    /// The fingerprints of its key that runs entered: one, or none where all its runs were of versions that entered none.
    pub fingerprints: BTreeSet<KeyFingerprint>,
    /// When a run last began under it; `None` where it was shredded without ever having been used.
    pub last_used: Option<Timestamp>,
}

/// The epochs that a ledger knows, used or shredded, by number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownEpochs(BTreeMap<u32, KnownEpoch>);

impl KnownEpochs {
    /// Takes note of a record.
    pub(super) fn note(&mut self, time: Timestamp, record: &Record) {
        match record {
            Record::RunStarted(started) => {
                let known = self.0.entry(started.key_epoch).or_default();
                known.fingerprints.extend(started.key_fingerprint);
                known.last_used = known.last_used.max(Some(time));
            }
            Record::EpochShredded(said) => drop(self.0.entry(said.epoch).or_default()),
            _ => {}
        }
    }

    /// All of them, by ascending number.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &KnownEpoch)> {
        self.0.iter().map(|(epoch, known)| (*epoch, known))
    }

    /// The highest number that was ever used or shredded.
    #[must_use]
    pub fn highest(&self) -> Option<u32> {
        self.0.last_key_value().map(|(epoch, _)| *epoch)
    }

    /// Whether runs published under this number with another key than the one of this fingerprint.
    #[must_use]
    pub fn knows_another_key(&self, epoch: u32, fingerprint: &KeyFingerprint) -> bool {
        self.0.get(&epoch).is_some_and(|known| known.fingerprints.iter().any(|known| known != fingerprint))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::*;

    fn run(ledger: &mut Ledger, number: u32, epoch: u32, fingerprint: Option<u8>) {
        let Record::RunStarted(begun) = started(&format!("r{number}"), number) else { panic!("no start") };
        let record = Record::RunStarted(RunStarted { key_epoch: epoch, key_fingerprint: fingerprint.map(|byte| Hex([byte; 16])), ..begun });
        ledger.append(&record, night(number)).unwrap();
    }

    #[test]
    fn what_runs_used_and_what_was_shredded_is_known_again_after_opening_and_by_the_check() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = open(folder.path()).unwrap();
        assert_eq!(ledger.epochs().highest(), None);
        run(&mut ledger, 0, 1, None);
        assert!(!ledger.epochs().knows_another_key(1, &Hex([9; 16])), "runs of earlier versions entered no fingerprint");
        run(&mut ledger, 1, 1, Some(1));
        run(&mut ledger, 2, 3, Some(3));
        run(&mut ledger, 3, 3, Some(3));
        let (created, shredded) = (night(0), night(4));
        let said = EpochShredded { keyring: "keyring-1".into(), epoch: 7, created, shredded };
        ledger.append(&Record::EpochShredded(said), night(4)).unwrap();

        let epochs = ledger.epochs().clone();
        let used: Vec<_> = epochs.iter().map(|(epoch, known)| (epoch, known.fingerprints.len(), known.last_used)).collect();
        assert_eq!(used, [(1, 1, Some(night(1))), (3, 1, Some(night(3))), (7, 0, None)]);
        assert_eq!(epochs.highest(), Some(7));
        for (epoch, byte, another) in [(1, 1, false), (1, 3, true), (3, 3, false), (3, 1, true), (2, 1, false), (7, 1, false)] {
            assert_eq!(epochs.knows_another_key(epoch, &Hex([byte; 16])), another, "{epoch}, {byte}");
        }
        drop(ledger);
        assert_eq!(open(folder.path()).unwrap().epochs(), &epochs);
        let path = folder.path().join(FILE_NAME);
        assert_eq!(check(&path, &KEY, None, "keyring-1").unwrap().epochs, epochs);
        // What was changed proves nothing.
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("\"key_epoch\":3", "\"key_epoch\":9")).unwrap();
        assert_eq!(check(&path, &KEY, None, "keyring-1").unwrap().epochs.iter().map(|(epoch, _)| epoch).collect::<Vec<_>>(), [1, 7]);
    }
}
