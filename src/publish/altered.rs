//! Whether the latest version of a set is still the one that was published: what leads to it, its manifest, its dictionary, and nothing beside
//! its own files. A run makes anew what is not, and says so; `gallra verify` says so as well.
//!
//! `latest.json` and the manifest vouch for each other, so that whoever forges both is found by neither. What the ledger knows comes from outside.

use std::fmt;
use std::path::{Path, PathBuf};

use super::PublishError;
use super::folder::{folders_in, is_barred};
use super::manifest::{DICTIONARY, LATEST, Latest, MANIFEST, Manifest, SHREDDED, is_version, read_dictionary};
use super::version::set_folder;

/// The version that the ledger says is a set's latest.
pub struct Expected<'a> {
    /// Its folder's name.
    pub version: &'a str,
    /// SHA-256 of its manifest, in hexadecimal digits.
    pub manifest_sha256: String,
}

/// What somebody else did to the latest version of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Altered {
    /// The file or folder.
    pub path: PathBuf,
    fault: Fault,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Fault {
    Gone { version: String },
    Missing,
    Changed,
    LeadsNowhere,
    NoFolder,
    Barred,
    NamesAnother { version: String, expected: String },
}

impl fmt::Display for Altered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.fault {
            Fault::Gone { version } => write!(formatter, "`{path}` is gone, where `{version}` was published"),
            Fault::Missing => write!(formatter, "`{path}` is missing"),
            Fault::Changed => write!(formatter, "`{path}` was changed after it was published"),
            Fault::LeadsNowhere => write!(formatter, "`{path}` is missing, where `latest.json` leads"),
            Fault::NoFolder | Fault::Barred => {
                write!(formatter, "`{path}` is a link or no folder, and what was published there can not be relied on")
            }
            Fault::NamesAnother { version, expected } => {
                write!(formatter, "`{path}` names `{version}`, and what was published last is `{expected}`")
            }
        }
    }
}

impl Altered {
    /// Whether nothing can be published until somebody puts a folder there: a run writes through no link and takes nothing away that is not its own.
    #[must_use]
    pub fn is_barred(&self) -> bool {
        self.fault == Fault::Barred
    }

    /// What was done, and what a run makes of it.
    #[must_use]
    pub fn told(&self) -> String {
        if self.is_barred() { self.to_string() } else { format!("{self}, and all of it is made anew") }
    }
}

/// Looks where a set's readers are led to. `expected` is what the ledger knows, where it knows anything; `unfinished` says of a version, by its
/// folder's name, whether its run may have been killed since, before `latest.json` named it or after. `None` where all is as it was left, or nothing
/// was ever published.
///
/// # Errors
/// [`PublishError::Io`].
pub fn altered(
    output: &Path,
    tenant: Option<&str>,
    set: &str,
    expected: Option<&Expected<'_>>,
    unfinished: &dyn Fn(&str) -> bool,
) -> Result<Option<Altered>, PublishError> {
    let folder = set_folder(output, tenant, set);
    let at = |path: PathBuf, fault: Fault| Ok(Some(Altered { path, fault }));
    let barred = |below: &Path| below.strip_prefix(output).is_ok_and(|below| is_barred(output, below));
    if barred(&folder) {
        return at(folder, Fault::Barred);
    }
    let path = folder.join(LATEST);
    let latest = match Latest::read(&folder) {
        Ok(Some(latest)) => latest,
        Ok(None) => {
            let has_versions = folder.is_dir() && folders_in(&folder)?.iter().any(|name| is_version(name) && !unfinished(name));
            return match expected {
                Some(expected) if !has_versions => at(folder, Fault::Gone { version: expected.version.to_owned() }),
                None if !has_versions => Ok(None),
                _ => at(path, Fault::Missing),
            };
        }
        Err(PublishError::Corrupt { .. }) => return at(path, Fault::Changed),
        Err(error) => return Err(error),
    };
    let version = latest.version.clone();
    if let Some(expected) = expected.filter(|expected| expected.version != version && !unfinished(&version)) {
        return at(path, Fault::NamesAnother { version, expected: expected.version.to_owned() });
    }
    let below = folder.join(&version);
    if !below.is_dir() {
        return at(below, Fault::LeadsNowhere);
    }
    if barred(&below) {
        return at(below, Fault::NoFolder);
    }
    let known = expected.filter(|expected| expected.version == version).map(|expected| expected.manifest_sha256.as_str());
    let manifest = match Manifest::read(&below) {
        Ok(Some((manifest, hash))) if known.is_none_or(|known| known == hash) => {
            if hash != latest.manifest_sha256 {
                // Who knows the manifest's hash from the ledger knows which of the two it was.
                return at(if known.is_some() { path } else { below.join(MANIFEST) }, Fault::Changed);
            }
            manifest
        }
        Ok(None) => return at(below.join(MANIFEST), Fault::Missing),
        Ok(Some(_)) | Err(PublishError::Corrupt { .. }) => return at(below.join(MANIFEST), Fault::Changed),
        Err(error) => return Err(error),
    };
    let path = below.join(DICTIONARY);
    match read_dictionary(&below) {
        Ok(Some((_, hash))) if hash == manifest.dictionary_sha256 => Ok(None),
        Ok(None) => at(path, Fault::Missing),
        Ok(Some(_)) | Err(PublishError::Corrupt { .. }) => at(path, Fault::Changed),
        Err(error) => Err(error),
    }
}

