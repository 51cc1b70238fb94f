//! Everything that can be done to the file, tried out.

use std::fs;
use std::path::Path;

use super::testing::*;
use super::*;

fn errors(report: &Report) -> Vec<&Finding> {
    report.findings.iter().filter(|finding| finding.problem.severity() == Severity::Error).collect()
}

fn check_bytes(path: &Path, bytes: &[u8], head: Option<&Head>) -> Result<Report, LedgerError> {
    replace(path, bytes);
    check(path, &KEY, head, "keyring-1")
}

/// Writes a new file: file systems that guard against a crash wait for the disk when an old one is overwritten.
fn replace(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

#[test]
fn an_untouched_ledger_is_clean_and_the_witness_agrees() {
    let sample = sample();
    let report = check(&sample.path, &KEY, Some(&sample.head), "keyring-1").unwrap();
    assert_eq!(report.findings, []);
    assert_eq!((report.entries, report.runs), (11, 2));
    assert_eq!(report.head.as_ref(), Some(&sample.head));
    let open: Vec<_> = report.open_intents.iter().map(|open| (open.seq, open.intent.tokens.clone())).collect();
    assert_eq!(open, [(9, tokens(&[5]))]);

    let macs = verify_by_hand(&sample.bytes, KEY.0).unwrap();
    assert_eq!(macs.len(), 11);
    assert_eq!(macs[10], sample.head.mac.to_string());
    for line in lines(&sample.bytes) {
        let value: serde_json::Value = serde_json::from_slice(&line).unwrap();
        assert_eq!(value.as_object().unwrap().len(), 5, "a line is plain JSON for everybody else");
    }
}

/// The bytes and the codes were computed with Python's `hmac` and `hashlib`, not with this module.
#[test]
fn the_format_does_not_drift() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path()).unwrap();
    ledger.append(&started("r1", 0), night(0)).unwrap();
    let zeros = "0".repeat(64);
    let first = "48dd140e76e79aca438a88ab3a052ce00354d3fee8fd51c25808e82606fb9140";
    let second = "774fc6aeb2e4cc9687d5dc4e0eb00a9c171581002250dc58f7b99d22f57b1af5";
    let expected = format!(
        concat!(
            r#"{{"seq":0,"time":"2026-11-01T01:00:00Z","previous":"{zeros}","record":{{"kind":"opened","#,
            r#""ledger":"1e1e1e1e1e1e1e1e","keyring":"keyring-1","store":"store-1","gallra_version":"0.1.0"}},"#,
            r#""mac":"{first}"}}"#,
            "\n",
            r#"{{"seq":1,"time":"2026-11-01T01:00:00Z","previous":"{first}","record":{{"kind":"run_started","#,
            r#""run":"r1","as_of":"2026-11-01","tenants":["north","south"],"pipeline_sha256":"{ones}","#,
            r#""lock_sha256":"{twos}","schema_sha256":"{threes}","code_version":"0.1.0","#,
            r#""snapshot":"00000003-0000001B-1","time_zones":["Europe/Stockholm"],"key_epoch":1}},"#,
            r#""mac":"{second}"}}"#,
            "\n",
        ),
        zeros = zeros,
        first = first,
        second = second,
        ones = "01".repeat(32),
        twos = "02".repeat(32),
        threes = "03".repeat(32),
    );
    assert_eq!(fs::read_to_string(ledger.path()).unwrap(), expected);
}

#[test]
fn every_changed_byte_is_found_where_it_is() {
    let sample = small_sample();
    let mut entry = 0_u64;
    for (offset, original) in sample.bytes.iter().copied().enumerate() {
        // Another letter, the other case, a line feed and a byte that is not UTF-8.
        for changed in [original ^ 0x01, original ^ 0x20, b'\n', 0xff] {
            if changed == original {
                continue;
            }
            let mut bytes = sample.bytes.clone();
            bytes[offset] = changed;
            let report = check_bytes(&sample.path, &bytes, Some(&sample.head)).unwrap();
            let found = errors(&report);
            assert!(!found.is_empty(), "byte {offset} of entry {entry} became {changed:#x}");
            let first = found[0];
            assert!(first.entry == entry || first.entry == entry + 1, "byte {offset} of entry {entry} became {changed:#x}: {first}");
            // The knock-on findings of one damage stay few: the split or merged lines around it.
            assert!(found.len() <= 3, "byte {offset} of entry {entry} became {changed:#x}: {found:?}");

            // One kind of change is enough for the writer, which stops at the first problem of the same chain.
            if changed != original ^ 0x01 && original != b'\n' {
                continue;
            }
            match open(sample.path.parent().unwrap()) {
                Ok(ledger) => panic!("byte {offset} became {changed:#x}: {ledger:?}, torn {:?}", ledger.torn_tail()),
                Err(LedgerError::InUse { .. }) => panic!("in use"),
                Err(_) => assert_eq!(fs::read(&sample.path).unwrap(), bytes, "a refused ledger is not touched"),
            }
        }
        if original == b'\n' {
            entry += 1;
        }
    }
    assert_eq!(entry, 4);
}

