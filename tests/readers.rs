//! The published sets as analysts open them: the README's own snippets, run by DuckDB, Polars and pandas, and pyarrow beside them. What
//! they find is compared with plain SQL on the operational tables, which knows nothing of gallra.

mod common_cli;
#[path = "readers/types.rs"]
mod types;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Decimal128Array, Int64Array, RecordBatch, TimestampMicrosecondArray};
use common_cli::{FORTNOX, answer, call};
use rusqlite::Connection;
use tempfile::TempDir;

const README: &str = include_str!("../README.md");
const PIPELINE: &str = "gallra-demo/fortnox.toml";

/// The Python that has the readers.
fn python() -> PathBuf {
    let readers = std::env::var_os("GALLRA_READERS");
    let readers =
        readers.expect("GALLRA_READERS is not set: `scripts/test` installs DuckDB, Polars, pandas and pyarrow, sets it and runs this test");
    let python = Path::new(&readers).join("bin/python");
    assert!(python.exists(), "there is no Python at `{}`: `scripts/test` installs it", python.display());
    python
}

/// Runs Python in a folder, with the program under its own name on the path, as after an installation.
#[track_caller]
fn run_python(folder: &Path, arguments: &[&str]) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_gallra"));
    let mut path = vec![program.parent().expect("a folder").to_path_buf()];
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let mut command = Command::new(python());
    command.current_dir(folder).args(arguments).env("PATH", std::env::join_paths(path).expect("paths"));
    answer(&mut command).expect(0).out
}

/// A demo that has run, in a folder that the README's commands would have made.
fn demo() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    call(folder.path(), &["demo", "--customers", "5000", "--order-rows", "30000"]).expect(0);
    folder
}

fn store(folder: &Path) -> Connection {
    Connection::open(folder.join("gallra-demo/fortnox.db")).expect("opened")
}

/// The README's one Python block that imports this package.
fn snippet(package: &str) -> &'static str {
    let blocks = README.split("```python\n").skip(1).map(|rest| rest.split("```").next().expect("closed"));
    let with: Vec<&str> = blocks.filter(|block| block.lines().any(|line| line.starts_with(&format!("import {package}")))).collect();
    assert_eq!(with.len(), 1, "the README has {} Python blocks that import {package}", with.len());
    with[0]
}

/// Article group → (rows, amount), from the operational tables as they are after the run: restricted customers are not published, and
/// cancelled orders are no sales.
fn by_article_group(store: &Connection) -> BTreeMap<String, (i64, String)> {
    let mut statement = store
        .prepare(
            "SELECT a.article_group, count(*), printf('%.2f', sum(r.amount))
             FROM order_row r JOIN sales_order o USING (order_no) JOIN customer c USING (customer_no) JOIN article a USING (article_no)
             WHERE o.status <> 'cancelled' AND c.gdpr_restricted = 0
             GROUP BY a.article_group",
        )
        .expect("prepared");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))).expect("read");
    rows.collect::<Result<_, _>>().expect("rows")
}

/// The lines that a snippet prints: article group, rows, amount.
fn printed(out: &str) -> BTreeMap<String, (i64, String)> {
    let line = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [group, rows, amount] = words[..] else { panic!("a line of another shape: {line}") };
        (group.to_owned(), (rows.parse().expect("a number of rows"), amount.to_owned()))
    };
    out.lines().map(line).collect()
}

#[test]
fn the_readme_snippets_print_what_plain_sql_finds() {
    let demo = demo();
    let expected = by_article_group(&store(demo.path()));
    assert!(expected.len() > 3, "too few article groups for a comparison: {expected:?}");
    for package in ["duckdb", "polars", "pandas"] {
        let found = printed(&run_python(demo.path(), &["-c", snippet(package)]));
        assert_eq!(found, expected, "{package} finds other totals than SQL");
    }
}

#[test]
fn what_the_readme_quotes_of_the_pipeline_file_stands_in_it() {
    let quotes: Vec<&str> = README.split("```toml\n").skip(1).map(|rest| rest.split("```").next().expect("closed")).collect();
    assert!(quotes.len() > 3, "the README quotes {} pieces", quotes.len());
    for quote in quotes {
        assert!(FORTNOX.contains(quote), "this is not in pipelines/fortnox.toml:\n{quote}");
    }
}

