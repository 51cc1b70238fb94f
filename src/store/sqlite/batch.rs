//! A write transaction.

use std::cell::RefCell;

use arrow::array::{Array, ArrayRef};
use rusqlite::{Connection, ffi};

use super::encode::{Cells, Unbound, append_name};
use super::error::{misuse, primary};
use super::names::{Address, condition, quoted};
use super::read::NAME_SEPARATOR;
use super::subjects::{self, Subjects};
use super::{Session, broken_references, journal, rekey};
use crate::store::{Assignment, Batch, Head, JournalEntry, LinkedRows, Locators, Request, Step, StoreError, StoreVersion, Table, Writer};

/// A write transaction (`BEGIN IMMEDIATE`): nobody else writes the database until it ends. Dropping it rolls back.
pub(super) struct SqliteBatch<'a> {
    session: &'a Session,
    connection: &'a Connection,
    subjects: Option<Subjects>,
    /// The table written last, for an error of the commit that names none.
    written: RefCell<String>,
}

/// The one session that writes.
pub(super) struct OnlyWriter<'a> {
    pub(super) session: &'a Session,
    pub(super) connection: &'a mut Connection,
}

impl Writer for OnlyWriter<'_> {
    fn batch(&mut self) -> Result<Box<dyn Batch + '_>, StoreError> {
        Ok(Box::new(SqliteBatch::begin(self.session, self.connection)?))
    }
}

impl<'a> SqliteBatch<'a> {
    pub(super) fn begin(session: &'a Session, connection: &'a Connection) -> Result<Self, StoreError> {
        connection.execute_batch("BEGIN IMMEDIATE").map_err(|error| session.failure(None, "opening a write transaction", &error))?;
        Ok(Self { session, connection, subjects: None, written: RefCell::new(String::new()) })
    }

    /// Some errors make SQLite roll back by itself. Whatever came after would be written outside of any transaction, so that every step asks
    /// first.
    fn open(&self, doing: &str) -> Result<(), StoreError> {
        if self.connection.is_autocommit() { Err(misuse(doing, "the transaction was rolled back by an earlier error")) } else { Ok(()) }
    }

