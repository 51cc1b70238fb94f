//! The place behind a street and its number: a postcode and town, over a stretch that says where in the house, or a town alone.

use super::line::{self, byte, letters, word};
use super::place::{Place, alone, code_alone, coded, is_light, next_part};
use super::words::FIRST_WORDS;
use super::{finnish, street};
use crate::detect::fold::Folded;
use crate::detect::lexicon::lexicon;

/// What may follow an address of some kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// There has to be a postcode.
    pub(super) code: bool,
    /// The street is sure, so that a town may follow that nobody knows.
    pub(super) unknown: bool,
    /// The street is Icelandic, whose postcodes have three digits.
    pub(super) icelandic: bool,
    /// The street is written in lower case, as its town may be.
    pub(super) lower: bool,
}

/// The place that follows a street and its number: a postcode and town, behind a village or not, or a town unless there has to be a code.
pub(super) fn following(text: &str, at: usize, wanted: Wanted) -> Option<Place> {
    let part = next_part(text, at)?;
    if let Some(place) = coded(text, part) {
        return Some(place);
    }
    if wanted.unknown
        && text.get(at..part).is_some_and(|between| between.trim_start_matches('.').starts_with(','))
        && let Some(place) = code_alone(text, part, wanted.icelandic)
    {
        return Some(place);
    }
    if let Some(place) = lettered(text, part).filter(|_| wanted.unknown) {
        return Some(place);
    }
    // `Møllevej 3, Nørre Bjert, 6000 Kolding`
    let light = is_light(text, at, part);
    let mut end = part;
    for _ in 0..if light { 3 } else { 0 } {
        let village = word(text, end);
        if !line::is_capital(village) {
            break;
        }
        end += village.len();
        // `Nr. Bjert`
        if village.len() <= 3 && text.get(end..).is_some_and(|rest| rest.starts_with(". ")) {
            end += 2;
            continue;
        }
        if let Some(place) = next_part(text, end).and_then(|next| coded(text, next)).filter(|place| place.known || place.formal) {
            return Some(place);
        }
        if byte(text, end) != Some(b' ') {
            break;
        }
        end += 1;
    }
    if let Some(place) = bridged(text, at).filter(|place| wanted.unknown || place.known || place.formal) {
        return Some(place);
    }
    if wanted.code {
        return None;
    }
    (if light { alone(text, part) } else { None })
        .or_else(|| within(text, at))
        .or_else(|| lower(text, at, part).filter(|_| wanted.lower))
        .or_else(|| unknown(text, at, part).filter(|place| light && (wanted.unknown || place.known)))
}

/// How far behind a street and its number a postcode may stand on the same line, in bytes.
const BRIDGE: usize = 40;

/// A postcode and town behind a short stretch that says where in the house: `Keskustori 7, porttikongista sisään, 33200 Tampere`.
fn bridged(text: &str, at: usize) -> Option<Place> {
    let window = text.get(at..text.floor_char_boundary((at + BRIDGE + 12).min(text.len())))?;
    let line = window.split(['\n', '\r']).next()?;
    let mut digits = 0;
    let mut position = 0;
    let bytes = line.as_bytes();
    while let Some(here) = bytes.get(position).filter(|_| position < BRIDGE) {
        match here {
            b'0'..=b'9' => {
                let place = coded(text, at + position);
                let joint = line.get(..position)?;
                let parted = joint.trim_end_matches(' ').ends_with([',', ')', '|', '\u{b7}', ';']) && joint.ends_with([' ', ',']);
                let length = line::digits(text, at + position);
                if let Some(place) = place.filter(|place| parted && (place.known || place.formal || length >= 4)) {
                    return Some(place).filter(|_| is_bridge(joint));
                }
                digits += length;
                if digits > 6 || length > 4 {
                    return None;
                }
                position += length;
            }
            b'@' | b'[' | b']' | b':' | b'?' | b'!' | b'=' | b'"' | b'<' | b'>' => return None,
            _ => position += 1,
        }
    }
    None
}

