//! What holds for any night, on the shipped pipelines: by plain SQL nobody but the planned rows goes, no relation and no amount moves. And who
//! is one person in several roles is kept as long as the longest of them. On both stores.

mod night;

use std::collections::{BTreeMap, BTreeSet};

use gallra::decide::Outcome;
use gallra::decide::clocks::date_of_day;
use gallra::pipeline::{Class, Pipeline, ReferenceKind};
use gallra::run::Planned;
use gallra::session::Session;
use jiff::civil::{Date, date};
use night::{Content, Night, Store, dump, on_both_stores, text_of};
use rusqlite::Connection;

const DAY: Date = date(2026, 11, 22);

/// Table → number of rows that the plan deletes.
fn planned_deletions(session: &Session, planned: &Planned) -> BTreeMap<String, usize> {
    let tables = session.pipeline.tables.iter().zip(&planned.plan.rows);
    tables.map(|(table, rows)| (table.name().to_owned(), rows.delete.iter().filter(|gone| **gone).count())).collect()
}

/// Table → columns that no night may change: amounts, and what links a business event to its subject.
fn unmoved(pipeline: &Pipeline) -> BTreeMap<String, BTreeSet<String>> {
    let mut columns: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for table in &pipeline.tables {
        let amounts = table.columns.iter().zip(&table.catalog.columns).filter(|(settings, _)| settings.class == Class::Amount);
        columns.entry(table.name().to_owned()).or_default().extend(amounts.map(|(_, column)| column.name.clone()));
    }
    for reference in pipeline.references.iter().filter(|reference| reference.kind == ReferenceKind::Linked) {
        let from = &pipeline.tables[reference.from];
        let names = reference.columns.iter().map(|column| from.catalog.columns[*column].name.clone());
        columns.entry(from.name().to_owned()).or_default().extend(names);
    }
    columns
}

/// What SQLite itself sums up of a column.
fn total(database: &Connection, table: &str, column: &str) -> (i64, f64) {
    let sql = format!("SELECT count(\"{column}\"), total(\"{column}\") FROM (SELECT \"{column}\" FROM \"{table}\" ORDER BY 1)");
    database.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
}

fn key_of(content: &Content, row: &night::Row) -> Vec<String> {
    content.key.iter().map(|column| text_of(&row[column]).unwrap_or_default()).collect()
}

