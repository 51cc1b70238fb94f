use arrow::array::{
    BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, StringArray, TimestampMicrosecondArray, new_null_array,
};

use super::*;
use crate::store::sqlite::names;
use crate::store::sqlite::subjects::{self, Subjects};
use crate::store::{Assignment, Batch, Head, JournalEntry, StoreError};

const SHOP: &str = "
CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, phone TEXT UNIQUE);
CREATE TABLE sales (number TEXT, year INTEGER, customer INTEGER REFERENCES customer, PRIMARY KEY (year, number)) WITHOUT ROWID;
CREATE INDEX sales_customer ON sales (customer);
CREATE TABLE line (id INTEGER PRIMARY KEY, s_number TEXT, s_year INTEGER, text TEXT, FOREIGN KEY (s_number, s_year) REFERENCES sales (number, year));
CREATE INDEX line_sales ON line (s_year, s_number);
INSERT INTO customer VALUES (1, 'Ada', '070-1740605'), (2, 'Bo', '070-1740606'), (3, 'Cy', NULL);
INSERT INTO sales VALUES ('B', 2024, 2), ('A', 2024, 1), ('A', 2023, 2), ('C', 2024, NULL);
INSERT INTO line VALUES (10, 'A', 2024, 'a'), (11, 'B', 2024, 'b'), (12, 'A', 2023, 'c'), (13, 'A', 2023, 'd'), (14, NULL, NULL, 'e');
";

fn load(batch: &mut Box<dyn Batch + '_>, table: &Table, keys: &[i64]) {
    batch.load_subjects(table, &[0], &[integers(keys)], None).unwrap();
}

#[test]
fn rows_are_found_along_the_path_with_their_subjects() {
    let database = database(SHOP);
    let catalog = database.catalog();
    let table = |name: &str| catalog.table(name).unwrap();
    let mut store = database.writer();
    let mut batch = store.batch().unwrap();
    load(&mut batch, table("customer"), &[3, 2, 99, 1]);

    let own = batch.linked(&request(table("customer"), &["name"]), &[], None).unwrap();
    assert_eq!((shown(&own.rows).as_str(), ordinals(&own), row_numbers(&own)), ("Cy;Bo;Ada", vec![0, 1, 3], vec![3, 2, 1]));

    let to_customer = step("customer", &[("customer", "id")]);
    let sales = batch.linked(&request(table("sales"), &["number", "year"]), std::slice::from_ref(&to_customer), None).unwrap();
    assert_eq!((shown(&sales.rows).as_str(), ordinals(&sales)), ("A,2023;B,2024;A,2024", vec![1, 1, 3]));
    assert_eq!(sales.locators.columns.len(), 2);

    let to_sales = step("sales", &[("s_number", "number"), ("s_year", "year")]);
    let lines = batch.linked(&request(table("line"), &["text"]), &[to_sales, to_customer], None).unwrap();
    assert_eq!((shown(&lines.rows).as_str(), ordinals(&lines), row_numbers(&lines)), ("b;c;d;a", vec![1, 1, 1, 3], vec![11, 12, 13, 10]));

    load(&mut batch, table("customer"), &[1]);
    assert_eq!(
        shown(&batch.linked(&request(table("customer"), &["name"]), &[], None).unwrap().rows),
        "Ada",
        "loading again replaces what was loaded"
    );
    assert!(batch.linked(&request(table("line"), &["text"]), &[], None).is_err(), "a path that ends elsewhere");
}

