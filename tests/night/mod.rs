//! A night on a fixture: its database, keyring and lock in a folder of their own, and plain SQL to look at the result.
//!
//! A night is spent on one of both stores. On PostgreSQL the SQLite file is what the test writes and looks at all the same: see [`mirror`].
#![allow(dead_code, unused_macros, unused_imports, reason = "each test uses a part of it")]

pub mod mirror;
#[path = "../server/mod.rs"]
pub mod server;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use gallra::error::Error;
use gallra::progress::{Progress, Silent};
use gallra::report::RunReport;
use gallra::run::{Planned, Request};
use gallra::session::{Access, LockUse, Session, World, locate};
use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};
use mirror::Mirror;
use rusqlite::Connection;
use rusqlite::types::Value;

/// Where a night's rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    Sqlite,
    Postgres,
}

/// One test for each store, `name::on_sqlite` and `name::on_postgres`, of a function `name(Store)`.
macro_rules! on_both_stores {
    ($($name:ident),+ $(,)?) => {
        $(mod $name {
            use super::night::Store;

            #[test]
            fn on_sqlite() {
                super::$name(Store::Sqlite);
            }

            #[test]
            fn on_postgres() {
                super::$name(Store::Postgres);
            }
        })+
    };
}
pub(crate) use on_both_stores;

pub struct Night {
    pub folder: tempfile::TempDir,
    pub pipeline: PathBuf,
    pub now: Timestamp,
    mirror: Option<RefCell<Mirror>>,
}

/// The tables of a test's own, as each store declares them.
#[derive(Debug, Clone, Copy)]
pub struct Tables<'a> {
    pub sqlite: &'a str,
    pub postgres: &'a str,
}

impl<'a> From<&'a str> for Tables<'a> {
    /// Declarations that mean the same to both.
    fn from(both: &'a str) -> Self {
        Self { sqlite: both, postgres: both }
    }
}

