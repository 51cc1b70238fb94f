//! `gallra scan` from the outside: lines for lines, files and tables in numbers, places in a file, and no value anywhere.

mod common_cli;
mod night;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use common_cli::{Answer, answer, call, gallra};
use jiff::civil::date;
use night::{Night, Store, on_both_stores};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Made-up values that must be found: the kinds and shapes are those that the detector has found since its first day.
const MAIL: &str = "kim.lind@example.org";
const PHONE: &str = "070-174 06 05";
/// A test number of the Swedish tax agency's.
const NATIONAL: &str = "19031204-9802";

/// Calls the program with something on its standard input.
#[track_caller]
fn fed(folder: &Path, arguments: &[&str], input: &[u8]) -> Answer {
    let mut command = gallra(folder, arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input).expect("it reads to the end"));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("written");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let answer = Answer { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) };
    assert!(!answer.printed().contains("panicked at"), "a panic:\n{}", answer.printed());
    answer
}

/// The answers to some lines.
#[track_caller]
fn answers(input: &str, more: &[&str], code: i32) -> Vec<Value> {
    let folder = tempfile::tempdir().expect("a folder");
    let arguments: Vec<&str> = std::iter::once("scan").chain(more.iter().copied()).collect();
    let answer = fed(folder.path(), &arguments, input.as_bytes()).expect(code);
    answer.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// (start, end, kind) of an answer.
fn places(answer: &Value) -> Vec<(usize, usize, String)> {
    let number = |value: &Value| usize::try_from(value.as_u64().expect("a number")).expect("small");
    let place = |found: &Value| (number(&found["start"]), number(&found["end"]), found["kind"].as_str().expect("a kind").to_owned());
    answer["findings"].as_array().expect("findings").iter().map(place).collect()
}

/// Where a value stands in a text: apart from the program's own way.
fn place(text: &str, value: &str, kind: &str) -> (usize, usize, String) {
    let start = text.find(value).expect("it is there");
    (start, start + value.len(), kind.to_owned())
}

fn contact(kinds: &str) -> [&str; 2] {
    ["--kinds", kinds]
}

#[test]
fn offsets_are_bytes_of_the_text_however_it_is_written() {
    let texts = [
        format!("Åsa 🦊 når du på {MAIL} eller {PHONE}."),
        MAIL.to_owned(),
        format!("rad ett\nrad \"två\" \\ {PHONE}\t{MAIL}"),
        format!("\u{0}\u{1f468}\u{200d}\u{1f469}: {MAIL}"),
        String::new(),
    ];
    for ascii in [false, true] {
        let written = |text: &String| {
            let quoted = serde_json::to_string(text).expect("JSON");
            if !ascii {
                return quoted;
            }
            // As Python writes it by default.
            let escaped = |letter: char| match letter {
                ' '..='~' => letter.to_string(),
                other => other.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
            };
            quoted.chars().map(escaped).collect()
        };
        let input: String = texts.iter().enumerate().map(|(id, text)| format!("{{\"id\":{id},\"text\":{}}}\n", written(text))).collect();
        let answers = answers(&input, &contact("email,phone"), 0);
        assert_eq!(answers.len(), texts.len());
        for (id, (text, answer)) in texts.iter().zip(&answers).enumerate() {
            assert_eq!(answer["id"], json!(id));
            let mut expected = Vec::new();
            for (value, kind) in [(MAIL, "email"), (PHONE, "phone")] {
                expected.extend(text.contains(value).then(|| place(text, value, kind)));
            }
            expected.sort();
            assert_eq!(places(answer), expected, "{text}");
            for found in answer["findings"].as_array().expect("a list") {
                let confidence = found["confidence"].to_string();
                assert!((0.5..=1.0).contains(&found["confidence"].as_f64().expect("a number")) && confidence.len() <= 5, "{confidence}");
            }
        }
    }
}

#[test]
fn a_hundred_thousand_lines_are_answered_in_their_order() {
    let mut input = String::new();
    for id in 0..100_000 {
        // Of very different lengths, so that some pieces are done long before others.
        let filling = "ord ".repeat(if id % 1_000 == 7 { 5_000 } else { id % 13 });
        let text = if id % 3 == 0 { format!("{filling}{MAIL}") } else { filling };
        input.push_str(&format!("{{\"text\":\"{text}\",\"id\":{id},\"other\":[1,{{\"text\":\"{PHONE}\"}}]}}\n"));
    }
    let answers = answers(&input, &[], 0);
    assert_eq!(answers.len(), 100_000);
    for (id, answer) in answers.iter().enumerate() {
        assert_eq!(answer["id"], json!(id));
        assert_eq!(places(answer).len(), usize::from(id % 3 == 0), "{id}");
    }
}

#[test]
fn an_id_of_any_kind_comes_back_as_it_was_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let ids = [
        "1",
        "-0.10",
        "1e400",
        "123456789012345678901234567890",
        "\"a\\u00e5\\/\"",
        "\"\"",
        "null",
        "true",
        "false",
        "[]",
        "[1, {\"a\":[null]}]",
        "{\"tenant\": 7, \"row\": \"x\"}",
    ];
    let input: String = ids.iter().map(|id| format!("{{\"id\":{id},\"text\":\"x\"}}\n")).collect();
    let expected: String = ids.iter().map(|id| format!("{{\"id\":{id},\"findings\":[]}}\n")).collect();
    assert_eq!(fed(folder.path(), &["scan"], input.as_bytes()).expect(0).out, expected);
    // No id at all is null.
    assert_eq!(fed(folder.path(), &["scan"], b"{\"text\":\"x\"}").expect(0).out, "{\"id\":null,\"findings\":[]}\n");
}

