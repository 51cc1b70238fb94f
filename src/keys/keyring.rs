//! The keyring file: created once, never overwritten, opened only when nobody else can read it.
//!
//! ```json
//! {"format": "gallra-keyring-1", "id": "<16 hexadecimal digits>", "created": "<RFC 3339>",
//!  "epochs": [{"number": 1, "created": "<RFC 3339>", "master": "<base64 of 32 bytes>"}]}
//! ```
//!
//! The identifier is no secret: ledgers and manifests name the keyring by it, and so recognise a
//! foreign one.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use data_encoding::{BASE64, HEXLOWER};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretBox};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{DerivedKey, KeysError, Purpose};

const FORMAT: &str = "gallra-keyring-1";

/// Far more than a thousand epochs need; a larger file is something else.
const LARGEST_FILE: u64 = 1 << 20;

/// The master keys of an installation, one per epoch.
///
/// ```
/// use gallra::keys::{Keyring, Purpose};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("secrets").join("keyring.json");
/// // The 40 bytes come from the operating system's random source.
/// let created = Keyring::create(&path, jiff::Timestamp::UNIX_EPOCH, [7; 40])?;
/// let opened = Keyring::open(&path)?;
/// assert_eq!(opened.id(), created.id());
///
/// let key = opened.derive("north", Purpose::Journal, opened.current_epoch())?;
/// assert_eq!(key.token(&[b"42"]).to_string().len(), 32);
/// assert!(Keyring::create(&path, jiff::Timestamp::UNIX_EPOCH, [8; 40]).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Keyring {
    id: String,
    created: Timestamp,
    epochs: BTreeMap<u32, Epoch>,
    current: u32,
}

struct Epoch {
    created: Timestamp,
    master: SecretBox<[u8; 32]>,
}

/// The file as written. Texts are borrowed from the buffer that is wiped after reading.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKeyring<'a> {
    #[serde(borrow)]
    format: &'a str,
    id: &'a str,
    created: Timestamp,
    epochs: Vec<RawEpoch<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEpoch<'a> {
    number: u32,
    created: Timestamp,
    master: &'a str,
}

/// Read first, so that a keyring of a later format is called foreign and not corrupt.
#[derive(Deserialize)]
struct RawFormat<'a> {
    #[serde(borrow)]
    format: Option<&'a str>,
}

impl Keyring {
    /// A keyring with one epoch, in memory only. `random` must come from a cryptographic source:
    /// 8 bytes for the identifier, then 32 for the master key.
    #[must_use]
    pub fn generate(now: Timestamp, random: [u8; 40]) -> Self {
        let random = Zeroizing::new(random);
        let master = SecretBox::init_with_mut(|master: &mut [u8; 32]| {
            master.copy_from_slice(&random[8..]);
        });
        Self { id: HEXLOWER.encode(&random[..8]), created: now, epochs: BTreeMap::from([(1, Epoch { created: now, master })]), current: 1 }
    }

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
        let io = |action| move |source| KeysError::Io { action, path: path.to_owned(), source };
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        create_private_folder(folder).map_err(io("create the folder of"))?;

