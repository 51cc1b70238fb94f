//! What the words beside a number say of it.
//!
//! Many numbers prove nothing by themselves: eight digits are a Danish telephone, a date or an
//! order. The nearest word that means something decides. Only a few words before and one word after
//! are read, and never across another number, an e-mail address or a bracket: those turn into
//! placeholders when a text is scrubbed, and the answer must not change with that.

mod words;

use std::sync::LazyLock;

use super::fold::Folded;
use words::{ACCOUNT, AMOUNT, CARD, CIVIL_NUMBER, DEVICE, GIRO, ORGANISATION, REFERENCE, TELEPHONE, UNITS};

/// What a word says of the number beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// `tlf`, `mobil`, `ring`.
    Telephone,
    /// `personnummer`, `cpr`.
    CivilNumber,
    /// `org.nr`, `CVR`, `VAT`: in Sweden, a sole trader's is a personal identity number.
    Organisation,
    /// `konto`, `clearing`, `IBAN`.
    Account,
    /// `bankgiro`, `pg`.
    Giro,
    /// `kort`, `Visa`.
    Card,
    /// `IMEI`.
    Device,
    /// `order`, `faktura`, `OCR`, `EAN`.
    Reference,
    /// `SEK`, `kr`, `belopp`.
    Amount,
}

/// The nearest meaning, if any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Context {
    pub(super) meaning: Option<Meaning>,
    /// Nothing but filler (`nr`, `nummer`, punctuation) stands between the word and the number.
    pub(super) immediate: bool,
}

impl Context {
    pub(super) fn is(&self, meaning: Meaning) -> bool {
        self.meaning == Some(meaning)
    }

    /// Whether the words say that the number is something other than a person's own or a telephone.
    pub(super) fn is_reference_or_amount(&self) -> bool {
        matches!(
            self.meaning,
            Some(Meaning::Reference | Meaning::Amount | Meaning::Account | Meaning::Giro | Meaning::Card | Meaning::Device)
        )
    }
}

/// How far back words are read, in bytes.
const BEFORE: usize = 48;
/// How far ahead a word is read, in bytes.
const AFTER: usize = 24;
/// Words without a meaning that may stand between a telling word and the number.
const STRANGERS: usize = 8;
/// Words before a number that [`is_near`] looks at, fillers among them.
const NEAR: usize = 5;

/// The context of the number at `start..end`, reading no further than `floor` and `ceiling`.
#[cfg(test)]
pub(super) fn around(text: &str, start: usize, end: usize, floor: usize, ceiling: usize) -> Context {
    joined(before(text, start, floor), text, end, ceiling)
}

/// What the words before a number and the word behind it say together; the word is not read beyond `ceiling`.
pub(super) fn joined(before: Context, text: &str, end: usize, ceiling: usize) -> Context {
    if before.meaning.is_some() && before.immediate {
        return before;
    }
    let behind = Context { meaning: after(text, end, ceiling), immediate: true };
    // A unit right behind says more than a word from afar: "ring om 12 345 678 kr".
    if before.meaning.is_some() && !behind.is(Meaning::Amount) { before } else { behind }
}

/// Whether one of the few words before the number has this meaning, whatever stands between: "konto hos Kims bank 12…".
pub(super) fn is_near(text: &str, start: usize, floor: usize, wanted: Meaning) -> bool {
    let (mut left, mut found) = (NEAR, false);
    words_back(window_before(text, start, floor), |word| {
        left -= 1;
        found = meaning(&Folded::of(word)) == Some(wanted);
        left > 0 && !found
    });
    found
}

/// The piece of text before a number in which words may speak of it, other numbers and brackets included.
fn window_before(text: &str, start: usize, floor: usize) -> &str {
    let reach = text.ceil_char_boundary(start.saturating_sub(BEFORE)).max(floor).min(start);
    // Words of a web address say nothing: it may become a placeholder.
    if let Some(end) = address_end(text, reach, start, floor) {
        &text[end..start]
    } else if reach > floor {
        // The window may begin inside a word, of which nothing can be said.
        let window = &text[reach..start];
        let letters = window.bytes().take_while(u8::is_ascii_alphabetic).count();
        match window.as_bytes().get(letters) {
            Some(beyond) if !beyond.is_ascii() => window.trim_start_matches(char::is_alphabetic),
            _ => &window[letters..],
        }
    } else {
        &text[reach..start]
    }
}

