//! The names of a tenant's people in somebody else's text: whoever is a customer or an employee is replaced there, and nobody of another
//! tenant is.

mod night;

use gallra::detect::{Country, Kinds};
use gallra::progress::Silent;
use gallra::saved_plan::fingerprint;
use gallra::scan::{Choice, Search};
use night::{Night, Store, on_both_stores};

const TABLES: &str = "
    CREATE TABLE firm (id VARCHAR(8) PRIMARY KEY);
    CREATE TABLE person (id INTEGER PRIMARY KEY, firm_id VARCHAR(8) NOT NULL REFERENCES firm (id), first_name VARCHAR(40), last_name VARCHAR(40) NOT NULL,
        initials VARCHAR(8), joined DATE);
    CREATE TABLE worker (id INTEGER PRIMARY KEY, firm_id VARCHAR(8) NOT NULL REFERENCES firm (id), name VARCHAR(40) NOT NULL, hired DATE);
    CREATE TABLE purchase (id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES person (id), bought DATE, note VARCHAR(200), code VARCHAR(40));";

/// Whose time has come: Sigismunda (north) and Algot (south). `Trumfassar` is the controller's placeholder: one name was replaced by
/// it long ago. The names in the notes are in no table of names.
const ROWS: &str = "
    INSERT INTO firm VALUES ('north'), ('south');
    INSERT INTO person VALUES
        (1, 'north', 'Sigismunda', 'Kvistlund', 'SK', '2019-01-01'),
        (2, 'north', 'Ester', 'Qvarnbrinke', 'EQ', '2026-11-01'),
        (3, 'south', 'Algot', 'Brandberg', NULL, '2019-01-01'),
        (4, 'south', NULL, 'Trumfassar', NULL, '2026-11-01'),
        (5, 'south', 'Obelia', 'Vrenotti 7', NULL, '2026-11-01');
    INSERT INTO worker VALUES (1, 'north', 'Bertil Brunkull', '2026-01-01'), (2, 'south', 'Tarja Kuhmoinen', '2026-01-01'), (3, 'north', 'Ina Trumfassar-Ek', '2026-01-01');
    INSERT INTO purchase VALUES
        (1, 1, '2019-02-01', 'Qvarnbrinke hade redan betalat', 'Qvarnbrinke'),
        (2, 3, '2019-02-01', 'Qvarnbrinke hade redan betalat', NULL),
        (3, 1, '2019-02-01', 'brev till Brunkull i dag', NULL),
        (4, 3, '2019-02-01', 'brev till Brunkull i dag', NULL),
        (5, 1, '2019-02-01', 'prata med Kuhmoinen', NULL),
        (6, 3, '2019-02-01', 'prata med Kuhmoinen', NULL),
        (7, 1, '2019-02-01', 'brev till Trumfassar i dag', NULL),
        (8, 3, '2019-02-01', 'brev till Trumfassar i dag', NULL),
        (9, 3, '2019-02-01', 'brev till Vrenotti i dag', NULL),
        (10, 2, '2026-11-02', 'brev till Brunkull i dag', NULL),
        (11, 1, '2019-02-01', 'vitt vin om fakturan', NULL);";

const RULES: &str = r#"
    placeholder = "Trumfassar"
    [run]
    names_megabytes = 8
    [tenants]
    table = "firm"
    key = "id"
    column = "firm_id"
    [category.person]
    table = "person"
    delete = "never"
    [[category.person.retention]]
    name = "inactivity"
    clock = "last_activity"
    keep = "12 months"
    [category.worker]
    table = "worker"
    [[category.worker.retention]]
    name = "employment"
    clock = "hired"
    keep = "12 months"
    [table.firm]
    id = "key"
    [table.person]
    id = "key"
    firm_id = "reference"
    first_name = "name"
    last_name = { class = "name", placeholder = "XXX" }
    initials = "name"
    joined = "activity"
    [table.worker]
    id = "key"
    firm_id = "reference"
    name = "name"
    hired = "activity"
    [table.purchase]
    id = "key"
    person_id = "reference"
    bought = "activity"
    note = "free_text"
    code = "plain"
"#;

