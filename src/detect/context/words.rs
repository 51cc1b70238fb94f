//! The words that say what a number beside them is, in Swedish, Danish, Norwegian, Finnish, Icelandic and English.

/// Folded words (lower case, without diacritics), whole and by their beginning.
pub(super) struct Words {
    pub(super) whole: &'static [&'static str],
    pub(super) beginnings: &'static [&'static str],
}

#[rustfmt::skip]
pub(super) static TELEPHONE: Words = Words {
    whole: &[
        "tel", "tele", "tlf", "tfn", "tlfn", "tf", "telf", "tlph", "telnr", "tlfnr", "tfnnr", "telno", "tln", "mob", "mobnr", "ring",
        "ringa", "ringe", "ringer", "ringde", "ringte", "ringt", "ringet", "tavoitettu", "tavoitettiin", "ringes", "ringas", "ringje",
        "ringjer", "ringd", "uppringd", "oppringt", "call", "called", "calling", "callback", "phone", "phones", "cell", "cellphone",
        "landline", "sms", "smsa", "smse", "messa", "gsm", "msisdn", "pbx", "simbref", "simar", "gemsi", "whatsapp", "viber", "imessage",
        "facetime", "signal", "swish", "swisha", "swishar", "mobilepay", "fax", "faksi", "faks", "telefax", "puh", "puhnro", "puhnr",
        "kannykka", "kannykan", "kannykkaan", "numerosta", "numeroon", "numeroni", "numeronsa", "numeroosi", "tavoitat", "tavoittaa",
        "tavoitettavissa", "nas", "nabar", "traffas", "treffes", "treffast", "traeffes", "sla", "textade", "texta", "simi", "sima",
        "siminn", "simann", "simanum", "farsimi", "farsima", "heimasimi", "vinnusimi", "hringja", "hringdu", "hringid", "hringdi",
        "hringi", "hringir", "hringt", "bjalla", "jour", "journr", "jourtelefon", "vaxel", "vaxeln", "sentralbord", "sentralbordet",
        "vaihde", "vakttelefon", "vakttlf", "direktnr", "direktnummer", "direktenummer", "direkttlf", "hotline", "ankn", "fastnet",
        "fasttelefon", "hemnr", "jobbnr", "jobbtlf",
    ],
    beginnings: &[
        "telefon", "telephone", "mobil", "puhelin", "puhelim", "matkapuhelin", "lankapuhelin", "kontakt", "contact", "soit", "soitt",
        "hringdu", "simanumer", "farsimanumer", "opkald", "oppringing", "uppringning", "aterring", "tilbakering", "anknytning",
        "textmeddel", "vipps", "lankanumer", "lankaliittym", "liittymanumer",
    ],
};

#[rustfmt::skip]
pub(super) static CIVIL_NUMBER: Words = Words {
    whole: &[
        "pnr", "pnrs", "cpr", "persnr", "fnr", "ssn", "hetu", "hetun", "hetuni", "hetunsa", "sotu", "kt", "ktala", "samnr", "tnummer",
        "dnummer", "hnummer", "fodelsenr", "personid",
    ],
    beginnings: &[
        "personnr", "personnum", "personbeteck", "personkennit", "samordning", "cprn", "erstatningsperson", "erstatningscpr", "fodselsn",
        "fodelsenum", "henkilotunn", "hlotunn", "sosiaaliturvatun", "identitetsn", "identitetsbeteck", "kennital", "kennitol",
    ],
};

#[rustfmt::skip]
pub(super) static ORGANISATION: Words = Words {
    whole: &[
        "org", "orgnr", "orgnummer", "cvr", "cvrnr", "vat", "vatnr", "moms", "momsnr", "mva", "ytunnus", "tunnus", "fo", "fonummer",
        "alv", "alvnro", "vsk", "vsknr", "vsknumer", "foretaksnr",
    ],
    beginnings: &["organisationsn", "organisasjonsn", "momsreg", "momsn", "cvrnum", "foretaksnum", "liiketunnu", "yritystunnu"],
};

#[rustfmt::skip]
pub(super) static GIRO: Words = Words { whole: &["bg", "pg", "bgnr", "pgnr"], beginnings: &["bankgiro", "plusgiro", "postgiro"] };

#[rustfmt::skip]
pub(super) static ACCOUNT: Words = Words {
    whole: &[
        "konto", "kontot", "kontoen", "kontonr", "kontnr", "kto", "ktonr", "acct", "account", "iban", "reg", "regnr", "clearing",
        "clearingnr", "clnr", "tili", "tilille", "tililta", "tilin", "tilinro", "reikn", "betal", "betales", "overfores", "overfors",
        "reiknr", "rn",
    ],
    beginnings: &[
        "kontonum", "bankkonto", "innbetal", "indbetal", "lonekonto", "lonnkonto", "depositumskonto", "depositumkonto",
        "depositionskonto", "klientkonto", "klientmedelskonto", "privatkonto", "brukskonto", "driftskonto", "budgetkonto",
        "budgetkontoen", "felleskonto", "faelleskonto", "falleskonto", "transaktionskonto", "utbetalningskonto", "utbetalingskonto",
        "udbetalingskonto", "allkonto", "nemkonto", "foreningskonto", "kayttotil", "saastotil", "palkkatil", "vakuustil", "lonnskonto",
        "lonkonto", "sparkonto", "sparekonto", "personkonto", "clearingn", "clearingkonto", "registreringsn", "tilinum", "pankkitil",
        "reikningsn", "bankareikn",
    ],
};

