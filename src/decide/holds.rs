//! Legal holds, restrictions and blocking conditions: which subjects one applies to, and why; and the cells that a hold on some fields keeps.

use std::collections::BTreeMap;

use arrow::array::Array;

use super::clocks;
use super::condition;
use super::days::{Day, DayCells, DecideError};
use super::duties::{FOREVER, Protected, Shielding};
use super::facts::Marks;
use super::plan::Reasons;
use super::{Given, NO_DAY};
use crate::pipeline::*;
use crate::snapshot::{NO_TENANT, State};

/// What keeps a category's subjects whatever their clocks say: reasons by their numbers.
#[derive(Debug, Clone, Default)]
pub struct Guards {
    /// Restriction of processing (GDPR article 18).
    pub restricted: Marks,
    /// Holds on the whole subject.
    pub held: Marks,
    /// Blocking conditions.
    pub blocked: Marks,
    /// Those of the blocking conditions that keep what ended purposes would erase, too.
    pub blocks_purposes: Marks,
}

impl Guards {
    /// All that applies to a category's subjects on their tenants' days.
    ///
    /// # Errors
    /// [`DecideError`] where a column was not read or can not be compared.
    pub fn of(
        pipeline: &Pipeline,
        state: &State,
        given: &Given<'_>,
        index: CategoryIndex,
        category: &Category,
        reasons: &mut Reasons,
    ) -> Result<Self, DecideError> {
        let tenants = given.tenants;
        let mut guards = Self::default();
        let whole: Vec<&Hold> = category.holds.iter().filter(|hold| hold.fields.is_empty()).collect();
        let with_purposes: Vec<&Hold> = category.blocks.iter().filter(|block| block.purposes).collect();
        note(&mut guards.restricted, "restricted", pipeline, state, tenants, category, category.restrictions.iter(), reasons)?;
        note(&mut guards.held, "held", pipeline, state, tenants, category, whole, reasons)?;
        note(&mut guards.blocked, "blocked", pipeline, state, tenants, category, &category.blocks, reasons)?;
        note(&mut guards.blocks_purposes, "blocked", pipeline, state, tenants, category, with_purposes, reasons)?;
        let subjects = state.tables[category.table].rows;
        let registered = given.registered.iter().filter(|hold| hold.category == index && hold.fields.is_empty());
        for hold in registered {
            let reason = reasons.add(&format!("held: {}", hold.reason));
            hold.subjects.iter().for_each(|row| guards.held.note(subjects, *row as usize, reason));
        }
        Ok(guards)
    }
}

impl Guards {
    /// Adds what was gathered elsewhere about the same subjects.
    pub fn merge(&mut self, other: &Self) {
        self.restricted.merge(&other.restricted);
        self.held.merge(&other.held);
        self.blocked.merge(&other.blocked);
        self.blocks_purposes.merge(&other.blocks_purposes);
    }
}

#[expect(clippy::too_many_arguments, reason = "the parts of a decision, each once")]
fn note<'h>(
    marks: &mut Marks,
    word: &str,
    pipeline: &Pipeline,
    state: &State,
    tenants: &[Tenant],
    category: &Category,
    holds: impl IntoIterator<Item = &'h Hold>,
    reasons: &mut Reasons,
) -> Result<(), DecideError> {
    let mut holds: Vec<&Hold> = holds.into_iter().collect();
    // Where several apply the first by its words is told, so that their order in the file is of no matter.
    holds.sort_by(|one, other| one.reason.cmp(&other.reason));
    let subjects = state.tables[category.table].rows;
    for hold in holds {
        let reason = reasons.add(&format!("{word}: {}", hold.reason));
        applying(pipeline, state, tenants, category.table, hold, &mut |subject, _| marks.note(subjects, subject, reason))?;
    }
    Ok(())
}

