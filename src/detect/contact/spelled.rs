//! E-mail addresses whose signs are spelled out, so that programs do not find them.
//!
//! Finds: `anna (at) example.se`, `anna[at]example[dot]se`, `anna(a)example (punkt) se`, and with plain words behind a word for mail
//! `anna at example dot com`.
//!
//! Rule: what may stand before and behind an `@`, with `at` or its like in brackets between, and a known top-level domain at the end. With
//! plain words both signs have to be spelled, and `mail`, `e-post` or `sähköposti` to stand among the words before.
//!
//! Source: the addresses themselves follow RFC 5322, as in `email`; the spellings are people's own.
//!
//! ```text
//! Skriv till anna (at) example.se, anna[at]example[dot]se → Skriv till [email], [email]
//! anna.lind(a)mail.example.com eller anna {at} example (punkt) se. → [email] eller [email].
//! e-post: anna at example dot com, mail anna.lind at example punkt se → e-post: [email], mail [email]
//! Vi ses (at) kontoret, sal [at] 12.30, look at example dot com → Vi ses (at) kontoret, sal [at] 12.30, look at example dot com
//! Mail os på kontoret at 12.30, mail me at example.com → Mail os på kontoret at 12.30, mail me at example.com
//! ```

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::email::{is_domain, is_known_top_level, is_local};
use crate::detect::fold::Folded;
use crate::detect::lexicon::lexicon;
use crate::detect::{Finding, Kind};

static AT: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(" at "));

/// Signs in brackets that stand for an `@`.
const SIGNS: [&str; 9] = ["at", "a", "@", "snabela", "snabel-a", "alfakroll", "krollalfa", "at-tecken", "hja"];
/// Words that stand for a full stop.
const STOPS: [&str; 6] = ["dot", "punkt", "punktum", "prikk", "piste", "punktur"];
/// Longer parts are nobody's.
const LONGEST: usize = 64;
/// Labels of a domain.
const MOST_LABELS: usize = 6;

/// Adds the addresses that are spelled out to those that are known, which are sorted and disjoint before and after.
///
/// As those are, they are barriers for the words beside a number: what a domain says of a number behind it would be lost with it.
pub(in crate::detect) fn collect(text: &str, addresses: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let known = addresses.len();
    for open in memchr::memchr3_iter(b'(', b'[', b'{', bytes) {
        if let Some(behind) = bracketed(text, open, &SIGNS)
            && (behind - open != "(a)".len() || is_joined(bytes, open, behind))
        {
            let floor = end_before(addresses.get(..known), open).max(end_before(addresses.get(known..), open));
            addresses.extend(around(text, floor, open, behind, false));
        }
    }
    let bracketed_end = addresses.len();
    for at in AT.find_iter(bytes) {
        let floor = end_before(addresses.get(..known), at).max(end_before(addresses.get(bracketed_end..), at));
        addresses.extend(around(text, floor, at, at + " at ".len(), true));
    }
    if addresses.len() == known {
        return;
    }
    // Of two that overlap the first stays, one with its sign before one without.
    addresses.sort_unstable_by_key(|address| address.start);
    addresses.dedup_by(|next, kept| {
        let overlaps = next.start < kept.end;
        if overlaps && next.confidence > kept.confidence {
            *kept = *next;
        }
        overlaps
    });
}

/// Where the last address with an `@` before this place ends: no part of it belongs to another.
fn end_before(addresses: Option<&[Finding]>, place: usize) -> usize {
    let addresses = addresses.unwrap_or_default();
    let following = addresses.partition_point(|address| address.end <= place);
    following.checked_sub(1).and_then(|previous| addresses.get(previous)).map_or(0, |address| address.end)
}

/// Whether no blank stands around brackets: "according to point (a) example.se" is a list.
fn is_joined(bytes: &[u8], open: usize, behind: usize) -> bool {
    open.checked_sub(1).and_then(|before| bytes.get(before)) != Some(&b' ') && bytes.get(behind) != Some(&b' ')
}

/// Where brackets that begin here end, if one of these words stands in them.
fn bracketed(text: &str, open: usize, words: &[&str]) -> Option<usize> {
    /// Longer than any of the words.
    const LONGEST: usize = 14;
    let bytes = text.as_bytes();
    let close = match bytes.get(open)? {
        b'(' => b')',
        b'[' => b']',
        b'{' => b'}',
        _ => return None,
    };
    let length = bytes.get(open + 1..bytes.len().min(open + 1 + LONGEST))?.iter().position(|byte| *byte == close)?;
    let word = Folded::of(text.get(open + 1..open + 1 + length)?.trim());
    words.contains(&word.as_str()).then_some(open + length + 2)
}

/// The address around a sign that begins and ends here, no part of it below a place.
fn around(text: &str, lowest: usize, sign: usize, behind: usize, is_plain: bool) -> Option<Finding> {
    let before = text.get(..sign)?;
    let before = before.strip_suffix(' ').unwrap_or(before);
    let floor = before.ceil_char_boundary(before.len().saturating_sub(LONGEST)).max(lowest);
    let window = before.get(floor..)?;
    let local = &window[window.trim_end_matches(is_local).len()..];
    let local = local.trim_start_matches(|character: char| !character.is_alphanumeric());
    let start = before.len() - local.len();
    if local.len() < 2 || (local.len() == window.len() && floor > lowest) || !local.ends_with(char::is_alphanumeric) {
        return None;
    }
    let (end, is_spelled) = domain(text, behind)?;
    // "mail me at", "look at": a sentence.
    if is_plain && (!is_spelled || lexicon().entry(local).is_common() || !speaks_of_mail(before, start)) {
        return None;
    }
    Some(Finding { start, end, kind: Kind::Email, confidence: if is_plain { 0.9 } else { 0.95 } })
}

