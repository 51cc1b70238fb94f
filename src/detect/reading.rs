//! A text as recognisers read it: without what the eye does not see, in one spelling.
//!
//! Soft hyphens and zero-width characters are left out, dashes, blanks and quotation marks of all kinds become those of ASCII, marks are
//! joined to their letters, full-width and other digits become `0`–`9`, and a Greek or Cyrillic letter in a word with Latin letters or
//! digits becomes the one that it looks like (Unicode Technical Standard 39, confusables and mixed scripts). So somebody's number is found
//! whatever was pasted into it, and recognisers know one hyphen and one blank. What has been read reads as itself.
//!
//! What a web form wrote down in entities (`Bj&ouml;rn`, `&#229;`, `&nbsp;`, `&amp;aring;`) reads as the characters that they stand for.
//!
//! A text of which nothing has to change is read where it lies; nearly all are.

use unicode_normalization::char::{compose, is_combining_mark};

use super::entity;
use super::marks::Marks;

/// From here on, clean and original text run side by side.
#[derive(Clone, Copy, Debug)]
struct Shift {
    clean: usize,
    original: usize,
}

/// The memory of one text's reading, used again for the next.
#[derive(Debug, Default)]
pub(super) struct Reading {
    clean: String,
    shifts: Vec<Shift>,
}

/// What becomes of a character.
pub(super) enum Change {
    Keep,
    Remove,
    Become(char),
    /// A mark that the letter before it takes.
    Join(char),
}

impl Reading {
    /// The text as recognisers read it, with its marks.
    pub(super) fn read<'r>(&'r mut self, text: &'r str, marks: &mut Marks) -> &'r str {
        self.shifts.clear();
        let is_strange = marks.read(text.as_bytes());
        // Most texts hold no `&`, and most that do no `;` behind it.
        let ampersand = memchr::memchr(b'&', text.as_bytes());
        if !is_strange && ampersand.is_none_or(|at| memchr::memchr(b';', &text.as_bytes()[at..]).is_none()) {
            return text;
        }
        self.write(text);
        if self.shifts.is_empty() {
            return text;
        }
        marks.read(self.clean.as_bytes());
        &self.clean
    }

    /// Writes the text down in another spelling.
    fn write(&mut self, text: &str) {
        self.clean.clear();
        self.clean.reserve(text.len());
        let mut copied = 0;
        let mut word = Word::default();
        // Only what is strange can change, and what ends an entity; the rest is copied in pieces.
        let mut position = 0;
        let bytes = text.as_bytes();
        while let Some(found) = bytes[position..].iter().position(is_strange) {
            let at = position + found;
            let Some(character) = text[at..].chars().next() else { break };
            position = at + character.len_utf8();
            let change = if is_combining_mark(character) {
                self.clean.push_str(&text[copied..at]);
                copied = at;
                Change::Join(character)
            } else if matches!(character, '\u{370}'..='\u{4ff}') {
                word.reach(text, at);
                look_alike(character).filter(|_| word.is_latin).map_or(Change::Keep, Change::Become)
            } else {
                change(character)
            };
            let ends_entity = matches!(change, Change::Become(';')) || character == ';';
            if matches!(change, Change::Keep) && !ends_entity {
                continue;
            }
            self.clean.push_str(&text[copied..at]);
            copied = at;
            if ends_entity {
                // A full-width semicolon ends one too. Read from what is clean, an entity within an entity is read as well.
                let Some((start, letter)) = entity::before(&self.clean) else {
                    if matches!(change, Change::Become(_)) {
                        self.replace(at, position, Some(';'));
                        copied = position;
                    }
                    continue;
                };
                let first = self.take_back(start);
                self.change_to(first, position, letter);
            } else {
                self.change_to(at, position, change);
            }
            copied = position;
        }
        self.clean.push_str(&text[copied..]);
    }

    /// The text as it was read last, once more.
    pub(super) fn again<'r>(&'r self, text: &'r str) -> &'r str {
        if self.shifts.is_empty() { text } else { &self.clean }
    }

