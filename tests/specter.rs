//! What a system for orders, CRM and a webshop promises its users (S1 to S4), and what the law asks beside it, one test per promise: plain SQL
//! looks at the store before and after a night, on both stores. Who must go is worked out by SQL alone, from the tables and the notice.

mod night;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{Date32Type, Decimal128Type, Int64Type};
use gallra::report::RunReport;
use jiff::civil::{Date, date};
use night::{Night, Row, Store, dump, on_both_stores, text_of};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use rusqlite::Connection;

const DAY: Date = date(2026, 11, 22);

/// Private persons whose time has come and whom nothing keeps, by the notice and the statutes alone: nothing bought for 36 months and no
/// dialogue for 18, or since registration; nothing open, no hold on everything, no restriction, no other role, no date that tells nothing.
const MUST_GO: &str = "
    WITH told AS (
        SELECT c.customer_id,
               coalesce((SELECT max(ordered_on) FROM sales_order o WHERE o.customer_id = c.customer_id), c.registered_on) AS bought,
               coalesce((SELECT max(substr(happened_at, 1, 10)) FROM crm_activity a WHERE a.customer_id = c.customer_id), c.registered_on) AS told
        FROM customer c
    ),
    dates AS (SELECT customer_id, ordered_on AS day FROM sales_order UNION SELECT customer_id, bought FROM told UNION SELECT customer_id, told FROM told),
    riddles AS (SELECT customer_id FROM dates WHERE date(day) IS NOT day OR day NOT BETWEEN '1900-01-02' AND '2999-12-31' OR day = '1970-01-01')
    SELECT CAST(c.customer_id AS TEXT) FROM customer c JOIN told USING (customer_id)
    WHERE c.type = 'private' AND c.restricted = 0 AND bought <= '2023-11-21' AND told <= '2025-05-21'
      AND c.customer_id NOT IN (SELECT customer_id FROM riddles)
      AND c.customer_id NOT IN (SELECT customer_id FROM sales_order WHERE status = 'open')
      AND c.customer_id NOT IN (SELECT customer_id FROM invoice WHERE balance > 0)
      AND c.customer_id NOT IN (SELECT customer_id FROM access_request WHERE answered_on IS NULL)
      AND c.customer_id NOT IN (SELECT customer_id FROM legal_hold WHERE scope = 'everything' AND coalesce(applies_until, '9') >= '2026-11-22')
      AND NOT EXISTS (SELECT 1 FROM staff_user s WHERE substr(s.personal_no, -11) = substr(c.identity_no, -11) AND coalesce(s.left_on, '9') >= '2024-01-01')
      AND NOT EXISTS (SELECT 1 FROM supplier s JOIN purchase_invoice p USING (supplier_id)
                      WHERE substr(s.org_no, -11) = substr(c.identity_no, -11) AND p.received_on >= '2023-11-22')
      AND NOT EXISTS (SELECT 1 FROM customer d JOIN sales_order o USING (customer_id)
                      WHERE d.customer_id <> c.customer_id AND d.identity_no = c.identity_no AND o.ordered_on >= '2023-11-22')
    ORDER BY 1";

/// Customers with a transaction that keeps their row: an order, an invoice, a review, a contact person.
const LINKED: &str = "
    SELECT CAST(customer_id AS TEXT) FROM customer WHERE customer_id IN
        (SELECT customer_id FROM sales_order UNION SELECT customer_id FROM invoice UNION SELECT customer_id FROM product_review
         UNION SELECT customer_id FROM contact_person)
    ORDER BY 1";

fn night(store: Store) -> Night {
    Night::of_fixture(store, "specter", DAY)
}

