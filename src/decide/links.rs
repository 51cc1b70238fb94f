//! What references a row: a business event keeps its subject from deletion.

use arrow::array::Array;

use super::duties::Protected;
use super::plan::RowPlan;
use crate::pipeline::*;
use crate::snapshot::State;

/// Per table and row: whether a linked reference points at it, directly or at something that it owns.
///
/// References from tables out of scope count, and so do those of a store's rows that no tenant's rule may touch. Rows that go tonight do not. An
/// owned row of which a duty or a hold keeps a cell counts as well: it would go with its owner.
pub fn linked(pipeline: &Pipeline, state: &State, rows: &[RowPlan], protected: &Protected) -> Vec<Vec<bool>> {
    let mut linked: Vec<Vec<bool>> = state.tables.iter().map(|table| vec![false; table.rows]).collect();
    for (index, reference) in pipeline.references.iter().enumerate() {
        let outside = pipeline.tables[reference.from].out_of_scope.is_some();
        // A shared row does not link its own pointers, and what is owned goes along.
        if reference.kind == ReferenceKind::Owned && !outside {
            continue;
        }
        let parents = &state.parents[index];
        for row in 0..parents.len() {
            if parents.is_valid(row) && !rows[reference.from].delete[row] {
                linked[reference.to][parents.value(row) as usize] = true;
            }
        }
    }
    for (index, reference) in pipeline.references.iter().enumerate() {
        if reference.kind == ReferenceKind::Owned && protected.reaches(reference.from) {
            for (row, parent) in state.parents[index].iter().enumerate() {
                if let Some(parent) = parent.filter(|_| protected.any(reference.from, row as u32)) {
                    linked[reference.to][parent as usize] = true;
                }
            }
        }
    }
    // What is linked below is linked above: repeated until nothing changes, at most once per table in a chain.
    for _ in 0..pipeline.tables.len() {
        let mut changed = false;
        for (index, reference) in pipeline.references.iter().enumerate() {
            if reference.kind != ReferenceKind::Owned {
                continue;
            }
            let parents = &state.parents[index];
            for row in 0..parents.len() {
                if parents.is_valid(row) && linked[reference.from][row] && !linked[reference.to][parents.value(row) as usize] {
                    linked[reference.to][parents.value(row) as usize] = true;
                    changed = true;
                }
            }
        }
        if !changed {
            break;
        }
    }
    linked
}
