//! What `gallra plan` looks at beside tonight: the coming months, and what an earlier version of the file would do.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use clap::Args;
use gallra::error::Error;
use gallra::progress::Progress;
use gallra::report::PlanReport;
use gallra::run::{Against, Becomes, Falling, Horizon, Planned, Request};
use gallra::session::{Session, World};
use serde::Serialize;

use super::printer::Printer;
use super::tables::{counted, number, table};

/// The most tenants that are shown one by one.
const TENANTS: usize = 12;
/// The length of the longest bar.
const BAR: u64 = 12;
/// How many tokens are shown of those who move together.
const TOKENS: usize = 2;

#[derive(Debug, Args)]
pub struct Arguments {
    /// Show as well what falls due in each of so many months, this one first, if nothing more happens.
    #[arg(long, value_name = "MONTHS", value_parser = clap::value_parser!(u16).range(1..=120))]
    horizon: Option<u16>,
    /// Show as well what changes against an earlier version of the pipeline file, over the same rows and for the same day.
    #[arg(long, value_name = "OLD.toml")]
    against: Option<PathBuf>,
}

/// What was looked at.
#[derive(Debug, Serialize)]
pub struct Outlook {
    #[serde(flatten)]
    horizon: Option<Horizon>,
    #[serde(skip_serializing_if = "Option::is_none")]
    against: Option<Against>,
}

/// A plan's report with it.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    #[serde(flatten)]
    plan: &'a PlanReport,
    #[serde(flatten)]
    outlook: &'a Outlook,
}

impl Arguments {
    /// Plans, and looks at what was asked for.
    pub fn plan(
        &self,
        pipeline: &std::path::Path,
        request: &Request,
        world: &World<'_>,
        progress: &dyn Progress,
    ) -> Result<(Session, Planned, Outlook), Error> {
        let (session, planned, against) = match &self.against {
            Some(before) => {
                let (session, planned, against) = gallra::run::plan_against(pipeline, before, request, world, progress)?;
                (session, planned, Some(against))
            }
            None => {
                let (session, planned) = gallra::run::plan(pipeline, request, world, progress)?;
                (session, planned, None)
            }
        };
        let horizon = self.horizon.map(|months| planned.horizon(&session, months, progress)).transpose()?;
        Ok((session, planned, Outlook { horizon, against }))
    }
}

impl Outlook {
    /// The whole report for machines.
    pub fn with<'a>(&'a self, plan: &'a PlanReport) -> Report<'a> {
        Report { plan, outlook: self }
    }

    /// For people.
    pub fn print(&self, printer: &mut Printer) {
        if let Some(horizon) = &self.horizon {
            months(printer, horizon);
        }
        if let Some(against) = &self.against {
            changes(printer, against);
        }
    }
}

fn word(becomes: Becomes) -> &'static str {
    match becomes {
        Becomes::Delete => "delete",
        Becomes::Anonymise => "anonymise",
        Becomes::Partly => "partly",
        Becomes::Rest => "rest of partly",
        Becomes::Released => "purpose ended",
        Becomes::WithOwner => "with owner",
    }
}

/// Who is shown in one part of the tables: one tenant, or everybody together.
#[derive(Clone, Copy)]
struct Part<'a> {
    tenant: Option<&'a str>,
}

impl Part<'_> {
    fn has(self, tenant: &str) -> bool {
        self.tenant.is_none_or(|own| own == tenant)
    }
}

/// Each tenant by itself, unless there is one or there are too many.
fn parts(horizon: &Horizon) -> Vec<Part<'_>> {
    let due = horizon.horizon.iter().flat_map(|month| &month.due).map(|line| line.tenant.as_str());
    let tenants: BTreeSet<&str> = due.chain(horizon.stays.iter().map(|line| line.tenant.as_str())).collect();
    match tenants.len() {
        2..=TENANTS => tenants.into_iter().map(|tenant| Part { tenant: Some(tenant) }).collect(),
        _ => vec![Part { tenant: None }],
    }
}

