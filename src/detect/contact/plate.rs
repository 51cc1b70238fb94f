//! Vehicle registration plates.
//!
//! Finds: Swedish `ABC 123` and `ABC 12D`, Danish `AB 12 345` and of trailers `AB 12 34`, Norwegian `AB 12345`, Finnish `ABC-123`, Icelandic `AB C12` and `AB 123`,
//! with and without their blank or hyphen, for the countries that are read.
//!
//! Rule: as many letters and digits as the country's plates have, without the letters that it does not use. Article codes, models,
//! flights, rooms and amounts look the same: a plate is likely only beside a word that speaks of a vehicle (`regnr`, `skilt`, `bilen`,
//! `rekkari`, `leasingauto`), and then in lower case and in loose spellings too, or of a model of car (`Yaris`), then in capitals. What a
//! word right before calls an article, a part or a drawing is none. Without a word, whole plates in capitals are offered as unlikely
//! findings, the shorter forms not at all; nor are currencies, units and other known abbreviations.
//!
//! Source: Transportstyrelsens föreskrifter om registreringsskyltar (letters without I, Q, V, Å, Ä, Ö; no O last); Motorregistret's
//! bekendtgørelse om registreringsafgift og nummerplader; Statens vegvesen, forskrift om bruk av kjøretøy § 2-12 (letters without G, I,
//! M, O, Q, W); Traficom, rekisterikilvet; Samgöngustofa, reglugerð um skráningu ökutækja. The examples are made up.
//!
//! ```text
//! Regnr ABC 123, regnr: abc12d → Regnr [vehicle_plate], regnr: [vehicle_plate]
//! Bilen (AB 12 345) er parkeret, skiltet DK12345 → Bilen ([vehicle_plate]) er parkeret, skiltet [vehicle_plate]
//! Rekkari ABC-123, rekisterinumero AB-12 → Rekkari [vehicle_plate], rekisterinumero [vehicle_plate]
//! bíll AB C12, skráningarnúmer AB-123 → bíll [vehicle_plate], skráningarnúmer [vehicle_plate]
//! Hakee peräkärryllä, ABC-123. Tilhengeren, AB 1234, er leid ut → Hakee peräkärryllä, [vehicle_plate]. Tilhengeren, [vehicle_plate], er leid ut
//! Leasingauto ZKB-418, rauður Yaris, PB-231. Hilux (SU 30917), trailer SX 40 21 → Leasingauto [vehicle_plate], rauður Yaris, [vehicle_plate]. Hilux ([vehicle_plate]), trailer [vehicle_plate]
//! Volvo, artikel ABC 123, Yaris ritning ABC-123, varaosa ABC-123 → Volvo, artikel ABC 123, Yaris ritning ABC-123, varaosa ABC-123
//! Leigubíll, flug FI 205. Bilen rykkede ud 212 gange → Leigubíll, flug FI 205. Bilen rykkede ud 212 gange
//! SEK 500, NOK 12345, ISO 900, E 18, XC 60, SK 1234 → SEK 500, NOK 12345, ISO 900, E 18, XC 60, SK 1234
//! artikel ABC 123, order AB12345 → artikel ABC 123, order AB12345
//! ```

use super::vehicle;
use crate::detect::context::Meaning;
use crate::detect::digits::{DigitGroup, Page, Run, Separator};
use crate::detect::fold::Folded;
use crate::detect::lexicon::lexicon;
use crate::detect::placeholder;
use crate::detect::resolve::Candidate;
use crate::detect::{Country, Kind};

/// How likely a plate is beside a word.
const NAMED: f32 = 0.96;
/// How likely it is beside a model of car.
const MODELLED: f32 = 0.85;

/// A form of plate that fits.
#[derive(Clone, Copy)]
struct Plate {
    end: usize,
    /// How likely it is with no word around; 0 if it then is none.
    alone: f32,
}

