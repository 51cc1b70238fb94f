//! Tables between a streamed base and the rest: their rows are read once, and what is kept of each is a few numbers.
//!
//! An order tells a line's set the order's own columns and where its customer stands, and the decisions the latest day of each customer. So
//! per row stay the number of each cell (equal cells share one) and the row that each pointer leads to; per subject the latest day. That works
//! where rules read nothing of the table but clocks, nothing of it is ever changed, and nothing but the base points at it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, UInt32Array};
use arrow::buffer::{NullBuffer, ScalarBuffer};
use arrow::compute::take;
use arrow::datatypes::Int64Type;

use super::streamed::{Names, first_steps, is_plain, stays_as_it_is};
use crate::decide::days::{DayCells, DecideError};
use crate::decide::facts::{Ahead, Latest, Piece, Tenants};
use crate::decide::keys::KeyIndex;
use crate::error::Error;
use crate::pipeline::{ColumnIndex, Pipeline, ReferenceIndex, Retention, Set, SetSource, TableIndex};
use crate::progress::Progress;
use crate::publish::{Coded, Coding, PublishError};
use crate::snapshot::read::{ReadState, needed_by_rules};
use crate::snapshot::{State, TableState};
use crate::store::{ColumnType, Request, Snapshot, StoreError, Streamed};

/// For so many rows room is made before they come.
const MOST_EXPECTED: u64 = 1 << 26;
/// A row that is not there.
const NOBODY: u32 = u32::MAX;

/// The tables that the set's base leads to and that need not be kept.
pub(super) fn on_the_way(pipeline: &Pipeline, set: &Set) -> Vec<TableIndex> {
    let mut tables: Vec<TableIndex> = first_steps(set).into_iter().map(|step| pipeline.references[step].to).collect();
    tables.sort_unstable();
    tables.dedup();
    tables.retain(|table| is_on_the_way(pipeline, set, *table));
    // What one of them leads to has to be there when its rows come.
    let all = tables.clone();
    tables.retain(|table| steps_from(pipeline, set, *table).iter().all(|step| !all.contains(&pipeline.references[*step].to)));
    tables
}

fn is_on_the_way(pipeline: &Pipeline, set: &Set, table: TableIndex) -> bool {
    let mut without_clocks = pipeline.clone();
    for category in &mut without_clocks.categories {
        let periods = category.purposes.iter_mut().filter_map(|purpose| purpose.period.as_mut());
        category.retention.iter_mut().chain(periods).for_each(|rule| rule.linked.retain(|(of, ..)| *of != table));
    }
    let plain = |step: &ReferenceIndex| {
        let reference = &pipeline.references[*step];
        reference.to != table && reference.to != set.base && is_plain(pipeline, *step)
    };
    table != set.base
        && stays_as_it_is(pipeline, table)
        && needed_by_rules(&without_clocks)[table].iter().all(|wanted| !wanted)
        && pipeline.references.iter().all(|reference| reference.to != table || reference.from == set.base)
        && steps_from(pipeline, set, table).iter().all(plain)
}

/// The rules whose clocks other tables' rows can start.
fn rules(pipeline: &Pipeline) -> impl Iterator<Item = &Retention> {
    pipeline
        .categories
        .iter()
        .flat_map(|category| category.retention.iter().chain(category.purposes.iter().filter_map(|purpose| purpose.period.as_ref())))
}

/// The clocks that a table's rows start: the lead and the column of each.
fn clocks(pipeline: &Pipeline, table: TableIndex) -> BTreeSet<(usize, ColumnIndex)> {
    let linked = rules(pipeline).flat_map(|rule| &rule.linked).filter(|(of, ..)| *of == table);
    linked.map(|(_, lead, column)| (*lead, *column)).collect()
}

