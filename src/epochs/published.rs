//! What was published under an epoch: the sets whose pseudonyms can be linked to no one once its key is gone.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::keys::Keyring;
use crate::ledger::KnownShredding;
use crate::pipeline::Release;
use crate::publish::{SHREDDED, list_sets, shredded_mark};

/// The versions of one set that were published under an epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublishedUnder {
    /// The tenant's key as text; `None` in a store with one controller.
    pub tenant: Option<String>,
    /// The set.
    pub set: String,
    /// Its folder, which holds the versions.
    #[serde(skip)]
    pub folder: PathBuf,
    /// The names of its versions, the oldest first.
    pub versions: Vec<String>,
    /// Whether the latest version is one of them: no run has published under a newer epoch yet.
    pub latest: bool,
}

/// What of a manifest matters here.
#[derive(Deserialize)]
struct Manifest {
    label: Release,
    keyring: String,
    key_epoch: u32,
}

/// The sets in an output folder with versions whose pseudonyms are of this keyring and epoch, by tenant and name. Anonymous sets have no
/// pseudonyms. A version whose manifest can not be read is left out; `gallra verify` reports it.
///
/// # Errors
/// The output folder can not be read.
pub fn published_under(output: &Path, keyring: &str, epoch: u32) -> Result<Vec<PublishedUnder>, Error> {
    let is_of =
        |manifest: &Manifest| manifest.keyring == keyring && manifest.key_epoch == epoch && manifest.label == Release::Pseudonymised;
    let mut found = Vec::new();
    for set in list_sets(output)? {
        let latest = set.latest.as_ref().is_some_and(|latest| latest.keyring == keyring && latest.key_epoch == epoch);
        let entries = std::fs::read_dir(&set.folder).map_err(|error| Error::file("read", &set.folder, &error))?;
        let mut versions: Vec<String> = entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let text = std::fs::read(entry.path().join("_manifest.json")).ok()?;
                serde_json::from_slice(&text).ok().filter(is_of)?;
                Some(entry.file_name().to_string_lossy().into_owned())
            })
            .filter(|name| !name.starts_with('.'))
            .collect();
        if !versions.is_empty() {
            versions.sort();
            found.push(PublishedUnder { tenant: set.tenant, set: set.set, folder: set.folder, versions, latest });
        }
    }
    Ok(found)
}

/// The folders of published versions whose epoch was shredded, as the keyring says, and that do not say so themselves; with the epoch.
///
/// # Errors
/// The output folder can not be read.
pub fn unmarked(output: &Path, keyring: &Keyring) -> Result<Vec<(u32, PathBuf)>, Error> {
    let mut found = Vec::new();
    for (epoch, _) in keyring.epochs().filter(|(epoch, _)| keyring.shredded(*epoch).is_some()) {
        for set in published_under(output, keyring.id(), epoch)? {
            let versions = set.versions.iter().map(|version| set.folder.join(version));
            found.extend(versions.filter(|version| !version.join(SHREDDED).is_file()).map(|version| (epoch, version)));
        }
    }
    Ok(found)
}

/// A `_shredded.json` that no shredding left as it is, or where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongMark {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it, as the end of a sentence about it.
    pub what: &'static str,
}

/// The marks that say what the keyring does not: of a key that is still there, in the folder of no version that the epoch made, or with other words
/// or another time than a shredding's. Who believed one would hold that pseudonyms lead to nobody any more, and they would. `shreddings` are the
/// ledger's: a mark is right by them also beside an older copy of the keyring.
///
/// # Errors
/// The output folder can not be read.
pub fn wrong_marks(output: &Path, keyring: &Keyring, shreddings: &[KnownShredding]) -> Result<Vec<WrongMark>, Error> {
    const NO_VERSION: &str = "lies in no version's folder";
    let mut found = Vec::new();
    let mut add = |path: PathBuf, what: Option<&'static str>| found.extend(what.map(|what| WrongMark { path, what }));
    let is_there = |path: &Path| path.symlink_metadata().is_ok();
    add(output.join(SHREDDED), is_there(&output.join(SHREDDED)).then_some(NO_VERSION));
    for set in list_sets(output)? {
        add(set.folder.join(SHREDDED), is_there(&set.folder.join(SHREDDED)).then_some(NO_VERSION));
        let entries = std::fs::read_dir(&set.folder).map_err(|error| Error::file("read", &set.folder, &error))?;
        for folder in entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_dir()) {
            let path = folder.join(SHREDDED);
            let is_hidden = folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if is_hidden || !is_there(&path) {
                continue;
            }
            let manifest = std::fs::read(folder.join("_manifest.json")).ok().and_then(|text| serde_json::from_slice(&text).ok());
            let what = match &manifest {
                None => Some(NO_VERSION),
                Some(manifest) => wrong(&path, manifest, keyring, shreddings)?,
            };
            add(path, what);
        }
    }
    found.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(found)
}

