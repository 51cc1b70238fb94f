//! What a changed policy changes: the pipeline beside an earlier version of its file, both over the same rows and for the same day.
//!
//! Data comes from one snapshot, read once for each of the two; rows are told to be the same by their table and key. Whoever the earlier file
//! forgot in the past is compared with the treatments of each: a row that one of them finds unfinished is decided on afresh by it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use arrow::array::Array;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::decided::{Beside, Decided, decide_on, plan_beside};
use super::{Planned, Request};
use crate::decide::{Outcome, Plan};
use crate::error::Error;
use crate::holds::Watch;
use crate::kernels::cast::{text_equal, to_text};
use crate::keys::Keyring;
use crate::passes::Treating;
use crate::pipeline::lock::class_name;
use crate::pipeline::*;
use crate::progress::Progress;
use crate::report::{OutcomeLine, outcomes, row_names, treatment_name};
use crate::session::{Access, LockUse, Session, World};
use crate::snapshot::read::{Breadth, ReadState, read};
use crate::snapshot::{NO_TENANT, State};
use crate::store::{JournalEntry, Snapshot};

/// What a row is called that one of the two pipelines does not process, because its tenant is stopped or unknown there.
const NOT_PROCESSED: &str = "not processed";

/// The difference between the policies of two files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Against {
    /// The earlier file.
    pub file: String,
    /// SHA-256 of its bytes.
    pub file_sha256: String,
    /// Subjects and records that end otherwise.
    pub moves: Vec<MoveLine>,
    /// How many of those that both files know end as before.
    pub same: u64,
    /// Due days that move.
    pub due: Vec<DueLine>,
    /// Categories and record rules that one file has alone, with how theirs stand under it.
    pub alone: Vec<AloneLine>,
    /// Columns that are treated otherwise.
    pub columns: Vec<ColumnLine>,
}

/// Those of a tenant and category that move from one outcome to the same other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MoveLine {
    /// The tenant.
    pub tenant: String,
    /// The category, or `record NAME`.
    pub category: String,
    /// What the earlier file says; `not processed` where it stops the tenant.
    pub from: &'static str,
    /// What this one says.
    pub to: &'static str,
    /// How many.
    pub count: u64,
    /// Which.
    pub tokens: Vec<String>,
}

/// How the due days of a tenant's category move.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DueLine {
    /// The tenant.
    pub tenant: String,
    /// The category, or `record NAME`.
    pub category: String,
    /// How many are due earlier.
    pub earlier: u64,
    /// By how many days at most.
    pub earlier_days: i64,
    /// How many are due later.
    pub later: u64,
    /// By how many days at most.
    pub later_days: i64,
    /// How many have a due day under this file alone.
    pub gained: u64,
    /// How many had one under the earlier file alone.
    pub lost: u64,
}

/// A category or record rule that one file has alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AloneLine {
    /// `before` where the earlier file has it, `now` where this one does.
    pub only: &'static str,
    /// The category, or `record NAME`.
    pub category: String,
    /// Its table.
    pub table: String,
    /// How its rows stand under that file; empty for a table without rows.
    pub outcomes: Vec<OutcomeLine>,
}

/// A column that is treated otherwise when its time comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnLine {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// Class and treatment under the earlier file.
    pub from: String,
    /// Class and treatment under this one.
    pub to: String,
    /// Cells that hold something.
    pub cells: u64,
    /// Cells that the earlier file would change today.
    pub changed_before: u64,
    /// Cells that this one changes today.
    pub changed_now: u64,
}

/// The earlier pipeline, with what is read and decided for it beside the plan.
pub(super) struct Other<'a> {
    pipeline: &'a Pipeline,
    read: Option<ReadState>,
    decided: Option<Decided>,
}

