//! `gallra hold`: legal holds of gallra's own register.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use comfy_table::ColumnConstraint;
use gallra::error::{DONE, Error, NEEDS_A_LOOK};
use gallra::holds::{self, Entered, Hold, Known, Standing, Wish};
use gallra::session::{World, locate};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::keys::{sentences, tell_disagreements};
use super::printer::Printer;
use super::tables::{counted, table};
use super::{Outcome, PipelineArgument, day, help};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Stop the forgetting of one person, or of a whole category, from now on; a run that is at work honours it from its next batch on.
    #[command(after_help = help::HOLD)]
    Add(Add),
    /// Show the holds in force: whom (as a token), what they keep, why, who answers for them, until when.
    #[command(after_help = help::HOLD)]
    List(List),
    /// End a hold: the next run goes on where it was stopped.
    #[command(after_help = help::HOLD)]
    Release(Release),
    /// Make a register that was lost or damaged anew, from what the ledger knows. Reasons and owners are lost with the file.
    #[command(after_help = help::HOLD)]
    Rebuild(Rebuild),
}

#[derive(Debug, Args)]
struct Add {
    /// The pipeline file.
    pipeline: PathBuf,
    /// The category.
    category: String,
    /// The values of the person's key in the category's table, in its order.
    #[arg(allow_negative_numbers = true)]
    key: Vec<String>,
    /// Hold everybody of the category.
    #[arg(long)]
    all: bool,
    /// The tenant, where the database has several; its column is then left out of the key.
    #[arg(long)]
    tenant: Option<String>,
    /// Keep these columns alone, and forget the rest: `column`, `table.column` or `table.*`, with commas between them.
    #[arg(long, value_delimiter = ',')]
    fields: Vec<String>,
    /// Keep all columns of this table alone.
    #[arg(long)]
    table: Vec<String>,
    /// The last day on which it holds (YYYY-MM-DD); without it a hold lasts until it is released.
    #[arg(long, value_name = "DATE", value_parser = day)]
    until: Option<Date>,
    #[command(flatten)]
    words: Said,
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    pipeline: PipelineArgument,
    /// Show released and lapsed holds as well.
    #[arg(long)]
    all: bool,
}

#[derive(Debug, Args)]
struct Release {
    /// The pipeline file.
    pipeline: PathBuf,
    /// The hold's number, as `gallra hold list` shows it.
    id: String,
    #[command(flatten)]
    words: Said,
}

#[derive(Debug, Args)]
struct Rebuild {
    /// The pipeline file.
    pipeline: PathBuf,
    /// Who answers for it. Kept in the register alone.
    #[arg(long, value_name = "TEXT")]
    owner: String,
}

/// Kept in the register alone, never in the ledger, a log or a report.
#[derive(Debug, Args)]
struct Said {
    /// Why. Kept in the register alone.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Who answers for it. Kept in the register alone.
    #[arg(long, value_name = "TEXT")]
    owner: String,
}

pub fn run(arguments: &Arguments, world: &World<'_>, printer: &mut Printer) -> Outcome {
    match &arguments.command {
        Command::Add(arguments) => add(arguments, world, printer),
        Command::List(arguments) => list(arguments, world, printer),
        Command::Release(arguments) => release(arguments, world, printer),
        Command::Rebuild(arguments) => rebuild(arguments, world, printer),
    }
}

fn add(arguments: &Add, world: &World<'_>, printer: &mut Printer) -> Outcome {
    let wish = Wish {
        category: &arguments.category,
        key: &arguments.key,
        whole: arguments.all,
        tenant: arguments.tenant.as_deref(),
        fields: &arguments.fields,
        tables: &arguments.table,
        until: arguments.until,
        reason: &arguments.words.reason,
        owner: &arguments.words.owner,
    };
    let holds::Added { hold, row, entered, disagreements } = holds::add(&arguments.pipeline, &wish, world)?;
    tell_disagreements(&disagreements, printer);
    let of = if hold.tenant.is_empty() { String::new() } else { format!(" of the tenant {}", hold.tenant) };
    let whom = match &hold.subject {
        Some(subject) => format!("one {}{of} (token {subject})", hold.category),
        None => format!("every {}{of}", hold.category),
    };
    let until = hold.until.map_or_else(|| "until it is released".to_owned(), |until| format!("until {until}, that day included"));
    printer.line(format!("hold {}: {whom} is held {until}", hold.id));
    if !hold.fields.is_empty() {
        printer.line(format!("it keeps {} and nothing else", hold.fields.join(", ")));
    }
    let code = tell(&entered, printer);
    printer.value(&serde_json::json!({
        "hold": hold.id, "tenant": hold.tenant, "category": hold.category, "subject": hold.subject, "row": row, "fields": hold.fields,
        "since": hold.since, "until": hold.until, "ledger": word(&entered),
        "disagreements": sentences(&disagreements),
    }));
    Ok(if disagreements.is_empty() { code } else { NEEDS_A_LOOK })
}

