//! The same set from Parquet files: no server, so that what is measured is the set itself. And the encoder alone, beside pyarrow's.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Instant;

use arrow::array::{Array, ArrayRef, Decimal128Array, RecordBatch, StringArray, new_empty_array};
use arrow::compute::{cast, concat};
use arrow::datatypes::{Field, Schema};
use gallra::decide::keys::KeyIndex;
use gallra::decide::references::parents;
use gallra::keys::{Keyring, Purpose};
use gallra::pipeline::{Pipeline, Tenant};
use gallra::publish::{Builder, Making, Piece, RunFacts, Staging, stage, switch, write_parquet};
use gallra::session::{Access, LockUse, Session, World, locate};
use gallra::snapshot::{State, TableState};
use jiff::Timestamp;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use super::measure::{Measured, peak_kilobytes, processor, thread};

/// Batches that wait to be taken in.
const AHEAD: usize = 16;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The rules over an empty store that declares the tables; the rows come from elsewhere.
fn session(folder: &Path, rules: &str, world: &World<'_>) -> Outcome<Session> {
    let tables =
        "CREATE TABLE customer (c_custkey INTEGER PRIMARY KEY, c_name TEXT, c_address TEXT, c_nationkey INTEGER, c_phone VARCHAR(15),
            c_acctbal DECIMAL(15,2), c_mktsegment TEXT, c_comment TEXT);
        CREATE TABLE orders (o_orderkey INTEGER PRIMARY KEY, o_custkey INTEGER REFERENCES customer, o_orderstatus TEXT,
            o_totalprice DECIMAL(15,2), o_orderdate DATE, o_orderpriority TEXT, o_clerk TEXT, o_shippriority INTEGER, o_comment TEXT);
        CREATE TABLE lineitem (l_orderkey INTEGER REFERENCES orders, l_partkey INTEGER, l_suppkey INTEGER, l_linenumber INTEGER,
            l_quantity DECIMAL(15,2), l_extendedprice DECIMAL(15,2), l_discount DECIMAL(15,2), l_tax DECIMAL(15,2), l_returnflag VARCHAR(1),
            l_linestatus TEXT, l_shipdate DATE, l_commitdate DATE, l_receiptdate DATE, l_shipinstruct TEXT, l_shipmode TEXT, l_comment TEXT,
            PRIMARY KEY (l_orderkey, l_linenumber));";
    rusqlite::Connection::open(folder.join("tpch.db"))?.execute_batch(tables)?;
    let controller = "[controller]\nname = \"TPC-H\"\nsource = \"sqlite:tpch.db\"\ncountry = \"SE\"\ntime_zone = \"Europe/Stockholm\"\n";
    let pipeline = folder.join("tpch.toml");
    fs::write(&pipeline, format!("{controller}{rules}"))?;
    locate(&pipeline, world)?.keyring.create(Timestamp::now(), [7; 40])?;
    match Session::open(&pipeline, Access::Read, LockUse::Accept, world) {
        Err(gallra::error::Error::Pipeline { drawn, .. }) => Err(drawn.into()),
        other => Ok(other?),
    }
}

/// Some columns of a file, in the file's order.
fn reader(files: &Path, table: &str, columns: &[&str]) -> Outcome<ParquetRecordBatchReader> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(files.join(table).with_extension("parquet"))?)?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
    Ok(builder.with_projection(mask).with_batch_size(65_536).build()?)
}

/// A table's columns by their place in the pipeline's, as the store would give them.
fn placed(pipeline: &Pipeline, table: usize, batch: &RecordBatch) -> Outcome<Vec<Option<ArrayRef>>> {
    let known = &pipeline.tables[table].catalog.columns;
    let mut columns = vec![None; known.len()];
    for (field, cells) in batch.schema().fields().iter().zip(batch.columns()) {
        let at = known.iter().position(|column| column.name == *field.name()).ok_or("an unknown column")?;
        let wanted = known[at].data_type.arrow();
        columns[at] = Some(if *cells.data_type() == wanted { cells.clone() } else { cast(cells, &wanted)? });
    }
    Ok(columns)
}

