//! What was published under an epoch: the sets whose pseudonyms can be linked to no one once its key is gone.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::keys::Keyring;
use crate::pipeline::Release;
use crate::publish::{SHREDDED, list_sets};

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