#[test]
fn broken_lines_are_told_by_number_and_the_others_are_answered() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines: [&[u8]; 9] = [
        b"{\"id\":1,\"text\":\"hemligt\"",
        b"{\"id\":2,\"text\":null}",
        b"{\"id\":3}",
        b"{\"id\":4,\"text\":{\"a\":\"hemligt\"}}",
        b"[\"hemligt\"]",
        b"{\"id\":6,\"text\":\"hemligt \xe5\"}",
        b"",
        b"{\"id\":8,\"text\":\"hemligt\"} x",
        b"{\"id\":9,\"text\":\"kim.lind@example.org\"}",
    ];
    let answer = fed(folder.path(), &["scan"], &lines.join(&b'\n')).expect(1);
    let out: Vec<Value> = answer.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let state = |answer: &Value| (answer["id"].clone(), answer.get("error").is_some());
    assert_eq!(
        out.iter().map(state).collect::<Vec<_>>(),
        [
            (Value::Null, true),
            (json!(2), false),
            (json!(3), true),
            (json!(4), true),
            (Value::Null, true),
            (Value::Null, true),
            (Value::Null, true),
            (json!(9), false)
        ]
    );
    assert_eq!(places(&out[7]).len(), 1);
    for line in [1, 3, 4, 5, 6, 8] {
        assert!(answer.err.contains(&format!("line {line} of standard input ")), "{}", answer.err);
    }
    assert!(!answer.printed().contains("hemligt"), "{}", answer.printed());

    // Very many are counted.
    let many = fed(folder.path(), &["scan"], "x\n".repeat(5_000).as_bytes()).expect(1);
    assert_eq!(many.out.lines().count(), 5_000);
    assert!(many.err.lines().count() < 30 && many.err.contains("4 980 more lines"), "{}", many.err);
}

#[test]
fn nothing_blank_lines_line_ends_and_the_mark_of_utf_8() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(fed(folder.path(), &["scan"], b"").expect(0).out, "");
    assert_eq!(call(folder.path(), &["scan"]).expect(0).out, "");
    assert_eq!(fed(folder.path(), &["scan"], b"\n \r\n\t\n").expect(0).out, "");
    let input = format!("\u{feff}{{\"id\":1,\"text\":\"{MAIL}\"}}\r\n\r\n{{\"id\":2,\"text\":\"{MAIL}\"}}");
    let out = fed(folder.path(), &["scan"], input.as_bytes()).expect(0).out;
    assert_eq!(out.lines().count(), 2);
    for line in out.lines() {
        assert_eq!(places(&serde_json::from_str(line).expect("JSON")), [place(MAIL, MAIL, "email")]);
    }
    fs::write(folder.path().join("in.jsonl"), &input).expect("written");
    assert_eq!(call(folder.path(), &["scan", "--jsonl", "in.jsonl"]).expect(0).out, out);
    for same in [&["scan", "--jsonl", "-"][..], &["scan", "-"]] {
        assert_eq!(fed(folder.path(), same, input.as_bytes()).expect(0).out, out);
    }
}

#[test]
fn a_very_long_line_is_a_line() {
    let text = format!("{} {MAIL}", "Ännu ett ord. ".repeat(350_000));
    assert!(text.len() > 5_000_000);
    let input = format!("{{\"id\":1,\"text\":\"{text}\"}}\n{{\"id\":2,\"text\":\"x\"}}\n");
    let answers = answers(&input, &contact("email"), 0);
    assert_eq!(places(&answers[0]), [place(&text, MAIL, "email")]);
    assert_eq!(answers.len(), 2);
}

