//! What the tests of the ledger share: a key, a small ledger, and the chain written out by hand as a witness.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac as _};
use jiff::Timestamp;
use sha2::Sha256;

use super::*;

/// HMAC-SHA-256 over the parts, each behind its length in eight little-endian bytes.
pub struct TestKey(pub &'static [u8]);

impl Mac for TestKey {
    fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0).unwrap();
        for part in parts {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

pub const KEY: TestKey = TestKey(b"the ledger's own test key");
pub const OTHER_KEY: TestKey = TestKey(b"another test key");

pub fn key() -> Arc<TestKey> {
    Arc::new(KEY)
}

pub fn opening() -> Opening {
    Opening { ledger: Hex([0x1e; 8]), keyring: "keyring-1".into(), store: "store-1".into(), gallra_version: "0.1.0".into() }
}

/// The first night is 2026-11-01, 01:00 UTC.
pub fn night(number: u32) -> Timestamp {
    "2026-11-01T01:00:00Z".parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_hours(24 * i64::from(number))
}

pub fn open(folder: &Path) -> Result<Ledger, LedgerError> {
    Ledger::open_or_create(folder, key(), opening(), night(0))
}

pub fn token(number: u8) -> Token {
    Hex([number; 16])
}

pub fn tokens(numbers: &[u8]) -> Vec<Token> {
    numbers.iter().copied().map(token).collect()
}

pub fn started(run: &str, number: u32) -> Record {
    Record::RunStarted(RunStarted {
        run: run.into(),
        as_of: night(number).to_zoned(jiff::tz::TimeZone::UTC).date(),
        tenants: vec!["north".into(), "south".into()],
        pipeline_sha256: Hex([1; 32]),
        lock_sha256: Hex([2; 32]),
        schema_sha256: Hex([3; 32]),
        code_version: "0.1.0".into(),
        snapshot: "00000003-0000001B-1".into(),
        time_zones: vec!["Europe/Stockholm".into()],
        key_epoch: 1,
        key_fingerprint: None,
        saved_plan: None,
    })
}

pub fn intent(run: &str, batch: u64, category: &str, numbers: &[u8]) -> Record {
    Record::Intent(Intent {
        run: run.into(),
        batch,
        tenant: "north".into(),
        category: category.into(),
        actions: BTreeMap::from([(Code::literal("delete"), numbers.len() as u64)]),
        tokens: tokens(numbers),
    })
}

pub fn completion(run: &str, batch: u64, category: &str, deleted: &[u8], skipped: &[u8]) -> Record {
    let skip = |token| Skipped { token, reason: Code::literal("changed") };
    Record::Completion(Completion {
        run: run.into(),
        batch,
        tenant: "north".into(),
        category: category.into(),
        deleted: tokens(deleted),
        anonymised: Vec::new(),
        partly: Vec::new(),
        skipped: tokens(skipped).into_iter().map(skip).collect(),
        rows_written: 0,
        rows_deleted: deleted.len() as u64,
    })
}

pub fn abandoned(run: &str, batch: u64) -> Record {
    Record::Abandoned(Abandoned { run: run.into(), batch, reason: Code::literal("rolled_back") })
}

pub fn completed(run: &str, categories: &[&str]) -> Record {
    let count = |category: &&str| OutcomeCount {
        tenant: "north".into(),
        category: (*category).into(),
        outcome: Code::literal("keep"),
        reason: Code::literal("not_due"),
        subjects: 10,
    };
    Record::RunCompleted(RunCompleted {
        run: run.into(),
        outcomes: categories.iter().map(count).collect(),
        sets: vec![PublishedSet {
            name: "sales".into(),
            tenant: Some("north".into()),
            version: "v1".into(),
            manifest_sha256: Hex([4; 32]),
            label: ReleaseLabel::Pseudonymised,
            place_sha256: Some(Hex([5; 32])),
            way_sha256: Some(Hex([6; 32])),
        }],
        outdated: vec![OutdatedSet { name: "sales".into(), tenant: Some("north".into()), latest: false }],
        verification: vec![VerificationCount { check: Code::literal("money_totals"), passed: 2, failed: 0 }],
        exit_code: 0,
    })
}

pub fn failed(run: &str) -> Record {
    Record::RunFailed(RunFailed { run: run.into(), stage: Code::literal("write_back"), class: Code::literal("store_unreachable") })
}

/// A ledger with one record of every kind, one open intent, and its folder, which goes when it is dropped.
pub struct Sample {
    _folder: tempfile::TempDir,
    pub path: PathBuf,
    pub bytes: Vec<u8>,
    pub head: Head,
}

pub fn sample() -> Sample {
    write(&[
        started("r1", 0),
        intent("r1", 1, "customer", &[1, 2, 3]),
        completion("r1", 1, "customer", &[1, 2], &[3]),
        intent("r1", 2, "customer", &[4]),
        abandoned("r1", 2),
        completed("r1", &["customer"]),
        started("r2", 1),
        Record::Restored(Restored { run: "r2".into(), store_seq: 2, ledger_seq: 7 }),
        intent("r2", 1, "lead", &[5]),
        failed("r2"),
    ])
}

/// A ledger of four entries, for what is tried at every byte.
pub fn small_sample() -> Sample {
    write(&[started("r1", 0), intent("r1", 1, "customer", &[1, 2, 3]), completion("r1", 1, "customer", &[1, 2], &[3])])
}

fn write(records: &[Record]) -> Sample {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path()).unwrap();
    for record in records {
        ledger.append(record, night(1)).unwrap();
    }
    let (path, head) = (ledger.path().to_path_buf(), ledger.head());
    drop(ledger);
    let bytes = std::fs::read(&path).unwrap();
    Sample { _folder: folder, path, bytes, head }
}

/// The witness: walks the chain with nothing of this module, only string searches and the `hmac` crate. Returns the
/// MACs, or the number of the first line that fails.
pub fn verify_by_hand(bytes: &[u8], secret: &[u8]) -> Result<Vec<String>, usize> {
    let text = std::str::from_utf8(bytes).map_err(|_| usize::MAX)?;
    let mut previous = "0".repeat(64);
    let mut macs = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let between = |from: &str, to: &str| {
            let start = line.find(from)? + from.len();
            let length = line[start..].find(to)?;
            Some(&line[start..start + length])
        };
        let verified = || {
            let seq = between("\"seq\":", ",")?;
            let time = between("\"time\":\"", "\"")?;
            let before = between("\"previous\":\"", "\"")?;
            let record_start = line.find("\"record\":")? + "\"record\":".len();
            let record_end = line.rfind(",\"mac\":\"")?;
            let stated = &line[record_end + ",\"mac\":\"".len()..line.len() - 2];
            let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
            for part in ["gallra.ledger.entry.1", seq, time, before, &line[record_start..record_end]] {
                mac.update(&u64::try_from(part.len()).unwrap().to_le_bytes());
                mac.update(part.as_bytes());
            }
            let computed: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
            let holds = seq == number.to_string() && before == previous && stated == computed;
            holds.then_some(computed)
        };
        previous = verified().ok_or(number)?;
        macs.push(previous.clone());
    }
    Ok(macs)
}
