//! A subject's address in a text: its street with the number, and its postcode with the town.

use super::super::Kind;
use super::super::digits::{Page, Separator};
use super::super::placeholder;
use super::super::resolve::Candidate;
use super::name_parts::NameParts;
use super::spelling::Letters;
use super::{ADDRESS, push};

/// More words than any street's name has.
const MOST_WORDS: usize = 6;
/// More words than follow a street's number in any address.
const MOST_REST: usize = 12;
/// The longest address in bytes between two of its words.
const WIDEST_GAP: usize = 3;

/// What the last part of a street's name is called, in full and short, in one way of writing each.
#[rustfmt::skip]
const TYPES: [&[&str]; 12] = [
    &["gatan", "gata", "gate", "gaten", "gade", "gaden", "gotu", "gt", "g"],
    &["vagen", "vag", "vejen", "vej", "veien", "vei", "vegen", "vegur", "veg", "vn", "v"],
    &["katu", "k"],
    &["tie", "t"],
    &["kuja", "kj"],
    &["alleen", "allen", "alle", "all"],
    &["street", "str", "st"],
    &["road", "rd"],
    &["avenue", "ave", "av"],
    &["lane", "ln"],
    &["drive", "dr"],
    &["plassen", "platsen", "pladsen", "plads", "plats", "plass", "pl"],
];

/// A street with its number.
#[derive(Clone)]
struct Street {
    /// Its name as one word, with its spellings and cases.
    name: NameParts,
    /// What stands before the type, folded, in each spelling, and the type.
    short: Option<(Box<[String]>, u8)>,
    length: usize,
    number: Box<str>,
    letter: Option<u8>,
    /// The number stands before the name.
    number_first: bool,
}

/// The addresses of a subject.
#[derive(Clone, Default)]
pub(super) struct Places {
    streets: Box<[Street]>,
    /// Digits of the postcodes.
    postcodes: Box<[Box<str>]>,
    /// Folded words and numbers that may follow a street or postcode.
    rest: Box<[Box<[u8]>]>,
    /// Towns' folded words: what a postcode needs beside it.
    towns: Box<[Box<[u8]>]>,
}

impl Places {
    pub(super) fn new<'v>(addresses: impl IntoIterator<Item = &'v str>) -> Self {
        let mut streets = Vec::new();
        let mut postcodes = Vec::new();
        let mut rest: Vec<Box<[u8]>> = Vec::new();
        let mut towns: Vec<Box<[u8]>> = Vec::new();
        for line in addresses.into_iter().flat_map(|address| address.split([',', ';', '\n', '\r'])) {
            let tokens: Vec<&str> = tokens(line).collect();
            let behind = match street(&tokens) {
                Some((street, behind)) => {
                    streets.push(street);
                    behind
                }
                None => 0,
            };
            let tail = tokens.get(behind..).unwrap_or_default();
            let digits: String = tail.iter().take_while(|token| token.bytes().all(|byte| byte.is_ascii_digit())).copied().collect();
            if behind == 0 && (3..=5).contains(&digits.len()) {
                postcodes.push(digits.into_boxed_str());
            }
            for token in tail {
                let Some(folded) = Letters::of(token).map(|letters| Box::<[u8]>::from(letters.as_bytes())) else { continue };
                if behind == 0 && folded.len() > 1 && folded.iter().all(|byte| !byte.is_ascii_digit()) {
                    towns.push(folded.clone());
                }
                rest.push(folded);
            }
        }
        Self { streets: streets.into(), postcodes: postcodes.into(), rest: rest.into(), towns: towns.into() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.streets.is_empty() && self.postcodes.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.streets.len()
    }

    /// Offers every occurrence of an address.
    pub(super) fn find(&self, page: &Page<'_>, found: &mut Vec<Candidate>) {
        if self.is_empty() {
            return;
        }
        for (index, group) in page.groups.iter().enumerate() {
            let Some(digits) = page.text.get(group.start..group.end) else { continue };
            for street in self.streets.iter().filter(|street| &*street.number == digits) {
                let range = if street.number_first {
                    street.after(page.text, group.start, group.end)
                } else {
                    street.before(page.text, group.start, group.end)
                };
                if let Some((start, end)) = range {
                    push(found, start, self.extended(page.text, end), Kind::Address, ADDRESS);
                }
            }
            for postcode in &self.postcodes {
                let next = page.groups.get(index + 1).filter(|next| next.before == Separator::Space);
                let end = if **postcode == *digits {
                    group.end
                } else {
                    match next {
                        Some(next)
                            if postcode.strip_prefix(digits).is_some_and(|rest| page.text.get(next.start..next.end) == Some(rest)) =>
                        {
                            next.end
                        }
                        _ => continue,
                    }
                };
                let with_town = self.extended_by(page.text, end, &self.towns);
                if with_town > end && is_beginning(page.text, group.start) {
                    push(found, group.start, with_town, Kind::Address, ADDRESS);
                }
            }
        }
    }

    /// The end of an address, with what follows of it.
    fn extended(&self, text: &str, end: usize) -> usize {
        self.extended_by(text, end, &self.rest)
    }

    fn extended_by(&self, text: &str, mut end: usize, with: &[Box<[u8]>]) -> usize {
        for _ in 0..MOST_REST {
            let Some((start, next)) = next_token(text, end) else { break };
            let folded = text.get(start..next).and_then(Letters::of);
            if !folded.is_some_and(|folded| with.iter().any(|known| **known == *folded.as_bytes())) {
                break;
            }
            end = next;
        }
        end
    }
}

