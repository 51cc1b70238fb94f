//! Duties to keep: which cells stay, and until when. The longest duty wins per field.

use std::collections::{BTreeMap, HashMap};

use arrow::array::Array;

use super::activity::{due, runs};
use super::condition;
use super::days::{DecideError, days};
use crate::pipeline::*;
use crate::snapshot::{NO_TENANT, State};

/// The protected cells.
#[derive(Debug, Clone, Default)]
pub struct Protected {
    /// (table, column) → row → last day of the longest duty; `None` where it can not be told.
    cells: BTreeMap<(TableIndex, ColumnIndex), HashMap<u32, Option<i32>>>,
}

impl Protected {
    /// Until when a cell stays: outer `None` where no duty protects it.
    pub fn until(&self, table: TableIndex, column: ColumnIndex, row: u32) -> Option<Option<i32>> {
        self.cells.get(&(table, column)).and_then(|rows| rows.get(&row)).copied()
    }

    /// Whether any cell of a row stays.
    pub fn any(&self, table: TableIndex, row: u32) -> bool {
        self.cells.range((table, 0)..=(table, usize::MAX)).any(|(_, rows)| rows.contains_key(&row))
    }
}

/// All cells under a duty that has not ended. A document whose date can not be read keeps its cells: failing closed.
pub fn protected(pipeline: &Pipeline, state: &State, tenants: &[Tenant]) -> Result<Protected, DecideError> {
    let mut protected = Protected::default();
    for duty in &pipeline.duties {
        let starts = days(pipeline, state, tenants, duty.table, duty.clock)?;
        let when = duty.when.as_ref().map(|when| condition::passes(pipeline, state, duty.table, when)).transpose()?;
        let mut under: Vec<(u32, Option<i32>)> = Vec::new();
        for (row, start) in starts.iter().enumerate() {
            let tenant = state.tables[duty.table].tenants[row];
            if tenant == NO_TENANT || when.as_ref().is_some_and(|when| !when[row]) {
                continue;
            }
            let tenant = &tenants[tenant as usize];
            // A document dated ahead is under duty from then on.
            let until = start.activity(tenant.as_of).ok().and_then(|start| due(duty.keep, start, tenant));
            if runs(until, tenant.as_of) {
                under.push((row as u32, until));
            }
        }
        for (path, column) in &duty.protects {
            let table = path.last().map_or(duty.table, |step| pipeline.references[*step].to);
            let reached = state.follow(duty.table, path);
            let cells = protected.cells.entry((table, *column)).or_default();
            for (row, until) in &under {
                if reached.is_valid(*row as usize) {
                    let cell = cells.entry(reached.value(*row as usize)).or_insert(Some(i32::MIN));
                    // An end that can not be told outlasts every known one.
                    *cell = cell.zip(*until).map(|(known, until)| known.max(until));
                }
            }
        }
    }
    Ok(protected)
}
