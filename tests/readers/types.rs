//! A set with a column of each type, and one that is parted by month, asked by each reader in its own way; SQLite's own SQL says what is right.

use super::*;

type Answers = BTreeMap<String, Vec<(String, i64, String, String)>>;

#[test]
fn each_reader_finds_the_totals_of_sql_in_a_partitioned_set() {
    let demo = demo();
    let folder = folder_of(demo.path(), "purchase_history");
    assert!(folder.join("order_month=2024-02-01").is_dir(), "the set is not parted by month");
    let mut expected = Vec::new();
    let store = store(demo.path());
    let mut statement = store
        .prepare(
            "SELECT strftime('%Y-%m-01', o.ordered_on) AS month, count(*), printf('%.2f', sum(r.quantity)), printf('%.2f', sum(r.amount))
             FROM order_row r JOIN sales_order o USING (order_no) JOIN customer c USING (customer_no)
             WHERE o.status <> 'cancelled' AND c.gdpr_restricted = 0 AND o.ordered_on >= '2024-01-01' AND o.ordered_on < '2025-01-01'
             GROUP BY month ORDER BY month",
        )
        .expect("prepared");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).expect("read");
    expected.extend(rows.map(|row| row.expect("a row")));
    assert_eq!(expected.len(), 12);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/readers/totals_by_month.py");
    let out = run_python(demo.path(), &[script, folder.to_str().expect("plain"), "2024"]);
    let answers: Answers = serde_json::from_str(&out).expect("JSON");
    assert_eq!(answers.keys().collect::<Vec<_>>(), ["duckdb", "pandas", "polars", "pyarrow"]);
    for (reader, found) in answers {
        assert_eq!(found, expected, "{reader} finds other totals than SQL");
    }
}

const TABLES: &str = "
    CREATE TABLE household (id INTEGER PRIMARY KEY, name VARCHAR(40), joined DATE NOT NULL);
    CREATE TABLE reading (id INTEGER PRIMARY KEY, household_id INTEGER NOT NULL REFERENCES household (id), serial INTEGER NOT NULL, taken_at TIMESTAMP,
        day DATE, level DOUBLE, fee DECIMAL(12,3), active BOOLEAN, unit VARCHAR(12));
    INSERT INTO household VALUES (1, 'Sigismunda Kvistlund', '2026-01-01');
    INSERT INTO reading VALUES
        (1, 1, 1, '2024-07-01 12:00:00.000000+02:00', '2024-07-01', 0.1, 12.5, 1, 'kWh'),
        (2, 1, 2, '2024-03-31 01:59:59.999999+01:00', '2024-02-29', -0.0, -0.001, 0, 'm³'),
        (3, 1, 3, '1969-12-31 23:59:59.000001+00:00', '1969-12-31', 1e300, 999999999.999, 1, ''),
        (4, 1, 4, '2026-10-25 02:30:00.500000+01:00', '0001-01-01', 5e-324, 0, 0, 'Å \"b\", c'),
        (5, 1, 5, '9999-12-31 23:59:59.999999+00:00', '9999-12-31', -1.7976931348623157e308, 7, NULL, 'kWh'),
        (6, 1, -9007199254740993, '0001-01-01 00:00:00.000000+00:00', '2000-01-01', 0.30000000000000004, 100000, 1, NULL),
        (7, 1, 7, NULL, NULL, NULL, NULL, NULL, NULL);";

