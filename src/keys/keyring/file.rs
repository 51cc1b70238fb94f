//! The keyring's file: never overwritten when one is made, opened only when nobody else can read it, replaced whole.

use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::{Keyring, LARGEST};
use crate::keys::{KeysError, Place};

impl Keyring {
    /// Generates a keyring and writes it to `path`, readable by its owner alone (mode 0600).
    ///
    /// The file appears complete or not at all, and never takes the place of anything that exists.
    /// A missing parent folder is created with mode 0700.
    ///
    /// # Errors
    /// [`KeysError::AlreadyExists`] if anything, be it a dangling link, has that name;
    /// [`KeysError::Io`] if the system refuses.
    pub fn create(path: &Path, now: Timestamp, random: [u8; 40]) -> Result<Self, KeysError> {
        let keyring = Self::generate(now, random);
        keyring.write_new(path)?;
        Ok(keyring)
    }

    /// Writes the keyring to `path`, as [`create`](Self::create) does.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn write_new(&self, path: &Path) -> Result<(), KeysError> {
        let io = |action| failed(action, path);
        let folder = folder_of(path);
        crate::files::create_private_folder(folder).map_err(io("create the folder of"))?;

        // Named and opened by `tempfile` with O_EXCL and mode 0600; the random part of its name is
        // no part of the result.
        let mut file = tempfile::Builder::new().prefix(".gallra-keyring-").tempfile_in(folder).map_err(io("create"))?;
        let text = self.to_json().map_err(|error| io("write")(error.into()))?;
        file.write_all(&text).map_err(io("write"))?;
        file.as_file().sync_all().map_err(io("write"))?;
        if let Err(error) = file.persist_noclobber(path) {
            return Err(if error.error.kind() == io::ErrorKind::AlreadyExists {
                KeysError::AlreadyExists { path: path.to_owned() }
            } else {
                io("create")(error.error)
            });
        }
        sync_folder(folder).map_err(io("make durable"))
    }

    /// Opens the keyring at `path`. A symbolic link is followed, as secrets are often mounted so.
    ///
    /// # Errors
    /// One variant of [`KeysError`] for each way in which the file is not a private, complete and
    /// unambiguous keyring.
    pub fn open(path: &Path) -> Result<Self, KeysError> {
        let (file, metadata) = open_private(path)?;
        read(path, &file, &metadata)
    }
}

/// The file of a keyring, open for a change. Nobody else can change it until this is dropped.
///
/// The lock is on the file itself, so that no other file is left behind. Whoever waited for it finds
/// that the name stands for another file by now, and is refused.
#[derive(Debug)]
pub struct KeyringFile {
    /// As it was given.
    path: PathBuf,
    /// Where the file really lies: replacing a link would leave what it points at.
    place: PathBuf,
    file: File,
    metadata: Metadata,
}

impl KeyringFile {
    /// Opens the keyring at `path` for a change, and reads it.
    ///
    /// # Errors
    /// As [`Keyring::open`]; [`KeysError::InUse`] if somebody else is changing it at this moment, and
    /// [`KeysError::ChangedMeanwhile`] if somebody just has.
    pub fn open(path: &Path) -> Result<(Self, Keyring), KeysError> {
        let (file, metadata) = open_private(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(KeysError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(failed("lock", path)(source)),
        }
        let place = path.canonicalize().map_err(failed("find", path))?;
        let opened = Self { path: path.to_owned(), place, file, metadata };
        opened.still_there()?;
        let keyring = read(path, &opened.file, &opened.metadata)?;
        Ok((opened, keyring))
    }

    fn still_there(&self) -> Result<(), KeysError> {
        let now = fs::metadata(&self.place).map_err(failed("find", &self.path))?;
        if same_file(&now, &self.metadata) { Ok(()) } else { Err(KeysError::ChangedMeanwhile { path: self.path.clone() }) }
    }

    /// Puts another keyring in the file's place, with the same mode and owner: whole or not at all.
    ///
    /// With `wipe` the old file's bytes are overwritten as well, since its blocks stay on the disk
    /// after it has lost its name. Returns whether that worked; a disk may keep older copies of a
    /// block all the same.
    ///
    /// # Errors
    /// [`KeysError::ChangedMeanwhile`] if somebody replaced the file without asking for the lock;
    /// [`KeysError::Io`]. The file is then what it was.
    pub fn replace(self, keyring: &Keyring, wipe: bool) -> Result<bool, KeysError> {
        let io = |action| failed(action, &self.path);
        let text = keyring.to_json().map_err(|error| io("write")(error.into()))?;
        // Of one name, so that what a change that was killed left behind is found by the next one.
        let mut prepared = self.place.as_os_str().to_owned();
        prepared.push(".new");
        let prepared = PathBuf::from(prepared);
        discard(&prepared).map_err(io("prepare"))?;
        // Opened before the name is another file's. Without the right to write only the name goes.
        let old = OpenOptions::new().write(true).open(&self.place).ok().filter(|_| wipe);
        let placed = self
            .prepare(&prepared, &text)
            .map_err(io("write"))
            .and_then(|()| self.still_there())
            .and_then(|()| fs::rename(&prepared, &self.place).map_err(io("replace")));
        if let Err(error) = placed {
            // The first error is the one to report.
            let _ = discard(&prepared);
            return Err(error);
        }
        sync_folder(folder_of(&self.place)).map_err(io("make durable"))?;
        Ok(old.is_some_and(|file| overwrite(&file, self.metadata.len()).is_ok()))
    }

    fn prepare(&self, path: &Path, text: &[u8]) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        file.write_all(text)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;

            let made = file.metadata()?;
            let (user, group) = (self.metadata.uid(), self.metadata.gid());
            // An administrator may change the keyring of the user who runs at night.
            if made.uid() != user {
                std::os::unix::fs::fchown(&file, Some(user), Some(group))?;
            } else if made.gid() != group {
                // Whoever is not in the group may not give the file to it; that is no loss, because a keyring is its owner's alone.
                let _ = std::os::unix::fs::fchown(&file, None, Some(group));
            }
        }
        file.set_permissions(self.metadata.permissions())?;
        file.sync_all()
    }
}

