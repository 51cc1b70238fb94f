//! Duties to keep: which cells stay, and until when. The longest wins per field. Holds on some fields keep cells in the same way.

use std::collections::BTreeMap;

use super::activity::{Due, due, runs};
use super::condition;
use super::days::{DayCells, DecideError};
use super::facts::NO_DAY;
use crate::pipeline::*;
use crate::snapshot::{NO_TENANT, State};

/// The end of what has no end, or none that can be told.
pub const FOREVER: i32 = i32::MAX;

/// What keeps a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shielding {
    /// The pipeline's duty of this number.
    Duty(usize),
    /// A hold, with its reason.
    Hold(String),
}

/// Cells of one table that one duty or hold keeps.
#[derive(Debug, Clone)]
struct Shield {
    by: Shielding,
    table: TableIndex,
    columns: Vec<ColumnIndex>,
    /// Per row the last day, [`NO_DAY`] where it keeps nothing, [`FOREVER`] where its end can not be told.
    until: Vec<i32>,
}

/// The protected cells.
#[derive(Debug, Clone, Default)]
pub struct Protected {
    shields: Vec<Shield>,
    /// (table, column) → the shields over it.
    by_column: BTreeMap<(TableIndex, ColumnIndex), Vec<usize>>,
}

impl Protected {
    pub(super) fn add(&mut self, by: Shielding, table: TableIndex, columns: Vec<ColumnIndex>, until: Vec<i32>) {
        if until.iter().all(|until| *until == NO_DAY) {
            return;
        }
        for column in &columns {
            self.by_column.entry((table, *column)).or_default().push(self.shields.len());
        }
        self.shields.push(Shield { by, table, columns, until });
    }

    /// Until when a cell stays, by the longest: outer `None` where nothing protects it, inner `None` where the end can not be told.
    pub fn until(&self, table: TableIndex, column: ColumnIndex, row: u32) -> Option<Option<i32>> {
        let shields = self.by_column.get(&(table, column))?;
        let until = shields.iter().map(|shield| self.shields[*shield].until[row as usize]).max().filter(|until| *until != NO_DAY)?;
        Some(Some(until).filter(|until| *until != FOREVER))
    }

    /// All that protects a cell, with its end: what is told of a field.
    pub fn of_cell(&self, table: TableIndex, column: ColumnIndex, row: u32) -> Vec<(&Shielding, Option<i32>)> {
        let shields = self.by_column.get(&(table, column)).into_iter().flatten().map(|shield| &self.shields[*shield]);
        let of_row = shields.map(|shield| (&shield.by, shield.until[row as usize])).filter(|(_, until)| *until != NO_DAY);
        of_row.map(|(by, until)| (by, Some(until).filter(|until| *until != FOREVER))).collect()
    }

    /// Whether any cell of a row stays.
    pub fn any(&self, table: TableIndex, row: u32) -> bool {
        self.shields.iter().any(|shield| shield.table == table && !shield.columns.is_empty() && shield.until[row as usize] != NO_DAY)
    }

    /// Whether any row of a table has a cell that stays.
    pub fn reaches(&self, table: TableIndex) -> bool {
        self.shields.iter().any(|shield| shield.table == table)
    }
}

/// All cells under a duty that has not ended. A document whose date can not be read keeps its cells: failing closed.
///
/// # Errors
/// [`DecideError`] where a column was not read or can not be compared.
pub fn protected(pipeline: &Pipeline, state: &State, tenants: &[Tenant]) -> Result<Protected, DecideError> {
    let mut protected = Protected::default();
    for (index, duty) in pipeline.duties.iter().enumerate() {
        let until = under_duty(pipeline, state, tenants, duty)?;
        let mut paths: BTreeMap<&[ReferenceIndex], Vec<ColumnIndex>> = BTreeMap::new();
        duty.protects.iter().for_each(|(path, column)| paths.entry(path).or_default().push(*column));
        for (path, columns) in paths {
            let table = path.last().map_or(duty.table, |step| pipeline.references[*step].to);
            let until = if path.is_empty() {
                until.clone()
            } else {
                let reached = state.follow(duty.table, path);
                let mut above = vec![NO_DAY; state.tables[table].rows];
                for (row, until) in reached.iter().zip(&until).filter(|(_, until)| **until != NO_DAY) {
                    if let Some(row) = row {
                        above[row as usize] = above[row as usize].max(*until);
                    }
                }
                above
            };
            protected.add(Shielding::Duty(index), table, columns, until);
        }
    }
    Ok(protected)
}

/// Per document the last day of a duty that still runs; an end that can not be told outlasts every known one.
fn under_duty(pipeline: &Pipeline, state: &State, tenants: &[Tenant], duty: &Duty) -> Result<Vec<i32>, DecideError> {
    let starts = DayCells::in_state(pipeline, state, duty.table, duty.clock)?;
    let when = duty.when.as_ref().map(|when| condition::passes(pipeline, state, duty.table, when)).transpose()?;
    let mut until = vec![NO_DAY; state.tables[duty.table].rows];
    for (row, until) in until.iter_mut().enumerate() {
        let tenant = state.tables[duty.table].tenants[row];
        if tenant == NO_TENANT || when.as_ref().is_some_and(|when| !when[row]) {
            continue;
        }
        let tenant = &tenants[tenant as usize];
        // A document dated ahead is under duty from then on.
        let start = starts.day(row, &tenant.time_zone).activity(tenant.as_of);
        let due = start.map_or(Due::OutsideFiscalYears, |start| due(&duty.keep, start, tenant));
        if runs(due, tenant.as_of) {
            *until = match due {
                Due::Day(day) => day,
                Due::OutsideFiscalYears => FOREVER,
            };
        }
    }
    Ok(until)
}
