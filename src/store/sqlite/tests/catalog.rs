use super::*;
use crate::store::{ColumnType, ForeignKey, StoreError};

const ZOO: &str = r#"
CREATE TABLE customer (
    id INTEGER PRIMARY KEY,
    email VARCHAR(120) NOT NULL UNIQUE,
    name NVARCHAR(40) CHECK (length(name) > 0),
    balance DECIMAL(12,2) NOT NULL DEFAULT 0,
    active BOOLEAN, born DATE, seen TIMESTAMP, ratio REAL, photo BLOB,
    extra JSON, untyped,
    shout TEXT GENERATED ALWAYS AS (upper(name)) VIRTUAL,
    kept TEXT AS (lower(name)) STORED
);
CREATE UNIQUE INDEX customer_partial ON customer (name) WHERE active;
CREATE UNIQUE INDEX customer_lower ON customer (lower(name), born);
CREATE INDEX customer_plain ON customer (born);
CREATE TABLE "order" (
    number TEXT, year INTEGER,
    "Customer Id" INTEGER REFERENCES customer ON DELETE CASCADE,
    note TEXT,
    PRIMARY KEY (year, number),
    CONSTRAINT "say ""x""" UNIQUE (note, year)
) WITHOUT ROWID;
CREATE TABLE line (
    "a""b" INTEGER PRIMARY KEY,
    o_number TEXT, o_year INTEGER,
    mail TEXT REFERENCES Customer(EMAIL) ON DELETE SET NULL,
    gone INTEGER REFERENCES nowhere(id),
    FOREIGN KEY (o_number, o_year) REFERENCES "order"(number, year) ON DELETE RESTRICT,
    FOREIGN KEY (o_year, o_number) REFERENCES "order"
);
CREATE TABLE hidden (rowid TEXT, "OID" TEXT, x TEXT);
CREATE TABLE unaddressed (rowid TEXT, oid TEXT, _rowid_ TEXT);
CREATE TABLE keyed (rowid TEXT, oid TEXT, _rowid_ TEXT, k TEXT PRIMARY KEY);
CREATE TABLE loose (k TEXT PRIMARY KEY);
CREATE TABLE strict_one (a INT PRIMARY KEY NOT NULL, b ANY) STRICT;
CREATE VIRTUAL TABLE words USING fts5(body);
CREATE VIEW v AS SELECT 1;
CREATE TABLE gallra_journal (x);
CREATE TABLE Gallra_other (x);
"#;

fn zoo() -> Database {
    database(ZOO)
}

#[test]
fn tables_come_by_name_without_virtual_internal_and_own_ones() {
    let names: Vec<String> = zoo().catalog().tables.into_iter().map(|table| table.name).collect();
    assert_eq!(names, ["customer", "hidden", "keyed", "line", "loose", "order", "strict_one", "unaddressed"]);
}

#[test]
fn columns_have_types_lengths_and_nullability() {
    let table = zoo().table("customer");
    let brief: Vec<(&str, ColumnType, bool, Option<usize>, bool)> = table
        .columns
        .iter()
        .map(|column| (column.name.as_str(), column.data_type, column.nullable, column.max_length, column.generated))
        .collect();
    assert_eq!(
        brief,
        [
            ("id", ColumnType::Integer, false, None, false),
            ("email", ColumnType::Text, false, Some(120), false),
            ("name", ColumnType::Text, true, Some(40), false),
            ("balance", ColumnType::Decimal { precision: 12, scale: 2 }, false, None, false),
            ("active", ColumnType::Boolean, true, None, false),
            ("born", ColumnType::Date, true, None, false),
            ("seen", ColumnType::Timestamp, true, None, false),
            ("ratio", ColumnType::Float, true, None, false),
            ("photo", ColumnType::Blob, true, None, false),
            ("extra", ColumnType::Unsupported, true, None, false),
            ("untyped", ColumnType::Unsupported, true, None, false),
            ("shout", ColumnType::Text, true, None, true),
            ("kept", ColumnType::Text, true, None, true),
        ]
    );
    assert_eq!(table.columns[3].declared, "DECIMAL(12,2)");
    assert_eq!(table.primary_key, [0]);
    assert!(table.has_row_number);
    assert_eq!(table.unique, [vec![1], vec![2, 5]], "constraints and whole indexes count, partial ones do not");
}

