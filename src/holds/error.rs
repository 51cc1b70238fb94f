//! What can be wrong with the register of holds, in one sentence each, and what to do about it.

use std::io;
use std::path::PathBuf;

use crate::ledger::HoldId;

/// Why the register of holds can not be used. No variant carries what somebody typed into it.
#[derive(Debug, thiserror::Error)]
pub enum HoldsError {
    /// The file can not be read.
    #[error("the register of holds `{path}` can not be read")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// A folder, pipe or device of this name.
    #[error("`{path}` is not a file, so it can not be the register of holds")]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The file is no register.
    #[error("`{path}` is not a register of holds: line {line}, column {column} is not as gallra writes it")]
    NotARegister {
        /// The file.
        path: PathBuf,
        /// Where reading stopped, from 1.
        line: usize,
        /// Where reading stopped, from 1.
        column: usize,
    },
    /// A register of another version.
    #[error("the register of holds `{path}` has a format that this version of gallra does not know")]
    ForeignFormat {
        /// The file.
        path: PathBuf,
    },
    /// The register belongs to another keyring.
    #[error("the register of holds `{path}` belongs to keyring `{found}`, not to `{expected}`")]
    ForeignKeyring {
        /// The file.
        path: PathBuf,
        /// The keyring that it names.
        found: String,
        /// The keyring at hand.
        expected: String,
    },
    /// The register belongs to another store.
    #[error("the register of holds `{path}` belongs to ledger `{found}`, not to this store's `{expected}`")]
    ForeignLedger {
        /// The file.
        path: PathBuf,
        /// The ledger that it names.
        found: String,
        /// The ledger at hand.
        expected: String,
    },
    /// The MAC does not cover what stands in the file.
    #[error("the register of holds `{path}` was changed by somebody else than gallra")]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// There is no file, but the ledger knows of holds.
    #[error("the register of holds `{path}` is missing, and the ledger knows of {} in it", counted(*.holds))]
    Missing {
        /// Where it should be.
        path: PathBuf,
        /// How many holds the ledger knows.
        holds: usize,
    },
    /// The file does not have a hold that is known.
    #[error("the register of holds `{path}` lacks the hold {hold}, which the ledger knows")]
    Lacks {
        /// The file.
        path: PathBuf,
        /// The hold.
        hold: HoldId,
    },
    /// The file has a hold otherwise than it is known.
    #[error("the register of holds `{path}` and the ledger disagree about the hold {hold}")]
    Disagrees {
        /// The file.
        path: PathBuf,
        /// The hold.
        hold: HoldId,
    },
    /// Somebody else is changing it.
    #[error("the register of holds `{path}` is being changed by somebody else")]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// It could not be written; it is as it was before.
    #[error("the register of holds `{path}` can not be written; it is as it was before")]
    NotWritten {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// A hold names a category that the pipeline does not have.
    #[error("the hold {hold} is on the category `{category}`, which the pipeline does not have")]
    UnknownCategory {
        /// The hold.
        hold: HoldId,
        /// The category.
        category: String,
    },
    /// A hold names a column that the pipeline does not have.
    #[error("the hold {hold} keeps `{field}`, which the pipeline does not have")]
    UnknownField {
        /// The hold.
        hold: HoldId,
        /// The column, with its table.
        field: String,
    },
}

fn counted(holds: usize) -> String {
    if holds == 1 { "1 hold".to_owned() } else { format!("{holds} holds") }
}

impl HoldsError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        const BRING_BACK: &str = "bring the latest copy of the file back; a hold ends by `gallra hold release` and never by taking it out. \
                                  Without a copy, `gallra hold rebuild` makes the register anew from the ledger";
        match self {
            Self::Unreadable { .. } => {
                "check that the file belongs to the user who runs gallra; nobody is forgotten while it can not be read"
            }
            Self::NotAFile { .. } => "name the register's file as `holds` in `[controller]`, and move away what stands in its place",
            Self::ForeignFormat { .. } => "check the path; a newer version of gallra may have written the file",
            Self::ForeignKeyring { .. } => "use the keyring that the register names, or the register that belongs to this keyring",
            Self::ForeignLedger { .. } => "give each pipeline a register of its own: `holds` in `[controller]`",
            Self::NotARegister { .. } | Self::Changed { .. } | Self::Missing { .. } | Self::Lacks { .. } | Self::Disagrees { .. } => {
                BRING_BACK
            }
            Self::InUse { .. } => "try again when the other command has ended",
            Self::NotWritten { .. } => "check that the folder is on a disk with space and may be written by this user",
            Self::UnknownCategory { .. } => {
                "if it was renamed, add the hold under the new name and release the old one; else release the hold"
            }
            Self::UnknownField { .. } => "if it was renamed, add a hold on the new column and release the old one; else release the hold",
        }
    }
}
