//! What happens to whom, and why: from the state of the store to a [`Plan`].
//!
//! Data comes from [`crate::snapshot::State`]; the plan is a value that `plan` prints and `run` executes. Nothing here reads a store, a clock
//! or a random source: the day comes with each [`Tenant`], what was forgotten before comes as [`Memory`].

pub mod activity;
pub mod clocks;
pub mod condition;
pub mod days;
pub mod duties;
pub mod endings;
pub mod facts;
pub mod fiscal;
pub mod holds;
pub mod keys;
pub mod links;
pub mod memory;
pub mod people;
pub mod plan;
pub mod purposes;
mod records;
pub mod references;
pub mod shared;
pub mod stream;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

pub use plan::{Outcome, Plan, Reasons, RecordPlan, RowPlan, SubjectPlan};

use crate::decide::days::DecideError;
use crate::decide::facts::{Latest, NO_DAY};
use crate::decide::holds::Guards;
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
    let tenants = given.tenants;
    let mut reasons = Reasons::default();
    let mut subjects = Vec::with_capacity(pipeline.categories.len());
    let mut standings: Vec<Vec<Standing>> = Vec::new();
    let mut guards: Vec<Guards> = Vec::new();
    for (index, category) in pipeline.categories.iter().enumerate() {
        guards.push(Guards::of(pipeline, state, given, index, category, &mut reasons)?);
        let rules: Vec<&Retention> = category.retention.iter().collect();
        let latest = activity::linked(pipeline, state, tenants, state.tables[category.table].rows, &rules)?;
        let (plan, standing) = stand(pipeline, state, given, index, latest, &guards[index], &mut reasons)?;
        subjects.push(plan);
        standings.push(standing);
    }
    people::longest_wins(pipeline, state, &mut subjects, &mut standings, &mut reasons)?;
    for index in 0..pipeline.categories.len() {
        subjects[index].ended = purposes::ended(pipeline, state, given, index, &guards[index], &mut standings[index], &mut reasons)?;
        plan::note_settled(&mut subjects[index], &standings[index]);
    }
    let mut protected = duties::protected(pipeline, state, tenants)?;
    holds::protect_fields(pipeline, state, given, &mut protected)?;
    let records = records::decide_records(pipeline, state, given, &guards, &protected, &mut reasons)?;
    let mut rows = plan::empty_rows(pipeline, state);
    for record in &records {
        record.mark_deletions(pipeline, state, &mut rows);
    }
    // A row that goes can be what kept another one: repeated until nobody more goes, so that a second run finds nothing left.
    loop {
        let linked = links::linked(pipeline, state, &rows, &protected);
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
    shared::plan_shared(pipeline, state, &standings, &protected, given.left, &mut rows);
    plan::settle(&standings, &mut subjects, &mut reasons);
    Ok(Plan { subjects, records, rows, reasons: reasons.into_texts(), unreadable: BTreeMap::new(), protected })
}

/// Decides all that needs nobody else's rows than those that lead to the subject; `latest` is what they say for each rule of the category.
fn stand(
    pipeline: &Pipeline,
    state: &State,
    given: &Given<'_>,
    index: CategoryIndex,
    latest: Vec<Latest>,
    guards: &Guards,
    reasons: &mut Reasons,
) -> Result<(SubjectPlan, Vec<Standing>), DecideError> {
    let category = &pipeline.categories[index];
    let none = Memory::default();
    let memory = given.memory.get(index).unwrap_or(&none);
    let table = &state.tables[category.table];
    let natural = people::natural_persons(pipeline, state, given.tenants, category)?;
    let rules: Vec<&Retention> = category.retention.iter().collect();
    let mut clocks = activity::Clocks::of(pipeline, state, given.tenants, category.table, "rule", rules, latest, reasons)?;
    clocks.remember(&memory.activity);
    let mut plan = SubjectPlan::empty(index, table.rows);
    let not_a_person = reasons.add(people::NOT_A_PERSON);
    let restored = reasons.add("forgotten before; the store was restored from a backup");
    let not_in_plan = reasons.add(records::NOT_IN_PLAN);
    let mut standing = Vec::with_capacity(table.rows);
    for row in 0..table.rows {
        let tenant_index = table.tenants[row];
        if tenant_index == NO_TENANT {
            standing.push(Standing::Outside);
            continue;
        }
        let tenant = &given.tenants[tenant_index as usize];
        let remembered = memory.forgotten.get(&(row as u32));
        // Whoever was forgotten as a person is one, though the number that said so is gone.
        if !natural[row] && !memory.journalled.contains(&(row as u32)) {
            standing.push(Standing::Settled(Outcome::Keep, not_a_person));
            continue;
        }
        let clock = clocks.evaluate(row, tenant_index as usize, tenant, remembered);
        if let activity::Evaluated::Known { start, due, .. } = clock {
            plan.clock_start[row] = Some(start);
            plan.due[row] = Some(due);
        }
        let withheld = given.withheld.subject(index, row);
        let (restricted, held, blocked) = (guards.restricted.of(row), guards.held.of(row), guards.blocked.of(row));
        standing.push(if let (Some(reason), None) = (restricted, remembered) {
            Standing::Settled(Outcome::Restricted, reason)
        } else if remembered.is_some() {
            let over = matches!(clock, activity::Evaluated::Known { due, .. } if past(due, tenant.as_of));
            Standing::Forgotten(over && held.is_none() && restricted.is_none() && !withheld)
        } else if memory.resurrected.contains(&(row as u32)) && !withheld {
            // A hold that came after the first forgetting keeps whoever came back.
            held.map_or(Standing::Due(restored), |reason| Standing::Settled(Outcome::Held, reason))
        } else {
            match clock {
                activity::Evaluated::Undetermined(reason) => Standing::Settled(Outcome::Undetermined, reason),
                activity::Evaluated::NotStarted(rule) => Standing::Settled(Outcome::Keep, clocks.not_started(rule)),
                activity::Evaluated::Open(rule) => Standing::Settled(Outcome::Keep, clocks.open(rule)),
                activity::Evaluated::Known { due, rule, .. } if !past(due, tenant.as_of) => {
                    Standing::Settled(Outcome::Keep, clocks.not_due(rule))
                }
                activity::Evaluated::Known { rule, .. } => match (held, blocked) {
                    (Some(reason), _) => Standing::Settled(Outcome::Held, reason),
                    (None, Some(reason)) => Standing::Settled(Outcome::Blocked, reason),
                    (None, None) if withheld => Standing::Settled(Outcome::Blocked, not_in_plan),
                    (None, None) => Standing::Due(clocks.over(rule, row, tenant)),
                },
            }
        });
    }
    plan.rule_starts = clocks.into_linked();
    plan::note_settled(&mut plan, &standing);
    Ok((plan, standing))
}

/// Whether a due day has passed on the day `as_of`.
pub(crate) fn past(due: i32, as_of: Date) -> bool {
    clocks::day_of_date(as_of) > due
}
