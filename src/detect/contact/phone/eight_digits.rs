//! Danish and Norwegian numbers: `12 34 56 78`, `912 34 567`.
//!
//! Rule: eight digits without leading zero or area code. Their customary grouping says a little, since quantities and dates are written
//! in pairs as well; all else needs a word. A number that begins with 1 belongs to no subscriber, but what someone has called a
//! telephone is taken for one.
//!
//! Source: Styrelsen for Dataforsyning og Infrastruktur, "Den danske nummerplan"; Nkom, "Nummerplan for telefoni mv. (E.164)".

use super::written::{Form, Written};
use crate::detect::Country;
use crate::detect::calendar::{is_compact_date, number};
use crate::detect::digits::Separator;

/// What the digits are as a number of one of the two countries.
pub(super) fn form(written: &Written<'_>, country: Country) -> Option<Form> {
    let digits = written.digits;
    if digits.len() != 8 || digits[0] == b'0' {
        return None;
    }
    let begins_with_one = digits[0] == b'1';
    let separators = written.separators();
    if separators.iter().any(|separator| !matches!(separator, Separator::Space | Separator::Hyphen | Separator::Dot)) {
        return None;
    }
    let is_dotted = separators.iter().all(|separator| *separator == Separator::Dot);
    let form = match written.lengths() {
        [8] if is_compact_date(digits) => Form::STRICT,
        [8] => Form::BARE,
        [4, 4] if separators == [Separator::Hyphen] && is_range(digits) => return None,
        [4, 4] => Form::BARE,
        [2, 2, 2, 2] if written.is_spaced() && !begins_with_one && !is_progression(digits) && !is_compact_date(digits) => Form::lonely(0.7),
        // "62.68.13.09": an address on a network is refused before.
        [2, 2, 2, 2] if is_dotted && matches!(digits[0], b'2'..=b'9') && !is_progression(digits) && !is_compact_date(digits) => {
            Form::lonely(0.6)
        }
        [2, 2, 2, 2] => Form::BARE,
        [3, 2, 3] if country == Country::NO && written.is_spaced() && matches!(digits[0], b'4' | b'8' | b'9') => Form::lonely(0.85),
        [2, 3, 3] if written.is_spaced() && digits.ends_with(b"000") => return None,
        [3, 2, 3] | [2, 3, 3] | [3, 3, 2] | [2, 6] | [3, 5] | [5, 3] => Form::BARE,
        [2, 2, 4] if !is_compact_date(digits) => Form::BARE,
        _ => return None,
    };
    Some(form)
}

/// "2024-2025", "1000-1630": years, or hours of a day.
fn is_range(digits: &[u8]) -> bool {
    let (first, second) = (number(&digits[..4]), number(&digits[4..]));
    let is_hour = |number: u32| number <= 2400 && number % 100 < 60;
    let is_year = |number: u32| (1900..2100).contains(&number);
    (is_year(first) && is_year(second))
        || (is_hour(first) && is_hour(second))
        || (first < second && first.is_multiple_of(100) && second.is_multiple_of(100))
}

/// "20 30 40 50", "2 4 6 8" in pairs: quantities at a round distance.
pub(super) fn is_progression(digits: &[u8]) -> bool {
    let pair = |place: usize| digits.get(2 * place..2 * place + 2).map_or(0, number);
    let step = |place: usize| pair(place + 1).wrapping_sub(pair(place));
    step(0) == step(1) && step(1) == step(2) && matches!(step(0), 1 | 2 | 5 | 10 | 20)
}
