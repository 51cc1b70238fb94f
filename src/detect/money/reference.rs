//! References, dates and amounts: recognised so that they are taken for nothing else.
//!
//! Finds nothing: what it recognises is nobody's, and takes its digits from what they might be read as. What
//! a check digit proves to be somebody's is stronger than all of these but two that prove themselves: the
//! creditor reference `RF…` and the ISBN.
//!
//! Rule:
//!
//! - dates that exist: `2024-01-15`, `15.1.2024`, `15/1-24`, `20240115`, with a time behind `T`; spans of times
//!   with dots, `10.30-12.00`;
//! - amounts: digits in threes with decimals, `,-` or a currency (`1 234 567,50`, `12.500,-`, `€ 1,234.50`);
//! - article numbers of 13 or 14 digits with their check digit; ISBN in groups;
//! - `RF` and a creditor reference of ISO 11649; UUIDs;
//! - digits beside a word such as `order`, `OCR`, `KID`, `viite`; more digits than any number of a person has.
//!
//! Source: ISO 8601; GS1 General Specifications; ISO 2108 (ISBN); ISO 11649; RFC 9562 (UUID).
//!
//! ```text
//! Leverans 2024-01-15, 15.1.2024 eller 15/1-24 → Leverans 2024-01-15, 15.1.2024 eller 15/1-24
//! ring 15.01.2024 eller 10.30-12.00 → ring 15.01.2024 eller 10.30-12.00
//! ringde 2024-01-15T10:30:00Z om 12.500,- → ringde 2024-01-15T10:30:00Z om 12.500,-
//! Pris 12 345 678,50 kr, € 12,345,678.00 → Pris 12 345 678,50 kr, € 12,345,678.00
//! EAN 4006381333931, 9783161484100, ISBN 978-3-16-148410-0 → EAN 4006381333931, 9783161484100, ISBN 978-3-16-148410-0
//! Viite RF18 5390 0754 7034, viitenumero 1234 56789 01234 → Viite RF18 5390 0754 7034, viitenumero 1234 56789 01234
//! 12345678-1234-4234-9234-123456789012 → 12345678-1234-4234-9234-123456789012
//! ```

use crate::detect::calendar::{is_compact_date, is_date, number};
use crate::detect::check_digit::{gs1, modulus_97};
use crate::detect::context::Meaning;
use crate::detect::digits::{DigitGroup, Page, Run, Separator};
use crate::detect::national::company::stands_alone;
use crate::detect::resolve::{Candidate, Validity};

/// What a form that is clear to everybody weighs.
const CLEAR: f32 = 0.93;
/// What a word makes of digits: less than a telephone that shows itself as one.
const NAMED: f32 = 0.9;
/// What may be something else as well.
const LIKELY: f32 = 0.6;

/// Offers what begins with this group of digits.
pub(in crate::detect) fn recognise(page: &Page<'_>, first: usize, run: &Run<'_>, found: &mut Vec<Candidate>) {
    let Some(group) = page.groups.get(first) else { return };
    let mut offer = |end: Option<usize>, confidence, validity| {
        if let Some(end) = end.filter(|end| stands_alone(page, group.start, *end)) {
            found.push(Candidate::nobody(group.start, end, confidence, validity));
        }
    };
    match group.length() {
        1 | 2 => {
            offer(date_day_first(run), CLEAR, Validity::Shape);
            offer(times(run), CLEAR, Validity::Shape);
        }
        3 => offer(isbn(run), CLEAR, Validity::Proven),
        4 => offer(date_year_first(page, run), CLEAR, Validity::Shape),
        8 if is_compact_date(page.bytes().get(group.start..group.end).unwrap_or_default()) => {
            offer(Some(group.end), LIKELY, Validity::Shape);
        }
        13 | 14 if gs1(page.bytes().get(group.start..group.end).unwrap_or_default()) => {
            offer(Some(group.end), LIKELY, Validity::Shape);
        }
        20.. => offer(Some(group.end), CLEAR, Validity::Shape),
        _ => {}
    }
    if group.length() <= 3 {
        offer(amount(page, first), NAMED, Validity::Shape);
    }
    offer(named(page, run), NAMED, Validity::Shape);
    if let Some((start, end)) = creditor_reference(page, first) {
        found.push(Candidate::nobody(start, end, 0.97, Validity::Proven));
    }
    if let Some(start) = uuid(page.bytes(), group.start) {
        found.push(Candidate::nobody(start, start + UUID, 0.97, Validity::Proven));
    }
}

