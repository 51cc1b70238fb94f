//! Rows that triggers of the database made of what this batch wrote: copies of old values, which are treated in the same transaction.

use std::collections::{BTreeMap, HashSet};

use arrow::array::ArrayRef;

use super::WriteError;
use super::batch::{Done, Fresh, Name, Work, locator_names, locators, pick};
use super::unit::Kind;
use crate::passes::Cells;
use crate::pipeline::*;
use crate::store::{Assignment, Batch};

impl Work<'_> {
    /// Deletes the copies that were made of rows of subjects who go, and treats those of subjects who stay.
    pub(super) fn treat_copies(
        &self,
        transaction: &mut dyn Batch,
        fresh: &[Fresh],
        kept: &[bool],
        done: &mut Done,
    ) -> Result<(), WriteError> {
        let Kind::Subjects(_) = self.unit.kind else { return Ok(()) };
        let mut seen: BTreeMap<TableIndex, HashSet<Name>> = BTreeMap::new();
        for (index, hanging) in self.unit.hanging.iter().enumerate() {
            if hanging.path.is_empty() || hanging.guard || !self.pipeline().copied_into.contains(&hanging.table) {
                continue;
            }
            let scoped = &self.pipeline().tables[hanging.table];
            let now = self.read(transaction, index, None)?;
            let before: HashSet<Name> = locator_names(&transaction.moved(&scoped.catalog, &fresh[index].locators)).into_iter().collect();
            let seen = seen.entry(hanging.table).or_default();
            let names = locator_names(&now.locators);
            let new: Vec<u32> = (0..now.rows as u32)
                .filter(|at| kept[now.ordinals[*at as usize] as usize] && !before.contains(&names[*at as usize]))
                .filter(|at| seen.insert(names[*at as usize].clone()))
                .collect();
            let gone = |at: &u32| self.deletes(self.unit.table, self.rows[now.ordinals[*at as usize] as usize]);
            let (going, staying): (Vec<u32>, Vec<u32>) = new.iter().partition(|at| gone(at));
            done.added.entry(hanging.table).and_modify(|rows| *rows += staying.len() as u64).or_insert(staying.len() as u64);
            if !going.is_empty() {
                transaction.delete(&scoped.catalog, &locators(&now.locators, &going))?;
            }
            if !staying.is_empty() {
                self.treat_rows(transaction, hanging.table, hanging.lead, &now, &staying)?;
            }
        }
        Ok(())
    }

    fn treat_rows(
        &self,
        transaction: &mut dyn Batch,
        table: TableIndex,
        lead: Option<usize>,
        now: &Fresh,
        rows: &[u32],
    ) -> Result<(), WriteError> {
        let scoped = &self.pipeline().tables[table];
        let own: Option<Vec<Option<ArrayRef>>> =
            now.columns.iter().map(|cells| cells.as_ref().map_or(Some(None), |cells| pick(cells, rows).map(Some))).collect();
        let own = own.ok_or_else(|| self.treating.assembly(table, 0))?;
        let known = vec![None; rows.len()];
        let cells = Cells { table, tenant: self.tenant, columns: &own, rows: rows.len(), known: &known };
        let treated = |column: &ColumnIndex| {
            let settings = &scoped.columns[*column];
            settings.treatment != Treatment::Keep && !matches!(settings.treatment, Treatment::Rekey(_)) && settings.goes_with(lead)
        };
        let mut assignments = Vec::new();
        for column in (0..scoped.columns.len()).filter(treated) {
            assignments.push(Assignment { column, values: self.treating.treat(cells, column)?, rows: None });
        }
        if !assignments.is_empty() {
            transaction.update(&scoped.catalog, &locators(&now.locators, rows), &assignments)?;
        }
        Ok(())
    }
}
