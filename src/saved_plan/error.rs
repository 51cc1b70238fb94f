//! Why a saved plan is refused, one sentence each.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;

/// The part of a plan that is not as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Blanks, the order of its parts, or how something is spelled.
    Spelling,
    /// The header, or its MAC.
    Header,
    /// The body, or what the header says of it.
    Body,
    /// An approval: its key, its time or its signature.
    Approvals,
}

impl std::fmt::Display for Part {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Spelling => "it is not spelled as gallra spells a plan",
            Self::Header => "its header does not fit its code",
            Self::Body => "its erasures do not fit its header",
            Self::Approvals => "an approval's signature does not fit",
        })
    }
}

/// A saved plan that can not be written, approved or executed.
#[derive(Debug, thiserror::Error)]
pub enum SavedPlanError {
    /// The system refused.
    #[error("can not {doing} the plan `{path}`: {reason}")]
    Io {
        /// A verb.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Something has the name that a plan should get.
    #[error("`{path}` exists already, and a saved plan is never overwritten")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// No plan at all, or half of one.
    #[error("`{path}` is not a saved plan: it can not be read from line {line}, column {column}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// A plan of another format.
    #[error("the plan `{path}` is not of format `gallra-plan-1`")]
    ForeignFormat {
        /// The file.
        path: PathBuf,
    },
    /// Somebody changed the file.
    #[error("the plan `{path}` was changed after it was saved: {part}")]
    Edited {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        part: Part,
    },
    /// Sealed under another keyring.
    #[error("the plan `{path}` was made with another keyring")]
    OtherKeyring {
        /// The file.
        path: PathBuf,
    },
    /// Decided by another version.
    #[error("the plan `{path}` was made by gallra {version}, and this is gallra {}", env!("CARGO_PKG_VERSION"))]
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// As the plan says.
        version: String,
    },
    /// What the plan rests on is not what it was.
    #[error("the {what} changed after the plan `{path}` was saved")]
    Changed {
        /// The file.
        path: PathBuf,
        /// What.
        what: &'static str,
    },
    /// Of somebody else's data.
    #[error("the plan `{path}` is another controller's")]
    OtherController {
        /// The file.
        path: PathBuf,
    },
    /// For a day that has not come.
    #[error("the plan `{path}` is for {day}, which is after today, {today}")]
    Ahead {
        /// The file.
        path: PathBuf,
        /// The plan's.
        day: Date,
        /// The tenant's today.
        today: Date,
    },
    /// Saved later than now.
    #[error("the plan `{path}` was saved at {created}, which is still to come by this machine's clock")]
    FromTheFuture {
        /// The file.
        path: PathBuf,
        /// When it was saved.
        created: Timestamp,
    },
    /// Older than allowed.
    #[error("the plan `{path}` is {hours} hours old, and `max_age_hours` is {limit}")]
    TooOld {
        /// The file.
        path: PathBuf,
        /// Its age.
        hours: u64,
        /// As the pipeline says.
        limit: u64,
    },
    /// Too few have approved.
    #[error("the plan `{path}` is not approved: {valid} of {wanted} approvals{}", by_others(.unlisted))]
    NotApproved {
        /// The file.
        path: PathBuf,
        /// Approvals that count.
        valid: usize,
        /// Approvals that are asked for.
        wanted: usize,
        /// Approvals by keys that the pipeline does not name.
        unlisted: usize,
    },
    /// The key has approved before.
    #[error("this key has approved the plan `{path}` already")]
    ApprovedAlready {
        /// The file.
        path: PathBuf,
    },
    /// The pipeline does not name the key.
    #[error("this key's approval would not count: `approvers` does not name it")]
    NotAnApprover {
        /// The public key.
        key: String,
    },
    /// A run without a plan, where approval is required.
    #[error("a run needs an approved plan: the pipeline says `[approval] required = true`")]
    Required,
}

fn by_others(count: &usize) -> String {
    match count {
        0 => String::new(),
        1 => ", and 1 by a key that `approvers` does not name".to_owned(),
        count => format!(", and {count} by keys that `approvers` does not name"),
    }
}

impl SavedPlanError {
    pub(super) fn io(doing: &'static str, path: &Path, error: &std::io::Error) -> Self {
        Self::Io { doing, path: path.to_owned(), reason: crate::pipeline::source::reason_of(error) }
    }

    /// Whether the system refused, and not gallra.
    #[must_use]
    pub fn is_io(&self) -> bool {
        matches!(self, Self::Io { .. })
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        const AGAIN: &str = "make a new plan: `gallra plan --save FILE`";
        match self {
            Self::Io { .. } => None,
            Self::Exists { .. } => Some("choose another name, such as one with the day in it, or remove the file".into()),
            Self::Malformed { .. } => Some(format!("name the file that `gallra plan --save` wrote, or {AGAIN}")),
            Self::ForeignFormat { .. } => Some(format!("a newer version of gallra may have written it; with this one, {AGAIN}")),
            Self::Edited { .. } => Some(format!("no byte of a plan may change, not even a blank: bring the file back as it was, or {AGAIN}")),
            Self::OtherKeyring { .. } | Self::OtherController { .. } => Some("name the pipeline that the plan was made with".into()),
            Self::OtherVersion { .. } | Self::Changed { .. } | Self::TooOld { .. } => Some(AGAIN.into()),
            Self::Ahead { day, .. } => Some(format!("run it on {day}, or make a plan for today")),
            Self::FromTheFuture { .. } => Some("set this machine's clock, or that of the machine that made the plan".into()),
            Self::NotApproved { path, .. } => {
                Some(format!("an approver of the pipeline runs `gallra approve {} --key FILE`", path.display()))
            }
            Self::ApprovedAlready { .. } => Some("one approver counts once; another one has to approve with a key of their own".into()),
            Self::NotAnApprover { key } => Some(format!("add it to `[approval] approvers` and make a new plan: `key = \"{key}\"`")),
            Self::Required => Some(
                "`gallra plan --save plan.json`, then an approver's `gallra approve plan.json --key FILE`, then `gallra run --plan plan.json`"
                    .into(),
            ),
        }
    }
}
