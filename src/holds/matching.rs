//! Holds matched with the rows of a snapshot: whom they are about, and which columns they keep.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Hold, HoldsError, Register, Standing};
use crate::decide::Registered;
use crate::decide::clocks::day_of_date;
use crate::ledger::{HoldId, Token};
use crate::passes::pseudonymise::row_tokens;
use crate::passes::{PassError, Treating, gather};
use crate::pipeline::*;
use crate::snapshot::State;
use crate::snapshot::read::StoppedTenant;

/// The holds that count for a plan.
#[derive(Debug, Clone, Default)]
pub struct InForce {
    /// Matched with the rows, each as `decide` takes it.
    pub registered: Vec<Registered>,
    /// The numbers of all that were looked at, whether they count or not.
    pub looked_at: BTreeSet<HoldId>,
    /// Of those that count: whose subject no row is. It was deleted by somebody else, or has another key now.
    pub unmatched: Vec<HoldId>,
}

/// Why holds could not be matched.
#[derive(Debug, thiserror::Error)]
pub enum MatchError {
    /// A hold can not be understood any more.
    #[error(transparent)]
    Holds(#[from] HoldsError),
    /// The rows' tokens can not be computed.
    #[error(transparent)]
    Pass(#[from] PassError),
}

/// The holds that have not lapsed on their tenants' days and were not released. Those of tenants that are `stopped` are left out; a tenant that
/// is neither processed nor stopped is not there any more, or has another name.
///
/// # Errors
/// A hold that counts names a category or a column that the pipeline does not have: nobody can tell any more what it keeps.
pub fn in_force(treating: &Treating<'_>, state: &State, stopped: &[StoppedTenant], register: &Register) -> Result<InForce, MatchError> {
    let pipeline = treating.pipeline;
    let mut found = InForce { looked_at: register.holds.iter().map(|hold| hold.id).collect(), ..InForce::default() };
    let mut by_token: BTreeMap<(CategoryIndex, usize), HashMap<Token, Vec<usize>>> = BTreeMap::new();
    let mut ids = Vec::new();
    for hold in register.holds.iter().filter(|hold| hold.released.is_none()) {
        let Some(tenant) = treating.tenants.iter().position(|tenant| tenant.name == hold.tenant) else {
            if !stopped.iter().any(|stopped| stopped.name == hold.tenant) {
                found.unmatched.push(hold.id);
            }
            continue;
        };
        if hold.standing(treating.tenants[tenant].as_of) != Standing::Active {
            continue;
        }
        let category = category_of(pipeline, hold)?;
        let mut registered = Registered {
            category,
            subjects: BTreeSet::new(),
            fields: fields_of(pipeline, category, hold)?,
            until: hold.until.map(day_of_date),
            reason: format!("hold {}", hold.id),
        };
        match hold.subject {
            Some(subject) => by_token.entry((category, tenant)).or_default().entry(subject).or_default().push(found.registered.len()),
            None => registered.subjects = rows_of(state, pipeline.categories[category].table, tenant).into_iter().collect(),
        }
        found.registered.push(registered);
        ids.push((hold.id, hold.subject.is_some()));
    }
    for ((category, tenant), wanted) in by_token {
        let table = pipeline.categories[category].table;
        let rows = rows_of(state, table, tenant);
        for (row, token) in rows.iter().zip(tokens(treating, state, category, tenant, &rows)?) {
            for at in wanted.get(&token).into_iter().flatten() {
                found.registered[*at].subjects.insert(*row);
            }
        }
    }
    let unmatched = ids.iter().zip(&found.registered).filter(|((_, one), hold)| *one && hold.subjects.is_empty());
    found.unmatched.extend(unmatched.map(|((id, _), _)| *id));
    Ok(found)
}

pub(super) fn category_of(pipeline: &Pipeline, hold: &Hold) -> Result<CategoryIndex, HoldsError> {
    let unknown = || HoldsError::UnknownCategory { hold: hold.id, category: hold.category.clone() };
    pipeline.categories.iter().position(|category| category.name == hold.category).ok_or_else(unknown)
}

/// The columns that a hold keeps. With them the columns of a key that would be replaced: without it the subject would not be found again.
pub(super) fn fields_of(
    pipeline: &Pipeline,
    category: CategoryIndex,
    hold: &Hold,
) -> Result<BTreeSet<(TableIndex, ColumnIndex)>, HoldsError> {
    let mut fields = BTreeSet::new();
    for field in &hold.fields {
        let place = keepable(pipeline, category).find(|(table, column)| column_name(pipeline, *table, *column) == *field);
        fields.insert(place.ok_or_else(|| HoldsError::UnknownField { hold: hold.id, field: field.clone() })?);
    }
    if !fields.is_empty() {
        let table = pipeline.categories[category].table;
        let scoped = &pipeline.tables[table];
        let replaced = |column: &&ColumnIndex| scoped.columns[**column].treatment != Treatment::Keep;
        fields.extend(scoped.key.iter().filter(replaced).map(|column| (table, *column)));
    }
    Ok(fields)
}

/// The columns that a hold on a category can keep: of its own table, and of the tables that lead to it.
pub(super) fn keepable(pipeline: &Pipeline, category: CategoryIndex) -> impl Iterator<Item = (TableIndex, ColumnIndex)> + '_ {
    keepable_tables(pipeline, category).flat_map(|table| (0..pipeline.tables[table].columns.len()).map(move |column| (table, column)))
}

/// The tables of which a hold on a category can keep columns.
pub(super) fn keepable_tables(pipeline: &Pipeline, category: CategoryIndex) -> impl Iterator<Item = TableIndex> + '_ {
    let own = pipeline.categories[category].table;
    let leads = move |table: &TableIndex| {
        let scoped = &pipeline.tables[*table];
        *table == own || (scoped.out_of_scope.is_none() && scoped.leads.iter().any(|lead| lead.category == category))
    };
    (0..pipeline.tables.len()).filter(leads)
}

/// A column as the register and the ledger name it.
pub(super) fn column_name(pipeline: &Pipeline, table: TableIndex, column: ColumnIndex) -> String {
    let scoped = &pipeline.tables[table];
    format!("{}.{}", scoped.name(), scoped.catalog.columns[column].name)
}

fn rows_of(state: &State, table: TableIndex, tenant: usize) -> Vec<u32> {
    let tenants = &state.tables[table].tenants;
    (0..state.tables[table].rows as u32).filter(|row| tenants[*row as usize] == tenant as u16).collect()
}

/// The subjects' tokens under the holds' own key.
fn tokens(treating: &Treating<'_>, state: &State, category: CategoryIndex, tenant: usize, rows: &[u32]) -> Result<Vec<Token>, PassError> {
    let category = &treating.pipeline.categories[category];
    let table = category.table;
    let scoped = &treating.pipeline.tables[table];
    let key = |column: &ColumnIndex| {
        let cells = state.column(table, *column).ok_or_else(|| treating.not_read(table, *column))?;
        gather(cells, rows).ok_or_else(|| treating.assembly(table, *column))
    };
    let keys = scoped.key.iter().map(key).collect::<Result<Vec<_>, _>>()?;
    let tokens =
        row_tokens(&keys, &treating.keys[tenant].hold, &category.name).map_err(|source| treating.failed(table, scoped.key[0], source))?;
    let token = |at: usize| <[u8; 16]>::try_from(tokens.value(at)).map(crate::ledger::Hex).ok();
    (0..rows.len()).map(|at| token(at).ok_or_else(|| treating.assembly(table, scoped.key[0]))).collect()
}
