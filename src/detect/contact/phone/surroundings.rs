//! Where a number stands that no word calls a telephone.
//!
//! Rule: digits that a preposition leads to (`er på 93411207`, `línu í 8471206`) or a word for who or where is reached (`Sonen:`,
//! `kontoret`, `hennes nr`), that stand right behind a person's name, alone on a line below a line of a few words, as in a signature, in a
//! column of telephones, or before an extension or the hours of calling. Nothing near may speak of a reference, an amount or an account.
//! A placeholder before them refuses: what it stands for may have refused as well.

use super::labels::{is_label, is_owner, is_reaching};
use super::{Place, iceland, international, records, table};
use crate::detect::Country;
use crate::detect::contact::plate;
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
        .or_else(|| by_owner(window))
        .or_else(|| by_extension(after))
        .or_else(|| by_hours(window, after))
        .or_else(|| table::is_in_telephone_column(page, start, end, found).then_some(0.8))
        .or_else(|| table::is_beside_address(page, place, !is_whole, found).then_some(0.7))
        .or_else(|| (place.country.is_none() && is_whole).then(|| by_direction(window)).flatten())
        .or_else(|| is_personal.then(|| by_name(window)).flatten())
        .or_else(|| is_personal.then(|| records::by_signature(page, start, end)).flatten())
        .or_else(|| records::by_post_code(window, place.country))
        .or_else(|| is_personal.then(|| records::by_opening(window, after)).flatten());
    // An amount before the preposition is not the number's: "vipps 300 kr til 40000001".
    let beyond = records::by_preposition_beyond(window).filter(|_| confidence.is_none());
    let confidence = confidence.or(beyond)?;
    let is_other = [Meaning::Reference, Meaning::Amount, Meaning::Account, Meaning::Giro, Meaning::Organisation, Meaning::CivilNumber]
        .into_iter()
        .any(|meaning| page.is_near(start, meaning) && !(beyond.is_some() && meaning == Meaning::Amount));
    (!is_other).then_some(confidence)
}

/// Whether what stands right before leads to a number, as in `ring på`, `soita hänelle`, `sms til mor`.
pub(super) fn is_led_to(page: &Page<'_>, start: usize) -> bool {
    let floor = page.text.ceil_char_boundary(start.saturating_sub(NEAR));
    let window = page.text.get(floor..start).unwrap_or_default();
    let (_, word) = last_word(window.trim_end_matches([' ', ':', '(', '.']));
    let folded = Folded::of(word);
    matches!(folded.as_str(), "pa" | "paa" | "til" | "till" | "i" | "at" | "on" | "to")
        || matches!(folded.as_str(), "oli" | "var" | "was" | "er" | "ar" | "is" | "e")
        || is_reaching(word)
        || is_label(word)
}

/// Whether a quantity's unit or a word for what replaces something stands right before: `24 stk 915 37 224`, `erstattes af 40 61 28 10`.
pub(super) fn is_goods(page: &Page<'_>, start: usize) -> bool {
    const UNITS: [&str; 12] = ["stk", "st", "kpl", "pcs", "pk", "pkt", "krt", "rll", "kg", "par", "sett", "pakker"];
    let floor = page.text.ceil_char_boundary(start.saturating_sub(NEAR));
    let window = page.text.get(floor..start).unwrap_or_default().trim_end_matches([' ', ':', '.', 'x', '(']);
    let (head, word) = last_word(window);
    let folded = Folded::of(word);
    // "Reservdel 0412-220-18"
    if plate::is_part(folded.as_str()) && (head.is_empty() || head.ends_with([' ', '\n', ',', '('])) {
        return true;
    }
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

/// Whether a scheme calls the digits by their number: `sip:+358922518830@pbx3`.
pub(super) fn is_dialled(page: &Page<'_>, start: usize, end: usize) -> bool {
    let before = page.text.get(..start).unwrap_or_default();
    let after = page.text.get(end..).unwrap_or_default();
    (before.ends_with("sip:") || before.ends_with("sips:") || before.ends_with("tel:"))
        && after.starts_with('@')
        && !page.touches_address(start, end)
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
    // "mangler svar fra 40000001"
    if matches!(word, "fra" | "från" | "frå") {
        return is_reaching(last_word(head.trim_end_matches(' ')).1).then_some(0.75);
    }
    if !is_leading {
        return None;
    }
    // "varer på 93411207": a number of a thing; who is on it is a person.
    let (head, verb) = last_word(head.trim_end_matches(' '));
    let (_, other) = last_word(head.trim_end_matches(' '));
    // "Ola er på", "det er Mette på": a usual name that is nothing else.
    let is_called = |word: &str| {
        let entry = lexicon().entry(word);
        word.chars().next().is_some_and(char::is_uppercase) && entry.given() >= 5 && entry.word() <= 3 && !entry.is_common()
    };
    let is_named = is_called(other) || is_called(verb) && matches!(other, "er" | "är" | "hos" | "e");
    (is_reaching(verb) || is_reaching(other) || is_named || is_label(verb)).then_some(0.85)
}

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
    // The two may stand in two cells: "Björk;Lena;054184030".
    let (outer, previous) = last_word(head.trim_end_matches([' ', ';', '\t', '|']));
    let is_second = previous.chars().next().is_some_and(char::is_uppercase) && is_name(previous, 4) && !outer.ends_with(['.', '@', ']']);
    // "Kari Nordmann": a given name, and a word that is nothing.
    let is_unknown = |word: &str| {
        let entry = lexicon().entry(word);
        entry.word() <= 2 && !entry.is_common() && !entry.is_place() && !entry.is_brand() && word.chars().any(char::is_lowercase)
    };
    let is_lone = head.is_empty() || head.ends_with(['\n', ',', '(', '|', ';', '\t']) || head.ends_with(", ") || head.ends_with(": ");
    // "Haft samband við Hrafnkel (8000001)"
    let mut earlier = head;
    let is_contacted = window.ends_with('(')
        && (0..3).any(|_| {
            let (rest, word) = last_word(earlier.trim_end_matches(' '));
            earlier = rest;
            is_reaching(word) || is_label(word)
        });
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
        // "kasserer Else", "spørg efter Birthe": what stands before calls for a name.
        () if (is_kin || matches!(previous, "efter" | "etter" | "hjá")) && lexicon().entry(word).given() >= 4 => Some(0.7),
        () if is_contacted && (is_name(word, 4) || is_unknown(word)) => Some(0.7),
        () => None,
    }
}

