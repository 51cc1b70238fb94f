//! The digits of an identity number, however they are grouped.
//!
//! `ddmmyy-ssss`, `ddmmyy ssss`, `ddmmyyssss`, and with the date in pieces: `dd mm yy-ssss`, `yyyy-mm-dd-ssss`.

use crate::detect::digits::{DigitGroup, Page, Separator};

/// What stands before the digits that follow the date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delimiter {
    Nothing,
    Hyphen,
    Plus,
    Blank,
}

/// A number that may be an identity number: a date and the digits behind it.
pub(super) struct Written {
    digits: [u8; LONGEST],
    length: usize,
    /// First byte.
    pub(super) start: usize,
    /// One past the last byte.
    pub(super) end: usize,
    /// What stands between the date and the rest.
    pub(super) delimiter: Delimiter,
    /// The date itself is written in pieces.
    pub(super) in_pieces: bool,
}

/// Twelve digits: a Swedish number with its century.
const LONGEST: usize = 12;

impl Written {
    /// Reads the number that begins with this group: a date of six digits, or eight where the century may precede, and `tail` digits more.
    pub(super) fn read(page: &Page<'_>, first: usize, century: bool, tail: usize) -> Option<Self> {
        let groups = page.groups.get(first..)?;
        let group = groups.first()?;
        let length = group.length();
        let is_date = |length: usize| length == 6 || (century && length == 8);
        let (date, in_pieces) = match length {
            2 | 4 if length == 2 || century => (date_in_pieces(groups)?, true),
            length if is_date(length) => (1, false),
            length if length > tail && is_date(length - tail) => (0, false),
            _ => return None,
        };
        let mut number =
            Self { digits: [0; LONGEST], length: 0, start: group.start, end: group.end, delimiter: Delimiter::Nothing, in_pieces };
        let bytes = page.bytes();
        for group in groups.get(..date.max(1))? {
            number.push(bytes, group)?;
        }
        if date > 0 {
            let rest = groups.get(date).filter(|rest| rest.length() == tail)?;
            number.delimiter = delimiter(page, groups.get(date - 1)?.end, rest)?;
            number.push(bytes, rest)?;
        }
        Some(number)
    }

    /// Reads a number of so many digits in whatever groups it is written, with blanks and hyphens between: `03056 438113`.
    ///
    /// Nothing but a word right before it says what it is.
    pub(super) fn in_any_groups(page: &Page<'_>, first: usize, length: usize) -> Option<Self> {
        /// More groups than anybody makes of it.
        const MOST_GROUPS: usize = 6;
        let groups = page.groups.get(first..)?;
        let head = groups.first()?;
        let mut number =
            Self { digits: [0; LONGEST], length: 0, start: head.start, end: head.end, delimiter: Delimiter::Blank, in_pieces: true };
        for (index, group) in groups.iter().take(MOST_GROUPS).enumerate() {
            if index > 0 && !matches!(group.before, Separator::Space | Separator::Hyphen | Separator::Dot) {
                return None;
            }
            number.push(page.bytes(), group)?;
            if number.length >= length {
                return (index > 0 && number.length == length).then_some(number);
            }
        }
        None
    }

    fn push(&mut self, bytes: &[u8], group: &DigitGroup) -> Option<()> {
        let place = self.digits.get_mut(self.length..self.length + group.length())?;
        place.copy_from_slice(bytes.get(group.start..group.end)?);
        self.length += group.length();
        self.end = group.end;
        Some(())
    }

    /// The digits, joined.
    pub(super) fn digits(&self) -> &[u8] {
        &self.digits[..self.length]
    }

    /// Whether no sign stands between the date and the rest.
    pub(super) fn is_whole(&self) -> bool {
        self.delimiter == Delimiter::Nothing
    }

    /// Whether a hyphen or a plus stands before the rest, as the register writes it.
    pub(super) fn is_marked(&self) -> bool {
        matches!(self.delimiter, Delimiter::Hyphen | Delimiter::Plus)
    }
}

/// Three groups that write a date with one and the same separator.
fn date_in_pieces(groups: &[DigitGroup]) -> Option<usize> {
    let [_, month, day, ..] = groups else { return None };
    let joined = month.length() == 2
        && day.length() == 2
        && month.before == day.before
        && matches!(month.before, Separator::Hyphen | Separator::Space | Separator::Dot);
    joined.then_some(3)
}

