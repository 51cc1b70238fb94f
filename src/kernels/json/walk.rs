//! One walk through a document: strict about its form (RFC 8259), and a note of each place that is to change.

use std::borrow::Cow;
use std::ops::Range;

use super::cursor::{Cursor, Fault, MOST_LEVELS, decoded};
use super::path::{Path, Step};

/// A value in the document's own writing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'t> {
    pub(super) raw: &'t str,
}

impl<'t> Found<'t> {
    /// What it says, if it is a text.
    pub(super) fn text(self) -> Option<Cow<'t, str>> {
        self.raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).map(decoded)
    }

    pub(super) fn is_number(self) -> bool {
        self.raw.starts_with(|first: char| first == '-' || first.is_ascii_digit())
    }
}

/// What is to become of a value.
#[derive(Debug)]
pub(super) enum Action {
    Keep,
    Replace(String),
    Remove,
}

/// Visits each value at a path (with the path's place among `paths`), and each text at none; nothing below a path is visited by itself. The
/// result says which spans of the text change into what: in order, and apart.
pub(super) fn walk<'t>(
    text: &'t str,
    paths: &[&Path],
    visit: &mut dyn FnMut(Option<usize>, Found<'t>) -> Action,
) -> Result<Vec<(Range<usize>, String)>, Fault> {
    let followed = (0..paths.len()).map(|path| (path, 0)).collect();
    let mut walk = Walk { cursor: Cursor { text, at: 0 }, paths, followed, splices: Vec::new(), visit };
    walk.cursor.skip_blanks();
    walk.value(0, 0, false)?;
    walk.cursor.skip_blanks();
    if walk.cursor.at == text.len() { Ok(walk.splices) } else { Err(Fault::Form) }
}

struct Walk<'t, 'p, 'v> {
    cursor: Cursor<'t>,
    paths: &'p [&'p Path],
    /// A stack: the paths that lead here, each with its next step. Those of the value at hand stand at the end.
    followed: Vec<(usize, usize)>,
    splices: Vec<(Range<usize>, String)>,
    visit: &'v mut dyn FnMut(Option<usize>, Found<'t>) -> Action,
}

impl Walk<'_, '_, '_> {
    /// Walks through a value; says whether its container is to drop it. `from` is where its paths begin in `followed`, `quiet` that it lies
    /// below a path.
    fn value(&mut self, from: usize, level: usize, quiet: bool) -> Result<bool, Fault> {
        let start = self.cursor.at;
        let path =
            self.followed[from..].iter().filter(|(path, step)| *step == self.paths[*path].steps().len()).map(|(path, _)| *path).min();
        let quiet_inside = quiet || path.is_some();
        let is_text = self.cursor.peek() == Some(b'"');
        match self.cursor.peek() {
            Some(b'{') => self.members(from, level, quiet_inside, b'}')?,
            Some(b'[') => self.members(from, level, quiet_inside, b']')?,
            _ => self.cursor.scalar()?,
        }
        if quiet || (path.is_none() && !is_text) {
            return Ok(false);
        }
        let span = start..self.cursor.at;
        match (self.visit)(path, Found { raw: &self.cursor.text[span.clone()] }) {
            Action::Keep => Ok(false),
            Action::Replace(json) => {
                self.splices.push((span, json));
                Ok(false)
            }
            Action::Remove => Ok(true),
        }
    }

    /// Walks through an object or a list.
    fn members(&mut self, from: usize, level: usize, quiet: bool, close: u8) -> Result<(), Fault> {
        if level == MOST_LEVELS {
            return Err(Fault::Depth);
        }
        self.cursor.at += 1;
        self.cursor.skip_blanks();
        if self.cursor.take(close) {
            return Ok(());
        }
        // The end of the member before, once one has stayed.
        let mut end_before = None;
        loop {
            let begin = self.cursor.at;
            let to = self.followed.len();
            if close == b'}' {
                let key = self.cursor.string()?;
                if !quiet {
                    self.follow(from..to, Some(&decoded(key)));
                }
                self.cursor.skip_blanks();
                self.cursor.expect(b':')?;
                self.cursor.skip_blanks();
            } else if !quiet {
                self.follow(from..to, None);
            }
            let removed = self.value(to, level + 1, quiet)?;
            self.followed.truncate(to);
            let end = self.cursor.at;
            self.cursor.skip_blanks();
            let more = self.cursor.take(b',');
            if more {
                self.cursor.skip_blanks();
            }
            match (removed, end_before) {
                (true, Some(before)) => self.splices.push((before..end, String::new())),
                (true, None) => self.splices.push((begin..if more { self.cursor.at } else { end }, String::new())),
                (false, _) => {}
            }
            if !removed || end_before.is_some() {
                end_before = Some(end);
            }
            if !more {
                return self.cursor.expect(close);
            }
        }
    }

    /// Puts the paths that take this step on the stack: into a key, or into a list.
    fn follow(&mut self, paths: Range<usize>, key: Option<&str>) {
        for at in paths {
            let (path, step) = self.followed[at];
            let taken = match (self.paths[path].steps().get(step), key) {
                (Some(Step::Key(wanted)), Some(key)) => wanted == key,
                (Some(Step::AnyKey), Some(_)) | (Some(Step::AnyElement), None) => true,
                _ => false,
            };
            if taken {
                self.followed.push((path, step + 1));
            }
        }
    }
}

/// The key in quotation marks that a text begins with, and what follows it; `None` where it is not written as JSON.
pub(super) fn decoded_key(text: &str) -> Option<(String, &str)> {
    let mut cursor = Cursor { text, at: 0 };
    let key = cursor.string().ok()?;
    Some((decoded(key).into_owned(), &text[cursor.at..]))
}