#[test]
fn whoever_waits_for_an_answer_gets_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = gallra(folder.path(), &["scan"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("started");
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    for id in 0..3 {
        stdin.write_all(format!("{{\"id\":{id},\"text\":\"{MAIL}\"}}\n").as_bytes()).expect("written");
        let mut line = String::new();
        stdout.read_line(&mut line).expect("answered");
        assert!(line.starts_with(&format!("{{\"id\":{id},\"findings\":[{{")), "{line}");
    }
    drop(stdin);
    assert!(child.wait().expect("ended").success());
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = gallra(folder.path(), &["scan"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    let mut stdin = child.stdin.take().expect("a pipe");
    let line = format!("{{\"id\":1,\"text\":\"{MAIL}\"}}\n").repeat(1_000);
    // Endless, until nobody reads it.
    let writer = std::thread::spawn(move || while stdin.write_all(line.as_bytes()).is_ok() {});
    let mut stdout = child.stdout.take().expect("a pipe");
    stdout.read_exact(&mut [0; 10]).expect("some");
    drop(stdout);
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("asked") {
            break status;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "it goes on although nobody reads");
        std::thread::sleep(Duration::from_millis(20));
    };
    writer.join().expect("stopped");
    assert_eq!(status.code(), Some(0));
    let mut told = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut told).expect("read");
    assert!(!told.contains("error") && !told.contains("panicked"), "{told}");
}

#[test]
fn answers_that_can_not_be_written_are_a_failure() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("in.jsonl"), "{\"text\":\"x\"}\n").expect("written");
    let full = File::options().write(true).open("/dev/full").expect("a disk that is full");
    let output = gallra(folder.path(), &["scan", "--jsonl", "in.jsonl"]).stdout(full).stderr(Stdio::piped()).output().expect("run");
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A folder with one file of each kind, the same personal data in each.
fn files() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, content: &[u8]| fs::write(folder.path().join(name), content).expect("written");
    write("notes.txt", format!("\u{feff}Hej\r\nRing {PHONE}\r\n\r\nå {MAIL}, {MAIL}").as_bytes());
    write("crm.csv", format!("kund;anmärkning;ort\n1;\"Ring\n{PHONE}\";Lund\n2;{MAIL};{MAIL}\n3;;\n").as_bytes());
    write(
        "log.jsonl",
        format!("{{\"n\":1,\"to\":{{\"mail\":\"{MAIL}\"}}}}\n{{\"n\":2,\"to\":{{\"mail\":null}},\"lines\":[\"{PHONE}\",\"x\"]}}\n")
            .as_bytes(),
    );
    write_parquet(&folder.path().join("export.parquet"), Compression::ZSTD(Default::default()));
    folder
}

/// A Parquet file of three rows: numbers, notes with a telephone number and an address, towns.
fn write_parquet(path: &Path, compression: Compression) {
    let notes = StringArray::from(vec![Some(format!("Ring {PHONE}")), None, Some(MAIL.to_owned())]);
    let cities = StringArray::from(vec!["Lund", "Åre", "Mora"]);
    let numbers = Int64Array::from(vec![1, 2, 3]);
    let columns: Vec<(&str, ArrayRef)> = vec![("number", Arc::new(numbers)), ("note", Arc::new(notes)), ("city", Arc::new(cities))];
    let batch = RecordBatch::try_from_iter(columns).expect("a batch");
    let properties = WriterProperties::builder().set_compression(compression).build();
    let file = File::create(path).expect("made");
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).expect("a writer");
    writer.write(&batch).expect("written");
    writer.close().expect("closed");
}

/// (source, column) → (cells, cells with findings, kind → findings) of a summary.
type Told = BTreeMap<(String, String), (u64, u64, BTreeMap<String, u64>)>;

fn told(summary: &Value) -> Told {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let number = |value: &Value| value.as_u64().expect("a number");
    let line = |line: &Value| {
        let kinds = line["kinds"].as_array().expect("kinds").iter().map(|kind| (word(&kind["kind"]), number(&kind["findings"]))).collect();
        ((word(&line["source"]), word(&line["column"])), (number(&line["cells"]), number(&line["cells_with_findings"]), kinds))
    };
    summary["columns"].as_array().expect("columns").iter().map(line).collect()
}