/// What of a window stands behind the last other number or bracket.
fn behind_barrier(window: &str) -> &str {
    let barrier = |character: char| character.is_numeric() || matches!(character, '[' | ']' | '@');
    window.rmatch_indices(barrier).next().map_or(window, |(position, found)| &window[position + found.len()..])
}

/// Calls with each word of a window that stands behind its last number or bracket, the last word first, as long as it returns true.
fn words_back(window: &str, mut go_on: impl FnMut(&str) -> bool) {
    let bytes = window.as_bytes();
    // Of what is beyond ASCII, the letters of Latin-1 are read as bytes; `×` and `÷` are none.
    let strange = |byte: &u8| (*byte > 0xc3) | (*byte >= 0xc0 && *byte < 0xc3) | (*byte == 0x97) | (*byte == 0xb7);
    if bytes.iter().fold(false, |any, byte| any | strange(byte)) {
        let words = behind_barrier(window).rsplit(|character: char| !character.is_alphabetic()).filter(|word| !word.is_empty());
        for word in words {
            if !go_on(word) {
                return;
            }
        }
        return;
    }
    let mut end = bytes.len();
    loop {
        while let Some(byte) = end.checked_sub(1).and_then(|last| bytes.get(last)).filter(|byte| !is_letter(**byte)) {
            if byte.is_ascii_digit() || matches!(byte, b'[' | b']' | b'@') {
                return;
            }
            end -= 1;
        }
        let length = bytes.get(..end).unwrap_or_default().iter().rev().take_while(|byte| is_letter(**byte)).count();
        let Some(word) = window.get(end - length..end).filter(|word| !word.is_empty() && go_on(word)) else { return };
        end -= word.len();
    }
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80
}

/// What the words before the number at `start` say, reading no further back than `floor`.
pub(super) fn before(text: &str, start: usize, floor: usize) -> Context {
    let nothing = Context { meaning: None, immediate: false };
    let window = window_before(text, start, floor);
    if is_initial(window) {
        return Context { meaning: Some(Meaning::Telephone), immediate: true };
    }
    if is_civil_abbreviation(window) {
        return Context { meaning: Some(Meaning::CivilNumber), immediate: true };
    }
    let mut strangers = 0;
    // Whether the nearest word leads to the number, as in "ring mig om det på 12345678".
    let mut is_led_to = false;
    let mut answer = nothing;
    words_back(window, |word| {
        let folded = Folded::of(word);
        if is_filler(folded.as_bytes()) {
            return true;
        }
        match meaning(&folded) {
            Some(found @ (Meaning::Telephone | Meaning::CivilNumber)) => {
                answer = Context { meaning: Some(found), immediate: strangers == 0 };
                return false;
            }
            // "Order from Kim 070-…" says nothing of the number; "order 070-…" does.
            Some(found) if strangers == 0 => {
                answer = Context { meaning: Some(found), immediate: true };
                return false;
            }
            Some(_) => return false,
            None if strangers == 0 => is_led_to = is_leading(folded.as_bytes()),
            None => {}
        }
        // "Ring om paket 12345678": what the call is about, not where it goes.
        if is_topic(folded.as_bytes()) && !is_led_to {
            return false;
        }
        strangers += 1;
        strangers < STRANGERS
    });
    answer
}

