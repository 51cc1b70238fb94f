//! Street addresses, and postcodes with their towns.
//!
//! Finds: a street with its house number, in Swedish, Danish, Norwegian, Finnish, Icelandic and English, with all that belongs to it: the
//! letter, a range, floor and door, a flat, a village, the postcode, the town, the country, `c/o` before it; post-office boxes; a postcode
//! with its town.
//!
//! Rule: the word before the number ends as streets do (`-gatan`, `-vej`, `-katu`), or is a street's noun with a name before it (`Karl
//! Johans gate`), or is any capitalised word where a postcode and town follow. Endings that other words share (`-backen`, `-lia`) count
//! with a capital alone and for less. A unit, a time or a month behind the number refuses it, a year does too, and so do roads without
//! houses (`motorvägen`). A postcode and town alone count where town and form are known, or the form is a country's own and the clause
//! begins and ends with it.
//!
//! Source: PostNord's and Posten's address rules (SE, NO), Dansk Adresseregister's form of addresses (DK), Posti's postal code services
//! (FI), Byggðastofnun's list of postcodes (IS), Royal Mail's form of postcodes (GB); SIS SS 613401 for the order of parts. The examples
//! are invented.
//!
//! ```text
//! Bor på Storgatan 12 B, lgh 1102, 123 45 Exempelstad. → Bor på [address].
//! hämta nycklar storgatan 12 ikväll → hämta nycklar [address] ikväll
//! c/o Lind, Södra Vägen 4, 412 54 Göteborg → [address]
//! Leveres til Møllevangen 23, 2. th., 8450 Hammel. → Leveres til [address].
//! Vester Voldgade 112, 3. tv, 1658 København V → [address]
//! Besøk Karl Johans gate 22, H0201, 0154 Oslo! → Besøk [address]!
//! Hämeentie 155 C 41, 00560 Helsinki. → [address].
//! Heimilisfang: Skúlagata 88, 101 Reykjavík → Heimilisfang: [address]
//! Pick-up at Flat 3, 12 Rose Lane, Reading RG2 7QX. → Pick-up at [address].
//! Box 112, 791 22 Falun → [address]
//! Kunden i 123 45 Exempelstad, Postboks 12 → Kunden i 123 45 Exempelstad, [address]
//! Anna, 411 05 Göteborg → Anna, [address]
//! vägen 12 mil, gatan 3 ggr, plan 2, rum 12, avd 34 → vägen 12 mil, gatan 3 ggr, plan 2, rum 12, avd 34
//! torget 2024, E18, kapitel 3, § 12, vej 5 km → torget 2024, E18, kapitel 3, § 12, vej 5 km
//! Lund 3-0, Borgen 2, Parken 12, ved gaten kl 12 → Lund 3-0, Borgen 2, Parken 12, ved gaten kl 12
//! Faktura 1234, 5 stk, 1 234 Kr, 2500 Deltagere → Faktura 1234, 5 stk, 1 234 Kr, 2500 Deltagere
//! ```

mod endings;
mod english;
mod house;
mod line;
mod place;
mod street;
mod towns;
mod words;

use crate::detect::digits::{DigitGroup, Page, Run, Separator};
use crate::detect::resolve::Candidate;
use crate::detect::{Country, Kind, placeholder};

use line::{byte, byte_before, is_capital, is_letter, letters, skip_blanks};
use place::Place;
use street::Strength;

/// Offers the addresses whose house number or postcode this group of digits is.
pub(in crate::detect) fn recognise(page: &Page<'_>, first: usize, _run: &Run<'_>, found: &mut Vec<Candidate>) {
    let Some(group) = page.groups.get(first).filter(|group| group.length() <= 5) else {
        return;
    };
    if group.length() <= 4 {
        by_street(page, group, found);
        by_number(page, group, found);
    }
    if group.length() >= 3 {
        by_postcode(page, group, found);
    }
}

/// Whether four digits are a year of somebody's life.
fn is_year(digits: &str) -> bool {
    digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"))
}

