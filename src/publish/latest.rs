//! Finding published sets, and removing versions whose time has come.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::PublishError;
use super::folder::{folders_in, name_of_folder, remove_folder, replace_file, sync_folder};
use super::manifest::{LATEST, Latest, Manifest, SHREDDED, is_version, to_json};
use super::version::set_folder;
use crate::decide::clocks::{due_after_event, expired, today};
use crate::pipeline::Set;

/// A version that is being removed is renamed to this first, so that nobody reads half of it.
pub(super) const REMOVED_PREFIX: &str = ".removed-";

/// A set in an output folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// The tenant's key as text; `None` in a store with one controller.
    pub tenant: Option<String>,
    /// The set.
    pub set: String,
    /// Its folder, which holds the versions.
    pub folder: PathBuf,
    /// The manifest of its latest version; `None` where that can not be found or read.
    pub latest: Option<Manifest>,
}

/// The folder of a set's latest version: what `gallra path` prints. It stays readable for the set's reader grace after it has
/// been replaced.
///
/// # Errors
/// [`PublishError::NotPublished`] if there never was one, [`PublishError::Corrupt`] if `latest.json` is no such file,
/// [`PublishError::VersionMissing`] if its version is gone.
pub fn resolve_latest(output: &Path, tenant: Option<&str>, set: &str) -> Result<PathBuf, PublishError> {
    let folder = set_folder(output, tenant, set);
    let latest = Latest::read(&folder)?.ok_or_else(|| PublishError::NotPublished { set: set.to_owned(), output: output.to_owned() })?;
    let path = folder.join(latest.version);
    if path.is_dir() { Ok(path) } else { Err(PublishError::VersionMissing { path }) }
}

/// The sets of an output folder, by tenant and name; none where there is no such folder. A set of which nothing was published
/// is left out, a damaged one is listed without a manifest.
///
/// # Errors
/// [`PublishError::Io`].
pub fn list_sets(output: &Path) -> Result<Vec<Published>, PublishError> {
    let mut sets = Vec::new();
    for name in folders_in(output)?.into_iter().filter(|name| !name.starts_with('.')) {
        let folder = output.join(&name);
        if is_set_folder(&folder)? {
            sets.push(published(None, &name, folder));
            continue;
        }
        for set in folders_in(&folder)?.into_iter().filter(|name| !name.starts_with('.')) {
            let set_folder = folder.join(&set);
            if is_set_folder(&set_folder)? {
                sets.push(published(Some(&name), &set, set_folder));
            }
        }
    }
    Ok(sets)
}

/// A set's folder has `latest.json` or, where that was lost, versions.
fn is_set_folder(folder: &Path) -> Result<bool, PublishError> {
    if folder.join(LATEST).is_file() {
        return Ok(true);
    }
    let is_version_folder = |name: &String| is_version(name) && Manifest::read(&folder.join(name)).is_ok_and(|found| found.is_some());
    Ok(folders_in(folder)?.iter().any(is_version_folder))
}

fn published(tenant: Option<&str>, set: &str, folder: PathBuf) -> Published {
    let latest = match Latest::read(&folder) {
        Ok(Some(latest)) => Manifest::read(&folder.join(latest.version)).ok().flatten().map(|(manifest, _)| manifest),
        _ => None,
    };
    // A very long name is cut in the folder and whole in the manifest.
    let name = |folder: &str, whole: Option<String>| name_of_folder(folder).or(whole).unwrap_or_else(|| folder.to_owned());
    Published {
        tenant: tenant.map(|tenant| name(tenant, latest.as_ref().and_then(|latest| latest.tenant.clone()))),
        set: name(set, latest.as_ref().map(|latest| latest.set.clone())),
        folder,
        latest,
    }
}