/// Calls `found` with each subject to whom a hold applies on its tenant's day, and with the hold's last day ([`FOREVER`] where it has none).
///
/// A hold's last day counts; a hold whose end can not be read applies, since not erasing is the side to err on.
fn applying(
    pipeline: &Pipeline,
    state: &State,
    tenants: &[Tenant],
    table: TableIndex,
    hold: &Hold,
    found: &mut dyn FnMut(usize, i32),
) -> Result<(), DecideError> {
    let when = hold.when.as_ref().map(|when| condition::passes(pipeline, state, hold.table, when)).transpose()?;
    let until = hold.until.map(|until| DayCells::in_state(pipeline, state, hold.table, until)).transpose()?;
    let path: &[ReferenceIndex] = hold.lead.map_or(&[], |lead| &pipeline.tables[hold.table].leads[lead].path);
    let subjects = state.follow(hold.table, path);
    for row in 0..state.tables[hold.table].rows {
        if !subjects.is_valid(row) || when.as_ref().is_some_and(|when| !when[row]) {
            continue;
        }
        let subject = subjects.value(row) as usize;
        let tenant = state.tables[table].tenants[subject];
        if tenant == NO_TENANT {
            continue;
        }
        let tenant = &tenants[tenant as usize];
        let last = match until.as_ref().map(|until| until.day(row, &tenant.time_zone)) {
            // On the category's own table an empty `until` without a condition means that there is no hold.
            Some(Day::Missing) if hold.lead.is_none() && when.is_none() => continue,
            Some(Day::At(until)) if clocks::date_of_day(until).is_some() => {
                if until < tenant.today() {
                    continue;
                }
                until
            }
            _ => FOREVER,
        };
        found(subject, last);
    }
    Ok(())
}

/// The cells that holds on some fields keep.
///
/// # Errors
/// As [`Guards::of`].
pub fn protect_fields(pipeline: &Pipeline, state: &State, given: &Given<'_>, protected: &mut Protected) -> Result<(), DecideError> {
    for (index, category) in pipeline.categories.iter().enumerate() {
        for hold in category.holds.iter().filter(|hold| !hold.fields.is_empty()) {
            let mut last = vec![NO_DAY; state.tables[category.table].rows];
            let mut note = |subject: usize, day: i32| last[subject] = last[subject].max(day);
            applying(pipeline, state, given.tenants, category.table, hold, &mut note)?;
            shield(pipeline, state, index, &hold.fields, &last, &hold.reason, protected);
        }
        for hold in given.registered.iter().filter(|hold| hold.category == index && !hold.fields.is_empty()) {
            let mut last = vec![NO_DAY; state.tables[category.table].rows];
            hold.subjects.iter().for_each(|row| last[*row as usize] = hold.until.unwrap_or(FOREVER));
            let fields: Vec<(TableIndex, ColumnIndex)> = hold.fields.iter().copied().collect();
            shield(pipeline, state, index, &fields, &last, &hold.reason, protected);
        }
    }
    Ok(())
}

/// `last`: per subject the hold's last day.
fn shield(
    pipeline: &Pipeline,
    state: &State,
    category: CategoryIndex,
    fields: &[(TableIndex, ColumnIndex)],
    last: &[i32],
    reason: &str,
    protected: &mut Protected,
) {
    let mut columns: BTreeMap<TableIndex, Vec<ColumnIndex>> = BTreeMap::new();
    fields.iter().for_each(|(table, column)| columns.entry(*table).or_default().push(*column));
    for (table, columns) in columns {
        let until = if table == pipeline.categories[category].table {
            last.to_vec()
        } else {
            let mut until = vec![NO_DAY; state.tables[table].rows];
            for lead in pipeline.tables[table].leads.iter().filter(|lead| lead.category == category) {
                let subjects = state.follow(table, &lead.path);
                for (until, subject) in until.iter_mut().zip(subjects.iter()) {
                    *until = (*until).max(subject.map_or(NO_DAY, |subject| last[subject as usize]));
                }
            }
            until
        };
        protected.add(Shielding::Hold(reason.to_owned()), table, columns, until);
    }
}
