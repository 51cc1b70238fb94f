//! The operational store behind one trait: SQLite and PostgreSQL.
//!
//! A [`Store`] gives its [`Catalog`], one consistent [`Snapshot`], and [`Batch`]es: write transactions that hold the locks while rows are
//! read again, compared, treated and journalled. No type of a driver leaves this folder.

pub mod catalog;
pub mod journal;
mod names;
pub mod postgres;
pub mod sqlite;
mod step;
mod temporal;
mod tolerant;
mod view;

use std::collections::BTreeMap;
use std::time::Duration;

use arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch, UInt32Array};
use backon::ConstantBuilder;

pub use catalog::{Catalog, Check, Column, ColumnType, Copying, ForeignKey, Table};
pub use journal::{Head, JournalEntry};
pub use step::{Step, Value};
pub use tolerant::{Tolerant, UnreadableColumn};
pub use view::{Snapshot, Streamed};

/// Rows of one read; the number of rows per batch is bounded so that 32-bit offsets never overflow.
pub const ROWS_PER_BATCH: usize = 65_536;

/// How often, and how long in between, a run's lock is asked for: it is given back a moment after whoever had it is gone.
fn patience() -> ConstantBuilder {
    ConstantBuilder::default().with_delay(Duration::from_millis(50)).with_max_times(20)
}

/// What to read of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The table.
    pub table: Table,
    /// Column indices into `table.columns`, in the order wanted.
    pub columns: Vec<usize>,
}

/// What a store itself says of a row's version: equal values mean that nobody has written the row in between.
pub type StoreVersion = [u8; 16];

/// A column's new values for located rows.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// Index into the table's columns.
    pub column: usize,
    /// One value for all rows (an array of length 1), or one per row.
    pub values: ArrayRef,
    /// Which of the rows change; `None` means all. The others keep what they have, also where it can not be read.
    pub rows: Option<BooleanArray>,
}

impl Assignment {
    /// Columns and their values, for all rows.
    pub fn all(columns: &[usize], values: &[ArrayRef]) -> Vec<Self> {
        columns.iter().zip(values).map(|(column, values)| Self { column: *column, values: values.clone(), rows: None }).collect()
    }

    /// Whether this fits so many rows of a table of so many columns.
    fn fits(&self, rows: usize, columns: usize) -> bool {
        self.column < columns
            && (self.values.len() == rows || self.values.len() == 1)
            && self.rows.as_ref().is_none_or(|mask| mask.len() == rows)
    }
}

/// What was done beside the rows, and where what was forgotten can still be.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Aftercare {
    /// What was done.
    pub done: Vec<String>,
    /// Where old values remain for a time, as they always do.
    pub remains: Vec<String>,
    /// What a person has to see to.
    pub look: Vec<String>,
}

/// What a run does with a table, for the rights that it needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableUse {
    /// Its name in the catalog.
    pub name: String,
    /// The columns that are read.
    pub read: Vec<String>,
    /// The columns that are written.
    pub written: Vec<String>,
    /// Whether rows are deleted.
    pub deleted: bool,
    /// Whether triggers of the database write rows into it.
    pub inserted: bool,
}

/// Whether a lock may be waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// As long as the store's lock timeout.
    Wait,
    /// Whatever somebody else holds is left to them.
    Skip,
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
    /// Per row its version, where the store has one of its own.
    pub versions: Option<Vec<StoreVersion>>,
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