fn texts(database: &Connection, sql: &str) -> Vec<String> {
    let mut statement = database.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn set(database: &Connection, sql: &str) -> BTreeSet<String> {
    texts(database, sql).into_iter().collect()
}

/// What one query says, every cell as text.
fn table(database: &Connection, sql: &str) -> Vec<Vec<Option<String>>> {
    let mut statement = database.prepare(sql).unwrap();
    let columns = statement.column_count();
    let cells = |row: &rusqlite::Row<'_>| (0..columns).map(|column| Ok(text_of(&row.get(column)?))).collect();
    statement.query_map([], cells).unwrap().map(Result::unwrap).collect()
}

fn one(database: &Connection, sql: &str) -> Option<String> {
    let found = table(database, sql);
    assert_eq!((found.len(), found.first().map(Vec::len)), (1, Some(1)), "{sql}");
    found[0][0].clone()
}

/// The customers' rows by number, without what the database's own trigger writes.
fn customers(database: &Connection) -> BTreeMap<String, Row> {
    let rows = dump(database).remove("customer").unwrap().rows;
    let entry = |mut row: Row| {
        row.remove("updated_at");
        (text_of(&row["customer_id"]).unwrap(), row)
    };
    rows.into_iter().map(entry).collect()
}

/// Who is gone, and whose mandatory address has been replaced.
fn gone_and_anonymised(before: &BTreeMap<String, Row>, after: &BTreeMap<String, Row>) -> (BTreeSet<String>, BTreeSet<String>) {
    let gone = before.keys().filter(|number| !after.contains_key(*number)).cloned().collect();
    let replaced = |number: &&String| text_of(&after[*number]["email"]).is_some_and(|email| email.ends_with(".invalid"));
    (gone, after.keys().filter(replaced).cloned().collect())
}

fn part(report: &RunReport, set: &str) -> Vec<arrow::record_batch::RecordBatch> {
    let set = report.sets.iter().find(|line| line.set == set).unwrap();
    assert_eq!(set.state, "published", "{:?}", set.reason);
    let file = Path::new(set.folder.as_ref().unwrap()).join("part-0000.parquet");
    let reader = ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(file).unwrap()).unwrap().build().unwrap();
    reader.map(Result::unwrap).collect()
}

// ---- S1 ---------------------------------------------------------------------------------------------------------------------------

/// Per product and month: how many lines, how much, for how much; in the last decimal's units, so that nothing is rounded away.
const TOTALS: &str = "
    SELECT l.product_id, CASE WHEN date(o.ordered_on) IS o.ordered_on THEN substr(o.ordered_on, 1, 7) ELSE '' END, count(*),
           CAST(round(sum(l.quantity) * 100) AS INTEGER), CAST(round(sum(l.amount) * 100) AS INTEGER)
    FROM order_line l JOIN sales_order o USING (order_id) JOIN customer c USING (customer_id)";

fn s1_purchase_totals_per_product_and_period_are_the_same_before_and_after(store: Store) {
    let night = night(store);
    let all = format!("{TOTALS} GROUP BY 1, 2 ORDER BY 1, 2");
    // Nobody publishes what is restricted (GDPR article 18), and a cancelled order was no sale.
    let published = format!("{TOTALS} WHERE c.restricted = 0 AND o.status <> 'cancelled' GROUP BY 1, 2 ORDER BY 1, 2");
    let of_forgotten = format!("{TOTALS} WHERE c.customer_id IN ({}) GROUP BY 1, 2", MUST_GO.trim_end().trim_end_matches("ORDER BY 1"));
    let before = table(&night.database(), &all);
    let wanted = table(&night.database(), &published);
    assert!(before.len() > 25, "{}", before.len());
    assert!(table(&night.database(), &of_forgotten).len() > 5, "the forgotten bought something");

    let report = night.run();

    assert_eq!(table(&night.database(), &all), before, "in the operational tables");
    let mut found: BTreeMap<(String, String), (i128, i128, i128)> = BTreeMap::new();
    for batch in part(&report, "purchase_history") {
        let decimals = |name: &str| batch.column_by_name(name).unwrap().as_primitive::<Decimal128Type>().clone();
        let products = batch.column_by_name("product_id").unwrap().as_string::<i32>().clone();
        let months = batch.column_by_name("order_month").unwrap().as_primitive::<Date32Type>().clone();
        let (quantities, amounts) = (decimals("quantity"), decimals("amount"));
        for row in 0..batch.num_rows() {
            let month = months.is_valid(row).then(|| gallra::decide::clocks::date_of_day(months.value(row)).unwrap());
            let month = month.map(|month| format!("{:04}-{:02}", month.year(), month.month())).unwrap_or_default();
            let total = found.entry((products.value(row).to_owned(), month)).or_default();
            *total = (total.0 + 1, total.1 + quantities.value(row), total.2 + amounts.value(row));
        }
    }
    let found: Vec<Vec<Option<String>>> = found
        .into_iter()
        .map(|((product, month), (lines, quantity, amount))| {
            [product, month, lines.to_string(), quantity.to_string(), amount.to_string()].map(Some).to_vec()
        })
        .collect();
    assert_eq!(found, wanted, "in the published set");
}

