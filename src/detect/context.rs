//! What the words beside a number say of it.
//!
//! Many numbers prove nothing by themselves: eight digits are a Danish telephone, a date or an
//! order. The nearest word that means something decides. Only a few words before and one word after
//! are read, and never across another number, an e-mail address or a bracket: those turn into
//! placeholders when a text is scrubbed, and the answer must not change with that.

use super::fold::Folded;

/// What a word says of the number beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// `tlf`, `mobil`, `ring`.
    Telephone,
    /// `personnummer`, `cpr`.
    CivilNumber,
    /// `org.nr`, `CVR`, `VAT`: in Sweden, a sole trader's is a personal identity number.
    Organisation,
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

    /// Whether the words say that the number is something other than a person's.
    pub(super) fn is_reference_or_amount(&self) -> bool {
        matches!(self.meaning, Some(Meaning::Reference | Meaning::Amount))
    }
}

/// How far back words are read, in bytes.
const BEFORE: usize = 48;
/// How far ahead a word is read, in bytes.
const AFTER: usize = 24;
/// Words without a meaning that may stand between a telling word and the number.
const STRANGERS: usize = 6;

/// The context of the number at `start..end`, reading no further than `floor` and `ceiling`.
pub(super) fn around(text: &str, start: usize, end: usize, floor: usize, ceiling: usize) -> Context {
    let before = before(text, start, floor);
    if before.meaning.is_some() && before.immediate {
        return before;
    }
    let behind = Context { meaning: after(text, end, ceiling), immediate: true };
    // A unit right behind says more than a word from afar: "ring om 12 345 678 kr".
    if before.meaning.is_some() && !behind.is(Meaning::Amount) { before } else { behind }
}

fn before(text: &str, start: usize, floor: usize) -> Context {
    let nothing = Context { meaning: None, immediate: false };
    let reach = text.ceil_char_boundary(start.saturating_sub(BEFORE)).max(floor).min(start);
    let mut window = &text[reach..start];
    // Words of a web address say nothing: it may become a placeholder.
    if let Some(end) = address_end(text, reach, start, floor) {
        window = &text[end..start];
    } else if reach > floor {
        // The window may begin inside a word, of which nothing can be said.
        window = window.trim_start_matches(char::is_alphabetic);
    }
    if is_initial(window) {
        return Context { meaning: Some(Meaning::Telephone), immediate: true };
    }
    let barrier = |character: char| character.is_numeric() || matches!(character, '[' | ']' | '@');
    if let Some((position, found)) = window.rmatch_indices(barrier).next() {
        window = &window[position + found.len()..];
    }
    let mut strangers = 0;
    // Whether the nearest word leads to the number, as in "ring mig om det på 12345678".
    let mut is_led_to = false;
    for word in window.rsplit(|character: char| !character.is_alphabetic()) {
        if word.is_empty() {
            continue;
        }
        let folded = Folded::of(word);
        let word = folded.as_str();
        if is_filler(word) {
            continue;
        }
        match meaning(word) {
            Some(found @ (Meaning::Telephone | Meaning::CivilNumber)) => {
                return Context { meaning: Some(found), immediate: strangers == 0 };
            }
            // "Order from Kim 070-…" says nothing of the number; "order 070-…" does.
            Some(found) if strangers == 0 => {
                return Context { meaning: Some(found), immediate: true };
            }
            Some(_) => return nothing,
            None if strangers == 0 => is_led_to = LEADING.contains(&word),
            None => {}
        }
        // "Ring om paket 12345678": what the call is about, not where it goes.
        if TOPIC.contains(&word) && !is_led_to {
            return nothing;
        }
        strangers += 1;
        if strangers == STRANGERS {
            break;
        }
    }
    nothing
}

/// Where a web address ends that begins in the window or before it and reaches into it.
fn address_end(text: &str, reach: usize, start: usize, floor: usize) -> Option<usize> {
    /// How far before the window the address may begin, in bytes.
    const LONGEST: usize = 256;
    let bytes = text.as_bytes();
    let ends =
        |byte: &u8| *byte <= b' ' || matches!(byte, b'[' | b']' | b'"' | b'<' | b'>' | b'`' | b'{' | b'}' | b'|' | b'\\' | b'^' | 0x7f);
    let lowest = reach.saturating_sub(LONGEST).max(floor);
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
    let word = folded.as_str();
    if UNITS.contains(&word) {
        return Some(Meaning::Amount);
    }
    meaning(word).filter(|found| match found {
        Meaning::Amount => true,
        Meaning::Telephone | Meaning::CivilNumber => in_brackets,
        Meaning::Reference | Meaning::Organisation => false,
    })
}