/// Names a row for an error: (table, the text of its key's cells with U+001F between them) → its token.
pub type RowToken = std::sync::Arc<dyn Fn(&str, &[u8]) -> String + Send + Sync>;

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
        /// A statement by which a person finds the row, without a value of it either.
        find: Option<String>,
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
    /// Somebody else's work stands in the way; the same again may succeed.
    #[error("{doing} met somebody else's work: {reason}")]
    Contended {
        /// What was being done.
        doing: String,
        /// A lock timeout, a deadlock or a serialization failure.
        reason: String,
    },
    /// The connection to the store broke.
    #[error("the connection to the store `{store}` was lost while {doing}: {reason}")]
    Lost {
        /// The store.
        store: String,
        /// What was being done.
        doing: String,
        /// How, in words.
        reason: String,
        /// What to do.
        hint: Option<String>,
    },
    /// The store refused.
    #[error("{doing} was refused: {reason}")]
    Refused {
        /// What was being done.
        doing: String,
        /// Why, in words.
        reason: String,
        /// What to do.
        hint: Option<String>,
        /// Whether a right is missing.
        privilege: bool,
    },
    /// The snapshot was open for too long.
    #[error("the snapshot was open for more than {seconds} seconds")]
    SnapshotAge {
        /// The limit.
        seconds: u64,
    },
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
            Self::Value { find, .. } => {
                let mend = "correct the cell; or class its column `plain`, if it holds no text, says nothing about people, and no rule and no set names \
                            it: then it is not read";
                Some(find.as_ref().map_or(mend.to_owned(), |find| format!("`{find}` finds the row; {mend}")))
            }
            Self::UnsupportedType { .. } => {
                Some("declare the column INTEGER, DECIMAL(p,s), TEXT, DATE, TIMESTAMP, BOOLEAN, REAL or BLOB".into())
            }
            Self::Constraint { constraint, .. } if constraint == "TRIGGER" => Some(Self::OF_A_TRIGGER.into()),
            Self::Constraint { .. } => Some("give the column a `placeholder` that its constraints allow; `gallra check` names them".into()),
            Self::Damaged { .. } => Some("restore it from a backup; `PRAGMA integrity_check` in the sqlite3 shell tells more".into()),
            Self::Full => Some("free space and run again; nothing was lost".into()),
            Self::Contended { .. } => Some("find the transaction that holds the lock, or run at a quieter hour".into()),
            Self::Lost { hint, .. } => Some(match hint {
                Some(hint) if hint.contains("run again") => hint.clone(),
                Some(hint) => format!("{hint}; run again when it is back, what was committed is not done twice"),
                None => "run again when it is back; what was committed is not done twice".into(),
            }),
            Self::Refused { hint, .. } => hint.clone(),
            Self::SnapshotAge { .. } => Some(
                "as long as it is open the database can not clean up; raise `snapshot_minutes` in `[run]`, or read with more `connections`"
                    .into(),
            ),
            Self::Driver { .. } => None,
        }
    }

    /// What to do about a trigger that raises an error.
    pub(crate) const OF_A_TRIGGER: &str = "look at the triggers of the table: one of them raises an error where a row is changed or deleted; \
                                           have it let gallra's user pass, or forget the column in a way that it allows";

    /// A store was asked for what only one with versions of its own can do.
    fn unversioned() -> Self {
        Self::Driver { doing: "comparing versions".into(), code: "this store has none".into() }
    }

    /// Whether the same transaction, begun anew, may succeed.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Contended { .. })
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

    /// Whether undeclared references can be broken by others while a batch holds its locks: then their tables are locked as a whole, or looked
    /// at again after the commit.
    fn shares_tables(&self) -> bool {
        false
    }

    /// Creates gallra's own tables where they are missing (journal, ledger head). Called by `run` alone.
    fn prepare_journal(&mut self) -> Result<(), StoreError>;

    /// Opens a write transaction: from here to the commit nobody else writes the rows of the batch.
    fn batch(&mut self) -> Result<Box<dyn Batch + '_>, StoreError>;

    /// Sessions that write: at least one, and as many as `wanted` where several may write this store side by side.
    fn writers(&mut self, wanted: usize) -> Result<Vec<Box<dyn Writer + '_>>, StoreError>;

    /// Changes whenever somebody else than this connection commits a write; equal values mean nobody did.
    fn write_counter(&mut self) -> Result<u64, StoreError>;

    /// Whether this store wrote a row of this version itself; a store without versions of its own never says so.
    fn wrote(&self, _version: &StoreVersion) -> bool {
        false
    }

    /// Before rows of these tables are written: notes what copies them, so that a run which is killed leaves no copy that nobody knows of.
    fn expect_writes(&mut self, _tables: &[String]) -> Result<(), StoreError> {
        Ok(())
    }

    /// The store's own copies of tables that may still hold what was forgotten, each as a sentence.
    fn stale_copies(&mut self) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }

    /// After rows of these tables were written, or none: refreshes the store's own copies of them and those that an earlier run had to leave, compacts
    /// the tables where that is wished, and says what remains.
    fn aftercare(&mut self, _touched: &[String], _vacuum: bool) -> Result<Aftercare, StoreError> {
        Ok(Aftercare::default())
    }

    /// The statements that make a role which plans and one which runs, with the rights that this use of the tables needs and no others.
    /// `None` for a store without roles.
    fn grants(&mut self, _planner: &str, _runner: &str, _tables: &[TableUse]) -> Result<Option<String>, StoreError> {
        Ok(None)
    }

    /// Whether the store lets a run use its tables like this; an error names all missing rights.
    fn may_run(&mut self, _uses: &[TableUse]) -> Result<(), StoreError> {
        Ok(())
    }

    /// The triggers of a table that can hold back the change of a row, by name, as far as the store tells.
    fn withholding(&mut self, _table: &str) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }

    /// Of these (table, columns) those where the store finds out who points at a row only by reading a large table, because no index begins
    /// with them; by position.
    fn unindexed(&mut self, _columns: &[(String, Vec<String>)]) -> Result<Vec<usize>, StoreError> {
        Ok(Vec::new())
    }

    /// The foreign keys that are violated, as (table, number of rows).
    fn broken_references(&mut self) -> Result<Vec<(String, u64)>, StoreError>;

    /// Of the rows as they would be with `constants` in place (column index, SQL value as text or NULL), how many fail each CHECK of the table:
    /// (index into `table.checks`, rows). A check that names none of these columns is left out.
    fn failing_checks(&mut self, table: &Table, constants: &[(usize, Option<String>)]) -> Result<Vec<(usize, u64)>, StoreError>;
}

