//! What can stop a command: one sentence, a hint on its own line, an exit code.

use crate::decide::days::DecideError;
use crate::holds::{HoldsError, MatchError};
use crate::keys::KeysError;
use crate::keys::approver::ApproverKeyError;
use crate::ledger::LedgerError;
use crate::passes::PassError;
use crate::publish::{BucketError, PublishError};
use crate::saved_plan::SavedPlanError;
use crate::snapshot::read::ReadError;
use crate::store::StoreError;
use crate::write_back::WriteError;

/// Done; skipped rows included, until they are older than a set number of days.
pub const DONE: u8 = 0;
/// Finished, but needs a look.
pub const NEEDS_A_LOOK: u8 = 1;
/// Wrong usage or pipeline.
pub const WRONG_PIPELINE: u8 = 2;
/// Failed, or verification has findings.
pub const FAILED: u8 = 3;

/// Why a command stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Problems of the pipeline file, already drawn with file, line and caret.
    #[error("the pipeline `{path}` has {count} {}", if *.count == 1 { "problem" } else { "problems" })]
    Pipeline {
        /// The file.
        path: String,
        /// How many.
        count: usize,
        /// All of them, as text for people.
        drawn: String,
        /// For machines: (line, message, hint).
        list: Vec<(Option<usize>, String, Option<String>)>,
    },
    /// The pipeline file can not be read.
    #[error(transparent)]
    Unreadable(#[from] crate::pipeline::source::Unreadable),
    /// Wrong usage.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// An unusually large share would be forgotten.
    #[error("the brake stopped the run before it wrote anything: {reasons}")]
    Brake {
        /// Per tenant and category, how many of how many.
        reasons: String,
        /// The number to confirm.
        count: u64,
    },
    /// The confirmed number is not the number.
    #[error("`--confirm {given}` does not fit: {count} subjects would be forgotten")]
    Confirm {
        /// As given.
        given: u64,
        /// As planned.
        count: u64,
    },
    /// The store was restored from a backup, or its ledger is not its own.
    #[error("{message}")]
    Ledgerless {
        /// What was found.
        message: String,
        /// What to do.
        hint: String,
    },
    /// The keyring.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Reading the snapshot.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Deciding.
    #[error(transparent)]
    Decide(#[from] DecideError),
    /// Treating.
    #[error(transparent)]
    Pass(#[from] PassError),
    /// Publishing.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// Writing back.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Writing back, where a trigger of the store held rows back.
    #[error(transparent)]
    HeldBack(HeldBack),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The register of legal holds.
    #[error(transparent)]
    Holds(#[from] HoldsError),
    /// A saved plan.
    #[error(transparent)]
    SavedPlan(#[from] SavedPlanError),
    /// An approver's key.
    #[error(transparent)]
    ApproverKey(#[from] ApproverKeyError),
    /// A file beside the pipeline.
    #[error("can not {doing} `{path}`: {reason}")]
    File {
        /// What was being done: `read`, `write`.
        doing: &'static str,
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
}

/// Rows that a trigger held back, and the triggers of the table that can.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub struct HeldBack {
    /// What write-back says.
    pub source: WriteError,
    /// By name, ready to be shown.
    pub triggers: Vec<String>,
}

impl Error {
    /// The process's exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Pipeline { .. } | Self::Unreadable(_) | Self::Usage { .. } | Self::Confirm { .. } => WRONG_PIPELINE,
            Self::SavedPlan(error) if !error.is_io() => WRONG_PIPELINE,
            Self::Keys(error) if error.is_usage() => WRONG_PIPELINE,
            Self::ApproverKey(ApproverKeyError::AlreadyExists { .. }) => WRONG_PIPELINE,
            // The environment is the caller's, as the file is.
            Self::Publish(PublishError::Bucket(BucketError::Settings { .. })) => WRONG_PIPELINE,
            _ => FAILED,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Usage { hint, .. } => hint.clone(),
            Self::Unreadable(_) => Some("name the pipeline file: `gallra plan fortnox.toml`, or set GALLRA_PIPELINE".into()),
            Self::Brake { count, .. } => Some(format!("look at `gallra plan`; if it is right, repeat the run with `--confirm {count}`")),
            Self::Confirm { count, .. } => Some(format!("look at `gallra plan` again; to go on, say `--confirm {count}`")),
            Self::Ledgerless { hint, .. } => Some(hint.clone()),
            Self::Keys(error) => error.hint(),
            Self::SavedPlan(error) => error.hint(),
            Self::ApproverKey(error) => error.hint(),
            Self::Store(error) | Self::Read(ReadError::Store(error)) | Self::Write(WriteError::Store(error)) => error.hint(),
            Self::Pass(error) | Self::Write(WriteError::Pass(error)) => error.hint(),
            Self::Publish(error) => error.hint(),
            Self::Ledger(error) | Self::Write(WriteError::Ledger(error)) => Some(error.hint().to_owned()),
            Self::Holds(error) | Self::Write(WriteError::Holds(error)) => Some(error.hint().to_owned()),
            Self::Write(WriteError::Money { .. } | WriteError::Deletions { .. }) => {
                Some("a trigger may have changed what the run wrote; look at the table's triggers".into())
            }
            Self::HeldBack(HeldBack { triggers, .. }) if !triggers.is_empty() => Some(format!(
                "one of its triggers does: {}; a BEFORE trigger that returns NULL holds the row back, and one that lets it pass returns NEW",
                triggers.join(", ")
            )),
            Self::HeldBack(_) | Self::Write(WriteError::Updates { .. }) => {
                Some("look at the table's triggers: one BEFORE UPDATE that returns NULL holds the row back".into())
            }
            _ => None,
        }
    }

    /// A short code for the ledger.
    pub fn class(&self) -> &'static str {
        match self {
            Self::Pipeline { .. } | Self::Unreadable(_) => "pipeline",
            Self::Usage { .. } | Self::Confirm { .. } => "usage",
            Self::Brake { .. } => "brake",
            Self::Ledgerless { .. } | Self::Ledger(_) => "ledger",
            Self::Keys(_) | Self::ApproverKey(_) => "keys",
            Self::SavedPlan(_) => "saved_plan",
            Self::Store(_) | Self::Read(_) => "store",
            Self::Decide(_) => "decide",
            Self::Pass(_) => "pass",
            Self::Publish(_) => "publish",
            Self::Holds(_) | Self::Write(WriteError::Holds(_)) => "holds",
            Self::Write(WriteError::Money { .. }) => "money",
            Self::Write(_) | Self::HeldBack(_) => "write",
            Self::File { .. } => "file",
        }
    }

    /// An I/O error on a file beside the pipeline.
    pub fn file(doing: &'static str, path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::File { doing, path: path.display().to_string(), reason: crate::pipeline::source::reason_of(error) }
    }
}

impl From<MatchError> for Error {
    fn from(error: MatchError) -> Self {
        match error {
            MatchError::Holds(error) => Self::Holds(error),
            MatchError::Pass(error) => Self::Pass(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_went_away_is_said_once_to_be_run_again() {
        let lost = |hint: Option<&str>| {
            let (store, doing, reason) = ("shop".into(), "reading".into(), "it went away".into());
            Error::Store(StoreError::Lost { store, doing, reason, hint: hint.map(str::to_owned) }).hint().unwrap()
        };
        for hint in [None, Some("look into the server's log"), Some("run again when it is up")] {
            let hint = lost(hint);
            assert_eq!(hint.matches("run again").count(), 1, "{hint}");
        }
    }
}
