//! Staging: a version is written where nobody looks, and read back.
//!
//! A partition whose content is that of the latest version keeps its files: they are linked into the new version, not written again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::dictionary::{definition_hash, type_name};
use super::folder::{
    PUBLISHED_MODE, STAGING_MODE, create_folder, folders_in, is_barred, remove_file, remove_folder, sha256, sha256_of_file, sync_folder,
    write_file,
};
use super::gate::Gated;
use super::kept::{LatestVersion, folder_of};
use super::loaded::Loaded;
use super::manifest::{
    ColumnEntry, DICTIONARY, EarlierEntry, FORMAT, FileEntry, Latest, MANIFEST, Manifest, PartitionEntry, RowCounts, VERSION_PREFIX,
    is_plain, is_version, read_dictionary, to_json,
};
use super::parquet::{self, Layout};
use super::partition::{Partition, is_inside};
use super::unlink::Fresh;
use super::version::{BACKFILL_PREFIX, STAGING_PREFIX, set_folder};
use super::{PublishError, dictionary};
use crate::decide::clocks::{due_after_event, today};
use crate::kernels::sums::Sum;
use crate::pipeline::{Class, Pipeline, Release, Set, Tenant};

/// What a version says of the run that made it.
#[derive(Debug, Clone)]
pub struct RunFacts {
    /// The run's id: letters, digits, `-`, `_` and inner full stops.
    pub run_id: String,
    /// When the run began.
    pub created: Timestamp,
    /// The keyring's identifier.
    pub keyring: String,
    /// The key epoch of the pseudonyms.
    pub key_epoch: u32,
}

/// How a version is staged.
pub struct Staging<'a> {
    /// The folder of all sets.
    pub output: &'a Path,
    /// The name under which what is staged can be found again by another run; `None` where every run begins anew.
    pub resumes: Option<&'a str>,
    /// The run.
    pub facts: &'a RunFacts,
    /// Which partitions are written again although their content is the same, by the folder that they have.
    pub again: &'a (dyn Fn(&str) -> bool + Sync),
    /// Whether the latest version is not trusted: nothing of it is kept, and a new one takes its place although it holds the same.
    pub distrusts: bool,
    /// 40 bytes from the system's random source, for the identities of the unlinked.
    pub random: &'a dyn Fn() -> [u8; 40],
}

/// A version that is written and not yet visible.
#[derive(Debug)]
pub struct Staged {
    pub(super) folder: PathBuf,
    pub(super) set_folder: PathBuf,
    pub(super) version: String,
    pub(super) manifest: Manifest,
    pub(super) manifest_sha256: String,
    pub(super) verified: bool,
    /// How many partitions were written; the others are those of the latest version.
    pub(super) written: usize,
    /// How many of them had files that were not what the latest version's manifest says.
    pub(super) damaged: usize,
    /// What lies in the latest version and is in no manifest.
    pub(super) strays: Vec<PathBuf>,
    /// Whether the latest version does not stay, whatever it holds.
    pub(super) renews: bool,
}

/// A version that several runs work on until it is whole.
const NEXT: &str = "v-next";
/// In a partition's folder: that it is whole, for the run that goes on.
const WHOLE: &str = "whole.json";

/// A partition with its files.
#[derive(Serialize, Deserialize)]
struct Made {
    entry: PartitionEntry,
    files: Vec<FileEntry>,
    is_new: bool,
}

