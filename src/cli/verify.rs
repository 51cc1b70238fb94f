//! `gallra verify`: what can be known of earlier runs.

use clap::Args;
use gallra::error::{DONE, FAILED};
use gallra::progress::Progress;
use gallra::session::World;

use super::printer::Printer;
use super::{Outcome, PipelineArgument, tables};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    pipeline: PipelineArgument,
}

pub fn run(arguments: &Arguments, world: &World<'_>, progress: &dyn Progress, printer: &mut Printer) -> Outcome {
    let verification = gallra::verify::later::verify(&arguments.pipeline.pipeline, world, progress)?;
    tables::verification(printer, &verification);
    printer.value(&verification);
    Ok(if verification.findings.is_empty() { DONE } else { FAILED })
}
