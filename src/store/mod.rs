//! The operational store behind one trait: SQLite now, PostgreSQL beside it later.
//!
//! A [`Store`] gives its [`Catalog`], one consistent [`Snapshot`], and [`Batch`]es: write transactions that hold the locks while rows are
//! read again, compared, treated and journalled. No type of a driver leaves this folder.

pub mod catalog;
pub mod journal;
pub mod sqlite;

use std::collections::BTreeMap;

use arrow::array::{ArrayRef, RecordBatch, UInt32Array};

pub use catalog::{Catalog, Check, Column, ColumnType, ForeignKey, Table};
pub use journal::{Head, JournalEntry};

/// Rows of one read; the number of rows per batch is bounded so that 32-bit offsets never overflow.
pub const ROWS_PER_BATCH: usize = 65_536;

/// What to read of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The table.
    pub table: Table,
    /// Column indices into `table.columns`, in the order wanted.
    pub columns: Vec<usize>,
}

/// How rows are found again for writing: opaque to everyone but the store that made them, and valid within the batch that made them.
#[derive(Debug, Clone)]
pub struct Locators {
    /// One array per locating column (the hidden row number alone, or the primary key's columns in the store's own encoding), all of the rows' length.
    pub columns: Vec<ArrayRef>,
}

/// Rows of one table.
#[derive(Debug, Clone)]
pub struct Rows {
    /// The requested columns as Arrow, in request order; at most [`ROWS_PER_BATCH`] rows each.
    pub batches: Vec<RecordBatch>,
    /// Rows (counted over all batches) whose value of a temporal column could not be read: request position → row numbers, ascending. The cell is NULL in the batch.
    pub unreadable: BTreeMap<usize, Vec<u32>>,
}

/// Rows that lead to the subjects of a write batch.
#[derive(Debug, Clone)]
pub struct LinkedRows {
    /// The rows.
    pub rows: Rows,
    /// Per row the ordinal of its subject in the loaded subjects.
    pub subjects: UInt32Array,
    /// How to find each row again.
    pub locators: Locators,
}

/// One step of a path from a table to a subject, in the store's own names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The table pointed at.
    pub to: String,
    /// Pairs of (column of the pointing table, column of the table pointed at).
    pub columns: Vec<(String, String)>,
}

/// An error of the store. Never carries a cell's value.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store can not be opened.
    #[error("can not open the store `{store}`: {reason}")]
    Open {
        /// The URL with its password redacted.
        store: String,
        /// Why, in words.
        reason: String,
        /// What to do.
        hint: String,
    },
    /// Another run has the store.
    #[error("another gallra run is working on the store `{store}`")]
    Busy {
        /// The store.
        store: String,
    },
    /// The store is locked by another program.
    #[error("the store `{store}` stayed locked by another program for {seconds} seconds")]
    Locked {
        /// The store.
        store: String,
        /// How long was waited.
        seconds: u64,
    },
    /// A cell does not fit its column's declared type.
    #[error("`{table}`.`{column}` has a value that does not fit its type {declared}: row {row}, {reason}")]
    Value {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The declared type.
        declared: String,
        /// The row's token.
        row: String,
        /// What is wrong, without the value.
        reason: String,
    },
    /// A type that is not supported.
    #[error("`{table}`.`{column}` has the type `{declared}`, which is not supported")]
    UnsupportedType {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The declared type.
        declared: String,
    },
    /// A constraint of the store refused a write.
    #[error("the store refused to write `{table}`: a {constraint} constraint failed")]
    Constraint {
        /// The table.
        table: String,
        /// The kind of constraint (`CHECK`, `UNIQUE`, `NOT NULL`, `FOREIGN KEY`).
        constraint: String,
    },
    /// The store can be opened, but a part of it can not be read.
    #[error("the store `{store}` is damaged: {doing} failed")]
    Damaged {
        /// The store.
        store: String,
        /// What was being done.
        doing: String,
    },
    /// The disk is full.
    #[error("the disk that holds the store is full")]
    Full,
    /// Anything else the driver says, by its code.
    #[error("the store failed while {doing}: {code}")]
    Driver {
        /// What was being done.
        doing: String,
        /// The driver's code in words, never a statement or value.
        code: String,
    },
}