#[test]
fn a_line_turned_to_garbage_is_one_finding() {
    let sample = sample();
    let all = lines(&sample.bytes);
    // The last line would take the end of the ledger with it, which the store's head tells as well.
    for garbled in 0..all.len() - 1 {
        let mut changed = all.clone();
        changed[garbled] = b"garbage\n".to_vec();
        let report = check_bytes(&sample.path, &changed.concat(), Some(&sample.head)).unwrap();
        let (entry, line) = (garbled as u64, garbled as u64 + 1);
        assert_eq!(report.findings, [Finding { entry, line, problem: Problem::NotAnEntry }]);
    }
}

#[test]
fn a_changed_ledger_of_one_entry_is_found() {
    let sample = small_sample();
    let only = &lines(&sample.bytes)[0];
    assert_eq!(check_bytes(&sample.path, only, None).unwrap().findings, []);
    let changed = String::from_utf8(only.clone()).unwrap().replace("store-1", "store-2");
    let report = check_bytes(&sample.path, changed.as_bytes(), None).unwrap();
    assert_eq!(report.findings, [Finding { entry: 0, line: 1, problem: Problem::Tampered }]);
}

#[test]
fn every_deleted_line_is_found() {
    let sample = sample();
    let all = lines(&sample.bytes);
    for deleted in 0..all.len() {
        let mut rest = all.clone();
        rest.remove(deleted);
        let report = check_bytes(&sample.path, &rest.concat(), Some(&sample.head)).unwrap();
        let first = errors(&report)[0].clone();
        if deleted + 1 == all.len() {
            let problem = Problem::Truncated { store_seq: 10 };
            assert_eq!(first, Finding { entry: 10, line: 11, problem });
        } else {
            let (entry, line) = (deleted as u64 + 1, deleted as u64 + 1);
            assert_eq!(first, Finding { entry, line, problem: Problem::Missing { expected: deleted as u64 } });
            assert_eq!(first.to_string(), format!("line {line}: entry {deleted} is missing; entry {entry} stands in its place"));
        }
    }
}

#[test]
fn every_swapped_pair_and_every_repeated_line_is_found() {
    let sample = sample();
    let all = lines(&sample.bytes);
    for earlier in 0..all.len() - 1 {
        let mut swapped = all.clone();
        swapped.swap(earlier, earlier + 1);
        let report = check_bytes(&sample.path, &swapped.concat(), Some(&sample.head)).unwrap();
        assert_eq!(report.head.as_ref(), Some(&sample.head), "the entry out of place is not the end");
        let (number, line) = (earlier as u64, earlier as u64 + 1);
        let missing = Finding { entry: number + 1, line, problem: Problem::Missing { expected: number } };
        let problem = Problem::Reordered { expected: number + 2 };
        assert_eq!(report.findings, [missing, Finding { entry: number, line: line + 1, problem }]);
    }
    for repeated in 0..all.len() {
        let mut longer = all.clone();
        longer.insert(repeated, all[repeated].clone());
        let report = check_bytes(&sample.path, &longer.concat(), Some(&sample.head)).unwrap();
        let problem = Problem::Reordered { expected: repeated as u64 + 1 };
        let finding = Finding { entry: repeated as u64, line: repeated as u64 + 2, problem };
        assert!(report.findings.contains(&finding), "{:?}", report.findings);
    }
}

