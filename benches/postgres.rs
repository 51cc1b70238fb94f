//! PostgreSQL, side by side with what somebody would use instead: a snapshot of TPC-H `lineitem` into Arrow, 100,000 customers written back,
//! 30,000 deleted, six million line items published by month, and the memory that it takes; the same set from Parquet files, and the encoder
//! alone.
//!
//! `scripts/bench-postgres` makes what this needs (`GALLRA_RIVALS`, a Python environment with `benches/rivals/requirements.txt`) and runs it:
//! `--quick` for a tenth of the data and fewer rounds, `--scale N` for another size, `--rounds N`, `--only` with `scan`, `write`,
//! `publish`, `parquet` or `encode`. The server
//! is the bench's own. Contenders take turns, each in a process of its own, and medians are compared. Nothing is asserted about speed.

#[path = "postgres/measure.rs"]
mod measure;
#[path = "postgres/parquet.rs"]
mod parquet_files;
#[path = "../tests/server/mod.rs"]
mod server;
#[path = "postgres/setup.rs"]
mod setup;
#[path = "postgres/table.rs"]
mod table;
#[path = "postgres/workers.rs"]
mod workers;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use measure::{Connected, Measured, Sessions};
use server::Server;
use table::{Contender, Goal, print};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What becomes of a customer in the statements that one would write by hand.
const CONSTANTS: &str = "c_name = 'XXX', c_address = 'XXX', c_phone = 'XXX', c_comment = 'XXX'";

const ANONYMIZE: &str = "tables:
  - customer:
      primary_key: c_custkey
      search: c_seen = DATE '2015-01-01'
      fields:
        - c_name: {provider: {name: set, value: XXX}}
        - c_address: {provider: {name: set, value: XXX}}
        - c_phone: {provider: {name: set, value: XXX}}
        - c_comment: {provider: {name: set, value: XXX}}
";

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut out = std::io::stdout().lock();
    if let ["work", "parquet", files] = words.as_slice() {
        serde_json::to_writer(&mut out, &parquet_files::publish(Path::new(files), workers::SALES)?)?;
        return Ok(());
    }
    if let ["work", what, folder, port, database, rest @ ..] = words.as_slice() {
        let server = Connected { folder: (*folder).into(), port: (*port).into(), database: (*database).into() };
        let measured = match (*what, rest) {
            ("scan", [connections, columns]) => workers::scan(&server.url(), connections.parse()?, columns.parse()?)?,
            ("publish", []) => workers::publish(&server)?,
            ("night", [delete]) => workers::night(&server, *delete == "delete")?,
            _ => return Err("unknown work".into()),
        };
        serde_json::to_writer(&mut out, &measured)?;
        return Ok(());
    }
    drop(out);
    let quick = words.contains(&"--quick");
    let after = |name: &str| words.iter().position(|word| *word == name).and_then(|at| words.get(at + 1)).copied();
    let rounds: usize = after("--rounds").map_or(Ok(if quick { 3 } else { 5 }), str::parse)?;
    let scale = after("--scale").unwrap_or(if quick { "0.1" } else { "1" });
    let Some(rivals) = std::env::var_os("GALLRA_RIVALS").map(PathBuf::from) else {
        return Err("run `scripts/bench-postgres`, which makes the data and the rivals' environment".into());
    };
    let files = rivals.join(format!("tpch-{scale}"));
    let only = after("--only");
    let generator = rivals.join("bin/tpchgen-cli");
    if only.is_none_or(|only| only == "encode") {
        encoding(&rivals.join("bin/python"), rounds)?;
    }
    if only.is_none_or(|only| only == "parquet") {
        let files = rivals.join(format!("tpch-{scale}-parquet"));
        setup::generate(&generator, "parquet", scale, &files)?;
        from_parquet(&rivals, &files, rounds)?;
    }
    if matches!(only, Some("encode" | "parquet")) {
        return Ok(());
    }
    setup::generate(&generator, "csv", scale, &files)?;
    let started = Instant::now();
    let bench = Bench { server: setup::server(), rivals, rounds };
    let asked = |part: &str| only.is_none_or(|only| only == part);
    if asked("scan") {
        setup::scan(&bench.server, &files);
    }
    if asked("write") {
        setup::people(&bench.server, &files);
    }
    if asked("publish") {
        setup::sales(&bench.server, &files);
    }
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    print(&[
        format!("TPC-H at scale {scale}, loaded in {:.0} s; {rounds} rounds; {cores} cores, load {}", started.elapsed().as_secs_f64(), load.trim()),
        "server: shared_buffers 1GB, max_wal_size 16GB, fsync, full_page_writes and synchronous_commit on, autovacuum off, everything vacuumed".into(),
    ])?;
    if asked("scan") {
        bench.scans()?;
    }
    if asked("write") {
        bench.writes()?;
        bench.deletions()?;
    }
    if asked("publish") {
        bench.publishing()?;
    }
    Ok(())
}

