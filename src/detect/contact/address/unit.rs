//! What of a house an address names behind its number: floor, side, flat, staircase, part of the building.

use super::finnish;
use super::line::{self, byte, digits, letters};
use super::units::{is_building, is_flat, is_floor, is_joined, is_room, is_short_side, is_side, is_stair, is_staircase, is_stairwell};
use crate::detect::fold::Folded;

/// A unit behind a house number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) end: usize,
    /// The unit is one of dwellings alone, so that an address went before: `lgh 1102`, not `plan 2`.
    pub(super) strong: bool,
}

impl Unit {
    fn strong(end: usize) -> Self {
        Self { end, strong: true }
    }

    fn weak(end: usize) -> Self {
        Self { end, strong: false }
    }
}

/// The end of the next unit: `lgh 1102`, `2 tr`, `1. sal tv`, `H0201`, `as. 5`, `3. hæð`, `baghuset`.
pub(super) fn next(text: &str, at: usize) -> Option<Unit> {
    let mut start = at;
    let mut comma = false;
    // `2. th., 8450 Hammel`: the point of an abbreviation, then a comma.
    if byte(text, start) == Some(b'.') && byte(text, start + 1).is_some_and(|byte| matches!(byte, b',' | b' ')) {
        start += 1;
    }
    if let Some(sign) = [" \u{b7} ", " - "].iter().find(|sign| text.get(start..).is_some_and(|rest| rest.starts_with(**sign))) {
        start += sign.len();
    } else if byte(text, start) == Some(b',') {
        start += 1;
        comma = true;
    }
    // `Persgatan 118 A, 1204`: a Swedish flat's number
    if comma && is_flat_number(text, line::skip_blanks(text, start)) && byte(text, start) == Some(b' ') {
        return Some(Unit::weak(line::skip_blanks(text, start) + 4));
    }
    // `Sveavägen 12`, and the stairs on a line of their own
    if start == at && byte(text, start) == Some(b'\n') {
        return piece(text, start + 1).filter(|unit| unit.strong && byte(text, unit.end) == Some(b'\n'));
    }
    start = line::skip_blanks(text, start);
    if comma && byte(text, start) == Some(b'\n') {
        start += 1;
    }
    if start == at {
        return None;
    }
    if byte(text, start) == Some(b'(') {
        let Some(unit) = piece(text, start + 1) else { return entrance(text, start + 1, true).map(Unit::weak) };
        let end = if byte(text, unit.end) == Some(b'.') { unit.end + 1 } else { unit.end };
        return (byte(text, end) == Some(b')')).then_some(Unit { end: end + 1, ..unit });
    }
    // `Grønnegata 11, inng. Kirkegata`
    piece(text, start).or_else(|| if comma { entrance(text, start, false).map(Unit::weak) } else { None })
}

/// Whether four digits are the number of a Swedish flat, the floor's and the door's, and a clause ends with them: `1204`.
pub(super) fn is_flat_number(text: &str, at: usize) -> bool {
    let number = text.as_bytes().get(at..at + 4).unwrap_or_default();
    let held = matches!(number, [b'0', b'9', b'0', b'1'..=b'9'] | [b'1', b'0'..=b'8', b'0' | b'1', b'0'..=b'9']);
    held && digits(text, at) == 4 && line::is_clause_end(text, at + 4) && !number.ends_with(b"00") && free(text, at + 4).is_some()
}

/// A unit that begins right here.
fn piece(text: &str, start: usize) -> Option<Unit> {
    match byte(text, start)? {
        b'0'..=b'9' => floor(text, start),
        b'#' if digits(text, start + 1) > 0 => free(text, start + 1 + digits(text, start + 1)).map(Unit::weak),
        _ => (joined(text, start).or_else(|| roman(text, start)).or_else(|| flat(text, start)))
            .or_else(|| side(text, start).map(Unit::strong))
            .or_else(|| building(text, start)),
    }
}

/// How long the words about an entrance may be, in bytes.
const ENTRANCE: usize = 32;