/// Writes a version where no reader looks. Where it fails, nothing of it stays.
///
/// # Errors
/// [`PublishError::Io`] and [`PublishError::Parquet`] with the path: a full disk, no rights; [`PublishError::RunId`].
pub fn stage(staging: &Staging<'_>, pipeline: &Pipeline, set: &Set, tenant: &Tenant, gated: &Gated) -> Result<Staged, PublishError> {
    let run_id = &staging.facts.run_id;
    if !is_plain(run_id) {
        return Err(PublishError::RunId { run_id: run_id.clone() });
    }
    let tenant_name = Some(tenant.name.as_str());
    let version = format!("{VERSION_PREFIX}{run_id}");
    create_folder(staging.output, PUBLISHED_MODE)?;
    let set_folder_now = set_folder(staging.output, tenant_name, &set.name);
    if set_folder_now.strip_prefix(staging.output).is_ok_and(|below| is_barred(staging.output, below)) {
        return Err(PublishError::Link { path: set_folder_now });
    }
    let root = match staging.resumes {
        Some(name) => format!("{BACKFILL_PREFIX}{name}"),
        None => format!("{STAGING_PREFIX}{run_id}"),
    };
    let below = if staging.resumes.is_some() { NEXT } else { &version };
    let folder = set_folder(&staging.output.join(root), tenant_name, &set.name).join(below);
    if staging.resumes.is_none() {
        remove_folder_if_any(&folder)?;
    }
    let latest = LatestVersion::of(&set_folder_now).filter(|_| !staging.distrusts);
    let strays = latest.as_ref().map_or(Ok(Vec::new()), LatestVersion::strays)?;
    let written = write_version(&folder, &set_folder_now, latest.as_ref(), staging, pipeline, set, tenant, gated);
    match written {
        Ok((manifest, manifest_sha256, written)) => {
            let is_damaged =
                |entry: &PartitionEntry| entry.run_id == *run_id && latest.as_ref().is_some_and(|latest| latest.is_damaged(entry));
            let damaged = manifest.partitions.iter().filter(|entry| is_damaged(entry)).count();
            let renews = staging.distrusts || !strays.is_empty();
            let set_folder = set_folder_now;
            Ok(Staged { set_folder, folder, version, manifest, manifest_sha256, verified: false, written, damaged, strays, renews })
        }
        Err(error) => {
            // The first error is the one to tell; what can not be removed now is removed when the next run starts.
            if staging.resumes.is_none() {
                let _ = remove_folder_if_any(&folder);
            }
            Err(error)
        }
    }
}

fn remove_folder_if_any(folder: &Path) -> Result<(), PublishError> {
    match folder.symlink_metadata() {
        Ok(_) => remove_folder(folder),
        Err(_) => Ok(()),
    }
}

