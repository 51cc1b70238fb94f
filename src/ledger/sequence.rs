//! The order in which records may follow each other, and what is still open.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use jiff::civil::Date;

use super::record::{Completion, Intent, Record, RunStarted};
use super::{Code, HoldId, KnownHold, Token};

/// An intent that is neither completed nor abandoned; the store's journal knows what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenIntent {
    /// The number of its entry.
    pub seq: u64,
    /// When it was written.
    pub time: Timestamp,
    /// What was about to happen.
    pub intent: Intent,
}

/// The run that started last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastRun {
    /// What it said when it started.
    pub started: RunStarted,
    /// When it started.
    pub time: Timestamp,
    /// How it ended.
    pub end: RunEnd,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunEnd {
    /// Not at all: it is running, or it was killed.
    Open,
    /// It reached its end.
    Completed {
        /// When.
        time: Timestamp,
        /// With this exit code.
        exit_code: u8,
    },
    /// It stopped.
    Failed {
        /// When.
        time: Timestamp,
        /// How far it came.
        stage: Code,
        /// The class of its error.
        class: Code,
    },
}

/// A record that can not follow what stands before it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// `opened` somewhere else than at entry 0, or another record there.
    #[error("`opened` belongs at entry 0 and nowhere else")]
    Opened,
    /// Two runs with one name.
    #[error("run `{run}` starts a second time")]
    RunStartedAgain {
        /// The run.
        run: String,
    },
    /// A record of a run that never started.
    #[error("run `{run}` was never started")]
    RunNotStarted {
        /// The run.
        run: String,
    },
    /// An intent or an end after the run's end.
    #[error("run `{run}` had already ended")]
    RunEnded {
        /// The run.
        run: String,
    },
    /// An intent whose batch is open or completed.
    #[error("batch {batch} of run `{run}` has an intent already")]
    DuplicateIntent {
        /// The run.
        run: String,
        /// The batch.
        batch: u64,
    },
    /// A completion whose batch is completed.
    #[error("batch {batch} of run `{run}` is completed a second time")]
    DuplicateCompletion {
        /// The run.
        run: String,
        /// The batch.
        batch: u64,
    },
    /// A completion whose batch has no open intent.
    #[error("batch {batch} of run `{run}` is completed without an intent")]
    CompletionWithoutIntent {
        /// The run.
        run: String,
        /// The batch.
        batch: u64,
    },
    /// A completion with another tenant, another category or further tokens than its intent.
    #[error("batch {batch} of run `{run}` completes more than its intent announced")]
    CompletionBeyondIntent {
        /// The run.
        run: String,
        /// The batch.
        batch: u64,
    },
    /// An abandonment whose batch has no open intent.
    #[error("batch {batch} of run `{run}` is abandoned without an open intent")]
    AbandonedWithoutIntent {
        /// The run.
        run: String,
        /// The batch.
        batch: u64,
    },
    /// Two holds with one number.
    #[error("the hold {hold} is added a second time")]
    HoldAddedAgain {
        /// The hold.
        hold: HoldId,
    },
    /// A hold is released that never was added, or was released before.
    #[error("the hold {hold} is released without being in force")]
    HoldNotInForce {
        /// The hold.
        hold: HoldId,
    },
}

