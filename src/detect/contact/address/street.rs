//! The street before a house number.

use super::endings::{self, Surety};
use super::line::{byte_before, is_capital, is_letter, is_shouted, token_before, word_before};
use super::words::{LABELS, MODIFIERS, STEMS, TITLES};
use crate::detect::fold::Folded;

/// How much the words before a number say by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// A capitalised word that says nothing: a street where a postcode and town follow.
    Named,
    /// `Box 12`: an address where a postcode and town follow.
    Box,
    /// An ending that many other words have.
    Weak,
    /// A street in lower case.
    Lower,
    /// `Postboks 12`, which is nothing else.
    PostBox,
    /// A street.
    Street,
}

/// A street before a number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Street {
    pub(super) start: usize,
    /// Where its shortest reading begins, without the words before that may belong to it.
    pub(super) least: usize,
    pub(super) strength: Strength,
    /// Finnish, where a staircase and a door follow the number.
    pub(super) finnish: bool,
}

/// The street that ends before the digits at `number`.
pub(super) fn before(text: &str, number: usize) -> Option<Street> {
    let mut end = number;
    while byte_before(text, end) == Some(b' ') && number - end < 2 {
        end -= 1;
    }
    let glued = end == number;
    if let Some(filler) = filler(text, end) {
        end = filler;
    }
    let dotted = byte_before(text, end) == Some(b'.');
    if dotted {
        end -= 1;
    }
    if !byte_before(text, end).is_some_and(is_letter) {
        return None;
    }
    let word = word_before(text, end);
    let capital = is_capital(word);
    if word.len() < 2 || !capital && !endings::may_end(word.as_bytes()) {
        return None;
    }
    let start = end - word.len();
    // Inside a longer token, a path, a placeholder.
    if byte_before(text, start)
        .is_some_and(|before| before.is_ascii_digit() || matches!(before, b'/' | b'@' | b'_' | b'#' | b'\\' | b']' | b'=' | b'&' | b'+'))
    {
        return None;
    }
    let tail = text.get(text.ceil_char_boundary(start.max(end.saturating_sub(30)))..end)?;
    let folded = Folded::of(tail);
    let found = of_word(text, start, end, folded.as_str(), dotted)?;
    // `Storgatan12`: only what can be nothing else, and no code.
    let sure = found.strength == Strength::Street && end - start >= 6 && !is_shouted(word);
    (!glued || sure).then_some(found)
}

/// Where the street ends before a `nr` that stands before its number.
fn filler(text: &str, end: usize) -> Option<usize> {
    if !matches!(byte_before(text, end), Some(b'r' | b'.')) {
        return None;
    }
    let rest = text.get(..end)?;
    [" nr", " nr.", " no.", " Nr", " Nr.", " num."].iter().find_map(|filler| rest.strip_suffix(filler)).map(str::len)
}

fn of_word(text: &str, start: usize, end: usize, folded: &str, dotted: bool) -> Option<Street> {
    let word = text.get(start..end)?;
    let capital = is_capital(word);
    let word_start = start;
    let street = |start, strength| Some(Street { start, least: word_start, strength, finnish: false });
    match folded {
        "box" if capital && !dotted => return post_office_box(text, start).or_else(|| street(start, Strength::Box)),
        "pl" | "pb" if is_shouted(word) => return street(start, Strength::Box),
        "postboks" | "postbox" | "postholf" | "postlokero" | "boks" if capital => {
            return street(start, if folded == "boks" { Strength::Box } else { Strength::PostBox });
        }
        _ => {}
    }
    if dotted {
        return is_abbreviation(folded, capital).and_then(|strength| street(modified(text, start), strength));
    }
    if let Some(any) = endings::noun(folded) {
        if let Some((start, least, lower)) = named(text, start, folded, any) {
            let finnish = is_finnish(folded);
            return Some(Street { start, least, strength: if lower { Strength::Lower } else { Strength::Street }, finnish });
        }
        // `Torget 5`: the square of a small town.
        let square = matches!(folded, "torget" | "torvet" | "storgata" | "allen") && capital && !is_shouted(word);
        return street(start, if square { Strength::Weak } else { Strength::Named }).filter(|_| capital);
    }
    let ending = endings::of(folded).filter(|(ending, _)| !is_other_vowel(word, ending));
    if let Some((ending, surety)) = ending {
        let strength = match surety {
            Surety::Sure if capital => Strength::Street,
            Surety::Sure if folded.len() > ending.len() + 1 => Strength::Lower,
            Surety::Capital if capital => Strength::Street,
            Surety::Weak if word.ends_with(['é', 'É']) => {
                if capital {
                    Strength::Street
                } else {
                    Strength::Lower
                }
            }
            // `Detaljplan 14`: far more plans than streets.
            Surety::Weak if capital && *ending == *"plan" => Strength::Named,
            Surety::Weak | Surety::Icelandic if capital => Strength::Weak,
            _ => return None,
        };
        return Some(Street { start: modified(text, start), least: start, strength, finnish: is_finnish(folded) });
    }
    if !capital {
        return None;
    }
    // `Kirkegt 12`, `Drammensvn 3`, `Kungsg 4`.
    if let Some(strength) = is_abbreviation_without_point(folded) {
        return street(modified(text, start), strength);
    }
    if is_label(folded) { None } else { street(modified(text, start), Strength::Named) }
}

