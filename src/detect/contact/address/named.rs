//! Which words before a street's last one belong to it: `Karl Johans gate`, `Gamle Kongevej`, `3. linja`.

use super::line::{byte_before, is_capital, is_shouted, token_before, word};
use super::street::{is_label, is_modifier};
use super::words::TITLES;
use super::{endings, words};
use crate::detect::fold::Folded;
use crate::detect::lexicon::lexicon;

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
pub(super) fn modified(text: &str, start: usize) -> usize {
    let lower = !text.get(start..).is_some_and(is_capital);
    let mut begins = start;
    for _ in 0..2 {
        let Some((at, token)) = previous(text, begins) else { break };
        let pointed = token.ends_with('.');
        let folded = Folded::of(token.trim_end_matches('.'));
        let folded = folded.as_str();
        let short = folded.len() <= 4;
        // `Ö. Promenaden`, `V. Søgade`
        let side = pointed && matches!(folded, "n" | "s" | "o" | "v" | "y" | "i" | "m") && !lower;
        // `N Strandgatan`, but not the district of a town before it.
        let bare = matches!(token, "N" | "S" | "V" | "\u{d6}" | "\u{d8}") && !lower;
        let side = side || bare && !previous(text, at).is_some_and(|(_, before)| is_capital(before));
        let adjective = is_modifier(folded) || !lower && words::COLOURS.contains(&folded);
        // `Ved Kirken` is a street, "ved Storgata" is beside one.
        let preposition = matches!(folded, "ved" | "vid") && !is_beside(text, start);
        // `nr amagerbrogade 4`: the number, not the north.
        if !(adjective || side)
            || preposition
            || lower && token == "nr"
            || (pointed && !short)
            || token.ends_with(':')
            || (!lower && !is_capital(token))
        {
            break;
        }
        begins = at;
    }
    // `Den Lille Vej`
    if begins < start
        && let Some((at, "Den" | "Det")) = previous(text, begins)
    {
        begins = at;
    }
    begins
}

/// Where the town begins that the main street of many towns is told apart by: `Valby Langgade`, `Herlev Hovedg.`.
pub(super) fn town_street(text: &str, start: usize, folded: &str) -> Option<usize> {
    let main = matches!(
        folded,
        "langgade"
            | "langg"
            | "hovedgade"
            | "hovedg"
            | "bygade"
            | "storegade"
            | "storeg"
            | "kirkegade"
            | "byvej"
            | "kirkevej"
            | "stationsvej"
            | "strandvej"
            | "mosevej"
            | "skovvej"
            | "centervej"
            | "byvag"
            | "kyrkvag"
    );
    let (at, token) = previous(text, start).filter(|_| main)?;
    let entry = lexicon().entry(token);
    let town = super::towns::is_town(Folded::of(token).as_str(), |_| true) || entry.is_place() && entry.given() < 3 && !entry.is_common();
    (town && is_capital(token) && !token.contains(['.', ':'])).then_some(at)
}

/// Where the parish or district begins that stands before a place that is no street by itself: `Hablingbo Nisse 410`, `Bispebjerg Bakke 29`.
pub(super) fn district(text: &str, start: usize) -> Option<usize> {
    let (at, token) = previous(text, start)?;
    let entry = lexicon().entry(token);
    let is_district = entry.is_place() && entry.given() < 3 && entry.family() < 6 && !entry.is_common();
    (is_district && is_capital(token) && !token.contains(['.', ':'])).then_some(at)
}

/// Where the first name begins of whom a street is named after: `Erik Dahlbergsgatan`.
pub(super) fn first_name(text: &str, start: usize, end: usize) -> Option<usize> {
    let word = text.get(start..end)?;
    let family = ["sgatan", "sv\u{e4}gen", "sgata", "sgate", "sgade", "svej", "svei", "sveien", "splats"]
        .iter()
        .find_map(|ending| word.strip_suffix(*ending))?;
    let (at, token) = previous(text, start)?;
    let known = lexicon().entry(family).family() > 2 && lexicon().entry(token).given() > 2;
    (known && is_capital(word) && is_capital(token) && !token.contains(['.', ':'])).then_some(at)
}

