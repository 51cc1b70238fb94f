//! A saved plan against a fresh one: what both agree on goes, the rest is left out.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::approval::ApprovedBy;
use super::fingerprint::Line;
use super::{Erasure, SavedPlan};
use crate::decide::clocks::date_of_day;
use crate::decide::{Memory, Outcome, Plan, Withheld};
use crate::keys::Token as Fingerprint;
use crate::ledger::{Digest, Token};
use crate::passes::{PassError, Treating};
use crate::pipeline::Tenant;
use crate::snapshot::State;
use crate::write_back::unit::Kind;
use crate::write_back::{SkippedSubject, ledger_tokens};

/// A saved plan, or none where nothing may go but whom a restored backup brought back, with whose approvals count.
#[derive(Debug)]
pub struct Authorised {
    /// The plan.
    pub plan: Option<SavedPlan>,
    /// Those whose approvals count, where they are enough.
    pub approved_by: Vec<ApprovedBy>,
    /// Tenant → unit → the ledger's token → what was saved.
    saved: HashMap<String, HashMap<String, HashMap<Token, Saved>>>,
}

/// What a saved plan says of one erasure.
#[derive(Debug, Clone, Copy)]
struct Saved {
    due: Option<Date>,
    fingerprint: Fingerprint,
}

impl Saved {
    /// Whether it is this one: decided alike, on the same rows, and no later.
    fn is(&self, line: &Line) -> bool {
        let due = line.due.and_then(date_of_day);
        let no_later = match (due, self.due) {
            (Some(now), Some(then)) => now <= then,
            (now, then) => now == then,
        };
        self.fingerprint == line.fingerprint && no_later
    }
}

/// Why something of a plan at hand may not go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// The saved plan does not name it.
    NotInPlan,
    /// The saved plan names another decision, or other rows.
    Changed,
}

/// What came of comparing.
#[derive(Debug, Default)]
pub struct Comparison {
    verdicts: BTreeMap<(String, usize, u32), (Token, Verdict)>,
    /// What goes: both plans have it.
    going: BTreeSet<(String, usize, Token)>,
}

impl Authorised {
    /// By a saved plan.
    pub fn by(plan: SavedPlan, approved_by: Vec<ApprovedBy>) -> Self {
        let mut saved: HashMap<String, HashMap<String, HashMap<Token, Saved>>> = HashMap::new();
        for group in &plan.body {
            let erasures = saved.entry(group.tenant.clone()).or_default().entry(group.unit.clone()).or_default();
            erasures
                .extend(group.erasures.iter().map(|erasure| (erasure.token, Saved { due: erasure.due, fingerprint: erasure.fingerprint })));
        }
        Self { plan: Some(plan), approved_by, saved }
    }

    /// By nothing but the ledger: whom a restored backup brought back may go again.
    pub fn by_the_ledger() -> Self {
        Self { plan: None, approved_by: Vec::new(), saved: HashMap::new() }
    }

    /// The days that the plan is for. A tenant that is not in it keeps its own, and nothing of it goes.
    pub fn set_days(&self, tenants: &mut [Tenant]) {
        for tenant in tenants {
            if let Some(day) = self.plan.as_ref().and_then(|plan| plan.day_of(&tenant.name)) {
                tenant.as_of = day;
            }
        }
    }

