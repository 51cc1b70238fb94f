//! How often numbers that are nobody's are taken for somebody's: a million of every sort, counted.
//!
//! What the arithmetic can not decide is computed by going through every date, not by looking at the result.

use crate::detect::{Country, Kind, Workspace};

/// Numbers of each sort: a million, and a tenth of them where the build is not optimised and a million take minutes.
const NUMBERS: u32 = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };

/// Words that say that a number is nobody's.
const WORDS: [&str; 10] = ["OCR", "faktura", "order", "artikel", "ordrenummer", "tilausnumero", "viite", "KID", "faktura nr", "ordre"];

/// A small generator of numbers, the same in every run (Steele, Lea and Flood, SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

/// A sort of number that is nobody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    /// So many random digits.
    Digits(usize),
    /// Dates as people and programs write them.
    Date,
    /// Article numbers with their check digit.
    Article,
    /// Amounts in every grouping.
    Amount,
}

fn write(sort: Sort, random: &mut Random, text: &mut String) {
    use std::fmt::Write;
    let written = match sort {
        Sort::Digits(length) => write!(text, "{:0length$}", random.below(10_u64.pow(length as u32))),
        Sort::Date => {
            let (year, month, day) = (1940 + random.below(100), 1 + random.below(12), 1 + random.below(28));
            let (hour, minute, second) = (random.below(24), random.below(60), random.below(60));
            match random.below(10) {
                0 => write!(text, "{year}-{month:02}-{day:02}"),
                1 => write!(text, "{day}.{month}.{year}"),
                2 => write!(text, "{year}{month:02}{day:02}"),
                3 => write!(text, "{day}/{month}-{:02}", year % 100),
                4 => write!(text, "{year}-W{:02}-{}", 1 + random.below(52), 1 + random.below(7)),
                5 => write!(text, "{hour:02}:{minute:02}"),
                6 => write!(text, "{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"),
                7 => write!(text, "{day:02}.{month:02}.{year}-{:02}.{month:02}.{year}", day + 1),
                8 => write!(text, "kl {hour:02}.{minute:02}-{:02}.{second:02}", (hour + 1) % 24),
                _ => write!(text, "{day:02}-{month:02}-{year} {hour:02}.{minute:02}"),
            }
        }
        Sort::Article => {
            let body = 100_000_000_000 + random.below(900_000_000_000);
            let sum: u64 = (0..12).map(|place| body / 10_u64.pow(place) % 10 * if place % 2 == 0 { 3 } else { 1 }).sum();
            write!(text, "{body}{}", (10 - sum % 10) % 10)
        }
        Sort::Amount => {
            let (thousands, rest, decimals) = (1 + random.below(999), random.below(1000), random.below(100));
            let millions = 1 + random.below(99);
            match random.below(6) {
                0 => write!(text, "{millions} {thousands:03} {rest:03},{decimals:02} kr"),
                1 => write!(text, "{thousands}.{rest:03},-"),
                2 => write!(text, "€ {millions},{thousands:03},{rest:03}.{decimals:02}"),
                3 => write!(text, "{}{rest:03},{decimals:02}", millions * 1000 + thousands),
                4 => write!(text, "{millions}.{thousands:03}.{rest:03},{decimals:02}"),
                _ => write!(text, "SEK {millions} {thousands:03} {rest:03}"),
            }
        }
    };
    written.unwrap();
}

/// Of so many numbers of a sort, how many are taken for an identity number, and the highest confidence among them.
fn taken(countries: &[Country], sort: Sort, word: Option<&str>, count: u32, seed: u64) -> (u32, f32) {
    let scanner = crate::detect::examples::scanner(countries);
    let mut workspace = Workspace::default();
    let mut random = Random(seed);
    let mut text = String::new();
    let (mut taken, mut highest) = (0, 0.0_f32);
    for _ in 0..count {
        text.clear();
        if let Some(word) = word {
            text.push_str(word);
            text.push(' ');
        }
        write(sort, &mut random, &mut text);
        for finding in scanner.scan_with(&text, &mut workspace) {
            if finding.kind == Kind::NationalId {
                taken += 1;
                highest = highest.max(finding.confidence);
            }
        }
    }
    (taken, highest)
}

