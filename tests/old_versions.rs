//! Versions that `keep_versions` would keep, of sets whose people were erased: they go with the reader grace, whatever befell the night. And versions
//! that somebody else changed or took away: `verify` finds them by what the ledger knows, and a night makes them anew and says so.

mod night;
#[path = "old_versions/vouched.rs"]
mod vouched;

use std::panic::{AssertUnwindSafe, catch_unwind};

use std::fs;
use std::path::{Path, PathBuf};

use gallra::progress::{Progress, Silent, Stage};
use gallra::report::RunReport;
use gallra::run::{Request, Wanted, backfill, plan_backfill};
use gallra::verify::Finding;
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
    let folder = PathBuf::from(latest.unwrap());
    let latest: serde_json::Value = serde_json::from_slice(&fs::read(folder.parent().unwrap().join("latest.json")).unwrap()).unwrap();
    let old = latest["replaced"].as_array().unwrap();
    assert!(old.len() == 1 && old[0]["holds_erased"] == true, "{latest:#}");
}

const TOTALS: &str = r#"
[set.totals]
base = "sale"
release = "anonymous"
subject = "customer"
k = 2
closed = "month"
columns = [
    { name = "month", path = "sold", as = "month" },
    { name = "sales", count = true },
]
"#;

/// A company with a set of rows and one of totals, both published.
fn company() -> Night {
    let customers = (1..=12).map(|id| format!("({id}, 'Name {id}', '21{id:03}', '2026-05-01')")).collect::<Vec<_>>().join(",");
    let sales = (1..=60).map(|id| format!("({id}, {}, '2026-01-{:02}')", 1 + id % 12, 1 + id % 28)).collect::<Vec<_>>().join(",");
    let rows = format!("INSERT INTO customer VALUES {customers}; INSERT INTO sale VALUES {sales};");
    let night = Night::of_own(Store::Sqlite, TABLES, &rows, &format!("{PIPELINE}{TOTALS}"));
    assert_eq!(night.problems(), "");
    let run = night.run();
    assert_eq!((run.exit_code, states(&run)), (0, vec!["published", "published"]), "{:?}", run.notes);
    assert_eq!(findings(&night), []);
    night
}

fn states(run: &RunReport) -> Vec<&'static str> {
    run.sets.iter().map(|set| set.state).collect()
}

fn findings(night: &Night) -> Vec<Finding> {
    night.with_world(|world| gallra::verify::later::verify(&night.pipeline, world, &Silent)).unwrap().findings
}

/// The only finding.
fn finding(night: &Night, check: &str, says: &str) -> String {
    let found = findings(night);
    assert!(found.len() == 1 && found[0].check == check && found[0].message.contains(says), "{check}, {says}: {found:#?}");
    found[0].hint.clone().expect("a hint")
}

fn latest(night: &Night, set: &str) -> PathBuf {
    let folder = night.folder.path().join("published").join(set);
    let latest: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("latest.json")).unwrap()).unwrap();
    folder.join(latest["version"].as_str().unwrap())
}

/// The manifest and the hash of it in `latest.json`, both forged, so that they vouch for each other.
fn forge(version: &Path) {
    let (path, latest) = (version.join("_manifest.json"), version.parent().unwrap().join("latest.json"));
    let before = fs::read_to_string(&path).unwrap();
    let forged = before.replace("\"label\": \"pseudonymised\"", "\"label\":  \"pseudonymised\"");
    assert_ne!(before, forged);
    fs::write(&path, &forged).unwrap();
    let hash = |text: &str| gallra::pipeline::resolve::hash(text.as_bytes());
    fs::write(&latest, fs::read_to_string(&latest).unwrap().replace(&hash(&before), &hash(&forged))).unwrap();
}

type Damage = (&'static str, fn(&Path), &'static str);

/// What befalls the latest version of `sales`, and what is said of it.
const DAMAGES: [Damage; 7] = [
    ("the whole set", |version| fs::remove_dir_all(version.parent().unwrap()).unwrap(), "is gone, where `v-"),
    ("its latest version", |version| fs::remove_dir_all(version).unwrap(), "` is missing"),
    ("latest.json", |version| fs::remove_file(version.with_file_name("latest.json")).unwrap(), "latest.json` is missing"),
    ("its manifest", |version| fs::remove_file(version.join("_manifest.json")).unwrap(), "_manifest.json` is missing"),
    ("a forgery of both", forge, "_manifest.json` was changed after it was published"),
    ("a dictionary", |version| fs::write(version.join("_dictionary.json"), "{}").unwrap(), "_dictionary.json` "),
    (
        "a file beside its own",
        |version| assert!(fs::copy(version.join("part-0000.parquet"), version.join("more.parquet")).is_ok()),
        "more.parquet` ",
    ),
];

