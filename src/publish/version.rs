//! Versions: staged by [`super::stage`], made the latest in one step.
//!
//! ```text
//! <output>/[<tenant>/]<set>/v-<run id>/part-0000.parquet                        or, with partitions,
//!                                      month=2024-01-01/part-0000.parquet
//!                                      _manifest.json
//!                                      _dictionary.json
//!                          latest.json
//! <output>/.staging-<run id>/[<tenant>/]<set>/v-<run id>/…      until the switch
//! ```
//!
//! Tenants and sets are folders under [`folder_name`], so that no name leaves the output. A version never changes once it is
//! there; `latest.json` is replaced by a rename.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::PublishError;
use super::folder::{
    PUBLISHED_MODE, create_folder, folder_name, folders_in, leads_elsewhere, remove_folder, replace_file, set_mode, sha256, sha256_of_file,
    sync_folder, sync_parent,
};
use super::manifest::{FileEntry, LATEST, Latest, Manifest, Replaced, is_version, read_dictionary, to_json};
use super::stage::Staged;

pub(super) const STAGING_PREFIX: &str = ".staging-";
/// What a backfill has finished, for the one that goes on after it was killed.
pub(super) const BACKFILL_PREFIX: &str = ".backfill-";

/// What came of a switch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Switch {
    /// The staged version is the latest now; its folder.
    Replaced(PathBuf),
    /// The latest version holds the same already and stays; its folder.
    Unchanged(PathBuf),
}

/// The folder of a set, which holds its versions; the tenant is `None` or empty in a store with one controller.
#[must_use]
pub fn set_folder(output: &Path, tenant: Option<&str>, set: &str) -> PathBuf {
    match tenant.filter(|tenant| !tenant.is_empty()) {
        Some(tenant) => output.join(folder_name(tenant)).join(folder_name(set)),
        None => output.join(folder_name(set)),
    }
}

/// Makes a staged version the latest; a version that was not verified is verified first.
///
/// A set whose files, schema, label, k and definition are those of its latest version gets no new one, unless something else lies beside them. A `latest.json` that
/// can not be read is replaced. `now` is when the versions before stop being the latest; `forgets` says that the run erases somebody of the
/// set's subjects, so that the versions before hold people who are not there any more.
///
/// # Errors
/// As [`Staged::verify`]; [`PublishError::Io`]; [`PublishError::VersionExists`] if this run id was switched before with other
/// content. After any of them the version before is still the latest.
pub fn switch(mut staged: Staged, now: Timestamp, forgets: bool) -> Result<Switch, PublishError> {
    if !staged.verified {
        staged.verify()?;
    }
    let current = match Latest::read(&staged.set_folder) {
        Err(PublishError::Corrupt { .. }) => None,
        other => other?,
    };
    if let Some(current) = &current {
        let folder = staged.set_folder.join(&current.version);
        if is_unchanged(&staged, current, &folder) {
            staged.discard()?;
            return Ok(Switch::Unchanged(folder));
        }
    }
    let target = staged.set_folder.join(&staged.version);
    if target.symlink_metadata().is_ok() {
        let was_visible = current
            .as_ref()
            .is_some_and(|current| current.version == staged.version || current.replaced.iter().any(|old| old.version == staged.version));
        if was_visible {
            return Err(PublishError::VersionExists { path: target });
        }
        // Left by a run that was killed between its two renames: no reader was ever sent there.
        remove_folder(&target)?;
    }
    create_folder(&staged.set_folder, PUBLISHED_MODE)?;
    set_mode(&staged.folder, PUBLISHED_MODE)?;
    let latest = Latest {
        version: staged.version.clone(),
        manifest_sha256: staged.manifest_sha256.clone(),
        replaced: replaced(&staged, current, now, forgets)?,
        may_hold_erased: false,
    };
    let path = staged.set_folder.join(LATEST);
    let content = to_json(&latest, &path)?;
    fs::rename(&staged.folder, &target).map_err(PublishError::io("move a version to", &target))?;
    let switched = sync_folder(&staged.set_folder).and_then(|()| sync_parent(&staged.folder)).and_then(|()| replace_file(&path, &content));
    if let Err(error) = switched {
        // If the rename of `latest.json` itself was done, readers may be on their way to the new version: it stays.
        if !matches!(Latest::read(&staged.set_folder), Ok(Some(now)) if now.version == staged.version) {
            let _ = remove_folder(&target);
        }
        return Err(error);
    }
    staged.remove_empty_folders();
    Ok(Switch::Replaced(target))
}

