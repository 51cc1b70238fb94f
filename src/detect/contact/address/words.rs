//! Words of addresses, folded: what belongs to a street or a town, and what never does.

/// Words that end as streets do and are roads without houses, names, towns or something else, folded and sorted.
#[rustfmt::skip]
pub(super) const OTHERS: [&str; 179] = [
    "agata", "aggregate", "amalia", "arbeidsplass", "arbejdsplads", "aurelia", "australia", "barnehagen", "barnhagen", "bestie",
    "bilvagen", "brigade", "byggeplads", "byggeplass", "campingplads", "campingplass", "campingplatsen", "cecilia", "colgate", "cornelia",
    "cykelsti", "cykelstien", "cykelvag", "cykelvagen", "cykelvej", "cykelvejen", "dahlia", "danmarken", "delegate", "delia", "djurpark",
    "egersund", "emelia", "emilia", "europavag", "europavagen", "europavei", "europaveien", "europavej", "finmarken", "finnmarken",
    "flygplan", "folkepark", "formula", "fotbollsplan", "frigata", "fylkesveg", "fylkesvegen", "fylkesvei", "fylkesveien", "gangvag",
    "gangvagen", "genvag", "genvagen", "genvej", "gotaleden", "grusvag", "grusvagen", "halle", "haugesund", "havnen", "hemvag",
    "hemvagen", "hjemvei", "hjemveien", "hjemvej", "hjemvejen", "holdeplads", "holdeplass", "hringvegur", "idraetsplads", "investigate",
    "italia", "jarnvag", "jarnvagen", "jernvei", "julia", "kalle", "kalmarsund", "kantatie", "katie", "kommunevei", "kornelia",
    "kristiansund", "landsvag", "landsvagen", "landsvei", "lansvag", "lansvagen", "legeplads", "lejrplads", "lekeplass", "lekpark",
    "lobestien", "luftvag", "luftvagen", "luftvej", "luftvejen", "maantie", "magnolia", "malle", "mitigate", "mongolia", "moottoritie",
    "motorvag", "motorvagen", "motorveg", "motorvegen", "motorvei", "motorveien", "motorvej", "motorvejen", "natalia", "navigate",
    "nelia", "ofelia", "omkorselsvej", "omvag", "omvagen", "omvei", "omvej", "oppstillingsplass", "oresund", "ostersund", "palle",
    "parkeringsplads", "parkeringsplass", "partie", "partygate", "projektplan", "rautatie", "regata", "regate", "regnskogen", "renegade",
    "riksvag", "riksvagen", "riksveg", "riksvegen", "riksvei", "riksveien", "rosalia", "seututie", "sidevei", "sidovag", "skogsvag",
    "somalia", "sortie", "sparvag", "sparvagen", "sportsplads", "sporvei", "sporveien", "sporvej", "stalle", "stockholmsleden",
    "svampskogen", "talia", "tavalle", "thjodvegi", "thjodvegur", "tidplan", "trafikvag", "tunnelbana", "urinvagen", "urinveien",
    "urinvej", "urinveje", "urinvejen", "utvag", "utvei", "utvej", "valtatie", "vandringsleden", "vattenvag", "vinterhamnen", "watergate",
    "yhdystie", "yksityistie",
];

/// Longer endings of ordinary words: `leveringen`, `handlingsplan`, `traktori`.
#[rustfmt::skip]
pub(super) const OTHER_ENDINGS: [&str; 39] = [
    "aringen", "axelleden", "bringen", "dringen", "elsplan", "eringen", "fotleden", "fringen", "gringen", "handelen", "handlen",
    "hoftleden", "ingsplads", "ingsplass", "itori", "knaleden", "kringen", "ktori", "ktplan", "lemsleden", "listi", "nadsplan", "ngsplan",
    "nringen", "onsplan", "oringen", "pringen", "ralleden", "rsplan", "rtleden", "smarken", "sringen", "ssori", "tidsplan", "tringen",
    "tsplan", "ttori", "uringen", "utori",
];

