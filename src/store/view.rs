//! What a store shows while it is only read.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;

use super::{Head, JournalEntry, Request, Rows, StoreError};

/// Some rows of a table.
#[derive(Debug, Clone)]
pub struct Streamed {
    /// The requested columns, in request order.
    pub batch: RecordBatch,
    /// Rows of this batch whose value of a temporal column could not be read: request position → row numbers, ascending. The cell is NULL.
    pub unreadable: BTreeMap<usize, Vec<u32>>,
}

/// One consistent view of the tables.
pub trait Snapshot {
    /// An identifier of the view for the evidence, without personal data.
    fn id(&self) -> String;

    /// For how many seconds it has been open, where keeping it open holds others back.
    fn seconds(&self) -> f64 {
        0.0
    }

    /// All rows of several tables, in their order. A store may read them side by side.
    fn read_all(&mut self, requests: &[Request], rows_read: &mut dyn FnMut(u64)) -> Result<Vec<Rows>, StoreError> {
        requests.iter().map(|request| self.read(request, rows_read)).collect()
    }

    /// As [`Snapshot::read_all`], without versions.
    fn look_at_all(&mut self, requests: &[Request], rows_read: &mut dyn FnMut(u64)) -> Result<Vec<Rows>, StoreError> {
        self.read_all(requests, rows_read)
    }

    /// All rows of a table, in a stable order (by row number or primary key). `rows_read` is told of progress.
    fn read(&mut self, request: &Request, rows_read: &mut dyn FnMut(u64)) -> Result<Rows, StoreError>;

    /// Hands out all rows of a table piece by piece, in no particular order.
    fn stream(&mut self, request: &Request, take: &mut dyn FnMut(Streamed) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let rows = self.read(request, &mut |_| {})?;
        let mut begin = 0;
        for batch in rows.batches {
            let end = begin + batch.num_rows() as u32;
            let here = |numbers: &Vec<u32>| numbers.iter().filter(|row| (begin..end).contains(row)).map(|row| row - begin).collect();
            let unreadable = rows.unreadable.iter().map(|(position, numbers)| (*position, here(numbers))).collect();
            begin = end;
            take(Streamed { batch, unreadable })?;
        }
        Ok(())
    }

    /// The number of rows of a table, for showing progress: a store that would have to count them may estimate.
    fn count(&mut self, table: &str) -> Result<u64, StoreError>;

    /// The journal; empty where there is none.
    fn journal(&mut self) -> Result<Vec<JournalEntry>, StoreError>;

    /// The head of the ledger as the store last knew it.
    fn head(&mut self) -> Result<Option<Head>, StoreError>;
}
