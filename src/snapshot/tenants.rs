//! The tenants of a run: their countries, zones, fiscal calendars and days. One that is broken is stopped, and the others go on.

use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::NO_TENANT;
use super::TableState;
use super::read::{ReadError, StoppedTenant, names_of};
use crate::decide::clocks::{FiscalCalendar, FiscalYear, Period, date_of_day, today};
use crate::decide::days::{Day, DayCells};
use crate::detect::Country;
use crate::pipeline::*;

/// The tenants of the run and those that are broken.
///
/// # Errors
/// [`ReadError::FiscalYears`] where there is one controller alone and its fiscal years can not be used; of several tenants that one is stopped.
pub(super) fn tenants(
    pipeline: &Pipeline,
    tables: &[TableState],
    now: Timestamp,
    as_of: Option<Date>,
) -> Result<(Vec<Tenant>, Vec<StoppedTenant>), ReadError> {
    let controller = &pipeline.controller;
    let Some(source) = &pipeline.tenants else {
        let day = as_of.unwrap_or_else(|| today(now, &controller.time_zone));
        let years = fiscal_years(pipeline, tables, &|_| &controller.time_zone);
        let own = years.into_values().next().map(calendar).transpose().map_err(|reason| ReadError::FiscalYears {
            table: pipeline.fiscal_years.map_or(String::new(), |years| pipeline.tables[years.table].name().to_owned()),
            reason,
        })?;
        let only = Tenant {
            name: String::new(),
            country: controller.country,
            time_zone: controller.time_zone.clone(),
            fiscal: own.unwrap_or_else(|| controller.fiscal.clone()),
            as_of: day,
            keep: Vec::new(),
        };
        return Ok((vec![only], Vec::new()));
    };
    let table = &tables[source.table];
    let texts = |column: ColumnIndex| names_of(&table.columns[column]);
    let names = texts(source.key);
    let country = source.country.map(texts);
    let zone = source.time_zone.map(texts);
    let fiscal = source.fiscal_year_end.map(texts);
    let keep: Vec<(&String, Vec<Option<String>>)> = source.keep.iter().map(|(rule, column)| (rule, texts(*column))).collect();
    let zones: HashMap<&str, TimeZone> = names
        .iter()
        .enumerate()
        .filter_map(|(row, name)| {
            let named = zone.as_ref().and_then(|zones| zones.get(row).cloned().flatten());
            Some((name.as_deref()?, named.and_then(|zone| TimeZone::get(&zone).ok())?))
        })
        .collect();
    let mut years = fiscal_years(pipeline, tables, &|tenant| zones.get(tenant).unwrap_or(&controller.time_zone));
    let (mut good, mut stopped) = (Vec::new(), Vec::new());
    for row in 0..table.rows {
        let Some(name) = names.get(row).cloned().flatten() else { continue };
        let cell = |column: &Option<Vec<Option<String>>>| column.as_ref().and_then(|cells| cells.get(row).cloned().flatten());
        let built = (|| {
            let country = match cell(&country) {
                Some(code) => Country::from_str(&code).map_err(|_| "its country is not one that gallra knows")?,
                None => controller.country,
            };
            let time_zone = match cell(&zone) {
                Some(zone) => TimeZone::get(&zone).map_err(|_| "its time zone does not exist")?,
                None => controller.time_zone.clone(),
            };
            let fiscal = match (years.remove(&name), cell(&fiscal)) {
                (Some(years), _) => calendar(years).map_err(|reason| format!("its fiscal years can not be used: {reason}"))?,
                (None, Some(day)) => FiscalCalendar::from_str(&day).map_err(|_| "its fiscal year end is not a day of the year")?,
                (None, None) => controller.fiscal.clone(),
            };
            if let Some(rule) = without_pack(pipeline, country) {
                return Err(format!("{rule} names no retention pack for its country {}", country.as_str()));
            }
            let mut periods = Vec::new();
            for (rule, cells) in &keep {
                if let Some(text) = cells.get(row).cloned().flatten() {
                    periods.push(((*rule).clone(), Period::from_str(&text).map_err(|_| "its retention period can not be read")?));
                }
            }
            let as_of = as_of.unwrap_or_else(|| today(now, &time_zone));
            Ok::<Tenant, String>(Tenant { name: name.clone(), country, time_zone, fiscal, as_of, keep: periods })
        })();
        match built {
            Ok(tenant) if good.len() < NO_TENANT as usize => good.push(tenant),
            Ok(_) => stopped.push(StoppedTenant { name, reason: "the store has too many tenants for one run".into() }),
            Err(reason) => stopped.push(StoppedTenant { name, reason }),
        }
    }
    Ok((good, stopped))
}

/// The rows of the table of fiscal years by tenant (`""` for the only controller): first and last day, `None` where a day is missing.
fn fiscal_years<'z>(
    pipeline: &Pipeline,
    tables: &[TableState],
    zone: &dyn Fn(&str) -> &'z TimeZone,
) -> BTreeMap<String, Vec<Option<FiscalYear>>> {
    let mut found: BTreeMap<String, Vec<Option<FiscalYear>>> = BTreeMap::new();
    let Some(source) = &pipeline.fiscal_years else { return found };
    let table = &tables[source.table];
    let cells = |column: ColumnIndex| {
        let unreadable = table.unreadable.get(&column).map_or(&[][..], Vec::as_slice);
        table.columns[column].as_ref().and_then(|cells| DayCells::of(cells, unreadable))
    };
    let (Some(starts), Some(ends)) = (cells(source.starts), cells(source.ends)) else { return found };
    let names = pipeline.tables[source.table].tenant.map(|column| names_of(&table.columns[column]));
    for row in 0..table.rows {
        let name = match &names {
            Some(names) => match names.get(row).cloned().flatten() {
                Some(name) => name,
                None => continue,
            },
            None => String::new(),
        };
        let day = |cells: &DayCells<'_>| match cells.day(row, zone(&name)) {
            Day::At(day) => date_of_day(day),
            Day::Missing | Day::Unreadable => None,
        };
        let year = day(&starts).zip(day(&ends)).map(|(start, end)| FiscalYear { start, end });
        found.entry(name).or_default().push(year);
    }
    found
}

fn calendar(years: Vec<Option<FiscalYear>>) -> Result<FiscalCalendar, String> {
    let years: Option<Vec<FiscalYear>> = years.into_iter().collect();
    let years = years.ok_or("a fiscal year has no first or no last day")?;
    FiscalCalendar::table(years).map_err(|error| error.to_string())
}

/// The first rule that has a retention pack per country and none for this one.
pub(crate) fn without_pack(pipeline: &Pipeline, country: Country) -> Option<String> {
    pipeline.ruled().find(|rule| rule.keep.lacks(country)).map(|rule| format!("the {rule}"))
}
