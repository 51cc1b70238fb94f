//! A set whose base table is never in memory: its rows go through the set while they are read, in the view that was decided on.
//!
//! That works where nothing but the set needs the base: no rule reads it, nothing points at it, nothing of it is ever changed, and nobody whose
//! rows it holds is deleted. Whether a row stays has then nothing to do with it, and it is published as it stands.

use std::collections::HashMap;

use arrow::array::{ArrayRef, RecordBatch, UInt32Array, new_empty_array};

use super::{Planned, sets};
use crate::decide::keys::KeyIndex;
use crate::error::Error;
use crate::keys::Purpose;
use crate::pipeline::resolve::Locations;
use crate::pipeline::{Action, ColumnIndex, DeleteRule, Pipeline, ReferenceIndex, ReferenceKind, Set, TableIndex, Treatment};
use crate::progress::Progress;
use crate::publish::{self, Builder, Gated, Making, Piece, PublishError};
use crate::snapshot::NO_TENANT;
use crate::snapshot::read::needed_by_rules;
use crate::store::{ColumnType, Request, Snapshot, StoreError};

/// A set to make while its base table is read.
pub(super) struct Stream<'a> {
    /// The set.
    pub set: usize,
    /// One tenant; all where left out.
    pub tenant: Option<&'a str>,
    /// What was made: the tenant's number and its set.
    pub made: Vec<(usize, Gated)>,
}

/// Whether a set can be made like this.
pub(super) fn streams(pipeline: &Pipeline, set: &Set) -> bool {
    let base = &pipeline.tables[set.base];
    let from_base = || pipeline.references.iter().filter(|reference| reference.from == set.base);
    let first_steps = first_steps(set);
    let ends = pipeline.categories.iter().flat_map(|category| {
        let periods = category.purposes.iter().filter_map(|purpose| purpose.period.as_ref());
        let of_rules = category.retention.iter().chain(periods).filter_map(|rule| rule.ended.as_ref());
        of_rules.chain(category.purposes.iter().filter_map(|purpose| purpose.ended.as_ref()))
    });
    let ends = ends.chain(pipeline.records.iter().filter_map(|record| record.ended.as_ref().map(|(_, ended)| ended)));
    let holds = |category: &crate::pipeline::Category| {
        let mut all = category.holds.iter().chain(&category.restrictions).chain(&category.blocks);
        all.any(|hold| hold.table == set.base)
    };
    publish::goes_in_pieces(pipeline, set)
        && base.out_of_scope.is_none()
        && base.category.is_none()
        && base.columns.iter().all(|column| column.treatment == Treatment::Keep)
        && needed_by_rules(pipeline)[set.base].iter().all(|wanted| !wanted)
        && ends.into_iter().all(|ended| ended.table != set.base)
        && !pipeline.categories.iter().any(holds)
        && pipeline.records.iter().all(|record| record.table != set.base && record.action != Action::Delete)
        && pipeline.duties.iter().all(|duty| duty.table != set.base)
        && pipeline.categories.iter().all(|category| category.delete == DeleteRule::Never)
        && pipeline.references.iter().all(|reference| reference.to != set.base)
        && from_base().all(|reference| {
            let target = &pipeline.tables[reference.to];
            let rekeyed = |column: &ColumnIndex| matches!(target.columns[*column].treatment, Treatment::Rekey(_));
            reference.kind != ReferenceKind::Shared && !reference.to_columns.iter().any(rekeyed)
        })
        && first_steps.iter().all(|step| is_plain(pipeline, *step))
        && (pipeline.tenants.is_none() || base.tenant.is_some())
        && pipeline.tenants.as_ref().is_none_or(|tenants| tenants.table != set.base)
}

