//! `gallra ledger`: the proof of what was forgotten.

use clap::{Args, Subcommand};
use gallra::epochs::{disagreements, not_entered};
use gallra::error::{DONE, FAILED, NEEDS_A_LOOK};
use gallra::ledger::{FILE_NAME, Severity, check};
use gallra::run::ledger_mac;
use gallra::session::{World, locate, store_head};

use super::keys::{sentences, tell_disagreements, tell_not_entered};
use super::printer::Printer;
use super::tables::{counted, number};
use super::{Outcome, PipelineArgument, help};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Prove the chain from the first entry to the last, and find truncation, reordering, tampering and a foreign ledger at the exact entry. An
    /// entry's number is the `seq` that it has in the file, from 0; lines are counted from 1.
    #[command(after_help = help::LEDGER)]
    Check(PipelineArgument),
}

pub fn run(arguments: &Arguments, world: &World<'_>, printer: &mut Printer) -> Outcome {
    let Command::Check(argument) = &arguments.command;
    let locations = locate(&argument.pipeline, world)?;
    let keyring = locations.keyring.open()?;
    let head = store_head(&argument.pipeline, world)?;
    let path = locations.ledger.join(FILE_NAME);
    let report = check(&path, &*ledger_mac(&keyring)?, head.as_ref(), keyring.id())?;
    for finding in &report.findings {
        let word = if finding.problem.severity() == Severity::Error { "FINDING" } else { "notice" };
        printer.line(format!("{word}: {finding}"));
    }
    if report.further_findings > 0 {
        printer.line(format!("and {}", counted(report.further_findings, "more finding")));
    }
    let open = report.open_intents.len();
    if open > 0 {
        let (batches, were, them) =
            if open == 1 { ("1 batch".to_owned(), "was", "it") } else { (format!("{open} batches"), "were", "them") };
        printer
            .line(format!("{batches} {were} announced and neither confirmed nor given up; the next run settles {them} from the journal"));
    }
    for known in &report.shreddings {
        let said = &known.said;
        let (epoch, shredded, entry) = (said.epoch, said.shredded, number(known.seq));
        printer.line(format!("epoch {epoch} of the keyring was shredded at {shredded} (entry {entry})"));
    }
    let intact = report.is_intact();
    let not_entered = if intact { not_entered(&keyring, &report.shreddings) } else { Vec::new() };
    tell_not_entered(&not_entered, printer);
    let disagreements = disagreements(&keyring, &report.epochs, &report.shreddings)?;
    tell_disagreements(&disagreements, printer);
    let state = if intact { "intact" } else { "NOT intact" };
    printer.line(format!("the ledger {} is {state}: {}, {}", path.display(), entries(report.entries), counted(report.runs, "run")));
    if head.is_none() {
        printer.line("not checked: the store keeps no head yet, so a ledger cut at its end can not be told from a whole one");
    }
    let findings = report.findings.iter().map(|finding| {
        serde_json::json!({ "entry": finding.entry, "line": finding.line, "problem": finding.problem.to_string(), "error": finding.problem.severity() == Severity::Error })
    });
    let shreddings = report.shreddings.iter().map(|known| {
        let said = &known.said;
        serde_json::json!({
            "entry": known.seq, "entered": known.entered, "mac": known.mac, "keyring": said.keyring, "epoch": said.epoch,
            "created": said.created, "shredded": said.shredded,
        })
    });
    printer.value(&serde_json::json!({
        "ledger": path, "intact": intact, "entries": report.entries, "runs": report.runs, "open_intents": open,
        "findings": findings.collect::<Vec<_>>(), "further_findings": report.further_findings,
        "shreddings": shreddings.collect::<Vec<_>>(), "not_entered": not_entered,
        "disagreements": sentences(&disagreements),
    }));
    Ok(match (intact, !disagreements.is_empty() || !not_entered.is_empty()) {
        (false, _) => FAILED,
        (true, true) => NEEDS_A_LOOK,
        (true, false) => DONE,
    })
}

fn entries(count: u64) -> String {
    format!("{} {}", number(count), if count == 1 { "entry" } else { "entries" })
}
