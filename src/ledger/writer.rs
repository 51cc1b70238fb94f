//! The ledger, opened for appending.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::chain::Chain;
use super::check::Problem;
use super::entry::{self, Entry, LONGEST_LINE, NOTHING_BEFORE};
use super::file::{self, FILE_NAME, LockedFile, Storage};
use super::history::History;
use super::lines::{Line, Lines};
use super::publication::Publications;
use super::record::{Opening, Record};
use super::sequence::{LastRun, OpenIntent, Sequence};
use super::{Digest, Head, HoldId, KnownEpochs, KnownHold, KnownShredding, LedgerError, Mac, Standing, Token};

/// The beginning of an entry that a crash left at the end of the file. It was never acknowledged, and was removed when
/// the ledger was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TornTail {
    /// The number that the entry would have had.
    pub entry: u64,
    /// The line that it stood in, from 1.
    pub line: u64,
    /// How many bytes were removed.
    pub bytes: u64,
}

/// A ledger that was verified from its first entry to its last, and is locked against other writers until it is dropped.
pub struct Ledger {
    path: PathBuf,
    key: Arc<dyn Mac + Send + Sync>,
    storage: Box<dyn Storage>,
    length: u64,
    closed: bool,
    opening: Opening,
    /// The MAC of every entry: 32 bytes each, to find the entry that a store last knew of.
    macs: Vec<Digest>,
    sequence: Sequence,
    history: History,
    shreddings: Vec<KnownShredding>,
    epochs: KnownEpochs,
    publications: Publications,
    torn_tail: Option<TornTail>,
}

impl Ledger {
    /// Opens the ledger in `folder`, or creates folder and ledger.
    ///
    /// An existing ledger is read and verified whole. `opening` must name its keyring and its store; the ledger id and
    /// version in it are for a new ledger only. The beginning of an entry at the end of the file, left by a crash, is
    /// removed and reported by [`Ledger::torn_tail`]; an entry that is whole but for its line feed is kept.
    ///
    /// # Errors
    ///
    /// Whatever [`LedgerError`] has to say about the file; [`LedgerError::InUse`] if somebody else has it open, and
    /// [`LedgerError::Broken`] at the first entry that is not intact. Nothing is changed then.
    pub fn open_or_create(folder: &Path, key: Arc<dyn Mac + Send + Sync>, opening: Opening, now: Timestamp) -> Result<Self, LedgerError> {
        let path = folder.join(FILE_NAME);
        match file::open_locked(&path) {
            Ok(file) => return Self::read(path, file, key, &opening),
            Err(LedgerError::Missing { .. }) => {}
            Err(error) => return Err(error),
        }
        let record = Record::Opened(opening.clone());
        let composed = entry::compose(0, now, NOTHING_BEFORE, &record, &*key).map_err(LedgerError::NotJson)?;
        let Some(file) = file::create_locked(folder, &composed.line)? else {
            let file = file::open_locked(&path)?;
            return Self::read(path, file, key, &opening);
        };
        let mut ledger = Self::empty(path, file, key, opening);
        ledger.length = composed.line.len() as u64;
        ledger.note(now, &record, composed.mac);
        Ok(ledger)
    }

    fn empty(path: PathBuf, file: LockedFile, key: Arc<dyn Mac + Send + Sync>, opening: Opening) -> Self {
        Self {
            path,
            key,
            storage: Box::new(file),
            length: 0,
            closed: false,
            opening,
            macs: Vec::new(),
            sequence: Sequence::default(),
            history: History::default(),
            shreddings: Vec::new(),
            epochs: KnownEpochs::default(),
            publications: Publications::default(),
            torn_tail: None,
        }
    }

