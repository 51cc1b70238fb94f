//! E-mail addresses.
//!
//! Finds: `local@domain` where the domain has at least two labels and ends in letters (or in an
//! `xn--` label). Letters of any script are allowed on both sides (RFC 6531).
//!
//! Rule: the dot-atom of RFC 5322 section 3.4.1, without the rarely used punctuation that text
//! around an address uses for itself (`/ = ? ! * { }`); host names after RFC 1123. What lies before
//! two dots in a row, or punctuation before the first letter, does not belong to the address.
//! Length limits are not applied: an address too long to be delivered is still redacted.
//!
//! A user before the host of a web address (`https://kim@example.org`) belongs to that address.
//!
//! A sentence that begins right behind the full stop (`kim@example.se.Tack`) is no part of the address: a label with a capital, or an
//! ordinary word, that is no known top-level domain behind one that is.
//!
//! Addresses with `(at)` or ` at ` in the sign's place are found by `spelled`. Not found: addresses with blanks around the `@`, without a dot in the domain (`root@localhost`), with an address literal
//! (`kim@[192.0.2.1]`) or with a quoted local part.
//!
//! ```text
//! Skriv till kim.lindqvist+order@example.com! → Skriv till [email]!
//! <björn@räksmörgås.example.org> → <[email]>
//! mailto:KIM@EXAMPLE.ORG, kim_1@mail.example.com. → mailto:[email], [email].
//! (o'brien@example.org) → ([email])
//! kim@xn--rksmrgs-5wao1o.invalid → [email]
//! kim skrev: 2 @ 30 kr, logo@2x.png → kim skrev: 2 @ 30 kr, logo@2x.png
//! kim@example.se.Tack! Skriv till kim@example.com.tack, Kim@Example.Se → [email].Tack! Skriv till [email].tack, [email]
//! root@localhost, kim@192.0.2.1, kim@ → root@localhost, kim@[ip_address], kim@
//! ```

use unicode_normalization::char::is_combining_mark;

use super::url;
use crate::detect::lexicon::lexicon;
use crate::detect::{Finding, Kind};

const CONFIDENCE: f32 = 0.99;

/// All addresses, sorted and disjoint.
///
/// Read from left to right; an address never reaches back into the one before it, so that what
/// follows an address is the same with and without its replacement.
pub(in crate::detect) fn addresses(text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    collect(text, text.match_indices('@').map(|(at, _)| at), &mut found);
    found
}

/// As [`addresses`], for the places of `@` that are known, after what `found` holds.
pub(in crate::detect) fn collect(text: &str, ats: impl Iterator<Item = usize>, found: &mut Vec<Finding>) {
    for at in ats {
        let floor = found.last().map_or(0, |address| address.end);
        if at < floor {
            continue;
        }
        let Some(length) = domain_length(&text[at + 1..]) else {
            continue;
        };
        let start = local_start(text, at, floor);
        // `https://kim:secret@example.org`: the name and password of a web address, which is found whole.
        if start < at && !url::is_user(text, floor, at) && !is_image(&text[at + 1..at + 1 + length]) {
            found.push(Finding { start, end: at + 1 + length, kind: Kind::Email, confidence: CONFIDENCE });
        }
    }
}

/// `2x.png`, `3x.jpg`: behind an `@` the resolution of a picture.
fn is_image(domain: &str) -> bool {
    let Some((size, ending)) = domain.split_once('.') else { return false };
    let is_size = size.strip_suffix('x').is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()));
    is_size && matches!(ending, "png" | "jpg" | "jpeg" | "gif" | "webp" | "svg" | "avif")
}

