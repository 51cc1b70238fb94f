//! `gallra keys`: the keyring, and the keys of approvers.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use gallra::error::DONE;
use gallra::keys::Keyring;
use gallra::keys::approver::ApproverKey;
use gallra::session::{World, locate};

use super::printer::Printer;
use super::{Outcome, PipelineArgument, help};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the keyring file that the pipeline names, readable by its owner alone. Never overwrites one.
    ///
    /// Keep a copy where the ledger's copies are: without it pseudonyms do not join any more and the ledger can not be proved.
    #[command(after_help = help::KEYS)]
    Init(PipelineArgument),
    /// Make the private key of somebody who approves saved plans, readable by its owner alone, and print the line for the pipeline file.
    ///
    /// The approver makes it, and nobody else ever has it. `openssl genpkey -algorithm ed25519` makes such a file as well.
    #[command(after_help = help::KEYS)]
    Approver(ApproverArguments),
}

#[derive(Debug, Args)]
struct ApproverArguments {
    /// The new file of the private key.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

pub fn run(arguments: &Arguments, world: &World<'_>, printer: &mut Printer) -> Outcome {
    match &arguments.command {
        Command::Init(argument) => init(argument, world, printer),
        Command::Approver(argument) => approver(&argument.output, world, printer),
    }
}

fn approver(path: &Path, world: &World<'_>, printer: &mut Printer) -> Outcome {
    let key = ApproverKey::generate((world.random)());
    key.create(path)?;
    let public = key.public();
    printer.line(format!("made the private key {}; keep it to yourself, and a copy where only you find it", path.display()));
    printer.line("the pipeline file names its public half, in `[approval] approvers`:");
    printer.line(format!("{{ name = \"your role\", key = \"{public}\" }}"));
    printer.value(&serde_json::json!({ "private_key": path, "key": public }));
    Ok(DONE)
}

fn init(argument: &PipelineArgument, world: &World<'_>, printer: &mut Printer) -> Outcome {
    let locations = locate(&argument.pipeline, world)?;
    let keyring = Keyring::create(&locations.keyring, (world.now)(), (world.random)())?;
    printer.line(format!("made the keyring {} (id {})", locations.keyring.display(), keyring.id()));
    printer.line("keep a copy of it apart from the database; without it the ledger can not be proved");
    printer.value(&serde_json::json!({ "keyring": locations.keyring, "id": keyring.id() }));
    Ok(DONE)
}
