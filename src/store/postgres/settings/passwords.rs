//! libpq's password file: lines of `host:port:database:user:password`.
//!
//! A field is `*` or must match; `\` takes the meaning from the character behind it. A socket's folder counts as the host `localhost` where
//! it is the default one. The first line that matches counts.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::{FOLDERS, Host};

/// A password file.
pub(super) enum PasswordFile {
    /// There is none, or it can not be read.
    None,
    /// Others may read it: libpq does not trust it then.
    Ignored(PathBuf),
    /// Its lines.
    Lines(SecretString),
}

impl PasswordFile {
    /// Reads a file.
    pub(super) fn read(path: Option<&Path>) -> Self {
        let Some(path) = path else {
            return Self::None;
        };
        match fs::metadata(path) {
            Ok(metadata) if !metadata.is_file() => Self::None,
            Ok(metadata) if metadata.mode() & 0o077 != 0 => Self::Ignored(path.into()),
            Ok(_) => fs::read_to_string(path).map_or(Self::None, |text| Self::Lines(text.into())),
            Err(_) => Self::None,
        }
    }

    /// Says that the file was not read because of its mode.
    pub(super) fn ignored(&self) -> Option<String> {
        match self {
            Self::Ignored(path) => Some(format!("`{}` was not read because others may read it (chmod 600 it)", path.display())),
            _ => None,
        }
    }

    /// The password for a server.
    pub(super) fn find(&self, host: &Host, port: u16, database: &str, user: &str) -> Option<SecretString> {
        use secrecy::ExposeSecret;
        let Self::Lines(lines) = self else {
            return None;
        };
        let host = match host {
            Host::Folder(folder) if FOLDERS.iter().any(|default| Path::new(default) == folder) => "localhost".into(),
            Host::Folder(folder) => folder.to_string_lossy(),
            Host::Name { name, .. } => name.as_str().into(),
        };
        find(lines.expose_secret(), [&host, &port.to_string(), database, user]).map(SecretString::from)
    }
}

/// The password of the first line whose fields match.
fn find(lines: &str, wanted: [&str; 4]) -> Option<String> {
    lines.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut rest = line;
        for wanted in wanted {
            let (field, behind) = split(rest);
            rest = behind?;
            if field != "*" && plain(field) != wanted {
                return None;
            }
        }
        let password = plain(rest.strip_suffix('\r').unwrap_or(rest));
        (!password.is_empty()).then_some(password)
    })
}

/// A field, and what is behind its colon.
fn split(text: &str) -> (&str, Option<&str>) {
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ':' => return (&text[..at], Some(&text[at + 1..])),
            _ => {}
        }
    }
    (text, None)
}

/// A field without its escapes.
fn plain(field: &str) -> String {
    let mut plain = String::with_capacity(field.len());
    let mut characters = field.chars();
    while let Some(character) = characters.next() {
        plain.push(match character {
            '\\' => characters.next().unwrap_or('\\'),
            other => other,
        });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::find;

    const FILE: &str = "# comment:5432:*:*:no\nbroken line\ndb.example:5432:shop:reader:first\ndb.example:*:*:reader:second\n\
                        2001\\:db8\\:\\:1:5432:*:*:six\nback\\\\slash:*:*:*:a\\:b\\\\c:d\n*:*:*:empty:\n*:6000:sh\\op:*:last\r\n";

    #[track_caller]
    fn check(wanted: [&str; 4], password: Option<&str>) {
        assert_eq!(find(FILE, wanted).as_deref(), password);
    }

    #[test]
    fn the_first_line_that_matches_counts() {
        check(["db.example", "5432", "shop", "reader"], Some("first"));
        check(["db.example", "5432", "other", "reader"], Some("second"));
        check(["db.example", "5432", "shop", "writer"], None);
    }

    #[test]
    fn a_backslash_takes_the_meaning_from_the_next_character() {
        check(["2001:db8::1", "5432", "x", "y"], Some("six"));
        check(["back\\slash", "1", "x", "y"], Some("a:b\\c:d"));
        check(["any", "6000", "shop", "y"], Some("last"));
    }

    #[test]
    fn comments_broken_lines_and_empty_passwords_give_nothing() {
        check(["# comment", "5432", "x", "y"], None);
        check(["x", "1", "x", "empty"], None);
    }
}
