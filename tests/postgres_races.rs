//! PostgreSQL: other people work in the database while a run forgets in it.

mod shop;

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use gallra::report::RunReport;
use shop::server::{Options, Server, shared};
use shop::{Other, ROW_GATE, Shop, Size, until};

/// Customers of the twenty who are forgotten and stay as rows, and who stay as they are. All others go altogether.
const FORGOTTEN: [u32; 12] = [1, 2, 4, 6, 8, 9, 12, 13, 14, 16, 17, 18];
const KEPT: [u32; 4] = [3, 7, 11, 19];

/// The fates of an undisturbed run, but for some customers who are as they were.
fn fates(untouched: &[u32]) -> BTreeMap<u32, &'static str> {
    let mut fates: BTreeMap<u32, &'static str> = FORGOTTEN.iter().map(|id| (*id, "forgotten")).collect();
    fates.extend(KEPT.iter().chain(untouched).map(|id| (*id, "as it was")));
    fates
}

/// The reasons of those who were skipped. Each is listed by a token of its own, which the ledger's completion has as well.
fn reasons(shop: &Shop<'_>, report: &RunReport) -> Vec<(String, String)> {
    let ledger = fs::read_to_string(shop.ledger()).unwrap();
    let mut tokens = Vec::new();
    for skipped in &report.skipped {
        assert_eq!(skipped.token.len(), 32);
        let listed = ledger.lines().filter(|line| line.contains("skipped") && line.contains(&skipped.token));
        assert!(listed.clone().any(|line| line.contains(&skipped.reason)), "the ledger does not list who was skipped");
        tokens.push((&skipped.category, &skipped.token));
    }
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), report.skipped.len());
    let mut reasons: Vec<(String, String)> =
        report.skipped.iter().map(|skipped| (skipped.category.clone(), skipped.reason.clone())).collect();
    reasons.sort();
    reasons
}

fn money(shop: &Shop<'_>) -> String {
    shop.sql("SELECT sum(amount) FROM orders; SELECT sum(credit) FROM customer;")
}

/// The total of all orders.
fn orders_total(shop: &Shop<'_>) -> f64 {
    shop.sql("SELECT sum(amount) FROM orders").parse().unwrap()
}

#[track_caller]
fn settled(shop: &Shop<'_>) {
    let checked = shop.call("ledger check", &["--format", "json"]).expect(0).json();
    assert_eq!((&checked["intact"], &checked["open_intents"]), (&true.into(), &0.into()), "{checked}");
}

#[test]
fn nobody_in_between_nobody_is_skipped() {
    let shop = Shop::new(shared(), &Size::default());
    let (before, kept) = (money(&shop), shop.rows_of(3));
    let report = shop.run(&|_| ()).unwrap();
    assert_eq!((report.exit_code, report.skipped.len(), report.raced.len()), (0, 0, 0), "{:?}", report.notes);
    assert_eq!(shop.fates(), fates(&[]));
    assert_eq!((money(&shop), shop.rows_of(3)), (before, kept));
    assert_eq!(shop.sql("SELECT count(*) FROM consent"), "0");
    assert!(shop.run(&|_| ()).unwrap().nothing_changed);
    settled(&shop);
}

