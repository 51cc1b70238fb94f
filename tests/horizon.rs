//! The coming months: a hand-worked database whose months are known, the nights themselves spent one after the other, and a plan for each of
//! the days.

mod common_cli;
mod night;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int64Array};
use common_cli::Company;
use gallra::decide::Outcome;
use gallra::passes::pseudonymise::row_tokens;
use gallra::progress::Silent;
use gallra::run::{Becomes, Horizon, Planned, Request};
use jiff::civil::{Date, date};
use night::{Night, Store, on_both_stores, told};

const TABLES: &str = "
    CREATE TABLE person (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, phone VARCHAR(40), last_seen DATE, owes INTEGER NOT NULL,
        mail VARCHAR(40), left_on DATE);
    CREATE TABLE invoice (id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES person (id), issued_on DATE NOT NULL);
    CREATE TABLE hold (id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES person (id), until_on DATE);
    CREATE TABLE chat (id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES person (id), body VARCHAR(40), sent_on DATE);
    CREATE TABLE survey (id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES person (id), email VARCHAR(40), answered_on DATE);";

/// Today is 22 November 2026; a period of 12 months after the last visit.
const ROWS: &str = "
    INSERT INTO person VALUES
        (1, 'Ada Ek', '070', '2025-01-01', 0, NULL, NULL),       -- due for long
        (2, 'Bo Alm', '070', '2025-11-25', 0, NULL, NULL),       -- kept through 25 November
        (3, 'Cy Asp', '070', '2025-11-30', 0, NULL, NULL),       -- kept through 30 November, so due in December
        (4, 'Di Lind', '070', '2024-05-01', 0, NULL, NULL),      -- an invoice keeps the name through 10 January 2027: the third month
        (5, 'Ed Pil', '070', '2024-01-01', 0, NULL, NULL),       -- a hold lasts through 15 March 2027: the fifth month
        (6, 'Fy Rönn', '070', '2027-02-10', 0, NULL, NULL),      -- a date ahead
        (7, 'Gy Sälg', '070', NULL, 0, NULL, NULL),
        (8, 'Ho Tall', '070', '2026-06-01', 0, 'ho@example.com', '2026-12-15'),      -- kept through 1 June 2027; the newsletter is to end in December
        (9, 'Ia Gran', '070', '2025-12-20', 0, NULL, NULL),      -- due in December, and its invoice keeps the name through 20 February
        (10, 'Jo Hägg', '070', '2026-04-10', 0, NULL, NULL),     -- due in April; its invoice is old, so it is linked and nothing is kept
        (11, 'Ky Olvon', '070', '2024-01-01', 5, NULL, NULL);    -- owes something
    INSERT INTO invoice VALUES (1, 4, '2026-01-10'), (2, 9, '2026-02-20'), (3, 10, '2024-01-01');
    INSERT INTO hold VALUES (1, 5, '2027-03-15');
    INSERT INTO chat VALUES
        (1, 8, 'Hej', '2026-04-01'),                 -- six months ended in October
        (2, 8, 'Hej', '2026-08-10'),                 -- February
        (3, 2, 'Hej', '2026-11-01'),                 -- May, but its owner goes in November
        (4, 8, 'Hej', '2026-11-20');                 -- May
    INSERT INTO survey VALUES
        (1, 4, 'di@example.com', '2026-10-01'),      -- April, but its owner is anonymised today
        (2, 8, 'ho@example.com', '2026-07-05'),      -- January
        (3, 8, NULL, '2026-07-05');                  -- January, and there is nothing in it";

const PIPELINE: &str = r#"
[brake]
percent = 100.0

[category.person]
table = "person"

[[category.person.retention]]
name = "inactivity"
clock = "last_seen"
keep = "12 months"

[[category.person.hold]]
table = "hold"
until = "until_on"
reason = "legal hold"

[[category.person.block]]
when = { column = "owes", above = 0.0 }
reason = "debt"

[[category.person.purpose]]
name = "newsletter"
basis = "consent"
columns = ["mail"]
source = "Notice"
ended = { on = "left_on" }

[record.chat]
table = "chat"
clock = "sent_on"
keep = "6 months"
action = "delete"

[record.survey]
table = "survey"
clock = "answered_on"
keep = "6 months"
action = "anonymise"

[duty.bookkeeping]
table = "invoice"
clock = "issued_on"
keep = "12 months"
protects = ["person.name"]

[[reference]]
table = "hold"
columns = ["person_id"]
kind = "owned"

[[reference]]
table = "chat"
columns = ["person_id"]
kind = "owned"

[[reference]]
table = "survey"
columns = ["person_id"]
kind = "owned"

