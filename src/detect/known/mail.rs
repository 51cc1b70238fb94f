//! A subject's e-mail addresses in a text.

use super::super::Kind;
use super::super::contact::email;
use super::super::normalise;
use super::super::placeholder;
use super::super::resolve::Candidate;
use super::spelling::slip;
use super::{EMAIL, MISSPELT_NUMBER, push};

/// Shorter local parts are not looked for misspelt.
const SHORTEST_MISSPELT: usize = 5;
/// Longer ones are nobody's (RFC 5321, section 4.5.3.1.1), with room for letters of several bytes.
const LONGEST: usize = 128;

/// A folded local part or domain with its punctuation.
struct Folded {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Folded {
    fn of(text: &str) -> Option<Self> {
        let mut folded = Self { bytes: [0; LONGEST], length: 0 };
        for character in text.chars() {
            let mut letters = super::spelling::Letters::none();
            let mut encoded = [0; 4];
            let piece: &[u8] = if character.is_alphanumeric() {
                letters.push(character)?;
                letters.as_bytes()
            } else {
                character.encode_utf8(&mut encoded).as_bytes()
            };
            folded.bytes.get_mut(folded.length..folded.length + piece.len())?.copy_from_slice(piece);
            folded.length += piece.len();
        }
        Some(folded)
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// An address, folded.
#[derive(Clone)]
struct Known {
    local: Box<[u8]>,
    domain: Box<[u8]>,
}

/// The addresses of a subject.
#[derive(Clone, Default)]
pub(super) struct Addresses {
    known: Box<[Known]>,
}

impl Addresses {
    pub(super) fn new<'v>(addresses: impl IntoIterator<Item = &'v str>) -> Self {
        let fold = |text: &str| Folded::of(text).map(|folded| Box::from(folded.as_bytes()));
        let split = |address: &str| {
            let address = normalise::email(address);
            let (local, domain) = address.rsplit_once('@')?;
            (!local.is_empty() && !domain.is_empty()).then_some(())?;
            Some(Known { local: fold(local)?, domain: fold(domain)? })
        };
        Self { known: addresses.into_iter().filter_map(split).collect() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    /// Offers every address of the subject at one of the signs.
    pub(super) fn find(&self, text: &str, ats: impl Iterator<Item = usize>, found: &mut Vec<Candidate>) {
        if self.known.is_empty() {
            return;
        }
        for at in ats {
            let (Some(head), Some(tail)) = (text.get(..at), text.get(at + 1..)) else { continue };
            let before = head.trim_end_matches(email::is_local);
            let after = tail.trim_start_matches(email::is_domain);
            // Beside a placeholder it is unknown where the address begins or ends.
            if placeholder::at_end(before).is_some() || placeholder::at_start(after).is_some() {
                continue;
            }
            let (local, domain) = (&head[before.len()..], &tail[..tail.len() - after.len()]);
            for known in &self.known {
                let Some(length) = prefix_length(domain, &known.domain) else { continue };
                if let Some((start, exact)) = suffix_start(local, &known.local) {
                    push(found, before.len() + start, at + 1 + length, Kind::Email, if exact { EMAIL } else { MISSPELT_NUMBER });
                }
            }
        }
    }
}

/// Where the known local part begins in the written one, if only punctuation precedes it, and whether it is spelt as known.
///
/// Punctuation may be skipped, letters not: `x.kim@` is somebody else.
fn suffix_start(written: &str, known: &[u8]) -> Option<(usize, bool)> {
    if written.len() > LONGEST {
        return None;
    }
    let punctuation = written.len() - written.trim_start_matches(|character: char| !character.is_alphanumeric()).len();
    let of_known = known.iter().take_while(|byte| byte.is_ascii() && !byte.is_ascii_alphanumeric()).count();
    let start = punctuation.checked_sub(of_known)?;
    let candidate = Folded::of(written.get(start..)?)?;
    let candidate = candidate.as_bytes();
    if candidate == known {
        return Some((start, true));
    }
    // Another digit is another address.
    let digits =
        |bytes: &[u8]| bytes.iter().filter(|byte| byte.is_ascii_digit()).fold(0_u64, |all, byte| all.wrapping_mul(11) + u64::from(*byte));
    let misspelt = known.len() >= SHORTEST_MISSPELT && digits(candidate) == digits(known) && slip(candidate, known).is_some();
    misspelt.then_some((start, false))
}

/// How much of the written domain is the known one, if it ends there or at a dot or hyphen.
fn prefix_length(written: &str, known: &[u8]) -> Option<usize> {
    let labels = known.split(|byte| *byte == b'.').count();
    let end = written.match_indices('.').nth(labels - 1).map_or(written.len(), |(position, _)| position);
    let whole = written.get(..end).filter(|whole| whole.len() <= LONGEST)?;
    let label = whole.rfind('.').map_or(0, |dot| dot + 1);
    let before_hyphen = whole[label..].find('-').map_or(whole, |hyphen| &whole[..label + hyphen]);
    [whole.trim_end_matches('-'), before_hyphen]
        .into_iter()
        .find(|domain| Folded::of(domain).is_some_and(|folded| folded.as_bytes() == known))
        .map(str::len)
}
