//! What of an address stands before its street: `c/o Lind`, a postcode and town, a farm, the box in the other language.

use super::line::{self, byte, byte_before, digits, is_capital, letters, word_before};
use super::towns::is_town;
use super::{finnish, place};
use crate::detect::fold::Folded;
use crate::detect::lexicon::lexicon;

/// How far before a street its `c/o` may stand, in bytes.
const CARE_OF: usize = 48;

/// Where the address begins with the `c/o` before its street; the street's own beginning, if there is none.
pub(super) fn care_of(text: &str, start: usize) -> usize {
    let reach = text.ceil_char_boundary(start.saturating_sub(CARE_OF));
    let window = text.get(reach..start).unwrap_or_default();
    let Some(sign) = window.rfind("/o").or_else(|| window.rfind("/O")) else {
        return start;
    };
    let begins = sign.checked_sub(1).filter(|at| matches!(window.as_bytes().get(*at), Some(b'c' | b'C')));
    let between = window.get(sign + 2..).unwrap_or_default();
    // A name, and one comma or line's end behind it.
    let name = between.trim_end_matches([' ', '\n', '\r']).trim_end_matches(',');
    let plain = name.chars().all(|character| character.is_alphabetic() || matches!(character, ' ' | '-' | '.' | '\'' | ':'));
    let free = begins
        .is_some_and(|at| !at.checked_sub(1).and_then(|before| window.as_bytes().get(before)).is_some_and(|byte| line::is_letter(*byte)));
    match begins {
        Some(at) if plain && free => reach + at,
        _ => start,
    }
}

/// The longest postcode and town that are looked for before a street, in bytes.
const TOWN: usize = 40;

/// Where the postcode and town before a street begin, or the town alone: `2650 Hvidovre, Gl. Køge Landevej 312`.
pub(super) fn town(text: &str, start: usize) -> Option<usize> {
    let end = text.get(..start)?.strip_suffix(", ")?.len();
    let reach = text.ceil_char_boundary(end.saturating_sub(TOWN));
    let window = text.get(reach..end)?;
    if let Some(last) = window.rfind(|character: char| character.is_ascii_digit()) {
        let length = window.get(..=last)?.bytes().rev().take(6).take_while(u8::is_ascii_digit).count();
        let mut first = reach + last + 1 - length;
        // `211 22 Malmö`
        if length == 2 && first.checked_sub(4).is_some_and(|code| digits(text, code) == 3) && byte_before(text, first) == Some(b' ') {
            first -= 4;
        }
        let first = place::prefix_before(text, first).unwrap_or(first);
        let found = place::coded(text, first).filter(|place| place.end == end && (place.known || place.formal));
        if found.is_some() && begins_anew(text, first) {
            return Some(first);
        }
    }
    let name = word_before(text, end);
    let first = end - name.len();
    let known = is_capital(name) && (is_town(Folded::of(name).as_str(), |_| true) || finnish::town(text, first) == Some(end));
    (known && begins_anew(text, first)).then_some(first)
}