fn s1_linked_transactions_decide_between_deletion_and_anonymisation(store: Store) {
    let night = night(store);
    let before = customers(&night.database());
    let linked = set(&night.database(), LINKED);
    let held = set(
        &night.database(),
        "SELECT CAST(customer_id AS TEXT) FROM legal_hold WHERE scope = 'payment' AND coalesce(applies_until, '9') >= '2026-11-22'",
    );
    let payers = "SELECT CAST(invoice_customer_id AS TEXT) FROM customer WHERE invoice_customer_id IS NOT NULL";
    night.run();
    let after = customers(&night.database());
    let (gone, anonymised) = gone_and_anonymised(&before, &after);
    assert!(gone.len() > 10 && anonymised.len() > 15, "{gone:?} {anonymised:?}");
    assert_eq!(gone.intersection(&linked).collect::<Vec<_>>(), Vec::<&String>::new(), "nobody with a transaction is deleted");
    // Who pays for somebody who is still there stays as a row, and so does whoever has a field under a hold.
    let kept: BTreeSet<String> = [&linked, &held, &set(&night.database(), payers)].into_iter().flatten().cloned().collect();
    assert_eq!(anonymised.difference(&kept).collect::<Vec<_>>(), Vec::<&String>::new(), "nobody without one keeps an empty row");
    // S1: every transaction is still there, at the same customer.
    assert_eq!(set(&night.database(), LINKED), linked);
}

/// No identity is left: not in another column, not in a document, a log, an account, or text that a link leads to.
fn s1_no_other_column_still_knows_who_bought(store: Store) {
    let night = night(store);
    let identity = |row: &Row| -> Vec<String> {
        let named =
            ["first_name", "identity_no", "email", "phone", "iban", "search_name", "sms_number", "newsletter_email", "attachment_path"];
        named.iter().filter_map(|column| text_of(&row[*column])).filter(|text| text.chars().count() > 4).collect()
    };
    let secrets = identity(&customers(&night.database())["1002"]);
    assert!(secrets.len() > 7, "{secrets:?}");
    let held = |night: &Night, secret: &str| -> Vec<String> {
        let mut found = Vec::new();
        for (name, content) in dump(&night.database()) {
            for row in &content.rows {
                for (column, value) in row {
                    if text_of(value).is_some_and(|text| text.to_lowercase().contains(&secret.to_lowercase())) {
                        found.push(format!("{name}.{column}"));
                    }
                }
            }
        }
        found
    };
    assert!(secrets.iter().all(|secret| !held(&night, secret).is_empty()));
    assert!(held(&night, "bengt").len() > 12, "{:?}", held(&night, "bengt"));
    night.run();
    for secret in secrets.iter().map(String::as_str).chain(["bengt", "bengan", "bergman"]) {
        assert_eq!(held(&night, secret), [""; 0], "`{secret}` is left");
    }
}

// ---- S2 ---------------------------------------------------------------------------------------------------------------------------

fn s2_candidates_have_bought_nothing_since_and_a_plan_writes_nothing(store: Store) {
    let night = night(store);
    let must_go = set(&night.database(), MUST_GO);
    assert!(must_go.len() > 30, "{must_go:?}");
    let before = dump(&night.database());
    {
        let (session, planned) = night.plan();
        let category = session.pipeline.categories.iter().position(|category| category.name == "customer").unwrap();
        let table = session.pipeline.categories[category].table;
        let keys =
            gallra::kernels::cast::to_text(planned.read.state.column(table, session.pipeline.tables[table].key[0]).unwrap()).unwrap();
        let outcomes = &planned.plan.subjects[category];
        // Who loses a single column with its purpose is due for nothing else.
        let due =
            |row: &usize| outcomes.outcome[*row].erases() && planned.plan.reasons[outcomes.reason[*row] as usize].starts_with("rule ");
        let candidates: BTreeSet<String> = (0..keys.len()).filter(due).map(|row| keys.value(row).to_owned()).collect();
        assert_eq!(candidates, must_go, "the candidates are those whom SQL finds");
    }
    assert_eq!(dump(&night.database()), before, "a plan writes nothing");
    let rows = customers(&night.database());
    night.run();
    let after = customers(&night.database());
    let (gone, anonymised) = gone_and_anonymised(&rows, &after);
    assert_eq!(gone.union(&anonymised).cloned().collect::<BTreeSet<_>>(), must_go, "and these are forgotten, nobody else");
}

