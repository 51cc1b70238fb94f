//! What is explained is what happens: for everybody of a category, each field that is said to stay is the same after the night by plain SQL, and
//! each that is said to change is not. And what is said, to a few by hand.

mod night;

use std::collections::BTreeMap;

use gallra::decide::Outcome;
use gallra::error::Error;
use gallra::explain::Explained;
use gallra::progress::Silent;
use gallra::run::{Request, explain};
use jiff::civil::{Date, date};
use night::{Night, Row, Store, dump, on_both_stores, text_of};

const DAY: Date = date(2026, 11, 22);

/// A fixture's night, with its rows where the store reads them.
fn ready(store: Store, fixture: &str) -> Night {
    let night = Night::of_fixture(store, fixture, DAY);
    drop(night.plan());
    night
}

fn asked(night: &Night, what: &str, key: &[String]) -> Result<Explained, Error> {
    let request = Request { as_of: Some(DAY), ..Request::default() };
    night.with_world(|world| explain(&night.pipeline, &request, what, key, None, world, &Silent))
}

fn told(night: &Night, what: &str, key: &[&str]) -> Explained {
    let key: Vec<String> = key.iter().map(|part| (*part).to_owned()).collect();
    asked(night, what, &key).unwrap()
}

/// Explains everybody of a table, runs the night, and compares field by field. Tenants that are not processed have no explanation.
fn what_is_said_comes_true(store: Store, fixture: &str, table: &str, at_least: usize) {
    let night = ready(store, fixture);
    let before = dump(&night.database());
    let key_of = |row: &Row| -> Vec<String> { before[table].key.iter().map(|column| text_of(&row[column]).unwrap()).collect() };
    let mut said: BTreeMap<Vec<String>, Explained> = BTreeMap::new();
    for row in &before[table].rows {
        let key = key_of(row);
        if let Ok(explained) = asked(&night, table, &key) {
            said.insert(key, explained);
        }
    }
    assert!(said.len() >= at_least, "{}", said.len());
    night.run();
    let after = dump(&night.database());
    let mut wrong = Vec::new();
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for (key, explained) in &said {
        let (old, new) = (before[table].row(key).unwrap(), after[table].row(key));
        if (explained.outcome == Outcome::Delete) != new.is_none() {
            wrong.push(format!("{key:?} is said to be `{}`", explained.outcome.as_str()));
        }
        let Some(new) = new else { continue };
        for field in explained.fields.iter().filter(|field| field.table == table) {
            *seen.entry(field.outcome.clone()).or_default() += 1;
            let same = old[&field.column] == new[&field.column];
            // What the database generates follows by itself, and so does the day that its trigger notes.
            let generated = field.why.contains("generated") || field.column == "updated_at";
            let stays = matches!(field.outcome.as_str(), "stays" | "keep" | "empty" | "done");
            if stays != same && !generated {
                wrong.push(format!(
                    "{key:?} {} is said to be `{}` ({}), and is {}",
                    field.column,
                    field.outcome,
                    field.why,
                    if same { "the same" } else { "another" }
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
    for outcome in ["stays", "keep", "empty", "NULL", "placeholder"] {
        assert!(seen.get(outcome).is_some_and(|fields| *fields > 0), "{outcome}: {seen:?}");
    }
}

fn what_is_said_of_fortnox_customers_comes_true(store: Store) {
    what_is_said_comes_true(store, "fortnox", "customer", 40);
}

fn what_is_said_of_flexybox_members_comes_true(store: Store) {
    what_is_said_comes_true(store, "flexybox", "member", 40);
}

fn what_is_said_of_specter_customers_comes_true(store: Store) {
    what_is_said_comes_true(store, "specter", "customer", 60);
}

fn field<'a>(explained: &'a Explained, table: &str, column: &str) -> &'a gallra::explain::FieldLine {
    explained.fields.iter().find(|field| field.table == table && field.column == column).unwrap()
}

/// Bookkeeping keeps the name to the end of the seventh year after the invoice's; everything else of the row goes.
fn a_duty_is_told_with_its_statute_and_its_last_day(store: Store) {
    let night = ready(store, "fortnox");
    let sql = "SELECT customer_no FROM customer WHERE type = 'private' AND email IS NOT NULL AND customer_no IN (SELECT customer_no FROM invoice)";
    let numbers: Vec<String> = {
        let database = night.database();
        let mut statement = database.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let partly = numbers.iter().map(|number| told(&night, "customer", &[number])).find(|told| told.outcome == Outcome::Partly).unwrap();
    let kept = field(&partly, "customer", "name");
    assert_eq!(kept.outcome, "keep");
    assert!(kept.why.contains("Bokföringslagen (1999:1078) 7 kap. 2 §") && kept.why.contains("confirm with counsel"), "{}", kept.why);
    assert!(kept.due.as_ref().is_some_and(|due| due.ends_with("-12-31") && due.as_str() >= "2026-12-31"), "{:?}", kept.due);
    assert!(kept.basis.contains("legal obligation"), "{}", kept.basis);
    assert_eq!(field(&partly, "customer", "email").outcome, "NULL");
    assert_eq!(field(&partly, "customer", "credit_limit").why, "an amount is never changed");
    assert!(partly.rules.iter().all(|rule| rule.state == "over"), "{:?}", partly.rules);
    assert_eq!(partly.next_due, partly.protections.iter().filter_map(|protection| protection.until.clone()).max());
}

/// No cell of the person is in what is printed.
fn an_explanation_holds_no_cell(store: Store) {
    let night = ready(store, "fortnox");
    let before = dump(&night.database());
    let personal = ["name", "search_name", "org_no", "vat_no", "email", "phone", "address", "bank_account", "portal_login", "notes"];
    for row in &before["customer"].rows {
        let number = text_of(&row["customer_no"]).unwrap();
        let text = serde_json::to_string(&told(&night, "customer", &[&number])).unwrap();
        for column in personal {
            let cell = text_of(&row[column]).unwrap_or_default();
            assert!(cell.chars().count() < 5 || !text.contains(&cell), "{number} {column}");
        }
    }
}

fn records_and_rows_are_told_too(store: Store) {
    let night = ready(store, "fortnox");
    let first = |sql: &str| -> String {
        night.database().query_row(sql, [], |row| row.get::<_, rusqlite::types::Value>(0)).map(|value| text_of(&value).unwrap()).unwrap()
    };
    let chat = told(&night, "chat_message", &[&first("SELECT message_id FROM chat_message ORDER BY sent_at LIMIT 1")]);
    assert_eq!((chat.category.as_str(), chat.rules.len()), ("record chat_message", 1));
    assert_eq!(chat.rules[0].keep, "90 days");
    let sql = "SELECT group_concat(invoice_no, ' ') FROM invoice WHERE issued_on > '2019-01-01' AND buyer_name IS NOT NULL";
    let invoices = first(sql);
    let mut all = invoices.split(' ').map(|number| told(&night, "invoice", &[number]));
    let invoice = all.find(|invoice| !invoice.protections.is_empty()).unwrap();
    assert!(matches!(invoice.outcome, Outcome::Keep | Outcome::Partly), "{:?}", invoice.outcome);
    assert!(invoice.reason.starts_with("its customer is `"), "{}", invoice.reason);
    assert!(field(&invoice, "invoice", "buyer_name").why.contains("Bokföringslagen"), "{:?}", field(&invoice, "invoice", "buyer_name"));
    assert!(invoice.fields.iter().any(|field| field.column == "invoice_no" && field.why == "a relation is never changed"));
}

fn what_is_not_there_is_said_in_one_sentence(store: Store) {
    let night = ready(store, "fortnox");
    let refused = |what: &str, key: &[&str]| {
        let key: Vec<String> = key.iter().map(|part| (*part).to_owned()).collect();
        let error = asked(&night, what, &key).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        (error.to_string(), error.hint().map(|hint| hint.to_string()).unwrap_or_default())
    };
    assert_eq!(refused("customer", &["no-such"]).0, "`customer` has no row with the key `no-such`");
    assert_eq!(refused("custommer", &["1001"]).0, "no category, record rule or table is called `custommer`");
    assert!(refused("custommer", &["1001"]).1.contains("customer"));
    assert_eq!(refused("customer", &["1001", "2"]).0, "the key of `customer` has other columns than 2 values");
}

on_both_stores!(
    what_is_said_of_fortnox_customers_comes_true,
    what_is_said_of_flexybox_members_comes_true,
    what_is_said_of_specter_customers_comes_true,
    a_duty_is_told_with_its_statute_and_its_last_day,
    an_explanation_holds_no_cell,
    records_and_rows_are_told_too,
    what_is_not_there_is_said_in_one_sentence,
);
