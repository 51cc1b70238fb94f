//! One write transaction: lock, read again, compare, treat what was just read, write, prove the money, journal.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, ArrayRef, AsArray, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::Int64Type;

use super::expected::Expected;
use super::held::Latecomers;
use super::money::{self, Totals};
use super::unit::{Kind, Unit};
use super::{SkipReason, WriteError};
use crate::decide::Plan;
use crate::kernels::cast::to_text;
use crate::keys::Token;
use crate::passes::Treating;
use crate::pipeline::*;
use crate::snapshot::State;
use crate::store::{Batch, JournalEntry, Locators, Patience};

/// Everything that a batch needs to know.
pub struct Work<'a> {
    /// Keys and pipeline.
    pub treating: &'a Treating<'a>,
    /// The snapshot's rows.
    pub state: &'a State,
    /// The plan, narrowed.
    pub plan: &'a Plan,
    /// The holds that the plan does not know.
    pub latecomers: &'a Latecomers<'a>,
    /// The unit.
    pub unit: &'a Unit,
    /// The tenant of all rows of the batch.
    pub tenant: usize,
    /// The unit's rows in this batch.
    pub rows: Vec<u32>,
    /// Per category the subjects that this run has skipped so far.
    pub skipped_subjects: &'a BTreeSet<(CategoryIndex, u32)>,
    /// Whether references that the store does not enforce can change while the batch holds its locks.
    pub shares_tables: bool,
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
    /// Indices into the unit's hanging tables that nobody could be kept from adding rows to.
    pub open: Vec<usize>,
    /// Rows that triggers of the database added, per table.
    pub added: BTreeMap<TableIndex, u64>,
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

    /// Does the batch's work inside the transaction; the caller commits. Rows that are `held` now stay as they are.
    pub fn run(
        &self,
        transaction: &mut dyn Batch,
        expected: &Expected<'_>,
        patience: Patience,
        held: &BTreeSet<u32>,
    ) -> Result<Done, WriteError> {
        let pipeline = self.pipeline();
        let table = &pipeline.tables[self.unit.table];
        let versions = self.versions(expected);
        if let (Patience::Wait, Some(versions), true) = (patience, &versions, held.is_empty())
            && let Some(done) = self.run_alone(transaction, expected, versions)?
        {
            return Ok(done);
        }
        let open = self.lock_tables(transaction, patience)?;
        self.load(transaction, versions.as_deref())?;
        let mut fresh = Vec::with_capacity(self.unit.hanging.len());
        if let (Patience::Wait, Some(versions)) = (patience, &versions) {
            fresh.push(self.claim(transaction, expected, versions)?);
        }
        let locked = self.lock_rows(transaction, patience, fresh.len())?;
        for index in fresh.len()..self.unit.hanging.len() {
            fresh.push(self.read(transaction, index, Some(expected))?);
        }
        let mut done = Done { skipped: self.changed(&fresh, expected), open, ..Done::default() };
        done.skipped.extend(locked.into_iter().map(|row| (row, SkipReason::Locked)));
        done.skipped.extend(held.iter().map(|row| (*row, SkipReason::Held)));
        self.still_referenced(&fresh, &mut done.skipped);
        let kept: Vec<bool> = self.rows.iter().map(|row| !done.skipped.contains_key(row)).collect();
        let before = self.totals(&fresh, &kept)?;
        let mut settled = BTreeMap::new();
        let new_keys = self.write(transaction, expected, &fresh, &kept, &mut done, &mut settled)?;
        if let Some(new_keys) = new_keys {
            transaction.load_subjects(&table.catalog, &table.key, &new_keys, None)?;
        }
        self.treat_copies(transaction, &fresh, &kept, &mut done)?;
        self.after(transaction, &fresh, &kept, &before, &settled, &mut done)?;
        self.remember_activity(&mut done)?;
        self.remember_shared(&mut done)?;
        self.remember_suppressed(&mut done)?;
        Ok(done)
    }

    /// Skips rows that are to be deleted while something that does not go with them still points at them. Subjects of one batch that point at
    /// each other (who pays for whom) go together, unless the one that points is skipped.
    fn still_referenced(&self, fresh: &[Fresh], skipped: &mut BTreeMap<u32, SkipReason>) {
        let mut going: BTreeMap<(TableIndex, u32), Vec<u32>> = BTreeMap::new();
        for (index, (hanging, fresh)) in self.unit.hanging.iter().zip(fresh).enumerate() {
            for (ordinal, row) in fresh.ordinals.iter().zip(&fresh.snapshot_rows) {
                if let Some(row) = row.filter(|row| self.deletes_here(index, *row)) {
                    going.entry((hanging.table, row)).or_default().push(self.rows[*ordinal as usize]);
                }
            }
        }
        // Repeated, because who is skipped keeps those whom it points at.
        loop {
            let known = skipped.len();
            for (hanging, fresh) in self.unit.hanging.iter().zip(fresh) {
                let owned = hanging.path.iter().all(|step| self.pipeline().references[*step].kind == ReferenceKind::Owned);
                if owned && !hanging.guard {
                    continue;
                }
                for (ordinal, pointing) in fresh.ordinals.iter().zip(&fresh.snapshot_rows) {
                    let row = self.rows[*ordinal as usize];
                    let with = pointing.and_then(|pointing| going.get(&(hanging.table, pointing)));
                    // In a circle what points goes with what it points at, in one statement.
                    if with.is_some_and(|with| with.iter().any(|subject| *subject == row || !skipped.contains_key(subject))) {
                        continue;
                    }
                    if self.deletes(self.unit.table, row) {
                        skipped.entry(row).or_insert(SkipReason::StillReferenced);
                    }
                }
            }
            if skipped.len() == known {
                break;
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

    /// The unit's rows that are not as they were when the plan was made.
    fn changed(&self, fresh: &[Fresh], expected: &Expected<'_>) -> BTreeMap<u32, SkipReason> {
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
            let found = self.found(fresh);
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
    pub(super) fn deletes_here(&self, hanging: usize, row: u32) -> bool {
        let hanging = &self.unit.hanging[hanging];
        let owned = hanging.path.iter().all(|step| self.pipeline().references[*step].kind == ReferenceKind::Owned);
        owned && !hanging.guard && self.deletes(hanging.table, row)
    }

    /// Counts and sums of the rows that stay, per hanging table.
    pub(super) fn totals(&self, fresh: &[Fresh], kept: &[bool]) -> Result<Vec<Totals>, WriteError> {
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

    /// Updates, re-keys, deletes. Gives the unit's new keys where they changed. Where it is certain what became of a hanging table's rows, that
    /// is `settled`.
    fn write(
        &self,
        transaction: &mut dyn Batch,
        expected: &Expected<'_>,
        fresh: &[Fresh],
        kept: &[bool],
        done: &mut Done,
        settled: &mut BTreeMap<usize, Option<Fresh>>,
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
            let Some(update) = self.assignments(index, rows, &treating, &known)? else {
                if self.quiet(hanging, expected) {
                    settled.insert(index, None);
                }
                deletions.push((index, deleting));
                continue;
            };
            let scoped = &self.pipeline().tables[hanging.table];
            let updated = if self.quiet(hanging, expected) {
                let written = self.update_quietly(transaction, index, rows, &update)?;
                let updated = written.rows as u64;
                settled.insert(index, Some(written));
                updated
            } else {
                transaction.update(&scoped.catalog, &locators(&rows.locators, &update.rows), &update.assignments)?
            };
            let planned = update.rows.len() as u64;
            if updated != planned {
                return Err(WriteError::Updates { table: scoped.name().to_owned(), planned, updated });
            }
            done.rows_written += updated;
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
        deletions.retain(|(_, rows)| !rows.is_empty());
        deletions.sort_by_key(|(index, _)| std::cmp::Reverse(self.unit.hanging[*index].path.len()));
        let table = |index: usize| &self.pipeline().tables[self.unit.hanging[index].table];
        let going: Vec<_> =
            deletions.iter().map(|(index, rows)| (table(*index).catalog.clone(), locators(&fresh[*index].locators, rows))).collect();
        let gone = transaction.delete_all(&going)?;
        for ((index, rows), deleted) in deletions.iter().zip(gone) {
            if deleted != rows.len() as u64 {
                return Err(WriteError::Deletions { table: table(*index).name().to_owned(), planned: rows.len() as u64, deleted });
            }
            done.rows_deleted += deleted;
        }
        Ok(new_keys)
    }
}

pub(super) fn pick(cells: &ArrayRef, rows: &[u32]) -> Option<ArrayRef> {
    take(cells, &UInt32Array::from(rows.to_vec()), None).ok()
}

pub(super) fn locators(all: &Locators, rows: &[u32]) -> Locators {
    Locators { columns: all.columns.iter().filter_map(|cells| pick(cells, rows)).collect() }
}

/// A row's locator as one value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Name {
    /// One or two numbers.
    Place(i64, i64),
    /// Anything else, its parts with their lengths.
    Text(String),
}

/// Each row's locator, to recognise it in a second read of the same transaction.
pub(super) fn locator_names(locators: &Locators) -> Vec<Name> {
    let numbers: Option<Vec<_>> = locators.columns.iter().map(|cells| cells.as_primitive_opt::<Int64Type>()).collect();
    match numbers.as_deref() {
        Some([one]) => return one.values().iter().map(|one| Name::Place(*one, 0)).collect(),
        Some([one, two]) => return one.values().iter().zip(two.values()).map(|(one, two)| Name::Place(*one, *two)).collect(),
        _ => {}
    }
    let texts: Vec<_> = locators.columns.iter().filter_map(|cells| to_text(cells).ok()).collect();
    let rows = locators.columns.first().map_or(0, |cells| cells.len());
    let part = |row: usize| texts.iter().map(|text| format!("{}:{};", text.value(row).len(), text.value(row))).collect();
    (0..rows).map(|row| Name::Text(part(row))).collect()
}