#[test]
fn who_changes_between_snapshot_and_lock_is_left_alone_whatever_it_was_that_changed() {
    let shop = Shop::new(shared(), &Size::default());
    let changed = [1, 2, 4, 6, 8, 10, 20];
    let after_edits = std::sync::Mutex::new((BTreeMap::new(), String::new()));
    let report = shop
        .run(&|stage| {
            if stage == "write back" {
                shop.sql(
                    "INSERT INTO orders (customer_id, ordered_on, amount) VALUES (1, current_date, 10);
                     UPDATE customer SET edited = edited + 1 WHERE id = 2;
                     INSERT INTO call (customer_id, called_on) VALUES (4, current_date);
                     DELETE FROM orders WHERE customer_id = 6;
                     UPDATE orders SET ordered_on = current_date WHERE customer_id = 8;
                     INSERT INTO orders (customer_id, ordered_on, amount) VALUES (10, current_date, 20);
                     UPDATE consent SET phone = '+46701' WHERE customer_id = 20;",
                );
                let rows = changed.iter().map(|id| (*id, shop.rows_of(*id))).collect();
                *after_edits.lock().unwrap() = (rows, money(&shop));
            }
        })
        .unwrap();
    assert_eq!((report.exit_code, report.raced.len()), (0, 0), "{:?} {:?}", report.notes, report.verification.findings);
    assert_eq!(shop.fates(), fates(&changed));
    let (rows, total) = after_edits.into_inner().unwrap();
    // The tickets of 10 and 20 are records with a clock of their own, whose time had come whoever they are about.
    for id in changed {
        let without_ticket = |rows: &str| rows.lines().filter(|line| !line.starts_with("ticket")).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(without_ticket(&shop.rows_of(id)), without_ticket(&rows[&id]), "{id} was touched");
    }
    assert_eq!(money(&shop), total);
    assert_eq!(reasons(&shop, &report), vec![("customer".to_owned(), "changed".to_owned()); changed.len()]);
    // The next night decides afresh: whoever bought or called stays, an edit keeps nobody.
    let next = shop.run(&|_| ()).unwrap();
    assert_eq!((next.exit_code, next.skipped.len()), (0, 0), "{:?}", next.notes);
    let mut decided = fates(&[1, 4, 8, 10]);
    // Without its order nothing but a call hangs on 6, which is enough to keep the row.
    decided.insert(6, "forgotten");
    assert_eq!(shop.fates(), decided);
    settled(&shop);
}

/// A run in a thread that waits at a customer's row; `work` while it waits. Gives the run's report.
fn held_at_row(shop: &Shop<'_>, customer: u32, work: impl FnOnce()) -> RunReport {
    let gate = Other::of(shop);
    gate.run(&format!("SELECT pg_advisory_lock(7, {customer})"));
    thread::scope(move |scope| {
        // Open as soon as anything fails, so that the run comes to its end.
        let gate = gate;
        let run = scope.spawn(|| shop.run(&|_| ()));
        shop.until_gallra_waits();
        work();
        gate.run(&format!("SELECT pg_advisory_unlock(7, {customer})"));
        run.join().unwrap().unwrap()
    })
}

#[test]
fn while_a_batch_holds_its_locks_others_wait_and_then_meet_what_it_did() {
    let shop = Shop::new(shared(), &Size { statements: ROW_GATE.into(), ..Size::default() });
    let work = [
        ("INSERT INTO orders (customer_id, ordered_on, amount) VALUES (2, current_date, 10)", Ok(())),
        ("INSERT INTO orders (customer_id, ordered_on, amount) VALUES (5, current_date, 10)", Err("23503".to_owned())),
        ("UPDATE customer SET edited = edited + 1 WHERE id = 6", Ok(())),
        ("INSERT INTO call (customer_id, called_on) VALUES (8, current_date)", Ok(())),
        ("DELETE FROM orders WHERE customer_id = 9", Ok(())),
        ("UPDATE orders SET ordered_on = current_date WHERE customer_id = 12", Ok(())),
        ("DELETE FROM consent WHERE customer_id = 15", Ok(())),
    ];
    // An order for somebody who stays waits for nobody.
    let elsewhere = "INSERT INTO orders (customer_id, ordered_on, amount) VALUES (3, current_date, 10)";
    let mut others = Vec::new();
    let report = held_at_row(&shop, 1, || {
        Other::of(&shop).run(elsewhere);
        for (sql, outcome) in &work {
            let other = Other::of(&shop);
            let answer = thread::spawn({
                let sql = (*sql).to_owned();
                move || other.attempt(&sql).map(|_| ())
            });
            others.push((sql, answer, outcome));
        }
        shop.until("all others wait", "application_name = 'other'", work.len());
        assert!(others.iter().all(|(_, answer, _)| !answer.is_finished()), "somebody did not wait");
    });
    for (sql, answer, outcome) in others {
        assert_eq!(&answer.join().unwrap(), outcome, "{sql}");
    }
    assert_eq!((report.exit_code, report.skipped.len(), report.raced.len()), (0, 0, 0), "{:?}", report.notes);
    assert_eq!(shop.fates(), fates(&[]));
    assert_eq!(
        shop.sql("SELECT edited, name FROM customer WHERE id = 6; SELECT count(*) FROM orders WHERE customer_id IN (2, 9)"),
        "1|XXX\n2"
    );
    let next = shop.run(&|_| ()).unwrap();
    assert_eq!((next.exit_code, next.skipped.len()), (0, 0), "{:?}", next.notes);
    assert_eq!(shop.fates(), fates(&[]));
    settled(&shop);
}