fn table(files: &Path, pipeline: &Pipeline, at: usize, columns: &[&str]) -> Outcome<TableState> {
    let mut pieces: Vec<Vec<Option<ArrayRef>>> = Vec::new();
    let mut rows = 0;
    for batch in reader(files, pipeline.tables[at].name(), columns)? {
        let batch = batch?;
        rows += batch.num_rows();
        pieces.push(placed(pipeline, at, &batch)?);
    }
    let whole = (0..pipeline.tables[at].columns.len()).map(|column| {
        let cells: Vec<&dyn Array> = pieces.iter().filter_map(|piece| piece[column].as_deref()).collect();
        (!cells.is_empty()).then(|| concat(&cells)).transpose()
    });
    let columns = whole.collect::<Result<Vec<_>, _>>()?;
    Ok(TableState { rows, columns, tenants: vec![0; rows], ..TableState::nothing(0) })
}

/// Publishes the line items by month, from files.
pub fn publish(files: &Path, rules: &str) -> Outcome<Measured> {
    let folder = tempfile::tempdir()?;
    let random = || [11; 40];
    let world = World { environment: &|_| None, now: &Timestamp::now, random: &random, color: false };
    let session = session(folder.path(), rules, &world)?;
    let pipeline = &session.pipeline;
    let set = pipeline.sets.first().ok_or("no set")?;
    let number = |name: &str| pipeline.tables.iter().position(|table| table.name() == name).ok_or("a table is missing");
    let (customer, orders, lineitem) = (number("customer")?, number("orders")?, number("lineitem")?);
    let keyring = Keyring::generate(Timestamp::now(), [7; 40]);
    let key = keyring.derive("", Purpose::Pseudonym(set.purpose.clone()), keyring.current_epoch())?;
    let tenant = Tenant {
        name: String::new(),
        country: pipeline.controller.country,
        time_zone: pipeline.controller.time_zone.clone(),
        fiscal: pipeline.controller.fiscal.clone(),
        as_of: jiff::civil::date(2026, 11, 22),
        keep: Vec::new(),
    };
    let (before, started) = (processor("self"), Instant::now());
    // One core reads and decodes ahead, the other follows references and takes rows in.
    let (sender, receiver) = sync_channel::<Result<(usize, Vec<Option<ArrayRef>>), String>>(AHEAD);
    let rows = std::thread::scope(|scope| -> Outcome<u64> {
        scope.spawn(move || {
            let read = || -> Outcome<()> {
                for batch in reader(files, "lineitem", &["l_orderkey", "l_quantity", "l_extendedprice", "l_discount", "l_returnflag"])? {
                    let batch = batch?;
                    sender.send(Ok((batch.num_rows(), placed(pipeline, lineitem, &batch)?)))?;
                }
                Ok(())
            };
            if let Err(error) = read() {
                // Where nobody listens any more, the first error was told already.
                let _ = sender.send(Err(error.to_string()));
            }
        });
        let mut tables: Vec<TableState> = pipeline.tables.iter().map(|table| TableState::nothing(table.columns.len())).collect();
        tables[customer] = table(files, pipeline, customer, &["c_custkey", "c_phone"])?;
        tables[orders] = table(files, pipeline, orders, &["o_orderkey", "o_custkey", "o_orderdate"])?;
        let parents = parents(pipeline, &tables)?;
        let state = State { tables, parents };
        let to_orders = pipeline.references.iter().position(|known| known.from == lineitem).ok_or("no reference")?;
        let order_key = state.tables[orders].columns[pipeline.references[to_orders].to_columns[0]].clone().ok_or("no keys")?;
        let index = KeyIndex::of(&[order_key])?;
        let key_column = pipeline.references[to_orders].columns[0];
        let known = &pipeline.tables[lineitem].catalog.columns;
        let empty = known.iter().map(|column| Some(new_empty_array(&column.data_type.arrow()))).collect();
        let piece = |rows: usize, columns: Vec<Option<ArrayRef>>| -> Outcome<Piece<'static>> {
            let mut parents = vec![None; state.parents.len()];
            parents[to_orders] = Some(index.find(&[columns[key_column].clone().ok_or("no keys")?])?);
            Ok(Piece { rows, columns, tenants: &[], present: None, publishable: None, parents })
        };
        let output = folder.path().join("published");
        fs::create_dir_all(&output)?;
        let mut builder = Builder::new(
            Making { pipeline, set, state: &state, tenant: &tenant, tenant_index: 0, key: &key, coded: &[], spill: &output },
            &piece(0, empty)?,
        )?;
        for batch in receiver {
            let (rows, columns) = batch?;
            let tenants = vec![0; rows];
            builder.push(&Piece { tenants: &tenants, ..piece(rows, columns)? })?;
        }
        let gated = builder.finish()?;
        let facts = RunFacts { run_id: "bench".into(), created: Timestamp::now(), keyring: keyring.id().to_owned(), key_epoch: 1 };
        let staging = Staging { output: &output, resumes: None, facts: &facts, again: &|_| false, distrusts: false, random: &random };
        let mut staged = stage(&staging, pipeline, set, &tenant, &gated)?;
        staged.verify()?;
        let rows = staged.manifest().rows.after;
        switch(staged, Timestamp::now(), false)?;
        Ok(rows)
    })?;
    let (seconds, used) = (started.elapsed().as_secs_f64(), processor("self") - before);
    Ok(Measured { seconds, rows, processor: used, peak_kilobytes: peak_kilobytes(), ..Measured::default() })
}

