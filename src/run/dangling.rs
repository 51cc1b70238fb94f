//! References that lead nowhere: what a night finds broken is not its doing, and what it breaks is.

use std::collections::BTreeMap;

use arrow::array::Array;

use crate::pipeline::Pipeline;
use crate::snapshot::State;

/// Violated foreign keys by table: what the store says of itself, and what the rows say of the references that it declares. A store that
/// trusts its own enforcement does not know of rows that were written around it.
pub(super) fn with_dangling(pipeline: &Pipeline, state: &State, found: Vec<(String, u64)>) -> Vec<(String, u64)> {
    let mut broken: BTreeMap<String, u64> = found.into_iter().collect();
    let mut counted: BTreeMap<String, u64> = BTreeMap::new();
    for (index, reference) in pipeline.references.iter().enumerate().filter(|(_, reference)| reference.declared) {
        let cells: Option<Vec<_>> = reference.columns.iter().map(|column| state.column(reference.from, *column)).collect();
        let Some(cells) = cells else { continue };
        let parents = &state.parents[index];
        let dangling = (0..parents.len()).filter(|row| parents.is_null(*row) && cells.iter().all(|cells| cells.is_valid(*row))).count();
        if dangling > 0 {
            *counted.entry(pipeline.tables[reference.from].name().to_owned()).or_default() += dangling as u64;
        }
    }
    for (table, rows) in counted {
        broken.entry(table).and_modify(|known| *known = rows.max(*known)).or_insert(rows);
    }
    broken.into_iter().collect()
}