    /// Compares the plan at hand and adds to `withheld` what may not go; `true` where that was anything new.
    pub fn compare(
        &self,
        tenants: &[Tenant],
        lines: &[Line],
        memories: &[Memory],
        withheld: &mut Withheld,
        found: &mut Comparison,
    ) -> bool {
        let mut new = false;
        found.going.clear();
        for line in lines {
            let saved = self
                .saved
                .get(&tenants[line.tenant].name)
                .and_then(|units| units.get(&line.unit))
                .and_then(|tokens| tokens.get(&line.token));
            let again = matches!(line.kind, Kind::Subjects(category)
                if memories.get(category).is_some_and(|memory| memory.resurrected.contains(&line.row)));
            let verdict = match saved {
                _ if again => None,
                None => Some(Verdict::NotInPlan),
                Some(saved) if !saved.is(line) => Some(Verdict::Changed),
                Some(_) => None,
            };
            let Some(verdict) = verdict else {
                found.going.insert((line.unit.clone(), line.tenant, line.token));
                continue;
            };
            new |= match line.kind {
                Kind::Subjects(category) => withheld.subjects.entry(category).or_default().insert(line.row),
                Kind::Records(record) => withheld.records.entry(record).or_default().insert(line.row),
                Kind::Shared => false,
            };
            found.verdicts.entry((line.unit.clone(), line.tenant, line.row)).or_insert((line.token, verdict));
        }
        new
    }
}

/// Something of a saved plan that was not done, or something due that is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOutLine {
    /// The tenant.
    pub tenant: String,
    /// The category, or `record.NAME`.
    pub category: String,
    /// Its token in the ledger.
    pub token: String,
    /// `changed`, `not_due`, `gone` (and not by gallra), `not_processed` (its tenant is stopped), or `not_in_plan`.
    pub reason: &'static str,
    /// Of `not_due`: what the fresh plan says of it.
    pub now: Option<String>,
}

/// What became of a saved plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SavedPlanReport {
    /// Its id.
    pub plan: String,
    /// What the approvers signed.
    pub header_sha256: Digest,
    /// When it was saved.
    pub created: Timestamp,
    /// Whose approvals counted.
    pub approved_by: Vec<ApprovedBy>,
    /// Its erasures: the sum of the four that follow.
    pub planned: u64,
    /// Done by this run.
    pub executed: u64,
    /// Done before: an earlier run executed the plan, or another erased them.
    pub done_before: u64,
    /// Agreed on, and skipped under the lock; they stand among the run's skipped.
    pub skipped: u64,
    /// Not agreed on.
    pub left_out: Vec<LeftOutLine>,
    /// Due by the fresh plan, and not in the saved one: left for another plan.
    pub not_in_plan: Vec<LeftOutLine>,
}

/// The fresh state that a saved plan was compared with.
pub struct Fresh<'a> {
    /// Keys and pipeline.
    pub treating: &'a Treating<'a>,
    /// The snapshot.
    pub state: &'a State,
    /// The plan that was executed.
    pub plan: &'a Plan,
    /// The ledger's tokens of all who were ever erased, by tenant and unit.
    pub erased: &'a dyn Fn(&str, &str) -> HashSet<Token>,
    /// The same of all of whom an earlier run erased a part by this very plan.
    pub partly: &'a dyn Fn(&str, &str) -> HashSet<Token>,
}

