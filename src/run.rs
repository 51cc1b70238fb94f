//! The whole run, top to bottom.
//!
//! [`plan`] reads one consistent view, decides, and computes the state after; [`run`] executes the very same value: stages the sets, writes
//! the ledger's intents, writes back under lock, verifies, and switches the sets.

mod against;
mod backfill;
mod brake;
mod dangling;
mod decided;
mod explaining;
mod horizon;
mod ledger_state;
mod publications;
mod saved;
mod sets;
mod sifting;
mod streamed;
mod through;
mod told;
mod tonight;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::decide::{Memory, Plan, memory};
use crate::error::{DONE, Error, FAILED, HeldBack, NEEDS_A_LOOK};
use crate::holds::{HoldsLine, InForce, Watch};
use crate::keys::{DerivedKey, Keyring, Purpose};
use crate::ledger::{Code, Ledger, OutdatedSet, Record, RunCompleted, RunFailed};
use crate::passes::names::Names;
use crate::passes::{TenantKeys, Treating};
use crate::pipeline::TableIndex;
use crate::progress::Progress;
use crate::report::{Forgotten, PlanReport, RunReport, SetLine, SkippedLine, counted, plan_report};
use crate::session::{Access, LockUse, Session, World, ephemeral_key};
use crate::snapshot::State;
use crate::snapshot::read::{Breadth, ReadState, read};
use crate::store::{Aftercare, JournalEntry, Tolerant};
use crate::suppression::Suppressed;
use crate::verify::unreadable::only_searched;
use crate::verify::{AfterWrite, Verification};
use crate::write_back::held::Latecomers;
use crate::write_back::{SkippedSubject, WriteBack, WriteError, Written};

pub use against::{Against, AloneLine, ColumnLine, DueLine, MoveLine, plan_against};
pub use backfill::{BackfillReport, PlannedPartition, TenantBackfill, Wanted, backfill, plan_backfill};
use dangling::with_dangling;
pub(crate) use decided::plan_showing;
use decided::{Beside, plan_beside, plan_with};
pub use explaining::explain;
pub use horizon::{Becomes, Falling, Horizon, Month, StaysLine};
pub use publications::vouch_for_latest;
pub(crate) use publications::{altered_since, contradicted, latest_said, looked_after};
pub use sifting::{Addresses, List, sift};
pub(crate) use told::{LeftSet, late};

/// What a person asks of a run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'a> {
    /// The saved plan to execute, instead of one made now.
    pub plan: Option<&'a Path>,
    /// The day to evaluate, instead of each tenant's own today.
    pub as_of: Option<Date>,
    /// The number of subjects that the brake asked to confirm.
    pub confirm: Option<u64>,
    /// The store was restored from a backup: forget again whom the ledger knows.
    pub after_restore: bool,
    /// Compact the touched tables after writing.
    pub vacuum: bool,
}

/// A plan with everything that it rests on.
pub struct Planned {
    /// The keyring.
    pub keyring: Keyring,
    /// The tenants' keys.
    pub keys: Vec<TenantKeys>,
    /// The names of their people.
    names: Names,
    /// Replacements of personal keys.
    rekeying: DerivedKey,
    /// Comparisons of rows.
    comparing: DerivedKey,
    /// The snapshot's id.
    pub snapshot: String,
    /// For how many seconds it was open, where that holds others back.
    pub snapshot_seconds: f64,
    /// The snapshot.
    pub read: ReadState,
    /// What earlier nights left.
    pub memories: Vec<Memory>,
    /// Shared rows that somebody forgotten pointed at.
    left: BTreeSet<(TableIndex, u32)>,
    /// The holds of gallra's own register.
    pub holds: InForce,
    /// The plan, narrowed to what really changes.
    pub plan: Plan,
    /// The state after tonight.
    pub after: State,
    /// The store's write counter when the snapshot was taken.
    write_counter: u64,
    /// Rows that pointed nowhere before the run, per table.
    dangling: Vec<(String, u64)>,
    /// Addresses on suppression lists.
    suppressed: Suppressed,
    /// What came of comparing with a saved plan, where one is executed.
    compared: Option<saved::Compared>,
}

