//! The memory of an anonymous set's releases, as a private file beside the ledger.
//!
//! ```text
//! <ledger>/contributors/[<tenant>/]<set>.json         of the latest version
//!                                  <set>.json.next    of the version that is being switched to
//! ```
//!
//! It is not in the output, whose readers are the analysts, and it names nobody: a cell is a keyed token, its contributors are sums of keyed
//! numbers from which no one person's can be taken out again without the keyring (`contributors.rs`). Its values are those that were published.
//! It grows with the cells that were ever shown and the times that `k` people of one changed, not with people or nights.
//!
//! The memory must never know less than the readers. So it is prepared before the switch and put in its place after it: a run that is killed in
//! between leaves both files, and `latest.json` says which of them is true. Where neither is, or the file is damaged, of another keyring or
//! gone, the set is refused, because nobody can say any more what a release would reveal.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use super::contributors::Contributors;
use super::folder::folder_name;
use super::frozen::{Known, Memory, Shown};
use super::{PublishError, resolve_latest};
use crate::keys::{DerivedKey, Keyring, Purpose, Token};
use crate::ledger::{Digest, Hex};
use crate::pipeline::Set;

const FORMAT: &str = "gallra-contributors-1";
/// The first part of every MAC, so that no other use of the key can be taken for it.
const LABEL: &[u8] = b"gallra.contributors.1";
const FOLDER: &str = "contributors";

/// What the MAC is taken over.
#[derive(Serialize)]
struct Body<'a> {
    format: &'a str,
    keyring: &'a str,
    tenant: &'a str,
    set: &'a str,
    version: &'a str,
    shape: Option<Digest>,
    capacity: usize,
    cells: &'a [RawCell],
}

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMemory {
    format: String,
    keyring: String,
    tenant: String,
    set: String,
    /// The version that was the latest with this memory.
    version: String,
    shape: Option<Digest>,
    capacity: usize,
    cells: Vec<RawCell>,
    mac: Digest,
}

/// A cell.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCell {
    cell: Token,
    shown: Option<RawShown>,
    states: Vec<String>,
}

/// A cell's values.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawShown {
    values: Vec<Option<String>>,
    subjects: u64,
}

/// Where the memory of one set of one tenant stands, and with what it is sealed.
#[derive(Debug, Clone)]
pub struct Remembering {
    path: PathBuf,
    keyring: String,
    tenant: String,
    set: String,
    mac: DerivedKey,
    /// For the tokens of cells, people and contributions.
    pub(super) tokens: DerivedKey,
    memory: Memory,
}

impl Remembering {
    /// Reads the memory of a set's releases in `output` from beside the ledger. A set that was never published has an empty one.
    ///
    /// Keys are of the keyring's first epoch: contributors must stay comparable for as long as somebody keeps a release. Where somebody altered what
    /// leads to the latest version, `said` is the version that the ledger says it is: then that is the one to remember.
    ///
    /// # Errors
    /// [`PublishError::MemoryMissing`] where the set has releases and no memory of the latest; [`PublishError::MemoryOfAnother`] where it is of
    /// another version, as an older copy is; [`PublishError::MemoryDamaged`] where the file is not as gallra wrote it under this keyring;
    /// [`PublishError::Io`]; those of [`resolve_latest`].
    pub fn open(
        ledger: &Path,
        output: &Path,
        keyring: &Keyring,
        tenant: &str,
        set: &Set,
        said: Option<&str>,
    ) -> Result<Self, PublishError> {
        let epoch = keyring.epochs().map(|(number, _)| number).min().unwrap_or(1);
        let key = |purpose| keyring.derive(tenant, purpose, epoch).map_err(PublishError::step(&set.name, "deriving a key"));
        let mut path = ledger.join(FOLDER);
        if !tenant.is_empty() {
            path.push(folder_name(tenant));
        }
        path.push(format!("{}.json", folder_name(&set.name)));
        let mut remembering = Self {
            path,
            keyring: keyring.id().to_owned(),
            tenant: tenant.to_owned(),
            set: set.name.clone(),
            mac: key(Purpose::ContributorMac)?,
            tokens: key(Purpose::Contributor)?,
            memory: Memory::new(set.k),
        };
        let known = match resolve_latest(output, Some(tenant), &set.name) {
            Ok(folder) | Err(PublishError::VersionMissing { path: folder }) => Some(remembering.of(&version_of(&folder), said)?),
            // Whoever removed the versions may have read them: whatever is remembered counts, unless it is less than they knew.
            Err(PublishError::NotPublished { .. }) => match remembering.read(&remembering.path)? {
                Some((version, _)) if said.is_some_and(|said| version.as_str() < said) => {
                    return Err(remembering.of_another(version, said.unwrap_or_default()));
                }
                read => read.map(|(_, memory)| memory),
            },
            Err(PublishError::Corrupt { .. }) => Some(match remembering.settled()? {
                (version, _) if said.is_some_and(|said| version.as_str() < said) => {
                    return Err(remembering.of_another(version, said.unwrap_or_default()));
                }
                (_, memory) => memory,
            }),
            Err(error) => return Err(error),
        };
        remembering.memory = known.unwrap_or_else(|| Memory::new(set.k));
        Ok(remembering)
    }

