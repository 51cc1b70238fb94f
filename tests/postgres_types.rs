//! Every type that a column of PostgreSQL can have: what is read is what stands there, and what is written back is the same again.
//!
//! The witness is the server: it holds a copy of the rows from before and compares, in both forms that it knows of a value, text and bytes.

mod server;

#[path = "postgres_types/literals.rs"]
mod literals;
#[path = "postgres_types/snapshots.rs"]
mod snapshots;
#[path = "postgres_types/survival.rs"]
mod survival;
#[path = "postgres_types/values.rs"]
mod values;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, StringArray,
    TimestampMicrosecondArray,
};
use arrow::compute::concat;
use arrow::datatypes::{Decimal128Type, Int64Type};
use gallra::store::postgres::{Options, PostgresStore, Settings};
use gallra::store::{Assignment, Catalog, Request, Rows, Store, StoreError, StoreVersion};
use jiff::tz::TimeZone;

/// A database of its own on the tests' server.
struct Database {
    name: String,
}

impl Database {
    fn of(sql: &str) -> Self {
        static DATABASES: AtomicU32 = AtomicU32::new(1);
        let name = format!("types_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        server::shared().create_database(&name);
        server::shared().psql(&name, sql);
        Self { name }
    }

    #[track_caller]
    fn sql(&self, sql: &str) -> String {
        server::shared().psql(&self.name, sql)
    }

    fn open(&self, zone: &str, connections: usize) -> PostgresStore {
        self.open_for(zone, connections, 600)
    }

    fn open_for(&self, zone: &str, connections: usize, snapshot_seconds: u64) -> PostgresStore {
        let settings = Settings::parse(&server::shared().url(&self.name), &|_| None).unwrap();
        let timestamps = TimeZone::get(zone).unwrap();
        PostgresStore::open(settings, Options { writable: true, timestamps, connections, snapshot_seconds }).unwrap()
    }
}

/// All columns of a table.
fn everything(catalog: &Catalog, table: &str) -> Request {
    let table = catalog.table(table).unwrap().clone();
    Request { columns: (0..table.columns.len()).collect(), table }
}

fn read(store: &mut PostgresStore, table: &str) -> Result<Rows, StoreError> {
    let request = everything(&store.catalog()?, table);
    store.snapshot()?.read(&request, &mut |_| {})
}

/// A column over all batches.
fn column(rows: &Rows, position: usize) -> ArrayRef {
    let parts: Vec<&dyn Array> = rows.batches.iter().map(|batch| batch.column(position).as_ref()).collect();
    concat(&parts).unwrap()
}

/// Writes every row of a table as it was read, all columns but the key and what the server computes. Returns how many rows. Cells that can not
/// be read keep what they have, as in a night.
fn write_back(store: &mut PostgresStore, table: &str) -> usize {
    let request = everything(&store.catalog().unwrap(), table);
    let before = store.snapshot().unwrap().read(&request, &mut |_| {}).unwrap();
    let rows = before.batches.iter().map(|batch| batch.num_rows()).sum();
    let key = request.table.primary_key[0];
    let mut batch = store.batch().unwrap();
    batch.load_subjects(&request.table, &[key], &[column(&before, key)], None).unwrap();
    let linked = batch.linked(&request, &[], None).unwrap();
    assert_eq!(linked.rows.versions.as_ref().map(Vec::len), Some(rows));
    // Under the lock the rows are those of the snapshot, whatever their order.
    let versions = |rows: &Rows| rows.versions.clone().unwrap().into_iter().collect::<BTreeSet<StoreVersion>>();
    assert_eq!(versions(&linked.rows), versions(&before));
    let assignment = |position: &usize| {
        let unreadable = linked.rows.unreadable.get(position);
        let mask = unreadable.map(|unreadable| (0..rows).map(|row| Some(!unreadable.contains(&u32::try_from(row).unwrap()))).collect());
        Assignment { column: *position, values: column(&linked.rows, *position), rows: mask }
    };
    let written = |index: &&usize| **index != key && !request.table.columns[**index].generated;
    let assignments: Vec<Assignment> = request.columns.iter().filter(written).map(assignment).collect();
    // Twice: the second time the rows stand elsewhere.
    for locators in [linked.locators.clone(), batch.moved(&request.table, &linked.locators)] {
        assert_eq!(batch.update(&request.table, &locators, &assignments).unwrap(), rows as u64);
    }
    batch.commit().unwrap();
    let after = store.snapshot().unwrap().read(&request, &mut |_| {}).unwrap();
    assert!(versions(&after).is_disjoint(&versions(&before)));
    rows
}

/// Types that the tables use.
const OWN_TYPES: &str = r#"
    CREATE TYPE mood AS ENUM ('sad', 'it''s "fine"', 'Å\');
    CREATE TYPE place AS (street text, number integer, since date);
    CREATE DOMAIN price AS numeric(12,3) CHECK (VALUE > -1000000);
    CREATE DOMAIN word AS varchar(12);
    CREATE DOMAIN code AS word CHECK (VALUE <> 'no');
    CREATE DOMAIN day AS date;
    CREATE DOMAIN stamp AS timestamp;
    CREATE DOMAIN feeling AS mood;
"#;

fn integers(values: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

fn texts(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn decimals(precision: u8, scale: i8, values: &[i128]) -> ArrayRef {
    Arc::new(Decimal128Array::from(values.to_vec()).with_precision_and_scale(precision, scale).unwrap())
}

fn times(values: &[&str]) -> ArrayRef {
    let instant = |text: &&str| text.parse::<jiff::Timestamp>().unwrap().as_microsecond();
    Arc::new(values.iter().map(instant).map(Some).collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
}
