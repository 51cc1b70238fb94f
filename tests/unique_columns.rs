//! UNIQUE columns of types that no text fits: each row's replacement is of the column's type, differs from all others and stays the same.

mod night;

use std::collections::BTreeSet;

use night::{Night, Store, Tables, on_both_stores};

/// Every column is unique and mandatory, so that neither NULL nor one placeholder for all will do.
const TABLES: Tables<'_> = Tables {
    sqlite:
        "CREATE TABLE person (id INTEGER PRIMARY KEY, device UUID NOT NULL UNIQUE, meter DECIMAL(14,2) NOT NULL UNIQUE CHECK (meter >= 0),
            card DECIMAL(20) NOT NULL, print BLOB NOT NULL UNIQUE CHECK (length(print) >= 16), seen DATE NOT NULL, home UUID NOT NULL,
            UNIQUE (card, seen));",
    postgres:
        "CREATE TABLE person (id integer PRIMARY KEY, device uuid NOT NULL UNIQUE, meter numeric(14,2) NOT NULL UNIQUE CHECK (meter >= 0),
            card numeric(20) NOT NULL, print bytea NOT NULL UNIQUE CHECK (length(print) >= 16), seen date NOT NULL, home uuid NOT NULL,
            UNIQUE (card, seen));",
};

const RULES: &str = "[category.person]\ntable = \"person\"\ndelete = \"never\"\n[[category.person.retention]]\nname = \"inactivity\"\nclock = \"seen\"\nkeep = \"12 months\"\n\
    [table.person]\nid = \"key\"\ndevice = \"identifier\"\nmeter = \"identifier\"\ncard = \"identifier\"\nprint = \"identifier\"\nseen = \"activity\"\nhome = \"identifier\"\n";

/// Two hundred people whose time has come, and one whose has not.
fn rows() -> String {
    let row = |person: u32, seen: &str| {
        let digits = format!("{:032x}", u128::from(person) * 0x0123_4567_89ab_cdef);
        let uuid = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-");
        format!("({person}, '{uuid}', {person}.25, {person}00, x'{digits}', '{seen}', '{uuid}')")
    };
    let due = (1..=200).map(|person| row(person, "2019-01-01"));
    let all: Vec<String> = due.chain([row(201, "2026-11-01")]).collect();
    format!("INSERT INTO person VALUES {};", all.join(", "))
}

