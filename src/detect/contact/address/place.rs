//! Postcodes, their towns, and the country behind them.

use super::line::{self, byte, byte_before, is_letter, letters, word};
use super::towns::{self, is_town};
use super::words::{FIRST_WORDS, NO_TOWNS, WITH_REGION};
use crate::detect::Country;
use crate::detect::fold::Folded;
use crate::detect::lexicon::lexicon;

/// A postcode with its town, or a town alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) end: usize,
    /// Where it ends without the words that may belong to the town: `København` of `København Ø`.
    pub(super) least: usize,
    /// A postcode stands before the town.
    pub(super) coded: bool,
    /// The town is one of the list, and of a country whose postcodes look so, or a place that the lexicon knows.
    pub(super) known: bool,
    /// The town is one of the list.
    pub(super) listed: bool,
    /// The postcode says itself that it is one: `123 45`, `SE-12345`.
    pub(super) formal: bool,
}

/// What a postcode's digits look like.
#[derive(Clone, Copy, Debug)]
struct Code {
    end: usize,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `123 45`
    Swedish,
    /// `12345`, as also Swedish ones are written.
    Five,
    /// `2100`, `0150`
    Four,
    /// `101`
    Three,
}

impl Form {
    fn belongs_to(self, country: Country) -> bool {
        match country {
            Country::SE => matches!(self, Form::Swedish | Form::Five),
            Country::FI => self == Form::Five,
            // Greenland and the Faroes are written with Danish towns: `100 Tórshavn`.
            Country::DK => matches!(self, Form::Four | Form::Three),
            Country::NO => self == Form::Four,
            Country::IS => self == Form::Three,
        }
    }
}

/// The digits of a postcode.
fn code(text: &str, at: usize) -> Option<Code> {
    let code = match line::digits(text, at) {
        3 if byte(text, at + 3) == Some(b' ') && line::digits(text, at + 4) == 2 && byte(text, at) != Some(b'0') => {
            Code { end: at + 6, form: Form::Swedish }
        }
        3 if matches!(byte(text, at), Some(b'1'..=b'9')) => Code { end: at + 3, form: Form::Three },
        4 => Code { end: at + 4, form: Form::Four },
        5 => Code { end: at + 5, form: Form::Five },
        _ => return None,
    };
    Some(code)
}

/// The prefix of a country before a postcode: `SE-`, `S-`, `DK `. Where the digits begin behind it.
fn prefix(text: &str, at: usize) -> Option<usize> {
    let written = letters(text, at);
    let sign = byte(text, at + written.len());
    let known = matches!(
        written,
        "SE" | "S"
            | "DK"
            | "NO"
            | "N"
            | "FI"
            | "FIN"
            | "SF"
            | "IS"
            | "\u{cd}S"
            | "AX"
            | "FO"
            | "GL"
            | "D"
            | "EE"
            | "se"
            | "dk"
            | "no"
            | "fi"
            | "is"
    );
    (known && (sign == Some(b'-') || (written.len() == 2 && sign == Some(b' ')))).then(|| at + written.len() + 1)
}

/// Where a country prefix that ends before these digits begins.
pub(super) fn prefix_before(text: &str, digits: usize) -> Option<usize> {
    let sign = digits.checked_sub(1)?;
    if !matches!(byte(text, sign), Some(b'-' | b' ')) {
        return None;
    }
    let written = line::word_before(text, sign);
    let start = sign - written.len();
    let free = byte_before(text, start).is_none_or(|byte| matches!(byte, b' ' | b'\n' | b',' | b'(' | b'\t' | b':' | b';'));
    (free && prefix(text, start) == Some(digits)).then_some(start)
}

/// The postcode and town that begin here.
pub(super) fn coded(text: &str, at: usize) -> Option<Place> {
    let digits = match byte(text, at)? {
        digit if digit.is_ascii_digit() => at,
        letter if is_letter(letter) => prefix(text, at)?,
        _ => return None,
    };
    if let Some(place) = polish(text, digits) {
        return Some(place);
    }
    let code = code(text, digits)?;
    let mut town_start = line::skip_blanks(text, code.end);
    if town_start == code.end {
        // `04230,` and the town on a line of its own
        let parted = matches!(byte(text, code.end), Some(b',')) || byte(text, code.end) == Some(b'\n') && code.form == Form::Five;
        if !parted {
            return None;
        }
        town_start = line::skip_blanks(text, code.end + 1);
    }
    let belongs = |country| code.form.belongs_to(country);
    let initial = code.form == Form::Three && matches!(text.as_bytes().get(town_start..), Some([b'R' | b'K' | b'H', b'.', ..]));
    let town = match town(text, town_start, belongs) {
        // `105 R.`
        None if initial => Town { end: town_start + 1, least: town_start + 1, known: true, listed: false },
        town => Town { end: town.as_ref().map_or(town_start, |town| doubled(text, town, code.form)), ..town? },
    };
    let formal = digits > at || (code.form == Form::Swedish && town_start == line::skip_blanks(text, code.end));
    Some(Place { end: town.end, least: town.least, coded: true, known: town.known, listed: town.listed, formal })
}

