//! Where a pipeline may write: `check`, `plan` and `run` refuse what lies outside before they read anything.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use tempfile::TempDir;

use super::common_cli::{Answer, answer, call, files, gallra};

const PIPELINE: &str = "gallra-demo/fortnox.toml";

/// A demo whose sets go to `output`, with these `allowed_outputs`.
fn demo(output: &str, allowed: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    call(folder.path(), &["demo", "--customers", "60", "--order-rows", "200"]).expect(0);
    change(folder.path(), output, allowed);
    folder
}

fn change(folder: &Path, output: &str, allowed: &str) {
    let path = folder.join(PIPELINE);
    let text = fs::read_to_string(&path).expect("a pipeline");
    let lines = text.lines().filter(|line| !line.starts_with("allowed_outputs")).map(|line| match line {
        line if line.starts_with("output = ") => format!("output = {output:?}\n"),
        "[run]" => format!("[run]\nallowed_outputs = {allowed}\n"),
        line => format!("{line}\n"),
    });
    fs::write(&path, lines.collect::<String>()).expect("written");
}

/// What all three commands say, which is the same: exit code 2 and a sentence, without a look at the database, which is not even there.
#[track_caller]
fn refused(folder: &Path, environment: &[(&str, &str)], sentence: &str) {
    let database = folder.join("gallra-demo/fortnox.db");
    let away = folder.join("away.db");
    fs::rename(&database, &away).expect("moved");
    let before = files(folder);
    for command in ["check", "plan", "run"] {
        let said = in_environment(folder, command, environment).expect(2).says(sentence);
        assert!(!said.printed().contains("fortnox.db"), "{}", said.printed());
    }
    assert_eq!(files(folder), before, "something was written");
    fs::rename(&away, &database).expect("moved back");
}

fn in_environment(folder: &Path, command: &str, environment: &[(&str, &str)]) -> Answer {
    let mut call = gallra(folder, &[command, PIPELINE]);
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"] {
        call.env_remove(name);
    }
    answer(call.envs(environment.iter().copied()))
}

