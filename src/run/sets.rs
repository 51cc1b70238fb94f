//! The sets of a run: staged before anything is erased, switched when all is verified. A failure stops one set of one tenant.

use std::collections::BTreeMap;
use std::path::PathBuf;

use arrow::array::Array;

use super::Planned;
use crate::error::Error;
use crate::keys::Purpose;
use crate::pipeline::{Pipeline, Release, Set};
use crate::progress::Progress;
use crate::publish::{self, Memory, PublishError, Remembering, RunFacts, Staged, Switch};
use crate::report::SetLine;
use crate::session::{Session, World};
use crate::snapshot::State;

/// Sets that are written and not yet visible, and those that were refused.
#[derive(Debug, Default)]
pub struct Staging {
    staged: Vec<(usize, usize, Staged)>,
    /// Per tenant and set that is anonymous: where the memory of its releases is, and what it will know.
    releases: BTreeMap<(usize, usize), (Remembering, Memory)>,
    refused: Vec<SetLine>,
    tenants: Vec<String>,
}

impl Staging {
    /// The staged data files.
    pub fn files(&self) -> Vec<PathBuf> {
        self.staged.iter().flat_map(|(_, _, staged)| staged.files()).collect()
    }
}

/// Computes, gates, writes and verifies every set of every tenant.
pub fn stage(session: &Session, planned: &Planned, run: &str, world: &World<'_>, progress: &dyn Progress) -> Result<Staging, Error> {
    let pipeline = &session.pipeline;
    let output = &session.locations.output;
    publish::clear_abandoned_staging(output)?;
    let facts = RunFacts {
        run_id: run.to_owned(),
        created: (world.now)(),
        keyring: planned.keyring.id().to_owned(),
        key_epoch: planned.keyring.current_epoch(),
    };
    let mut staging = Staging { tenants: planned.read.tenants.iter().map(|tenant| tenant.name.clone()).collect(), ..Staging::default() };
    let bar = progress.start("stage sets", (pipeline.sets.len() * planned.read.tenants.len()) as u64);
    for (tenant_index, tenant) in planned.read.tenants.iter().enumerate() {
        for (set_index, set) in pipeline.sets.iter().enumerate() {
            let key = planned.keyring.derive(&tenant.name, Purpose::Pseudonym(set.purpose.clone()), facts.key_epoch)?;
            let without = without_ended(planned, pipeline, set);
            let state = without.as_ref().unwrap_or(&planned.after);
            let remembering = match set.release {
                Release::Anonymous => Remembering::open(&session.locations.ledger, output, &planned.keyring, &tenant.name, set).map(Some),
                Release::Pseudonymised => Ok(None),
            };
            let staged = remembering.and_then(|remembering| {
                let computed = publish::compute(pipeline, set, state, tenant, tenant_index as u16, &key)?;
                let computed = match &remembering {
                    Some(remembering) => remembering.begin(pipeline, set, state, computed)?,
                    None => computed,
                };
                let gated = publish::pass(pipeline, set, computed)?;
                let mut staged = publish::stage(output, pipeline, set, tenant, &gated, &facts)?;
                staged.verify()?;
                Ok((staged, remembering.zip(gated.memory)))
            });
            match staged {
                Ok((staged, release)) => {
                    staging.releases.extend(release.map(|release| ((tenant_index, set_index), release)));
                    tracing::info!(set = %set.name, tenant = %tenant.name, rows = staged.manifest().rows.after, "set staged");
                    staging.staged.push((tenant_index, set_index, staged));
                }
                // A disk that refuses concerns the whole run; all else is the set's own.
                Err(error @ PublishError::Io { .. }) => return Err(error.into()),
                Err(error) => staging.refused.push(SetLine {
                    set: set.name.clone(),
                    tenant: tenant.name.clone(),
                    label: set.release,
                    state: "refused",
                    folder: None,
                    rows: 0,
                    gate: None,
                    left_out: None,
                    reason: Some(error.to_string()),
                }),
            }
            bar.advance(1);
        }
    }
    bar.finish();
    Ok(staging)
}

/// The state without those for whom the set's own purpose has ended: who objects to marketing is in no set for marketing (GDPR article 21(3)).
/// `None` where the purpose is not one of its subjects' category, or has ended for nobody.
fn without_ended(planned: &Planned, pipeline: &Pipeline, set: &Set) -> Option<State> {
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

/// Makes the staged versions the latest, unless verification has findings; removes versions whose time has come.
pub fn switch(session: &Session, staging: Staging, verified: bool, world: &World<'_>) -> Result<(Vec<SetLine>, u64), Error> {
    let Staging { staged, releases, refused, tenants } = staging;
    let mut lines = Vec::new();
    let mut pruned = 0;
    for (tenant, set_index, staged) in staged {
        let set = &session.pipeline.sets[set_index];
        let manifest = staged.manifest().clone();
        let mut line = SetLine {
            set: set.name.clone(),
            tenant: tenants[tenant].clone(),
            label: manifest.label,
            state: "refused",
            folder: None,
            rows: manifest.rows.after,
            gate: Some(manifest.gate),
            left_out: Some(manifest.left_out),
            reason: None,
        };
        if !verified {
            line.reason = Some("verification has findings".into());
            lines.push(line);
            continue;
        }
        let release = releases.get(&(tenant, set_index));
        if let Some((remembering, memory)) = release {
            remembering.prepare(staged.version(), memory)?;
        }
        let (state, folder) = match publish::switch(staged, (world.now)())? {
            Switch::Replaced(folder) => ("published", folder),
            Switch::Unchanged(folder) => ("unchanged", folder),
        };
        if let Some((remembering, memory)) = release {
            remembering.settle(&folder, memory)?;
        }
        line.state = state;
        line.folder = Some(folder.display().to_string());
        let tenant = Some(tenants[tenant].as_str()).filter(|tenant| !tenant.is_empty());
        pruned += publish::prune(&session.locations.output, tenant, set, (world.now)())?.len() as u64;
        lines.push(line);
    }
    lines.extend(refused);
    Ok((lines, pruned))
}