/// Behind the words about an entrance, which a bracket or a clause ends: `(inng. bak)`, `(käynti pihalta)`, `, inng. Kirkegata`.
fn entrance(text: &str, start: usize, bracket: bool) -> Option<usize> {
    let word = Folded::of(letters(text, start));
    let known = is_staircase(word.as_str()) && word.as_str().len() > 2
        || matches!(word.as_str(), "ing" | "kaynti" | "sisaankaynti" | "gengid" | "baksidan" | "baksiden" | "gaflen" | "gaveln");
    let window = text.as_bytes().get(start..)?.iter().take(ENTRANCE);
    let length =
        window.take_while(|byte| !matches!(byte, b')' | b'(' | b'\n' | b'@' | b'[' | b',' | b';' | b'!' | b'?' | b'0'..=b'9')).count();
    let rest = text.get(start..start + length)?;
    // Of a sentence, no more than a street or a side behind the word.
    let words = rest.split(' ').count();
    let dots = rest.trim_end_matches('.').matches(". ").count();
    if bracket {
        return (known && byte(text, start + length) == Some(b')')).then_some(start + length + 1);
    }
    let end = start + rest.trim_end_matches('.').len();
    (known && (2..=4).contains(&words) && (dots == 0 || dots == 1 && letters(text, start).len() <= 5) && line::is_clause_end(text, end))
        .then_some(end)
}

/// The place itself, where no word or number goes on.
pub(super) fn free(text: &str, end: usize) -> Option<usize> {
    let word = |at: usize| byte(text, at).is_some_and(|next| line::is_letter(next) || next.is_ascii_digit() || matches!(next, b'@' | b'_'));
    let joined = matches!(byte(text, end), Some(b'-' | b'.' | b':' | b'/' | b'+')) && digits(text, end + 1) > 0;
    let dot = text.get(end..).is_some_and(|rest| rest.starts_with('\u{b7}'));
    (!word(end) || dot).then_some(end).filter(|_| !joined)
}

/// `2 tr`, `3. etg`, `1. sal tv`, `2. th`, `2nd floor`, `1½ tr`, `5. dør 3`.
fn floor(text: &str, start: usize) -> Option<Unit> {
    let length = digits(text, start);
    if length > 2 {
        return None;
    }
    let mut next = start + length;
    if matches!(letters(text, next), "st" | "nd" | "rd" | "th") && begins_with(text.get(next + 2..)?, " floor") {
        return free(text, next + 8).map(Unit::strong);
    }
    if let Some(half) = ["\u{bd}", " 1/2", "1/2"].iter().find(|half| text.get(next..).is_some_and(|rest| rest.starts_with(**half))) {
        next += half.len();
    }
    // `3ºB`, `2º izq`
    if let Some(sign) = ["\u{ba}", "\u{aa}", "\u{b0}"].iter().find(|sign| text.get(next..).is_some_and(|rest| rest.starts_with(**sign))) {
        let door = letters(text, line::skip_blanks(text, next + sign.len()));
        let end = line::skip_blanks(text, next + sign.len()) + door.len();
        let held = (1..=2).contains(&door.len()) || matches!(door, "izq" | "der" | "dcha" | "izda");
        return free(text, end).filter(|_| held && door != "C").map(Unit::weak);
    }
    let dotted = byte(text, next) == Some(b'.');
    if dotted {
        next += 1;
    }
    // `4., 9000 Aalborg`: the floor alone, as Danes write it.
    if dotted && super::place::next_part(text, next).is_some_and(|place| super::place::coded(text, place).is_some()) {
        return Some(Unit::weak(next));
    }
    // `1., Tikøb`
    if dotted && text.get(next..).and_then(|rest| rest.strip_prefix(", ")).is_some_and(line::is_capital) {
        return Some(Unit::weak(next));
    }
    // `1. 12, 2625 Vallensbæk`: a floor and its door.
    let door = digits(text, line::skip_blanks(text, next));
    let behind = line::skip_blanks(text, next) + door;
    if dotted
        && matches!(door, 1 | 2)
        && byte(text, behind) == Some(b',')
        && super::place::next_part(text, behind).is_some_and(|place| super::place::coded(text, place).is_some())
    {
        return Some(Unit::weak(behind));
    }
    next = line::skip_blanks(text, next);
    let word = letters(text, next);
    if word.len() == 1 && dotted {
        // `2. h.`, the floor as Icelanders shorten it
        if word == "h" && byte(text, next + 1) == Some(b'.') && line::is_clause_end(text, next + 2) {
            return Some(Unit::weak(next + 1));
        }
        // `1. t.v.`
        return side(text, next).filter(|_| byte(text, next + 1) == Some(b'.')).map(Unit::strong);
    }
    if word.is_empty() {
        return None;
    }
    let folded = Folded::of(word);
    if !(is_floor(folded.as_str()) || dotted && folded.as_str() == "et") {
        let is_door = dotted && matches!(folded.as_str(), "dor" | "lejl" | "lejlighed" | "vaer" | "vaerelse" | "leil");
        return flat(text, next).filter(|_| is_door || length == 1 && folded.as_str() == "dor");
    }
    let end = free(text, next + word.len())?;
    // `1. sal tv`, `2 tr ög.`, `1. sal, t.v.`
    let behind = match byte(text, end) {
        Some(b'.') => end + 1,
        _ => end,
    };
    let side_start = line::skip_blanks(text, behind);
    let end_with_side = if side_start > behind { side(text, side_start) } else { None };
    Some(Unit { end: end_with_side.unwrap_or(end), strong: end_with_side.is_some() || is_stair(folded.as_str()) })
}

