//! The check: every entry of a ledger judged, nothing changed, all findings reported.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use super::chain::Chain;
use super::entry::Entry;
use super::head::Standing;
use super::lines::{Line, Lines};
use super::publication::Publications;
use super::record::Record;
use super::sequence::{OpenIntent, Sequence, Violation};
use super::writer::is_torn;
use super::{Digest, Head, HoldId, KnownEpochs, KnownHold, KnownShredding, LedgerError, Mac, file};

/// Findings beyond this many are only counted: a damaged file has millions of lines.
const MOST_FINDINGS: usize = 1000;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something to know; the ledger can be relied on.
    Notice,
    /// The ledger can not be relied on.
    Error,
}

/// What is wrong with an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The line does not have the form of an entry.
    #[error("the line is not a ledger entry")]
    NotAnEntry,
    /// The MAC does not cover what stands in the line.
    #[error("the entry was changed after it was written")]
    Tampered,
    /// Entries between the one before and this one are gone.
    #[error("entries are missing before it, from {expected} on")]
    Missing {
        /// The first entry that is missing.
        expected: u64,
    },
    /// An authentic entry in the wrong place, or there twice.
    #[error("the entry stands where entry {expected} should")]
    Reordered {
        /// The entry that should stand here.
        expected: u64,
    },
    /// An authentic entry of this number, but not a successor of the entry before it.
    #[error("the entry does not follow from the one before it")]
    Unchained,
    /// The entry is authentic, but this version can not read it.
    #[error("the entry is intact but unknown to this version of gallra")]
    UnknownRecord,
    /// The record can not follow what stands before it.
    #[error("{0}")]
    Sequence(Violation),
    /// The file ends in the beginning of an entry, which was never acknowledged.
    #[error("the file ends in {bytes} bytes of an unfinished entry, which the next run will remove")]
    TornTail {
        /// How many bytes.
        bytes: u64,
    },
    /// The last entry is whole but for its line feed.
    #[error("the last entry lacks its line end, which the next run will add")]
    LineEndMissing,
    /// The file ends before the entry that the store knows of.
    #[error("the ledger was truncated: the store knows of entries up to {store_seq}")]
    Truncated {
        /// The entry that the store knows of.
        store_seq: u64,
    },
    /// The ledger has another entry at the store's head.
    #[error("the ledger and the store went different ways: the store knows another entry of this number")]
    Diverged,
    /// The store last knew of an earlier entry.
    #[error("the store is older than its ledger: it knows of entries up to {store_seq}, a restored backup perhaps")]
    StoreOlder {
        /// The entry that the store knows of.
        store_seq: u64,
    },
    /// The store's head is of another ledger.
    #[error("this is ledger `{found}`, but the store belongs to ledger `{expected}`")]
    ForeignLedger {
        /// The id that the file gives.
        found: String,
        /// The id that the store keeps.
        expected: String,
    },
    /// The ledger names another keyring.
    #[error("the ledger belongs to keyring `{found}`, not to `{expected}`; its entries can not be verified")]
    ForeignKeyring {
        /// The keyring that the file gives.
        found: String,
        /// The keyring at hand.
        expected: String,
    },
    /// No entry verifies, from the first on.
    #[error("the ledger was written under another key; its entries can not be verified")]
    ForeignKey,
}

impl Problem {
    /// How much it matters.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::TornTail { .. } | Self::LineEndMissing | Self::StoreOlder { .. } => Severity::Notice,
            _ => Severity::Error,
        }
    }
}

/// One finding of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The number of the entry, from 0; by its place where the entry does not say it reliably.
    pub entry: u64,
    /// The line in the file, from 1; one past the last if something is missing there.
    pub line: u64,
    /// What is wrong.
    pub problem: Problem,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (entry, line) = (self.entry, self.line);
        match self.problem {
            Problem::Missing { expected } if entry == expected + 1 => {
                write!(formatter, "line {line}: entry {expected} is missing; entry {entry} stands in its place")
            }
            Problem::Missing { expected } if entry > expected => {
                write!(formatter, "line {line}: entries {expected} to {} are missing; entry {entry} stands in their place", entry - 1)
            }
            _ => write!(formatter, "entry {entry}, line {line}: {}", self.problem),
        }
    }
}

