//! What FlexyBox promises its customers (X2 to X7), each as a test: what plain SQL finds in the database before and after the night, on both
//! stores. The program's own report is looked at only where it is itself the subject.

mod night;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use arrow::array::Array;
use arrow::datatypes::DataType;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use gallra::error::Error;
use gallra::report::RunReport;
use gallra::run::Request;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use night::{Content, Night, Store, dump, on_both_stores, text_of, told};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

const DAY: Date = date(2026, 11, 22);

fn night(store: Store) -> Night {
    Night::of_fixture(store, "flexybox", DAY)
}

fn set_day(night: &mut Night, day: Date) {
    night.now = day.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp();
}

/// The first column of all rows.
fn texts(night: &Night, sql: &str) -> Vec<Option<String>> {
    let database = night.database();
    let mut statement = database.prepare(sql).unwrap();
    statement.query_map([], |row| Ok(text_of(&row.get(0)?))).unwrap().map(Result::unwrap).collect()
}

fn text(night: &Night, sql: &str) -> Option<String> {
    let mut found = texts(night, sql);
    assert_eq!(found.len(), 1, "{sql}");
    found.remove(0)
}

fn member(night: &Night, member: u32) -> Option<String> {
    text(night, &format!("SELECT first_name FROM member WHERE center_id = 1 AND member_no = {member}"))
}

fn update(night: &Night, sql: &str, rows: usize) {
    assert_eq!(night.database().execute(sql, []).unwrap(), rows, "{sql}");
}

/// The tables and columns in which some cell holds a text.
fn places_of(night: &Night, needle: &str) -> Vec<String> {
    let mut places = Vec::new();
    for (table, content) in dump(&night.database()) {
        for (column, value) in content.rows.iter().flatten() {
            if text_of(value).is_some_and(|text| text.contains(needle)) {
                places.push(format!("{table}.{column}"));
            }
        }
    }
    places
}

/// What a member did last in each of the three ways, counted by SQL alone; the years in which nothing was done are left out.
fn latest(night: &Night, member: u32) -> [Option<String>; 3] {
    let of = |sql: &str| text(night, &sql.replace('?', &format!("center_id = 1 AND member_no = {member}")));
    [
        of("SELECT max(day) FROM (SELECT posted_on AS day FROM account_movement WHERE ? UNION ALL SELECT sold_on FROM sale WHERE ?)"),
        of("SELECT max(day) FROM (SELECT starts_at AS day FROM booking WHERE ? UNION ALL SELECT checked_in_at FROM checkin WHERE ?)"),
        of("SELECT max(reserved_for) FROM table_reservation WHERE ?"),
    ]
}

/// X2: whoever has asked for a copy of the data gets it before anything is gone; then it is gone for good.
fn x2_an_open_access_request_blocks_until_answered(store: Store) {
    let mut night = night(store);
    let open = "SELECT count(*) FROM access_request WHERE center_id = 1 AND member_no = 1010 AND answered_on IS NULL";
    assert_eq!(text(&night, open).as_deref(), Some("1"));
    // Without the request the time would have come: nothing for more than six months.
    assert_eq!(latest(&night, 1010), [None, Some("2025-03-01 10:00:00".into()), None]);
    night.run();
    assert_eq!(member(&night, 1010).as_deref(), Some("Helle"));
    assert_eq!(places_of(&night, "m1010@example.com"), ["access_request.contact_email"]);

    update(&night, "UPDATE access_request SET answered_on = '2026-11-22' WHERE center_id = 1 AND request_id = 1", 1);
    set_day(&mut night, date(2026, 11, 23));
    night.run();
    assert_eq!(member(&night, 1010).as_deref(), Some("XXX"));
    assert_eq!(places_of(&night, "m1010@example.com"), [""; 0], "the address is nowhere any more");
    // Irreversible: no later night and no table of gallra's own brings the name back.
    set_day(&mut night, date(2027, 2, 1));
    night.run();
    assert_eq!(member(&night, 1010).as_deref(), Some("XXX"));
}

/// X3: no account activity, no activity and no reservation for six months. Each of the three alone keeps a member.
fn x3_all_conditions_must_hold(store: Store) {
    let night = night(store);
    let fresh = |member: u32| latest(&night, member).map(|day| day.is_some_and(|day| day.as_str() >= "2026-05-22"));
    assert_eq!(fresh(1001), [false; 3]);
    assert_eq!(fresh(1002), [true, false, false]);
    assert_eq!(fresh(1003), [false, true, false]);
    assert_eq!(fresh(1004), [false, false, true]);
    night.run();
    assert_eq!(member(&night, 1001).as_deref(), Some("XXX"));
    assert_eq!([1002, 1003, 1004].map(|kept| member(&night, kept).unwrap()), ["Anker", "Bodil", "Cille"]);

    // The one condition that kept each of them is made to hold as well.
    update(&night, "UPDATE account_movement SET posted_on = '2026-01-01' WHERE center_id = 1 AND member_no = 1002", 1);
    update(&night, "UPDATE checkin SET checked_in_at = '2026-01-01 10:00:00' WHERE center_id = 1 AND member_no = 1003", 1);
    update(&night, "UPDATE table_reservation SET reserved_for = '2026-01-01 17:00:00' WHERE center_id = 1 AND member_no = 1004", 1);
    night.run();
    assert_eq!([1002, 1003, 1004].map(|gone| member(&night, gone).unwrap()), ["XXX", "XXX", "XXX"]);
}

