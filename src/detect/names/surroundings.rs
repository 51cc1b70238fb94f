//! What stands around a name: titles and greetings before it, verbs of speech behind it, what makes a company or a street of it.

use super::beside::{Beside, WIDEST, past_blank};
use super::words::{Word, Words};
use crate::detect::digits::Page;
use crate::detect::lexicon::lexicon;

/// What the words around a name say.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Surroundings {
    /// How much the words before say that a name follows, 0 to 9.
    pub(super) opened: u32,
    /// How much the words behind say that a name went before, 0 to 9.
    pub(super) closed: u32,
    /// Whether a verb of speech stands before it, as behind a quotation: `säger Lind`.
    pub(super) follows_speech: bool,
    /// Whether an organisation's word, a ship, hall, model or saint stands before it.
    pub(super) follows_organisation: bool,
    /// Whether it is the name of a company, street, illness or prize.
    pub(super) is_nobody: bool,
    /// Whether a short number follows, as behind a product or model.
    pub(super) precedes_short_number: bool,
    /// Whether a telephone number, an address or the like follows at once.
    pub(super) precedes_long_number: bool,
    /// Whether it stands between quotation marks.
    pub(super) is_quoted: bool,
    /// Whether a capitalised word that is in no table stands directly before it, as an unusual title does.
    pub(super) follows_unknown: bool,
    /// Whether a word in lower case stands directly before it, and whether one of the most common.
    pub(super) follows_lower: bool,
    pub(super) follows_common: bool,
    /// Whether a word in lower case, or a capitalised one, stands directly behind it.
    pub(super) precedes_lower: bool,
    pub(super) precedes_capital: bool,
    /// Whether a full stop, comma or the like stands directly behind it.
    pub(super) precedes_sign: bool,
    /// Whether a preposition of place stands before it.
    pub(super) follows_place_word: bool,
    /// Whether an article or `this` stands directly before it.
    pub(super) follows_article: bool,
    /// Whether a word that is no title in the tables, but built like one (`bagaren`, `valmentaja`), stands directly before it.
    pub(super) follows_role: bool,
    /// Whether a number stands directly before it, as in lists of results.
    pub(super) follows_number: bool,
    /// Whether somebody's age follows: `, 47,` or `(47)`.
    pub(super) precedes_age: bool,
    /// Whether a parenthesis follows: `(M)`, `(Finland)`.
    pub(super) precedes_parenthesis: bool,
    /// Whether an `&` stands on either side.
    pub(super) beside_ampersand: bool,
}

/// Legal forms that are written in lower case and are no words.
const LEGAL_FORMS: [&str; 9] = ["hf", "ehf", "ohf", "slf", "ry", "oy", "oyj", "aps", "asa"];

/// Bytes that may stand between a title or greeting and the name.
fn may_precede(byte: u8) -> bool {
    matches!(byte, b' ' | b',' | b':' | b'=' | b'\n' | b'\r' | b'"' | b'(' | b'*' | b'.' | b'/' | b'\t')
}

/// Bytes that may stand between the name and a verb or a company's word.
fn may_follow(byte: u8) -> bool {
    matches!(byte, b' ' | b',' | b')' | b'"' | b'\'')
}

fn is_blank(byte: u8) -> bool {
    byte == b' '
}

impl Surroundings {
    /// What stands around a byte range.
    pub(super) fn of(page: &Page<'_>, words: &Words, start: usize, end: usize) -> Self {
        Self::of_beside(page, words, (start, end), &[Beside::before(page, words, start), Beside::behind(page, words, end)])
    }

    /// As [`of`](Self::of), with the words on either side.
    pub(super) fn of_beside(page: &Page<'_>, words: &Words, (start, end): (usize, usize), [before, behind]: &[Beside; 2]) -> Self {
        let mut surroundings = Self::default();
        let end = past_blank(page.bytes(), end);
        surroundings.read_before(page, words, start, before);
        surroundings.read_behind(page, end, behind);
        let is_quote = |at: Option<&u8>| matches!(at, Some(b'"' | b'\''));
        let bytes = page.bytes();
        let before = &bytes[..start];
        surroundings.beside_ampersand =
            before.ends_with(b"& ") || before.ends_with(b"&") || bytes[end..].starts_with(b" &") || bytes[end..].starts_with(b"&");
        surroundings.follows_number = matches!(before, [.., b'0'..=b'9', b' '] | [.., b'0'..=b'9', b')' | b'.' | b':', b' ']);
        surroundings.is_quoted = is_quote(start.checked_sub(1).and_then(|before| bytes.get(before))) && is_quote(bytes.get(end));
        surroundings
    }