/// Whether a word is what streets are named after for standing beside it: `Kirken` of `Ved Kirken`, not `Storgata`.
fn is_beside(text: &str, start: usize) -> bool {
    let word = word(text, start);
    let folded = Folded::of(word);
    let street = matches!(endings::of(folded.as_str()), Some((_, endings::Surety::Sure | endings::Surety::Capital)));
    let icelandic = word.contains(['\u{f0}', '\u{fe}', '\u{fa}', '\u{ed}', '\u{fd}']);
    !street && !icelandic
}

/// Where the genitive before a street of one word begins: `Kattvikens byaväg`, `Juvan teollisuuskatu`, `Kongens Nytorv`.
pub(super) fn genitive(text: &str, start: usize, folded: &str) -> Option<usize> {
    let (_, surety) = endings::of(folded)?;
    let finnish = matches!(
        folded.as_bytes(),
        [.., b'a', b't', b'u']
            | [.., b't', b'i', b'e']
            | [.., b'k', b'u', b'j', b'a']
            | [.., b'r', b'a', b'n', b't', b'a']
            | [.., b'p', b'o', b'l', b'k', b'u']
    );
    let capital = text.get(start..).is_some_and(is_capital);
    let weak = matches!(surety, endings::Surety::Weak | endings::Surety::Icelandic | endings::Surety::Place);
    if weak && (capital || !folded.ends_with("ranta")) || finnish && capital {
        return None;
    }
    let (at, token) = previous(text, start)?;
    let name = Folded::of(token);
    let name = name.as_str();
    let ends = if finnish { name.ends_with('n') } else { name.ends_with('s') };
    let entry = lexicon().entry(token);
    let royal = matches!(name, "kongens" | "dronningens" | "kungens" | "drottningens" | "rikets" | "byens" | "kirkens" | "kyrkans");
    let other =
        is_label(name) || is_possessive(name) || entry.is_common() && !royal || entry.given() > 2 && (capital || !ends) || entry.word() > 4;
    // `Lämnas Storgatan 4`, `Hentes storgade 4`: a verb. A name, or what belongs to an office.
    let owner = token.strip_suffix('s').map(|owner| lexicon().entry(owner));
    let named = owner.is_some_and(|owner| owner.given().max(owner.family()) > 0);
    let verb = if capital { !named && !royal } else { !finnish && !named && (name.ends_with("as") || name.ends_with("es")) };
    let plain =
        token.len() >= 4 && !verb && ends && is_capital(token) && !token.contains(['.', ':', '\'']) && (capital || !is_shouted(token));
    (plain && !other).then_some(at)
}

/// Where a Finnish street in lower case begins, whose name is a genitive: `servin maijan tie`.
pub(super) fn lower_finnish(text: &str, start: usize, noun: &str) -> Option<usize> {
    if !matches!(noun, "tie" | "katu" | "kuja" | "polku" | "valtatie" | "raitti") {
        return None;
    }
    let mut begins = None;
    for _ in 0..2 {
        let Some((at, token)) = previous(text, begins.unwrap_or(start)) else { break };
        if token.len() < 5 || !token.ends_with('n') || token.contains(['.', ':']) || lexicon().entry(token).is_common() || is_capital(token)
        {
            break;
        }
        begins = Some(at);
    }
    begins
}