/// `P.O. Box 12`, `PO Box 12`.
fn post_office_box(text: &str, start: usize) -> Option<Street> {
    let before = text.get(..start)?.strip_suffix(' ')?;
    let start = ["P.O.", "PO", "P.O", "P. O."].iter().find_map(|office| before.strip_suffix(office)).map(str::len)?;
    Some(Street { start, least: start, strength: Strength::PostBox, finnish: false })
}

/// `vågen` folds to what `vägen` folds to.
fn is_other_vowel(word: &str, ending: &str) -> bool {
    matches!(ending, "vagen" | "vag")
        && word.get(word.floor_char_boundary(word.len().saturating_sub(5))..).is_some_and(|tail| tail.contains(['å', 'Å']))
}

fn is_finnish(folded: &str) -> bool {
    const FINNISH: [&str; 18] = [
        "katu", "kadulla", "kadulle", "kadulta", "kadun", "tie", "tiella", "tielle", "tielta", "kuja", "polku", "kaari", "raitti", "rinne",
        "tori", "ranta", "aukio", "vayla",
    ];
    FINNISH.iter().any(|ending| folded.ends_with(ending))
}

/// `Storg.`, `Kungsv.`, `Kirkegt.`, `Drammensvn.`
fn is_abbreviation(folded: &str, capital: bool) -> Option<Strength> {
    if !capital {
        return None;
    }
    if folded.len() >= 5
        && (folded.ends_with("gt")
            || folded.ends_with("vn") && !folded.ends_with("havn")
            || folded.ends_with("vg")
            || folded.ends_with("gd"))
    {
        return Some(Strength::Street);
    }
    let stem = folded.strip_suffix(['g', 'v'])?;
    if STEMS.contains(&stem) {
        return Some(Strength::Street);
    }
    // `Göteborg. 12 personer`, `i dag. 3 st`: a sentence's end.
    let other = ["ber", "bor", "in", "da", "sla", "tin", "la", "bre", "ha", "fa", "o"].iter().any(|end| stem.ends_with(end));
    (folded.len() >= 6 && !other).then_some(Strength::Weak)
}

/// `Kirkegt 12`, `Storg 3`.
fn is_abbreviation_without_point(folded: &str) -> Option<Strength> {
    let stem = folded.strip_suffix("gt").or_else(|| folded.strip_suffix("vn"));
    let joined = stem.is_some_and(|stem| stem.len() >= 4 && stem.ends_with(['s', 'r', 'n', 'd', 't', 'k', 'm', 'l']));
    let kirkegt = folded.len() >= 7 && folded.ends_with("egt");
    let short = folded.strip_suffix(['g', 'v']).is_some_and(|stem| STEMS.contains(&stem) && stem.len() >= 3);
    (joined || kirkegt || short).then_some(Strength::Street)
}

fn is_label(folded: &str) -> bool {
    opens(&LABEL_OPENINGS, folded) && LABELS.binary_search(&folded).is_ok()
}

fn is_modifier(folded: &str) -> bool {
    opens(&MODIFIER_OPENINGS, folded) && MODIFIERS.binary_search(&folded).is_ok()
}

/// A bit for what two letters a word of a list begins with.
type Openings = [u64; 16];

static LABEL_OPENINGS: Openings = openings(&LABELS);
static MODIFIER_OPENINGS: Openings = openings(&MODIFIERS);

const fn openings(words: &[&str]) -> Openings {
    let mut bits = [0; 16];
    let mut index = 0;
    while index < words.len() {
        let bit = opening(words[index].as_bytes());
        bits[bit >> 6] |= 1 << (bit & 63);
        index += 1;
    }
    bits
}

const fn opening(word: &[u8]) -> usize {
    match word {
        [one, two, ..] => ((*one & 31) as usize) << 5 | (*two & 31) as usize,
        [one] => ((*one & 31) as usize) << 5,
        [] => 0,
    }
}

fn opens(openings: &Openings, word: &str) -> bool {
    let bit = opening(word.as_bytes());
    openings[bit >> 6] >> (bit & 63) & 1 == 1
}

/// `H.C.`, `J.`, `P.A.`
fn is_initials(token: &str) -> bool {
    token.ends_with('.') && token.split('.').all(|part| part.chars().count() <= 1) && is_capital(token)
}

/// The word before a street, with its points; where it begins.
fn previous(text: &str, start: usize) -> Option<(usize, &str)> {
    let end = match byte_before(text, start)? {
        b' ' => start - 1,
        _ => return None,
    };
    let token = token_before(text, end);
    let begins = end - token.len();
    let free = byte_before(text, begins)
        .is_none_or(|before| matches!(before, b' ' | b'\n' | b'\t' | b'(' | b'"' | b',' | b';' | b'>' | b':' | b'|' | b'\r' | b'\''));
    (!token.is_empty() && free).then_some((begins, token))
}