/// Removes a set's versions that were replaced longer than the reader grace ago, and returns their names. The latest stays,
/// and so do as many of the newest versions as the set keeps at least, the latest among them, unless somebody in them was erased since or
/// they are older than the set keeps any.
///
/// The grace is counted as retention periods are: the day on which it ends is still kept. A version that no `latest.json` ever
/// named (its run was killed) is counted from its creation.
///
/// # Errors
/// [`PublishError::Io`]; [`PublishError::Corrupt`] if `latest.json` can not be read: then nothing is removed.
pub fn prune(output: &Path, tenant: Option<&str>, set: &Set, now: Timestamp) -> Result<Vec<String>, PublishError> {
    let folder = set_folder(output, tenant, &set.name);
    let Some(latest) = Latest::read(&folder)? else {
        return Ok(Vec::new());
    };
    let mut others = Vec::new();
    for name in folders_in(&folder)? {
        if name.starts_with(REMOVED_PREFIX) {
            remove_folder(&folder.join(name))?;
        } else if is_version(&name) && name != latest.version {
            let created = Manifest::read(&folder.join(&name)).ok().flatten().map(|(manifest, _)| manifest.created);
            others.push(Other::of(name, created, &latest));
        }
    }
    // Newest first: those that were the latest before those that never were.
    others.sort_by_key(|other| std::cmp::Reverse((other.order, other.since)));
    let is_past = |since: Timestamp, period| expired(due_after_event(today(since, &TimeZone::UTC), period), today(now, &TimeZone::UTC));
    let mut removed = Vec::new();
    for (place, other) in others.into_iter().enumerate() {
        let is_old = set.keep_age.zip(other.created).is_some_and(|(age, created)| is_past(created, age));
        let is_kept = place + 1 < set.keep_versions && !other.holds_erased && !is_old;
        if !is_kept && other.since.is_none_or(|since| is_past(since, set.reader_grace)) {
            let name = other.name;
            let (from, to) = (folder.join(&name), folder.join(format!("{REMOVED_PREFIX}{name}")));
            std::fs::rename(&from, &to).map_err(PublishError::io("remove", &from))?;
            sync_folder(&folder)?;
            remove_folder(&to)?;
            removed.push(name);
        }
    }
    Ok(removed)
}

/// What came of marking versions.
#[derive(Debug, Default)]
pub struct Marked {
    /// How many say so now, or did before.
    pub versions: usize,
    /// Why the others do not.
    pub failed: Vec<PublishError>,
}

/// Writes into every version whose pseudonyms are of a shredded epoch that its key is gone. A manifest never changes: what comes later stands
/// beside it, in `_shredded.json`. What says so already is left alone, and one that can not be marked keeps no other from it.
///
/// # Errors
/// [`PublishError::Io`] where the sets can not be listed.
pub fn mark_shredded(output: &Path, keyring: &str, epoch: u32, at: Timestamp) -> Result<Marked, PublishError> {
    let mut marked = Marked::default();
    for set in list_sets(output)? {
        for version in folders_in(&set.folder)?.into_iter().filter(|name| is_version(name)) {
            let folder = set.folder.join(version);
            let is_of = |manifest: &Manifest| {
                let is_pseudonymised = manifest.label == crate::pipeline::Release::Pseudonymised;
                is_pseudonymised && manifest.keyring == keyring && manifest.key_epoch == epoch
            };
            if Manifest::read(&folder).ok().flatten().is_some_and(|(manifest, _)| is_of(&manifest)) {
                let path = folder.join(SHREDDED);
                let text = shredded_mark(keyring, epoch, at, &path)?;
                let says_so = std::fs::read(&path).is_ok_and(|said| said == text);
                match if says_so { Ok(()) } else { replace_file(&path, &text) } {
                    Ok(()) => marked.versions += 1,
                    Err(error) => marked.failed.push(error),
                }
            }
        }
    }
    Ok(marked)
}

