//! What the rows are after the batch has written them: the money must be where it was, and the versions go to the journal.

use std::collections::{BTreeMap, HashMap, HashSet};

use arrow::array::ArrayRef;
use arrow::compute::interleave;

use super::WriteError;
use super::batch::{Done, Fresh, Name, Work, locator_names};
use super::money::{self, Totals};
use crate::keys::Token;
use crate::store::{Batch, Locators};

impl Work<'_> {
    /// Reads once more whatever may have been written: the money must be where it was, and the versions go to the journal.
    pub(super) fn after(
        &self,
        transaction: &mut dyn Batch,
        fresh: &[Fresh],
        kept: &[bool],
        before: &[Totals],
        settled: &BTreeMap<usize, Option<Fresh>>,
        done: &mut Done,
    ) -> Result<(), WriteError> {
        for (index, hanging) in self.unit.hanging.iter().enumerate() {
            if hanging.guard || self.untouched(hanging) {
                continue;
            }
            if let Some(written) = settled.get(&index) {
                self.after_quiet(index, &fresh[index], written.as_ref(), kept, &before[index], done)?;
                continue;
            }
            let now = self.read(transaction, index, None)?;
            let mut counts: Vec<bool> = now.ordinals.iter().map(|ordinal| kept[*ordinal as usize]).collect();
            if self.pipeline().copied_into.contains(&hanging.table) {
                let table = &self.pipeline().tables[hanging.table].catalog;
                let before: HashSet<Name> = locator_names(&transaction.moved(table, &fresh[index].locators)).into_iter().collect();
                let names = locator_names(&now.locators);
                counts.iter_mut().zip(&names).for_each(|(counts, name)| *counts &= before.contains(name));
            }
            self.money_stands(index, &now, &counts, &before[index])?;
            let table = &self.pipeline().tables[hanging.table].catalog;
            let names = locator_names(&transaction.moved(table, &fresh[index].locators));
            let rows: HashMap<&Name, u32> =
                names.iter().zip(&fresh[index].snapshot_rows).filter_map(|(name, row)| Some((name, (*row)?))).collect();
            let then: HashMap<u32, Token> = fresh[index]
                .snapshot_rows
                .iter()
                .zip(&fresh[index].fingerprints)
                .filter_map(|(row, token)| Some(((*row)?, *token)))
                .collect();
            for (name, fingerprint) in locator_names(&now.locators).iter().zip(&now.fingerprints) {
                if let Some(row) = rows.get(name)
                    && then.get(row) != Some(fingerprint)
                {
                    done.rewritten.push((hanging.table, *row, *fingerprint));
                }
            }
            if index == 0 {
                self.journal(&now, kept, done)?;
            }
        }
        Ok(())
    }
}

impl Work<'_> {
    /// The same where nothing but the batch's own UPDATE and DELETE can have changed the rows: those that it wrote are as it gave them back, the
    /// others as they were under the lock.
    pub(super) fn after_quiet(
        &self,
        index: usize,
        fresh: &Fresh,
        written: Option<&Fresh>,
        kept: &[bool],
        before: &Totals,
        done: &mut Done,
    ) -> Result<(), WriteError> {
        let table = self.unit.hanging[index].table;
        let stays = |at: &usize| {
            let row = fresh.snapshot_rows[*at];
            kept[fresh.ordinals[*at] as usize] && row.is_some_and(|row| !self.deletes_here(index, row))
        };
        let staying = (0..fresh.rows).filter(stays);
        let joined;
        let now = match written {
            Some(written) if written.rows == staying.clone().count() => written,
            _ => {
                joined = self.joined(index, fresh, written, staying.collect())?;
                &joined
            }
        };
        self.money_stands(index, now, &vec![true; now.rows], before)?;
        if let Some(written) = written {
            let rows = written.snapshot_rows.iter().zip(&written.fingerprints);
            done.rewritten.extend(rows.filter_map(|(row, fingerprint)| Some((table, (*row)?, *fingerprint))));
        }
        if index == 0 {
            self.journal(now, kept, done)?;
        }
        Ok(())
    }

    /// The rows that stay, each as it was written or else as it was.
    fn joined(&self, index: usize, fresh: &Fresh, written: Option<&Fresh>, staying: Vec<usize>) -> Result<Fresh, WriteError> {
        let rows = written.map(|written| written.snapshot_rows.as_slice()).unwrap_or_default();
        let at_of: HashMap<u32, usize> = rows.iter().enumerate().filter_map(|(at, row)| Some(((*row)?, at))).collect();
        let place = |at: &usize| match fresh.snapshot_rows[*at].and_then(|row| at_of.get(&row)) {
            Some(written) => (1, *written),
            None => (0, *at),
        };
        let places: Vec<(usize, usize)> = staying.iter().map(place).collect();
        let request = self.looked_at(index);
        let mut columns: Vec<Option<ArrayRef>> = vec![None; fresh.columns.len()];
        for column in &request.columns {
            let missing = || self.treating.not_read(self.unit.hanging[index].table, *column);
            let before = fresh.columns[*column].as_ref().ok_or_else(missing)?;
            let after = written.map_or(Ok(before), |written| written.columns[*column].as_ref().ok_or_else(missing))?;
            let cells = interleave(&[before.as_ref(), after.as_ref()], &places);
            columns[*column] = Some(cells.map_err(|_| self.treating.assembly(self.unit.hanging[index].table, *column))?);
        }
        let fingerprint = |(source, at): &(usize, usize)| match written {
            Some(written) if *source == 1 => written.fingerprints[*at],
            _ => fresh.fingerprints[*at],
        };
        Ok(Fresh {
            columns,
            rows: staying.len(),
            ordinals: staying.iter().map(|at| fresh.ordinals[*at]).collect(),
            locators: Locators { columns: Vec::new() },
            fingerprints: places.iter().map(fingerprint).collect(),
            snapshot_rows: staying.iter().map(|at| fresh.snapshot_rows[*at]).collect(),
        })
    }

    /// Counts and sums are what they were before.
    fn money_stands(&self, index: usize, now: &Fresh, counts: &[bool], before: &Totals) -> Result<(), WriteError> {
        let after = money::totals(self.treating, self.unit.hanging[index].table, &now.columns, counts)?;
        let moved = before.iter().find(|(key, before)| after.get(key) != Some(before));
        moved.map_or(Ok(()), |((table, column), _)| {
            let table = &self.pipeline().tables[*table];
            Err(WriteError::Money { table: table.name().to_owned(), column: table.catalog.columns[*column].name.clone() })
        })
    }
}
