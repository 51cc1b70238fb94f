//! The list of those whose time has come: plain SQL gives the same, nothing personal reaches the terminal, and the file is its owner's alone.

mod common_cli;
mod night;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use common_cli::{Answer, Company, call, database, files};
use gallra::candidates::{Ask, Cell, Output};
use gallra::progress::Silent;
use gallra::run::Request;
use night::{Night, Store, on_both_stores, told};
use rusqlite::Connection;
use tempfile::TempDir;

const TABLES: &str = "
    CREATE TABLE buyer (id INTEGER PRIMARY KEY, number VARCHAR(10) NOT NULL UNIQUE, name VARCHAR(80) NOT NULL, city VARCHAR(40), remark TEXT,
        org_no VARCHAR(20), balance DECIMAL(9,2), born DATE, created_on DATE, debt INTEGER NOT NULL DEFAULT 0);
    CREATE TABLE purchase (id INTEGER PRIMARY KEY, buyer_id INTEGER NOT NULL REFERENCES buyer (id), bought_on DATE NOT NULL);
    CREATE TABLE purchase_row (id INTEGER PRIMARY KEY, purchase_id INTEGER NOT NULL REFERENCES purchase (id));
    CREATE TABLE patient (cpr VARCHAR(20) PRIMARY KEY, name VARCHAR(40), seen_on DATE);
    INSERT INTO buyer VALUES
        (1, 'A-1', '=HYPERLINK(\"http://x\")', '+46 Lund', '-1+2', '191212121212', -12.50, '1981-02-03', '2015-01-01', 0),
        (2, 'A-2', 'Bo \"Bosse\" Alm, d.ä.', 'Åre', 'rad ett\nrad två', NULL, 1234567.89, '1890-01-01', '2015-01-01', 0),
        (3, 'A-3', '@SUM(A1)', NULL, '\t=1', '5560125790', NULL, NULL, '2015-01-01', 7),
        (4, 'A-4', 'Di Lind', 'Falun', NULL, NULL, 3, '1990-05-05', '2015-01-01', 0),
        (5, 'A-5', 'Ed Pil', 'Falun', NULL, NULL, 3, '1990-05-05', '2026-01-01', 0),
        (6, 'A-6', 'Fy Rönn', 'Falun', NULL, NULL, 3, '1990-05-05', NULL, 0);
    INSERT INTO purchase VALUES (1, 2, '2018-03-04'), (2, 4, '2018-03-04'), (3, 4, '2026-03-04');
    INSERT INTO purchase_row VALUES (1, 1), (2, 1), (3, 2);
    INSERT INTO patient VALUES ('010203-1234', 'Gy Sälg', '2015-01-01');";

const PIPELINE: &str = r#"[controller]
name = "Own"
source = "sqlite:shop.db"
country = "SE"
time_zone = "Europe/Stockholm"

[category.buyer]
table = "buyer"

[[category.buyer.retention]]
name = "bought"
clock = ["purchase.bought_on"]
start = "created_on"
keep = "24 months"
source = "Notice, section 4"

[[category.buyer.block]]
when = { column = "debt", above = 0.0 }
reason = "debt"

[category.patient]
table = "patient"

[[category.patient.retention]]
name = "seen"
clock = "seen_on"
keep = "5 years"

[table.buyer]
id = "key"
number = "identifier"
name = "name"
city = "quasi_identifier"
remark = "free_text"
org_no = "national_id"
balance = "amount"
born = "quasi_identifier"
created_on = "plain"
debt = "plain"

[table.purchase]
id = "key"
buyer_id = "reference"
bought_on = "activity"

[table.purchase_row]
id = "key"
purchase_id = "reference"

[table.patient]
cpr = "national_id"
name = "name"
seen_on = "activity"
"#;

const DAY: &str = "2026-11-22";

struct Shop {
    folder: TempDir,
}

