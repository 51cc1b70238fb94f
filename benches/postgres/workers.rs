//! What is measured of gallra, each in a process of its own, so that processor time and peak memory are its own.

use std::cell::Cell;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use gallra::progress::{Progress, Silent, Stage};
use gallra::run::{Request, Wanted, backfill, run};
use gallra::session::{Access, LockUse, Session, World, locate};
use gallra::store::postgres::{Options, PostgresStore, Settings};
use gallra::store::{Request as TableRequest, Store};
use jiff::tz::TimeZone;

use super::measure::{Connected, Measured, peak_kilobytes, processor};

/// Every column of `lineitem`, or every second one: numbers, amounts, texts and dates alike.
fn columns(count: usize) -> Vec<usize> {
    if count < 16 { (0..16).step_by(2).collect() } else { (0..16).collect() }
}

/// Reads `lineitem` into Arrow and drops the batches.
pub fn scan(url: &str, connections: usize, count: usize) -> Result<Measured, Box<dyn Error>> {
    let settings = Settings::parse(url, &|_| None)?;
    let (before, started) = (processor("self"), Instant::now());
    let options = Options { writable: false, timestamps: TimeZone::UTC, connections, snapshot_seconds: 7_200 };
    let mut store = PostgresStore::open(settings, options)?;
    let catalog = store.catalog()?;
    let table = catalog.tables.iter().find(|table| table.name == "lineitem").ok_or("there is no lineitem")?;
    let rows = Cell::new(0);
    store.scan(&[TableRequest { table: table.clone(), columns: columns(count) }], &mut |_, batch| {
        rows.set(rows.get() + batch.num_rows() as u64);
        Ok(())
    })?;
    drop(store);
    let (seconds, used) = (started.elapsed().as_secs_f64(), processor("self") - before);
    Ok(Measured { seconds, rows: rows.get(), processor: used, peak_kilobytes: peak_kilobytes(), ..Measured::default() })
}

const PEOPLE: &str = r#"
[category.customer]
table = "customer"
delete = "DELETE"
[[category.customer.retention]]
name = "inactivity"
clock = "c_seen"
keep = "24 months"
[brake]
percent = 100.0
at_least = 100_000_000
[table.customer]
c_custkey = "key"
c_name = "name"
c_address = "address"
c_nationkey = "plain"
c_phone = "phone"
c_acctbal = "amount"
c_mktsegment = "plain"
c_comment = { class = "free_text", forget = "placeholder" }
c_seen = "activity"
"#;

const ORDERS: &str = r#"
[table.orders]
o_orderkey = "key"
o_custkey = "reference"
o_orderstatus = "plain"
o_totalprice = "amount"
o_orderdate = "plain"
o_orderpriority = "plain"
o_clerk = "plain"
o_shippriority = "plain"
o_comment = "plain"
"#;

/// Times the stage `write back`, and asks the server how much was logged meanwhile. Everything is on disk when it begins.
#[derive(Clone)]
struct Watch {
    server: Connected,
    measured: Arc<Mutex<Measured>>,
}

struct Watched {
    watch: Watch,
    before: u64,
    processor: f64,
    started: Instant,
}

impl Progress for Watch {
    fn start(&self, stage: &str, _total: u64) -> Box<dyn Stage> {
        if stage != "write back" {
            return Silent.start(stage, 0);
        }
        let before = self.server.log_position("CHECKPOINT;").unwrap_or_default();
        Box::new(Watched { watch: self.clone(), before, processor: processor("self"), started: Instant::now() })
    }
}

impl Stage for Watched {
    fn advance(&self, _units: u64) {}

    fn finish(&self) {
        let (seconds, used) = (self.started.elapsed().as_secs_f64(), processor("self") - self.processor);
        let after = self.watch.server.log_position("").unwrap_or_default();
        if let Ok(mut measured) = self.watch.measured.lock() {
            *measured = Measured { seconds, processor: used, logged: after - self.before, ..Measured::default() };
        }
    }
}

/// A pipeline file of these rules in a folder, with its keyring, accepted.
fn accepted(folder: &Path, server: &Connected, rules: &str, world: &World<'_>) -> Result<PathBuf, Box<dyn Error>> {
    let pipeline = folder.join("tpch.toml");
    let url = server.url();
    let controller = format!("[controller]\nname = \"TPC-H\"\nsource = \"{url}\"\ncountry = \"SE\"\ntime_zone = \"Europe/Stockholm\"\n");
    fs::write(&pipeline, format!("{controller}{rules}"))?;
    locate(&pipeline, world)?.keyring.create(jiff::Timestamp::now(), [7; 40])?;
    match Session::open(&pipeline, Access::Read, LockUse::Accept, world) {
        Err(gallra::error::Error::Pipeline { drawn, .. }) => Err(drawn.into()),
        Err(error) => Err(error.into()),
        Ok(_) => Ok(pipeline),
    }
}

