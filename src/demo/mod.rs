//! A demo database to try gallra on: a Swedish business system with synthetic customers, orders and invoices.
//!
//! The same size and day always give the same rows. Nobody in it is real: names are random combinations, telephone numbers
//! are of the ranges reserved for fiction, mail is at example.com and example.org, identity numbers are of births in the
//! 1890s. Dates are relative to the day that the caller gives, so that about 3 % of the private customers are due tonight,
//! and every trouble that the fixture knows stands in it too. `pipelines/fortnox.toml` is its pipeline.

mod days;
mod fixture;
mod names;
mod people;
mod plan;
mod random;
mod roles;
mod showcase;
mod trade;

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use rusqlite::Connection;

use days::Days;
use people::IdentityNumbers;
use random::Random;

/// The tables, and after the line "Indexes and triggers" what is added when they are full.
const SCHEMA: &str = include_str!("../../fixtures/fortnox/schema.sql");

/// The line of the schema that divides it.
const INDEXES: &str = "-- Indexes and triggers";

/// Days before today that the demo needs: nine calendar years and the time before the first order.
const LONGEST: u32 = 4_000;

/// The one seed: the demo is the same everywhere.
const SEED: u64 = 19_730_511;

/// How large the demo is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Generated customers; the fixture's and the showcase's come on top. From some thousands on, fewer are due than the
    /// usual brake of 5 % allows.
    pub customers: u64,
    /// Generated order rows; the fixture's and the showcase's come on top.
    pub order_rows: u64,
}

impl Default for Size {
    /// 20,000 customers and 200,000 order rows.
    fn default() -> Self {
        Self { customers: 20_000, order_rows: 200_000 }
    }
}

/// What was generated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// Rows per table, in the order of the schema.
    pub counts: Vec<TableCount>,
    /// Three customers to look at before and after the run: deleted, anonymised, kept in part, in this order.
    pub showcase: Vec<Showcase>,
}

/// How many rows a table has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableCount {
    /// The table.
    pub table: String,
    /// Its rows.
    pub rows: u64,
}

/// A customer that shows one outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Showcase {
    /// The customer's number.
    pub customer_no: String,
    /// What becomes of the (synthetic) customer, as a headline.
    pub title: String,
    /// Why, as the rest of a sentence.
    pub why: String,
}

/// Why there is no demo database.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DemoError {
    /// Something is already there; a demo overwrites nothing.
    #[error("`{}` exists already, the demo needs a new file", path.display())]
    Exists {
        /// The file asked for.
        path: PathBuf,
    },
    /// Orders need someone who orders.
    #[error("{order_rows} order rows need at least one customer")]
    NoCustomers {
        /// The order rows asked for.
        order_rows: u64,
    },
    /// SQLite refused.
    #[error("the demo database could not be written")]
    Store(#[from] rusqlite::Error),
    /// Today is so early or late that no calendar has the days around it.
    #[error("the demo's dates leave the calendar")]
    Calendar(#[from] jiff::Error),
    /// The finished file could not get its name.
    #[error("`{}` could not be put in place", path.display())]
    Place {
        /// The file asked for.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Writes a demo database of the given size to `path`, with dates relative to `today`.
///
/// The file appears under its name when it is complete; until then it is written beside it with `.partial` at the end.
/// It is not forced to the disk: a demo that a power cut takes is generated again. `progress` is told how much of how much
/// is done, in customers plus order rows, and at least once that all is.
///
/// # Errors
///
/// [`DemoError::Exists`] if there is a file at `path` already; [`DemoError::NoCustomers`] for order rows without customers;
/// [`DemoError::Store`], [`DemoError::Place`] if the file can not be written; [`DemoError::Calendar`] for a `today` at the
/// edge of the calendar.
pub fn generate(path: &Path, size: &Size, today: Date, progress: &mut dyn FnMut(u64, u64)) -> Result<Generated, DemoError> {
    if path.try_exists().unwrap_or(true) {
        return Err(DemoError::Exists { path: path.to_owned() });
    }
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let place = |source| DemoError::Place { path: path.to_owned(), source };
    match fs::remove_file(&partial) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(place(error)),
        // The rest of a demo that was interrupted, or nothing.
        _ => {}
    }
    let generated = fill(&partial, size, today, progress);
    if generated.is_ok() {
        fs::rename(&partial, path).map_err(place)?;
    } else {
        // What went wrong is told below; a rest that stays is removed by the next demo.
        let _ = fs::remove_file(&partial);
    }
    generated
}

/// Writes everything in one transaction.
fn fill(partial: &Path, size: &Size, today: Date, progress: &mut dyn FnMut(u64, u64)) -> Result<Generated, DemoError> {
    let mut store = Connection::open(partial)?;
    // A new file of which a failure leaves nothing needs neither journal nor fsync. None of these settings stays in the file.
    // Foreign keys are right by construction (a test checks them), looking up each parent would only take time.
    store.execute_batch(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA foreign_keys = OFF; \
         PRAGMA cache_size = -200000; PRAGMA temp_store = MEMORY;",
    )?;
    let (tables, indexes) = SCHEMA.split_at(SCHEMA.find(INDEXES).unwrap_or(SCHEMA.len()));
    let days = Days::new(today, LONGEST)?;
    let rows = fixture::rows(today)?;
    let mut random = Random::new(SEED);
    let mut identity_numbers = IdentityNumbers::default();

    let transaction = store.transaction()?;
    transaction.execute_batch(tables)?;
    transaction.execute_batch(&rows)?;
    let showcase = showcase::write(&transaction, &days)?;
    roles::write(&transaction, size, &days, &mut random, &mut identity_numbers)?;
    trade::write(&transaction, size, &days, random, &mut identity_numbers, progress)?;
    transaction.execute_batch(indexes)?;
    let counts = counts(&transaction)?;
    transaction.commit()?;
    store.close().map_err(|(_, error)| error)?;
    Ok(Generated { counts, showcase })
}

/// Rows per table, in the order of the schema.
fn counts(store: &Connection) -> Result<Vec<TableCount>, DemoError> {
    let mut names = store.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid")?;
    let tables: Vec<String> = names.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    tables
        .into_iter()
        .map(|table| {
            let rows = store.query_row(&format!("SELECT count(*) FROM \"{table}\""), [], |row| row.get::<_, i64>(0))?;
            Ok(TableCount { table, rows: rows.unsigned_abs() })
        })
        .collect()
}

#[cfg(test)]
mod tests;
