//! Write-back: batches under lock, each announced in the ledger before and confirmed after, journalled in its own transaction.

mod after;
mod alone;
pub mod batch;
mod copies;
mod expected;
pub mod held;
mod job;
mod locked;
pub mod money;
mod rekey;
mod remember;
mod side_by_side;
mod treat;
pub mod unit;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::decide::{Outcome, Plan};
use crate::holds::{EnterError, HoldsError, MatchError};
use crate::ledger::{Abandoned, Code, Completion, Digest, Intent, Ledger, LedgerError, Record, Skipped, Token};
use crate::passes::pseudonymise::row_tokens;
use crate::passes::{PassError, Treating, gather};
use crate::pipeline::*;
use crate::progress::{Progress, Stage};
use crate::snapshot::State;
use crate::store::{Head, Store, StoreError};

use batch::{Done, Work};
use expected::{Expected, OwnWrites};
use held::Latecomers;
use job::Job;
use unit::{Kind, Unit, pointing_first, units};

/// The journal's table name of the entry that says that a batch was committed.
pub const BATCH_MARKER: &str = "";

/// Why a subject was left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// Its rows, or rows that lead to it, changed since the snapshot.
    Changed,
    /// A shared row that somebody who was skipped still points at.
    StillShared,
    /// A row that was to be deleted, and that a row which was to go before it still points at.
    StillReferenced,
    /// Somebody else held a row of it until the last try.
    Locked,
    /// A legal hold on it came after the plan.
    Held,
    /// Not left alone: something was added about it while it was written, in a table that could not be locked. The next run decides about that.
    Raced,
}

impl SkipReason {
    /// Its code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::StillShared => "still_shared",
            Self::StillReferenced => "still_referenced",
            Self::Locked => "locked",
            Self::Held => "held",
            Self::Raced => "raced",
        }
    }
}

/// Why write-back stopped.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ledger refused.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A treatment failed.
    #[error(transparent)]
    Pass(#[from] PassError),
    /// The register of legal holds can not be relied on any more.
    #[error(transparent)]
    Holds(#[from] HoldsError),
    /// A total moved; the batch was rolled back.
    #[error("the total of `{table}`.`{column}` would have changed; the batch was rolled back")]
    Money {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// The store changed fewer rows than it was asked to; the batch was rolled back.
    #[error(
        "`{table}`: {updated} of {planned} rows would have been changed; a trigger or rule held back the others, and the batch was rolled back"
    )]
    Updates {
        /// The table.
        table: String,
        /// As asked.
        planned: u64,
        /// As the store counted.
        updated: u64,
    },
    /// More or fewer rows went than planned; the batch was rolled back.
    #[error("`{table}`: {deleted} rows would have been deleted where {planned} were planned; the batch was rolled back")]
    Deletions {
        /// The table.
        table: String,
        /// As planned.
        planned: u64,
        /// As the store counted.
        deleted: u64,
    },
}

impl From<EnterError> for WriteError {
    fn from(error: EnterError) -> Self {
        match error {
            EnterError::Holds(error) => Self::Holds(error),
            EnterError::Ledger(error) => Self::Ledger(error),
        }
    }
}

impl From<MatchError> for WriteError {
    fn from(error: MatchError) -> Self {
        match error {
            MatchError::Holds(error) => Self::Holds(error),
            MatchError::Pass(error) => Self::Pass(error),
        }
    }
}

/// A subject that was skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedSubject {
    /// The tenant.
    pub tenant: usize,
    /// The unit's name.
    pub unit: String,
    /// The row of the snapshot.
    pub row: u32,
    /// Its token in the ledger.
    pub token: String,
    /// Why.
    pub reason: SkipReason,
}

/// What write-back did.
#[derive(Debug, Default)]
pub struct Written {
    /// Batches committed.
    pub batches: u64,
    /// Rows updated.
    pub rows_written: u64,
    /// Rows deleted.
    pub rows_deleted: u64,
    /// Who was skipped.
    pub skipped: Vec<SkippedSubject>,
    /// Who was written although something was added about them meanwhile.
    pub raced: Vec<SkippedSubject>,
    /// Rows of the snapshot that are gone, per table.
    pub deleted: BTreeMap<TableIndex, BTreeSet<u32>>,
    /// Rows of the snapshot that read differently now.
    pub rewritten: BTreeMap<TableIndex, BTreeSet<u32>>,
    /// Rows that triggers of the database added, per table.
    pub added: BTreeMap<TableIndex, u64>,
}