    fn read_before(&mut self, page: &Page<'_>, words: &Words, start: usize, before: &Beside) {
        let Some((first, last, word)) = titled(page, words, start, before) else { return };
        let between = &page.bytes()[last..start];
        let entry = word.entry;
        let has = |sought: u8| between.contains(&sought);
        let new_line = between.len() > 1 && has(b'\n') || between == b"\n";
        let full_stop = between != b" " && has(b'.');
        if between == b" " || !(new_line || full_stop || has(b':')) {
            self.follows_organisation = (entry.is_organisation_before() && entry.opens_name() == 0) || entry.bears_name();
            self.follows_speech = entry.closes_name() >= 8 && between == b" ";
            self.follows_place_word = entry.precedes_place();
            self.follows_lower = between == b" " && word.is_in_lower_case;
            self.follows_common = self.follows_lower && entry.is_common();
            if between == b" " {
                self.follows_article = word.is_article;
                self.follows_role = self.follows_lower && !entry.is_common() && entry.opens_name() < 5 && word.is_role;
            }
            self.follows_unknown = between == b" " && entry.is_unknown() && word.is_capitalised;
        } else if entry.bears_name() && last - first <= 4 {
            // `St. Göran`.
            self.follows_organisation = true;
        }
        // A longer word before a full stop ends another sentence.
        if full_stop && last - first > 5 {
            return;
        }
        let mut opened = entry.opens_name();
        if entry.ends_phrase() {
            // `med vänlig hälsning`: up to three words more, one blank apart.
            let mut further = first;
            for _ in 0..3 {
                let Some((start, _)) = word_before(page, further, is_blank, 1) else { break };
                further = start;
                opened = opened.max(lexicon().entry(&page.text[further..last]).opens_name());
            }
        }
        // A line's end parts all but a greeting from the name.
        self.opened = if new_line && opened != 8 { 0 } else { opened };
    }

    fn read_behind(&mut self, page: &Page<'_>, end: usize, beside: &Beside) {
        let bytes = page.bytes();
        let behind = &bytes[end..];
        let skipped = behind.iter().take(3).take_while(|byte| matches!(byte, b' ' | b',' | b':' | b'(')).count();
        let number = &behind[skipped..];
        let digits = number.iter().take(12).take_while(|byte| byte.is_ascii_digit()).count();
        if digits > 0 && skipped == 1 && behind[0] == b' ' {
            let further = number.get(digits);
            self.precedes_short_number = digits <= 4 && !matches!(further, Some(b'-' | b'/' | b':' | b'.')) && number[0] != b'0';
        }
        self.precedes_age = (1..=2).contains(&digits)
            && matches!(behind, [b',', b' ', ..] | [b' ', b'(', ..])
            && match number.get(digits..) {
                Some([b',' | b')' | b';', ..] | [b' ', b',' | b')', ..]) => true,
                Some([b'.', further @ ..]) => !further.first().is_some_and(u8::is_ascii_digit),
                Some([b' ', further @ ..]) => {
                    further.starts_with("år".as_bytes()) || further.starts_with(b"v") || further.starts_with(b"y")
                }
                _ => false,
            };
        self.precedes_parenthesis = matches!(behind, [b' ', b'(', b'A'..=b'Z' | b'0'..=b'9', ..]);
        self.precedes_long_number = digits >= 6 || matches!(number.first(), Some(b'+' | b'0' | b'@'));
        self.is_nobody = is_company_of_several(page, end);
        self.precedes_sign = matches!(behind.first(), None | Some(b'.' | b',' | b';' | b':' | b')' | b'!' | b'?' | b'\n'));
        let Beside { first, last, word, is_cut, .. } = *beside;
        let between = &bytes[end..first];
        if first == last || is_cut || between.len() > 3 || !between.iter().all(|byte| may_follow(*byte)) {
            return;
        }
        let entry = word.entry;
        if between == b" " {
            self.precedes_lower = word.is_in_lower_case;
            self.precedes_capital = !self.precedes_lower;
        }
        // `A/S`, `I/S`, `K/S`: two words with a slash.
        self.is_nobody |= between == b" " && matches!(&bytes[first..], [b'A' | b'I' | b'K' | b'P', b'/', b'S', ..]);
        if matches!(between, b" " | b"-" | b"") {
            // A company's word is capitalised or a legal form: `Bygg`, `AB`, `Oy`, `hf`; in lower case any other is a word.
            let is_legal = || LEGAL_FORMS.contains(&&page.text[first..last]);
            let is_company = entry.is_organisation_after() && (word.is_capitalised || is_legal());
            self.is_nobody |= is_company || entry.unmakes_name();
        }
        if between.iter().any(|byte| matches!(byte, b')' | b'"')) {
            return;
        }
        self.closed = entry.closes_name();
        if entry.begins_phrase()
            && let Some((_, further)) = word_behind(page, last, is_blank, 1)
        {
            self.closed = self.closed.max(lexicon().entry(&page.text[first..further]).closes_name());
        }
    }
}

