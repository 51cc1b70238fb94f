//! Retention clocks of a category, or of its purposes: when each started, and when it ends.

use std::cell::RefCell;
use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::clocks::{self, Undetermined, date_of_day, day_of_date};
use super::days::{Day, DayCells, DecideError, started_day};
use super::endings::{Ending, Endings};
use super::facts::{Ahead, Latest, Piece, Tenants};
use super::plan::Reasons;
use super::{Remembered, past};
use crate::pipeline::*;
use crate::snapshot::State;

/// The evaluated clocks of one subject: what the rule says that ends last.
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
    /// A rule is without end.
    Open(usize),
    /// Some rule's clock can not be told; the reason's number.
    Undetermined(u32),
}

/// Clocks of some rules over one category's table.
pub(crate) struct Clocks<'a> {
    rules: Vec<RuleClock<'a>>,
}

struct RuleClock<'a> {
    rule: &'a Retention,
    own: Vec<DayCells<'a>>,
    /// Per subject the latest day over the linked rows.
    linked: Latest,
    start: Option<DayCells<'a>>,
    ended: Option<Endings>,
    dues: Dues<'a>,
    texts: Texts,
}

/// The numbers of the reasons that a rule can give.
struct Texts {
    not_due: u32,
    not_started: u32,
    open: u32,
    over: u32,
    ended: u32,
    outside: u32,
    unclear: BTreeMap<&'static str, u32>,
    ending_unclear: u32,
}

impl Texts {
    fn of(name: &str, rule: &Retention, reasons: &mut Reasons) -> Self {
        let ways = [Undetermined::Missing, Undetermined::Future, Undetermined::Absurd, Undetermined::Unreadable];
        Self {
            not_due: reasons.add(&format!("{name}: not due")),
            not_started: reasons.add(&format!("{name}: its clock has not started")),
            open: reasons.add(&format!("{name}: open-ended")),
            over: reasons.add(&format!("{name}: {}", rule_text(&rule.keep, &rule.source))),
            // Of a rule the file does not say that it was an objection: a relation may have ended.
            ended: reasons.add(&format!("{name}: {}", ended_text(rule.basis.filter(|basis| *basis == Basis::Consent), &rule.source))),
            outside: reasons.add(&format!("{name}: the fiscal calendar does not reach its clock")),
            unclear: ways.into_iter().map(|way| (way.as_str(), reasons.add(&format!("{name}: {way}")))).collect(),
            ending_unclear: reasons.add(&format!("{name}: the day on which it ended can not be read")),
        }
    }
}

/// What the linked rows of a state say for each rule.
pub(crate) fn linked(
    pipeline: &Pipeline,
    state: &State,
    tenants: &[Tenant],
    subjects: usize,
    rules: &[&Retention],
) -> Result<Vec<Latest>, DecideError> {
    let mut found = Vec::with_capacity(rules.len());
    for rule in rules {
        let mut latest = Latest::none(subjects);
        for (table, lead, column) in &rule.linked {
            if let Some(gathered) = state.tables[*table].activity.get(&(*lead, *column)) {
                latest.merge(gathered);
                continue;
            }
            let cells = DayCells::in_state(pipeline, state, *table, *column)?;
            let subjects = state.follow(*table, &pipeline.tables[*table].leads[*lead].path);
            let tenants_of = Tenants::PerRow(&state.tables[*table].tenants);
            latest.take(Piece { subjects: &subjects, tenants: tenants_of, counts: None }, &cells, tenants, Ahead::Counts);
        }
        found.push(latest);
    }
    Ok(found)
}

