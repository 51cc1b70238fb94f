use proptest::prelude::*;

use crate::detect::{Country, Kind, Kinds, examples, scrub};

#[test]
fn documented_examples_hold() {
    assert_eq!(examples::check(include_str!("mod.rs"), &Country::ALL), 16);
}

/// Texts in which `{` and `}` stand around each address; all that fail are told at once.
#[track_caller]
fn check_all(texts: &[&str]) {
    let scanner = crate::detect::examples::scanner(&Country::ALL).of_kinds([Kind::Address].into_iter().collect::<Kinds>()).at_least(0.5);
    let mut wrong = Vec::new();
    for marked in texts {
        let text = marked.replace(['{', '}'], "");
        let mut found = text.clone();
        for finding in scanner.scan(&text).iter().rev() {
            found.insert(finding.end, '}');
            found.insert(finding.start, '{');
        }
        if found != *marked {
            wrong.push(format!("{marked}\n    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), texts.len(), wrong.join("\n"));
}

#[test]
fn swedish_addresses() {
    check_all(&[
        "Leverera till {Björkstigen 7, 903 37 Umeå} före kl 12.",
        "Min nya adress är {Norra Ringvägen 12A, 2 tr, 722 15 Västerås}.",
        "hon bor på {kungsvägen 3} tror jag",
        "ADRESS: {STORA NYGATAN 44, 111 27 STOCKHOLM}",
        "{Drottning Kristinas väg 53 B} (portkod 1234)",
        "Fakturan skickas {c/o Ek, Ängsgränd 4 lgh 1201, 891 38 Örnsköldsvik}",
        "Kund: Anna Lind\n{Lindallén 8\n412 54 Göteborg}\nTel 031-390 06 00",
        "{S:t Eriksgatan 121, 2 tr ög, 113 43 Stockholm}",
        "flyttat från {Tallbacken 6B} till {Gökvägen 10, 141 41 Huddinge}",
        "vid {Stortorget 5, Malmö} kl 14",
        "Hämtas på {Industrigatan 12-14}, port 3 runt hörnet",
        "{Storg. 12, 234 31 Lomma}",
        "Bor: {Skolgränd 9, SE-903 30 Umeå, Sverige}",
        "{Åvägen 4} och {Ågatan 5}",
        "{Gamla vägen 15, 123 45 Exempelby}",
        "{Box 4015, 102 61 Stockholm}",
        "{Vasagatan 3  111 20  Stockholm}",
        "{Hamnplan 4, 111 20 Stockholm}",
        "Anna Ek, {Ekhaga 17, 570 84 Mörlunda}, ringde.",
        "{Västra Storgatan 21, uppg B, 3 tr, 291 32 Kristianstad}",
        "Skriv till {Rosenlundsgatan 8 C, lgh 0902, S-118 53 Stockholm}!",
        "brf storken, {södra vägen 22 b}, vatten läcker",
        "adressen är {Mellanvägen 3, Vallentuna}.",
    ]);
}

#[test]
fn towns_of_the_lexicon_belong_to_addresses() {
    check_all(&[
        "Bor på {Storgatan 4, Berlin} sedan maj",
        "Skicka till {Ekhaga 17, 12345 Abbekås}.",
        "flyttat till {Kungsgatan 9, Los Angeles}",
        "Adresse: {Lindevej 9, New York}",
        "Anna Ek\n{4913 Horslunde}",
        "sålde 4500 Berlin-biljetter och 3200 London-resor",
        "omkring 5000 Finlandssvenskar, ca 1200 Europa",
        "vid {Storgatan 4}, Anna kommer",
    ]);
}

#[test]
fn danish_addresses() {
    check_all(&[
        "Pakken skal til {Nørre Voldgade 22, 3. th, 1358 København K}, tak.",
        "Bor {Gl. Kongevej 101, st. tv., 1850 Frederiksberg C}",
        "kør til {søndergade 4} i morgen",
        "{H.C. Andersens Boulevard 12, 1553 København V}",
        "{Kirkestræde 6 A, 1. sal, 4600 Køge}",
        "{Vestervang 33, 2. tv, 8000 Aarhus C}.",
        "{Rosenvænget 7, Nr. Bjert, 6000 Kolding}",
        "Adr.: {Søndre Allé 5, 4., 9000 Aalborg}",
        "Lægen bor på {Elmehøjen 14, 5270 Odense N}",
        "{Sankt Pauls Plads 3, kld., 1313 København}",
        "{c/o Hansen, Amagerbrogade 200, 4. mf., 2300 København S}",
        "{Postboks 44, 4000 Roskilde}",
        "Lone, {4760 Vordingborg}",
        "sendes DK-post til {Lindevej 9, DK-5000 Odense C}",
    ]);
}

#[test]
fn norwegian_addresses() {
    check_all(&[
        "Levering til {Skogveien 8B, 1406 Ski} innen fredag",
        "Bor i {Øvre Bakkegate 3, H0201, 4608 Kristiansand S}",
        "{Bjørkelia 4, 7089 Heimdal}",
        "{Furulia 22 A} er solgt",
        "pasienten i {tverrgata 3} ringte",
        "{Torget 5, 4. etg, 6413 Molde}",
        "{Myrabakken 15, leil. 12, 6390 Vestnes}",
        "{Kirkegt. 5, 0153 Oslo}",
        "{Drammensvn 120, 0273 Oslo}",
        "{Solhaugen 11, 5019 Bergen, Norge}",
        "{Gamle Drammensvei 140, 1363 Høvik}",
        "{Storgata 3, 8624 Mo i Rana}",
        "{Christian Michelsens gate 7} er stengt",
        "{Postboks 1200 Sentrum, 0107 Oslo}",
    ]);
}

#[test]
fn finnish_and_icelandic_addresses() {
    check_all(&[
        "Osoite: {Mannerheimintie 204 A 3, 00270 Helsinki}",
        "asun {Koulukadulla 7 B 12}",
        "{KOULUKATU 7 B 12, 70110 KUOPIO}",
        "{Pispalan valtatie 30 as 4, 33250 Tampere}",
        "{Läntinen Pitkäkatu 21 D 55, Turku}, 3 hlö",
        "Toimitus {koivukuja 5} huomenna",
        "{Rantatie 18, FI-41800 Korpilahti}.",
        "{Strandgatan 9 bst 2, 10600 Ekenäs}",
        "{Kauppatori 2, 33100 Tampere, Suomi}",
        "{PL 123, 00101 Helsinki}",
        "Heimili: {Víðihvammur 17, 200 Kópavogur}.",
        "Sent á {Laugavegi 40, 101 Reykjavík}",
        "býr á {Njálsgötu 12, 3. hæð}",
        "{Hafnarstræti 99, íbúð 302, 600 Akureyri}",
        "{Pósthólf 8200, 128 Reykjavík}",
        "Jóna, {270 Mosfellsbær}",
    ]);
}

#[test]
fn english_addresses() {
    check_all(&[
        "Deliver to {Flat 3, 12 Rose Lane, London SW1A 1AA} please",
        "I live at {221B Baker Street}, come by",
        "{14 Alder Close, Reading RG2 7QX}.",
        "Ship to {1600 Elm Avenue, Springfield, IL 62704}.",
        "{Unit 5, 88 Station Road, Leeds}",
        "{7 St. Mary's Road}",
    ]);
}

#[test]
fn what_is_no_address() {
    check_all(&[
        "Vi gick vägen 12 mil och gatan 3 ggr",
        "plan 2, rum 12, avd 34, kapitel 3, § 12",
        "torget 2024 och Torget 2024",
        "Hon väntade i 3 veckor, E18 var stängd",
        "Lund 3-0, Solbakken 3-1 Bryne, Borgen 2, Parken 12",
        "vej 5 km, ved gaten kl 12, på Storgatan kl 14",
        "Motorvägen 12 stängd, Riksvei 7, valtatie 4, Þjóðvegur 1",
        "Emilia 12 år, Kalle 3 veckor, Julia 5 år",
        "Leveringen 3 stk, Faktureringen 12, handlingsplan 2, Tidplan 2024",
        "Order 12345 Stockholm, faktura 2100",
        "Storgatans Bygg AB 556016-0680, Kungsgatans Kiosk 3 st",
        "1 234 567,50 kr, 100 00 SEK, 250 00 Kr",
        "Den 12 Mars, 5 January, 3 Maj, sommeren 2024 Oslo",
        "Traktori 5, moottori 3 kpl, Reaktori 12",
        "Gate 12, terminal 5, Spor 3, platform 4",
        "ring 031-390 06 00 Anna, tel 12 34 56 78 Ole",
        "Göteborg. 12 personer kom. Malmö. 3 bilar.",
        "3 Green Park Hotels, 5 Main Course, 4 Way Split, 10 Hill Walkers",
        "Brigade 3, Regata 5, Watergate 2",
        "Huset kostade 3 500 000 Kronor, 12 000 Euro",
        "Avsnitt 3, Säsong 2, Version 12, Windows 11 Pro",
        "EAN 7310865004703, kolli 12 av 34, artikel 1203 Blå",
        "Allé 3, fru Allé 12 år",
        "Storgatan 12 mil bort, Kungsvägen 3 km",
        "den 12. maj 2024, kl. 14.30, uke 12",
        "ISO 9001 Certifiering, SS 3000 Stol, 2024 Stockholm",
        "Box 3 är full, Pall 12, Hylla 34",
        "hans väg 12, samma gata 3 gånger",
        "Vinsten blev 4500 Kroner, i alt 1250 Deltagere",
        "Borås 12 grader, Ystad 3 timmar, Oslo 2 dager",
        "5 Street food, 2 lane road, 12 main street shops",
    ]);
}

#[test]
fn addresses_as_they_are_typed() {
    check_all(&[
        "Utkörning till Lillemor, {Prästgårdsgatan 7A}, kod 4455",
        "Hon flyttade till {Sveavägen 112 , 113 50 Stockholm} i fjol",
        "{Nygatan 3, 3 tr, 582 19 Linköping} eller {Ängsvägen 2}?",
        "jag bor på {björkvägen 12 b} i stan",
        "FAKTURAADRESS {HANTVERKARGATAN 5, 112 21 STOCKHOLM}",
        "Fastigheten {Lövängsvägen 22, 141 37 Huddinge} såldes 2023",
        "{Östra Hamngatan 16\n411 09 Göteborg}",
        "Hämtning: {Kyrkbacken 3, 891 60 Örnsköldsvik}, ring först",
        "{Torggatan 8} kl 10",
        "{Rådhusgade 4, 2. sal, 8900 Randers C}",
        "Vi ses på {Åboulevarden 23, 8000 Aarhus C} kl. 9",
        "mor bor {Birkevej 7, 3460 Birkerød}",
        "{Skovbrynet 12, 2800 Kongens Lyngby}",
        "Han er flyttet til {Bygdøy allé 23, 0262 Oslo}",
        "{Nedre Tun 6, 6856 Sogndal}",
        "sendt til {Ved Bommen 14, 2820 Gentofte}",
        "bur på {Fjøravegen 112}",
        "{Åsveien 4, 3475 Sætre}",
        "{Aleksanterinkatu 15 B 22, 00100 Helsinki}",
        "muutin osoitteesta {Kivitie 3 C 12, 01300 Vantaa} syyskuussa",
        "{Hämeenkatu 9, 20500 Turku}",
        "{Suðurlandsbraut 22, 108 Reykjavík}",
        "{Hverfisgata 101, 101 Reykjavík}",
        "{Álfheimar 20, 2. hæð} við hornið",
        "Please post it to {45 Station Road, Cambridge CB1 2JD}",
        "{10 Downing Street, London SW1A 2AA}",
    ]);
}

#[test]
fn more_of_what_is_no_address() {
    check_all(&[
        "Rapport Vägen 2030, Stationen 3, Sjukhuset 5",
        "Vi bygger 12 Row houses, 3 Way Split, 4 Park Assist",
        "SM-finalen i Ullevi slutade Sverige 3-1",
        "Faktura 1234, 5000 Kr",
        "Avdelning 12, 123 45 St",
        "Artikel 4500 Oslo sofa",
        "Sommeren 2023 Bergen festival",
        "Tel. 22 33 44 55 Oslo",
        "EU-forordning 2016/679 Bryssel",
        "Kvarteret Björken 3",
        "Lilla Edet 3 mil, Stora Torget är stängt",
        "leden 5 km, backen 3 ggr, plan 4",
        "Projektet Parkvägen startar 2025",
        "Kirkegata stengt 12. mai",
        "vegen 3 mil, gata 5 meter",
        "Mannerheimintie suljettu klo 12",
        "Kirkko 3, talo 5, huone 12",
        "vol 12, No 3, pp 45 Review",
        "7310 Produkter, 2500 Artiklar på lager",
    ]);
}

/// Pieces of addresses, whole and broken, and what may stand around them.
const FRAGMENTS: [&str; 64] = [
    "Storgatan",
    "storgatan",
    "Solbakken",
    "Karl Johans gate",
    "Box",
    "Anna",
    "gatan",
    "Ved",
    "12",
    "12B",
    "3",
    "1102",
    "2024",
    "123 45",
    "12345",
    "2100",
    "101",
    "SE-",
    "DK-",
    "Stockholm",
    "Exempelstad",
    "København Ø",
    "Reykjavík",
    "Helsinki",
    "c/o Lind",
    "lgh",
    "2 tr",
    "1. sal tv",
    "H0201",
    "as",
    "A",
    "b",
    "High Street",
    "Flat",
    "RG2 7QX",
    "Reading",
    "mil",
    "kr",
    "personer",
    "maj",
    "-",
    "-14",
    ", ",
    ",",
    ".",
    " ",
    " ",
    " ",
    " ",
    "\n",
    "(",
    ")",
    "/",
    "@",
    "[address]",
    "[phone]",
    "070-174 06 05",
    "190101-2391",
    "kim@example.org",
    "order ",
    "faktura ",
    "Sverige",
    "Nr.",
    "Sct.",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(20_000) })]

    #[test]
    fn a_scrubbed_text_holds_no_address(pieces in prop::collection::vec((prop::sample::select(FRAGMENTS.to_vec()), any::<bool>()), 0..14)) {
        let text: String = pieces.iter().map(|(piece, blank)| format!("{piece}{}", if *blank { " " } else { "" })).collect();
        let scanner = crate::detect::examples::scanner(&Country::ALL);
        let scrubbed = scrub(&text, &scanner.scan(&text)).into_owned();
        let left = scanner.scan(&scrubbed);
        prop_assert!(left.is_empty(), "{text:?} -> {scrubbed:?}: {left:?}");
    }
}

#[test]
fn a_megabyte_of_streets_is_read_in_linear_time() {
    let scanner = crate::detect::examples::scanner(&Country::ALL);
    for unit in [
        "Storgatan 12, ",
        "c/o ",
        "A 1 ",
        "Karl Johans gate 3 ",
        "12, ",
        "Ny ",
        "1. sal tv 2 ",
        "12 High ",
        "S:t ",
        "123 45 Ny ",
        "Storgatan 1 A, 1 tr, 2 tr, ",
    ] {
        let text = unit.repeat((1 << 20) / unit.len());
        scanner.scan(&text);
    }
    let streets = "Storgatan 12\n".repeat(1000);
    assert_eq!(scanner.scan(&streets).len(), 1000);
}
