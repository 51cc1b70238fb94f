//! Words that unmake the name beside them: of streets, illnesses, ships, halls and saints; and prepositions of place.

use super::Entry;

/// Words with what they say.
type Words = (&'static [&'static str], fn() -> Entry);

/// All lists.
pub(super) const ALL: [Words; 4] = [
    (STREETS, || Entry::default().unmaking_name()),
    (EPONYMS, || Entry::default().unmaking_name()),
    (THINGS, || Entry::default().bearing_name()),
    (PLACE_WORDS, || Entry::default().preceding_place()),
];

/// Words that make a street of the name before them.
#[rustfmt::skip]
pub(super) const STREETS: &[&str] = &[
    "alle", "allé", "allén", "avenue", "backe", "boulevard", "bro", "gade", "gata", "gatan", "gate", "gaten", "gatu", "gränd", "kaj",
    "katu", "kuja", "lane", "park", "passage", "plads", "plan", "plass", "plats", "polku", "road", "square", "sti", "stig", "stigen",
    "street", "stræde", "tie", "torg", "torget", "tori", "torv", "veg", "vegen", "vei", "veien", "vej", "väg", "vägen",
];

/// Words that make an illness, a law, a prize or a test of the name before them.
#[rustfmt::skip]
pub(super) const EPONYMS: &[&str] = &[
    "disease", "effect", "effekt", "formel", "heilkenni", "indeks", "index", "katarr", "lag", "laki", "law", "lemma", "lov", "medalj",
    "medalje", "method", "metod", "metode", "metoden", "palkinto", "pris", "prisen", "priset", "prize", "reaktion", "sats", "scale",
    "score", "sign", "sjuka", "sjukdom", "sjukdomen", "sjúkdómur", "skala", "skalaen", "skalan", "stiftelse", "sygdom", "sykdom", "syke",
    "syndrom", "syndrome", "syndromet", "syndrooma", "tauti", "tautia", "tecken", "tegn", "teorem", "test", "testet", "testi",
];

/// What bears a person's name and is none: ships, halls, models, saints.
#[rustfmt::skip]
pub(super) const THINGS: &[&str] = &[
    "boken", "butiken", "båten", "fartyget", "fergen", "filmen", "färjan", "færgen", "gård", "gården", "hesten", "hestur", "hevonen",
    "hunden", "huset", "hytta", "hytten", "hästen", "kafeet", "katten", "kissa", "koira", "kroen", "krogen", "laiva", "leipomo", "lex",
    "lopp", "malli", "model", "modell", "modellen", "myrsky", "mökki", "operan", "orkanen", "palvelin", "panimo", "produkt", "produkten",
    "restaurang", "rom", "romanen", "rommet", "rum", "rummet", "s:t", "sal", "salen", "sankt", "sankta", "serial", "serie", "serien",
    "server", "serveren", "servern", "skibet", "skipet", "skuden", "sorten", "spelet", "st", "storm", "stormen", "stuga", "stugan",
    "tuote", "villa",
];

/// Prepositions of place: `i Lund`, `ved Holm`.
#[rustfmt::skip]
pub(super) const PLACE_WORDS: &[&str] = &[
    "at", "i", "in", "near", "norr", "nära", "nær", "på", "söder", "uden", "utanför", "utenfor", "ved", "vid", "väster", "á", "í",
    "öster",
];
