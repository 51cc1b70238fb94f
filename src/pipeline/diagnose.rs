//! Problems of a pipeline file: what is wrong, where, and what to do. Collected, never stopping at the first.
//!
//! A problem points at a place in the file ([`Place`]); [`render`] draws it with line, caret and hint.

use std::borrow::Cow;
use std::ops::Range;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents,
};

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
        let problem = Problem { message: shortened(message.into()), hint: hint.into(), span };
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
    file: Excerpt,
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
        let place = problem.span.clone().map(|span| first_line(text, span));
        let (file, span) = Excerpt::around(file_name, text, place.clone().unwrap_or_default());
        let drawn = Drawn { message: problem.message.clone(), hint: problem.hint.clone(), span: place.map(|_| span), file };
        // Writing into a String does not fail; a drawing that miette refuses still leaves the sentence.
        if handler.render_report(&mut out, &drawn).is_err() {
            out.push_str(&drawn.message);
            out.push('\n');
        }
    }
    out
}

/// The most of a line that is shown, in bytes; what stands before the place is a third of it.
const LONGEST_LINE: usize = 240;

/// The most of a sentence that is shown, in bytes: it may quote a name as long as a file.
const LONGEST_SENTENCE: usize = 1_000;

/// A file with its long lines cut: the one with the place around it, the others at their ends.
#[derive(Debug)]
struct Excerpt {
    name: String,
    text: String,
    /// How many bytes the place's column is less than in the file.
    shift: usize,
}

impl Excerpt {
    fn around(name: &str, text: &str, place: Range<usize>) -> (Self, Range<usize>) {
        let (mut out, mut moved, mut shift, mut at) = (String::with_capacity(text.len()), place.clone(), 0, 0);
        for line in text.split_inclusive('\n') {
            let (content, end) = line.strip_suffix('\n').map_or((line, ""), |content| (content, "\n"));
            let has_place = (at..=at + content.len()).contains(&place.start);
            let wanted = if has_place { place.start - at } else { 0 };
            let from = match content.len() > LONGEST_LINE {
                true => content.floor_char_boundary(wanted.saturating_sub(LONGEST_LINE / 3)),
                false => 0,
            };
            let to = content.floor_char_boundary((from + LONGEST_LINE).min(content.len()));
            let before = if from > 0 { "…" } else { "" };
            if has_place {
                let start = out.len() + before.len() + wanted - from;
                moved = start..start + place.len().min(to - wanted);
                shift = from - before.len().min(from);
            }
            let after = if to < content.len() { "…" } else { "" };
            out.extend([before, &content[from..to], after, end]);
            at += line.len();
        }
        (Self { name: name.to_owned(), text: out, shift }, moved)
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(&'a self, span: &SourceSpan, before: usize, after: usize) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let found = self.text.read_span(span, before, after)?;
        // Lines around are asked for to be drawn, none to say where the place is.
        let shift = if before + after == 0 { self.shift } else { 0 };
        let (data, own, line, column, lines) = (found.data(), *found.span(), found.line(), found.column() + shift, found.line_count());
        Ok(Box::new(MietteSpanContents::new_named(self.name.clone(), data, own, line, column, lines)))
    }
}

/// A sentence with its middle left out where it is very long.
fn shortened(sentence: String) -> String {
    if sentence.len() <= LONGEST_SENTENCE {
        return sentence;
    }
    let (head, tail) =
        (sentence.floor_char_boundary(LONGEST_SENTENCE / 2), sentence.ceil_char_boundary(sentence.len() - LONGEST_SENTENCE / 2));
    format!("{} … {}", &sentence[..head], &sentence[tail..])
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

    /// In front of the place, behind it, under it, and in the line above: as long as nobody can read.
    #[test]
    fn of_a_very_long_line_the_part_around_the_place_is_shown() {
        let long = "å".repeat(50_000);
        let text = format!("# {long}\na = [\"{long}\", 17, \"{long}\"]\n");
        let at = text.find("17").unwrap();
        let drawn_at = |span: Range<usize>, message: &str| {
            let mut problems = Problems::default();
            problems.add(Some(span), message, None);
            render(&problems, "p.toml", &text, false)
        };
        let drawn = drawn_at(at..at + 2, "no number");
        assert!(drawn.len() < 2_500, "{} bytes", drawn.len());
        assert!(drawn.contains(", 17, ") && drawn.contains('…'), "{drawn}");
        let column = at - text.find("a = ").unwrap() + 1;
        assert!(drawn.contains(&format!("p.toml:2:{column}")), "{drawn}");
        // The caret stands under the place and no further.
        let lines: Vec<&str> = drawn.lines().collect();
        let (shown, caret) = lines.windows(2).find_map(|pair| Some((pair[0].find("17")?, pair[1].find('─')?))).unwrap();
        let width = |line: &str, end: usize| line[..end].chars().count();
        let line = lines.iter().position(|line| line.contains("17")).unwrap();
        assert_eq!(width(lines[line], shown), width(lines[line + 1], caret), "{drawn}");
        // A place that is long itself, from its beginning.
        let value = text.find("[\"").unwrap() + 1..at - 2;
        let drawn = drawn_at(value, &format!("`{long}` is not known"));
        assert!(drawn.len() < 5_000 && drawn.contains("p.toml:2:6") && drawn.contains("is not known"), "{} {drawn}", drawn.len());
        // At the very end of the file.
        assert!(drawn_at(text.len()..text.len(), "more is needed").contains("more is needed"));
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
