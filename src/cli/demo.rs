//! `gallra demo`: a whole night on a made-up company.

use std::path::{Path, PathBuf};

use clap::Args;
use gallra::demo::{Generated, Size, generate};
use gallra::error::{DONE, Error, NEEDS_A_LOOK};
use gallra::pipeline::resolve::Database;
use gallra::progress::Progress;
use gallra::report::{RunReport, SetLine};
use gallra::run::Request;
use gallra::session::{Access, LockUse, Session, World, locate};

use super::printer::Printer;
use super::tables::number;
use super::{Outcome, tables};

const PIPELINE: &str = include_str!("../../pipelines/fortnox.toml");
/// Says that a folder is a demo's, so that a new demo may replace it.
const MARKER: &str = ".gallra-demo";

#[derive(Debug, Args)]
pub struct Arguments {
    /// The folder to make. An earlier demo there is replaced; anything else is left alone.
    #[arg(long, default_value = "gallra-demo")]
    folder: PathBuf,
    /// Customers of the made-up company, at least one.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(1..))]
    customers: u64,
    /// Its order lines.
    #[arg(long, default_value_t = 200_000)]
    order_rows: u64,
}

pub fn run(arguments: &Arguments, world: &World<'_>, progress: &dyn Progress, printer: &mut Printer) -> Outcome {
    // The demo's own database, whatever the environment says of a real one.
    let nothing = |_: &str| None;
    let world = World { environment: &nothing, now: world.now, random: world.random, color: world.color };
    let folder = &arguments.folder;
    prepare(folder)?;
    let pipeline = folder.join("fortnox.toml");
    write(&pipeline, PIPELINE)?;
    write(&folder.join("gallra.schema.json"), &super::schema::text())?;
    let locations = locate(&pipeline, &world)?;
    let Database::Sqlite(database) = locations.source else {
        return Err(Error::Usage { message: "the demo's pipeline names no SQLite file".into(), hint: None });
    };
    let size = Size { customers: arguments.customers, order_rows: arguments.order_rows };
    let today =
        gallra::decide::clocks::today((world.now)(), &jiff::tz::TimeZone::get("Europe/Stockholm").unwrap_or(jiff::tz::TimeZone::UTC));
    let stage = progress.start("made-up company", size.customers + size.order_rows);
    let mut before = 0;
    let generated = generate(&database, &size, today, &mut |done, _total| {
        stage.advance(done.saturating_sub(before));
        before = done;
    });
    let generated =
        generated.map_err(|error| Error::Usage { message: error.to_string(), hint: Some("choose another `--folder`".into()) })?;
    stage.finish();
    locations.keyring.create((world.now)(), (world.random)())?;
    drop(Session::open(&pipeline, Access::Read, LockUse::Accept, &world)?);

    let before = showcase(&database, &generated)?;
    let request = Request::default();
    let mut report = match gallra::run::run(&pipeline, &request, &world, progress) {
        // A small demo is all edge cases, so the brake is confirmed as a person would.
        Err(Error::Brake { count, .. }) => gallra::run::run(&pipeline, &Request { confirm: Some(count), ..request }, &world, progress)?,
        other => other?,
    };
    without_looks(&mut report);
    let after = showcase(&database, &generated)?;

    printer.line(format!("A made-up company in {}:", folder.display()));
    let largest = generated.counts.iter().filter(|count| count.rows >= 1_000);
    printer.line(format!("  {}", largest.map(|count| format!("{} {}", number(count.rows), count.table)).collect::<Vec<_>>().join(", ")));
    printer.line("");
    tables::run(printer, &report);
    printer.line("");
    printer.line("Three made-up customers, before and after:");
    for ((shown, before), after) in generated.showcase.iter().zip(&before).zip(&after) {
        printer.line("");
        printer.line(format!("  {} — {}", shown.customer_no, shown.title));
        printer.line(format!("  {}", shown.why));
        compare(printer, before, after);
    }
    next_steps(printer, folder, &report);
    printer.value(&report);
    Ok(report.exit_code)
}

/// Of few made-up customers the sets can show little: that is told, and nobody has to look at it.
fn without_looks(report: &mut RunReport) {
    let said: Vec<String> =
        report.sets.iter().filter(|set| set.state != "refused").flat_map(SetLine::looks).map(|(look, _)| look).collect();
    report.notes.retain(|note| !said.contains(note));
    report.sets.iter_mut().flat_map(|set| &mut set.remarks).for_each(|remark| remark.look = false);
    if report.notes.is_empty() && report.exit_code == NEEDS_A_LOOK {
        report.exit_code = DONE;
    }
}

