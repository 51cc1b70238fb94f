//! One write transaction: lock, read again, compare, treat what was just read, write, prove the money, journal.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, UInt32Array};
use arrow::compute::{concat, take};

use super::money::{self, Totals};
use super::unit::{Expected, Kind, Unit, steps};
use super::{SkipReason, WriteError};
use crate::decide::Plan;
use crate::detect::known::KnownSubject;
use crate::kernels::cast::to_text;
use crate::kernels::replace::choose;
use crate::keys::Token;
use crate::passes::expiry::{KnownSubjects, known_subject, released_cells, released_columns};
use crate::passes::fingerprint::{Multiset, compared_columns, fingerprints};
use crate::passes::{Cells, Treating};
use crate::pipeline::*;
use crate::snapshot::State;
use crate::store::{Batch, JournalEntry, Locators, Request};

/// Everything that a batch needs to know.
pub struct Work<'a> {
    /// Keys and pipeline.
    pub treating: &'a Treating<'a>,
    /// The snapshot's rows.
    pub state: &'a State,
    /// The plan, narrowed.
    pub plan: &'a Plan,
    /// The unit.
    pub unit: &'a Unit,
    /// The tenant of all rows of the batch.
    pub tenant: usize,
    /// The unit's rows in this batch.
    pub rows: &'a [u32],
    /// Per category the subjects that this run has skipped so far.
    pub skipped_subjects: &'a BTreeSet<(CategoryIndex, u32)>,
}

/// What a batch did, known before its commit.
#[derive(Debug, Default)]
pub struct Done {
    /// The unit's rows that were left alone, and why.
    pub skipped: BTreeMap<u32, SkipReason>,
    /// Rows updated.
    pub rows_written: u64,
    /// Rows deleted.
    pub rows_deleted: u64,
    /// The journal's entries, but for their run.
    pub journal: Vec<JournalEntry>,
    /// (table, row) → fingerprint now.
    pub rewritten: Vec<(TableIndex, u32, Token)>,
    /// Rows that are gone.
    pub deleted: Vec<(TableIndex, u32)>,
}

/// Rows of one hanging table as they stand under the lock.
pub(super) struct Fresh {
    pub columns: Vec<Option<ArrayRef>>,
    pub rows: usize,
    /// Ordinal in the batch of the unit's row that each hangs on.
    pub ordinals: Vec<u32>,
    pub locators: Locators,
    pub fingerprints: Vec<Token>,
    /// The row of the snapshot that each is.
    pub snapshot_rows: Vec<Option<u32>>,
}

