//! `gallra suppressed`: a file of addresses without those who want no more mail.

use std::path::PathBuf;

use clap::Args;
use gallra::error::DONE;
use gallra::progress::Progress;
use gallra::run::{Addresses, List, sift};
use gallra::session::World;

use super::printer::Printer;
use super::tables::counted;
use super::{Outcome, PipelineArgument};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    pipeline: PipelineArgument,
    /// The suppression list, as the pipeline file names it.
    #[arg(value_name = "LIST")]
    list: String,
    /// The category, where several have a list of that name.
    #[arg(long)]
    category: Option<String>,
    /// The tenant, where the database has several.
    #[arg(long)]
    tenant: Option<String>,
    /// A CSV file with a line of column names.
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// The name of its column with the addresses.
    #[arg(long)]
    column: String,
    /// Where the lines go that may be mailed. Nobody but its owner can read it.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// Replace the output where it exists.
    #[arg(long)]
    overwrite: bool,
}

pub fn run(arguments: &Arguments, world: &World<'_>, progress: &dyn Progress, printer: &mut Printer) -> Outcome {
    let list = List { name: &arguments.list, category: arguments.category.as_deref(), tenant: arguments.tenant.as_deref() };
    let (input, output) = (arguments.input.as_path(), arguments.output.as_path());
    let addresses = Addresses { input, column: &arguments.column, output, overwrite: arguments.overwrite };
    let sifted = sift(&arguments.pipeline.pipeline, list, addresses, world, progress)?;
    let (kept, gone) = (counted(sifted.kept + sifted.empty, "line"), counted(sifted.suppressed, "line"));
    printer.line(format!("written: {kept} to {}; left out: {gone} whose address is on the list `{}`", output.display(), arguments.list));
    if sifted.empty > 0 {
        printer.line(format!(
            "of those written {} no address",
            if sifted.empty == 1 { "1 has".to_owned() } else { format!("{} have", sifted.empty) }
        ));
    }
    printer.value(&sifted);
    Ok(DONE)
}
