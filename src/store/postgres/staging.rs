//! Values on their way into a statement: a temporary table of the transaction, filled by binary COPY.

use std::cell::Cell;

use arrow::array::{Array, ArrayRef};
use bytes::Bytes;
use jiff::tz::TimeZone;

use super::connection::Connection;
use super::copy::{Encoder, Wire};
use super::relation::RelationColumn;
use super::{copy_error, misuse, retyped};
use crate::store::StoreError;

/// Rows that are encoded at once.
const ROWS_PER_PIECE: usize = 4_096;

/// A column of a temporary table.
pub(super) struct Staged {
    /// Its name, ready for a statement.
    pub(super) name: String,
    /// Its type.
    pub(super) type_name: String,
    /// How it is sent.
    pub(super) wire: Wire,
}

impl Staged {
    /// A column that holds values of another one. What only a cast can read is staged in the type that it is cast to, and is cast back where it
    /// is used: see [`value`].
    pub(super) fn of(name: String, column: &RelationColumn) -> Self {
        Self { name, type_name: travelling(column).to_owned(), wire: column.wire }
    }

    /// A column of a simple type.
    pub(super) fn plain(name: &str, type_name: &str, wire: Wire) -> Self {
        Self { name: name.into(), type_name: type_name.into(), wire }
    }
}

/// The type in which a column's values travel.
pub(super) fn travelling(column: &RelationColumn) -> &str {
    column.cast.as_deref().unwrap_or(&column.type_name)
}

/// A value that has travelled, as a value of its column's type.
pub(super) fn value(expression: &str, column: &RelationColumn) -> String {
    if column.cast.is_some() { format!("{expression}::{}", column.type_name) } else { expression.to_owned() }
}

/// The temporary tables of one transaction.
pub(super) struct Staging<'a> {
    connection: &'a Connection,
    zone: &'a TimeZone,
    made: Cell<u32>,
}

impl<'a> Staging<'a> {
    pub(super) fn new(connection: &'a Connection, zone: &'a TimeZone) -> Self {
        Self { connection, zone, made: Cell::new(0) }
    }

    /// Makes a table of these columns, fills it, and lets the planner know how many rows it has. Returns its name, ready for a statement. It
    /// goes with the transaction.
    pub(super) fn fill(&self, columns: &[Staged], arrays: &[ArrayRef], doing: &str) -> Result<String, StoreError> {
        self.made.set(self.made.get() + 1);
        let name = format!("pg_temp.gallra_{}", self.made.get());
        let definitions: Vec<String> = columns.iter().map(|column| format!("{} {}", column.name, column.type_name)).collect();
        self.execute(&format!("CREATE TEMPORARY TABLE {name} ({}) ON COMMIT DROP", definitions.join(", ")), doing)?;
        let encoder = Encoder::new(columns.iter().map(|column| column.wire).collect(), self.zone.clone());
        let rows = arrays.first().map_or(0, |array| array.len());
        let sent: Option<Vec<ArrayRef>> =
            columns.iter().zip(arrays).map(|(column, array)| retyped::for_wire(array, column.wire, self.zone)).collect();
        let arrays = sent.ok_or_else(|| misuse(doing, "a value has no form in its column's type"))?;
        let (mut at, mut ended) = (0, false);
        let mut next = || {
            if ended {
                return Ok(None);
            }
            let mut piece = Vec::new();
            if at == 0 {
                encoder.header(&mut piece);
            }
            let end = rows.min(at + ROWS_PER_PIECE);
            encoder.rows(&arrays, at..end, &mut piece).map_err(|error| misuse(doing, &error.to_string()))?;
            at = end;
            if at == rows {
                encoder.trailer(&mut piece);
                ended = true;
            }
            Ok(Some(Bytes::from(piece)))
        };
        let sql = format!("COPY {name} FROM STDIN (FORMAT binary)");
        self.connection.copy_in(&sql, &mut next).map_err(|failure| copy_error(self.connection, doing, None, failure))?;
        self.execute(&format!("ANALYZE {name}"), doing)?;
        Ok(name)
    }

    /// Drops a table before the transaction ends.
    pub(super) fn drop(&self, name: &str, doing: &str) -> Result<(), StoreError> {
        self.execute(&format!("DROP TABLE {name}"), doing)
    }

    fn execute(&self, sql: &str, doing: &str) -> Result<(), StoreError> {
        self.connection.execute(sql).map_err(|failure| self.connection.store_error(doing, None, &failure))
    }
}
