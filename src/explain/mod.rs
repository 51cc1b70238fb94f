//! What happens to one subject or record, field by field: what, when, and by which rule.
//!
//! It says what the plan says: every outcome is read from the plan's masks, and rules, purposes, holds and duties are those that the plan rests
//! on. No cell's value is in it.

mod field;
mod find;
mod lines;

use arrow::array::Array;

use crate::decide::activity::{Clocks, One, linked, rule_text};
use crate::decide::clocks::date_of_day;
use crate::decide::days::DecideError;
use crate::decide::duties::Shielding;
use crate::decide::endings::{Ending, Endings};
use crate::decide::holds::Guards;
use crate::decide::{Given, Outcome, Plan, Reasons, past};
use crate::pipeline::*;
use crate::snapshot::State;

pub use field::FieldLine;
pub use find::find;
pub use lines::{Explained, GuardLine, ProtectionLine, PurposeLine, RowsLine, RuleLine};

/// What is explained: a row of a category or of a record table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// A subject.
    Subject(CategoryIndex, u32),
    /// A record: the rule's number, and the row.
    Record(usize, u32),
    /// A row of another table: whose it is decides.
    Row(TableIndex, u32),
}

impl Asked {
    /// The row's table and number.
    pub fn place(self, pipeline: &Pipeline) -> (TableIndex, u32) {
        match self {
            Self::Subject(category, row) => (pipeline.categories[category].table, row),
            Self::Record(record, row) => (pipeline.records[record].table, row),
            Self::Row(table, row) => (table, row),
        }
    }
}

/// Everything that an explanation is read from.
pub struct Explaining<'a> {
    /// The pipeline.
    pub pipeline: &'a Pipeline,
    /// The snapshot.
    pub state: &'a State,
    /// What the plan rests on besides.
    pub given: Given<'a>,
    /// The plan, narrowed by the passes.
    pub plan: &'a Plan,
}

/// Row numbers by table.
type Rows = Vec<(TableIndex, Vec<usize>)>;

pub(crate) fn day(day: Option<i32>) -> Option<String> {
    day.and_then(date_of_day).map(|date| date.to_string())
}

