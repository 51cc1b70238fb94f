//! Running a SELECT of one table's columns into Arrow batches.
//!
//! Every such SELECT lists the requested columns, then the cells that name a row in an error, then whatever the caller reads itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Field, Schema, SchemaRef};
use rusqlite::{Row, Statement};

use super::Session;
use super::decode::{Decoder, Outcome};
use super::encode;
use super::error::misuse;
use super::names::{naming_columns, quoted};
use crate::store::{Column, ROWS_PER_BATCH, Request, Rows, StoreError, Table};

/// A batch ends early at this many bytes in one column: with SQLite's largest cell of 10^9 bytes on top, 32-bit offsets still suffice.
const BYTES_PER_BATCH: usize = 1 << 30;

/// Reads one request's rows.
pub(super) struct Reading<'a> {
    session: &'a Session,
    table: &'a Table,
    columns: Vec<&'a Column>,
    decoders: Vec<Decoder>,
    /// Positions of the columns whose bytes are unbounded.
    unbounded: Vec<usize>,
    naming: Vec<String>,
    schema: SchemaRef,
    rows: Rows,
    finished_rows: usize,
    /// What the rows are ordered by, where they are: then a row that can not be read is found by its place.
    order: Option<String>,
}

impl<'a> Reading<'a> {
    /// # Errors
    /// [`StoreError::UnsupportedType`] where a requested column has such a type.
    pub(super) fn new(session: &'a Session, request: &'a Request) -> Result<Self, StoreError> {
        let table = &request.table;
        let mut columns = Vec::with_capacity(request.columns.len());
        let mut decoders = Vec::with_capacity(request.columns.len());
        let mut unbounded = Vec::new();
        for (position, &index) in request.columns.iter().enumerate() {
            let column = table.columns.get(index).ok_or_else(|| misuse(&reading(table), "a requested column does not exist"))?;
            let decoder = Decoder::new(column.data_type, &session.options.timestamps).ok_or_else(|| StoreError::UnsupportedType {
                table: table.name.clone(),
                column: column.name.clone(),
                declared: column.declared.clone(),
            })?;
            if matches!(decoder, Decoder::Text(_) | Decoder::Blob(_)) {
                unbounded.push(position);
            }
            columns.push(column);
            decoders.push(decoder);
        }
        // A date that can not be read becomes NULL, so that no field can promise to have none.
        let fields: Vec<Field> = columns.iter().map(|column| Field::new(&column.name, column.data_type.arrow(), true)).collect();
        Ok(Self {
            session,
            table,
            columns,
            decoders,
            unbounded,
            naming: naming_columns(table),
            schema: Arc::new(Schema::new(fields)),
            rows: Rows { batches: Vec::new(), unreadable: BTreeMap::new(), versions: None },
            finished_rows: 0,
            order: None,
        })
    }

    /// Says that the statement orders all rows of the table by these columns.
    pub(super) fn ordered_by(mut self, columns: &[String]) -> Self {
        self.order = Some(columns.join(", "));
        self
    }

    /// The start of the select list: the requested columns and the naming cells, of the table under this alias.
    pub(super) fn select_list(&self, alias: &str) -> Vec<String> {
        let requested = self.columns.iter().map(|column| quoted(&column.name));
        requested.chain(self.naming.iter().cloned()).map(|column| format!("{alias}.{column}")).collect()
    }

    /// Runs the statement to its end. `also` reads the cells that the caller appended to the select list; `rows_read` is told the number of
    /// rows of every finished batch. There is always at least one batch, if an empty one.
    pub(super) fn run(
        mut self,
        mut statement: Statement<'_>,
        mut also: impl FnMut(&Row<'_>) -> Result<(), rusqlite::Error>,
        rows_read: &mut dyn FnMut(u64),
    ) -> Result<Rows, StoreError> {
        let session = self.session;
        let failed = |table: &Table, error: &rusqlite::Error| session.failure(None, &reading(table), error);
        let mut cells = statement.raw_query();
        let mut in_batch = 0;
        while let Some(row) = cells.next().map_err(|error| failed(self.table, &error))? {
            for position in 0..self.decoders.len() {
                let cell = row.get_ref(position).map_err(|error| failed(self.table, &error))?;
                match self.decoders[position].append(cell) {
                    Ok(Outcome::Read) => {}
                    Ok(Outcome::Unreadable) => {
                        let number = u32::try_from(self.finished_rows + in_batch)
                            .map_err(|_| misuse(&reading(self.table), "more than 2^32 rows"))?;
                        self.rows.unreadable.entry(position).or_default().push(number);
                    }
                    Err(reason) => return Err(self.misfit(position, reason, row, self.finished_rows + in_batch)),
                }
            }
            also(row).map_err(|error| failed(self.table, &error))?;
            in_batch += 1;
            if in_batch == ROWS_PER_BATCH || self.unbounded.iter().any(|&position| self.decoders[position].bytes() >= BYTES_PER_BATCH) {
                self.finish_batch(in_batch, rows_read)?;
                in_batch = 0;
            }
        }
        if in_batch > 0 || self.rows.batches.is_empty() {
            self.finish_batch(in_batch, rows_read)?;
        }
        Ok(self.rows)
    }

    fn finish_batch(&mut self, rows: usize, rows_read: &mut dyn FnMut(u64)) -> Result<(), StoreError> {
        let columns: Vec<ArrayRef> = self.decoders.iter_mut().map(Decoder::finish).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)
            .map_err(|_| misuse(&reading(self.table), "the decoded columns do not form a batch"))?;
        self.rows.batches.push(batch);
        self.finished_rows += rows;
        rows_read(rows as u64);
        Ok(())
    }

    fn misfit(&self, position: usize, reason: &str, row: &Row<'_>, place: usize) -> StoreError {
        let mut name = Vec::new();
        for index in 0..self.naming.len() {
            if index > 0 {
                name.push(NAME_SEPARATOR);
            }
            if let Ok(cell) = row.get_ref(self.decoders.len() + index) {
                encode::append_name(&mut name, cell);
            }
        }
        let column = self.columns[position];
        StoreError::Value {
            table: self.table.name.clone(),
            column: column.name.clone(),
            declared: column.declared.clone(),
            row: (self.session.options.row_token)(&self.table.name, &name),
            reason: reason.into(),
            // Keys may be personal, so that the row is told by its place.
            find: self
                .order
                .as_ref()
                .map(|order| format!("SELECT {order} FROM {} ORDER BY {order} LIMIT 1 OFFSET {place}", quoted(&self.table.name))),
        }
    }
}

/// Stands between the cells of a composite key when a row is named: ASCII's unit separator.
pub(super) const NAME_SEPARATOR: u8 = 0x1f;

/// What is being done, for an error.
pub(super) fn reading(table: &Table) -> String {
    format!("reading `{}`", table.name)
}
