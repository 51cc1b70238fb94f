//! Runs that are killed, that meet one another, that the database refuses, and whose database changes under them.

mod common_cli;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use common_cli::{Company, content, latest_data, walk};
use gallra::progress::{Progress, Silent, Stage};
use gallra::run::Request;
use gallra::session::World;
use rusqlite::Connection;

const CUSTOMERS: u64 = 2_000;
const ORDER_ROWS: u64 = 6_000;
const BATCH: u64 = 20;

/// What a finished run leaves, without what differs between any two runs.
#[derive(Debug, PartialEq, Eq)]
struct Finished {
    rows: BTreeMap<String, Vec<String>>,
    sets: BTreeMap<String, BTreeSet<String>>,
}

/// Telephone numbers as the company had them.
fn telephone_numbers(store: &Connection) -> BTreeSet<String> {
    let Ok(mut statement) = store.prepare("SELECT phone_number FROM phone_line") else { return BTreeSet::new() };
    statement.query_map([], |row| row.get::<_, String>(0)).expect("read").map(|number| format!("t{}", number.expect("a number"))).collect()
}

fn finished(company: &Company, known: &BTreeSet<String>) -> Finished {
    let see = |_: &str, column: &str, cell: String| match column {
        // The trigger of the schema writes the time of the write.
        "updated_at" => "-".to_owned(),
        // New keys are made at random: their shape is compared.
        "phone_number" if !known.contains(&cell) => cell.chars().map(|letter| if letter.is_ascii_digit() { '9' } else { letter }).collect(),
        _ => cell,
    };
    Finished { rows: content(&company.open(), &see), sets: latest_data(&company.output()) }
}

/// The same rows and sets, or the first few that are not.
#[track_caller]
fn compare(found: &Finished, promised: &Finished, what: &str) {
    let mut differs = Vec::new();
    for (table, rows) in &promised.rows {
        let (promised, found): (BTreeSet<_>, BTreeSet<_>) = (rows.iter().collect(), found.rows[table].iter().collect());
        differs.extend(promised.difference(&found).map(|row| format!("`{table}` lacks {row}")));
        differs.extend(found.difference(&promised).map(|row| format!("`{table}` has {row}")));
    }
    differs.truncate(6);
    assert!(differs.is_empty(), "{what}:\n{}", differs.join("\n"));
    assert!(found == promised, "{what}: {:?} instead of {:?}", found.sets, promised.sets);
}

/// What must hold once a run has come to its end, whatever happened before.
fn settled(company: &Company, what: &str) {
    let ledger = company.call("ledger check", &["--format", "json"]);
    assert_eq!(ledger.code, Some(0), "{what}: {}", ledger.printed());
    let ledger = ledger.json();
    assert_eq!((&ledger["intact"], &ledger["open_intents"]), (&true.into(), &0.into()), "{what}: {ledger}");
    let verified = company.call("verify", &[]);
    assert_eq!(verified.code, Some(0), "{what}: {}", verified.printed());
    let hidden: Vec<_> = walk(&company.folder).into_iter().filter(|file| file.to_string_lossy().contains("/.staging-")).collect();
    assert!(hidden.is_empty(), "{what}: staging stays: {hidden:?}");
    for entry in fs::read_dir(company.output()).expect("the output") {
        let name = entry.expect("readable").file_name();
        assert!(!name.to_string_lossy().starts_with('.'), "{what}: {name:?} stays");
    }
    assert!(!company.database().with_extension("db-journal").exists(), "{what}: a journal of SQLite stays");
}

/// When a run is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// So long after its start.
    After(Duration),
    /// Once the ledger has so many entries.
    Entries(usize),
    /// So long after the ledger has so many entries.
    Between(usize, Duration),
}

/// Starts a run and kills it; says whether it was still running.
fn kill(company: &Company, moment: Moment) -> bool {
    kill_run(company, &[], moment)
}

fn kill_run(company: &Company, more: &[&str], moment: Moment) -> bool {
    let mut child = company.command("run", more).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started");
    let (entries, pause) = match moment {
        Moment::After(pause) => (0, pause),
        Moment::Entries(entries) => (entries, Duration::ZERO),
        Moment::Between(entries, pause) => (entries, pause),
    };
    let started = Instant::now();
    let ledger = company.ledger();
    let grown = || fs::read(&ledger).map_or(0, |bytes| bytes.iter().filter(|byte| **byte == b'\n').count());
    while entries > 0 && grown() < entries && child.try_wait().expect("asked").is_none() {
        assert!(started.elapsed() < Duration::from_secs(120), "the run does not end");
        std::hint::spin_loop();
    }
    sleep(pause);
    // SIGKILL: nothing of the program runs after it.
    child.kill().expect("killed");
    child.wait().expect("ended").code().is_none()
}

