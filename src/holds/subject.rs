//! What somebody typed about a hold, resolved: tenant, category, subject and columns that there are.

use arrow::array::{Array, ArrayRef, RecordBatch};

use super::matching::{column_name, keepable, keepable_tables};
use super::{Wish, Words};
use crate::error::Error;
use crate::kernels::cast::to_text;
use crate::keys::Keyring;
use crate::ledger::{Hex, Token};
use crate::passes::TenantKeys;
use crate::passes::pseudonymise::row_tokens;
use crate::pipeline::source::suggestion;
use crate::pipeline::*;
use crate::session::Session;
use crate::store::Request;

/// Longest reason or owner, in characters.
const LONGEST_WORDS: usize = 1_000;

/// What a hold is about.
#[derive(Debug)]
pub(super) struct Aim {
    pub tenant: String,
    pub category: String,
    /// The subject; `None` for the whole category.
    pub subject: Option<Token>,
    /// The subject as reports name it.
    pub row: Option<String>,
    /// `table.column`, without doubles.
    pub fields: Vec<String>,
}

fn usage(message: impl Into<String>, hint: Option<String>) -> Error {
    Error::Usage { message: message.into(), hint }
}

impl Words {
    /// What was typed as `--reason` or `--owner`.
    pub(super) fn typed(option: &str, text: &str) -> Result<Self, Error> {
        let text = text.trim();
        if text.is_empty() {
            return Err(usage(format!("`{option}` is empty"), Some("whoever reads the register later has to understand the hold".into())));
        }
        if text.chars().any(char::is_control) || text.chars().count() > LONGEST_WORDS {
            return Err(usage(format!("`{option}` takes one line of at most {LONGEST_WORDS} characters"), None));
        }
        Ok(Self(text.to_owned()))
    }
}

/// Resolves it; nothing of a key stands in an error.
pub(super) fn resolve(session: &mut Session, keyring: &Keyring, wish: &Wish<'_>) -> Result<Aim, Error> {
    let names: Vec<&str> = session.pipeline.categories.iter().map(|category| category.name.as_str()).collect();
    let Some(category) = names.iter().position(|name| *name == wish.category) else {
        return Err(usage(format!("the pipeline has no category `{}`", wish.category), suggestion(wish.category, &names)));
    };
    match (wish.whole, wish.key.is_empty()) {
        (true, false) => return Err(usage("`--all` holds the whole category, so no key can be named", None)),
        (false, true) => {
            let hint = "name the key's values after the category, or say `--all` for the whole category";
            return Err(usage("it is not said who is held", Some(hint.into())));
        }
        _ => {}
    }
    let fields = fields(&session.pipeline, category, wish)?;
    let name = names[category].to_owned();
    let tenant = tenant(session, wish)?;
    if wish.whole {
        return Ok(Aim { tenant: tenant.unwrap_or_default(), category: name, subject: None, row: None, fields });
    }
    let table = session.pipeline.categories[category].table;
    let (tenant, key) = find(session, category, tenant, wish.key)?;
    let scoped = &session.pipeline.tables[table];
    let keys = TenantKeys::derive(keyring, &tenant)?;
    let token = |key: &crate::keys::DerivedKey, keys: &[ArrayRef], domain: &str| {
        let tokens = row_tokens(keys, key, domain).ok()?;
        <[u8; 16]>::try_from(tokens.value(0)).ok().map(Hex)
    };
    let (Some(subject), Some(row)) = (token(&keys.hold, &key, &name), token(&keys.report, &key, scoped.name())) else {
        return Err(usage(format!("the key of `{}` has a type that gallra can not name subjects by", scoped.name()), None));
    };
    Ok(Aim { tenant, category: name, subject: Some(subject), row: Some(row.to_string()), fields })
}

/// The columns that were asked for.
fn fields(pipeline: &Pipeline, category: CategoryIndex, wish: &Wish<'_>) -> Result<Vec<String>, Error> {
    let own = pipeline.categories[category].table;
    let tables: Vec<&str> = keepable_tables(pipeline, category).map(|table| pipeline.tables[table].name()).collect();
    let table_of = |name: &str| {
        let found = keepable_tables(pipeline, category).find(|table| pipeline.tables[*table].name() == name);
        let category = &pipeline.categories[category].name;
        let message = format!("`{name}` is not the table of the category `{category}`, and does not lead to it");
        found.ok_or_else(|| usage(message, suggestion(name, &tables)))
    };
    let all_of = |table: TableIndex| (0..pipeline.tables[table].columns.len()).map(move |column| (table, column));
    let mut wanted: Vec<(TableIndex, ColumnIndex)> = Vec::new();
    for name in wish.tables {
        wanted.extend(all_of(table_of(name)?));
    }
    for field in wish.fields.iter().map(|field| field.trim()) {
        if let Some(column) = pipeline.tables[own].catalog.column(field) {
            wanted.push((own, column));
            continue;
        }
        if let Some(place) = keepable(pipeline, category).find(|(table, column)| column_name(pipeline, *table, *column) == field) {
            wanted.push(place);
            continue;
        }
        let (table, column) = match field.rsplit_once('.') {
            Some((table, column)) => (table_of(table)?, column),
            None => (own, field),
        };
        if column == "*" {
            wanted.extend(all_of(table));
            continue;
        }
        let scoped = &pipeline.tables[table];
        let columns: Vec<&str> = scoped.catalog.columns.iter().map(|column| column.name.as_str()).collect();
        return Err(usage(format!("`{}` has no column `{column}`", scoped.name()), suggestion(column, &columns)));
    }
    wanted.sort_unstable();
    wanted.dedup();
    Ok(wanted.into_iter().map(|(table, column)| column_name(pipeline, table, column)).collect())
}

