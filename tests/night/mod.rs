//! A night on a fixture: its database, keyring and lock in a folder of their own, and plain SQL to look at the result.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use gallra::error::Error;
use gallra::keys::Keyring;
use gallra::progress::Silent;
use gallra::report::RunReport;
use gallra::run::{Planned, Request};
use gallra::session::{Access, LockUse, Session, World, locate};
use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};
use rusqlite::Connection;
use rusqlite::types::Value;

pub struct Night {
    pub folder: tempfile::TempDir,
    pub pipeline: PathBuf,
    pub now: Timestamp,
}

fn chance() -> [u8; 40] {
    let mut bytes = [0; 40];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

impl Night {
    /// Schema, rows and pipeline of a shipped fixture, at noon of a day.
    pub fn of_fixture(fixture: &str, day: Date) -> Self {
        let root = env!("CARGO_MANIFEST_DIR");
        let folder = tempfile::tempdir().unwrap();
        let pipeline = folder.path().join(format!("{fixture}.toml"));
        std::fs::copy(format!("{root}/pipelines/{fixture}.toml"), &pipeline).unwrap();
        std::fs::copy(format!("{root}/pipelines/{fixture}.lock"), folder.path().join(format!("{fixture}.lock"))).unwrap();
        let connection = Connection::open(folder.path().join(format!("{fixture}.db"))).unwrap();
        connection.pragma_update(None, "foreign_keys", true).unwrap();
        for part in ["schema", "rows"] {
            connection.execute_batch(&std::fs::read_to_string(format!("{root}/fixtures/{fixture}/{part}.sql")).unwrap()).unwrap();
        }
        let now = day.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp();
        let night = Self { folder, pipeline, now };
        night.with_world(|world| {
            let locations = locate(&night.pipeline, world).unwrap();
            Keyring::create(&locations.keyring, night.now, chance()).unwrap();
        });
        night
    }

    /// A database and a pipeline of a test's own, on 22 November 2026; the columns are accepted where that is possible.
    pub fn of_own(sql: &str, pipeline_text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pipeline = folder.path().join("own.toml");
        let controller = "[controller]\nname = \"Own\"\nsource = \"sqlite:own.db\"\ncountry = \"SE\"\ntime_zone = \"Europe/Stockholm\"\n";
        std::fs::write(&pipeline, format!("{controller}{pipeline_text}")).unwrap();
        Connection::open(folder.path().join("own.db")).unwrap().execute_batch(sql).unwrap();
        let now = jiff::civil::date(2026, 11, 22).at(12, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp();
        let night = Self { folder, pipeline, now };
        night.with_world(|world| {
            let locations = locate(&night.pipeline, world).unwrap();
            Keyring::create(&locations.keyring, night.now, chance()).unwrap();
        });
        night
    }

    /// What is wrong with the pipeline, as drawn; empty where nothing is.
    pub fn problems(&self) -> String {
        self.with_world(|world| Session::open(&self.pipeline, Access::Read, LockUse::Accept, world).map_or_else(told, |_| String::new()))
    }

    /// The demo's made-up company of some size, under the Fortnox pipeline.
    pub fn of_demo(customers: u64, order_rows: u64, day: Date) -> Self {
        let night = Self::of_fixture("fortnox", day);
        std::fs::remove_file(night.pipeline.with_extension("db")).unwrap();
        let size = gallra::demo::Size { customers, order_rows };
        gallra::demo::generate(&night.pipeline.with_extension("db"), &size, day, &mut |_, _| {}).unwrap();
        night
    }

    pub fn with_world<T>(&self, work: impl FnOnce(&World<'_>) -> T) -> T {
        let now = self.now;
        work(&World { environment: &|_| None, now: &move || now, random: &chance, color: false })
    }

    /// A new lock file, after a change of the schema.
    pub fn accept(&self) {
        self.with_world(|world| drop(Session::open(&self.pipeline, Access::Read, LockUse::Accept, world).map_err(told).unwrap()));
    }

    pub fn plan(&self) -> (Session, Planned) {
        self.with_world(|world| gallra::run::plan(&self.pipeline, &Request::default(), world, &Silent).map_err(told).unwrap())
    }

    /// Runs, confirming what the brake asks.
    pub fn run(&self) -> RunReport {
        match self.try_run(&Request::default()) {
            Err(Error::Brake { count, .. }) => self.try_run(&Request { confirm: Some(count), ..Request::default() }).map_err(told).unwrap(),
            other => other.map_err(told).unwrap(),
        }
    }

    pub fn try_run(&self, request: &Request) -> Result<RunReport, Error> {
        self.with_world(|world| gallra::run::run(&self.pipeline, request, world, &Silent))
    }

    pub fn database(&self) -> Connection {
        Connection::open(self.pipeline.with_extension("db")).unwrap()
    }
}

/// An error with all that was drawn of it.
pub fn told(error: Error) -> String {
    match &error {
        Error::Pipeline { drawn, .. } => format!("{drawn}{error}"),
        _ => format!("{error}; {:?}", error.hint()),
    }
}

pub type Row = BTreeMap<String, Value>;

/// A table's content, with its primary key's columns in order.
#[derive(Debug, PartialEq)]
pub struct Content {
    pub key: Vec<String>,
    pub rows: Vec<Row>,
}

impl Content {
    pub fn row(&self, key: &[String]) -> Option<&Row> {
        self.rows.iter().find(|row| self.key.iter().zip(key).all(|(column, wanted)| text_of(&row[column]).as_ref() == Some(wanted)))
    }
}

pub fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Integer(number) => Some(number.to_string()),
        Value::Real(number) => Some(number.to_string()),
        Value::Text(text) => Some(text.clone()),
        Value::Blob(bytes) => Some(data_encoding::HEXLOWER.encode(bytes)),
    }
}

/// All tables but gallra's own, by plain SQL.
pub fn dump(connection: &Connection) -> BTreeMap<String, Content> {
    let mut statement = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'gallra_%'")
        .unwrap();
    let names: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut content = BTreeMap::new();
    for name in names {
        let mut key: Vec<(i64, String)> = Vec::new();
        let mut columns = connection.prepare(&format!("PRAGMA table_info(\"{name}\")")).unwrap();
        let mut rows = columns.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let place: i64 = row.get("pk").unwrap();
            if place > 0 {
                key.push((place, row.get("name").unwrap()));
            }
        }
        key.sort();
        let mut statement = connection.prepare(&format!("SELECT * FROM \"{name}\"")).unwrap();
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut found = statement.query([]).unwrap();
        let mut all = Vec::new();
        while let Some(row) = found.next().unwrap() {
            all.push(columns.iter().enumerate().map(|(at, column)| (column.clone(), row.get(at).unwrap())).collect());
        }
        content.insert(name, Content { key: key.into_iter().map(|(_, column)| column).collect(), rows: all });
    }
    content
}