impl Shop {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("shop.toml"), PIPELINE).expect("written");
        database(&folder.path().join("shop.db"), TABLES);
        call(folder.path(), &["keys", "init", "shop.toml"]).expect(0);
        let accepted = call(folder.path(), &["check", "shop.toml", "--accept"]);
        assert!(matches!(accepted.code, Some(0 | 1)), "{}", accepted.printed());
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn list(&self, more: &[&str]) -> Answer {
        let mut arguments = vec!["candidates", "shop.toml"];
        arguments.extend(more);
        if !more.contains(&"--as-of") {
            arguments.extend(["--as-of", DAY]);
        }
        call(self.folder.path(), &arguments)
    }

    fn sql(&self, sql: &str) -> Vec<String> {
        let store = Connection::open(self.path("shop.db")).expect("opened");
        let mut statement = store.prepare(sql).expect("prepared");
        statement.query_map([], |row| row.get(0)).expect("read").collect::<Result<_, _>>().expect("rows")
    }
}

/// A file of comma-separated values, by the letter of RFC 4180.
fn read_csv(path: &Path) -> Vec<BTreeMap<String, String>> {
    let text = fs::read_to_string(path).expect("UTF-8");
    let mut records: Vec<Vec<String>> = vec![vec![String::new()]];
    let mut letters = text.chars().peekable();
    let mut quoted = false;
    while let Some(letter) = letters.next() {
        let record = records.last_mut().expect("a record");
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => record.last_mut().expect("a field").push(letters.next().expect("a quote")),
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(String::new()),
            '\r' if !quoted => {
                assert_eq!(letters.next(), Some('\n'), "a carriage return by itself");
                records.push(vec![String::new()]);
            }
            '\n' if !quoted => panic!("a line that does not end in CRLF"),
            letter => record.last_mut().expect("a field").push(letter),
        }
    }
    assert!(!quoted);
    assert_eq!(records.pop(), Some(vec![String::new()]), "the last line ends too");
    let header = records.remove(0);
    let named = |record: Vec<String>| {
        assert_eq!(record.len(), header.len());
        header.iter().cloned().zip(record).collect()
    };
    records.into_iter().map(named).collect()
}

fn column(rows: &[BTreeMap<String, String>], name: &str) -> Vec<String> {
    rows.iter().map(|row| row[name].clone()).collect()
}

#[test]
fn whose_time_has_come_stands_in_the_file_as_plain_sql_finds_it() {
    let shop = Shop::new();
    let before = files(shop.folder.path());
    let told = shop.list(&["buyer", "--output", "due.csv", "--columns", "name,born,balance"]).expect(0);
    let rows = read_csv(&shop.path("due.csv"));
    let due = "SELECT CAST(id AS TEXT) FROM buyer WHERE date(coalesce((SELECT max(bought_on) FROM purchase WHERE buyer_id = buyer.id), created_on), '+24 months') < '2026-11-22' ORDER BY id";
    assert_eq!(column(&rows, "key"), shop.sql(due));
    assert_eq!(column(&rows, "key"), ["1", "2", "3"]);
    let rule = "rule `bought`: its period of 24 months is over (Notice, section 4)";
    let second = &rows[1];
    for (name, value) in [
        ("tenant", ""),
        ("category", "buyer"),
        ("outcome", "anonymise"),
        ("reason", rule),
        ("waits_for", ""),
        ("latest_activity", "2018-03-04"),
        ("clock_start", "2018-03-04"),
        ("due", "2020-03-04"),
        ("next_due", ""),
        ("linked_rows", "3"),
        ("name", "Bo \"Bosse\" Alm, d.ä."),
        ("born", "1890-01-01"),
        ("balance", "1234567.89"),
    ] {
        assert_eq!(second[name], value, "{name}");
    }
    assert_eq!(column(&rows, "outcome"), ["delete", "anonymise", "blocked"]);
    // Whoever waits has the rule that is over, and what for.
    assert_eq!((rows[2]["reason"].as_str(), rows[2]["waits_for"].as_str()), (rule, "blocked: debt"));
    assert_eq!(column(&rows, "linked_rows"), ["0", "3", "0"]);
    // The tokens are those of all reports.
    let plan = call(shop.folder.path(), &["plan", "shop.toml", "--as-of", DAY, "--format", "json"]).json();
    let mut tokens: Vec<&str> = plan["decisions"]
        .as_array()
        .expect("decisions")
        .iter()
        .filter(|line| line["category"] == "buyer" && line["outcome"] != "undetermined")
        .map(|line| line["token"].as_str().expect("a token"))
        .collect();
    let mut listed = column(&rows, "token");
    tokens.sort_unstable();
    listed.sort_unstable();
    assert_eq!(listed, tokens);

    let mode = fs::metadata(shop.path("due.csv")).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    told.clone().says("written: 3 rows to `due.csv`").says("personal data");
    for personal in ["Bo ", "Bosse", "HYPERLINK", "Falun", "1890", "A-2", "2018-03-04", &rows[1]["token"]] {
        assert!(!told.printed().contains(personal), "`{personal}` is on the terminal:\n{}", told.printed());
    }
    // Nothing else was written, and nothing is left of the preparation.
    let mut after = files(shop.folder.path());
    assert!(after.remove(Path::new("due.csv")).is_some());
    assert_eq!(after, before);
}

