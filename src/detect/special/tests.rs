use std::collections::{BTreeMap, BTreeSet};

use super::super::country::Countries;
use super::super::marks::Marks;
use super::*;

/// What is offered for each word of a text, from this confidence on.
fn found(text: &str, least: f32) -> Vec<(Kind, String)> {
    let mut marks = Marks::default();
    marks.read(text.as_bytes());
    let countries: Countries = [].iter().collect();
    let page = Page { text, marks: &marks, groups: &[], addresses: &[], countries, heard: Default::default() };
    let mut candidates = Vec::new();
    marks.words(|start, _, _| recognise(&page, start, marks.word_end(start), &mut candidates));
    witness::weigh(text, &mut candidates);
    (candidates.iter().filter(|candidate| candidate.confidence >= least))
        .map(|candidate| (candidate.kind.unwrap(), text[candidate.start..candidate.end].to_owned()))
        .collect()
}

#[track_caller]
fn speaks_of(kind: Kind, texts: &[&str]) {
    let silent: Vec<&&str> = texts.iter().filter(|text| !found(text, 0.5).iter().any(|(of, _)| *of == kind)).collect();
    assert!(silent.is_empty(), "{kind}: {silent:#?}");
}

#[track_caller]
fn says_nothing(texts: &[&str]) {
    for text in texts {
        assert_eq!(found(text, 0.5), [], "{text}");
    }
}

#[test]
fn tables_are_sorted_and_no_word_stands_twice() {
    let mut seen = BTreeMap::new();
    for (kind, groups) in CATEGORIES {
        for group in groups {
            let words: Vec<&str> = group.words.split(' ').collect();
            assert!(words.is_sorted_by(|a, b| a < b), "{kind}: {words:?}");
            assert!((0.0..1.0).contains(&group.confidence));
        }
    }
    for entry in entries() {
        assert_eq!(seen.insert(entry.text, entry.kind), None, "{}", entry.text);
        assert_eq!(Lower::of(entry.text).as_bytes(), entry.text.as_bytes(), "{}", entry.text);
        assert!(entry.text.len() >= if entry.beginning { SHORTEST } else { 3 }, "{}", entry.text);
    }
}

#[test]
fn the_table_finds_what_a_plain_search_finds() {
    let all: Vec<Entry> = entries().collect();
    let mut words: BTreeSet<String> =
        all.iter().flat_map(|entry| [entry.text.to_owned(), format!("{}s", entry.text), format!("x{}", entry.text)]).collect();
    words.extend(all.iter().map(|entry| entry.text.chars().take(entry.text.chars().count() - 1).collect()));
    for word in &words {
        let plain = (all.iter().filter(|entry| entry.text == word || (entry.beginning && word.starts_with(entry.text))))
            .max_by_key(|entry| entry.text.len());
        assert_eq!(entry(word.as_bytes(), true).map(|entry| entry.text), plain.map(|entry| entry.text), "{word}");
    }
}

#[test]
fn beginnings_are_long_enough_for_a_sieve() {
    assert!(beginnings().all(|beginning| beginning.len() >= 4));
    assert!(beginnings().count() > 3000 / 2 && short_words().any(|word| word == "epo"));
}

#[test]
fn case_and_length_do_not_matter() {
    assert_eq!(found("SJUKSKRIVEN ÅTALAD Ångest", 0.8).len(), 3);
    assert_eq!(found(&format!("diabetes{}", "x".repeat(500)), 0.8).len(), 1);
    assert!(found(&format!("sjuk{}", "x".repeat(500)), 0.5).is_empty());
}

#[test]
fn health() {
    speaks_of(
        Kind::Health,
        &[
            "Anna är sjukskriven till mars",
            "kunden har diabetes typ 2",
            "vill avboka p.g.a. graviditet",
            "fick bröstcancer i våras",
            "Hun er sygemeldt med kræft",
            "ansatte er gravid og har barselsorlov",
            "Han har fået konstateret depression",
            "er sykemeldt ut uken",
            "ho har kreft og er uføretrygda",
            "pasienten bruker rullestol",
            "Hän on sairauslomalla masennuksen takia",
            "asiakas on raskaana",
            "potilaan verenpaine koholla",
            "Hún er með krabbamein",
            "er í veikindaleyfi vegna þunglyndis",
            "She is pregnant and on sick leave, diagnosed in May",
            "operation hos kirurgen på sjukhuset",
            "Furix 40 mg x 1, Eliquis seponerat inför ingreppet",
            "KOL, FEV1 42 %, CRP 48, EKG utan anmärkning",
            "byter till Kåvepenin, epikris till vårdcentralen",
            "Tar Sobril till natten, orolig",
            "Dræn seponeret, galdesten set ved ultralyd",
            "Har ondt i ryggen og venter på svar",
            "Fødestuen: Apgar 10/1, mor har det godt",
            "Leggsår venstre, skift med Mepilex hver tredje dag",
            "ho er sjukmeld og ligg på sjukehuset",
            "Sairauslomalla viikon, rollaattori tilattu",
            "Annettu Panacod, rintakipu helpotti",
            "Lögð inn á hjartadeild, trópónín hækkað",
            "fór í ristilspeglun, lyfseðill sendur",
            "Given Lasix 40, catheter draining well",
            "rodnad och svullnad kring såret",
            "han har ont i halsen och stannar hemma",
        ],
    );
    says_nothing(&[
        "For eksempel to eksemplarer av boka, friske krefter",
        "Kræfterne slap op, Kræftens Bekæmpelse samler ind",
        "Job aborted by user, abort on error",
        "Mormors recept på bullar, resepti löytyy kirjasta",
        "Behandlingen av ärendet tar två veckor, remiss till nämnden",
        "Lähete ja lasku samassa kuoressa, leikkaus ja pesu",
        "Hovedpersonen og yrselves",
        "He syövät lounaan klo 11",
        "Carmina Burana på lördag",
    ]);
    speaks_of(Kind::Health, &["sjukskriven sedan i måndags"]);
    says_nothing(&[
        "Operationen i Malmö växer, ny plan för våren",
        "Kräftskiva på fredag, krebs til alle",
        "stroke of luck, test av ny maskin",
        "den sterila ytan och litiumbatteri 12 V",
        "Great hospitality at the hotel",
        "allergener: soja, mjölk",
        "uudet varastot ja hoito-ohje",
    ]);
}

