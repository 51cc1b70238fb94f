//! No identifier leaves the database: not on the terminal, not in a log, not in a file, whether a run succeeds or fails.

mod common_cli;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use common_cli::{Answer, Company, answer, call, gallra, today, walk};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use rusqlite::Connection;

/// Columns that identify somebody, and texts that people wrote. Chosen here by hand, apart from what the pipeline files say of them.
const BUSINESS_SYSTEM: &[(&str, &[&str])] = &[
    (
        "customer",
        &["name", "search_name", "org_no", "vat_no", "email", "phone", "address", "bank_account", "portal_login", "contract_file"],
    ),
    ("supplier", &["name", "org_no", "email", "phone", "bankgiro"]),
    ("employee", &["personal_no", "name", "email", "phone", "bank_account", "next_of_kin"]),
    ("app_user", &["email", "display_name"]),
    ("crm_contact", &["name", "email", "phone"]),
    ("consultant", &["name", "personal_no", "email"]),
    ("client", &["name", "personal_no", "email", "phone"]),
    ("delivery_address", &["recipient", "street"]),
    ("phone_line", &["phone_number"]),
    ("sms_subscription", &["phone_number"]),
    ("survey_answer", &["respondent_email"]),
    ("chat_message", &["sender_name"]),
    ("sales_order", &["delivery_name", "delivery_phone"]),
    ("invoice", &["buyer_name", "buyer_address", "buyer_email"]),
    ("payment", &["payer_name", "payer_account"]),
    ("supplier_invoice", &["supplier_name"]),
    ("support_ticket", &["reporter_name", "reporter_email", "handler_name"]),
    ("security_log", &["user_name", "ip_address"]),
    ("course_completion", &["certificate"]),
    // Texts are searched for whole.
    ("customer", &["notes", "profile", "credit_note"]),
    ("customer_note", &["body"]),
    ("customer_change", &["old_value"]),
    ("employee", &["rehabilitation_note", "union_membership"]),
    ("client", &["tax_matter"]),
    ("sales_order", &["message"]),
    ("chat_message", &["body"]),
    ("support_ticket", &["body"]),
];

/// The same for the booking system.
const BOOKING_SYSTEM: &[(&str, &[&str])] = &[
    ("household", &["street"]),
    ("member", &["display_name", "login", "email", "phone", "cpr_no", "remark"]),
    ("staff", &["name", "email", "phone", "cpr_no"]),
    ("guardian", &["name", "phone", "email"]),
    ("account_movement", &["text"]),
    ("table_reservation", &["guest_name", "guest_phone"]),
    ("bank_mandate", &["iban", "holder_name", "cpr_no"]),
    ("message", &["body"]),
    ("member_note", &["body"]),
    ("legal_hold", &["reason"]),
    ("access_request", &["contact_email"]),
    ("entry_log", &["ip_address", "line"]),
];

/// The same for the system of orders, CRM and webshop.
const ORDER_SYSTEM: &[(&str, &[&str])] = &[
    ("postal_address", &["recipient", "street"]),
    ("customer", &["display_name", "search_name", "identity_no", "vat_no", "email", "phone", "street", "iban", "profile", "notes"]),
    ("customer", &["attachment_path", "newsletter_email", "sms_number"]),
    ("staff_user", &["login", "full_name", "email", "personal_no"]),
    ("supplier", &["name", "org_no", "email"]),
    ("contact_person", &["name", "email", "phone", "notes"]),
    ("webshop_account", &["login", "password_hash"]),
    ("newsletter_consent", &["ip_address"]),
    ("crm_activity", &["contact_email", "body"]),
    ("access_request", &["contact_email"]),
    ("legal_hold", &["grounds"]),
    ("credit_report", &["remarks"]),
    ("contact_form", &["sender_name", "sender_email"]),
    ("sales_order", &["delivery_name", "delivery_phone", "message"]),
    ("order_line", &["engraving"]),
    ("invoice", &["buyer_name", "buyer_street", "buyer_email"]),
    ("payment", &["payer_name", "payer_account"]),
    ("product_review", &["body"]),
];

/// Everything that identifies somebody in a database, each with the place that it came from.
#[derive(Debug, Default)]
struct Secrets {
    /// Lower-case text → the tables and columns that hold it.
    texts: BTreeMap<String, BTreeSet<String>>,
}

