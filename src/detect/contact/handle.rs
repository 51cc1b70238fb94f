//! User names.
//!
//! Finds: `@name`, and the name behind a label that ends in a colon: `user: kim92`, `insta: kim.lind`, `brukernavn: kim_l`.
//!
//! Rule: two to thirty letters, digits, `.`, `_` and `-`, a letter among them. An `@` stands at the beginning of a word; annotations and
//! rules of programming languages (`@Override`, `@media`, `@types/node`), groups (`@alla`) and host names are nobody's. Behind a label
//! whose value might be a sentence (`login: fungerar inte`) the name needs a digit, a dot or an underscore, or is built of a person's
//! initial and family name (`klindqvist`); an e-mail address or a number
//! is no name.
//!
//! Names behind a label without a colon (`inloggad som kim92`) and behind `=` are found by `user`.
//!
//! Source: the services' own rules of names, of which these are the union (Instagram: 30 letters, digits, dots and underscores; X: 15;
//! GitHub: 39 with hyphens, of which the first 30 are read).
//!
//! ```text
//! Hör med @kim_lind92, eller (@kim.lind). → Hör med [handle], eller ([handle]).
//! user: kalle92 kan inte logga in → user: [handle] kan inte logga in
//! Brukernavn: kari.n, insta:kim_l, Discord: kim#1234 → Brukernavn: [handle], insta:[handle], Discord: [handle]
//! login: fungerar inte, användare: Kim Lind → login: fungerar inte, användare: Kim Lind
//! 2 @ 30 kr, 5 st@30 kr, @30 → 2 @ 30 kr, 5 st@30 kr, @30
//! @Override, @media (min-width), @types/node, @alla → @Override, @media (min-width), @types/node, @alla
//! user: kim@example.org → user: [email]
//! ```

use super::user;
use crate::detect::Kind;
use crate::detect::context;
use crate::detect::digits::Page;
use crate::detect::fold::Folded;
use crate::detect::placeholder;
use crate::detect::resolve::Candidate;

/// The longest name, in bytes that are read.
pub(super) const LONGEST: usize = 30;

/// Offers the user name that this `@` begins.
pub(in crate::detect) fn recognise(page: &Page<'_>, at: usize, found: &mut Vec<Candidate>) {
    let bytes = page.bytes();
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    let is_open = match before {
        None | Some(b' ' | b'\n' | b'\r' | b'\t' | b'(' | b'"' | b'\'' | b',' | b';' | b':' | b'*' | b'>') => true,
        Some(b'/') => at < 2 || !matches!(bytes[at - 2], b'/') && bytes[at - 2] == b' ',
        _ => false,
    };
    if !is_open {
        return;
    }
    let Some(end) = name(page, at + 1) else { return };
    let token = &bytes[at + 1..end];
    if !token[0].is_ascii_alphabetic() && token[0] != b'_' && token[0] < 0x80 {
        return;
    }
    if is_host_name(token) || is_code(bytes, at, end) {
        return;
    }
    let folded = Folded::of(&page.text[at + 1..end]);
    if NOBODY.contains(&folded.as_str()) || is_telling(page, at + 1, end) {
        return;
    }
    let confidence = if is_invented(token) { 0.95 } else { 0.88 };
    found.push(Candidate::shape(at, end, Kind::Handle, confidence));
}