#[test]
fn union_membership() {
    speaks_of(
        Kind::Union,
        &[
            "Han är med i facket, fackförbundet driver ärendet",
            "medlem i Unionen sedan 2019",
            "Hun er tillidsmand i butikken",
            "kontingent til fagforeningen",
            "ansatt er tillitsvalgt og fagorganisert",
            "kuuluu ammattiliittoon, luottamusmies soittaa",
            "hann er í stéttarfélagi",
            "trúnaðarmaður mætti á fundinn",
            "She is a member of the union",
            "medlem av Fellesforbundet siden 2012",
            "organiserad i facket, Vårdförbundet",
        ],
    );
    says_nothing(&[
        "Europeiska unionen och dess medlemmar",
        "EU: unionen beslutar",
        "union jack på väggen",
        "vision 2030",
        "transport till Lund",
        "Prosa og poesi",
        "Flyet er forsinket, streik",
        "Lønn etter tariffavtale",
    ]);
}

#[test]
fn belief() {
    speaks_of(
        Kind::Religion,
        &[
            "kunden är muslim och äter halal",
            "barnet är döpt i maj",
            "hon är Jehovas vittne",
            "han går i moskén",
            "medlem af menigheden",
            "datteren skal konfirmeres",
            "er aktiv i pinsemenigheten",
            "hän on uskovainen ja kuuluu seurakuntaan",
            "erosi kirkosta",
            "er í trúfélagi, múslimi",
            "They are Catholic and attend worship",
            "biskopen talte i domkirken",
            "Ahmed paastoaa iltaan asti",
        ],
    );
    says_nothing(&[
        "Kyrkogatan 12",
        "God jul och gott nytt år",
        "Prästgatan 4",
        "Christian ringde om Kristinn",
        "Glædelig jul",
        "Baptiste kommer kl 3",
        "Bönor och linser",
        "Filen konverteret til PDF",
        "henvist fra Diakonhjemmet",
        "Munkki ja kahvi",
        "Login fails with Freja eID",
        "burkar med sylt",
        "Käänny vasemmalle",
        "Jude ringde",
    ]);
}

#[test]
fn doping_and_crime() {
    speaks_of(
        Kind::Doping,
        &[
            "testades positivt för EPO, sport",
            "dopingtest i går",
            "tog anabola steroider",
            "positivt dopingprøve",
            "brukte veksthormon, sier idrettslaget",
            "kiinni dopingista",
            "féll á lyfjaprófi",
            "failed antidoping control",
        ],
    );
    speaks_of(
        Kind::Crime,
        &[
            "dömd till fängelse i två år",
            "är misstänkt för stöld",
            "finns i brottsregistret",
            "polisen: anmäld för misshandel",
            "dømt for tyveri",
            "har en plettet straffeattest",
            "er siktet for underslag",
            "dom for vold, politiet",
            "merkintä rikosrekisterissä",
            "epäiltynä petoksesta",
            "er á sakaskrá",
            "dæmdur fyrir fjársvik",
            "convicted of fraud and assault",
            "misstänkt för mordet i fredags",
            "pleaded guilty at the Crown Court",
            "mannen er pågrepet",
            "petoksista kahdeksi vuodeksi vankeuteen",
        ],
    );
    says_nothing(&[
        "dom kommer i morgon",
        "hot coffee",
        "måltid kl 12",
        "She ran the shop",
        "tuomiokirkko on auki",
        "brott på röret",
        "soner 1 og 2",
        "sko med høje hæler",
        "Misstänkt fel på växellådan",
        "Tvist avgörs av Stockholms tingsrätt",
        "Tvister løses ved Oslo tingrett",
        "Mord på Orust är tillbaka",
        "to dråper olje i motoren",
        "Kilpailu kiristyy, ehdottomasti",
        "Varkauden kaupunki",
        "Inbrottslarm installerat",
    ]);
}
