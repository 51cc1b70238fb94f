//! Where eight or seven digits stand that no word calls a telephone.
//!
//! Rule: digits in one piece, or in four and four, that a preposition leads to (`er på 93411207`, `línu í 8471206`), that stand right
//! behind a person's name, or alone on a line below a line of a few words, as in a signature. Nothing near may speak of a reference, an
//! amount or an account. A placeholder before them refuses: what it stands for may have refused as well.

use crate::detect::Country;
use crate::detect::context::Meaning;
use crate::detect::digits::Page;
use crate::detect::fold::Folded;
use crate::detect::lexicon::lexicon;

/// How far before a number words are read, in bytes.
const NEAR: usize = 48;

/// How likely the digits are a telephone number by where they stand.
pub(super) fn confidence(page: &Page<'_>, start: usize, end: usize, country: Option<Country>) -> Option<f32> {
    let country = country?;
    let digits = page.text.get(start..end)?;
    let first = *digits.as_bytes().first()?;
    let is_subscriber = match country {
        Country::IS => digits.len() == 7 && matches!(first, b'6'..=b'8'),
        Country::NO | Country::DK => digits.len() == 8 && matches!(first, b'2'..=b'9'),
        Country::SE | Country::FI => false,
    };
    // "45000000" is a sum.
    if !is_subscriber || digits.ends_with("00000") || page.touches_address(start, end) {
        return None;
    }
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || !is_closed(page.text, end) {
        return None;
    }
    let floor = page.text.ceil_char_boundary(start.saturating_sub(NEAR));
    // What a bracket stands for may have hidden a word behind it.
    let window = page.text.get(floor..start).filter(|window| !window.contains(['[', ']']))?;
    let confidence = by_preposition(window, country).or_else(|| by_name(window)).or_else(|| by_line(page.text, window, floor, end))?;
    let is_other = [Meaning::Reference, Meaning::Amount, Meaning::Account, Meaning::Giro, Meaning::Organisation, Meaning::CivilNumber]
        .into_iter()
        .any(|meaning| page.is_near(start, meaning));
    (!is_other).then_some(confidence)
}

/// Whether the clause ends behind the digits, or a word in lower case goes on.
fn is_closed(text: &str, end: usize) -> bool {
    match text.as_bytes().get(end..).unwrap_or_default() {
        [] | [b'\n' | b'\r' | b'.' | b',' | b';' | b')' | b'!' | b'?' | b'|', ..] => true,
        [b' ', next, ..] => !next.is_ascii_digit() && *next != b'[' && *next != b'%',
        _ => false,
    }
}

/// `han er på 93411207`, `línu í 8471206`: somebody is reached on it.
fn by_preposition(window: &str, country: Country) -> Option<f32> {
    let before = window.strip_suffix(' ')?;
    let (head, word) = last_word(before);
    let is_leading = match country {
        Country::IS => word == "í",
        _ => matches!(word, "på" | "paa" | "pa" | "På" | "PÅ"),
    };
    if !is_leading {
        return None;
    }
    // "varer på 93411207": a number of a thing; who is on it is a person.
    let (head, verb) = last_word(head.trim_end_matches(' '));
    let (_, other) = last_word(head.trim_end_matches(' '));
    let reaches = |word: &str| {
        let folded = Folded::of(word);
        REACHING.contains(&folded.as_str())
    };
    // "Ola er på": a usual name that is nothing else.
    let entry = lexicon().entry(other);
    let is_named = other.chars().next().is_some_and(char::is_uppercase) && entry.given() >= 5 && entry.word() <= 3 && !entry.is_common();
    (reaches(verb) || reaches(other) || is_named).then_some(0.85)
}

/// Folded words for being somewhere, and for whom one reaches.
static REACHING: [&str; 49] = [
    "nas",
    "nar",
    "fang",
    "fange",
    "fanges",
    "meg",
    "mig",
    "mej",
    "ham",
    "hende",
    "henne",
    "hennar",
    "honom",
    "dem",
    "os",
    "oss",
    "han",
    "hun",
    "ho",
    "hon",
    "naes",
    "na",
    "treffe",
    "treffer",
    "treffes",
    "traeffes",
    "traeff",
    "direkte",
    "privat",
    "linu",
    "bjalla",
    "heyra",
    "besked",
    "beskjed",
    "melding",
    "svar",
    "svarer",
    "kontor",
    "jobb",
    "hjemme",
    "vagt",
    "vakt",
    "dagtid",
    "kveldstid",
    "aftenen",
    "samband",
    "skilabod",
    "tilbake",
    "tilbage",
];

