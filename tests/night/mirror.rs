//! A test's SQLite file mirrored in a PostgreSQL database, so that one test serves both stores.
//!
//! Tests prepare rows with plain SQL in an SQLite file and look at the result with plain SQL. On PostgreSQL that file is the test's scratch
//! pad: before a run its rows are loaded into the database, and afterwards what stands there is read back into the file, cell by cell. Only
//! rows that the test changed since are loaded again, so that what a run left stays physically as it left it.
//!
//! A date that only SQLite can hold (`'not a date'`) becomes `infinity`, which gallra can not read as a day either. Such substitutions, and
//! other spellings of one instant, are remembered per cell and undone on the way back as long as the cell holds what was loaded.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use tokio_postgres::{NoTls, SimpleQueryMessage};

/// Rows that one statement inserts or deletes.
const CHUNK: usize = 500;

/// One table's rows, by the text of their keys.
type Rows = BTreeMap<Vec<String>, Vec<Value>>;

/// A table, a row's key in it, and a column.
type Cell = (usize, Vec<String>, usize);

pub struct Mirror {
    url: String,
    tables: Vec<Table>,
    /// What both sides held when they were last the same.
    known: Vec<Rows>,
    /// What stands in PostgreSQL, and what stood in SQLite.
    substitutes: BTreeMap<Cell, (Option<String>, Value)>,
}

struct Table {
    name: String,
    columns: Vec<Column>,
    key: Vec<usize>,
}

struct Column {
    name: String,
    affinity: Affinity,
    kind: Kind,
    generated: bool,
}

/// What SQLite makes of a text that is stored in the column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Affinity {
    Text,
    Number,
    Real,
    Blob,
}

/// What PostgreSQL's type asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Boolean,
    Date,
    Timestamp,
    TimestampTz,
    Bytes,
    Padded,
    Json,
    AsText,
}

impl Mirror {
    /// Creates the tables of a PostgreSQL schema in an empty database; they must be those of the SQLite file, column by column.
    pub fn create(url: String, schema: &str, sqlite: &Connection) -> Self {
        ask(&url, schema);
        let tables = tables(&url, sqlite);
        let known = tables.iter().map(|_| Rows::new()).collect();
        Self { url, tables, known, substitutes: BTreeMap::new() }
    }

    /// Brings the database to the file's rows, where the test has changed them.
    pub fn load(&mut self, sqlite: &Connection) {
        let wanted: Vec<Rows> = self.tables.iter().map(|table| table.in_sqlite(sqlite)).collect();
        if wanted == self.known {
            return;
        }
        // A load is not checked by triggers, so that what pointed nowhere in SQLite can point nowhere here.
        let mut script = "BEGIN; SET LOCAL session_replication_role = replica; SET LOCAL TimeZone = 'UTC';".to_owned();
        for ((table, known), wanted) in self.tables.iter().zip(&self.known).zip(&wanted) {
            let stale: Vec<&Vec<String>> = known.iter().filter(|(key, row)| wanted.get(*key) != Some(*row)).map(|(key, _)| key).collect();
            let fresh: Vec<&Vec<Value>> = wanted.iter().filter(|(key, row)| known.get(*key) != Some(*row)).map(|(_, row)| row).collect();
            script.extend(stale.chunks(CHUNK).map(|keys| table.delete(keys)));
            script.extend(fresh.chunks(CHUNK).map(|rows| table.insert(rows)));
        }
        ask(&self.url, &(script + "COMMIT;"));
        self.substitutes.clear();
        for (place, (table, wanted)) in self.tables.iter().zip(&wanted).enumerate() {
            let stored = table.in_postgres(&self.url);
            assert_eq!(stored.len(), wanted.len(), "rows of `{}` after the load", table.name);
            for (key, cells) in stored {
                for (at, (column, text)) in table.columns.iter().zip(cells).enumerate() {
                    let original = &wanted[&key][at];
                    if column.value(text.as_deref()) != *original {
                        let free = matches!(column.kind, Kind::Date | Kind::Timestamp | Kind::TimestampTz | Kind::Json);
                        assert!(free, "`{}`.`{}` {key:?} is {text:?} after the load, not {original:?}", table.name, column.name);
                        self.substitutes.insert((place, key.clone(), at), (text, original.clone()));
                    }
                }
            }
        }
        self.known = wanted;
    }

