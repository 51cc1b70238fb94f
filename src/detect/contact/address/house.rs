//! What follows a street: the house number with its letter or range, and the door behind a staircase.

use super::finnish;
use super::line::{self, byte, digits, letters};
use super::unit::free;
use super::units::is_floor;
use super::words::REFUSED;
use crate::detect::fold::Folded;
use crate::detect::lexicon::lexicon;

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
        // A farm of a road has its number and a small one: `1041-3`.
        house.score = !house.lettered && (high <= low && low < 100 || (low < 10 && high < 10));
        house.end = last;
        house.letter(text);
        house.score &= !(house.lettered && high > low);
    }
    if house.lettered {
        house.door(text, finnish);
    }
    house.end = finnish::number_ending(text, house.end).unwrap_or(house.end);
    house
}

impl House {
    /// `12B`, `12 B`, `12 b`, `12 b-c`.
    fn letter(&mut self, text: &str) {
        let alone = |at: usize| {
            !byte(text, at + 1).is_some_and(|next| line::is_letter(next) || matches!(next, b'_' | b'@' | b'\'' | b':' | b'&'))
                || finnish::number_ending(text, at + 1).is_some()
                || byte(text, at + 1) == Some(b':') && super::unit::is_flat_number(text, at + 2)
        };
        match byte(text, self.end) {
            Some(letter) if letter.is_ascii_alphabetic() && alone(self.end) => {
                self.end += 1;
                self.lettered = true;
            }
            Some(b' ') => {
                let at = self.end + 1;
                let initial = byte(text, at + 1) == Some(b'.') && is_initial(text, at + 2);
                let dash = matches!(byte(text, at + 1), Some(b'-' | b'/')) && !self.more(text, at + 1);
                // `12 V krs`: a floor in Roman figures.
                if byte(text, at + 1) == Some(b' ')
                    && matches!(byte(text, at), Some(b'V' | b'X'))
                    && is_floor(Folded::of(letters(text, at + 2)).as_str())
                {
                    return;
                }
                // `22 H0304`: a Norwegian flat.
                if matches!(byte(text, at), Some(b'H' | b'U' | b'K' | b'L')) && digits(text, at + 1) == 4 {
                    return;
                }
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
        if self.lettered && self.more(text, self.end) {
            self.end += 2;
        }
    }

    /// Whether another letter follows the house's own: `-c`, `/C`.
    fn more(&self, text: &str, at: usize) -> bool {
        matches!(byte(text, at), Some(b'-' | b'/'))
            && letters(text, at + 1).len() == 1
            && free(text, at + 2).is_some()
            && byte(text, at + 2) != Some(b'-')
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
        let first = if matches!(byte(text, self.end), Some(b' ' | b':')) { self.end + 1 } else { self.end };
        let length = digits(text, first);
        let last = first + length;
        // `19 C:1104`: a Swedish flat's number.
        if first > self.end && super::unit::is_flat_number(text, first) {
            self.end = last;
            return;
        }
        if byte(text, self.end) == Some(b':')
            || !(1..=3).contains(&length)
            || matches!(byte(text, last), Some(b'-' | b'/' | b'%' | b'+'))
            || byte(text, last) == Some(b':') && finnish::number_ending(text, last).is_none()
        {
            return;
        }
        // `12 B 3 tr`, `101 Reykjavík`: no door of a staircase.
        let mut end = last;
        if byte(text, end).is_some_and(|next| next.is_ascii_lowercase()) && !byte(text, end + 1).is_some_and(line::is_letter) {
            end += 1;
        }
        // `4 B 12 b`
        if finnish && matches!(text.as_bytes().get(end..), Some([b' ', b'a'..=b'c', ..])) && line::is_clause_end(text, end + 2) {
            end += 2;
        }
        let next = line::skip_blanks(text, end);
        let word = letters(text, next);
        let other = line::is_letter(byte(text, end).unwrap_or(b' ')) || refuses(word) || is_floor(Folded::of(word).as_str());
        let apart = first > self.end;
        // `A 2. krs`; a sentence ends with the door of a Finnish address.
        let sentence = finnish && byte(text, last + 1) == Some(b' ') && text.get(last + 2..).is_some_and(line::is_capital);
        let counted = byte(text, last) == Some(b'.') && !sentence && byte(text, last + 1).is_some_and(|byte| byte != b'\n');
        // `5 C 41 i Korpo`
        let placed = word == "i" && text.get(next + 2..).is_some_and(line::is_capital);
        let unit = super::unit::next(text, end).is_some_and(|unit| unit.strong);
        let sure = finnish || line::is_clause_end(text, end) || digits(text, next) == 5 || placed || unit;
        if !other && !counted && (!apart || sure) {
            self.end = end;
        }
    }
}

/// Whether a letter with a point before here is the initial of a name that follows: `12 B. Lind`, not `312 A. Ring`.
fn is_initial(text: &str, at: usize) -> bool {
    match byte(text, at) {
        None | Some(b'\n' | b'\r' | b',') => false,
        Some(b' ') => {
            let name = letters(text, at + 1);
            let entry = lexicon().entry(name);
            // `800 e. Ring`: euros.
            at.checked_sub(2).and_then(|letter| byte(text, letter)).is_some_and(|letter| letter.is_ascii_lowercase())
                || line::is_capital(name) && !entry.is_common() && entry.given().max(entry.family()) > 2
        }
        Some(_) => true,
    }
}

/// Whether the word behind a number says that it counts or dates something.
pub(super) fn refuses(word: &str) -> bool {
    !word.is_empty() && REFUSED.binary_search(&Folded::of(word).as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let start = text.find(|character: char| character.is_ascii_digit()).unwrap();
        let house = number(text, start, start + digits(text, start), false);
        assert_eq!(&text[start..house.end], expected, "{text}");
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
        check("x 44 b-c, 3126", "44 b-c");
        check("x 12A/B", "12A/B");
        check("x 31/33", "31/33");
        check("x 12 V krs", "12");
        check("x 33:ssa on", "33:ssa");
        check("x 3 K:ssa", "3 K:ssa");
        check("x 12:30", "12");
        check("x 5 C 41 i Åbo", "5 C 41");
        check("x 7-9 G", "7-9 G");
    }
}
