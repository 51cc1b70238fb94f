use super::Fixture;
use crate::store::ForeignKey;
use crate::store::postgres::checks;

const KEYS: &str = r#"
CREATE EXTENSION btree_gist;
CREATE DOMAIN plz AS varchar(5) CHECK (VALUE ~ '^[0-9]+$');
CREATE TYPE mood AS ENUM ('happy', 'sad');
CREATE TABLE customer (
    country text, number int, email text NOT NULL, name text, active boolean, note text,
    PRIMARY KEY (number, country),
    CONSTRAINT "odd ""name""" UNIQUE (email) INCLUDE (note)
);
CREATE UNIQUE INDEX customer_whole ON customer (lower(name), active) INCLUDE (note);
CREATE UNIQUE INDEX customer_partial ON customer (name) WHERE active;
CREATE INDEX customer_plain ON customer (note);
CREATE TABLE "Order-Line" (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    gone int, c_country text, c_number int, "user" text, room int, during tsrange,
    FOREIGN KEY (c_country, c_number) REFERENCES customer (country, number) ON DELETE CASCADE ON UPDATE CASCADE DEFERRABLE,
    FOREIGN KEY ("user") REFERENCES customer (email) ON DELETE SET NULL,
    EXCLUDE USING gist (room WITH =, during WITH &&)
);
ALTER TABLE "Order-Line" DROP COLUMN gone;
CREATE TABLE person (
    a int, b int CONSTRAINT b_check CHECK (b > a), code plz, how mood, born date CHECK (born > '1900-01-01'),
    doubled int GENERATED ALWAYS AS (a * 2) STORED, tag text CHECK (split_part(tag, '-', 2)::int > 0),
    who text, CHECK (doubled < 100), token uuid
);
CREATE TABLE whole (a int, b text, CHECK (whole.* IS NOT NULL OR a = 1));
INSERT INTO whole VALUES (1, NULL), (2, 'x');
INSERT INTO person (a, b, code, how, born, tag) VALUES (1, 2, '12345', 'sad', '2000-01-01', 'x-1'), (40, 50, NULL, NULL, NULL, NULL);
"#;

#[test]
fn keys_are_read_in_their_own_order() {
    let fixture = Fixture::of(KEYS);
    assert_eq!(fixture.names(), ["Order-Line", "customer", "person", "whole"]);
    let customer = fixture.table("customer");
    assert_eq!(customer.primary_key, [1, 0]);
    assert_eq!(customer.unique, [vec![2], vec![4, 3]], "whole indexes count, partial ones do not, INCLUDE columns do not");
    assert_eq!(fixture.table("customer").partial_unique, [vec![3]]);
    let line = fixture.table("Order-Line");
    assert_eq!(line.unique, [vec![4, 5]], "an exclusion constraint");
    let key = |columns: &[usize], to_columns: &[&str]| ForeignKey {
        columns: columns.to_vec(),
        to: "customer".into(),
        to_columns: to_columns.iter().map(|name| (*name).into()).collect(),
        deletes_silently: true,
        everywhere: true,
    };
    assert_eq!(line.foreign_keys, [key(&[1, 2], &["country", "number"]), key(&[3], &["email"])]);
}