/// `Kari Nordmann 93411207`, `Kari | 93411207`, `Kari (93411207`.
fn by_name(window: &str) -> Option<f32> {
    let before = window.trim_end_matches([' ', ',', '|', '/', '•', '·', ':', '(', '-']);
    let between = window.len() - before.len();
    let (head, word) = last_word(before);
    let is_capital = word.chars().next().is_some_and(char::is_uppercase);
    if between == 0 || between > 4 || !is_capital || head.ends_with(['@', '/', '.', '-', ']', '[', '&']) {
        return None;
    }
    let is_name = |word: &str, least: u32| {
        let entry = lexicon().entry(word);
        let weight = entry.given().max(entry.family());
        let is_apart = entry.word() <= 3 || least < 6 && entry.word() + 3 <= weight;
        weight >= least && is_apart && !entry.is_common() && !entry.is_place() && !entry.is_brand()
    };
    // Two names, or one that is nothing else: "Kunde Hansen 12345678" may be a customer's number.
    let (outer, previous) = last_word(head.trim_end_matches(' '));
    let is_second = previous.chars().next().is_some_and(char::is_uppercase) && is_name(previous, 4) && !outer.ends_with(['.', '@', ']']);
    let is_lone = head.is_empty() || head.ends_with(['\n', ',', '(', '|', ';']) || head.ends_with(", ");
    match () {
        () if is_second && is_name(word, 3) => Some(0.8),
        () if is_lone && is_name(word, 6) => Some(0.7),
        () => None,
    }
}

/// Alone on a line below a line of a few words that begins with a capital: a signature.
fn by_line(text: &str, window: &str, floor: usize, end: usize) -> Option<f32> {
    let before = window.trim_end_matches(' ').strip_suffix('\n')?;
    let ends = text.get(end..).unwrap_or_default().trim_start_matches([' ', '\r']);
    if !(ends.is_empty() || ends.starts_with('\n')) {
        return None;
    }
    let before = before.trim_end_matches(['\r', ' ', '\n']);
    let (line, is_whole) = match before.rfind('\n') {
        Some(end) => (before.get(end + 1..)?, true),
        None => (before, floor == 0),
    };
    let is_signature = is_whole
        && line.chars().next().is_some_and(char::is_uppercase)
        && line.split(' ').count() <= 4
        && !line.chars().any(|character| character.is_numeric() || matches!(character, '[' | ']' | '@' | '#' | ':' | ';' | '|'));
    // A column of numbers is a list.
    let next = ends.trim_start_matches(['\n', '\r', ' ']);
    let has_name = |word: &str| {
        let entry = lexicon().entry(word);
        entry.given().max(entry.family()) >= 4 && !entry.is_common() && entry.word() <= 4
    };
    (is_signature && !next.starts_with(|first: char| first.is_ascii_digit() || first == '[') && line.split(' ').any(has_name))
        .then_some(0.8)
}

/// What stands before the last word of letters, and the word.
fn last_word(text: &str) -> (&str, &str) {
    let head = text.trim_end_matches(char::is_alphabetic);
    text.split_at(head.len())
}

/// Whether a word that calls itself a number stands right before: `ordernr`, `Tarjousnro`.
pub(super) fn is_behind_number_label(page: &Page<'_>, start: usize) -> bool {
    let floor = page.text.ceil_char_boundary(start.saturating_sub(NEAR));
    let window = page.text.get(floor..start).unwrap_or_default().trim_end_matches([' ', ':', '.', '#', '(', '+']);
    let (_, word) = last_word(window);
    let folded = Folded::of(word);
    ["nr", "nro", "nummer", "numero", "numer", "nummeret", "number", "no"].iter().any(|ending| folded.as_str().ends_with(ending))
}
