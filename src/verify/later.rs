//! `gallra verify`, long after the run: what can be known then, and what can not.

use std::collections::BTreeMap;
use std::path::Path;

use super::Verification;
use super::published::published;
use crate::decide::memory::{committed_batches, remember};
use crate::epochs;
use crate::error::Error;
use crate::holds::{Known, look, open_to_others};
use crate::keys::Keyring;
use crate::ledger::{FILE_NAME, KnownShredding, Problem, Publications, Report, Severity, check, exists};
use crate::progress::Progress;
use crate::report::counted;
use crate::run::ledger_mac;
use crate::session::{Access, LockUse, Session, World, ephemeral_key, tenant_keys};
use crate::snapshot::read::{Breadth, read};
use crate::store::{Snapshot, Tolerant, UnreadableColumn};

/// Checks sets, ledger, journal and references.
pub fn verify(path: &Path, world: &World<'_>, progress: &dyn Progress) -> Result<Verification, Error> {
    let mut verification = Verification::default();
    let mut session = Session::open(path, Access::Read, LockUse::Compare, world)?;
    let keyring = session.keyring()?;
    let (read, journal, head, unreadable) = {
        let mut snapshot = session.store.snapshot()?;
        // One cell hides nothing but its own column.
        let mut view = Tolerant::new(&mut *snapshot, &|_, _| true);
        let read = read(&session.pipeline, &mut view, (world.now)(), None, Breadth::Needed, progress)?;
        (read, view.journal()?, view.head()?, view.found())
    };
    for found in &unreadable {
        verification.found("unreadable", found.error.to_string(), found.error.hint());
    }
    let mut known = Known::default();
    let mut said = Publications::default();
    let mut shreddings = Vec::new();
    let mut is_foreign = false;
    let ledger = session.locations.ledger.join(FILE_NAME);
    if exists(&ledger)? {
        let report =
            check(&ledger, &*ledger_mac(&keyring)?, head.as_ref().and_then(crate::write_back::ledger_head).as_ref(), keyring.id())?;
        known = Known::reported(&report);
        is_foreign = foreign(&keyring, &report, &mut verification);
        if !is_foreign {
            agreement(&keyring, &report, &mut verification)?;
        }
        // What a ledger does not know that lacks entries is no forgery.
        if report.is_intact() {
            said.clone_from(&report.publications);
        } else {
            verification.not_checked.push("the published sets against the ledger: bring the whole ledger back first".to_owned());
        }
        shreddings.clone_from(&report.shreddings);
        let errors = report.findings.iter().filter(|finding| finding.problem.severity() == Severity::Error);
        let errors: Vec<String> = errors.filter(|finding| !is_anothers(&finding.problem)).map(ToString::to_string).collect();
        if !is_foreign || !errors.is_empty() {
            verification.note("ledger", errors.is_empty(), || errors.join("; "));
        }
        let behind = report.findings.iter().any(|finding| matches!(finding.problem, crate::ledger::Problem::StoreOlder { .. }));
        // A backup from before the first run knows of no ledger at all.
        let older = behind || (head.is_none() && report.completed_batches > 0);
        verification.note("store_age", !older, || {
            "the store is older than its ledger: a backup was restored, or a run was interrupted or failed; `gallra run` tells which and mends it"
                .to_owned()
        });
        let committed = committed_batches(&journal);
        let open = report
            .open_intents
            .iter()
            .filter(|open| committed.contains(crate::write_back::batch_name(&open.intent.run, open.intent.batch).as_str()))
            .count();
        if open > 0 {
            let batches = if open == 1 { "1 batch was".to_owned() } else { format!("{open} batches were") };
            verification.not_checked.push(format!("{batches} committed and not yet confirmed in the ledger; the next run does it"));
        }
    } else if head.is_some() {
        verification.note("ledger", false, || format!("the store knows of a ledger, but there is none at `{}`", ledger.display()));
    } else {
        verification.not_checked.push("the ledger: no run has been made yet".into());
    }

    published(&session, &keyring, &said, &read, world, &mut verification)?;
    if is_foreign {
        // What is sealed and what is named by tokens is another keyring's: whatever would be found there would be untrue.
        verification.findings.retain(|finding| finding.check != "contributors");
        let sealed = "the ledger's entries, the register of holds, what anonymous sets remember, and whether who was forgotten still is: the \
                      keyring that would tell is another one";
        verification.not_checked.push(sealed.to_owned());
    } else {
        holds(&session, &keyring, &known, &mut verification);
        marks(&session, &keyring, &shreddings, &mut verification)?;
    }
    for copy in session.store.stale_copies()? {
        verification.note("copies", false, || copy);
    }
    let broken = session.store.broken_references()?;
    verification.note("references", broken.is_empty(), || {
        broken
            .iter()
            .map(|(table, rows)| format!("`{table}` has {} nowhere", counted(*rows, "row that points", "rows that point")))
            .collect::<Vec<_>>()
            .join("; ")
    });

    verification
        .not_checked
        .push("whether a forgotten person is named in somebody else's text or in an old backup: their identifiers are kept nowhere".into());
    verification.not_checked.push("money totals of earlier nights: each batch proved its own when it was written".into());
    if is_foreign {
        return Ok(verification);
    }
    let keys = tenant_keys(&keyring, &read.tenants)?;
    let rekeying = ephemeral_key(world, crate::keys::Purpose::Replacement)?;
    let treating = crate::passes::Treating {
        pipeline: &session.pipeline,
        tenants: &read.tenants,
        keys: &keys,
        // Nothing is treated here.
        names: &crate::passes::names::Names::default(),
        rekeying: &rekeying,
        comparing: &rekeying,
    };
    let memories = remember(&treating, &read.state, &journal, &|_, _| std::collections::HashSet::new())?;
    journal_against_store(&session, &journal, &memories, &unreadable, &mut verification);
    Ok(verification)
}

