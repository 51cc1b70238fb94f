//! What tonight's plan does with each table, out of all that the pipeline could do with it.

use std::collections::BTreeSet;

use crate::decide::Plan;
use crate::pipeline::personal_keys::replaced_columns;
use crate::pipeline::usage::usage;
use crate::pipeline::{ColumnIndex, Pipeline, TableIndex, Treatment};
use crate::store::TableUse;

/// Per table what is read, and what the plan writes.
pub fn uses(pipeline: &Pipeline, plan: &Plan) -> Vec<TableUse> {
    let mut uses = usage(pipeline);
    let mut written: BTreeSet<(TableIndex, ColumnIndex)> = BTreeSet::new();
    for (table, rows) in plan.rows.iter().enumerate() {
        for (column, _) in rows.treat.iter().filter(|(_, treat)| treat.contains(&true)) {
            written.insert((table, *column));
            if matches!(pipeline.tables[table].columns[*column].treatment, Treatment::Rekey(_)) {
                written.extend(replaced_columns(&pipeline.tables, &pipeline.references, table));
            }
        }
        for (reference, _) in rows.release.iter().filter(|(_, release)| release.contains(&true)) {
            written.extend(pipeline.references[*reference].columns.iter().map(|column| (table, *column)));
        }
    }
    let anything = !written.is_empty() || plan.rows.iter().any(|rows| rows.delete.contains(&true));
    for (table, used) in uses.iter_mut().enumerate() {
        // What triggers copy into a table is treated in the same transaction, and nobody knows beforehand which rows that will be.
        if anything && used.inserted {
            continue;
        }
        let columns = &pipeline.tables[table].catalog.columns;
        used.written.retain(|name| written.iter().any(|(of, column)| *of == table && columns[*column].name == *name));
        used.deleted &= plan.rows[table].delete.contains(&true);
    }
    uses
}
