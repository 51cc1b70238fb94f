//! What can be wrong with a keyring or a token, one sentence each.

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use thiserror::Error;

/// Where a keyring was looked for, as errors name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A file.
    File(PathBuf),
    /// An environment variable, by its name.
    Variable(String),
    /// What a command prints, by its program alone: arguments may hold anything.
    Command(String),
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(formatter, "keyring `{}`", path.display()),
            Self::Variable(name) => write!(formatter, "the keyring in the environment variable `{name}`"),
            Self::Command(program) => write!(formatter, "the keyring that the command `{program}` prints"),
        }
    }
}

/// A failure to create, open or use a keyring, or to read a token.
///
/// No variant carries any content of the keyring: it is secret from its first byte to its last, so
/// a position is all that an error may tell. Nor is anything told of what a command says on its
/// standard error.
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
    /// There is nothing but blanks.
    #[error("{place} is empty")]
    Empty {
        /// Where it was looked for.
        place: Place,
    },
    /// It is not the JSON document that a keyring is.
    #[error("{place} is corrupt at line {line}, column {column}")]
    Corrupt {
        /// Where it was looked for.
        place: Place,
        /// Line of the first fault, from 1; 0 when the fault has no position.
        line: usize,
        /// Column of the first fault.
        column: usize,
    },
    /// The document is well-formed, but names another format than this version reads.
    #[error("{place} is of neither format `gallra-keyring-2` nor `gallra-keyring-1`")]
    ForeignFormat {
        /// Where it was looked for.
        place: Place,
    },
    /// A field of the document has an impossible value.
    #[error("{place} has an invalid `{field}`")]
    InvalidField {
        /// Where it was looked for.
        place: Place,
        /// The field's name.
        field: &'static str,
    },
    /// A master key is not 32 bytes long.
    #[error("{place} has a master key of {found} bytes in epoch {epoch}, 32 are needed")]
    WrongKeyLength {
        /// Where it was looked for.
        place: Place,
        /// The epoch's number.
        epoch: u32,
        /// The length found, in bytes.
        found: usize,
    },
    /// The list of epochs is empty.
    #[error("{place} has no epoch")]
    NoEpoch {
        /// Where it was looked for.
        place: Place,
    },
    /// Two epochs carry one number, so that a pseudonym's key would be a matter of luck.
    #[error("{place} has epoch {epoch} twice")]
    DuplicateEpoch {
        /// Where it was looked for.
        place: Place,
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
    /// Somebody else is changing the file at this moment.
    #[error("keyring `{path}` is being changed by somebody else")]
    InUse {
        /// The path as given.
        path: PathBuf,
    },
    /// Somebody else changed the file between looking at it and changing it.
    #[error("keyring `{path}` was changed by somebody else meanwhile; nothing was changed")]
    ChangedMeanwhile {
        /// The path as given.
        path: PathBuf,
    },
    /// The environment variable that should hold the keyring does not exist.
    #[error("the environment variable `{name}`, which should hold the keyring, is not set")]
    VariableMissing {
        /// Its name.
        name: String,
    },
    /// The program of the command does not exist.
    #[error("the command `{program}`, which should print the keyring, does not exist")]
    CommandMissing {
        /// The program.
        program: String,
    },
    /// The system does not start the command.
    #[error("the command `{program}`, which should print the keyring, can not be started")]
    CommandNotStarted {
        /// The program.
        program: String,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The command says that it failed.
    #[error("the command `{program}`, which should print the keyring, failed ({status})")]
    CommandFailed {
        /// The program.
        program: String,
        /// How it ended.
        status: std::process::ExitStatus,
    },
    /// The command does not come to its end.
    #[error("the command `{program}`, which should print the keyring, had not ended after {seconds} seconds and was stopped")]
    CommandTooSlow {
        /// The program.
        program: String,
        /// How long was waited.
        seconds: u64,
    },
    /// The command prints far more than a keyring has.
    #[error("the command `{program}` printed more than {limit} bytes, which no keyring has")]
    CommandTooLong {
        /// The program.
        program: String,
        /// The most that is read.
        limit: usize,
    },
    /// A keyring can not be put where it comes from.
    #[error("{place} can not be changed in its place")]
    NotInPlace {
        /// Where it comes from.
        place: Place,
    },
    /// A key was asked for from an epoch that was shredded.
    #[error("epoch {epoch} of keyring `{id}` was shredded at {shredded}: its keys do not exist any more")]
    Shredded {
        /// The keyring's identifier.
        id: String,
        /// The epoch asked for.
        epoch: u32,
        /// When its master key was destroyed.
        shredded: Timestamp,
    },
    /// The ledger says that a key is destroyed, and the keyring in use has it.
    #[error("keyring `{id}` has the key of epoch {epoch}, which the ledger says was shredded at {shredded}")]
    CameBack {
        /// The keyring's identifier.
        id: String,
        /// The epoch.
        epoch: u32,
        /// When its master key was destroyed.
        shredded: Timestamp,
        /// Whether it is the keyring's current one, which can not be shredded.
        current: bool,
    },
    /// The ledger knows epochs that were begun after the keyring's last: an older copy was put back.
    #[error("keyring `{id}` ends with epoch {current}, and the ledger knows epoch {known}: it is an older copy")]
    Older {
        /// The keyring's identifier.
        id: String,
        /// The keyring's last epoch.
        current: u32,
        /// The ledger's.
        known: u32,
    },
    /// Runs published under this number with another key: in an older copy an epoch was begun a second time.
    #[error("keyring `{id}` has another key of epoch {epoch} than the one under which the ledger's runs published")]
    AnotherKey {
        /// The keyring's identifier.
        id: String,
        /// The epoch.
        epoch: u32,
        /// Whether it is the keyring's current one, under which a run would publish.
        current: bool,
    },
    /// The current epoch is in use.
    #[error("epoch {epoch} of keyring `{id}` is the current one and can not be shredded")]
    CurrentEpoch {
        /// The keyring's identifier.
        id: String,
        /// The epoch.
        epoch: u32,
    },
    /// The epoch has one master key with the ledger, as in every keyring of the first format.
    #[error("epoch {epoch} of keyring `{id}` can not be shredded: the ledger and the journal rest on the same secret")]
    SharedEpoch {
        /// The keyring's identifier.
        id: String,
        /// The epoch.
        epoch: u32,
    },
    /// There are as many epochs as a number can count.
    #[error("keyring `{id}` can not have more epochs")]
    TooManyEpochs {
        /// The keyring's identifier.
        id: String,
    },
    /// A key was asked for from an epoch that the keyring lacks.
    #[error("keyring `{id}` has no epoch {epoch}")]
    UnknownEpoch {
        /// The keyring's identifier.
        id: String,
        /// The epoch asked for.
        epoch: u32,
        /// Those that it has, by ascending number.
        known: Vec<u32>,
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
    /// Whether it is the command that asks for what can not be, so that another command is to be typed.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::UnknownEpoch { .. }
                | Self::CurrentEpoch { .. }
                | Self::SharedEpoch { .. }
                | Self::NotInPlace { .. }
                | Self::AlreadyExists { .. }
        )
    }

    /// What the reader may do about it, if there is something to do.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        const RESTORE: &str = "restore the keyring from its backup; with a new keyring every \
                               pseudonym changes and the ledger is no longer recognised";
        const LOST: &str = "if that is lost for good, `gallra keys rotate PIPELINE` begins an epoch that the ledger does \
                            not know; sets of a lost key join with nothing new, and its end can not be certified";
        const WHOLE: &str = "it must be the whole text of a keyring file, and nothing else";
        match self {
            Self::Missing { .. } => Some(format!("check the path; if a keyring was ever in use, {RESTORE}")),
            Self::NotAFile { .. } => Some("name the keyring file itself".to_owned()),
            Self::OpenToOthers { path, .. } => Some(format!("run `chmod 600 {}`, and consider who may have read it", path.display())),
            Self::Empty { place }
            | Self::Corrupt { place, .. }
            | Self::InvalidField { place, .. }
            | Self::WrongKeyLength { place, .. }
            | Self::NoEpoch { place }
            | Self::DuplicateEpoch { place, .. } => Some(match place {
                Place::File(_) => RESTORE.to_owned(),
                Place::Variable(name) => format!("look at what is put into `{name}`: {WHOLE}"),
                Place::Command(_) => format!("run the command by hand and look at what it prints: {WHOLE}"),
            }),
            Self::UnknownEpoch { known, .. } => {
                let (noun, numbers) = listed(known);
                Some(format!("it has the {noun} {numbers}; `gallra keys list` shows since when"))
            }
            Self::CameBack { epoch, current: false, .. } => Some(format!(
                "an older copy came back: put the newest keyring in its place; if that is lost for good, \
                 `gallra keys shred PIPELINE {epoch} --yes` destroys the key again"
            )),
            Self::CameBack { epoch, current: true, .. } => Some(format!(
                "an older copy came back: put the newest keyring in its place; if that is lost for good, `gallra keys rotate PIPELINE` \
                 begins an epoch that the ledger does not know yet, and then `gallra keys shred PIPELINE {epoch} --yes` destroys the key again"
            )),
            Self::Older { known, .. } => Some(format!("put back the newest copy, which has epoch {known}; {LOST}")),
            Self::AnotherKey { epoch, current: true, .. } => {
                Some(format!("put back the copy whose epoch {epoch} the ledger knows; {LOST}"))
            }
            Self::AnotherKey { epoch, current: false, .. } => Some(format!(
                "only the copy whose epoch {epoch} the ledger knows has the key that can be shredded; nothing was published under this one"
            )),
            Self::ForeignFormat { .. } => Some("check where it comes from; a newer version of gallra may have written it".to_owned()),
            Self::AlreadyExists { .. } => Some("a keyring is never overwritten: use the existing one or choose another path".to_owned()),
            Self::InUse { .. } | Self::ChangedMeanwhile { .. } => {
                Some("look at `gallra keys list`, and repeat the command if its change is not there".to_owned())
            }
            Self::VariableMissing { name } => Some(format!("set `{name}` to the text of the keyring; if one was ever in use, {RESTORE}")),
            Self::CommandMissing { .. } => {
                Some("install it, or name its whole path; it is started directly, so that no shell finds aliases or functions".to_owned())
            }
            Self::CommandNotStarted { .. } => Some("check that it is a program which this user may execute".to_owned()),
            Self::CommandFailed { .. } => Some(
                "run it by hand in the pipeline file's folder; what it says of its failure is not shown here, as it could be anything"
                    .to_owned(),
            ),
            Self::CommandTooSlow { .. } => Some("it must not wait for anybody: it has no terminal and no input".to_owned()),
            Self::CommandTooLong { .. } => Some(format!("run it by hand: {WHOLE}")),
            Self::NotInPlace { .. } => {
                Some("say `--output FILE`, put what it then holds to where the keyring comes from, and destroy the file".to_owned())
            }
            Self::Shredded { .. } => Some("what was published under it can be linked to no one, and joins with nothing new".to_owned()),
            Self::CurrentEpoch { .. } => Some("`gallra keys rotate` begins a new epoch; publish under it, then shred this one".to_owned()),
            Self::SharedEpoch { .. } => Some(
                "so it is in keyrings made by earlier versions; the epochs that `gallra keys rotate` begins can be shredded".to_owned(),
            ),
            Self::Io { action, path, source } => refused_by_the_system(action, path, source.kind()),
            Self::Derivation { .. } | Self::InvalidToken { .. } | Self::TooManyEpochs { .. } => None,
        }
    }
}

