use arrow::datatypes::Date32Type;

use super::*;
use crate::store::{ROWS_PER_BATCH, StoreError};

#[test]
fn cells_are_those_that_sqlite_gives() {
    let database = database(
        r#"CREATE TABLE t (i INT, d DECIMAL(10,2), f DOUBLE, s VARCHAR(9), day DATE, at DATETIME, b BOOLEAN);
        INSERT INTO t VALUES
            (1, 10, 1.5, 'Åsa', '2024-02-29', '2024-02-29 12:00', 1),
            (2.0, 0.1, 2, 17, '2024-02-29 23:30:00', 1709200800, 'true'),
            (NULL, '12.30', NULL, 1.5, NULL, NULL, NULL),
            ('4', -99999999.99, -0.25, '', '0001-01-01', '9999-12-31T23:59:59.5Z', 'F');"#,
    );
    // How SQLite stored them, so that the rows above are known to test what they seem to.
    assert_eq!(
        database.ask("SELECT typeof(i), typeof(d), typeof(f), typeof(s), typeof(day), typeof(at), typeof(b) FROM t"),
        "integer,integer,real,text,text,text,integer;integer,real,real,text,text,integer,text;null,real,null,text,null,null,null;integer,real,real,text,text,text,text"
    );
    let table = database.table("t");
    let rows = read(&mut database.reader(), &request(&table, &[]));
    assert_eq!(
        shown(&rows),
        "1,10.00,1.5,Åsa,2024-02-29,2024-02-29T11:00:00Z,true;\
         2,0.10,2.0,17,2024-02-29,2024-02-29T10:00:00Z,true;\
         -,12.30,-,1.5,-,-,-;\
         4,-99999999.99,-0.25,,0001-01-01,9999-12-31T23:59:59.500Z,false"
    );
    assert!(rows.unreadable.is_empty());
    // SQLite's own date functions are the witness for the days.
    let days: Vec<Option<i64>> = database
        .other
        .prepare("SELECT CAST(julianday(date(day)) - 2440587.5 AS INTEGER) FROM t ORDER BY rowid")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let read: Vec<Option<i64>> = rows.batches[0].column(4).as_primitive::<Date32Type>().iter().map(|day| day.map(i64::from)).collect();
    assert_eq!(read, days);
}

#[test]
fn every_decimal_of_a_price_list_survives_its_storage() {
    let database = database("CREATE TABLE t (d DECIMAL(12,2), s TEXT)");
    database
        .other
        .execute_batch(
            "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 20000),
                  v(c) AS MATERIALIZED (SELECT CASE WHEN i < 10000 THEN i ELSE abs(random()) % 1000000000000 END FROM n)
             INSERT INTO t SELECT CAST(c / 100 AS TEXT) || '.' || printf('%02d', c % 100), CAST(c / 100 AS TEXT) || '.' || printf('%02d', c % 100) FROM v;",
        )
        .unwrap();
    assert_ne!(database.ask("SELECT count(*) FROM t WHERE typeof(d) = 'real'"), "0");
    let rows = read(&mut database.reader(), &request(&database.table("t"), &[]));
    for batch in &rows.batches {
        for row in 0..batch.num_rows() {
            assert_eq!(array_value_to_string(batch.column(0), row).unwrap(), array_value_to_string(batch.column(1), row).unwrap());
        }
    }
}

fn value_error(database: &Database, column: &str) -> (String, String, String) {
    let table = database.table("t");
    let error = database.reader().snapshot().unwrap().read(&request(&table, &[column]), &mut |_| {}).unwrap_err();
    assert!(!error.to_string().contains("hemlig") && !error.to_string().contains("0.3"), "{error}");
    match error {
        StoreError::Value { table, column, row, .. } => (table, column, row),
        error => panic!("{error}"),
    }
}

#[test]
fn a_cell_that_does_not_fit_names_its_row_and_not_its_value() {
    let database = database(
        r#"CREATE TABLE t (a TEXT, n INTEGER, i INTEGER, d DECIMAL(10,2), p DECIMAL(4,2), s TEXT, x TEXT, b BOOLEAN, f REAL, PRIMARY KEY (n, a));
        INSERT INTO t VALUES ('k', 7, 1, 1, 1, 's', 's', 1, 1);
        INSERT INTO t VALUES ('l', 8, 'hemlig', 0.305, 100, CAST(x'c3ff' AS TEXT), x'00', 2, 'hemlig');"#,
    );
    for column in ["i", "d", "p", "s", "x", "b", "f"] {
        assert_eq!(value_error(&database, column), ("t".into(), column.into(), "t#8|l".into()));
    }
    // A person finds the row by its place: with a row number, and without.
    for (rest, found) in [("", "2"), (" WITHOUT ROWID", "8,l")] {
        let database = super::database(&format!(
            r#"CREATE TABLE t (a TEXT, n INTEGER, i INTEGER, PRIMARY KEY (n, a)){rest};
            INSERT INTO t VALUES ('k', 9, 1), ('l', 8, 'hemlig'), ('m', 7, 1);"#
        ));
        let table = database.table("t");
        let error = database.reader().snapshot().unwrap().read(&request(&table, &["i"]), &mut |_| {}).unwrap_err();
        let hint = error.hint().unwrap();
        let find = hint.split('`').nth(1).unwrap();
        assert!(!hint.contains("hemlig") && database.ask(find) == found, "{hint}");
    }
}

