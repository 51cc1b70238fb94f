//! The latest version of a set: what a new one may keep of it, and what lies beside its files.

use std::path::{Path, PathBuf};

use super::PublishError;
use super::altered::strays;
use super::folder::{leads_elsewhere, link_file, sha256_of_file};
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
        let is_intact = |file: &FileEntry| {
            let is_own = !leads_elsewhere(&self.folder, Path::new(&file.name));
            is_own && sha256_of_file(&self.folder.join(&file.name)).is_ok_and(|hash| hash == file.sha256)
        };
        self.files_of(partition).next().is_some() && self.files_of(partition).all(is_intact)
    }
}

/// The partition's folder of a data file's name.
pub(super) fn folder_of(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::publish::testing::{facts, gated, orders_per_area, publish, stage_as, tenant};
    use crate::publish::{PublishError, check_published};

    #[test]
    fn what_stands_behind_a_link_is_not_kept() {
        let (output, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        publish(output.path(), "north", "r1", 1, 5);
        let set = output.path().join("north/sales");
        let kept = LatestVersion::of(&set).unwrap();
        let name = kept.manifest.files[0].name.clone();
        assert!(kept.is_intact(folder_of(&name)) && check_published(output.path()).is_empty());
        let (file, there) = (set.join("v-r1").join(&name), elsewhere.path().join("file"));
        fs::rename(&file, &there).unwrap();
        symlink(&there, &file).unwrap();
        assert!(!kept.is_intact(folder_of(&name)));
        let found: Vec<String> = check_published(output.path()).iter().map(ToString::to_string).collect();
        assert_eq!(found, [format!("`{}` is a link, and what lies behind it can change", file.display())]);
    }

    #[test]
    fn a_set_is_not_written_through_a_link() {
        for link in ["north", "north/sales"] {
            let (output, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            publish(output.path(), "north", "r1", 1, 5);
            let (folder, there) = (output.path().join(link), elsewhere.path().join("folder"));
            fs::rename(&folder, &there).unwrap();
            symlink(&there, &folder).unwrap();
            let set = orders_per_area();
            let staged = stage_as(output.path(), &set, &tenant("north"), &gated(&set, 6), &facts("r2", 2));
            assert!(matches!(staged, Err(PublishError::Link { path }) if path == output.path().join("north/sales")), "{link}");
        }
    }
}