impl Secrets {
    fn of(database: &Path, places: &[(&str, &[&str])]) -> Self {
        let store = Connection::open(database).expect("opened");
        let mut secrets = Self::default();
        for (table, columns) in places {
            for column in *columns {
                let mut statement = store
                    .prepare(&format!("SELECT DISTINCT CAST(\"{column}\" AS TEXT) FROM \"{table}\" WHERE \"{column}\" IS NOT NULL"))
                    .expect("prepared");
                let values = statement.query_map([], |row| row.get::<_, String>(0)).expect("read");
                for value in values {
                    secrets.add(&value.expect("a text"), &format!("{table}.{column}"));
                }
            }
        }
        secrets
    }

    /// What is too short or too plain to be told from ordinary words and numbers is left out.
    fn add(&mut self, value: &str, place: &str) {
        let value = value.trim().to_lowercase();
        let digits = value.chars().filter(char::is_ascii_digit).count();
        let telling = value.contains(' ') || value.contains('@') || value.contains('.') || digits >= 8 || value.len() >= 14;
        if telling && value.len() >= 7 {
            self.texts.entry(value).or_default().insert(place.to_owned());
        }
    }

    /// The secrets that stand in a text; `place` says where the text was found.
    fn found_in(&self, text: &str, place: &str) -> Vec<String> {
        let text = text.to_lowercase();
        let joined = text.replace('-', "");
        let stands = |secret: &str| {
            stands_in(&text, secret) || (secret.contains('-') && secret.len() >= 10 && stands_in(&joined, &secret.replace('-', "")))
        };
        self.texts.iter().filter(|(secret, _)| stands(secret)).map(|(secret, from)| format!("{place}: `{secret}` of {from:?}")).collect()
    }
}

/// Whether a secret stands in a text. A number within a longer run of letters and digits, such as a hash, is another number.
fn stands_in(text: &str, secret: &str) -> bool {
    if !text.contains(secret) {
        return false;
    }
    if secret.chars().any(char::is_alphabetic) {
        return true;
    }
    text.match_indices(secret).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + secret.len()..].chars().next();
        ![before, after].into_iter().flatten().any(char::is_alphanumeric)
    })
}

/// Every cell of a Parquet file as text, one per line.
fn cells(path: &Path) -> String {
    let reader = SerializedFileReader::new(fs::File::open(path).expect("opened")).expect("Parquet");
    let mut texts = BTreeSet::new();
    for row in reader.get_row_iter(None).expect("rows") {
        for (name, field) in row.expect("a row").get_column_iter() {
            texts.insert(match field {
                Field::Str(text) => text.clone(),
                other => format!("{name}={other}"),
            });
        }
    }
    texts.into_iter().collect::<Vec<_>>().join("\n")
}

/// Every file of a folder but the database itself, as text. Of Parquet files the cells, and the bytes as they are (metadata, statistics).
fn written(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for file in walk(folder) {
        let name = file.file_name().expect("named").to_string_lossy().into_owned();
        if name.ends_with(".db") {
            continue;
        }
        assert!(!name.contains(".db-"), "{name} is left beside the database");
        let text = String::from_utf8_lossy(&fs::read(&file).expect("readable")).into_owned();
        if name.ends_with(".parquet") {
            found.push((file.clone(), cells(&file)));
        }
        found.push((file, text));
    }
    found
}

/// Nothing of the secrets stands in any file of the folder.
#[track_caller]
fn nothing_written(secrets: &Secrets, folder: &Path) {
    let files = written(folder);
    let found: Vec<String> = files.iter().flat_map(|(file, text)| secrets.found_in(text, &file.display().to_string())).collect();
    assert!(found.is_empty(), "{} identifiers:\n{}", found.len(), found[..found.len().min(20)].join("\n"));
}

/// Nothing of the secrets was printed.
#[track_caller]
fn nothing_printed(secrets: &Secrets, answer: &Answer, what: &str) {
    let mut found = secrets.found_in(&answer.out, "standard output");
    found.extend(secrets.found_in(&answer.err, "standard error"));
    assert!(found.is_empty(), "{what}, {} identifiers:\n{}", found.len(), found[..found.len().min(20)].join("\n"));
}

const CUSTOMERS: u64 = 1_500;
const ORDER_ROWS: u64 = 5_000;

/// What the demo's database of that size holds before its run.
fn demo_secrets(folder: &Path) -> Secrets {
    let database = folder.join("before.db");
    gallra::demo::generate(&database, &gallra::demo::Size { customers: CUSTOMERS, order_rows: ORDER_ROWS }, today(), &mut |_, _| {})
        .expect("generated");
    Secrets::of(&database, BUSINESS_SYSTEM)
}

/// Standard output without the showcase, the one place where three made-up customers are shown, and by which lines.
fn without_showcase(out: &str) -> String {
    let start = out.find("Three made-up customers, before and after:").expect("the showcase");
    let end = out[start..].find("Look next at:").expect("its end") + start;
    format!("{}{}", &out[..start], &out[end..])
}

