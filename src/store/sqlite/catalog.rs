//! What the database says of itself: SQLite's own descriptions (`pragma_table_xinfo` and its kin), and the declarations for the checks.
//!
//! Left out: virtual tables and their shadow tables, views, SQLite's and gallra's own tables, and foreign keys that can not be in force
//! because the table they point at does not exist or has no key of as many columns.

use rusqlite::{Connection, Row};

use super::names::row_number_name;
use super::{Session, checks, declared};
use crate::store::{Catalog, Check, Column, ColumnType, ForeignKey, StoreError, Table};

/// Reads the catalog in one read transaction.
pub(super) fn read(session: &Session, connection: &Connection) -> Result<Catalog, StoreError> {
    let consistent = || -> Result<Catalog, rusqlite::Error> {
        // Dropping the transaction rolls back, which ends it; nothing was written.
        let transaction = connection.unchecked_transaction()?;
        tables(&transaction)
    };
    consistent().map_err(|error| session.failure(None, "reading the catalog", &error))
}

fn tables(connection: &Connection) -> Result<Catalog, rusqlite::Error> {
    let mut statement = connection.prepare("SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")?;
    let names: Vec<(String, bool)> = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let is_own =
        |name: &str| ["sqlite_", "gallra_"].iter().any(|prefix| name.get(..7).is_some_and(|start| start.eq_ignore_ascii_case(prefix)));
    let mut tables = Vec::new();
    for (name, without_row_number) in names.into_iter().filter(|(name, _)| !is_own(name)) {
        tables.push(table(connection, name, without_row_number)?);
    }
    tables.sort_by(|one, other| one.name.cmp(&other.name));
    // A foreign key may point at a table that stands later in the list, so that the targets are resolved at the end.
    let mut resolved = Vec::with_capacity(tables.len());
    for own in &tables {
        resolved.push(foreign_keys(connection, own, &tables)?);
    }
    for (table, foreign_keys) in tables.iter_mut().zip(resolved) {
        table.foreign_keys = foreign_keys;
    }
    let mut statement =
        connection.prepare("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'virtual' ORDER BY name")?;
    let unreadable = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    Ok(Catalog { tables, unreadable, views: Vec::new(), copying: Vec::new() })
}

fn table(connection: &Connection, name: String, without_row_number: bool) -> Result<Table, rusqlite::Error> {
    let mut statement =
        connection.prepare("SELECT name, type, \"notnull\", pk, hidden FROM pragma_table_xinfo(?1, 'main') ORDER BY cid")?;
    let mut key = Vec::new();
    let mut columns: Vec<Column> = Vec::new();
    let mut rows = statement.query([&name])?;
    while let Some(row) = rows.next()? {
        let position: i64 = row.get(3)?;
        if position > 0 {
            key.push((position, columns.len()));
        }
        columns.push(column(row)?);
    }
    key.sort_unstable();
    let primary_key: Vec<usize> = key.into_iter().map(|(_, column)| column).collect();
    let indexes = indexes(connection, &name)?;
    // An INTEGER PRIMARY KEY is the row number itself: it has no index and never is NULL, though SQLite does not report it as NOT NULL.
    if let [only] = primary_key[..]
        && !without_row_number
        && !indexes.iter().any(|index| index.of_primary_key)
        && let Some(column) = columns.get_mut(only)
    {
        column.nullable = false;
    }
    let has_row_number = !without_row_number && row_number_name(columns.iter().map(|column| column.name.as_str())).is_some();
    let mut unique: Vec<Vec<usize>> = Vec::new();
    let mut partial_unique: Vec<Vec<usize>> = Vec::new();
    for index in indexes.iter().filter(|index| index.unique && !index.of_primary_key) {
        let key = index_columns(connection, &index.name, &columns)?;
        let list = if index.partial { &mut partial_unique } else { &mut unique };
        if !key.is_empty() && key != primary_key && !list.contains(&key) {
            list.push(key);
        }
    }
    unique.sort();
    partial_unique.sort();
    let checks = match declaration(connection, "table", &name)? {
        Some(sql) => checks::of_declaration(&sql, &columns),
        None => Vec::<Check>::new(),
    };
    let foreign_keys = Vec::new();
    let equal_nulls = Vec::new();
    Ok(Table { name, columns, primary_key, unique, partial_unique, equal_nulls, foreign_keys, checks, has_row_number, reacts: false })
}

