//! The keys of those who approve: an Ed25519 key pair (RFC 8032), of which the pipeline file names the public half.
//!
//! The private half is a file of its own in PKCS#8 PEM (RFC 8410), as `openssl genpkey -algorithm ed25519` makes one. It has nothing to do with
//! the keyring: whoever approves needs neither the keyring nor the store.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use data_encoding::BASE64;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, KeypairBytes};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const PREFIX: &str = "ed25519:";

/// A private key takes a hundred and twenty bytes; a larger file is something else.
const LARGEST_FILE: u64 = 1 << 16;

/// What can be wrong with an approver's key. No variant carries any content of a key file.
#[derive(Debug, thiserror::Error)]
pub enum ApproverKeyError {
    /// The private key file can not be read or made.
    #[error("can not {action} the key file `{path}`: {reason}")]
    Io {
        /// What was attempted: a verb.
        action: &'static str,
        /// The path as given.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The path is a folder, a device, a socket or a pipe.
    #[error("the key file `{path}` is not a regular file")]
    NotAFile {
        /// The path as given.
        path: PathBuf,
    },
    /// Others than the owner may read, write or execute the file.
    #[error("the key file `{path}` is open to others than its owner (mode `{mode:04o}`)")]
    OpenToOthers {
        /// The path as given.
        path: PathBuf,
        /// The permission bits found.
        mode: u32,
    },
    /// Something exists where a new key should be made.
    #[error("the key file `{path}` exists already")]
    AlreadyExists {
        /// The path as given.
        path: PathBuf,
    },
    /// The private key is encrypted.
    #[error("the key file `{path}` is encrypted with a passphrase, which gallra does not ask for")]
    Encrypted {
        /// The path as given.
        path: PathBuf,
    },
    /// The file holds no private key of this kind.
    #[error("the key file `{path}` holds no Ed25519 private key in PKCS#8 PEM")]
    NotAKey {
        /// The path as given.
        path: PathBuf,
    },
    /// A text is not a public key.
    #[error("a public key is `ed25519:` and the base64 of 32 bytes that are a point of the curve")]
    NotAPublicKey,
}

impl ApproverKeyError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::OpenToOthers { path, .. } => {
                Some(format!("run `chmod 600 {}`, and make a new key if somebody else may have read this one", path.display()))
            }
            Self::AlreadyExists { .. } => Some("a key is never overwritten: choose another path".to_owned()),
            Self::Encrypted { path } => {
                Some(format!("`openssl pkey -in {} -out plain.pem` takes the passphrase off; keep that file at mode 600", path.display()))
            }
            Self::NotAKey { .. } | Self::NotAFile { .. } => {
                Some("`gallra keys approver --output FILE` makes one, and so does `openssl genpkey -algorithm ed25519`".to_owned())
            }
            Self::NotAPublicKey => Some("`gallra keys approver --output FILE` prints the line for the pipeline file".to_owned()),
            Self::Io { .. } => None,
        }
    }
}

/// The private key of somebody who approves. `Debug` shows its public half alone.
pub struct ApproverKey {
    signing: SigningKey,
}

impl ApproverKey {
    /// A new key; the first 32 bytes must come from a cryptographic source.
    #[must_use]
    pub fn generate(random: [u8; 40]) -> Self {
        let random = Zeroizing::new(random);
        let mut seed = Zeroizing::new([0; 32]);
        seed.copy_from_slice(&random[..32]);
        Self { signing: SigningKey::from_bytes(&seed) }
    }

