//! Deciding about five million people by sixty million rows that link to them, beside the same question asked in DuckDB over the same
//! Parquet files: seconds, peak memory, and the ratio.
//!
//! `scripts/bench-decide` installs DuckDB and runs it; `-- --quick` takes a twentieth of the rows, `-- --rounds 5` repeats. The files are made
//! in `GALLRA_BENCH_FOLDER` (a temporary folder where it is not set) and are the same on every machine. Both programs get two threads. Every
//! measurement is a process of its own, and both must give the same outcomes with the same due days, or the bench stops.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use arrow::array::{ArrayRef, Date32Array, DictionaryArray, Int64Array, RecordBatch, StringArray, UInt32Array};
use arrow::datatypes::{Field, Int32Type, Schema};
use gallra::decide::stream::{Gathered, Stream};
use gallra::decide::{Given, Withheld};
use gallra::pipeline::{Pipeline, Tenant};
use gallra::session::{Access, LockUse, Session, World};
use gallra::snapshot::{State, TableState};
use jiff::civil::date;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

const PEOPLE: i64 = 5_000_000;
const ORDERS: i64 = 40_000_000;
const BOOKINGS: i64 = 20_000_000;
const THREADS: usize = 2;
const ROW_GROUP: usize = 1_000_000;
/// 2026-11-22.
const TODAY: i32 = 20_779;

const SCHEMA: &str = "
    CREATE TABLE customer (customer_no INTEGER PRIMARY KEY, name TEXT, hold_case INTEGER NOT NULL, created_on DATE);
    CREATE TABLE sales_order (order_no INTEGER PRIMARY KEY, customer_no INTEGER NOT NULL REFERENCES customer, ordered_on DATE, status TEXT);
    CREATE TABLE booking (booking_no INTEGER PRIMARY KEY, customer_no INTEGER NOT NULL REFERENCES customer, starts_on DATE);
";

const PIPELINE: &str = r#"
[controller]
name = "Bench"
source = "sqlite:bench.db"
country = "SE"
time_zone = "Europe/Stockholm"

[category.customer]
table = "customer"

[[category.customer.retention]]
name = "inactivity"
clock = ["sales_order.ordered_on", "booking.starts_on"]
start = "created_on"
keep = "24 months"

[[category.customer.hold]]
when = { column = "hold_case", is = [1] }
reason = "legal hold"

[[category.customer.block]]
table = "sales_order"
when = { column = "status", is = ["open"] }
reason = "open order"

[duty.bookkeeping]
table = "sales_order"
clock = "ordered_on"
pack = "se.bookkeeping"
protects = ["customer.name"]

[table.customer]
customer_no = "key"
name = "name"
hold_case = "plain"
created_on = "activity"

[table.sales_order]
order_no = "key"
customer_no = "reference"
ordered_on = "activity"
status = "plain"