#[test]
fn every_truncation_is_found_and_survives_an_opening() {
    let sample = small_sample();
    let ends: Vec<usize> = (0..sample.bytes.len()).filter(|at| sample.bytes[*at] == b'\n').collect();
    for length in 0..sample.bytes.len() {
        let bytes = &sample.bytes[..length];
        // Entries whose last byte before the line feed is still there.
        let whole = ends.iter().filter(|end| **end <= length).count();
        let last_end = ends.iter().copied().filter(|end| *end < length).max().map_or(0, |end| end + 1);
        let line_feed_missing = ends.contains(&length);

        match check_bytes(&sample.path, bytes, Some(&sample.head)) {
            Err(LedgerError::Empty { .. }) => assert_eq!(length, 0),
            Err(LedgerError::NotALedger { .. }) => assert_eq!(whole, 0),
            Err(other) => panic!("{length}: {other}"),
            Ok(report) if whole == ends.len() => {
                assert_eq!(report.findings.len(), 1);
                assert_eq!(report.findings[0].problem, Problem::LineEndMissing);
            }
            Ok(report) => {
                let found = errors(&report);
                assert_eq!(found.len(), 1, "{length}: {:?}", report.findings);
                assert_eq!(found[0].entry, whole as u64);
                assert_eq!(found[0].problem, Problem::Truncated { store_seq: 3 });
                let torn = Problem::TornTail { bytes: (length - last_end) as u64 };
                let is_torn = report.findings.iter().any(|finding| finding.problem == torn);
                assert_eq!(is_torn, length > last_end && !line_feed_missing, "{length}");
                assert_eq!(fs::read(&sample.path).unwrap(), bytes, "a check never writes");
            }
        }

        match open(sample.path.parent().unwrap()) {
            Err(LedgerError::Empty { .. } | LedgerError::NotALedger { .. }) => assert_eq!(whole, 0),
            Err(other) => panic!("{length}: {other}"),
            Ok(ledger) => {
                assert_eq!(ledger.head().seq + 1, whole as u64);
                let torn = ledger.torn_tail().map(|torn| (torn.entry, torn.line, torn.bytes));
                let expected =
                    (length > last_end && !line_feed_missing).then_some((whole as u64, whole as u64 + 1, (length - last_end) as u64));
                assert_eq!(torn, expected, "{length}");
                if whole < ends.len() {
                    let standing = Standing::Truncated { store_seq: 3, ledger_seq: whole as u64 - 1 };
                    assert_eq!(ledger.standing(&sample.head), standing);
                }
                drop(ledger);
                assert_eq!(fs::read(&sample.path).unwrap(), &sample.bytes[..=ends[whole - 1]]);
            }
        }
    }
}

#[test]
fn foreign_ledgers_are_recognised() {
    let sample = sample();
    let folder = sample.path.parent().unwrap();
    let problems = |key: &dyn Mac, head: Option<&Head>, keyring: &str| {
        let report = check(&sample.path, key, head, keyring).unwrap();
        report.findings.into_iter().map(|finding| (finding.entry, finding.problem)).collect::<Vec<_>>()
    };
    assert_eq!(problems(&OTHER_KEY, None, "keyring-1"), [(0, Problem::ForeignKey)]);
    let foreign = Problem::ForeignKeyring { found: "keyring-1".into(), expected: "keyring-2".into() };
    assert_eq!(problems(&OTHER_KEY, None, "keyring-2"), [(0, foreign)]);
    let other = Head { ledger: "00000000000000aa".into(), ..sample.head.clone() };
    let foreign = Problem::ForeignLedger { found: "1e1e1e1e1e1e1e1e".into(), expected: "00000000000000aa".into() };
    assert_eq!(problems(&KEY, Some(&other), "keyring-1"), [(0, foreign)]);
    let diverged = Head { seq: 4, mac: Hex([7; 32]), ..sample.head.clone() };
    assert_eq!(problems(&KEY, Some(&diverged), "keyring-1"), [(4, Problem::Diverged)]);

    let reopen = |key: TestKey, opening: Opening| Ledger::open_or_create(folder, std::sync::Arc::new(key), opening, night(2)).unwrap_err();
    assert!(matches!(reopen(OTHER_KEY, opening()), LedgerError::ForeignKey { .. }));
    let keyring = Opening { keyring: "keyring-2".into(), ..opening() };
    assert!(matches!(reopen(OTHER_KEY, keyring), LedgerError::ForeignKeyring { .. }));
    let store = Opening { store: "store-2".into(), ..opening() };
    assert!(matches!(reopen(KEY, store), LedgerError::ForeignStore { .. }));
    assert_eq!(fs::read(&sample.path).unwrap(), sample.bytes);

    let ledger = open(folder).unwrap();
    assert_eq!(ledger.standing(&other), Standing::Foreign);
    assert_eq!(ledger.standing(&diverged), Standing::Diverged { seq: 4 });
    assert_eq!(ledger.standing(&sample.head), Standing::Same);
}

