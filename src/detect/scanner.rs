//! The scanner: every recogniser over one text.

use super::contact::{email, spelled};
use std::sync::Arc;

use super::country::Countries;
use super::dictionary::Dictionary;
use super::digits::{self, DigitGroup, Page};
use super::marks::Marks;
use super::reading::Reading;
use super::resolve::{Candidate, resolve};
use super::{Country, Finding, Kind, Kinds, contact, findings, money, names, national, special};

/// Finds the personal data of anyone in a text.
///
/// National forms are read for the given countries. What says itself where it belongs, such as a number with an international prefix, is
/// read whatever the countries are.
///
/// ```text
/// Ring Kim på 070-174 06 05 → Ring Kim på [phone]
/// ```
#[derive(Clone, Debug)]
pub struct Scanner {
    countries: Countries,
    kinds: Kinds,
    min_confidence: f32,
    dictionary: Option<Arc<Dictionary>>,
}

/// The memory of one text's scan, used again for the next: scanning a row allocates nothing once these have grown.
#[derive(Debug, Default)]
pub struct Workspace {
    reading: Reading,
    marks: Marks,
    groups: Vec<DigitGroup>,
    addresses: Vec<Finding>,
    runs: names::Runs,
    candidates: Vec<Candidate>,
    flags: Vec<Candidate>,
    findings: Vec<Finding>,
}

impl Scanner {
    /// A scanner of every kind for texts that may hold national numbers of these countries.
    pub fn new(countries: &[Country]) -> Self {
        Self { countries: countries.iter().collect(), kinds: Kinds::ALL, min_confidence: 0.0, dictionary: None }
    }

    /// Finds these kinds alone. What another kind says of a number (a card is no account) still counts.
    pub fn of_kinds(mut self, kinds: Kinds) -> Self {
        self.kinds = kinds;
        self
    }

    /// Finds only what is at least this likely, from 0 to 1.
    pub fn at_least(mut self, confidence: f32) -> Self {
        self.min_confidence = confidence;
        self
    }

    /// Knows the names of a tenant's people: who is one of them is found with less around it.
    pub fn knowing(mut self, dictionary: Arc<Dictionary>) -> Self {
        self.dictionary = Some(dictionary);
        self
    }

    /// All findings, sorted and not overlapping, at byte offsets on character boundaries.
    ///
    /// Overlaps are resolved by validity (a check digit or a strict grammar beats a mere shape),
    /// then confidence, then length.
    pub fn scan(&self, text: &str) -> Vec<Finding> {
        let mut workspace = Workspace::default();
        self.scan_with(text, &mut workspace).to_vec()
    }

