//! The sets of a run: staged before anything is erased, switched when all is verified. A failure stops one set of one tenant.

use std::path::{Path, PathBuf};

use arrow::array::Array;
use jiff::Timestamp;

use super::Planned;
use super::publications::{altered_since, latest_said, put_versions_right};
use super::told::{DAMAGED, Found, FoundOfSet, LeftSet, STRAY, enter, found_of_set, moved, not_as_left};
use crate::decide::Outcome;
use crate::error::Error;
use crate::keys::Purpose;
use crate::ledger::{Ledger, OutdatedSet, Publications};
use crate::pipeline::{AfterForgetting, Pipeline, Release, Set};
use crate::progress::Progress;
use crate::publish::{
    self, Altered, Bucket, Builder, Computed, Gated, LatestVersion, Location, Making, Memory, PublishError, Remark, Remembering, RunFacts,
    Staged, Switch,
};
use crate::report::SetLine;
use crate::session::{Session, World};
use crate::snapshot::State;

/// Sets that are written and not yet visible, and those that were refused.
#[derive(Debug, Default)]
pub struct Staging {
    staged: Vec<(usize, usize, Ready)>,
    /// Tenants and sets of whose subjects somebody is erased tonight.
    forgetting: Vec<(usize, usize)>,
    refused: Vec<SetLine>,
    /// Sets that no run looks after any more.
    left: Vec<SetLine>,
    tenants: Vec<String>,
    /// What was found that the ledger has to know before anything is mended.
    found: Vec<FoundOfSet>,
}

impl Staging {
    /// The staged data files.
    pub fn files(&self) -> Vec<PathBuf> {
        self.staged.iter().flat_map(|(_, _, ready)| ready.staged.files()).collect()
    }

    /// Enters what was found in the ledger: the run may be killed before it can tell it.
    pub fn enter(&self, ledger: &mut Ledger, run: &str, world: &World<'_>) -> Result<(), Error> {
        enter(ledger, run, &self.found, world)
    }
}

/// What a version says of this run.
pub(super) fn facts(planned: &Planned, run: &str, world: &World<'_>) -> RunFacts {
    RunFacts {
        run_id: run.to_owned(),
        created: (world.now)(),
        keyring: planned.keyring.id().to_owned(),
        key_epoch: planned.keyring.current_epoch(),
    }
}

/// Computes, gates, writes and verifies every set of every tenant. A run that was `interrupted` may have erased anybody: what it did not get to
/// note of the sets is noted by this one. What is not as earlier runs `said` that they left it is made anew.
pub fn stage(
    session: &Session,
    planned: &Planned,
    said: &Publications,
    run: &str,
    interrupted: bool,
    world: &World<'_>,
    progress: &dyn Progress,
) -> Result<Staging, Error> {
    let pipeline = &session.pipeline;
    let output = &session.locations.output;
    publish::clear_abandoned_staging(output)?;
    let facts = facts(planned, run, world);
    let how = publish::Staging { output, resumes: None, facts: &facts, again: &|_| false, distrusts: false, random: world.random };
    let mut staging = Staging { tenants: planned.read.tenants.iter().map(|tenant| tenant.name.clone()).collect(), ..Staging::default() };
    let bar = progress.start("stage sets", (pipeline.sets.len() * planned.read.tenants.len()) as u64);
    for (tenant_index, tenant) in planned.read.tenants.iter().enumerate() {
        for (set_index, set) in pipeline.sets.iter().enumerate() {
            let forgets = interrupted || forgets(pipeline, planned, set, tenant_index);
            staging.forgetting.extend(forgets.then_some((tenant_index, set_index)));
            let before = Before::of(session, said, &tenant.name, set, (world.now)())?;
            staging.found.extend(FoundOfSet::of(&tenant.name, &set.name, &before.found));
            let staged = gated(session, planned, &before, set, tenant_index).and_then(|gated| {
                let remarks = before.remarks(pipeline, set, &gated.0);
                let how = publish::Staging { distrusts: before.altered.is_some(), ..how };
                let mut staged = publish::stage(&how, pipeline, set, tenant, &gated.0)?;
                staged.verify()?;
                Ok(Ready::of(staged, gated, forgets, remarks))
            });
            match staged {
                Ok(ready) => {
                    tracing::info!(set = %set.name, tenant = %tenant.name, rows = ready.staged.manifest().rows.after, "set staged");
                    staging.found.extend(FoundOfSet::of(&tenant.name, &set.name, &damaged(&ready.staged, output)));
                    staging.staged.push((tenant_index, set_index, ready));
                }
                // A disk that refuses concerns the whole run; all else is the set's own.
                Err(Error::Publish(error)) if !matches!(error, PublishError::Io { .. }) => {
                    staging.refused.push(refused(set, &tenant.name, &error, &before));
                }
                Err(error) => return Err(error),
            }
            bar.advance(1);
        }
    }
    let erases =
        |tenant: &str| planned.read.tenants.iter().position(|of| of.name == tenant).is_some_and(|at| erases_of(pipeline, planned, at));
    for left in LeftSet::all(session, said, &planned.read, planned.keyring.id(), &erases)? {
        let (line, found) = left.line(said);
        staging.left.push(line);
        staging.found.extend(found);
    }
    bar.finish();
    Ok(staging)
}

