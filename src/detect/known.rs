//! The linked subject's own identity in a text.
//!
//! A note belongs to a customer; the customer is about to be forgotten. Which parts of the note are
//! that person? Here the identity is known, so no shape has to be guessed: names, addresses, numbers
//! and identifiers are compared in normalised form.
//!
//! # Names
//!
//! The full name is found in any case, with or without diacritics, whatever stands between its
//! parts (a blank, a hyphen, a comma). A single part of at least three letters is found as a whole
//! word, also in the genitive (`Kims`, `Kim’s`, `Kim:s`; Finnish `Kallen`, `Lindqvistin`). Parts
//! that are common words or shorter than three letters, and company suffixes, are only found within
//! the full name, or capitalised beside another part or its initial. An initial before a part
//! belongs to it (`K. Lindqvist`).
//!
//! # Names beside other findings
//!
//! A part of a name inside something longer that was recognised whole (an e-mail address of anybody,
//! a telephone number) is not found: the longer one goes as a whole, or half a stranger's address
//! would stay. An address that stands among the names is compared as an address; of its domain
//! nothing is a name.
//!
//! Not found: nicknames, `aa` for `å` and `oe` for `ø`, other cases than the genitive, typing
//! errors, and the subject under a name that the record does not hold.

use std::collections::{HashMap, HashSet};

use super::contact::email;
use super::digits::{DigitGroup, Separator, groups, run, start_with_signs};
use super::normalise::{self, TelephoneNumber};
use super::resolve::{Candidate, resolve};
use super::{Finding, Kind, covering, placeholder};

mod name_parts;
mod words;

use name_parts::NameParts;
use words::{Word, words};

const EMAIL: f32 = 0.99;
const IDENTIFIER: f32 = 0.98;
const PHONE: f32 = 0.97;
const FULL_NAME: f32 = 0.95;
const NAME_PART: f32 = 0.8;
const COMMON_PART: f32 = 0.7;

/// Shorter national numbers are service numbers and would be found in every amount.
const SHORTEST_PHONE: usize = 5;

/// One data subject's identity, prepared for searching many texts.
#[derive(Clone)]
pub struct KnownSubject {
    names: NameParts,
    /// Local part and domain, normalised.
    emails: Vec<(String, String)>,
    phones: Vec<TelephoneNumber>,
    identifiers: HashSet<String>,
    /// Lengths of the identifiers in characters, a century's two digits more included.
    lengths: HashSet<usize>,
    longest_identifier: usize,
}

impl std::fmt::Debug for KnownSubject {
    /// Counts only: the values are personal data.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("KnownSubject")
            .field("emails", &self.emails.len())
            .field("phones", &self.phones.len())
            .field("identifiers", &self.identifiers.len())
            .finish_non_exhaustive()
    }
}

