//! Legal holds of gallra's own register, on both stores: what is planned, and what plain SQL finds before and after a run.

mod night;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use gallra::error::{Error, FAILED, NEEDS_A_LOOK, WRONG_PIPELINE};
use gallra::holds::{self, Added, Wish};
use gallra::keys::Keyring;
use gallra::progress::{Progress, Silent, Stage};
use gallra::report::RunReport;
use gallra::run::Request;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use night::{Night, Row, Store, dump, on_both_stores, told};

on_both_stores!(
    a_held_subject_stays_as_it_is_until_the_hold_is_released,
    the_last_day_counts_and_the_next_run_goes_on,
    a_hold_on_some_columns_keeps_just_these,
    a_category_is_held_as_a_whole,
    one_tenants_hold_is_nobody_elses,
    a_hold_that_comes_between_plan_and_write_back_is_honoured,
    a_hold_that_comes_between_two_batches_is_honoured,
    a_register_that_goes_while_a_run_is_at_work_stops_it,
    a_register_that_can_not_be_relied_on_stops_everything,
    a_hold_that_nobody_understands_any_more_stops_the_run,
    a_hold_whose_subject_is_gone_is_reported,
    what_is_typed_wrong_is_told_and_changes_nothing,
    killed_at_any_moment_a_hold_counts_or_was_never_there,
    several_at_once_lose_no_hold,
    no_key_and_no_word_leaves_the_register,
);

const TABLES: &str = "
    CREATE TABLE customer (id INTEGER PRIMARY KEY, name VARCHAR(60) NOT NULL, email VARCHAR(60), bank_account VARCHAR(40), joined DATE NOT NULL);
    CREATE TABLE invoice (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer (id), issued_on DATE NOT NULL,
        buyer_name VARCHAR(60), buyer_street VARCHAR(60), amount DECIMAL(10,2) NOT NULL);
    CREATE TABLE message (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer (id), sent_on DATE NOT NULL, body VARCHAR(200));
    CREATE TABLE supplier (id INTEGER PRIMARY KEY, name VARCHAR(60) NOT NULL, joined DATE NOT NULL);";

/// 1 to 6 are due: 1 to 4 have an invoice and stay without identity, 5 and 6 go. 7 joined yesterday.
const ROWS: &str = "
    INSERT INTO customer VALUES
        (1, 'Astrid Ängström', 'astrid@example.org', 'SE01 1111 1111', '2019-01-01'), (2, 'Bertil Björk', 'bertil@example.org', 'SE02 2222 2222', '2019-01-01'),
        (3, 'Cecilia Cedergren', 'cecilia@example.org', 'SE03 3333 3333', '2019-01-01'), (4, 'David Dahlqvist', 'david@example.org', 'SE04 4444 4444', '2019-01-01'),
        (5, 'Elsa Ekelöf', 'elsa@example.org', 'SE05 5555 5555', '2019-01-01'), (6, 'Folke Frisk', 'folke@example.org', 'SE06 6666 6666', '2019-01-01'),
        (7, 'Greta Grönvall', 'greta@example.org', 'SE07 7777 7777', '2026-11-21');
    INSERT INTO invoice VALUES
        (101, 1, '2019-02-01', 'Astrid Ängström', 'Storgatan 1', 10.50), (102, 2, '2019-02-01', 'Bertil Björk', 'Storgatan 2', 20.50),
        (103, 3, '2019-02-01', 'Cecilia Cedergren', 'Storgatan 3', 30.50), (104, 4, '2019-02-01', 'David Dahlqvist', 'Storgatan 4', 40.50);
    INSERT INTO message VALUES (201, 1, '2019-03-01', 'Hej från Astrid'), (202, 2, '2019-03-01', 'Hej från Bertil'), (207, 7, '2019-03-01', 'Hej från Greta');
    INSERT INTO supplier VALUES (1, 'Hedvig Holm', '2019-01-01'), (2, 'Ivar Isaksson', '2019-01-01');";

const RULES: &str = r#"
[brake]
percent = 100.0
[run]
batch = 2
connections = 1

[category.customer]
table = "customer"
[[category.customer.retention]]
name = "inactivity"
clock = ["invoice.issued_on"]
start = "joined"
keep = "24 months"

[category.supplier]
table = "supplier"
[[category.supplier.retention]]
name = "relation"
clock = ["joined"]
keep = "24 months"

[record.message]
table = "message"
clock = "sent_on"
keep = "90 days"
action = "delete"

[table.customer]
id = "key"
name = "name"
email = "email"
bank_account = "bank_account"
joined = "activity"
[table.invoice]
id = "key"
customer_id = "reference"
issued_on = "activity"
buyer_name = "name"
buyer_street = "address"
amount = "amount"
[table.message]
id = "key"
customer_id = "reference"
sent_on = "activity"
body = "free_text"
[table.supplier]
id = "key"
name = "name"
joined = "activity"
"#;