/// A line of what is expected: source, column, cells, cells with findings, kinds with their findings.
type Line<'a> = (&'a str, &'a str, u64, u64, &'a [(&'a str, u64)]);

fn expected(lines: &[Line<'_>]) -> Told {
    let kinds = |kinds: &[(&str, u64)]| kinds.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect();
    lines
        .iter()
        .map(|(source, column, cells, with, found)| (((*source).to_owned(), (*column).to_owned()), (*cells, *with, kinds(found))))
        .collect()
}

const ALL_FILES: [&str; 4] = ["notes.txt", "crm.csv", "log.jsonl", "export.parquet"];

#[test]
fn overwriting_costs_nothing_but_a_file_of_findings() {
    let folder = files();
    for name in ["crm.csv", "export.parquet"] {
        let before = fs::read(folder.path().join(name)).expect("read");
        call(folder.path(), &["scan", "notes.txt", "--findings", name, "--overwrite"]).expect(2).says("no file of findings");
        assert_eq!(fs::read(folder.path().join(name)).expect("read"), before);
    }
    call(folder.path(), &["scan", "notes.txt", "--findings", "/dev/null", "--overwrite"]).expect(2).says("no file of findings");
    fs::write(folder.path().join("empty.parquet"), b"").expect("written");
    call(folder.path(), &["scan", "notes.txt", "--findings", "empty.parquet", "--overwrite"]).expect(0);
    call(folder.path(), &["scan", "notes.txt", "--findings", "empty.parquet", "--overwrite"]).expect(0);
}

#[test]
fn what_is_no_text_is_said_and_not_scanned() {
    let folder = tempfile::tempdir().expect("a folder");
    for (bytes, reason) in [
        (&b"\xff\xfeR\0i\0n\0g\0"[..], "is written in UTF-16"),
        (&[0x1f, 0x8b, 8, 0, 0, 0][..], "is compressed with gzip"),
        (&[0x28, 0xb5, 0x2f, 0xfd, 0][..], "is compressed with zstd"),
        (&b"PK\x03\x04xl/workbook"[..], "is a ZIP archive or a workbook"),
    ] {
        fs::write(folder.path().join("a.csv"), bytes).expect("written");
        call(folder.path(), &["scan", "a.csv"]).expect(3).says(reason);
    }
    call(folder.path(), &["scan", "/dev/zero"]).expect(3).says("is a device");
}

#[test]
fn parquet_is_read_in_the_codecs_that_other_programs_write() {
    let folder = tempfile::tempdir().expect("a folder");
    for codec in
        [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::LZ4, Compression::LZ4_RAW, Compression::ZSTD(Default::default())]
    {
        write_parquet(&folder.path().join("x.parquet"), codec);
        let summary = call(folder.path(), &["scan", "--kinds", "email,phone", "--format", "json", "x.parquet"]).expect(0).json();
        let found = expected(&[("x.parquet", "note", 2, 2, &[("email", 1), ("phone", 1)]), ("x.parquet", "city", 3, 0, &[])]);
        assert_eq!(told(&summary), found, "{codec}");
    }
}

#[test]
fn files_of_every_kind_are_summed_up_by_column_and_kind() {
    let folder = files();
    let arguments = [&["scan", "--kinds", "email,phone", "--format", "json"][..], &ALL_FILES[..]].concat();
    let summary = call(folder.path(), &arguments).expect(0).json();
    assert_eq!(
        told(&summary),
        expected(&[
            ("notes.txt", "", 4, 2, &[("email", 2), ("phone", 1)]),
            ("crm.csv", "kund", 3, 0, &[]),
            ("crm.csv", "anmärkning", 3, 2, &[("email", 1), ("phone", 1)]),
            ("crm.csv", "ort", 3, 1, &[("email", 1)]),
            ("log.jsonl", "n", 2, 0, &[]),
            ("log.jsonl", "to.mail", 1, 1, &[("email", 1)]),
            ("log.jsonl", "lines[]", 2, 1, &[("phone", 1)]),
            ("export.parquet", "note", 2, 2, &[("email", 1), ("phone", 1)]),
            ("export.parquet", "city", 3, 0, &[]),
        ])
    );
    assert_eq!((&summary["rows"], &summary["cells"], &summary["findings"]), (&json!(12), &json!(23), &json!(10)));
    assert!(summary["problems"].as_array().expect("a list").is_empty());

    let text = call(folder.path(), &[&["scan", "--kinds", "email,phone"][..], &ALL_FILES[..]].concat()).expect(0);
    for part in [
        "anmärkning",
        "to.mail",
        "email",
        "phone",
        "33.3 %",
        "#",
        "10 findings in 23 texts of 12 rows",
        "B/s",
        "nothing found in",
        "export.parquet.city",
    ] {
        assert!(text.out.contains(part), "`{part}` is missing:\n{}", text.out);
    }
    for value in [MAIL, PHONE, "Lund"] {
        assert!(!text.printed().contains(value), "{}", text.printed());
    }
}

#[test]
fn one_column_alone_where_it_is_named() {
    let folder = files();
    let json = |more: &[&str], code: i32| {
        call(folder.path(), &[&["scan", "--format", "json", "--kinds", "email,phone"], more].concat()).expect(code).json()
    };
    let columns = |summary: &Value| told(summary).into_keys().map(|(_, column)| column).collect::<Vec<_>>();
    assert_eq!(columns(&json(&["crm.csv", "--column", "ort"], 0)), ["ort"]);
    assert_eq!(columns(&json(&["crm.csv", "--column", "ort", "--column", "kund"], 0)), ["kund", "ort"]);
    assert_eq!(columns(&json(&["export.parquet", "--column", "note"], 0)), ["note"]);
    assert_eq!(columns(&json(&["log.jsonl", "--column", "to"], 0)), ["to.mail"]);
    // One of several files has it: the others are told.
    let summary = json(&["crm.csv", "export.parquet", "--column", "note"], 1);
    assert_eq!(columns(&summary), ["note"]);
    assert_eq!(summary["problems"].as_array().expect("a list").len(), 1);
    call(folder.path(), &["scan", "crm.csv", "--column", "ortt"]).expect(2).says("has no column `ortt`").says("hint: ");
    call(folder.path(), &["scan", "notes.txt", "--column", "x"]).expect(2).says("has no column `x`");
    call(folder.path(), &["scan", "crm.csv", "log.jsonl", "--column", "x"]).expect(2).says("none of the files has a column `x`");
}

#[test]
fn a_csv_file_without_names_shows_none_of_its_values() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("bare.csv"), format!("{MAIL},{PHONE},{NATIONAL}\n{MAIL},{PHONE},{NATIONAL},{MAIL}\n")).expect("written");
    let summary = call(folder.path(), &["scan", "bare.csv", "--format", "json"]).expect(0);
    let columns: Vec<String> = told(&summary.json()).into_keys().map(|(_, column)| column).collect();
    assert_eq!(columns, ["column 1", "column 2", "column 3", "column 4"]);
    let text = call(folder.path(), &["scan", "bare.csv"]).expect(0);
    for value in [MAIL, PHONE, NATIONAL] {
        assert!(!summary.printed().contains(value) && !text.printed().contains(value), "{}", text.printed());
    }
}

#[test]
fn what_is_not_utf_8_is_skipped_over_and_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, content: &[u8]| fs::write(folder.path().join(name), content).expect("written");
    write("old.txt", b"\xc5sa: kim.lind@example.org\nbra\n");
    write("old.csv", b"namn,mail\n\xc5sa,kim.lind@example.org\n");
    write("old.jsonl", b"{\"mail\":\"kim.lind@example.org\"}\n{\"name\":\"\xc5sa\"}\n");
    let summary = call(folder.path(), &["scan", "old.txt", "old.csv", "--kinds", "email", "--format", "json"]).expect(0).json();
    assert_eq!(summary["findings"], json!(2));
    assert_eq!(summary["notes"].as_array().expect("a list").len(), 2);
    // A document must be UTF-8.
    let lines = call(folder.path(), &["scan", "old.jsonl", "--kinds", "email", "--format", "json"]).expect(1);
    assert_eq!(lines.json()["findings"], json!(1));
    assert!(lines.err.contains("`old.jsonl`, line 2: is not JSON"), "{}", lines.err);
}