/// Whether a stretch between a street and a postcode holds neither a sentence's end nor a word that begins something else.
fn is_bridge(joint: &str) -> bool {
    if joint.trim_start().starts_with('(') && joint.trim_end_matches([' ', ',']).ends_with(')') {
        return true;
    }
    // `opg. B`, `avd. II`: no sentence begins with one letter.
    let sentence = joint
        .match_indices(". ")
        .any(|(at, _)| line::is_capital(joint.get(at + 2..).unwrap_or_default()) && letters(joint, at + 2).len() > 2);
    let other = |word: &str| {
        matches!(
            Folded::of(word).as_str(),
            "och"
                | "og"
                | "ja"
                | "till"
                | "til"
                | "samt"
                | "eller"
                | "and"
                | "to"
                | "eda"
                | "tai"
                | "seka"
                | "fran"
                | "fra"
                | "ring"
                | "tel"
                | "tlf"
                | "puh"
                | "mobil"
                | "simi"
                | "kl"
                | "klo"
                | "den"
                | "kund"
                | "ordre"
                | "order"
                | "faktura"
                | "fakt"
        )
    };
    !sentence && !joint.split(|letter: char| !letter.is_alphabetic()).any(other)
}

/// A Danish postcode with its district alone: `2000 F.`, `2100 Ø`.
fn lettered(text: &str, at: usize) -> Option<Place> {
    let district = letters(text, at + 5);
    let known = matches!(district, "K" | "V" | "N" | "NV" | "S" | "SV" | "\u{d8}" | "C" | "F");
    let end = at + 5 + district.len();
    let held = line::digits(text, at) == 4 && byte(text, at + 4) == Some(b' ') && known && line::is_clause_end(text, end);
    held.then_some(Place { end, least: end, coded: true, known: true, listed: false, formal: false })
}

/// A known town behind a preposition, or one in a Finnish case: `22 á Selfossi`, `in Kristiansand`, `1:ssä Kouvolassa`.
fn within(text: &str, at: usize) -> Option<Place> {
    let rest = text.get(at..)?;
    if let Some(preposition) = [" i ", " in ", " \u{ed} ", " \u{e1} "].iter().find(|preposition| rest.starts_with(**preposition)) {
        return alone(text, at + preposition.len());
    }
    let before = text.get(..at)?;
    let ending = line::word_before(before, at);
    let cased = before.strip_suffix(ending).is_some_and(|before| before.ends_with(':'));
    let end = finnish::town(text, at + 1).filter(|_| cased && rest.starts_with(' '))?;
    Some(Place { end, least: end, coded: false, known: true, listed: false, formal: false })
}

/// A place of the lexicon in lower case behind a comma: `toften 19, ørum`.
fn lower(text: &str, at: usize, part: usize) -> Option<Place> {
    let name = word(text, part);
    let end = part + name.len();
    let entry = lexicon().entry(name);
    let place = entry.is_place() && !entry.is_common() && entry.given().max(entry.family()) < 6 && entry.word() == 0;
    let stands = line::is_clause_end(text, end) || text.get(end..).is_some_and(|rest| rest.starts_with(" ("));
    let held = place && stands && name.len() >= 4 && text.get(at..part)?.starts_with(',');
    held.then_some(Place { end, least: end, coded: false, known: true, listed: false, formal: false })
}

/// A town that is in no list: one or two capitalised words behind a comma that end the clause and are no known name or word.
fn unknown(text: &str, at: usize, part: usize) -> Option<Place> {
    if !text.get(at..part)?.starts_with(',') {
        return None;
    }
    let mut start = part;
    // `V. Hassing`, `Nr. Nebel`
    let first = letters(text, part);
    let short = first.chars().count() == 1 || FIRST_WORDS.contains(&Folded::of(first).as_str());
    if line::is_capital(first) && short {
        start += first.len();
        start += usize::from(byte(text, start) == Some(b'.'));
        start += usize::from(byte(text, start) == Some(b' '));
    }
    let name = word(text, start);
    let end = start + name.len();
    let stands =
        line::is_clause_end(text, end) || byte(text, end) == Some(b':') || text.get(end..).is_some_and(|rest| rest.starts_with(" ("));
    let entry = lexicon().entry(name);
    let person = entry.given().max(entry.family());
    let other = entry.is_common() || entry.is_people() || entry.is_brand() || entry.word() > 3 || line::is_shouted(name) && name.len() < 5;
    let place = entry.is_place() && entry.given() < 6 || entry.is_unknown() || start > part && person < 6;
    let held = name.len() >= if entry.is_place() { 2 } else { 3 }
        && line::is_capital(name)
        && stands
        && !other
        && place
        && !street::is_label(Folded::of(name).as_str());
    held.then_some(Place { end, least: end, coded: false, known: entry.is_place(), listed: false, formal: false })
}