impl<'a> Clocks<'a> {
    /// `rules` with what their linked rows say; `kind` is what reports call them: `rule`, `purpose`.
    #[expect(clippy::too_many_arguments, reason = "the parts of a decision, each once")]
    pub(crate) fn of(
        pipeline: &'a Pipeline,
        state: &'a State,
        tenants: &'a [Tenant],
        table: TableIndex,
        kind: &str,
        rules: Vec<&'a Retention>,
        linked: Vec<Latest>,
        reasons: &mut Reasons,
    ) -> Result<Self, DecideError> {
        let mut clocks = Vec::with_capacity(rules.len());
        for (rule, linked) in rules.into_iter().zip(linked) {
            let cells = |column: &ColumnIndex| DayCells::in_state(pipeline, state, table, *column);
            clocks.push(RuleClock {
                rule,
                own: rule.own.iter().map(cells).collect::<Result<_, _>>()?,
                linked,
                start: rule.start.as_ref().map(cells).transpose()?,
                ended: rule.ended.as_ref().map(|ended| Endings::of(pipeline, state, tenants, table, ended)).transpose()?,
                dues: Dues::of(rule, tenants),
                texts: Texts::of(&format!("{kind} `{}`", rule.name), rule, reasons),
            });
        }
        Ok(Self { rules: clocks })
    }

    /// Takes in what the journal remembers of records that are gone: an erasure never shortens a clock.
    pub(crate) fn remember(&mut self, erased: &BTreeMap<u32, Vec<(usize, i32)>>) {
        for (row, activity) in erased {
            for (rule, day) in activity {
                if let Some(clock) = self.rules.get_mut(*rule) {
                    clock.linked.note(*row, *day);
                }
            }
        }
    }

    /// The clocks of one subject. `remembered`: the row is unchanged since it was forgotten, so its own activity is at most our own write.
    pub(crate) fn evaluate(&self, row: usize, tenant_index: usize, tenant: &Tenant, remembered: Option<&Remembered>) -> Evaluated {
        let mut latest: Option<(i32, i32, usize)> = None;
        let (mut not_started, mut open, mut unclear) = (None, None, None::<(&str, u32)>);
        for (index, clock) in self.rules.iter().enumerate() {
            match clock.evaluate(row, tenant_index, tenant, remembered) {
                One::Known { start, due } => {
                    // Where two rules end on the same day their names say which one is told, so that their order is of no matter.
                    let later = latest.is_none_or(|(_, known, rule)| (due, &self.rules[rule].rule.name) > (known, &clock.rule.name));
                    if later {
                        latest = Some((start, due, index));
                    }
                }
                One::NotStarted => not_started = first(not_started, index, &self.rules),
                One::Open => open = first(open, index, &self.rules),
                One::Undetermined(reason) => {
                    if unclear.is_none_or(|(known, _)| clock.rule.name.as_str() < known) {
                        unclear = Some((&clock.rule.name, reason));
                    }
                }
            }
        }
        match (unclear, not_started, open, latest) {
            (Some((_, reason)), ..) => Evaluated::Undetermined(reason),
            (None, Some(rule), ..) => Evaluated::NotStarted(rule),
            (None, None, Some(rule), _) => Evaluated::Open(rule),
            (None, None, None, Some((start, due, rule))) => Evaluated::Known { start, due, rule },
            // A category without rules does not pass resolution; keep, should it ever.
            (None, None, None, None) => Evaluated::NotStarted(0),
        }
    }

    /// One rule alone: of purposes, each is for itself.
    #[inline]
    pub(crate) fn evaluate_one(
        &self,
        rule: usize,
        row: usize,
        tenant_index: usize,
        tenant: &Tenant,
        remembered: Option<&Remembered>,
    ) -> One {
        self.rules[rule].evaluate(row, tenant_index, tenant, remembered)
    }

    /// What each rule counts as the latest activity of other tables' rows, should their records be erased tonight.
    pub(crate) fn into_linked(self) -> Vec<Vec<i32>> {
        self.rules.into_iter().map(|clock| clock.linked.into_days()).collect()
    }

    /// The reason of a rule that is not due yet.
    pub(crate) fn not_due(&self, rule: usize) -> u32 {
        self.rules[rule].texts.not_due
    }