/// Offers the plate whose first digits these are.
pub(in crate::detect) fn recognise(page: &Page<'_>, first: usize, _run: &Run<'_>, found: &mut Vec<Candidate>) {
    let Some(group) = page.groups.get(first).filter(|group| group.length() <= 5) else { return };
    let bytes = page.bytes();
    let Some((start, letters, separator)) = letters_before(bytes, group.start) else { return };
    let next = page.groups.get(first + 1);
    let mut best: Option<Plate> = None;
    for country in page.countries.iter() {
        let plate = match country {
            Country::SE => swedish(bytes, letters, separator, group),
            Country::DK => danish(letters, separator, group, next),
            Country::NO => norwegian(letters, separator, group),
            Country::FI => finnish(letters, separator, group),
            Country::IS => icelandic(letters, separator, group),
        };
        if let Some(plate) = plate
            && best.is_none_or(|best| (plate.end, plate.alone) > (best.end, best.alone))
        {
            best = Some(plate);
        }
    }
    let Some(plate) = best else { return };
    // `PB 231` is a box of the post's, `PB-231` a plate.
    let is_plate_of_box = letters.eq_ignore_ascii_case(b"PB") && separator == Some(b'-');
    if !is_outside(page, start, plate.end) || (is_abbreviation(letters) && !is_plate_of_box) {
        return;
    }
    let context = page.context(start, plate.end);
    let says_otherwise = context.immediate && matches!(context.meaning, Some(Meaning::Reference | Meaning::Amount | Meaning::Organisation));
    let is_capital = letters.iter().all(u8::is_ascii_uppercase);
    // "rykkede ud 212 gange": a word; "flug FI 205": a flight.
    let is_word = !is_capital && std::str::from_utf8(letters).is_ok_and(|word| lexicon().entry(word).is_common());
    if is_word || is_of_journey(page, start, plate.end) || is_of_part(page, start) {
        return;
    }
    let confidence = match speaks_of_vehicle(page, start, plate.end) {
        Some(Speaker::Word) if !(says_otherwise && context.is(Meaning::Reference)) => NAMED,
        Some(Speaker::Model) if is_capital && !says_otherwise => MODELLED,
        _ if is_capital && !says_otherwise => plate.alone,
        _ => 0.0,
    };
    if confidence > 0.0 {
        found.push(Candidate::shape(start, plate.end, Kind::VehiclePlate, confidence));
    }
}

/// Whether the word right before speaks of a flight or a line of traffic, which are numbered alike, or the one behind of an arrival.
fn is_of_journey(page: &Page<'_>, start: usize, end: usize) -> bool {
    const JOURNEYS: [&str; 20] = [
        "flug", "flugi", "fluginu", "flyg", "flyget", "flight", "flights", "fly", "flyet", "flyvning", "lento", "lennolla", "lennon",
        "rutefly", "tag", "tog", "toget", "train", "juna", "linje",
    ];
    const ARRIVALS: [&str; 16] = [
        "arrival",
        "arrives",
        "arriving",
        "departs",
        "departure",
        "landing",
        "lands",
        "lander",
        "landar",
        "lendir",
        "ankomst",
        "ankommer",
        "avgang",
        "afgang",
        "saapuu",
        "laskeutuu",
    ];
    let floor = page.text.ceil_char_boundary(start.saturating_sub(24));
    let before = page.text.get(floor..start).unwrap_or_default().trim_end_matches([' ', ':', '.', '(']);
    let word = &before[before.trim_end_matches(char::is_alphabetic).len()..];
    let ceiling = page.text.floor_char_boundary(end + 24);
    let after = page.text.get(end..ceiling).unwrap_or_default().trim_start_matches([' ', ',', ';', '(']);
    let next = &after[..after.find(|character: char| !character.is_alphabetic()).unwrap_or(after.len())];
    JOURNEYS.contains(&Folded::of(word).as_str()) || ARRIVALS.contains(&Folded::of(next).as_str())
}

/// Whether the word right before speaks of an article, a part or a drawing, which are numbered alike.
fn is_of_part(page: &Page<'_>, start: usize) -> bool {
    let floor = page.text.ceil_char_boundary(start.saturating_sub(24));
    let before = page.text.get(floor..start).unwrap_or_default().trim_end_matches([' ', ':', '.', '(']);
    let before = before.strip_suffix("nr").map_or(before, |head| head.trim_end_matches([' ', '.']));
    let head = before.trim_end_matches(char::is_alphabetic);
    let word = &before[head.len()..];
    // No part of an address, which may become a placeholder.
    let is_free = head.is_empty() || head.ends_with([' ', '\n', '\t', ',', '(']);
    is_free && is_part(Folded::of(word).as_str())
}