/// A chain forged entry by entry under the right key: authentic lines of another history.
#[test]
fn an_entry_of_another_history_does_not_fit() {
    let sample = sample();
    let folder = tempfile::tempdir().unwrap();
    let mut other = open(folder.path()).unwrap();
    other.append(&started("r9", 0), night(0)).unwrap();
    other.append(&intent("r9", 1, "customer", &[1]), night(0)).unwrap();
    let foreign = lines(&fs::read(other.path()).unwrap());
    let mut mixed = lines(&sample.bytes);
    mixed[2] = foreign[2].clone();
    let report = check_bytes(&sample.path, &mixed.concat(), Some(&sample.head)).unwrap();
    assert_eq!(report.findings[0], Finding { entry: 2, line: 3, problem: Problem::Unchained });
}

#[test]
fn a_restored_store_is_a_notice() {
    let sample = sample();
    let macs = verify_by_hand(&sample.bytes, KEY.0).unwrap();
    let kept = Head { seq: 3, mac: macs[3].parse().unwrap(), ..sample.head.clone() };
    let report = check(&sample.path, &KEY, Some(&kept), "keyring-1").unwrap();
    let problem = Problem::StoreOlder { store_seq: 3 };
    assert_eq!(report.findings, [Finding { entry: 3, line: 4, problem }]);
    assert!(report.is_intact());
    let ledger = open(sample.path.parent().unwrap()).unwrap();
    assert_eq!(ledger.standing(&kept), Standing::StoreOlder { store_seq: 3, ledger_seq: 10 });
}

/// Lines with good MACs whose records can not follow: written with `compose`, past the writer's own refusal.
#[test]
fn impossible_sequences_are_found() {
    let sample = sample();
    let mut bytes = sample.bytes.clone();
    let (mut seq, mut previous) = (sample.head.seq, sample.head.mac);
    let mut wrong = vec![
        (completion("r1", 1, "customer", &[1], &[]), Violation::DuplicateCompletion { run: "r1".into(), batch: 1 }),
        (completion("r1", 7, "customer", &[1], &[]), Violation::CompletionWithoutIntent { run: "r1".into(), batch: 7 }),
        (completion("r1", 2, "customer", &[4], &[]), Violation::CompletionWithoutIntent { run: "r1".into(), batch: 2 }),
        (abandoned("r1", 1), Violation::AbandonedWithoutIntent { run: "r1".into(), batch: 1 }),
        (intent("r1", 8, "customer", &[1]), Violation::RunEnded { run: "r1".into() }),
        (intent("r8", 1, "customer", &[1]), Violation::RunNotStarted { run: "r8".into() }),
        (completed("r2", &[]), Violation::RunEnded { run: "r2".into() }),
        (started("r1", 3), Violation::RunStartedAgain { run: "r1".into() }),
        (Record::Opened(opening()), Violation::Opened),
        (completion("r2", 1, "lead", &[5, 6], &[]), Violation::CompletionBeyondIntent { run: "r2".into(), batch: 1 }),
    ];
    let mut ledger = open(sample.path.parent().unwrap()).unwrap();
    for (record, violation) in &wrong {
        match ledger.append(record, night(3)) {
            Err(LedgerError::OutOfSequence(found)) => assert_eq!(found, *violation),
            other => panic!("{violation}: {other:?}"),
        }
    }
    ledger.append(&started("r3", 3), night(3)).unwrap();
    ledger.append(&intent("r3", 1, "lead", &[9]), night(3)).unwrap();
    let again = Violation::DuplicateIntent { run: "r3".into(), batch: 1 };
    let refused = ledger.append(&intent("r3", 1, "lead", &[9]), night(3)).unwrap_err();
    assert!(matches!(refused, LedgerError::OutOfSequence(found) if found == again));
    let other_category = completion("r3", 1, "customer", &[9], &[]);
    assert!(matches!(ledger.append(&other_category, night(3)), Err(LedgerError::OutOfSequence(_))));
    drop(ledger);

    wrong.insert(0, (started("r4", 3), Violation::Opened));
    for (record, _) in &wrong {
        seq += 1;
        let composed = entry::compose(seq, night(3), previous, record, &KEY).unwrap();
        previous = composed.mac;
        bytes.extend_from_slice(&composed.line);
    }
    let report = check_bytes(&sample.path, &bytes, None).unwrap();
    let expected: Vec<Finding> = (wrong.into_iter().zip(11..).skip(1))
        .map(|((_, violation), entry)| Finding { entry, line: entry + 1, problem: Problem::Sequence(violation) })
        .collect();
    assert_eq!(report.findings, expected);
    assert!(matches!(
        open(sample.path.parent().unwrap()).unwrap_err(),
        LedgerError::Broken { entry: 12, line: 13, problem: Problem::Sequence(Violation::DuplicateCompletion { .. }), .. }
    ));
}