/// What is wrong with the mark of a version, if anything is.
fn wrong(path: &Path, manifest: &Manifest, keyring: &Keyring, shreddings: &[KnownShredding]) -> Result<Option<&'static str>, Error> {
    if manifest.label != Release::Pseudonymised {
        return Ok(Some("stands in a version that has no pseudonyms"));
    }
    // Of another keyring's epochs, and of those that this copy lacks, nothing is known here.
    if manifest.keyring != keyring.id() || keyring.epochs().all(|(epoch, _)| epoch != manifest.key_epoch) {
        return Ok(None);
    }
    let entered = shreddings.iter().map(|known| &known.said);
    let entered = entered.filter(|said| said.keyring == manifest.keyring && said.epoch == manifest.key_epoch).map(|said| said.shredded);
    let times: Vec<Timestamp> = keyring.shredded(manifest.key_epoch).into_iter().chain(entered).collect();
    if times.is_empty() {
        return Ok(Some("says that a key is destroyed which the keyring has"));
    }
    let said = path.symlink_metadata().is_ok_and(|found| found.is_file()).then(|| std::fs::read(path).ok()).flatten();
    for at in times {
        if said.as_ref() == Some(&shredded_mark(keyring.id(), manifest.key_epoch, at, path)?) {
            return Ok(None);
        }
    }
    Ok(Some("does not say what the shredding wrote"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{EpochShredded, Hex};

    const SHREDDED_AT: Timestamp = Timestamp::UNIX_EPOCH;

    /// An output with one version of each kind, and a keyring whose first epoch with pseudonyms is shredded.
    fn output() -> (tempfile::TempDir, Keyring) {
        let mut keyring = Keyring::generate(SHREDDED_AT, [7; 40]);
        for chance in 8..10 {
            keyring.rotate(None, SHREDDED_AT, [chance; 40]).unwrap();
        }
        keyring.shred(2, SHREDDED_AT).unwrap();
        let folder = tempfile::tempdir().unwrap();
        for (version, label, epoch) in [("v-old", "pseudonymised", 2), ("v-new", "pseudonymised", 3), ("v-sum", "anonymous", 2)] {
            let version = folder.path().join("sales").join(version);
            std::fs::create_dir_all(&version).unwrap();
            let manifest = serde_json::json!({ "label": label, "keyring": keyring.id(), "key_epoch": epoch });
            std::fs::write(version.join("_manifest.json"), manifest.to_string()).unwrap();
        }
        std::fs::write(folder.path().join("sales/latest.json"), "{}").unwrap();
        (folder, keyring)
    }

    #[test]
    fn a_mark_says_what_the_shredding_wrote_where_it_wrote_it_and_nothing_else() {
        let (folder, keyring) = output();
        let (output, set) = (folder.path(), folder.path().join("sales"));
        let found = || -> Vec<(String, &str)> {
            let name = |path: &Path| path.strip_prefix(output).unwrap().display().to_string();
            wrong_marks(output, &keyring, &[]).unwrap().iter().map(|wrong| (name(&wrong.path), wrong.what)).collect()
        };
        let right = shredded_mark(keyring.id(), 2, SHREDDED_AT, &set).unwrap();
        std::fs::write(set.join("v-old").join(SHREDDED), &right).unwrap();
        assert_eq!(found(), []);
        let later = shredded_mark(keyring.id(), 2, "2026-11-22T12:00:00Z".parse().unwrap(), &set).unwrap();
        for forged in [&b"{}"[..], &later, b""] {
            std::fs::write(set.join("v-old").join(SHREDDED), forged).unwrap();
            assert_eq!(found(), [("sales/v-old/_shredded.json".to_owned(), "does not say what the shredding wrote")]);
        }
        // A copy of the keyring from before has the key still; the ledger knows better.
        std::fs::write(set.join("v-old").join(SHREDDED), &later).unwrap();
        let said = EpochShredded {
            keyring: keyring.id().to_owned(),
            epoch: 2,
            created: SHREDDED_AT,
            shredded: "2026-11-22T12:00:00Z".parse().unwrap(),
        };
        let known = KnownShredding { seq: 1, entered: SHREDDED_AT, mac: Hex([0; 32]), said };
        assert_eq!(wrong_marks(output, &keyring, &[known]).unwrap(), []);
        std::fs::write(set.join("v-old").join(SHREDDED), &right).unwrap();
        for place in ["_shredded.json", "sales/_shredded.json", "sales/v-new/_shredded.json", "sales/v-sum/_shredded.json"] {
            std::fs::write(output.join(place), &right).unwrap();
        }
        assert_eq!(
            found(),
            [
                ("_shredded.json".to_owned(), "lies in no version's folder"),
                ("sales/_shredded.json".to_owned(), "lies in no version's folder"),
                ("sales/v-new/_shredded.json".to_owned(), "says that a key is destroyed which the keyring has"),
                ("sales/v-sum/_shredded.json".to_owned(), "stands in a version that has no pseudonyms"),
            ]
        );
    }
}