/// The tenant that was named, if it is one; `None` where a subject's own row tells.
fn tenant(session: &mut Session, wish: &Wish<'_>) -> Result<Option<String>, Error> {
    let Some(tenants) = session.pipeline.tenants.clone() else {
        return match wish.tenant {
            None => Ok(Some(String::new())),
            Some(_) => Err(usage("the pipeline has no tenants, so `--tenant` can not be said", None)),
        };
    };
    let Some(named) = wish.tenant else {
        if wish.whole {
            return Err(usage("`--all` needs `--tenant`", Some("a hold is one tenant's; add one for each".into())));
        }
        return Ok(None);
    };
    let table = session.pipeline.tables[tenants.table].catalog.clone();
    let request = Request { table, columns: vec![tenants.key] };
    let rows = session.store.snapshot()?.read(&request, &mut |_| ())?;
    let mut known = Vec::new();
    for batch in &rows.batches {
        let cells = text(batch, 0)?;
        known.extend((0..cells.len()).filter(|row| cells.is_valid(*row)).map(|row| cells.value(row).to_owned()));
    }
    if known.iter().any(|name| name == named) {
        return Ok(Some(named.to_owned()));
    }
    Err(usage(format!("there is no tenant `{named}`"), suggestion(named, &known)))
}

/// Finds a subject's row: its tenant and the cells of its key.
fn find(
    session: &mut Session,
    category: CategoryIndex,
    tenant: Option<String>,
    typed: &[String],
) -> Result<(String, Vec<ArrayRef>), Error> {
    let category = &session.pipeline.categories[category];
    let scoped = &session.pipeline.tables[category.table];
    let tenant_column = scoped.tenant.filter(|_| session.pipeline.tenants.is_some());
    // Where `--tenant` says it, the key's tenant column need not be typed again.
    let said = |column: &ColumnIndex| tenant.is_some() && Some(*column) == tenant_column && typed.len() != scoped.key.len();
    let expected: Vec<ColumnIndex> = scoped.key.iter().copied().filter(|column| !said(column)).collect();
    let name = |column: &ColumnIndex| format!("`{}`", scoped.catalog.columns[*column].name);
    let names = expected.iter().map(name).collect::<Vec<_>>().join(", ");
    if expected.len() != typed.len() {
        let (values, was) = (if expected.len() == 1 { "1 value" } else { &format!("{} values", expected.len()) }, typed.len());
        let were = if was == 1 { "1 was".to_owned() } else { format!("{was} were") };
        return Err(usage(format!("a `{}` is named by {values} ({names}), and {were} given", category.name), None));
    }
    let mut columns = scoped.key.clone();
    columns.extend(tenant_column.filter(|column| !scoped.key.contains(column)));
    let position = |column: ColumnIndex| columns.iter().position(|other| *other == column).unwrap_or_default();
    let wanted: Vec<(usize, &str)> = expected.iter().zip(typed).map(|(column, value)| (position(*column), value.as_str())).collect();
    let wanted_tenant = tenant_column.map(position);
    let keys = scoped.key.len();
    let request = Request { table: scoped.catalog.clone(), columns: columns.clone() };
    let rows = session.store.snapshot()?.read(&request, &mut |_| ())?;
    for batch in &rows.batches {
        let texts = (0..columns.len()).map(|at| text(batch, at)).collect::<Result<Vec<_>, _>>()?;
        let is = |at: usize, row: usize, value: &str| texts[at].is_valid(row) && texts[at].value(row) == value;
        for row in 0..batch.num_rows() {
            let same_tenant = match (&tenant, wanted_tenant) {
                (Some(tenant), Some(at)) => is(at, row, tenant),
                _ => true,
            };
            if same_tenant && wanted.iter().all(|(at, value)| is(*at, row, value)) {
                let cells = (0..keys).map(|at| batch.column(at).slice(row, 1)).collect();
                let own = wanted_tenant.map_or_else(String::new, |at| texts[at].value(row).to_owned());
                return Ok((own, cells));
            }
        }
    }
    let of = tenant.as_ref().filter(|_| tenant_column.is_some()).map_or_else(String::new, |tenant| format!(" of the tenant `{tenant}`"));
    Err(usage(
        format!("no row of `{}`{of} has this key", scoped.name()),
        Some(format!("the key is {names}, written as the database shows it; a hold on somebody who is not there would keep nobody")),
    ))
}

fn text(batch: &RecordBatch, column: usize) -> Result<arrow::array::StringArray, Error> {
    to_text(batch.column(column)).map_err(|_| usage("the key has a type that can not be written as text", None))
}