    /// Brings the file to the database's rows. The order of rows that stay is kept, and no trigger of the file fires.
    pub fn read_back(&mut self, sqlite: &Connection) {
        let untouched: Vec<Rows> = self.tables.iter().map(|table| table.in_sqlite(sqlite)).collect();
        assert!(untouched == self.known, "nobody but the test and this module writes the SQLite file of a night on PostgreSQL");
        sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false).unwrap();
        sqlite.execute_batch("PRAGMA foreign_keys = OFF; BEGIN").unwrap();
        let mut wanted = Vec::new();
        for (place, table) in self.tables.iter().enumerate() {
            let stored = table.in_postgres(&self.url).into_iter();
            let rows: Rows = stored.map(|(key, cells)| (key.clone(), self.values(place, &key, cells))).collect();
            table.write(sqlite, &self.known[place], &rows);
            wanted.push(rows);
        }
        sqlite.execute_batch("COMMIT; PRAGMA foreign_keys = ON").unwrap();
        sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, true).unwrap();
        for (table, wanted) in self.tables.iter().zip(&wanted) {
            for (key, row) in table.in_sqlite(sqlite) {
                assert_eq!(Some(&row), wanted.get(&key), "`{}` {key:?} as both stores have it", table.name);
            }
        }
        self.known = wanted;
    }

    /// Empties the file and fills it from the database alone.
    pub fn rebuild(&mut self, sqlite: &Connection) {
        sqlite.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        for (table, known) in self.tables.iter().zip(&mut self.known) {
            sqlite.execute(&format!("DELETE FROM {}", quoted(&table.name)), []).unwrap();
            known.clear();
        }
        self.read_back(sqlite);
    }

    fn values(&self, table: usize, key: &[String], cells: Vec<Option<String>>) -> Vec<Value> {
        let value = |(at, (column, text)): (usize, (&Column, Option<String>))| match self.substitutes.get(&(table, key.to_vec(), at)) {
            Some((loaded, original)) if *loaded == text => original.clone(),
            _ => column.value(text.as_deref()),
        };
        self.tables[table].columns.iter().zip(cells).enumerate().map(value).collect()
    }
}

impl Table {
    fn key_of(&self, row: &[Value]) -> Vec<String> {
        self.key.iter().map(|column| super::text_of(&row[*column]).expect("a key is not NULL")).collect()
    }

    fn list(&self, columns: impl Iterator<Item = usize>, suffix: &str) -> String {
        columns.map(|column| quoted(&self.columns[column].name) + suffix).collect::<Vec<_>>().join(", ")
    }

    fn stored(&self) -> impl Iterator<Item = usize> + Clone {
        (0..self.columns.len()).filter(|column| !self.columns[*column].generated)
    }

    fn in_sqlite(&self, sqlite: &Connection) -> Rows {
        let sql = format!("SELECT {} FROM {}", self.list(0..self.columns.len(), ""), quoted(&self.name));
        let mut statement = sqlite.prepare(&sql).unwrap();
        let cells = |row: &rusqlite::Row<'_>| (0..self.columns.len()).map(|column| row.get(column)).collect::<Result<Vec<Value>, _>>();
        statement.query_map([], cells).unwrap().map(Result::unwrap).map(|row| (self.key_of(&row), row)).collect()
    }

    /// The rows as PostgreSQL writes them, in the order of their keys.
    fn in_postgres(&self, url: &str) -> Vec<(Vec<String>, Vec<Option<String>>)> {
        let (columns, key) = (self.list(0..self.columns.len(), ""), self.list(self.key.iter().copied(), ""));
        let rows = ask(url, &format!("SET TimeZone = 'UTC'; SELECT {columns} FROM {} ORDER BY {key}", quoted(&self.name)));
        let text = |row: &[Option<String>], column: usize| self.columns[column].value(row[column].as_deref());
        let key_of = |row: &[Option<String>]| -> Vec<String> {
            self.key.iter().map(|column| super::text_of(&text(row, *column)).expect("a key is not NULL")).collect()
        };
        rows.into_iter().map(|row| (key_of(&row), row)).collect()
    }

    fn delete(&self, keys: &[&Vec<String>]) -> String {
        let tuple = |key: &&Vec<String>| format!("({})", key.iter().map(|cell| literal(cell)).collect::<Vec<_>>().join(", "));
        let keys = keys.iter().map(tuple).collect::<Vec<_>>().join(", ");
        format!("DELETE FROM {} WHERE ({}) IN ({keys});", quoted(&self.name), self.list(self.key.iter().copied(), "::text"))
    }

    fn insert(&self, rows: &[&Vec<Value>]) -> String {
        let cell = |row: &[Value], column: usize| self.columns[column].text(&row[column]).map_or("NULL".to_owned(), |text| literal(&text));
        let tuple = |row: &&Vec<Value>| format!("({})", self.stored().map(|column| cell(row, column)).collect::<Vec<_>>().join(", "));
        let tuples = rows.iter().map(tuple).collect::<Vec<_>>().join(", ");
        format!("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES {tuples};", quoted(&self.name), self.list(self.stored(), ""))
    }

