//! What the rows under the lock become: their treated cells, and the UPDATE that writes them.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, UInt32Array, new_null_array};
use arrow::compute::take;

use super::WriteError;
use super::batch::{Fresh, Work, pick};
use super::unit::Kind;
use crate::detect::known::KnownSubject;
use crate::passes::Cells;
use crate::passes::expiry::{KnownSubjects, known_subject, released_cells, released_columns};
use crate::passes::minimise::minimise;
use crate::pipeline::*;
use crate::store::{Assignment, Batch, StoreVersion};

/// What one UPDATE of a hanging table writes.
pub(super) struct Update {
    /// Which of the fresh rows, ascending.
    pub rows: Vec<u32>,
    /// Their new values.
    pub assignments: Vec<Assignment>,
}

impl Work<'_> {
    /// What the fresh rows say of each subject, for the texts that name it.
    pub(super) fn known(&self, fresh: &[Fresh]) -> Vec<Option<Arc<KnownSubject>>> {
        let mut known = vec![None; self.rows.len()];
        let (Kind::Subjects(_), Some(own)) = (self.unit.kind, fresh.first()) else { return known };
        if !self.unit.hanging.iter().any(|hanging| self.scrubs(hanging.table)) {
            return known;
        }
        for (at, ordinal) in own.ordinals.iter().enumerate() {
            known[*ordinal as usize] = Some(Arc::new(known_subject(&self.pipeline().tables[self.unit.table], &own.columns, at)));
        }
        known
    }

    /// What the snapshot says of the subjects whose records are scrubbed: the subject's own row is not under this batch's lock.
    fn known_of_records<'c>(
        &self,
        table: TableIndex,
        fresh: &Fresh,
        columns: impl Iterator<Item = &'c ColumnIndex>,
    ) -> Vec<Option<Arc<KnownSubject>>> {
        let scoped = &self.pipeline().tables[table];
        let mut known = vec![None; fresh.rows];
        for column in columns.filter(|column| scoped.columns[**column].treatment.scrubs()) {
            let mut mask = vec![false; self.state.tables[table].rows];
            fresh.snapshot_rows.iter().flatten().for_each(|row| mask[*row as usize] = true);
            let found = KnownSubjects::new(self.pipeline(), self.state).of_rows(table, *column, &mask);
            for (at, row) in fresh.snapshot_rows.iter().enumerate() {
                known[at] = row.and_then(|row| found.get(&row).cloned()).or_else(|| known[at].take());
            }
        }
        known
    }

    /// What is to be written of a hanging table's fresh rows; `None` where there is nothing to write.
    pub(super) fn assignments(
        &self,
        index: usize,
        fresh: &Fresh,
        treating: &[(u32, u32)],
        known: &[Option<Arc<KnownSubject>>],
    ) -> Result<Option<Update>, WriteError> {
        let hanging = &self.unit.hanging[index];
        let pipeline = self.pipeline();
        let scoped = &pipeline.tables[hanging.table];
        let plan = &self.plan.rows[hanging.table];
        // Column → which of the fresh rows change.
        let mut masks: BTreeMap<ColumnIndex, Vec<bool>> = BTreeMap::new();
        for (column, treat) in &plan.treat {
            let mine = match self.unit.kind {
                Kind::Subjects(_) => hanging.path.is_empty() || scoped.columns[*column].goes_with(hanging.lead),
                Kind::Records(_) | Kind::Shared => hanging.path.is_empty(),
            };
            if !mine || matches!(scoped.columns[*column].treatment, Treatment::Rekey(_)) {
                continue;
            }
            let chosen = treating.iter().filter(|(_, row)| treat[*row as usize]);
            for (at, _) in chosen {
                masks.entry(*column).or_insert_with(|| vec![false; fresh.rows])[*at as usize] = true;
            }
        }
        let mut released: BTreeMap<ColumnIndex, (Option<Scalar>, Vec<bool>)> = BTreeMap::new();
        for (reference, release) in &plan.release {
            for (column, value) in released_columns(pipeline, &pipeline.references[*reference]) {
                for (at, _) in treating.iter().filter(|(_, row)| release[*row as usize]) {
                    released.entry(column).or_insert_with(|| (value.clone(), vec![false; fresh.rows])).1[*at as usize] = true;
                }
            }
        }
        let touched: Vec<u32> = (0..fresh.rows as u32)
            .filter(|at| masks.values().chain(released.values().map(|(_, mask)| mask)).any(|mask| mask[*at as usize]))
            .collect();
        if touched.is_empty() {
            return Ok(None);
        }
        let known = match self.unit.kind {
            Kind::Subjects(_) => fresh.ordinals.iter().map(|ordinal| known[*ordinal as usize].clone()).collect(),
            Kind::Records(_) | Kind::Shared => self.known_of_records(hanging.table, fresh, masks.keys()),
        };
        let mut assignments = Vec::with_capacity(masks.len() + released.len());
        let mut assign = |column: ColumnIndex, values: ArrayRef, mask: &[bool]| {
            let mask: BooleanArray = touched.iter().map(|at| Some(mask[*at as usize])).collect();
            assignments.push(Assignment { column, values, rows: Some(mask).filter(|mask| mask.true_count() < mask.len()) });
        };
        let one = |column: ColumnIndex| new_null_array(&scoped.catalog.columns[column].data_type.arrow(), 1);
        for (column, mask) in masks {
            let treatment = &scoped.columns[column].treatment;
            let values = if matches!(treatment, Treatment::Null | Treatment::Constant(_)) {
                minimise(&one(column), treatment, &self.treating.tenants[self.tenant].time_zone)
                    .map_err(|source| self.treating.failed(hanging.table, column, source))?
            } else {
                self.treated(hanging.table, fresh, column, &touched, &mask, &known)?
            };
            assign(column, values, &mask);
        }
        for (column, (value, mask)) in released {
            assign(column, released_cells(self.treating, hanging.table, column, &value, &one(column))?, &mask);
        }
        Ok(Some(Update { rows: touched, assignments }))
    }

    /// Updates rows of which it is certain that they are afterwards what the statement makes them, and takes them as it gives them back.
    /// `ordinals` of the result are those of the batch.
    pub(super) fn update_quietly(
        &self,
        transaction: &mut dyn Batch,
        index: usize,
        fresh: &Fresh,
        update: &Update,
    ) -> Result<Fresh, WriteError> {
        let versions: Vec<StoreVersion> = update.rows.iter().map(|at| *fresh.fingerprints[*at as usize].as_bytes()).collect();
        let request = self.looked_at(index);
        let linked = transaction.update_unchanged(&request, &versions, &update.assignments)?;
        let mut written = self.fresh(index, &request.columns, linked, None)?;
        let ats: Vec<usize> = written.ordinals.iter().filter_map(|at| update.rows.get(*at as usize)).map(|at| *at as usize).collect();
        written.snapshot_rows = ats.iter().map(|at| fresh.snapshot_rows[*at]).collect();
        written.ordinals = ats.iter().map(|at| fresh.ordinals[*at]).collect();
        Ok(written)
    }

    /// A column's treated cells of some rows: computed for those under the mask alone, NULL for the others.
    fn treated(
        &self,
        table: TableIndex,
        fresh: &Fresh,
        column: ColumnIndex,
        rows: &[u32],
        mask: &[bool],
        known: &[Option<Arc<KnownSubject>>],
    ) -> Result<ArrayRef, WriteError> {
        let failed = || self.treating.assembly(table, column);
        let masked: Vec<u32> = rows.iter().copied().filter(|at| mask[*at as usize]).collect();
        let mut columns: Vec<Option<ArrayRef>> = vec![None; fresh.columns.len()];
        for needed in std::iter::once(&column).chain(&self.pipeline().tables[table].key) {
            if let Some(cells) = &fresh.columns[*needed] {
                columns[*needed] = Some(pick(cells, &masked).ok_or_else(failed)?);
            }
        }
        let known: Vec<Option<Arc<KnownSubject>>> = masked.iter().map(|at| known[*at as usize].clone()).collect();
        let cells = Cells { table, tenant: self.tenant, columns: &columns, rows: masked.len(), known: &known };
        let treated = self.treating.treat(cells, column)?;
        if masked.len() == rows.len() {
            return Ok(treated);
        }
        let mut next = 0..;
        let places: UInt32Array = rows.iter().map(|at| mask[*at as usize].then(|| next.next()).flatten()).collect();
        Ok(take(&treated, &places, None).map_err(|_| failed())?)
    }
}
