//! The register's file: small, read and written whole, authenticated under the keyring, and locked against two who change it at once.
//!
//! ```json
//! {"format": "gallra-holds-1", "keyring": "<16 hex>", "ledger": "<16 hex>", "holds": [{"id": "H-2026-0001", …}], "mac": "<64 hex>"}
//! ```
//!
//! The MAC is taken over what the file says, written anew: blanks and line breaks may change, nothing else.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Hold, HoldsError};
use crate::keys::{DerivedKey, Keyring, KeysError, Purpose};
use crate::ledger::{Digest, Hex, HoldId, LedgerId};

const FORMAT: &str = "gallra-holds-1";
/// The first part of every MAC, so that no other use of the key can be taken for it.
const LABEL: &[u8] = b"gallra.holds.register.1";
/// Far more than a hundred thousand holds need; a larger file is something else.
const LARGEST_FILE: u64 = 1 << 26;
/// How often somebody else's lock is asked for, and how long is waited in between: ten seconds in all.
const TRIES: u32 = 200;
const PAUSE: Duration = Duration::from_millis(50);

/// All holds that were ever added, in the order in which they were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Register {
    /// The ledger of the store that it belongs to.
    pub ledger: LedgerId,
    /// The holds.
    pub holds: Vec<Hold>,
}

/// What the MAC is taken over.
#[derive(Serialize)]
struct Body<'a> {
    format: &'a str,
    keyring: &'a str,
    ledger: LedgerId,
    holds: &'a [Hold],
}

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRegister {
    format: String,
    keyring: String,
    ledger: LedgerId,
    holds: Vec<Hold>,
    mac: Digest,
}

/// Read first, so that a register of a later format is called foreign and not damaged.
#[derive(Deserialize)]
struct RawFormat {
    format: Option<String>,
    keyring: Option<String>,
}

/// What a register is authenticated with.
#[derive(Debug, Clone)]
pub(super) struct Seal {
    keyring: String,
    key: DerivedKey,
}

impl Seal {
    /// Under the keyring's control key, as the ledger is.
    pub fn of(keyring: &Keyring) -> Result<Self, KeysError> {
        Ok(Self { keyring: keyring.id().to_owned(), key: keyring.control("", Purpose::HoldMac)? })
    }

    fn mac(&self, register: &Register) -> Result<Digest, serde_json::Error> {
        let body = Body { format: FORMAT, keyring: &self.keyring, ledger: register.ledger, holds: &register.holds };
        Ok(Hex(self.key.mac(&[LABEL, &serde_json::to_vec(&body)?])))
    }
}

impl Register {
    /// A hold by its number.
    pub fn hold(&self, id: HoldId) -> Option<&Hold> {
        self.holds.iter().find(|hold| hold.id == id)
    }

    /// The register, or `None` where there is no file.
    ///
    /// # Errors
    /// One variant of [`HoldsError`] for each way in which the file is not a whole register under this keyring.
    pub(super) fn read(path: &Path, seal: &Seal) -> Result<Option<Self>, HoldsError> {
        read_bytes(path)?.map(|bytes| Self::parse(path, &bytes, seal)).transpose()
    }

    pub(super) fn parse(path: &Path, bytes: &[u8], seal: &Seal) -> Result<Self, HoldsError> {
        let path = || path.to_owned();
        // The parser's own message is dropped: it may quote what it stumbled over.
        let not_a_register =
            |error: serde_json::Error| HoldsError::NotARegister { path: path(), line: error.line(), column: error.column() };
        let format: RawFormat = serde_json::from_slice(bytes).map_err(not_a_register)?;
        if format.format.is_some_and(|format| format != FORMAT) {
            return Err(HoldsError::ForeignFormat { path: path() });
        }
        if let Some(found) = format.keyring.filter(|keyring| *keyring != seal.keyring) {
            // Whatever stands there in place of an id is not repeated.
            let found = if Hex::<8>::parse(found.as_bytes()).is_ok() { found } else { "?".to_owned() };
            return Err(HoldsError::ForeignKeyring { path: path(), found, expected: seal.keyring.clone() });
        }
        let raw: RawRegister = serde_json::from_slice(bytes).map_err(not_a_register)?;
        let register = Self { ledger: raw.ledger, holds: raw.holds };
        if seal.mac(&register).map_err(not_a_register)? != raw.mac {
            return Err(HoldsError::Changed { path: path() });
        }
        Ok(register)
    }

    /// Puts the register in its place, readable by its owner alone. Only for whoever has the [`Lock`].
    pub(super) fn write(&self, lock: &Lock, seal: &Seal) -> Result<(), HoldsError> {
        let path = &lock.register;
        let not_written = |source: io::Error| HoldsError::NotWritten { path: path.clone(), source };
        let mac = seal.mac(self).map_err(|error| not_written(error.into()))?;
        let raw =
            RawRegister { format: FORMAT.to_owned(), keyring: seal.keyring.clone(), ledger: self.ledger, holds: self.holds.clone(), mac };
        let mut text = serde_json::to_vec_pretty(&raw).map_err(|error| not_written(error.into()))?;
        text.push(b'\n');
        crate::files::replace_private(path, &text).map_err(not_written)
    }
}

/// The file's bytes, or `None` where there is none. Nothing is locked: a file that is replaced by renaming is always whole.
pub(super) fn read_bytes(path: &Path) -> Result<Option<Vec<u8>>, HoldsError> {
    let unreadable = |source| HoldsError::Unreadable { path: path.to_owned(), source };
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => return Err(HoldsError::NotAFile { path: path.to_owned() }),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    }
    let mut bytes = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(LARGEST_FILE).read_to_end(&mut bytes).map_err(unreadable)?,
        Err(error) => return Err(unreadable(error)),
    };
    Ok(Some(bytes))
}