/// Where a web address ends that begins in the window or before it and reaches into it.
fn address_end(text: &str, reach: usize, start: usize, floor: usize) -> Option<usize> {
    /// How far before the window the address may begin, in bytes.
    const LONGEST: usize = 256;
    let bytes = text.as_bytes();
    let ends =
        |byte: &u8| *byte <= b' ' || matches!(byte, b'[' | b']' | b'"' | b'<' | b'>' | b'`' | b'{' | b'}' | b'|' | b'\\' | b'^' | 0x7f);
    let lowest = reach.saturating_sub(LONGEST).max(floor);
    let mut before = bytes.get(lowest..start)?;
    // Hardly ever is there one.
    loop {
        let colon = memchr::memrchr(b':', before)?;
        if bytes.get(lowest + colon + 1..start)?.starts_with(b"//") {
            break;
        }
        before = before.get(..colon)?;
    }
    let token = bytes.get(lowest..reach)?.iter().rposition(ends).map_or(lowest, |end| lowest + end + 1);
    // A scheme has three letters and more, as web addresses that are found do.
    let is_begin = |begin: &[u8]| begin.ends_with(b"://") && begin[..3].iter().all(u8::is_ascii_alphabetic);
    let signs = bytes.get(token..start)?.windows(6).rposition(is_begin)? + token;
    let length = bytes[signs..start].iter().position(ends).unwrap_or(start - signs);
    Some((signs + length).max(reach))
}

/// What the word behind the number says.
///
/// A unit counts wherever it follows; a label only in brackets, since a word after a number mostly
/// opens what comes next ("070761-4285 ringer", "20240115 tlf …").
fn after(text: &str, end: usize, ceiling: usize) -> Option<Meaning> {
    let reach = text.floor_char_boundary(end + AFTER).min(ceiling).max(end);
    let window = text[end..reach].trim_start_matches([' ', '\u{a0}', '\u{202f}']);
    let (window, in_brackets) = match window.strip_prefix('(') {
        Some(inside) => (inside, true),
        None => (window, false),
    };
    let rest = window.trim_start_matches(char::is_alphabetic);
    let word = &window[..window.len() - rest.len()];
    match rest.chars().next() {
        // `SE8112…`, `kr@…` are no words; neither is one that the window cut off.
        Some(next) if next.is_numeric() || matches!(next, '@' | '_' | '[') => return None,
        None if reach < text.len() => return None,
        _ => {}
    }
    if word.is_empty() {
        return match window.chars().next() {
            Some('€' | '%' | '$' | '£') => Some(Meaning::Amount),
            _ => None,
        };
    }
    let folded = Folded::of(word);
    if UNITS.contains(&folded.as_bytes()) {
        return Some(Meaning::Amount);
    }
    meaning(&folded).filter(|found| match found {
        Meaning::Amount => true,
        Meaning::Telephone | Meaning::CivilNumber | Meaning::Account | Meaning::Giro | Meaning::Card | Meaning::Device => in_brackets,
        Meaning::Reference | Meaning::Organisation => false,
    })
}

/// Words between a telling word and its number: "tlf nr.", "ordernummer är".
fn is_filler(word: &[u8]) -> bool {
    matches!(
        word,
        b"nr"
            | b"no"
            | b"nro"
            | b"n"
            | b"nummer"
            | b"nummeret"
            | b"numret"
            | b"numre"
            | b"number"
            | b"numero"
            | b"numer"
            | b"num"
            | b"ar"
            | b"er"
            | b"is"
            | b"on"
            | b"oli"
            | b"var"
            | b"was"
    )
}

/// Whether a folded word says something of a number beside it: such a word is no finding, or what it says would be lost with it.
pub(super) fn is_telling(word: &str) -> bool {
    meaning(&Folded::of(word)).is_some()
}

/// Whether a word calls what stands beside it a telephone.
pub(super) fn is_telephone(word: &str) -> bool {
    meaning(&Folded::of(word)) == Some(Meaning::Telephone)
}

/// What a folded word says, by itself or by its end.
fn meaning(folded: &Folded) -> Option<Meaning> {
    listed(folded).or_else(|| by_ending(folded.as_bytes()))
}

