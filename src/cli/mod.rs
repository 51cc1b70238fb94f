//! The command line: one command per file, one printer for the terminal.

mod approve;
mod backfill;
mod candidates;
mod check;
mod demo;
mod explain;
mod grants;
mod help;
mod hold;
mod keys;
mod ledger;
mod lineage;
mod outlook;
mod path;
mod plan;
mod printer;
mod progress;
mod run;
mod scan;
mod schema;
mod suppressed;
mod tables;
mod verify;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use gallra::error::{Error, WRONG_PIPELINE};
use gallra::session::World;
use jiff::civil::Date;

use printer::Printer;

/// Forgets people in operational databases when their time has come, and keeps purchase history without identity.
#[derive(Debug, Parser)]
#[command(name = "gallra", version, max_term_width = 110, after_help = help::GENERAL)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    general: General,
}

#[derive(Debug, Args)]
struct General {
    /// Print the result for people or for machines.
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write the log (standard error) as plain text or as JSON lines for a collector.
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    log_format: Format,
    /// Log more: -v what each stage did, -vv batches and tables, -vvv everything. Never a personal value.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For machines.
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check a pipeline file against the live database: every column classed, every rule sound, nothing drifted.
    ///
    /// All problems are reported at once, each with file, line, caret and hint. Samples of columns said to hold no personal data are
    /// searched for some; cells that sets cast or reckon with are tried, all of them. Reads only.
    #[command(after_help = help::CHECK)]
    Check(check::Arguments),
    /// Show what a run would do: outcomes by reason, cells and rows that change. Changes nothing.
    #[command(after_help = help::PLAN)]
    Plan(plan::Arguments),
    /// Say what happens to one person or record: field by field what, when and by which rule, purpose, duty or hold. Changes nothing.
    #[command(after_help = help::EXPLAIN)]
    Explain(explain::Arguments),
    /// List those whose time has come, with real keys and chosen columns, in a file (CSV or XLSX) for the people who must look through it.
    ///
    /// An explicit export of personal data: the file can be read by its owner alone (mode 0600), and nothing but counts is printed.
    #[command(after_help = help::CANDIDATES)]
    Candidates(candidates::Arguments),
    /// Look at a saved plan, and approve it with a key of your own, so that `gallra run --plan` executes it.
    ///
    /// Needs neither the database nor the keyring: whoever approves need not be able to plan or to run.
    #[command(after_help = help::APPROVE)]
    Approve(approve::Arguments),
    /// Do it: forget whose time has come, publish the sets, verify, enter it in the ledger.
    ///
    /// Safe to repeat: a second run on the same day changes nothing. Killed at any point, the next run finishes the work.
    #[command(after_help = help::RUN)]
    Run(run::Arguments),
    /// Write partitions of a set again under today's pipeline: a damaged file, a new generalisation, a store that was mended.
    ///
    /// Erases nothing. Prints its plan; `--yes` executes it. A backfill that was killed goes on where it was.
    #[command(after_help = help::BACKFILL)]
    Backfill(backfill::Arguments),
    /// Check what is known of earlier runs: published sets, ledger, journal, references; says what can not be checked any more.
    #[command(after_help = help::VERIFY)]
    Verify(verify::Arguments),
    /// Make a made-up company's database in a folder, run the whole pipeline on it and show what happened.
    #[command(after_help = help::DEMO)]
    Demo(demo::Arguments),
    /// Print where the latest version of a set lies, for readers: `duckdb -c "FROM '$(gallra path fortnox.toml sales)/**/*.parquet'"`.
    #[command(after_help = help::PATH)]
    Path(path::Arguments),
    /// Show where each column of a set comes from: source columns, class, treatment, whether it counts for k and may be NULL. Reads no row.
    #[command(after_help = help::LINEAGE)]
    Lineage(lineage::Arguments),
    /// Print the SQL that makes the roles a pipeline needs on PostgreSQL: one that plans, one that runs, with no more rights than they use.
    #[command(after_help = help::GRANTS)]
    Grants(grants::Arguments),
    /// Copy a file of addresses without those who want no more mail: their addresses survive their erasure as keyed tokens alone.
    #[command(after_help = help::SUPPRESSED)]
    Suppressed(suppressed::Arguments),
    /// Find personal data in texts: JSON lines on standard input, files, or the columns of a pipeline's database. Prints places and counts.
    ///
    /// Without a file or pipeline, each line `{"id": …, "text": "…"}` of standard input is answered with a line
    /// `{"id":…,"findings":[{"start":3,"end":16,"kind":"phone","confidence":0.97}]}` on standard output: in order, with the offsets in bytes of
    /// the text as UTF-8. A text that is null has no findings; a line that can not be read is answered with `"error"`, and the others go on.
    ///
    /// Files are read by their names' endings: .csv and .tsv (with a line of column names), .jsonl and .ndjson, .parquet; all others are lines
    /// of text. Of a pipeline's database all columns of texts of the tables in scope are read. No value is ever printed.
    #[command(after_help = help::SCAN)]
    Scan(scan::Arguments),
    /// Print the JSON Schema of pipeline files, for editors.
    #[command(after_help = help::SCHEMA)]
    Schema,
    /// The keyring: pseudonyms, tokens and the ledger's proof rest on it.
    #[command(after_help = help::KEYS)]
    Keys(keys::Arguments),
    /// Legal holds of gallra's own register: stop the forgetting of one person or a whole category, with a reason, an owner and a last day.
    #[command(after_help = help::HOLD)]
    Hold(hold::Arguments),
    /// The ledger: the append-only proof of what was forgotten.
    #[command(after_help = help::LEDGER)]
    Ledger(ledger::Arguments),
}