/// Days of each month, leap years apart.
const DAYS: [u32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// How many dates `yymmdd` exist if every fourth year is a leap year.
fn dates_of_a_century() -> u32 {
    100 * DAYS.iter().sum::<u32>() + 25
}

/// The share of random digits that no arithmetic tells from an identity number, by country and length.
fn undecidable(country: Country, length: usize) -> f64 {
    let dates = f64::from(dates_of_a_century());
    match (country, length) {
        // Dates, the same with 60 more in the day, day 60 in the months 00 to 12, and days 61 to 91 of month 00; Luhn; birth number from 001.
        (Country::SE, 10) => (2.0 * dates + 100.0 * 13.0 + 100.0 * 31.0) / 1e6 * 0.1 * 0.999,
        // Of a hundred possible centuries three, with one leap year less in two of them.
        (Country::SE, 12) => 3.0 * (2.0 * dates + 100.0 * 44.0) / 1e8 * 0.1 * 0.999,
        // The century is the seventh digit's: at most one date of each spelling; one in eleven of ten digits passes, never ten of them.
        (Country::DK, 10) => dates / 1e6 / 11.0 * 1.01,
        // Day as it is or 40 more, month as it is or 40, 65 or 80 more; two check digits, of each of which one in eleven remainders has none.
        (Country::NO, 11) => 8.0 * dates / 1e6 / 121.0 * 1.01,
        // Three of ten last digits are a century; one in eleven passes.
        (Country::IS, 10) => 0.3 * dates / 1e6 / 11.0 * 1.01,
        _ => 0.0,
    }
}

#[test]
fn bare_references_are_taken_as_seldom_as_the_arithmetic_allows() {
    // The other lengths of each country are in the next test, where all are read at once.
    let own = [(Country::SE, 10), (Country::SE, 12), (Country::DK, 10), (Country::NO, 11), (Country::FI, 10), (Country::IS, 10)];
    for (seed, (country, length)) in own.into_iter().enumerate() {
        let (taken, highest) = taken(&[country], Sort::Digits(length), None, NUMBERS, seed as u64);
        let expected = undecidable(country, length) * f64::from(NUMBERS);
        // Three standard deviations of so many rare events.
        let allowed = expected + 3.0 * expected.sqrt();
        assert!(f64::from(taken) <= allowed, "{country} {length}: {taken} of {allowed}");
        assert!(highest < 0.6, "{country} {length}: {highest}");
        // A recogniser that takes none would pass as well.
        assert!(f64::from(taken) >= 0.9 * expected - 4.0 * expected.sqrt(), "{country} {length}: {taken} of {expected}");
    }
}

#[test]
fn bare_references_of_a_tenant_of_every_country_are_a_guess() {
    for length in 10..=12 {
        let (taken, highest) = taken(&Country::ALL, Sort::Digits(length), None, NUMBERS, 7 + length as u64);
        let expected: f64 = Country::ALL.into_iter().map(|country| undecidable(country, length)).sum::<f64>() * f64::from(NUMBERS);
        assert!(f64::from(taken) <= expected + 3.0 * expected.sqrt(), "{length}: {taken} of {expected}");
        assert!(highest < 0.6, "{length}: {highest}");
    }
}

#[test]
fn dates_articles_and_amounts_are_nobodys() {
    for (sort, seed) in [(Sort::Date, 1), (Sort::Article, 2), (Sort::Amount, 3)] {
        let (taken, _) = taken(&Country::ALL, sort, None, NUMBERS, seed);
        assert_eq!(taken, 0, "{sort:?}");
    }
}

#[test]
fn beside_a_word_that_says_otherwise_hardly_any_is_taken() {
    for sort in [Sort::Digits(10), Sort::Digits(11), Sort::Digits(12), Sort::Date, Sort::Article, Sort::Amount] {
        for (seed, word) in WORDS.into_iter().enumerate() {
            // All numbers of a sort, a tenth of them beside each word.
            let (taken, _) = taken(&Country::ALL, sort, Some(word), NUMBERS / 10, seed as u64);
            assert!(taken <= NUMBERS / 10 / 2000, "{word} {sort:?}: {taken}");
        }
    }
}

/// Pieces of numbers, whole and broken, and what may stand around them.
const PIECES: [&str; 74] = [
    "190101-2391",
    "1901012391",
    "20190101-2391",
    "2019-01-01-2391",
    "19 01 01-2391",
    "850315-T123",
    "850315T123",
    "SE190101239101",
    "070761-4285",
    "0707614285",
    "670761-4285",
    "15858598181",
    "158585 98181",
    "131052-308T",
    "131052A308T",
    "120160-3389",
    "1201603399",
    "520160-3389",
    "892350-1739",
    "556016-0680",
    "SE556016068001",
    "24256790",
    "24 25 67 90",
    "DK24256790",
    "974 760 673",
    "0112038-9",
    "NO 974760673 MVA",
    "4111 1111 1111 1111",
    "4111111111111111",
    "3782 822463 10005",
    "1111 1111",
    "991-2346",
    "41 20 77-0",
    "412077-0",
    "8327-9, 904 112 733-1",
    "5000-12 345 67",
    "9570 0012884471",
    "8601.11.17947",
    "86011117947",
    "0133-26-012345",
    "123 456 789-0",
    "SE45 5000 0000 0583 9825 7466",
    "SE45 5000 0000 0583 9825 7467",
    "49-015420-323751-8",
    "490154203237518",
    "RF18 5390 0754 7034",
    "2024-01-15",
    "15.1.2024",
    "15/1-24",
    "10.30-12.00",
    "12.500,-",
    "1 234 567,50",
    "978-3-16-148410-0",
    "4006381333931",
    "070-174 06 05",
    "12345678",
    "1234",
    "5",
    "konto ",
    "Kontonr. ",
    "bg ",
    "pg ",
    "kortnr ",
    "imei ",
    "pnr ",
    "kt. ",
    "order ",
    "CVR ",
    " ",
    ", ",
    "-",
    "Kim Lind, ",
    " kr",
    "[national_id]",
];

mod properties {
    use proptest::prelude::*;

    use super::*;
    use crate::detect::scrub;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(20000) })]

        #[test]
        fn scrubbing_numbers_is_a_fixed_point(
            pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..9),
            blanks in any::<bool>(),
            countries in prop::sample::subsequence(Country::ALL.to_vec(), 1..=5),
        ) {
            let text = pieces.join(if blanks { " " } else { "" });
            let scanner = crate::detect::examples::scanner(&countries);
            let scrubbed = scrub(&text, &scanner.scan(&text)).into_owned();
            let left = scanner.scan(&scrubbed);
            prop_assert!(left.is_empty(), "{text:?} -> {scrubbed:?}: {left:?}");
        }
    }
}