impl Explaining<'_> {
    /// Explains one row; `token` is its name in reports.
    ///
    /// # Errors
    /// [`DecideError`] where a column was not read or can not be compared.
    pub fn explain(&self, asked: Asked, token: String) -> Result<Explained, DecideError> {
        match asked {
            Asked::Subject(category, row) => self.subject(category, row as usize, token),
            Asked::Record(record, row) => self.record(record, row as usize, token),
            Asked::Row(table, row) => self.row(table, row as usize, token),
        }
    }

    /// A row without a clock of its own: whoever it leads to decides, and the first of them is told.
    fn row(&self, table: TableIndex, row: usize, token: String) -> Result<Explained, DecideError> {
        let asked = Asked::Row(table, row as u32);
        let rows = vec![(table, vec![row])];
        let tenant = self.tenant(table, row).map(|(_, tenant)| tenant);
        let owner = self.leads_of(table, row).into_iter().next();
        let treated = self.plan.rows[table].treat.values().any(|treat| treat[row]);
        let protections = self.protections(&rows);
        let (outcome, tonight) = match (self.plan.rows[table].delete[row], treated) {
            (true, _) => (Outcome::Delete, true),
            (false, true) if protections.is_empty() => (Outcome::Anonymise, true),
            (false, true) => (Outcome::Partly, true),
            (false, false) => (Outcome::Keep, false),
        };
        let (reason, clock_start, due, rules) = match owner {
            Some((category, subject)) => {
                let plan = &self.plan.subjects[category];
                let name = &self.pipeline.categories[category].name;
                let (outcome, reason) = (plan.outcome[subject].as_str(), self.reason(plan.reason[subject]));
                let rules = self.rules(category, subject)?;
                (format!("its {name} is `{outcome}`: {reason}"), plan.clock_start[subject], plan.due[subject], rules)
            }
            None => ("it leads to nobody, and no record rule has a clock for it".to_owned(), None, None, Vec::new()),
        };
        Ok(Explained {
            tenant: tenant.map(|tenant| tenant.name.clone()).unwrap_or_default(),
            category: self.pipeline.tables[table].name().to_owned(),
            table: self.pipeline.tables[table].name().to_owned(),
            token,
            as_of: tenant.map(|tenant| tenant.as_of.to_string()).unwrap_or_default(),
            outcome,
            reason,
            clock_start: day(clock_start),
            due: day(due),
            next_due: None,
            tonight,
            rules,
            purposes: Vec::new(),
            guards: Vec::new(),
            protections,
            rows: Vec::new(),
            fields: self.fields(asked, &rows, &[]),
        })
    }

    /// The subjects that a row leads to, nearest paths in the order of the table's leads.
    fn leads_of(&self, table: TableIndex, row: usize) -> Vec<(CategoryIndex, usize)> {
        let leads = self.pipeline.tables[table].leads.iter();
        leads.filter_map(|lead| Some((lead.category, self.step(&lead.path, row)?))).collect()
    }

    /// The row at the end of a path.
    fn step(&self, path: &[ReferenceIndex], row: usize) -> Option<usize> {
        path.iter().try_fold(row, |row, step| {
            let parents = &self.state.parents[*step];
            parents.is_valid(row).then(|| parents.value(row) as usize)
        })
    }

    fn reason(&self, number: u32) -> String {
        self.plan.reasons.get(number as usize).cloned().unwrap_or_default()
    }

    fn tenant(&self, table: TableIndex, row: usize) -> Option<(usize, &Tenant)> {
        let index = self.state.tables[table].tenants[row] as usize;
        self.given.tenants.get(index).map(|tenant| (index, tenant))
    }

    fn subject(&self, index: CategoryIndex, row: usize, token: String) -> Result<Explained, DecideError> {
        let category = &self.pipeline.categories[index];
        let plan = &self.plan.subjects[index];
        let mut reasons = Reasons::default();
        let guards = Guards::of(self.pipeline, self.state, &self.given, index, category, &mut reasons)?;
        let marks = [guards.restricted.of(row), guards.held.of(row), guards.blocked.of(row)];
        let guards = marks.into_iter().flatten().map(|reason| GuardLine { reason: reasons.text(reason).to_owned() }).collect();
        let tenant = self.tenant(category.table, row);
        let asked = Asked::Subject(index, row as u32);
        let rows = self.rows_of(asked);
        let (purposes, purposes_due) = self.purposes(index, row)?;
        Ok(Explained {
            tenant: tenant.map(|(_, tenant)| tenant.name.clone()).unwrap_or_default(),
            category: category.name.clone(),
            table: self.pipeline.tables[category.table].name().to_owned(),
            token,
            as_of: tenant.map(|(_, tenant)| tenant.as_of.to_string()).unwrap_or_default(),
            outcome: plan.outcome[row],
            reason: self.reason(plan.reason[row]),
            clock_start: day(plan.clock_start[row]),
            due: day(plan.due[row]),
            next_due: plan.next_due.get(&(row as u32)).copied().flatten().and_then(|due| day(Some(due))),
            tonight: plan.work[row],
            rules: self.rules(index, row)?,
            purposes,
            guards,
            protections: self.protections(&rows),
            rows: self.rows(index, row),
            fields: self.fields(asked, &rows, &purposes_due),
        })
    }

    fn record(&self, index: usize, row: usize, token: String) -> Result<Explained, DecideError> {
        let record = &self.pipeline.records[index];
        let Some(plan) = self.plan.records.iter().find(|plan| plan.record == index) else {
            return Err(DecideError::NotRead { table: self.pipeline.tables[record.table].name().to_owned(), column: String::new() });
        };
        let tenant = self.tenant(record.table, row);
        let due = plan.due[row];
        let over = tenant.is_some_and(|(_, tenant)| due.is_some_and(|due| past(due, tenant.as_of)));
        let rule = RuleLine {
            name: record.name.clone(),
            basis: basis_words(record.basis),
            keep: keep_words(&record.keep, tenant.map(|(_, tenant)| tenant)),
            source: source_words(&record.keep, &record.source, tenant.map(|(_, tenant)| tenant)),
            clock_start: day(plan.clock_start[row]),
            due: day(due),
            state: match (over, due) {
                (true, _) => "over".to_owned(),
                (false, Some(_)) => "not due".to_owned(),
                (false, None) => self.reason(plan.reason[row]),
            },
        };
        let asked = Asked::Record(index, row as u32);
        let rows = self.rows_of(asked);
        // Whom it belongs to can take it along before its own time.
        let with_owner = self.plan.rows[record.table].delete[row] && plan.outcome[row] != Outcome::Delete;
        let treated = self.plan.rows[record.table].treat.values().any(|treat| treat[row]);
        let owner = self
            .leads_of(record.table, row)
            .into_iter()
            .find(|(category, subject)| self.plan.subjects[*category].outcome[*subject].erases());
        let (outcome, reason) = match owner.filter(|_| with_owner || (treated && !plan.outcome[row].erases())) {
            Some((category, subject)) => {
                let name = &self.pipeline.categories[category].name;
                let why = self.reason(self.plan.subjects[category].reason[subject]);
                (if with_owner { Outcome::Delete } else { Outcome::Anonymise }, format!("goes with its {name}: {why}"))
            }
            None => (plan.outcome[row], self.reason(plan.reason[row])),
        };
        Ok(Explained {
            tenant: tenant.map(|(_, tenant)| tenant.name.clone()).unwrap_or_default(),
            category: format!("record {}", record.name),
            table: self.pipeline.tables[record.table].name().to_owned(),
            token,
            as_of: tenant.map(|(_, tenant)| tenant.as_of.to_string()).unwrap_or_default(),
            outcome,
            reason,
            clock_start: day(plan.clock_start[row]),
            due: day(due),
            next_due: None,
            tonight: plan.work[row] || treated || self.plan.rows[record.table].delete[row],
            rules: vec![rule],
            purposes: Vec::new(),
            guards: Vec::new(),
            protections: self.protections(&rows),
            rows: Vec::new(),
            fields: self.fields(asked, &rows, &[]),
        })
    }

    fn rules(&self, index: CategoryIndex, row: usize) -> Result<Vec<RuleLine>, DecideError> {
        let category = &self.pipeline.categories[index];
        let Some((tenant_index, tenant)) = self.tenant(category.table, row) else { return Ok(Vec::new()) };
        let rules: Vec<&Retention> = category.retention.iter().collect();
        let mut reasons = Reasons::default();
        let subjects = self.state.tables[category.table].rows;
        let latest = linked(self.pipeline, self.state, self.given.tenants, subjects, &rules)?;
        let tenants = self.given.tenants;
        let mut clocks = Clocks::of(self.pipeline, self.state, tenants, category.table, "rule", rules, latest, &mut reasons)?;
        let memory = self.given.memory.get(index);
        memory.iter().for_each(|memory| clocks.remember(&memory.activity));
        let remembered = memory.and_then(|memory| memory.forgotten.get(&(row as u32)));
        let mut lines = Vec::new();
        for (at, rule) in category.retention.iter().enumerate() {
            let (start, due, state) = told(clocks.evaluate_one(at, row, tenant_index, tenant, remembered), tenant, &reasons, &rule.name);
            let keep = match tenant.keep.iter().find(|(name, _)| *name == rule.name) {
                Some((_, period)) => format!("{period} (the tenant's own)"),
                None => keep_words(&rule.keep, Some(tenant)),
            };
            lines.push(RuleLine {
                name: rule.name.clone(),
                basis: basis_words(rule.basis),
                keep,
                source: source_words(&rule.keep, &rule.source, Some(tenant)),
                clock_start: day(start),
                due: day(due),
                state,
            });
        }
        Ok(lines)
    }

    /// The purposes of a category, and for each the last day of a period of its own.
    fn purposes(&self, index: CategoryIndex, row: usize) -> Result<(Vec<PurposeLine>, Vec<Option<i32>>), DecideError> {
        let category = &self.pipeline.categories[index];
        let Some((tenant_index, tenant)) = self.tenant(category.table, row) else { return Ok(Default::default()) };
        let mut dues = Vec::new();
        let subjects = self.state.tables[category.table].rows;
        let mut lines = Vec::new();
        for purpose in &category.purposes {
            let mut reasons = Reasons::default();
            let mut due = None;
            let mut state = "goes on".to_owned();
            if let Some(rule) = &purpose.period {
                let latest = linked(self.pipeline, self.state, self.given.tenants, subjects, &[rule])?;
                let tenants = self.given.tenants;
                let clocks = Clocks::of(self.pipeline, self.state, tenants, category.table, "purpose", vec![rule], latest, &mut reasons)?;
                let (_, last, said) = told(clocks.evaluate_one(0, row, tenant_index, tenant, None), tenant, &reasons, &purpose.name);
                due = last;
                state = if said == "over" { format!("has ended: {}", rule_text(&rule.keep, "")) } else { said };
            }
            let endings = purpose.ended.as_ref();
            let endings =
                endings.map(|ended| Endings::of(self.pipeline, self.state, self.given.tenants, category.table, ended)).transpose()?;
            match endings.map(|endings| endings.of_subject(row, tenant)) {
                Some(Ending::Since(since)) => {
                    let what = crate::decide::activity::ended_text(Some(purpose.basis), "");
                    // A flag does not say since when.
                    let dated = purpose.ended.as_ref().is_some_and(|ended| ended.on.is_some());
                    let on = day(Some(since)).filter(|_| dated).map_or(String::new(), |day| format!(" on {day}"));
                    state = format!("has ended{on}: {what}");
                }
                Some(Ending::Unclear) => state = "the day on which it ended can not be read".to_owned(),
                Some(Ending::Not) | None => {}
            }
            dues.push(due);
            lines.push(PurposeLine {
                name: purpose.name.clone(),
                basis: basis_words(Some(purpose.basis)),
                source: purpose.source.clone(),
                state,
                due: day(due),
                columns: purpose.columns.iter().map(|(table, column)| self.name(*table, *column)).collect(),
            });
        }
        Ok((lines, dues))
    }

    /// A column with its table.
    pub(crate) fn name(&self, table: TableIndex, column: ColumnIndex) -> String {
        let scoped = &self.pipeline.tables[table];
        format!("{}.{}", scoped.name(), scoped.catalog.columns[column].name)
    }

    /// Rows elsewhere that lead to a subject, nearest references by what they mean.
    fn rows(&self, index: CategoryIndex, row: usize) -> Vec<RowsLine> {
        let own = self.pipeline.categories[index].table;
        let mut lines: Vec<RowsLine> = Vec::new();
        for (at, reference) in self.pipeline.references.iter().enumerate().filter(|(_, reference)| reference.to == own) {
            let pointing: Vec<usize> = self.state.parents[at]
                .iter()
                .enumerate()
                .filter(|(_, parent)| *parent == Some(row as u32))
                .map(|(pointing, _)| pointing)
                .collect();
            if pointing.is_empty() {
                continue;
            }
            let gone = pointing.iter().filter(|row| self.plan.rows[reference.from].delete[**row]).count();
            let outside = self.pipeline.tables[reference.from].out_of_scope.is_some();
            lines.push(RowsLine {
                table: self.pipeline.tables[reference.from].name().to_owned(),
                rows: pointing.len() as u64,
                kind: match reference.kind {
                    _ if outside => "linked (out of scope)",
                    ReferenceKind::Linked => "linked",
                    ReferenceKind::Owned => "owned",
                    ReferenceKind::Shared => "shared",
                }
                .to_owned(),
                deleted: gone as u64,
            });
        }
        lines
    }

    /// Duties and holds on some fields, over the fields of a subject or record.
    fn protections(&self, rows: &Rows) -> Vec<ProtectionLine> {
        let mut lines: Vec<(Shielding, ProtectionLine, Option<i32>)> = Vec::new();
        for (table, rows) in rows {
            let table = *table;
            let tenant = rows.first().and_then(|row| self.tenant(table, *row)).map(|(_, tenant)| tenant);
            for column in 0..self.pipeline.tables[table].columns.len() {
                for row in rows {
                    for (by, until) in self.plan.protected.of_cell(table, column, *row as u32) {
                        let name = self.name(table, column);
                        let known = lines.iter().position(|(known, ..)| known == by);
                        let known = known.unwrap_or_else(|| {
                            lines.push((by.clone(), self.protection(by, tenant), Some(i32::MIN)));
                            lines.len() - 1
                        });
                        let (_, line, last) = &mut lines[known];
                        *last = last.zip(until).map(|(last, until)| last.max(until));
                        if !line.fields.contains(&name) {
                            line.fields.push(name);
                        }
                    }
                }
            }
        }
        lines.into_iter().map(|(_, line, last)| ProtectionLine { until: day(last), ..line }).collect()
    }

    fn protection(&self, by: &Shielding, tenant: Option<&Tenant>) -> ProtectionLine {
        let (name, keep, statute) = match by {
            Shielding::Duty(duty) => {
                let duty = &self.pipeline.duties[*duty];
                (format!("duty `{}`", duty.name), keep_words(&duty.keep, tenant), source_words(&duty.keep, "", tenant))
            }
            Shielding::Hold(reason) => (format!("hold: {reason}"), String::new(), String::new()),
        };
        ProtectionLine { name, keep, statute, until: None, fields: Vec::new() }
    }

    /// The rows of a subject or record per table: its own, and those that lead to it.
    fn rows_of(&self, asked: Asked) -> Rows {
        match asked {
            Asked::Record(..) | Asked::Row(..) => {
                let (table, row) = asked.place(self.pipeline);
                vec![(table, vec![row as usize])]
            }
            Asked::Subject(category, subject) => {
                let own = self.pipeline.categories[category].table;
                let mut found = vec![(own, vec![subject as usize])];
                for (table, scoped) in self.pipeline.tables.iter().enumerate().filter(|(table, _)| *table != own) {
                    let mut rows: Vec<usize> = Vec::new();
                    for lead in scoped.leads.iter().filter(|lead| lead.category == category) {
                        let reached = self.state.follow(table, &lead.path);
                        let led = (0..reached.len()).filter(|row| reached.is_valid(*row) && reached.value(*row) == subject);
                        rows.extend(led);
                    }
                    rows.sort_unstable();
                    rows.dedup();
                    if !rows.is_empty() && scoped.out_of_scope.is_none() {
                        found.push((table, rows));
                    }
                }
                found
            }
        }
    }
}