/// `nummeret mitt er 40000001`, `nr. hennar er 800 0001`, `numeroni on`: the owner behind the word for a number.
fn by_owner(window: &str) -> Option<f32> {
    let (head, word) = last_word(window.strip_suffix(' ')?.trim_end_matches([' ', ':']));
    let folded = Folded::of(word);
    let (head, word) = match folded.as_str() {
        "er" | "ar" | "is" | "on" | "var" | "e" => last_word(head.trim_end_matches(' ')),
        _ => (head, word),
    };
    let (_, number) = last_word(head.trim_end_matches([' ', '.']));
    (is_owner(word) && is_number_word(number)).then_some(0.85)
}

/// Words that may stand before a number and say nothing: `hjemme er det fortsatt`, `kontoret nu`.
fn is_particle(word: &str) -> bool {
    matches!(
        word,
        "det"
            | "fortsatt"
            | "stadig"
            | "stadigvæk"
            | "fortfarande"
            | "fremdeles"
            | "framleis"
            | "edelleen"
            | "nu"
            | "nå"
            | "no"
            | "nyt"
            | "núna"
            | "ennþá"
            | "still"
            | "bara"
            | "bare"
            | "istedet"
            | "istället"
    )
}

/// Whether a word calls something a number, with no word for what is numbered.
fn is_number_word(word: &str) -> bool {
    let folded = Folded::of(word);
    matches!(
        folded.as_str(),
        "nr" | "nro" | "nummer" | "nummeret" | "numret" | "numeret" | "numero" | "numer" | "numerid" | "number" | "num"
    )
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
    // "Hjemme er det fortsatt": what stands between says nothing.
    let mut is_told = false;
    for _ in 0..3 {
        if !is_particle(word) {
            break;
        }
        is_told = true;
        (head, word) = last_word(head.trim_end_matches(' '));
    }
    // "hennes nr är"
    if matches!(word, "är" | "er" | "on" | "is") {
        (head, word) = last_word(head.trim_end_matches([' ', '.']));
        if is_label(word) && !is_told {
            return None;
        }
    }
    if is_label(word) {
        return Some(0.8);
    }
    let is_number = is_number_word(word);
    let (_, owner) = last_word(head.trim_end_matches(' '));
    (is_number && is_owner(owner)).then_some(0.8)
}

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
        let digits = rest.trim_start_matches(['.', ' ', ':']).bytes().take_while(u8::is_ascii_digit).count();
        // "X 6401120" is a coordinate.
        return (1..=5).contains(&digits).then_some(0.8);
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

/// What stands before the last word of letters, and the word.
pub(super) fn last_word(text: &str) -> (&str, &str) {
    let head = text.trim_end_matches(char::is_alphabetic);
    text.split_at(head.len())
}

/// The first word of letters, and what follows.
pub(super) fn first_word(text: &str) -> (&str, &str) {
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
