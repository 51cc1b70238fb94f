//! Fiscal years: on which day the year that a date falls in ends.
//!
//! The statutory duties of [`super::clocks`] count from such a day. Most controllers' years end on the same day every year;
//! one that changed its year names each of them in a table, and a date outside the table is an error, never a guess.

use std::str::FromStr;

use jiff::civil::Date;

use super::clocks::{ClockError, last_day_counted_from};

/// The longest fiscal year that the Nordic acts allow, in months.
const LONGEST_FISCAL_YEAR: i32 = 18;

/// One fiscal year, both days included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FiscalYear {
    /// Its first day.
    pub start: Date,
    /// Its last day.
    pub end: Date,
}

/// When a controller's fiscal years end. Checked at construction: a calendar that exists has neither gap nor overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiscalCalendar(Years);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Years {
    /// The same day every year; a day beyond the month's end means its last day.
    FixedEnd { month: i8, day: i8 },
    /// In order of time, each starting on the day after the one before it.
    Table(Vec<FiscalYear>),
}

impl FiscalCalendar {
    /// Fiscal years that are calendar years.
    pub fn calendar_years() -> Self {
        Self(Years::FixedEnd { month: 12, day: 31 })
    }

    /// Fiscal years that all end on the same day. In February, 28 and 29 both mean the last day of the month.
    ///
    /// # Errors
    /// [`ClockError::YearEndInvalid`] if no year has such a day.
    pub fn fixed_end(month: i8, day: i8) -> Result<Self, ClockError> {
        // A leap year has every day that any year has.
        if Date::new(2000, month, day).is_err() {
            return Err(ClockError::YearEndInvalid { month, day });
        }
        let day = if month == 2 && day == 28 { 29 } else { day };
        Ok(Self(Years::FixedEnd { month, day }))
    }

    /// Fiscal years one by one, in any order: for broken, shortened and extended ones.
    ///
    /// # Errors
    /// If the table is empty, a year is reversed or longer than 18 months, or two neighbours leave a gap or overlap.
    pub fn table(mut years: Vec<FiscalYear>) -> Result<Self, ClockError> {
        if years.is_empty() {
            return Err(ClockError::NoFiscalYears);
        }
        for &FiscalYear { start, end } in &years {
            if end < start {
                return Err(ClockError::FiscalYearReversed { start, end });
            }
            if end > last_day_counted_from(start, 0, LONGEST_FISCAL_YEAR) {
                return Err(ClockError::FiscalYearTooLong { start, end });
            }
        }
        years.sort_by_key(|year| year.start);
        for (earlier, later) in years.iter().zip(years.iter().skip(1)) {
            let (end, start) = (earlier.end, later.start);
            if start <= end {
                return Err(ClockError::FiscalYearOverlap { end, start });
            }
            if end.tomorrow().is_ok_and(|expected| start > expected) {
                return Err(ClockError::FiscalYearGap { end, start });
            }
        }
        Ok(Self(Years::Table(years)))
    }

    /// The last day of the fiscal year that `date` falls in.
    ///
    /// # Errors
    /// [`ClockError::OutsideFiscalYears`] if the table does not reach `date`, or the year ends after the year 9999.
    pub fn year_end_of(&self, date: Date) -> Result<Date, ClockError> {
        match &self.0 {
            Years::FixedEnd { month, day } => {
                let end_in = |year: i16| {
                    let month_end = Date::new(year, *month, 1).ok()?.last_of_month();
                    Date::new(year, *month, month_end.day().min(*day)).ok()
                };
                end_in(date.year())
                    .filter(|end| *end >= date)
                    .or_else(|| end_in(date.year() + 1))
                    .ok_or(ClockError::OutsideFiscalYears { first: Date::MIN, last: Date::MAX })
            }
            Years::Table(years) => {
                let at = years.partition_point(|year| year.end < date);
                years.get(at).filter(|year| year.start <= date).map(|year| year.end).ok_or_else(|| ClockError::OutsideFiscalYears {
                    first: years.first().map_or(Date::MIN, |year| year.start),
                    last: years.last().map_or(Date::MAX, |year| year.end),
                })
            }
        }
    }
}

/// Reads a fixed end as `MM-DD`, such as `12-31` or `02-28`.
impl FromStr for FiscalCalendar {
    type Err = ClockError;