    /// The reason of a rule whose clock has not started.
    pub(crate) fn not_started(&self, rule: usize) -> u32 {
        self.rules[rule].texts.not_started
    }

    /// The reason of a rule without end.
    pub(crate) fn open(&self, rule: usize) -> u32 {
        self.rules[rule].texts.open
    }

    /// Why a rule is over for a subject: with how long and by which statute or notice, or because it was ended.
    pub(crate) fn over(&self, rule: usize, row: usize, tenant: &Tenant) -> u32 {
        let clock = &self.rules[rule];
        match clock.ended.as_ref().map(|ended| ended.of_subject(row, tenant)) {
            Some(Ending::Since(_)) => clock.texts.ended,
            _ => clock.texts.over,
        }
    }
}

fn first(known: Option<usize>, index: usize, rules: &[RuleClock<'_>]) -> Option<usize> {
    Some(known.filter(|known| rules[*known].rule.name <= rules[index].rule.name).unwrap_or(index))
}

/// What one rule says of one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum One {
    /// Its start and its last day of keeping.
    Known {
        /// The clock's start.
        start: i32,
        /// The last day.
        due: i32,
    },
    /// Its clock has not started.
    NotStarted,
    /// It has no end.
    Open,
    /// The reason's number.
    Undetermined(u32),
}

impl RuleClock<'_> {
    fn evaluate(&self, row: usize, tenant_index: usize, tenant: &Tenant, remembered: Option<&Remembered>) -> One {
        let alone = self.by_clock(row, tenant_index, tenant, remembered);
        match self.ended.as_ref().map(|ended| ended.of_subject(row, tenant)) {
            None | Some(Ending::Not) => alone,
            Some(Ending::Unclear) => One::Undetermined(self.texts.ending_unclear),
            // At once: the day of the withdrawal is the first on which nothing is kept.
            Some(Ending::Since(day)) => match alone {
                One::Known { start, due } => One::Known { start, due: due.min(day - 1) },
                One::NotStarted | One::Open | One::Undetermined(_) => One::Known { start: day, due: day - 1 },
            },
        }
    }

    fn by_clock(&self, row: usize, tenant_index: usize, tenant: &Tenant, remembered: Option<&Remembered>) -> One {
        if let Keep::Open { .. } = self.rule.keep {
            return One::Open;
        }
        match self.start_of(row, tenant, remembered) {
            Ok(start) => match self.dues.of_day(start, tenant_index, tenant) {
                Due::Day(due) => One::Known { start, due },
                Due::OutsideFiscalYears => One::Undetermined(self.texts.outside),
            },
            Err(Undetermined::Missing) if self.rule.missing == MissingClock::NotStarted => One::NotStarted,
            Err(undetermined) => One::Undetermined(self.texts.unclear.get(undetermined.as_str()).copied().unwrap_or_default()),
        }
    }

    fn start_of(&self, row: usize, tenant: &Tenant, remembered: Option<&Remembered>) -> Result<i32, Undetermined> {
        let today = tenant.today();
        let started = |cells: &DayCells<'_>, zone: &TimeZone| match cells.day(row, zone) {
            Day::Missing => Err(Undetermined::Missing),
            Day::Unreadable => Err(Undetermined::Unreadable),
            Day::At(day) => started_day(day, today),
        };
        let mut latest: Option<i32> = None;
        if remembered.is_none() {
            if let Some(undetermined) = self.linked.unclear(row) {
                return Err(undetermined);
            }
            for cells in &self.own {
                match started(cells, &tenant.time_zone) {
                    Ok(day) => latest = latest.max(Some(day)),
                    Err(Undetermined::Missing) => {}
                    Err(undetermined) => return Err(undetermined),
                }
            }
        }
        latest = latest.max(self.linked.day(row));
        if let Some(latest) = latest {
            return Ok(latest);
        }
        if let Some(start) = remembered.and_then(|remembered| remembered.clock_start) {
            return Ok(start);
        }
        match &self.start {
            Some(cells) => started(cells, &tenant.time_zone),
            None => Err(Undetermined::Missing),
        }
    }
}