/// A set that can not be published tonight.
fn refused(set: &Set, tenant: &str, error: &PublishError, before: &Before) -> SetLine {
    // What is in the way is the error itself.
    let known = usize::from(before.altered.as_ref().is_some_and(Altered::is_barred));
    let mut remarks: Vec<Remark> = before.found.iter().skip(known).filter_map(|found| found.remark.clone()).collect();
    remarks.extend(before.stays(set));
    let (reason, hint) = (Some(error.to_string()), error.hint());
    SetLine { remarks, reason, hint, ..SetLine::without_version(&set.name, tenant, set.release, "refused") }
}

/// The latest version of a set as it lies there before this run makes another.
pub(super) struct Before {
    /// What somebody else did to it; then nothing of it is trusted.
    pub altered: Option<Altered>,
    /// That, and what else was found about the set's versions.
    pub found: Vec<Found>,
    latest: Option<LatestVersion>,
    /// The version that the ledger says is the latest, where it is not the one that lies there.
    said: Option<String>,
    moved: Option<Remark>,
}

impl Before {
    pub(super) fn of(session: &Session, said: &Publications, tenant: &str, set: &Set, now: Timestamp) -> Result<Self, Error> {
        let locations = &session.locations;
        let altered = altered_since(locations, said, tenant, &set.name)?;
        let latest = LatestVersion::find(&locations.output, Some(tenant), &set.name).filter(|_| altered.is_none());
        let text = altered.as_ref().map(|altered| (altered, altered.told()));
        let found = found_of_set(locations, said, tenant, &set.name, text, now)?;
        let known = latest_said(locations, said, tenant, &set.name).filter(|_| altered.is_some()).map(str::to_owned);
        Ok(Self { altered, found, latest, said: known, moved: moved(locations, said, tenant, &set.name) })
    }

    /// What a person has to hear of a set that passed its gate.
    pub(super) fn remarks(&self, pipeline: &Pipeline, set: &Set, gated: &Gated) -> Vec<Remark> {
        let found = self.found.iter().filter_map(|found| found.remark.clone()).chain(self.moved.clone());
        found.chain(publish::remarks(pipeline, set, gated, self.latest.as_ref().map(|latest| &latest.manifest))).collect()
    }

    /// What readers still have where tonight's version was refused.
    fn stays(&self, set: &Set) -> Option<Remark> {
        let manifest = &self.latest.as_ref()?.manifest;
        let made = manifest.created.strftime("%Y-%m-%d");
        let text = format!("`v-{}` of {made} stays its latest version", manifest.run_id);
        let (k, small_groups) = (manifest.gate.k, manifest.gate.small_groups);
        if k >= set.k && small_groups == set.small_groups {
            return Some(Remark { text, hint: None, look: false });
        }
        Some(Remark {
            text: format!("{text}, which was published under `k` = {k} and `small_groups` = \"{}\"", small_groups.as_str()),
            hint: Some("remove its folder if nobody may read it any more; the next version that passes takes its place".to_owned()),
            look: true,
        })
    }
}