/// Whether a folded word is one for an article, a part or a drawing.
pub(super) fn is_part(word: &str) -> bool {
    PARTS.contains(&word)
}

/// Folded words for articles, parts and drawings.
#[rustfmt::skip]
static PARTS: [&str; 38] = [
    "ritning", "ritningen", "tegning", "tegningen", "tegn", "piirustus", "piirustuksen", "teikning", "drawing", "dwg", "del", "detalj", "reservdel", "reservdelen", "reservedel", "varaosa", "varaosan", "varahlutur", "part",
    "spare", "modell", "model", "malli", "mallin", "typ", "type", "tyyppi", "koodi", "kod", "kode", "osa", "vare", "reservedelen", "reservdelsnr", "delenr", "delnr", "osanro", "partno",
];

/// Two or three letters before the digits, where they begin, and the blank or hyphen between.
fn letters_before(bytes: &[u8], digits: usize) -> Option<(usize, &[u8], Option<u8>)> {
    let separator = bytes.get(digits.checked_sub(1)?).copied().filter(|byte| matches!(byte, b' ' | b'-'));
    let end = digits - usize::from(separator.is_some());
    let length = bytes[..end].iter().rev().take(4).take_while(|byte| byte.is_ascii_alphabetic()).count();
    // An Icelandic plate may have its blank between the letters: "AB C12".
    if length == 1 && separator.is_none() {
        let pair = end.checked_sub(4).and_then(|start| bytes.get(start..end))?;
        return match pair {
            [one, two, b' ' | b'-', three] if [one, two, three].iter().all(|byte| byte.is_ascii_alphabetic()) => {
                Some((end - 4, pair, None))
            }
            _ => None,
        };
    }
    (2..=3).contains(&length).then(|| (end - length, &bytes[end - length..end], separator))
}

fn has_only(letters: &[u8], without: &[u8]) -> bool {
    letters.iter().all(|letter| letter.is_ascii_alphabetic() && !without.contains(&letter.to_ascii_uppercase()))
}

/// `ABC 123`, `ABC 12D`.
fn swedish(bytes: &[u8], letters: &[u8], separator: Option<u8>, group: &DigitGroup) -> Option<Plate> {
    const UNUSED: &[u8] = b"IQV";
    if letters.len() != 3 || !has_only(letters, UNUSED) {
        return None;
    }
    match group.length() {
        3 => Some(Plate { end: group.end, alone: if separator == Some(b'-') { 0.0 } else { 0.4 } }),
        2 => {
            let last = bytes.get(group.end).filter(|last| has_only(&[**last], b"IQVO"))?;
            let is_even = last.is_ascii_uppercase() == letters[0].is_ascii_uppercase();
            is_even.then_some(Plate { end: group.end + 1, alone: if separator == Some(b'-') { 0.0 } else { 0.45 } })
        }
        _ => None,
    }
}

/// `AB 12 345`, `AB 12 34`.
fn danish(letters: &[u8], separator: Option<u8>, group: &DigitGroup, next: Option<&DigitGroup>) -> Option<Plate> {
    if letters.len() != 2 || !has_only(letters, b"IOQ") || separator == Some(b'-') {
        return None;
    }
    match (group.length(), next) {
        (5, _) => Some(Plate { end: group.end, alone: 0.35 }),
        // Trailers and motorcycles.
        (4, _) => Some(Plate { end: group.end, alone: 0.0 }),
        (2, Some(next)) if next.before == Separator::Space && next.length() == 2 => Some(Plate { end: next.end, alone: 0.0 }),
        (2, Some(next)) if next.before == Separator::Space && next.length() == 3 => Some(Plate { end: next.end, alone: 0.5 }),
        _ => None,
    }
}

