//! Retention clocks: from a date in a row to the last day on which the row may be kept.
//!
//! A clock is a date that the store holds: a purchase, the end of a relation, the last activity. A rule turns it into a
//! *due date*, the last kept day; the run acts on the day after it, in the controller's time zone. Two ways of counting exist:
//!
//! - **Event clocks** ([`due_after_event`]) count from the event's own date and are clamped to the end of a shorter month:
//!   29 February + 1 year is 28 February, 31 August + 6 months is the end of February.
//! - **Statutory duties** ([`due_of_pack`]) count from the day *after* the fiscal or calendar year's end, last day included:
//!   a fiscal year that ended on 29 February 2016 is kept for five years through 28 February 2021.
//!
//! Everything here is pure: today, the time zone and the fiscal calendar are arguments. A value that can not be trusted is
//! [`Undetermined`], never expired, and a due date past the end of the calendar becomes its last day, so that no overflow can
//! make anything due early.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

pub use super::fiscal::{FiscalCalendar, FiscalYear};
use crate::pipeline::packs::{Base, Pack};

/// Day 0 of Arrow's `Date32`, and what a zeroed timestamp shows.
const UNIX_EPOCH: Date = Date::constant(1970, 1, 1);
/// The dates a clock may hold. 1900-01-01 and everything before it are fillers of old systems (0001-01-01, 1753-01-01,
/// 1899-12-30); everything after 2999 is a filler for "never" (9999-12-31).
const PLAUSIBLE: RangeInclusive<Date> = Date::constant(1900, 1, 2)..=Date::constant(2999, 12, 31);
/// The most of each unit that a period may name: a thousand years, or as good as.
const LONGEST_PERIOD: (i16, i16, i32) = (1_000, 12_000, 366_000);

/// Why a period or a fiscal calendar is refused, or a due date can not be told.
///
/// Dates in these messages come from the pipeline file, never from a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// The text does not follow the form of a period.
    #[error("`{text}` is not a period such as `6 months`, `90 days` or `3 years 6 months`")]
    PeriodMalformed {
        /// The text as typed.
        text: String,
    },
    /// A period without length would make everything due at once.
    #[error("a period of `0` keeps nothing")]
    PeriodZero,
    /// A period that runs backwards.
    #[error("a period can not be negative")]
    PeriodNegative,
    /// More than a thousand years is taken for a slip of the keyboard.
    #[error("a period can not exceed `1000 years`")]
    PeriodTooLong,
    /// The text is not a month and a day.
    #[error("`{text}` is not the end of a fiscal year such as `12-31` or `04-30`")]
    YearEndMalformed {
        /// The text as typed.
        text: String,
    },
    /// The month does not exist or lacks such a day.
    #[error("`{month:02}-{day:02}` is not a day of the calendar")]
    YearEndInvalid {
        /// Month as given.
        month: i8,
        /// Day as given.
        day: i8,
    },
    /// A table of fiscal years without any.
    #[error("the table of fiscal years is empty")]
    NoFiscalYears,
    /// A fiscal year that ends before it starts.
    #[error("the fiscal year from `{start}` ends before it starts, on `{end}`")]
    FiscalYearReversed {
        /// Its first day.
        start: Date,
        /// Its last day.
        end: Date,
    },
    /// A fiscal year may be extended to eighteen months, no further.
    #[error("the fiscal year from `{start}` to `{end}` is longer than 18 months")]
    FiscalYearTooLong {
        /// Its first day.
        start: Date,
        /// Its last day.
        end: Date,
    },
    /// Days that belong to no fiscal year.
    #[error("no fiscal year covers the days between `{end}` and `{start}`")]
    FiscalYearGap {
        /// Last day of the earlier fiscal year.
        end: Date,
        /// First day of the next one.
        start: Date,
    },
    /// Days that belong to two fiscal years.
    #[error("the fiscal year that starts on `{start}` overlaps the one that ends on `{end}`")]
    FiscalYearOverlap {
        /// Last day of the earlier fiscal year.
        end: Date,
        /// First day of the next one.
        start: Date,
    },
    /// The clock lies before or after every fiscal year that is known.
    #[error("the clock lies outside the fiscal years known, `{first}` to `{last}`")]
    OutsideFiscalYears {
        /// First day known.
        first: Date,
        /// Last day known.
        last: Date,
    },
}

/// A length of time for keeping: years, months and days, always more than nothing.
///
/// ```
/// # use gallra::decide::clocks::Period;
/// let period: Period = "3 years 6 months".parse()?;
/// assert_eq!((period.years(), period.months(), period.days()), (3, 6, 0));
/// assert!("0 days".parse::<Period>().is_err());
/// # Ok::<(), gallra::decide::clocks::ClockError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    years: i16,
    months: i16,
    days: i32,
}

