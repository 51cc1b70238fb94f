//! What follows a street: the house number with its letter or range, the floor and the door.

use super::line::{self, byte, digits, letters};
use super::words::REFUSED;
use crate::detect::fold::Folded;

/// A house number with all that is written onto it.
#[derive(Clone, Copy, Debug)]
pub(super) struct House {
    pub(super) end: usize,
    /// A letter or a staircase follows the digits: `12 B`, `3 A 41`.
    pub(super) lettered: bool,
    /// Two small numbers or a falling range, as in a result (`3-0`), or a word written onto the number (`28-årig`).
    pub(super) score: bool,
}

/// The house number whose digits stand at `start..end`.
pub(super) fn number(text: &str, start: usize, end: usize, finnish: bool) -> House {
    let mut house = House { end, lettered: false, score: false };
    // `28-årig`, `5-trinns`: a number that is part of a word.
    if byte(text, end) == Some(b'-') && letters(text, end + 1).len() > 2 {
        house.score = true;
        return house;
    }
    house.letter(text);
    if let Some((first, last)) = house.range(text) {
        let value = |at: usize| text.get(at..at + digits(text, at)).and_then(|digits| digits.parse::<u32>().ok()).unwrap_or(0);
        let (low, high) = (value(start), value(first));
        house.score = !house.lettered && (high <= low || (low < 10 && high < 10));
        house.end = last;
        house.letter(text);
    }
    if house.lettered {
        house.door(text, finnish);
    }
    house
}

impl House {
    /// `12B`, `12 B`, `12 b`.
    fn letter(&mut self, text: &str) {
        let alone =
            |at: usize| !byte(text, at + 1).is_some_and(|next| line::is_letter(next) || matches!(next, b'_' | b'@' | b'\'' | b':' | b'&'));
        match byte(text, self.end) {
            Some(letter) if letter.is_ascii_alphabetic() && alone(self.end) => {
                self.end += 1;
                self.lettered = true;
            }
            Some(b' ') => {
                let at = self.end + 1;
                let initial = byte(text, at + 1) == Some(b'.') && byte(text, at + 2).is_some_and(|next| next != b'\n' && next != b'\r');
                let dash = byte(text, at + 1) == Some(b'-') || byte(text, at + 1) == Some(b'/');
                match byte(text, at) {
                    Some(b'A'..=b'H' | b'J'..=b'Z') if alone(at) && !initial && !dash => {}
                    Some(b'a'..=b'f') if alone(at) && !initial && !dash && digits(text, at + 1) == 0 => {}
                    _ => return,
                }
                self.end = at + 1;
                self.lettered = true;
            }
            _ => {}
        }
    }

    /// `-14`, ` - 14`, `/14`: where its digits begin and end.
    fn range(&self, text: &str) -> Option<(usize, usize)> {
        let first = match byte(text, self.end)? {
            b'-' | b'/' => self.end + 1,
            b' ' if text.get(self.end..)?.starts_with(" - ") => self.end + 3,
            _ => return None,
        };
        let length = digits(text, first);
        let last = first + length;
        let letter = usize::from(byte(text, last).is_some_and(|letter| letter.is_ascii_alphabetic()));
        ((1..=3).contains(&length) && byte(text, last) != Some(b'%') && free(text, last + letter).is_some()).then_some((first, last))
    }

    /// The door behind a staircase's letter: `A 12`, `C34`.
    fn door(&mut self, text: &str, finnish: bool) {
        let first = if byte(text, self.end) == Some(b' ') { self.end + 1 } else { self.end };
        let length = digits(text, first);
        let last = first + length;
        if !(1..=3).contains(&length) || matches!(byte(text, last), Some(b'-' | b':' | b'/' | b'%' | b'+')) {
            return;
        }
        // `12 B 3 tr`, `101 Reykjavík`: no door of a staircase.
        let mut end = last;
        if byte(text, end).is_some_and(|next| next.is_ascii_lowercase()) && !byte(text, end + 1).is_some_and(line::is_letter) {
            end += 1;
        }
        let next = line::skip_blanks(text, end);
        let word = letters(text, next);
        let other = line::is_letter(byte(text, end).unwrap_or(b' ')) || refuses(word) || is_floor(Folded::of(word).as_str());
        let apart = first > self.end;
        let counted = byte(text, last) == Some(b'.') && byte(text, last + 1).is_some_and(|byte| byte != b'\n');
        let sure = finnish || line::is_clause_end(text, end) || digits(text, next) == 5;
        if !other && !counted && (!apart || sure) {
            self.end = end;
        }
    }
}

