//! Saved plans: what is executed of them after the store has changed, and what is refused.

mod night;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gallra::error::Error;
use gallra::keys::Keyring;
use gallra::keys::approver::ApproverKey;
use gallra::report::RunReport;
use gallra::run::Request;
use gallra::saved_plan::comparison::SavedPlanReport;
use gallra::saved_plan::{SavedPlan, SavedPlanError};
use gallra::session::{World, locate};
use night::{Night, Store, dump, on_both_stores, told};
use proptest::prelude::*;

const PEOPLE: &str = "
    CREATE TABLE household (id INTEGER PRIMARY KEY, street VARCHAR(40));
    CREATE TABLE person (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, email VARCHAR(80), joined DATE, state VARCHAR(8),
        household_id INTEGER REFERENCES household (id));
    CREATE TABLE visit (id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES person (id), seen DATE);
    CREATE TABLE note (id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES person (id), body VARCHAR(80));
    CREATE TABLE ticket (id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES person (id), closed DATE, subject VARCHAR(80));";

/// 1 to 4 and 6 to 8 are due: 2 and 3 have visits and are anonymised, the others go. 5 and 10 are not due, 9 is held; the tickets of 6 and 10 are
/// due by a clock of their own. 7 and 8 share a household.
const ROWS: &str = "
    INSERT INTO household VALUES (1, 'Storgatan 1');
    INSERT INTO person VALUES
        (1, 'Sigismunda Kvistlund', 'sigismunda@example.org', '2019-01-01', 'closed', NULL),
        (2, 'Algot Brandberg', 'algot@example.org', '2019-01-01', 'closed', NULL),
        (3, 'Hjördis Mossvik', 'hjordis@example.org', '2019-01-01', 'closed', NULL),
        (4, 'Torvald Lingonström', 'torvald@example.org', '2019-01-01', 'closed', NULL),
        (5, 'Ragnhild Ekdunge', 'ragnhild@example.org', '2019-01-01', 'open', NULL),
        (6, 'Gottfrid Harsyra', 'gottfrid@example.org', '2019-01-01', 'closed', NULL),
        (7, 'Blenda Vattenborg', 'blenda@example.org', '2019-01-01', 'closed', 1),
        (8, 'Evert Vattenborg', 'evert@example.org', '2019-01-01', 'closed', 1),
        (9, 'Ottilia Stenmark', 'ottilia@example.org', '2019-01-01', 'dispute', NULL),
        (10, 'Sixten Gullviva', 'sixten@example.org', '2026-06-01', 'open', NULL);
    INSERT INTO visit VALUES (1, 2, '2019-02-01'), (2, 3, '2019-02-01'), (3, 5, '2026-11-01');
    INSERT INTO note VALUES (1, 1, 'rang om fakturan'), (2, 6, 'kommer tillbaka');
    INSERT INTO ticket VALUES (1, 6, '2019-03-01', 'en fråga'), (2, 10, '2019-03-01', 'en annan');";

const RULES: &str = r#"
    [category.person]
    table = "person"
    [[category.person.retention]]
    name = "inactivity"
    clock = "last_activity"
    keep = "12 months"
    [[category.person.hold]]
    when = { column = "state", is = ["dispute"] }
    reason = "dispute"
    [record.ticket]
    table = "ticket"
    clock = "closed"
    keep = "6 months"
    action = "delete"
    [[reference]]
    table = "note"
    columns = ["person_id"]
    kind = "owned"
    [[reference]]
    table = "person"
    columns = ["household_id"]
    kind = "shared"
    [table.household]
    id = "key"
    street = "address"
    [table.person]
    id = "key"
    name = "name"
    email = "email"
    joined = "activity"
    state = "plain"
    household_id = "reference"
    [table.visit]
    id = "key"
    person_id = "reference"
    seen = "activity"
    [table.note]
    id = "key"
    person_id = "reference"
    body = "free_text"
    [table.ticket]
    id = "key"
    person_id = "reference"
    closed = "plain"
    subject = "free_text"
    "#;

/// Seven people and two tickets.
const PLANNED: u64 = 9;

fn approver() -> ApproverKey {
    ApproverKey::generate([7; 40])
}

