//! `gallra scan`: where personal data stands in streams, files and the columns of a database.

use std::fs::File;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use gallra::detect::{Country, Kind, Kinds};
use gallra::error::{DONE, Error, FAILED, NEEDS_A_LOOK};
use gallra::progress::Progress;
use gallra::scan::{Choice, ColumnLine, Search, Summary, Target, files, stream, tables};
use gallra::session::World;

use super::Outcome;
use super::printer::Printer;
use super::tables::{counted, number, table};

/// Broken lines of a stream that are told one by one.
const TOLD: u64 = 20;
/// The widest bar, in characters.
const BAR: usize = 60;
/// What the columns beside names and bars take, in characters.
const NUMBERS: usize = 64;

#[derive(Debug, Args)]
pub struct Arguments {
    /// Files to scan.
    #[arg(value_name = "FILE", conflicts_with_all = ["jsonl", "pipeline"])]
    files: Vec<PathBuf>,
    /// JSON lines to answer, each by a line; `-` is standard input, which is read where nothing else is named.
    #[arg(long, value_name = "FILE", conflicts_with = "pipeline")]
    jsonl: Option<PathBuf>,
    /// Scan the database of this pipeline file.
    #[arg(long, value_name = "PIPELINE")]
    pipeline: Option<PathBuf>,
    /// Only this table of the database, also one out of scope; may be repeated.
    #[arg(long, value_name = "TABLE", requires = "pipeline", conflicts_with_all = ["files", "jsonl"])]
    table: Vec<String>,
    /// Only this column, or member of JSON lines; may be repeated.
    #[arg(long, value_name = "COLUMN")]
    column: Vec<String>,
    /// The countries whose numbers are read, with commas between them; of a database its tenants' own as well.
    #[arg(long, value_name = "COUNTRIES", value_delimiter = ',', value_parser = country, default_value = "SE,DK,NO,FI,IS")]
    country: Vec<Country>,
    /// The least confidence of a finding, from 0 to 1.
    #[arg(long, value_name = "NUMBER", value_parser = confidence, default_value = "0.5")]
    min_confidence: f32,
    /// Only these kinds, with commas between them: `name,phone`. All where left out.
    #[arg(long, value_name = "KINDS", value_delimiter = ',', value_parser = kind)]
    kinds: Vec<Kind>,
    /// Write each finding's place into this Parquet file.
    #[arg(long, value_name = "FILE")]
    findings: Option<PathBuf>,
    /// Replace the file of findings where it exists.
    #[arg(long, requires = "findings")]
    overwrite: bool,
}

fn country(text: &str) -> Result<Country, String> {
    text.parse().map_err(|error: gallra::detect::UnknownCountry| error.to_string())
}

fn confidence(text: &str) -> Result<f32, &'static str> {
    text.parse().ok().filter(|number| (0.0..=1.0).contains(number)).ok_or("a confidence is a number from 0 to 1, for example 0.8")
}

fn kind(text: &str) -> Result<Kind, String> {
    text.parse().map_err(|_| {
        let names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        format!("a kind is one of {}", names.join(", "))
    })
}

pub fn run(arguments: &Arguments, world: &World<'_>, progress: &dyn Progress, printer: &mut Printer) -> Outcome {
    let kinds = if arguments.kinds.is_empty() { Kinds::ALL } else { arguments.kinds.iter().copied().collect() };
    let search = Search { countries: arguments.country.clone(), kinds, min_confidence: arguments.min_confidence };
    let choice = Choice { tables: arguments.table.clone(), columns: arguments.column.clone() };
    let target = arguments.findings.as_deref().map(|path| Target { path, overwrite: arguments.overwrite });
    let started = Instant::now();
    let summary = match (&arguments.pipeline, arguments.files.as_slice()) {
        (Some(pipeline), _) => tables(pipeline, &choice, &search, target, world, progress)?,
        // As other programs name their standard input.
        (None, [only]) if only.as_os_str() == "-" => return answer(arguments, &search, progress, printer),
        (None, []) => return answer(arguments, &search, progress, printer),
        (None, paths) => {
            let mut complain = |problem: &gallra::scan::Problem| printer.warning(&problem.to_string(), problem.hint.as_deref());
            files(paths, &choice, &search, target, progress, &mut complain)?
        }
    };
    // Of what could not be read at all there is nothing to sum up.
    if summary.problems.is_empty() || !summary.columns.is_empty() {
        print(printer, &summary, target, started.elapsed());
    }
    Ok(match (summary.problems.is_empty(), summary.columns.iter().any(|line| line.cells > 0)) {
        (true, _) => DONE,
        (false, true) => NEEDS_A_LOOK,
        (false, false) => FAILED,
    })
}

