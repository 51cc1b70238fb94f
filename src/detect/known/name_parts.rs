//! A subject's names, and finding them among the words of a text.

use super::super::{Kind, marks::Marks, resolve::Candidate};
use super::spelling::{Letters, Slip, mask, slip};
use super::stems::{Endings, LONGEST_ENDING};
use super::{COMMON_PART, FULL_NAME, MISSPELT, NAME_PART, push, usual, words};

mod building;
mod gaps;

use building::Building;
use gaps::{are_adjacent, end_with_genitive, joins, starts_sentence};

/// Shorter parts are initials and syllables: found beside another part only.
const SHORTEST_PART: usize = 3;
/// Shorter parts are not looked for misspelt.
const SHORTEST_MISSPELT: usize = 4;
/// Shorter ones misspelt need a capital or another part beside them.
const LONG_PART: usize = 6;
/// Shorter words are not taken for a misspelt case.
const LONG_CASE: usize = 7;
/// Shorter words in a Finnish or Icelandic case may be another word or another name.
const LONG_FORM: usize = 6;
/// More parts than anybody's names have.
const MOST_PARTS: usize = 64;

/// How a word is a part of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// As it is written in the record, or in a case of it.
    Whole,
    /// In another case.
    Inflected,
    /// In a case that is also another word.
    Doubtful,
    /// With a typing error.
    Misspelt,
    /// With another vowel, in a word that is another name as easily.
    Near,
    /// With a typing error that makes another usual name or word of it, or stands where those differ.
    Other,
    /// A capital letter alone that a part begins with.
    Initial,
}

/// A stem of a part, in the pool.
#[derive(Clone, Copy)]
struct Stem {
    start: u16,
    length: u8,
    part: u8,
    endings: Endings,
    mask: u32,
}

impl Stem {
    /// Whether the stem is the name itself.
    fn is_word(&self) -> bool {
        matches!(self.endings, Endings::Plain | Endings::Vowel | Endings::Consonant)
    }
}

/// A part of a name: one word of it, or several written as one.
#[derive(Clone, Copy)]
struct Part {
    /// Which words of the names it is, a bit each.
    words: u64,
    /// The shortest of its spellings.
    length: u8,
    /// Whether it means the subject wherever it stands.
    telling: bool,
}

/// The spellings of some words with their endings.
#[derive(Clone, Default)]
pub(super) struct NameParts {
    pool: Box<[u8]>,
    stems: Box<[Stem]>,
    parts: Box<[Part]>,
    /// Each name's words in order, as parts.
    names: Box<[Box<[u8]>]>,
    /// The letters that parts begin with.
    initials: u32,
    /// The longest form in bytes.
    longest: usize,
}

/// A word of the text that is a part of the name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    pub(super) start: usize,
    pub(super) end: usize,
    part: u8,
    fit: Fit,
    is_capitalised: bool,
    starts_sentence: bool,
    kept: bool,
}

/// What a word of a text is, best first.
struct Match {
    part: u8,
    fit: Fit,
}

