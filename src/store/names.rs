//! Identifiers in SQL, as both stores write them.

/// An identifier in double quotes, with the quotes inside doubled. Always quoted: a name may hold capitals, hyphens or dots, or be a
/// reserved word, and the list of reserved words differs between stores and versions.
///
/// A double-quoted name that fits no column is read as a text literal by SQLite, so that columns are always written with their table's alias
/// before them, which never is.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_inside_a_name_are_doubled() {
        assert_eq!(quoted(r#"a"b"#), r#""a""b""#);
        assert_eq!(quoted("order"), r#""order""#);
    }
}