const PIPELINE_OF_TYPES: &str = "
    [controller]
    name = \"Own\"
    source = \"sqlite:own.db\"
    country = \"SE\"
    time_zone = \"Europe/Stockholm\"
    [category.household]
    table = \"household\"
    [[category.household.retention]]
    name = \"inactivity\"
    clock = \"joined\"
    keep = \"20 years\"
    [table.household]
    id = \"key\"
    name = \"name\"
    joined = \"activity\"
    [table.reading]
    id = \"key\"
    household_id = \"reference\"
    serial = \"plain\"
    taken_at = \"plain\"
    day = \"plain\"
    level = \"plain\"
    fee = \"amount\"
    active = \"plain\"
    unit = \"plain\"
    [set.readings]
    base = \"reading\"
    release = \"pseudonymised\"
    columns = [{ name = \"serial\", path = \"serial\" }, { name = \"taken_at\", path = \"taken_at\" }, { name = \"day\", path = \"day\" },
        { name = \"level\", path = \"level\" }, { name = \"fee\", path = \"fee\" }, { name = \"active\", path = \"active\" },
        { name = \"unit\", path = \"unit\" }]\n";

#[derive(serde::Deserialize)]
struct Seen {
    types: BTreeMap<String, String>,
    rows: Vec<Vec<Option<String>>>,
}

/// What the store's own SQL says of each row, in the texts of `read_types.py`. SQLite's `strftime` rounds to milliseconds, so that the
/// microseconds are taken from the text.
fn by_sql(store: &Connection) -> Vec<Vec<Option<String>>> {
    let mut statement = store
        .prepare(
            "SELECT CAST(serial AS TEXT), CAST(strftime('%s', substr(taken_at, 1, 19) || substr(taken_at, 27)) * 1000000 + substr(taken_at, 21, 6) AS TEXT),
                date(day), level, printf('%.3f', fee), CASE active WHEN 1 THEN 'true' WHEN 0 THEN 'false' END, unit, fee IS NULL
             FROM reading ORDER BY serial",
        )
        .expect("prepared");
    let row = |row: &rusqlite::Row<'_>| {
        let level: Option<f64> = row.get(3)?;
        let fee: Option<String> = row.get(4)?;
        let has_no_fee: bool = row.get(7)?;
        Ok(vec![
            row.get(0)?,
            row.get(1)?,
            row.get(2)?,
            level.map(|level| format!("{:016x}", level.to_bits())),
            fee.filter(|_| !has_no_fee),
            row.get(5)?,
            row.get(6)?,
        ])
    };
    statement.query_map([], row).expect("read").collect::<Result<_, _>>().expect("rows")
}

#[test]
fn every_reader_sees_the_types_and_values_of_the_store() {
    let folder = tempfile::tempdir().expect("a folder");
    common_cli::database(&folder.path().join("own.db"), TABLES);
    fs::write(folder.path().join("own.toml"), PIPELINE_OF_TYPES).expect("written");
    call(folder.path(), &["keys", "init", "own.toml"]).expect(0);
    call(folder.path(), &["check", "own.toml", "--accept"]).expect(0);
    call(folder.path(), &["run", "own.toml"]).expect(0);
    let set = call(folder.path(), &["path", "own.toml", "readings"]).expect(0);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/readers/read_types.py");
    let seen: BTreeMap<String, Seen> = serde_json::from_str(&run_python(folder.path(), &[script, set.out.trim_end()])).expect("JSON");

    let names = ["serial", "taken_at", "day", "level", "fee", "active", "unit"];
    let types = [
        ("duckdb", ["BIGINT", "TIMESTAMP WITH TIME ZONE", "DATE", "DOUBLE", "DECIMAL(12,3)", "BOOLEAN", "VARCHAR"], ""),
        ("pyarrow", ["int64", "timestamp[us, tz=UTC]", "date32[day]", "double", "decimal128(12, 3)", "bool", "string"], ""),
        ("pandas", ["int64", "timestamp[us, tz=UTC]", "date32[day]", "double", "decimal128(12, 3)", "bool", "string"], "[pyarrow]"),
        (
            "polars",
            [
                "Int64",
                "Datetime(time_unit='us', time_zone='UTC')",
                "Date",
                "Float64",
                "Decimal(precision=12, scale=3)",
                "Boolean",
                "String",
            ],
            "",
        ),
    ];
    let expected = by_sql(&Connection::open(folder.path().join("own.db")).expect("opened"));
    assert_eq!(expected.len(), 7);
    for (reader, kinds, more) in types {
        let found = &seen[reader];
        let kinds: BTreeMap<String, String> =
            names.iter().zip(kinds).map(|(name, kind)| ((*name).to_owned(), format!("{kind}{more}"))).collect();
        assert_eq!(found.types, kinds, "{reader}");
        assert_eq!(found.rows, expected, "{reader}");
    }
    assert_eq!(seen.len(), types.len());
}
