//! The file under the ledger: creating it whole, locking it, appending durably.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::LedgerError;

/// The name of the ledger within its folder.
pub const FILE_NAME: &str = "ledger.jsonl";
/// Where a new ledger is prepared, in the same folder.
const PREPARED_NAME: &str = "ledger.jsonl.new";

/// A file that entries are appended to. A trait, so that a full disk can be tried out.
pub(super) trait Storage: Send + Sync {
    /// Writes all bytes behind the last one, in one go, and returns once they are durable.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Cuts the file off at `length` bytes, durably.
    fn cut(&mut self, length: u64) -> io::Result<()>;
    /// The length in bytes.
    fn length(&self) -> io::Result<u64>;
}

/// A file under an exclusive lock.
///
/// The lock is given back explicitly: closing is not enough if another part of the process starts a program at that
/// very moment, whose copy of the descriptor would keep the lock for an instant longer.
#[derive(Debug)]
pub(super) struct LockedFile(File);

impl LockedFile {
    fn lock(file: File, path: &Path) -> Result<Self, LedgerError> {
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(LedgerError::InUse { path: path.into() }),
            Err(TryLockError::Error(source)) => Err(LedgerError::NotLocked { path: path.into(), source }),
        }
    }

    /// The file, to read from its beginning.
    pub fn reader(&self) -> &File {
        &self.0
    }
}

impl Drop for LockedFile {
    fn drop(&mut self) {
        // Closing follows and releases it in any case, sooner or later.
        let _ = self.0.unlock();
    }
}

impl Storage for LockedFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)?;
        self.0.sync_data()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.0.set_len(length)?;
        self.0.sync_all()
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }
}

/// Looks at what stands at `path` before it is opened: opening a pipe would wait for ever.
pub(super) fn inspect(path: &Path) -> Result<u64, LedgerError> {
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => Err(LedgerError::NotAFile { path: path.into() }),
        Ok(metadata) if metadata.len() == 0 => Err(LedgerError::Empty { path: path.into() }),
        Ok(metadata) => Ok(metadata.len()),
        Err(source) if source.kind() == io::ErrorKind::NotFound => Err(LedgerError::Missing { path: path.into() }),
        Err(source) => Err(LedgerError::Unreadable { path: path.into(), source }),
    }
}

/// Whether anything has the name of a ledger.
///
/// # Errors
///
/// [`LedgerError::Unreadable`] if nobody can tell: a folder that may not be looked into is no missing ledger.
pub fn exists(path: &Path) -> Result<bool, LedgerError> {
    path.try_exists().map_err(|source| LedgerError::Unreadable { path: path.into(), source })
}

/// Opens an existing ledger for reading and appending, and locks it for as long as the file stays open.
pub(super) fn open_locked(path: &Path) -> Result<LockedFile, LedgerError> {
    inspect(path)?;
    let opened = OpenOptions::new().read(true).append(true).open(path);
    LockedFile::lock(opened.map_err(|source| not_opened(path, source))?, path)
}

/// Why a ledger can not be opened for appending: who may still read it is told that it is the writing.
fn not_opened(path: &Path, source: io::Error) -> LedgerError {
    match File::open(path) {
        Ok(_) => LedgerError::NotWritable { path: path.into(), source },
        Err(_) => LedgerError::Unreadable { path: path.into(), source },
    }
}

/// Creates the ledger with its first line in it, locked; `None` if somebody else has created it meanwhile.
///
/// The line is written under another name and appears by renaming, so that an empty ledger is never an accident.
pub(super) fn create_locked(folder: &Path, line: &[u8]) -> Result<Option<LockedFile>, LedgerError> {
    let path = folder.join(FILE_NAME);
    let prepared = folder.join(PREPARED_NAME);
    let not_created = |source| LedgerError::NotCreated { path: path.clone(), source };

    create_folder(folder).map_err(not_created)?;
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&prepared).map_err(not_created)?;
    // The lock decides between two that create at once. Whoever gets it looks whether the ledger has appeared: then the
    // prepared file is the other's ledger under its former name, or a new one of no use, and is left as it is.
    let mut file = LockedFile::lock(file, &path)?;
    match inspect(&path) {
        Err(LedgerError::Missing { .. }) => {}
        _ => return Ok(None),
    }
    file.cut(0).map_err(not_created)?;
    file.append(line).map_err(not_created)?;
    fs::rename(&prepared, &path).map_err(not_created)?;
    sync_folder(folder).map_err(not_created)?;
    Ok(Some(file))
}

/// Creates the folder where it is missing, readable by its owner alone, with every new name in it durable.
fn create_folder(folder: &Path) -> io::Result<()> {
    let missing: Vec<PathBuf> =
        folder.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).map(Path::to_path_buf).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    for created in missing {
        match created.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => sync_folder(parent)?,
            _ => sync_folder(Path::new("."))?,
        }
    }
    Ok(())
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    // Elsewhere a folder can not be opened as a file, and a rename is durable by other means.
    if cfg!(unix) {
        // An empty path names the current folder when joined, but not when opened.
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Root may write everything, so the system's answer is made up.
    #[test]
    fn who_may_read_and_not_write_is_told_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        let refused = || not_opened(&path, io::ErrorKind::PermissionDenied.into());
        assert!(matches!(refused(), LedgerError::Unreadable { .. }));
        fs::write(&path, b"x").unwrap();
        let error = refused();
        assert_eq!(error.to_string(), format!("the ledger `{}` can be read, but not be written", path.display()));
        assert!(error.hint().contains("write the file"));
    }
}
