//! Tests of telephone numbers.

use super::*;
use crate::detect::examples;

fn found<'t>(countries: &[Country], text: &'t str) -> Vec<&'t str> {
    crate::detect::examples::scanner(countries)
        .scan(text)
        .iter()
        .filter(|finding| finding.kind == Kind::Phone)
        .map(|finding| &text[finding.start..finding.end])
        .collect()
}

fn check(countries: &[Country], text: &str) {
    assert_eq!(found(countries, text), [text], "{text}");
}

fn check_none(text: &str) {
    assert_eq!(found(&Country::ALL, text), [""; 0], "{text}");
}

#[test]
fn documented_examples_hold() {
    assert_eq!(examples::check(include_str!("mod.rs"), &Country::ALL), 27);
}

#[test]
fn swedish_spellings() {
    for text in [
        "070-1740605",
        "070-174 06 05",
        "070 174 06 05",
        "0701-74 06 05",
        "0701740605",
        "070/174 06 05",
        "070 1740605",
        "08-46500400",
        "08-465 004 00",
        "08-465 00 400",
        "08/46500400",
        "031-390 06 00",
        "031 390 06 00",
        "(031) 390 06 00",
        "(08)46500400",
        "070\u{a0}174\u{a0}06\u{a0}05",
        "070\u{2011}174 06 05",
    ] {
        check(&[Country::SE], text);
    }
}

#[test]
fn every_number_of_the_fiction_ranges_is_found() {
    for last in 605..=699 {
        check(&[Country::SE], &format!("070-1740{last}"));
        check(&[], &format!("+46701740{last}"));
    }
    for last in 600..=699 {
        check(&[Country::SE], &format!("031-3900{last}"));
    }
    for last in 400..=499 {
        check(&[Country::SE], &format!("08-46500{last}"));
    }
}

#[test]
fn international_spellings_need_no_country() {
    for text in [
        "+46 70 174 06 05",
        "+46701740605",
        "+46 (0)70-174 06 05",
        "(+46) 70 174 06 05",
        "+46-70-1740605",
        "0046 70 174 06 05",
        "0046701740605",
        "+46 8 465 004 00",
        "+45 12 34 56 78",
        "+4512345678",
        "0045 12345678",
        "+47 123 45 678",
        "+47 12345678",
        "+358 40 000 0000",
        "+358 (0)40 0000000",
        "+44 7700 900123",
        "+1 202-555-0123",
    ] {
        check(&[], text);
    }
}

#[test]
fn danish_and_norwegian_numbers_need_a_word_or_their_grouping() {
    for country in [Country::DK, Country::NO] {
        for word in ["tlf", "Tlf.:", "tel", "Telefon:", "mobil", "Mob.nr.", "ring", "sms til"] {
            for number in ["12345678", "12 34 56 78", "1234 5678", "123 45 678"] {
                let text = format!("{word} {number}");
                assert_eq!(found(&[country], &text), [number], "{text}");
            }
        }
        assert!(found(&[country], "12345678").is_empty());
        assert!(found(&[country], "1234 5678").is_empty());
        check(&[country], "80 00 00 00");
    }
    check(&[Country::NO], "800 00 000");
    assert!(found(&[Country::DK], "800 00 000").is_empty());
    assert!(found(&[Country::SE], "80 00 00 00").is_empty());
}

#[test]
fn eight_digits_are_a_number_where_somebody_is_reached() {
    let countries = [Country::DK, Country::NO];
    for (text, number) in [
        ("kan du ringe Ola? han er på 93000001 nå", "93000001"),
        ("Hun træffes på 28000001.", "28000001"),
        ("fang mig på 28000001", "28000001"),
        ("Mvh\nKari Nordmann\n93000001", "93000001"),
        ("Med venlig hilsen\nMette Sørensen\n28000001\n", "28000001"),
        ("Kari Hansen | 93000001 | Bergen", "93000001"),
        ("Kontakt er Lars Hansen, 28000001.", "28000001"),
        ("tlf pårørende 412 00 000", "412 00 000"),
        ("ring til Lone i butikken i Skive, 98000001", "98000001"),
    ] {
        assert_eq!(found(&countries, text), [number], "{text}");
    }
    for text in [
        "beløb på 93000001",
        "faktura på 93000001 er betalt",
        "budsjettet er på 45000000",
        "ordre fra Kari Nordmann, 93000001 stk",
        "Varer er på 93000001 og 93000002, ordre følger",
        "Lager\n93000001\n93000002",
        "Serienummer på maskinen\n93000001",
        "Bilag Nordmann 93000001",
        "Stein 93000001",
        "kunde 93000001",
        "CVR Hansen 93000001",
        "faktura Kari er på 93000001",
        "faktura [name] er på 93000001",
        "Artikel 93000001, rabat på 93000001",
        "måler 93000001",
    ] {
        assert!(found(&countries, text).is_empty(), "{text}: {:?}", found(&countries, text));
    }
    assert_eq!(found(&Country::ALL, "sendu mér línu í 8000001"), ["8000001"]);
    assert_eq!(found(&Country::ALL, "Hringja eftir hádegi í 800-0001."), ["800-0001"]);
    assert!(found(&Country::ALL, "seldist í 8000001 eintökum").is_empty());
}