#[test]
fn kinds_countries_and_confidence_narrow_the_search() {
    let text = format!("{MAIL} {PHONE} {NATIONAL}");
    let input = json!({ "id": 1, "text": text }).to_string();
    let kinds = |more: &[&str]| -> BTreeSet<String> { places(&answers(&input, more, 0)[0]).into_iter().map(|(_, _, kind)| kind).collect() };
    let all = kinds(&[]);
    assert!(["email", "phone", "national_id"].iter().all(|kind| all.contains(*kind)), "{all:?}");
    assert_eq!(kinds(&["--kinds", "phone"]), BTreeSet::from(["phone".to_owned()]));
    assert_eq!(kinds(&["--kinds", "phone,email"]), BTreeSet::from(["email".to_owned(), "phone".to_owned()]));
    assert!(!kinds(&["--country", "DK"]).contains("national_id"));
    assert!(kinds(&["--country", "dk,se"]).contains("national_id"));
    assert!(kinds(&["--min-confidence", "1"]).len() < all.len());
    assert!(kinds(&["--min-confidence", "0"]).is_superset(&all));
    let folder = tempfile::tempdir().expect("a folder");
    call(folder.path(), &["scan", "--kinds", "names"]).expect(2).says("a kind is one of email, phone");
    call(folder.path(), &["scan", "--country", "XX"]).expect(2).says("`XX` is not a supported country");
    call(folder.path(), &["scan", "--min-confidence", "1.5"]).expect(2).says("from 0 to 1");
    call(folder.path(), &["scan", "--min-confidence", "NaN"]).expect(2).says("from 0 to 1");
}

