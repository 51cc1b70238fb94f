//! What the ledger knows of published sets: their versions, when each was replaced and whether it may hold somebody who was erased since, and the
//! runs that may have published one without saying so.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Digest;
use super::noted::{Noted, Notes};
use super::record::{OutdatedSet, PublishedSet, Record};

/// What every version's folder begins with, before the id of the run that made it.
const VERSION_PREFIX: &str = "v-";

/// A version of a set that a run entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPublication {
    /// The number of the entry.
    pub seq: u64,
    /// When it was entered.
    pub entered: Timestamp,
    /// When the run that entered it had begun.
    began: Timestamp,
    /// What it says.
    pub set: PublishedSet,
}

/// Where sets are published: of the place itself, and of the way there from the ledger's folder. `None` where it can not be followed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    /// As [`PublishedSet::place_sha256`].
    pub place_sha256: Option<Digest>,
    /// As [`PublishedSet::way_sha256`].
    pub way_sha256: Option<Digest>,
}

impl Place {
    /// The place that an entry names.
    #[must_use]
    pub fn of(set: &PublishedSet) -> Self {
        Self { place_sha256: set.place_sha256, way_sha256: set.way_sha256 }
    }

    /// Whether two entries name one place, or one that was copied together with its ledger. `None` where one of them is of a version that said no
    /// place.
    #[must_use]
    pub fn is(&self, other: &Self) -> Option<bool> {
        let way = self.way_sha256.is_some() && self.way_sha256 == other.way_sha256;
        Some(self.place_sha256? == other.place_sha256? || way)
    }
}

/// What the ledger vouches for about one version of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VouchedVersion {
    /// Of its manifest; `None` of a version whose run never said what it published.
    pub manifest_sha256: Option<Digest>,
    /// The span of time in which another version took its place; `None` where none has, as far as the ledger knows.
    pub replaced: Option<(Timestamp, Timestamp)>,
    /// Whether somebody who is in it may have been erased since.
    pub outdated: bool,
}

/// A run's beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Began {
    seq: u64,
    time: Timestamp,
    /// Whether it said what it published: it reached its end.
    ended: bool,
}

/// The sets that runs entered as published, with all their versions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Publications {
    /// Tenant and set → what was said, oldest first.
    sets: BTreeMap<(String, String), Vec<KnownPublication>>,
    /// Tenant and set → the entries that say that somebody of its subjects was erased, and whether that is true of its latest version of then.
    outdated: BTreeMap<(String, String), Vec<(u64, bool)>>,
    /// The runs.
    runs: BTreeMap<String, Began>,
    /// Tenant → the last entry by which anybody was erased.
    erased: BTreeMap<String, u64>,
    notes: Notes,
}

impl Publications {
    /// Takes note of a record.
    pub(super) fn apply(&mut self, seq: u64, time: Timestamp, record: &Record) {
        match record {
            Record::RunStarted(started) => drop(self.runs.insert(started.run.clone(), Began { seq, time, ended: false })),
            Record::Completion(said) => {
                let erased = said.deleted.len() + said.anonymised.len() + said.partly.len();
                // Nobody, where all were skipped.
                self.erased.extend((erased > 0).then(|| (said.tenant.clone(), seq)));
            }
            Record::SetNoted(said) => self.notes.add(time, said),
            Record::RunCompleted(completed) => {
                let began = self.runs.get_mut(&completed.run).map(|run| {
                    run.ended = true;
                    run.time
                });
                self.notes.end(&completed.run);
                for set in &completed.sets {
                    let (tenant, name) = set.of();
                    self.notes.published(tenant, name);
                    let known = KnownPublication { seq, entered: time, began: began.unwrap_or(time), set: set.clone() };
                    self.sets.entry((tenant.to_owned(), name.to_owned())).or_default().push(known);
                }
                for OutdatedSet { name, tenant, latest } in &completed.outdated {
                    let key = (tenant.clone().unwrap_or_default(), name.clone());
                    self.outdated.entry(key).or_default().push((seq, *latest));
                }
            }
            _ => {}
        }
    }

    /// The last version of a set; the tenant is empty in a store with one controller.
    #[must_use]
    pub fn of(&self, tenant: &str, set: &str) -> Option<&KnownPublication> {
        self.entries(tenant, set).last()
    }

    /// All sets of which versions were entered, as tenant and name, each with its last version.
    pub fn sets(&self) -> impl Iterator<Item = (&str, &str, &KnownPublication)> {
        self.sets.iter().filter_map(|((tenant, set), known)| Some((tenant.as_str(), set.as_str(), known.last()?)))
    }

    /// When a set was last entered as published to another place than these.
    #[must_use]
    pub fn elsewhere(&self, tenant: &str, set: &str, here: &[Place]) -> Option<Timestamp> {
        let is_elsewhere = |known: &&KnownPublication| here.iter().all(|here| Place::of(&known.set).is(here) == Some(false));
        self.entries(tenant, set).iter().rfind(is_elsewhere).map(|known| known.entered)
    }