impl Other<'_> {
    /// Reads what it needs from the plan's own view.
    pub(super) fn read(
        &mut self,
        snapshot: &mut dyn Snapshot,
        now: Timestamp,
        as_of: Option<Date>,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        self.read = Some(read(self.pipeline, snapshot, now, as_of, Breadth::Needed, progress)?);
        Ok(())
    }

    /// Decides by it.
    pub(super) fn decide(
        &mut self,
        journal: &[JournalEntry],
        keyring: &Keyring,
        watch: &Watch,
        world: &World<'_>,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        if let Some(read) = &self.read {
            let nobody = |_: &str, _: &str| Default::default();
            self.decided = Some(decide_on(self.pipeline, read, journal, &nobody, keyring, watch, false, world, progress)?);
        }
        Ok(())
    }
}

/// Plans, and compares with what an earlier version of the file says of the same rows. The earlier file needs no lock file.
pub fn plan_against(
    path: &Path,
    before: &Path,
    request: &Request,
    world: &World<'_>,
    progress: &dyn Progress,
) -> Result<(Session, Planned, Against), Error> {
    let file = before.display().to_string();
    let mut session = Session::open(path, Access::Read, LockUse::Compare, world)?;
    let earlier = session.other(before, world)?;
    let mut beside =
        Beside { columns: &[], other: Some(Other { pipeline: &earlier, read: None, decided: None }), authorised: None, stream: None };
    let planned = plan_beside(&mut session, request, world, progress, &mut beside)?;
    let Some((Some(read), Some(decided))) = beside.other.map(|other| (other.read, other.decided)) else {
        return Err(Error::Usage { message: "the earlier pipeline was not read".into(), hint: None });
    };
    let before = Side {
        treating: Treating {
            pipeline: &earlier,
            tenants: &read.tenants,
            keys: &decided.keys,
            names: &decided.names,
            rekeying: &decided.rekeying,
            comparing: &decided.comparing,
        },
        state: &read.state,
        plan: &decided.plan,
    };
    let now = Side { treating: planned.treating(&session), state: &planned.read.state, plan: &planned.plan };
    let against = compare(&before, &now, file)?;
    Ok((session, planned, against))
}

/// One of the two: a pipeline, the rows as it read them, and its plan.
struct Side<'a> {
    treating: Treating<'a>,
    state: &'a State,
    plan: &'a Plan,
}

/// A category or record rule of one side.
struct Unit<'a> {
    name: String,
    table: TableIndex,
    outcome: &'a [Outcome],
    due: &'a [Option<i32>],
}

impl<'a> Side<'a> {
    fn units(&self) -> Vec<Unit<'a>> {
        let pipeline = self.treating.pipeline;
        let subjects = self.plan.subjects.iter().map(|subjects| {
            let category = &pipeline.categories[subjects.category];
            Unit { name: category.name.clone(), table: category.table, outcome: &subjects.outcome, due: &subjects.due }
        });
        let records = self.plan.records.iter().map(|records| {
            let name = format!("record {}", pipeline.records[records.record].name);
            Unit { name, table: records.table, outcome: &records.outcome, due: &records.due }
        });
        subjects.chain(records).collect()
    }

    fn table_name(&self, unit: &Unit<'_>) -> &'a str {
        self.treating.pipeline.tables[unit.table].name()
    }

    /// A row's tenant by name, where it is processed.
    fn tenant(&self, table: TableIndex, row: usize) -> Option<&'a str> {
        let tenant = self.state.tables[table].tenants[row];
        (tenant != NO_TENANT).then(|| self.treating.tenants[tenant as usize].name.as_str())
    }
}

fn compare(before: &Side<'_>, now: &Side<'_>, file: String) -> Result<Against, Error> {
    let (old, new) = (before.units(), now.units());
    let same_unit = |left: &Unit<'_>, right: &Unit<'_>| left.name == right.name && before.table_name(left) == now.table_name(right);
    let mut against = Against {
        file,
        file_sha256: before.treating.pipeline.file_hash.clone(),
        moves: Vec::new(),
        same: 0,
        due: Vec::new(),
        alone: Vec::new(),
        columns: columns(before, now),
    };
    for unit in &new {
        match old.iter().find(|other| same_unit(other, unit)) {
            Some(other) => moves(before, now, other, unit, &mut against)?,
            None => against.alone.push(alone(now, unit, "now")),
        }
    }
    let gone = old.iter().filter(|unit| !new.iter().any(|other| same_unit(unit, other)));
    against.alone.extend(gone.map(|unit| alone(before, unit, "before")));
    Ok(against)
}

