//! Reports as tables for people.

use std::collections::BTreeMap;

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use gallra::decide::Outcome;
use gallra::holds::HoldsLine;
use gallra::report::{ChangeLine, OutcomeLine, PlanReport, RunReport, SetLine, SkippedLine};
use gallra::saved_plan::SavedPlan;
use gallra::saved_plan::comparison::{LeftOutLine, SavedPlanReport};
use gallra::verify::Verification;
use jiff::Timestamp;

use super::printer::Printer;

/// A number with its thousands apart.
pub fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// How many of a long list are named.
const FIRST: usize = 20;

/// A line above, below and under the header; none between rows.
const STYLE: TableStyle = TableStyle::new()
    .top_border(LineStyle::none().fill('─').junction('─'))
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .bottom_border(LineStyle::none().fill('─').junction('─'));

/// So many of something that is spelled with an s when there are several.
pub fn counted(count: u64, what: &str) -> String {
    format!("{} {what}{}", number(count), if count == 1 { "" } else { "s" })
}

/// An empty table for people; `right` are the columns of numbers.
pub fn table(header: &[&str], right: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic).set_header(header);
    if table.width().is_none() {
        table.set_width(110);
    }
    for column in right {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// The plan.
pub fn plan(printer: &mut Printer, report: &PlanReport) {
    let several = report.tenants.len() > 1;
    for tenant in &report.tenants {
        let whose = if tenant.tenant.is_empty() { String::new() } else { format!("tenant {}: ", tenant.tenant) };
        printer.line(format!("{whose}as of {} ({})", tenant.as_of, tenant.time_zone));
    }
    for stopped in &report.stopped {
        printer.line(format!("tenant {} is not processed: {}", stopped.tenant, stopped.reason));
    }
    printer.line("");
    outcomes(printer, &report.outcomes, several);
    changes(printer, &report.changes);
    holds(printer, &report.holds);
    if let Some(days) = report.oldest_overdue_days {
        printer.line(format!("oldest overdue: {} (held, blocked or restricted)", counted(days.unsigned_abs(), "day")));
    }
}

/// How many holds of the register count, and which of them find nobody.
fn holds(printer: &mut Printer, holds: &HoldsLine) {
    if holds.active > 0 {
        printer.line(format!("in force: {} of the register", counted(holds.active, "hold")));
    }
}

/// Outcomes by reason.
pub fn outcomes(printer: &mut Printer, lines: &[OutcomeLine], several: bool) {
    let header: &[&str] = if several {
        &["tenant", "category", "outcome", "count", "tonight", "why"]
    } else {
        &["category", "outcome", "count", "tonight", "why"]
    };
    let numbers = if several { [3, 4] } else { [2, 3] };
    let mut table = table(header, &numbers);
    let mut last = (String::new(), String::new());
    for line in lines {
        let here = (line.tenant.clone(), line.category.clone());
        let category = if here == last { String::new() } else { line.category.clone() };
        let tenant = if here == last { String::new() } else { line.tenant.clone() };
        last = here;
        let tonight = if line.tonight == 0 { String::new() } else { number(line.tonight) };
        let mut cells = vec![category, line.outcome.as_str().to_owned(), number(line.count), tonight, line.reason.clone()];
        if several {
            cells.insert(0, tenant);
        }
        table.add_row(cells);
    }
    printer.line(table.to_string());
}

/// A saved plan, as whoever approves it sees it. The file may come from anywhere: what could steer a terminal is not printed.
pub fn saved_plan(printer: &mut Printer, plan: &SavedPlan, now: Timestamp) {
    let plain = |text: &str| text.replace(char::is_control, "\u{fffd}");
    let header = &plan.header;
    let hours = (now.as_second() - header.created.as_second()).max(0).unsigned_abs() / 3_600;
    let age = counted(hours, "hour");
    printer.line(format!("plan {} of {}, saved at {}, {age} ago", plain(&header.id), plain(&header.controller), header.created));
    let several = header.tenants.len() > 1;
    for tenant in &header.tenants {
        let whose = if tenant.tenant.is_empty() { String::new() } else { format!("tenant {}: ", plain(&tenant.tenant)) };
        printer.line(format!("{whose}as of {} ({})", tenant.as_of, plain(&tenant.time_zone)));
    }
    let mut names = vec!["category", "outcome", "count", "earliest due"];
    if several {
        names.insert(0, "tenant");
    }
    let mut table = table(&names, &[if several { 3 } else { 2 }]);
    for count in &header.counts {
        let due = count.earliest_due.map(|day| day.to_string()).unwrap_or_default();
        let outcome = if count.outcome == Outcome::Forgotten { "the rest of it" } else { count.outcome.as_str() };
        let mut cells = vec![plain(&count.unit), outcome.to_owned(), number(count.erasures), due];
        if several {
            cells.insert(0, plain(&count.tenant));
        }
        table.add_row(cells);
    }
    printer.line(table.to_string());
    printer.line(format!("{} in all", counted(header.erasures, "erasure")));
}

/// What became of a saved plan.
fn executed(printer: &mut Printer, report: &SavedPlanReport) {
    let by: Vec<String> = report.approved_by.iter().map(|by| format!("{} ({})", by.name, by.approved)).collect();
    let by = if by.is_empty() { "nobody's approval was needed".to_owned() } else { format!("approved by {}", by.join(", ")) };
    printer.line(format!("Saved plan {} of {}: {by}.", report.plan, report.created));
    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    report.left_out.iter().for_each(|line| *reasons.entry(line.reason).or_default() += 1);
    let words = |reason: &str| match reason {
        "changed" => "changed since",
        "not_due" => "no longer due",
        "not_processed" => "of a tenant that was not processed",
        _ => "gone",
    };
    let reasons: Vec<String> = reasons.into_iter().map(|(reason, count)| format!("{} {}", number(count), words(reason))).collect();
    let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
    printer.line(format!(
        "Of {}: {} executed, {} done before, {} skipped, {} left out{reasons}.",
        counted(report.planned, "planned erasure"),
        number(report.executed),
        number(report.done_before),
        number(report.skipped),
        number(report.left_out.len() as u64),
    ));
    let now = |line: &LeftOutLine| line.now.as_ref().map(|now| format!(" ({now})")).unwrap_or_default();
    first(printer, "left out", &report.left_out, &|line| {
        format!("left out: {} {}, {}{}", line.category, line.token, words(line.reason), now(line))
    });
    if !report.not_in_plan.is_empty() {
        printer.line(format!("Due and not in the plan, left for another one: {}.", number(report.not_in_plan.len() as u64)));
        first(printer, "not in the plan", &report.not_in_plan, &|line| format!("not in the plan: {} {}", line.category, line.token));
    }
    printer.line("");
}

/// The first of many lines.
fn first(printer: &mut Printer, word: &str, lines: &[LeftOutLine], text: &dyn Fn(&LeftOutLine) -> String) {
    lines.iter().take(FIRST).for_each(|line| printer.line(text(line)));
    if lines.len() > FIRST {
        printer.line(format!("{word}: and {} more; all are in the report of `--format json`", number((lines.len() - FIRST) as u64)));
    }
}

fn changes(printer: &mut Printer, lines: &[ChangeLine]) {
    if lines.is_empty() {
        printer.line("nothing changes tonight");
        return;
    }
    printer.line("");
    let mut table = table(&["table", "change", "count", "columns"], &[2]);
    let mut grouped: Vec<(String, String, u64, Vec<String>)> = Vec::new();
    for line in lines {
        match grouped.iter_mut().find(|(table, treatment, ..)| *table == line.table && *treatment == line.treatment) {
            Some((_, _, count, columns)) => {
                *count += line.count;
                columns.push(line.column.clone());
            }
            None => grouped.push((line.table.clone(), line.treatment.clone(), line.count, vec![line.column.clone()])),
        }
    }
    for (name, treatment, count, columns) in grouped {
        let unit = if treatment == "delete" { "row" } else { "cell" };
        table.add_row(vec![name, treatment, counted(count, unit), columns.join(", ")]);
    }
    printer.line(table.to_string());
}

/// What a run did.
pub fn run(printer: &mut Printer, report: &RunReport) {
    plan(printer, &report.plan);
    printer.line("");
    report.saved_plan.iter().for_each(|saved| executed(printer, saved));
    let forgotten = &report.forgotten;
    let left = report.saved_plan.as_ref().is_some_and(|saved| !saved.left_out.is_empty() || !saved.not_in_plan.is_empty());
    if report.nothing_changed && report.skipped.is_empty() && left {
        printer.line("Nothing was written, no new version was published.");
    } else if report.nothing_changed && report.skipped.is_empty() {
        printer.line("Nothing to do: nobody's time has come since the last run. Nothing was written, no new version was published.");
    } else {
        printer.line(format!(
            "People forgotten tonight: {} deleted, {} anonymised, {} partly (the rest when its duty or hold ends).",
            number(forgotten.deleted),
            number(forgotten.anonymised),
            number(forgotten.partly),
        ));
        if forgotten.released > 0 {
            let people = if forgotten.released == 1 {
                "1 person who stays".to_owned()
            } else {
                format!("{} people who stay", number(forgotten.released))
            };
            printer.line(format!("Of {people} a purpose has ended: what served it alone went."));
        }
        let records = (number(forgotten.records_deleted), number(forgotten.records_anonymised));
        printer.line(format!("Records with clocks of their own: {} deleted, {} anonymised.", records.0, records.1));
        let batches = if report.batches == 1 { "1 batch".to_owned() } else { format!("{} batches", number(report.batches)) };
        let (updated, deleted) = (counted(report.rows_written, "row"), counted(report.rows_deleted, "row"));
        printer.line(format!("Written: {updated} updated, {deleted} deleted, in {batches}."));
    }
    named(&report.skipped, &report.raced).iter().for_each(|line| printer.line(line));
    printer.line("");
    sets(printer, &report.sets);
    verification(printer, &report.verification);
    if report.plan.snapshot_seconds > 0.0 {
        printer.line(format!("snapshot: open for {:.1} seconds, in which nothing could be cleaned up", report.plan.snapshot_seconds));
    }
    for done in &report.aftercare.done {
        printer.line(format!("done: {done}"));
    }
    for remains in &report.aftercare.remains {
        printer.line(format!("remains: {remains}"));
    }
    for note in &report.notes {
        printer.one_line(&format!("look: {note}"));
        let said = report.sets.iter().flat_map(SetLine::looks).find(|(look, _)| look == note);
        printer.hint(said.and_then(|(_, hint)| hint).as_deref());
    }
    for (note, hint) in report.sets.iter().flat_map(SetLine::notes) {
        printer.one_line(&format!("note: {note}"));
        printer.hint(hint.as_deref());
    }
    printer.line(format!("run {}, exit code {}", report.run, report.exit_code));
}

/// Who was left for the next run, and about whom something was added: the first of each by token, the others by their number.
fn named(skipped: &[SkippedLine], raced: &[SkippedLine]) -> Vec<String> {
    let mut lines = Vec::new();
    if !skipped.is_empty() {
        let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
        skipped.iter().for_each(|skipped| *reasons.entry(&skipped.reason).or_default() += 1);
        let reasons: Vec<String> =
            reasons.into_iter().map(|(reason, count)| format!("{} {}", number(count), reason.replace('_', " "))).collect();
        lines.push(format!("Not counted above, left for the next run: {} ({}).", number(skipped.len() as u64), reasons.join(", ")));
    }
    let more = |lines: &mut Vec<String>, word: &str, all: &[SkippedLine], place: &str| {
        if all.len() > FIRST {
            lines.push(format!("{word}: and {} more; all are in {place}", number((all.len() - FIRST) as u64)));
        }
    };
    lines.extend(raced.iter().take(FIRST).map(|raced| format!("raced: {} {}", raced.category, raced.token)));
    more(&mut lines, "raced", raced, "the report of `--format json`");
    lines.extend(skipped.iter().take(FIRST).map(|skipped| {
        let days = counted(skipped.days.unsigned_abs(), "day");
        format!("skipped: {} {} ({}), for {days}", skipped.category, skipped.token, skipped.reason)
    }));
    more(&mut lines, "skipped", skipped, "the ledger and in the report of `--format json`");
    lines
}

fn sets(printer: &mut Printer, lines: &[SetLine]) {
    if lines.is_empty() {
        return;
    }
    let several = lines.iter().any(|line| !line.tenant.is_empty());
    let partitioned = lines.iter().any(|line| line.written + line.kept > 1);
    let mut header = vec!["set", "label", "state", "rows", "smallest group", "suppressed"];
    if partitioned {
        header.push("rewritten");
    }
    if several {
        header.insert(0, "tenant");
    }
    let right: Vec<usize> = (if several { 4 } else { 3 }..header.len()).collect();
    let mut table = table(&header, &right);
    for line in lines {
        let label = match line.label {
            gallra::pipeline::Release::Pseudonymised => "pseudonymised",
            gallra::pipeline::Release::Anonymous => "anonymous",
        };
        let group = line.gate.as_ref().and_then(|gate| gate.smallest_group).map(number).unwrap_or_default();
        let suppressed = line.gate.as_ref().map(|gate| number(gate.suppressed)).unwrap_or_default();
        let mut cells = vec![line.set.clone(), label.to_owned(), line.state.to_owned(), number(line.rows), group, suppressed];
        if partitioned {
            cells.push(format!("{} of {}", number(line.written as u64), number((line.written + line.kept) as u64)));
        }
        if several {
            cells.insert(0, line.tenant.clone());
        }
        table.add_row(cells);
    }
    printer.line(table.to_string());
}

/// The checks.
pub fn verification(printer: &mut Printer, verification: &Verification) {
    printer.line("");
    for (check, held) in &verification.held {
        printer.line(format!("verified: {} ({})", check.replace('_', " "), counted(*held, "check")));
    }
    let residue = &verification.residue;
    if residue.searched > 0 {
        let sum = |counts: &std::collections::BTreeMap<String, u64>| counts.values().sum::<u64>();
        printer.line(format!(
            "searched: {} of the forgotten in {}: left in {}, shared with somebody who stays in {}, mentioned in other people's text in {}",
            counted(residue.searched, "identifier"),
            counted(residue.cells, "cell"),
            counted(sum(&residue.left), "cell"),
            counted(sum(&residue.shared), "cell"),
            counted(sum(&residue.mentioned), "cell"),
        ));
        for (place, cells) in &residue.mentioned {
            printer.line(format!("  mentioned in {place}: {}", counted(*cells, "cell")));
        }
    }
    for finding in &verification.findings {
        printer.one_line(&format!("FINDING: {}: {}", finding.check.replace('_', " "), finding.message));
        printer.hint(finding.hint.as_deref());
    }
    for missing in &verification.not_checked {
        printer.one_line(&format!("not checked: {missing}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_those_left_alone_are_named_and_the_others_counted() {
        let line = |at: u32| SkippedLine {
            tenant: String::new(),
            category: "customer".into(),
            token: format!("{at:032x}"),
            reason: if at == 0 { "locked" } else { "changed" }.into(),
            days: 1,
        };
        let skipped: Vec<SkippedLine> = (0..3_020).map(line).collect();
        let lines = named(&skipped, &skipped[..21]);
        assert_eq!(lines.len(), 1 + 21 + 21);
        assert_eq!(lines[0], "Not counted above, left for the next run: 3 020 (3 019 changed, 1 locked).");
        assert_eq!(lines[21], "raced: and 1 more; all are in the report of `--format json`");
        assert!(lines[22].ends_with("0 (locked), for 1 day"), "{}", lines[22]);
        assert_eq!(lines[42], "skipped: and 3 000 more; all are in the ledger and in the report of `--format json`");
        assert_eq!(named(&[], &[]), Vec::<String>::new());
        assert_eq!(named(&skipped[..20], &[]).len(), 21);
    }
}