/// The witness is SQLite's own plan of the statements that a batch runs.
#[test]
fn statements_follow_indexes_and_row_numbers() {
    let database = database(SHOP);
    let catalog = database.catalog();
    database.other.execute_batch("CREATE TEMP TABLE gallra_subjects (ordinal INTEGER PRIMARY KEY, k0 INTEGER)").unwrap();
    let plan = |sql: &str| {
        let mut statement = database.other.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let mut rows = statement.raw_query();
        let mut lines = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            lines.push(row.get::<_, String>(3).unwrap());
        }
        lines.join("; ")
    };
    let loaded = Subjects { table: "customer".into(), key: vec!["\"id\"".into()] };
    let path = [step("sales", &[("s_number", "number"), ("s_year", "year")]), step("customer", &[("customer", "id")])];
    let joined = subjects::statement(&loaded, "line", &path, &["t0.text".into()], &["t0.rowid".into()]);
    let found = plan(&joined);
    for part in [
        "SCAN b",
        "SEARCH t2 USING INTEGER PRIMARY KEY",
        "SEARCH t1 USING COVERING INDEX sales_customer",
        "SEARCH t0 USING INDEX line_sales",
    ] {
        assert!(found.contains(part), "{found}");
    }
    database.other.execute_batch("DROP INDEX line_sales").unwrap();
    let found = plan(&joined);
    assert!(found.contains("SEARCH t0 USING AUTOMATIC") && found.contains("SCAN b"), "{found}");

    let condition = |name: &str| {
        let table = catalog.table(name).unwrap();
        names::condition(table, &names::Address::of(table).unwrap())
    };
    let found = plan(&format!("UPDATE main.customer SET name = ? WHERE {}", condition("customer")));
    assert!(found.contains("customer USING INTEGER PRIMARY KEY (rowid=?)") && found.contains("SEARCH"), "{found}");
    let found = plan(&format!("DELETE FROM main.sales WHERE {}", condition("sales")));
    assert!(found.contains("sales USING PRIMARY KEY (year=? AND number=?)"), "{found}");
}

#[test]
fn keys_of_every_type_find_their_row_again() {
    let database = database(
        "CREATE TABLE t (i BIGINT, s TEXT, n TEXT COLLATE NOCASE, d DECIMAL(10,2), w DECIMAL(20,0), day DATE, at DATETIME, b BOOLEAN, f REAL, x BLOB);
         INSERT INTO t VALUES (9007199254740993, 'a', 'Å', 19.99, 12345678901234567, '2024-02-29', '2024-02-29 12:00:00', 1, 0.1, x'00ff'),
                              (-5, '007', 'b', 20, 1e18, '0001-01-01', '2024-07-01 12:00:00.250000', 0, 1e300, x''),
                              (0, '', '', 0.07, 0, '9999-12-31', '1969-12-31 23:59:59', NULL, -0.5, x'61');",
    );
    let table = database.table("t");
    let mut store = database.writer();
    let all = read(&mut store, &request(&table, &[]));
    let mut batch = store.batch().unwrap();
    for (index, column) in table.columns.iter().enumerate() {
        let keys = all.batches[0].column(index);
        batch.load_subjects(&table, &[index], std::slice::from_ref(keys), None).unwrap();
        let found = batch.linked(&request(&table, &["i"]), &[], None).unwrap();
        let expected: Vec<u32> = (0..3).filter(|&row| keys.is_valid(row as usize)).collect();
        assert_eq!(ordinals(&found), expected, "{}", column.name);
        assert_eq!(row_numbers(&found), expected.iter().map(|&row| i64::from(row) + 1).collect::<Vec<_>>(), "{}", column.name);
    }
    let every: Vec<usize> = (0..7).collect();
    batch.load_subjects(&table, &every, &all.batches[0].columns()[..7], None).unwrap();
    assert_eq!(ordinals(&batch.linked(&request(&table, &["i"]), &[], None).unwrap()), [0, 1, 2]);
}

