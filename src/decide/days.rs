//! Temporal columns as local days: what clocks count from.

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Date32Type, TimeUnit, TimestampMicrosecondType};
use jiff::civil::Date;

use super::clocks::{self, Undetermined};
use crate::pipeline::*;
use crate::snapshot::{NO_TENANT, State};

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

/// The cells of a temporal column as local days of each row's tenant.
pub fn days(
    pipeline: &Pipeline,
    state: &State,
    tenants: &[Tenant],
    table: TableIndex,
    column: ColumnIndex,
) -> Result<Vec<Day>, DecideError> {
    let names = || (pipeline.tables[table].name().to_owned(), pipeline.tables[table].catalog.columns[column].name.clone());
    let cells = state.column(table, column).ok_or_else(|| {
        let (table, column) = names();
        DecideError::NotRead { table, column }
    })?;
    let mut days: Vec<Day> = match cells.data_type() {
        DataType::Date32 => cells.as_primitive::<Date32Type>().iter().map(|day| day.map_or(Day::Missing, Day::At)).collect(),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let instants = cells.as_primitive::<TimestampMicrosecondType>();
            let zone_of = |row: usize| match state.tables[table].tenants[row] {
                NO_TENANT => &pipeline.controller.time_zone,
                tenant => &tenants[tenant as usize].time_zone,
            };
            (0..instants.len())
                .map(|row| match instants.is_valid(row).then(|| clocks::local_date(instants.value(row), zone_of(row))) {
                    None => Day::Missing,
                    Some(Ok(date)) => Day::At(clocks::day_of_date(date)),
                    // Kept as a filler, so that the reason given is the true one.
                    Some(Err(Undetermined::Absurd)) => Day::At(0),
                    Some(Err(_)) => Day::Unreadable,
                })
                .collect()
        }
        other => {
            let (table, column) = names();
            return Err(DecideError::Type { table, column, data_type: other.to_string() });
        }
    };
    for row in state.tables[table].unreadable.get(&column).into_iter().flatten() {
        days[*row as usize] = Day::Unreadable;
    }
    Ok(days)
}