/// Whether anybody of a tenant is erased tonight.
fn erases_of(pipeline: &Pipeline, planned: &Planned, tenant: usize) -> bool {
    pipeline.categories.iter().zip(&planned.plan.subjects).any(|(category, subjects)| {
        let tenants = &planned.read.state.tables[category.table].tenants;
        subjects.work.iter().zip(tenants).any(|(work, of)| *work && usize::from(*of) == tenant)
    })
}

/// Whether somebody of a set's subjects is erased tonight.
fn forgets(pipeline: &Pipeline, planned: &Planned, set: &Set, tenant: usize) -> bool {
    let Some((_, category)) = &set.subject else {
        // Nobody says whose rows these are: whoever is erased may be among them.
        return planned.plan.subjects.iter().any(|subjects| subjects.work.contains(&true));
    };
    let subjects = &planned.plan.subjects[*category];
    let tenants = &planned.read.state.tables[pipeline.categories[*category].table].tenants;
    subjects.work.iter().zip(tenants).any(|(work, of)| *work && usize::from(*of) == tenant)
}

/// A set of one tenant as it will be after tonight, through its gate; of an anonymous set with the memory of its releases.
pub(super) fn gated(
    session: &Session,
    planned: &Planned,
    before: &Before,
    set: &Set,
    tenant: usize,
) -> Result<(Gated, Option<Remembering>), Error> {
    let pipeline = &session.pipeline;
    let of = &planned.read.tenants[tenant];
    let key = planned.keyring.derive(&of.name, Purpose::Pseudonym(set.purpose.clone()), planned.keyring.current_epoch())?;
    let without = without_ended(planned, pipeline, set);
    let state = without.as_ref().unwrap_or(&planned.after);
    let locations = &session.locations;
    let remembering = match set.release {
        Release::Anonymous => {
            let (ledger, output) = (&locations.ledger, &locations.output);
            Some(Remembering::open(ledger, output, &planned.keyring, &of.name, set, before.said.as_deref())?)
        }
        Release::Pseudonymised => None,
    };
    if publish::goes_in_pieces(pipeline, set) {
        let making =
            Making { pipeline, set, state, tenant: of, tenant_index: tenant as u16, key: &key, coded: &[], spill: &locations.output };
        return Ok((Builder::of_state(making)?.finish()?, None));
    }
    let computed = publish::compute(pipeline, set, state, of, tenant as u16, &key)?;
    let computed = match &remembering {
        Some(remembering) => remembering.begin(pipeline, set, state, computed)?,
        None => unlink_forgotten(planned, pipeline, set, tenant, computed)?,
    };
    Ok((publish::pass(pipeline, set, computed)?, remembering))
}

/// A staged version that waits for its switch.
#[derive(Debug)]
pub(super) struct Ready {
    staged: Staged,
    /// Of an anonymous set: where the memory of its releases is, and what it will know.
    release: Option<(Remembering, Memory)>,
    /// Whether somebody of its subjects is erased tonight.
    forgets: bool,
    /// What is to be said of it.
    remarks: Vec<Remark>,
}

impl Ready {
    pub(super) fn of(staged: Staged, (gated, remembering): (Gated, Option<Remembering>), forgets: bool, remarks: Vec<Remark>) -> Self {
        Self { staged, release: remembering.zip(gated.memory), forgets, remarks }
    }
}

/// Where a set unlinks the forgotten, their pseudonyms give way. Whoever is forgotten but for what a duty keeps is unlinked too: the duty is
/// about the store, not about the set.
fn unlink_forgotten(
    planned: &Planned,
    pipeline: &Pipeline,
    set: &Set,
    tenant: usize,
    mut computed: Computed,
) -> Result<Computed, PublishError> {
    let Some((_, category)) = set.subject.as_ref().filter(|_| set.after_forgetting == AfterForgetting::Unlink) else {
        return Ok(computed);
    };
    let outcome = &planned.plan.subjects[*category].outcome;
    let is_forgotten =
        |row: usize| matches!(outcome.get(row), Some(Outcome::Anonymise | Outcome::Partly | Outcome::Forgotten | Outcome::Delete));
    computed.unlink(pipeline, set, &is_forgotten, &planned.keys[tenant].stand_in)?;
    Ok(computed)
}

