//! Who is in the list: from a plan to rows.

use std::path::Path;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Date32Type};
use jiff::civil::Date;

use super::{Ask, Candidate, Candidates, Cell};
use crate::decide::clocks::{date_of_day, day_of_date, expired};
use crate::decide::days::DayCells;
use crate::decide::facts::NO_DAY;
use crate::decide::{Outcome, SubjectPlan};
use crate::error::Error;
use crate::kernels::cast::to_text;
use crate::passes::gather;
use crate::pipeline::lock::class_name;
use crate::pipeline::source::suggestion;
use crate::pipeline::*;
use crate::progress::Progress;
use crate::report::row_names;
use crate::run::{Planned, Request, plan_showing};
use crate::session::{Session, World};
use crate::snapshot::State;

/// Plans for the day asked for and lists the candidates. Nothing is changed.
pub fn list(path: &Path, ask: &Ask, request: &Request, world: &World<'_>, progress: &dyn Progress) -> Result<Candidates, Error> {
    let made = (world.now)();
    let columns = |pipeline: &Pipeline| wanted(pipeline, ask);
    let (session, planned) = plan_showing(path, request, &columns, world, progress)?;
    let report = planned.report(&session)?;
    let mut candidates = Candidates {
        pipeline: path.display().to_string(),
        pipeline_sha256: session.pipeline.file_hash.clone(),
        snapshot: planned.snapshot.clone(),
        made,
        tenants: report.tenants,
        stopped: report.stopped,
        ask: ask.clone(),
        columns: ask.columns.clone(),
        rows: Vec::new(),
        notes: Vec::new(),
    };
    let unheld = planned.without_holds(&session)?;
    for (index, category) in session.pipeline.categories.iter().enumerate() {
        if ask.category.as_ref().is_none_or(|wanted| *wanted == category.name) {
            let rules = Rules { plan: &planned.plan.reasons, unheld: (&unheld.subjects[index], &unheld.reasons) };
            of_category(&session, &planned, index, &rules, &mut candidates)?;
        }
    }
    Ok(candidates)
}

/// The columns to read; what is wrong with the question, before anything is read.
fn wanted(pipeline: &Pipeline, ask: &Ask) -> Result<Vec<(TableIndex, ColumnIndex)>, Error> {
    let usage = |message: String, hint: Option<String>| Err(Error::Usage { message, hint });
    let names: Vec<&str> = pipeline.categories.iter().map(|category| category.name.as_str()).collect();
    if let Some(category) = ask.category.as_ref().filter(|category| !names.contains(&category.as_str())) {
        return usage(format!("the pipeline has no category `{category}`"), suggestion(category, &names));
    }
    let categories: Vec<&Category> =
        pipeline.categories.iter().filter(|category| ask.category.as_ref().is_none_or(|wanted| *wanted == category.name)).collect();
    let mut found = Vec::new();
    for name in &ask.columns {
        let mut somewhere = false;
        for category in &categories {
            let table = &pipeline.tables[category.table];
            let Some(column) = table.catalog.columns.iter().position(|column| column.name == *name) else { continue };
            somewhere = true;
            if let Some(class) = restricted(&table.columns[column]).filter(|_| !ask.with_restricted) {
                let message = format!("`{}.{name}` holds `{}`, which is shown with permission alone", table.name(), class_name(class));
                return usage(message, Some("`--with-restricted`, for those who may see it".into()));
            }
            if table.catalog.columns[column].data_type == crate::store::ColumnType::Unsupported {
                return usage(format!("`{}.{name}` has a type that can not be shown", table.name()), None);
            }
            found.push((category.table, column));
        }
        if !somewhere {
            let known: Vec<&str> = categories
                .iter()
                .flat_map(|category| pipeline.tables[category.table].catalog.columns.iter().map(|column| column.name.as_str()))
                .collect();
            let whose: Vec<String> = categories.iter().map(|category| format!("`{}`", category.name)).collect();
            return usage(format!("{} has no column `{name}`", whose.join(", ")), suggestion(name, &known));
        }
    }
    Ok(found)
}

/// The class by which a column is shown with permission alone: its own, or that of something in its documents.
fn restricted(column: &ScopedColumn) -> Option<Class> {
    let inside = match &column.treatment {
        Treatment::Document(document) => document.paths.iter().map(|path| path.class).collect(),
        _ => Vec::new(),
    };
    let is_restricted = |class: &Class| matches!(class, Class::Sensitive | Class::NationalId | Class::BankAccount);
    std::iter::once(column.class).chain(inside).find(is_restricted)
}