/// A Polish postcode and its town: `31-147 Kraków`.
fn polish(text: &str, at: usize) -> Option<Place> {
    if line::digits(text, at) != 2
        || byte(text, at + 2) != Some(b'-')
        || line::digits(text, at + 3) != 3
        || byte(text, at + 6) != Some(b' ')
    {
        return None;
    }
    let name = word(text, at + 7);
    let end = at + 7 + name.len();
    let held = name.len() >= 3 && line::is_capital(name);
    held.then_some(Place { end, least: end, coded: true, known: true, listed: false, formal: true })
}

/// Behind what may be written onto a Finnish town: its old number, or its name in the other language.
fn doubled(text: &str, town: &Town, form: Form) -> usize {
    let rest = text.get(town.end..).unwrap_or_default();
    if !town.known || form != Form::Five {
        return town.end;
    }
    if let Some(slash) = ["/", " / "].iter().find(|slash| rest.starts_with(**slash)) {
        let other = town.end + slash.len();
        let name = word(text, other);
        return if is_town(Folded::of(name).as_str(), |country| country == Country::FI) { other + name.len() } else { town.end };
    }
    // `SF-33100 Tampere 10`
    let number = line::digits(text, town.end + 1);
    let end = town.end + 1 + number;
    let stands = rest.starts_with(' ') && matches!(number, 1 | 2) && line::is_clause_end(text, end) && line::digits(text, end + 1) == 0;
    if stands { town.end + 1 + number } else { town.end }
}

/// A postcode whose town is left out: `Koskikatu 25, 96200`.
pub(super) fn code_alone(text: &str, at: usize, icelandic: bool) -> Option<Place> {
    let code = code(text, at).filter(|code| matches!(code.form, Form::Five | Form::Swedish) || icelandic && code.form == Form::Three)?;
    line::is_clause_end(text, code.end).then_some(Place {
        end: code.end,
        least: code.end,
        coded: true,
        known: false,
        listed: false,
        formal: code.form == Form::Swedish,
    })
}

/// A town that stands for itself: one of the list.
pub(super) fn alone(text: &str, at: usize) -> Option<Place> {
    if !byte(text, at).is_some_and(is_letter) {
        return None;
    }
    let town = town(text, at, |_| true)?;
    town.known.then_some(Place { end: town.end, least: town.least, coded: false, known: true, listed: town.listed, formal: false })
}

struct Town {
    end: usize,
    least: usize,
    known: bool,
    listed: bool,
}

/// Whether the lexicon knows a place of this name that is no word and no usual name of people.
fn is_place(name: &str) -> bool {
    let entry = lexicon().entry(name);
    let is_other = entry.is_common() || entry.is_people() || entry.is_brand() || entry.word() > 3;
    entry.is_place() && !is_other && entry.given().max(entry.family()) < 6
}

/// The town that begins here: a capitalised word or two, or in lower case one of the list.
fn town(text: &str, at: usize, belongs: impl Fn(Country) -> bool) -> Option<Town> {
    let first = word(text, at);
    let mut end = at + first.len();
    let folded = Folded::of(first);
    if first.len() < 2
        || folded.as_str().contains('?')
        || byte(text, end).is_some_and(|byte| matches!(byte, b'@' | b'_') || byte.is_ascii_digit())
    {
        return None;
    }
    let capital = line::is_capital(first);
    // `TRE` is Tampere, "tre" is three.
    let short = towns::is_short(folded.as_str(), &belongs) && (folded.as_str() != "tre" || line::is_shouted(first));
    let mut known = short || is_town(folded.as_str(), &belongs);
    if !capital && !known || NO_TOWNS.contains(&folded.as_str()) {
        return None;
    }
    let after = match byte(text, end) {
        Some(b'.') => end + 1,
        _ => end,
    };
    let least = end;
    let pointed = short && after > end;
    let blank = |at: usize| (byte(text, at) == Some(b' ')).then_some(at + 1);
    if FIRST_WORDS.contains(&folded.as_str())
        && let Some(second) = blank(after)
    {
        let word = word(text, second);
        if word.len() >= 2 && line::is_capital(word) {
            known |= is_town(Folded::of(word).as_str(), &belongs);
            end = second + word.len();
        }
    } else if WITH_REGION.contains(&folded.as_str())
        && let Some(region) = text.get(end..).and_then(|rest| rest.strip_prefix(" i ")).map(|_| end + 3)
        && line::is_capital(word(text, region))
    {
        end = region + word(text, region).len();
    }
    let listed = known;
    // A town of the list whose country writes other postcodes is no town here.
    if capital && !known && !is_town(folded.as_str(), |_| true) {
        // `Los Angeles`, `Nørre Alslev`.
        let second = blank(least).map(|second| (second, word(text, second))).filter(|(_, word)| line::is_capital(word));
        match second.map(|(second, word)| second + word.len()) {
            Some(both) if text.get(at..both).is_some_and(|name| lexicon().entry(name).is_place()) => (known, end) = (true, both),
            _ => known = text.get(at..end).is_some_and(is_place),
        }
    }
    // `Ny 12`, `Nr.`: half a name.
    if end == least && FIRST_WORDS.contains(&folded.as_str()) && !known {
        return None;
    }
    // The district: `København Ø`, `Kbh. S`, `Kristiansand S`, `Nykøbing Sj.`
    if let Some(at) = blank(if pointed { after } else { end }) {
        let district = letters(text, at);
        let after = at + district.len();
        let stands = match byte(text, after) {
            Some(b'-' | b'@' | b'\'' | b'/' | b'_' | b'0'..=b'9') => false,
            Some(b'.') => !byte(text, after + 1).is_some_and(|next| is_letter(next) || next.is_ascii_digit()),
            _ => true,
        };
        let letter = matches!(district, "C" | "F" | "J" | "K" | "M" | "N" | "NV" | "NØ" | "S" | "SV" | "SØ" | "Sj" | "V" | "Ø" | "Ö");
        // `Aarhus C. Lind`: an initial.
        let initial = byte(text, at + district.len()) == Some(b'.')
            && byte(text, at + district.len() + 1) == Some(b' ')
            && text.get(at + district.len() + 2..).is_some_and(line::is_capital)
            && district.len() == 1
            && !known;
        if stands && letter && !initial {
            end = at + district.len();
        }
    }
    Some(Town { end, least, known, listed })
}

