//! Coarsens dates and times to the year, quarter, month, week or day in which they fall.

use arrow::array::{Array, AsArray, Date32Array, StringArray};
use arrow::datatypes::{DataType, Date32Type, TimeUnit, TimestampMicrosecondType};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::KernelError;
use super::calendar::{date_of, days_of, local_time, wall_time};
use super::text::TextColumn;

/// How long a calendar period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Period {
    /// 1 January to 31 December.
    Year,
    /// Three months from January, April, July or October.
    Quarter,
    /// A calendar month.
    Month,
    /// Monday to Sunday (ISO 8601).
    Week,
    /// A day: of a time the date.
    Day,
}

impl Period {
    fn first_day(self, date: Date) -> Option<Date> {
        let month = date.month();
        match self {
            Self::Year => Date::new(date.year(), 1, 1).ok(),
            Self::Quarter => Date::new(date.year(), month - (month - 1) % 3, 1).ok(),
            Self::Month => Date::new(date.year(), month, 1).ok(),
            Self::Week => date.checked_sub(i64::from(date.weekday().to_monday_zero_offset()).days()).ok(),
            Self::Day => Some(date),
        }
    }
}

/// The first day of the period in which each date or time falls. Nulls stay null.
///
/// Takes `Date32` and `Timestamp(µs)`. An instant (a timestamp with a zone, whichever it is) is
/// read on the wall clock of `zone`, the controller's; a timestamp without zone is wall time
/// already, and a date stays a date.
///
/// ```
/// use arrow::array::{Date32Array, TimestampMicrosecondArray};
/// use gallra::kernels::period::{Period, to_period};
/// use jiff::tz::TimeZone;
///
/// // 2025-12-31 23:30 UTC is already 2026 in Stockholm.
/// let sold = TimestampMicrosecondArray::from(vec![1_767_223_800_000_000]).with_timezone("UTC");
/// let zone = TimeZone::get("Europe/Stockholm")?;
/// let first_day = to_period(&sold, Period::Year, &zone)?;
/// assert_eq!(first_day, Date32Array::from(vec![20_454])); // 2026-01-01
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`KernelError::UnsupportedType`]; [`KernelError::Cell`] outside the years -9999 to 9999.
pub fn to_period(array: &dyn Array, period: Period, zone: &TimeZone) -> Result<Date32Array, KernelError> {
    const KERNEL: &str = "to_period";
    let mut days = Date32Array::builder(array.len());
    each_date(KERNEL, array, zone, |row, date| {
        let first = date.map(|date| period.first_day(date));
        let first = first.map(|first| first.and_then(days_of).ok_or_else(|| outside(KERNEL, array, row)));
        days.append_option(first.transpose()?);
        Ok(())
    })?;
    Ok(days.finish())
}

/// The period's name: `2026`, `2026-Q3`, `2026-07`, `2026-W27` (of the ISO year) or `2026-07-01`. Takes what [`to_period`] takes.
///
/// ```
/// use arrow::array::{Date32Array, StringArray};
/// use gallra::kernels::period::{Period, label};
/// use jiff::tz::TimeZone;
///
/// let sold = Date32Array::from(vec![Some(20_635), None]); // 2026-07-01
/// let names = label(&sold, Period::Quarter, &TimeZone::UTC)?;
/// assert_eq!(names, StringArray::from(vec![Some("2026-Q3"), None]));
/// # Ok::<(), gallra::kernels::KernelError>(())
/// ```
///
/// # Errors
/// As [`to_period`], and [`KernelError::TooLarge`].
pub fn label(array: &dyn Array, period: Period, zone: &TimeZone) -> Result<StringArray, KernelError> {
    const KERNEL: &str = "label";
    let mut names = TextColumn::new(KERNEL, array.len());
    each_date(KERNEL, array, zone, |_, date| {
        let Some(date) = date else {
            return names.push(None);
        };
        let (year, month) = (date.year(), date.month());
        match period {
            Period::Year => names.push_formatted(format_args!("{year:04}")),
            Period::Quarter => names.push_formatted(format_args!("{year:04}-Q{}", (month - 1) / 3 + 1)),
            Period::Month => names.push_formatted(format_args!("{year:04}-{month:02}")),
            Period::Week => {
                let week = date.iso_week_date();
                names.push_formatted(format_args!("{:04}-W{:02}", week.year(), week.week()))
            }
            Period::Day => names.push_formatted(date),
        }
    })?;
    Ok(names.finish())
}

