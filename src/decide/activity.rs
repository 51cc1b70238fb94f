//! Retention clocks of a category: when each started, and when it ends.

use std::collections::BTreeMap;

use arrow::array::Array;
use jiff::civil::Date;

use super::clocks::{self, Undetermined, day_of_date};
use super::days::{Day, DecideError, days};
use super::plan::Reasons;
use super::{Remembered, past};
use crate::pipeline::*;
use crate::snapshot::{NO_TENANT, State};

/// The evaluated clock of one subject: the rule that ends last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Evaluated {
    /// All rules have a due day; the latest counts.
    Known {
        /// The clock's start, in days since 1970-01-01.
        start: i32,
        /// The last day of keeping.
        due: i32,
        /// The rule.
        rule: usize,
    },
    /// A rule's clock has not started: the relation goes on.
    NotStarted(usize),
    /// Some rule's clock can not be told; the reason's number.
    Undetermined(u32),
}

/// All clocks of a category.
pub(crate) struct Clocks<'a> {
    category: &'a Category,
    rules: Vec<RuleClock>,
}

struct RuleClock {
    own: Vec<Vec<Day>>,
    /// Per subject the latest day over the linked rows.
    linked: Vec<Day>,
    /// Per subject a linked row whose date is absurd or unreadable, if any.
    riddle: Vec<Option<Undetermined>>,
    start: Option<Vec<Day>>,
}

impl<'a> Clocks<'a> {
    pub(crate) fn of(
        pipeline: &Pipeline,
        state: &State,
        tenants: &[Tenant],
        category: &'a Category,
        erased: &BTreeMap<u32, Vec<(usize, i32)>>,
    ) -> Result<Self, DecideError> {
        let rows = state.tables[category.table].rows;
        let mut rules = Vec::with_capacity(category.retention.len());
        for rule in &category.retention {
            let own = rule.own.iter().map(|column| days(pipeline, state, tenants, category.table, *column)).collect::<Result<_, _>>()?;
            let start = rule.start.map(|column| days(pipeline, state, tenants, category.table, column)).transpose()?;
            let mut linked = vec![Day::Missing; rows];
            let mut riddle = vec![None; rows];
            for (table, lead, column) in &rule.linked {
                let dates = days(pipeline, state, tenants, *table, *column)?;
                let subjects = state.follow(*table, &pipeline.tables[*table].leads[*lead].path);
                for (row, day) in dates.iter().enumerate() {
                    let tenant = state.tables[*table].tenants[row];
                    if !subjects.is_valid(row) || tenant == NO_TENANT {
                        continue;
                    }
                    let subject = subjects.value(row) as usize;
                    match day.activity(tenants[tenant as usize].as_of) {
                        Ok(date) => linked[subject] = later(linked[subject], day_of_date(date)),
                        Err(Undetermined::Missing) => {}
                        Err(undetermined) => riddle[subject] = Some(undetermined),
                    }
                }
            }
            rules.push(RuleClock { own, linked, riddle, start });
        }
        for (row, activity) in erased {
            for (rule, day) in activity {
                if let Some(linked) = rules.get_mut(*rule).and_then(|rule| rule.linked.get_mut(*row as usize)) {
                    *linked = later(*linked, *day);
                }
            }
        }
        Ok(Self { category, rules })
    }

    /// The clock of one subject. `remembered`: the row is unchanged since it was forgotten, so its own activity is at most our own write.
    pub(crate) fn evaluate(&self, row: usize, tenant: &Tenant, remembered: Option<&Remembered>, reasons: &mut Reasons) -> Evaluated {
        let mut latest: Option<(i32, i32, usize)> = None;
        let mut not_started = None;
        for (index, clock) in self.rules.iter().enumerate() {
            let rule = &self.category.retention[index];
            let start = match clock.start_of(row, tenant.as_of, remembered) {
                Ok(start) => start,
                Err(Undetermined::Missing) if rule.missing == MissingClock::NotStarted => {
                    not_started = Some(index);
                    continue;
                }
                Err(undetermined) => return Evaluated::Undetermined(reasons.add(&format!("{}: {undetermined}", self.rule(index)))),
            };
            let keep = match (rule.keep, tenant.keep.iter().find(|(name, _)| *name == rule.name)) {
                (Keep::Period(_), Some((_, period))) => Keep::Period(*period),
                (keep, _) => keep,
            };
            let Some(due) = due(keep, start, tenant) else {
                let reason = format!("{}: the fiscal calendar does not reach its clock", self.rule(index));
                return Evaluated::Undetermined(reasons.add(&reason));
            };
            if latest.is_none_or(|(_, known, _)| due > known) {
                latest = Some((day_of_date(start), due, index));
            }
        }
        if let Some(rule) = not_started {
            return Evaluated::NotStarted(rule);
        }
        match latest {
            Some((start, due, rule)) => Evaluated::Known { start, due, rule },
            // A category without rules does not pass resolution; keep, should it ever.
            None => Evaluated::Undetermined(reasons.add("no rule")),
        }
    }

