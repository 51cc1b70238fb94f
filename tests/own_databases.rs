//! Databases as people really have them: dates as text, full-text indexes, slips in a hold, old breaks, wrong classes.

mod night;

use night::{Night, Store, Tables, on_both_stores};

const PEOPLE: &str = "
    CREATE TABLE person (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, joined DATE, nickname TEXT, state VARCHAR(8) CHECK (state IN ('open', 'closed')));
    CREATE TABLE visit (id INTEGER PRIMARY KEY, person_id INTEGER REFERENCES person (id), seen DATE);";

const ROWS: &str = "
    INSERT INTO person VALUES (1, 'Sigismunda Kvistlund', '2019-01-01', NULL, 'closed'), (2, 'Algot Brandberg', '2026-11-01', NULL, 'closed');
    INSERT INTO visit VALUES (1, 1, '2019-02-01'), (2, 2, '2026-11-02');";

const RULES: &str = "
    [category.person]
    table = \"person\"
    [[category.person.retention]]
    name = \"inactivity\"
    clock = \"last_activity\"
    keep = \"12 months\"
    [table.person]
    id = \"key\"
    name = \"name\"
    joined = \"activity\"
    nickname = \"plain\"
    state = \"plain\"
    [table.visit]
    id = \"key\"
    person_id = \"reference\"
    seen = \"activity\"
    [set.visits]
    base = \"visit\"
    subject = \"person\"
    release = \"pseudonymised\"
    columns = [{ name = \"person\", path = \"person_id\", as = \"pseudonym\" }, { name = \"month\", path = \"seen\", as = \"month\" }]\n";

fn names(night: &Night) -> Vec<String> {
    let database = night.database();
    let mut statement = database.prepare("SELECT name FROM person ORDER BY id").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn a_small_database_is_forgotten_in_as_one_expects(store: Store) {
    let night = Night::of_own(store, PEOPLE, ROWS, RULES);
    assert_eq!(night.problems(), "");
    let report = night.run();
    assert_eq!(report.exit_code, 0, "{:?}", report.notes);
    assert_eq!(names(&night), ["XXX", "Algot Brandberg"]);
}

fn dates_in_text_and_number_columns_start_a_clock_once_they_are_said_to_be_dates(store: Store) {
    let tables = Tables {
        sqlite: "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL, joined TEXT, seen INTEGER) STRICT;",
        postgres: "CREATE TABLE person (id integer PRIMARY KEY, name text NOT NULL, joined text, seen bigint);",
    };
    let rows = "INSERT INTO person VALUES (1, 'Sigismunda Kvistlund', '2019-01-01', 1546300800), (2, 'Algot Brandberg', '2019-01-01', 1793000000);";
    let rules = |joined: &str, seen: &str| {
        format!(
            "[category.person]\ntable = \"person\"\n[[category.person.retention]]\nname = \"inactivity\"\nclock = [\"joined\", \"seen\"]\nkeep = \"12 months\"\n\
             [table.person]\nid = \"key\"\nname = \"name\"\njoined = {joined}\nseen = {seen}\n"
        )
    };
    let refused = Night::of_own(store, tables, rows, &rules("\"activity\"", "\"activity\"")).problems();
    let lower = refused.to_lowercase();
    let [text, number] = match store {
        Store::Sqlite => ["its type is text", "its type is integer"],
        Store::Postgres => ["its type is text", "its type is bigint"],
    };
    assert!(lower.contains(text) && lower.contains(number) && refused.contains("type = \"date\""), "{refused}");
    let night = Night::of_own(
        store,
        tables,
        rows,
        &rules("{ class = \"activity\", type = \"date\" }", "{ class = \"activity\", type = \"timestamp\" }"),
    );
    assert_eq!(night.problems(), "");
    night.run();
    assert_eq!(names(&night), ["Algot Brandberg"]);
}

#[test]
fn a_full_text_index_of_sqlite_that_nobody_mentions_is_refused() {
    let rows = format!("{ROWS} CREATE VIRTUAL TABLE find USING fts5(name); INSERT INTO find SELECT name FROM person;");
    let refused = Night::of_own(Store::Sqlite, PEOPLE, &rows, RULES).problems();
    assert!(refused.contains("the virtual table `find`"), "{refused}");
    let mentioned = format!("{RULES}[[out_of_scope]]\ntables = [\"find\"]\nreason = \"rebuilt after each run\"\n");
    assert_eq!(Night::of_own(Store::Sqlite, PEOPLE, &rows, &mentioned).problems(), "");
}

fn a_hold_that_compares_with_a_value_its_check_forbids_is_refused(store: Store) {
    let hold = |value: &str| {
        format!("{RULES}[[category.person.hold]]\nwhen = {{ column = \"state\", is = [\"{value}\"] }}\nreason = \"dispute\"\n")
    };
    let refused = Night::of_own(store, PEOPLE, ROWS, &hold("opne")).problems();
    assert!(refused.contains("compares `state` with `opne`, which its CHECK forbids"), "{refused}");
    assert_eq!(Night::of_own(store, PEOPLE, ROWS, &hold("open")).problems(), "");
}

#[test]
fn a_record_rule_on_a_table_without_a_key_is_refused_before_the_first_night() {
    let tables = |key: &str| format!("{PEOPLE} CREATE TABLE log (seen DATE{key}, line VARCHAR(80), level VARCHAR(8));");
    let rules = |key: &str| {
        format!(
            "{RULES}[record.log]\ntable = \"log\"\nclock = \"seen\"\nkeep = \"6 months\"\naction = \"delete\"\n\
             [table.log]\nseen = \"activity\"\nline = \"free_text\"\nlevel = \"plain\"\n{key}"
        )
    };
    let refused = Night::of_own(Store::Sqlite, tables("").as_str(), ROWS, &rules("")).problems();
    assert!(refused.contains("the record rule `log` needs a primary key on `log`"), "{refused}");
    let night = Night::of_own(Store::Sqlite, tables(", id INTEGER PRIMARY KEY").as_str(), ROWS, &rules("id = \"key\"\n"));
    assert_eq!(night.problems(), "");
    night.plan();
}

fn names_that_toml_takes_in_quotation_marks_alone_are_shown_in_them(store: Store) {
    let tables = "CREATE TABLE person (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, joined DATE, \"kön\" VARCHAR(8), city VARCHAR(8));
        CREATE TABLE \"hidden.x\" (id INTEGER PRIMARY KEY, note VARCHAR(8)); CREATE TABLE \"hidden.y\" (id INTEGER PRIMARY KEY, note VARCHAR(8));";
    let rules = "[category.person]\ntable = \"person\"\n[[category.person.retention]]\nname = \"inactivity\"\nclock = \"joined\"\nkeep = \"12 months\"\n\
                 [table.person]\nid = \"key\"\nname = \"name\"\njoined = \"activity\"\n[table.\"hidden.y\"]\nid = \"key\"\nnote = \"name\"\n";
    let refused = Night::of_own(store, tables, "", rules).problems();
    // The drawing wraps long lines.
    let flat = refused.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
    for hint in
        ["add `\"kön\" = \"…\"` under `[table.person]`", "add `city = \"…\"`", "under `[table.\"hidden.x\"]`", "`[record.\"hidden.y\"]`"]
    {
        assert!(flat.contains(hint), "{hint}: {refused}");
    }
}

fn a_name_left_in_a_column_said_to_be_impersonal_is_a_finding(store: Store) {
    let night = Night::of_own(store, PEOPLE, &format!("{ROWS} UPDATE person SET nickname = 'sigismunda  KVISTLUND' WHERE id = 1;"), RULES);
    assert_eq!(night.problems(), "");
    let report = night.run();
    assert_eq!(report.exit_code, 3);
    let findings: Vec<&str> = report.verification.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert!(findings.iter().any(|finding| finding.contains("person.nickname: name")), "{findings:?}");
    assert!(!findings.iter().any(|finding| finding.to_lowercase().contains("kvistlund")), "{findings:?}");
    assert!(report.sets.iter().all(|set| set.state == "refused"), "nothing is published over findings");
}

fn a_row_that_pointed_nowhere_before_keeps_nobody_from_being_forgotten(store: Store) {
    let night =
        Night::of_own(store, PEOPLE, &format!("{ROWS} PRAGMA foreign_keys = OFF; INSERT INTO visit VALUES (3, 99, '2020-01-01');"), RULES);
    assert_eq!(night.problems(), "");
    let report = night.run();
    assert_eq!(report.exit_code, 1, "it needs a look");
    assert!(report.notes.iter().any(|note| note.contains("`visit` has 1 row that points nowhere, as before")), "{:?}", report.notes);
    assert_eq!(names(&night), ["XXX", "Algot Brandberg"]);
    assert!(report.sets.iter().all(|set| set.state == "published"));
}

/// A sentence where a date belongs, or PostgreSQL's `infinity`: nothing can be made of it that is a year.
fn a_date_that_can_not_be_read_is_emptied_where_it_may_be_and_named_where_not(store: Store) {
    let tables = |must: &str| {
        format!(
            "{PEOPLE} CREATE TABLE birth (id INTEGER PRIMARY KEY, person_id INTEGER REFERENCES person (id), born DATE{must}, named DATE);"
        )
    };
    let rows = format!(
        "{ROWS} INSERT INTO birth VALUES (1, 1, 'in May with Sigismunda', 'the 12th'), (2, 1, '1980-05-17', '1980-06-01'), (3, 2, 'unknown', 'unknown');"
    );
    let rules = format!(
        "{RULES}[table.birth]\nid = \"key\"\nperson_id = \"reference\"\n\
         born = {{ class = \"quasi_identifier\", forget = \"year\" }}\nnamed = {{ class = \"quasi_identifier\", forget = \"null\" }}\n"
    );
    let read = |night: &Night| {
        let database = night.database();
        let mut statement = database.prepare("SELECT coalesce(born, '-') || ' ' || coalesce(named, '-') FROM birth ORDER BY id").unwrap();
        statement.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap).collect::<Vec<_>>()
    };
    let unread = |report: &gallra::report::RunReport| {
        report.notes.iter().filter(|note| note.contains("can not be read")).cloned().collect::<Vec<_>>()
    };

    let night = Night::of_own(store, tables("").as_str(), &rows, &rules);
    assert_eq!(night.problems(), "");
    let kept = read(&night)[2].clone();
    let report = night.run();
    assert_eq!((report.exit_code, unread(&report)), (0, Vec::new()), "{:?}", report.notes);
    let written = read(&night);
    assert_eq!(written[..2], ["- -", "1980-01-01 -"]);
    assert!(store == Store::Postgres || written[2] == kept);
    assert!(night.run().nothing_changed);

    let night = Night::of_own(store, tables(" NOT NULL").as_str(), &rows, &rules);
    assert_eq!(night.problems(), "");
    for nothing_changed in [false, true] {
        let report = night.run();
        assert_eq!((report.exit_code, report.nothing_changed), (1, nothing_changed), "{:?}", report.notes);
        assert_eq!(
            unread(&report),
            ["dates in `birth.born` can not be read and stay as they are (1): give the column a `placeholder`, or correct them"]
        );
        assert!(
            report.plan.changes.iter().all(|change| nothing_changed || change.column != "born" || change.count == 1),
            "{:?}",
            report.plan.changes
        );
    }
}

/// A number that no decimal of 38 digits holds stops a night that reads it; the hint's way out of it is one.
#[test]
fn a_number_that_does_not_fit_is_not_read_where_nobody_needs_it() {
    let tables = Tables {
        sqlite: &format!("{PEOPLE} CREATE TABLE reading (id INTEGER PRIMARY KEY, person_id INTEGER REFERENCES person (id), meter TEXT);"),
        postgres: &format!(
            "{PEOPLE} CREATE TABLE reading (id integer PRIMARY KEY, person_id integer REFERENCES person (id), meter numeric);"
        ),
    };
    let rows = format!("{ROWS} INSERT INTO reading VALUES (1, 1, '1{}');", "0".repeat(30));
    let rules = |class: &str| format!("{RULES}[table.reading]\nid = \"key\"\nperson_id = \"reference\"\nmeter = \"{class}\"\n");
    let night = Night::of_own(Store::Postgres, tables, &rows, &rules("amount"));
    assert_eq!(night.problems(), "");
    let error = night::told(night.try_run(&gallra::run::Request::default()).unwrap_err());
    assert!(error.contains("meter") && error.contains("class its column `plain`"), "{error}");
    let verification = night.with_world(|world| gallra::verify::later::verify(&night.pipeline, world, &gallra::progress::Silent).unwrap());
    let found = verification.findings.iter().find(|finding| finding.check == "unreadable").expect("found");
    assert!(found.message.contains("meter") && verification.held.contains_key("references"), "{verification:?}");
    let night = Night::of_own(Store::Postgres, tables, &rows, &rules("plain"));
    assert_eq!(night.problems(), "");
    assert_eq!(night.run().exit_code, 0);
}

/// A text that is none, in a column that nothing but the search for what is left reads: the night is not to fail for it after its writes.
#[test]
fn a_text_that_can_not_be_read_stops_no_night_after_its_writes() {
    let night = Night::of_own(Store::Sqlite, PEOPLE, ROWS, RULES);
    assert_eq!(night.problems(), "");
    night.on_the_store("UPDATE person SET nickname = x'fffe' WHERE id = 2");
    let report = night.run();
    assert_eq!((report.exit_code, names(&night)), (0, vec!["XXX".to_owned(), "Algot Brandberg".to_owned()]), "{:?}", report.notes);
    let told = report.verification.not_checked.iter().find(|told| told.contains("`person`.`nickname`")).expect("told");
    assert!(told.starts_with("who is named in a column that can not be read") && !told.contains("Algot"), "{told}");
    let last = |night: &Night| night.with_world(|world| gallra::verify::later::verify(&night.pipeline, world, &gallra::progress::Silent));
    assert!(last(&night).unwrap().findings.is_empty());
    // A column that a rule needs stops the night before it writes anything, and verification names it and goes on.
    night.on_the_store("PRAGMA foreign_keys = OFF; UPDATE visit SET person_id = 'Kvist' WHERE id = 2");
    let error = night::told(night.try_run(&gallra::run::Request::default()).unwrap_err());
    assert!(error.contains("`visit`.`person_id`"), "{error}");
    let verification = last(&night).unwrap();
    let found: Vec<(&str, bool)> =
        verification.findings.iter().map(|finding| (finding.check.as_str(), finding.message.contains("`visit`.`person_id`"))).collect();
    assert!(found.contains(&("unreadable", true)), "{found:?}");
    assert!(verification.findings.iter().all(|finding| !finding.message.contains("Kvist")), "{found:?}");
    for check in ["ledger", "published", "journal"] {
        assert!(verification.held.contains_key(check), "{check}: {:?}", verification.held);
    }
}

#[test]
fn a_trigger_that_refuses_is_told_with_a_way_out() {
    let night = Night::of_own(Store::Sqlite, PEOPLE, ROWS, RULES);
    night.on_the_store("CREATE TRIGGER sealed BEFORE UPDATE ON person BEGIN SELECT RAISE(ABORT, 'Sigismunda stays'); END");
    night.accept();
    let error = match night.try_run(&gallra::run::Request::default()) {
        Err(gallra::error::Error::Brake { count, .. }) => {
            night.try_run(&gallra::run::Request { confirm: Some(count), ..Default::default() }).unwrap_err()
        }
        other => other.unwrap_err(),
    };
    assert_eq!(error.to_string(), "the store refused to write `person`: a TRIGGER constraint failed");
    assert!(error.hint().unwrap().starts_with("look at the triggers of the table: one of them raises an error"), "{:?}", error.hint());
}

/// What goes with its owner goes tonight, whatever its own clock would have done with it.
fn a_record_that_goes_with_its_owner_is_said_to(store: Store) {
    let tables = format!(
        "{PEOPLE} CREATE TABLE call (id INTEGER PRIMARY KEY, person_id INTEGER REFERENCES person (id), held DATE, note VARCHAR(80));"
    );
    let rows = "INSERT INTO person VALUES (1, 'Sigismunda Kvistlund', '2019-01-01', NULL, 'closed'), (2, 'Algot Brandberg', '2026-11-01', NULL, 'closed');
        INSERT INTO call VALUES (1, 1, '2019-02-01', 'rang'), (2, 2, '2019-02-01', 'rang');";
    let rules = format!(
        "{RULES}[[reference]]\ntable = \"call\"\ncolumns = [\"person_id\"]\nkind = \"owned\"\n\
         [record.call]\ntable = \"call\"\nclock = \"held\"\nkeep = \"6 months\"\naction = \"anonymise\"\n\
         [table.call]\nid = \"key\"\nperson_id = \"reference\"\nheld = \"activity\"\nnote = {{ class = \"free_text\", forget = \"null\" }}\n"
    );
    let night = Night::of_own(store, tables.as_str(), rows, &rules);
    assert_eq!(night.problems(), "");
    let (session, planned) = night.plan();
    let lines = planned.report(&session).unwrap().outcomes;
    let said: Vec<(&str, &str, u64)> = lines
        .iter()
        .filter(|line| line.category == "record call")
        .map(|line| (line.outcome.as_str(), line.reason.split(';').next().unwrap(), line.tonight))
        .collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said.contains(&("delete", "deleted with whom it belongs to", 1)), "{said:?}");
    assert!(!said.iter().any(|(_, reason, _)| reason.contains("forgotten before")), "{said:?}");
    let report = night.run();
    let forgotten = (report.forgotten.deleted, report.forgotten.records_deleted, report.forgotten.records_anonymised);
    assert_eq!((report.exit_code, forgotten), (0, (1, 1, 1)), "{:?}", report.notes);
}

/// A note belongs to the employee who wrote it and names a customer: it goes with the employee, in the employee's batch, before the customer.
fn a_row_that_one_owns_and_another_is_linked_by_goes_with_its_owner_on_the_first_night(store: Store) {
    let tables = "
        CREATE TABLE buyer (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, joined DATE);
        CREATE TABLE staff (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, left_on DATE);
        CREATE TABLE note (id INTEGER PRIMARY KEY, buyer_id INTEGER REFERENCES buyer (id), staff_id INTEGER REFERENCES staff (id), body TEXT);";
    let rows = "
        INSERT INTO buyer VALUES (1, 'Sigismunda Kvistlund', '2019-01-01');
        INSERT INTO staff VALUES (1, 'Algot Brandberg', '2019-01-01');
        INSERT INTO note VALUES (1, 1, 1, 'Ring Sigismunda Kvistlund');";
    let rule = |category: &str, clock: &str| {
        format!(
            "[category.{category}]\ntable = \"{category}\"\n[[category.{category}.retention]]\nname = \"end\"\nclock = \"{clock}\"\nkeep = \"12 months\"\n"
        )
    };
    let rules = format!(
        "{}{}[[reference]]\ntable = \"note\"\ncolumns = [\"staff_id\"]\nkind = \"owned\"\n\
         [table.buyer]\nid = \"key\"\nname = \"name\"\njoined = \"activity\"\n[table.staff]\nid = \"key\"\nname = \"name\"\nleft_on = \"activity\"\n\
         [table.note]\nid = \"key\"\nbuyer_id = \"reference\"\nstaff_id = \"reference\"\nbody = \"free_text\"\n",
        rule("buyer", "joined"),
        rule("staff", "left_on")
    );
    let night = Night::of_own(store, tables, rows, &rules);
    assert_eq!(night.problems(), "");
    let report = night.run();
    assert_eq!((report.rows_deleted, report.skipped.len()), (3, 0), "{:?}", report.skipped);
    let again = night.run();
    assert!(again.nothing_changed, "{:?}", again.plan.changes);
}

const NATIVE: Tables<'_> = Tables {
    sqlite: "
        CREATE TABLE person (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, joined DATETIME, seen DATE, device TEXT, address TEXT,
            profile TEXT, phones TEXT, mood TEXT NOT NULL, code VARCHAR(8), photo BLOB, score REAL, balance DECIMAL(20,4), login VARCHAR(60));",
    postgres: "
        CREATE TYPE mood AS ENUM ('calm', 'cross');
        CREATE DOMAIN login AS varchar(60) CHECK (char_length(VALUE) >= 2);
        CREATE TABLE person (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name varchar(40) NOT NULL, joined timestamptz, seen date,
            device uuid, address inet, profile jsonb, phones text[], mood mood NOT NULL, code char(8), photo bytea, score double precision,
            balance numeric(20,4), login login);",
};

