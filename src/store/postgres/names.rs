//! Identifiers in SQL.

/// An identifier in double quotes, with the quotes inside doubled. Always quoted: a name may hold capitals, hyphens or dots, or be a
/// reserved word, and the list of reserved words differs between versions.
pub(super) fn quoted(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 2);
    text.push('"');
    for character in name.chars() {
        if character == '"' {
            text.push('"');
        }
        text.push(character);
    }
    text.push('"');
    text
}

/// A relation with its schema, so that no search path decides which one is meant.
pub(super) fn qualified(schema: &str, relation: &str) -> String {
    format!("{}.{}", quoted(schema), quoted(relation))
}

/// A text as a literal. `E''` with doubled backslashes means the same whatever `standard_conforming_strings` says.
pub(super) fn literal(text: &str) -> String {
    format!("E'{}'", text.replace('\\', r"\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_inside_a_name_are_doubled() {
        assert_eq!(quoted(r#"a"b"#), r#""a""b""#);
        assert_eq!(quoted("order"), r#""order""#);
        assert_eq!(qualified("sales.eu", "Order-Line"), r#""sales.eu"."Order-Line""#);
    }

    #[test]
    fn quotes_and_backslashes_inside_a_text_are_doubled() {
        assert_eq!(literal(r"O'Neil\x"), r"E'O''Neil\\x'");
    }
}