/// `IV`, `V krs`, `II tr`.
fn roman(text: &str, start: usize) -> Option<Unit> {
    let written = letters(text, start);
    if written.len() > 4 || !written.bytes().all(|letter| matches!(letter, b'I' | b'V' | b'X')) || written.is_empty() {
        return None;
    }
    let end = start + written.len();
    let behind = if byte(text, end) == Some(b'.') { end + 1 } else { end };
    let word_start = line::skip_blanks(text, behind);
    let word = letters(text, word_start);
    if word_start > behind && is_floor(Folded::of(word).as_str()) {
        return free(text, word_start + word.len()).map(Unit::weak);
    }
    (written.len() > 1 && byte(text, end) == Some(b',')).then_some(Unit::weak(end))
}

/// `A-siipi`, `B-rappu`, `K-rakennus`.
fn joined(text: &str, start: usize) -> Option<Unit> {
    let letter = byte(text, start)?.is_ascii_alphabetic() && byte(text, start + 1) == Some(b'-');
    let word = letters(text, start + 2);
    (letter && is_joined(Folded::of(word).as_str())).then(|| free(text, start + 2 + word.len())).flatten().map(Unit::weak)
}

/// `lgh 1102`, `as. 5`, `uppg B`, `H0201`, `íb. 3C`, `bílastæði E07`.
fn flat(text: &str, start: usize) -> Option<Unit> {
    let word = letters(text, start);
    let mut next = start + word.len();
    if matches!(word, "H" | "U" | "K" | "L" | "h" | "u") && digits(text, next) == 4 {
        return free(text, next + 4).map(Unit::strong);
    }
    let folded = Folded::of(word);
    let folded = folded.as_str();
    let strong = is_flat(folded);
    let stairs = is_staircase(folded);
    if !strong && !stairs && !is_room(folded) {
        return None;
    }
    if matches!(byte(text, next), Some(b'.' | b':')) {
        next += 1;
    }
    next = line::skip_blanks(text, next);
    for filler in ["nr. ", "nr ", "no. ", "nro ", "nr."] {
        if text.get(next..).is_some_and(|rest| rest.starts_with(filler)) {
            next += filler.len();
        }
    }
    let end = value(text, next, stairs)?;
    let strong = strong || stairs && is_stairwell(folded);
    Some(Unit { end, strong })
}

