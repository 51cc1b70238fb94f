//! Texts that somebody made to be slow, to hide in, or to break what reads them.

use std::time::{Duration, Instant};

use super::known::KnownSubject;
use super::{Country, Finding, Kind, Kinds, Scanner, Workspace, scrub};

/// Bytes of the longest text without a space, and of what is one character over and over; a build that checks everything takes less.
const LONGEST: usize = if cfg!(debug_assertions) { 1 << 20 } else { 100 << 20 };
const LONG: usize = if cfg!(debug_assertions) { 256 << 10 } else { 10 << 20 };

/// What a linear reader may take at most for eight times the text.
const TIMES: usize = 8;
const AT_MOST: f64 = 16.0;
/// The shorter of the two texts: long enough for a clock, and for a square to be seen.
const SHORT: usize = if cfg!(debug_assertions) { 16 << 10 } else { 128 << 10 };

/// Units of which a text is repeated.
const UNITS: [&str; 63] = [
    "aa(at)",
    "aa(at)b.se",
    "&#229",
    "@",
    "7",
    "A",
    "1 ",
    "A ",
    "a",
    "\u{301}",
    "e\u{301}",
    "1\u{336}",
    "\u{202e}",
    "\u{200b}",
    "1\u{200b}",
    "\u{410}",
    "A\u{430}",
    "\u{ff10}",
    "\u{a0}",
    " ",
    "\n",
    "\0",
    "\u{fffd}",
    "\u{1f468}\u{200d}",
    "a@",
    "a@b.",
    "a@b.se",
    "a@b.se ",
    ".",
    "a.",
    "1.",
    "1-",
    "1,",
    "12 34 56 78 ",
    "+46",
    "0701740605",
    "070-174 06 05 ",
    "190101-2391 ",
    "SE45",
    "SE45 5000 ",
    "4111 ",
    ":",
    "a:",
    "00:",
    "http://",
    "http://a.se/?token=",
    "www.",
    ",www.a",
    "/?a=",
    "user=",
    "a_b.c",
    "[",
    "]",
    "[name",
    "[name]",
    "[name 1",
    "Anna ",
    "Anna Lindqvist ",
    "ANNA, ",
    "A. ",
    "anna-",
    "Storgatan 12 B, ",
    "123 45 ",
];

fn everything() -> Scanner {
    Scanner::new(&Country::ALL)
}

fn repeated(unit: &str, length: usize) -> String {
    unit.repeat(length.div_ceil(unit.len()))
}

#[track_caller]
fn assert_well_formed(text: &str, findings: &[Finding]) {
    let mut last = 0;
    for finding in findings {
        assert!(last <= finding.start && finding.start < finding.end, "{finding:?}");
        assert!(text.get(finding.start..finding.end).is_some(), "{finding:?}");
        assert!((0.0..=1.0).contains(&finding.confidence), "{finding:?}");
        last = finding.end;
    }
}

/// The text holds one finding, of this kind and exactly here.
#[track_caller]
fn check(text: &str, kind: Kind, whole: &str) {
    let start = text.find(whole).unwrap();
    let found = everything().of_kinds(Kinds::replaced()).scan(text);
    let found: Vec<_> = found.iter().map(|finding| (finding.kind, &text[finding.start..finding.end])).collect();
    assert_eq!(found, [(kind, whole)], "{text:?}");
    assert_eq!(text.rfind(whole), Some(start), "{text:?}");
}

/// Nothing is found, by anybody's recogniser.
#[track_caller]
fn check_nothing(text: &str) {
    let found = everything().of_kinds(Kinds::replaced()).scan(text);
    assert!(found.is_empty(), "{text:?}: {found:?}");
}