impl Written {
    /// Subjects of a category that were skipped.
    pub fn skipped_of(&self, unit: &str) -> BTreeSet<u32> {
        self.skipped.iter().filter(|skipped| skipped.unit == unit).map(|skipped| skipped.row).collect()
    }
}

/// Everything that write-back works with.
pub struct WriteBack<'a> {
    /// Keys and pipeline.
    pub treating: &'a Treating<'a>,
    /// The snapshot's rows.
    pub state: &'a State,
    /// The plan, narrowed by the passes.
    pub plan: &'a Plan,
    /// The holds that the plan does not know.
    pub latecomers: &'a Latecomers<'a>,
    /// The run's id.
    pub run: &'a str,
    /// The clock.
    pub now: &'a dyn Fn() -> Timestamp,
}

/// What was done so far.
#[derive(Default)]
struct SoFar {
    written: Written,
    own: OwnWrites,
    /// Per category the subjects that were skipped.
    skipped_subjects: BTreeSet<(CategoryIndex, u32)>,
    /// The number of the last batch.
    number: u64,
}

impl SoFar {
    /// A batch was committed and confirmed.
    fn took(&mut self, job: &Job<'_>, done: Done, stage: &dyn Stage) {
        let written = &mut self.written;
        let skipped = named(job, |row| done.skipped.get(&row).copied());
        tracing::debug!(
            batch = job.number,
            unit = %job.work.unit.name,
            rows = job.work.rows.len(),
            skipped = skipped.len(),
            updated = done.rows_written,
            deleted = done.rows_deleted,
            "batch committed"
        );
        for (table, row, fingerprint) in done.rewritten {
            self.own.rewritten.entry(table).or_default().push((row, fingerprint));
            written.rewritten.entry(table).or_default().insert(row);
        }
        for (table, row) in done.deleted {
            self.own.deleted.entry(table).or_default().insert(row);
            written.deleted.entry(table).or_default().insert(row);
        }
        if let Kind::Subjects(category) = job.work.unit.kind {
            self.skipped_subjects.extend(skipped.iter().map(|skipped| (category, skipped.row)));
        }
        for (table, rows) in done.added {
            *written.added.entry(table).or_default() += rows;
        }
        written.batches += 1;
        written.rows_written += done.rows_written;
        written.rows_deleted += done.rows_deleted;
        written.skipped.extend(skipped);
        stage.advance(job.work.rows.len() as u64);
    }
}

