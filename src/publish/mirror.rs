//! Sets in a bucket: versions are made and verified in a local folder, and brought to the bucket when they are the latest there.
//!
//! What readers of the bucket are led to changes by one conditional write of `latest.json`. Files that the bucket's latest version has already
//! are copied within the bucket. A run that could not reach the bucket is made good by the next one.

use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::PublishError;
use super::bucket::{Bucket, BucketError, Replaced, Sent};
use super::check::{Finding, Problem};
use super::folder::{folder_name, folders_in, sha256};
use super::latest::list_sets;
use super::manifest::{DICTIONARY, FileEntry, LATEST, Latest, MANIFEST, Manifest, SHREDDED, is_version};
use super::version::set_folder;
use crate::decide::clocks::{due_after_event, expired, today};
use crate::pipeline::Set;

/// What came of bringing a set to its bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirrored {
    /// The latest version, as a reader opens it: `s3://bucket/prefix/purchase_history/v-…`.
    pub url: String,
    /// Whether the bucket led elsewhere before.
    pub is_new: bool,
    /// Files that were uploaded, and files that were copied within the bucket.
    pub uploaded: usize,
    /// See `uploaded`.
    pub copied: usize,
    /// Old versions that were removed.
    pub removed: usize,
}

/// The folder of a set within the bucket.
fn folder_of(tenant: Option<&str>, set: &str) -> String {
    match tenant.filter(|tenant| !tenant.is_empty()) {
        Some(tenant) => format!("{}/{}", folder_name(tenant), folder_name(set)),
        None => folder_name(set),
    }
}

/// What the bucket leads to.
struct There {
    latest: Latest,
    /// Its manifest, where it is what `latest.json` says.
    manifest: Option<Manifest>,
}

impl There {
    fn read(bucket: &Bucket, folder: &str, bytes: &[u8]) -> Result<Option<Self>, PublishError> {
        let Ok(latest) = serde_json::from_slice::<Latest>(bytes) else { return Ok(None) };
        if !is_version(&latest.version) {
            return Ok(None);
        }
        let found = bucket.get(&format!("{folder}/{}/{MANIFEST}", latest.version))?;
        let is_its = |bytes: &Vec<u8>| sha256(bytes) == latest.manifest_sha256;
        let manifest = found.map(|(bytes, _)| bytes).filter(is_its).and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Ok(Some(Self { latest, manifest }))
    }
}

/// Brings the latest version of a set in `output` to the bucket, and removes versions whose time has come. `None` where there is no version.
///
/// # Errors
/// [`PublishError::Bucket`], with [`BucketError::Conflict`] where another run writes the same set; [`PublishError::ForeignKeyring`] where what
/// is there was published under another keyring; [`PublishError::Io`] and [`PublishError::Corrupt`] for the local folder.
pub fn mirror(bucket: &Bucket, output: &Path, tenant: Option<&str>, set: &Set, now: Timestamp) -> Result<Option<Mirrored>, PublishError> {
    let here = set_folder(output, tenant, &set.name);
    let Some(latest) = Latest::read(&here)? else { return Ok(None) };
    let path = here.join(LATEST);
    let bytes = std::fs::read(&path).map_err(PublishError::io("read", &path))?;
    let version = here.join(&latest.version);
    let Some((manifest, _)) = Manifest::read(&version)? else {
        return Err(PublishError::VersionMissing { path: version });
    };
    let folder = folder_of(tenant, &set.name);
    let name = format!("{folder}/{LATEST}");
    let before = bucket.get(&name)?;
    let mut done =
        Mirrored { url: bucket.url_of(&format!("{folder}/{}", latest.version)), is_new: false, uploaded: 0, copied: 0, removed: 0 };
    let there = before.as_ref().map(|(bytes, _)| There::read(bucket, &folder, bytes)).transpose()?.flatten();
    if before.as_ref().is_none_or(|(found, _)| *found != bytes) {
        let known = there.as_ref().and_then(|there| there.manifest.as_ref());
        if known.is_some_and(|known| known.keyring != manifest.keyring) {
            return Err(PublishError::ForeignKeyring { url: bucket.url_of(&folder) });
        }
        // A run that was killed may have uploaded all of it.
        let whole = bucket.get(&format!("{folder}/{}/{MANIFEST}", latest.version))?;
        if whole.is_none_or(|(bytes, _)| sha256(&bytes) != latest.manifest_sha256) {
            (done.uploaded, done.copied) = send(bucket, &folder, &version, &latest.version, &manifest, there.as_ref())?;
        }
        if bucket.replace(&name, bytes, before.as_ref().map(|(_, tag)| tag))? == Replaced::Conflict {
            let doing = format!("replace `{name}`");
            return Err(BucketError::Conflict { bucket: bucket.name().to_owned(), doing }.into());
        }
        done.is_new = there.is_none_or(|there| there.latest.version != latest.version);
    }
    done.removed = prune(bucket, &folder, &here, &latest, set, now)?;
    // What was said of a version later than its manifest.
    for version in folders_in(&here)?.into_iter().filter(|name| is_version(name) && here.join(name).join(SHREDDED).is_file()) {
        let name = format!("{folder}/{version}/{SHREDDED}");
        if bucket.get(&name)?.is_none() {
            bucket.upload(&name, &here.join(version).join(SHREDDED))?;
        }
    }
    Ok(Some(done))
}