fn alone(side: &Side<'_>, unit: &Unit<'_>, only: &'static str) -> AloneLine {
    let mut lines = outcomes(side.treating.pipeline, side.state, side.treating.tenants, side.plan);
    lines.retain(|line| line.category == unit.name);
    AloneLine { only, category: unit.name.clone(), table: side.table_name(unit).to_owned(), outcomes: lines }
}

/// The rows of a category or record rule that both have: how each ends, and when it is due.
fn moves(before: &Side<'_>, now: &Side<'_>, old: &Unit<'_>, new: &Unit<'_>, against: &mut Against) -> Result<(), Error> {
    let places = places(before, now, old.table, new.table)?;
    let mut moved: BTreeMap<(&str, &'static str, &'static str), Vec<usize>> = BTreeMap::new();
    let mut due: BTreeMap<&str, DueLine> = BTreeMap::new();
    for (row, place) in places.iter().enumerate() {
        let Some(place) = *place else { continue };
        let (then, today) = (before.tenant(old.table, place), now.tenant(new.table, row));
        let Some(tenant) = today.or(then) else { continue };
        let name = |tenant: Option<&str>, outcome: Outcome| tenant.map_or(NOT_PROCESSED, |_| outcome.as_str());
        let (from, to) = (name(then, old.outcome[place]), name(today, new.outcome[row]));
        if from == to {
            against.same += 1;
        } else {
            moved.entry((tenant, from, to)).or_default().push(row);
        }
        if then.is_some() && today.is_some() {
            note_due(due.entry(tenant).or_default(), old.due[place], new.due[row]);
        }
    }
    for ((tenant, from, to), rows) in moved {
        // Named by the side that knows the tenant's keys.
        let (side, table) = if to == NOT_PROCESSED { (before, old.table) } else { (now, new.table) };
        let index = side.treating.tenants.iter().position(|known| known.name == tenant);
        let here: Vec<u32> =
            rows.iter().filter_map(|row| if to == NOT_PROCESSED { places[*row] } else { Some(*row) }).map(|row| row as u32).collect();
        let tokens = match index {
            Some(index) => row_names(&side.treating, side.state, table, index, &here)?,
            None => Vec::new(),
        };
        let (tenant, category) = (tenant.to_owned(), new.name.clone());
        against.moves.push(MoveLine { tenant, category, from, to, count: rows.len() as u64, tokens });
    }
    for (tenant, line) in due {
        if line != DueLine::default() {
            against.due.push(DueLine { tenant: tenant.to_owned(), category: new.name.clone(), ..line });
        }
    }
    Ok(())
}

fn note_due(line: &mut DueLine, then: Option<i32>, now: Option<i32>) {
    match (then, now) {
        (Some(then), Some(now)) if now < then => {
            line.earlier += 1;
            line.earlier_days = line.earlier_days.max(i64::from(then) - i64::from(now));
        }
        (Some(then), Some(now)) if now > then => {
            line.later += 1;
            line.later_days = line.later_days.max(i64::from(now) - i64::from(then));
        }
        (None, Some(_)) => line.gained += 1,
        (Some(_), None) => line.lost += 1,
        _ => {}
    }
}