[table.person]
id = "key"
name = "name"
phone = "phone"
last_seen = "activity"
owes = "plain"
mail = "email"
left_on = "plain"

[table.invoice]
id = "key"
person_id = "reference"
issued_on = "plain"

[table.hold]
id = "key"
person_id = "reference"
until_on = "plain"

[table.chat]
id = "key"
person_id = "reference"
body = "free_text"
sent_on = "plain"

[table.survey]
id = "key"
person_id = "reference"
email = "email"
answered_on = "plain"
"#;

fn own(store: Store) -> Night {
    let night = Night::of_own(store, TABLES, ROWS, PIPELINE);
    assert_eq!(night.problems(), "");
    night
}

fn horizon(night: &Night, months: u16) -> (Planned, Horizon) {
    let (session, planned) = night.plan();
    let horizon = planned.horizon(&session, months, &Silent).unwrap();
    (planned, horizon)
}

/// Month → category → what happens → the keys, found again by their tokens.
type Months = Vec<(String, BTreeMap<String, BTreeMap<String, Vec<i64>>>)>;

fn by_key(planned: &Planned, horizon: &Horizon) -> Months {
    let keys: Vec<i64> = (1..=20).collect();
    let cells: ArrayRef = Arc::new(Int64Array::from(keys.clone()));
    let mut known: BTreeMap<(String, String), i64> = BTreeMap::new();
    for (category, table) in [("person", "person"), ("record chat", "chat"), ("record survey", "survey")] {
        let tokens = row_tokens(std::slice::from_ref(&cells), &planned.keys[0].report, table).unwrap();
        for (at, key) in keys.iter().enumerate() {
            assert!(tokens.is_valid(at));
            known.insert((category.to_owned(), data_encoding::HEXLOWER.encode(tokens.value(at))), *key);
        }
    }
    let word = |becomes: Becomes| serde_json::to_value(becomes).unwrap().as_str().unwrap().to_owned();
    let months = horizon.horizon.iter().map(|month| {
        let mut categories: BTreeMap<String, BTreeMap<String, Vec<i64>>> = BTreeMap::new();
        for line in &month.due {
            let mut keys: Vec<i64> = line.tokens.iter().map(|token| known[&(line.category.clone(), token.clone())]).collect();
            keys.sort_unstable();
            assert_eq!(keys.len() as u64, line.count);
            categories.entry(line.category.clone()).or_default().insert(word(line.becomes), keys);
        }
        (month.month.clone(), categories)
    });
    months.collect()
}

/// A month, and who falls due in it: category, what happens, keys.
type Line<'a> = (&'a str, &'a [(&'a str, &'a str, &'a [i64])]);

fn expected(lines: &[Line<'_>]) -> Months {
    let month = |(month, due): &Line<'_>| {
        let mut categories: BTreeMap<String, BTreeMap<String, Vec<i64>>> = BTreeMap::new();
        for (category, becomes, keys) in *due {
            categories.entry((*category).to_owned()).or_default().insert((*becomes).to_owned(), keys.to_vec());
        }
        ((*month).to_owned(), categories)
    };
    lines.iter().map(month).collect()
}