impl Violation {
    /// Whether the loss of an earlier entry explains it, so that it tells nothing new about a damaged ledger.
    pub(super) fn can_follow_from_a_loss(&self) -> bool {
        match self {
            Self::Opened
            | Self::RunNotStarted { .. }
            | Self::CompletionWithoutIntent { .. }
            | Self::AbandonedWithoutIntent { .. }
            | Self::HoldNotInForce { .. } => true,
            Self::RunStartedAgain { .. }
            | Self::RunEnded { .. }
            | Self::DuplicateIntent { .. }
            | Self::DuplicateCompletion { .. }
            | Self::CompletionBeyondIntent { .. }
            | Self::HoldAddedAgain { .. } => false,
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Batch {
    Open { seq: u64 },
    Completed,
    Abandoned,
}

#[derive(Debug)]
struct Run {
    as_of: Date,
    ended: bool,
    batches: HashMap<u64, Batch>,
}

/// The state behind the rules. Its size follows the number of runs, batches and holds, not of tokens.
#[derive(Debug, Default)]
pub(super) struct Sequence {
    begun: bool,
    runs: HashMap<String, Run>,
    open: BTreeMap<u64, OpenIntent>,
    last_run: Option<LastRun>,
    holds: BTreeMap<HoldId, KnownHold>,
}

impl Sequence {
    /// Whether `record` may come next.
    pub fn judge(&self, record: &Record) -> Result<(), Violation> {
        if self.begun == matches!(record, Record::Opened(_)) {
            return Err(Violation::Opened);
        }
        match record {
            Record::Opened(_) => Ok(()),
            Record::RunStarted(started) => {
                if self.runs.contains_key(&started.run) {
                    return Err(Violation::RunStartedAgain { run: started.run.clone() });
                }
                Ok(())
            }
            Record::Intent(intent) => {
                let batches = &self.running(&intent.run)?.batches;
                match batches.get(&intent.batch) {
                    None | Some(Batch::Abandoned) => Ok(()),
                    Some(_) => Err(Violation::DuplicateIntent { run: intent.run.clone(), batch: intent.batch }),
                }
            }
            Record::Completion(completion) => self.judge_completion(completion),
            Record::Abandoned(abandoned) => match self.batch(&abandoned.run, abandoned.batch) {
                Some(Batch::Open { .. }) => Ok(()),
                _ => Err(Violation::AbandonedWithoutIntent { run: abandoned.run.clone(), batch: abandoned.batch }),
            },
            Record::RunCompleted(completed) => self.running(&completed.run).map(drop),
            Record::RunFailed(failed) => self.running(&failed.run).map(drop),
            Record::SetNoted(noted) => self.running(&noted.run).map(drop),
            Record::Restored(restored) => self.started(&restored.run).map(drop),
            Record::HoldAdded(added) if self.holds.contains_key(&added.hold) => Err(Violation::HoldAddedAgain { hold: added.hold }),
            Record::HoldAdded(_) => Ok(()),
            Record::HoldReleased(released) => match self.holds.get(&released.hold) {
                Some(KnownHold { released: false, .. }) => Ok(()),
                _ => Err(Violation::HoldNotInForce { hold: released.hold }),
            },
            // A copy of an old keyring may come back and be shredded again.
            Record::EpochShredded(_) => Ok(()),
        }
    }

    fn judge_completion(&self, completion: &Completion) -> Result<(), Violation> {
        let (run, batch) = (completion.run.clone(), completion.batch);
        let intent = match self.batch(&run, batch) {
            Some(Batch::Open { seq }) => self.open.get(&seq),
            Some(Batch::Completed) => return Err(Violation::DuplicateCompletion { run, batch }),
            Some(Batch::Abandoned) | None => None,
        };
        let Some(OpenIntent { intent, .. }) = intent else {
            return Err(Violation::CompletionWithoutIntent { run, batch });
        };
        let announced: HashSet<&Token> = intent.tokens.iter().collect();
        let skipped = completion.skipped.iter().map(|skipped| &skipped.token);
        let mut tokens = completion.deleted.iter().chain(&completion.anonymised).chain(&completion.partly).chain(skipped);
        let within =
            intent.tenant == completion.tenant && intent.category == completion.category && tokens.all(|token| announced.contains(token));
        if within { Ok(()) } else { Err(Violation::CompletionBeyondIntent { run, batch }) }
    }

    /// Takes note of a record; an unfit one changes as little as possible. Returns the intent that it settles.
    pub fn apply(&mut self, seq: u64, time: Timestamp, record: &Record) -> Option<OpenIntent> {
        self.begun = true;
        match record {
            Record::Opened(_) | Record::Restored(_) | Record::SetNoted(_) | Record::EpochShredded(_) => None,
            Record::RunStarted(started) => {
                let run = Run { as_of: started.as_of, ended: false, batches: HashMap::new() };
                self.runs.entry(started.run.clone()).or_insert(run);
                self.last_run = Some(LastRun { started: started.clone(), time, end: RunEnd::Open });
                None
            }
            Record::Intent(intent) => {
                let run = self.runs.get_mut(&intent.run)?;
                if let Some(Batch::Open { .. } | Batch::Completed) = run.batches.get(&intent.batch) {
                    return None;
                }
                run.batches.insert(intent.batch, Batch::Open { seq });
                self.open.insert(seq, OpenIntent { seq, time, intent: intent.clone() });
                None
            }
            Record::Completion(completion) => self.settle(&completion.run, completion.batch, Batch::Completed),
            Record::Abandoned(abandoned) => self.settle(&abandoned.run, abandoned.batch, Batch::Abandoned),
            Record::RunCompleted(completed) => {
                self.end(&completed.run, RunEnd::Completed { time, exit_code: completed.exit_code });
                None
            }
            Record::HoldAdded(added) => {
                let known = KnownHold { added: added.clone(), entered: time, released: false };
                self.holds.entry(added.hold).or_insert(known);
                None
            }
            Record::HoldReleased(released) => {
                if let Some(known) = self.holds.get_mut(&released.hold) {
                    known.released = true;
                }
                None
            }
            Record::RunFailed(failed) => {
                let (stage, class) = (failed.stage.clone(), failed.class.clone());
                self.end(&failed.run, RunEnd::Failed { time, stage, class });
                None
            }
        }
    }

    fn settle(&mut self, run: &str, batch: u64, settled: Batch) -> Option<OpenIntent> {
        let batch = self.runs.get_mut(run)?.batches.get_mut(&batch)?;
        let Batch::Open { seq } = *batch else {
            return None;
        };
        *batch = settled;
        self.open.remove(&seq)
    }

    fn end(&mut self, run: &str, end: RunEnd) {
        if let Some(run) = self.runs.get_mut(run) {
            run.ended = true;
        }
        if let Some(last) = &mut self.last_run
            && last.started.run == run
            && last.end == RunEnd::Open
        {
            last.end = end;
        }
    }

    fn started(&self, run: &str) -> Result<&Run, Violation> {
        self.runs.get(run).ok_or_else(|| Violation::RunNotStarted { run: run.to_owned() })
    }

    fn running(&self, run: &str) -> Result<&Run, Violation> {
        let state = self.started(run)?;
        if state.ended { Err(Violation::RunEnded { run: run.to_owned() }) } else { Ok(state) }
    }

    fn batch(&self, run: &str, batch: u64) -> Option<Batch> {
        self.runs.get(run)?.batches.get(&batch).copied()
    }

    /// How many runs started.
    pub fn runs(&self) -> u64 {
        self.runs.len() as u64
    }

    /// How many batches were completed.
    pub fn completed_batches(&self) -> u64 {
        self.runs.values().flat_map(|run| run.batches.values()).filter(|batch| matches!(batch, Batch::Completed)).count() as u64
    }

    /// The as-of day of a run.
    pub fn as_of(&self, run: &str) -> Option<Date> {
        self.runs.get(run).map(|run| run.as_of)
    }

    pub fn last_run(&self) -> Option<&LastRun> {
        self.last_run.as_ref()
    }

    pub fn open_intents(&self) -> impl Iterator<Item = &OpenIntent> {
        self.open.values()
    }

    /// The holds, released ones as well.
    pub fn holds(&self) -> &BTreeMap<HoldId, KnownHold> {
        &self.holds
    }

    /// The open intents and the holds.
    pub fn into_parts(self) -> (Vec<OpenIntent>, BTreeMap<HoldId, KnownHold>) {
        (self.open.into_values().collect(), self.holds)
    }
}
