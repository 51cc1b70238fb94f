//! Web addresses that carry a person: a user, a token, a name.
//!
//! Finds: from the `:` of `://`, the whole address without the punctuation of the sentence, if it has a user before the host
//! (`https://kim:secret@example.org`), a parameter that says a person or opens a session (`token=`, `email=`, `pnr=`), a part that is a
//! token by itself (hexadecimal or base64url of 24 or more, a JSON web token), an identifier behind a word for resetting or inviting, a
//! page of a person (`/users/kim`, `/@kim`, `/~kim`, `linkedin.com/in/kim-lind`).
//!
//! Rule: every other web address is nobody's, and takes its digits from telephone numbers and the like; what a check digit proves is
//! still found in it. An e-mail address in it is found as one, and the web address ends before it.
//!
//! Without a scheme, an address that begins with `www.` is read alike, a profile of a network is found (`linkedin.com/in/kim-lind`,
//! `wa.me/46701740605`, see `profile`), and so are the path and query of a log's line (`GET
//! /invite?token=9f8e7d6c5b4a`). A part that is a person's name (`/konto/kim-lind`) counts where both are usual names, or behind a word
//! for an account; as the whole path (`https://example.org/petronella`) a usual given name is enough.
//!
//! Not found: other addresses without a scheme (`example.org/users/kim`).
//!
//! Source: RFC 3986 (grammar), RFC 7519 (JSON web token), RFC 4122 (identifiers).
//!
//! ```text
//! Se https://example.org/reset?token=9f8e7d6c5b4a. → Se [url].
//! (https://example.org/users/kim92/profil), ftp://kim:hemligt@example.org/x → ([url]), [url]
//! https://www.linkedin.com/in/kim-lind-1a2b och https://example.org/@kim → [url] och [url]
//! https://example.org/visa?kundnr=12345678&sida=2 → [url]
//! https://example.org/artikel/070-1740605 → https://example.org/artikel/070-1740605
//! https://example.org/p?sida=2&sort=pris, http://example.org → https://example.org/p?sida=2&sort=pris, http://example.org
//! https://example.org/commit/4b825dc642cb6eb9a060e54bf8d69288fbee4904 → https://example.org/commit/4b825dc642cb6eb9a060e54bf8d69288fbee4904
//! https://example.org/?email=kim@example.org → https://example.org/?email=[email]
//! http://example.org/?u=kim.lind%40example.org&t=1, https://example.org/?q=50%40x → [url], https://example.org/?q=50%40x
//! www.example.org/users/kim92, www.example.org → [url], www.example.org
//! GET /invite?token=9f8e7d6c5b4a 200, /lista?sida=2 → GET [url] 200, /lista?sida=2
//! https://example.org/konto/fatima-el-amrani/faktura → [url]
//! linkedin.com/in/kim-lind, Facebook.com/kim.lind; wa.me/46701740605. → [url], [url]; [url].
//! linkedin.com/company/exempel, facebook.com/exempelbolaget, github.com/exempel/projekt → linkedin.com/company/exempel, facebook.com/exempelbolaget, github.com/exempel/projekt
//! https://wiik.example/petronella, https://wiik.example/produkter → [url], https://wiik.example/produkter
//! ```

mod profile;
mod words;

use self::words::{ACCOUNTS, CODE_PARAMETERS, ERRANDS, PAGES, PERSON_PARAMETERS, PERSONS, SECRET_PARAMETERS, VERSIONS};
use super::handle;
use crate::detect::Kind;
use crate::detect::digits::Page;
use crate::detect::lexicon::{Entry, lexicon};
use crate::detect::resolve::{Candidate, Validity};

/// Shorter schemes are words: "kr://".
const SCHEME: usize = 3;
/// Above all that is found within: an address is replaced whole, so that no part of it stays.
const WHOLE: f32 = 0.99;

/// Of an address without a scheme no more is read, in bytes: many may begin within one another.
const LONGEST: usize = 512;

