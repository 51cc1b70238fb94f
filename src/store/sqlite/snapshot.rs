//! One consistent view: a read transaction on the store's own connection.

use rusqlite::Connection;

use super::names::{Address, quoted};
use super::read::{Reading, reading};
use super::{Session, journal};
use crate::store::{Head, JournalEntry, Request, Rows, Snapshot, StoreError};

/// A read transaction; dropping it ends it.
///
/// In a rollback-journal database it keeps other programs from committing while it lasts; in WAL mode it keeps old pages from being
/// checkpointed.
pub(super) struct SqliteSnapshot<'a> {
    session: &'a Session,
    connection: &'a Connection,
    id: String,
}

impl<'a> SqliteSnapshot<'a> {
    /// Begins the view; `number` tells the views of one connection apart.
    pub(super) fn begin(session: &'a Session, connection: &'a Connection, number: u64) -> Result<Self, StoreError> {
        let failed = |error: rusqlite::Error| session.failure(None, "opening a snapshot", &error);
        connection.execute_batch("BEGIN DEFERRED").map_err(failed)?;
        // From here on dropping ends the transaction.
        let mut snapshot = Self { session, connection, id: String::new() };
        // A deferred transaction sees the state of its first read.
        let schema: i64 = connection.query_row("PRAGMA main.schema_version", [], |row| row.get(0)).map_err(failed)?;
        let data: i64 = connection.query_row("PRAGMA main.data_version", [], |row| row.get(0)).map_err(failed)?;
        let _: i64 = connection.query_row("SELECT count(*) FROM main.sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
        snapshot.id = format!("sqlite-{schema}-{data}-{number}");
        Ok(snapshot)
    }
}

impl Snapshot for SqliteSnapshot<'_> {
    /// `sqlite-<schema version>-<data version>-<number of the view>`.
    fn id(&self) -> String {
        self.id.clone()
    }

    /// Rows by row number, else by primary key, else in the table's own order. `rows_read` is told the rows of every finished batch.
    fn read(&mut self, request: &Request, rows_read: &mut dyn FnMut(u64)) -> Result<Rows, StoreError> {
        let mut started = Reading::new(self.session, request)?;
        let mut list = started.select_list("t");
        if list.is_empty() {
            list.push("NULL".into());
        }
        let order = match Address::of(&request.table) {
            Some(address) => {
                started = started.ordered_by(&address.columns());
                let columns: Vec<String> = address.columns().iter().map(|column| format!("t.{column}")).collect();
                format!(" ORDER BY {}", columns.join(", "))
            }
            None => String::new(),
        };
        let sql = format!("SELECT {} FROM main.{} AS t{order}", list.join(", "), quoted(&request.table.name));
        let statement = self.connection.prepare(&sql).map_err(|error| self.session.failure(None, &reading(&request.table), &error))?;
        started.run(statement, |_| Ok(()), rows_read)
    }

    fn count(&mut self, table: &str) -> Result<u64, StoreError> {
        let count: i64 = self
            .connection
            .query_row(&format!("SELECT count(*) FROM main.{}", quoted(table)), [], |row| row.get(0))
            .map_err(|error| self.session.failure(None, &format!("counting `{table}`"), &error))?;
        Ok(count.unsigned_abs())
    }

    fn journal(&mut self) -> Result<Vec<JournalEntry>, StoreError> {
        journal::entries(self.session, self.connection)
    }

    fn head(&mut self) -> Result<Option<Head>, StoreError> {
        journal::head(self.session, self.connection)
    }
}

impl Drop for SqliteSnapshot<'_> {
    fn drop(&mut self) {
        if !self.connection.is_autocommit() {
            // Nothing was written, and a failure leaves nothing that could be done.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }
}
