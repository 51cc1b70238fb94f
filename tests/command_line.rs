//! The command line: what each command teaches, refuses, changes and leaves alone.

mod common_cli;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common_cli::{Answer, Company, answer, call, content, files, gallra, latest_data, sha256, walk};
use serde_json::Value;

const CUSTOMERS: u64 = 1_200;
const ORDER_ROWS: u64 = 3_600;

const COMMANDS: &[&str] = &[
    "check",
    "plan",
    "candidates",
    "approve",
    "run",
    "backfill",
    "verify",
    "demo",
    "path",
    "lineage",
    "suppressed",
    "explain",
    "hold",
    "hold add",
    "hold list",
    "hold release",
    "hold rebuild",
    "scan",
    "schema",
    "keys",
    "keys init",
    "keys list",
    "keys rotate",
    "keys shred",
    "keys export-certificate",
    "keys approver",
    "ledger",
    "ledger check",
];

/// The rows of all tables but gallra's own, without what the schema's trigger writes and new keys made at random.
fn rows(company: &Company) -> BTreeMap<String, Vec<String>> {
    content(&company.open(), &|_, column, cell| if matches!(column, "updated_at" | "phone_number") { "-".to_owned() } else { cell })
}

#[test]
fn help_teaches() {
    let folder = tempfile::tempdir().expect("a folder");
    let general = call(folder.path(), &["--help"]).expect(0);
    for part in
        ["Exit codes:", "0  done", "1  finished", "2  wrong usage", "3  failed", "Start here:", "gallra demo", "gallra plan fortnox.toml"]
    {
        assert!(general.out.contains(part), "`{part}` is missing:\n{}", general.out);
    }
    for command in COMMANDS {
        let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let help = call(folder.path(), &words).expect(0);
        assert!(help.err.is_empty(), "{}", help.err);
        assert!(help.out.contains("Usage: gallra "), "{command}:\n{}", help.out);
        for part in ["Exit codes:", "Example"] {
            assert!(help.out.contains(part), "`{part}` is missing from the help of `{command}`:\n{}", help.out);
        }
        // Every option and argument is explained: no line names one and says nothing.
        let lines: Vec<&str> = help.out.lines().collect();
        for (at, line) in
            lines.iter().enumerate().filter(|(_, line)| line.trim_start().starts_with("--") || line.trim_start().starts_with('-'))
        {
            let explained =
                line.trim().split("  ").nth(1).is_some() || lines.get(at + 1).is_some_and(|next| next.starts_with("          "));
            assert!(explained, "{command}: `{line}` says nothing");
        }
    }
    assert!(folder.path().read_dir().expect("readable").next().is_none(), "help made files");
}

#[test]
fn wrong_usage_is_exit_two_and_says_what_is_right() {
    let folder = tempfile::tempdir().expect("a folder");
    call(folder.path(), &[]).expect(2).says("Usage");
    call(folder.path(), &["runn"]).expect(2).says("run");
    call(folder.path(), &["run", "--as-off", "2026-01-01"]).expect(2).says("--as-of");
    for day in ["yesterday", "2026-02-30", "22/11/2026"] {
        let refused = call(folder.path(), &["run", "--as-of", day]).expect(2).says("--as-of").says("is written YYYY-MM-DD");
        assert!(!refused.err.contains("pars"), "{}", refused.err);
    }
    call(folder.path(), &["run", "absent.toml"]).expect(2).says("absent.toml");
    call(folder.path(), &["plan"]).expect(2).says("gallra.toml");
    call(folder.path(), &["run", "."]).expect(2);
}

#[test]
fn the_schema_is_the_one_beside_the_pipelines() {
    let folder = tempfile::tempdir().expect("a folder");
    let printed = call(folder.path(), &["schema"]).expect(0);
    let committed = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/gallra.schema.json")).expect("the schema");
    assert!(printed.out == committed, "run `gallra schema > pipelines/gallra.schema.json`");
    let schema = printed.json();
    assert_eq!(schema["type"], "object");
    assert!(schema["properties"]["controller"].is_object());
}