/// What pyarrow reads of a set.
#[derive(serde::Deserialize)]
struct Read {
    columns: Vec<String>,
    rows: Vec<Vec<serde_json::Value>>,
}

fn folder_of(demo: &Path, set: &str) -> PathBuf {
    PathBuf::from(call(demo, &["path", PIPELINE, set]).expect(0).out.trim_end())
}

fn manifest(folder: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(folder.join("_manifest.json")).expect("a manifest")).expect("JSON")
}

/// (area, month) → (amount, quantity, order rows, customers).
type Cells = BTreeMap<(Option<String>, String), (String, String, i64, i64)>;

/// The cells of closed months, from the operational tables.
fn by_area_and_month(store: &Connection, open_from: &str) -> Cells {
    let mut statement = store
        .prepare(
            "SELECT substr(c.postcode, 1, 2), strftime('%Y-%m-01', o.ordered_on) AS month, printf('%.2f', sum(r.amount)),
                    printf('%.2f', sum(r.quantity)), count(*), count(DISTINCT c.customer_no)
             FROM order_row r JOIN sales_order o USING (order_no) JOIN customer c USING (customer_no)
             WHERE o.status <> 'cancelled' AND c.gdpr_restricted = 0 AND o.ordered_on < ?1
             GROUP BY 1, 2",
        )
        .expect("prepared");
    let cell = |row: &rusqlite::Row<'_>| Ok(((row.get(0)?, row.get(1)?), (row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?)));
    statement.query_map([open_from], cell).expect("read").collect::<Result<_, _>>().expect("cells")
}

#[test]
fn pyarrow_reads_both_sets_and_every_published_cell_is_the_one_of_plain_sql() {
    let demo = demo();
    let folders = ["purchase_history", "sales_by_area"].map(|set| folder_of(demo.path(), set));
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/readers/read_sets.py");
    let paths = folders.each_ref().map(|folder| folder.to_str().expect("plain"));
    let out = run_python(demo.path(), &[script, paths[0], paths[1]]);
    let sets: Vec<Read> = serde_json::from_str(&out).expect("JSON");
    for (folder, set) in folders.iter().zip(&sets) {
        let manifest = manifest(folder);
        let declared: Vec<&str> =
            manifest["schema"].as_array().expect("columns").iter().map(|column| column["name"].as_str().expect("named")).collect();
        assert_eq!(set.columns, declared, "{}", folder.display());
        assert_eq!(Some(set.rows.len() as u64), manifest["rows"]["after"].as_u64(), "{}", folder.display());
    }

    // Of cells that are not in its files the manifest of an anonymous set says nothing: such numbers move with single people.
    let told = manifest(&folders[1]);
    let members =
        |part: &str| told[part].as_object().expect("members").keys().map(String::as_str).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(members("rows"), ["after"].into());
    let gate = ["k", "small_groups", "groups", "smallest_group", "subjects", "dominance", "uniqueness", "coarsened"];
    assert_eq!((members("gate"), &told["left_out"]), (gate.into(), &serde_json::Value::Null));

    // The month of the run is still open.
    let open_from = manifest(&folders[1])["as_of"].as_str().expect("a day")[..7].to_owned() + "-01";
    let expected = by_area_and_month(&store(demo.path()), &open_from);
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let mut published = BTreeMap::new();
    for row in &sets[1].rows {
        let key = (text(&row[0]), text(&row[1]).expect("a month"));
        let sums = (text(&row[2]).expect("an amount"), text(&row[3]).expect("a quantity"));
        let cell = (sums.0, sums.1, row[4].as_i64().expect("rows"), row[5].as_i64().expect("customers"));
        assert_eq!(expected.get(&key), Some(&cell), "the cell {key:?}");
        assert!(published.insert(key, cell).is_none(), "a cell stands twice");
    }
    assert!(published.len() > 100, "only {} cells are published", published.len());
    let small = expected.iter().filter(|(_, cell)| cell.3 < 5);
    assert!(small.clone().count() > 100, "too few small cells to see them suppressed");
    for (key, cell) in small {
        assert!(!published.contains_key(key), "the cell {key:?} of {} customers is published", cell.3);
    }
}