fn s2_a_purchase_brings_a_candidate_back(store: Store) {
    let night = night(store);
    let buy = "INSERT INTO sales_order (order_id, customer_id, ordered_on, status, channel, total) VALUES
                   (9001, 1011, '2026-11-22', 'delivered', 'web', 64.5), (9002, 1013, '2026-11-22', 'delivered', 'web', 64.5)";
    night.database().execute_batch(buy).unwrap();
    let before = customers(&night.database());
    night.run();
    let after = customers(&night.database());
    for number in ["1011", "1013"] {
        assert_eq!(before[number], after[number], "{number} bought today");
    }
    assert!(!after.contains_key("1036"), "who did not is gone");
}

// ---- S3 ---------------------------------------------------------------------------------------------------------------------------

fn s3_open_orders_and_unpaid_invoices_block(store: Store) {
    let night = night(store);
    let blocked = "SELECT CAST(customer_id AS TEXT) FROM customer WHERE type = 'private' AND customer_id IN
                       (SELECT customer_id FROM sales_order WHERE status = 'open' UNION SELECT customer_id FROM invoice WHERE balance > 0
                        UNION SELECT customer_id FROM access_request WHERE answered_on IS NULL)
                     AND customer_id NOT IN (SELECT customer_id FROM newsletter_consent WHERE withdrawn_on IS NOT NULL)
                   ORDER BY 1";
    let documents =
        "SELECT o.order_id, o.delivery_name, o.status, o.total, i.invoice_id, i.buyer_name, i.buyer_street, i.balance FROM sales_order o
                     LEFT JOIN invoice i USING (order_id) WHERE o.customer_id IN (1033, 1034, 1038) ORDER BY 1, 5";
    let numbers = texts(&night.database(), blocked);
    assert_eq!(numbers, ["1024", "1033", "1034", "1035", "1038"]);
    let before = customers(&night.database());
    let papers = table(&night.database(), documents);
    night.run();
    let after = customers(&night.database());
    for number in &numbers {
        assert_eq!(before[number], after[number], "{number} is blocked");
    }
    assert_eq!(table(&night.database(), documents), papers);
    // What was open is closed the next day: the order delivered, the invoices paid, the request answered.
    night
        .database()
        .execute_batch(
            "UPDATE sales_order SET status = 'delivered' WHERE order_id IN (1033, 1038);
             UPDATE invoice SET balance = 0 WHERE invoice_id IN (1034, 1038);
             UPDATE access_request SET answered_on = '2026-11-22' WHERE request_id = 1",
        )
        .unwrap();
    night.run();
    let last = customers(&night.database());
    let (gone, anonymised) = gone_and_anonymised(&after, &last);
    assert_eq!(gone, BTreeSet::from(["1035".to_owned()]));
    assert!(["1033", "1034", "1038"].iter().all(|number| anonymised.contains(*number)), "{anonymised:?}");
    assert_eq!(last["1024"], before["1024"], "an order for Christmas Eve is still open");
    assert_eq!(one(&night.database(), "SELECT count(*) FROM invoice WHERE buyer_name LIKE '%Faktura%'").as_deref(), Some("0"));
}