#[test]
fn the_search_finds_what_is_planted() {
    let folder = tempfile::tempdir().expect("a folder");
    let secrets = demo_secrets(folder.path());
    assert!(secrets.texts.len() > 5_000, "only {} secrets", secrets.texts.len());
    let kinds: BTreeSet<&str> = secrets.texts.values().flatten().map(String::as_str).collect();
    for place in [
        "customer.name",
        "customer.email",
        "phone_line.phone_number",
        "customer.portal_login",
        "employee.personal_no",
        "customer_note.body",
    ] {
        assert!(kinds.contains(place), "nothing of {place} is searched for");
    }
    // Of every column one value, planted in a log line, in a file's name-less bytes and in another spelling.
    for kind in &kinds {
        let (secret, _) = secrets.texts.iter().find(|(_, places)| places.contains(*kind)).expect("one");
        assert!(!secrets.found_in(&format!("2026-11-22 TRACE batch {} done", secret.to_uppercase()), "planted").is_empty(), "{secret}");
    }
    assert!(!secrets.found_in("called 0701740690 back", "planted").is_empty());
    assert!(secrets.found_in("1 723 customers keep, rule `inactivity`: not due", "planted").is_empty());

    // And in a whole folder: a published file with one name too many.
    let place = folder.path().join("planted");
    fs::create_dir_all(place.join("published")).expect("made");
    fs::write(place.join("published/_manifest.json"), "{\"note\": \"Vera Videgård\"}").expect("written");
    let found: Vec<String> = written(&place).iter().flat_map(|(file, text)| secrets.found_in(text, &file.display().to_string())).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    plant_in_parquet(&place.join("published/part-0000.parquet"), "vera.videgard@example.com");
    let found: Vec<String> = written(&place).iter().flat_map(|(file, text)| secrets.found_in(text, &file.display().to_string())).collect();
    assert!(found.len() >= 2, "{found:?}");
}

/// A Parquet file with one text, compressed as the published ones are.
fn plant_in_parquet(path: &Path, text: &str) {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, RecordBatch, StringArray};
    use parquet::arrow::ArrowWriter;
    use parquet::basic::{Compression, ZstdLevel};
    use parquet::file::properties::{EnabledStatistics, WriterProperties};

    let column: ArrayRef = Arc::new(StringArray::from(vec![text; 50]));
    let batch = RecordBatch::try_from_iter([("planted", column)]).expect("a batch");
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_statistics_enabled(EnabledStatistics::None);
    let file = fs::File::create(path).expect("made");
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties.build())).expect("a writer");
    writer.write(&batch).expect("written");
    writer.close().expect("closed");
}

#[test]
fn the_demo_prints_and_writes_nobody_but_its_showcase() {
    let folder = tempfile::tempdir().expect("a folder");
    let secrets = demo_secrets(folder.path());
    let (customers, order_rows) = (CUSTOMERS.to_string(), ORDER_ROWS.to_string());
    let ways: &[&[&str]] =
        &[&["-vvv"], &["-vvv", "--log-format", "json"], &["-vvv", "--log-format", "json", "--format", "json"], &["--format", "json"]];
    for way in ways {
        let made = folder.path().join("demo");
        let arguments = [&["demo", "--customers", &customers, "--order-rows", &order_rows, "--folder", "demo"], *way].concat();
        let mut printed = call(folder.path(), &arguments).expect(0);
        if !way.contains(&"--format") {
            let whole = printed.out.clone();
            printed.out = without_showcase(&whole);
            assert!(!secrets.found_in(&whole, "showcase").is_empty(), "the showcase shows nobody");
        }
        nothing_printed(&secrets, &printed, &way.join(" "));
        nothing_written(&secrets, &made);
    }
}

/// Runs every command on a company, at the top of its voice.
fn every_command_is_discreet(company: &Company, secrets: &Secrets) {
    let commands = ["check", "plan", "run", "run", "verify", "ledger check"];
    for formats in [&["-vvv"][..], &["-vvv", "--log-format", "json", "--format", "json"]] {
        for command in commands {
            let printed = company.call(command, formats);
            assert!(matches!(printed.code, Some(0 | 1)), "{command}: {}", printed.printed());
            nothing_printed(secrets, &printed, command);
        }
    }
    nothing_written(secrets, &company.folder);
}

#[test]
fn no_other_command_prints_anybody_either() {
    let company = Company::unbraked(CUSTOMERS, ORDER_ROWS, 100);
    let secrets = Secrets::of(&company.database(), BUSINESS_SYSTEM);
    every_command_is_discreet(&company, &secrets);
}

