//! Personal keys (a telephone number as primary key): the row and all who point at it get a new key in one transaction.

use arrow::array::{ArrayRef, BooleanArray};
use arrow::compute::interleave;

use super::WriteError;
use super::batch::{Fresh, Work, pick};
use crate::kernels::replace::choose;
use crate::passes::Cells;
use crate::pipeline::personal_keys::{copies, personal_keys};
use crate::pipeline::*;
use crate::store::Batch;

impl Work<'_> {
    /// Gives rows with a personal key a new one, with all who point at them. Returns the keys of all fresh rows as they are now, where any changed.
    pub(super) fn rekey(
        &self,
        transaction: &mut dyn Batch,
        index: usize,
        fresh: &Fresh,
        kept: &[bool],
    ) -> Result<Option<Vec<ArrayRef>>, WriteError> {
        let pipeline = self.pipeline();
        let table = self.unit.hanging[index].table;
        let scoped = &pipeline.tables[table];
        let plan = &self.plan.rows[table];
        let mut new_columns = fresh.columns.clone();
        let mut differs = vec![false; fresh.rows];
        for (column, treat) in plan.treat.iter().filter(|(column, _)| matches!(scoped.columns[**column].treatment, Treatment::Rekey(_))) {
            if scoped.category.is_none() && !scoped.columns[*column].goes_with(self.unit.hanging[index].lead) {
                continue;
            }
            let mask: Vec<bool> = (0..fresh.rows)
                .map(|at| {
                    kept[fresh.ordinals[at] as usize]
                        && fresh.snapshot_rows[at].is_some_and(|row| treat[row as usize] && !plan.delete[row as usize])
                })
                .collect();
            if !mask.contains(&true) {
                continue;
            }
            mask.iter().zip(&mut differs).for_each(|(mask, differs)| *differs |= mask);
            let cells = Cells { table, tenant: self.tenant, columns: &fresh.columns, rows: fresh.rows, known: &[] };
            let treated = self.treating.treat(cells, *column)?;
            let original = fresh.columns[*column].as_ref().ok_or_else(|| self.treating.not_read(table, *column))?;
            let chosen =
                choose(&BooleanArray::from(mask), &treated, original).map_err(|source| self.treating.failed(table, *column, source))?;
            new_columns[*column] = Some(chosen);
        }
        let rows: Vec<u32> = (0..fresh.rows as u32).filter(|at| differs[*at as usize]).collect();
        if rows.is_empty() {
            return Ok(None);
        }
        let mut own = None;
        for key in personal_keys(&pipeline.tables, &pipeline.references, table) {
            let of = |columns: &[Option<ArrayRef>]| -> Result<Vec<ArrayRef>, WriteError> {
                let cells = |column: &ColumnIndex| {
                    let cells = columns[*column].as_ref().ok_or_else(|| self.treating.not_read(table, *column))?;
                    pick(cells, &rows).ok_or_else(|| self.treating.assembly(table, *column).into())
                };
                key.iter().map(cells).collect()
            };
            let targets: Vec<_> = copies(&pipeline.references, table, &key)
                .into_iter()
                .map(|(table, columns)| (pipeline.tables[table].catalog.clone(), columns))
                .collect();
            let (old, new) = (of(&fresh.columns)?, of(&new_columns)?);
            if old != new {
                transaction.rekey(&targets, &old, &new)?;
            }
            if key == scoped.key {
                own = Some(self.keys_of(table, &new_columns, None)?);
            }
        }
        Ok(own)
    }

    /// The unit's keys in the order of the batch, with `new` for the fresh rows.
    pub(super) fn in_batch_order(&self, own: &Fresh, new: &[ArrayRef]) -> Result<Vec<ArrayRef>, WriteError> {
        let mut at_of = vec![None; self.rows.len()];
        for (at, ordinal) in own.ordinals.iter().enumerate() {
            at_of[*ordinal as usize] = Some(at);
        }
        // A row that vanished keeps its old key here: it leads to nothing either way.
        let old = self.keys_of(self.unit.table, &self.state.tables[self.unit.table].columns, Some(&self.rows))?;
        let pairs: Vec<(usize, usize)> = at_of.iter().enumerate().map(|(ordinal, at)| at.map_or((0, ordinal), |at| (1, at))).collect();
        let ordered: Option<Vec<ArrayRef>> =
            old.iter().zip(new).map(|(old, new)| interleave(&[old.as_ref(), new.as_ref()], &pairs).ok()).collect();
        Ok(ordered.ok_or_else(|| self.treating.assembly(self.unit.table, self.pipeline().tables[self.unit.table].key[0]))?)
    }
}