/// What a compound says by its last part: `iltapuhelin`, `vaktsími`, `arbetsorder`.
fn by_ending(word: &[u8]) -> Option<Meaning> {
    const TELEPHONE: [&[u8]; 8] = [b"telefon", b"telefonen", b"puhelin", b"simi", b"sima", b"simanum", b"tlf", b"mobilnr"];
    const REFERENCE: [&[u8]; 8] = [b"order", b"ordre", b"ordern", b"ordren", b"ordernr", b"ordrenr", b"ordernummer", b"ordrenummer"];
    // A compound has a first part.
    let ends = |ending: &&[u8]| word.len() >= ending.len() + 3 && word.ends_with(ending);
    match word.last()? {
        b'n' | b'i' | b'a' | b'm' | b'f' | b'r' | b'e' if word.len() >= 6 => match () {
            () if TELEPHONE.iter().any(&ends) => Some(Meaning::Telephone),
            () if REFERENCE.iter().any(&ends) => Some(Meaning::Reference),
            () => None,
        },
        _ => None,
    }
}

/// What a folded word of the lists says.
fn listed(folded: &Folded) -> Option<Meaning> {
    let word = folded.as_bytes();
    let &[first, second, ..] = word else { return None };
    let index = &*INDEX;
    let pair = pair(first, second)?;
    let (from, to) = (*index.starts.get(pair)?, *index.starts.get(pair + 1)?);
    let entries = index.entries.get(usize::from(from)..usize::from(to))?;
    let head = folded.head();
    let fits = |entry: &&Entry| {
        head & entry.mask == entry.head
            && if entry.whole { entry.word.len() == word.len() } else { entry.word.len() <= word.len() }
            && (entry.word.len() <= 8 || word.starts_with(entry.word.as_bytes()))
    };
    entries.iter().find(fits).map(|entry| entry.meaning)
}

/// A word of the lists.
struct Entry {
    word: &'static str,
    /// Its first eight bytes.
    head: u64,
    /// Which of the eight a word has to share.
    mask: u64,
    /// The whole word, not just its beginning.
    whole: bool,
    meaning: Meaning,
}

/// All words of the lists by their first two letters: few are compared with a word of a text.
struct Index {
    entries: Vec<Entry>,
    /// Where the words of a pair of letters begin.
    starts: Vec<u16>,
}

/// Built once, when the first number asks for its context.
static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let lists = [
        (Meaning::Telephone, &TELEPHONE),
        (Meaning::CivilNumber, &CIVIL_NUMBER),
        (Meaning::Organisation, &ORGANISATION),
        (Meaning::Giro, &GIRO),
        (Meaning::Account, &ACCOUNT),
        (Meaning::Card, &CARD),
        (Meaning::Device, &DEVICE),
        (Meaning::Reference, &REFERENCE),
        (Meaning::Amount, &AMOUNT),
    ];
    let mut entries: Vec<Entry> = lists
        .into_iter()
        .flat_map(|(meaning, words)| {
            let entry = move |word: &&'static str, whole| {
                let head = Folded::of(word).head();
                let mask = if word.len() < 8 { (1 << (8 * word.len())) - 1 } else { u64::MAX };
                Entry { word, head, mask, whole, meaning }
            };
            let whole = words.whole.iter().map(move |word| entry(word, true));
            whole.chain(words.beginnings.iter().map(move |word| entry(word, false)))
        })
        .collect();
    // Stable: of two lists that hold a word, the first still decides.
    let key = |entry: &Entry| entry.word.as_bytes().first_chunk().and_then(|[first, second]| pair(*first, *second)).unwrap_or(PAIRS);
    entries.sort_by_key(key);
    let starts = (0..=PAIRS).map(|pair| entries.partition_point(|entry| key(entry) < pair) as u16).collect();
    Index { entries, starts }
});

/// Pairs of small letters.
const PAIRS: usize = 26 * 26;

fn pair(first: u8, second: u8) -> Option<usize> {
    let letter = |byte: u8| byte.is_ascii_lowercase().then(|| usize::from(byte - b'a'));
    Some(letter(first)? * 26 + letter(second)?)
}

/// Single letters before a number, with a colon or full stop: `T: 22 33 44 55`, `s. 555 1234`.
const INITIALS: [u8; 4] = [b't', b'm', b'p', b's'];

