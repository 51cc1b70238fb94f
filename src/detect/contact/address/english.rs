//! Streets with the number before them: `12 High Street`.

use super::line::{self, byte, digits, is_capital, letters, word};
use super::towns::is_town;
use crate::detect::fold::Folded;

/// A street behind its number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbered {
    /// With the flat before the number.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) confidence: f32,
    /// Where its shortest reading ends, without floor and town.
    pub(super) least: usize,
    /// What the shortest reading is worth, where it may stand alone.
    pub(super) alone: Option<f32>,
}

/// What English streets are called, whole and short.
fn is_noun(word: &str) -> bool {
    matches!(
        word,
        "Street"
            | "Road"
            | "Lane"
            | "Avenue"
            | "Drive"
            | "Close"
            | "Court"
            | "Way"
            | "Gardens"
            | "Terrace"
            | "Crescent"
            | "Square"
            | "Place"
            | "Row"
            | "Hill"
            | "Grove"
            | "Mews"
            | "Walk"
            | "Boulevard"
            | "Green"
            | "Park"
            | "View"
            | "Rise"
            | "Parade"
            | "Wharf"
            | "Quay"
            | "St"
            | "Rd"
            | "Ln"
            | "Ave"
            | "Blvd"
            | "Dr"
            | "Gdns"
            | "Ct"
            | "Sq"
            | "Cres"
            | "Tce"
            | "STREET"
            | "ROAD"
            | "LANE"
            | "AVENUE"
            | "DRIVE"
            | "CLOSE"
            | "TERRACE"
            | "CRESCENT"
            | "GARDENS"
    )
}

/// Nouns that mean much else besides: only where a town follows or the clause ends.
fn is_vague(word: &str) -> bool {
    matches!(
        word,
        "Way"
            | "Square"
            | "Place"
            | "Row"
            | "Hill"
            | "Walk"
            | "Green"
            | "Park"
            | "View"
            | "Rise"
            | "St"
            | "Dr"
            | "Ct"
            | "Close"
            | "Court"
            | "Drive"
            | "Ave"
    )
}

/// The street behind the digits at `start..end`.
pub(super) fn behind(text: &str, start: usize, end: usize) -> Option<Numbered> {
    // A blank and a letter, perhaps behind a letter or a range.
    match byte(text, end)? {
        b' ' if byte(text, end + 1).is_some_and(line::is_letter) => {}
        b'-' => {}
        letter if letter.is_ascii_alphabetic() => {}
        _ => return None,
    }
    let mut number = end;
    if byte(text, number).is_some_and(|byte| byte.is_ascii_alphabetic()) && byte(text, number + 1) == Some(b' ') {
        number += 1;
    } else if byte(text, number) == Some(b'-') && (1..=4).contains(&digits(text, number + 1)) {
        number += 1 + digits(text, number + 1);
    }
    if byte(text, number) != Some(b' ') || !byte(text, number + 1).is_some_and(line::is_letter) {
        return None;
    }
    let mut at = number + 1;
    let mut lower = false;
    for names in 0..5 {
        let written = word(text, at);
        if written.is_empty() {
            return None;
        }
        let after = at + written.len();
        if names > 0 && (is_noun(written) || (lower && matches!(written, "street" | "road" | "lane" | "avenue"))) {
            return finish(text, start, after, written, lower, names);
        }
        let capital = is_capital(written);
        // `12 high street` stands in chat; of one name alone, and no ordinal.
        if !capital && (names > 0 || !written.is_ascii() || written.len() < 4 || is_common(written)) {
            return None;
        }
        lower |= !capital;
        if !written.is_ascii() || (names == 0 && is_month(written)) {
            return None;
        }
        at = match byte(text, after)? {
            b' ' => after + 1,
            // `St. James's Street`
            b'.' if matches!(written, "St" | "Dr") && byte(text, after + 1) == Some(b' ') => after + 2,
            b'\'' if letters(text, after + 1) == "s" && byte(text, after + 2) == Some(b' ') => after + 3,
            _ => return None,
        };
    }
    None
}

fn is_common(word: &str) -> bool {
    matches!(
        word,
        "more"
            | "other"
            | "side"
            | "main"
            | "different"
            | "lane"
            | "road"
            | "street"
            | "meter"
            | "metre"
            | "kilometre"
            | "busy"
            | "bike"
            | "such"
            | "dark"
    )
}

fn is_month(word: &str) -> bool {
    matches!(
        word,
        "January"
            | "February"
            | "March"
            | "April"
            | "June"
            | "July"
            | "August"
            | "September"
            | "October"
            | "November"
            | "December"
            | "Jan"
            | "Feb"
            | "Mar"
            | "Apr"
            | "Jun"
            | "Jul"
            | "Aug"
            | "Sep"
            | "Sept"
            | "Oct"
            | "Nov"
            | "Dec"
            | "Of"
            | "The"
            | "New"
            | "SEK"
            | "NOK"
            | "DKK"
            | "EUR"
    )
}

