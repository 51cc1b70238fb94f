//! Days before today, as text.
//!
//! A million order rows need a few million dates; they are the same few thousand, so each is written once.

use jiff::civil::Date;

use super::DemoError;

/// The days from today backwards.
#[derive(Debug)]
pub(super) struct Days {
    today: Date,
    text: Vec<String>,
}

impl Days {
    /// Today and the `longest` days before it.
    pub(super) fn new(today: Date, longest: u32) -> Result<Self, DemoError> {
        let mut text = Vec::with_capacity(longest as usize + 1);
        let mut day = today;
        for _ in 0..longest {
            text.push(day.to_string());
            day = day.yesterday()?;
        }
        text.push(day.to_string());
        Ok(Self { today, text })
    }

    /// The date so many days ago as `YYYY-MM-DD`; the earliest one known for days before it.
    pub(super) fn ago(&self, days: u32) -> &str {
        self.text.get(days as usize).or_else(|| self.text.last()).map_or("", String::as_str)
    }

    /// A moment on that day, UTC, `YYYY-MM-DD HH:MM:SS`, always between 08:00 and 15:59 so that it is the same day in Sweden.
    pub(super) fn moment(&self, days: u32, minute: u32) -> String {
        format!("{} {:02}:{:02}:00", self.ago(days), 8 + minute / 60 % 8, minute % 60)
    }

    /// How many days ago a month and day of an earlier year was: `years` 1 is last year.
    pub(super) fn since(&self, years: i16, month: i8, day: i8) -> Result<u32, DemoError> {
        let date = Date::new(self.today.year() - years, month, day)?;
        Ok(u32::try_from(date.until(self.today)?.get_days()).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::Days;

    #[test]
    fn days_count_backwards_over_the_leap_day() {
        let days = Days::new(date(2024, 3, 1), 5).unwrap();
        assert_eq!([days.ago(0), days.ago(1), days.ago(2)], ["2024-03-01", "2024-02-29", "2024-02-28"]);
        assert_eq!(days.ago(99), "2024-02-25");
    }

    #[test]
    fn a_day_of_an_earlier_year_is_found_where_it_stands() {
        let days = Days::new(date(2026, 11, 22), 4000).unwrap();
        let ago = days.since(8, 1, 1).unwrap();
        assert_eq!(days.ago(ago), "2018-01-01");
        assert_eq!(days.moment(ago, 485), "2018-01-01 08:05:00");
    }

    #[test]
    fn a_day_before_all_calendars_is_an_error() {
        assert!(Days::new(date(-9999, 1, 1), 1).is_err());
    }
}