#[test]
fn writes_are_read_back_as_they_were_given() {
    let database = database(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, i INT, d DECIMAL(12,2), f REAL, s TEXT, day DATE, at TIMESTAMP, b BOOLEAN, x BLOB);
         INSERT INTO t (id) VALUES (1), (2), (3);",
    );
    let table = database.table("t");
    let mut store = database.writer();
    let values: Vec<ArrayRef> = vec![
        integers(&[i64::MAX, 0, -1]),
        Arc::new(Decimal128Array::from(vec![Some(1_999), Some(-700), None]).with_precision_and_scale(12, 2).unwrap()),
        Arc::new(Float64Array::from(vec![Some(0.1), None, Some(3.0)])),
        Arc::new(StringArray::from(vec![Some("it's \"XXX\""), None, Some("")])),
        Arc::new(Date32Array::from(vec![Some(19_782), Some(-719_162), Some(2_932_896)])),
        Arc::new(TimestampMicrosecondArray::from(vec![Some(1_709_200_800_000_000), Some(-1), None]).with_timezone("UTC")),
        Arc::new(BooleanArray::from(vec![Some(true), Some(false), None])),
        Arc::new(BinaryArray::from(vec![Some(&b"\x00\xff"[..]), Some(b""), None])),
    ];
    let columns: Vec<usize> = (1..9).collect();
    let mut batch = store.batch().unwrap();
    load(&mut batch, &table, &[1, 2, 3]);
    let located = batch.linked(&request(&table, &["id"]), &[], None).unwrap();
    assert_eq!(batch.update(&table, &located.locators, &Assignment::all(&columns, &values)).unwrap(), 3);
    let nothing: ArrayRef = new_null_array(&arrow::datatypes::DataType::Null, 3);
    assert!(batch.update(&table, &located.locators, &Assignment::all(&[1], &[integers(&[1, 2])])).is_err(), "another length");
    batch.commit().unwrap();
    let written = read(&mut store, &request(&table, &[]));
    for (index, values) in values.iter().enumerate() {
        assert_eq!(written.batches[0].column(index + 1), values, "{}", table.columns[index + 1].name);
    }
    assert_eq!(
        database.ask("SELECT typeof(d), d, day, at, b, typeof(x) FROM t"),
        "real,19.99,2024-02-29,2024-02-29 11:00:00,1,blob;integer,-7,0001-01-01,1970-01-01 00:59:59.999999,0,blob;null,-,9999-12-31,-,-,null"
    );
    let mut batch = store.batch().unwrap();
    assert_eq!(batch.update(&table, &located.locators, &Assignment::all(&[4], &[nothing])).unwrap(), 3);
    batch.commit().unwrap();
    assert_eq!(database.ask("SELECT count(*) FROM t WHERE s IS NULL"), "3");
}

#[test]
fn a_decimal_that_sqlite_can_not_hold_is_not_written() {
    let database = database("CREATE TABLE t (id INTEGER PRIMARY KEY, d DECIMAL(30,2)); INSERT INTO t VALUES (1, 1)");
    let table = database.table("t");
    let mut store = database.writer();
    let mut batch = store.batch().unwrap();
    load(&mut batch, &table, &[1]);
    let located = batch.linked(&request(&table, &["id"]), &[], None).unwrap();
    let value: ArrayRef = Arc::new(Decimal128Array::from(vec![123_456_789_012_345_678_901]).with_precision_and_scale(30, 2).unwrap());
    let error = batch.update(&table, &located.locators, &Assignment::all(&[1], &[value])).unwrap_err();
    assert!(error.to_string().contains("row t#1: SQLite can not hold the decimal exactly"), "{error}");
}

#[test]
fn rows_without_a_row_number_are_written_by_their_key_whatever_its_type() {
    let database = database(
        "CREATE TABLE t (day DATE, odd JSON, s TEXT, v TEXT, PRIMARY KEY (s, day, odd)) WITHOUT ROWID;
         INSERT INTO t VALUES ('2024-01-01T00:00', 1.5, 'a', 'x'), ('okänt', x'01', 'a', 'y'), ('2024-01-01', 'j', 'b', 'z');
         CREATE TABLE n (rowid TEXT, oid TEXT, _rowid_ TEXT, k TEXT PRIMARY KEY, v TEXT); INSERT INTO n VALUES ('', '', '', NULL, 'x'), ('', '', '', 'k', 'x');",
    );
    let catalog = database.catalog();
    let (table, nulls) = (catalog.table("t").unwrap(), catalog.table("n").unwrap());
    let mut store = database.writer();
    let mut batch = store.batch().unwrap();
    batch.load_subjects(table, &[2], &[texts(&["a"])], None).unwrap();
    let found = batch.linked(&request(table, &["v", "day"]), &[], None).unwrap();
    assert_eq!((shown(&found.rows).as_str(), found.rows.unreadable[&1].as_slice()), ("x,2024-01-01;y,-", &[1][..]));
    assert_eq!(batch.update(table, &found.locators, &Assignment::all(&[3], &[texts(&["p", "q"])])).unwrap(), 2);
    batch.load_subjects(nulls, &[4], &[texts(&["x"])], None).unwrap();
    let found = batch.linked(&request(nulls, &["k"]), &[], None).unwrap();
    assert_eq!(shown(&found.rows), "-;k");
    assert_eq!(batch.delete(nulls, &found.locators).unwrap(), 2);
    batch.commit().unwrap();
    assert_eq!(database.ask("SELECT v FROM t ORDER BY v"), "p;q;z");
    assert_eq!(database.ask("SELECT count(*) FROM n"), "0");
}