fn s3_private_persons_alone(store: Store) {
    let night = night(store);
    let others = "SELECT CAST(customer_id AS TEXT) FROM customer WHERE type <> 'private' ORDER BY 1";
    let numbers = texts(&night.database(), others);
    assert_eq!(numbers, ["1030", "1031", "1032"]);
    let trade = "SELECT o.*, i.*, l.* FROM sales_order o LEFT JOIN invoice i USING (order_id) LEFT JOIN order_line l USING (order_id)
                 WHERE o.customer_id IN (SELECT customer_id FROM customer WHERE type <> 'private') ORDER BY 1";
    let (before, papers) = (customers(&night.database()), table(&night.database(), trade));
    assert!(papers.len() >= 2);
    night.run();
    let after = customers(&night.database());
    for number in &numbers {
        assert_eq!(before[number], after[number], "{number} is no private person");
    }
    assert_eq!(table(&night.database(), trade), papers);
    // They bought nothing for longer than those who went: it is the kind of customer alone that keeps them.
    night.database().execute("UPDATE customer SET type = 'private' WHERE customer_id = 1031", []).unwrap();
    night.run();
    let last = customers(&night.database());
    assert_eq!(text_of(&last["1031"]["last_name"]).as_deref(), Some("XXX"));
    assert_eq!(last["1030"], before["1030"]);
}

/// Bulk handling in batches: in batches of three the same comes out as in one, and a repeated night has nothing to do.
fn s3_small_batches_do_what_one_large_one_does(store: Store) {
    let comparable = |night: &Night| {
        let mut content = dump(&night.database());
        for table in content.values_mut() {
            table.rows.sort_by_key(|row| table.key.iter().map(|column| text_of(&row[column])).collect::<Vec<_>>());
            for row in &mut table.rows {
                row.remove("updated_at");
                for column in ["email", "login"] {
                    // Derived from the row's key under a keyring that is each night's own.
                    let replaced =
                        row.get(column).and_then(text_of).is_some_and(|text| text.ends_with(".invalid") || text.starts_with("XXX-"));
                    if replaced {
                        row.insert(column.to_owned(), rusqlite::types::Value::Null);
                    }
                }
            }
        }
        content
    };
    let whole = night(store);
    whole.run();
    let parts = night(store);
    let text = std::fs::read_to_string(&parts.pipeline).unwrap();
    assert!(text.contains("batch = 1_000"));
    std::fs::write(&parts.pipeline, text.replace("batch = 1_000", "batch = 3")).unwrap();
    let report = parts.run();
    assert!(report.batches > 20, "{} batches", report.batches);
    assert_eq!(comparable(&parts), comparable(&whole));
    let again = parts.run();
    assert!(again.nothing_changed && again.rows_written == 0 && again.rows_deleted == 0);
}

// ---- S4 ---------------------------------------------------------------------------------------------------------------------------

fn s4_credit_reports_go_after_twelve_months_and_into_no_set(store: Store) {
    let night = night(store);
    let database = night.database();
    // Restriction and a hold on everything stop it, nothing else does: an open order, an active customer, a company.
    let overdue = "SELECT CAST(report_id AS TEXT) FROM credit_report WHERE date(ordered_on, '+12 months') < '2026-11-22'
                     AND customer_id NOT IN (SELECT customer_id FROM customer WHERE restricted = 1)
                     AND customer_id NOT IN (SELECT customer_id FROM legal_hold WHERE scope = 'everything' AND applies_until IS NULL) ORDER BY 1";
    assert_eq!(texts(&database, overdue), ["10", "2", "3", "6", "9"]);
    let kept = table(&database, "SELECT * FROM credit_report WHERE report_id NOT IN (2, 3, 6, 9, 10) ORDER BY 1");
    assert_eq!(kept.len(), 6);
    drop(database);
    let report = night.run();
    assert_eq!(table(&night.database(), "SELECT * FROM credit_report ORDER BY 1"), kept, "the others as they were, score and remarks");
    for set in &report.sets {
        let dictionary = std::fs::read_to_string(Path::new(set.folder.as_ref().unwrap()).join("_dictionary.json")).unwrap();
        assert!(!dictionary.contains("credit_") && !dictionary.contains("sensitive"), "{dictionary}");
    }
    // And no set can name one: the file is refused.
    let text = std::fs::read_to_string(&night.pipeline).unwrap();
    for column in ["score", "remarks"] {
        let scores = "\n[set.scores]\nbase = \"credit_report\"\nrelease = \"pseudonymised\"\nsubject = \"customer\"\ncolumns = [{ name = \"x\", path = \"COLUMN\" }]\n";
        std::fs::write(&night.pipeline, format!("{text}{}", scores.replace("COLUMN", column))).unwrap();
        let problems = night.problems();
        assert!(problems.contains(&format!("`credit_report.{column}` is `sensitive` and can not be published")), "{problems}");
    }
}

