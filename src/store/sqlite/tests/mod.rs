//! The store against databases that SQLite itself made.

mod catalog;
mod opening;
mod reading;
mod writing;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use arrow::util::display::array_value_to_string;
use jiff::tz::TimeZone;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::store::sqlite::{Options, SqliteStore};
use crate::store::{Catalog, LinkedRows, Request, Rows, Step, Store, Table};

/// A database in a folder of its own, and another program's connection to it.
struct Database {
    folder: TempDir,
    path: PathBuf,
    other: Connection,
}

fn database(sql: &str) -> Database {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let other = Connection::open(&path).unwrap();
    other.execute_batch(sql).unwrap();
    Database { folder, path, other }
}

fn options(writable: bool) -> Options {
    Options {
        writable,
        timestamps: TimeZone::get("Europe/Stockholm").unwrap(),
        row_token: Arc::new(|table, key| format!("{table}#{}", String::from_utf8_lossy(key).replace('\u{1f}', "|"))),
        busy_seconds: 0,
    }
}

impl Database {
    fn reader(&self) -> SqliteStore {
        SqliteStore::open(&self.path, options(false)).unwrap()
    }

    fn writer(&self) -> SqliteStore {
        SqliteStore::open(&self.path, options(true)).unwrap()
    }

    fn catalog(&self) -> Catalog {
        self.reader().catalog().unwrap()
    }

    fn table(&self, name: &str) -> Table {
        self.catalog().table(name).unwrap().clone()
    }

    /// One text of a query's rows: cells with commas, rows with semicolons, NULL as `-`.
    fn ask(&self, sql: &str) -> String {
        let mut statement = self.other.prepare(sql).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| {
            let cells: Vec<String> = (0..columns)
                .map(|index| match row.get_ref(index).unwrap() {
                    rusqlite::types::ValueRef::Null => "-".into(),
                    rusqlite::types::ValueRef::Integer(value) => value.to_string(),
                    rusqlite::types::ValueRef::Real(value) => value.to_string(),
                    rusqlite::types::ValueRef::Text(text) | rusqlite::types::ValueRef::Blob(text) => {
                        String::from_utf8_lossy(text).into_owned()
                    }
                })
                .collect();
            Ok(cells.join(","))
        });
        rows.unwrap().map(Result::unwrap).collect::<Vec<_>>().join(";")
    }
}

/// A request for columns by name; all of them where none is named.
fn request(table: &Table, columns: &[&str]) -> Request {
    let columns = if columns.is_empty() {
        (0..table.columns.len()).collect()
    } else {
        columns.iter().map(|name| table.column(name).unwrap()).collect()
    };
    Request { table: table.clone(), columns }
}

fn read(store: &mut SqliteStore, request: &Request) -> Rows {
    store.snapshot().unwrap().read(request, &mut |_| {}).unwrap()
}

/// Rows in the form of [`Database::ask`].
fn shown(rows: &Rows) -> String {
    let mut lines = Vec::new();
    for batch in &rows.batches {
        for row in 0..batch.num_rows() {
            let cells: Vec<String> =
                batch.columns().iter().map(|column| if column.is_null(row) { "-".into() } else { cell(column, row) }).collect();
            lines.push(cells.join(","));
        }
    }
    lines.join(";")
}

fn cell(column: &ArrayRef, row: usize) -> String {
    match column.as_primitive_opt::<TimestampMicrosecondType>() {
        // Arrow shows no zone by name without a time zone database of its own.
        Some(instants) => array_value_to_string(&instants.clone().with_timezone_opt(None::<Arc<str>>), row).unwrap() + "Z",
        None => array_value_to_string(column, row).unwrap(),
    }
}

fn ordinals(linked: &LinkedRows) -> Vec<u32> {
    linked.subjects.values().to_vec()
}

fn row_numbers(linked: &LinkedRows) -> Vec<i64> {
    linked.locators.columns[0].as_primitive::<Int64Type>().values().to_vec()
}

fn step(to: &str, columns: &[(&str, &str)]) -> Step {
    Step { to: to.into(), columns: columns.iter().map(|(from, to)| ((*from).into(), (*to).into())).collect(), ..Step::default() }
}

fn integers(values: &[i64]) -> ArrayRef {
    Arc::new(arrow::array::Int64Array::from(values.to_vec()))
}

fn texts(values: &[&str]) -> ArrayRef {
    Arc::new(arrow::array::StringArray::from(values.to_vec()))
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
