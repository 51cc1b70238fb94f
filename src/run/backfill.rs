//! Backfill: partitions of a set are written again under today's pipeline, without anything being erased.

use jiff::civil::Date;
use serde::Serialize;
use std::path::Path;

use super::decided::{Beside, plan_beside};
use super::streamed::{Stream, streams};
use super::told::{FoundOfSet, enter};
use super::{Planned, Request, ledger_state, publications, run_id, sets};
use crate::error::{DONE, Error, NEEDS_A_LOOK};
use crate::kernels::cast::to_text;
use crate::ledger::{Ledger, OutdatedSet, Publications, Record, RunCompleted};
use crate::pipeline::Set;
use crate::progress::Progress;
use crate::publish::{self, Change, Gated, LatestVersion, PartitionChange, Remembering};
use crate::report::SetLine;
use crate::session::{Access, LockUse, Session, World};

/// So many tenants are named to whoever names one that there is not.
const FIRST_TENANTS: usize = 5;

/// What a person asks of a backfill.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The set.
    pub set: &'a str,
    /// One tenant; all where left out.
    pub tenant: Option<&'a str>,
    /// The first day of the partitions to write again.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
}

impl Wanted<'_> {
    /// Whether a partition is to be written again. Rows without a value are in no range.
    fn has(&self, folder: &str) -> bool {
        if self.from.is_none() && self.to.is_none() {
            return true;
        }
        let day: Option<Date> = publish::value_of(folder).and_then(|value| value.parse().ok());
        day.is_some_and(|day| self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to))
    }
}

/// What a backfill would do, or did.
#[derive(Debug, Clone, Serialize)]
pub struct BackfillReport {
    /// The set.
    pub set: String,
    /// Whether anything was done; else this is the plan.
    pub executed: bool,
    /// By tenant.
    pub tenants: Vec<TenantBackfill>,
    /// What is to be known, in words.
    pub notes: Vec<String>,
    /// What needs a look, in words, with what to do about it.
    pub looks: Vec<(String, String)>,
    /// The exit code.
    pub exit_code: u8,
}

/// A tenant's part of a backfill.
#[derive(Debug, Clone, Serialize)]
pub struct TenantBackfill {
    /// The tenant; empty for a store with one controller.
    pub tenant: String,
    /// Its partitions, now and in the latest version.
    pub partitions: Vec<PlannedPartition>,
    /// What became of it.
    pub line: Option<SetLine>,
}

/// A partition of the plan.
#[derive(Debug, Clone, Serialize)]
pub struct PlannedPartition {
    /// How it differs from the latest version.
    #[serde(flatten)]
    pub change: PartitionChange,
    /// Whether its files are written: it was asked for, or its content is another.
    pub rewritten: bool,
    /// Whether it was asked for.
    pub wanted: bool,
}

/// Says what a backfill would write. Changes nothing.
///
/// # Errors
/// [`Error::Usage`] for an unknown set or tenant, and for a range where the set has no partitions; as a plan otherwise.
pub fn plan_backfill(path: &Path, wanted: &Wanted<'_>, world: &World<'_>, progress: &dyn Progress) -> Result<BackfillReport, Error> {
    let mut session = Session::open(path, Access::Read, LockUse::Compare, world)?;
    refuse_what_is_not_there(&mut session, wanted)?;
    let said = publications::look(&session.locations, &session.keyring()?);
    let (planned, streamed) = planned(&mut session, wanted, world, progress)?;
    let (mut report, _) = compared(&session, &planned, &said, streamed, wanted, world, progress)?;
    report.notes.push("nothing was written: this is the plan; `--yes` executes it".to_owned());
    Ok(report)
}

