//! The ledger at the start of a run: whether it is this store's own, what a crash left open, and whether a backup came back.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use backon::{BlockingRetryable, ConstantBuilder};

use super::{Planned, ledger_mac};
use crate::decide::memory::committed_batches;
use crate::epochs::{fingerprint, refuse_disagreement};
use crate::error::Error;
use crate::holds::Known;
use crate::keys::{Keyring, KeysError};
use crate::ledger::{
    Abandoned, Code, Completion, Digest, FILE_NAME, Hex, Ledger, LedgerError, LedgerId, Mac, Opening, OutcomeCount, Record, Restored,
    RunEnd, RunStarted, Standing, VerificationCount, check,
};
use crate::report::RunReport;
use crate::session::{Session, World};
use crate::store::{Head, JournalEntry};
use crate::verify::Verification;
use crate::write_back::{batch_name, ledger_head};

/// How often, and how long in between, the ledger is asked for while somebody else has it.
const TRIES: usize = 100;
const PAUSE: Duration = Duration::from_millis(100);

impl Mac for crate::keys::DerivedKey {
    fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        Self::mac(self, parts)
    }
}

/// What the ledger says that concerns the plan.
#[derive(Debug, Default)]
pub struct LedgerState {
    /// Tenant and category → tokens erased after the store's last word: only a restored backup has such.
    erased: BTreeMap<(String, String), HashSet<[u8; 16]>>,
    /// The store's and the ledger's last entries, where a backup was restored.
    restored: Option<(u64, u64)>,
    /// The legal holds that it knows of.
    holds: Known,
}

impl LedgerState {
    /// Tokens that are to be forgotten again.
    pub fn erased_since_backup(&self, tenant: &str, category: &str, after_restore: bool) -> HashSet<[u8; 16]> {
        let known = self.erased.get(&(tenant.to_owned(), category.to_owned()));
        known.filter(|_| after_restore).cloned().unwrap_or_default()
    }

    /// The legal holds that the ledger knows of.
    pub fn holds(&self) -> Known {
        self.holds.clone()
    }

    /// Whether a backup came back.
    pub fn is_restored(&self) -> bool {
        self.restored.is_some()
    }

    /// The record that says that a backup came back.
    pub fn restored(&self, run: &str) -> Option<Record> {
        let (store_seq, ledger_seq) = self.restored?;
        Some(Record::Restored(Restored { run: run.to_owned(), store_seq, ledger_seq }))
    }
}

/// For `plan`: looks without locking or mending; a missing ledger is no trouble to somebody who only looks.
/// What a run would refuse of the keyring is refused here as well, before anything is promised.
pub fn look(session: &Session, keyring: &Keyring) -> Result<LedgerState, Error> {
    let Some(report) = Known::report(&session.locations.ledger, keyring, None)? else { return Ok(LedgerState::default()) };
    refuse_disagreement(keyring, &report.epochs, &report.shreddings)?;
    Ok(LedgerState { holds: Known::reported(&report), ..LedgerState::default() })
}

