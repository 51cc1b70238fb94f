//! Records with clocks of their own: a chat, a log line, an answer to a survey.

use arrow::array::{Array, UInt32Array};

use super::activity::{self, Due};
use super::clocks::{Undetermined, day_of_date};
use super::days::{Day, DayCells, DecideError};
use super::duties::Protected;
use super::endings::{Ending, Endings};
use super::holds::Guards;
use super::plan::{Reasons, RecordPlan, owned_below};
use super::{Given, Outcome, Withheld, past};
use crate::pipeline::*;
use crate::snapshot::{NO_TENANT, State};

/// The reason of what a saved plan does not name.
pub(super) const NOT_IN_PLAN: &str = "not in the saved plan";

/// Decides the rows of record tables by their own clocks. A hold on a subject, or its restriction, keeps its records as well.
pub(super) fn decide_records(
    pipeline: &Pipeline,
    state: &State,
    given: &Given<'_>,
    guards: &[Guards],
    protected: &Protected,
    reasons: &mut Reasons,
) -> Result<Vec<RecordPlan>, DecideError> {
    let mut plans = Vec::with_capacity(pipeline.records.len());
    for (index, record) in pipeline.records.iter().enumerate() {
        plans.push(decide_record(pipeline, state, given, guards, protected, (index, record), reasons)?);
    }
    Ok(plans)
}

fn decide_record(
    pipeline: &Pipeline,
    state: &State,
    given: &Given<'_>,
    guards: &[Guards],
    protected: &Protected,
    (index, record): (usize, &Record),
    reasons: &mut Reasons,
) -> Result<RecordPlan, DecideError> {
    let Given { tenants, .. } = *given;
    let table = &state.tables[record.table];
    let at = state.follow(record.table, &record.clock_path);
    let clock_table = record.clock_path.last().map_or(record.table, |step| pipeline.references[*step].to);
    let days = DayCells::in_state(pipeline, state, clock_table, record.clock)?;
    let mut plan = RecordPlan::empty(index, record.table, table.rows);
    let name = |what: &str| format!("record `{}`: {what}", record.name);
    let subjects: Vec<(CategoryIndex, UInt32Array)> =
        pipeline.tables[record.table].leads.iter().map(|lead| (lead.category, state.follow(record.table, &lead.path))).collect();
    let ended = match &record.ended {
        Some((of, ended)) => {
            let table = of.map_or(record.table, |category| pipeline.categories[category].table);
            Some((*of, Endings::of(pipeline, state, tenants, table, ended)?))
        }
        None => None,
    };
    let not_due = reasons.add(&name("not due"));
    let not_started = reasons.add(&name("its clock has not started"));
    let over = reasons.add(&name(&activity::rule_text(&record.keep, &record.source)));
    let ended_reason = reasons.add(&name(&activity::ended_text(record.basis.filter(|basis| *basis == Basis::Consent), &record.source)));
    let withheld = given.withheld.records.get(&index);
    let below = owned_with_protection(pipeline, state, protected, record.table);
    for row in 0..table.rows {
        let tenant_index = table.tenants[row];
        if tenant_index == NO_TENANT {
            continue;
        }
        let tenant = &tenants[tenant_index as usize];
        let ending = ended.as_ref().map_or(Ending::Not, |(of, endings)| match of {
            None => endings.of_subject(row, tenant),
            // Of several whom a record leads to, one who withdrew is enough: it is about that person as well.
            Some(category) => subjects
                .iter()
                .filter(|(of, rows)| of == category && rows.is_valid(row))
                .map(|(_, rows)| endings.of_subject(rows.value(row) as usize, tenant))
                .find(|ending| *ending != Ending::Not)
                .unwrap_or(Ending::Not),
        });
        let day = if at.is_valid(row) { days.day(at.value(row) as usize, &tenant.time_zone) } else { Day::Missing };
        let (due, reason) = match (day.started(tenant.as_of), ending) {
            (_, Ending::Unclear) => {
                plan.set(row, Outcome::Undetermined, reasons.add(&name("the day on which it ended can not be read")));
                continue;
            }
            (start, Ending::Since(ended)) => {
                plan.clock_start[row] = start.ok().map(day_of_date).or(Some(ended));
                (ended - 1, ended_reason)
            }
            // A relation that has not ended yet has no end: that is a reason to keep, not a riddle.
            (Err(Undetermined::Missing), _) if record.missing == MissingClock::NotStarted => {
                plan.set(row, Outcome::Keep, not_started);
                continue;
            }
            (Err(undetermined), _) => {
                plan.set(row, Outcome::Undetermined, reasons.add(&name(&undetermined.to_string())));
                continue;
            }
            (Ok(start), Ending::Not) => {
                plan.clock_start[row] = Some(day_of_date(start));
                match activity::due(&record.keep, start, tenant) {
                    Due::Day(due) => (due, over),
                    Due::OutsideFiscalYears => {
                        let reason = reasons.add(&name("the fiscal calendar does not reach its clock"));
                        plan.set(row, Outcome::Undetermined, reason);
                        continue;
                    }
                }
            }
        };
        plan.due[row] = Some(due);
        let stop = subjects.iter().filter(|(_, rows)| rows.is_valid(row)).find_map(|(category, rows)| {
            let (guards, subject) = (&guards[*category], rows.value(row) as usize);
            let restricted = guards.restricted.of(subject).map(|reason| (Outcome::Restricted, reason));
            restricted.or_else(|| guards.held.of(subject).map(|reason| (Outcome::Held, reason)))
        });
        let protected_cells = protected.any(record.table, row as u32) || below.contains(&(row as u32));
        if !past(due, tenant.as_of) {
            plan.set(row, Outcome::Keep, not_due);
        } else if let Some((outcome, reason)) = stop {
            plan.set(row, outcome, reason);
        } else if withheld.is_some_and(|withheld| withheld.contains(&(row as u32))) {
            plan.set(row, Outcome::Blocked, reasons.add(NOT_IN_PLAN));
        } else if protected_cells {
            plan.set(row, Outcome::Partly, reason);
        } else {
            plan.set(row, if record.action == Action::Delete { Outcome::Delete } else { Outcome::Anonymise }, reason);
        }
    }
    Ok(plan)
}

/// Rows of a table that own rows of which a duty or hold keeps cells: they can not be deleted.
fn owned_with_protection(pipeline: &Pipeline, state: &State, protected: &Protected, table: TableIndex) -> std::collections::BTreeSet<u32> {
    let mut found = std::collections::BTreeSet::new();
    for path in owned_below(pipeline, table) {
        let Some(from) = path.first().map(|step| pipeline.references[*step].from).filter(|from| protected.reaches(*from)) else { continue };
        let above = state.follow(from, &path);
        found.extend(above.iter().enumerate().filter(|(row, _)| protected.any(from, *row as u32)).filter_map(|(_, above)| above));
    }
    found
}

impl Withheld {
    /// Whether a subject is withheld.
    pub(super) fn subject(&self, category: CategoryIndex, row: usize) -> bool {
        self.subjects.get(&category).is_some_and(|rows| rows.contains(&(row as u32)))
    }
}