#[test]
fn british_numbers_are_read_without_their_country() {
    for text in ["his cell is 07700 900461", "call 020 7946 0018", "mobile 07700900461", "phone: 01632 960 001"] {
        let number = &text[text.find('0').unwrap()..];
        assert_eq!(found(&Country::ALL, text), [number], "{text}");
    }
    assert!(found(&[], "07700 900461").len() == 1 && found(&[], "07700900461").is_empty());
    assert!(found(&Country::ALL, "order 07700900461").is_empty());
}

#[test]
fn a_label_that_calls_itself_a_number_of_something_else_is_believed() {
    for text in ["Tarjousnro 050 1182 744", "Ordrenr. 070-174 06 05", "tilausnumero: 050 000 0000"] {
        assert!(found(&Country::ALL, text).is_empty(), "{text}");
    }
    assert_eq!(found(&Country::ALL, "order 070-174 06 05"), ["070-174 06 05"]);
}

#[test]
fn finnish_spellings() {
    for text in ["040 000 0000", "040-0000000", "0400000000", "050 00 00 000", "0800 00 000"] {
        check(&[Country::FI], text);
    }
    assert_eq!(found(&[Country::FI], "puh. 09 000 0000"), ["09 000 0000"]);
}

#[test]
fn several_numbers_stay_apart() {
    let both = ["070-174 06 05", "08-465 004 00"];
    for between in [" ", ",", ", ", "/", " / ", " eller ", "\n"] {
        let text = format!("{}{between}{}", both[0], both[1]);
        assert_eq!(found(&[Country::SE], &text), both, "{text}");
    }
}

#[test]
fn dates_and_times_are_left() {
    for text in [
        "2024-01-15",
        "20240115",
        "15.01.2024",
        "2024-01-15T10:20:30.123+01:00",
        "2024-01-15 10:20:30",
        "20240115T102030",
        "15-01-2024",
        "08-12-2024",
        "08 12 2024",
        "09-12-2024 kl 10",
        "2024/01/15",
        "ring 3 dage efter 20240115",
        "0812-2024",
    ] {
        check_none(text);
    }
}

#[test]
fn amounts_orders_and_references_are_left() {
    for text in [
        "1 234 567,89 kr",
        "12.345.678,00",
        "SEK 12 345 678",
        "12345678:-",
        "-12345678",
        "20 30 40 50 kr",
        "order 12345678",
        "Ordrenr. 12345678",
        "fakturanr 0317401234",
        "OCR 0701740605",
        "OCR: 0312345678",
        "KID 12345678",
        "ref 0123-456789",
        "EAN 7310865004703",
        "7310865004703",
        "5701234567899",
        "Kundnummer 0701740605",
        "CVR 12 34 56 78",
        "CVR-nr. 12345678",
        "DK12345678",
        "Bankgiro 123-4567",
        "pg 12 34 56-7",
        "konto 1234 5678",
        "+100 000 000 kr",
        "#0701740605",
    ] {
        check_none(text);
    }
}

#[test]
fn accounts_addresses_and_versions_are_left() {
    for text in [
        "SE45 5000 0000 0583 9825 7466",
        "DK50 0040 0440 1162 43",
        "NO93 8601 1117 947",
        "192.168.100.200",
        "12.34.56.78",
        "v1.0701740605",
        "10.0.0701740605",
        "2001:db8::1",
        "1.2.3-0701740605",
        "550e8400-e29b-41d4-a716-446655440000",
        "4111 1111 1111 1111",
    ] {
        check_none(text);
    }
}