/// Offers the web address whose `://` begins here.
pub(in crate::detect) fn recognise(page: &Page<'_>, colon: usize, found: &mut Vec<Candidate>) {
    let bytes = page.bytes();
    if bytes.get(colon + 1) != Some(&b'/') || bytes.get(colon + 2) != Some(&b'/') {
        return;
    }
    // An address within an address has been read with it, which keeps the work linear.
    if found.last().is_some_and(|last| last.start <= colon && colon < last.end && (last.kind.is_none() || last.kind == Some(Kind::Url))) {
        return;
    }
    let following = page.addresses.partition_point(|address| address.end <= colon);
    let floor = following.checked_sub(1).and_then(|previous| page.addresses.get(previous)).map_or(0, |address| address.end);
    let Some(start) = scheme(bytes, floor, colon) else { return };
    let end = end(page, colon + 3);
    if end <= colon + 3 {
        return;
    }
    let is_personal = is_personal(&bytes[colon + 3..end]);
    found.push(match is_personal {
        true => Candidate::proven(start, end, Kind::Url, WHOLE),
        false => Candidate::nobody(start, end, WHOLE, Validity::Shape),
    });
}

/// Offers the web address without a scheme whose `www`, or the name of whose network, this `.` ends.
pub(in crate::detect) fn recognise_host(page: &Page<'_>, dot: usize, found: &mut Vec<Candidate>) {
    let bytes = page.bytes();
    let before = |start: usize| start.checked_sub(1).and_then(|before| bytes.get(before)).copied().unwrap_or(b'\n');
    let is_open = |start: usize| matches!(before(start), b' ' | b'\n' | b'\r' | b'\t' | b'(' | b'<' | b'"' | b'\'' | b',');
    let is_www = |start: &usize| bytes[*start..dot].eq_ignore_ascii_case(b"www");
    let (start, is_profile) = match (dot.checked_sub(3).filter(is_www), profile::host_start(bytes, dot)) {
        (Some(start), _) if is_open(start) => (start, false),
        // A list of pages, or `Facebook:facebook.com/kim.lind`, but no part of another address.
        (None, Some(start)) if is_open(start) || matches!(before(start), b':' | b';' | b'|') => (start, true),
        _ => return,
    };
    if is_profile && profile::is_within_address(page, start) {
        return;
    }
    let mut end = end_before(page, start, page.text.floor_char_boundary(start + LONGEST));
    if is_profile {
        // No page of a person has such a sign in its name.
        let sign = bytes[start..end].iter().position(|byte| matches!(byte, b':' | b';' | b',' | b'(' | b')' | b'\''));
        end = sign.map_or(end, |sign| start + sign);
        // An address with a scheme that begins there is found by itself.
        end = if bytes[end..].starts_with(b"://") { scheme(bytes, start, end).unwrap_or(end) } else { end };
    }
    // "wa.me/46701740605version 12345678": what its last word says of the number behind it would be lost.
    let is_free = end > dot + 1 && !page.touches_address(start, end) && !handle::is_telling(page, start, end);
    if is_free && is_personal(&bytes[start..end]) {
        found.push(Candidate::proven(start, end, Kind::Url, WHOLE));
    }
}

/// Offers the path and query whose first parameter's name this `=` ends: `/invite?token=…`.
pub(in crate::detect) fn recognise_query(page: &Page<'_>, equals: usize, found: &mut Vec<Candidate>) {
    /// Longer names of parameters, and longer paths, are none.
    const NAME: usize = 24;
    const PATH: usize = 128;
    let bytes = page.bytes();
    let name =
        bytes[..equals].iter().rev().take(NAME).take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')).count();
    let Some(mark) = (equals - name).checked_sub(1).filter(|mark| bytes[*mark] == b'?') else { return };
    let is_path = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-' | b'~' | b'%' | b'+');
    let start = mark - bytes[..mark].iter().rev().take(PATH).take_while(|byte| is_path(byte)).count();
    let before = start.checked_sub(1).map(|before| bytes[before]);
    if bytes[start] != b'/'
        || bytes.get(start + 1) == Some(&b'/')
        || !matches!(before, None | Some(b' ' | b'\n' | b'\t' | b'"' | b'\'' | b'=' | b'('))
    {
        return;
    }
    let end = end_before(page, start, page.text.floor_char_boundary(start + LONGEST));
    if end > equals + 1 && is_personal(&bytes[start..end]) {
        found.push(Candidate::proven(start, end, Kind::Url, WHOLE));
    }
}

