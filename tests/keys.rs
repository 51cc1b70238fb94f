//! The keyring from the outside: where it comes from, what a new epoch changes and leaves, what is left of a shredded one, and an independent
//! computation of what was published under it.

mod common_cli;

use std::collections::{BTreeMap, BTreeSet};
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
        .says("purchase_history: 1 version, the one that is read now among them: run once before")
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
    assert_eq!(certificate["shredded_before"], json!([told["details"]["shredded"]]), "the key was back in between");
    assert!(certificate["statement"].as_str().expect("a text").contains("came back with a copy of the keyring"));
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

/// The same by hand: HKDF from each epoch's master under a purpose of its own, and HMAC over nothing.
const FINGERPRINTS: &str = r#"
import base64, hashlib, hmac, json, struct, sys

def frame(part):
    return struct.pack(">Q", len(part)) + part

def code(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()

for epoch in json.load(open(sys.argv[1]))["epochs"]:
    if "master" in epoch:
        info = frame(b"gallra-v1") + frame(b"epoch-fingerprint") + frame(b"") + frame(struct.pack(">I", epoch["number"]))
        key = code(code(bytes(32), base64.b64decode(epoch["master"])), info + b"\1")
        print(epoch["number"], code(key, b"").hex()[:32])
"#;

/// Number → fingerprint of every key in a keyring's file, by Python.
fn fingerprints(keyring: &Path) -> BTreeMap<u64, String> {
    let told = answer(Command::new("python3").args(["-c", FINGERPRINTS]).arg(keyring).stdin(Stdio::null())).expect(0).out;
    let pair = |line: &str| line.split_once(' ').map(|(number, fingerprint)| (number.parse().expect("a number"), fingerprint.to_owned()));
    told.lines().map(|line| pair(line).expect("a pair")).collect()
}

/// Epoch and fingerprint of every run, as the lines of the ledger say.
fn entered(company: &Company) -> Vec<(u64, String)> {
    let ledger = fs::read_to_string(company.ledger()).expect("a ledger");
    let records = ledger.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")["record"].take());
    let begun = records.filter(|record| record["kind"] == "run_started");
    begun
        .map(|record| (record["key_epoch"].as_u64().expect("a number"), record["key_fingerprint"].as_str().expect("text").into()))
        .collect()
}

#[test]
fn an_older_keyring_is_refused_and_no_number_is_given_to_two_keys() {
    let company = company();
    company.call("run", &[]).expect(0);
    let first = fs::read_to_string(keyring(&company)).expect("readable");
    company.call("keys rotate", &[]).expect(0);
    company.call("run", &[]).expect(0);
    let second = fs::read_to_string(keyring(&company)).expect("readable");
    let known = fingerprints(&keyring(&company));
    assert_eq!(entered(&company), known.clone().into_iter().collect::<Vec<_>>());
    for command in ["keys list", "ledger check", "verify"] {
        company.call(command, &[]).expect(0);
    }

    // A backup from before the rotation.
    write_private(&keyring(&company), &first);
    let before = files(&company.folder);
    let older = "ends with epoch 1, and the ledger knows epoch 2: it is an older copy";
    let backfill = ["--set", "purchase_history", "--yes"];
    for (command, more, code) in [
        ("run", &[][..], 3),
        ("backfill", &backfill, 3),
        ("backfill", &backfill[..2], 3),
        ("plan", &[], 3),
        ("check", &[], 1),
        ("verify", &[], 3),
        ("keys list", &[], 1),
        ("ledger check", &[], 1),
        ("keys export-certificate", &["1"], 3),
    ] {
        let told =
            company.call(command, more).expect(code).says(older).says("hint: put back the newest copy, which has epoch 2; if that is");
        assert_eq!(told.printed().matches(older).count(), 1, "{}", told.printed());
    }
    company.call("keys list", &[]).expect(1).says("not in this keyring; last used on 2");
    let listed = company.call("keys list", &["--format", "json"]).expect(1).json();
    assert_eq!((&listed["missing"][0]["epoch"], listed["disagreements"].as_array().map(Vec::len)), (&json!(2), Some(1)), "{listed}");
    assert_eq!(files(&company.folder), before, "something was changed");
    // A hold is not refused: nothing is forgotten until the keyring is the right one, and then it counts.
    let words = ["customer", "9002", "--reason", "court case", "--owner", "Lotta Lag"];
    let held = company.call("hold add", &words).expect(1).says(older).says("is held until it is released");
    assert!(held.out.find(older) < held.out.find("is held until"), "{}", held.out);
    write_private(&keyring(&company), &second);
    company.call("run", &[]).expect(0);

    // The newest is lost for good.
    write_private(&keyring(&company), &first);
    company.call("keys rotate", &[]).expect(1).says("epoch 3 of keyring").says("look: before the rotation: keyring").says(older);
    company.call("keys list", &[]).expect(0).says("not in this keyring");
    company.call("run", &[]).expect(0);
    let mut all = known;
    all.extend(fingerprints(&keyring(&company)));
    assert_eq!(entered(&company).into_iter().collect::<BTreeSet<_>>(), all.clone().into_iter().collect());
    assert_eq!(all.values().collect::<BTreeSet<_>>().len(), 3);
    // What was published under each number is what Python computes from the one key of that number.
    let expected = computed_by_python(&company, &keyring(&company), "customer", "customer_no", 3);
    assert!(published(&company, "purchase_history", "customer").is_subset(&expected));

    // The copy of the lost epoch turns up: the ledger knows a later one by now.
    let third = fs::read_to_string(keyring(&company)).expect("readable");
    write_private(&keyring(&company), &second);
    company.call("run", &[]).expect(3).says("ends with epoch 2, and the ledger knows epoch 3");
    for more in [&["1"][..], &["1", "--yes"]] {
        let told = company.call("keys shred", more).expect(3).says("it is an older copy");
        assert!(!told.out.contains("published under"), "the preview promises what is refused:\n{}", told.out);
    }
    // Another key under a number that the ledger knows, as earlier versions gave them.
    let mut forged: Value = serde_json::from_str(&first).expect("JSON");
    let mut again = serde_json::from_str::<Value>(&third).expect("JSON")["epochs"][1].take();
    again["number"] = json!(2);
    let mut last = forged["epochs"][0].clone();
    last["number"] = json!(3);
    forged["epochs"].as_array_mut().expect("epochs").extend([again, last]);
    write_private(&keyring(&company), &forged.to_string());
    company
        .call("run", &[])
        .expect(3)
        .says("has another key of epoch 3 than the one under which the ledger's runs published")
        .says("hint: put");
    company.call("keys rotate", &[]).expect(1).says("epoch 4 of keyring");
    company.call("keys list", &[]).expect(0).says("kept; not the key that the ledger knows");
    company.call("run", &[]).expect(0);
    let ledger = fs::read(company.ledger()).expect("a ledger");
    for more in [&["2"][..], &["2", "--yes"]] {
        company.call("keys shred", more).expect(3).says("has another key of epoch 2").says("hint: only the copy whose epoch 2");
    }
    assert_eq!(fs::read(company.ledger()).expect("a ledger"), ledger);
}

#[test]
fn an_epoch_under_which_nothing_was_published_leaves_its_number_free() {
    let company = company();
    company.call("run", &[]).expect(0);
    let first = fs::read_to_string(keyring(&company)).expect("readable");
    company.call("keys rotate", &[]).expect(0);
    write_private(&keyring(&company), &first);
    company.call("run", &[]).expect(0);
    company.call("keys rotate", &[]).expect(0).says("epoch 2 of keyring");
    company.call("run", &[]).expect(0);
    assert_eq!(entered(&company).iter().map(|(epoch, _)| *epoch).collect::<Vec<_>>(), [1, 1, 2]);
}

#[test]
fn a_shredded_key_that_comes_back_alone_is_led_out_without_using_a_number_again() {
    let company = company();
    company.call("run", &[]).expect(0);
    let first = fs::read_to_string(keyring(&company)).expect("readable");
    company.call("keys rotate", &[]).expect(0);
    company.call("run", &[]).expect(0);
    company.call("keys shred", &["1", "--yes"]).expect(0);
    write_private(&keyring(&company), &first);
    let came_back = "has the key of epoch 1, which the ledger says was shredded at";
    for (command, more, code) in
        [("run", &[][..], 3), ("keys export-certificate", &["1"], 3), ("keys list", &[], 1), ("ledger check", &[], 1), ("verify", &[], 3)]
    {
        company.call(command, more).expect(code).says(came_back).says("`gallra keys rotate PIPELINE` begins an epoch");
    }
    // What the hint says.
    company
        .call("keys rotate", &[])
        .expect(1)
        .says("epoch 3 of keyring")
        .says(&format!("look: keyring `{}`", document(&keyring(&company))["id"].as_str().expect("an id")));
    company
        .call("run", &[])
        .expect(3)
        .says(came_back)
        .says("hint: an older copy came back")
        .says("`gallra keys shred PIPELINE 1 --yes` destroys");
    company.call("keys shred", &["1", "--yes"]).expect(0).says("epoch 1 is shredded");
    company.call("run", &[]).expect(0);
    company.call("keys export-certificate", &["1"]).expect(0);
    assert_eq!(entered(&company).iter().map(|(epoch, _)| *epoch).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn a_shredding_that_marks_not_every_version_says_so_and_the_lack_is_found() {
    let company = company();
    company.call("run", &[]).expect(0);
    let version = PathBuf::from(company.call("path", &["purchase_history"]).expect(0).out.trim_end());
    company.call("keys rotate", &[]).expect(0);
    company.call("run", &[]).expect(0);
    // In the way for every user, also for root, whom permissions do not stop.
    let in_the_way = company.folder.join(&version).join("._shredded.json.new");
    fs::create_dir(&in_the_way).expect("made");
    let told = company.call("keys shred", &["1", "--yes"]).expect(1);
    let told = told.says("epoch 1 is shredded, since").says("look: not every published version says so yet: cannot ");
    let told = told.says("hint: see that it can be written, and repeat `gallra keys shred PIPELINE 1 --yes`");
    assert!(!told.printed().contains("nothing half-made"), "{}", told.printed());
    fs::remove_dir(&in_the_way).expect("removed");
    let found =
        company.call("verify", &[]).expect(3).says("FINDING: shredded: ").says("\nhint: repeat `gallra keys shred PIPELINE 1 --yes`");
    found.says(version.file_name().and_then(|name| name.to_str()).expect("a name"));
    company.call("keys shred", &["1", "--yes"]).expect(0).says("was shredded before").says("1 published version of that epoch says so now");
    assert_eq!(document(&company.folder.join(&version).join("_shredded.json"))["key_epoch"], 1);
    company.call("verify", &[]).expect(0);
}

#[test]
fn a_shredding_that_the_ledger_does_not_take_is_told_as_half_done() {
    let company = company();
    company.call("run", &[]).expect(0);
    company.call("keys rotate", &[]).expect(0);
    company.call("run", &[]).expect(0);
    // No file may grow over four kilobytes (eight, where the shell counts so): the keyring is far smaller, the ledger larger.
    let length = fs::metadata(company.ledger()).expect("a ledger").len();
    assert!(length > 8192 && fs::metadata(keyring(&company)).expect("a keyring").len() < 2048, "{length}");
    let limited = |arguments: &str| {
        let script = format!("trap '' XFSZ; ulimit -f 8; exec \"$0\" {arguments}");
        let mut command = Command::new("sh");
        command.current_dir(&company.folder).args(["-c", &script, env!("CARGO_BIN_EXE_gallra")]).stdin(Stdio::null());
        answer(&mut command)
    };
    limited("keys shred fortnox.toml 1 --yes")
        .expect(3)
        .says("error: the key of epoch 1 is destroyed, and the ledger does not say so yet: the entry could not be written")
        .says("repeating `gallra keys shred PIPELINE 1 --yes` enters it");
    assert!(document(&keyring(&company))["epochs"][0].get("master").is_none());
    assert_eq!(fs::metadata(company.ledger()).expect("a ledger").len(), length);
    company.call("keys shred", &["1", "--yes"]).expect(0).says("epoch 1 is shredded");
    company.call("ledger check", &[]).expect(0).says("epoch 1 of the keyring was shredded at");
}

#[test]
fn a_keyring_is_not_begun_beside_the_ledger_or_silently_beside_the_sets_of_another() {
    let company = company();
    company.call("run", &[]).expect(0);
    let id = document(&keyring(&company))["id"].as_str().expect("an id").to_owned();
    let lost = fs::read_to_string(keyring(&company)).expect("readable");
    company.call("keys init", &[]).expect(2).says("exists already");
    fs::remove_file(keyring(&company)).expect("removed");
    let refused = company.call("keys init", &[]).expect(2).says(&format!("there is a ledger of keyring `{id}` at"));
    refused.says("hint: put the ledger's own keyring back");
    assert!(!keyring(&company).exists());
    // Put into a file, to be brought elsewhere: the same.
    take_from(&company, "{ env = \"GALLRA_KEYRING\" }");
    company.call("keys init", &["--output", "new.json"]).expect(2).says("there is a ledger of keyring");
    assert!(!company.folder.join("new.json").exists());
    let command = |text: &str, command: &str| answer(company.command(command, &[]).env("GALLRA_KEYRING", text));
    command(&lost, "run").expect(0);

    // What the README says to somebody who has lost it for good.
    fs::rename(company.ledger().parent().expect("a folder"), company.folder.join("ledger-of-before")).expect("moved");
    let told = company.call("keys init", &["--output", "new.json"]).expect(1);
    told.says("look: sets in").says(&format!("were published with keyring {id}")).says("hint: if the other keyring is only mislaid");
    let new = fs::read_to_string(company.folder.join("new.json")).expect("readable");
    fs::rename(company.output(), company.folder.join("published-before")).expect("moved");
    command(&new, "run").expect(3).says("the ledger of this store is missing");
    company.open().execute_batch("DROP TABLE gallra_head; DROP TABLE gallra_journal").expect("dropped");
    command(&new, "run").expect(0);
    command(&new, "verify").expect(0);
    command(&lost, "keys list").expect(1).says("look: not compared with the ledger: the ledger").says(&format!("not to `{id}`"));
}

#[test]
fn with_another_installations_keyring_nobody_is_said_to_be_gone() {
    let company = company();
    company.call("run", &[]).expect(0);
    let (ledger, aside) = (company.folder.join("ledger"), company.folder.join("ledger-aside"));
    fs::rename(&ledger, &aside).expect("moved");
    fs::rename(keyring(&company), company.folder.join("own.json")).expect("moved");
    company.call("keys init", &[]).expect(1);
    fs::rename(&aside, &ledger).expect("moved back");
    let told = company.call("verify", &[]).expect(3).says("FINDING: keyring: the keyring `").says("is not this ledger's");
    let told = told.says("\nhint: use the keyring under which the ledger was created");
    assert_eq!(told.printed().matches("FINDING: ").count(), 1, "{}", told.printed());
    assert!(!told.printed().contains("gone"), "{}", told.printed());
    // The right one, and all is well.
    fs::rename(company.folder.join("own.json"), keyring(&company)).expect("moved back");
    company.call("verify", &[]).expect(0);
}

#[test]
fn a_mark_that_no_shredding_made_is_found() {
    let company = company();
    company.call("run", &[]).expect(0);
    let version = company.folder.join(company.call("path", &["purchase_history"]).expect(0).out.trim_end());
    let mark = version.join("_shredded.json");
    fs::write(&mark, "{\"says\": \"the key of these pseudonyms is destroyed\"}").expect("written");
    company
        .call("verify", &[])
        .expect(3)
        .says("_shredded.json` says that a key is destroyed which the keyring has")
        .says("hint: look who else");
    fs::remove_file(&mark).expect("removed");
    company.call("verify", &[]).expect(0);
}

/// The program as a user whom permissions stop; the company is that user's from now on. Root's group keeps its files.
fn as_a_user(company: &Company) -> impl Fn(&str, &[&str]) -> Answer {
    let is_root = std::os::unix::fs::MetadataExt::uid(&fs::metadata("/proc/self").expect("there")) == 0;
    let program = company.folder.join("gallra");
    // Where the tests' own program lies, nobody else may look.
    fs::copy(env!("CARGO_BIN_EXE_gallra"), &program).expect("copied");
    if is_root {
        answer(Command::new("chown").args(["-R", "65534"]).arg(&company.folder)).expect(0);
    }
    move |command, more| {
        let mut called = Command::new(&program);
        called.current_dir(&company.folder).args(command.split(' ')).arg("fortnox.toml").args(more).stdin(Stdio::null());
        if is_root {
            std::os::unix::process::CommandExt::gid(std::os::unix::process::CommandExt::uid(&mut called, 65534), 65534);
        }
        answer(&mut called)
    }
}

#[test]
fn who_may_not_write_is_told_which_file_and_what_was_done() {
    let company = company();
    let call = as_a_user(&company);
    let day = ["--as-of", company.day.as_str()];
    call("run", &day).expect(0);
    // The keyring is of a group that this user is not in, where root made it: that is no hindrance.
    call("keys rotate", &[]).expect(0);
    call("run", &day).expect(0);
    let allow = |path: &Path, mode: u32| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set");
    let (keys, ledger) = (company.folder.join("keys"), company.ledger());
    let denied = "because Permission denied";

    allow(&keys, 0o500);
    for (command, more) in [("keys rotate", &[][..]), ("keys shred", &["1", "--yes"])] {
        let told = call(command, more).expect(3).says("error: cannot write keyring `./keys/fortnox.json`").says(denied);
        told.says("hint: let this user write in the folder `./keys`");
    }
    allow(&keys, 0o700);
    allow(&ledger, 0o400);
    for (command, more) in [("run", &day[..]), ("keys shred", &["1", "--yes"])] {
        let told = call(command, more).expect(3).says("ledger.jsonl` can be read, but not be written").says(denied);
        told.says("hint: let the user who runs gallra write the file");
    }
    assert!(document(&keyring(&company))["epochs"][0].get("master").is_some());
    allow(&ledger, 0o600);
    // A folder that may not be looked into is no missing ledger.
    let folder = ledger.parent().expect("a folder");
    allow(folder, 0o000);
    for (command, more) in [("run", &day[..]), ("plan", &day), ("verify", &[]), ("keys rotate", &[]), ("ledger check", &[])] {
        call(command, more).expect(3).says("ledger.jsonl` can not be read").says(denied);
    }
    allow(folder, 0o700);

    let version = PathBuf::from(call("path", &["purchase_history"]).expect(0).out.trim_end());
    let set = version.parent().expect("a folder");
    let versions: Vec<PathBuf> =
        fs::read_dir(company.folder.join(set)).expect("readable").map(|entry| entry.expect("readable").path()).collect();
    let folders = || versions.iter().filter(|path| path.is_dir());
    folders().for_each(|path| allow(path, 0o500));
    let told =
        call("keys shred", &["1", "--yes"]).expect(1).says("epoch 1 is shredded").says("look: not every published version says so yet");
    assert!(told.says("Permission denied").says("hint: see that it can be written").out.contains("_shredded.json"));
    folders().for_each(|path| allow(path, 0o700));
    call("keys shred", &["1", "--yes"]).expect(0).says("1 published version of that epoch says so now");
    call("verify", &[]).expect(0);

    // SQLite's own files go into the folder of the database: that is found before the night begins.
    let before = (fs::read(&ledger).expect("a ledger"), files(&company.output()));
    allow(&company.folder, 0o500);
    let told = call("run", &day).expect(3).says("this user may write the file, but no file beside it");
    told.says("\nhint: SQLite writes a journal into the folder of the database: give the user that runs gallra the right to write there");
    allow(&company.folder, 0o700);
    assert_eq!((fs::read(&ledger).expect("a ledger"), files(&company.output())), before);
    call("run", &day).expect(0);
    assert!(!company.folder.join("fortnox.db.gallra-probe").exists());
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