/// The references of a table that the set's paths or its clocks go on by.
fn steps_from(pipeline: &Pipeline, set: &Set, table: TableIndex) -> Vec<ReferenceIndex> {
    let of_set = set.paths().into_iter().filter_map(|path| match path {
        [first, second, ..] if pipeline.references[*first].to == table => Some(*second),
        _ => None,
    });
    let leads = &pipeline.tables[table].leads;
    let of_clocks = clocks(pipeline, table).into_iter().filter_map(|(lead, _)| leads.get(lead)?.path.first().copied());
    of_set.chain(of_clocks).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The columns of a table at the end of one step that the set looks at: those that can be numbered, and those whose cells it needs.
fn columns_of(pipeline: &Pipeline, set: &Set, table: TableIndex) -> (BTreeSet<ColumnIndex>, BTreeSet<ColumnIndex>) {
    let (mut numbered, mut whole) = (BTreeSet::new(), BTreeSet::new());
    let is_here = |path: &[ReferenceIndex]| matches!(path, [step] if pipeline.references[*step].to == table);
    for (at, column) in set.columns.iter().enumerate() {
        let sources = column.source.columns();
        let is_coded = matches!(&column.source, SetSource::Column { cast: None, columns, .. } if columns.len() == 1);
        for source in sources.iter().filter(|source| is_here(source.path)) {
            if is_coded {
                numbered.insert(source.column)
            } else {
                whole.insert(source.column)
            };
            if set.closed == Some(at) {
                whole.insert(source.column);
            }
        }
    }
    whole.extend(set.filter.iter().filter(|(path, _)| is_here(path)).map(|(_, condition)| condition.column));
    (numbered, whole)
}

/// What is kept of a table.
#[derive(Debug)]
pub(super) struct Through {
    /// The table.
    pub table: TableIndex,
    /// Key → row.
    pub index: KeyIndex,
    /// The columns that the set publishes.
    pub coded: Vec<Coded>,
    /// The rest, for the state.
    kept: TableState,
    parents: Vec<(ReferenceIndex, UInt32Array)>,
}

impl Through {
    /// Reads a table, and leaves in the state what its rows say of subjects.
    pub fn read(
        snapshot: &mut dyn Snapshot,
        pipeline: &Pipeline,
        set: &Set,
        table: TableIndex,
        read: &mut ReadState,
        progress: &dyn Progress,
    ) -> Result<Self, Error> {
        let expected = snapshot.count(pipeline.tables[table].name())?;
        // A server may be mistaken about how many rows there are.
        let mut gathering = Gathering::of(pipeline, set, table, read, expected.min(MOST_EXPECTED) as usize)?;
        let request = gathering.request();
        let bar = progress.start(&format!("stream {}", pipeline.tables[table].name()), expected);
        let mut failed: Option<Error> = None;
        let streamed = snapshot.stream(&request, &mut |rows: Streamed| {
            bar.advance(rows.batch.num_rows() as u64);
            gathering.take(&rows).map_err(|error| {
                failed = Some(error);
                given_up(pipeline, table)
            })
        });
        if let Some(error) = failed {
            return Err(error);
        }
        streamed?;
        bar.finish();
        let (through, activity) = gathering.finish()?;
        read.state.tables[table].activity = activity;
        Ok(through)
    }

    /// Puts its rows into the state from which the set is made.
    pub fn place(&self, state: &mut State) {
        let activity = std::mem::take(&mut state.tables[self.table].activity);
        state.tables[self.table] = TableState { activity, ..self.kept.clone() };
        for (reference, parents) in &self.parents {
            state.parents[*reference] = parents.clone();
        }
    }
}

/// What is said where a set gives up a table in the middle; the reason is told instead.
pub(super) fn given_up(pipeline: &Pipeline, table: TableIndex) -> StoreError {
    StoreError::Driver { doing: format!("reading `{}`", pipeline.tables[table].name()), code: "the set was given up".into() }
}

/// A pointer: where it leads.
struct Pointer {
    step: ReferenceIndex,
    index: KeyIndex,
    rows: Vec<u32>,
    /// The column of the key that the set publishes, where it is the pointer's only one; and the keys of the other table.
    shown: Option<(ColumnIndex, ArrayRef)>,
    /// Of that column the keys that lead nowhere: the rows, and their cells.
    dangling: Vec<(Vec<u32>, ArrayRef)>,
}

/// The keys of the rows that came.
enum Keys {
    /// A whole number each.
    Numbers(Vec<i64>),
    Pieces(Vec<Vec<ArrayRef>>),
}

/// A table that is being read.
struct Gathering<'a> {
    pipeline: &'a Pipeline,
    set: &'a Set,
    table: TableIndex,
    read: &'a ReadState,
    columns: Vec<ColumnIndex>,
    names: Names<'a>,
    rows: usize,
    keys: Keys,
    coding: Vec<(ColumnIndex, Coding)>,
    whole: Vec<(ColumnIndex, Vec<ArrayRef>)>,
    pointers: Vec<Pointer>,
    tenants: Vec<u16>,
    activity: BTreeMap<(usize, ColumnIndex), Latest>,
}

/// What is kept of a table, and what its rows say of subjects.
type Gathered = (Through, BTreeMap<(usize, ColumnIndex), Latest>);

