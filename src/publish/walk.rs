//! From the rows of a base table to the rows at the end of a path.

use arrow::array::{Array, UInt32Array};

use super::piece::Piece;
use crate::pipeline::{Pipeline, ReferenceIndex, TableIndex};
use crate::snapshot::State;

/// What a walk may step on.
pub(super) struct Walk<'a> {
    /// For the references' tables.
    pub pipeline: &'a Pipeline,
    /// The state after tonight's forgetting.
    pub state: &'a State,
    /// The rows of the base from which it starts.
    pub piece: &'a Piece<'a>,
    /// The tenant whose set is computed.
    pub tenant: u16,
}

impl Walk<'_> {
    /// Whether a row may be stepped on: it still exists and is nobody else's.
    ///
    /// Tables without a tenant column are shared by all tenants. A row of another tenant is treated as missing: the
    /// reference is wrong in the store, and data of two tenants never meets.
    fn stands(&self, table: TableIndex, row: usize) -> bool {
        let state = &self.state.tables[table];
        let present = state.present.as_ref().is_none_or(|present| present.is_valid(row) && present.value(row));
        let foreign = self.pipeline.tables[table].tenant.is_some() && state.tenants.get(row).is_some_and(|tenant| *tenant != self.tenant);
        present && !foreign
    }

    /// Whether all rows of a table may be read on the way.
    pub fn is_open(&self, table: TableIndex) -> bool {
        let state = &self.state.tables[table];
        state.present.is_none() && state.publishable.is_none() && self.pipeline.tables[table].tenant.is_none()
    }

    /// Whether a row may be published: nobody behind it is restricted (GDPR article 18).
    pub fn publishable(&self, table: TableIndex, row: usize) -> bool {
        self.state.tables[table].publishable.as_ref().is_none_or(|publishable| publishable.is_valid(row) && publishable.value(row))
    }

    /// Whether a cell of a row may be read on the way: the row stands, and nobody behind it is restricted.
    pub fn may_read(&self, table: TableIndex, row: usize) -> bool {
        self.stands(table, row) && self.publishable(table, row)
    }

    /// For each of `rows` of the piece, the row at the end of the path, and null where a step leads nowhere.
    ///
    /// With `restricted`, rows that may not be published are stepped on as well: only to find out who is restricted, never
    /// to read a cell. The same row may come several times, but each base row gives one: paths are to-one.
    pub fn along(&self, rows: &UInt32Array, path: &[ReferenceIndex], restricted: bool) -> UInt32Array {
        let Some((first, rest)) = path.split_first() else { return rows.clone() };
        let at = self.step(rows, self.piece.parents_by(self.state, *first), *first, restricted);
        self.on_from(at, rest, restricted)
    }

    /// As [`Self::along`], from rows of the table where the path begins, which need not be the base.
    pub fn on_from(&self, rows: UInt32Array, path: &[ReferenceIndex], restricted: bool) -> UInt32Array {
        path.iter().fold(rows, |at, step| self.step(&at, &self.state.parents[*step], *step, restricted))
    }

    fn step(&self, at: &UInt32Array, pointers: &UInt32Array, step: ReferenceIndex, restricted: bool) -> UInt32Array {
        let to = self.pipeline.references[step].to;
        at.iter()
            .map(|row| {
                let row = row? as usize;
                let next = pointers.is_valid(row).then(|| pointers.value(row))?;
                let stands = self.stands(to, next as usize);
                (stands && (restricted || self.publishable(to, next as usize))).then_some(next)
            })
            .collect()
    }
}