/// A session that writes, beside others of the same store or alone.
pub trait Writer: Send {
    /// Opens a write transaction: from here to the commit nobody else writes the rows of the batch.
    fn batch(&mut self) -> Result<Box<dyn Batch + '_>, StoreError>;
}

/// A write transaction. Dropping it without [`Batch::commit`] rolls back.
pub trait Batch {
    /// Loads the subjects (or records) of this batch: rows of `table` found by the values of `key_columns` (one array each, equal length).
    /// A key that no longer exists simply leads to no rows. `versions` (one per key) is what a store with versions of its own gave for each
    /// row: see [`Batch::claim`].
    fn load_subjects(
        &mut self,
        table: &Table,
        key_columns: &[usize],
        keys: &[ArrayRef],
        versions: Option<&[StoreVersion]>,
    ) -> Result<(), StoreError>;

    /// Locks the loaded subjects' own rows, waiting for whoever holds one. Returns the ordinals of those that still have the version they were
    /// loaded with, in no particular order. Only for a store with versions of its own.
    fn claim(&mut self) -> Result<Vec<u32>, StoreError> {
        Err(StoreError::unversioned())
    }

    /// How rows of these versions are found. Only for a store with versions of its own.
    fn located(&self, _versions: &[StoreVersion]) -> Result<Locators, StoreError> {
        Err(StoreError::unversioned())
    }

    /// The rows of `request.table` that lead to the loaded subjects along `path` (empty: the subjects' own rows), read fresh under the lock.
    /// `about` is how many are expected, for a store that chooses its way by that.
    fn linked(&mut self, request: &Request, path: &[Step], about: Option<u64>) -> Result<LinkedRows, StoreError>;

    /// Locks the rows that lead to the loaded subjects along `path`, so that nobody else writes or deletes them before the commit. Returns the
    /// ordinals of subjects of which a row could not be locked (never with [`Patience::Wait`], which fails instead). A store that locks as a
    /// whole has nothing to do.
    fn lock(&mut self, _table: &Table, _path: &[Step], _patience: Patience) -> Result<Vec<u32>, StoreError> {
        Ok(Vec::new())
    }

    /// Keeps everybody else from writing a table until the commit. `false` where that is not permitted, or somebody holds the table.
    fn lock_table(&mut self, _table: &Table, _patience: Patience) -> Result<bool, StoreError> {
        Ok(true)
    }

    /// Updates rows. Returns the rows matched.
    fn update(&mut self, table: &Table, locators: &Locators, assignments: &[Assignment]) -> Result<u64, StoreError>;

    /// Updates rows that still have these versions, whether they are locked or not, and gives their columns `request.columns` as they are
    /// now, with the position of each among `versions`. Whoever was written by somebody else is left alone. Only for a store with versions of
    /// its own.
    fn update_unchanged(
        &mut self,
        _request: &Request,
        _versions: &[StoreVersion],
        _assignments: &[Assignment],
    ) -> Result<LinkedRows, StoreError> {
        Err(StoreError::unversioned())
    }

    /// Deletes rows that still have these versions, whether they are locked or not. Returns their positions. Only for a store with versions
    /// of its own.
    fn delete_unchanged(&mut self, _table: &Table, _versions: &[StoreVersion]) -> Result<Vec<u32>, StoreError> {
        Err(StoreError::unversioned())
    }

    /// Where rows stand now that stood at `locators` before this batch wrote them.
    fn moved(&self, _table: &Table, locators: &Locators) -> Locators {
        locators.clone()
    }

    /// Replaces a key and every child's copy of it: `UPDATE child SET column = new WHERE column = old` for each pair given as
    /// (table, columns); old and new are arrays per key column. Foreign keys are checked at commit. Returns rows changed.
    fn rekey(&mut self, targets: &[(Table, Vec<usize>)], old: &[ArrayRef], new: &[ArrayRef]) -> Result<u64, StoreError>;

    /// Deletes rows. Returns the rows matched.
    fn delete(&mut self, table: &Table, locators: &Locators) -> Result<u64, StoreError>;

    /// Deletes rows of several tables, whoever points before whom it points at. A store may delete them in one statement, so that references
    /// in a circle hold nobody back. Returns the rows matched per table.
    fn delete_all(&mut self, rows: &[(Table, Locators)]) -> Result<Vec<u64>, StoreError> {
        rows.iter().map(|(table, locators)| self.delete(table, locators)).collect()
    }

    /// Enters journal entries, replacing those of the same tenant, table and token.
    fn journal(&mut self, entries: &[JournalEntry]) -> Result<(), StoreError>;

    /// Keeps the ledger's head in the store.
    fn set_head(&mut self, head: &Head) -> Result<(), StoreError>;

    /// Commits.
    fn commit(self: Box<Self>) -> Result<(), StoreError>;
}
