//! Where a number stands that no word calls a telephone.
//!
//! Rule: digits that a preposition leads to (`er på 93411207`, `línu í 8471206`) or a word for who or where is reached (`Sonen:`,
//! `kontoret`, `hennes nr`), that stand right behind a person's name, alone on a line below a line of a few words, as in a signature, in a
//! column of telephones, or before an extension or the hours of calling. Nothing near may speak of a reference, an amount or an account.
//! A placeholder before them refuses: what it stands for may have refused as well.

use super::{Place, iceland, international, table};
use crate::detect::Country;
use crate::detect::context::Meaning;
use crate::detect::digits::Page;
use crate::detect::fold::Folded;
use crate::detect::lexicon::lexicon;
use crate::detect::resolve::Candidate;

/// How far before a number words are read, in bytes.
const NEAR: usize = 48;
/// How far behind a number words are read, in bytes.
const AFTER: usize = 32;

/// How likely the digits are a telephone number by where they stand.
pub(super) fn confidence(page: &Page<'_>, place: &Place<'_>, found: &[Candidate]) -> Option<f32> {
    let (start, end, digits) = (place.start, place.end, place.digits);
    let first = *digits.first()?;
    let is_subscriber = match place.country {
        Some(Country::IS) => digits.len() == 7 && matches!(first, b'4'..=b'8'),
        Some(Country::NO | Country::DK) => digits.len() == 8 && matches!(first, b'2'..=b'9'),
        Some(Country::SE | Country::FI) => first == b'0',
        None => international::is_nordic_mobile(digits),
    };
    // "45000000" is a sum, and so is "45 000 000".
    let is_whole = end - start == digits.len();
    let is_sum = digits.ends_with(b"00000") || !is_whole && digits.ends_with(b"000");
    if !is_subscriber || is_sum || page.touches_address(start, end) || !is_closed(page.text, end) {
        return None;
    }
    let floor = page.text.ceil_char_boundary(start.saturating_sub(NEAR));
    // What a bracket stands for may have hidden a word behind it.
    let window = page.text.get(floor..start).filter(|window| !window.contains(['[', ']']))?;
    let after = page.text.get(end..page.text.floor_char_boundary(end + AFTER)).unwrap_or_default();
    // In any text seven digits behind a name may be anything; but Icelandic mobiles begin with 6 to 8.
    let is_personal = match place.country {
        Some(Country::IS) => matches!(first, b'6'..=b'8') || iceland::is_icelandic(page, start, end),
        _ => true,
    };
    // "Kim 4 5 3 3 4 4 5 4" are points.
    let is_personal = is_personal && place.count <= 5;
    let confidence = by_preposition(window, place.country)
        .or_else(|| by_label(window))
        .or_else(|| by_extension(after))
        .or_else(|| by_hours(window, after))
        .or_else(|| table::is_in_telephone_column(page, start, end, found).then_some(0.8))
        .or_else(|| table::is_beside_address(page, place, !is_whole, found).then_some(0.7))
        .or_else(|| (place.country.is_none() && is_whole).then(|| by_direction(window)).flatten())
        .or_else(|| is_personal.then(|| by_name(window)).flatten())
        .or_else(|| is_personal.then(|| by_line(page.text, window, floor, end)).flatten())?;
    let is_other = [Meaning::Reference, Meaning::Amount, Meaning::Account, Meaning::Giro, Meaning::Organisation, Meaning::CivilNumber]
        .into_iter()
        .any(|meaning| page.is_near(start, meaning));
    (!is_other).then_some(confidence)
}

/// Whether what stands right before leads to a number, as in `ring på`, `soita hänelle`, `sms til mor`.
pub(super) fn is_led_to(page: &Page<'_>, start: usize) -> bool {
    let floor = page.text.ceil_char_boundary(start.saturating_sub(NEAR));
    let window = page.text.get(floor..start).unwrap_or_default();
    let (_, word) = last_word(window.trim_end_matches([' ', ':', '(', '.']));
    let folded = Folded::of(word);
    matches!(folded.as_str(), "pa" | "paa" | "til" | "till" | "i" | "at" | "on" | "to")
        || REACHING.contains(&folded.as_str())
        || is_label(word)
}

