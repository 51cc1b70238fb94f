//! `gallra keys`: the keyring and its epochs, and the keys of approvers.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use gallra::epochs::{self, PublishedUnder, Rotated, Shredded, Written};
use gallra::error::{DONE, Error, NEEDS_A_LOOK};
use gallra::keys::approver::ApproverKey;
use gallra::keys::{Keyring, KeyringSource, KeysError};
use gallra::ledger::{EpochShredded, KnownEpochs};
use gallra::pipeline::resolve::Locations;
use gallra::publish::{Marked, mark_shredded};
use gallra::session::{World, locate};
use jiff::Timestamp;

use super::printer::Printer;
use super::tables::{counted, table};
use super::{Outcome, PipelineArgument, help};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the keyring that the pipeline names, readable by its owner alone. Never overwrites one.
    ///
    /// Keep a copy where the ledger's copies are: without it pseudonyms do not join any more and the ledger can not be proved. So none is made
    /// beside a ledger, which has its own.
    #[command(after_help = help::KEYS)]
    Init(InitArguments),
    /// Show the keyring's id, where it comes from, and its epochs: since when, which is the current one, which were shredded. Shows no key.
    ///
    /// The keyring is compared with the ledger: an older copy, a key that was shredded and came back, and a shredding that was not finished are
    /// named, with what to do.
    #[command(after_help = help::KEYS)]
    List(PipelineArgument),
    /// Begin a new epoch: from the next run on all pseudonyms are others, and join with none of before.
    ///
    /// Its number is one that neither the keyring nor the ledger knows. Nothing else changes: the ledger, the journal, holds, plans and suppression lists have a key of their own, which is never rotated. The
    /// old epoch's key stays until it is shredded. A file is replaced in its place.
    #[command(after_help = help::KEYS)]
    Rotate(RotateArguments),
    /// Destroy the key of an old epoch, for ever: nobody can link its pseudonyms to a person, or a person to them, any more.
    ///
    /// Without --yes it only says what would be lost. The key is taken out of the keyring and its file is overwritten, as well as a disk allows;
    /// what is left is the epoch's number and its times, and the ledger says when it went. Copies and backups of the keyring are beyond reach:
    /// whoever keeps them must destroy them. Interrupted, it is repeated.
    #[command(after_help = help::KEYS)]
    Shred(ShredArguments),
    /// Certify that an epoch was shredded: JSON that names the ledger's entry, with nothing secret in it, and says how to check it.
    #[command(after_help = help::KEYS)]
    ExportCertificate(CertificateArguments),
    /// Make the private key of somebody who approves saved plans, readable by its owner alone, and print the line for the pipeline file.
    ///
    /// The approver makes it, and nobody else ever has it. `openssl genpkey -algorithm ed25519` makes such a file as well.
    #[command(after_help = help::KEYS)]
    Approver(ApproverArguments),
}

