//! Versions that `keep_versions` would keep, of sets whose people were erased: they go with the reader grace, whatever befell the night.

mod night;

use std::panic::{AssertUnwindSafe, catch_unwind};

use gallra::progress::{Progress, Silent, Stage};
use gallra::run::{Request, Wanted, backfill};
use night::{Night, Store, on_both_stores};

const TABLES: &str = "
    CREATE TABLE customer (id INTEGER PRIMARY KEY, name VARCHAR(40), postcode VARCHAR(10), seen DATE NOT NULL);
    CREATE TABLE sale (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer (id), sold DATE NOT NULL);";

const PIPELINE: &str = r#"
[category.customer]
table = "customer"
delete = "never"
[[category.customer.retention]]
name = "inactivity"
clock = "seen"
keep = "24 months"
[brake]
percent = 100.0
[table.customer]
id = "key"
name = "name"
postcode = "quasi_identifier"
seen = "activity"
[table.sale]
id = "key"
customer_id = "reference"
sold = "plain"
[set.sales]
base = "sale"
release = "pseudonymised"
subject = "customer"
k = 2
keep_versions = 3
columns = [
    { name = "customer", path = "customer_id", as = "pseudonym" },
    { name = "area", path = "customer.postcode", as = "prefix", length = 2 },
    { name = "sold", path = "sold" },
]
"#;

/// A night that ends as if it was killed, when a stage begins.
struct KilledAt(&'static str);

struct Nothing;

impl Progress for KilledAt {
    fn start(&self, stage: &str, _total: u64) -> Box<dyn Stage> {
        assert!(stage != self.0, "killed");
        Box::new(Nothing)
    }
}

impl Stage for Nothing {
    fn advance(&self, _units: u64) {}
    fn finish(&self) {}
}

#[derive(Clone, Copy, PartialEq)]
enum Between {
    Nothing,
    Backfill,
}

on_both_stores!(whom_a_killed_night_erased_leaves_the_old_versions, a_backfill_between_does_not_hide_it);

fn whom_a_killed_night_erased_leaves_the_old_versions(store: Store) {
    killed(store, Between::Nothing);
}

fn a_backfill_between_does_not_hide_it(store: Store) {
    killed(store, Between::Backfill);
}

fn killed(store: Store, between: Between) {
    let customers = (1..=12).map(|id| format!("({id}, 'Name {id}', '21{id:03}', '2026-05-01')")).collect::<Vec<_>>().join(",");
    let sales = (1..=60).map(|id| format!("({id}, {}, '2026-01-{:02}')", 1 + id % 12, 1 + id % 28)).collect::<Vec<_>>().join(",");
    let rows = format!("INSERT INTO customer VALUES {customers}; INSERT INTO sale VALUES {sales};");
    let night = Night::of_own(store, TABLES, &rows, PIPELINE);
    assert_eq!(night.problems(), "");
    assert_eq!(night.run().sets[0].state, "published");

    night.on_the_store("UPDATE customer SET seen = '2020-05-01' WHERE id IN (3, 4, 5)");
    if store == Store::Postgres {
        night.rebuild();
    }
    let killed =
        catch_unwind(AssertUnwindSafe(|| night.try_run_with(&Request { confirm: Some(3), ..Request::default() }, &KilledAt("verify"))));
    assert!(killed.is_err());
    // They are erased; of the sets nothing was said yet. The next night erases nobody.
    if between == Between::Backfill {
        // A new version takes the latest one's place before the next night.
        let wanted = Wanted { set: "sales", tenant: None, from: None, to: None };
        let report = night.with_world(|world| backfill(&night.pipeline, &wanted, world, &Silent)).unwrap();
        let line = report.tenants[0].line.clone().unwrap();
        assert_eq!(line.state, "published");
        return assert_marked(line.folder.as_deref());
    }
    let run = night.run();
    assert_eq!((run.rows_written, run.sets[0].state), (0, "published"));
    assert_marked(run.sets[0].folder.as_deref());
}

/// The only old version goes with the reader grace.
fn assert_marked(latest: Option<&str>) {
    let folder = std::path::PathBuf::from(latest.unwrap());
    let latest: serde_json::Value = serde_json::from_slice(&std::fs::read(folder.parent().unwrap().join("latest.json")).unwrap()).unwrap();
    let old = latest["replaced"].as_array().unwrap();
    assert!(old.len() == 1 && old[0]["holds_erased"] == true, "{latest:#}");
}