fn company(store: Store) -> Night {
    let night = Night::of_own(store, TABLES, ROWS, RULES);
    night.accept();
    night
}

fn on(day: Date, mut night: Night) -> Night {
    night.now = day.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp();
    night
}

fn register(night: &Night) -> PathBuf {
    night.folder.path().join("holds/holds.json")
}

fn ledger(night: &Night) -> PathBuf {
    night.folder.path().join("ledger/ledger.jsonl")
}

const WISH: Wish<'static> = Wish {
    category: "customer",
    key: &[],
    whole: false,
    tenant: None,
    fields: &[],
    tables: &[],
    until: None,
    reason: "court case T 12-26",
    owner: "Lotta Lag",
};

fn try_add(night: &Night, wish: &Wish<'_>) -> Result<Added, Error> {
    night.with_world(|world| holds::add(&night.pipeline, wish, world))
}

#[track_caller]
fn add(night: &Night, wish: &Wish<'_>) -> String {
    try_add(night, wish).map_err(told).unwrap().hold.id.to_string()
}

/// A hold on one customer.
#[track_caller]
fn hold(night: &Night, customer: u32) -> String {
    add(night, &Wish { key: &[customer.to_string()], ..WISH })
}

fn try_release(night: &Night, id: &str) -> Result<holds::Released, Error> {
    night.with_world(|world| holds::release(&night.pipeline, id, "settled", "Lotta Lag", world))
}

/// Outcome and reason of a subject, by its key.
fn planned(night: &Night, category: &str, key: &[&str]) -> (String, String) {
    let (session, planned) = night.plan();
    let category = session.pipeline.categories.iter().position(|other| other.name == category).unwrap();
    let table = session.pipeline.categories[category].table;
    let text = |column: &usize| gallra::kernels::cast::to_text(planned.read.state.column(table, *column).unwrap()).unwrap();
    let keys: Vec<_> = session.pipeline.tables[table].key.iter().map(text).collect();
    let rows = planned.read.state.tables[table].rows;
    let row = (0..rows).find(|row| keys.iter().zip(key).all(|(cells, wanted)| cells.value(*row) == *wanted)).unwrap();
    let plan = &planned.plan.subjects[category];
    (plan.outcome[row].as_str().to_owned(), planned.plan.reasons[plan.reason[row] as usize].clone())
}

/// A customer's rows by plain SQL: its own, its invoices and its messages.
fn rows_of(night: &Night, customer: i64) -> Vec<Row> {
    let content = dump(&night.database());
    let is = |row: &Row, column: &str| row.get(column) == Some(&rusqlite::types::Value::Integer(customer));
    let own = content["customer"].rows.iter().filter(|row| is(row, "id"));
    let led = ["invoice", "message"].into_iter().flat_map(|table| content[table].rows.iter().filter(|row| is(row, "customer_id")));
    own.chain(led).cloned().collect()
}

/// What has become of each customer.
fn fates(night: &Night) -> BTreeMap<i64, &'static str> {
    let database = night.database();
    let mut statement = database.prepare("SELECT id, name, email, bank_account FROM customer").unwrap();
    let fate = |row: &rusqlite::Row<'_>| {
        let gone = [row.get::<_, Option<String>>(1)?, row.get(2)?, row.get(3)?].map(|cell| cell.is_none_or(|cell| cell == "XXX"));
        let fate = match gone {
            [true, true, true] => "forgotten",
            [false, false, false] => "as it was",
            _ => "partly",
        };
        Ok((row.get(0)?, fate))
    };
    statement.query_map([], fate).unwrap().map(Result::unwrap).collect()
}

