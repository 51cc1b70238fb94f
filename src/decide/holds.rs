//! Legal holds, restrictions and blocking conditions: which subjects one applies to, and why.

use arrow::array::Array;

use super::clocks::{self, day_of_date};
use super::condition;
use super::days::{Day, DecideError, days};
use crate::pipeline::*;
use crate::snapshot::{NO_TENANT, State};

/// Per row of `table` the reason of the first hold that applies on its tenant's day.
///
/// A hold's last day counts; a hold whose end can not be read applies, since not erasing is the side to err on.
pub fn applying(
    pipeline: &Pipeline,
    state: &State,
    tenants: &[Tenant],
    table: TableIndex,
    holds: &[Hold],
) -> Result<Vec<Option<String>>, DecideError> {
    let mut reasons: Vec<Option<String>> = vec![None; state.tables[table].rows];
    for hold in holds {
        let when = hold.when.as_ref().map(|when| condition::passes(pipeline, state, hold.table, when)).transpose()?;
        let until = hold.until.map(|until| days(pipeline, state, tenants, hold.table, until)).transpose()?;
        let path: &[ReferenceIndex] = hold.lead.map_or(&[], |lead| &pipeline.tables[hold.table].leads[lead].path);
        let subjects = state.follow(hold.table, path);
        for row in 0..state.tables[hold.table].rows {
            if !subjects.is_valid(row) || when.as_ref().is_some_and(|when| !when[row]) {
                continue;
            }
            let subject = subjects.value(row) as usize;
            let tenant = state.tables[table].tenants[subject];
            if tenant == NO_TENANT {
                continue;
            }
            let today = day_of_date(tenants[tenant as usize].as_of);
            let lapsed = match until.as_ref().map(|until| until[row]) {
                // On the category's own table an empty `until` without a condition means that there is no hold.
                Some(Day::Missing) => hold.lead.is_none() && when.is_none(),
                Some(Day::At(until)) => until < today && clocks::date_of_day(until).is_some(),
                Some(Day::Unreadable) | None => false,
            };
            if !lapsed {
                reasons[subject].get_or_insert_with(|| hold.reason.clone());
            }
        }
    }
    Ok(reasons)
}