impl Street {
    /// The range of the street that ends with this number.
    fn before(&self, text: &str, number: usize, number_end: usize) -> Option<(usize, usize)> {
        let end = self.with_letter(text, number_end)?;
        let mut start = number;
        let mut misspelt = None;
        for _ in 0..MOST_WORDS {
            let Some(before) = previous_word(text, start) else { break };
            start = before;
            let name = text.get(start..number)?;
            if name.len() > 3 * self.length + 8 {
                break;
            }
            match self.is_name(name).filter(|_| is_beginning(text, start)) {
                Some(true) => return Some((start, end)),
                // With another word before it, it may be spelt right: C. Ørsteds Vej.
                Some(false) => misspelt = misspelt.or(Some((start, end))),
                None => {}
            }
        }
        misspelt
    }

    /// The range of the street that begins with this number.
    fn after(&self, text: &str, number: usize, number_end: usize) -> Option<(usize, usize)> {
        if !is_beginning(text, number) {
            return None;
        }
        let mut end = number_end;
        for _ in 0..MOST_WORDS {
            let (start, next) = next_token(text, end)?;
            if next - number_end > 3 * self.length + 8 || text.get(start..next)?.bytes().any(|byte| byte.is_ascii_digit()) {
                return None;
            }
            end = next;
            if self.is_name(text.get(number_end..end)?).is_some() {
                return Some((number, end));
            }
        }
        None
    }

    /// Whether words are the street's name (in one or several, spelt out, abbreviated, in a case), and whether without a typing error.
    fn is_name(&self, words: &str) -> Option<bool> {
        let letters = Letters::of(words)?;
        let form = self.name.form(&letters);
        if form == Some(true) {
            return form;
        }
        let is_short = self.short.as_ref().is_some_and(|(stems, of_type)| {
            let types = TYPES.get(usize::from(*of_type)).copied().unwrap_or_default();
            let word = letters.as_bytes();
            stems
                .iter()
                .any(|stem| word.strip_prefix(stem.as_bytes()).is_some_and(|rest| types.iter().any(|known| known.as_bytes() == rest)))
        });
        if is_short { Some(true) } else { form }
    }

    /// The number's end with its letter; nothing if another letter makes another house of it.
    fn with_letter(&self, text: &str, end: usize) -> Option<usize> {
        let rest = text.get(end..)?;
        let blank = usize::from(rest.starts_with(' '));
        let mut next = rest.get(blank..)?.chars();
        let letter = next.next().filter(|letter| letter.is_alphabetic());
        let alone = !next.next().is_some_and(char::is_alphanumeric);
        match letter {
            // Grown onto something else: 12th, 12x40.
            Some(_) if blank == 0 && !alone => None,
            Some(letter) if alone => {
                let same = self.letter == Some(letter.to_ascii_lowercase() as u8) && letter.is_ascii();
                match same {
                    true => Some(end + blank + 1),
                    // A word of one letter is written small: `8 i Lunde`.
                    false if blank == 1 && letter.is_lowercase() => Some(end),
                    false => None,
                }
            }
            _ if rest.starts_with(|next: char| next.is_ascii_digit() || matches!(next, '%' | '€')) => None,
            _ => Some(end),
        }
    }
}

