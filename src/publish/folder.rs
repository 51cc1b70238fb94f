//! Folders and small files of the output: names that can not escape, and steps that survive a power cut.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::PublishError;

/// Mode of a folder that nobody else may look into yet.
pub(super) const STAGING_MODE: u32 = 0o700;
/// Mode of a published folder: readable by the owner's group, which the analysts belong to.
pub(super) const PUBLISHED_MODE: u32 = 0o750;
/// Mode of every file.
pub(super) const FILE_MODE: u32 = 0o640;
/// File systems allow names of 255 bytes; staging puts a prefix before some of them.
const LONGEST_NAME: usize = 180;

/// A tenant's or set's name as the name of one folder.
///
/// ASCII letters, digits, `-`, `_` and inner full stops stay; every other byte becomes `%` and two digits, so that no name
/// can leave its folder (`../x` is `%2E.%2Fx`), hide or collide with another. A very long name ends in its own hash.
pub fn folder_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for (at, byte) in name.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => out.push(char::from(byte)),
            b'.' if at > 0 => out.push('.'),
            _ => {
                out.push('%');
                out.push_str(&data_encoding::HEXUPPER.encode(&[byte]));
            }
        }
    }
    if out.len() > LONGEST_NAME {
        out.truncate(100);
        // No name that is short enough holds a tilde, so a cut name never meets a whole one.
        out.push('~');
        out.push_str(&sha256(name.as_bytes()));
    }
    out
}

/// The name that a folder was made from; `None` for a folder that [`folder_name`] did not make, or cut.
pub(super) fn name_of_folder(folder: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(folder.len());
    let mut rest = folder.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first == b'%' {
            let digits = rest.get(..2)?;
            bytes.extend(data_encoding::HEXUPPER.decode(digits).ok()?);
            rest = &rest[2..];
        } else {
            bytes.push(*first);
        }
    }
    let name = String::from_utf8(bytes).ok()?;
    (folder_name(&name) == folder).then_some(name)
}

/// SHA-256 in lower-case hexadecimal digits.
pub(super) fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// SHA-256 of a file, read in pieces.
pub(super) fn sha256_of_file(path: &Path) -> Result<String, PublishError> {
    use std::io::Read;

    let mut file = open_file(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0_u8; 1 << 20];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(HEXLOWER.encode(&hash.finalize())),
            Ok(read) => hash.update(&buffer[..read]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(PublishError::io("read", path)(error)),
        }
    }
}

/// Opens a file to read it. What is none is refused: a pipe would let whoever opens it wait for ever.
pub(super) fn open_file(path: &Path) -> Result<File, PublishError> {
    if path.metadata().is_ok_and(|found| !found.is_file()) {
        return Err(PublishError::io("read", path)(std::io::Error::other("it is no file")));
    }
    File::open(path).map_err(PublishError::io("read", path))
}

/// Whether something that is no folder, a link among others, stands in the place of a folder or on the way to it.
pub(super) fn is_barred(above: &Path, below: &Path) -> bool {
    let mut at = above.to_owned();
    below.components().any(|component| {
        at.push(component);
        at.symlink_metadata().is_ok_and(|found| !found.is_dir())
    })
}

/// Whether a file below a folder, or a folder on the way to it, is a link: what lies behind it is in somebody else's hands.
pub(super) fn leads_elsewhere(folder: &Path, below: &Path) -> bool {
    let mut at = folder.to_owned();
    below.components().any(|component| {
        at.push(component);
        at.symlink_metadata().is_ok_and(|found| found.file_type().is_symlink())
    })
}

/// Makes a folder and those above it that are missing. What exists keeps its mode.
pub(super) fn create_folder(path: &Path, mode: u32) -> Result<(), PublishError> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
        create_folder(above, mode)?;
    }
    match DirBuilder::new().mode(mode).create(path) {
        Ok(()) => sync_parent(path),
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(PublishError::io("create the folder", path)(error)),
    }
}

/// Opens a file that must not exist yet.
pub(super) fn create_file(path: &Path) -> Result<File, PublishError> {
    OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(path).map_err(PublishError::io("create", path))
}

/// Writes a new file to its last byte on the disk.
pub(super) fn write_file(path: &Path, content: &[u8]) -> Result<(), PublishError> {
    let mut file = create_file(path)?;
    file.write_all(content).map_err(PublishError::io("write", path))?;
    file.sync_all().map_err(PublishError::io("write", path))
}

