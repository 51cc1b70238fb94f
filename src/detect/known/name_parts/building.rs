//! Taking a subject's names apart, once.

use std::collections::HashSet;

use super::super::spelling::{LONGEST, mask, spellings};
use super::super::stems::{LONGEST_ENDING, stems};
use super::{MOST_PARTS, NameParts, Part, SHORTEST_MISSPELT, SHORTEST_PART, Stem};

/// Folded parts that are words of everyday language, particles or company suffixes.
#[rustfmt::skip]
pub(super) const COMMON: [&str; 99] = [
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

/// What is collected of the parts.
#[derive(Default)]
pub(super) struct Building {
    pool: Vec<u8>,
    stems: Vec<Stem>,
    parts: Vec<Part>,
    /// Spellings of parts, to know them again.
    known: Vec<(String, u8)>,
    /// Single words so far.
    words: u32,
    initials: u32,
    longest: usize,
}

impl Building {
    /// Adds some words as one part; returns it, or the one that it is already.
    pub(super) fn part(&mut self, several: &[&str], icelandic: bool) -> Option<u8> {
        let whole: String = several.concat();
        let spellings = spellings(&whole);
        let first = spellings.first()?;
        if let Some((_, part)) = self.known.iter().find(|(known, _)| known == first) {
            return Some(*part);
        }
        let words = if let [_] = several {
            self.words += 1;
            1 << (self.words - 1).min(63)
        } else {
            let mut words = 0;
            for word in several {
                let own = self.part(&[word], icelandic)?;
                words |= self.parts.get(usize::from(own)).map_or(0, |part| part.words);
            }
            words
        };
        let part = u8::try_from(self.parts.len()).ok().filter(|part| usize::from(*part) < MOST_PARTS)?;
        let length = spellings.iter().map(|spelling| spelling.chars().count()).min().unwrap_or(0);
        if several.len() > 1 && length < SHORTEST_MISSPELT + 2 {
            return None;
        }
        let telling = length >= SHORTEST_PART && !spellings.iter().any(|spelling| COMMON.contains(&spelling.as_str()));
        self.known.push((first.clone(), part));
        self.parts.push(Part { words, length: length.min(LONGEST) as u8, telling });
        if several.len() == 1 {
            self.initials |= first.bytes().next().map_or(0, |letter| mask(&[letter]));
        }
        for spelling in &spellings {
            for (stem, endings) in stems(spelling, icelandic) {
                let known =
                    self.stems.iter().any(|known| known.part == part && known.endings == endings && self.text(known) == stem.as_bytes());
                let (false, Ok(start), Ok(length)) = (known, u16::try_from(self.pool.len()), u8::try_from(stem.len())) else { continue };
                self.pool.extend(stem.bytes());
                self.longest = self.longest.max(stem.len() + LONGEST_ENDING);
                self.stems.push(Stem { start, length, part, endings, mask: mask(stem.as_bytes()) });
            }
        }
        Some(part)
    }

    fn text(&self, stem: &Stem) -> &[u8] {
        let start = usize::from(stem.start);
        self.pool.get(start..start + usize::from(stem.length)).unwrap_or_default()
    }

    pub(super) fn finish(self, names: Vec<Box<[u8]>>) -> NameParts {
        NameParts {
            pool: self.pool.into(),
            stems: self.stems.into(),
            parts: self.parts.into(),
            names: names.into_iter().collect::<HashSet<_>>().into_iter().collect(),
            initials: self.initials,
            longest: self.longest,
        }
    }
}

/// Whether a word of a name is spelt as only Icelandic names are.
pub(super) fn is_icelandic(word: &str) -> bool {
    let lower = word.to_lowercase();
    lower.contains(['ð', 'þ', 'ú', 'í', 'ó', 'á', 'ý']) || lower.ends_with("dóttir") || lower.ends_with("dottir")
}
