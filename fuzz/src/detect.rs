//! The detector of personal data against texts that nobody writes.
//!
//! The input is a text; what is not UTF-8 in it becomes U+FFFD, as in whatever reads files. It is searched for every kind and for all
//! countries' numbers, and for a subject who is called what the text begins with. Whatever the text is: findings are sorted, do not
//! overlap, lie on character boundaries and are as likely as 0 to 1; memory that was used before changes nothing; and scrubbing ends.

#![no_main]

#[path = "../../src/detect/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the program uses more of it")]
mod detect;

use std::cell::RefCell;
use std::sync::LazyLock;

use detect::known::{self, KnownSubject};
use detect::{Country, Finding, Kinds, Scanner, Workspace, scrub, unite};
use libfuzzer_sys::fuzz_target;

/// One round replaces what is found, and what stood beside it may be read otherwise then; not again and again.
const ROUNDS: usize = 8;
/// Characters of the text that its subject is made of.
const SUBJECT: usize = 24;

static EVERYTHING: LazyLock<Scanner> = LazyLock::new(|| Scanner::new(&Country::ALL));
static REPLACED: LazyLock<Scanner> = LazyLock::new(|| Scanner::new(&Country::ALL).of_kinds(Kinds::replaced()));

thread_local! {
    /// Holds what the inputs before left.
    static USED: RefCell<(Workspace, known::Workspace)> = RefCell::default();
}

fn assert_well_formed(text: &str, findings: &[Finding]) {
    let mut last = 0;
    for finding in findings {
        assert!(last <= finding.start, "findings are not in order or overlap: {findings:?}");
        assert!(finding.start < finding.end, "a finding of nothing: {finding:?}");
        assert!(text.get(finding.start..finding.end).is_some(), "not on character boundaries: {finding:?}");
        assert!((0.0..=1.0).contains(&finding.confidence), "no confidence: {finding:?}");
        last = finding.end;
    }
}

/// Somebody whose name, addresses and numbers are the text's first words.
fn subject(text: &str) -> KnownSubject {
    let end = text.char_indices().nth(SUBJECT).map_or(text.len(), |(end, _)| end);
    let beginning = &text[..end];
    let words = || beginning.split_whitespace();
    let name = words().take(2).collect::<Vec<_>>().join(" ");
    let addresses = words().filter(|word| word.contains('@'));
    KnownSubject::new([name.as_str(), beginning], addresses, words().chain([beginning]), words(), [beginning])
}

/// Replaces what is found until nothing is.
fn assert_ends(text: &str, find: impl Fn(&str) -> Vec<Finding>) {
    let mut scrubbed = text.to_owned();
    for _ in 0..ROUNDS {
        let found = find(&scrubbed);
        if found.is_empty() {
            return;
        }
        scrubbed = scrub(&scrubbed, &found).into_owned();
    }
    let left = find(&scrubbed);
    assert!(left.is_empty(), "after {ROUNDS} rounds there is something left in {scrubbed:?}: {left:?}");
}

fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    let text = text.as_ref();
    let found = EVERYTHING.scan(text);
    assert_well_formed(text, &found);
    let subject = subject(text);
    let own = subject.find_among(text, &found);
    assert_well_formed(text, &own);
    USED.with_borrow_mut(|(scan, search)| {
        assert_eq!(EVERYTHING.scan_with(text, scan), found, "memory that was used before finds something else");
        assert_eq!(subject.find_with(text, &found, search), own, "memory that was used before finds something else");
    });

    let anybody = |text: &str| {
        let found = REPLACED.scan(text);
        assert_well_formed(text, &found);
        found
    };
    assert_ends(text, anybody);
    assert_ends(text, |text| {
        let found = anybody(text);
        let own = subject.find_among(text, &found);
        assert_well_formed(text, &own);
        unite(found, own)
    });
});