    /// Writes the key to `path`, readable by its owner alone (mode 0600). Never takes the place of anything that exists.
    ///
    /// # Errors
    /// [`ApproverKeyError::AlreadyExists`] if anything has that name; [`ApproverKeyError::Io`] if the system refuses.
    pub fn create(&self, path: &Path) -> Result<(), ApproverKeyError> {
        let io = |error: io::Error| failed("write", path, &error);
        // Without the public half: OpenSSL before 3.5 reads no other form.
        let bytes = KeypairBytes { secret_key: self.signing.to_bytes(), public_key: None };
        let text = bytes.to_pkcs8_pem(LineEnding::LF).map_err(|_| ApproverKeyError::NotAKey { path: path.to_owned() })?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // `tempfile` makes files of mode 0600.
        let mut file = tempfile::Builder::new().prefix(".gallra-key-").tempfile_in(folder).map_err(io)?;
        file.write_all(text.as_bytes()).map_err(io)?;
        file.as_file().sync_all().map_err(io)?;
        file.persist_noclobber(path).map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => ApproverKeyError::AlreadyExists { path: path.to_owned() },
            _ => io(error.error),
        })?;
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(io)
    }

    /// Opens the key at `path`. A symbolic link is followed.
    ///
    /// # Errors
    /// One variant of [`ApproverKeyError`] for each way in which the file is not a private key that nobody else can read.
    pub fn open(path: &Path) -> Result<Self, ApproverKeyError> {
        let io = |error: io::Error| failed("read", path, &error);
        // Before opening, since opening a pipe waits for its writer; after it once more, since only the open file is surely the one that is read.
        if !fs::metadata(path).map_err(io)?.is_file() {
            return Err(ApproverKeyError::NotAFile { path: path.to_owned() });
        }
        let file = File::open(path).map_err(io)?;
        let metadata = file.metadata().map_err(io)?;
        if !metadata.is_file() {
            return Err(ApproverKeyError::NotAFile { path: path.to_owned() });
        }
        refuse_open_permissions(path, &metadata)?;
        // Room for the whole file from the start: a growing buffer leaves copies behind.
        let room = usize::try_from(metadata.len().min(LARGEST_FILE)).unwrap_or(0) + 1;
        let mut text = Zeroizing::new(String::with_capacity(room));
        let not_a_key = || ApproverKeyError::NotAKey { path: path.to_owned() };
        file.take(LARGEST_FILE).read_to_string(&mut text).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => not_a_key(),
            _ => io(error),
        })?;
        if text.contains("BEGIN ENCRYPTED PRIVATE KEY") {
            return Err(ApproverKeyError::Encrypted { path: path.to_owned() });
        }
        // The parser's own message is dropped: it may say something of what it read.
        let signing = SigningKey::from_pkcs8_pem(&text).map_err(|_| not_a_key())?;
        Ok(Self { signing })
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.signing.verifying_key())
    }

    /// Signs a message (RFC 8032, section 5.1.6: pure Ed25519, the same every time).
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> ApprovalSignature {
        ApprovalSignature(self.signing.sign(message).to_bytes())
    }
}

impl fmt::Debug for ApproverKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("ApproverKey").field(&self.public().to_string()).finish()
    }
}

/// The public key of somebody who approves: `ed25519:` and 44 characters of base64.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Whether the signature is this key's over the message, by the strict rules that leave nobody a choice of signatures.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &ApprovalSignature) -> bool {
        self.0.verify_strict(message, &Signature::from_bytes(&signature.0)).is_ok()
    }

    /// SHA-256 of its 32 bytes: how the ledger names it.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{PREFIX}{}", BASE64.encode(self.0.as_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for PublicKey {
    type Err = ApproverKeyError;

    /// A key of small order would verify signatures that nobody made, and is refused.
    fn from_str(text: &str) -> Result<Self, ApproverKeyError> {
        let bytes = text.strip_prefix(PREFIX).and_then(|text| BASE64.decode(text.as_bytes()).ok());
        let bytes: Option<[u8; 32]> = bytes.and_then(|bytes| bytes.try_into().ok());
        let key = bytes.and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok()).filter(|key| !key.is_weak());
        key.map(Self).ok_or(ApproverKeyError::NotAPublicKey)
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// An Ed25519 signature, written as 88 characters of base64.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ApprovalSignature([u8; 64]);

impl fmt::Debug for ApprovalSignature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&BASE64.encode(&self.0))
    }
}

impl Serialize for ApprovalSignature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for ApprovalSignature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = BASE64.decode(text.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| serde::de::Error::custom("a signature is the base64 of 64 bytes"))
    }
}

