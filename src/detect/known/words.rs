//! The words of a text, folded for comparison.

use unicode_normalization::char::is_combining_mark;

use super::normalise::fold_word;

/// A maximal run of letters.
pub(super) struct Word {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Lower case, without diacritics.
    pub(super) folded: String,
    pub(super) is_capitalised: bool,
}

impl Word {
    /// The letter, if this is a capital standing alone.
    pub(super) fn initial(&self) -> Option<char> {
        let mut characters = self.folded.chars();
        match (characters.next(), characters.next()) {
            (Some(letter), None) if self.is_capitalised => Some(letter),
            _ => None,
        }
    }
}

/// Maximal runs of characters, outside the given spans.
fn runs(text: &str, spans: &[(usize, usize)], belongs: impl Fn(char) -> bool) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let mut spans = spans.iter().peekable();
    for (position, character) in text.char_indices() {
        while spans.next_if(|span| span.1 <= position).is_some() {}
        if spans.peek().is_some_and(|span| span.0 <= position) || !belongs(character) {
            continue;
        }
        let end = position + character.len_utf8();
        match runs.last_mut() {
            Some(last) if last.1 == position => last.1 = end,
            _ => runs.push((position, end)),
        }
    }
    runs
}

/// The words of a text in order; those inside placeholders are left out.
pub(super) fn words(text: &str, placeholders: &[(usize, usize)]) -> Vec<Word> {
    runs(text, placeholders, |character| character.is_alphabetic() || is_combining_mark(character))
        .into_iter()
        .map(|(start, end)| {
            let word = &text[start..end];
            Word { start, end, folded: fold_word(word), is_capitalised: word.chars().next().is_some_and(char::is_uppercase) }
        })
        .collect()
}

/// Byte ranges of the runs of letters and digits in order, placeholders left out.
pub(super) fn pieces(text: &str, placeholders: &[(usize, usize)]) -> Vec<(usize, usize)> {
    runs(text, placeholders, |character| character.is_alphanumeric() || is_combining_mark(character))
}

#[cfg(test)]
mod tests {
    use super::super::placeholder;
    use super::*;

    #[test]
    fn words_are_folded_and_placeholders_left_out() {
        let text = "Åsa2 [name] o\u{308}rn-É [Name]";
        let found: Vec<(String, bool)> =
            words(text, &placeholder::spans(text)).into_iter().map(|word| (word.folded, word.is_capitalised)).collect();
        let expected = [("asa", true), ("orn", false), ("e", true), ("name", true)];
        assert_eq!(found, expected.map(|(word, capital)| (word.to_owned(), capital)));
    }

    #[test]
    fn pieces_keep_letters_and_digits_together() {
        let text = "K-100a [name]x1";
        let found: Vec<&str> = pieces(text, &placeholder::spans(text)).into_iter().map(|(start, end)| &text[start..end]).collect();
        assert_eq!(found, ["K", "100a", "x1"]);
    }
}
