//! Dates and times between SQLite's texts and Arrow's days and microseconds.
//!
//! SQLite has no temporal type. gallra reads what SQLite's own date functions and the usual object mappers write: `YYYY-MM-DD`, and
//! `YYYY-MM-DD[ T]HH:MM[:SS[.fraction]]` with an optional `Z` or offset. Years run from 0001 to 9999. Text without an offset is a civil time
//! in the pipeline's zone; a time that a clock change skips or repeats is read as jiff's "compatible" rule says (RFC 5545): the offset from
//! before the change. Anything else is unreadable, which is an answer and not an error.

use std::fmt::Write;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

const SECONDS_PER_DAY: i64 = 86_400;
const MICROSECONDS: i64 = 1_000_000;
/// 0001-01-01 and 9999-12-31 as days since 1970-01-01.
const FIRST_DAY: i64 = -719_162;
const LAST_DAY: i64 = 2_932_896;
/// The largest offset of a zone from UTC, as jiff allows it, rounded up to a day and two hours.
const LARGEST_OFFSET: i64 = 26 * 3_600;
const DAYS_BEFORE_MONTH: [i32; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/// A civil date and time as written, with the offset where one is written.
#[derive(Debug, Clone, Copy)]
struct Written {
    year: i32,
    month: i32,
    day: i32,
    /// Seconds of the day.
    seconds: i32,
    microseconds: i32,
    /// Offset from UTC in seconds.
    offset: Option<i32>,
}

/// The day of a text, in days since 1970-01-01: of a date, or of a date and time as it is written.
pub(in crate::store) fn day(text: &[u8]) -> Option<i32> {
    read(text).map(Written::days)
}

/// The instant of a text in microseconds since 1970-01-01 UTC. A date alone is its first moment, as in SQLite's date functions.
pub(in crate::store) fn instant(text: &[u8], zone: &TimeZone) -> Option<i64> {
    let written = read(text)?;
    let seconds = match written.offset {
        Some(offset) => written.unzoned_seconds() - i64::from(offset),
        None => written.zoned_seconds(zone)?,
    };
    Some(seconds * MICROSECONDS + i64::from(written.microseconds))
}

/// The instant of a number of seconds since 1970-01-01 UTC; `None` outside of the years 0001 to 9999.
pub(in crate::store) fn from_seconds(seconds: i64) -> Option<i64> {
    (FIRST_DAY * SECONDS_PER_DAY..(LAST_DAY + 1) * SECONDS_PER_DAY).contains(&seconds).then(|| seconds * MICROSECONDS)
}

/// Appends a day as `YYYY-MM-DD`; `None` outside of the years 0001 to 9999.
pub(in crate::store) fn write_day(days: i64, text: &mut String) -> Option<()> {
    if !(FIRST_DAY..=LAST_DAY).contains(&days) {
        return None;
    }
    let date = Date::constant(1970, 1, 1).checked_add(Span::new().try_days(days).ok()?).ok()?;
    write!(text, "{:04}-{:02}-{:02}", date.year(), date.month(), date.day()).ok()
}

/// Appends an instant as `YYYY-MM-DD HH:MM:SS`, with six digits of a fraction where there is one, as civil time of the zone. The repeated
/// hour of a clock change reads back as its first occurrence.
pub(in crate::store) fn write_instant(microseconds: i64, zone: &TimeZone, text: &mut String) -> Option<()> {
    let (seconds, fraction) = (microseconds.div_euclid(MICROSECONDS), microseconds.rem_euclid(MICROSECONDS));
    let local = seconds.checked_add(offset_at(seconds, zone))?;
    let of_day = local.rem_euclid(SECONDS_PER_DAY);
    write_day(local.div_euclid(SECONDS_PER_DAY), text)?;
    write!(text, " {:02}:{:02}:{:02}", of_day / 3_600, of_day / 60 % 60, of_day % 60).ok()?;
    if fraction == 0 { Some(()) } else { write!(text, ".{fraction:06}").ok() }
}

/// The zone's offset at an instant. jiff's timestamps end a day before 9999-12-31, so that the last offset it knows stands in beyond.
fn offset_at(seconds: i64, zone: &TimeZone) -> i64 {
    let edge = if seconds > 0 { Timestamp::MAX } else { Timestamp::MIN };
    let instant = Timestamp::from_second(seconds).unwrap_or(edge);
    i64::from(zone.to_offset(instant).seconds())
}

impl Written {
    fn days(self) -> i32 {
        let years = self.year - 1;
        let leap = i32::from(self.month > 2 && is_leap(self.year));
        let month = usize::try_from(self.month - 1).ok().and_then(|month| DAYS_BEFORE_MONTH.get(month)).copied().unwrap_or(0);
        let since_year_one = years * 365 + years / 4 - years / 100 + years / 400 + month + leap + self.day - 1;
        since_year_one + FIRST_DAY as i32
    }

    /// Seconds since 1970 as if the civil time were UTC.
    fn unzoned_seconds(self) -> i64 {
        i64::from(self.days()) * SECONDS_PER_DAY + i64::from(self.seconds)
    }

    fn zoned_seconds(self, zone: &TimeZone) -> Option<i64> {
        let unzoned = self.unzoned_seconds();
        if *zone == TimeZone::UTC {
            return Some(unzoned);
        }
        let (hour, minute, second) = (self.seconds / 3_600, self.seconds / 60 % 60, self.seconds % 60);
        let civil = DateTime::new(
            i16::try_from(self.year).ok()?,
            i8::try_from(self.month).ok()?,
            i8::try_from(self.day).ok()?,
            i8::try_from(hour).ok()?,
            i8::try_from(minute).ok()?,
            i8::try_from(second).ok()?,
            0,
        )
        .ok()?;
        match zone.to_ambiguous_timestamp(civil).compatible() {
            Ok(instant) => Some(instant.as_second()),
            // Within a day of the end of jiff's range, where no zone changes its clock.
            Err(_) => Some(unzoned - offset_at(unzoned.saturating_add(unzoned.signum() * LARGEST_OFFSET), zone)),
        }
    }
}

fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i32, month: i32) -> i32 {
    match month {
        2 => 28 + i32::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A number of exactly these digits.
fn number(text: &[u8]) -> Option<i32> {
    text.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i32::from(byte - b'0')))
}

