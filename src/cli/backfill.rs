//! `gallra backfill`: partitions of a set written again under today's pipeline.

use std::path::PathBuf;

use clap::Args;
use gallra::progress::Progress;
use gallra::publish::Change;
use gallra::run::{BackfillReport, PlannedPartition, Wanted, backfill, plan_backfill};
use gallra::session::World;
use jiff::civil::Date;

use super::printer::Printer;
use super::tables::{counted, number, table};
use super::{Outcome, PipelineArgument};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    pipeline: PipelineArgument,
    /// The set.
    #[arg(long)]
    set: String,
    /// The first partition: a year (2019), a month (2019-01) or a day (2019-01-31). All up to `--to` where left out.
    #[arg(long, value_name = "PERIOD", value_parser = period)]
    from: Option<(Date, Date)>,
    /// The last partition, itself included. All from `--from` on where left out.
    #[arg(long, value_name = "PERIOD", value_parser = period)]
    to: Option<(Date, Date)>,
    /// The tenant, where the store has several; all where left out.
    #[arg(long)]
    tenant: Option<String>,
    /// Write the partitions. Without it the plan is printed and nothing is written.
    #[arg(long)]
    yes: bool,
}

/// The first and the last day of a year, a month or a day.
fn period(text: &str) -> Result<(Date, Date), &'static str> {
    const FORM: &str = "a period is a year, a month or a day: 2019, 2019-01, 2019-01-31";
    let whole = |date: String| date.parse::<Date>().map_err(|_| FORM);
    match text.len() {
        4 => Ok((whole(format!("{text}-01-01"))?, whole(format!("{text}-12-31"))?)),
        7 => {
            let first = whole(format!("{text}-01"))?;
            Ok((first, first.last_of_month()))
        }
        10 => whole(text.to_owned()).map(|day| (day, day)),
        _ => Err(FORM),
    }
}

pub fn run(arguments: &Arguments, world: &World<'_>, progress: &dyn Progress, printer: &mut Printer) -> Outcome {
    let wanted = Wanted {
        set: &arguments.set,
        tenant: arguments.tenant.as_deref(),
        from: arguments.from.map(|(first, _)| first),
        to: arguments.to.map(|(_, last)| last),
    };
    let pipeline: &PathBuf = &arguments.pipeline.pipeline;
    let report =
        if arguments.yes { backfill(pipeline, &wanted, world, progress)? } else { plan_backfill(pipeline, &wanted, world, progress)? };
    print(printer, &report);
    printer.value(&report);
    Ok(report.exit_code)
}

fn print(printer: &mut Printer, report: &BackfillReport) {
    for tenant in &report.tenants {
        let of = if tenant.tenant.is_empty() { String::new() } else { format!(" of the tenant `{}`", tenant.tenant) };
        let rewritten = tenant.partitions.iter().filter(|partition| partition.rewritten).count() as u64;
        let kept = tenant.partitions.len() as u64 - rewritten;
        printer.line(format!("`{}`{of}: {} to write, {} kept", report.set, counted(rewritten, "partition"), number(kept)));
        let mut rows = table(&["partition", "now", "rows before", "rows now", "made by run", "what happens"], &[2, 3]);
        for partition in tenant.partitions.iter().filter(|partition| partition.rewritten || partition.change.change != Change::Same) {
            rows.add_row(line(partition));
        }
        if !rows.is_empty() {
            printer.line(rows.to_string());
        }
        if let Some(line) = &tenant.line {
            let folder = line.url.as_deref().or(line.folder.as_deref()).unwrap_or_default();
            let what = match line.state {
                "unchanged" if rewritten > 0 => "written, byte for byte the same, so the version stays",
                "unchanged" => "nothing to write, so the version stays",
                state => state,
            };
            printer.line(format!("{what}: {} in {folder}", counted(line.rows, "row")));
            for (look, hint) in line.looks() {
                printer.one_line(&format!("look: {look}"));
                printer.hint(hint.as_deref());
            }
            for (note, hint) in line.notes() {
                printer.one_line(&format!("note: {note}"));
                printer.hint(hint.as_deref());
            }
        }
    }
    for (look, hint) in &report.looks {
        printer.one_line(&format!("look: {look}"));
        printer.hint(Some(hint));
    }
    for note in &report.notes {
        printer.one_line(&format!("note: {note}"));
    }
}

fn line(partition: &PlannedPartition) -> Vec<String> {
    let change = &partition.change;
    let now = match change.change {
        Change::New => "new",
        Change::Changed => "changed",
        Change::Same => "the same",
        Change::Damaged => "damaged",
        Change::Gone => "gone",
    };
    let what = match (partition.rewritten, change.change) {
        (true, _) if !partition.wanted => "written, outside the range",
        (true, _) => "written",
        (false, Change::Gone) => "left out",
        (false, _) => "kept",
    };
    let folder = if change.folder.is_empty() { "the whole set" } else { &change.folder };
    vec![
        folder.to_owned(),
        now.to_owned(),
        change.made.as_ref().map(|made| number(made.rows)).unwrap_or_default(),
        change.rows.map(number).unwrap_or_default(),
        change.made.as_ref().map(|made| made.run_id.clone()).unwrap_or_default(),
        what.to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn periods_are_whole() {
        assert_eq!(period("2019"), Ok((date(2019, 1, 1), date(2019, 12, 31))));
        assert_eq!(period("2024-02"), Ok((date(2024, 2, 1), date(2024, 2, 29))));
        assert_eq!(period("2024-02-29"), Ok((date(2024, 2, 29), date(2024, 2, 29))));
        for wrong in ["", "19", "2019-13", "2019-1", "2023-02-29", "januari", "2019-Q1", "åååå"] {
            assert!(period(wrong).is_err(), "{wrong}");
        }
    }
}
