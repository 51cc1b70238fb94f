//! The latest version of a set: what a new one may keep of it, and what lies beside its files.

use std::path::{Path, PathBuf};

use super::PublishError;
use super::altered::strays;
use super::folder::{link_file, sha256_of_file};
use super::manifest::{FileEntry, Latest, Manifest, PartitionEntry};
use super::version::set_folder;

/// The latest version of a set, of which files may be kept.
pub struct LatestVersion {
    folder: PathBuf,
    /// What it says of itself.
    pub manifest: Manifest,
}

impl LatestVersion {
    /// `None` where there is none that can be trusted.
    pub(super) fn of(set_folder: &Path) -> Option<Self> {
        let latest = Latest::read(set_folder).ok()??;
        let folder = set_folder.join(&latest.version);
        let (manifest, hash) = Manifest::read(&folder).ok()??;
        (hash == latest.manifest_sha256).then_some(Self { folder, manifest })
    }

    /// A set's, by names; `None` where there is none, or it can not be read.
    pub fn find(output: &Path, tenant: Option<&str>, set: &str) -> Option<Self> {
        Self::of(&set_folder(output, tenant, set))
    }

    /// What lies in its folder and is in no manifest.
    ///
    /// # Errors
    /// [`PublishError::Io`].
    pub fn strays(&self) -> Result<Vec<PathBuf>, PublishError> {
        strays(&self.folder, &self.manifest)
    }

    /// Links the files of a partition of this content into `target`, if it has one and they are what its manifest says.
    pub(super) fn keep(
        &self,
        partition: &str,
        content: &str,
        target: &Path,
    ) -> Result<Option<(PartitionEntry, Vec<FileEntry>)>, PublishError> {
        let is_same = |entry: &&PartitionEntry| entry.folder == partition && entry.content_sha256 == content;
        let Some(entry) = self.manifest.partitions.iter().find(is_same) else {
            return Ok(None);
        };
        if !self.is_intact(partition) {
            return Ok(None);
        }
        let files: Vec<FileEntry> = self.files_of(partition).cloned().collect();
        for file in &files {
            link_file(&self.folder.join(&file.name), &target.join(&file.name))?;
        }
        Ok(Some((entry.clone(), files)))
    }

    /// Whether a partition that was written now stands there with files that were changed.
    pub(super) fn is_damaged(&self, now: &PartitionEntry) -> bool {
        self.manifest.partitions.iter().any(|entry| entry.folder == now.folder) && !self.is_intact(&now.folder)
    }

    fn files_of(&self, partition: &str) -> impl Iterator<Item = &FileEntry> {
        self.manifest.files.iter().filter(move |file| folder_of(&file.name) == partition)
    }

    /// Whether a partition has files and they are what the manifest says.
    pub(super) fn is_intact(&self, partition: &str) -> bool {
        let is_intact = |file: &FileEntry| sha256_of_file(&self.folder.join(&file.name)).is_ok_and(|hash| hash == file.sha256);
        self.files_of(partition).next().is_some() && self.files_of(partition).all(is_intact)
    }
}

/// The partition's folder of a data file's name.
pub(super) fn folder_of(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}
