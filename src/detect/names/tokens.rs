//! The words of a text that may be names: capitalised ones, and usual given names in lower case.

use super::endings;
use super::sieve::sieve;
use super::surroundings::Surroundings;
use super::words::Words;
use crate::detect::dictionary::{Dictionary, Role};
use crate::detect::digits::Page;
use crate::detect::lexicon::{Entry, MOST_WORDS, lexicon};

/// How a word is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shape {
    /// `Anna`.
    #[default]
    Capital,
    /// `ANNA`.
    Upper,
    /// `A`.
    Initial,
    /// `anna`.
    Lower,
    /// `iPhone`, `PowerPoint`: capitals inside.
    Mixed,
}

impl Shape {
    /// How a word of letters is written.
    pub(super) fn of(word: &str) -> Self {
        let mut letters = word.chars();
        let Some(first) = letters.next() else { return Shape::Lower };
        if !first.is_uppercase() {
            return Shape::Lower;
        }
        let (mut upper, mut lower, mut inside) = (0, 0, false);
        for letter in letters {
            if letter.is_uppercase() {
                upper += 1;
                inside |= lower > 0;
            } else {
                lower += 1;
            }
        }
        match (upper, lower) {
            (0, 0) => Shape::Initial,
            (_, 0) => Shape::Upper,
            (0, _) => Shape::Capital,
            // `McGregor`, `MacLeod`, `AnnaLisa`.
            _ if word.starts_with("Mc") || word.starts_with("Mac") => Shape::Capital,
            _ if inside || upper > 0 => Shape::Mixed,
            _ => Shape::Capital,
        }
    }
}

/// What stands between a word and the token before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    /// One blank, or a full stop and a blank behind an initial.
    Blank,
    /// A hyphen or an apostrophe.
    Hyphen,
    /// `von`, `de la`, `af`.
    Particle,
    /// A quotation mark and a blank, on either side of a byname: `William "Bill" Carstairs`.
    Quote,
    /// A comma and a blank.
    Comma,
    /// `och`, `and`, `/`.
    And,
    /// Anything else.
    Apart,
}

/// A word that may be part of a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) entry: Entry,
    /// The hash of the uninflected form.
    pub(super) stem: u64,
    pub(super) shape: Shape,
    pub(super) gap: Gap,
    /// Whether a sentence, line or heading begins with it.
    pub(super) opens_sentence: bool,
    /// Whether an ending was taken off.
    pub(super) is_inflected: bool,
    /// Whether a hyphen or apostrophe stands on either side.
    pub(super) is_hyphenated: bool,
    /// How much it is a family name, by table or by its form: 0 to 9.
    pub(super) family: u32,
    /// Whether somebody of the tenant bears it.
    pub(super) is_known: bool,
    /// Whether it is a particle that is written with a capital too: `Fatima El Amrani`.
    pub(super) is_capital_particle: bool,
    /// Whether it is a name only where nothing is written with capitals: `line`, `sol`, `will`.
    is_ambiguous: bool,
    /// How much it is built like a name: -1 to 1.
    pub(super) likeness: f32,
    /// What its own traits say, where it is a name's only word and where it is the first of several; what its end says where it is the
    /// last.
    pub(super) own: [f32; 2],
    pub(super) last: f32,
}

impl Token {
    /// Whether it is long enough to know somebody again by.
    pub(super) fn is_telling(&self) -> bool {
        self.end - self.start >= 3 && self.shape != Shape::Initial
    }

    /// Whether it belongs to the same run of words as the token before.
    pub(super) fn is_joined(&self) -> bool {
        matches!(self.gap, Gap::Blank | Gap::Hyphen | Gap::Particle | Gap::Quote)
    }
}

/// Words that stand in lower case within a name.
const PARTICLES: [&str; 24] = [
    "von", "van", "der", "den", "de", "la", "le", "du", "da", "dos", "di", "del", "af", "av", "zu", "ter", "ten", "al", "el", "bin", "ibn",
    "ben", "bint", "y",
];

/// Given names as they are shortened before a family name, with a full stop behind.
const ABBREVIATED: [&str; 20] = [
    "Johs", "Chr", "Md", "Th", "Wm", "Geo", "Jos", "Chas", "Joh", "Fredr", "Aug", "Gust", "Alex", "Edv", "Jn", "Jas", "Thos", "Robt",
    "Nic", "Kr",
];

/// Words between two people.
const ANDS: [&str; 9] = ["och", "og", "ja", "and", "&", "sekä", "samt", "eða", "o"];