#[test]
fn both_kinds_of_candidate_lists_are_read_alike_by_python_and_openpyxl() {
    let demo = demo();
    // Names that a spreadsheet program would calculate, and a day that it does not know.
    let changed = store(demo.path());
    let changes = "UPDATE customer SET name = '=1+1', city = '+46' WHERE customer_no IN (SELECT customer_no FROM customer WHERE name <> 'XXX' ORDER BY customer_no LIMIT 400);
        UPDATE customer SET birth_date = '1890-01-01' WHERE birth_date IS NOT NULL AND customer_no LIKE '%7';";
    changed.execute_batch(changes).expect("changed");
    drop(changed);
    for file in ["quiet.csv", "quiet.xlsx"] {
        let columns = ["--columns", "name,city,birth_date", "--inactive-since", "2026-06-01", "--output", file];
        call(demo.path(), &[&["candidates", PIPELINE, "customer"][..], &columns].concat()).expect(0);
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/readers/read_candidates.py");
    let read: serde_json::Value = serde_json::from_str(&run_python(demo.path(), &[script, "quiet.csv", "quiet.xlsx"])).expect("JSON");
    assert_eq!(read["order"], serde_json::json!(["about", "candidates"]));
    let sheet = &read["sheets"]["candidates"];
    let lines = read["csv"].as_array().expect("lines");
    let rows = sheet["rows"].as_array().expect("rows");
    assert_eq!(lines.len(), rows.len());
    assert!(rows.len() > 1_000, "only {} rows", rows.len());
    let (mut days, mut texts, mut early) = (0, 0, 0);
    for (line, row) in lines.iter().zip(rows) {
        for (text, cell) in line.as_array().expect("fields").iter().zip(row.as_array().expect("cells")) {
            let text = text.as_str().expect("a text");
            match cell {
                serde_json::Value::Null => assert_eq!(text, ""),
                serde_json::Value::Number(number) => assert_eq!(text, number.to_string()),
                cell => {
                    let cell = cell.as_str().expect("a text");
                    let day = cell.strip_suffix(" (date)");
                    days += usize::from(day.is_some());
                    early += usize::from(cell == "1890-01-01");
                    // The apostrophe is the CSV file's alone.
                    texts += usize::from(text.starts_with('\''));
                    assert_eq!(text.strip_prefix('\'').unwrap_or(text), day.unwrap_or(cell));
                }
            }
        }
    }
    assert!(days > 1_000 && texts > 10 && early > 0, "{days} days, {texts} texts, {early} early days");
    assert_eq!((&sheet["formulas"], &sheet["frozen"]), (&0.into(), &"A2".into()));
    assert_eq!(sheet["filter"], format!("A1:O{}", rows.len()));
    assert!(sheet["width"].as_f64().is_some_and(|width| width >= 10.0));
    // The first sheet says what it is.
    let pipeline = fs::read(demo.path().join(PIPELINE)).expect("the pipeline");
    let about = read["sheets"]["about"]["rows"].to_string();
    for part in ["Personal data", &common_cli::sha256(&pipeline), PIPELINE, "as of", "2026-06-01", &format!("\"{}\"", rows.len() - 1)] {
        assert!(about.contains(part), "`{part}` is missing: {about}");
    }
    // The keys are those that plain SQL finds in the store: each once.
    let keys: BTreeMap<&str, usize> = rows[1..].iter().map(|row| row[2].as_str().expect("a key")).fold(BTreeMap::new(), |mut keys, key| {
        *keys.entry(key).or_default() += 1;
        keys
    });
    let known: i64 = store(demo.path())
        .query_row(
            "SELECT count(*) FROM customer WHERE customer_no IN (SELECT value FROM json_each(?1))",
            [serde_json::to_string(&keys.keys().collect::<Vec<_>>()).expect("JSON")],
            |row| row.get(0),
        )
        .expect("counted");
    assert_eq!(known, rows.len() as i64 - 1);
}

#[test]
fn a_file_of_findings_is_read_alike_by_pyarrow_and_duckdb_and_files_of_pandas_are_scanned() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("notes.txt"), "tyst\nÅsa: kim.lind@example.org, 070-174 06 05\n").expect("written");
    call(folder.path(), &["scan", "notes.txt", "--kinds", "email,phone", "--findings", "found.parquet"]).expect(0);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/readers/read_findings.py");
    let read: serde_json::Value = serde_json::from_str(&run_python(folder.path(), &[script, "found.parquet"])).expect("JSON");
    assert_eq!(
        read["types"],
        serde_json::json!({
            "source": "string", "column": "string", "row": "int64", "row_token": "string", "start": "int64", "end": "int64", "kind": "string",
            "confidence": "float",
        })
    );
    // "Åsa: " is six bytes, "kim.lind@example.org" is twenty.
    assert_eq!(read["rows"], serde_json::json!([["2", 6, 26, "email"], ["2", 28, 41, "phone"]]));
    assert_eq!(read["counted"], serde_json::json!([["notes.txt", "email", 1], ["notes.txt", "phone", 1]]));
    assert_eq!(read["codecs"], serde_json::json!(["ZSTD"]));
    for codec in ["snappy", "zstd", "lz4"] {
        let file = format!("{codec}.parquet");
        let scanned = call(folder.path(), &["scan", &file, "--kinds", "email", "--format", "json"]).expect(0).json();
        assert_eq!((&scanned["findings"], &scanned["cells"], &scanned["rows"]), (&1.into(), &1.into(), &2.into()), "{codec}");
    }
    // What this program is built without is said, with a way out.
    call(folder.path(), &["scan", "gzip.parquet"]).expect(3).says("is compressed with GZIP").says("zstd");
}