/// The encoder beside pyarrow's, in rows per second of one core.
fn encoding(python: &Path, rounds: usize) -> Outcome<()> {
    let measured = parquet_files::encode(python, rounds)?;
    let mut lines = vec!["a million rows to Parquet, one core (processor seconds, medians)".to_owned()];
    let medians: Vec<f64> = measured.iter().map(|(_, seconds)| measure::median(seconds.clone())).collect();
    for ((name, _), seconds) in measured.iter().zip(&medians) {
        lines.push(format!("{name:<44} {seconds:>7.3}   {:>6.2} million rows/s", 1.0 / seconds));
    }
    print(&lines)?;
    // The ratio of each turn: what slows the machine for a while slows both.
    let seconds = |wanted: &str| measured.iter().find(|(name, _)| name == wanted).map_or(&[][..], |(_, seconds)| seconds);
    let goals = ["with page index", "with a bloom filter as well"].map(|how| {
        let (ours, theirs) = (seconds(&format!("gallra, {how}")), seconds(&format!("pyarrow, {how}")));
        Goal::at_least(how, measure::median(theirs.iter().zip(ours).map(|(theirs, ours)| theirs / ours).collect()), 1.15)
    });
    table::goals(&goals)
}

/// The purchase history from Parquet files.
fn from_parquet(rivals: &Path, files: &Path, rounds: usize) -> Outcome<()> {
    let theirs = |library: &'static str| {
        move || -> Outcome<Measured> {
            let output = tempfile::tempdir()?;
            let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/rivals/parquet.py");
            let mut python = Command::new(rivals.join("bin/python"));
            python.arg(script).arg(library).arg(files).arg(output.path().join("sales"));
            told(&mut python)
        }
    };
    let ours = || -> Outcome<Measured> {
        let mut this = Command::new(std::env::current_exe()?);
        this.args(["work", "parquet"]).arg(files);
        told(&mut this)
    };
    let mut contenders =
        [Contender::new("gallra", ours), Contender::new("Polars", theirs("polars")), Contender::new("DuckDB", theirs("duckdb"))];
    for round in 0..=rounds {
        for contender in &mut contenders {
            let measured = (contender.work)()?;
            if round > 0 {
                contender.measured.push(measured);
            }
        }
    }
    let [ours, polars, duckdb] = &contenders;
    let rows = |contender: &Contender| contender.measured.iter().map(|measured| measured.rows).max();
    if rows(ours) != rows(polars) || rows(ours) != rows(duckdb) {
        return Err("the contenders published different numbers of rows".into());
    }
    table::report(
        &format!("purchase history from Parquet files, {} rows by month", rows(ours).unwrap_or_default()),
        &contenders,
        &[
            Goal::at_least("against Polars", polars.seconds() / ours.seconds(), 1.0),
            Goal::at_least("against DuckDB", duckdb.seconds() / ours.seconds(), 1.0),
            Goal::at_most("peak memory in MB", ours.peak_megabytes(), 600.0),
        ],
    )
}

struct Bench {
    server: Server,
    rivals: PathBuf,
    rounds: usize,
}

