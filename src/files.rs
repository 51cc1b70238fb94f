//! Files that appear whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Writes a file by preparing it beside its place, syncing it, and renaming it over what was there.
pub fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    prepare(path, bytes)?.persist(path).map_err(|error| error.error)?;
    sync_folder(path)
}

/// The same where nothing has that name yet.
///
/// # Errors
/// [`std::io::ErrorKind::AlreadyExists`] where something has; what the system says otherwise.
pub fn create(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    prepare(path, bytes)?.persist_noclobber(path).map_err(|error| error.error)?;
    sync_folder(path)
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A new name is durable once its folder is.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    std::fs::File::open(folder(path))?.sync_all()
}

fn prepare(path: &Path, bytes: &[u8]) -> std::io::Result<tempfile::NamedTempFile> {
    let mut file = tempfile::NamedTempFile::new_in(folder(path))?;
    file.write_all(bytes)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    file.as_file().sync_all()?;
    Ok(file)
}

/// The same for a file that nobody but its owner may read (mode 0600). Only for one writer at a time: what an earlier one that was killed had
/// prepared goes.
pub fn replace_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut prepared = path.as_os_str().to_owned();
    prepared.push(".new");
    let prepared = PathBuf::from(prepared);
    match fs::remove_file(&prepared) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&prepared)?;
    let placed = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&prepared, path));
    if let Err(error) = placed {
        // The first error is the one to report.
        let _ = fs::remove_file(&prepared);
        return Err(error);
    }
    File::open(folder)?.sync_all()
}

/// Creates a folder where it is missing, for its owner alone (mode 0700).
pub fn create_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Writes a file that nobody but its owner may read (mode 0600), by preparing it beside its place, syncing it, and renaming it. What was there
/// is replaced where that is wished; otherwise it stays, and the error is [`std::io::ErrorKind::AlreadyExists`].
pub fn private(path: &Path, overwrite: bool, write: &mut dyn FnMut(&mut std::fs::File) -> std::io::Result<()>) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o600))?;
    }
    write(file.as_file_mut())?;
    file.as_file().sync_all()?;
    let placed = if overwrite { file.persist(path) } else { file.persist_noclobber(path) };
    placed.map_err(|error| error.error)?;
    std::fs::File::open(folder)?.sync_all()
}
