//! What the ledger knows of published sets: the last version of each, and the runs that may have published one without saying so.

use std::collections::BTreeMap;

use super::record::{PublishedSet, Record};

/// The last version of a set that a run entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPublication {
    /// The number of the entry.
    pub seq: u64,
    /// What it says.
    pub set: PublishedSet,
}

/// The sets that runs entered as published, each with its last version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Publications {
    /// Tenant and set → the last that was said.
    sets: BTreeMap<(String, String), KnownPublication>,
    /// Runs that began and have not said what they published: killed or failed ones. Run → its first entry.
    silent: BTreeMap<String, u64>,
}

impl Publications {
    /// Takes note of a record.
    pub(super) fn apply(&mut self, seq: u64, record: &Record) {
        match record {
            Record::RunStarted(started) => drop(self.silent.insert(started.run.clone(), seq)),
            Record::RunCompleted(completed) => {
                self.silent.remove(&completed.run);
                for set in &completed.sets {
                    let (tenant, name) = set.of();
                    self.sets.insert((tenant.to_owned(), name.to_owned()), KnownPublication { seq, set: set.clone() });
                }
            }
            _ => {}
        }
    }

    /// The last version of a set; the tenant is empty in a store with one controller.
    #[must_use]
    pub fn of(&self, tenant: &str, set: &str) -> Option<&KnownPublication> {
        self.sets.get(&(tenant.to_owned(), set.to_owned()))
    }

    /// Whether a run began after an entry and has not said what it published: it may have been killed after the switch.
    #[must_use]
    pub fn may_have_published(&self, run: &str, since: u64) -> bool {
        self.silent.get(run).is_some_and(|began| *began > since)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::*;

    fn ends(run: &str, sets: Vec<PublishedSet>) -> Record {
        let Record::RunCompleted(record) = completed(run, &[]) else { unreachable!() };
        Record::RunCompleted(RunCompleted { sets, ..record })
    }

    fn published(tenant: Option<&str>, name: &str, version: &str) -> PublishedSet {
        PublishedSet {
            name: name.into(),
            tenant: tenant.map(str::to_owned),
            version: version.into(),
            manifest_sha256: Hex([4; 32]),
            label: ReleaseLabel::Anonymous,
            place_sha256: None,
        }
    }

    #[test]
    fn the_last_word_on_each_set_counts_and_who_was_killed_may_have_published() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = open(folder.path()).unwrap();
        let first = [published(Some("a/b"), "sales", "v-r1"), published(None, "north/sales", "v-r1"), published(None, "sales", "v-r1")];
        ledger.append(&started("r1", 0), night(0)).unwrap();
        ledger.append(&ends("r1", first.to_vec()), night(0)).unwrap();
        ledger.append(&started("r2", 1), night(1)).unwrap();
        let of =
            |ledger: &Ledger, tenant: &str| ledger.publications().of(tenant, "sales").map(|known| (known.seq, known.set.version.clone()));
        // Who is at work or was killed may have switched already.
        assert!(ledger.publications().may_have_published("r2", 2) && !ledger.publications().may_have_published("r1", 0));
        ledger.append(&failed("r2"), night(1)).unwrap();
        ledger.append(&started("r3", 2), night(2)).unwrap();
        ledger.append(&ends("r3", vec![published(None, "sales", "v-r3")]), night(2)).unwrap();
        assert!(ledger.publications().may_have_published("r2", 2) && !ledger.publications().may_have_published("r2", 6));
        assert!(!ledger.publications().may_have_published("r9", 0));
        // A record of before tenants had a member of their own has the tenant before the name.
        for (tenant, expected) in
            [("", Some((6, "v-r3"))), ("north", Some((2, "v-r1"))), ("a/b", Some((2, "v-r1"))), ("a", None), ("south", None)]
        {
            assert_eq!(of(&ledger, tenant), expected.map(|(seq, version)| (seq, version.to_owned())), "{tenant}");
        }
        let known = ledger.publications().clone();
        drop(ledger);
        assert_eq!(*open(folder.path()).unwrap().publications(), known);
        assert_eq!(check(&folder.path().join(FILE_NAME), &KEY, None, "keyring-1").unwrap().publications, known);
    }
}
