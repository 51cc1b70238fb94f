//! What happens to whom, and why: from the state of the store to a [`Plan`].
//!
//! Data comes from [`crate::snapshot::State`]; the plan is a value that `plan` prints and `run` executes. Nothing here reads a store, a clock
//! or a random source: the day comes with each [`Tenant`], what was forgotten before comes as [`Memory`].

pub mod activity;
pub mod clocks;
pub mod condition;
pub mod days;
pub mod duties;
pub mod fiscal;
pub mod holds;
pub mod links;
pub mod memory;
pub mod people;
pub mod plan;
pub mod references;
pub mod shared;

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, UInt32Array};
use jiff::civil::Date;

pub use plan::{Outcome, Plan, Reasons, RecordPlan, RowPlan, SubjectPlan};

use crate::decide::clocks::{day_of_date, expired};
use crate::decide::days::{Day, DecideError};
use crate::pipeline::*;
use crate::snapshot::{NO_TENANT, State};

/// What is remembered of a subject that was forgotten on an earlier night and whose row is unchanged since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// The clock's start that the decision rested on, in days since 1970-01-01.
    pub clock_start: Option<i32>,
}

/// What earlier nights left behind, per category.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// Row → what the journal remembers of it. Rows that changed since are not in it.
    pub forgotten: BTreeMap<u32, Remembered>,
    /// Row → (index of a retention rule, day): the latest activity that the rule counts and whose record gallra itself has erased. An erasure
    /// never shortens a clock.
    pub activity: BTreeMap<u32, Vec<(usize, i32)>>,
    /// Rows that the journal knows, changed since or not.
    pub journalled: BTreeSet<u32>,
    /// Rows that the ledger says were erased and the store shows again: a backup was restored.
    pub resurrected: BTreeSet<u32>,
}

/// What a decision rests on besides the rows: everything that comes from elsewhere.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// The tenants with their days, in the order of the state's tenant numbers.
    pub tenants: &'a [Tenant],
    /// What earlier nights left, one entry per category.
    pub memory: &'a [Memory],
    /// Shared rows that somebody forgotten pointed at.
    pub left: &'a BTreeSet<(TableIndex, u32)>,
    /// Holds of gallra's own register, matched with the rows at hand.
    pub registered: &'a [Registered],
    /// Rows that are not to be erased tonight, whatever their clocks say: a saved plan does not name them.
    pub withheld: &'a Withheld,
}

/// A hold of gallra's own register, matched with the rows at hand. It has not lapsed on its tenant's day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registered {
    /// The category.
    pub category: CategoryIndex,
    /// The subjects that it is about.
    pub subjects: BTreeSet<u32>,
    /// The columns that it keeps, of the category's table and of tables that lead to it; empty where it keeps the whole subject.
    pub fields: BTreeSet<(TableIndex, ColumnIndex)>,
    /// Its last day, in days since 1970-01-01; `None` until it is released.
    pub until: Option<i32>,
    /// Why, as reports say it: the hold's number, never the words that somebody typed.
    pub reason: String,
}

/// Rows that are not to be erased tonight.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Withheld {
    /// Per category.
    pub subjects: BTreeMap<CategoryIndex, BTreeSet<u32>>,
    /// Per record rule.
    pub records: BTreeMap<usize, BTreeSet<u32>>,
}

/// The state of one subject before anything is known of what references it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Not processed: the row has no tenant that may be processed.
    Outside,
    /// Settled.
    Settled(Outcome, u32),
    /// Its time has come.
    Due(u32),
    /// Forgotten before; `true` where its time still is past, so that columns whose duty has ended follow.
    Forgotten(bool),
}