/// `Storgatan 12`, and what follows.
fn by_street(page: &Page<'_>, group: &DigitGroup, found: &mut Vec<Candidate>) {
    let text = page.text;
    let Some(street) = street::before(text, group.start) else {
        return;
    };
    let digits = text.get(group.start..group.end).unwrap_or_default();
    let boxed = matches!(street.strength, Strength::Box | Strength::PostBox);
    if digits.starts_with('0') && !boxed {
        return;
    }
    let house = if boxed {
        house::House { end: boxed_end(page, group), lettered: false, score: false }
    } else {
        house::number(text, group.start, group.end, street.finnish)
    };
    // A capitalised word alone says nothing: a postcode has to follow, behind a blank, a sign or a line's end.
    if street.strength == Strength::Named && !text.as_bytes()[house.end..].iter().take(NAMED_REACH).any(u8::is_ascii_digit) {
        return;
    }
    let mut end = house.end;
    while let Some(more) = house::part(text, end).filter(|_| !boxed) {
        end = more;
    }
    let doors = end > house.end;
    let place = place::following(text, end, matches!(street.strength, Strength::Named | Strength::Box));
    let coded = place.is_some_and(|place| place.coded);
    let next = skip_blanks(text, house.end);
    let refused = !doors
        && (house::refuses(letters(text, next)) || byte(text, house.end) == Some(b'.') && house::refuses(letters(text, skip_blanks(text, house.end + 1))))
        // What a placeholder stands for may have been a unit's word.
        || text.get(next..).is_some_and(|rest| rest.starts_with('[') && placeholder::at_start(rest).is_some());
    if (refused || house.score || is_year(digits) && !house.lettered) && !coded || !page.is_free(street.start, house.end) {
        return;
    }
    let alone = match street.strength {
        Strength::Named | Strength::Box => None,
        Strength::Weak if house.lettered || doors => Some(0.75),
        Strength::Weak => Some(0.62),
        Strength::Lower => Some(0.7),
        Strength::PostBox => Some(0.75),
        Strength::Street => Some(0.9),
    };
    if alone.is_none() && !coded || street.strength == Strength::Weak && !icelandic_or_other(page, street.start, group.start) && !coded {
        return;
    }
    // `Faktura 12, 2100 København`
    if street.strength <= Strength::Weak && page.context(street.start, house.end).is_reference_or_amount() {
        return;
    }
    let start = care_of(text, street.start);
    if let Some(confidence) = alone {
        // The shorter readings stay where a tail belongs to something better.
        found.push(Candidate::shape(street.start, house.end, Kind::Address, confidence - 0.02));
        if street.least > street.start {
            found.push(Candidate::shape(street.least, house.end, Kind::Address, confidence - 0.06));
        }
        if house.end > group.end && page.is_free(street.start, group.end) {
            found.push(Candidate::shape(street.start, group.end, Kind::Address, confidence - 0.04));
        }
        if doors || start < street.start {
            found.push(Candidate::shape(start, end, Kind::Address, confidence));
        }
    }
    let Some(place) = place else {
        if let Some(confidence) = alone.filter(|_| !doors && start == street.start) {
            found.push(Candidate::shape(start, end, Kind::Address, confidence));
        }
        return;
    };
    let confidence = match (street.strength, place.coded) {
        (Strength::Named, _) if !place.known && !place.formal => return,
        (Strength::Named, _) => 0.93,
        (Strength::Box, _) => 0.95,
        (_, true) if place.known || place.formal => 0.97,
        (_, true) => 0.95,
        (Strength::Street | Strength::PostBox, false) => 0.94,
        (Strength::Lower | Strength::Weak, false) => 0.85,
    };
    push_place(text, start, place, confidence, found);
}

/// The number of a box may be written in groups: `PL 1 234`, `Box 12 345`.
fn boxed_end(page: &Page<'_>, group: &DigitGroup) -> usize {
    let following = page.groups.partition_point(|other| other.start <= group.start);
    match page.groups.get(following) {
        Some(next) if next.before == Separator::Space && next.start == group.end + 1 && next.length() == 3 && group.length() <= 2 => {
            next.end
        }
        _ => group.end,
    }
}

/// Endings that only Iceland uses for streets count where Iceland's forms are read, and not in a town's name.
fn icelandic_or_other(page: &Page<'_>, start: usize, end: usize) -> bool {
    let word = page.text.get(start..end).unwrap_or_default().trim_end();
    let folded = crate::detect::fold::Folded::of(line::word_before(word, word.len()));
    let icelandic = endings::of(folded.as_str()).is_some_and(|(_, surety)| surety == endings::Surety::Icelandic);
    !towns::is_town(folded.as_str(), |_| true) && (!icelandic || page.countries.contains(Country::IS))
}