/// Where the domain ends that begins here, and whether a full stop in it is spelled out.
fn domain(text: &str, start: usize) -> Option<(usize, bool)> {
    let mut at = start + usize::from(text.as_bytes().get(start) == Some(&b' '));
    let mut is_spelled = false;
    let mut end = None;
    for labels in 1..=MOST_LABELS {
        let rest = text.get(at..)?;
        let window = &rest[..rest.floor_char_boundary(LONGEST)];
        let label = &window[..window.find(|character| character == '.' || !is_domain(character)).unwrap_or(window.len())];
        if label.is_empty() {
            break;
        }
        at += label.len();
        if labels > 1 && is_known_top_level(label) {
            end = Some((at, is_spelled));
        }
        match stop(text, at) {
            Some((behind, spelled)) => {
                at = behind;
                is_spelled |= spelled;
            }
            None => break,
        }
    }
    end
}

/// Where a full stop ends that stands here, and whether it is spelled out: `.`, `[dot]`, ` (punkt) `, ` dot `.
fn stop(text: &str, at: usize) -> Option<(usize, bool)> {
    /// Bytes of the longest word for it.
    const MOST: usize = 8;
    let rest = text.get(at..)?;
    if let Some(behind) = rest.strip_prefix('.') {
        return behind.starts_with(char::is_alphanumeric).then_some((at + 1, false));
    }
    let blank = usize::from(rest.starts_with(' '));
    let behind_blank = |end: usize| end + usize::from(text.as_bytes().get(end) == Some(&b' '));
    if let Some(end) = bracketed(text, at + blank, &STOPS).or_else(|| bracketed(text, at + blank, &["."])) {
        return Some((behind_blank(end), true));
    }
    // Of a text without blanks no more than a word is looked at.
    let word = rest.strip_prefix(' ')?;
    let length = word.bytes().take(MOST + 1).position(|byte| byte == b' ')?;
    STOPS.contains(&Folded::of(word.get(..length)?).as_str()).then_some((at + 1 + length + 1, true))
}

/// Whether one of the few words before speaks of mail.
fn speaks_of_mail(text: &str, start: usize) -> bool {
    const WORDS: [&str; 12] =
        ["mail", "mailen", "maila", "maile", "mejl", "mejla", "mailadress", "mailadresse", "epost", "eposten", "post", "posti"];
    const BEGINNINGS: [&str; 7] = ["email", "sahkopost", "tolvupost", "netfang", "epost", "mailadres", "meili"];
    let before = text.get(..start).unwrap_or_default();
    let window = &before[before.ceil_char_boundary(before.len().saturating_sub(48))..];
    // A placeholder's word is not the writer's, and what stands before an address speaks of that one.
    let window = window.rsplit([']', '@']).next().unwrap_or(window);
    window.rsplit(|character: char| !character.is_alphabetic()).filter(|word| !word.is_empty()).take(5).any(|word| {
        let folded = Folded::of(word);
        WORDS.contains(&folded.as_str()) || BEGINNINGS.iter().any(|beginning| folded.as_str().starts_with(beginning))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Country, examples};

    fn found(text: &str) -> Vec<&str> {
        let findings = examples::scanner(&Country::ALL).scan(text);
        findings.into_iter().filter(|finding| finding.kind == Kind::Email).map(|finding| &text[finding.start..finding.end]).collect()
    }

    #[test]
    fn documented_examples_hold() {
        assert_eq!(examples::check(include_str!("spelled.rs"), &Country::ALL), 5);
    }

    #[test]
    fn every_spelling_is_found_whole() {
        for text in [
            "anna(at)example.se",
            "anna [at] example.se",
            "anna.lind (AT) mail.example.com",
            "anna (snabel-a) example.no",
            "anna (krøllalfa) example.no",
            "anna(a)example[.]se",
            "anna{at}example{dot}se",
            "anna (at) example (dot) co (dot) uk",
            "björn[at]example[punktum]dk",
        ] {
            for (before, after) in [("", ""), ("Skriv till ", "."), ("(", ")"), ("post:", ", ok")] {
                let whole = format!("{before}{text}{after}");
                assert_eq!(found(&whole), [text], "{whole}");
            }
        }
    }

    #[test]
    fn what_is_no_address_is_left() {
        for text in [
            "(at) example.se",
            "anna (at) example",
            "anna (at) kontoret.Hej",
            "se (a) y.z",
            "enligt punkt (a) regeringen.se",
            "anna at example dot com",
            "mail me at example dot com",
            "email anna at work dot",
            "[email] (at) example.se",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
        for unit in ["(at)", "a(at)", " at ", "a at a dot ", "(at)a.", "([{"] {
            assert_eq!(found(&unit.repeat(1 << 16)), [""; 0], "{unit}");
        }
    }
}