impl<'a> Gathering<'a> {
    fn of(pipeline: &'a Pipeline, set: &'a Set, table: TableIndex, read: &'a ReadState, expected: usize) -> Result<Self, PublishError> {
        let scoped = &pipeline.tables[table];
        let failed = || PublishError::Compute { set: set.name.clone(), step: "following a reference" };
        let (mut numbered, mut whole) = columns_of(pipeline, set, table);
        let mut pointers = Vec::new();
        for step in steps_from(pipeline, set, table) {
            let reference = &pipeline.references[step];
            let known = &read.state.tables[reference.to];
            let keys: Option<Vec<ArrayRef>> = reference.to_columns.iter().map(|column| known.columns[*column].clone()).collect();
            let keys = keys.ok_or_else(failed)?;
            let index = KeyIndex::of(&keys).map_err(|_| failed())?;
            let shown = match (reference.columns.as_slice(), keys.as_slice()) {
                ([column], [keys]) if keys.null_count() == 0 && numbered.remove(column) => Some((*column, keys.clone())),
                _ => None,
            };
            pointers.push(Pointer { step, index, rows: Vec::with_capacity(expected), shown, dangling: Vec::new() });
        }
        let mut coding = Vec::new();
        for column in numbered {
            match Coding::of(&scoped.catalog.columns[column].data_type.arrow(), expected) {
                Some(coded) => coding.push((column, coded)),
                None => whole.extend([column]),
            }
        }
        let subjects = |lead: usize| read.state.tables[pipeline.categories[scoped.leads[lead].category].table].rows;
        let clocks = clocks(pipeline, table);
        let mut columns: Vec<ColumnIndex> = coding.iter().map(|(column, _)| *column).chain(whole.iter().copied()).collect();
        columns.extend(scoped.catalog.primary_key.iter().copied().chain(scoped.tenant));
        columns.extend(pointers.iter().flat_map(|pointer| pipeline.references[pointer.step].columns.iter().copied()));
        columns.extend(clocks.iter().map(|(_, column)| *column));
        columns.sort_unstable();
        columns.dedup();
        let is_number = |column: &ColumnIndex| scoped.catalog.columns[*column].data_type == ColumnType::Integer;
        let keys = match scoped.catalog.primary_key.as_slice() {
            [column] if is_number(column) => Keys::Numbers(Vec::with_capacity(expected)),
            _ => Keys::Pieces(Vec::new()),
        };
        Ok(Self {
            pipeline,
            set,
            table,
            read,
            columns,
            names: Names::of(&read.tenants),
            rows: 0,
            keys,
            coding,
            whole: whole.into_iter().map(|column| (column, Vec::new())).collect(),
            pointers,
            tenants: Vec::new(),
            activity: clocks.into_iter().map(|clock| (clock, Latest::none(subjects(clock.0)))).collect(),
        })
    }

    fn request(&self) -> Request {
        Request { table: self.pipeline.tables[self.table].catalog.clone(), columns: self.columns.clone() }
    }

    fn failed(&self) -> PublishError {
        PublishError::Compute { set: self.set.name.clone(), step: "reading a table on the way" }
    }

    /// The cells of a column of some rows.
    fn cells(&self, rows: &Streamed, column: ColumnIndex) -> Result<ArrayRef, PublishError> {
        let at = self.columns.iter().position(|known| *known == column).ok_or_else(|| self.failed())?;
        Ok(rows.batch.column(at).clone())
    }

    fn take(&mut self, rows: &Streamed) -> Result<(), Error> {
        let scoped = &self.pipeline.tables[self.table];
        let (before, count) = (self.rows, rows.batch.num_rows());
        self.rows += count;
        if self.rows >= NOBODY as usize {
            return Err(PublishError::TooManyRows { set: self.set.name.clone() }.into());
        }
        let keys = scoped.catalog.primary_key.iter().map(|column| self.cells(rows, *column)).collect::<Result<Vec<_>, _>>()?;
        self.take_keys(keys);
        let tenants = match scoped.tenant.filter(|_| self.pipeline.tenants.is_some()) {
            Some(column) => Some(self.names.tenants(&self.cells(rows, column)?).ok_or_else(|| self.failed())?),
            None => None,
        };
        let mut parents: Vec<(ReferenceIndex, UInt32Array)> = Vec::new();
        for pointer in &self.pointers {
            let pointing = self.pipeline.references[pointer.step].columns.iter().map(|column| self.cells(rows, *column));
            let found = pointer.index.find(&pointing.collect::<Result<Vec<_>, _>>()?).map_err(|_| self.failed())?;
            parents.push((pointer.step, found));
        }
        let of = tenants.as_deref().map_or(Tenants::All(0), Tenants::PerRow);
        let clocks: Vec<(usize, ColumnIndex)> = self.activity.keys().copied().collect();
        for (lead, column) in clocks {
            let subjects = self.follow(&scoped.leads[lead].path, &parents);
            let cells = self.cells(rows, column)?;
            let at = self.columns.iter().position(|known| *known == column);
            let unreadable = at.and_then(|at| rows.unreadable.get(&at)).map_or(&[][..], Vec::as_slice);
            let days = DayCells::of(&cells, unreadable).ok_or_else(|| DecideError::Type {
                table: scoped.name().to_owned(),
                column: scoped.catalog.columns[column].name.clone(),
                data_type: cells.data_type().to_string(),
            });
            if let Some(latest) = self.activity.get_mut(&(lead, column)) {
                latest.take(Piece { subjects: &subjects, tenants: of, counts: None }, &days?, &self.read.tenants, Ahead::Counts);
            }
        }
        for at in 0..self.coding.len() {
            let cells = self.cells(rows, self.coding[at].0)?;
            self.coding[at].1.push(&cells).map_err(|_| self.failed())?;
        }
        for at in 0..self.whole.len() {
            let cells = self.cells(rows, self.whole[at].0)?;
            self.whole[at].1.push(cells);
        }
        for at in 0..self.pointers.len() {
            let found = &parents[at].1;
            if let Some((column, _)) = self.pointers[at].shown {
                let cells = self.cells(rows, column)?;
                let dangles = |row: &u32| found.is_null(*row as usize) && cells.is_valid(*row as usize);
                let dangling: UInt32Array = (0..count as u32).filter(dangles).collect::<Vec<_>>().into();
                if !dangling.is_empty() {
                    let cells = take(&cells, &dangling, None).map_err(|_| self.failed())?;
                    self.pointers[at].dangling.push((dangling.values().iter().map(|row| before as u32 + row).collect(), cells));
                }
            }
            let known = &mut self.pointers[at].rows;
            if found.null_count() == 0 {
                known.extend_from_slice(found.values());
            } else {
                known.extend(found.iter().map(|row| row.unwrap_or(NOBODY)));
            }
        }
        self.tenants.extend(tenants.into_iter().flatten());
        Ok(())
    }

