//! A document's values as they are written, each with where it stands.

use std::borrow::Cow;

use super::cursor::{Cursor, Fault, MOST_LEVELS, decode_into, decoded};

/// A value as it is written in its document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw<'t>(&'t str);

impl<'t> Raw<'t> {
    /// As it is written.
    pub fn written(self) -> &'t str {
        self.0
    }

    /// What it says, if it is a text. Half of a surrogate pair, which says nothing, reads as U+FFFD.
    pub fn text(self) -> Option<Cow<'t, str>> {
        self.0.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).map(decoded)
    }

    /// The same; where it has escapes, in memory that is used again.
    pub fn text_in<'b>(self, memory: &'b mut String) -> Option<&'b str>
    where
        't: 'b,
    {
        let raw = self.0.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'))?;
        if !raw.contains('\\') {
            return Some(raw);
        }
        memory.clear();
        decode_into(raw, memory);
        Some(memory)
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// Whether it is a number.
    pub fn is_number(self) -> bool {
        self.0.starts_with(|first: char| first == '-' || first.is_ascii_digit())
    }
}

/// Visits each member of an object, in order: its key and its value. `false` if the text is no JSON object: what was visited until then is
/// of no account.
///
/// ```
/// let mut seen = Vec::new();
/// let sound = gallra::kernels::json::members(r#"{"id": [1.0, {}], "text": "Br\u00e5k"}"#, &mut |key, value| {
///     seen.push((key.to_owned(), value.written().to_owned(), value.text().map(|text| text.into_owned())));
/// });
/// assert!(sound);
/// assert_eq!(seen[0], ("id".into(), "[1.0, {}]".into(), None));
/// assert_eq!(seen[1], ("text".into(), r#""Br\u00e5k""#.into(), Some("Bråk".into())));
/// ```
pub fn members<'t>(text: &'t str, visit: &mut dyn FnMut(&str, Raw<'t>)) -> bool {
    let mut cursor = Cursor { text, at: 0 };
    let mut walked = || {
        cursor.skip_blanks();
        object(&mut cursor, &mut |cursor, key| {
            let start = cursor.at;
            skip(cursor, 1)?;
            visit(key, Raw(&text[start..cursor.at]));
            Ok(())
        })?;
        end(&mut cursor)
    };
    walked().is_ok()
}

/// Visits each text and number of a document, in order, with the keys that lead to it: `customer.phones[]`. `false` if the text is no JSON
/// document: what was visited until then is of no account.
///
/// ```
/// let mut seen = Vec::new();
/// let document = r#"{"to": {"name": "Kim"}, "lines": [{"text": "x"}, 7, null]}"#;
/// assert!(gallra::kernels::json::leaves(document, &mut |path, value| seen.push(format!("{path}={}", value.written()))));
/// assert_eq!(seen, ["to.name=\"Kim\"", "lines[].text=\"x\"", "lines[]=7"]);
/// ```
pub fn leaves<'t>(text: &'t str, visit: &mut dyn FnMut(&str, Raw<'t>)) -> bool {
    let mut cursor = Cursor { text, at: 0 };
    let mut walked = || {
        cursor.skip_blanks();
        leaf(&mut cursor, &mut String::new(), 0, visit)?;
        end(&mut cursor)
    };
    walked().is_ok()
}

fn leaf<'t>(cursor: &mut Cursor<'t>, path: &mut String, level: usize, visit: &mut dyn FnMut(&str, Raw<'t>)) -> Result<(), Fault> {
    let length = path.len();
    deep_enough(level)?;
    match cursor.peek() {
        Some(b'{') => object(cursor, &mut |cursor, key| {
            if length > 0 {
                path.push('.');
            }
            path.push_str(key);
            let walked = leaf(cursor, path, level + 1, visit);
            path.truncate(length);
            walked
        }),
        Some(b'[') => {
            path.push_str("[]");
            let walked = list(cursor, b']', &mut |cursor| leaf(cursor, path, level + 1, visit));
            path.truncate(length);
            walked
        }
        _ => {
            let start = cursor.at;
            cursor.scalar()?;
            let value = Raw(&cursor.text[start..cursor.at]);
            if value.is_number() || value.0.starts_with('"') {
                visit(path, value);
            }
            Ok(())
        }
    }
}

