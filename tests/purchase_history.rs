//! S1: on anonymisation the purchase history stays. Totals per product and month, by plain SQL on the operational tables before the night, are
//! what the published set says after it; and nothing that F2 forbids happened to the tables.

mod night;

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{Date32Type, Decimal128Type};
use jiff::civil::date;
use night::{Night, dump};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// (article, month) → (quantity, amount), both in the last decimal's units.
type Totals = BTreeMap<(String, String), (i128, i128)>;

/// Of a version's folder, with a folder per month.
fn published(version: &std::path::Path) -> (Totals, usize) {
    let mut totals = Totals::new();
    let mut rows = 0;
    for folder in std::fs::read_dir(version).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        let name = folder.file_name().unwrap().to_str().unwrap();
        let month = name.strip_prefix("order_month=").unwrap();
        // A date that nobody can read has no month, in the set as in SQL.
        let month = if month == "__HIVE_DEFAULT_PARTITION__" { "" } else { month.strip_suffix("-01").unwrap() };
        let file = std::fs::File::open(folder.join("part-0000.parquet")).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
        for batch in reader.map(Result::unwrap) {
            let text = |name: &str| batch.column_by_name(name).unwrap().as_string::<i32>().clone();
            let amount = |name: &str| batch.column_by_name(name).unwrap().as_primitive::<Decimal128Type>().clone();
            let (articles, quantities, amounts) = (text("article_no"), amount("quantity"), amount("amount"));
            for row in 0..batch.num_rows() {
                let total = totals.entry((articles.value(row).to_owned(), month.to_owned())).or_default();
                total.0 += quantities.value(row);
                total.1 += if amounts.is_valid(row) { amounts.value(row) } else { 0 };
            }
            rows += batch.num_rows();
        }
    }
    (totals, rows)
}

#[test]
fn totals_per_product_and_month_are_those_of_the_operational_tables() {
    let night = Night::of_demo(2_000, 20_000, date(2026, 11, 22));
    let database = night.database();
    let mut operational = Totals::new();
    let mut rows = 0;
    {
        // Restricted customers' rows are left out of what is published (GDPR article 18); all others must be there.
        let sql = "SELECT r.article_no, CASE WHEN date(o.ordered_on) IS o.ordered_on THEN substr(o.ordered_on, 1, 7) ELSE '' END, CAST(round(r.quantity * 100) AS INTEGER), CAST(round(r.amount * 100) AS INTEGER) \
                   FROM order_row r JOIN sales_order o ON o.order_no = r.order_no LEFT JOIN customer c ON c.customer_no = o.customer_no \
                   WHERE coalesce(c.gdpr_restricted, 0) = 0 AND o.status <> 'cancelled'";
        let mut statement = database.prepare(sql).unwrap();
        let mut found = statement.query([]).unwrap();
        while let Some(row) = found.next().unwrap() {
            let total = operational.entry((row.get(0).unwrap(), row.get(1).unwrap())).or_default();
            total.0 += i128::from(row.get::<_, i64>(2).unwrap());
            total.1 += i128::from(row.get::<_, Option<i64>>(3).unwrap().unwrap_or_default());
            rows += 1;
        }
    }
    let before = dump(&database);
    let report = night.run();
    assert!(report.rows_written > 50, "the night forgot somebody");
    let set = report.sets.iter().find(|set| set.set == "purchase_history").unwrap();
    let (published, published_rows) = published(std::path::Path::new(set.folder.as_ref().unwrap()));
    assert_eq!(published_rows, rows);
    assert_eq!(published.len(), operational.len());
    for (key, total) in &operational {
        assert_eq!(published.get(key), Some(total), "{key:?}");
    }
    let after = dump(&night.database());
    // F2: whoever has an order or an invoice is still there, under the same key; and every document with them.
    for table in ["sales_order", "order_row", "invoice", "invoice_row", "payment", "article"] {
        assert_eq!(before[table].rows.len(), after[table].rows.len(), "no row of `{table}` disappears");
    }
    let broken: i64 = night.database().query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0)).unwrap();
    assert_eq!(broken, 0);
    let deleted_with_order: i64 = night
        .database()
        .query_row(
            "SELECT count(*) FROM sales_order o WHERE NOT EXISTS (SELECT 1 FROM customer c WHERE c.customer_no = o.customer_no)",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(deleted_with_order, 0);
}

#[test]
fn a_set_of_sales_by_area_shows_no_cell_of_fewer_than_k_customers() {
    let night = Night::of_demo(2_000, 20_000, date(2026, 11, 22));
    let report = night.run();
    let set = report.sets.iter().find(|set| set.set == "sales_by_area").unwrap();
    let file = std::path::Path::new(set.folder.as_ref().unwrap()).join("part-0000.parquet");
    let reader = ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(file).unwrap()).unwrap().build().unwrap();
    let mut cells = 0;
    for batch in reader.map(Result::unwrap) {
        let customers = batch.column_by_name("customers").unwrap().as_primitive::<arrow::datatypes::Int64Type>().clone();
        assert!(customers.iter().flatten().all(|customers| customers >= 5));
        let months = batch.column_by_name("order_month").unwrap().as_primitive::<Date32Type>().clone();
        // Closed months only: November is not over on the 22nd.
        assert!(months.iter().flatten().all(|month| gallra::decide::clocks::date_of_day(month).unwrap() < date(2026, 11, 1)));
        cells += batch.num_rows();
    }
    assert!(cells > 0);
}
