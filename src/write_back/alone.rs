//! A batch whose rows nothing hangs on: each row is compared and written by one and the same statement, which leaves alone whatever somebody else
//! has written since. Nothing needs to be locked before, or read.

use super::batch::{Done, Fresh, Work};
use super::expected::Expected;
use super::{SkipReason, WriteError};
use crate::store::{Batch, StoreVersion};

impl Work<'_> {
    /// Does the whole batch, or nothing where it has to be done step by step.
    pub(super) fn run_alone(
        &self,
        transaction: &mut dyn Batch,
        expected: &Expected<'_>,
        versions: &[StoreVersion],
    ) -> Result<Option<Done>, WriteError> {
        let [own] = self.unit.hanging.as_slice() else { return Ok(None) };
        let known = self.rows.iter().all(|row| expected.fingerprint(self.unit.table, *row).is_some());
        if !known || !self.quiet(own, expected) {
            return Ok(None);
        }
        let fresh = self.own_rows(transaction, (0..self.rows.len() as u32).collect(), versions)?;
        let (deleting, treating): (Vec<u32>, Vec<u32>) =
            (0..self.rows.len() as u32).partition(|at| self.deletes_here(0, self.rows[*at as usize]));
        let pairs: Vec<(u32, u32)> = treating.iter().map(|at| (*at, self.rows[*at as usize])).collect();
        let fresh = [fresh];
        let update = self.assignments(0, &fresh[0], &pairs, &self.known(&fresh))?;
        // A row that is not written would have to be looked at by itself.
        if update.as_ref().map_or(0, |update| update.rows.len()) != treating.len() {
            return Ok(None);
        }
        let [fresh] = fresh;
        let mut kept = vec![false; self.rows.len()];
        let mut done = Done::default();
        let written: Option<Fresh> = match update {
            Some(update) => Some(self.update_quietly(transaction, 0, &fresh, &update)?),
            None => None,
        };
        if let Some(written) = &written {
            written.ordinals.iter().for_each(|ordinal| kept[*ordinal as usize] = true);
            done.rows_written = written.rows as u64;
        }
        if !deleting.is_empty() {
            let going: Vec<StoreVersion> = deleting.iter().map(|at| versions[*at as usize]).collect();
            let table = &self.pipeline().tables[self.unit.table].catalog;
            for gone in transaction.delete_unchanged(table, &going)? {
                let ordinal = deleting[gone as usize] as usize;
                kept[ordinal] = true;
                done.deleted.push((self.unit.table, self.rows[ordinal]));
            }
            done.rows_deleted = done.deleted.len() as u64;
        }
        let changed = self.rows.iter().zip(&kept).filter(|(_, kept)| !**kept);
        done.skipped = changed.map(|(row, _)| (*row, SkipReason::Changed)).collect();
        let before = self.totals(std::slice::from_ref(&fresh), &kept)?;
        self.after_quiet(0, &fresh, written.as_ref(), &kept, &before[0], &mut done)?;
        self.remember_activity(&mut done)?;
        self.remember_shared(&mut done)?;
        self.remember_suppressed(&mut done)?;
        Ok(Some(done))
    }
}