/// What one rule says, in words.
fn told(one: One, tenant: &Tenant, reasons: &Reasons, name: &str) -> (Option<i32>, Option<i32>, String) {
    match one {
        One::Known { start, due } if past(due, tenant.as_of) => (Some(start), Some(due), "over".to_owned()),
        One::Known { start, due } => (Some(start), Some(due), "not due".to_owned()),
        One::NotStarted => (None, None, "not started".to_owned()),
        One::Open => (None, None, "open-ended".to_owned()),
        One::Undetermined(reason) => {
            let text = reasons.text(reason);
            let said = text.split_once(&format!("`{name}`: ")).map_or(text, |(_, said)| said);
            (None, None, format!("undetermined: {said}"))
        }
    }
}

/// A legal basis with its article.
pub(crate) fn basis_words(basis: Option<Basis>) -> String {
    basis.map_or(String::new(), |basis| format!("{} ({})", basis.as_str(), basis.article()))
}

/// How long, in words.
fn keep_words(keep: &Keep, tenant: Option<&Tenant>) -> String {
    match keep {
        Keep::Period { from: packs::Base::Event, period } => period.to_string(),
        Keep::Period { from, period } => format!("{period} from the {from}"),
        Keep::Open { review: Some(review) } => format!("open-ended, review by {review}"),
        Keep::Open { review: None } => "open-ended, no review day".to_owned(),
        Keep::Pack(_) | Keep::Packs(_) => {
            let pack = tenant.and_then(|tenant| keep.pack(tenant.country));
            pack.map_or(String::new(), |pack| format!("{}, version {}: {}", pack.id, pack.version, pack.rule))
        }
    }
}

/// The statute of a pack with the line that counsel confirms it, and what the file says.
fn source_words(keep: &Keep, source: &str, tenant: Option<&Tenant>) -> String {
    let statute = tenant.and_then(|tenant| keep.pack(tenant.country)).map(|pack| format!("{} — {}", pack.statute, pack.confirm));
    let parts: Vec<String> = statute.into_iter().chain((!source.is_empty()).then(|| source.to_owned())).collect();
    parts.join("; ")
}
