//! Databases as people really have them: dates as text, full-text indexes, slips in a hold, old breaks, wrong classes.

mod night;

use night::Night;

const PEOPLE: &str = "
    CREATE TABLE person (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, joined DATE, nickname TEXT, state VARCHAR(8) CHECK (state IN ('open', 'closed')));
    INSERT INTO person VALUES (1, 'Sigismunda Kvistlund', '2019-01-01', NULL, 'closed'), (2, 'Algot Brandberg', '2026-11-01', NULL, 'closed');
    CREATE TABLE visit (id INTEGER PRIMARY KEY, person_id INTEGER REFERENCES person (id), seen DATE);
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
    release = \"pseudonymised\"
    columns = [{ name = \"person\", path = \"person_id\", as = \"pseudonym\" }, { name = \"month\", path = \"seen\", as = \"month\" }]\n";

fn names(night: &Night) -> Vec<String> {
    let database = night.database();
    let mut statement = database.prepare("SELECT name FROM person ORDER BY id").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn a_small_database_is_forgotten_in_as_one_expects() {
    let night = Night::of_own(PEOPLE, RULES);
    assert_eq!(night.problems(), "");
    let report = night.run();
    assert_eq!(report.exit_code, 0, "{:?}", report.notes);
    assert_eq!(names(&night), ["XXX", "Algot Brandberg"]);
}

#[test]
fn dates_in_text_and_number_columns_start_a_clock_once_they_are_said_to_be_dates() {
    let sql = "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL, joined TEXT, seen INTEGER) STRICT;
               INSERT INTO person VALUES (1, 'Sigismunda Kvistlund', '2019-01-01', 1546300800), (2, 'Algot Brandberg', '2019-01-01', 1793000000);";
    let rules = |joined: &str, seen: &str| {
        format!(
            "[category.person]\ntable = \"person\"\n[[category.person.retention]]\nname = \"inactivity\"\nclock = [\"joined\", \"seen\"]\nkeep = \"12 months\"\n\
             [table.person]\nid = \"key\"\nname = \"name\"\njoined = {joined}\nseen = {seen}\n"
        )
    };
    let refused = Night::of_own(sql, &rules("\"activity\"", "\"activity\"")).problems();
    assert!(
        refused.contains("its type is TEXT") && refused.contains("its type is INTEGER") && refused.contains("type = \"date\""),
        "{refused}"
    );
    let night = Night::of_own(sql, &rules("{ class = \"activity\", type = \"date\" }", "{ class = \"activity\", type = \"timestamp\" }"));
    assert_eq!(night.problems(), "");
    night.run();
    assert_eq!(names(&night), ["Algot Brandberg"]);
}

#[test]
fn a_full_text_index_that_nobody_mentions_is_refused() {
    let sql = format!("{PEOPLE} CREATE VIRTUAL TABLE find USING fts5(name); INSERT INTO find SELECT name FROM person;");
    let refused = Night::of_own(&sql, RULES).problems();
    assert!(refused.contains("the virtual table `find`"), "{refused}");
    let mentioned = format!("{RULES}[[out_of_scope]]\ntables = [\"find\"]\nreason = \"rebuilt after each run\"\n");
    assert_eq!(Night::of_own(&sql, &mentioned).problems(), "");
}

#[test]
fn a_hold_that_compares_with_a_value_its_check_forbids_is_refused() {
    let hold = |value: &str| {
        format!("{RULES}[[category.person.hold]]\nwhen = {{ column = \"state\", is = [\"{value}\"] }}\nreason = \"dispute\"\n")
    };
    let refused = Night::of_own(PEOPLE, &hold("opne")).problems();
    assert!(refused.contains("compares `state` with `opne`, which its CHECK forbids"), "{refused}");
    assert_eq!(Night::of_own(PEOPLE, &hold("open")).problems(), "");
}

#[test]
fn a_name_left_in_a_column_said_to_be_impersonal_is_a_finding() {
    let night = Night::of_own(&format!("{PEOPLE} UPDATE person SET nickname = 'sigismunda  KVISTLUND' WHERE id = 1;"), RULES);
    assert_eq!(night.problems(), "");
    let report = night.run();
    assert_eq!(report.exit_code, 3);
    let findings: Vec<&str> = report.verification.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert!(findings.iter().any(|finding| finding.contains("person.nickname: name")), "{findings:?}");
    assert!(!findings.iter().any(|finding| finding.to_lowercase().contains("kvistlund")), "{findings:?}");
    assert!(report.sets.iter().all(|set| set.state == "refused"), "nothing is published over findings");
}

#[test]
fn a_row_that_pointed_nowhere_before_keeps_nobody_from_being_forgotten() {
    let night = Night::of_own(&format!("{PEOPLE} PRAGMA foreign_keys = OFF; INSERT INTO visit VALUES (3, 99, '2020-01-01');"), RULES);
    assert_eq!(night.problems(), "");
    let report = night.run();
    assert_eq!(report.exit_code, 1, "it needs a look");
    assert!(report.notes.iter().any(|note| note.contains("`visit` has 1 rows that point nowhere, as before")), "{:?}", report.notes);
    assert_eq!(names(&night), ["XXX", "Algot Brandberg"]);
    assert!(report.sets.iter().all(|set| set.state == "published"));
}

/// A note belongs to the employee who wrote it and names a customer: it goes with the employee, in the employee's batch, before the customer.
#[test]
fn a_row_that_one_owns_and_another_is_linked_by_goes_with_its_owner_on_the_first_night() {
    let sql = "
        CREATE TABLE buyer (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, joined DATE);
        INSERT INTO buyer VALUES (1, 'Sigismunda Kvistlund', '2019-01-01');
        CREATE TABLE staff (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, left_on DATE);
        INSERT INTO staff VALUES (1, 'Algot Brandberg', '2019-01-01');
        CREATE TABLE note (id INTEGER PRIMARY KEY, buyer_id INTEGER REFERENCES buyer (id), staff_id INTEGER REFERENCES staff (id), body TEXT);
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
    let night = Night::of_own(sql, &rules);
    assert_eq!(night.problems(), "");
    let report = night.run();
    assert_eq!((report.rows_deleted, report.skipped.len()), (3, 0), "{:?}", report.skipped);
    let again = night.run();
    assert!(again.nothing_changed, "{:?}", again.plan.changes);
}
