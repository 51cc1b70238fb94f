//! References between tables: those that every row has, and those that only some rows have, because another column, or the beginning of the
//! text itself, says which table each row points at.

use super::{ColumnIndex, ReferenceIndex, ReferenceKind, Scalar, TableIndex};

/// A reference between two tables.
#[derive(Debug, Clone)]
pub struct Reference {
    /// Its name in paths.
    pub name: String,
    /// The table that points.
    pub from: TableIndex,
    /// Its columns.
    pub columns: Vec<ColumnIndex>,
    /// The table pointed at.
    pub to: TableIndex,
    /// Its columns, pairwise.
    pub to_columns: Vec<ColumnIndex>,
    /// What it means for erasure.
    pub kind: ReferenceKind,
    /// Whether the store enforces it.
    pub declared: bool,
    /// Whether a NULL pointer is possible (all columns that are not the tenant's are nullable).
    pub nullable: bool,
    /// Key of the row to point at instead, per column, when the subject leaves a shared row and NULL is not allowed.
    pub placeholder_row: Option<Vec<Scalar>>,
    /// Only rows of which these columns hold these values have it; empty where all rows have.
    pub when: Vec<(ColumnIndex, Scalar)>,
    /// Only rows whose text begins with this have it; the rest of the text is the key, exactly. It has one column then.
    pub prefix: Option<String>,
}

impl Reference {
    /// Whether only some rows have it: the columns of the others point elsewhere.
    pub fn is_partial(&self) -> bool {
        !self.when.is_empty() || self.prefix.is_some()
    }

    /// Whether no row can have both.
    pub fn excludes(&self, other: &Self) -> bool {
        let another_value = |(column, value): &(ColumnIndex, Scalar)| other.when.iter().any(|(of, is)| of == column && is != value);
        let another_prefix = match (&self.prefix, &other.prefix) {
            (Some(one), Some(two)) => self.columns == other.columns && !one.starts_with(two.as_str()) && !two.starts_with(one.as_str()),
            _ => false,
        };
        self.from == other.from && (self.when.iter().any(another_value) || another_prefix)
    }
}

/// Whether no row has both of two paths from one table.
pub fn exclusive(references: &[Reference], one: &[ReferenceIndex], other: &[ReferenceIndex]) -> bool {
    let parting = one.iter().zip(other).find(|(one, other)| one != other);
    parting.is_some_and(|(one, other)| references[*one].excludes(&references[*other]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(from: TableIndex, column: ColumnIndex, when: &[(ColumnIndex, &str)], prefix: Option<&str>) -> Reference {
        Reference {
            name: String::new(),
            from,
            columns: vec![column],
            to: 9,
            to_columns: vec![0],
            kind: ReferenceKind::Owned,
            declared: false,
            nullable: true,
            placeholder_row: None,
            when: when.iter().map(|(column, value)| (*column, Scalar::Text((*value).to_owned()))).collect(),
            prefix: prefix.map(str::to_owned),
        }
    }

    #[test]
    fn only_what_no_row_can_have_both_of_excludes() {
        let party = reference(0, 1, &[(2, "party")], None);
        for (other, excludes) in [
            (reference(0, 1, &[(2, "supplier")], None), true),
            (reference(0, 3, &[(2, "supplier")], None), true),
            (reference(0, 1, &[(2, "party")], None), false),
            (reference(0, 1, &[(4, "supplier")], None), false),
            (reference(0, 1, &[], None), false),
            (reference(5, 1, &[(2, "supplier")], None), false),
        ] {
            assert_eq!((party.excludes(&other), other.excludes(&party)), (excludes, excludes), "{other:?}");
        }
        let party = reference(0, 1, &[], Some("party,"));
        for (other, excludes) in [
            (reference(0, 1, &[], Some("supplier,")), true),
            (reference(0, 1, &[], Some("party,old,")), false),
            (reference(0, 2, &[], Some("supplier,")), false),
            (reference(0, 1, &[], None), false),
        ] {
            assert_eq!((party.excludes(&other), other.excludes(&party)), (excludes, excludes), "{other:?}");
        }
    }

    #[test]
    fn paths_exclude_each_other_where_they_part() {
        let references = [
            reference(0, 1, &[], Some("party,")),
            reference(0, 1, &[], Some("address,")),
            reference(7, 1, &[], None),
            reference(7, 2, &[], None),
        ];
        assert!(exclusive(&references, &[0], &[1, 2]));
        assert!(!exclusive(&references, &[1, 2], &[1, 3]));
        assert!(!exclusive(&references, &[1], &[1, 2]));
    }
}