/// The number, letter or code of a flat, with an ending that Finnish writes onto it.
fn value(text: &str, start: usize, stairs: bool) -> Option<usize> {
    let written = letters(text, start);
    let first = match (written.len(), digits(text, start + written.len())) {
        (0, _) => start,
        // `H0201`, `E07`, `B12`
        (1, 1..=4) => start + 1,
        (1, 0) if stairs && written != "i" => return free(text, start + 1),
        (1..=4, 0) if written.bytes().all(|letter| matches!(letter, b'I' | b'V' | b'X')) => return free(text, start + written.len()),
        _ => return None,
    };
    let length = digits(text, first);
    if !(1..=4).contains(&length) {
        return None;
    }
    let end = first + length;
    let letter = byte(text, end).is_some_and(|byte| byte.is_ascii_alphabetic()) && free(text, end + 1).is_some();
    let end = if letter { end + 1 } else { end };
    // `12-1101`, `3-4`
    let end = match (byte(text, end), digits(text, end + 1)) {
        (Some(b'-' | b'/'), more @ 1..=4) if free(text, end + 1 + more).is_some() => end + 1 + more,
        _ => end,
    };
    let end = finnish::number_ending(text, end).unwrap_or(end);
    free(text, end)
}

/// `st. tv`, `mezz. tv`, `tv`, `t.v.`, `nb`, `kld.`
fn side(text: &str, start: usize) -> Option<usize> {
    let rest = text.get(start..)?;
    for written in DOTTED {
        if begins_with(rest, written) {
            return free(text, start + written.len());
        }
    }
    let word = letters(text, start);
    let end = free(text, start + word.len())?;
    let folded = Folded::of(word);
    if matches!(folded.as_str(), "st" | "stuen" | "mezz" | "mez" | "kld" | "parterre" | "kl") {
        let behind = if byte(text, end) == Some(b'.') { end + 1 } else { end };
        let next = line::skip_blanks(text, behind);
        let side = letters(text, next);
        let short = Folded::of(side);
        if next > end && matches!(short.as_str(), "tv" | "th" | "mf" | "midt") {
            return free(text, next + side.len());
        }
        // `st. 2`, `st., lejl. 3`
        let door = digits(text, next);
        if next > behind && folded.as_str() == "st" && matches!(door, 1 | 2) && line::is_clause_end(text, next + door) {
            return free(text, next + door);
        }
        // `51 kl.`: the cellar, not an hour.
        if folded.as_str() == "kl" && behind > end && matches!(byte(text, behind), None | Some(b'?' | b',' | b')' | b'\n' | b'!')) {
            return Some(end);
        }
        if matches!(folded.as_str(), "st" | "stuen") {
            return (behind > end || folded.as_str() == "stuen" || byte(text, end) == Some(b',')).then_some(end);
        }
    }
    // `þ` is folded to what `th` is.
    let short = is_short_side(folded.as_str()) && word.len() > 1 && !word.contains('\u{fe}');
    // `3 kld ??`
    let ends = line::is_clause_end(text, end)
        || text
            .get(end..)
            .is_some_and(|rest| rest.starts_with([' ']) && rest.get(1..).is_some_and(|rest| rest.starts_with(['?', '!', '(', '/'])));
    ((short || word == "ög") && ends).then_some(end)
}

/// What is written with points between its letters, longest first.
const DOTTED: [&str; 31] = [
    "h. t.v", "h. t.h", "h.t.v", "h.t.h", "u. etg", "u.etg", "u. et", "u.et", "t. v", "t. h", "t.v", "t.h", "m.f", "o.g", "ö.g", "ö. g",
    "n.b", "n. b", "b.v", "u.b", "ö.b", "e.h", "n.h", "m.h", "j.h", "n.v", "ö.v", "u.h", "ö.h", "h.h", "h.v",
];

/// `baghuset`, `bagh. 1`, `nedre botten`, `neðri hæð`, `loftet`, `sisäpihan rak.`
fn building(text: &str, start: usize) -> Option<Unit> {
    let word = letters(text, start);
    let end = start + word.len();
    let folded = Folded::of(word);
    let folded = folded.as_str();
    let blank = byte(text, end) == Some(b' ');
    let second = if blank { letters(text, end + 1) } else { "" };
    if !second.is_empty() && is_pair(folded, Folded::of(second).as_str()) {
        return free(text, end + 1 + second.len()).map(Unit::strong);
    }
    if is_side(folded) {
        return free(text, end).filter(|end| stands(text, *end)).map(Unit::strong);
    }
    if !is_building(folded) {
        return None;
    }
    let behind = if byte(text, end) == Some(b'.') { end + 1 } else { end };
    let number = line::skip_blanks(text, behind);
    // `bagh. 1`: not the postcode behind it.
    if number > behind && matches!(digits(text, number), 1 | 2) && free(text, number + digits(text, number)).is_some() {
        return Some(Unit::weak(number + digits(text, number)));
    }
    free(text, end).filter(|end| stands(text, *end)).map(Unit::weak)
}

