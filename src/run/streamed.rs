//! A set whose base table is never in memory: its rows go through the set while they are read, in the view that was decided on.
//!
//! That works where nothing but the set needs the base: no rule reads it, nothing points at it, nothing of it is ever changed, and nobody whose
//! rows it holds is deleted. Whether a row stays has then nothing to do with it, and it is published as it stands.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};

use arrow::array::{ArrayRef, UInt32Array, new_empty_array};

use super::through::{Through, given_up, on_the_way};
use super::{Planned, sets};
use crate::decide::keys::KeyIndex;
use crate::error::Error;
use crate::interop::give_back_memory;
use crate::keys::Purpose;
use crate::pipeline::resolve::Locations;
use crate::pipeline::{
    Action, Category, ColumnIndex, DeleteRule, Pipeline, ReferenceIndex, ReferenceKind, Set, SourceColumn, TableIndex, Tenant, Treatment,
};
use crate::progress::Progress;
use crate::publish::{self, Builder, Collected, Gated, Making, Piece, PublishError};
use crate::snapshot::NO_TENANT;
use crate::snapshot::read::{ReadState, needed_by_rules};
use crate::store::{ColumnType, JournalEntry, Request, Snapshot, Streamed};

/// A set to make while its base table is read.
pub(super) struct Stream<'a> {
    /// The set.
    pub set: usize,
    /// One tenant; all where left out.
    pub tenant: Option<&'a str>,
    /// The tables between its base and the rest that are not kept either, as they were read.
    through: Vec<Through>,
    /// What was made: the tenant's number and its set.
    pub made: Vec<(usize, Gated)>,
}

/// Whether a set can be made like this.
pub(super) fn streams(pipeline: &Pipeline, set: &Set) -> bool {
    let first_steps = first_steps(set);
    publish::goes_in_pieces(pipeline, set)
        && stays_as_it_is(pipeline, set.base)
        && needed_by_rules(pipeline)[set.base].iter().all(|wanted| !wanted)
        && pipeline.categories.iter().all(|category| category.delete == DeleteRule::Never)
        && pipeline.references.iter().all(|reference| reference.to != set.base)
        && first_steps.iter().all(|step| is_plain(pipeline, *step))
}

/// Whether no row of a table is ever changed or deleted, or keeps anybody, and each says itself whose tenant's it is. What its clocks say, and
/// what points at it, is another question.
pub(super) fn stays_as_it_is(pipeline: &Pipeline, table: TableIndex) -> bool {
    let scoped = &pipeline.tables[table];
    let mut from_here = pipeline.references.iter().filter(|reference| reference.from == table);
    let mut ends = pipeline.categories.iter().flat_map(|category| {
        let periods = category.purposes.iter().filter_map(|purpose| purpose.period.as_ref());
        let of_rules = category.retention.iter().chain(periods).filter_map(|rule| rule.ended.as_ref());
        of_rules.chain(category.purposes.iter().filter_map(|purpose| purpose.ended.as_ref()))
    });
    let holds = |category: &Category| {
        let mut all = category.holds.iter().chain(&category.restrictions).chain(&category.blocks);
        all.any(|hold| hold.table == table)
    };
    scoped.out_of_scope.is_none()
        && scoped.category.is_none()
        && scoped.columns.iter().all(|column| column.treatment == Treatment::Keep)
        && ends.all(|ended| ended.table != table)
        && !pipeline.categories.iter().any(holds)
        && pipeline.records.iter().all(|record| {
            let is_elsewhere = record.ended.as_ref().is_none_or(|(_, ended)| ended.table != table);
            record.table != table && record.action != Action::Delete && is_elsewhere
        })
        && pipeline.duties.iter().all(|duty| duty.table != table)
        && from_here.all(|reference| {
            let target = &pipeline.tables[reference.to];
            let rekeyed = |column: &ColumnIndex| matches!(target.columns[*column].treatment, Treatment::Rekey(_));
            reference.kind != ReferenceKind::Shared && !reference.to_columns.iter().any(rekeyed)
        })
        && (pipeline.tenants.is_none() || scoped.tenant.is_some())
        && pipeline.tenants.as_ref().is_none_or(|tenants| tenants.table != table)
}