impl Bench {
    /// Everyone in turn, once unmeasured and then so many rounds.
    fn measure(&self, contenders: &mut [Contender<'_>]) -> Outcome<()> {
        for round in 0..=self.rounds {
            for contender in contenders.iter_mut() {
                let sessions = Sessions::watch(&self.server);
                let mut measured = (contender.work)()?;
                measured.server = sessions.used();
                if round > 0 {
                    contender.measured.push(measured);
                }
            }
        }
        Ok(())
    }

    fn scans(&self) -> Outcome<()> {
        let server = Connected::to(&self.server, "scan");
        let told = server.ask(&["SELECT count(*) || ' ' || pg_relation_size('lineitem') / 8192 FROM lineitem"])?;
        let (rows, pages) = told.split_once(' ').ok_or("lineitem can not be counted")?;
        let (rows, pages): (u64, u64) = (rows.parse()?, pages.parse()?);
        let half = pages / 2;
        let ours = |connections, columns| move || own("scan", &Connected::to(&self.server, "scan"), &[connections, columns]);
        let theirs = |library, connections| move || self.rival(library, connections);
        let whole = "COPY lineitem TO STDOUT (FORMAT binary)".to_owned();
        let below = format!("COPY (SELECT * FROM lineitem WHERE ctid < '({half},0)') TO STDOUT (FORMAT binary)");
        let above = format!("COPY (SELECT * FROM lineitem WHERE ctid >= '({half},0)') TO STDOUT (FORMAT binary)");
        let mut contenders = [
            Contender::new("psql, COPY to /dev/null", || copies(&server, &[&whole], rows)),
            Contender::new("gallra, 1 connection", ours("1", "16")),
            Contender::new("two psql, half each", || copies(&server, &[&below, &above], rows)),
            Contender::new("gallra, 2 connections", ours("2", "16")),
            Contender::new("gallra, 1 connection, 8 columns", ours("1", "8")),
            Contender::new("DuckDB, 2 threads", theirs("duckdb", "2")),
            Contender::new("connectorx", theirs("connectorx", "1")),
            Contender::new("ADBC", theirs("adbc", "1")),
        ];
        self.measure(&mut contenders)?;
        for contender in &contenders {
            if contender.measured.iter().any(|measured| measured.rows != rows) {
                return Err(format!("{} did not read {rows} rows", contender.name).into());
            }
        }
        let [psql, one, two_psql, two, eight, duckdb, connectorx, adbc] = &contenders;
        let megabytes = one.peak_megabytes().max(two.peak_megabytes());
        table::report(
            &format!("lineitem into Arrow, {rows} rows"),
            &contenders,
            &[
                Goal::at_least("1 connection, of psql's rate", psql.seconds() / one.seconds(), 0.95),
                Goal::at_least("2 connections, of two psql's rate", two_psql.seconds() / two.seconds(), 0.88),
                Goal::at_least("2 connections against DuckDB's 2 threads", duckdb.seconds() / two.seconds(), 1.5),
                Goal::at_least("1 connection against connectorx", connectorx.seconds() / one.seconds(), 2.0),
                Goal::at_least("1 connection against ADBC", adbc.seconds() / one.seconds(), 3.0),
                Goal::at_least("2 connections against connectorx", connectorx.seconds() / two.seconds(), 2.0),
                Goal::at_least("2 connections against ADBC", adbc.seconds() / two.seconds(), 3.0),
                Goal::at_least("8 of 16 columns against all", one.seconds() / eight.seconds(), 1.5),
                Goal::at_most("client's processor time per server's, 1 connection", one.processor() / one.server(), 0.6),
                Goal::at_most("client's processor time per server's, 2 connections", two.processor() / two.server(), 0.6),
                Goal::at_most("peak memory in MB", megabytes, 256.0),
            ],
        )
    }

    fn writes(&self) -> Outcome<()> {
        let due: u64 =
            Connected::to(&self.server, "people").ask(&["SELECT count(*) FROM customer WHERE c_seen = DATE '2015-01-01'"])?.parse()?;
        let keys = "CREATE TABLE keys AS SELECT c_custkey FROM customer WHERE c_seen = DATE '2015-01-01'";
        let update = format!("UPDATE customer SET {CONSTANTS} FROM keys WHERE customer.c_custkey = keys.c_custkey");
        let by_hand = |server: &Connected| server.timed(&[keys, "ALTER TABLE keys ADD PRIMARY KEY (c_custkey)", "ANALYZE keys"], &update);
        let mut contenders = [
            Contender::new("one UPDATE by hand", || self.fresh("people", by_hand)),
            Contender::new("gallra, customers alone", || self.fresh("people", |server| own("night", server, &["keep"]))),
            Contender::new("gallra, orders hang on them", || self.fresh("shop_due", |server| own("night", server, &["keep"]))),
            Contender::new("pganonymize", || self.fresh("people", |server| self.anonymize(server))),
        ];
        Connected::to(&self.server, "postgres").ask(&["CREATE DATABASE shop_due TEMPLATE shop"])?;
        let everyone = "UPDATE customer SET c_seen = CASE WHEN c_custkey % 3 <> 0 THEN DATE '2015-01-01' ELSE current_date END";
        Connected::to(&self.server, "shop_due").ask(&[everyone, "VACUUM FULL ANALYZE customer", "VACUUM FREEZE ANALYZE"])?;
        self.measure(&mut contenders)?;
        let [hand, ours, _, anonymize] = &contenders;
        if contenders[1..3].iter().any(|contender| contender.measured.iter().any(|measured| measured.rows != due)) {
            return Err(format!("not all of {due} customers were written").into());
        }
        table::report(
            &format!("write-back of {due} customers"),
            &contenders,
            &[
                Goal::at_least("of the rate of one UPDATE", hand.seconds() / ours.seconds(), 0.7),
                Goal::at_most("write-ahead log per UPDATE's", ours.logged() / hand.logged(), 1.25),
                Goal::at_least("against pganonymize", anonymize.seconds() / ours.seconds(), 5.0),
                Goal::at_most("peak memory in MB", ours.peak_megabytes(), 256.0),
            ],
        )
    }

    fn deletions(&self) -> Outcome<()> {
        let due: u64 =
            Connected::to(&self.server, "shop").ask(&["SELECT count(*) FROM customer WHERE c_seen = DATE '2015-01-01'"])?.parse()?;
        let prepare = "PREPARE gone (bigint[]) AS DELETE FROM customer WHERE c_custkey = ANY ($1)";
        let by_hand = |server: &Connected| {
            let keys = server.ask(&["SELECT array_agg(c_custkey) FROM customer WHERE c_seen = DATE '2015-01-01'"])?;
            server.timed(&[prepare], &format!("EXECUTE gone ('{keys}')"))
        };
        let mut contenders = [
            Contender::new("one DELETE by hand", || self.fresh("shop", by_hand)),
            Contender::new("gallra", || self.fresh("shop", |server| own("night", server, &["delete"]))),
        ];
        self.measure(&mut contenders)?;
        let [hand, ours] = &contenders;
        if ours.measured.iter().any(|measured| measured.rows != due) {
            return Err(format!("not all of {due} customers were deleted").into());
        }
        table::report(
            &format!("deletion of {due} customers"),
            &contenders,
            &[Goal::at_least("of the rate of one DELETE", hand.seconds() / ours.seconds(), 0.9)],
        )
    }

    /// The set is more than the rivals' files: it went through its gate, is sorted, hashed, described and was read back.
    fn publishing(&self) -> Outcome<()> {
        let server = Connected::to(&self.server, "sales");
        let rows: u64 = server.ask(&["SELECT count(*) FROM lineitem"])?.parse()?;
        let mut contenders = [
            // A store remembers its ledger: each turn has a copy of its own, and so have the rivals.
            Contender::new("gallra backfill", || self.fresh("sales", |server| own("publish", server, &[]))),
            Contender::new("DuckDB, PostgreSQL scanner", || self.fresh("sales", |server| self.publish("duckdb", server))),
            Contender::new("connectorx, DuckDB", || self.fresh("sales", |server| self.publish("connectorx", server))),
        ];
        self.measure(&mut contenders)?;
        for contender in &contenders {
            if contender.measured.iter().any(|measured| measured.rows != rows) {
                return Err(format!("{} did not publish {rows} rows", contender.name).into());
            }
        }
        let [ours, duckdb, connectorx] = &contenders;
        table::report(
            &format!("purchase history, {rows} rows by month"),
            &contenders,
            &[
                Goal::at_least("against DuckDB's PostgreSQL scanner", duckdb.seconds() / ours.seconds(), 1.35),
                Goal::at_least("against connectorx and DuckDB", connectorx.seconds() / ours.seconds(), 1.35),
                Goal::at_most("peak memory in MB", ours.peak_megabytes(), 600.0),
            ],
        )
    }

    fn publish(&self, library: &str, server: &Connected) -> Outcome<Measured> {
        let output = tempfile::tempdir()?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/rivals/publish.py");
        let mut python = Command::new(self.rivals.join("bin/python"));
        python.arg(script).args([library, &server.folder, &server.port, &server.database]).arg(output.path().join("sales"));
        told(&mut python)
    }

    /// Works on a copy of a database, whose customers are in memory.
    fn fresh(&self, template: &str, work: impl FnOnce(&Connected) -> Outcome<Measured>) -> Outcome<Measured> {
        let all = Connected::to(&self.server, "postgres");
        all.ask(&[&format!("CREATE DATABASE turn TEMPLATE {template}")])?;
        let server = Connected::to(&self.server, "turn");
        server.ask(&["SELECT count(*) FROM customer"])?;
        let measured = work(&server);
        all.ask(&["DROP DATABASE turn"])?;
        measured
    }

    fn rival(&self, library: &str, connections: &str) -> Outcome<Measured> {
        let server = Connected::to(&self.server, "scan");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/rivals/read.py");
        let mut python = Command::new(self.rivals.join("bin/python"));
        python.arg(script).args([library, &server.folder, &server.port, &server.database, "lineitem", connections]);
        told(&mut python)
    }

    fn anonymize(&self, server: &Connected) -> Outcome<Measured> {
        let schema = tempfile::NamedTempFile::new()?;
        fs::write(schema.path(), ANONYMIZE)?;
        let mut program = Command::new(self.rivals.join("bin/pganonymize"));
        program.args([
            "--dbname",
            &server.database,
            "--user",
            server::SUPERUSER,
            "--host",
            &server.folder,
            "--port",
            &server.port,
            "--schema",
        ]);
        let before = server.log_position("CHECKPOINT")?;
        let started = Instant::now();
        let status = program.arg(schema.path()).stdout(Stdio::null()).status()?;
        let seconds = started.elapsed().as_secs_f64();
        if !status.success() {
            return Err("pganonymize failed".into());
        }
        Ok(Measured { seconds, logged: server.log_position("")? - before, ..Measured::default() })
    }
}

/// What a process of this program says.
fn own(what: &str, server: &Connected, rest: &[&str]) -> Outcome<Measured> {
    let mut program = Command::new(std::env::current_exe()?);
    program.args(["work", what, &server.folder, &server.port, &server.database]).args(rest);
    told(&mut program)
}

/// What a process says of itself.
fn told(program: &mut Command) -> Outcome<Measured> {
    let output = program.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("{program:?} failed").into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Copies to nowhere, side by side.
fn copies(server: &Connected, statements: &[&str], rows: u64) -> Outcome<Measured> {
    let started = Instant::now();
    let mut running = Vec::new();
    for statement in statements {
        running.push(server.psql().args(["-c", statement]).stdout(Stdio::null()).spawn()?);
    }
    for mut copy in running {
        if !copy.wait()?.success() {
            return Err("psql failed".into());
        }
    }
    Ok(Measured { seconds: started.elapsed().as_secs_f64(), rows, ..Measured::default() })
}