#[test]
fn killed_at_any_moment_the_next_run_finishes_what_an_uninterrupted_one_would_have_done() {
    let company = Company::unbraked(CUSTOMERS, ORDER_ROWS, BATCH);
    let known = telephone_numbers(&company.open());
    let whole = company.copy();
    let started = Instant::now();
    let report = whole.call("run", &["--format", "json"]).expect(0).json();
    let lasted = started.elapsed();
    let batches = report["batches"].as_u64().expect("batches");
    assert!(batches >= 12, "too few batches to be killed between: {batches}");
    settled(&whole, "uninterrupted");
    let promised = finished(&whole, &known);
    let entries = fs::read_to_string(whole.ledger()).expect("the ledger").lines().count();

    let mut moments = vec![Moment::After(Duration::ZERO), Moment::After(Duration::from_millis(2))];
    moments.extend((1..10).map(|tenth| Moment::After(lasted * tenth / 10)));
    // Right behind the ledger's first entries, in the midst of the batches, and at its end.
    moments.extend([1, 2, 3, 4, 5, entries / 4, entries / 2, entries - 3, entries - 2, entries - 1, entries].map(Moment::Entries));
    // Within a transaction, or between a commit and its entry in the ledger.
    moments.extend((0..8).map(|step| Moment::Between(3 + step as usize * entries / 9, Duration::from_micros(400 * (1 + step)))));
    let mut killed = 0;
    for moment in moments {
        let company = company.copy();
        killed += u32::from(kill(&company, moment));
        let what = format!("killed at {moment:?}");
        company.call("run", &[]).says("exit code 0").expect(0);
        settled(&company, &what);
        compare(&finished(&company, &known), &promised, &what);
    }
    assert!(killed >= 16, "only {killed} runs were killed before their end");
}

#[test]
fn killed_again_and_again_a_run_still_comes_to_its_end() {
    let company = Company::unbraked(CUSTOMERS, ORDER_ROWS, BATCH);
    let known = telephone_numbers(&company.open());
    let whole = company.copy();
    whole.call("run", &[]).expect(0);
    let promised = finished(&whole, &known);
    let mut entries = 4;
    for _ in 0..6 {
        assert!(kill(&company, Moment::Entries(entries)), "the run had ended already");
        let now = fs::read_to_string(company.ledger()).expect("the ledger").lines().count();
        entries = now + 5;
    }
    company.call("run", &[]).expect(0);
    settled(&company, "killed six times");
    compare(&finished(&company, &known), &promised, "killed six times");
    // And then there is nothing left to do.
    let before = finished(&company, &known);
    let again = company.call("run", &["--format", "json"]).expect(0).json();
    assert_eq!(again["nothing_changed"], true, "{again:#}");
    compare(&finished(&company, &known), &before, "run once more");
}

/// The fixtures' edge cases, in batches of one: killed behind entries from all over the ledger.
fn killed_on_a_fixture(name: &'static str) {
    let company = Company::of_fixture(name);
    let known = telephone_numbers(&company.open());
    let whole = company.copy();
    let code = whole.call("run", &[]).code;
    assert!(matches!(code, Some(0 | 1)));
    settled(&whole, name);
    let promised = finished(&whole, &known);
    let entries = fs::read_to_string(whole.ledger()).expect("the ledger").lines().count();
    assert!(entries > 20, "only {entries} entries");
    let mut killed = 0;
    for entry in (1..=entries).step_by((entries / 18).max(1)) {
        let company = company.copy();
        killed += u32::from(kill(&company, Moment::Entries(entry)));
        let what = format!("{name} killed behind entry {entry} of {entries}");
        let next = company.call("run", &[]);
        assert_eq!(next.code, code, "{what}: {}", next.printed());
        settled(&company, &what);
        compare(&finished(&company, &known), &promised, &what);
    }
    assert!(killed >= 9, "only {killed} runs were killed before their end");
}

#[test]
fn killed_in_the_midst_of_the_business_systems_edge_cases() {
    killed_on_a_fixture("fortnox");
}

#[test]
fn killed_in_the_midst_of_the_booking_systems_edge_cases() {
    killed_on_a_fixture("flexybox");
}

#[test]
fn killed_in_the_midst_of_the_order_systems_edge_cases() {
    killed_on_a_fixture("specter");
}