/// Offers the user name behind a label that this `:` ends: `user: kim92`.
pub(in crate::detect) fn recognise_label(page: &Page<'_>, colon: usize, found: &mut Vec<Candidate>) {
    let bytes = page.bytes();
    // Most colons stand behind a digit, or before a slash or the end of the line.
    let Some(before) = colon.checked_sub(1).map(|before| bytes[before]) else { return };
    if !(before.is_ascii_alphabetic() || before >= 0x80) || matches!(bytes.get(colon + 1), None | Some(b'/' | b'\n' | b':')) {
        return;
    }
    let Some(label) = label(page, colon) else { return };
    let mut start = colon + 1;
    while start < colon + 3 && bytes.get(start) == Some(&b' ') {
        start += 1;
    }
    let Some(mut end) = name(page, start) else { return };
    let token = &bytes[start..end];
    if !token.iter().any(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80) || is_host_name(token) {
        return;
    }
    let token_end = end;
    end += mark(bytes, end);
    let is_last = matches!(bytes.get(end), None | Some(b'\n' | b'\r' | b',' | b';' | b')' | b'.' | b'|' | b'"' | b'\''));
    // A plain word may be one of a sentence, a capital one a person's name or a company.
    let is_plain_name = label == Label::Service && is_last && !bytes[start].is_ascii_uppercase();
    if !is_invented(token)
        && !is_plain_name
        && !page.text.get(start..token_end).is_some_and(|name| user::is_initial_and_family(name) || user::is_joined_name(name))
    {
        return;
    }
    let folded = Folded::of(&page.text[start..token_end]);
    if is_telling(page, start, token_end) || NOBODY.contains(&folded.as_str()) {
        return;
    }
    let confidence = if is_invented(token) { 0.95 } else { 0.8 };
    found.push(Candidate::shape(start, end, Kind::Handle, confidence));
}

/// Where the name that begins here ends, if it is one and stands free.
pub(super) fn name(page: &Page<'_>, start: usize) -> Option<usize> {
    let bytes = page.bytes();
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-') || *byte >= 0x80;
    let run = bytes.get(start..bytes.len().min(start + LONGEST + 2))?;
    let mut token = &run[..run.iter().position(|byte| !is_part(byte)).unwrap_or(run.len())];
    if token.len() > LONGEST {
        return None;
    }
    let run_end = start + token.len();
    while let [outer @ .., b'.' | b'-'] = token {
        token = outer;
    }
    let end = start + token.len();
    let text = page.text.get(start..end)?;
    let is_word = text.chars().all(|character| character.is_alphanumeric() || matches!(character, '.' | '_' | '-'));
    let is_free = match bytes.get(end) {
        Some(b'@' | b'/' | b'(' | b'{' | b'=' | b'\\' | b'&' | b'$' | b'%') => false,
        Some(b'[') => placeholder::at_start(&page.text[end..]).is_none(),
        Some(b'#') if mark(bytes, end) == 0 => false,
        // "a.b@example.org", "name:value"
        Some(b':') => bytes.get(end + 1).is_none_or(|next| matches!(next, b' ' | b'\n')),
        Some(b'.' | b'-') => placeholder::at_start(page.text.get(run_end..)?).is_none(),
        _ => true,
    };
    (token.len() >= 2 && is_word && is_free && !page.touches_address(start, end)).then_some(end)
}

/// Length of the `#1234` that tells namesakes apart.
fn mark(bytes: &[u8], end: usize) -> usize {
    let mark = &bytes[end..bytes.len().min(end + 6)];
    match mark {
        [b'#', digits @ ..]
            if digits.iter().take(4).filter(|byte| byte.is_ascii_digit()).count() == 4
                && !digits
                    .get(4)
                    .is_some_and(|next| next.is_ascii_alphanumeric() || matches!(next, b'@' | b'.' | b':' | b'-' | b'[' | b'/')) =>
        {
            5
        }
        _ => 0,
    }
}

/// Whether a name ends in a word that says something of a number behind it: what it says would be lost with it.
pub(super) fn is_telling(page: &Page<'_>, start: usize, end: usize) -> bool {
    let name = &page.text[start..end];
    let word = &name[name.trim_end_matches(char::is_alphabetic).len()..];
    // "kim-s. 12345678": one letter with a sign is a label.
    let is_label = word.len() == 1 && matches!(page.bytes().get(end), Some(b'.' | b':'));
    is_label || context::is_telling(Folded::of(word).as_str())
}

