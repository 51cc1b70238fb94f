//! What a version says of itself: `_manifest.json`, and which version is the latest: `latest.json`.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::folder::sha256;
use super::frame::LeftOut;
use super::gate::GateReport;
use super::partition::is_inside;
use super::{Dictionary, PublishError};
use crate::pipeline::Release;

/// Name of a version's manifest.
pub(super) const MANIFEST: &str = "_manifest.json";
/// Name of a version's data dictionary.
pub(super) const DICTIONARY: &str = "_dictionary.json";
/// Name of the file in a version's folder that says that the key of its pseudonyms is destroyed. It comes later than the manifest, which never
/// changes.
pub(crate) const SHREDDED: &str = "_shredded.json";
/// Name of the file that says which version is the latest.
pub(super) const LATEST: &str = "latest.json";
/// What every version's folder begins with.
pub(super) const VERSION_PREFIX: &str = "v-";
/// The manifest's format.
pub(super) const FORMAT: &str = "gallra-set-1";

/// The evidence of one version of a set. It holds counts, hashes and names, never a cell of a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// `gallra-set-1`.
    pub format: String,
    /// The set.
    pub set: String,
    /// What it promises.
    pub label: Release,
    /// The tenant's key as text; `None` for a store with one controller.
    pub tenant: Option<String>,
    /// The run that made it.
    pub run_id: String,
    /// When.
    pub created: Timestamp,
    /// The day that the run evaluated.
    pub as_of: Date,
    /// SHA-256 of what the pipeline says of this set.
    pub definition_sha256: String,
    /// SHA-256 of the pipeline file.
    pub pipeline_sha256: String,
    /// SHA-256 over the store's catalog.
    pub schema_sha256: String,
    /// SHA-256 of `_dictionary.json`.
    pub dictionary_sha256: String,
    /// The keyring's identifier, never a key.
    pub keyring: String,
    /// The key epoch of its pseudonyms.
    pub key_epoch: u32,
    /// Pseudonyms of one purpose join.
    pub purpose: String,
    /// The column that names the partitions' folders and stands in no file.
    #[serde(default)]
    pub partitioned_by: Option<String>,
    /// Its partitions; one without a folder where it is not partitioned.
    #[serde(default)]
    pub partitions: Vec<PartitionEntry>,
    /// Its data files.
    pub files: Vec<FileEntry>,
    /// The versions before it, and until when they can be read at least.
    #[serde(default)]
    pub earlier: Vec<EarlierEntry>,
    /// Its columns.
    pub schema: Vec<ColumnEntry>,
    /// What the gate found and did.
    pub gate: GateReport,
    /// Rows left out before the gate. None of an anonymous set: two manifests would differ by one person's rows.
    #[serde(default)]
    pub left_out: Option<LeftOut>,
    /// Rows before and after the gate.
    pub rows: RowCounts,
    /// Exact totals of the published amounts, by column.
    pub totals: BTreeMap<String, String>,
}

/// A partition, and who made its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartitionEntry {
    /// Its folder within the version: `month=2024-01-01`; empty where the set has no partitions.
    pub folder: String,
    /// Its rows.
    pub rows: u64,
    /// SHA-256 over its cells, columns and descriptions: what is equal keeps its files. Of forgotten people under `unlink` it covers a
    /// stand-in, and not the identity that was drawn for them.
    pub content_sha256: String,
    /// The run that wrote its files.
    pub run_id: String,
    /// When that run began.
    pub created: Timestamp,
    /// SHA-256 of what the pipeline said of the set then.
    pub definition_sha256: String,
    /// SHA-256 of the pipeline file then.
    pub pipeline_sha256: String,
    /// The key epoch of its pseudonyms.
    pub key_epoch: u32,
}

/// A version that was published before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierEntry {
    /// Its folder beside this version's.
    pub version: String,
    /// The last day on which it is kept for its readers; whoever was erased since is in it until then.
    pub kept_until: Date,
}

