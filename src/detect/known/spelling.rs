//! Words folded for comparison in any script, without memory of their own, and how far apart two of them are.

use unicode_normalization::char::decompose_canonical;

use super::super::fold::plain;

/// Longer words are nobody's name.
pub(super) const LONGEST: usize = 64;

/// A word in lower case without diacritics, with a bit for each letter that it holds.
#[derive(Clone, Copy)]
pub(super) struct Letters {
    bytes: [u8; LONGEST],
    length: usize,
    /// What the letters are, to refuse most comparisons at once.
    pub(super) mask: u32,
}

impl Letters {
    pub(super) const fn none() -> Self {
        Self { bytes: [0; LONGEST], length: 0, mask: 0 }
    }

    /// Folds a word: `Sjöberg` is `sjoberg`, `Þór` is `thor`, `Анна` stays `анна`. Nothing if it is too long; what is neither letter nor
    /// digit is left out.
    pub(super) fn of(word: &str) -> Option<Self> {
        let mut letters = Self::none();
        if word.len() > 4 * LONGEST {
            return None;
        }
        for character in word.chars() {
            letters.push(character)?;
        }
        Some(letters)
    }

    /// Adds one character, folded. Nothing where there is no room left.
    pub(super) fn push(&mut self, character: char) -> Option<()> {
        if character.is_ascii() {
            return if character.is_ascii_alphanumeric() { self.push_byte(character.to_ascii_lowercase() as u8) } else { Some(()) };
        }
        match plain(character) {
            "?" => {
                // A letter with marks beyond the tables, and the letters of other scripts.
                let mut first = None;
                decompose_canonical(character, |part| first = first.or(Some(part)));
                let base = first.unwrap_or(character);
                if base.is_ascii() || plain(base) != "?" {
                    return self.push(base);
                }
                if !base.is_alphanumeric() {
                    return Some(());
                }
                let mut encoded = [0; 4];
                base.to_lowercase().try_for_each(|lower| lower.encode_utf8(&mut encoded).bytes().try_for_each(|byte| self.push_byte(byte)))
            }
            letters => letters.bytes().try_for_each(|letter| self.push_byte(letter)),
        }
    }

    fn push_byte(&mut self, byte: u8) -> Option<()> {
        *self.bytes.get_mut(self.length)? = byte;
        self.length += 1;
        self.mask |= bit(byte);
        Some(())
    }

    /// Adds what is folded already.
    pub(super) fn extend(&mut self, folded: &[u8]) -> Option<()> {
        folded.iter().try_for_each(|byte| self.push_byte(*byte))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    pub(super) fn len(&self) -> usize {
        self.length
    }
}

fn bit(byte: u8) -> u32 {
    1 << (byte & 31)
}

/// The letters of folded bytes, one bit each.
pub(super) fn mask(folded: &[u8]) -> u32 {
    folded.iter().fold(0, |mask, byte| mask | bit(*byte))
}

/// One typing error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slip {
    /// A letter of the word was left out.
    Missing,
    /// A letter too many.
    Extra,
    /// One letter for another.
    Other,
    /// Two neighbours in the wrong order.
    Swapped,
}

/// Where and how `written` differs from `right` by exactly one typing error (Damerau and Levenshtein's distance 1).
pub(super) fn slip(written: &[u8], right: &[u8]) -> Option<(usize, Slip)> {
    if written.len().abs_diff(right.len()) > 1 {
        return None;
    }
    let at = written.iter().zip(right).take_while(|(left, right)| left == right).count();
    let (rest, right_rest) = (&written[at..], &right[at..]);
    match (rest, right_rest) {
        (_, [_, right_rest @ ..]) if rest == right_rest => Some((at, Slip::Missing)),
        ([_, rest @ ..], _) if rest == right_rest => Some((at, Slip::Extra)),
        ([_, rest @ ..], [_, right_rest @ ..]) if rest == right_rest => Some((at, Slip::Other)),
        ([first, second, rest @ ..], [third, fourth, right_rest @ ..]) if first == fourth && second == third && rest == right_rest => {
            Some((at, Slip::Swapped))
        }
        _ => None,
    }
}

