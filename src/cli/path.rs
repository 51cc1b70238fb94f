//! `gallra path`: where the latest version of a set lies.

use std::path::PathBuf;

use clap::Args;
use gallra::error::{DONE, Error};
use gallra::publish::{Bucket, Location, latest_in, resolve_latest};
use gallra::session::{World, locate};

use super::Outcome;
use super::printer::Printer;

#[derive(Debug, Args)]
pub struct Arguments {
    /// The set, after the pipeline file: `gallra path fortnox.toml purchase_history`. Alone, the set of GALLRA_PIPELINE or gallra.toml.
    #[arg(value_names = ["PIPELINE", "SET"], num_args = 1..=2, required = true)]
    names: Vec<String>,
    /// The tenant, where the store has several.
    #[arg(long)]
    tenant: Option<String>,
}

pub fn run(arguments: &Arguments, world: &World<'_>, printer: &mut Printer) -> Outcome {
    let (pipeline, set) = match &arguments.names[..] {
        [pipeline, set] => (PathBuf::from(pipeline), set),
        [set] => (PathBuf::from((world.environment)("GALLRA_PIPELINE").unwrap_or_else(|| "gallra.toml".to_owned())), set),
        _ => return Err(Error::Usage { message: "the set to find is missing".into(), hint: None }),
    };
    let locations = locate(&pipeline, world)?;
    let tenant = arguments.tenant.as_deref();
    let folder = match &locations.published {
        Location::Bucket(url) => latest_in(&Bucket::open(url, world.environment)?, tenant, set)?,
        Location::Folder(output) => {
            let folder = resolve_latest(output, tenant, set)?;
            std::path::absolute(&folder).unwrap_or(folder).display().to_string()
        }
    };
    printer.line(folder.clone());
    printer.value(&serde_json::json!({ "set": set, "tenant": arguments.tenant, "path": folder }));
    Ok(DONE)
}
