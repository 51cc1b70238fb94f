//! Words folded for comparison, without memory of their own: lower case, without diacritics, ASCII alone.

/// Longer words mean nothing to anybody here; of them the beginning is kept.
const LONGEST: usize = 32;

/// A word in lower case without diacritics: `Ärende` is `arende`, `Fødselsnr` is `fodselsnr`, `Þór` is `thor`.
///
/// Knows the letters of Latin-1 and Latin Extended-A; any other character becomes `?`, which no word list holds.
#[derive(Clone, Copy)]
pub(super) struct Folded {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Folded {
    /// Folds a word; letters beyond the longest are left out.
    pub(super) fn of(word: &str) -> Self {
        let mut folded = Self { bytes: [0; LONGEST], length: word.len().min(LONGEST) };
        let mut any = 0;
        for (place, byte) in folded.bytes.iter_mut().zip(word.as_bytes()) {
            *place = byte.to_ascii_lowercase();
            any |= *byte;
        }
        if any.is_ascii() {
            return folded;
        }
        folded = Self { bytes: [0; LONGEST], length: 0 };
        for character in word.chars() {
            match character {
                character if character.is_ascii() => folded.push(character.to_ascii_lowercase() as u8),
                other => plain(other).bytes().for_each(|letter| folded.push(letter)),
            }
        }
        folded
    }

    fn push(&mut self, letter: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = letter;
            self.length += 1;
        }
    }

    /// The folded word's bytes, all ASCII.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// The first eight bytes, the first in the lowest place; zeros behind a shorter word.
    pub(super) fn head(&self) -> u64 {
        self.bytes.first_chunk().map_or(0, |head| u64::from_le_bytes(*head))
    }

    /// The folded word.
    pub(super) fn as_str(&self) -> &str {
        // Nothing but ASCII was pushed.
        str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

/// The plain letters that stand for a letter with marks.
pub(super) fn plain(letter: char) -> &'static str {
    match letter {
        '\u{c0}'..='\u{c5}' | '\u{e0}'..='\u{e5}' | '\u{100}'..='\u{105}' => "a",
        '\u{c6}' | '\u{e6}' => "ae",
        '\u{c7}' | '\u{e7}' | '\u{106}'..='\u{10d}' => "c",
        '\u{d0}' | '\u{f0}' | '\u{10e}'..='\u{111}' => "d",
        '\u{c8}'..='\u{cb}' | '\u{e8}'..='\u{eb}' | '\u{112}'..='\u{11b}' => "e",
        '\u{11c}'..='\u{123}' => "g",
        '\u{124}'..='\u{127}' => "h",
        '\u{cc}'..='\u{cf}' | '\u{ec}'..='\u{ef}' | '\u{128}'..='\u{131}' => "i",
        '\u{134}'..='\u{135}' => "j",
        '\u{136}'..='\u{138}' => "k",
        '\u{139}'..='\u{142}' => "l",
        '\u{d1}' | '\u{f1}' | '\u{143}'..='\u{14b}' => "n",
        '\u{d2}'..='\u{d6}' | '\u{d8}' | '\u{f2}'..='\u{f6}' | '\u{f8}' | '\u{14c}'..='\u{151}' => "o",
        '\u{152}' | '\u{153}' => "oe",
        '\u{154}'..='\u{159}' => "r",
        '\u{15a}'..='\u{161}' | '\u{17f}' => "s",
        '\u{df}' => "ss",
        '\u{162}'..='\u{167}' => "t",
        '\u{de}' | '\u{fe}' => "th",
        '\u{d9}'..='\u{dc}' | '\u{f9}'..='\u{fc}' | '\u{168}'..='\u{173}' => "u",
        '\u{174}'..='\u{175}' => "w",
        '\u{dd}' | '\u{fd}' | '\u{ff}' | '\u{176}'..='\u{178}' => "y",
        '\u{179}'..='\u{17e}' => "z",
        _ => "?",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::normalise::fold_word;
    use super::*;

    #[test]
    fn letters_lose_case_and_marks() {
        assert_eq!((Folded::of("Ab\u{e5}").as_bytes(), Folded::of("Ab\u{e5}").head()), (&b"aba"[..], 0x61_6261));
        for (word, folded) in [("\u{c4}rende", "arende"), ("F\u{f8}dselsnr", "fodselsnr"), ("\u{de}\u{f3}r", "thor"), ("a\u{436}b", "a?b")]
        {
            assert_eq!(Folded::of(word).as_str(), folded);
        }
        assert_eq!(Folded::of(&"x".repeat(90)).as_str(), "x".repeat(LONGEST));
    }

    proptest! {
        #[test]
        fn common_letters_fold_as_when_two_spellings_are_compared(word in "[a-zA-Z\u{c0}-\u{c5}\u{c8}-\u{cf}\u{d1}-\u{d6}\u{d9}-\u{dc}\u{e0}-\u{e5}\u{f1}-\u{f6}]{0,30}") {
            let folded = Folded::of(&word);
            prop_assert_eq!(folded.as_str(), fold_word(&word));
        }
    }
}