/// Everybody's fate, with exceptions: 1 to 4 are forgotten, 5 and 6 go, 7 stays.
fn fates_but(others: &[(i64, &'static str)]) -> BTreeMap<i64, &'static str> {
    let mut fates: BTreeMap<i64, &'static str> = (1..5).map(|id| (id, "forgotten")).chain([(7, "as it was")]).collect();
    fates.extend(others.iter().copied());
    fates
}

fn skipped(report: &RunReport) -> Vec<(&str, &str)> {
    report.skipped.iter().map(|skipped| (skipped.category.as_str(), skipped.reason.as_str())).collect()
}

fn a_held_subject_stays_as_it_is_until_the_hold_is_released(store: Store) {
    let night = company(store);
    let before = rows_of(&night, 1);
    assert_eq!(before.len(), 3);
    let id = hold(&night, 1);
    assert_eq!(id, "H-2026-0001");
    assert_eq!(planned(&night, "customer", &["1"]), ("held".to_owned(), "held: hold H-2026-0001".to_owned()));
    assert_eq!(planned(&night, "customer", &["2"]).0, "anonymise");
    let report = night.run();
    assert_eq!((report.exit_code, report.plan.holds.active, skipped(&report)), (0, 1, vec![]), "{:?}", report.notes);
    assert_eq!(rows_of(&night, 1), before, "the message included, although its own time had come");
    assert_eq!(fates(&night), fates_but(&[(1, "as it was")]));
    let report = night.run();
    assert!(report.nothing_changed, "{report:#?}");
    try_release(&night, &id).map_err(told).unwrap();
    assert_eq!(planned(&night, "customer", &["1"]).0, "anonymise");
    let report = night.run();
    assert_eq!((report.exit_code, report.plan.holds.active), (0, 0), "{:?}", report.notes);
    assert_eq!(fates(&night), fates_but(&[]));
    let verified = night.with_world(|world| gallra::verify::later::verify(&night.pipeline, world, &Silent)).map_err(told).unwrap();
    assert!(verified.findings.is_empty(), "{:?}", verified.findings);
}

fn the_last_day_counts_and_the_next_run_goes_on(store: Store) {
    let night = company(store);
    let before = rows_of(&night, 5);
    add(&night, &Wish { key: &["5".into()], until: Some(date(2026, 12, 31)), ..WISH });
    night.run();
    let night = on(date(2026, 12, 31), night);
    night.run();
    assert_eq!(rows_of(&night, 5), before);
    let night = on(date(2027, 1, 1), night);
    let report = night.run();
    assert_eq!((report.exit_code, report.plan.holds.active), (0, 0), "{:?}", report.notes);
    assert_eq!(rows_of(&night, 5), Vec::<Row>::new());
}

fn a_hold_on_some_columns_keeps_just_these(store: Store) {
    let night = company(store);
    let fields = ["bank_account".to_owned(), "invoice.buyer_name".to_owned()];
    add(&night, &Wish { key: &["1".into()], fields: &fields, ..WISH });
    add(&night, &Wish { key: &["2".into()], tables: &["invoice".into()], ..WISH });
    assert_eq!(planned(&night, "customer", &["1"]).0, "partly");
    let report = night.run();
    assert_eq!(report.exit_code, 0, "{:?} {:?}", report.notes, report.verification.findings);
    let cells = |sql: &str| -> Vec<Option<String>> {
        let database = night.database();
        let columns = database.prepare(sql).unwrap().column_count();
        database.query_row(sql, [], |row| (0..columns).map(|at| row.get(at)).collect()).unwrap()
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(cells("SELECT name, email, bank_account FROM customer WHERE id = 1"), [text("XXX"), None, text("SE01 1111 1111")]);
    assert_eq!(cells("SELECT buyer_name, buyer_street FROM invoice WHERE id = 101"), [text("Astrid Ängström"), None]);
    assert_eq!(cells("SELECT name, email, bank_account FROM customer WHERE id = 2"), [text("XXX"), None, None]);
    assert_eq!(cells("SELECT buyer_name, buyer_street FROM invoice WHERE id = 102"), [text("Bertil Björk"), text("Storgatan 2")]);
    assert_eq!(cells("SELECT buyer_name, buyer_street FROM invoice WHERE id = 103"), [None, None]);
    assert!(night.run().nothing_changed);
    for id in ["H-2026-0001", "H-2026-0002"] {
        try_release(&night, id).map_err(told).unwrap();
    }
    night.run();
    assert_eq!(fates(&night), fates_but(&[]));
    for id in 101..105 {
        assert_eq!(cells(&format!("SELECT buyer_name, buyer_street FROM invoice WHERE id = {id}")), [None, None], "{id}");
    }
}

fn a_category_is_held_as_a_whole(store: Store) {
    let night = company(store);
    let suppliers = |night: &Night| dump(&night.database()).remove("supplier").unwrap().rows;
    let before = suppliers(&night);
    add(&night, &Wish { category: "supplier", whole: true, ..WISH });
    assert_eq!(planned(&night, "supplier", &["1"]), ("held".to_owned(), "held: hold H-2026-0001".to_owned()));
    night.run();
    assert_eq!(suppliers(&night), before);
    assert_eq!(fates(&night), fates_but(&[]), "another category is not held");
    try_release(&night, "H-2026-0001").map_err(told).unwrap();
    night.run();
    assert!(suppliers(&night).is_empty());
}

fn one_tenants_hold_is_nobody_elses(store: Store) {
    let night = Night::of_fixture(store, "flexybox", date(2026, 11, 22));
    night.accept();
    let member = |tenant: Option<&'static str>, key: &'static [String]| Wish { category: "member", tenant, key, ..WISH };
    let key: &'static [String] = Box::leak(Box::new(["1001".to_owned()]));
    let both: &'static [String] = Box::leak(Box::new(["1".to_owned(), "1001".to_owned()]));
    assert_eq!(planned(&night, "member", &["1", "1001"]).0, "anonymise");
    add(&night, &member(Some("2"), key));
    assert_eq!(planned(&night, "member", &["1", "1001"]).0, "anonymise", "the same number in another center");
    // With the tenant as a part of the key, or said apart.
    let first = try_add(&night, &member(None, both)).map_err(told).unwrap();
    let second = try_add(&night, &member(Some("1"), key)).map_err(told).unwrap();
    let third = try_add(&night, &member(Some("1"), both)).map_err(told).unwrap();
    for other in [second, third] {
        assert_eq!((&first.hold.subject, &first.hold.tenant), (&other.hold.subject, &other.hold.tenant));
    }
    assert_eq!(planned(&night, "member", &["1", "1001"]).0, "held");
    for (wish, part) in [
        (member(None, key), "named by 2 values (`center_id`, `member_no`), and 1 was given"),
        (member(Some("9"), key), "there is no tenant `9`"),
        (member(Some("3"), key), "no row of `member` of the tenant `3` has this key"),
        (member(Some("2"), both), "no row of `member` of the tenant `2` has this key"),
        (Wish { whole: true, ..member(None, &[]) }, "`--all` needs `--tenant`"),
    ] {
        let error = try_add(&night, &wish).unwrap_err();
        assert_eq!(error.exit_code(), WRONG_PIPELINE);
        assert!(error.to_string().contains(part), "{error}");
    }
    add(&night, &Wish { whole: true, ..member(Some("2"), &[]) });
    assert_eq!(planned(&night, "member", &["2", "2002"]).0, "held");
    assert_eq!(planned(&night, "member", &["1", "1007"]).0, "anonymise");
}

/// Lets somebody else work at the start of write-back, or after so many of its batches.
struct Meanwhile<'a> {
    after: usize,
    work: &'a (dyn Fn() + Sync),
}

/// Shared with the stage, which has to live as long as it likes.
struct Steps {
    done: AtomicUsize,
    reached: AtomicUsize,
    after: usize,
}

struct Counting(Arc<Steps>);

impl Stage for Counting {
    fn advance(&self, _: u64) {
        if self.0.done.fetch_add(1, Ordering::SeqCst) + 1 == self.0.after {
            self.0.reached.store(1, Ordering::SeqCst);
            // The run goes on when the work is done.
            let started = Instant::now();
            while self.0.reached.load(Ordering::SeqCst) == 1 && started.elapsed() < Duration::from_secs(60) {
                std::thread::yield_now();
            }
        }
    }

    fn finish(&self) {}
}

struct Reporter<'a>(&'a Meanwhile<'a>, Arc<Steps>);

impl Progress for Reporter<'_> {
    fn start(&self, stage: &str, _: u64) -> Box<dyn Stage> {
        if stage != "write back" {
            return Box::new(Silent);
        }
        if self.0.after == 0 {
            (self.0.work)();
        }
        Box::new(Counting(self.1.clone()))
    }
}

/// A run in which somebody works after so many batches have been written.
fn run_meanwhile(night: &Night, after: usize, work: &(dyn Fn() + Sync)) -> Result<RunReport, Error> {
    let steps = Arc::new(Steps { done: AtomicUsize::new(0), reached: AtomicUsize::new(0), after });
    let meanwhile = Meanwhile { after, work };
    let ended = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let (watched, ended_too) = (steps.clone(), &ended);
        scope.spawn(move || {
            while ended_too.load(Ordering::SeqCst) == 0 {
                if watched.reached.load(Ordering::SeqCst) == 1 {
                    // Whatever becomes of the work, the run must go on.
                    let worked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
                    watched.reached.store(2, Ordering::SeqCst);
                    worked.unwrap();
                    return;
                }
                std::thread::yield_now();
            }
        });
        let report = night.try_run_with(&Request::default(), &Reporter(&meanwhile, steps.clone()));
        ended.store(1, Ordering::SeqCst);
        report
    })
}

