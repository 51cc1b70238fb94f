//! The keyring from the outside: where it comes from, what a new epoch changes and leaves, what is left of a shredded one, and an independent
//! computation of what was published under it.

mod common_cli;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common_cli::{Answer, Company, answer, call, files, gallra, latest_data, sha256, walk};
use serde_json::{Value, json};

const CUSTOMERS: u64 = 400;
const ORDER_ROWS: u64 = 1_600;

fn company() -> Company {
    Company::unbraked(CUSTOMERS, ORDER_ROWS, 100)
}

fn keyring(company: &Company) -> PathBuf {
    company.folder.join("keys/fortnox.json")
}

fn document(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("readable")).expect("JSON")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("there").permissions().mode() & 0o7777
}

fn write_private(path: &Path, text: &str) {
    fs::write(path, text).expect("written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("private");
}

/// Rewrites the keyring as earlier versions made one: the master of its one epoch serves for everything.
fn make_first_format(company: &Company) {
    let mut found = document(&keyring(company));
    found["format"] = "gallra-keyring-1".into();
    found.as_object_mut().expect("an object").remove("control");
    write_private(&keyring(company), &found.to_string());
}

/// Has the pipeline take its keyring from elsewhere.
fn take_from(company: &Company, source: &str) {
    let text = fs::read_to_string(company.pipeline()).expect("readable");
    let line = text.lines().find(|line| line.starts_with("keyring = ")).expect("named").to_owned();
    fs::write(company.pipeline(), text.replace(&line, &format!("keyring = {source}"))).expect("written");
}

/// Everything in gallra's journal, but for the ledger's head and the marks of batches, which each run writes anew.
fn journal(company: &Company) -> Vec<String> {
    let store = company.open();
    let mut statement = store.prepare("SELECT * FROM gallra_journal ORDER BY 1, 2, 3").expect("a journal");
    let columns = statement.column_count();
    let rows = statement
        .query_map([], |row| {
            Ok((0..columns).map(|at| Ok(common_cli::cell(row.get_ref(at)?))).collect::<Result<Vec<_>, rusqlite::Error>>()?.join("|"))
        })
        .expect("read");
    rows.collect::<Result<_, _>>().expect("rows")
}

/// The distinct cells of a text column of a set's latest version.
fn published(company: &Company, set: &str, column: &str) -> BTreeSet<String> {
    let folder = gallra::publish::resolve_latest(&company.output(), None, set).expect("published");
    let mut cells = BTreeSet::new();
    for file in walk(&folder).iter().filter(|file| file.extension().is_some_and(|extension| extension == "parquet")) {
        gallra::publish::for_each_text(file, |name, text| {
            if name == column {
                cells.insert(text.to_owned());
            }
        })
        .expect("readable");
    }
    assert!(cells.len() > 50, "{} cells", cells.len());
    cells
}

/// HKDF (RFC 5869) and HMAC (RFC 2104) by Python's standard library over hand-written frames, and the keys from the database.
const WITNESS: &str = r#"
import base64, hashlib, hmac, json, sqlite3, struct, sys

keyring, database, table, column, epoch, purpose = sys.argv[1:]
epoch = int(epoch)

def frame(part):
    return struct.pack(">Q", len(part)) + part

def code(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()

document = json.load(open(keyring))
master = next(found["master"] for found in document["epochs"] if found["number"] == epoch)
info = frame(b"gallra-v1") + frame(purpose.encode()) + frame(b"") + frame(struct.pack(">I", epoch))
key = code(code(bytes(32), base64.b64decode(master)), info + b"\1")
for (cell,) in sqlite3.connect(database).execute(f"SELECT DISTINCT {column} FROM {table}"):
    # A type tag before each cell: whole numbers are eight bytes, texts their UTF-8.
    cell = b"\1" + frame(struct.pack(">q", cell)) if isinstance(cell, int) else b"\4" + frame(cell.encode())
    print(code(key, frame(table.encode()) + frame(cell)).hex()[:32])
"#;

fn computed_by_python(company: &Company, keyring: &Path, table: &str, column: &str, epoch: u32) -> BTreeSet<String> {
    let mut python = Command::new("python3");
    python.args(["-c", WITNESS]).arg(keyring).arg(company.database()).args([table, column, &epoch.to_string(), "pseudonym:analytics"]);
    answer(python.stdin(Stdio::null())).expect(0).out.lines().map(str::to_owned).collect()
}

#[test]
fn published_pseudonyms_are_what_python_computes_from_the_keyring() {
    let company = company();
    company.call("run", &[]).expect(0);
    let first = published(&company, "purchase_history", "customer");
    let expected = computed_by_python(&company, &keyring(&company), "customer", "customer_no", 1);
    assert!(first.is_subset(&expected), "{} of {}", first.intersection(&expected).count(), first.len());
    let orders = published(&company, "purchase_history", "order");
    assert!(orders.is_subset(&computed_by_python(&company, &keyring(&company), "sales_order", "order_no", 1)));

    company.call("keys rotate", &[]).expect(0);
    company.call("run", &[]).expect(0);
    let second = published(&company, "purchase_history", "customer");
    assert!(second.is_disjoint(&first));
    assert!(second.is_subset(&computed_by_python(&company, &keyring(&company), "customer", "customer_no", 2)));
}

#[test]
fn a_new_epoch_changes_pseudonyms_and_nobody_is_forgotten_twice() {
    let new = company();
    let first = new.copy();
    make_first_format(&first);
    for (company, is_first) in [(new, false), (first, true)] {
        let forgotten = company.call("run", &["--format", "json"]).expect(0).json()["plan"]["newly_forgotten"].as_u64().expect("a number");
        assert!(forgotten > 0);
        let (journal_before, sets_before) = (journal(&company), latest_data(&company.output()));
        let told = company.call("keys rotate", &["--format", "json"]).expect(0).json();
        assert_eq!((&told["current_epoch"], &told["in_place"]), (&json!(2), &json!(true)));
        let names: Vec<_> =
            fs::read_dir(company.folder.join("keys")).expect("readable").map(|entry| entry.expect("readable").file_name()).collect();
        assert_eq!(names, ["fortnox.json"], "a copy was left behind");
        assert_eq!(mode(&keyring(&company)), 0o600);

        assert_eq!(company.call("plan", &["--format", "json"]).expect(0).json()["newly_forgotten"], 0);
        let run = company.call("run", &["--format", "json"]).expect(0).json();
        assert_eq!(run["plan"]["newly_forgotten"], 0);
        assert_eq!(journal(&company), journal_before);
        company.call("ledger check", &[]).expect(0).says("is intact");
        company.call("verify", &[]).expect(0);
        let sets = latest_data(&company.output());
        assert_ne!(sets["/purchase_history"], sets_before["/purchase_history"]);

        let listed = company.call("keys list", &["--format", "json"]).expect(0).json();
        assert_eq!(listed["current_epoch"], 2);
        assert_eq!(listed["epochs"][0]["shreddable"], json!(!is_first));
        let text = company.call("keys list", &[]).expect(0).says("current").says("kept");
        assert_eq!(text.out.contains("can not be shredded"), is_first);
        if is_first {
            let before = files(&company.folder);
            let refused = company.call("keys shred", &["1", "--yes"]).expect(2).says("the ledger and the journal rest on the same secret");
            assert!(refused.err.contains("hint: "));
            assert_eq!(files(&company.folder), before);
        }
    }
}

#[test]
fn a_shredded_epoch_leaves_a_tombstone_an_entry_and_a_certificate() {
    let company = company();
    company.call("keys shred", &["1", "--yes"]).expect(2).says("is the current one").says("gallra keys rotate");
    company.call("run", &[]).expect(0);
    company.call("keys rotate", &[]).expect(0);
    // Still the latest: it is said that the next run is to come first.
    let before = files(&company.folder);
    company
        .call("keys shred", &["1"])
        .expect(2)
        .says("purchase_history: 1 version, the latest among them: run once before")
        .says("`--yes`");
    company.call("run", &[]).expect(0);
    let asked = company.call("keys shred", &["1"]).expect(2).says("purchase_history: 1 version").says("nothing was changed");
    assert!(!asked.out.contains("sales_by_area"), "an anonymous set has no pseudonyms:\n{}", asked.out);
    assert_eq!(files(&company.folder)[Path::new("keys/fortnox.json")], before[Path::new("keys/fortnox.json")]);
    company.call("keys shred", &["7", "--yes"]).expect(2).says("has no epoch 7").says("hint: it has the epochs 1 to 2;");
    company.call("keys export-certificate", &["7"]).expect(2).says("has no epoch 7").says("hint: it has the epochs 1 to 2;");
    company.call("keys export-certificate", &["1"]).expect(2).says("was not shredded");

    let whole = document(&keyring(&company));
    let secret = whole["epochs"][0]["master"].as_str().expect("a master").to_owned();
    let ledger_before = fs::read(company.ledger()).expect("a ledger");
    let told = company.call("keys shred", &["1", "--yes", "--format", "json"]).expect(0).json();
    assert_eq!((&told["state"], &told["details"]["overwritten"]), (&json!("shredded"), &json!(true)));
    let left = document(&keyring(&company));
    assert_eq!(left["epochs"][0].as_object().expect("an object").keys().collect::<Vec<_>>(), ["created", "number", "shredded"]);
    assert_eq!((&left["epochs"][1], &left["control"]), (&whole["epochs"][1], &whole["control"]));
    for file in walk(&company.folder) {
        let bytes = fs::read(&file).expect("readable");
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{} has the old key", file.display());
    }
    assert_eq!(mode(&keyring(&company)), 0o600);
    company.call("ledger check", &[]).expect(0).says("epoch 1 of the keyring was shredded at").says("is intact");

    // Again: there is nothing left to do.
    let before = files(&company.folder);
    company.call("keys shred", &["1", "--yes"]).expect(0).says("was shredded before");
    assert_eq!(files(&company.folder), before);
    // Killed before the entry: the key is gone, the ledger does not know. Until it does nothing is certified.
    fs::write(company.ledger(), &ledger_before).expect("set back");
    company.call("keys export-certificate", &["1"]).expect(2).says("does not say so yet");
    for command in ["keys list", "ledger check"] {
        let told = company.call(command, &[]).expect(1);
        told.says("look: the key of epoch 1 is gone, and the ledger does not say so")
            .says("\nhint: repeat `gallra keys shred PIPELINE 1 --yes`");
    }
    assert_eq!(company.call("keys list", &["--format", "json"]).expect(1).json()["not_entered"], json!([1]));
    company.call("keys shred", &["1", "--yes"]).expect(0).says("is shredded");
    assert_eq!(document(&keyring(&company)), left, "the time of the shredding is the keyring's");

    // An old copy of the keyring comes back.
    write_private(&keyring(&company), &whole.to_string());
    company.call("ledger check", &[]).expect(1).says("an older copy came back");
    company.call("run", &[]).expect(3).says("has the key of epoch 1, which the ledger says was shredded at");
    company.call("keys shred", &["1", "--yes"]).expect(0).says("is shredded");
    assert!(document(&keyring(&company))["epochs"][0].get("master").is_none());

    let certificate = company.call("keys export-certificate", &["1"]).expect(0).json();
    let output = company.folder.join("epoch-1.json");
    company.call("keys export-certificate", &["1", "--output", "epoch-1.json"]).expect(0).says("certified in epoch-1.json");
    company.call("keys export-certificate", &["1", "--output", "epoch-1.json"]).expect(2).says("exists already");
    assert_eq!(document(&output)["evidence"], certificate["evidence"]);
    // What its `verification` says: the line of the ledger, by other means.
    let evidence = &certificate["evidence"];
    let ledger = fs::read_to_string(company.ledger()).expect("a ledger");
    let line = ledger.lines().nth(evidence["line"].as_u64().expect("a number") as usize - 1).expect("a line");
    assert_eq!(evidence["line_sha256"], json!(sha256(line.as_bytes())));
    let entry: Value = serde_json::from_str(line).expect("JSON");
    assert_eq!((&entry["mac"], &entry["seq"], &entry["record"]["epoch"]), (&evidence["mac"], &evidence["entry"], &json!(1)));
    assert_eq!((&entry["record"]["shredded"], &entry["record"]["keyring"]), (&certificate["shredded"], &certificate["keyring"]));
    let text = fs::read_to_string(&output).expect("readable");
    for secret in secrets(&whole) {
        assert!(!text.contains(&secret));
    }

    // Life goes on, and what was forgotten stays so.
    assert_eq!(company.call("run", &["--format", "json"]).expect(0).json()["plan"]["newly_forgotten"], 0);
    company.call("verify", &[]).expect(0);
    // A changed ledger proves nothing.
    fs::write(company.ledger(), ledger.replace("\"epoch\":1,\"created\"", "\"epoch\":3,\"created\"")).expect("changed");
    company.call("keys export-certificate", &["1"]).expect(3).says("the ledger is not intact");
}

#[test]
fn nothing_is_destroyed_that_can_not_be_entered() {
    let company = company();
    company.call("run", &[]).expect(0);
    company.call("keys rotate", &[]).expect(0);
    let intact = fs::read(company.ledger()).expect("a ledger");
    let before = fs::read(keyring(&company)).expect("a keyring");
    let unchanged = |refused: Answer, sentence: &str| {
        refused.expect(3).says(sentence);
        assert_eq!(fs::read(keyring(&company)).expect("a keyring"), before, "{sentence}");
    };
    fs::remove_file(company.ledger()).expect("removed");
    unchanged(company.call("keys shred", &["1", "--yes"]), "there is no ledger in");
    assert!(!company.ledger().exists());
    fs::write(company.ledger(), &intact[..intact.len() / 2]).expect("cut");
    fs::write(company.ledger(), String::from_utf8_lossy(&intact).replace("run_started", "run_startet")).expect("changed");
    unchanged(company.call("keys shred", &["1", "--yes"]), "the ledger is not intact");
    fs::write(company.ledger(), &intact).expect("set back");
    // A run has it for as long as it works.
    let held = fs::File::options().append(true).open(company.ledger()).expect("opened");
    held.try_lock().expect("locked");
    unchanged(company.call("keys shred", &["1", "--yes"]), "ledger");
    drop(held);
    // Somebody else is changing the keyring.
    let held = fs::File::open(keyring(&company)).expect("opened");
    held.try_lock().expect("locked");
    unchanged(company.call("keys shred", &["1", "--yes"]), "is being changed by somebody else");
    unchanged(company.call("keys rotate", &[]), "is being changed by somebody else");
    drop(held);
    company.call("keys rotate", &["--output", "aside.json"]).expect(2).says("leave `--output` out");
    assert_eq!(fs::read(keyring(&company)).expect("a keyring"), before);
    company.call("keys shred", &["1", "--yes"]).expect(0);
}

#[test]
fn of_several_rotations_at_once_each_counts_or_is_told() {
    let company = company();
    let children: Vec<_> = (0..6)
        .map(|_| company.command("keys rotate", &[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started"))
        .collect();
    let mut won = 0;
    for child in children {
        let output = child.wait_with_output().expect("ended");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        match output.status.code() {
            Some(0) => won += 1,
            code => {
                assert_eq!(code, Some(3), "{said}");
                assert!(said.contains("by somebody else") && said.contains("hint: look at `gallra keys list`"), "{said}");
            }
        }
    }
    assert!(won >= 1);
    let listed = company.call("keys list", &["--format", "json"]).expect(0).json();
    assert_eq!(listed["current_epoch"], 1 + won);
    assert_eq!(fs::read_dir(company.folder.join("keys")).expect("readable").count(), 1);
}

/// Every master key of a keyring.
fn secrets(keyring: &Value) -> Vec<String> {
    let masters = keyring["epochs"].as_array().expect("epochs").iter().chain([&keyring["control"]]);
    let secrets: Vec<String> = masters.filter_map(|found| found["master"].as_str().map(str::to_owned)).collect();
    assert!(secrets.iter().all(|secret| secret.len() == 44) && secrets.len() > 1);
    secrets
}

#[test]
fn a_keyring_in_a_variable_serves_as_the_file_does() {
    let company = company();
    let text = fs::read_to_string(keyring(&company)).expect("readable");
    take_from(&company, "{ env = \"GALLRA_KEYRING\" }");
    fs::remove_file(keyring(&company)).expect("removed");
    let with = |text: &str, command: &str, more: &[&str]| answer(company.command(command, more).env("GALLRA_KEYRING", text));

    let refused =
        company.call("run", &[]).expect(3).says("the environment variable `GALLRA_KEYRING`, which should hold the keyring, is not set");
    assert!(refused.err.contains("hint: set `GALLRA_KEYRING`"), "{}", refused.err);
    with("", "run", &[]).expect(3).says("the keyring in the environment variable `GALLRA_KEYRING` is empty");
    with(&text[1..], "run", &[]).expect(3).says("the keyring in the environment variable `GALLRA_KEYRING` is corrupt at line");
    let run = with(&text, "run", &["-vvv", "--log-format", "json"]).expect(0);
    for secret in secrets(&serde_json::from_str(&text).expect("JSON")) {
        assert!(!run.printed().contains(&secret), "a key was logged");
    }
    for file in walk(&company.folder) {
        let bytes = fs::read(&file).expect("readable");
        assert!(!String::from_utf8_lossy(&bytes).contains("gallra-keyring"), "{} has the keyring", file.display());
    }
    with(&text, "keys list", &[]).expect(0).says("the environment variable GALLRA_KEYRING");

    // It can not be changed where it is.
    with(&text, "keys init", &[]).expect(2).says("can not be changed in its place").says("--output");
    with(&text, "keys rotate", &[]).expect(2).says("can not be changed in its place").says("--output");
    with(&text, "keys rotate", &["--output", "new.json"]).expect(0).says("put there what new.json holds, and then destroy that file");
    let output = company.folder.join("new.json");
    assert_eq!(mode(&output), 0o600);
    let rotated = fs::read_to_string(&output).expect("readable");
    with(&text, "keys rotate", &["--output", "new.json"]).expect(2).says("exists already");
    assert_eq!(fs::read_to_string(&output).expect("readable"), rotated);
    fs::remove_file(&output).expect("removed");
    assert_eq!(with(&rotated, "run", &["--format", "json"]).expect(0).json()["plan"]["newly_forgotten"], 0);

    // The keyring in use has the key until it is put back: the ledger says nothing before.
    let ledger = fs::read(company.ledger()).expect("a ledger");
    with(&rotated, "keys shred", &["1", "--yes"]).expect(2).says("--output");
    with(&rotated, "keys shred", &["1", "--yes", "--output", "new.json"])
        .expect(1)
        .says("the one in use still has it")
        .says("repeat this command");
    assert_eq!(fs::read(company.ledger()).expect("a ledger"), ledger);
    let shredded = fs::read_to_string(&output).expect("readable");
    assert_eq!(mode(&output), 0o600);
    with(&shredded, "keys shred", &["1", "--yes"]).expect(0).says("epoch 1 is shredded");
    with(&shredded, "keys export-certificate", &["1"]).expect(0);
    with(&shredded, "ledger check", &[]).expect(0).says("epoch 1 of the keyring was shredded");
    with(&rotated, "ledger check", &[]).expect(1).says("an older copy came back");
    with(&rotated, "run", &[]).expect(3).says("has the key of epoch 1");
}

#[test]
fn a_command_prints_the_keyring_or_its_failure_is_told_without_its_words() {
    let company = company();
    take_from(&company, "{ command = [\"cat\", \"keys/fortnox.json\"] }");
    // From another folder: the command runs where the pipeline file is.
    let elsewhere = tempfile::tempdir().expect("a folder");
    let pipeline = company.pipeline();
    let pipeline = pipeline.to_str().expect("a path");
    answer(gallra(elsewhere.path(), &["run", pipeline, "--as-of", &company.day]).env("GALLRA_DATABASE", company.database())).expect(0);
    company.call("keys list", &[]).expect(0).says("from the output of cat");
    company.call("keys rotate", &[]).expect(2).says("the keyring that the command `cat` prints can not be changed in its place");
    let fails = |source: &str, sentence: &str| {
        take_from(&company, source);
        let refused = company.call("plan", &["-vvv"]).expect(3).says(sentence);
        assert!(refused.err.contains("hint: "), "{}", refused.err);
        assert!(!refused.printed().contains("WORD"), "{}", refused.printed());
    };
    fails("{ command = [\"cat\", \"keys/WORD.json\"] }", "the command `cat`, which should print the keyring, failed (exit status: 1)");
    fails(
        "{ command = [\"sh\", \"-c\", \"echo WORD >&2; exit 4\"] }",
        "the command `sh`, which should print the keyring, failed (exit status: 4)",
    );
    fails("{ command = [\"gallra-no-such\"] }", "the command `gallra-no-such`, which should print the keyring, does not exist");
    fails("{ command = [\"true\"] }", "the keyring that the command `true` prints is empty");
    fails("{ command = [\"echo\", \"WORD\"] }", "the keyring that the command `echo` prints is corrupt at line 1, column 1");
    fails("{ command = [\"yes\", \"WORD\"] }", "the command `yes` printed more than 1048576 bytes, which no keyring has");

    // What the file itself says wrongly is told with its line.
    let problem = |source: &str, sentence: &str| {
        take_from(&company, source);
        company.call("plan", &[]).expect(2).says(sentence).says("fortnox.toml:");
    };
    problem("{}", "the keyring needs either `env` or `command`");
    problem("{ env = \"A\", command = [\"cat\"] }", "the keyring needs either `env` or `command`");
    problem("{ command = [] }", "`command` names no program");
    problem("{ env = \"\" }", "`env` is not the name of an environment variable");
    problem("{ environment = \"A\" }", "unknown key `environment`");
    problem("{ command = [\"cat\", \"${GALLRA_NO_SUCH}\"] }", "the environment variable `GALLRA_NO_SUCH` is not set");
    problem("7", "keyring");
}

#[test]
fn a_keyring_from_elsewhere_is_made_into_a_file_that_is_put_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let pipeline = common_cli::FORTNOX.replace("keyring = \"keys/fortnox.json\"", "keyring = { env = \"GALLRA_KEYRING\" }");
    fs::write(folder.path().join("fortnox.toml"), &pipeline).expect("written");
    call(folder.path(), &["keys", "init", "fortnox.toml", "--output", "secrets/new.json"])
        .expect(0)
        .says("put there what secrets/new.json holds");
    let made = folder.path().join("secrets/new.json");
    assert_eq!((mode(&made), mode(&folder.path().join("secrets"))), (0o600, 0o700));
    let text = fs::read_to_string(&made).expect("readable");
    let listed = answer(gallra(folder.path(), &["keys", "list", "fortnox.toml"]).env("GALLRA_KEYRING", &text)).expect(0);
    assert!(listed.out.contains(document(&made)["id"].as_str().expect("an id")));
    call(folder.path(), &["keys", "init", "fortnox.toml", "--output", "secrets/new.json"]).expect(2).says("exists already");
    fs::write(folder.path().join("fortnox.toml"), common_cli::FORTNOX).expect("written");
    call(folder.path(), &["keys", "init", "fortnox.toml", "--output", "other.json"]).expect(2).says("leave `--output` out");
    assert!(!folder.path().join("other.json").exists());
}
