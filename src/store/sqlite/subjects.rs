//! The subjects of a write batch in a temporary table, and the rows that lead to them.
//!
//! The temporary table lives in memory and within the transaction: raw keys reach no disk, and a rollback takes it away.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BinaryBuilder, Int64Builder, UInt32Builder};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::encode::{Cells, Unbound, append_stored};
use super::error::misuse;
use super::names::{Address, literal, quoted};
use super::read::{Reading, reading};
use super::{Session, declared};
use crate::store::{LinkedRows, Locators, Request, Step, StoreError, Table, Value};

/// What is loaded: a table and the columns that its rows are found by.
pub(super) struct Subjects {
    pub(super) table: String,
    /// Quoted.
    pub(super) key: Vec<String>,
}

/// Loads keys into `temp.gallra_subjects`, numbered from 0.
pub(super) fn load(
    session: &Session,
    connection: &Connection,
    table: &Table,
    key_columns: &[usize],
    keys: &[ArrayRef],
) -> Result<Subjects, StoreError> {
    let doing = format!("loading the subjects of `{}`", table.name);
    let columns: Vec<_> = key_columns.iter().filter_map(|&index| table.columns.get(index)).collect();
    let cells: Option<Vec<Cells<'_>>> = keys.iter().map(Cells::values).collect();
    let (Some(first), Some(cells)) = (keys.first(), cells) else {
        return Err(misuse(&doing, "the keys have a type that no column has"));
    };
    if columns.len() != key_columns.len() || keys.len() != columns.len() || keys.iter().any(|array| array.len() != first.len()) {
        return Err(misuse(&doing, "the keys and their columns do not match"));
    }
    fill(
        connection,
        "gallra_subjects",
        &columns.iter().map(|column| declared::affinity(&column.declared)).collect::<Vec<_>>(),
        first.len(),
        &cells,
        session,
    )
    .map_err(|error| session.failure(None, &doing, &error))?;
    Ok(Subjects { table: table.name.clone(), key: columns.iter().map(|column| quoted(&column.name)).collect() })
}

