//! Problems of a pipeline file: what is wrong, where, and what to do. Collected, never stopping at the first.
//!
//! A problem points at a place in the file ([`Place`]); [`render`] draws it with line, caret and hint.

use std::borrow::Cow;
use std::ops::Range;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};

use crate::kernels::json::quoted;

/// Where in the pipeline file: keys and array positions from the top, for example `category`, `customer`, `retention`, `0`.
pub type Place = Vec<String>;

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong, one sentence, the thing named in backticks.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Byte range in the file; `None` where the problem is not in one place of it.
    pub span: Option<Range<usize>>,
}

/// Problems being collected, with the file that they are in.
#[derive(Debug, Clone, Default)]
pub struct Problems {
    /// The problems so far, in the order found.
    pub list: Vec<Problem>,
}

impl Problems {
    /// Adds a problem.
    pub fn add(&mut self, span: Option<Range<usize>>, message: impl Into<String>, hint: impl Into<Option<String>>) {
        let problem = Problem { message: message.into(), hint: hint.into(), span };
        if !self.list.contains(&problem) {
            self.list.push(problem);
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

/// One problem together with its file, as miette draws it.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
struct Drawn {
    message: String,
    hint: Option<String>,
    span: Option<Range<usize>>,
    file: NamedSource<String>,
}

impl Diagnostic for Drawn {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        self.hint.as_ref().map(|hint| Box::new(hint) as Box<dyn std::fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.span.as_ref().map(|_| &self.file as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.span.clone()?;
        Some(Box::new(std::iter::once(LabeledSpan::underline(span))))
    }
}

/// A name as TOML takes it as a key: as it is, or in quotation marks where it holds more than letters of ASCII, digits, `_` and `-`.
///
/// ```
/// use gallra::pipeline::diagnose::key;
///
/// assert_eq!((key("customer_no"), key("kön"), key("a.b")), ("customer_no".into(), "\"kön\"".into(), "\"a.b\"".into()));
/// ```
pub fn key(name: &str) -> Cow<'_, str> {
    let bare = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    // A text as JSON is one as TOML too.
    if bare { Cow::Borrowed(name) } else { Cow::Owned(quoted(name)) }
}

/// All problems as text for people, sorted by their place in the file.
pub fn render(problems: &Problems, file_name: &str, text: &str, color: bool) -> String {
    let theme = if color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(110).with_links(false).with_context_lines(1);
    let mut sorted: Vec<&Problem> = problems.list.iter().collect();
    sorted.sort_by_key(|problem| problem.span.as_ref().map_or(usize::MAX, |span| span.start));
    let mut out = String::new();
    for problem in sorted {
        let drawn = Drawn {
            message: problem.message.clone(),
            hint: problem.hint.clone(),
            span: problem.span.clone().map(|span| first_line(text, span)),
            file: NamedSource::new(file_name, text.to_owned()),
        };
        // Writing into a String does not fail; a drawing that miette refuses still leaves the sentence.
        if handler.render_report(&mut out, &drawn).is_err() {
            out.push_str(&drawn.message);
            out.push('\n');
        }
    }
    out
}

/// The line (1-based) of a byte offset.
pub fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

/// A span cut to its first line: a caret under twenty lines points at nothing.
fn first_line(text: &str, span: Range<usize>) -> Range<usize> {
    let start = span.start.min(text.len());
    let end = span.end.clamp(start, text.len());
    let end = text.as_bytes()[start..end].iter().position(|byte| *byte == b'\n').map_or(end, |newline| start + newline);
    start..end.max(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_shows_file_line_caret_and_hint() {
        let text = "[controller]\nnmae = \"x\"\n";
        let mut problems = Problems::default();
        problems.add(Some(13..17), "unknown key `nmae`", Some("did you mean `name`?".to_owned()));
        let drawn = render(&problems, "pipeline.toml", text, false);
        assert!(drawn.contains("unknown key `nmae`"), "{drawn}");
        assert!(drawn.contains("pipeline.toml:2:1"), "{drawn}");
        assert!(drawn.contains("did you mean `name`?"), "{drawn}");
        assert!(drawn.contains("────") || drawn.contains("──"), "{drawn}");
    }

    #[test]
    fn problems_are_sorted_by_place_and_not_repeated() {
        let text = "a = 1\nb = 2\n";
        let mut problems = Problems::default();
        problems.add(Some(6..7), "second", None);
        problems.add(Some(0..1), "first", None);
        problems.add(Some(0..1), "first", None);
        let drawn = render(&problems, "p.toml", text, false);
        assert!(drawn.find("first").unwrap() < drawn.find("second").unwrap());
        assert_eq!(drawn.matches("first").count(), 1);
    }
}