    /// Writes into SQLite what differs.
    fn write(&self, sqlite: &Connection, known: &Rows, wanted: &Rows) {
        let name = quoted(&self.name);
        let found = self.key.iter().enumerate().map(|(at, column)| format!("{} = ?{}", quoted(&self.columns[*column].name), at + 1));
        let found = found.collect::<Vec<_>>().join(" AND ");
        let cells = |row: &[Value], columns: &mut dyn Iterator<Item = usize>| columns.map(|column| row[column].clone()).collect::<Vec<_>>();
        for row in known.iter().filter(|(key, _)| !wanted.contains_key(*key)).map(|(_, row)| row) {
            let key = cells(row, &mut self.key.iter().copied());
            let gone = sqlite.execute(&format!("DELETE FROM {name} WHERE {found}"), rusqlite::params_from_iter(key)).unwrap();
            assert_eq!(gone, 1, "rows deleted of `{}`", self.name);
        }
        for (key, row) in wanted {
            let Some(old) = known.get(key) else {
                let places = self.stored().map(|_| "?").collect::<Vec<_>>().join(", ");
                let sql = format!("INSERT INTO {name} ({}) VALUES ({places})", self.list(self.stored(), ""));
                sqlite.execute(&sql, rusqlite::params_from_iter(cells(row, &mut self.stored()))).unwrap();
                continue;
            };
            for column in self.stored().filter(|column| row[*column] != old[*column]) {
                let mut values = cells(row, &mut self.key.iter().copied());
                values.push(row[column].clone());
                let sql = format!("UPDATE {name} SET {} = ?{} WHERE {found}", quoted(&self.columns[column].name), values.len());
                assert_eq!(sqlite.execute(&sql, rusqlite::params_from_iter(values)).unwrap(), 1, "rows updated of `{}`", self.name);
            }
        }
    }
}

impl Column {
    /// What is loaded for a cell of SQLite.
    fn text(&self, value: &Value) -> Option<String> {
        let written = super::text_of(value)?;
        Some(match (self.kind, value) {
            (Kind::Boolean, Value::Integer(truth @ (0 | 1))) => (*truth == 1).to_string(),
            (Kind::Bytes, Value::Blob(_)) => format!("\\x{written}"),
            (Kind::Bytes, _) => format!("\\x{}", data_encoding::HEXLOWER.encode(written.as_bytes())),
            (_, Value::Blob(_)) => panic!("`{}` holds a blob", self.name),
            (Kind::Date, _) => looks_like_a_date(&written).and_then(|text| text.parse::<Date>().ok()).map_or("infinity".into(), iso),
            (Kind::Timestamp, _) => civil(&written).map_or("infinity".into(), iso),
            (Kind::TimestampTz, _) => civil(&written).map_or("infinity".into(), |utc| format!("{utc}+00")),
            _ => written,
        })
    }

    /// What SQLite holds for a text of PostgreSQL.
    fn value(&self, text: Option<&str>) -> Value {
        let Some(text) = text else { return Value::Null };
        match self.kind {
            Kind::Boolean => Value::Integer(i64::from(text == "t")),
            Kind::Bytes => Value::Blob(data_encoding::HEXLOWER.decode(text.trim_start_matches("\\x").as_bytes()).unwrap()),
            Kind::Date | Kind::Timestamp => Value::Text(text.to_owned()),
            Kind::TimestampTz => Value::Text(text.trim_end_matches("+00").to_owned()),
            Kind::Padded => self.affinity.of(text.trim_end_matches(' ')),
            Kind::Json | Kind::AsText => self.affinity.of(text),
        }
    }
}

impl Affinity {
    /// By SQLite's documentation, "Determination Of Column Affinity".
    fn declared(declared: &str) -> Self {
        let upper = declared.to_ascii_uppercase();
        let has = |words: &[&str]| words.iter().any(|word| upper.contains(word));
        if has(&["INT"]) {
            Self::Number
        } else if has(&["CHAR", "CLOB", "TEXT"]) {
            Self::Text
        } else if has(&["BLOB"]) || upper.trim().is_empty() {
            Self::Blob
        } else if has(&["REAL", "FLOA", "DOUB"]) {
            Self::Real
        } else {
            Self::Number
        }
    }

