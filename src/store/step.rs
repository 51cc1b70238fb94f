//! How a path leads from one table to the next.

/// One step of a path from a table to a subject, in the store's own names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// The table pointed at.
    pub to: String,
    /// Pairs of (column of the pointing table, column of the table pointed at).
    pub columns: Vec<(String, String)>,
    /// Only from rows of which these columns hold these values.
    pub when: Vec<(String, Value)>,
    /// What stands before the key in the pointing column, which is a text and the only one then.
    pub prefix: Option<String>,
}

/// A value that a column is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// `true` or `false`.
    Boolean(bool),
}
