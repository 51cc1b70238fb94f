//! What commands report: values that the command line prints for people or as JSON. Counts, names, tokens and dates; never a cell's value.

mod sets;

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;
pub use sets::SetLine;

use crate::decide::clocks::date_of_day;
use crate::decide::{Outcome, Plan};
use crate::holds::HoldsLine;
use crate::passes::pseudonymise::row_tokens;
use crate::passes::{PassError, Treating, gather};
use crate::pipeline::*;
use crate::saved_plan::comparison::SavedPlanReport;
use crate::snapshot::read::{ReadState, StoppedTenant};
use crate::snapshot::{NO_TENANT, State};
use crate::verify::Verification;
use crate::write_back::Written;

/// How many subjects or records ended in the same way for the same reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutcomeLine {
    /// The tenant; empty for a store with one controller.
    pub tenant: String,
    /// The category, or `record NAME`.
    pub category: String,
    /// What happens.
    pub outcome: Outcome,
    /// Why.
    pub reason: String,
    /// How many.
    pub count: u64,
    /// How many of them something is done to tonight.
    pub tonight: u64,
    /// The earliest last day of keeping among them; of `partly` the earliest last day of a duty, when more of them goes.
    pub earliest_due: Option<String>,
}

/// One subject or record on which something is done tonight, or that waits although its time has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecisionLine {
    /// The tenant.
    pub tenant: String,
    /// The category, or `record NAME`.
    pub category: String,
    /// The row's token: the same in every report under one keyring.
    pub token: String,
    /// What happens.
    pub outcome: Outcome,
    /// The rule, with its statute or notice.
    pub reason: String,
    /// The clock's start.
    pub clock_start: Option<String>,
    /// The last day of keeping.
    pub due: Option<String>,
    /// Of `partly`: the last day of the longest duty.
    pub next_due: Option<String>,
    /// Whether it is done tonight.
    pub tonight: bool,
}

/// How many cells of a column change, or rows of a table go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangeLine {
    /// The table.
    pub table: String,
    /// The column; empty for deleted rows.
    pub column: String,
    /// What happens: `delete`, or the treatment.
    pub treatment: String,
    /// How many cells or rows.
    pub count: u64,
}

/// One tenant's day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TenantLine {
    /// Its key.
    pub tenant: String,
    /// The day that is evaluated.
    pub as_of: String,
    /// Its time zone.
    pub time_zone: String,
}

/// A tenant that is not processed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoppedLine {
    /// Its key.
    pub tenant: String,
    /// Why.
    pub reason: String,
}

/// The plan for people and machines; `plan` prints it, `run` executes the same.
#[derive(Debug, Clone, Serialize)]
pub struct PlanReport {
    /// The snapshot.
    pub snapshot: String,
    /// For how many seconds it was open, where that keeps the store from cleaning up.
    pub snapshot_seconds: f64,
    /// The tenants' days.
    pub tenants: Vec<TenantLine>,
    /// The tenants that are not processed.
    pub stopped: Vec<StoppedLine>,
    /// Outcomes; per tenant and category they add up to the input.
    pub outcomes: Vec<OutcomeLine>,
    /// Every decision but plain keeping, by token.
    pub decisions: Vec<DecisionLine>,
    /// What changes tonight.
    pub changes: Vec<ChangeLine>,
    /// Subjects that are forgotten for the first time.
    pub newly_forgotten: u64,
    /// Days that the oldest due subject is overdue, because it is held, blocked or undetermined.
    pub oldest_overdue_days: Option<i64>,
    /// Why the brake would stop a run, by share; what is usual is known to the run alone.
    pub brake: Vec<String>,
    /// The holds of gallra's own register.
    pub holds: HoldsLine,
    /// Sets that would be published.
    pub sets: Vec<String>,
    /// What needs a look before long: open-ended rules that nobody has reviewed.
    pub look: Vec<String>,
}

/// Who was forgotten tonight: planned, and not left alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Forgotten {
    /// People whose rows are gone.
    pub deleted: u64,
    /// People whose personal columns were replaced.
    pub anonymised: u64,
    /// People of whom a duty or hold keeps some columns.
    pub partly: u64,
    /// People who stay, and of whom an ended purpose let something go.
    pub released: u64,
    /// Records that are gone, by their own clock or with whom they belong to.
    pub records_deleted: u64,
    /// Records whose personal columns were replaced.
    pub records_anonymised: u64,
}