/// The rows of a file of findings, by name.
fn rows(path: &Path) -> Vec<BTreeMap<String, Field>> {
    let reader = SerializedFileReader::new(File::open(path).expect("there")).expect("Parquet");
    let codecs: Vec<Compression> =
        reader.metadata().row_groups().iter().flat_map(|group| group.columns()).map(|column| column.compression()).collect();
    assert!(codecs.iter().all(|codec| matches!(codec, Compression::ZSTD(_))));
    reader.get_row_iter(None).expect("rows").map(|row| row.expect("a row").into_columns().into_iter().collect()).collect()
}

fn word(row: &BTreeMap<String, Field>, name: &str) -> Option<String> {
    match &row[name] {
        Field::Str(text) => Some(text.clone()),
        Field::Long(number) => Some(number.to_string()),
        Field::Null => None,
        other => panic!("{name}: {other}"),
    }
}

#[test]
fn the_file_of_findings_says_where_and_never_what() {
    let folder = files();
    let arguments = [&["scan", "--kinds", "email,phone", "--findings", "found.parquet"][..], &ALL_FILES[..]].concat();
    let answer = call(folder.path(), &arguments).expect(0).says("written: 10 findings to `found.parquet` (mode 0600)");
    let path = folder.path().join("found.parquet");
    let found: Vec<[Option<String>; 6]> =
        rows(&path).iter().map(|row| ["source", "column", "row", "start", "end", "kind"].map(|name| word(row, name))).collect();
    let line = |source: &str, column: &str, row: u64, (start, end, kind): (usize, usize, String)| {
        let column = (!column.is_empty()).then(|| column.to_owned());
        [Some(source.to_owned()), column, Some(row.to_string()), Some(start.to_string()), Some(end.to_string()), Some(kind)]
    };
    let ring = format!("Ring {PHONE}");
    let twice = format!("å {MAIL}, {MAIL}");
    let second = twice.rfind(MAIL).expect("there");
    let alone = || place(MAIL, MAIL, "email");
    assert_eq!(
        found,
        [
            line("notes.txt", "", 2, place(&ring, PHONE, "phone")),
            line("notes.txt", "", 4, place(&twice, MAIL, "email")),
            line("notes.txt", "", 4, (second, second + MAIL.len(), "email".to_owned())),
            // A line's end within quotes is a letter of the cell.
            line("crm.csv", "anmärkning", 1, place(&ring, PHONE, "phone")),
            line("crm.csv", "anmärkning", 2, alone()),
            line("crm.csv", "ort", 2, alone()),
            line("log.jsonl", "to.mail", 1, alone()),
            line("log.jsonl", "lines[]", 2, place(PHONE, PHONE, "phone")),
            line("export.parquet", "note", 1, place(&ring, PHONE, "phone")),
            line("export.parquet", "note", 3, alone()),
        ]
    );
    for row in rows(&path) {
        assert!(matches!(row["confidence"], Field::Float(confidence) if (0.5..=1.0).contains(&confidence)));
        assert_eq!(row["row_token"], Field::Null);
        let all: String = row.values().map(ToString::to_string).collect();
        assert!(!all.contains(MAIL) && !all.contains(PHONE), "{all}");
    }
    assert!(!answer.printed().contains(MAIL));
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).expect("there").permissions());
    assert_eq!(mode & 0o777, 0o600);
    let before = fs::read(&path).expect("read");
    call(folder.path(), &arguments).expect(2).says("`found.parquet` exists").says("--overwrite");
    call(folder.path(), &[&arguments[..], &["--overwrite"]].concat()).expect(0);
    assert_eq!(fs::read(&path).expect("read"), before, "the same findings are the same bytes");
    // Nothing found is a file without rows.
    call(folder.path(), &["scan", "notes.txt", "--kinds", "imei", "--findings", "none.parquet"]).expect(0);
    assert!(rows(&folder.path().join("none.parquet")).is_empty());
}