/// X4: a hold keeps its member through its last day; the run of the next day goes on without anybody's help.
fn x4_a_lapsed_hold_continues_the_next_run(store: Store) {
    let mut night = night(store);
    let until = |member: u32| text(&night, &format!("SELECT expires_on FROM legal_hold WHERE center_id = 1 AND member_no = {member}"));
    assert_eq!((until(1008).as_deref(), until(1009).as_deref(), until(1006)), (Some("2026-11-22"), Some("2027-06-30"), None));
    let names = |night: &Night| [1008, 1009, 1006].map(|held| member(night, held).unwrap());
    night.run();
    assert_eq!(names(&night), ["Frida", "Gorm", "Ditlev"]);
    set_day(&mut night, date(2026, 11, 23));
    night.run();
    assert_eq!(names(&night), ["XXX", "Gorm", "Ditlev"]);
    assert_eq!(text(&night, "SELECT reason FROM legal_hold WHERE center_id = 1 AND hold_id = 3"), None, "the grounds go with their member");
    set_day(&mut night, date(2027, 7, 1));
    night.run();
    assert_eq!(names(&night), ["XXX", "XXX", "Ditlev"], "without an end a hold lasts until it is released");
    update(&night, "UPDATE legal_hold SET expires_on = '2027-07-01' WHERE center_id = 1 AND member_no = 1006", 1);
    set_day(&mut night, date(2027, 7, 2));
    night.run();
    assert_eq!(names(&night), ["XXX", "XXX", "XXX"]);
}

/// X5: deletes what can be deleted, anonymises what can not, log lines included.
fn x5_log_lines_go_too(store: Store) {
    let night = night(store);
    let line = |night: &Night, log: u32| texts(night, &format!("SELECT line FROM entry_log WHERE center_id = 1 AND log_id = {log}"));
    let whose = "SELECT count(*) FROM entry_log WHERE center_id = 1 AND log_id = 3 AND member_no = 1001 AND line LIKE '%Karl Prøvesen%'";
    assert_eq!(text(&night, whose).as_deref(), Some("1"));
    assert_eq!(line(&night, 4), [Some("card of Bodil Prøvesen refused".to_owned())]);
    // 90 days before 22 November: what was logged until 23 August in Copenhagen, where the day ends at 22:00 UTC.
    let old = "SELECT count(*) FROM entry_log WHERE center_id IN (1, 2) AND logged_at < '2026-08-23 22:00:00' AND log_id <> 5";
    assert_eq!(text(&night, old).as_deref(), Some("3"));
    night.run();
    assert_eq!(text(&night, old).as_deref(), Some("0"), "old lines are deleted, whoever they are of");
    assert_eq!(line(&night, 3), [Some("XXX".to_owned())], "a recent line of an anonymised member is cleared");
    assert_eq!(text(&night, "SELECT ip_address FROM entry_log WHERE center_id = 1 AND log_id = 3"), None);
    assert!(line(&night, 4).is_empty(), "a recent line of a deleted member goes with the member");
    assert_eq!(texts(&night, "SELECT 1 FROM member WHERE center_id = 1 AND member_no = 1005"), []);
    assert_eq!(line(&night, 5), [Some("card refused".to_owned())], "the line of a held member stays");
    assert_eq!(places_of(&night, "250947-9989"), [""; 0]);
    assert_eq!(places_of(&night, "Karl P."), [""; 0], "the guest's name on the reservation");
}

/// X6: a restore brings the forgotten back without a word. The next run says so, and forgets them again.
fn x6_after_a_restored_backup_people_are_forgotten_again(store: Store) {
    let mut night = night(store);
    night.run();
    night.back_up();
    set_day(&mut night, date(2026, 11, 24));
    night.run();
    let forgotten = sorted(&night);
    assert_eq!(member(&night, 1008).as_deref(), Some("XXX"), "held to 22 November, forgotten since");
    // What is recorded in the days between is lost with the restore: only who was forgotten must not come back.
    night.restore();
    assert_eq!(member(&night, 1008).as_deref(), Some("Frida"), "back without a word");

    let refused = night.try_run(&Request::default()).unwrap_err();
    assert!(told(refused).contains("a backup was restored"));
    assert_eq!(member(&night, 1008).as_deref(), Some("Frida"), "nothing is done until somebody has said that it was a restore");
    after_restore(&night);
    assert_eq!(member(&night, 1008).as_deref(), Some("XXX"));
    assert!(sorted(&night) == forgotten, "the same rows as before the restore");
    assert!(night.run().nothing_changed);
}