/// A data file of a version that is not there, or not as long as its manifest says; nothing of what is in it is read.
///
/// # Errors
/// [`PublishError::Io`].
pub fn damaged(version: &Path) -> Result<Option<Altered>, PublishError> {
    let at = |path: PathBuf, fault: Fault| Ok(Some(Altered { path, fault }));
    let Some((manifest, _)) = Manifest::read(version)? else { return at(version.join(MANIFEST), Fault::Missing) };
    for file in &manifest.files {
        let path = version.join(&file.name);
        match std::fs::metadata(&path) {
            Ok(found) if found.is_file() && found.len() == file.bytes => {}
            Ok(_) => return at(path, Fault::Changed),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return at(path, Fault::Missing),
            Err(error) => return Err(PublishError::io("read", &path)(error)),
        }
    }
    Ok(None)
}

/// What lies in a version's folder and is in no manifest: readers who open the folder read it with the rest.
///
/// # Errors
/// [`PublishError::Io`].
pub(super) fn strays(version: &Path, manifest: &Manifest) -> Result<Vec<PathBuf>, PublishError> {
    let is_file = |name: &str| [MANIFEST, DICTIONARY, SHREDDED].contains(&name) || manifest.files.iter().any(|file| file.name == name);
    let is_partition = |name: &str| !name.is_empty() && manifest.partitions.iter().any(|partition| partition.folder == name);
    let mut strays = Vec::new();
    for name in entries(version)? {
        let path = version.join(&name);
        if is_partition(&name) && path.is_dir() {
            let files = entries(&path)?.into_iter();
            strays.extend(files.filter(|file| !is_file(&format!("{name}/{file}"))).map(|file| path.join(file)));
        } else if !is_file(&name) {
            strays.push(path);
        }
    }
    strays.sort();
    Ok(strays)
}

