//! An SQLite database as a [`Store`].
//!
//! The database belongs to others: it is never created, its journal mode and settings are never changed, and reading it writes nothing beyond
//! what SQLite itself needs (a `-wal` and `-shm` file beside a database in WAL mode). A run holds a lock file beside the database for its
//! whole life, so that two runs never meet. On the own connection foreign keys are enforced, temporary tables and sorts stay in memory, and
//! the space of deleted and overwritten cells is filled with zeros (`secure_delete`). Pages in a rollback journal or WAL file of the past are
//! SQLite's and the file system's to reuse; a backup made before keeps what it holds.
//!
//! Virtual tables, views and temporary tables are not part of the catalog, nor are the shadow tables behind virtual ones (a full-text index keeps its
//! copy of a text until its owner rebuilds it).

mod batch;
mod catalog;
mod checks;
mod decimal;
mod declared;
mod decode;
mod encode;
mod error;
mod journal;
mod names;
mod open;
mod read;
mod rekey;
mod snapshot;
mod subjects;
#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::File;

use jiff::tz::TimeZone;
use rusqlite::Connection;

use self::batch::{OnlyWriter, SqliteBatch};
use self::snapshot::SqliteSnapshot;
use super::{Batch, Catalog, RowToken, Snapshot, Store, StoreError, Table, Writer};

/// How to open a database.
#[derive(Clone)]
pub struct Options {
    /// Whether it will be written; then this process locks it against other runs.
    pub writable: bool,
    /// The zone of civil times in timestamp columns.
    pub timestamps: TimeZone,
    /// Names a row for an error.
    pub row_token: RowToken,
    /// How long to wait for another program's lock.
    pub busy_seconds: u64,
}

/// What every part of one opened store needs to know.
pub(in crate::store::sqlite) struct Session {
    name: String,
    options: Options,
}

/// An opened SQLite database.
pub struct SqliteStore {
    connection: Connection,
    session: Session,
    views: u64,
    /// Held for its lock, which ends with it.
    _lock: Option<File>,
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SqliteStore").field("name", &self.session.name).finish_non_exhaustive()
    }
}

impl Store for SqliteStore {
    fn name(&self) -> String {
        self.session.name.clone()
    }

    fn catalog(&mut self) -> Result<Catalog, StoreError> {
        catalog::read(&self.session, &self.connection)
    }

    fn snapshot(&mut self) -> Result<Box<dyn Snapshot + '_>, StoreError> {
        self.views += 1;
        Ok(Box::new(SqliteSnapshot::begin(&self.session, &self.connection, self.views)?))
    }

    fn prepare_journal(&mut self) -> Result<(), StoreError> {
        journal::prepare(&self.session, &self.connection)
    }

    fn batch(&mut self) -> Result<Box<dyn Batch + '_>, StoreError> {
        Ok(Box::new(SqliteBatch::begin(&self.session, &self.connection)?))
    }

    /// One: SQLite has one writer at a time.
    fn writers(&mut self, _wanted: usize) -> Result<Vec<Box<dyn Writer + '_>>, StoreError> {
        Ok(vec![Box::new(OnlyWriter { session: &self.session, connection: &mut self.connection })])
    }

    /// SQLite's `data_version`: it changes with every commit of another connection and never with our own.
    fn write_counter(&mut self) -> Result<u64, StoreError> {
        let version: i64 = self
            .connection
            .query_row("PRAGMA main.data_version", [], |row| row.get(0))
            .map_err(|error| self.session.failure(None, "reading the write counter", &error))?;
        Ok(version.unsigned_abs())
    }

    fn broken_references(&mut self) -> Result<Vec<(String, u64)>, StoreError> {
        broken_references(&self.connection).map_err(|error| self.session.failure(None, "checking the foreign keys", &error))
    }

    /// Every check that names one of the columns is in the answer, with 0 where no row fails it.
    fn failing_checks(&mut self, table: &Table, constants: &[(usize, Option<String>)]) -> Result<Vec<(usize, u64)>, StoreError> {
        checks::failing(&self.session, &self.connection, table, constants)
    }
}

/// The violated foreign keys by table, as SQLite itself finds them.
fn broken_references(connection: &Connection) -> Result<Vec<(String, u64)>, rusqlite::Error> {
    let mut statement = connection.prepare(r#"SELECT "table", count(*) FROM pragma_foreign_key_check GROUP BY 1 ORDER BY 1"#)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?;
    rows.collect()
}