impl KnownSubject {
    /// Prepares a subject. Empty values are ignored, and so are those too short to mean anybody:
    /// telephones of fewer than five digits, identifiers of fewer than four characters (five if they
    /// are digits only, six if letters only).
    pub fn new<'v>(
        names: impl IntoIterator<Item = &'v str>,
        emails: impl IntoIterator<Item = &'v str>,
        phones: impl IntoIterator<Item = &'v str>,
        identifiers: impl IntoIterator<Item = &'v str>,
    ) -> Self {
        let (names, written): (Vec<String>, Vec<Vec<&str>>) = names.into_iter().map(without_domains).unzip();
        let emails = emails
            .into_iter()
            .chain(written.into_iter().flatten())
            .filter_map(|address| {
                let address = normalise::email(address);
                let (local, domain) = address.rsplit_once('@')?;
                (!local.is_empty() && !domain.is_empty()).then(|| (local.to_owned(), domain.to_owned()))
            })
            .collect();
        let phones = phones.into_iter().map(TelephoneNumber::parse).filter(|number| number.national.len() >= SHORTEST_PHONE).collect();
        let identifiers: HashSet<String> =
            identifiers.into_iter().map(normalise::identifier).filter(|identifier| is_telling(identifier)).collect();
        let lengths = identifiers.iter().map(|identifier| identifier.chars().count()).flat_map(|length| [length, length + 2]).collect();
        let longest_identifier = identifiers.iter().map(String::len).max().unwrap_or(0);
        Self { names: NameParts::new(names.iter().map(String::as_str)), emails, phones, identifiers, lengths, longest_identifier }
    }

    /// Whether there is nothing to search for.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.emails.is_empty() && self.phones.is_empty() && self.identifiers.is_empty()
    }

    /// Everything in the text that is this subject, sorted and not overlapping, at byte offsets on
    /// character boundaries. Placeholders are never found.
    pub fn find(&self, text: &str) -> Vec<Finding> {
        self.find_among(text, &[])
    }

    /// As [`find`](Self::find), without what lies inside one of `findings` and is shorter: that one goes as a whole. `findings` are sorted
    /// and do not overlap, as a scanner returns them.
    pub fn find_among(&self, text: &str, findings: &[Finding]) -> Vec<Finding> {
        if self.is_empty() || text.is_empty() {
            return Vec::new();
        }
        let placeholders = placeholder::spans(text);
        let words = words(text, &placeholders);
        let mut candidates = Vec::new();
        self.names.find(text, &words, &mut candidates);
        self.find_emails(text, &mut candidates);
        self.find_phones(text, &mut candidates);
        self.find_identifiers(text, &placeholders, &mut candidates);
        candidates.retain(|candidate| {
            covering(findings, candidate.start, candidate.end).is_none_or(|whole| whole.length() <= candidate.end - candidate.start)
        });
        resolve(&mut candidates);
        join_names(text, super::findings(&candidates).collect())
    }

    fn find_emails(&self, text: &str, found: &mut Vec<Candidate>) {
        if self.emails.is_empty() {
            return;
        }
        for (at, _) in text.match_indices('@') {
            let before = text[..at].trim_end_matches(email::is_local);
            let after = text[at + 1..].trim_start_matches(email::is_domain);
            // Beside a placeholder it is unknown where the address begins or ends.
            if placeholder::at_end(before).is_some() || placeholder::at_start(after).is_some() {
                continue;
            }
            let local = &text[before.len()..at];
            let domain = &text[at + 1..text.len() - after.len()];
            for (known_local, known_domain) in &self.emails {
                let start = suffix_start(local, known_local);
                let length = prefix_length(domain, known_domain);
                if let (Some(start), Some(length)) = (start, length) {
                    push(found, before.len() + start, at + 1 + length, Kind::Email, EMAIL);
                }
            }
        }
    }

    fn find_phones(&self, text: &str, found: &mut Vec<Candidate>) {
        if self.phones.is_empty() {
            return;
        }
        let lengths = self.phones.iter().map(|known| known.national.len());
        let shortest = lengths.min().unwrap_or(0);
        let groups = groups(text);
        for first in 0..groups.len() {
            let run = run(text, &groups[first..]);
            let long_enough = run.prefixes().filter(|(_, length)| *length >= shortest);
            for (count, length) in long_enough {
                let (Some(last), Ok(digits)) = (run.groups.get(count - 1), std::str::from_utf8(&run.digits()[..length])) else {
                    continue;
                };
                let (start, plus) = start_with_signs(text, groups[first].start, last.end);
                let number = TelephoneNumber::from_digits(digits, plus);
                // The tail of "+47 …" is no domestic number of another country.
                if number.country_code.is_none() && follows_country_code(text, &groups, first) {
                    continue;
                }
                if self.phones.iter().any(|known| known.agrees_with(&number)) {
                    push(found, start, last.end, Kind::Phone, PHONE);
                }
            }
        }
    }

    fn find_identifiers(&self, text: &str, placeholders: &[(usize, usize)], found: &mut Vec<Candidate>) {
        /// More pieces than any identifier is written in.
        const MOST_PIECES: usize = 8;
        /// From this length on, blanks within an identifier are taken for its grouping.
        const LONG: usize = 8;
        if self.identifiers.is_empty() {
            return;
        }
        let pieces = words::pieces(text, placeholders);
        for first in 0..pieces.len() {
            let start = pieces[first].0;
            if placeholder::at_end(&text[..start]).is_some() {
                continue;
            }
            let mut has_blank = false;
            for (offset, (piece_start, end)) in pieces[first..].iter().take(MOST_PIECES).enumerate() {
                if offset > 0 {
                    match &text[pieces[first + offset - 1].1..*piece_start] {
                        "-" | "\u{2010}" | "\u{2011}" | "\u{2013}" | "." | "/" | "_" | "+" => {}
                        " " | "\u{a0}" => has_blank = true,
                        _ => break,
                    }
                }
                // Normalising may shorten (a century, full-width forms), but not endlessly.
                if end - start > 4 * self.longest_identifier + 2 * MOST_PIECES {
                    break;
                }
                let written = &text[start..*end];
                if !self.has_plausible_length(written) {
                    continue;
                }
                let identifier = normalise::identifier(written);
                if self.identifiers.contains(&identifier)
                    && (!has_blank || identifier.len() >= LONG)
                    && placeholder::at_start(&text[*end..]).is_none()
                {
                    push(found, start, *end, Kind::Identifier, IDENTIFIER);
                }
            }
        }
    }
}