#[test]
fn nobody_of_the_booking_system_is_printed_or_written() {
    let company = Company::of_fixture("flexybox");
    let secrets = Secrets::of(&company.database(), BOOKING_SYSTEM);
    assert!(secrets.texts.len() > 80, "only {} secrets", secrets.texts.len());
    every_command_is_discreet(&company, &secrets);
}

#[test]
fn nobody_of_the_order_system_is_printed_or_written() {
    let company = Company::of_fixture("specter");
    let secrets = Secrets::of(&company.database(), ORDER_SYSTEM);
    assert!(secrets.texts.len() > 150, "only {} secrets", secrets.texts.len());
    every_command_is_discreet(&company, &secrets);
}

/// A call that fails over one cell says where, never what.
#[track_caller]
fn fails_without_the_value(company: &Company, table: &str, column: &str, value: &str) {
    for command in ["plan", "run"] {
        for formats in [&["-vvv"][..], &["-vvv", "--log-format", "json", "--format", "json"]] {
            let refused = company.call(command, formats).expect(3);
            let printed = refused.printed();
            assert!(printed.contains(&format!("`{table}`.`{column}`")), "the cell is not named:\n{printed}");
            let token = printed.split("row ").nth(1).and_then(|rest| rest.split(',').next()).unwrap_or_default();
            assert!(token.len() >= 16 && token.chars().all(|letter| letter.is_ascii_alphanumeric()), "no row token: `{token}`\n{printed}");
            assert!(!printed.contains(value), "the value is said:\n{printed}");
        }
    }
}

#[test]
fn a_number_that_is_none_is_named_by_place_and_never_by_value() {
    let company = Company::new(300, 600, &[]);
    let secrets = Secrets::of(&company.database(), BUSINESS_SYSTEM);
    let value = "Vera Videgårds 4711 kronor";
    company
        .open()
        .execute("UPDATE order_row SET amount = ?1 WHERE row_id = (SELECT max(row_id) FROM order_row)", [value])
        .expect("planted");
    fails_without_the_value(&company, "order_row", "amount", value);
    fails_without_the_value(&company, "order_row", "amount", "4711");
    nothing_written(&secrets, &company.folder);
    assert!(!company.output().exists(), "something was published");
}

#[test]
fn a_date_that_is_none_leaves_its_customer_undetermined_and_unnamed() {
    let company = Company::unbraked(300, 600, 100);
    let value = "i somras, sa Vera själv";
    let store = company.open();
    let number: String = store
        .query_row("SELECT customer_no FROM customer WHERE type = 'private' AND customer_no > '100000' LIMIT 1", [], |row| row.get(0))
        .expect("one");
    store.execute("UPDATE customer SET created_on = ?1, relation_ended_on = ?1 WHERE customer_no = ?2", [value, &number]).expect("planted");
    drop(store);
    let before: String = company
        .open()
        .query_row("SELECT name || coalesce(email, '') || portal_login FROM customer WHERE customer_no = ?1", [&number], |row| row.get(0))
        .expect("a row");
    for command in ["plan", "run"] {
        let done = company.call(command, &["-vvv", "--log-format", "json"]).says("can not be read as a date");
        assert!(matches!(done.code, Some(0 | 1)), "{}", done.printed());
        assert!(!done.printed().contains(value) && !done.printed().contains("sa Vera"));
    }
    let after: String = company
        .open()
        .query_row("SELECT name || coalesce(email, '') || portal_login FROM customer WHERE customer_no = ?1", [&number], |row| row.get(0))
        .expect("a row");
    assert_eq!(before, after, "an undetermined customer was touched");
    for (file, text) in written(&company.folder) {
        assert!(!text.contains(value), "{}", file.display());
    }
}

#[test]
fn a_pipeline_with_problems_says_nothing_of_the_rows() {
    let company = Company::new(300, 600, &[]);
    let secrets = Secrets::of(&company.database(), BUSINESS_SYSTEM);
    let path = company.folder.join("fortnox.toml");
    let text = fs::read_to_string(&path).expect("readable").replace("notes = \"free_text\"", "notes = \"plain\"");
    fs::write(&path, text).expect("written");
    // Samples of columns said to hold nothing personal are searched: what is found is counted, not quoted.
    for arguments in [&["check", "fortnox.toml", "--accept", "-vvv"][..], &["check", "fortnox.toml", "--accept", "--format", "json"]] {
        let looked = answer(&mut gallra(&company.folder, arguments)).expect(1).says("notes");
        nothing_printed(&secrets, &looked, "check");
    }
}
