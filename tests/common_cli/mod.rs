//! Calls the program as a person or a scheduler does, and looks at what it leaves behind.
//!
//! Every test binary includes this module and uses its part of it.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use jiff::civil::Date;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// The pipeline of the demo.
pub const FORTNOX: &str = include_str!("../../pipelines/fortnox.toml");

/// What a call of the program gave.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its exit code; `None` where it was killed.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Answer {
    /// All that was printed.
    pub fn printed(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// Standard output as one JSON value.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("no JSON ({error}):\n{}", self.printed()))
    }

    /// The same, for a call that must end with this code.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "\n{}", self.printed());
        self
    }

    /// The same, for a call that must say something.
    #[track_caller]
    pub fn says(self, part: &str) -> Self {
        assert!(self.printed().contains(part), "`{part}` is not said:\n{}", self.printed());
        self
    }
}

/// The program, called in a folder, with nothing of gallra in its environment.
pub fn gallra(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gallra"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    command.env_remove("GALLRA_PIPELINE").env_remove("GALLRA_DATABASE").env_remove("RUST_LOG").env("NO_COLOR", "1");
    command
}

/// Calls it. A panic is a failure of whatever test saw it.
#[track_caller]
pub fn answer(command: &mut Command) -> Answer {
    let output = command.output().expect("the program starts");
    let answer = Answer {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    };
    assert!(!answer.printed().contains("panicked at"), "a panic:\n{}", answer.printed());
    answer
}

/// Calls it in a folder.
#[track_caller]
pub fn call(folder: &Path, arguments: &[&str]) -> Answer {
    answer(&mut gallra(folder, arguments))
}

/// SHA-256 in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}

/// Every file below a folder (or the file itself) with its hash, but for the empty lock file of runs.
pub fn files(path: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    for file in walk(path) {
        if file.extension().is_some_and(|extension| extension == "gallra-lock") {
            continue;
        }
        let bytes = fs::read(&file).expect("readable");
        found.insert(file.strip_prefix(path).expect("below").to_path_buf(), sha256(&bytes));
    }
    found
}

/// Every file below a folder, or the file itself. Symbolic links are not followed.
pub fn walk(path: &Path) -> Vec<PathBuf> {
    let Ok(kind) = fs::symlink_metadata(path) else { return Vec::new() };
    if !kind.is_dir() {
        return if kind.is_file() { vec![path.to_path_buf()] } else { Vec::new() };
    }
    let mut entries: Vec<PathBuf> = fs::read_dir(path).expect("readable").map(|entry| entry.expect("readable").path()).collect();
    entries.sort();
    entries.iter().flat_map(|entry| walk(entry)).collect()
}

/// Copies a folder with everything in it.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("readable") {
        let entry = entry.expect("readable").path();
        let target = to.join(entry.file_name().expect("named"));
        let kind = fs::symlink_metadata(&entry).expect("readable");
        if kind.is_dir() {
            copy_folder(&entry, &target);
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&entry).expect("a link"), &target).expect("linked");
        } else {
            fs::copy(&entry, &target).expect("copied");
        }
    }
}

/// Makes a database from statements.
pub fn database(path: &Path, statements: &str) {
    let store = Connection::open(path).expect("made");
    store.execute_batch(statements).expect("sound statements");
}

/// Today where the demo's company is.
pub fn today() -> Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::get("Europe/Stockholm").expect("a zone")).date()
}

/// The demo's company in a folder of its own: database, pipeline, keyring and lock, and nothing run yet.
pub struct Company {
    _temporary: Option<TempDir>,
    /// The folder.
    pub folder: PathBuf,
    /// The day that all calls evaluate, so that midnight changes nothing.
    pub day: String,
    /// The name of its pipeline.
    pub name: &'static str,
}

impl Company {
    /// With so many customers and order rows, and the pipeline changed as said: pairs of (text, replacement).
    pub fn new(customers: u64, order_rows: u64, changes: &[(&str, &str)]) -> Self {
        let size = gallra::demo::Size { customers, order_rows };
        let day = today();
        let make = |database: &Path| {
            gallra::demo::generate(database, &size, day, &mut |_, _| {}).expect("generated");
        };
        Self::made("fortnox", FORTNOX, day.to_string(), changes, &make)
    }

    /// A shipped fixture with its small hand-made data, on its day, in batches of one.
    pub fn of_fixture(name: &'static str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let read = |path: String| fs::read_to_string(root.join(path)).expect("a fixture");
        let make =
            |path: &Path| database(path, &(read(format!("fixtures/{name}/schema.sql")) + &read(format!("fixtures/{name}/rows.sql"))));
        let pipeline = read(format!("pipelines/{name}.toml")).replace("batch = 20_000", "batch = 1").replace("batch = 1_000", "batch = 1");
        let pipeline = if pipeline.contains("[run]") { pipeline } else { pipeline.replace("[brake]", "[run]\nbatch = 1\n\n[brake]") };
        Self::made(name, &pipeline, "2026-11-22".to_owned(), &[("percent = 5.0", "percent = 100.0")], &make)
    }