#[test]
fn a_run_that_would_write_elsewhere_is_refused_before_anything_is_read() {
    let demo = demo("published/fortnox", r#"["published", "ledger/"]"#);
    let folder = demo.path();
    for command in ["check", "plan", "run"] {
        in_environment(folder, command, &[]).expect(0);
    }
    change(folder, "published/fortnox", r#"["${GALLRA_TEST_NOWHERE:-published}/*", "ledger"]"#);
    in_environment(folder, "check", &[]).expect(0);

    // Out by a way up, by a link, by a name that begins alike, by another case, and by an absolute path.
    fs::create_dir(folder.join("norway")).expect("made");
    symlink(folder.join("norway"), folder.join("gallra-demo/published/link")).expect("linked");
    let elsewhere = folder.join("norway");
    let absolute = elsewhere.to_str().expect("plain");
    for output in ["published/../norway", "../norway", "published/link", "published/link/sets", "published2", "Published", absolute] {
        change(folder, output, r#"["published", "ledger"]"#);
        refused(folder, &[], "is outside the allowed locations");
    }
    assert_eq!(fs::read_dir(&elsewhere).expect("a folder").count(), 0);
    change(folder, ".", r#"["published", "ledger"]"#);
    refused(folder, &[], "stands in the output");

    // What analysts may read is a folder, and one that holds nothing else.
    fs::write(folder.join("gallra-demo/sets"), "").expect("written");
    change(folder, "sets", r#"["."]"#);
    refused(folder, &[], "the output `gallra-demo/sets` is no folder");
    change(folder, "/dev/null", r#"["."]"#);
    refused(folder, &[], "the output `/dev/null` is no folder");
    change(folder, "keys", r#"["."]"#);
    refused(folder, &[], "the output `gallra-demo/keys` holds the keyring");

    // The ledger is written as well, and an empty list allows nothing.
    change(folder, "published/fortnox", r#"["published"]"#);
    refused(folder, &[], "the ledger's folder");
    change(folder, "published/fortnox", "[]");
    refused(folder, &[], "is outside the allowed locations");

    // Commands that read alone are not in the way of whoever looks for the reason.
    change(folder, "published/fortnox", r#"["elsewhere"]"#);
    call(folder, &["path", PIPELINE, "purchase_history"]).expect(0);
}

#[test]
fn buckets_are_refused_by_name_region_and_server() {
    let demo = demo("s3://company-se/sets", r#"[".", "s3://company-se-stockholm/*", "gs://company-se"]"#);
    let folder = demo.path();
    refused(folder, &[], "the output `s3://company-se/sets` is outside the allowed locations");
    for output in ["s3://company-se-stockholm-evil/sets", "s3://company-se-stockhol", "az://company-se-stockholm/x"] {
        change(folder, output, r#"[".", "s3://company-se-stockholm/*"]"#);
        refused(folder, &[], "is outside the allowed locations");
    }
    for allowed in [r#"[".", "s3://company-se"]"#, r#"[".", { url = "s3://company-se/sets/" }]"#] {
        change(folder, "s3://company-se/sets", allowed);
        in_environment(folder, "check", &[]).expect(0);
    }
    // The folder in which versions are made has to be allowed too.
    change(folder, "s3://company-se/sets", r#"["ledger", "s3://company-se"]"#);
    refused(folder, &[], "the folder for staging");

    change(folder, "s3://company-se/sets", r#"[".", { url = "s3://company-se", region = "eu-north-1" }]"#);
    refused(folder, &[], "AWS_REGION is not set");
    refused(folder, &[("AWS_REGION", "us-east-1")], "AWS_REGION says `us-east-1`");
    refused(folder, &[("AWS_REGION", "eu-north-1"), ("AWS_ENDPOINT_URL", "https://s3.example.org")], "names another server");
    in_environment(folder, "check", &[("AWS_REGION", "eu-north-1")]).expect(0);
    change(folder, "az://history", r#"[".", { url = "az://history", account = "companyse" }]"#);
    refused(folder, &[("AZURE_STORAGE_ACCOUNT_NAME", "other")], "of another storage account");
    in_environment(folder, "check", &[("AZURE_STORAGE_ACCOUNT_NAME", "companyse")]).expect(0);
    let entry = r#"[".", { url = "s3://company-se", region = "eu-north-1", endpoint = "https://s3.example.org" }]"#;
    change(folder, "s3://company-se/sets", entry);
    refused(folder, &[("AWS_REGION", "eu-north-1")], "on another server");
    in_environment(folder, "check", &[("AWS_REGION", "eu-north-1"), ("AWS_ENDPOINT_URL", "https://s3.example.org/")]).expect(0);
}

#[test]
fn what_is_no_location_is_a_problem_of_the_file_and_no_secret_is_drawn() {
    let demo = demo("published/fortnox", r#"["."]"#);
    let folder = demo.path();
    for (output, allowed, sentence) in [
        ("https://example.org/x", r#"["."]"#, "`output`: `https:` is no store"),
        ("s3://bucket/a/../b", r#"["."]"#, "`output`: the prefix of a bucket can not have the part `..`"),
        ("s3://bucket%2Devil", r#"["."]"#, "`output`: `bucket%2Devil` is not the name of a bucket"),
        ("", r#"["."]"#, "`output`: the location is empty"),
        ("published", r#"["."  , "ftp://x/y"]"#, "`allowed_outputs`: `ftp:` is no store"),
        ("published", r#"["."  , ""]"#, "`allowed_outputs`: the location is empty"),
        ("published", r#"["."  , "${GALLRA_TEST_NOWHERE}"]"#, "GALLRA_TEST_NOWHERE"),
        ("published", r#"[{ url = ".", region = "eu-north-1" }]"#, "of buckets of S3 alone"),
        ("published", r#"[{ url = "s3://company-se", region = "" }]"#, "an empty region"),
        ("published", r#"[{ url = "s3://company-se", account = "x" }]"#, "of containers of Azure alone"),
    ] {
        change(folder, output, allowed);
        refused(folder, &[], sentence);
    }
    // What could be misread as "anything goes" is no such thing.
    for allowed in [r#""published""#, "[1]", r#"[{ url = "s3://company-se", regin = "x" }]"#] {
        change(folder, "published/fortnox", allowed);
        for command in ["check", "plan", "run"] {
            in_environment(folder, command, &[]).expect(2).says("allowed_outputs");
        }
    }
    for (output, environment) in [
        ("s3://AKIAHUNTER2:hunter2@company-se/x", &[][..]),
        ("s3://company-se/x?X-Amz-Credential=hunter2", &[]),
        ("${GALLRA_TEST_OUTPUT}", &[("GALLRA_TEST_OUTPUT", "s3://AKIAHUNTER2:hunter2@company-se/x")]),
    ] {
        change(folder, output, r#"["."]"#);
        for command in ["check", "plan", "run"] {
            let said = in_environment(folder, command, environment).expect(2).says("which may be a secret").printed();
            assert!(!said.contains("hunter2") && !said.contains("HUNTER2"), "{said}");
        }
    }
}
