//! What is written back together: subjects (or records, or shared rows) with all rows that hang on them.

use std::collections::HashMap;

use arrow::array::Array;

use crate::decide::Plan;
use crate::decide::plan::owned_below;
use crate::pipeline::*;
use crate::snapshot::State;
use crate::store::{Step, Value};

/// What the rows of a unit are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Subjects of a category.
    Subjects(CategoryIndex),
    /// Records with a clock of their own.
    Records(usize),
    /// Rows that several subjects shared, and the last one left.
    Shared,
}

/// Rows that hang on the unit's own.
#[derive(Debug, Clone)]
pub struct Hanging {
    /// Their table.
    pub table: TableIndex,
    /// The references from it to the unit's table; empty for the unit's own rows.
    pub path: Vec<ReferenceIndex>,
    /// Index into the table's leads, where the path is one.
    pub lead: Option<usize>,
    /// Only looked at: a change of them stops the subject, nothing of them is written.
    pub guard: bool,
}

/// A kind of thing to write back.
#[derive(Debug, Clone)]
pub struct Unit {
    /// What its rows are.
    pub kind: Kind,
    /// Its name in the ledger: the category, `record.NAME`, or `shared.TABLE`.
    pub name: String,
    /// The table of its own rows.
    pub table: TableIndex,
    /// The rows on which something is left to do.
    pub rows: Vec<u32>,
    /// Its own rows first, then all that hang on them.
    pub hanging: Vec<Hanging>,
}

impl Unit {
    /// By how many paths rows of a table hang on the unit's rows.
    pub fn paths_to(&self, table: TableIndex) -> usize {
        self.hanging.iter().filter(|hanging| hanging.table == table).count()
    }
}

/// All units, in the order in which they are written: records, subjects, then what they shared.
pub fn units(pipeline: &Pipeline, plan: &Plan) -> Vec<Unit> {
    let mut units = Vec::new();
    for record in &plan.records {
        let rows = working(&record.work);
        let name = format!("record.{}", pipeline.records[record.record].name);
        let hanging = hanging(pipeline, record.table, None);
        units.push(Unit { kind: Kind::Records(record.record), name, table: record.table, rows, hanging });
    }
    for category in children_first(pipeline) {
        let subjects = &plan.subjects[category];
        let category = &pipeline.categories[subjects.category];
        let hanging = hanging(pipeline, category.table, Some(subjects.category));
        units.push(Unit {
            kind: Kind::Subjects(subjects.category),
            name: category.name.clone(),
            table: category.table,
            rows: working(&subjects.work),
            hanging,
        });
    }
    for table in 0..pipeline.tables.len() {
        if !pipeline.references.iter().any(|reference| reference.to == table && reference.kind == ReferenceKind::Shared) {
            continue;
        }
        let rows = &plan.rows[table];
        let work: Vec<bool> = (0..rows.delete.len()).map(|row| rows.delete[row] || rows.treat.values().any(|treat| treat[row])).collect();
        let name = format!("shared.{}", pipeline.tables[table].name());
        units.push(Unit { kind: Kind::Shared, name, table, rows: working(&work), hanging: hanging(pipeline, table, None) });
    }
    units.retain(|unit| !unit.rows.is_empty());
    units
}

/// Categories in an order in which rows that point go before the rows that they point at; in a circle, in the file's order.
fn children_first(pipeline: &Pipeline) -> Vec<CategoryIndex> {
    let goes_with = |category: CategoryIndex, table: TableIndex| {
        pipeline.categories[category].table == table
            || pipeline.tables[table].leads.iter().any(|lead| lead.category == category && lead.owned)
    };
    // Whether rows of one category, or rows that go with them, point at rows of another.
    let points = |from: CategoryIndex, to: CategoryIndex| {
        let target = pipeline.categories[to].table;
        from != to
            && pipeline
                .references
                .iter()
                .any(|reference| reference.to == target && goes_with(from, reference.from) && !goes_with(to, reference.from))
    };
    let mut left: Vec<CategoryIndex> = (0..pipeline.categories.len()).collect();
    let mut ordered = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let free = left.iter().position(|to| !left.iter().any(|from| points(*from, *to))).unwrap_or(0);
        ordered.push(left.remove(free));
    }
    ordered
}

/// How long a chain of rows that point at each other within one table is followed; what lies beyond waits for the next night.
const LONGEST_CHAIN: usize = 100;

