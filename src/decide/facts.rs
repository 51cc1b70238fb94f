//! Facts about subjects that come from many rows: gathered piece by piece, in any order, and merged.
//!
//! A fact is a column with one entry per subject. What it takes in are pieces of a table: for each row the subject that it is about, and what the
//! row says. Nothing here needs to see all rows at once: a piece is taken in and forgotten, and facts gathered apart (by another thread, from
//! another range of keys) become one. Every fact is a maximum, a minimum or an "any", so that neither order nor division matters.

use arrow::array::{Array, UInt32Array};

use super::clocks::Undetermined;
use super::days::{self, Day, DayCells};
use crate::pipeline::Tenant;
use crate::snapshot::NO_TENANT;

/// No day is known.
pub const NO_DAY: i32 = i32::MIN;

/// Per subject the latest day of its rows, in days since 1970-01-01.
#[derive(Debug, Clone)]
pub struct Latest {
    days: Vec<i32>,
    /// Why a row's day can not be told, as [`code`] writes it; empty until there is one.
    riddles: Vec<u8>,
}

/// A piece of a table whose rows say something about subjects.
#[derive(Clone, Copy)]
pub struct Piece<'a> {
    /// Per row the subject that it is about; null where it is about none.
    pub subjects: &'a UInt32Array,
    /// Per row its tenant.
    pub tenants: Tenants<'a>,
    /// Per row whether it counts; `None` where all do.
    pub counts: Option<&'a [bool]>,
}

/// What a day after the tenant's own day means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ahead {
    /// It is a day like any other: a booking next month.
    Counts,
    /// It has not come yet: a withdrawal that will take effect.
    Waits,
}

/// Which tenant rows belong to.
#[derive(Clone, Copy)]
pub enum Tenants<'a> {
    /// Each row to its own.
    PerRow(&'a [u16]),
    /// All to one.
    All(u16),
}

impl Tenants<'_> {
    /// A row's tenant, or [`NO_TENANT`].
    #[inline]
    pub fn of(&self, row: usize) -> u16 {
        match self {
            Self::PerRow(tenants) => tenants[row],
            Self::All(tenant) => *tenant,
        }
    }
}

impl Latest {
    /// Nothing known of so many subjects.
    pub fn none(subjects: usize) -> Self {
        Self { days: vec![NO_DAY; subjects], riddles: Vec::new() }
    }

    /// Takes in the days of a piece. A row without a day says nothing; of days that can not be trusted the reason is noted.
    pub fn take(&mut self, piece: Piece<'_>, cells: &DayCells<'_>, tenants: &[Tenant], ahead: Ahead) {
        let todays: Vec<i32> = tenants.iter().map(Tenant::today).collect();
        let subjects = piece.subjects;
        // Most columns are dates without NULLs about rows that all lead somewhere: that loop has no branches but the checks of the day.
        let plain = cells.plain_dates().filter(|_| ahead == Ahead::Counts && piece.counts.is_none() && subjects.null_count() == 0);
        if let (Some(values), Tenants::All(tenant)) = (plain, piece.tenants) {
            let Some(today) = todays.get(tenant as usize).copied() else { return };
            for (subject, day) in subjects.values().iter().zip(values) {
                match days::activity_day(*day, today) {
                    Ok(day) => {
                        let known = &mut self.days[*subject as usize];
                        *known = (*known).max(day);
                    }
                    Err(undetermined) => self.riddle(*subject, undetermined),
                }
            }
            return;
        }
        for row in 0..subjects.len() {
            let tenant = piece.tenants.of(row);
            if subjects.is_null(row) || tenant == NO_TENANT || piece.counts.is_some_and(|counts| !counts[row]) {
                continue;
            }
            let subject = subjects.value(row);
            let day = match cells.day(row, &tenants[tenant as usize].time_zone) {
                Day::Missing => continue,
                Day::Unreadable => Err(Undetermined::Unreadable),
                Day::At(day) => days::activity_day(day, todays[tenant as usize]),
            };
            match day {
                Ok(day) if ahead == Ahead::Waits && day > todays[tenant as usize] => {}
                Ok(day) => self.note(subject, day),
                Err(undetermined) => self.riddle(subject, undetermined),
            }
        }
    }

    /// Takes in one day.
    pub fn note(&mut self, subject: u32, day: i32) {
        let known = &mut self.days[subject as usize];
        *known = (*known).max(day);
    }

    /// Notes that a day of a subject can not be told.
    pub fn riddle(&mut self, subject: u32, undetermined: Undetermined) {
        if self.riddles.is_empty() {
            self.riddles = vec![0; self.days.len()];
        }
        let known = &mut self.riddles[subject as usize];
        *known = (*known).max(code(undetermined));
    }

    /// Adds what was gathered elsewhere about the same subjects.
    pub fn merge(&mut self, other: &Self) {
        self.days.iter_mut().zip(&other.days).for_each(|(known, day)| *known = (*known).max(*day));
        if self.riddles.is_empty() {
            self.riddles.clone_from(&other.riddles);
        } else {
            self.riddles.iter_mut().zip(&other.riddles).for_each(|(known, riddle)| *known = (*known).max(*riddle));
        }
    }

    /// The latest day of a subject; `None` where no row has one.
    #[inline]
    pub fn day(&self, subject: usize) -> Option<i32> {
        Some(self.days[subject]).filter(|day| *day != NO_DAY)
    }

    /// Why a row's day can not be told, if there is such a row: the least readable of them.
    #[inline]
    pub fn unclear(&self, subject: usize) -> Option<Undetermined> {
        self.riddles.get(subject).copied().and_then(uncode)
    }

    /// The days alone, [`NO_DAY`] where there is none.
    pub fn into_days(self) -> Vec<i32> {
        self.days
    }
}

fn code(undetermined: Undetermined) -> u8 {
    match undetermined {
        Undetermined::Missing => 1,
        Undetermined::Future => 2,
        Undetermined::Absurd => 3,
        Undetermined::Unreadable => 4,
    }
}

fn uncode(code: u8) -> Option<Undetermined> {
    [None, Some(Undetermined::Missing), Some(Undetermined::Future), Some(Undetermined::Absurd), Some(Undetermined::Unreadable)]
        .get(code as usize)
        .copied()
        .flatten()
}

/// Per subject whether something applies, and why: the number of a reason, of which the smallest counts so that order is of no matter.
/// Takes no memory until something applies to somebody.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    reasons: Vec<u32>,
}

/// No reason.
const NONE: u32 = u32::MAX;

impl Marks {
    /// Notes a reason for one of `subjects` subjects.
    pub fn note(&mut self, subjects: usize, subject: usize, reason: u32) {
        if self.reasons.is_empty() {
            self.reasons = vec![NONE; subjects];
        }
        self.reasons[subject] = self.reasons[subject].min(reason);
    }

    /// The reason that applies to a subject.
    #[inline]
    pub fn of(&self, subject: usize) -> Option<u32> {
        self.reasons.get(subject).copied().filter(|reason| *reason != NONE)
    }

    /// Adds what was gathered elsewhere about the same subjects.
    pub fn merge(&mut self, other: &Self) {
        if self.reasons.is_empty() {
            self.reasons.clone_from(&other.reasons);
        } else if !other.reasons.is_empty() {
            self.reasons.iter_mut().zip(&other.reasons).for_each(|(known, reason)| *known = (*known).min(*reason));
        }
    }
}