/// Whether the word behind a number says that it counts or dates something.
pub(super) fn refuses(word: &str) -> bool {
    !word.is_empty() && REFUSED.binary_search(&Folded::of(word).as_str()).is_ok()
}

/// Words for a floor or a side, behind their number.
fn is_floor(word: &str) -> bool {
    matches!(
        word,
        "tr" | "trp"
            | "trappor"
            | "trappa"
            | "trapper"
            | "van"
            | "vaning"
            | "vaningen"
            | "sal"
            | "etg"
            | "etasje"
            | "etage"
            | "krs"
            | "kerros"
            | "haed"
            | "hh"
            | "th"
            | "tv"
            | "mf"
            | "floor"
    )
}

/// Words for a side of the stairs or a floor without number.
fn is_side(word: &str) -> bool {
    matches!(
        word,
        "th" | "tv" | "mf" | "midt" | "nb" | "bv" | "kld" | "kaelder" | "kjeller" | "stuen" | "parterre" | "nede" | "oppe" | "loft"
    )
}

/// Words before the number of a flat.
fn is_flat(word: &str) -> bool {
    matches!(
        word,
        "lgh"
            | "lght"
            | "lagenhet"
            | "lagenhetsnr"
            | "lagenhetsnummer"
            | "lag"
            | "as"
            | "asunto"
            | "bost"
            | "bostad"
            | "bst"
            | "huoneisto"
            | "huon"
            | "leil"
            | "leilighet"
            | "leilighetsnr"
            | "lejl"
            | "lejlighed"
            | "dor"
            | "dorr"
            | "vaning"
            | "van"
            | "plan"
            | "tr"
            | "trappa"
            | "ibud"
            | "flat"
            | "apt"
            | "apartment"
            | "unit"
            | "floor"
            | "bolignr"
            | "bolignummer"
            | "bnr"
            | "krs"
            | "kerros"
            | "etg"
            | "etasje"
            | "suite"
            | "opg"
            | "hh"
    ) || is_staircase(word)
}

/// Words before the letter or number of a staircase.
fn is_staircase(word: &str) -> bool {
    matches!(
        word,
        "uppgang"
            | "uppg"
            | "ingang"
            | "ing"
            | "oppgang"
            | "oppg"
            | "inngang"
            | "inng"
            | "opgang"
            | "indgang"
            | "rappu"
            | "porras"
            | "trapp"
            | "trappuppgang"
            | "stair"
            | "blok"
            | "blokk"
            | "hus"
    )
}

/// The end of the next floor or door: `lgh 1102`, `2 tr`, `1. sal tv`, `H0201`, `as. 5`, `3. hæð`.
pub(super) fn part(text: &str, at: usize) -> Option<usize> {
    let mut start = at;
    let mut comma = false;
    // `2. th., 8450 Hammel`: the point of an abbreviation, then a comma.
    if byte(text, start) == Some(b'.') && byte(text, start + 1).is_some_and(|byte| matches!(byte, b',' | b' ')) {
        start += 1;
    }
    if byte(text, start) == Some(b',') {
        start += 1;
        comma = true;
    }
    start = line::skip_blanks(text, start);
    if comma && byte(text, start) == Some(b'\n') {
        start += 1;
    }
    if start == at {
        return None;
    }
    if byte(text, start) == Some(b'(') {
        return piece(text, start + 1).filter(|end| byte(text, *end) == Some(b')')).map(|end| end + 1);
    }
    piece(text, start)
}

/// A floor or door that begins right here.
fn piece(text: &str, start: usize) -> Option<usize> {
    match byte(text, start)? {
        b'0'..=b'9' => floor(text, start),
        b'#' if digits(text, start + 1) > 0 => free(text, start + 1 + digits(text, start + 1)),
        _ => flat(text, start).or_else(|| side(text, start)),
    }
}

/// The place itself, where no word or number goes on.
fn free(text: &str, end: usize) -> Option<usize> {
    let word = |at: usize| byte(text, at).is_some_and(|next| line::is_letter(next) || next.is_ascii_digit() || matches!(next, b'@' | b'_'));
    let joined = matches!(byte(text, end), Some(b'-' | b'.' | b':' | b'/' | b'+')) && digits(text, end + 1) > 0;
    (!word(end) && !joined).then_some(end)
}