    /// Writes what a piece of the original text becomes.
    fn change_to(&mut self, start: usize, end: usize, change: Change) {
        match change {
            Change::Keep => {}
            Change::Remove => self.replace(start, end, None),
            Change::Become(other) => self.replace(start, end, Some(other)),
            Change::Join(mark) => self.join(start, end, mark),
        }
    }

    fn replace(&mut self, start: usize, end: usize, replacement: Option<char>) {
        self.shifts.push(Shift { clean: self.clean.len(), original: start });
        self.clean.extend(replacement);
        self.shifts.push(Shift { clean: self.clean.len(), original: end });
    }

    /// Joins a mark to the letter before it. A mark that no letter takes is left out.
    fn join(&mut self, start: usize, end: usize, mark: char) {
        let letter = self.clean.chars().next_back();
        match letter.and_then(|letter| compose(letter, mark).map(|whole| (letter, whole))) {
            Some((letter, whole)) => {
                let first = self.take_back(self.clean.len() - letter.len_utf8());
                self.replace(first, end, Some(whole));
            }
            None => self.replace(start, end, None),
        }
    }

    /// Takes back what was written from this place on, which becomes part of a whole; says where in the original it began.
    fn take_back(&mut self, start: usize) -> usize {
        let first = self.locate(start);
        self.clean.truncate(start);
        while self.shifts.last().is_some_and(|shift| shift.clean > start) {
            self.shifts.pop();
        }
        first
    }

    /// Where in the original text a place of the clean one lies.
    fn locate(&self, position: usize) -> usize {
        let behind = self.shifts.partition_point(|shift| shift.clean <= position);
        let shift = behind.checked_sub(1).and_then(|index| self.shifts.get(index));
        shift.map_or(position, |shift| shift.original + (position - shift.clean))
    }

    /// Where in the original text a byte range of the clean one lies, whole characters with their marks.
    pub(super) fn original(&self, text: &str, start: usize, end: usize) -> (usize, usize) {
        if self.shifts.is_empty() {
            return (start, end);
        }
        let first = self.locate(start);
        // The last character's own end: it may have been longer or shorter, and what was left out behind it is no part of it.
        let before = self.clean.floor_char_boundary(end.saturating_sub(1));
        let behind = self.shifts.partition_point(|shift| shift.clean <= before);
        let length = self.clean[before..].chars().next().map_or(1, char::len_utf8);
        let next = self.shifts.get(behind).filter(|shift| shift.clean == before + length);
        let mut last = next.map_or_else(|| text.ceil_char_boundary(self.locate(before) + 1), |shift| shift.original);
        while let Some(mark) = text[last..].chars().next().filter(|next| is_combining_mark(*next)) {
            last += mark.len_utf8();
        }
        // A mark that joined its letter moved the letter's own beginning: the character before the mark.
        let mut first = text.floor_char_boundary(first);
        while text[first..].chars().next().is_some_and(is_combining_mark) && first > 0 {
            first = text.floor_char_boundary(first - 1);
        }
        (first, last)
    }
}

/// Whether a byte begins a character that may have to change, or ends an entity.
fn is_strange(byte: &u8) -> bool {
    (*byte > 0xc5) | (*byte == 0xc2) | (*byte == b';')
}

/// The word that was looked at last: where it ends, and whether something in it is read as a Latin letter or a digit.
#[derive(Debug, Default)]
struct Word {
    end: usize,
    is_latin: bool,
}

impl Word {
    /// Looks at the word around a place, unless it did. Each character is looked at once from each side, however long a word is.
    fn reach(&mut self, text: &str, at: usize) {
        if at < self.end {
            return;
        }
        let before = text[self.end..at].char_indices().rev().take_while(|(_, character)| is_of_word(*character)).last();
        let start = before.map_or(at, |(index, _)| self.end + index);
        let word = &text[start..];
        let length = word.find(|character| !is_of_word(character)).unwrap_or(word.len());
        self.end = start + length;
        self.is_latin = word[..length].chars().any(|character| match change(character) {
            Change::Keep => matches!(character, 'a'..='z' | 'A'..='Z' | '0'..='9' | 'À'..='ɏ'),
            Change::Become(other) => other.is_ascii_alphanumeric(),
            Change::Remove | Change::Join(_) => false,
        });
    }
}

