//! `gallra explain`: what happens to one subject or record, field by field, and by which rule.

use std::path::PathBuf;

use clap::Args;
use gallra::error::{DONE, Error};
use gallra::explain::{Explained, FieldLine};
use gallra::progress::Progress;
use gallra::run::Request;
use gallra::session::World;

use super::printer::Printer;
use super::tables::{counted, table};
use super::{DayArgument, Outcome};

#[derive(Debug, Args)]
pub struct Arguments {
    /// The pipeline file, where it is named here (otherwise `--pipeline`), then a category, record rule or table, then the values of the row's
    /// key in its order.
    #[arg(value_name = "WHAT", required = true, num_args = 2.., allow_negative_numbers = true)]
    words: Vec<String>,
    /// The pipeline file.
    #[arg(long, value_name = "PIPELINE", env = "GALLRA_PIPELINE", default_value = "gallra.toml")]
    pipeline: PathBuf,
    /// The tenant, where the database has several; its column can then be left out of the key.
    #[arg(long)]
    tenant: Option<String>,
    #[command(flatten)]
    day: DayArgument,
}

pub fn run(arguments: &Arguments, world: &World<'_>, progress: &dyn Progress, printer: &mut Printer) -> Outcome {
    let (pipeline, words) = match arguments.words.split_first() {
        Some((first, rest)) if first.ends_with(".toml") => (PathBuf::from(first), rest),
        _ => (arguments.pipeline.clone(), arguments.words.as_slice()),
    };
    let Some((what, key)) = words.split_first().filter(|(_, key)| !key.is_empty()) else {
        let hint = Some("`gallra explain fortnox.toml customer 4711`".to_owned());
        return Err(Error::Usage { message: "name a category, record rule or table, and the row's key".to_owned(), hint });
    };
    let request = Request { as_of: arguments.day.as_of, ..Request::default() };
    let explained = gallra::run::explain(&pipeline, &request, what, key, arguments.tenant.as_deref(), world, progress)?;
    print(printer, &explained, &format!("{what} {}", key.join(" ")));
    printer.value(&explained);
    Ok(DONE)
}

fn print(printer: &mut Printer, explained: &Explained, asked: &str) {
    let tenant = if explained.tenant.is_empty() { String::new() } else { format!(", tenant {}", explained.tenant) };
    printer.line(format!("{asked}{tenant}: {} as of {}", explained.outcome.as_str(), explained.as_of));
    printer.line(format!("  {}{}", explained.reason, if explained.tonight { " — tonight" } else { "" }));
    let days = [
        ("clock started", &explained.clock_start),
        ("last day of keeping", &explained.due),
        ("a duty or hold keeps the rest until", &explained.next_due),
    ];
    let days: Vec<String> = days.into_iter().filter_map(|(word, day)| Some(format!("{word} {}", day.as_ref()?))).collect();
    if !days.is_empty() {
        printer.line(format!("  {}", days.join(", ")));
    }
    printer.line(format!("  token in reports: {}", explained.token));
    for guard in &explained.guards {
        printer.line(format!("  {}", guard.reason));
    }
    printer.line("");
    let shown = |day: &Option<String>| day.clone().unwrap_or_default();
    let mut rules = table(&["rule", "legal basis", "keeps", "clock start", "last day", "state"], &[]);
    for rule in &explained.rules {
        let keep = if rule.source.is_empty() { rule.keep.clone() } else { format!("{} ({})", rule.keep, rule.source) };
        rules.add_row(vec![rule.name.clone(), rule.basis.clone(), keep, shown(&rule.clock_start), shown(&rule.due), rule.state.clone()]);
    }
    printer.line(rules.to_string());
    if !explained.purposes.is_empty() {
        let mut purposes = table(&["purpose", "legal basis", "columns", "last day", "state"], &[]);
        for purpose in &explained.purposes {
            let columns = purpose.columns.join(", ");
            purposes.add_row(vec![purpose.name.clone(), purpose.basis.clone(), columns, shown(&purpose.due), purpose.state.clone()]);
        }
        printer.line(purposes.to_string());
    }
    if !explained.protections.is_empty() {
        let mut protections = table(&["kept by", "how long", "statute", "until", "fields"], &[]);
        for protection in &explained.protections {
            let until = protection.until.clone().unwrap_or_else(|| "no end known".to_owned());
            let fields = protection.fields.join(", ");
            protections.add_row(vec![protection.name.clone(), protection.keep.clone(), protection.statute.clone(), until, fields]);
        }
        printer.line(protections.to_string());
    }
    for rows in &explained.rows {
        let gone = if rows.deleted == 0 { String::new() } else { format!(", {} of them go tonight", rows.deleted) };
        printer.line(format!("{} in {} ({}{gone})", counted(rows.rows, "row"), rows.table, rows.kind));
    }
    printer.line("");
    let mut fields = table(&["table", "what happens", "last day", "fields (class)", "legal basis", "why"], &[]);
    let mut last = "";
    for (said, columns) in groups(&explained.fields) {
        let here = if said.table == last { "" } else { said.table };
        last = said.table;
        let cells = [here, said.outcome, said.due, columns.as_str(), said.basis.as_str(), said.why];
        fields.add_row(cells.map(str::to_owned).to_vec());
    }
    printer.line(fields.to_string());
}

/// What is said of several fields of a table alike.
#[derive(PartialEq, Eq)]
struct Said<'a> {
    table: &'a str,
    outcome: &'a str,
    due: &'a str,
    basis: String,
    why: &'a str,
}

/// The fields of whom the same is said, in the order in which they come first; each with its class, and with its rows where there are several.
fn groups(fields: &[FieldLine]) -> Vec<(Said<'_>, String)> {
    let mut groups: Vec<(Said<'_>, String)> = Vec::new();
    for field in fields {
        let basis = field.basis.split(", ").map(|basis| basis.split(" (").next().unwrap_or_default()).collect::<Vec<_>>().join(", ");
        let due = field.due.as_deref().unwrap_or_default();
        let said = Said { table: &field.table, outcome: &field.outcome, due, basis, why: short(&field.why) };
        let rows = if field.rows == 1 { String::new() } else { format!(" in {} rows", field.rows) };
        let shown = format!("{} ({}){rows}", field.column, field.class);
        match groups.iter_mut().find(|(known, _)| *known == said) {
            Some((_, columns)) => *columns += &format!(", {shown}"),
            None => groups.push((said, shown)),
        }
    }
    groups.sort_by_key(|(said, _)| fields.iter().position(|field| field.table == said.table));
    groups
}

/// A rule's or record's name alone: how long and by what stands in the table of rules.
fn short(why: &str) -> &str {
    let named = why.starts_with("rule `") || why.starts_with("record `");
    if named { why.split_once(": ").map_or(why, |(name, _)| name) } else { why }
}
