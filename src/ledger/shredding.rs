//! The shredding of an epoch's key, as the ledger takes it down.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Digest;

/// The master key of an epoch was destroyed: the pseudonyms made under it can be linked to no one any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochShredded {
    /// The keyring.
    pub keyring: String,
    /// The epoch.
    pub epoch: u32,
    /// When the epoch began.
    pub created: Timestamp,
    /// When its key was destroyed, as the keyring says.
    pub shredded: Timestamp,
}

/// An entry about a shredding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownShredding {
    /// The number of the entry.
    pub seq: u64,
    /// When it was entered.
    pub entered: Timestamp,
    /// The MAC of the entry.
    pub mac: Digest,
    /// What it says.
    pub said: EpochShredded,
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::*;

    fn shredded(epoch: u32) -> Record {
        let (created, shredded) = (night(0), night(3));
        Record::EpochShredded(EpochShredded { keyring: "keyring-1".into(), epoch, created, shredded })
    }

    #[test]
    fn a_shredding_stands_between_anything_and_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        let mut ledger = open(folder.path()).unwrap();
        ledger.append(&started("r1", 0), night(0)).unwrap();
        let kept = ledger.append(&completed("r1", &["lead"]), night(0)).unwrap();
        let first = ledger.append(&shredded(1), night(3)).unwrap();
        // A copy of an old keyring came back and was shredded again.
        let again = ledger.append(&shredded(1), night(4)).unwrap();
        let known: Vec<(u64, Digest)> = ledger.shreddings().iter().map(|known| (known.seq, known.mac)).collect();
        assert_eq!(known, [(first.seq, first.mac), (again.seq, again.mac)]);
        drop(ledger);
        let report = check(&path, &KEY, Some(&kept), "keyring-1").unwrap();
        // The store hears of it at its next run and is none the older for it.
        assert_eq!(report.findings, []);
        assert_eq!(report.shreddings.len(), 2);
        assert_eq!(report.shreddings, open(folder.path()).unwrap().shreddings());
        assert_eq!(verify_by_hand(&std::fs::read(&path).unwrap(), KEY.0).unwrap()[first.seq as usize], first.mac.to_string());

        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(
            r#""record":{"kind":"epoch_shredded","keyring":"keyring-1","epoch":1,"created":"2026-11-01T01:00:00Z","shredded":"2026-11-04T01:00:00Z"}"#
        ));
        std::fs::write(&path, text.replacen("\"epoch\":1", "\"epoch\":2", 1)).unwrap();
        let report = check(&path, &KEY, None, "keyring-1").unwrap();
        assert_eq!(report.findings.iter().map(|finding| (finding.entry, &finding.problem)).collect::<Vec<_>>(), [(3, &Problem::Tampered)]);
        // What was changed proves nothing.
        assert_eq!(report.shreddings.iter().map(|known| known.seq).collect::<Vec<_>>(), [4]);
    }
}
