//! The linked subject's own identity in a text.
//!
//! A note belongs to a customer; the customer is about to be forgotten. Which parts of the note are
//! that person? Here the identity is known, so no shape has to be guessed: names, addresses, numbers
//! and identifiers are compared in normalised form.
//!
//! # Names
//!
//! The full name is found in any case, with or without diacritics (`Sjöberg`, `Sjoberg`, `Sjoeberg`), in one word or several
//! (`AnnaLisa`), in its genitives and in the Finnish and Icelandic cases (`Virtaselle`, `Önnu`). A single part of at least three letters
//! is found as a whole word. Parts that are common words or shorter than three letters, and company suffixes, are only found within the
//! full name, or capitalised beside another part or its initial. Initials beside a part belong to it (`K. Lindqvist`).
//!
//! # Typing errors
//!
//! One letter missing, too many, or wrong, or two neighbours swapped: a part of five letters and more is found all the same, unless the
//! word is an ordinary one or another usual name; one of four letters beside another part, or with a capital within a sentence. What
//! differs in the first letter or in a vowel at the end (Erik and Erika) is another name unless another part stands beside it. Numbers of
//! at least nine digits are found with one digit wrong or two swapped, if they are written as such numbers are; local parts of addresses
//! with one letter wrong.
//!
//! # Addresses
//!
//! The street with its number, spelt out or abbreviated (`Storgatan 12 B`, `storg. 12b`), with what follows of the record; the postcode
//! with the town. Another letter behind the number is another house.
//!
//! # Names beside other findings
//!
//! A part of a name inside something longer that was recognised whole (an e-mail address of anybody,
//! a telephone number) is not found: the longer one goes as a whole, or half a stranger's address
//! would stay. An address that stands among the names is compared as an address; of its domain
//! nothing is a name.
//!
//! Not found: nicknames, two typing errors in a word, and the subject under a name that the record does not hold. Whoever bears the
//! same given name is found too: a note that is about the subject rarely means another.

use super::contact::email;
use super::country::Countries;
use super::digits::{self, DigitGroup, Page};
use super::marks::Marks;
#[cfg(test)]
use super::normalise;
use super::reading::Reading;
use super::resolve::{Candidate, resolve};
use super::{Finding, Kind, covering, placeholder};

mod mail;
mod name_parts;
mod numbers;
mod spelling;
mod stems;
mod street;
mod usual;
mod words;

use mail::Addresses;
use name_parts::{Hit, NameParts};
use numbers::Numbers;
use street::Places;

const EMAIL: f32 = 0.99;
const IDENTIFIER: f32 = 0.98;
const PHONE: f32 = 0.97;
const FULL_NAME: f32 = 0.95;
const ADDRESS: f32 = 0.95;
const NAME_PART: f32 = 0.8;
const COMMON_PART: f32 = 0.7;
const MISSPELT: f32 = 0.7;
const MISSPELT_NUMBER: f32 = 0.7;

/// One data subject's identity, prepared for searching many texts.
#[derive(Clone)]
pub struct KnownSubject {
    names: NameParts,
    emails: Addresses,
    numbers: Numbers,
    places: Places,
}

/// The memory of one text's search, used again for the next: searching a text allocates nothing once these have grown.
#[derive(Debug, Default)]
pub struct Workspace {
    reading: Reading,
    marks: Marks,
    groups: Vec<DigitGroup>,
    placeholders: Vec<(usize, usize)>,
    hits: Vec<Hit>,
    candidates: Vec<Candidate>,
    findings: Vec<Finding>,
}

impl std::fmt::Debug for KnownSubject {
    /// Counts only: the values are personal data.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (phones, identifiers) = self.numbers.counts();
        formatter
            .debug_struct("KnownSubject")
            .field("emails", &self.emails.len())
            .field("phones", &phones)
            .field("identifiers", &identifiers)
            .field("addresses", &self.places.len())
            .finish_non_exhaustive()
    }
}