[table.booking]
booking_no = "key"
customer_no = "reference"
starts_on = "activity"
"#;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [work, folder] = arguments.as_slice()
        && work == "work"
    {
        return work_on(Path::new(folder));
    }
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let rounds =
        arguments.iter().position(|argument| argument == "--rounds").and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(3);
    let python = std::env::var("GALLRA_RIVALS").map(|rivals| PathBuf::from(rivals).join("bin/python"));
    let Ok(python) = python else { return Err("DuckDB is installed by `scripts/bench-decide`; run that".into()) };
    let temporary = tempfile::tempdir()?;
    let folder = std::env::var_os("GALLRA_BENCH_FOLDER").map_or_else(|| temporary.path().to_path_buf(), PathBuf::from);
    let scale = if quick { 20 } else { 1 };
    let folder = folder.join(format!("decide-{scale}"));
    make(&folder, scale)?;
    say(&format!("{} people, {} rows that link to them, {THREADS} threads, {rounds} rounds", PEOPLE / scale, (ORDERS + BOOKINGS) / scale));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/rivals/decide.py");
    let (mut own, mut rival) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        own.push(measure(Command::new(std::env::current_exe()?).arg("work").arg(&folder))?);
        rival.push(measure(Command::new(&python).arg(&script).arg(&folder).arg(THREADS.to_string()))?);
    }
    for (mine, theirs) in own.iter().zip(&rival) {
        if mine.outcomes != theirs.outcomes {
            return Err(format!("the answers differ:\ngallra {:?}\nDuckDB {:?}", mine.outcomes, theirs.outcomes).into());
        }
    }
    say(&format!("both say: {}", own[0].outcomes.join(", ")));
    let median = |of: &mut dyn Iterator<Item = f64>| {
        let mut sorted: Vec<f64> = of.collect();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    };
    let (mine, theirs) = (median(&mut own.iter().map(|taken| taken.seconds)), median(&mut rival.iter().map(|taken| taken.seconds)));
    let peak = |taken: &[Taken]| taken.iter().map(|taken| taken.megabytes).fold(0.0, f64::max);
    let allowed = (PEOPLE / scale) as f64 * 100.0 / 1e6 + 500.0;
    say(&format!("gallra  {mine:6.2} s  {:5.0} MB at most (100 bytes a person and 500 MB are {allowed:.0} MB)", peak(&own)));
    say(&format!("DuckDB  {theirs:6.2} s  {:5.0} MB at most", peak(&rival)));
    say(&format!("gallra is {:.2} times as fast as DuckDB", theirs / mine));
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a bench's result is what it prints")]
fn say(text: &str) {
    println!("{text}");
}

/// What one process took, and its answer.
struct Taken {
    seconds: f64,
    megabytes: f64,
    outcomes: Vec<String>,
}

/// Runs a process that prints its seconds, its peak memory in megabytes, and then an outcome per line.
fn measure(command: &mut Command) -> Result<Taken, Failure> {
    let output = command.output()?;
    if !output.status.success() {
        return Err(format!("a measurement failed:\n{}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let mut lines = text.lines();
    let mut number = || lines.next().and_then(|line| line.parse().ok()).ok_or("a measurement printed no number");
    let (seconds, megabytes) = (number()?, number()?);
    Ok(Taken { seconds, megabytes, outcomes: lines.map(str::to_owned).collect() })
}

/// Numbers that are the same everywhere (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as i64
    }
}

/// Makes the files, unless they are there.
fn make(folder: &Path, scale: i64) -> Result<(), Failure> {
    if folder.join("done").exists() {
        return Ok(());
    }
    std::fs::create_dir_all(folder)?;
    let people = PEOPLE / scale;
    let mut random = Random(1);
    // Most people came and went over ten years; some rows hold fillers, and some bookings lie ahead.
    let mut left_on: Vec<i32> = Vec::with_capacity(people as usize);
    write(&folder.join("customer.parquet"), people, &mut |from, to| {
        let numbers: Int64Array = (from..to).map(|number| number + 1).collect();
        let names: StringArray = (from..to).map(|number| (number % 97 != 0).then(|| format!("Person {number}"))).collect();
        let holds: Int64Array = (from..to).map(|_| i64::from(random.below(200) == 0)).collect();
        let created: Date32Array =
            (from..to).map(|number| (number % 1_009 != 0).then(|| TODAY - 30 - random.below(3_650) as i32)).collect();
        left_on.extend((from..to).map(|_| TODAY - random.below(3_600) as i32));
        vec![
            ("customer_no", Arc::new(numbers) as ArrayRef),
            ("name", Arc::new(names)),
            ("hold_case", Arc::new(holds)),
            ("created_on", Arc::new(created)),
        ]
    })?;
    let day = |random: &mut Random, person: i64| match random.below(2_000_000) {
        0 => -25_567,
        1 => TODAY + random.below(200) as i32,
        _ => left_on[person as usize] - random.below(1_500) as i32,
    };
    // A tenth has no rows at all.
    let somebody = |random: &mut Random| random.below(people * 9 / 10);
    let mut random = Random(2);
    write(&folder.join("sales_order.parquet"), ORDERS / scale, &mut |from, to| {
        let persons: Vec<i64> = (from..to).map(|_| somebody(&mut random)).collect();
        let days: Date32Array = persons.iter().map(|person| Some(day(&mut random, *person))).collect();
        let states: DictionaryArray<Int32Type> = (from..to)
            .map(|_| {
                Some(match random.below(1_000) {
                    0 => "open",
                    1..=30 => "cancelled",
                    _ => "closed",
                })
            })
            .collect();
        let numbers: Int64Array = persons.iter().map(|person| person + 1).collect();
        vec![("customer_no", Arc::new(numbers) as ArrayRef), ("ordered_on", Arc::new(days)), ("status", Arc::new(states))]
    })?;
    let mut random = Random(3);
    write(&folder.join("booking.parquet"), BOOKINGS / scale, &mut |from, to| {
        let persons: Vec<i64> = (from..to).map(|_| somebody(&mut random)).collect();
        let days: Date32Array = persons.iter().map(|person| Some(day(&mut random, *person))).collect();
        let numbers: Int64Array = persons.iter().map(|person| person + 1).collect();
        vec![("customer_no", Arc::new(numbers) as ArrayRef), ("starts_on", Arc::new(days))]
    })?;
    File::create(folder.join("done"))?;
    Ok(())
}

type Columns = Vec<(&'static str, ArrayRef)>;

fn write(path: &Path, rows: i64, columns: &mut dyn FnMut(i64, i64) -> Columns) -> Result<(), Failure> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .build();
    let mut writer = None;
    let mut from = 0;
    while from < rows {
        let to = rows.min(from + ROW_GROUP as i64);
        let columns = columns(from, to);
        let fields: Vec<Field> = columns.iter().map(|(name, cells)| Field::new(*name, cells.data_type().clone(), true)).collect();
        let schema = Arc::new(Schema::new(fields));
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns.into_iter().map(|(_, cells)| cells).collect())?;
        let writer = match &mut writer {
            Some(writer) => writer,
            None => writer.insert(ArrowWriter::try_new(File::create(path)?, schema, Some(properties.clone()))?),
        };
        writer.write(&batch)?;
        from = to;
    }
    if let Some(writer) = writer {
        writer.close()?;
    }
    Ok(())
}