#[test]
fn quantities_in_a_row_are_left() {
    for text in ["20 30 40 50 60", "10 20 30 40", "08 12 24 36", "1 2 3 4 5 6 7 8", "00 00 00 00"] {
        check_none(text);
    }
}

#[test]
fn every_usual_way_of_writing_is_found() {
    for text in [
        "070-174 06 05",
        "070 1740605",
        "070.174.06.05",
        "070-17 40 605",
        "070 - 174 06 05",
        "(070) 174 06 05",
        "07017-40605",
        "(08) 465 004 00",
        "08 465 004 00",
        "0980-319 200",
        "0980-31 92 00",
        "0980 319 200",
        "+46-70-174 06 05",
        "+46(0)70-174 06 05",
        "+46 (0) 70-174 06 05",
        "+(46) 70 174 06 05",
        "(+46)701740605",
        "+46.70.174.06.05",
        "0046-70-1740605",
        "00 46 70 174 06 05",
        "+46 980 319 200",
    ] {
        check(&[Country::SE], text);
        check(&Country::ALL, text);
    }
    for text in [
        "040 123 4567",
        "0400-123456",
        "0400 123 456",
        "040-123 4567",
        "040-12 34 567",
        "044 012 3456",
        "0401234567",
        "+358 40 123 4567",
        "+358-40-1234567",
        "+358 (0)40 123 4567",
        "09 1234 5678",
        "(09) 1234 5678",
        "(09) 123 456",
        "09-12345678",
        "013 123 456",
        "020 123 4567",
    ] {
        check(&[Country::FI], text);
        check(&Country::ALL, text);
    }
    for text in ["22 33 44 55", "912 34 567", "+47 22 33 44 55", "+4791234567", "(+47) 912 34 567", "0047 912 34 567", "+47-912-34-567"] {
        check(&[Country::NO], text);
        check(&Country::ALL, text);
    }
    for text in ["+45 22 33 44 55", "(+45)22334455", "+45-22334455", "+45 2233 4455", "0045 22 33 44 55", "+45.22.33.44.55", "22 33 44 55"]
    {
        check(&[Country::DK], text);
        check(&Country::ALL, text);
    }
    for text in ["+354 555 1234", "+3545551234", "(+354) 555-1234", "00354 555 1234"] {
        check(&[Country::IS], text);
        check(&Country::ALL, text);
    }
    for text in ["555 1234", "555-1234"] {
        check(&[Country::IS], text);
        assert!(found(&Country::ALL, text).is_empty());
    }
    for text in [
        "+44 (0)7700 900123",
        "+1 (202) 555-0123",
        "+49 30 23125 000",
        "+48 123 456 789",
        "+372 5123 4567",
        "+33 6 12 34 56 78",
        "+90 532 123 45 67",
    ] {
        check(&[], text);
    }
}

#[test]
fn words_of_every_language_make_a_number_of_bare_digits() {
    for (country, number) in [
        (Country::DK, "22334455"),
        (Country::NO, "91234567"),
        (Country::IS, "5551234"),
        (Country::SE, "0313900600"),
        (Country::FI, "091234567"),
    ] {
        for word in [
            "tel:",
            "Tel. ",
            "tel ",
            "T: ",
            "M:",
            "Mob.",
            "mob ",
            "Tlf:",
            "tlf. nr. ",
            "p. ",
            "puh. ",
            "Puh:",
            "s. ",
            "Sími ",
            "sími: ",
            "GSM ",
            "gsm:",
            "Phone: ",
            "call ",
            "Call me on ",
            "ring ",
            "Ring til mig på ",
            "kontakta mig på ",
            "nås på ",
            "treffes på ",
            "hringdu í ",
            "soita ",
            "tavoittaa numerosta ",
            "mobilnummer er ",
            "Telefonnummeret hans er ",
            "puhelinnumero on ",
            "sms til ",
            "(tlf ",
            "mobil nr ",
            "swish ",
            "Vipps ",
            "Kontakt: ",
            "ringe meg på jobb på ",
            "símanúmer ",
        ] {
            for countries in [&[country][..], &Country::ALL] {
                let text = format!("Hej! {word}{number}");
                assert_eq!(found(countries, &text), [number], "{text}");
            }
        }
    }
}

