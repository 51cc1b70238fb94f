//! Personal data in text: finding it, comparing it, replacing it.
//!
//! Data comes in as one text (a note, a message, an order line) and leaves as [`Finding`]s, byte
//! ranges with a kind and a confidence, or as the same text with placeholders. Nothing here knows
//! where a text was read or where it will be written.
//!
//! Three questions are answered:
//!
//! - [`Scanner`]: does this text hold personal data of *anyone*? Candidates come from one pass over digit runs, signs and words; arithmetic
//!   (dates, check digits, numbering plans), tables of words and what stands around decide.
//! - [`known::KnownSubject`]: does this text name *this* person, whose record it is linked to?
//! - [`normalise`] and [`identity_number`]: are two written forms the same identity, and is a
//!   company number really a person's?
//!
//! # Invariants
//!
//! - Findings of one call are sorted, do not overlap, and lie on character boundaries.
//! - Work grows linearly with the text (sorting aside): no look-ahead is longer than a telephone
//!   number, no context window longer than a few words.
//! - A placeholder is never found, so that scrubbing in rounds ends and a scrubbed text stays as it is. One scan need not be a fixed point:
//!   what stands beside a name, and whom else the text names, decides about it.
//!
//! # Not found
//!
//! Addresses without a number, web addresses without a scheme, e-mail addresses that are spelled out, and identity numbers with a typing
//! error in the check digit.

mod calendar;
mod check_digit;
mod contact;
mod context;
mod country;
pub mod dictionary;
mod digits;
mod entity;
#[cfg(test)]
mod examples;
mod fold;
#[cfg(test)]
mod hostile;
mod kind;
pub mod known;
mod lexicon;
mod marks;
mod money;
mod names;
mod national;
pub mod normalise;
mod placeholder;
pub mod pseudonyms;
mod reading;
mod resolve;
mod scanner;
mod special;

use std::borrow::Cow;

pub use contact::email::readings as addresses_as_written;
pub use country::{Country, UnknownCountry};
pub use kind::{Kind, Kinds, UnknownKind};
pub use national::identity_number;
pub use scanner::{Scanner, Workspace};

/// One piece of personal data in a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finding {
    /// First byte of the finding (UTF-8 offset, always a character boundary).
    pub start: usize,
    /// One past the last byte of the finding (UTF-8 offset, always a character boundary).
    pub end: usize,
    /// What was found.
    pub kind: Kind,
    /// From 0 to 1: how likely it is what it seems, as measured on labelled notes (`fixtures/notes/RESULTS.md`).
    pub confidence: f32,
}

impl Finding {
    /// Length in bytes.
    fn length(&self) -> usize {
        self.end.saturating_sub(self.start)
    }
}

/// The one of sorted findings that do not overlap which covers another finding wholly.
fn covering(findings: &[Finding], start: usize, end: usize) -> Option<&Finding> {
    let behind = findings.partition_point(|finding| finding.start <= start);
    findings.get(behind.checked_sub(1)?).filter(|finding| end <= finding.end)
}

/// The findings among resolved candidates; what is nobody's is none.
fn findings(candidates: &[resolve::Candidate]) -> impl Iterator<Item = Finding> {
    candidates.iter().filter_map(|candidate| {
        Some(Finding { start: candidate.start, end: candidate.end, kind: candidate.kind?, confidence: candidate.confidence })
    })
}

/// What a scanner found and what a subject is known by, as one: what the subject's own findings cover wholly says nothing more.
///
/// Both are sorted and do not overlap within themselves.
pub fn unite(mut found: Vec<Finding>, own: Vec<Finding>) -> Vec<Finding> {
    found.retain(|finding| covering(&own, finding.start, finding.end).is_none());
    found.extend(own);
    found
}

/// Replaces each finding by the placeholder of its kind.
///
/// Findings may come in any order and from several sources. Where they overlap, their union becomes
/// one placeholder, that of the most confident: no tail of a finding ever remains. Offsets beyond
/// the text are cut to it, and offsets inside a character are widened to the whole character, so
/// that a finding computed for another text can not panic.
///
/// Borrows the text when nothing was found.
pub fn scrub<'t>(text: &'t str, findings: &[Finding]) -> Cow<'t, str> {
    write_unions(text, unions(text, findings), |union, scrubbed| scrubbed.push_str(union.kind.placeholder()))
}

/// The findings as they are replaced: in order, on character boundaries, those that overlap as one.
fn unions(text: &str, findings: &[Finding]) -> Vec<Finding> {
    let mut spans: Vec<Finding> = findings
        .iter()
        .map(|finding| Finding { start: text.floor_char_boundary(finding.start), end: text.ceil_char_boundary(finding.end), ..*finding })
        .filter(|finding| finding.start < finding.end)
        .collect();
    spans.sort_by_key(|span| (span.start, span.end));

    let mut unions: Vec<Finding> = Vec::with_capacity(spans.len());
    for span in spans {
        match unions.last_mut() {
            Some(last) if span.start < last.end => {
                last.end = last.end.max(span.end);
                if span.confidence > last.confidence {
                    last.kind = span.kind;
                    last.confidence = span.confidence;
                }
            }
            _ => unions.push(span),
        }
    }
    unions
}

/// The text with something else in the place of each union.
fn write_unions(text: &str, unions: Vec<Finding>, mut write: impl FnMut(&Finding, &mut String)) -> Cow<'_, str> {
    if unions.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut scrubbed = String::with_capacity(text.len());
    let mut copied = 0;
    for span in unions {
        scrubbed.push_str(&text[copied..span.start]);
        write(&span, &mut scrubbed);
        copied = span.end;
    }
    scrubbed.push_str(&text[copied..]);
    Cow::Owned(scrubbed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(start: usize, end: usize, kind: Kind, confidence: f32) -> Finding {
        Finding { start, end, kind, confidence }
    }

    #[test]
    fn scrub_borrows_when_there_is_nothing_to_do() {
        assert!(matches!(scrub("all quiet", &[]), Cow::Borrowed("all quiet")));
        let empty = [finding(3, 3, Kind::Name, 1.0)];
        assert!(matches!(scrub("all quiet", &empty), Cow::Borrowed(_)));
    }

    #[test]
    fn scrub_takes_findings_in_any_order() {
        let findings = [finding(5, 8, Kind::Phone, 0.5), finding(0, 3, Kind::Name, 0.5)];
        assert_eq!(scrub("abc, def.", &findings), "[name], [phone].");
    }

    #[test]
    fn overlapping_findings_leave_no_tail() {
        let findings = [finding(0, 4, Kind::Name, 0.5), finding(2, 6, Kind::Email, 0.9)];
        assert_eq!(scrub("abcdefgh", &findings), "[email]gh");
        let nested = [finding(0, 6, Kind::Name, 0.9), finding(2, 4, Kind::Email, 0.5)];
        assert_eq!(scrub("abcdefgh", &nested), "[name]gh");
    }

    #[test]
    fn touching_findings_stay_apart() {
        let findings = [finding(0, 2, Kind::Name, 0.5), finding(2, 4, Kind::Phone, 0.5)];
        assert_eq!(scrub("abcd", &findings), "[name][phone]");
    }

    #[test]
    fn foreign_offsets_neither_panic_nor_split_a_character() {
        assert_eq!(scrub("åäö", &[finding(1, 3, Kind::Name, 1.0)]), "[name]ö");
        assert_eq!(scrub("abc", &[finding(1, 90, Kind::Name, 1.0)]), "a[name]");
        assert_eq!(scrub("abc", &[finding(40, 90, Kind::Name, 1.0)]), "abc");
    }
}