#[derive(Debug, Args)]
struct InitArguments {
    #[command(flatten)]
    pipeline: PipelineArgument,
    /// The new file, where the keyring comes from a variable or a command: put what it holds there, and destroy it.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct RotateArguments {
    #[command(flatten)]
    pipeline: PipelineArgument,
    /// The new file, where the keyring comes from a variable or a command: put what it holds there, and destroy it.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct ShredArguments {
    /// The pipeline file.
    pipeline: PathBuf,
    /// The epoch's number, as `gallra keys list` shows it.
    epoch: u32,
    /// Really destroy it.
    #[arg(long)]
    yes: bool,
    /// The new file, where the keyring comes from a variable or a command: put what it holds there, and destroy it.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct CertificateArguments {
    /// The pipeline file.
    pipeline: PathBuf,
    /// The epoch's number, as `gallra keys list` shows it.
    epoch: u32,
    /// The new file; without it the certificate is printed.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct ApproverArguments {
    /// The new file of the private key.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

pub fn run(arguments: &Arguments, world: &World<'_>, printer: &mut Printer) -> Outcome {
    match &arguments.command {
        Command::Init(arguments) => init(arguments, world, printer),
        Command::List(argument) => list(argument, world, printer),
        Command::Rotate(arguments) => rotate(arguments, world, printer),
        Command::Shred(arguments) => shred(arguments, world, printer),
        Command::ExportCertificate(arguments) => certificate(arguments, world, printer),
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

fn init(arguments: &InitArguments, world: &World<'_>, printer: &mut Printer) -> Outcome {
    let locations = locate(&arguments.pipeline.pipeline, world)?;
    let source = &locations.keyring;
    // What is there already is told first, and so is what can be made nowhere.
    let place = arguments.output.as_deref().or(source.file());
    if place.is_some_and(|place| place.symlink_metadata().is_err()) {
        epochs::refuse_beside_ledger(&locations, world)?;
    }
    let (path, keyring) = match (&arguments.output, source) {
        (Some(_), KeyringSource::File(path)) => {
            let message =
                format!("`--output` is for keyrings that come from a variable or a command; this one is the file `{}`", path.display());
            return Err(Error::Usage { message, hint: Some("leave `--output` out".into()) });
        }
        (Some(output), _) => (output.as_path(), Keyring::create(output, (world.now)(), (world.random)())?),
        // Anything but a file says by itself what to do.
        (None, source) => {
            let keyring = source.create((world.now)(), (world.random)())?;
            (source.file().unwrap_or(Path::new("")), keyring)
        }
    };
    printer.line(format!("made the keyring {} (id {})", path.display(), keyring.id()));
    if arguments.output.is_some() {
        put_back(source, path, printer);
    }
    printer.line("keep a copy of it apart from the database; without it the ledger can not be proved");
    let others = epochs::foreign_sets(&locations.output, &keyring)?;
    for other in &others {
        let output = locations.output.display();
        printer.one_line(&format!(
            "look: sets in {output} were published with keyring {other}: no pseudonym of the new keyring joins with theirs"
        ));
    }
    if !others.is_empty() {
        printer.hint(Some("if the other keyring is only mislaid, put it back in place of the new one, before anything is run"));
    }
    printer.value(&serde_json::json!({ "keyring": path, "id": keyring.id(), "others": others }));
    Ok(if others.is_empty() { DONE } else { NEEDS_A_LOOK })
}

fn put_back(source: &KeyringSource, path: &Path, printer: &mut Printer) {
    printer.line(format!("the keyring comes from {source}: put there what {} holds, and then destroy that file", path.display()));
}

fn list(argument: &PipelineArgument, world: &World<'_>, printer: &mut Printer) -> Outcome {
    let locations = locate(&argument.pipeline, world)?;
    let keyring = locations.keyring.open()?;
    printer.line(format!("keyring {}, made at {}, from {}", keyring.id(), keyring.created(), locations.keyring));
    let ledger = epochs::look(&locations, &keyring);
    let known = ledger.as_ref().ok().and_then(Option::as_ref);
    let used = known.map(|report| report.epochs.clone()).unwrap_or_default();
    let shreddings = known.map_or(&[][..], |report| &report.shreddings);
    let mut lines = table(&["epoch", "since", "state"], &[0]);
    let mut epochs = Vec::new();
    for (epoch, created) in keyring.epochs() {
        let shredded = keyring.shredded(epoch);
        let current = epoch == keyring.current_epoch();
        let shared = matches!(keyring.check_shreddable(epoch), Err(gallra::keys::KeysError::SharedEpoch { .. }));
        let mut state = match shredded {
            Some(at) => format!("shredded at {at}"),
            None if current => "current".to_owned(),
            None => "kept".to_owned(),
        };
        if shared {
            state.push_str("; can not be shredded");
        }
        if epochs::came_back(&keyring, epoch, shreddings).is_some() {
            state.push_str("; the ledger says that it was shredded");
        }
        let another = epochs::is_another_key(&keyring, epoch, &used)?;
        if another {
            state.push_str("; not the key that the ledger knows");
        }
        lines.add_row(vec![epoch.to_string(), created.to_string(), state]);
        epochs.push(serde_json::json!({
            "epoch": epoch, "created": created, "current": current, "shredded": shredded, "shreddable": !shared && !another, "another_key": another,
        }));
    }
    let missing = missing(&keyring, &used);
    for (epoch, state, _) in &missing {
        lines.add_row(vec![epoch.to_string(), String::new(), state.clone()]);
    }
    printer.line(lines.to_string());
    let not_entered = known.map_or_else(Vec::new, |report| epochs::not_entered(&keyring, &report.shreddings));
    tell_not_entered(&not_entered, printer);
    let disagreements =
        known.map(|report| epochs::disagreements(&keyring, &report.epochs, &report.shreddings)).transpose()?.unwrap_or_default();
    tell_disagreements(&disagreements, printer);
    if let Err(error) = &ledger {
        printer.one_line(&format!("look: not compared with the ledger: {error}"));
        printer.hint(error.hint().as_deref());
    }
    let missing: Vec<_> = missing.iter().map(|(epoch, _, used)| serde_json::json!({ "epoch": epoch, "last_used": used })).collect();
    printer.value(&serde_json::json!({
        "id": keyring.id(), "created": keyring.created(), "source": locations.keyring.to_string(),
        "current_epoch": keyring.current_epoch(), "epochs": epochs, "missing": missing, "not_entered": not_entered,
        "disagreements": sentences(&disagreements), "not_compared": ledger.as_ref().err().map(ToString::to_string),
    }));
    Ok(if not_entered.is_empty() && disagreements.is_empty() && ledger.is_ok() { DONE } else { NEEDS_A_LOOK })
}

/// The epochs that the ledger knows and the keyring lacks: number, state in words, and when a run last began under it.
fn missing(keyring: &Keyring, known: &KnownEpochs) -> Vec<(u32, String, Option<Timestamp>)> {
    let is_there = |epoch| keyring.epochs().any(|(number, _)| number == epoch);
    let absent = known.iter().filter(|(epoch, _)| !is_there(*epoch));
    let state = |used: Option<Timestamp>| match used {
        Some(used) => format!("not in this keyring; last used on {}", used.strftime("%Y-%m-%d")),
        None => "not in this keyring; the ledger says that it was shredded".to_owned(),
    };
    absent.map(|(epoch, known)| (epoch, state(known.last_used), known.last_used)).collect()
}

/// Why the keyring is not the one that the ledger knows.
pub(super) fn tell_disagreements(disagreements: &[KeysError], printer: &mut Printer) {
    for error in disagreements {
        printer.one_line(&format!("look: {error}"));
        printer.hint(error.hint().as_deref());
    }
}

/// The same for machines.
pub(super) fn sentences(disagreements: &[KeysError]) -> Vec<String> {
    disagreements.iter().map(ToString::to_string).collect()
}

/// Epochs whose shredding was killed before the ledger's entry.
pub(super) fn tell_not_entered(epochs: &[u32], printer: &mut Printer) {
    for epoch in epochs {
        printer
            .one_line(&format!("look: the key of epoch {epoch} is gone, and the ledger does not say so: its shredding was not finished"));
        printer.hint(Some(&format!("repeat `gallra keys shred PIPELINE {epoch} --yes`, which enters it")));
    }
}

fn rotate(arguments: &RotateArguments, world: &World<'_>, printer: &mut Printer) -> Outcome {
    let locations = locate(&arguments.pipeline.pipeline, world)?;
    let Rotated { keyring, written, before, left } = epochs::rotate(&locations, arguments.output.as_deref(), world)?;
    let epoch = keyring.current_epoch();
    match &written {
        Written::InPlace(path) => {
            printer.line(format!("epoch {epoch} of keyring {} begins: the next run publishes under it", keyring.id()));
            printer.line(format!("replaced {}; put a copy of it where the copies of the one before are", path.display()));
        }
        Written::Aside(path) => {
            printer.line(format!("epoch {epoch} of keyring {} is in {}, and in use once that is put back", keyring.id(), path.display()));
            put_back(&locations.keyring, path, printer);
        }
    }
    let (Written::InPlace(path) | Written::Aside(path)) = &written;
    let in_place = matches!(written, Written::InPlace(_));
    for error in &before {
        printer.one_line(&format!("look: before the rotation: {error}"));
    }
    if !before.is_empty() {
        printer.hint(Some(
            "the new epoch has a number of its own; but if a newer copy of the keyring is only mislaid, put that in place of this one",
        ));
    }
    tell_disagreements(&left, printer);
    printer.value(&serde_json::json!({
        "id": keyring.id(), "current_epoch": epoch, "keyring": path, "in_place": in_place, "before": sentences(&before),
        "disagreements": sentences(&left),
    }));
    Ok(if before.is_empty() { DONE } else { NEEDS_A_LOOK })
}

fn shred(arguments: &ShredArguments, world: &World<'_>, printer: &mut Printer) -> Outcome {
    let locations = locate(&arguments.pipeline, world)?;
    let epoch = arguments.epoch;
    let lost = what_would_be_lost(&locations, arguments)?;
    if !arguments.yes {
        tell_lost(epoch, &lost, printer);
        return Err(Error::Usage {
            message: format!("shredding epoch {epoch} can not be undone, and was not confirmed; nothing was changed"),
            hint: Some("to destroy its key, repeat the command with `--yes`".into()),
        });
    }
    let value =
        |state: &str, more: serde_json::Value| serde_json::json!({ "epoch": epoch, "state": state, "published": lost, "details": more });
    match epochs::shred(&locations, epoch, arguments.output.as_deref(), world)? {
        Shredded::Entered { entry, before, overwritten } => {
            let word = if before { "was shredded before" } else { "is shredded" };
            printer.line(format!("epoch {epoch} {word}, since {} (entry {} of the ledger)", entry.said.shredded, entry.seq));
            if overwritten == Some(false) {
                printer.line("the old file has lost its name, but could not be overwritten: its blocks may stay on the disk for a while");
            }
            printer.line("copies and backups of the keyring may still have the key: whoever keeps them must destroy them");
            let marked = mark(&locations, &entry.said, printer);
            if !before && lost.iter().any(|set| set.latest) {
                printer.line("versions that are read now are of that epoch, and join with nothing new until the next run publishes");
            }
            printer.value(&value(
                "shredded",
                serde_json::json!({
                    "shredded": entry.said.shredded, "entry": entry.seq, "mac": entry.mac, "overwritten": overwritten, "marked": marked,
                }),
            ));
            Ok(if marked.is_some() { DONE } else { NEEDS_A_LOOK })
        }
        Shredded::Aside(path) => {
            printer.line(format!("{} holds the keyring without the key of epoch {epoch}; the one in use still has it", path.display()));
            put_back(&locations.keyring, &path, printer);
            printer.line("then repeat this command, which enters in the ledger that the key is gone");
            printer.value(&value("to_be_put_back", serde_json::json!({ "keyring": path })));
            Ok(NEEDS_A_LOOK)
        }
    }
}

/// Has the published versions of the epoch say so. How many do; `None` where some do not: the key is gone all the same, and that was said.
fn mark(locations: &Locations, said: &EpochShredded, printer: &mut Printer) -> Option<usize> {
    let Marked { versions, failed } = mark_shredded(&locations.output, &said.keyring, said.epoch, said.shredded)
        .unwrap_or_else(|error| Marked { versions: 0, failed: vec![error] });
    if versions > 0 {
        let says = if versions == 1 { "says" } else { "say" };
        let versions = counted(versions as u64, "published version");
        printer.line(format!("{versions} of that epoch {says} so now (`_shredded.json` beside the manifest)"));
    }
    for error in &failed {
        let reason = std::error::Error::source(error).map_or_else(String::new, |reason| format!(": {reason}"));
        printer.one_line(&format!("look: not every published version says so yet: {error}{reason}"));
    }
    if failed.is_empty() {
        return Some(versions);
    }
    printer.hint(Some(&format!(
        "see that it can be written, and repeat `gallra keys shred PIPELINE {} --yes`: it marks what is not marked yet",
        said.epoch
    )));
    None
}

/// The sets of the epoch, where it can be shredded.
fn what_would_be_lost(locations: &Locations, arguments: &ShredArguments) -> Result<Vec<PublishedUnder>, Error> {
    let keyring = epochs::refuse_to_shred(locations, arguments.epoch, arguments.output.as_deref())?;
    epochs::published_under(&locations.output, keyring.id(), arguments.epoch)
}

fn tell_lost(epoch: u32, lost: &[PublishedUnder], printer: &mut Printer) {
    if lost.is_empty() {
        printer.line(format!("no set that is still there was published under epoch {epoch}"));
        return;
    }
    printer.line(format!(
        "published under epoch {epoch}, whose pseudonyms nobody will be able to trace to anybody or join with anything new:"
    ));
    for set in lost {
        let of = set.tenant.as_ref().map_or_else(String::new, |tenant| format!(" of the tenant {tenant}"));
        let latest = if set.latest { ", the one that is read now among them: run once before" } else { "" };
        printer.line(format!("  {}{of}: {}{latest}", set.set, counted(set.versions.len() as u64, "version")));
    }
    printer.hint(Some(
        "a row's other columns can still be compared with the store and with later versions: take these versions away if that matters",
    ));
}

fn certificate(arguments: &CertificateArguments, world: &World<'_>, printer: &mut Printer) -> Outcome {
    let locations = locate(&arguments.pipeline, world)?;
    let certificate = epochs::certificate(&locations, arguments.epoch, (world.now)())?;
    let mut text = serde_json::to_string_pretty(&certificate).unwrap_or_default();
    text.push('\n');
    let Some(path) = &arguments.output else {
        printer.raw(&text);
        return Ok(DONE);
    };
    gallra::files::create(path, text.as_bytes()).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Error::Usage {
            message: format!("`{}` exists already", path.display()),
            hint: Some("a certificate is never overwritten: choose another name".into()),
        },
        _ => Error::file("write", path, &error),
    })?;
    printer.line(format!("certified in {}: epoch {} was shredded at {}", path.display(), certificate.epoch, certificate.shredded));
    printer.value(&certificate);
    Ok(DONE)
}