#[test]
fn unreadable_dates_are_null_and_listed_over_all_batches() {
    let rows = ROWS_PER_BATCH + 10;
    let database = database(&format!(
        "CREATE TABLE t (n INTEGER PRIMARY KEY, day DATE, at TIMESTAMP);
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {} - 1)
         INSERT INTO t SELECT i, CASE WHEN i IN (3, 65535, 65536) THEN 'okänt' WHEN i = 4 THEN NULL ELSE '2024-01-01' END,
             CASE WHEN i = 65540 THEN 1.5 ELSE i END FROM n;",
        rows
    ));
    let table = database.table("t");
    let mut store = database.reader();
    let mut told = Vec::new();
    let read = store.snapshot().unwrap().read(&request(&table, &["day", "n", "at"]), &mut |rows| told.push(rows)).unwrap();
    assert_eq!(read.unreadable.into_iter().collect::<Vec<_>>(), [(0, vec![3, 65_535, 65_536]), (2, vec![65_540])]);
    assert_eq!(told, [ROWS_PER_BATCH as u64, 10]);
    assert_eq!(read.batches.iter().map(|batch| batch.num_rows()).collect::<Vec<_>>(), [ROWS_PER_BATCH, 10]);
    assert_eq!(read.batches[0].column(0).null_count(), 3);
    assert_eq!(store.snapshot().unwrap().count("t").unwrap(), rows as u64);
}

#[test]
fn hostile_names_are_read_and_order_is_stable() {
    let database = database(
        r#"CREATE TABLE "select ""x"" [y] `z` 'å';--" ("order" TEXT, "Mixed Case" INTEGER, "a""b" TEXT, "t" TEXT, "group" TEXT, PRIMARY KEY ("Mixed Case", "order")) WITHOUT ROWID;
        INSERT INTO "select ""x"" [y] `z` 'å';--" VALUES ('b', 1, 'q', 't', 'g'), ('a', 2, 'q', 't', 'g'), ('a', 1, 'q', 't', 'g');
        CREATE TABLE hidden (rowid TEXT, "OID" TEXT); INSERT INTO hidden VALUES ('z', 'o'), ('a', 'p');
        CREATE TABLE unaddressed (rowid TEXT, oid TEXT, _rowid_ TEXT); INSERT INTO unaddressed VALUES ('a', 'b', 'c');
        CREATE TABLE empty (x TEXT);"#,
    );
    let mut store = database.reader();
    let catalog = store.catalog().unwrap();
    let mut all = |name: &str, columns: &[&str]| shown(&read(&mut store, &request(catalog.table(name).unwrap(), columns)));
    assert_eq!(all(r#"select "x" [y] `z` 'å';--"#, &["a\"b", "order", "Mixed Case", "t", "group"]), "q,a,1,t,g;q,b,1,t,g;q,a,2,t,g");
    assert_eq!(all("hidden", &["oid", "rowid"]), "o,z;p,a");
    assert_eq!(all("unaddressed", &[]), "a,b,c");
    assert_eq!(all("empty", &[]), "");
    let empty = read(&mut store, &request(catalog.table("empty").unwrap(), &[]));
    assert_eq!((empty.batches.len(), empty.batches[0].num_rows(), empty.batches[0].num_columns()), (1, 0, 1));
    let none = read(&mut store, &Request { table: catalog.table("hidden").unwrap().clone(), columns: Vec::new() });
    assert_eq!((none.batches[0].num_rows(), none.batches[0].num_columns()), (2, 0));
}

#[test]
fn a_column_that_vanished_is_an_error_and_not_its_name_as_text() {
    let database = database("CREATE TABLE t (a TEXT, b TEXT); INSERT INTO t VALUES ('1', '2')");
    let table = database.table("t");
    database.other.execute_batch("ALTER TABLE t RENAME COLUMN b TO c").unwrap();
    let error = database.reader().snapshot().unwrap().read(&request(&table, &[]), &mut |_| {}).unwrap_err();
    assert!(error.to_string().contains("the schema may have changed"), "{error}");
}

#[test]
fn a_snapshot_sees_one_state() {
    let database = database("PRAGMA journal_mode = wal; CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('1')");
    let table = database.table("t");
    let mut store = database.reader();
    let mut snapshot = store.snapshot().unwrap();
    database.other.execute_batch("INSERT INTO t VALUES ('2')").unwrap();
    assert_eq!(snapshot.count("t").unwrap(), 1);
    assert_eq!(shown(&snapshot.read(&request(&table, &[]), &mut |_| {}).unwrap()), "1");
    let first = snapshot.id();
    drop(snapshot);
    let mut snapshot = store.snapshot().unwrap();
    assert_eq!(snapshot.count("t").unwrap(), 2);
    assert_ne!(snapshot.id(), first);
}

#[test]
fn a_utf16_database_is_read() {
    let database = database("PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (å TEXT); INSERT INTO t VALUES ('Åsa 😀')");
    assert_eq!(shown(&read(&mut database.reader(), &request(&database.table("t"), &["å"]))), "Åsa 😀");
}