    fn read(path: PathBuf, file: LockedFile, key: Arc<dyn Mac + Send + Sync>, expected: &Opening) -> Result<Self, LedgerError> {
        let unreadable = |source| LedgerError::Unreadable { path: path.clone(), source };
        let reader = file.reader().try_clone().map_err(unreadable)?;
        let mut lines = Lines::new(BufReader::with_capacity(1 << 18, reader));
        let mut ledger = Self::empty(path.clone(), file, key, expected.clone());
        let mut chain = Chain::new();
        let mut line_feed_missing = false;
        loop {
            let number = chain.next_number();
            let Some(line) = lines.next().map_err(unreadable)? else {
                break;
            };
            let (bytes, ended) = match line {
                Line::Ended(bytes) => (Some(bytes), true),
                Line::Tail(bytes) => (Some(bytes), false),
                Line::Oversized => (None, true),
            };
            let torn = !ended && bytes.is_some_and(is_torn);
            let parsed = bytes.and_then(Entry::parse);
            let Some(entry) = parsed else {
                if ledger.macs.is_empty() {
                    // Without a first entry there is no ledger to repair.
                    return Err(LedgerError::NotALedger { path });
                }
                if torn {
                    let bytes = lines.end - lines.start;
                    ledger.torn_tail = Some(TornTail { entry: number, line: lines.number, bytes });
                    break;
                }
                return Err(ledger.broken(number, lines.number, Problem::NotAnEntry));
            };
            let judgement = chain.step(&entry, &*ledger.key);
            let (seq, time, mac, record) = (entry.seq, entry.time, entry.mac, entry.record());
            if ledger.macs.is_empty() {
                ledger.adopt(record.as_ref(), judgement.problem.as_ref())?;
            }
            if let Some(problem) = judgement.problem {
                return Err(ledger.broken(judgement.number, lines.number, problem));
            }
            let Some(record) = record else {
                return Err(ledger.broken(seq, lines.number, Problem::UnknownRecord));
            };
            if let Err(violation) = ledger.sequence.judge(&record) {
                return Err(ledger.broken(seq, lines.number, Problem::Sequence(violation)));
            }
            ledger.note(time, &record, mac);
            ledger.length = lines.end;
            line_feed_missing = !ended;
        }
        if ledger.macs.is_empty() {
            return Err(LedgerError::Empty { path });
        }
        let not_repaired = |source| LedgerError::NotPutBack { path, source };
        if ledger.torn_tail.is_some() {
            ledger.storage.cut(ledger.length).map_err(not_repaired)?;
        } else if line_feed_missing {
            ledger.storage.append(b"\n").map_err(not_repaired)?;
            ledger.length += 1;
        }
        Ok(ledger)
    }

    /// Takes over what entry 0 says, if it is this keyring's and this store's.
    fn adopt(&mut self, record: Option<&Record>, problem: Option<&Problem>) -> Result<(), LedgerError> {
        let path = self.path.clone();
        if let Some(Record::Opened(found)) = record {
            let expected = std::mem::replace(&mut self.opening, found.clone());
            if found.keyring != expected.keyring {
                let (found, expected) = (found.keyring.clone(), expected.keyring);
                return Err(LedgerError::ForeignKeyring { path, found, expected });
            }
            if problem.is_none() && found.store != expected.store {
                let (found, expected) = (found.store.clone(), expected.store);
                return Err(LedgerError::ForeignStore { path, found, expected });
            }
        }
        if problem == Some(&Problem::Tampered) { Err(LedgerError::ForeignKey { path }) } else { Ok(()) }
    }

    fn broken(&self, entry: u64, line: u64, problem: Problem) -> LedgerError {
        LedgerError::Broken { path: self.path.clone(), entry, line, problem }
    }

    fn note(&mut self, time: Timestamp, record: &Record, mac: Digest) {
        let seq = self.macs.len() as u64;
        self.macs.push(mac);
        if let Record::EpochShredded(said) = record {
            self.shreddings.push(KnownShredding { seq, entered: time, mac, said: said.clone() });
        }
        self.epochs.note(time, record);
        self.publications.apply(seq, time, record);
        let settled = self.sequence.apply(seq, time, record);
        self.history.apply(seq, record, settled.as_ref(), &self.sequence);
    }

    /// Appends one record, durably: when this returns, the entry survives a crash.
    ///
    /// # Errors
    ///
    /// [`LedgerError::OutOfSequence`] for a record that can not follow (such as a completion without an intent), and
    /// [`LedgerError::NotAppended`] if the disk refuses (it is full, say). The ledger is then what it was before, and
    /// may be appended to again. [`LedgerError::NotPutBack`] if even the beginning of the entry could not be removed;
    /// then only opening again helps.
    pub fn append(&mut self, record: &Record, now: Timestamp) -> Result<Head, LedgerError> {
        if self.closed {
            return Err(LedgerError::Closed { path: self.path.clone() });
        }
        self.sequence.judge(record)?;
        let head = self.head();
        let composed = entry::compose(head.seq + 1, now, head.mac, record, &*self.key).map_err(LedgerError::NotJson)?;
        if composed.line.len() > LONGEST_LINE {
            return Err(LedgerError::TooLong { bytes: composed.line.len(), limit: LONGEST_LINE });
        }
        // The lock binds only those who ask for it; the length shows the others.
        let found = self.storage.length().map_err(|source| LedgerError::NotAppended { path: self.path.clone(), source })?;
        if found != self.length {
            return Err(LedgerError::ChangedMeanwhile { path: self.path.clone(), expected: self.length, found });
        }
        if let Err(source) = self.storage.append(&composed.line) {
            let path = self.path.clone();
            if self.storage.cut(self.length).is_err() {
                self.closed = true;
                return Err(LedgerError::NotPutBack { path, source });
            }
            return Err(LedgerError::NotAppended { path, source });
        }
        self.length += composed.line.len() as u64;
        self.note(now, record, composed.mac);
        Ok(self.head())
    }

