//! `gallra plan`: what a run would do.

use std::path::PathBuf;

use clap::Args;
use gallra::error::{DONE, NEEDS_A_LOOK};
use gallra::progress::Progress;
use gallra::run::Request;
use gallra::saved_plan::Header;
use gallra::session::World;
use serde::Serialize;

use super::printer::Printer;
use super::{DayArgument, Outcome, PipelineArgument, outlook, tables};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    pipeline: PipelineArgument,
    #[command(flatten)]
    day: DayArgument,
    #[command(flatten)]
    outlook: outlook::Arguments,
    /// Save the plan in a new file, to be approved (`gallra approve`) and executed later (`gallra run --plan`). It names whom it erases by
    /// tokens and holds no personal data in clear; tokens are pseudonymised data all the same.
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
}

pub fn run(arguments: &Arguments, world: &World<'_>, progress: &dyn Progress, printer: &mut Printer) -> Outcome {
    let request = Request { as_of: arguments.day.as_of, ..Request::default() };
    let (session, planned, outlook) = arguments.outlook.plan(&arguments.pipeline.pipeline, &request, world, progress)?;
    let report = planned.report(&session)?;
    tables::plan(printer, &report);
    for reason in &report.brake {
        printer.line(format!("brake: {reason}"));
    }
    if !report.brake.is_empty() {
        let count = report.newly_forgotten;
        printer.line(format!(
            "a run would stop before writing; if the plan is right, run with `--confirm {count}`, or execute an approved plan"
        ));
    }
    let saved = arguments.save.as_ref().map(|path| planned.save(path, &session, world)).transpose()?;
    if let (Some(saved), Some(path)) = (&saved, &arguments.save) {
        let path = path.display();
        let erasures = tables::counted(saved.header.erasures, "erasure");
        printer.line(format!("saved the plan {} with {erasures} as {path}", saved.header.id));
        if session.pipeline.approval.approvers.is_empty() {
            printer.line(format!("next: `gallra run --plan {path}`"));
        } else {
            printer.line(format!("next: an approver's `gallra approve {path} --key FILE`, then `gallra run --plan {path}`"));
        }
    }
    for look in &report.look {
        printer.one_line(&format!("look: {look}"));
    }
    outlook.print(printer);
    printer.value(&Saved { report: outlook.with(&report), saved: saved.as_ref().map(|saved| &saved.header) });
    Ok(if report.stopped.is_empty() && report.look.is_empty() { DONE } else { NEEDS_A_LOOK })
}

/// The report, with what was saved of it.
#[derive(Debug, Serialize)]
struct Saved<'a> {
    #[serde(flatten)]
    report: outlook::Report<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    saved: Option<&'a Header>,
}