/// The pipeline with one approver, and more of its `[approval]`.
fn approved(more: &str) -> String {
    format!("{RULES}\n[approval]\napprovers = [{{ name = \"officer\", key = \"{}\" }}]\n{more}\n", approver().public())
}

fn people(store: Store, rules: &str) -> Night {
    let night = Night::of_own(store, PEOPLE, ROWS, rules);
    assert_eq!(night.problems(), "");
    night
}

fn save(night: &Night) -> PathBuf {
    let path = night.folder.path().join("plan.json");
    let (session, planned) = night.plan();
    night.with_world(|world| planned.save(&path, &session, world).map_err(told).unwrap());
    path
}

fn approve(path: &Path, key: &ApproverKey, night: &Night) {
    let mut plan = SavedPlan::open(path).unwrap();
    plan.approve(path, key, night.now).unwrap();
    plan.replace(path).unwrap();
}

fn execute(night: &Night, path: &Path) -> RunReport {
    night.try_run(&Request { plan: Some(path), ..Request::default() }).map_err(told).unwrap()
}

fn saved(report: &RunReport) -> &SavedPlanReport {
    report.saved_plan.as_ref().expect("a report of the saved plan")
}

#[track_caller]
fn refused(night: &Night, path: &Path) -> SavedPlanError {
    match night.try_run(&Request { plan: Some(path), ..Request::default() }) {
        Err(Error::SavedPlan(error)) => error,
        other => panic!("not refused: {:?}", other.map_err(told)),
    }
}