/// Every way to read an address around each `@`: the whole domain, and what of it ends at a full stop or hyphen.
///
/// For comparing with an address that is known. A text that goes on without a blank (`kim@example.org.Ring`) makes another address of it,
/// and a known one may have a domain that `addresses` takes for none (`kim@intranet`).
pub fn readings(text: &str) -> Vec<&str> {
    /// More labels than the domain of a person's address has.
    const MOST_LABELS: usize = 8;
    let mut readings = Vec::new();
    for (at, _) in text.match_indices('@') {
        let local = &text[text[..at].trim_end_matches(is_local).len()..at];
        let start = at - local.trim_start_matches(|character: char| !character.is_alphanumeric()).len();
        let after = &text[at + 1..];
        let domain = &after[..after.len() - after.trim_start_matches(is_domain).len()];
        let mut length = 0;
        for label in domain.split('.').take(MOST_LABELS) {
            let head = label.split('-').next().unwrap_or(label);
            let ends = [length + head.len(), length + label.trim_end_matches('-').len()];
            readings.extend(ends.into_iter().filter(|_| start < at && !head.is_empty()).map(|end| &text[start..at + 1 + end]));
            length += label.len() + 1;
        }
    }
    readings.dedup();
    readings
}

/// Letters, digits, and the combining marks of decomposed letters.
fn is_word(character: char) -> bool {
    character.is_alphanumeric() || is_combining_mark(character)
}

/// Whether the character may stand in a local part.
pub(in crate::detect) fn is_local(character: char) -> bool {
    is_word(character) || matches!(character, '.' | '_' | '%' | '+' | '-' | '\'' | '&')
}

/// Whether the character may stand in a domain.
pub(in crate::detect) fn is_domain(character: char) -> bool {
    is_word(character) || matches!(character, '.' | '-')
}

/// Where the local part before `@` begins; equal to `at` if there is none.
fn local_start(text: &str, at: usize, floor: usize) -> usize {
    let before = &text[floor..at];
    let mut start = at;
    let mut dot = false;
    for (position, character) in before.char_indices().rev() {
        if !is_local(character) || (dot && character == '.') {
            break;
        }
        dot = character == '.';
        start = floor + position;
    }
    let local = &text[start..at];
    at - local.trim_start_matches(|character: char| !character.is_alphanumeric() && character != '_').len()
}

/// Length in bytes of the longest domain that the text begins with.
fn domain_length(text: &str) -> Option<usize> {
    let run = text.find(|character| !is_domain(character));
    let run = &text[..run.unwrap_or(text.len())];
    let mut length = None;
    let mut position = 0;
    let mut before = "";
    for (index, label) in run.split('.').enumerate() {
        let name = label.trim_end_matches('-');
        if name.is_empty() || name.starts_with('-') || (length.is_some() && begins_sentence(before, name)) {
            break;
        }
        before = name;
        if index > 0 {
            // "kim@example.org-ring" goes on after a hyphen without a blank.
            let head = name.split('-').next().unwrap_or(name);
            if let Some(top) = [name, head].into_iter().find(|top| is_top_level(top)) {
                length = Some(position + top.len());
            }
        }
        if name.len() < label.len() {
            break;
        }
        position += label.len() + 1;
    }
    length
}

/// Whether a label is the first word of the next sentence, which began without a blank: `example.se.Tack`.
fn begins_sentence(before: &str, label: &str) -> bool {
    let word = label.split('-').next().unwrap_or(label);
    if !is_known_top_level(before) || is_known_top_level(word) || !word.chars().all(char::is_alphabetic) {
        return false;
    }
    let is_capital = word.starts_with(char::is_uppercase) && word.chars().skip(1).all(char::is_lowercase);
    // What is written in capitals throughout goes on in them.
    (is_capital && !before.chars().all(char::is_uppercase)) || (word.len() >= 2 && lexicon().entry(word).is_common())
}

/// Whether a label is a top-level domain that people of these countries have their addresses in, or a reserved one.
pub(super) fn is_known_top_level(label: &str) -> bool {
    const KNOWN: [&str; 60] = [
        "se",
        "no",
        "dk",
        "fi",
        "is",
        "ax",
        "fo",
        "gl",
        "nu",
        "eu",
        "com",
        "org",
        "net",
        "info",
        "biz",
        "edu",
        "gov",
        "mil",
        "int",
        "name",
        "io",
        "me",
        "co",
        "ai",
        "app",
        "dev",
        "cloud",
        "tech",
        "online",
        "shop",
        "store",
        "email",
        "uk",
        "de",
        "fr",
        "nl",
        "be",
        "pl",
        "es",
        "it",
        "pt",
        "at",
        "ch",
        "cz",
        "ee",
        "lv",
        "lt",
        "ie",
        "us",
        "ca",
        "au",
        "nz",
        "ru",
        "ua",
        "tv",
        "test",
        "example",
        "invalid",
        "local",
        "localhost",
    ];
    KNOWN.iter().any(|known| label.eq_ignore_ascii_case(known))
}