/// Words between a telling word and its number: "tlf nr.", "ordernummer är".
fn is_filler(word: &str) -> bool {
    const FILLER: [&str; 12] = ["nr", "no", "n", "nummer", "nummeret", "numret", "number", "numero", "num", "ar", "er", "is"];
    FILLER.contains(&word)
}

/// Whether a folded word says something of a number beside it: such a word is no finding, or what it says would be lost with it.
pub(super) fn is_telling(word: &str) -> bool {
    meaning(word).is_some()
}

fn meaning(word: &str) -> Option<Meaning> {
    [
        (Meaning::Telephone, &TELEPHONE),
        (Meaning::CivilNumber, &CIVIL_NUMBER),
        (Meaning::Organisation, &ORGANISATION),
        (Meaning::Reference, &REFERENCE),
        (Meaning::Amount, &AMOUNT),
    ]
    .into_iter()
    .find(|(_, words)| words.contain(word))
    .map(|(meaning, _)| meaning)
}

/// Folded words (lower case, without diacritics), whole and by their beginning.
struct Words {
    whole: &'static [&'static str],
    beginnings: &'static [&'static str],
}

impl Words {
    fn contain(&self, word: &str) -> bool {
        self.whole.contains(&word) || self.beginnings.iter().any(|beginning| word.starts_with(beginning))
    }
}

static TELEPHONE: Words = Words {
    whole: &[
        "tel",
        "tele",
        "tlf",
        "tfn",
        "tlfn",
        "tf",
        "telnr",
        "tlfnr",
        "tfnnr",
        "telno",
        "tln",
        "mob",
        "mobnr",
        "ring",
        "ringa",
        "ringe",
        "ringer",
        "ringde",
        "ringte",
        "ringt",
        "ringes",
        "ringas",
        "ringje",
        "ringjer",
        "ringd",
        "uppringd",
        "oppringt",
        "call",
        "called",
        "calling",
        "callback",
        "phone",
        "phones",
        "cell",
        "cellphone",
        "landline",
        "sms",
        "smsa",
        "smse",
        "messa",
        "gsm",
        "whatsapp",
        "viber",
        "imessage",
        "facetime",
        "signal",
        "swish",
        "swisha",
        "swishar",
        "vipps",
        "vippse",
        "vippser",
        "mobilepay",
        "fax",
        "faksi",
        "faks",
        "telefax",
        "puh",
        "puhnro",
        "puhnr",
        "kannykka",
        "kannykan",
        "kannykkaan",
        "numerosta",
        "numeroon",
        "numeroni",
        "numeronsa",
        "numeroosi",
        "tavoitat",
        "tavoittaa",
        "tavoitettavissa",
        "nas",
        "nabar",
        "traffas",
        "treffes",
        "treffast",
        "traeffes",
        "sla",
        "textade",
        "texta",
        "simi",
        "sima",
        "siminn",
        "simann",
        "simanum",
        "farsimi",
        "farsima",
        "heimasimi",
        "vinnusimi",
        "hringja",
        "hringdu",
        "hringid",
        "hringdi",
        "hringi",
        "hringir",
        "hringt",
        "bjalla",
        "jour",
        "journr",
        "jourtelefon",
        "vaxel",
        "vaxeln",
        "sentralbord",
        "sentralbordet",
        "vaihde",
        "vakttelefon",
        "vakttlf",
        "direktnr",
        "direktnummer",
        "direktenummer",
        "direkttlf",
        "hotline",
        "ankn",
        "fastnet",
        "fasttelefon",
        "hemnr",
        "jobbnr",
        "jobbtlf",
    ],
    beginnings: &[
        "telefon",
        "telephone",
        "mobil",
        "puhelin",
        "puhelim",
        "matkapuhelin",
        "lankapuhelin",
        "kontakt",
        "contact",
        "soit",
        "soitt",
        "hringdu",
        "simanumer",
        "farsimanumer",
        "opkald",
        "oppringing",
        "uppringning",
        "aterring",
        "tilbakering",
        "anknytning",
        "textmeddel",
    ],
};