impl WriteBack<'_> {
    /// Writes everything. On an error the batch at hand is rolled back and abandoned in the ledger, or left open there where the connection was
    /// lost; those before it, and those beside it that can be finished, stay.
    pub fn run(&self, store: &mut dyn Store, ledger: &mut Ledger, progress: &dyn Progress) -> Result<Written, WriteError> {
        let mut so_far = SoFar::default();
        let units = units(self.treating.pipeline, self.plan);
        let total: usize = units.iter().map(|unit| unit.rows.len()).sum();
        let stage = progress.start("write back", total as u64);
        let shares_tables = store.shares_tables();
        let settings = &self.treating.pipeline.run;
        let divides = |unit: &Unit| unit.rows.len() > settings.batch && unit.is_divisible(self.treating.pipeline, self.plan);
        let mut writers = store.writers(if units.iter().any(divides) { settings.connections } else { 1 })?;
        for unit in &units {
            let mut expected = Expected::of(self.treating, self.state, unit, &so_far.own)?;
            let lanes = if divides(unit) { writers.len() } else { 1 };
            let skipped_subjects = std::mem::take(&mut so_far.skipped_subjects);
            let works: Vec<Work<'_>> = self
                .portions(unit, lanes)
                .into_iter()
                .map(|(tenant, rows)| Work {
                    treating: self.treating,
                    state: self.state,
                    plan: self.plan,
                    latecomers: self.latecomers,
                    unit,
                    tenant,
                    rows,
                    skipped_subjects: &skipped_subjects,
                    shares_tables,
                })
                .collect();
            if lanes > 1 {
                self.side_by_side(works, &expected, &mut writers, ledger, &mut so_far, &*stage)?;
            } else {
                let [first, ..] = writers.as_mut_slice() else { continue };
                for work in works {
                    let job = self.job(work, &mut so_far)?;
                    let head = self.announce(&job, ledger)?;
                    let result = job.transact(self.run, &expected, &head, &mut **first);
                    let done = self.confirm(&job, result, ledger)?;
                    done.rewritten.iter().for_each(|(table, row, fingerprint)| expected.rewritten(unit, *table, *row, *fingerprint));
                    done.deleted.iter().for_each(|(table, row)| expected.deleted(unit, *table, *row));
                    if !done.open.is_empty() {
                        let raced = job.work.raced(&mut *first.batch()?, &expected, &done)?;
                        so_far.written.raced.extend(named(&job, |row| raced.contains(&row).then_some(SkipReason::Raced)));
                    }
                    so_far.took(&job, done, &*stage);
                }
            }
            so_far.skipped_subjects.extend(skipped_subjects);
        }
        stage.finish();
        Ok(so_far.written)
    }

    /// The unit's rows in batches, each of one tenant; as many for each lane as for any other.
    fn portions(&self, unit: &Unit, lanes: usize) -> Vec<(usize, Vec<u32>)> {
        let mut portions = Vec::new();
        for tenant in 0..self.treating.tenants.len() {
            let of_tenant = |row: &u32| self.state.tables[unit.table].tenants[*row as usize] == tenant as u16;
            let mut rows: Vec<u32> = unit.rows.iter().copied().filter(of_tenant).collect();
            pointing_first(self.treating.pipeline, self.state, self.plan, unit.table, &mut rows);
            let batches = rows.len().div_ceil(self.treating.pipeline.run.batch.max(1));
            let batches = if batches > 1 { batches.next_multiple_of(lanes) } else { batches };
            let size = rows.len().div_ceil(batches.max(1)).max(1);
            portions.extend(rows.chunks(size).map(|rows| (tenant, rows.to_vec())));
        }
        portions
    }

    /// The next batch, with its rows as the ledger names them.
    fn job<'w>(&self, work: Work<'w>, so_far: &mut SoFar) -> Result<Job<'w>, WriteError> {
        let tokens = ledger_tokens(self.treating, self.state, work.unit.table, work.tenant, &work.unit.name, &work.rows)?;
        so_far.number += 1;
        Ok(Job { work, number: so_far.number, tokens })
    }

    /// Enters in the ledger what a batch is about to do, and before that the holds that came meanwhile: nobody else can while the run has it.
    fn announce(&self, job: &Job<'_>, ledger: &mut Ledger) -> Result<crate::ledger::Head, WriteError> {
        self.latecomers.watch().enter(ledger, (self.now)())?;
        let intent = Intent {
            run: self.run.to_owned(),
            batch: job.number,
            tenant: self.tenant(&job.work).to_owned(),
            category: job.work.unit.name.clone(),
            actions: self.actions(&job.work),
            tokens: job.tokens.clone(),
        };
        Ok(ledger.append(&Record::Intent(intent), (self.now)())?)
    }

    /// Enters in the ledger what a batch has done.
    fn confirm(&self, job: &Job<'_>, result: Result<Done, WriteError>, ledger: &mut Ledger) -> Result<Done, WriteError> {
        let done = match result {
            Ok(done) => done,
            // Where the connection was lost nobody here knows whether the commit came through. The intent stays open, and the next run, which
            // can look into the journal, settles it.
            Err(error @ WriteError::Store(StoreError::Lost { .. })) => return Err(error),
            Err(error) => {
                let reason = Code::literal("rolled_back");
                let abandoned = Abandoned { run: self.run.to_owned(), batch: job.number, reason };
                // The first error is the one to report; an open intent is settled by the next run as well.
                let _ = ledger.append(&Record::Abandoned(abandoned), (self.now)());
                return Err(error);
            }
        };
        ledger.append(&Record::Completion(self.completion(job, &done)), (self.now)())?;
        Ok(done)
    }

    fn tenant(&self, work: &Work<'_>) -> &str {
        &self.treating.tenants[work.tenant].name
    }

    fn actions(&self, work: &Work<'_>) -> BTreeMap<Code, u64> {
        let mut actions = BTreeMap::new();
        for row in &work.rows {
            *actions.entry(Code::literal(self.outcome(work.unit, *row).as_str())).or_default() += 1;
        }
        actions
    }

    fn outcome(&self, unit: &Unit, row: u32) -> Outcome {
        match unit.kind {
            Kind::Subjects(category) => self.plan.subjects[category].outcome[row as usize],
            Kind::Records(record) => {
                self.plan.records.iter().find(|plan| plan.record == record).map_or(Outcome::Keep, |plan| plan.outcome[row as usize])
            }
            Kind::Shared if self.plan.rows[unit.table].delete[row as usize] => Outcome::Delete,
            Kind::Shared => Outcome::Anonymise,
        }
    }

    fn completion(&self, job: &Job<'_>, done: &Done) -> Completion {
        let work = &job.work;
        let mut completion = Completion {
            run: self.run.to_owned(),
            batch: job.number,
            tenant: self.tenant(work).to_owned(),
            category: work.unit.name.clone(),
            deleted: Vec::new(),
            anonymised: Vec::new(),
            partly: Vec::new(),
            skipped: Vec::new(),
            rows_written: done.rows_written,
            rows_deleted: done.rows_deleted,
        };
        for (row, token) in work.rows.iter().zip(&job.tokens) {
            match (done.skipped.get(row), self.outcome(work.unit, *row)) {
                (Some(reason), _) => completion.skipped.push(Skipped { token: *token, reason: Code::literal(reason.as_str()) }),
                (None, Outcome::Delete) => completion.deleted.push(*token),
                (None, Outcome::Partly) => completion.partly.push(*token),
                (None, _) => completion.anonymised.push(*token),
            }
        }
        completion
    }
}

