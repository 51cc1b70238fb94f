//! Words for who or where is reached, and whose a number is.

use crate::detect::fold::Folded;

/// Whether a word says who or where is reached.
pub(super) fn is_label(word: &str) -> bool {
    let folded = Folded::of(word);
    let word = folded.as_str();
    PLACES.contains(&word) || KIN.contains(&word) || ROLES.contains(&word)
}

/// Whether a word is one for being somewhere, or for whom one reaches.
pub(super) fn is_reaching(word: &str) -> bool {
    REACHING.contains(&Folded::of(word).as_str())
}

/// Whether a word says whose a number is: `hennes nr`, `min mors nummer`, `danskt nr`.
pub(super) fn is_owner(word: &str) -> bool {
    let folded = Folded::of(word);
    let word = folded.as_str();
    OWNERS.contains(&word) || KIN.contains(&word) || word.strip_suffix('s').is_some_and(|word| KIN.contains(&word))
}

/// Folded words for being somewhere, and for whom one reaches.
#[rustfmt::skip]
static REACHING: [&str; 68] = [
    "nas", "nar", "fang", "fange", "fanges", "meg", "mig", "mej", "ham", "hende", "henne", "hennar", "honom", "dem", "os", "oss",
    "han", "hun", "ho", "hon", "naes", "na", "treffe", "treffer", "treffes", "traeffes", "traeff", "direkte", "privat", "linu",
    "bjalla", "heyra", "besked", "beskjed", "melding", "svar", "svarer", "kontor", "jobb", "hjemme", "vagt", "vakt", "dagtid",
    "kveldstid", "aftenen", "samband", "svarar", "varslet", "varslad", "honum", "henni", "haenelle", "skilabod", "tilbake", "tilbage",
    "treffetid", "traeffetid", "trafftid", "svarstid", "tekstet", "talt", "talat", "pratat", "puhuttu", "spoke", "talade", "snakka", "heter",
];

/// Folded words for where and how somebody is reached, or has been tried.
#[rustfmt::skip]
static PLACES: [&str; 107] = [
    "direkte", "direkt", "direct", "arbejde", "arbejdet", "arbeid", "arbetet", "arbete", "arb", "jobb", "jobbet", "jobbtel", "kontor",
    "kontoret", "hjem", "hjemme", "privat", "hem", "hemma", "heima", "vinna", "vinnu", "koti", "kotiin", "tyo", "toihin",
    "alternativt", "alternatively", "ellers", "annars", "muuten", "profid", "profadu", "reynid", "prov", "kokeile", "gemsi", "gemsinn",
    "gemsa", "hs", "vs", "kveldstid", "dagtid", "kvallstid", "suora", "suoraan", "suoranro", "iltaisin", "paivisin", "toissa",
    "kotona", "uppl", "upplysingar", "spurningar", "fyrirspurnir", "sporsmal", "fragor", "kysymykset", "kysymyksia", "tiedustelut",
    "lisatiedot", "lisatietoja", "questions", "queries", "enquiries", "inquiries", "henvendelser", "henvendelse", "forfragningar",
    "upplysningar", "opplysninger", "oplysninger", "kvelder", "kvallar", "kvold", "kvoldin", "daginn", "bara",
    "brug", "bruk", "anvand", "notid", "kayta", "provd", "provde", "provede", "provat", "provade", "proevede", "proevet",
    "forsogt", "forsokt", "forsokte", "tavoitettu", "tavoitettiin", "tavoiteltu", "yritetty", "tried", "reyndi", "reynt", "ringet",
    "snakket", "forgaeves", "naad", "nadd", "nadde", "fikk",
];

