//! Rows that several subjects point at (a household, an address): erased with the last pointer, left by each that goes before.

use std::collections::BTreeSet;

use arrow::array::{Array, UInt32Array};

use super::Standing;
use super::duties::Protected;
use super::plan::{RowPlan, leaves};
use crate::pipeline::*;
use crate::snapshot::State;

/// What becomes of one pointer at a shared row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pointer {
    /// Its subject stays.
    Stays,
    /// Its subject goes, the row that points stays: the pointer is cleared or moved.
    Leaves,
    /// The row that points is deleted.
    Deleted,
}

/// Plans the releases of pointers and the erasure of shared rows that lose their last one, or lost it (`left`) on a night that was stopped
/// before it came to them.
pub(super) fn plan_shared(
    pipeline: &Pipeline,
    state: &State,
    standings: &[Vec<Standing>],
    protected: &Protected,
    left: &BTreeSet<(TableIndex, u32)>,
    rows: &mut [RowPlan],
) {
    for target in 0..pipeline.tables.len() {
        let pointing: Vec<ReferenceIndex> = (0..pipeline.references.len())
            .filter(|index| pipeline.references[*index].to == target && pipeline.references[*index].kind == ReferenceKind::Shared)
            .collect();
        if pointing.is_empty() || pipeline.tables[target].out_of_scope.is_some() {
            continue;
        }
        let placeholder = placeholder_rows(pipeline, state, &pointing);
        let count = state.tables[target].rows;
        let (mut stay, mut leave) = (vec![false; count], vec![false; count]);
        let mut any: Vec<bool> = (0..count as u32).map(|row| left.contains(&(target, row))).collect();
        let mut pointers = Vec::new();
        for index in &pointing {
            let fates = fates(pipeline, state, standings, protected, rows, *index);
            let parents = &state.parents[*index];
            for (row, fate) in fates.iter().enumerate() {
                if parents.is_valid(row) {
                    let parent = parents.value(row) as usize;
                    any[parent] = true;
                    stay[parent] |= *fate == Pointer::Stays;
                    leave[parent] |= *fate == Pointer::Leaves;
                }
            }
            pointers.push((*index, fates));
        }
        let linked = linked_otherwise(pipeline, state, target, rows);
        for parent in 0..count {
            if !any[parent] || stay[parent] || placeholder.contains(&(parent as u32)) {
                continue;
            }
            let stays_as_row = linked[parent] || protected.any(target, parent as u32);
            if stays_as_row {
                erase_in_place(pipeline, protected, target, parent, count, rows);
            } else {
                rows[target].delete[parent] = true;
            }
        }
        for (index, fates) in pointers {
            let parents = &state.parents[index];
            let release: Vec<bool> = fates
                .iter()
                .enumerate()
                .map(|(row, fate)| {
                    let parent = parents.is_valid(row).then(|| parents.value(row));
                    parent.is_some_and(|parent| {
                        let erased_in_place = !stay[parent as usize] && !rows[target].delete[parent as usize];
                        *fate == Pointer::Leaves && !erased_in_place && !placeholder.contains(&parent)
                    })
                })
                .collect();
            if release.contains(&true) {
                rows[pipeline.references[index].from].release.insert(index, release);
            }
        }
    }
}

/// What becomes of each pointer of a reference.
fn fates(
    pipeline: &Pipeline,
    state: &State,
    standings: &[Vec<Standing>],
    protected: &Protected,
    rows: &[RowPlan],
    index: ReferenceIndex,
) -> Vec<Pointer> {
    let reference = &pipeline.references[index];
    let table = &pipeline.tables[reference.from];
    let leads: Vec<(CategoryIndex, UInt32Array)> =
        table.leads.iter().map(|lead| (lead.category, state.follow(reference.from, &lead.path))).collect();
    (0..state.tables[reference.from].rows)
        .map(|row| {
            if rows[reference.from].delete[row] {
                return Pointer::Deleted;
            }
            let leaving = match table.category {
                Some(category) => leaves(standings[category][row]),
                // A document or an owned row leaves when all whom it leads to leave.
                None => {
                    let mut reached = leads.iter().filter(|(_, rows)| rows.is_valid(row)).peekable();
                    reached.peek().is_some() && reached.all(|(category, rows)| leaves(standings[*category][rows.value(row) as usize]))
                }
            };
            let under_duty = reference.columns.iter().any(|column| protected.until(reference.from, *column, row as u32).is_some());
            if leaving && !under_duty { Pointer::Leaves } else { Pointer::Stays }
        })
        .collect()
}

/// Rows of the target that other references than shared ones point at.
fn linked_otherwise(pipeline: &Pipeline, state: &State, target: TableIndex, rows: &[RowPlan]) -> Vec<bool> {
    let mut linked = vec![false; state.tables[target].rows];
    for (index, reference) in pipeline.references.iter().enumerate() {
        if reference.to != target || reference.kind == ReferenceKind::Shared {
            continue;
        }
        let parents = &state.parents[index];
        for row in 0..parents.len() {
            if parents.is_valid(row) && !rows[reference.from].delete[row] {
                linked[parents.value(row) as usize] = true;
            }
        }
    }
    linked
}

fn erase_in_place(pipeline: &Pipeline, protected: &Protected, target: TableIndex, row: usize, count: usize, rows: &mut [RowPlan]) {
    for (column, settings) in pipeline.tables[target].columns.iter().enumerate() {
        if settings.treatment != Treatment::Keep && protected.until(target, column, row as u32).is_none() {
            rows[target].treat.entry(column).or_insert_with(|| vec![false; count])[row] = true;
        }
    }
}

/// The rows that stand in for a shared row which somebody left; they are never erased.
fn placeholder_rows(pipeline: &Pipeline, state: &State, pointing: &[ReferenceIndex]) -> Vec<u32> {
    let mut found = Vec::new();
    for index in pointing {
        let reference = &pipeline.references[*index];
        let Some(values) = &reference.placeholder_row else { continue };
        let tenant = pipeline.tables[reference.to].tenant;
        let columns: Vec<ColumnIndex> = reference.to_columns.iter().copied().filter(|column| Some(*column) != tenant).collect();
        let passing: Vec<Vec<bool>> = columns
            .iter()
            .zip(values)
            .filter_map(|(column, value)| {
                let known = &pipeline.tables[reference.to].catalog.columns[*column];
                super::condition::passes_column(known, state.column(reference.to, *column)?, &[Test::Is(vec![value.clone()])])
            })
            .collect();
        found.extend(
            (0..state.tables[reference.to].rows as u32)
                .filter(|row| passing.len() == columns.len() && passing.iter().all(|passing| passing[*row as usize])),
        );
    }
    found
}