fn chance() -> [u8; 40] {
    let mut bytes = [0; 40];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

impl Night {
    /// Schema, rows and pipeline of a shipped fixture, at noon of a day.
    pub fn of_fixture(store: Store, fixture: &str, day: Date) -> Self {
        Self::shipped(store, fixture, day, |database| {
            let connection = Connection::open(database).unwrap();
            connection.pragma_update(None, "foreign_keys", true).unwrap();
            for part in ["schema.sql", "rows.sql"] {
                connection.execute_batch(&fixture_file(fixture, part)).unwrap();
            }
        })
    }

    /// The demo's made-up company of some size, under the Fortnox pipeline.
    pub fn of_demo(customers: u64, order_rows: u64, day: Date) -> Self {
        Self::of_demo_on(Store::Sqlite, customers, order_rows, day)
    }

    pub fn of_demo_on(store: Store, customers: u64, order_rows: u64, day: Date) -> Self {
        let size = gallra::demo::Size { customers, order_rows };
        Self::shipped(store, "fortnox", day, |database| drop(gallra::demo::generate(database, &size, day, &mut |_, _| {}).unwrap()))
    }

    /// A shipped pipeline over the SQLite file that `fill` makes; on PostgreSQL only its source differs, and the columns are accepted as they
    /// are declared there.
    fn shipped(store: Store, fixture: &str, day: Date, fill: impl FnOnce(&Path)) -> Self {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines").join(fixture);
        let folder = tempfile::tempdir().unwrap();
        let pipeline = folder.path().join(fixture).with_extension("toml");
        std::fs::copy(shipped.with_extension("lock"), pipeline.with_extension("lock")).unwrap();
        fill(&pipeline.with_extension("db"));
        let mut text = std::fs::read_to_string(shipped.with_extension("toml")).unwrap();
        let mut mirror = None;
        if store == Store::Postgres {
            let (url, made) = postgres(&fixture_file(fixture, "schema.postgres.sql"), &pipeline.with_extension("db"));
            let source = text.lines().find(|line| line.starts_with("source = \"sqlite:")).unwrap().to_owned();
            text = text.replace(&source, &format!("source = \"{url}\""));
            mirror = Some(made);
        }
        std::fs::write(&pipeline, text).unwrap();
        let night = Self::with_keyring(folder, pipeline, day, mirror);
        if store == Store::Postgres {
            night.accept();
        }
        night
    }

    /// Tables, rows and a pipeline of a test's own, on 22 November 2026; the columns are accepted where that is possible. The rows are SQL of
    /// SQLite on either store.
    pub fn of_own<'a>(store: Store, tables: impl Into<Tables<'a>>, rows: &str, pipeline_text: &str) -> Self {
        let tables = tables.into();
        let folder = tempfile::tempdir().unwrap();
        let pipeline = folder.path().join("own.toml");
        let database = pipeline.with_extension("db");
        Connection::open(&database).unwrap().execute_batch(&format!("{}\n{rows}", tables.sqlite)).unwrap();
        let (source, mirror) = match store {
            Store::Sqlite => ("sqlite:own.db".to_owned(), None),
            Store::Postgres => {
                let (url, mirror) = postgres(tables.postgres, &database);
                (url, Some(mirror))
            }
        };
        let controller =
            format!("[controller]\nname = \"Own\"\nsource = \"{source}\"\ncountry = \"SE\"\ntime_zone = \"Europe/Stockholm\"\n");
        std::fs::write(&pipeline, format!("{controller}{pipeline_text}")).unwrap();
        Self::with_keyring(folder, pipeline, jiff::civil::date(2026, 11, 22), mirror)
    }

    fn with_keyring(folder: tempfile::TempDir, pipeline: PathBuf, day: Date, mirror: Option<Mirror>) -> Self {
        let now = day.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp();
        let night = Self { folder, pipeline, now, mirror: mirror.map(RefCell::new) };
        night.with_world(|world| {
            let locations = locate(&night.pipeline, world).unwrap();
            locations.keyring.create(night.now, chance()).unwrap();
        });
        night
    }

    /// What is wrong with the pipeline, as drawn; empty where nothing is.
    pub fn problems(&self) -> String {
        self.load();
        self.with_world(|world| Session::open(&self.pipeline, Access::Read, LockUse::Accept, world).map_or_else(told, |_| String::new()))
    }

    pub fn with_world<T>(&self, work: impl FnOnce(&World<'_>) -> T) -> T {
        let now = self.now;
        work(&World { environment: &|_| None, now: &move || now, random: &chance, color: false })
    }

    /// A new lock file, after a change of the schema.
    pub fn accept(&self) {
        self.load();
        self.with_world(|world| drop(Session::open(&self.pipeline, Access::Read, LockUse::Accept, world).map_err(told).unwrap()));
    }

    pub fn plan(&self) -> (Session, Planned) {
        self.load();
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
        self.try_run_with(request, &Silent)
    }

    /// The same, told of its progress.
    pub fn try_run_with(&self, request: &Request, progress: &dyn Progress) -> Result<RunReport, Error> {
        self.load();
        let result = self.with_world(|world| gallra::run::run(&self.pipeline, request, world, progress));
        if let Some(mirror) = &self.mirror {
            mirror.borrow_mut().read_back(&self.database());
        }
        result
    }

    /// The SQLite file: the store itself, or what the last run left in PostgreSQL.
    pub fn database(&self) -> Connection {
        Connection::open(self.pipeline.with_extension("db")).unwrap()
    }

    /// The name of the night's database on the tests' server; `None` on SQLite.
    pub fn database_name(&self) -> Option<String> {
        self.mirror.as_ref()?;
        let text = std::fs::read_to_string(&self.pipeline).unwrap();
        let source = text.lines().find(|line| line.starts_with("source = ")).unwrap();
        let place = source.find("night_").unwrap();
        Some(source[place..].chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect())
    }

    /// Changes what the store declares, or runs any other SQL that both stores understand, past the scratch pad of a night on PostgreSQL.
    pub fn on_the_store(&self, sql: &str) {
        self.load();
        match self.database_name() {
            None => self.database().execute_batch(sql).unwrap(),
            Some(name) => drop(server::shared().psql(&name, sql)),
        }
    }

    /// Takes a backup of the store as it stands, gallra's own tables included.
    pub fn back_up(&self) {
        self.load();
        match self.database_name() {
            None => drop(std::fs::copy(self.pipeline.with_extension("db"), self.pipeline.with_extension("backup")).unwrap()),
            Some(name) => copy_of_database(&name, &format!("{name}_backup")),
        }
    }

    /// Brings the backup back; the ledger and the keys stay where they are.
    pub fn restore(&self) {
        match self.database_name() {
            None => drop(std::fs::copy(self.pipeline.with_extension("backup"), self.pipeline.with_extension("db")).unwrap()),
            Some(name) => {
                server::shared().psql("postgres", &format!("DROP DATABASE \"{name}\" WITH (FORCE)"));
                copy_of_database(&format!("{name}_backup"), &name);
                self.rebuild_from_store();
            }
        }
    }

    /// Fills the file anew from what stands in PostgreSQL, whatever the file held.
    fn rebuild_from_store(&self) {
        self.mirror.as_ref().expect("a night on PostgreSQL").borrow_mut().rebuild(&self.database());
    }

    /// Takes what the test has changed in the file over to PostgreSQL.
    fn load(&self) {
        if let Some(mirror) = &self.mirror {
            mirror.borrow_mut().load(&self.database());
        }
    }

    /// Empties the file and fills it anew from what stands in PostgreSQL.
    pub fn rebuild(&self) {
        self.load();
        self.rebuild_from_store();
    }
}

/// A database like another one, which nobody may be connected to: a session that has just ended is waited for.
fn copy_of_database(from: &str, to: &str) {
    let sql = format!("CREATE DATABASE \"{to}\" TEMPLATE \"{from}\"");
    for _ in 0..50 {
        if server::shared().psql_output("postgres", &sql).status.success() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    server::shared().psql("postgres", &sql);
}

fn fixture_file(fixture: &str, name: &str) -> String {
    std::fs::read_to_string(format!("{}/fixtures/{fixture}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// A database of its own on the tests' server, with these tables: its URL, and the mirror of the file in it.
fn postgres(schema: &str, file: &Path) -> (String, Mirror) {
    static NIGHTS: AtomicUsize = AtomicUsize::new(1);
    let name = format!("night_{}_{}", std::process::id(), NIGHTS.fetch_add(1, Ordering::Relaxed));
    let server = server::shared();
    server.create_database(&name);
    let url = server.url(&name);
    let mirror = Mirror::create(url.clone(), schema, &Connection::open(file).unwrap());
    (url, mirror)
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