/// Hands the local date of every row, or `None` for a null, to `take`.
fn each_date(
    kernel: &'static str,
    array: &dyn Array,
    zone: &TimeZone,
    mut take: impl FnMut(usize, Option<Date>) -> Result<(), KernelError>,
) -> Result<(), KernelError> {
    if let Some(dates) = array.as_primitive_opt::<Date32Type>() {
        for (row, days) in dates.iter().enumerate() {
            let date = days.map(|days| date_of(days).ok_or_else(|| outside(kernel, array, row)));
            take(row, date.transpose()?)?;
        }
        return Ok(());
    }
    let (DataType::Timestamp(TimeUnit::Microsecond, stored_zone), Some(times)) =
        (array.data_type(), array.as_primitive_opt::<TimestampMicrosecondType>())
    else {
        return Err(KernelError::unsupported(kernel, array.data_type()));
    };
    for (row, time) in times.iter().enumerate() {
        let local = time.map(|microseconds| {
            let local = match stored_zone {
                Some(_) => local_time(microseconds, zone),
                None => wall_time(microseconds),
            };
            local.ok_or_else(|| outside(kernel, array, row))
        });
        take(row, local.transpose()?.map(|local| local.date()))?;
    }
    Ok(())
}

fn outside(kernel: &'static str, array: &dyn Array, row: usize) -> KernelError {
    KernelError::cell(kernel, array.data_type(), row, "is outside the calendar")
}

#[cfg(test)]
mod tests {
    use arrow::array::{Int64Array, TimestampMicrosecondArray, TimestampSecondArray};
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const ALL: [Period; 5] = [Period::Year, Period::Quarter, Period::Month, Period::Week, Period::Day];

    fn days(text: &str) -> i32 {
        days_of(text.parse().unwrap()).unwrap()
    }

    fn instant(text: &str) -> i64 {
        text.parse::<jiff::Timestamp>().unwrap().as_microsecond()
    }

    #[test]
    fn dates_fall_into_their_periods() {
        let check = |day: &str, firsts: [&str; 4], names: [&str; 4]| {
            let array = Date32Array::from(vec![days(day)]);
            for ((period, first), name) in ALL.into_iter().zip(firsts).zip(names) {
                let found = to_period(&array, period, &TimeZone::UTC).unwrap();
                assert_eq!(found.value(0), days(first), "{day}");
                let found = label(&array, period, &TimeZone::UTC).unwrap();
                assert_eq!(found.value(0), name);
            }
        };
        check("2026-08-31", ["2026-01-01", "2026-07-01", "2026-08-01", "2026-08-31"], ["2026", "2026-Q3", "2026-08", "2026-W36"]);
        check("2024-02-29", ["2024-01-01", "2024-01-01", "2024-02-01", "2024-02-26"], ["2024", "2024-Q1", "2024-02", "2024-W09"]);
        check("1969-12-31", ["1969-01-01", "1969-10-01", "1969-12-01", "1969-12-29"], ["1969", "1969-Q4", "1969-12", "1970-W01"]);
        check("0001-06-30", ["0001-01-01", "0001-04-01", "0001-06-01", "0001-06-25"], ["0001", "0001-Q2", "0001-06", "0001-W26"]);
        // ISO 8601's own examples of weeks at the turn of a year.
        check("2027-01-03", ["2027-01-01", "2027-01-01", "2027-01-01", "2026-12-28"], ["2027", "2027-Q1", "2027-01", "2026-W53"]);
    }