/// Whether a character is part of a word, or is left out of it. The signs of entities are: what they stand for may be.
fn is_of_word(character: char) -> bool {
    character.is_alphanumeric()
        || matches!(character, '&' | '#' | ';' | '＆' | '＃' | '；')
        || is_combining_mark(character)
        || matches!(change(character), Change::Remove)
}

/// What becomes of a character whatever stands beside it.
pub(super) fn change(character: char) -> Change {
    match character {
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{2069}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' => Change::Remove,
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => Change::Become(' '),
        '\u{2010}'..='\u{2013}' | '\u{2212}' | '\u{fe63}' => Change::Become('-'),
        '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{b4}' => Change::Become('\''),
        '\u{201c}'..='\u{201f}' | '\u{ab}' | '\u{bb}' => Change::Become('"'),
        '\u{660}'..='\u{669}' => digit(character, 0x660),
        '\u{6f0}'..='\u{6f9}' => digit(character, 0x6f0),
        '\u{966}'..='\u{96f}' => digit(character, 0x966),
        '\u{ff01}'..='\u{ff5e}' => Change::Become(char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character)),
        '\u{1d7ce}'..='\u{1d7ff}' => Change::Become(char::from_digit((u32::from(character) - 0x1d7ce) % 10, 10).unwrap_or(character)),
        _ => Change::Keep,
    }
}

fn digit(character: char, zero: u32) -> Change {
    Change::Become(char::from_digit(u32::from(character) - zero, 10).unwrap_or(character))
}