/// Where an ordinal or a day before a street begins: `3. linja`, `10. Februar Vej`, `7. juni-gata`, `17. mai-plassen`.
pub(super) fn ordinal(text: &str, start: usize) -> usize {
    let Some(before) = text.get(..start).and_then(|before| before.strip_suffix(". ")) else { return start };
    let first = Folded::of(super::line::letters(text, start));
    let counted = matches!(
        first.as_str(),
        "januar"
            | "februar"
            | "mars"
            | "marts"
            | "april"
            | "mai"
            | "maj"
            | "juni"
            | "juli"
            | "august"
            | "september"
            | "oktober"
            | "november"
            | "december"
            | "desember"
            | "linja"
            | "tvargata"
            | "tvaergade"
    );
    let length = before.bytes().rev().take(3).take_while(u8::is_ascii_digit).count();
    let digits = before.len() - length;
    let free = byte_before(text, digits).is_none_or(|byte| matches!(byte, b' ' | b'\n' | b',' | b'(' | b'\t' | b'"' | b';' | b'|' | b':'));
    if counted && (1..=2).contains(&length) && free { digits } else { start }
}

/// Where a street whose last word is a noun begins, and whether it is written in lower case; `None` where no name stands before the noun.
pub(super) fn named(text: &str, start: usize, noun: &str, any: bool) -> Option<(usize, usize, bool)> {
    // `3. linja`, `Toinen linja`
    let lower = text.get(start..).is_some_and(|rest| rest.starts_with('l'));
    if noun == "linja" && !lower {
        return None;
    }
    if noun == "linja" && ordinal(text, start) < start {
        return Some((start, start, false));
    }
    let (at, token) = previous(text, start)?;
    let name = token.trim_end_matches('.');
    let folded = Folded::of(name);
    let folded = folded.as_str();
    if noun == "linja" {
        let counts = matches!(folded, "ensimmainen" | "toinen" | "kolmas" | "neljas" | "viides");
        return counts.then_some((at, at, false));
    }
    // `10. Februar Vej`
    if is_capital(token) && matches!(noun, "vej" | "plads" | "gate" | "gade") && ordinal(text, at) < at {
        return Some((at, at, false));
    }
    if token.ends_with(':') || is_label(folded) || name.is_empty() {
        return None;
    }
    let modifier = is_modifier(folded) || words::COLOURS.contains(&folded) || pointed_side(token);
    // `Fritids v. 8`: a week.
    if noun.len() == 1 && !previous(text, at).is_some_and(|(_, before)| is_capital(before) && !is_label(Folded::of(before).as_str())) {
        let given = token.strip_suffix('s').map_or(0, |name| lexicon().entry(name).given());
        if given < 3 {
            return None;
        }
    }
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
    // `Øvre Møllenberg gate`: a noun in lower case behind a name that is no word.
    let plain = matches!(noun, "gate" | "gata" | "gade" | "vei" | "veg" | "vej" | "gt") && !text.get(start..).is_some_and(is_capital);
    let modified = || {
        previous(text, at).is_some_and(|(_, before)| is_capital(before) && is_modifier(Folded::of(before.trim_end_matches('.')).as_str()))
    };
    let behind_name = plain
        && (modified()
            || (lexicon().entry(token).is_unknown() || lexicon().entry(token).is_place() && lexicon().entry(token).given() < 3)
                && token.len() >= 5
                && !is_shouted(token));
    if !(any || modifier || genitive || behind_name) || is_possessive(folded) || (pointed && !modifier && !is_initials(token)) {
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
            || (pointed
                && (TITLES.contains(&folded) || is_modifier(folded) || name.chars().count() == 2 && is_capital(name) && !is_label(folded)))
            || (!pointed && is_capital(token) && token.len() > 1 && !token.ends_with([':', '\'']) && !is_label(folded));
        if !belongs {
            break;
        }
        begins = at;
    }
    // `Den Lille Vej`
    if modifier && let Some((first, "Den" | "Det")) = previous(text, begins) {
        begins = first;
    }
    Some((begins, at, false))
}

/// `Ö.`, `V:a`
fn pointed_side(token: &str) -> bool {
    matches!(token, "N." | "S." | "V." | "\u{d6}." | "\u{d8}." | "Y." | "I.")
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