fn each_month_is_the_one_that_was_worked_out_by_hand(store: Store) {
    let night = own(store);
    let (planned, horizon) = horizon(&night, 6);
    let wanted: Months = expected(&[
        ("today", &[("person", "delete", &[1]), ("person", "partly", &[4]), ("record chat", "delete", &[1])]),
        ("2026-11", &[("person", "delete", &[2]), ("record chat", "with_owner", &[3])]),
        ("2026-12", &[("person", "delete", &[3]), ("person", "partly", &[9]), ("person", "released", &[8])]),
        ("2027-01", &[("person", "rest", &[4]), ("record survey", "anonymise", &[2])]),
        ("2027-02", &[("person", "rest", &[9]), ("record chat", "delete", &[2])]),
        ("2027-03", &[("person", "delete", &[5])]),
        ("2027-04", &[("person", "anonymise", &[10])]),
    ]);
    assert_eq!(by_key(&planned, &horizon), wanted);
    let days: Vec<&str> = horizon.horizon.iter().map(|month| month.until.as_str()).collect();
    assert_eq!(days, ["2026-11-22", "2026-11-30", "2026-12-31", "2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]);
    let stays: Vec<(&str, &str, u64, Option<&str>)> = horizon
        .stays
        .iter()
        .map(|line| (line.category.as_str(), line.outcome.as_str(), line.count, line.earliest_due.as_deref()))
        .collect();
    assert_eq!(
        stays,
        [
            ("person", "keep", 1, Some("2028-02-10")),
            ("person", "keep", 1, Some("2027-06-01")),
            ("person", "blocked", 1, Some("2025-01-01")),
            ("person", "undetermined", 1, None),
            ("record chat", "keep", 1, Some("2027-05-20")),
            ("record survey", "forgotten", 2, None),
        ]
    );
    assert!(horizon.stays[1].reason.ends_with("not due; purpose `newsletter` has ended"), "{}", horizon.stays[1].reason);
    // Nobody is counted twice, and nobody is missing.
    for (category, rows) in [("person", 11), ("record chat", 4), ("record survey", 3)] {
        let due = horizon.horizon.iter().flat_map(|month| &month.due).filter(|line| line.category == category);
        let gone: u64 = due.filter(|line| !matches!(line.becomes, Becomes::Partly | Becomes::Released)).map(|line| line.count).sum();
        let stays: u64 = horizon.stays.iter().filter(|line| line.category == category).map(|line| line.count).sum();
        assert_eq!(gone + stays, rows, "{category}");
    }
}

fn the_nights_themselves_forget_as_many_in_each_month(store: Store) {
    let mut night = own(store);
    let (planned, horizon) = horizon(&night, 6);
    let months = by_key(&planned, &horizon);
    let ids = |night: &Night, sql: &str| -> BTreeSet<i64> {
        let database = night.database();
        let mut statement = database.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let whole = "SELECT id FROM person WHERE name <> 'XXX'";
    let called = "SELECT id FROM person WHERE phone IS NOT NULL";
    for ((name, due), until) in months.iter().zip(horizon.horizon.iter().map(|month| month.until.parse::<Date>().unwrap())) {
        let keys = |category: &str, words: &[&str]| -> BTreeSet<i64> {
            let found = due.get(category).into_iter().flat_map(|category| words.iter().filter_map(|word| category.get(*word)));
            found.flatten().copied().collect()
        };
        let before = (ids(&night, "SELECT id FROM person"), ids(&night, whole), ids(&night, called), ids(&night, "SELECT id FROM chat"));
        let mailed = ids(&night, "SELECT id FROM person WHERE mail IS NOT NULL");
        let answers = ids(&night, "SELECT id FROM survey WHERE email IS NOT NULL");
        night.now = until.at(12, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
        let report = night.run();
        assert!(report.verification.findings.is_empty(), "{:?}", report.verification.findings);
        let gone = |before: &BTreeSet<i64>, after: BTreeSet<i64>| before.difference(&after).copied().collect::<BTreeSet<i64>>();
        assert_eq!(gone(&before.0, ids(&night, "SELECT id FROM person")), keys("person", &["delete"]), "{name}: deleted");
        assert_eq!(gone(&before.1, ids(&night, whole)), keys("person", &["delete", "anonymise", "rest"]), "{name}: without a name");
        assert_eq!(gone(&before.2, ids(&night, called)), keys("person", &["delete", "anonymise", "partly"]), "{name}: without a phone");
        assert_eq!(gone(&before.3, ids(&night, "SELECT id FROM chat")), keys("record chat", &["delete", "with_owner"]), "{name}: chats");
        let stopped = gone(&mailed, ids(&night, "SELECT id FROM person WHERE mail IS NOT NULL"));
        assert_eq!(stopped, keys("person", &["released"]), "{name}: newsletters");
        let emptied = gone(&answers, ids(&night, "SELECT id FROM survey WHERE email IS NOT NULL"));
        // The answer of the person who is anonymised today goes with him.
        let with_person = if name == "today" { BTreeSet::from([1]) } else { BTreeSet::new() };
        assert_eq!(emptied, keys("record survey", &["anonymise"]).union(&with_person).copied().collect(), "{name}: answers");
        // What is left of the months is the same, seen from here.
        let seen_from_here = self::horizon(&night, 1).1;
        assert_eq!(seen_from_here.horizon[0].due, [], "{name}: nothing is left for the same day");
    }
}

on_both_stores!(each_month_is_the_one_that_was_worked_out_by_hand, the_nights_themselves_forget_as_many_in_each_month);

/// A plan for a day: who is erased, and how, by tenant, category and token; and who stays partly.
fn erased(night: &Night, day: Option<Date>) -> BTreeMap<(String, String, String), Outcome> {
    let request = Request { as_of: day, ..Request::default() };
    let (session, planned) = night.with_world(|world| gallra::run::plan(&night.pipeline, &request, world, &Silent).map_err(told).unwrap());
    let decisions = planned.report(&session).unwrap().decisions;
    let erased = decisions.into_iter().filter(|line| line.outcome.erases() && !line.reason.starts_with("purpose "));
    erased.map(|line| ((line.tenant, line.category, line.token), line.outcome)).collect()
}

/// By the plans of the months' ends alone: whoever is in one and was in none before.
fn check_against_plans(night: &Night, months: u16) {
    let (_, horizon) = horizon(night, months);
    let remembered = erased(night, None);
    let tonight: BTreeSet<(String, String, String)> = {
        let (session, planned) = night.plan();
        let report = planned.report(&session).unwrap();
        report.decisions.into_iter().filter(|line| line.tonight).map(|line| (line.tenant, line.category, line.token)).collect()
    };
    let mut seen: BTreeSet<(String, String, String)> = remembered.keys().filter(|who| !tonight.contains(*who)).cloned().collect();
    let mut partly: BTreeSet<(String, String, String)> = seen.clone();
    let mut months_with_people = 0;
    for month in &horizon.horizon {
        let plan = erased(night, (month.month != "today").then(|| month.until.parse().unwrap()));
        let people = |category: &str| !category.starts_with("record ");
        let mut wanted: BTreeSet<(Becomes, (String, String, String))> = BTreeSet::new();
        for (who, outcome) in plan.iter().filter(|(who, _)| people(&who.1) && !seen.contains(*who)) {
            wanted.insert((
                match outcome {
                    Outcome::Delete => Becomes::Delete,
                    Outcome::Anonymise => Becomes::Anonymise,
                    _ => Becomes::Partly,
                },
                who.clone(),
            ));
        }
        let whole: Vec<_> = partly.iter().filter(|who| plan.get(*who) != Some(&Outcome::Partly)).cloned().collect();
        for who in whole {
            partly.remove(&who);
            wanted.insert((Becomes::Rest, who));
        }
        partly
            .extend(plan.iter().filter(|(who, outcome)| **outcome == Outcome::Partly && !seen.contains(*who)).map(|(who, _)| who.clone()));
        seen.extend(plan.into_keys());
        let found: BTreeSet<_> = month
            .due
            .iter()
            .filter(|line| people(&line.category))
            .flat_map(|line| {
                let who = |token: &String| (line.tenant.clone(), line.category.clone(), token.clone());
                line.tokens.iter().map(move |token| (line.becomes, who(token))).collect::<Vec<_>>()
            })
            .collect();
        months_with_people += usize::from(!found.is_empty());
        assert_eq!(found, wanted, "{}", month.month);
    }
    assert!(months_with_people > 2, "too little falls due to compare");
}

#[test]
fn a_plan_for_each_of_the_days_finds_the_same_people() {
    for fixture in ["fortnox", "flexybox"] {
        let night = Night::of_fixture(Store::Sqlite, fixture, date(2026, 11, 22));
        check_against_plans(&night, 24);
        // After a night there are people whom a duty keeps in part.
        night.run();
        check_against_plans(&night, 24);
    }
    check_against_plans(&Night::of_demo(800, 2_000, date(2026, 11, 22)), 12);
}

#[test]
fn the_command_shows_months_and_keeps_them_in_its_report() {
    let company = Company::unbraked(400, 900, 100);
    let before = common_cli::files(&company.folder);
    let shown = company.call("plan", &["--horizon", "12"]).expect(0).says("What falls due, if nothing more happens:").says("today");
    assert!(shown.out.contains("Who is still there on "), "{}", shown.out);
    let report = company.call("plan", &["--horizon", "12", "--format", "json"]).expect(0).json();
    let months = report["horizon"].as_array().expect("months");
    assert_eq!(months.len(), 13);
    assert_eq!((&months[0]["month"], &months[0]["until"]), (&"today".into(), &company.day.as_str().into()));
    assert!(report["stays"].as_array().is_some_and(|stays| !stays.is_empty()));
    // The plan itself is the same with and without.
    let mut plain = company.call("plan", &["--format", "json"]).expect(0).json();
    assert!(plain["horizon"].is_null() && plain["stays"].is_null() && plain["against"].is_null());
    let mut rest = report.clone();
    for report in [&mut plain, &mut rest] {
        let report = report.as_object_mut().expect("an object");
        for key in ["horizon", "stays", "snapshot"] {
            report.remove(key);
        }
    }
    assert_eq!(plain, rest);
    // The day may be another, and its own month comes first.
    let later = company.call("plan", &["--horizon", "1", "--as-of", "2031-01-31", "--format", "json"]).expect(0).json();
    assert_eq!((&later["horizon"][0]["until"], &later["horizon"][1]["until"]), (&"2031-01-31".into(), &"2031-02-28".into()));
    for wrong in ["--horizon=0", "--horizon=121", "--horizon=-1", "--horizon=twelve"] {
        company.call("plan", &[wrong]).expect(2).says("--horizon");
    }
    assert_eq!(common_cli::files(&company.folder), before, "a look changed something");
}
