//! A subject's names, and finding them among words.

use super::super::Kind;
use super::super::resolve::Candidate;
use super::{COMMON_PART, FULL_NAME, HashMap, NAME_PART, Word, push, words};

/// Shorter parts are initials and syllables: found within the full name only.
const SHORTEST_PART: usize = 3;
/// A Finnish genitive `-in` is only taken off a stem this long: `Martin` is not `Mart`'s.
const SHORTEST_STEM: usize = 5;

/// Folded parts that are words of everyday language, particles or company suffixes.
#[rustfmt::skip]
const COMMON: [&str; 99] = [
    // Companies and titles.
    "ab", "aktiebolag", "aps", "as", "company", "enskild", "firma", "fru", "gmbh",
    "handelsbolag", "hb", "herr", "inc", "kb", "ltd", "oy", "oyj", "and", "och", "und", "med",
    // Particles.
    "del", "den", "der", "till", "van", "von",
    // Scandinavian words.
    "alm", "ask", "bakke", "bang", "berg", "bjork", "bla", "blom", "bonde", "bro", "bror", "dag",
    "dal", "dam", "eng", "frisk", "frost", "glad", "god", "gran", "gren", "gron", "hall",
    "hans", "hav", "hede", "hem", "holm", "juli", "juni", "jul", "konge", "kort", "kung", "kvist",
    "lang", "lie", "lilja", "lind", "liv", "lund", "maj", "mark", "may", "mai", "per", "ros",
    "rose", "sand", "sten", "skog", "sol", "son", "sort", "stark", "stor", "storm", "strand",
    "sund", "tom", "ung", "vik",
    // Finnish words.
    "aura", "ilma", "joki", "koski", "lahti", "laine", "maki", "niemi", "onni", "rauha",
];

/// All names of one subject.
#[derive(Clone)]
pub(super) struct NameParts {
    /// Each name's folded parts.
    names: Vec<Vec<String>>,
    /// Names by their first part.
    by_first: HashMap<String, Vec<usize>>,
    /// Every distinct part, and whether it means the subject by itself.
    parts: HashMap<String, bool>,
}

impl NameParts {
    pub(super) fn new<'v>(names: impl IntoIterator<Item = &'v str>) -> Self {
        let mut split: Vec<Vec<String>> = names
            .into_iter()
            .map(|name| words(name, &[]).into_iter().map(|word| word.folded).filter(|part| !part.is_empty()).collect())
            .filter(|parts: &Vec<String>| !parts.is_empty())
            .collect();
        split.sort();
        split.dedup();
        let mut by_first: HashMap<String, Vec<usize>> = HashMap::new();
        let mut parts = HashMap::new();
        for (index, name) in split.iter().enumerate() {
            by_first.entry(name[0].clone()).or_default().push(index);
            for part in name {
                parts.insert(part.clone(), is_telling(part));
            }
        }
        Self { names: split, by_first, parts }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Offers every occurrence of a name or of one of its parts.
    pub(super) fn find(&self, text: &str, words: &[Word], found: &mut Vec<Candidate>) {
        if self.is_empty() {
            return;
        }
        for index in 0..words.len() {
            self.find_full(text, words, index, found);
            self.find_part(text, words, index, found);
        }
    }

    fn find_full(&self, text: &str, words: &[Word], index: usize, found: &mut Vec<Candidate>) {
        // A name of one part may carry an ending already in its first word, but is then a part.
        let Some(names) = self.by_first.get(&words[index].folded) else {
            return;
        };
        for parts in names.iter().map(|name| &self.names[*name]) {
            let last = index + parts.len() - 1;
            if last >= words.len() {
                continue;
            }
            let inner = parts.iter().zip(&words[index..last]).all(|(part, word)| *part == word.folded);
            let joined = (index..last).all(|word| are_adjacent(text, words, word));
            let whole = match parts.as_slice() {
                // A common word alone is only a name where it is written like one.
                [only] => is_telling(only) || words[index].is_capitalised,
                _ => inner && joined,
            };
            let ending = parts.last().and_then(|part| ending(text, words, last, part));
            if let (true, Some(end)) = (whole, ending) {
                push(found, words[index].start, end, Kind::Name, FULL_NAME);
            }
        }
    }

    fn find_part(&self, text: &str, words: &[Word], index: usize, found: &mut Vec<Candidate>) {
        let word = &words[index];
        // A letter alone is an initial; it goes with the part behind it.
        let Some((part, telling)) = self.part_of(word).filter(|_| word.initial().is_none()) else {
            return;
        };
        let before = index.checked_sub(1).filter(|before| are_adjacent(text, words, *before));
        let after = Some(index + 1).filter(|after| *after < words.len() && are_adjacent(text, words, index));
        let initial = before.filter(|before| self.is_initial(&words[*before], part));
        let confidence = if telling {
            NAME_PART
        } else {
            let beside = [before, after].into_iter().flatten().any(|neighbour| self.is_another_part(&words[neighbour], part));
            if !word.is_capitalised || !(beside || initial.is_some()) {
                return;
            }
            COMMON_PART
        };
        let Some(end) = ending(text, words, index, part) else {
            return;
        };
        push(found, word.start, end, Kind::Name, confidence);
        if let Some(initial) = initial {
            push(found, words[initial].start, end, Kind::Name, confidence);
        }
    }

    /// The part that a word is, in the nominative or genitive.
    fn part_of(&self, word: &Word) -> Option<(&str, bool)> {
        nominatives(&word.folded)
            .find_map(|nominative| self.parts.get_key_value(nominative).map(|(part, telling)| (part.as_str(), *telling)))
    }

    fn is_another_part(&self, word: &Word, part: &str) -> bool {
        self.part_of(word).is_some_and(|(other, telling)| other != part && (telling || (word.is_capitalised && word.initial().is_none())))
    }

    /// Whether the word is the initial of a part other than the given one.
    fn is_initial(&self, word: &Word, part: &str) -> bool {
        word.initial().is_some_and(|letter| self.parts.keys().any(|other| other != part && other.starts_with(letter)))
    }
}