/// Lengths, separators and values of a run's first three groups.
fn three<'r>(run: &'r Run<'_>) -> Option<([&'r DigitGroup; 3], [u32; 3])> {
    let [one, two, three, ..] = run.groups else { return None };
    let digits = run.digits();
    let (head, rest) = digits.split_at_checked(one.length())?;
    let (middle, rest) = rest.split_at_checked(two.length())?;
    let tail = rest.get(..three.length())?;
    if head.len() > 4 || middle.len() > 4 || tail.len() > 4 {
        return None;
    }
    Some(([one, two, three], [number(head), number(middle), number(tail)]))
}

/// `2024-01-15`, `2024.1.15`, `2024/01/15`, with `T10:30:00Z` behind it.
fn date_year_first(page: &Page<'_>, run: &Run<'_>) -> Option<usize> {
    let ([_, month, day], [year, month_value, day_value]) = three(run)?;
    let joined = month.before == day.before && matches!(month.before, Separator::Hyphen | Separator::Dot | Separator::Slash);
    if !joined || !(1900..2100).contains(&year) || day.length() > 2 || !is_date(year, month_value, day_value) {
        return None;
    }
    let bytes = page.bytes();
    let rest = bytes.get(day.end..).unwrap_or_default();
    if rest.first() != Some(&b'T') || !rest.get(1).is_some_and(u8::is_ascii_digit) {
        return Some(day.end);
    }
    let time = rest.iter().skip(1).take(24).take_while(|byte| matches!(byte, b'0'..=b'9' | b':' | b'.' | b'+' | b'-' | b'Z')).count();
    // A full stop behind the time ends the sentence.
    let end = day.end + 1 + time;
    Some(if matches!(bytes.get(end - 1), Some(b'.' | b'-')) { end - 1 } else { end })
}

/// `15.1.2024`, `15-01-2024`, `15/1-24`, `15/1 2024`.
fn date_day_first(run: &Run<'_>) -> Option<usize> {
    let ([_, month, year], [day, month_value, year_value]) = three(run)?;
    let joined = match (month.before, year.before) {
        (Separator::Dot, Separator::Dot) | (Separator::Hyphen, Separator::Hyphen) | (Separator::Slash, Separator::Slash) => true,
        (Separator::Slash, Separator::Hyphen) => true,
        (Separator::Slash | Separator::Dot, Separator::Space) => year.length() == 4,
        _ => false,
    };
    let full = match year.length() {
        4 if (1900..2100).contains(&year_value) => year_value,
        // The year 2000 stands for those of which the century is not told.
        2 => 2000 + year_value,
        _ => return None,
    };
    // `10-11-12-13` goes on.
    let goes_on = run.groups.get(3).is_some_and(|next| next.before == year.before && next.before != Separator::Space);
    (joined && !goes_on && month.length() <= 2 && is_date(full, month_value, day)).then_some(year.end)
}

/// `10.30-12.00`.
fn times(run: &Run<'_>) -> Option<usize> {
    let [from, from_minutes, to, to_minutes, ..] = run.groups else { return None };
    let separators = from_minutes.before == Separator::Dot && to.before == Separator::Hyphen && to_minutes.before == Separator::Dot;
    if !separators || from_minutes.length() != 2 || to_minutes.length() != 2 || to.length() > 2 {
        return None;
    }
    let (head, tail) = run.digits().split_at_checked(from.length() + 2)?;
    let is_time = |digits: &[u8], hours: usize| {
        digits.split_at_checked(hours).is_some_and(|(hours, minutes)| number(hours) <= 24 && number(minutes.get(..2).unwrap_or(b"99")) < 60)
    };
    (is_time(head, from.length()) && is_time(tail, to.length())).then_some(to_minutes.end)
}

