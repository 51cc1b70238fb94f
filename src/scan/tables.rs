//! The columns of a pipeline's tables, as one snapshot holds them.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use arrow::array::{Array, AsArray, StringArray};

use super::files::Gathering;
use super::findings::{Row, Target, into};
use super::parallel::Workers;
use super::tally::{Part, Tally};
use super::{Choice, Search, Summary};
use crate::detect::{Kind, Scanner};
use crate::error::Error;
use crate::keys::Keyring;
use crate::passes::names::Names;
use crate::passes::pseudonymise::row_tokens;
use crate::passes::{PassError, TenantKeys, gather};
use crate::pipeline::source::suggestion;
use crate::pipeline::{ColumnIndex, Pipeline, ScopedTable, TableIndex};
use crate::progress::Progress;
use crate::session::{Access, LockUse, Session, World, tenant_keys};
use crate::snapshot::TableState;
use crate::snapshot::read::{Breadth, ReadState, read};
use crate::store::ColumnType;

/// Rows of one thread's work.
const PIECE: usize = 512;

/// Scans the texts of a pipeline's tables: those in scope where none is named. Reads only; the snapshot is closed before the scan.
///
/// The people of a row's tenant are known by the names of their records, as when its texts are treated.
///
/// A row is named by its token in reports, which needs the keyring. Rows of a tenant that is not processed are scanned and have none.
///
/// # Errors
/// As every command that opens a pipeline; [`Error::Usage`] for a table or column that there is not.
pub fn tables(
    path: &Path,
    choice: &Choice,
    search: &Search,
    target: Option<Target<'_>>,
    world: &World<'_>,
    progress: &dyn Progress,
) -> Result<Summary, Error> {
    if let Some(target) = target {
        target.check()?;
    }
    let mut session = Session::open(path, Access::Read, LockUse::Compare, world)?;
    let chosen = chosen(&session.pipeline, choice)?;
    let read_for = {
        let mut wanted: Vec<(TableIndex, ColumnIndex)> = Vec::new();
        for (table, columns) in &chosen {
            let scoped = &session.pipeline.tables[*table];
            wanted.extend(columns.iter().chain(&named_by(scoped)).map(|column| (*table, *column)));
        }
        wanted
    };
    let read = {
        let mut snapshot = session.store.snapshot()?;
        read(&session.pipeline, &mut *snapshot, (world.now)(), None, Breadth::And(&read_for), progress)?
    };
    let keyring = match (target, session.keyring()) {
        (Some(_), keyring) => keyring?,
        // Numbers alone need no key that anybody keeps.
        (None, keyring) => keyring.unwrap_or_else(|_| Keyring::generate((world.now)(), (world.random)())),
    };
    let keys = tenant_keys(&keyring, &read.tenants)?;
    let mut own = search.clone();
    own.countries.insert(0, session.pipeline.controller.country);
    own.countries.extend(read.tenants.iter().map(|tenant| tenant.country));
    let names = match own.kinds.contains(Kind::Name) {
        true => Names::of_everybody(&session.pipeline, &read.state, &read.tenants, &keys)?,
        false => Names::default(),
    };
    let (scanners, workers) = (Scanners::new(own.scanner(), &names, read.tenants.len()), Workers::new());
    into(target, &mut |mut findings| {
        let mut summary = Summary::default();
        let rows = chosen.keys().map(|table| read.state.tables[*table].rows as u64).sum();
        let stage = progress.start("scan", rows);
        for (table, columns) in &chosen {
            let (scoped, state) = (&session.pipeline.tables[*table], &read.state.tables[*table]);
            let mut source = Gathering::new(scoped.name().to_owned(), findings.as_deref_mut());
            source.set_names(columns.iter().map(|column| scoped.catalog.columns[*column].name.clone()).collect());
            let part = scan_table(state, columns, &scanners, &workers, target.is_some(), &|rows| stage.advance(rows));
            let tokens = tokens(scoped, state, &read, &keys, &part)?;
            source.take(part, &|row| Row::Token(tokens.get(&row).cloned()))?;
            source.tell(&mut summary);
        }
        stage.finish();
        Ok(summary)
    })
}

/// The columns by which a row is named in reports.
fn named_by(scoped: &ScopedTable) -> Vec<ColumnIndex> {
    let readable = |column: &&ColumnIndex| scoped.catalog.columns[**column].data_type != ColumnType::Unsupported;
    scoped.key.iter().filter(readable).copied().collect()
}