impl Period {
    /// A period of so many years, months and days. Months are not carried into years, nor days into months: 90 days is not
    /// three months.
    ///
    /// # Errors
    /// [`ClockError::PeriodNegative`] if any unit is below zero, [`ClockError::PeriodZero`] if all are zero,
    /// [`ClockError::PeriodTooLong`] beyond 1,000 years, 12,000 months or 366,000 days.
    pub fn new(years: i16, months: i16, days: i32) -> Result<Self, ClockError> {
        if years < 0 || months < 0 || days < 0 {
            return Err(ClockError::PeriodNegative);
        }
        if years == 0 && months == 0 && days == 0 {
            return Err(ClockError::PeriodZero);
        }
        if years > LONGEST_PERIOD.0 || months > LONGEST_PERIOD.1 || days > LONGEST_PERIOD.2 {
            return Err(ClockError::PeriodTooLong);
        }
        Ok(Self { years, months, days })
    }

    /// Whole years.
    pub fn years(self) -> i16 {
        self.years
    }

    /// Whole months, in addition to the years.
    pub fn months(self) -> i16 {
        self.months
    }

    /// Days, counted after years and months.
    pub fn days(self) -> i32 {
        self.days
    }
}

/// Reads `6 months`, `90 days`, `1 month`, `3 years 6 months`: counts and units in falling order, each unit once.
impl FromStr for Period {
    type Err = ClockError;

    fn from_str(text: &str) -> Result<Self, ClockError> {
        let malformed = || ClockError::PeriodMalformed { text: text.to_owned() };
        let mut counts = [0_i32; 3];
        let mut first_unit_allowed = 0;
        let mut words = text.split_whitespace();
        while let Some(count) = words.next() {
            let unit = match words.next() {
                Some("year" | "years") => 0,
                Some("month" | "months") => 1,
                Some("day" | "days") => 2,
                _ => return Err(malformed()),
            };
            if unit < first_unit_allowed {
                return Err(malformed());
            }
            first_unit_allowed = unit + 1;
            counts[unit] = parse_count(count).ok_or_else(malformed)??;
        }
        if first_unit_allowed == 0 {
            return Err(malformed());
        }
        let [years, months, days] = counts;
        let narrow = |count: i32| i16::try_from(count).map_err(|_| ClockError::PeriodTooLong);
        Self::new(narrow(years)?, narrow(months)?, days)
    }
}

/// The count in front of a unit; `None` if it is not a whole number. A unit that is named must count for something: the zero
/// in `3 years 0 months` is more likely a slip than a wish.
fn parse_count(word: &str) -> Option<Result<i32, ClockError>> {
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if word.strip_prefix('-').is_some_and(is_number) {
        return Some(Err(ClockError::PeriodNegative));
    }
    is_number(word).then(|| match word.parse() {
        Ok(0) => Err(ClockError::PeriodZero),
        Ok(count) => Ok(count),
        Err(_) => Err(ClockError::PeriodTooLong),
    })
}

/// Prints the form that [`Period::from_str`] reads.
impl fmt::Display for Period {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (count, unit) in [(i32::from(self.years), "year"), (i32::from(self.months), "month"), (self.days, "day")] {
            if count > 0 {
                let plural = if count == 1 { "" } else { "s" };
                write!(formatter, "{separator}{count} {unit}{plural}")?;
                separator = " ";
            }
        }
        Ok(())
    }
}

/// `date` plus years and months in one step, clamped to the month's end, then days. Past the year 9999: its last day.
fn shift(date: Date, years: i32, months: i32, days: i32) -> Date {
    Span::new()
        .try_years(years)
        .and_then(|span| span.try_months(months))
        .and_then(|span| span.try_days(days))
        .and_then(|span| date.checked_add(span))
        .unwrap_or(Date::MAX)
}

/// The last day of a period that starts with `first` itself.
///
/// Usually the day before the same day of a later month. Where that month is too short to have the day, the period ends with
/// the month; subtracting a day there as well would make it one day short.
pub(super) fn last_day_counted_from(first: Date, years: i32, months: i32) -> Date {
    let same_day = shift(first, years, months, 0);
    if same_day == Date::MAX || same_day.day() < first.day() {
        return same_day;
    }
    same_day.yesterday().unwrap_or(same_day)
}

/// The last kept day of a period that starts with an event on `start`.
///
/// Years and months are added in one step from the original date and clamped once, then days are added. Never feed it its own
/// result: 31 August + 6 months is 28 February, and 28 February + 6 months is 28 August, not the 31st. Past the year 9999 the
/// result is 9999-12-31.
pub fn due_after_event(start: Date, period: Period) -> Date {
    shift(start, i32::from(period.years), i32::from(period.months), period.days)
}