/// The pipeline file, as most commands take it.
#[derive(Debug, Args)]
struct PipelineArgument {
    /// The pipeline file.
    #[arg(value_name = "PIPELINE", env = "GALLRA_PIPELINE", default_value = "gallra.toml")]
    pipeline: PathBuf,
}

/// The day to evaluate.
#[derive(Debug, Args)]
struct DayArgument {
    /// Evaluate the rules on this day (YYYY-MM-DD) instead of today in each tenant's time zone.
    #[arg(long, value_name = "DATE", value_parser = day)]
    as_of: Option<Date>,
}

fn day(text: &str) -> Result<Date, &'static str> {
    text.parse().map_err(|_| "a day of the calendar is written YYYY-MM-DD, for example 2026-11-22")
}

/// Runs the program.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no errors; clap's own code for wrong usage is ours too.
            let code = if error.use_stderr() { WRONG_PIPELINE } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let general = arguments.general;
    progress::start_log(general.verbose, general.log_format == Format::Json);
    let mut printer = Printer::new(general.format == Format::Json);
    let progress = progress::reporter(general.log_format == Format::Json);
    let environment = |name: &str| std::env::var(name).ok();
    let world = World {
        environment: &environment,
        now: &jiff::Timestamp::now,
        random: &random,
        color: std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
    };
    let result = match &arguments.command {
        Command::Check(arguments) => check::run(arguments, &world, &*progress, &mut printer),
        Command::Plan(arguments) => plan::run(arguments, &world, &*progress, &mut printer),
        Command::Explain(arguments) => explain::run(arguments, &world, &*progress, &mut printer),
        Command::Candidates(arguments) => candidates::run(arguments, &world, &*progress, &mut printer),
        Command::Approve(arguments) => approve::run(arguments, &world, &mut printer),
        Command::Run(arguments) => run::run(arguments, &world, &*progress, &mut printer),
        Command::Backfill(arguments) => backfill::run(arguments, &world, &*progress, &mut printer),
        Command::Verify(arguments) => verify::run(arguments, &world, &*progress, &mut printer),
        Command::Demo(arguments) => demo::run(arguments, &world, &*progress, &mut printer),
        Command::Path(arguments) => path::run(arguments, &world, &mut printer),
        Command::Lineage(arguments) => lineage::run(arguments, &world, &mut printer),
        Command::Grants(arguments) => grants::run(arguments, &world, &mut printer),
        Command::Suppressed(arguments) => suppressed::run(arguments, &world, &*progress, &mut printer),
        Command::Scan(arguments) => scan::run(arguments, &world, &*progress, &mut printer),
        Command::Schema => schema::run(&mut printer),
        Command::Keys(arguments) => keys::run(arguments, &world, &mut printer),
        Command::Hold(arguments) => hold::run(arguments, &world, &mut printer),
        Command::Ledger(arguments) => ledger::run(arguments, &world, &mut printer),
    };
    let code = match result {
        Ok(code) => code,
        Err(error) => {
            printer.error(&error);
            error.exit_code()
        }
    };
    ExitCode::from(printer.finish(code))
}

/// What a command gives: its exit code, or why it stopped.
type Outcome = Result<u8, Error>;

/// Chance from the operating system. Without it no key, id or comparison could be trusted, so the program ends.
fn random() -> [u8; 40] {
    let mut bytes = [0; 40];
    if let Err(error) = getrandom::fill(&mut bytes) {
        let _ = std::io::Write::write_all(
            &mut std::io::stderr(),
            format!("error: the operating system gives no random bytes: {error}\n").as_bytes(),
        );
        std::process::exit(i32::from(gallra::error::FAILED));
    }
    bytes
}