#[test]
fn deleting_counts_the_rows_named_and_foreign_keys_hold() {
    let database = database(SHOP);
    let catalog = database.catalog();
    let table = |name: &str| catalog.table(name).unwrap();
    let mut store = database.writer();
    let mut batch = store.batch().unwrap();
    load(&mut batch, table("customer"), &[3, 1]);
    let found = batch.linked(&request(table("customer"), &["id"]), &[], None).unwrap();
    let error = batch.delete(table("customer"), &found.locators).unwrap_err();
    assert!(
        matches!(&error, StoreError::Constraint { table, constraint } if table == "customer" && constraint == "FOREIGN KEY"),
        "{error}"
    );
    drop(batch);
    assert_eq!(database.ask("SELECT count(*) FROM customer"), "3");
    let mut batch = store.batch().unwrap();
    load(&mut batch, table("customer"), &[3]);
    let found = batch.linked(&request(table("customer"), &["id"]), &[], None).unwrap();
    assert_eq!(batch.delete(table("customer"), &found.locators).unwrap(), 1);
    assert_eq!(batch.delete(table("customer"), &found.locators).unwrap(), 0);
    batch.commit().unwrap();
    assert_eq!(database.ask("SELECT group_concat(id) FROM customer"), "1,2");
}

#[test]
fn the_kind_of_a_failed_constraint_is_told_without_a_value() {
    let database = database(
        "CREATE TABLE p (id INTEGER PRIMARY KEY);
         CREATE TABLE t (id INTEGER PRIMARY KEY, u TEXT UNIQUE ON CONFLICT REPLACE, c TEXT CHECK (c <> 'bad'), n TEXT NOT NULL, f INTEGER REFERENCES p,
             g TEXT, r INTEGER REFERENCES p ON DELETE RESTRICT);
         CREATE TABLE s (id INT PRIMARY KEY, a INT) STRICT; INSERT INTO s VALUES (1, 1), (2, 2);
         CREATE TRIGGER guard BEFORE UPDATE OF g ON t BEGIN SELECT RAISE(ABORT, 'hemlig'); END;
         INSERT INTO p VALUES (1); INSERT INTO t VALUES (1, 'a', 'c', 'n', NULL, NULL, 1), (2, 'b', 'c', 'n', NULL, NULL, NULL);",
    );
    let catalog = database.catalog();
    let mut store = database.writer();
    let mut refused = |table: &str, column: &str, value: ArrayRef| {
        let table = catalog.table(table).unwrap();
        let mut batch = store.batch().unwrap();
        load(&mut batch, table, &[1]);
        let found = batch.linked(&request(table, &["id"]), &[], None).unwrap();
        match batch.update(table, &found.locators, &Assignment::all(&[table.column(column).unwrap()], &[value])).unwrap_err() {
            StoreError::Constraint { constraint, .. } => constraint,
            error => panic!("{error}"),
        }
    };
    assert_eq!(refused("t", "u", texts(&["b"])), "UNIQUE", "the table's own REPLACE would delete a row");
    assert_eq!(refused("t", "c", texts(&["bad"])), "CHECK");
    assert_eq!(refused("t", "n", new_null_array(&arrow::datatypes::DataType::Utf8, 1)), "NOT NULL");
    assert_eq!(refused("t", "f", integers(&[9])), "FOREIGN KEY");
    assert_eq!(refused("t", "g", texts(&["x"])), "TRIGGER");
    assert_eq!(refused("t", "id", integers(&[2])), "PRIMARY KEY");
    assert_eq!(refused("s", "a", texts(&["x"])), "type");
    let parents = catalog.table("p").unwrap();
    let mut batch = store.batch().unwrap();
    load(&mut batch, parents, &[1]);
    let found = batch.linked(&request(parents, &["id"]), &[], None).unwrap();
    let error = batch.delete(parents, &found.locators).unwrap_err();
    assert!(matches!(&error, StoreError::Constraint { constraint, .. } if constraint == "FOREIGN KEY"), "RESTRICT: {error}");
}