/// `12 High Street`.
fn by_number(page: &Page<'_>, group: &DigitGroup, found: &mut Vec<Candidate>) {
    let Some(street) = english::behind(page.text, group.start, group.end) else {
        return;
    };
    if !page.is_free(street.start, street.least) || page.context(street.start, street.end).is_reference_or_amount() {
        return;
    }
    if page.is_free(street.start, street.end) {
        found.push(Candidate::shape(street.start, street.end, Kind::Address, street.confidence));
    }
    if let Some(confidence) = street.alone {
        found.push(Candidate::shape(group.start, street.least, Kind::Address, confidence));
    }
}

/// `123 45 Exempelstad`, `2100 København Ø`.
fn by_postcode(page: &Page<'_>, group: &DigitGroup, found: &mut Vec<Candidate>) {
    let text = page.text;
    // A blank and a capital, or the other group of a Swedish postcode.
    let behind = match (group.length(), text.as_bytes().get(group.end..).unwrap_or_default()) {
        (3, [b' ', b'0'..=b'9', b'0'..=b'9', b' ', ..]) => group.end + 4,
        (_, [b' ', ..]) => group.end + 1,
        _ => return,
    };
    if !byte(text, skip_blanks(text, behind)).is_some_and(is_letter) {
        return;
    }
    let prefixed = place::prefix_before(text, group.start);
    let start = prefixed.unwrap_or(group.start);
    let Some(place) = place::coded(text, start) else {
        return;
    };
    let before = text.get(..start).unwrap_or_default().trim_end_matches(' ');
    let begins = before.is_empty() || before.ends_with([',', '\n', '\r', '(', ';', '|', ':', '\t']);
    let ends = line::is_clause_end(text, place.end);
    let capital = is_capital(letters(text, skip_blanks(text, behind)));
    let digits = text.get(group.start..group.end).unwrap_or_default();
    let swedish = byte(text, behind).is_some() && behind == group.end + 4;
    // What a placeholder stands for may have been digits, as in a longer row of numbers.
    let behind_placeholder = placeholder::at_end(before.trim_end_matches(['-', '.', '/', '+'])).is_some();
    let joined = behind_placeholder
        || matches!(group.before, Separator::Space | Separator::Hyphen | Separator::Dot | Separator::Slash | Separator::Plus)
            && prefixed.is_none();
    let read = |country| page.countries.contains(country);
    let confidence = if !capital || joined || (is_year(digits) && !begins && prefixed.is_none()) {
        return;
    } else if place.listed && (prefixed.is_some() || swedish || group.length() >= 4 || read(Country::IS))
        || place.known && (prefixed.is_some() || swedish || begins && ends && group.length() >= 4)
    {
        if group.length() >= 4 && prefixed.is_none() && !begins { 0.8 } else { 0.9 }
    } else if prefixed.is_some() {
        0.85
    } else if begins && ends && !byte_before(text, start).is_some_and(|byte| byte.is_ascii_digit()) {
        match group.length() {
            3 if swedish && read(Country::SE) => 0.75,
            5 if read(Country::FI) || read(Country::SE) => 0.6,
            4 if (read(Country::DK) || read(Country::NO)) && !is_year(digits) && before.ends_with([',', '\n']) => 0.6,
            _ => return,
        }
    } else {
        return;
    };
    if !page.is_free(start, place.end) || page.context(start, place.end).is_reference_or_amount() {
        return;
    }
    push_place(text, start, place, confidence, found);
}

/// Offers an address that ends with a place, with the country's name behind it and without.
fn push_place(text: &str, start: usize, place: Place, confidence: f32, found: &mut Vec<Candidate>) {
    found.push(Candidate::shape(start, place.end, Kind::Address, confidence));
    if place.least < place.end {
        found.push(Candidate::shape(start, place.least, Kind::Address, confidence - 0.02));
    }
    if let Some(end) = place::country(text, place.end) {
        found.push(Candidate::shape(start, end, Kind::Address, confidence));
    }
}

/// How far behind a house number the postcode of a street without an ending of its own may begin, in bytes.
const NAMED_REACH: usize = 48;

/// How far before a street its `c/o` may stand, in bytes.
const CARE_OF: usize = 48;

/// Where the address begins with the `c/o` before its street; the street's own beginning, if there is none.
fn care_of(text: &str, start: usize) -> usize {
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
    let free =
        begins.is_some_and(|at| !at.checked_sub(1).and_then(|before| window.as_bytes().get(before)).is_some_and(|byte| is_letter(*byte)));
    match begins {
        Some(at) if plain && free => reach + at,
        _ => start,
    }
}

#[cfg(test)]
mod tests;
