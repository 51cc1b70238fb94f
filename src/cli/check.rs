//! `gallra check`: the pipeline file against the live database.

use clap::Args;
use gallra::error::{DONE, NEEDS_A_LOOK};
use gallra::pipeline::usage::{following, guarding};
use gallra::progress::Progress;
use gallra::session::{Access, LockUse, Session, World};
use gallra::verify::suspicion::{suspicions, unmatched_conditions};

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
    let lock = if arguments.accept { LockUse::Accept } else { LockUse::Compare };
    let mut session = Session::open(&arguments.pipeline.pipeline, Access::Read, lock, world)?;
    let stage = progress.start("samples", 0);
    let (found, unmatched) = {
        let mut snapshot = session.store.snapshot()?;
        (suspicions(&session.pipeline, &mut *snapshot)?, unmatched_conditions(&session.pipeline, &mut *snapshot)?)
    };
    let (mut to, mut columns): (Vec<String>, Vec<(String, Vec<String>)>) = guarding(&session.pipeline).into_iter().unzip();
    let guarding = to.len();
    for (table, pointing) in following(&session.pipeline) {
        to.push(table);
        columns.push(pointing);
    }
    let unindexed: Vec<String> = session
        .store
        .unindexed(&columns)?
        .into_iter()
        .map(|at| {
            let (table, columns) = &columns[at];
            let list = columns.join("`, `");
            if at < guarding {
                format!("deleting from `{}` reads all of `{table}` once for each row: no index begins with `{list}`", to[at])
            } else {
                format!("every batch that follows `{table}` to `{}` reads all of `{table}`: no index begins with `{list}`", to[at])
            }
        })
        .collect();
    stage.finish();
    let pipeline = &session.pipeline;
    let in_scope = pipeline.tables.iter().filter(|table| table.out_of_scope.is_none());
    let (tables, columns) = in_scope.fold((0, 0), |(tables, columns), table| (tables + 1, columns + table.columns.len()));
    printer.line(format!(
        "{} is sound. Tables: {tables}, columns: {columns}, categories: {}, record rules: {}, duties: {}, sets: {}",
        arguments.pipeline.pipeline.display(),
        pipeline.categories.len(),
        pipeline.records.len(),
        pipeline.duties.len(),
        pipeline.sets.len()
    ));
    for suspicion in &found {
        printer.line(format!("look: {suspicion}"));
    }
    for note in &unmatched {
        printer.line(format!("note: {note}"));
    }
    for note in &unindexed {
        printer.line(format!("note: {note}"));
    }
    if arguments.accept {
        printer.line(format!("wrote {}; commit it beside the pipeline", session.locations.lock.display()));
    }
    for pack in packs(pipeline) {
        printer.line(format!("retention pack {}: {} — {}", pack.id, pack.statute, pack.confirm));
    }
    printer.value(&serde_json::json!({
        "tables": tables, "columns": columns, "categories": pipeline.categories.len(), "records": pipeline.records.len(),
        "duties": pipeline.duties.len(), "sets": pipeline.sets.len(), "suspicions": found.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "unmatched_conditions": unmatched, "unindexed": unindexed, "lock": session.locations.lock, "accepted": arguments.accept,
    }));
    Ok(if found.is_empty() { DONE } else { NEEDS_A_LOOK })
}

/// The packs that the pipeline rests on, each once.
fn packs(pipeline: &gallra::pipeline::Pipeline) -> Vec<&'static gallra::pipeline::packs::Pack> {
    let keeps = pipeline.categories.iter().flat_map(|category| category.retention.iter().map(|rule| rule.keep));
    let keeps = keeps.chain(pipeline.records.iter().map(|record| record.keep)).chain(pipeline.duties.iter().map(|duty| duty.keep));
    let mut packs: Vec<_> = keeps
        .filter_map(|keep| match keep {
            gallra::pipeline::Keep::Pack(pack) => Some(pack),
            gallra::pipeline::Keep::Period(_) => None,
        })
        .collect();
    packs.sort_by(|left, right| left.id.cmp(&right.id));
    packs.dedup_by(|left, right| left.id == right.id);
    packs
}
