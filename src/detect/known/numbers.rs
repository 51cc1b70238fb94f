//! A subject's telephone numbers and identifiers among the numbers of a text.

use super::super::Kind;
use super::super::digits::{DigitGroup, Page, Separator, run, start_with_signs};
use super::super::national::personnummer;
use super::super::normalise::{self, Dialled, TelephoneNumber};
use super::super::placeholder;
use super::super::resolve::Candidate;
use super::spelling::{Letters, Slip, slip};
use super::{IDENTIFIER, MISSPELT_NUMBER, PHONE, push};

/// Shorter national numbers are service numbers and would be found in every amount.
const SHORTEST_PHONE: usize = 5;
/// Shorter numbers are not looked for with a wrong digit: too many others are as near.
const SHORTEST_MISTYPED: usize = 9;
/// More pieces than any identifier is written in.
const MOST_PIECES: usize = 8;
/// From this length on, blanks within an identifier are taken for its grouping.
const LONG: usize = 8;

/// The numbers of a subject.
#[derive(Clone, Default)]
pub(super) struct Numbers {
    phones: Box<[TelephoneNumber]>,
    identifiers: Box<[Box<str>]>,
    /// Lengths of the national numbers, a bit each.
    lengths: u32,
    longest: usize,
}

impl Numbers {
    pub(super) fn new<'v>(phones: impl IntoIterator<Item = &'v str>, identifiers: impl IntoIterator<Item = &'v str>) -> Self {
        let phones: Box<[_]> =
            phones.into_iter().map(TelephoneNumber::parse).filter(|number| number.national.len() >= SHORTEST_PHONE).collect();
        let identifiers: Vec<String> =
            identifiers.into_iter().map(normalise::identifier).filter(|identifier| is_telling(identifier)).collect();
        let mut identifiers: Vec<Box<str>> = identifiers.iter().filter_map(|identifier| folded(identifier)).collect();
        identifiers.sort();
        identifiers.dedup();
        let lengths = phones.iter().fold(0, |lengths, phone| lengths | 1_u32.checked_shl(phone.national.len() as u32).unwrap_or(0));
        let longest = identifiers.iter().map(|identifier| identifier.len()).max().unwrap_or(0);
        Self { phones, identifiers: identifiers.into(), lengths, longest }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.phones.is_empty() && self.identifiers.is_empty()
    }

    pub(super) fn counts(&self) -> (usize, usize) {
        (self.phones.len(), self.identifiers.len())
    }

    /// Offers every telephone number of the subject.
    pub(super) fn find_phones(&self, page: &Page<'_>, found: &mut Vec<Candidate>) {
        if self.phones.is_empty() {
            return;
        }
        for first in 0..page.groups.len() {
            let Some(rest) = page.groups.get(first..) else { break };
            let run = run(page.text, rest);
            for (count, length) in run.prefixes() {
                // A country code, a trunk zero and a prefix may stand before the national number.
                let plausible =
                    (0..=6).any(|prefix| length >= prefix && self.lengths.checked_shr((length - prefix) as u32).unwrap_or(0) & 1 == 1);
                if !plausible {
                    continue;
                }
                let (Some(head), Some(last), Some(Ok(digits))) =
                    (run.groups.first(), run.groups.get(count - 1), run.digits().get(..length).map(str::from_utf8))
                else {
                    continue;
                };
                let (start, plus) = start_with_signs(page.text, head.start, last.end);
                let number = Dialled::from_digits(digits, plus);
                // The tail of "+47 …" is no domestic number of another country.
                if number.country_code.is_none() && follows_country_code(page, first) {
                    continue;
                }
                if self.phones.iter().any(|known| known.agrees_with(&number)) {
                    push(found, start, last.end, Kind::Phone, PHONE);
                } else if self.phones.iter().any(|known| is_mistyped(known, &number, length, plus))
                    && run.groups.iter().take(count).all(|group| group.length() > 1 || group.before == Separator::OpenParenthesis)
                    && page.is_free(start, last.end)
                    && !page.context(start, last.end).is_reference_or_amount()
                {
                    push(found, start, last.end, Kind::Phone, MISSPELT_NUMBER);
                }
            }
        }
    }

    /// Offers every identifier of the subject. `page` tells what a mistyped one stands among.
    pub(super) fn find_identifiers(&self, page: &Page<'_>, placeholders: &[(usize, usize)], found: &mut Vec<Candidate>) {
        if self.identifiers.is_empty() {
            return;
        }
        let mut pieces = Pieces::new(page.text, placeholders);
        while let Some((start, _)) = pieces.next() {
            self.find_identifier(page, start, pieces.clone_at(start), found);
        }
    }

    fn find_identifier(&self, page: &Page<'_>, start: usize, pieces: Pieces<'_>, found: &mut Vec<Candidate>) {
        let mut letters = Letters::none();
        let mut has_blank = false;
        let mut before = start;
        for (count, (piece, end)) in pieces.take(MOST_PIECES).enumerate() {
            if count > 0 {
                match page.text.get(before..piece) {
                    Some("-" | "." | "/" | "_" | "+") => {}
                    Some(" ") => has_blank = true,
                    _ => break,
                }
            }
            before = end;
            let length = letters.len();
            // Longer than the longest with a century before it, or no beginning of any: the pieces that follow only add to it.
            let written = page.text.get(piece..end).filter(|written| written.len() <= 4 * self.longest + 8);
            let Some(()) = written.and_then(|written| written.chars().try_for_each(|character| letters.push(character))) else { break };
            let whole = letters.as_bytes();
            debug_assert!(whole.len() >= length);
            if whole.len() > self.longest + 2 {
                break;
            }
            let short = normalised(whole);
            if self.identifiers.iter().any(|known| known.as_bytes() == short) {
                if (!has_blank || short.len() >= LONG) && is_apart(page.text, start, end) {
                    push(found, start, end, Kind::Identifier, IDENTIFIER);
                }
            } else if !has_blank || count == 1 {
                let mistyped = self.identifiers.iter().any(|known| is_mistyped_identifier(known.as_bytes(), whole));
                if mistyped && page.is_free(start, end) && !page.context(start, end).is_reference_or_amount() {
                    push(found, start, end, Kind::Identifier, MISSPELT_NUMBER);
                }
            }
            let may_go_on = self.identifiers.iter().any(|known| {
                let known = known.as_bytes();
                known.starts_with(whole)
                    || whole.get(2..).is_some_and(|tail| known.starts_with(tail))
                    || (known.len() >= SHORTEST_MISTYPED && whole.len() >= 6 && count == 0 && whole.iter().all(u8::is_ascii_digit))
            });
            if !may_go_on {
                break;
            }
        }
    }
}