/// Writes the partitions again and makes the new versions the latest. What a killed backfill has finished is taken up.
///
/// # Errors
/// As [`plan_backfill`]; [`Error::Publish`]; the ledger's and the store's.
pub fn backfill(path: &Path, wanted: &Wanted<'_>, world: &World<'_>, progress: &dyn Progress) -> Result<BackfillReport, Error> {
    let mut session = Session::open(path, Access::Write, LockUse::Compare, world)?;
    refuse_what_is_not_there(&mut session, wanted)?;
    // Held to the end: no run is at work meanwhile.
    let keyring = session.keyring()?;
    let (mut ledger, _) = ledger_state::open(&mut session, &keyring, false, world)?;
    let (planned, streamed) = planned(&mut session, wanted, world, progress)?;
    let (mut report, gated) = compared(&session, &planned, ledger.publications(), streamed, wanted, world, progress)?;
    let run = run_id((world.now)(), world);
    // The next night sees this run's end, and not that of the one that was interrupted.
    let is_between = ledger_state::interrupted(&ledger).is_some();
    let outdated = if is_between { sets::mark_all_erased(&session, &planned)? } else { Vec::new() };
    ledger.append(&ledger_state::started(&session, &planned, &run)?, (world.now)())?;
    let facts = sets::facts(&planned, &run, world);
    let set = set_of(&session, wanted)?;
    let what = format!("{}/{:?}/{:?}", set.name, wanted.from, wanted.to);
    let name = publish::backfill_name(&session.pipeline.file_hash, &what);
    let again = |folder: &str| wanted.has(folder);
    let output = &session.locations.output;
    let how = publish::Staging { output, resumes: Some(&name), facts: &facts, again: &again, distrusts: false, random: world.random };
    let bar = progress.start("write partitions", report.tenants.len() as u64);
    for (line, (tenant, gated)) in report.tenants.iter_mut().zip(gated) {
        let tenant = &planned.read.tenants[tenant];
        let before = sets::Before::of(&session, ledger.publications(), &tenant.name, set, (world.now)())?;
        let remarks = before.remarks(&session.pipeline, set, &gated.0);
        let how = publish::Staging { distrusts: before.altered.is_some(), ..how };
        let mut staged = publish::stage(&how, &session.pipeline, set, tenant, &gated.0)?;
        staged.verify()?;
        let damaged = sets::damaged(&staged, output);
        let found: Vec<FoundOfSet> =
            [&before.found, &damaged].into_iter().flat_map(|of| FoundOfSet::of(&tenant.name, &set.name, of)).collect();
        enter(&mut ledger, &run, &found, world)?;
        let ready = sets::Ready::of(staged, gated, false, remarks);
        line.line = Some(sets::switch_one(&session, set, &tenant.name, ready, true, world)?);
        bar.advance(1);
    }
    bar.finish();
    for line in &report.tenants {
        sets::prune(&session, ledger.publications(), set, &line.tenant, world)?;
    }
    report.executed = true;
    let mut lines: Vec<SetLine> = report.tenants.iter().filter_map(|tenant| tenant.line.clone()).collect();
    sets::to_bucket(&session, &mut lines, world)?;
    for (tenant, line) in report.tenants.iter_mut().zip(&lines) {
        if !line.looks().is_empty() {
            report.exit_code = NEEDS_A_LOOK;
        }
        tenant.line = Some(line.clone());
    }
    complete(&mut session, &mut ledger, run, &lines, outdated, world)?;
    Ok(report)
}

/// The ledger's completion, and its head kept in the store.
fn complete(
    session: &mut Session,
    ledger: &mut Ledger,
    run: String,
    lines: &[SetLine],
    outdated: Vec<OutdatedSet>,
    world: &World<'_>,
) -> Result<(), Error> {
    let sets = publications::published(&session.locations, ledger.publications(), lines);
    let record = RunCompleted { run, outcomes: Vec::new(), sets, outdated, verification: Vec::new(), exit_code: DONE };
    let head = ledger.append(&Record::RunCompleted(record), (world.now)())?;
    let mut transaction = session.store.batch()?;
    transaction.set_head(&crate::write_back::store_head(&head))?;
    transaction.commit()?;
    Ok(())
}