/// Whether nobody's language has such a word: a digit, a dot or an underscore within.
pub(super) fn is_invented(token: &[u8]) -> bool {
    token.iter().any(|byte| byte.is_ascii_digit() || *byte == b'_') || token.iter().skip(1).any(|byte| *byte == b'.')
}

/// `example.org`: what stands behind the `@` of an address that something has been taken from.
pub(super) fn is_host_name(token: &[u8]) -> bool {
    const ENDINGS: [&[u8]; 14] =
        [b".org", b".com", b".net", b".se", b".dk", b".no", b".fi", b".is", b".eu", b".io", b".nu", b".test", b".example", b".invalid"];
    let token = token.strip_suffix(b"_").unwrap_or(token);
    ENDINGS.iter().any(|ending| token.len() > ending.len() && token[token.len() - ending.len()..].eq_ignore_ascii_case(ending))
}

/// Whether the line is a program's: an annotation alone on its line in capitals, braces or a semicolon right behind.
fn is_code(bytes: &[u8], at: usize, end: usize) -> bool {
    let rest = &bytes[end..bytes.len().min(end + 48)];
    let rest = &rest[..rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len())];
    let begins_line =
        bytes[..at].iter().rev().take(16).find(|byte| !matches!(byte, b' ' | b'\t' | b'*' | b'/')).is_none_or(|byte| *byte == b'\n');
    begins_line && (rest.contains(&b'{') || rest.ends_with(b";"))
}

/// How much a label says of what follows it.
#[derive(Clone, Copy, PartialEq)]
enum Label {
    /// A service's name: what follows is a name.
    Service,
    /// A person's role: what follows may be anything.
    Role,
}

/// The label that ends at this colon.
fn label(page: &Page<'_>, colon: usize) -> Option<Label> {
    /// More bytes than any label has.
    const LABEL: usize = 24;
    let bytes = page.bytes();
    let floor = colon.saturating_sub(LABEL);
    let mut start = colon;
    while start > floor && (bytes[start - 1].is_ascii_alphabetic() || bytes[start - 1] >= 0x80) {
        start -= 1;
    }
    let before = start.checked_sub(1).map(|before| bytes[before]);
    if (start == floor && floor > 0)
        || !matches!(before, None | Some(b' ' | b'\n' | b'\r' | b'\t' | b'(' | b'"' | b'\'' | b',' | b';' | b'-' | b'*' | b'/'))
    {
        return None;
    }
    let folded = Folded::of(page.text.get(start..colon)?);
    let word = folded.as_str();
    if SERVICES.contains(&word) {
        return Some(Label::Service);
    }
    ROLES.contains(&word).then_some(Label::Role)
}

/// Labels of names alone.
pub(super) const SERVICES: [&str; 27] = [
    "username",
    "anvandarnamn",
    "brukernavn",
    "brukarnamn",
    "brugernavn",
    "kayttajanimi",
    "kayttajatunnus",
    "notandanafn",
    "ig",
    "insta",
    "instagram",
    "snap",
    "snapchat",
    "skype",
    "discord",
    "telegram",
    "tiktok",
    "twitter",
    "github",
    "steam",
    "kik",
    "nick",
    "nickname",
    "handle",
    "alias",
    "wechat",
    "gamertag",
];

/// Labels that a sentence may follow.
pub(super) const ROLES: [&str; 16] = [
    "user",
    "anvandare",
    "anvandaren",
    "bruker",
    "brukeren",
    "brukar",
    "bruger",
    "brugeren",
    "kayttaja",
    "tunnus",
    "notandi",
    "login",
    "logon",
    "userid",
    "konto",
    "account",
];