/// Sends a version's files, the manifest last, and returns how many were uploaded and copied. What the bucket's latest version has is copied.
fn send(
    bucket: &Bucket,
    folder: &str,
    here: &Path,
    version: &str,
    manifest: &Manifest,
    there: Option<&There>,
) -> Result<(usize, usize), PublishError> {
    let known = |file: &FileEntry| {
        let there = there.filter(|there| there.latest.version != version)?;
        let has = there.manifest.as_ref().is_some_and(|known| known.files.contains(file));
        has.then(|| format!("{folder}/{}/{}", there.latest.version, file.name))
    };
    let mut files: Vec<Sent<'_>> = manifest.files.iter().map(|file| Sent { name: &file.name, copied_from: known(file) }).collect();
    files.extend([DICTIONARY, MANIFEST].map(|name| Sent { name, copied_from: None }));
    let sent = bucket.publish_version(folder, version, here, &files)?;
    let uploaded = files.iter().zip(&manifest.files).filter(|(file, _)| file.copied_from.is_none()).map(|(_, file)| file);
    for (file, sent) in uploaded.zip(&sent) {
        if sent.sha256 != file.sha256 {
            return Err(PublishError::Verification { path: here.join(&file.name), fault: "other bytes".to_owned() });
        }
    }
    let copied = files.iter().filter(|file| file.copied_from.is_some()).count();
    Ok((manifest.files.len() - copied, copied))
}