impl Fresh<'_> {
    /// What became of a saved plan.
    ///
    /// # Errors
    /// [`PassError`] where rows can not be named.
    pub fn report(
        &self,
        authorised: &Authorised,
        saved: &SavedPlan,
        found: &Comparison,
        skipped: &[SkippedSubject],
    ) -> Result<SavedPlanReport, PassError> {
        let mut report = SavedPlanReport {
            plan: saved.header.id.clone(),
            header_sha256: saved.header_sha256(),
            created: saved.header.created,
            approved_by: authorised.approved_by.clone(),
            planned: saved.header.erasures,
            executed: 0,
            done_before: 0,
            skipped: 0,
            left_out: Vec::new(),
            not_in_plan: Vec::new(),
        };
        let mut changed = BTreeSet::new();
        for ((unit, tenant, _), (token, verdict)) in &found.verdicts {
            match verdict {
                Verdict::Changed => drop(changed.insert((unit.as_str(), *tenant, *token))),
                Verdict::NotInPlan => report.not_in_plan.push(LeftOutLine {
                    tenant: self.treating.tenants[*tenant].name.clone(),
                    category: unit.clone(),
                    token: token.to_string(),
                    reason: "not_in_plan",
                    now: None,
                }),
            }
        }
        let skipped: BTreeSet<(&str, usize, &str)> =
            skipped.iter().map(|skipped| (skipped.unit.as_str(), skipped.tenant, skipped.token.as_str())).collect();
        for group in &saved.body {
            let Some(tenant) = self.treating.tenants.iter().position(|tenant| tenant.name == group.tenant) else {
                let stopped = |erasure| left_out(&group.tenant, &group.unit, erasure, "not_processed", None);
                report.left_out.extend(group.erasures.iter().map(stopped));
                continue;
            };
            let mut open: Vec<&Erasure> = Vec::new();
            for erasure in &group.erasures {
                let token = erasure.token;
                if found.going.contains(&(group.unit.clone(), tenant, token)) {
                    let skip = skipped.contains(&(group.unit.as_str(), tenant, token.to_string().as_str()));
                    if skip { report.skipped += 1 } else { report.executed += 1 }
                } else if changed.contains(&(group.unit.as_str(), tenant, token)) {
                    report.left_out.push(left_out(&group.tenant, &group.unit, erasure, "changed", None));
                } else {
                    open.push(erasure);
                }
            }
            if !open.is_empty() {
                let rows = self.rows_of(tenant, &group.unit)?;
                let erased = (self.erased)(&group.tenant, &group.unit);
                let partly = (self.partly)(&group.tenant, &group.unit);
                for erasure in open {
                    match rows.get(&erasure.token) {
                        Some((Outcome::Forgotten | Outcome::Partly, _)) => report.done_before += 1,
                        // Of whoever stays without what a purpose needed, nothing more is to go.
                        Some(_) if partly.contains(&erasure.token) => report.done_before += 1,
                        Some((outcome, reason)) => {
                            let now = format!("{}: {reason}", outcome.as_str());
                            report.left_out.push(left_out(&group.tenant, &group.unit, erasure, "not_due", Some(now)));
                        }
                        None if erased.contains(&erasure.token) => report.done_before += 1,
                        None => report.left_out.push(left_out(&group.tenant, &group.unit, erasure, "gone", None)),
                    }
                }
            }
        }
        Ok(report)
    }

    /// What the fresh plan says of a unit's rows, by token.
    fn rows_of(&self, tenant: usize, unit: &str) -> Result<HashMap<Token, (Outcome, &str)>, PassError> {
        let pipeline = self.treating.pipeline;
        let text = |reason: u32| self.plan.reasons.get(reason as usize).map_or("", String::as_str);
        let subjects = self.plan.subjects.iter().find(|subjects| pipeline.categories[subjects.category].name == unit);
        let records = self.plan.records.iter().find(|records| format!("record.{}", pipeline.records[records.record].name) == unit);
        let (table, outcomes, reasons) = match (subjects, records) {
            (Some(subjects), _) => (pipeline.categories[subjects.category].table, &subjects.outcome, &subjects.reason),
            (None, Some(records)) => (records.table, &records.outcome, &records.reason),
            (None, None) => return Ok(HashMap::new()),
        };
        let of_tenant = |row: &u32| self.state.tables[table].tenants[*row as usize] == tenant as u16;
        let rows: Vec<u32> = (0..outcomes.len() as u32).filter(of_tenant).collect();
        let tokens = ledger_tokens(self.treating, self.state, table, tenant, unit, &rows)?;
        Ok(tokens.into_iter().zip(rows).map(|(token, row)| (token, (outcomes[row as usize], text(reasons[row as usize])))).collect())
    }
}

fn left_out(tenant: &str, unit: &str, erasure: &Erasure, reason: &'static str, now: Option<String>) -> LeftOutLine {
    LeftOutLine { tenant: tenant.to_owned(), category: unit.to_owned(), token: erasure.token.to_string(), reason, now }
}