fn set_of<'s>(session: &'s Session, wanted: &Wanted<'_>) -> Result<&'s Set, Error> {
    let sets = &session.pipeline.sets;
    sets.iter().find(|set| set.name == wanted.set).ok_or_else(|| {
        let names: Vec<String> = sets.iter().map(|set| format!("`{}`", set.name)).collect();
        Error::Usage {
            message: format!("the pipeline has no set `{}`", wanted.set),
            hint: Some(if names.is_empty() { "it declares none".to_owned() } else { format!("it has {}", names.join(", ")) }),
        }
    })
}

/// The plan, and by tenant the set where it was made as its base was read.
fn planned(
    session: &mut Session,
    wanted: &Wanted<'_>,
    world: &World<'_>,
    progress: &dyn Progress,
) -> Result<(Planned, Vec<(usize, Gated)>), Error> {
    let name = &set_of(session, wanted)?.name;
    let sets = &session.pipeline.sets;
    // Of many tenants each would go through the rows of all.
    let is_one = session.pipeline.tenants.is_none() || wanted.tenant.is_some();
    let set = sets.iter().position(|set| set.name == *name && is_one && streams(&session.pipeline, set));
    let mut beside = Beside { stream: set.map(|set| Stream::of(set, wanted.tenant)), ..Beside::default() };
    let planned = plan_beside(session, &Request::default(), world, progress, &mut beside)?;
    Ok((planned, beside.stream.map(|stream| stream.made).unwrap_or_default()))
}

/// What is not there, and a range that can hold nothing, is told before the rows are read.
fn refuse_what_is_not_there(session: &mut Session, wanted: &Wanted<'_>) -> Result<(), Error> {
    refuse_the_range(set_of(session, wanted)?, wanted)?;
    let Some(name) = wanted.tenant else { return Ok(()) };
    let message = format!("there is no tenant `{name}`");
    let Some(source) = &session.pipeline.tenants else {
        let hint = "the store has one controller and no tenants: leave `--tenant` out".to_owned();
        return Err(Error::Usage { message, hint: Some(hint) });
    };
    let table = &session.pipeline.tables[source.table];
    let request = crate::store::Request { table: table.catalog.clone(), columns: vec![source.key] };
    let rows = session.store.snapshot()?.read(&request, &mut |_| {})?;
    let texts = rows.batches.iter().filter_map(|batch| to_text(batch.column(0)).ok());
    let names: Vec<String> = texts.flat_map(|texts| texts.iter().flatten().map(str::to_owned).collect::<Vec<_>>()).collect();
    if names.iter().any(|known| known == name) {
        return Ok(());
    }
    let column = &table.catalog.columns[source.key].name;
    let mut hint = format!("a tenant is named by `{}.{column}`", table.name());
    if !names.is_empty() {
        let first: Vec<String> = names.iter().take(FIRST_TENANTS).map(|name| format!("`{name}`")).collect();
        let more = if names.len() > FIRST_TENANTS { format!(" and {} more", names.len() - FIRST_TENANTS) } else { String::new() };
        hint = format!("{hint}: {}{more}", first.join(", "));
    }
    Err(Error::Usage { message, hint: Some(hint) })
}

/// A range that can hold nothing is told before a row is read.
fn refuse_the_range(set: &Set, wanted: &Wanted<'_>) -> Result<(), Error> {
    if set.partition.is_none() && (wanted.from.is_some() || wanted.to.is_some()) {
        let message = format!("the set `{}` has no partitions, so no part of it can be written again", set.name);
        let hint = "leave `--from` and `--to` out, or give the set a `partition`".to_owned();
        return Err(Error::Usage { message, hint: Some(hint) });
    }
    match (wanted.from, wanted.to) {
        (Some(from), Some(to)) if from > to => {
            let message = format!("the range begins on {from} and ends on {to}, before it begins");
            Err(Error::Usage { message, hint: Some("`--from` is the first day or month, `--to` the last".to_owned()) })
        }
        _ => Ok(()),
    }
}

/// A tenant's number and its set as it would be published, with the memory of an anonymous one.
type OfTenant = (usize, (Gated, Option<Remembering>));

