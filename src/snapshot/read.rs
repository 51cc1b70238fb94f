//! Reading the snapshot: the columns that the run needs, each table once, and the tenants that its rows belong to.

use std::collections::{BTreeMap, HashMap};

use arrow::array::{Array, ArrayRef};
use jiff::Timestamp;
use jiff::civil::Date;

use super::{NO_TENANT, State, TableState, tenants};
use crate::decide::days::DecideError;
use crate::decide::references;
use crate::kernels::cast::to_text;
use crate::pipeline::*;
use crate::progress::Progress;
use crate::store::{ColumnType, Request, Rows, Snapshot, StoreError};

/// Why the state can not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The references can not be followed.
    #[error(transparent)]
    Decide(#[from] DecideError),
    /// A table has more rows than one run handles.
    #[error("the table `{table}` has more than {limit} rows")]
    TooLarge {
        /// The table.
        table: String,
        /// The limit.
        limit: u64,
    },
    /// The only controller's fiscal years can not be used.
    #[error("the fiscal years in `{table}` can not be used: {reason}")]
    FiscalYears {
        /// The table.
        table: String,
        /// Why; days of fiscal years are not personal.
        reason: String,
    },
    /// The pieces of a column do not fit together.
    #[error("the column `{column}` of `{table}` is too large to hold")]
    Column {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
}

/// A tenant that is not processed, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoppedTenant {
    /// Its key as text.
    pub name: String,
    /// Why, one sentence.
    pub reason: String,
}

/// What was read.
#[derive(Debug)]
pub struct ReadState {
    /// The rows.
    pub state: State,
    /// The tenants that are processed.
    pub tenants: Vec<Tenant>,
    /// Those that are not.
    pub stopped: Vec<StoppedTenant>,
    /// Per table the rows of no tenant that is processed.
    pub rows_outside: BTreeMap<TableIndex, u64>,
}

/// The columns of each table that a run reads: all that are classed other than `plain`, and the plain ones that a rule or a set names.
pub fn needed(pipeline: &Pipeline) -> Vec<Vec<ColumnIndex>> {
    let mut wanted = needed_for_sets(pipeline);
    for (table, scoped) in pipeline.tables.iter().enumerate() {
        for (column, settings) in scoped.columns.iter().enumerate() {
            wanted[table][column] |=
                scoped.out_of_scope.is_none() && (settings.class != Class::Plain || settings.treatment != Treatment::Keep);
        }
    }
    readable(pipeline, wanted)
}

/// Per table and column whether it is read also where nothing is written: keys, pointers and tenants, and what rules and sets look at.
fn needed_for_sets(pipeline: &Pipeline) -> Vec<Vec<bool>> {
    let mut wanted: Vec<Vec<bool>> = pipeline.tables.iter().map(|table| vec![false; table.columns.len()]).collect();
    for (table, scoped) in pipeline.tables.iter().enumerate() {
        if scoped.out_of_scope.is_none() {
            scoped.key.iter().filter(|_| !scoped.catalog.primary_key.is_empty()).for_each(|column| wanted[table][*column] = true);
        }
        scoped.tenant.into_iter().for_each(|column| wanted[table][column] = true);
    }
    for reference in &pipeline.references {
        reference.columns.iter().for_each(|column| wanted[reference.from][*column] = true);
        reference.to_columns.iter().for_each(|column| wanted[reference.to][*column] = true);
        reference.when.iter().for_each(|(column, _)| wanted[reference.from][*column] = true);
    }
    for (wanted, of_rules) in wanted.iter_mut().zip(needed_by_rules(pipeline)) {
        wanted.iter_mut().zip(of_rules).for_each(|(wanted, of_rules)| *wanted |= of_rules);
    }
    for (wanted, of_sets) in wanted.iter_mut().zip(needed_by_sets(pipeline)) {
        wanted.iter_mut().zip(of_sets).for_each(|(wanted, of_sets)| *wanted |= of_sets);
    }
    wanted
}

/// The columns whose types can be read.
fn readable(pipeline: &Pipeline, wanted: Vec<Vec<bool>>) -> Vec<Vec<ColumnIndex>> {
    let readable = |table: usize, column: &usize| pipeline.tables[table].catalog.columns[*column].data_type != ColumnType::Unsupported;
    let lists = wanted
        .into_iter()
        .enumerate()
        .map(|(table, wanted)| (0..wanted.len()).filter(|column| wanted[*column] && readable(table, column)).collect());
    lists.collect()
}