/// What to do where the system refused something with a keyring's file.
fn refused_by_the_system(action: &str, path: &Path, kind: ErrorKind) -> Option<String> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match kind {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem if action == "read" => {
            Some(format!("it belongs to another user: run gallra as that user, who alone may read `{}`", path.display()))
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Some(format!(
            "let this user write in the folder `{}`, where a keyring is prepared before it takes its place, or run gallra as the user who may",
            folder.display()
        )),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Some("free some space; the keyring in use is what it was".to_owned()),
        _ => Some(format!("look at what lies in the folder `{}`; the keyring in use is what it was", folder.display())),
    }
}

/// The noun for so many epochs, and their numbers; runs of them by their first and last.
fn listed(epochs: &[u32]) -> (&'static str, String) {
    let runs = epochs.chunk_by(|one, next| *next == one + 1).map(|run| match run {
        [first, .., last] => format!("{first} to {last}"),
        run => run.iter().map(u32::to_string).collect(),
    });
    (if epochs.len() == 1 { "epoch" } else { "epochs" }, runs.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_for_an_epoch_that_is_not_there_is_told_which_are() {
        let hint = |known: &[u32]| KeysError::UnknownEpoch { id: "0a".to_owned(), epoch: 9, known: known.to_vec() }.hint().unwrap();
        assert_eq!(hint(&[1]), "it has the epoch 1; `gallra keys list` shows since when");
        assert_eq!(hint(&[1, 2, 3, 7]), "it has the epochs 1 to 3, 7; `gallra keys list` shows since when");
    }
}