/// The plan, and per tenant the set as it would be published.
fn compared(
    session: &Session,
    planned: &Planned,
    said: &Publications,
    mut streamed: Vec<(usize, Gated)>,
    wanted: &Wanted<'_>,
    world: &World<'_>,
    progress: &dyn Progress,
) -> Result<(BackfillReport, Vec<OfTenant>), Error> {
    let set = set_of(session, wanted)?;
    let tenants: Vec<usize> = (0..planned.read.tenants.len())
        .filter(|tenant| wanted.tenant.is_none_or(|name| planned.read.tenants[*tenant].name == name))
        .collect();
    if let Some(name) = wanted.tenant.filter(|_| tenants.is_empty()) {
        let why = planned.read.stopped.iter().find(|stopped| stopped.name == name).map_or("", |stopped| &stopped.reason);
        let hint = "mend its row; a run names the tenants that it stops in the same way".to_owned();
        return Err(Error::Usage { message: format!("the tenant `{name}` is not processed: {why}"), hint: Some(hint) });
    }
    let mut report = BackfillReport {
        set: set.name.clone(),
        executed: false,
        tenants: Vec::new(),
        notes: Vec::new(),
        looks: Vec::new(),
        exit_code: DONE,
    };
    let mut all = Vec::new();
    let bar = progress.start("compare", tenants.len() as u64);
    for tenant in tenants {
        let of = &planned.read.tenants[tenant];
        let before = sets::Before::of(session, said, &of.name, set, (world.now)())?;
        let gated = match streamed.iter().position(|(of, _)| *of == tenant) {
            Some(at) => (streamed.swap_remove(at).1, None),
            None => sets::gated(session, planned, &before, set, tenant)?,
        };
        let altered = &before.altered;
        let changes = publish::compare(&session.locations.output, set, of, &gated.0, altered.is_none())?;
        report.notes.extend(altered.iter().map(publish::Altered::told));
        let beside = before.found.iter().skip(usize::from(altered.is_some())).filter_map(|found| found.remark.as_ref());
        report.notes.extend(beside.map(|remark| remark.text.clone()));
        if let Some(latest) = LatestVersion::find(&session.locations.output, Some(&of.name), &set.name).filter(|_| altered.is_none()) {
            let strays = latest.strays()?;
            report
                .notes
                .extend(strays.iter().map(|stray| format!("`{}` is in no manifest: a new version is made without it", stray.display())));
        }
        let mut others = 0;
        let partitions: Vec<PlannedPartition> = changes
            .into_iter()
            .map(|change| {
                let wanted = wanted.has(&change.folder) && change.change != Change::Gone;
                let differs = matches!(change.change, Change::New | Change::Changed | Change::Damaged);
                others += usize::from(!wanted && change.change != Change::Same);
                PlannedPartition { wanted, rewritten: wanted || differs, change }
            })
            .collect();
        if others > 0 {
            let whose = if of.name.is_empty() { String::new() } else { format!(" of the tenant `{}`", of.name) };
            let differ = if others == 1 {
                format!("1 partition{whose} outside the range differs from the latest version and is")
            } else {
                format!("{others} partitions{whose} outside the range differ from the latest version and are")
            };
            report.notes.push(format!("{differ} brought up to date as well: a version passes its gate as a whole"));
        }
        if partitions.iter().all(|partition| !partition.wanted) {
            let of = if of.name.is_empty() { String::new() } else { format!(" of the tenant `{}`", of.name) };
            let days = partitions.iter().filter_map(|partition| publish::value_of(&partition.change.folder));
            let hint = match (days.clone().min(), days.max()) {
                (Some(first), Some(last)) => format!("there are partitions from {first} to {last}"),
                _ => "there is none at all: look at the set's `where`, and at its base".to_owned(),
            };
            report.looks.push((format!("no partition{of} lies in the range"), hint));
            report.exit_code = NEEDS_A_LOOK;
        }
        report.tenants.push(TenantBackfill { tenant: of.name.clone(), partitions, line: None });
        all.push((tenant, gated));
        bar.advance(1);
    }
    bar.finish();
    Ok((report, all))
}
