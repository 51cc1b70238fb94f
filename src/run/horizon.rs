//! What falls due month by month, if nothing more happens.
//!
//! Data comes from the plan's own snapshot, decided on again for each coming month's last day: clocks that lie ahead begin to run, holds
//! lapse, duties end. A person or record is counted in the month in which a nightly run would first forget it, and once more only where a
//! duty kept a part of it: when that goes too. Nothing is read again and no column is copied; one month's plan is held at a time.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;

use super::Planned;
use crate::decide::clocks::{date_of_day, day_of_date};
use crate::decide::{Outcome, Plan, Registered, SubjectPlan, Withheld, decide};
use crate::error::Error;
use crate::passes::Treating;
use crate::passes::expiry::{KnownSubjects, would_change};
use crate::pipeline::*;
use crate::progress::Progress;
use crate::report::row_names;
use crate::session::Session;
use crate::snapshot::{NO_TENANT, State};

/// The coming months.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Horizon {
    /// What is due today, then what falls due until each coming month's end.
    pub horizon: Vec<Month>,
    /// Who is still there on the last of these days, and why; forgotten ones whose row stays included. Together with those who are deleted,
    /// anonymised, made whole or taken along in some month they are all rows.
    pub stays: Vec<StaysLine>,
}

/// What falls due until a day, and did not until the day before it in the list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Month {
    /// `today`, or the month as `2027-01`.
    pub month: String,
    /// The day that was decided for; of the first line the latest of the tenants' days.
    pub until: String,
    /// Who, by tenant, category and what happens to them.
    pub due: Vec<Falling>,
}

/// Those of a tenant and category to whom the same happens in the same month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Falling {
    /// The tenant; empty for a store with one controller.
    pub tenant: String,
    /// The category, or `record NAME`.
    pub category: String,
    /// What happens.
    pub becomes: Becomes,
    /// How many.
    pub count: u64,
    /// Which, by the tokens of all reports.
    pub tokens: Vec<String>,
}

/// What happens to somebody whose time comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Becomes {
    /// The row goes.
    Delete,
    /// The personal columns are replaced.
    Anonymise,
    /// The same but for what a duty keeps.
    Partly,
    /// What a duty kept goes too.
    Rest,
    /// The person stays, and what served a purpose that has ended goes. Each time that something goes.
    Released,
    /// A record that goes with whom it belongs to, before its own time.
    WithOwner,
}

impl Becomes {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 6] = [Self::Delete, Self::Anonymise, Self::Partly, Self::Rest, Self::Released, Self::WithOwner];
}

/// Those of a tenant and category who are still there at the end, for the same reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StaysLine {
    /// The tenant.
    pub tenant: String,
    /// The category, or `record NAME`.
    pub category: String,
    /// How they stand then.
    pub outcome: Outcome,
    /// Why.
    pub reason: String,
    /// How many.
    pub count: u64,
    /// The earliest last day of keeping among them; of `partly` that of a duty.
    pub earliest_due: Option<String>,
}

/// How far a row has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing has happened to it.
    Waiting,
    /// Forgotten but for what a duty keeps.
    Partly,
    /// Forgotten on one of the days looked at.
    Gone,
    /// Forgotten on an earlier night.
    Before,
}

/// The rows of a category's or a record rule's table.
struct Unit {
    name: String,
    table: TableIndex,
    stages: Vec<Stage>,
}

type Rows = BTreeMap<(usize, usize, Becomes), Vec<u32>>;

impl Planned {
    /// What is due today and what falls due until the end of each of the coming months, this one first.
    ///
    /// Of those who were forgotten on earlier nights only what a duty still keeps is followed, not what was linked to them since.
    pub fn horizon(&self, session: &Session, months: u16, progress: &dyn Progress) -> Result<Horizon, Error> {
        let treating = self.treating(session);
        let pipeline = &session.pipeline;
        let today = self.read.tenants.iter().map(|tenant| tenant.as_of).max();
        let Some(today) = today else { return Ok(Horizon::default()) };
        let stage = progress.start("horizon", u64::from(months));
        let mut ahead = Ahead::of(&treating, &self.read.state);
        let due = ahead.today(&self.plan);
        let mut horizon = vec![self.month(&treating, &ahead, "today".into(), today, due)?];
        let mut last = None;
        for until in month_ends(today, months) {
            let tenants: Vec<Tenant> = self.read.tenants.iter().map(|tenant| Tenant { as_of: until, ..tenant.clone() }).collect();
            let registered = still_held(&self.holds.registered, until);
            let withheld = Withheld::default();
            let given = self.given(&tenants, &registered, &withheld);
            let plan = decide(pipeline, &self.read.state, &given)?;
            let due = ahead.until(&plan)?;
            horizon.push(self.month(&treating, &ahead, until.strftime("%Y-%m").to_string(), until, due)?);
            last = Some(plan);
            stage.advance(1);
        }
        stage.finish();
        let stays = ahead.stays(last.as_ref().unwrap_or(&self.plan));
        Ok(Horizon { horizon, stays })
    }