/// `978-3-16-148410-0`: thirteen digits in groups.
fn isbn(run: &Run<'_>) -> Option<usize> {
    let digits = run.digits();
    if !digits.starts_with(b"978") && !digits.starts_with(b"979") {
        return None;
    }
    let (count, _) = run.prefixes().find(|(_, length)| *length == 13).filter(|(count, _)| *count >= 3)?;
    let groups = run.groups.get(..count)?;
    let joined = groups.iter().skip(1).all(|group| matches!(group.before, Separator::Hyphen | Separator::Space));
    (joined && gs1(digits.get(..13)?)).then(|| groups.last().map(|last| last.end)).flatten()
}

/// Most groups of three digits in an amount.
const MOST_THREES: usize = 4;

/// `1 234 567,50`, `12.500,-`, `1,234.50`; without decimals where a currency stands beside it.
fn amount(page: &Page<'_>, first: usize) -> Option<usize> {
    let bytes = page.bytes();
    let group = page.groups.get(first)?;
    let separator = *bytes.get(group.end)?;
    if !matches!(separator, b' ' | b'.' | b',' | b'\'') {
        return None;
    }
    let mut end = group.end;
    let mut count = 0;
    for next in page.groups.get(first + 1..)?.iter().take(MOST_THREES) {
        let joined = next.start == end + 1 && bytes.get(end) == Some(&separator);
        if !joined || next.length() != 3 {
            break;
        }
        end = next.end;
        count += 1;
    }
    if count == 0 {
        return None;
    }
    match (bytes.get(end), bytes.get(end + 1)) {
        (Some(b',' | b':' | b'.'), Some(b'-')) => Some(end + 2),
        (Some(mark @ (b',' | b'.')), Some(b'0'..=b'9')) if *mark != separator => {
            let decimals = bytes.get(end + 1..)?.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
            (decimals <= 2).then_some(end + 1 + decimals)
        }
        _ => page.context(group.start, end).is(Meaning::Amount).then_some(end),
    }
}

/// Digits right beside a word that says what they are.
fn named(page: &Page<'_>, run: &Run<'_>) -> Option<usize> {
    // Shorter ones are taken for nothing.
    let (head, rest) = run.groups.split_first()?;
    if run.digits().len() < 7 || head.length() < 3 {
        return None;
    }
    let mut end = head.end;
    let mut before = head.length();
    for group in rest {
        let joined = match group.before {
            Separator::Hyphen | Separator::Slash | Separator::Dot => true,
            // `1234 56789 01234`, but not `12345 070-174…`.
            Separator::Space => (3..=5).contains(&before) && (3..=5).contains(&group.length()),
            _ => false,
        };
        if !joined {
            break;
        }
        before = group.length();
        end = group.end;
    }
    let context = page.context(head.start, end);
    (context.is(Meaning::Reference) && context.immediate).then_some(end)
}

/// Longest creditor reference: `RF`, two check digits, 21 characters.
const LONGEST_REFERENCE: usize = 25;

/// `RF18 5390 0754 7034`: as many groups as the check holds for.
fn creditor_reference(page: &Page<'_>, first: usize) -> Option<(usize, usize)> {
    let bytes = page.bytes();
    let group = page.groups.get(first)?;
    let start = group.start.checked_sub(2)?;
    if bytes.get(start + 1)? | 0x20 != b'f' {
        return None;
    }
    if !bytes.get(start..group.start)?.eq_ignore_ascii_case(b"RF") {
        return None;
    }
    let mut reference = [0; LONGEST_REFERENCE];
    reference.get_mut(..2)?.copy_from_slice(b"RF");
    let mut length = 2;
    let mut end = None;
    for (index, next) in page.groups.get(first..)?.iter().take(LONGEST_REFERENCE).enumerate() {
        let Some(place) = reference.get_mut(length..length + next.length()) else { break };
        if index > 0 && next.before != Separator::Space {
            break;
        }
        place.copy_from_slice(bytes.get(next.start..next.end)?);
        length += next.length();
        if modulus_97(reference.get(..length)?) {
            end = Some(next.end);
        }
    }
    end.filter(|end| stands_alone(page, start, *end)).map(|end| (start, end))
}