fn months(printer: &mut Printer, horizon: &Horizon) {
    let Some(last) = horizon.horizon.last() else { return };
    let parts = parts(horizon);
    printer.line("");
    printer.line("What falls due, if nothing more happens:");
    for part in &parts {
        if let Some(tenant) = part.tenant {
            printer.line(format!("tenant {tenant}"));
        }
        timeline(printer, horizon, *part);
    }
    printer.line("");
    printer.line(format!("Who is still there on {}:", last.until));
    for part in &parts {
        if let Some(tenant) = part.tenant {
            printer.line(format!("tenant {tenant}"));
        }
        stays(printer, horizon, *part);
    }
}

/// A month's categories, each with how many of what happens.
type ByCategory<'a> = Vec<(&'a str, Vec<u64>)>;

/// The months as rows: per category what happens to how many, and a bar.
fn timeline(printer: &mut Printer, horizon: &Horizon, part: Part<'_>) {
    let here = |line: &&Falling| part.has(&line.tenant);
    let all = || horizon.horizon.iter().flat_map(|month| &month.due).filter(here);
    let shown: Vec<Becomes> = Becomes::ALL.into_iter().filter(|becomes| all().any(|line| line.becomes == *becomes)).collect();
    let rows: Vec<(&str, ByCategory<'_>)> = horizon
        .horizon
        .iter()
        .map(|month| {
            let mut categories: ByCategory<'_> = Vec::new();
            for line in month.due.iter().filter(here) {
                let at = categories.iter().position(|(name, _)| *name == line.category).unwrap_or_else(|| {
                    categories.push((&line.category, vec![0; shown.len()]));
                    categories.len() - 1
                });
                if let Some(place) = shown.iter().position(|becomes| *becomes == line.becomes) {
                    categories[at].1[place] += line.count;
                }
            }
            (month.month.as_str(), categories)
        })
        .collect();
    let sum = |counts: &[u64]| counts.iter().sum::<u64>();
    let longest = rows.iter().flat_map(|(_, categories)| categories).map(|(_, counts)| sum(counts)).max().unwrap_or(0);
    let mut header = vec!["due", "category"];
    header.extend(shown.iter().map(|becomes| word(*becomes)));
    header.push("");
    let right: Vec<usize> = (2..2 + shown.len()).collect();
    let mut table = table(&header, &right);
    for (month, categories) in &rows {
        if categories.is_empty() {
            table.add_row([*month, "nothing"]);
        }
        for (at, (category, counts)) in categories.iter().enumerate() {
            let mut cells = vec![if at == 0 { (*month).to_owned() } else { String::new() }, (*category).to_owned()];
            cells.extend(counts.iter().map(|count| if *count == 0 { String::new() } else { number(*count) }));
            cells.push(bar(sum(counts), longest));
            table.add_row(cells);
        }
    }
    printer.line(table.to_string());
}

/// As long as the number is of the largest; whoever is there at all is seen.
fn bar(count: u64, largest: u64) -> String {
    let length = if count == 0 { 0 } else { (count.saturating_mul(BAR) / largest.max(1)).max(1) };
    "█".repeat(usize::try_from(length).unwrap_or_default())
}

fn stays(printer: &mut Printer, horizon: &Horizon, part: Part<'_>) {
    let mut order: Vec<&str> = Vec::new();
    let mut lines: BTreeMap<(usize, &str, &str), (u64, Option<&str>)> = BTreeMap::new();
    for line in horizon.stays.iter().filter(|line| part.has(&line.tenant)) {
        let at = order.iter().position(|known| *known == line.category).unwrap_or_else(|| {
            order.push(&line.category);
            order.len() - 1
        });
        let entry = lines.entry((at, line.outcome.as_str(), &line.reason)).or_default();
        entry.0 += line.count;
        entry.1 = [entry.1, line.earliest_due.as_deref()].into_iter().flatten().min();
    }
    let mut table = table(&["category", "outcome", "count", "earliest due", "why"], &[2]);
    let mut last = None;
    for ((category, outcome, reason), (count, due)) in lines {
        let name = if last == Some(category) { "" } else { order[category] };
        last = Some(category);
        let (count, due) = (number(count), due.unwrap_or_default());
        table.add_row([name, outcome, &count, due, reason]);
    }
    printer.line(table.to_string());
}

fn changes(printer: &mut Printer, against: &Against) {
    printer.line("");
    printer.line(format!("Compared with `{}` ({}):", against.file, &against.file_sha256[..12.min(against.file_sha256.len())]));
    let several =
        against.moves.iter().map(|line| &line.tenant).chain(against.due.iter().map(|line| &line.tenant)).any(|name| !name.is_empty());
    let with_tenant = |tenant: &str, mut cells: Vec<String>| {
        if several {
            cells.insert(0, tenant.to_owned());
        }
        cells
    };
    let columns = |names: &[&'static str]| {
        let mut names = names.to_vec();
        if several {
            names.insert(0, "tenant");
        }
        names
    };
    let shift = usize::from(several);
    printer.line(format!(
        "the same outcome: {}; another: {}",
        number(against.same),
        number(against.moves.iter().map(|line| line.count).sum())
    ));
    if !against.moves.is_empty() {
        let mut table = table(&columns(&["category", "from", "to", "count", "first of them"]), &[3 + shift]);
        for line in &against.moves {
            let mut tokens: Vec<&str> = line.tokens.iter().take(TOKENS).map(String::as_str).collect();
            if line.tokens.len() > TOKENS {
                tokens.push("…");
            }
            let cells = vec![line.category.clone(), line.from.to_owned(), line.to.to_owned(), number(line.count), tokens.join("\n")];
            table.add_row(with_tenant(&line.tenant, cells));
        }
        printer.line(table.to_string());
    }
    if !against.due.is_empty() {
        printer.line("Due days:");
        let mut table =
            table(&columns(&["category", "earlier", "later", "only now", "only before"]), &[1 + shift, 2 + shift, 3 + shift, 4 + shift]);
        for line in &against.due {
            let moved = |count: u64, days: i64| match count {
                0 => String::new(),
                _ => format!("{}, by {} at most", number(count), counted(days.unsigned_abs(), "day")),
            };
            let some = |count: u64| if count == 0 { String::new() } else { number(count) };
            let (earlier, later) = (moved(line.earlier, line.earlier_days), moved(line.later, line.later_days));
            table.add_row(with_tenant(&line.tenant, vec![line.category.clone(), earlier, later, some(line.gained), some(line.lost)]));
        }
        printer.line(table.to_string());
    }
    for alone in &against.alone {
        let file = if alone.only == "now" { "in this file alone" } else { "in the other file alone" };
        let mut by_outcome: BTreeMap<&str, u64> = BTreeMap::new();
        alone.outcomes.iter().for_each(|line| *by_outcome.entry(line.outcome.as_str()).or_default() += line.count);
        let outcomes: Vec<String> = by_outcome.into_iter().map(|(outcome, count)| format!("{} {outcome}", number(count))).collect();
        let outcomes = if outcomes.is_empty() { "no rows".to_owned() } else { outcomes.join(", ") };
        printer.line(format!("{file}: {} (`{}`): {outcomes}", alone.category, alone.table));
    }
    if !against.columns.is_empty() {
        printer.line("Columns:");
        let mut table = table(&["column", "from", "to", "cells", "changed before", "changed now"], &[3, 4, 5]);
        for line in &against.columns {
            let column = format!("{}.{}", line.table, line.column);
            let (cells, before, now) = (number(line.cells), number(line.changed_before), number(line.changed_now));
            table.add_row([&column, &line.from, &line.to, &cells, &before, &now]);
        }
        printer.line(table.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_share_and_never_hides_anybody() {
        assert_eq!(bar(0, 100), "");
        assert_eq!(bar(1, 100_000), "█");
        assert_eq!(bar(50, 100).chars().count(), 6);
        assert_eq!(bar(100, 100).chars().count(), 12);
        assert_eq!(bar(0, 0), "");
    }
}