/// Decides for all tenants.
///
/// # Errors
/// [`DecideError`] where a column that a rule needs was not read or has a type that can not be compared; never for a cell's value.
pub fn decide(pipeline: &Pipeline, state: &State, given: &Given<'_>) -> Result<Plan, DecideError> {
    let Given { tenants, memory, left, .. } = *given;
    let mut reasons = Reasons::default();
    let mut subjects = Vec::with_capacity(pipeline.categories.len());
    let mut standings: Vec<Vec<Standing>> = Vec::new();
    for (index, category) in pipeline.categories.iter().enumerate() {
        let none = Memory::default();
        let remembered = memory.get(index).unwrap_or(&none);
        let (plan, standing) = stand(pipeline, state, tenants, index, category, remembered, &mut reasons)?;
        subjects.push(plan);
        standings.push(standing);
    }
    people::longest_wins(pipeline, state, &mut subjects, &mut standings, &mut reasons)?;
    let records = decide_records(pipeline, state, tenants, &standings, &mut reasons)?;
    let mut rows = plan::empty_rows(pipeline, state);
    for record in &records {
        record.mark_deletions(pipeline, state, &mut rows);
    }
    let protected = duties::protected(pipeline, state, tenants)?;
    // A row that goes can be what kept another one: repeated until nobody more goes, so that a second run finds nothing left.
    loop {
        let linked = links::linked(pipeline, state, &rows);
        let mut changed = false;
        for (index, category) in pipeline.categories.iter().enumerate() {
            let plan = &mut subjects[index];
            for row in 0..plan.outcome.len() {
                if let Standing::Due(reason) = standings[index][row] {
                    let stays =
                        linked[category.table][row] || category.delete == DeleteRule::Never || protected.any(category.table, row as u32);
                    let outcome = if stays { Outcome::Anonymise } else { Outcome::Delete };
                    changed |= plan.outcome[row] != outcome;
                    plan.outcome[row] = outcome;
                    plan.reason[row] = reason;
                }
            }
        }
        if !changed {
            break;
        }
        plan::mark_subject_deletions(pipeline, state, &standings, &subjects, &mut rows);
    }
    plan::treat_rows(pipeline, state, &standings, &mut subjects, &records, &protected, &mut rows);
    shared::plan_shared(pipeline, state, &standings, &protected, left, &mut rows);
    plan::settle(&standings, &mut subjects, &mut reasons);
    Ok(Plan { subjects, records, rows, reasons: reasons.into_texts(), unreadable: BTreeMap::new() })
}

/// Decides all that needs nobody else's rows than those that lead to the subject.
fn stand(
    pipeline: &Pipeline,
    state: &State,
    tenants: &[Tenant],
    index: CategoryIndex,
    category: &Category,
    memory: &Memory,
    reasons: &mut Reasons,
) -> Result<(SubjectPlan, Vec<Standing>), DecideError> {
    let table = &state.tables[category.table];
    let natural = people::natural_persons(pipeline, state, tenants, category)?;
    let restricted = holds::applying(pipeline, state, tenants, category.table, &category.restrictions)?;
    let held = holds::applying(pipeline, state, tenants, category.table, &category.holds)?;
    let blocked = holds::applying(pipeline, state, tenants, category.table, &category.blocks)?;
    let clocks = activity::Clocks::of(pipeline, state, tenants, category, &memory.activity)?;
    let mut plan = SubjectPlan::empty(index, table.rows);
    plan.rule_starts = vec![vec![None; table.rows]; category.retention.len()];
    let mut standing = Vec::with_capacity(table.rows);
    for row in 0..table.rows {
        let tenant_index = table.tenants[row];
        if tenant_index == NO_TENANT {
            standing.push(Standing::Outside);
            continue;
        }
        let tenant = &tenants[tenant_index as usize];
        let remembered = memory.forgotten.get(&(row as u32));
        // Whoever was forgotten as a person is one, though the number that said so is gone.
        if !natural[row] && !memory.journalled.contains(&(row as u32)) {
            let reason = reasons.add(people::NOT_A_PERSON);
            standing.push(Standing::Settled(Outcome::Keep, reason));
            continue;
        }
        let clock = clocks.evaluate(row, tenant, remembered, reasons);
        clocks.note_starts(row, &mut plan.rule_starts);
        if let activity::Evaluated::Known { start, due, .. } = clock {
            plan.clock_start[row] = Some(start);
            plan.due[row] = Some(due);
        }
        standing.push(if let (Some(reason), None) = (&restricted[row], remembered) {
            Standing::Settled(Outcome::Restricted, reasons.add(&format!("restricted: {reason}")))
        } else if remembered.is_some() {
            Standing::Forgotten(
                matches!(clock, activity::Evaluated::Known { due, .. } if past(due, tenant.as_of))
                    && held[row].is_none()
                    && restricted[row].is_none(),
            )
        } else if memory.resurrected.contains(&(row as u32)) {
            Standing::Due(reasons.add("forgotten before; the store was restored from a backup"))
        } else {
            match clock {
                activity::Evaluated::Undetermined(reason) => Standing::Settled(Outcome::Undetermined, reason),
                activity::Evaluated::NotStarted(rule) => {
                    Standing::Settled(Outcome::Keep, reasons.add(&format!("{}: its clock has not started", clocks.rule(rule))))
                }
                activity::Evaluated::Known { due, rule, .. } if !past(due, tenant.as_of) => {
                    Standing::Settled(Outcome::Keep, reasons.add(&format!("{}: not due", clocks.rule(rule))))
                }
                activity::Evaluated::Known { rule, .. } => match (&held[row], &blocked[row]) {
                    (Some(reason), _) => Standing::Settled(Outcome::Held, reasons.add(&format!("held: {reason}"))),
                    (None, Some(reason)) => Standing::Settled(Outcome::Blocked, reasons.add(&format!("blocked: {reason}"))),
                    (None, None) => Standing::Due(reasons.add(&clocks.rule_with_source(rule))),
                },
            }
        });
    }
    for (row, standing) in standing.iter().enumerate() {
        if let Standing::Settled(outcome, reason) = standing {
            plan.outcome[row] = *outcome;
            plan.reason[row] = *reason;
        }
    }
    Ok((plan, standing))
}

