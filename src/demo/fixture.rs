//! The hand-made rows of the fixture, moved to the demo's day, so that every trouble the tests know stands in the demo too.

use jiff::Span;
use jiff::civil::{Date, date};

use super::DemoError;

/// The fixture's rows as SQL.
const ROWS: &str = include_str!("../../fixtures/fortnox/rows.sql");

/// The day on which the fixture is judged.
const JUDGED_ON: Date = date(2026, 11, 22);

/// The fixture's rows with every date moved by the days between the fixture's day and `today`.
pub(super) fn rows(today: Date) -> Result<String, DemoError> {
    moved(ROWS, JUDGED_ON.until(today)?)
}

/// Moves every date that opens a quoted SQL literal. Dates that mean "no date" (1900-01-01, 9999-12-31), leap days (they are
/// there for being leap days) and days that no calendar has stay as they are.
fn moved(sql: &str, by: Span) -> Result<String, DemoError> {
    let mut result = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(quote) = rest.find('\'') {
        let (before, after) = rest.split_at(quote + 1);
        result.push_str(before);
        rest = after;
        let Some(candidate) = after.get(..10) else { continue };
        let ends = after[10..].starts_with(['\'', ' ', 'T']);
        if !ends || !looks_like_a_date(candidate) {
            continue;
        }
        let Ok(day) = candidate.parse::<Date>() else { continue };
        let fixed = day.year() <= 1900 || day.year() >= 9999 || (day.month() == 2 && day.day() == 29);
        if !fixed {
            result.push_str(&day.checked_add(by)?.to_string());
            rest = &after[10..];
        }
    }
    result.push_str(rest);
    Ok(result)
}

/// Four digits, two digits, two digits, with hyphens between.
fn looks_like_a_date(text: &str) -> bool {
    text.bytes().enumerate().all(|(index, byte)| if matches!(index, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() })
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;

    use super::{ROWS, moved, rows};

    #[test]
    fn dates_and_moments_move_and_everything_else_stays() {
        let sql = "('2026-11-22', '2026-08-23 22:30:00', '2026-08-23T23:30:00+02:00', '1900-01-01', '9999-12-31', '2026-13-45', \
                   '2024-02-29', '2026-11-2', 'O''Hara å', '18900101-9802', 'before 2026-11-22 noon', '192.0.2.1')";
        let expected = "('2026-12-02', '2026-09-02 22:30:00', '2026-09-02T23:30:00+02:00', '1900-01-01', '9999-12-31', '2026-13-45', \
                        '2024-02-29', '2026-11-2', 'O''Hara å', '18900101-9802', 'before 2026-11-22 noon', '192.0.2.1')";
        assert_eq!(moved(sql, 10.days()).unwrap(), expected);
    }

    #[test]
    fn on_the_fixture_day_nothing_moves() {
        assert_eq!(rows(date(2026, 11, 22)).unwrap(), ROWS);
        assert_ne!(rows(date(2026, 11, 23)).unwrap(), ROWS);
    }
}
