//! Cells that can not be read as their columns' types, found before a night meets them.
//!
//! What a night needs stops it where it can not be read, before anything is written. The search for what is left reads every text, also of columns
//! that nothing else needs, and after the writes: there a column with such a cell is left out and named, because the night is not to fail for it.

use crate::pipeline::{ColumnIndex, Pipeline};
use crate::snapshot::read::needed;
use crate::store::{ColumnType, Request, StoreError, Tolerant, UnreadableColumn};

/// Whether a column is read for the search alone, by the table's name: no rule, treatment or set needs it.
pub fn only_searched(pipeline: &Pipeline) -> impl Fn(&str, ColumnIndex) -> bool {
    let names: Vec<String> = pipeline.tables.iter().map(|table| table.name().to_owned()).collect();
    let needed = needed(pipeline);
    move |table, column| names.iter().zip(&needed).any(|(name, needed)| name == table && !needed.contains(&column))
}

/// Reads every cell that a night reads, so that the view knows the columns that it can not.
///
/// # Errors
/// The store can not be read at all.
pub fn look_through(pipeline: &Pipeline, view: &mut Tolerant<'_>) -> Result<(), StoreError> {
    for (scoped, mut columns) in pipeline.tables.iter().zip(needed(pipeline)) {
        if scoped.out_of_scope.is_none() {
            let is_text = |column: &ColumnIndex| scoped.catalog.columns[*column].data_type == ColumnType::Text;
            columns.extend((0..scoped.columns.len()).filter(is_text));
        }
        columns.sort_unstable();
        columns.dedup();
        if !columns.is_empty() {
            view.look_through(&Request { table: scoped.catalog.clone(), columns })?;
        }
    }
    Ok(())
}

/// What comes of a column that can not be read: a sentence, and what to do about it.
pub fn told(found: &UnreadableColumn, only_searched: &dyn Fn(&str, ColumnIndex) -> bool) -> (String, Option<String>) {
    let comes = match only_searched(&found.table, found.column) {
        true => "the search for what is left does without this column",
        false => "`plan` and `run` end there",
    };
    (format!("{}; {comes}", found.error), found.error.hint())
}
