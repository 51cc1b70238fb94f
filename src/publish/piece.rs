//! Rows of a set's base table: all of them, or some that come alone.

use arrow::array::{Array, ArrayRef, BooleanArray, UInt32Array};

use crate::pipeline::{ReferenceIndex, TableIndex};
use crate::snapshot::State;

/// Some rows of a base table, after tonight's forgetting. All other tables are in the [`State`].
#[derive(Debug)]
pub struct Piece<'a> {
    /// How many.
    pub rows: usize,
    /// Per column of the table its cells; `None` where it was not read.
    pub columns: Vec<Option<ArrayRef>>,
    /// Per row its tenant.
    pub tenants: &'a [u16],
    /// Which rows still exist; `None` means all.
    pub present: Option<BooleanArray>,
    /// Which rows may be published; `None` means all.
    pub publishable: Option<BooleanArray>,
    /// Of the base's references, per row the row pointed at; `None` where the state has them for all rows, or the reference begins elsewhere.
    pub parents: Vec<Option<UInt32Array>>,
}

impl<'a> Piece<'a> {
    /// All rows of a table of the state.
    pub fn whole(state: &'a State, base: TableIndex) -> Self {
        let table = &state.tables[base];
        Self {
            rows: table.rows,
            columns: table.columns.clone(),
            tenants: &table.tenants,
            present: table.present.clone(),
            publishable: table.publishable.clone(),
            parents: Vec::new(),
        }
    }

    /// Some rows of a table of the state, one after the other. `references` are those that begin there.
    pub fn of(state: &'a State, base: TableIndex, references: &[ReferenceIndex], from: usize, rows: usize) -> Self {
        let table = &state.tables[base];
        let mut parents = vec![None; state.parents.len()];
        references.iter().for_each(|reference| parents[*reference] = Some(state.parents[*reference].slice(from, rows)));
        Self {
            rows,
            columns: table.columns.iter().map(|column| column.as_ref().map(|cells| cells.slice(from, rows))).collect(),
            tenants: &table.tenants[from..from + rows],
            present: table.present.as_ref().map(|present| present.slice(from, rows)),
            publishable: table.publishable.as_ref().map(|publishable| publishable.slice(from, rows)),
            parents,
        }
    }

    /// Per row the row that a reference of the base points at.
    pub(super) fn parents_by<'b>(&'b self, state: &'b State, reference: ReferenceIndex) -> &'b UInt32Array {
        self.parents.get(reference).and_then(Option::as_ref).unwrap_or(&state.parents[reference])
    }

    /// Whether a row may be published.
    pub(super) fn publishable(&self, row: usize) -> bool {
        self.publishable.as_ref().is_none_or(|publishable| publishable.is_valid(row) && publishable.value(row))
    }
}
