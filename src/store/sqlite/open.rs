//! Opening a database that exists, and the lock file of a run.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use backon::BlockingRetryable;
use rusqlite::{Connection, OpenFlags, ffi};

use super::error::{JOURNAL, code, primary, words};
use super::{Options, Session, SqliteStore};
use crate::store::{StoreError, patience};

/// The first bytes of every SQLite database (its file format, section 1.3), as far as they are looked at here.
const HEADER: usize = 100;
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Why a database can not be opened, and what to do.
struct Refusal {
    reason: String,
    hint: String,
}

fn refusal(reason: impl Into<String>, hint: impl Into<String>) -> Refusal {
    Refusal { reason: reason.into(), hint: hint.into() }
}

impl SqliteStore {
    /// Opens a database that exists; with [`Options::writable`] after locking the file `<database>.gallra-lock` beside it, which stays
    /// locked as long as the store lives. Symbolic links are followed first, so that two paths of one database share their lock (hard links
    /// do not).
    ///
    /// # Errors
    /// [`StoreError::Open`] where there is no database, where it is damaged, or where rights are missing; [`StoreError::Busy`] where another
    /// run holds the lock; [`StoreError::Locked`] where another program kept it locked for all of [`Options::busy_seconds`].
    pub fn open(path: &Path, options: Options) -> Result<Self, StoreError> {
        let session = Session { name: format!("sqlite:{}", path.display()), options };
        let refuse = |refusal: Refusal| StoreError::Open { store: session.name.clone(), reason: refusal.reason, hint: refusal.hint };
        let real = examine(path).map_err(refuse)?;
        let lock = match session.options.writable {
            true => Some(lock(&session, &real)?),
            false => None,
        };
        let connection = match connect(&real, &session.options) {
            Ok(connection) => connection,
            Err(error) if primary(&error) == Some(ffi::SQLITE_BUSY) => return Err(session.failure(None, "opening it", &error)),
            Err(error) => return Err(refuse(unusable(&error))),
        };
        // SQLite quietly opens a file that may not be written for reading.
        if session.options.writable && connection.is_readonly("main").unwrap_or(true) {
            return Err(refuse(refusal(
                "the file may not be written by this user",
                "give the user that runs gallra the right to write the file and its folder",
            )));
        }
        if session.options.writable && !can_make_files_beside(&real) {
            return Err(refuse(refusal(
                "this user may write the file, but no file beside it",
                format!("{JOURNAL}: give the user that runs gallra the right to write there"),
            )));
        }
        Ok(Self { connection, session, views: 0, _lock: lock })
    }
}

/// Looks at the file before SQLite does, which would create what is missing and take an empty file for an empty database. Gives its real path.
fn examine(path: &Path) -> Result<PathBuf, Refusal> {
    let by_kind = |error: io::Error| match error.kind() {
        ErrorKind::NotFound => refusal("there is no such file", "check the path; gallra never creates a database"),
        ErrorKind::PermissionDenied => {
            refusal("the file may not be read by this user", "give the user that runs gallra the right to read the file and its folder")
        }
        ErrorKind::NotADirectory => refusal("a part of the path is not a folder", "check the path"),
        kind => refusal(format!("the file can not be read: {kind}"), "check the path and the disk"),
    };
    let real = fs::canonicalize(path).map_err(by_kind)?;
    let metadata = fs::metadata(&real).map_err(by_kind)?;
    if metadata.is_dir() {
        return Err(refusal("it is a folder", "give the path of the database file itself"));
    }
    if !metadata.is_file() {
        return Err(refusal("it is not a regular file", "give the path of the database file itself"));
    }
    let mut start = Vec::new();
    File::open(&real).and_then(|file| file.take(512).read_to_end(&mut start)).map_err(by_kind)?;
    if start.is_empty() {
        return Err(refusal("the file is empty", "check the path; gallra never creates a database"));
    }
    if !start.starts_with(MAGIC) {
        return Err(match is_text(&start) {
            true => refusal("the file is text, not an SQLite database", "check the path; a dump must be loaded into a database first"),
            false => {
                refusal("the file is not an SQLite database, or it is encrypted", "check the path; an encrypted database can not be read")
            }
        });
    }
    let damaged = || {
        refusal(
            "the database is damaged or cut short",
            "restore it from a backup; `PRAGMA integrity_check` in the sqlite3 shell tells more",
        )
    };
    let page = match start.get(16..18) {
        Some(&[0, 1]) => 65_536,
        Some(&[high, low]) => u64::from(u16::from_be_bytes([high, low])),
        _ => return Err(damaged()),
    };
    if start.len() < HEADER || !page.is_power_of_two() || page < 512 || metadata.len() % page != 0 {
        return Err(damaged());
    }
    Ok(real)
}