/// Single letters before a number, with a colon or full stop: `T: 22 33 44 55`, `s. 555 1234`.
const INITIALS: [u8; 4] = [b't', b'm', b'p', b's'];

/// Whether the text ends in one letter that stands for a telephone.
fn is_initial(before: &str) -> bool {
    let Some((head, b':' | b'.')) = before.trim_end_matches(' ').as_bytes().split_last().map(|(sign, head)| (head, *sign)) else {
        return false;
    };
    let [outer @ .., letter] = head else { return false };
    INITIALS.contains(&letter.to_ascii_lowercase())
        && !outer.last().is_some_and(|other| other.is_ascii_alphanumeric() || *other >= 0x80 || *other == b'.')
}

/// Words that lead to a number: somebody is reached *on* it.
const LEADING: [&str; 7] = ["pa", "til", "till", "at", "on", "i", "paa"];

/// Words that say what something is about.
const TOPIC: [&str; 20] = [
    "om",
    "ang",
    "angaende",
    "vedkommende",
    "vedr",
    "vedrorende",
    "vedrorande",
    "gallande",
    "gaeldende",
    "gjelder",
    "betr",
    "betraffande",
    "about",
    "regarding",
    "re",
    "koskien",
    "liittyen",
    "vegna",
    "vardandi",
    "um",
];

static CIVIL_NUMBER: Words = Words {
    whole: &["pnr", "cpr", "persnr", "fnr", "ssn", "hetu"],
    beginnings: &["personnr", "personnum", "samordning", "cprn", "fodselsn", "henkilotunn", "identitetsnummer"],
};

static ORGANISATION: Words = Words {
    whole: &["org", "orgnr", "cvr", "cvrnr", "vat", "moms", "momsnr", "ytunnus"],
    beginnings: &["organisationsn", "organisasjonsn", "momsreg", "cvrnum"],
};

static REFERENCE: Words = Words {
    whole: &[
        "ocr", "ref", "kid", "ean", "gtin", "upc", "isbn", "issn", "sku", "art", "artnr", "imei", "sn", "bg", "pg", "iban", "konto",
        "kontonr", "batch", "lot", "sag", "sak", "arende", "ticket", "version", "build", "id", "kundnr", "kundenr", "kundid", "varenr",
        "varunr",
    ],
    beginnings: &[
        "order",
        "ordre",
        "faktura",
        "invoice",
        "referen",
        "artikel",
        "bestilling",
        "bestallning",
        "viite",
        "lasku",
        "tilaus",
        "kundnum",
        "kundenum",
        "serien",
        "sporing",
        "sparning",
        "tracking",
        "kolli",
        "bankgiro",
        "plusgiro",
        "postgiro",
        "betalningsref",
        "sagsn",
        "saksn",
        "arenden",
        "varenum",
        "varunum",
        "kontonum",
        "medlemsn",
        "journaln",
        "forsendelsesn",
    ],
};

static AMOUNT: Words = Words {
    whole: &[
        "sek", "nok", "dkk", "eur", "usd", "gbp", "kr", "kronor", "kroner", "euro", "euroa", "belopp", "belob", "belop", "summa", "sum",
        "total", "totalt", "pris", "price", "amount", "saldo",
    ],
    beginnings: &[],
};

/// Units that follow a quantity.
const UNITS: [&str; 8] = ["st", "stk", "kg", "kpl", "mm", "cm", "liter", "pcs"];

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
    }

    #[test]
    fn a_far_reference_neither_denies_nor_lets_a_farther_telephone_speak() {
        check("Order från Kim 12345678", None);
        check("ring om ordren fra Kim 12345678", None);
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
        check("ring en to tre fire fem 12345678", Some(Meaning::Telephone));
        check("ring en to tre fire fem seks 12345678", None);
        check(&format!("tlf{}12345678", " ".repeat(BEFORE)), None);
    }
}