    /// Whether there is a memory of a set's releases, as [`Self::open`] reads it; a set that the ledger says `was_published` has to have one, also
    /// where its versions are gone.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn look(
        ledger: &Path,
        output: &Path,
        keyring: &Keyring,
        tenant: &str,
        set: &Set,
        was_published: bool,
        said: Option<&str>,
    ) -> Result<bool, PublishError> {
        let remembering = Self::open(ledger, output, keyring, tenant, set, said)?;
        let is_there = remembering.path.is_file() || remembering.next().is_file();
        if was_published && !is_there { Err(remembering.missing()) } else { Ok(is_there) }
    }

    /// What earlier releases showed.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// The memory of a version, or of the one that the ledger says is the latest, where no other switch was under way.
    fn of(&self, latest: &str, said: Option<&str>) -> Result<Memory, PublishError> {
        let mut another = None;
        for path in [self.path.clone(), self.next()] {
            match self.read(&path)? {
                Some((version, memory)) if version == latest => return Ok(memory),
                Some((version, _)) => another = another.or(Some(version)),
                None => {}
            }
        }
        match (another, self.settled()) {
            (Some(version), Ok((_, memory))) if said == Some(version.as_str()) => Ok(memory),
            (Some(version), _) => Err(self.of_another(version, latest)),
            (None, _) => Err(self.missing()),
        }
    }

    /// The memory of the last version where nobody can say which it is, with its version: only if no switch was under way.
    fn settled(&self) -> Result<(String, Memory), PublishError> {
        match (self.read(&self.path)?, self.read(&self.next())?) {
            (Some(settled), None) => Ok(settled),
            _ => Err(self.missing()),
        }
    }

    fn of_another(&self, version: String, latest: &str) -> PublishError {
        PublishError::MemoryOfAnother { set: self.set.clone(), path: self.path.clone(), version, latest: latest.to_owned() }
    }

    fn missing(&self) -> PublishError {
        PublishError::MemoryMissing { set: self.set.clone(), path: self.path.clone() }
    }

    fn next(&self) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(".next");
        PathBuf::from(name)
    }

    fn mac(&self, version: &str, shape: Option<Digest>, capacity: usize, cells: &[RawCell]) -> Option<Digest> {
        let (keyring, tenant, set) = (self.keyring.as_str(), self.tenant.as_str(), self.set.as_str());
        let body = Body { format: FORMAT, keyring, tenant, set, version, shape, capacity, cells };
        Some(Hex(self.mac.mac(&[LABEL, &serde_json::to_vec(&body).ok()?])))
    }

    fn read(&self, path: &Path) -> Result<Option<(String, Memory)>, PublishError> {
        let damaged = || PublishError::MemoryDamaged { set: self.set.clone(), path: path.to_owned() };
        // Whoever opened a pipe would wait for ever.
        if path.metadata().is_ok_and(|found| !found.is_file()) {
            return Err(damaged());
        }
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(PublishError::io("read", path)(error)),
        };
        // The parser's own message is dropped: it may quote what it stumbled over.
        let raw: RawMemory = serde_json::from_slice(&bytes).map_err(|_| damaged())?;
        let ours = raw.format == FORMAT && raw.keyring == self.keyring && raw.tenant == self.tenant && raw.set == self.set;
        if !ours || self.mac(&raw.version, raw.shape, raw.capacity, &raw.cells) != Some(raw.mac) {
            return Err(damaged());
        }
        let mut cells = BTreeMap::new();
        for cell in raw.cells {
            let state = |text: &String| Contributors::from_bytes(&BASE64.decode(text.as_bytes()).ok()?, raw.capacity);
            let states = cell.states.iter().map(state).collect::<Option<Vec<_>>>().ok_or_else(damaged)?;
            let shown = cell.shown.map(|shown| Shown { values: shown.values, subjects: shown.subjects });
            cells.insert(cell.cell, Known { shown, states });
        }
        Ok(Some((raw.version, Memory { shape: raw.shape, capacity: raw.capacity, cells })))
    }

    fn write(&self, path: &Path, version: &str, memory: &Memory) -> Result<(), PublishError> {
        let of_cell = |(cell, known): (&Token, &Known)| RawCell {
            cell: *cell,
            shown: known.shown.as_ref().map(|shown| RawShown { values: shown.values.clone(), subjects: shown.subjects }),
            states: known.states.iter().map(|state| BASE64.encode(&state.to_bytes())).collect(),
        };
        let cells: Vec<RawCell> = memory.cells.iter().map(of_cell).collect();
        let not_written = || PublishError::Compute { set: self.set.clone(), step: "sealing the memory of its releases" };
        let raw = RawMemory {
            format: FORMAT.to_owned(),
            keyring: self.keyring.clone(),
            tenant: self.tenant.clone(),
            set: self.set.clone(),
            version: version.to_owned(),
            shape: memory.shape,
            capacity: memory.capacity,
            mac: self.mac(version, memory.shape, memory.capacity, &cells).ok_or_else(not_written)?,
            cells,
        };
        let mut text = serde_json::to_vec(&raw).map_err(|_| not_written())?;
        text.push(b'\n');
        let folder = path.parent().unwrap_or(Path::new("."));
        crate::files::create_private_folder(folder)
            .and_then(|()| crate::files::replace_private(path, &text))
            .map_err(PublishError::io("write", path))
    }

    /// Before the switch: what will be known once this version is the latest, durable where it does no harm if that never happens.
    ///
    /// # Errors
    /// [`PublishError::Io`].
    pub fn prepare(&self, version: &str, memory: &Memory) -> Result<(), PublishError> {
        self.write(&self.next(), version, memory)
    }

    /// After the switch: the memory of the version that is the latest now, by its folder; the new one or, where it shows the same, the one before.
    ///
    /// # Errors
    /// [`PublishError::Io`]; the next run then takes what was prepared.
    pub fn settle(&self, latest: &Path, memory: &Memory) -> Result<(), PublishError> {
        self.write(&self.path, &version_of(latest), memory)?;
        match fs::remove_file(self.next()) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(PublishError::io("remove", &self.next())(error)),
            _ => Ok(()),
        }
    }
}

