//! What a pipeline does with each table: the rights that its roles need.

use std::collections::BTreeSet;

use super::personal_keys::replaced_columns;
use super::*;
use crate::snapshot::read::needed;
use crate::store::{ColumnType, TableUse};

/// Per table in scope what is read, written and deleted. Out of scope, what points into the scope is read.
pub fn usage(pipeline: &Pipeline) -> Vec<TableUse> {
    let read = needed(pipeline);
    let replaced: BTreeSet<(TableIndex, ColumnIndex)> =
        (0..pipeline.tables.len()).flat_map(|table| replaced_columns(&pipeline.tables, &pipeline.references, table)).collect();
    (0..pipeline.tables.len()).map(|table| of_table(pipeline, table, &read[table], &replaced)).collect()
}

/// Foreign keys into tables whose rows may be deleted: (table pointed at, (pointing table, its columns)). The store looks through each for
/// every row that goes.
pub fn guarding(pipeline: &Pipeline) -> Vec<(String, (String, Vec<String>))> {
    let uses = usage(pipeline);
    pointers(pipeline, &|reference| reference.declared && uses[reference.to].deleted)
        .into_iter()
        .map(|(to, from, columns)| (to, (from, columns)))
        .collect()
}

/// References that the store does not know of, and by which a batch finds the rows that hang on its people.
pub fn following(pipeline: &Pipeline) -> Vec<Following> {
    let uses = usage(pipeline);
    let followed = |reference: &Reference| uses[reference.to].deleted || !pipeline.tables[reference.from].leads.is_empty();
    pointers(pipeline, &|reference| !reference.declared && !reference.is_partial() && followed(reference))
        .into_iter()
        .map(|(to, table, columns)| Following { to, table, searched: vec![columns] })
        .chain(pipeline.references.iter().filter(|reference| reference.is_partial() && followed(reference)).map(|reference| {
            let from = &pipeline.tables[reference.from];
            let name = |column: &ColumnIndex| from.catalog.columns[*column].name.clone();
            let columns: Vec<String> = reference.columns.iter().map(name).collect();
            let when = reference.when.iter().map(|(column, _)| name(column));
            let mut searched = vec![when.chain(columns.iter().cloned()).collect(), columns];
            searched.dedup();
            Following { to: pipeline.tables[reference.to].name().to_owned(), table: from.name().to_owned(), searched }
        }))
        .collect()
}

/// A reference by which a batch finds rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Following {
    /// The table pointed at.
    pub to: String,
    /// The pointing table.
    pub table: String,
    /// Lists of its columns; an index that begins with any of them will do, with the first best.
    pub searched: Vec<Vec<String>>,
}

fn pointers(pipeline: &Pipeline, wanted: &dyn Fn(&Reference) -> bool) -> Vec<(String, String, Vec<String>)> {
    let references = pipeline.references.iter().filter(|reference| wanted(reference));
    references
        .map(|reference| {
            let from = &pipeline.tables[reference.from];
            let columns = reference.columns.iter().map(|column| from.catalog.columns[*column].name.clone()).collect();
            (pipeline.tables[reference.to].name().to_owned(), from.name().to_owned(), columns)
        })
        .collect()
}

fn of_table(pipeline: &Pipeline, table: TableIndex, needed: &[ColumnIndex], replaced: &BTreeSet<(TableIndex, ColumnIndex)>) -> TableUse {
    let scoped = &pipeline.tables[table];
    let in_scope = scoped.out_of_scope.is_none();
    let columns = &scoped.catalog.columns;
    let names = |chosen: &dyn Fn(ColumnIndex) -> bool| {
        (0..columns.len()).filter(|column| chosen(*column)).map(|column| columns[column].name.clone()).collect()
    };
    // The search for those who should be gone looks at every text.
    let read = |column: ColumnIndex| needed.contains(&column) || (in_scope && columns[column].data_type == ColumnType::Text);
    let released = |column: ColumnIndex| {
        let shared = |reference: &&Reference| reference.from == table && reference.kind == ReferenceKind::Shared;
        pipeline.references.iter().filter(shared).any(|reference| reference.columns.contains(&column))
    };
    let pointer = |column: ColumnIndex| released(column) || replaced.contains(&(table, column));
    let written = |column: ColumnIndex| {
        !columns[column].generated && ((in_scope && scoped.columns[column].treatment != Treatment::Keep) || pointer(column))
    };
    let shared = pipeline.references.iter().any(|reference| reference.to == table && reference.kind == ReferenceKind::Shared);
    let deleted = in_scope
        && (scoped.category.is_some()
            || shared
            || scoped.leads.iter().any(|lead| lead.owned)
            || pipeline.records.iter().any(|record| record.table == table));
    TableUse {
        name: scoped.name().to_owned(),
        read: names(&read),
        written: names(&written),
        deleted,
        inserted: pipeline.copied_into.contains(&table),
    }
}