/// Where the reasons of a category's subjects come from.
struct Rules<'a> {
    /// The plan's texts.
    plan: &'a [String],
    /// The same subjects if nothing held them, with the texts of that plan.
    unheld: (&'a SubjectPlan, &'a [String]),
}

fn of_category(
    session: &Session,
    planned: &Planned,
    index: CategoryIndex,
    rules: &Rules<'_>,
    candidates: &mut Candidates,
) -> Result<(), Error> {
    let (pipeline, state) = (&session.pipeline, &planned.read.state);
    let category = &pipeline.categories[index];
    let (table, scoped) = (category.table, &pipeline.tables[category.table]);
    let subjects = &planned.plan.subjects[index];
    let treating = planned.treating(session);
    let ask = candidates.ask.clone();
    let activity = latest_activity(session, planned, category, subjects)?;
    let linked = linked_rows(pipeline, state, index);
    let masked = scoped.key.iter().find_map(|column| restricted(&scoped.columns[*column])).filter(|_| !ask.with_restricted);
    let shown: Vec<Option<ColumnIndex>> =
        ask.columns.iter().map(|name| scoped.catalog.columns.iter().position(|column| column.name == *name)).collect();
    let (mut without_activity, mut before, mut listed) = (0_u64, 0_u64, 0_u64);
    for (tenant_index, tenant) in planned.read.tenants.iter().enumerate() {
        let of_tenant = |row: &u32| state.tables[table].tenants[*row as usize] == tenant_index as u16;
        let rows: Vec<u32> = (0..subjects.outcome.len() as u32)
            .filter(of_tenant)
            .filter(|row| {
                let at = *row as usize;
                let outcome = subjects.outcome[at];
                let asked = ask.outcomes.is_empty() || ask.outcomes.contains(&outcome);
                let chosen = match ask.inactive_since {
                    Some(since) => outcome != Outcome::Undetermined && activity[at].is_some_and(|day| day < since),
                    None => has_come(subjects, at, tenant.as_of) || (outcome == Outcome::Undetermined && ask.outcomes.contains(&outcome)),
                };
                if ask.inactive_since.is_some() && outcome == Outcome::Undetermined {
                    without_activity += 1;
                }
                if !(asked && chosen) || outcome == Outcome::Forgotten {
                    return false;
                }
                // Whoever was forgotten on an earlier night is no candidate any more, but for what goes tonight.
                let done = subjects.remembered.contains(row) && !subjects.work[at];
                before += u64::from(done);
                !done
            })
            .collect();
        listed += rows.len() as u64;
        let cells = |column: ColumnIndex| -> Result<ArrayRef, Error> {
            let cells = state.column(table, column).ok_or_else(|| treating.not_read(table, column))?;
            Ok(gather(cells, &rows).ok_or_else(|| treating.assembly(table, column))?)
        };
        let keys = match masked {
            Some(_) => vec![String::new(); rows.len()],
            None => keys(&scoped.key.iter().map(|column| cells(*column)).collect::<Result<Vec<_>, _>>()?, rows.len(), &|source| {
                treating.failed(table, scoped.key[0], source).into()
            })?,
        };
        let mut columns: Vec<Vec<Cell>> = Vec::with_capacity(shown.len());
        for column in &shown {
            columns.push(match column {
                Some(column) => cells_of(&cells(*column)?).map_err(|source| treating.failed(table, *column, source))?,
                None => vec![Cell::Empty; rows.len()],
            });
        }
        let tokens = row_names(&treating, state, table, tenant_index, &rows)?;
        let day = |day: Option<i32>| day.and_then(date_of_day);
        for (place, ((row, token), key)) in rows.iter().zip(tokens).zip(keys).enumerate() {
            let at = *row as usize;
            let outcome = subjects.outcome[at];
            let text = |texts: &[String], number: u32| texts.get(number as usize).cloned().unwrap_or_default();
            let reason = text(rules.plan, subjects.reason[at]);
            // Of those who wait the plan says what for; the rule behind it is what it would say without.
            let (reason, waits_for) =
                if waits(outcome) { (text(rules.unheld.1, rules.unheld.0.reason[at]), reason) } else { (reason, String::new()) };
            candidates.rows.push(Candidate {
                tenant: tenant.name.clone(),
                category: category.name.clone(),
                key,
                token,
                outcome,
                reason,
                waits_for,
                latest_activity: activity[at],
                clock_start: day(subjects.clock_start[at]),
                due: day(subjects.due[at]),
                next_due: subjects.next_due.get(row).copied().and_then(day),
                linked_rows: linked[at],
                shown: columns.iter().map(|cells| cells[place].clone()).collect(),
            });
        }
    }
    if without_activity > 0 {
        candidates.notes.push(format!("{without_activity} of `{}` whose latest activity can not be told", category.name));
    }
    if before > 0 {
        candidates.notes.push(format!("{before} of `{}` who were forgotten before, but for what a duty keeps", category.name));
    }
    if let (Some(class), true) = (masked, listed > 0) {
        candidates.notes.push(format!("the keys of `{}`: they are `{}`, shown with permission alone", category.name, class_name(class)));
    }
    Ok(())
}