/// A whole night on `people` or `shop`: the time and the log of its write-back, and the peak memory of the whole run.
pub fn night(server: &Connected, delete: bool) -> Result<Measured, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let orders = server.has_table("orders")?;
    let rules = PEOPLE.replace("DELETE", if delete { "unlinked" } else { "never" });
    let random = || [11; 40];
    let world = World { environment: &|_| None, now: &jiff::Timestamp::now, random: &random, color: false };
    let pipeline = accepted(folder.path(), server, &format!("{rules}{}", if orders { ORDERS } else { "" }), &world)?;
    let watch = Watch { server: server.clone(), measured: Arc::default() };
    let report = run(&pipeline, &Request::default(), &world, &watch)?;
    let mut measured = watch.measured.lock().map_err(|_| "the watch broke")?.clone();
    measured.rows = if delete { report.rows_deleted } else { report.rows_written };
    measured.peak_kilobytes = peak_kilobytes();
    Ok(measured)
}

/// Says on standard error how long each stage took.
struct Stages;

struct Staged {
    stage: String,
    started: Instant,
    processor: f64,
}

impl Progress for Stages {
    fn start(&self, stage: &str, _total: u64) -> Box<dyn Stage> {
        Box::new(Staged { stage: stage.to_owned(), started: Instant::now(), processor: processor("self") })
    }
}

impl Stage for Staged {
    fn advance(&self, _units: u64) {}

    #[expect(clippy::print_stderr, reason = "a bench has no printer")]
    fn finish(&self) {
        eprintln!(
            "{}: {:.2} s, {:.2} s of processor time",
            self.stage,
            self.started.elapsed().as_secs_f64(),
            processor("self") - self.processor
        );
    }
}

pub const SALES: &str = r#"
[category.customer]
table = "customer"
delete = "never"
[[category.customer.retention]]
name = "inactivity"
clock = "orders.o_orderdate"
keep = "1200 months"
[table.customer]
c_custkey = "key"
c_name = "name"
c_address = "address"
c_nationkey = "plain"
c_phone = "quasi_identifier"
c_acctbal = "amount"
c_mktsegment = "plain"
c_comment = { class = "free_text", forget = "placeholder" }
[table.orders]
o_orderkey = "key"
o_custkey = "reference"
o_orderstatus = "plain"
o_totalprice = "amount"
o_orderdate = "activity"
o_orderpriority = "plain"
o_clerk = "plain"
o_shippriority = "plain"
o_comment = "plain"
[table.lineitem]
l_orderkey = "reference"
l_partkey = "plain"
l_suppkey = "plain"
l_linenumber = "key"
l_quantity = "amount"
l_extendedprice = "amount"
l_discount = "amount"
l_tax = "amount"
l_returnflag = "plain"
l_linestatus = "plain"
l_shipdate = "plain"
l_commitdate = "plain"
l_receiptdate = "plain"
l_shipinstruct = "plain"
l_shipmode = "plain"
l_comment = "plain"
[set.sales]
base = "lineitem"
release = "pseudonymised"
subject = "orders.customer"
partition = "month"
sort = ["phone"]
columns = [
    { name = "customer", path = "orders.o_custkey", as = "pseudonym" },
    { name = "month", path = "orders.o_orderdate", as = "month" },
    { name = "phone", path = "orders.customer.c_phone", as = "prefix", length = 2 },
    { name = "quantity", path = "l_quantity" },
    { name = "price", path = "l_extendedprice" },
    { name = "discount", path = "l_discount" },
    { name = "returned", path = "l_returnflag" },
]
"#;

/// Publishes the line items by month: reads, decides, gates, sorts, writes, reads back.
pub fn publish(server: &Connected) -> Result<Measured, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let random = || [11; 40];
    let world = World { environment: &|_| None, now: &jiff::Timestamp::now, random: &random, color: false };
    let pipeline = accepted(folder.path(), server, SALES, &world)?;
    let (before, started) = (processor("self"), Instant::now());
    let wanted = Wanted { set: "sales", tenant: None, from: None, to: None };
    let progress: &dyn Progress = if std::env::var_os("GALLRA_STAGES").is_some() { &Stages } else { &Silent };
    let report = backfill(&pipeline, &wanted, &world, progress)?;
    let (seconds, used) = (started.elapsed().as_secs_f64(), processor("self") - before);
    let rows = report.tenants.iter().filter_map(|tenant| tenant.line.as_ref()).map(|line| line.rows).sum();
    Ok(Measured { seconds, rows, processor: used, peak_kilobytes: peak_kilobytes(), ..Measured::default() })
}
