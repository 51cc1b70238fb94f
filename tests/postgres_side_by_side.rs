//! PostgreSQL: batches on several sessions at once, and batches whose rows nothing hangs on, which are compared and written in one statement.

mod shop;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Stdio;

use gallra::report::RunReport;
use shop::cli::latest_data;
use shop::server::shared;
use shop::{COMMIT_GATE, Other, Shop, Size, until};

/// A shop all of whose references are declared, so that no table has to be locked as a whole.
fn declared(customers: u32, batch: u32, connections: u32, statements: &str) -> Shop<'static> {
    let statements = format!("ALTER TABLE call ADD FOREIGN KEY (customer_id) REFERENCES customer; {statements}");
    let shop = Shop::new(shared(), &Size { customers, batch, statements, ..Size::default() });
    connect(&shop, connections);
    shop
}

fn connect(shop: &Shop<'_>, connections: u32) {
    let text = fs::read_to_string(shop.pipeline()).unwrap();
    let text: Vec<&str> = text.lines().filter(|line| !line.starts_with("connections = ")).collect();
    fs::write(shop.pipeline(), text.join("\n").replace("[run]", &format!("[run]\nconnections = {connections}"))).unwrap();
}

/// What a finished run leaves, whoever wrote it.
fn left(shop: &Shop<'_>) -> (String, String, BTreeMap<String, BTreeSet<String>>) {
    let journal = r#"SELECT "table", sum(length(entries)) FROM gallra.journal WHERE "table" <> '' GROUP BY 1 ORDER BY 1"#;
    (shop.dump(), shop.sql(journal), latest_data(&shop.output()))
}

/// The ledger's records, and the MAC of each entry.
fn records(shop: &Shop<'_>) -> Vec<(serde_json::Value, String)> {
    let ledger = fs::read_to_string(shop.ledger()).unwrap();
    let entry = |line: &str| {
        let mut entry: serde_json::Value = serde_json::from_str(line).unwrap();
        let mac = entry["mac"].as_str().unwrap().to_owned();
        (entry["record"].take(), mac)
    };
    ledger.lines().map(entry).collect()
}

/// The most batches that were under way at one time.
fn most_under_way(shop: &Shop<'_>) -> usize {
    let (mut open, mut most) = (BTreeSet::new(), 0);
    for (record, _) in records(shop) {
        match record["kind"].as_str().unwrap() {
            "intent" => _ = open.insert(record["batch"].to_string()),
            "completion" | "abandoned" => _ = open.remove(&record["batch"].to_string()),
            _ => {}
        }
        most = most.max(open.len());
    }
    most
}

#[track_caller]
fn settled(shop: &Shop<'_>) {
    let checked = shop.call("ledger check", &["--format", "json"]).expect(0).json();
    assert_eq!((&checked["intact"], &checked["open_intents"]), (&true.into(), &0.into()), "{checked}");
    assert_eq!(shop.call("verify", &[]).code, Some(0));
}

#[test]
fn several_sessions_leave_what_one_leaves() {
    let one = declared(600, 20, 1, "");
    let several = one.copy();
    connect(&several, 4);
    let reports: Vec<RunReport> = [&one, &several].into_iter().map(|shop| shop.run(&|_| ()).unwrap()).collect();
    assert_eq!((reports[0].rows_written, reports[0].rows_deleted), (reports[1].rows_written, reports[1].rows_deleted));
    assert!(reports.iter().all(|report| report.exit_code == 0 && report.skipped.is_empty()));
    assert_eq!(left(&one), left(&several));
    assert_eq!(most_under_way(&one), 1);
    assert_eq!(most_under_way(&several), 4);
    settled(&one);
    settled(&several);
    assert!(several.run(&|_| ()).unwrap().nothing_changed);
}

#[test]
fn where_a_table_has_to_be_locked_one_session_writes() {
    let shop = Shop::new(shared(), &Size { customers: 100, batch: 10, ..Size::default() });
    connect(&shop, 4);
    assert_eq!(shop.run(&|_| ()).unwrap().exit_code, 0);
    assert_eq!(most_under_way(&shop), 1);
    settled(&shop);
}

