//! What can go wrong with a ledger, in one sentence each, and what to do about it.

use std::io;
use std::path::PathBuf;

use super::check::Problem;
use super::sequence::Violation;

/// Why a ledger could not be opened, checked or appended to. No variant carries a value from a record.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// There is no file of this name.
    #[error("there is no ledger at `{path}`")]
    Missing {
        /// The ledger.
        path: PathBuf,
    },
    /// The file has no bytes. A ledger is created with its first entry in it, so somebody emptied it.
    #[error("the ledger `{path}` is empty")]
    Empty {
        /// The ledger.
        path: PathBuf,
    },
    /// A directory, pipe or device of this name.
    #[error("`{path}` is not a file, so it can not be a ledger")]
    NotAFile {
        /// What should have been the ledger.
        path: PathBuf,
    },
    /// No line in the file is a ledger entry.
    #[error("`{path}` is not a ledger: no line in it is a ledger entry")]
    NotALedger {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be read.
    #[error("the ledger `{path}` can not be read")]
    Unreadable {
        /// The ledger.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The file can be read, and not be opened for writing.
    #[error("the ledger `{path}` can be read, but not be written")]
    NotWritable {
        /// The ledger.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The folder or the file could not be created.
    #[error("the ledger `{path}` can not be created")]
    NotCreated {
        /// The ledger.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// Another process, or another part of this one, has the ledger open.
    #[error("the ledger `{path}` is in use by another run")]
    InUse {
        /// The ledger.
        path: PathBuf,
    },
    /// The file could not be locked for another reason than being in use.
    #[error("the ledger `{path}` can not be locked")]
    NotLocked {
        /// The ledger.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The ledger belongs to another keyring.
    #[error("the ledger `{path}` belongs to keyring `{found}`, not to `{expected}`")]
    ForeignKeyring {
        /// The ledger.
        path: PathBuf,
        /// The keyring that it names.
        found: String,
        /// The keyring at hand.
        expected: String,
    },
    /// The ledger belongs to another store.
    #[error("the ledger `{path}` belongs to store `{found}`, not to `{expected}`")]
    ForeignStore {
        /// The ledger.
        path: PathBuf,
        /// The store that it names.
        found: String,
        /// The store at hand.
        expected: String,
    },
    /// The first entry does not verify with this key.
    #[error("the first entry of the ledger `{path}` does not verify: it was changed, or the key is another one")]
    ForeignKey {
        /// The ledger.
        path: PathBuf,
    },
    /// An entry is not what it should be.
    #[error("the ledger `{path}` is not intact at entry {entry}, line {line}: {problem}")]
    Broken {
        /// The ledger.
        path: PathBuf,
        /// The number of the entry, from 0.
        entry: u64,
        /// The line in the file, from 1.
        line: u64,
        /// What is wrong.
        problem: Problem,
    },
    /// The record can not follow what stands before it; nothing was written.
    #[error("the record does not fit into the ledger: {0}")]
    OutOfSequence(#[from] Violation),
    /// The entry would be longer than a reader accepts; nothing was written.
    #[error("the record is too long for a ledger entry ({bytes} bytes, {limit} allowed)")]
    TooLong {
        /// The length of the line in bytes.
        bytes: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The record could not be written as JSON; nothing was written.
    #[error("the record can not be written as JSON")]
    NotJson(#[source] serde_json::Error),
    /// The file grew or shrank while it was open here; nothing was written.
    #[error("the ledger `{path}` was changed by somebody else: {found} bytes instead of {expected}")]
    ChangedMeanwhile {
        /// The ledger.
        path: PathBuf,
        /// The length that this writer left, in bytes.
        expected: u64,
        /// The length now, in bytes.
        found: u64,
    },
    /// The entry could not be written; the ledger is as it was before.
    #[error("the entry could not be written to `{path}`; the ledger was put back to what it was before")]
    NotAppended {
        /// The ledger.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The entry could not be written, and its beginning could not be removed. Nothing more is appended.
    #[error("the entry could not be written to `{path}`, and what was written of it could not be removed")]
    NotPutBack {
        /// The ledger.
        path: PathBuf,
        /// The operating system's reason for the first failure.
        source: io::Error,
    },
    /// An earlier failure left the end of the file in an unknown state.
    #[error("the ledger `{path}` takes no more entries after an earlier failure")]
    Closed {
        /// The ledger.
        path: PathBuf,
    },
}

impl LedgerError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "check the ledger folder in the configuration; if the file was lost, restore it from its own backup",
            Self::Empty { .. } => "restore the file from its backup; remove it only if nothing was ever erased under it",
            Self::NotAFile { .. } => "name the folder in which the ledger lies, and move away what stands in its place",
            Self::NotALedger { .. } => "restore the file from its backup, or name the right folder",
            Self::Unreadable { .. } => "check that the file belongs to the user who runs gallra, and that its disk is sound",
            Self::NotWritable { .. } => "let the user who runs gallra write the file, and see that its disk is not mounted read-only",
            Self::NotCreated { .. } => "check that the folder is on a disk with space and may be written by this user",
            Self::InUse { .. } => "wait for the other run to end; only one may write at a time",
            Self::NotLocked { .. } => "keep the ledger on a local disk, or on a network disk that supports file locks",
            Self::ForeignKeyring { .. } => "use the keyring that the ledger names, or another ledger folder",
            Self::ForeignStore { .. } => "use one ledger folder per store",
            Self::ForeignKey { .. } => "use the keyring under which the ledger was created, or restore the ledger",
            Self::Broken { .. } => "run the ledger check for all findings, then restore the ledger from its backup",
            Self::OutOfSequence(_) => "this is a mistake in gallra; nothing was written, please report it",
            Self::TooLong { .. } => "use a smaller batch size",
            Self::NotJson(_) => "this is a mistake in gallra; nothing was written, please report it",
            Self::ChangedMeanwhile { .. } => "find out what else writes to the file, then check the ledger",
            Self::NotAppended { .. } => "free space on the disk and run again",
            Self::NotPutBack { .. } | Self::Closed { .. } => {
                "repair the disk and run again; the half-made entry is dropped when the ledger is opened"
            }
        }
    }
}
