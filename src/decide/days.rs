//! Temporal columns as local days: what clocks count from.

use arrow::array::{Array, ArrayRef, AsArray, Date32Array, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Date32Type, TimeUnit, TimestampMicrosecondType};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::clocks::{self, Undetermined};
use crate::pipeline::*;
use crate::snapshot::State;

/// A mistake of the program rather than of the data: the pipeline was resolved against another catalog.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// A column that a rule needs was not read.
    #[error("the column `{table}.{column}` was not read")]
    NotRead {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// A column has a type that a rule can not use.
    #[error("the column `{table}.{column}` has the type {data_type}, which this rule can not use")]
    Type {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Its Arrow type.
        data_type: String,
    },
    /// The frame engine refused.
    #[error("joining the references failed: {reason}")]
    Join {
        /// The engine's words; they name columns, never values.
        reason: String,
    },
}

/// One cell of a temporal column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    /// NULL.
    Missing,
    /// Not to be read as a date.
    Unreadable,
    /// A day, in days since 1970-01-01, in the tenant's zone; it may be absurd.
    At(i32),
}

impl Day {
    /// The day as the start of a clock that must have started.
    pub fn started(self, today: Date) -> Result<Date, Undetermined> {
        match self {
            Self::Missing => Err(Undetermined::Missing),
            Self::Unreadable => Err(Undetermined::Unreadable),
            Self::At(day) => clocks::readable_day(Some(day), today),
        }
    }

    /// The day as activity, which may lie ahead (a booking next month) but not be absurd.
    pub fn activity(self, today: Date) -> Result<Date, Undetermined> {
        match (self.started(today), self) {
            (Err(Undetermined::Future), Self::At(day)) => clocks::date_of_day(day).ok_or(Undetermined::Unreadable),
            (other, _) => other,
        }
    }
}

/// A day as activity, in whole numbers: [`Day::activity`] without the detour over the calendar.
///
/// # Errors
/// [`Undetermined::Absurd`] as in [`clocks::readable`], [`Undetermined::Unreadable`] outside the calendar. A day ahead is none.
#[inline]
pub fn activity_day(day: i32, today: i32) -> Result<i32, Undetermined> {
    match started_day(day, today) {
        Err(Undetermined::Future) => Ok(day),
        other => other,
    }
}

/// [`clocks::readable_day`] in whole numbers.
///
/// # Errors
/// As there.
#[inline]
pub fn started_day(day: i32, today: i32) -> Result<i32, Undetermined> {
    if (FIRST_PLAUSIBLE..=LAST_PLAUSIBLE).contains(&day) && day != 0 {
        if day > today { Err(Undetermined::Future) } else { Ok(day) }
    } else if (FIRST_OF_CALENDAR..=LAST_OF_CALENDAR).contains(&day) {
        Err(Undetermined::Absurd)
    } else {
        Err(Undetermined::Unreadable)
    }
}

/// 1900-01-02 and 2999-12-31, as [`clocks::readable`] has them; −9999-01-01 and 9999-12-31, the ends of the calendar.
const FIRST_PLAUSIBLE: i32 = -25_566;
const LAST_PLAUSIBLE: i32 = 376_199;
const FIRST_OF_CALENDAR: i32 = -4_371_587;
const LAST_OF_CALENDAR: i32 = 2_932_896;

/// The cells of a temporal column.
#[derive(Debug, Clone, Copy)]
pub struct DayCells<'a> {
    cells: Temporal<'a>,
    /// Rows whose cell could not be read, ascending.
    unreadable: &'a [u32],
}

#[derive(Debug, Clone, Copy)]
enum Temporal<'a> {
    Dates(&'a Date32Array),
    Instants(&'a TimestampMicrosecondArray),
}

impl<'a> DayCells<'a> {
    /// The cells of an array of dates or instants; `None` for any other type. `unreadable`: rows that the store could not give, ascending.
    pub fn of(cells: &'a ArrayRef, unreadable: &'a [u32]) -> Option<Self> {
        let cells = match cells.data_type() {
            DataType::Date32 => Temporal::Dates(cells.as_primitive::<Date32Type>()),
            DataType::Timestamp(TimeUnit::Microsecond, _) => Temporal::Instants(cells.as_primitive::<TimestampMicrosecondType>()),
            _ => return None,
        };
        Some(Self { cells, unreadable })
    }

    /// The cells of a column of the state.
    ///
    /// # Errors
    /// [`DecideError`] where the column was not read or is not temporal.
    pub fn in_state(pipeline: &Pipeline, state: &'a State, table: TableIndex, column: ColumnIndex) -> Result<Self, DecideError> {
        let names = || (pipeline.tables[table].name().to_owned(), pipeline.tables[table].catalog.columns[column].name.clone());
        let cells = state.column(table, column).ok_or_else(|| {
            let (table, column) = names();
            DecideError::NotRead { table, column }
        })?;
        let unreadable = state.tables[table].unreadable.get(&column).map_or(&[][..], Vec::as_slice);
        Self::of(cells, unreadable).ok_or_else(|| {
            let (table, column) = names();
            DecideError::Type { table, column, data_type: cells.data_type().to_string() }
        })
    }

    /// One cell, as the local day in a time zone.
    #[inline]
    pub fn day(&self, row: usize, zone: &TimeZone) -> Day {
        if !self.unreadable.is_empty() && self.unreadable.binary_search(&(row as u32)).is_ok() {
            return Day::Unreadable;
        }
        match self.cells {
            Temporal::Dates(days) if days.is_valid(row) => Day::At(days.value(row)),
            Temporal::Instants(instants) if instants.is_valid(row) => match clocks::local_date(instants.value(row), zone) {
                Ok(date) => Day::At(clocks::day_of_date(date)),
                // Kept as a filler, so that the reason given is the true one.
                Err(Undetermined::Absurd) => Day::At(0),
                Err(_) => Day::Unreadable,
            },
            _ => Day::Missing,
        }
    }

    /// The days of a column of dates that are all there and all readable.
    pub fn plain_dates(&self) -> Option<&'a [i32]> {
        match self.cells {
            Temporal::Dates(days) if days.null_count() == 0 && self.unreadable.is_empty() => Some(days.values()),
            _ => None,
        }
    }
}

/// The zone in which the days of a table's row are told.
pub fn zone_of<'a>(pipeline: &'a Pipeline, tenants: &'a [Tenant], tenant: u16) -> &'a TimeZone {
    tenants.get(tenant as usize).map_or(&pipeline.controller.time_zone, |tenant| &tenant.time_zone)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn whole_numbers_say_the_same_as_the_calendar() {
        let today = date(2026, 11, 22);
        let number = clocks::day_of_date(today);
        let edges = [FIRST_PLAUSIBLE, LAST_PLAUSIBLE, FIRST_OF_CALENDAR, LAST_OF_CALENDAR, 0, number, i32::MIN + 3, i32::MAX - 3];
        for day in edges.into_iter().flat_map(|edge| edge - 3..=edge.saturating_add(3)) {
            let expected = clocks::readable_day(Some(day), today).map(clocks::day_of_date);
            assert_eq!(started_day(day, number), expected, "{day}");
            let expected = Day::At(day).activity(today).map(clocks::day_of_date);
            assert_eq!(activity_day(day, number), expected, "{day}");
        }
    }
}