fn finish(text: &str, start: usize, after: usize, noun: &str, lower: bool, names: usize) -> Option<Numbered> {
    let mut end = after;
    if matches!(byte(text, end), Some(b'-' | b'@' | b'_' | b'\'')) || byte(text, end).is_some_and(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // `12 Park Row Trading Ltd`
    let next = letters(text, line::skip_blanks(text, end));
    if matches!(next, "Ltd" | "LLC" | "Inc" | "Capital" | "Partners" | "Bank" | "AB" | "ApS" | "AS" | "Oy") {
        return None;
    }
    while let Some(unit) = super::unit::next(text, end) {
        end = unit.end;
    }
    let alone = match (is_vague(noun) || lower, line::is_clause_end(text, after)) {
        (false, _) => Some(0.88),
        (true, true) => Some(if lower || names > 2 { 0.6 } else { 0.7 }),
        (true, false) => None,
    };
    let town = town(text, end);
    let confidence = match town {
        Some((_, true)) => 0.97,
        Some((_, false)) => 0.93,
        None => alone? + 0.02,
    };
    let end = town.map_or(end, |(place, _)| super::place::country(text, place).unwrap_or(place));
    Some(Numbered { start: flat(text, start).unwrap_or(start), end, confidence, least: after, alone })
}

/// `, Reading RG2 7QX`, `, London`, `, Springfield, IL 62704`: its end, and whether there is a postcode.
fn town(text: &str, at: usize) -> Option<(usize, bool)> {
    let part = super::place::next_part(text, at)?;
    if let Some(end) = postcode(text, part) {
        return Some((end, true));
    }
    if let Some(place) = super::place::coded(text, part) {
        return Some((place.end, true));
    }
    let mut end = part;
    for _ in 0..4 {
        let name = word(text, end);
        if name.len() < 2 || !(is_capital(name) || matches!(name, "on" | "upon" | "under" | "of")) {
            break;
        }
        end += name.len();
        if let Some(end) = super::place::next_part(text, end).and_then(|next| postcode(text, next)) {
            return Some((end, true));
        }
        match (byte(text, end), byte(text, end + 1)) {
            (Some(b' '), _) => end += 1,
            (Some(b','), Some(b' ')) => end += 2,
            _ => break,
        }
    }
    let name = word(text, part);
    let big = matches!(
        name,
        "London"
            | "Manchester"
            | "Birmingham"
            | "Leeds"
            | "Glasgow"
            | "Edinburgh"
            | "Bristol"
            | "Liverpool"
            | "Cardiff"
            | "Belfast"
            | "Dublin"
            | "Reading"
            | "Oxford"
            | "Cambridge"
            | "York"
            | "Brighton"
            | "Nottingham"
            | "Sheffield"
            | "Leicester"
            | "Newcastle"
            | "Aberdeen"
            | "Dundee"
            | "Cork"
            | "Galway"
            | "Bath"
            | "Boston"
            | "Chicago"
            | "Seattle"
            | "Toronto"
            | "Sydney"
            | "Melbourne"
    );
    ((big || (is_capital(name) && is_town(Folded::of(name).as_str(), |_| true))) && super::place::is_light(text, at, part))
        .then(|| (part + name.len(), false))
}

/// `RG2 7QX`, `SW1A 1AA`, `IL 62704`.
fn postcode(text: &str, at: usize) -> Option<usize> {
    let rest = text.as_bytes().get(at..)?;
    let upper = rest.iter().take(3).take_while(|byte| byte.is_ascii_uppercase()).count();
    if upper == 2 && rest.get(2) == Some(&b' ') && digits(text, at + 3) == 5 {
        return Some(at + 8);
    }
    if !(1..=2).contains(&upper) || !rest.get(upper)?.is_ascii_digit() {
        return None;
    }
    let mut length = upper + 1;
    length += usize::from(rest.get(length)?.is_ascii_alphanumeric());
    length += usize::from(*rest.get(length)? == b' ');
    let inward = rest.get(length..length + 3)?;
    let whole = inward[0].is_ascii_digit() && inward[1].is_ascii_uppercase() && inward[2].is_ascii_uppercase();
    let ends = !rest.get(length + 3).is_some_and(|byte| byte.is_ascii_alphanumeric());
    (whole && ends).then_some(at + length + 3)
}

/// Where a flat before the number begins: `Flat 3, 12 Rose Lane`, `Apt 4B, `.
fn flat(text: &str, start: usize) -> Option<usize> {
    let before = text.get(text.ceil_char_boundary(start.saturating_sub(20))..start)?.strip_suffix(' ')?;
    let before = before.strip_suffix(',').unwrap_or(before);
    let number = before.rsplit(' ').next()?;
    if number.is_empty() || number.len() > 4 || !number.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let before = before.strip_suffix(number)?;
    ["Flat ", "Apt ", "Apt. ", "Apartment ", "Unit ", "Suite ", "flat ", "FLAT "].iter().find(|flat| before.ends_with(**flat)).map(|flat| {
        let written = start - (text.get(..start).map_or(0, |text| text.len() - text.trim_end_matches(' ').trim_end_matches(',').len()));
        written - number.len() - flat.len()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let start = text.rfind("12").unwrap();
        assert_eq!(behind(text, start, start + 2).map(|found| &text[found.start..found.end]), expected, "{text}");
    }

    #[test]
    fn numbers_stand_before_english_streets() {
        check("at 12 High Street.", Some("12 High Street"));
        check("Flat 3, 12 Rose Lane, Reading RG2 7QX.", Some("Flat 3, 12 Rose Lane, Reading RG2 7QX"));
        check("12B Baker Street, London", Some("12B Baker Street, London"));
        check("12 St. James's Square, London SW1Y 4LE", Some("12 St. James's Square, London SW1Y 4LE"));
        check("12 high street, call", Some("12 high street"));
        check("12 March Road works", None);
        check("12 Way to go", None);
        check("12 Green tea", None);
        check("12 kunder", None);
    }
}