/// Whether what stands before a place is no other address that the place belongs to.
fn begins_anew(text: &str, start: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let free = before.is_empty() || before.ends_with([' ', '\n', '\t', '(', '"', '|', ';', ':']);
    let trimmed = before.trim_end_matches([' ', ',', '\n', '\r', '.', '|', ')']);
    let lettered = trimmed
        .strip_suffix(|letter: char| letter.is_ascii_alphabetic())
        .is_some_and(|rest| rest.ends_with([' ', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']));
    // Behind a comma stands what belongs to it; a unit's word of another street is short.
    let unit = before.ends_with(", ") && trimmed.rsplit(' ').next().is_some_and(|word| word.len() <= 3);
    free && !lettered && !unit && !trimmed.ends_with(|character: char| character.is_ascii_digit())
}

/// Where the other box begins that a box follows: `PB 118 / ` of `PB 118 / PL 118`.
pub(super) fn other_box(text: &str, start: usize) -> Option<usize> {
    let before = text.get(..start)?;
    let before = before.strip_suffix(" / ").or_else(|| before.strip_suffix('/'))?;
    let number = before.bytes().rev().take(6).take_while(u8::is_ascii_digit).count();
    let name = before.get(..before.len() - number)?.strip_suffix(' ').filter(|_| (1..=5).contains(&number))?;
    let word = word_before(name, name.len());
    matches!(word, "PB" | "PL" | "Box" | "BOX" | "Postbox" | "Postboks").then_some(name.len() - word.len())
}

/// What farms and houses with a name end with, folded.
const FARMS: [&str; 27] = [
    "gard",
    "garden",
    "gaard",
    "gaarden",
    "torp",
    "torpet",
    "stugan",
    "hytta",
    "hytten",
    "minde",
    "kroken",
    "lyst",
    "heim",
    "heimen",
    "setra",
    "seter",
    "bolet",
    "hus",
    "huset",
    "tupa",
    "torppa",
    "mokki",
    "parken",
    "kollegiet",
    "centret",
    "centeret",
    "hjemmet",
];

/// Where the farm begins that stands before a comma at the end of this text.
///
/// It begins a clause, of one word or two; a word that is a usual name of people is none.
fn farm(text: &str, end: usize) -> Option<(usize, bool)> {
    let name = word_before(text, end);
    let mut start = end - name.len();
    let folded = Folded::of(name);
    let folded = folded.as_str();
    let built = FARMS.iter().any(|ending| folded.len() > ending.len() + 1 && folded.ends_with(ending));
    let tila = matches!(folded, "tila" | "gard" | "gaard" | "gods" | "plejecenter");
    if !(is_capital(name) || tila) || name.len() < 3 {
        return None;
    }
    // `Gården Bakken`, `Plejecenter Solgården`
    if let Some(first) =
        text.get(..start).and_then(|before| before.trim_end_matches(['\u{bb}', '"', '\u{201c}', '\u{201d}']).strip_suffix(' '))
    {
        let word = word_before(first, first.len());
        let folded = Folded::of(word);
        let farm = matches!(folded.as_str(), "garden" | "gaarden" | "plejecenter" | "plejehjemmet" | "kollegiet" | "botilbud" | "bosted");
        if farm && is_capital(word) {
            return Some((first.len() - word.len(), true));
        }
    }
    // `Nedre Lote`
    let before = text.get(..start).and_then(|before| before.strip_suffix(' ')).map_or("", |before| word_before(before, before.len()));
    let sided = is_capital(before) && super::street::is_modifier(Folded::of(before).as_str());
    if sided {
        start -= before.len() + 1;
        let told = begins_clause(text, start) || follows_word_of_place(text, start);
        return told.then_some((start, true));
    }
    let entry = lexicon().entry(name);
    let after_word = follows_word_of_place(text, start);
    if entry.is_common() && !tila || entry.given() > if after_word { 3 } else { 0 } {
        return None;
    }
    let person = entry.family() > 3 && !entry.is_place() && !after_word;
    // `Backa Nilsgård`, `Rautakorven tila`
    if (built || tila) && byte_before(text, start) == Some(b' ') {
        let first = word_before(text, start - 1);
        let entry = lexicon().entry(first);
        if is_capital(first) && first.len() >= 3 && entry.given() < 4 && !entry.is_common() && {
            let at = start - 1 - first.len();
            begins_clause(text, at) || follows_word_of_place(text, at)
        } {
            start -= 1 + first.len();
        }
    }
    let told = begins_clause(text, start) || follows_word_of_place(text, start);
    let alone = end - start == name.len();
    (told && !(alone && (tila || person))).then_some((start, built || tila))
}

fn begins_clause(text: &str, start: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    before.is_empty()
        || before.ends_with(['\n', '(', '"', '|', ';', '\t'])
        || before.ends_with(", ")
        || before.ends_with(": ")
        || before.ends_with(". ")
}

/// `adress`, `kotiin`, `i`: words before a farm.
fn follows_word_of_place(text: &str, start: usize) -> bool {
    let Some(before) = text.get(..start).and_then(|before| before.strip_suffix(' ')) else { return false };
    let folded = Folded::of(word_before(before, before.len()));
    super::hints::is_address_word(folded.as_str())
        || matches!(folded.as_str(), "i" | "pa" | "a" | "ad" | "at" | "kotiin" | "ved" | "vid" | "garden" | "gaarden" | "heimilis")
        || super::hints::is_moving(folded.as_str())
}

/// Where the farm before a street with its postcode begins: `Torpegård, Assensvej 402, 5642 Millinge`.
pub(super) fn farm_of_street(text: &str, start: usize) -> Option<usize> {
    let before = text.get(..start)?;
    let before = before.strip_suffix(", ").or_else(|| before.strip_suffix(",\n"))?;
    // `Gaarden »Fredenslund«`
    let unquoted = before.trim_end_matches(['\u{ab}', '"', '\u{201d}']);
    let (first, built) = farm(text, unquoted.len())?;
    // A line of its own says as much as the ending of a farm.
    let line = byte(text, before.len() + 1) == Some(b'\n');
    (built || line && begins_clause(text, first)).then_some(first)
}

/// Whether the farm before a street is an estate or a home with a name that ends as theirs do: `Gjellerupparken`.
pub(super) fn is_estate(text: &str, farm: usize, street: usize) -> bool {
    let name = Folded::of(text.get(farm..street).unwrap_or_default().trim_end_matches([' ', ',', '\n']));
    ["parken", "kollegiet", "centret", "centeret", "hjemmet"].iter().any(|ending| name.as_str().ends_with(ending))
}

/// Where the farm before a postcode and town begins: `Hvammur, 851 Hella`, `Utö, 21740 Utö`.
pub(super) fn farm_of_town(text: &str, start: usize, town_start: usize) -> Option<(usize, bool)> {
    let end = text.get(..start)?.strip_suffix(", ")?.len();
    let (first, built) = farm(text, end)?;
    let name = text.get(first..end)?;
    let entry = lexicon().entry(name);
    let same = letters(text, town_start) == name;
    let told = follows_word_of_place(text, first);
    let strange = entry.is_unknown() && !line::is_shouted(name);
    (built || same || told || strange).then_some((first, built || same || told))
}