/// `AB 12345`.
fn norwegian(letters: &[u8], separator: Option<u8>, group: &DigitGroup) -> Option<Plate> {
    let is_pair = letters.len() == 2 && (has_only(letters, b"GIMOQW") || letters.eq_ignore_ascii_case(b"GA"));
    match group.length() {
        5 if is_pair && separator != Some(b'-') => Some(Plate { end: group.end, alone: 0.4 }),
        // Motorcycles and trailers.
        4 if is_pair && separator != Some(b'-') => Some(Plate { end: group.end, alone: 0.0 }),
        _ => None,
    }
}

/// `ABC-123`, `AB-12`.
fn finnish(letters: &[u8], separator: Option<u8>, group: &DigitGroup) -> Option<Plate> {
    if group.length() > 3 || (letters.len() != 2 && letters.len() != 3) || !has_only(letters, b"") {
        return None;
    }
    let is_whole = letters.len() == 3 && group.length() == 3;
    Some(match separator {
        Some(b'-') => Plate { end: group.end, alone: if is_whole { 0.45 } else { 0.0 } },
        _ if is_whole => Plate { end: group.end, alone: 0.0 },
        _ => return None,
    })
}

/// `AB 123`, `AB C12`.
fn icelandic(letters: &[u8], separator: Option<u8>, group: &DigitGroup) -> Option<Plate> {
    let fits = match (letters, group.length()) {
        ([_, _, b' ' | b'-', _], 2) => true,
        ([one, two, three], 2) => separator.is_none() && has_only(&[*one, *two, *three], b""),
        ([one, two], 3) => has_only(&[*one, *two], b""),
        _ => false,
    };
    fits.then_some(Plate { end: group.end, alone: 0.0 })
}

/// Whether a plate may begin and end here: not inside a longer token, not beside a placeholder.
fn is_outside(page: &Page<'_>, start: usize, end: usize) -> bool {
    let (before, after) = (&page.text[..start], &page.text[end..]);
    let left = match before.chars().next_back() {
        None => true,
        Some(']') => placeholder::at_end(before).is_none(),
        Some('-' | '_' | '/' | '.' | '@' | '#' | '+' | '&' | '=' | '\\') => false,
        Some(other) => !other.is_alphanumeric(),
    };
    let right = match after.chars().next() {
        None => true,
        Some('.' | ',' | ':') => !after[1..].starts_with(|next: char| next.is_alphanumeric() || next == '['),
        Some('-' | '/') => !after[1..].starts_with(|next: char| next.is_alphanumeric() || next == '['),
        Some('_' | '@' | '%' | '#' | '+' | '=' | '[') => false,
        // "ABC 123 456" is a row of numbers.
        Some(' ') => !after[1..].starts_with(|next: char| next.is_ascii_digit() || next == '['),
        Some(other) => !other.is_alphanumeric(),
    };
    left && right
}

/// Whether the letters are a currency, a unit, a month or another abbreviation that numbers follow.
fn is_abbreviation(letters: &[u8]) -> bool {
    let bit = abbreviation_bit(letters);
    ABBREVIATION_BITS[bit >> 6] >> (bit & 63) & 1 == 1 && ABBREVIATIONS.iter().any(|known| letters.eq_ignore_ascii_case(known))
}

/// A bit for a hash of each abbreviation: most letters are none.
static ABBREVIATION_BITS: [u64; 64] = {
    let mut bits = [0; 64];
    let mut index = 0;
    while index < ABBREVIATIONS.len() {
        let bit = abbreviation_bit(ABBREVIATIONS[index]);
        bits[bit >> 6] |= 1 << (bit & 63);
        index += 1;
    }
    bits
};

const fn abbreviation_bit(letters: &[u8]) -> usize {
    let mut hash = letters.len();
    let mut index = 0;
    while index < letters.len() {
        hash = (hash * 37 + (letters[index] & 31) as usize) & 0xfff;
        index += 1;
    }
    hash
}