/// Removes the versions that the local folder has removed, and those that it never knew and whose reader grace is over.
fn prune(bucket: &Bucket, folder: &str, here: &Path, latest: &Latest, set: &Set, now: Timestamp) -> Result<usize, PublishError> {
    let kept = folders_in(here)?;
    let is_past = |since: Timestamp| {
        let due = due_after_event(today(since, &TimeZone::UTC), set.reader_grace);
        expired(due, today(now, &TimeZone::UTC))
    };
    let mut removed = 0;
    for version in bucket.folders(folder)?.into_iter().filter(|name| is_version(name) && !kept.contains(name)) {
        let target = format!("{folder}/{version}");
        let was_latest = latest.replaced.iter().find(|old| old.version == version).map(|old| old.at);
        let manifest = bucket.get(&format!("{target}/{MANIFEST}"))?;
        let created = manifest.and_then(|(bytes, _)| serde_json::from_slice::<Manifest>(&bytes).ok()).map(|manifest| manifest.created);
        if was_latest.or(created).is_none_or(is_past) {
            bucket.remove(&target)?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// What a bucket's readers are led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LatestThere {
    /// As a reader opens it: `s3://bucket/prefix/purchase_history/v-…`.
    pub url: String,
    /// The version.
    pub version: String,
    /// SHA-256 of its manifest as it is there, in hexadecimal digits; `None` where there is none.
    pub manifest_sha256: Option<String>,
}

/// The latest version of a set in the bucket.
///
/// # Errors
/// [`PublishError::Bucket`]; [`PublishError::NotInBucket`] where there is none.
pub fn latest_in(bucket: &Bucket, tenant: Option<&str>, set: &str) -> Result<LatestThere, PublishError> {
    let folder = folder_of(tenant, set);
    let found = bucket.get(&format!("{folder}/{LATEST}"))?;
    let latest = found.and_then(|(bytes, _)| serde_json::from_slice::<Latest>(&bytes).ok()).filter(|latest| is_version(&latest.version));
    let missing = || PublishError::NotInBucket { set: set.to_owned(), bucket: bucket.name().to_owned() };
    let version = latest.ok_or_else(missing)?.version;
    let manifest = bucket.get(&format!("{folder}/{version}/{MANIFEST}"))?;
    let url = bucket.url_of(&format!("{folder}/{version}"));
    Ok(LatestThere { url, version, manifest_sha256: manifest.map(|(bytes, _)| sha256(&bytes)) })
}

/// Checks that the bucket leads to the same versions as the local folder, and that every file there has the bytes that its manifest says. Reads
/// all of them.
pub fn check_bucket(bucket: &Bucket, output: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    let sets = match list_sets(output) {
        Ok(sets) => sets,
        // The local check says so.
        Err(_) => return findings,
    };
    for set in sets {
        let folder = folder_of(set.tenant.as_deref(), &set.set);
        let mut found = |name: &str, problem: Problem| {
            findings.push(Finding { path: bucket.url_of(name).into(), problem, of_old_version: false, set: set.set.clone() });
        };
        if let Err(error) = check_set(bucket, &folder, &set.folder, &mut found) {
            found(&folder, Problem::Unreadable(error.to_string()));
        }
    }
    findings
}

fn check_set(bucket: &Bucket, folder: &str, here: &Path, found: &mut dyn FnMut(&str, Problem)) -> Result<(), PublishError> {
    let name = format!("{folder}/{LATEST}");
    let Some((bytes, _)) = bucket.get(&name)? else {
        found(&name, Problem::Missing);
        return Ok(());
    };
    let local = std::fs::read(here.join(LATEST)).ok();
    if local.is_some_and(|local| local != bytes) {
        found(&name, Problem::Disagreement);
    }
    let Some(there) = There::read(bucket, folder, &bytes)? else {
        found(&name, Problem::Changed);
        return Ok(());
    };
    let target = format!("{folder}/{}", there.latest.version);
    let Some(manifest) = there.manifest else {
        found(&format!("{target}/{MANIFEST}"), Problem::Changed);
        return Ok(());
    };
    let dictionary = (DICTIONARY.to_owned(), manifest.dictionary_sha256.clone());
    let files = manifest.files.iter().map(|file| (file.name.clone(), file.sha256.clone()));
    for (file, sha256) in files.chain([dictionary]) {
        let name = format!("{target}/{file}");
        match bucket.sha256_of(&name)? {
            None => found(&name, Problem::Missing),
            Some((there, _)) if there != sha256 => found(&name, Problem::Changed),
            Some(_) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::clocks::Period;
    use crate::publish::testing::{noon, orders_per_area, publish};

    fn names(bucket: &Bucket) -> Vec<String> {
        bucket.list("").unwrap().into_iter().map(|object| object.name).collect()
    }

    fn bring(bucket: &Bucket, output: &Path, day: i8) -> Result<Option<Mirrored>, PublishError> {
        let set = Set { reader_grace: Period::new(0, 0, 7).unwrap(), ..orders_per_area() };
        super::super::prune(output, Some("north"), &set, noon(day)).unwrap();
        mirror(bucket, output, Some("north"), &set, noon(day))
    }

    #[test]
    fn a_bucket_follows_the_folder() {
        let (bucket, output) = (Bucket::in_memory().unwrap(), tempfile::tempdir().unwrap());
        assert_eq!(bring(&bucket, output.path(), 1).unwrap(), None);
        assert!(matches!(latest_in(&bucket, Some("north"), "sales"), Err(PublishError::NotInBucket { .. })));
        publish(output.path(), "north", "r1", 1, 5);
        let first = bring(&bucket, output.path(), 1).unwrap().unwrap();
        assert_eq!((first.is_new, first.uploaded, first.copied), (true, 1, 0));
        let there = latest_in(&bucket, Some("north"), "sales").unwrap();
        let manifest = std::fs::read(output.path().join("north/sales/v-r1").join(MANIFEST)).unwrap();
        assert_eq!((there.url, there.version, there.manifest_sha256), (first.url.clone(), "v-r1".to_owned(), Some(sha256(&manifest))));
        assert!(first.url.ends_with("north/sales/v-r1"));
        assert_eq!(check_bucket(&bucket, output.path()), []);
        // Nothing new: nothing is written.
        let again = bring(&bucket, output.path(), 2).unwrap().unwrap();
        assert_eq!((again.is_new, again.uploaded, again.copied), (false, 0, 0));
        publish(output.path(), "north", "r2", 3, 6);
        let second = bring(&bucket, output.path(), 3).unwrap().unwrap();
        assert!(second.is_new && second.removed == 0);
        assert!(names(&bucket).contains(&"north/sales/v-r1/part-0000.parquet".to_owned()));
        // The reader grace of seven days is over.
        let later = bring(&bucket, output.path(), 12).unwrap().unwrap();
        assert_eq!((later.is_new, later.removed), (false, 1));
        assert!(names(&bucket).iter().all(|name| !name.contains("v-r1")));
        assert_eq!(check_bucket(&bucket, output.path()), []);
    }

    #[test]
    fn files_that_the_bucket_has_are_copied_there() {
        let (bucket, output) = (Bucket::in_memory().unwrap(), tempfile::tempdir().unwrap());
        publish(output.path(), "north", "r1", 1, 5);
        bring(&bucket, output.path(), 1).unwrap();
        // The same rows under another k: another version with another file, and back again.
        let here = output.path().join("north/sales");
        let manifest = std::fs::read_to_string(here.join("v-r1").join(MANIFEST)).unwrap();
        let copy = here.join("v-r2");
        std::fs::create_dir(&copy).unwrap();
        for name in ["part-0000.parquet", DICTIONARY] {
            std::fs::copy(here.join("v-r1").join(name), copy.join(name)).unwrap();
        }
        let manifest = manifest.replace("\"run_id\": \"r1\"", "\"run_id\": \"r2\"");
        std::fs::write(copy.join(MANIFEST), &manifest).unwrap();
        let latest = serde_json::json!({"version": "v-r2", "manifest_sha256": sha256(manifest.as_bytes())});
        std::fs::write(here.join(LATEST), latest.to_string()).unwrap();
        let second = bring(&bucket, output.path(), 2).unwrap().unwrap();
        assert_eq!((second.is_new, second.uploaded, second.copied), (true, 0, 1));
        assert_eq!(check_bucket(&bucket, output.path()), []);
    }

    #[test]
    fn damage_in_the_bucket_is_found_and_another_installation_is_refused() {
        let (bucket, output) = (Bucket::in_memory().unwrap(), tempfile::tempdir().unwrap());
        publish(output.path(), "north", "r1", 1, 5);
        bring(&bucket, output.path(), 1).unwrap();
        let part = "north/sales/v-r1/part-0000.parquet";
        let (_, tag) = bucket.get(part).unwrap().unwrap();
        bucket.replace(part, b"x".to_vec(), Some(&tag)).unwrap();
        let found: Vec<Problem> = check_bucket(&bucket, output.path()).into_iter().map(|finding| finding.problem).collect();
        assert_eq!(found, [Problem::Changed]);
        // Somebody else's keyring.
        let path = output.path().join("north/sales/v-r1").join(MANIFEST);
        let other = std::fs::read_to_string(&path).unwrap().replace("ring-1", "ring-2");
        std::fs::write(&path, &other).unwrap();
        let latest = serde_json::json!({"version": "v-r1", "manifest_sha256": sha256(other.as_bytes())});
        std::fs::write(output.path().join("north/sales").join(LATEST), latest.to_string()).unwrap();
        assert!(matches!(bring(&bucket, output.path(), 2), Err(PublishError::ForeignKeyring { .. })));
    }
}