#[test]
fn checks_count_the_rows_that_a_constant_would_break() {
    let fixture = Fixture::of(KEYS);
    let person = fixture.table("person");
    let failing = |constants: &[(&str, Option<&str>)]| -> Vec<(String, u64)> {
        let constants: Vec<(usize, Option<String>)> =
            constants.iter().map(|(name, text)| (person.column(name).unwrap(), text.map(String::from))).collect();
        let found = checks::failing(&fixture.connection, &fixture.relations, person, &constants).unwrap();
        found.into_iter().map(|(check, rows)| (person.checks[check].expression.clone(), rows)).filter(|(_, rows)| *rows > 0).collect()
    };
    let one = |expression: &str, rows| vec![(expression.to_owned(), rows)];
    assert_eq!(failing(&[("b", Some("41"))]), []);
    assert_eq!(failing(&[("b", Some("30"))]), one("(b > a)", 1));
    assert_eq!(failing(&[("a", Some("0")), ("b", Some("0"))]), one("(b > a)", 2));
    assert_eq!(failing(&[("b", None)]), []);
    assert_eq!(failing(&[("a", Some("49"))]), one("(b > a)", 1), "a generated column keeps its value");
    assert_eq!(failing(&[("code", Some("99999"))]), []);
    assert_eq!(failing(&[("code", Some("XXX"))]), one(r#"(("code")::text ~ '^[0-9]+$'::text)"#, 2));
    assert_eq!(failing(&[("code", Some("123456"))]), one(r#"(("code")::text ~ '^[0-9]+$'::text)"#, 2), "too long");
    assert_eq!(failing(&[("how", Some("happy"))]), []);
    assert_eq!(failing(&[("how", Some("XXX"))]), one(r#""how" is of the type mood"#, 2));
    assert_eq!(failing(&[("token", Some("XXX"))]), one(r#""token" is of the type uuid"#, 2));
    assert_eq!(failing(&[("token", Some("00000000-0000-0000-0000-000000000000"))]), []);
    assert_eq!(failing(&[("tag", Some("XXX"))]).len(), 1, "a check that ends in an error");
    assert_eq!(failing(&[("born", Some("1900-01-01"))]), one("(born > '1900-01-01'::date)", 2));
    let whole = fixture.table("whole");
    assert_eq!(whole.checks[0].columns, [0, 1], "a check of the whole row names every column");
    assert_eq!(checks::failing(&fixture.connection, &fixture.relations, whole, &[(1, None)]).unwrap(), [(0, 1)]);
}

/// What the checks say of a constant is what the server says of an UPDATE.
#[test]
fn the_server_refuses_what_the_checks_refuse() {
    let fixture = Fixture::of(KEYS);
    let person = fixture.table("person");
    for (column, text) in [
        ("b", "41"),
        ("b", "30"),
        ("b", "x"),
        ("code", "99999"),
        ("code", "XXX"),
        ("code", "123456"),
        ("how", "happy"),
        ("how", "XXX"),
        ("tag", "XXX"),
        ("tag", "a-2"),
        ("born", "1900-01-01"),
        ("born", "1900-01-02"),
        ("born", "nonsense"),
        ("token", "XXX"),
    ] {
        let index = person.column(column).unwrap();
        let found = checks::failing(&fixture.connection, &fixture.relations, person, &[(index, Some(text.into()))]).unwrap();
        let refused = found.iter().any(|(_, rows)| *rows > 0);
        fixture.connection.execute("BEGIN").unwrap();
        let update = fixture.connection.execute(&format!("UPDATE person SET \"{column}\" = '{text}'"));
        fixture.connection.execute("ROLLBACK").unwrap();
        assert_eq!(refused, update.is_err(), "{column} = {text}");
    }
}

#[test]
fn only_keys_that_the_server_does_not_enforce_are_searched_for_breaks() {
    let fixture = Fixture::of(
        "CREATE TABLE p (a int, b int, PRIMARY KEY (a, b));
        CREATE TABLE c (x int, y int);
        INSERT INTO p VALUES (1, 1); INSERT INTO c VALUES (1, 1), (1, 2), (2, NULL), (NULL, NULL);
        ALTER TABLE c ADD FOREIGN KEY (y, x) REFERENCES p (b, a) NOT VALID;
        CREATE TABLE f (x int, y int, FOREIGN KEY (x, y) REFERENCES p MATCH FULL);
        ALTER TABLE f DISABLE TRIGGER ALL; INSERT INTO f VALUES (1, NULL), (NULL, NULL), (9, 9), (1, 1); ALTER TABLE f ENABLE TRIGGER ALL;
        CREATE TABLE q (x int, y int, FOREIGN KEY (x, y) REFERENCES p) PARTITION BY LIST (x);
        CREATE TABLE q1 PARTITION OF q FOR VALUES IN (1); CREATE TABLE q2 PARTITION OF q DEFAULT;
        ALTER TABLE q2 DISABLE TRIGGER ALL; INSERT INTO q VALUES (1, 1), (7, 7), (8, 8);",
    );
    let broken = || checks::broken_references(&fixture.connection, &fixture.relations).unwrap();
    assert_eq!(broken(), [("c".to_owned(), 1), ("q".to_owned(), 2)], "a key that is enforced again is not searched");
    fixture.connection.execute("ALTER TABLE f DISABLE TRIGGER ALL").unwrap();
    assert_eq!(broken(), [("c".to_owned(), 1), ("f".to_owned(), 2), ("q".to_owned(), 2)]);
}

#[test]
fn many_tables_and_keys_are_read_within_a_second() {
    let mut sql = String::from("CREATE TABLE t0 (id bigint PRIMARY KEY);");
    for number in 1..250 {
        sql.push_str(&format!(
            "CREATE TABLE t{number} (id bigint PRIMARY KEY, a bigint REFERENCES t{} ON DELETE CASCADE, b bigint REFERENCES t{}, c text CHECK (c <> ''), \
             d numeric(10,2), e date, f timestamptz, g varchar(20) UNIQUE);",
            number / 2,
            number - 1
        ));
    }
    sql.push_str("ALTER TABLE t0 ADD a bigint REFERENCES t1, ADD b bigint REFERENCES t2;");
    let fixture = Fixture::of(&sql);
    assert_eq!(fixture.catalog.tables.iter().map(|table| table.foreign_keys.len()).sum::<usize>(), 500);
    let started = std::time::Instant::now();
    super::read(&fixture.connection).unwrap();
    assert!(started.elapsed().as_millis() < 1000, "{:?}", started.elapsed());
}