/// Puts rows that point at others of their own table (who is paid for) before those (who pays), so that nobody points at a row any more when its
/// batch comes.
pub fn pointing_first(pipeline: &Pipeline, state: &State, plan: &Plan, table: TableIndex, rows: &mut [u32]) {
    let to_itself = |index: &ReferenceIndex| pipeline.references[*index].from == table && pipeline.references[*index].to == table;
    let within: Vec<ReferenceIndex> = (0..pipeline.references.len()).filter(to_itself).collect();
    if within.is_empty() {
        return;
    }
    let going = |row: u32| plan.rows[table].delete[row as usize];
    let mut above: HashMap<u32, usize> = HashMap::new();
    for _ in 0..LONGEST_CHAIN {
        let mut changed = false;
        for row in rows.iter().copied().filter(|row| going(*row)) {
            let parents = within.iter().map(|reference| &state.parents[*reference]);
            let parents = parents.filter(|parents| parents.is_valid(row as usize)).map(|parents| parents.value(row as usize));
            let steps =
                parents.filter(|parent| *parent != row && going(*parent)).map(|parent| above.get(&parent).copied().unwrap_or(0) + 1);
            if let Some(steps) = steps.max().filter(|steps| above.get(&row).copied().unwrap_or(0) < *steps) {
                above.insert(row, steps);
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    rows.sort_by_key(|row| std::cmp::Reverse(above.get(row).copied().unwrap_or(0)));
}

fn working(work: &[bool]) -> Vec<u32> {
    (0..work.len() as u32).filter(|row| work[*row as usize]).collect()
}

/// All that hangs on a table's rows: what leads to it, what it owns, and who else points at any of these.
fn hanging(pipeline: &Pipeline, table: TableIndex, category: Option<CategoryIndex>) -> Vec<Hanging> {
    let mut found = vec![Hanging { table, path: Vec::new(), lead: None, guard: false }];
    for (other, scoped) in pipeline.tables.iter().enumerate() {
        for (index, lead) in scoped.leads.iter().enumerate() {
            if Some(lead.category) == category {
                found.push(Hanging { table: other, path: lead.path.clone(), lead: Some(index), guard: false });
            }
        }
    }
    for path in owned_below(pipeline, table) {
        let Some(from) = path.first().map(|step| pipeline.references[*step].from) else { continue };
        if !found.iter().any(|hanging| hanging.path == path) {
            found.push(Hanging { table: from, path, lead: None, guard: false });
        }
    }
    // Whoever points at the rows that may be deleted stops the deletion, from outside the scope as well.
    let owned: Vec<Vec<ReferenceIndex>> = std::iter::once(Vec::new()).chain(owned_below(pipeline, table)).collect();
    for below in owned {
        let at = below.first().map_or(table, |step| pipeline.references[*step].from);
        for (index, reference) in pipeline.references.iter().enumerate() {
            let path: Vec<ReferenceIndex> = std::iter::once(index).chain(below.iter().copied()).collect();
            if reference.to == at && !found.iter().any(|hanging| hanging.path == path) {
                found.push(Hanging { table: reference.from, path, lead: None, guard: true });
            }
        }
    }
    found
}

/// A value as stores compare it; resolution lets no other through.
fn compared(value: &Scalar) -> Option<Value> {
    match value {
        Scalar::Text(text) => Some(Value::Text(text.clone())),
        Scalar::Integer(number) => Some(Value::Integer(*number)),
        Scalar::Boolean(value) => Some(Value::Boolean(*value)),
        Scalar::Number(_) => None,
    }
}

/// A path in the store's own names.
pub fn steps(pipeline: &Pipeline, path: &[ReferenceIndex]) -> Vec<Step> {
    let name = |table: TableIndex, column: ColumnIndex| pipeline.tables[table].catalog.columns[column].name.clone();
    let step = |reference: &Reference| Step {
        to: pipeline.tables[reference.to].name().to_owned(),
        columns: reference
            .columns
            .iter()
            .zip(&reference.to_columns)
            .map(|(from, to)| (name(reference.from, *from), name(reference.to, *to)))
            .collect(),
        when: reference.when.iter().filter_map(|(column, value)| Some((name(reference.from, *column), compared(value)?))).collect(),
        prefix: reference.prefix.clone(),
    };
    path.iter().map(|index| step(&pipeline.references[*index])).collect()
}