#[test]
fn what_can_not_be_read_or_written_is_told_by_the_exit_code() {
    let folder = files();
    let scan = |arguments: &[&str]| call(folder.path(), &[&["scan"], arguments].concat());
    scan(&["missing.txt"]).expect(3).says("`missing.txt`: can not be read: it does not exist");
    scan(&["missing.txt", "notes.txt"]).expect(1).says("missing.txt").says("findings in");
    fs::create_dir(folder.path().join("sub.csv")).expect("made");
    scan(&["sub.csv"]).expect(3).says("is a folder");
    fs::write(folder.path().join("bad.parquet"), "no parquet").expect("written");
    scan(&["bad.parquet"]).expect(3).says("is not a Parquet file");
    scan(&["--jsonl", "missing.jsonl"]).expect(3).says("can not read `missing.jsonl`");
    scan(&["--pipeline", "missing.toml"]).expect(2).says("missing.toml");
    scan(&["--jsonl", "log.jsonl", "--findings", "f.parquet"]).expect(2).says("standard output");
    scan(&["notes.txt", "--findings", "none/f.parquet"]).expect(2).says("there is no folder `none`");
    // Nobody may write there, not even the superuser; and nothing half-made stays elsewhere.
    scan(&["notes.txt", "--findings", "/proc/f.parquet"]).expect(3).says("can not write `/proc/f.parquet`");
    scan(&["notes.txt", "--table", "x"]).expect(2);
    scan(&["notes.txt", "--pipeline", "x.toml"]).expect(2);
    scan(&["notes.txt", "--overwrite"]).expect(2);
    let left: BTreeSet<String> = fs::read_dir(folder.path())
        .expect("readable")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(left.len(), ALL_FILES.len() + 2, "{left:?}");
}

#[test]
fn a_scan_that_stops_leaves_no_findings_behind() {
    let folder = files();
    call(folder.path(), &["scan", "crm.csv", "--column", "none", "--findings", "f.parquet"]).expect(2);
    let names: Vec<_> = fs::read_dir(folder.path()).expect("readable").map(|entry| entry.expect("an entry").file_name()).collect();
    assert_eq!(names.len(), ALL_FILES.len(), "{names:?}");
}

const TABLES: &str = "
    CREATE TABLE buyer (id INTEGER PRIMARY KEY, name VARCHAR(80) NOT NULL, city VARCHAR(40), remark TEXT, balance DECIMAL(9,2),
        created_on DATE NOT NULL);
    CREATE TABLE call (id INTEGER PRIMARY KEY, buyer_id INTEGER NOT NULL REFERENCES buyer (id), note TEXT);
    CREATE TABLE log (id INTEGER PRIMARY KEY, line TEXT);";

const PIPELINE: &str = r#"
[category.buyer]
table = "buyer"

[[category.buyer.retention]]
name = "made"
clock = "created_on"
keep = "24 months"

[table.buyer]
id = "key"
name = "name"
city = "quasi_identifier"
remark = "free_text"
balance = "amount"
created_on = "activity"

[table.call]
id = "key"
buyer_id = "reference"
note = "free_text"

[[out_of_scope]]
tables = ["log"]
reason = "the log of another program"
"#;

fn shop(store: Store) -> Night {
    let rows = format!(
        "INSERT INTO buyer VALUES (1, 'Bo', 'Lund', 'Ring {PHONE}, helst kväll', 1, '2026-01-01'), (2, 'Di', NULL, NULL, 2, '2015-01-01'),
            (3, 'Ed', 'Åre', '{MAIL} eller {MAIL}', 3, '2026-01-01');
         INSERT INTO call VALUES (1, 1, 'å {MAIL}'), (2, 1, 'tyst'), (3, 3, '{PHONE}');
         INSERT INTO log VALUES (1, '{MAIL}');"
    );
    let night = Night::of_own(store, TABLES, &rows, PIPELINE);
    night.accept();
    night
}

on_both_stores!(
    the_columns_of_a_database_are_summed_up_and_rows_are_named_by_their_tokens,
    a_database_of_several_tenants_is_scanned_and_tells_no_value
);