/// Where the scheme begins: three to 16 letters, none of them of an e-mail address that ends at `floor`.
fn scheme(bytes: &[u8], floor: usize, colon: usize) -> Option<usize> {
    let before = bytes.get(floor..colon)?;
    let length = before.iter().rev().take(16).take_while(|byte| byte.is_ascii_alphabetic()).count();
    (length >= SCHEME).then_some(colon - length)
}

/// Whether a user's name and password stand here: behind `://`, perhaps with one `:` between. Asked of what precedes an `@`.
///
/// No part of an e-mail address that ends at `floor` belongs to it.
pub(in crate::detect::contact) fn is_user(text: &str, floor: usize, at: usize) -> bool {
    /// Longer names and passwords are none.
    const LONGEST: usize = 96;
    let bytes = &text.as_bytes()[at.saturating_sub(LONGEST).max(floor)..at];
    let length = bytes.iter().rev().take_while(|byte| is_part(**byte) && !matches!(byte, b'/' | b'?' | b'#' | b'@')).count();
    let before = &bytes[..bytes.len() - length];
    length > 0
        && before.ends_with(b"://")
        && before.iter().rev().skip(3).take(SCHEME).filter(|byte| byte.is_ascii_alphabetic()).count() == SCHEME
}

/// What an address may consist of. Brackets end it: they may be a placeholder's.
fn is_part(byte: u8) -> bool {
    byte > b' ' && !matches!(byte, b'"' | b'<' | b'>' | b'`' | b'{' | b'}' | b'|' | b'\\' | b'^' | b'[' | b']' | 0x7f)
}

/// Where the address ends: at a blank, a bracket or an e-mail address, without the sentence's punctuation.
fn end(page: &Page<'_>, host: usize) -> usize {
    end_before(page, host, page.text.len())
}

/// As [`end`], no further than a limit.
fn end_before(page: &Page<'_>, host: usize, limit: usize) -> usize {
    let bytes = &page.bytes()[..limit];
    let following = page.addresses.partition_point(|address| address.end <= host);
    let limit = page.addresses.get(following).map_or(bytes.len(), |address| address.start.max(host).min(bytes.len()));
    let run = &bytes[host..limit];
    let mut part = &run[..run.iter().position(|byte| !is_part(*byte)).unwrap_or(run.len())];
    let mut open = None;
    while let [outer @ .., last] = part {
        let is_closing = *last == b')' && {
            // Counted once, then kept: a row of ten thousand parentheses is read once.
            let (opening, closing) = open.get_or_insert_with(|| (count(part, b'('), count(part, b')')));
            let is_unopened = *closing > *opening;
            *closing -= 1;
            is_unopened
        };
        if !is_closing && !matches!(last, b'.' | b',' | b';' | b':' | b'!' | b'?' | b'\'' | b'*' | b'_') {
            break;
        }
        part = outer;
    }
    host + part.len()
}

fn count(bytes: &[u8], wanted: u8) -> usize {
    bytes.iter().filter(|byte| **byte == wanted).count()
}

/// Whether an address, or another within it (`?next=https://…`), carries a person.
fn is_personal(address: &[u8]) -> bool {
    /// An address with more of them is hostile, and taken for one that does.
    const MOST: usize = 4;
    let mut rest = address;
    for _ in 0..MOST {
        if Parts::of(rest).is_personal() {
            return true;
        }
        let Some(inner) = rest.windows(3).position(|signs| signs == b"://") else { return false };
        rest = &rest[inner + 3..];
    }
    true
}

