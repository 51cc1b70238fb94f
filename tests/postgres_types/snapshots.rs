//! Many tables, ranges of pages and connections, and one view of them all, while others write.

use std::time::{Duration, Instant};

use super::*;

const PATIENCE: Duration = Duration::from_secs(20);

/// One row per page, so that the tables have several ranges of pages (of 8192 each) although they have few rows.
const ACCOUNTS: i64 = 20_000;
const BALANCE: i64 = 1_000;

fn bank() -> Database {
    let database = Database::of(&format!(
        "CREATE UNLOGGED TABLE account (id bigint PRIMARY KEY, balance bigint NOT NULL, filler text NOT NULL);
         ALTER TABLE account ALTER filler SET STORAGE PLAIN;
         INSERT INTO account SELECT i, {BALANCE}, repeat('x', 5000) FROM generate_series(1, {ACCOUNTS}) AS i;
         CREATE TABLE purse (id bigint PRIMARY KEY, balance bigint NOT NULL);
         INSERT INTO purse SELECT i, {BALANCE} FROM generate_series(1, {ACCOUNTS}) AS i;
         CREATE TABLE empty (id bigint PRIMARY KEY, balance bigint NOT NULL);
         CREATE TABLE done (transfers bigint);
         CREATE TABLE stop (); ANALYZE"
    ));
    assert!(database.sql("SELECT pg_relation_size('account') / 8192").parse::<i64>().unwrap() > 2 * 8_192);
    database
}

/// Moves money between both tables until somebody writes into `stop`; rows come and go as well. Each writer has rows of its own.
fn transfers(writer: u8) -> String {
    format!(
        "
    DO $$
    DECLARE one bigint; other bigint; times bigint := 0;
    BEGIN
        LOOP
            one := 1 + floor(random() * 9999) * 2 + {writer};
            other := 1 + floor(random() * 9999) * 2 + {writer};
            UPDATE account SET balance = balance - 7 WHERE id = one;
            UPDATE purse SET balance = balance + 7 WHERE id = other;
            -- A row that goes and comes stands elsewhere.
            WITH gone AS (DELETE FROM purse WHERE id = other RETURNING *) INSERT INTO purse SELECT * FROM gone;
            times := times + 1;
            IF times % 64 = 1 THEN INSERT INTO done VALUES (times); END IF;
            COMMIT;
            EXIT WHEN times >= 5000000 OR EXISTS (SELECT FROM stop);
        END LOOP;
    END $$"
    )
}

fn integers_of(rows: &Rows, position: usize) -> Vec<i64> {
    column(rows, position).as_primitive::<Int64Type>().values().to_vec()
}