/// `hold add` as somebody else's process, while a run has the ledger.
fn hold_by_program(folder: &Path, customer: u32, more: &[&str]) -> serde_json::Value {
    let key = customer.to_string();
    let mut arguments =
        vec!["hold", "add", "own.toml", "customer", &key, "--reason", "court case", "--owner", "Lotta Lag", "--format", "json"];
    arguments.extend(more);
    let output = program(folder, &arguments).output().unwrap();
    assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gallra"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    command.env_remove("GALLRA_PIPELINE").env_remove("GALLRA_DATABASE").env_remove("RUST_LOG").env("NO_COLOR", "1");
    command
}

fn a_hold_that_comes_between_plan_and_write_back_is_honoured(store: Store) {
    let night = company(store);
    let (one, five) = (rows_of(&night, 1), rows_of(&night, 5));
    let folder = night.folder.path().to_owned();
    let report = run_meanwhile(&night, 0, &|| {
        let added = hold_by_program(&folder, 1, &[]);
        assert_eq!(added["ledger"], "run_at_work");
        // On some columns alone: tonight the whole subject is left alone.
        hold_by_program(&folder, 5, &["--fields", "name"]);
        // Nothing hangs on a supplier, so that its batch would be one statement.
        let words = ["--reason", "tax audit", "--owner", "Lotta Lag"];
        assert!(program(&folder, &[&["hold", "add", "own.toml", "supplier", "1"][..], &words].concat()).output().unwrap().status.success());
    })
    .map_err(told)
    .unwrap();
    assert_eq!(report.exit_code, 0, "{:?} {:?}", report.notes, report.verification.findings);
    // The message of 1 is a record with a clock of its own.
    assert_eq!(skipped(&report), [("record.message", "held"), ("customer", "held"), ("customer", "held"), ("supplier", "held")]);
    let suppliers = dump(&night.database()).remove("supplier").unwrap().rows;
    assert_eq!(suppliers.iter().map(|row| night::text_of(&row["name"]).unwrap()).collect::<Vec<_>>(), ["Hedvig Holm"]);
    assert_eq!((rows_of(&night, 1), rows_of(&night, 5)), (one, five));
    assert_eq!(fates(&night), fates_but(&[(1, "as it was"), (5, "as it was")]));
    let text = std::fs::read_to_string(ledger(&night)).unwrap();
    let line = |part: &str| text.lines().position(|line| line.contains(part)).unwrap_or_else(|| panic!("no `{part}` in the ledger"));
    assert!(line("hold_added") < line("\"intent\""), "the run entered it before its first batch");
    for skipped in &report.skipped {
        assert!(text.contains(&format!("{{\"token\":\"{}\",\"reason\":\"held\"}}", skipped.token)), "the ledger does not say who was held");
    }
    // The next night knows the hold from the start.
    assert_eq!(planned(&night, "customer", &["1"]).0, "held");
    let report = night.run();
    assert_eq!((report.exit_code, skipped(&report)), (0, vec![]), "{:?}", report.notes);
    assert_eq!(fates(&night)[&1], "as it was");
}