#[test]
fn who_has_bought_nothing_since_a_day_is_listed_due_or_not() {
    let shop = Shop::new();
    for since in ["2014-01-01", "2018-03-04", "2018-03-05", "2026-03-04", "2026-03-05", "2030-01-01"] {
        let told = shop.list(&["buyer", "--output", "quiet.csv", "--overwrite", "--inactive-since", since]).expect(0);
        let quiet = format!(
            "SELECT CAST(id AS TEXT) FROM buyer WHERE coalesce((SELECT max(bought_on) FROM purchase WHERE buyer_id = buyer.id), created_on) < '{since}' ORDER BY id"
        );
        assert_eq!(column(&read_csv(&shop.path("quiet.csv")), "key"), shop.sql(&quiet), "{since}");
        told.says("left out: 1 of `buyer` whose latest activity can not be told");
    }
    shop.list(&["buyer", "--output", "kept.csv", "--inactive-since", "2030-01-01", "--outcome", "keep"]).expect(0);
    let kept = read_csv(&shop.path("kept.csv"));
    assert_eq!(
        (column(&kept, "key"), column(&kept, "due")),
        (vec!["4".into(), "5".into()], vec!["2028-03-04".into(), "2028-01-01".into()])
    );
    shop.list(&["buyer", "--output", "some.csv", "--outcome", "delete,blocked"]).expect(0);
    assert_eq!(column(&read_csv(&shop.path("some.csv")), "key"), ["1", "3"]);
    shop.list(&["buyer", "--output", "riddles.csv", "--outcome", "undetermined"]).expect(0);
    assert_eq!(column(&read_csv(&shop.path("riddles.csv")), "key"), ["6"]);
    // Of another day.
    shop.list(&["buyer", "--output", "later.csv", "--as-of", "2028-01-02"]).expect(0);
    assert_eq!(column(&read_csv(&shop.path("later.csv")), "key"), ["1", "2", "3", "5"]);
    shop.list(&["buyer", "--output", "nobody.csv", "--inactive-since", "1990-01-01"]).expect(0).says("written: 0 rows");
    assert!(read_csv(&shop.path("nobody.csv")).is_empty());
}

#[test]
fn what_a_spreadsheet_would_calculate_is_text() {
    let shop = Shop::new();
    shop.list(&["buyer", "--output", "due.csv", "--columns", "name,city,remark,balance"]).expect(0);
    let rows = read_csv(&shop.path("due.csv"));
    assert_eq!(column(&rows, "name"), ["'=HYPERLINK(\"http://x\")", "Bo \"Bosse\" Alm, d.ä.", "'@SUM(A1)"]);
    assert_eq!(column(&rows, "city"), ["'+46 Lund", "Åre", ""]);
    assert_eq!(column(&rows, "remark"), ["'-1+2", "rad ett\nrad två", "'\t=1"]);
    // Numbers are numbers.
    assert_eq!(column(&rows, "balance"), ["-12.5", "1234567.89", ""]);
}

