//! Digit groups, what stands between them, and what may stand around them.
//!
//! Every number in a text is a run of one or more digit groups: `070-174 06 05` is four. Groups are
//! collected in one pass; recognisers then look at a bounded number of groups from each start.

use std::cell::Cell;

use unicode_normalization::char::is_combining_mark;

use super::context::{self, Context, Meaning};
use super::country::Countries;
use super::marks::Marks;
use super::{Finding, Kind, placeholder};

/// What separates a group from the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Separator {
    Space,
    Hyphen,
    Plus,
    Slash,
    Dot,
    OpenParenthesis,
    CloseParenthesis,
    /// Anything else, or the beginning of the text: the groups do not belong together.
    Other,
}

impl Separator {
    fn between(text: &str) -> Self {
        match text {
            " " | "  " | "\u{a0}" | "\u{202f}" | "\u{2009}" => Separator::Space,
            "-" | "\u{2010}" | "\u{2011}" | "\u{2013}" | "\u{2212}" | " - " | " \u{2013} " => Separator::Hyphen,
            "+" => Separator::Plus,
            "/" => Separator::Slash,
            "." => Separator::Dot,
            "(" | " (" => Separator::OpenParenthesis,
            ")" | ") " | ")-" => Separator::CloseParenthesis,
            _ => Separator::Other,
        }
    }
}

/// A maximal run of the digits `0`–`9`.
#[derive(Clone, Copy, Debug)]
pub(super) struct DigitGroup {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) before: Separator,
}

impl DigitGroup {
    pub(super) fn length(&self) -> usize {
        self.end - self.start
    }
}

/// All digit groups of a text, in order, after what `groups` holds.
pub(super) fn collect(text: &str, marks: &Marks, groups: &mut Vec<DigitGroup>) {
    let mut end_before = None;
    for (start, end) in marks.digit_runs() {
        let before = end_before.map_or(Separator::Other, |before: usize| Separator::between(&text[before..start]));
        groups.push(DigitGroup { start, end, before });
        end_before = Some(end);
    }
}

/// All digit groups of a text, in order.
#[cfg(test)]
pub(super) fn groups(text: &str) -> Vec<DigitGroup> {
    let mut marks = Marks::default();
    marks.read(text.as_bytes());
    let mut groups = Vec::new();
    collect(text, &marks, &mut groups);
    groups
}

/// Groups that are no longer one number even if a phone number's separators join them.
const LONGEST_NUMBER: usize = 20;
/// More groups than any way of writing a telephone number has.
const MOST_GROUPS: usize = 8;

/// The groups that may belong to one number starting at a given group.
#[derive(Clone, Copy)]
pub(super) struct Run<'p> {
    pub(super) groups: &'p [DigitGroup],
    digits: [u8; 2 * LONGEST_NUMBER],
    length: usize,
}

impl Run<'_> {
    /// The digits of all groups, joined.
    pub(super) fn digits(&self) -> &[u8] {
        &self.digits[..self.length]
    }

    /// Each number of leading groups, with how many digits they hold together.
    pub(super) fn prefixes(&self) -> impl Iterator<Item = (usize, usize)> {
        self.groups.iter().scan((0, 0), |(count, digits), group| {
            *count += 1;
            *digits += group.length();
            Some((*count, *digits))
        })
    }
}

/// The run of groups from the start of the slice, bounded in digits and in groups.
pub(super) fn run<'p>(text: &str, groups: &'p [DigitGroup]) -> Run<'p> {
    let bytes = text.as_bytes();
    let mut digits = [0; 2 * LONGEST_NUMBER];
    let mut length = 0;
    let mut count = 0;
    for group in groups.iter().take(MOST_GROUPS) {
        let joined = count == 0 || !matches!(group.before, Separator::Other | Separator::Plus);
        if !joined || length + group.length() > LONGEST_NUMBER {
            break;
        }
        // As many bytes as the longest number has, whatever they are: the next group writes over what is too much.
        let source = bytes.get(group.start..).and_then(|bytes| bytes.first_chunk::<LONGEST_NUMBER>());
        match (source, digits.get_mut(length..length + LONGEST_NUMBER).and_then(|place| place.first_chunk_mut::<LONGEST_NUMBER>())) {
            (Some(source), Some(place)) => *place = *source,
            _ => (digits.iter_mut().skip(length)).zip(&bytes[group.start..group.end]).for_each(|(place, digit)| *place = *digit),
        }
        length += group.length();
        count += 1;
    }
    Run { groups: &groups[..count], digits, length }
}

/// One text under examination, with everything that recognisers of numbers need to see.
///
/// The text is a [`Reading`](super::reading::Reading): its digits are `0`–`9`, its hyphens `-`, its blanks a space, tab or line end.
pub(super) struct Page<'t> {
    pub(super) text: &'t str,
    pub(super) marks: &'t Marks,
    pub(super) groups: &'t [DigitGroup],
    /// E-mail addresses, sorted: barriers for context.
    pub(super) addresses: &'t [Finding],
    /// The countries whose national forms are read.
    pub(super) countries: Countries,
    pub(super) heard: Heard,
}