impl Forgotten {
    /// What became of the plan.
    pub fn of(pipeline: &Pipeline, state: &State, plan: &Plan, written: &Written) -> Self {
        let skipped: HashSet<(&str, u32)> = written.skipped.iter().map(|skipped| (skipped.unit.as_str(), skipped.row)).collect();
        let done = |table: TableIndex, unit: &str, work: &[bool]| -> Vec<usize> {
            let here = |row: &usize| state.tables[table].tenants[*row] != NO_TENANT;
            (0..work.len()).filter(|row| work[*row] && !skipped.contains(&(unit, *row as u32))).filter(here).collect()
        };
        let mut forgotten = Self::default();
        for subjects in &plan.subjects {
            let category = &pipeline.categories[subjects.category];
            for row in done(category.table, &category.name, &subjects.work) {
                match subjects.outcome[row] {
                    Outcome::Delete => forgotten.deleted += 1,
                    Outcome::Anonymise => forgotten.anonymised += 1,
                    _ if subjects.released.contains_key(&(row as u32)) => forgotten.released += 1,
                    _ => forgotten.partly += 1,
                }
            }
        }
        for records in &plan.records {
            let unit = format!("record.{}", pipeline.records[records.record].name);
            let anonymised =
                done(records.table, &unit, &records.work).into_iter().filter(|row| records.outcome[*row] == Outcome::Anonymise);
            forgotten.records_anonymised += anonymised.count() as u64;
            let gone = written.deleted.get(&records.table).into_iter().flatten();
            forgotten.records_deleted += gone.filter(|row| records.outcome[**row as usize] == Outcome::Delete).count() as u64;
        }
        forgotten
    }
}

/// A subject that was left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SkippedLine {
    /// The tenant.
    pub tenant: String,
    /// The category.
    pub category: String,
    /// Its token in the ledger.
    pub token: String,
    /// Why.
    pub reason: String,
    /// For how many days it has been skipped.
    pub days: i64,
}

/// The whole run.
#[derive(Debug, Clone, Serialize)]
pub struct RunReport {
    /// The run's id.
    pub run: String,
    /// The plan that was executed.
    pub plan: PlanReport,
    /// What became of the saved plan, where one was executed.
    pub saved_plan: Option<SavedPlanReport>,
    /// Who was forgotten.
    pub forgotten: Forgotten,
    /// Batches committed.
    pub batches: u64,
    /// Rows updated.
    pub rows_written: u64,
    /// Rows deleted.
    pub rows_deleted: u64,
    /// Who was left alone.
    pub skipped: Vec<SkippedLine>,
    /// Who was forgotten although something was added about them meanwhile.
    pub raced: Vec<SkippedLine>,
    /// What was done beside the rows, and what remains.
    pub aftercare: crate::store::Aftercare,
    /// The sets.
    pub sets: Vec<SetLine>,
    /// Old set versions that were removed.
    pub pruned: u64,
    /// The checks.
    pub verification: Verification,
    /// Whether nothing at all was changed.
    pub nothing_changed: bool,
    /// What needs a look, in words.
    pub notes: Vec<String>,
    /// The exit code.
    pub exit_code: u8,
}

/// The plan's report.
pub fn plan_report(
    treating: &Treating<'_>,
    snapshot: String,
    snapshot_seconds: f64,
    read: &ReadState,
    plan: &Plan,
    newly_forgotten: u64,
) -> Result<PlanReport, PassError> {
    let pipeline = treating.pipeline;
    Ok(PlanReport {
        snapshot,
        snapshot_seconds,
        tenants: read.tenants.iter().map(tenant_line).collect(),
        stopped: read
            .stopped
            .iter()
            .map(|StoppedTenant { name, reason }| StoppedLine { tenant: name.clone(), reason: reason.clone() })
            .collect(),
        outcomes: outcomes(pipeline, &read.state, &read.tenants, plan),
        decisions: decisions(treating, &read.state, plan)?,
        changes: changes(pipeline, plan),
        newly_forgotten,
        oldest_overdue_days: oldest_overdue(pipeline, &read.state, &read.tenants, plan),
        brake: Vec::new(),
        holds: HoldsLine::default(),
        sets: pipeline.sets.iter().map(|set| set.name.clone()).collect(),
        look: read.tenants.iter().map(|tenant| tenant.as_of).max().map_or(Vec::new(), |day| pipeline.unreviewed(day)),
    })
}