/// The state without those for whom the set's own purpose has ended: who objects to marketing is in no set for marketing (GDPR article 21(3)).
/// `None` where the purpose is not one of its subjects' category, or has ended for nobody.
pub(super) fn without_ended(planned: &Planned, pipeline: &Pipeline, set: &Set) -> Option<State> {
    let category = set.subject.as_ref()?.1;
    let purpose = pipeline.categories[category].purposes.iter().position(|purpose| purpose.name == set.purpose)?;
    let table = pipeline.categories[category].table;
    let ended = &planned.plan.subjects[category].ended;
    let rows = planned.after.tables[table].rows;
    if !(0..rows).any(|row| ended.has_ended(purpose, row)) {
        return None;
    }
    let mut state = planned.after.clone();
    let known = state.tables[table].publishable.take();
    let publishable = |row: usize| known.as_ref().is_none_or(|known| known.is_valid(row) && known.value(row));
    state.tables[table].publishable = Some((0..rows).map(|row| Some(publishable(row) && !ended.has_ended(purpose, row))).collect());
    Some(state)
}

/// What came of the switch.
#[derive(Debug, Default)]
pub struct Switched {
    /// A line for each set of each tenant, and for each that no run looks after any more.
    pub lines: Vec<SetLine>,
    /// How many old versions were removed.
    pub pruned: u64,
    /// The sets of whose subjects somebody was erased.
    pub outdated: Vec<OutdatedSet>,
}

/// Makes the staged versions the latest, unless verification has findings; removes versions whose time has come, as far as the ledger knows it by
/// what it `said`.
pub fn switch(session: &Session, staging: Staging, said: &Publications, verified: bool, world: &World<'_>) -> Result<Switched, Error> {
    let Staging { staged, forgetting, refused, left, tenants, found: _ } = staging;
    let mut switched = Switched::default();
    // Whose readers have the version of before, which may hold those whom this run erased.
    let mut stay: Vec<(usize, usize)> = forgetting.clone();
    for (tenant, set_index, ready) in staged {
        if verified {
            stay.retain(|of| *of != (tenant, set_index));
        }
        switched.lines.push(switch_one(session, &session.pipeline.sets[set_index], &tenants[tenant], ready, verified, world)?);
    }
    switched.lines.extend(refused);
    // Also where tonight's version was refused: who was erased before leaves the old versions on their day.
    for (tenant_index, tenant) in tenants.iter().enumerate() {
        for (set_index, set) in session.pipeline.sets.iter().enumerate() {
            if forgetting.contains(&(tenant_index, set_index)) {
                let latest = stay.contains(&(tenant_index, set_index));
                mark_erased(session, set, tenant, latest)?;
                switched.outdated.push(outdated(set, tenant, latest));
            }
            switched.pruned += prune(session, said, set, tenant, world)?;
        }
    }
    to_bucket(session, &mut switched.lines, world)?;
    switched.lines.extend(left);
    Ok(switched)
}

/// For the ledger: somebody was erased who may be in a set's versions.
fn outdated(set: &Set, tenant: &str, latest: bool) -> OutdatedSet {
    OutdatedSet { name: set.name.clone(), tenant: Some(tenant.to_owned()).filter(|tenant| !tenant.is_empty()), latest }
}