/// A data file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its name in the version's folder, with the partition's folder before it.
    pub name: String,
    /// Its rows.
    pub rows: u64,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
}

/// A column as the files have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnEntry {
    /// Its name.
    pub name: String,
    /// Its type, as in the dictionary.
    #[serde(rename = "type")]
    pub data_type: String,
}

/// Rows of a set of rows, or cells of an anonymous set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowCounts {
    /// Before the gate.
    #[serde(default)]
    pub before: u64,
    /// Published.
    pub after: u64,
}

/// Which version is the latest, and since when the others are not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Latest {
    /// The version's folder, beside this file.
    pub version: String,
    /// SHA-256 of its manifest.
    pub manifest_sha256: String,
    /// Versions that were the latest before, oldest first.
    #[serde(default)]
    pub replaced: Vec<Replaced>,
    /// Whether a run that did not end may have erased somebody who is in the latest version.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_hold_erased: bool,
}

/// A version that is not the latest any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Replaced {
    pub version: String,
    pub at: Timestamp,
    /// Whether somebody in it may have been erased since: then nothing but the reader grace keeps it.
    #[serde(default)]
    pub holds_erased: bool,
}

impl Manifest {
    /// As it is published. That of an anonymous set says nothing of cells beside those in its files: how many there were before the gate, how many
    /// were left out or frozen moves with single people, and who keeps the manifests of two nights would see in how many cells somebody was who
    /// was erased between them. The run that made it reports those numbers to whoever runs it.
    pub(super) fn as_published(&self) -> Self {
        let mut published = self.clone();
        published.gate.people = 0;
        if self.label == Release::Anonymous {
            let gate = &mut published.gate;
            (gate.suppressed, gate.complementary, gate.frozen, gate.exposed, published.rows.before) = (0, 0, 0, 0, 0);
        }
        published
    }

    /// The file of [`Self::as_published`], in which what is not told does not stand at all.
    pub(super) fn published_json(&self, path: &Path) -> Result<Vec<u8>, PublishError> {
        if self.label != Release::Anonymous {
            return to_json(self, path);
        }
        let failed = |error| PublishError::io("write", path)(std::io::Error::other(error));
        let mut value = serde_json::to_value(self).map_err(failed)?;
        for (part, member) in
            [("rows", "before"), ("gate", "suppressed"), ("gate", "complementary"), ("gate", "frozen"), ("gate", "exposed")]
        {
            value.get_mut(part).and_then(serde_json::Value::as_object_mut).and_then(|members| members.remove(member));
        }
        to_json(&value, path)
    }

    /// The columns that the files hold: all but the one that names the partitions' folders.
    pub(super) fn columns_in_files(&self) -> impl Iterator<Item = &ColumnEntry> {
        self.schema.iter().filter(|column| !self.is_in_folders(&column.name))
    }

    /// Whether a column stands in the folders' names. Where no row was published, all columns stand in the one file.
    fn is_in_folders(&self, column: &str) -> bool {
        self.partitioned_by.as_deref() == Some(column) && self.partitions.iter().any(|partition| !partition.folder.is_empty())
    }
}

impl Latest {
    /// Reads a set's `latest.json`; `None` where there is none.
    ///
    /// # Errors
    /// [`PublishError::Corrupt`] if it is something else, or names anything but a version beside it.
    pub fn read(set_folder: &Path) -> Result<Option<Self>, PublishError> {
        let path = set_folder.join(LATEST);
        let Some(bytes) = read_file(&path)? else {
            return Ok(None);
        };
        match serde_json::from_slice::<Self>(&bytes) {
            Ok(latest) if is_version(&latest.version) => Ok(Some(latest)),
            _ => Err(PublishError::Corrupt { path }),
        }
    }
}

