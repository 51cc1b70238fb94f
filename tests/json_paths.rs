//! Documents in a column: what stands at a classed path goes, the rest stays as it was written, and mistakes are told at their place.

mod night;

use night::{Night, Store, Tables, on_both_stores};

const TABLES: Tables<'static> = Tables {
    sqlite: "
        CREATE TABLE person (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, joined DATE, profile TEXT);
        CREATE TABLE purchase (id INTEGER PRIMARY KEY, person_id INTEGER REFERENCES person (id), bought DATE, total INTEGER, payload TEXT, code TEXT UNIQUE);",
    postgres: "
        CREATE TABLE person (id integer PRIMARY KEY, name varchar(40) NOT NULL, joined date, profile json);
        CREATE TABLE purchase (id integer PRIMARY KEY, person_id integer REFERENCES person (id), bought date, total integer, payload text, code text UNIQUE);",
};

const ROWS: &str = r#"
    INSERT INTO person VALUES
        (1, 'Sigismunda Kvistlund', '2019-01-01', '{"tags": ["gold"],  "born": "1980-05-17", "home": {"city": "Mora"}}'),
        (2, 'Algot Brandberg', '2026-11-01', '{"born": "1975-02-03"}');
    INSERT INTO purchase VALUES
        (1, 1, '2019-02-01', 100, '{"customer": {"name": "Sigismunda Kvistlund", "contact": {"email": "sigismunda@example.com"}}, "total": 12345678901234567890.50,
            "lines": [{"note": "ring Sigismunda Kvistlund on 070-174 06 05", "sku": "A1"}, {"sku": "B2"}], "customer": {"name": ["S.", "Kvistlund"]}}', NULL),
        (2, 1, '2019-02-02', 200, NULL, NULL),
        (3, 2, '2026-11-02', 300, '{"customer": {"name": "Algot Brandberg", "contact": {"email": "algot@example.com"}}}', NULL);"#;

const RULES: &str = r#"
    [category.person]
    table = "person"
    [[category.person.retention]]
    name = "inactivity"
    clock = "last_activity"
    keep = "12 months"
    [table.person]
    id = "key"
    name = "name"
    joined = "activity"
    profile = { class = "plain", paths = { born = { class = "quasi_identifier", forget = "year" }, home = { class = "address", forget = "remove" } } }
    [table.purchase]
    id = "key"
    person_id = "reference"
    bought = "activity"
    total = "amount"
    code = "plain"
    [table.purchase.payload]
    class = "plain"
    [table.purchase.payload.paths]
    "customer.contact.email" = "email"
    "customer.name" = { class = "name", placeholder = "XXX" }
    "lines[*].note" = "free_text"
"#;

