//! `gallra run`: the nightly run.

use std::path::PathBuf;

use clap::Args;
use gallra::progress::Progress;
use gallra::run::Request;
use gallra::session::World;
use jiff::civil::Date;

use super::printer::Printer;
use super::{Outcome, PipelineArgument, day, tables};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    pipeline: PipelineArgument,
    /// Evaluate the rules on this day (YYYY-MM-DD) instead of today in each tenant's time zone. A day later than today is refused: nobody is
    /// forgotten ahead of time; `gallra plan` shows what would be due then.
    #[arg(long, value_name = "DATE", value_parser = day)]
    as_of: Option<Date>,
    /// Execute a saved plan instead of one made now: for the days that it was made for, whom it names and who still is due for the same reason
    /// with the same rows. Whoever changed is left out and reported; nobody is added. The brake asks nothing where the plan was approved: its
    /// approvers have seen the number.
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
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
        plan: arguments.plan.as_deref(),
        as_of: arguments.as_of,
        confirm: arguments.confirm,
        after_restore: arguments.after_restore,
        vacuum: arguments.vacuum,
    };
    let report = gallra::run::run(&arguments.pipeline.pipeline, &request, world, progress)?;
    tables::run(printer, &report);
    printer.value(&report);
    Ok(report.exit_code)
}