/// The name of a version by its folder.
fn version_of(folder: &Path) -> String {
    folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;
    use proptest::prelude::*;
    use tempfile::TempDir;

    use super::*;
    use crate::pipeline::{Generalised, PeriodKind, Release, SetSource};
    use crate::publish::testing::{
        self, CUSTOMER, Customer, ORDER, Order, TO_CUSTOMER, column, customer, facts, lines_of, measure, noon, order, pipeline, tenant,
    };
    use crate::publish::{GateReport, Gated, Switch, compute, pass, switch};

    /// Per month and postcode area: sum, orders, buyers.
    fn sales() -> Set {
        let mut set = testing::set(ORDER, Release::Anonymous, Some(vec![TO_CUSTOMER]));
        set.aggregates = true;
        set.columns = vec![
            column("month", &[], ORDER, order::DAY, Generalised::Period(PeriodKind::Month)),
            column("area", &[TO_CUSTOMER], CUSTOMER, customer::POSTCODE, Generalised::Prefix(2)),
            measure("total", testing::sum(ORDER, order::TOTAL)),
            measure("orders", SetSource::Count),
            measure("buyers", SetSource::CountSubjects),
        ];
        set
    }

    fn ring(byte: u8) -> Keyring {
        Keyring::generate(jiff::Timestamp::UNIX_EPOCH, [byte; 40])
    }

    /// Buyer, month, amount in hundredths.
    type Row = (Option<u32>, i8, i128);

    /// A folder with a ledger and an output.
    struct Shop(TempDir);

    impl Shop {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn ledger(&self) -> PathBuf {
            self.0.path().join("ledger")
        }

        fn output(&self) -> PathBuf {
            self.0.path().join("out")
        }

        fn file(&self) -> PathBuf {
            self.ledger().join("contributors/sales.json")
        }

        fn open(&self, set: &Set) -> Result<Remembering, PublishError> {
            Remembering::open(&self.ledger(), &self.output(), &ring(7), "", set, None)
        }

        fn gate(&self, set: &Set, places: &[&'static str], rows: &[Row]) -> Result<(Remembering, Gated), PublishError> {
            let remembering = self.open(set)?;
            let customers: Vec<Customer> = places.iter().map(|place| (0, Some(*place), None)).collect();
            let orders: Vec<Order> =
                rows.iter().map(|(buyer, month, amount)| (0, *buyer, Some(date(2026, *month, 9)), Some(*amount))).collect();
            let state = testing::state(&customers, &orders, &[], &[]);
            let computed = compute(&pipeline(), set, &state, &tenant(""), 0, &testing::key(""))?;
            let gated = pass(&pipeline(), set, remembering.begin(&pipeline(), set, &state, computed)?)?;
            Ok((remembering, gated))
        }

        /// A night from end to end; `crash` is after how many of its last three steps it is killed.
        fn night(&self, run: &str, places: &[&'static str], rows: &[Row], crash: usize) -> Result<(Vec<String>, GateReport), PublishError> {
            let set = sales();
            let (remembering, gated) = self.gate(&set, places, rows)?;
            let shown = (lines_of(&gated.batch()), gated.report.clone());
            let mut staged = testing::stage_as(&self.output(), &set, &tenant(""), &gated, &facts(run, 1)).unwrap();
            staged.verify().unwrap();
            let memory = gated.memory.unwrap();
            if crash > 0 {
                remembering.prepare(staged.version(), &memory).unwrap();
            }
            if crash > 1 {
                let (Switch::Replaced(folder) | Switch::Unchanged(folder)) = switch(staged, noon(1), false).unwrap();
                if crash > 2 {
                    remembering.settle(&folder, &memory).unwrap();
                }
            }
            Ok(shown)
        }
    }

    const WHOLE: usize = 3;
    const PLACES: [&str; 8] = ["21", "21", "21", "21", "22", "22", "22", "22"];

    /// Everybody buys for 1.00 in April.
    fn april() -> Vec<Row> {
        (0..8).map(|buyer| (Some(buyer), 4, 100)).collect()
    }

    #[test]
    fn a_published_cell_waits_for_k_people_and_the_file_is_private() {
        let shop = Shop::new();
        let mut rows = april();
        let first = shop.night("1", &PLACES, &rows, WHOLE).unwrap().0;
        assert_eq!(first, ["2026-04-01|21|4|4|4", "2026-04-01|22|4|4|4"]);
        // Somebody of 21 buys once more, another's order is corrected: two of k = 3. All four of 22 do.
        rows.extend([(Some(0), 4, 250), (Some(4), 4, 1), (Some(5), 4, 1), (Some(6), 4, 1)]);
        rows[1].2 = 150;
        let (second, report) = shop.night("2", &PLACES, &rows, WHOLE).unwrap();
        assert_eq!(second, ["2026-04-01|21|4|4|4", "2026-04-01|22|4.03|7|4"]);
        assert_eq!((report.frozen, report.groups, report.smallest_group, report.subjects), (1, Some(2), Some(4), 4));
        // The third of 21 is gone.
        rows.remove(2);
        let (third, report) = shop.night("3", &PLACES, &rows, WHOLE).unwrap();
        assert_eq!((third[0].as_str(), report.frozen), ("2026-04-01|21|6|4|3", 0));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&shop.file()), mode(shop.file().parent().unwrap())), (0o600, 0o700));
        }
    }

    #[test]
    fn one_persons_change_does_not_hide_behind_others_that_are_not_in_the_total() {
        let shop = Shop::new();
        let mut rows = april();
        shop.night("1", &PLACES, &rows, WHOLE).unwrap();
        // Three of 21 have one more order each: k people, of whom two ordered what costs nothing.
        rows.extend([(Some(0), 4, 0), (Some(1), 4, 0), (Some(2), 4, 5000)]);
        let (second, report) = shop.night("2", &PLACES, &rows, WHOLE).unwrap();
        assert_eq!((second[0].as_str(), report.frozen), ("2026-04-01|21|4|4|4", 1));
        rows.extend([(Some(0), 4, 100), (Some(1), 4, 100)]);
        let (third, report) = shop.night("3", &PLACES, &rows, WHOLE).unwrap();
        assert_eq!((third[0].as_str(), report.frozen), ("2026-04-01|21|56|9|4", 0));
    }

    #[test]
    fn a_run_that_is_killed_leaves_a_memory_that_is_true() {
        for crash in 0..=WHOLE {
            let shop = Shop::new();
            let mut rows = april();
            shop.night("1", &PLACES, &rows, WHOLE).unwrap();
            rows.extend((0..3).map(|buyer| (Some(buyer), 4, 100)));
            let shown = shop.night("2", &PLACES, &rows, crash).unwrap().0;
            assert_eq!(shown[0], "2026-04-01|21|7|7|4");
            // One person less than on the second night. Was that one published, and do we know?
            rows.pop();
            let third = shop.night("3", &PLACES, &rows, WHOLE).unwrap();
            let published = crash > 1;
            assert_eq!(third.0[0], if published { "2026-04-01|21|7|7|4" } else { "2026-04-01|21|4|4|4" }, "killed after {crash}");
            assert!(!shop.file().with_extension("json.next").exists());
        }
    }

    #[test]
    fn the_first_night_may_be_killed_as_well() {
        for crash in 0..=WHOLE {
            let shop = Shop::new();
            let mut rows = april();
            shop.night("1", &PLACES, &rows, crash).unwrap();
            rows.pop();
            let second = shop.night("2", &PLACES, &rows, WHOLE).unwrap();
            assert_eq!(second.0[1], if crash > 1 { "2026-04-01|22|4|4|4" } else { "2026-04-01|22|3|3|3" }, "killed after {crash}");
        }
    }

    #[test]
    fn who_does_not_know_the_releases_publishes_none() {
        let shop = Shop::new();
        let damaged = |found: Result<Remembering, PublishError>| matches!(found, Err(PublishError::MemoryDamaged { .. }));
        shop.night("1", &PLACES, &april(), WHOLE).unwrap();
        let set = sales();
        let whole = fs::read_to_string(shop.file()).unwrap();
        assert!(damaged(Remembering::open(&shop.ledger(), &shop.output(), &ring(8), "", &set, None)));
        let mut refused = 0;
        for at in 0..whole.len() - 1 {
            let mut bytes = whole.clone().into_bytes();
            bytes[at] = match bytes[at] {
                b'0'..=b'8' | b'a'..=b'y' | b'A'..=b'Y' => bytes[at] + 1,
                _ => b'0',
            };
            fs::write(shop.file(), &bytes).unwrap();
            match shop.open(&set) {
                Ok(found) => panic!("byte {at}: {found:?}"),
                Err(error) => {
                    assert!(matches!(error, PublishError::MemoryDamaged { .. }), "byte {at}: {error}");
                    assert!(error.hint().is_some());
                    refused += 1;
                }
            }
        }
        assert_eq!(refused, whole.len() - 1);
        fs::write(shop.file(), &whole).unwrap();
        assert!(shop.open(&set).is_ok());
        // Another set's file is none of this one.
        let other = Set { name: "other".to_owned(), ..sales() };
        fs::copy(shop.file(), shop.ledger().join("contributors/other.json")).unwrap();
        assert!(damaged(shop.open(&other)));
        fs::remove_file(shop.file()).unwrap();
        let error = shop.open(&set).unwrap_err();
        assert!(matches!(error, PublishError::MemoryMissing { .. }) && error.to_string().contains("sales.json"), "{error}");
        // Of an older version than the readers'.
        shop.0.close().unwrap();
        let shop = Shop::new();
        shop.night("1", &PLACES, &april(), WHOLE).unwrap();
        let older = fs::read(shop.file()).unwrap();
        shop.night("2", &PLACES, &april()[..7], WHOLE).unwrap();
        let rows: Vec<Row> = april().into_iter().chain((0..8).map(|buyer| (Some(buyer), 4, 100))).collect();
        shop.night("3", &PLACES, &rows, WHOLE).unwrap();
        let newest = fs::read(shop.file()).unwrap();
        fs::write(shop.file(), older).unwrap();
        let told = |found: Result<Remembering, PublishError>| found.map(drop).map_err(|error| (error.to_string(), error.hint().unwrap()));
        let (said, hint) = told(shop.open(&set)).unwrap_err();
        assert!(
            said.ends_with("sales.json`, is of `v-1`, and its latest version is `v-3`") && hint.starts_with("an older copy"),
            "{said}: {hint}"
        );
        // Nor where the versions are gone, if somebody knows which was the latest.
        let said = |version| Remembering::open(&shop.ledger(), &shop.output(), &ring(7), "", &set, Some(version));
        let latest = shop.output().join("sales/latest.json");
        let led = fs::read_to_string(&latest).unwrap();
        for content in [None, Some("{")] {
            fs::remove_file(&latest).unwrap_or_default();
            content.into_iter().for_each(|content| fs::write(&latest, content).unwrap());
            assert!(matches!(said("v-3"), Err(PublishError::MemoryOfAnother { .. })) && said("v-1").is_ok(), "{content:?}");
        }
        // Readers who are led to an older version by somebody else have seen the latest all the same.
        fs::write(shop.file(), newest).unwrap();
        fs::write(&latest, led.replacen("v-3", "v-2", 1)).unwrap();
        assert!(said("v-3").is_ok());
        let (text, hint) = told(shop.open(&set)).unwrap_err();
        assert!(text.ends_with("is of `v-3`, and its latest version is `v-2`") && hint.starts_with("it is newer"), "{text}: {hint}");
    }

    #[test]
    fn a_version_that_stays_the_latest_is_remembered_with_what_it_could_show_tonight() {
        // Three of 21 swap what they spend, so that the totals are those of before, and three changed: published as it is, and known.
        let shop = Shop::new();
        let rows = |amounts: [i128; 4]| {
            let area: Vec<Row> = (0..4).zip(amounts).map(|(buyer, amount)| (Some(buyer), 4, amount)).collect();
            area.into_iter().chain((4..8).map(|buyer| (Some(buyer), 4, 100))).collect::<Vec<_>>()
        };
        let first = shop.night("1", &PLACES, &rows([100, 200, 300, 400]), WHOLE).unwrap().0;
        assert_eq!(shop.night("2", &PLACES, &rows([200, 300, 100, 400]), WHOLE).unwrap().0, first);
        assert!(!shop.output().join("sales/v-2").exists());
        // One person from there, four from the first: its own values would show that person to who knows of the second night.
        let third = shop.night("3", &PLACES, &rows([200, 300, 100, 500]), WHOLE).unwrap();
        assert_eq!((third.0, third.1.frozen), (first, 1));
    }

    #[test]
    fn a_lost_output_is_still_remembered() {
        let shop = Shop::new();
        let first = shop.night("1", &PLACES, &april(), WHOLE).unwrap().0;
        let latest = shop.output().join("sales/latest.json");
        // Nobody can say which version is the latest, but no switch was under way; then the version is gone; then all of them are.
        fs::write(&latest, "{").unwrap();
        assert_eq!(shop.night("2", &PLACES, &april()[..7], WHOLE).unwrap().0, first);
        fs::remove_dir_all(shop.output().join("sales/v-2")).unwrap();
        assert_eq!(shop.gate(&sales(), &PLACES, &april()[..7]).unwrap().1.report.frozen, 1);
        fs::remove_dir_all(shop.output()).unwrap();
        assert_eq!(shop.night("3", &PLACES, &april()[..7], WHOLE).unwrap().0, first);
        // Killed while it switched, and `latest.json` does not say whether it did.
        shop.night("4", &PLACES, &april(), 1).unwrap();
        fs::write(&latest, "{").unwrap();
        assert!(matches!(shop.open(&sales()), Err(PublishError::MemoryMissing { .. })));
    }

    #[test]
    fn other_columns_are_another_set() {
        let shop = Shop::new();
        shop.night("1", &PLACES, &april(), WHOLE).unwrap();
        let mut finer = sales();
        finer.columns[1] = column("area", &[TO_CUSTOMER], CUSTOMER, customer::POSTCODE, Generalised::Prefix(1));
        let error = shop.gate(&finer, &PLACES, &april()).unwrap_err();
        assert!(matches!(error, PublishError::MemoryShape { .. }), "{error}");
        let mut described = sales();
        described.columns[1].description = "Two digits".to_owned();
        assert!(shop.gate(&described, &PLACES, &april()).is_ok());
        let strict = Set { k: 17, ..sales() };
        assert!(matches!(shop.gate(&strict, &PLACES, &april()), Err(PublishError::MemoryTooShort { .. })));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// The attacker keeps all releases. A cell shows what it showed in the release before, or what is true tonight; and then it differs from
        /// all that it ever truly showed in nobody or in k people.
        #[test]
        fn the_difference_of_releases_shows_nobody(
            nights in prop::collection::vec(prop::collection::vec((0_u32..8, 4_i8..6, prop::option::of(1_i128..4)), 0..9), 1..7),
        ) {
            let shop = Shop::new();
            let mut spent: BTreeMap<(u32, i8), i128> = (0..8).flat_map(|buyer| [((buyer, 4), 100), ((buyer, 5), 100)]).collect();
            let mut last: BTreeMap<String, String> = BTreeMap::new();
            let mut known: BTreeMap<String, Vec<BTreeMap<u32, i128>>> = BTreeMap::new();
            for (number, changes) in nights.into_iter().enumerate() {
                for (buyer, month, amount) in changes {
                    match amount {
                        Some(amount) => spent.insert((buyer, month), amount * 100),
                        None => spent.remove(&(buyer, month)),
                    };
                }
                let rows: Vec<Row> = spent.iter().map(|((buyer, month), amount)| (Some(*buyer), *month, *amount)).collect();
                let mut truth: BTreeMap<String, BTreeMap<u32, i128>> = BTreeMap::new();
                for ((buyer, month), amount) in &spent {
                    truth.entry(format!("2026-0{month}-01|{}", PLACES[*buyer as usize])).or_default().insert(*buyer, *amount);
                }
                let mut shown = BTreeMap::new();
                for line in shop.night(&number.to_string(), &PLACES, &rows, WHOLE).unwrap().0 {
                    let (cell, values) = line.match_indices('|').nth(1).map(|(at, _)| line.split_at(at)).unwrap();
                    let people = truth.get(cell).cloned().unwrap_or_default();
                    let total: i128 = people.values().sum::<i128>() / 100;
                    let own = format!("|{total}|{}|{}", people.len(), people.len());
                    prop_assert!(values == own || last.get(cell).is_some_and(|before| before == values), "{cell}: {values}");
                    if values == own && last.get(cell).is_none_or(|before| before != values) {
                        for earlier in known.get(cell).into_iter().flatten() {
                            let everybody: BTreeSet<_> = earlier.keys().chain(people.keys()).collect();
                            let changed = everybody.into_iter().filter(|buyer| earlier.get(buyer) != people.get(buyer)).count();
                            prop_assert!(changed == 0 || changed >= 3, "{cell}: {changed}");
                        }
                        prop_assert!(people.len() >= 3);
                        known.entry(cell.to_owned()).or_default().push(people);
                    }
                    shown.insert(cell.to_owned(), values.to_owned());
                }
                last = shown;
            }
        }
    }
}
