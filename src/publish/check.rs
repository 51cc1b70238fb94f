//! Checks what is published, as it lies on the disk: for `gallra verify`.

use std::fmt;
use std::path::{Path, PathBuf};

use super::PublishError;
use super::altered::{entries, strays};
use super::dictionary::type_name;
use super::error::class_name;
use super::folder::{folders_in, leads_elsewhere, sha256_of_file};
use super::latest::{REMOVED_PREFIX, list_sets};
use super::manifest::{DICTIONARY, LATEST, Latest, MANIFEST, Manifest, is_version, read_dictionary};
use super::parquet;
use super::version::{BACKFILL_PREFIX, STAGING_PREFIX};
use crate::pipeline::{Class, Release};

/// Something wrong with what is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file or folder.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: Problem,
    /// Whether it is of a version that is not the latest, which no run writes again.
    pub of_old_version: bool,
    /// The set that it is of; empty where it is of none that can be told.
    pub set: String,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// It can not be read, or is not what this program writes.
    Unreadable(String),
    /// It should be there.
    Missing,
    /// Its bytes are not those of its hash.
    Changed,
    /// It is a link, or stands behind one.
    Link,
    /// No manifest names it.
    Unexpected,
    /// Its columns are not those that the manifest and the dictionary describe.
    Columns,
    /// It has another number of rows than the manifest says.
    Rows,
    /// The manifest, the dictionary and the folder disagree on set, label or version.
    Disagreement,
    /// A column of a class that is never published.
    Class {
        /// The column.
        column: String,
        /// Its class.
        class: Class,
    },
    /// A pseudonym under the label `anonymous`.
    AnonymousPseudonym {
        /// The column.
        column: String,
    },
    /// A group with fewer subjects than the set promises.
    SmallGroup {
        /// Its subjects.
        subjects: u64,
        /// The k promised.
        k: u32,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.problem {
            Problem::Unreadable(reason) => write!(formatter, "`{path}` can not be checked: {reason}"),
            Problem::Missing => write!(formatter, "`{path}` is missing"),
            Problem::Changed => write!(formatter, "`{path}` was changed after it was published"),
            Problem::Link => write!(formatter, "`{path}` is a link, and what lies behind it can change"),
            Problem::Unexpected => write!(formatter, "`{path}` is in no manifest"),
            Problem::Columns => write!(formatter, "`{path}` has other columns than described"),
            Problem::Rows => write!(formatter, "`{path}` has another number of rows than described"),
            Problem::Disagreement => write!(formatter, "`{path}` does not describe the version that it is in"),
            Problem::Class { column, class } => {
                write!(formatter, "`{path}` has column `{column}` of class `{}`", class_name(*class))
            }
            Problem::AnonymousPseudonym { column } => {
                write!(formatter, "`{path}` is labelled `anonymous` and has the pseudonym column `{column}`")
            }
            Problem::SmallGroup { subjects, k } => {
                write!(formatter, "`{path}` has a group of {subjects} subjects and promises {k}")
            }
        }
    }
}

/// Checks all versions of all sets in an output folder and never stops at the first finding: that `latest.json` names a version
/// whose manifest has its hash, that every file has the bytes, rows and columns that the manifest says and no other file lies
/// there, that labels hold and that no column of a forbidden class is published. Nothing found is an empty list.
pub fn check_published(output: &Path) -> Vec<Finding> {
    let mut findings = Findings::default();
    let sets = findings.value(output, list_sets(output)).unwrap_or_default();
    for set in sets {
        findings.set.clone_from(&set.set);
        let path = set.folder.join(LATEST);
        let mut current = None;
        match Latest::read(&set.folder) {
            Ok(Some(latest)) => {
                let version = set.folder.join(&latest.version);
                match Manifest::read(&version) {
                    Ok(Some((_, hash))) if hash != latest.manifest_sha256 => {
                        findings.add(&version.join(MANIFEST), Problem::Changed);
                    }
                    Ok(None) if !version.is_dir() => findings.add(&version, Problem::Missing),
                    // Whatever else is wrong with the manifest is found with the versions.
                    _ => {}
                }
                current = Some(latest.version);
            }
            Ok(None) => findings.add(&path, Problem::Missing),
            Err(error) => findings.add(&path, Problem::Unreadable(error.to_string())),
        }
        for name in findings.value(&set.folder, folders_in(&set.folder)).unwrap_or_default() {
            if is_version(&name) {
                // Without `latest.json` nobody knows which is the latest.
                findings.of_old_version = current.as_ref().is_some_and(|current| *current != name);
                check_version(&set.folder.join(&name), &name, &set.set, &mut findings);
            }
        }
        findings.of_old_version = false;
    }
    findings.list
}