/// Whether what follows makes a company of a name: `& Sønner`, `& Niemi Oy`, `og Berg ehf`.
fn is_company_of_several(page: &Page<'_>, end: usize) -> bool {
    const PARTNERS: [&str; 14] =
        ["Co", "Son", "Sons", "Søn", "Sønn", "Sønner", "Söner", "Sonen", "Partners", "Partner", "synir", "Synir", "Pojat", "pojat"];
    let behind = &page.bytes()[end..];
    let joined = match behind {
        [b' ', b'&' | b'+', b' ', ..] => 3,
        [b' ', b'o', b'g', b' ', ..] | [b' ', b'j', b'a', b' ', ..] => 4,
        [b' ', b'o', b'c', b'h', b' ', ..] | [b' ', b'a', b'n', b'd', b' ', ..] => 5,
        _ => return false,
    };
    let Some((first, last)) = word_behind(page, end + joined, is_blank, 0) else { return false };
    if PARTNERS.contains(&&page.text[first..last]) {
        return true;
    }
    let further = word_behind(page, last, is_blank, 1).map(|(first, last)| &page.text[first..last]);
    page.text[first..].chars().next().is_some_and(char::is_uppercase)
        && further.is_some_and(|word| word.len() <= 4 && lexicon().entry(word).is_organisation_after() && !matches!(word, "el" | "it"))
}

/// The word before a name that may be a title or greeting, and where it is.
#[inline(always)]
fn titled(page: &Page<'_>, words: &Words, start: usize, before: &Beside) -> Option<(usize, usize, Word)> {
    /// Bytes between.
    const MOST: usize = 6;
    let Beside { first, last, word, is_cut, .. } = *before;
    if first < last {
        let fits = !is_cut && page.bytes()[last..start].iter().all(|byte| may_precede(*byte));
        return fits.then_some((first, last, word));
    }
    if start - last < WIDEST {
        return None;
    }
    let (first, last) = word_before(page, start, may_precede, MOST)?;
    Some((first, last, words.of(&page.text[first..last])))
}

/// Letters of a word that means something here; what is longer is none.
const LONGEST: usize = 64;

/// The letters before a place, with at most so many of some bytes between.
#[inline]
fn word_before(page: &Page<'_>, place: usize, between: impl Fn(u8) -> bool, most: usize) -> Option<(usize, usize)> {
    let skipped = page.bytes()[..place].iter().rev().take(most).take_while(|byte| between(**byte)).count();
    let last = place - skipped;
    let first = page.marks.word_start(last);
    (first < last && last - first <= LONGEST).then_some((first, last))
}

/// The letters behind a place, with at most so many of some bytes between.
#[inline]
fn word_behind(page: &Page<'_>, place: usize, between: impl Fn(u8) -> bool, most: usize) -> Option<(usize, usize)> {
    let skipped = page.bytes().get(place..)?.iter().take(most).take_while(|byte| between(**byte)).count();
    let first = place + skipped;
    let last = page.marks.word_end(first);
    (first < last && last - first <= LONGEST).then_some((first, last))
}
