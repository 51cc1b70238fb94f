//! Who is a natural person, and who is the same person in two categories.

use std::collections::HashMap;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Int64Type};

use super::days::DecideError;
use super::plan::{Outcome, Reasons, SubjectPlan};
use super::{Standing, condition};
use crate::detect::{identity_number, normalise};
use crate::pipeline::*;
use crate::snapshot::{NO_TENANT, State};

/// The reason of rows that are kept because they are companies.
pub(crate) const NOT_A_PERSON: &str = "not a natural person";

/// An identity shorter than this (placeholders, zeros) joins nobody.
const SHORTEST_IDENTITY: usize = 6;

/// Per row whether it is a natural person. A sole trader is one: its company number is a personal identity number (F8).
pub fn natural_persons(pipeline: &Pipeline, state: &State, tenants: &[Tenant], category: &Category) -> Result<Vec<bool>, DecideError> {
    let rows = state.tables[category.table].rows;
    if category.person_when.is_none() && category.company_number.is_none() {
        return Ok(vec![true; rows]);
    }
    let mut natural = match &category.person_when {
        Some(when) => condition::passes(pipeline, state, category.table, when)?,
        None => vec![false; rows],
    };
    if let Some(column) = category.company_number {
        for (row, natural) in natural.iter_mut().enumerate() {
            let tenant = state.tables[category.table].tenants[row];
            if tenant == NO_TENANT || *natural {
                continue;
            }
            let number = cell_text(state, category.table, column, row);
            *natural = number.is_some_and(|number| identity_number::is_natural_person_number(&number, tenants[tenant as usize].country));
        }
    }
    Ok(natural)
}

/// One person in several categories (or twice in one) is kept as long as the longest of them.
pub(crate) fn longest_wins(
    pipeline: &Pipeline,
    state: &State,
    subjects: &mut [SubjectPlan],
    standings: &mut [Vec<Standing>],
    reasons: &mut Reasons,
) -> Result<(), DecideError> {
    let not_a_person = reasons.add(NOT_A_PERSON);
    for columns in &pipeline.same_person {
        let mut people: HashMap<(u16, String), Vec<(CategoryIndex, usize)>> = HashMap::new();
        for (category, column) in columns {
            let table = pipeline.categories[*category].table;
            for row in 0..state.tables[table].rows {
                let tenant = state.tables[table].tenants[row];
                if tenant == NO_TENANT {
                    continue;
                }
                let identity = cell_text(state, table, *column, row).map(|text| normalise::identifier(&text)).unwrap_or_default();
                if identity.len() >= SHORTEST_IDENTITY {
                    people.entry((tenant, identity)).or_default().push((*category, row));
                }
            }
        }
        let mut people: Vec<Vec<(CategoryIndex, usize)>> = people.into_values().filter(|rows| rows.len() > 1).collect();
        people.sort_unstable();
        for rows in people {
            // Whoever still is somebody here keeps the person known; a due date says until when.
            let keeper = rows.iter().filter(|(category, row)| match standings[*category][*row] {
                Standing::Settled(_, reason) => reason != not_a_person,
                Standing::Outside | Standing::Due(_) | Standing::Forgotten(_) => false,
            });
            // A kept row says until when. A hold, a block or a clock that nobody can read has no end that is known, nor has a relation that
            // goes on: no end is the longest.
            let until = |(category, row): &(CategoryIndex, usize)| match standings[*category][*row] {
                Standing::Settled(Outcome::Keep, _) => subjects[*category].due[*row],
                _ => None,
            };
            let Some(longest) = keeper.max_by_key(|keeper| (until(keeper).is_none(), until(keeper))).copied() else { continue };
            let due = until(&longest);
            let keeper = longest.0;
            let text = format!("the same person is still kept as `{}`", pipeline.categories[keeper].name);
            for (category, row) in rows {
                if matches!(standings[category][row], Standing::Due(_)) {
                    let reason = reasons.add(&text);
                    standings[category][row] = Standing::Settled(Outcome::Keep, reason);
                    subjects[category].outcome[row] = Outcome::Keep;
                    subjects[category].reason[row] = reason;
                    subjects[category].due[row] = subjects[category].due[row].zip(due).map(|(own, others)| own.max(others));
                }
            }
        }
    }
    Ok(())
}

fn cell_text(state: &State, table: TableIndex, column: ColumnIndex, row: usize) -> Option<String> {
    let cells = state.column(table, column)?;
    if cells.is_null(row) {
        return None;
    }
    match cells.data_type() {
        DataType::Utf8 => Some(cells.as_string::<i32>().value(row).to_owned()),
        DataType::Int64 => Some(cells.as_primitive::<Int64Type>().value(row).to_string()),
        _ => None,
    }
}