impl StoreError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Open { hint, .. } => Some(hint.clone()),
            Self::Busy { .. } => Some("wait until it has finished; two runs never work on one store".into()),
            Self::Locked { .. } => Some("find the program that holds a write transaction open, or run at a quieter hour".into()),
            Self::Value { .. } => Some("correct the cell, or take the table out of scope".into()),
            Self::UnsupportedType { .. } => {
                Some("declare the column INTEGER, DECIMAL(p,s), TEXT, DATE, TIMESTAMP, BOOLEAN, REAL or BLOB".into())
            }
            Self::Constraint { .. } => Some("give the column a `placeholder` that its constraints allow; `gallra check` names them".into()),
            Self::Damaged { .. } => Some("restore it from a backup; `PRAGMA integrity_check` in the sqlite3 shell tells more".into()),
            Self::Full => Some("free space and run again; nothing was lost".into()),
            Self::Driver { .. } => None,
        }
    }
}

/// An operational store.
pub trait Store: Send {
    /// The store's name for people: its URL with the password redacted.
    fn name(&self) -> String;

    /// Its tables.
    fn catalog(&mut self) -> Result<Catalog, StoreError>;

    /// One consistent view of all tables. Dropping it closes it.
    fn snapshot(&mut self) -> Result<Box<dyn Snapshot + '_>, StoreError>;

    /// Creates gallra's own tables where they are missing (journal, ledger head). Called by `run` alone.
    fn prepare_journal(&mut self) -> Result<(), StoreError>;

    /// Opens a write transaction: from here to the commit nobody else writes the rows of the batch.
    fn batch(&mut self) -> Result<Box<dyn Batch + '_>, StoreError>;

    /// Changes whenever somebody else than this connection commits a write; equal values mean nobody did.
    fn write_counter(&mut self) -> Result<u64, StoreError>;

    /// The foreign keys that are violated, as (table, number of rows).
    fn broken_references(&mut self) -> Result<Vec<(String, u64)>, StoreError>;

    /// Of the rows as they would be with `constants` in place (column index, SQL value as text or NULL), how many fail each CHECK of the table:
    /// (index into `table.checks`, rows). A check that names none of these columns is left out.
    fn failing_checks(&mut self, table: &Table, constants: &[(usize, Option<String>)]) -> Result<Vec<(usize, u64)>, StoreError>;
}

/// One consistent view of the tables.
pub trait Snapshot {
    /// An identifier of the view for the evidence, without personal data.
    fn id(&self) -> String;

    /// All rows of a table, in a stable order (by row number or primary key). `token` names a row for errors from its locating cells.
    fn read(&mut self, request: &Request, rows_read: &mut dyn FnMut(u64)) -> Result<Rows, StoreError>;

    /// The number of rows of a table.
    fn count(&mut self, table: &str) -> Result<u64, StoreError>;

    /// The journal; empty where there is none.
    fn journal(&mut self) -> Result<Vec<JournalEntry>, StoreError>;

    /// The head of the ledger as the store last knew it.
    fn head(&mut self) -> Result<Option<Head>, StoreError>;
}

/// A write transaction. Dropping it without [`Batch::commit`] rolls back.
pub trait Batch {
    /// Loads the subjects (or records) of this batch: rows of `table` found by the values of `key_columns` (one array each, equal length).
    /// A key that no longer exists simply leads to no rows.
    fn load_subjects(&mut self, table: &Table, key_columns: &[usize], keys: &[ArrayRef]) -> Result<(), StoreError>;

    /// The rows of `request.table` that lead to the loaded subjects along `path` (empty: the subjects' own rows), read fresh under the lock.
    fn linked(&mut self, request: &Request, path: &[Step]) -> Result<LinkedRows, StoreError>;

    /// Updates rows: sets `columns` (indices into `table.columns`) to `values`, row by row. Returns the rows matched.
    fn update(&mut self, table: &Table, locators: &Locators, columns: &[usize], values: &[ArrayRef]) -> Result<u64, StoreError>;

    /// Replaces a key and every child's copy of it: `UPDATE child SET column = new WHERE column = old` for each pair given as
    /// (table, columns); old and new are arrays per key column. Foreign keys are checked at commit. Returns rows changed.
    fn rekey(&mut self, targets: &[(Table, Vec<usize>)], old: &[ArrayRef], new: &[ArrayRef]) -> Result<u64, StoreError>;

    /// Deletes rows. Returns the rows matched.
    fn delete(&mut self, table: &Table, locators: &Locators) -> Result<u64, StoreError>;

    /// Enters journal entries, replacing those of the same tenant, table and token.
    fn journal(&mut self, entries: &[JournalEntry]) -> Result<(), StoreError>;

    /// Keeps the ledger's head in the store.
    fn set_head(&mut self, head: &Head) -> Result<(), StoreError>;

    /// Commits.
    fn commit(self: Box<Self>) -> Result<(), StoreError>;
}
