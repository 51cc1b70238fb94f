//! `gallra check`: the pipeline file against the live database.

use clap::Args;
use gallra::epochs;
use gallra::error::{DONE, Error, NEEDS_A_LOOK};
use gallra::holds::{Known, look, misunderstood};
use gallra::pipeline::usage::{Following, following, guarding};
use gallra::progress::Progress;
use gallra::session::{Access, LockUse, Session, World};
use gallra::store::Tolerant;
use gallra::verify::suspicion::{suspicions, unmatched_conditions, unmatched_references};
use gallra::verify::uncastable::{Uncastable, uncastable};
use gallra::verify::unreadable::{look_through, only_searched, told};

use super::printer::Printer;
use super::{Outcome, PipelineArgument};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    pipeline: PipelineArgument,
    /// Accept the columns as they are classed now: write the lock file beside the pipeline. Commit it.
    #[arg(long)]
    accept: bool,
}

pub fn run(arguments: &Arguments, world: &World<'_>, progress: &dyn Progress, printer: &mut Printer) -> Outcome {
    let lock = if arguments.accept { LockUse::AcceptLater } else { LockUse::Compare };
    let mut session = Session::open(&arguments.pipeline.pipeline, Access::Read, lock, world)?;
    let stage = progress.start("samples", 0);
    let (found, unmatched, uncastable, unreadable) = {
        let mut snapshot = session.store.snapshot()?;
        // What can not be read is told, and the rest is looked at all the same.
        let mut view = Tolerant::new(&mut *snapshot, &|_, _| true);
        look_through(&session.pipeline, &mut view)?;
        let mut unmatched = unmatched_conditions(&session.pipeline, &mut view)?;
        unmatched.extend(unmatched_references(&session.pipeline, &mut view)?);
        (suspicions(&session.pipeline, &mut view)?, unmatched, uncastable(&session.pipeline, &mut view)?, view.found())
    };
    let unindexed = unindexed(&mut session)?;
    stage.finish();
    let pipeline = &session.pipeline;
    let today = gallra::decide::clocks::today((world.now)(), &pipeline.controller.time_zone);
    let disagreements = disagreements(&session);
    let cleaned_late = pipeline.cleaned_late();
    let unreviewed = pipeline.unreviewed(today);
    let misunderstood = misunderstood_holds(&session, today);
    let in_scope = pipeline.tables.iter().filter(|table| table.out_of_scope.is_none());
    let (tables, columns) = in_scope.fold((0, 0), |(tables, columns), table| (tables + 1, columns + table.columns.len()));
    let only_searched = only_searched(pipeline);
    let stops = unreadable.iter().any(|found| !only_searched(&found.table, found.column));
    printer.line(format!(
        "{} is sound{}. Tables: {tables}, columns: {columns}, categories: {}, record rules: {}, duties: {}, sets: {}",
        arguments.pipeline.pipeline.display(),
        if stops { ", and what the database holds would stop a run" } else { "" },
        pipeline.categories.len(),
        pipeline.records.len(),
        pipeline.duties.len(),
        pipeline.sets.len()
    ));
    for suspicion in &found {
        printer.one_line(&format!("look: {suspicion}"));
    }
    let (refusing, doubtful): (Vec<&Uncastable>, Vec<&Uncastable>) = uncastable.iter().partition(|uncastable| uncastable.surely);
    for look in &refusing {
        printer.one_line(&format!("look: {look}"));
    }
    let unreadable: Vec<(String, Option<String>)> = unreadable.iter().map(|found| told(found, &only_searched)).collect();
    for (look, hint) in &unreadable {
        printer.one_line(&format!("look: {look}"));
        printer.hint(hint.as_deref());
    }
    for (look, hint) in &disagreements {
        printer.one_line(&format!("look: {look}"));
        printer.hint(hint.as_deref());
    }
    for look in unreviewed.iter().chain(&misunderstood) {
        printer.one_line(&format!("look: {look}"));
    }
    for note in unmatched.iter().chain(&cleaned_late) {
        printer.one_line(&format!("note: {note}"));
    }
    for note in &doubtful {
        printer.one_line(&format!("note: {note}"));
    }
    for note in &unindexed {
        printer.one_line(&format!("note: {note}"));
    }
    if arguments.accept {
        session.accept()?;
        printer.line(format!("wrote {}; commit it beside the pipeline", session.locations.lock.display()));
    }
    for pack in packs(pipeline) {
        printer.line(format!("retention pack {}: {} — {}", pack.id, pack.statute, pack.confirm));
    }
    printer.value(&serde_json::json!({
        "tables": tables, "columns": columns, "categories": pipeline.categories.len(), "records": pipeline.records.len(),
        "duties": pipeline.duties.len(), "sets": pipeline.sets.len(), "suspicions": found.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "unreviewed": unreviewed, "cleaned_late": cleaned_late, "holds": misunderstood, "unmatched_conditions": unmatched, "unindexed": unindexed,
        "uncastable": uncastable.iter().map(ToString::to_string).collect::<Vec<_>>(), "lock": session.locations.lock,
        "keyring": disagreements.iter().map(|(look, _)| look).collect::<Vec<_>>(),
        "unreadable": unreadable.iter().map(|(look, _)| look).collect::<Vec<_>>(), "accepted": arguments.accept,
    }));
    let is_well = disagreements.is_empty()
        && found.is_empty()
        && refusing.is_empty()
        && unreviewed.is_empty()
        && misunderstood.is_empty()
        && unreadable.is_empty();
    Ok(if is_well { DONE } else { NEEDS_A_LOOK })
}