/// Whole numbers that hardly repeat are held as the distances between them: of the widest distances there are, each reader must find the number.
#[test]
fn whole_numbers_that_jump_over_their_range_are_read_by_every_reader() {
    const ROWS: i64 = 70_000;
    let number = |row: i64| match row {
        0..100 if row % 2 == 0 => i64::MIN,
        0..100 => i64::MAX,
        _ => row.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407) ^ i64::MIN,
    };
    let cells = |of: &dyn Fn(i128) -> i128| (0..ROWS).map(|row| (row % 7 != 3).then(|| of(i128::from(number(row))))).collect::<Vec<_>>();
    let whole = |cells: Vec<Option<i128>>| cells.into_iter().map(|cell| cell.map(|cell| cell as i64)).collect::<Vec<_>>();
    let amounts = cells(&|number| number.rem_euclid(2 * 10_i128.pow(18) - 1) - (10_i128.pow(18) - 1));
    let days = whole(cells(&|number| number.rem_euclid(2_900_000) - 700_000)).into_iter().map(|day| day.map(|day| day as i32));
    let instants = whole(cells(&|number| number.rem_euclid(10_i128.pow(17)) - 10_i128.pow(16)));
    let columns: [(&str, ArrayRef); 4] = [
        ("number", Arc::new(Int64Array::from(whole(cells(&|number| number))))),
        ("amount", Arc::new(Decimal128Array::from(amounts).with_precision_and_scale(18, 2).expect("18 digits"))),
        ("day", Arc::new(days.collect::<Date32Array>())),
        ("instant", Arc::new(TimestampMicrosecondArray::from(instants).with_timezone("UTC"))),
    ];
    let folder = tempfile::tempdir().expect("a folder");
    let rows = RecordBatch::try_from_iter(columns).expect("rows");
    gallra::publish::write_parquet(folder.path(), &rows, &[], &[]).expect("written");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/readers/read_whole_numbers.py");
    let read: serde_json::Value =
        serde_json::from_str(&run_python(folder.path(), &[script, "part-0000.parquet", &ROWS.to_string()])).expect("JSON");
    let expected = serde_json::json!({ "duckdb": true, "polars": true, "pyarrow": true, "encodings": ["DELTA_BINARY_PACKED", "RLE"] });
    assert_eq!(read, expected);
}