/// One line per subject and record that is not plainly kept.
fn decisions(treating: &Treating<'_>, state: &State, plan: &Plan) -> Result<Vec<DecisionLine>, PassError> {
    let pipeline = treating.pipeline;
    let day = |day: Option<i32>| day.and_then(date_of_day).map(|date| date.to_string());
    let mut lines = Vec::new();
    let mut add = |category: String, table: TableIndex, plans: Columns<'_>| {
        let settled = |row: &u32| !matches!(plans.outcome[*row as usize], Outcome::Keep | Outcome::Forgotten) || plans.work[*row as usize];
        for (tenant_index, tenant) in treating.tenants.iter().enumerate() {
            let of_tenant = |row: &u32| state.tables[table].tenants[*row as usize] == tenant_index as u16;
            let rows: Vec<u32> = (0..plans.outcome.len() as u32).filter(of_tenant).filter(settled).collect();
            let tokens = row_names(treating, state, table, tenant_index, &rows)?;
            for (row, token) in rows.into_iter().zip(tokens) {
                let at = row as usize;
                lines.push(DecisionLine {
                    tenant: tenant.name.clone(),
                    category: category.clone(),
                    token,
                    outcome: plans.outcome[at],
                    reason: plan.reasons.get(plans.reason[at] as usize).cloned().unwrap_or_default(),
                    clock_start: day(plans.clock_start[at]),
                    due: day(plans.due[at]),
                    next_due: plans.next_due.and_then(|next| next.get(&row).copied().flatten()).and_then(|next| day(Some(next))),
                    tonight: plans.work[at],
                });
            }
        }
        Ok::<(), PassError>(())
    };
    for subjects in &plan.subjects {
        let category = &pipeline.categories[subjects.category];
        let columns = Columns {
            outcome: &subjects.outcome,
            reason: &subjects.reason,
            clock_start: &subjects.clock_start,
            due: &subjects.due,
            work: &subjects.work,
            next_due: Some(&subjects.next_due),
        };
        add(category.name.clone(), category.table, columns)?;
    }
    for records in &plan.records {
        let columns = Columns {
            outcome: &records.outcome,
            reason: &records.reason,
            clock_start: &records.clock_start,
            due: &records.due,
            work: &records.work,
            next_due: None,
        };
        add(format!("record {}", pipeline.records[records.record].name), records.table, columns)?;
    }
    Ok(lines)
}

/// What subjects and records have in common.
struct Columns<'a> {
    outcome: &'a [Outcome],
    reason: &'a [u32],
    clock_start: &'a [Option<i32>],
    due: &'a [Option<i32>],
    work: &'a [bool],
    next_due: Option<&'a BTreeMap<u32, Option<i32>>>,
}

/// The tokens by which reports name rows.
pub(crate) fn row_names(
    treating: &Treating<'_>,
    state: &State,
    table: TableIndex,
    tenant: usize,
    rows: &[u32],
) -> Result<Vec<String>, PassError> {
    let scoped = &treating.pipeline.tables[table];
    let key = |column: &ColumnIndex| {
        let cells = state.column(table, *column).ok_or_else(|| treating.not_read(table, *column))?;
        gather(cells, rows).ok_or_else(|| treating.assembly(table, *column))
    };
    let keys = scoped.key.iter().map(key).collect::<Result<Vec<_>, _>>()?;
    let tokens =
        row_tokens(&keys, &treating.keys[tenant].report, scoped.name()).map_err(|source| treating.failed(table, scoped.key[0], source))?;
    Ok((0..rows.len()).map(|row| data_encoding::HEXLOWER.encode(tokens.value(row))).collect())
}

fn tenant_line(tenant: &Tenant) -> TenantLine {
    let time_zone = tenant.time_zone.iana_name().unwrap_or("UTC").to_owned();
    TenantLine { tenant: tenant.name.clone(), as_of: tenant.as_of.to_string(), time_zone }
}

