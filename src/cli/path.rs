//! `gallra path`: where the latest version of a set lies.

use std::path::PathBuf;

use clap::Args;
use gallra::error::{DONE, Error};
use gallra::publish::{Bucket, Location, PublishError, latest_in, resolve_latest};
use gallra::run::vouch_for_latest;
use gallra::session::{World, locate_sets};

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
    let (locations, sets) = locate_sets(&pipeline, world)?;
    if !sets.contains(set) {
        let names: Vec<String> = sets.iter().map(|set| format!("`{set}`")).collect();
        let hint = if names.is_empty() { "it declares no set".to_owned() } else { format!("its sets are {}", names.join(", ")) };
        return Err(Error::Usage { message: format!("`{}` has no set `{set}`", pipeline.display()), hint: Some(hint) });
    }
    let tenant = arguments.tenant.as_deref();
    let (folder, version) = match &locations.published {
        Location::Bucket(url) => {
            let latest = latest_in(&Bucket::open(url, world.environment)?, tenant, set)?;
            (latest.url, Some((latest.version, latest.manifest_sha256)))
        }
        Location::Folder(output) => {
            let folder = match resolve_latest(output, tenant, set) {
                // What was published and is gone is told as that.
                Err(missing @ PublishError::NotPublished { .. }) => {
                    vouch_for_latest(&locations, tenant.unwrap_or_default(), set, None)?;
                    return Err(missing.into());
                }
                found => found?,
            };
            (std::path::absolute(&folder).unwrap_or(folder).display().to_string(), None)
        }
    };
    if let Some(error) = vouch_for_latest(&locations, tenant.unwrap_or_default(), set, version.as_ref())? {
        printer.warning(&format!("not compared with the ledger: {error}"), error.hint().as_deref());
    }
    printer.line(folder.clone());
    printer.value(&serde_json::json!({ "set": set, "tenant": arguments.tenant, "path": folder }));
    Ok(DONE)
}