#[test]
fn where_the_role_can_not_lock_a_table_who_gets_in_is_reported() {
    let shop = Shop::new(shared(), &Size { statements: ROW_GATE.into(), ..Size::default() });
    let role = format!("role_{}", shop.database);
    shop.sql(&format!(
        "CREATE ROLE {role} LOGIN; CREATE SCHEMA gallra AUTHORIZATION {role};
         GRANT USAGE ON SCHEMA public TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role};
         GRANT UPDATE, DELETE ON customer, orders, consent, ticket TO {role};"
    ));
    shop.at(&shop.server.url_as(&role, &shop.database));
    let report = held_at_row(&shop, 1, || {
        let other = Other::of(&shop);
        other.run("INSERT INTO call (customer_id, called_on) VALUES (2, current_date), (5, current_date), (3, current_date)");
    });
    assert_eq!(shop.fates(), fates(&[]));
    assert_eq!(report.skipped.len(), 0);
    assert_eq!(report.exit_code, 1, "{:?} {:?}", report.notes, report.verification.findings);
    let raced: Vec<&str> = report.raced.iter().map(|raced| raced.reason.as_str()).collect();
    assert_eq!(raced, ["raced"; 2]);
    assert!(report.notes.iter().any(|note| note.contains("about 2 people")), "{:?}", report.notes);
    assert!(report.raced[0].token != report.raced[1].token && report.raced.iter().all(|raced| raced.token.len() == 32));
    // What is added before the lock is seen there, as with every other table.
    let later = Shop::new(shared(), &Size::default());
    later.sql(&format!(
        "CREATE SCHEMA gallra AUTHORIZATION {role}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role};
         GRANT UPDATE, DELETE ON customer, orders, consent, ticket TO {role};"
    ));
    later.at(&shop.server.url_as(&role, &later.database));
    let add = |stage: &str| {
        if stage == "write back" {
            later.sql("INSERT INTO call (customer_id, called_on) VALUES (2, current_date), (5, current_date)");
        }
    };
    let report = later.run(&add).unwrap();
    assert_eq!((report.exit_code, report.raced.len()), (0, 0), "{:?}", report.notes);
    assert_eq!(reasons(&later, &report), vec![("customer".to_owned(), "changed".to_owned()); 2]);
    assert_eq!(later.fates(), fates(&[2, 5]));
    settled(&shop);
    settled(&later);
    drop(later);
    shop.sql(&format!("DROP OWNED BY {role}"));
    shop.sql(&format!("DROP ROLE {role}"));
}

#[test]
fn whose_row_somebody_holds_all_the_time_is_left_behind_alone() {
    let shop = Shop::new(shared(), &Size { lock_seconds: 1, ..Size::default() });
    let holder = Other::of(&shop);
    // A customer's own row, and an order that would be treated with another one.
    holder.run("BEGIN; SELECT 1 FROM customer WHERE id = 4 FOR UPDATE; SELECT 1 FROM orders WHERE customer_id = 8 FOR UPDATE");
    let before = (shop.rows_of(4), shop.rows_of(8), money(&shop));
    let report = shop.run(&|_| ()).unwrap();
    assert_eq!((report.exit_code, report.raced.len()), (0, 0), "{:?} {:?}", report.notes, report.verification.findings);
    assert_eq!(reasons(&shop, &report), vec![("customer".to_owned(), "locked".to_owned()); 2]);
    assert_eq!(shop.fates(), fates(&[4, 8]));
    assert_eq!((shop.rows_of(4), shop.rows_of(8), money(&shop)), before);
    holder.run("ROLLBACK");
    let next = shop.run(&|_| ()).unwrap();
    assert_eq!((next.exit_code, next.skipped.len()), (0, 0), "{:?}", next.notes);
    assert_eq!(shop.fates(), fates(&[]));
    settled(&shop);
}