fn a_hold_that_comes_between_two_batches_is_honoured(store: Store) {
    let night = company(store);
    let six = rows_of(&night, 6);
    let folder = night.folder.path().to_owned();
    // Two batches of messages, then three of customers: 1 and 2 are gone when the hold comes, 6 is still to come.
    let report = run_meanwhile(&night, 3, &|| {
        for customer in [1, 6] {
            assert_eq!(hold_by_program(&folder, customer, &[])["ledger"], "run_at_work");
        }
    })
    .map_err(told)
    .unwrap();
    assert_eq!(report.exit_code, 0, "{:?} {:?}", report.notes, report.verification.findings);
    assert_eq!(skipped(&report), [("customer", "held")]);
    assert_eq!(rows_of(&night, 6), six);
    assert_eq!(fates(&night), fates_but(&[(6, "as it was")]));
    let text = std::fs::read_to_string(ledger(&night)).unwrap();
    assert_eq!(text.matches("\"hold_added\"").count(), 2);
    let verified = night.with_world(|world| gallra::verify::later::verify(&night.pipeline, world, &Silent)).map_err(told).unwrap();
    assert!(verified.findings.is_empty(), "{:?}", verified.findings);
}

fn a_register_that_goes_while_a_run_is_at_work_stops_it(store: Store) {
    let night = company(store);
    hold(&night, 7);
    let path = register(&night);
    let kept = std::fs::read(&path).unwrap();
    // A batch of messages (that of 7 is held), then one of customers: 1 and 2.
    let error = run_meanwhile(&night, 2, &|| std::fs::remove_file(&path).unwrap()).unwrap_err();
    assert_eq!((error.exit_code(), error.class()), (FAILED, "holds"), "{error}");
    assert!(error.to_string().contains("is missing, and the ledger knows of 1 hold"), "{error}");
    // What was written before stays written, and nobody after it was touched.
    let fates_now = fates(&night);
    assert_eq!((fates_now[&1], fates_now[&2], fates_now[&3], fates_now[&6]), ("forgotten", "forgotten", "as it was", "as it was"));
    std::fs::write(&path, kept).unwrap();
    assert_eq!(night.run().exit_code, 0);
    assert_eq!(fates(&night), fates_but(&[]));
}

