use super::Fixture;
use crate::store::postgres::checks;
use crate::store::postgres::relation::RelationKind;

const PARTITIONS: &str = r#"
CREATE SCHEMA archive;
CREATE TABLE customer (id int PRIMARY KEY);
CREATE TABLE invoice (
    id int NOT NULL, day date NOT NULL, region text, customer int, buyer text, CHECK (id > 0)
) PARTITION BY RANGE (day);
CREATE TABLE archive.invoice_old (buyer text, junk int, customer int, region text, day date NOT NULL, id int NOT NULL, CONSTRAINT invoice_id_check CHECK (id > 0), CHECK (buyer <> 'nobody'));
ALTER TABLE archive.invoice_old DROP COLUMN junk;
ALTER TABLE archive.invoice_old ADD PRIMARY KEY (id), ADD FOREIGN KEY (customer) REFERENCES customer;
ALTER TABLE invoice ATTACH PARTITION archive.invoice_old FOR VALUES FROM (MINVALUE) TO ('2020-01-01');
CREATE TABLE invoice_new PARTITION OF invoice FOR VALUES FROM ('2020-01-01') TO (MAXVALUE) PARTITION BY LIST (lower(region));
CREATE TABLE invoice_new_eu PARTITION OF invoice_new FOR VALUES IN ('eu');
CREATE TABLE invoice_new_rest PARTITION OF invoice_new DEFAULT;
ALTER TABLE invoice_new_rest ALTER buyer SET NOT NULL;
ALTER TABLE invoice_new_rest ADD FOREIGN KEY (customer) REFERENCES customer ON DELETE CASCADE;
INSERT INTO customer VALUES (1);
INSERT INTO invoice VALUES (1, '2000-01-01', 'eu', 1, 'A'), (2, '2021-01-01', 'EU', 1, 'B'), (3, '2021-01-01', 'us', 1, 'C');
CREATE TABLE empty_root (id int, k int, UNIQUE (id, k)) PARTITION BY HASH (k);

CREATE TABLE paper (id int PRIMARY KEY, text text, CHECK (text <> ''), CONSTRAINT own CHECK (id < 100) NO INHERIT);
CREATE TABLE paper_1 () INHERITS (paper);
CREATE TABLE paper_2 (id int, text text NOT NULL) INHERITS (paper);
ALTER TABLE paper_2 ADD UNIQUE (text);
CREATE TABLE letter (stamp int REFERENCES customer) INHERITS (paper);
CREATE TABLE letter_1 () INHERITS (letter);
CREATE TABLE sheet (id int, text text);
CREATE TABLE both_ () INHERITS (paper, sheet);
CREATE TABLE points (letter int, at int REFERENCES archive.invoice_old);
"#;

#[test]
fn partitions_are_parts_of_their_root() {
    let fixture = Fixture::of(PARTITIONS);
    assert_eq!(fixture.names(), ["both_", "customer", "empty_root", "invoice", "letter", "paper", "points", "sheet"]);
    let (invoice, relation) = (fixture.table("invoice"), fixture.relation("invoice"));
    assert_eq!(relation.kind, RelationKind::Partitioned);
    let parts: Vec<(&str, &str, u32)> =
        relation.parts.iter().map(|part| (part.schema.as_str(), part.relation.as_str(), part.pages)).collect();
    assert_eq!(parts, [("archive", "invoice_old", 1), ("public", "invoice_new_eu", 1), ("public", "invoice_new_rest", 1)]);
    let keys: Vec<&str> = relation.columns.iter().filter(|column| column.partition_key).map(|column| column.name.as_str()).collect();
    assert_eq!(keys, ["day", "region"], "of every level, inside expressions as well");
    assert!(invoice.primary_key.is_empty());
    assert_eq!(invoice.unique, [vec![0]], "the key of a part");
    assert_eq!(invoice.foreign_keys.len(), 1, "declared on two parts, taken once: {:?}", invoice.foreign_keys);
    let key = &invoice.foreign_keys[0];
    assert!(!key.everywhere, "one part lacks it");
    assert_eq!((key.columns.as_slice(), key.to.as_str(), key.deletes_silently), (&[3][..], "customer", true));
    assert!(!invoice.columns[4].nullable, "one part does not let it be NULL");
    assert_eq!(fixture.table("points").foreign_keys[0].to, "invoice", "a key that points at a partition");
    let empty = fixture.relation("empty_root");
    assert!(empty.parts.is_empty() && fixture.table("empty_root").unique == [vec![0, 1]]);
}

#[test]
fn a_check_of_one_part_is_for_its_rows_alone() {
    let fixture = Fixture::of(PARTITIONS);
    let invoice = fixture.table("invoice");
    let expressions: Vec<&str> = invoice.checks.iter().map(|check| check.expression.as_str()).collect();
    assert_eq!(expressions, ["(id > 0)", "(buyer <> 'nobody'::text)"]);
    let failing = checks::failing(&fixture.connection, &fixture.relations, invoice, &[(4, Some("nobody".into())), (0, Some("0".into()))]);
    assert_eq!(failing.unwrap(), [(0, 3), (1, 1)]);
}

#[test]
fn a_child_with_the_same_columns_is_a_part_and_one_with_more_is_not() {
    let fixture = Fixture::of(PARTITIONS);
    let parts = |name: &str| -> Vec<String> { fixture.relation(name).parts.iter().map(|part| part.relation.clone()).collect() };
    assert_eq!(parts("paper"), ["paper", "paper_1", "paper_2"]);
    assert_eq!(parts("letter"), ["letter", "letter_1"]);
    assert_eq!(parts("both_"), ["both_"], "a child of two parents");
    assert_eq!(fixture.relation("paper").kind, RelationKind::Inherited);
    assert_eq!(fixture.relation("both_").kind, RelationKind::Ordinary);
    let paper = fixture.table("paper");
    assert_eq!((paper.primary_key.as_slice(), paper.unique.as_slice()), (&[0][..], &[vec![1]][..]));
    assert!(!paper.columns[1].nullable);
    let failing = checks::failing(&fixture.connection, &fixture.relations, paper, &[(0, Some("100".into())), (1, Some(String::new()))]);
    assert_eq!(failing.unwrap().len(), 2);
    assert_eq!(paper.checks.iter().filter(|check| check.columns == [0]).count(), 1);
    let own = paper.checks.iter().position(|check| check.columns == [0]).unwrap();
    assert_eq!(fixture.relation("paper").checks[own].parts.as_deref(), Some(&[fixture.relation("paper").oid][..]));
    assert_eq!(fixture.table("letter").checks.len(), 1, "inherited, and not the one that is not");
    assert_eq!(fixture.table("letter").foreign_keys.len(), 1);
}

#[test]
fn a_table_with_foreign_parts_is_unreadable() {
    let fixture = Fixture::of(
        "CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
        CREATE FOREIGN TABLE outside (a text) SERVER files OPTIONS (filename '/dev/null');
        CREATE TABLE log (a text, d date) PARTITION BY RANGE (d);
        CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
        CREATE FOREIGN TABLE log_2 PARTITION OF log FOR VALUES FROM ('2021-01-01') TO ('2022-01-01') SERVER files OPTIONS (filename '/dev/null');
        CREATE TABLE near (a text);
        CREATE FOREIGN TABLE far (b text) INHERITS (near) SERVER files OPTIONS (filename '/dev/null');
        SELECT lo_from_bytea(0, 'x');",
    );
    assert_eq!(fixture.names(), ["near"], "a foreign child with columns of its own is not part of its parent");
    assert_eq!(fixture.catalog.unreadable, ["far", "log", "outside", "pg_largeobject"]);
}
