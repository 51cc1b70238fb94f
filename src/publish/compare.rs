//! What a new version would change: for a plan, before anything is written.

use std::path::Path;

use jiff::Timestamp;
use rayon::prelude::*;
use serde::Serialize;

use super::PublishError;
use super::gate::Gated;
use super::kept::LatestVersion;
use super::stage::about;
use super::version::set_folder;
use crate::pipeline::{Set, Tenant};

/// A partition now and in the latest version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartitionChange {
    /// Its folder within the version; empty where the set has no partitions.
    pub folder: String,
    /// How it differs from the latest version's.
    pub change: Change,
    /// Its rows now; `None` where it is gone.
    pub rows: Option<u64>,
    /// Who made the latest version's: run, time and the pipeline file's SHA-256; `None` where it is new.
    pub made: Option<Made>,
}

/// Who made a partition of the latest version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Made {
    /// The run.
    pub run_id: String,
    /// When it began.
    pub created: Timestamp,
    /// Its rows then.
    pub rows: u64,
    /// SHA-256 of the pipeline file then.
    pub pipeline_sha256: String,
}

/// How a partition differs from the latest version's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It is not in the latest version.
    New,
    /// Its content is another.
    Changed,
    /// Its content is the same.
    Same,
    /// The latest version's file is not what its manifest says.
    Damaged,
    /// It holds nothing any more.
    Gone,
}

/// Compares a set that passed its gate with its latest version in `output`, partition by partition. Where that is `trusted` no more, all is new.
///
/// # Errors
/// [`PublishError::Compute`].
pub fn compare(output: &Path, set: &Set, tenant: &Tenant, gated: &Gated, trusted: bool) -> Result<Vec<PartitionChange>, PublishError> {
    let latest = LatestVersion::of(&set_folder(output, Some(&tenant.name), &set.name)).filter(|_| trusted);
    let known = latest.iter().flat_map(|latest| &latest.manifest.partitions);
    let about = about(set, gated);
    let now = gated.rows.partitions(&set.name, set.partition)?;
    let mut changes = now
        .par_iter()
        .map(|partition| {
            let before = known.clone().find(|entry| entry.folder == partition.folder);
            let content = match before {
                None => String::new(),
                Some(_) => gated.rows.load(&set.name, set.partition, partition)?.content_hash(&set.name, &about)?,
            };
            let is_intact = || latest.as_ref().is_some_and(|latest| latest.is_intact(&partition.folder));
            let change = match before {
                None => Change::New,
                Some(before) if before.content_sha256 != content => Change::Changed,
                Some(_) if is_intact() => Change::Same,
                Some(_) => Change::Damaged,
            };
            Ok(PartitionChange { folder: partition.folder.clone(), change, rows: Some(partition.rows as u64), made: before.map(Made::of) })
        })
        .collect::<Result<Vec<_>, PublishError>>()?;
    let gone = known.filter(|before| now.iter().all(|partition| partition.folder != before.folder));
    changes.extend(gone.map(|before| PartitionChange {
        folder: before.folder.clone(),
        change: Change::Gone,
        rows: None,
        made: Some(Made::of(before)),
    }));
    Ok(changes)
}

impl Made {
    fn of(entry: &super::PartitionEntry) -> Self {
        let super::PartitionEntry { run_id, created, rows, pipeline_sha256, .. } = entry.clone();
        Self { run_id, created, rows, pipeline_sha256 }
    }
}