#[test]
fn an_authentic_but_unknown_record_is_named() {
    let sample = sample();
    let text = br#"{"kind":"key_melted","run":"r1"}"#;
    let previous = sample.head.mac.to_string();
    let time = "2026-11-22T01:00:00Z";
    let mac = Hex(KEY.mac(&[LABEL, b"11", time.as_bytes(), previous.as_bytes(), text]));
    let line = format!(
        "{{\"seq\":11,\"time\":\"{time}\",\"previous\":\"{previous}\",\"record\":{},\"mac\":\"{mac}\"}}\n",
        std::str::from_utf8(text).unwrap()
    );
    let bytes = [&sample.bytes[..], line.as_bytes()].concat();
    let report = check_bytes(&sample.path, &bytes, None).unwrap();
    assert_eq!(report.findings, [Finding { entry: 11, line: 12, problem: Problem::UnknownRecord }]);
}

#[test]
fn what_is_not_a_ledger_gets_one_sentence_and_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    let look = || check(&path, &KEY, None, "keyring-1").unwrap_err();
    let mut seen = vec![look()];
    assert!(matches!(seen[0], LedgerError::Missing { .. }));

    fs::write(&path, b"").unwrap();
    seen.push(look());
    assert!(matches!(seen[1], LedgerError::Empty { .. }));
    assert!(matches!(open(folder.path()), Err(LedgerError::Empty { .. })), "an emptied ledger is not begun again");

    let garbage: Vec<u8> = (0..200_000_u64).map(|index| (index.wrapping_mul(index * 31 + 7) >> 3) as u8).collect();
    fs::write(&path, &garbage).unwrap();
    seen.push(look());
    assert!(matches!(seen[2], LedgerError::NotALedger { .. }));
    assert!(matches!(open(folder.path()), Err(LedgerError::NotALedger { .. })));
    assert_eq!(fs::read(&path).unwrap(), garbage);

    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    seen.push(look());
    assert!(matches!(seen[3], LedgerError::NotAFile { .. }));
    assert!(matches!(open(folder.path()), Err(LedgerError::NotAFile { .. })));
    fs::remove_dir(&path).unwrap();

    // The name is a loop of links: unreadable for every user, also for root, whom permissions do not stop.
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&path, &path).unwrap();
        seen.push(look());
        assert!(matches!(seen[4], LedgerError::Unreadable { .. }));
        assert!(matches!(open(folder.path()), Err(LedgerError::Unreadable { .. })));
        fs::remove_file(&path).unwrap();
    }

    fs::write(&path, b"a file in place of the folder").unwrap();
    let created = open(&path).unwrap_err();
    assert!(matches!(created, LedgerError::Unreadable { .. }), "{created}");
    seen.push(created);

    for error in seen {
        let sentence = error.to_string();
        assert!(!sentence.ends_with('.') && !sentence.contains('\n') && sentence.contains('`'), "{sentence}");
        assert!(!error.hint().is_empty());
    }
}

#[test]
fn garbage_with_many_lines_is_counted_not_collected() {
    let sample = sample();
    let mut bytes = sample.bytes.clone();
    bytes.extend_from_slice("x\n".repeat(5000).as_bytes());
    let report = check_bytes(&sample.path, &bytes, None).unwrap();
    assert_eq!((report.findings.len(), report.further_findings), (1000, 4000));
    assert_eq!(report.findings[0], Finding { entry: 11, line: 12, problem: Problem::NotAnEntry });
}

#[test]
fn a_new_ledger_is_private() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("deep").join("ledger");
    let ledger = open(&folder).unwrap();
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing prepared is left");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(ledger.path()), mode(&folder)), (0o600, 0o700));
    }
    // A prepared file that a crash left behind is no obstacle.
    drop(ledger);
    fs::rename(folder.join(FILE_NAME), folder.join("ledger.jsonl.new")).unwrap();
    assert_eq!(open(&folder).unwrap().head().seq, 0);
    assert_eq!(check(&folder.join(FILE_NAME), &KEY, None, "keyring-1").unwrap().findings, []);
}