#[test]
fn a_reader_that_gets_no_row_does_not_hold_the_snapshot_for_longer_than_it_may_be_open() {
    let database = Database::of("CREATE TABLE slow (id int PRIMARY KEY); INSERT INTO slow VALUES (1);");
    let mut store = database.open_for("UTC", 2, 1);
    let table = store.catalog().unwrap().table("slow").unwrap().clone();
    let name = database.name.clone();
    let holder = std::thread::spawn(move || server::shared().psql(&name, "BEGIN; LOCK TABLE slow; SELECT pg_sleep(6)"));
    let held =
        || database.sql("SELECT count(*) FROM pg_locks WHERE relation = 'slow'::regclass AND mode = 'AccessExclusiveLock' AND granted");
    let deadline = Instant::now() + PATIENCE;
    while held() != "1" {
        assert!(Instant::now() < deadline, "nobody locked");
    }
    let begun = Instant::now();
    let error = {
        let mut snapshot = store.snapshot().unwrap();
        snapshot.read(&Request { table, columns: vec![0] }, &mut |_| {}).unwrap_err()
    };
    assert!(matches!(error, StoreError::SnapshotAge { seconds: 1 }), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    holder.join().unwrap();
}

#[test]
fn every_row_is_read_once_in_a_stable_order_while_others_write() {
    let database = bank();
    let name = database.name.clone();
    let writers: Vec<_> = (0..2)
        .map(|writer| {
            let name = name.clone();
            std::thread::spawn(move || server::shared().psql_output(&name, &transfers(writer)))
        })
        .collect();
    for connections in [1, 2, 5] {
        let mut store = database.open("UTC", connections);
        let catalog = store.catalog().unwrap();
        let requests: Vec<Request> = ["account", "purse", "empty"]
            .into_iter()
            .map(|name| Request { table: catalog.table(name).unwrap().clone(), columns: vec![0, 1] })
            .collect();
        // Something was written while each snapshot was open.
        let written = || database.sql("SELECT count(*) FROM done").parse::<u64>().unwrap();
        let mut snapshot = store.snapshot().unwrap();
        let (at_first, mut told) = (written(), 0);
        let all = snapshot.read_all(&requests, &mut |rows| told += rows).unwrap();
        let deadline = Instant::now() + PATIENCE;
        while written() <= at_first {
            assert!(Instant::now() < deadline, "nobody wrote");
        }
        let again = snapshot.read_all(&requests, &mut |_| {}).unwrap();
        drop(snapshot);
        assert_eq!(told, 2 * ACCOUNTS.unsigned_abs());
        let mut sum = 0;
        for (rows, again) in all[..2].iter().zip(&again) {
            let ids = integers_of(rows, 0);
            let first = (&ids, integers_of(rows, 1), &rows.versions);
            assert!(first == (&integers_of(again, 0), integers_of(again, 1), &again.versions), "read again, the rows are others");
            let versions = rows.versions.as_ref().unwrap();
            assert!(versions.is_sorted_by(|one, next| one[..12] < next[..12]), "not in the order of their places");
            let distinct: BTreeSet<i64> = ids.iter().copied().collect();
            assert_eq!((ids.len(), distinct.len()), (versions.len(), versions.len()));
            assert!(distinct.into_iter().eq(1..=ACCOUNTS));
            sum += integers_of(rows, 1).iter().sum::<i64>();
        }
        assert_eq!(sum, 2 * ACCOUNTS * BALANCE, "with {connections} connections");
        assert!(all[2].batches.iter().all(|batch| batch.num_rows() == 0));
    }
    database.sql("INSERT INTO stop DEFAULT VALUES");
    for writer in writers {
        let output = writer.join().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_snapshot_that_stays_open_for_too_long_is_given_up() {
    let database = Database::of("CREATE TABLE one (id integer PRIMARY KEY); INSERT INTO one VALUES (1)");
    let mut store = database.open_for("UTC", 2, 0);
    let error = read(&mut store, "one").unwrap_err();
    assert!(matches!(error, StoreError::SnapshotAge { seconds: 0 }), "{error:?}");
    assert_eq!(error.to_string(), "the snapshot was open for more than 0 seconds");
    assert!(error.hint().unwrap().contains("snapshot_minutes"));
    // And nothing of it stays open; the sessions of the readers need a moment to end.
    let open = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'gallra' AND (backend_xmin IS NOT NULL OR state <> 'idle')";
    let deadline = Instant::now() + PATIENCE;
    while database.sql(open) != "0" {
        assert!(Instant::now() < deadline, "a snapshot stays open");
    }
    assert!(store.catalog().is_ok());
}

/// What is said of a table's second row, which can not be read.
fn misfit(definition: &str, good: &str, bad: &str) -> String {
    let database = Database::of(&format!(
        "CREATE SCHEMA shop; CREATE TABLE shop.\"Order\" (id integer PRIMARY KEY, amount {definition});
         INSERT INTO shop.\"Order\" VALUES (1, {good}); INSERT INTO shop.\"Order\" VALUES (2, {bad})"
    ));
    let error = read(&mut database.open("UTC", 2), "shop.Order").unwrap_err();
    assert!(matches!(error, StoreError::Value { .. }), "{error:?}");
    let told = format!("{error} {error:?} {:?}", error.hint());
    for part in ["`shop.Order`.`amount`", &format!("type {definition}:"), "ctid (0,2) of \"shop\".\"Order\""] {
        assert!(error.to_string().contains(part), "{error}");
    }
    assert!(!told.contains("8675309") && !told.contains("31415"), "{told}");
    error.to_string().rsplit_once(", ").unwrap().1.to_owned()
}

#[test]
fn a_value_that_does_not_fit_is_named_by_its_place_alone() {
    let large = "the number has more digits than the column's precision allows";
    assert_eq!(misfit("numeric", "1", "86753.0931415926535897932384626"), "the number is finer than the column's scale");
    assert_eq!(misfit("numeric", "1", "86753098675309867530986753098675309"), large);
    assert_eq!(misfit("numeric", "1", "1e130000"), large);
    assert_eq!(misfit("numeric(10,2)", "1", "'NaN'"), "the number is NaN");
    assert_eq!(misfit("numeric", "31415", "'NaN'"), "the number is NaN");
    assert_eq!(misfit("numeric", "31415", "'-Infinity'"), "the number is infinite");
}

#[test]
fn a_text_with_a_nul_character_is_refused_before_it_is_sent() {
    let database = Database::of("CREATE TABLE one (id integer PRIMARY KEY, name text); INSERT INTO one VALUES (1, 'a'), (2, 'b')");
    let mut store = database.open("UTC", 1);
    let request = everything(&store.catalog().unwrap(), "one");
    for values in [vec!["8675\u{0}309"], vec!["a", "8675\u{0}309"]] {
        let mut batch = store.batch().unwrap();
        batch.load_subjects(&request.table, &[0], &[integers(&[1, 2])], None).unwrap();
        let linked = batch.linked(&request, &[], None).unwrap();
        let error = batch.update(&request.table, &linked.locators, &Assignment::all(&[1], &[texts(&values)])).unwrap_err();
        assert!(!format!("{error} {error:?} {:?}", error.hint()).contains("8675"), "{error:?}");
    }
    assert_eq!(database.sql("SELECT string_agg(name, ',' ORDER BY id) FROM one"), "a,b");
}