fn s4_a_rating_goes_after_its_year_and_its_customer_stays(store: Store) {
    let night = night(store);
    let rated = "SELECT customer_id, credit_rating FROM customer WHERE credit_rating IS NOT NULL ORDER BY 1";
    let before = table(&night.database(), rated);
    assert_eq!(before.len(), 5);
    night.run();
    let left = table(&night.database(), rated);
    assert_eq!(left, [[Some("1080".to_owned()), Some("B".to_owned())], [Some("1088".to_owned()), Some("AAA".to_owned())]].map(Vec::from));
    let names = "SELECT group_concat(display_name, ', ') FROM customer WHERE customer_id IN (1079, 1081)";
    assert_eq!(one(&night.database(), names).as_deref(), Some("Kred Igår, Kred Skottdag"));
}

// ---- Sets -------------------------------------------------------------------------------------------------------------------------

fn sets_show_no_small_cell_and_no_identity(store: Store) {
    let night = night(store);
    let pseudonymised = "SELECT count(*) FROM order_line JOIN sales_order USING (order_id) JOIN customer USING (customer_id)
                         WHERE status <> 'cancelled' AND restricted = 0";
    let lines = one(&night.database(), pseudonymised).unwrap();
    let report = night.run();
    let rows: usize = part(&report, "purchase_history").iter().map(arrow::record_batch::RecordBatch::num_rows).sum();
    assert_eq!(rows.to_string(), lines);
    let mut cells = 0;
    for batch in part(&report, "sales_by_category") {
        let customers = batch.column_by_name("customers").unwrap().as_primitive::<Int64Type>().clone();
        assert!(customers.iter().flatten().all(|customers| customers >= 5));
        let quarters = batch.column_by_name("quarter").unwrap().as_primitive::<Date32Type>().clone();
        let last = gallra::decide::clocks::day_of_date(date(2026, 10, 1));
        assert!(quarters.iter().flatten().all(|quarter| quarter < last), "October to December is not over");
        cells += batch.num_rows();
    }
    assert!(cells > 0);
    let names = ["Lik", "Gran", "lik1@example.com", "222 01", "070-1740611", "Frans"];
    for set in ["purchase_history", "sales_by_category"] {
        for batch in part(&report, set) {
            for column in batch.columns().iter().filter_map(|column| column.as_string_opt::<i32>()) {
                assert!(column.iter().flatten().all(|text| names.iter().all(|name| !text.contains(name))), "{column:?}");
            }
        }
    }
}

// ---- Bookkeeping, holds, purposes ---------------------------------------------------------------------------------------------------

fn a_broken_fiscal_year_decides_how_long_a_buyer_stays(store: Store) {
    let buyers = "SELECT invoice_id, buyer_name FROM invoice WHERE customer_id = 1004 ORDER BY 1";
    let found = |night: &Night| -> Vec<Option<String>> { table(&night.database(), buyers).into_iter().map(|row| row[1].clone()).collect() };
    let (replaced, kept) = (Some("XXX".to_owned()), Some("David Ek".to_owned()));
    let broken = night(store);
    broken.run();
    // 31 August 2018 ends one year, 1 September 2018 begins the next: 2025 and 2026.
    assert_eq!(found(&broken), [replaced.clone(), kept]);
    let calendar = night(store);
    let text = std::fs::read_to_string(&calendar.pipeline).unwrap();
    std::fs::write(&calendar.pipeline, text.replace("fiscal_year_end = \"08-31\"", "fiscal_year_end = \"12-31\"")).unwrap();
    calendar.run();
    assert_eq!(found(&calendar), [replaced.clone(), replaced], "in calendar years both are of 2018");
}

fn a_hold_on_some_fields_ends_and_the_rest_follows(store: Store) {
    let night = night(store);
    let state = "SELECT c.iban, c.last_name, i.buyer_name, i.buyer_street, p.payer_name, p.payer_account FROM customer c
                 JOIN invoice i USING (customer_id) JOIN payment p USING (invoice_id) WHERE c.customer_id = 1045";
    let before = table(&night.database(), state);
    night.run();
    let held = table(&night.database(), state);
    let changed: Vec<usize> = (0..6).filter(|column| held[0][*column] != before[0][*column]).collect();
    assert_eq!(changed, [1, 3], "the name in the register and the street on the invoice");
    night.database().execute("UPDATE legal_hold SET applies_until = '2026-11-21' WHERE customer_id IN (1045, 1053)", []).unwrap();
    night.run();
    let last = table(&night.database(), state);
    let xxx = || Some("XXX".to_owned());
    assert_eq!(last[0], [None, xxx(), xxx(), xxx(), None, None]);
    let left = texts(&night.database(), "SELECT coalesce(iban, '-') FROM customer WHERE customer_id = 1053");
    assert!(left.is_empty() || left == ["-"], "{left:?}");
}