    fn month(&self, treating: &Treating<'_>, ahead: &Ahead<'_>, month: String, until: Date, rows: Rows) -> Result<Month, Error> {
        let mut due = Vec::with_capacity(rows.len());
        for ((tenant, unit, becomes), rows) in rows {
            let unit = &ahead.units[unit];
            due.push(Falling {
                tenant: treating.tenants[tenant].name.clone(),
                category: unit.name.clone(),
                becomes,
                count: rows.len() as u64,
                tokens: row_names(treating, &self.read.state, unit.table, tenant, &rows)?,
            });
        }
        Ok(Month { month, until: until.to_string(), due })
    }
}

/// The last days of so many months after a day; of the month of that day too, unless it is its last.
fn month_ends(after: Date, months: u16) -> Vec<Date> {
    let this = after.last_of_month();
    let next = |day: &Date| day.tomorrow().ok().map(Date::last_of_month);
    let first = if this > after { Some(this) } else { next(&after) };
    std::iter::successors(first, next).take(usize::from(months)).collect()
}

/// The holds of gallra's own register that still last on a day.
fn still_held(registered: &[Registered], day: Date) -> Vec<Registered> {
    let lasts = |hold: &&Registered| hold.until.is_none_or(|until| until >= day_of_date(day));
    registered.iter().filter(lasts).cloned().collect()
}

/// How far every row has come, moved from day to day.
struct Ahead<'a> {
    treating: &'a Treating<'a>,
    state: &'a State,
    /// Categories, then record rules.
    units: Vec<Unit>,
    /// Columns whose cells' time can come more than once, by the row's own clock or by a purpose that ends: which came on a day that was
    /// looked at.
    seen: BTreeMap<(TableIndex, ColumnIndex), Vec<bool>>,
}

impl<'a> Ahead<'a> {
    fn of(treating: &'a Treating<'a>, state: &'a State) -> Self {
        let pipeline = treating.pipeline;
        let unit = |name: String, table: TableIndex| Unit { name, table, stages: vec![Stage::Waiting; state.tables[table].rows] };
        let categories = pipeline.categories.iter().map(|category| unit(category.name.clone(), category.table));
        let records = pipeline.records.iter().map(|record| unit(format!("record {}", record.name), record.table));
        Self { treating, state, units: categories.chain(records).collect(), seen: BTreeMap::new() }
    }

    /// What today's plan, narrowed by the passes, forgets.
    fn today(&mut self, plan: &Plan) -> Rows {
        let mut rows = Rows::new();
        for subjects in &plan.subjects {
            self.each(subjects.category, &mut rows, |row, _| {
                let (outcome, key) = (subjects.outcome[row], row as u32);
                match outcome {
                    Outcome::Partly if subjects.released.contains_key(&key) => (Stage::Waiting, Some(Becomes::Released)),
                    Outcome::Partly if subjects.remembered.contains(&key) => (Stage::Partly, None),
                    Outcome::Forgotten => (Stage::Before, subjects.work[row].then_some(Becomes::Rest)),
                    outcome => first(outcome),
                }
            });
        }
        let categories = plan.subjects.len();
        for records in &plan.records {
            let deleted = &plan.rows[records.table].delete;
            self.each(categories + records.record, &mut rows, |row, _| match records.outcome[row] {
                Outcome::Delete if records.work[row] => (Stage::Gone, Some(Becomes::Delete)),
                _ if deleted[row] => (Stage::Gone, Some(Becomes::WithOwner)),
                Outcome::Partly if !records.work[row] => (Stage::Partly, None),
                outcome => first(outcome),
            });
        }
        self.see(plan);
        rows
    }