/// Whether the start of a file is UTF-8 text; a character may be cut at its end.
fn is_text(start: &[u8]) -> bool {
    let printable = start.iter().all(|&byte| byte >= b' ' && byte != 0x7f || byte.is_ascii_whitespace());
    printable && std::str::from_utf8(start).map_or_else(|error| error.error_len().is_none(), |_| true)
}

/// Takes the lock of a run, or says that another run has it. A program that is just being started by another part of the process, and so has a copy
/// of the file for an instant, is waited for.
fn lock(session: &Session, database: &Path) -> Result<File, StoreError> {
    let mut name = database.as_os_str().to_owned();
    name.push(".gallra-lock");
    let refuse = || StoreError::Open {
        store: session.name.clone(),
        reason: "the lock file beside it can not be made or locked".into(),
        hint: "give the user that runs gallra the right to write the database's folder".into(),
    };
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(PathBuf::from(name)).map_err(|_| refuse())?;
    match (|| file.try_lock()).retry(patience()).when(|error| matches!(error, TryLockError::WouldBlock)).call() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Busy { store: session.name.clone() }),
        Err(TryLockError::Error(_)) => Err(refuse()),
    }
}

/// Whether files can be made in the folder of a database, as SQLite does before its first write: found out by making one, because rights, mounts
/// and quotas all have a say.
fn can_make_files_beside(database: &Path) -> bool {
    let mut name = database.as_os_str().to_owned();
    name.push(".gallra-probe");
    let name = PathBuf::from(name);
    // One that was left by who was killed here is in nobody's way.
    let made = OpenOptions::new().create(true).truncate(true).write(true).open(&name).is_ok();
    made && fs::remove_file(&name).is_ok()
}

/// Connects, sets what is the connection's own, and reads the schema, which is where SQLite notices a truncated or damaged file.
fn connect(database: &Path, options: &Options) -> Result<Connection, rusqlite::Error> {
    let access = if options.writable { OpenFlags::SQLITE_OPEN_READ_WRITE } else { OpenFlags::SQLITE_OPEN_READ_ONLY };
    let connection = Connection::open_with_flags(database, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(Duration::from_secs(options.busy_seconds.min(i32::MAX as u64 / 1_000)))?;
    connection.execute_batch("PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;")?;
    let _: i64 = connection.query_row("PRAGMA main.schema_version", [], |row| row.get(0))?;
    let _: i64 = connection.query_row("SELECT count(sql) FROM main.sqlite_schema", [], |row| row.get(0))?;
    if options.writable {
        connection.execute_batch("PRAGMA secure_delete = ON;")?;
    }
    Ok(connection)
}

/// Why SQLite could not open the file.
fn unusable(error: &rusqlite::Error) -> Refusal {
    let full = code(error).unwrap_or_default();
    match full & 0xff {
        ffi::SQLITE_CORRUPT | ffi::SQLITE_NOTADB => refusal(
            "the database is damaged or cut short",
            "restore it from a backup; `PRAGMA integrity_check` in the sqlite3 shell tells more",
        ),
        ffi::SQLITE_READONLY => refusal(
            "another program left an unfinished write behind, which can not be resolved without writing",
            "open the database once with its own program or the sqlite3 shell, then try again",
        ),
        ffi::SQLITE_CANTOPEN => refusal(
            "SQLite can not make or read the files that it needs beside the database",
            "a database in WAL mode needs a folder that this user may write",
        ),
        ffi::SQLITE_PERM | ffi::SQLITE_AUTH => {
            refusal("this user may not open the file", "give the user that runs gallra the right to read the file and its folder")
        }
        _ => refusal(words(error), "open the database with the sqlite3 shell to learn more"),
    }
}