/// The result of a check.
#[derive(Debug)]
pub struct Report {
    /// How many lines are entries, intact or not.
    pub entries: u64,
    /// How many runs started.
    pub runs: u64,
    /// How many batches were completed: a store that was written knows of this ledger.
    pub completed_batches: u64,
    /// What was found, in the order of the file; at most a thousand.
    pub findings: Vec<Finding>,
    /// How many more there were.
    pub further_findings: u64,
    /// The intents that are neither completed nor abandoned, oldest first.
    pub open_intents: Vec<OpenIntent>,
    /// The legal holds that were entered, released ones as well.
    pub holds: BTreeMap<HoldId, KnownHold>,
    /// The intact entries about the shredding of keys, in the order of the file.
    pub shreddings: Vec<KnownShredding>,
    /// The epochs of pseudonyms of which intact entries tell: those that runs used, and those that were shredded.
    pub epochs: KnownEpochs,
    /// What the intact entries say was published.
    pub publications: Publications,
    /// The last entry, as far as the file tells; `None` if entry 0 could not be read.
    pub head: Option<Head>,
}

impl Report {
    /// Whether the ledger can be relied on: nothing worse than a notice was found.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.findings.iter().all(|finding| finding.problem.severity() == Severity::Notice)
    }
}

/// Checks the ledger at `path` (the file, not its folder) in one pass, without changing or locking it.
///
/// `expected` is the head that the store keeps. Without it neither a truncated ledger nor another ledger of the same
/// keyring can be told from the right one.
///
/// # Errors
///
/// [`LedgerError`] only if there is nothing to judge: no file, an empty one, one that can not be read, or one without a
/// single entry.
pub fn check(path: &Path, key: &dyn Mac, expected: Option<&Head>, expected_keyring: &str) -> Result<Report, LedgerError> {
    file::inspect(path)?;
    let unreadable = |source| LedgerError::Unreadable { path: path.into(), source };
    let file = File::open(path).map_err(unreadable)?;
    let mut lines = Lines::new(BufReader::with_capacity(1 << 18, file));
    let mut checker = Checker::new(key, expected, expected_keyring);
    while checker.read_line(&mut lines).map_err(unreadable)? {}
    if checker.entries == 0 {
        return Err(LedgerError::NotALedger { path: path.into() });
    }
    Ok(checker.finish(lines.number))
}

struct Checker<'check> {
    key: &'check dyn Mac,
    expected: Option<&'check Head>,
    expected_keyring: &'check str,
    chain: Chain,
    sequence: Sequence,
    entries: u64,
    findings: Vec<Finding>,
    further_findings: u64,
    shreddings: Vec<KnownShredding>,
    epochs: KnownEpochs,
    publications: Publications,
    /// Whose ledger it is, from entry 0.
    ledger: Option<String>,
    /// Number and MAC of the last entry.
    last: Option<(u64, Digest)>,
    /// The number of the last entry that is about the store: holds are entered beside the runs, and the store hears of them at the next one.
    last_of_store: u64,
    /// The MAC at the number of the store's head.
    at_expected: Option<Digest>,
    /// An entry was missing, changed or unreadable, so that what later records refer to may be lost.
    damaged: bool,
    /// Entry 0 failed its MAC: changed, or under another key? The next entry tells.
    first_failed: bool,
    /// Nothing can be verified.
    foreign: bool,
}

impl<'check> Checker<'check> {
    fn new(key: &'check dyn Mac, expected: Option<&'check Head>, expected_keyring: &'check str) -> Self {
        Self {
            key,
            expected,
            expected_keyring,
            chain: Chain::new(),
            sequence: Sequence::default(),
            entries: 0,
            findings: Vec::new(),
            further_findings: 0,
            shreddings: Vec::new(),
            epochs: KnownEpochs::default(),
            publications: Publications::default(),
            ledger: None,
            last: None,
            last_of_store: 0,
            at_expected: None,
            damaged: false,
            first_failed: false,
            foreign: false,
        }
    }