#[test]
fn dropping_a_batch_rolls_back() {
    let database = database(SHOP);
    let table = database.table("customer");
    let mut store = database.writer();
    let mut batch = store.batch().unwrap();
    load(&mut batch, &table, &[1]);
    let found = batch.linked(&request(&table, &["name"]), &[], None).unwrap();
    batch.update(&table, &found.locators, &Assignment::all(&[1], &[texts(&["XXX"])])).unwrap();
    drop(batch);
    assert_eq!(database.ask("SELECT name FROM customer WHERE id = 1"), "Ada");
    database.other.execute_batch("BEGIN IMMEDIATE; COMMIT").unwrap();
    let mut batch = store.batch().unwrap();
    assert!(batch.linked(&request(&table, &["name"]), &[], None).is_err(), "nothing is loaded in a new batch");
}

#[test]
fn other_writers_wait_and_are_waited_for() {
    let database = database(SHOP);
    let mut store = database.writer();
    let batch = store.batch().unwrap();
    assert!(database.other.execute_batch("UPDATE customer SET name = 'X'").is_err());
    batch.commit().unwrap();
    database.other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(matches!(store.batch().err().unwrap(), StoreError::Locked { seconds: 0, .. }));
    database.other.execute_batch("COMMIT").unwrap();

    let mut reader = database.other.prepare("SELECT id FROM customer").unwrap();
    let mut rows = reader.query([]).unwrap();
    rows.next().unwrap();
    let mut batch = store.batch().unwrap();
    let table = database.table("customer");
    load(&mut batch, &table, &[1]);
    let found = batch.linked(&request(&table, &["name"]), &[], None).unwrap();
    batch.update(&table, &found.locators, &Assignment::all(&[1], &[texts(&["XXX"])])).unwrap();
    assert!(matches!(batch.commit().unwrap_err(), StoreError::Locked { .. }), "a reader in a rollback-journal database");
    drop(rows);
    assert_eq!(database.ask("SELECT name FROM customer WHERE id = 1"), "Ada");
}

#[test]
fn the_write_counter_sees_others_and_not_ourselves() {
    let database = database(SHOP);
    let table = database.table("customer");
    let mut store = database.writer();
    let before = store.write_counter().unwrap();
    let mut batch = store.batch().unwrap();
    load(&mut batch, &table, &[1]);
    let found = batch.linked(&request(&table, &["name"]), &[], None).unwrap();
    batch.update(&table, &found.locators, &Assignment::all(&[1], &[texts(&["XXX"])])).unwrap();
    batch.commit().unwrap();
    assert_eq!(store.write_counter().unwrap(), before);
    database.other.execute_batch("UPDATE customer SET name = 'Eva' WHERE id = 2").unwrap();
    assert_ne!(store.write_counter().unwrap(), before);
}

const PHONES: &str = "
CREATE TABLE person (phone TEXT PRIMARY KEY, region INTEGER, name TEXT, boss TEXT REFERENCES person) WITHOUT ROWID;
CREATE TABLE visit (id INTEGER PRIMARY KEY, person TEXT NOT NULL REFERENCES person);
CREATE TABLE call (id INTEGER PRIMARY KEY, caller TEXT REFERENCES person ON UPDATE CASCADE);
INSERT INTO person VALUES ('070-1740605', 1, 'Ada', NULL), ('070-1740606', 1, 'Bo', '070-1740605'), ('070-1740607', 1, 'Cy', '070-1740606');
INSERT INTO visit VALUES (1, '070-1740605'), (2, '070-1740606'), (3, '070-1740605'), (4, '070-1740607');
INSERT INTO call VALUES (1, '070-1740605'), (2, '070-1740607'), (3, NULL);
";

