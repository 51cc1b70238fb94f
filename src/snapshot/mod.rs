//! The state of the store as columns: what the snapshot read, and the same after tonight's forgetting.
//!
//! Data comes from [`crate::store::Snapshot`] and goes to `decide` (which rows and cells have reached their end), to the passes (which give the state
//! after) and to `publish` (which computes the sets from that state).

pub mod read;
pub(crate) mod tenants;

use std::collections::BTreeMap;

use arrow::array::{Array, ArrayRef, BooleanArray, UInt32Array};

use crate::decide::facts::Latest;
use crate::pipeline::{ColumnIndex, ReferenceIndex, TableIndex};

/// Rows of no tenant that may be processed: their tenant is unknown or broken.
pub const NO_TENANT: u16 = u16::MAX;

/// All tables of the run.
#[derive(Debug, Clone)]
pub struct State {
    /// Per [`TableIndex`] of the pipeline.
    pub tables: Vec<TableState>,
    /// Per [`ReferenceIndex`]: for each row of the pointing table the row pointed at; null where the pointer is NULL or dangles, and where the row
    /// does not have a reference that only some have.
    pub parents: Vec<UInt32Array>,
}

/// One table.
#[derive(Debug, Clone)]
pub struct TableState {
    /// The number of rows.
    pub rows: usize,
    /// Per [`ColumnIndex`]; `None` where the column was not read.
    pub columns: Vec<Option<ArrayRef>>,
    /// Per row its version, where the store has one of its own.
    pub versions: Option<Vec<crate::store::StoreVersion>>,
    /// Per row the index of its tenant among the run's tenants, or [`NO_TENANT`].
    pub tenants: Vec<u16>,
    /// Rows whose temporal cell could not be read (its cell is NULL), ascending.
    pub unreadable: BTreeMap<ColumnIndex, Vec<u32>>,
    /// Where the table was read and not kept: what its rows say of the subjects that they lead to, by lead and column of the clock.
    pub activity: BTreeMap<(usize, ColumnIndex), Latest>,
    /// After forgetting: which rows still exist; `None` means all.
    pub present: Option<BooleanArray>,
    /// Which rows may be published (their subjects are not restricted); `None` means all.
    pub publishable: Option<BooleanArray>,
}

impl TableState {
    /// A table of which nothing is kept.
    pub fn nothing(columns: usize) -> Self {
        Self {
            rows: 0,
            columns: vec![None; columns],
            versions: None,
            tenants: Vec::new(),
            unreadable: BTreeMap::new(),
            activity: BTreeMap::new(),
            present: None,
            publishable: None,
        }
    }
}

impl State {
    /// For each row of `from` the row at the end of a path of references; null where any step has none. An empty path is the row itself.
    pub fn follow(&self, from: TableIndex, path: &[ReferenceIndex]) -> UInt32Array {
        let Some((first, rest)) = path.split_first() else {
            return UInt32Array::from_iter_values(0..self.tables[from].rows as u32);
        };
        self.follow_on(self.parents[*first].clone(), rest)
    }

    /// The same from rows of the table where the path begins; null where there is none.
    pub fn follow_on(&self, rows: UInt32Array, path: &[ReferenceIndex]) -> UInt32Array {
        path.iter().fold(rows, |at, step| {
            let next = &self.parents[*step];
            at.iter().map(|row| row.and_then(|row| next.is_valid(row as usize).then(|| next.value(row as usize)))).collect()
        })
    }

    /// A column that was read.
    pub fn column(&self, table: TableIndex, column: ColumnIndex) -> Option<&ArrayRef> {
        self.tables[table].columns[column].as_ref()
    }
}
