//! What can be wrong with a keyring or a token, one sentence each.

use std::path::PathBuf;

use thiserror::Error;

/// A failure to create, open or use a keyring, or to read a token.
///
/// No variant carries any content of the keyring: the file is secret from its first byte to its
/// last, so a position is all that an error may tell.
#[derive(Debug, Error)]
pub enum KeysError {
    /// Nothing exists at the path.
    #[error("keyring `{path}` does not exist")]
    Missing {
        /// The path as given.
        path: PathBuf,
    },
    /// The path is a folder, a device, a socket or a pipe.
    #[error("keyring `{path}` is not a regular file")]
    NotAFile {
        /// The path as given.
        path: PathBuf,
    },
    /// Others than the owner may read, write or execute the file.
    #[error("keyring `{path}` is open to others than its owner (mode `{mode:04o}`)")]
    OpenToOthers {
        /// The path as given.
        path: PathBuf,
        /// The permission bits found.
        mode: u32,
    },
    /// The file holds nothing but blanks.
    #[error("keyring `{path}` is empty")]
    Empty {
        /// The path as given.
        path: PathBuf,
    },
    /// The file is not the JSON document that a keyring is.
    #[error("keyring `{path}` is corrupt at line {line}, column {column}")]
    Corrupt {
        /// The path as given.
        path: PathBuf,
        /// Line of the first fault, from 1; 0 when the fault has no position.
        line: usize,
        /// Column of the first fault.
        column: usize,
    },
    /// The document is well-formed, but names another format than this version reads.
    #[error("keyring `{path}` is not of format `gallra-keyring-1`")]
    ForeignFormat {
        /// The path as given.
        path: PathBuf,
    },
    /// A field of the document has an impossible value.
    #[error("keyring `{path}` has an invalid `{field}`")]
    InvalidField {
        /// The path as given.
        path: PathBuf,
        /// The field's name.
        field: &'static str,
    },
    /// A master key is not 32 bytes long.
    #[error("keyring `{path}` has a master key of {found} bytes in epoch {epoch}, 32 are needed")]
    WrongKeyLength {
        /// The path as given.
        path: PathBuf,
        /// The epoch's number.
        epoch: u32,
        /// The length found, in bytes.
        found: usize,
    },
    /// The list of epochs is empty.
    #[error("keyring `{path}` has no epoch")]
    NoEpoch {
        /// The path as given.
        path: PathBuf,
    },
    /// Two epochs carry one number, so that a pseudonym's key would be a matter of luck.
    #[error("keyring `{path}` has epoch {epoch} twice")]
    DuplicateEpoch {
        /// The path as given.
        path: PathBuf,
        /// The number that occurs twice.
        epoch: u32,
    },
    /// Something exists where a new keyring should be created.
    #[error("keyring `{path}` exists already")]
    AlreadyExists {
        /// The path as given.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("cannot {action} keyring `{path}`")]
    Io {
        /// What was attempted: a verb.
        action: &'static str,
        /// The path as given.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A key was asked for from an epoch that the keyring lacks.
    #[error("keyring `{id}` has no epoch {epoch}")]
    UnknownEpoch {
        /// The keyring's identifier.
        id: String,
        /// The epoch asked for.
        epoch: u32,
    },
    /// The key derivation refused; it does so only for outputs of more than 8,160 bytes.
    #[error("keyring `{id}` could not derive a key")]
    Derivation {
        /// The keyring's identifier.
        id: String,
    },
    /// A text is not a token. The text itself is left out: it could be anything.
    #[error("a token is 32 lower-case hexadecimal digits, {found} characters were given")]
    InvalidToken {
        /// Number of characters given.
        found: usize,
    },
}

impl KeysError {
    /// What the reader may do about it, if there is something to do.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        const RESTORE: &str = "restore the keyring from its backup; with a new keyring every \
                               pseudonym changes and the ledger is no longer recognised";
        match self {
            Self::Missing { .. } => Some(format!("check the path; if a keyring was ever in use, {RESTORE}")),
            Self::NotAFile { .. } => Some("name the keyring file itself".to_owned()),
            Self::OpenToOthers { path, .. } => Some(format!("run `chmod 600 {}`, and consider who may have read it", path.display())),
            Self::Empty { .. }
            | Self::Corrupt { .. }
            | Self::InvalidField { .. }
            | Self::WrongKeyLength { .. }
            | Self::NoEpoch { .. }
            | Self::DuplicateEpoch { .. }
            | Self::UnknownEpoch { .. } => Some(RESTORE.to_owned()),
            Self::ForeignFormat { .. } => Some("check the path; a newer version of gallra may have written the file".to_owned()),
            Self::AlreadyExists { .. } => Some("a keyring is never overwritten: use the existing one or choose another path".to_owned()),
            Self::Io { .. } | Self::Derivation { .. } | Self::InvalidToken { .. } => None,
        }
    }
}
