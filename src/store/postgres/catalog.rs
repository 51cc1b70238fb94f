//! What the database says of itself, from the server's own catalog.
//!
//! Left out: the server's schemas (`pg_…`, `information_schema`), gallra's own (`gallra`), what belongs to an extension, other sessions'
//! temporary tables, and views, which hold nothing; materialized views are listed in [`Relations`]. What holds data and can not be read
//! is in [`Catalog::unreadable`]: foreign tables, tables with a foreign table among their partitions, tables that are not kept in the
//! server's heap (by whose row addresses rows are found again), and large objects, under the name `pg_largeobject`.
//!
//! A table of the default schema (`current_schema()`) goes by its bare name, every other as `schema.table`; where two would have the same
//! name, both are written with quotes, `"schema"."table"`. Upper and lower case stay as they are stored.
//!
//! How partitions and inheritance make one table of several is told at [`super::relation`].

mod keys;
mod layout;
mod query;
mod tables;
#[cfg(test)]
mod tests;
mod triggers;
mod types;
mod views;

pub(super) use self::query::{cell, letter};

use self::layout::Layout;
use super::connection::Connection;
use super::failure::Failure;
use super::relation::Relations;
use crate::store::{Catalog, StoreError};

/// What large objects are called among the unreadable. They stand in a table of the server's own.
const LARGE_OBJECTS: &str = "pg_largeobject";

/// Reads the catalog in one read transaction of its own; the connection is in none.
pub(super) fn read(connection: &Connection) -> Result<(Catalog, Relations), Failure> {
    connection.execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
    let read = read_now(connection);
    // Nothing was written: after a failure as well as after success there is nothing to keep.
    let ended = connection.execute("ROLLBACK");
    let read = read?;
    ended?;
    Ok(read)
}

/// A failure to read the catalog. The server says that it waited for a lock and not for which: the tables that somebody holds are named, as
/// nothing but an exclusive lock on a table stops a reader of the catalog.
pub(super) fn error(connection: &Connection, failure: &Failure) -> StoreError {
    let error = connection.store_error("reading the catalog", None, failure);
    let StoreError::Contended { doing, reason } = error else { return error };
    let sql = "SELECT string_agg(DISTINCT '`' || l.relation::pg_catalog.regclass::text || '`', ', ')
        FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation
        WHERE l.granted AND l.mode = 'AccessExclusiveLock' AND l.pid <> pg_catalog.pg_backend_pid() AND c.relkind IN ('r', 'p', 'm')
            AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())";
    let held = connection.first_row(sql).ok().and_then(|row| row.into_iter().next().flatten());
    let reason = held.map_or_else(|| reason.clone(), |tables| format!("{reason}; somebody has locked {tables}"));
    StoreError::Contended { doing, reason }
}

fn read_now(connection: &Connection) -> Result<(Catalog, Relations), Failure> {
    let answers = query::ask(connection)?;
    let layout = Layout::of(&answers);
    let (mut tables, relations) = tables::build(&answers, &layout);
    let reacting = triggers::reacting(connection, &layout)?;
    tables.iter_mut().for_each(|table| table.reacts = reacting.contains(&table.name));
    let copying_triggers = triggers::read(connection, &layout)?;
    let mut unreadable = layout.unreadable();
    if answers.has_large_objects {
        unreadable.push(LARGE_OBJECTS.into());
        unreadable.sort();
    }
    let relations = Relations {
        tables: relations.into_iter().map(|relation| (relation.name.clone(), relation)).collect(),
        views: views::plain(&answers, &layout),
        materialized_views: views::materialized(&answers, &layout),
        copying_triggers,
        statement_logging: answers.statement_logging,
    };
    Ok((Catalog { tables, unreadable, views: Vec::new(), copying: Vec::new() }, relations))
}