#[test]
fn a_plan_changes_nothing_and_is_the_plan_of_the_run() {
    let company = Company::unbraked(CUSTOMERS, ORDER_ROWS, 100);
    let before = files(&company.folder);
    company.call("plan", &[]).expect(0);
    let plan = company.call("plan", &["--format", "json"]).expect(0).json();
    company.call("plan", &["--as-of", "2031-01-01"]);
    company.call("check", &[]);
    assert_eq!(files(&company.folder), before, "a plan changed something");

    let run = company.call("run", &["--format", "json"]).expect(0).json();
    assert!(plan["newly_forgotten"].as_u64().expect("a number") > 0);
    // The id names the view, and each read is a view of its own.
    let without_view = |mut plan: Value| {
        assert!(plan["snapshot"].take().is_string());
        plan
    };
    assert_eq!(without_view(plan), without_view(run["plan"].clone()));
}

#[test]
fn a_night_that_wrote_nothing_says_that_it_vacuumed_nothing() {
    let company = Company::unbraked(300, 600, 100);
    let nothing = "done: vacuumed nothing, because no table was written";
    assert!(!company.call("run", &["--vacuum"]).expect(0).out.contains(nothing));
    company.call("run", &["--vacuum"]).expect(0).says(nothing);
    assert!(!company.call("run", &[]).expect(0).out.contains(nothing));
}

#[test]
fn nobody_is_forgotten_ahead_of_time() {
    let company = Company::new(300, 600, &[]);
    let before = files(&company.folder);
    company.call("run", &["--as-of", "2031-01-01"]).expect(2).says("does not forget ahead of time").says("gallra plan --as-of 2031-01-01");
    assert_eq!(files(&company.folder), before);
    call(&company.folder, &["run", "--help"]).expect(0).says("later than today is refused");
    let future = company.call("plan", &["--as-of", "2031-01-01", "--format", "json"]).json();
    assert_eq!(future["tenants"][0]["as_of"], "2031-01-01");
}

#[test]
fn a_check_foresees_that_a_set_would_be_refused() {
    let words = "[set.statuses]\nbase = \"sales_order\"\nrelease = \"pseudonymised\"\ncolumns = [{ name = \"status\", path = \"status\", \
                 cast = \"integer\" }]\n\n[set.sales_by_area]";
    let company = Company::new(300, 600, &[("[set.sales_by_area]", words)]);
    company.call("check", &[]).expect(1).says("look: `status` of the set `statuses` casts `sales_order.status` to `integer`, which ");
    let value = company.call("check", &["--format", "json"]).expect(1).json();
    assert!(value["uncastable"][0].as_str().is_some_and(|said| said.ends_with("a run would refuse the set")), "{value:#}");
    Company::new(300, 600, &[]).call("check", &[]).expect(0);
}