#[test]
fn what_somebody_else_did_to_a_set_is_found_and_made_anew_and_said() {
    let night = company();
    for (what, damage, says) in DAMAGES {
        let before = latest(&night, "sales");
        let rows = fs::read(before.join("part-0000.parquet")).unwrap();
        damage(&before);
        let hint = finding(&night, "published", says);
        assert!(hint.contains("the next `gallra run` makes a new version"), "{what}: {hint}");
        let run = night.run();
        assert_eq!((run.exit_code, states(&run)), (1, vec!["published", "unchanged"]), "{what}: {:?}", run.notes);
        let (look, hint) = run.sets[0].looks().into_iter().next().expect(what);
        assert!(look.contains(says) && run.notes.contains(&look) && hint.is_some_and(|hint| hint.contains("published`")), "{what}: {look}");
        let after = latest(&night, "sales");
        assert!(
            after != before && fs::read(after.join("part-0000.parquet")).unwrap() == rows && !after.join("more.parquet").exists(),
            "{what}"
        );
        // What was changed stays for the grace of its readers; nobody makes it good.
        if before.exists() {
            fs::remove_dir_all(before).unwrap();
        }
        assert_eq!(findings(&night), [], "{what}");
        let run = night.run();
        assert_eq!((run.exit_code, run.nothing_changed), (0, true), "{what}: {:?}", run.notes);
    }
}

#[test]
fn a_backfill_says_so_and_does_the_same() {
    let night = company();
    let wanted = Wanted { set: "sales", tenant: None, from: None, to: None };
    for (what, damage, says) in DAMAGES {
        let before = latest(&night, "sales");
        damage(&before);
        let plan = night.with_world(|world| plan_backfill(&night.pipeline, &wanted, world, &Silent)).unwrap();
        assert!(plan.notes.iter().any(|note| note.contains(says.trim_end())), "{what}: {:?}", plan.notes);
        let report = night.with_world(|world| backfill(&night.pipeline, &wanted, world, &Silent)).unwrap();
        let line = report.tenants[0].line.clone().unwrap();
        assert_eq!((report.exit_code, line.state), (1, "published"), "{what}");
        assert!(line.looks()[0].0.contains(says), "{what}: {:?}", line.looks());
        if before.exists() {
            fs::remove_dir_all(before).unwrap();
        }
        assert_eq!(findings(&night), [], "{what}");
    }
    let refused = |tenant| {
        let wanted = Wanted { tenant: Some(tenant), ..wanted };
        night.with_world(|world| plan_backfill(&night.pipeline, &wanted, world, &Silent)).map_err(night::told).unwrap_err()
    };
    assert!(refused("north").contains("leave `--tenant` out"), "{}", refused("north"));
}

#[test]
fn what_is_published_no_more_or_elsewhere_is_not_missed() {
    let night = company();
    let text = fs::read_to_string(&night.pipeline).unwrap();
    let published = night.folder.path().join("published");
    // The pipeline declares one set less: what lies there may lie there, and may go.
    fs::write(&night.pipeline, text.replace(TOTALS, "")).unwrap();
    assert_eq!(findings(&night), []);
    fs::remove_dir_all(published.join("totals")).unwrap();
    assert_eq!(findings(&night), []);
    night.run();
    assert_eq!(findings(&night), []);
    // Sets go to another place: the old one may go.
    let elsewhere = text.replace(TOTALS, "").replacen("\n[category", "\noutput = \"elsewhere\"\n[category", 1);
    fs::write(&night.pipeline, elsewhere).unwrap();
    fs::remove_dir_all(&published).unwrap();
    assert_eq!(findings(&night), []);
    assert_eq!(states(&night.run()), ["published"]);
    assert_eq!(findings(&night), []);
    fs::remove_dir_all(night.folder.path().join("elsewhere")).unwrap();
    finding(&night, "published", "is gone, where `v-");
}