/// Neither plans nor runs, and nothing is written.
#[track_caller]
fn refused(night: &Night, part: &str) -> String {
    let before = dump(&night.database());
    let plan = night.with_world(|world| gallra::run::plan(&night.pipeline, &Request::default(), world, &Silent)).map(drop).unwrap_err();
    let run = night.try_run(&Request::default()).unwrap_err();
    for error in [&plan, &run] {
        assert_eq!((error.exit_code(), error.class()), (FAILED, "holds"), "{error}");
        assert!(error.to_string().contains(part) && error.hint().is_some(), "{error}");
        assert!(!told_whole(error).contains("Lotta") && !told_whole(error).contains("court"), "{error}");
    }
    assert!(try_add(night, &Wish { key: &["3".into()], ..WISH }).is_err(), "a hold was added to what can not be relied on");
    assert_eq!(dump(&night.database()), before);
    told_whole(&run)
}

fn told_whole(error: &Error) -> String {
    format!("{error} {:?} {error:?}", error.hint())
}

fn a_register_that_can_not_be_relied_on_stops_everything(store: Store) {
    let night = company(store);
    let path = register(&night);
    hold(&night, 1);
    let first = std::fs::read_to_string(&path).unwrap();
    hold(&night, 2);
    let whole = std::fs::read_to_string(&path).unwrap();
    let put = |text: &str| std::fs::write(&path, text).unwrap();
    // Edited by hand: another reason, an earlier last day, a hold taken out.
    put(&whole.replace("court case", "nothing much"));
    refused(&night, "was changed by somebody else than gallra");
    put(&whole.replacen("\"until\": null", "\"until\": \"2026-01-01\"", 1));
    refused(&night, "was changed by somebody else than gallra");
    let mut without: serde_json::Value = serde_json::from_str(&whole).unwrap();
    without["holds"].as_array_mut().unwrap().pop();
    put(&without.to_string());
    refused(&night, "was changed by somebody else than gallra");
    // An older copy is authentic, and the ledger knows more.
    put(&first);
    refused(&night, "lacks the hold H-2026-0002, which the ledger knows");
    put("");
    refused(&night, "is not a register of holds");
    std::fs::remove_file(&path).unwrap();
    refused(&night, "is missing, and the ledger knows of 2 holds");
    std::fs::create_dir(&path).unwrap();
    refused(&night, "is not a file");
    std::fs::remove_dir(&path).unwrap();
    // Another keyring's: made in a company of its own, with the same ledger's id.
    let other = company(Store::Sqlite);
    hold(&other, 1);
    std::fs::copy(register(&other), &path).unwrap();
    refused(&night, "belongs to keyring");
    // Another store's, under the same keyring.
    let folder = tempfile::tempdir().unwrap();
    let twin = company(Store::Sqlite);
    std::fs::copy(night.folder.path().join("keys/keyring.json"), twin.folder.path().join("keys/keyring.json")).unwrap();
    hold(&twin, 1);
    hold(&twin, 2);
    std::fs::copy(register(&twin), &path).unwrap();
    refused(&night, "belongs to ledger");
    drop(folder);
    // A release that was taken back by an older copy.
    put(&whole);
    try_release(&night, "H-2026-0002").map_err(told).unwrap();
    let released = std::fs::read_to_string(&path).unwrap();
    put(&whole);
    refused(&night, "disagree about the hold H-2026-0002");
    // Without any copy the ledger still knows whom, until when and which columns.
    std::fs::remove_file(&path).unwrap();
    let made = night.with_world(|world| holds::rebuild(&night.pipeline, "Lotta Lag", world)).map_err(told).unwrap();
    assert_eq!(made, 2);
    assert_eq!(night.with_world(|world| holds::rebuild(&night.pipeline, "Lotta Lag", world)).unwrap_err().exit_code(), WRONG_PIPELINE);
    assert_eq!(planned(&night, "customer", &["1"]).0, "held");
    assert_eq!(planned(&night, "customer", &["2"]).0, "anonymise");
    put(&released);
    night.run();
    assert_eq!(fates(&night), fates_but(&[(1, "as it was")]));
}