    /// As [`scan`](Self::scan), in memory that is used again.
    pub fn scan_with<'w>(&self, text: &str, workspace: &'w mut Workspace) -> &'w [Finding] {
        let Workspace { reading, marks, groups, addresses, runs, candidates, flags, findings: found } = workspace;
        groups.clear();
        addresses.clear();
        candidates.clear();
        flags.clear();
        found.clear();

        let clean = reading.read(text, marks);
        email::collect(clean, marks.signs().filter(|position| clean.as_bytes()[*position] == b'@'), addresses);
        spelled::collect(clean, addresses);
        digits::collect(clean, marks, groups);
        let page = Page { text: clean, marks, groups, addresses, countries: self.countries, heard: Default::default() };
        for first in 0..page.groups.len() {
            let run = digits::run(page.text, &page.groups[first..]);
            national::recognise(&page, first, &run, candidates);
            money::recognise(&page, first, &run, candidates);
            contact::recognise(&page, first, &run, candidates);
        }
        for position in marks.signs() {
            contact::recognise_sign(&page, position, candidates);
        }
        contact::path::recognise(&page, candidates);
        contact::log::recognise(&page, candidates);
        if self.kinds.contains(Kind::Name) {
            names::recognise(&page, self.dictionary.as_deref(), runs, candidates);
        }
        // An address wins over any number inside it: otherwise its remainder would be an address
        // of its own once the number is replaced.
        candidates.retain(|candidate| !page.touches_address(candidate.start, candidate.end));
        resolve(candidates);
        found.extend(findings(candidates));
        found.extend_from_slice(page.addresses);
        found.sort_unstable_by_key(|finding| finding.start);
        if self.kinds.meets(Kinds::flags()) {
            special::collect(&page, flags);
            resolve(flags);
            // A word within a name or an address speaks of nothing.
            let others = found.len();
            found.extend(findings(flags));
            let is_apart = |others: &[Finding], flag: &Finding| {
                let behind = others.partition_point(|other| other.end <= flag.start);
                others.get(behind).is_none_or(|other| flag.end <= other.start)
            };
            let (named, flagged) = found.split_at_mut(others);
            let mut kept = 0;
            for index in 0..flagged.len() {
                if is_apart(named, &flagged[index]) {
                    flagged.swap(kept, index);
                    kept += 1;
                }
            }
            found.truncate(others + kept);
            found.sort_unstable_by_key(|finding| finding.start);
        }
        found.retain(|finding| finding.confidence >= self.min_confidence && self.kinds.contains(finding.kind));
        for finding in found.iter_mut() {
            (finding.start, finding.end) = reading.original(text, finding.start, finding.end);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Kind, scrub};
    use super::*;

    fn check(countries: &[Country], before: &str, after: &str) {
        let findings = crate::detect::examples::scanner(countries).scan(before);
        assert_eq!(scrub(before, &findings), after, "{before}");
    }

    /// Pieces of which texts are put together: all that recognisers look for, whole and broken, and
    /// all that they look at around it.
    const FRAGMENTS: [&str; 84] = [
        "070-174 06 05",
        "0701740605",
        "+46 70 174 06 05",
        "+46(0)701740605",
        "0046701740605",
        "08-465 004 00",
        "(031) 390 06 00",
        "031-390 06 00",
        "12345678",
        "12 34 56 78",
        "80 00 00 00",
        "800 00 000",
        "20 24 01 01",
        "040 000 0000",
        "+44 7700 900123",
        "19031204-9802",
        "031204+9802",
        "190101-2391",
        "1901012391",
        "201901012391",
        "190101 2391",
        "SE190101239101",
        "191500722390",
        "070761-4285",
        "251248-9996",
        "2512489996",
        "0707614285",
        "kim@example.org",
        "kim.lind@example.com",
        "kim@example",
        "@example.org",
        "kim@",
        "@",
        "SE45 5000 0000 0583 9825 7466",
        "SE4550000000058398257466",
        "192.168.1.20",
        "2024-01-15",
        "10:30",
        "1 234,50",
        "46",
        "00",
        "0",
        "7",
        "05",
        "2024",
        "174 06",
        "org",
        ".se",
        "SE",
        " ",
        " ",
        " ",
        "  ",
        "\n",
        "-",
        " - ",
        "--",
        "+",
        ".",
        ",",
        ", ",
        ":",
        ":-",
        "/",
        "(",
        ")",
        "[",
        "]",
        "_",
        "#",
        "%",
        "'",
        "tlf ",
        "tlf. ",
        " ring ",
        "mobil: ",
        "cpr ",
        "order ",
        "OCR ",
        " kr",
        " st",
        "(mobil)",
        "[phone]",
        "[national_id]",
    ];

    fn text() -> impl Strategy<Value = String> {
        let fragment = prop_oneof![
            12 => prop::sample::select(FRAGMENTS.to_vec()).prop_map(str::to_owned),
            2 => "[0-9]{1,13}",
            1 => "[a-zåäöø]{1,6}",
            1 => prop::sample::select(Kind::ALL.to_vec()).prop_map(|kind| kind.placeholder().to_owned()),
            1 => any::<char>().prop_map(String::from),
        ];
        prop::collection::vec(fragment, 0..14).prop_map(|fragments| fragments.concat())
    }

    fn assert_well_formed(text: &str, findings: &[Finding]) {
        let mut last = 0;
        for finding in findings {
            assert!(last <= finding.start && finding.start < finding.end);
            assert!(text.get(finding.start..finding.end).is_some());
            assert!((0.0..=1.0).contains(&finding.confidence));
            last = finding.end;
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4000) })]

        #[test]
        fn scrubbing_is_a_fixed_point(
            text in text(),
            countries in prop::sample::subsequence(Country::ALL.to_vec(), 0..=4),
        ) {
            let scanner = crate::detect::examples::scanner(&countries);
            let findings = scanner.scan(&text);
            assert_well_formed(&text, &findings);
            let scrubbed = scrub(&text, &findings);
            let left = scanner.scan(&scrubbed);
            prop_assert!(left.is_empty(), "{text:?} -> {scrubbed:?}: {left:?}");
            let twice = scrub(&scrubbed, &left);
            prop_assert_eq!(&twice, &scrubbed);
        }

        #[test]
        fn any_text_is_scanned_to_character_boundaries(text in any::<String>()) {
            assert_well_formed(&text, &crate::detect::examples::scanner(&Country::ALL).scan(&text));
        }

        #[test]
        fn scrubbing_keeps_everything_outside_the_findings(text in text()) {
            let scanner = crate::detect::examples::scanner(&Country::ALL);
            let findings = scanner.scan(&text);
            let scrubbed = scrub(&text, &findings);
            // The slow way: from the last finding to the first.
            let mut expected = text.clone();
            for finding in findings.iter().rev() {
                expected.replace_range(finding.start..finding.end, finding.kind.placeholder());
            }
            prop_assert_eq!(scrubbed, expected);
        }
    }

    #[test]
    fn replaced_neighbours_let_nothing_new_through() {
        // A row of pairs beside an address that begins with digits; a mark between address and number.
        check(&[Country::DK], "80 00 00 00 0046701740605kim@example.org", "[phone] [email]");
        let marked = "kim@example.org\u{1ab0}040 000 0000";
        check(&[Country::FI], marked, marked);
    }

    #[test]
    fn placeholders_are_never_found() {
        for kind in Kind::ALL {
            for other in Kind::ALL {
                let text = format!("tlf {}{}", kind.placeholder(), other.placeholder());
                check(&Country::ALL, &text, &text);
            }
        }
    }

    #[test]
    fn only_the_given_countries_numbers_are_national() {
        let text = "150072-2390, 251248-9996, 070-1740605";
        check(&[Country::SE], text, "[national_id], 251248-9996, [phone]");
        check(&[Country::DK], text, "150072-2390, [national_id], 070-1740605");
        check(&[Country::NO], text, text);
        check(&[], text, text);
    }

    #[test]
    fn countries_may_repeat_and_come_in_any_order() {
        let text = "040 000 0000, 19031204-9802";
        let scan = |countries: &[Country]| crate::detect::examples::scanner(countries).scan(text);
        assert_eq!(scan(&[Country::FI, Country::SE, Country::FI]), scan(&[Country::SE, Country::FI]));
    }

    #[test]
    fn a_check_digit_beats_a_shape() {
        // A Swedish mobile number by its shape, a Danish civil registration number by its check.
        let findings = crate::detect::examples::scanner(&Country::ALL).scan("0707614285");
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].kind, Kind::NationalId);
        // Named a telephone, it is one.
        check(&Country::ALL, "mobil 0707614285", "mobil [phone]");
    }

    #[test]
    fn a_note_as_people_write_it() {
        check(
            &[Country::SE],
            "Kim (031204+9802) ringde 2024-01-15 kl 10:30 om order 1002345, vill ha svar på \
             070-174 06 05 el. kim@example.com. Fakt 1 234,50 kr, OCR 1002345678906.",
            "Kim ([national_id]) ringde 2024-01-15 kl 10:30 om order 1002345, vill ha svar på \
             [phone] el. [email]. Fakt 1 234,50 kr, OCR 1002345678906.",
        );
        check(
            &[Country::DK],
            "Kunden (cpr 251248-9996) flyttede d. 15.01.2024; tlf. 12345678, ordre 87654321, \
             CVR 12345678, faktura 20240115.",
            "Kunden (cpr [national_id]) flyttede d. 15.01.2024; tlf. [phone], ordre 87654321, \
             CVR 12345678, faktura 20240115.",
        );
    }

    #[test]
    fn a_megabyte_of_anything_is_read() {
        const MEGABYTE: usize = 1 << 20;
        let scanner = crate::detect::examples::scanner(&Country::ALL);
        for (unit, finds) in [
            ("7", false),
            ("@", false),
            ("+", false),
            ("0 ", false),
            ("1-", false),
            ("00", false),
            ("a@", false),
            ("[", false),
            ("[phone]", false),
            ("0701740605", false),
            ("å", false),
            ("kim@example.org ", true),
            ("070-174 06 05 ", true),
            ("+46", false),
            ("(0)", false),
            ("SE45 ", false),
            ("tlf ", false),
            ("12 34 56 78 ", false),
            ("190101-2391 ", true),
        ] {
            let text = unit.repeat(MEGABYTE / unit.len());
            let findings = scanner.scan(&text);
            assert_well_formed(&text, &findings);
            let expected = if finds { text.len() / unit.len() } else { 0 };
            assert_eq!(findings.len(), expected, "{unit}");
        }
    }
}
