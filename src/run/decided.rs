//! What one view of the store means under one pipeline: decided, and narrowed by the passes to what really changes.

use std::collections::{BTreeSet, HashSet};

use std::path::Path;

use super::against::Other;
use super::{Planned, Request, ledger_state, plan_with};
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
use crate::snapshot::read::ReadState;
use crate::store::JournalEntry;

/// What is read from the plan's own view beside what a run needs.
#[derive(Default)]
pub(super) struct Beside<'a> {
    /// Columns that somebody wants to see.
    pub columns: &'a [(TableIndex, ColumnIndex)],
    /// Another pipeline over the same store, with what is read for it.
    pub other: Option<Other<'a>>,
    /// The saved plan that is executed.
    pub authorised: Option<Authorised>,
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

/// Decides, and narrows the plan to what really changes.
#[expect(clippy::too_many_arguments, reason = "what a decision rests on, each once")]
pub(super) fn decide_on(
    pipeline: &Pipeline,
    read: &ReadState,
    journal: &[JournalEntry],
    erased: &dyn Fn(&str, &str) -> HashSet<[u8; 16]>,
    keyring: &Keyring,
    watch: &Watch,
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