/// All tokens of a text, in order, after what `tokens` holds.
pub(super) fn collect(page: &Page<'_>, words: &Words, tokens: &mut Vec<Token>) {
    let bytes = page.bytes();
    let sieve = sieve();
    // Towns, brands and greetings of several words hold no names: `Best regards`, `Astrid Lindgrens Barnsjukhus`.
    let mut phrase_end = 0;
    // Where a word is looked at whatever it is: behind a given name in lower case, a family's name may be a word too (`jimmy löv`), and
    // so may be what somebody is called (`jag heter per`).
    let mut opened = usize::MAX;
    page.marks.words(|start, may_be_capital, length| {
        if start < phrase_end {
            return;
        }
        // `å` and its like are no capitals.
        let may_be_capital = may_be_capital && !matches!(bytes[start..], [0xc3, 0xa0..=0xff, ..]);
        if !may_be_capital && start != opened && !begins_line(bytes, start) {
            // Most words end here: of a word in lower case only the first bytes are looked at.
            if let Some(eight) = bytes.get(start..start + 8) {
                let eight = u64::from_le_bytes([eight[0], eight[1], eight[2], eight[3], eight[4], eight[5], eight[6], eight[7]]);
                let kept = eight & u64::MAX >> (64 - 8 * length.min(8));
                if !sieve.lets_through(kept) {
                    return;
                }
                let next = start + length as usize + 1;
                if is_told(bytes, next) {
                    opened = next;
                    return;
                }
            }
        }
        if let Some(token) = token(page, words, tokens.last(), start, may_be_capital) {
            if token.entry.begins_phrase() {
                phrase_end = phrase(page, &token);
                // `Erik Olsson` is a shop as well, but not where he rings.
                if phrase_end > token.end && !(token.entry.given() >= 5 && is_person(page, words, token.start, phrase_end)) {
                    return;
                }
                phrase_end = 0;
            }
            if is_given_in_lower_case(&token) {
                opened = token.end + 1;
            }
            tokens.push(token);
        }
    });
}

/// Whether somebody says their name here: `jeg heter per`, `nimeni on kari`, `my name is will`.
#[inline(always)]
pub(super) fn is_told(bytes: &[u8], start: usize) -> bool {
    /// Without the first letter, which may be a capital.
    const TELLING: [&[u8]; 7] = [b"ag heter ", b"eg heter ", b"eg hedder ", b"eg heiter ", b"g heiti ", b"imeni on ", b"y name is "];
    let Some(before) = bytes.get(..start) else { return false };
    // Nearly all is settled by four bytes.
    before.last_chunk().is_some_and(|four| matches!(four, b"ter " | b"der " | b"iti " | b" on " | b" is "))
        && TELLING.iter().any(|words| before.ends_with(words))
}

/// Whether a line begins with this byte.
#[inline(always)]
fn begins_line(bytes: &[u8], start: usize) -> bool {
    start.checked_sub(1).is_none_or(|before| bytes[before] == b'\n')
}

/// Whether a word in lower case says who speaks, as in a chat: `kim: nej`, `anna p: jo`, in a text of several lines.
fn speaks(bytes: &[u8], start: usize, end: usize, entry: Entry) -> bool {
    begins_line(bytes, start)
        && end - start > 1
        && matches!(bytes[end..], [b':', b' ', ..] | [b' ', b':', b' ', ..] | [b' ', b'a'..=b'z', b':', b' ', ..])
        && !entry.is_common()
        && entry.word() < 6
        && entry.opens_name() == 0
        && (start > 0 || memchr::memchr(b'\n', &bytes[end..]).is_some())
}

/// Leaves words in lower case that are names only where nothing is written with capitals.
pub(super) fn leave_words(page: &Page<'_>, tokens: &mut Vec<Token>) {
    let mut kept: usize = 0;
    for at in 0..tokens.len() {
        let mut token = tokens[at];
        if token.is_ambiguous {
            continue;
        }
        if kept < at {
            token.gap = kept.checked_sub(1).map_or(Gap::Apart, |last| gap(page.text, &tokens[last], token.start, token.end));
        }
        tokens[kept] = token;
        kept += 1;
    }
    tokens.truncate(kept);
}

/// Whether what stands around speaks for a person, though the words between are a firm's or a product's name.
fn is_person(page: &Page<'_>, words: &Words, start: usize, end: usize) -> bool {
    let around = Surroundings::of(page, words, start, end);
    !around.is_nobody && (around.opened >= 6 || around.closed >= 6 || around.follows_speech || around.precedes_age)
}

fn is_given_in_lower_case(token: &Token) -> bool {
    token.shape == Shape::Lower && token.entry.given() >= 5
}

