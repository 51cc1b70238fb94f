//! `gallra keys`: the keyring.

use clap::{Args, Subcommand};
use gallra::error::DONE;
use gallra::keys::Keyring;
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
}

pub fn run(arguments: &Arguments, world: &World<'_>, printer: &mut Printer) -> Outcome {
    let Command::Init(argument) = &arguments.command;
    let locations = locate(&argument.pipeline, world)?;
    let keyring = Keyring::create(&locations.keyring, (world.now)(), (world.random)())?;
    printer.line(format!("made the keyring {} (id {})", locations.keyring.display(), keyring.id()));
    printer.line("keep a copy of it apart from the database; without it the ledger can not be proved");
    printer.value(&serde_json::json!({ "keyring": locations.keyring, "id": keyring.id() }));
    Ok(DONE)
}