/// The last kept day under a retention pack.
///
/// Statutory duties count from the day after the base day, last day included; the base `event` counts as
/// [`due_after_event`] does. `calendar` matters only where [`Base::needs_fiscal_calendar`] says so.
///
/// # Errors
/// [`ClockError::OutsideFiscalYears`] if the pack needs the fiscal year of `event` and the calendar does not know it.
pub fn due_of_pack(pack: &Pack, event: Date, calendar: &FiscalCalendar) -> Result<Date, ClockError> {
    let (years, months) = (i32::from(pack.rule.years), i32::from(pack.rule.months));
    Ok(match base_day(pack.rule.base, event, calendar)? {
        None => shift(event, years, months, 0),
        Some(base) => base.tomorrow().map_or(Date::MAX, |first| last_day_counted_from(first, years, months)),
    })
}

/// The last kept day of a period that counts from the end of a fiscal or calendar year, or from the event itself.
///
/// Like the duties of [`due_of_pack`], a period from a year's end counts from the day after it, last day included; days are added last.
///
/// # Errors
/// [`ClockError::OutsideFiscalYears`] if the fiscal year of `event` is needed and the calendar does not know it.
pub fn due_of_period(from: Base, period: Period, event: Date, calendar: &FiscalCalendar) -> Result<Date, ClockError> {
    Ok(match base_day(from, event, calendar)? {
        None => due_after_event(event, period),
        Some(base) => {
            let (years, months) = (i32::from(period.years), i32::from(period.months));
            let whole = base.tomorrow().map_or(Date::MAX, |first| last_day_counted_from(first, years, months));
            shift(whole, 0, 0, period.days)
        }
    })
}

/// The year's end from which a rule counts; `None` where it counts from the event.
fn base_day(base: Base, event: Date, calendar: &FiscalCalendar) -> Result<Option<Date>, ClockError> {
    Ok(match base {
        Base::Event => None,
        Base::EndOfCalendarYear => Some(event.last_of_year()),
        Base::FiscalYearEnd => Some(calendar.year_end_of(event)?),
        Base::EndOfCalendarYearOfFiscalYearEnd => Some(calendar.year_end_of(event)?.last_of_year()),
    })
}

/// Whether the time has come: the due date itself is still kept, the run acts on the next local day.
pub fn expired(due: Date, today: Date) -> bool {
    today > due
}

/// Why a clock's value can not be trusted. Its subject is reported as `undetermined`, and never expires for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Undetermined {
    /// NULL.
    #[error("the clock holds no date")]
    Missing,
    /// Later than the day of the run.
    #[error("the clock lies after the day of the run")]
    Future,
    /// A filler, or outside the years in which a business event can lie.
    #[error("the clock holds a filler such as 1900-01-01, 1970-01-01 or 9999-12-31")]
    Absurd,
    /// Not a day of the calendar, such as a database's `infinity`.
    #[error("the clock can not be read as a date")]
    Unreadable,
}

impl Undetermined {
    /// The reason code in plans and evidence. The sentence for people is the `Display` form.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Future => "future",
            Self::Absurd => "absurd",
            Self::Unreadable => "unreadable",
        }
    }
}

/// `date` if a clock may be counted from it on the day `today`; today itself may.
///
/// 1970-01-01 is refused although it is a plausible date: it is what a zeroed timestamp shows, and a true event on that very
/// day being reported costs a glance, while a filler taken for an event costs a person's data.
///
/// # Errors
/// [`Undetermined::Absurd`] before 1900-01-02, after 2999 and on 1970-01-01; [`Undetermined::Future`] after `today`.
pub fn readable(date: Date, today: Date) -> Result<Date, Undetermined> {
    if !PLAUSIBLE.contains(&date) || date == UNIX_EPOCH {
        Err(Undetermined::Absurd)
    } else if date > today {
        Err(Undetermined::Future)
    } else {
        Ok(date)
    }
}

/// [`readable`] for a nullable day number, as Arrow's `Date32` holds it.
///
/// # Errors
/// As [`readable`]; [`Undetermined::Missing`] for `None`, [`Undetermined::Unreadable`] outside the years −9999 to 9999.
pub fn readable_day(day: Option<i32>, today: Date) -> Result<Date, Undetermined> {
    let date = date_of_day(day.ok_or(Undetermined::Missing)?).ok_or(Undetermined::Unreadable)?;
    readable(date, today)
}