    /// Whether a run began after an entry and has not said what it published: it may have been killed after the switch.
    #[must_use]
    pub fn may_have_published(&self, run: &str, since: u64) -> bool {
        self.runs.get(run).is_some_and(|run| !run.ended && run.seq > since)
    }

    /// What is vouched for about a version of a set, by its folder's name, as it lies `here`; `None` where no run can have published it.
    ///
    /// It was replaced between the beginning of the run that made the next one and that run's entry, or after the beginning of a run in between that
    /// did not come to enter anything.
    #[must_use]
    pub fn vouch(&self, tenant: &str, set: &str, version: &str, here: &Place, now: Timestamp) -> Option<VouchedVersion> {
        let entries = self.entries(tenant, set);
        let known = entries.iter().rfind(|known| known.set.version == version);
        let since = match known {
            Some(known) => known.seq,
            None => self.maker(version).filter(|maker| !maker.ended)?.seq,
        };
        let is_here = |other: &KnownPublication| {
            let place = Place::of(&other.set);
            place.is(here) != Some(false) || known.is_some_and(|known| place.is(&Place::of(&known.set)) != Some(false))
        };
        let next = entries.iter().find(|other| other.seq > since && other.set.version != version && is_here(other));
        let until = next.map_or(u64::MAX, |next| next.seq);
        let silent = self.runs.values().filter(|run| !run.ended && run.seq > since && run.seq < until).map(|run| run.time);
        let maker = next.map(|next| match self.maker(&next.set.version) {
            Some(maker) if maker.seq > since => maker.time,
            _ => next.began,
        });
        let replaced = silent.chain(maker).min().map(|from| (from, next.map_or(now, |next| next.entered)));
        let outdated = self.outdated.get(&(tenant.to_owned(), set.to_owned()));
        let outdated = outdated.is_some_and(|said| said.iter().any(|(seq, latest)| *seq > since && (*latest || *seq >= until)));
        Some(VouchedVersion { manifest_sha256: known.map(|known| known.set.manifest_sha256), replaced, outdated })
    }

    /// Whether anybody of a tenant was erased after an entry.
    #[must_use]
    pub fn erased_since(&self, tenant: &str, seq: u64) -> bool {
        self.erased.get(tenant).is_some_and(|erased| *erased > seq)
    }

    /// What runs found about a set and did not come to tell, oldest first.
    #[must_use]
    pub fn untold(&self, tenant: &str, set: &str) -> &[Noted] {
        self.notes.untold(tenant, set)
    }

    /// What runs have told of a set, each thing once, with when it was first found.
    #[must_use]
    pub fn told(&self, tenant: &str, set: &str) -> &[Noted] {
        self.notes.told(tenant, set)
    }