/// Makes the folder, or empties that of an earlier demo.
fn prepare(folder: &Path) -> Result<(), Error> {
    let marker = folder.join(MARKER);
    let file = |error: std::io::Error| Error::file("write", folder, &error);
    let taken = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if taken && !marker.exists() {
        return Err(Error::Usage {
            message: format!("`{}` is there already and is no demo's folder", folder.display()),
            hint: Some("name another one with `--folder`".into()),
        });
    }
    if taken {
        // What a demo makes, and nothing that somebody put beside it.
        for name in ["keys", "ledger", "holds", "published"] {
            remove(std::fs::remove_dir_all(folder.join(name))).map_err(file)?;
        }
        for name in [
            "fortnox.toml",
            "fortnox.lock",
            "fortnox.db",
            "fortnox.db-journal",
            "fortnox.db-wal",
            "fortnox.db-shm",
            "fortnox.db.partial",
            "fortnox.db.gallra-lock",
        ] {
            remove(std::fs::remove_file(folder.join(name))).map_err(file)?;
        }
    }
    std::fs::create_dir_all(folder).map_err(file)?;
    write(&marker, "Made by `gallra demo`, which may replace this folder.\n")
}

/// What is not there need not be removed.
fn remove(result: std::io::Result<()>) -> std::io::Result<()> {
    result.or_else(|error| if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    gallra::files::replace(path, text.as_bytes()).map_err(|error| Error::file("write", path, &error))
}

/// A row as (column, value) pairs; empty where it is gone.
type Row = Vec<(String, String)>;

/// The showcase customers' own rows, read by SQL that knows nothing of gallra.
fn showcase(database: &Path, generated: &Generated) -> Result<Vec<Row>, Error> {
    let failed = |_: rusqlite::Error| Error::Usage { message: "the demo's database can not be read back".into(), hint: None };
    let connection = rusqlite::Connection::open_with_flags(database, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
    let mut rows = Vec::new();
    for shown in &generated.showcase {
        let mut statement = connection.prepare("SELECT * FROM customer WHERE customer_no = ?1").map_err(failed)?;
        let names: Vec<String> = statement.column_names().map(ToString::to_string).collect();
        let mut found = statement.query([&shown.customer_no]).map_err(failed)?;
        let mut row = Row::new();
        if let Some(cells) = found.next().map_err(failed)? {
            for (at, name) in names.into_iter().enumerate() {
                let value = match cells.get_ref(at).map_err(failed)? {
                    rusqlite::types::ValueRef::Null => "NULL".to_owned(),
                    rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                    rusqlite::types::ValueRef::Real(number) => number.to_string(),
                    rusqlite::types::ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                    rusqlite::types::ValueRef::Blob(bytes) => format!("{} bytes", bytes.len()),
                };
                row.push((name, value));
            }
        }
        rows.push(row);
    }
    Ok(rows)
}

fn compare(printer: &mut Printer, before: &Row, after: &Row) {
    for (at, (column, was)) in before.iter().enumerate() {
        let is = after.get(at).map(|(_, value)| value.as_str());
        match is {
            None if was != "NULL" => printer.line(format!("    {column:<18} {was:<36} → (row deleted)")),
            Some(is) if is != was => printer.line(format!("    {column:<18} {was:<36} → {is}")),
            _ => {}
        }
    }
    let same = before.iter().enumerate().filter(|(at, (_, was))| after.get(*at).is_some_and(|(_, is)| is == was && was != "NULL"));
    let kept: Vec<&str> = same.map(|(_, (column, _))| column.as_str()).collect();
    if !kept.is_empty() {
        printer.line(format!("    unchanged: {}", kept.join(", ")));
    }
}

fn next_steps(printer: &mut Printer, folder: &Path, report: &gallra::report::RunReport) {
    printer.line("");
    printer.line("Look next at:");
    let show = |path: &str| folder.join(path).display().to_string();
    printer.line(format!("  {:<44} the pipeline file, with comments", show("fortnox.toml")));
    for set in report.sets.iter().filter_map(|set| set.folder.as_ref().map(|folder| (set, folder))) {
        printer.line(format!("  {}", set.1));
        printer.line(format!("  {:<44} {}: Parquet, _manifest.json and _dictionary.json", "", set.0.set));
    }
    printer.line(format!("  {:<44} the proof: who was forgotten, as tokens", show("ledger/fortnox/ledger.jsonl")));
    // As it was called: after `cargo run` nothing is installed under its own name.
    let program = std::env::args().next().unwrap_or_else(|| "gallra".to_owned());
    let later = format!("plan {} --as-of 2030-01-01", show("fortnox.toml"));
    for (arguments, what) in [
        (format!("run {}", show("fortnox.toml")), "once more: changes nothing"),
        (later, "what the coming years bring"),
        (format!("verify {}", show("fortnox.toml")), "what can be known of earlier runs"),
    ] {
        printer.line(format!("  {program} {arguments}"));
        printer.line(format!("  {:<44} {what}", ""));
    }
}
