//! Recognising our own placeholders, so that a scrubbed text is left alone.
//!
//! A placeholder is a kind's name in brackets, `[name]`, or with the number of whom it stands for, `[name 2]`. It counts as the strictest
//! possible neighbour. Otherwise a candidate that was refused for touching other digits would be accepted in the second scan, once those
//! have been replaced.

use super::Kind;

/// The most digits that a placeholder's number has.
pub(super) const MOST_DIGITS: usize = 9;

/// A placeholder in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placeholder {
    pub(super) kind: Kind,
    /// Whom it stands for, where it says so; from 1.
    pub(super) number: Option<u32>,
    /// Its bytes.
    pub(super) length: usize,
}

/// The placeholder that the text starts with, whole.
pub(super) fn read(text: &str) -> Option<Placeholder> {
    if !text.starts_with('[') {
        return None;
    }
    Kind::ALL.into_iter().find_map(|kind| {
        let open = kind.placeholder().strip_suffix(']')?;
        let rest = text.strip_prefix(open)?;
        if rest.starts_with(']') {
            return Some(Placeholder { kind, number: None, length: open.len() + 1 });
        }
        let rest = rest.strip_prefix(' ')?;
        let count = rest.bytes().take(MOST_DIGITS + 1).take_while(u8::is_ascii_digit).count();
        let number = rest.get(..count).filter(|digits| !digits.starts_with('0'))?.parse().ok()?;
        let closed = count <= MOST_DIGITS && rest[count..].starts_with(']');
        closed.then_some(Placeholder { kind, number: Some(number), length: open.len() + 2 + count })
    })
}

/// The placeholder that the text starts with.
pub(super) fn at_start(text: &str) -> Option<Kind> {
    read(text).map(|placeholder| placeholder.kind)
}

/// The placeholder that the text ends with.
pub(super) fn at_end(text: &str) -> Option<Kind> {
    if !text.ends_with(']') {
        return None;
    }
    // None is longer than the longest name with the longest number.
    const LONGEST: usize = 32;
    let tail = &text[text.ceil_char_boundary(text.len().saturating_sub(LONGEST))..];
    let open = tail.rfind('[')?;
    read(&tail[open..]).filter(|placeholder| placeholder.length == tail.len() - open).map(|placeholder| placeholder.kind)
}

/// All placeholders in the text with where they begin, in order.
pub(super) fn all(text: &str) -> impl Iterator<Item = (usize, Placeholder)> {
    memchr::memchr_iter(b'[', text.as_bytes()).filter_map(|start| read(&text[start..]).map(|placeholder| (start, placeholder)))
}

/// Byte ranges of all placeholders in the text, in order, after what `spans` holds.
pub(super) fn collect(text: &str, spans: &mut Vec<(usize, usize)>) {
    spans.extend(all(text).map(|(start, placeholder)| (start, start + placeholder.length)));
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
        let mut spans = Vec::new();
        collect("[[email] [x] [name]", &mut spans);
        assert_eq!(spans, [(1, 8), (13, 19)]);
    }

    #[test]
    fn numbered_placeholders_are_placeholders() {
        assert_eq!(read("[name 12]s bil"), Some(Placeholder { kind: Kind::Name, number: Some(12), length: 9 }));
        assert_eq!(at_end("hej [national_id 999999999]"), Some(Kind::NationalId));
        for other in ["[name 0]", "[name 01]", "[name  1]", "[name1]", "[name 1", "[name 1 ]", "[name 1234567890]", "[name +1]"] {
            assert_eq!(read(other), None, "{other}");
            assert_eq!(at_end(other), None, "{other}");
        }
        for kind in Kind::ALL {
            let longest = format!("[{kind} 123456789]");
            assert_eq!(at_end(&longest), Some(kind), "{longest}");
        }
    }
}