/// Whether a part means the subject wherever it stands.
fn is_telling(part: &str) -> bool {
    part.chars().count() >= SHORTEST_PART && !COMMON.contains(&part)
}

/// What a folded word may be the genitive of, itself first.
fn nominatives(folded: &str) -> impl Iterator<Item = &str> {
    let vowel = |stem: &&str| stem.ends_with(['a', 'e', 'i', 'o', 'u', 'y']);
    let scandinavian = folded.strip_suffix('s');
    let after_vowel = folded.strip_suffix('n').filter(vowel);
    let after_consonant = folded.strip_suffix("in").filter(|stem| stem.chars().count() >= SHORTEST_STEM && !vowel(stem));
    std::iter::once(folded).chain([scandinavian, after_vowel, after_consonant].into_iter().flatten().filter(|stem| !stem.is_empty()))
}

/// Where a part ends in the text if the word is that part, with a genitive of its own or behind an
/// apostrophe or colon.
fn ending(text: &str, words: &[Word], index: usize, part: &str) -> Option<usize> {
    let word = &words[index];
    if !nominatives(&word.folded).any(|nominative| nominative == part) {
        return None;
    }
    let detached = words.get(index + 1).filter(|next| {
        matches!(next.folded.as_str(), "s" | "n")
            && !next.is_capitalised
            && matches!(&text[word.end..next.start], "'" | "\u{2019}" | "\u{2bc}" | "\u{b4}" | ":")
    });
    Some(detached.map_or(word.end, |next| next.end))
}

/// Whether only what may stand within a name separates a word from the next.
fn are_adjacent(text: &str, words: &[Word], index: usize) -> bool {
    const WIDEST: usize = 3;
    let (Some(word), Some(next)) = (words.get(index), words.get(index + 1)) else {
        return false;
    };
    let gap = &text[word.end..next.start];
    !gap.is_empty()
        && gap.chars().count() <= WIDEST
        && gap.chars().all(|character| {
            character.is_whitespace()
                || matches!(character, '-' | '\u{2010}' | '\u{2011}' | '.' | ',' | '\'' | '\u{2019}' | '_' | '/' | '&')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_words_are_folded_and_unique() {
        let mut sorted = COMMON.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), COMMON.len());
        for word in COMMON {
            assert_eq!(super::super::normalise::name(word), word);
        }
    }

    #[test]
    fn genitives_lead_back_to_the_name() {
        let stems = |word| nominatives(word).collect::<Vec<_>>();
        assert_eq!(stems("kims"), ["kims", "kim"]);
        assert_eq!(stems("kallen"), ["kallen", "kalle"]);
        assert_eq!(stems("lindqvistin"), ["lindqvistin", "lindqvisti", "lindqvist"]);
        assert_eq!(stems("martin"), ["martin", "marti"]);
        assert_eq!(stems("s"), ["s"]);
    }
}
