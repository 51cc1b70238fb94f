//! Saved plans on the command line: saved by one, approved by another with a key that OpenSSL knows as well, executed by a third.

mod common_cli;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common_cli::{Answer, Company, call, content, files, gallra};
use serde_json::Value;

const APPROVAL: &str = "[approval]\nrequired = true\nsignatures = 1\napprovers = [\n  { name = \"officer\", key = \"KEY\" },\n]\n\n[brake]";

/// OpenSSL, which `scripts/test` installs where it is missing.
fn openssl(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("openssl").current_dir(folder).args(arguments).output().expect("`openssl` is installed");
    assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The public key of a private key file, as OpenSSL has it: the last 32 bytes of its DER form (RFC 8410, section 4).
fn public_key(folder: &Path, file: &str) -> String {
    let der = openssl(folder, &["pkey", "-in", file, "-pubout", "-outform", "DER"]);
    assert_eq!(der.len(), 44);
    format!("ed25519:{}", data_encoding::BASE64.encode(&der[12..]))
}

fn approver(folder: &Path, file: &str) -> String {
    let made = call(folder, &["keys", "approver", "--output", file, "--format", "json"]).expect(0).json();
    made["key"].as_str().expect("the public key").to_owned()
}

/// A company whose runs need the officer's approval, with the officer's key beside it.
fn company(make_key: &dyn Fn(&Path) -> String) -> Company {
    let keys = tempfile::tempdir().expect("a folder");
    let key = make_key(keys.path());
    let company = Company::new(600, 1_800, &[("[brake]", &APPROVAL.replace("KEY", &key)), ("percent = 5.0", "percent = 0.5")]);
    fs::copy(keys.path().join("officer.pem"), company.folder.join("officer.pem")).expect("copied");
    company
}

fn by_gallra() -> Company {
    company(&|folder| approver(folder, "officer.pem"))
}

#[track_caller]
fn execute(company: &Company, more: &[&str]) -> Answer {
    call(&company.folder, &[&["run", "fortnox.toml", "--plan", "plan.json"], more].concat())
}

fn save(company: &Company) {
    company.call("plan", &["--save", "plan.json"]).expect(0).says("next: an approver's `gallra approve plan.json --key FILE`");
}

fn approve(company: &Company) {
    call(&company.folder, &["approve", "plan.json", "--key", "officer.pem"]).expect(0).says("next: `gallra run --plan plan.json`");
}

fn rows(company: &Company) -> BTreeMap<String, Vec<String>> {
    content(&company.open(), &|_, column, cell| if matches!(column, "updated_at" | "phone_number") { "-".to_owned() } else { cell })
}

/// Header and body of a plan as Python writes them without blanks, and the message of its last approval as the documentation gives it.
const WITNESS: &str = r#"
import json, hashlib, base64
plan = json.load(open("plan.json", encoding="utf-8"))
bare = lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
header = hashlib.sha256(bare(plan["header"])).hexdigest()
assert hashlib.sha256(bare(plan["body"])).hexdigest() == plan["header"]["body_sha256"]
erasures = [erasure for group in plan["body"] for erasure in group["erasures"]]
assert len(erasures) == plan["header"]["erasures"] == sum(count["erasures"] for count in plan["header"]["counts"])
last = plan["approvals"][-1]
message = f'gallra plan approval 1\nheader sha256 {header}\nkey {last["key"]}\napproved {last["approved"]}\n'
open("message", "w").write(message)
open("signature", "wb").write(base64.b64decode(last["signature"]))
print(header)
"#;

fn witness(folder: &Path) -> String {
    let output = Command::new("python3").current_dir(folder).args(["-c", WITNESS]).output().expect("`python3` is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("digits").trim().to_owned()
}

#[test]
fn a_key_of_openssl_approves_and_openssl_verifies_the_approval() {
    let company = company(&|folder| {
        openssl(folder, &["genpkey", "-algorithm", "ed25519", "-out", "officer.pem"]);
        fs::set_permissions(folder.join("officer.pem"), fs::Permissions::from_mode(0o600)).expect("private");
        public_key(folder, "officer.pem")
    });
    // Without a plan, and with one that nobody has approved.
    let before = files(&company.folder);
    let refused = company.call("run", &[]).expect(2);
    assert!(refused.err.contains("error: a run needs an approved plan"), "{}", refused.err);
    let hint = refused.err.lines().find(|line| line.starts_with("hint: ")).expect("a hint of its own line");
    for part in ["`gallra plan --save plan.json`", "`gallra approve plan.json --key FILE`", "`gallra run --plan plan.json`"] {
        assert!(hint.contains(part), "{hint}");
    }
    assert_eq!(files(&company.folder), before, "a refused run changed something");
    save(&company);
    let before = files(&company.folder);
    execute(&company, &[]).expect(2).says("is not approved: 0 of 1 approvals").says("hint: ");
    let shown = call(&company.folder, &["approve", "plan.json"]).expect(0).says("nothing was signed").says("earliest due");
    assert_eq!(files(&company.folder), before, "looking changed something");
    let plan: Value = serde_json::from_str(&fs::read_to_string(company.folder.join("plan.json")).expect("the plan")).expect("JSON");
    let erasures = plan["header"]["erasures"].as_u64().expect("a number");
    assert!(erasures > 0 && shown.out.contains(&format!("{erasures} erasures in all")), "{}", shown.out);
    call(&company.folder, &["approve", "plan.json", "--key", "officer.pem", "--pipeline", "fortnox.toml"]).expect(0);
    let header = witness(&company.folder);
    openssl(&company.folder, &["pkey", "-in", "officer.pem", "-pubout", "-out", "public.pem"]);
    let verify = ["pkeyutl", "-verify", "-pubin", "-inkey", "public.pem", "-rawin", "-in", "message", "-sigfile", "signature"];
    let verified = openssl(&company.folder, &verify);
    assert!(String::from_utf8_lossy(&verified).contains("Signature Verified Successfully"));
    let done = execute(&company, &["--format", "json"]).expect(0).json();
    let saved = &done["saved_plan"];
    assert_eq!((&saved["planned"], &saved["executed"], &saved["header_sha256"]), (&erasures.into(), &erasures.into(), &header.into()));
    assert_eq!((saved["left_out"].as_array().map(Vec::len), saved["not_in_plan"].as_array().map(Vec::len)), (Some(0), Some(0)));
    assert_eq!(saved["approved_by"][0]["name"], "officer");
    // And once more: there is nothing left to do.
    execute(&company, &[])
        .expect(0)
        .says("0 executed")
        .says(&format!("{erasures} done before").replace("  ", " "))
        .says("approved by officer");
    company.call("ledger check", &[]).expect(0);
    company.call("verify", &[]).expect(0);
}

#[test]
fn a_signature_by_openssl_is_an_approval() {
    // OpenSSL signs the message, and the signature stands in the file in place of gallra's own: they are the same, Ed25519 being deterministic.
    let company = by_gallra();
    assert_eq!(fs::metadata(company.folder.join("officer.pem")).expect("there").permissions().mode() & 0o777, 0o600);
    let pipeline = fs::read_to_string(company.pipeline()).expect("the pipeline");
    assert!(pipeline.contains(&public_key(&company.folder, "officer.pem")), "OpenSSL has another public key");
    save(&company);
    approve(&company);
    witness(&company.folder);
    openssl(&company.folder, &["pkeyutl", "-sign", "-inkey", "officer.pem", "-rawin", "-in", "message", "-out", "by_openssl"]);
    let read = |name: &str| fs::read(company.folder.join(name)).expect("a signature");
    assert_eq!(read("by_openssl"), read("signature"));
}

#[test]
fn an_approvers_key_is_private_and_never_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = call(folder.path(), &["keys", "approver", "--output", "dpo.pem"]).expect(0).says("[approval] approvers");
    let line = made.out.lines().find(|line| line.contains("ed25519:")).expect("the line for the pipeline");
    assert!(line.contains(&format!("key = \"{}\"", public_key(folder.path(), "dpo.pem"))), "{line}");
    let before = files(folder.path());
    call(folder.path(), &["keys", "approver", "--output", "dpo.pem"]).expect(2).says("exists already").says("hint: ");
    assert_eq!(files(folder.path()), before);
    call(folder.path(), &["keys", "approver", "--output", "absent/dpo.pem"]).expect(3).says("it does not exist");
    call(folder.path(), &["keys", "approver"]).expect(2).says("--output");
}

/// What somebody does to a plan or beside it, and what a run says then.
type Attack = fn(&Company);

fn edit(company: &Company, from: &str, to: &str) {
    let path = company.folder.join("plan.json");
    let text = fs::read_to_string(&path).expect("the plan");
    assert!(text.contains(from), "the plan has no `{from}`");
    fs::write(path, text.replacen(from, to, 1)).expect("written");
}

#[test]
fn a_plan_that_was_tampered_with_is_refused_before_anything_is_written() {
    let company = by_gallra();
    save(&company);
    approve(&company);
    let attacks: &[(&str, Attack, i32, &str)] = &[
        ("a blank", |company| edit(company, "\n\"mac\"", "\n \"mac\""), 2, "it is not spelled as gallra spells a plan"),
        ("a number of the header", |company| edit(company, "\"erasures\": ", "\"erasures\": 1"), 2, "its erasures do not fit its header"),
        ("the controller", |company| edit(company, "\"controller\": \"", "\"controller\": \"X"), 2, "an approval's signature does not fit"),
        ("the day", |company| edit(company, "\"as_of\": \"20", "\"as_of\": \"19"), 2, "an approval's signature does not fit"),
        (
            "an outcome",
            |company| edit(company, "\"outcome\":\"anonymise\"", "\"outcome\":\"delete\""),
            2,
            "its erasures do not fit its header",
        ),
        ("a token", |company| edit(company, "{\"token\":\"", "{\"token\":\"x"), 2, "is not a saved plan"),
        (
            "an approval's time",
            |company| edit(company, "\"approved\":\"20", "\"approved\":\"19"),
            2,
            "an approval's signature does not fit",
        ),
        (
            "no approval",
            |company| {
                let path = company.folder.join("plan.json");
                let text = fs::read_to_string(&path).expect("the plan");
                let (before, rest) = text.split_once("\"approvals\": [\n").expect("approvals");
                let (_, after) = rest.split_once("\n],\n\"body\"").expect("a body");
                fs::write(path, format!("{before}\"approvals\": [],\n\"body\"{after}")).expect("written");
            },
            2,
            "0 of 1 approvals",
        ),
        (
            "cut off",
            |company| {
                let path = company.folder.join("plan.json");
                let text = fs::read(&path).expect("the plan");
                fs::write(path, &text[..text.len() / 2]).expect("written");
            },
            2,
            "is not a saved plan",
        ),
        ("another format", |company| edit(company, "gallra-plan-1", "gallra-plan-2"), 2, "is not of format"),
        (
            "the pipeline",
            |company| {
                let text = fs::read_to_string(company.pipeline()).expect("the pipeline");
                fs::write(company.pipeline(), text.replace("signatures = 1", "signatures  = 1")).expect("written");
            },
            2,
            "the pipeline file changed after the plan",
        ),
        ("no plan", |company| fs::remove_file(company.folder.join("plan.json")).expect("removed"), 3, "it does not exist"),
        (
            "something else",
            |company| {
                fs::copy(company.pipeline(), company.folder.join("plan.json")).expect("copied");
            },
            2,
            "is not a saved plan",
        ),
    ];
    for (what, attack, code, says) in attacks {
        let company = company.copy();
        attack(&company);
        let before = files(&company.folder);
        let refused = execute(&company, &[]);
        assert_eq!(refused.code, Some(*code), "{what}: {}", refused.printed());
        assert!(refused.err.contains(says), "{what}: {}", refused.err);
        let hints = refused.err.lines().filter(|line| line.starts_with("hint: ")).count();
        assert_eq!(hints, usize::from(*code == 2), "{what}: {}", refused.err);
        let json = execute(&company, &["--format", "json"]).json();
        assert_eq!(json["exit_code"], *code, "{what}: {json}");
        assert_eq!(files(&company.folder), before, "{what}: something was changed");
    }
    // Another keyring under the same name.
    let other = company.copy();
    fs::remove_file(other.folder.join("keys/fortnox.json")).expect("removed");
    other.call("keys init", &[]).expect(0);
    execute(&other, &[]).expect(2).says("was made with another keyring");
    // `--as-of` does not go with it; nothing of all that touched the company itself.
    execute(&company, &["--as-of", &company.day]).expect(2).says("`--as-of` does not go with `--plan`");
    execute(&company, &[]).expect(0);
}

#[test]
fn approving_takes_a_key_that_nobody_else_can_read_and_that_counts() {
    let company = by_gallra();
    save(&company);
    let before = files(&company.folder);
    let approve = |more: &[&str]| call(&company.folder, &[&["approve", "plan.json"], more].concat());
    fs::set_permissions(company.folder.join("officer.pem"), fs::Permissions::from_mode(0o640)).expect("opened");
    approve(&["--key", "officer.pem"]).expect(3).says("open to others than its owner (mode `0640`)").says("hint: run `chmod 600");
    fs::set_permissions(company.folder.join("officer.pem"), fs::Permissions::from_mode(0o600)).expect("closed");
    approve(&["--key", "fortnox.toml"]).expect(3);
    approve(&["--key", "absent.pem"]).expect(3).says("it does not exist");
    call(&company.folder, &["approve", "fortnox.toml", "--key", "officer.pem"]).expect(2).says("is not a saved plan");
    assert_eq!(files(&company.folder), before);
    // Somebody whom the pipeline does not name is told so where the pipeline is at hand, and does not count where it was not.
    approver(&company.folder, "stranger.pem");
    approve(&["--key", "stranger.pem", "--pipeline", "fortnox.toml"]).expect(2).says("would not count").says("hint: ");
    approve(&["--key", "stranger.pem"]).expect(0);
    execute(&company, &[]).expect(2).says("0 of 1 approvals, and 1 by a key that `approvers` does not name");
    approve(&["--key", "officer.pem", "--pipeline", "fortnox.toml"]).expect(0);
    let again = approve(&["--key", "officer.pem"]).expect(2).says("has approved the plan `plan.json` already");
    assert!(again.out.contains("in all"), "{}", again.out);
    // Neither the store nor the keyring is needed.
    let elsewhere = tempfile::tempdir().expect("a folder");
    for file in ["plan.json", "officer.pem", "fortnox.toml"] {
        fs::copy(company.folder.join(file), elsewhere.path().join(file)).expect("copied");
    }
    call(elsewhere.path(), &["approve", "plan.json", "--pipeline", "fortnox.toml"]).expect(0).says("approved at");
    fs::write(elsewhere.path().join("fortnox.toml"), "[controller]\n").expect("written");
    call(elsewhere.path(), &["approve", "plan.json", "--pipeline", "fortnox.toml"]).expect(2);
    execute(&company, &[]).expect(0);
}

#[test]
fn a_plan_is_saved_beside_what_plan_prints_and_overwrites_nothing() {
    let company = by_gallra();
    let plain = company.call("plan", &["--format", "json"]).expect(0).json();
    let saved = company.call("plan", &["--format", "json", "--save", "plan.json"]).expect(0).json();
    assert_eq!((&plain["outcomes"], &plain["saved"]), (&saved["outcomes"], &Value::Null));
    let going: u64 = saved["outcomes"].as_array().expect("outcomes").iter().map(|line| line["tonight"].as_u64().expect("a number")).sum();
    let erasures = saved["saved"]["erasures"].as_u64().expect("a number");
    assert!(erasures > 0 && erasures <= going, "{erasures} of {going}");
    let before = files(&company.folder);
    company.call("plan", &["--save", "plan.json"]).expect(2).says("is never overwritten").says("hint: ");
    company.call("plan", &["--save", "fortnox.toml"]).expect(2).says("is never overwritten");
    company.call("plan", &["--save", "absent/plan.json"]).expect(3).says("it does not exist");
    assert_eq!(files(&company.folder), before);
    // No value of the store: every name, address and number of a customer is looked for.
    let text = fs::read_to_string(company.folder.join("plan.json")).expect("the plan");
    let store = company.open();
    for column in ["name", "email", "phone", "address", "customer_no", "org_no"] {
        let sql = format!("SELECT DISTINCT {column} FROM customer WHERE length({column}) >= 6");
        let mut statement = store.prepare(&sql).expect("prepared");
        let values: Vec<String> = statement.query_map([], |row| row.get(0)).expect("read").map(|value| value.expect("text")).collect();
        assert!(values.len() > 50);
        let found = values.iter().find(|value| {
            text.split(|letter: char| !letter.is_ascii_hexdigit()).any(|word| word == **value)
                || (value.contains(' ') || value.contains('@')) && text.contains(*value)
        });
        assert_eq!(found, None, "{column}");
    }
}

#[test]
fn a_hold_that_was_registered_after_the_approval_keeps_its_person() {
    let company = by_gallra();
    save(&company);
    approve(&company);
    // Somebody whom the plan forgets: named before, and not afterwards.
    let whole = company.copy();
    execute(&whole, &[]).expect(0);
    let named = "SELECT customer_no FROM customer WHERE customer_no > '100000' AND name <> 'XXX'";
    let numbers = |company: &Company| -> Vec<String> {
        let store = company.open();
        let mut statement = store.prepare(named).expect("prepared");
        statement.query_map([], |row| row.get(0)).expect("read").collect::<Result<_, _>>().expect("numbers")
    };
    let after = numbers(&whole);
    let number = numbers(&company).into_iter().find(|number| !after.contains(number)).expect("somebody is forgotten");
    company.call("hold add", &["customer", &number, "--reason", "court case", "--owner", "legal"]).expect(0);
    let row = |company: &Company| rows(company)["customer"].iter().find(|row| row.starts_with(&format!("t{number} "))).cloned();
    let before = row(&company);
    let done = execute(&company, &["--format", "json"]).json();
    let left_out = done["saved_plan"]["left_out"].as_array().expect("a list");
    assert_eq!(
        (left_out.len(), &left_out[0]["reason"], &left_out[0]["category"]),
        (1, &"not_due".into(), &"customer".into()),
        "{left_out:?}"
    );
    assert!(left_out[0]["now"].as_str().is_some_and(|now| now.starts_with("held")), "{left_out:?}");
    assert!(before.is_some());
    assert_eq!(row(&company), before);
}

#[test]
fn killed_in_the_midst_of_a_plan_it_is_executed_again() {
    let keys = tempfile::tempdir().expect("a folder");
    let key = approver(keys.path(), "officer.pem");
    let changes = [("[brake]", &*APPROVAL.replace("KEY", &key)), ("batch = 20_000", "batch = 10")];
    let company = Company::new(1_500, 4_500, &changes);
    fs::copy(keys.path().join("officer.pem"), company.folder.join("officer.pem")).expect("copied");
    save(&company);
    approve(&company);
    let whole = company.copy();
    execute(&whole, &[]).expect(0);
    let promised = rows(&whole);
    let entries = fs::read_to_string(whole.ledger()).expect("the ledger").lines().count();
    assert!(entries > 20, "too few batches to be killed between: {entries}");
    let mut killed = 0;
    for moment in [3, entries / 4, entries / 3, entries / 2, entries * 3 / 4, entries - 3] {
        let company = company.copy();
        let arguments = ["run", "fortnox.toml", "--plan", "plan.json"];
        let mut child = gallra(&company.folder, &arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started");
        let started = Instant::now();
        let grown = |ledger: &PathBuf| fs::read(ledger).map_or(0, |bytes| bytes.iter().filter(|byte| **byte == b'\n').count());
        while grown(&company.ledger()) < moment && child.try_wait().expect("asked").is_none() {
            assert!(started.elapsed() < Duration::from_secs(120), "the run does not end");
            std::hint::spin_loop();
        }
        child.kill().expect("killed");
        killed += u32::from(child.wait().expect("ended").code().is_none());
        let again = execute(&company, &["--format", "json"]);
        let what = format!("killed after {moment} entries: {}", again.err);
        let again = again.expect(0).json();
        let saved = &again["saved_plan"];
        assert_eq!(saved["left_out"], Value::Array(Vec::new()), "{what}");
        assert_eq!(saved["not_in_plan"], Value::Array(Vec::new()), "{what}");
        let sum = ["executed", "done_before", "skipped"].iter().map(|part| saved[part].as_u64().expect("a number")).sum::<u64>();
        assert_eq!(saved["planned"], sum, "{what}: {saved:#}");
        assert!(rows(&company) == promised, "{what}: other rows than an undisturbed run");
        company.call("ledger check", &[]).expect(0);
    }
    assert!(killed >= 3, "only {killed} runs were still running when they were killed");
}

#[test]
fn whom_a_backup_brought_back_may_go_without_a_new_plan_and_nobody_else() {
    let company = by_gallra();
    save(&company);
    approve(&company);
    let backup = fs::read(company.database()).expect("readable");
    execute(&company, &[]).expect(0);
    let promised = rows(&company);
    company.call("run", &["--after-restore"]).expect(2).says("a run needs an approved plan");
    fs::write(company.database(), backup).expect("restored");
    company.call("run", &[]).expect(2).says("a run needs an approved plan");
    execute(&company, &[]).expect(3).says("a backup was restored");
    // Somebody else's time has come meanwhile.
    let store = company.open();
    let chosen = "SELECT customer_no, name FROM customer WHERE type = 'private' AND customer_no > '100000' AND name <> 'XXX' \
        AND created_on > '2025-01-01' AND customer_no NOT IN (SELECT customer_no FROM sales_order) LIMIT 1";
    let (number, name): (String, String) = store.query_row(chosen, [], |row| Ok((row.get(0)?, row.get(1)?))).expect("somebody");
    for statement in [
        "DELETE FROM chat_message WHERE customer_no = ?1",
        "DELETE FROM sales_offer WHERE customer_no = ?1",
        "DELETE FROM support_ticket WHERE customer_no = ?1",
        "UPDATE customer SET created_on = '2015-01-01', relation_ended_on = NULL, gdpr_restricted = 0 WHERE customer_no = ?1",
    ] {
        store.execute(statement, [&number]).expect("aged");
    }
    company.call("run", &["--after-restore"]).expect(0);
    // Those of whom a duty keeps something were never erased by the ledger's word: they wait for a plan.
    let forgotten = |rows: &BTreeMap<String, Vec<String>>| -> Vec<String> {
        rows["customer"].iter().filter(|row| row.contains(" | tXXX | ")).cloned().collect()
    };
    let (found, promised) = (forgotten(&rows(&company)), forgotten(&promised));
    assert!(promised.len() > 5);
    assert!(found == promised, "{} instead of {}", found.len(), promised.len());
    let kept: String = store.query_row("SELECT name FROM customer WHERE customer_no = ?1", [&number], |row| row.get(0)).expect("there");
    assert_eq!(kept, name);
    drop(store);
    company.call("plan", &["--save", "next.json"]).expect(0);
    call(&company.folder, &["approve", "next.json", "--key", "officer.pem"]).expect(0);
    call(&company.folder, &["run", "fortnox.toml", "--plan", "next.json"]).expect(0);
    let kept = "SELECT count(*) FROM customer WHERE customer_no = ?1 AND name <> 'XXX'";
    assert_eq!(company.open().query_row(kept, [&number], |row| row.get::<_, i64>(0)), Ok(0));
}