/// Whether an e-mail address stands here whose `@` is written as RFC 3986, section 2.1, has it: `kim.lind%40example.org`.
fn has_encoded_address(part: &[u8]) -> bool {
    let is_host = |host: &[u8]| {
        let length = host.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')).count();
        host[..length].iter().skip(1).any(|byte| *byte == b'.')
    };
    memchr::memmem::find_iter(part, b"%40").any(|at| at > 0 && part[at - 1].is_ascii_alphanumeric() && is_host(&part[at + 3..]))
}

/// An address behind its `://`.
struct Parts<'t> {
    user: Option<&'t [u8]>,
    host: &'t [u8],
    path: &'t [u8],
    /// Query and fragment.
    query: &'t [u8],
}

impl<'t> Parts<'t> {
    fn of(address: &'t [u8]) -> Self {
        let split =
            |bytes: &'t [u8], signs: &[u8]| bytes.split_at(bytes.iter().position(|byte| signs.contains(byte)).unwrap_or(bytes.len()));
        let (authority, rest) = split(address, b"/?#");
        let (path, query) = split(rest, b"?#");
        let at = authority.iter().rposition(|byte| *byte == b'@');
        let (user, host) = match at {
            Some(at) => (Some(&authority[..at]), &authority[at + 1..]),
            None => (None, authority),
        };
        Self { user, host, path, query }
    }

    fn is_personal(&self) -> bool {
        self.user.is_some_and(|user| !user.is_empty())
            || profile::is_profile(self)
            || self.is_name_alone()
            || self.has_personal_path()
            || self.has_personal_parameter()
            || has_encoded_address(self.path)
            || has_encoded_address(self.query)
    }

    fn segments(&self) -> impl Iterator<Item = &'t [u8]> + use<'t> {
        self.path.split(|byte| matches!(byte, b'/' | b',' | b';')).filter(|segment| !segment.is_empty())
    }

    /// `https://example.org/petronella`: nothing but a usual given name, or one with a family name.
    fn is_name_alone(&self) -> bool {
        let mut segments = self.segments();
        let (Some(only), None) = (segments.next(), segments.next()) else { return false };
        let word = std::str::from_utf8(only).unwrap_or_default();
        let entry = lexicon().entry(word);
        let is_given = entry.given() >= 6 && entry.word() < 4 && is_apart(entry) && word.bytes().all(|byte| byte.is_ascii_lowercase());
        self.query.is_empty() && !self.host.is_empty() && (is_given || is_name(only, true))
    }

    fn has_personal_path(&self) -> bool {
        let mut before: &[u8] = b"";
        for segment in self.segments() {
            if let Some(name) = segment.strip_prefix(b"@").or_else(|| segment.strip_prefix(b"~"))
                && name.len() >= 2
            {
                return true;
            }
            if is_among(before, &PERSONS) && !is_among(segment, &PAGES) && segment.len() >= 2 {
                return true;
            }
            if is_name(segment, is_among(before, &ACCOUNTS)) {
                return true;
            }
            // What a version or a file is known by is nobody's token.
            if !is_among(before, &VERSIONS) && (is_token(segment) || (is_among(before, &ERRANDS) && is_code(segment))) {
                return true;
            }
            before = segment;
        }
        false
    }

    fn has_personal_parameter(&self) -> bool {
        let has_errand = self.segments().any(|segment| is_among(segment, &ERRANDS));
        self.query.split(|byte| matches!(byte, b'?' | b'&' | b'#' | b';' | b'/')).any(|parameter| {
            let Some(equals) = parameter.iter().position(|byte| *byte == b'=') else {
                return is_token(parameter);
            };
            let (name, value) = (&parameter[..equals], &parameter[equals + 1..]);
            match value.len() {
                0 => false,
                _ if is_among(name, &PERSON_PARAMETERS) => true,
                6.. if is_among(name, &SECRET_PARAMETERS) => true,
                _ if is_among(name, &CODE_PARAMETERS) => is_code(value),
                _ => is_token(value) || (has_errand && is_code(value)),
            }
        })
    }
}