    /// What a later day's plan forgets that none before did.
    fn until(&mut self, plan: &Plan) -> Result<Rows, Error> {
        let mut rows = Rows::new();
        let mut known = KnownSubjects::new(self.treating.pipeline, self.state);
        for subjects in &plan.subjects {
            let released = self.released(plan, subjects, &mut known)?;
            self.each(subjects.category, &mut rows, |row, stage| match (stage, subjects.outcome[row]) {
                (Stage::Waiting, Outcome::Partly) if subjects.released.contains_key(&(row as u32)) => {
                    (stage, released.contains(&(row as u32)).then_some(Becomes::Released))
                }
                (Stage::Waiting, outcome) => first(outcome),
                (Stage::Partly, Outcome::Anonymise | Outcome::Delete | Outcome::Forgotten) => (Stage::Gone, Some(Becomes::Rest)),
                (stage, _) => (stage, None),
            });
        }
        let categories = plan.subjects.len();
        for records in &plan.records {
            let deleted = &plan.rows[records.table].delete;
            let unit = categories + records.record;
            let due: Vec<bool> = (0..records.outcome.len())
                .map(|row| {
                    let treated = matches!(records.outcome[row], Outcome::Anonymise | Outcome::Partly);
                    treated && !deleted[row] && self.units[unit].stages[row] != Stage::Gone
                })
                .collect();
            // What has nothing left to replace is not forgotten again.
            let changes = self.changes(plan, records.table, &due, None, &mut known)?;
            self.each(unit, &mut rows, |row, stage| match (stage, records.outcome[row]) {
                (Stage::Gone, _) => (stage, None),
                (Stage::Partly, Outcome::Delete) => (Stage::Gone, Some(Becomes::Rest)),
                (_, Outcome::Delete) => (Stage::Gone, Some(Becomes::Delete)),
                _ if deleted[row] => (Stage::Gone, Some(Becomes::WithOwner)),
                (Stage::Partly, Outcome::Anonymise) if changes[row] => (Stage::Gone, Some(Becomes::Rest)),
                (Stage::Partly, Outcome::Anonymise) => (Stage::Before, None),
                (_, Outcome::Anonymise) if changes[row] => (Stage::Gone, Some(Becomes::Anonymise)),
                (Stage::Waiting, Outcome::Partly) => (Stage::Partly, changes[row].then_some(Becomes::Partly)),
                (stage, _) => (stage, None),
            });
        }
        self.see(plan);
        Ok(rows)
    }

    /// The subjects of a category who stay and of whom something goes for the first time, because a purpose has ended.
    fn released(&self, plan: &Plan, subjects: &SubjectPlan, known: &mut KnownSubjects<'_>) -> Result<BTreeSet<u32>, Error> {
        let mut found = BTreeSet::new();
        if subjects.released.is_empty() {
            return Ok(found);
        }
        let pipeline = self.treating.pipeline;
        let category = &pipeline.categories[subjects.category];
        let columns: BTreeSet<(TableIndex, ColumnIndex)> = category.purposes.iter().flat_map(|purpose| purpose.columns.clone()).collect();
        for (table, column) in columns {
            let leads = pipeline.tables[table].leads.iter().filter(|lead| lead.category == subjects.category);
            let paths: Vec<&[ReferenceIndex]> =
                if table == category.table { vec![&[]] } else { leads.map(|lead| lead.path.as_slice()).collect() };
            for path in paths {
                let whose = self.state.follow(table, path);
                let of_released = |subject: Option<u32>| subject.is_some_and(|subject| subjects.released.contains_key(&subject));
                let rows: Vec<bool> = whose.iter().map(of_released).collect();
                let changes = self.changes(plan, table, &rows, Some(column), known)?;
                found.extend(whose.iter().zip(changes).filter(|(_, changed)| *changed).filter_map(|(subject, _)| subject));
            }
        }
        Ok(found)
    }

    /// Moves every row of a unit by what `step` says of it, and notes what falls due.
    fn each(&mut self, unit: usize, rows: &mut Rows, step: impl Fn(usize, Stage) -> (Stage, Option<Becomes>)) {
        let at = &mut self.units[unit];
        for (row, tenant) in self.state.tables[at.table].tenants.iter().enumerate().filter(|(_, tenant)| **tenant != NO_TENANT) {
            let (stage, becomes) = step(row, at.stages[row]);
            at.stages[row] = stage;
            if let Some(becomes) = becomes {
                rows.entry((*tenant as usize, unit, becomes)).or_default().push(row as u32);
            }
        }
    }

    /// Of these rows those that have a cell (of one column, or of any) whose time has come, had not before, and would change.
    fn changes(
        &self,
        plan: &Plan,
        table: TableIndex,
        rows: &[bool],
        of: Option<ColumnIndex>,
        known: &mut KnownSubjects<'_>,
    ) -> Result<Vec<bool>, Error> {
        let mut changes = vec![false; rows.len()];
        for (column, cells) in plan.rows[table].treat.iter().filter(|(column, _)| of.is_none_or(|of| of == **column)) {
            let seen = self.seen.get(&(table, *column));
            let new: Vec<bool> =
                (0..rows.len()).map(|row| rows[row] && cells[row] && !changes[row] && seen.is_none_or(|seen| !seen[row])).collect();
            if new.contains(&true) {
                let changed = would_change(self.treating, self.state, table, *column, &new, known)?;
                changes.iter_mut().zip(changed).for_each(|(row, changed)| *row |= changed);
            }
        }
        Ok(changes)
    }

