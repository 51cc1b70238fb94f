//! Replacing a key together with every copy of it.
//!
//! All pairs of old and new keys stand in a temporary table (in memory), and each target is one UPDATE joined with it: one pass over the
//! target, along its index where there is one. Foreign keys are checked at the commit.

use arrow::array::{Array, ArrayRef};
use rusqlite::Connection;

use super::encode::Cells;
use super::error::misuse;
use super::names::quoted;
use super::{Session, declared, subjects};
use crate::store::{StoreError, Table};

/// Replaces the keys in every target. Returns the rows changed.
pub(super) fn rekey(
    session: &Session,
    connection: &Connection,
    targets: &[(Table, Vec<usize>)],
    old: &[ArrayRef],
    new: &[ArrayRef],
) -> Result<u64, StoreError> {
    let Some((first, first_columns)) = targets.first() else {
        return Ok(0);
    };
    let doing = format!("replacing keys of `{}`", first.name);
    let length = old.first().map_or(0, |array| array.len());
    let fits =
        |(table, columns): &(Table, Vec<usize>)| columns.len() == old.len() && columns.iter().all(|&column| column < table.columns.len());
    let cells: Option<Vec<Cells<'_>>> = old.iter().chain(new).map(Cells::values).collect();
    let Some(cells) = cells else {
        return Err(misuse(&doing, "the keys have a type that no column has"));
    };
    if old.is_empty() || old.len() != new.len() || !targets.iter().all(fits) || old.iter().chain(new).any(|array| array.len() != length) {
        return Err(misuse(&doing, "the keys and their columns do not match"));
    }
    if new.iter().any(|array| array.logical_null_count() > 0) {
        return Err(misuse(&doing, "a new key is NULL"));
    }
    let failed = |table: &Table, error: rusqlite::Error| session.failure(Some(&table.name), &doing, &error);

    let own: Vec<&str> = first_columns.iter().map(|&column| declared::affinity(&first.columns[column].declared)).collect();
    let affinities = [own.as_slice(), own.as_slice()].concat();
    subjects::fill(connection, "gallra_keys", &affinities, length, &cells, session).map_err(|error| failed(first, error))?;
    let width = old.len();
    let every = |pair: &dyn Fn(usize) -> String, between: &str| (0..width).map(pair).collect::<Vec<_>>().join(between);

    // A new key that is another row's old one would be replaced twice where foreign keys cascade.
    let chained = format!(
        "SELECT EXISTS (SELECT 1 FROM temp.gallra_keys AS a JOIN temp.gallra_keys AS b ON a.ordinal <> b.ordinal AND {})",
        every(&|index| format!("a.k{} = b.k{index}", width + index), " AND ")
    );
    if connection.query_row(&chained, [], |row| row.get::<_, bool>(0)).map_err(|error| failed(first, error))? {
        return Err(misuse(&doing, "a new key is also an old one"));
    }
    let empty = every(&|index| format!("k{} IS NULL", width + index), " OR ");
    let unwritable = format!("SELECT EXISTS (SELECT 1 FROM temp.gallra_keys WHERE {empty})");
    if connection.query_row(&unwritable, [], |row| row.get::<_, bool>(0)).map_err(|error| failed(first, error))? {
        return Err(misuse(&doing, "a new key can not be written"));
    }

    // Lasts until the transaction ends.
    connection.execute_batch("PRAGMA defer_foreign_keys = ON").map_err(|error| failed(first, error))?;
    let mut changed = 0;
    for (table, columns) in targets {
        let name = |index: usize| quoted(&table.columns[columns[index]].name);
        let sql = format!(
            "UPDATE OR ABORT main.{} AS t SET {} FROM temp.gallra_keys AS m WHERE {}",
            quoted(&table.name),
            every(&|index| format!("{} = m.k{}", name(index), width + index), ", "),
            every(&|index| format!("t.{} = m.k{index}", name(index)), " AND ")
        );
        changed += connection.execute(&sql, []).map_err(|error| failed(table, error))? as u64;
    }
    Ok(changed)
}
