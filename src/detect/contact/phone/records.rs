//! Where a number stands in a record, a list or a signature.
//!
//! Rule: behind a post code and its town (`4760 Vordingborg, 55000001`), alone on a line below a name or a greeting with a few short lines
//! between (title, firm), first in a clause before a name or a word for a call (`1) 40000001 Preben`, `40000001 ringte`), and behind a
//! preposition that an amount or the hours of calling part from its word (`vipps 300 til 40000001`, `træffetid 17-19 på 4000 0001`).

use super::labels::{is_label, is_reaching};
use super::surroundings::{first_word, last_word};
use crate::detect::Country;
use crate::detect::context;
use crate::detect::digits::Page;
use crate::detect::fold::Folded;
use crate::detect::lexicon::lexicon;

/// How far before a number the lines of a signature are read, in bytes.
const SIGNATURE: usize = 160;

/// Behind a post code and its town, in a cell or a line of its own.
pub(super) fn by_post_code(window: &str, country: Option<Country>) -> Option<f32> {
    let before = window.trim_end_matches([' ', '\r']);
    let before = before.strip_suffix([',', ';', '|', '\t', '\n'])?.trim_end_matches([' ', '\r', ',']);
    // "Mo i Rana", "København K"
    let mut rest = before;
    let mut town = "";
    for _ in 0..3 {
        let (head, word) = last_word(rest.trim_end_matches(' '));
        if word.is_empty() {
            break;
        }
        (rest, town) = (head, word);
    }
    let digits = rest.strip_suffix(' ')?.trim_end_matches(' ');
    let last = digits.bytes().rev().take_while(u8::is_ascii_digit).count();
    let head = digits.get(..digits.len() - last)?;
    let (code, outer) = match last {
        // "694 95 Hallsberg"
        2 => {
            let head = head.strip_suffix(' ')?;
            let first = head.bytes().rev().take_while(u8::is_ascii_digit).count();
            (first + last, head.get(..head.len() - first)?)
        }
        _ => (last, head),
    };
    let is_code = matches!(code, 4 | 5) || code == 3 && country == Some(Country::IS);
    let is_apart = outer.is_empty() || outer.ends_with([' ', ',', ';', '|', '\t', '\n', '-']);
    (is_code && is_apart && town.chars().next().is_some_and(char::is_uppercase)).then_some(0.75)
}

/// Alone on a line below a line with a name or a greeting, with a few short lines between: a signature.
pub(super) fn by_signature(page: &Page<'_>, start: usize, end: usize) -> Option<f32> {
    let floor = page.text.ceil_char_boundary(start.saturating_sub(SIGNATURE));
    let before = page.text.get(floor..start)?.trim_end_matches(' ').strip_suffix('\n')?;
    let ends = page.text.get(end..).unwrap_or_default().trim_start_matches([' ', '\r']);
    // A column of numbers is a list.
    let next = ends.trim_start_matches(['\n', '\r', ' ']);
    if !(ends.is_empty() || ends.starts_with('\n')) || next.starts_with(|first: char| first.is_ascii_digit() || first == '[') {
        return None;
    }
    let mut rest = before;
    for _ in 0..4 {
        rest = rest.trim_end_matches(['\r', ' ', '\n']);
        let (head, line, is_whole) = match rest.rfind('\n') {
            Some(end) => (rest.get(..end)?, rest.get(end + 1..)?, true),
            None => ("", rest, floor == 0),
        };
        let is_short = is_whole
            && line.chars().next().is_some_and(char::is_uppercase)
            && line.split(' ').count() <= 4
            && !line.chars().any(|sign| sign.is_numeric() || matches!(sign, '[' | ']' | '@' | '#' | ':' | ';' | '|'));
        if !is_short {
            return None;
        }
        if line.split(' ').any(has_name) || is_greeting(line) {
            return Some(0.8);
        }
        rest = head;
    }
    None
}

/// Whether a word is a name and hardly anything else.
fn has_name(word: &str) -> bool {
    let entry = lexicon().entry(word);
    entry.given().max(entry.family()) >= 4 && !entry.is_common() && entry.word() <= 4
}

/// Whether a line begins as the end of a letter does.
fn is_greeting(line: &str) -> bool {
    let folded = Folded::of(first_word(line).0);
    matches!(
        folded.as_str(),
        "mvh" | "vh" | "hilsen" | "helsing" | "halsningar" | "kv" | "kvedja" | "terv" | "terveisin" | "regards" | "best"
    )
}

/// First in a clause, before a name alone or a word for a call.
pub(super) fn by_opening(window: &str, after: &str) -> Option<f32> {
    let before = window.trim_end_matches(' ');
    let is_first = before.is_empty() || before.ends_with(['\n', ')', ':', '•', '*', '.', ';', '!', '?']);
    let rest = after.strip_prefix(' ').filter(|_| is_first)?;
    let (word, rest) = first_word(rest);
    let folded = Folded::of(word);
    let is_call = CALLS.contains(&folded.as_str());
    let entry = lexicon().entry(word);
    let is_name = word.chars().next().is_some_and(char::is_uppercase)
        && word.chars().any(char::is_lowercase)
        && entry.given() >= 5
        && entry.word() <= 3
        && !entry.is_common()
        && !entry.is_place()
        && !entry.is_brand();
    // "40000001 Preben Hansen" may be a customer and its number.
    let is_alone = !rest.trim_start_matches(' ').starts_with(char::is_uppercase) && !rest.starts_with(['@', '.', '-', '\'', '&', '/', '[']);
    (is_call || is_name && is_alone).then_some(0.7)
}

/// Folded words for what somebody at the other end does.
#[rustfmt::skip]
static CALLS: [&str; 20] = [
    "ringte", "ringde", "ringede", "ringer", "ringjer", "hringdi", "hringir", "soitti", "soittaa", "soitteli", "called", "calls", "smste",
    "textade", "tekstet", "svarer", "svarar", "svarade", "svarte", "vastaa",
];

/// Behind a preposition that an amount, hours or days part from the word for a call.
pub(super) fn by_preposition_beyond(window: &str) -> Option<f32> {
    let (head, word) = last_word(window.strip_suffix(' ')?);
    if !matches!(word, "på" | "paa" | "pa" | "til" | "till" | "to" | "í" | "á") {
        return None;
    }
    let mut rest = head;
    let mut has_digits = false;
    for _ in 0..8 {
        let shorter = rest.trim_end_matches(|sign: char| sign.is_ascii_digit() || matches!(sign, ' ' | '-' | '.' | ',' | ':' | '€'));
        has_digits |= rest.get(shorter.len()..).is_some_and(|cut| cut.bytes().any(|byte| byte.is_ascii_digit()));
        let (head, word) = last_word(shorter);
        let folded = Folded::of(word);
        let is_between = matches!(
            folded.as_str(),
            "kr" | "kl"
                | "sek"
                | "nok"
                | "dkk"
                | "eur"
                | "euro"
                | "kroner"
                | "kronor"
                | "og"
                | "och"
                | "and"
                | "ja"
                | "hverdage"
                | "hverdager"
                | "vardagar"
                | "mellem"
                | "mellom"
                | "mellan"
                | "fra"
                | "fran"
                | "til"
                | "efter"
                | "etter"
                | "inden"
                | "innan"
        );
        if !is_between {
            let reaches = context::is_telephone(word) || is_label(word) || is_reaching(word);
            return (has_digits && reaches).then_some(0.8);
        }
        rest = head;
    }
    None
}