impl Planned {
    /// What the passes need.
    pub fn treating<'a>(&'a self, session: &'a Session) -> Treating<'a> {
        Treating {
            pipeline: &session.pipeline,
            tenants: &self.read.tenants,
            keys: &self.keys,
            names: &self.names,
            rekeying: &self.rekeying,
            comparing: &self.comparing,
        }
    }

    /// The plan for people and machines.
    pub fn report(&self, session: &Session) -> Result<PlanReport, Error> {
        let treating = self.treating(session);
        let newly = memory::newly_forgotten(&treating, &self.read.state, &self.plan, &self.memories);
        let newly = newly.values().map(|(forgotten, _)| forgotten).sum();
        let mut report = plan_report(&treating, self.snapshot.clone(), self.snapshot_seconds, &self.read, &self.plan, newly)?;
        report.brake = brake::reasons(session, self, &|_, _| None).0;
        report.holds = HoldsLine::of(&self.holds);
        report.look.extend(report.holds.notes());
        Ok(report)
    }
}

/// Plans and changes nothing.
pub fn plan(path: &Path, request: &Request<'_>, world: &World<'_>, progress: &dyn Progress) -> Result<(Session, Planned), Error> {
    let mut session = Session::open(path, Access::Read, LockUse::Compare, world)?;
    let planned = plan_beside(&mut session, request, world, progress, &mut Beside::default())?;
    Ok((session, planned))
}

/// Runs the pipeline.
pub fn run(path: &Path, request: &Request<'_>, world: &World<'_>, progress: &dyn Progress) -> Result<RunReport, Error> {
    let mut session = Session::open(path, Access::Write, LockUse::Compare, world)?;
    saved::refuse_the_future(&session, request, (world.now)())?;
    let keyring = session.keyring()?;
    let authorised = saved::authorise(&session, &keyring, request, (world.now)())?;
    let (mut ledger, ledger_state) = ledger_state::open(&mut session, &keyring, request.after_restore, world)?;
    saved::refuse_needless(authorised.as_ref(), &ledger_state)?;
    // A register that lacks what the ledger knows stops the run before it reads anything; what the ledger lacks is entered.
    let watch = Watch::begin(&session.locations.holds, &keyring, ledger_state.holds())?;
    watch.enter(&mut ledger, (world.now)()).map_err(WriteError::from)?;
    let mut beside = Beside { authorised, ..Beside::default() };
    let planned = plan_with(&mut session, keyring, request, world, progress, &ledger_state, &watch, &mut beside)?;
    session.store.may_run(&tonight::uses(&session.pipeline, &planned.plan))?;
    // Whoever approved a plan has seen how many it forgets.
    if !(planned.is_approved() && request.confirm.is_none()) {
        brake::check(&session, &planned, &ledger, request.confirm)?;
    }
    let interrupted = ledger_state::interrupted(&ledger);
    let run = run_id((world.now)(), world);
    tracing::info!(run, snapshot = %planned.snapshot, "run started");
    ledger.append(&ledger_state::started(&session, &planned, &run)?, (world.now)())?;
    if let Some(restored) = ledger_state.restored(&run) {
        ledger.append(&restored, (world.now)())?;
    }
    match execute(&mut session, &planned, &watch, &mut ledger, &run, interrupted, request.vacuum, world, progress) {
        Ok(report) => Ok(report),
        Err((stage, error)) => {
            // A batch that may be committed is left as after a crash: its completion must be the next entry, because the store's head is the
            // entry before it.
            if ledger.open_intents().next().is_none() {
                let failed = RunFailed { run, stage: Code::literal(stage), class: Code::literal(error.class()) };
                // The error that stopped the run is the one to report, whether or not the ledger can still take it down.
                let _ = ledger.append(&Record::RunFailed(failed), (world.now)());
            }
            Err(error)
        }
    }
}

