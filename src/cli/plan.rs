//! `gallra plan`: what a run would do.

use clap::Args;
use gallra::error::{DONE, NEEDS_A_LOOK};
use gallra::progress::Progress;
use gallra::run::Request;
use gallra::session::World;

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
        printer.line(format!("a run would stop before writing; if the plan is right, run with `--confirm {}`", report.newly_forgotten));
    }
    for look in &report.look {
        printer.line(format!("look: {look}"));
    }
    outlook.print(printer);
    printer.value(&outlook.with(&report));
    Ok(if report.stopped.is_empty() && report.look.is_empty() { DONE } else { NEEDS_A_LOOK })
}