fn texts(night: &Night, sql: &str) -> Vec<Option<String>> {
    let database = night.database();
    let mut statement = database.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn what_stands_at_a_path_goes_and_the_rest_stays_to_the_letter(store: Store) {
    let night = Night::of_own(store, TABLES, ROWS, RULES);
    assert_eq!(night.problems(), "");
    let before = texts(&night, "SELECT payload FROM purchase ORDER BY id");
    let report = night.run();
    assert_eq!(report.exit_code, 0, "{:?} {:?}", report.notes, report.verification.findings);
    let forgotten = r#"{"customer": {"name": "XXX", "contact": {"email": null}}, "total": 12345678901234567890.50,
            "lines": [{"note": "ring [name] on [phone]", "sku": "A1"}, {"sku": "B2"}], "customer": {"name": "XXX"}}"#;
    assert_eq!(texts(&night, "SELECT payload FROM purchase ORDER BY id"), [Some(forgotten.to_owned()), None, before[2].clone()]);
    let profiles = [r#"{"tags": ["gold"],  "born": "1980-01-01"}"#, r#"{"born": "1975-02-03"}"#];
    assert_eq!(texts(&night, "SELECT profile FROM person ORDER BY id"), profiles.map(|text| Some(text.to_owned())));
    let again = night.run();
    assert!(again.nothing_changed, "{:?}", again.plan.changes);
}

fn a_cell_that_is_no_document_stops_the_run_without_being_quoted(store: Store) {
    let rows = format!("{ROWS} UPDATE purchase SET payload = 'Sigismunda, no JSON' WHERE id = 2;");
    let night = Night::of_own(store, TABLES, &rows, RULES);
    assert_eq!(night.problems(), "");
    let error = night::told(night.try_run(&gallra::run::Request::default()).unwrap_err());
    assert!(error.contains("treating `purchase`.`payload` failed: a cell is not JSON") && error.contains("json_valid"), "{error}");
    assert!(!error.contains("kernel") && !error.contains("row "), "{error}");
    assert!(!error.contains("Sigismunda"), "{error}");
    assert_eq!(texts(&night, "SELECT name FROM person ORDER BY id")[0].as_deref(), Some("Sigismunda Kvistlund"), "nothing was written");
}

fn free_text_around_the_paths_is_scrubbed_but_for_what_a_path_keeps(store: Store) {
    let rules = RULES.replace(
        "class = \"plain\"\n    [table.purchase.payload.paths]",
        "class = \"free_text\"\n    [table.purchase.payload.paths]\n    sku = \"plain\"",
    );
    let rows =
        format!(r#"{ROWS} UPDATE purchase SET payload = '{{"memo": ["for astrid@example.com"], "sku": "070-174 06 05"}}' WHERE id = 1;"#);
    let night = Night::of_own(store, TABLES, &rows, &rules);
    assert_eq!(night.problems(), "");
    night.run();
    let expected = r#"{"memo": ["for [email]"], "sku": "070-174 06 05"}"#;
    assert_eq!(texts(&night, "SELECT payload FROM purchase ORDER BY id")[0].as_deref(), Some(expected));
}

/// What was known of somebody inside a document alone is searched for like a column's, and found inside documents.
fn identifiers_from_documents_are_searched_for_in_cells_and_documents(store: Store) {
    let rows = format!(
        r#"{ROWS} UPDATE purchase SET code = 'SIGISMUNDA@example.com' WHERE id = 3;
           UPDATE person SET profile = '{{"guardian": {{"full": "Sigismunda Kv\u0069stlund"}}}}' WHERE id = 2;"#
    );
    let night = Night::of_own(store, TABLES, &rows, RULES);
    assert_eq!(night.problems(), "");
    let report = night.run();
    let findings: Vec<&str> = report.verification.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(report.exit_code, 3, "{findings:?}");
    assert!(findings.iter().any(|finding| finding.contains("purchase.code: email")), "{findings:?}");
    let mentioned: Vec<&String> = report.verification.residue.mentioned.keys().collect();
    assert!(mentioned.iter().any(|place| place.starts_with("person.profile: name")), "{mentioned:?}");
}

on_both_stores!(
    what_stands_at_a_path_goes_and_the_rest_stays_to_the_letter,
    a_cell_that_is_no_document_stops_the_run_without_being_quoted,
    free_text_around_the_paths_is_scrubbed_but_for_what_a_path_keeps,
    identifiers_from_documents_are_searched_for_in_cells_and_documents,
    only_what_stands_at_no_path_raises_suspicion,
);

/// A binary document is normalised by the database: other blanks, other order, one of equal keys. What it holds is compared.
#[test]
fn documents_in_binary_form_are_treated_alike() {
    let tables = Tables { sqlite: TABLES.sqlite, postgres: &TABLES.postgres.replace("profile json", "profile jsonb") };
    let night = Night::of_own(Store::Postgres, tables, ROWS, RULES);
    assert_eq!(night.problems(), "");
    assert_eq!(night.run().exit_code, 0);
    let profile: serde_json::Value =
        serde_json::from_str(texts(&night, "SELECT profile FROM person ORDER BY id")[0].as_ref().unwrap()).unwrap();
    assert_eq!(profile, serde_json::json!({"tags": ["gold"], "born": "1980-01-01"}));
    assert!(night.run().nothing_changed);
}

#[track_caller]
fn refused(from: &str, to: &str, sentences: &[&str]) {
    assert!(RULES.contains(from), "{from}");
    let problems = Night::of_own(Store::Sqlite, TABLES, ROWS, &RULES.replace(from, to)).problems();
    // The drawing wraps long lines.
    let flat = problems.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
    for sentence in sentences {
        assert!(flat.contains(sentence), "{sentence}: {problems}");
    }
    assert!(problems.contains("own.toml:"), "it is told at its place: {problems}");
}

#[test]
fn paths_that_can_not_be_meant_are_refused_at_their_place() {
    let note = "\"lines[*].note\" = \"free_text\"";
    refused(note, "\"lines[0].note\" = \"free_text\"", &["`lines[0].note` is not a path", "`[*]` stands for every element"]);
    refused(note, "\"$.note\" = \"free_text\"", &["leave `$` out"]);
    refused(note, "customer = \"sensitive\"", &["`customer` and `customer.contact.email` meet"]);
    refused(note, "\"*.contact.*\" = \"phone\"", &["`*.contact.*` and `customer.contact.email` meet"]);
    refused(note, "note = { class = \"name\", forget = \"derived\" }", &["can not have a replacement per row"]);
    refused(note, "note = { class = \"name\", forget = \"prefix\" }", &["keeps a prefix without `length`"]);
    refused(note, "note = { class = \"amount\", forget = \"null\" }", &["is `amount`, which is never changed"]);
    refused(note, "note = \"nmae\"", &["unknown value `nmae`"]);
    refused(note, "note = { class = \"name\", of = \"x\" }", &["unknown key `of`"]);
}

#[test]
fn columns_that_can_not_hold_paths_are_refused() {
    let class = "class = \"plain\"\n    [table.purchase.payload.paths]";
    refused(class, "class = \"sensitive\"\n    [table.purchase.payload.paths]", &["is `sensitive` as a whole"]);
    refused(
        class,
        "class = \"plain\"\n    forget = \"null\"\n    [table.purchase.payload.paths]",
        &["beside them says what happens to the whole"],
    );
    let paths = "{ class = \"plain\", paths = { a = \"name\" } }";
    refused("total = \"amount\"", &format!("total = {paths}"), &["`purchase.total` has paths, but its type INTEGER is not read as text"]);
    refused("code = \"plain\"", &format!("code = {paths}"), &["`purchase.code` is UNIQUE"]);
    refused(
        "name = \"name\"\n    joined",
        "name = { class = \"name\", forget = \"remove\" }\n    joined",
        &["`remove` is for paths inside documents"],
    );
}

#[test]
fn documents_with_personal_paths_are_never_published() {
    let set =
        "\n[set.payloads]\nbase = \"purchase\"\nrelease = \"pseudonymised\"\ncolumns = [{ name = \"payload\", path = \"payload\" }]\n";
    let published = "`purchase.payload` holds `email` at `customer.contact.email` and can not be published";
    refused("\"lines[*].note\" = \"free_text\"\n", &format!("\"lines[*].note\" = \"free_text\"\n{set}"), &[published]);
}

#[test]
fn a_name_left_in_a_document_that_is_said_to_be_impersonal_is_a_finding() {
    let rules = RULES.split("    [table.purchase.payload]\n").next().unwrap().to_owned() + "    payload = \"plain\"\n";
    let night = Night::of_own(Store::Sqlite, TABLES, ROWS, &rules);
    assert_eq!(night.problems(), "");
    let report = night.run();
    let findings: Vec<&str> = report.verification.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert!(findings.iter().any(|finding| finding.contains("purchase.payload: name in 1 cell")), "{findings:?}");
}

/// What the file classes is no secret that a look at samples could uncover; what stands beside it may be.
fn only_what_stands_at_no_path_raises_suspicion(store: Store) {
    let suspected = |rows: &str| {
        let night = Night::of_own(store, TABLES, &format!("{ROWS} {rows}"), RULES);
        assert_eq!(night.problems(), "");
        let (mut session, _) = night.plan();
        let mut snapshot = session.store.snapshot().unwrap();
        let found = gallra::verify::suspicion::suspicions(&session.pipeline, &mut *snapshot).unwrap();
        found.iter().map(|suspicion| format!("{}.{}: {}", suspicion.table, suspicion.column, suspicion.kind)).collect::<Vec<_>>()
    };
    assert_eq!(suspected(""), Vec::<String>::new());
    let beside = r#"UPDATE purchase SET payload = '{"customer": {"contact": {"email": "a@example.com"}}, "seller": "ring b@example.com"}' WHERE id = 3;"#;
    assert_eq!(suspected(beside), ["purchase.payload: email"]);
}

/// A document nobody points at has no end either.
#[test]
fn personal_paths_in_a_table_of_nobodys_need_a_clock() {
    let tables = format!("{} CREATE TABLE event (id INTEGER PRIMARY KEY, body TEXT);", TABLES.sqlite);
    let rules = format!("{RULES}[table.event]\nid = \"key\"\nbody = {{ class = \"plain\", paths = {{ \"user.email\" = \"email\" }} }}\n");
    let problems = Night::of_own(Store::Sqlite, tables.as_str(), ROWS, &rules).problems();
    assert!(problems.contains("the personal data in `event` never ends"), "{problems}");
}