/// Everything from the staged sets to the switch; the error names the stage.
#[expect(clippy::too_many_arguments, reason = "the run's own parts, each once")]
fn execute(
    session: &mut Session,
    planned: &Planned,
    watch: &Watch,
    ledger: &mut Ledger,
    run: &str,
    interrupted: Option<String>,
    vacuum: bool,
    world: &World<'_>,
    progress: &dyn Progress,
) -> Result<RunReport, (&'static str, Error)> {
    let at = |stage: &'static str| move |error: Error| (stage, error);
    // The sets as they will be after tonight: staged, through their gates and verified, before anything is erased.
    let staged = sets::stage(session, planned, ledger.publications(), run, interrupted.is_some(), world, progress).map_err(at("stage"))?;
    staged.enter(ledger, run, world).map_err(at("stage"))?;
    // Batches under lock; intents before, completions after, in the ledger.
    let written = write_back(session, planned, watch, ledger, run, world, progress).map_err(at("write_back"))?;
    // The store's own copies of what was written, its dead rows, and what remains elsewhere.
    let aftercare = aftercare(session, &written, vacuum).map_err(at("aftercare"))?;
    // The store as it is now against what was planned.
    let mut verification = verify(session, planned, &written, &staged, world, progress).map_err(at("verify"))?;
    if let Some(before) = interrupted {
        verification.not_checked.push(format!(
            "residual identity of those whom the interrupted run {before} may have forgotten: their identifiers are kept nowhere"
        ));
    }
    // The new versions become the latest, but never over findings.
    let verified = verification.findings.is_empty();
    let sets::Switched { lines, pruned, outdated } =
        sets::switch(session, staged, ledger.publications(), verified, world).map_err(at("switch"))?;
    let report = summary(session, planned, ledger, run, written, aftercare, verification, lines, pruned).map_err(at("summary"))?;
    tracing::info!(
        run,
        rows_written = report.rows_written,
        rows_deleted = report.rows_deleted,
        skipped = report.skipped.len(),
        exit_code = report.exit_code,
        "run completed"
    );
    // Who came while the run was at work is in the ledger before it is let go of; what stands in the way of that stops the next run.
    if let Err(error) = watch.enter(ledger, (world.now)()) {
        tracing::warn!(%error, "holds were not entered in the ledger");
    }
    complete(session, ledger, planned, &report, outdated, world).map_err(at("ledger"))?;
    Ok(report)
}

fn write_back(
    session: &mut Session,
    planned: &Planned,
    watch: &Watch,
    ledger: &mut Ledger,
    run: &str,
    world: &World<'_>,
    progress: &dyn Progress,
) -> Result<Written, Error> {
    let treating = Treating {
        pipeline: &session.pipeline,
        tenants: &planned.read.tenants,
        keys: &planned.keys,
        names: &planned.names,
        rekeying: &planned.rekeying,
        comparing: &planned.comparing,
    };
    let uses = tonight::uses(&session.pipeline, &planned.plan);
    let written = uses.into_iter().filter(|used| used.deleted || !used.written.is_empty());
    session.store.expect_writes(&written.map(|used| used.name).collect::<Vec<_>>())?;
    let latecomers = Latecomers::new(watch, &planned.holds.looked_at);
    let work =
        WriteBack { treating: &treating, state: &planned.read.state, plan: &planned.plan, latecomers: &latecomers, run, now: world.now };
    work.run(&mut *session.store, ledger, progress).map_err(|error| match &error {
        WriteError::Updates { table, .. } => {
            // The first error is the one to report, with as much of this as can be had.
            let triggers = session.store.withholding(table).unwrap_or_default();
            let triggers = triggers.into_iter().map(|name| format!("`{name}`")).collect();
            Error::HeldBack(HeldBack { source: error, triggers })
        }
        _ => error.into(),
    })
}