#[expect(clippy::too_many_arguments, reason = "what a version says of itself, each once")]
fn write_version(
    folder: &Path,
    set_folder: &Path,
    latest: Option<&LatestVersion>,
    staging: &Staging<'_>,
    pipeline: &Pipeline,
    set: &Set,
    tenant: &Tenant,
    gated: &Gated,
) -> Result<(Manifest, String, usize), PublishError> {
    let facts = staging.facts;
    let resumes = staging.resumes.is_some();
    create_folder(folder, STAGING_MODE)?;
    let about = about(set, gated);
    let definition_sha256 = definition_hash(pipeline, set);
    let layout = layout(set, gated);
    let in_folders = set.partition.filter(|_| gated.rows.len() > 0);
    let fresh = gated.unlinked.as_ref().map(|unlinked| Fresh::new(unlinked, in_folders, (staging.random)()));
    let make = |partition: &Partition| -> Result<Made, PublishError> {
        let loaded = gated.rows.load(&set.name, set.partition, partition)?;
        let content_sha256 = loaded.content_hash(&set.name, &about)?;
        let target = folder.join(&partition.folder);
        if resumes {
            if let Some(whole) = whole(folder, &target, &content_sha256, &facts.run_id) {
                return Ok(whole);
            }
            remove_folder_if_any(&target)?;
        }
        create_folder(&target, PUBLISHED_MODE)?;
        if let Some(latest) = latest.filter(|_| !(staging.again)(&partition.folder))
            && let Some((entry, files)) = latest.keep(&partition.folder, &content_sha256, folder)?
        {
            sync_folder(&target)?;
            return Ok(Made { entry, files, is_new: false });
        }
        let rows = match &fresh {
            Some(fresh) => {
                let drawn = loaded.whole().and_then(|rows| fresh.identities(&rows, &partition.folder, &layout.sorting));
                Loaded::Whole(drawn.map_err(PublishError::step(&set.name, "unlinking"))?)
            }
            None => loaded,
        };
        let written = parquet::write(&target, &rows, &layout, &about)?;
        sync_folder(&target)?;
        let prefix = if partition.folder.is_empty() { String::new() } else { format!("{}/", partition.folder) };
        let file = |file: parquet::Written| FileEntry {
            name: format!("{prefix}{}", file.name),
            rows: file.rows,
            bytes: file.bytes,
            sha256: file.sha256,
        };
        let entry = PartitionEntry {
            folder: partition.folder.clone(),
            rows: partition.rows as u64,
            content_sha256,
            run_id: facts.run_id.clone(),
            created: facts.created,
            definition_sha256: definition_sha256.clone(),
            pipeline_sha256: pipeline.file_hash.clone(),
            key_epoch: facts.key_epoch,
        };
        let made = Made { entry, files: written.into_iter().map(file).collect(), is_new: true };
        if resumes {
            let path = target.join(WHOLE);
            write_file(&path, &to_json(&made, &path)?)?;
        }
        Ok(made)
    };
    // As many writers are open as there are cores.
    let partitions = gated.rows.partitions(&set.name, set.partition)?;
    let made = partitions.par_iter().map(make).collect::<Result<Vec<_>, _>>()?;
    let written = made.iter().filter(|made| made.is_new).count();
    if resumes {
        only_whole(folder, &partitions)?;
    }
    let path = folder.join(DICTIONARY);
    let dictionary = to_json(&gated.dictionary, &path)?;
    write_file(&path, &dictionary)?;
    let (entries, files): (Vec<_>, Vec<_>) = made.into_iter().map(|made| (made.entry, made.files)).unzip();
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        set: set.name.clone(),
        label: set.release,
        tenant: Some(tenant.name.clone()).filter(|name| !name.is_empty()),
        run_id: facts.run_id.clone(),
        created: facts.created,
        as_of: tenant.as_of,
        definition_sha256,
        pipeline_sha256: pipeline.file_hash.clone(),
        schema_sha256: pipeline.schema_hash.clone(),
        dictionary_sha256: sha256(&dictionary),
        keyring: facts.keyring.clone(),
        key_epoch: facts.key_epoch,
        purpose: set.purpose.clone(),
        partitioned_by: set.partition.map(|at| set.columns[at].name.clone()),
        partitions: entries,
        files: files.into_iter().flatten().collect(),
        earlier: earlier(set_folder, set, facts.created)?,
        schema: columns(&gated.rows.schema()),
        gate: gated.report.clone(),
        left_out: (set.release == Release::Pseudonymised).then_some(gated.left_out),
        rows: RowCounts { before: gated.rows_before, after: gated.rows.len() as u64 },
        totals: totals(set, gated),
    };
    let path = folder.join(MANIFEST);
    let content = manifest.published_json(&path)?;
    write_file(&path, &content)?;
    sync_folder(folder)?;
    Ok((manifest, sha256(&content), written))
}

/// A partition that an earlier run finished, if its content is still this one.
fn whole(folder: &Path, target: &Path, content: &str, run_id: &str) -> Option<Made> {
    let mut made: Made = serde_json::from_slice(&std::fs::read(target.join(WHOLE)).ok()?).ok()?;
    let is_intact =
        |file: &FileEntry| is_inside(&file.name) && sha256_of_file(&folder.join(&file.name)).is_ok_and(|hash| hash == file.sha256);
    made.entry.run_id = run_id.to_owned();
    (made.entry.content_sha256 == content && made.files.iter().all(is_intact)).then_some(made)
}

/// Leaves the partitions of a finished version and nothing of how it came about.
fn only_whole(folder: &Path, partitions: &[Partition]) -> Result<(), PublishError> {
    for name in folders_in(folder)? {
        if partitions.iter().all(|partition| partition.folder != name) {
            remove_folder(&folder.join(name))?;
        }
    }
    for partition in partitions {
        remove_file(&folder.join(&partition.folder).join(WHOLE))?;
    }
    [MANIFEST, DICTIONARY].iter().try_for_each(|name| remove_file(&folder.join(name)))
}