/// The right to change the register, until it is dropped. A file of its own, because the register itself is replaced by renaming.
pub(super) struct Lock {
    register: PathBuf,
    file: File,
}

impl Lock {
    /// Waits for whoever is changing the register: such a change takes milliseconds.
    pub fn take(register: &Path) -> Result<Self, HoldsError> {
        let not_written = |source| HoldsError::NotWritten { path: register.to_owned(), source };
        let folder = register.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        crate::files::create_private_folder(folder).map_err(not_written)?;
        let mut name = register.as_os_str().to_owned();
        name.push(".gallra-lock");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(PathBuf::from(name)).map_err(not_written)?;
        for _ in 0..TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(Self { register: register.to_owned(), file }),
                Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
                Err(TryLockError::Error(source)) => return Err(not_written(source)),
            }
        }
        Err(HoldsError::InUse { path: register.to_owned() })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing follows and releases it in any case.
        let _ = self.file.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::hold;
    use super::super::{Release, Words};
    use super::*;

    fn seal(byte: u8) -> Seal {
        Seal::of(&Keyring::generate(jiff::Timestamp::UNIX_EPOCH, [byte; 40])).unwrap()
    }

    fn register() -> Register {
        let release = Release {
            at: "2026-12-01T08:00:00Z".parse().unwrap(),
            reason: Words("\"settled\" \u{1f916}".into()),
            owner: Words("O".into()),
        };
        let whole = Hold { subject: None, fields: vec!["customer.name".into()], released: Some(release), ..hold(2) };
        Register { ledger: Hex([9; 8]), holds: vec![hold(1), whole, Hold { until: Some(jiff::civil::date(2027, 1, 1)), ..hold(3) }] }
    }

    fn written(folder: &Path) -> PathBuf {
        let path = folder.join("holds").join("holds.json");
        let lock = Lock::take(&path).unwrap();
        register().write(&lock, &seal(7)).unwrap();
        path
    }

    #[test]
    fn what_was_written_is_read_and_belongs_to_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path());
        assert_eq!(Register::read(&path, &seal(7)).unwrap(), Some(register()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        }
        assert_eq!(Register::read(&folder.path().join("none.json"), &seal(7)).unwrap(), None);
        let names: Vec<String> =
            fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        assert_eq!(names.len(), 2, "the register and its lock, nothing half-made: {names:?}");
    }

    /// Every byte of the file, each changed by itself: either nothing that the file says is another, or it is refused.
    #[test]
    fn no_byte_can_be_changed_unnoticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path());
        let original = fs::read(&path).unwrap();
        let mut refused = 0;
        for at in 0..original.len() {
            let mut bytes = original.clone();
            bytes[at] = match bytes[at] {
                b'0'..=b'8' | b'a'..=b'e' => bytes[at] + 1,
                b'9' => b'0',
                _ => b'f',
            };
            match Register::parse(&path, &bytes, &seal(7)) {
                Ok(found) => assert_eq!(found, register(), "byte {at}"),
                Err(_) => refused += 1,
            }
        }
        assert!(refused > original.len() / 2, "{refused} of {}", original.len());
        for cut in 0..original.len() - 1 {
            assert!(Register::parse(&path, &original[..cut], &seal(7)).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn each_trouble_has_its_own_name_and_repeats_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path());
        let text = fs::read_to_string(&path).unwrap();
        let parse = |text: &str| Register::parse(&path, text.as_bytes(), &seal(7)).unwrap_err();
        let without: serde_json::Value = {
            let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
            value["holds"].as_array_mut().unwrap().remove(0);
            value
        };
        assert!(matches!(parse(&without.to_string()), HoldsError::Changed { .. }));
        assert!(matches!(parse(&text.replace("Ada", "Ida")), HoldsError::Changed { .. }));
        assert!(matches!(parse(&text.replace("2027-01-01", "2026-11-23")), HoldsError::Changed { .. }));
        assert!(matches!(parse(&text.replace("gallra-holds-1", "gallra-holds-2")), HoldsError::ForeignFormat { .. }));
        assert!(matches!(parse(&text.replace("\"fields\"", "\"more\"")), HoldsError::NotARegister { .. }));
        assert!(matches!(parse(""), HoldsError::NotARegister { .. }));
        assert!(matches!(Register::read(&path, &seal(8)), Err(HoldsError::ForeignKeyring { .. })));
        assert!(matches!(Register::read(folder.path(), &seal(7)), Err(HoldsError::NotAFile { .. })));
        for text in ["[\"Ada Andersson\"]", "{\"keyring\": \"Ada Andersson\"}", "{\"format\": \"Ada Andersson\"}"] {
            let told = format!("{} {:?}", parse(text), parse(text));
            assert!(!told.contains("Ada"), "{told}");
        }
    }

    #[test]
    fn two_never_change_it_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("holds.json");
        let first = Lock::take(&path).unwrap();
        let (sender, receiver) = std::sync::mpsc::channel();
        let second = std::thread::spawn({
            let path = path.clone();
            move || {
                let lock = Lock::take(&path);
                sender.send(()).unwrap();
                lock.map(drop)
            }
        });
        assert!(receiver.recv_timeout(Duration::from_millis(300)).is_err(), "the second did not wait");
        drop(first);
        second.join().unwrap().unwrap();
    }
}