fn the_columns_of_a_database_are_summed_up_and_rows_are_named_by_their_tokens(store: Store) {
    let night = shop(store);
    let folder = night.folder.path();
    let scan =
        |more: &[&str]| call(folder, &[&["scan", "--pipeline", "own.toml", "--kinds", "email,phone", "--format", "json"], more].concat());
    assert_eq!(
        told(&scan(&["--findings", "found.parquet"]).expect(0).json()),
        expected(&[
            ("buyer", "name", 3, 0, &[]),
            ("buyer", "city", 2, 0, &[]),
            ("buyer", "remark", 2, 2, &[("email", 2), ("phone", 1)]),
            ("call", "note", 3, 2, &[("email", 1), ("phone", 1)]),
        ])
    );
    // As `explain` names the rows.
    let token = |what: &str, key: &str| {
        let explained = call(folder, &["explain", "own.toml", what, key, "--as-of", "2026-11-22", "--format", "json"]).expect(0).json();
        explained["token"].as_str().expect("a token").to_owned()
    };
    let remark = "Ring 070-174 06 05, helst kväll";
    let twice = format!("{MAIL} eller {MAIL}");
    let second = twice.rfind(MAIL).expect("there");
    let line = |table: &str, column: &str, key: &str, (start, end, kind): (usize, usize, String)| {
        let what = if table == "buyer" { "buyer" } else { "call" };
        [table.to_owned(), column.to_owned(), token(what, key), start.to_string(), end.to_string(), kind]
    };
    let found: Vec<[String; 6]> = rows(&folder.join("found.parquet"))
        .iter()
        .map(|row| {
            assert_eq!(row["row"], Field::Null);
            ["source", "column", "row_token", "start", "end", "kind"].map(|name| word(row, name).expect("not null"))
        })
        .collect();
    assert_eq!(
        found,
        [
            line("buyer", "remark", "1", place(remark, PHONE, "phone")),
            line("buyer", "remark", "3", place(&twice, MAIL, "email")),
            line("buyer", "remark", "3", (second, second + MAIL.len(), "email".to_owned())),
            line("call", "note", "1", place(&format!("å {MAIL}"), MAIL, "email")),
            line("call", "note", "3", place(PHONE, PHONE, "phone")),
        ]
    );
    let columns = |more: &[&str]| told(&scan(more).expect(0).json()).into_keys().collect::<Vec<_>>();
    let pair = |table: &str, column: &str| (table.to_owned(), column.to_owned());
    assert_eq!(columns(&["--table", "call"]), [pair("call", "note")]);
    assert_eq!(columns(&["--column", "note", "--column", "city"]), [pair("buyer", "city"), pair("call", "note")]);
    // Out of scope, and asked for.
    assert_eq!(told(&scan(&["--table", "log"]).expect(0).json()), expected(&[("log", "line", 1, 1, &[("email", 1)])]));
    scan(&["--table", "log", "--findings", "log.parquet"]).expect(0);
    assert_eq!(rows(&folder.join("log.parquet")).len(), 1);
    scan(&["--table", "bayer"]).expect(2).says("the store has no table `bayer`").says("buyer");
    scan(&["--table", "call", "--column", "city"]).expect(2).says("`call` has no column of texts `city`");
    scan(&["--column", "balance"]).expect(2).says("no column of texts `balance`");
    // Without a keyring there is a summary, and no file of findings, because its rows would have no names.
    fs::remove_file(folder.join("own.keyring")).or_else(|_| remove_keyring(folder)).expect("removed");
    scan(&[]).expect(0);
    scan(&["--findings", "none.parquet"]).expect(3).says("keyring");
    assert!(!folder.join("none.parquet").exists());
}

/// Removes the keyring, whatever its name is.
fn remove_keyring(folder: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().contains("key")) {
            return if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        }
    }
    Err(std::io::ErrorKind::NotFound.into())
}

fn a_database_of_several_tenants_is_scanned_and_tells_no_value(store: Store) {
    let night = Night::of_fixture(store, "flexybox", date(2026, 11, 22));
    // Whatever the test wrote into its file is in the store now.
    night.accept();
    let folder = night.folder.path();
    let text = call(folder, &["scan", "--pipeline", "flexybox.toml", "--min-confidence", "0", "--findings", "found.parquet"]).expect(0);
    let log = answer(gallra(folder, &["scan", "--pipeline", "flexybox.toml", "--format", "json", "-vvv"]).stdin(Stdio::null())).expect(0);
    let found = rows(&folder.join("found.parquet"));
    assert!(found.len() > 10, "{}", text.out);
    assert!(found.iter().filter(|row| word(row, "row_token").is_some_and(|token| token.len() == 32)).count() * 2 > found.len());
    let written: String = found.iter().flat_map(|row| row.values().map(ToString::to_string)).collect();
    let mut values = 0;
    let content = night::dump(&night.database());
    for (table, columns) in PERSONAL {
        for row in &content[*table].rows {
            for value in columns.iter().filter_map(|column| night::text_of(&row[*column])).filter(|value| value.chars().count() >= 4) {
                values += 1;
                for printed in [&text.printed(), &log.printed(), &written] {
                    assert!(!printed.contains(&value), "a value of {table} is told");
                }
            }
        }
    }
    assert!(values > 50, "{values} values are looked for");
}

/// Columns of the booking system that identify somebody or say something of them, chosen by hand.
const PERSONAL: &[(&str, &[&str])] = &[
    ("household", &["street"]),
    ("member", &["display_name", "login", "email", "phone", "cpr_no", "remark"]),
    ("staff", &["name", "email", "phone", "cpr_no"]),
    ("guardian", &["name", "phone", "email"]),
    ("table_reservation", &["guest_name", "guest_phone"]),
    ("bank_mandate", &["iban", "holder_name", "cpr_no"]),
    ("message", &["body"]),
    ("member_note", &["body"]),
    ("access_request", &["contact_email"]),
    ("entry_log", &["ip_address", "line"]),
];