/// Where a street of one word begins, with the words that belong to it: `Gamle Kongevej`, `Sankt Eriksgatan`.
fn modified(text: &str, start: usize) -> usize {
    let lower = !text.get(start..).is_some_and(is_capital);
    let mut begins = start;
    for _ in 0..2 {
        let Some((at, token)) = previous(text, begins) else { break };
        let pointed = token.ends_with('.');
        let folded = Folded::of(token.trim_end_matches('.'));
        let short = folded.as_str().len() <= 4;
        if !is_modifier(folded.as_str()) || (pointed && !short) || token.ends_with(':') || (!lower && !is_capital(token)) {
            break;
        }
        begins = at;
    }
    begins
}

/// Where a street whose last word is a noun begins, and whether it is written in lower case; `None` where no name stands before the noun.
fn named(text: &str, start: usize, noun: &str, any: bool) -> Option<(usize, usize, bool)> {
    let (at, token) = previous(text, start)?;
    let name = token.trim_end_matches('.');
    let folded = Folded::of(name);
    let folded = folded.as_str();
    if token.ends_with(':') || is_label(folded) || name.is_empty() {
        return None;
    }
    let modifier = is_modifier(folded);
    let genitive = if matches!(noun, "tie" | "valtatie" | "puisto" | "puistikko" | "tori" | "ranta" | "kaari") {
        folded.ends_with('n')
    } else {
        folded.ends_with(['s', 'z', 'x'])
    };
    let pointed = token.ends_with('.');
    if !is_capital(token) {
        let plain = matches!(
            noun,
            "gate" | "gade" | "gata" | "vag" | "vagen" | "vej" | "vei" | "veg" | "alle" | "torg" | "plads" | "plass" | "katu" | "boulevard"
        );
        // "leaves Gate 2": a street in lower case has its noun in lower case too.
        let lower = plain
            && !pointed
            && !text.get(start..).is_some_and(is_capital)
            && (modifier || (genitive && folded.len() >= 6 && !is_possessive(folded)));
        if !lower {
            return None;
        }
        // `karl johans gate`: one more word can not be told from the sentence.
        let begins = modified(text, at);
        return Some((begins, at, true));
    }
    if !(any || modifier || genitive) || is_possessive(folded) || (pointed && !modifier && !is_initials(token)) {
        return None;
    }
    let mut begins = at;
    for _ in 0..3 {
        let Some((at, token)) = previous(text, begins) else { break };
        let name = token.trim_end_matches('.');
        let folded = Folded::of(name);
        let folded = folded.as_str();
        let pointed = token.ends_with('.');
        let belongs = is_initials(token)
            || (pointed && (TITLES.contains(&folded) || is_modifier(folded)))
            || (!pointed && is_capital(token) && token.len() > 1 && !token.ends_with([':', '\'']) && !is_label(folded));
        if !belongs {
            break;
        }
        begins = at;
    }
    Some((begins, at, false))
}

/// Whose or which, and no name: `hans väg`.
fn is_possessive(folded: &str) -> bool {
    matches!(
        folded,
        "hans"
            | "hennes"
            | "dess"
            | "deras"
            | "deres"
            | "vores"
            | "vars"
            | "hendes"
            | "dagens"
            | "alles"
            | "egen"
            | "is"
            | "was"
            | "this"
            | "its"
            | "as"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, Strength)>) {
        let number = text.find(|character: char| character.is_ascii_digit()).unwrap();
        let found = before(text, number).map(|street| (text[street.start..number].trim_end(), street.strength));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn streets_of_one_word() {
        check("bor på Storgatan 12", Some(("Storgatan", Strength::Street)));
        check("bor på storgatan 12", Some(("storgatan", Strength::Lower)));
        check("Adress: KUNGSVÄGEN 3", Some(("KUNGSVÄGEN", Strength::Street)));
        check("Storgatan12", Some(("Storgatan", Strength::Street)));
        check("Per-Olofsgatan 3", Some(("Per-Olofsgatan", Strength::Street)));
        check("Hjulvågen 3", Some(("Hjulvågen", Strength::Named)));
        check("i gatan 3", None);
        check("example.com/storgatan 3", None);
        check("Gamle Kongevej 10", Some(("Gamle Kongevej", Strength::Street)));
        check("Storg. 12", Some(("Storg.", Strength::Street)));
        check("Kungsv 3", Some(("Kungsv", Strength::Street)));
        check("Göteborg. 12", None);
    }

    #[test]
    fn streets_of_several_words() {
        check("Besök Karl Johans gate 3", Some(("Karl Johans gate", Strength::Street)));
        check("på H.C. Andersens Boulevard 12", Some(("H.C. Andersens Boulevard", Strength::Street)));
        check("Drottning Kristinas väg 4", Some(("Drottning Kristinas väg", Strength::Street)));
        check("södra vägen 4", Some(("södra vägen", Strength::Lower)));
        check("gick hans väg 4", None);
        check("the coach leaves Gate 2", Some(("Gate", Strength::Named)));
        check("Detaljplan 14", Some(("Detaljplan", Strength::Named)));
        check("P.O. Box 12", Some(("P.O. Box", Strength::PostBox)));
    }
}