const NATIVE_ROWS: &str = r#"
    INSERT INTO person VALUES
        (1, 'Sigismunda Kvistlund', '2019-01-01 22:30:00', '2019-01-01', '0b5e8f0e-7a53-4c0e-9a55-6a7b8c9d0e1f', '192.0.2.1',
            '{"name": "Sigismunda", "n": 1.50}', '{070-1740605,070-1740606}', 'cross', 'SK', x'00ff', 0.1, -12.3456, 'sigismunda'),
        (2, 'Algot Brandberg', '2026-11-01T10:00:00+01:00', 'last year', '0b5e8f0e-7a53-4c0e-9a55-6a7b8c9d0e20', '2001:db8::/32',
            '{"b":1,  "a":null}', '{"with \"quotes\"",NULL}', 'calm', 'AB  CD', x'', 1e300, 12, 'a''b');"#;

fn native_rules(mood: &str) -> String {
    format!(
        "[category.person]\ntable = \"person\"\n[[category.person.retention]]\nname = \"inactivity\"\nclock = \"joined\"\nkeep = \"12 months\"\n\
         [category.person.natural_person]\nwhen = {{ column = \"mood\", is = [\"calm\", \"cross\"] }}\n\
         [table.person]\nid = \"key\"\nname = \"name\"\njoined = \"activity\"\nseen = \"plain\"\ndevice = \"identifier\"\naddress = \"identifier\"\n\
         profile = \"free_text\"\nphones = \"phone\"\nmood = {mood}\ncode = \"identifier\"\nphoto = \"identifier\"\nscore = \"plain\"\n\
         balance = \"amount\"\nlogin = \"identifier\"\n"
    )
}