/// What `_shredded.json` at a path says, to the byte.
///
/// # Errors
/// [`PublishError::Io`], which does not happen.
pub(crate) fn shredded_mark(keyring: &str, epoch: u32, at: Timestamp, path: &Path) -> Result<Vec<u8>, PublishError> {
    let says = "the key of these pseudonyms is destroyed: nobody who has the keyring can tell whose they are, or compute one";
    to_json(&serde_json::json!({ "keyring": keyring, "key_epoch": epoch, "shredded": at, "says": says }), path)
}

/// Notes that somebody of the set's subjects was erased: nothing but the reader grace keeps the versions that are not the latest any more. Also
/// where the night made no new version, because the set is unchanged or was refused. With `latest_too` the latest version may hold them as well,
/// and is treated so once it is replaced.
///
/// # Errors
/// [`PublishError::Io`]; [`PublishError::Corrupt`] if `latest.json` can not be read.
pub fn mark_erased(output: &Path, tenant: Option<&str>, set: &str, latest_too: bool) -> Result<(), PublishError> {
    let folder = set_folder(output, tenant, set);
    let says_less = |latest: &Latest| latest.replaced.iter().any(|old| !old.holds_erased) || (latest_too && !latest.may_hold_erased);
    let Some(mut latest) = Latest::read(&folder)?.filter(says_less) else {
        return Ok(());
    };
    latest.may_hold_erased |= latest_too;
    latest.replaced.iter_mut().for_each(|old| old.holds_erased = true);
    let path = folder.join(LATEST);
    replace_file(&path, &to_json(&latest, &path)?)
}

/// Whether `latest.json` says of any version of a set, by its folder, that somebody in it may have been erased since. What can not be read says
/// nothing.
#[must_use]
pub fn may_hold_erased(set_folder: &Path) -> bool {
    let says_so = |latest: Latest| latest.may_hold_erased || latest.replaced.iter().any(|old| old.holds_erased);
    Latest::read(set_folder).ok().flatten().is_some_and(says_so)
}

/// A version that is not the latest.
struct Other {
    name: String,
    /// Its place among those that were the latest; `None` where it never was.
    order: Option<usize>,
    /// Since when it is not the latest.
    since: Option<Timestamp>,
    created: Option<Timestamp>,
    holds_erased: bool,
}