/// Whether a reference's keys are the other table's own, compared as they are.
pub(super) fn is_plain(pipeline: &Pipeline, reference: ReferenceIndex) -> bool {
    let reference = &pipeline.references[reference];
    let column = |table: TableIndex, at: ColumnIndex| &pipeline.tables[table].catalog.columns[at];
    let same = |(from, to): (&ColumnIndex, &ColumnIndex)| {
        let (from, to) = (column(reference.from, *from), column(reference.to, *to));
        let is_key = matches!(from.data_type, ColumnType::Integer | ColumnType::Text);
        is_key && from.data_type == to.data_type && !from.case_insensitive && !to.case_insensitive
    };
    !reference.is_partial()
        && reference.to_columns == pipeline.tables[reference.to].catalog.primary_key
        && reference.columns.iter().zip(&reference.to_columns).all(same)
}

/// The references that the set's paths begin with.
pub(super) fn first_steps(set: &Set) -> Vec<ReferenceIndex> {
    let mut steps: Vec<ReferenceIndex> = set.paths().into_iter().filter_map(|path| path.first().copied()).collect();
    steps.sort_unstable();
    steps.dedup();
    steps
}

/// The base's columns that the set and its references need.
fn base_columns(pipeline: &Pipeline, set: &Set, steps: &[ReferenceIndex]) -> Vec<ColumnIndex> {
    let own = set.columns.iter().flat_map(|column| column.source.columns()).filter(|source| source.path.is_empty());
    let filters = set.filter.iter().filter(|(path, _)| path.is_empty()).map(|(_, condition)| condition.column);
    let keys = steps.iter().flat_map(|step| pipeline.references[*step].columns.iter().copied());
    let mut columns: Vec<ColumnIndex> =
        own.map(|source| source.column).chain(filters).chain(keys).chain(pipeline.tables[set.base].tenant).collect();
    columns.sort_unstable();
    columns.dedup();
    columns
}

impl<'a> Stream<'a> {
    /// A set to make.
    pub fn of(set: usize, tenant: Option<&'a str>) -> Self {
        Self { set, tenant, through: Vec::new(), made: Vec::new() }
    }

    /// The tables of which nothing is kept: the base, and those on the way.
    pub fn tables(&self, pipeline: &Pipeline) -> Vec<TableIndex> {
        let set = &pipeline.sets[self.set];
        on_the_way(pipeline, set).into_iter().chain([set.base]).collect()
    }

    /// Whether nothing that is read for treatments alone is looked at: nobody was forgotten before, whom a journal would have to tell from
    /// whoever came since, and no text in the set is scrubbed of what other columns say.
    pub fn is_bare(&self, pipeline: &Pipeline, journal: &[JournalEntry]) -> bool {
        let scrubs = |source: SourceColumn<'_>| pipeline.tables[source.table].columns[source.column].treatment.scrubs();
        let columns = &pipeline.sets[self.set].columns;
        journal.is_empty() && !columns.iter().flat_map(|column| column.source.columns()).any(scrubs)
    }

    /// Reads the tables on the way, and leaves in what was read what they say of subjects.
    pub fn go_through(
        &mut self,
        snapshot: &mut dyn Snapshot,
        pipeline: &Pipeline,
        read: &mut ReadState,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        let set = &pipeline.sets[self.set];
        for table in on_the_way(pipeline, set) {
            self.through.push(Through::read(snapshot, pipeline, set, table, read, progress)?);
            give_back_memory();
        }
        Ok(())
    }

