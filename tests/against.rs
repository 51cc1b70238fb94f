//! What a changed policy changes: a hand-worked database under two files, and the plans of both, each by itself.

mod common_cli;
mod night;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array};
use common_cli::Company;
use gallra::error::Error;
use gallra::passes::pseudonymise::row_tokens;
use gallra::progress::Silent;
use gallra::report::PlanReport;
use gallra::run::{Against, Planned, Request};
use jiff::civil::date;
use night::{Night, Store, on_both_stores, told};

const TABLES: &str = "
    CREATE TABLE person (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, phone VARCHAR(40), last_seen DATE);
    CREATE TABLE invoice (id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES person (id), issued_on DATE NOT NULL);
    CREATE TABLE chat (id INTEGER PRIMARY KEY, body VARCHAR(40), sent_on DATE);
    CREATE TABLE staff (id INTEGER PRIMARY KEY, name VARCHAR(40), left_on DATE);";

/// Today is 22 November 2026; the earlier file keeps 24 months, this one 12.
const ROWS: &str = "
    INSERT INTO person VALUES
        (1, 'Ada Ek', '070', '2025-06-01'),     -- due 2027-06-01, now 2026-06-01
        (2, 'Bo Alm', '070', '2024-01-01'),     -- due under both
        (3, 'Cy Asp', NULL, '2026-11-01'),      -- due 2028-11-01, now 2027-11-01: 366 days, because February 2028 has 29
        (4, 'Di Lind', '070', '2025-06-01'),    -- as 1, but with an invoice
        (5, 'Ed Pil', '070', NULL);
    INSERT INTO invoice VALUES (1, 4, '2020-01-10');
    INSERT INTO chat VALUES (1, 'Hej', '2026-01-01'), (2, 'Hej', '2026-11-01');
    INSERT INTO staff VALUES (1, 'Fy Rönn', '2020-01-01'), (2, 'Gy Sälg', NULL);";

const NOW: &str = r#"
[brake]
percent = 100.0

[category.person]
table = "person"

[[category.person.retention]]
name = "inactivity"
clock = "last_seen"
keep = "12 months"

[record.chat]
table = "chat"
clock = "sent_on"
keep = "6 months"
action = "delete"

[[out_of_scope]]
tables = ["staff"]
reason = "moved to another system"

[table.person]
id = "key"
name = "name"
phone = "phone"
last_seen = "activity"

[table.invoice]
id = "key"
person_id = "reference"
issued_on = "plain"

[table.chat]
id = "key"
body = "free_text"
sent_on = "plain"
"#;

/// The earlier text, of this one: 24 months, no chats, the staff, and the phone kept.
fn before() -> String {
    let chat = &NOW[NOW.find("[record.chat]").unwrap()..NOW.find("[[out_of_scope]]").unwrap()];
    let staff = &NOW[NOW.find("[[out_of_scope]]").unwrap()..NOW.find("[table.person]").unwrap()];
    let category =
        "[category.staff]\ntable = \"staff\"\n[[category.staff.retention]]\nname = \"left\"\nclock = \"left_on\"\nkeep = \"12 months\"\n\n";
    let text = NOW.replace("12 months", "24 months").replace(chat, "").replace(staff, category);
    let text = text.replace("[table.chat]\nid = \"key\"\nbody = \"free_text\"\nsent_on = \"plain\"\n", "");
    let text = text.replace("phone = \"phone\"", "phone = { class = \"phone\", forget = \"keep\" }");
    format!(
        "{text}\n[[out_of_scope]]\ntables = [\"chat\"]\nreason = \"not yet\"\n\n[table.staff]\nid = \"key\"\nname = \"name\"\nleft_on = \"plain\"\n"
    )
}

/// A night on the own tables, with the earlier file beside the pipeline.
fn own(store: Store) -> Night {
    let night = Night::of_own(store, TABLES, ROWS, NOW);
    assert_eq!(night.problems(), "");
    let now = fs::read_to_string(&night.pipeline).unwrap();
    let controller = &now[..now.find("\n[brake]").unwrap()];
    fs::write(night.folder.path().join("old.toml"), format!("{controller}{}", before())).unwrap();
    night
}

fn against(night: &Night, file: &str) -> Result<(Planned, Against), Error> {
    // Takes the rows to where the store is.
    drop(night.plan());
    let old = night.folder.path().join(file);
    let compared = night.with_world(|world| gallra::run::plan_against(&night.pipeline, &old, &Request::default(), world, &Silent));
    compared.map(|(_, planned, against)| (planned, against))
}