/// Whether a quantity's unit or a word for what replaces something stands right before: `24 stk 915 37 224`, `erstattes af 40 61 28 10`.
pub(super) fn is_goods(page: &Page<'_>, start: usize) -> bool {
    const UNITS: [&str; 12] = ["stk", "st", "kpl", "pcs", "pk", "pkt", "krt", "rll", "kg", "par", "sett", "pakker"];
    let floor = page.text.ceil_char_boundary(start.saturating_sub(NEAR));
    let window = page.text.get(floor..start).unwrap_or_default().trim_end_matches([' ', ':', '.', 'x', '(']);
    let (head, word) = last_word(window);
    let folded = Folded::of(word);
    // A word that touches a sign may be part of what a placeholder comes to stand for.
    let Some(head) = head.strip_suffix(' ').map(|head| head.trim_end_matches(' ')) else { return false };
    if UNITS.contains(&folded.as_str()) {
        return head.ends_with(|before: char| before.is_ascii_digit() || before == ']');
    }
    let (before, verb) = last_word(head);
    let verb = Folded::of(verb);
    let replaces = ["erstat", "ersatt", "ersat", "replac", "supersed"].iter().any(|beginning| verb.as_str().starts_with(beginning));
    let is_apart = before.is_empty() || before.ends_with([' ', '\n']);
    replaces && is_apart && matches!(folded.as_str(), "av" | "af" | "by" | "med" | "with") || folded.as_str().starts_with("korva")
}

/// Whether the clause ends behind the digits, or a word in lower case goes on.
fn is_closed(text: &str, end: usize) -> bool {
    match text.as_bytes().get(end..).unwrap_or_default() {
        [] | [b'\n' | b'\r' | b'\t' | b'.' | b',' | b';' | b')' | b'!' | b'?' | b'|' | b'/', ..] => true,
        [b' ', next, ..] => !next.is_ascii_digit() && *next != b'[' && *next != b'%',
        _ => false,
    }
}