#[test]
fn a_second_number_needs_no_word_of_its_own() {
    for joint in [" / ", "/", ", ", " eller ", " og ", " tai ", " eða ", "; ", ", eller "] {
        let text = format!("tlf. 22334455{joint}91234567");
        assert_eq!(found(&[Country::NO], &text), ["22334455", "91234567"], "{text}");
        let text = format!("ordre 22334455{joint}91234567");
        assert!(found(&[Country::NO], &text).is_empty(), "{text}");
    }
    assert_eq!(found(&[Country::DK], "tlf. 22334455, 2233 4455"), ["22334455"]);
}

#[test]
fn an_icelandic_text_speaks_for_icelandic_numbers() {
    assert_eq!(found(&Country::ALL, "Það er hægt að ná í mig, 555 1234"), ["555 1234"]);
    assert!(found(&Country::ALL, "Pallen är 555 1234").is_empty());
    assert!(found(&[Country::IS], "Það kostar 450 2024").is_empty());
}

#[test]
fn what_a_call_is_about_is_no_telephone() {
    for text in [
        "Kunden ringde om paket 22334455",
        "Ringte angående sak 22334455",
        "soitti koskien tilausta 22334455",
        "ring ang. dnr 2024/1234",
        "tlf. tid 1000-1630",
        "Ring 2024-2025",
        "tlf. 2024-01-15",
        "tlf: 15.01.2024 kl. 10",
        "ring og få 12 345 678 kr",
        "08-17",
        "Öppet 08-17, lör 10-14",
        "kl 08-12 13-17",
        "1000-2000",
        "1980-1985",
        "08-12-24 10 st",
        "123 45 Exempelstad",
        "20 30 40 50 kr",
        "20 30 40 50",
        "55.676098, 12.568337",
        "59.3293 18.0686",
        "+100 000 000",
        "+12 345 678",
        "556016-0680",
        "3-4567-8901",
        "800 1200 mm",
        "640 1200",
        "ABC-12345678",
        "0123-456789-01",
        "1234.56.78901",
    ] {
        check_none(text);
    }
}

fn check_found(text: &str, numbers: &[&str]) {
    assert_eq!(found(&Country::ALL, text), numbers, "{text}");
}

#[test]
fn any_grouping_is_found_beside_a_word() {
    for (text, number) in [
        ("ring på 9 3 0 0 0 0 0 1", "9 3 0 0 0 0 0 1"),
        ("sms til 9 3 0 0 - 0 0 0 1", "9 3 0 0 - 0 0 0 1"),
        ("Mobil 93·00·00·01.", "93·00·00·01"),
        ("tlf. 93/00/00/01", "93/00/00/01"),
        ("tlf 9300 00 01", "9300 00 01"),
        ("Tel. (0047) 93.00.00.01", "(0047) 93.00.00.01"),
        ("eier +45(0)28000001", "+45(0)28000001"),
        ("alternativt 00299 328814", "00299 328814"),
        ("mob [070] 174 06 21", "[070] 174 06 21"),
        ("070 / 174 06 47", "070 / 174 06 47"),
        ("Närstående: son ☎ (0)70 174 06 58", "(0)70 174 06 58"),
        ("nås på 0370 691 14 0", "0370 691 14 0"),
        ("telefonen 0490/ 3 17 28", "0490/ 3 17 28"),
        ("soita tuntia ennen 0400000 000", "0400000 000"),
        ("kotipuhelin 0 40 - 000 0000", "0 40 - 000 0000"),
        ("puh. k. 90-714 228", "90-714 228"),
        ("sími 8 000 001", "8 000 001"),
        ("hringdu 80 00 001", "80 00 001"),
        ("Hún er í síma 8-0-0 0-0-0-1 í dag", "8-0-0 0-0-0-1"),
        ("sími 96-25417", "96-25417"),
        ("svarar í (354) 800-0001", "(354) 800-0001"),
        ("Telf. (079) 5 13 82", "(079) 5 13 82"),
        ("Tel. +49 (0)461 / 50 28 71", "+49 (0)461 / 50 28 71"),
        ("MSISDN 46701740688", "46701740688"),
        ("ring inn 09:02 fra 4793000001", "4793000001"),
        ("maksun: 358 40 000 0000", "358 40 000 0000"),
    ] {
        check_found(text, &[number]);
    }
    for text in [
        "Ring 8-12 13-17",
        "Ring 8.30-16.30",
        "tlf.tid 10.00-12.30",
        "ring 5.12.2024",
        "ring 12 500 000",
        "Modem cell 40628-12",
        "Ring 3 ggr 10 20 30",
        "fra 47401882365 kr",
        "mätarställning 45 612 22",
    ] {
        check_none(text);
    }
}

