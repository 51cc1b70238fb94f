//! `gallra path`: where the latest version of a set lies.

use std::path::PathBuf;

use clap::Args;
use gallra::error::DONE;
use gallra::publish::resolve_latest;
use gallra::session::{World, locate};

use super::Outcome;
use super::printer::Printer;

#[derive(Debug, Args)]
pub struct Arguments {
    /// The pipeline file.
    #[arg(value_name = "PIPELINE")]
    pipeline: PathBuf,
    /// The set.
    #[arg(value_name = "SET")]
    set: String,
    /// The tenant, where the store has several.
    #[arg(long)]
    tenant: Option<String>,
}

pub fn run(arguments: &Arguments, world: &World<'_>, printer: &mut Printer) -> Outcome {
    let locations = locate(&arguments.pipeline, world)?;
    let folder = resolve_latest(&locations.output, arguments.tenant.as_deref(), &arguments.set)?;
    let folder = std::path::absolute(&folder).unwrap_or(folder);
    printer.line(folder.display().to_string());
    printer.value(&serde_json::json!({ "set": arguments.set, "tenant": arguments.tenant, "path": folder }));
    Ok(DONE)
}
