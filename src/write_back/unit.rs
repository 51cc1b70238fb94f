//! What is written back together: subjects (or records, or shared rows) with all rows that hang on them, and what those rows looked like
//! when the plan was made.

use std::collections::{BTreeMap, HashMap, HashSet};

use arrow::array::{Array, ArrayRef, UInt32Array};

use crate::decide::Plan;
use crate::decide::plan::owned_below;
use crate::keys::Token;
use crate::passes::fingerprint::{Multiset, compared_columns, fingerprints};
use crate::passes::{PassError, Treating, gather, in_pieces};
use crate::pipeline::*;
use crate::snapshot::State;
use crate::store::Step;

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
    };
    path.iter().map(|index| step(&pipeline.references[*index])).collect()
}

/// What this run itself has written so far: such versions are accepted, and are not somebody else's change.
#[derive(Debug, Clone, Default)]
pub struct OwnWrites {
    /// (table, row of the snapshot) → its fingerprint now.
    pub rewritten: HashMap<(TableIndex, u32), Token>,
    /// Rows of the snapshot that are gone.
    pub deleted: BTreeMap<TableIndex, HashSet<u32>>,
}

impl OwnWrites {
    fn is_deleted(&self, table: TableIndex, row: u32) -> bool {
        self.deleted.get(&table).is_some_and(|rows| rows.contains(&row))
    }
}

/// What a unit's rows looked like in the snapshot, or when this run last wrote them.
pub struct Expected {
    /// Per hanging table: the row of the unit's table that each row hangs on.
    subjects: Vec<UInt32Array>,
    /// Per hanging table: unit row → fingerprint of all rows that hang on it.
    multisets: Vec<HashMap<u32, Multiset>>,
    /// Per table: fingerprint → row of the snapshot.
    rows: HashMap<(TableIndex, Token), u32>,
    /// (table, row) → fingerprint.
    fingerprints: HashMap<(TableIndex, u32), Token>,
    /// Tables of which this run has written rows that the unit may meet: the snapshot no longer says what is in them.
    stale: HashSet<TableIndex>,
}

impl Expected {
    /// For all rows of a unit at once.
    pub fn of(treating: &Treating<'_>, state: &State, unit: &Unit, own: &OwnWrites) -> Result<Self, PassError> {
        let mut work = vec![false; state.tables[unit.table].rows];
        unit.rows.iter().for_each(|row| work[*row as usize] = true);
        let mut expected = Self {
            subjects: Vec::new(),
            multisets: Vec::new(),
            rows: HashMap::new(),
            fingerprints: HashMap::new(),
            stale: own.rewritten.keys().map(|(table, _)| *table).collect(),
        };
        for hanging in &unit.hanging {
            let subjects = state.follow(hanging.table, &hanging.path);
            let mut multisets: HashMap<u32, Multiset> = HashMap::new();
            let chosen: Vec<u32> = (0..subjects.len() as u32)
                .filter(|row| {
                    subjects.is_valid(*row as usize) && work[subjects.value(*row as usize) as usize] && !own.is_deleted(hanging.table, *row)
                })
                .collect();
            let missing: Vec<u32> =
                chosen.iter().copied().filter(|row| !expected.fingerprints.contains_key(&(hanging.table, *row))).collect();
            let found = fingerprints_of(treating, state, hanging.table, &missing)?;
            for (row, fingerprint) in missing.iter().zip(found) {
                let fingerprint = own.rewritten.get(&(hanging.table, *row)).copied().unwrap_or(fingerprint);
                expected.rows.insert((hanging.table, fingerprint), *row);
                expected.fingerprints.insert((hanging.table, *row), fingerprint);
            }
            for row in chosen {
                if let Some(fingerprint) = expected.fingerprints.get(&(hanging.table, row)) {
                    multisets.entry(subjects.value(row as usize)).or_default().add(*fingerprint);
                }
            }
            expected.subjects.push(subjects);
            expected.multisets.push(multisets);
        }
        Ok(expected)
    }

    /// What is expected of all rows that hang on one of the unit's rows.
    pub fn multiset(&self, hanging: usize, unit_row: u32) -> Multiset {
        self.multisets[hanging].get(&unit_row).copied().unwrap_or_default()
    }

    /// The row of the snapshot that looks like this.
    pub fn row(&self, table: TableIndex, fingerprint: Token) -> Option<u32> {
        self.rows.get(&(table, fingerprint)).copied()
    }

    /// The fingerprint of a row, unless this run has deleted it.
    pub fn fingerprint(&self, table: TableIndex, row: u32) -> Option<Token> {
        self.fingerprints.get(&(table, row)).copied()
    }

    /// Whether the snapshot may not say any more what is in a table's rows, because this run has written some.
    pub fn is_stale(&self, table: TableIndex) -> bool {
        self.stale.contains(&table)
    }

    /// This run has rewritten a row.
    pub fn rewritten(&mut self, unit: &Unit, table: TableIndex, row: u32, new: Token) {
        let Some(old) = self.fingerprints.insert((table, row), new) else { return };
        self.rows.insert((table, new), row);
        // By one path a row leads to one of the unit's rows, and each of these is in one batch.
        if unit.paths_to(table) > 1 {
            self.stale.insert(table);
        }
        for (index, _) in unit.hanging.iter().enumerate().filter(|(_, hanging)| hanging.table == table) {
            if self.subjects[index].is_valid(row as usize)
                && let Some(multiset) = self.multisets[index].get_mut(&self.subjects[index].value(row as usize))
            {
                multiset.replace(old, new);
            }
        }
    }

    /// This run has deleted a row.
    pub fn deleted(&mut self, unit: &Unit, table: TableIndex, row: u32) {
        let Some(old) = self.fingerprints.remove(&(table, row)) else { return };
        for (index, _) in unit.hanging.iter().enumerate().filter(|(_, hanging)| hanging.table == table) {
            if self.subjects[index].is_valid(row as usize)
                && let Some(multiset) = self.multisets[index].get_mut(&self.subjects[index].value(row as usize))
            {
                multiset.remove(old);
            }
        }
    }
}

/// Fingerprints of some rows of the snapshot, in their order: the store's own versions where it has them.
fn fingerprints_of(treating: &Treating<'_>, state: &State, table: TableIndex, rows: &[u32]) -> Result<Vec<Token>, PassError> {
    if let Some(versions) = &state.tables[table].versions {
        return Ok(rows.iter().map(|row| Token::from_bytes(versions[*row as usize])).collect());
    }
    let columns = compared_columns(&state.tables[table].columns);
    let name = treating.pipeline.tables[table].name();
    let pieces = in_pieces(rows, |rows| {
        let gathered: Vec<ArrayRef> = columns
            .iter()
            .map(|column| {
                let cells = state.column(table, *column).ok_or_else(|| treating.not_read(table, *column))?;
                gather(cells, rows).ok_or_else(|| treating.assembly(table, *column))
            })
            .collect::<Result<_, _>>()?;
        let cells: Vec<&ArrayRef> = gathered.iter().collect();
        fingerprints(&cells, rows.len(), treating.comparing, name)
            .map_err(|source| treating.failed(table, columns.first().copied().unwrap_or_default(), source))
    })?;
    Ok(pieces.into_iter().flatten().collect())
}