#[test]
fn a_second_number_may_be_short() {
    check_found("0141-22 70 31/32", &["0141-22 70 31/32"]);
    check_found("soita 044 000 2201 / -2202", &["044 000 2201 / -2202"]);
    check_found("tlf. 93 00 00 01 / 02", &["93 00 00 01 / 02"]);
    check_found("0480-45 01 12, 45 01 13", &["0480-45 01 12", "45 01 13"]);
    check_found("puh (09) 000 0000 tai 123 4568", &["(09) 000 0000", "123 4568"]);
    check_found("Tlf. til ham 2800-0001, til hende 2800-0002", &["2800-0001", "2800-0002"]);
    // Behind a comma another beginning may be anything.
    check_found("0480-45 01 12, 12 01 13", &["0480-45 01 12"]);
    check_found("tlf. 93000001, ordre 93000002", &["93000001"]);
    check_found("tlf. 93000002/01", &["93000002"]);
}

#[test]
fn north_american_numbers_have_their_grouping() {
    for text in ["(212) 555-0147", "312.555.0188", "1-312-555-0190", "(212)555-0147"] {
        check(&[], text);
    }
    for text in ["Order 312-555-0190", "Art.nr 312-555-0190", "del nr 212-555-0147", "112-555-0147", "212-155-0147", "312-555-01901"] {
        check_none(text);
    }
}

#[test]
fn who_or_where_is_reached_leads_to_a_number() {
    for (text, number) in [
        ("Sonen: 9 30 00 001.", "9 30 00 001"),
        ("ellers på arbejdet 2800 00 01 lokal 12", "2800 00 01"),
        ("kontoret 28.00.00.01", "28.00.00.01"),
        ("søsters nr: 016-512 7 44", "016-512 7 44"),
        ("my boss Øystein 9 30 00 001.", "9 30 00 001"),
        ("3 6 0 0 - 0 0 0 1 er telefonen i butikken", "3 6 0 0 - 0 0 0 1"),
        ("Til leie. 8000001 e. kl. 18", "8000001"),
        ("93000001 (privat)", "93000001"),
        ("kunde: Ulla, 28 - 00 - 00 - 01.", "28 - 00 - 00 - 01"),
    ] {
        check_found(text, &[number]);
    }
    check_found("Navn;Mobil;Adresse\nA;93000001;B\nC;93000002;D", &["93000001", "93000002"]);
    check_found("Nafn\tSími\nA\t8000001\nB\t8000002", &["8000001", "8000002"]);
    for text in
        ["Navn;Ordre;Adresse\nA;93000001;B", "jobb 10-12 14-16", "mor er 45 år", "Kari Solberg 4-5 6-7 3-6 2-1", "Kim 4 5 3 3 4 4 5 4"]
    {
        check_none(text);
    }
}

#[test]
fn articles_and_orders_in_the_shape_of_a_telephone_are_left() {
    for text in [
        "Ordre 4500218-07: 24 stk 915 37 224 pakning, 12 stk 915 37 230 ring",
        "Varenr. 40 61 27 93 er udgået og erstattes af 40 61 28 10.",
        "bon 44 18 20 77",
        "Arbetsorder 031-39006",
        "Order 0701-7406-33",
        "Art. 08-465-004 utgår och ersätts av 08-465-005.",
        "msgid 0045-7714-0022 kø 3",
        "väärä 040-4418-22",
        "Pos. 24-88-10-36",
    ] {
        check_none(text);
    }
}

#[test]
fn four_pairs_with_dots_are_a_telephone_unless_a_network_is_spoken_of() {
    check_found("vagt-VVS (70.22.81.19) kommer", &["70.22.81.19"]);
    for text in ["server 61.40.88.25", "Accepted login from 61.40.88.25", "61.40.88.25:8080", "61.40.88.25 - - [10/Oct/2024]"] {
        check_none(text);
        let findings = crate::detect::examples::scanner(&Country::ALL).scan(text);
        assert!(findings.iter().any(|finding| finding.kind == Kind::IpAddress), "{text}");
    }
}