/// Whether no placeholder touches the range: beside one it is unknown where a number begins or ends.
fn is_apart(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let after = text.get(end..).unwrap_or_default();
    placeholder::at_end(before).is_none() && placeholder::at_start(after).is_none()
}

/// Folded letters and digits without a Swedish number's century.
fn normalised(folded: &[u8]) -> &[u8] {
    if personnummer::is_valid_with_century(folded) { folded.get(2..).unwrap_or(folded) } else { folded }
}

fn folded(identifier: &str) -> Option<Box<str>> {
    let letters = Letters::of(identifier)?;
    str::from_utf8(letters.as_bytes()).ok().map(Box::from)
}

/// Whether an identifier is long enough that its occurrence in a text means this subject.
fn is_telling(identifier: &str) -> bool {
    let length = identifier.chars().count();
    let digits = identifier.chars().filter(char::is_ascii_digit).count();
    match digits {
        0 => length >= 6,
        all if all == length => length >= 5,
        _ => length >= 4,
    }
}

/// Whether a number is one of a subject's with one digit wrong or two swapped, and is written as telephone numbers are.
fn is_mistyped(known: &TelephoneNumber, number: &Dialled<'_>, length: usize, plus: bool) -> bool {
    length >= SHORTEST_MISTYPED
        && (plus || number.country_code.is_some() || number.trunk_zero == "0")
        && known.national.len() >= SHORTEST_MISTYPED - 1
        && known.national.len() == number.national.len()
        && !known.contradicts(number)
        && matches!(slip(number.national.as_bytes(), known.national.as_bytes()), Some((_, Slip::Other | Slip::Swapped)))
}

/// The same of an identity number: of all that is written one digit is wrong, or two are swapped.
fn is_mistyped_identifier(known: &[u8], written: &[u8]) -> bool {
    let century = known.len() == 10 && written.len() == 12 && matches!(written, [b'1', b'8' | b'9', ..] | [b'2', b'0', ..]);
    let written = if century { written.get(2..).unwrap_or(written) } else { written };
    known.len() == written.len()
        && known.iter().filter(|byte| byte.is_ascii_digit()).count() >= SHORTEST_MISTYPED
        && known.iter().zip(written).all(|(one, other)| one.is_ascii_digit() == other.is_ascii_digit())
        && matches!(slip(written, known), Some((_, Slip::Other | Slip::Swapped)))
}

/// Whether a `+` and a country code stand before the group and belong to it.
fn follows_country_code(page: &Page<'_>, group: usize) -> bool {
    let is_code = |code: &DigitGroup| code.length() <= 3 && page.text.get(..code.start).is_some_and(|before| before.ends_with('+'));
    page.groups.get(group).is_some_and(|group| group.before != Separator::Other)
        && group.checked_sub(1).and_then(|previous| page.groups.get(previous)).is_some_and(is_code)
}

/// The runs of letters and digits of a text in order, those in placeholders left out.
#[derive(Clone)]
struct Pieces<'t> {
    text: &'t str,
    placeholders: &'t [(usize, usize)],
    position: usize,
}

impl<'t> Pieces<'t> {
    fn new(text: &'t str, placeholders: &'t [(usize, usize)]) -> Self {
        Self { text, placeholders, position: 0 }
    }

    /// The same from a byte on.
    fn clone_at(&self, position: usize) -> Self {
        Self { position, ..*self }
    }
}

impl Iterator for Pieces<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<(usize, usize)> {
        loop {
            let rest = self.text.get(self.position..)?;
            let start = self.position + rest.find(char::is_alphanumeric)?;
            let behind = self.placeholders.partition_point(|span| span.1 <= start);
            if let Some((_, end)) = self.placeholders.get(behind).filter(|span| span.0 <= start) {
                self.position = *end;
                continue;
            }
            let run = self.text.get(start..)?;
            let length = run.find(|character: char| !character.is_alphanumeric()).unwrap_or(run.len());
            self.position = start + length;
            return Some((start, start + length));
        }
    }
}