#[rustfmt::skip]
pub(super) static CARD: Words = Words {
    whole: &[
        "kortet", "kortnr", "kortno", "mastercard", "maestro", "amex", "dankort", "dankortet", "card", "cardno", "kortti", "kortin",
        "kortilla", "kortilta", "korttinro", "kortanumer",
    ],
    beginnings: &[
        "kortnum", "kortbetal", "kortkjop", "kortkop", "kortkob", "korttimaks", "korttiosto", "kreditkort", "betalkort", "betalingskort",
        "debetkort", "debitkort", "bankkort", "visakort", "creditcard", "luottokort", "pankkikort", "maksukort", "korttinum",
        "greidslukort",
    ],
};

#[rustfmt::skip]
pub(super) static DEVICE: Words = Words { whole: &["imei", "imeinr", "imeikod", "imeisv"], beginnings: &["imein"] };

#[rustfmt::skip]
pub(super) static REFERENCE: Words = Words {
    whole: &[
        "ocr", "ocrnr", "ref", "refnr", "kid", "kidnr", "ean", "eankod", "gtin", "upc", "isbn", "issn", "sku", "art", "artnr", "art",
        "sn", "snr", "batch", "batchnr", "lot", "lotnr", "sag", "sak", "arende", "ticket", "version", "ver", "vernr", "build", "id",
        "kundnr", "kundenr", "kundid", "varenr", "varunr", "bilag", "bilagsnr", "bon", "bonnr", "bong", "bongnr", "msgid", "messageid",
        "sessionid", "requestid", "traceid", "jobid", "trackid", "orderid", "ordreid", "avtalsnr", "avtalenr", "aftalenr", "kvitto",
        "kvittonr", "kvittering", "police", "policenr", "polisenr", "rma", "po", "booking", "malnr", "case", "eranro", "tuote",
        "tuotenro", "delnr", "detaljnr", "reservdel", "reservdelar", "reservdelsnr", "partno", "chassi", "chassinr", "charge", "chargenr",
        "projektnr", "prosjektnr", "inventarienr", "inventarnr", "ritn", "bestnr", "levnr", "kuitti", "kuittinro", "vnr", "vorunr", "streckkod", "skjal", "mal", "lippunro", "lippu", "strekkode", "viivakoodi",
    ],
    beginnings: &[
        "order", "ordre", "inkopsorder", "innkjopsordre", "indkobsordre", "faktura", "invoice", "kreditnota", "referen", "referans",
        "artikel", "artikkel", "artikkeli", "bestilling", "bestallning", "bokning", "viite", "lasku", "tilaus", "toimitus", "lahetys",
        "seuranta", "sopimus", "asiakasn", "tuoten", "sarjan", "rahtikirj", "kundnum", "kundenum", "serien", "serial", "sporing",
        "sparning", "tracking", "kolli", "paketn", "pakken", "sandningsn", "sendingsn", "fraktsedel", "fraktbrev", "foljesedel",
        "folgesed", "betalningsref", "betalingsid", "sagsn", "saksn", "arenden", "arkistoint", "arkistotunn", "asiatunn",
        "tapahtumatunn", "maksutunn", "arkivref", "arkivnum", "diarien", "journaln", "varenum", "varunum", "vorunum", "pontun", "tilvis",
        "verifikation", "verifikat", "avtalsnum", "avtalenum", "aftalenum", "kontrakt", "forsakringsn", "forsikringsn", "policenum",
        "medlemsn", "meddelandeid", "forsendelsesn", "tarjous", "tilbudsn", "tilbodsn", "offertn", "ansokningsn", "soknadsn",
        "rekvisisjonsn", "rekvisitionsn",
    ],
};

#[rustfmt::skip]
pub(super) static AMOUNT: Words = Words {
    whole: &[
        "sek", "nok", "dkk", "eur", "usd", "gbp", "isk", "kr", "kronor", "kroner", "kronur", "euro", "euron", "euroa", "belopp",
        "beloppet", "belob", "belop", "summa", "summan", "sum", "total", "totalt", "totalsumma", "yhteensa", "pris", "price", "amount",
        "saldo",
    ],
    beginnings: &[],
};

/// Units that follow a quantity.
pub(super) const UNITS: [&[u8]; 8] = [b"st", b"stk", b"kg", b"kpl", b"mm", b"cm", b"liter", b"pcs"];
