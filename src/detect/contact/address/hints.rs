//! What else says that a number behind a capitalised word is a house's: words before, fields of a table.

use super::line::{byte, byte_before, is_capital, is_letter, word_before};
use crate::detect::fold::Folded;
use crate::detect::lexicon::lexicon;

/// Whether a folded word is a field's name for an address.
pub(super) fn is_address_word(folded: &str) -> bool {
    matches!(
        folded,
        "adr"
            | "adress"
            | "adressen"
            | "adresse"
            | "adressa"
            | "address"
            | "os"
            | "osoite"
            | "osoitteeni"
            | "katuosoite"
            | "kotiosoite"
            | "heimilisfang"
            | "heimilisfangid"
            | "heimili"
            | "bopael"
            | "bopel"
            | "bostad"
            | "besoksadress"
            | "besoksadresse"
            | "besogsadresse"
            | "hemadress"
            | "hemadr"
            | "postadress"
            | "postadresse"
            | "leveransadress"
            | "leveringsadresse"
            | "lejemal"
            | "leieobjekt"
            | "hyresobjekt"
            | "kohde"
            | "ejendom"
            | "ejendommen"
            | "besok"
            | "besog"
            | "toimitusosoite"
            | "kayntiosoite"
    )
}

/// Whether a folded verb says that somebody lives where the preposition behind it says.
fn is_dwelling(folded: &str) -> bool {
    matches!(
        folded,
        "bor"
            | "bur"
            | "bodde"
            | "budde"
            | "boende"
            | "bosatt"
            | "busett"
            | "bosat"
            | "byr"
            | "by"
            | "bjo"
            | "bua"
            | "asuu"
            | "asun"
            | "lives"
            | "living"
            | "hjemme"
            | "hemma"
            | "heima"
            | "bo"
            | "boddi"
            | "asuin"
            | "asui"
            | "asumme"
            | "asuvat"
            | "heimilis"
            | "buande"
            | "skriven"
            | "folkbokford"
            | "folkeregistrert"
            | "star"
            | "stod"
            | "kvar"
            | "igjen"
            | "hus"
            | "lejlighed"
            | "leilighet"
            | "lagenhet"
            | "stuga"
            | "hytte"
            | "inbrott"
            | "innbrudd"
            | "indbrud"
            | "brand"
            | "brann"
            | "bosatte"
            | "utkallad"
            | "tilkalt"
            | "garden"
            | "gaarden"
            | "gard"
    )
}

/// Whether a folded verb says that somebody goes where `to` behind it says.
pub(super) fn is_moving(folded: &str) -> bool {
    matches!(
        folded,
        "flyttat"
            | "flyttade"
            | "flyttar"
            | "flytter"
            | "flyttet"
            | "flyttede"
            | "flytta"
            | "flutt"
            | "flutti"
            | "kaldt"
            | "kallad"
            | "kalt"
            | "tilkaldt"
            | "moved"
            | "leveres"
            | "levereras"
            | "leverera"
            | "skickas"
            | "sendes"
            | "sendt"
            | "utrykning"
            | "udrykning"
            | "utryckning"
            | "ambulanse"
            | "sykebil"
            | "fluttur"
            | "fluttir"
            | "flyt"
            | "muutti"
            | "sendast"
            | "sendist"
            | "skickat"
            | "sent"
            | "levert"
            | "kor"
            | "kjor"
            | "kjorer"
            | "korer"
            | "kors"
            | "retur"
            | "taxi"
            | "taxa"
            | "drosje"
            | "hjem"
            | "hem"
            | "heim"
    )
}

/// The word before here, parted by a blank, and where it begins; nothing where another sign stands between.
fn previous(text: &str, at: usize) -> (usize, &str) {
    let end = match byte_before(text, at) {
        Some(b' ') => at - 1,
        _ => return (at, ""),
    };
    let word = word_before(text, end);
    (end - word.len(), word)
}