/// Replaces a file in one step: a reader sees the old content or the new, never a part.
pub(super) fn replace_file(path: &Path, content: &[u8]) -> Result<(), PublishError> {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".new");
    let temporary = path.with_file_name(name);
    // A run that was killed may have left one behind.
    remove_file(&temporary)?;
    // Nothing is renamed over a folder that somebody put there.
    if path.symlink_metadata().is_ok_and(|found| found.is_dir()) {
        remove_folder(path)?;
    }
    let written = write_file(&temporary, content).and_then(|()| fs::rename(&temporary, path).map_err(PublishError::io("replace", path)));
    if written.is_err() {
        // What matters is the error that came first.
        let _ = fs::remove_file(&temporary);
    }
    written?;
    sync_parent(path)
}

/// Gives a file another name as well; where the file system has no such links, it is copied. The target must not exist.
pub(super) fn link_file(from: &Path, to: &Path) -> Result<(), PublishError> {
    if fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    fs::copy(from, to).and_then(|_| File::open(to)?.sync_all()).map_err(PublishError::io("write", to))
}

/// Removes a file if there is one.
pub(super) fn remove_file(path: &Path) -> Result<(), PublishError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(PublishError::io("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Removes a folder and what it holds, if there is one. Symbolic links are removed, never followed.
pub(super) fn remove_folder(path: &Path) -> Result<(), PublishError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => Err(error),
    }
    .map_err(PublishError::io("remove", path))?;
    sync_parent(path)
}

/// Makes the entries of a folder durable.
pub(super) fn sync_folder(path: &Path) -> Result<(), PublishError> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(PublishError::io("write", path))
}

/// Makes the entry of a file or folder durable.
pub(super) fn sync_parent(path: &Path) -> Result<(), PublishError> {
    match path.parent() {
        Some(above) if !above.as_os_str().is_empty() => sync_folder(above),
        _ => sync_folder(Path::new(".")),
    }
}

/// Sets a folder's mode.
pub(super) fn set_mode(path: &Path, mode: u32) -> Result<(), PublishError> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(PublishError::io("set the mode of", path))
}

/// Names of the folders in a folder that are no links, sorted; none where the folder itself is missing.
pub(super) fn folders_in(path: &Path) -> Result<Vec<String>, PublishError> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(Vec::new()),
        Err(error) => return Err(PublishError::io("list", path)(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(PublishError::io("list", path))?;
        let is_folder = entry.file_type().map_err(PublishError::io("list", path))?.is_dir();
        if let (true, Ok(name)) = (is_folder, entry.file_name().into_string()) {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_hostile_name_stays_in_its_folder() {
        for (name, folder) in [
            ("north", "north"),
            ("../x", "%2E.%2Fx"),
            ("..", "%2E."),
            (".", "%2E"),
            ("/etc", "%2Fetc"),
            ("a.b", "a.b"),
            ("Åhus AB", "%C3%85hus%20AB"),
            ("a\0b", "a%00b"),
            ("50%", "50%25"),
            ("%2E", "%252E"),
        ] {
            assert_eq!(folder_name(name), folder);
            assert_eq!(name_of_folder(folder).as_deref(), Some(name));
        }
    }

    #[test]
    fn a_long_name_is_cut_and_stays_distinct() {
        let (one, other) = ("å".repeat(500), "å".repeat(501));
        assert!(folder_name(&one).len() < 200);
        assert_ne!(folder_name(&one), folder_name(&other));
        assert_eq!(name_of_folder(&folder_name(&one)), None);
    }

    #[test]
    fn the_hash_is_the_published_one() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn replacing_leaves_one_file_with_the_new_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("latest.json");
        fs::write(folder.path().join(".latest.json.new"), "left behind").unwrap();
        replace_file(&path, b"one").unwrap();
        replace_file(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(sha256_of_file(&path).unwrap(), sha256(b"two"));
    }

    #[test]
    fn removing_a_link_leaves_what_it_points_at() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("kept");
        create_folder(&kept, 0o700).unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&kept, &link).unwrap();
        assert_eq!(folders_in(folder.path()).unwrap(), ["kept"]);
        remove_folder(&link).unwrap();
        remove_folder(&link).unwrap();
        assert!(kept.is_dir() && !link.exists());
    }

    proptest! {
        #[test]
        fn every_name_is_one_component_and_comes_back(name in "\\PC{1,40}|[./%~]{1,8}") {
            let folder = folder_name(&name);
            let path = Path::new(&folder);
            prop_assert_eq!(path.components().count(), 1);
            prop_assert!(matches!(path.components().next(), Some(std::path::Component::Normal(_))));
            prop_assert!(!folder.starts_with('.'));
            if folder.len() <= LONGEST_NAME && !folder.contains('~') {
                prop_assert_eq!(name_of_folder(&folder), Some(name));
            }
        }
    }
}