/// Why a run would refuse the keyring: it is not the one that the ledger knows. Where there is none, as in CI, nobody can say.
fn disagreements(session: &Session) -> Vec<(String, Option<String>)> {
    let Ok(keyring) = session.keyring() else { return Vec::new() };
    let found = epochs::look(&session.locations, &keyring).and_then(|report| match report {
        Some(report) => Ok(epochs::disagreements(&keyring, &report.epochs, &report.shreddings)?),
        None => Ok(Vec::new()),
    });
    match found {
        Ok(found) => found.iter().map(|error| (error.to_string(), error.hint())).collect(),
        Err(error) => vec![(error.to_string(), error.hint())],
    }
}

/// Holds of the register that name what the pipeline does not have any more. Where there is no keyring, as in CI, nobody can read the register.
fn misunderstood_holds(session: &Session, today: jiff::civil::Date) -> Vec<String> {
    let Ok(keyring) = session.keyring() else { return Vec::new() };
    match look(&session.locations.holds, &keyring, &Known::default()) {
        Ok(register) => register.map_or_else(Vec::new, |register| misunderstood(&session.pipeline, &register, today)),
        Err(error) => vec![error.to_string()],
    }
}

/// References by which the store finds rows only by reading a whole table, each as a sentence.
fn unindexed(session: &mut Session) -> Result<Vec<String>, Error> {
    let (guarding, following) = (guarding(&session.pipeline), following(&session.pipeline));
    let mut searched: Vec<(String, Vec<String>)> = guarding.iter().map(|(_, pointing)| pointing.clone()).collect();
    searched.extend(following.iter().flat_map(|one| one.searched.iter().map(|columns| (one.table.clone(), columns.clone()))));
    let lacking = session.store.unindexed(&searched)?;
    let mut notes = Vec::new();
    for (_, (to, (table, columns))) in guarding.iter().enumerate().filter(|(at, _)| lacking.contains(at)) {
        let list = columns.join("`, `");
        notes.push(format!("deleting from `{to}` reads all of `{table}` once for each row: no index begins with `{list}`"));
    }
    let mut at = guarding.len();
    for Following { to, table, searched } in &following {
        let own = at..at + searched.len();
        at = own.end;
        if let (true, Some(columns)) = (own.clone().all(|at| lacking.contains(&at)), searched.first()) {
            let list = columns.join("`, `");
            notes.push(format!("every batch that follows `{table}` to `{to}` reads all of `{table}`: no index begins with `{list}`"));
        }
    }
    Ok(notes)
}

/// The packs that the pipeline rests on, each once.
fn packs(pipeline: &gallra::pipeline::Pipeline) -> Vec<&'static gallra::pipeline::packs::Pack> {
    let mut packs: Vec<_> = pipeline
        .ruled()
        .flat_map(|rule| match rule.keep {
            gallra::pipeline::Keep::Pack(pack) => vec![*pack],
            gallra::pipeline::Keep::Packs(packs) => packs.iter().map(|(_, pack)| *pack).collect(),
            gallra::pipeline::Keep::Period { .. } | gallra::pipeline::Keep::Open { .. } => Vec::new(),
        })
        .collect();
    packs.sort_by(|left, right| left.id.cmp(&right.id));
    packs.dedup_by(|left, right| left.id == right.id);
    packs
}