impl Manifest {
    /// Reads a version's manifest and the hash of its bytes; `None` where there is none.
    ///
    /// # Errors
    /// [`PublishError::Corrupt`] if it is something else, or names a file outside its folder.
    pub(super) fn read(version_folder: &Path) -> Result<Option<(Self, String)>, PublishError> {
        let path = version_folder.join(MANIFEST);
        let Some(bytes) = read_file(&path)? else {
            return Ok(None);
        };
        match serde_json::from_slice::<Self>(&bytes) {
            Ok(manifest) if manifest.format == FORMAT && manifest.files.iter().all(|file| is_inside(&file.name)) => {
                Ok(Some((manifest, sha256(&bytes))))
            }
            _ => Err(PublishError::Corrupt { path }),
        }
    }
}

/// Reads a version's data dictionary and the hash of its bytes; `None` where there is none.
pub(super) fn read_dictionary(version_folder: &Path) -> Result<Option<(Dictionary, String)>, PublishError> {
    let path = version_folder.join(DICTIONARY);
    let Some(bytes) = read_file(&path)? else {
        return Ok(None);
    };
    match serde_json::from_slice(&bytes) {
        Ok(dictionary) => Ok(Some((dictionary, sha256(&bytes)))),
        Err(_) => Err(PublishError::Corrupt { path }),
    }
}

/// A value as indented JSON with a final line break.
pub(super) fn to_json(value: &impl Serialize, path: &Path) -> Result<Vec<u8>, PublishError> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|error| PublishError::io("write", path)(std::io::Error::other(error)))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Whether a name is that of a version's folder and of nothing else.
pub(super) fn is_version(name: &str) -> bool {
    name.strip_prefix(VERSION_PREFIX).is_some_and(|run_id| !run_id.is_empty()) && is_plain(name)
}

/// Whether a name stays in its folder.
pub(super) fn is_plain(name: &str) -> bool {
    !name.is_empty() && super::folder_name(name) == name
}

/// The bytes of a file; a link, a folder or a pipe in its place is none of this program's.
fn read_file(path: &Path) -> Result<Option<Vec<u8>>, PublishError> {
    if path.symlink_metadata().is_ok_and(|found| !found.is_file()) {
        return Err(PublishError::Corrupt { path: path.to_owned() });
    }
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(PublishError::io("read", path)(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join(LATEST), folder.path().join("other"));
        std::fs::write(&other, r#"{"version":"v-1","manifest_sha256":"ab"}"#).unwrap();
        std::os::unix::fs::symlink(&other, &path).unwrap();
        assert!(matches!(Latest::read(folder.path()), Err(PublishError::Corrupt { path: told }) if told == path));
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert!(matches!(Latest::read(folder.path()), Err(PublishError::Corrupt { .. })));
        // A pipe would let whoever opens it wait for ever.
        std::fs::remove_dir(&path).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        assert!(matches!(Latest::read(folder.path()), Err(PublishError::Corrupt { .. })));
    }

    #[test]
    fn only_a_version_beside_it_can_be_the_latest() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Latest::read(folder.path()).unwrap(), None);
        for (text, good) in [
            (r#"{"version":"v-1","manifest_sha256":"ab"}"#, true),
            (r#"{"version":"v-..","manifest_sha256":"ab"}"#, true),
            (r#"{"version":"../v-1","manifest_sha256":"ab"}"#, false),
            (r#"{"version":"v-1/../../x","manifest_sha256":"ab"}"#, false),
            (r#"{"version":"v-","manifest_sha256":"ab"}"#, false),
            (r#"{"version":"x","manifest_sha256":"ab"}"#, false),
            (r#"{"version":"v-1"}"#, false),
            ("", false),
        ] {
            std::fs::write(folder.path().join(LATEST), text).unwrap();
            let found = Latest::read(folder.path());
            assert_eq!(found.is_ok(), good, "{text}");
            if !good {
                assert!(matches!(found, Err(PublishError::Corrupt { .. })), "{text}");
            }
        }
    }
}