    fn find(&mut self, entry: u64, line: u64, problem: Problem) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(Finding { entry, line, problem });
        } else {
            self.further_findings += 1;
        }
    }

    /// Judges the next line; `false` at the end.
    fn read_line<R: BufRead>(&mut self, lines: &mut Lines<R>) -> std::io::Result<bool> {
        let (bytes, ended) = match lines.next()? {
            None => return Ok(false),
            Some(Line::Ended(bytes)) => (Some(bytes), true),
            Some(Line::Tail(bytes)) => (Some(bytes), false),
            Some(Line::Oversized) => (None, true),
        };
        let Some(entry) = bytes.and_then(Entry::parse) else {
            let torn = !ended && bytes.is_some_and(is_torn);
            let length = bytes.map_or(0, <[u8]>::len) as u64;
            let problem = if torn { Problem::TornTail { bytes: length } } else { Problem::NotAnEntry };
            let number = self.chain.unreadable();
            self.damaged = true;
            self.find(number, lines.number, problem);
            return Ok(true);
        };
        let judgement = self.chain.step(&entry, self.key);
        let (time, mac, record) = (entry.time, entry.mac, entry.record());
        self.entries += 1;
        if let (None, Some(record)) = (&judgement.problem, &record) {
            self.epochs.note(time, record);
            if let Record::EpochShredded(said) = record {
                self.shreddings.push(KnownShredding { seq: judgement.number, entered: time, mac, said: said.clone() });
            }
        }
        if let (None, Some(record)) = (&judgement.problem, &record) {
            self.publications.apply(judgement.number, time, record);
        }
        self.judge(judgement.number, lines.number, judgement.problem, record.as_ref());
        // An entry that is out of place says nothing about the end of the file.
        if self.last.is_none_or(|(last, _)| last < judgement.number) {
            self.last = Some((judgement.number, mac));
            if self.expected.is_some_and(|head| head.seq == judgement.number) {
                self.at_expected = Some(mac);
            }
        }
        if let Some(record) = record {
            if record.concerns_the_store() {
                self.last_of_store = self.last_of_store.max(judgement.number);
            }
            self.sequence.apply(judgement.number, time, &record);
        }
        if !ended {
            self.find(judgement.number, lines.number, Problem::LineEndMissing);
        }
        Ok(true)
    }

    fn judge(&mut self, number: u64, line: u64, problem: Option<Problem>, record: Option<&Record>) {
        if self.ledger.is_none()
            && let Some(Record::Opened(opening)) = record
        {
            self.ledger = Some(opening.ledger.to_string());
            if opening.keyring != self.expected_keyring && number == 0 {
                self.foreign = true;
                let (found, expected) = (opening.keyring.clone(), self.expected_keyring.to_owned());
                self.find(0, line, Problem::ForeignKeyring { found, expected });
            }
        }
        if self.foreign {
            return;
        }
        let failed = problem == Some(Problem::Tampered);
        self.damaged |= problem.is_some();
        if self.entries == 1 && line == 1 && failed {
            self.first_failed = true;
            return;
        }
        if std::mem::take(&mut self.first_failed) {
            if failed {
                self.foreign = true;
                self.find(0, 1, Problem::ForeignKey);
                return;
            }
            self.find(0, 1, Problem::Tampered);
        }
        match (problem, record) {
            // A record that is out of place or changed is judged no further: one damage is one finding.
            (Some(problem), _) => self.find(number, line, problem),
            (None, None) => {
                self.find(number, line, Problem::UnknownRecord);
                self.damaged = true;
            }
            (None, Some(record)) => {
                if let Err(violation) = self.sequence.judge(record)
                    && !(self.damaged && violation.can_follow_from_a_loss())
                {
                    self.find(number, line, Problem::Sequence(violation));
                }
            }
        }
    }

    fn finish(mut self, lines: u64) -> Report {
        if self.first_failed {
            self.find(0, 1, Problem::Tampered);
        }
        let head = match (&self.ledger, self.last) {
            (Some(ledger), Some((seq, mac))) => Some(Head { ledger: ledger.clone(), seq, mac }),
            _ => None,
        };
        if let Some(expected) = self.expected {
            self.compare(expected, head.as_ref(), lines);
        }
        let (runs, completed_batches) = (self.sequence.runs(), self.sequence.completed_batches());
        let (open_intents, holds) = self.sequence.into_parts();
        Report {
            entries: self.entries,
            runs,
            completed_batches,
            findings: self.findings,
            further_findings: self.further_findings,
            open_intents,
            holds,
            shreddings: self.shreddings,
            epochs: self.epochs,
            publications: self.publications,
            head,
        }
    }

    fn compare(&mut self, expected: &Head, head: Option<&Head>, lines: u64) {
        let Some(last) = head else { return };
        match expected.standing(last, self.at_expected) {
            Standing::Same => {}
            Standing::StoreOlder { store_seq, .. } if self.last_of_store <= store_seq => {}
            Standing::Foreign => {
                let (found, expected) = (last.ledger.clone(), expected.ledger.clone());
                self.find(0, 1, Problem::ForeignLedger { found, expected });
            }
            Standing::StoreOlder { store_seq, .. } => self.find(store_seq, store_seq + 1, Problem::StoreOlder { store_seq }),
            Standing::Diverged { seq } => self.find(seq, seq + 1, Problem::Diverged),
            Standing::Truncated { store_seq, ledger_seq } if store_seq > ledger_seq => {
                self.find(ledger_seq + 1, lines + 1, Problem::Truncated { store_seq });
            }
            // The entry at the head is missing in the middle, which was found there.
            Standing::Truncated { .. } => {}
        }
    }
}