/// Whether a problem of the ledger is that it is another keyring's.
fn is_anothers(problem: &Problem) -> bool {
    matches!(problem, Problem::ForeignKeyring { .. } | Problem::ForeignKey)
}

/// Whether the ledger is another keyring's, of another installation perhaps: then neither it nor the journal's tokens can be read with this one.
fn foreign(keyring: &Keyring, report: &Report, verification: &mut Verification) -> bool {
    let Some(finding) = report.findings.iter().find(|finding| is_anothers(&finding.problem)) else { return false };
    let message = format!("the keyring `{}` is not this ledger's: {finding}", keyring.id());
    let hint =
        "use the keyring under which the ledger was created: a newly made one, or that of another installation, can prove nothing here";
    verification.found("keyring", message, Some(hint.to_owned()));
    true
}

/// Whether the keyring is the one that the ledger knows.
fn agreement(keyring: &Keyring, report: &Report, verification: &mut Verification) -> Result<(), Error> {
    let disagreements = epochs::disagreements(keyring, &report.epochs, &report.shreddings)?;
    for error in &disagreements {
        verification.found("keyring", error.to_string(), error.hint());
    }
    if disagreements.is_empty() {
        verification.note("keyring", true, String::new);
    }
    Ok(())
}

/// Whether every published version says that its epoch was shredded, where it was.
fn marks(session: &Session, keyring: &Keyring, shreddings: &[KnownShredding], verification: &mut Verification) -> Result<(), Error> {
    let wrong = epochs::wrong_marks(&session.locations.output, keyring, shreddings)?;
    let unmarked = epochs::unmarked(&session.locations.output, keyring)?;
    if !wrong.is_empty() {
        let said: Vec<String> = wrong.iter().map(|wrong| format!("`{}` {}", wrong.path.display(), wrong.what)).collect();
        let hint = "look who else may write there; take the file away, and repeat `gallra keys shred PIPELINE EPOCH --yes` where the \
                    version's epoch was shredded";
        verification.found(
            "shredded",
            format!("a mark of a destroyed key is not as it was left: {}", said.join("; ")),
            Some(hint.to_owned()),
        );
    }
    let Some((epoch, _)) = unmarked.first() else {
        if wrong.is_empty() {
            verification.note("shredded", true, String::new);
        }
        return Ok(());
    };
    let folders: Vec<String> = unmarked.iter().map(|(_, folder)| format!("`{}`", folder.display())).collect();
    let message = format!("the key of these versions' pseudonyms was shredded, and they do not say so: {}", folders.join(", "));
    let hint = format!("repeat `gallra keys shred PIPELINE {epoch} --yes`: it marks what is not marked yet");
    verification.found("shredded", message, Some(hint));
    Ok(())
}

/// Whether the register of legal holds is as gallra left it, has what the ledger knows, and is its owner's alone.
fn holds(session: &Session, keyring: &Keyring, known: &Known, verification: &mut Verification) {
    let path = &session.locations.holds;
    match look(path, keyring, known) {
        Ok(None) => {}
        Ok(Some(_)) => {
            let open = open_to_others(path);
            verification.note("holds", !open, || format!("others may read the register `{}`: run `chmod 600` on it", path.display()));
        }
        Err(error) => verification.note("holds", false, || error.to_string()),
    }
}

/// Whether what the journal says was forgotten still is.
fn journal_against_store(
    session: &Session,
    journal: &[crate::store::JournalEntry],
    memories: &[crate::decide::Memory],
    unreadable: &[UnreadableColumn],
    verification: &mut Verification,
) {
    let mut entries: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for entry in journal.iter().filter(|entry| entry.table != crate::write_back::BATCH_MARKER && entry.outcome != "activity") {
        let counts = entries.entry(entry.table.as_str()).or_default();
        if entry.version.is_empty() { counts.1 += 1 } else { counts.0 += 1 }
    }
    for (category, memory) in session.pipeline.categories.iter().zip(memories) {
        let table = session.pipeline.tables[category.table].name();
        if unreadable.iter().any(|found| found.table == table) {
            verification
                .not_checked
                .push(format!("`{table}`: whether who was forgotten still is, because one of its columns can not be read"));
            continue;
        }
        let (kept, _deleted) = entries.get(table).copied().unwrap_or_default();
        let unchanged = memory.forgotten.len() as u64;
        let seen = memory.journalled.len() as u64;
        verification.note("journal", seen >= unchanged, || format!("`{table}`: more rows than entries"));
        if seen > unchanged {
            verification.not_checked.push(format!(
                "`{table}`: of {} {} changed by somebody since, or back; the next run decides afresh",
                counted(kept, "forgotten row", "forgotten rows"),
                counted(seen - unchanged, "was", "were")
            ));
        }
        if kept > seen {
            verification
                .not_checked
                .push(format!("`{table}`: {} gone", counted(kept - seen, "row that was anonymised is", "rows that were anonymised are")));
        }
    }
}