fn is_among(word: &[u8], list: &[&[u8]]) -> bool {
    // Names of parameters differ in case and underscores: `userId`, `user_id`.
    let plain = |bytes: &[u8]| bytes.len() - count(bytes, b'_') - count(bytes, b'-');
    if word.len() > 24 {
        return false;
    }
    let length = plain(word);
    list.iter().any(|other| {
        length == other.len()
            && word.iter().filter(|byte| !matches!(byte, b'_' | b'-')).zip(*other).all(|(left, right)| left.eq_ignore_ascii_case(right))
    })
}

/// Whether a part is a secret by its look: 24 or more hexadecimal digits, as many of base64url in all three classes, or a JSON web token.
fn is_token(part: &[u8]) -> bool {
    /// Shorter ones may be words.
    const SHORTEST: usize = 24;
    if part.len() < SHORTEST || part.len() > 4096 {
        return false;
    }
    if part.starts_with(b"eyJ") && count(part, b'.') == 2 {
        return true;
    }
    let (mut lower, mut upper, mut digits, mut hexadecimal, mut changes) = (0, 0, 0, true, 0);
    let mut class = 0;
    for byte in part {
        let next = match byte {
            b'a'..=b'z' => 1,
            b'A'..=b'Z' => 2,
            b'0'..=b'9' => 3,
            b'-' | b'_' | b'=' | b'%' => 0,
            _ => return false,
        };
        lower += usize::from(next == 1);
        upper += usize::from(next == 2);
        digits += usize::from(next == 3);
        hexadecimal &= byte.is_ascii_hexdigit();
        changes += usize::from(next != class);
        class = next;
    }
    // Words joined by hyphens change class seldom; a token at every other character.
    (hexadecimal && digits >= 4 && lower + upper >= 2) || (lower >= 3 && upper >= 3 && digits >= 2 && changes * 3 >= part.len())
}

/// Whether a part is a code that somebody was sent: a UUID, or eight and more letters and digits that take turns.
fn is_code(part: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=');
    if !(8..=200).contains(&part.len()) || !part.iter().all(is_plain) {
        return false;
    }
    let mut turns = 0;
    let mut was_digit = None;
    for byte in part.iter().filter(|byte| byte.is_ascii_alphanumeric()) {
        turns += usize::from(was_digit.is_some_and(|was| was != byte.is_ascii_digit()));
        was_digit = Some(byte.is_ascii_digit());
    }
    // "SOMMAR20" is a discount.
    turns >= 3
}

/// Whether a word is nothing but a name.
fn is_apart(entry: Entry) -> bool {
    !entry.is_common() && !entry.is_place() && !entry.is_brand()
}