    fn rollback(&self) {
        if !self.connection.is_autocommit() {
            // There is nobody to tell; SQLite rolls back when the connection closes, or when the file is next opened.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }

    /// A full disk ends the transaction at once, so that nothing half-done can be committed.
    fn settled<T>(&self, outcome: Result<T, StoreError>) -> Result<T, StoreError> {
        if matches!(outcome, Err(StoreError::Full)) {
            self.rollback();
        }
        outcome
    }

    /// Runs one statement per row: the values' cells are bound first (the first cell for all rows where so marked), then the locators'. Returns
    /// the rows matched.
    fn write(&self, doing: &str, table: &Table, set: &str, values: &[(Cells<'_>, bool)], locators: &Locators) -> Result<u64, StoreError> {
        let address = Address::of(table).ok_or_else(|| misuse(doing, "its rows have neither a row number nor a key to be written by"))?;
        let located: Option<Vec<Cells<'_>>> = locators.columns.iter().map(Cells::locators).collect();
        let (Some(first), Some(located)) = (locators.columns.first(), located) else {
            return Err(misuse(doing, "the locators are not of this store"));
        };
        if address.columns().len() != located.len() || locators.columns.iter().any(|array| array.len() != first.len()) {
            return Err(misuse(doing, "the locators are not of this table"));
        }
        let sql = format!("{set} WHERE {}", condition(table, &address));
        let failed = |error: &rusqlite::Error| self.session.failure(Some(&table.name), doing, error);
        let mut statement = self.connection.prepare(&sql).map_err(|error| failed(&error))?;
        let (zone, mut text, mut matched) = (&self.session.options.timestamps, String::new(), 0);
        for row in 0..first.len() {
            let values = values.iter().map(|(column, one_for_all)| (column, if *one_for_all { 0 } else { row }));
            for (index, (column, at)) in values.chain(located.iter().map(|column| (column, row))).enumerate() {
                match column.bind(at, zone, &mut text, &mut statement, index + 1) {
                    Ok(()) => {}
                    Err(Unbound::Driver(error)) => return Err(failed(&error)),
                    Err(Unbound::Unwritable(reason)) => return Err(self.unwritable(doing, table, &located, row, reason)),
                }
            }
            matched += statement.raw_execute().map_err(|error| failed(&error))? as u64;
        }
        self.written.replace(table.name.clone());
        Ok(matched)
    }

    fn unwritable(&self, doing: &str, table: &Table, located: &[Cells<'_>], row: usize, reason: &str) -> StoreError {
        let (mut name, mut text) = (Vec::new(), String::new());
        for (index, column) in located.iter().enumerate() {
            if index > 0 {
                name.push(NAME_SEPARATOR);
            }
            if let Ok(cell) = column.cell(row, &self.session.options.timestamps, &mut text) {
                append_name(&mut name, cell);
            }
        }
        misuse(doing, &format!("row {}: {reason}", (self.session.options.row_token)(&table.name, &name)))
    }

    /// Which table a commit was refused for.
    fn commit_failure(&self, error: &rusqlite::Error) -> StoreError {
        let table = match primary(error) {
            Some(ffi::SQLITE_CONSTRAINT) => {
                broken_references(self.connection).ok().and_then(|broken| broken.into_iter().next()).map(|(table, _)| table)
            }
            _ => None,
        };
        let table = table.unwrap_or_else(|| self.written.borrow().clone());
        self.session.failure(Some(&table), "committing", error)
    }
}

impl Batch for SqliteBatch<'_> {
    fn load_subjects(
        &mut self,
        table: &Table,
        key_columns: &[usize],
        keys: &[ArrayRef],
        _versions: Option<&[StoreVersion]>,
    ) -> Result<(), StoreError> {
        self.open("loading subjects")?;
        self.subjects = None;
        self.subjects = Some(self.settled(subjects::load(self.session, self.connection, table, key_columns, keys))?);
        Ok(())
    }

    /// The rows come by subject, then by their own row number or key. Locators are row numbers (`Int64`) where the table has them, else the
    /// cells of the primary key as they are stored (`Binary`, opaque).
    fn linked(&mut self, request: &Request, path: &[Step], _about: Option<u64>) -> Result<LinkedRows, StoreError> {
        self.open("reading linked rows")?;
        let Some(loaded) = &self.subjects else {
            return Err(misuse("reading linked rows", "no subjects are loaded"));
        };
        self.settled(subjects::linked(self.session, self.connection, loaded, request, path))
    }

    fn update(&mut self, table: &Table, locators: &Locators, assignments: &[Assignment]) -> Result<u64, StoreError> {
        let doing = format!("updating `{}`", table.name);
        self.open(&doing)?;
        let length = locators.columns.first().map_or(0, |array| array.len());
        if assignments.is_empty() || !assignments.iter().all(|assignment| assignment.fits(length, table.columns.len())) {
            return Err(misuse(&doing, "the values and their columns do not match"));
        }
        let (mut settings, mut cells) = (Vec::new(), Vec::new());
        for assignment in assignments {
            let name = quoted(&table.columns[assignment.column].name);
            let values = Cells::values(&assignment.values).ok_or_else(|| misuse(&doing, "a value has a type that no column has"))?;
            let one_for_all = assignment.values.len() == 1 && length != 1;
            match &assignment.rows {
                Some(mask) => {
                    settings.push(format!("{name} = CASE WHEN ? THEN ? ELSE {name} END"));
                    cells.push((Cells::Boolean(mask), false));
                }
                None => settings.push(format!("{name} = ?")),
            }
            cells.push((values, one_for_all));
        }
        // OR ABORT overrides a table's own ON CONFLICT clauses, of which REPLACE would delete other rows and IGNORE would skip this one.
        let set = format!("UPDATE OR ABORT main.{} SET {}", quoted(&table.name), settings.join(", "));
        self.settled(self.write(&doing, table, &set, &cells, locators))
    }

    fn rekey(&mut self, targets: &[(Table, Vec<usize>)], old: &[ArrayRef], new: &[ArrayRef]) -> Result<u64, StoreError> {
        self.open("replacing keys")?;
        if let Some((table, _)) = targets.first() {
            self.written.replace(table.name.clone());
        }
        self.settled(rekey::rekey(self.session, self.connection, targets, old, new))
    }

    /// Rows that foreign keys delete or change along with these are not counted.
    fn delete(&mut self, table: &Table, locators: &Locators) -> Result<u64, StoreError> {
        let doing = format!("deleting from `{}`", table.name);
        self.open(&doing)?;
        self.settled(self.write(&doing, table, &format!("DELETE FROM main.{}", quoted(&table.name)), &[], locators))
    }

    /// Row by row, but rows of one table that point at each other are checked at the commit, when all of them are gone.
    fn delete_all(&mut self, rows: &[(Table, Locators)]) -> Result<Vec<u64>, StoreError> {
        let to_itself = rows.iter().find(|(table, _)| table.foreign_keys.iter().any(|key| key.to.eq_ignore_ascii_case(&table.name)));
        if let Some((table, _)) = to_itself {
            let doing = format!("deleting from `{}`", table.name);
            self.open(&doing)?;
            let deferred = self.connection.execute_batch("PRAGMA defer_foreign_keys = ON");
            deferred.map_err(|error| self.session.failure(Some(&table.name), &doing, &error))?;
        }
        rows.iter().map(|(table, locators)| self.delete(table, locators)).collect()
    }

    fn journal(&mut self, entries: &[JournalEntry]) -> Result<(), StoreError> {
        self.open("writing the journal")?;
        self.settled(journal::enter(self.session, self.connection, entries))
    }

    fn set_head(&mut self, head: &Head) -> Result<(), StoreError> {
        self.open("writing the ledger's head")?;
        self.settled(journal::set_head(self.session, self.connection, head))
    }

    fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.open("committing")?;
        let dropped = self.connection.execute_batch("DROP TABLE IF EXISTS temp.gallra_subjects; DROP TABLE IF EXISTS temp.gallra_keys;");
        dropped.and_then(|()| self.connection.execute_batch("COMMIT")).map_err(|error| self.commit_failure(&error))
    }
}

impl Drop for SqliteBatch<'_> {
    fn drop(&mut self) {
        self.rollback();
    }
}
