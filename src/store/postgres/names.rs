//! Identifiers in SQL.

pub(super) use crate::store::names::quoted;

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
    fn schema_and_relation_are_quoted_apart() {
        assert_eq!(qualified("sales.eu", "Order-Line"), r#""sales.eu"."Order-Line""#);
    }

    #[test]
    fn quotes_and_backslashes_inside_a_text_are_doubled() {
        assert_eq!(literal(r"O'Neil\x"), r"E'O''Neil\\x'");
    }
}
