//! Which physical tables make one table, and what everything is called.

use std::collections::{BTreeMap, BTreeSet};

use super::query::{Answers, Found};
use crate::store::postgres::names::qualified;

/// The tables as the catalog will have them.
pub(super) struct Layout {
    /// The name of every root, readable or not, and of every view.
    names: BTreeMap<u32, String>,
    /// Every physical table, foreign table and partitioned table → the table that it is a part of, which may be itself.
    roots: BTreeMap<u32, u32>,
    /// Each root → itself and all below it, in the order of schema and name.
    members: BTreeMap<u32, Vec<u32>>,
    /// The roots that can not be read.
    unreadable: BTreeSet<u32>,
}

impl Layout {
    /// Arranges what the server has.
    pub fn of(answers: &Answers) -> Self {
        let found: BTreeMap<u32, &Found> = answers.relations.iter().map(|found| (found.oid, found)).collect();
        let mut roots = BTreeMap::new();
        for table in answers.relations.iter().filter(|found| matches!(found.kind, 'r' | 'p' | 'f')) {
            roots.insert(table.oid, root(table.oid, &found, answers));
        }
        let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (member, root) in &roots {
            members.entry(*root).or_default().push(*member);
        }
        for list in members.values_mut() {
            list.sort_by_key(|oid| found.get(oid).map(|found| (found.schema.as_str(), found.name.as_str())));
        }
        let is_readable = |oid: &u32| found.get(oid).is_some_and(|found| found.kind != 'f' && found.heap);
        let unreadable = members.iter().filter(|(_, list)| !list.iter().all(is_readable)).map(|(root, _)| *root).collect();
        let named = answers.relations.iter().filter(|found| roots.get(&found.oid).is_none_or(|root| *root == found.oid));
        let names = names(named, answers.default_schema.as_deref());
        Self { names, roots, members, unreadable }
    }

    /// The roots that can be read.
    pub fn readable(&self) -> impl Iterator<Item = (u32, &[u32])> {
        self.members.iter().filter(|(root, _)| !self.unreadable.contains(root)).map(|(root, members)| (*root, members.as_slice()))
    }

    /// The names of the roots that can not be read, sorted.
    pub fn unreadable(&self) -> Vec<String> {
        let mut names: Vec<String> = self.unreadable.iter().filter_map(|root| self.names.get(root).cloned()).collect();
        names.sort();
        names
    }

    /// The readable root that a physical table belongs to.
    pub fn root(&self, oid: u32) -> Option<u32> {
        self.roots.get(&oid).copied().filter(|root| !self.unreadable.contains(root))
    }

    /// The name of a root or view.
    pub fn name(&self, oid: u32) -> Option<&str> {
        self.names.get(&oid).map(String::as_str)
    }

    /// The name of the table that a physical table is a part of.
    pub fn table(&self, oid: u32) -> Option<&str> {
        self.root(oid).and_then(|root| self.name(root))
    }
}

/// The table that a relation is a part of.
fn root(start: u32, found: &BTreeMap<u32, &Found>, answers: &Answers) -> u32 {
    let mut oid = start;
    // No relation is its own ancestor; the parents of a chain never repeat.
    while let Some(parent) = parent(oid, found, answers) {
        oid = parent;
    }
    oid
}

/// The relation of which this one is a part: its root or upper partition, or the only parent of which it has exactly the columns.
fn parent(oid: u32, found: &BTreeMap<u32, &Found>, answers: &Answers) -> Option<u32> {
    let relation = found.get(&oid)?;
    let [parent] = answers.parents.get(&oid)?.as_slice() else {
        return None;
    };
    let count = |oid: &u32| answers.columns.get(oid).map_or(0, Vec::len);
    let same_columns = relation.partition || count(&oid) == count(parent);
    (found.contains_key(parent) && same_columns).then_some(*parent)
}

/// The name of each of these relations.
fn names<'a>(relations: impl Iterator<Item = &'a Found> + Clone, default_schema: Option<&str>) -> BTreeMap<u32, String> {
    let short = |found: &Found| {
        if Some(found.schema.as_str()) == default_schema { found.name.clone() } else { format!("{}.{}", found.schema, found.name) }
    };
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    for found in relations.clone() {
        *uses.entry(short(found)).or_default() += 1;
    }
    relations
        .map(|found| {
            let name = short(found);
            let alone = uses.get(&name).is_some_and(|uses| *uses == 1);
            (found.oid, if alone { name } else { qualified(&found.schema, &found.name) })
        })
        .collect()
}