/// The local date in `zone` of an instant in microseconds since 1970-01-01T00:00:00Z.
///
/// # Errors
/// [`Undetermined::Absurd`] for exactly 0, which west of Greenwich would pass for 31 December 1969, and for the last day of
/// the year 9999; [`Undetermined::Unreadable`] for instants outside the years −9999 to 9999, such as the extreme values that
/// databases use for `infinity`.
pub fn local_date(timestamp_microseconds: i64, zone: &TimeZone) -> Result<Date, Undetermined> {
    // Instants close to the year 10000 have no date in every zone, but 9999-12-31 is a filler people know by that name.
    const YEAR_10000: i64 = 253_402_300_800_000_000;
    match Timestamp::from_microsecond(timestamp_microseconds) {
        Ok(_) if timestamp_microseconds == 0 => Err(Undetermined::Absurd),
        Ok(instant) => Ok(today(instant, zone)),
        Err(_) if (0..YEAR_10000).contains(&timestamp_microseconds) => Err(Undetermined::Absurd),
        Err(_) => Err(Undetermined::Unreadable),
    }
}

/// The date in `zone` at the instant `now`.
pub fn today(now: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(now).date()
}

/// Days since 1970-01-01, as Arrow's `Date32` counts them.
pub fn day_of_date(date: Date) -> i32 {
    // Every date of the calendar fits: the last one is day 2,932,896.
    i32::try_from(date.duration_since(UNIX_EPOCH).as_secs() / 86_400).unwrap_or(i32::MAX)
}