/// Makes a temporary table of an ordinal and columns `k0`, `k1` … of these affinities, and fills it.
///
/// A value that SQLite can not hold equals no cell; it is entered as NULL, which equals none either.
pub(super) fn fill(
    connection: &Connection,
    name: &str,
    affinities: &[&str],
    rows: usize,
    cells: &[Cells<'_>],
    session: &Session,
) -> Result<(), rusqlite::Error> {
    let columns: Vec<String> = affinities.iter().enumerate().map(|(index, affinity)| format!("k{index} {affinity}")).collect();
    connection.execute_batch(&format!(
        "DROP TABLE IF EXISTS temp.{name}; CREATE TEMP TABLE {name} (ordinal INTEGER PRIMARY KEY, {})",
        columns.join(", ")
    ))?;
    let mut statement = connection.prepare(&format!("INSERT INTO temp.{name} VALUES (?{})", ", ?".repeat(cells.len())))?;
    let mut text = String::new();
    for row in 0..rows {
        statement.raw_bind_parameter(1, row as u64 as i64)?;
        for (index, column) in cells.iter().enumerate() {
            match column.bind(row, &session.options.timestamps, &mut text, &mut statement, index + 2) {
                Ok(()) => {}
                Err(Unbound::Unwritable(_)) => statement.raw_bind_parameter(index + 2, rusqlite::types::Null)?,
                Err(Unbound::Driver(error)) => return Err(error),
            }
        }
        statement.raw_execute()?;
    }
    Ok(())
}

/// The rows of a table that lead to the loaded subjects, by subject and then by their own address.
pub(super) fn linked(
    session: &Session,
    connection: &Connection,
    subjects: &Subjects,
    request: &Request,
    path: &[Step],
) -> Result<LinkedRows, StoreError> {
    let doing = reading(&request.table);
    let end = path.last().map_or(&request.table.name, |step| &step.to);
    if !end.eq_ignore_ascii_case(&subjects.table) {
        return Err(misuse(&doing, "the path does not end at the table of the loaded subjects"));
    }
    if path.iter().any(|step| step.columns.is_empty()) {
        return Err(misuse(&doing, "a step of the path joins no columns"));
    }
    let address =
        Address::of(&request.table).ok_or_else(|| misuse(&doing, "its rows have neither a row number nor a key to be written by"))?;
    let started = Reading::new(session, request)?;
    let mut list = started.select_list("t0");
    let ordinal_at = list.len();
    list.push("b.ordinal".into());
    let own: Vec<String> = address.columns().iter().map(|column| format!("t0.{column}")).collect();
    list.extend(own.iter().cloned());

    let sql = statement(subjects, &request.table.name, path, &list, &own);
    let statement = connection.prepare(&sql).map_err(|error| session.failure(None, &doing, &error))?;
    let mut ordinals = UInt32Builder::new();
    let mut found = Found::new(&address);
    let rows = started.run(
        statement,
        |row| {
            ordinals.append_value(row.get(ordinal_at)?);
            found.append(|index| row.get_ref(ordinal_at + 1 + index))
        },
        &mut |_| {},
    )?;
    Ok(LinkedRows { rows, subjects: ordinals.finish(), locators: found.finish() })
}

/// The statement that leads from the loaded subjects along the reversed path to the rows, as `t0`.
///
/// CROSS JOIN keeps SQLite to this order, from the few subjects along the indexes of the foreign keys to the rows. Where an index is missing,
/// SQLite builds one for the statement. The column pointed at stands on the left: its collation and affinity rule the comparison, as they do
/// when SQLite enforces a foreign key. What stands behind a prefix is no column's value, and there the text on the left is searched for.
pub(super) fn statement(subjects: &Subjects, table: &str, path: &[Step], list: &[String], own: &[String]) -> String {
    let last = path.len();
    let mut tables = vec!["temp.gallra_subjects AS b".to_owned()];
    let mut conditions: Vec<String> = subjects.key.iter().enumerate().map(|(index, key)| format!("t{last}.{key} = b.k{index}")).collect();
    for depth in (0..=last).rev() {
        let name = if depth == 0 { table } else { &path[depth - 1].to };
        tables.push(format!("main.{} AS t{depth}", quoted(name)));
        if let Some(step) = path.get(depth) {
            conditions.extend(step.columns.iter().map(|(from, to)| {
                let (from, to) = (format!("t{depth}.{}", quoted(from)), format!("t{}.{}", depth + 1, quoted(to)));
                match &step.prefix {
                    // Exactly, whatever the columns' collations are.
                    Some(prefix) => format!("{from} = ({} || {to}) COLLATE BINARY", literal(prefix)),
                    None => format!("{to} = {from}"),
                }
            }));
            conditions.extend(step.when.iter().map(|(column, value)| {
                let value = match value {
                    Value::Text(text) => format!("{} COLLATE BINARY", literal(text)),
                    Value::Integer(number) => number.to_string(),
                    Value::Boolean(value) => i64::from(*value).to_string(),
                };
                format!("t{depth}.{} = {value}", quoted(column))
            }));
        }
    }
    format!(
        "SELECT {} FROM {} WHERE {} ORDER BY b.ordinal, {}",
        list.join(", "),
        tables.join(" CROSS JOIN "),
        conditions.join(" AND "),
        own.join(", ")
    )
}

/// The locators of rows as they are read.
enum Found {
    RowNumbers(Int64Builder),
    Keys(Vec<BinaryBuilder>, Vec<u8>),
}

impl Found {
    fn new(address: &Address) -> Self {
        match address {
            Address::RowNumber(_) => Self::RowNumbers(Int64Builder::new()),
            Address::Key(columns) => Self::Keys(columns.iter().map(|_| BinaryBuilder::new()).collect(), Vec::new()),
        }
    }

    fn append<'a>(&mut self, cell: impl Fn(usize) -> Result<ValueRef<'a>, rusqlite::Error>) -> Result<(), rusqlite::Error> {
        match self {
            Self::RowNumbers(builder) => builder.append_value(cell(0)?.as_i64()?),
            Self::Keys(builders, bytes) => {
                for (index, builder) in builders.iter_mut().enumerate() {
                    append_stored(builder, bytes, cell(index)?);
                }
            }
        }
        Ok(())
    }

    fn finish(self) -> Locators {
        let columns: Vec<ArrayRef> = match self {
            Self::RowNumbers(mut builder) => vec![Arc::new(builder.finish())],
            Self::Keys(builders, _) => builders.into_iter().map(|mut builder| Arc::new(builder.finish()) as ArrayRef).collect(),
        };
        Locators { columns }
    }
}
