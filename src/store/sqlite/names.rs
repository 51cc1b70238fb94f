//! Identifiers in SQL, and how the rows of a table are addressed.

use crate::store::Table;
pub(super) use crate::store::names::quoted;

/// The names under which SQLite gives a hidden row number. A real column of the same name takes the name away.
const ROW_NUMBER_NAMES: [&str; 3] = ["rowid", "_rowid_", "oid"];

/// A text as a literal, with the quotes inside doubled.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The name of the hidden row number that no column of these hides.
pub(super) fn row_number_name<'a>(columns: impl Iterator<Item = &'a str> + Clone) -> Option<&'static str> {
    ROW_NUMBER_NAMES.into_iter().find(|name| !columns.clone().any(|column| column.eq_ignore_ascii_case(name)))
}

/// How the rows of a table are found again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    /// By the hidden row number, under this name.
    RowNumber(&'static str),
    /// By the primary key's columns, quoted.
    Key(Vec<String>),
}

impl Address {
    /// The address of a table's rows: the row number where there is one (it never is NULL and never changes within a transaction), else the
    /// primary key. `None` for a table whose own columns hide all three names of the row number and that declares no key.
    pub(super) fn of(table: &Table) -> Option<Self> {
        let hidden = row_number_name(table.columns.iter().map(|column| column.name.as_str()));
        match hidden {
            Some(name) if table.has_row_number => Some(Self::RowNumber(name)),
            _ if table.primary_key.is_empty() => None,
            _ => Some(Self::Key(key(table))),
        }
    }

    /// The columns of the address, ready for a statement.
    pub(super) fn columns(&self) -> Vec<String> {
        match self {
            Self::RowNumber(name) => vec![(*name).to_owned()],
            Self::Key(columns) => columns.clone(),
        }
    }
}

/// The condition that finds one row of a table by parameters in the order of [`Address::columns`].
pub(super) fn condition(table: &Table, address: &Address) -> String {
    match address {
        Address::RowNumber(name) => format!("{name} = ?"),
        // SQLite allows NULL in a key that is not declared NOT NULL, and does not search by IS as well as by =.
        Address::Key(columns) => {
            let nullable = |index: usize| {
                table.primary_key.get(index).and_then(|&column| table.columns.get(column)).is_some_and(|column| column.nullable)
            };
            let parts: Vec<String> = columns
                .iter()
                .enumerate()
                .map(|(index, column)| if nullable(index) { format!("{column} IS ?") } else { format!("{column} = ?") })
                .collect();
            parts.join(" AND ")
        }
    }
}

/// The quoted columns of a table's primary key.
fn key(table: &Table) -> Vec<String> {
    table.primary_key.iter().filter_map(|&column| table.columns.get(column)).map(|column| quoted(&column.name)).collect()
}

/// The cells that name a row in an error: the primary key's, else the row number, else none.
pub(super) fn naming_columns(table: &Table) -> Vec<String> {
    if !table.primary_key.is_empty() {
        return key(table);
    }
    Address::of(table).map(|address| address.columns()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_real_column_hides_a_name_of_the_row_number() {
        assert_eq!(row_number_name(["a"].into_iter()), Some("rowid"));
        assert_eq!(row_number_name(["RowID", "a"].into_iter()), Some("_rowid_"));
        assert_eq!(row_number_name(["rowid", "_ROWID_", "oid"].into_iter()), None);
    }
}
