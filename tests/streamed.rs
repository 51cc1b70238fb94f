//! A set whose base table goes through it row by row, in a backfill, and the table between it and the people as well: what it holds is what the
//! night publishes, which has every row in memory, and what plain SQL finds; and what something else needs is read as ever.

mod night;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use gallra::progress::{Progress, Stage};
use gallra::publish::Change;
use gallra::run::{BackfillReport, Wanted, backfill, plan_backfill};
use night::{Night, Store, on_both_stores};

const TABLES: &str = "
    CREATE TABLE center (id INTEGER PRIMARY KEY, country VARCHAR(2));
    CREATE TABLE customer (center_id INTEGER NOT NULL REFERENCES center (id), id INTEGER NOT NULL, name VARCHAR(40), postcode VARCHAR(10),
        seen DATE NOT NULL, objects VARCHAR(5), PRIMARY KEY (center_id, id));
    CREATE TABLE sale (center_id INTEGER NOT NULL REFERENCES center (id), id INTEGER NOT NULL, customer_id INTEGER, sold DATE NOT NULL,
        PRIMARY KEY (center_id, id), FOREIGN KEY (center_id, customer_id) REFERENCES customer (center_id, id));
    CREATE TABLE line (center_id INTEGER NOT NULL REFERENCES center (id), id INTEGER NOT NULL, sale_id INTEGER, product VARCHAR(20),
        quantity INTEGER, price DECIMAL(12,2), packed TIMESTAMP, PRIMARY KEY (center_id, id),
        FOREIGN KEY (center_id, sale_id) REFERENCES sale (center_id, id));";

const PIPELINE: &str = r#"
[tenants]
table = "center"
key = "id"
column = "center_id"
country = "country"
[category.customer]
table = "customer"
delete = "never"
restriction = [{ table = "customer", when = { column = "objects", is = ["yes"] }, reason = "objection" }]
[[category.customer.retention]]
name = "inactivity"
clock = "seen"
keep = "24 months"
[brake]
percent = 100.0
[table.center]
id = "key"
country = "plain"
[table.customer]
center_id = "key"
id = "key"
name = "name"
postcode = "quasi_identifier"
seen = "activity"
objects = "plain"
[table.sale]
center_id = "key"
id = "key"
customer_id = "reference"
sold = "plain"
[table.line]
center_id = "key"
id = "key"
sale_id = "reference"
product = "plain"
quantity = "amount"
price = "amount"
packed = "plain"
[set.sales]
base = "line"
release = "pseudonymised"
subject = "sale.customer"
k = 2
partition = "month"
sort = ["area"]
where = [{ column = "product", is_not = ["gift"] }]
columns = [
    { name = "customer", path = "sale.customer.id", as = "pseudonym" },
    { name = "month", path = "sale.sold", as = "month" },
    { name = "area", path = "sale.customer.postcode", as = "prefix", length = 2 },
    { name = "product", path = "product" },
    { name = "quantity", path = "quantity" },
    { name = "price", path = "price" },
    { name = "worth", amount = "quantity * price" },
    { name = "packed", path = "packed" },
]
"#;

/// Two centers with the same numbers; customers of three areas, of whom one in seven was last seen too long ago and one in eleven objects;
/// sales over half a year, one in nine to nobody; lines of all kinds, some of no sale, some of no price.
fn rows() -> String {
    let mut sql = String::from("INSERT INTO center VALUES (1, 'SE'), (2, 'NO');");
    for center in 1..=2 {
        for id in 1..=60 {
            let seen = if id % 7 == 0 { "2020-05-01" } else { "2026-05-01" };
            let objects = if id % 11 == 0 { "'yes'" } else { "NULL" };
            let area = ["21", "22", "98"][id % 3];
            sql += &format!("INSERT INTO customer VALUES ({center}, {id}, 'Name {id}', '{area}{id:03}', '{seen}', {objects});");
        }
        for id in 1..=200 {
            let customer = if id % 9 == 0 { "NULL".to_owned() } else { (1 + id * 7 * center % 60).to_string() };
            // Who bought long ago alone: what a clock over sales forgets.
            let year = if customer.parse().is_ok_and(|customer: i32| customer % 14 == 0) { 2021 } else { 2026 };
            sql += &format!("INSERT INTO sale VALUES ({center}, {id}, {customer}, '{year}-{:02}-{:02}');", 1 + id % 6, 1 + id % 28);
        }
        for id in 1..=1500 {
            let sale = if id % 31 == 0 { "NULL".to_owned() } else { (1 + id * 13 % 200).to_string() };
            let price = if id % 17 == 0 { "NULL".to_owned() } else { format!("{}.{:02}", id % 900, id % 100) };
            let product = if id % 13 == 0 { "gift".to_owned() } else { format!("thing {}", id % 40) };
            let packed = format!("2026-06-{:02} {:02}:15:00", 1 + id % 28, id % 24);
            sql += &format!("INSERT INTO line VALUES ({center}, {id}, {sale}, '{product}', {}, {price}, '{packed}');", id % 12);
        }
    }
    sql
}

