//! What stands around and between the words of a name.

use super::Hit;

/// Whether a sentence begins at a byte of the text.
pub(super) fn starts_sentence(text: &str, start: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let before = before.trim_end_matches([' ', '"', '\'', '(', '-', '*', '\t']);
    before.is_empty() || before.ends_with(['.', '!', '?', '\n', '\r', '\u{2026}'])
}

/// Where a word ends with a genitive behind an apostrophe or colon.
pub(super) fn end_with_genitive(text: &str, end: usize) -> usize {
    let mut rest = text.get(end..).unwrap_or_default().chars();
    match (rest.next(), rest.next(), rest.next()) {
        (Some('\'' | ':'), Some(ending @ ('s' | 'n')), next) if !next.is_some_and(char::is_alphanumeric) => end + 1 + ending.len_utf8(),
        _ => end,
    }
}

/// Whether only what may stand within a name separates a hit from the next.
pub(super) fn are_adjacent(text: &str, one: &Hit, other: &Hit) -> bool {
    const WIDEST: usize = 3;
    let end = end_with_genitive(text, one.end);
    let Some(gap) = text.get(end..other.start) else { return false };
    // A full stop and a blank end a sentence, unless they abbreviate: K. Lindqvist.
    let ends_sentence = gap.starts_with('.') && gap.len() > 1 && one.end - one.start > 2 && other.is_capitalised;
    !ends_sentence
        && !gap.is_empty()
        && gap.len() <= WIDEST
        && gap.chars().all(|character| character.is_whitespace() || matches!(character, '-' | '.' | ',' | '\'' | '_' | '/' | '&'))
}

/// Whether a gap leaves two parts one name; two that hold the same word are only one where a blank or hyphen stands between them.
pub(super) fn joins(gap: Option<&str>, differ: bool) -> bool {
    match gap {
        Some(" " | "-") => true,
        Some(gap) => differ && !gap.contains('\n'),
        None => false,
    }
}