fn read(text: &[u8]) -> Option<Written> {
    let ([y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2], rest) = text.split_first_chunk::<10>()? else {
        return None;
    };
    let (year, month, day) = (number(&[*y1, *y2, *y3, *y4])?, number(&[*m1, *m2])?, number(&[*d1, *d2])?);
    if year == 0 || !(1..=12).contains(&month) || !(1..=days_in_month(year, month)).contains(&day) {
        return None;
    }
    let mut written = Written { year, month, day, seconds: 0, microseconds: 0, offset: None };
    if rest.is_empty() {
        return Some(written);
    }
    let ([b' ' | b'T', h1, h2, b':', n1, n2], mut rest) = rest.split_first_chunk::<6>()? else {
        return None;
    };
    let (hour, minute, mut second) = (number(&[*h1, *h2])?, number(&[*n1, *n2])?, 0);
    if let [b':', s1, s2, after @ ..] = rest {
        second = number(&[*s1, *s2])?;
        rest = after;
        if let [b'.', after @ ..] = rest {
            let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return None;
            }
            // Digits beyond the sixth are finer than the column's type in Arrow.
            let kept = digits.min(6);
            written.microseconds = (kept..6).fold(number(&after[..kept])?, |value, _| value * 10);
            rest = &after[digits..];
        }
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    written.seconds = hour * 3_600 + minute * 60 + second;
    if !rest.is_empty() {
        written.offset = Some(offset(rest)?);
    }
    Some(written)
}