#[test]
fn a_run_that_was_killed_after_the_switch_is_no_forgery() {
    let night = company();
    night.on_the_store("UPDATE sale SET sold = '2026-02-01' WHERE id = 1");
    let ledger = night.folder.path().join("ledger/ledger.jsonl");
    let entries = fs::read_to_string(&ledger).unwrap().lines().count();
    let database = night.pipeline.with_extension("db");
    let before = fs::read(&database).unwrap();
    assert_eq!(night.run().sets[0].state, "published");
    // The run's start stands in the ledger; its end never came about.
    let text = fs::read_to_string(&ledger).unwrap();
    let kept: Vec<&str> = text.lines().take(entries + 1).collect();
    assert!(kept[entries].contains("run_started"), "{}", kept[entries]);
    fs::write(&ledger, kept.join("\n") + "\n").unwrap();
    fs::write(&database, before).unwrap();
    assert!(findings(&night).iter().all(|finding| finding.check != "published"), "{:#?}", findings(&night));
    let run = night.run();
    assert_eq!((run.exit_code, run.sets[0].state), (0, "unchanged"), "{:?}", run.notes);
    // The ledger has caught up: whoever takes it away now is found.
    assert_eq!(findings(&night), []);
    fs::remove_dir_all(night.folder.path().join("published/sales")).unwrap();
    finding(&night, "published", "is gone, where `v-");
}

#[test]
fn the_memory_of_an_anonymous_set_is_missed() {
    let night = company();
    let folder = night.folder.path().join("ledger/contributors");
    let file = folder.join("totals.json");
    let memory = fs::read(&file).unwrap();
    fs::write(&file, "{}").unwrap();
    finding(&night, "contributors", "is damaged or belongs to another keyring");
    fs::remove_dir_all(&folder).unwrap();
    let hint = finding(&night, "contributors", "the memory of who contributed to it is not in");
    assert!(hint.contains("bring the file back"), "{hint}");
    // Also where its versions are gone as well, so that a run would begin anew.
    let totals = night.folder.path().join("published/totals");
    fs::rename(&totals, night.folder.path().join("aside")).unwrap();
    let checks: Vec<String> = findings(&night).into_iter().map(|finding| finding.check).collect();
    assert_eq!(checks, ["contributors", "published"]);
    fs::rename(night.folder.path().join("aside"), &totals).unwrap();
    fs::create_dir(&folder).unwrap();
    fs::write(&file, memory).unwrap();
    assert_eq!(findings(&night), []);
}

/// A set that refuses small groups keeps its older version, and says so where that is a laxer one.
#[test]
fn a_refused_set_says_what_its_readers_still_have() {
    let night = company();
    let text = fs::read_to_string(&night.pipeline).unwrap();
    fs::write(&night.pipeline, text.replace("k = 2\nkeep_versions", "k = 13\nsmall_groups = \"refuse\"\nkeep_versions")).unwrap();
    let run = night.run();
    let looks = run.sets.iter().find(|set| set.set == "sales").unwrap().looks();
    assert_eq!(looks.len(), 2, "{looks:?}");
    assert!(
        looks[1].0.contains("stays its latest version, which was published under `k` = 2 and `small_groups` = \"suppress\""),
        "{looks:?}"
    );
}

#[test]
fn of_several_tenants_the_set_of_one_is_missed() {
    let night = Night::of_fixture(Store::Sqlite, "flexybox", jiff::civil::date(2026, 11, 22));
    let run = night.run();
    let of_sets = |night: &Night| -> Vec<Finding> {
        findings(night).into_iter().filter(|finding| ["published", "contributors"].contains(&finding.check.as_str())).collect()
    };
    assert_eq!(of_sets(&night), []);
    let lines: Vec<_> = run.sets.iter().filter(|set| !set.tenant.is_empty()).collect();
    let last = lines.iter().rfind(|set| set.folder.is_some()).expect("a set of a tenant");
    let folder = PathBuf::from(last.folder.clone().unwrap());
    let folder = folder.parent().unwrap();
    fs::remove_dir_all(folder).unwrap();
    let found = of_sets(&night);
    let says = format!("`{}` is gone, where `v-{}` was published", folder.display(), run.run);
    assert!(found.len() == 1 && found[0].message == says, "{found:#?}");
    let others = |run: &RunReport| run.sets.iter().filter(|set| set.state == "published").map(|set| set.tenant.clone()).collect::<Vec<_>>();
    assert_eq!(others(&night.run()), std::slice::from_ref(&last.tenant));
    assert_eq!(of_sets(&night), []);
}