impl Staged {
    /// Removes a version that is not needed.
    fn discard(self) -> Result<(), PublishError> {
        remove_folder(&self.folder)?;
        self.remove_empty_folders();
        Ok(())
    }

    /// Removes the staging folders above the version that hold nothing any more. Those that do refuse.
    fn remove_empty_folders(&self) {
        for folder in self.folder.ancestors().skip(1) {
            let has_prefix = |name: &str| name.starts_with(STAGING_PREFIX) || name.starts_with(BACKFILL_PREFIX);
            let is_staging = folder.ancestors().any(|above| above.file_name().is_some_and(|name| has_prefix(&name.to_string_lossy())));
            if !is_staging || fs::remove_dir(folder).is_err() {
                return;
            }
        }
    }
}

/// Whether the latest version holds what was staged, and is still what its manifest says.
fn is_unchanged(staged: &Staged, current: &Latest, folder: &Path) -> bool {
    let Ok(Some((before, hash))) = Manifest::read(folder) else {
        return false;
    };
    let now = &staged.manifest;
    let same = !staged.renews
        && hash == current.manifest_sha256
        && before.files == now.files
        && before.schema == now.schema
        && before.label == now.label
        && before.gate.k == now.gate.k
        && before.definition_sha256 == now.definition_sha256
        && before.dictionary_sha256 == now.dictionary_sha256;
    let intact = |file: &FileEntry| {
        let is_own = !leads_elsewhere(folder, Path::new(&file.name));
        is_own && sha256_of_file(&folder.join(&file.name)).is_ok_and(|hash| hash == file.sha256)
    };
    same && matches!(read_dictionary(folder), Ok(Some((_, hash))) if hash == before.dictionary_sha256)
        // What was kept was looked at when it was kept.
        && (staged.written == 0 || before.files.iter().all(intact))
}

/// The versions that are not the latest any more, oldest first: those known before, the latest until now, and folders of
/// which a lost `latest.json` knew.
fn replaced(staged: &Staged, current: Option<Latest>, now: Timestamp, forgets: bool) -> Result<Vec<Replaced>, PublishError> {
    let here = folders_in(&staged.set_folder)?;
    let mut replaced = current.as_ref().map(|current| current.replaced.clone()).unwrap_or_default();
    replaced.retain(|old| here.contains(&old.version) && old.version != staged.version);
    let may_hold_erased = current.as_ref().is_some_and(|current| current.may_hold_erased);
    let current = current.map(|current| current.version);
    for version in here.into_iter().filter(|name| is_version(name) && *name != staged.version) {
        let known = replaced.iter().any(|old| old.version == version);
        // The latest until now comes last, after those of which nothing is known.
        if !known && current.as_ref() != Some(&version) {
            replaced.push(Replaced { version, at: now, holds_erased: forgets });
        }
    }
    if let Some(version) = current.filter(|version| staged.set_folder.join(version).is_dir() && *version != staged.version) {
        replaced.push(Replaced { version, at: now, holds_erased: forgets || may_hold_erased });
    }
    replaced.iter_mut().for_each(|old| old.holds_erased |= forgets);
    Ok(replaced)
}

/// Removes what runs and backfills that were killed left behind, and returns how many of them. Only while no other run is going on. A night
/// erases people who may be in what a backfill has finished: it does not outlive the night.
///
/// # Errors
/// [`PublishError::Io`].
pub fn clear_abandoned_staging(output: &Path) -> Result<usize, PublishError> {
    let mut cleared = 0;
    let is_abandoned = |name: &String| name.starts_with(STAGING_PREFIX) || name.starts_with(BACKFILL_PREFIX);
    for name in folders_in(output)?.into_iter().filter(is_abandoned) {
        remove_folder(&output.join(name))?;
        cleared += 1;
    }
    Ok(cleared)
}