/// `Z`, `+HH`, `+HHMM` or `+HH:MM`, or the same with `-`; a space may stand before. In seconds.
fn offset(text: &[u8]) -> Option<i32> {
    let text = text.strip_prefix(b" ").unwrap_or(text);
    let (sign, digits) = match text {
        [b'Z' | b'z'] => return Some(0),
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits {
        [h1, h2] => (number(&[*h1, *h2])?, 0),
        [h1, h2, m1, m2] | [h1, h2, b':', m1, m2] => (number(&[*h1, *h2])?, number(&[*m1, *m2])?),
        _ => return None,
    };
    // 14:00 is the largest offset that SQLite's own date functions accept.
    (hours <= 14 && minutes <= 59).then_some(sign * (hours * 3_600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stockholm() -> TimeZone {
        TimeZone::get("Europe/Stockholm").unwrap()
    }

    fn text_of(microseconds: i64, zone: &TimeZone) -> String {
        let mut text = String::new();
        write_instant(microseconds, zone, &mut text).unwrap();
        text
    }

    /// The witness is SQLite's own reading of the same text.
    #[test]
    fn instants_are_those_of_sqlite() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        for text in [
            "1970-01-01",
            "2024-02-29 23:59",
            "2024-02-29T23:59:58",
            "2024-02-29 23:59:58.125",
            "1900-01-01 00:00:00",
            "9999-12-31 23:59:59",
            "0001-01-01 00:00:00",
            "2024-05-01T10:00:00Z",
            "2024-05-01 10:00:00+02:00",
            "2024-05-01 10:00:00 -03:30",
            "2000-02-29 00:00:01.000",
        ] {
            let milliseconds: i64 = connection
                .query_row("SELECT CAST(round((julianday(?1) - 2440587.5) * 86400000) AS INTEGER)", [text], |row| row.get(0))
                .unwrap();
            assert_eq!(instant(text.as_bytes(), &TimeZone::UTC), Some(milliseconds * 1_000), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_unreadable() {
        for text in [
            "",
            "2024",
            "2024-2-9",
            "2023-02-29",
            "1900-02-29",
            "2024-13-01",
            "2024-00-10",
            "2024-01-00",
            "2024-01-32",
            "0000-01-01",
            "10000-01-01",
            " 2024-01-01",
            "2024-01-01x",
            "2024-01-01 ",
            "2024-01-01 1:00",
            "2024-01-01 24:00",
            "2024-01-01 10:60",
            "2024-01-01 10:00:60",
            "2024-01-01 10:00:00.",
            "2024-01-01 10:00:00+",
            "2024-01-01 10:00:00+2",
            "2024-01-01 10:00:00 CET",
            "2024-01-01 10:00+15:00",
            "01/02/2024",
            "20240101",
            "igår",
            "2024\u{2010}01-01",
        ] {
            assert_eq!(day(text.as_bytes()), None, "{text}");
            assert_eq!(instant(text.as_bytes(), &stockholm()), None, "{text}");
        }
    }

    #[test]
    fn a_changed_clock_is_read_by_the_compatible_rule() {
        let zone = stockholm();
        let utc = |text: &str| instant(text.as_bytes(), &TimeZone::UTC).unwrap();
        // 02:30 does not exist on the last Sunday of March 2024 and exists twice on the last Sunday of October.
        assert_eq!(instant(b"2024-03-31 02:30:00", &zone), Some(utc("2024-03-31 01:30:00")));
        assert_eq!(instant(b"2024-10-27 02:30:00", &zone), Some(utc("2024-10-27 00:30:00")));
        assert_eq!(instant(b"2024-07-01 12:00:00", &zone), Some(utc("2024-07-01 10:00:00")));
        assert_eq!(instant(b"2024-07-01 12:00:00Z", &zone), Some(utc("2024-07-01 12:00:00")));
    }

    #[test]
    fn the_ends_of_the_calendar_are_read_and_written() {
        let zone = stockholm();
        let last = instant(b"9999-12-31 23:59:59.999999", &zone).unwrap();
        assert_eq!(last, instant(b"9999-12-31 22:59:59.999999Z", &zone).unwrap());
        assert_eq!(text_of(last, &zone), "9999-12-31 23:59:59.999999");
        let first = instant(b"0001-01-01", &zone).unwrap();
        assert_eq!(text_of(first, &zone), "0001-01-01 00:00:00");
        assert_eq!(from_seconds(253_402_300_799), instant(b"9999-12-31 23:59:59Z", &zone));
        assert_eq!(from_seconds(253_402_300_800), None);
        assert_eq!(from_seconds(1_700_000_000_000), None);
        assert_eq!(write_day(LAST_DAY + 1, &mut String::new()), None);
        assert_eq!(write_instant(i64::MAX, &zone, &mut String::new()), None);
    }

    proptest! {
        /// The witness is jiff's calendar.
        #[test]
        fn days_are_those_of_the_calendar(days in FIRST_DAY..=LAST_DAY) {
            let date = Date::constant(1970, 1, 1).checked_add(Span::new().days(days)).unwrap();
            prop_assert_eq!(day(date.to_string().as_bytes()).map(i64::from), Some(days));
            let mut text = String::new();
            write_day(days, &mut text).unwrap();
            prop_assert_eq!(text, date.to_string());
        }

        /// The witness is jiff's zoned time.
        #[test]
        fn instants_are_those_of_the_zone(seconds in -62_000_000_000_i64..253_000_000_000, fraction in 0_i64..1_000_000) {
            let zone = stockholm();
            let microseconds = seconds * MICROSECONDS + fraction;
            let zoned = Timestamp::from_microsecond(microseconds).unwrap().to_zoned(zone.clone());
            let text = text_of(microseconds, &zone);
            prop_assert_eq!(&text[..19], zoned.strftime("%Y-%m-%d %H:%M:%S").to_string());
            let read = instant(text.as_bytes(), &zone).unwrap();
            prop_assert!(read == microseconds || read == microseconds - 3_600 * MICROSECONDS, "only the repeated hour reads back as its first");
        }
    }
}