    fn of(self, text: &str) -> Value {
        // The largest whole number below which a floating one of the same value is kept as an integer.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let as_text = || Value::Text(text.to_owned());
        let real = text.starts_with(|first: char| first == '-' || first.is_ascii_digit()).then(|| text.parse::<f64>().ok()).flatten();
        match self {
            Self::Text | Self::Blob => as_text(),
            Self::Real => real.map_or_else(as_text, Value::Real),
            Self::Number => match (text.parse(), real) {
                (Ok(whole), _) => Value::Integer(whole),
                (_, Some(real)) if real.fract() == 0.0 && real.abs() < EXACT => Value::Integer(real as i64),
                (_, Some(real)) => Value::Real(real),
                _ => as_text(),
            },
        }
    }
}

fn iso(date: impl std::fmt::Display) -> String {
    date.to_string()
}

/// The text, where it starts as `YYYY-MM-DD` does; jiff reads more than that.
fn looks_like_a_date(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    (bytes.len() >= 10 && bytes[4] == b'-' && bytes[7] == b'-').then_some(text)
}

/// The civil time in UTC of a text with an offset, or of one that says none and means UTC.
fn civil(text: &str) -> Option<DateTime> {
    let text = looks_like_a_date(text)?;
    let zoned = text.parse::<Timestamp>().map(|instant| instant.to_zoned(TimeZone::UTC).datetime());
    zoned.or_else(|_| text.parse::<DateTime>()).ok()
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    assert!(!text.contains('\0'), "PostgreSQL holds no text with the character 0");
    format!("'{}'", text.replace('\'', "''"))
}

fn tables(url: &str, sqlite: &Connection) -> Vec<Table> {
    let described = ask(
        url,
        "SELECT c.relname, a.attname, coalesce(nullif(t.typbasetype, 0), t.oid)::regtype, a.attgenerated <> ''
         FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
           AND a.attnum > 0 AND NOT a.attisdropped",
    );
    let mut types: BTreeMap<(String, String), (String, bool)> = BTreeMap::new();
    for mut row in described {
        let mut next = |at: usize| row[at].take().unwrap();
        types.insert((next(0), next(1)), (next(2), next(3) == "t"));
    }
    let mut statement = sqlite
        .prepare(
            "SELECT t.name, c.name, c.type, c.pk, c.hidden FROM pragma_table_list t, pragma_table_xinfo(t.name) c
             WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.cid",
        )
        .unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut tables: Vec<(Table, Vec<(i64, usize)>)> = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let (table, name, declared): (String, String, String) = (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap());
        let (place, hidden): (i64, i64) = (row.get(3).unwrap(), row.get(4).unwrap());
        let (named, generated) =
            types.remove(&(table.clone(), name.clone())).unwrap_or_else(|| panic!("PostgreSQL's schema has no `{table}`.`{name}`"));
        assert_eq!(generated, hidden >= 2, "whether `{table}`.`{name}` is generated");
        let kind = match named.as_str() {
            "boolean" => Kind::Boolean,
            "date" => Kind::Date,
            "timestamp without time zone" => Kind::Timestamp,
            "timestamp with time zone" => Kind::TimestampTz,
            "bytea" => Kind::Bytes,
            "character" => Kind::Padded,
            "json" | "jsonb" => Kind::Json,
            _ => Kind::AsText,
        };
        if tables.last().is_none_or(|(last, _)| last.name != table) {
            tables.push((Table { name: table, columns: Vec::new(), key: Vec::new() }, Vec::new()));
        }
        let (table, key) = tables.last_mut().unwrap();
        if place > 0 {
            key.push((place, table.columns.len()));
        }
        table.columns.push(Column { name, affinity: Affinity::declared(&declared), kind, generated });
    }
    assert!(types.is_empty(), "only PostgreSQL's schema has {:?}", types.keys());
    let keyed = |(mut table, mut key): (Table, Vec<(i64, usize)>)| {
        key.sort_unstable();
        assert!(!key.is_empty(), "`{}` has a primary key", table.name);
        table.key = key.into_iter().map(|(_, column)| column).collect();
        table
    };
    tables.into_iter().map(keyed).collect()
}

/// Runs statements on a connection of their own; the rows of all of them, as text.
fn ask(url: &str, sql: &str) -> Vec<Vec<Option<String>>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        let driver = tokio::spawn(connection);
        let messages = client.simple_query(sql).await.unwrap_or_else(|error| panic!("{error}: {:?}", error.as_db_error()));
        drop(client);
        driver.await.unwrap().unwrap();
        let row = |message| match message {
            SimpleQueryMessage::Row(row) => Some((0..row.len()).map(|column| row.get(column).map(str::to_owned)).collect()),
            _ => None,
        };
        messages.into_iter().filter_map(row).collect()
    })
}
