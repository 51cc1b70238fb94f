//! A view that goes on where a cell can not be read: its column is as if it held NULL alone, and is named.
//!
//! Nothing is decided, written or published by what such a view shows. It is for whoever looks: one cell must not hide what is wrong elsewhere.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use arrow::datatypes::{Field, Schema};

use super::{Head, JournalEntry, Request, Rows, Snapshot, StoreError, Table};

/// A column of which a cell can not be read.
#[derive(Debug)]
pub struct UnreadableColumn {
    /// The table.
    pub table: String,
    /// The column's place in it.
    pub column: usize,
    /// What the store said of the first such cell: a [`StoreError::Value`].
    pub error: StoreError,
}

/// Reads requests from a view.
type Read<'a> = dyn FnMut(&mut dyn Snapshot, &[Request]) -> Result<Vec<Rows>, StoreError> + 'a;

/// A view that leaves out the columns whose cells can not be read.
pub struct Tolerant<'a> {
    view: &'a mut dyn Snapshot,
    /// Whether a column may be left out, by the table's name.
    may_leave_out: &'a dyn Fn(&str, usize) -> bool,
    /// The columns that are left out so far.
    found: Vec<UnreadableColumn>,
}

impl<'a> Tolerant<'a> {
    /// Over a view. What may not be left out is refused by the view's own error.
    pub fn new(view: &'a mut dyn Snapshot, may_leave_out: &'a dyn Fn(&str, usize) -> bool) -> Self {
        Self { view, may_leave_out, found: Vec::new() }
    }

    /// The columns that were left out, in the order in which they were met.
    #[must_use]
    pub fn found(self) -> Vec<UnreadableColumn> {
        self.found
    }

    /// Reads all cells of the columns and keeps none.
    ///
    /// # Errors
    /// As [`Snapshot::stream`], but for cells that can not be read.
    pub fn look_through(&mut self, request: &Request) -> Result<(), StoreError> {
        loop {
            let rest = self.rest(request);
            match self.view.stream(&rest, &mut |_| Ok(())) {
                Ok(()) => return Ok(()),
                Err(error) => self.leave_out(std::slice::from_ref(request), error)?,
            }
        }
    }

    fn is_left_out(&self, table: &Table, column: usize) -> bool {
        self.found.iter().any(|found| found.table == table.name && found.column == column)
    }

    /// The request without what is left out.
    fn rest(&self, request: &Request) -> Request {
        let kept = request.columns.iter().copied().filter(|column| !self.is_left_out(&request.table, *column));
        Request { table: request.table.clone(), columns: kept.collect() }
    }

    /// Leaves out the column that an error names; any other error stays one.
    fn leave_out(&mut self, requests: &[Request], error: StoreError) -> Result<(), StoreError> {
        let StoreError::Value { table, column, .. } = &error else { return Err(error) };
        let Some(request) = requests.iter().find(|request| request.table.name == *table) else { return Err(error) };
        let at = request.table.columns.iter().position(|known| known.name == *column);
        match at.filter(|at| (self.may_leave_out)(table, *at) && !self.is_left_out(&request.table, *at)) {
            Some(at) => {
                self.found.push(UnreadableColumn { table: table.clone(), column: at, error });
                Ok(())
            }
            None => Err(error),
        }
    }

    /// Reads what can be read, and puts NULL where the rest would be.
    fn all(&mut self, requests: &[Request], read: &mut Read<'_>) -> Result<Vec<Rows>, StoreError> {
        loop {
            let rest: Vec<Request> = requests.iter().map(|request| self.rest(request)).collect();
            match read(&mut *self.view, &rest) {
                Ok(all) => {
                    let filled = requests.iter().zip(&rest).zip(all);
                    return filled.map(|((request, rest), rows)| self.filled(request, rest, rows)).collect();
                }
                Err(error) => self.leave_out(requests, error)?,
            }
        }
    }

    fn filled(&self, request: &Request, rest: &Request, rows: Rows) -> Result<Rows, StoreError> {
        if rest.columns.len() == request.columns.len() {
            return Ok(rows);
        }
        let place = |column: usize| rest.columns.iter().position(|known| *known == column);
        let mut batches = Vec::with_capacity(rows.batches.len());
        for batch in rows.batches {
            let mut fields = Vec::with_capacity(request.columns.len());
            let mut columns: Vec<ArrayRef> = Vec::with_capacity(request.columns.len());
            for column in &request.columns {
                let known = &request.table.columns[*column];
                fields.push(Field::new(&known.name, known.data_type.arrow(), true));
                columns.push(match place(*column) {
                    Some(place) => batch.column(place).clone(),
                    None => new_null_array(&known.data_type.arrow(), batch.num_rows()),
                });
            }
            let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
            let filled = RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options);
            let doing = || format!("reading `{}`", request.table.name);
            batches.push(
                filled.map_err(|_| StoreError::Driver { doing: doing(), code: "the columns that are left form no batch".to_owned() })?,
            );
        }
        let asked = |position: &usize| request.columns.iter().position(|column| rest.columns.get(*position) == Some(column));
        let unreadable = rows.unreadable.into_iter().filter_map(|(position, rows)| Some((asked(&position)?, rows))).collect();
        Ok(Rows { batches, unreadable, versions: rows.versions })
    }
}

impl Snapshot for Tolerant<'_> {
    fn id(&self) -> String {
        self.view.id()
    }

    fn seconds(&self) -> f64 {
        self.view.seconds()
    }

    fn read(&mut self, request: &Request, rows_read: &mut dyn FnMut(u64)) -> Result<Rows, StoreError> {
        let mut one = self.all(std::slice::from_ref(request), &mut |view, rest| view.read_all(rest, rows_read))?;
        let doing = || format!("reading `{}`", request.table.name);
        one.pop().ok_or_else(|| StoreError::Driver { doing: doing(), code: "nothing was read".to_owned() })
    }

    fn read_all(&mut self, requests: &[Request], rows_read: &mut dyn FnMut(u64)) -> Result<Vec<Rows>, StoreError> {
        self.all(requests, &mut |view, rest| view.read_all(rest, rows_read))
    }

    fn look_at_all(&mut self, requests: &[Request], rows_read: &mut dyn FnMut(u64)) -> Result<Vec<Rows>, StoreError> {
        self.all(requests, &mut |view, rest| view.look_at_all(rest, rows_read))
    }

    fn count(&mut self, table: &str) -> Result<u64, StoreError> {
        self.view.count(table)
    }

    fn journal(&mut self) -> Result<Vec<JournalEntry>, StoreError> {
        self.view.journal()
    }

    fn head(&mut self) -> Result<Option<Head>, StoreError> {
        self.view.head()
    }
}
