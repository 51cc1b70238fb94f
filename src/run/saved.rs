//! A run by a saved plan: whether it may be executed, and what of it still holds.

use std::path::Path;

use jiff::Timestamp;

use super::decided::Decided;
use super::ledger_state::LedgerState;
use super::{Planned, Request};
use crate::decide::{Given, Withheld, decide};
use crate::error::Error;
use crate::keys::Keyring;
use crate::ledger::{ExecutedPlan, Ledger};
use crate::passes::{Treating, expiry};
use crate::pipeline::Pipeline;
use crate::saved_plan::comparison::{Authorised, Comparison, Fresh, SavedPlanReport};
use crate::saved_plan::{Origin, SavedPlan, SavedPlanError, fingerprint};
use crate::session::{Session, World};
use crate::snapshot::read::ReadState;
use crate::write_back::SkippedSubject;

/// A saved plan that was compared with the fresh one.
pub struct Compared {
    authorised: Authorised,
    found: Comparison,
}

/// What authorises a run: the saved plan that it was given, or nothing where none is needed.
///
/// Whom a restored backup brought back was forgotten by right before, so that needs no new approval.
pub fn authorise(session: &Session, keyring: &Keyring, request: &Request<'_>, now: Timestamp) -> Result<Option<Authorised>, Error> {
    let approval = &session.pipeline.approval;
    let Some(path) = request.plan else {
        return match (approval.required, request.after_restore) {
            (false, _) => Ok(None),
            (true, true) => Ok(Some(Authorised::by_the_ledger())),
            (true, false) => Err(SavedPlanError::Required.into()),
        };
    };
    if request.as_of.is_some() {
        return Err(Error::Usage {
            message: "`--as-of` does not go with `--plan`: a saved plan is executed for the day that it was made for".into(),
            hint: Some("leave out `--as-of`".into()),
        });
    }
    let plan = SavedPlan::open(path)?;
    plan.fits(path, &session.pipeline, keyring, now)?;
    let approved_by = plan.approved(path, approval)?;
    Ok(Some(Authorised::by(plan, approved_by)))
}

/// Refuses a day that has not come.
pub fn refuse_the_future(session: &Session, request: &Request<'_>, now: Timestamp) -> Result<(), Error> {
    let today = crate::decide::clocks::today(now, &session.pipeline.controller.time_zone);
    match request.as_of {
        Some(day) if day > today => Err(Error::Usage {
            message: format!("`run` does not forget ahead of time: {day} is after today, {today}"),
            hint: Some(format!("`gallra plan --as-of {day}` shows what would be due then")),
        }),
        _ => Ok(()),
    }
}

/// Refuses a run without an approved plan, where no backup came back.
pub fn refuse_needless(authorised: Option<&Authorised>, ledger: &LedgerState) -> Result<(), Error> {
    match authorised {
        Some(Authorised { plan: None, .. }) if !ledger.is_restored() => Err(SavedPlanError::Required.into()),
        _ => Ok(()),
    }
}

/// Narrows the fresh plan to what the saved one has as well. Whoever stays can change what becomes of others (a link, a shared row), so that it is
/// decided again until nobody more has to stay.
pub fn narrow(authorised: Authorised, pipeline: &Pipeline, read: &ReadState, decided: &mut Decided) -> Result<Compared, Error> {
    let Decided { keys, names, rekeying, comparing, memories, left, holds, plan, after } = decided;
    let treating = Treating { pipeline, tenants: &read.tenants, keys, names, rekeying, comparing };
    let mut withheld = Withheld::default();
    let mut found = Comparison::default();
    loop {
        let lines = fingerprint::lines(&treating, &read.state, plan)?;
        if !authorised.compare(&read.tenants, &lines, memories, &mut withheld, &mut found) {
            return Ok(Compared { authorised, found });
        }
        let given = Given { tenants: &read.tenants, memory: memories, left, registered: &holds.registered, withheld: &withheld };
        *plan = decide(pipeline, &read.state, &given)?;
        *after = expiry::apply(&treating, &read.state, plan)?;
    }
}

impl Planned {
    /// Whether enough approvers have approved what is executed.
    pub(super) fn is_approved(&self) -> bool {
        self.compared.as_ref().is_some_and(|compared| !compared.authorised.approved_by.is_empty())
    }

    /// The saved plan that is executed, as the ledger takes it down.
    pub(super) fn executed_plan(&self) -> Option<ExecutedPlan> {
        let authorised = &self.compared.as_ref()?.authorised;
        let plan = authorised.plan.as_ref()?;
        let approvers = authorised.approved_by.iter().map(|by| by.fingerprint()).collect();
        Some(ExecutedPlan { plan: plan.header.id.clone(), header_sha256: plan.header_sha256(), approvers })
    }

    /// This plan as one that can be approved and executed later.
    ///
    /// # Errors
    /// [`Error`] where rows can not be named.
    pub fn to_save(&self, session: &Session, world: &World<'_>) -> Result<SavedPlan, Error> {
        let lines = fingerprint::lines(&self.treating(session), &self.read.state, &self.plan)?;
        let origin = Origin {
            pipeline: &session.pipeline,
            keyring: &self.keyring,
            tenants: &self.read.tenants,
            snapshot: &self.snapshot,
            now: (world.now)(),
            random: (world.random)(),
        };
        Ok(SavedPlan::new(&origin, &lines)?)
    }

    /// Saves this plan to a file that does not exist yet.
    ///
    /// # Errors
    /// [`SavedPlanError::Exists`] where it does; [`Error`] where the system refuses.
    pub fn save(&self, path: &Path, session: &Session, world: &World<'_>) -> Result<SavedPlan, Error> {
        let saved = self.to_save(session, world)?;
        saved.create(path)?;
        Ok(saved)
    }
}

/// What became of the saved plan.
pub fn report(session: &Session, planned: &Planned, ledger: &Ledger, skipped: &[SkippedSubject]) -> Result<Option<SavedPlanReport>, Error> {
    let Some(Compared { authorised, found }) = &planned.compared else { return Ok(None) };
    let Some(saved) = &authorised.plan else { return Ok(None) };
    let erased = |tenant: &str, unit: &str| ledger.completed_tokens(tenant, unit);
    let partly = |tenant: &str, unit: &str| ledger.partly_by(&saved.header.id, tenant, unit);
    let treating = planned.treating(session);
    let fresh = Fresh { treating: &treating, state: &planned.read.state, plan: &planned.plan, erased: &erased, partly: &partly };
    Ok(Some(fresh.report(authorised, saved, found, skipped)?))
}