    /// Notes the cells whose time has come, where it can come again.
    fn see(&mut self, plan: &Plan) {
        let pipeline = self.treating.pipeline;
        let purposes = pipeline.categories.iter().flat_map(|category| &category.purposes);
        let named: BTreeSet<(TableIndex, ColumnIndex)> = purposes.flat_map(|purpose| purpose.columns.iter().copied()).collect();
        let of_records: BTreeSet<TableIndex> = pipeline.records.iter().map(|record| record.table).collect();
        for (table, rows) in plan.rows.iter().enumerate() {
            for (column, cells) in &rows.treat {
                if of_records.contains(&table) || named.contains(&(table, *column)) {
                    let seen = self.seen.entry((table, *column)).or_insert_with(|| vec![false; cells.len()]);
                    seen.iter_mut().zip(cells).for_each(|(seen, cell)| *seen |= cell);
                }
            }
        }
    }

    /// Who is still there under the last day's plan.
    fn stays(&self, plan: &Plan) -> Vec<StaysLine> {
        let mut lines: BTreeMap<Key<'_>, Counted> = BTreeMap::new();
        /// Tenant, unit, outcome, reason; how many, and the earliest day.
        type Key<'a> = (usize, usize, Outcome, &'a str);
        type Counted = (u64, Option<i32>);
        type Standing<'a> = &'a dyn Fn(usize) -> (Outcome, u32, Option<i32>);
        let mut count = |unit: usize, standing: Standing<'_>| {
            let at = &self.units[unit];
            for (row, stage) in at.stages.iter().enumerate() {
                let tenant = self.state.tables[at.table].tenants[row];
                let (outcome, reason, due) = standing(row);
                let outcome = match stage {
                    _ if tenant == NO_TENANT => continue,
                    Stage::Gone => continue,
                    Stage::Before => Outcome::Forgotten,
                    // Its time has come and there is nothing to replace in it.
                    Stage::Waiting if outcome.erases() => Outcome::Forgotten,
                    Stage::Waiting | Stage::Partly => outcome,
                };
                let reason = plan.reasons.get(reason as usize).map_or("", String::as_str);
                let reason = if outcome == Outcome::Forgotten { "forgotten before" } else { reason };
                let line = lines.entry((tenant as usize, unit, outcome, reason)).or_default();
                line.0 += 1;
                if outcome != Outcome::Forgotten {
                    line.1 = [line.1, due].into_iter().flatten().min();
                }
            }
        };
        for subjects in &plan.subjects {
            count(subjects.category, &|row| {
                let key = row as u32;
                let due = subjects.next_due.get(&key).copied().unwrap_or(subjects.due[row]);
                // Of whom an ended purpose has taken what served it is what they were without it.
                let (outcome, reason) = subjects.released.get(&key).copied().unwrap_or((subjects.outcome[row], subjects.reason[row]));
                (outcome, reason, due)
            });
        }
        for records in &plan.records {
            let standing = |row: usize| (records.outcome[row], records.reason[row], records.due[row]);
            count(plan.subjects.len() + records.record, &standing);
        }
        let line = |((tenant, unit, outcome, reason), (count, due)): (Key<'_>, Counted)| StaysLine {
            tenant: self.treating.tenants[tenant].name.clone(),
            category: self.units[unit].name.clone(),
            outcome,
            reason: reason.to_owned(),
            count,
            earliest_due: due.and_then(date_of_day).map(|date| date.to_string()),
        };
        lines.into_iter().map(line).collect()
    }
}

/// The first time that somebody's turn comes.
fn first(outcome: Outcome) -> (Stage, Option<Becomes>) {
    match outcome {
        Outcome::Delete => (Stage::Gone, Some(Becomes::Delete)),
        Outcome::Anonymise => (Stage::Gone, Some(Becomes::Anonymise)),
        Outcome::Partly => (Stage::Partly, Some(Becomes::Partly)),
        Outcome::Forgotten => (Stage::Before, None),
        Outcome::Keep | Outcome::Held | Outcome::Restricted | Outcome::Blocked | Outcome::Undetermined => (Stage::Waiting, None),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn months_end_on_their_last_days_and_this_one_first() {
        let days = |after, months| month_ends(after, months).iter().map(Date::to_string).collect::<Vec<_>>();
        assert_eq!(days(date(2026, 11, 22), 4), ["2026-11-30", "2026-12-31", "2027-01-31", "2027-02-28"]);
        assert_eq!(days(date(2027, 12, 31), 2), ["2028-01-31", "2028-02-29"]);
        assert_eq!(days(date(9999, 11, 5), 12), ["9999-11-30", "9999-12-31"]);
        assert_eq!(days(date(2026, 11, 22), 120).len(), 120);
    }

    #[test]
    fn a_registered_hold_lasts_through_its_last_day() {
        let hold = |until| Registered { until, ..Registered::default() };
        let day = date(2027, 1, 31);
        let holds = [hold(None), hold(Some(day_of_date(day))), hold(Some(day_of_date(day) - 1))];
        assert_eq!(still_held(&holds, day), holds[..2]);
    }
}