#[test]
fn a_key_is_replaced_with_all_its_copies() {
    let database = database(PHONES);
    let catalog = database.catalog();
    let target = |table: &str, column: &str| {
        let table = catalog.table(table).unwrap();
        (table.clone(), vec![table.column(column).unwrap()])
    };
    let targets = [target("person", "phone"), target("person", "boss"), target("visit", "person"), target("call", "caller")];
    let mut store = database.writer();
    let mut batch = store.batch().unwrap();
    let changed = batch.rekey(&targets, &[texts(&["070-1740605", "070-1740606"])], &[texts(&["k1", "k2"])]).unwrap();
    assert_eq!(changed, 2 + 2 + 3, "the calls followed by the store's own rule");
    batch.commit().unwrap();
    assert_eq!(database.ask("SELECT phone, name, boss FROM person ORDER BY name"), "k1,Ada,-;k2,Bo,k1;070-1740607,Cy,k2");
    assert_eq!(database.ask("SELECT person FROM visit ORDER BY id"), "k1;k2;k1;070-1740607");
    assert_eq!(database.ask("SELECT caller FROM call ORDER BY id"), "k1;070-1740607;-");
    assert!(store.broken_references().unwrap().is_empty());
}

#[test]
fn a_forgotten_child_refuses_the_commit_and_names_its_table() {
    let database = database(PHONES);
    let catalog = database.catalog();
    let person = catalog.table("person").unwrap();
    let mut store = database.writer();
    let mut batch = store.batch().unwrap();
    batch.rekey(&[(person.clone(), vec![0])], &[texts(&["070-1740607"])], &[texts(&["k3"])]).unwrap();
    let error = batch.commit().unwrap_err();
    assert!(matches!(&error, StoreError::Constraint { table, constraint } if table == "visit" && constraint == "FOREIGN KEY"), "{error}");
    assert_eq!(database.ask("SELECT count(*) FROM person WHERE phone = 'k3'"), "0");
}

#[test]
fn a_new_key_that_is_taken_or_chained_or_missing_is_refused() {
    let database = database(PHONES);
    let catalog = database.catalog();
    let targets = [(catalog.table("person").unwrap().clone(), vec![0])];
    let mut store = database.writer();
    let mut refused = |old: &[&str], new: ArrayRef| store.batch().unwrap().rekey(&targets, &[texts(old)], &[new]).unwrap_err();
    assert!(
        matches!(refused(&["070-1740607"], texts(&["070-1740605"])), StoreError::Constraint { constraint, .. } if constraint == "PRIMARY KEY")
    );
    let chained = refused(&["070-1740606", "070-1740607"], texts(&["k", "070-1740606"]));
    assert!(chained.to_string().contains("a new key is also an old one"), "{chained}");
    let missing = refused(&["070-1740606"], new_null_array(&arrow::datatypes::DataType::Utf8, 1));
    assert!(missing.to_string().contains("a new key is NULL"), "{missing}");
}

#[test]
fn composite_keys_are_replaced_together() {
    let database = database(SHOP);
    let catalog = database.catalog();
    let targets = [(catalog.table("sales").unwrap().clone(), vec![0, 1]), (catalog.table("line").unwrap().clone(), vec![1, 2])];
    let mut store = database.writer();
    let mut batch = store.batch().unwrap();
    let changed =
        batch.rekey(&targets, &[texts(&["A", "A"]), integers(&[2024, 2023])], &[texts(&["x", "y"]), integers(&[2024, 2023])]).unwrap();
    assert_eq!(changed, 2 + 3);
    batch.commit().unwrap();
    assert_eq!(database.ask("SELECT year, number FROM sales ORDER BY 1, 2"), "2023,y;2024,B;2024,C;2024,x");
    assert_eq!(database.ask("SELECT s_number, s_year FROM line ORDER BY id"), "x,2024;B,2024;y,2023;y,2023;-,-");
}