fn is_top_level(label: &str) -> bool {
    let letters = label.chars().all(|character| character.is_alphabetic() || is_combining_mark(character));
    (letters && label.chars().nth(1).is_some()) || label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::examples;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> = addresses(text).iter().map(|address| &text[address.start..address.end]).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn documented_examples_hold() {
        assert_eq!(examples::check(include_str!("email.rs"), &[]), 8);
    }

    #[test]
    fn addresses_end_where_the_sentence_goes_on() {
        check("kim@example.org.", &["kim@example.org"]);
        check("kim@example.org- ring", &["kim@example.org"]);
        check("kim@example.org-ring", &["kim@example.org"]);
        check("kim@mail.my-host.example.org", &["kim@mail.my-host.example.org"]);
        check("kim@example.org.1234", &["kim@example.org"]);
        check("kim@example.org/kontakt", &["kim@example.org"]);
    }

    #[test]
    fn a_sentence_may_begin_without_a_blank() {
        for (text, address) in [
            ("kim@example.se.Tack", "kim@example.se"),
            ("kim@mail.example.com.Ring-mig", "kim@mail.example.com"),
            ("kim@example.no.Hilsen Kim", "kim@example.no"),
            ("kim@example.se.tack", "kim@example.se"),
            ("kim@intra.Example.org", "kim@intra.Example.org"),
            ("KIM@EXAMPLE.SE.EXAMPLE.ORG", "KIM@EXAMPLE.SE.EXAMPLE.ORG"),
            ("kim@is.mail.example.org", "kim@is.mail.example.org"),
            ("kim@example.co.uk", "kim@example.co.uk"),
            ("kim@example.com.Au", "kim@example.com.Au"),
            ("kim@example.museum", "kim@example.museum"),
        ] {
            check(text, &[address]);
        }
    }

    #[test]
    fn local_parts_begin_at_a_letter_and_after_two_dots() {
        check("'kim@example.org'", &["kim@example.org"]);
        check("...kim@example.org", &["kim@example.org"]);
        check("a..kim@example.org", &["kim@example.org"]);
        check("-@example.org", &[]);
    }

    #[test]
    fn addresses_in_a_row_do_not_share_characters() {
        check("kim@example.org@example.com", &["kim@example.org"]);
        check("kim@example.org.b@example.com", &["kim@example.org", "b@example.com"]);
        check("kim@example.org;bo@example.com", &["kim@example.org", "bo@example.com"]);
    }

    #[test]
    fn an_address_is_read_to_each_full_stop_and_hyphen() {
        assert_eq!(readings("(kim@example.org.Ring)"), ["kim@example", "kim@example.org", "kim@example.org.Ring"]);
        assert_eq!(readings("kim@intranet-ring"), ["kim@intranet", "kim@intranet-ring"]);
        assert_eq!(readings("'kim@example.org', @kim, kim@"), ["kim@example", "kim@example.org"]);
        assert_eq!(readings(&"a@".repeat(1 << 19)), ["a@a"]);
    }

    #[test]
    fn decomposed_letters_belong_to_the_address() {
        check("bjo\u{308}rn@example.org", &["bjo\u{308}rn@example.org"]);
    }

    #[test]
    fn a_megabyte_of_signs_is_read() {
        check(&"@".repeat(1 << 20), &[]);
        check(&"a@".repeat(1 << 19), &[]);
        check(&".".repeat(1 << 20), &[]);
        let long = format!("{}@example.org", "a".repeat(1 << 20));
        check(&long, &[&long]);
    }
}