/// What this thread has worked, so that others on the same machine do not count; where the system does not tell, what has passed.
fn worked(since: Instant) -> Duration {
    // The system adds up when a thread gives its processor away.
    std::thread::yield_now();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|told| told.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

/// The shortest time of at least three of each text, in turns; more rounds can only bring both nearer to what the work takes.
#[track_caller]
fn assert_linear(name: &str, unit: &str, mut work: impl FnMut(&str)) {
    let (short, long) = (repeated(unit, SHORT), repeated(unit, SHORT * TIMES));
    let (mut best, mut ratio) = ([Duration::MAX; 2], f64::MAX);
    let since = Instant::now();
    for round in 0..12 {
        if round >= 3 && ratio <= AT_MOST {
            return;
        }
        for (best, text) in best.iter_mut().zip([&short, &long]) {
            let before = worked(since);
            work(text);
            *best = worked(since).saturating_sub(before).max(Duration::from_nanos(1)).min(*best);
        }
        ratio = best[1].as_secs_f64() / best[0].as_secs_f64();
    }
    assert!(ratio <= AT_MOST, "{name}, {unit:?} over and over: {TIMES} times the text took {ratio:.1} times as long ({best:?})");
}

#[test]
#[should_panic(expected = "as long")]
fn a_square_is_seen() {
    assert_linear("compared", "a", |text| {
        let some: Vec<u8> = text.bytes().step_by(64).collect();
        let alike = some.iter().map(|one| some.iter().filter(|other| std::hint::black_box(*other) == one).count());
        std::hint::black_box(alike.sum::<usize>());
    });
}

#[test]
fn time_grows_with_the_text() {
    let (scanner, mut workspace) = (everything(), Workspace::default());
    scanner.scan("Anna");
    for unit in UNITS {
        assert_linear("scanned", unit, |text| assert_well_formed(text, scanner.scan_with(text, &mut workspace)));
    }
}

#[test]
fn time_grows_with_the_text_for_a_known_subject_too() {
    let subject =
        KnownSubject::new(["Anna Lindqvist"], ["a@b.se"], ["070-174 06 05"], ["7777777", "SE45"], ["Storgatan 12 B, 123 45 Lund"]);
    for unit in UNITS {
        assert_linear("searched", unit, |text| assert_well_formed(text, &subject.find(text)));
    }
}

#[test]
fn time_grows_with_the_text_when_it_is_scrubbed() {
    let scanner = everything().of_kinds(Kinds::replaced());
    for unit in ["Anna Lindqvist ", "070-174 06 05 ", "a@b.se ", "[name]"] {
        assert_linear("scrubbed", unit, |text| {
            let scrubbed = scrub(text, &scanner.scan(text)).into_owned();
            assert_well_formed(&scrubbed, &scanner.scan(&scrubbed));
        });
    }
}

#[test]
fn megabytes_of_one_unit_are_read() {
    let (scanner, mut workspace) = (everything(), Workspace::default());
    for unit in UNITS {
        let text = repeated(unit, LONG);
        assert_well_formed(&text, scanner.scan_with(&text, &mut workspace));
    }
}

#[test]
fn a_text_without_a_space_is_read() {
    let (scanner, mut workspace) = (everything(), Workspace::default());
    let piece =
        "Anna.Lindqvist@example.org;070-1740605,190101-2391/SE4550000000058398257466[Åsa]http://example.org/?q=Ek#4111111111111111Ö";
    let text = repeated(piece, LONGEST);
    let findings = scanner.scan_with(&text, &mut workspace);
    assert_well_formed(&text, findings);
    assert!(findings.len() >= text.len() / piece.len(), "{}", findings.len());
    // And one that stands behind it all is found.
    let text = repeated("aB3-x", LONGEST) + " 070-174 06 05";
    let last = scanner.scan_with(&text, &mut workspace).last().copied();
    assert_eq!(last.map(|finding| (finding.start, finding.kind)), Some((text.len() - "070-174 06 05".len(), Kind::Phone)));
}

#[test]
fn what_nobody_sees_hides_no_number() {
    for hidden in ["\u{200b}", "\u{200c}", "\u{200d}", "\u{2060}", "\u{feff}", "\u{ad}", "\u{180e}", "\u{202e}", "\u{2066}", "\u{fe0f}"] {
        let between = |text: &str| text.split("").filter(|piece| !piece.is_empty()).collect::<Vec<_>>().join(hidden);
        for (number, kind) in [("070-174 06 05", Kind::Phone), ("190101-2391", Kind::NationalId), ("kim@example.org", Kind::Email)] {
            let written = between(number);
            check(&format!("Kod: {written} idag"), kind, &written);
        }
    }
}

#[test]
fn turned_text_is_found_where_it_stands() {
    check("Ring \u{202e}070-174 06 05\u{202c} idag", Kind::Phone, "070-174 06 05");
    check("\u{2067}kim@example.org\u{2069}", Kind::Email, "kim@example.org");
    check("הטלפון 070-174 06 05 שלו", Kind::Phone, "070-174 06 05");
}

#[test]
fn marks_on_digits_hide_no_number() {
    let struck: String = "070-174 06 05".chars().flat_map(|character| [character, '\u{336}']).collect();
    check(&format!("Ring {struck} idag"), Kind::Phone, &struck);
}

#[test]
fn look_alikes_hide_no_name() {
    check("ring \u{410}nna Lindqvist imorgon", Kind::Name, "\u{410}nna Lindqvist");
    check("ring Ann\u{430} Lindqvist imorgon", Kind::Name, "Ann\u{430} Lindqvist");
    check("Skriv till k\u{456}m@example.org", Kind::Email, "k\u{456}m@example.org");
    let subject = KnownSubject::new(["Anna Lindqvist"], [], [], [], []);
    let text = "Hon heter \u{410}nna, sa hon";
    let own = subject.find(text);
    assert_eq!(scrub(text, &own), "Hon heter [name], sa hon");
}

#[test]
fn digits_of_other_scripts_are_digits() {
    check("Ring ０７０－１７４ ０６ ０５ idag", Kind::Phone, "０７０－１７４ ０６ ０５");
    check("Ring ٠٧٠-١٧٤ ٠٦ ٠٥ idag", Kind::Phone, "٠٧٠-١٧٤ ٠٦ ٠٥");
    check("Kund １９０１０１-２３９１", Kind::NationalId, "１９０１０１-２３９１");
}

#[test]
fn nothing_is_found_inside_placeholders_however_they_are_nested() {
    for text in [
        "[[name]]",
        "[[[phone]][national_id]]",
        "[name [phone]]",
        "[phone [national_id [name]]]",
        "[name 1][name 2][name 999]",
        "[name][name][name]",
        "[[[[[[[[name",
        "name]]]]]]]]",
        "[]name[][]",
    ] {
        check_nothing(text);
    }
    check("[name [phone] 070-174 06 05]", Kind::Phone, "070-174 06 05");
}

#[test]
fn scrubbing_hostile_texts_ends_soon() {
    let scanner = everything().of_kinds(Kinds::replaced());
    for unit in UNITS {
        for count in [1, 2, 3, 7, 40] {
            let text = unit.repeat(count);
            let once = scrub(&text, &scanner.scan(&text)).into_owned();
            let left = scanner.scan(&once);
            // A name is weighed by what stands beside it: what was replaced may make its neighbour one. Nothing else does.
            assert!(left.iter().all(|finding| finding.kind == Kind::Name), "{text:?} -> {once:?}: {left:?}");
            let twice = scrub(&once, &left).into_owned();
            let left = scanner.scan(&twice);
            assert!(left.is_empty(), "{text:?} -> {once:?} -> {twice:?}: {left:?}");
        }
    }
}
