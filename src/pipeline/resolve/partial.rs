//! References that only some rows have: `when` another column holds a value, or behind a `prefix` in the text itself.

use super::references::quoted;
use super::*;
use crate::pipeline::personal_keys::{copies, personal_keys};
use crate::store::ColumnType;

impl Resolver<'_> {
    /// The columns and values of a reference's `when`; `None` where there was a problem.
    pub(super) fn when(&mut self, from: TableIndex, raw: &raw::RawReference, at: &str) -> Option<Vec<(ColumnIndex, Scalar)>> {
        let mut when = Vec::new();
        for (name, value) in &raw.when {
            let place = ["reference", at, "when", name];
            let column = self.column(from, name, &place)?;
            let described = &self.tables[from].catalog.columns[column];
            let short = |text: &str| described.max_length.is_none_or(|longest| text.chars().count() <= longest);
            let fits = match (described.data_type, value) {
                (ColumnType::Text, Scalar::Text(text)) => short(text) && !text.contains('\0'),
                (ColumnType::Integer, Scalar::Integer(_)) | (ColumnType::Boolean, Scalar::Boolean(_)) => true,
                _ => false,
            };
            if !fits {
                let message = format!("`{}.{name}` never holds `{value}`: its type is {}", raw.table, described.declared);
                let hint = "say a text, a whole number or `true` and `false`, as the column has it".to_owned();
                self.problem(&place, message, Some(hint));
                return None;
            }
            if raw.columns.iter().any(|pointing| pointing.eq_ignore_ascii_case(name)) {
                let message = format!("`{}.{name}` can not both point at a row and say where it points", raw.table);
                self.problem(&place, message, Some("name the column that says which table is pointed at".to_owned()));
                return None;
            }
            when.push((column, value.clone()));
        }
        Some(when)
    }

    /// Whether the store enforces for every row what the file says of some; a problem then.
    pub(super) fn is_enforced(&mut self, from: TableIndex, columns: &[ColumnIndex], raw: &raw::RawReference, at: &str) -> bool {
        let sorted = |columns: &[ColumnIndex]| {
            let mut columns = columns.to_vec();
            columns.sort_unstable();
            columns
        };
        let mut keys = self.tables[from].catalog.foreign_keys.iter();
        let enforced = (!raw.when.is_empty() || raw.prefix.is_some()) && keys.any(|key| sorted(&key.columns) == sorted(columns));
        if enforced {
            let key = if raw.when.is_empty() { "prefix" } else { "when" };
            let columns = quoted(&raw.columns);
            let message = format!("the store declares a foreign key of `{}` on {columns}, which every row has", raw.table);
            self.problem(&["reference", at, key], message, Some(format!("take `{key}` out")));
        }
        enforced
    }

    /// Whether the key pointed at can stand behind the reference's `prefix`, if it has one.
    pub(super) fn can_have_prefix(
        &mut self,
        (from, columns): (TableIndex, &[ColumnIndex]),
        (to, to_columns): (TableIndex, &[ColumnIndex]),
        raw: &raw::RawReference,
        at: &str,
    ) -> bool {
        let Some(prefix) = &raw.prefix else { return true };
        let place = ["reference", at, "prefix"];
        let ([column], [to_column]) = (columns, to_columns) else {
            let message =
                format!("a `prefix` stands before the key in one column, and the reference of `{}` has {}", raw.table, columns.len());
            self.problem(&place, message, Some("point at a key of one column".to_owned()));
            return false;
        };
        let (described, key) = (&self.tables[from].catalog.columns[*column], &self.tables[to].catalog.columns[*to_column]);
        let problem = if described.data_type != ColumnType::Text {
            let message = format!("`{}.{}` holds no prefix: its type is {}, not a text", raw.table, described.name, described.declared);
            Some((message, "say `when` where another column tells which table is pointed at".to_owned()))
        } else if prefix.is_empty()
            || prefix.contains('\0')
            || described.max_length.is_some_and(|longest| prefix.chars().count() >= longest)
        {
            let message = format!("no text of `{}.{}` has this `prefix` before a key", raw.table, described.name);
            Some((message, "say what stands before the key, up to its first character: `\"party.party,\"`".to_owned()))
        } else if !matches!(key.data_type, ColumnType::Text | ColumnType::Integer) {
            let message = format!(
                "the key `{}.{}` can not stand behind a `prefix`: its type is {}, of which there is more than one spelling",
                self.tables[to].name(),
                key.name,
                key.declared
            );
            Some((message, "point at a key that is a text or a whole number".to_owned()))
        } else {
            None
        };
        let fine = problem.is_none();
        if let Some((message, hint)) = problem {
            self.problem(&place, message, Some(hint));
        }
        fine
    }

    /// What a partial reference rests on must stay: the column that says where a row points, and the spelling of the key pointed at.
    pub(super) fn check_partial_references(&mut self) {
        for reference in self.references.clone().into_iter().filter(Reference::is_partial) {
            for (column, _) in &reference.when {
                if self.tables[reference.from].columns[*column].treatment != Treatment::Keep {
                    let (table, column) = self.names(reference.from, *column);
                    let message = format!("`{table}.{column}` says where `{}` points and can not be forgotten", reference.name);
                    self.problem(&["table", &table, &column], message, Some("class it `plain`, or take `when` out".to_owned()));
                }
            }
            if self.is_replaced(reference.to, &reference.to_columns) {
                let (table, column) = self.names(reference.from, reference.columns[0]);
                let message = format!(
                    "`{table}.{column}` points at a personal key of `{}`, which is replaced in every row that points at it or in none",
                    self.tables[reference.to].name()
                );
                let hint = "point at a key that is nobody's, or give the table a clock of its own under `[record.…]`".to_owned();
                self.problem(&["table", &table, &column], message, Some(hint));
            }
        }
    }

    /// Whether one of these columns changes with a personal key: its own table's, or one that it is a copy of.
    fn is_replaced(&self, at: TableIndex, columns: &[ColumnIndex]) -> bool {
        (0..self.tables.len()).any(|table| {
            personal_keys(&self.tables, &self.references, table).iter().any(|key| {
                let replaced = |position: &usize| matches!(self.tables[table].columns[key[*position]].treatment, Treatment::Rekey(_));
                let positions: Vec<usize> = (0..key.len()).filter(replaced).collect();
                copies(&self.references, table, key)
                    .iter()
                    .any(|(of, copy)| *of == at && positions.iter().any(|position| columns.contains(&copy[*position])))
            })
        })
    }

    /// A value that a CHECK forbids, or that an enumeration does not have, is never there: such a reference never leads anywhere.
    pub(super) fn check_partial_values(&mut self, check_rows: &mut CheckRows<'_>) {
        for reference in self.references.clone() {
            for (column, value) in &reference.when {
                let catalog = self.tables[reference.from].catalog.clone();
                let text = match value {
                    Scalar::Boolean(value) => i64::from(*value).to_string(),
                    value => value.to_string(),
                };
                let failing = check_rows(&catalog, &[(*column, Some(text))]);
                let alone = |check: &usize| catalog.checks.get(*check).is_some_and(|check| check.columns == [*column]);
                if failing.iter().any(|(check, rows)| *rows > 0 && alone(check)) {
                    let (table, column) = self.names(reference.from, *column);
                    let message = format!("the reference of `{table}` compares `{column}` with `{value}`, which its CHECK forbids");
                    let hint = "mend the value: as it stands no row has the reference".to_owned();
                    self.problem(&["table", &table, &column], message, Some(hint));
                }
            }
        }
    }

    /// Leads of which no row has two, those before others that say best whose a row is. `open` where two of them could say it of one row.
    pub(super) fn owners(&self, table: TableIndex, first: Option<usize>) -> (Vec<usize>, Vec<usize>) {
        let leads = &self.tables[table].leads;
        let apart = |one: usize, other: usize| exclusive(&self.references, &leads[one].path, &leads[other].path);
        let mut owners: Vec<usize> = first.into_iter().collect();
        loop {
            let left: Vec<usize> = (0..leads.len()).filter(|lead| owners.iter().all(|owner| apart(*owner, *lead))).collect();
            // The row's owner says whose it is; without one the nearest category, if there is just one nearest.
            if let Some(owned) = left.iter().find(|lead| leads[**lead].owned) {
                owners.push(*owned);
                continue;
            }
            let Some(nearest) = left.iter().map(|lead| leads[*lead].path.len()).min() else { return (owners, Vec::new()) };
            let near: Vec<usize> = left.into_iter().filter(|lead| leads[*lead].path.len() == nearest).collect();
            if near[1..].iter().any(|other| !apart(near[0], *other)) {
                return (owners, near);
            }
            owners.push(near[0]);
        }
    }
}