/// A row: phone, customer, quantity, price, flag.
type Row = (u64, usize, i128, i128, u64);

/// A million rows as a set has them: pseudonyms in sorted groups, few texts, amounts.
fn rows() -> Outcome<RecordBatch> {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    let pseudonyms: Vec<String> = (0..50_000).map(|_| format!("{:016x}{:016x}", random(), random())).collect();
    let mut rows: Vec<Row> = (0..1_000_000)
        .map(|_| {
            let who = (random() % 50_000) as usize;
            (10 + who as u64 % 25, who, i128::from(1 + random() % 50) * 100, i128::from(90_000 + random() % 10_400_000), random() % 3)
        })
        .collect();
    rows.sort_by_key(|row| (row.0, pseudonyms[row.1].as_str(), row.2, row.3));
    let amount = |of: &dyn Fn(&Row) -> i128| -> Outcome<ArrayRef> {
        Ok(Arc::new(rows.iter().map(|row| Some(of(row))).collect::<Decimal128Array>().with_precision_and_scale(15, 2)?))
    };
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("customer", Arc::new(rows.iter().map(|row| Some(pseudonyms[row.1].as_str())).collect::<StringArray>())),
        ("phone", Arc::new(rows.iter().map(|row| Some(row.0.to_string())).collect::<StringArray>())),
        ("quantity", amount(&|row| row.2)?),
        ("price", amount(&|row| row.3)?),
        ("returned", Arc::new(rows.iter().map(|row| Some(["A", "N", "R"][row.4 as usize])).collect::<StringArray>())),
    ];
    let schema = Schema::new(columns.iter().map(|(name, cells)| Field::new(*name, cells.data_type().clone(), true)).collect::<Vec<_>>());
    Ok(RecordBatch::try_new(Arc::new(schema), columns.into_iter().map(|(_, cells)| cells).collect())?)
}

/// Encodes a million rows, gallra and pyarrow in turns: processor seconds by name, without and with a bloom filter of the pseudonyms.
pub fn encode(python: &Path, rounds: usize) -> Outcome<Vec<(String, Vec<f64>)>> {
    let folder = tempfile::tempdir()?;
    let rows = rows()?;
    let plain = folder.path().join("rows.arrow");
    let mut writer = arrow::ipc::writer::FileWriter::try_new(File::create(&plain)?, &rows.schema())?;
    writer.write(&rows)?;
    writer.finish()?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/rivals/encode.py");
    let mut command = Command::new(python);
    command.arg(script).arg(&plain).arg(folder.path().join("theirs.parquet")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn()?;
    let mut asked = child.stdin.take().ok_or("no input")?;
    let mut told = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
    let ours: [(&str, &[&str]); 2] = [("gallra, with page index", &[]), ("gallra, with a bloom filter as well", &["customer"])];
    let theirs = ["pyarrow, zstd as it is set", "pyarrow, with page index", "pyarrow, with a bloom filter as well"];
    let mut measured: Vec<(String, Vec<f64>)> =
        ours.iter().map(|(name, _)| *name).chain(theirs).map(|name| (name.to_owned(), Vec::new())).collect();
    for round in 0..=rounds {
        let mut turn = Vec::with_capacity(measured.len());
        for (name, sought) in ours {
            let target = folder.path().join(format!("{name} {round}"));
            fs::create_dir(&target)?;
            let before = thread();
            write_parquet(&target, &rows, sought, &["phone"])?;
            turn.push(thread() - before);
            fs::remove_dir_all(&target)?;
        }
        for name in theirs {
            writeln!(asked, "{name}")?;
            turn.push(told.next().ok_or("pyarrow ended early")??.parse()?);
        }
        // The first turn warms up.
        if round > 0 {
            measured.iter_mut().zip(turn).for_each(|((_, seconds), taken)| seconds.push(taken));
        }
    }
    drop(asked);
    if child.wait()?.success() { Ok(measured) } else { Err("pyarrow failed".into()) }
}