/// The date of a day number; `None` outside the years −9999 to 9999.
pub fn date_of_day(day: i32) -> Option<Date> {
    UNIX_EPOCH.checked_add(SignedDuration::from_hours(i64::from(day) * 24)).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::pipeline::packs;

    fn period(text: &str) -> Period {
        text.parse().expect("a period")
    }

    fn fixed_end(text: &str) -> FiscalCalendar {
        text.parse().expect("a fiscal year's end")
    }

    fn pack(id: &str) -> &'static Pack {
        packs::pack(id).expect("the pack exists")
    }

    fn due(id: &str, event: Date, calendar: &FiscalCalendar) -> Date {
        due_of_pack(pack(id), event, calendar).expect("the calendar knows the event")
    }

    /// A calendar of its own, one day at a time: the slow and obvious witness for all counting.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    struct Day {
        year: i16,
        month: i8,
        day: i8,
    }

    impl Day {
        fn of(date: Date) -> Self {
            Self { year: date.year(), month: date.month(), day: date.day() }
        }

        fn next(self) -> Self {
            let leap = (self.year % 4 == 0 && self.year % 100 != 0) || self.year % 400 == 0;
            let last = match self.month {
                2 if leap => 29,
                2 => 28,
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            match self {
                Self { year, month, day } if day < last => Self { year, month, day: day + 1 },
                Self { year, month: 12, .. } => Self { year: year + 1, month: 1, day: 1 },
                Self { year, month, .. } => Self { year, month: month + 1, day: 1 },
            }
        }

        fn is_last_of_month(self) -> bool {
            self.next().month != self.month
        }

        fn walk_until(mut self, arrived: impl Fn(Self) -> bool) -> Self {
            while !arrived(self) {
                self = self.next();
            }
            self
        }

        /// Crosses so many month ends, then stops at the same day, or at the month's end if it has no such day.
        fn walk_months(self, months: i32) -> Self {
            let (mut here, mut crossed) = (self, 0);
            while crossed < months || !(here.day == self.day || here.is_last_of_month()) {
                crossed += i32::from(here.is_last_of_month());
                here = here.next();
            }
            here
        }

        fn walk_days(self, days: i32) -> Self {
            (0..days).fold(self, |here, _| here.next())
        }
    }

    fn slow_due_of_pack(id: &str, event: Date, (end_month, end_day): (i8, i8)) -> Day {
        let ends_fiscal_year = |here: Day| {
            let is_end = if end_month == 2 && end_day >= 28 { here.is_last_of_month() } else { here.day == end_day };
            here.month == end_month && is_end
        };
        let ends_calendar_year = |here: Day| here.month == 12 && here.day == 31;
        let event = Day::of(event);
        let fiscal_end = || event.walk_until(ends_fiscal_year);
        let (base, months) = match id {
            "se.bookkeeping" => (fiscal_end().walk_until(ends_calendar_year), 84),
            "dk.bookkeeping" | "no.bookkeeping" => (fiscal_end(), 60),
            "no.bookkeeping.secondary" => (fiscal_end(), 42),
            "fi.vouchers" => (fiscal_end().walk_until(ends_calendar_year), 72),
            "fi.books" => (fiscal_end(), 120),
            "de.books" | "eu.oss" => (event.walk_until(ends_calendar_year), 120),
            "de.vouchers" => (event.walk_until(ends_calendar_year), 96),
            "de.letters" => (event.walk_until(ends_calendar_year), 72),
            "inactivity" => return event.walk_months(6),
            other => panic!("{other} has no witness"),
        };
        let first = base.next();
        let reached = first.walk_months(months);
        if reached.day < first.day { reached } else { base.walk_until(|here| here.next() == reached) }
    }

    #[test]
    fn the_published_vector_of_a_broken_fiscal_year() {
        let calendar = fixed_end("04-30");
        let cases = [
            ("se.bookkeeping", date(2024, 12, 31)),
            ("dk.bookkeeping", date(2022, 4, 30)),
            ("no.bookkeeping", date(2022, 4, 30)),
            ("no.bookkeeping.secondary", date(2020, 10, 31)),
            ("fi.vouchers", date(2023, 12, 31)),
            ("fi.books", date(2027, 4, 30)),
        ];
        for (id, expected) in cases {
            for event in [date(2016, 5, 1), date(2016, 12, 31), date(2017, 1, 1), date(2017, 4, 30)] {
                assert_eq!(due(id, event, &calendar), expected, "{id} from {event}");
            }
            assert!(due(id, date(2017, 5, 1), &calendar) > expected, "{id}: the next fiscal year");
        }
    }

    #[test]
    fn a_second_published_example_from_finland() {
        let calendar = fixed_end("03-31");
        assert_eq!(due("fi.vouchers", date(2024, 3, 31), &calendar), date(2030, 12, 31));
        assert_eq!(due("fi.books", date(2024, 3, 31), &calendar), date(2034, 3, 31));
    }

    #[test]
    fn calendar_year_duties_ignore_the_fiscal_calendar() {
        for calendar in [FiscalCalendar::calendar_years(), fixed_end("04-30")] {
            for event in [date(2017, 1, 1), date(2017, 6, 30), date(2017, 12, 31)] {
                assert_eq!(due("de.books", event, &calendar), date(2027, 12, 31));
                assert_eq!(due("de.vouchers", event, &calendar), date(2025, 12, 31));
                assert_eq!(due("de.letters", event, &calendar), date(2023, 12, 31));
                assert_eq!(due("eu.oss", event, &calendar), date(2027, 12, 31));
            }
        }
    }

    #[test]
    fn duties_of_a_year_that_ends_in_february_last_whole_years() {
        for calendar in [fixed_end("02-28"), fixed_end("02-29")] {
            assert_eq!(due("dk.bookkeeping", date(2016, 2, 29), &calendar), date(2021, 2, 28));
            assert_eq!(due("dk.bookkeeping", date(2015, 2, 28), &calendar), date(2020, 2, 29));
            assert_eq!(due("fi.books", date(2016, 2, 28), &calendar), date(2026, 2, 28));
            // Counted from 1 March: six months end with August, not on the 29th.
            assert_eq!(due("no.bookkeeping.secondary", date(2016, 2, 29), &calendar), date(2019, 8, 31));
        }
    }

    #[test]
    fn a_duty_that_starts_on_a_day_missing_later_ends_with_that_month() {
        let odd = |start, end| FiscalCalendar::table(vec![FiscalYear { start, end }]).expect("one year");
        // From 29 February 2016: the fifth year ends on 28 February 2021, not on the 27th.
        let calendar = odd(date(2015, 3, 1), date(2016, 2, 28));
        assert_eq!(due("dk.bookkeeping", date(2015, 6, 1), &calendar), date(2021, 2, 28));
        // From 31 August 2016 by three years and six months: the end of February 2020.
        let calendar = odd(date(2015, 8, 31), date(2016, 8, 30));
        assert_eq!(due("no.bookkeeping.secondary", date(2016, 1, 1), &calendar), date(2020, 2, 29));
    }

    #[test]
    fn event_clocks_clamp_to_the_end_of_a_shorter_month() {
        let cases = [
            (date(2024, 2, 29), "1 year", date(2025, 2, 28)),
            (date(2024, 2, 29), "4 years", date(2028, 2, 29)),
            (date(2096, 2, 29), "4 years", date(2100, 2, 28)),
            (date(2025, 8, 31), "6 months", date(2026, 2, 28)),
            (date(2023, 8, 31), "6 months", date(2024, 2, 29)),
            (date(2026, 1, 31), "1 month", date(2026, 2, 28)),
            (date(2026, 3, 31), "1 month", date(2026, 4, 30)),
            (date(2026, 2, 28), "1 month", date(2026, 3, 28)),
            (date(2025, 12, 31), "90 days", date(2026, 3, 31)),
            (date(2023, 12, 1), "90 days", date(2024, 2, 29)),
            (date(2026, 11, 22), "3 years", date(2029, 11, 22)),
            // Years and months are clamped once, together: via 2025-02-28 it would be 28 August.
            (date(2024, 2, 29), "1 year 6 months", date(2025, 8, 29)),
            (date(2024, 1, 31), "1 month 1 day", date(2024, 3, 1)),
        ];
        for (start, text, expected) in cases {
            assert_eq!(due_after_event(start, period(text)), expected, "{start} + {text}");
        }
        assert_eq!(due("inactivity", date(2025, 8, 31), &FiscalCalendar::calendar_years()), date(2026, 2, 28));
    }

    #[test]
    fn counting_from_the_original_date_differs_from_chaining() {
        let half = period("6 months");
        let chained = due_after_event(due_after_event(date(2025, 8, 31), half), half);
        assert_eq!(chained, date(2026, 8, 28));
        assert_eq!(due_after_event(date(2025, 8, 31), period("12 months")), date(2026, 8, 31));
    }

    #[test]
    fn the_due_date_itself_is_kept() {
        let due = date(2024, 12, 31);
        assert!(!expired(due, date(2024, 12, 30)));
        assert!(!expired(due, date(2024, 12, 31)));
        assert!(expired(due, date(2025, 1, 1)));
    }

    #[test]
    fn nothing_becomes_due_by_overflow() {
        assert_eq!(due_after_event(date(9999, 12, 31), period("1 day")), Date::MAX);
        assert_eq!(due_after_event(date(9000, 1, 1), period("1000 years")), Date::MAX);
        // 2,000 years, then 366,000 days, which are 1,002 years and 28 days.
        let longest = period("1000 years 12000 months 366000 days");
        assert_eq!(due_after_event(Date::MIN, longest), date(-6997, 1, 29));
        let calendar = FiscalCalendar::calendar_years();
        for pack in packs::all() {
            assert_eq!(due_of_pack(pack, date(9999, 12, 31), &calendar), Ok(Date::MAX), "{}", pack.id);
        }
        let beyond = fixed_end("04-30").year_end_of(date(9999, 5, 1));
        assert!(matches!(beyond, Err(ClockError::OutsideFiscalYears { .. })));
    }

    #[test]
    fn periods_are_read_and_printed() {
        let cases = [
            ("6 months", (0, 6, 0)),
            ("1 month", (0, 1, 0)),
            ("90 days", (0, 0, 90)),
            ("3 years", (3, 0, 0)),
            ("1 year", (1, 0, 0)),
            ("3 years 6 months", (3, 6, 0)),
            ("1 year 1 month 1 day", (1, 1, 1)),
        ];
        for (text, (years, months, days)) in cases {
            assert_eq!(text.parse(), Period::new(years, months, days), "{text}");
            assert_eq!(period(text).to_string(), text);
        }
        assert_eq!(period("  03  years   6 month "), period("3 years 6 months"));
    }

    #[test]
    fn what_is_not_a_period_is_refused_with_its_reason() {
        for text in ["0 days", "0 years 0 months", "3 years 0 months", "00 months"] {
            assert_eq!(text.parse::<Period>(), Err(ClockError::PeriodZero), "{text}");
        }
        for text in ["-6 months", "-0 days", "3 years -1 months"] {
            assert_eq!(text.parse::<Period>(), Err(ClockError::PeriodNegative), "{text}");
        }
        for text in ["1001 years", "32768 years", "12001 months", "366001 days", "99999999999999999999 days"] {
            assert_eq!(text.parse::<Period>(), Err(ClockError::PeriodTooLong), "{text}");
        }
        let malformed = [
            "",
            " ",
            "6",
            "months",
            "6months",
            "six months",
            "6 weeks",
            "6 Months",
            "+6 months",
            "1.5 years",
            "٣ years",
            "6 months 3 years",
            "6 months 6 months",
            "6 months 3",
            "6 months, 3 days",
            "- months",
            "P6M",
        ];
        for text in malformed {
            assert_eq!(text.parse::<Period>(), Err(ClockError::PeriodMalformed { text: text.to_owned() }), "{text}");
        }
        assert_eq!(Period::new(0, 0, 0), Err(ClockError::PeriodZero));
        assert_eq!(Period::new(1, -1, 0), Err(ClockError::PeriodNegative));
        assert_eq!(Period::new(0, 0, i32::MAX), Err(ClockError::PeriodTooLong));
    }

    #[test]
    fn fillers_and_future_dates_are_undetermined() {
        let today = date(2026, 11, 22);
        for readable_date in [date(1900, 1, 2), date(1969, 12, 31), date(1970, 1, 2), date(2026, 11, 21), today] {
            assert_eq!(readable(readable_date, today), Ok(readable_date));
        }
        for filler in [
            date(1, 1, 1),
            date(1753, 1, 1),
            date(1899, 12, 30),
            date(1899, 12, 31),
            date(1900, 1, 1),
            date(1970, 1, 1),
            date(3000, 1, 1),
            date(9999, 12, 31),
            Date::MIN,
        ] {
            assert_eq!(readable(filler, today), Err(Undetermined::Absurd), "{filler}");
        }
        for future in [date(2026, 11, 23), date(2027, 1, 1), date(2999, 12, 31)] {
            assert_eq!(readable(future, today), Err(Undetermined::Future), "{future}");
        }
    }

    #[test]
    fn day_numbers_are_classified_alike() {
        let today = date(2026, 11, 22);
        assert_eq!(readable_day(Some(20_779), today), Ok(today));
        assert_eq!(readable_day(Some(20_780), today), Err(Undetermined::Future));
        assert_eq!(readable_day(None, today), Err(Undetermined::Missing));
        assert_eq!(readable_day(Some(0), today), Err(Undetermined::Absurd));
        for infinity in [i32::MIN, i32::MAX] {
            assert_eq!(readable_day(Some(infinity), today), Err(Undetermined::Unreadable));
        }
    }

    #[test]
    fn every_reason_has_a_code_and_a_sentence_of_its_own() {
        use Undetermined::{Absurd, Future, Missing, Unreadable};
        let codes = [Missing, Future, Absurd, Unreadable].map(Undetermined::as_str);
        assert_eq!(codes, ["missing", "future", "absurd", "unreadable"]);
        let sentences: std::collections::BTreeSet<String> = [Missing, Future, Absurd, Unreadable].iter().map(ToString::to_string).collect();
        assert_eq!(sentences.len(), 4);
    }

    // The rules of the zones are written out, so that the tests do not depend on the machine's zone database.
    fn stockholm() -> TimeZone {
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a zone")
    }

    fn helsinki() -> TimeZone {
        TimeZone::posix("EET-2EEST,M3.5.0/3,M10.5.0/4").expect("a zone")
    }

    fn microseconds(instant: &str) -> i64 {
        instant.parse::<Timestamp>().expect("an instant").as_microsecond()
    }

    #[test]
    fn local_dates_at_the_midnights_around_both_clock_changes() {
        let cases = [
            ("2026-03-28T22:59:59.999999Z", date(2026, 3, 28)),
            ("2026-03-28T23:00:00Z", date(2026, 3, 29)),
            ("2026-03-29T00:59:59.999999Z", date(2026, 3, 29)),
            ("2026-03-29T01:00:00Z", date(2026, 3, 29)),
            ("2026-03-29T21:59:59.999999Z", date(2026, 3, 29)),
            ("2026-03-29T22:00:00Z", date(2026, 3, 30)),
            ("2026-10-24T21:59:59.999999Z", date(2026, 10, 24)),
            ("2026-10-24T22:00:00Z", date(2026, 10, 25)),
            ("2026-10-25T00:30:00Z", date(2026, 10, 25)),
            ("2026-10-25T01:30:00Z", date(2026, 10, 25)),
            ("2026-10-25T22:59:59.999999Z", date(2026, 10, 25)),
            ("2026-10-25T23:00:00Z", date(2026, 10, 26)),
        ];
        for (instant, expected) in cases {
            assert_eq!(local_date(microseconds(instant), &stockholm()), Ok(expected), "{instant}");
        }
        let hours_of = |day: Date| {
            let from = microseconds("2026-01-01T00:00:00Z");
            let hours = (0..8_760_i64).map(|hour| local_date(from + hour * 3_600_000_000, &stockholm()));
            hours.filter(|local| *local == Ok(day)).count()
        };
        assert_eq!([date(2026, 3, 29), date(2026, 6, 1), date(2026, 10, 25)].map(hours_of), [23, 24, 25]);
    }

    #[test]
    fn two_zones_expire_on_their_own_midnights() {
        let now: Timestamp = "2026-11-21T22:30:00Z".parse().expect("an instant");
        assert_eq!(today(now, &stockholm()), date(2026, 11, 21));
        assert_eq!(today(now, &helsinki()), date(2026, 11, 22));
        let due = date(2026, 11, 21);
        assert!(!expired(due, today(now, &stockholm())));
        assert!(expired(due, today(now, &helsinki())));
        let event = local_date(now.as_microsecond(), &helsinki()).expect("a date");
        assert_eq!(readable(event, today(now, &stockholm())), Err(Undetermined::Future));
    }

    #[test]
    fn instants_that_are_no_events() {
        for zone in [stockholm(), helsinki(), TimeZone::UTC, TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").expect("a zone")] {
            assert_eq!(local_date(0, &zone), Err(Undetermined::Absurd));
            assert_eq!(local_date(253_402_214_400_000_000, &zone), Err(Undetermined::Absurd), "9999-12-31T00:00Z");
            assert_eq!(local_date(i64::MAX, &zone), Err(Undetermined::Unreadable));
            assert_eq!(local_date(i64::MIN, &zone), Err(Undetermined::Unreadable));
        }
        assert_eq!(local_date(1_767_225_600_000_000, &TimeZone::UTC), Ok(date(2026, 1, 1)));
        assert_eq!(local_date(-1, &TimeZone::UTC), Ok(date(1969, 12, 31)));
        assert_eq!(local_date(1, &TimeZone::UTC), Ok(date(1970, 1, 1)));
    }

    #[test]
    fn day_numbers_of_known_dates() {
        for (day, expected) in [
            (0, date(1970, 1, 1)),
            (-1, date(1969, 12, 31)),
            (-25_567, date(1900, 1, 1)),
            (19_782, date(2024, 2, 29)),
            (47_846, date(2100, 12, 31)),
            (2_932_896, Date::MAX),
        ] {
            assert_eq!(date_of_day(day), Some(expected));
            assert_eq!(day_of_date(expected), day);
        }
        assert_eq!(date_of_day(2_932_897), None);
        assert_eq!(date_of_day(i32::MIN), None);
    }

    fn any_period() -> impl Strategy<Value = Period> {
        (0_i16..30, 0_i16..30, 0_i32..400)
            .prop_filter_map("a period without length", |(years, months, days)| Period::new(years, months, days).ok())
    }

    /// Days from 1900 to 2100, with the ends of February well represented.
    fn any_date() -> impl Strategy<Value = Date> {
        prop_oneof![
            3 => (-25_567..=47_846).prop_filter_map("in range", date_of_day),
            1 => (1900_i16..=2100, -3_i32..=3).prop_filter_map("in range", |(in_year, offset)| {
                date_of_day(day_of_date(date(in_year, 3, 1)) + offset)
            }),
        ]
    }

    proptest! {
        #[test]
        fn events_agree_with_walking_day_by_day(start in any_date(), period in any_period()) {
            let months = i32::from(period.years()) * 12 + i32::from(period.months());
            let walked = Day::of(start).walk_months(months).walk_days(period.days());
            prop_assert_eq!(Day::of(due_after_event(start, period)), walked);
        }

        #[test]
        fn packs_agree_with_walking_day_by_day(event in any_date(), month in 1_i8..=12, day in 1_i8..=31) {
            let Ok(calendar) = FiscalCalendar::fixed_end(month, day) else { return Ok(()) };
            for pack in packs::all() {
                let due = due_of_pack(pack, event, &calendar).expect("a fixed end knows every year");
                prop_assert_eq!(Day::of(due), slow_due_of_pack(&pack.id, event, (month, day)), "{}", pack.id);
            }
        }

        #[test]
        fn a_due_date_lies_after_its_start(start in any_date(), period in any_period(), month in 1_i8..=12) {
            prop_assert!(due_after_event(start, period) > start);
            let calendar = FiscalCalendar::fixed_end(month, 28).expect("every month has a 28th");
            for pack in packs::all() {
                prop_assert!(due_of_pack(pack, start, &calendar).expect("a fixed end knows every year") > start);
            }
        }

        #[test]
        fn a_longer_period_never_ends_earlier(
            start in any_date(), shorter in any_period(), years in 0_i16..5, months in 0_i16..20, days in 0_i32..70
        ) {
            let longer = Period::new(shorter.years() + years, shorter.months() + months, shorter.days() + days)
                .expect("a period");
            prop_assert!(due_after_event(start, longer) >= due_after_event(start, shorter));
        }

        #[test]
        fn a_later_event_is_never_due_earlier(one in any_date(), other in any_date(), period in any_period()) {
            let (earlier, later) = (one.min(other), one.max(other));
            prop_assert!(due_after_event(earlier, period) <= due_after_event(later, period));
            let calendar = fixed_end("04-30");
            for pack in packs::all() {
                prop_assert!(due_of_pack(pack, earlier, &calendar).ok() <= due_of_pack(pack, later, &calendar).ok());
            }
        }

        #[test]
        fn printed_periods_read_back(period in any_period()) {
            prop_assert_eq!(period.to_string().parse(), Ok(period));
        }
    }
}