/// Whether a part is a person's name: `kim-lind`, `fatima.el.amrani`. Behind a word for an account a usual given name is enough.
fn is_name(part: &[u8], is_account: bool) -> bool {
    /// More than a name has, in bytes and in words.
    const LONGEST: usize = 40;
    const MOST: usize = 4;
    let Some(part) = std::str::from_utf8(part).ok().filter(|part| part.len() <= LONGEST) else { return false };
    let is_sign = |character: char| matches!(character, '-' | '.' | '_');
    let Some((first, rest)) = part.split_once(is_sign) else { return false };
    let last = rest.rsplit(is_sign).next().unwrap_or_default();
    if part.split(is_sign).count() > MOST || !part.split(is_sign).all(|word| word.len() >= 2 && word.chars().all(char::is_alphabetic)) {
        return false;
    }
    let (given, family) = (lexicon().entry(first), lexicon().entry(last));
    let is_given = given.given() >= 5 && is_apart(given);
    is_given && (is_account || (family.family() >= 6 && is_apart(family)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Country, examples};

    fn found(text: &str) -> Vec<(Kind, &str)> {
        crate::detect::examples::scanner(&Country::ALL)
            .scan(text)
            .into_iter()
            .map(|finding| (finding.kind, &text[finding.start..finding.end]))
            .collect()
    }

    #[test]
    fn documented_examples_hold() {
        assert_eq!(examples::check(include_str!("mod.rs"), &Country::ALL), 15);
    }

    #[test]
    fn addresses_of_people_are_found_whole() {
        for text in [
            "https://kim:hemligt@example.org/x",
            "https://kim@example.org",
            "sftp://kim.lind@files.example.org:22/home",
            "https://example.org/reset/550e8400-e29b-41d4-a716-446655440000",
            "https://example.org/login?id=550e8400-e29b-41d4-a716-446655440000",
            "https://example.org/verify?code=a1b2c3d4e5",
            "https://example.org/?access_token=abc123def456",
            "https://example.org/#access_token=abc123def456&x=1",
            "https://example.org/s/9f86d081884c7d659a2feaa0c55ad015",
            "https://example.org/d/1A2b3C4d5E6f7G8h9I0jKlMnOpQ/edit",
            "https://example.org/a?x=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
            "https://example.org/users/123",
            "https://example.org/profil/kim-lind",
            "https://example.org/~kim/",
            "https://www.facebook.com/kim.lind",
            "https://instagram.com/kim_lind92/",
            "https://wa.me/46701740605",
            "https://example.org/?userId=17&lang=sv",
            "https://example.org/boka?namn=Kim+Lind&tid=10:30",
            "https://example.org/boka?pnr=190101-2391",
            "https://example.org/wiki/(kim)?user=kim(1)",
        ] {
            for (before, after) in [("", ""), ("Se ", "."), ("(", ")"), ("<", ">"), ("\"", "\","), ("länk:", " ok"), ("", ")."), ("", "!")]
            {
                let whole = format!("{before}{text}{after}");
                assert_eq!(found(&whole), [(Kind::Url, text)], "{whole}");
            }
        }
    }

    #[test]
    fn ordinary_addresses_are_nobodys() {
        for text in [
            "https://example.org",
            "https://example.org/",
            "https://www.example.org/produkter/stolar?farg=bla&sida=2#recensioner",
            "https://example.org/2024/01/15/nyhet-om-070-1740605",
            "https://example.org/p/12345678",
            "https://example.org/order/12 34",
            "https://example.org/users",
            "https://example.org/users/login",
            "https://example.org/?email=",
            "https://example.org/?code=SOMMAR20",
            "https://example.org/kex/4f3c2b1a",
            "https://example.org/produkt/550e8400-e29b-41d4-a716-446655440000",
            "https://example.org/en-mycket-lang-rubrik-om-nagot-2024-som-hander-nu",
            "https://example.org/commit/4b825dc642cb6eb9a060e54bf8d69288fbee4904",
            "https://www.facebook.com/exempelbolaget",
            "https://www.linkedin.com/company/exempel",
            "https://github.com/exempel/projekt",
            "https://example.org/nyheter/anna-lind-vann-loppet",
            "https://example.org/park/victoria-park",
            "https://example.org/stol/karl-johan",
            "www.example.org",
            "www.example.org/produkter/stolar?farg=bla",
            "Se www.example.org/nyheter.",
            "GET /lista?sida=2&sort=pris HTTP/1.1",
            "a/b?token=9f8e7d6c5b4a",
            "och/eller?namn=",
            "http://",
            "://x",
            "a:b",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn what_is_proven_within_is_found_by_itself() {
        assert_eq!(found("https://example.org/arende/190101-2391/visa"), [(Kind::NationalId, "190101-2391")]);
        assert_eq!(found("https://example.org/kim@example.org"), [(Kind::Email, "kim@example.org")]);
        assert_eq!(
            found("https://example.org/?token=a1b2c3d4e5&to=kim@example.org"),
            [(Kind::Url, "https://example.org/?token=a1b2c3d4e5&to="), (Kind::Email, "kim@example.org")]
        );
    }

    #[test]
    fn an_address_in_an_address_is_read_once() {
        let text = "https://example.org/?token=a1b2c3d4e5&next=https://example.com/x";
        assert_eq!(found(text), [(Kind::Url, text)]);
        assert_eq!(found(&"abc://".repeat(1 << 17)).len(), 1);
        assert_eq!(found(&"abc://x(".repeat(1 << 16)).len(), 1);
        assert!(found(&format!("abc://{}", ")".repeat(1 << 20))).is_empty());
        assert!(found(&format!("abc://{}", "a@".repeat(1 << 19))).len() <= 1);
    }
}