/// What lies in an output folder beside its tenants, sets and versions, and was put there by somebody else. Readers who are led to a version do not
/// read it; nobody knows what is in it. What stands behind links, and an output that can not be listed, is left out.
///
/// # Errors
/// [`PublishError::Io`].
pub fn beside_published(output: &Path) -> Result<Vec<PathBuf>, PublishError> {
    let sets: Vec<PathBuf> = list_sets(output)?.into_iter().map(|set| set.folder).collect();
    let is_on_the_way = |path: &PathBuf| sets.iter().any(|set| set.starts_with(path));
    let mut beside = Vec::new();
    let mut folders = vec![output.to_owned()];
    folders.extend(sets.iter().filter_map(|set| set.parent()).filter(|folder| *folder != output).map(Path::to_owned));
    folders.dedup();
    for folder in folders {
        let paths = entries(&folder)?.into_iter().map(|name| folder.join(name));
        beside.extend(paths.filter(|path| !is_on_the_way(path) && !is_in_the_making(path)));
    }
    for set in &sets {
        let is_own = |name: &String| is_version(name) && !leads_elsewhere(set, Path::new(name)) || name == LATEST;
        let paths = entries(set)?.into_iter().filter(|name| !is_own(name)).map(|name| set.join(name));
        beside.extend(paths.filter(|path| !is_in_the_making(path)));
    }
    beside.sort();
    Ok(beside)
}

/// What runs and backfills make and take away, or leave for the next one.
fn is_in_the_making(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let prefixes = [STAGING_PREFIX, BACKFILL_PREFIX, REMOVED_PREFIX];
    name == ".latest.json.new" || prefixes.iter().any(|prefix| name.starts_with(prefix))
}

fn check_version(folder: &Path, version: &str, set: &str, findings: &mut Findings) {
    let path = folder.join(MANIFEST);
    let manifest = match Manifest::read(folder) {
        Ok(Some((manifest, _))) => manifest,
        Ok(None) => return findings.add(&path, Problem::Missing),
        Err(error) => return findings.add(&path, Problem::Unreadable(error.to_string())),
    };
    if manifest.set != set || format!("v-{}", manifest.run_id) != version {
        findings.add(&path, Problem::Disagreement);
    }
    if let Some(smallest) = manifest.gate.smallest_group
        && smallest < u64::from(manifest.gate.k)
    {
        findings.add(&path, Problem::SmallGroup { subjects: smallest, k: manifest.gate.k });
    }
    check_dictionary(folder, &manifest, findings);
    for file in &manifest.files {
        let path = folder.join(&file.name);
        if !path.is_file() {
            findings.add(&path, Problem::Missing);
        } else if leads_elsewhere(folder, Path::new(&file.name)) {
            findings.add(&path, Problem::Link);
        } else if let Some(hash) = findings.value(&path, sha256_of_file(&path)) {
            if hash != file.sha256 {
                findings.add(&path, Problem::Changed);
            }
            check_parquet(&path, &manifest, file.rows, findings);
        }
    }
    for stray in findings.value(folder, strays(folder, &manifest)).unwrap_or_default() {
        findings.add(&stray, Problem::Unexpected);
    }
}

fn check_dictionary(folder: &Path, manifest: &Manifest, findings: &mut Findings) {
    let path = folder.join(DICTIONARY);
    let (dictionary, hash) = match read_dictionary(folder) {
        Ok(Some(found)) => found,
        Ok(None) => return findings.add(&path, Problem::Missing),
        Err(error) => return findings.add(&path, Problem::Unreadable(error.to_string())),
    };
    if hash != manifest.dictionary_sha256 {
        findings.add(&path, Problem::Changed);
    }
    if dictionary.label != manifest.label || dictionary.set != manifest.set {
        findings.add(&path, Problem::Disagreement);
    }
    let described = dictionary.columns.iter().map(|entry| (&entry.column, &entry.data_type));
    if !described.eq(manifest.schema.iter().map(|column| (&column.name, &column.data_type))) {
        findings.add(&path, Problem::Columns);
    }
    // The stricter of the two labels: a dictionary that was changed does not loosen the manifest's promise.
    let label = if manifest.label == Release::Anonymous { Release::Anonymous } else { dictionary.label };
    if let Some((column, class)) = (super::Dictionary { label, ..dictionary }).forbidden() {
        let column = column.to_owned();
        findings.add(
            &path,
            match class {
                Some(class) => Problem::Class { column, class },
                None => Problem::AnonymousPseudonym { column },
            },
        );
    }
}