/// Outcomes by tenant, category, outcome and reason.
pub fn outcomes(pipeline: &Pipeline, state: &State, tenants: &[Tenant], plan: &Plan) -> Vec<OutcomeLine> {
    type Counted = (u64, u64, Option<i32>);
    let mut lines: BTreeMap<(usize, usize, String, Outcome, u32), Counted> = BTreeMap::new();
    let mut count =
        |order: usize, name: String, table: TableIndex, row: usize, outcome: Outcome, reason: u32, due: Option<i32>, work: bool| {
            let tenant = state.tables[table].tenants[row];
            if tenant == NO_TENANT {
                return;
            }
            let line = lines.entry((tenant as usize, order, name, outcome, reason)).or_default();
            line.0 += 1;
            line.1 += u64::from(work);
            line.2 = match (line.2, due) {
                (Some(known), Some(due)) => Some(known.min(due)),
                (known, due) => known.or(due),
            };
        };
    for subjects in &plan.subjects {
        let category = &pipeline.categories[subjects.category];
        for row in 0..subjects.outcome.len() {
            let (outcome, reason) = (subjects.outcome[row], subjects.reason[row]);
            let due = subjects.next_due.get(&(row as u32)).copied().unwrap_or(subjects.due[row]);
            count(subjects.category, category.name.clone(), category.table, row, outcome, reason, due, subjects.work[row]);
        }
    }
    for records in &plan.records {
        let record = &pipeline.records[records.record];
        for row in 0..records.outcome.len() {
            let order = pipeline.categories.len() + records.record;
            let (outcome, reason) = (records.outcome[row], records.reason[row]);
            let tonight = records.work[row] || plan.rows[record.table].delete[row];
            count(order, format!("record {}", record.name), record.table, row, outcome, reason, records.due[row], tonight);
        }
    }
    let line =
        |((tenant, _, category, outcome, reason), (count, tonight, due)): ((usize, usize, String, Outcome, u32), Counted)| OutcomeLine {
            tenant: tenants[tenant].name.clone(),
            category,
            outcome,
            reason: plan.reasons.get(reason as usize).cloned().unwrap_or_default(),
            count,
            tonight,
            earliest_due: due.and_then(date_of_day).map(|date| date.to_string()),
        };
    lines.into_iter().map(line).collect()
}

fn changes(pipeline: &Pipeline, plan: &Plan) -> Vec<ChangeLine> {
    let mut changes = Vec::new();
    for (table, rows) in plan.rows.iter().enumerate() {
        let scoped = &pipeline.tables[table];
        let deleted = count(&rows.delete);
        if deleted > 0 {
            changes.push(ChangeLine { table: scoped.name().to_owned(), column: String::new(), treatment: "delete".into(), count: deleted });
        }
        for (column, treat) in &rows.treat {
            let cells = count(treat);
            if cells > 0 {
                let name = scoped.catalog.columns[*column].name.clone();
                let treatment = treatment_name(&scoped.columns[*column].treatment);
                changes.push(ChangeLine { table: scoped.name().to_owned(), column: name, treatment, count: cells });
            }
        }
        for (reference, release) in &rows.release {
            let column = pipeline.references[*reference]
                .columns
                .last()
                .map(|column| scoped.catalog.columns[*column].name.clone())
                .unwrap_or_default();
            changes.push(ChangeLine {
                table: scoped.name().to_owned(),
                column,
                treatment: "leave the shared row".into(),
                count: count(release),
            });
        }
    }
    changes
}

fn count(mask: &[bool]) -> u64 {
    mask.iter().filter(|set| **set).count() as u64
}

/// A treatment in a word or two.
pub fn treatment_name(treatment: &Treatment) -> String {
    match treatment {
        Treatment::Keep => "keep".into(),
        Treatment::Null => "NULL".into(),
        Treatment::Constant(_) => "placeholder".into(),
        Treatment::Derived(_) => "derived replacement".into(),
        Treatment::Scrub(scrubbing) => match scrubbing.replacement {
            Replacement::Kind => "scrub".into(),
            Replacement::Pseudonym => "scrub, numbered".into(),
            Replacement::Null | Replacement::Empty => "drop if personal".into(),
        },
        Treatment::Period(PeriodKind::Year) => "to the year".into(),
        Treatment::Period(PeriodKind::Quarter) => "to the quarter".into(),
        Treatment::Period(PeriodKind::Month) => "to the month".into(),
        Treatment::Period(PeriodKind::Week) => "to the week".into(),
        Treatment::Period(PeriodKind::Day) => "to the day".into(),
        Treatment::Prefix(length) => format!("first {length} characters"),
        Treatment::Rekey(_) => "new key".into(),
        Treatment::Document(_) => "paths in documents".into(),
    }
}

fn oldest_overdue(pipeline: &Pipeline, state: &State, tenants: &[Tenant], plan: &Plan) -> Option<i64> {
    let mut oldest = None;
    for subjects in &plan.subjects {
        let table = pipeline.categories[subjects.category].table;
        for row in 0..subjects.outcome.len() {
            let waits = matches!(subjects.outcome[row], Outcome::Held | Outcome::Blocked | Outcome::Restricted);
            let tenant = state.tables[table].tenants[row];
            if !waits || tenant == NO_TENANT {
                continue;
            }
            let today = crate::decide::clocks::day_of_date(tenants[tenant as usize].as_of);
            let overdue = subjects.due[row].map(|due| i64::from(today) - i64::from(due)).filter(|days| *days > 0);
            oldest = oldest.max(overdue);
        }
    }
    oldest
}
/// How many there are, in the singular or the plural.
pub(crate) fn counted(count: u64, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}
