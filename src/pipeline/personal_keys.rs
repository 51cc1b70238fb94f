//! Keys that are personal data themselves: which columns of a table change as one key, and where copies of it stand.

use super::{ColumnIndex, Reference, ScopedTable, TableIndex, Treatment};

/// The keys of a table that have a column which is replaced, the primary key first: each is replaced as a whole, with all its copies.
///
/// A personal column outside the primary key is a key because somebody points at it; what they point at is the key then, and the smallest such
/// where there are several.
pub fn personal_keys(tables: &[ScopedTable], references: &[Reference], table: TableIndex) -> Vec<Vec<ColumnIndex>> {
    let scoped = &tables[table];
    let mut keys: Vec<Vec<ColumnIndex>> = Vec::new();
    for column in (0..scoped.columns.len()).filter(|column| matches!(scoped.columns[*column].treatment, Treatment::Rekey(_))) {
        if keys.iter().any(|key| key.contains(&column)) {
            continue;
        }
        if scoped.catalog.primary_key.contains(&column) {
            keys.insert(0, scoped.catalog.primary_key.clone());
            continue;
        }
        let pointed_at = references.iter().filter(|reference| reference.to == table && reference.to_columns.contains(&column));
        keys.extend(pointed_at.map(|reference| reference.to_columns.clone()).min_by_key(Vec::len));
    }
    keys
}

/// Every column that is assigned where personal keys are replaced: all of each key, and of each copy of it.
pub fn replaced_columns(tables: &[ScopedTable], references: &[Reference], table: TableIndex) -> Vec<(TableIndex, ColumnIndex)> {
    let keys = personal_keys(tables, references, table);
    let copies = keys.iter().flat_map(|key| copies(references, table, key));
    copies.flat_map(|(table, columns)| columns.into_iter().map(move |column| (table, column))).collect()
}

/// Where a key of a table stands: there first, then wherever a reference to it carries it, and references to those in turn. The columns are in
/// the key's order. Partial references are left out: resolution refuses those to a key that is replaced.
pub fn copies(references: &[Reference], table: TableIndex, key: &[ColumnIndex]) -> Vec<(TableIndex, Vec<ColumnIndex>)> {
    let mut found = vec![(table, key.to_vec())];
    let mut next = 0;
    while let Some((at, columns)) = found.get(next).cloned() {
        next += 1;
        for reference in references.iter().filter(|reference| reference.to == at && !reference.is_partial()) {
            let from = |column: &ColumnIndex| reference.to_columns.iter().position(|to| to == column).map(|at| reference.columns[at]);
            if let Some(pointing) = columns.iter().map(from).collect::<Option<Vec<ColumnIndex>>>()
                && !found.contains(&(reference.from, pointing.clone()))
            {
                found.push((reference.from, pointing));
            }
        }
    }
    found
}