/// For each row of a table as one side read it the same row as the other did. A view has the same rows for both, but promises no order.
fn places(before: &Side<'_>, now: &Side<'_>, old: TableIndex, new: TableIndex) -> Result<Vec<Option<usize>>, Error> {
    let key = &now.treating.pipeline.tables[new].key;
    let failed = |source| now.treating.failed(new, key[0], source);
    let pairs: Option<Vec<_>> = key.iter().map(|column| before.state.column(old, *column).zip(now.state.column(new, *column))).collect();
    let rows = now.state.tables[new].rows;
    let pairs = pairs.unwrap_or_default();
    let mut in_order = before.state.tables[old].rows == rows;
    for (then, today) in &pairs {
        in_order =
            in_order && then.len() == today.len() && text_equal(then, today).map_err(failed)?.iter().all(|equal| equal == Some(true));
    }
    if in_order {
        return Ok((0..rows).map(Some).collect());
    }
    let texts =
        |side: &dyn Fn(usize) -> Result<arrow::array::StringArray, Error>| (0..pairs.len()).map(side).collect::<Result<Vec<_>, _>>();
    let then = texts(&|at| Ok(to_text(pairs[at].0).map_err(failed)?))?;
    let today = texts(&|at| Ok(to_text(pairs[at].1).map_err(failed)?))?;
    let of = |cells: &[arrow::array::StringArray], row: usize| -> Vec<Option<String>> {
        cells.iter().map(|cells| cells.is_valid(row).then(|| cells.value(row).to_owned())).collect()
    };
    let by_key: HashMap<_, usize> = (0..before.state.tables[old].rows).map(|row| (of(&then, row), row)).collect();
    Ok((0..rows).map(|row| by_key.get(&of(&today, row)).copied()).collect())
}

/// Columns of either side that are classed or treated otherwise by the other.
fn columns(before: &Side<'_>, now: &Side<'_>) -> Vec<ColumnLine> {
    let in_scope = |side: &Side<'_>| -> BTreeMap<String, TableIndex> {
        let tables = side.treating.pipeline.tables.iter().enumerate().filter(|(_, table)| table.out_of_scope.is_none());
        tables.map(|(index, table)| (table.name().to_owned(), index)).collect()
    };
    let (old, new) = (in_scope(before), in_scope(now));
    let mut lines = Vec::new();
    for table in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let (then, today) = (old.get(table).copied(), new.get(table).copied());
        let Some(described) = today.map(|index| (now, index)).or(then.map(|index| (before, index))) else { continue };
        let described = &described.0.treating.pipeline.tables[described.1];
        for (column, catalog) in described.catalog.columns.iter().enumerate() {
            let settings = |side: &Side<'_>, table: Option<TableIndex>| {
                table.map(|table| side.treating.pipeline.tables[table].columns[column].clone())
            };
            let (from, to) = (settings(before, then), settings(now, today));
            let plain = |settings: &Option<ScopedColumn>| settings.as_ref().is_none_or(|column| column.treatment == Treatment::Keep);
            let equal = match (&from, &to) {
                (Some(from), Some(to)) => from.treatment == to.treatment && from.class == to.class,
                _ => plain(&from) && plain(&to),
            };
            if equal {
                continue;
            }
            let changed = |side: &Side<'_>, table: Option<TableIndex>| {
                let cells = table.and_then(|table| side.plan.rows[table].treat.get(&column));
                cells.map_or(0, |cells| cells.iter().filter(|cell| **cell).count() as u64)
            };
            let cells = today.and_then(|table| now.state.column(table, column));
            let cells = cells.or(then.and_then(|table| before.state.column(table, column)));
            let (mut words, mut other) = (in_words(&from), in_words(&to));
            if words == other {
                // Another placeholder, other paths of a document.
                (words, other) = (format!("{words} (as it was)"), format!("{other} (another)"));
            }
            lines.push(ColumnLine {
                table: table.clone(),
                column: catalog.name.clone(),
                from: words,
                to: other,
                cells: cells.map_or(0, |cells| (cells.len() - cells.null_count()) as u64),
                changed_before: changed(before, then),
                changed_now: changed(now, today),
            });
        }
    }
    lines
}

fn in_words(column: &Option<ScopedColumn>) -> String {
    column
        .as_ref()
        .map_or("out of scope".to_owned(), |column| format!("{}: {}", class_name(column.class), treatment_name(&column.treatment)))
}
