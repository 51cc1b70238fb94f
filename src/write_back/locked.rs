//! Locking a batch's rows, and reading them again under the lock.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, ArrayRef, UInt32Array};
use arrow::compute::{concat, take};

use super::WriteError;
use super::batch::{Done, Fresh, Work};
use super::expected::Expected;
use super::money;
use super::unit::{Hanging, Kind, steps};
use crate::keys::Token;
use crate::passes::expiry::NAMING_CLASSES;
use crate::passes::fingerprint::{Multiset, compared_columns, fingerprints, version_columns};
use crate::pipeline::personal_keys::personal_keys;
use crate::pipeline::*;
use crate::store::{Batch, LinkedRows, Patience, Request, StoreVersion};

impl Work<'_> {
    /// Loads the unit's rows of this batch by their keys in the snapshot.
    pub(super) fn load(&self, transaction: &mut dyn Batch, versions: Option<&[StoreVersion]>) -> Result<(), WriteError> {
        let table = &self.pipeline().tables[self.unit.table];
        let keys = self.keys_of(self.unit.table, &self.state.tables[self.unit.table].columns, Some(&self.rows))?;
        Ok(transaction.load_subjects(&table.catalog, &table.key, &keys, versions)?)
    }

    /// The versions that the batch's own rows have as long as nobody else writes them; `None` for a store without. A row that this run has
    /// deleted keeps its old one, which nothing has any more.
    pub(super) fn versions(&self, expected: &Expected<'_>) -> Option<Vec<StoreVersion>> {
        let known = self.state.tables[self.unit.table].versions.as_ref()?;
        let version = |row: &u32| expected.fingerprint(self.unit.table, *row).map_or(known[*row as usize], |now| *now.as_bytes());
        Some(self.rows.iter().map(version).collect())
    }

    /// Keeps others from adding rows through references that the store does not enforce: a lock on the row pointed at does not stop them.
    /// Returns the hanging tables for which that was not possible.
    pub(super) fn lock_tables(&self, transaction: &mut dyn Batch, patience: Patience) -> Result<Vec<usize>, WriteError> {
        let mut open = Vec::new();
        if !self.shares_tables {
            return Ok(open);
        }
        let mut locked: BTreeMap<TableIndex, bool> = BTreeMap::new();
        for (index, hanging) in self.unit.hanging.iter().enumerate() {
            for step in hanging.path.iter().map(|step| &self.pipeline().references[*step]).filter(|step| !step.declared) {
                let lock = match locked.get(&step.from) {
                    Some(lock) => *lock,
                    None => transaction.lock_table(&self.pipeline().tables[step.from].catalog, patience)?,
                };
                locked.insert(step.from, lock);
                if !lock && open.last() != Some(&index) {
                    open.push(index);
                }
            }
        }
        Ok(open)
    }

    /// Locks the unit's own rows (which come first, and may be `locked` already), and the rows that hang on them wherever the plan writes such.
    /// Returns the unit's rows that somebody else holds.
    pub(super) fn lock_rows(&self, transaction: &mut dyn Batch, patience: Patience, locked: usize) -> Result<BTreeSet<u32>, WriteError> {
        let mut held = BTreeSet::new();
        for hanging in self.unit.hanging.iter().skip(locked) {
            if hanging.path.is_empty() || (self.plan.writes(hanging.table) && !hanging.guard) {
                let table = &self.pipeline().tables[hanging.table].catalog;
                let ordinals = transaction.lock(table, &steps(self.pipeline(), &hanging.path), patience)?;
                held.extend(ordinals.into_iter().filter_map(|ordinal| self.rows.get(ordinal as usize)));
            }
        }
        Ok(held)
    }

    /// Whether a hanging table stands after the batch as it was read before: nothing of it is written or locked, by the plan or by anything that
    /// the database does of itself. What others do to such rows meanwhile is theirs.
    pub(super) fn untouched(&self, hanging: &Hanging) -> bool {
        let pipeline = self.pipeline();
        self.state.tables[hanging.table].versions.is_some()
            && !hanging.path.is_empty()
            && !self.plan.writes(hanging.table)
            && !pipeline.copied_into.contains(&hanging.table)
            && !pipeline.copied_elsewhere
            && !pipeline.rekeys()
    }

    /// Whether what is in a hanging table's rows need not be read: a row of the same version is as the snapshot has it.
    pub(super) fn in_snapshot(&self, hanging: &Hanging, expected: &Expected<'_>) -> bool {
        self.state.tables[hanging.table].versions.is_some()
            && !self.pipeline().copied_into.contains(&hanging.table)
            && !expected.is_stale(hanging.table)
    }

    /// Whether a hanging table's rows are after an UPDATE just what it says itself: nothing of the database's own and no other statement of the
    /// batch changes them further.
    pub(super) fn quiet(&self, hanging: &Hanging, expected: &Expected<'_>) -> bool {
        self.in_snapshot(hanging, expected)
            && !hanging.guard
            && self.unit.paths_to(hanging.table) == 1
            && !self.pipeline().tables[hanging.table].catalog.reacts
            && !self.pipeline().copied_elsewhere
            && !self.pipeline().rekeys()
    }

    /// After the commit: the unit's rows to which something was added meanwhile, in tables that could not be kept from it.
    pub fn raced(&self, transaction: &mut dyn Batch, expected: &Expected<'_>, done: &Done) -> Result<BTreeSet<u32>, WriteError> {
        self.load(transaction, None)?;
        let mut raced = BTreeSet::new();
        for index in done.open.iter().copied() {
            let fresh = self.read(transaction, index, Some(expected))?;
            let found = self.found(&fresh);
            let changed = self.rows.iter().enumerate().filter(|(ordinal, row)| found[*ordinal] != expected.multiset(index, **row));
            raced.extend(changed.map(|(_, row)| *row).filter(|row| !done.skipped.contains_key(row)));
        }
        Ok(raced)
    }

    /// Per row of the batch all that hangs on it as one value.
    pub(super) fn found(&self, fresh: &Fresh) -> Vec<Multiset> {
        let mut found = vec![Multiset::default(); self.rows.len()];
        for (ordinal, fingerprint) in fresh.ordinals.iter().zip(&fresh.fingerprints) {
            found[*ordinal as usize].add(*fingerprint);
        }
        found
    }

    /// The columns to read of a hanging table under the lock. Where the store has versions of its own, a row is compared by them, and what
    /// becomes a constant need not be read.
    fn wanted(&self, index: usize, before: bool) -> Vec<ColumnIndex> {
        let hanging = &self.unit.hanging[index];
        let table = &self.state.tables[hanging.table];
        let compared = compared_columns(&table.columns);
        if table.versions.is_none() {
            return compared;
        }
        if self.pipeline().copied_into.contains(&hanging.table) {
            return compared;
        }
        let scoped = &self.pipeline().tables[hanging.table];
        let mut wanted = money::amount_columns(self.pipeline(), hanging.table);
        if index == 0 || !hanging.guard {
            wanted.extend(&scoped.key);
            wanted.extend(personal_keys(&self.pipeline().tables, &self.pipeline().references, hanging.table).into_iter().flatten());
        }
        let computed = |table: TableIndex, column: ColumnIndex| {
            !matches!(self.pipeline().tables[table].columns[column].treatment, Treatment::Null | Treatment::Constant(_))
        };
        if before && !hanging.guard {
            wanted.extend(self.plan.rows[hanging.table].treat.keys().filter(|column| computed(hanging.table, **column)));
        }
        if let (0, Kind::Subjects(category)) = (index, self.unit.kind) {
            if before && self.unit.hanging.iter().any(|hanging| self.scrubs(hanging.table)) {
                wanted.extend((0..scoped.columns.len()).filter(|column| NAMING_CLASSES.contains(&scoped.columns[*column].class)));
            }
            wanted.extend(version_columns(scoped, &self.pipeline().categories[category]));
        }
        wanted.sort_unstable();
        wanted.dedup();
        wanted.retain(|column| compared.binary_search(column).is_ok());
        wanted
    }

    /// Whether the plan scrubs texts of a table.
    pub(super) fn scrubs(&self, table: TableIndex) -> bool {
        let columns = &self.pipeline().tables[table].columns;
        self.plan.rows[table].treat.keys().any(|column| columns[*column].treatment.scrubs())
    }

    /// Locks the unit's own rows of these versions and takes what is in them from the snapshot where it still says so.
    pub(super) fn claim(
        &self,
        transaction: &mut dyn Batch,
        expected: &Expected<'_>,
        versions: &[StoreVersion],
    ) -> Result<Fresh, WriteError> {
        let mut ordinals = transaction.claim()?;
        if !self.in_snapshot(&self.unit.hanging[0], expected) {
            return self.read(transaction, 0, Some(expected));
        }
        // In the order of the batch, in which the store already has them.
        ordinals.sort_unstable();
        self.own_rows(transaction, ordinals, versions)
    }

    /// The unit's own rows of these ordinals as the snapshot has them.
    pub(super) fn own_rows(&self, transaction: &dyn Batch, ordinals: Vec<u32>, versions: &[StoreVersion]) -> Result<Fresh, WriteError> {
        let versions: Vec<StoreVersion> = ordinals.iter().map(|ordinal| versions[*ordinal as usize]).collect();
        let snapshot_rows: Vec<Option<u32>> = ordinals.iter().map(|ordinal| Some(self.rows[*ordinal as usize])).collect();
        Ok(Fresh {
            columns: self.remembered(self.unit.table, &self.wanted(0, true), &snapshot_rows)?,
            rows: ordinals.len(),
            locators: transaction.located(&versions)?,
            fingerprints: versions.into_iter().map(Token::from_bytes).collect(),
            ordinals,
            snapshot_rows,
        })
    }

    /// Cells of the snapshot for rows of it; NULL where a row is none.
    fn remembered(&self, table: TableIndex, wanted: &[ColumnIndex], rows: &[Option<u32>]) -> Result<Vec<Option<ArrayRef>>, WriteError> {
        let rows = UInt32Array::from(rows.to_vec());
        let mut columns: Vec<Option<ArrayRef>> = vec![None; self.pipeline().tables[table].columns.len()];
        for column in wanted {
            let cells = self.state.column(table, *column).ok_or_else(|| self.treating.not_read(table, *column))?;
            columns[*column] = Some(take(cells, &rows, None).map_err(|_| self.treating.assembly(table, *column))?);
        }
        Ok(columns)
    }

    /// Reads the rows of a hanging table: as they stand before the batch where it is told what is expected, else as they stand after.
    pub(super) fn read(&self, transaction: &mut dyn Batch, index: usize, expected: Option<&Expected<'_>>) -> Result<Fresh, WriteError> {
        let pipeline = self.pipeline();
        let hanging = &self.unit.hanging[index];
        let wanted = self.wanted(index, expected.is_some());
        let in_snapshot = expected.is_some_and(|expected| self.in_snapshot(hanging, expected));
        let read = if in_snapshot { Vec::new() } else { wanted.clone() };
        let request = Request { table: pipeline.tables[hanging.table].catalog.clone(), columns: read.clone() };
        let about = expected.map(|expected| self.rows.iter().map(|row| expected.multiset(index, *row).rows()).sum());
        let linked = transaction.linked(&request, &steps(pipeline, &hanging.path), about)?;
        let mut fresh = self.fresh(index, &read, linked, expected)?;
        if in_snapshot {
            fresh.columns = self.remembered(hanging.table, &wanted, &fresh.snapshot_rows)?;
        }
        Ok(fresh)
    }

    /// The columns of a hanging table to look at after the batch has written it.
    pub(super) fn looked_at(&self, index: usize) -> Request {
        Request { table: self.pipeline().tables[self.unit.hanging[index].table].catalog.clone(), columns: self.wanted(index, false) }
    }

    pub(super) fn fresh(
        &self,
        index: usize,
        wanted: &[ColumnIndex],
        linked: LinkedRows,
        expected: Option<&Expected<'_>>,
    ) -> Result<Fresh, WriteError> {
        let hanging = &self.unit.hanging[index];
        let scoped = &self.pipeline().tables[hanging.table];
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
        let fingerprints = match linked.rows.versions {
            Some(versions) => versions.into_iter().map(Token::from_bytes).collect(),
            None => {
                let cells: Vec<&ArrayRef> = wanted.iter().filter_map(|column| columns[*column].as_ref()).collect();
                fingerprints(&cells, ordinals.len(), self.treating.comparing, scoped.name())
                    .map_err(|source| self.treating.failed(hanging.table, wanted.first().copied().unwrap_or_default(), source))?
            }
        };
        let snapshot_rows = match expected {
            Some(expected) => fingerprints.iter().map(|fingerprint| expected.row(hanging.table, *fingerprint)).collect(),
            None => Vec::new(),
        };
        Ok(Fresh { columns, rows: ordinals.len(), ordinals, locators: linked.locators, fingerprints, snapshot_rows })
    }
}
