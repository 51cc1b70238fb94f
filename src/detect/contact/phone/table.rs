//! Columns of telephones.
//!
//! Rule: a cell between two `;`, tabs or `|` that holds nothing but the number, and in the row above, at the same place, a telephone number
//! or a telephone's word.

use super::Place;
use crate::detect::Kind;
use crate::detect::context;
use crate::detect::digits::Page;
use crate::detect::resolve::Candidate;

/// The longest row, in bytes.
const LONGEST: usize = 200;
/// More candidates do not lie in two rows.
const RECENT: usize = 96;

/// Whether the cell above holds a telephone number, or a word that calls its column so.
pub(super) fn is_in_telephone_column(page: &Page<'_>, start: usize, end: usize, found: &[Candidate]) -> bool {
    let text = page.text;
    let before = text.get(text.ceil_char_boundary(start.saturating_sub(LONGEST))..start).unwrap_or_default();
    let Some(line) = before.rfind('\n').and_then(|newline| before.get(newline + 1..)) else { return false };
    // What a placeholder stands for was longer: more rows are near now.
    if line.contains('[') {
        return false;
    }
    // The first column has no sign before it.
    let Some(sign) = text.get(end..).and_then(|after| after.trim_start_matches(' ').chars().next()) else {
        return line.trim_end_matches(' ').chars().next_back().is_some_and(|sign| is_under(page, start, line, sign, found));
    };
    let sign = match sign {
        '\n' | '\r' => line.trim_end_matches(' ').chars().next_back(),
        sign => Some(sign),
    };
    sign.is_some_and(|sign| is_under(page, start, line, sign, found))
}

/// Whether a cell with an e-mail address follows: digits in groups, or behind a cell with a telephone number, are a second way to the same.
pub(super) fn is_beside_address(page: &Page<'_>, place: &Place<'_>, is_grouped: bool, found: &[Candidate]) -> bool {
    let after = page.text.get(place.end..).unwrap_or_default();
    let rest = after.trim_start_matches(' ');
    let Some(sign @ (';' | '\t' | '|')) = rest.chars().next() else { return false };
    let blank = |text: &str| text.len() - text.trim_start_matches(' ').len();
    let next = place.end + blank(after) + 1 + blank(&rest[1..]);
    let before = page.text.get(..place.start).unwrap_or_default().trim_end_matches(' ');
    let previous = before.strip_suffix(sign).map(|before| before.trim_end_matches(' ').len());
    let is_telephone = |end: usize| {
        found.iter().rev().take(RECENT).any(|other| other.kind == Some(Kind::Phone) && other.end == end && other.confidence >= 0.5)
    };
    page.touches_address(next, next + 1) && previous.is_some_and(|end| is_grouped || is_telephone(end))
}

/// Whether the cell above the end of this piece of a line, whose cells the sign parts, speaks of telephones.
fn is_under(page: &Page<'_>, start: usize, line: &str, sign: char, found: &[Candidate]) -> bool {
    let is_first = line.trim_start_matches(' ').is_empty();
    if !matches!(sign, ';' | '\t' | '|' | ',') || !(is_first || line.trim_end_matches(' ').ends_with(sign)) {
        return false;
    }
    let column = line.matches(sign).count();
    // The newline before this line.
    let Some(above_end) = (start - line.len()).checked_sub(1) else { return false };
    let floor = page.text.ceil_char_boundary(above_end.saturating_sub(LONGEST));
    let Some(window) = page.text.get(floor..above_end).filter(|window| !window.contains('[')) else { return false };
    let above = match window.rfind('\n') {
        Some(newline) => window.get(newline + 1..).unwrap_or_default(),
        None if floor == 0 => window,
        None => return false,
    };
    let mut cell_start = above_end - above.len();
    for cell in above.split(sign).take(column) {
        cell_start += cell.len() + sign.len_utf8();
    }
    let Some(cell) = above.split(sign).nth(column) else { return false };
    let cell_end = cell_start + cell.len();
    let is_number = |other: &Candidate| {
        other.kind == Some(Kind::Phone) && other.confidence >= 0.5 && cell_start <= other.start && other.end <= cell_end
    };
    let word = cell.trim_matches(|character: char| !character.is_alphabetic());
    !word.contains(' ') && context::is_telephone(word) || found.iter().rev().take(RECENT).any(is_number)
}