impl Drop for KeyringFile {
    fn drop(&mut self) {
        // Closing follows and releases it in any case.
        let _ = self.file.unlock();
    }
}

/// Removes a prepared keyring that never came to its place.
fn discard(path: &Path) -> io::Result<()> {
    // Without the right to write, only the name goes.
    if let Ok(file) = OpenOptions::new().write(true).open(path)
        && let Ok(metadata) = file.metadata()
    {
        overwrite(&file, metadata.len())?;
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Overwrites a file's bytes where they stand.
fn overwrite(mut file: &File, length: u64) -> io::Result<()> {
    let nothing = vec![0; usize::try_from(length).unwrap_or(0).min(LARGEST)];
    file.write_all(&nothing)?;
    file.sync_all()
}

fn open_private(path: &Path) -> Result<(File, Metadata), KeysError> {
    let io = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => KeysError::Missing { path: path.to_owned() },
        _ => failed("read", path)(source),
    };
    // Before opening, since opening a pipe waits for its writer; after it once more, since
    // only the open file is surely the one that is read.
    refuse_other_kinds(path, &fs::metadata(path).map_err(io)?)?;
    let file = File::open(path).map_err(io)?;
    let metadata = file.metadata().map_err(io)?;
    refuse_other_kinds(path, &metadata)?;
    refuse_open_permissions(path, &metadata)?;
    Ok((file, metadata))
}

fn read(path: &Path, file: &File, metadata: &Metadata) -> Result<Keyring, KeysError> {
    // Room for the whole file from the start: a growing buffer leaves copies behind.
    let room = usize::try_from(metadata.len()).unwrap_or(LARGEST).min(LARGEST) + 1;
    let mut text = Zeroizing::new(Vec::with_capacity(room));
    file.take(LARGEST as u64).read_to_end(&mut text).map_err(failed("read", path))?;
    Keyring::parse(&Place::File(path.to_owned()), &text)
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> KeysError {
    let path = path.to_owned();
    move |source| KeysError::Io { action, path, source }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn refuse_other_kinds(path: &Path, metadata: &Metadata) -> Result<(), KeysError> {
    if metadata.is_file() { Ok(()) } else { Err(KeysError::NotAFile { path: PathBuf::from(path) }) }
}

#[cfg(unix)]
fn refuse_open_permissions(path: &Path, metadata: &Metadata) -> Result<(), KeysError> {
    use std::os::unix::fs::PermissionsExt;

    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(KeysError::OpenToOthers { path: path.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn refuse_open_permissions(_: &Path, _: &Metadata) -> Result<(), KeysError> {
    Ok(())
}

#[cfg(unix)]
fn same_file(left: &Metadata, right: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    (left.dev(), left.ino()) == (right.dev(), right.ino())
}

#[cfg(not(unix))]
fn same_file(left: &Metadata, right: &Metadata) -> bool {
    left.len() == right.len() && left.modified().ok() == right.modified().ok()
}

/// A new name is durable once its folder is.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