/// Whether a reference's keys are the other table's own, compared as they are.
fn is_plain(pipeline: &Pipeline, reference: ReferenceIndex) -> bool {
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
fn first_steps(set: &Set) -> Vec<ReferenceIndex> {
    let of_columns = set.columns.iter().flat_map(|column| column.source.columns()).filter_map(|source| source.path.first().copied());
    let others = set.subject.iter().map(|(path, _)| path).chain(set.filter.iter().map(|(path, _)| path));
    let mut steps: Vec<ReferenceIndex> = of_columns.chain(others.filter_map(|path| path.first().copied())).collect();
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

impl Stream<'_> {
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
        let indices = steps.iter().map(|step| {
            let reference = &pipeline.references[*step];
            let known = &planned.read.state.tables[reference.to];
            let keys: Option<Vec<ArrayRef>> = reference.to_columns.iter().map(|column| known.columns[*column].clone()).collect();
            let failed = || PublishError::Compute { set: set.name.clone(), step: "following a reference" };
            Ok((*step, KeyIndex::of(&keys.ok_or_else(failed)?).map_err(|_| failed())?))
        });
        let indices = indices.collect::<Result<Vec<_>, PublishError>>()?;
        let names: HashMap<&str, u16> =
            planned.read.tenants.iter().enumerate().map(|(at, tenant)| (tenant.name.as_str(), at as u16)).collect();
        let wanted: Vec<usize> =
            (0..planned.read.tenants.len()).filter(|at| self.tenant.is_none_or(|name| planned.read.tenants[*at].name == name)).collect();
        let without = sets::without_ended(planned, pipeline, set);
        let state = without.as_ref().unwrap_or(&planned.after);
        let keys = wanted.iter().map(|at| {
            let epoch = planned.keyring.current_epoch();
            planned.keyring.derive(&planned.read.tenants[*at].name, Purpose::Pseudonym(set.purpose.clone()), epoch)
        });
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        let none = columns.iter().map(|column| new_empty_array(&base.catalog.columns[*column].data_type.arrow())).collect::<Vec<_>>();
        let cut = Cut { pipeline, set, columns: &columns, indices: &indices, names: &names };
        let (_, prototype) = cut.piece(&none, 0, state.parents.len())?;
        let mut builders = Vec::with_capacity(wanted.len());
        for (at, key) in wanted.iter().zip(&keys) {
            let (tenant, spill) = (&planned.read.tenants[*at], &locations.output);
            builders.push(Builder::new(Making { pipeline, set, state, tenant, tenant_index: *at as u16, key, spill }, &prototype)?);
        }
        let bar = progress.start("stream rows", snapshot.count(base.name())?);
        let mut failed: Option<PublishError> = None;
        let read = snapshot.stream(&request, &mut |batch: RecordBatch| {
            bar.advance(batch.num_rows() as u64);
            let pushed = cut.piece(batch.columns(), batch.num_rows(), state.parents.len()).and_then(|(tenants, piece)| {
                let piece = Piece { tenants: &tenants, ..piece };
                builders.iter_mut().try_for_each(|builder| builder.push(&piece))
            });
            pushed.map_err(|error| {
                failed = Some(error);
                StoreError::Driver { doing: format!("reading `{}`", base.name()), code: "the set was given up".into() }
            })
        });
        match failed {
            Some(error) => return Err(error.into()),
            None => read?,
        }
        bar.finish();
        for (at, builder) in wanted.into_iter().zip(builders) {
            self.made.push((at, builder.finish()?));
        }
        Ok(())
    }
}

/// How a batch becomes a piece.
struct Cut<'a> {
    pipeline: &'a Pipeline,
    set: &'a Set,
    columns: &'a [ColumnIndex],
    indices: &'a [(ReferenceIndex, KeyIndex)],
    names: &'a HashMap<&'a str, u16>,
}

impl Cut<'_> {
    /// The piece, and its rows' tenants.
    fn piece(&self, cells: &[ArrayRef], rows: usize, references: usize) -> Result<(Vec<u16>, Piece<'static>), PublishError> {
        let base = &self.pipeline.tables[self.set.base];
        let failed = |_| PublishError::Compute { set: self.set.name.clone(), step: "following a reference" };
        let mut columns: Vec<Option<ArrayRef>> = vec![None; base.columns.len()];
        for (column, cells) in self.columns.iter().zip(cells) {
            columns[*column] = Some(cells.clone());
        }
        let mut parents: Vec<Option<UInt32Array>> = vec![None; references];
        for (step, index) in self.indices {
            let keys: Vec<ArrayRef> =
                self.pipeline.references[*step].columns.iter().filter_map(|column| columns[*column].clone()).collect();
            parents[*step] = Some(index.find(&keys).map_err(failed)?);
        }
        let tenants = match (&self.pipeline.tenants, base.tenant.and_then(|column| columns[column].as_ref())) {
            (Some(_), Some(cells)) => {
                let names = crate::kernels::cast::to_text(cells).map_err(failed)?;
                names.iter().map(|name| name.and_then(|name| self.names.get(name)).copied().unwrap_or(NO_TENANT)).collect()
            }
            _ => vec![0; rows],
        };
        Ok((tenants, Piece { rows, columns, tenants: &[], present: None, publishable: None, parents }))
    }
}