fn waits(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Held | Outcome::Blocked | Outcome::Restricted)
}

/// Whether a subject's time has come, whatever happens to it then.
fn has_come(subjects: &SubjectPlan, row: usize, as_of: Date) -> bool {
    let outcome = subjects.outcome[row];
    let past = || subjects.due[row].and_then(date_of_day).is_some_and(|due| expired(due, as_of));
    outcome.erases() || (waits(outcome) && past())
}

/// Per subject the latest day that any rule counts: of its own columns and of rows linked to it.
fn latest_activity(session: &Session, planned: &Planned, category: &Category, subjects: &SubjectPlan) -> Result<Vec<Option<Date>>, Error> {
    let (pipeline, state, tenants) = (&session.pipeline, &planned.read.state, &planned.read.tenants);
    let mut latest: Vec<Option<i32>> = subjects.clock_start.clone();
    for starts in &subjects.rule_starts {
        latest.iter_mut().zip(starts).for_each(|(latest, start)| *latest = (*latest).max(Some(*start).filter(|start| *start != NO_DAY)));
    }
    for column in category.retention.iter().flat_map(|rule| &rule.own) {
        let days = DayCells::in_state(pipeline, state, category.table, *column)?;
        for (row, latest) in latest.iter_mut().enumerate() {
            // Whoever is forgotten keeps a date that gallra itself may have written.
            let counts = latest.is_some() && !subjects.remembered.contains(&(row as u32));
            let tenant = tenants.get(state.tables[category.table].tenants[row] as usize).filter(|_| counts);
            let day = tenant.and_then(|tenant| days.day(row, &tenant.time_zone).started(tenant.as_of).ok());
            *latest = (*latest).max(day.map(day_of_date));
        }
    }
    Ok(latest.into_iter().map(|day| day.and_then(date_of_day)).collect())
}

/// Per subject the rows of other tables that lead to it.
fn linked_rows(pipeline: &Pipeline, state: &State, category: CategoryIndex) -> Vec<u64> {
    let mut linked = vec![0; state.tables[pipeline.categories[category].table].rows];
    for (table, scoped) in pipeline.tables.iter().enumerate() {
        let leads: Vec<_> =
            scoped.leads.iter().filter(|lead| lead.category == category).map(|lead| state.follow(table, &lead.path)).collect();
        for row in 0..state.tables[table].rows {
            let mut subjects: Vec<u32> = leads.iter().filter(|lead| lead.is_valid(row)).map(|lead| lead.value(row)).collect();
            subjects.sort_unstable();
            subjects.dedup();
            subjects.into_iter().for_each(|subject| linked[subject as usize] += 1);
        }
    }
    linked
}

fn keys(cells: &[ArrayRef], rows: usize, failed: &dyn Fn(crate::kernels::KernelError) -> Error) -> Result<Vec<String>, Error> {
    let texts = cells.iter().map(|cells| to_text(cells).map_err(failed)).collect::<Result<Vec<_>, _>>()?;
    let key = |row: usize| texts.iter().map(|text| if text.is_valid(row) { text.value(row) } else { "" }).collect::<Vec<_>>().join(" | ");
    Ok((0..rows).map(key).collect())
}

/// A column's cells for the file: numbers and days as such, everything else as text.
fn cells_of(cells: &ArrayRef) -> Result<Vec<Cell>, crate::kernels::KernelError> {
    let number = matches!(cells.data_type(), DataType::Int64 | DataType::Float64 | DataType::Decimal128(..));
    let dates = cells.as_primitive_opt::<Date32Type>();
    let texts = to_text(cells)?;
    let cell = |row: usize| {
        if texts.is_null(row) {
            return Cell::Empty;
        }
        let text = texts.value(row).to_owned();
        match dates.and_then(|dates| date_of_day(dates.value(row))) {
            Some(day) => Cell::Day(day),
            None if number => Cell::Number(text),
            None => Cell::text(&text),
        }
    };
    Ok((0..texts.len()).map(cell).collect())
}
