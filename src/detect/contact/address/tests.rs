use proptest::prelude::*;

use crate::detect::{Country, Kind, Kinds, examples, scrub};

#[test]
fn a_district_before_a_place_belongs_to_it() {
    for (before, after) in [
        ("Bud til Bispebjerg Bakke 29 D, 2400 K\u{f8}benhavn NV", "Bud til [address]"),
        ("Till Hablingbo Nisse 410, 623 42 Havdhem", "Till [address]"),
        ("Kund Solvik 4, 740 10 Almunge", "Kund [address]"),
    ] {
        let findings = crate::detect::examples::scanner(&Country::ALL).scan(before);
        assert_eq!(crate::detect::scrub(before, &findings), after, "{before}");
    }
}

#[test]
fn documented_examples_hold() {
    assert_eq!(examples::check(include_str!("mod.rs"), &Country::ALL), 24);
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
        "Hämtas på {Industrigatan 12-14, port 3} runt hörnet",
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
fn places_staircases_and_estates() {
    check_all(&[
        "bor på {ekbacken 4} i Vara",
        "Står på {Fossumbråtan 2} til søndag.",
        "hjem til bestefar i {Lillehagan 4c}.",
        "modell Quantro 18 c 24, på Excelarket 4 b och, i Sammanträdesrum 3 i Uppsala",
        "vi ses {väderkvarnstäppan 5 uppg d} ok",
        "asun itse {Kalastajanmäki 4 A:ssa}.",
        "asuu {Topeliuksenk 3b20}, summeri rikki",
        "opiskelijakylässä, {yo-kylä 18 c 24}, tule",
        "mökille {Hiekkaniementie 66:een Kuhmoisiin}.",
        "Osoite: {Kuuselanpuisto 3, 04230\nKerava}",
        "fluttur í mosó, {bjargartanga 4} held ég",
        "Heimili hans: {Vallargerði 4b n.h., 600}.",
        "frá {Hvassaleiti 56 (anddyri B)} kl 04:30",
        "adr er {storgt 14b, inngang bak}",
        "Vi holder til i {Grønnegata 11, inng. Kirkegata}.",
        "adresse er altså {Olav Trygvasons gt 24 B, leil H0501}, ikke 42",
        "Bor i {Trondheimsvn. 22 H0304, 0560 Oslo}",
        "nøglen til {Valby Langg. 51 kl}.?",
        "stop 2: {ALGADE 88 ST.TV} OK",
        "{Smedebakken 1, 1., Tikøb}",
        "bor {Elmegårdsparken 14 st th, 8963 Auning}.",
        "det er nr {amagerbrog. 202 4 tv}, elevatoren",
        "{Gjellerupparken, Dortesvej 31, 4.tv}",
        "{Gården Bakken, Bakkevegen 212, 2635 Tretten}.",
        "{Gaarden »Fredenslund«, Nr. Nebel Landevej 418, 6830 Nørre Nebel}",
        "Adresse: {Carl Th. Dreyers Vej 118, 4. sal, dør 2}.",
        "Rekning sendast {Fitje, 6829 Hyen}, og",
        "{Råbyvägen 19 C:1104, 224 57 Lund}",
        "boende på {Sankt Persgatan 118 A, 1204}, företräds",
        "nås på {Calle del Mar 22, 3ºB, 03581 Albir}.",
        "{Lindenallee 14, 20259 Hamburg, Tyskland}.",
        "Klass 7C:llä, manteliallergia 7C:llä, ruta 4 b 3",
        "Bolungarvík 8. ágúst, i Bolungarvík 8. ágúst",
        "Byplanvedtægt nr. 14, delområde B",
        "på gæsteplads 14. Ejer",
        "Golfbil 2 st. Lunch, vi holder arbejdsdag. 3. Torben",
        "Berg 4, Lund 7, Windows 11 i Stockholm",
        "vestvika 3 timer, på vestvika 3 timer",
        "VIKA 22\nDettifoss",
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

#[test]
fn units_stand_between_the_house_and_the_postcode() {
    check_all(&[
        "Lämnas {Industrigatan 2-4, port 7, 826 40 Söderhamn}.",
        "Garage {Kvarngatan 8 plats 44, 582 23 Linköping}",
        "Hos {Nørregade 31, baghuset, 1165 København K}",
        "{Istedgade 75 bagh. 1., 1650 Kbh. V}",
        "Lager: {Vestergade 9, kælderlokale 4, 8000 Aarhus C}",
        "Sykebil til {Parkveien 18 u.etg., 8514 Narvik}.",
        "{Storgata 7, 6. et., 9008 Tromsø}",
        "sendes {Kongens gate 9, loftet}.",
        "Hann býr á {Öldugötu 21 e.h., 101 Reykjavík}",
        "{Hringbraut 14, kj., ÍS-107 Reykjavík}",
        "{Heiðarbraut 5 neðri, 230 Reykjanesbæ}",
        "{Furugrund 70, íb 3C}, dyrasími",
        "{Løkkeveien 103 (inng. bak), 4007 Stavanger}",
        "{Kuusamontie 3388 (vihreä talo), 93140 Kiiminki}",
        "{Aleksanterinkatu 4, liiketila 2, 15110 Lahti}",
        "{Ratakatu 9 A 11, 4. kerr}., avain",
        "{Koulukatu 3 A-siipi 2. krs, 20100 Turku}",
        "{Kuntokatu 44 talo 3 as 12, 33520 Tampere}",
        "{Storgaten 44 b-c, 3126 TØNSBERG}.",
        "{Keskustori 7, porttikongista sisään, 33200 TRE}",
        "{Øster Farimagsgade 5, opg. B, 2. sal, lokale 14, 1353 København K}",
        "{Hjallabraut 33, 220 Hafnarfjörður, íbúð 405}",
        "{Vestergade 12 \u{b7} 2. sal \u{b7} 5000 Odense C}",
        // A sentence, another address, another matter.
        "Anna Ek\n{Sveavägen 12\n1 tr\n111 57 Stockholm}",
        "{Storgata 12 (inng. bak)}, ring",
        "{Storgatan 4}. Ring {903 37 Umeå}",
        "från {Storgatan 4} till {903 37 Umeå}",
        "{Storgatan 4}, ring 070-174 06 05",
    ]);
}

#[test]
fn finnish_numbers_and_towns_have_cases() {
    check_all(&[
        "Nähdään {Fredrikinkadulla 33:ssa} kello 18",
        "Kirjat {Pasilankatu 2:een} huomenna",
        "{Helsinginkatu 14:n} alaovella",
        "asentaja kävi {Kaarelankuja 3 K:ssa} eilen",
        "Veeti, 16 v., {Sorsakuja 1:stä Salosta}. Tavoitettavissa",
        "kirjastolla {Vesijärvenkatu 34:ssä Lahdessa}.",
        "{Asema-aukio 1:ssä Kouvolassa}, käynti pihalta",
        "kello 12:een, klo 14:n juna, 2:ssa tapauksessa",
    ]);
}

#[test]
fn towns_stand_behind_prepositions() {
    check_all(&[
        "við {Austurveg 22 á Selfossi}, segir",
        "a fire at {Vestre Strandgate 44 in Kristiansand}.",
        "vi ses på {storgatan 12 i lund}",
        "kafé på {Skólavörðustíg 4 í Reykjavík}",
        "Ved {Skólavörðustíg 4 í Reykjavík} åpnet kafé",
        "bor {Storgatan 4} i huset med tegeltak",
    ]);
}

#[test]
fn words_before_belong_to_the_street() {
    check_all(&[
        "Bor alene, {Øvre Møllenberg gate 47, 7014 Trondheim}.",
        "kvitteras, {Ö. Promenaden 9A, 602 28 Nkpg}.",
        "{V. Søgade 102 st. th}.",
        "flytter til {Kongens Nytorv 31, bagbygningen}, oplyser",
        "{Kalvebod Brygge 59, 3. sal, DK-1560 København V}",
        "{Gl. Køge Landevej 312 A}. Kig forbi",
        "i {Kong Georgs Vej 8}.",
        "{Christian X's Vej 118, 1. sal th.\n8260 Viby J}",
        "{Vänr. Stoolin katu 4 A 11}.",
        "osoite {Juvan teollisuuskatu 23}",
        "{Drottning Kristinas v. 2}",
        "kafé i {Kong Oscars gt. 31/33}.",
        "{Fr. Langes gt. 20}",
        "{Gröna Gången 2, Malmö}",
        "{Niels Finsens gøta 21, FO-100 Tórshavn}",
        "afhentning {10. Februar Vej 11, 6100 Haderslev}",
        "til {7. juni-gata 18}",
        "{3. linja 14 A 22}, naapuri",
        "{Kattvikens byaväg 22, 269 91 Båstad}",
        "post: {Den Lille Vej 2, Sønder Bjerge, 4230 Skælskør}.",
        "{Gamla Landsvägen 1041-3, Veberöd}. SMS",
        "i {Erik Dahlbergsgatan 42, 1tr, Gbg}; Erik {Storgatan 4}",
        "vid {Ö Kyrkogatan 14, Umeå}; i København N {Nørregade 3}",
        "Hämtas {Storgatan 4} och lämnas {Kungsgatan 9}; Hentes {Torvgade 3}; Lars {Storgatan 12}",
        "Lärare till Fritids v. 8, Påskens v. 14",
        "Vuoronvaihto klo 22. Linja 2 seis",
    ]);
}

#[test]
fn places_and_farms_stand_before_streets() {
    check_all(&[
        "Besøg: {2650 Hvidovre, Gl. Køge Landevej 312 A}.",
        "kort: Mari-Ann Sletten, {7374 Røros, Flanderborggata 9, loftet}.",
        "siskolla, {Tampere, Satakunnankatu 22 B 30}, soita",
        "nyk. osoite {Tampereella, Pispalan valtatie 41 B 2}, työ",
        "ejer, {Torpegård, Assensvej 402, 5642 Millinge}.",
        "Sendist á {Hvammur, 851 Hella}.",
        "tai kotiin {Metsäkulma, 07900 Loviisa}.",
        "{PB 118 / PL 118, 10901 Hanko}",
        "{PL 45 / PB 45, 67101 KOKKOLA / KARLEBY}",
        "til Sagbruk, {pb. 14, 6891 Vik i Sogn}.",
        "{Storgatan 4, 903 37 Umeå}, {Nygatan 5, Umeå}",
        "Anna, {411 05 Göteborg}",
    ]);
}

#[test]
fn streets_are_shortened() {
    check_all(&[
        "enl. grannen {Storg. 4 B, 2 tr, 582 23 Linköping}.",
        "{Koskik. 11, Oulu}",
        "{Kirkkok.8C}",
        "Os. {Koivuk. 7 B 14, 15110 Lahti}.",
        "eller {skipperg. 14}?",
        "{Tredje Långg. 13 C, 413 03 Gbg}",
        "luovutettu: {Siltasaarenk. 18-20 C 81}. Uusi",
        "{Kyläsaarenk. 8 E 51, 00580 Helsinki 58}, puh.",
        "flyttat, nu {Ö:a Ringv. 33}!",
        "{Doktor Belfrages g. 41, 413 24 Gbg}",
        "{Miklubraut 64 (bakhús), 105 R}. að",
    ]);
}

#[test]
fn streets_without_an_ending_are_told_by_what_stands_around() {
    check_all(&[
        "Mor bur i {Geilane 7}, far i {Prestegardsskogen 33 A}.",
        "Lejemål: {Ved Kirken 3}.",
        "kaldt til {Krogen 9, V. Hassing}.",
        "að {Melhaga 7, ris}. Píanó",
        "Adrian Moe;91 33 70 24;{Lillevollen 6}\nFatima;45 07 18 39;{Bjerkelia 20 B}",
        "Fest på {Pilene 4 Ganløse}.",
        "ligger i {Haugan 16 sokkel, 7650 Verdal}",
        "Kjør til {Kaien 8, Florø} laurdag",
        "på {Bjerget 19} i Lild kl. 04.10",
        "Kapitel 4, plan 2; Windows 11, Office 365; Version 12 B",
        "Tengiliðalisti 10. SÓ; Vaktalisti 11",
        "Kommer till Kanal 5, Kalle 4, Grupp 7",
        "Bryne 3, Viking 2; Forshaga 41, Köping 39",
        "Campingplads 118 (80 m2), 2 voksne",
        "ved Tyinholmen 20.-21. juni; flutt til Víkur 1895",
        "Kong Harald-kaia 88 000; Bekkjarlisti 3; Formula 1",
        "Mødelokale 4, 2. sal, port 3; Deild 12, herbergi 4; Figur 12 B",
        "Bilaga 3, Stockholm den 4 maj; Etapp 3, Uppsala; Hus 4, Trondheim",
    ]);
}

#[test]
fn towns_may_be_unknown() {
    check_all(&[
        "ladet på {Ishavsveien 1182, Tovik}: 41,8 kWh",
        "hos Nordlöf, {Backvägen 41, Vallvik} (gula huset).",
        "købmanden på {Havnegade 2, Endelave}. Han",
        "{Koskikatu 25, 96200};016",
        "{Nordre Fasanvej 57, opgang 3, 2000 F}. Motor 3, 1200 V, 400 W",
        "{Storgatan 4}, Anna. {Kungsgatan 9}, Ring!",
        "{Storgatan 4}, Faktura: 12",
    ]);
}

#[test]
fn lower_case_is_enough() {
    check_all(&[
        "nouto {mannerheimintie 88 c 41, hki}, ovikoodi",
        "bor på {toften 19, ørum}.",
        "fyrir utan {hraunbæ 102 e} og enginn",
        "{servin maijan tie 10c42, espoo}",
        "ny adress {björkhagsplan 5, lgh 1102, johanneshov}",
        "stugan: {åsen 12, särna} (röd)",
        "se haven 12, parken 3 og marken 5",
        "köpte plan 5, malmö",
    ]);
}

/// Pieces of addresses, whole and broken, and what may stand around them.
const FRAGMENTS: [&str; 72] = [
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
    ":ssa",
    "Salossa",
    "Kaien",
    "bor i",
    "ris",
    " i ",
    "(inng. bak)",
    "Torpegård, ",
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
        "PB 1 / PL 1, ",
        "Anna 1 (inng. ",
        "Lund, Storgatan 4, ",
        "servin maijan tie 1:ssa Salossa ",
        "2. h. t.v, as 1, ",
    ] {
        let text = unit.repeat((1 << 20) / unit.len());
        scanner.scan(&text);
    }
    let streets = "Storgatan 12\n".repeat(1000);
    assert_eq!(scanner.scan(&streets).len(), 1000);
}