/// Words that are nobody's name behind an `@`: groups, annotations, rules of style sheets.
pub(super) const NOBODY: [&str; 72] = [
    "here",
    "channel",
    "all",
    "alla",
    "alle",
    "everyone",
    "everybody",
    "team",
    "teamet",
    "kaikki",
    "allir",
    "home",
    "work",
    "override",
    "overrides",
    "deprecated",
    "test",
    "autowired",
    "media",
    "import",
    "keyframes",
    "font-face",
    "charset",
    "supports",
    "page",
    "namespace",
    "param",
    "params",
    "return",
    "returns",
    "author",
    "throws",
    "see",
    "since",
    "todo",
    "property",
    "staticmethod",
    "classmethod",
    "component",
    "injectable",
    "input",
    "output",
    "bean",
    "service",
    "entity",
    "table",
    "column",
    "id",
    "before",
    "after",
    "beforeeach",
    "aftereach",
    "interface",
    "nullable",
    "notnull",
    "transactional",
    "controller",
    "restcontroller",
    "repository",
    "getter",
    "setter",
    "data",
    "suppresswarnings",
    "include",
    "extend",
    "mixin",
    "use",
    "apply",
    "tailwind",
    "layer",
    "container",
    "dataclass",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Country, examples};

    fn found(text: &str) -> Vec<&str> {
        let findings = crate::detect::examples::scanner(&Country::ALL).scan(text);
        findings.into_iter().filter(|finding| finding.kind == Kind::Handle).map(|finding| &text[finding.start..finding.end]).collect()
    }

    #[test]
    fn documented_examples_hold() {
        assert_eq!(examples::check(include_str!("handle.rs"), &Country::ALL), 7);
    }

    #[test]
    fn names_behind_the_sign_are_found_with_it() {
        for name in ["@kim", "@kim_lind", "@kim.lind", "@Kim-Lind92", "@_kim", "@åsa", "@kim92_"] {
            for (before, after) in [("", ""), ("hej ", " ring mig"), ("(", ")"), ("", ", ok"), ("DM:", "."), ("\n", "\n"), ("\"", "\"")] {
                let text = format!("{before}{name}{after}");
                assert_eq!(found(&text), [name], "{text}");
            }
        }
        assert_eq!(found("@kim @lind,@per"), ["@kim", "@lind", "@per"]);
    }

    #[test]
    fn names_behind_labels_are_found_alone() {
        for label in [
            "user",
            "User",
            "username",
            "Användare",
            "Brukernavn",
            "brugernavn",
            "Käyttäjä",
            "notandi",
            "login",
            "ig",
            "Insta",
            "snap",
            "skype",
            "Discord",
            "telegram",
        ] {
            for text in [
                format!("{label}: kalle92"),
                format!("{label}:kalle92, ok"),
                format!("({label}: kalle92)"),
                format!("x\n{label}: kalle92\nHej"),
            ] {
                assert_eq!(found(&text), ["kalle92"], "{text}");
            }
        }
        assert_eq!(found("snap: kalle, insta: lisa"), ["kalle", "lisa"]);
        assert_eq!(found("insta: @lisa"), ["@lisa"]);
    }

    #[test]
    fn what_is_no_name_is_left() {
        for text in [
            "@",
            "@ kim",
            "@30kr",
            "@k",
            "a@kim",
            "kim@",
            "kim@example.org",
            "@example.org",
            "@kim@example.org",
            "@Override",
            "@Test",
            "  @Entity\n",
            "@SpringBootApplication public class X {",
            "@media print {",
            "@include mobile;",
            "@RequestMapping(\"/x\")",
            "@angular/core",
            "@alla på jobbet",
            "https://example.org/@/x",
            "user: Kim",
            "user: kan inte logga in",
            "login: fungerar inte.",
            "login: virker",
            "användare: 12345678",
            "user: kim@example.org",
            "konto: 1234 5678",
            "bruker: order 12",
            "mer: kalle92",
            "superuser: kalle92",
            "skype: Ring mig",
            "[handle]: kalle92",
            "user:: kalle92",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
        assert_eq!(found(&"@".repeat(1 << 20)), [""; 0]);
        assert_eq!(found(&"user:".repeat(1 << 18)), [""; 0]);
        assert_eq!(found(&"@a@a".repeat(1 << 18)), [""; 0]);
    }
}