#[test]
fn killed_while_several_are_under_way_the_next_run_finishes() {
    let shop = declared(200, 20, 3, COMMIT_GATE);
    let whole = shop.copy();
    whole.call("run", &[]).expect(0);
    let promised = left(&whole);
    // 1 is in the first batch and 30 in the second: both are held in their commits, and the third session goes on alone.
    for held in [&[1][..], &[30], &[1, 30], &[198]] {
        let shop = shop.copy();
        let other = Other::of(&shop);
        held.iter().for_each(|id| _ = other.run(&format!("SELECT pg_advisory_lock(8, {id})")));
        let mut running = shop.command("run", &[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        shop.until("its commits wait", "application_name = 'gallra'", held.len());
        until("somebody else committed", || shop.sql("SELECT count(*) FROM customer WHERE name = 'XXX'").parse::<u32>().unwrap() > 20);
        running.kill().unwrap();
        running.wait().unwrap();
        drop(other);
        until("the server has seen it", || {
            shop.sql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'gallra'") == "0"
        });
        let before = shop.sql("SELECT id, xmin FROM customer WHERE name = 'XXX' ORDER BY id");
        shop.call("run", &[]).expect(0);
        assert_eq!(left(&shop), promised, "{held:?}");
        let after = shop.sql("SELECT id, xmin FROM customer WHERE name = 'XXX' ORDER BY id");
        assert!(before.lines().all(|row| after.lines().any(|now| now == row)), "{held:?}: somebody was written twice");
        settled(&shop);
    }
}

/// The store's head says what it last knew of the ledger. Batches side by side may commit in another order than they were announced in, so that
/// the head alone does not say which of them a backup has.
#[test]
fn a_backup_from_between_two_commits_is_recognised_by_what_it_lacks() {
    let shop = declared(100, 20, 2, "");
    let rows = shop.copy();
    shop.call("run", &[]).expect(0);
    let all = records(&shop);
    let (announced, (intent, mac)) =
        all.iter().enumerate().find(|(_, (record, _))| record["kind"] == "intent" && record["batch"] == 2).unwrap();
    let run = intent["run"].as_str().unwrap();
    // As a backup would be that was taken when the second batch was committed and nothing else was.
    let kept = r#"DELETE FROM gallra.journal WHERE batch <> '"#;
    shop.sql(&format!("{kept}{run}/2'; UPDATE gallra.head SET sequence = {announced}, mac = '{mac}'"));
    let back = |shop: &Shop<'_>| {
        let answer = shop.call("run", &[]).expect(3);
        assert!(answer.err.contains("a backup was restored"), "{}", answer.err);
        answer.err.split(" people who were forgotten are back").next().unwrap().rsplit(' ').next().unwrap().parse::<u32>().unwrap()
    };
    let erased = |batch: &dyn Fn(u64) -> bool| {
        let of = |record: &serde_json::Value| {
            let tokens = |list: &str| record[list].as_array().map_or(0, Vec::len);
            (tokens("deleted") + tokens("anonymised")) as u32
        };
        let category = |record: &serde_json::Value| record["kind"] == "completion" && record["category"] == "customer";
        all.iter()
            .filter(|(record, _)| category(record) && batch(record["batch"].as_u64().unwrap()))
            .map(|(record, _)| of(record))
            .sum::<u32>()
    };
    assert_eq!(back(&shop), erased(&|batch| batch != 2));
    assert!(erased(&|batch| batch == 2) > 0);
    drop(rows);
}

const LONE: &str =
    "CREATE TABLE lead (id bigint PRIMARY KEY, name text NOT NULL, note text, asked date NOT NULL, worth numeric(12,2) NOT NULL);
    INSERT INTO lead SELECT id, 'Lina Lind ' || id, 'ring Lina', CASE WHEN id % 10 = 0 THEN current_date ELSE date '2019-01-01' END, id
    FROM generate_series(1, 40) AS id;";

/// Nothing points at a lead, and it points at nothing.
const LEADS: &str = r#"
[category.lead]
table = "lead"
delete = "{delete}"
[[category.lead.retention]]
name = "asked"
clock = "asked"
keep = "12 months"
[table.lead]
id = "key"
name = "name"
note = "free_text"
asked = "activity"
worth = "amount"
"#;

fn leads(delete: &str, lock_seconds: u32) -> Shop<'static> {
    let more = LEADS.replace("{delete}", delete).leak();
    Shop::new(shared(), &Size { customers: 1, statements: LONE.into(), lock_seconds, more, ..Size::default() })
}