#[test]
fn who_should_go_after_a_row_that_somebody_holds_stays_as_long_as_it_points_there() {
    let shop = Shop::new(shared(), &Size { lock_seconds: 1, ..Size::default() });
    let holder = Other::of(&shop);
    holder.run("BEGIN; SELECT 1 FROM ticket WHERE customer_id = 10 FOR SHARE");
    let before = shop.rows_of(10);
    let report = thread::scope(|scope| {
        let holder = holder;
        let run = scope.spawn(|| shop.run(&|_| ()));
        // Let go between the ticket's batch and the customer's.
        until("the ticket is left alone", || fs::read_to_string(shop.ledger()).is_ok_and(|ledger| ledger.contains("locked")));
        holder.run("ROLLBACK");
        run.join().unwrap().unwrap()
    });
    assert_eq!((report.exit_code, report.raced.len()), (0, 0), "{:?} {:?}", report.notes, report.verification.findings);
    let expected = [("customer", "still_referenced"), ("record.ticket", "locked")];
    assert_eq!(reasons(&shop, &report), expected.map(|(unit, reason)| (unit.to_owned(), reason.to_owned())));
    assert_eq!((shop.fates(), shop.rows_of(10)), (fates(&[10]), before));
    let next = shop.run(&|_| ()).unwrap();
    assert_eq!((next.exit_code, next.skipped.len(), shop.fates()), (0, 0, fates(&[])), "{:?}", next.notes);
    settled(&shop);
}

#[test]
fn a_table_that_somebody_locks_ends_the_run_with_a_sentence_and_loses_nothing() {
    let shop = Shop::new(shared(), &Size { lock_seconds: 1, ..Size::default() });
    let before = shop.dump();
    let holder = Other::of(&shop);
    let holder = std::sync::Mutex::new(holder);
    let lock = |stage: &str| {
        if stage == "write back" {
            holder.lock().unwrap().run("BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE");
        }
    };
    let error = shop.run(&lock).unwrap_err();
    assert_eq!(error.exit_code(), 3);
    assert!(error.to_string().contains("met somebody else's work: another program held a lock for too long"), "{error}");
    assert!(error.hint().unwrap().contains("find the transaction that holds the lock"), "{:?}", error.hint());
    holder.into_inner().unwrap().run("ROLLBACK");
    assert_eq!(without_tickets(&shop.dump()), without_tickets(&before));
    settled(&shop);
    let next = shop.run(&|_| ()).unwrap();
    assert_eq!((next.exit_code, next.skipped.len(), shop.fates()), (0, 0, fates(&[])), "{:?}", next.notes);
}

fn without_tickets(dump: &str) -> Vec<String> {
    dump.lines().filter(|line| !line.starts_with("ticket")).map(str::to_owned).collect()
}

#[test]
fn after_a_deadlock_the_batch_is_begun_anew() {
    let server = Server::start();
    let shop = Shop::new(&server, &Size::default());
    // Whoever looks first is the one who gives way.
    shop.sql(&format!("ALTER DATABASE \"{}\" SET deadlock_timeout TO '2s'", shop.database));
    let other = Other::of(&shop);
    other.run("SET deadlock_timeout TO '60s'; BEGIN; UPDATE customer SET edited = 1 WHERE id = 8");
    let report = thread::scope(|scope| {
        let other = other;
        let run = scope.spawn(|| shop.run(&|_| ()));
        // It holds the calls against additions, and waits for the row.
        shop.until_gallra_waits();
        other.run("INSERT INTO call (customer_id, called_on) VALUES (8, current_date)");
        other.run("COMMIT");
        run.join().unwrap().unwrap()
    });
    assert!(server.log().contains("deadlock detected"));
    assert_eq!((report.exit_code, report.raced.len()), (0, 0), "{:?} {:?}", report.notes, report.verification.findings);
    assert_eq!(reasons(&shop, &report), [("customer".to_owned(), "changed".to_owned())]);
    assert_eq!(shop.fates(), fates(&[8]));
    settled(&shop);
}

#[test]
fn a_table_that_is_written_all_the_time_keeps_nobody_from_being_forgotten() {
    let shop = Shop::new(shared(), &Size { lock_seconds: 1, ..Size::default() });
    let other = std::sync::Mutex::new(Other::of(&shop));
    let meanwhile = |stage: &str| match stage {
        "write back" => drop(other.lock().unwrap().run("BEGIN; INSERT INTO call (customer_id, called_on) VALUES (3, current_date)")),
        "verify" => drop(other.lock().unwrap().run("COMMIT")),
        _ => (),
    };
    let report = shop.run(&meanwhile).unwrap();
    assert_eq!((report.exit_code, report.skipped.len(), report.raced.len()), (0, 0, 0), "{:?}", report.verification.findings);
    assert_eq!(shop.fates(), fates(&[]));
    let next = shop.run(&|_| ()).unwrap();
    assert_eq!((next.exit_code, next.rows_written, shop.fates()), (0, 0, fates(&[])), "{:?}", next.notes);
    settled(&shop);
}