#[test]
fn killed_while_it_forgets_again_after_a_restore_the_next_run_goes_on() {
    let company = Company::unbraked(CUSTOMERS, ORDER_ROWS, BATCH);
    let known = telephone_numbers(&company.open());
    let backup = fs::read(company.database()).expect("readable");
    company.call("run", &[]).expect(0);
    let promised = finished(&company, &known);
    let entries = fs::read_to_string(company.ledger()).expect("the ledger").lines().count();
    fs::write(company.database(), backup).expect("restored");
    for more in [2, 3, entries / 6, entries / 3, entries / 2, entries * 2 / 3] {
        let company = company.copy();
        assert!(
            kill_run(&company, &["--after-restore"], Moment::Entries(entries + more)),
            "the run had ended before {more} of {entries} entries"
        );
        let what = format!("killed {more} entries after the restore");
        let mut next = company.call("run", &[]);
        if next.code == Some(3) {
            // Nothing was committed yet, so the store is as old as it was.
            assert!(next.err.contains("a backup was restored"), "{what}: {}", next.printed());
            next = company.call("run", &["--after-restore"]);
        }
        assert_eq!(next.code, Some(0), "{what}: {}", next.printed());
        settled(&company, &what);
        compare(&finished(&company, &known), &promised, &what);
    }
}

#[test]
fn what_the_database_refuses_is_rolled_back_and_told_without_a_value() {
    let company = Company::unbraked(CUSTOMERS, ORDER_ROWS, BATCH);
    let known = telephone_numbers(&company.open());
    let whole = company.copy();
    whole.call("run", &[]).expect(0);
    let promised = finished(&whole, &known);
    let gone: Vec<String> = {
        let (before, after) = (customers(&company.open()), customers(&whole.open()));
        before.into_keys().filter(|number| !after.contains_key(number)).collect()
    };
    // Somewhere in the middle, so that batches before it are committed.
    let chosen = &gone[gone.len() / 2];
    let name: String =
        company.open().query_row("SELECT name FROM customer WHERE customer_no = ?1", [chosen], |row| row.get(0)).expect("a name");
    let triggers = [
        // Another program's rule, which quotes the row.
        (format!("BEFORE DELETE ON customer WHEN OLD.customer_no = '{chosen}' BEGIN SELECT RAISE(ABORT, 'not {name}'); END"), "constraint failed"),
        // Another program's bookkeeping, which would move money.
        ("AFTER UPDATE ON customer WHEN NEW.credit_limit IS NOT NULL BEGIN UPDATE customer SET credit_limit = credit_limit + 1 WHERE customer_no = NEW.customer_no; END".to_owned(), "the total of `customer`.`credit_limit` would have changed"),
    ];
    for (trigger, says) in triggers {
        let company = company.copy();
        company.open().execute_batch(&format!("CREATE TRIGGER refuses {trigger}")).expect("a trigger");
        let refused = company.call("run", &["-vvv"]).expect(3).says(says);
        for secret in [&name, chosen] {
            assert!(!refused.printed().contains(secret.as_str()), "{}", refused.printed());
        }
        assert!(company.call("path", &["sales_by_area"]).code == Some(3), "a set of a failed run is visible");
        let ledger = fs::read_to_string(company.ledger()).expect("the ledger");
        assert!(!ledger.contains(&name) && ledger.contains("rolled_back"), "the batch is not entered as abandoned");
        company.open().execute_batch("DROP TRIGGER refuses").expect("dropped");
        company.call("run", &[]).expect(0);
        settled(&company, says);
        compare(&finished(&company, &known), &promised, says);
    }
}

#[test]
fn a_second_run_is_refused_while_the_first_one_works() {
    let company = Company::unbraked(CUSTOMERS, ORDER_ROWS, BATCH);
    let mut first = company.command("run", &[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started");
    while !company.ledger().exists() {
        assert!(first.try_wait().expect("asked").is_none(), "the run ended before it had a ledger");
        std::hint::spin_loop();
    }
    // Held still in the midst of its work, so that the second one meets it for certain.
    let signal = |name: &str| {
        let status = std::process::Command::new("kill").args([name, &first.id().to_string()]).status().expect("called");
        assert!(status.success());
    };
    signal("-STOP");
    let asked = Instant::now();
    let refused = company.call("run", &[]);
    signal("-CONT");
    refused.expect(3).says("another gallra run is working on the store").says("fortnox.db");
    assert!(asked.elapsed() < Duration::from_secs(10), "it waited");
    assert_eq!(first.wait().expect("ended").code(), Some(0));
    settled(&company, "the first of two");
}

/// Lets somebody else write at the moment between the plan and the first batch.
struct Meanwhile<'a>(&'a (dyn Fn() + Sync));

impl Progress for Meanwhile<'_> {
    fn start(&self, stage: &str, _total: u64) -> Box<dyn Stage> {
        if stage == "write back" {
            (self.0)();
        }
        Box::new(Silent)
    }
}

/// The customers' own rows, by number.
fn customers(store: &Connection) -> BTreeMap<String, String> {
    let text = content(store, &|_, column, cell| if column == "updated_at" { "-".to_owned() } else { cell });
    text["customer"]
        .iter()
        .map(|row| (row.split(" | ").next().unwrap_or_default().trim_start_matches('t').to_owned(), row.clone()))
        .collect()
}