fn a_hold_that_nobody_understands_any_more_stops_the_run(store: Store) {
    let night = company(store);
    add(&night, &Wish { category: "supplier", key: &["1".into()], ..WISH });
    let pipeline = std::fs::read_to_string(&night.pipeline).unwrap();
    std::fs::write(&night.pipeline, pipeline.replace("category.supplier", "category.vendor")).unwrap();
    let error = night.try_run(&Request::default()).unwrap_err();
    assert_eq!((error.exit_code(), error.class()), (FAILED, "holds"), "{error}");
    assert_eq!(error.to_string(), "the hold H-2026-0001 is on the category `supplier`, which the pipeline does not have");
    try_release(&night, "H-2026-0001").map_err(told).unwrap();
    assert_eq!(night.run().exit_code, 0);
}

fn a_hold_whose_subject_is_gone_is_reported(store: Store) {
    let night = company(store);
    hold(&night, 7);
    night.run();
    night.database().execute_batch("UPDATE message SET customer_id = 1 WHERE customer_id = 7; DELETE FROM customer WHERE id = 7").unwrap();
    let report = night.run();
    assert_eq!((report.exit_code, report.plan.holds.unmatched.as_slice()), (NEEDS_A_LOOK, ["H-2026-0001".to_owned()].as_slice()));
    assert!(report.notes.iter().any(|note| note.contains("the subject of the hold H-2026-0001 is not in the store")), "{:?}", report.notes);
}

fn what_is_typed_wrong_is_told_and_changes_nothing(store: Store) {
    let night = company(store);
    let key = ["1".to_owned()];
    let (nobody, unknown, table) = (["4711".to_owned()], ["phon".to_owned(), "nmae".to_owned()], ["invoce".to_owned()]);
    let one = Wish { key: &key, ..WISH };
    for (wish, part, hint) in [
        (Wish { category: "custmer", ..one }, "the pipeline has no category `custmer`", "did you mean `customer`?"),
        (Wish { key: &nobody, ..one }, "no row of `customer` has this key", "the key is `id`"),
        (Wish { key: &[], ..one }, "it is not said who is held", "`--all`"),
        (Wish { whole: true, ..one }, "`--all` holds the whole category", ""),
        (Wish { fields: &unknown[1..], ..one }, "`customer` has no column `nmae`", "did you mean `name`?"),
        (Wish { tables: &table, ..one }, "`invoce` is not the table of the category `customer`", "did you mean `invoice`?"),
        (Wish { tables: &["supplier".to_owned()], ..one }, "and does not lead to it", "one of"),
        (Wish { tenant: Some("1"), ..one }, "the pipeline has no tenants", ""),
        (Wish { until: Some(date(2026, 11, 21)), ..one }, "would have lapsed already: today is 2026-11-22", "the last day counts"),
        (Wish { reason: "  ", ..one }, "`--reason` is empty", "understand"),
        (Wish { owner: "a\u{1b}[31mb", ..one }, "`--owner` takes one line", ""),
    ] {
        let error = try_add(&night, &wish).unwrap_err();
        assert_eq!(error.exit_code(), WRONG_PIPELINE, "{error}");
        assert!(error.to_string().contains(part) && error.hint().unwrap_or_default().contains(hint), "{error} {:?}", error.hint());
        assert!(!told_whole(&error).contains("4711"), "a key is repeated: {error}");
    }
    assert!(!register(&night).exists() && !ledger(&night).exists());
    // Today's last day is no past one.
    add(&night, &Wish { until: Some(date(2026, 11, 22)), ..one });
    for (id, part) in [
        ("H-2026-0009", "there is no hold H-2026-0009"),
        ("Astrid", "a hold's number looks like `H-2026-0001`"),
        ("h-2026-0001", "a hold's number looks like"),
    ] {
        let error = try_release(&night, id).unwrap_err();
        assert_eq!(error.exit_code(), WRONG_PIPELINE);
        assert!(error.to_string().contains(part), "{error}");
    }
    try_release(&night, "H-2026-0001").map_err(told).unwrap();
    assert!(try_release(&night, "H-2026-0001").unwrap_err().to_string().contains("was released before"));
    // No folder can be made where a file stands.
    let pipeline = std::fs::read_to_string(&night.pipeline).unwrap();
    std::fs::write(&night.pipeline, pipeline.replace("country = ", "holds = \"own.lock/holds.json\"\ncountry = ")).unwrap();
    let error = try_add(&night, &one).unwrap_err();
    assert_eq!((error.exit_code(), error.class()), (FAILED, "holds"), "{error}");
    assert!(error.hint().is_some());
}