#[test]
fn keys_and_references_are_resolved() {
    let catalog = zoo().catalog();
    let order = catalog.table("ORDER").unwrap();
    assert_eq!((order.primary_key.as_slice(), order.has_row_number), (&[1, 0][..], false));
    assert_eq!(order.unique, [vec![3, 1]]);
    assert!(!order.columns[0].nullable && !order.columns[1].nullable && order.columns[2].nullable);
    let key = |columns: &[usize], to: &str, to_columns: &[&str], deletes_silently| ForeignKey {
        columns: columns.to_vec(),
        to: to.into(),
        to_columns: to_columns.iter().map(|name| (*name).into()).collect(),
        deletes_silently,
        everywhere: true,
    };
    assert_eq!(order.foreign_keys, [key(&[2], "customer", &["id"], true)]);
    let line = catalog.table("line").unwrap();
    assert_eq!(line.columns[0].name, "a\"b");
    assert_eq!(
        line.foreign_keys,
        [
            key(&[3], "customer", &["email"], true),
            key(&[1, 2], "order", &["number", "year"], false),
            key(&[2, 1], "order", &["year", "number"], false)
        ]
    );
    let loose = catalog.table("loose").unwrap();
    assert!(loose.columns[0].nullable, "SQLite lets a TEXT PRIMARY KEY be NULL");
    assert!(!catalog.table("strict_one").unwrap().columns[0].nullable);
}

#[test]
fn a_real_column_of_a_row_number_s_name_hides_it() {
    let catalog = zoo().catalog();
    let has = |name: &str| catalog.table(name).unwrap().has_row_number;
    assert!(has("hidden") && !has("unaddressed") && !has("keyed"));
}

/// The witness is SQLite: each constant is written into every row with the check in force.
#[test]
fn checks_are_evaluated_as_sqlite_would_on_writing() {
    let database = database(
        r#"CREATE TABLE "Kund ""A""" (
            id INTEGER PRIMARY KEY,
            "phone no" TEXT COLLATE NOCASE CHECK ("phone no" NOT GLOB '*[^0-9]*'),
            "order" INTEGER CHECK ("order" BETWEEN 0 AND 9) CHECK (typeof("order") IN ('integer', 'null')),
            code TEXT COLLATE NOCASE CHECK (code IN ('xxx', 'abc')),
            other TEXT,
            CHECK (other IS NULL OR code <> other),
            CHECK (id > 0)
        );
        INSERT INTO "Kund ""A""" VALUES (1, '0701740605', 3, 'ABC', 'xxx'), (2, NULL, NULL, 'XXX', NULL), (3, '', 0, 'abc', 'y');"#,
    );
    let table = database.table(r#"Kund "A""#);
    assert_eq!(table.checks.len(), 6);
    let mut store = database.reader();
    for (column, value) in [
        ("phone no", Some("XXX")),
        ("phone no", Some("0")),
        ("phone no", None),
        ("order", Some("0")),
        ("order", Some("10")),
        ("order", Some("XXX")),
        ("order", None),
        ("code", Some("XXX")),
        ("code", Some("zzz")),
        ("other", Some("ABC")),
        ("other", None),
    ] {
        let index = table.column(column).unwrap();
        let counted: u64 =
            store.failing_checks(&table, &[(index, value.map(Into::into))]).unwrap().iter().map(|&(_, rows)| rows).max().unwrap();
        let mut refused = 0;
        for id in 1..=3 {
            let sql = format!(r#"UPDATE "Kund ""A""" SET "{column}" = ?1 WHERE id = {id}"#);
            database.other.execute_batch("BEGIN").unwrap();
            refused += u64::from(database.other.execute(&sql, [value]).is_err());
            database.other.execute_batch("ROLLBACK").unwrap();
        }
        assert_eq!(counted, refused, "{column} {value:?}");
    }
    let both = store.failing_checks(&table, &[(3, Some("xxx".into())), (4, Some("XXX".into()))]).unwrap();
    assert_eq!(both, [(3, 0), (4, 3)], "two constants are seen together, and checks of other columns are left out");
    assert_eq!(store.failing_checks(&table, &[]).unwrap(), []);
}

#[test]
fn an_unsupported_column_is_listed_and_reading_it_is_an_error() {
    let database = zoo();
    let table = database.table("customer");
    let mut store = database.reader();
    let error = store.snapshot().unwrap().read(&request(&table, &["id", "extra"]), &mut |_| {}).unwrap_err();
    assert!(matches!(&error, StoreError::UnsupportedType { column, declared, .. } if column == "extra" && declared == "JSON"), "{error}");
    assert_eq!(shown(&read(&mut store, &request(&table, &["id", "email"]))), "");
}

#[test]
fn broken_references_are_counted_by_table() {
    let database = database(
        "PRAGMA foreign_keys = OFF;
         CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a INTEGER REFERENCES a); CREATE TABLE c (a INTEGER REFERENCES a);
         INSERT INTO a VALUES (1); INSERT INTO b VALUES (1), (2), (3), (NULL); INSERT INTO c VALUES (1);",
    );
    assert_eq!(database.reader().broken_references().unwrap(), [("b".to_owned(), 2)]);
}
