//! Paths into documents: `customer.contact.email`, `lines[*].note`, `by_user.*.name`, `"first.name"`.

use std::fmt;
use std::str::FromStr;

use super::walk::decoded_key;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The value of this key of an object, as the key reads without its escapes; upper and lower case differ.
    Key(String),
    /// `*`: the value of any key of an object.
    AnyKey,
    /// `[*]`: any element of a list.
    AnyElement,
}

/// Where a value stands in a document, from its root. Has one step at least.
///
/// Keys are divided by full stops; one that holds `.`, `[`, `]`, `*` or a quotation mark is written as a JSON text: `"first.name".given`.
///
/// ```
/// use gallra::kernels::json::{Path, Step};
///
/// let path: Path = "lines[*].note".parse()?;
/// assert_eq!(path.steps(), [Step::Key("lines".into()), Step::AnyElement, Step::Key("note".into())]);
/// # Ok::<(), gallra::kernels::json::PathError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    text: String,
    steps: Vec<Step>,
}

/// Why a text is no path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// There is nothing.
    #[error("the path is empty")]
    Empty,
    /// It begins with JSONPath's sign for the document.
    #[error("a path begins at the document: leave `$` out")]
    Root,
    /// A step between two full stops, or at an end, is empty.
    #[error("a step of the path is empty")]
    EmptyStep,
    /// Brackets hold something else than `*`.
    #[error("`[*]` stands for every element of a list; there is no other step in brackets")]
    Brackets,
    /// A `*` beside other characters.
    #[error("`*` stands for a whole key")]
    Star,
    /// A quotation mark that begins no JSON text, or does not end it at the step's end.
    #[error("a key in quotation marks is not written as JSON")]
    Quotes,
}

impl Path {
    /// Its steps.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether a value of some document can stand at one of the two paths and at or below the other.
    ///
    /// ```
    /// use gallra::kernels::json::Path;
    ///
    /// let path = |text: &str| text.parse::<Path>();
    /// assert!(path("customer")?.meets(&path("customer.email")?));
    /// assert!(path("users.*.name")?.meets(&path("users.owner.name")?));
    /// assert!(!path("customer.name")?.meets(&path("customer.email")?));
    /// # Ok::<(), gallra::kernels::json::PathError>(())
    /// ```
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        self.steps.iter().zip(&other.steps).all(|(left, right)| match (left, right) {
            (Step::AnyKey, Step::Key(_)) | (Step::Key(_), Step::AnyKey) => true,
            _ => left == right,
        })
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        if text.is_empty() {
            return Err(PathError::Empty);
        }
        let mut steps = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(inside) = rest.strip_prefix('[') {
                rest = inside.strip_prefix("*]").ok_or(PathError::Brackets)?;
                steps.push(Step::AnyElement);
                continue;
            }
            // A key begins the path or follows a full stop.
            if !steps.is_empty() {
                rest = rest.strip_prefix('.').ok_or(PathError::Brackets)?;
            }
            let (step, after) = key(rest)?;
            if steps.is_empty() && rest.starts_with('$') && step == Step::Key("$".to_owned()) {
                return Err(PathError::Root);
            }
            steps.push(step);
            rest = after;
        }
        Ok(Self { text: text.to_owned(), steps })
    }
}

/// The key that a text begins with, and what follows it.
fn key(text: &str) -> Result<(Step, &str), PathError> {
    if text.starts_with('"') {
        let (key, after) = decoded_key(text).ok_or(PathError::Quotes)?;
        return if after.is_empty() || after.starts_with(['.', '[']) { Ok((Step::Key(key), after)) } else { Err(PathError::Quotes) };
    }
    let (key, after) = text.split_at(text.find(['.', '[']).unwrap_or(text.len()));
    match key {
        "" => Err(PathError::EmptyStep),
        "*" => Ok((Step::AnyKey, after)),
        _ if key.contains('*') => Err(PathError::Star),
        _ if key.contains('"') => Err(PathError::Quotes),
        _ if key.contains(']') => Err(PathError::Brackets),
        _ => Ok((Step::Key(key.to_owned()), after)),
    }
}