fn killed_at_any_moment_a_hold_counts_or_was_never_there(store: Store) {
    let night = company(store);
    let mut counted = 0;
    for step in 0..12_u32 {
        let arguments = ["hold", "add", "own.toml", "customer", "1", "--reason", "court case", "--owner", "Lotta Lag"];
        let mut child = program(night.folder.path(), &arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let before = std::fs::read(register(&night)).unwrap_or_default();
        let started = Instant::now();
        // At the moment that the register changes, and a little later, and a little later than that.
        while std::fs::read(register(&night)).unwrap_or_default() == before && child.try_wait().unwrap().is_none() {
            assert!(started.elapsed() < Duration::from_secs(60));
        }
        std::thread::sleep(Duration::from_micros(u64::from(step) * 300));
        child.kill().unwrap();
        child.wait().unwrap();
        counted += 1;
        let listed = program(night.folder.path(), &["hold", "list", "own.toml", "--format", "json"]).output().unwrap();
        let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
        assert_eq!(listed["holds"].as_array().unwrap().len(), counted, "{listed}");
        assert_eq!(planned(&night, "customer", &["1"]).0, "held");
    }
    // What was left behind, a prepared file perhaps, stands in nobody's way.
    let last = hold_by_program(night.folder.path(), 1, &[]);
    assert_eq!(last["ledger"], "entered");
    night.run();
    assert_eq!(fates(&night), fates_but(&[(1, "as it was")]));
    let text = std::fs::read_to_string(ledger(&night)).unwrap();
    assert_eq!(text.matches("\"hold_added\"").count(), counted + 1);
    let checked = program(night.folder.path(), &["ledger", "check", "own.toml"]).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
}

fn several_at_once_lose_no_hold(store: Store) {
    let night = company(store);
    let folder = night.folder.path();
    let mut ids: Vec<String> = std::thread::scope(|scope| {
        let adding: Vec<_> = (1..=6).map(|customer| scope.spawn(move || hold_by_program(folder, customer, &[]))).collect();
        adding.into_iter().map(|added| added.join().unwrap()["hold"].as_str().unwrap().to_owned()).collect()
    });
    ids.sort();
    let numbers: Vec<&str> = ids.iter().map(|id| id.rsplit('-').next().unwrap()).collect();
    assert_eq!(numbers, ["0001", "0002", "0003", "0004", "0005", "0006"]);
    let before = dump(&night.database());
    night.run();
    let after = dump(&night.database());
    assert_eq!((&after["customer"], &after["invoice"]), (&before["customer"], &before["invoice"]));
    assert_eq!(std::fs::read_to_string(ledger(&night)).unwrap().matches("\"hold_added\"").count(), 6);
}

fn no_key_and_no_word_leaves_the_register(store: Store) {
    let night = company(store);
    // A key and words that stand nowhere else.
    night.database().execute_batch("INSERT INTO customer VALUES (918273645, 'Rut Rask', 'rut@example.org', NULL, '2019-01-01')").unwrap();
    night.accept();
    let folder = night.folder.path();
    let mut printed = String::new();
    let mut call = |arguments: &[&str], code: i32| {
        let output = program(folder, arguments).output().unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        printed.push_str(&text);
    };
    let words = ["--reason", "Vilhelmina owes us", "--owner", "Zacharias"];
    let key = "918273645";
    call(&[&["hold", "add", "own.toml", "customer", key, "-vvv"][..], &words].concat(), 0);
    call(
        &[&["hold", "add", "own.toml", "customer", key, "--fields", "name", "--format", "json", "--log-format", "json"][..], &words]
            .concat(),
        0,
    );
    call(&[&["hold", "add", "own.toml", "customer", "918273646"][..], &words].concat(), 2);
    call(&["plan", "own.toml", "-vvv"], 0);
    call(&["plan", "own.toml", "--format", "json"], 0);
    call(&["run", "own.toml", "-vvv"], 0);
    call(&[&["hold", "release", "own.toml", "H-1999-0001", "-vvv"][..], &words].concat(), 2);
    call(&["verify", "own.toml", "--format", "json"], 0);
    let secrets = [key, "918273646", "Vilhelmina", "owes us", "Zacharias", "Rut", "Rask"];
    for secret in secrets {
        assert!(!printed.contains(secret), "`{secret}` was printed:\n{printed}");
    }
    let text = std::fs::read_to_string(register(&night)).unwrap();
    assert!(text.contains("Vilhelmina owes us") && text.contains("Zacharias"));
    for secret in [key, "Rut", "Rask"] {
        assert!(!text.contains(secret), "`{secret}` stands in the register");
    }
    let mut found = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in std::fs::read_dir(at).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry != register(&night) && entry.extension().is_none_or(|extension| extension != "db") {
                let bytes = std::fs::read(&entry).unwrap();
                let text = String::from_utf8_lossy(&bytes);
                for secret in secrets {
                    assert!(!text.contains(secret), "`{secret}` stands in {}", entry.display());
                }
                found += 1;
            }
        }
    }
    assert!(found >= 4, "only {found} files were looked at");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(register(&night)).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(Keyring::open(&folder.join("keys/keyring.json")).is_ok());
}
