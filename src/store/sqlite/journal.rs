//! gallra's own two tables: `gallra_journal` and `gallra_head`.
//!
//! They are created by a run alone. Where they are missing, the journal is empty and there is no head.

use rusqlite::{Connection, OptionalExtension, params};

use super::Session;
use super::error::misuse;
use crate::store::{Head, JournalEntry, StoreError};

const CREATE: &str = r#"
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS main.gallra_journal (
    tenant TEXT NOT NULL,
    "table" TEXT NOT NULL,
    token TEXT NOT NULL,
    batch TEXT NOT NULL,
    outcome TEXT NOT NULL,
    clock_start TEXT,
    version TEXT NOT NULL,
    written_on TEXT NOT NULL,
    PRIMARY KEY (tenant, "table", token)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS main.gallra_head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    ledger TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    mac TEXT NOT NULL
);
COMMIT;
"#;

/// Creates the tables where they are missing; where both are there, writes nothing.
pub(super) fn prepare(session: &Session, connection: &Connection) -> Result<(), StoreError> {
    if exists(session, connection, "gallra_journal")? && exists(session, connection, "gallra_head")? {
        return Ok(());
    }
    let created = connection.execute_batch(CREATE);
    if created.is_err() && !connection.is_autocommit() {
        let _ = connection.execute_batch("ROLLBACK");
    }
    created.map_err(|error| session.failure(None, "creating the journal", &error))
}

fn exists(session: &Session, connection: &Connection, table: &str) -> Result<bool, StoreError> {
    connection
        .query_row("SELECT EXISTS (SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = ?1)", [table], |row| row.get(0))
        .map_err(|error| session.failure(None, "looking for the journal", &error))
}

/// All entries, by tenant, table and token.
pub(super) fn entries(session: &Session, connection: &Connection) -> Result<Vec<JournalEntry>, StoreError> {
    if !exists(session, connection, "gallra_journal")? {
        return Ok(Vec::new());
    }
    let read = || -> Result<Vec<JournalEntry>, rusqlite::Error> {
        let mut statement = connection.prepare(
            r#"SELECT tenant, "table", token, batch, outcome, clock_start, version, written_on FROM main.gallra_journal ORDER BY tenant, "table", token"#,
        )?;
        let rows = statement.query_map([], |row| {
            Ok(JournalEntry {
                tenant: row.get(0)?,
                table: row.get(1)?,
                token: row.get(2)?,
                batch: row.get(3)?,
                outcome: row.get(4)?,
                clock_start: row.get(5)?,
                version: row.get(6)?,
                written_on: row.get(7)?,
            })
        })?;
        rows.collect()
    };
    read().map_err(|error| session.failure(None, "reading the journal", &error))
}

/// The ledger's head.
pub(super) fn head(session: &Session, connection: &Connection) -> Result<Option<Head>, StoreError> {
    if !exists(session, connection, "gallra_head")? {
        return Ok(None);
    }
    connection
        .query_row("SELECT ledger, sequence, mac FROM main.gallra_head", [], |row| {
            Ok(Head { ledger: row.get(0)?, sequence: row.get::<_, i64>(1)?.unsigned_abs(), mac: row.get(2)? })
        })
        .optional()
        .map_err(|error| session.failure(None, "reading the ledger's head", &error))
}

/// Enters entries, replacing those of the same tenant, table and token.
pub(super) fn enter(session: &Session, connection: &Connection, entries: &[JournalEntry]) -> Result<(), StoreError> {
    let write = || -> Result<(), rusqlite::Error> {
        let mut statement = connection.prepare("INSERT OR REPLACE INTO main.gallra_journal VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
        for entry in entries {
            statement.execute(params![
                entry.tenant,
                entry.table,
                entry.token,
                entry.batch,
                entry.outcome,
                entry.clock_start,
                entry.version,
                entry.written_on
            ])?;
        }
        Ok(())
    };
    write().map_err(|error| session.failure(Some("gallra_journal"), "writing the journal", &error))
}

/// Keeps the ledger's head.
pub(super) fn set_head(session: &Session, connection: &Connection, head: &Head) -> Result<(), StoreError> {
    const DOING: &str = "writing the ledger's head";
    let sequence = i64::try_from(head.sequence).map_err(|_| misuse(DOING, "the sequence does not fit 63 bits"))?;
    connection
        .execute(
            "INSERT OR REPLACE INTO main.gallra_head (one, ledger, sequence, mac) VALUES (1, ?1, ?2, ?3)",
            params![head.ledger, sequence, head.mac],
        )
        .map_err(|error| session.failure(Some("gallra_head"), DOING, &error))?;
    Ok(())
}
