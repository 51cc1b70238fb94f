//! Street addresses, and postcodes with their towns.
//!
//! Finds: a street with its house number, in Swedish, Danish, Norwegian, Finnish, Icelandic and English, with all that belongs to it: the
//! letter, a range, a Finnish case (`33:ssa`), floor and door, a flat, a part of the building, a village, the postcode, the town, the
//! country; before it `c/o`, a postcode and town, a farm; post-office boxes; a postcode with its town, and a farm before it.
//!
//! Streets of other countries are found by the noun that stands first (`ul. Lipowa 14/3, 80-283 Gdańsk`).
//!
//! Rule: the word before the number ends as streets do (`-gatan`, `-vej`, `-katu`), or is a street's noun with a name before it (`Karl
//! Johans gate`, `Kong Oscars gt.`), or is any capitalised word where a postcode and town or a flat follow or where words before say that
//! somebody lives there (`bor i Geilane 7`). A staircase and a door behind the number
//! (`31 b 12`, `4 A:ssa`) say the same of a Finnish place. Places as such (`-hagan`, `-mäki`) want a word before, a unit or a
//! town. Endings that other words share (`-backen`, `-lia`) count with a capital alone and for less;
//! in lower case they need a town or a flat. A short stretch of the same line may stand between a house and its postcode; behind a sure
//! street any capitalised word may be the town where it ends the clause and is no known name or word. A unit, a time or a month behind the number refuses it, a year does too, and so do roads without
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
//! Lämnas Industrigatan 2-4, port 7, 826 40 Söderhamn. → Lämnas [address].
//! Kirjat Pasilankatu 2:een huomenna → Kirjat [address] huomenna
//! Mor bur i Geilane 7, far i byen. → Mor bur i [address], far i byen.
//! Besøg: 2650 Hvidovre, Gl. Køge Landevej 312 A. → Besøg: [address].
//! se asuu hämeenpuisto 31 b 12. → se asuu [address].
//! Gjest: Ola, ul. Lipowa 14/3, 80-283 Gdańsk, Polen → Gjest: Ola, [address]
//! Ho bur på garden Nedre Lote, 6763 Hornindal. → Ho bur på garden [address].
//! Rúta 4 b, iPhone 13 c 2, Budapestbakelse 14 st. → Rúta 4 b, iPhone 13 c 2, Budapestbakelse 14 st.
//! vägen 12 mil, gatan 3 ggr, plan 2, rum 12, avd 34 → vägen 12 mil, gatan 3 ggr, plan 2, rum 12, avd 34
//! torget 2024, E18, kapitel 3, § 12, vej 5 km → torget 2024, E18, kapitel 3, § 12, vej 5 km
//! Lund 3-0, Borgen 2, Parken 12, ved gaten kl 12 → Lund 3-0, Borgen 2, Parken 12, ved gaten kl 12
//! Faktura 1234, 5 stk, 1 234 Kr, 2500 Deltagere → Faktura 1234, 5 stk, 1 234 Kr, 2500 Deltagere
//! ```

