//! `gallra run`: the nightly run.

use clap::Args;
use gallra::progress::Progress;
use gallra::run::Request;
use gallra::session::World;

use super::printer::Printer;
use super::{DayArgument, Outcome, PipelineArgument, tables};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    pipeline: PipelineArgument,
    #[command(flatten)]
    day: DayArgument,
    /// Go on although the brake stopped: the number of subjects that it named.
    #[arg(long, value_name = "COUNT")]
    confirm: Option<u64>,
    /// The database was restored from a backup: forget again whom the ledger knows to have been forgotten.
    #[arg(long)]
    after_restore: bool,
    /// PostgreSQL: vacuum the tables that were written, so that old values leave their dead rows and indexes now.
    #[arg(long)]
    vacuum: bool,
}

pub fn run(arguments: &Arguments, world: &World<'_>, progress: &dyn Progress, printer: &mut Printer) -> Outcome {
    let request = Request {
        as_of: arguments.day.as_of,
        confirm: arguments.confirm,
        after_restore: arguments.after_restore,
        vacuum: arguments.vacuum,
    };
    let report = gallra::run::run(&arguments.pipeline.pipeline, &request, world, progress)?;
    tables::run(printer, &report);
    printer.value(&report);
    Ok(report.exit_code)
}