    /// Reads the base table and makes the set of each tenant.
    pub fn run(
        &mut self,
        snapshot: &mut dyn Snapshot,
        pipeline: &Pipeline,
        locations: &Locations,
        planned: &Planned,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        let set = &pipeline.sets[self.set];
        let base = &pipeline.tables[set.base];
        let steps = first_steps(set);
        let columns = base_columns(pipeline, set, &steps);
        let request = Request { table: base.catalog.clone(), columns: columns.clone() };
        let mut state = sets::without_ended(planned, pipeline, set).unwrap_or_else(|| planned.after.clone());
        let mut coded = Vec::new();
        let mut indices = BTreeMap::new();
        for through in std::mem::take(&mut self.through) {
            through.place(&mut state);
            coded.extend(through.coded);
            indices.insert(through.table, through.index);
        }
        for step in &steps {
            let reference = &pipeline.references[*step];
            if let Entry::Vacant(place) = indices.entry(reference.to) {
                let known = &planned.read.state.tables[reference.to];
                let keys: Option<Vec<ArrayRef>> = reference.to_columns.iter().map(|column| known.columns[*column].clone()).collect();
                let failed = || PublishError::Compute { set: set.name.clone(), step: "following a reference" };
                place.insert(KeyIndex::of(&keys.ok_or_else(failed)?).map_err(|_| failed())?);
            }
        }
        let wanted: Vec<usize> =
            (0..planned.read.tenants.len()).filter(|at| self.tenant.is_none_or(|name| planned.read.tenants[*at].name == name)).collect();
        let keys = wanted.iter().map(|at| {
            let epoch = planned.keyring.current_epoch();
            planned.keyring.derive(&planned.read.tenants[*at].name, Purpose::Pseudonym(set.purpose.clone()), epoch)
        });
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        let none = columns.iter().map(|column| new_empty_array(&base.catalog.columns[*column].data_type.arrow())).collect::<Vec<_>>();
        let names = Names::of(&planned.read.tenants);
        let cut = Cut { pipeline, set, columns: &columns, steps: &steps, indices: &indices, names: &names };
        let (_, prototype) = cut.piece(&none, 0, state.parents.len())?;
        let mut builders = Vec::with_capacity(wanted.len());
        for (at, key) in wanted.iter().zip(&keys) {
            let (tenant, tenant_index, spill) = (&planned.read.tenants[*at], *at as u16, &locations.output);
            let making = Making { pipeline, set, state: &state, tenant, tenant_index, key, coded: &coded, spill };
            builders.push(Builder::new(making, &prototype)?);
        }
        let bar = progress.start(&format!("stream {}", base.name()), snapshot.count(base.name())?);
        let mut failed: Option<PublishError> = None;
        let read = snapshot.stream(&request, &mut |rows: Streamed| {
            let batch = rows.batch;
            bar.advance(batch.num_rows() as u64);
            let pushed = cut.piece(batch.columns(), batch.num_rows(), state.parents.len()).and_then(|(tenants, piece)| {
                let piece = Piece { tenants: &tenants, ..piece };
                builders.iter_mut().try_for_each(|builder| builder.push(&piece))
            });
            pushed.map_err(|error| {
                failed = Some(error);
                given_up(pipeline, set.base)
            })
        });
        match failed {
            Some(error) => return Err(error.into()),
            None => read?,
        }
        bar.finish();
        let collected: Vec<Collected<'_>> = builders.into_iter().map(Builder::close).collect();
        drop((state, coded, indices));
        give_back_memory();
        for (at, collected) in wanted.into_iter().zip(collected) {
            self.made.push((at, collected.finish()?));
        }
        Ok(())
    }
}

/// The tenants by name.
pub(super) struct Names<'a>(HashMap<&'a str, u16>);

impl<'a> Names<'a> {
    pub fn of(tenants: &'a [Tenant]) -> Self {
        Self(tenants.iter().enumerate().map(|(at, tenant)| (tenant.name.as_str(), at as u16)).collect())
    }

    /// Per row its tenant, from the cells of the column that names it; `None` where they can not be read as text.
    pub fn tenants(&self, cells: &ArrayRef) -> Option<Vec<u16>> {
        let names = crate::kernels::cast::to_text(cells).ok()?;
        Some(names.iter().map(|name| name.and_then(|name| self.0.get(name)).copied().unwrap_or(NO_TENANT)).collect())
    }
}

/// How a batch becomes a piece.
struct Cut<'a> {
    pipeline: &'a Pipeline,
    set: &'a Set,
    columns: &'a [ColumnIndex],
    steps: &'a [ReferenceIndex],
    /// By table, its rows by key.
    indices: &'a BTreeMap<TableIndex, KeyIndex>,
    names: &'a Names<'a>,
}

impl Cut<'_> {
    /// The piece, and its rows' tenants.
    fn piece(&self, cells: &[ArrayRef], rows: usize, references: usize) -> Result<(Vec<u16>, Piece<'static>), PublishError> {
        let base = &self.pipeline.tables[self.set.base];
        let failed = || PublishError::Compute { set: self.set.name.clone(), step: "following a reference" };
        let mut columns: Vec<Option<ArrayRef>> = vec![None; base.columns.len()];
        for (column, cells) in self.columns.iter().zip(cells) {
            columns[*column] = Some(cells.clone());
        }
        let mut parents: Vec<Option<UInt32Array>> = vec![None; references];
        for step in self.steps {
            let reference = &self.pipeline.references[*step];
            let keys: Vec<ArrayRef> = reference.columns.iter().filter_map(|column| columns[*column].clone()).collect();
            let index = self.indices.get(&reference.to).ok_or_else(failed)?;
            parents[*step] = Some(index.find(&keys).map_err(|_| failed())?);
        }
        let tenants = match (&self.pipeline.tenants, base.tenant.and_then(|column| columns[column].as_ref())) {
            (Some(_), Some(cells)) => self.names.tenants(cells).ok_or_else(failed)?,
            _ => vec![0; rows],
        };
        Ok((tenants, Piece { rows, columns, tenants: &[], present: None, publishable: None, parents }))
    }
}