    fn from_str(text: &str) -> Result<Self, ClockError> {
        let two_digits = |part: &str| {
            let written_out = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            written_out.then(|| part.parse::<i8>().ok()).flatten()
        };
        let (month, day) = text
            .split_once('-')
            .and_then(|(month, day)| Some((two_digits(month)?, two_digits(day)?)))
            .ok_or_else(|| ClockError::YearEndMalformed { text: text.to_owned() })?;
        Self::fixed_end(month, day)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Span;
    use jiff::civil::date;

    use super::*;
    use crate::decide::clocks::due_of_pack;
    use crate::pipeline::packs;

    fn fixed_end(text: &str) -> FiscalCalendar {
        text.parse().expect("a fiscal year's end")
    }

    fn year(start: Date, end: Date) -> FiscalYear {
        FiscalYear { start, end }
    }

    #[test]
    fn fixed_ends_find_the_end_of_the_running_year() {
        let cases = [
            ("12-31", date(2026, 1, 1), date(2026, 12, 31)),
            ("12-31", date(2026, 12, 31), date(2026, 12, 31)),
            ("04-30", date(2026, 4, 30), date(2026, 4, 30)),
            ("04-30", date(2026, 5, 1), date(2027, 4, 30)),
            ("02-28", date(2024, 2, 29), date(2024, 2, 29)),
            ("02-29", date(2023, 2, 28), date(2023, 2, 28)),
            ("02-29", date(2023, 3, 1), date(2024, 2, 29)),
            ("02-28", date(2099, 3, 1), date(2100, 2, 28)),
            ("02-27", date(2024, 2, 28), date(2025, 2, 27)),
        ];
        for (end, day, expected) in cases {
            assert_eq!(fixed_end(end).year_end_of(day), Ok(expected), "{end} at {day}");
        }
    }

    #[test]
    fn what_is_not_a_fiscal_year_end_is_refused() {
        for (month, day) in [(2, 30), (4, 31), (13, 1), (0, 1), (12, 0), (12, 32), (-1, 5)] {
            assert_eq!(FiscalCalendar::fixed_end(month, day), Err(ClockError::YearEndInvalid { month, day }));
        }
        for text in ["", "12", "12/31", "1231", "2026-12-31", "12-31-", "4-30", "+4-30", "dec-31"] {
            let refused = Err(ClockError::YearEndMalformed { text: text.to_owned() });
            assert_eq!(text.parse::<FiscalCalendar>(), refused, "{text}");
        }
        assert_eq!("02-30".parse::<FiscalCalendar>(), Err(ClockError::YearEndInvalid { month: 2, day: 30 }));
    }

    #[test]
    fn broken_shortened_and_extended_years() {
        let years = vec![
            year(date(2015, 5, 1), date(2016, 4, 30)),
            year(date(2016, 5, 1), date(2017, 4, 30)),
            year(date(2017, 5, 1), date(2018, 10, 31)),  // extended to 18 months
            year(date(2018, 11, 1), date(2018, 12, 31)), // shortened to two
            year(date(2019, 1, 1), date(2019, 12, 31)),
        ];
        let mut reversed = years.clone();
        reversed.reverse();
        let calendar = FiscalCalendar::table(years).expect("a table without gaps");
        assert_eq!(Ok(&calendar), FiscalCalendar::table(reversed).as_ref(), "the order in the file is of no matter");

        let due_of = |id, event| due_of_pack(packs::pack(id).expect("the pack exists"), event, &calendar);
        assert_eq!(calendar.year_end_of(date(2015, 5, 1)), Ok(date(2016, 4, 30)));
        assert_eq!(calendar.year_end_of(date(2018, 10, 31)), Ok(date(2018, 10, 31)));
        assert_eq!(calendar.year_end_of(date(2018, 11, 1)), Ok(date(2018, 12, 31)));
        assert_eq!(due_of("dk.bookkeeping", date(2017, 5, 2)), Ok(date(2023, 10, 31)));
        assert_eq!(due_of("se.bookkeeping", date(2017, 5, 2)), Ok(date(2025, 12, 31)));
        assert_eq!(due_of("no.bookkeeping.secondary", date(2018, 11, 15)), Ok(date(2022, 6, 30)));

        let outside = ClockError::OutsideFiscalYears { first: date(2015, 5, 1), last: date(2019, 12, 31) };
        for event in [date(2015, 4, 30), date(2020, 1, 1)] {
            assert_eq!(due_of("se.bookkeeping", event), Err(outside.clone()));
            assert!(due_of("eu.oss", event).is_ok(), "needs no fiscal year");
        }
        assert!(!outside.to_string().contains("2020"), "an error must not tell a row's date");
    }

    #[test]
    fn tables_with_mistakes_are_refused() {
        let (start, end) = (date(2017, 1, 1), date(2017, 12, 31));
        assert_eq!(FiscalCalendar::table(vec![]), Err(ClockError::NoFiscalYears));
        assert_eq!(FiscalCalendar::table(vec![year(end, start)]), Err(ClockError::FiscalYearReversed { start: end, end: start }));
        assert!(FiscalCalendar::table(vec![year(start, date(2018, 6, 30))]).is_ok());
        assert_eq!(
            FiscalCalendar::table(vec![year(start, date(2018, 7, 1))]),
            Err(ClockError::FiscalYearTooLong { start, end: date(2018, 7, 1) })
        );
        for (next, expected) in [
            (date(2018, 1, 2), ClockError::FiscalYearGap { end, start: date(2018, 1, 2) }),
            (date(2017, 12, 31), ClockError::FiscalYearOverlap { end, start: date(2017, 12, 31) }),
            (date(2017, 1, 1), ClockError::FiscalYearOverlap { end, start: date(2017, 1, 1) }),
        ] {
            let years = vec![year(start, end), year(next, date(2018, 6, 30))];
            assert_eq!(FiscalCalendar::table(years), Err(expected));
        }
    }

    #[test]
    fn a_fixed_end_agrees_with_the_table_built_from_it() {
        for (month, day) in [(12, 31), (4, 30), (6, 30), (8, 31), (2, 28), (1, 15)] {
            let end_in = |in_year: i16| {
                let leap = in_year % 4 == 0 && (in_year % 100 != 0 || in_year % 400 == 0);
                if month == 2 { date(in_year, 2, if leap { 29 } else { 28 }) } else { date(in_year, month, day) }
            };
            let years = (1950..=2101).map(|in_year| year(end_in(in_year - 1).tomorrow().expect("in range"), end_in(in_year))).collect();
            let table = FiscalCalendar::table(years).expect("neither gap nor overlap");
            let fixed = FiscalCalendar::fixed_end(month, day).expect("a day of the calendar");
            for today in date(1950, 1, 1).series(Span::new().days(1)).take_while(|today| today.year() <= 2100) {
                assert_eq!(fixed.year_end_of(today), table.year_end_of(today), "{month}-{day} at {today}");
            }
        }
    }
}