/// What a night says of a set has what to do about it on the next line, and so has a finding about a version that nobody writes again.
#[test]
fn what_concerns_a_set_is_said_with_its_hint() {
    let refusing = [("percent = 5.0", "percent = 100.0"), ("small_groups = \"suppress\"", "small_groups = \"refuse\"")];
    let company = Company::new(300, 600, &refusing);
    let night = company.call("run", &[]).expect(1);
    let lines: Vec<&str> = night.out.lines().collect();
    let said = lines.iter().position(|line| line.starts_with("look: the set `purchase_history` was not published: ")).expect("said");
    assert_eq!(
        lines[said + 1],
        "hint: publish coarser columns, or choose `small_groups = \"generalise\"`, `\"suppress\"` or `\"suppress_rows\"`"
    );
    let sets = company.call("run", &["--format", "json"]).expect(1).json()["sets"].clone();
    let hints: Vec<bool> = sets.as_array().expect("sets").iter().map(|set| set["hint"].is_string()).collect();
    assert!(hints.contains(&true), "{sets:#}");

    let company = Company::unbraked(300, 600, 100);
    company.call("run", &[]).expect(0);
    let folder = PathBuf::from(company.call("path", &["purchase_history"]).expect(0).out.trim_end());
    company.call("keys rotate", &[]).expect(0);
    company.call("run", &[]).expect(0);
    fs::write(folder.join("extra.parquet"), "").expect("written");
    let found =
        company.call("verify", &[]).expect(3).says("FINDING: published: ").says("\nhint: no run mends a version that is not the latest");
    assert!(found.out.contains("`reader_grace`"), "{}", found.out);
    assert!(company.call("verify", &["--format", "json"]).expect(3).json()["findings"][0]["hint"].is_string());
    // Of the latest it is not said.
    fs::remove_dir_all(&folder).expect("removed");
    let latest = PathBuf::from(company.call("path", &["purchase_history"]).expect(0).out.trim_end());
    fs::write(latest.join("extra.parquet"), "").expect("written");
    let found = company.call("verify", &[]).expect(3);
    assert!(found.out.contains("FINDING") && !found.out.contains("hint: no run mends"), "{}", found.out);
    // The next night makes a version without it, says so once, and then all is well.
    let night = company.call("run", &[]).expect(1).says("extra.parquet` lay in its latest version, is in no manifest");
    assert!(found.out.contains("hint: the next `gallra run` makes a new version") && night.out.contains("published"), "{}", found.out);
    let now = PathBuf::from(company.call("path", &["purchase_history"]).expect(0).out.trim_end());
    assert!(now != latest && !now.join("extra.parquet").exists());
    company.call("run", &[]).expect(0);
    fs::remove_dir_all(&latest).expect("removed");
    company.call("verify", &[]).expect(0);
}

#[test]
fn every_command_has_a_json_form() {
    let company = Company::unbraked(300, 600, 100);
    let json = ["--format", "json"];
    for command in ["check", "plan", "run", "verify", "ledger check"] {
        let given = company.call(command, &json);
        assert!(matches!(given.code, Some(0 | 1)), "{command}: {}", given.printed());
        assert!(given.json().is_object(), "{command}");
    }
    assert!(company.call("path", &["purchase_history", "--format", "json"]).expect(0).json()["path"].is_string());
    assert!(call(&company.folder, &["schema", "--format", "json"]).expect(0).json().is_object());
    assert!(
        call(&company.folder, &["demo", "--customers", "50", "--order-rows", "50", "--format", "json"]).expect(0).json()["plan"]
            .is_object()
    );
    // Errors too, on standard output, with the code that the process ends with.
    for (arguments, code) in [(["keys", "init"].as_slice(), 2), (&["run", "--as-of", "2031-01-01"], 2), (&["run", "--confirm", "1"], 2)] {
        let command = arguments[..if arguments[0] == "keys" { 2 } else { 1 }].join(" ");
        let more = [&arguments[if arguments[0] == "keys" { 2 } else { 1 }..], &json].concat();
        let refused = company.call(&command, &more).expect(code);
        let value = refused.json();
        assert_eq!(value["exit_code"], code, "{value}");
        assert!(value["error"].as_str().is_some_and(|error| !error.is_empty()), "{value}");
    }
    // The log as JSON lines.
    let logged = company.call("plan", &["--log-format", "json", "-vv"]).expect(0);
    for line in logged.err.lines() {
        assert!(serde_json::from_str::<Value>(line).is_ok_and(|line| line.is_object()), "no JSON: {line}");
    }
    assert!(!logged.err.is_empty());
    let made = call(&company.folder, &["keys", "init", "other.toml", "--format", "json"]);
    assert_eq!(made.code, Some(2), "{}", made.printed());
    fs::copy(company.folder.join("fortnox.toml"), company.folder.join("other.toml")).expect("copied");
    fs::remove_file(company.folder.join("keys/fortnox.json")).expect("removed");
    // It would be a second keyring beside the ledger and the sets of the first.
    assert_eq!(call(&company.folder, &["keys", "init", "other.toml", "--format", "json"]).expect(2).json()["exit_code"], 2);
    fs::remove_dir_all(company.ledger().parent().expect("a folder")).expect("removed");
    fs::remove_dir_all(company.output()).expect("removed");
    assert!(call(&company.folder, &["keys", "init", "other.toml", "--format", "json"]).expect(0).json()["id"].is_string());
}