#[test]
fn after_a_killed_run_verify_says_that_the_next_one_settles_it() {
    let company = Company::unbraked(CUSTOMERS, ORDER_ROWS, BATCH);
    let begun = Moment::Entries(6);
    assert!(kill(&company, begun), "the run was over before it could be killed");
    // Which of the two depends on what the ledger knows and the store does not.
    let verified = company.call("verify", &[]);
    assert!(matches!(verified.code, Some(0 | 3)), "{}", verified.printed());
    assert_eq!(verified.code == Some(3), verified.printed().contains("FINDING: store age"), "{}", verified.printed());
    company.call("run", &[]).expect(0);
    settled(&company, "the run after");
}

#[test]
fn who_changed_since_the_plan_is_left_alone_and_reported_and_all_others_are_forgotten() {
    let company = Company::unbraked(CUSTOMERS, ORDER_ROWS, BATCH);
    let whole = company.copy();
    let undisturbed = whole.call("run", &["--format", "json"]).expect(0).json();
    let before = customers(&company.open());
    let promised = customers(&whole.open());
    let generated = |number: &str| number.parse::<u64>().is_ok_and(|number| number > 9_003);
    let mut deleted = before.keys().filter(|number| generated(number) && !promised.contains_key(*number));
    let mut anonymised =
        before.keys().filter(|number| generated(number) && promised.get(*number).is_some_and(|row| *row != before[*number]));
    let (noted, ordering, edited) = (deleted.next().expect("one"), deleted.next().expect("two"), deleted.next().expect("three"));
    let (buying, moving) = (anonymised.next().expect("one"), anonymised.next().expect("two"));
    let day = company.day.clone();
    let database = company.database();
    let edit = || {
        let store = Connection::open(&database).expect("opened");
        let order = "INSERT INTO sales_order (order_no, customer_no, ordered_on, status, total) VALUES (?1, ?2, ?3, 'delivered', 10)";
        store.execute(order, (8_000_001, buying, &day)).expect("an order");
        store.execute(order, (8_000_002, ordering, &day)).expect("an order");
        store.execute("UPDATE customer SET notes = 'ringde' WHERE customer_no = ?1", [edited]).expect("an edit");
        store.execute("UPDATE customer SET notes = 'vill flytta' WHERE customer_no = ?1", [moving]).expect("an edit");
        store.execute("INSERT INTO customer_note VALUES (8000001, ?1, ?2, 'ringde')", (noted, &day)).expect("a note");
    };
    let environment = |_: &str| None;
    let random = || {
        let mut bytes = [0; 40];
        getrandom::fill(&mut bytes).expect("chance");
        bytes
    };
    let world = World { environment: &environment, now: &jiff::Timestamp::now, random: &random, color: false };
    let request = Request { as_of: Some(day.parse().expect("a day")), ..Request::default() };
    let report = gallra::run::run(&company.folder.join("fortnox.toml"), &request, &world, &Meanwhile(&edit)).expect("a run");

    assert_eq!(report.exit_code, 0, "{:?} {:?}", report.notes, report.verification.findings);
    assert_eq!(report.skipped.len(), 5, "{:?}", report.skipped);
    assert!(report.skipped.iter().all(|skipped| skipped.category == "customer" && skipped.reason == "changed" && skipped.days == 0));
    // Nobody who was left alone is counted among the forgotten.
    let planned = |what: &str| undisturbed["forgotten"][what].as_u64().expect("a number");
    let forgotten = report.forgotten;
    assert_eq!(forgotten.deleted, planned("deleted") - 3);
    assert_eq!(forgotten.anonymised + forgotten.partly, planned("anonymised") + planned("partly") - 2);
    let after = customers(&company.open());
    for number in [noted, ordering, buying] {
        assert_eq!(after.get(number), before.get(number), "{number} was touched");
    }
    assert!(after[edited].contains("ringde") && after[moving].contains("vill flytta"));
    let untouched = [noted, ordering, edited, buying, moving];
    let others = |rows: &BTreeMap<String, String>| -> BTreeMap<String, String> {
        rows.iter().filter(|(number, _)| !untouched.contains(number)).map(|(number, row)| (number.clone(), row.clone())).collect()
    };
    assert_eq!(others(&after), others(&promised));
    settled(&company, "with changes meanwhile");

    // The next run decides them afresh: an order is activity, a note or an edit of the staff is none.
    company.call("run", &[]).expect(0);
    let later = customers(&company.open());
    assert_eq!(later.get(buying), before.get(buying));
    assert_eq!(later.get(ordering), before.get(ordering));
    assert!(!later.contains_key(noted) && !later.contains_key(edited));
    assert_eq!(later[moving], promised[moving]);
    settled(&company, "the run after");
}