/// `han er på 93411207`, `línu í 8471206`: somebody is reached on it.
fn by_preposition(window: &str, country: Option<Country>) -> Option<f32> {
    let before = window.strip_suffix(' ')?;
    let (head, word) = last_word(before);
    let is_leading = match country {
        Some(Country::IS) => word == "í",
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
    (reaches(verb) || reaches(other) || is_named || is_label(verb)).then_some(0.85)
}

/// Folded words for being somewhere, and for whom one reaches.
static REACHING: [&str; 55] = [
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
    "svarar",
    "varslet",
    "varslad",
    "honum",
    "henni",
    "haenelle",
    "skilabod",
    "tilbake",
    "tilbage",
];

/// `Kari Nordmann 93411207`, `Kari | 93411207`, `Kari (93411207`.
fn by_name(window: &str) -> Option<f32> {
    let before = window.trim_end_matches([' ', ',', ';', '\t', '|', '/', '•', '·', ':', '(', '-']);
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
    // "Kari Nordmann": a given name, and a word that is nothing.
    let is_unknown = |word: &str| {
        let entry = lexicon().entry(word);
        entry.word() <= 2 && !entry.is_common() && !entry.is_place() && !entry.is_brand() && word.chars().any(char::is_lowercase)
    };
    let is_lone = head.is_empty() || head.ends_with(['\n', ',', '(', '|', ';', '\t']) || head.ends_with(", ") || head.ends_with(": ");
    // "my boss Øystein", "sonen Erik"
    let is_kin = is_label(previous);
    // "Sólveig Anspach Briem": a given name and two more words with capitals.
    let (_, given) = last_word(outer.trim_end_matches(' '));
    let is_capital = |word: &str| word.chars().next().is_some_and(char::is_uppercase) && word.chars().any(char::is_lowercase);
    let is_row = is_capital(word) && is_capital(previous) && is_capital(given) && is_name(given, 6);
    match () {
        () if is_second && is_name(word, 3) => Some(0.8),
        () if is_second && is_name(previous, 6) && (is_unknown(word) || lexicon().entry(word).family() >= 5) => Some(0.7),
        () if (is_lone || is_kin) && is_name(word, 6) => Some(0.7),
        () if is_row => Some(0.7),
        () => None,
    }
}

/// Whether a word for whose a number is, or where somebody is reached, stands right before.
pub(super) fn is_labelled(page: &Page<'_>, start: usize) -> bool {
    let floor = page.text.ceil_char_boundary(start.saturating_sub(NEAR));
    page.text.get(floor..start).and_then(by_label).is_some()
}

/// `Sonen: 4 15 88 207`, `på arbejdet 7516 20 44`, `søsters nr: 016-512 7 44`.
fn by_label(window: &str) -> Option<f32> {
    let before = window.trim_end_matches([' ', ':', '.', '?', '(', ')']);
    if before.len() == window.len() {
        return None;
    }
    let (mut head, mut word) = last_word(before);
    // "hennes nr är"
    if matches!(word, "är" | "er" | "on" | "is") {
        (head, word) = last_word(head.trim_end_matches([' ', '.']));
        if is_label(word) {
            return None;
        }
    }
    if is_label(word) {
        return Some(0.8);
    }
    let folded = Folded::of(word);
    let is_number = matches!(folded.as_str(), "nr" | "nro" | "nummer" | "nummeret" | "numret" | "numero" | "numer" | "numerid" | "number");
    let (_, owner) = last_word(head.trim_end_matches(' '));
    (is_number && is_owner(owner)).then_some(0.8)
}

/// Whether a word says who or where is reached.
pub(super) fn is_label(word: &str) -> bool {
    let folded = Folded::of(word);
    PLACES.contains(&folded.as_str()) || KIN.contains(&folded.as_str())
}

/// Whether a word says whose a number is: `hennes nr`, `min mors nummer`, `danskt nr`.
fn is_owner(word: &str) -> bool {
    let folded = Folded::of(word);
    let word = folded.as_str();
    OWNERS.contains(&word) || KIN.contains(&word) || word.strip_suffix('s').is_some_and(|word| KIN.contains(&word))
}

/// Folded words for where and how somebody is reached.
static PLACES: [&str; 44] = [
    "direkte",
    "direkt",
    "direct",
    "arbejde",
    "arbejdet",
    "arbeid",
    "arbetet",
    "arbete",
    "arb",
    "jobb",
    "jobbet",
    "jobbtel",
    "kontor",
    "kontoret",
    "hjem",
    "hjemme",
    "privat",
    "hem",
    "hemma",
    "heima",
    "vinna",
    "vinnu",
    "koti",
    "kotiin",
    "tyo",
    "toihin",
    "alternativt",
    "alternatively",
    "ellers",
    "annars",
    "muuten",
    "profid",
    "profadu",
    "reynid",
    "prov",
    "kokeile",
    "gemsi",
    "gemsinn",
    "gemsa",
    "hs",
    "vs",
    "kveldstid",
    "dagtid",
    "kvallstid",
];

/// Folded words for those who are close to somebody, or answer for them.
#[rustfmt::skip]
static KIN: [&str; 100] = [
    "mor", "moren", "moderen", "faderen", "mamma", "mamman", "mama", "far", "faren", "pappa", "pappan", "mormor", "farmor", "morfar", "farfar",
    "son", "sonen", "sonur", "sonar", "sonn", "sonnen", "datter", "datteren", "dotter", "dottern", "dottir", "dottur",
    "bror", "broren", "brodern", "brodir", "soster", "sosteren", "syster", "systern", "systir", "systur",
    "kona", "kone", "konen", "konan", "mann", "mannen", "manden", "madur", "hustru", "hustrun", "fru", "frun", "sambo", "samboer",
    "ham", "hende", "henne", "honom", "hendes", "hennes", "hans", "hennar", "hana", "mommu",
    "aiti", "aidin", "aidille", "isa", "isan", "isalle", "poika", "pojan", "pojalle", "tytar", "tyttaren", "vaimo", "mies", "mummo",
    "pabbi", "pabba", "amma", "afi", "nabo", "naboen", "granne", "grannen", "naapuri", "anhorig", "narstaende", "parorende",
    "paarorende", "omainen", "omaisen", "vaktmester", "vaktmestar", "huoltomies",
    "boss", "chef", "chefen", "sjef", "sjefen", "kollega", "kollegan",
];

/// Folded words for whose a number is.
#[rustfmt::skip]
static OWNERS: [&str; 34] = [
    "mitt", "mit", "min", "ditt", "dit", "sitt", "sit", "eget", "privat", "privata", "nya", "nytt", "nyt", "nye", "ratt", "rett",
    "riktig", "rigtigt", "dansk", "danskt", "norsk", "norskt", "svensk", "svenskt", "finsk", "finskt", "oma", "omani", "hanen",
    "islenskt", "beint", "direkt", "my", "her",
];

/// `fra 4740188236`: a call from a number with its country code.
fn by_direction(window: &str) -> Option<f32> {
    let (_, word) = last_word(window.strip_suffix(' ')?);
    let folded = Folded::of(word);
    matches!(folded.as_str(), "fra" | "fran" | "fr" | "from" | "til" | "till" | "to" | "pa").then_some(0.75)
}

/// `7516 20 44 lokal 12`, `12 34 56 78 ext. 4`, and `… er telefonen i butikken`.
fn by_extension(after: &str) -> Option<f32> {
    const EXTENSIONS: [&str; 9] = ["lokal", "ankn", "anknytning", "ext", "extension", "alanumero", "linje", "x", "ankn"];
    let (word, rest) = first_word(after.strip_prefix([' ', ','])?.trim_start_matches(' '));
    let folded = Folded::of(word);
    if EXTENSIONS.contains(&folded.as_str()) {
        return rest.trim_start_matches(['.', ' ', ':']).starts_with(|next: char| next.is_ascii_digit()).then_some(0.8);
    }
    // "40612793 (privat)"
    if after.starts_with(" (") && is_label(first_word(after.get(2..)?).0) {
        return Some(0.75);
    }
    if !matches!(folded.as_str(), "er" | "ar" | "is" | "on") {
        return None;
    }
    let names = |word: &str| {
        let folded = Folded::of(word);
        ["telefon", "mobil", "tlf", "puhelin", "simi", "phone"].iter().any(|beginning| folded.as_str().starts_with(beginning))
    };
    let (one, rest) = first_word(rest.trim_start_matches(' '));
    let (two, _) = first_word(rest.trim_start_matches(' '));
    (names(one) || is_owner(one) && names(two)).then_some(0.75)
}

/// A clause of its own with the hours of calling behind it: `8615530 e. kl. 18`.
fn by_hours(window: &str, after: &str) -> Option<f32> {
    let before = window.trim_end_matches(' ');
    let is_clause = before.is_empty() || before.ends_with(['.', ',', ';', ':', '!', '?', '\n', '(']);
    let rest = after.trim_start_matches([' ', ',', '(']);
    let is_hour = ["e. kl", "e.kl", "eftir kl", "efter kl", "etter kl", "after ", "kvällstid", "kveldstid", "dagtid", "iltaisin"]
        .iter()
        .any(|beginning| rest.starts_with(beginning));
    (is_clause && is_hour).then_some(0.7)
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
pub(super) fn last_word(text: &str) -> (&str, &str) {
    let head = text.trim_end_matches(char::is_alphabetic);
    text.split_at(head.len())
}

/// The first word of letters, and what follows.
fn first_word(text: &str) -> (&str, &str) {
    let rest = text.trim_start_matches(char::is_alphabetic);
    text.split_at(text.len() - rest.len())
}

/// Whether a word that calls itself a number stands right before: `ordernr`, `Tarjousnro`.
pub(super) fn is_behind_number_label(page: &Page<'_>, start: usize) -> bool {
    let floor = page.text.ceil_char_boundary(start.saturating_sub(NEAR));
    let window = page.text.get(floor..start).unwrap_or_default().trim_end_matches([' ', ':', '.', '#', '(', '+']);
    let (_, word) = last_word(window);
    let folded = Folded::of(word);
    ["nr", "nro", "nummer", "numero", "numer", "nummeret", "number", "no"].iter().any(|ending| folded.as_str().ends_with(ending))
}