/// (category, from, to) → the persons, found again by their tokens.
fn people(planned: &Planned, against: &Against) -> BTreeMap<(String, String, String), Vec<i64>> {
    let cells: ArrayRef = Arc::new(Int64Array::from((1..=5).collect::<Vec<i64>>()));
    let tokens = row_tokens(&[cells], &planned.keys[0].report, "person").unwrap();
    let token = |at: usize| data_encoding::HEXLOWER.encode(tokens.value(at));
    let keys: BTreeMap<String, i64> = (0..5).map(|at| (token(at), at as i64 + 1)).collect();
    let line = |line: &gallra::run::MoveLine| {
        let mut found: Vec<i64> = line.tokens.iter().map(|token| keys[token]).collect();
        found.sort_unstable();
        assert_eq!(found.len() as u64, line.count);
        ((line.category.clone(), line.from.to_owned(), line.to.to_owned()), found)
    };
    against.moves.iter().map(line).collect()
}

fn moved(from: &str, to: &str, who: &[i64]) -> ((String, String, String), Vec<i64>) {
    (("person".into(), from.into(), to.into()), who.to_vec())
}

fn who_moves_where_and_by_how_much_is_what_was_worked_out_by_hand(store: Store) {
    let night = own(store);
    let (planned, found) = against(&night, "old.toml").map_err(told).unwrap();
    assert_eq!(people(&planned, &found), BTreeMap::from([moved("keep", "delete", &[1]), moved("keep", "anonymise", &[4])]));
    assert_eq!(found.same, 3);
    let [due] = &found.due[..] else { panic!("{:?}", found.due) };
    assert_eq!((due.category.as_str(), due.earlier, due.earlier_days, due.later, due.gained, due.lost), ("person", 4, 366, 0, 0, 0));
    let alone: Vec<(&str, &str, &str, Outcomes<'_>)> = found
        .alone
        .iter()
        .map(|line| {
            let outcomes = line.outcomes.iter().map(|outcome| (outcome.outcome.as_str(), outcome.count)).collect();
            (line.only, line.category.as_str(), line.table.as_str(), outcomes)
        })
        .collect();
    assert_eq!(
        alone,
        [
            ("now", "record chat", "chat", vec![("keep", 1), ("delete", 1)]),
            ("before", "staff", "staff", vec![("undetermined", 1), ("delete", 1)]),
        ]
    );
    let columns: Vec<(String, &str, &str, u64)> = found
        .columns
        .iter()
        .map(|line| (format!("{}.{}", line.table, line.column), line.from.as_str(), line.to.as_str(), line.cells))
        .collect();
    assert_eq!(
        columns,
        [
            ("chat.body".to_owned(), "out of scope", "free_text: NULL", 2),
            ("person.phone".to_owned(), "phone: keep", "phone: NULL", 4),
            ("staff.name".to_owned(), "name: NULL", "out of scope", 2),
        ]
    );

    // The other way round everybody moves back.
    fs::copy(&night.pipeline, night.folder.path().join("new.toml")).unwrap();
    fs::copy(night.folder.path().join("old.toml"), &night.pipeline).unwrap();
    night.accept();
    let (planned, back) = against(&night, "new.toml").map_err(told).unwrap();
    assert_eq!(people(&planned, &back), BTreeMap::from([moved("delete", "keep", &[1]), moved("anonymise", "keep", &[4])]));
    let [due] = &back.due[..] else { panic!("{:?}", back.due) };
    assert_eq!((due.later, due.later_days, due.earlier), (4, 366, 0));
}

on_both_stores!(who_moves_where_and_by_how_much_is_what_was_worked_out_by_hand);

/// How many end how.
type Outcomes<'a> = Vec<(&'a str, u64)>;

type Who = (String, String, String);

/// Everybody whom a plan does more with than keeping.
fn decided(report: &PlanReport) -> BTreeMap<Who, String> {
    let line = |line: &gallra::report::DecisionLine| {
        ((line.tenant.clone(), line.category.clone(), line.token.clone()), line.outcome.as_str().to_owned())
    };
    report.decisions.iter().map(line).collect()
}