/// Pseudo-random numbers (Knuth's MMIX constants), the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// How many telephone numbers are found in texts that hold none.
fn count(texts: impl Iterator<Item = String>) -> (usize, usize, String) {
    let scanner = crate::detect::examples::scanner(&Country::ALL);
    let (mut total, mut wrong, mut example) = (0, 0, String::new());
    for text in texts {
        total += 1;
        if scanner.scan(&text).iter().any(|finding| finding.kind == Kind::Phone) {
            wrong += 1;
            example = text;
        }
    }
    (total, wrong, example)
}

#[test]
fn no_date_of_fifty_years_is_a_telephone() {
    use crate::detect::calendar::days_in_month;
    let days = (1985..2036_u32)
        .flat_map(|year| (1..=12_u32).flat_map(move |month| (1..=days_in_month(year, month)).map(move |day| (year, month, day))));
    let texts = days.flat_map(|(y, m, d)| {
        let s = y % 100;
        [
            format!("{y}-{m:02}-{d:02}"),
            format!("{d:02}.{m:02}.{y}"),
            format!("{d}.{m}.{y}"),
            format!("{d:02}/{m:02}/{y}"),
            format!("{y}/{m:02}/{d:02}"),
            format!("{y}{m:02}{d:02}"),
            format!("{d:02}{m:02}{y}"),
            format!("{d:02}-{m:02}-{y}"),
            format!("{d:02}{m:02}{s:02}"),
            format!("{s:02}{m:02}{d:02}"),
            format!("{d:02} {m:02} {y}"),
            format!("{y}-{m:02}-{d:02} 08:30"),
            format!("{y}-{m:02}-{d:02}T08:30:00+01:00"),
            format!("{d:02}.{m:02}.{s:02} kl. 08-17"),
            format!("ringde {y}-{m:02}-{d:02} kl 10.15"),
            format!("tlf. {d:02}.{m:02}.{y}"),
            format!("{y}-{m:02}-{d:02}--{y}-{m:02}-{d:02}"),
            format!("{d:02}.{m:02}.-{d:02}.{m:02}.{y}"),
            format!("{d:02}.{m:02}.{y}-{d:02}.{m:02}.{y}"),
            format!("ring om mötet {y}{m:02}{d:02}"),
        ]
    });
    let (total, wrong, example) = count(texts);
    assert!(total > 370_000);
    assert_eq!(wrong, 0, "{example}");
}

#[test]
fn amounts_times_and_references_in_bulk_are_no_telephones() {
    let mut dice = Dice(1);
    let texts = (0..40_000).flat_map(move |_| {
        let mut below = |bound| dice.below(bound);
        let (a, b, c) = (1 + below(999), below(1000), below(1000));
        let (long, nine) = (10_000_000 + below(89_999_999), 100_000_000 + below(899_999_999));
        let (hour, minute) = (below(24), below(60));
        [
            format!("{a} {b:03} {c:03} kr"),
            format!("{a}.{b:03}.{c:03},00"),
            format!("{a} {b:03} {c:03}"),
            format!("{a} {b:03} {c:03},50 EUR"),
            format!("SEK {a}{b:03}{c:03}"),
            format!("{hour:02}:{minute:02}-{:02}:{minute:02}", (hour + 1) % 24),
            format!("kl. {hour:02}{minute:02}-{:02}{minute:02}", (hour + 1) % 24),
            format!("{hour:02}-{:02} og {hour:02}.{minute:02}", (hour + 8) % 24),
            format!("ordre {long}"),
            format!("Ordernr: {long}"),
            format!("{long}"),
            format!("faktura nr {nine}"),
            format!("OCR {nine}{a:03}"),
            format!("KID: {nine}{b:03}"),
            format!("viite {nine}"),
            format!("EAN 73{nine}12"),
            format!("{nine}{a:03}"),
            format!("CVR {long}"),
            format!("Org.nr 5560{:02}-{:04}", below(100), below(10_000)),
            format!("Dnr 2024/{}", below(100_000)),
            format!("v{}.{}.{}.{}", below(20), below(30), below(100), below(10_000)),
            format!("{}.{:06}, {}.{:06}", 55 + below(15), below(1_000_000), 5 + below(25), below(1_000_000)),
            format!("{:03} {:02} Exempelstad", 100 + below(900), below(100)),
            format!("{long}-{}", below(10)),
            format!("A{long}"),
            format!("{}x{}x{} mm", below(900), below(900), below(900)),
            format!("{}-{}", 1000 + below(9000), 1000 + below(9000)),
        ]
    });
    let (total, wrong, example) = count(texts);
    assert!(total > 1_000_000);
    // Every one of them has a sign, a word or a length that no telephone has: none may be found.
    assert_eq!(wrong, 0, "{example}");
}