/// Makes usual names of the words that somebody of the tenant bears, so that less around them is enough.
pub(super) fn know(page: &Page<'_>, dictionary: &Dictionary, tokens: &mut [Token]) {
    /// As a name that is neither rare nor among the most common: what a record proves is that it is one.
    const USUAL: u32 = 7;
    // One of the most common words that begins a sentence stays one, whoever is called so.
    let may_be_known = |token: &&mut Token| token.shape != Shape::Initial && !(token.entry.is_common() && token.opens_sentence);
    for token in tokens.iter_mut().filter(may_be_known) {
        let word = &page.text[token.start..token.end];
        let genitive = word.strip_suffix('s');
        let Some(part) = dictionary.contains_part(word).or_else(|| dictionary.contains_part(genitive?)) else { continue };
        let (given, family) = match part.role {
            Role::Given => (USUAL, 0),
            Role::Family => (0, USUAL),
            Role::Both => (USUAL, USUAL),
        };
        token.entry = token.entry.and(Entry::default().with_names(given, family));
        token.family = token.family.max(family);
        token.is_known = true;
    }
}

/// Where the entry of several words ends that begins with a token; the token's own end where none does.
fn phrase(page: &Page<'_>, token: &Token) -> usize {
    let lexicon = lexicon();
    let mut end = token.end;
    let mut longest = end;
    for _ in 1..MOST_WORDS {
        if page.bytes().get(end) != Some(&b' ') || end - token.start > 40 {
            break;
        }
        let next = page.marks.word_end(end + 1);
        if next == end + 1 {
            break;
        }
        end = next;
        let entry = lexicon.entry(&page.text[token.start..end]);
        if entry.is_place() || entry.is_brand() || entry.opens_name() > 0 || entry.is_organisation_before() || entry.is_organisation_after()
        {
            longest = end;
        }
    }
    longest
}

fn token(page: &Page<'_>, words: &Words, last: Option<&Token>, start: usize, may_be_capital: bool) -> Option<Token> {
    /// Bytes of the longest word that is looked at.
    const LONGEST: usize = 48;
    let bytes = page.bytes();
    let end = page.marks.word_end(start);
    let outside = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'_' | b'@' | b'#' | b'\\');
    let before = start.checked_sub(1).map(|before| bytes[before]);
    // A tag's own name is none; what it ends (`<b>Anna</b>`) may be one.
    let is_tag = matches!(bytes[..start], [.., b'<'] | [.., b'<', b'/']);
    if end - start > LONGEST || is_tag || before.is_some_and(outside) || bytes.get(end).is_some_and(|after| outside(*after)) {
        return None;
    }
    // Within a placeholder or a file's name.
    if before == Some(b'[') && bytes.get(end).is_some_and(|after| matches!(after, b']' | b'_')) {
        return None;
    }
    if before == Some(b'.') && start.checked_sub(2).is_some_and(|further| bytes[further].is_ascii_alphanumeric() && !may_be_capital) {
        return None;
    }
    let word = &page.text[start..end];
    let known = words.part(word);
    let (shape, entry) = (known.shape, known.entry);
    let follows_given = || {
        let is_blank = |last: &Token| last.end + 1 == start && bytes[last.end] == b' ' && is_given_in_lower_case(last);
        // What is in no table has to be built like a name.
        let is_strange = || entry.is_unknown() && word.len() >= 5 && known.likeness > 0.3;
        let is_name = entry.family().max(entry.given()) >= 4 && !entry.is_common() && entry.word() < 9;
        last.is_some_and(is_blank) && (is_name || is_strange() || endings::family_shape(word) >= 8)
    };
    let is_told = || entry.given() >= 5 && is_told(bytes, start);
    let is_name = || entry.is_name_in_lower_case() || follows_given() || speaks(bytes, start, end, entry) || is_told();
    let is_ambiguous = shape == Shape::Lower && !is_name();
    if is_ambiguous && !entry.may_be_name_in_lower_case() {
        return None;
    }
    let family = u32::from(known.family);
    let gap = last.map_or(Gap::Apart, |last| gap(page.text, last, start, end));
    // `I söder`, `A pony`, `Å nei`: words of one letter, no initials.
    let is_word = word == "I" && gap != Gap::Hyphen || gap == Gap::Apart && matches!(word, "A" | "Å" | "Ö" | "O" | "Y" | "Í" | "Á");
    // but `O'Brien`, `A. Lind`.
    if shape == Shape::Initial && is_word && !matches!(bytes.get(end), Some(b'.' | b'-' | b'\'')) {
        return None;
    }
    // A name that goes on in the next line of a wrapped text.
    let goes_on = gap == Gap::Apart
        && shape == Shape::Capital
        && entry.given() < 4
        && (family >= 4 || entry.is_unknown())
        && last.is_some_and(|last| last.entry.given() >= 5 && !last.opens_sentence && is_wrapped(&bytes[last.end..start]));
    let gap = if goes_on { Gap::Blank } else { gap };
    Some(Token {
        start,
        end,
        entry,
        stem: known.stem,
        shape,
        gap,
        opens_sentence: gap != Gap::Hyphen && opens_sentence(page.text, words, start),
        is_inflected: known.is_inflected,
        family,
        is_known: false,
        is_capital_particle: known.is_capital_particle,
        is_ambiguous,
        likeness: known.likeness,
        own: known.own,
        last: known.last,
        is_hyphenated: before == Some(b'-') || bytes.get(end) == Some(&b'-'),
    })
}

