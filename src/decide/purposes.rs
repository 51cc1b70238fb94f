//! Purposes that have ended although their subject stays: what served them alone goes (GDPR articles 5(1)(b), 7(3), 21).

use std::collections::{BTreeMap, BTreeSet};

use super::activity::{Clocks, One, ended_text, linked};
use super::days::DecideError;
use super::endings::{Ending, Endings};
use super::facts::Marks;
use super::holds::Guards;
use super::plan::Reasons;
use super::{Given, Standing, past, people};
use crate::pipeline::*;
use crate::snapshot::{NO_TENANT, State};

/// Which purposes of a category have ended for whom.
#[derive(Debug, Clone, Default)]
pub struct EndedPurposes {
    /// Per purpose the subjects for whom it has ended, with the reason's number.
    ended: Vec<Marks>,
    /// Column → the purposes that it serves.
    serves: BTreeMap<(TableIndex, ColumnIndex), Vec<usize>>,
    /// Subjects of whom nothing goes by an ended purpose alone: something keeps everything of them, or everything goes.
    waiting: BTreeSet<u32>,
}

impl EndedPurposes {
    /// Whether all purposes that a column serves have ended for a subject; `false` for a column that no purpose names.
    pub fn release(&self, table: TableIndex, column: ColumnIndex, subject: usize) -> bool {
        let waits = self.waiting.contains(&(subject as u32));
        !waits
            && self
                .serves
                .get(&(table, column))
                .is_some_and(|purposes| purposes.iter().all(|purpose| self.ended[*purpose].of(subject).is_some()))
    }

    /// Whether any purpose names a column.
    pub fn name(&self, table: TableIndex, column: ColumnIndex) -> bool {
        self.serves.contains_key(&(table, column))
    }

    /// Whether a purpose has ended for a subject, whatever keeps the columns that served it: nothing may be published for that purpose.
    pub fn has_ended(&self, purpose: usize, subject: usize) -> bool {
        self.ended.get(purpose).is_some_and(|ended| ended.of(subject).is_some())
    }

    /// The purposes that have ended for a subject, with the reason's number.
    pub fn of_subject(&self, subject: usize) -> impl Iterator<Item = (usize, u32)> + '_ {
        self.ended.iter().enumerate().filter_map(move |(purpose, ended)| Some((purpose, ended.of(subject)?)))
    }
}

/// Finds for whom which purposes have ended. Holds on a subject, restrictions and the blocks that say so keep everything; so does not being a
/// person, and a saved plan that does not name the subject. A purpose whose end can not be read makes its subject `undetermined` where it
/// would be kept: reported, and nothing goes.
///
/// # Errors
/// [`DecideError`] where a column was not read or can not be compared.
pub(super) fn ended(
    pipeline: &Pipeline,
    state: &State,
    given: &Given<'_>,
    index: CategoryIndex,
    guards: &Guards,
    standings: &mut [Standing],
    reasons: &mut Reasons,
) -> Result<EndedPurposes, DecideError> {
    let (tenants, category) = (given.tenants, &pipeline.categories[index]);
    let mut found = EndedPurposes { ended: vec![Marks::default(); category.purposes.len()], ..EndedPurposes::default() };
    if category.purposes.is_empty() {
        return Ok(found);
    }
    let table = category.table;
    let subjects = state.tables[table].rows;
    for (index, purpose) in category.purposes.iter().enumerate() {
        for column in &purpose.columns {
            let serves = found.serves.entry(*column).or_default();
            if !serves.contains(&index) {
                serves.push(index);
            }
        }
    }
    let timed: Vec<usize> = (0..category.purposes.len()).filter(|purpose| category.purposes[*purpose].period.is_some()).collect();
    let rules: Vec<&Retention> = timed.iter().filter_map(|purpose| category.purposes[*purpose].period.as_ref()).collect();
    let latest = linked(pipeline, state, tenants, subjects, &rules)?;
    let clocks = Clocks::of(pipeline, state, tenants, table, "purpose", rules, latest, reasons)?;
    let endings: Vec<Option<Endings>> = category
        .purposes
        .iter()
        .map(|purpose| purpose.ended.as_ref().map(|ended| Endings::of(pipeline, state, tenants, table, ended)).transpose())
        .collect::<Result<_, _>>()?;
    let texts: Vec<(u32, u32, u32)> = category.purposes.iter().map(|purpose| texts(purpose, reasons)).collect();
    let not_a_person = reasons.add(people::NOT_A_PERSON);
    for row in 0..subjects {
        let tenant_index = state.tables[table].tenants[row];
        if tenant_index == NO_TENANT || matches!(standings[row], Standing::Settled(_, reason) if reason == not_a_person) {
            continue;
        }
        let settled = matches!(standings[row], Standing::Settled(..));
        let kept = guards.restricted.of(row).or(guards.held.of(row)).or(guards.blocks_purposes.of(row)).is_some()
            || given.withheld.subject(index, row);
        let tenant = &tenants[tenant_index as usize];
        for (index, (by_word, by_period, unclear)) in texts.iter().enumerate() {
            let mut over = None;
            let mut riddle = None;
            if let Some(clock) = timed.iter().position(|timed| *timed == index) {
                match clocks.evaluate_one(clock, row, tenant_index as usize, tenant, None) {
                    One::Known { due, .. } if past(due, tenant.as_of) => over = Some(*by_period),
                    One::Undetermined(reason) => riddle = Some(reason),
                    One::Known { .. } | One::NotStarted | One::Open => {}
                }
            }
            match endings[index].as_ref().map(|endings| endings.of_subject(row, tenant)) {
                Some(Ending::Since(_)) => over = Some(*by_word),
                Some(Ending::Unclear) => riddle = Some(*unclear),
                Some(Ending::Not) | None => {}
            }
            if let Some(reason) = over {
                found.ended[index].note(subjects, row, reason);
                if kept || !settled {
                    found.waiting.insert(row as u32);
                }
            } else if let (Some(reason), Standing::Settled(super::Outcome::Keep, _), false) = (riddle, standings[row], kept) {
                standings[row] = Standing::Settled(super::Outcome::Undetermined, reason);
            }
        }
    }
    Ok(found)
}

/// The reasons that a purpose can give: ended by somebody's word, by its period, on a day that can not be read.
fn texts(purpose: &Purpose, reasons: &mut Reasons) -> (u32, u32, u32) {
    let name = format!("purpose `{}`", purpose.name);
    let period = purpose.period.as_ref().map_or(String::new(), |rule| super::activity::rule_text(&rule.keep, &purpose.source));
    (
        reasons.add(&format!("{name} has ended: {}", ended_text(Some(purpose.basis), &purpose.source))),
        reasons.add(&format!("{name} has ended: {period}")),
        reasons.add(&format!("{name}: the day on which it ended can not be read")),
    )
}