fn aftercare(session: &mut Session, written: &Written, vacuum: bool) -> Result<Aftercare, Error> {
    let tables: BTreeSet<TableIndex> =
        written.rewritten.keys().chain(written.deleted.keys()).chain(written.added.keys()).copied().collect();
    let touched: Vec<String> = tables.iter().map(|table| session.pipeline.tables[*table].name().to_owned()).collect();
    let mut aftercare = session.store.aftercare(&touched, vacuum)?;
    if vacuum && touched.is_empty() {
        aftercare.done.push("vacuumed nothing, because no table was written".into());
    }
    Ok(aftercare)
}

fn verify(
    session: &mut Session,
    planned: &Planned,
    written: &Written,
    staged: &sets::Staging,
    world: &World<'_>,
    progress: &dyn Progress,
) -> Result<Verification, Error> {
    let mut verification = Verification::default();
    let now = {
        let mut snapshot = session.store.snapshot()?;
        // What was not needed for the plan was not read before the writes: it may not stop the night after them.
        let only_searched = only_searched(&session.pipeline);
        let mut view = Tolerant::new(&mut *snapshot, &only_searched);
        let as_of = planned.read.tenants.first().map(|tenant| tenant.as_of);
        let now = read(&session.pipeline, &mut view, (world.now)(), as_of, Breadth::AllText, progress)?.state;
        let left_out = view.found().into_iter().map(|found| format!("who is named in a column that can not be read: {}", found.error));
        verification.not_checked.extend(left_out);
        now
    };
    // Asked after the rows were read, as it was asked before they were read for the plan: whatever came in between shows.
    let alone = session.store.write_counter()? == planned.write_counter;
    let stage = progress.start("verify", 0);
    let treating = planned.treating(session);
    let check = AfterWrite {
        treating: &treating,
        before: &planned.read.state,
        promised: &planned.after,
        plan: &planned.plan,
        written,
        now: &now,
        alone,
        wrote: &|version| session.store.wrote(version),
    };
    check.totals(&mut verification)?;
    check.residual(ephemeral_key(world, Purpose::RowToken)?, &staged.files(), &mut verification)?;
    let broken = with_dangling(&session.pipeline, &now, session.store.broken_references()?);
    // What was broken before is not this run's doing, and must not keep everybody else from being forgotten.
    let new: Vec<String> = broken
        .iter()
        .filter(|(table, rows)| planned.dangling.iter().all(|(known, before)| known != table || before < rows))
        .map(|(table, rows)| format!("`{table}` in {}", counted(*rows, "row", "rows")))
        .collect();
    verification.note("references", new.is_empty(), || format!("foreign keys are violated: {}", new.join(", ")));
    stage.finish();
    Ok(verification)
}