/// Moves over a value.
fn skip(cursor: &mut Cursor<'_>, level: usize) -> Result<(), Fault> {
    deep_enough(level)?;
    match cursor.peek() {
        Some(b'{') => object(cursor, &mut |cursor, _| skip(cursor, level + 1)),
        Some(b'[') => list(cursor, b']', &mut |cursor| skip(cursor, level + 1)),
        _ => cursor.scalar(),
    }
}

/// The walk calls itself for each level, and the stack must hold them all.
fn deep_enough(level: usize) -> Result<(), Fault> {
    if level > MOST_LEVELS { Err(Fault::Depth) } else { Ok(()) }
}

/// Moves over an object; `member` moves over each value.
fn object<'t>(cursor: &mut Cursor<'t>, member: &mut dyn FnMut(&mut Cursor<'t>, &str) -> Result<(), Fault>) -> Result<(), Fault> {
    if cursor.peek() != Some(b'{') {
        return Err(Fault::Form);
    }
    list(cursor, b'}', &mut |cursor| {
        let key = cursor.string()?;
        cursor.skip_blanks();
        cursor.expect(b':')?;
        cursor.skip_blanks();
        member(cursor, &decoded(key))
    })
}

/// Moves over what stands between two brackets, with commas between; `element` moves over each.
fn list<'t>(cursor: &mut Cursor<'t>, close: u8, element: &mut dyn FnMut(&mut Cursor<'t>) -> Result<(), Fault>) -> Result<(), Fault> {
    cursor.at += 1;
    cursor.skip_blanks();
    if cursor.take(close) {
        return Ok(());
    }
    loop {
        element(cursor)?;
        cursor.skip_blanks();
        if !cursor.take(b',') {
            return cursor.expect(close);
        }
        cursor.skip_blanks();
    }
}

fn end(cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    cursor.skip_blanks();
    if cursor.at == cursor.text.len() { Ok(()) } else { Err(Fault::Form) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether serde_json, which reads JSON apart from us, takes a text for a document.
    fn is_json(text: &str) -> bool {
        serde_json::from_str::<serde_json::Value>(text).is_ok()
    }

    #[test]
    fn only_sound_documents_are_walked_through() {
        for text in [
            "",
            "{",
            "}",
            "{}",
            " {\t\"a\" : 1 , \"b\":[ ] }\r",
            "{\"a\":1,}",
            "{\"a\" 1}",
            "{a:1}",
            "{\"a\":01}",
            "{\"a\":-}",
            "{\"a\":1.}",
            "{\"a\":1e5}",
            "{\"a\":tru}",
            "{\"a\":\"\u{1}\"}",
            "{\"a\":\"\\x\"}",
            "{\"a\":\"\\u12\"}",
            "{\"a\":\"x",
            "{\"a\":[1 2]}",
            "{\"a\":[1,]}",
            "{} {}",
            "[{\"a\":null},true]",
            "\"text\"",
            "7",
            "\u{feff}{}",
        ] {
            assert_eq!(leaves(text, &mut |_, _| {}), is_json(text), "{text:?}");
            assert_eq!(members(text, &mut |_, _| {}), is_json(text) && text.trim_start().starts_with('{'), "{text:?}");
        }
    }

    #[test]
    fn documents_that_are_nested_too_deeply_are_refused_and_not_crashed_on() {
        let nested = |levels: usize| format!("{{\"a\":{}1{}}}", "[".repeat(levels), "]".repeat(levels));
        assert!(members(&nested(200), &mut |_, _| {}) && leaves(&nested(200), &mut |_, _| {}));
        assert!(!members(&nested(1_000_000), &mut |_, _| {}) && !leaves(&nested(1_000_000), &mut |_, _| {}));
    }

    #[test]
    fn a_text_says_the_same_wherever_it_is_put() {
        let mut memory = String::from("of an earlier one");
        for written in [r#""""#, r#""plain å""#, r#""a\n\u00e5\ud83e\udd8a\\""#, r#""\ud83e""#, "7", "null"] {
            let value = Raw(written);
            assert_eq!(value.text_in(&mut memory), value.text().as_deref(), "{written}");
        }
        assert_eq!(Raw(r#""a\n\u00e5\ud83e\udd8a\\""#).text_in(&mut memory), Some("a\nå🦊\\"));
    }

    #[test]
    fn equal_keys_are_visited_each_and_escaped_keys_are_read() {
        let mut seen = Vec::new();
        assert!(members(r#"{"a":1,"\u0061":2}"#, &mut |key, value| seen.push(format!("{key}{}", value.written()))));
        assert_eq!(seen, ["a1", "a2"]);
    }
}