impl KnownSubject {
    /// A cheap refusal before normalising; what is not ASCII may change its length by it.
    fn has_plausible_length(&self, written: &str) -> bool {
        !written.is_ascii() || self.lengths.contains(&written.bytes().filter(u8::is_ascii_alphanumeric).count())
    }
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

/// Whether a `+` and a country code stand before the group and belong to it.
fn follows_country_code(text: &str, groups: &[DigitGroup], group: usize) -> bool {
    let joined = groups.get(group).is_some_and(|group| group.before != Separator::Other);
    joined
        && group
            .checked_sub(1)
            .and_then(|previous| groups.get(previous))
            .is_some_and(|code| code.length() <= 3 && text[..code.start].ends_with('+'))
}

/// Whether an identifier is long enough that its occurrence in a text means this subject.
fn is_telling(identifier: &str) -> bool {
    let length = identifier.chars().count();
    let digits = identifier.chars().filter(char::is_ascii_digit).count();
    match digits {
        0 => length >= 6,
        all if all == length => length >= 5,
        _ => length >= 4,
    }
}

fn push(found: &mut Vec<Candidate>, start: usize, end: usize, kind: Kind, confidence: f32) {
    found.push(Candidate::proven(start, end, kind, confidence));
}

/// Where the known local part begins in the written one, if only punctuation precedes it.
///
/// Punctuation may be skipped, letters not: `x.kim@` is somebody else.
fn suffix_start(written: &str, known: &str) -> Option<usize> {
    let punctuation = |text: &str| text.len() - text.trim_start_matches(|character: char| !character.is_alphanumeric()).len();
    let start = punctuation(written).checked_sub(punctuation(known))?;
    let candidate = written.get(start..)?;
    (normalise::email(candidate) == known).then_some(start)
}

/// How much of the written domain is the known one, if it ends there or at a dot or hyphen.
fn prefix_length(written: &str, known: &str) -> Option<usize> {
    let labels = known.split('.').count();
    let end = written.match_indices('.').nth(labels - 1).map_or(written.len(), |(position, _)| position);
    let whole = &written[..end];
    let label = whole.rfind('.').map_or(0, |dot| dot + 1);
    let before_hyphen = whole[label..].find('-').map_or(whole, |hyphen| &whole[..label + hyphen]);
    [whole.trim_end_matches('-'), before_hyphen].into_iter().find(|domain| normalise::email(domain) == known).map(str::len)
}

/// Makes one finding of names that are only a blank or a hyphen apart.
fn join_names(text: &str, findings: Vec<Finding>) -> Vec<Finding> {
    let mut joined: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        match joined.last_mut() {
            Some(last)
                if last.kind == Kind::Name
                    && finding.kind == Kind::Name
                    && matches!(&text[last.end..finding.start], " " | "-" | "\u{a0}") =>
            {
                last.end = finding.end;
                last.confidence = last.confidence.max(finding.confidence);
            }
            _ => joined.push(finding),
        }
    }
    joined
}

#[cfg(test)]
mod tests;