/// A line for each line.
fn answer(arguments: &Arguments, search: &Search, progress: &dyn Progress, printer: &mut Printer) -> Outcome {
    let usage = |message: &str, hint: &str| Err(Error::Usage { message: message.to_owned(), hint: Some(hint.to_owned()) });
    if arguments.findings.is_some() {
        return usage("findings of JSON lines go to standard output", "name the file instead: `gallra scan notes.jsonl --findings …`");
    }
    if !arguments.column.is_empty() {
        return usage("JSON lines are answered by their `text` alone", "name the file instead: `gallra scan notes.jsonl --column …`");
    }
    let path = arguments.jsonl.as_deref().filter(|path| *path != Path::new("-"));
    let (input, name): (Box<dyn Read + Send>, String) = match path {
        Some(path) => {
            let file = File::open(path)
                .and_then(|file| if file.metadata()?.is_dir() { Err(std::io::Error::other("it is a folder")) } else { Ok(file) });
            (Box::new(file.map_err(|error| Error::file("read", path, &error))?), path.display().to_string())
        }
        None if std::io::stdin().is_terminal() => {
            return usage("nothing to scan", "name files, `--pipeline`, or hand over JSON lines: `gallra scan < notes.jsonl`");
        }
        None => (Box::new(std::io::stdin()), "standard input".to_owned()),
    };
    let mut output = printer.pieces();
    let mut told = 0;
    let streamed = stream(input, &name, &mut output, search, progress, &mut |line, problem| {
        told += 1;
        if told <= TOLD {
            printer.warning(&format!("line {line} of {name} {problem}"), None);
        }
    })?;
    if streamed.broken > TOLD {
        let more = streamed.broken - TOLD;
        let lines = if more == 1 { "line" } else { "lines" };
        printer.warning(&format!("{} more {lines} of {name} can not be read; each is answered with `error`", number(more)), None);
    }
    Ok(if streamed.broken == 0 { DONE } else { NEEDS_A_LOOK })
}