        // Named and opened by `tempfile` with O_EXCL and mode 0600; the random part of its name is
        // no part of the result.
        let mut file = tempfile::Builder::new().prefix(".gallra-keyring-").tempfile_in(folder).map_err(io("create"))?;
        let text = keyring.to_json().map_err(|error| io("write")(error.into()))?;
        file.write_all(&text).map_err(io("write"))?;
        file.as_file().sync_all().map_err(io("write"))?;
        if let Err(error) = file.persist_noclobber(path) {
            return Err(if error.error.kind() == io::ErrorKind::AlreadyExists {
                KeysError::AlreadyExists { path: path.to_owned() }
            } else {
                io("create")(error.error)
            });
        }
        sync_folder(folder).map_err(io("make durable"))?;
        Ok(keyring)
    }

    /// Opens the keyring at `path`. A symbolic link is followed, as secrets are often mounted so.
    ///
    /// # Errors
    /// One variant of [`KeysError`] for each way in which the file is not a private, complete and
    /// unambiguous keyring.
    pub fn open(path: &Path) -> Result<Self, KeysError> {
        let io = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => KeysError::Missing { path: path.to_owned() },
            _ => KeysError::Io { action: "read", path: path.to_owned(), source },
        };
        // Before opening, since opening a pipe waits for its writer; after it once more, since
        // only the open file is surely the one that is read.
        refuse_other_kinds(path, &fs::metadata(path).map_err(io)?)?;
        let file = File::open(path).map_err(io)?;
        let metadata = file.metadata().map_err(io)?;
        refuse_other_kinds(path, &metadata)?;
        refuse_open_permissions(path, &metadata)?;

        // Room for the whole file from the start: a growing buffer leaves copies behind.
        let room = usize::try_from(metadata.len().min(LARGEST_FILE)).unwrap_or(0) + 1;
        let mut text = Zeroizing::new(Vec::with_capacity(room));
        file.take(LARGEST_FILE).read_to_end(&mut text).map_err(io)?;
        Self::from_json(path, &text)
    }

    /// The keyring's public identifier, 16 lower-case hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// When the keyring was created.
    #[must_use]
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// The newest epoch, whose keys are used for everything new.
    #[must_use]
    pub fn current_epoch(&self) -> u32 {
        self.current
    }

    /// All epochs with the time at which each began, by ascending number.
    pub fn epochs(&self) -> impl Iterator<Item = (u32, Timestamp)> + '_ {
        self.epochs.iter().map(|(number, epoch)| (*number, epoch.created))
    }

    /// The key of one tenant, purpose and epoch; always the same one.
    ///
    /// # Errors
    /// [`KeysError::UnknownEpoch`] if the keyring lacks the epoch, as after a key was shredded.
    pub fn derive(&self, tenant: &str, purpose: Purpose, epoch: u32) -> Result<DerivedKey, KeysError> {
        let Some(found) = self.epochs.get(&epoch) else {
            return Err(KeysError::UnknownEpoch { id: self.id.clone(), epoch });
        };
        DerivedKey::derive(found.master.expose_secret(), tenant, &purpose, epoch)
            .ok_or_else(|| KeysError::Derivation { id: self.id.clone() })
    }

    fn to_json(&self) -> Result<Zeroizing<Vec<u8>>, serde_json::Error> {
        let masters: Vec<Zeroizing<String>> =
            self.epochs.values().map(|epoch| Zeroizing::new(BASE64.encode(epoch.master.expose_secret()))).collect();
        let raw = RawKeyring {
            format: FORMAT,
            id: &self.id,
            created: self.created,
            epochs: self
                .epochs
                .iter()
                .zip(&masters)
                .map(|((number, epoch), master)| RawEpoch { number: *number, created: epoch.created, master })
                .collect(),
        };
        let mut text = Zeroizing::new(Vec::with_capacity(512 + 256 * raw.epochs.len()));
        serde_json::to_writer_pretty(&mut *text, &raw)?;
        text.push(b'\n');
        Ok(text)
    }

    fn from_json(path: &Path, text: &[u8]) -> Result<Self, KeysError> {
        if text.trim_ascii().is_empty() {
            return Err(KeysError::Empty { path: path.to_owned() });
        }
        let format: RawFormat<'_> = parse(path, text)?;
        if format.format.is_some_and(|format| format != FORMAT) {
            return Err(KeysError::ForeignFormat { path: path.to_owned() });
        }
        let raw: RawKeyring<'_> = parse(path, text)?;
        let invalid = |field| KeysError::InvalidField { path: path.to_owned(), field };
        if raw.id.len() != 16 || HEXLOWER.decode(raw.id.as_bytes()).is_err() {
            return Err(invalid("id"));
        }
        let mut epochs = BTreeMap::new();
        for epoch in &raw.epochs {
            if epoch.number == 0 {
                return Err(invalid("number"));
            }
            let master = decode_master(path, epoch)?;
            let created = epoch.created;
            if epochs.insert(epoch.number, Epoch { created, master }).is_some() {
                return Err(KeysError::DuplicateEpoch { path: path.to_owned(), epoch: epoch.number });
            }
        }
        let Some(current) = epochs.keys().next_back().copied() else {
            return Err(KeysError::NoEpoch { path: path.to_owned() });
        };
        Ok(Self { id: raw.id.to_owned(), created: raw.created, epochs, current })
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Keyring")
            .field("id", &self.id)
            .field("created", &self.created)
            .field("epochs", &format_args!("[redacted]"))
            .field("current", &self.current)
            .finish()
    }
}

/// The parser's own message is dropped: it may quote the value that it stumbled over.
fn parse<'a, T: Deserialize<'a>>(path: &Path, text: &'a [u8]) -> Result<T, KeysError> {
    serde_json::from_slice(text).map_err(|error| KeysError::Corrupt { path: path.to_owned(), line: error.line(), column: error.column() })
}

fn decode_master(path: &Path, epoch: &RawEpoch<'_>) -> Result<SecretBox<[u8; 32]>, KeysError> {
    let text = epoch.master.as_bytes();
    let invalid = || KeysError::InvalidField { path: path.to_owned(), field: "master" };
    let room = BASE64.decode_len(text.len()).map_err(|_| invalid())?;
    let mut bytes = Zeroizing::new(vec![0_u8; room]);
    let length = BASE64.decode_mut(text, &mut bytes).map_err(|_| invalid())?;
    let Some(found) = bytes.get(..length).filter(|found| found.len() == 32) else {
        return Err(KeysError::WrongKeyLength { path: path.to_owned(), epoch: epoch.number, found: length });
    };
    Ok(SecretBox::init_with_mut(|master: &mut [u8; 32]| {
        master.copy_from_slice(found);
    }))
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

fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
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

#[cfg(all(test, unix))]
mod tests;