fn notes(night: &Night) -> Vec<String> {
    let database = night.database();
    let mut statement = database.prepare("SELECT note FROM purchase ORDER BY id").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

const WRITTEN: [&str; 11] = [
    "[name] hade redan betalat",
    "Qvarnbrinke hade redan betalat",
    "brev till [name] i dag",
    "brev till Brunkull i dag",
    "prata med Kuhmoinen",
    "prata med [name]",
    // Somebody's name here, and there what stands for nobody's any more.
    "brev till [name] i dag",
    "brev till Trumfassar i dag",
    // What holds a digit is a replacement.
    "brev till Vrenotti i dag",
    // Nobody's time has come.
    "brev till Brunkull i dag",
    "vitt vin om fakturan",
];

fn shop(store: Store, more: &str, rules: &str) -> Night {
    let night = Night::of_own(store, TABLES, &format!("{ROWS} {more}"), rules);
    assert_eq!(night.problems(), "");
    night
}

fn a_customer_or_employee_of_the_tenant_is_replaced_in_anybodys_note(store: Store) {
    let night = shop(store, "", RULES);
    let (_, planned) = night.plan();
    let report = night.run();
    assert_eq!(report.exit_code, 0, "{:?} {:?}", report.notes, report.verification.findings);
    assert_eq!(notes(&night), WRITTEN);
    // The plan of the night says what the night did.
    let scrubbed = |changes: &[gallra::report::ChangeLine]| -> u64 {
        changes.iter().filter(|change| change.column == "note").map(|change| change.count).sum()
    };
    let (session, _) = night.plan();
    assert_eq!(scrubbed(&planned.report(&session).unwrap().changes), 4);
    assert_eq!(scrubbed(&report.plan.changes), 4);
    // Whoever was forgotten is nobody's name any more, and nothing is left to replace.
    let again = night.run();
    assert!(again.nothing_changed, "{:?}", again.plan.changes);
    assert_eq!(notes(&night), WRITTEN);
    // Another night over the same rows, with keys of its own, reads the same.
    let other = shop(store, "", RULES);
    other.run();
    assert_eq!(notes(&other), WRITTEN);
}

fn what_stands_where_a_name_was_erased_is_nobodys_name(store: Store) {
    let night = shop(store, "", RULES);
    night.run();
    // Sigismunda's row holds the column's own replacement by now, and notes that are about her are scrubbed by what her row says.
    night.on_the_store("INSERT INTO purchase VALUES (12, 1, '2019-02-01', 'storlek xxx om fakturan', NULL)");
    let again = night.run();
    assert_eq!(again.exit_code, 0, "{:?} {:?}", again.notes, again.verification.findings);
    assert_eq!(notes(&night).last().map(String::as_str), Some("storlek xxx om fakturan"));
}

fn nobody_is_searched_for_where_no_room_is_given(store: Store) {
    let night = shop(store, "", &RULES.replace("names_megabytes = 8", "names_megabytes = 0"));
    let before = notes(&night);
    night.run();
    assert_eq!(notes(&night), before);
}

/// Who else is a customer on the day of a saved plan's execution changes nothing of what was approved.
fn a_decisions_fingerprint_does_not_depend_on_who_else_is_a_customer(store: Store) {
    let lines = |night: &Night| {
        let (session, planned) = night.plan();
        fingerprint::lines(&planned.treating(&session), &planned.read.state, &planned.plan).unwrap()
    };
    let night = shop(store, "", RULES);
    let before = lines(&night);
    assert_eq!(before.len(), 2);
    night
        .database()
        .execute_batch("INSERT INTO worker VALUES (9, 'north', 'Vitt Vin', '2026-01-01'), (10, 'north', 'Aino Kuhmoinen', '2026-01-01')")
        .unwrap();
    assert_eq!(lines(&night), before);
    night.database().execute_batch("DELETE FROM worker").unwrap();
    assert_eq!(lines(&night), before);
    night.database().execute_batch("UPDATE purchase SET note = 'ring 070-174 06 05' WHERE id = 1").unwrap();
    let after = lines(&night);
    assert!(after[0] != before[0] && after[1..] == before[1..], "the text itself counts");
}

fn a_scan_knows_the_tenants_people(store: Store) {
    let night = shop(store, "", RULES);
    let found = |kinds: Kinds| {
        let choice = Choice { tables: vec!["purchase".into()], columns: vec!["note".into()] };
        let search = Search { countries: vec![Country::SE], kinds, min_confidence: 0.5 };
        let summary = night.with_world(|world| gallra::scan::tables(&night.pipeline, &choice, &search, None, world, &Silent)).unwrap();
        summary.columns[0].cells_with_findings
    };
    // Those that are replaced, and the one of a purchase whose time has not come.
    assert_eq!(found(Kinds::ALL), 5);
    assert_eq!(found([gallra::detect::Kind::Email].into_iter().collect()), 0);
}

on_both_stores!(
    a_customer_or_employee_of_the_tenant_is_replaced_in_anybodys_note,
    what_stands_where_a_name_was_erased_is_nobodys_name,
    nobody_is_searched_for_where_no_room_is_given,
    a_decisions_fingerprint_does_not_depend_on_who_else_is_a_customer,
    a_scan_knows_the_tenants_people,
);
