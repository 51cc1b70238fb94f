//! SQLite's result codes in the store's words.
//!
//! Only codes are used: SQLite's messages quote statements, and a statement or a message may hold a value.

use std::os::raw::c_int;

use rusqlite::{Error, ffi};

use super::Session;
use crate::store::StoreError;

/// What SQLite says when a `RESTRICT` rule refuses a write. It reports the code of a trigger then, so that the sentence alone tells the two apart.
const RESTRICTED: &str = "FOREIGN KEY constraint failed";

/// Why the folder of a database matters.
pub(super) const JOURNAL: &str = "SQLite writes a journal into the folder of the database";

/// The extended result code of an error, where SQLite gave one.
pub(super) fn code(error: &Error) -> Option<c_int> {
    match error {
        Error::SqliteFailure(failure, _) => Some(failure.extended_code),
        Error::SqlInputError { error: failure, .. } => Some(failure.extended_code),
        _ => None,
    }
}

/// The primary result code of an error: the low byte of the extended one.
pub(super) fn primary(error: &Error) -> Option<c_int> {
    code(error).map(|code| code & 0xff)
}

/// The kind of constraint behind an error that is a constraint failure.
fn constraint(error: &Error) -> Option<&'static str> {
    if primary(error) != Some(ffi::SQLITE_CONSTRAINT) {
        return None;
    }
    let restricted = matches!(error, Error::SqliteFailure(_, Some(message)) if message == RESTRICTED);
    Some(match code(error).unwrap_or_default() {
        ffi::SQLITE_CONSTRAINT_CHECK => "CHECK",
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => "FOREIGN KEY",
        ffi::SQLITE_CONSTRAINT_NOTNULL => "NOT NULL",
        ffi::SQLITE_CONSTRAINT_UNIQUE => "UNIQUE",
        ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => "PRIMARY KEY",
        ffi::SQLITE_CONSTRAINT_DATATYPE => "type",
        ffi::SQLITE_CONSTRAINT_TRIGGER if restricted => "FOREIGN KEY",
        ffi::SQLITE_CONSTRAINT_TRIGGER => "TRIGGER",
        _ => "table",
    })
}

/// A code in words.
pub(super) fn words(error: &Error) -> String {
    let Some(extended) = code(error) else {
        return "the driver got an answer that it did not expect".into();
    };
    match extended & 0xff {
        ffi::SQLITE_IOERR => format!("the disk could not be read or written (SQLITE_IOERR, code {extended})"),
        ffi::SQLITE_READONLY => "the store is open for reading only (SQLITE_READONLY)".into(),
        ffi::SQLITE_ERROR => {
            "SQLite did not accept the statement (SQLITE_ERROR); the schema may have changed since the catalog was read".into()
        }
        _ => format!("{} (code {extended})", ffi::code_to_str(extended)),
    }
}

impl Session {
    /// An error of SQLite as an error of the store. `table` is the table being written, where one is.
    pub(super) fn failure(&self, table: Option<&str>, doing: &str, error: &Error) -> StoreError {
        if let (Some(table), Some(kind)) = (table, constraint(error)) {
            return StoreError::Constraint { table: table.into(), constraint: kind.into() };
        }
        match primary(error) {
            Some(ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED) => {
                StoreError::Locked { store: self.name.clone(), seconds: self.options.busy_seconds }
            }
            Some(ffi::SQLITE_CORRUPT | ffi::SQLITE_NOTADB) => StoreError::Damaged { store: self.name.clone(), doing: doing.into() },
            Some(ffi::SQLITE_FULL) => StoreError::Full,
            Some(ffi::SQLITE_CANTOPEN | ffi::SQLITE_READONLY) => StoreError::Refused {
                doing: doing.into(),
                reason: words(error),
                hint: Some(format!("{JOURNAL}: give the user that runs gallra the right to write there")),
                privilege: false,
            },
            Some(ffi::SQLITE_CONSTRAINT) if constraint(error) == Some("TRIGGER") => StoreError::Refused {
                doing: doing.into(),
                reason: "a trigger of the database raised an error".into(),
                hint: Some(StoreError::OF_A_TRIGGER.into()),
                privilege: false,
            },
            _ => StoreError::Driver { doing: doing.into(), code: words(error) },
        }
    }
}

/// A rule of this module that its caller broke, such as arrays of different lengths.
pub(super) fn misuse(doing: &str, rule: &str) -> StoreError {
    StoreError::Driver { doing: doing.into(), code: rule.into() }
}
