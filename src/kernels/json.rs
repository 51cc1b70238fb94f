//! Treats values inside JSON documents and leaves the rest of each document as it is, to the byte.
//!
//! A document is never built up as a tree and written anew: that would round numbers, reorder keys and drop the second of two equal
//! keys. It is walked once, checked against RFC 8259, and only the places that change are cut out of its text.

mod cursor;
mod members;
mod path;
#[cfg(test)]
mod tests;
mod walk;

use std::borrow::Cow;
use std::fmt::Write;

use arrow::array::{Array, StringArray};

use super::KernelError;
use super::text::TextColumn;
use cursor::Fault;
pub use members::{Raw, leaves, members};
pub use path::{Path, PathError, Step};
use walk::{Action, Found, walk};

/// The kernel's name in refusals.
pub const KERNEL: &str = "json";
/// The reason of a refusal: the result is longer than its column.
pub const TOO_LONG: &str = "would be longer than its column allows";
const NULL: &str = "null";

/// Changes a text of a given row; `None` where the text can not be read as what it should be.
pub type TextEdit<'a> = dyn Fn(usize, &str) -> Option<String> + Sync + 'a;

/// What happens to the value at a path.
#[derive(Clone, Copy)]
pub enum Edit<'a> {
    /// It stays, whatever happens elsewhere in the document.
    Keep,
    /// It becomes `null`.
    Null,
    /// It goes with its key, or out of its list.
    Remove,
    /// It becomes this value, given as JSON; [`quoted`] makes one of a text.
    Constant(&'a str),
    /// A text becomes another; `null` stays, and everything that is no text, or that the edit can not read, becomes `null`.
    Text(&'a TextEdit<'a>),
}

/// Every document with the values at some paths edited, and the texts at no path by `elsewhere`. Nulls stay null, and so do blank cells,
/// which hold nothing.
///
/// Whatever stands at a path is edited as one value: with [`Edit::Null`] an object goes with all that is in it. A path that is not in a
/// document changes nothing there; of equal keys in one object all are edited. Where two paths meet, the first in `edits` counts.
///
/// Applied to its own result it changes nothing, if the edits of texts do so.
///
/// ```
/// use arrow::array::StringArray;
/// use gallra::kernels::json::{Edit, Path, rewrite};
///
/// let payloads = StringArray::from(vec![r#"{"customer": {"email": "a@b.example"}, "total": 12.50, "lines": [{"note": "x"}]}"#]);
/// let edits = [("customer.email".parse::<Path>()?, Edit::Null), ("lines[*].note".parse()?, Edit::Remove)];
/// let treated = rewrite(&payloads, &edits, None, None)?;
/// assert_eq!(treated.value(0), r#"{"customer": {"email": null}, "total": 12.50, "lines": [{}]}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`KernelError::Cell`] for a text that is not JSON or nested too deeply, and for a result of more than `max_length` characters;
/// [`KernelError::TooLarge`] if the documents together pass 2 GiB.
pub fn rewrite(
    array: &StringArray,
    edits: &[(Path, Edit<'_>)],
    elsewhere: Option<&TextEdit<'_>>,
    max_length: Option<usize>,
) -> Result<StringArray, KernelError> {
    let paths: Vec<&Path> = edits.iter().map(|(path, _)| path).collect();
    let mut column = TextColumn::new(KERNEL, array.len());
    for (row, text) in array.iter().enumerate() {
        let Some(text) = text else {
            column.push(None)?;
            continue;
        };
        let refused = |reason| KernelError::cell(KERNEL, array.data_type(), row, reason);
        let edited = one(text, &paths, |path, found| match path.map(|path| edits[path].1) {
            Some(edit) => apply(edit, row, found),
            None => elsewhere.map_or(Action::Keep, |edit| apply(Edit::Text(edit), row, found)),
        })
        .map_err(|fault| refused(fault.reason()))?;
        if let (Cow::Owned(edited), Some(limit)) = (&edited, max_length)
            && edited.chars().count() > limit
        {
            return Err(refused(TOO_LONG));
        }
        column.push(Some(&edited))?;
    }
    Ok(column.finish())
}

/// Visits every text of a document, decoded, with the first of `paths` that it stands at or below; at a path numbers count as texts, as
/// they are written. `false` if the text is no JSON document: what was visited until then is of no account.
///
/// Keys are not visited.
///
/// ```
/// use gallra::kernels::json::{Path, visit_texts};
///
/// let paths = ["name".parse::<Path>()?];
/// let mut names = Vec::new();
/// let document = r#"{"name": "Br\u00e5k", "city": "Mora"}"#;
/// assert!(visit_texts(document, &paths, &mut |path, text| names.extend(path.map(|_| text.to_owned()))));
/// assert_eq!(names, ["Bråk"]);
/// # Ok::<(), gallra::kernels::json::PathError>(())
/// ```
pub fn visit_texts(text: &str, paths: &[Path], visit: &mut dyn FnMut(Option<usize>, &str)) -> bool {
    let paths: Vec<&Path> = paths.iter().collect();
    let walked = walk(text, &paths, &mut |path, found| {
        match (found.text(), path) {
            (Some(text), _) => visit(path, &text),
            (None, Some(_)) if found.is_number() => visit(path, found.raw),
            // An object or list at a path: all that is in it belongs to the path.
            (None, Some(_)) => drop(walk(found.raw, &[], &mut |_, inner| {
                inner.text().into_iter().for_each(|text| visit(path, &text));
                Action::Keep
            })),
            (None, None) => {}
        }
        Action::Keep
    });
    walked.is_ok()
}

/// A text as JSON.
///
/// ```
/// assert_eq!(gallra::kernels::json::quoted("a \"b\"\n"), r#""a \"b\"\n""#);
/// ```
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for letter in text.chars() {
        match letter {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\u{8}' => json.push_str("\\b"),
            '\u{c}' => json.push_str("\\f"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            control if control < ' ' => {
                // Writing to a `String` never fails.
                let _ = write!(json, "\\u{:04x}", u32::from(control));
            }
            letter => json.push(letter),
        }
    }
    json.push('"');
    json
}

fn apply(edit: Edit<'_>, row: usize, found: Found<'_>) -> Action {
    let replacement = match edit {
        Edit::Keep => return Action::Keep,
        Edit::Remove => return Action::Remove,
        Edit::Null => NULL.to_owned(),
        Edit::Constant(json) => json.to_owned(),
        Edit::Text(edit) => match found.text() {
            Some(text) => match edit(row, &text) {
                // Escapes that the writer chose stay.
                Some(edited) if edited == text => return Action::Keep,
                Some(edited) => quoted(&edited),
                None => NULL.to_owned(),
            },
            None => NULL.to_owned(),
        },
    };
    if replacement == found.raw { Action::Keep } else { Action::Replace(replacement) }
}

/// One document with its edits in place.
fn one<'t>(text: &'t str, paths: &[&Path], mut edit: impl FnMut(Option<usize>, Found<'_>) -> Action) -> Result<Cow<'t, str>, Fault> {
    if text.trim().is_empty() {
        return Ok(Cow::Borrowed(text));
    }
    let splices = walk(text, paths, &mut edit)?;
    if splices.is_empty() {
        return Ok(Cow::Borrowed(text));
    }
    let mut edited = String::with_capacity(text.len());
    let mut copied = 0;
    for (span, replacement) in splices {
        edited.push_str(&text[copied..span.start]);
        edited.push_str(&replacement);
        copied = span.end;
    }
    edited.push_str(&text[copied..]);
    Ok(Cow::Owned(edited))
}