mod before;
mod behind;
mod endings;
mod english;
mod finnish;
mod foreign;
mod hints;
mod house;
mod line;
mod named;
mod place;
mod street;
mod towns;
mod unit;
mod units;
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
    let mut end = house.end;
    let mut doors = false;
    let mut dwelling = false;
    while let Some(unit) = unit::next(text, end).filter(|_| !boxed) {
        end = unit.end;
        doors = true;
        dwelling |= unit.strong;
    }
    let vague = matches!(street.strength, Strength::Named | Strength::Box);
    let lower = matches!(street.strength, Strength::Lower | Strength::Bare);
    let sure = matches!(street.strength, Strength::Street | Strength::PostBox)
        || street.strength == Strength::Weak && (house.lettered || dwelling)
        || street.strength == Strength::Site;
    let word = text.get(street.start..group.start).unwrap_or_default();
    let icelandic = page.countries.contains(Country::IS) && endings::is_icelandic(word.trim_end());
    let place = behind::following(text, end, behind::Wanted { code: vague, unknown: sure, lower, icelandic });
    let place = place.or_else(|| beside(text, &street, group.start, end));
    // `Forshaga 41, Köping 39`: a table of results.
    let place = place.filter(|place| place.coded || street.strength == Strength::Street || !is_count(text, place.end));
    let coded = place.is_some_and(|place| place.coded);
    let next = skip_blanks(text, house.end);
    let refused = !doors
        && (house::refuses(letters(text, next)) || byte(text, house.end) == Some(b'.') && house::refuses(letters(text, skip_blanks(text, house.end + 1))))
        // What a placeholder stands for may have been a unit's word.
        || text.get(next..).is_some_and(|rest| rest.starts_with('[') && placeholder::at_start(rest).is_some());
    let unsure = !matches!(street.strength, Strength::Street | Strength::PostBox | Strength::Lower);
    // `20.-21. juni`, `88 000`, `1895`
    let counts = byte(text, house.end) == Some(b'.') && matches!(byte(text, house.end + 1), Some(b'-' | b'0'..=b'9'))
        || unsure && (is_thousand(text, house.end) || digits.len() == 4 && digits.starts_with(['1', '2']));
    if (refused || counts || house.score || is_year(digits) && !house.lettered) && !coded || !page.is_free(street.start, house.end) {
        return;
    }
    let found_street = Found { street, house, end, doors, dwelling, place };
    let alone = found_street.alone(text, group.start);
    let has_entrance = street.finnish && house.lettered && house.end > group.end + 2;
    let is_doubtful = street.strength == Strength::Weak && !icelandic_or_other(page, street.start, group.start) && !has_entrance;
    if !coded && (alone.is_none() || is_doubtful) {
        return;
    }
    // `í Bolungarvík 8. ágúst`
    let name = || crate::detect::fold::Folded::of(text.get(street.start..group.start).unwrap_or_default().trim_end());
    if street.strength == Strength::Site && !coded && !doors && towns::is_town(name().as_str(), |_| true) {
        return;
    }
    // `Faktura 12, 2100 København`
    if street.strength <= Strength::Weak
        && !(dwelling && street.strength == Strength::Weak)
        && page.context(street.start, house.end).is_reference_or_amount()
    {
        return;
    }
    let start = before::care_of(text, street.start);
    if let Some(confidence) = alone {
        // The shorter readings stay where a tail belongs to something better.
        found.push(Candidate::shape(street.start, house.end, Kind::Address, confidence - 0.02));
        if street.least > street.start {
            found.push(Candidate::shape(street.least, house.end, Kind::Address, confidence - 0.06));
        }
        if house.end > group.end && page.is_free(street.start, group.end) {
            found.push(Candidate::shape(street.start, group.end, Kind::Address, confidence - 0.04));
        }
        found.push(Candidate::shape(start, end, Kind::Address, confidence));
    }
    let front = |place: Option<Place>| {
        let coded = place.is_some_and(|place| place.coded);
        let other = before::other_box(text, street.start).filter(|_| boxed);
        let town = before::town(text, start).filter(|_| place.is_none() && !boxed);
        let sure = street.strength == Strength::Street;
        let farm = || before::farm_of_street(text, start).filter(|farm| (coded || sure && before::is_estate(text, *farm, start)) && !boxed);
        let is_place = matches!(street.strength, Strength::Named | Strength::Site | Strength::Bare);
        let district = || named::district(text, start).filter(|_| coded && is_place);
        other.or(town).or_else(farm).or_else(district)
    };
    if let Some(first) = front(place) {
        let place = place.map_or(end, |place| place.end);
        let confidence = if coded { 0.985 } else { alone.unwrap_or(0.9).max(0.95) + 0.005 };
        found.push(Candidate::shape(first, place, Kind::Address, confidence));
    }
    let Some(place) = place else { return };
    let confidence = match (street.strength, place.coded) {
        (Strength::Named | Strength::Site | Strength::Bare, _) if !place.known && !place.formal && alone.is_none() => return,
        (Strength::Named, _) if !place.known && !place.formal => 0.8,
        (Strength::Named, true) if dwelling => 0.985,
        (Strength::Named | Strength::Site | Strength::Bare, true) => 0.95,
        (Strength::Box, _) => 0.95,
        (_, true) if place.known || place.formal => 0.985,
        (Strength::Street, true) => 0.985,
        (_, true) => 0.96,
        (Strength::Street, false) if alone.is_some_and(|alone| alone > 0.95) => 0.975,
        (Strength::Street | Strength::PostBox, false) if place.known => 0.965,
        (Strength::Street | Strength::PostBox, false) => 0.955,
        (_, false) if hints::told(text, start) => 0.955,
        (_, false) => alone.map_or(0.85, |alone| alone.max(0.85) + 0.005),
    };
    push_place(text, start, place, confidence, found);
    // `220 Hafnarfjörður, íbúð 405`
    if let Some(flat) = unit::next(text, place.end).filter(|flat| flat.strong && byte(text, place.end) == Some(b',')) {
        found.push(Candidate::shape(start, flat.end, Kind::Address, confidence));
    }
}

/// A known town right behind a word that nobody knows and its number: `Pilene 4 Ganløse`.
fn beside(text: &str, street: &street::Street, number: usize, end: usize) -> Option<Place> {
    let word = text.get(street.start..number)?.trim_end();
    let strange = || word.len() >= 5 && crate::detect::lexicon::lexicon().entry(word).is_unknown() && !line::is_shouted(word);
    if street.strength != Strength::Named || byte(text, end) != Some(b' ') || !strange() {
        return None;
    }
    let place = place::alone(text, end + 1)?;
    let capital = text.get(end + 1..).is_some_and(is_capital);
    (capital && line::is_clause_end(text, place.end)).then_some(place)
}

