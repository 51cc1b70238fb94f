//! What one view of the store means under one pipeline: decided, and narrowed by the passes to what really changes.

use std::collections::{BTreeSet, HashSet};

use std::path::Path;

use super::against::Other;
use super::ledger_state::LedgerState;
use super::streamed::Stream;
use super::{Planned, Request, ledger_state, saved, with_dangling};
use crate::decide::{Given, Memory, Plan, Registered, Withheld, decide, memory};
use crate::error::Error;
use crate::holds::{InForce, Watch, in_force};
use crate::keys::{DerivedKey, Keyring, Purpose};
use crate::passes::names::Names;
use crate::passes::{TenantKeys, Treating, expiry};
use crate::pipeline::{ColumnIndex, Pipeline, TableIndex, Tenant};
use crate::progress::Progress;
use crate::saved_plan::comparison::Authorised;
use crate::session::{Access, LockUse, Session, World, ephemeral_key, tenant_keys};
use crate::snapshot::State;
use crate::snapshot::read::{Breadth, ReadState, read};
use crate::store::JournalEntry;
use crate::suppression::Suppressed;

/// What is read from the plan's own view beside what a run needs.
#[derive(Default)]
pub(super) struct Beside<'a> {
    /// Columns that somebody wants to see.
    pub columns: &'a [(TableIndex, ColumnIndex)],
    /// Another pipeline over the same store, with what is read for it.
    pub other: Option<Other<'a>>,
    /// The saved plan that is executed.
    pub authorised: Option<Authorised>,
    /// A set that is made while its base is read, which is not kept.
    pub stream: Option<Stream<'a>>,
}

/// Names columns to read, when the pipeline is known.
pub(crate) type Showing<'a> = dyn Fn(&Pipeline) -> Result<Vec<(TableIndex, ColumnIndex)>, Error> + 'a;

/// Plans with more columns read than a run needs, which `columns` names when the pipeline is known.
pub(crate) fn plan_showing(
    path: &Path,
    request: &Request,
    columns: &Showing<'_>,
    world: &World<'_>,
    progress: &dyn Progress,
) -> Result<(Session, Planned), Error> {
    let mut session = Session::open(path, Access::Read, LockUse::Compare, world)?;
    let columns = columns(&session.pipeline)?;
    let planned = plan_beside(&mut session, request, world, progress, &mut Beside { columns: &columns, ..Beside::default() })?;
    Ok((session, planned))
}

/// Plans for somebody who only looks.
pub(super) fn plan_beside(
    session: &mut Session,
    request: &Request,
    world: &World<'_>,
    progress: &dyn Progress,
    beside: &mut Beside<'_>,
) -> Result<Planned, Error> {
    let keyring = session.keyring()?;
    let ledger = ledger_state::look(session, &keyring)?;
    let watch = Watch::begin(&session.locations.holds, &keyring, ledger.holds())?;
    plan_with(session, keyring, request, world, progress, &ledger, &watch, beside)
}

/// Reads one consistent view, decides, and computes the state after.
#[expect(clippy::too_many_arguments, reason = "what a plan rests on, each once")]
pub(super) fn plan_with(
    session: &mut Session,
    keyring: Keyring,
    request: &Request<'_>,
    world: &World<'_>,
    progress: &dyn Progress,
    ledger: &LedgerState,
    watch: &Watch,
    beside: &mut Beside<'_>,
) -> Result<Planned, Error> {
    let now = (world.now)();
    let write_counter = session.store.write_counter()?;
    let dangling = session.store.broken_references()?;
    let mut snapshot = session.store.snapshot()?;
    let id = snapshot.id();
    let journal = snapshot.journal()?;
    let streamed = beside.stream.as_ref().map(|stream| stream.tables(&session.pipeline));
    let bare = beside.stream.as_ref().is_some_and(|stream| stream.is_bare(&session.pipeline, &journal));
    let breadth = match &streamed {
        Some(tables) => Breadth::But { tables, bare },
        None => Breadth::And(beside.columns),
    };
    let mut read = read(&session.pipeline, &mut *snapshot, now, request.as_of, breadth, progress)?;
    if let Some(stream) = &mut beside.stream {
        stream.go_through(&mut *snapshot, &session.pipeline, &mut read, progress)?;
    }
    if let Some(other) = &mut beside.other {
        other.read(&mut *snapshot, now, request.as_of, progress)?;
    }
    beside.authorised.iter().for_each(|authorised| authorised.set_days(&mut read.tenants));
    // The snapshot ends here, before anything is written, unless more is to be read in it.
    let snapshot_seconds = snapshot.seconds();
    let snapshot = beside.stream.is_some().then_some(snapshot);
    let dangling = with_dangling(&session.pipeline, &read.state, dangling);
    let erased = |tenant: &str, category: &str| ledger.erased_since_backup(tenant, category, request.after_restore);
    let mut decided = decide_on(&session.pipeline, &read, &journal, &erased, &keyring, watch, bare, world, progress)?;
    if let Some(other) = &mut beside.other {
        other.decide(&journal, &keyring, watch, world, progress)?;
    }
    let authorised = beside.authorised.take();
    let compared = authorised.map(|by| saved::narrow(by, &session.pipeline, &read, &mut decided)).transpose()?;
    let Decided { keys, names, rekeying, comparing, memories, left, holds, plan, after } = decided;
    let planned = Planned {
        keyring,
        keys,
        names,
        rekeying,
        comparing,
        snapshot: id,
        snapshot_seconds,
        read,
        memories,
        left,
        holds,
        plan,
        after,
        write_counter,
        dangling,
        suppressed: Suppressed::of(&journal),
        compared,
    };
    if let (Some(stream), Some(mut snapshot)) = (&mut beside.stream, snapshot) {
        stream.run(&mut *snapshot, &session.pipeline, &session.locations, &planned, progress)?;
    }
    Ok(planned)
}

