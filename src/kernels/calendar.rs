//! Between Arrow's counts (days, microseconds since 1970-01-01) and the civil calendar.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

const SECONDS_PER_DAY: i64 = 86_400;

/// The civil date of a `Date32`, or `None` outside the years -9999 to 9999.
pub(super) fn date_of(days: i32) -> Option<Date> {
    let midnight = Timestamp::from_second(i64::from(days) * SECONDS_PER_DAY).ok()?;
    Some(Offset::UTC.to_datetime(midnight).date())
}

/// The `Date32` of a civil date.
pub(super) fn days_of(date: Date) -> Option<i32> {
    let midnight = Offset::UTC.to_timestamp(date.to_datetime(jiff::civil::Time::midnight())).ok()?;
    i32::try_from(midnight.as_second().div_euclid(SECONDS_PER_DAY)).ok()
}

/// The local time of an instant in a zone.
pub(super) fn local_time(microseconds: i64, zone: &TimeZone) -> Option<DateTime> {
    let instant = Timestamp::from_microsecond(microseconds).ok()?;
    Some(zone.to_datetime(instant))
}

/// The time on the wall that a `Timestamp` without zone denotes.
pub(super) fn wall_time(microseconds: i64) -> Option<DateTime> {
    let instant = Timestamp::from_microsecond(microseconds).ok()?;
    Some(Offset::UTC.to_datetime(instant))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// Counts the days one by one from the year 1600 to 2400, leap years by the written rule.
    #[test]
    fn days_agree_with_counting() {
        let leap = |year: i16| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let mut days = 0_i32;
        for year in 1600..1970 {
            days -= if leap(year) { 366 } else { 365 };
        }
        for year in 1600..2400_i16 {
            for month in 1..=12_i8 {
                let length = match month {
                    2 if leap(year) => 29,
                    2 => 28,
                    4 | 6 | 9 | 11 => 30,
                    _ => 31,
                };
                for day in 1..=length {
                    assert_eq!(date_of(days), Some(date(year, month, day)));
                    assert_eq!(days_of(date(year, month, day)), Some(days));
                    days += 1;
                }
            }
        }
    }

    #[test]
    fn what_no_calendar_holds_is_none() {
        assert_eq!(date_of(i32::MAX), None);
        assert_eq!(date_of(i32::MIN), None);
        assert_eq!(wall_time(i64::MAX), None);
        assert_eq!(local_time(i64::MIN, &TimeZone::UTC), None);
        assert_eq!(wall_time(-1).map(|time| time.date()), Some(date(1969, 12, 31)));
    }
}