    fn take_keys(&mut self, keys: Vec<ArrayRef>) {
        let numbers = |cells: &ArrayRef| cells.as_primitive_opt::<Int64Type>().filter(|cells| cells.null_count() == 0).cloned();
        match (&mut self.keys, keys.first().and_then(numbers)) {
            (Keys::Numbers(known), Some(more)) => known.extend_from_slice(more.values()),
            // SQLite has primary keys that are NULL.
            (Keys::Numbers(known), None) => {
                let known: ArrayRef = Arc::new(Int64Array::from(std::mem::take(known)));
                self.keys = Keys::Pieces(vec![vec![known], keys]);
            }
            (Keys::Pieces(pieces), _) => pieces.push(keys),
        }
    }

    /// The row at the end of a path that begins in this table.
    fn follow(&self, path: &[ReferenceIndex], parents: &[(ReferenceIndex, UInt32Array)]) -> UInt32Array {
        let Some((first, rest)) = path.split_first() else { return UInt32Array::new_null(0) };
        let found = parents.iter().find(|(step, _)| step == first).map(|(_, found)| found.clone());
        self.read.state.follow_on(found.unwrap_or_else(|| UInt32Array::new_null(0)), rest)
    }

    fn finish(self) -> Result<Gathered, PublishError> {
        let (table, set) = (self.table, &self.set.name);
        let failed = |_| PublishError::Compute { set: set.clone(), step: "reading a table on the way" };
        let mut kept =
            TableState { rows: self.rows, tenants: self.tenants, ..TableState::nothing(self.pipeline.tables[table].columns.len()) };
        for (column, pieces) in self.whole {
            let pieces: Vec<&dyn Array> = pieces.iter().map(AsRef::as_ref).collect();
            let empty = || arrow::array::new_empty_array(&self.pipeline.tables[table].catalog.columns[column].data_type.arrow());
            let whole = if pieces.is_empty() { Ok(empty()) } else { arrow::compute::concat(&pieces) };
            kept.columns[column] = Some(whole.map_err(failed)?);
        }
        let unindexed = |_| PublishError::Compute { set: set.clone(), step: "following a reference" };
        let index = match self.keys {
            Keys::Numbers(numbers) => KeyIndex::of(&[Arc::new(Int64Array::from(numbers)) as ArrayRef]),
            Keys::Pieces(pieces) => KeyIndex::of_pieces(&pieces),
        };
        let index = index.map_err(unindexed)?;
        let (mut parents, mut coded) = (Vec::new(), Vec::new());
        for pointer in self.pointers {
            let rows: ScalarBuffer<u32> = pointer.rows.into();
            let leads: NullBuffer = rows.iter().map(|row| *row != NOBODY).collect();
            parents.push((pointer.step, UInt32Array::new(rows.clone(), Some(leads).filter(|leads| leads.null_count() > 0))));
            if let Some((column, keys)) = pointer.shown {
                coded.push(Coded::of_keys((table, column), rows, &keys, &pointer.dangling).map_err(failed)?);
            }
        }
        for (column, coding) in self.coding {
            coded.push(coding.finish(table, column).map_err(failed)?);
        }
        Ok((Through { table, index, coded, kept, parents }, self.activity))
    }
}