/// Whether a due day has passed on the day `as_of`.
pub(crate) fn past(due: i32, as_of: Date) -> bool {
    clocks::date_of_day(due).is_some_and(|due| expired(due, as_of))
}

/// Decides the rows of record tables by their own clocks.
fn decide_records(
    pipeline: &Pipeline,
    state: &State,
    tenants: &[Tenant],
    standings: &[Vec<Standing>],
    reasons: &mut Reasons,
) -> Result<Vec<RecordPlan>, DecideError> {
    let mut plans = Vec::with_capacity(pipeline.records.len());
    for (index, record) in pipeline.records.iter().enumerate() {
        let table = &state.tables[record.table];
        let at = state.follow(record.table, &record.clock_path);
        let clock_table = record.clock_path.last().map_or(record.table, |step| pipeline.references[*step].to);
        let days = days::days(pipeline, state, tenants, clock_table, record.clock)?;
        let mut plan = RecordPlan::empty(index, record.table, table.rows);
        let name = |what: &str| format!("record `{}`: {what}", record.name);
        let subjects: Vec<(CategoryIndex, UInt32Array)> =
            pipeline.tables[record.table].leads.iter().map(|lead| (lead.category, state.follow(record.table, &lead.path))).collect();
        for row in 0..table.rows {
            let tenant_index = table.tenants[row];
            if tenant_index == NO_TENANT {
                continue;
            }
            let tenant = &tenants[tenant_index as usize];
            let day = if at.is_valid(row) { days[at.value(row) as usize] } else { Day::Missing };
            let start = match day.started(tenant.as_of) {
                // A relation that has not ended yet has no end: that is a reason to keep, not a riddle.
                Err(clocks::Undetermined::Missing) if record.missing == MissingClock::NotStarted => {
                    plan.set(row, Outcome::Keep, reasons.add(&name("its clock has not started")));
                    continue;
                }
                Err(undetermined) => {
                    plan.set(row, Outcome::Undetermined, reasons.add(&name(&undetermined.to_string())));
                    continue;
                }
                Ok(start) => start,
            };
            let Some(due) = activity::due(record.keep, start, tenant) else {
                plan.set(row, Outcome::Undetermined, reasons.add(&name("the fiscal calendar does not reach its clock")));
                continue;
            };
            plan.clock_start[row] = Some(day_of_date(start));
            plan.due[row] = Some(due);
            let standing = subjects
                .iter()
                .filter(|(_, rows)| rows.is_valid(row))
                .map(|(category, rows)| standings[*category][rows.value(row) as usize]);
            let mut stop = None;
            for standing in standing {
                if let Standing::Settled(outcome @ (Outcome::Held | Outcome::Restricted), reason) = standing {
                    stop = Some((outcome, reason));
                }
            }
            if !past(due, tenant.as_of) {
                plan.set(row, Outcome::Keep, reasons.add(&name("not due")));
            } else if let Some((outcome, reason)) = stop {
                plan.set(row, outcome, reason);
            } else {
                let outcome = if record.action == Action::Delete { Outcome::Delete } else { Outcome::Anonymise };
                plan.set(row, outcome, reasons.add(&name(&activity::rule_text(record.keep, &record.source))));
            }
        }
        plans.push(plan);
    }
    Ok(plans)
}