fn texts(database: &Connection, sql: &str) -> Vec<String> {
    let mut statement = database.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// `linked` asks for the subjects with a business event, whom F2 forbids to delete; `re_keyed` names the tables whose keys are personal.
fn nothing_but_the_planned_moves(store: Store, fixture: &str, linked: &str, re_keyed: &[&str]) {
    let night = Night::of_fixture(store, fixture, DAY);
    let database = night.database();
    let before = dump(&database);
    let had_links = texts(&database, linked);
    assert!(had_links.len() > 10, "{had_links:?}");
    let (deletions, unmoved) = {
        let (session, planned) = night.plan();
        (planned_deletions(&session, &planned), unmoved(&session.pipeline))
    };
    assert!(deletions.values().sum::<usize>() > 10, "{deletions:?}");
    let totals = |database: &Connection| -> Vec<(String, String, (i64, f64))> {
        let kept = unmoved.iter().filter(|(table, _)| deletions.get(*table) == Some(&0));
        let columns = kept.flat_map(|(table, columns)| columns.iter().map(move |column| (table, column)));
        columns.map(|(table, column)| (table.clone(), column.clone(), total(database, table, column))).collect()
    };
    let totals_before = totals(&database);
    drop(database);

    night.run();

    let database = night.database();
    let after = dump(&database);
    assert_eq!(totals_before, totals(&database), "totals by SQL");
    assert_eq!(texts(&database, linked), had_links, "whoever has a business event is still there");
    assert_eq!(texts(&database, "SELECT \"table\" FROM pragma_foreign_key_check"), [""; 0], "no reference is broken");
    assert_eq!(texts(&database, "PRAGMA integrity_check"), ["ok"]);
    let mut wrong = Vec::new();
    for (table, old) in &before {
        let new = &after[table];
        let gone = deletions.get(table).copied().unwrap_or_default();
        if old.rows.len() - gone != new.rows.len() {
            wrong.push(format!("`{table}` had {} rows and has {}, though {gone} were to go", old.rows.len(), new.rows.len()));
        }
        let earlier: BTreeMap<Vec<String>, &night::Row> = old.rows.iter().map(|row| (key_of(old, row), row)).collect();
        for row in &new.rows {
            let key = key_of(new, row);
            let Some(earlier) = earlier.get(&key) else {
                if !re_keyed.contains(&table.as_str()) {
                    wrong.push(format!("`{table}` {key:?} was not there before"));
                }
                continue;
            };
            for column in unmoved.get(table).into_iter().flatten() {
                if earlier[column] != row[column] {
                    wrong.push(format!("`{table}` {key:?}: `{column}` moved from {:?} to {:?}", earlier[column], row[column]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn no_row_disappears_and_no_relation_or_amount_moves_in_fortnox(store: Store) {
    let linked = "SELECT 'customer ' || customer_no FROM customer WHERE customer_no IN
                      (SELECT customer_no FROM sales_offer UNION SELECT customer_no FROM sales_order UNION SELECT customer_no FROM invoice)
                  UNION SELECT 'supplier ' || supplier_no FROM supplier WHERE supplier_no IN (SELECT supplier_no FROM supplier_invoice)
                  ORDER BY 1";
    nothing_but_the_planned_moves(store, "fortnox", linked, &["phone_line"]);
}

fn no_row_disappears_and_no_relation_or_amount_moves_in_flexybox(store: Store) {
    let events = ["membership", "account_movement", "booking", "checkin", "table_reservation", "sale", "message", "card_printer_queue"];
    let events: Vec<String> = events.iter().map(|table| format!("SELECT center_id, member_no FROM {table}")).collect();
    let linked =
        format!("SELECT center_id || '/' || member_no FROM member WHERE (center_id, member_no) IN ({}) ORDER BY 1", events.join(" UNION "));
    nothing_but_the_planned_moves(store, "flexybox", &linked, &[]);
}

fn no_row_disappears_and_no_relation_or_amount_moves_in_specter(store: Store) {
    let linked = "SELECT 'customer ' || customer_id FROM customer WHERE customer_id IN
                      (SELECT customer_id FROM sales_order UNION SELECT customer_id FROM invoice UNION SELECT customer_id FROM product_review
                       UNION SELECT customer_id FROM contact_person)
                  UNION SELECT 'supplier ' || supplier_id FROM supplier WHERE supplier_id IN (SELECT supplier_id FROM purchase_invoice)
                  ORDER BY 1";
    nothing_but_the_planned_moves(store, "specter", linked, &[]);
}

fn no_row_disappears_and_no_relation_or_amount_moves_in_twentyfoursevenoffice(store: Store) {
    let linked = "SELECT 'customer ' || company_id || '/' || customer_no FROM customer WHERE (company_id, customer_no) IN
                      (SELECT company_id, customer_no FROM invoice UNION SELECT company_id, customer_no FROM project
                       UNION SELECT company_id, customer_no FROM document UNION SELECT company_id, customer_no FROM contact)
                  UNION SELECT 'supplier ' || company_id || '/' || supplier_no FROM supplier WHERE (company_id, supplier_no) IN
                      (SELECT company_id, supplier_no FROM voucher)
                  UNION SELECT 'employee ' || company_id || '/' || employee_no FROM employee WHERE (company_id, employee_no) IN
                      (SELECT company_id, employee_no FROM voucher UNION SELECT company_id, employee_no FROM salary_slip
                       UNION SELECT company_id, employee_no FROM time_entry)
                  ORDER BY 1";
    nothing_but_the_planned_moves(store, "twentyfoursevenoffice", linked, &[]);
}

/// Outcome, reason and due day of a subject, by its key as text.
fn decided(session: &Session, planned: &Planned, category: &str, key: &str) -> (Outcome, String, Option<String>) {
    let index = session.pipeline.categories.iter().position(|known| known.name == category).unwrap();
    let table = session.pipeline.categories[index].table;
    let cells = planned.read.state.column(table, session.pipeline.tables[table].key[0]).unwrap();
    let keys = gallra::kernels::cast::to_text(cells).unwrap();
    let row = keys.iter().position(|cell| cell == Some(key)).unwrap();
    let plan = &planned.plan.subjects[index];
    let due = plan.due[row].and_then(date_of_day).map(|date| date.to_string());
    (plan.outcome[row], planned.plan.reasons[plan.reason[row] as usize].clone(), due)
}

fn a_role_that_goes_on_outlasts_every_role_with_an_end(store: Store) {
    let night = Night::of_fixture(store, "fortnox", DAY);
    // An employee who still works here, and a client until 2030, are the customer 1080, whose own time has come.
    night
        .database()
        .execute_batch(
            "INSERT INTO client (client_no, name, personal_no, engagement_ended_on, created_on)
             VALUES (7099, 'Inga Kvar', '18900115-9806', '2020-01-01', '2010-01-01')",
        )
        .unwrap();
    let (session, planned) = night.plan();
    assert_eq!(decided(&session, &planned, "client", "7099").2.as_deref(), Some("2030-01-01"));
    let (outcome, reason, due) = decided(&session, &planned, "customer", "1080");
    assert_eq!((outcome, due), (Outcome::Keep, None));
    assert!(reason.contains("`employee`"), "{reason}");
}

fn a_role_under_a_legal_hold_has_no_end_that_is_known(store: Store) {
    let night = Night::of_fixture(store, "fortnox", DAY);
    // The customer 1012 is held until a day; the supplier 2002, due since 2018, and a client until 2030 are the same person.
    night
        .database()
        .execute_batch(
            "UPDATE customer SET org_no = '900110-9819' WHERE customer_no = '1012';
             INSERT INTO client (client_no, name, personal_no, engagement_ended_on, created_on)
             VALUES (7099, 'Lars Modin', '900110-9819', '2020-01-01', '2010-01-01')",
        )
        .unwrap();
    let (session, planned) = night.plan();
    assert_eq!(decided(&session, &planned, "customer", "1012").0, Outcome::Held);
    let (outcome, reason, due) = decided(&session, &planned, "supplier", "2002");
    assert_eq!((outcome, due), (Outcome::Keep, None));
    assert!(reason.contains("`customer`"), "{reason}");
}

fn a_line_of_the_partly_forgotten_says_when_the_duty_ends(store: Store) {
    let night = Night::of_fixture(store, "fortnox", DAY);
    let (session, planned) = night.plan();
    let lines = planned.report(&session).unwrap().outcomes;
    let due = |category: &str| {
        let partly = lines.iter().filter(|line| line.category == category && line.outcome == Outcome::Partly);
        partly.map(|line| line.earliest_due.clone().unwrap()).min()
    };
    // Customers 1003, 1004 and 1070 have invoices of 2021, 2022 and 2019; the supplier 2004 one of 2020: seven calendar years after.
    assert_eq!(due("customer").as_deref(), Some("2026-12-31"));
    assert_eq!(due("supplier").as_deref(), Some("2027-12-31"));
}

/// The search for residual identity must find what the plan itself forgot: a column that should have been treated and was not.
fn an_identifier_that_the_plan_missed_is_found_and_does_not_pass_for_somebody_elses(store: Store) {
    use arrow::array::{AsArray, StringArray};
    use gallra::verify::{AfterWrite, Verification};
    use gallra::write_back::Written;

    let night = Night::of_fixture(store, "fortnox", jiff::civil::date(2026, 11, 22));
    let (session, mut planned) = night.plan();
    let mut written = Written::default();
    for (table, rows) in planned.plan.rows.iter().enumerate() {
        for row in 0..rows.delete.len() {
            if rows.delete[row] {
                written.deleted.entry(table).or_default().insert(row as u32);
            } else if rows.treat.values().any(|treat| treat[row]) {
                written.rewritten.entry(table).or_default().insert(row as u32);
            }
        }
    }
    let mut now = planned.after.clone();
    for (table, rows) in planned.plan.rows.iter().enumerate() {
        for cells in now.tables[table].columns.iter_mut().flatten() {
            if let Some(texts) = cells.as_string_opt::<i32>() {
                let left: StringArray = texts.iter().enumerate().map(|(row, text)| text.filter(|_| !rows.delete[row])).collect();
                *cells = std::sync::Arc::new(left);
            }
        }
    }
    let search = |planned: &gallra::run::Planned, now: &gallra::snapshot::State| {
        let key = gallra::keys::Keyring::generate(night.now, [3; 40]).control("", gallra::keys::Purpose::RowToken).unwrap();
        let treating = planned.treating(&session);
        let check = AfterWrite {
            treating: &treating,
            before: &planned.read.state,
            promised: &planned.after,
            plan: &planned.plan,
            written: &written,
            now,
            alone: true,
            wrote: &|_| false,
        };
        let mut verification = Verification::default();
        check.residual(key, &[], &mut verification).unwrap();
        verification
    };
    assert_eq!(search(&planned, &now).findings, []);
    let table = session.pipeline.tables.iter().position(|table| table.name() == "customer").unwrap();
    let column = session.pipeline.tables[table].catalog.column("search_name").unwrap();
    planned.plan.rows[table].treat.remove(&column).unwrap();
    planned.after.tables[table].columns[column] = planned.read.state.tables[table].columns[column].clone();
    now.tables[table].columns[column] = planned.read.state.tables[table].columns[column].clone();
    let findings = search(&planned, &now).findings;
    assert!(findings.iter().any(|finding| finding.message.contains("customer.search_name: name")), "{findings:?}");
}

on_both_stores!(
    no_row_disappears_and_no_relation_or_amount_moves_in_twentyfoursevenoffice,
    no_row_disappears_and_no_relation_or_amount_moves_in_fortnox,
    no_row_disappears_and_no_relation_or_amount_moves_in_flexybox,
    no_row_disappears_and_no_relation_or_amount_moves_in_specter,
    a_role_that_goes_on_outlasts_every_role_with_an_end,
    a_role_under_a_legal_hold_has_no_end_that_is_known,
    a_line_of_the_partly_forgotten_says_when_the_duty_ends,
    an_identifier_that_the_plan_missed_is_found_and_does_not_pass_for_somebody_elses,
);
