//! `gallra candidates`: those whose time has come, as a file for people.

use std::path::PathBuf;

use clap::Args;
use gallra::candidates::{Ask, Output, list};
use gallra::decide;
use gallra::error::{DONE, NEEDS_A_LOOK};
use gallra::progress::Progress;
use gallra::run::Request;
use gallra::session::World;
use jiff::civil::Date;

use super::printer::Printer;
use super::tables::{counted, number, table};
use super::{DayArgument, Outcome, PipelineArgument, day};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    pipeline: PipelineArgument,
    /// One category; all where left out.
    #[arg(value_name = "CATEGORY")]
    category: Option<String>,
    /// The file to write: `.csv` or `.xlsx`. Nobody but its owner can read it.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// Replace the file where it exists.
    #[arg(long)]
    overwrite: bool,
    #[command(flatten)]
    day: DayArgument,
    /// Instead of those whose time has come: all who have done nothing since this day, due or not.
    #[arg(long, value_name = "DATE", value_parser = day)]
    inactive_since: Option<Date>,
    /// Only these outcomes, with commas between them: `delete,anonymise`.
    #[arg(long, value_name = "OUTCOMES", value_delimiter = ',', value_parser = outcome)]
    outcome: Vec<decide::Outcome>,
    /// Columns of the subjects' own tables to show, with commas between them: `name,city`.
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    columns: Vec<String>,
    /// Show columns and keys of the classes `sensitive`, `national_id` and `bank_account` too.
    #[arg(long)]
    with_restricted: bool,
}

fn outcome(text: &str) -> Result<decide::Outcome, String> {
    decide::Outcome::ALL.into_iter().find(|outcome| outcome.as_str() == text).ok_or_else(|| {
        let names: Vec<&str> = decide::Outcome::ALL.iter().map(|outcome| outcome.as_str()).collect();
        format!("an outcome is one of {}", names.join(", "))
    })
}

pub fn run(arguments: &Arguments, world: &World<'_>, progress: &dyn Progress, printer: &mut Printer) -> Outcome {
    let output = Output::at(&arguments.output, arguments.overwrite)?;
    let ask = Ask {
        category: arguments.category.clone(),
        inactive_since: arguments.inactive_since,
        outcomes: arguments.outcome.clone(),
        columns: arguments.columns.clone(),
        with_restricted: arguments.with_restricted,
    };
    let request = Request { as_of: arguments.day.as_of, ..Request::default() };
    let candidates = list(&arguments.pipeline.pipeline, &ask, &request, world, progress)?;
    output.write(&candidates)?;
    let counts = candidates.counts();
    let several = counts.iter().any(|line| !line.tenant.is_empty());
    let header = ["tenant", "category", "outcome", "count"];
    let mut lines = table(&header[usize::from(!several)..], &[2 + usize::from(several)]);
    for line in &counts {
        let cells = [line.tenant.as_str(), &line.category, line.outcome.as_str(), &number(line.count)];
        lines.add_row(&cells[usize::from(!several)..]);
    }
    if !counts.is_empty() {
        printer.line(lines.to_string());
    }
    for stopped in &candidates.stopped {
        printer.line(format!("tenant {} is not processed: {}", stopped.tenant, stopped.reason));
    }
    for note in &candidates.notes {
        printer.line(format!("left out: {note}"));
    }
    let rows = candidates.rows.len() as u64;
    printer.line(format!(
        "written: {} to `{}` (mode 0600); personal data: handle accordingly",
        counted(rows, "row"),
        output.path().display()
    ));
    printer.value(&serde_json::json!({
        "output": output.path(),
        "rows": rows,
        "counts": counts,
        "tenants": candidates.tenants,
        "stopped": candidates.stopped,
        "left_out": candidates.notes,
        "pipeline_sha256": candidates.pipeline_sha256,
        "snapshot": candidates.snapshot,
    }));
    Ok(if candidates.stopped.is_empty() { DONE } else { NEEDS_A_LOOK })
}