/// How many rows were written so far, each time that one was.
fn written(shop: &Shop<'_>) -> String {
    shop.sql("SELECT n_tup_upd + n_tup_del FROM pg_stat_user_tables WHERE relname = 'lead'")
}

#[test]
fn whoever_is_edited_in_between_stays_whether_rows_are_written_or_deleted() {
    for (delete, due) in [("never", "SELECT count(*) FROM lead WHERE name = 'XXX'"), ("unlinked", "SELECT 40 - count(*) FROM lead")] {
        let shop = leads(delete, 30);
        let report = shop
            .run(&|stage| {
                if stage == "write back" {
                    shop.sql("UPDATE lead SET worth = worth + 1 WHERE id = 3; DELETE FROM lead WHERE id = 5; UPDATE lead SET asked = asked WHERE id = 10");
                }
            })
            .unwrap();
        assert_eq!(report.skipped.iter().map(|skipped| skipped.reason.as_str()).collect::<Vec<_>>(), ["changed", "changed"], "{delete}");
        // 4 of 40 are young, one was edited, and one is gone by somebody else's hand.
        assert_eq!(shop.sql(due), if delete == "never" { "34" } else { "35" }, "{delete}");
        assert_eq!(shop.sql("SELECT name, worth FROM lead WHERE id = 3"), "Lina Lind 3|4.00", "{delete}");
        settled(&shop);
        let again = shop.run(&|_| ()).unwrap();
        assert_eq!((again.skipped.len(), shop.sql("SELECT count(*) FROM lead WHERE name = 'Lina Lind 3'").as_str()), (0, "0"), "{delete}");
    }
}

#[test]
fn whoever_is_being_edited_is_waited_for_and_looked_at_again() {
    for (delete, ending, fate) in
        [("never", "COMMIT", "1"), ("never", "ROLLBACK", "0"), ("unlinked", "COMMIT", "1"), ("unlinked", "ROLLBACK", "0")]
    {
        let shop = leads(delete, 30);
        let other = Other::of(&shop);
        other.run("BEGIN; UPDATE lead SET worth = worth + 1 WHERE id = 7");
        let report = std::thread::scope(|scope| {
            let run = scope.spawn(|| shop.run(&|_| ()).unwrap());
            shop.until_gallra_waits();
            other.run(ending);
            run.join().unwrap()
        });
        assert_eq!(report.skipped.len().to_string(), fate, "{delete}, {ending}");
        assert_eq!(shop.sql("SELECT count(*) FROM lead WHERE id = 7 AND name = 'Lina Lind 7'"), fate, "{delete}, {ending}");
        settled(&shop);
    }
}

#[test]
fn whoever_is_held_until_the_last_try_is_left_behind_alone() {
    for delete in ["never", "unlinked"] {
        let shop = leads(delete, 1);
        let other = Other::of(&shop);
        other.run("BEGIN; SELECT 1 FROM lead WHERE id = 7 FOR UPDATE");
        let report = shop.run(&|_| ()).unwrap();
        assert_eq!(report.skipped.iter().map(|skipped| skipped.reason.as_str()).collect::<Vec<_>>(), ["locked"], "{delete}");
        assert_eq!(shop.sql("SELECT count(*) FROM lead WHERE name LIKE 'Lina%'"), "5", "four are young: {delete}");
        drop(other);
        settled(&shop);
    }
}

#[test]
fn one_statement_writes_each_row_once_and_a_trigger_sends_the_batch_the_long_way() {
    let plain = leads("never", 30);
    plain.run(&|_| ()).unwrap();
    until("the statistics are there", || written(&plain) == "36");
    // An amount that a trigger changes after the statement is seen although the statement does not give it back.
    let rigged = leads("never", 30);
    rigged.sql(
        "CREATE FUNCTION add() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF NEW.id = 9 AND NEW.worth = OLD.worth THEN UPDATE lead SET worth = worth + 1 WHERE id = NEW.id; END IF; RETURN NULL; END $$;
         CREATE TRIGGER add AFTER UPDATE ON lead FOR EACH ROW EXECUTE FUNCTION add();",
    );
    let error = rigged.run(&|_| ()).unwrap_err();
    assert!(error.to_string().contains("the total of `lead`.`worth` would have changed"), "{error}");
    assert_eq!(rigged.sql("SELECT count(*) FROM lead WHERE name = 'XXX'"), "0");
}