    /// Notes what each rule counts as the latest activity of other tables' rows, should their records be erased tonight.
    pub(crate) fn note_starts(&self, row: usize, starts: &mut [Vec<Option<i32>>]) {
        for (clock, starts) in self.rules.iter().zip(starts) {
            if let Day::At(day) = clock.linked[row] {
                starts[row] = Some(day);
            }
        }
    }

    /// A rule for reports: ``rule `inactivity` ``.
    pub(crate) fn rule(&self, index: usize) -> String {
        format!("rule `{}`", self.category.retention[index].name)
    }

    /// A rule with how long and by which statute or notice.
    pub(crate) fn rule_with_source(&self, index: usize) -> String {
        let rule = &self.category.retention[index];
        format!("{}: {}", self.rule(index), rule_text(rule.keep, &rule.source))
    }
}

impl RuleClock {
    fn start_of(&self, row: usize, as_of: Date, remembered: Option<&Remembered>) -> Result<Date, Undetermined> {
        let mut latest: Option<Date> = None;
        if remembered.is_none() {
            if let Some(undetermined) = self.riddle[row] {
                return Err(undetermined);
            }
            for column in &self.own {
                match column[row].started(as_of) {
                    Ok(date) => latest = latest.max(Some(date)),
                    Err(Undetermined::Missing) => {}
                    Err(undetermined) => return Err(undetermined),
                }
            }
        }
        if let Day::At(day) = self.linked[row] {
            latest = latest.max(clocks::date_of_day(day));
        }
        if let Some(latest) = latest {
            return Ok(latest);
        }
        if let Some(start) = remembered.and_then(|remembered| remembered.clock_start).and_then(clocks::date_of_day) {
            return Ok(start);
        }
        match &self.start {
            Some(start) => start[row].started(as_of),
            None => Err(Undetermined::Missing),
        }
    }
}

fn later(known: Day, day: i32) -> Day {
    match known {
        Day::At(known) if known >= day => Day::At(known),
        _ => Day::At(day),
    }
}

/// The last day of keeping, in days since 1970-01-01; `None` where the fiscal calendar does not reach.
pub(crate) fn due(keep: Keep, start: Date, tenant: &Tenant) -> Option<i32> {
    match keep {
        Keep::Period(period) => Some(day_of_date(clocks::due_after_event(start, period))),
        Keep::Pack(pack) => clocks::due_of_pack(pack, start, &tenant.fiscal).ok().map(day_of_date),
    }
}

/// How long and by what, for reasons: `6 months after (GDPR article 5(1)(e))`.
pub(crate) fn rule_text(keep: Keep, source: &str) -> String {
    match keep {
        Keep::Period(period) if source.is_empty() => format!("its period of {period} is over"),
        Keep::Period(period) => format!("its period of {period} is over ({source})"),
        // A pack is never shown without its line.
        Keep::Pack(pack) if source.is_empty() => format!("{} has ended ({}; {})", pack.id, pack.statute, pack.confirm),
        Keep::Pack(pack) if source.contains(&pack.statute) => format!("{} has ended ({source}; {})", pack.id, pack.confirm),
        Keep::Pack(pack) => format!("{} has ended ({}; {source}; {})", pack.id, pack.statute, pack.confirm),
    }
}

/// Whether a duty that started on a day still runs.
pub(crate) fn runs(due: Option<i32>, as_of: Date) -> bool {
    due.is_none_or(|due| !past(due, as_of))
}
