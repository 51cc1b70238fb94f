//! Writers that meet, a disk that is full, a process that is killed.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Barrier;

use super::file::Storage;
use super::testing::*;
use super::*;

#[test]
fn only_one_writes() {
    let folder = tempfile::tempdir().unwrap();
    let barrier = Barrier::new(8);
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let create = || {
            barrier.wait();
            let opened = open(folder.path());
            // Nobody lets go before everybody has tried.
            barrier.wait();
            opened.map(|ledger| ledger.head())
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(create)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for outcome in outcomes {
        assert!(matches!(outcome, Ok(_) | Err(LedgerError::InUse { .. })), "{outcome:?}");
    }
    let path = folder.path().join(FILE_NAME);
    assert_eq!(check(&path, &KEY, None, "keyring-1").unwrap().findings, []);

    // Someone who does not ask for the lock is noticed before anything is written behind him.
    let mut ledger = open(folder.path()).unwrap();
    fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{}\n").unwrap();
    let refused = ledger.append(&started("r1", 0), night(0)).unwrap_err();
    assert!(matches!(refused, LedgerError::ChangedMeanwhile { .. }));
    assert!(fs::read(&path).unwrap().ends_with(b"}\n{}\n"));
}

/// A disk that takes a few bytes of the next append and is full then; it may also refuse to cut.
struct FullDisk {
    inner: Box<dyn Storage>,
    room: usize,
    cuts: bool,
}

impl Storage for FullDisk {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() <= self.room {
            self.room -= bytes.len();
            return self.inner.append(bytes);
        }
        self.inner.append(&bytes[..self.room])?;
        Err(io::ErrorKind::StorageFull.into())
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        if !self.cuts {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        self.room = usize::MAX;
        self.inner.cut(length)
    }

    fn length(&self) -> io::Result<u64> {
        self.inner.length()
    }
}

#[test]
fn a_full_disk_leaves_nothing_half_made() {
    for room in [0, 1, 100, 400] {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = open(folder.path()).unwrap();
        let (head, before) = (ledger.head(), fs::read(ledger.path()).unwrap());
        ledger.set_storage(|inner| Box::new(FullDisk { inner, room, cuts: true }));
        let refused = ledger.append(&started("r1", 0), night(0)).unwrap_err();
        assert!(matches!(refused, LedgerError::NotAppended { .. }), "{refused}");
        assert_eq!((ledger.head(), fs::read(ledger.path()).unwrap()), (head, before));
        // Space was freed: the same record fits now.
        ledger.append(&started("r1", 0), night(0)).unwrap();
        assert_eq!(check(ledger.path(), &KEY, Some(&ledger.head()), "keyring-1").unwrap().findings, []);
    }

    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path()).unwrap();
    ledger.set_storage(|inner| Box::new(FullDisk { inner, room: 100, cuts: false }));
    let record = started("r1", 0);
    assert!(matches!(ledger.append(&record, night(0)), Err(LedgerError::NotPutBack { .. })));
    assert!(matches!(ledger.append(&record, night(0)), Err(LedgerError::Closed { .. })));
    drop(ledger);
    let mut ledger = open(folder.path()).unwrap();
    assert_eq!(ledger.torn_tail(), Some(TornTail { entry: 1, line: 2, bytes: 100 }));
    ledger.append(&record, night(0)).unwrap();
}

#[test]
fn a_record_longer_than_a_reader_takes_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path()).unwrap();
    ledger.append(&started("r1", 0), night(0)).unwrap();
    let before = fs::read(ledger.path()).unwrap();
    let many = Record::Intent(Intent {
        run: "r1".into(),
        batch: 1,
        tenant: "north".into(),
        category: "customer".into(),
        actions: std::collections::BTreeMap::new(),
        tokens: vec![token(1); 500_000],
    });
    assert!(matches!(ledger.append(&many, night(0)), Err(LedgerError::TooLong { .. })));
    assert_eq!(fs::read(ledger.path()).unwrap(), before);
}

/// Not a test of its own: the process that the next test kills. It appends for ever and tells each acknowledged entry.
#[test]
#[ignore = "started by `a_killed_writer_keeps_its_word`"]
fn writer_to_be_killed() {
    let Some(folder) = std::env::var_os("GALLRA_TEST_LEDGER_FOLDER") else {
        return;
    };
    let mut ledger = open(Path::new(&folder)).unwrap();
    let run = format!("run-{}", ledger.head().seq);
    ledger.append(&started(&run, 0), night(0)).unwrap();
    for batch in 0.. {
        let head = ledger.append(&intent(&run, batch, "customer", &[1; 200]), night(0)).unwrap();
        println!("acknowledged {} {}", head.seq, head.mac);
    }
}

#[test]
fn a_killed_writer_keeps_its_word() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..5 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", "ledger::crash::writer_to_be_killed"])
            .env("GALLRA_TEST_LEDGER_FOLDER", folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut acknowledged = None;
        let mut line = String::new();
        let mut count = 0;
        while count < 3 + round * 7 && output.read_line(&mut line).unwrap() > 0 {
            if let Some(found) = line.trim_end().split("acknowledged ").nth(1) {
                acknowledged = Some(found.to_owned());
                count += 1;
            }
            line.clear();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        for rest in output.lines().map_while(Result::ok) {
            // The last line may be cut off; a whole one has its 64 digits.
            if let Some(found) = rest.split("acknowledged ").nth(1)
                && found.split(' ').nth(1).is_some_and(|mac| mac.len() == 64)
            {
                acknowledged = Some(found.to_owned());
            }
        }
        let acknowledged = acknowledged.expect("the writer never acknowledged anything");
        let (seq, mac) = acknowledged.split_once(' ').unwrap();
        let ledger = open(folder.path()).unwrap();
        let head = Head { ledger: ledger.head().ledger, seq: seq.parse().unwrap(), mac: mac.parse().unwrap() };
        let standing = ledger.standing(&head);
        assert!(matches!(standing, Standing::Same | Standing::StoreOlder { .. }), "{standing:?}");
        assert!(ledger.head().seq <= head.seq + 1, "at most one entry was under way");
    }
}
