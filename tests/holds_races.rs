//! PostgreSQL: a legal hold is added while a batch is being written, on one session and on several.

mod shop;

use std::fs;
use std::thread;

use gallra::report::RunReport;
use shop::server::shared;
use shop::{COMMIT_GATE, Other, ROW_GATE, Shop, Size};

/// Adds a hold on a customer by the program, as somebody else would.
#[track_caller]
fn hold(shop: &Shop<'_>, customer: u32) {
    let added =
        shop.call("hold add", &["customer", &customer.to_string(), "--reason", "court case", "--owner", "legal", "--format", "json"]);
    assert_eq!(added.expect(0).json()["ledger"], "run_at_work");
}

/// A run that waits at gates; `work` while it does. Gives the run's report.
fn held_at(shop: &Shop<'_>, gate: u32, customers: &[u32], work: impl FnOnce()) -> RunReport {
    let other = Other::of(shop);
    customers.iter().for_each(|id| _ = other.run(&format!("SELECT pg_advisory_lock({gate}, {id})")));
    thread::scope(move |scope| {
        // Open as soon as anything fails, so that the run comes to its end.
        let other = other;
        let run = scope.spawn(|| shop.run(&|_| ()));
        shop.until("its sessions wait", "application_name = 'gallra'", customers.len());
        work();
        drop(other);
        run.join().unwrap().unwrap()
    })
}

fn skipped(report: &RunReport) -> Vec<(&str, &str)> {
    report.skipped.iter().map(|skipped| (skipped.category.as_str(), skipped.reason.as_str())).collect()
}

#[track_caller]
fn settled(shop: &Shop<'_>) {
    let checked = shop.call("ledger check", &["--format", "json"]).expect(0).json();
    assert_eq!((&checked["intact"], &checked["open_intents"]), (&true.into(), &0.into()), "{checked}");
    assert_eq!(shop.call("verify", &[]).code, Some(0));
}

#[test]
fn a_batch_that_has_not_committed_begins_anew_without_whom_a_hold_came_for() {
    let shop = Shop::new(shared(), &Size { statements: ROW_GATE.into(), ..Size::default() });
    let before = [2, 5].map(|id| shop.rows_of(id));
    let report = held_at(&shop, 7, &[1], || [2, 5].iter().for_each(|id| hold(&shop, *id)));
    assert_eq!((report.exit_code, skipped(&report)), (0, vec![("customer", "held"); 2]), "{:?}", report.notes);
    assert_eq!([2, 5].map(|id| shop.rows_of(id)), before, "a row's version shows every write of it");
    assert_eq!((shop.fates()[&1], shop.fates()[&2], shop.fates()[&4]), ("forgotten", "as it was", "forgotten"));
    settled(&shop);
    let next = shop.run(&|_| ()).unwrap();
    assert_eq!((next.exit_code, skipped(&next)), (0, vec![]), "{:?}", next.notes);
    assert_eq!([2, 5].map(|id| shop.rows_of(id)), before);
}

/// All references declared, so that batches go side by side.
fn side_by_side(gate: &str) -> Shop<'static> {
    let statements = format!("ALTER TABLE call ADD FOREIGN KEY (customer_id) REFERENCES customer; {gate}");
    let shop = Shop::new(shared(), &Size { customers: 200, batch: 20, statements, ..Size::default() });
    let text = fs::read_to_string(shop.pipeline()).unwrap();
    fs::write(shop.pipeline(), text.replace("[run]", "[run]\nconnections = 3")).unwrap();
    shop
}

#[test]
fn side_by_side_every_session_honours_a_hold() {
    let shop = side_by_side(ROW_GATE);
    let held = [2, 32, 54, 104, 198];
    let before = held.map(|id| shop.rows_of(id));
    // The first three batches are under way, each on a session of its own.
    let report = held_at(&shop, 7, &[1, 30, 50], || held.iter().for_each(|id| hold(&shop, *id)));
    assert_eq!((report.exit_code, skipped(&report)), (0, vec![("customer", "held"); 5]), "{:?}", report.notes);
    assert_eq!(held.map(|id| shop.rows_of(id)), before);
    let forgotten = |id: u32| shop.fates().get(&id).is_none_or(|fate| *fate == "forgotten");
    assert!([1, 30, 33, 50, 52, 101, 196].into_iter().all(forgotten), "{:?}", shop.fates());
    let ledger = fs::read_to_string(shop.ledger()).unwrap();
    assert_eq!(ledger.matches("\"hold_added\"").count(), 5);
    assert!(ledger.matches("\"reason\":\"held\"").count() >= 5);
    settled(&shop);
}

/// What is promised, and no more: whoever is in a commit that has begun is forgotten, and everybody after it is not.
#[test]
fn a_commit_that_has_begun_goes_through_and_those_after_it_honour_the_hold() {
    let shop = side_by_side(COMMIT_GATE);
    let before = shop.rows_of(198);
    let report = held_at(&shop, 8, &[1, 30, 50], || [1, 198].iter().for_each(|id| hold(&shop, *id)));
    assert_eq!((report.exit_code, skipped(&report)), (0, vec![("customer", "held")]), "{:?}", report.notes);
    assert_eq!((shop.fates()[&1], shop.rows_of(198)), ("forgotten", before));
    settled(&shop);
}