fn check_parquet(path: &Path, manifest: &Manifest, rows: u64, findings: &mut Findings) {
    let Some((schema, batches)) = findings.value(path, parquet::read(path)) else {
        return;
    };
    let found = schema.fields().iter().map(|field| (field.name().clone(), type_name(field.data_type())));
    if !found.eq(manifest.columns_in_files().map(|column| (column.name.clone(), column.data_type.clone()))) {
        findings.add(path, Problem::Columns);
    }
    let mut count = 0;
    for batch in batches {
        let batch = batch.map_err(|error| parquet::parquet_error("read", path, error.into()));
        match findings.value(path, batch) {
            Some(batch) => count += batch.num_rows() as u64,
            None => return,
        }
    }
    if count != rows {
        findings.add(path, Problem::Rows);
    }
}

#[derive(Default)]
struct Findings {
    list: Vec<Finding>,
    /// Whether what is looked at is of a version that is not the latest.
    of_old_version: bool,
    /// The set that is looked at.
    set: String,
}

impl Findings {
    fn add(&mut self, path: &Path, problem: Problem) {
        let (of_old_version, set) = (self.of_old_version, self.set.clone());
        self.list.push(Finding { path: path.to_owned(), problem, of_old_version, set });
    }

    /// The value, or a finding in its place.
    fn value<T>(&mut self, path: &Path, result: Result<T, PublishError>) -> Option<T> {
        result.map_err(|error| self.add(path, Problem::Unreadable(error.to_string()))).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::publish::folder::sha256;
    use crate::publish::testing::publish;

    /// Two versions of a set of tenant `north`, damaged, and what is found: paths below the set's folder.
    fn found(damage: impl Fn(&Path)) -> Vec<(String, Problem)> {
        let output = tempfile::tempdir().unwrap();
        publish(output.path(), "north", "r1", 1, 5);
        publish(output.path(), "north", "r2", 2, 6);
        let folder = output.path().join("north/sales");
        damage(&folder);
        let name = |path: PathBuf| path.strip_prefix(&folder).unwrap().display().to_string();
        check_published(output.path()).into_iter().map(|finding| (name(finding.path), finding.problem)).collect()
    }

    fn replace(path: &Path, from: &str, to: &str) {
        let text = fs::read_to_string(path).unwrap();
        assert!(text.contains(from));
        fs::write(path, text.replace(from, to)).unwrap();
    }

    #[test]
    fn what_was_published_is_sound() {
        assert_eq!(found(|_| {}), []);
        assert_eq!(check_published(Path::new("/absent")), []);
    }

    #[test]
    fn files_that_changed_vanished_or_came_are_found_in_every_version() {
        let changed = |bytes: &'static str| move |folder: &Path| fs::write(folder.join("v-r1/part-0000.parquet"), bytes).unwrap();
        let findings = found(changed(""));
        assert_eq!(findings[0], ("v-r1/part-0000.parquet".into(), Problem::Changed));
        assert!(matches!(findings[1].1, Problem::Unreadable(_)));
        let missing = found(|folder| fs::remove_file(folder.join("v-r1/part-0000.parquet")).unwrap());
        assert_eq!(missing, [("v-r1/part-0000.parquet".into(), Problem::Missing)]);
        let unexpected = found(|folder| fs::write(folder.join("v-r2/extra.parquet"), "").unwrap());
        assert_eq!(unexpected, [("v-r2/extra.parquet".into(), Problem::Unexpected)]);
        let swapped = found(|folder| {
            fs::copy(folder.join("v-r2/part-0000.parquet"), folder.join("v-r1/part-0000.parquet")).unwrap();
        });
        assert_eq!(swapped, [("v-r1/part-0000.parquet".into(), Problem::Changed)]);
    }

    #[test]
    fn what_lies_beside_versions_and_sets_is_listed() {
        let output = tempfile::tempdir().unwrap();
        publish(output.path(), "north", "r1", 1, 5);
        publish(output.path(), "", "r1", 1, 5);
        let beside = || beside_published(output.path()).unwrap();
        assert_eq!(beside(), Vec::<PathBuf>::new());
        // What runs that were killed left, and what the next one takes away.
        for own in [".staging-r9", ".backfill-1", "north/sales/.removed-v-r0"] {
            fs::create_dir(output.path().join(own)).unwrap();
        }
        fs::write(output.path().join("sales/.latest.json.new"), "{}").unwrap();
        assert_eq!(beside(), Vec::<PathBuf>::new());
        let strays =
            ["a.csv", "north/b.csv", "north/sales/part.parquet", "north/sales/x", "sales/v-link", "y"].map(|name| output.path().join(name));
        for stray in &strays {
            match stray.extension() {
                Some(_) => fs::write(stray, "").unwrap(),
                None if stray.ends_with("v-link") => std::os::unix::fs::symlink(output.path().join("sales/v-r1"), stray).unwrap(),
                None => fs::create_dir(stray).unwrap(),
            }
        }
        assert_eq!(beside(), strays);
        assert_eq!(beside_published(&output.path().join("absent")).unwrap(), Vec::<PathBuf>::new());
    }

    #[test]
    fn what_no_run_writes_again_is_told_from_the_latest() {
        let output = tempfile::tempdir().unwrap();
        publish(output.path(), "north", "r1", 1, 5);
        publish(output.path(), "north", "r2", 2, 6);
        let folder = output.path().join("north/sales");
        for (version, old) in [("v-r1", true), ("v-r2", false)] {
            fs::write(folder.join(version).join("extra.parquet"), "").unwrap();
            let findings = check_published(output.path());
            let of = findings.iter().find(|finding| finding.path.starts_with(folder.join(version))).unwrap();
            assert_eq!((of.of_old_version, &of.problem), (old, &Problem::Unexpected), "{version}");
        }
        fs::remove_file(folder.join("latest.json")).unwrap();
        assert!(check_published(output.path()).iter().all(|finding| !finding.of_old_version));
    }

    #[test]
    fn the_latest_must_lead_to_its_manifest() {
        let latest = found(|folder| replace(&folder.join("latest.json"), "\"v-r2\"", "\"v-r7\""));
        assert_eq!(latest, [("v-r7".into(), Problem::Missing)]);
        let other = found(|folder| replace(&folder.join("v-r2/_manifest.json"), "\"ring-1\"", "\"ring-2\""));
        assert_eq!(other, [("v-r2/_manifest.json".into(), Problem::Changed)]);
        let lost = found(|folder| fs::remove_file(folder.join("latest.json")).unwrap());
        assert_eq!(lost, [("latest.json".into(), Problem::Missing)]);
        let corrupt = found(|folder| fs::write(folder.join("latest.json"), "x").unwrap());
        assert!(matches!(corrupt[..], [(ref path, Problem::Unreadable(_))] if path == "latest.json"));
        let renamed = found(|folder| fs::rename(folder.join("v-r1"), folder.join("v-r0")).unwrap());
        assert_eq!(renamed, [("v-r0/_manifest.json".into(), Problem::Disagreement)]);
    }

    /// Edits the dictionary of the older version and makes its manifest agree.
    fn with_dictionary(folder: &Path, from: &str, to: &str) {
        let (dictionary, manifest) = (folder.join("v-r1/_dictionary.json"), folder.join("v-r1/_manifest.json"));
        let before = sha256(&fs::read(&dictionary).unwrap());
        replace(&dictionary, from, to);
        replace(&manifest, &before, &sha256(&fs::read(&dictionary).unwrap()));
    }

    #[test]
    fn labels_classes_and_columns_must_hold() {
        let class = found(|folder| with_dictionary(folder, "\"quasi_identifier\"\n", "\"email\"\n"));
        assert_eq!(class, [("v-r1/_dictionary.json".into(), Problem::Class { column: "area".into(), class: Class::Email })]);
        let label = found(|folder| {
            with_dictionary(folder, "\"label\": \"pseudonymised\"", "\"label\": \"anonymous\"");
            replace(&folder.join("v-r1/_manifest.json"), "\"label\": \"pseudonymised\"", "\"label\": \"anonymous\"");
        });
        assert_eq!(label, [("v-r1/_dictionary.json".into(), Problem::AnonymousPseudonym { column: "who".into() })]);
        let columns = found(|folder| with_dictionary(folder, "\"column\": \"total\"", "\"column\": \"sum\""));
        assert_eq!(columns, [("v-r1/_dictionary.json".into(), Problem::Columns)]);
        let small = found(|folder| replace(&folder.join("v-r1/_manifest.json"), "\"smallest_group\": 3", "\"smallest_group\": 2"));
        assert_eq!(small, [("v-r1/_manifest.json".into(), Problem::SmallGroup { subjects: 2, k: 3 })]);
        let rows = found(|folder| replace(&folder.join("v-r1/_manifest.json"), "\"rows\": 6,", "\"rows\": 5,"));
        assert_eq!(rows, [("v-r1/part-0000.parquet".into(), Problem::Rows)]);
    }

    #[test]
    fn a_finding_reads_as_a_sentence() {
        let finding = Finding {
            path: "/p".into(),
            problem: Problem::Class { column: "c".into(), class: Class::Email },
            of_old_version: false,
            set: "s".into(),
        };
        assert_eq!(finding.to_string(), "`/p` has column `c` of class `email`");
    }
}