/// The street that a line begins with, and behind how many of its tokens it ends.
fn street(tokens: &[&str]) -> Option<(Street, usize)> {
    let is_number = |token: &str| token.starts_with(|first: char| first.is_ascii_digit());
    let first = tokens.iter().position(|token| is_number(token))?;
    let digits = |token: &str| -> String { token.chars().take_while(char::is_ascii_digit).collect() };
    let number = digits(tokens.get(first)?);
    if number.len() > 4 {
        return None;
    }
    if first > 0 {
        let attached = tokens.get(first)?.get(number.len()..)?;
        let own = tokens.get(first + 1).filter(|next| attached.is_empty() && next.len() == 1 && !is_number(next));
        let letter = attached.bytes().next().or(own.and_then(|own| own.bytes().next())).map(|letter| letter.to_ascii_lowercase());
        let behind = first + 1 + usize::from(own.is_some());
        return Some((named(&tokens[..first], number, letter, false)?, behind));
    }
    // 27 Orchard Lane; but 9999 Sandby is a postcode.
    let words: Vec<&str> = tokens.get(1..)?.iter().take_while(|token| !is_number(token)).copied().collect();
    let last = words.iter().rposition(|word| {
        Letters::of(word)
            .is_some_and(|word| TYPES.iter().any(|types| types.iter().any(|known| known.len() > 2 && known.as_bytes() == word.as_bytes())))
    })?;
    Some((named(words.get(..=last)?, number, None, true)?, last + 2))
}

fn named(words: &[&str], number: String, letter: Option<u8>, number_first: bool) -> Option<Street> {
    let whole: String = words.concat();
    let spellings = super::spelling::spellings(&whole);
    let length = spellings.first().map(String::len).filter(|length| *length >= 3)?;
    let of_type =
        TYPES.iter().position(|types| types.iter().any(|known| known.len() > 2 && spellings.iter().any(|name| name.ends_with(known))));
    let short = of_type.and_then(|of_type| {
        let stem = |name: &String| {
            let known = TYPES.get(of_type)?.iter().filter(|known| known.len() > 2).find(|known| name.ends_with(**known))?;
            name.strip_suffix(known).filter(|stem| stem.len() >= 2).map(str::to_owned)
        };
        let stems: Box<[String]> = spellings.iter().filter_map(stem).collect();
        (!stems.is_empty()).then_some((stems, of_type as u8))
    });
    Some(Street { name: NameParts::new([whole.as_str()]), short, length, number: number.into(), letter, number_first })
}

/// Runs of letters and digits.
fn tokens(line: &str) -> impl Iterator<Item = &str> {
    line.split(|character: char| !character.is_alphanumeric()).filter(|token| !token.is_empty())
}

/// The next run of letters and digits behind a short gap. Nothing if a placeholder begins it.
fn next_token(text: &str, end: usize) -> Option<(usize, usize)> {
    let rest = text.get(end..)?;
    let gap = rest.find(char::is_alphanumeric).filter(|gap| (1..=WIDEST_GAP).contains(gap))?;
    let before = rest.get(..gap)?;
    if !before.chars().all(|character| character.is_whitespace() || matches!(character, ',' | '.' | '-' | '/')) {
        return None;
    }
    let token = rest.get(gap..)?;
    // No token of an address is longer.
    const LONGEST: usize = 96;
    let window = token.get(..token.floor_char_boundary(LONGEST))?;
    let length = window.find(|character: char| !character.is_alphanumeric()).or((window.len() == token.len()).then_some(token.len()))?;
    Some((end + gap, end + gap + length))
}

/// Where the word begins that stands before a byte.
fn previous_word(text: &str, end: usize) -> Option<usize> {
    const LONGEST: usize = 96;
    let head = text.get(text.ceil_char_boundary(end.saturating_sub(LONGEST))..end)?;
    let word = head.trim_end_matches([' ', '.', '-', '\'', '\t']);
    if head.len() - word.len() > WIDEST_GAP {
        return None;
    }
    let before = word.trim_end_matches(char::is_alphabetic);
    (before.len() < word.len() && (!before.is_empty() || end < LONGEST)).then(|| end - head.len() + before.len())
}

/// Whether a word may begin at a byte: not inside a longer one, and not beside a placeholder.
fn is_beginning(text: &str, start: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    !before.chars().next_back().is_some_and(char::is_alphanumeric) && placeholder::at_end(before).is_none()
}