/// The row that goes and the row that stays, in a table that others point at so that nobody is deleted.
#[test]
fn columns_of_types_that_only_postgres_has_are_emptied_and_those_of_others_are_left_alone() {
    let link = "CREATE TABLE visit (id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES person (id));";
    let (sqlite, postgres) = (format!("{}{link}", NATIVE.sqlite), format!("{}{link}", NATIVE.postgres));
    let rows = format!("{NATIVE_ROWS} INSERT INTO visit VALUES (1, 1), (2, 2);");
    let rules = format!("{}[table.visit]\nid = \"key\"\nperson_id = \"reference\"\n", native_rules("\"plain\""));
    let night = Night::of_own(Store::Postgres, Tables { sqlite: &sqlite, postgres: &postgres }, &rows, &rules);
    assert_eq!(night.problems(), "");
    let person = |number: &str| night::dump(&night.database())["person"].row(&[number.to_owned()]).unwrap().clone();
    let (before, other) = (person("1"), person("2"));
    let report = night.run();
    assert_eq!(report.verification.findings.len(), 0, "{:?}", report.verification.findings);
    let (after, gone) = (person("1"), ["device", "address", "profile", "phones", "code", "photo", "login"]);
    for (column, value) in &after {
        match column.as_str() {
            "name" => assert_eq!(night::text_of(value).as_deref(), Some("XXX")),
            emptied if gone.contains(&emptied) => assert_eq!(night::text_of(value), None, "{column}"),
            _ => assert_eq!(value, &before[column], "{column}"),
        }
    }
    assert_eq!(person("2"), other);
    assert!(night.run().nothing_changed);
}