impl NameParts {
    pub(super) fn new<'v>(names: impl IntoIterator<Item = &'v str>) -> Self {
        let mut split: Vec<Vec<&str>> = names
            .into_iter()
            .map(|name| {
                let words =
                    name.split(|character: char| !character.is_alphabetic() && !unicode_normalization::char::is_combining_mark(character));
                words.filter(|word| !word.is_empty()).collect()
            })
            .filter(|words: &Vec<&str>| !words.is_empty())
            .collect();
        split.sort();
        split.dedup();
        let icelandic = split.iter().flatten().any(|word| building::is_icelandic(word));
        let mut building = Building::default();
        let mut sequences: Vec<Box<[u8]>> = Vec::new();
        for name in &split {
            let sequence: Vec<u8> = name.iter().filter_map(|word| building.part(&[word], icelandic)).collect();
            if sequence.len() == name.len() {
                sequences.push(sequence.into());
            }
            // Written as one: AnnaLisa, OBrien, annalisasjoberg.
            for count in 2..=3 {
                for several in name.windows(count) {
                    building.part(several, icelandic);
                }
            }
        }
        // Given and family name in columns of their own.
        if sequences.len() > 1 && sequences.len() <= 3 && sequences.iter().all(|sequence| sequence.len() == 1) {
            let whole: Vec<u8> = sequences.iter().flat_map(|sequence| sequence.iter().copied()).collect();
            let back: Vec<u8> = whole.iter().rev().copied().collect();
            sequences = vec![whole.into(), back.into()];
        }
        building.finish(sequences)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Collects the words that are parts of the names.
    pub(super) fn collect(&self, text: &str, marks: &Marks, placeholders: &[(usize, usize)], hits: &mut Vec<Hit>) {
        hits.clear();
        if self.is_empty() {
            return;
        }
        // The word before, if it may be the beginning of a part that is written as two.
        let mut before: Option<(usize, usize, Letters)> = None;
        words::each(text, marks, placeholders, |start, end| {
            let previous = before.take();
            if end - start > 2 * self.longest + 4 {
                return;
            }
            let Some(word) = text.get(start..end) else { return };
            let Some(letters) = Letters::of(word) else { return };
            let is_capitalised = word.chars().next().is_some_and(char::is_uppercase);
            let hit = |start: usize, part: u8, fit: Fit| Hit {
                start,
                end,
                part,
                fit,
                is_capitalised,
                starts_sentence: is_capitalised && starts_sentence(text, start),
                kept: false,
            };
            if let Some((first, first_end, mut joined)) = previous
                && matches!(text.get(first_end..start), Some(" " | "-"))
                && joined.extend(letters.as_bytes()).is_some()
                && let Some(Match { part, fit: Fit::Whole | Fit::Inflected }) = self.matches(&joined, true)
            {
                if hits.last().is_some_and(|hit| hit.start == first) {
                    hits.pop();
                }
                hits.push(hit(first, part, Fit::Whole));
                return;
            }
            if letters.len() == 1 {
                if self.is_initial(&letters) {
                    hits.push(hit(start, u8::MAX, Fit::Initial));
                }
            } else if let Some(Match { part, fit }) = self.matches(&letters, false) {
                hits.push(hit(start, part, fit));
            }
            if self.begins_part(&letters) {
                before = Some((start, end, letters));
            }
        });
    }

    fn is_initial(&self, letters: &Letters) -> bool {
        matches!(letters.as_bytes(), [letter] if self.initials & mask(&[*letter]) != 0)
    }

    /// Whether a word is the beginning of a part of one word that goes on for some letters.
    fn begins_part(&self, letters: &Letters) -> bool {
        let word = letters.as_bytes();
        word.len() >= 3
            && self.stems.iter().any(|stem| {
                usize::from(stem.length) >= word.len() + 3
                    && stem.mask & letters.mask == letters.mask
                    && self.parts.get(usize::from(stem.part)).is_some_and(|part| part.words.count_ones() == 1)
                    && self.stem(stem).starts_with(word)
            })
    }

    fn stem(&self, stem: &Stem) -> &[u8] {
        let start = usize::from(stem.start);
        self.pool.get(start..start + usize::from(stem.length)).unwrap_or_default()
    }

    /// The part that a word is.
    fn matches(&self, letters: &Letters, whole_only: bool) -> Option<Match> {
        let word = letters.as_bytes();
        let mut best: Option<Match> = None;
        for stem in &self.stems {
            let length = usize::from(stem.length);
            // A typing error takes at most one letter out of the stem's.
            if word.len() + 1 < length || word.len() > length + LONGEST_ENDING + 1 || (stem.mask & !letters.mask).count_ones() > 1 {
                continue;
            }
            let Some(part) = self.parts.get(usize::from(stem.part)) else { continue };
            let fit = match self.fit(word, stem, part, whole_only) {
                Some(fit) => fit,
                None => continue,
            };
            if best.as_ref().is_none_or(|best| fit < best.fit) {
                best = Some(Match { part: stem.part, fit });
            }
            if fit == Fit::Whole {
                break;
            }
        }
        best
    }

    fn fit(&self, word: &[u8], stem: &Stem, part: &Part, whole_only: bool) -> Option<Fit> {
        let base = self.stem(stem);
        if let Some(ending) = word.strip_prefix(base)
            && stem.endings.all().iter().any(|known| known.as_bytes() == ending)
        {
            return Some(if stem.is_word() && matches!(ending, b"" | b"s") {
                Fit::Whole
            } else if stem.is_word() && (base.len() < SHORTEST_MISSPELT || (!part.telling && ending == b"n")) {
                // Åsen is a hill before it is a case of Åse, and bakken one before it is a case of Bakke.
                Fit::Other
            } else if (word.len() < LONG_FORM && is_short_case(ending, base)) || usual::is_usual(word) {
                Fit::Doubtful
            } else {
                Fit::Inflected
            });
        }
        if whole_only || usize::from(part.length) < SHORTEST_MISSPELT || !word.is_ascii() {
            return None;
        }
        // Behind the first letter that differs, one error lets the next ones agree in some way.
        let at = word.iter().zip(base).take_while(|(one, other)| one == other).count();
        if let Some([first, second, ..]) = base.get(at..)
            && !matches!(word.get(at..), Some([one, other, ..]) if other == first || one == second || other == second)
            && !matches!(word.get(at..), Some([one]) if one == second)
        {
            return None;
        }
        for ending in stem.endings.all() {
            let mut form = Letters::none();
            if !(stem.is_word() && matches!(*ending, "" | "s")) && (word.len() < LONG_CASE || usize::from(part.length) <= SHORTEST_MISSPELT)
            {
                continue;
            }
            if word.len().abs_diff(base.len() + ending.len()) > 1
                || form.extend(base).and_then(|()| form.extend(ending.as_bytes())).is_none()
            {
                continue;
            }
            if let Some((at, kind)) = slip(word, form.as_bytes()) {
                return Some(nearness(word, form.as_bytes(), at, kind));
            }
        }
        None
    }

    /// Offers what is a name among the hits; those that stand beside each other are decided about together.
    pub(super) fn decide(&self, text: &str, hits: &mut [Hit], found: &mut Vec<Candidate>) {
        each_cluster(text, hits, |cluster| self.decide_cluster(text, cluster));
        // Of whom a text speaks, it may speak in a case and without the given name.
        let mut kept = hits.iter().filter(|hit| hit.kept && hit.fit <= Fit::Inflected).map(|hit| hit.part);
        if let Some(first) = kept.next() {
            let other = kept.find(|part| *part != first);
            for hit in hits.iter_mut().filter(|hit| hit.fit == Fit::Inflected && hit.is_capitalised) {
                hit.kept |= other.is_some() || (hit.part != first && !hit.starts_sentence);
            }
        }
        each_cluster(text, hits, |cluster| self.push_kept(text, cluster, found));
    }

    fn decide_cluster(&self, text: &str, cluster: &mut [Hit]) {
        self.keep_whole_names(text, cluster);
        for at in 0..cluster.len() {
            let Some(hit) = cluster.get(at).copied() else { break };
            let before = at.checked_sub(1).and_then(|before| cluster.get(before));
            let after = cluster.get(at + 1);
            let beside = [before, after].into_iter().flatten().any(|neighbour| self.supports(neighbour, &hit));
            let kept = hit.kept || self.stands(&hit, beside);
            if let Some(hit) = cluster.get_mut(at) {
                hit.kept = kept;
            }
        }
        // Initials go with the part behind them, and with the one before if a full stop follows.
        for at in (0..cluster.len()).rev() {
            let goes = matches!((cluster.get(at), cluster.get(at + 1)), (Some(initial), Some(next)) if initial.fit == Fit::Initial && initial.is_capitalised && next.kept);
            if let Some(hit) = cluster.get_mut(at).filter(|_| goes) {
                hit.kept = true;
            }
        }
        for at in 1..cluster.len() {
            let goes = matches!((cluster.get(at - 1), cluster.get(at)), (Some(part), Some(initial))
                if part.kept && initial.fit == Fit::Initial && initial.is_capitalised && text.get(initial.end..).is_some_and(|rest| rest.starts_with('.')));
            if let Some(hit) = cluster.get_mut(at).filter(|_| goes) {
                hit.kept = true;
            }
        }
        // What is kept speaks for a neighbour that could be another name by itself: Catherina O'Brien.
        for at in 0..cluster.len() {
            let Some(hit) = cluster.get(at).filter(|hit| !hit.kept && hit.is_capitalised && matches!(hit.fit, Fit::Near | Fit::Other))
            else {
                continue;
            };
            let neighbours = [at.checked_sub(1), Some(at + 1)].into_iter().flatten().filter_map(|at| cluster.get(at));
            let goes = neighbours.clone().any(|neighbour| neighbour.kept && neighbour.part != hit.part);
            if let Some(hit) = cluster.get_mut(at).filter(|_| goes) {
                hit.kept = true;
            }
        }
        // A particle or common word between two parts, or grown onto one, goes with them.
        for at in 0..cluster.len() {
            let Some(hit) = cluster.get(at).filter(|hit| !hit.kept && hit.fit <= Fit::Inflected) else { continue };
            let before = at.checked_sub(1).and_then(|before| cluster.get(before)).filter(|before| before.kept);
            let after = cluster.get(at + 1).filter(|after| after.kept);
            let hyphen = |one: &Hit, other: &Hit| text.get(one.end..other.start) == Some("-");
            let goes = (before.is_some() && after.is_some())
                || before.is_some_and(|before| hyphen(before, hit))
                || after.is_some_and(|after| hyphen(hit, after));
            if let Some(hit) = cluster.get_mut(at).filter(|_| goes) {
                hit.kept = true;
            }
        }
    }

    /// A name of which all words stand in order is found in any case.
    fn keep_whole_names(&self, text: &str, cluster: &mut [Hit]) {
        for name in &self.names {
            if let [only] = name.as_ref() {
                // A common word alone is only a name where it is written like one, and where the subject has no other name.
                let alone = self.names.len() == 1;
                let is_name = |hit: &Hit| hit.part == *only && hit.fit <= Fit::Inflected && hit.is_capitalised;
                cluster.iter_mut().filter(|hit| alone && is_name(hit)).for_each(|hit| hit.kept = true);
                continue;
            }
            let mut at = 0;
            while let Some(several) = cluster.get_mut(at..at + name.len()) {
                let is_part = |(hit, part): (&Hit, &u8)| {
                    (hit.fit <= Fit::Inflected && hit.part == *part) || (hit.fit == Fit::Initial && self.is_short_word(text, hit, *part))
                };
                if several.iter().zip(name.iter()).all(is_part) {
                    several.iter_mut().for_each(|hit| hit.kept = true);
                    at += name.len();
                } else {
                    at += 1;
                }
            }
        }
    }

    /// Whether a hit that looks like an initial is a part of one letter.
    fn is_short_word(&self, text: &str, hit: &Hit, part: u8) -> bool {
        let stem = self.stems.iter().find(|stem| stem.part == part);
        let word = text.get(hit.start..hit.end).and_then(Letters::of);
        stem.zip(word).is_some_and(|(stem, word)| self.stem(stem) == word.as_bytes())
    }

    /// Whether a neighbour makes a part of a name of a hit.
    fn supports(&self, neighbour: &Hit, hit: &Hit) -> bool {
        if neighbour.fit == Fit::Initial {
            return neighbour.end <= hit.start;
        }
        let (Some(other), Some(part)) = (self.parts.get(usize::from(neighbour.part)), self.parts.get(usize::from(hit.part))) else {
            return false;
        };
        let fits = neighbour.fit <= Fit::Misspelt || (hit.fit == Fit::Whole && neighbour.is_capitalised);
        other.words & part.words == 0 && fits && (other.telling || neighbour.is_capitalised)
    }

    /// Whether a hit is found as it stands.
    fn stands(&self, hit: &Hit, beside: bool) -> bool {
        let Some(part) = self.parts.get(usize::from(hit.part)) else { return false };
        let named = hit.is_capitalised && !hit.starts_sentence;
        match hit.fit {
            Fit::Initial => false,
            Fit::Whole | Fit::Inflected if part.telling => true,
            Fit::Whole | Fit::Inflected => hit.is_capitalised && beside,
            Fit::Doubtful => (part.telling && named) || (hit.is_capitalised && beside),
            Fit::Misspelt | Fit::Near if beside => part.telling || hit.is_capitalised,
            Fit::Near => false,
            Fit::Misspelt => {
                let length = usize::from(part.length);
                part.telling && (length >= LONG_PART || (length > SHORTEST_MISSPELT && hit.is_capitalised) || named)
            }
            Fit::Other => beside && hit.is_capitalised,
        }
    }

    /// The kept hits, those that are one name together as one finding.
    fn push_kept(&self, text: &str, cluster: &[Hit], found: &mut Vec<Candidate>) {
        let mut current: Option<(usize, usize, u64, f32)> = None;
        let mut last: Option<usize> = None;
        for (at, hit) in cluster.iter().enumerate().filter(|(_, hit)| hit.kept) {
            let words = self.parts.get(usize::from(hit.part)).map_or(0, |part| part.words);
            let telling = self.parts.get(usize::from(hit.part)).is_some_and(|part| part.telling);
            let confidence = match hit.fit {
                Fit::Whole | Fit::Inflected if telling => NAME_PART,
                Fit::Whole | Fit::Inflected | Fit::Initial => COMMON_PART,
                _ => MISSPELT,
            };
            let end = end_with_genitive(text, hit.end);
            let follows = at.checked_sub(1) == last && last.is_some();
            match &mut current {
                Some((start, before, seen, certainty)) if follows && joins(text.get(*before..hit.start), *seen & words == 0) => {
                    *before = end.max(*before);
                    *seen |= words;
                    *certainty = FULL_NAME;
                    let _ = start;
                }
                _ => {
                    if let Some((start, end, _, confidence)) = current.take() {
                        push(found, start, end, Kind::Name, confidence);
                    }
                    current = Some((hit.start, end, words, confidence));
                }
            }
            last = Some(at);
        }
        if let Some((start, end, _, confidence)) = current {
            push(found, start, end, Kind::Name, confidence);
        }
    }

    /// Whether a word is a form of the names (streets are names too), and whether it is spelt right.
    pub(super) fn form(&self, letters: &Letters) -> Option<bool> {
        self.matches(letters, false).map(|found| found.fit <= Fit::Doubtful)
    }
}