/// One measurement of gallra: from the files to the outcomes.
fn work_on(folder: &Path) -> Result<(), Failure> {
    let scratch = tempfile::tempdir()?;
    let pipeline = resolved(scratch.path())?;
    let started = Instant::now();
    let customer = table(&pipeline, "customer");
    let state = state(&pipeline, customer, folder)?;
    let tenants = [Tenant {
        name: String::new(),
        country: pipeline.controller.country,
        time_zone: pipeline.controller.time_zone.clone(),
        fiscal: pipeline.controller.fiscal.clone(),
        as_of: date(2026, 11, 22),
        keep: Vec::new(),
    }];
    let (left, withheld) = (Default::default(), Withheld::default());
    let given = Given { tenants: &tenants, memory: &[], left: &left, registered: &[], withheld: &withheld };
    let stream = Stream::new(&pipeline, &state, given, 0)?;
    let gathered = gather(&pipeline, &stream, folder)?;
    let decided = stream.decide(gathered)?;
    let seconds = started.elapsed().as_secs_f64();
    let mut outcomes: std::collections::BTreeMap<&str, (u64, i64)> = Default::default();
    for (outcome, due) in decided.plan.outcome.iter().zip(&decided.plan.due) {
        let line = outcomes.entry(outcome.as_str()).or_default();
        line.0 += 1;
        line.1 += i64::from(due.unwrap_or(0));
    }
    say(&format!("{seconds}"));
    say(&format!("{}", peak_megabytes()));
    outcomes.iter().for_each(|(outcome, (people, due))| say(&format!("{outcome} {people} {due}")));
    Ok(())
}