/// Per table and column whether a set is made from it.
fn needed_by_sets(pipeline: &Pipeline) -> Vec<Vec<bool>> {
    let mut wanted: Vec<Vec<bool>> = pipeline.tables.iter().map(|table| vec![false; table.columns.len()]).collect();
    for set in &pipeline.sets {
        let end = |path: &[ReferenceIndex]| path.last().map_or(set.base, |step| pipeline.references[*step].to);
        set.filter.iter().for_each(|(path, condition)| wanted[end(path)][condition.column] = true);
        for column in &set.columns {
            column.source.columns().iter().for_each(|source| wanted[source.table][source.column] = true);
        }
    }
    wanted
}

/// Per table and column whether a rule reads it: clocks, conditions, lists, tenants and fiscal years. Classes, keys, references and sets are not
/// among them.
pub fn needed_by_rules(pipeline: &Pipeline) -> Vec<Vec<bool>> {
    let mut wanted: Vec<Vec<bool>> = pipeline.tables.iter().map(|table| vec![false; table.columns.len()]).collect();
    if let Some(tenants) = &pipeline.tenants {
        let own = [Some(tenants.key), tenants.country, tenants.time_zone, tenants.fiscal_year_end];
        own.into_iter()
            .flatten()
            .chain(tenants.keep.iter().map(|(_, column)| *column))
            .for_each(|column| wanted[tenants.table][column] = true);
    }
    for category in &pipeline.categories {
        category.person_when.iter().for_each(|when| wanted[category.table][when.column] = true);
        category.company_number.into_iter().for_each(|column| wanted[category.table][column] = true);
        let rules = category.retention.iter().chain(category.purposes.iter().filter_map(|purpose| purpose.period.as_ref()));
        for rule in rules.clone() {
            rule.own.iter().chain(rule.start.iter()).for_each(|column| wanted[category.table][*column] = true);
            rule.linked.iter().for_each(|(table, _, column)| wanted[*table][*column] = true);
        }
        let ended =
            rules.filter_map(|rule| rule.ended.as_ref()).chain(category.purposes.iter().filter_map(|purpose| purpose.ended.as_ref()));
        ended.for_each(|ended| want_ended(ended, &mut wanted));
        for hold in category.holds.iter().chain(&category.restrictions).chain(&category.blocks) {
            hold.when.iter().for_each(|when| wanted[hold.table][when.column] = true);
            hold.until.into_iter().for_each(|column| wanted[hold.table][column] = true);
        }
    }
    for category in &pipeline.categories {
        for list in &category.suppressions {
            let columns = [list.column, list.when.column].into_iter().chain(list.renewed.iter().map(|renewed| renewed.column));
            columns.for_each(|column| wanted[category.table][column] = true);
        }
    }
    if let Some(years) = &pipeline.fiscal_years {
        [years.starts, years.ends].into_iter().for_each(|column| wanted[years.table][column] = true);
    }
    for record in &pipeline.records {
        let at = record.clock_path.last().map_or(record.table, |step| pipeline.references[*step].to);
        wanted[at][record.clock] = true;
        record.ended.iter().for_each(|(_, ended)| want_ended(ended, &mut wanted));
    }
    for duty in &pipeline.duties {
        wanted[duty.table][duty.clock] = true;
        duty.when.iter().for_each(|when| wanted[duty.table][when.column] = true);
    }
    wanted
}

fn want_ended(ended: &Ended, wanted: &mut [Vec<bool>]) {
    let columns = ended.when.iter().map(|when| when.column).chain(ended.on).chain(ended.given);
    columns.for_each(|column| wanted[ended.table][column] = true);
}

/// What is read of the tables in scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breadth<'a> {
    /// What rules, treatments and sets need.
    Needed,
    /// Some more columns, for somebody who wants to see them.
    And(&'a [(TableIndex, ColumnIndex)]),
    /// As much where nothing is written, and nothing of some tables: they are read by themselves.
    But {
        /// Those tables.
        tables: &'a [TableIndex],
        /// Not even what only treatments look at.
        bare: bool,
    },
    /// Every text as well: for the search for those who should be gone.
    AllText,
}

