//! A calendar of the tests' own: days as numbers, months added by hand. Shares nothing with the library that is tested.

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ymd(pub i32, pub i32, pub i32);

pub fn leap(year: i32) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

pub fn days_in(year: i32, month: i32) -> i32 {
    match month {
        2 => 28 + i32::from(leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl Ymd {
    pub fn next(self) -> Self {
        match self {
            Self(year, month, day) if day < days_in(year, month) => Self(year, month, day + 1),
            Self(year, 12, _) => Self(year + 1, 1, 1),
            Self(year, month, _) => Self(year, month + 1, 1),
        }
    }

    pub fn previous(self) -> Self {
        match self {
            Self(year, month, day) if day > 1 => Self(year, month, day - 1),
            Self(year, 1, _) => Self(year - 1, 12, 31),
            Self(year, month, _) => Self(year, month - 1, days_in(year, month - 1)),
        }
    }

    pub fn plus_days(self, days: i32) -> Self {
        (0..days).fold(self, |day, _| day.next())
    }

    /// So many months later, at the month's end where it has no such day.
    pub fn plus_months(self, months: i32) -> Self {
        let Self(year, month, day) = self;
        let whole = year * 12 + (month - 1) + months;
        let (year, month) = (whole.div_euclid(12), whole.rem_euclid(12) + 1);
        Self(year, month, day.min(days_in(year, month)))
    }

    /// The last day of so many months that begin with this day.
    pub fn months_from(self, months: i32) -> Self {
        let same = self.plus_months(months);
        if same.2 < self.2 { same } else { same.previous() }
    }

    pub fn text(self) -> String {
        format!("{:04}-{:02}-{:02}", self.0, self.1, self.2)
    }
}

#[test]
fn the_calendar_counts_as_everybody_does() {
    assert_eq!(Ymd(2024, 2, 28).next(), Ymd(2024, 2, 29));
    assert_eq!(Ymd(2024, 2, 29).plus_months(12), Ymd(2025, 2, 28));
    assert_eq!(Ymd(2025, 8, 31).plus_months(6), Ymd(2026, 2, 28));
    assert_eq!(Ymd(2016, 3, 1).months_from(60), Ymd(2021, 2, 28));
    assert_eq!(Ymd(2026, 1, 1).previous(), Ymd(2025, 12, 31));
    assert_eq!(Ymd(2026, 11, 22).plus_days(365), Ymd(2027, 11, 22));
}