impl Work<'_> {
    pub(super) fn pipeline(&self) -> &Pipeline {
        self.treating.pipeline
    }

    /// Does the batch's work inside the transaction; the caller commits.
    pub fn run(&self, transaction: &mut dyn Batch, expected: &Expected) -> Result<Done, WriteError> {
        let pipeline = self.pipeline();
        let table = &pipeline.tables[self.unit.table];
        let keys = self.keys_of(self.unit.table, &self.state.tables[self.unit.table].columns, Some(self.rows))?;
        transaction.load_subjects(&table.catalog, &table.key, &keys)?;
        let mut fresh = Vec::with_capacity(self.unit.hanging.len());
        for index in 0..self.unit.hanging.len() {
            fresh.push(self.read(transaction, index, Some(expected))?);
        }
        let mut done = Done { skipped: self.changed(&fresh, expected), ..Done::default() };
        self.still_referenced(&fresh, &mut done.skipped);
        let kept: Vec<bool> = self.rows.iter().map(|row| !done.skipped.contains_key(row)).collect();
        let before = self.totals(&fresh, &kept)?;
        let new_keys = self.write(transaction, &fresh, &kept, &mut done)?;
        if let Some(new_keys) = new_keys {
            transaction.load_subjects(&table.catalog, &table.key, &new_keys)?;
        }
        self.after(transaction, &fresh, &kept, &before, &mut done)?;
        self.remember_activity(&mut done)?;
        self.remember_shared(&mut done)?;
        Ok(done)
    }

    /// Skips rows that are to be deleted while something that does not go with them still points at them.
    fn still_referenced(&self, fresh: &[Fresh], skipped: &mut BTreeMap<u32, SkipReason>) {
        for (hanging, fresh) in self.unit.hanging.iter().zip(fresh) {
            let owned = hanging.path.iter().all(|step| self.pipeline().references[*step].kind == ReferenceKind::Owned);
            if owned && !hanging.guard {
                continue;
            }
            for ordinal in &fresh.ordinals {
                let row = self.rows[*ordinal as usize];
                if self.deletes(self.unit.table, row) {
                    skipped.entry(row).or_insert(SkipReason::StillReferenced);
                }
            }
        }
    }

    /// The key cells of a table, of all rows or of some.
    pub(super) fn keys_of(
        &self,
        table: TableIndex,
        columns: &[Option<ArrayRef>],
        rows: Option<&[u32]>,
    ) -> Result<Vec<ArrayRef>, WriteError> {
        let key = |column: &ColumnIndex| {
            let cells = columns[*column].as_ref().ok_or_else(|| self.treating.not_read(table, *column))?;
            match rows {
                None => Ok(cells.clone()),
                Some(rows) => Ok(pick(cells, rows).ok_or_else(|| self.treating.assembly(table, *column))?),
            }
        };
        self.pipeline().tables[table].key.iter().map(key).collect()
    }

    fn read(&self, transaction: &mut dyn Batch, index: usize, expected: Option<&Expected>) -> Result<Fresh, WriteError> {
        let pipeline = self.pipeline();
        let hanging = &self.unit.hanging[index];
        let scoped = &pipeline.tables[hanging.table];
        let wanted = compared_columns(&self.state.tables[hanging.table].columns);
        let request = Request { table: scoped.catalog.clone(), columns: wanted.clone() };
        let linked = transaction.linked(&request, &steps(pipeline, &hanging.path))?;
        let mut columns: Vec<Option<ArrayRef>> = vec![None; scoped.columns.len()];
        for (position, column) in wanted.iter().enumerate() {
            let pieces: Vec<&dyn Array> = linked.rows.batches.iter().map(|batch| batch.column(position).as_ref()).collect();
            let whole = if pieces.is_empty() {
                arrow::array::new_empty_array(&scoped.catalog.columns[*column].data_type.arrow())
            } else {
                concat(&pieces).map_err(|_| self.treating.assembly(hanging.table, *column))?
            };
            columns[*column] = Some(whole);
        }
        let ordinals: Vec<u32> = linked.subjects.values().to_vec();
        let cells: Vec<&ArrayRef> = wanted.iter().filter_map(|column| columns[*column].as_ref()).collect();
        let fingerprints = fingerprints(&cells, ordinals.len(), self.treating.comparing, scoped.name())
            .map_err(|source| self.treating.failed(hanging.table, wanted.first().copied().unwrap_or_default(), source))?;
        let snapshot_rows = match expected {
            Some(expected) => fingerprints.iter().map(|fingerprint| expected.row(hanging.table, *fingerprint)).collect(),
            None => Vec::new(),
        };
        Ok(Fresh { columns, rows: ordinals.len(), ordinals, locators: linked.locators, fingerprints, snapshot_rows })
    }

    /// The unit's rows that are not as they were when the plan was made.
    fn changed(&self, fresh: &[Fresh], expected: &Expected) -> BTreeMap<u32, SkipReason> {
        let mut skipped = BTreeMap::new();
        for (index, fresh) in fresh.iter().enumerate() {
            let hanging = &self.unit.hanging[index];
            if hanging.guard && self.unit.kind == Kind::Shared {
                // Pointers that left are gone by this run's own hand; who is still there must be known, and must be going.
                for (ordinal, snapshot_row) in fresh.ordinals.iter().zip(&fresh.snapshot_rows) {
                    let row = self.rows[*ordinal as usize];
                    if self.still_needed(hanging.table, *snapshot_row, row) {
                        skipped.entry(row).or_insert(SkipReason::StillShared);
                    }
                }
                continue;
            }
            let mut found: Vec<Multiset> = vec![Multiset::default(); self.rows.len()];
            for (ordinal, fingerprint) in fresh.ordinals.iter().zip(&fresh.fingerprints) {
                found[*ordinal as usize].add(*fingerprint);
            }
            for (ordinal, row) in self.rows.iter().enumerate() {
                if found[ordinal] != expected.multiset(index, *row) {
                    skipped.entry(*row).or_insert(SkipReason::Changed);
                }
            }
        }
        skipped
    }

    /// Whether a row that points at a shared row keeps it from being erased.
    fn still_needed(&self, table: TableIndex, pointing: Option<u32>, shared: u32) -> bool {
        let Some(pointing) = pointing else { return true };
        if self.plan.rows[self.unit.table].delete[shared as usize] {
            return true;
        }
        let scoped = &self.pipeline().tables[table];
        let own_subject = scoped.category.map(|category| (category, pointing));
        let led = scoped.leads.iter().filter_map(|lead| {
            let subjects = self.state.follow(table, &lead.path);
            subjects.is_valid(pointing as usize).then(|| (lead.category, subjects.value(pointing as usize)))
        });
        own_subject.into_iter().chain(led).any(|subject| self.skipped_subjects.contains(&subject))
    }

    /// Whether the plan deletes a row that hangs on the unit by this path.
    pub(super) fn deletes(&self, table: TableIndex, row: u32) -> bool {
        self.plan.rows[table].delete[row as usize]
    }

    /// Whether a row is deleted by this unit: its own row, or one that goes with it. A row that is merely linked is somebody else's to delete.
    fn deletes_here(&self, hanging: usize, row: u32) -> bool {
        let hanging = &self.unit.hanging[hanging];
        let owned = hanging.path.iter().all(|step| self.pipeline().references[*step].kind == ReferenceKind::Owned);
        owned && !hanging.guard && self.deletes(hanging.table, row)
    }

    fn totals(&self, fresh: &[Fresh], kept: &[bool]) -> Result<Vec<Totals>, WriteError> {
        let mut totals = Vec::with_capacity(fresh.len());
        for (index, fresh) in fresh.iter().enumerate() {
            let table = self.unit.hanging[index].table;
            let stays = |at: usize| {
                let goes = fresh.snapshot_rows[at].is_some_and(|row| self.deletes_here(index, row));
                kept[fresh.ordinals[at] as usize] && !goes
            };
            let counts: Vec<bool> = (0..fresh.rows).map(stays).collect();
            totals.push(money::totals(self.treating, table, &fresh.columns, &counts)?);
        }
        Ok(totals)
    }

    /// Updates, re-keys, deletes. Gives the unit's new keys where they changed.
    fn write(
        &self,
        transaction: &mut dyn Batch,
        fresh: &[Fresh],
        kept: &[bool],
        done: &mut Done,
    ) -> Result<Option<Vec<ArrayRef>>, WriteError> {
        let known = self.known(fresh);
        let mut deletions: Vec<(usize, Vec<u32>)> = Vec::new();
        let mut seen: BTreeSet<(TableIndex, u32)> = BTreeSet::new();
        for (index, rows) in fresh.iter().enumerate() {
            let hanging = &self.unit.hanging[index];
            if hanging.guard {
                continue;
            }
            let mut deleting = Vec::new();
            let mut treating = Vec::new();
            for at in 0..rows.rows {
                let Some(row) = rows.snapshot_rows[at].filter(|_| kept[rows.ordinals[at] as usize]) else { continue };
                if self.deletes_here(index, row) {
                    if seen.insert((hanging.table, row)) {
                        deleting.push(at as u32);
                        done.deleted.push((hanging.table, row));
                    }
                } else if !self.deletes(hanging.table, row) {
                    treating.push((at as u32, row));
                }
            }
            done.rows_written += self.update(transaction, index, rows, &treating, &known)?;
            deletions.push((index, deleting));
        }
        let mut new_keys = None;
        for (index, rows) in fresh.iter().enumerate().filter(|(index, _)| !self.unit.hanging[*index].guard) {
            let keys = self.rekey(transaction, index, rows, kept)?;
            if let (0, Some(keys)) = (index, keys) {
                new_keys = Some(self.in_batch_order(rows, &keys)?);
            }
        }
        // What hangs farthest goes first, so that no foreign key is left without its row.
        deletions.sort_by_key(|(index, _)| std::cmp::Reverse(self.unit.hanging[*index].path.len()));
        for (index, rows) in deletions {
            if rows.is_empty() {
                continue;
            }
            let table = &self.pipeline().tables[self.unit.hanging[index].table];
            let deleted = transaction.delete(&table.catalog, &locators(&fresh[index].locators, &rows))?;
            if deleted != rows.len() as u64 {
                return Err(WriteError::Deletions { table: table.name().to_owned(), planned: rows.len() as u64, deleted });
            }
            done.rows_deleted += deleted;
        }
        Ok(new_keys)
    }

    /// What the fresh rows say of each subject, for the texts that name it.
    fn known(&self, fresh: &[Fresh]) -> Vec<Option<Arc<KnownSubject>>> {
        let mut known = vec![None; self.rows.len()];
        let (Kind::Subjects(_), Some(own)) = (self.unit.kind, fresh.first()) else { return known };
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
        for column in columns.filter(|column| scoped.columns[**column].treatment == Treatment::Scrub) {
            let mut mask = vec![false; self.state.tables[table].rows];
            fresh.snapshot_rows.iter().flatten().for_each(|row| mask[*row as usize] = true);
            let found = KnownSubjects::new(self.pipeline(), self.state).of_rows(table, *column, &mask);
            for (at, row) in fresh.snapshot_rows.iter().enumerate() {
                known[at] = row.and_then(|row| found.get(&row).cloned()).or_else(|| known[at].take());
            }
        }
        known
    }

    fn update(
        &self,
        transaction: &mut dyn Batch,
        index: usize,
        fresh: &Fresh,
        treating: &[(u32, u32)],
        known: &[Option<Arc<KnownSubject>>],
    ) -> Result<u64, WriteError> {
        let hanging = &self.unit.hanging[index];
        let pipeline = self.pipeline();
        let scoped = &pipeline.tables[hanging.table];
        let plan = &self.plan.rows[hanging.table];
        // Column → which of the fresh rows change.
        let mut masks: BTreeMap<ColumnIndex, Vec<bool>> = BTreeMap::new();
        for (column, treat) in &plan.treat {
            let mine = match self.unit.kind {
                Kind::Subjects(_) => hanging.path.is_empty() || scoped.columns[*column].owner == hanging.lead,
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
            return Ok(0);
        }
        let known = match self.unit.kind {
            Kind::Subjects(_) => fresh.ordinals.iter().map(|ordinal| known[*ordinal as usize].clone()).collect(),
            Kind::Records(_) | Kind::Shared => self.known_of_records(hanging.table, fresh, masks.keys()),
        };
        let cells = Cells { table: hanging.table, tenant: self.tenant, columns: &fresh.columns, rows: fresh.rows, known: &known };
        let mut columns = Vec::new();
        let mut values = Vec::new();
        let failed = |column: ColumnIndex| move |source| self.treating.failed(hanging.table, column, source);
        for (column, mask) in masks {
            let treated = self.treating.treat(cells, column)?;
            let original = fresh.columns[column].as_ref().ok_or_else(|| self.treating.not_read(hanging.table, column))?;
            let chosen = choose(&BooleanArray::from(mask), &treated, original).map_err(failed(column))?;
            columns.push(column);
            values.push(pick(&chosen, &touched).ok_or_else(|| self.treating.assembly(hanging.table, column))?);
        }
        for (column, (value, mask)) in released {
            let original = fresh.columns[column].as_ref().ok_or_else(|| self.treating.not_read(hanging.table, column))?;
            let treated = released_cells(self.treating, hanging.table, column, &value, original)?;
            let chosen = choose(&BooleanArray::from(mask), &treated, original).map_err(failed(column))?;
            columns.push(column);
            values.push(pick(&chosen, &touched).ok_or_else(|| self.treating.assembly(hanging.table, column))?);
        }
        Ok(transaction.update(&scoped.catalog, &locators(&fresh.locators, &touched), &columns, &values)?)
    }

    /// Reads everything once more: the money must be where it was, and the versions go to the journal.
    fn after(
        &self,
        transaction: &mut dyn Batch,
        fresh: &[Fresh],
        kept: &[bool],
        before: &[Totals],
        done: &mut Done,
    ) -> Result<(), WriteError> {
        for (index, hanging) in self.unit.hanging.iter().enumerate() {
            if hanging.guard {
                continue;
            }
            let now = self.read(transaction, index, None)?;
            let counts: Vec<bool> = now.ordinals.iter().map(|ordinal| kept[*ordinal as usize]).collect();
            let after = money::totals(self.treating, hanging.table, &now.columns, &counts)?;
            for (key, before) in &before[index] {
                if after.get(key) != Some(before) {
                    let table = &self.pipeline().tables[key.0];
                    return Err(WriteError::Money { table: table.name().to_owned(), column: table.catalog.columns[key.1].name.clone() });
                }
            }
            let names = locator_names(&fresh[index].locators);
            let rows: HashMap<&str, u32> =
                names.iter().zip(&fresh[index].snapshot_rows).filter_map(|(name, row)| Some((name.as_str(), (*row)?))).collect();
            let then: HashMap<u32, Token> = fresh[index]
                .snapshot_rows
                .iter()
                .zip(&fresh[index].fingerprints)
                .filter_map(|(row, token)| Some(((*row)?, *token)))
                .collect();
            for (name, fingerprint) in locator_names(&now.locators).iter().zip(&now.fingerprints) {
                if let Some(row) = rows.get(name.as_str())
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

pub(super) fn pick(cells: &ArrayRef, rows: &[u32]) -> Option<ArrayRef> {
    take(cells, &UInt32Array::from(rows.to_vec()), None).ok()
}

fn locators(all: &Locators, rows: &[u32]) -> Locators {
    Locators { columns: all.columns.iter().filter_map(|cells| pick(cells, rows)).collect() }
}

/// Each row's locator as one text, to recognise it in a second read of the same transaction.
fn locator_names(locators: &Locators) -> Vec<String> {
    let texts: Vec<_> = locators.columns.iter().filter_map(|cells| to_text(cells).ok()).collect();
    let rows = locators.columns.first().map_or(0, |cells| cells.len());
    (0..rows).map(|row| texts.iter().map(|text| format!("{}:{};", text.value(row).len(), text.value(row))).collect()).collect()
}