/// The columns of texts that are wanted, by table.
fn chosen(pipeline: &Pipeline, choice: &Choice) -> Result<BTreeMap<TableIndex, Vec<ColumnIndex>>, Error> {
    let usage = |message: String, hint: Option<String>| Err(Error::Usage { message, hint });
    let names: Vec<&str> = pipeline.tables.iter().map(ScopedTable::name).collect();
    if let Some(table) = choice.tables.iter().find(|table| !names.contains(&table.as_str())) {
        return usage(format!("the store has no table `{table}`"), suggestion(table, &names));
    }
    // A table that is out of scope is looked at where somebody asks for it.
    let wants = |table: &ScopedTable| match choice.tables.as_slice() {
        [] => table.out_of_scope.is_none(),
        named => named.iter().any(|name| name == table.name()),
    };
    let mut chosen = BTreeMap::new();
    for (index, table) in pipeline.tables.iter().enumerate().filter(|(_, table)| wants(table)) {
        let is_wanted = |column: &ColumnIndex| {
            let column = &table.catalog.columns[*column];
            column.data_type == ColumnType::Text && choice.wants(&column.name)
        };
        let columns: Vec<ColumnIndex> = (0..table.catalog.columns.len()).filter(is_wanted).collect();
        if !columns.is_empty() {
            chosen.insert(index, columns);
        }
    }
    let known: Vec<&str> = pipeline
        .tables
        .iter()
        .filter(|table| wants(table))
        .flat_map(|table| table.catalog.columns.iter().filter(|column| column.data_type == ColumnType::Text))
        .map(|column| column.name.as_str())
        .collect();
    if let Some(column) = choice.columns.iter().find(|column| !known.contains(&column.as_str())) {
        let whose = match choice.tables.as_slice() {
            [table] => format!("`{table}` has"),
            _ => "the tables have".to_owned(),
        };
        return usage(format!("{whose} no column of texts `{column}`"), suggestion(column, &known));
    }
    Ok(chosen)
}

/// A scanner for the texts of each tenant, which knows its people.
struct Scanners {
    anyone: Scanner,
    tenants: Vec<Scanner>,
}

impl Scanners {
    fn new(anyone: Scanner, names: &Names, tenants: usize) -> Self {
        let of = |tenant: usize| names.of(tenant).map_or_else(|| anyone.clone(), |names| anyone.clone().knowing(names.clone()));
        Self { tenants: (0..tenants).map(of).collect(), anyone }
    }

    fn of(&self, tenant: u16) -> &Scanner {
        self.tenants.get(usize::from(tenant)).unwrap_or(&self.anyone)
    }
}

fn scan_table(
    state: &TableState,
    columns: &[ColumnIndex],
    scanners: &Scanners,
    workers: &Workers,
    each: bool,
    advance: &(dyn Fn(u64) + Sync),
) -> Part {
    let texts: Vec<Option<&StringArray>> =
        columns.iter().map(|column| state.columns[*column].as_ref().and_then(|cells| cells.as_string_opt::<i32>())).collect();
    let starts: Vec<usize> = (0..state.rows).step_by(PIECE).collect();
    let parts = workers.map(&starts, |start, workspace| {
        let mut tally = Tally::new(&scanners.anyone, workspace, each);
        let end = state.rows.min(start + PIECE);
        for row in *start..end {
            tally.scanner = scanners.of(state.tenants[row]);
            for (place, texts) in texts.iter().enumerate() {
                if let Some(texts) = texts.filter(|texts| texts.is_valid(row)) {
                    tally.cell(place, texts.value(row));
                }
            }
            tally.next_row();
        }
        advance((end - start) as u64);
        tally.part
    });
    let mut whole = Part::default();
    parts.into_iter().for_each(|part| whole.append(part));
    whole
}

/// The tokens of the rows in which something was found: the same as in every other report.
fn tokens(
    scoped: &ScopedTable,
    state: &TableState,
    read: &ReadState,
    keys: &[TenantKeys],
    part: &Part,
) -> Result<HashMap<u64, String>, Error> {
    let mut tokens = HashMap::new();
    let mut rows: Vec<u32> = part.findings.iter().filter_map(|found| u32::try_from(found.row).ok()).collect();
    rows.dedup();
    for (tenant, keys) in keys.iter().enumerate().take(read.tenants.len()) {
        let own: Vec<u32> = rows.iter().copied().filter(|row| usize::from(state.tenants[*row as usize]) == tenant).collect();
        let of = |column: &ColumnIndex| state.columns[*column].as_ref().and_then(|cells| gather(cells, &own));
        // A row without a key that can be read has no token anywhere.
        let Some(cells) = scoped.key.iter().map(of).collect::<Option<Vec<_>>>() else { continue };
        if own.is_empty() || cells.is_empty() {
            continue;
        }
        let made = row_tokens(&cells, &keys.report, scoped.name()).map_err(|reason| PassError::Kernel {
            table: scoped.name().to_owned(),
            column: scoped.catalog.columns[scoped.key[0]].name.clone(),
            reason,
        })?;
        tokens.extend(own.iter().enumerate().map(|(at, row)| (u64::from(*row), data_encoding::HEXLOWER.encode(made.value(at)))));
    }
    Ok(tokens)
}