/// What the words before one place say: recognisers ask for the same place one after another.
#[derive(Default)]
pub(super) struct Heard(Cell<Option<(usize, Context)>>);

impl<'t> Page<'t> {
    /// The bytes of the text.
    pub(super) fn bytes(&self) -> &'t [u8] {
        self.text.as_bytes()
    }

    /// Whether a number may begin and end here: not inside a longer token.
    pub(super) fn is_free(&self, start: usize, end: usize) -> bool {
        is_left_free(&self.text[..start]) && is_right_free(&self.text[end..])
    }

    /// Whether a byte range shares a character with an e-mail address.
    pub(super) fn touches_address(&self, start: usize, end: usize) -> bool {
        let following = self.addresses.partition_point(|address| address.end <= start);
        self.addresses.get(following).is_some_and(|address| address.start < end)
    }

    /// What the nearest words say of the number.
    pub(super) fn context(&self, start: usize, end: usize) -> Context {
        let following = self.addresses.partition_point(|address| address.end <= start);
        let floor = following.checked_sub(1).map_or(0, |previous| self.addresses[previous].end);
        let ceiling = self.addresses.get(following).map_or(self.text.len(), |address| address.start.max(end));
        let before = match self.heard.0.get() {
            Some((place, before)) if place == start => before,
            _ => {
                let before = context::before(self.text, start, floor);
                self.heard.0.set(Some((start, before)));
                before
            }
        };
        context::joined(before, self.text, end, ceiling)
    }

    /// Whether one of the few words before the number has this meaning, whatever other words stand between.
    pub(super) fn is_near(&self, start: usize, meaning: Meaning) -> bool {
        let following = self.addresses.partition_point(|address| address.end <= start);
        let floor = following.checked_sub(1).and_then(|previous| self.addresses.get(previous)).map_or(0, |address| address.end);
        context::is_near(self.text, start, floor, meaning)
    }

    /// Whether more digits follow or precede after a blank, as in a longer row of numbers.
    ///
    /// A placeholder for a number counts as the number that it was, and digits of an e-mail address
    /// count as little as its placeholder will.
    pub(super) fn is_part_of_row(&self, first: usize, count: usize) -> bool {
        let is_number = |kind: Option<Kind>| kind.is_some_and(|kind| !matches!(kind, Kind::Email | Kind::Name));
        let (Some(start), Some(last)) = (self.groups.get(first), self.groups.get(first + count - 1)) else {
            return true;
        };
        let is_in_address = |group: &DigitGroup| self.touches_address(group.start, group.end);
        let previous = first.checked_sub(1).and_then(|previous| self.groups.get(previous));
        let next = self.groups.get(first + count);
        (start.before == Separator::Space && !previous.is_some_and(is_in_address))
            || next.is_some_and(|next| next.before == Separator::Space && !is_in_address(next))
            || is_number(placeholder::at_end(self.text[..start.start].trim_end()))
            || is_number(placeholder::at_start(self.text[last.end..].trim_start()))
    }
}

/// Where a number begins if signs that belong to it precede its first digit: a `+`, and an opening
/// parenthesis that is closed within the number.
pub(super) fn start_with_signs(text: &str, start: usize, end: usize) -> (usize, bool) {
    let (start, plus) = match text[..start].strip_suffix('+') {
        Some(before) => (before.len(), true),
        None => (start, false),
    };
    let closed_within = {
        let inside = &text[start..end];
        inside.find(')').is_some_and(|close| !inside[..close].contains('('))
    };
    match text[..start].strip_suffix('(') {
        Some(before) if closed_within => (before.len(), plus),
        _ => (start, plus),
    }
}

/// Letters, digits and the marks on them: what makes a longer word of a number.
fn is_word(character: char) -> bool {
    character.is_alphanumeric() || is_combining_mark(character)
}

fn is_hyphen(character: char) -> bool {
    matches!(character, '-' | '\u{2010}' | '\u{2011}' | '\u{2013}' | '\u{2212}')
}

/// Digits at the end of the text, as bytes.
fn trailing_digits(text: &str) -> &str {
    let rest = text.trim_end_matches(|character: char| character.is_ascii_digit());
    &text[rest.len()..]
}

/// Digits at the start of the text, as bytes.
fn leading_digits(text: &str) -> &str {
    let rest = text.trim_start_matches(|character: char| character.is_ascii_digit());
    &text[..text.len() - rest.len()]
}

fn is_year(digits: &str) -> bool {
    digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"))
}

/// Looks no further than this for the digits of a neighbour.
const NEIGHBOUR: usize = 8;