/// Folded words for those who are close to somebody, or answer for them.
#[rustfmt::skip]
static KIN: [&str; 164] = [
    "mor", "moren", "moderen", "faderen", "mamma", "mamman", "mama", "far", "faren", "pappa", "pappan", "mormor", "farmor", "morfar",
    "farfar", "son", "sonen", "sonur", "sonar", "sonn", "sonnen", "datter", "datteren", "dotter", "dottern", "dottir", "dottur",
    "bror", "broren", "brodern", "brodir", "soster", "sosteren", "syster", "systern", "systir", "systur", "kona", "kone", "konen",
    "konan", "mann", "mannen", "manden", "madur", "hustru", "hustrun", "fru", "frun", "sambo", "samboer", "ham", "hende", "henne",
    "honom", "hendes", "hennes", "hans", "hennar", "hana", "mommu", "aiti", "aidin", "aidille", "isa", "isan", "isalle", "poika",
    "pojan", "pojalle", "tytar", "tyttaren", "vaimo", "mies", "mummo", "pabbi", "pabba", "amma", "afi", "nabo", "naboen", "granne",
    "grannen", "naapuri", "anhorig", "narstaende", "parorende", "paarorende", "omainen", "omaisen", "vaktmester", "vaktmestar",
    "huoltomies", "boss", "chef", "chefen", "sjef", "sjefen", "kollega", "kollegan", "storebror", "lillebror", "storasyster",
    "lillasyster", "storesoster", "lillesoster", "storebroren", "lillebroren", "storebrors", "veli", "veljen", "sisko", "siskon",
    "isosisko", "pikkusisko", "isoveli", "eldribrodir", "svigermor", "svigerfar", "svigerson", "svigerdatter", "svarmor", "svarfar",
    "barnbarn", "barnebarn", "kusin", "kusinen", "kaeresten", "kjaeresten", "kaereste", "kjaereste", "flickvan", "pojkvan", "puoliso",
    "aviomies", "maken", "hustruen", "frue", "fruen", "dattera", "dattra", "sostra", "broder", "fadir", "modir", "foraldri",
    "foraldrar", "foraeldre", "foreldre", "vanhemmat", "vanhempi", "verge", "vergen", "godman", "forvaltaren", "edunvalvoja",
    "leigjandi", "eigandi", "eier", "eieren", "ejer", "ejeren", "agaren", "omistaja",
];

/// Folded words for those who are called for what they do.
#[rustfmt::skip]
static ROLES: [&str; 147] = [
    "chauffor", "landlord", "tenant", "utleier", "udlejer", "hyresvard", "vuokranantaja", "afgreidsla", "skrifstofa", "formadur", "gjaldkeri", "chaufforen", "sjafor", "sjaforen", "forare", "foraren", "bilstjori", "bilstjorinn", "kuljettaja", "kuski", "driver",
    "laeknir", "laekni", "lege", "legen", "laege", "laegen", "lakare", "lakaren", "laakari", "fastlege", "legevakt", "legevakta",
    "laegevagt", "laegevagten", "vagtlaege", "paivystys", "paivystaja", "vaktlege", "vaktlaeknir", "sjukraflutningar", "vagt",
    "vagten", "vakt", "vakten", "vakthavende", "vagthavende", "vaktmastare", "vaktmastaren", "vicevaert", "vicevaerten", "talkkari",
    "talkkarin", "isannoitsija", "isannoitsijan", "umsjonarmadur", "husvordur", "pipari", "piparinn", "rafvirki", "smidur",
    "rormokare", "elektriker", "rorlegger", "rorleggeren", "elektrikeren", "elektrikern", "vvs", "putkimies", "sahkomies",
    "tengilidur", "tengill", "kontaktperson", "yhteyshenkilo", "formann", "formannen", "formand", "formanden", "ordforande",
    "kasserer", "kassor", "sekretaer", "sekreterare", "lisaedel", "resepsjon", "resepsjonen", "reception", "receptionen",
    "vastaanotto", "mottaket", "mottagningen", "kundeservice", "kundservice", "kundtjanst", "asiakaspalvelu", "helpdesk", 
    "butik", "butiken", "butikken", "myymala", "verkstad", "verkstaden", "verksted", "verkstedet", "vaerksted", "vaerkstedet",
    "korjaamo", "verkstaedi", "nodnummer", "nodtelefon", "nodnr", "hatanumero", "neydarnumer", "larmnummer", "alarmnummer", "vekter",
    "vekteren", "vagtcentral", "vaktsentral", "hjemmepleje", "hjemmeplejen", "hjemmesykepleien", "hemtjanst", "hemtjansten",
    "kotihoito", "heimahjukrun", "sygeplejerske", "sykepleier", "sjukskoterska", "hjukrunarfraedingur", "saksbehandler",
    "sagsbehandler", "handlaggare", "radgiver", "selger", "saelger", "saljare", "myyja", "jordmor", "portor", "kapellan", "prest",
    "prestur", "megler", "megleren", "maklare", "maklaren",
];

/// Folded words for whose a number is.
#[rustfmt::skip]
static OWNERS: [&str; 59] = [
    "mitt", "mit", "min", "ditt", "dit", "sitt", "sit", "eget", "privat", "privata", "nya", "nytt", "nyt", "nye", "ratt", "rett",
    "riktig", "rigtigt", "dansk", "danskt", "norsk", "norskt", "svensk", "svenskt", "finsk", "finskt", "oma", "omani", "hanen",
    "islenskt", "beint", "direkt", "my", "her", "mine", "mina", "vart", "vort", "deres", "hans", "hennes", "hendes", "hennar", "minn",
    "thitt", "sonens", "din", "dine", "omat", "gammel", "gammelt", "gamle", "gamla", "gammal", "nuvarande", "uusi", "uuden", "vanha",
    "ny",
];