#[test]
fn a_full_disk_rolls_back_and_nothing_more_is_written() {
    let database = database("CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT); INSERT INTO t VALUES (1, 'a'), (2, 'b')");
    let table = database.table("t");
    let mut store = database.writer();
    store.connection.execute_batch("PRAGMA max_page_count = 1").unwrap();
    let mut batch = store.batch().unwrap();
    load(&mut batch, &table, &[1, 2]);
    let found = batch.linked(&request(&table, &["id"]), &[], None).unwrap();
    let long = "x".repeat(100_000);
    assert!(matches!(
        batch.update(&table, &found.locators, &Assignment::all(&[1], &[texts(&["kort", &long])])).unwrap_err(),
        StoreError::Full
    ));
    let after = batch.update(&table, &found.locators, &Assignment::all(&[1], &[texts(&["c", "d"])])).unwrap_err();
    assert!(after.to_string().contains("rolled back by an earlier error"), "{after}");
    assert!(batch.commit().is_err());
    assert_eq!(database.ask("SELECT s FROM t"), "a;b");
}

#[test]
fn erased_text_leaves_no_trace_in_the_file() {
    let database = database(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT); CREATE INDEX t_s ON t (s); INSERT INTO t VALUES (1, 'Testhemlighet Ett'), (2, 'Testhemlighet Två')",
    );
    let table = database.table("t");
    let mut store = database.writer();
    let mut batch = store.batch().unwrap();
    load(&mut batch, &table, &[1]);
    let found = batch.linked(&request(&table, &["id"]), &[], None).unwrap();
    batch.update(&table, &found.locators, &Assignment::all(&[1], &[texts(&["XXX"])])).unwrap();
    load(&mut batch, &table, &[2]);
    let found = batch.linked(&request(&table, &["id"]), &[], None).unwrap();
    batch.delete(&table, &found.locators).unwrap();
    batch.commit().unwrap();
    drop(store);
    for name in files(database.folder.path()) {
        let bytes = std::fs::read(database.folder.path().join(&name)).unwrap();
        assert!(!bytes.windows(13).any(|window| window == b"Testhemlighet"), "{name}");
    }
}

#[test]
fn the_journal_and_the_head_are_kept() {
    let database = database("CREATE TABLE t (id INTEGER PRIMARY KEY)");
    assert!(database.reader().snapshot().unwrap().journal().unwrap().is_empty());
    assert_eq!(database.reader().snapshot().unwrap().head().unwrap(), None);
    let mut store = database.writer();
    let entry = |token: &str, outcome: &str, clock: Option<&str>| JournalEntry {
        tenant: String::new(),
        table: "t".into(),
        token: token.into(),
        batch: "r/1".into(),
        outcome: outcome.into(),
        clock_start: clock.map(Into::into),
        version: "0f".into(),
        written_on: "2026-11-22".into(),
    };
    store.prepare_journal().unwrap();
    store.prepare_journal().unwrap();
    let mut batch = store.batch().unwrap();
    batch.journal(&[entry("b", "partly", None), entry("a", "delete", Some("2020-01-01"))]).unwrap();
    batch.journal(&[entry("b", "anonymise", Some("2021-01-01"))]).unwrap();
    let head = |sequence| Head { ledger: "l".into(), sequence, mac: "ab".into() };
    batch.set_head(&head(1)).unwrap();
    batch.set_head(&head(2)).unwrap();
    assert!(batch.set_head(&head(u64::MAX)).is_err());
    batch.commit().unwrap();
    let mut batch = store.batch().unwrap();
    batch.journal(&[entry("c", "delete", None)]).unwrap();
    drop(batch);
    let mut snapshot = store.snapshot().unwrap();
    assert_eq!(snapshot.journal().unwrap(), [entry("a", "delete", Some("2020-01-01")), entry("b", "anonymise", Some("2021-01-01"))]);
    assert_eq!(snapshot.head().unwrap(), Some(head(2)));
    drop(snapshot);
    assert_eq!(store.catalog().unwrap().tables.len(), 1);
    assert_eq!(database.ask("SELECT count(*) FROM pragma_table_list WHERE name LIKE 'gallra%' AND schema = 'main'"), "2");
}