/// Folded words that are a street with a name before them: `Karl Johans gate`, `Södra Vägen`.
///
/// The flag says that any capitalised name will do; else it has to be a genitive or a word such as `Södra`.
#[rustfmt::skip]
pub(super) const NOUNS: &[(&str, bool)] = &[
    ("alle", true), ("allen", false), ("allmenning", false), ("aukio", true), ("avenue", true), ("backe", false), ("bd", true),
    ("blvd", true), ("boulevard", true), ("brink", false), ("bro", false), ("brygga", false), ("brygge", true), ("bulevardi", true),
    ("esplanad", true), ("esplanaden", false), ("esplanadi", true), ("gade", false), ("gaden", false), ("gang", false), ("gangen", false),
    ("gata", false), ("gatan", false), ("gate", false), ("gaten", false), ("gota", false), ("grand", false), ("granden", false),
    ("gt", false), ("have", false), ("hojd", false), ("hovedgade", true), ("kaari", false), ("kai", false), ("kaj", false),
    ("kajen", false), ("katu", true), ("kuja", true), ("landevej", true), ("landsvag", false), ("lane", true), ("linja", true),
    ("mnt", true), ("park", false), ("plads", true), ("plan", false), ("plass", true), ("plats", false), ("polku", true),
    ("promenad", false), ("promenaden", false), ("puistikko", false), ("puisto", false), ("ranta", false), ("road", true),
    ("slinga", false), ("slingan", false), ("sti", false), ("stig", false), ("stigen", false), ("straede", true), ("strand", false),
    ("strasse", true), ("street", true), ("terrass", false), ("tie", false), ("torg", true), ("torget", false), ("tori", false),
    ("torv", true), ("torvet", false), ("trappa", false), ("trapper", false), ("tvargata", false), ("tvargatan", false), ("udde", false),
    ("vag", false), ("vagen", false), ("valtatie", false), ("vang", false), ("veg", false), ("vegen", false), ("vegur", false),
    ("vei", false), ("veien", false), ("vej", false), ("vejen", false),
];

/// Units, times and months, which make a number behind a street's name something else than a house, folded and sorted.
#[rustfmt::skip]
pub(super) const REFUSED: [&str; 171] = [
    "?c", "aars", "agust", "antal", "apr", "april", "ar", "ara", "arig", "arige", "astetta", "aug", "august", "augusti", "biljetter", "cm", "dag",
    "daga", "dagar", "dage", "dager", "days", "dec", "december", "deltagare", "deltagere", "des", "desember", "dkk", "dl", "dm", "dogn",
    "dygn", "elokuuta", "enheter", "eur", "euro", "euroa", "feb", "februar", "februari", "gang", "gange", "gangen", "ganger", "gbp",
    "ggr", "grader", "gram", "h", "heinakuuta", "helmikuuta", "henkiloa", "hk", "hlo", "hours", "huhtikuuta", "isk", "jan", "januar",
    "januari", "joulukuuta", "juli", "juni", "kappaletta", "kertaa", "kesakuuta", "kg", "kilo", "klst", "km", "kmh", "kpl", "kr",
    "kroner", "kronor", "kronur", "kuukautta", "kuuta", "kvm", "kw", "kwh", "liter", "lokakuuta", "m", "m?", "maaliskuuta", "mai", "maj",
    "manad", "manader", "maneden", "maneder", "manns", "manudi", "marraskuuta", "mars", "marts", "meter", "metern", "metrin", "mil",
    "miles", "min", "mins", "minuter", "minutes", "minutter", "minuuttia", "ml", "mm", "months", "mph", "nok", "nov", "november", "okt",
    "oktober", "paivaa", "pcs", "pct", "percent", "pers", "personer", "poang", "poeng", "point", "points", "pounds", "procent", "prosent",
    "prosenttia", "prosentur", "sek", "sekunder", "sekuntia", "sep", "sept", "september", "sinnum", "stk", "styck", "stycken",
    "syyskuuta", "tammikuuta", "tim", "time", "timer", "timmar", "timme", "ton", "tonn", "toukokuuta", "tuntia", "uge", "uger", "uke",
    "uker", "usd", "vecka", "veckor", "viikkoa", "viikon", "vikna", "vikur", "volt", "vuotias", "vuotta", "watt", "weeks", "years",
];