    /// The last entry, for the store to keep.
    #[must_use]
    pub fn head(&self) -> Head {
        let seq = self.macs.len().saturating_sub(1);
        let mac = self.macs.last().copied().unwrap_or(NOTHING_BEFORE);
        Head { ledger: self.opening.ledger.to_string(), seq: seq as u64, mac }
    }

    /// How a head that the store keeps stands to this ledger.
    #[must_use]
    pub fn standing(&self, kept: &Head) -> Standing {
        let at_kept = usize::try_from(kept.seq).ok().and_then(|seq| self.macs.get(seq)).copied();
        kept.standing(&self.head(), at_kept)
    }

    /// Where the ledger lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What entry 0 says.
    #[must_use]
    pub fn opening(&self) -> &Opening {
        &self.opening
    }

    /// What a crash had left at the end of the file, if it had.
    #[must_use]
    pub fn torn_tail(&self) -> Option<TornTail> {
        self.torn_tail
    }

    /// The intents that are neither completed nor abandoned, oldest first.
    pub fn open_intents(&self) -> impl Iterator<Item = &OpenIntent> {
        self.sequence.open_intents()
    }

    /// The tokens whose erasure (deleted or anonymised, not partly) was completed. Empty for an unknown tenant or
    /// category.
    #[must_use]
    pub fn completed_tokens(&self, tenant: &str, category: &str) -> HashSet<Token> {
        self.history.completed_tokens(tenant, category, 0, &|_, _| false)
    }

    /// The tokens of which a part was erased by a run that executed this saved plan, and none by another plan's since.
    #[must_use]
    pub fn partly_by(&self, plan: &str, tenant: &str, category: &str) -> HashSet<Token> {
        self.history.partly_by(plan, tenant, category)
    }

    /// Those of [`Ledger::completed_tokens`] whose completion stands after entry `seq`, and whose batch (run and number) the store does not
    /// know to be committed: what a store that last knew of this entry has forgotten that it forgot.
    #[must_use]
    pub fn completed_tokens_after(&self, tenant: &str, category: &str, seq: u64, known: &dyn Fn(&str, u64) -> bool) -> HashSet<Token> {
        self.history.completed_tokens(tenant, category, seq.saturating_add(1), known)
    }

    /// The run that started last, and how it ended.
    #[must_use]
    pub fn last_run(&self) -> Option<&LastRun> {
        self.sequence.last_run()
    }

    /// The legal holds that were entered, released ones as well.
    #[must_use]
    pub fn holds(&self) -> &BTreeMap<HoldId, KnownHold> {
        self.sequence.holds()
    }

    /// The shreddings of keys that were entered, oldest first.
    #[must_use]
    pub fn shreddings(&self) -> &[KnownShredding] {
        &self.shreddings
    }

    /// The epochs of pseudonyms that runs used, and those that were shredded.
    #[must_use]
    pub fn epochs(&self) -> &KnownEpochs {
        &self.epochs
    }

    /// What runs entered as published.
    #[must_use]
    pub fn publications(&self) -> &Publications {
        &self.publications
    }

    /// How many subjects a run usually forgets (deletes or anonymises): the median over the last 30 completed runs that
    /// forgot anybody of this tenant and category, rounded down; `None` if there are fewer than three.
    #[must_use]
    pub fn usual_count(&self, tenant: &str, category: &str) -> Option<u64> {
        self.history.usual_count(tenant, category)
    }

    /// The as-of day of the first of an unbroken series of runs that skipped this subject; `None` if it was not skipped
    /// last.
    ///
    /// A series ends when a completion treats the subject, or when a run completes, counts the subject's tenant and
    /// category among its outcomes, and did not skip the subject. A run that failed, or that abandoned the subject's
    /// batch, decided nothing and ends no series.
    #[must_use]
    pub fn first_skipped(&self, token: &Token) -> Option<Date> {
        self.history.first_skipped(token)
    }

    #[cfg(test)]
    pub(super) fn set_storage(&mut self, wrap: impl FnOnce(Box<dyn Storage>) -> Box<dyn Storage>) {
        struct Nothing;
        impl Storage for Nothing {
            fn append(&mut self, _: &[u8]) -> std::io::Result<()> {
                Ok(())
            }
            fn cut(&mut self, _: u64) -> std::io::Result<()> {
                Ok(())
            }
            fn length(&self) -> std::io::Result<u64> {
                Ok(0)
            }
        }
        let storage = std::mem::replace(&mut self.storage, Box::new(Nothing));
        self.storage = wrap(storage);
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither the key nor the tokens.
        formatter.debug_struct("Ledger").field("path", &self.path).field("head", &self.head()).finish_non_exhaustive()
    }
}

/// Whether the bytes after the last line feed can be the beginning of an entry that a crash cut off. They can not if
/// they are an entry with one byte too many: then the line feed itself was changed.
pub(super) fn is_torn(tail: &[u8]) -> bool {
    Entry::parse(tail).is_none() && tail.split_last().is_none_or(|(_, rest)| Entry::parse(rest).is_none())
}
