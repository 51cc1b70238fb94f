//! Views, and what the materialized ones keep a copy of.

use std::collections::{BTreeMap, BTreeSet};

use super::layout::Layout;
use super::query::{Answers, merged, of_kinds};
use crate::store::postgres::relation::MaterializedView;

/// The names of the plain views, sorted.
pub(super) fn plain(answers: &Answers, layout: &Layout) -> Vec<String> {
    merged(of_kinds(&answers.relations, &['v']).keys().filter_map(|oid| layout.name(*oid).map(String::from)))
}

/// The materialized views, each after those that it depends on.
pub(super) fn materialized(answers: &Answers, layout: &Layout) -> Vec<MaterializedView> {
    let found = of_kinds(&answers.relations, &['m']);
    let mut sources: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (view, source) in &answers.view_sources {
        sources.entry(*view).or_default().push(*source);
    }
    let mut by_name: Vec<u32> = found.keys().copied().collect();
    by_name.sort_by_key(|oid| layout.name(*oid));
    let mut ordered = Vec::new();
    let mut placed = BTreeSet::new();
    for view in by_name {
        place(view, &sources, &mut placed, &mut ordered);
    }
    let described = |oid: &u32| {
        let (own, name) = (found.get(oid)?, layout.name(*oid)?);
        let (mut reached, mut order) = (BTreeSet::new(), Vec::new());
        place(*oid, &sources, &mut reached, &mut order);
        let has_key = answers.indexes.iter().any(|index| index.table == *oid && index.plain);
        Some(MaterializedView {
            name: name.to_owned(),
            schema: own.schema.clone(),
            relation: own.name.clone(),
            oid: *oid,
            tables: merged(reached.iter().filter_map(|source| layout.table(*source)).map(String::from)),
            concurrently: has_key && own.populated,
            may_refresh: own.owned,
        })
    };
    ordered.iter().filter_map(described).collect()
}

/// Puts a relation after everything that it selects from, each once.
fn place(relation: u32, sources: &BTreeMap<u32, Vec<u32>>, placed: &mut BTreeSet<u32>, ordered: &mut Vec<u32>) {
    if !placed.insert(relation) {
        return;
    }
    for source in sources.get(&relation).into_iter().flatten() {
        place(*source, sources, placed, ordered);
    }
    ordered.push(relation);
}