/// Behind a country's name, where it follows: `, Sverige`.
pub(super) fn country(text: &str, at: usize) -> Option<usize> {
    let mut start = at;
    if byte(text, start) == Some(b',') {
        start += 1;
    }
    start = line::skip_blanks(text, start);
    if byte(text, start) == Some(b'\n') {
        start += 1;
    }
    let name = letters(text, start);
    let folded = Folded::of(name);
    let known = matches!(
        folded.as_str(),
        "sverige"
            | "sweden"
            | "danmark"
            | "denmark"
            | "norge"
            | "noreg"
            | "norway"
            | "suomi"
            | "finland"
            | "island"
            | "iceland"
            | "ruotsi"
            | "tyskland"
            | "deutschland"
            | "germany"
            | "england"
            | "scotland"
            | "uk"
            | "gronland"
            | "greenland"
            | "faroyene"
            | "faeroerne"
            | "foroyar"
            | "polen"
            | "poland"
            | "polland"
            | "puola"
            | "polska"
            | "spanien"
            | "spania"
            | "spain"
            | "espanja"
            | "saksa"
            | "thyskaland"
            | "danmork"
            | "svithjod"
            | "noregur"
            | "norja"
            | "tanska"
            | "finnland"
            | "viro"
            | "estonia"
            | "estland"
            | "eesti"
            | "eistland"
            | "latvia"
            | "lettland"
            | "litauen"
            | "france"
            | "frankrike"
            | "frankrig"
            | "italien"
            | "italia"
            | "nederland"
            | "netherlands"
            | "holland"
            | "usa"
            | "ireland"
            | "irland"
            | "storbritannien"
            | "storbritannia"
            | "bretland"
            | "schweiz"
            | "sveits"
            | "osterrike"
            | "belgien"
            | "portugal"
            | "aland"
    );
    let goes_on = byte(text, start + name.len()).is_some_and(|next| next.is_ascii_digit() || matches!(next, b'@' | b'_' | b'-'));
    (start > at && known && !goes_on && line::is_capital(name)).then_some(start + name.len())
}

/// Where the next line or clause of an address begins: behind a comma, a line's end, a blank, a dash.
pub(super) fn next_part(text: &str, at: usize) -> Option<usize> {
    let mut position = at;
    let mut blanks = 0;
    let mut signs = 0;
    let mut ends = 0;
    loop {
        match byte(text, position) {
            Some(b' ' | b'\t') if blanks < 4 => blanks += 1,
            Some(b',' | b';' | b'.' | b'|' | b'/') if signs == 0 => signs += 1,
            Some(0xc2) if signs == 0 && blanks > 0 && byte(text, position + 1) == Some(0xb7) => {
                signs += 1;
                position += 1;
            }
            Some(b',') if signs == 1 && byte(text, at) == Some(b'.') && position == at + 1 => {}
            Some(b'-') if signs == 0 && blanks > 0 && byte(text, position + 1) == Some(b' ') => signs += 1,
            Some(b'\r') => {}
            Some(b'\n') if ends < 2 => ends += 1,
            Some(_) if position > at => return Some(position),
            _ => return None,
        }
        position += 1;
    }
}

/// Whether the town alone may follow, behind what stands between: not behind a full stop.
pub(super) fn is_light(text: &str, at: usize, part: usize) -> bool {
    // The point of an abbreviation, then a comma.
    let between = text.get(at..part).unwrap_or("/");
    !between.strip_prefix('.').filter(|rest| rest.starts_with(',')).unwrap_or(between).contains(['.', '/', '|'])
}