#[test]
fn a_keyring_is_never_overwritten() {
    let company = Company::new(300, 600, &[]);
    let keyring = company.folder.join("keys/fortnox.json");
    let before = files(&company.folder);
    company.call("keys init", &[]).expect(2).says("keys/fortnox.json");
    assert_eq!(files(&company.folder), before);
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&keyring).expect("there").permissions());
    assert_eq!(mode & 0o777, 0o600, "others may read the keyring");
    // Nor what stands in its place and is none.
    fs::write(&keyring, "").expect("emptied");
    company.call("keys init", &[]).expect(2);
    assert_eq!(fs::read(&keyring).expect("there"), b"");
}

#[test]
fn lineage_says_what_the_dictionary_of_a_version_says() {
    let company = Company::unbraked(300, 600, 100);
    let shown = company.call("lineage", &["purchase_history"]).expect(0);
    for part in [
        "pseudonymised, a row per row of `order_row`",
        "subject: customer along sales_order.customer",
        "where: sales_order.status is not \"cancelled\"",
        "prefix of 2",
    ] {
        assert!(shown.out.contains(part), "`{part}` is missing:\n{}", shown.out);
    }
    let said = company.call("lineage", &["purchase_history", "--format", "json"]).expect(0).json();
    let pipeline = company.pipeline().display().to_string();
    let alone = call(&company.folder, &["lineage", "purchase_history", "--pipeline", &pipeline, "--format", "json"]).expect(0).json();
    assert_eq!(said, alone);
    company.call("run", &[]).expect(0);
    let folder = PathBuf::from(company.call("path", &["purchase_history"]).expect(0).out.trim_end());
    let written: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("_dictionary.json")).expect("there")).expect("JSON");
    assert_eq!(said["columns"], written["columns"]);
    company.call("lineage", &["purchase_histori"]).expect(2).says("`purchase_history`");
    // A pipeline file alone lists its sets.
    let listed = company.call("lineage", &[]).expect(0).says("purchase_history").says("sales_by_area").says("anonymous");
    assert!(listed.out.contains("shows where its columns come from"), "{}", listed.out);
    let labels = company.call("lineage", &["--format", "json"]).expect(0).json();
    assert_eq!(labels.as_array().expect("sets").len(), 2);
    // In an anonymous set people are counted by all columns of its groups.
    let totals = company.call("lineage", &["sales_by_area", "--format", "json"]).expect(0).json();
    let counting = |set: &serde_json::Value| {
        let columns = set["columns"].as_array().expect("columns").iter().filter(|column| column["quasi_identifier"] == true);
        columns.map(|column| column["column"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(counting(&totals), ["postcode_area", "order_month"]);
}

#[test]
fn path_leads_to_the_latest_version_or_says_what_there_is() {
    let company = Company::unbraked(300, 600, 100);
    company.call("path", &["purchase_history"]).expect(3).says("purchase_history");
    company.call("run", &[]).expect(0);
    let path = company.call("path", &["purchase_history"]).expect(0);
    let folder = PathBuf::from(path.out.trim_end());
    assert!(folder.is_absolute() && folder.join("_manifest.json").is_file(), "{}", path.out);
    assert!(path.err.is_empty());
    // A file that is not there, or shorter, is missed before anybody reads the rest.
    let part = |folder: &Path| {
        let months: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
        fs::read_dir(months.iter().min().unwrap()).unwrap().next().unwrap().unwrap().path()
    };
    let file = part(&folder);
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[1..]).unwrap();
    company.call("path", &["purchase_history"]).expect(3).says("was changed after it was published");
    fs::remove_file(&file).unwrap();
    company.call("path", &["purchase_history"]).expect(3).says("is missing");
    fs::write(&file, whole).unwrap();
    company.call("path", &["purchase_history"]).expect(0);
    // Who has a keyring that proves nothing is led there all the same, and told.
    let keyring = company.folder.join("keys/fortnox.json");
    let kept = fs::read(&keyring).expect("a keyring");
    fs::write(&keyring, "{}").expect("written");
    let path = company.call("path", &["purchase_history"]).expect(0);
    assert_eq!(PathBuf::from(path.out.trim_end()), folder);
    assert!(path.err.starts_with("warning: not compared with the ledger: "), "{}", path.err);
    fs::write(&keyring, kept).expect("written");
    let missing = company.call("path", &["purchase_histori"]).expect(2).says("has no set `purchase_histori`").says("`purchase_history`");
    assert!(missing.out.is_empty(), "a script would take this for a path: {}", missing.out);
}

#[test]
fn the_brake_stops_before_anything_is_written_and_names_the_number() {
    let company = Company::new(CUSTOMERS, ORDER_ROWS, &[("percent = 5.0", "percent = 0.5")]);
    let rows_before = rows(&company);
    let stopped = company.call("run", &["--format", "json"]).expect(3);
    let value = stopped.json();
    assert!(value["error"].as_str().is_some_and(|error| error.contains("brake") && error.contains("`customer`")), "{value}");
    let count: u64 = value["hint"]
        .as_str()
        .and_then(|hint| hint.split("--confirm ").nth(1))
        .and_then(|rest| rest.trim_end_matches('`').parse().ok())
        .expect("the number");
    assert_eq!(rows(&company), rows_before);
    assert!(!company.output().exists());
    let before = files(&company.folder);
    company.call("run", &[]).expect(3).says(&format!("--confirm {count}"));
    assert_eq!(files(&company.folder), before, "a stopped run wrote something");
    let plan = company.call("plan", &["--format", "json"]).expect(0).json();
    assert_eq!(plan["newly_forgotten"], count);
    // Another number is a look at another plan.
    company.call("run", &["--confirm", &(count + 1).to_string()]).expect(2).says(&count.to_string());
    assert_eq!(rows(&company), rows_before);
    let done = company.call("run", &["--confirm", &count.to_string(), "--format", "json"]).expect(0).json();
    assert_eq!(done["plan"]["newly_forgotten"], count);
    assert_ne!(rows(&company), rows_before);
    // Once done there is nothing to brake.
    let again = company.call("run", &["--format", "json"]).expect(0).json();
    assert_eq!(again["nothing_changed"], true, "{again:#}");
}

/// The command under a limit of what a file may grow to, in blocks of 1,024 bytes, with the signal of the limit ignored: a write fails
/// as it does on a full disk.
fn limited(company: &Company, blocks: u64) -> Answer {
    let mut command = Command::new("bash");
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    let program = env!("CARGO_BIN_EXE_gallra");
    command.args(["-c", &script, "bash", program, "run", "fortnox.toml", "--as-of", &company.day]).current_dir(&company.folder);
    command.env_remove("GALLRA_PIPELINE").env_remove("GALLRA_DATABASE").env("NO_COLOR", "1");
    answer(&mut command)
}

#[test]
fn a_full_disk_leaves_nothing_half_made_and_the_next_run_finishes() {
    let company = Company::unbraked(CUSTOMERS, ORDER_ROWS, 20);
    let whole = company.copy();
    whole.call("run", &[]).expect(0);
    let promised = (rows(&whole), latest_data(&whole.output()));
    let largest = fs::metadata(company.database()).expect("there").len() / 1_024;
    let mut failed = 0;
    for blocks in [0, 1, 2, 4, 8, 16, 24, 32, 48, 64, 96, 128, largest / 2, largest] {
        let company = company.copy();
        let answer = limited(&company, blocks);
        let what = format!("with {blocks} blocks: {}", answer.printed());
        if answer.code == Some(0) {
            continue;
        }
        failed += 1;
        assert_eq!(answer.code, Some(3), "{what}");
        assert!(answer.err.contains("error:"), "{what}");
        // What readers see is whole or absent, and the database is sound.
        for set in ["purchase_history", "sales_by_area"] {
            let folder = company.output().join(set);
            assert!(!folder.exists() || company.call("verify", &[]).code == Some(0), "{what}");
        }
        let integrity: String = company.open().query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("asked");
        assert_eq!(integrity, "ok", "{what}");
        let next = company.call("run", &[]);
        assert_eq!(next.code, Some(0), "{what}\nthen: {}", next.printed());
        assert!(rows(&company) == promised.0, "{what}: other rows than an undisturbed run");
        assert_eq!(latest_data(&company.output()), promised.1, "{what}");
        company.call("ledger check", &[]).expect(0);
        let hidden = walk(&company.folder).into_iter().find(|file| file.to_string_lossy().contains("/.staging-"));
        assert_eq!(hidden, None, "{what}");
    }
    assert!(failed >= 5, "only {failed} of the limits were felt");
}

#[test]
fn who_comes_back_with_a_backup_is_forgotten_again_when_told() {
    let company = Company::unbraked(CUSTOMERS, ORDER_ROWS, 100);
    // The backup is of a store that has been run on before, with the first night's people gone.
    let backup = company.folder.join("backup.db");
    company.call("run", &[]).expect(0);
    fs::copy(company.database(), &backup).expect("copied");
    // Somebody's time comes, and then the backup is restored over it.
    let store = company.open();
    let chosen = "SELECT customer_no FROM customer WHERE type = 'private' AND customer_no > '100000' AND name <> 'XXX' AND customer_no NOT IN (SELECT customer_no FROM sales_order) LIMIT 5";
    let numbers: Vec<String> =
        store.prepare(chosen).expect("prepared").query_map([], |row| row.get(0)).expect("read").collect::<Result<_, _>>().expect("numbers");
    drop(store);
    let age = |database: &Path| {
        let store = rusqlite::Connection::open(database).expect("opened");
        for number in &numbers {
            for statement in [
                "DELETE FROM chat_message WHERE customer_no = ?1",
                "DELETE FROM sales_offer WHERE customer_no = ?1",
                "DELETE FROM support_ticket WHERE customer_no = ?1",
                "UPDATE customer SET created_on = '2015-01-01', relation_ended_on = NULL, gdpr_restricted = 0 WHERE customer_no = ?1",
            ] {
                store.execute(statement, [number]).expect("aged");
            }
        }
    };
    age(&company.database());
    age(&backup);
    let second = company.call("run", &["--format", "json"]).expect(0).json();
    assert!(second["plan"]["newly_forgotten"].as_u64().expect("a number") >= 1, "{second:#}");
    let promised = rows(&company);
    fs::copy(&backup, company.database()).expect("restored");
    let before = files(&company.folder);
    company.call("run", &[]).expect(3).says("a backup was restored").says("gallra run --after-restore");
    assert_eq!(files(&company.folder), before, "a refused run changed something");
    company.call("run", &["--after-restore"]).expect(0);
    assert!(rows(&company) == promised, "other rows than before the backup came back");
    company.call("ledger check", &[]).expect(0);
    let again = company.call("run", &["--format", "json"]).expect(0).json();
    assert_eq!(again["nothing_changed"], true, "{again:#}");
}

#[test]
fn a_backup_from_before_the_first_run_is_noticed_too() {
    let company = Company::unbraked(CUSTOMERS, ORDER_ROWS, 100);
    let backup = fs::read(company.database()).expect("readable");
    company.call("run", &[]).expect(0);
    let promised = rows(&company);
    fs::write(company.database(), backup).expect("restored");
    let before = files(&company.folder);
    company.call("verify", &[]).expect(3).says("the store is older than its ledger");
    company.call("run", &[]).expect(3).says("a backup was restored");
    assert_eq!(files(&company.folder), before);
    company.call("run", &["--after-restore"]).expect(0);
    company.call("verify", &[]).expect(0);
    assert!(rows(&company) == promised, "other rows than before the backup came back");
}

/// What somebody does to a ledger.
type Attack = fn(&Company, &[String]);

#[test]
fn a_ledger_that_is_not_whole_or_not_the_stores_own_stops_the_run() {
    let company = Company::unbraked(CUSTOMERS, ORDER_ROWS, 20);
    company.call("run", &[]).expect(0);
    let attacks: &[(&str, Attack)] = &[
        ("cut off at its end", |company, lines| put(company, &lines[..lines.len() - 1])),
        ("cut off in the middle", |company, lines| put(company, &lines[..lines.len() / 2])),
        ("without an entry", |company, lines| put(company, &[&lines[..3], &lines[4..]].concat())),
        ("with two entries exchanged", |company, lines| {
            let mut lines = lines.to_vec();
            lines.swap(3, 4);
            put(company, &lines);
        }),
        ("with one figure changed", |company, lines| {
            let mut lines = lines.to_vec();
            let line = &mut lines[3];
            let at = line.find("\"batch\":").expect("a batch") + "\"batch\":".len();
            let other = if line[at..].starts_with('7') { "8" } else { "7" };
            line.replace_range(at..=at, other);
            put(company, &lines);
        }),
        ("of another store", |company, _| {
            let other = Company::unbraked(300, 600, 100);
            fs::copy(company.folder.join("keys/fortnox.json"), other.folder.join("keys/fortnox.json")).expect("the same keyring");
            other.call("run", &[]).expect(0);
            fs::copy(other.ledger(), company.ledger()).expect("copied");
        }),
        ("of another keyring", |company, _| {
            let other = Company::unbraked(300, 600, 100);
            other.call("run", &[]).expect(0);
            fs::copy(other.ledger(), company.ledger()).expect("copied");
        }),
        ("that is missing", |company, _| fs::remove_dir_all(company.folder.join("ledger")).expect("removed")),
        ("that is empty", |company, _| fs::write(company.ledger(), "").expect("emptied")),
        ("that is a folder", |company, _| {
            fs::remove_file(company.ledger()).expect("removed");
            fs::create_dir(company.ledger()).expect("made");
        }),
    ];
    for (what, attack) in attacks {
        let company = company.copy();
        let text = fs::read_to_string(company.ledger()).expect("the ledger");
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        attack(&company, &lines);
        let before = files(&company.folder);
        let refused = company.call("run", &[]);
        assert_eq!(refused.code, Some(3), "{what}: {}", refused.printed());
        assert!(refused.err.contains("ledger") && refused.err.contains("hint:"), "{what}: {}", refused.err);
        let checked = company.call("ledger check", &[]);
        assert_eq!(checked.code, Some(3), "{what}: {}", checked.printed());
        assert_eq!(files(&company.folder), before, "{what}: something was changed");
    }
}

fn put(company: &Company, lines: &[String]) {
    fs::write(company.ledger(), lines.join("\n") + "\n").expect("written");
}

#[test]
fn a_second_run_on_the_same_day_changes_nothing() {
    let company = Company::unbraked(CUSTOMERS, ORDER_ROWS, 100);
    company.call("run", &[]).expect(0);
    let before = files(&company.folder);
    let tables = rows(&company);
    let again = company.call("run", &["--format", "json"]).expect(0).json();
    assert_eq!(again["nothing_changed"], true, "{again:#}");
    assert_eq!((&again["rows_written"], &again["rows_deleted"]), (&0.into(), &0.into()));
    assert!(rows(&company) == tables);
    let after = files(&company.folder);
    let changed: Vec<_> = after.iter().filter(|(path, hash)| before.get(*path) != Some(*hash)).map(|(path, _)| path.clone()).collect();
    // The night itself is on record; nothing else is.
    assert_eq!(changed, [PathBuf::from("fortnox.db"), PathBuf::from("ledger/fortnox/ledger.jsonl")]);
}

#[test]
fn a_reader_that_closes_early_is_no_failure() {
    let company = Company::new(300, 600, &[]);
    let mut command = Command::new("bash");
    let script = format!("set -o pipefail; '{}' schema | head -c 10", env!("CARGO_BIN_EXE_gallra"));
    let given = answer(command.args(["-c", &script]).current_dir(&company.folder)).expect(0);
    assert_eq!(given.out.len(), 10);
    assert!(given.err.is_empty(), "{}", given.err);
}

/// What stops a night is found beforehand, with the way to the row; and nothing is accepted by a check that does not come to its end.
#[test]
fn a_cell_that_can_not_be_read_is_found_by_the_check() {
    let company = Company::new(300, 600, &[]);
    let lock = company.folder.join("fortnox.lock");
    let text = fs::read_to_string(&lock).expect("a lock");
    company
        .open()
        .execute_batch("UPDATE sales_order SET message = x'fffe' WHERE order_no = (SELECT min(order_no) FROM sales_order)")
        .expect("done");
    let told = company.call("check", &[]).expect(1).says("look: `sales_order`.`message` has a value that does not fit its type");
    let told = told.says("; `plan` and `run` end there\nhint: `SELECT").says("is sound, and what the database holds would stop a run");
    assert_eq!(told.printed().matches("look: ").count(), 1, "{}", told.printed());
    company.call("plan", &[]).expect(3).says("`sales_order`.`message` has a value");
    company.call("verify", &[]).expect(3).says("FINDING: unreadable: `sales_order`.`message`");
    // The database is damaged altogether.
    let database = fs::read(company.folder.join("fortnox.db")).expect("read");
    let mut damaged = database.clone();
    let page = 4096;
    damaged[page..].chunks_mut(page).skip(20).for_each(|page| page.fill(0xff));
    fs::write(company.folder.join("fortnox.db"), damaged).expect("written");
    fs::write(&lock, "").expect("written");
    company.call("check", &["--accept"]).expect(3);
    assert_eq!(fs::read_to_string(&lock).expect("a lock"), "", "nothing was accepted");
    fs::write(company.folder.join("fortnox.db"), database).expect("written");
    company.call("check", &["--accept"]).expect(1);
    assert_eq!(fs::read_to_string(&lock).expect("a lock"), text);
}

#[test]
fn a_demo_replaces_no_other_folder_and_its_own_only() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("work")).expect("made");
    fs::write(folder.path().join("work/thesis.txt"), "years").expect("written");
    let before = sha256(&fs::read(folder.path().join("work/thesis.txt")).expect("there"));
    call(folder.path(), &["demo", "--folder", "work"]).expect(2).says("--folder");
    assert_eq!(files(&folder.path().join("work")).values().collect::<Vec<_>>(), [&before]);
    for _ in 0..2 {
        answer(&mut gallra(folder.path(), &["demo", "--customers", "200", "--order-rows", "300"]))
            .expect(0)
            .says("Three made-up customers");
    }
    call(folder.path(), &["demo", "--customers", "0", "--order-rows", "10"]).expect(2);
    call(folder.path(), &["demo", "--customers", "0", "--order-rows", "0"]).expect(2).says("0 is not in 1..");
}