#[test]
fn an_enumeration_of_postgres_without_the_placeholder_is_refused_before_the_first_night() {
    let refused = Night::of_own(Store::Postgres, NATIVE, NATIVE_ROWS, &native_rules("\"sensitive\"")).problems();
    assert!(refused.contains("mood"), "{refused}");
    let mended = native_rules("{ class = \"sensitive\", placeholder = \"calm\" }");
    assert_eq!(Night::of_own(Store::Postgres, NATIVE, NATIVE_ROWS, &mended).problems(), "");
}

on_both_stores!(
    a_small_database_is_forgotten_in_as_one_expects,
    dates_in_text_and_number_columns_start_a_clock_once_they_are_said_to_be_dates,
    a_hold_that_compares_with_a_value_its_check_forbids_is_refused,
    names_that_toml_takes_in_quotation_marks_alone_are_shown_in_them,
    a_name_left_in_a_column_said_to_be_impersonal_is_a_finding,
    a_row_that_pointed_nowhere_before_keeps_nobody_from_being_forgotten,
    a_date_that_can_not_be_read_is_emptied_where_it_may_be_and_named_where_not,
    a_record_that_goes_with_its_owner_is_said_to,
    a_row_that_one_owns_and_another_is_linked_by_goes_with_its_owner_on_the_first_night,
);