/// The name of what a backfill finishes piece by piece: it is taken up again by the same backfill under the same pipeline file.
#[must_use]
pub fn backfill_name(pipeline_sha256: &str, what: &str) -> String {
    let what = sha256(what.as_bytes());
    format!("{}-{}", pipeline_sha256.get(..12).unwrap_or_default(), what.get(..12).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::pipeline::{Class, Release, Set};
    use crate::publish::testing::{facts, gated, noon, orders_per_area, publish, stage_as, tenant};
    use crate::publish::{Gated, for_each_text, resolve_latest};

    fn stage(
        output: &Path,
        set: &Set,
        tenant: &crate::pipeline::Tenant,
        gated: &Gated,
        run_id: &str,
        day: i8,
    ) -> Result<Staged, PublishError> {
        stage_as(output, set, tenant, gated, &facts(run_id, day))
    }

    fn staged(output: &Path, tenant_name: &str, run_id: &str) -> Staged {
        let set = orders_per_area();
        stage(output, &set, &tenant(tenant_name), &gated(&set, 1050), run_id, 1).unwrap()
    }

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    /// All paths below a folder, sorted.
    fn tree(folder: &Path) -> Vec<String> {
        fn visit(folder: &Path, prefix: &str, names: &mut Vec<String>) {
            for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
                let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
                if entry.path().is_dir() {
                    visit(&entry.path(), &format!("{name}/"), names);
                    names.push(format!("{name}/"));
                } else {
                    names.push(name);
                }
            }
        }
        let mut names = Vec::new();
        visit(folder, "", &mut names);
        names.sort();
        names
    }

    #[test]
    fn a_version_is_invisible_until_the_switch() {
        let output = tempfile::tempdir().unwrap();
        let mut version = staged(output.path(), "north", "r1");
        assert_eq!(
            tree(output.path()),
            [
                ".staging-r1/",
                ".staging-r1/north/",
                ".staging-r1/north/sales/",
                ".staging-r1/north/sales/v-r1/",
                ".staging-r1/north/sales/v-r1/_dictionary.json",
                ".staging-r1/north/sales/v-r1/_manifest.json",
                ".staging-r1/north/sales/v-r1/part-0000.parquet",
            ]
        );
        assert_eq!(mode(&output.path().join(".staging-r1")), 0o700);
        assert_eq!(mode(&version.files()[0]) & !0o640, 0);
        version.verify().unwrap();
        let found = switch(version, noon(1), false).unwrap();
        let folder = output.path().join("north/sales/v-r1");
        assert_eq!(found, Switch::Replaced(folder.clone()));
        assert_eq!(
            tree(output.path()),
            [
                "north/",
                "north/sales/",
                "north/sales/latest.json",
                "north/sales/v-r1/",
                "north/sales/v-r1/_dictionary.json",
                "north/sales/v-r1/_manifest.json",
                "north/sales/v-r1/part-0000.parquet",
            ]
        );
        assert_eq!(mode(&folder), 0o750);
        let latest: serde_json::Value = serde_json::from_slice(&fs::read(output.path().join("north/sales/latest.json")).unwrap()).unwrap();
        assert_eq!(latest["version"], "v-r1");
        assert_eq!(latest["manifest_sha256"], sha256(&fs::read(folder.join("_manifest.json")).unwrap()));
    }

    #[test]
    fn the_manifest_holds_evidence_and_no_cell() {
        let output = tempfile::tempdir().unwrap();
        publish(output.path(), "", "r1", 1, 1050);
        let folder = output.path().join("sales/v-r1");
        let text = fs::read_to_string(folder.join("_manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(manifest["format"], "gallra-set-1");
        assert_eq!(manifest["label"], "pseudonymised");
        assert_eq!(manifest["tenant"], serde_json::Value::Null);
        assert_eq!(manifest["created"], "2026-11-01T12:00:00Z");
        assert_eq!(manifest["as_of"], "2026-11-22");
        assert_eq!(manifest["rows"], serde_json::json!({"before": 6, "after": 6}));
        // Six orders of 10.50.
        assert_eq!(manifest["totals"], serde_json::json!({"total": "63.00"}));
        assert_eq!(manifest["gate"]["smallest_group"], 3);
        assert_eq!(manifest["files"][0]["sha256"], sha256(&fs::read(folder.join("part-0000.parquet")).unwrap()));
        assert_eq!(manifest["schema"][2], serde_json::json!({"name": "total", "type": "decimal(12,2)"}));
        for_each_text(&folder.join("part-0000.parquet"), |column, cell| {
            assert!(column == "area" || !text.contains(cell), "{column}");
        })
        .unwrap();
        assert!(!text.contains("Made-up Name") && !text.contains("2122"));
    }

    #[test]
    fn an_unchanged_set_gets_no_new_version_and_a_changed_one_does() {
        let output = tempfile::tempdir().unwrap();
        let folder = |run: &str| output.path().join("sales").join(run);
        assert_eq!(publish(output.path(), "", "r1", 1, 1050), Switch::Replaced(folder("v-r1")));
        assert_eq!(publish(output.path(), "", "r2", 2, 1050), Switch::Unchanged(folder("v-r1")));
        assert_eq!(folders_in(&output.path().join("sales")).unwrap(), ["v-r1"]);
        assert_eq!(folders_in(output.path()).unwrap(), ["sales"]);
        assert_eq!(publish(output.path(), "", "r3", 3, 1051), Switch::Replaced(folder("v-r3")));

        let mut stricter = orders_per_area();
        stricter.k = 2;
        let again = stage(output.path(), &stricter, &tenant(""), &gated(&stricter, 1051), "r4", 4).unwrap();
        assert_eq!(switch(again, noon(4), false).unwrap(), Switch::Replaced(folder("v-r4")));
        // A set that is kept longer is the same set.
        stricter.keep_versions = 9;
        let again = stage(output.path(), &stricter, &tenant(""), &gated(&stricter, 1051), "r5", 5).unwrap();
        assert_eq!(switch(again, noon(5), false).unwrap(), Switch::Unchanged(folder("v-r4")));
        let latest = Latest::read(&output.path().join("sales")).unwrap().unwrap();
        assert_eq!(
            latest.replaced,
            [
                Replaced { version: "v-r1".into(), at: noon(3), holds_erased: false },
                Replaced { version: "v-r3".into(), at: noon(4), holds_erased: false }
            ]
        );
    }

    #[test]
    fn a_damaged_latest_version_is_published_again() {
        for damage in ["part-0000.parquet", "_dictionary.json", "_manifest.json"] {
            let output = tempfile::tempdir().unwrap();
            publish(output.path(), "", "r1", 1, 1050);
            fs::write(output.path().join("sales/v-r1").join(damage), "x").unwrap();
            assert!(matches!(publish(output.path(), "", "r2", 2, 1050), Switch::Replaced(_)), "{damage}");
        }
    }

    #[test]
    fn a_version_whose_file_became_a_link_is_published_again_and_then_left_alone() {
        let (output, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        publish(output.path(), "", "r1", 1, 1050);
        let (file, there) = (output.path().join("sales/v-r1/part-0000.parquet"), elsewhere.path().join("same"));
        fs::rename(&file, &there).unwrap();
        std::os::unix::fs::symlink(&there, &file).unwrap();
        assert!(matches!(publish(output.path(), "", "r2", 2, 1050), Switch::Replaced(_)));
        assert!(matches!(publish(output.path(), "", "r3", 3, 1050), Switch::Unchanged(_)));
    }

    #[test]
    fn every_damage_between_staging_and_switch_is_found() {
        let flip = |path: &Path, at: usize| {
            let mut bytes = fs::read(path).unwrap();
            bytes[at] ^= 1;
            fs::write(path, bytes).unwrap();
        };
        let replace = |path: &Path, from: &str, to: &str| {
            let text = fs::read_to_string(path).unwrap();
            assert!(text.contains(from));
            fs::write(path, text.replace(from, to)).unwrap();
        };
        type Damage<'a> = &'a dyn Fn(&Path);
        let damages: [Damage; 6] = [
            &|folder| flip(&folder.join("part-0000.parquet"), 40),
            &|folder| fs::write(folder.join("part-0000.parquet"), "").unwrap(),
            &|folder| fs::remove_file(folder.join("part-0000.parquet")).unwrap(),
            &|folder| replace(&folder.join("_manifest.json"), "\"k\": 3", "\"k\": 2"),
            &|folder| replace(&folder.join("_dictionary.json"), "prefix of 2", "prefix of 5"),
            &|folder| fs::remove_file(folder.join("_dictionary.json")).unwrap(),
        ];
        for (at, damage) in damages.iter().enumerate() {
            let output = tempfile::tempdir().unwrap();
            let version = staged(output.path(), "", "r1");
            damage(&version.folder);
            assert!(switch(version, noon(1), false).is_err(), "damage {at}");
            assert!(!output.path().join("sales").exists(), "damage {at}");
        }
    }

    #[test]
    fn a_forbidden_class_is_found_on_the_disk() {
        let output = tempfile::tempdir().unwrap();
        let set = orders_per_area();
        let mut gated = gated(&set, 1050);
        gated.dictionary.columns[1].sources[0].class = Class::Name;
        let mut version = stage(output.path(), &set, &tenant(""), &gated, "r1", 1).unwrap();
        assert!(version.verify().unwrap_err().to_string().ends_with("a column that may not be published"));
        gated.dictionary.columns[1].sources[0].class = Class::QuasiIdentifier;
        gated.dictionary.label = Release::Anonymous;
        let anonymous = Set { release: Release::Anonymous, ..set };
        let mut version = stage(output.path(), &anonymous, &tenant(""), &gated, "r1", 1).unwrap();
        assert!(version.verify().unwrap_err().to_string().ends_with("a column that may not be published"));
    }

    #[test]
    fn a_run_that_was_killed_between_its_renames_can_be_repeated() {
        let output = tempfile::tempdir().unwrap();
        publish(output.path(), "", "r1", 1, 1050);
        fs::create_dir(output.path().join("sales/v-r2")).unwrap();
        fs::write(output.path().join("sales/v-r2/part-0000.parquet"), "half").unwrap();
        assert_eq!(publish(output.path(), "", "r2", 2, 99), Switch::Replaced(output.path().join("sales/v-r2")));
        // The same run again with other content, after readers were sent there.
        let set = orders_per_area();
        let other = stage(output.path(), &set, &tenant(""), &gated(&set, 98), "r2", 3).unwrap();
        assert!(matches!(switch(other, noon(3), false), Err(PublishError::VersionExists { .. })));
        publish(output.path(), "", "r3", 3, 97);
        let replaced = stage(output.path(), &set, &tenant(""), &gated(&set, 98), "r2", 4).unwrap();
        assert!(matches!(switch(replaced, noon(4), false), Err(PublishError::VersionExists { .. })));
    }

    #[test]
    fn a_switch_that_fails_leaves_the_version_before() {
        let output = tempfile::tempdir().unwrap();
        publish(output.path(), "", "r1", 1, 1050);
        let set_folder = output.path().join("sales");
        // The new `latest.json` can not be written: something else has its temporary name.
        fs::create_dir(set_folder.join(".latest.json.new")).unwrap();
        let set = orders_per_area();
        let next = stage(output.path(), &set, &tenant(""), &gated(&set, 7), "r2", 2).unwrap();
        assert!(matches!(switch(next, noon(2), false), Err(PublishError::Io { .. })));
        assert_eq!(resolve_latest(output.path(), None, "sales").unwrap(), set_folder.join("v-r1"));
        assert_eq!(folders_in(&set_folder).unwrap(), [".latest.json.new", "v-r1"]);
    }

    #[test]
    fn a_corrupt_latest_is_healed_and_no_version_is_forgotten() {
        let output = tempfile::tempdir().unwrap();
        publish(output.path(), "", "r1", 1, 1050);
        publish(output.path(), "", "r2", 2, 1051);
        fs::write(output.path().join("sales/latest.json"), "{").unwrap();
        publish(output.path(), "", "r3", 3, 1052);
        let latest = Latest::read(&output.path().join("sales")).unwrap().unwrap();
        assert_eq!(latest.version, "v-r3");
        let replaced: Vec<_> = latest.replaced.iter().map(|old| (old.version.as_str(), old.at)).collect();
        assert_eq!(replaced, [("v-r1", noon(3)), ("v-r2", noon(3))]);
    }

    #[test]
    fn a_hostile_tenant_stays_in_the_output() {
        let parent = tempfile::tempdir().unwrap();
        let output = parent.path().join("a/b");
        for name in ["../x", "..", "/etc", "a/../../y", ".staging-z"] {
            publish(&output, name, "r1", 1, 1050);
            let found = resolve_latest(&output, Some(name), "sales").unwrap();
            assert!(found.canonicalize().unwrap().starts_with(output.canonicalize().unwrap()), "{name}");
        }
        assert_eq!(folders_in(parent.path()).unwrap(), ["a"]);
        assert_eq!(folders_in(&parent.path().join("a")).unwrap(), ["b"]);
        assert_eq!(folders_in(&output).unwrap().len(), 5);
    }

    #[test]
    fn where_staging_fails_nothing_stays() {
        let folder = tempfile::tempdir().unwrap();
        let set = orders_per_area();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let error = stage(&file, &set, &tenant(""), &gated(&set, 1), "r1", 1).unwrap_err();
        assert!(error.to_string().contains("file`"), "{error}");
        for run_id in ["", "../r", "a/b", "."] {
            let error = stage(folder.path(), &set, &tenant(""), &gated(&set, 1), run_id, 1).unwrap_err();
            assert!(matches!(error, PublishError::RunId { .. }), "{run_id}");
        }
        assert_eq!(tree(folder.path()), ["file"]);
    }

    #[test]
    fn staging_twice_and_clearing_what_was_abandoned() {
        let output = tempfile::tempdir().unwrap();
        let first = staged(output.path(), "", "r1");
        let mut second = staged(output.path(), "", "r1");
        second.verify().unwrap();
        drop(first);
        staged(output.path(), "", "r2");
        fs::create_dir_all(output.path().join(".backfill-x/sales/v-next")).unwrap();
        assert_eq!(clear_abandoned_staging(output.path()).unwrap(), 3);
        assert_eq!(tree(output.path()), Vec::<String>::new());
        assert_eq!(clear_abandoned_staging(&output.path().join("absent")).unwrap(), 0);
    }
}