fn withdrawing_consent_erases_only_what_rests_on_it(store: Store) {
    let night = night(store);
    // Of the newest consents by channel: withdrawn until today, and not given again on a later day.
    let ended = "SELECT CAST(customer_id AS TEXT) FROM newsletter_consent JOIN customer USING (customer_id)
                 WHERE channel = 'email' AND type = 'private' AND restricted = 0
                 GROUP BY customer_id HAVING max(withdrawn_on) <= '2026-11-22' AND max(given_on) <= max(withdrawn_on) ORDER BY 1";
    // A hold keeps the address, and so does a request for access that waits for its answer.
    let held = set(
        &night.database(),
        "SELECT CAST(customer_id AS TEXT) FROM legal_hold WHERE scope IN ('everything', 'consent') AND applies_until IS NULL
         UNION SELECT CAST(customer_id AS TEXT) FROM access_request WHERE answered_on IS NULL",
    );
    let ended = set(&night.database(), ended);
    assert!(ended.len() > 7, "{ended:?}");
    let must_go = set(&night.database(), MUST_GO);
    let before = customers(&night.database());
    let consents = "SELECT * FROM newsletter_consent WHERE customer_id > 1002 ORDER BY 1, 2, 3";
    let evidence = table(&night.database(), consents);
    night.run();
    let after = customers(&night.database());
    let mut erased = BTreeSet::new();
    for (number, row) in after.iter().filter(|(number, _)| !must_go.contains(*number)) {
        let changed: Vec<&String> = row.keys().filter(|column| row[*column] != before[number][*column]).collect();
        if changed.iter().any(|column| *column == "newsletter_email") {
            erased.insert(number.clone());
        }
        let marketing = ["newsletter_email", "sms_number", "segment", "interests", "credit_rating"];
        assert!(changed.iter().all(|column| marketing.contains(&column.as_str())), "{number}: {changed:?}");
    }
    assert_eq!(erased, ended.difference(&held).cloned().collect(), "whose address went");
    assert_eq!(table(&night.database(), consents), evidence, "the consents stay as evidence");
    // Given anew, the address stays from then on.
    night
        .database()
        .execute_batch(
            "UPDATE customer SET newsletter_email = 'sven.igen@example.com' WHERE customer_id = 1070;
             INSERT INTO newsletter_consent (customer_id, channel, given_on) VALUES (1070, 'email', '2026-11-22')",
        )
        .unwrap();
    night.run();
    let address = "SELECT newsletter_email FROM customer WHERE customer_id = 1070";
    assert_eq!(one(&night.database(), address).as_deref(), Some("sven.igen@example.com"));
}

fn objecting_to_marketing_ends_the_marketing_columns_at_once(store: Store) {
    let night = night(store);
    let columns = "SELECT segment, interests, newsletter_email, recommendations, email, phone, login FROM customer
                   LEFT JOIN webshop_account USING (customer_id) WHERE customer_id = 1006";
    night.database().execute_batch("UPDATE customer SET segment = 'families', interests = 'kaffe' WHERE customer_id = 1006").unwrap();
    let before = table(&night.database(), columns);
    night.run();
    assert_eq!(table(&night.database(), columns), before, "nobody has objected");
    night.database().execute_batch("UPDATE customer SET no_marketing = 1 WHERE customer_id = 1006").unwrap();
    night.run();
    let after = table(&night.database(), columns);
    assert_eq!((&after[0][0], &after[0][3]), (&None, &None), "segment and recommendations");
    // The newsletter names the interests too, and nobody has withdrawn that.
    assert_eq!(after[0][1], before[0][1]);
    assert_eq!(after[0][4..], before[0][4..]);
}