fn failed(action: &'static str, path: &Path, error: &io::Error) -> ApproverKeyError {
    let reason = match error.kind() {
        io::ErrorKind::NotFound => "it does not exist".to_owned(),
        io::ErrorKind::PermissionDenied => "no permission".to_owned(),
        _ => error.to_string(),
    };
    ApproverKeyError::Io { action, path: path.to_owned(), reason }
}

#[cfg(unix)]
fn refuse_open_permissions(path: &Path, metadata: &fs::Metadata) -> Result<(), ApproverKeyError> {
    use std::os::unix::fs::PermissionsExt;

    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(ApproverKeyError::OpenToOthers { path: path.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn refuse_open_permissions(_: &Path, _: &fs::Metadata) -> Result<(), ApproverKeyError> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// RFC 8032, section 7.1, TEST 2: a secret, its public key, a message of one byte and its signature.
    #[test]
    fn signatures_follow_the_published_vector() {
        let bytes = |text: &str| data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap();
        let mut random = [0; 40];
        random[..32].copy_from_slice(&bytes("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
        let key = ApproverKey::generate(random);
        let public = bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        assert_eq!(key.public().to_string(), format!("ed25519:{}", BASE64.encode(&public)));
        let signature = bytes(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        );
        assert_eq!(key.sign(&[0x72]).0.as_slice(), signature);
        assert!(key.public().verifies(&[0x72], &key.sign(&[0x72])));
        assert!(!key.public().verifies(&[0x73], &key.sign(&[0x72])));
    }

    /// RFC 8410, section 10.3: a private key with its public key beside it (section 10.1).
    #[test]
    fn a_key_file_is_read_as_published_and_others_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        let write = |text: &str, mode: u32| {
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            ApproverKey::open(&path)
        };
        let published =
            "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
        let key = write(published, 0o600).unwrap();
        assert_eq!(key.public().to_string(), "ed25519:Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=");
        for mode in [0o640, 0o604, 0o660, 0o610] {
            assert!(matches!(write(published, mode), Err(ApproverKeyError::OpenToOthers { .. })), "{mode:o}");
        }
        assert!(matches!(write(&published.replace("PRIVATE", "ENCRYPTED PRIVATE"), 0o600), Err(ApproverKeyError::Encrypted { .. })));
        for other in ["", "\u{fffd}", &published[..60], &published.replace("PRIVATE", "PUBLIC"), &published.replace("MC4C", "MC4D")] {
            assert!(matches!(write(other, 0o600), Err(ApproverKeyError::NotAKey { .. })), "{other}");
        }
        assert!(matches!(ApproverKey::open(folder.path()), Err(ApproverKeyError::NotAFile { .. })));
        assert!(matches!(ApproverKey::open(&folder.path().join("absent")), Err(ApproverKeyError::Io { .. })));
    }

    #[test]
    fn a_new_key_file_is_private_and_never_takes_anothers_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        let key = ApproverKey::generate([7; 40]);
        key.create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        assert_eq!(ApproverKey::open(&path).unwrap().public(), key.public());
        let before = fs::read(&path).unwrap();
        assert!(matches!(ApproverKey::generate([8; 40]).create(&path), Err(ApproverKeyError::AlreadyExists { .. })));
        assert_eq!(fs::read(&path).unwrap(), before);
        assert!(!format!("{key:?}").contains("07, 07"), "{key:?}");
    }

    #[test]
    fn a_public_key_has_one_spelling_and_is_no_point_of_small_order() {
        let key = ApproverKey::generate([7; 40]).public().to_string();
        assert_eq!(key.parse::<PublicKey>().unwrap().to_string(), key);
        let zero = format!("ed25519:{}", BASE64.encode(&[0; 32]));
        // The neutral element: its signatures verify whatever was signed.
        let mut neutral = [0; 32];
        neutral[0] = 1;
        let neutral = format!("ed25519:{}", BASE64.encode(&neutral));
        for other in [&key[8..], &key.to_uppercase(), &key[..51], &format!("{key} "), &zero, &neutral, "ed25519:", ""] {
            assert!(other.parse::<PublicKey>().is_err(), "{other}");
        }
    }
}