/// The last day of keeping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// In days since 1970-01-01.
    Day(i32),
    /// The tenant's fiscal calendar does not reach the clock.
    OutsideFiscalYears,
}

/// The last days of keeping by a rule, each distinct start worked out once: a category has millions of clocks that start on a few thousand days.
pub(super) struct Dues<'a> {
    /// Per tenant how long it keeps: a tenant may have a period of its own.
    keeps: Vec<std::borrow::Cow<'a, Keep>>,
    /// Per tenant by the start's number from [`FIRST_REMEMBERED`] on; [`NOT_YET`] where it was not worked out, [`OUTSIDE`] where there is none.
    known: RefCell<Vec<Vec<i32>>>,
}

/// 2000-01-01 and 2039-12-31: other days are worked out each time.
const FIRST_REMEMBERED: i32 = 10_957;
const LAST_REMEMBERED: i32 = 25_566;
/// More tenants would take too much memory, and have few subjects each.
const TENANTS_REMEMBERED: usize = 64;
const NOT_YET: i32 = i32::MIN;
const OUTSIDE: i32 = i32::MAX;

impl<'a> Dues<'a> {
    fn of(rule: &'a Retention, tenants: &[Tenant]) -> Self {
        let keep = |tenant: &Tenant| match (&rule.keep, tenant.keep.iter().find(|(name, _)| *name == rule.name)) {
            (Keep::Period { from, .. }, Some((_, period))) => std::borrow::Cow::Owned(Keep::Period { from: *from, period: *period }),
            (keep, _) => std::borrow::Cow::Borrowed(keep),
        };
        Self { keeps: tenants.iter().map(keep).collect(), known: RefCell::new(vec![Vec::new(); tenants.len().min(TENANTS_REMEMBERED)]) }
    }

    /// Of a duty, which no tenant overrides.
    pub(super) fn of_keep(keep: &'a Keep, tenants: &[Tenant]) -> Self {
        let keeps = tenants.iter().map(|_| std::borrow::Cow::Borrowed(keep)).collect();
        Self { keeps, known: RefCell::new(vec![Vec::new(); tenants.len().min(TENANTS_REMEMBERED)]) }
    }

    pub(super) fn of_day(&self, start: i32, tenant_index: usize, tenant: &Tenant) -> Due {
        let work_out = || date_of_day(start).map_or(Due::OutsideFiscalYears, |start| due(&self.keeps[tenant_index], start, tenant));
        if !(FIRST_REMEMBERED..=LAST_REMEMBERED).contains(&start) || tenant_index >= TENANTS_REMEMBERED {
            return work_out();
        }
        let mut known = self.known.borrow_mut();
        let known = &mut known[tenant_index];
        if known.is_empty() {
            known.resize((LAST_REMEMBERED - FIRST_REMEMBERED + 1) as usize, NOT_YET);
        }
        let known = &mut known[(start - FIRST_REMEMBERED) as usize];
        if *known == NOT_YET {
            *known = match work_out() {
                Due::Day(day) => day,
                Due::OutsideFiscalYears => OUTSIDE,
            };
        }
        if *known == OUTSIDE { Due::OutsideFiscalYears } else { Due::Day(*known) }
    }
}

/// The last day of keeping. A rule without end never has one, and is asked about by nobody.
pub(crate) fn due(keep: &Keep, start: Date, tenant: &Tenant) -> Due {
    let found = match keep {
        Keep::Period { from, period } => clocks::due_of_period(*from, *period, start, &tenant.fiscal),
        Keep::Pack(_) | Keep::Packs(_) => match keep.pack(tenant.country) {
            Some(pack) => clocks::due_of_pack(pack, start, &tenant.fiscal),
            None => return Due::OutsideFiscalYears,
        },
        Keep::Open { .. } => Ok(Date::MAX),
    };
    found.map_or(Due::OutsideFiscalYears, |due| Due::Day(day_of_date(due)))
}