/// Reads everything. `as_of` overrides the day; otherwise each tenant's own local day at `now` counts.
pub fn read(
    pipeline: &Pipeline,
    snapshot: &mut dyn Snapshot,
    now: Timestamp,
    as_of: Option<Date>,
    breadth: Breadth<'_>,
    progress: &dyn Progress,
) -> Result<ReadState, ReadError> {
    let mut needed = needed(pipeline);
    if breadth == Breadth::AllText {
        for (table, columns) in pipeline.tables.iter().zip(&mut needed).filter(|(table, _)| table.out_of_scope.is_none()) {
            let is_text = |column: &ColumnIndex| table.catalog.columns[*column].data_type == ColumnType::Text;
            columns.extend((0..table.columns.len()).filter(is_text));
            columns.sort_unstable();
            columns.dedup();
        }
    }
    if let Breadth::And(more) = breadth {
        more.iter().for_each(|(table, column)| needed[*table].push(*column));
        for columns in &mut needed {
            columns.sort_unstable();
            columns.dedup();
        }
    }
    let mut total = 0;
    for (table, scoped) in pipeline.tables.iter().enumerate() {
        let is_read = !matches!(breadth, Breadth::But { tables, .. } if tables.contains(&table));
        total += if is_read { snapshot.count(scoped.name())? } else { 0 };
    }
    let bar = progress.start("snapshot", total);
    let left_out = if let Breadth::But { tables, .. } = breadth { tables } else { &[] };
    if let Breadth::But { bare, .. } = breadth {
        let for_sets = needed_for_sets(pipeline);
        for (table, columns) in needed.iter_mut().enumerate() {
            columns.retain(|column| {
                // What only proves that no money moved is not asked for.
                let settings = &pipeline.tables[table].columns[*column];
                let proves = settings.class == Class::Amount && settings.treatment == Treatment::Keep;
                for_sets[table][*column] || !(bare || proves)
            });
        }
    }
    let wanted: Vec<TableIndex> = (0..pipeline.tables.len()).filter(|table| !left_out.contains(table)).collect();
    let request = |table: &TableIndex| Request { table: pipeline.tables[*table].catalog.clone(), columns: needed[*table].clone() };
    let requests: Vec<Request> = wanted.iter().map(request).collect();
    let mut tables = Vec::with_capacity(pipeline.tables.len());
    let mut read = match breadth {
        Breadth::But { .. } => snapshot.look_at_all(&requests, &mut |rows| bar.advance(rows))?.into_iter(),
        _ => snapshot.read_all(&requests, &mut |rows| bar.advance(rows))?.into_iter(),
    };
    for (table, scoped) in pipeline.tables.iter().enumerate() {
        let (columns, rows): (&[ColumnIndex], _) = match if left_out.contains(&table) { None } else { read.next() } {
            Some(rows) => (&needed[table], rows),
            None => (&[], Rows { batches: Vec::new(), unreadable: BTreeMap::new(), versions: None }),
        };
        tracing::debug!(table = scoped.name(), columns = columns.len(), unreadable = rows.unreadable.len(), "table read");
        tables.push(table_state(scoped, columns, rows)?);
    }
    bar.finish();
    let (tenants, stopped) = tenants::tenants(pipeline, &tables, now, as_of)?;
    let parents = references::parents(pipeline, &tables)?;
    let mut state = State { tables, parents };
    assign_tenants(pipeline, &mut state, &tenants);
    let mut rows_outside = BTreeMap::new();
    let mut unknown: Vec<StoppedTenant> = Vec::new();
    for (index, table) in state.tables.iter().enumerate() {
        let scoped = &pipeline.tables[index];
        let (Some(_), Some(column)) = (&pipeline.tenants, scoped.tenant.filter(|_| scoped.out_of_scope.is_none())) else { continue };
        let outside: Vec<usize> = (0..table.rows).filter(|row| table.tenants[*row] == NO_TENANT).collect();
        if outside.is_empty() {
            continue;
        }
        rows_outside.insert(index, outside.len() as u64);
        let names = names_of(&table.columns[column]);
        for row in outside {
            let name = names.get(row).cloned().flatten().unwrap_or_default();
            if !stopped.iter().chain(&unknown).any(|known| known.name == name) {
                let reason = if name.is_empty() { "rows name no tenant".to_owned() } else { "it is not in the tenant table".to_owned() };
                unknown.push(StoppedTenant { name, reason });
            }
        }
    }
    let stopped = stopped.into_iter().chain(unknown).collect();
    Ok(ReadState { state, tenants, stopped, rows_outside })
}