#[test]
fn restricted_classes_are_shown_with_permission_alone() {
    let shop = Shop::new();
    shop.list(&["buyer", "--output", "due.csv", "--columns", "name,org_no"])
        .expect(2)
        .says("`buyer.org_no` holds `national_id`, which is shown with permission alone")
        .says("--with-restricted");
    assert!(!shop.path("due.csv").exists());
    shop.list(&["buyer", "--output", "due.csv", "--columns", "org_no", "--with-restricted"]).expect(0);
    assert_eq!(column(&read_csv(&shop.path("due.csv")), "org_no"), ["191212121212", "", "5560125790"]);
    // A key of such a class is left out, and that is said.
    shop.list(&["patient", "--output", "patients.csv"]).expect(0).says("left out: the keys of `patient`: they are `national_id`");
    assert_eq!(column(&read_csv(&shop.path("patients.csv")), "key"), [""]);
    shop.list(&["patient", "--output", "patients.csv", "--overwrite", "--with-restricted"]).expect(0);
    assert_eq!(column(&read_csv(&shop.path("patients.csv")), "key"), ["010203-1234"]);
    // All categories together: a column of one of them is empty for the others.
    shop.list(&["--output", "all.csv", "--columns", "city"]).expect(0);
    let rows = read_csv(&shop.path("all.csv"));
    assert_eq!(column(&rows, "category"), ["buyer", "buyer", "buyer", "patient"]);
    assert_eq!(column(&rows, "city"), ["'+46 Lund", "Åre", "", ""]);
}

#[test]
fn a_wrong_question_is_answered_before_anything_is_written() {
    let shop = Shop::new();
    let before = files(shop.folder.path());
    shop.list(&[]).expect(2).says("--output");
    shop.list(&["--output", "due.txt"]).expect(2).says("`due.txt` is neither a CSV nor an XLSX file");
    shop.list(&["--output", "absent/due.csv"]).expect(2).says("there is no folder `absent`");
    shop.list(&["byer", "--output", "due.csv"]).expect(2).says("no category `byer`").says("did you mean `buyer`?");
    shop.list(&["buyer", "--output", "due.csv", "--columns", "nme"]).expect(2).says("`buyer` has no column `nme`").says("`name`");
    shop.list(&["--output", "due.csv", "--outcome", "gone"]).expect(2).says("an outcome is one of keep, held");
    shop.list(&["--output", "due.csv", "--inactive-since", "lately"]).expect(2).says("is written YYYY-MM-DD");
    call(shop.folder.path(), &["candidates", "absent.toml", "--output", "due.csv"]).expect(2).says("absent.toml");
    assert_eq!(files(shop.folder.path()), before);

    fs::create_dir(shop.path("folder.csv")).expect("made");
    shop.list(&["--output", "folder.csv", "--overwrite"]).expect(2).says("`folder.csv` is a folder");
    fs::write(shop.path("due.csv"), "mine").expect("written");
    shop.list(&["--output", "due.csv"]).expect(2).says("`due.csv` exists").says("--overwrite");
    assert_eq!(fs::read(shop.path("due.csv")).expect("there"), b"mine");
    fs::set_permissions(shop.path("due.csv"), fs::Permissions::from_mode(0o644)).expect("set");
    shop.list(&["--output", "due.csv", "--overwrite"]).expect(0);
    assert_eq!(fs::metadata(shop.path("due.csv")).expect("there").permissions().mode() & 0o777, 0o600);
    assert_eq!(read_csv(&shop.path("due.csv")).len(), 4);
}

