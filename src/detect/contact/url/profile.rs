//! Pages of people on networks: `linkedin.com/in/kim-lind`, `facebook.com/kim.lind`, `wa.me/46701740605`.
//!
//! Rule: LinkedIn's, Snapchat's and the messengers' addresses tell people from companies themselves. Elsewhere one name stands behind the
//! host for either; a person's has a sign or a digit within, or is built of a person's name (`instagram.com/kimlind`).

use super::Parts;
use crate::detect::contact::user;
use crate::detect::digits::Page;
use crate::detect::lexicon::lexicon;

/// Networks where one name alone is somebody's page.
const NETWORKS: [&[u8]; 13] = [
    b"facebook.com",
    b"fb.com",
    b"instagram.com",
    b"twitter.com",
    b"x.com",
    b"t.me",
    b"m.me",
    b"threads.net",
    b"vk.com",
    b"github.com",
    b"gitlab.com",
    b"strava.com",
    b"paypal.me",
];

/// Those whose addresses say themselves that a person follows, and those that mark a name with `@`.
const OTHERS: [&[u8]; 8] =
    [b"linkedin.com", b"wa.me", b"signal.me", b"snapchat.com", b"tiktok.com", b"youtube.com", b"medium.com", b"bsky.app"];

/// Whether an address is a page of a person.
pub(super) fn is_profile(parts: &Parts<'_>) -> bool {
    let is_host = |name: &[u8]| {
        parts.host.len() >= name.len()
            && parts.host[parts.host.len() - name.len()..].eq_ignore_ascii_case(name)
            && (parts.host.len() == name.len() || parts.host[parts.host.len() - name.len() - 1] == b'.')
    };
    let mut segments = parts.segments();
    let (Some(first), second) = (segments.next(), segments.next()) else { return false };
    if is_host(b"linkedin.com") {
        return first == b"in" && second.is_some();
    }
    if is_host(b"wa.me") || is_host(b"signal.me") {
        return first.iter().filter(|byte| byte.is_ascii_digit()).count() >= 7;
    }
    if is_host(b"snapchat.com") {
        return first == b"add" && second.is_some();
    }
    // One name alone, of a kind that companies and pages of the service seldom have.
    NETWORKS.iter().any(|name| is_host(name))
        && (second.is_none() || is_host(b"github.com") && is_name(first))
        && first.len() >= 3
        && first.iter().any(u8::is_ascii_alphabetic)
        && (first.iter().any(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'_')) || is_name(first))
        && !first.ends_with(b".php")
        && !first.ends_with(b".html")
}

/// Whether the name of a page is built of a person's: `kimlind`, `kim-lind`, `klindqvist`.
fn is_name(page: &[u8]) -> bool {
    let Some(page) = std::str::from_utf8(page).ok().filter(|page| page.len() <= 40) else { return false };
    let mut words = page.split('-');
    let (Some(first), rest) = (words.next(), words.next()) else { return false };
    let entry = lexicon().entry(first);
    match rest {
        Some(_) => entry.given() >= 5 && !entry.is_common() && !entry.is_brand(),
        None => user::is_built_of_name(page),
    }
}

/// Where the host of a network begins, the last `.` but the path's first sign of which this is: `fi.linkedin.com/`.
pub(super) fn host_start(bytes: &[u8], dot: usize) -> Option<usize> {
    /// Longer parts of a host are none of these.
    const LONGEST: usize = 24;
    let rest = bytes.get(dot + 1..)?;
    let top = rest.iter().take(4).position(|byte| *byte == b'/')?;
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let length = bytes.get(..dot)?.iter().rev().take(LONGEST).take_while(is_part).count();
    let host = bytes.get(dot - length..dot + 1 + top)?;
    let is_network = |name: &&[u8]| {
        host.len() >= name.len() && {
            let (outer, last) = host.split_at(host.len() - name.len());
            last.eq_ignore_ascii_case(name) && (outer.is_empty() || outer.ends_with(b"."))
        }
    };
    // What begins with `www.` is read from there.
    let is_read = host.get(..4).is_some_and(|begin| begin.eq_ignore_ascii_case(b"www."));
    (!is_read && length < LONGEST && NETWORKS.iter().chain(&OTHERS).any(is_network)).then_some(dot - length)
}

/// Whether a place is within an address with a scheme or with `www.`: both are read from their beginning.
pub(super) fn is_within_address(page: &Page<'_>, start: usize) -> bool {
    /// Addresses are looked for no further back.
    const REACH: usize = 128;
    // Both end before an e-mail address.
    let following = page.addresses.partition_point(|address| address.end <= start);
    let floor = following.checked_sub(1).and_then(|previous| page.addresses.get(previous)).map_or(0, |address| address.end);
    let before = page.bytes().get(start.saturating_sub(REACH).max(floor)..start).unwrap_or_default();
    let length = before.iter().rev().take_while(|byte| super::is_part(**byte)).count();
    let token = before.get(before.len() - length..).unwrap_or_default();
    token.windows(3).any(|signs| signs == b"://") || token.windows(4).any(|signs| signs.eq_ignore_ascii_case(b"www."))
}

#[cfg(test)]
mod tests {
    use crate::detect::{Country, Kind, examples};

    fn found(text: &str) -> Vec<&str> {
        let findings = examples::scanner(&Country::ALL).scan(text);
        findings.into_iter().filter(|finding| finding.kind == Kind::Url).map(|finding| &text[finding.start..finding.end]).collect()
    }

    #[test]
    fn profiles_are_found_without_a_scheme() {
        for text in [
            "linkedin.com/in/kalle-roivas",
            "fi.linkedin.com/in/kalle-roivas-1a2b/",
            "LinkedIn.com/in/dagny-isfeld",
            "facebook.com/anna.ost",
            "m.facebook.com/anna.ost",
            "instagram.com/anna_ost92",
            "instagram.com/annalindqvist",
            "github.com/klindqvist",
            "github.com/klindqvist/projekt",
            "twitter.com/anna_ost",
            "x.com/anna_ost",
            "t.me/anna_ost",
            "wa.me/46701740605",
            "snapchat.com/add/annaost",
            "tiktok.com/@annaost",
        ] {
            for (before, after) in [("", ""), ("Se ", "."), ("(", ")"), ("LinkedIn: ", ", ok"), ("Profil:", "\nHej"), ("x\n", "")] {
                let whole = format!("{before}{text}{after}");
                assert_eq!(found(&whole), [text], "{whole}");
            }
        }
    }

    #[test]
    fn pages_of_companies_and_other_hosts_are_left() {
        for text in [
            "linkedin.com/company/exempel",
            "linkedin.com/in",
            "facebook.com/exempelbolaget",
            "facebook.com/profile.php",
            "instagram.com/explore",
            "github.com/exempel/projekt",
            "t.me/",
            "wa.me/1234",
            "box.com/anna_ost",
            "notlinkedin.com/in/kalle-roivas",
            "example.org/in/kalle",
            "x.com",
            "kim@x.com/anna_ost",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
        assert!(found(&"x.com/".repeat(1 << 17)).is_empty());
        assert!(found(&"a.t.me".repeat(1 << 17)).is_empty());
    }
}