impl Other {
    fn of(name: String, created: Option<Timestamp>, latest: &Latest) -> Self {
        let order = latest.replaced.iter().position(|old| old.version == name);
        let replaced = order.and_then(|at| latest.replaced.get(at));
        Self {
            order,
            since: replaced.map(|old| old.at).or(created),
            created,
            holds_erased: replaced.is_some_and(|old| old.holds_erased),
            name,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::decide::clocks::Period;
    use crate::publish::switch;
    use crate::publish::testing::{facts, gated, noon, orders_per_area, publish, stage_as, tenant};

    fn keeping(versions: usize, days: i32) -> Set {
        Set { keep_versions: versions, reader_grace: Period::new(0, 0, days).unwrap(), ..orders_per_area() }
    }

    #[test]
    fn finding_a_set_or_saying_why_not() {
        let output = tempfile::tempdir().unwrap();
        let find = |tenant| resolve_latest(output.path(), tenant, "sales");
        let error = find(None).unwrap_err();
        assert_eq!(error.to_string(), format!("set `sales` has no published version in `{}`", output.path().display()));
        assert!(error.hint().is_some());
        publish(output.path(), "", "r1", 1, 5);
        assert_eq!(find(None).unwrap(), output.path().join("sales/v-r1"));
        assert!(matches!(find(Some("north")), Err(PublishError::NotPublished { .. })));

        fs::remove_dir_all(output.path().join("sales/v-r1")).unwrap();
        let error = find(None).unwrap_err();
        assert!(matches!(error, PublishError::VersionMissing { .. }) && error.hint().is_some());
        fs::write(output.path().join("sales/latest.json"), "").unwrap();
        let error = find(None).unwrap_err();
        assert!(matches!(error, PublishError::Corrupt { .. }) && error.hint().is_some());
    }

    #[test]
    fn sets_are_listed_by_tenant_also_damaged_ones() {
        let output = tempfile::tempdir().unwrap();
        assert_eq!(list_sets(&output.path().join("absent")).unwrap(), []);
        publish(output.path(), "../x", "r1", 1, 5);
        publish(output.path(), &"long".repeat(99), "r1", 1, 5);
        publish(output.path(), "north", "r1", 1, 5);
        fs::create_dir_all(output.path().join("north/never")).unwrap();
        fs::create_dir_all(output.path().join(".staging-r9/north/sales/v-r9")).unwrap();
        fs::remove_file(output.path().join("north/sales/latest.json")).unwrap();
        let found = list_sets(output.path()).unwrap();
        let names: Vec<_> = found.iter().map(|set| (set.tenant.clone().unwrap(), set.set.as_str(), set.latest.is_some())).collect();
        assert_eq!(names, [("../x".into(), "sales", true), ("long".repeat(99), "sales", true), ("north".into(), "sales", false)]);
        let single = tempfile::tempdir().unwrap();
        publish(single.path(), "", "r1", 1, 5);
        let found = list_sets(single.path()).unwrap();
        assert_eq!((found.len(), found[0].tenant.as_deref(), found[0].set.as_str()), (1, None, "sales"));
    }

    #[test]
    fn a_replaced_version_stays_for_its_readers() {
        let output = tempfile::tempdir().unwrap();
        for (run_id, day) in [("r1", 1), ("r2", 2), ("r3", 4)] {
            publish(output.path(), "", run_id, day, i128::from(day));
        }
        let folder = output.path().join("sales");
        // r1 was replaced on the 2nd and r2 on the 4th. A grace of 7 days keeps r1 through the 9th, r2 through the 11th.
        for (day, removed, left) in [
            (9, vec![], vec!["v-r1", "v-r2", "v-r3"]),
            (10, vec!["v-r1"], vec!["v-r2", "v-r3"]),
            (11, vec![], vec!["v-r2", "v-r3"]),
            (12, vec!["v-r2"], vec!["v-r3"]),
            (30, vec![], vec!["v-r3"]),
        ] {
            assert_eq!(prune(output.path(), None, &keeping(1, 7), noon(day)).unwrap(), removed, "day {day}");
            assert_eq!(folders_in(&folder).unwrap(), left, "day {day}");
        }
        assert!(resolve_latest(output.path(), None, "sales").is_ok());
    }

    #[test]
    fn so_many_of_the_newest_stay_whatever_their_age() {
        let output = tempfile::tempdir().unwrap();
        for (run_id, day) in [("z1", 1), ("y2", 2), ("x3", 3), ("w4", 4)] {
            publish(output.path(), "", run_id, day, i128::from(day));
        }
        assert_eq!(prune(output.path(), None, &keeping(3, 1), noon(30)).unwrap(), ["v-z1"]);
        assert_eq!(prune(output.path(), None, &keeping(0, 1), noon(30)).unwrap(), ["v-x3", "v-y2"]);
        assert_eq!(folders_in(&output.path().join("sales")).unwrap(), ["v-w4"]);
    }

    #[test]
    fn what_killed_runs_left_goes_as_well() {
        let output = tempfile::tempdir().unwrap();
        publish(output.path(), "", "r1", 1, 5);
        let folder = output.path().join("sales");
        fs::create_dir(folder.join("v-half")).unwrap();
        fs::create_dir_all(folder.join(".removed-v-r0/rest")).unwrap();
        assert_eq!(prune(output.path(), None, &keeping(1, 7), noon(2)).unwrap(), ["v-half"]);
        assert_eq!(folders_in(&folder).unwrap(), ["v-r1"]);
        assert_eq!(prune(output.path(), Some("north"), &keeping(1, 7), noon(2)).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn nothing_is_removed_while_the_latest_is_unknown() {
        let output = tempfile::tempdir().unwrap();
        publish(output.path(), "", "r1", 1, 5);
        publish(output.path(), "", "r2", 2, 6);
        fs::write(output.path().join("sales/latest.json"), "{}").unwrap();
        assert!(matches!(prune(output.path(), None, &keeping(1, 1), noon(30)), Err(PublishError::Corrupt { .. })));
        assert_eq!(folders_in(&output.path().join("sales")).unwrap(), ["v-r1", "v-r2"]);
    }

    #[test]
    fn neither_number_nor_age_keeps_the_erased() {
        let output = tempfile::tempdir().unwrap();
        for (run_id, day) in [("r1", 1), ("r2", 2)] {
            publish(output.path(), "", run_id, day, i128::from(day));
        }
        let set = orders_per_area();
        let staged = stage_as(output.path(), &set, &tenant(""), &gated(&set, 3), &facts("r3", 3)).unwrap();
        switch(staged, noon(3), true).unwrap();
        publish(output.path(), "", "r4", 4, 4);
        // r1 and r2 hold somebody whom r3 erased; r3 is kept by the number alone.
        assert_eq!(prune(output.path(), None, &keeping(9, 1), noon(3)).unwrap(), Vec::<String>::new());
        assert_eq!(prune(output.path(), None, &keeping(9, 1), noon(30)).unwrap(), ["v-r2", "v-r1"]);
        let aged = Set { keep_age: Some(Period::new(0, 0, 20).unwrap()), ..keeping(9, 1) };
        assert_eq!(prune(output.path(), None, &aged, noon(23)).unwrap(), Vec::<String>::new());
        assert_eq!(prune(output.path(), None, &aged, noon(24)).unwrap(), ["v-r3"]);
    }

    #[test]
    fn an_erasure_counts_where_the_set_stays_as_it_is() {
        let output = tempfile::tempdir().unwrap();
        publish(output.path(), "", "r1", 1, 1);
        publish(output.path(), "", "r2", 2, 2);
        mark_erased(output.path(), None, "absent", false).unwrap();
        assert_eq!(prune(output.path(), None, &keeping(9, 1), noon(30)).unwrap(), Vec::<String>::new());
        mark_erased(output.path(), None, "sales", false).unwrap();
        assert_eq!(prune(output.path(), None, &keeping(9, 1), noon(3)).unwrap(), Vec::<String>::new());
        assert_eq!(prune(output.path(), None, &keeping(9, 1), noon(30)).unwrap(), ["v-r1"]);
        assert_eq!(crate::publish::check_published(output.path()), []);
    }

    #[test]
    fn versions_of_a_shredded_epoch_say_so_and_are_sound() {
        let output = tempfile::tempdir().unwrap();
        publish(output.path(), "", "r1", 1, 1);
        publish(output.path(), "north", "r1", 1, 1);
        let mark = |keyring, epoch| {
            let marked = mark_shredded(output.path(), keyring, epoch, noon(5)).unwrap();
            (marked.versions, marked.failed.len())
        };
        assert_eq!(mark("ring-1", 2), (0, 0));
        assert_eq!(mark("ring-2", 1), (0, 0));
        // One that can not be marked keeps no other from it.
        let in_the_way = output.path().join("sales/v-r1/._shredded.json.new");
        fs::create_dir(&in_the_way).unwrap();
        assert_eq!(mark("ring-1", 1), (1, 1));
        fs::remove_dir(&in_the_way).unwrap();
        assert_eq!(mark("ring-1", 1), (2, 0));
        assert_eq!(mark("ring-1", 1), (2, 0));
        let text = fs::read(output.path().join("north/sales/v-r1/_shredded.json")).unwrap();
        let said: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!((&said["key_epoch"], &said["shredded"]), (&1.into(), &"2026-11-05T12:00:00Z".into()));
        assert_eq!(crate::publish::check_published(output.path()), []);
    }
}