/// The Latin letter that a Greek or Cyrillic one looks like.
fn look_alike(character: char) -> Option<char> {
    const PAIRS: [(&str, &str); 2] =
        [("АВЕЅІЈКМНОРСТУХаеѕіјорсухԁ", "ABESIJKMHOPCTYXaesijopcyxd"), ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοανι", "ABEZHIKMNOPTYXoavi")];
    PAIRS
        .iter()
        .find_map(|(others, latin)| others.chars().zip(latin.chars()).find(|(other, _)| *other == character).map(|(_, latin)| latin))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A range of the clean text, and the part of the original that it stands for.
    #[track_caller]
    fn check(text: &str, clean: &str, piece: &str, original: &str) {
        let mut reading = Reading::default();
        assert_eq!(reading.read(text, &mut Marks::default()), clean, "{text}");
        assert_eq!(reading.again(text), clean, "{text}");
        let start = clean.find(piece).unwrap();
        let (first, last) = reading.original(text, start, start + piece.len());
        assert_eq!(&text[first..last], original, "{text}");
    }

    #[test]
    fn what_nobody_sees_is_left_out() {
        check("ring 070\u{200b}174\u{ad}0605.", "ring 0701740605.", "0701740605", "070\u{200b}174\u{ad}0605");
        check("a\u{202e}070\u{202c}b", "a070b", "070", "070");
        check("\u{feff}070-1", "070-1", "070-1", "070-1");
    }

    #[test]
    fn blanks_and_dashes_become_those_of_ascii() {
        check("å 070\u{a0}174\u{2011}06 05 å", "å 070 174-06 05 å", "070 174-06 05", "070\u{a0}174\u{2011}06 05");
        check("“Anna”s", "\"Anna\"s", "Anna", "Anna");
    }

    #[test]
    fn marks_join_their_letters() {
        check("A\u{30a}sa o\u{308}rn!", "Åsa örn!", "Åsa", "A\u{30a}sa");
        check("xA\u{30a}", "xÅ", "Å", "A\u{30a}");
        check("1\u{336}2\u{336}3\u{336} x", "123 x", "123", "1\u{336}2\u{336}3\u{336}");
        check("a\u{323}\u{302}!", "ậ!", "ậ", "a\u{323}\u{302}");
    }

    #[test]
    fn digits_and_look_alikes_are_read_as_what_they_seem() {
        check("０７０１", "0701", "0701", "０７０１");
        check("٠٧٠١", "0701", "0701", "٠٧٠١");
        check("Аnnа", "Anna", "Anna", "Аnnа");
        check("ring Маriа!", "ring Maria!", "Maria", "Маriа");
        check("Сå, ΤΤ\u{200b}1", "Cå, TT1", "TT1", "ΤΤ\u{200b}1");
        check("Анна и Мария", "Анна и Мария", "Анна", "Анна");
    }

    #[test]
    fn entities_are_read_as_their_characters() {
        check("Bj&ouml;rn &Aring;s", "Björn Ås", "Björn", "Bj&ouml;rn");
        check("Bj&ouml;rn &Aring;s", "Björn Ås", "Ås", "&Aring;s");
        check("S&oslash;s &#229;&#xE5;&#Xe5;!", "Søs ååå!", "åå!", "&#xE5;&#Xe5;!");
        check("070&nbsp;174&#160;06&ndash;05", "070 174 06-05", "174 06", "174&#160;06");
        check("A &amp; B &amp;aring; &amp;amp;amp;", "A & B å &", "å", "&amp;aring;");
        check("tele&shy;fon &lt;b&gt;", "telefon <b>", "telefon", "tele&shy;fon");
        check("a&#778;sa", "åsa", "å", "a&#778;");
        check("Bjo&#776;&shy;rn", "Björn", "Bjö", "Bjo&#776;");
        check("&aring;\u{301}x", "ǻx", "ǻ", "&aring;\u{301}");
        check("&#107;im&#64;example", "kim@example", "kim@", "&#107;im&#64;");
        check("\u{ff06}aring\u{ff1b}", "å", "å", "\u{ff06}aring\u{ff1b}");
        check("&a\u{200b}ring;!", "å!", "å", "&a\u{200b}ring;");
        check("x\u{200b}&aring;\u{200b}y", "xåy", "å", "&aring;");
    }

    #[test]
    fn what_is_no_entity_stays() {
        let mut reading = Reading::default();
        for text in [
            "a & b; c",
            "&;",
            "&aringx;",
            "& aring;",
            "&xx;",
            "R&D; x",
            "?a=1&b=2;",
            "&#;",
            "&#x;",
            "&#0;",
            "&#1114112;",
            "&#59;",
            "&#1080;",
            "&aring",
            "a;b;c",
            ";",
            "&&&;;;",
            "&#99999999999999;",
        ] {
            assert_eq!(reading.read(text, &mut Marks::default()).as_ptr(), text.as_ptr(), "{text}");
        }
        let many = "&amp;".repeat(1 << 18);
        assert_eq!(reading.read(&many, &mut Marks::default()), "&".repeat(1 << 18));
        let nested = format!("&{}", "amp;".repeat(1 << 18));
        assert_eq!(reading.read(&nested, &mut Marks::default()), "&");
        assert_eq!(reading.original(&nested, 0, 1), (0, nested.len()));
    }

    #[test]
    fn plain_texts_are_not_copied() {
        let mut reading = Reading::default();
        let text = "Åsa Öberg-Šimić, 070-174 06 05";
        assert_eq!(reading.read(text, &mut Marks::default()).as_ptr(), text.as_ptr());
        assert_eq!(reading.original(text, 1, 5), (1, 5));
    }

    proptest! {
        #[test]
        fn every_range_leads_back_to_whole_characters(
            text in "(\\PC|[a\u{30a}\u{200b}\u{a0}0-9\u{301}\u{ff10}ΤοΟа ]|[&;amp#\u{ff06}\u{ff1b}\u{200b}1]|&(amp;)*(ouml|aring|shy|nbsp|lt|#229|#x30a|#38|#97|#59|#1072);){0,30}",
        ) {
            let mut reading = Reading::default();
            let clean = reading.read(&text, &mut Marks::default()).to_owned();
            let boundaries: Vec<usize> = (0..=clean.len()).filter(|position| clean.is_char_boundary(*position)).collect();
            for pair in boundaries.windows(2) {
                let (first, last) = reading.original(&text, pair[0], pair[1]);
                prop_assert!(first < last, "{text:?} {pair:?}");
                prop_assert!(text.get(first..last).is_some(), "{text:?} {pair:?}");
            }
            // What has been read reads as itself.
            let mut again = Reading::default();
            prop_assert_eq!(again.read(&clean, &mut Marks::default()), clean.as_str());
        }
    }
}
