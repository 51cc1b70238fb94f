//! Finding the row that somebody means: by category, record rule or table, and the values of its key.

use arrow::array::Array;

use super::Asked;
use crate::error::Error;
use crate::kernels::cast::to_text;
use crate::pipeline::source::suggestion;
use crate::pipeline::*;
use crate::snapshot::State;

/// Finds a row. `what` is a category, a record rule, or the table of either; `key` the values of the row's key in its order, with or without
/// the tenant's column where `tenant` names the tenant.
///
/// # Errors
/// [`Error::Usage`] where nothing is called so, or no row has that key. It names the key that was asked for, and nothing else of the store.
pub fn find(
    pipeline: &Pipeline,
    state: &State,
    tenants: &[Tenant],
    what: &str,
    key: &[String],
    tenant: Option<&str>,
) -> Result<Asked, Error> {
    let category = pipeline.categories.iter().position(|category| category.name == what);
    let record = pipeline.records.iter().position(|record| record.name == what);
    let by_table = |table: TableIndex| pipeline.tables[table].name().eq_ignore_ascii_case(what);
    let category = category.or_else(|| pipeline.categories.iter().position(|category| by_table(category.table)));
    let record = record.or_else(|| pipeline.records.iter().position(|record| by_table(record.table)));
    let in_scope = |table: &ScopedTable| table.out_of_scope.is_none();
    let other = pipeline.tables.iter().position(|table| table.name().eq_ignore_ascii_case(what) && in_scope(table));
    let (table, asked): (TableIndex, &dyn Fn(u32) -> Asked) = match (category, record, other) {
        (Some(category), ..) => (pipeline.categories[category].table, &move |row| Asked::Subject(category, row)),
        (None, Some(record), _) => (pipeline.records[record].table, &move |row| Asked::Record(record, row)),
        (None, None, Some(table)) => (table, &move |row| Asked::Row(table, row)),
        (None, None, None) if pipeline.tables.iter().any(|table| table.name().eq_ignore_ascii_case(what)) => {
            let hint = "`[[out_of_scope]]` says why".to_owned();
            return Err(usage(format!("nothing is decided about rows of `{what}`: the table is out of scope"), hint));
        }
        (None, None, None) => {
            let names = pipeline.categories.iter().map(|category| category.name.clone());
            let tables = pipeline.tables.iter().filter(|table| in_scope(table)).map(|table| table.name().to_owned());
            let names: Vec<String> = names.chain(pipeline.records.iter().map(|record| record.name.clone())).chain(tables).collect();
            let hint = suggestion(what, &names).unwrap_or_else(|| "`gallra plan` lists the categories and record rules".to_owned());
            return Err(usage(format!("no category, record rule or table is called `{what}`"), hint));
        }
    };
    let tenant = match tenant {
        None => None,
        Some(name) => {
            let found = tenants.iter().position(|tenant| tenant.name == name);
            let hint = "it is not in the tenant table, or it is broken: `gallra plan` says which tenants are not processed";
            Some(found.ok_or_else(|| usage(format!("no tenant `{name}` is processed"), hint.to_owned()))?)
        }
    };
    let scoped = &pipeline.tables[table];
    let columns: Vec<ColumnIndex> =
        scoped.key.iter().copied().filter(|column| key.len() == scoped.key.len() || Some(*column) != scoped.tenant).collect();
    if key.len() != columns.len() {
        let name = |column: &ColumnIndex| scoped.catalog.columns[*column].name.clone();
        let names: Vec<String> = scoped.key.iter().map(name).collect();
        let message =
            format!("the key of `{}` has other columns than {} value{}", scoped.name(), key.len(), if key.len() == 1 { "" } else { "s" });
        return Err(usage(message, format!("its key is `{}`; `--tenant` can stand for the tenant's column", names.join("`, `"))));
    }
    let mut cells = Vec::new();
    for column in columns {
        let text = state.column(table, column).and_then(|cells| to_text(cells).ok());
        cells.push(text.ok_or_else(|| {
            usage(format!("the key of `{}` was not read", scoped.name()), "it has a type that gallra can not read".to_owned())
        })?);
    }
    let of_tenant = |row: usize| tenant.is_none_or(|tenant| state.tables[table].tenants[row] as usize == tenant);
    let fits =
        |row: &usize| of_tenant(*row) && cells.iter().zip(key).all(|(cells, wanted)| cells.is_valid(*row) && cells.value(*row) == wanted);
    let mut found = (0..state.tables[table].rows).filter(fits);
    match (found.next(), found.next()) {
        (Some(row), None) => Ok(asked(row as u32)),
        (Some(_), Some(_)) => {
            let hint = "say whose it is with `--tenant`".to_owned();
            Err(usage(format!("several rows of `{}` have the key `{}`", scoped.name(), key.join(" ")), hint))
        }
        (None, _) => {
            let hint = "it may be gone already: `gallra ledger check` and the run's reports name rows by token".to_owned();
            Err(usage(format!("`{}` has no row with the key `{}`", scoped.name(), key.join(" ")), hint))
        }
    }
}

fn usage(message: String, hint: String) -> Error {
    Error::Usage { message, hint: Some(hint) }
}