/// Refuses a write as a serialization failure as long as a counter, which no rollback sets back, says so.
const REFUSES: &str = "
    CREATE SEQUENCE tries;
    CREATE SEQUENCE patience;
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('tries') < (SELECT last_value FROM patience) THEN
            RAISE EXCEPTION 'not % now', OLD.name USING ERRCODE = '40001';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER refuse BEFORE UPDATE ON customer FOR EACH ROW WHEN (OLD.id = 9) EXECUTE FUNCTION refuse();";

#[test]
fn a_serialization_failure_is_tried_again_but_not_for_ever() {
    let shop = Shop::new(shared(), &Size { statements: REFUSES.into(), batch: 8, ..Size::default() });
    // As often as it is tried.
    shop.sql("SELECT setval('patience', 1000)");
    let before = shop.dump();
    let refused = shop
        .call("run", &["-vvv"])
        .expect(3)
        .says("another transaction got in between (SQLSTATE 40001, function `refuse`)")
        .says("run at a quieter hour");
    assert!(!refused.printed().contains("Karlsson"), "{}", refused.printed());
    assert_eq!(shop.sql("SELECT last_value FROM tries"), "5");
    let names = |dump: &str| dump.lines().filter(|line| line.contains("Kund Karlsson 9")).count();
    assert_eq!(names(&shop.dump()), names(&before));
    settled(&shop);
    // Twice more, and then no more.
    shop.sql("SELECT setval('patience', 8)");
    shop.call("run", &[]).expect(0);
    assert_eq!((shop.sql("SELECT last_value FROM tries").as_str(), shop.fates()), ("8", fates(&[])));
    settled(&shop);
}

/// What comes after a statement's last row is its error, and not that of the statement after it.
#[test]
fn a_serialization_failure_at_the_end_of_a_statement_is_tried_again_too() {
    let late = REFUSES.replace("BEFORE UPDATE", "AFTER UPDATE");
    let shop = Shop::new(shared(), &Size { statements: late, ..Size::default() });
    shop.sql("SELECT setval('patience', 3)");
    shop.call("run", &[]).expect(0);
    assert_eq!((shop.sql("SELECT last_value FROM tries").as_str(), shop.fates()), ("3", fates(&[])));
    settled(&shop);
}

/// What one of the others has done and committed.
#[derive(Default)]
struct Worked {
    orders: u64,
    cents: u64,
    edits: u64,
    calls: u64,
}