/// What readers look for: pseudonyms by their value, and the columns that the rows are sorted by, numbered as in the files.
fn layout(set: &Set, gated: &Gated) -> Layout {
    let in_file = |at: usize| match set.partition.filter(|_| gated.rows.len() > 0) {
        Some(partition) if at == partition => None,
        Some(partition) if at > partition => Some(at - 1),
        _ => Some(at),
    };
    let pseudonyms =
        gated.dictionary.columns.iter().enumerate().filter(|(_, entry)| entry.treatment == dictionary::PSEUDONYM).map(|(at, _)| at);
    Layout { sought: pseudonyms.filter_map(in_file).collect(), sorting: set.sort.iter().copied().filter_map(in_file).collect() }
}

/// The versions that readers may still have open, and until when. What is counted here as replaced on the run's day is counted on the day of
/// the switch when versions are removed, which is never earlier.
fn earlier(set_folder: &Path, set: &Set, now: Timestamp) -> Result<Vec<EarlierEntry>, PublishError> {
    let latest = Latest::read(set_folder).ok().flatten();
    let day_of = |at: Timestamp| today(at, &TimeZone::UTC);
    let since = |version: &str| -> Date {
        let known = latest.iter().flat_map(|latest| &latest.replaced).find(|old| old.version == version);
        day_of(known.map_or(now, |old| old.at))
    };
    let versions = folders_in(set_folder)?.into_iter().filter(|name| is_version(name));
    Ok(versions.map(|version| EarlierEntry { kept_until: due_after_event(since(&version), set.reader_grace), version }).collect())
}