/// Characters of a UUID.
const UUID: usize = 36;

/// Where the UUID begins whose first digits begin here.
fn uuid(bytes: &[u8], position: usize) -> Option<usize> {
    // Behind eight characters stands a hyphen; some of them may precede the digits.
    if !bytes.get(position..bytes.len().min(position + 9))?.contains(&b'-') {
        return None;
    }
    let before = bytes.get(..position)?.iter().rev().take(8).take_while(|byte| matches!(byte, b'a'..=b'f' | b'A'..=b'F')).count();
    let start = position - before;
    let characters = bytes.get(start..start + UUID)?;
    let fits = characters.iter().enumerate().all(|(index, byte)| match index {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    let apart = |byte: Option<&u8>| !byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80);
    (fits && apart(start.checked_sub(1).and_then(|before| bytes.get(before))) && apart(bytes.get(start + UUID))).then_some(start)
}

#[cfg(test)]
mod tests {
    use crate::detect::{Country, examples};

    /// Nothing may be found, whatever the country.
    fn check_none(text: &str) {
        assert_eq!(crate::detect::examples::scanner(&Country::ALL).scan(text), [], "{text}");
        for country in Country::ALL {
            assert_eq!(crate::detect::examples::scanner(&[country]).scan(text), [], "{text}");
        }
    }

    #[test]
    fn documented_examples_hold() {
        assert_eq!(examples::check(include_str!("reference.rs"), &Country::ALL), 7);
    }

    #[test]
    fn dates_and_times_are_nobodys_even_beside_a_telephone_word() {
        for text in [
            "ring 2024-01-15",
            "ring 2024.01.15",
            "ring 15.01.2024",
            "ring 15-01-2024",
            "ring 15/01/2024",
            "ring 15/1-2024 och 15/1 2024",
            "ring kl 10.30-12.00",
            "ring 2024-01-15T10:30:00+01:00",
            "ring 2024-01-15 10:30",
            "ringde 15.01.2024.",
        ] {
            check_none(text);
        }
    }

    #[test]
    fn amounts_are_nobodys() {
        for text in [
            "ring om 12 345 678,50",
            "ring om 12.345.678,50 kr",
            "ring om 12,345,678.50",
            "tlf 12'345'678.50",
            "ring om 12 345 678:-",
            "ring om 12.345.678,-",
            "1 234 567,50 kr",
            "SEK 12 345 678",
            "12 345 678 kronor",
        ] {
            check_none(text);
        }
    }

    #[test]
    fn references_are_nobodys() {
        for text in [
            "OCR 1234567897",
            "OCR 12345 67890 12345",
            "KID 0123456789012345678901234",
            "viitenumero 12345 67890",
            "RF18539007547034",
            "RF18 5390 0754 7034",
            "978-3-16-148410-0",
            "978 3 16 148410 0",
            "4006381333931",
            "123e4567-e89b-12d3-a456-426614174000",
            "12345678-1234-4234-9234-123456789012",
            "1234567890123456789012345",
        ] {
            check_none(text);
        }
    }

    #[test]
    fn what_is_somebodys_stays_so() {
        let found = |text: &str| crate::detect::examples::scanner(&[Country::SE, Country::DK]).scan(text).len();
        assert_eq!(found("order 070-174 06 05"), 1);
        assert_eq!(found("2019-01-01-2391"), 1);
        assert_eq!(found("tlf 20 24 01 15"), 1);
        assert_eq!(found("mobil 20241231"), 1);
    }
}
