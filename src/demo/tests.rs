use std::path::Path;

use jiff::civil::{Date, date};
use rusqlite::Connection;

use super::{DemoError, Generated, Size, generate};

const TODAY: Date = date(2026, 11, 22);
const SMALL: Size = Size { customers: 3_000, order_rows: 20_000 };

fn demo(folder: &Path, size: Size, today: Date) -> (Generated, Connection) {
    let path = folder.join("demo.db");
    let generated = generate(&path, &size, today, &mut |_, _| {}).unwrap();
    (generated, Connection::open(path).unwrap())
}

fn number(store: &Connection, sql: &str) -> i64 {
    store.query_row(sql, [], |row| row.get::<_, Option<i64>>(0)).unwrap().unwrap_or_default()
}

fn rows(generated: &Generated, table: &str) -> u64 {
    generated.counts.iter().find(|count| count.table == table).unwrap().rows
}

/// SQLite's own checks are the witness that loading without them broke nothing.
#[test]
fn the_database_keeps_its_own_rules() {
    let folder = tempfile::tempdir().unwrap();
    let (generated, store) = demo(folder.path(), SMALL, TODAY);
    assert_eq!(number(&store, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    let integrity: String = store.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(integrity, "ok");
    assert_eq!(number(&store, "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'"), 1);
    assert!(number(&store, "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL") > 20);
    assert_eq!(number(&store, "SELECT count(*) FROM order_row WHERE row_id > 100000"), 20_000);
    assert_eq!(number(&store, "SELECT count(*) FROM customer WHERE length(customer_no) = 6"), 3_000);
    assert_eq!(rows(&generated, "order_row"), u64::try_from(number(&store, "SELECT count(*) FROM order_row")).unwrap());
    assert!(generated.counts.iter().all(|count| count.rows > 0), "{:?}", generated.counts);
}

#[test]
fn money_adds_up_from_rows_to_orders_to_invoices() {
    let folder = tempfile::tempdir().unwrap();
    let (_, store) = demo(folder.path(), SMALL, TODAY);
    let wrong_orders = "SELECT count(*) FROM sales_order o WHERE order_no >= 9000 AND abs(total - (SELECT sum(amount) FROM order_row r \
                        WHERE r.order_no = o.order_no)) > 0.001";
    assert_eq!(number(&store, wrong_orders), 0);
    let wrong_rows = "SELECT count(*) FROM order_row WHERE row_id > 100000 AND abs(quantity * unit_price - amount) > 0.001";
    assert_eq!(number(&store, wrong_rows), 0);
    let wrong_payments = "SELECT count(*) FROM invoice i LEFT JOIN payment p USING (invoice_no) WHERE invoice_no >= 9000 \
                          AND abs(i.total - i.balance - coalesce(p.amount, 0)) > 0.001";
    assert_eq!(number(&store, wrong_payments), 0);
}

/// The share that is due, reckoned in plain SQL from the rule "24 months without activity", not from how rows were made.
#[test]
fn about_three_percent_of_the_natural_customers_are_due() {
    let folder = tempfile::tempdir().unwrap();
    for today in [TODAY, date(2028, 2, 29), date(2027, 1, 1)] {
        let _ = std::fs::remove_file(folder.path().join("demo.db"));
        let (_, store) = demo(folder.path(), Size { customers: 6_000, order_rows: 30_000 }, today);
        let limit = today.checked_sub(jiff::Span::new().months(24)).unwrap();
        let due = number(
            &store,
            &format!(
                "WITH activity (customer_no, day) AS (SELECT customer_no, created_on FROM customer \
                 UNION ALL SELECT customer_no, ordered_on FROM sales_order UNION ALL SELECT customer_no, offered_on FROM sales_offer \
                 UNION ALL SELECT customer_no, substr(sent_at, 1, 10) FROM chat_message WHERE customer_no IS NOT NULL \
                 UNION ALL SELECT customer_no, issued_on FROM invoice \
                 UNION ALL SELECT customer_no, paid_on FROM payment JOIN invoice USING (invoice_no)) \
                 SELECT count(*) FROM (SELECT customer_no, max(day) AS latest FROM activity GROUP BY customer_no) \
                 JOIN customer USING (customer_no) WHERE type <> 'company' AND latest < '{limit}'"
            ),
        );
        let natural = number(&store, "SELECT count(*) FROM customer WHERE type <> 'company'");
        let percent = 100.0 * due as f64 / natural as f64;
        assert!((2.5..4.5).contains(&percent), "{percent} % on {today}");
    }
}

/// Each showcase customer's facts, in plain SQL with the years written out.
#[test]
fn the_showcase_is_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let (generated, store) = demo(folder.path(), SMALL, TODAY);
    let numbers: Vec<&str> = generated.showcase.iter().map(|showcase| showcase.customer_no.as_str()).collect();
    assert_eq!(numbers, ["9001", "9002", "9003"]);
    for table in ["sales_order", "sales_offer", "invoice", "sie_export_line", "support_ticket"] {
        assert_eq!(number(&store, &format!("SELECT count(*) FROM {table} WHERE customer_no = '9001'")), 0, "{table}");
    }
    assert_eq!(number(&store, "SELECT created_on < '2024-11-22' FROM customer WHERE customer_no = '9001'"), 1);
    // Invoices of 2018 are kept to the end of 2025, those of 2019 to the end of 2026.
    assert_eq!(number(&store, "SELECT max(issued_on) < '2019-01-01' FROM invoice WHERE customer_no = '9002'"), 1);
    let middle = "SELECT max(issued_on) BETWEEN '2019-01-01' AND '2024-11-21' FROM invoice WHERE customer_no = '9003'";
    assert_eq!(number(&store, middle), 1);
}

#[test]
fn two_demos_of_one_day_are_the_same_and_another_day_is_another_demo() {
    let size = Size { customers: 300, order_rows: 1_000 };
    let dump = |today| {
        let folder = tempfile::tempdir().unwrap();
        let (_, store) = demo(folder.path(), size, today);
        let mut rows = store
            .prepare(
                "SELECT o.order_no || o.ordered_on || o.total || name || portal_login FROM sales_order o \
             JOIN customer USING (customer_no) ORDER BY order_no",
            )
            .unwrap();
        rows.query_map([], |row| row.get::<_, String>(0)).unwrap().collect::<Result<Vec<_>, _>>().unwrap()
    };
    assert_eq!(dump(TODAY), dump(TODAY));
    assert_ne!(dump(TODAY), dump(date(2026, 11, 23)));
}

#[test]
fn odd_sizes_work_or_say_why_not() {
    for (customers, order_rows) in [(0, 0), (1, 0), (1, 10), (5, 3), (2_000, 1)] {
        let folder = tempfile::tempdir().unwrap();
        let (_, store) = demo(folder.path(), Size { customers, order_rows }, TODAY);
        assert_eq!(number(&store, "SELECT count(*) FROM order_row WHERE row_id > 100000"), i64::try_from(order_rows).unwrap());
        assert_eq!(number(&store, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("demo.db");
    let error = generate(&path, &Size { customers: 0, order_rows: 5 }, TODAY, &mut |_, _| {}).unwrap_err();
    assert_eq!(error.to_string(), "5 order rows need at least one customer");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("demo.db");
    std::fs::write(&path, "mine").unwrap();
    let error = generate(&path, &Size { customers: 1, order_rows: 1 }, TODAY, &mut |_, _| {}).unwrap_err();
    assert!(matches!(error, DemoError::Exists { .. }));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
}

#[test]
fn progress_ends_at_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut told = Vec::new();
    generate(&folder.path().join("demo.db"), &SMALL, TODAY, &mut |done, total| told.push((done, total))).unwrap();
    assert!(told.is_sorted());
    assert_eq!(told.last(), Some(&(23_000, 23_000)));
    assert!(told.len() > 3);
}