fn print(printer: &mut Printer, summary: &Summary, target: Option<Target<'_>>, taken: Duration) {
    let several = summary.columns.iter().any(|line| line.source != summary.columns[0].source);
    let named = summary.columns.iter().any(|line| line.column.is_some());
    let (with, without): (Vec<&ColumnLine>, Vec<&ColumnLine>) = summary.columns.iter().partition(|line| !line.kinds.is_empty());
    let largest = with.iter().flat_map(|line| &line.kinds).map(|kind| kind.share).fold(0.0, f64::max);
    let mut header = vec!["kind", "cells", "share", "findings", "confidence", ""];
    if named {
        header.insert(0, "column");
    }
    if several {
        header.insert(0, "source");
    }
    let shift = usize::from(named) + usize::from(several);
    let mut lines = table(&header, &[1 + shift, 2 + shift, 3 + shift, 4 + shift]);
    let longest = |name: &dyn Fn(&ColumnLine) -> usize| with.iter().map(|line| name(line)).max().unwrap_or(0);
    let names = longest(&|line| line.column.as_deref().map_or(0, |name| name.chars().count() + 3))
        + longest(&|line| if several { line.source.chars().count() + 3 } else { 0 });
    let width = usize::from(lines.width().unwrap_or(110)).saturating_sub(NUMBERS + names).clamp(8, BAR);
    let mut last = ("", None);
    for line in &with {
        for kind in &line.kinds {
            let here = (line.source.as_str(), line.column.as_deref());
            let mut cells = vec![
                kind.kind.to_owned(),
                number(kind.cells),
                percent(kind.share),
                number(kind.findings),
                format!("{:.2}", kind.mean_confidence),
                bar(kind.share / largest, width, std::io::stdout().is_terminal()),
            ];
            if named {
                cells.insert(0, if here == last { String::new() } else { plain(here.1.unwrap_or_default()) });
            }
            if several {
                cells.insert(0, if here.0 == last.0 { String::new() } else { here.0.to_owned() });
            }
            last = here;
            lines.add_row(cells);
        }
    }
    if !with.is_empty() {
        printer.line(lines.to_string());
    }
    if !without.is_empty() {
        let name = |line: &&ColumnLine| match (&line.column, several) {
            (None, _) => line.source.clone(),
            (Some(column), true) => format!("{}.{}", line.source, plain(column)),
            (Some(column), false) => plain(column),
        };
        printer.line(format!("nothing found in {}", without.iter().map(name).collect::<Vec<_>>().join(", ")));
    }
    for note in &summary.notes {
        printer.one_line(&format!("note: {note}"));
    }
    let seconds = taken.as_secs_f64();
    let rate = summary.bytes as f64 / seconds.max(1e-9);
    printer.line(format!(
        "{} in {} of {}: {} of text in {seconds:.2} s, {}/s",
        counted(summary.findings, "finding"),
        counted(summary.cells, "text"),
        counted(summary.rows, "row"),
        bytes(summary.bytes as f64),
        bytes(rate),
    ));
    if let Some(target) = target {
        printer.line(format!("written: {} to `{}` (mode 0600)", counted(summary.findings, "finding"), target.path.display()));
    }
    let mut value = serde_json::to_value(summary).unwrap_or_default();
    value["seconds"] = seconds.into();
    value["findings_file"] = serde_json::json!(target.map(|target| target.path));
    printer.value(&value);
}

/// A name from a file: what could steer a terminal is not printed.
fn plain(name: &str) -> String {
    name.replace(char::is_control, "\u{fffd}")
}

fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        small if small > 0.0 && small < 0.01 => "< 0.01 %".to_owned(),
        few if few < 1.0 => format!("{few:.2} %"),
        percent => format!("{percent:.1} %"),
    }
}

/// So many bytes, in powers of a thousand.
fn bytes(bytes: f64) -> String {
    let (mut value, mut unit) = (bytes, 0);
    const UNITS: [&str; 5] = ["bytes", "kB", "MB", "GB", "TB"];
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1_000.0;
        unit += 1;
    }
    if unit == 0 { format!("{value:.0} {}", UNITS[unit]) } else { format!("{value:.2} {}", UNITS[unit]) }
}

/// A bar of a share of the width: in eighths of a character on a terminal.
fn bar(share: f64, width: usize, terminal: bool) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if !terminal {
        return "#".repeat(((share * width as f64).round() as usize).max(1));
    }
    let eighths = ((share * width as f64 * 8.0).round() as usize).clamp(1, width * 8);
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_shows_the_share_and_is_never_empty() {
        assert_eq!(bar(1.0, 8, true), "████████");
        assert_eq!(bar(0.5, 8, false), "####");
        assert_eq!(bar(0.56, 8, true), "████▌");
        assert_eq!([bar(0.0001, 8, true), bar(0.0001, 8, false)], ["▏", "#"]);
    }

    #[test]
    fn bytes_are_told_in_the_unit_that_fits() {
        assert_eq!([0.0, 999.0, 1_000.0, 999_600.0, 2.5e9].map(bytes), ["0 bytes", "999 bytes", "1.00 kB", "1.00 MB", "2.50 GB"]);
    }

    #[test]
    fn small_shares_are_not_told_as_nothing() {
        assert_eq!([0.00001, 0.005, 0.123, 1.0].map(percent), ["< 0.01 %", "0.50 %", "12.3 %", "100.0 %"]);
    }
}
