//! `gallra backfill`: partitions written again, nothing erased, a plan first, and going on where it was killed.

mod common_cli;

use std::fs;
use std::path::{Path, PathBuf};

use common_cli::{call, sha256};

const PIPELINE: &str = "gallra-demo/fortnox.toml";
const SET: [&str; 4] = ["backfill", PIPELINE, "--set", "purchase_history"];

fn demo() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    call(folder.path(), &["demo", "--customers", "2000", "--order-rows", "20000"]).expect(0);
    folder
}

fn latest(demo: &Path) -> PathBuf {
    PathBuf::from(call(demo, &["path", PIPELINE, "purchase_history"]).expect(0).out.trim_end())
}

fn manifest(version: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(version.join("_manifest.json")).expect("a manifest")).expect("JSON")
}

/// Partition → (the run that wrote it, rows).
fn made(version: &Path) -> Vec<(String, String, u64)> {
    let manifest = manifest(version);
    let entries = manifest["partitions"].as_array().expect("partitions").iter();
    let text = |entry: &serde_json::Value, name: &str| entry[name].as_str().expect("a text").to_owned();
    entries.map(|entry| (text(entry, "folder"), text(entry, "run_id"), entry["rows"].as_u64().expect("rows"))).collect()
}

#[test]
fn the_plan_writes_nothing_and_yes_writes_the_range_alone() {
    let demo = demo();
    let database = fs::read(demo.path().join("gallra-demo/fortnox.db")).expect("the database");
    let before = latest(demo.path());
    let ledger = demo.path().join("gallra-demo/ledger/fortnox/ledger.jsonl");
    let entries = fs::read(&ledger).expect("the ledger");

    let plan = call(demo.path(), &[&SET[..], &["--from", "2025-11", "--to", "2026"]].concat()).expect(0);
    assert!(plan.out.contains("order_month=2025-11-01") && !plan.out.contains("order_month=2025-10-01"), "{}", plan.out);
    assert!(plan.out.contains("nothing was written"), "{}", plan.out);
    assert_eq!(latest(demo.path()), before);
    assert_eq!(fs::read(&ledger).expect("the ledger"), entries);

    // One file is lost, one is changed; a third lies outside the range.
    let part = |month: &str| before.join(format!("order_month={month}")).join("part-0000.parquet");
    fs::remove_file(part("2026-01-01")).expect("removed");
    fs::write(part("2025-12-01"), "x").expect("written");
    fs::write(part("2019-03-01"), "x").expect("written");
    let done = call(demo.path(), &[&SET[..], &["--from", "2025-11", "--to", "2026", "--yes"]].concat()).expect(1);
    assert!(done.out.contains("1 partition outside the range differs from the latest version and is brought"), "{}", done.out);
    assert!(done.out.contains("look: the set `purchase_history`: 3 published partitions had been changed"), "{}", done.out);
    let after = latest(demo.path());
    assert_ne!(after, before);
    let run = manifest(&after)["run_id"].as_str().expect("a run").to_owned();
    let old = manifest(&before)["run_id"].as_str().expect("a run").to_owned();
    for (folder, by, _) in made(&after) {
        let is_wanted = ("order_month=2025-11-01".."order_month=2027").contains(&folder.as_str()) || folder == "order_month=2019-03-01";
        assert_eq!(by, if is_wanted { &run } else { &old }.as_str(), "{folder}");
    }
    // The same rows as before, every file what the manifest says, and a proof in the ledger.
    let rows = |version: &Path| manifest(version)["rows"].clone();
    assert_eq!(rows(&after), rows(&before));
    for file in manifest(&after)["files"].as_array().expect("files") {
        let bytes = fs::read(after.join(file["name"].as_str().expect("a name"))).expect("the file");
        assert_eq!(file["sha256"], sha256(&bytes).as_str());
    }
    call(demo.path(), &["ledger", "check", PIPELINE]).expect(0);
    let entered = String::from_utf8(fs::read(&ledger).expect("the ledger")).expect("a text");
    assert!(entered.contains(&run), "the backfill is not in the ledger");
    // Nothing in the store changed but gallra's own tables; the next night finds nothing to do.
    let rows_of = |bytes: &[u8]| {
        let file = demo.path().join("copy.db");
        fs::write(&file, bytes).expect("written");
        common_cli::content(&rusqlite::Connection::open(&file).expect("opened"), &|_, _, cell| cell)
    };
    let now = fs::read(demo.path().join("gallra-demo/fortnox.db")).expect("the database");
    assert_eq!(rows_of(&now), rows_of(&database));
    let night = call(demo.path(), &["run", PIPELINE]).expect(0);
    assert!(night.out.contains("unchanged"), "{}", night.out);
}

#[test]
fn a_change_of_a_generalisation_rebuilds_every_partition() {
    let demo = demo();
    let file = demo.path().join(PIPELINE);
    let text = fs::read_to_string(&file).expect("the pipeline");
    let coarser = text.replace(
        "as = \"prefix\", length = 2, description = \"First two digits of the customer's",
        "as = \"prefix\", length = 1, description = \"First digit of the customer's",
    );
    assert_ne!(text, coarser);
    fs::write(&file, coarser).expect("written");
    let before = made(&latest(demo.path()));
    let plan = call(demo.path(), &[&SET[..], &["--from", "2026-01", "--to", "2026-01"]].concat()).expect(0);
    assert!(plan.out.contains(&format!("{} partitions outside the range differ", before.len() - 1)), "{}", plan.out);
    call(demo.path(), &[&SET[..], &["--from", "2026-01", "--to", "2026-01", "--yes"]].concat()).expect(0);
    let after = latest(demo.path());
    let hash = manifest(&after)["pipeline_sha256"].clone();
    assert_ne!(hash, manifest(&after)["definition_sha256"]);
    for entry in manifest(&after)["partitions"].as_array().expect("partitions") {
        assert_eq!(entry["pipeline_sha256"], hash);
    }
}

#[test]
fn wrong_ranges_sets_and_tenants_are_told() {
    let demo = demo();
    let refused = |more: &[&str], code: i32| call(demo.path(), &[&["backfill", PIPELINE][..], more].concat()).expect(code).err;
    assert!(refused(&["--set", "purchases"], 2).contains("the pipeline has no set `purchases`"));
    let error = refused(&["--set", "sales_by_area", "--from", "2026"], 2);
    assert!(error.contains("the set `sales_by_area` has no partitions") && error.contains("--from"), "{error}");
    let error = refused(&["--set", "purchase_history", "--tenant", "north"], 2);
    assert!(
        error.contains("there is no tenant `north`") && error.contains("leave `--tenant` out") && !error.contains("snapshot:"),
        "{error}"
    );
    assert!(refused(&["--set", "purchase_history", "--from", "2026-13"], 2).contains("2019-01"));
    assert!(refused(&["--set", "purchase_history", "--from", "1999", "--to", "1998"], 2).contains("before it begins"));
    let answer = call(demo.path(), &[&SET[..], &["--from", "1998", "--to", "1999"]].concat()).expect(1);
    assert!(answer.out.contains("look: no partition lies in the range\nhint: there are partitions from 20"), "{}", answer.out);
    // A whole set without partitions can be written again.
    call(demo.path(), &["backfill", PIPELINE, "--set", "sales_by_area", "--yes"]).expect(0);
}
