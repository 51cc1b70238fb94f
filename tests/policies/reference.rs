//! The slow and obvious reference: one person at a time, one rule at a time, looking through all rows each time. Written from the documentation
//! of the pipeline file; it knows nothing of arrays, masks or joins.

use super::calendar::Ymd;
use super::policy::{Cell, Clock, Ended, FISCAL_YEARS, From, Keep, Person, Policy, Rows, Rule, TODAY};

/// What happens to one person, and which cells of the person's own row and of the sales go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fate {
    pub outcome: &'static str,
    pub due: Option<String>,
    /// Columns of the person's row that hold something and go.
    pub cells: Vec<&'static str>,
    /// Sales whose buyer's name goes.
    pub sales: Vec<i64>,
}

fn absurd(day: Ymd) -> bool {
    day < Ymd(1900, 1, 2) || day > Ymd(2999, 12, 31) || day == Ymd(1970, 1, 1)
}

enum Told {
    Known(Ymd),
    NotStarted,
    Open,
    Unknown,
}

fn fiscal_end(day: Ymd) -> Option<Ymd> {
    FISCAL_YEARS.iter().find(|(first, last)| *first <= day && day <= *last).map(|(_, last)| *last)
}

fn due(keep: &Keep, start: Ymd) -> Option<Ymd> {
    let year_end = |day: Ymd| Ymd(day.0, 12, 31);
    let counted = |base: Ymd, months: i32| base.next().months_from(months);
    Some(match keep {
        Keep::Months(months, From::Event) => start.plus_months(*months),
        Keep::Months(months, From::CalendarYear) => counted(year_end(start), *months),
        Keep::Months(months, From::FiscalYear) => counted(fiscal_end(start)?, *months),
        Keep::Months(months, From::CalendarYearOfFiscalYear) => counted(year_end(fiscal_end(start)?), *months),
        Keep::Days(days) => start.plus_days(*days),
        Keep::Pack("se.bookkeeping") => counted(year_end(fiscal_end(start)?), 84),
        Keep::Pack("dk.bookkeeping") => counted(fiscal_end(start)?, 60),
        Keep::Pack("no.bookkeeping.secondary") => counted(fiscal_end(start)?, 42),
        Keep::Pack("fi.vouchers") => counted(year_end(fiscal_end(start)?), 72),
        Keep::Pack("eu.oss") => counted(year_end(start), 120),
        Keep::Pack(other) => panic!("{other} has no reference"),
        Keep::Open => return None,
    })
}

/// Since when something has ended: `Err` where that can not be read.
fn ended(ended: Option<Ended>, person: &Person) -> Result<Option<Ymd>, ()> {
    // A day that lies ahead has not come; one that is absurd says nothing.
    let come = |cell: Cell| cell.filter(|day| !absurd(*day) && *day <= TODAY);
    match ended {
        None => Ok(None),
        Some(Ended::Flag) => Ok(person.opted_out.then_some(TODAY)),
        Some(Ended::Day { given }) => {
            let given = come(person.opted_in_on).filter(|_| given);
            match (come(person.opted_out_on), person.opted_out_on) {
                (Some(on), _) if given.is_none_or(|given| given <= on) => Ok(Some(on)),
                (None, Some(day)) if absurd(day) => Err(()),
                _ => Ok(None),
            }
        }
    }
}

fn told(rule: &Rule, person: &Person, rows: &Rows) -> Told {
    let by_clock = by_clock(rule, person, rows);
    match ended(rule.ended, person) {
        Err(()) => Told::Unknown,
        Ok(None) => by_clock,
        Ok(Some(day)) => match by_clock {
            Told::Known(due) => Told::Known(due.min(day.previous())),
            _ => Told::Known(day.previous()),
        },
    }
}

fn by_clock(rule: &Rule, person: &Person, rows: &Rows) -> Told {
    if rule.keep == Keep::Open {
        return Told::Open;
    }
    let visits = rows.visits.iter().filter(|(_, of, _)| *of == Some(person.number)).map(|(.., on)| *on);
    let sales = rows.sales.iter().filter(|sale| sale.person == Some(person.number)).map(|sale| sale.sold);
    let (own, linked): (Vec<Cell>, Vec<Cell>) = match rule.clock {
        Clock::Left => (vec![person.left], vec![]),
        Clock::Seen => (vec![person.seen], vec![]),
        Clock::Visits => (vec![], visits.collect()),
        Clock::Sales => (vec![], sales.collect()),
        Clock::VisitsAndSales => (vec![], visits.chain(sales).collect()),
        Clock::LastActivity => (vec![person.seen], visits.chain(sales).collect()),
    };
    let mut latest: Option<Ymd> = None;
    for day in linked.into_iter().flatten() {
        if absurd(day) {
            return Told::Unknown;
        }
        latest = latest.max(Some(day));
    }
    for day in own.into_iter().flatten() {
        if absurd(day) || day > TODAY {
            return Told::Unknown;
        }
        latest = latest.max(Some(day));
    }
    if latest.is_none() && rule.start {
        match person.joined {
            Some(day) if absurd(day) || day > TODAY => return Told::Unknown,
            other => latest = other,
        }
    }
    match latest {
        None if rule.not_started => Told::NotStarted,
        None => Told::Unknown,
        Some(start) => due(&rule.keep, start).map_or(Told::Unknown, Told::Known),
    }
}

