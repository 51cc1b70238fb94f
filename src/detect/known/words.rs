//! The words of a text, one after the other.

use super::super::marks::Marks;
use super::spelling::LONGEST;

/// A maximal run of letters outside of placeholders, as byte range.
///
/// Of a run that is too long for a name nothing is told.
pub(super) fn each(text: &str, marks: &Marks, placeholders: &[(usize, usize)], mut word: impl FnMut(usize, usize)) {
    const TOO_LONG: usize = 4 * LONGEST;
    let mut spans = placeholders.iter().peekable();
    marks.words(|start, _, _| {
        let end = marks.word_end(start).min(text.len());
        while spans.next_if(|span| span.1 <= start).is_some() {}
        if spans.peek().is_some_and(|span| span.0 <= start) {
            return;
        }
        let Some(run) = text.get(start..end) else { return };
        if run.is_ascii() {
            if run.len() <= TOO_LONG {
                word(start, end);
            }
            return;
        }
        // Beyond ASCII not everything is a letter.
        let mut first = None;
        for (at, character) in run.char_indices() {
            match (character.is_alphabetic(), first) {
                (true, None) => first = Some(at),
                (false, Some(from)) => {
                    if at - from <= TOO_LONG {
                        word(start + from, start + at);
                    }
                    first = None;
                }
                _ => {}
            }
        }
        if let Some(from) = first.filter(|from| run.len() - from <= TOO_LONG) {
            word(start + from, end);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::super::placeholder;
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let mut marks = Marks::default();
        marks.read(text.as_bytes());
        let mut spans = Vec::new();
        placeholder::collect(text, &mut spans);
        let mut found = Vec::new();
        each(text, &marks, &spans, |start, end| found.push(&text[start..end]));
        assert_eq!(found, expected);
    }

    #[test]
    fn words_are_runs_of_letters_outside_of_placeholders() {
        check("Åsa2 [name] örn-É [Name] 5€ap…x", &["Åsa", "örn", "É", "Name", "ap", "x"]);
        check(&"a".repeat(999), &[]);
        check("[name][phone]x", &["x"]);
    }
}