/// What has become of each person who still is there.
fn fates(night: &Night) -> BTreeMap<i64, bool> {
    let database = night.database();
    let mut statement = database.prepare("SELECT id, name = 'XXX' FROM person").unwrap();
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

fn count(night: &Night, table: &str) -> i64 {
    night.database().query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

fn a_plan_that_nothing_happened_to_does_what_a_run_would_have_done(store: Store) {
    let (night, other) = (people(store, RULES), people(store, RULES));
    let (path, of_other) = (save(&night), save(&other));
    let report = execute(&night, &path);
    other.run();
    assert_eq!(dump(&night.database()), dump(&other.database()));
    assert_eq!(fates(&night), BTreeMap::from([(2, true), (3, true), (5, false), (9, false), (10, false)]));
    let saved_plan = saved(&report);
    assert_eq!((saved_plan.planned, saved_plan.executed, saved_plan.done_before, saved_plan.skipped), (PLANNED, PLANNED, 0, 0));
    assert_eq!((&saved_plan.left_out[..], &saved_plan.not_in_plan[..], report.exit_code), (&[][..], &[][..], 0));
    // Again, and after a run that made its own plan: all of it is done.
    for (night, path) in [(&night, &path), (&other, &of_other)] {
        let again = execute(night, path);
        assert!(again.nothing_changed);
        assert_eq!((saved(&again).planned, saved(&again).executed, saved(&again).done_before), (PLANNED, 0, PLANNED));
        assert_eq!(saved(&again).left_out, []);
    }
}

/// What somebody does to the store after the plan was saved, and what becomes of the plan.
struct Change {
    what: &'static str,
    sql: &'static str,
    /// Category and reason of what is left out.
    left_out: &'static [(&'static str, &'static str)],
    /// Categories of what is due and not in the plan.
    not_in_plan: &'static [&'static str],
    /// Who stays as they are although they were due at some time.
    stays: &'static [i64],
}

const CHANGES: &[Change] = &[
    Change {
        what: "a personal cell",
        sql: "UPDATE person SET email = 'ny@example.org' WHERE id = 2",
        left_out: &[("person", "changed")],
        not_in_plan: &[],
        stays: &[2],
    },
    Change {
        what: "a note's text",
        sql: "UPDATE note SET body = 'rang igen' WHERE person_id = 1",
        left_out: &[("person", "changed")],
        not_in_plan: &[],
        stays: &[1],
    },
    Change {
        what: "a note that is gone",
        sql: "DELETE FROM note WHERE person_id = 1",
        left_out: &[("person", "changed")],
        not_in_plan: &[],
        stays: &[1],
    },
    Change {
        what: "a new note",
        sql: "INSERT INTO note VALUES (90, 4, 'hittad i en pärm')",
        left_out: &[("person", "changed")],
        not_in_plan: &[],
        stays: &[4],
    },
    Change {
        what: "an old visit that was entered late",
        sql: "INSERT INTO visit VALUES (90, 3, '2019-01-15')",
        left_out: &[("person", "changed")],
        not_in_plan: &[],
        stays: &[3],
    },
    Change {
        what: "a visit that is gone, so that the person would be deleted",
        sql: "DELETE FROM visit WHERE person_id = 2",
        left_out: &[("person", "changed")],
        not_in_plan: &[],
        stays: &[2],
    },
    Change {
        what: "a member who is back",
        sql: "INSERT INTO visit VALUES (90, 3, '2026-11-20')",
        left_out: &[("person", "not_due")],
        not_in_plan: &[],
        stays: &[3],
    },
    Change {
        what: "a member who is back after the plan's day",
        sql: "INSERT INTO visit VALUES (90, 3, '2026-11-23')",
        left_out: &[("person", "not_due")],
        not_in_plan: &[],
        stays: &[3],
    },
    Change {
        what: "a hold",
        sql: "UPDATE person SET state = 'dispute' WHERE id = 4",
        left_out: &[("person", "not_due")],
        not_in_plan: &[],
        stays: &[4],
    },
    Change {
        what: "a hold that was released",
        sql: "UPDATE person SET state = 'closed' WHERE id = 9",
        left_out: &[],
        not_in_plan: &["person"],
        stays: &[9],
    },
    Change {
        what: "somebody whom somebody else deleted",
        sql: "DELETE FROM person WHERE id = 4",
        left_out: &[("person", "gone")],
        not_in_plan: &[],
        stays: &[],
    },
    Change {
        what: "somebody new whose time has come",
        sql: "INSERT INTO person VALUES (11, 'Yngve Törnros', 'yngve@example.org', '2018-01-01', 'closed', NULL)",
        left_out: &[],
        not_in_plan: &["person"],
        stays: &[11],
    },
    Change {
        what: "a record that is due, and with it its person",
        sql: "UPDATE ticket SET subject = 'en annan fråga' WHERE person_id = 6",
        left_out: &[("person", "changed"), ("record.ticket", "changed")],
        not_in_plan: &[],
        stays: &[6],
    },
    Change {
        what: "a new record that is due",
        sql: "INSERT INTO ticket VALUES (90, 6, '2019-01-01', 'en tredje')",
        left_out: &[("person", "changed")],
        not_in_plan: &["record.ticket"],
        stays: &[6],
    },
    Change {
        what: "a record that somebody else deleted",
        sql: "DELETE FROM ticket WHERE person_id = 6",
        left_out: &[("record.ticket", "gone")],
        not_in_plan: &[],
        stays: &[],
    },
    Change {
        what: "one of two who share a household",
        sql: "UPDATE person SET email = NULL WHERE id = 7",
        left_out: &[("person", "changed")],
        not_in_plan: &[],
        stays: &[7],
    },
];

fn whoever_changed_is_left_out_and_nobody_is_added(store: Store) {
    for change in CHANGES {
        let night = people(store, RULES);
        let path = save(&night);
        night.database().execute_batch(change.sql).unwrap();
        let changed = dump(&night.database());
        let report = execute(&night, &path);
        let what = change.what;
        let saved_plan = saved(&report);
        let mut left_out: Vec<(&str, &str)> = saved_plan.left_out.iter().map(|line| (line.category.as_str(), line.reason)).collect();
        left_out.sort_unstable();
        assert_eq!(left_out, change.left_out, "{what}");
        let not_in_plan: Vec<&str> = saved_plan.not_in_plan.iter().map(|line| line.category.as_str()).collect();
        assert_eq!(not_in_plan, change.not_in_plan, "{what}");
        assert_eq!(saved_plan.executed, PLANNED - left_out.len() as u64, "{what}");
        assert_eq!(saved_plan.executed + saved_plan.done_before + saved_plan.skipped + left_out.len() as u64, saved_plan.planned, "{what}");
        // By plain SQL: whoever stays has not lost a letter, all others of the plan are gone or without a name.
        let fates = fates(&night);
        for id in [1, 2, 3, 4, 6, 7, 8] {
            let stays = change.stays.contains(&id);
            assert_eq!(fates.get(&id).is_some_and(|forgotten| !forgotten), stays, "{what}: {id} {fates:?}");
        }
        let (before, after) = (&changed["person"], &dump(&night.database())["person"]);
        for id in change.stays {
            let key = [id.to_string()];
            assert_eq!(before.row(&key), after.row(&key), "{what}: {id}");
        }
        let households = i64::from(change.stays.contains(&7) || change.stays.contains(&8));
        assert_eq!(count(&night, "household"), households, "{what}");
        // The next plan has whom this one has not.
        let rest = night.run();
        assert!(rest.saved_plan.is_none());
        let due = change.stays.iter().filter(|_| !change.left_out.contains(&("person", "not_due"))).count();
        let forgotten = rest.forgotten.deleted + rest.forgotten.anonymised;
        assert_eq!(forgotten, due as u64, "{what}");
    }
}

#[test]
fn rows_that_were_only_written_again_are_the_same_rows() {
    let night = people(Store::Postgres, RULES);
    let path = save(&night);
    let url = std::fs::read_to_string(&night.pipeline).unwrap();
    let url = url.lines().find(|line| line.starts_with("source = ")).unwrap().trim_end_matches('"').to_owned();
    let database = url.rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
    let server = night::server::shared();
    server.psql(&database, "UPDATE person SET name = name; UPDATE note SET body = body; DELETE FROM visit WHERE id = 1; INSERT INTO visit VALUES (1, 2, '2019-02-01');");
    server.psql(&database, "VACUUM FULL person");
    let report = execute(&night, &path);
    assert_eq!((saved(&report).executed, saved(&report).left_out.len()), (PLANNED, 0));
}

fn a_plan_is_executed_for_its_own_day_and_for_as_long_as_it_may_be(store: Store) {
    let mut night = people(store, &approved("max_age_hours = 48"));
    let path = save(&night);
    // On the next day somebody else's time comes.
    night.database().execute_batch("INSERT INTO person VALUES (12, 'Greta Vinda', NULL, '2025-11-22', 'closed', NULL)").unwrap();
    night.now += jiff::SignedDuration::from_hours(47);
    let day = |report: &RunReport| report.plan.tenants[0].as_of.clone();
    let of_today = night.plan();
    assert_eq!(of_today.1.report(&of_today.0).unwrap().tenants[0].as_of, "2026-11-24");
    let newly = |planned: &gallra::run::Planned, session| planned.report(session).unwrap().newly_forgotten;
    assert_eq!(newly(&of_today.1, &of_today.0), 8);
    let (session, planned) = of_today;
    drop((session, planned));
    let saved_at = night.now;
    night.now += jiff::SignedDuration::from_hours(2);
    let error = refused(&night, &path);
    assert!(matches!(error, SavedPlanError::TooOld { hours: 49, limit: 48, .. }), "{error}");
    night.now = saved_at - jiff::SignedDuration::from_hours(48);
    let error = refused(&night, &path);
    assert!(matches!(error, SavedPlanError::FromTheFuture { .. } | SavedPlanError::Ahead { .. }), "{error}");
    night.now = saved_at;
    let report = execute(&night, &path);
    assert_eq!(day(&report), "2026-11-22");
    assert_eq!((saved(&report).executed, saved(&report).not_in_plan.len()), (PLANNED, 0));
    assert!(!fates(&night)[&12]);
}

#[test]
fn a_plan_for_a_day_to_come_waits_for_it() {
    let mut night = people(Store::Sqlite, RULES);
    let path = night.folder.path().join("later.json");
    let request = Request { as_of: Some(jiff::civil::date(2026, 11, 25)), ..Request::default() };
    night.with_world(|world| {
        let (session, planned) = gallra::run::plan(&night.pipeline, &request, world, &gallra::progress::Silent).map_err(told).unwrap();
        planned.save(&path, &session, world).map_err(told).unwrap();
    });
    let error = refused(&night, &path);
    assert!(matches!(error, SavedPlanError::Ahead { .. }) && error.hint().unwrap().contains("2026-11-25"), "{error}");
    night.now += jiff::SignedDuration::from_hours(72);
    assert_eq!(saved(&execute(&night, &path)).executed, PLANNED);
}

#[test]
fn each_tenant_keeps_its_own_day_and_one_that_is_stopped_keeps_its_people() {
    let tables = "CREATE TABLE company (id INTEGER PRIMARY KEY, zone VARCHAR(40));
        CREATE TABLE person (id INTEGER PRIMARY KEY, company_id INTEGER NOT NULL REFERENCES company (id), name VARCHAR(40) NOT NULL, joined DATE);";
    let rows = "INSERT INTO company VALUES (1, 'Europe/Stockholm'), (2, 'America/New_York');
        INSERT INTO person VALUES (1, 1, 'Sigismunda Kvistlund', '2019-01-01'), (2, 2, 'Algot Brandberg', '2019-01-01'), (3, 2, 'Hjördis Mossvik', '2025-11-22');";
    let rules = "[tenants]\ntable = \"company\"\nkey = \"id\"\ncolumn = \"company_id\"\ntime_zone = \"zone\"\n\
        [category.person]\ntable = \"person\"\n[[category.person.retention]]\nname = \"inactivity\"\nclock = \"joined\"\nkeep = \"12 months\"\n\
        [table.company]\nid = \"key\"\nzone = \"plain\"\n\
        [table.person]\nid = \"key\"\ncompany_id = \"reference\"\nname = \"name\"\njoined = \"activity\"\n";
    let made = || {
        let mut night = Night::of_own(Store::Sqlite, tables, rows, rules);
        assert_eq!(night.problems(), "");
        // Past midnight in Stockholm, and not in New York.
        night.now += jiff::SignedDuration::from_hours(12);
        let path = save(&night);
        night.now += jiff::SignedDuration::from_hours(24);
        (night, path)
    };
    let (night, path) = made();
    let days: Vec<String> = SavedPlan::open(&path).unwrap().header.tenants.iter().map(|tenant| tenant.as_of.to_string()).collect();
    assert_eq!(days, ["2026-11-23", "2026-11-22"]);
    let report = execute(&night, &path);
    let days: Vec<&str> = report.plan.tenants.iter().map(|tenant| tenant.as_of.as_str()).collect();
    assert_eq!(days, ["2026-11-23", "2026-11-22"]);
    // Of New York's two, one is due only on the day that has come since.
    assert_eq!((saved(&report).planned, saved(&report).executed, saved(&report).not_in_plan.len()), (2, 2, 0));
    let (night, path) = made();
    night.database().execute_batch("UPDATE company SET zone = 'Nowhere' WHERE id = 2").unwrap();
    let report = execute(&night, &path);
    let left_out = &saved(&report).left_out;
    assert_eq!((saved(&report).executed, left_out.len(), left_out[0].reason), (1, 1, "not_processed"));
    assert_eq!(count(&night, "person"), 2);
}

#[test]
fn what_the_plan_rests_on_must_be_as_it_was() {
    let night = people(Store::Sqlite, RULES);
    let path = save(&night);
    let text = std::fs::read_to_string(&night.pipeline).unwrap();
    let before = dump(&night.database());
    // The pipeline, by as little as a comment; then the lock file; then the schema.
    std::fs::write(&night.pipeline, format!("{text}# a word\n")).unwrap();
    assert!(refused(&night, &path).to_string().contains("the pipeline file changed after the plan"));
    std::fs::write(&night.pipeline, &text).unwrap();
    let lock = night.pipeline.with_extension("lock");
    let accepted = std::fs::read_to_string(&lock).unwrap();
    std::fs::write(&lock, format!("{accepted}# a word\n")).unwrap();
    assert!(refused(&night, &path).to_string().contains("the lock file changed after the plan"));
    std::fs::write(&lock, &accepted).unwrap();
    night.database().execute_batch("CREATE INDEX by_name ON person (name); CREATE UNIQUE INDEX by_email ON person (email)").unwrap();
    assert!(refused(&night, &path).to_string().contains("the schema of the store changed after the plan"));
    night.database().execute_batch("DROP INDEX by_name; DROP INDEX by_email").unwrap();
    // Another keyring; and one with the same id that is another all the same.
    let keyring = night.with_world(|world| locate(&night.pipeline, world).unwrap().keyring.file().unwrap().to_owned());
    let own = std::fs::read_to_string(&keyring).unwrap();
    let swap = |random: [u8; 40], id: Option<&str>| {
        std::fs::remove_file(&keyring).unwrap();
        let other = Keyring::create(&keyring, night.now, random).unwrap();
        if let Some(id) = id {
            let text = std::fs::read_to_string(&keyring).unwrap().replace(other.id(), id);
            std::fs::write(&keyring, text).unwrap();
        }
    };
    swap([9; 40], None);
    assert!(matches!(refused(&night, &path), SavedPlanError::OtherKeyring { .. }));
    let id = SavedPlan::open(&path).unwrap().header.keyring;
    swap([9; 40], Some(&id));
    assert!(matches!(refused(&night, &path), SavedPlanError::Edited { .. }));
    std::fs::write(&keyring, own).unwrap();
    assert_eq!(dump(&night.database()), before);
    assert_eq!(saved(&execute(&night, &path)).executed, PLANNED);
}

#[test]
fn approvals_count_by_the_pipeline_and_once_for_each_approver() {
    let other = ApproverKey::generate([8; 40]);
    let rules = |second: &str, signatures: u32| {
        format!(
            "{RULES}\n[approval]\nrequired = true\nsignatures = {signatures}\napprovers = [{{ name = \"officer\", key = \"{}\" }}{second}]\n",
            approver().public()
        )
    };
    let second = format!(", {{ name = \"counsel\", key = \"{}\" }}", other.public());
    let night = people(Store::Sqlite, &rules(&second, 2));
    assert!(matches!(night.try_run(&Request::default()), Err(Error::SavedPlan(SavedPlanError::Required))));
    let path = save(&night);
    assert!(matches!(refused(&night, &path), SavedPlanError::NotApproved { valid: 0, wanted: 2, unlisted: 0, .. }));
    approve(&path, &approver(), &night);
    // A second signature by the same key is not taken, and would not count.
    let mut plan = SavedPlan::open(&path).unwrap();
    assert!(matches!(plan.approve(&path, &approver(), night.now), Err(SavedPlanError::ApprovedAlready { .. })));
    plan.approvals.push(plan.approvals[0]);
    plan.replace(&path).unwrap();
    assert!(matches!(refused(&night, &path), SavedPlanError::NotApproved { valid: 1, wanted: 2, .. }));
    // Nor does that of somebody whom the pipeline does not name.
    plan.approvals.pop();
    plan.approve(&path, &ApproverKey::generate([9; 40]), night.now).unwrap();
    plan.replace(&path).unwrap();
    assert!(matches!(refused(&night, &path), SavedPlanError::NotApproved { valid: 1, wanted: 2, unlisted: 1, .. }));
    approve(&path, &other, &night);
    let report = execute(&night, &path);
    let by: Vec<&str> = saved(&report).approved_by.iter().map(|by| by.name.as_str()).collect();
    assert_eq!(by, ["officer", "counsel"]);
    // An approval of one plan is none of another, though it were of the same people on the same day.
    let night = people(Store::Sqlite, &rules("", 1));
    let path = save(&night);
    approve(&path, &approver(), &night);
    let taken = SavedPlan::open(&path).unwrap().approvals;
    std::fs::remove_file(&path).unwrap();
    let path = save(&night);
    let mut plan = SavedPlan::open(&path).unwrap();
    plan.approvals = taken;
    plan.replace(&path).unwrap();
    assert!(matches!(refused(&night, &path), SavedPlanError::Edited { .. }));
}

#[test]
fn no_byte_of_a_plan_can_be_changed_unnoticed() {
    let night = people(Store::Sqlite, &approved("required = true"));
    let path = save(&night);
    approve(&path, &approver(), &night);
    let whole = std::fs::read(&path).unwrap();
    let (session, _) = night.plan();
    let keyring = session.keyring().unwrap();
    let checked = |text: &[u8]| {
        let plan = SavedPlan::parse(&path, text)?;
        plan.fits(&path, &session.pipeline, &keyring, night.now)?;
        plan.approved(&path, &session.pipeline.approval).map(|by| by.len())
    };
    assert_eq!(checked(&whole).unwrap(), 1);
    // Every byte once, and pieces that are cut, repeated or exchanged at random.
    for at in 0..whole.len() {
        for flip in [1, 0x20] {
            let mut text = whole.clone();
            text[at] ^= flip;
            assert!(checked(&text).is_err(), "byte {at} with {flip:#x}: {}", String::from_utf8_lossy(&text[at.saturating_sub(30)..at + 1]));
        }
    }
    let mut runner = proptest::test_runner::TestRunner::default();
    let cases = (0..whole.len(), 0..whole.len(), any::<u8>(), 0..4_u8);
    let outcome = runner.run(&cases, |(from, to, byte, how)| {
        let (from, to) = (from.min(to), from.max(to));
        let mut text = whole.clone();
        match how {
            0 => drop(text.drain(from..to)),
            1 => text.insert(from, byte),
            2 => text[from] = byte,
            _ => drop(text.splice(to..to, whole[from..to].to_vec())),
        }
        prop_assume!(text != whole);
        prop_assert!(checked(&text).is_err());
        Ok(())
    });
    outcome.unwrap();
    // Whole lines exchanged: every one is still a good line.
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    for at in 1..lines.len() {
        let mut swapped = lines.clone();
        swapped.swap(at - 1, at);
        if swapped.concat() != whole {
            assert!(checked(&swapped.concat()).is_err(), "line {at}");
        }
    }
    assert!(checked(b"").is_err() && checked(b"{}").is_err() && checked(b"null").is_err());
}

#[test]
fn a_plan_that_somebody_forges_is_refused_without_the_keyring() {
    // Everything fits itself: the body's hash, the counts, the approval. Only the keyring's word is missing.
    let night = people(Store::Sqlite, &approved("required = true"));
    let path = save(&night);
    let mut plan = SavedPlan::open(&path).unwrap();
    plan.header.id = "0123456789abcdef".into();
    plan.approve(&path, &approver(), night.now).unwrap();
    plan.replace(&path).unwrap();
    let error = refused(&night, &path);
    assert!(matches!(error, SavedPlanError::Edited { part: gallra::saved_plan::Part::Header, .. }), "{error}");
}

#[test]
fn a_saved_plan_holds_no_value_of_the_store_and_is_not_overwritten() {
    let night = people(Store::Sqlite, RULES);
    let path = save(&night);
    let text = std::fs::read_to_string(&path).unwrap();
    for word in ["Kvistlund", "example.org", "rang om", "en fråga", "Storgatan", "Vattenborg"] {
        assert!(!text.contains(word), "{word}");
    }
    let (session, planned) = night.plan();
    let again = night.with_world(|world| planned.save(&path, &session, world).map(drop));
    assert!(matches!(again, Err(Error::SavedPlan(SavedPlanError::Exists { .. }))));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    // The same fingerprints and tokens on another night's plan of the same rows: they rest on nothing of the run.
    let again = night.with_world(|world| planned.to_save(&session, world).map_err(told).unwrap());
    assert_eq!(again.body, SavedPlan::open(&path).unwrap().body);
    assert_ne!(again.header.id, SavedPlan::open(&path).unwrap().header.id);
}

#[test]
fn the_ledger_says_which_plan_was_executed_and_who_approved_it() {
    let night = people(Store::Sqlite, &approved("required = true"));
    let path = save(&night);
    approve(&path, &approver(), &night);
    execute(&night, &path);
    let plan = SavedPlan::open(&path).unwrap();
    let folder = night.with_world(|world: &World<'_>| locate(&night.pipeline, world).unwrap().ledger);
    let ledger = std::fs::read_to_string(folder.join("ledger.jsonl")).unwrap();
    let lines: Vec<serde_json::Value> = ledger.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let started = lines.iter().map(|line| &line["record"]).find(|record| record["kind"] == "run_started").unwrap();
    assert_eq!(started["saved_plan"]["plan"], plan.header.id.as_str());
    assert_eq!(started["saved_plan"]["header_sha256"], plan.header_sha256().to_string());
    let key = data_encoding::BASE64.decode(&approver().public().to_string().as_bytes()["ed25519:".len()..]).unwrap();
    let fingerprint = data_encoding::HEXLOWER.encode(&<sha2::Sha256 as sha2::Digest>::digest(&key));
    assert_eq!(started["saved_plan"]["approvers"], serde_json::json!([fingerprint]));
    // Every token that an intent names is one of the plan: what was erased is what was approved.
    let planned: Vec<String> = plan.body.iter().flat_map(|group| group.erasures.iter().map(|erasure| erasure.token.to_string())).collect();
    let intents = lines.iter().map(|line| &line["record"]).filter(|record| record["kind"] == "intent");
    let named: Vec<&str> = intents
        .filter(|intent| !intent["category"].as_str().unwrap().starts_with("shared."))
        .flat_map(|intent| intent["tokens"].as_array().unwrap().iter().map(|token| token.as_str().unwrap()))
        .collect();
    assert_eq!(named.len() as u64, PLANNED);
    assert!(named.iter().all(|token| planned.iter().any(|planned| planned == token)));
}

#[test]
fn the_brake_asks_nothing_of_an_approved_plan() {
    let many: String =
        (100..130).map(|id| format!("INSERT INTO person VALUES ({id}, 'Kund {id}', NULL, '2019-01-01', 'closed', NULL);")).collect();
    let night = people(Store::Sqlite, &approved(""));
    night.database().execute_batch(&many).unwrap();
    let path = save(&night);
    let request = Request { plan: Some(&path), ..Request::default() };
    assert!(matches!(night.try_run(&request), Err(Error::Brake { count: 37, .. })));
    assert!(matches!(night.try_run(&Request { confirm: Some(36), ..request }), Err(Error::Confirm { .. })));
    approve(&path, &approver(), &night);
    assert!(matches!(night.try_run(&Request { confirm: Some(36), ..request }), Err(Error::Confirm { .. })));
    assert_eq!(saved(&execute(&night, &path)).executed, PLANNED + 30);
}

/// With the address kept for a newsletter alone, which somebody has withdrawn from.
const NEWSLETTER: &str = r#"
    [[category.person.purpose]]
    name = "newsletter"
    basis = "consent"
    columns = ["email"]
    source = "Privacy notice, section 7"
    ended = { when = { column = "state", is = ["left"] } }
    "#;

fn what_a_purpose_needed_goes_by_the_plan_alone(store: Store) {
    let made = || {
        let night = Night::of_own(
            store,
            PEOPLE,
            &format!("{ROWS} UPDATE person SET state = 'left' WHERE id = 5;"),
            &format!("{RULES}{NEWSLETTER}"),
        );
        assert_eq!(night.problems(), "");
        let path = save(&night);
        (night, path)
    };
    let email = |night: &Night, id: i64| {
        let found = night.database().query_row("SELECT email FROM person WHERE id = ?1", [id], |row| row.get::<_, Option<String>>(0));
        found.unwrap()
    };
    let (night, path) = made();
    let first = execute(&night, &path);
    assert_eq!((saved(&first).planned, saved(&first).executed), (PLANNED + 1, PLANNED + 1));
    assert_eq!((email(&night, 5), fates(&night)[&5]), (None, false));
    let again = execute(&night, &path);
    assert_eq!((saved(&again).done_before, saved(&again).left_out.len()), (PLANNED + 1, 0), "{:?}", saved(&again).left_out);
    // Consent that came back and was withdrawn again is another decision; and somebody else's withdrawal is not in the plan.
    let (night, path) = made();
    night
        .database()
        .execute_batch("UPDATE person SET email = 'ny@example.org' WHERE id = 5; UPDATE person SET state = 'left' WHERE id = 10")
        .unwrap();
    let report = execute(&night, &path);
    assert_eq!((email(&night, 5).as_deref(), email(&night, 10).as_deref()), (Some("ny@example.org"), Some("sixten@example.org")));
    let reasons: Vec<&str> = saved(&report).left_out.iter().map(|line| line.reason).collect();
    assert_eq!((reasons, saved(&report).not_in_plan.len()), (vec!["changed"], 1));
}

on_both_stores!(
    what_a_purpose_needed_goes_by_the_plan_alone,
    a_plan_that_nothing_happened_to_does_what_a_run_would_have_done,
    whoever_changed_is_left_out_and_nobody_is_added,
    a_plan_is_executed_for_its_own_day_and_for_as_long_as_it_may_be,
);