fn soft_deletion_is_not_deletion(store: Store) {
    let night = night(store);
    let hidden = "SELECT customer_id, first_name, last_name, phone, deleted_at FROM customer WHERE deleted_at IS NOT NULL ORDER BY 1";
    let before = table(&night.database(), hidden);
    assert_eq!(before.len(), 3);
    night.run();
    let after = table(&night.database(), hidden);
    assert_eq!(after.len(), 2, "one had no link and is really gone");
    assert_eq!(after[0], before[0], "hiding started no clock and ended none");
    assert_eq!(after[1][1..4], [None, Some("XXX".to_owned()), None], "hidden for years, and forgotten only now");
    assert_eq!(after[1][4], before[1][4]);
}

/// A chain of customers who pay for each other, the one who pays entered first: each is linked until the one behind has gone, and all go in the
/// same night, in one batch or in one each.
fn who_pays_for_somebody_goes_in_the_same_night(store: Store) {
    for batch in ["batch = 1_000", "batch = 1"] {
        let night = night(store);
        let text = std::fs::read_to_string(&night.pipeline).unwrap();
        std::fs::write(&night.pipeline, text.replace("batch = 1_000", batch)).unwrap();
        let family = "INSERT INTO customer (customer_id, type, last_name, email, invoice_customer_id, registered_on) VALUES
                          (901, 'private', 'Mormor', 'mormor@example.com', NULL, '2018-01-01'),
                          (902, 'private', 'Mamma', 'mamma@example.com', 901, '2018-01-01'),
                          (903, 'private', 'Dotter', 'dotter@example.com', 902, '2018-01-01'),
                          (904, 'private', 'Morfar', 'morfar@example.com', NULL, '2018-01-01'),
                          (905, 'private', 'Son', 'son@example.com', 904, '2018-01-01');
                      INSERT INTO sales_order (order_id, customer_id, ordered_on, status, channel, total)
                      VALUES (905, 905, '2019-01-01', 'delivered', 'web', 1)";
        night.database().execute_batch(family).unwrap();
        let report = night.run();
        // The son has ordered something: he stays as a row, and so does his grandfather who pays for him.
        let left = "SELECT customer_id, last_name, invoice_customer_id FROM customer WHERE customer_id < 1000 ORDER BY 1";
        let row = |number: &str, pays: Option<&str>| vec![Some(number.to_owned()), Some("XXX".to_owned()), pays.map(str::to_owned)];
        assert_eq!(table(&night.database(), left), [row("904", None), row("905", Some("904"))], "{batch}");
        assert_eq!(report.skipped.len(), 0, "{batch}: nobody is left for the next night");
    }
}

fn an_open_ended_rule_is_reported_once_its_review_is_over(store: Store) {
    let look = |day: Date| {
        let night = Night::of_fixture(store, "specter", day);
        let (session, planned) = night.plan();
        planned.report(&session).unwrap().look
    };
    assert_eq!(look(date(2027, 6, 30)), [""; 0]);
    let told = look(date(2027, 7, 1));
    assert!(told.len() == 1 && told[0].contains("`relation`"), "{told:?}");
}

on_both_stores!(
    s1_purchase_totals_per_product_and_period_are_the_same_before_and_after,
    s1_linked_transactions_decide_between_deletion_and_anonymisation,
    s1_no_other_column_still_knows_who_bought,
    s2_candidates_have_bought_nothing_since_and_a_plan_writes_nothing,
    s2_a_purchase_brings_a_candidate_back,
    s3_open_orders_and_unpaid_invoices_block,
    s3_private_persons_alone,
    s3_small_batches_do_what_one_large_one_does,
    s4_credit_reports_go_after_twelve_months_and_into_no_set,
    s4_a_rating_goes_after_its_year_and_its_customer_stays,
    sets_show_no_small_cell_and_no_identity,
    a_broken_fiscal_year_decides_how_long_a_buyer_stays,
    a_hold_on_some_fields_ends_and_the_rest_follows,
    withdrawing_consent_erases_only_what_rests_on_it,
    objecting_to_marketing_ends_the_marketing_columns_at_once,
    soft_deletion_is_not_deletion,
    who_pays_for_somebody_goes_in_the_same_night,
    an_open_ended_rule_is_reported_once_its_review_is_over,
);