/// The batch's rows that have a reason, as reports name them.
fn named(job: &Job<'_>, reason: impl Fn(u32) -> Option<SkipReason>) -> Vec<SkippedSubject> {
    let Job { work, tokens, .. } = job;
    let named = |(row, token): (&u32, &Token)| {
        let reason = reason(*row)?;
        Some(SkippedSubject { tenant: work.tenant, unit: work.unit.name.clone(), row: *row, token: token.to_string(), reason })
    };
    work.rows.iter().zip(tokens).filter_map(named).collect()
}

/// How the journal and the ledger name a batch.
pub fn batch_name(run: &str, number: u64) -> String {
    format!("{run}/{number}")
}

/// The ledger's tokens of some rows of a table.
pub fn ledger_tokens(
    treating: &Treating<'_>,
    state: &State,
    table: TableIndex,
    tenant: usize,
    unit: &str,
    rows: &[u32],
) -> Result<Vec<Token>, PassError> {
    let scoped = &treating.pipeline.tables[table];
    let mut keys = Vec::with_capacity(scoped.key.len());
    for column in &scoped.key {
        let cells = state.column(table, *column).ok_or_else(|| treating.not_read(table, *column))?;
        keys.push(gather(cells, rows).ok_or_else(|| treating.assembly(table, *column))?);
    }
    let tokens = row_tokens(&keys, &treating.keys[tenant].ledger, unit).map_err(|source| treating.failed(table, scoped.key[0], source))?;
    let token = |row: usize| <[u8; 16]>::try_from(tokens.value(row)).map(crate::ledger::Hex).ok();
    (0..rows.len()).map(|row| token(row).ok_or_else(|| treating.assembly(table, scoped.key[0]))).collect()
}

/// A ledger's head as the store keeps it.
pub fn store_head(head: &crate::ledger::Head) -> Head {
    Head { ledger: head.ledger.clone(), sequence: head.seq, mac: head.mac.to_string() }
}

/// A head that the store kept, as the ledger compares it; `None` where it is malformed.
pub fn ledger_head(head: &Head) -> Option<crate::ledger::Head> {
    let mac: Digest = Digest::parse(head.mac.as_bytes()).ok()?;
    Some(crate::ledger::Head { ledger: head.ledger.clone(), seq: head.sequence, mac })
}