/// Whether the words before say that somebody lives or goes here: `bor i`, `Adress:`, `flyttat till`.
pub(super) fn told(text: &str, start: usize) -> bool {
    // `Adresse: `, `os. `
    let before = text.get(..start).unwrap_or_default();
    let trimmed = before.strip_suffix(' ').unwrap_or(before);
    if let Some(label) = trimmed.strip_suffix([':', '.']) {
        let word = word_before(label, label.len());
        return is_address_word(Folded::of(word).as_str()) && !label.is_empty();
    }
    let (first, word) = previous(text, start);
    let folded = Folded::of(word);
    let (_, earlier) = previous(text, first);
    let earlier = Folded::of(earlier);
    match folded.as_str() {
        "foran" | "utenfor" | "udenfor" | "utanfor" => is_capital(text.get(start..).unwrap_or_default()),
        "asuu" | "asun" | "asuin" | "asumme" | "osoitteessa" | "osoitteeseen" | "osoitteesta" => true,
        // `asun itse Kalastajanmäki 4`
        "itse" | "nykyaan" | "nyt" | "edelleen" if is_dwelling(earlier.as_str()) => true,
        // `fluttur í mosó, bjargartanga 4`
        "i" | "pa" | "a" | "at" | "in" | "ved" | "vid" | "ad" => is_dwelling(earlier.as_str()) || is_address_word(earlier.as_str()),
        "till" | "til" | "to" => is_moving(earlier.as_str()),
        word => is_address_word(word) && !matches!(word, "ejendom" | "kohde" | "besok" | "besog" | "bostad" | "os"),
    }
}

/// Whether the sentence so far tells of a move or a dwelling: `fluttur í mosó, bjargartanga 4`.
pub(super) fn told_before(text: &str, start: usize) -> bool {
    let mut at = start;
    for _ in 0..6 {
        let end = text.get(..at).unwrap_or_default().trim_end_matches([' ', ',', ':']).len();
        if at - end > 3 || end == 0 {
            return false;
        }
        let word = word_before(text, end);
        if word.is_empty() {
            return false;
        }
        let folded = Folded::of(word);
        if is_dwelling(folded.as_str()) && !matches!(folded.as_str(), "by" | "hus" | "star" | "kvar" | "brand")
            || is_moving(folded.as_str())
            || is_address_word(folded.as_str())
        {
            return true;
        }
        at = end - word.len();
    }
    false
}

/// Whether a preposition of place or way stands before.
pub(super) fn follows_preposition(text: &str, start: usize) -> bool {
    let (_, word) = previous(text, start);
    matches!(Folded::of(word).as_str(), "i" | "pa" | "a" | "at" | "ved" | "vid" | "till" | "til" | "fran" | "fra" | "ad" | "hos")
}

/// How far a table's field with a telephone may stand from the street, in bytes.
const TABLE: usize = 64;

/// Whether the street is a field of a table that has a telephone in another: `Adrian Moe;91 33 70 24;Lillevollen 6`.
pub(super) fn is_field(text: &str, start: usize, end: usize) -> bool {
    let Some(sign) = byte_before(text, start).filter(|sign| matches!(sign, b';' | b'|' | b'\t')) else { return false };
    if !matches!(byte(text, end), None | Some(b'\n' | b'\r')) && byte(text, end) != Some(sign) {
        return false;
    }
    let bytes = text.as_bytes();
    let number = |field: &[u8]| {
        let count = field.iter().filter(|byte| byte.is_ascii_digit()).count();
        (7..=12).contains(&count) && !field.iter().any(|byte| is_letter(*byte))
    };
    let reach = start.saturating_sub(TABLE);
    let line = bytes.get(reach..start).unwrap_or_default().rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let behind = bytes.get(end..bytes.len().min(end + TABLE)).unwrap_or_default().split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.split(|byte| *byte == sign).chain(behind.split(|byte| *byte == sign)).any(number)
}

/// Whether a capitalised word may be a street that nobody knows: no usual word and no usual given name.
pub(super) fn may_be_street(word: &str) -> bool {
    let entry = lexicon().entry(word);
    let name = entry.given() > 2;
    is_capital(word) && word.len() >= 4 && !entry.is_common() && !name && !entry.is_people() && !entry.is_brand() && entry.word() < 6
}