#[expect(clippy::too_many_arguments, reason = "gathers what every stage found, once")]
fn summary(
    session: &Session,
    planned: &Planned,
    ledger: &Ledger,
    run: &str,
    written: Written,
    aftercare: Aftercare,
    verification: Verification,
    sets: Vec<crate::report::SetLine>,
    pruned: u64,
) -> Result<RunReport, Error> {
    let plan = planned.report(session)?;
    let forgotten = Forgotten::of(&session.pipeline, &planned.read.state, &planned.plan, &written);
    let line = |skipped: &SkippedSubject| {
        let tenant = &planned.read.tenants[skipped.tenant];
        let first = crate::ledger::Hex::parse(skipped.token.as_bytes()).ok().and_then(|token| ledger.first_skipped(&token));
        let days = first
            .map_or(0, |first| i64::from(crate::decide::clocks::day_of_date(tenant.as_of) - crate::decide::clocks::day_of_date(first)));
        SkippedLine {
            tenant: tenant.name.clone(),
            category: skipped.unit.clone(),
            token: skipped.token.clone(),
            reason: skipped.reason.as_str().to_owned(),
            days,
        }
    };
    let saved_plan = saved::report(session, planned, ledger, &written.skipped)?;
    let skipped: Vec<SkippedLine> = written.skipped.iter().map(line).collect();
    let raced: Vec<SkippedLine> = written.raced.iter().map(line).collect();
    let mut notes = Vec::new();
    for stopped in &plan.stopped {
        notes.push(format!("the tenant `{}` was not processed: {}", stopped.tenant, stopped.reason));
    }
    notes.extend(plan.look.iter().cloned());
    for (table, rows) in &planned.dangling {
        let rows = counted(*rows, "row that points", "rows that point");
        notes.push(format!("`{table}` has {rows} nowhere, as before the run"));
    }
    for ((table, column), cells) in &planned.plan.unreadable {
        let scoped = &session.pipeline.tables[*table];
        let name = format!("{}.{}", scoped.name(), scoped.catalog.columns[*column].name);
        notes.push(format!(
            "dates in `{name}` can not be read and stay as they are ({cells}): give the column a `placeholder`, or correct them"
        ));
    }
    notes.extend(sets.iter().flat_map(SetLine::looks).map(|(note, _)| note));
    let limit = i64::from(session.pipeline.run.skipped_days);
    let late = skipped.iter().filter(|skipped| skipped.days > limit).count();
    if late > 0 {
        let late = counted(late as u64, "subject has", "subjects have");
        notes.push(format!("{late} been skipped for more than {}", counted(limit.unsigned_abs(), "day", "days")));
    }
    if !raced.is_empty() {
        notes.push(format!(
            "something was added about {} being forgotten; the next run decides about it",
            counted(raced.len() as u64, "person who was just", "people who were just")
        ));
    }
    notes.extend(aftercare.look.iter().cloned());
    let exit_code = match (verification.findings.is_empty(), notes.is_empty()) {
        (false, _) => FAILED,
        (true, false) => NEEDS_A_LOOK,
        (true, true) => DONE,
    };
    let nothing_changed =
        written.rows_written == 0 && written.rows_deleted == 0 && skipped.is_empty() && !sets.iter().any(|set| set.state == "published");
    Ok(RunReport {
        run: run.to_owned(),
        plan,
        saved_plan,
        forgotten,
        batches: written.batches,
        rows_written: written.rows_written,
        rows_deleted: written.rows_deleted,
        skipped,
        raced,
        aftercare,
        sets,
        pruned,
        verification,
        nothing_changed,
        notes,
        exit_code,
    })
}

/// The ledger's completion, and its head kept in the store.
fn complete(
    session: &mut Session,
    ledger: &mut Ledger,
    planned: &Planned,
    report: &RunReport,
    outdated: Vec<OutdatedSet>,
    world: &World<'_>,
) -> Result<(), Error> {
    let record = RunCompleted {
        run: report.run.clone(),
        outcomes: ledger_state::outcome_counts(session, planned, report),
        sets: publications::published(&session.locations, ledger.publications(), &report.sets),
        outdated,
        verification: ledger_state::verification_counts(&report.verification),
        exit_code: report.exit_code,
    };
    let head = ledger.append(&Record::RunCompleted(record), (world.now)())?;
    let mut renewed = planned.suppressed.renewed(&planned.treating(session), &planned.read.state)?;
    renewed.iter_mut().for_each(|entry| entry.batch = format!("{}/renewed", report.run));
    let mut transaction = session.store.batch()?;
    transaction.journal(&renewed)?;
    transaction.set_head(&crate::write_back::store_head(&head))?;
    transaction.commit()?;
    Ok(())
}

/// A run's id: its time, and chance so that two never meet.
fn run_id(now: Timestamp, world: &World<'_>) -> String {
    let random = (world.random)();
    format!("{}-{}", now.strftime("%Y%m%dT%H%M%SZ"), data_encoding::HEXLOWER.encode(&random[..4]))
}

/// The journal as the store has it, for those who only look.
pub fn journal(session: &mut Session) -> Result<Vec<JournalEntry>, Error> {
    Ok(session.store.snapshot()?.journal()?)
}

/// The MAC key of the ledger.
pub fn ledger_mac(keyring: &Keyring) -> Result<Arc<dyn crate::ledger::Mac + Send + Sync>, Error> {
    Ok(Arc::new(keyring.control("", Purpose::LedgerMac)?))
}