/// For `run`: opens the ledger for writing, refuses one that is not the store's own, and settles what a crash left open.
pub fn open(session: &mut Session, keyring: &Keyring, after_restore: bool, world: &World<'_>) -> Result<(Ledger, LedgerState), Error> {
    let (head, journal) = {
        let mut snapshot = session.store.snapshot()?;
        (snapshot.head()?, snapshot.journal()?)
    };
    let folder = session.locations.ledger.clone();
    let exists = crate::ledger::exists(&folder.join(FILE_NAME))?;
    if let (Some(_), false) = (&head, exists) {
        return Err(Error::Ledgerless {
            message: format!("the ledger of this store is missing: there is none in `{}`", folder.display()),
            hint: "bring it back from where it is kept; without it nobody can prove what was forgotten".into(),
        });
    }
    let id = ledger_id(session, keyring, &head, exists, world)?;
    let opening = Opening {
        ledger: id,
        keyring: keyring.id().to_owned(),
        store: id.to_string(),
        gallra_version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let key = ledger_mac(keyring)?;
    let open = || Ledger::open_or_create(&folder, key.clone(), opening.clone(), (world.now)());
    // Another run would have the store; whoever adds or releases a hold has the ledger for a moment.
    let in_use = |error: &LedgerError| matches!(error, LedgerError::InUse { .. });
    let patience = ConstantBuilder::default().with_delay(PAUSE).with_max_times(TRIES);
    let mut ledger = open.retry(patience).when(in_use).call()?;
    refuse_disagreement(keyring, ledger.epochs(), ledger.shreddings())?;
    let mut state = stand(&ledger, &head, &journal, session, after_restore)?;
    state.holds = Known::of(&ledger);
    settle(&mut ledger, &journal, world)?;
    session.store.prepare_journal()?;
    Ok((ledger, state))
}

/// The id of the store's ledger: as the store knows it, as the file says, or a new one.
fn ledger_id(session: &Session, keyring: &Keyring, head: &Option<Head>, exists: bool, world: &World<'_>) -> Result<LedgerId, Error> {
    if let Some(id) = head.as_ref().and_then(|head| Hex::parse(head.ledger.as_bytes()).ok()) {
        return Ok(id);
    }
    if exists {
        let key = ledger_mac(keyring)?;
        let report = check(&session.locations.ledger.join(FILE_NAME), &*key, None, keyring.id())?;
        if let Some(id) = report.head.as_ref().and_then(|head| Hex::parse(head.ledger.as_bytes()).ok()) {
            return Ok(id);
        }
    }
    let random = (world.random)();
    let mut id = [0; 8];
    id.copy_from_slice(&random[..8]);
    Ok(Hex(id))
}

/// How the ledger stands to the store's last word of it.
fn stand(
    ledger: &Ledger,
    head: &Option<Head>,
    journal: &[JournalEntry],
    session: &Session,
    after_restore: bool,
) -> Result<LedgerState, Error> {
    let refuse = |message: &str, hint: &str| Err(Error::Ledgerless { message: message.to_owned(), hint: hint.to_owned() });
    let store_seq = match head {
        None => 0,
        Some(head) => {
            let Some(kept) = ledger_head(head) else {
                return refuse("the store's record of its ledger can not be read", "look at the table `gallra_head` in the store");
            };
            match ledger.standing(&kept) {
                Standing::Same => return Ok(LedgerState::default()),
                Standing::StoreOlder { store_seq, .. } => store_seq,
                Standing::Truncated { .. } => {
                    return refuse(
                        "the ledger was truncated: the store knows of later entries",
                        "`gallra ledger check` names the entry; bring the whole ledger back",
                    );
                }
                Standing::Diverged { .. } | Standing::Foreign => {
                    return refuse("the ledger is not this store's own", "point `ledger` at the ledger that belongs to this store");
                }
            }
        }
    };
    // Completions of batches that the journal knows may follow the store's head: a crash between a commit and the next. Others mean that a
    // backup came back.
    let committed = committed_batches(journal);
    let known = |run: &str, batch: u64| committed.contains(batch_name(run, batch).as_str());
    let mut state = LedgerState::default();
    for tenant in session_tenants(ledger) {
        for category in &session.pipeline.categories {
            let tokens: HashSet<[u8; 16]> =
                ledger.completed_tokens_after(&tenant, &category.name, store_seq, &known).into_iter().map(|token| token.0).collect();
            if !tokens.is_empty() {
                state.erased.insert((tenant.clone(), category.name.clone()), tokens);
            }
        }
    }
    if state.erased.is_empty() {
        return Ok(state);
    }
    state.restored = Some((store_seq, ledger.head().seq));
    if !after_restore {
        let people: usize = state.erased.values().map(HashSet::len).sum();
        return refuse(
            &match people {
                1 => "the store is older than its ledger: a backup was restored, and 1 person who was forgotten is back".to_owned(),
                _ => format!("the store is older than its ledger: a backup was restored, and {people} people who were forgotten are back"),
            },
            "`gallra run --after-restore` forgets them again",
        );
    }
    Ok(state)
}

/// The tenants that the ledger's runs had.
fn session_tenants(ledger: &Ledger) -> Vec<String> {
    ledger.last_run().map(|run| run.started.tenants.clone()).unwrap_or_default()
}

/// Intents that a crash left open: the journal says whether their batch was committed.
fn settle(ledger: &mut Ledger, journal: &[JournalEntry], world: &World<'_>) -> Result<(), Error> {
    let committed = committed_batches(journal);
    let open: Vec<_> = ledger.open_intents().map(|open| open.intent.clone()).collect();
    for intent in open {
        let name = batch_name(&intent.run, intent.batch);
        let record = if committed.contains(name.as_str()) {
            // The journal names its rows under a key of its own, so all that were intended count as anonymised: should a backup come back,
            // they are decided afresh.
            Record::Completion(Completion {
                run: intent.run,
                batch: intent.batch,
                tenant: intent.tenant,
                category: intent.category,
                deleted: Vec::new(),
                anonymised: intent.tokens,
                partly: Vec::new(),
                skipped: Vec::new(),
                rows_written: 0,
                rows_deleted: 0,
            })
        } else {
            Record::Abandoned(Abandoned { run: intent.run, batch: intent.batch, reason: Code::literal("not_in_journal") })
        };
        ledger.append(&record, (world.now)())?;
    }
    Ok(())
}

/// The last run, where it did not reach its end although it wrote.
pub fn interrupted(ledger: &Ledger) -> Option<String> {
    let last = ledger.last_run()?;
    (!matches!(last.end, RunEnd::Completed { .. })).then(|| last.started.run.clone())
}

/// The record of a run's start.
pub fn started(session: &Session, planned: &Planned, run: &str) -> Result<Record, KeysError> {
    let pipeline = &session.pipeline;
    let digest = |hex: &str| Digest::parse(hex.as_bytes()).unwrap_or(Hex([0; 32]));
    let mut zones: Vec<String> =
        planned.read.tenants.iter().map(|tenant| tenant.time_zone.iana_name().unwrap_or("UTC").to_owned()).collect();
    zones.sort();
    zones.dedup();
    let today = planned.read.tenants.first().map_or(jiff::civil::Date::ZERO, |tenant| tenant.as_of);
    let key_epoch = planned.keyring.current_epoch();
    Ok(Record::RunStarted(RunStarted {
        run: run.to_owned(),
        as_of: today,
        tenants: planned.read.tenants.iter().map(|tenant| tenant.name.clone()).collect(),
        pipeline_sha256: digest(&pipeline.file_hash),
        lock_sha256: digest(&pipeline.lock_hash),
        schema_sha256: digest(&pipeline.schema_hash),
        code_version: env!("CARGO_PKG_VERSION").to_owned(),
        snapshot: planned.snapshot.clone(),
        time_zones: zones,
        key_epoch,
        key_fingerprint: Some(fingerprint(&planned.keyring, key_epoch)?),
        saved_plan: planned.executed_plan(),
    }))
}

/// The outcomes as the ledger takes them down.
pub fn outcome_counts(_session: &Session, _planned: &Planned, report: &RunReport) -> Vec<OutcomeCount> {
    let mut counts: BTreeMap<(String, String, Code, Code), u64> = BTreeMap::new();
    for line in &report.plan.outcomes {
        let key = (
            line.tenant.clone(),
            line.category.replace("record ", "record."),
            Code::literal(line.outcome.as_str()),
            reason_code(&line.reason),
        );
        *counts.entry(key).or_default() += line.count;
    }
    for skipped in &report.skipped {
        let key = (
            skipped.tenant.clone(),
            skipped.category.clone(),
            Code::literal("skipped"),
            Code::new(&skipped.reason).unwrap_or(Code::literal("changed")),
        );
        *counts.entry(key).or_default() += 1;
    }
    counts
        .into_iter()
        .map(|((tenant, category, outcome, reason), subjects)| OutcomeCount { tenant, category, outcome, reason, subjects })
        .collect()
}

/// A reason's short form: the rule's name, or its first words.
fn reason_code(reason: &str) -> Code {
    let short =
        reason.split(['`', ':', ';', '(']).find(|part| !part.trim().is_empty() && !part.trim_start().starts_with("rule")).unwrap_or("none");
    let slug: String =
        short.trim().to_lowercase().chars().map(|letter| if letter.is_ascii_lowercase() { letter } else { '_' }).take(48).collect();
    Code::new(slug.trim_matches('_')).unwrap_or(Code::literal("other"))
}

/// The checks as the ledger takes them down.
pub fn verification_counts(verification: &Verification) -> Vec<VerificationCount> {
    let checks = ["counts", "money", "written", "references", "residual_identity"];
    let count = |check: &'static str| VerificationCount {
        check: Code::literal(check),
        passed: verification.held.get(check).copied().unwrap_or_default(),
        failed: verification.failed(check),
    };
    checks.into_iter().map(count).collect()
}