#[test]
fn bare_digits_are_taken_for_mobile_numbers_by_their_prefix_alone() {
    // Ten digits at random begin with 070, 072, 073, 076, 079, 04 or 050 in 1.6 % of all cases; no other rule lets them through.
    let mut dice = Dice(2);
    let (total, wrong, _) = count((0..100_000).map(move |_| format!("nr {:05}{:05}", dice.below(100_000), dice.below(100_000))));
    assert!(wrong * 1000 < total * 18, "{wrong} of {total}");
}

#[test]
fn the_plans_take_what_they_say_and_no_more() {
    // Every beginning of three digits, against the plans written out plainly.
    for head in 0..1000 {
        let text = |tail: &str| format!("tel {head:03}{tail}");
        let is_found = |country, tail: &str| !found(&[country], &text(tail)).is_empty();
        let three = format!("{head:03}");
        assert_eq!(is_found(Country::IS, "1234"), ('4'..='8').contains(&three.chars().next().unwrap()), "{head}");
        assert_eq!(is_found(Country::DK, "12345"), head >= 100, "{head}");
        assert_eq!(is_found(Country::NO, "12345"), head >= 100, "{head}");
        let mobile = ["070", "072", "073", "076", "079"].contains(&three.as_str());
        let alone = |country, number: String| !found(&[country], &number).is_empty();
        assert_eq!(alone(Country::SE, format!("{three}1740605")), mobile, "{head}");
        let mobile = three.starts_with("04") || three == "050";
        assert_eq!(alone(Country::FI, format!("{three}1740605")), mobile, "{head}");
    }
}

#[test]
fn a_number_is_found_where_its_place_speaks_for_it() {
    for (text, number) in [
        ("Kari Moen\nRådgiver\nKundesenter\n93000001", "93000001"),
        ("Mvh\n\nKari Moen\nSalgssjef\n\n9300 0001", "9300 0001"),
        ("ÖSTANSJÖV 12 ; 694 95 HALLSBERG ; 058210347 ; RÖR KVAR", "058210347"),
        ("Storgata 5\n4879 Grimstad\n93000001", "93000001"),
        ("Træffetid 17-19 på 9300 0001.", "9300 0001"),
        ("Hjemme er det fortsatt 93-00-00-01.", "93-00-00-01"),
        ("brug storebror på 93-00-00-01", "93-00-00-01"),
        ("det er Mette på 93000001", "93000001"),
        ("Formand Ib Krog, kasserer Else 93000001", "93000001"),
        ("Spørg efter Birthe 93000001", "93000001"),
        ("Skrevet seddel, ringet 93000001 uden svar", "93000001"),
        ("nyt mobilnr +45 93 00 00 02, det gamle 93000001 er lukket", "93000001"),
        ("vippses til 930-00-001", "930-00-001"),
        ("Nr. hennar er 8 000 001.", "8 000 001"),
        ("Spurningar: 8000001.", "8000001"),
        ("Haft samband við Hrafnkel (8000001), kom 23:40", "8000001"),
        ("8000001 Doddi pípari, segðu að ég hafi bent", "8000001"),
        ("hringja oft: 800 - 00 01", "800 - 00 01"),
        ("Ketilsstöðum og nágrenni, hjá Pálma, 800 0 001", "800 0 001"),
        ("farsími farþega 8 0 0 0 0 0 1", "8 0 0 0 0 0 1"),
        ("suora 08.000.0001", "08.000.0001"),
        ("Tavoitettu 0400 0 00 001.", "0400 0 00 001"),
        ("Vanha lankanumeroni oli 931-000 001", "931-000 001"),
        ("reg sip:+358400000001@pbx3", "+358400000001"),
        ("mob. 298 00 00 01", "298 00 00 01"),
        ("0370 000 00 1", ""),
        ("Behåll 0370 691 14 0", "0370 691 14 0"),
        ("Slå en signal på 7017406 05", "7017406 05"),
        ("bokas av Nisse, 0457-000 00 01", "0457-000 00 01"),
        ("(02) 400 0 001", "(02) 400 0 001"),
        ("SIM-nr. +45 37 10 00 00 00 01", ""),
    ] {
        let expected: &[&str] = if number.is_empty() { &[] } else { &[number] };
        let all = found(&Country::ALL, text);
        let last: Vec<&str> = all.iter().copied().filter(|one| *one == number).collect();
        assert_eq!(last, expected, "{text}: {all:?}");
    }
}

