//! Words for vehicles, and the names of their makers and models.

use crate::detect::fold::Folded;

/// Whether a word is one for a vehicle, for its plate, or the name of a maker.
pub(super) fn is_vehicle(word: &str) -> bool {
    if word.len() < 2 {
        return false;
    }
    let folded = Folded::of(word);
    let word = folded.as_str();
    let is_car = ["bil", "bilen", "bilens", "bilar", "biler", "bilnr", "bils", "bilsins"].iter().any(|ending| word.ends_with(ending))
        && !word.contains("mobil")
        && !word.contains("stabil");
    // `leasingauto`, `pakettiautolla`.
    let is_auto = word.len() >= 8
        && ["auto", "auton", "autoni", "autonsa", "autolla", "autosta", "autossa"].iter().any(|ending| word.ends_with(ending));
    is_car || is_auto || VEHICLES.contains(&word) || BEGINNINGS.iter().any(|beginning| word.starts_with(beginning))
}

/// Words for vehicles, their plates and their makers.
#[rustfmt::skip]
static VEHICLES: [&str; 214] = [
    "pickup", "pickupen", "pickuppen", "reg", "rego", "rek", "rekkari", "rekkarin", "rekkarinumero", "car", "cars", "vehicle", "van",
    "truck", "auto", "autoni", "auton", "autolla", "autosta", "autoon", "autot", "plate", "plates", "skylt", "skylten", "skyltar",
    "skilt", "skiltet", "skiltnr", "bill", "billinn", "bilinn", "bilnum", "bilnumer", "bifreid", "bifreidin", "okutaeki",
    "numeraplata", "numeraplotu", "fordon", "fordonet", "koretoj", "koretoejet", "koretojet", "kjoretoy", "kjoretoyet", "ajoneuvo",
    "ajoneuvon", "trailer", "hanger", "hengeren", "hengaren", "tilhengar", "tilhengaren", "trailern", "traileren", "sendibill",
    "jeppi", "jeppinn", "leigubill", "firmabil", "scooter", "skoter", "tilhenger", "slap", "slapvagn", "perakarry", "peravaunu",
    "moped", "mopeden", "mc", "motorcykel", "motorsykkel", "moottoripyora", "taxi", "taksi", "taxibil", "lastbilen", "traktor",
    "husvagn", "husbil", "campingvogn", "parkerad", "parkerat", "parkeret", "parkert", "parked", "felparkerad", "felparkering",
    "pysakoity", "pysakointi", "volvo", "volvon", "saab", "toyota", "vw", "volkswagen", "passat", "golf", "bmw", "audi", "tesla",
    "teslan", "ford", "kia", "skoda", "mercedes", "peugeot", "renault", "nissan", "mazda", "opel", "fiat", "hyundai", "citroen",
    "polestar", "farkku", "farkun", "farmari", "farmarin", "pakettiauto", "paku", "pakun", "mersu", "volkkari", "bemari",
    "henkiloauto", "ajoneuvot", "rekka", "rekan", "rekkanro", "mopo", "mopon", "skootteri", "perakarryn", "autotalli", "kombi",
    "skapbil", "skapbilen", "lastbil", "karra", "karran", "manskapsbil", "stasjonsvogn", "stationcar", "varevogn",
    "varevognen", "vogn", "vognen", "vogna", "bilens", "budbil", "budbilen", "lastebil", "lastebilen", "varebilen", "elbil", "elbilen",
    "hyrbil", "leiebil", "lejebil", "udlejningsbil", "utleiebil", "tjenestebil", "fjarbil", "bobil", "bobilen", "campingbil", "skutla",
    "skutlan", "skutlu", "skutluna", "jepplingur", "folksbill", "sendibil", "sendibillinn", "ruta", "vorubill",
    "bifhjol", "motorhjol", "kerra", "kerran", "eftirvagn", "tjaldvagn", "fellihysi", "bilastaedi", "staedi", "stodumaeli",
    "bilnumerid", "numeraplatan", "parkeringsplass", "parkeringsplats", "parkeringsplads", "parkere", "parkera",
    "parkerer", "parkerar", "feilparkert", "fejlparkeret", "feilparkering", "wagon", "suv", "hatchback",
    "sedan", "lorry", "minibus", "motorbike", "motorcycle", "campervan", "towed", "bogsert", "bugserad", "bogserad", "hinattu",
];

/// How further words for them begin.
static BEGINNINGS: [&str; 31] = [
    "perakarry",
    "peravaunu",
    "henger",
    "tilhenger",
    "katsast",
    "varebil",
    "regnr",
    "regnum",
    "registreringsn",
    "registreringssk",
    "registernum",
    "rekisterin",
    "rekisterit",
    "rekisterik",
    "nummerplad",
    "nummerplat",
    "nummerskylt",
    "skraningarn",
    "kennzeichen",
    "kjennemerke",
    "kennimerk",
    "licenseplate",
    "numberplate",
    "bilnum",
    "parkering",
    "parking",
    "pysakoint",
    "bilregist",
    "kjoretoy",
    "koretoj",
    "fordons",
];

/// Whether a word is the name of a model of car.
pub(super) fn is_model(word: &str) -> bool {
    word.starts_with(char::is_uppercase) && MODELS.contains(&Folded::of(word).as_str())
}

/// Models that are seen on Nordic roads, without those whose names are usual words.
#[rustfmt::skip]
static MODELS: [&str; 88] = [
    "yaris", "corolla", "auris", "avensis", "hilux", "rav", "prius", "camry", "landcruiser", "aygo", "proace", "hiace", "octavia", "fabia",
    "superb", "kodiaq", "karoq", "enyaq", "citigo", "tiguan", "touran", "touareg", "caddy", "caravelle", "multivan", "amarok", "crafter",
    "passaten", "golfen", "yarisen", "corollan", "fiesta", "mondeo", "kuga", "ranger", "transit", "galaxy", "qashqai", "micra", "navara",
    "juke", "xtrail", "clio", "megane", "captur", "kadjar", "kangoo", "zoe", "trafic", "berlingo", "jumper", "picasso", "partner",
    "astra", "corsa", "insignia", "zafira", "vivaro", "mokka", "sportage", "sorento", "niro", "ceed", "picanto", "tucson", "ioniq", "kona",
    "santafe", "outlander", "pajero", "colt", "lancer", "forester", "outback", "impreza", "legacy", "jimny", "vitara", "swift", "duster",
    "sandero", "sprinter", "vito", "ducato", "punto", "wrangler", "multipla", "cupra",
];