fn release(arguments: &Release, world: &World<'_>, printer: &mut Printer) -> Outcome {
    let Said { reason, owner } = &arguments.words;
    let holds::Released { hold, entered } = holds::release(&arguments.pipeline, &arguments.id, reason, owner, world)?;
    printer.line(format!("hold {} is released", hold.id));
    let code = tell(&entered, printer);
    printer.value(&serde_json::json!({ "hold": hold.id, "ledger": word(&entered) }));
    Ok(code)
}

fn rebuild(arguments: &Rebuild, world: &World<'_>, printer: &mut Printer) -> Outcome {
    let made = holds::rebuild(&arguments.pipeline, &arguments.owner, world)?;
    printer.line(format!("rebuilt {} from the ledger; their reasons are unknown now", counted(made as u64, "hold")));
    printer.value(&serde_json::json!({ "rebuilt": made }));
    Ok(DONE)
}

/// What the ledger knows, for people; the exit code.
fn tell(entered: &Entered, printer: &mut Printer) -> u8 {
    match entered {
        Entered::Yes => {
            printer.line("entered in the ledger");
            DONE
        }
        Entered::RunAtWork => {
            printer.line(
                "a run is at work: it minds this from its next batch on, and enters it in the ledger; what it has written, it has written",
            );
            DONE
        }
        Entered::Refused(error) => {
            printer.one_line(&format!("look: it counts, but is not in the ledger yet ({error}); the next run enters it"));
            NEEDS_A_LOOK
        }
    }
}

fn word(entered: &Entered) -> &'static str {
    match entered {
        Entered::Yes => "entered",
        Entered::RunAtWork => "run_at_work",
        Entered::Refused(_) => "refused",
    }
}

fn list(arguments: &List, world: &World<'_>, printer: &mut Printer) -> Outcome {
    let locations = locate(&arguments.pipeline.pipeline, world)?;
    let keyring = locations.keyring.open().map_err(Error::from)?;
    let register = holds::look(&locations.holds, &keyring, &Known::look(&locations.ledger, &keyring, None)?)?;
    let today = (world.now)().to_zoned(locations.time_zone.clone()).date();
    let all = register.as_ref().map_or(&[][..], |register| &register.holds);
    let shown: Vec<&Hold> = all.iter().filter(|hold| arguments.all || hold.standing(today) == Standing::Active).collect();
    if shown.is_empty() {
        let others = if all.is_empty() {
            String::new()
        } else {
            format!("; {} lapsed or released: `--all` shows them", counted(all.len() as u64, "hold"))
        };
        printer.line(format!("no hold is in force{others}"));
    } else {
        let several = shown.iter().any(|hold| !hold.tenant.is_empty());
        let mut header = vec!["hold", "category", "subject", "since", "until", "state", "keeps", "reason (owner)"];
        if several {
            header.insert(1, "tenant");
        }
        let mut lines = table(&header, &[]);
        // What is short stays on one line; the columns that it keeps and what somebody typed share the rest.
        for column in lines.column_iter_mut().take(header.len() - 2) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
        for hold in &shown {
            let mut cells = cells(hold, today, &locations.time_zone);
            if several {
                cells.insert(1, hold.tenant.clone());
            }
            lines.add_row(cells);
        }
        printer.line(lines.to_string());
    }
    let value = |hold: &&Hold| {
        let released =
            hold.released.as_ref().map(|release| serde_json::json!({ "at": release.at, "reason": release.reason, "owner": release.owner }));
        serde_json::json!({
            "hold": hold.id, "tenant": hold.tenant, "category": hold.category, "subject": hold.subject, "fields": hold.fields,
            "reason": hold.reason, "owner": hold.owner, "since": hold.since, "until": hold.until, "state": hold.standing(today),
            "released": released,
        })
    };
    printer.value(&serde_json::json!({ "register": locations.holds, "holds": shown.iter().map(value).collect::<Vec<_>>() }));
    Ok(DONE)
}

fn cells(hold: &Hold, today: Date, zone: &TimeZone) -> Vec<String> {
    // The first third tells two apart; the whole token is in `--format json`.
    let subject = hold.subject.map_or_else(|| "all".to_owned(), |subject| format!("{}…", &subject.to_string()[..10]));
    let keeps = if hold.fields.is_empty() { "everything".to_owned() } else { hold.fields.join(", ") };
    let day = |time: jiff::Timestamp| time.to_zoned(zone.clone()).date().to_string();
    let standing = hold.standing(today).as_str();
    let release = hold.released.as_ref();
    let state = release.map_or_else(|| standing.to_owned(), |release| format!("{standing} {}", day(release.at)));
    let until = hold.until.map_or_else(|| "open".to_owned(), |until| until.to_string());
    let mut why = format!("{} ({})", hold.reason.as_str(), hold.owner.as_str());
    if let Some(release) = release {
        why.push_str(&format!("; released: {} ({})", release.reason.as_str(), release.owner.as_str()));
    }
    vec![hold.id.to_string(), hold.category.clone(), subject, day(hold.since), until, state, keeps, why]
}