/// The names in a folder; none where it is missing.
pub(super) fn entries(folder: &Path) -> Result<Vec<String>, PublishError> {
    let listed = std::fs::read_dir(folder).and_then(|entries| {
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect::<Result<Vec<_>, std::io::Error>>()
    });
    match listed {
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => Ok(Vec::new()),
        listed => listed.map_err(PublishError::io("list", folder)),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::publish::folder::sha256;
    use crate::publish::testing::publish;

    /// Two versions of a set, damaged, and what is found against what the ledger says of the second: path below the set's folder and sentence.
    fn found(damage: impl Fn(&Path)) -> [Option<String>; 2] {
        let output = tempfile::tempdir().unwrap();
        publish(output.path(), "north", "r1", 1, 5);
        publish(output.path(), "north", "r2", 2, 6);
        let folder = output.path().join("north/sales");
        let manifest_sha256 = sha256(&fs::read(folder.join("v-r2").join(MANIFEST)).unwrap());
        damage(&folder);
        let expected = Expected { version: "v-r2", manifest_sha256 };
        let unfinished = |version: &str| version == "v-killed";
        [None, Some(&expected)].map(|expected| {
            let altered = altered(output.path(), Some("north"), "sales", expected, &unfinished).unwrap()?;
            Some(altered.to_string().replace(&format!("{}/", folder.display()), "").replace(&format!("{}", folder.display()), "sales"))
        })
    }

    fn replace(path: &Path, from: &str, to: &str) {
        let text = fs::read_to_string(path).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(path, text.replace(from, to)).unwrap();
    }

    #[test]
    fn a_version_or_a_set_behind_a_link_is_not_the_one_that_was_published() {
        for (link, fault) in [("north/sales/v-r1", Fault::NoFolder), ("north/sales", Fault::Barred), ("north", Fault::Barred)] {
            let (output, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            crate::publish::testing::publish(output.path(), "north", "r1", 1, 5);
            let look = || altered(output.path(), Some("north"), "sales", None, &|_| false).unwrap();
            assert_eq!(look(), None);
            let (folder, there) = (output.path().join(link), elsewhere.path().join("folder"));
            fs::rename(&folder, &there).unwrap();
            std::os::unix::fs::symlink(&there, &folder).unwrap();
            assert_eq!(look().map(|found| found.fault), Some(fault), "{link}");
        }
    }

    #[test]
    fn what_is_as_it_was_left_is_not_altered_and_nothing_is_missed_that_never_was() {
        assert_eq!(found(|_| {}), [None, None]);
        let output = tempfile::tempdir().unwrap();
        let of_sales = || altered(output.path(), None, "sales", None, &|version| version == "v-killed").unwrap();
        assert_eq!(of_sales(), None);
        fs::create_dir(output.path().join("sales")).unwrap();
        assert_eq!(of_sales(), None);
        // The first run was killed before any version was the latest.
        fs::create_dir(output.path().join("sales/v-killed")).unwrap();
        assert_eq!(of_sales(), None);
        fs::create_dir(output.path().join("sales/v-other")).unwrap();
        assert!(of_sales().unwrap().to_string().ends_with("latest.json` is missing"));
    }

    #[test]
    fn what_was_taken_away_or_changed_is_named_once() {
        let said = |text: &str| Some(text.to_owned());
        let gone = found(|folder| fs::remove_dir_all(folder).unwrap());
        assert_eq!(gone, [None, said("`sales` is gone, where `v-r2` was published")]);
        let empty = found(|folder| {
            fs::remove_dir_all(folder).unwrap();
            fs::create_dir(folder).unwrap();
        });
        assert_eq!(empty, [None, said("`sales` is gone, where `v-r2` was published")]);
        let both = |text: &str| [said(text), said(text)];
        assert_eq!(found(|folder| fs::remove_file(folder.join(LATEST)).unwrap()), both("`latest.json` is missing"));
        assert_eq!(found(|folder| fs::write(folder.join(LATEST), "{").unwrap()), both("`latest.json` was changed after it was published"));
        assert_eq!(found(|folder| fs::remove_dir_all(folder.join("v-r2")).unwrap()), both("`v-r2` is missing, where `latest.json` leads"));
        let manifest = |folder: &Path| folder.join("v-r2/_manifest.json");
        assert_eq!(found(|folder| fs::remove_file(manifest(folder)).unwrap()), both("`v-r2/_manifest.json` is missing"));
        let changed = both("`v-r2/_manifest.json` was changed after it was published");
        assert_eq!(found(|folder| fs::write(manifest(folder), "{}").unwrap()), changed);
        assert_eq!(found(|folder| replace(&manifest(folder), "\"ring-1\"", "\"ring-2\"")), changed);
        assert_eq!(
            found(|folder| replace(&folder.join("v-r2/_dictionary.json"), "\"area\"", "\"place\"")),
            both("`v-r2/_dictionary.json` was changed after it was published")
        );
    }

    #[test]
    fn who_forges_latest_and_manifest_together_is_found_by_the_ledger_alone() {
        let said = |text: &str| Some(text.to_owned());
        let forged = found(|folder| {
            let path = folder.join("v-r2/_manifest.json");
            let before = sha256(&fs::read(&path).unwrap());
            replace(&path, "\"rows\": 6", "\"rows\": 7");
            replace(&folder.join(LATEST), &before, &sha256(&fs::read(&path).unwrap()));
        });
        assert_eq!(forged, [None, said("`v-r2/_manifest.json` was changed after it was published")]);
        // Another hash in `latest.json` alone: the ledger knows that the manifest is the one that was published.
        let hash = found(|folder| replace(&folder.join(LATEST), "\"manifest_sha256\": \"", "\"manifest_sha256\": \"0"));
        assert_eq!(hash[1], said("`latest.json` was changed after it was published"));
        let back = |to: &'static str| {
            move |folder: &Path| {
                let hash = sha256(&fs::read(folder.join("v-r1").join(MANIFEST)).unwrap());
                if to != "v-r1" {
                    fs::rename(folder.join("v-r1"), folder.join(to)).unwrap();
                }
                fs::write(folder.join(LATEST), format!(r#"{{"version":"{to}","manifest_sha256":"{hash}"}}"#)).unwrap();
            }
        };
        assert_eq!(found(back("v-r1")), [None, said("`latest.json` names `v-r1`, and what was published last is `v-r2`")]);
        // A run that was killed after its switch never told the ledger.
        assert_eq!(found(back("v-killed")), [None, None]);
    }

    #[test]
    fn strays_are_whatever_no_manifest_names() {
        let output = tempfile::tempdir().unwrap();
        publish(output.path(), "", "r1", 1, 5);
        let folder = output.path().join("sales/v-r1");
        let (manifest, _) = Manifest::read(&folder).unwrap().unwrap();
        assert_eq!(strays(&folder, &manifest).unwrap(), Vec::<PathBuf>::new());
        fs::write(folder.join("_shredded.json"), "{}").unwrap();
        fs::create_dir(folder.join("month=2026-01-01")).unwrap();
        fs::write(folder.join("part-0001.parquet"), "").unwrap();
        assert_eq!(strays(&folder, &manifest).unwrap(), [folder.join("month=2026-01-01"), folder.join("part-0001.parquet")]);
    }
}