fn column(row: &Row<'_>) -> Result<Column, rusqlite::Error> {
    let declared: String = row.get(1)?;
    let reading = declared::read(&declared);
    let not_null: bool = row.get(2)?;
    let hidden: i64 = row.get(4)?;
    Ok(Column {
        name: row.get(0)?,
        declared,
        data_type: reading.data_type,
        nullable: !not_null,
        max_length: if reading.data_type == ColumnType::Text { reading.max_length } else { None },
        // 2 and 3 stand for virtual and stored generated columns.
        generated: hidden >= 2,
        fixed: None,
        // A collation such as NOCASE is the index's affair: the driver compares what is read, byte by byte.
        case_insensitive: false,
    })
}

struct Index {
    name: String,
    unique: bool,
    of_primary_key: bool,
    partial: bool,
}

fn indexes(connection: &Connection, table: &str) -> Result<Vec<Index>, rusqlite::Error> {
    let mut statement =
        connection.prepare("SELECT name, \"unique\", origin = 'pk', partial FROM pragma_index_list(?1, 'main') ORDER BY seq DESC")?;
    let rows = statement.query_map([table], |row| {
        Ok(Index { name: row.get(0)?, unique: row.get(1)?, of_primary_key: row.get(2)?, partial: row.get(3)? })
    })?;
    rows.collect()
}

/// The columns of a unique index. Where it indexes an expression, the columns that its declaration names: rows that differ in the expressions
/// differ in those columns.
fn index_columns(connection: &Connection, index: &str, columns: &[Column]) -> Result<Vec<usize>, rusqlite::Error> {
    let mut statement = connection.prepare("SELECT name FROM pragma_index_xinfo(?1, 'main') WHERE key = 1 ORDER BY seqno")?;
    let names: Vec<Option<String>> = statement.query_map([index], |row| row.get(0))?.collect::<Result<_, _>>()?;
    if names.iter().all(Option::is_some) {
        return Ok(names.iter().flatten().filter_map(|name| columns.iter().position(|column| column.name == *name)).collect());
    }
    Ok(match declaration(connection, "index", index)? {
        Some(sql) => checks::of_index(&sql, columns),
        None => Vec::new(),
    })
}

/// The declaration of a table or an index, as it was typed.
fn declaration(connection: &Connection, kind: &str, name: &str) -> Result<Option<String>, rusqlite::Error> {
    let mut statement = connection.prepare("SELECT sql FROM main.sqlite_schema WHERE type = ?1 AND name = ?2")?;
    let mut rows = statement.query([kind, name])?;
    rows.next()?.map_or(Ok(None), |row| row.get(0))
}

fn foreign_keys(connection: &Connection, own: &Table, tables: &[Table]) -> Result<Vec<ForeignKey>, rusqlite::Error> {
    // SQLite numbers foreign keys from the last declared to the first.
    let mut statement = connection.prepare(
        "SELECT id, \"table\", \"from\", \"to\", on_delete IN ('CASCADE', 'SET NULL', 'SET DEFAULT') FROM pragma_foreign_key_list(?1, 'main') ORDER BY id DESC, seq",
    )?;
    let mut rows = statement.query([&own.name])?;
    let mut found: Vec<(i64, ForeignKey)> = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let (from, to): (String, Option<String>) = (row.get(2)?, row.get(3)?);
        if found.last().is_none_or(|(last, _)| *last != id) {
            let key = ForeignKey {
                columns: Vec::new(),
                to: row.get(1)?,
                to_columns: Vec::new(),
                deletes_silently: row.get(4)?,
                everywhere: true,
            };
            found.push((id, key));
        }
        if let Some((_, key)) = found.last_mut() {
            key.columns.extend(own.column(&from));
            key.to_columns.extend(to);
        }
    }
    Ok(found.into_iter().filter_map(|(_, key)| resolved(key, tables)).collect())
}

/// The foreign key with the names that its target has in the catalog, and the target's primary key where the declaration names no columns.
fn resolved(mut key: ForeignKey, tables: &[Table]) -> Option<ForeignKey> {
    let target = tables.iter().find(|table| table.name.eq_ignore_ascii_case(&key.to))?;
    key.to.clone_from(&target.name);
    let spelled = |index: usize| target.columns.get(index).map(|column| column.name.clone());
    key.to_columns = if key.to_columns.is_empty() {
        target.primary_key.iter().filter_map(|&index| spelled(index)).collect()
    } else {
        key.to_columns.iter().filter_map(|name| target.column(name).and_then(spelled)).collect()
    };
    (key.columns.len() == key.to_columns.len()).then_some(key)
}