/// What a file says of itself.
pub(super) fn about(set: &Set, gated: &Gated) -> [(&'static str, String); 3] {
    [("gallra.set", set.name.clone()), ("gallra.label", label(gated)), ("gallra.k", set.k.to_string())]
}

/// The label as the file spells it.
fn label(gated: &Gated) -> String {
    match gated.dictionary.label {
        crate::pipeline::Release::Anonymous => "anonymous".to_owned(),
        crate::pipeline::Release::Pseudonymised => "pseudonymised".to_owned(),
    }
}

fn columns(schema: &arrow::datatypes::Schema) -> Vec<ColumnEntry> {
    let entry = |field: &arrow::datatypes::FieldRef| ColumnEntry { name: field.name().clone(), data_type: type_name(field.data_type()) };
    schema.fields().iter().map(entry).collect()
}

/// The exact totals of the published amounts.
fn totals(set: &Set, gated: &Gated) -> BTreeMap<String, String> {
    let amounts = gated.dictionary.columns.iter().enumerate().filter(|(_, entry)| {
        entry.treatment == "sum"
            || entry.treatment.starts_with("sum, rounded")
            || (entry.treatment == "value" && entry.sources.iter().any(|source| source.class == Class::Amount))
    });
    amounts
        .filter_map(|(at, entry)| {
            let total = match gated.rows.total(&set.name, at)? {
                Sum::Integer(total) => total.to_string(),
                Sum::Decimal { unscaled, scale } => decimal_text(unscaled, scale),
                Sum::Float(total) => total.to_string(),
            };
            Some((entry.column.clone(), total))
        })
        .collect()
}

/// A decimal with all digits of its scale: `-0.05` of -5 and scale 2.
fn decimal_text(unscaled: i128, scale: i8) -> String {
    let sign = if unscaled < 0 { "-" } else { "" };
    let digits = unscaled.unsigned_abs().to_string();
    match usize::try_from(scale) {
        Ok(0) => format!("{sign}{digits}"),
        Ok(scale) => {
            let digits = format!("{digits:0>width$}", width = scale + 1);
            let (whole, fraction) = digits.split_at(digits.len() - scale);
            format!("{sign}{whole}.{fraction}")
        }
        Err(_) if unscaled == 0 => "0".to_owned(),
        Err(_) => format!("{sign}{digits}{}", "0".repeat(usize::from(scale.unsigned_abs()))),
    }
}

impl Staged {
    /// What the version says of itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The name of its folder.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// How many partitions were written, and how many are the latest version's.
    pub fn partitions(&self) -> (usize, usize) {
        (self.written, self.manifest.partitions.len() - self.written)
    }

    /// How many partitions of the latest version were damaged, and are written again.
    pub fn damaged(&self) -> usize {
        self.damaged
    }

    /// What lay in the latest version's folder, where readers read it, and is in no manifest.
    pub fn strays(&self) -> &[PathBuf] {
        &self.strays
    }

    /// Its Parquet files, for the search for residual identifiers.
    pub fn files(&self) -> Vec<PathBuf> {
        self.manifest.files.iter().map(|file| self.folder.join(&file.name)).collect()
    }

    /// Reads everything back from the disk: hashes, rows, schema, label and classes. Of files that were kept, the hash is enough: they were
    /// read back when they were written.
    ///
    /// # Errors
    /// [`PublishError::Verification`] if anything differs from what was staged, or may not be published;
    /// [`PublishError::Io`], [`PublishError::Parquet`] and [`PublishError::Corrupt`] if it can not be read.
    pub fn verify(&mut self) -> Result<(), PublishError> {
        let fault = |path: PathBuf, fault: &str| PublishError::Verification { path, fault: fault.to_owned() };
        let path = self.folder.join(MANIFEST);
        match Manifest::read(&self.folder)? {
            Some((manifest, hash)) if manifest == self.manifest.as_published() && hash == self.manifest_sha256 => {}
            _ => return Err(fault(path, "another manifest")),
        }
        let path = self.folder.join(DICTIONARY);
        let Some((dictionary, hash)) = read_dictionary(&self.folder)? else {
            return Err(fault(path, "no dictionary"));
        };
        if hash != self.manifest.dictionary_sha256 || dictionary.label != self.manifest.label {
            return Err(fault(path, "another dictionary"));
        }
        if dictionary.forbidden().is_some() {
            return Err(fault(path, "a column that may not be published"));
        }
        let described = dictionary.columns.iter().map(|entry| (&entry.column, &entry.data_type));
        if !described.eq(self.manifest.schema.iter().map(|column| (&column.name, &column.data_type))) {
            return Err(fault(path, "another schema"));
        }
        let is_new = |folder: &str| {
            let entry = self.manifest.partitions.iter().find(|partition| partition.folder == folder);
            entry.is_none_or(|partition| partition.run_id == self.manifest.run_id)
        };
        self.manifest.files.par_iter().try_for_each(|file| {
            let path = self.folder.join(&file.name);
            if sha256_of_file(&path)? != file.sha256 {
                return Err(fault(path, "other bytes"));
            }
            if is_new(folder_of(&file.name)) { self.verify_rows(file, path) } else { Ok(()) }
        })?;
        self.verified = true;
        Ok(())
    }

    fn verify_rows(&self, file: &FileEntry, path: PathBuf) -> Result<(), PublishError> {
        let fault = |path: PathBuf, fault: &str| PublishError::Verification { path, fault: fault.to_owned() };
        let (schema, rows) = parquet::read_through(&path)?;
        if !columns(&schema).iter().eq(self.manifest.columns_in_files()) {
            return Err(fault(path, "another schema"));
        }
        if rows == file.rows { Ok(()) } else { Err(fault(path, "another number of rows")) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::os::unix::fs::MetadataExt;

    use arrow::array::{AsArray, RecordBatch};
    use jiff::civil::date;

    use super::*;
    use crate::pipeline::{AfterForgetting, Generalised, PeriodKind};
    use crate::publish::testing::{
        CUSTOMER, ORDER, TO_CUSTOMER, column, customer, facts, key, noon, order, orders_per_area, pipeline, state, tenant,
    };
    use crate::publish::{Change, Switch, compare, compute, pass, resolve_latest, switch};

    /// Orders by month, with the pseudonyms of order and customer.
    fn by_month() -> Set {
        let mut set = orders_per_area();
        set.columns.insert(0, column("month", &[], ORDER, order::DAY, Generalised::Period(PeriodKind::Month)));
        set.columns.push(column(
            "order",
            &[],
            ORDER,
            order::ID,
            Generalised::Pseudonym { domain: "sales_order".to_owned(), format: Default::default() },
        ));
        set.columns.push(column("born", &[TO_CUSTOMER], CUSTOMER, customer::BORN, Generalised::Period(PeriodKind::Year)));
        set.partition = Some(0);
        set.sort = vec![2];
        set
    }

    /// Six customers who buy in each of three months and once in none; `march` is what each pays in March.
    fn gated_months(set: &Set, march: i128, forgotten: &[usize]) -> Gated {
        let customers: Vec<_> = (0..6).map(|_| (0, Some("211 11"), Some(date(1990, 1, 1)))).collect();
        let mut orders = Vec::new();
        for month in 1..=3 {
            for at in 0..6 {
                let amount = if month == 3 { march } else { 100 };
                orders.push((0, Some(at), Some(date(2026, month, 5)), Some(amount)));
                orders.push((0, Some(at), Some(date(2026, month, 9)), Some(amount)));
            }
        }
        orders.extend((0..6).map(|at| (0, Some(at), None, Some(7))));
        let state = state(&customers, &orders, &[], &[]);
        let mut computed = compute(&pipeline(), set, &state, &tenant(""), 0, &key("")).unwrap();
        if set.after_forgetting == AfterForgetting::Unlink {
            computed.unlink(&pipeline(), set, &|row| forgotten.contains(&row), &key("stand-in")).unwrap();
        }
        pass(&pipeline(), set, computed).unwrap()
    }

    fn staging<'a>(output: &'a Path, facts: &'a RunFacts, random: &'a dyn Fn() -> [u8; 40]) -> Staging<'a> {
        Staging { output, resumes: None, facts, again: &|_| false, distrusts: false, random }
    }

    fn publish(output: &Path, set: &Set, gated: &Gated, run: &str, day: i8, random: u8) -> ((usize, usize), Switch) {
        let facts = facts(run, day);
        let staged = stage(&staging(output, &facts, &|| [random; 40]), &pipeline(), set, &tenant(""), gated).unwrap();
        (staged.partitions(), switch(staged, noon(day), false).unwrap())
    }

    fn inode(path: &Path) -> u64 {
        path.metadata().unwrap().ino()
    }

    /// A column of a partition of the latest version.
    fn cells(output: &Path, folder: &str, name: &str) -> Vec<String> {
        let file = resolve_latest(output, None, "sales").unwrap().join(folder).join("part-0000.parquet");
        let (_, rows) = parquet::read(&file).unwrap();
        let rows: Vec<RecordBatch> = rows.map(Result::unwrap).collect();
        rows.iter().flat_map(|batch| batch.column_by_name(name).unwrap().as_string::<i32>().iter().flatten().map(str::to_owned)).collect()
    }

    const FOLDERS: [&str; 4] = ["month=__HIVE_DEFAULT_PARTITION__", "month=2026-01-01", "month=2026-02-01", "month=2026-03-01"];

    #[test]
    fn a_partition_of_equal_content_keeps_its_file_and_who_made_it() {
        let output = tempfile::tempdir().unwrap();
        let set = by_month();
        let (partitions, first) = publish(output.path(), &set, &gated_months(&set, 100, &[]), "r1", 1, 1);
        let Switch::Replaced(before) = first else { panic!("{first:?}") };
        assert_eq!(partitions, (4, 0));
        let (partitions, second) = publish(output.path(), &set, &gated_months(&set, 101, &[]), "r2", 2, 2);
        let Switch::Replaced(after) = second else { panic!("{second:?}") };
        assert_eq!(partitions, (1, 3));
        for folder in FOLDERS {
            let name = format!("{folder}/part-0000.parquet");
            assert_eq!(inode(&before.join(&name)) == inode(&after.join(&name)), folder != FOLDERS[3], "{folder}");
        }
        let (manifest, _) = Manifest::read(&after).unwrap().unwrap();
        let made: Vec<_> = manifest.partitions.iter().map(|entry| (entry.folder.as_str(), entry.run_id.as_str(), entry.rows)).collect();
        assert_eq!(made, [(FOLDERS[0], "r1", 6), (FOLDERS[1], "r1", 12), (FOLDERS[2], "r1", 12), (FOLDERS[3], "r2", 12)]);
        assert_eq!(manifest.earlier, [EarlierEntry { version: "v-r1".into(), kept_until: date(2026, 11, 9) }]);
        assert_eq!(manifest.partitioned_by.as_deref(), Some("month"));
        // The older version lives on when its files are only links.
        std::fs::remove_dir_all(&before).unwrap();
        assert_eq!(crate::publish::check_published(output.path()), []);
        // The same once more is no new version.
        let (partitions, third) = publish(output.path(), &set, &gated_months(&set, 101, &[]), "r3", 3, 3);
        assert_eq!((partitions, third), ((0, 4), Switch::Unchanged(after)));
    }

    #[test]
    fn a_damaged_partition_is_written_again_and_the_others_are_not() {
        let output = tempfile::tempdir().unwrap();
        let set = by_month();
        let gated = gated_months(&set, 100, &[]);
        publish(output.path(), &set, &gated, "r1", 1, 1);
        std::fs::write(output.path().join("sales/v-r1").join(FOLDERS[1]).join("part-0000.parquet"), "x").unwrap();
        let changes = compare(output.path(), &set, &tenant(""), &gated, true).unwrap();
        let damaged: Vec<_> = changes.iter().filter(|change| change.change != Change::Same).collect();
        assert!(matches!(damaged[..], [one] if one.folder == FOLDERS[1] && one.change == Change::Damaged));
        let (partitions, _) = publish(output.path(), &set, &gated, "r2", 2, 2);
        assert_eq!(partitions, (1, 3));
        std::fs::remove_dir_all(output.path().join("sales/v-r1")).unwrap();
        assert_eq!(crate::publish::check_published(output.path()), []);
    }

    #[test]
    fn rows_of_a_file_are_sorted_as_declared_and_nothing_is_lost() {
        let output = tempfile::tempdir().unwrap();
        let set = by_month();
        publish(output.path(), &set, &gated_months(&set, 100, &[]), "r1", 1, 1);
        let plain: usize = FOLDERS.iter().map(|folder| cells(output.path(), folder, "who").len()).sum();
        assert_eq!(plain, 42);
        for folder in FOLDERS {
            // `area` is the same in all rows; then come the columns in their order: `who` first.
            let who = cells(output.path(), folder, "who");
            assert!(who.is_sorted(), "{folder}");
        }
    }

    #[test]
    fn the_forgotten_are_unlinked_and_the_second_night_changes_nothing() {
        let output = tempfile::tempdir().unwrap();
        let set = Set { after_forgetting: AfterForgetting::Unlink, ..by_month() };
        publish(output.path(), &set, &gated_months(&set, 100, &[]), "r1", 1, 1);
        let known = |name: &str| -> Vec<BTreeSet<String>> {
            FOLDERS.iter().map(|folder| cells(output.path(), folder, name).into_iter().collect()).collect()
        };
        let (who, orders) = (known("who"), known("order"));
        assert!(who.iter().all(|who| *who == who.clone() && who.len() == 6));
        let (partitions, _) = publish(output.path(), &set, &gated_months(&set, 100, &[2]), "r2", 2, 2);
        assert_eq!(partitions, (4, 0));
        let (who_after, orders_after) = (known("who"), known("order"));
        let mut drawn = BTreeSet::new();
        for at in 0..4 {
            let fresh: Vec<_> = who_after[at].difference(&who[at]).cloned().collect();
            assert_eq!((fresh.len(), who_after[at].len()), (1, 6), "{}", FOLDERS[at]);
            // Another one in each partition, and of the same form.
            assert!(drawn.insert(fresh[0].clone()) && fresh[0].len() == 32);
            // The person's rows still belong together.
            let rows = cells(output.path(), FOLDERS[at], "who").iter().filter(|who| **who == fresh[0]).count();
            assert_eq!(rows, if at == 0 { 1 } else { 2 });
            // The orders' own pseudonyms would lead to the person by way of the store.
            assert_eq!(orders_after[at].difference(&orders[at]).count(), rows);
        }
        // Nobody's key derives them, and no stand-in is published.
        let stand_ins = gated_months(&set, 100, &[2]);
        let batch = stand_ins.batch();
        let stand_in: BTreeSet<_> = batch.column_by_name("who").unwrap().as_string::<i32>().iter().flatten().collect();
        assert!(drawn.iter().all(|drawn| !stand_in.contains(drawn.as_str())));
        assert!(who_after.iter().flatten().all(|who| drawn.contains(who) || stand_in.contains(who.as_str())));
        let (partitions, again) = publish(output.path(), &set, &gated_months(&set, 100, &[2]), "r3", 3, 9);
        assert!(partitions == (0, 4) && matches!(again, Switch::Unchanged(_)));
        // A partition that is written anyway draws anew; the others keep what they have.
        let (partitions, _) = publish(output.path(), &set, &gated_months(&set, 101, &[2]), "r4", 4, 10);
        assert_eq!(partitions, (1, 3));
        let last = known("who");
        assert_eq!(last[..3], who_after[..3]);
        assert_eq!(last[3].difference(&who_after[3]).count(), 1);
        assert_eq!(crate::publish::check_published(output.path()), []);
    }

    #[test]
    fn what_a_killed_backfill_has_finished_is_taken_up() {
        let output = tempfile::tempdir().unwrap();
        let set = by_month();
        let gated = gated_months(&set, 100, &[]);
        let one = facts("r1", 1);
        let resuming = Staging { resumes: Some("b"), ..staging(output.path(), &one, &|| [1; 40]) };
        // Killed: two partitions are whole, one is half written, one is missing.
        let staged = stage(&resuming, &pipeline(), &set, &tenant(""), &gated).unwrap();
        let folder = staged.folder.clone();
        let whole = |folder: &Path, at: usize| {
            let entry = staged.manifest.partitions.iter().find(|entry| entry.folder == FOLDERS[at]).unwrap().clone();
            let files = staged.manifest.files.iter().filter(|file| folder_of(&file.name) == FOLDERS[at]).cloned().collect();
            std::fs::write(folder.join(FOLDERS[at]).join(WHOLE), serde_json::to_vec(&Made { entry, files, is_new: true }).unwrap())
                .unwrap();
        };
        whole(&folder, 0);
        whole(&folder, 1);
        whole(&folder, 2);
        std::fs::write(folder.join(FOLDERS[2]).join("part-0000.parquet"), "half").unwrap();
        std::fs::remove_dir_all(folder.join(FOLDERS[3])).unwrap();
        std::fs::create_dir(folder.join("month=1999-01-01")).unwrap();
        let before: Vec<u64> = FOLDERS[..2].iter().map(|name| inode(&folder.join(name).join("part-0000.parquet"))).collect();
        let two = facts("r2", 2);
        let resuming = Staging { resumes: Some("b"), ..staging(output.path(), &two, &|| [2; 40]) };
        let staged = stage(&resuming, &pipeline(), &set, &tenant(""), &gated).unwrap();
        let Switch::Replaced(folder) = switch(staged, noon(2), false).unwrap() else { panic!() };
        let after: Vec<u64> = FOLDERS[..2].iter().map(|name| inode(&folder.join(name).join("part-0000.parquet"))).collect();
        assert_eq!(after, before);
        assert_eq!(crate::publish::check_published(output.path()), []);
        let left: Vec<_> = folders_in(output.path()).unwrap();
        assert_eq!(left, ["sales"]);
    }

    #[test]
    fn decimals_keep_the_digits_of_their_scale() {
        for (unscaled, scale, text) in [
            (-5, 2, "-0.05"),
            (0, 2, "0.00"),
            (12345, 2, "123.45"),
            (7, 0, "7"),
            (7, -2, "700"),
            (0, -2, "0"),
            (i128::MIN, 38, "-1.70141183460469231731687303715884105728"),
        ] {
            assert_eq!(decimal_text(unscaled, scale), text);
        }
    }
}