#[test]
fn what_has_no_such_place_is_left() {
    for text in [
        "Osa 0400-22-118, oikea on 0400-22-119",
        "counter 0445-118-20 rolled",
        "akt 0685-2023/112, X 6401120",
        "93000001 Jensen VVS ApS",
        "Faktura 93000001 til Mette",
        "ring om paket 706128845",
        "Pos. 93-00-00-01",
        "Kundenr. 93000001 ringte",
        "Delenr 930-00-001",
        "10234455 Kari Moen 3 400,-",
    ] {
        assert_eq!(found(&Country::ALL, text), [""; 0], "{text}");
    }
}

/// Pieces of every way to reach somebody, whole and broken, of which texts are put together.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "070-174 06 05", "0701740605", "+46 70 174 06 05", "0046701740605", "08-465 004 00", "(031) 390 06 00", "12345678",
    "12 34 56 78", "80 00 00 00", "912 34 567", "555 1234", "040 123 4567", "+44 7700 900123", "19031204-9802", "1901012391",
    "070761-4285", "kim@example.org", "@example.org", "@kim", "@kim92", "@", " ", "  ", "\n", ": ", ":", "/", "://",
    "https://example.org/", "https://example.org/users/kim", "https://kim:x@example.org", "https://", "?token=a1b2c3d4e5",
    "&email=", "?x=", "user: kalle92", "user:", "insta: kim", " login: ", "order", "order ", "OCR ", "tlf ", "tlf. ", "ring ",
    "T: ", "s. ", " om ", " på ", "kr", " kr", " st", "192.0.2.17", "192.168.1.20", "1.2.3.4", "127.0.0.1", "::1", "2001:db8::1",
    "fe80::1%eth0", "00:00:5e:00:53:01", "00-00-5E-00-53-FF", "0000.5e00.5301", "ab", "version ", "IP ", "ABC 123", "ABC12D",
    "abc 123", "AB 12 345", "AB12345", "ABC-123", "AB-C12", "regnr ", "bilen ", "bil", "[phone]", "[url]", "[handle]",
    "[ip_address]", "-", " - ", ".", ",", ", ", " eller ", "/", " / ", "(", ")", "(mobil)", "[", "]", "_", "#1234", "%", "'", "ð",
    "46", "00", "0", "7", "05", "2024", "x", "tlf. ", "9 3 0 0 0 0 0 1", "93·00·00·01", "[070] 174 06 21",
    "/32", " / -2202", ", 45 01 13", "0480-45 01 12", "mor: ", "fra ", "kontoret ", ";", "\t", "Navn;Mobil\nKim;", "93000001", "(212) 555-0147",
    " lokal 12", " (privat)", "4760 Vordingborg, ", " ringte", " Preben", "1) ", "vipps 300 til ", "nummeret mitt er ", "det gamle ", "Mvh\n", "24 stk ", "erstattes af ", "61.40.88.25", "4111 1111 1111 1111", "10:30", "2024-01-15", "kim", "org", ".se", "wa.me/46701740605",
];

#[test]
fn a_scrubbed_text_holds_no_new_way_to_reach_somebody() {
    use crate::detect::scrub;
    let mut dice = Dice(7);
    for _ in 0..60_000 {
        let text: String = (0..=dice.below(8)).map(|_| PIECES[dice.below(PIECES.len() as u64) as usize]).collect();
        let mask = dice.below(32);
        let countries: Vec<Country> = Country::ALL.into_iter().filter(|country| mask >> (*country as u64) & 1 == 1).collect();
        let scanner = crate::detect::examples::scanner(&countries);
        let scrubbed = scrub(&text, &scanner.scan(&text)).into_owned();
        assert_eq!(scanner.scan(&scrubbed), [], "{text:?} -> {scrubbed:?}");
    }
}