/// Whether another number stands right behind a town.
fn is_count(text: &str, end: usize) -> bool {
    byte(text, end) == Some(b' ') && byte(text, end + 1).is_some_and(|next| next.is_ascii_digit())
}

/// Whether three digits follow, as in an amount.
fn is_thousand(text: &str, end: usize) -> bool {
    byte(text, end) == Some(b' ') && line::digits(text, end + 1) == 3
}

/// Whether a word in lower case is one that nobody knows, of a length that words of two parts have.
fn strange_lower(word: &str) -> bool {
    let lot =
        ["plads", "plass", "plan", "kaj", "kajen", "kaien", "kaia", "leden", "stien", "sti"].iter().any(|ending| word.ends_with(ending));
    word.len() >= 8 && !lot && !word.ends_with('.') && crate::detect::lexicon::lexicon().entry(word).is_unknown()
}

/// A street and all that was found behind it.
struct Found {
    street: street::Street,
    house: house::House,
    /// Where its units end.
    end: usize,
    doors: bool,
    /// One of the units is a dwelling's alone.
    dwelling: bool,
    place: Option<Place>,
}

impl Found {
    /// What the street is worth without postcode and town, where it may stand so.
    fn alone(&self, text: &str, number: usize) -> Option<f32> {
        let start = self.street.start;
        let ends = line::is_clause_end(text, self.end);
        let written = text.get(start..number).unwrap_or_default().trim_end();
        let word = written.trim_end_matches('.');
        let town = self.place.is_some_and(|place| !place.coded);
        let listed = self.place.is_some_and(|place| !place.coded && place.known);
        match self.street.strength {
            Strength::Box => None,
            Strength::Named => {
                let strange = || hints::may_be_street(word);
                let doubtful = self.place.is_some_and(|place| place.coded && !place.known && !place.formal);
                if doubtful {
                    // `Jordet 3, 1640 Råde`
                    let stands =
                        self.place.is_some_and(|place| line::is_clause_end(text, place.end) && place::next_part(text, self.end).is_some());
                    return (stands && strange()).then_some(0.7);
                }
                let told = self.dwelling && ends || hints::is_field(text, start, self.end) || ends && hints::told(text, start);
                // A town alone was taken beside a strange word only.
                (town || told && strange()).then_some(0.75)
            }
            Strength::Site => {
                if self.place.is_some_and(|place| place.coded && line::is_clause_end(text, place.end)) {
                    return Some(0.75);
                }
                // `på Bjerget 19 i Lild`, `på Fossumbråtan 2 til søndag`
                let told = self.dwelling || town || hints::is_field(text, start, self.end) || hints::told(text, start);
                let placed = (ends || self.house.lettered || line::goes_on(text, self.end)) && hints::follows_preposition(text, start);
                if told { Some(0.8) } else { placed.then_some(0.6) }
            }
            Strength::Bare => {
                let icelandic = word.ends_with("b\u{e6}");
                let ends = ends || line::goes_on(text, self.end);
                let told = self.dwelling
                    || listed
                    || self.house.lettered && (self.street.finnish && ends || icelandic)
                    || hints::told(text, start) && ends
                    || strange_lower(written) && (hints::told_before(text, start) || ends && hints::follows_preposition(text, start));
                told.then_some(0.75)
            }
            Strength::Weak if (self.house.lettered || self.doors) && ends => Some(0.95),
            Strength::Weak if self.house.lettered || self.doors => Some(0.75),
            Strength::Weak => Some(0.62),
            Strength::Lower => Some(0.7),
            Strength::PostBox => Some(0.75),
            // More than the name of whom it is named after.
            Strength::Street if self.street.least > start && word.contains(' ') => Some(0.97),
            Strength::Street => Some(0.9),
        }
    }
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
    let last = line::word_before(word, word.len());
    let place =
        towns::is_town(folded.as_str(), |_| true) || last.len() == word.len() && crate::detect::lexicon::lexicon().entry(last).is_place();
    !place && (!icelandic || page.countries.contains(Country::IS))
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
    } else if begins && group.length() == 4 && before::farm_of_town(text, start, skip_blanks(text, behind)).is_some_and(|(_, sure)| sure) {
        0.75
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
    if let Some((farm, sure)) = before::farm_of_town(text, start, skip_blanks(text, behind)) {
        push_place(text, farm, place, if sure { 0.95 } else { confidence }, found);
    }
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

#[cfg(test)]
mod tests;