/// Whether the purpose has ended, or `Err` where that can not be told.
fn purpose_over(purpose: &super::policy::Purpose, person: &Person, rows: &Rows) -> Result<bool, ()> {
    let by_period = match purpose.period.as_ref().map(|rule| by_clock(rule, person, rows)) {
        Some(Told::Known(due)) => Ok(due < TODAY),
        Some(Told::Unknown) => Err(()),
        _ => Ok(false),
    };
    match (by_period, ended(purpose.ended, person)) {
        (Ok(true), _) | (_, Ok(Some(_))) => Ok(true),
        (Err(()), _) | (_, Err(())) => Err(()),
        _ => Ok(false),
    }
}

pub fn fate(policy: &Policy, person: &Person, rows: &Rows) -> Fate {
    let none = |outcome, due: Option<Ymd>| Fate { outcome, due: due.map(Ymd::text), cells: vec![], sales: vec![] };
    if policy.private_only && !person.private {
        return none("keep", None);
    }
    let told: Vec<Told> = policy.rules.iter().map(|rule| told(rule, person, rows)).collect();
    let unknown = told.iter().any(|told| matches!(told, Told::Unknown));
    let waiting = told.iter().any(|told| matches!(told, Told::NotStarted | Told::Open));
    let last = told.iter().filter_map(|told| if let Told::Known(due) = told { Some(*due) } else { None }).max();
    let known = if unknown || waiting { None } else { last };
    if policy.restriction && person.restricted {
        return none("restricted", known);
    }
    // A hold whose last day is absurd is a hold all the same; a day in the past has lapsed.
    let holding = policy.hold && person.held_until.is_some_and(|until| until >= TODAY);
    let held = holding && policy.hold_fields.is_empty();
    let kept = |field: &str| holding && policy.hold_fields.contains(&field);
    let sales: Vec<_> = rows.sales.iter().filter(|sale| sale.person == Some(person.number)).collect();
    let blocked = policy.block.is_some() && sales.iter().any(|sale| sale.open);
    let runs = |sold: Cell| -> bool {
        let Some(keep) = &policy.duty else { return false };
        match sold.filter(|day| !absurd(*day)) {
            Some(day) => due(keep, day).is_none_or(|due| due >= TODAY),
            None => true,
        }
    };
    let duty = sales.iter().any(|sale| runs(sale.sold));
    let over = !unknown && !waiting && known.is_some_and(|due| due < TODAY);
    let stays = if unknown {
        "undetermined"
    } else if !over {
        "keep"
    } else if held {
        "held"
    } else if blocked {
        "blocked"
    } else {
        // The person goes.
        let mut cells = vec![];
        let mut left = false;
        for (field, holds_something, by_duty) in
            [("name", true, duty), ("email", person.email, false), ("promotion_email", person.promotion_email, false)]
        {
            match (holds_something, by_duty || kept(field)) {
                (true, true) => left = true,
                (true, false) => cells.push(field),
                (false, _) => {}
            }
        }
        let mut gone = vec![];
        for sale in sales.iter().filter(|sale| sale.buyer_name) {
            if runs(sale.sold) || kept("sale.buyer_name") {
                left = true;
            } else {
                gone.push(sale.number);
            }
        }
        let visited = rows.visits.iter().any(|(_, of, _)| *of == Some(person.number));
        let noted = !policy.notes_owned && rows.notes.iter().any(|(_, of)| *of == person.number);
        let linked = visited || noted || !sales.is_empty();
        let protected = duty || kept("name") || kept("email");
        let outcome = match (linked || policy.never_delete || protected, left) {
            (_, true) => "partly",
            (true, false) => "anonymise",
            (false, false) => "delete",
        };
        if outcome == "delete" {
            cells.clear();
        }
        return Fate { outcome, due: known.map(Ymd::text), cells, sales: gone };
    };
    // The person stays; purposes may have ended all the same.
    let mut fate = none(stays, known);
    if held || (blocked && policy.block == Some(true)) {
        return fate;
    }
    let purposes: Vec<Result<bool, ()>> = policy.purposes.iter().map(|purpose| purpose_over(purpose, person, rows)).collect();
    if fate.outcome == "keep" && purposes.contains(&Err(())) {
        fate.outcome = "undetermined";
    }
    for (field, holds_something) in [("email", person.email), ("promotion_email", person.promotion_email)] {
        let serving: Vec<_> = policy.purposes.iter().zip(&purposes).filter(|(purpose, _)| purpose.columns.contains(&field)).collect();
        let over = !serving.is_empty() && serving.iter().all(|(_, over)| **over == Ok(true));
        if over && holds_something && !kept(field) {
            fate.cells.push(field);
            fate.outcome = "partly";
        }
    }
    fate
}