/// By the plans of both files alone, each made by itself.
#[test]
fn both_files_by_themselves_say_the_same() {
    for (fixture, changes) in [
        ("fortnox", [("keep = \"24 months\"", "keep = \"6 years\""), ("keep = \"90 days\"", "keep = \"5 years\"")]),
        ("flexybox", [("keep = \"6 months\"", "keep = \"9 years\""), ("keep = \"90 days\"", "keep = \"1 month\"")]),
    ] {
        let night = Night::of_fixture(Store::Sqlite, fixture, date(2026, 11, 22));
        let old = night.folder.path().join("old.toml");
        let now = fs::read_to_string(&night.pipeline).unwrap();
        let mut text = now.clone();
        for (from, to) in changes {
            text = text.replace(from, to);
        }
        assert_ne!(text, now, "{fixture}");
        fs::write(&old, text).unwrap();
        let (_, found) = against(&night, "old.toml").map_err(told).unwrap();

        let (session, planned) = night.plan();
        let today = decided(&planned.report(&session).unwrap());
        fs::copy(&old, &night.pipeline).unwrap();
        let (session, planned) = night.plan();
        let then = decided(&planned.report(&session).unwrap());

        let plain = |outcome: Option<&String>| outcome.cloned().filter(|outcome| outcome != "keep" && outcome != "forgotten");
        let mut wanted: BTreeMap<Who, (Option<String>, Option<String>)> = BTreeMap::new();
        for who in then.keys().chain(today.keys()).collect::<BTreeSet<_>>() {
            let (from, to) = (plain(then.get(who)), plain(today.get(who)));
            if from != to {
                wanted.insert(who.clone(), (from, to));
            }
        }
        let mut said: BTreeMap<Who, (Option<String>, Option<String>)> = BTreeMap::new();
        for line in &found.moves {
            let (from, to) = (plain(Some(&line.from.to_owned())), plain(Some(&line.to.to_owned())));
            for token in line.tokens.iter().filter(|_| from != to) {
                said.insert((line.tenant.clone(), line.category.clone(), token.clone()), (from.clone(), to.clone()));
            }
        }
        assert!(wanted.len() > 2, "{fixture}: the change moves {} people", wanted.len());
        assert_eq!(said, wanted, "{fixture}");
    }
}

#[test]
fn a_file_that_does_not_fit_is_refused_by_its_name() {
    let night = own(Store::Sqlite);
    let old = night.folder.path().join("old.toml");
    let text = fs::read_to_string(&old).unwrap();
    let refused = |text: &str| {
        fs::write(&old, text).unwrap();
        let error = against(&night, "old.toml").err().expect("refused");
        assert_eq!(error.exit_code(), 2);
        told(error)
    };
    let typo = refused(&text.replace("keep = \"24 months\"", "keep = \"24 moons\""));
    assert!(typo.contains("old.toml") && typo.contains("24 moons") && !typo.contains("own.toml"), "{typo}");
    let unclassed = refused(&text.replace("last_seen = \"activity\"\n", ""));
    assert!(unclassed.contains("old.toml") && unclassed.contains("`person.last_seen` has no class"), "{unclassed}");
    let broken = refused("[controller");
    assert!(broken.contains("old.toml"), "{broken}");
    fs::copy(night.pipeline.with_extension("db"), night.folder.path().join("other.db")).unwrap();
    let elsewhere = refused(&text.replace("sqlite:own.db", "sqlite:other.db"));
    assert!(elsewhere.contains("old.toml") && elsewhere.contains("another database"), "{elsewhere}");
    let zone = refused(&text.replace("country = \"SE\"", "country = \"SE\"\ntimestamps = \"Asia/Tokyo\""));
    assert!(zone.contains("old.toml") && zone.contains("timestamps"), "{zone}");
    // By another path it is the same database.
    let name = night.folder.path().file_name().unwrap().to_str().unwrap();
    fs::write(&old, text.replace("sqlite:own.db", &format!("sqlite:../{name}/own.db"))).unwrap();
    assert_eq!(against(&night, "old.toml").map_err(told).unwrap().1.same, 3);
}

#[test]
fn the_command_shows_what_moves_and_changes_nothing() {
    let company = Company::unbraked(600, 1_500, 100);
    let pipeline = fs::read_to_string(company.pipeline()).expect("the pipeline");
    fs::write(company.folder.join("old.toml"), pipeline.replace("keep = \"24 months\"", "keep = \"48 months\"")).expect("written");
    // A lock file of the earlier version that fits no more is not looked at.
    fs::write(company.folder.join("old.lock"), "format = \"gallra-lock-1\"\n").expect("written");
    let before = common_cli::files(&company.folder);
    let shown = company.call("plan", &["--against", "old.toml"]).expect(0).says("Compared with `old.toml`").says("Due days:");
    assert!(shown.out.contains("customer"), "{}", shown.out);
    let report = company.call("plan", &["--against", "old.toml", "--format", "json", "--horizon", "2"]).expect(0).json();
    let moves = report["against"]["moves"].as_array().expect("moves");
    assert!(moves.iter().any(|line| line["category"] == "customer" && line["from"] == "keep"), "{moves:?}");
    assert!(moves.iter().all(|line| line["tokens"].as_array().map(Vec::len) == line["count"].as_u64().map(|count| count as usize)));
    assert_eq!(report["horizon"].as_array().map(Vec::len), Some(3));
    company.call("plan", &["--against", "absent.toml"]).expect(2).says("absent.toml");
    fs::write(company.folder.join("wrong.toml"), pipeline.replace("keep = \"24 months\"", "keep = \"24 moons\"")).expect("written");
    let refused = company.call("plan", &["--against", "wrong.toml"]).expect(2).says("wrong.toml").says("24 moons");
    assert!(refused.out.is_empty(), "{}", refused.out);
    fs::remove_file(company.folder.join("wrong.toml")).expect("removed");
    assert_eq!(common_cli::files(&company.folder), before, "a look changed something");
}