/// Where the sets go to a bucket, brings there what is the latest now. A bucket that can not be reached concerns the sets alone: the store is
/// written, and the next run makes it good.
pub(super) fn to_bucket(session: &Session, lines: &mut [SetLine], world: &World<'_>) -> Result<(), Error> {
    let Location::Bucket(url) = &session.locations.published else { return Ok(()) };
    let bucket = Bucket::open(url, world.environment)?;
    for line in lines.iter_mut().filter(|line| line.folder.is_some()) {
        let Some(set) = session.pipeline.sets.iter().find(|set| set.name == line.set) else { continue };
        let tenant = Some(line.tenant.as_str()).filter(|tenant| !tenant.is_empty());
        match publish::mirror(&bucket, &session.locations.output, tenant, set, (world.now)()) {
            Ok(Some(done)) => {
                line.url = Some(done.url);
                if done.is_new {
                    line.state = "published";
                }
            }
            Ok(None) => {}
            Err(error @ PublishError::Io { .. }) => return Err(error.into()),
            Err(error) => {
                line.state = "refused";
                line.reason = Some(error.to_string());
                line.hint = error.hint();
            }
        }
    }
    Ok(())
}

/// Notes of every set that somebody may have been erased who is in its versions, the latest among them.
pub(super) fn mark_all_erased(session: &Session, planned: &Planned) -> Result<Vec<OutdatedSet>, Error> {
    let mut marked = Vec::new();
    for tenant in &planned.read.tenants {
        for set in &session.pipeline.sets {
            mark_erased(session, set, &tenant.name, true)?;
            marked.push(outdated(set, &tenant.name, true));
        }
    }
    Ok(marked)
}

fn mark_erased(session: &Session, set: &Set, tenant: &str, latest_too: bool) -> Result<(), Error> {
    match publish::mark_erased(&session.locations.output, Some(tenant).filter(|tenant| !tenant.is_empty()), &set.name, latest_too) {
        Ok(()) | Err(PublishError::Corrupt { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

pub(super) fn prune(session: &Session, said: &Publications, set: &Set, tenant: &str, world: &World<'_>) -> Result<u64, Error> {
    put_versions_right(&session.locations, said, tenant, &set.name, (world.now)())?;
    let tenant = Some(tenant).filter(|tenant| !tenant.is_empty());
    match publish::prune(&session.locations.output, tenant, set, (world.now)()) {
        Ok(removed) => Ok(removed.len() as u64),
        // A set that could not be published may have nothing that can be read; the run says so of the set.
        Err(PublishError::Corrupt { .. }) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// What a run has to say where published files were not what it had written.
pub(super) fn damaged(staged: &Staged, output: &Path) -> Vec<Found> {
    let changed = match staged.damaged() {
        0 => None,
        1 => Some("a published partition had been changed, and was written again".to_owned()),
        several => Some(format!("{several} published partitions had been changed, and were written again")),
    };
    let changed = changed.map(|text| (DAMAGED, text));
    let added = staged.strays().first().map(|first| {
        let more = match staged.strays().len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("`{}`{more} lay in its latest version, is in no manifest, and is left out of the new one", first.display())
    });
    let added = added.map(|text| (STRAY, text));
    changed.into_iter().chain(added).map(|(what, text)| Found::new(what, Some(not_as_left(text, output)))).collect()
}

pub(super) fn switch_one(
    session: &Session,
    set: &Set,
    tenant: &str,
    ready: Ready,
    verified: bool,
    world: &World<'_>,
) -> Result<SetLine, Error> {
    let Ready { staged, release, forgets, mut remarks } = ready;
    remarks.extend(damaged(&staged, &session.locations.output).into_iter().filter_map(|found| found.remark));
    let manifest = staged.manifest().clone();
    let (written, kept) = staged.partitions();
    let mut line = SetLine {
        rows: manifest.rows.after,
        written,
        kept,
        gate: Some(manifest.gate),
        left_out: manifest.left_out,
        remarks,
        ..SetLine::without_version(&set.name, tenant, manifest.label, "refused")
    };
    if !verified {
        line.reason = Some("verification has findings".into());
        return Ok(line);
    }
    if let Some((remembering, memory)) = &release {
        remembering.prepare(staged.version(), memory)?;
    }
    let (state, folder) = match publish::switch(staged, (world.now)(), forgets)? {
        Switch::Replaced(folder) => ("published", folder),
        Switch::Unchanged(folder) => ("unchanged", folder),
    };
    if let Some((remembering, memory)) = &release {
        remembering.settle(&folder, memory)?;
    }
    line.state = state;
    line.folder = Some(folder.display().to_string());
    Ok(line)
}