fn is_left_free(before: &str) -> bool {
    let before = &before[before.ceil_char_boundary(before.len().saturating_sub(4 * NEIGHBOUR))..];
    let Some(previous) = before.chars().next_back() else {
        return true;
    };
    let outer = &before[..before.len() - previous.len_utf8()];
    let further = outer.chars().next_back();
    match previous {
        // `-070…` starts a list item, but `INV-070…`, `2024-070…` and `--070…` are longer tokens.
        hyphen if is_hyphen(hyphen) => further.is_none_or(char::is_whitespace),
        // `12.30`, `10:15`: the tail of a version, an address, a time.
        '.' | ':' => !further.is_some_and(char::is_numeric) && placeholder::at_end(outer).is_none(),
        // `2024/0701…` is a case number, `070-…/070-…` are two telephones.
        '/' => !is_year(trailing_digits(outer)) && placeholder::at_end(outer).is_none(),
        ',' => placeholder::at_end(outer).is_none(),
        ']' => placeholder::at_end(before).is_none(),
        '_' | '@' | '+' | '#' | '$' | '€' | '£' => false,
        other => !is_word(other),
    }
}

fn is_right_free(after: &str) -> bool {
    let after = &after[..after.floor_char_boundary(4 * NEIGHBOUR)];
    let Some(next) = after.chars().next() else {
        return true;
    };
    let outer = &after[next.len_utf8()..];
    let further = outer.chars().next();
    let digit_or_placeholder = further.is_some_and(char::is_numeric) || placeholder::at_start(outer).is_some();
    match next {
        hyphen if is_hyphen(hyphen) => !digit_or_placeholder,
        '.' | '+' => !digit_or_placeholder,
        // `12:-` is a price.
        ':' => !digit_or_placeholder && further != Some('-'),
        '/' => !is_year(leading_digits(outer)) && placeholder::at_start(outer).is_none(),
        // `1234,50` is an amount, `070-…,08-…` are two telephones.
        ',' => {
            let decimals = leading_digits(outer);
            let amount = (1..=2).contains(&decimals.len()) && !outer[decimals.len()..].starts_with('-');
            !amount && placeholder::at_start(outer).is_none()
        }
        '[' => placeholder::at_start(after).is_none(),
        '_' | '@' | '%' | '€' | '$' | '£' => false,
        other => !is_word(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_know_what_precedes_them() {
        let text = "070-174 06\u{a0}05, +46 (0)70";
        let found: Vec<(&str, Separator)> = groups(text).iter().map(|group| (&text[group.start..group.end], group.before)).collect();
        assert_eq!(
            found,
            [
                ("070", Separator::Other),
                ("174", Separator::Hyphen),
                ("06", Separator::Space),
                ("05", Separator::Space),
                ("46", Separator::Other),
                ("0", Separator::OpenParenthesis),
                ("70", Separator::CloseParenthesis),
            ]
        );
    }

    #[test]
    fn a_megabyte_of_digits_is_one_group_and_no_run() {
        let text = "7".repeat(1 << 20);
        let found = groups(&text);
        assert_eq!(found.len(), 1);
        assert!(run(&text, &found).groups.is_empty());
    }

    #[test]
    fn a_run_is_bounded_however_long_the_row_is() {
        let text = "1 ".repeat(1 << 16);
        let found = groups(&text);
        let run = run(&text, &found);
        assert_eq!(run.groups.len(), MOST_GROUPS);
        assert_eq!(run.prefixes().last(), Some((MOST_GROUPS, MOST_GROUPS)));
    }

    #[test]
    fn numbers_do_not_start_inside_longer_tokens() {
        for before in ["A", "INV-", "2024-", "1.", "10:", "2024/", "x_", "#", "a\u{308}", "[phone]", "[phone]-"] {
            assert!(!is_left_free(before), "{before}");
        }
        for before in ["", " ", "tlf:", "tlf.", "(", " -", "-", "5/070", "\"", "05,", "05/", "[x]"] {
            assert!(is_left_free(before.trim_end_matches("070")), "{before}");
        }
    }

    #[test]
    fn numbers_do_not_end_inside_longer_tokens() {
        for after in ["A", "-1", ".1", ":30", ":-", ",50", ",5 kr", "/2024", "@", "%", "[email]", ".[phone]"] {
            assert!(!is_right_free(after), "{after}");
        }
        for after in ["", " ", ".", ". Ring", ",", ",070-1", ",08-4", "/070-1", ")", "-", "-hem", "[1]"] {
            assert!(is_right_free(after), "{after}");
        }
    }

    #[test]
    fn signs_before_a_number_belong_to_it() {
        assert_eq!(start_with_signs("+46 70", 1, 6), (0, true));
        assert_eq!(start_with_signs("(031) 39", 1, 8), (0, false));
        assert_eq!(start_with_signs("(+46) 70", 2, 8), (0, true));
        assert_eq!(start_with_signs("(031 39)", 1, 7), (1, false));
        assert_eq!(start_with_signs("+46 (0)70", 1, 9), (0, true));
    }
}
