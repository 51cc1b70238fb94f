//! Whole nights whose sets go to a bucket.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::common_cli::{Answer, answer, call, gallra};
use super::server::Server;

const PIPELINE: &str = "gallra-demo/fortnox.toml";
const OUTPUT: &str = "s3://company-se/history";

/// A demo whose sets go to the bucket from now on.
fn demo() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    call(folder.path(), &["demo", "--customers", "600", "--order-rows", "4000"]).expect(0);
    let path = folder.path().join(PIPELINE);
    let text = fs::read_to_string(&path).expect("a pipeline");
    let there = text.replace("output = \"published/fortnox\"", &format!("output = \"{OUTPUT}\"\nstaging = \"published/fortnox\""));
    assert_ne!(text, there);
    fs::write(&path, there).expect("written");
    folder
}

fn night(server: &Server, folder: &Path, arguments: &[&str]) -> Answer {
    let mut command = gallra(folder, arguments);
    answer(command.envs(server.environment()))
}

#[test]
fn a_night_brings_its_sets_to_the_bucket_and_readers_find_them() {
    let (server, demo) = (Server::start(), demo());
    let folder = demo.path();
    let bucket = server.open(OUTPUT);
    // The demo's own night was local: this one changes nothing in the store, and brings what is there.
    let first = night(&server, folder, &["run", PIPELINE]).expect(0);
    server.says_nothing_secret(&first.printed());
    let path = night(&server, folder, &["path", PIPELINE, "purchase_history"]).expect(0).out.trim().to_owned();
    let version = path.strip_prefix(&format!("{OUTPUT}/")).expect("in the bucket").to_owned();
    let names: Vec<String> = bucket.list(&version).expect("listed").into_iter().map(|object| object.name).collect();
    assert!(names.iter().any(|name| name.contains("/order_month=2026-01-01/part-0000.parquet")), "{names:?}");
    assert!(names.iter().any(|name| name.ends_with("/_manifest.json")), "{names:?}");
    // Every file is the local one's.
    let here = folder.join("gallra-demo/published/fortnox").join(&version);
    for name in &names {
        let local = fs::read(here.join(name.strip_prefix(&format!("{version}/")).expect("below"))).expect("the local file");
        assert_eq!(bucket.get(name).expect("read").expect("there").0, local, "{name}");
    }
    night(&server, folder, &["verify", PIPELINE]).expect(0);

    // The second night finds nothing to do.
    let tag = bucket.get("purchase_history/latest.json").expect("read").expect("there").1;
    night(&server, folder, &["run", PIPELINE]).expect(0);
    assert_eq!(bucket.get("purchase_history/latest.json").expect("read").expect("there").1, tag);

    // Something is damaged there: `verify` says so.
    let damaged = names.iter().find(|name| name.ends_with(".parquet")).expect("a file");
    let tag = bucket.get(damaged).expect("read").expect("there").1;
    bucket.replace(damaged, b"x".to_vec(), Some(&tag)).expect("replaced");
    let found = night(&server, folder, &["verify", PIPELINE]).expect(3);
    assert!(found.printed().contains(damaged.as_str()), "{}", found.printed());
}

#[test]
fn a_bucket_that_is_down_costs_a_note_and_the_next_night_makes_it_good() {
    let (server, demo) = (Server::start(), demo());
    let folder = demo.path();
    let mut away = gallra(folder, &["run", PIPELINE]);
    // Nobody listens there.
    let away = answer(away.envs(server.environment()).env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")).expect(1);
    assert!(away.printed().contains("was not published"), "{}", away.printed());
    server.says_nothing_secret(&away.printed());
    night(&server, folder, &["path", PIPELINE, "purchase_history"]).expect(3);
    night(&server, folder, &["run", PIPELINE]).expect(0);
    night(&server, folder, &["path", PIPELINE, "purchase_history"]).expect(0);
    night(&server, folder, &["verify", PIPELINE]).expect(0);
}