/// The names of the stages that began.
#[derive(Clone, Default)]
struct Names(Arc<Mutex<Vec<String>>>);

impl Names {
    /// The tables of which nothing was kept.
    fn streamed(&self) -> BTreeSet<String> {
        self.0.lock().unwrap().iter().filter_map(|name| Some(name.strip_prefix("stream ")?.to_owned())).collect()
    }
}

/// Both tables.
fn all() -> BTreeSet<String> {
    ["line".to_owned(), "sale".to_owned()].into()
}

struct Nothing;

impl Progress for Names {
    fn start(&self, stage: &str, _total: u64) -> Box<dyn Stage> {
        self.0.lock().unwrap().push(stage.to_owned());
        Box::new(Nothing)
    }
}

impl Stage for Nothing {
    fn advance(&self, _units: u64) {}
    fn finish(&self) {}
}

/// Each tenant by itself: rows of several go through none of their sets.
const CENTERS: [Wanted<'static>; 2] =
    [Wanted { set: "sales", tenant: Some("1"), from: None, to: None }, Wanted { set: "sales", tenant: Some("2"), from: None, to: None }];

fn write(night: &Night) -> (Vec<BackfillReport>, BTreeSet<String>) {
    let names = Names::default();
    let report = |wanted: &Wanted| night.with_world(|world| backfill(&night.pipeline, wanted, world, &names)).unwrap();
    let reports = CENTERS.iter().map(report).collect();
    (reports, names.streamed())
}

fn changes(night: &Night) -> (BTreeMap<(String, String), Change>, BTreeSet<String>) {
    let names = Names::default();
    let report = |wanted: &Wanted| night.with_world(|world| plan_backfill(&night.pipeline, wanted, world, &names)).unwrap();
    let reports: Vec<BackfillReport> = CENTERS.iter().map(report).collect();
    let of_tenant = |tenant: &gallra::run::TenantBackfill| -> Vec<((String, String), Change)> {
        tenant.partitions.iter().map(|part| ((tenant.tenant.clone(), part.change.folder.clone()), part.change.change)).collect()
    };
    (reports.iter().flat_map(|report| &report.tenants).flat_map(of_tenant).collect(), names.streamed())
}

on_both_stores!(
    keys_of_one_number_and_those_that_lead_nowhere_are_as_ever,
    the_night_finds_what_a_backfill_streamed,
    the_days_of_a_table_on_the_way_decide_as_ever,
    a_table_on_the_way_that_matters_is_read_as_ever,
    a_base_that_matters_is_read_as_ever
);

fn the_night_finds_what_a_backfill_streamed(store: Store) {
    let night = Night::of_own(store, TABLES, &rows(), PIPELINE);
    assert_eq!(night.problems(), "");
    // Before anybody is forgotten: the set is as it will be after tonight.
    let (reports, streamed) = write(&night);
    assert_eq!(streamed, all());
    let lines: Vec<_> = reports.iter().flat_map(|report| &report.tenants).map(|tenant| tenant.line.as_ref().unwrap()).collect();
    let published: u64 = lines.iter().map(|line| line.rows).sum();
    let expected: i64 = night
        .database()
        .query_row(
            "SELECT count(*) FROM line LEFT JOIN sale ON sale.id = line.sale_id AND sale.center_id = line.center_id
             LEFT JOIN customer ON customer.id = sale.customer_id AND customer.center_id = line.center_id
             WHERE product <> 'gift' AND coalesce(objects, '') <> 'yes'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(i64::try_from(published), Ok(expected));
    for line in lines {
        let left_out = line.left_out.unwrap();
        assert!(left_out.filtered > 0 && left_out.restricted > 0, "{left_out:?}");
        assert!(line.gate.as_ref().unwrap().risk.is_some());
    }
    // The night forgets people, computes the set from all rows in memory, and finds nothing to publish.
    let run = night.run();
    assert!(run.rows_written > 0);
    let states: Vec<&str> = run.sets.iter().map(|line| line.state).collect();
    assert_eq!(states, ["unchanged", "unchanged"], "{:?}", run.sets);
    let (same, streamed) = changes(&night);
    assert!(streamed == all() && same.len() > 8 && same.values().all(|change| *change == Change::Same), "{same:?}");
    // One price: one partition.
    night.on_the_store("UPDATE line SET price = 1234.56 WHERE center_id = 2 AND id = 25");
    if store == Store::Postgres {
        night.rebuild();
    }
    let (changed, _) = changes(&night);
    assert_eq!(changed.values().filter(|change| **change == Change::Changed).count(), 1, "{changed:?}");
    assert_eq!(changed.values().filter(|change| **change != Change::Same).count(), 1, "{changed:?}");
}

fn a_base_that_matters_is_read_as_ever(store: Store) {
    let line_clock = "clock = [\"seen\", \"line.packed\"]";
    let line_notes = "product = { class = \"free_text\", forget = \"placeholder\" }";
    for (declared, instead) in [
        // Whether somebody goes hangs on the lines.
        ("delete = \"never\"", "delete = \"unlinked\""),
        ("clock = \"seen\"", line_clock),
        // All columns of rows are made coarser together.
        ("k = 2", "k = 2\nsmall_groups = \"generalise\""),
        // Identities are drawn for the forgotten.
        ("k = 2", "k = 2\nafter_forgetting = \"unlink\""),
        // The lines are changed themselves.
        ("product = \"plain\"", line_notes),
    ] {
        let mut text = PIPELINE.replace(declared, instead);
        assert_ne!(text, PIPELINE);
        if instead == line_clock {
            text = text.replace("packed = \"plain\"", "packed = \"activity\"");
        }
        if instead == line_notes {
            text = text.replace("where = [{ column = \"product\", is_not = [\"gift\"] }]\n", "");
            text = text.replace("    { name = \"product\", path = \"product\" },\n", "");
        }
        let night = Night::of_own(store, TABLES, &rows(), &text);
        assert_eq!(night.problems(), "", "{instead}");
        let (_, streamed) = write(&night);
        assert_eq!(streamed, BTreeSet::new(), "{instead}");
    }
}

/// Nobody has the sales in memory, and yet whose last sale is too long ago is forgotten. What follows the sale: a composite pseudonym, a day as
/// it is and its quarter, of ended periods alone.
fn the_days_of_a_table_on_the_way_decide_as_ever(store: Store) {
    let text = PIPELINE
        .replace("clock = \"seen\"", "clock = [\"seen\", \"sale.sold\"]")
        .replace("sold = \"plain\"", "sold = \"activity\"")
        .replace("k = 2\n", "k = 2\nclosed = \"month\"\n")
        .replace("    { name = \"area\"", "    { name = \"sold\", path = \"sale.sold\", as = \"day\" },\n    { name = \"area\"");
    let mut rows = rows();
    if store == Store::Sqlite {
        // What is no day keeps the customer.
        rows += "UPDATE sale SET sold = 'soon' WHERE customer_id = 28 AND id % 2 = 0;";
    }
    let night = Night::of_own(store, TABLES, &rows, &text);
    assert_eq!(night.problems(), "");
    let (reports, streamed) = write(&night);
    assert_eq!(streamed, all());
    assert!(
        reports.iter().flat_map(|report| &report.tenants).all(|tenant| tenant.line.as_ref().unwrap().left_out.unwrap().open_period > 0)
    );
    let last = "SELECT max(sold) FROM sale WHERE sale.center_id = customer.center_id AND customer_id = customer.id";
    let unreadable =
        "EXISTS (SELECT 1 FROM sale WHERE sale.center_id = customer.center_id AND customer_id = customer.id AND sold = 'soon')";
    let of_sqlite = if store == Store::Sqlite { format!("AND NOT {unreadable}") } else { String::new() };
    let due = format!(
        "SELECT count(*) FROM customer WHERE max(seen, coalesce(({last}), '')) < '2024-11-22' AND coalesce(objects, '') <> 'yes' {of_sqlite}"
    );
    let due: u32 = night.database().query_row(&due, [], |row| row.get(0)).unwrap();
    let run = night.run();
    assert!(due > 3);
    assert_eq!(run.rows_written, u64::from(due));
    let states: Vec<&str> = run.sets.iter().map(|line| line.state).collect();
    assert_eq!(states, ["unchanged", "unchanged"], "{:?}", run.sets);
    // Also with a journal.
    let (same, streamed) = changes(&night);
    assert!(streamed == all() && same.values().all(|change| *change == Change::Same), "{same:?}");
}

fn a_table_on_the_way_that_matters_is_read_as_ever(store: Store) {
    let complaint = "CREATE TABLE complaint (center_id INTEGER NOT NULL, id INTEGER NOT NULL, sale_id INTEGER, PRIMARY KEY (center_id, id),
        FOREIGN KEY (center_id, sale_id) REFERENCES sale (center_id, id));";
    let of_complaints = "[table.complaint]\ncenter_id = \"key\"\nid = \"key\"\nsale_id = \"reference\"\n";
    let duty = "[duty.books]\ntable = \"sale\"\nclock = \"sold\"\nkeep = \"7 years\"\nprotects = [\"customer.name\"]\n";
    let objecting = "delete = \"never\"\nhold = [{ table = \"sale\", when = { column = \"id\", is = [7] }, reason = \"dispute\" }]";
    for (tables, text) in [
        (format!("{TABLES}{complaint}"), PIPELINE.replace("[table.line]", &format!("{of_complaints}[table.line]"))),
        (TABLES.to_owned(), PIPELINE.replace("[brake]", &format!("{duty}[brake]"))),
        (TABLES.to_owned(), PIPELINE.replace("delete = \"never\"", objecting)),
    ] {
        assert_ne!(text, PIPELINE);
        let night = Night::of_own(store, tables.as_str(), &rows(), &text);
        assert_eq!(night.problems(), "");
        let (_, streamed) = write(&night);
        assert_eq!(streamed, ["line".to_owned()].into());
        let states: Vec<&str> = night.run().sets.iter().map(|line| line.state).collect();
        assert_eq!(states, ["unchanged", "unchanged"]);
    }
}

/// One controller, keys of one column, and a reference that the database does not keep: numbers far apart, pointers to nobody and to customers who
/// are gone, and the pointer itself as a pseudonym.
fn keys_of_one_number_and_those_that_lead_nowhere_are_as_ever(store: Store) {
    let tables = "
        CREATE TABLE customer (id INTEGER PRIMARY KEY, name VARCHAR(40), postcode VARCHAR(10));
        CREATE TABLE sale (id INT PRIMARY KEY, customer_id INTEGER, channel VARCHAR(10), sold DATE NOT NULL);
        CREATE TABLE line (id INTEGER PRIMARY KEY, sale_id INTEGER REFERENCES sale (id), quantity INTEGER);";
    let text = r#"
[category.customer]
table = "customer"
delete = "never"
[[category.customer.retention]]
name = "inactivity"
clock = "sale.sold"
missing = "not_started"
keep = "24 months"
[brake]
percent = 100.0
[table.customer]
id = "key"
name = "name"
postcode = "quasi_identifier"
[table.sale]
id = "key"
customer_id = "reference"
channel = "plain"
sold = "activity"
[[reference]]
table = "sale"
columns = ["customer_id"]
to = "customer"
kind = "linked"
[table.line]
id = "key"
sale_id = "reference"
quantity = "plain"
[set.sales]
base = "line"
release = "pseudonymised"
subject = "sale.customer"
k = 2
partition = "month"
columns = [
    { name = "who", path = "sale.customer_id", as = "pseudonym" },
    { name = "month", path = "sale.sold", as = "month" },
    { name = "area", path = "sale.customer.postcode", as = "prefix", length = 2 },
    { name = "channel", path = "sale.channel" },
    { name = "quantity", path = "quantity" },
]
"#;
    let mut rows = String::new();
    for id in 1..=60 {
        rows += &format!("INSERT INTO customer VALUES ({id}, 'Name {id}', '{}{id:03}');", ["21", "22", "98"][id % 3]);
    }
    for id in 1..=300 {
        let customer = match id {
            _ if id % 11 == 0 => "NULL".to_owned(),
            _ if id % 13 == 0 => (900 + id % 5).to_string(),
            _ => (1 + id * 7 % 60).to_string(),
        };
        let year = if customer.parse().is_ok_and(|customer: i32| customer % 9 == 0) { 2021 } else { 2026 };
        let channel = if id % 4 == 0 { "NULL" } else { "'web'" };
        let (key, month) = ((id * 37 % 301) * 32, 1 + id % 6);
        rows += &format!("INSERT INTO sale VALUES ({key}, {customer}, {channel}, '{year}-{month:02}-05');");
    }
    for id in 1..=900 {
        let sale = if id % 31 == 0 { "NULL".to_owned() } else { ((id * 13 % 300 + 1) * 37 % 301 * 32).to_string() };
        rows += &format!("INSERT INTO line VALUES ({id}, {sale}, {});", id % 12);
    }
    if store == Store::Sqlite {
        // There a key can be missing; nothing points at such a row.
        rows += "INSERT INTO sale VALUES (NULL, 5, 'web', '2026-03-05'), (NULL, NULL, NULL, '2026-03-05');";
    }
    let night = Night::of_own(store, tables, &rows, text);
    assert_eq!(night.problems(), "");
    let whole = Wanted { set: "sales", tenant: None, from: None, to: None };
    let names = Names::default();
    let report = night.with_world(|world| backfill(&night.pipeline, &whole, world, &names)).unwrap();
    assert_eq!(names.streamed(), all());
    assert_eq!(report.tenants[0].line.as_ref().unwrap().rows, 900);
    let run = night.run();
    assert!(run.rows_written > 0);
    assert_eq!(run.sets[0].state, "unchanged", "{:?}", run.sets);
}