/// How long and by what, for reasons: `its period of 6 months is over (GDPR article 5(1)(e))`.
pub(crate) fn rule_text(keep: &Keep, source: &str) -> String {
    let by = |text: String| if source.is_empty() { text } else { format!("{text} ({source})") };
    match keep {
        Keep::Period { from: packs::Base::Event, period } => by(format!("its period of {period} is over")),
        Keep::Period { from, period } => by(format!("its period of {period} from the {from} is over")),
        // A pack is never shown without its line.
        Keep::Pack(pack) if source.is_empty() => format!("{} has ended ({}; {})", pack.id, pack.statute, pack.confirm),
        Keep::Pack(pack) if source.contains(&pack.statute) => format!("{} has ended ({source}; {})", pack.id, pack.confirm),
        Keep::Pack(pack) => format!("{} has ended ({}; {source}; {})", pack.id, pack.statute, pack.confirm),
        Keep::Packs(packs) => {
            let confirm = packs.first().map_or("", |(_, pack)| pack.confirm.as_str());
            let ids: Vec<&str> = packs.iter().map(|(_, pack)| pack.id.as_str()).collect();
            let source = if source.is_empty() { String::new() } else { format!("{source}; ") };
            format!("the pack of its country has ended ({}; {source}{confirm})", ids.join(", "))
        }
        Keep::Open { .. } => by("it is open-ended".to_owned()),
    }
}

/// Why a rule or purpose that somebody ended is over.
pub(crate) fn ended_text(basis: Option<Basis>, source: &str) -> String {
    let what = match basis {
        Some(Basis::Consent) => "consent withdrawn, GDPR article 7(3)",
        Some(Basis::LegitimateInterest | Basis::PublicTask) => "objection, GDPR article 21",
        _ => "ended",
    };
    if source.is_empty() { what.to_owned() } else { format!("{what} ({source})") }
}

/// Whether a duty still runs.
pub(crate) fn runs(due: Due, as_of: Date) -> bool {
    match due {
        Due::Day(due) => !past(due, as_of),
        Due::OutsideFiscalYears => true,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::decide::clocks::{FiscalCalendar, FiscalYear};
    use crate::detect::Country;

    fn tenant(fiscal: FiscalCalendar) -> Tenant {
        let (name, time_zone) = (String::new(), TimeZone::UTC);
        Tenant { name, country: Country::SE, time_zone, fiscal, as_of: date(2026, 11, 22), keep: Vec::new() }
    }

    proptest! {
        /// What is remembered of a day is what the calendar says of it, inside the remembered years and outside, the first time and the second.
        #[test]
        fn a_remembered_day_is_a_worked_out_day(days in proptest::collection::vec(-30_000_i32..60_000, 1..200), months in 1_i16..200) {
            let short = FiscalCalendar::table(vec![FiscalYear { start: date(2016, 9, 1), end: date(2017, 4, 30) }]).unwrap();
            let tenants = [tenant(FiscalCalendar::calendar_years()), tenant(short)];
            let period = Keep::Period { from: packs::Base::FiscalYearEnd, period: clocks::Period::new(0, months, 3).unwrap() };
            for keep in [period, Keep::Pack(packs::pack("se.bookkeeping").unwrap()), Keep::Pack(packs::pack("inactivity").unwrap())] {
                let dues = Dues::of_keep(&keep, &tenants);
                for day in days.iter().chain(&days) {
                    for (index, tenant) in tenants.iter().enumerate() {
                        prop_assert_eq!(dues.of_day(*day, index, tenant), due(&keep, date_of_day(*day).unwrap(), tenant));
                    }
                }
            }
        }
    }
}
