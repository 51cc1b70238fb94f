//! Just enough of the Gregorian calendar to tell a date of birth from six arbitrary digits.

/// Days of a month, or 0 where there is no such month.
pub(super) const fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

/// Whether the day exists.
pub(super) const fn is_date(year: u32, month: u32, day: u32) -> bool {
    day >= 1 && day <= days_in_month(year, month)
}

/// The number that ASCII digits write; other bytes do not occur here.
pub(super) fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit.wrapping_sub(b'0')))
}

/// Whether eight digits read as a date of 1900–2099, as `yyyymmdd` or as `ddmmyyyy`.
pub(super) fn is_compact_date(digits: &[u8]) -> bool {
    if digits.len() != 8 {
        return false;
    }
    let year_first = (number(&digits[..4]), number(&digits[4..6]), number(&digits[6..]));
    let day_first = (number(&digits[4..]), number(&digits[2..4]), number(&digits[..2]));
    [year_first, day_first].into_iter().any(|(year, month, day)| (1900..2100).contains(&year) && is_date(year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gregorian_cycle_has_the_known_number_of_days() {
        // 400 Gregorian years are 20,871 whole weeks.
        let days: u32 = (2000..2400).flat_map(|year| (0..=13).map(move |month| days_in_month(year, month))).sum();
        assert_eq!(days, 20_871 * 7);
    }

    #[test]
    fn leap_days_follow_the_century_rule() {
        assert!(is_date(2000, 2, 29));
        assert!(!is_date(1900, 2, 29));
        assert!(is_date(1904, 2, 29));
        assert!(!is_date(2023, 2, 29));
        assert!(!is_date(2023, 4, 31));
        assert!(!is_date(2023, 13, 1));
        assert!(!is_date(2023, 1, 0));
    }

    #[test]
    fn compact_dates_are_read_in_both_orders() {
        assert!(is_compact_date(b"20240131"));
        assert!(is_compact_date(b"31012024"));
        assert!(!is_compact_date(b"20241331"));
        assert!(!is_compact_date(b"12345678"));
        assert!(!is_compact_date(b"2024013"));
    }
}