/// The ways in which a word is spelt, folded: as it is, with `aa`, `ae`, `oe`, `ue` for the letters that typewriters lack, and the other way
/// round.
pub(super) fn spellings(word: &str) -> Vec<String> {
    /// More marked letters than this are all written one way or all the other.
    const MOST_CHOICES: usize = 3;
    let mut found = vec![String::new()];
    let mut choices = 0;
    for character in word.chars() {
        let mut letters = Letters::none();
        if letters.push(character).is_none() {
            break;
        }
        let plain = String::from_utf8_lossy(letters.as_bytes()).into_owned();
        let other = match character.to_lowercase().next().unwrap_or(character) {
            'å' => "aa",
            'ä' => "ae",
            'æ' => "a",
            'ö' | 'ø' => "oe",
            'ü' => "ue",
            'þ' => "t",
            _ => "",
        };
        if other.is_empty() || choices == MOST_CHOICES {
            found.iter_mut().for_each(|spelling| spelling.push_str(&plain));
            continue;
        }
        choices += 1;
        let others: Vec<String> = found.iter().map(|spelling| format!("{spelling}{other}")).collect();
        found.iter_mut().for_each(|spelling| spelling.push_str(&plain));
        found.extend(others);
    }
    if let Some(first) = found.first().cloned() {
        for (digraph, letter) in [("aa", "a"), ("oe", "o"), ("ae", "a")] {
            // A short word would become another: `Noel` is no `Nol`.
            if first.contains(digraph) && first.len() > 4 {
                found.push(first.replace(digraph, letter));
            }
        }
    }
    if matches!(found.first().map(String::as_str), Some("aase")) {
        found.push("ase".into());
    }
    found.retain(|spelling| !spelling.is_empty() && spelling.len() <= LONGEST);
    let mut seen = std::collections::HashSet::new();
    found.retain(|spelling| seen.insert(spelling.clone()));
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn folded(word: &str) -> String {
        String::from_utf8(Letters::of(word).unwrap().as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn words_are_folded_in_every_script() {
        for (word, expected) in
            [("Sjöberg", "sjoberg"), ("ÞÓR", "thor"), ("Nguyễn", "nguyen"), ("Анна", "анна"), ("Wiśniewska", "wisniewska")]
        {
            assert_eq!(folded(word), expected);
        }
        assert!(Letters::of(&"a".repeat(65)).is_none());
    }

    #[test]
    fn spellings_without_the_letters_of_a_typewriter() {
        assert_eq!(spellings("Sjöberg"), ["sjoberg", "sjoeberg"]);
        assert_eq!(spellings("Åse"), ["ase", "aase"]);
        assert_eq!(spellings("Moeller"), ["moeller", "moller"]);
        assert_eq!(spellings("Kjærgård"), ["kjaergard", "kjargard", "kjaergaard", "kjargaard"]);
        assert_eq!(spellings("Þór"), ["thor", "tor"]);
        assert_eq!(spellings("Joel"), ["joel"]);
    }

    /// Distance by the textbook's table, the slow way.
    fn distance(left: &[u8], right: &[u8]) -> usize {
        let mut table = vec![vec![0; right.len() + 1]; left.len() + 1];
        for i in 0..=left.len() {
            for j in 0..=right.len() {
                table[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let cost = usize::from(left[i - 1] != right[j - 1]);
                    let mut best = (table[i - 1][j] + 1).min(table[i][j - 1] + 1).min(table[i - 1][j - 1] + cost);
                    if i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] {
                        best = best.min(table[i - 2][j - 2] + 1);
                    }
                    best
                };
            }
        }
        table[left.len()][right.len()]
    }

    proptest! {
        #[test]
        fn a_slip_is_a_distance_of_one(left in "[abc]{0,7}", right in "[abc]{0,7}") {
            let expected = distance(left.as_bytes(), right.as_bytes()) == 1;
            prop_assert_eq!(slip(left.as_bytes(), right.as_bytes()).is_some(), expected);
        }
    }
}
