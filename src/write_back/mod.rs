//! Write-back: batches under lock, each announced in the ledger before and confirmed after, journalled in its own transaction.

pub mod batch;
mod copies;
mod locked;
pub mod money;
mod rekey;
mod remember;
pub mod unit;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use backon::{BlockingRetryable, ExponentialBuilder};
use jiff::Timestamp;

use crate::decide::{Outcome, Plan};
use crate::ledger::{Abandoned, Code, Completion, Digest, Intent, Ledger, LedgerError, Record, Skipped, Token};
use crate::passes::pseudonymise::row_tokens;
use crate::passes::{PassError, Treating, gather};
use crate::pipeline::*;
use crate::progress::Progress;
use crate::snapshot::State;
use crate::store::{Head, JournalEntry, Patience, Store, StoreError};

use batch::{Done, Work};
use unit::{Expected, Kind, OwnWrites, Unit, units};

/// How often a batch is begun anew after somebody else's work stood in its way.
const TRIES: usize = 4;

/// How long is waited before the second try; each further one waits twice as long.
const FIRST_DELAY: Duration = Duration::from_millis(200);

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
    /// The run's id.
    pub run: &'a str,
    /// The clock.
    pub now: &'a dyn Fn() -> Timestamp,
}

impl WriteBack<'_> {
    /// Writes everything. On an error the batch at hand is rolled back and abandoned in the ledger, or left open there where the connection was
    /// lost; those before it stay.
    pub fn run(&self, store: &mut dyn Store, ledger: &mut Ledger, progress: &dyn Progress) -> Result<Written, WriteError> {
        let mut written = Written::default();
        let mut own = OwnWrites::default();
        let mut skipped_subjects = BTreeSet::new();
        let units = units(self.treating.pipeline, self.plan);
        let total: usize = units.iter().map(|unit| unit.rows.len()).sum();
        let stage = progress.start("write back", total as u64);
        let mut number = 0;
        for unit in &units {
            let mut expected = Expected::of(self.treating, self.state, unit, &own)?;
            for tenant in 0..self.treating.tenants.len() {
                let of_tenant = |row: &u32| self.state.tables[unit.table].tenants[*row as usize] == tenant as u16;
                let rows: Vec<u32> = unit.rows.iter().copied().filter(of_tenant).collect();
                for rows in rows.chunks(self.treating.pipeline.run.batch) {
                    number += 1;
                    let work = Work {
                        treating: self.treating,
                        state: self.state,
                        plan: self.plan,
                        unit,
                        tenant,
                        rows,
                        skipped_subjects: &skipped_subjects,
                        shares_tables: store.shares_tables(),
                    };
                    let (done, skipped) = self.batch(&work, number, &expected, store, ledger)?;
                    for (table, row, fingerprint) in &done.rewritten {
                        expected.rewritten(unit, *table, *row, *fingerprint);
                        own.rewritten.insert((*table, *row), *fingerprint);
                        written.rewritten.entry(*table).or_default().insert(*row);
                    }
                    for (table, row) in &done.deleted {
                        expected.deleted(unit, *table, *row);
                        own.deleted.entry(*table).or_default().insert(*row);
                        written.deleted.entry(*table).or_default().insert(*row);
                    }
                    if !done.open.is_empty() {
                        let raced = work.raced(&mut *store.batch()?, &expected, &done)?;
                        let tokens = self.ledger_tokens(&work)?;
                        written.raced.extend(named(&work, &tokens, |row| raced.contains(&row).then_some(SkipReason::Raced)));
                    }
                    if let Kind::Subjects(category) = unit.kind {
                        skipped_subjects.extend(skipped.iter().map(|skipped| (category, skipped.row)));
                    }
                    for (table, rows) in &done.added {
                        *written.added.entry(*table).or_default() += rows;
                    }
                    written.batches += 1;
                    tracing::debug!(
                        batch = number,
                        unit = %unit.name,
                        rows = rows.len(),
                        skipped = skipped.len(),
                        updated = done.rows_written,
                        deleted = done.rows_deleted,
                        "batch committed"
                    );
                    written.rows_written += done.rows_written;
                    written.rows_deleted += done.rows_deleted;
                    written.skipped.extend(skipped);
                    stage.advance(rows.len() as u64);
                }
            }
        }
        stage.finish();
        Ok(written)
    }

    fn batch(
        &self,
        work: &Work<'_>,
        number: u64,
        expected: &Expected,
        store: &mut dyn Store,
        ledger: &mut Ledger,
    ) -> Result<(Done, Vec<SkippedSubject>), WriteError> {
        let tokens = self.ledger_tokens(work)?;
        let tenant = self.treating.tenants[work.tenant].name.clone();
        let intent = Intent {
            run: self.run.to_owned(),
            batch: number,
            tenant: tenant.clone(),
            category: work.unit.name.clone(),
            actions: self.actions(work),
            tokens: tokens.clone(),
        };
        let head = ledger.append(&Record::Intent(intent), (self.now)())?;
        let result = self.transact(work, number, expected, store, &head, &tenant);
        let done = match result {
            Ok(done) => done,
            // Where the connection was lost nobody here knows whether the commit came through. The intent stays open, and the next run, which
            // can look into the journal, settles it.
            Err(error @ WriteError::Store(StoreError::Lost { .. })) => return Err(error),
            Err(error) => {
                let reason = Code::literal("rolled_back");
                let abandoned = Abandoned { run: self.run.to_owned(), batch: number, reason };
                // The first error is the one to report; an open intent is settled by the next run as well.
                let _ = ledger.append(&Record::Abandoned(abandoned), (self.now)());
                return Err(error);
            }
        };
        let skipped = named(work, &tokens, |row| done.skipped.get(&row).copied());
        ledger.append(&Record::Completion(self.completion(work, number, &tenant, &tokens, &done)), (self.now)())?;
        Ok((done, skipped))
    }

    /// The batch's transaction, begun anew while somebody else's work stands in the way; the last time without waiting, so that what is held
    /// stays behind and the rest is written.
    fn transact(
        &self,
        work: &Work<'_>,
        number: u64,
        expected: &Expected,
        store: &mut dyn Store,
        head: &crate::ledger::Head,
        tenant: &str,
    ) -> Result<Done, WriteError> {
        let tries = ExponentialBuilder::default().with_min_delay(FIRST_DELAY).with_max_times(TRIES).with_jitter();
        let mut left = TRIES;
        let attempt = || {
            let patience = if left == 0 { Patience::Skip } else { Patience::Wait };
            left = left.saturating_sub(1);
            self.attempt(work, number, expected, store, head, tenant, patience)
        };
        let transient = |error: &WriteError| matches!(error, WriteError::Store(error) if error.is_transient());
        attempt.retry(tries).when(transient).notify(|error, _| tracing::info!(batch = number, %error, "batch begun anew")).call()
    }

    #[expect(clippy::too_many_arguments, reason = "one transaction with all that it rests on")]
    fn attempt(
        &self,
        work: &Work<'_>,
        number: u64,
        expected: &Expected,
        store: &mut dyn Store,
        head: &crate::ledger::Head,
        tenant: &str,
        patience: Patience,
    ) -> Result<Done, WriteError> {
        let mut transaction = store.batch()?;
        let mut done = work.run(&mut *transaction, expected, patience)?;
        let name = batch_name(self.run, number);
        done.journal.iter_mut().for_each(|entry| entry.batch.clone_from(&name));
        done.journal.push(JournalEntry {
            tenant: tenant.to_owned(),
            table: BATCH_MARKER.to_owned(),
            token: name.clone(),
            batch: name,
            outcome: "committed".to_owned(),
            clock_start: None,
            version: String::new(),
            written_on: self.treating.tenants[work.tenant].as_of.to_string(),
        });
        transaction.journal(&done.journal)?;
        transaction.set_head(&store_head(head))?;
        transaction.commit()?;
        Ok(done)
    }

    /// The unit's rows as the ledger names them.
    fn ledger_tokens(&self, work: &Work<'_>) -> Result<Vec<Token>, WriteError> {
        let tokens = ledger_tokens(self.treating, self.state, work.unit.table, work.tenant, &work.unit.name, work.rows)?;
        Ok(tokens)
    }

    fn actions(&self, work: &Work<'_>) -> BTreeMap<Code, u64> {
        let mut actions = BTreeMap::new();
        for row in work.rows {
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

    fn completion(&self, work: &Work<'_>, number: u64, tenant: &str, tokens: &[Token], done: &Done) -> Completion {
        let mut completion = Completion {
            run: self.run.to_owned(),
            batch: number,
            tenant: tenant.to_owned(),
            category: work.unit.name.clone(),
            deleted: Vec::new(),
            anonymised: Vec::new(),
            partly: Vec::new(),
            skipped: Vec::new(),
            rows_written: done.rows_written,
            rows_deleted: done.rows_deleted,
        };
        for (row, token) in work.rows.iter().zip(tokens) {
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
fn named(work: &Work<'_>, tokens: &[Token], reason: impl Fn(u32) -> Option<SkipReason>) -> Vec<SkippedSubject> {
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