fn table_state(scoped: &ScopedTable, requested: &[ColumnIndex], rows: Rows) -> Result<TableState, ReadError> {
    let count: usize = rows.batches.iter().map(|batch| batch.num_rows()).sum();
    // Row numbers are 32 bits wide everywhere behind this point.
    if count >= u32::MAX as usize {
        return Err(ReadError::TooLarge { table: scoped.name().to_owned(), limit: u64::from(u32::MAX) });
    }
    let mut columns: Vec<Option<ArrayRef>> = vec![None; scoped.columns.len()];
    let mut pieces: Vec<Vec<ArrayRef>> = requested.iter().map(|_| Vec::with_capacity(rows.batches.len())).collect();
    for batch in rows.batches {
        pieces.iter_mut().zip(batch.columns()).for_each(|(pieces, cells)| pieces.push(cells.clone()));
    }
    // A column's pieces go as soon as they are one: the table is not in memory twice.
    for (column, pieces) in requested.iter().zip(pieces) {
        let pieces: Vec<&dyn Array> = pieces.iter().map(AsRef::as_ref).collect();
        let whole = if pieces.is_empty() {
            Ok(arrow::array::new_empty_array(&scoped.catalog.columns[*column].data_type.arrow()))
        } else {
            arrow::compute::concat(&pieces)
        };
        columns[*column] =
            Some(whole.map_err(|_| ReadError::Column {
                table: scoped.name().to_owned(),
                column: scoped.catalog.columns[*column].name.clone(),
            })?);
    }
    let unreadable = rows.unreadable.iter().map(|(position, rows)| (requested[*position], rows.clone())).collect();
    let versions = rows.versions;
    Ok(TableState { rows: count, columns, versions, tenants: vec![NO_TENANT; count], unreadable, ..TableState::nothing(0) })
}

/// The cells as text; the empty list where the column was not read.
pub(super) fn names_of(column: &Option<ArrayRef>) -> Vec<Option<String>> {
    let text = column.as_ref().and_then(|column| to_text(column).ok());
    text.map(|text| text.iter().map(|cell| cell.map(str::to_owned)).collect()).unwrap_or_default()
}

/// Gives each row its tenant: by its own column, otherwise by what it points at.
fn assign_tenants(pipeline: &Pipeline, state: &mut State, tenants: &[Tenant]) {
    if pipeline.tenants.is_none() {
        state.tables.iter_mut().for_each(|table| table.tenants.fill(0));
        return;
    }
    let by_name: HashMap<&str, u16> = tenants.iter().enumerate().map(|(index, tenant)| (tenant.name.as_str(), index as u16)).collect();
    let mut known = vec![false; state.tables.len()];
    for (index, table) in state.tables.iter_mut().enumerate() {
        let Some(column) = pipeline.tables[index].tenant else { continue };
        let names = names_of(&table.columns[column]);
        for (row, name) in names.iter().enumerate() {
            table.tenants[row] = name.as_deref().and_then(|name| by_name.get(name)).copied().unwrap_or(NO_TENANT);
        }
        known[index] = true;
    }
    for _ in 0..pipeline.tables.len() {
        for (index, reference) in pipeline.references.iter().enumerate() {
            // Rows that do not have a partial reference may have another one.
            let rest = reference.is_partial() && pipeline.tables[reference.from].tenant.is_none();
            if (known[reference.from] && !rest) || !known[reference.to] {
                continue;
            }
            let parents = state.parents[index].clone();
            for row in 0..parents.len() {
                if parents.is_valid(row) && state.tables[reference.from].tenants[row] == NO_TENANT {
                    state.tables[reference.from].tenants[row] = state.tables[reference.to].tenants[parents.value(row) as usize];
                }
            }
            known[reference.from] = true;
        }
    }
}