impl KnownSubject {
    /// Prepares a subject. Empty values are ignored, and so are those too short to mean anybody:
    /// telephones of fewer than five digits, identifiers of fewer than four characters (five if they
    /// are digits only, six if letters only).
    ///
    /// `addresses` are whole postal addresses or parts of one, such as a street with its number, a postcode, a town.
    pub fn new<'v>(
        names: impl IntoIterator<Item = &'v str>,
        emails: impl IntoIterator<Item = &'v str>,
        phones: impl IntoIterator<Item = &'v str>,
        identifiers: impl IntoIterator<Item = &'v str>,
        addresses: impl IntoIterator<Item = &'v str>,
    ) -> Self {
        let (names, written): (Vec<String>, Vec<Vec<&str>>) = names.into_iter().map(without_domains).unzip();
        Self {
            names: NameParts::new(names.iter().map(String::as_str)),
            emails: Addresses::new(emails.into_iter().chain(written.into_iter().flatten())),
            numbers: Numbers::new(phones, identifiers),
            places: Places::new(addresses),
        }
    }

    /// Whether there is nothing to search for.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.emails.is_empty() && self.numbers.is_empty() && self.places.is_empty()
    }

    /// Everything in the text that is this subject, sorted and not overlapping, at byte offsets on
    /// character boundaries. Placeholders are never found.
    pub fn find(&self, text: &str) -> Vec<Finding> {
        self.find_among(text, &[])
    }

    /// As [`find`](Self::find), without what lies inside one of `findings` and is shorter: that one goes as a whole. `findings` are sorted
    /// and do not overlap, as a scanner returns them.
    pub fn find_among(&self, text: &str, findings: &[Finding]) -> Vec<Finding> {
        let mut workspace = Workspace::default();
        self.find_with(text, findings, &mut workspace).to_vec()
    }

    /// As [`find_among`](Self::find_among), in memory that is used again.
    pub fn find_with<'w>(&self, text: &str, findings: &[Finding], workspace: &'w mut Workspace) -> &'w [Finding] {
        let Workspace { reading, marks, groups, placeholders, hits, candidates, findings: found } = workspace;
        groups.clear();
        placeholders.clear();
        candidates.clear();
        found.clear();
        if self.is_empty() || text.is_empty() {
            return found;
        }
        let clean = reading.read(text, marks);
        digits::collect(clean, marks, groups);
        placeholder::collect(clean, placeholders);
        // What stands inside a placeholder is its number, and nobody's.
        groups.retain(|group| covering_span(placeholders, group.start).is_none());
        let page = Page { text: clean, marks, groups, addresses: &[], countries: Countries::from_iter([]), heard: Default::default() };
        self.emails.find(clean, marks.signs().filter(|position| clean.as_bytes().get(*position) == Some(&b'@')), candidates);
        self.names.collect(clean, marks, placeholders, hits);
        let addresses = candidates.len();
        self.numbers.find_phones(&page, candidates);
        self.numbers.find_identifiers(&page, placeholders, candidates);
        self.places.find(&page, candidates);
        // What is part of an address goes with the address, and joins no name beside it.
        let addresses = candidates.get(..addresses).unwrap_or_default();
        hits.retain(|hit| {
            let (start, end) = reading.original(text, hit.start, hit.end);
            let own = addresses.partition_point(|address| address.end <= hit.start);
            covering(findings, start, end).is_none_or(|whole| whole.length() <= end - start)
                && addresses.get(own).is_none_or(|address| hit.end <= address.start)
        });
        self.names.decide(reading.again(text), hits, candidates);
        for candidate in candidates.iter_mut() {
            (candidate.start, candidate.end) = reading.original(text, candidate.start, candidate.end);
        }
        candidates.retain(|candidate| {
            covering(findings, candidate.start, candidate.end).is_none_or(|whole| whole.length() <= candidate.end - candidate.start)
        });
        resolve(candidates);
        found.extend(super::findings(candidates));
        found
    }
}

/// Folds a word into `room`, as names are compared; returns how many bytes it takes, nothing if it does not fit.
pub(super) fn fold_into(word: &str, room: &mut [u8]) -> Option<usize> {
    let letters = spelling::Letters::of(word)?;
    room.get_mut(..letters.len())?.copy_from_slice(letters.as_bytes());
    Some(letters.len())
}

/// The span of some that do not overlap which a byte lies in.
fn covering_span(spans: &[(usize, usize)], position: usize) -> Option<(usize, usize)> {
    spans.get(spans.partition_point(|span| span.1 <= position)).copied().filter(|span| span.0 <= position)
}

/// A name without the domains of the e-mail addresses in it, and those addresses.
///
/// The local part stays: whoever is filed as `kim.lind@example.com` is called so in a note.
fn without_domains(name: &str) -> (String, Vec<&str>) {
    let mut kept = String::with_capacity(name.len());
    let mut written = Vec::new();
    let mut copied = 0;
    for address in email::addresses(name) {
        let whole = &name[address.start..address.end];
        let local = whole.find('@').unwrap_or(whole.len());
        kept.push_str(&name[copied..address.start + local]);
        kept.push('@');
        copied = address.end;
        written.push(whole);
    }
    kept.push_str(&name[copied..]);
    (kept, written)
}

fn push(found: &mut Vec<Candidate>, start: usize, end: usize, kind: Kind, confidence: f32) {
    found.push(Candidate::proven(start, end, kind, confidence));
}

#[cfg(test)]
mod linked;
#[cfg(test)]
mod tests;