/// Whether the text ends in one letter that stands for a telephone.
fn is_initial(before: &str) -> bool {
    if before.trim_end_matches([' ', '\t', ':', '\u{fe0e}', '\u{fe0f}']).ends_with(['☎', '☏', '✆', '📞', '📱', '📲']) {
        return true;
    }
    let Some((head, b':' | b'.')) = before.trim_end_matches(' ').as_bytes().split_last().map(|(sign, head)| (head, *sign)) else {
        return false;
    };
    let [outer @ .., letter] = head else { return false };
    INITIALS.contains(&letter.to_ascii_lowercase())
        && !outer.last().is_some_and(|other| other.is_ascii_alphanumeric() || *other >= 0x80 || *other == b'.')
}

/// Whether the text ends in `f.nr.`, `D-nr`, `p.nr:` or `pers.nr.`, which stand for the number of a person.
fn is_civil_abbreviation(before: &str) -> bool {
    const ABBREVIATED: [&[u8]; 6] = [b"f", b"d", b"p", b"h", b"pers", b"samordn"];
    let bytes = before.as_bytes();
    let Some(sign) = bytes.iter().rposition(|byte| !matches!(byte, b' ' | b':' | b'.' | b'=')) else { return false };
    let number = bytes.get(..=sign).unwrap_or_default();
    let Some(head) = number.split_last_chunk::<2>().filter(|(_, last)| last.eq_ignore_ascii_case(b"nr")).map(|(head, _)| head) else {
        return false;
    };
    let Some(head) = head.strip_suffix(b". ").or_else(|| head.strip_suffix(b".")).or_else(|| head.strip_suffix(b"-")) else { return false };
    let letters = head.iter().rev().take(8).take_while(|byte| is_letter(**byte)).count();
    let (outer, word) = head.split_at(head.len() - letters);
    ABBREVIATED.iter().any(|known| word.eq_ignore_ascii_case(known))
        && !outer.last().is_some_and(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'@' | b']'))
}

/// Words that lead to a number: somebody is reached *on* it.
fn is_leading(word: &[u8]) -> bool {
    matches!(word, b"pa" | b"til" | b"till" | b"at" | b"on" | b"i" | b"paa")
}