/// What stands between a date and the rest. Blanks around a sign are a slip of the thumb.
fn delimiter(page: &Page<'_>, end: usize, rest: &DigitGroup) -> Option<Delimiter> {
    match rest.before {
        Separator::Hyphen => Some(Delimiter::Hyphen),
        Separator::Plus => Some(Delimiter::Plus),
        Separator::Space => Some(Delimiter::Blank),
        _ => match page.text.get(end..rest.start)? {
            "- " | " -" | " -  " | "  - " | "  -" | "-  " => Some(Delimiter::Hyphen),
            "+ " | " +" | " + " => Some(Delimiter::Plus),
            _ => None,
        },
    }
}

/// Bytes before a number in which two words of a name are looked for.
const NAME: usize = 64;

/// Whether two capitalised words stand right before the number, as in "Kim Lind, 850315…".
///
/// A company's name passes too; what it is worth is that somebody is spoken of at all. A placeholder is no name: a number that was
/// not found beside a name must not be found beside `[name]`.
pub(super) fn follows_name(page: &Page<'_>, start: usize) -> bool {
    let Some(before) = page.text.get(..start) else { return false };
    let before = &before[before.ceil_char_boundary(before.len().saturating_sub(NAME))..];
    let mut words = before.trim_end_matches([' ', ',', '(', ':', '-']).rsplit(' ');
    let mut capitalised = || words.next().is_some_and(is_capitalised);
    before.ends_with([' ', '(']) && capitalised() && capitalised()
}

/// `Lind`, `Ann-Marie`, `H.`, but not `AB` or `Lind2`.
fn is_capitalised(word: &str) -> bool {
    let word = word.trim_start_matches(['(', '"']);
    let mut letters = word.chars();
    let is_initial = word.chars().count() == 2 && word.ends_with('.');
    letters.next().is_some_and(char::is_uppercase)
        && (is_initial
            || (letters.clone().any(char::is_lowercase) && letters.all(|letter| letter.is_alphabetic() || matches!(letter, '-' | '\''))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::country::Countries;
    use crate::detect::digits::groups;
    use crate::detect::marks::Marks;

    fn check(text: &str, century: bool, tail: usize, expected: Option<(&str, Delimiter, bool)>) {
        let mut marks = Marks::default();
        marks.read(text.as_bytes());
        let groups = groups(text);
        let page =
            Page { text, marks: &marks, groups: &groups, addresses: &[], countries: Countries::from_iter(&[]), heard: Default::default() };
        let found = Written::read(&page, 0, century, tail);
        let found = found.as_ref().map(|number| (str::from_utf8(number.digits()).unwrap(), number.delimiter, number.in_pieces));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_name_is_two_capitalised_words() {
        let follows = |text: &str| {
            let marks = Marks::default();
            let page =
                Page { text, marks: &marks, groups: &[], addresses: &[], countries: Countries::from_iter(&[]), heard: Default::default() };
            follows_name(&page, text.len())
        };
        for text in ["Kim Lind, ", "efter Poul Erik Sten (", "H. Ylä-Outinen ", "Kunde: Åsa O'Brien: "] {
            assert!(follows(text), "{text}");
        }
        for text in ["Lind, ", "Kund ", "kim lind ", "[name], ", "Kim Lind", "Lind Bygg AB, ", "Hylla A1 ", "ÅSA LIND ", ""] {
            assert!(!follows(text), "{text}");
        }
    }

    #[test]
    fn every_grouping_gives_the_same_digits() {
        use Delimiter::{Blank, Hyphen, Nothing, Plus};
        check("8503152381", true, 4, Some(("8503152381", Nothing, false)));
        check("850315-2381", true, 4, Some(("8503152381", Hyphen, false)));
        check("850315 -2381", true, 4, Some(("8503152381", Hyphen, false)));
        check("850315+2381", true, 4, Some(("8503152381", Plus, false)));
        check("850315 + 2381", true, 4, Some(("8503152381", Plus, false)));
        check("19850315 2381", true, 4, Some(("198503152381", Blank, false)));
        check("85 03 15-2381", true, 4, Some(("8503152381", Hyphen, true)));
        check("1985-03-15-2381", true, 4, Some(("198503152381", Hyphen, true)));
        check("15.03.85 12345", false, 5, Some(("15038512345", Blank, true)));
        check("15038512345", false, 5, Some(("15038512345", Nothing, false)));
    }

    #[test]
    fn other_groupings_are_no_identity_number() {
        for text in
            ["850315/2381", "850315--2381", "85-03 15-2381", "850315-238", "8503-152381", "85031", "850315", "85 03 15", "850315\n2381"]
        {
            check(text, true, 4, None);
        }
        check("19850315-2381", false, 4, None);
        check("1985-03-15-2381", false, 4, None);
    }
}