/// `2 tr`, `3. etg`, `1. sal tv`, `2. th`, `2nd floor`.
fn floor(text: &str, start: usize) -> Option<usize> {
    let length = digits(text, start);
    if length > 2 {
        return None;
    }
    let mut next = start + length;
    if matches!(letters(text, next), "st" | "nd" | "rd" | "th") && begins_with(text.get(next + 2..)?, " floor") {
        return free(text, next + 8);
    }
    if byte(text, next) == Some(b'.') {
        next += 1;
    }
    // `4., 9000 Aalborg`: the floor alone, as Danes write it.
    let floor_alone =
        next > start + length && super::place::next_part(text, next).is_some_and(|place| super::place::coded(text, place).is_some());
    if floor_alone {
        return Some(next);
    }
    next = line::skip_blanks(text, next);
    let word = letters(text, next);
    if word.len() == 1 && next > start + length {
        // `1. t.v.`
        return side(text, next).filter(|_| byte(text, next + 1) == Some(b'.'));
    }
    if word.is_empty() || !is_floor(Folded::of(word).as_str()) {
        return None;
    }
    let end = free(text, next + word.len())?;
    // `1. sal tv`, `2 tr ög.`, `1. sal, t.v.`
    let behind = match byte(text, end) {
        Some(b'.') => end + 1,
        _ => end,
    };
    let side_start = line::skip_blanks(text, behind);
    Some(if side_start > behind { side(text, side_start).unwrap_or(end) } else { end })
}

/// `lgh 1102`, `as. 5`, `uppg B`, `H0201`.
fn flat(text: &str, start: usize) -> Option<usize> {
    let word = letters(text, start);
    let mut next = start + word.len();
    if matches!(word, "H" | "U" | "K" | "L") && digits(text, next) == 4 {
        return free(text, next + 4);
    }
    let folded = Folded::of(word);
    if !is_flat(folded.as_str()) {
        return None;
    }
    if matches!(byte(text, next), Some(b'.' | b':')) {
        next += 1;
    }
    next = line::skip_blanks(text, next);
    for filler in ["nr. ", "nr ", "no. ", "nro "] {
        if text.get(next..).is_some_and(|rest| rest.starts_with(filler)) {
            next += filler.len();
        }
    }
    if matches!(byte(text, next), Some(b'H' | b'U' | b'K' | b'L')) && digits(text, next + 1) == 4 {
        return free(text, next + 5);
    }
    match digits(text, next) {
        0 if is_staircase(folded.as_str()) => {
            let letter = letters(text, next);
            (letter.len() == 1 && letter != "i").then_some(next + 1)
        }
        length @ 1..=4 => {
            let end = next + length;
            let letter = byte(text, end).is_some_and(|byte| byte.is_ascii_alphabetic()) && free(text, end + 1).is_some();
            free(text, if letter { end + 1 } else { end })
        }
        _ => None,
    }
}

/// `st. tv`, `tv`, `t.v.`, `nb`, `kld.`
fn side(text: &str, start: usize) -> Option<usize> {
    let rest = text.get(start..)?;
    for written in ["t.v", "t.h", "m.f", "o.g", "n.b", "b.v"] {
        if rest.starts_with(written) {
            return free(text, start + written.len());
        }
    }
    let word = letters(text, start);
    let end = free(text, start + word.len())?;
    let folded = Folded::of(word);
    if matches!(folded.as_str(), "st" | "stuen") {
        let behind = if byte(text, end) == Some(b'.') { end + 1 } else { end };
        let next = line::skip_blanks(text, behind);
        let side = letters(text, next);
        if matches!(side, "tv" | "th" | "mf") {
            return free(text, next + side.len());
        }
        return (behind > end || folded.as_str() == "stuen" || byte(text, end) == Some(b',')).then_some(end);
    }
    ((is_side(folded.as_str()) || word == "ög") && (line::is_clause_end(text, end))).then_some(end)
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
        let house = number(text, start, start + digits(text, start), false);
        let mut end = house.end;
        while let Some(more) = part(text, end) {
            end = more;
        }
        assert_eq!(&text[start..end], expected, "{text}");
    }

    #[test]
    fn letters_and_ranges_belong_to_the_number() {
        check("x 12B, y", "12B");
        check("x 12 B, y", "12 B");
        check("x 12 b", "12 b");
        check("x 12 i stan", "12");
        check("x 12-14.", "12-14");
        check("x 12 B. Lind", "12");
        check("x 12 A - 14 B", "12 A - 14 B");
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
        ] {
            check(text, text);
        }
        check("12, 3 personer", "12");
        check("12 A 3 veckor", "12 A");
    }
}
