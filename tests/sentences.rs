//! Every sentence of the fixtures' `expected.toml`, for the shipped pipelines: what is planned for each row, and what plain SQL finds in the
//! store afterwards. The expectations were written by hand from the statutes and the rules. They hold on both stores.

mod night;

use std::collections::BTreeMap;

use gallra::decide::clocks::date_of_day;
use gallra::run::Planned;
use gallra::session::Session;
use night::{Night, Store, dump, on_both_stores, text_of};

#[derive(serde::Deserialize)]
struct Expected {
    as_of: jiff::civil::Date,
    case: Vec<Case>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    table: String,
    key: Vec<String>,
    outcome: Option<String>,
    reason: Option<String>,
    due: Option<String>,
    after: Option<String>,
    #[serde(default)]
    cells: BTreeMap<String, Cell>,
}

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Cell {
    Text(String),
    Rules(CellRules),
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CellRules {
    null: Option<bool>,
    unchanged: Option<bool>,
    not: Option<String>,
    contains: Option<String>,
}

fn expected(fixture: &str) -> Expected {
    let path = format!("{}/fixtures/{fixture}/expected.toml", env!("CARGO_MANIFEST_DIR"));
    toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Outcome, reason and due day of the row named by its key.
fn decision(session: &Session, planned: &Planned, case: &Case) -> Option<(String, String, Option<String>)> {
    let pipeline = &session.pipeline;
    let table = pipeline.tables.iter().position(|table| table.name() == case.table)?;
    let keys: Vec<_> = pipeline.tables[table]
        .key
        .iter()
        .map(|column| gallra::kernels::cast::to_text(planned.read.state.column(table, *column).unwrap()).unwrap())
        .collect();
    let row = (0..planned.read.state.tables[table].rows)
        .find(|row| keys.iter().zip(&case.key).all(|(cells, wanted)| cells.value(*row) == wanted))?;
    let day = |day: Option<i32>| day.and_then(date_of_day).map(|date| date.to_string());
    let reason = |number: u32| planned.plan.reasons[number as usize].clone();
    if let Some(category) = pipeline.tables[table].category {
        let plan = &planned.plan.subjects[category];
        let due = plan.next_due.get(&(row as u32)).copied().unwrap_or(plan.due[row]);
        return Some((plan.outcome[row].as_str().to_owned(), reason(plan.reason[row]), day(due)));
    }
    let plan = planned.plan.records.iter().find(|plan| plan.table == table)?;
    Some((plan.outcome[row].as_str().to_owned(), reason(plan.reason[row]), day(plan.due[row])))
}

fn check(store: Store, fixture: &str) {
    let expected = expected(fixture);
    let night = Night::of_fixture(store, fixture, expected.as_of);
    let before = dump(&night.database());
    let mut failures = Vec::new();
    {
        let (session, planned) = night.plan();
        for case in expected.case.iter().filter(|case| case.outcome.is_some()) {
            let Some((outcome, reason, due)) = decision(&session, &planned, case) else {
                failures.push(format!("{}: the row {:?} of `{}` is not decided on", case.name, case.key, case.table));
                continue;
            };
            if case.outcome.as_ref() != Some(&outcome) {
                failures.push(format!(
                    "{}: {:?} is `{outcome}` ({reason}), not `{}`",
                    case.name,
                    case.key,
                    case.outcome.clone().unwrap_or_default()
                ));
            }
            if case.reason.as_ref().is_some_and(|wanted| !reason.contains(wanted)) {
                failures.push(format!(
                    "{}: {:?} because `{reason}`, not `{}`",
                    case.name,
                    case.key,
                    case.reason.clone().unwrap_or_default()
                ));
            }
            if case.due.is_some() && case.due != due {
                failures.push(format!("{}: {:?} due {due:?}, not {:?}", case.name, case.key, case.due));
            }
        }
    }
    let report = night.run();
    assert!(report.verification.findings.is_empty(), "{:?}", report.verification.findings);
    let after = dump(&night.database());
    for case in &expected.case {
        let old = before[&case.table].row(&case.key).unwrap_or_else(|| panic!("{}: no such row before", case.name));
        let new = after[&case.table].row(&case.key);
        let absent = case.after.as_deref() == Some("absent");
        let Some(new) = new else {
            if !absent {
                failures.push(format!("{}: the row {:?} is gone", case.name, case.key));
            }
            continue;
        };
        if absent {
            failures.push(format!("{}: the row {:?} is still there", case.name, case.key));
        }
        for (column, wanted) in &case.cells {
            let (old, new) = (old.get(column).unwrap_or_else(|| panic!("{}: no column {column}", case.name)), &new[column]);
            let shown = || text_of(new).unwrap_or("NULL".into());
            let fits = match wanted {
                Cell::Text(text) => text_of(new).as_ref() == Some(text),
                Cell::Rules(rules) => {
                    rules.null.is_none_or(|null| text_of(new).is_none() == null)
                        && rules.unchanged.is_none_or(|same| (old == new) == same)
                        && rules.not.as_ref().is_none_or(|not| text_of(new).is_none_or(|text| !text.contains(not.as_str())))
                        && rules.contains.as_ref().is_none_or(|part| text_of(new).is_some_and(|text| text.contains(part)))
                }
            };
            if !fits {
                failures.push(format!("{}: {:?} `{column}` is now `{}`", case.name, case.key, shown()));
            }
        }
    }
    assert!(failures.is_empty(), "{} sentences do not hold:\n{}", failures.len(), failures.join("\n"));
}

fn every_sentence_of_the_fortnox_fixture_holds(store: Store) {
    check(store, "fortnox");
}

fn every_sentence_of_the_flexybox_fixture_holds(store: Store) {
    check(store, "flexybox");
}

fn every_sentence_of_the_specter_fixture_holds(store: Store) {
    check(store, "specter");
}

fn every_sentence_of_the_twentyfoursevenoffice_fixture_holds(store: Store) {
    check(store, "twentyfoursevenoffice");
}

fn second_run_changes_nothing(store: Store, fixture: &str) {
    let night = Night::of_fixture(store, fixture, expected(fixture).as_of);
    night.run();
    let before = dump(&night.database());
    let report = night.run();
    assert_eq!((report.rows_written, report.rows_deleted), (0, 0), "{:?}", report.plan.changes);
    assert!(report.nothing_changed);
    assert!(
        report.sets.iter().all(|set| set.state == "unchanged"),
        "{:?}",
        report.sets.iter().map(|set| (&set.set, set.state)).collect::<Vec<_>>()
    );
    assert_eq!(before, dump(&night.database()));
}

fn a_second_run_on_the_same_day_changes_nothing_in_fortnox(store: Store) {
    second_run_changes_nothing(store, "fortnox");
}

fn a_second_run_on_the_same_day_changes_nothing_in_flexybox(store: Store) {
    second_run_changes_nothing(store, "flexybox");
}

fn a_second_run_on_the_same_day_changes_nothing_in_specter(store: Store) {
    second_run_changes_nothing(store, "specter");
}

fn a_second_run_on_the_same_day_changes_nothing_in_twentyfoursevenoffice(store: Store) {
    second_run_changes_nothing(store, "twentyfoursevenoffice");
}

/// F8: the number that says that a company is a person goes on the first night; the name, under a duty until then, must still go on a later one.
fn a_sole_trader_whose_number_is_gone_is_still_a_person(store: Store) {
    let night = Night::of_fixture(store, "fortnox", expected("fortnox").as_of);
    let set = "UPDATE customer SET type = 'company', org_no = '900103-9800' WHERE customer_no = '1003'";
    assert_eq!(night.database().execute(set, []).unwrap(), 1);
    night.run();
    let number: Option<String> =
        night.database().query_row("SELECT org_no FROM customer WHERE customer_no = '1003'", [], |row| row.get(0)).unwrap();
    assert_eq!(number, None);
    let (session, planned) = night.plan();
    let category = session.pipeline.categories.iter().position(|category| category.name == "customer").unwrap();
    let keys = planned.read.state.column(session.pipeline.categories[category].table, 0).unwrap();
    let keys = gallra::kernels::cast::to_text(keys).unwrap();
    let row = keys.iter().position(|key| key == Some("1003")).unwrap();
    assert_eq!(planned.plan.subjects[category].outcome[row].as_str(), "partly");
}

/// What the other tests look at on PostgreSQL is what stands there: every cell of the file comes back from the database alone.
fn mirror_round_trip(fixture: &str) {
    let night = Night::of_fixture(Store::Postgres, fixture, expected(fixture).as_of);
    let sorted = || {
        let mut content = dump(&night.database());
        for table in content.values_mut() {
            table.rows.sort_by_key(|row| table.key.iter().map(|column| text_of(&row[column])).collect::<Vec<_>>());
        }
        content
    };
    let before = sorted();
    night.rebuild();
    assert_eq!(before, sorted());
}

#[test]
fn mirror_round_trip_of_fortnox_on_postgres() {
    mirror_round_trip("fortnox");
}

#[test]
fn mirror_round_trip_of_flexybox_on_postgres() {
    mirror_round_trip("flexybox");
}

#[test]
fn mirror_round_trip_of_specter_on_postgres() {
    mirror_round_trip("specter");
}

#[test]
fn mirror_round_trip_of_twentyfoursevenoffice_on_postgres() {
    mirror_round_trip("twentyfoursevenoffice");
}

on_both_stores!(
    every_sentence_of_the_twentyfoursevenoffice_fixture_holds,
    a_second_run_on_the_same_day_changes_nothing_in_twentyfoursevenoffice,
    every_sentence_of_the_fortnox_fixture_holds,
    every_sentence_of_the_flexybox_fixture_holds,
    every_sentence_of_the_specter_fixture_holds,
    a_second_run_on_the_same_day_changes_nothing_in_fortnox,
    a_second_run_on_the_same_day_changes_nothing_in_flexybox,
    a_second_run_on_the_same_day_changes_nothing_in_specter,
    a_sole_trader_whose_number_is_gone_is_still_a_person,
);