#[rustfmt::skip]
static ABBREVIATIONS: [&[u8]; 193] = [
    b"SEK", b"NOK", b"DKK", b"EUR", b"USD", b"GBP", b"ISK", b"CHF", b"PLN", b"JPY", b"CNY", b"KR", b"ISO", b"DIN", b"EAN", b"OCR",
    b"KID", b"CVR", b"PIN", b"KOD", b"TEL", b"TLF", b"TFN", b"MOB", b"PUH", b"GSM", b"FAX", b"REF", b"ART", b"NRS", b"NR", b"NO",
    b"SKU", b"LOT", b"BOX", b"RUM", b"ROM", b"SAL", b"DAG", b"UGE", b"KAP", b"SID", b"FIG", b"TAB", b"PDF", b"USB", b"RAM", b"SSD",
    b"GPS", b"LED", b"CPU", b"GPU", b"BMW", b"MAN", b"KIA", b"VIN", b"PCS", b"STK", b"KGS", b"MHZ", b"GHZ", b"RAL", b"RGB", b"CAT",
    b"DVD", b"SMS", b"MMS", b"API", b"URL", b"SQL", b"XML", b"CSV", b"UTF", b"SHA", b"MD", b"VOL", b"NUM", b"DOK", b"DNR", b"DOC",
    b"HUS", b"LGH", b"JAN", b"FEB", b"MAR", b"APR", b"MAJ", b"MAI", b"MAY", b"JUN", b"JUL", b"AUG", b"SEP", b"OKT", b"OCT", b"NOV",
    b"DEC", b"DES", b"AND", b"THE", b"FOR", b"OCH", b"MED", b"TIL", b"IFK", b"AIK", b"KM", b"KG", b"MM", b"CM", b"KL", b"CA", b"MAX",
    b"MIN", b"VAT", b"IBAN", b"BIC", b"IMEI", b"TV", b"PC", b"ID", b"PO", b"PB", b"BOKS", b"SE", b"ETA", b"ERR", b"RFC", b"CVE",
    b"HTTP", b"CNC", b"PVC", b"MDF", b"OSB", b"LTE", b"ANG", b"TOM", b"FOM", b"BUS", b"TAG", b"TOG", b"SJ", b"BTC", b"ETH", b"WC",
    b"AC", b"DC", b"HP", b"HK", b"KW", b"XC", b"EN", b"ER", b"AR", b"PA", b"OM", b"OG", b"VID", b"VED", b"OVE", b"PER", b"KUN",
    b"FRA", b"RIG", b"ROT", b"RUT", b"ALT", b"CTR", b"VER", b"REV", b"SEC", b"ST", b"ON", b"JA", b"TAI", b"NYT", b"GDP", b"ICD",
    b"ATC", b"DSM", b"KVA", b"AWG", b"PSI", b"RPM", b"DPI", b"FPS", b"LUX", b"LUM", b"DB", b"GB", b"MB", b"TB", b"KB"
];

/// How far words are read, in bytes, on either side.
const NEAR: usize = 48;

/// What speaks of a vehicle.
#[derive(Clone, Copy, PartialEq)]
enum Speaker {
    /// A word for one, for its plate or its maker.
    Word,
    /// The name of a model, which may be something else as well.
    Model,
}

/// Whether the digit here is of a number of one or two digits between blanks or other signs.
fn is_small_number(text: &str, place: usize) -> bool {
    let bytes = text.as_bytes();
    let is_digit = |place: Option<usize>| place.and_then(|place| bytes.get(place)).is_some_and(u8::is_ascii_digit);
    let first = if is_digit(place.checked_sub(1)) { place - 1 } else { place };
    let last = if is_digit(Some(place + 1)) { place + 1 } else { place };
    let is_blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b',' | b'.' | b'?' | b'\n'));
    is_digit(Some(place))
        && last <= first + 1
        && first.checked_sub(1).is_some_and(|before| bytes.get(before) == Some(&b' '))
        && is_blank(bytes.get(last + 1))
}