/// Reads what links, in pieces, on two threads that each gather their own.
fn gather(pipeline: &Pipeline, stream: &Stream<'_>, folder: &Path) -> Result<Gathered, Failure> {
    let mut pieces = Vec::new();
    for (table, columns) in stream.tables() {
        let scoped = &pipeline.tables[table];
        let names: Vec<String> = columns.iter().map(|column| scoped.catalog.columns[*column].name.clone()).collect();
        let path = folder.join(format!("{}.parquet", scoped.name()));
        let groups = ParquetRecordBatchReaderBuilder::try_new(File::open(&path)?)?.metadata().num_row_groups();
        pieces.extend((0..groups).map(|group| (table, path.clone(), names.clone(), group)));
    }
    let next = AtomicUsize::new(0);
    let one = || -> Result<Gathered, String> {
        let mut gathered = stream.gather();
        while let Some((table, path, names, group)) = pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
            let file = File::open(path).map_err(|error| error.to_string())?;
            let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| error.to_string())?;
            let mask = ProjectionMask::columns(builder.parquet_schema(), names.iter().map(String::as_str));
            let reader = builder.with_projection(mask).with_row_groups(vec![*group]).with_batch_size(65_536).build();
            for batch in reader.map_err(|error| error.to_string())? {
                let batch = batch.map_err(|error| error.to_string())?;
                stream.take(&mut gathered, *table, &batch).map_err(|error| error.to_string())?;
            }
        }
        Ok(gathered)
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS).map(|_| scope.spawn(one)).collect();
        let mut whole: Option<Gathered> = None;
        for worker in workers {
            let part = worker.join().map_err(|_| "a thread stopped")??;
            match &mut whole {
                Some(whole) => whole.merge(&part),
                None => whole = Some(part),
            }
        }
        whole.ok_or_else(|| Failure::from("no thread ran"))
    })
}

fn table(pipeline: &Pipeline, name: &str) -> usize {
    pipeline.tables.iter().position(|table| table.name() == name).unwrap_or_default()
}

/// The category's own table; the others stay empty.
fn state(pipeline: &Pipeline, own: usize, folder: &Path) -> Result<State, Failure> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(folder.join("customer.parquet"))?)?;
    let batches = builder.with_batch_size(ROW_GROUP).build()?.collect::<Result<Vec<RecordBatch>, _>>()?;
    let mut tables = Vec::new();
    for (index, scoped) in pipeline.tables.iter().enumerate() {
        let rows = if index == own { batches.iter().map(RecordBatch::num_rows).sum() } else { 0 };
        let mut columns: Vec<Option<ArrayRef>> = vec![None; scoped.columns.len()];
        if index == own {
            for (column, described) in scoped.catalog.columns.iter().enumerate() {
                let pieces: Option<Vec<&dyn arrow::array::Array>> =
                    batches.iter().map(|batch| batch.column_by_name(&described.name).map(|cells| cells.as_ref())).collect();
                columns[column] = pieces.map(|pieces| arrow::compute::concat(&pieces)).transpose()?;
            }
        }
        let tenants = vec![0; rows];
        tables.push(TableState { rows, columns, tenants, ..TableState::nothing(0) });
    }
    let parents = pipeline.references.iter().map(|_| UInt32Array::from(Vec::<u32>::new())).collect();
    Ok(State { tables, parents })
}

/// The pipeline, resolved against an empty database with these tables.
fn resolved(folder: &Path) -> Result<Pipeline, Failure> {
    let path = folder.join("gallra.toml");
    std::fs::write(&path, PIPELINE)?;
    rusqlite::Connection::open(folder.join("bench.db"))?.execute_batch(SCHEMA)?;
    let now = || jiff::Timestamp::UNIX_EPOCH;
    let world = World { environment: &|_| None, now: &now, random: &|| [7; 40], color: false };
    Ok(Session::open(&path, Access::Read, LockUse::Accept, &world).map_err(|error| error.to_string())?.pipeline)
}

/// The most memory that this process has held, in megabytes; 0 where there is no `/proc`.
fn peak_megabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()).map_or(0.0, |kilobytes| kilobytes / 1024.0)
}
