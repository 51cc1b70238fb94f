//! Recognising our own placeholders, so that a scrubbed text is left alone.
//!
//! A placeholder counts as the strictest possible neighbour. Otherwise a candidate that was refused
//! for touching other digits would be accepted in the second scan, once those have been replaced.

use super::Kind;

/// The placeholder that the text starts with.
pub(super) fn at_start(text: &str) -> Option<Kind> {
    if !text.starts_with('[') {
        return None;
    }
    Kind::ALL.into_iter().find(|kind| text.starts_with(kind.placeholder()))
}

/// The placeholder that the text ends with.
pub(super) fn at_end(text: &str) -> Option<Kind> {
    if !text.ends_with(']') {
        return None;
    }
    Kind::ALL.into_iter().find(|kind| text.ends_with(kind.placeholder()))
}

/// Byte ranges of all placeholders in the text, in order.
pub(super) fn spans(text: &str) -> Vec<(usize, usize)> {
    text.match_indices('[')
        .filter_map(|(start, _)| at_start(&text[start..]).map(|kind| (start, start + kind.placeholder().len())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_found_at_both_ends_and_inside() {
        assert_eq!(at_start("[phone] ringer"), Some(Kind::Phone));
        assert_eq!(at_start("[telefon]"), None);
        assert_eq!(at_end("ring [national_id]"), Some(Kind::NationalId));
        assert_eq!(at_end("ring [national id]"), None);
        assert_eq!(spans("[[email] [x] [name]"), [(1, 8), (13, 19)]);
    }
}