/// Table → all of its rows as text, in order.
fn sorted(night: &Night) -> BTreeMap<String, Vec<String>> {
    let rows = |content: &Content| {
        let mut rows: Vec<String> = content.rows.iter().map(|row| format!("{row:?}")).collect();
        rows.sort();
        rows
    };
    dump(&night.database()).iter().map(|(table, content)| (table.clone(), rows(content))).collect()
}

fn after_restore(night: &Night) -> RunReport {
    let request = Request { after_restore: true, ..Request::default() };
    match night.try_run(&request) {
        Err(Error::Brake { count, .. }) => night.try_run(&Request { confirm: Some(count), ..request }).map_err(told).unwrap(),
        other => other.map_err(told).unwrap(),
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Every cell of a Parquet file as text.
fn published_cells(file: &Path) -> Vec<String> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(file).unwrap()).unwrap().build().unwrap();
    let mut cells = Vec::new();
    for batch in reader.map(Result::unwrap) {
        // A time can hold nobody's number, and its zone can not be shown here.
        for column in batch.columns().iter().filter(|column| !matches!(column.data_type(), DataType::Timestamp(..))) {
            let formatter = ArrayFormatter::try_new(column, &FormatOptions::default()).unwrap();
            cells.extend((0..column.len()).map(|row| formatter.value(row).to_string()));
        }
    }
    cells
}

/// X7: CPR numbers, bank accounts and whatever is marked sensitive reach no set, no manifest and no report; a set that asks for one is refused.
fn x7_cpr_and_bank_accounts_are_never_published(store: Store) {
    let night = night(store);
    let secrets: Vec<String> = [
        "SELECT cpr_no FROM member WHERE cpr_no IS NOT NULL",
        "SELECT company_no FROM member WHERE company_no IS NOT NULL",
        "SELECT cpr_no FROM staff WHERE cpr_no IS NOT NULL",
        "SELECT iban FROM bank_mandate",
        "SELECT cpr_no FROM bank_mandate WHERE cpr_no IS NOT NULL",
        "SELECT reason FROM legal_hold WHERE reason IS NOT NULL",
    ]
    .iter()
    .flat_map(|sql| texts(&night, sql).into_iter().flatten())
    .collect();
    assert!(secrets.len() > 20, "{secrets:?}");
    let report = night.run();
    let published = files(&night.folder.path().join("published"));
    let sets: Vec<&PathBuf> = published.iter().filter(|file| file.extension().is_some_and(|kind| kind == "parquet")).collect();
    assert!(sets.len() >= 3, "{published:?}");
    let cells: Vec<String> = sets.iter().flat_map(|file| published_cells(file)).collect();
    assert!(cells.len() > 100);
    let texts_beside =
        published.iter().filter_map(|file| std::fs::read_to_string(file).ok()).chain([serde_json::to_string(&report).unwrap()]);
    let beside: Vec<String> = texts_beside.collect();
    for secret in &secrets {
        let bare = secret.replace('-', "");
        assert!(!cells.iter().any(|cell| cell.contains(secret.as_str()) || cell.contains(&bare)), "a set holds `{secret}`");
        assert!(!beside.iter().any(|text| text.contains(secret.as_str())), "a manifest or the report holds `{secret}`");
    }

    let shipped = std::fs::read_to_string(&night.pipeline).unwrap();
    let door = "    { name = \"door\", path = \"door\" },\n";
    for path in ["member.cpr_no", "member.email"] {
        let asking = format!("{door}    {{ name = \"secret\", path = \"{path}\" }},\n");
        std::fs::write(&night.pipeline, shipped.replace(door, &asking)).unwrap();
        let refused = night.problems();
        assert!(refused.contains(path.rsplit('.').next().unwrap()), "{refused}");
        let Err(error) = night.try_run(&Request::default()) else { panic!("a set with `{path}` is published") };
        assert_eq!(error.exit_code(), 2);
    }
}

on_both_stores!(
    x2_an_open_access_request_blocks_until_answered,
    x3_all_conditions_must_hold,
    x4_a_lapsed_hold_continues_the_next_run,
    x5_log_lines_go_too,
    x6_after_a_restored_backup_people_are_forgotten_again,
    x7_cpr_and_bank_accounts_are_never_published,
);