/// Beginnings of the commonest streets, by which `Storg` and `Kungsv` are known for short ones.
#[rustfmt::skip]
pub(super) const STEMS: [&str; 52] = [
    "stockholms", "vall", "lang", "ring", "munke", "slotts", "kanal", "terminal", "algat", "bangard", "bergs", "bjork", "bryggar", "drottning", "eriks",
    "fabriks", "fleming", "gamla", "hamn", "hantverkar", "jarnvags", "karla", "kirke", "kloster", "kongens", "kungs", "kvarn", "kyrk",
    "kyrko", "linne", "norre", "norr", "ny", "oden", "odens", "oster", "park", "prast", "radhus", "skogs", "skol", "skole", "soder",
    "stations", "stor", "strand", "sture", "svea", "tegner", "vasa", "vaster", "vester",
];

/// Words before a street that belong to its name, folded and sorted.
#[rustfmt::skip]
pub(super) const MODIFIERS: [&str; 106] = [
    "ala", "alinen", "andra", "bag", "bred", "brede", "east", "efra", "efri", "etelainen", "eystri", "femte", "fjarde", "forsta", "gamla",
    "gamle", "gamli", "gammel", "gl", "gml", "great", "hoje", "indre", "innri", "inre", "iso", "itainen", "keskinen", "kirke", "lange",
    "lantinen", "lave", "lilla", "lille", "litla", "little", "lower", "mellem", "mellersta", "midtre", "n:a", "ndr", "nedra", "nedre",
    "nedri", "new", "nord", "nordra", "nordre", "norr", "norra", "norre", "north", "nr", "ny", "nya", "nye", "o:a", "old", "ost", "oster",
    "ostra", "ostre", "over", "ovre", "pieni", "pohjoinen", "s:a", "s:t", "s:ta", "sankt", "sankta", "sct", "sdr", "skt", "soder",
    "sodra", "sodre", "sonder", "sondre", "sore", "south", "st", "sta", "stora", "store", "syd", "tredje", "undir", "upper", "uusi", "v:a",
    "vanha", "vast", "vastra", "ved", "vester", "vestre", "vestri", "vid", "west", "yla", "ylinen", "ytre", "ytri", "yttre",
];

/// Colours and other adjectives before a street's last word, folded: `Gröna Gången`, `Røde Mellemvej`.
#[rustfmt::skip]
pub(super) const COLOURS: [&str; 16] = [
    "bla", "grona", "gronne", "gra", "gula", "gule", "hvide", "hvite", "roda", "rode", "sorte", "svarta", "vita", "korta", "korte",
    "langa",
];

/// Words before a street that say whose it is: `Drottning Kristinas väg`, folded and sorted.
#[rustfmt::skip]
pub(super) const TITLES: [&str; 46] = [
    "adm", "admiral", "aug", "biskop", "borgermester", "borgmastare", "chr", "doktor", "dr", "dronning", "drottning", "eversti", "fr",
    "fru", "gen", "general", "grev", "gustav", "h", "joh", "kapt", "kaptajn", "kaptein", "kapten", "karl", "kgl", "kong", "konge", "kung",
    "lensmann", "luutn", "marsalkka", "past", "pastor", "president", "prins", "prinsessan", "prinsesse", "prof", "professor", "provst",
    "sir", "sogneprest", "thomas", "vanr", "von",
];