/// Whether a case ending is so short that the word may well be another.
fn is_short_case(ending: &[u8], base: &[u8]) -> bool {
    // `Annan`, `Jóni` are cases; `Maria` is no case of Mari to everybody, and `Perin` none of Per.
    matches!(ending, b"a")
        || (base.len() < 5 && matches!(ending, b"in" | b"i" | b"u" | b"ia" | b"ur" | b"ar" | b"ir" | b"en" | b"an"))
        || ending.is_empty()
}

/// Whether a word is a part with a typing error, or rather another name or word.
fn nearness(word: &[u8], right: &[u8], at: usize, kind: Slip) -> Fit {
    let is_vowel = |bytes: &[u8]| bytes.get(at).is_some_and(|letter| b"aeiouy".contains(letter));
    // Hanna and Sanna.
    let rhymes = at == 0 && kind != Slip::Swapped;
    // Erik and Erika, Anna and Anne, Møller and møllen.
    let at_end = at + 1 + usize::from(kind == Slip::Swapped) >= right.len().max(word.len());
    let last = at_end
        && match kind {
            Slip::Extra => is_vowel(word) || right.len() < LONG_PART,
            Slip::Missing => is_vowel(right) || right.len() < LONG_PART,
            Slip::Other | Slip::Swapped => true,
        };
    if rhymes || last || usual::is_usual(word) {
        Fit::Other
    } else if kind == Slip::Other && right.len() < LONG_CASE && is_vowel(word) && is_vowel(right) {
        // Möller and Müller.
        Fit::Near
    } else {
        Fit::Misspelt
    }
}

/// Calls with the hits that stand beside each other.
fn each_cluster(text: &str, hits: &mut [Hit], mut each: impl FnMut(&mut [Hit])) {
    let mut rest = hits;
    while !rest.is_empty() {
        let count = 1 + rest.windows(2).take_while(|pair| matches!(pair, [one, other] if are_adjacent(text, one, other))).count();
        let (cluster, behind) = rest.split_at_mut(count);
        each(cluster);
        rest = behind;
    }
}

#[cfg(test)]
mod tests {
    use super::building::COMMON;
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
    fn a_subject_is_small() {
        let parts = NameParts::new(["Anna-Lisa Sjöberg"]);
        let bytes = parts.pool.len() + parts.stems.len() * size_of::<Stem>() + parts.parts.len() * size_of::<Part>();
        assert!(bytes < 2048, "{bytes}");
    }
}