/// What speaks of a vehicle nearby. Reads across no number, e-mail address or bracket, as these become placeholders.
fn speaks_of_vehicle(page: &Page<'_>, start: usize, end: usize) -> Option<Speaker> {
    let text = page.text;
    let is_barrier = |character: char| character.is_numeric() || matches!(character, '[' | ']' | '@');
    let floor = text.ceil_char_boundary(start.saturating_sub(NEAR));
    let before = &text[floor..start];
    // "Bíll á stæði 12, númerið er KU 807": one or two digits with blanks around them are no finding of their own.
    let mut barriers = before.rmatch_indices(is_barrier).filter(|(place, _)| !is_small_number(before, *place));
    let before = match barriers.next() {
        Some((barrier, sign)) => &before[barrier + sign.len()..],
        None if floor > 0 => before.trim_start_matches(char::is_alphabetic),
        None => before,
    };
    let ceiling = text.floor_char_boundary(end + NEAR);
    let after = &text[end..ceiling];
    let after = match after.find(is_barrier) {
        Some(barrier) => &after[..barrier],
        None if ceiling < text.len() => after.trim_end_matches(char::is_alphabetic),
        None => after,
    };
    let is_word = |character: char| !character.is_alphabetic();
    let words_before = || before.rsplit(is_word).filter(|word| !word.is_empty());
    let words_after = || after.split(is_word).filter(|word| !word.is_empty());
    if words_before().take(9).any(vehicle::is_vehicle) || words_after().take(5).any(vehicle::is_vehicle) {
        return Some(Speaker::Word);
    }
    (words_before().take(3).any(vehicle::is_model) || words_after().take(2).any(vehicle::is_model)).then_some(Speaker::Model)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::examples;

    fn found<'t>(countries: &[Country], text: &'t str) -> Vec<(&'t str, f32)> {
        let findings = crate::detect::examples::scanner(countries).scan(text);
        let plates = findings.into_iter().filter(|finding| finding.kind == Kind::VehiclePlate);
        plates.map(|finding| (&text[finding.start..finding.end], finding.confidence)).collect()
    }

    #[test]
    fn documented_examples_hold() {
        assert_eq!(examples::check(include_str!("plate.rs"), &Country::ALL), 10);
    }

    #[test]
    fn every_spelling_is_found_beside_a_word() {
        for (country, plates) in [
            (Country::SE, &["ABC 123", "ABC123", "ABC 12D", "ABC12D", "abc 123", "abc12d", "ABC-123"][..]),
            (Country::DK, &["AB 12 345", "AB12345", "AB 12345", "ab 12 345"]),
            (Country::NO, &["AB 12345", "EL12345", "el 12345", "AB 1234"]),
            (Country::FI, &["ABC-123", "AB-12", "ABC-1", "abc-123", "ABC123", "ABC 123"]),
            (Country::IS, &["AB 123", "AB123", "AB-C12", "AB C12", "ABC12"]),
        ] {
            for plate in plates {
                for text in [
                    format!("Regnr {plate}"),
                    format!("reg.nr: {plate}."),
                    format!("Bilen ({plate}) hämtas"),
                    format!("Skilt {plate}, ok"),
                    format!("Rekisterinumero {plate}"),
                    format!("{plate} är parkerad fel"),
                    format!("Hyrbilen, {plate}"),
                    format!("skráningarnúmer: {plate}"),
                ] {
                    for countries in [&[country][..], &Country::ALL] {
                        assert_eq!(found(countries, &text), [(*plate, NAMED)], "{text}");
                    }
                }
                assert!(found(&[], &format!("regnr {plate}")).is_empty(), "{plate}");
            }
        }
    }

    #[test]
    fn without_a_word_a_whole_plate_is_unlikely_and_a_short_one_none() {
        for (text, country) in [
            ("ABC 123", Country::SE),
            ("ABC12D", Country::SE),
            ("AB 12 345", Country::DK),
            ("AB 12345", Country::NO),
            ("ABC-123", Country::FI),
        ] {
            let found = found(&[country], text);
            assert!(
                matches!(found.as_slice(), [(plate, confidence)] if *plate == text && (0.3..=0.5).contains(confidence)),
                "{text} {found:?}"
            );
        }
        for text in ["AB 123", "AB-12", "AB C12", "abc 123", "AB 1234", "abc-123"] {
            assert!(found(&Country::ALL, text).is_empty(), "{text}");
        }
    }

    #[test]
    fn letters_that_no_plate_has_are_none() {
        for text in [
            "regnr AIC 123",
            "regnr ABQ 123",
            "regnr VBC 123",
            "regnr ABC 12O",
            "regnr ABC 12I",
            "regnr ÅBC 123",
            "regnr ABCD 123",
            "regnr ABC 1234",
        ] {
            assert!(found(&[Country::SE], text).is_empty(), "{text}");
        }
        for text in ["skilt AO 12345", "skilt GI 12345", "skilt AM 12345", "skilt AB 123456"] {
            assert!(found(&[Country::NO], text).is_empty(), "{text}");
        }
        assert!(found(&[Country::DK], "nummerplade AI 12 345").is_empty());
    }

    #[test]
    fn what_only_looks_alike_is_left() {
        for text in [
            "SEK 500",
            "NOK 12345",
            "EUR 100",
            "ISO 900",
            "DIN 476",
            "KL 12345",
            "BMW 320",
            "Volvo XC 60",
            "bil BMW 320",
            "E 18",
            "RV 40",
            "SK 1234",
            "DY 612",
            "rum 123",
            "Rum 123",
            "artikel ABC 123",
            "art.nr ABC123",
            "order AB12345",
            "faktura AB 12 345",
            "ABC 123 456",
            "ABC-123-456",
            "XABC 123",
            "ABC 123,50",
            "ABC 123.5",
            "ABC/123",
            "A-ABC 123",
            "ABC 1234",
            "och 123",
            "OCH 123",
            "SAL 204",
            "MAJ 2024",
            "MAJ 201",
            "COVID-19",
            "2-ABC-123",
            "#ABC123",
            "ABC123@example.org",
            "ABC 123 %",
            "PO 12345",
            "mobil abc 123",
        ] {
            let found = found(&Country::ALL, text);
            assert!(found.iter().all(|(_, confidence)| *confidence <= 0.5), "{text}: {found:?}");
        }
        for text in [
            "SEK 500",
            "artikel ABC 123",
            "order AB12345",
            "och 123",
            "BMW 320",
            "bil BMW 320",
            "SK 1234",
            "DY 612",
            "mobil abc 123",
            "SAL 204",
        ] {
            assert!(found(&Country::ALL, text).is_empty(), "{text}");
        }
    }

    #[test]
    fn everyday_words_for_vehicles_speak_for_a_plate() {
        for (text, plate) in [
            ("ruutu 23? harmaa farkku cjx-902", "cjx-902"),
            ("skutlu á stæði 12 í kjallara B? Númerið er KU 807.", "KU 807"),
            ("Varevogn AB 12 345 holder i gården", "AB 12 345"),
            ("stasjonsvogn, AB 12345", "AB 12345"),
            ("Skåpbil ABC 123", "ABC 123"),
        ] {
            let found: Vec<&str> = found(&Country::ALL, text).iter().filter(|(_, sure)| *sure > 0.5).map(|(plate, _)| *plate).collect();
            assert_eq!(found, [plate], "{text}");
        }
        for text in ["Bil 2024. Númerið er KU 807", "Skåpbil, artikel ABC 123", "kjallari B 12, númerið er KU 807"] {
            assert!(found(&Country::ALL, text).iter().all(|(_, sure)| *sure <= 0.5), "{text}");
        }
    }

    /// The Swedish rule the slow way, over every first letter, last letter and form.
    #[test]
    fn swedish_letters_are_taken_one_by_one() {
        const ALLOWED: &str = "ABCDEFGHJKLMNOPRSTUWXYZ";
        for letter in 'A'..='Z' {
            let expected = ALLOWED.contains(letter);
            for text in [format!("regnr {letter}LW 123"), format!("regnr W{letter}L 123"), format!("regnr WL{letter} 123")] {
                if !is_abbreviation(&text.as_bytes()[6..9]) {
                    assert_eq!(!found(&[Country::SE], &text).is_empty(), expected, "{text}");
                }
            }
            let text = format!("regnr WLW 12{letter}");
            assert_eq!(!found(&[Country::SE], &text).is_empty(), expected && letter != 'O', "{text}");
        }
    }

    #[test]
    fn a_megabyte_of_plates_is_read() {
        assert_eq!(found(&Country::ALL, &"ABC 123 ".repeat(1 << 17)).len(), 1 << 17);
        assert!(found(&Country::ALL, &"AB1".repeat(1 << 18)).is_empty());
    }
}