/// Words that begin a sentence or name a field before a street and belong to no street, folded and sorted.
#[rustfmt::skip]
pub(super) const LABELS: [&str; 275] = [
    "addr", "address", "addresses", "adr", "adress", "adresse", "adressen", "adresser", "antal", "antall", "april", "arende", "art",
    "artikel", "asui", "asuu", "at", "augusti", "avd", "belob", "beloep", "belopp", "besog", "besok", "besoks", "besoksadress", "bil",
    "bilag", "bilaga", "bilen", "bodde", "boende", "bolig", "boligen", "bopael", "bopel", "bor", "bord", "bosatt", "bott", "bus", "buss",
    "by", "byr", "december", "deel", "del", "deliver", "delivered", "delivery", "den", "denna", "denne", "det", "detta", "dette", "din",
    "dit", "ditt", "dk", "drop", "efter", "eiendom", "ejendom", "ejendommen", "eller", "endast", "etter", "fakt", "faktura",
    "fakturaadress", "fakturaadresse", "fakturan", "fastighet", "fastigheten", "februari", "fi", "figur", "flytta", "flyttade", "flyttar",
    "flyttat", "flyttede", "flytter", "flyttet", "foer", "for", "fra", "fran", "fredag", "from", "gate", "gennem", "genom", "gjennom",
    "grupp", "gruppe", "gruppen", "gruppo", "hamta", "hamtas", "hei", "heimili", "heimilisfang", "hej", "hello", "hem", "hemma", "hent",
    "hentes", "hi", "hjem", "hos", "huset", "hvilken", "i", "ifra", "in", "innan", "is", "ja", "januari", "juli", "juni", "kap",
    "kapitel", "katuosoite", "kid", "kjor", "kjorer", "kl", "klass", "klasse", "klockan", "klokken", "kontor", "kontoret", "kor", "kort",
    "kun", "kund", "kunde", "kunden", "kundens", "kundes", "lag", "lagenheten", "leilighet", "leverans", "leveransadress", "levere",
    "leverer", "leverera", "leveres", "levering", "leveringsadresse", "linie", "linje", "lives", "living", "lordag", "maj", "mandag",
    "mars", "meet", "men", "min", "mit", "mitt", "mobil", "mod", "mode", "moet", "mot", "mote", "motes", "moved", "muutti", "naer",
    "nara", "niva", "nivel", "no", "november", "nummer", "ny-adress", "nyadress", "och", "ocr", "of", "og", "ok", "oktober", "on",
    "onsdag", "order", "ordre", "osoite", "osoitteeseen", "osoitteessa", "pa", "par", "pick", "pickup", "plads", "plan", "plass", "plats",
    "port", "postadress", "postadresse", "pris", "punkt", "ref", "resa", "ring", "ringde", "rom", "rum", "rute", "sag", "sagsnr", "sak",
    "sal", "samma", "samme", "se", "send", "sendes", "september", "sete", "sida", "sidan", "side", "skicka", "skickas", "sondag", "spor",
    "start", "steg", "steget", "stopp", "sum", "summa", "tabell", "taxi", "tel", "telefon", "terminal", "that", "the", "this", "til",
    "till", "tisdag", "tlf", "to", "tog", "torsdag", "total", "totalt", "trin", "tur", "uge", "uke", "var", "vart", "vecka", "vers",
    "version", "via", "viikko", "vilken", "visit", "vores",
];

/// First words of towns of two.
#[rustfmt::skip]
pub(super) const FIRST_WORDS: [&str; 44] = [
    "dals", "djurs", "dr", "gamla", "gamle", "gammel", "gl", "hoje", "inre", "kirke", "klippans", "kongens", "kr", "lilla", "lille",
    "malmo", "ndr", "nedre", "nordre", "norra", "norre", "nr", "nv", "ny", "nya", "nye", "oster", "ostra", "ostre", "ovre", "sankt",
    "sdr", "sodra", "sondre", "sonder", "st", "stora", "store", "upplands", "vastra", "vester", "vestre", "ytre", "lilleby",
];

/// Towns whose name goes on with `i` and a region: `Mo i Rana`.
pub(super) const WITH_REGION: [&str; 9] = ["bo", "hof", "mo", "nes", "os", "sand", "sem", "vang", "vik"];

/// What may follow a number in a town's place and is none.
#[rustfmt::skip]
pub(super) const NO_TOWNS: [&str; 58] = [
    "anstallda", "april", "ar", "artiklar", "august", "augusti", "december", "desember", "dkk", "eur", "euro", "euroa", "feb", "februar",
    "februari", "gbp", "h", "i", "jan", "januar", "januari", "juli", "juni", "kg", "km", "kpl", "kr", "kroner", "kronor", "kunder", "kvm",
    "liter", "m", "maj", "mai", "mar", "mars", "marts", "medlemmar", "meter", "mil", "min", "mm", "nok", "november", "oct", "okt",
    "oktober", "pcs", "personer", "sek", "sep", "september", "st", "stk", "timer", "ton", "usd",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_and_without_duplicates() {
        for list in [&OTHERS[..], &REFUSED, &MODIFIERS, &LABELS] {
            assert!(list.is_sorted_by(|a, b| a < b));
        }
        assert!(NOUNS.is_sorted_by(|a, b| a.0 < b.0));
    }
}
