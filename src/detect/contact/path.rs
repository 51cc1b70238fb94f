//! User names in the paths of files.
//!
//! Finds: the folder of a user: `C:\Users\anna.berg`, `C:\Users\Anna Berg\Desktop`, `/home/annab`, `/Users/annab/Downloads`.
//!
//! Rule: the part behind `Users` or `home`, where the path begins with it: nothing but a drive or a server stands before. So
//! `https://example.org/home/sale` is none. Two to thirty letters, digits, `.`, `_` and `-`; on Windows with blanks, if the path goes on.
//! Accounts that everybody has (`Public`, `root`, `runner`) are nobody's.
//!
//! Source: Filesystem Hierarchy Standard 3.0, section 3.8 (`/home`); Apple, "File System Basics" (`/Users`); Microsoft, "Known folders"
//! (`FOLDERID_Profile`).
//!
//! ```text
//! Se C:\Users\anna.berg\Desktop\lista.xlsx → Se C:\Users\[handle]\Desktop\lista.xlsx
//! ligger i "C:\Users\Anna Berg\Dokument" och /home/annab. → ligger i "C:\Users\[handle]\Dokument" och /home/[handle].
//! cp /Users/annab/a.pdf \\fil01\Users\annab → cp /Users/[handle]/a.pdf \\fil01\Users\[handle]
//! C:\Users\Public\Desktop, /home/runner/work, https://example.org/home/sale → C:\Users\Public\Desktop, /home/runner/work, https://example.org/home/sale
//! ```

use memchr::memmem;

use super::handle::LONGEST;
use super::user::is_of_system;
use crate::detect::Kind;
use crate::detect::digits::Page;
use crate::detect::fold::Folded;
use crate::detect::resolve::Candidate;

/// The folders that hold users' folders, with the signs around them.
const FOLDERS: [&str; 4] = ["/home/", "/Users/", "\\Users\\", "\\users\\"];

/// Offers the user names of all paths.
pub(in crate::detect) fn recognise(page: &Page<'_>, found: &mut Vec<Candidate>) {
    let bytes = page.bytes();
    // Most texts hold no path.
    let Some(first) = memchr::memchr2(b'/', b'\\', bytes) else { return };
    for folder in FOLDERS {
        let sign = folder.as_bytes()[0];
        for at in memmem::find_iter(&bytes[first..], folder) {
            let (before, rest) = (&page.text[..first + at], &page.text[first + at + folder.len()..]);
            if is_root(before, sign)
                && let Some(length) = name(rest, sign)
            {
                let start = page.text.len() - rest.len();
                found.push(Candidate::shape(start, start + length, Kind::Handle, 0.9));
            }
        }
    }
}

/// Whether a path begins behind this: a drive, a server, or anything that is no part of a path.
fn is_root(before: &str, sign: u8) -> bool {
    /// Bytes that are looked through for the beginning of a server's name.
    const SERVER: usize = 66;
    match before.as_bytes() {
        [further @ .., drive, b':'] if drive.is_ascii_alphabetic() => !further.last().is_some_and(u8::is_ascii_alphanumeric),
        [.., last] if sign == b'\\' && last.is_ascii_alphanumeric() => {
            let near = &before[before.ceil_char_boundary(before.len().saturating_sub(SERVER))..];
            near.rsplit([' ', '"']).next().is_some_and(|path| path.starts_with("\\\\"))
        }
        [.., last] => matches!(last, b' ' | b'\n' | b'\t' | b'"' | b'\'' | b'(' | b'=' | b':' | b'`' | b'<' | b'>' | b','),
        [] => true,
    }
}

/// Length of a user's name at the beginning of what is left of a path.
fn name(rest: &str, sign: u8) -> Option<usize> {
    let is_part = |character: char| character.is_alphanumeric() || matches!(character, '.' | '_' | '-');
    let window = &rest[..rest.floor_char_boundary(LONGEST + 2)];
    let mut token = &window[..window.find(|character| !is_part(character)).unwrap_or(window.len())];
    if sign == b'\\' && window[token.len()..].starts_with(' ') {
        // `Anna Berg\Desktop`
        let whole = window.split('\\').next().filter(|whole| whole.len() < window.len());
        let is_name = |whole: &&str| !whole.contains("  ") && whole.chars().all(|character| is_part(character) || character == ' ');
        token = whole.filter(is_name).unwrap_or(token);
    }
    let token = token.trim_end_matches(['.', '-', ' ']);
    let folded = Folded::of(token);
    let is_somebody = token.contains(char::is_alphabetic) && !is_of_system(folded.as_str()) && !EVERYBODY.contains(&folded.as_str());
    (is_somebody && (2..=LONGEST).contains(&token.len()) && !rest[token.len()..].starts_with(['@', '$', '%', '*'])).then_some(token.len())
}

/// Folders beside the users' own.
static EVERYBODY: [&str; 14] = [
    "public",
    "default",
    "all users",
    "default user",
    "shared",
    "runner",
    "vagrant",
    "user",
    "users",
    "username",
    "lost+found",
    "linuxbrew",
    "app",
    "node",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Country, examples};

    #[test]
    fn documented_examples_hold() {
        assert_eq!(examples::check(include_str!("path.rs"), &Country::ALL), 4);
    }

    #[test]
    fn paths_of_nobody_are_left() {
        for text in [
            "GET /api/home/items 200",
            "C:\\Users\\",
            "C:\\Users\\%USERNAME%\\x",
            "/home/$USER/bin",
            "see https://host.example/Users/list",
            "users' home/office",
            "home/sers",
            "sers",
        ] {
            let findings = examples::scanner(&Country::ALL).scan(text);
            assert!(!findings.iter().any(|finding| finding.kind == Kind::Handle), "{text}: {findings:?}");
        }
    }

    #[test]
    fn a_server_s_share_is_a_path() {
        assert_eq!(name("anna.berg\\x", b'\\'), Some(9));
        assert!(is_root("på \\\\fil01", b'\\') && !is_root("på fil01", b'\\') && is_root("D:", b'\\'));
    }
}