/// Words that say what something is about.
fn is_topic(word: &[u8]) -> bool {
    matches!(
        word,
        b"om"
            | b"ang"
            | b"angaende"
            | b"vedkommende"
            | b"vedr"
            | b"vedrorende"
            | b"vedrorande"
            | b"gallande"
            | b"gaeldende"
            | b"gjelder"
            | b"betr"
            | b"betraffande"
            | b"about"
            | b"regarding"
            | b"re"
            | b"koskien"
            | b"liittyen"
            | b"vegna"
            | b"vardandi"
            | b"um"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The context of the digit run `12345678`.
    fn check(text: &str, expected: Option<Meaning>) {
        let start = text.find("12345678").unwrap();
        let context = around(text, start, start + 8, 0, text.len());
        assert_eq!(context.meaning, expected, "{text}");
    }

    #[test]
    fn the_nearest_telling_word_decides() {
        check("tlf. 12345678", Some(Meaning::Telephone));
        check("Ring til mig på 12345678", Some(Meaning::Telephone));
        check("ring om ordre nr. 12345678", Some(Meaning::Reference));
        check("fakturanummer: 12345678", Some(Meaning::Reference));
        check("CPR-nr. 12345678", Some(Meaning::CivilNumber));
        check("fødselsnummer 12345678", Some(Meaning::CivilNumber));
        check("SEK 12345678", Some(Meaning::Amount));
        check("Kaffe 12345678", None);
        check("kontonr 12345678", Some(Meaning::Account));
        check("Bankgiro: 12345678", Some(Meaning::Giro));
        check("Kortnummer 12345678", Some(Meaning::Card));
        check("IMEI 12345678", Some(Meaning::Device));
        check("kennitala 12345678", Some(Meaning::CivilNumber));
        check("tilausnumero on 12345678", Some(Meaning::Reference));
        check("viitenro 12345678", Some(Meaning::Reference));
    }

    #[test]
    fn a_far_reference_neither_denies_nor_lets_a_farther_telephone_speak() {
        check("Order från Kim 12345678", None);
        check("ring om ordren fra Kim 12345678", None);
    }

    #[test]
    fn every_word_of_the_lists_is_found_by_its_first_letters() {
        for words in [&TELEPHONE, &CIVIL_NUMBER, &ORGANISATION, &GIRO, &ACCOUNT, &CARD, &DEVICE, &REFERENCE, &AMOUNT] {
            for word in words.whole.iter().chain(words.beginnings) {
                assert!(is_telling(word), "{word}");
                assert_eq!(Folded::of(word).as_str(), *word);
            }
            for word in words.beginnings {
                assert!(is_telling(&format!("{word}et")), "{word}");
            }
        }
        for word in ["", "a", "kaffe", "telx", "?r", "o?r", "xorder"] {
            assert!(!is_telling(word), "{word}");
        }
    }

    #[test]
    fn a_word_is_near_whatever_stands_between() {
        let near = |text: &str| is_near(text, text.find("12345678").unwrap(), 0, Meaning::Account);
        for text in ["konto hos Kims bank 12345678", "kontonr. 12345678", "Konto: 12345678"] {
            assert!(near(text), "{text}");
        }
        for text in ["konto 1 12345678", "konto [x] 12345678", "konto a b c d e 12345678", "12345678 konto"] {
            assert!(!near(text), "{text}");
        }
    }

    #[test]
    fn words_are_not_read_across_numbers_or_brackets() {
        check("tlf 87654321 12345678", None);
        check("tlf [phone] 12345678", None);
        check("tlf kim@x 12345678", None);
    }

    #[test]
    fn the_word_behind_counts_when_it_is_a_unit_or_a_label() {
        check("12345678 (mobil)", Some(Meaning::Telephone));
        check("12345678 kr", Some(Meaning::Amount));
        check("12345678 €", Some(Meaning::Amount));
        check("12345678 st", Some(Meaning::Amount));
        check("12345678 order", None);
        check("12345678, mobil 1", None);
        check("12345678 ringer", None);
        check("12345678 tlf 8", None);
    }

    #[test]
    fn what_a_call_is_about_is_not_where_it_goes() {
        check("ringte angående pakke 12345678", None);
        check("Ring om abonnement 12345678", None);
        check("ring mig om det här på 12345678", Some(Meaning::Telephone));
        check("Soita numerosta 12345678", Some(Meaning::Telephone));
        check("ringde och betalade 12345678 kr", Some(Meaning::Amount));
    }

    #[test]
    fn a_single_letter_with_a_sign_is_a_label() {
        for text in ["T: 12345678", "m:12345678", "Kim, s. 12345678", "(p.12345678)"] {
            check(text, Some(Meaning::Telephone));
        }
        for text in ["T 12345678", "Kim's 12345678", "f.m. 12345678", "å: 12345678", "DM: 12345678"] {
            check(text, None);
        }
    }

    #[test]
    fn words_of_a_web_address_say_nothing() {
        check("https://example.org/order/tlf 12345678", None);
        check("tlf se https://example.org/x 12345678", None);
        check("https://example.org/x tlf 12345678", Some(Meaning::Telephone));
    }

    #[test]
    fn a_word_cut_by_the_window_is_not_read() {
        // "hotel" ends in "tel", and 44 bytes later the window begins inside it.
        let text = format!("hotel{}12345678", " ".repeat(BEFORE - 3));
        check(&text, None);
    }

    #[test]
    fn far_words_do_not_reach() {
        check("ring en to tre fire fem seks syv 12345678", Some(Meaning::Telephone));
        check("ring en to tre fire fem seks syv ot 12345678", None);
        check(&format!("tlf{}12345678", " ".repeat(BEFORE)), None);
    }
}