    fn entries(&self, tenant: &str, set: &str) -> &[KnownPublication] {
        self.sets.get(&(tenant.to_owned(), set.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// The run that made a version, by the name of its folder.
    fn maker(&self, version: &str) -> Option<Began> {
        self.runs.get(version.strip_prefix(VERSION_PREFIX)?).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::*;

    fn ends(run: &str, sets: Vec<PublishedSet>) -> Record {
        let Record::RunCompleted(record) = completed(run, &[]) else { unreachable!() };
        Record::RunCompleted(RunCompleted { sets, outdated: Vec::new(), ..record })
    }

    fn published(tenant: Option<&str>, name: &str, version: &str) -> PublishedSet {
        PublishedSet {
            name: name.into(),
            tenant: tenant.map(str::to_owned),
            version: version.into(),
            manifest_sha256: Hex([4; 32]),
            label: ReleaseLabel::Anonymous,
            place_sha256: None,
            way_sha256: None,
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

    fn at(place: u8, version: &str) -> PublishedSet {
        PublishedSet { place_sha256: Some(Hex([place; 32])), ..published(None, "sales", version) }
    }

    fn here(place: u8) -> Place {
        Place { place_sha256: Some(Hex([place; 32])), way_sha256: None }
    }

    /// Nights with runs of their number. `Some` are what they publish and whether somebody was erased (also of what was the latest); the others are
    /// killed.
    fn nights(nights: &[Option<(Vec<PublishedSet>, Option<bool>)>]) -> Publications {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = open(folder.path()).unwrap();
        for (number, night_of) in nights.iter().enumerate() {
            let number = u32::try_from(number).unwrap();
            let run = format!("r{number}");
            ledger.append(&started(&run, number), night(number)).unwrap();
            if let Some((sets, erased)) = night_of {
                let Record::RunCompleted(record) = ends(&run, sets.clone()) else { unreachable!() };
                let outdated = erased.map(|latest| OutdatedSet { name: "sales".into(), tenant: None, latest });
                let hour = jiff::SignedDuration::from_hours(1);
                let record = RunCompleted { outdated: outdated.into_iter().collect(), ..record };
                ledger.append(&Record::RunCompleted(record), night(number) + hour).unwrap();
            }
        }
        ledger.publications().clone()
    }

    /// The night in which it was replaced at the earliest, and at the latest; and whether it is outdated. All in place 1, on the tenth night.
    fn vouched(said: &Publications, version: &str) -> Option<(Option<(i64, i64)>, bool)> {
        let vouched = said.vouch("", "sales", version, &here(1), night(10))?;
        let number = |time: jiff::Timestamp| (time - night(0)).total(jiff::Unit::Hour).unwrap() as i64 / 24;
        Some((vouched.replaced.map(|(from, until)| (number(from), number(until))), vouched.outdated))
    }

    #[test]
    fn who_replaced_whom_is_known_to_the_night() {
        let said = nights(&[
            Some((vec![at(1, "v-r0")], None)),
            Some((vec![], None)),
            Some((vec![at(1, "v-r2")], None)),
            // Killed: it may have been the latest.
            None,
            Some((vec![at(1, "v-r4")], None)),
        ]);
        assert_eq!(vouched(&said, "v-r0"), Some((Some((2, 2)), false)));
        assert_eq!(vouched(&said, "v-r2"), Some((Some((3, 4)), false)));
        assert_eq!(vouched(&said, "v-r3"), Some((Some((4, 4)), false)));
        assert_eq!(vouched(&said, "v-r4"), Some((None, false)));
        // Its run ended and published nothing; there never was such a run; it is no run's.
        for stranger in ["v-r1", "v-2099", "r0", "v-"] {
            assert_eq!(vouched(&said, stranger), None, "{stranger}");
        }
        assert_eq!(said.vouch("", "sales", "v-r0", &here(1), night(10)).unwrap().manifest_sha256, Some(Hex([4; 32])));
        assert_eq!(said.vouch("", "sales", "v-r3", &here(1), night(10)).unwrap().manifest_sha256, None);
        // A run at work may have replaced the latest just now.
        let said = nights(&[Some((vec![at(1, "v-r0")], None)), None]);
        assert_eq!(vouched(&said, "v-r0"), Some((Some((1, 10)), false)));
        // Entered by the night after the one that was killed.
        let said = nights(&[Some((vec![at(1, "v-r0")], None)), None, Some((vec![at(1, "v-r1")], None))]);
        assert_eq!((vouched(&said, "v-r0"), vouched(&said, "v-r1")), (Some((Some((1, 2)), false)), Some((None, false))));
    }

    #[test]
    fn an_erasure_outdates_what_was_replaced_and_the_latest_where_it_says_so() {
        let latest = |latest| Some((vec![], Some(latest)));
        let begin = || Some((vec![at(1, "v-r0")], None));
        // The night that erases makes the next version.
        let said = nights(&[begin(), Some((vec![at(1, "v-r1")], Some(false)))]);
        assert_eq!((vouched(&said, "v-r0"), vouched(&said, "v-r1")), (Some((Some((1, 1)), true)), Some((None, false))));
        // It finds that the set stays as it is; a later night makes another one.
        let said = nights(&[begin(), latest(false), Some((vec![at(1, "v-r2")], None))]);
        assert_eq!(vouched(&said, "v-r0"), Some((Some((2, 2)), false)));
        // It can make none.
        let said = nights(&[begin(), latest(true), Some((vec![at(1, "v-r2")], None))]);
        assert_eq!((vouched(&said, "v-r0"), vouched(&said, "v-r2")), (Some((Some((2, 2)), true)), Some((None, false))));
        assert_eq!(vouched(&nights(&[begin(), latest(true)]), "v-r0"), Some((None, true)));
        // Long after it was replaced; and before it was made.
        let said = nights(&[begin(), latest(true), Some((vec![at(1, "v-r2")], None)), Some((vec![at(1, "v-r3")], None)), latest(false)]);
        assert_eq!((vouched(&said, "v-r2"), vouched(&said, "v-r3")), (Some((Some((3, 3)), true)), Some((None, false))));
    }

    #[test]
    fn versions_of_another_place_replace_none_of_this_one() {
        let said = nights(&[Some((vec![at(1, "v-r0")], None)), Some((vec![at(2, "v-r1")], None)), Some((vec![at(1, "v-r2")], None))]);
        assert_eq!(vouched(&said, "v-r0"), Some((Some((2, 2)), false)));
        assert_eq!(said.elsewhere("", "sales", &[here(1)]), Some(night(1) + jiff::SignedDuration::from_hours(1)));
        assert_eq!(said.elsewhere("", "sales", &[Place::default()]), None);
        // The folder was moved from 2 to 1 with all that lies in it.
        let said = nights(&[Some((vec![at(2, "v-r0")], None)), Some((vec![at(2, "v-r1")], None)), Some((vec![at(1, "v-r2")], None))]);
        assert_eq!((vouched(&said, "v-r0"), vouched(&said, "v-r1")), (Some((Some((1, 1)), false)), Some((Some((2, 2)), false))));
        // A copy of ledger and sets is one place with what it was copied from.
        let way = |place: u8, way: u8| Place { place_sha256: Some(Hex([place; 32])), way_sha256: Some(Hex([way; 32])) };
        assert_eq!((way(1, 5).is(&way(2, 5)), way(1, 5).is(&way(2, 6)), way(1, 5).is(&way(1, 6))), (Some(true), Some(false), Some(true)));
        assert_eq!((here(1).is(&way(2, 5)), here(1).is(&Place::default())), (Some(false), None));
    }
}