#[test]
fn under_load_nobody_who_did_something_is_forgotten_and_everybody_else_is() {
    const CUSTOMERS: u32 = 2_000;
    let server = Server::start_with(Options { configuration: "track_commit_timestamp = on".into(), ..Options::default() });
    let shop = Shop::new(&server, &Size { customers: CUSTOMERS, batch: 50, ..Size::default() });
    let before = orders_total(&shop);
    let (begun, ended) = (AtomicBool::new(false), AtomicBool::new(false));
    let work = |seed: u64| {
        let other = Other::of(&shop);
        let mut worked = Worked::default();
        until("the run has its plan", || begun.load(Ordering::Acquire) || ended.load(Ordering::Acquire));
        let started = Instant::now();
        let mut random = seed;
        while !ended.load(Ordering::Acquire) && started.elapsed() < Duration::from_secs(10) {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let id = (random >> 33) % u64::from(CUSTOMERS) + 1;
            match (random >> 20) % 3 {
                0 => {
                    match other.attempt(&format!("INSERT INTO orders (customer_id, ordered_on, amount) VALUES ({id}, current_date, 1.25)"))
                    {
                        Ok(_) => {
                            worked.orders += 1;
                            worked.cents += 125;
                        }
                        // The customer is gone.
                        Err(code) => assert_eq!(code, "23503"),
                    }
                }
                1 => {
                    let edit = format!("UPDATE customer SET edited = edited + 1 WHERE id = {id} AND name <> 'XXX' RETURNING id");
                    let edited = other.run(&format!("WITH done AS ({edit}) INSERT INTO edit_log SELECT id FROM done RETURNING 1"));
                    worked.edits += edited.len() as u64;
                }
                _ => {
                    let call = format!(
                        "INSERT INTO call (customer_id, called_on) SELECT id, current_date FROM customer WHERE id = {id} RETURNING 1"
                    );
                    worked.calls += other.run(&call).len() as u64;
                }
            }
        }
        worked
    };
    let (report, worked) = thread::scope(|scope| {
        let work = &work;
        let others: Vec<_> = (1..=4).map(|seed| scope.spawn(move || work(seed * 7_919))).collect();
        let start = |stage: &str| {
            if stage == "write back" {
                begun.store(true, Ordering::Release);
                until("the others work", || {
                    shop.sql("SELECT count(*) FROM call WHERE called_on = current_date").parse::<u64>().unwrap() >= 20
                });
            }
        };
        let report = shop.run(&start);
        ended.store(true, Ordering::Release);
        let worked: Vec<Worked> = others.into_iter().map(|other| other.join().unwrap()).collect();
        (report.unwrap(), worked)
    });
    assert_eq!((report.exit_code, report.raced.len()), (0, 0), "{:?} {:?}", report.notes, report.verification.findings);
    let (orders, edits): (u64, u64) = (worked.iter().map(|one| one.orders).sum(), worked.iter().map(|one| one.edits).sum());
    let calls: u64 = worked.iter().map(|one| one.calls).sum();
    assert!(
        orders > 20 && edits > 20 && calls > 20 && worked.iter().all(|one| one.orders > 0),
        "{orders} {edits} {calls}: too little was done"
    );
    let count = |sql: &str| shop.sql(sql).parse::<u64>().unwrap();
    // Whoever is forgotten was written once, by their batch: nobody edits them afterwards. What was committed before that was seen.
    let forgotten = "customer.name = 'XXX' AND pg_xact_commit_timestamp(customer.xmin)";
    for table in ["orders", "call"] {
        let day = if table == "orders" { "ordered_on" } else { "called_on" };
        let earlier = format!(
            "SELECT count(*) FROM {table} JOIN customer ON customer.id = {table}.customer_id
             WHERE {table}.{day} = current_date AND {forgotten} >= pg_xact_commit_timestamp({table}.xmin)"
        );
        assert_eq!(count(&earlier), 0, "{table}");
    }
    assert_eq!(count("SELECT count(*) FROM edit_log JOIN customer ON id = customer_id WHERE name = 'XXX'"), 0);
    assert_eq!(count("SELECT count(*) FROM edit_log"), edits);
    assert_eq!(count("SELECT sum(edited) FROM customer"), edits, "an edit was lost");
    assert_eq!(count("SELECT count(*) FROM call WHERE NOT EXISTS (SELECT FROM customer WHERE id = customer_id)"), 0);
    // Nobody is left behind without a reason, and each who is was counted.
    let due = "joined = '2019-01-01' AND name <> 'XXX' AND (id % 5 = 0 OR id % 4 <> 3)";
    let did = "(edited > 0 OR EXISTS (SELECT FROM orders WHERE customer_id = customer.id AND ordered_on = current_date)
        OR EXISTS (SELECT FROM call WHERE customer_id = customer.id AND called_on = current_date))";
    assert_eq!(count(&format!("SELECT count(*) FROM customer WHERE {due} AND NOT {did}")), 0);
    let left = count(&format!("SELECT count(*) FROM customer WHERE {due}"));
    assert_eq!(left, report.skipped.iter().filter(|skipped| skipped.category == "customer").count() as u64);
    assert!(left > 0, "nobody was met");
    // And nothing of them was changed.
    let original = "name = 'Kund Karlsson ' || id AND email = 'kund' || id || '@example.org' AND number = 'K' || id
        AND credit = CASE WHEN id % 5 = 0 THEN 0 ELSE id END
        AND NOT EXISTS (SELECT FROM orders WHERE customer_id = customer.id AND buyer <> 'Kund Karlsson ' || customer.id)
        AND (id % 5 = 0) = EXISTS (SELECT FROM consent WHERE customer_id = customer.id AND phone = '+4670' || 1000000 + id)";
    assert_eq!(count(&format!("SELECT count(*) FROM customer WHERE name <> 'XXX' AND NOT ({original})")), 0);
    let after = orders_total(&shop);
    let cents: u64 = worked.iter().map(|one| one.cents).sum();
    assert!((after - before - cents as f64 / 100.0).abs() < 0.001, "{before} + {cents} cents is not {after}");
    settled(&shop);
}