    fn made(name: &'static str, pipeline: &str, day: String, changes: &[(&str, &str)], make: &dyn Fn(&Path)) -> Self {
        let temporary = tempfile::tempdir().expect("a folder");
        let folder = temporary.path().to_path_buf();
        let mut pipeline = pipeline.to_owned();
        for (from, to) in changes {
            assert!(pipeline.contains(from), "the pipeline has no `{from}`");
            pipeline = pipeline.replace(from, to);
        }
        let company = Self { folder, _temporary: Some(temporary), day, name };
        fs::write(company.pipeline(), pipeline).expect("written");
        make(&company.database());
        company.call("keys init", &[]).expect(0);
        let accepted = company.call("check", &["--accept"]);
        // Samples may look suspicious; the file itself is sound.
        assert!(matches!(accepted.code, Some(0 | 1)), "{}", accepted.printed());
        company
    }

    /// One that forgets without asking, in batches of the given size.
    pub fn unbraked(customers: u64, order_rows: u64, batch: u64) -> Self {
        let batch = format!("batch = {batch}");
        Self::new(customers, order_rows, &[("percent = 5.0", "percent = 100.0"), ("batch = 20_000", &batch)])
    }

    /// The same company in another folder, as it stands now.
    pub fn copy(&self) -> Self {
        let temporary = tempfile::tempdir().expect("a folder");
        copy_folder(&self.folder, temporary.path());
        Self { folder: temporary.path().to_path_buf(), _temporary: Some(temporary), day: self.day.clone(), name: self.name }
    }

    /// A call on the pipeline of this company, on its day where the command takes one.
    pub fn command(&self, command: &str, more: &[&str]) -> Command {
        let mut arguments: Vec<&str> = command.split(' ').collect();
        let pipeline = format!("{}.toml", self.name);
        arguments.push(&pipeline);
        if matches!(command, "run" | "plan") && !more.contains(&"--as-of") {
            arguments.extend(["--as-of", &self.day]);
        }
        arguments.extend(more);
        gallra(&self.folder, &arguments)
    }

    /// Calls it.
    #[track_caller]
    pub fn call(&self, command: &str, more: &[&str]) -> Answer {
        answer(&mut self.command(command, more))
    }

    /// The pipeline file.
    pub fn pipeline(&self) -> PathBuf {
        self.folder.join(self.name).with_extension("toml")
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.pipeline().with_extension("db")
    }

    /// A place that the pipeline names.
    fn place(&self, key: &str, default: &str) -> PathBuf {
        let pipeline: toml::Table = fs::read_to_string(self.pipeline()).expect("the pipeline").parse().expect("TOML");
        self.folder.join(pipeline["controller"].get(key).and_then(toml::Value::as_str).unwrap_or(default))
    }

    /// The ledger.
    pub fn ledger(&self) -> PathBuf {
        self.place("ledger", "ledger").join("ledger.jsonl")
    }

    /// The published sets.
    pub fn output(&self) -> PathBuf {
        self.place("output", "published")
    }

    /// The database, to look into or to change.
    pub fn open(&self) -> Connection {
        Connection::open(self.database()).expect("opened")
    }
}

/// The names of a database's tables but for gallra's own.
pub fn table_names(store: &Connection) -> Vec<String> {
    let mut statement = store
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'gallra\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")
        .expect("prepared");
    statement.query_map([], |row| row.get(0)).expect("read").collect::<Result<_, _>>().expect("names")
}

/// A cell as text that tells types apart.
pub fn cell(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => format!("i{number}"),
        ValueRef::Real(number) => format!("r{number:?}"),
        ValueRef::Text(text) => format!("t{}", String::from_utf8_lossy(text)),
        ValueRef::Blob(bytes) => format!("b{}", data_encoding::HEXLOWER.encode(bytes)),
    }
}

/// Every row of every table, as sets of texts, after `see` had its way with (table, column, cell).
pub fn content(store: &Connection, see: &dyn Fn(&str, &str, String) -> String) -> BTreeMap<String, Vec<String>> {
    let mut tables = BTreeMap::new();
    for table in table_names(store) {
        let mut statement = store.prepare(&format!("SELECT * FROM \"{table}\"")).expect("prepared");
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.query([]).expect("read");
        let mut texts = Vec::new();
        while let Some(row) = rows.next().expect("a row") {
            let cells: Vec<String> =
                columns.iter().enumerate().map(|(at, column)| see(&table, column, cell(row.get_ref(at).expect("a cell")))).collect();
            texts.push(cells.join(" | "));
        }
        texts.sort();
        tables.insert(table, texts);
    }
    tables
}

/// The SHA-256 of the latest version's data files, per tenant and set.
pub fn latest_data(output: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    for set in gallra::publish::list_sets(output).expect("the sets") {
        let folder = gallra::publish::resolve_latest(output, set.tenant.as_deref(), &set.set).expect("published");
        let parquet = walk(&folder).into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "parquet"));
        let hashes: BTreeSet<String> = parquet.map(|file| sha256(&fs::read(file).expect("readable"))).collect();
        found.insert(format!("{}/{}", set.tenant.unwrap_or_default(), set.set), hashes);
    }
    assert!(found.values().any(|hashes| !hashes.is_empty()), "nothing is published");
    found
}