#[test]
fn the_terminal_has_counts_in_either_form() {
    let company = Company::unbraked(400, 900, 100);
    let list = |more: &[&str]| {
        let mut arguments = vec!["candidates", "fortnox.toml", "--as-of", &company.day, "--output"];
        arguments.extend(more);
        call(&company.folder, &arguments).expect(0)
    };
    let told = list(&["due.csv", "--columns", "name,email,phone,notes", "--format", "json"]);
    let value = told.json();
    let rows = read_csv(&company.folder.join("due.csv"));
    assert_eq!(value["rows"].as_u64(), Some(rows.len() as u64));
    let mut counts: BTreeMap<(String, String), u64> = BTreeMap::new();
    rows.iter().for_each(|row| *counts.entry((row["category"].clone(), row["outcome"].clone())).or_default() += 1);
    let said: BTreeMap<(String, String), u64> = value["counts"]
        .as_array()
        .expect("counts")
        .iter()
        .map(|line| {
            let text = |key: &str| line[key].as_str().expect("a text").to_owned();
            ((text("category"), text("outcome")), line["count"].as_u64().expect("a number"))
        })
        .collect();
    assert_eq!(said, counts);
    assert!(counts.keys().any(|(category, _)| category == "customer"), "{counts:?}");
    // What a run would do tonight is in it, and whom it forgets is in it no more.
    let plan = company.call("plan", &["--format", "json"]).json();
    let tonight = |line: &&serde_json::Value| line["tonight"] == true && !line["category"].as_str().expect("named").starts_with("record ");
    let planned: u64 = plan["decisions"].as_array().expect("decisions").iter().filter(tonight).count() as u64;
    let erased = rows.iter().filter(|row| matches!(row["outcome"].as_str(), "delete" | "anonymise" | "partly"));
    assert_eq!(erased.count() as u64, planned);
    let personal: Vec<&String> =
        rows.iter().flat_map(|row| [&row["name"], &row["email"], &row["phone"]]).filter(|text| text.len() > 5).collect();
    assert!(personal.len() > 10);
    let shown = list(&["due.xlsx", "--columns", "name,email,phone"]).printed() + &told.printed();
    for value in personal {
        assert!(!shown.contains(value.as_str()), "a personal value is on the terminal");
    }
    company.call("run", &[]).expect(0);
    list(&["after.csv"]).says("who were forgotten before, but for what a duty keeps");
    let waits = |row: &BTreeMap<String, String>| matches!(row["outcome"].as_str(), "held" | "blocked" | "restricted");
    assert!(read_csv(&company.folder.join("after.csv")).iter().all(waits));
}

fn a_list_is_the_same_from_either_store(store: Store) {
    let (tables, rows) = TABLES.split_at(TABLES.find("INSERT").expect("rows"));
    let rules = &PIPELINE[PIPELINE.find("[category.buyer]").expect("rules")..];
    let night = Night::of_own(store, tables, rows, rules);
    assert_eq!(night.problems(), "");
    drop(night.plan());
    let ask = Ask {
        category: Some("buyer".into()),
        columns: vec!["name".into(), "balance".into(), "born".into(), "debt".into()],
        ..Ask::default()
    };
    let list = night.with_world(|world| gallra::candidates::list(&night.pipeline, &ask, &Request::default(), world, &Silent));
    let list = list.map_err(told).expect("listed");
    let mut rows: Vec<(String, &str, u64, Vec<Cell>)> =
        list.rows.iter().map(|row| (row.key.clone(), row.outcome.as_str(), row.linked_rows, row.shown.clone())).collect();
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    let text = |text: &str| Cell::Text(text.to_owned());
    let number = |digits: &str| Cell::Number(digits.to_owned());
    let day = |year| Cell::Day(jiff::civil::date(year, 1, 1));
    let born = Cell::Day(jiff::civil::date(1981, 2, 3));
    assert_eq!(
        rows,
        [
            ("1".into(), "delete", 0, vec![text("=HYPERLINK(\"http://x\")"), number("-12.5"), born, number("0")]),
            ("2".into(), "anonymise", 3, vec![text("Bo \"Bosse\" Alm, d.ä."), number("1234567.89"), day(1890), number("0")]),
            ("3".into(), "blocked", 0, vec![text("@SUM(A1)"), Cell::Empty, Cell::Empty, number("7")]),
        ]
    );
    for name in ["due.csv", "due.xlsx"] {
        let path = night.folder.path().join(name);
        Output::at(&path, false).and_then(|output| output.write(&list)).map_err(told).expect("written");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        assert!(Output::at(&path, false).is_err());
    }
}

on_both_stores!(a_list_is_the_same_from_either_store);
