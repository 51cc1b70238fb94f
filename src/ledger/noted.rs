//! What runs found about published sets that somebody has to hear, and whether a run has told it.
//!
//! A run tells what it found when it reaches its end. One that is killed after it mended what it found would leave nobody who could find it again,
//! so it enters it first, and whichever run reaches its end next tells it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Code, Digest};

/// Something about a set's published versions that somebody has to hear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetNoted {
    /// The run that found it.
    pub run: String,
    /// The set's name.
    pub name: String,
    /// The tenant; absent in a store with one controller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// What was found, such as `stranger`.
    pub what: Code,
    /// Of the name of the version's folder, which somebody else may have chosen; absent where it is about none, or about all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_sha256: Option<Digest>,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// The run that found it.
    pub run: String,
    /// What it found.
    pub what: Code,
    /// About which version.
    pub version_sha256: Option<Digest>,
    /// When it was entered.
    pub entered: Timestamp,
}

/// What was found about each set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Notes {
    /// By tenant and set.
    sets: BTreeMap<(String, String), OfSet>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct OfSet {
    /// What no run has told.
    untold: Vec<Noted>,
    /// What runs have told, each thing once.
    told: Vec<Noted>,
}

impl Notes {
    /// Takes note of what a run found.
    pub fn add(&mut self, time: Timestamp, said: &SetNoted) {
        let key = (said.tenant.clone().unwrap_or_default(), said.name.clone());
        let noted = Noted { run: said.run.clone(), what: said.what.clone(), version_sha256: said.version_sha256, entered: time };
        self.sets.entry(key).or_default().untold.push(noted);
    }

    /// Takes note of a run's end. It has told all that is known of the sets of which it found something itself: what earlier runs did not come to
    /// tell it enters once more.
    pub fn end(&mut self, run: &str) {
        for set in self.sets.values_mut().filter(|set| set.untold.iter().any(|noted| noted.run == run)) {
            for noted in std::mem::take(&mut set.untold) {
                if !set.told.iter().any(|told| told.what == noted.what && told.version_sha256 == noted.version_sha256) {
                    set.told.push(noted);
                }
            }
        }
    }

    /// Takes note of a set's being published: what was told of all of it is over.
    pub fn published(&mut self, tenant: &str, set: &str) {
        if let Some(of) = self.sets.get_mut(&(tenant.to_owned(), set.to_owned())) {
            of.told.retain(|noted| noted.version_sha256.is_some());
        }
    }

    pub fn untold(&self, tenant: &str, set: &str) -> &[Noted] {
        self.of(tenant, set).map_or(&[], |of| &of.untold)
    }

    pub fn told(&self, tenant: &str, set: &str) -> &[Noted] {
        self.of(tenant, set).map_or(&[], |of| &of.told)
    }

    fn of(&self, tenant: &str, set: &str) -> Option<&OfSet> {
        self.sets.get(&(tenant.to_owned(), set.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::*;

    fn found(run: &str, what: &'static str, version: Option<u8>) -> Record {
        Record::SetNoted(SetNoted {
            run: run.into(),
            name: "sales".into(),
            tenant: None,
            what: Code::literal(what),
            version_sha256: version.map(|byte| Hex([byte; 32])),
        })
    }

    fn ends(run: &str, sets: Vec<PublishedSet>) -> Record {
        let Record::RunCompleted(record) = completed(run, &[]) else { unreachable!() };
        Record::RunCompleted(RunCompleted { sets, outdated: Vec::new(), ..record })
    }

    #[test]
    fn what_a_killed_run_found_is_told_by_the_first_that_ends() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = open(folder.path()).unwrap();
        let of = |ledger: &Ledger| {
            let text = |noted: &[Noted]| noted.iter().map(|noted| format!("{} {}", noted.run, noted.what)).collect::<Vec<_>>();
            (text(ledger.publications().untold("", "sales")), text(ledger.publications().told("", "sales")))
        };
        let append = |ledger: &mut Ledger, records: &[Record], number: u32| {
            records.iter().for_each(|record| drop(ledger.append(record, night(number)).unwrap()));
        };
        append(&mut ledger, &[started("r1", 0), found("r1", "stranger", Some(7)), failed("r1")], 0);
        assert_eq!(of(&ledger), (vec!["r1 stranger".to_owned()], vec![]));
        // A backfill of another set tells nothing of this one.
        append(&mut ledger, &[started("r2", 1), ends("r2", vec![])], 1);
        assert_eq!(of(&ledger).0.len(), 1);
        append(&mut ledger, &[started("r3", 2), found("r3", "stranger", Some(7)), found("r3", "left", None), ends("r3", vec![])], 2);
        assert_eq!(of(&ledger), (vec![], vec!["r1 stranger".to_owned(), "r3 left".to_owned()]));
        assert_eq!(ledger.publications().told("", "sales")[0].entered, night(0));
        // Published again: if it leaves once more, that is told once more. The version stays a stranger.
        let published = PublishedSet {
            name: "sales".into(),
            tenant: None,
            version: "v-r4".into(),
            manifest_sha256: Hex([4; 32]),
            label: ReleaseLabel::Anonymous,
            place_sha256: None,
            way_sha256: None,
        };
        append(&mut ledger, &[started("r4", 3), ends("r4", vec![published])], 3);
        assert_eq!(of(&ledger).1, ["r1 stranger"]);
        assert!(matches!(ledger.append(&found("r4", "left", None), night(4)), Err(LedgerError::OutOfSequence { .. })));
        let known = ledger.publications().clone();
        drop(ledger);
        assert_eq!(*open(folder.path()).unwrap().publications(), known);
        let path = folder.path().join(FILE_NAME);
        assert_eq!(check(&path, &KEY, None, "keyring-1").unwrap().publications, known);
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.contains(r#""record":{"kind":"set_noted","run":"r3","name":"sales","what":"left"}"#), "{text}");
    }
}