fn texts(night: &Night, column: &str, who: &str) -> Vec<String> {
    let database = night.database();
    let mut statement = database.prepare(&format!("SELECT {column} FROM person WHERE {who} ORDER BY id")).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn every_row_gets_a_replacement_of_the_columns_type(store: Store) {
    let night = Night::of_own(store, TABLES, &rows(), RULES);
    assert_eq!(night.problems(), "");
    let columns = ["device", "printf('%.2f', meter)", "printf('%.0f', card)", "hex(print)"];
    let before: Vec<Vec<String>> = columns.map(|column| texts(&night, column, "id <= 200")).into();
    let kept = columns.map(|column| texts(&night, column, "id = 201"));
    let report = night.run();
    let verified = (report.exit_code, report.skipped.len(), report.verification.findings.len());
    assert_eq!(verified, (0, 0, 0), "{:?} {:?} {:?}", report.notes, report.skipped, report.verification.findings);

    let after: Vec<Vec<String>> = columns.map(|column| texts(&night, column, "id <= 200")).into();
    for (before, after) in before.iter().zip(&after) {
        let different: BTreeSet<&String> = after.iter().collect();
        assert_eq!(different.len(), 200);
        assert!(before.iter().all(|old| !different.contains(old)));
    }
    let hexadecimal = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    for uuid in &after[0] {
        assert!(
            uuid.len() == 36 && hexadecimal(&uuid.replace('-', "")) && &uuid[14..15] == "8" && "89ab".contains(&uuid[19..20]),
            "{uuid}"
        );
    }
    let is_number = |text: &str, whole: usize, fraction: usize| {
        let (before, after) = text.split_once('.').unwrap_or((text, ""));
        before.len() <= whole && after.len() == fraction && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    assert!(after[1].iter().all(|number| is_number(number, 12, 2)));
    assert!(after[2].iter().all(|number| is_number(number, 15, 0)));
    assert!(after[3].iter().all(|bytes| bytes.len() == 32 && hexadecimal(bytes)));
    assert_eq!(columns.map(|column| texts(&night, column, "id = 201")), kept);
    // What need not differ is the same for all.
    let nil = vec!["00000000-0000-0000-0000-000000000000"; 200];
    assert_eq!(texts(&night, "home", "id <= 200"), nil);

    let again = night.run();
    assert!(again.nothing_changed, "{:?}", again.plan.changes);
    // Somebody touches a forgotten row: it is forgotten again, and becomes what it was.
    night.database().execute_batch("UPDATE person SET home = device, meter = 7 WHERE id = 5").unwrap();
    night.run();
    assert_eq!(texts(&night, columns[1], "id <= 200"), after[1]);
    assert_eq!(texts(&night, columns[0], "id <= 200"), after[0]);
}

/// A UUID as personal key: the row and who points at it get another one.
fn a_personal_key_of_uuids_is_replaced_with_its_copies(store: Store) {
    let tables = "CREATE TABLE device (serial UUID PRIMARY KEY, seen DATE NOT NULL);
        CREATE TABLE reading (id INTEGER PRIMARY KEY, device UUID NOT NULL REFERENCES device (serial), kwh DECIMAL(8,2) NOT NULL);";
    let rows = "INSERT INTO device VALUES ('c0ffee00-1111-4222-8333-444455556666', '2019-01-01'), ('c0ffee00-1111-4222-8333-777788889999', '2026-11-01');
        INSERT INTO reading VALUES (1, 'c0ffee00-1111-4222-8333-444455556666', 3.5), (2, 'c0ffee00-1111-4222-8333-777788889999', 4.5);";
    let rules = "[category.device]\ntable = \"device\"\ndelete = \"never\"\n[[category.device.retention]]\nname = \"inactivity\"\nclock = \"seen\"\nkeep = \"12 months\"\n\
        [table.device]\nserial = \"identifier\"\nseen = \"activity\"\n[table.reading]\nid = \"key\"\ndevice = \"identifier\"\nkwh = \"amount\"\n";
    let night = Night::of_own(store, tables, rows, rules);
    assert_eq!(night.problems(), "");
    assert_eq!(night.run().exit_code, 0);
    let keys: Vec<String> = {
        let database = night.database();
        let mut statement = database.prepare("SELECT serial FROM device JOIN reading ON device = serial ORDER BY id").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    assert_eq!((keys.len(), keys[1].as_str()), (2, "c0ffee00-1111-4222-8333-777788889999"));
    assert!(!keys[0].starts_with("c0ffee00") && &keys[0][14..15] == "8", "{}", keys[0]);
    assert!(night.run().nothing_changed);
}

/// Too little room for a replacement per row is said before the first night.
fn a_column_with_too_little_room_is_refused(store: Store) {
    for (declared, words) in [
        ("DECIMAL(12,2)", "it needs 13 digits"),
        ("DATE", "there are too few days for one per row"),
        ("BOOLEAN", "needs a replacement per row"),
    ] {
        let tables = format!("CREATE TABLE person (id INTEGER PRIMARY KEY, number {declared} NOT NULL UNIQUE, seen DATE NOT NULL);");
        let rules = RULES.split("[table.person]").next().unwrap();
        let rules = format!("{rules}[table.person]\nid = \"key\"\nnumber = \"identifier\"\nseen = \"activity\"\n");
        let refused = Night::of_own(store, tables.as_str(), "", &rules).problems();
        let flat = refused.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
        assert!(flat.contains(words), "{declared}: {refused}");
    }
}

on_both_stores!(
    every_row_gets_a_replacement_of_the_columns_type,
    a_personal_key_of_uuids_is_replaced_with_its_copies,
    a_column_with_too_little_room_is_refused,
);

/// `numeric(20,-3)` rounds what is written, and `numeric(14,16)` keeps nothing but digits far behind the point.
#[test]
fn a_decimal_of_postgresql_that_does_not_keep_all_digits_is_refused() {
    for declared in ["numeric(20,-3)", "numeric(14,16)"] {
        let postgres = format!("CREATE TABLE person (id integer PRIMARY KEY, number {declared} NOT NULL UNIQUE, seen date NOT NULL);");
        let sqlite = "CREATE TABLE person (id INTEGER PRIMARY KEY, number DECIMAL(20) NOT NULL UNIQUE, seen DATE NOT NULL);";
        let rules = RULES.split("[table.person]").next().unwrap();
        let rules = format!("{rules}[table.person]\nid = \"key\"\nnumber = \"identifier\"\nseen = \"activity\"\n");
        let refused = Night::of_own(Store::Postgres, Tables { sqlite, postgres: &postgres }, "", &rules).problems();
        assert!(refused.contains("needs a replacement per row"), "{declared}: {refused}");
    }
}