/// Whether nothing of a sentence goes on behind a word: a clause's end, a bracket, a number.
fn stands(text: &str, end: usize) -> bool {
    let next = line::skip_blanks(text, end);
    line::is_clause_end(text, end) || next > end && byte(text, next).is_some_and(|byte| byte == b'(' || byte.is_ascii_digit())
}

/// Two words for a floor, a side or a house behind another.
fn is_pair(first: &str, second: &str) -> bool {
    match second {
        "botten" => matches!(first, "nedre" | "ovre"),
        "h" | "haed" => matches!(first, "nedri" | "efri" | "mid" | "nedsta" | "efsta" | "jard"),
        "garden" | "gard" => matches!(first, "over"),
        "venstre" | "hojre" | "hoyre" | "haegri" | "vinstri" | "vanster" | "hoger" => matches!(first, "til" | "till"),
        "rak" | "rakennus" | "talo" => matches!(first, "sisapihan" | "pihan" | "takapihan" | "sisapiha"),
        "etage" | "etasje" | "etg" => matches!(first, "nederste" | "overste" | "forste" | "andre" | "tredje" | "underste"),
        "planet" | "vaningen" => matches!(first, "nedre" | "ovre" | "nedersta" | "oversta"),
        "hus" | "huset" => matches!(first, "gula" | "roda" | "rode" | "gule" | "bla" | "hvide" | "hvite" | "vita"),
        _ => false,
    }
}

/// Whether a text begins so, in either case.
fn begins_with(text: &str, beginning: &str) -> bool {
    text.get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let start = text.find(|character: char| character.is_ascii_digit()).unwrap();
        let house = super::super::house::number(text, start, start + digits(text, start), false);
        let mut end = house.end;
        while let Some(unit) = next(text, end) {
            end = unit.end;
        }
        assert_eq!(&text[start..end], expected, "{text}");
    }

    #[test]
    fn floors_and_doors_belong_to_the_house() {
        for text in [
            "12, lgh 1102",
            "12 lgh 1102",
            "12 B, 2 tr",
            "12, 1. sal tv",
            "12, 2. th",
            "12, st. tv",
            "12 A, 3. etg",
            "12, H0201",
            "12 as. 5",
            "12 A 34",
            "12, 2nd floor",
            "12 (lgh 1102)",
            "12, 1. t.v",
            "12, uppg B, 3 tr",
            "12 (inng. bak)",
        ] {
            check(text, text);
        }
        check("12, 3 personer", "12");
        check("12 A 3 veckor", "12 A");
    }

    #[test]
    fn rooms_and_parts_of_a_building_belong_to_the_house() {
        for text in [
            "12, port 7",
            "12 plats 44",
            "12, baghuset",
            "12 bagh. 1",
            "12, kælderlokale 4",
            "12 u.etg",
            "12, 6. et",
            "12, loftet",
            "12, ris",
            "12 neðri",
            "12 e.h",
            "12, íb 3C",
            "12, bílastæði E07",
            "12, liiketila 2",
            "12, 4. kerr",
            "12, V krs",
            "12, A-siipi 2. krs",
            "12 talo 3 as 12",
            "12, 5. dør 3",
            "12, mezz. tv",
            "12 IV, II tr",
            "12, 1½ tr",
            "12, 1 tr u.b",
            "12, avd. II, lgh 9",
            "12, ö.g. 3 tr",
            "12, nedre botten",
            "12 \u{b7} 2. sal",
            "12 as 5:een",
        ] {
            check(text, text);
        }
        check("12, port till gården", "12");
        check("12, ris och potatis", "12");
        check("12, loftet er tomt", "12");
        check("12 rum ledigt", "12");
    }
}