/// What the rows of a view mean under a pipeline.
pub(super) struct Decided {
    pub(super) keys: Vec<TenantKeys>,
    pub(super) names: Names,
    pub(super) rekeying: DerivedKey,
    pub(super) comparing: DerivedKey,
    pub(super) memories: Vec<Memory>,
    pub(super) left: BTreeSet<(TableIndex, u32)>,
    pub(super) holds: InForce,
    pub(super) plan: Plan,
    pub(super) after: State,
}

/// Decides, and narrows the plan to what really changes; `bare`: to what of it was read.
#[expect(clippy::too_many_arguments, reason = "what a decision rests on, each once")]
pub(super) fn decide_on(
    pipeline: &Pipeline,
    read: &ReadState,
    journal: &[JournalEntry],
    erased: &dyn Fn(&str, &str) -> HashSet<[u8; 16]>,
    keyring: &Keyring,
    watch: &Watch,
    bare: bool,
    world: &World<'_>,
    progress: &dyn Progress,
) -> Result<Decided, Error> {
    let keys = tenant_keys(keyring, &read.tenants)?;
    let rekeying = ephemeral_key(world, Purpose::Replacement)?;
    let comparing = ephemeral_key(world, Purpose::RowVersion)?;
    let stage = progress.start("decide", 0);
    let names = Names::for_treatments(pipeline, &read.state, &read.tenants, &keys)?;
    let treating = Treating { pipeline, tenants: &read.tenants, keys: &keys, names: &names, rekeying: &rekeying, comparing: &comparing };
    let memories = memory::remember(&treating, &read.state, journal, erased)?;
    let left = memory::left_behind(&treating, &read.state, journal)?;
    let holds = in_force(&treating, &read.state, &read.stopped, &*watch.register()?)?;
    let withheld = Withheld::default();
    let given = Given { tenants: &read.tenants, memory: &memories, left: &left, registered: &holds.registered, withheld: &withheld };
    let mut plan = decide(pipeline, &read.state, &given)?;
    if bare {
        for (rows, table) in plan.rows.iter_mut().zip(&read.state.tables) {
            rows.treat.retain(|column, _| table.columns[*column].is_some());
        }
    }
    stage.finish();
    let stage = progress.start("passes", 0);
    let after = expiry::apply(&treating, &read.state, &mut plan)?;
    stage.finish();
    Ok(Decided { keys, names, rekeying, comparing, memories, left, holds, plan, after })
}

impl Planned {
    /// What decisions over these rows rest on beside them; the days, the registered holds and what is withheld may be others than the plan's.
    pub(super) fn given<'a>(&'a self, tenants: &'a [Tenant], registered: &'a [Registered], withheld: &'a Withheld) -> Given<'a> {
        Given { tenants, memory: &self.memories, left: &self.left, registered, withheld }
    }

    /// What would be decided if no hold, restriction or block kept anybody: the rules behind them.
    pub(crate) fn without_holds(&self, session: &Session) -> Result<Plan, Error> {
        let mut pipeline = session.pipeline.clone();
        for category in &mut pipeline.categories {
            category.holds.clear();
            category.restrictions.clear();
            category.blocks.clear();
        }
        let withheld = Withheld::default();
        let given = self.given(&self.read.tenants, &[], &withheld);
        Ok(decide(&pipeline, &self.read.state, &given)?)
    }
}