fn gap(text: &str, last: &Token, start: usize, end: usize) -> Gap {
    /// Bytes of the widest gap within a name.
    const WIDEST: usize = 16;
    let between = match start.checked_sub(last.end) {
        Some(width) if width <= WIDEST => &text.as_bytes()[last.end..start],
        _ => return Gap::Apart,
    };
    match between {
        b" " | b"  " => Gap::Blank,
        b"-" | b"'" => Gap::Hyphen,
        // `J.-P. Delacroix`.
        b".-" if last.shape == Shape::Initial => Gap::Hyphen,
        b" \"" if last.entry.given() >= 3 && text.as_bytes().get(end) == Some(&b'"') => Gap::Quote,
        b"\" " if last.gap == Gap::Quote => Gap::Quote,
        b", " | b"," | b" , " => Gap::Comma,
        b"/" | b" / " => Gap::And,
        b". " | b"." => {
            let is_title = last.entry.opens_name() >= 7 && last.end - last.start <= 4;
            let is_short = || ABBREVIATED.contains(&&text[last.start..last.end]);
            if last.shape == Shape::Initial || is_title || is_short() { Gap::Blank } else { Gap::Apart }
        }
        // `Bashar al-Assad`.
        [b' ', b'a' | b'e', .., b'-']
            if between.len() <= 5 && between[1..].iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'-') =>
        {
            Gap::Particle
        }
        // `L. van der Berg`.
        [b'.', rest @ ..] if last.shape == Shape::Initial && is_particle(rest) => Gap::Particle,
        [b' ', inner @ .., b' '] if inner.iter().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b' ' | b'&' | 0x80..)) => {
            let words = &text[last.end + 1..start - 1];
            if ANDS.contains(&words) {
                Gap::And
            // `Ledsaget af Freja` has a preposition where `Anna af Petersens` has a particle.
            } else if last.entry.given() >= 3 && words.split(' ').all(|word| PARTICLES.contains(&word)) {
                Gap::Particle
            } else {
                Gap::Apart
            }
        }
        _ => Gap::Apart,
    }
}

/// Whether blanks around particles are all that stands here: ` van der `.
fn is_particle(between: &[u8]) -> bool {
    let Some(words) = between.strip_prefix(b" ").and_then(|rest| rest.strip_suffix(b" ")) else { return false };
    words.split(|byte| *byte == b' ').all(|word| PARTICLES.iter().any(|particle| particle.as_bytes() == word))
}

/// Whether a line ends here and the next goes on.
fn is_wrapped(between: &[u8]) -> bool {
    between.len() <= 16
        && between.iter().filter(|byte| **byte == b'\n').count() == 1
        && between.iter().all(|byte| matches!(byte, b' ' | b'\r' | b'\n'))
}

/// Whether a sentence or line begins here.
fn opens_sentence(text: &str, words: &Words, start: usize) -> bool {
    if let [.., last, b' '] = text.as_bytes()[..start]
        && (last.is_ascii_alphanumeric() || last == b',')
    {
        return false;
    }
    let skipped =
        text.as_bytes()[..start].iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'(' | b'*' | b'[')).count();
    let before = &text[..start - skipped];
    match before.as_bytes().last() {
        None | Some(b'\n' | b'\r' | b'!' | b'?' | b':' | b';' | b'|' | b'>' | b'-') => {
            // A hyphen opens a line's item only.
            !before.ends_with('-') || before.trim_end_matches('-').ends_with(['\n', ' ']) || before.len() == 1
        }
        // Not behind `dr.` or an initial.
        Some(b'.') => {
            let head = &before[..before.len() - 1];
            let word = &head[head.trim_end_matches(char::is_alphabetic).len()..];
            !(words.of(word).entry.opens_name() >= 7 || word.chars().count() == 1 && word.chars().all(char::is_uppercase))
        }
        Some(_) => before.ends_with(['\u{2022}', '\u{2014}', '\u{b7}']),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A capitalised word somewhere, of which nothing is known but its stem.
    pub(in super::super) fn word(start: usize, end: usize, stem: u64) -> Token {
        Token {
            start,
            end,
            entry: Entry::default(),
            stem,
            shape: Shape::Capital,
            gap: Gap::Apart,
            opens_sentence: false,
            is_inflected: false,
            is_hyphenated: false,
            family: 0,
            is_known: false,
            is_capital_particle: false,
            is_ambiguous: false,
            likeness: 0.0,
            own: [0.0; 2],
            last: 0.0,
        }
    }
}