    #[test]
    fn an_instant_is_read_on_the_controllers_clock() {
        let zone = TimeZone::get("Europe/Stockholm").unwrap();
        let check = |text: &str, stored: &str, expected: &str| {
            let array = TimestampMicrosecondArray::from(vec![instant(text)]).with_timezone(stored);
            let found = to_period(&array, Period::Month, &zone).unwrap();
            assert_eq!(found.value(0), days(expected), "{text}");
        };
        // The stored zone is a manner of display and does not count.
        for stored in ["UTC", "+00:00", "America/New_York", "no such zone"] {
            check("2025-12-31T22:59:59.999999Z", stored, "2025-12-01");
            check("2025-12-31T23:00:00Z", stored, "2026-01-01");
            // Summer time: two hours ahead.
            check("2026-06-30T21:59:59Z", stored, "2026-06-01");
            check("2026-06-30T22:00:00Z", stored, "2026-07-01");
        }
    }

    #[test]
    fn wall_time_is_left_where_it_is() {
        let zone = TimeZone::get("Europe/Stockholm").unwrap();
        let array = TimestampMicrosecondArray::from(vec![instant("2025-12-31T23:59:59Z")]);
        let found = to_period(&array, Period::Year, &zone).unwrap();
        assert_eq!(found.value(0), days("2025-01-01"));
    }

    #[test]
    fn absurd_times_name_their_row_and_not_themselves() {
        let array = Date32Array::from(vec![Some(0), None, Some(i32::MAX)]);
        let error = to_period(&array, Period::Year, &TimeZone::UTC).unwrap_err();
        assert_eq!(error.to_string(), "kernel `to_period`: row 2 of type `Date32` is outside the calendar");
        let array = TimestampMicrosecondArray::from(vec![i64::MIN]);
        assert!(label(&array, Period::Year, &TimeZone::UTC).is_err());
        let last = Date32Array::from(vec![days("9999-12-30"), days("-009998-01-01")]);
        assert!(to_period(&last, Period::Month, &TimeZone::UTC).is_ok());
    }

    #[test]
    fn other_types_are_refused() {
        for array in [&Int64Array::from(vec![1]) as &dyn Array, &TimestampSecondArray::from(vec![1])] {
            let error = to_period(array, Period::Year, &TimeZone::UTC).unwrap_err();
            assert!(matches!(error, KernelError::UnsupportedType { .. }));
        }
    }

    proptest! {
        #[test]
        fn the_period_holds_the_day_and_repeats_without_effect(
            rows in prop::collection::vec(prop::option::of(-700_000_i32..700_000), 0..30),
        ) {
            let array = Date32Array::from(rows.clone());
            for period in ALL {
                let first = to_period(&array, period, &TimeZone::UTC).unwrap();
                prop_assert_eq!(&to_period(&first, period, &TimeZone::UTC).unwrap(), &first);
                let names = label(&array, period, &TimeZone::UTC).unwrap();
                let again = label(&first, period, &TimeZone::UTC).unwrap();
                prop_assert_eq!(&names, &again);
                for (row, day) in rows.iter().enumerate() {
                    let Some(day) = day else {
                        prop_assert!(first.is_null(row) && names.is_null(row));
                        continue;
                    };
                    // Slow: walk back to the nearest first day of a period.
                    let mut walked = date(1970, 1, 1)
                        .checked_add(jiff::Span::new().days(*day))
                        .unwrap();
                    let starts = |day: jiff::civil::Date| match period {
                        Period::Year => day.day() == 1 && day.month() == 1,
                        Period::Quarter => day.day() == 1 && [1, 4, 7, 10].contains(&day.month()),
                        Period::Month => day.day() == 1,
                        Period::Week => day.weekday() == jiff::civil::Weekday::Monday,
                        Period::Day => true,
                    };
                    let mut back = 0;
                    while !starts(walked) {
                        walked = walked.yesterday().unwrap();
                        back += 1;
                    }
                    prop_assert_eq!(first.value(row), day - back);
                }
            }
        }
    }
}
