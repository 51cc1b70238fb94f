//! Keys, references and checks of a table, gathered from all its parts.

use std::collections::{BTreeMap, BTreeSet};

use super::layout::Layout;
use super::query::{Answers, FoundConstraint};
use super::tables::Draft;
use crate::store::postgres::names::quoted;
use crate::store::postgres::relation::{CheckOrigin, RelationCheck};
use crate::store::{Check, ForeignKey};

/// What one table has.
#[derive(Default)]
pub(super) struct TableKeys {
    pub primary: Vec<usize>,
    pub unique: Vec<Vec<usize>>,
    pub partial_unique: Vec<Vec<usize>>,
    pub equal_nulls: Vec<usize>,
    pub foreign_keys: Vec<ForeignKey>,
    /// Per foreign key the tables that declare it: the root, or parts.
    declared_by: Vec<BTreeSet<u32>>,
    pub checks: Vec<Check>,
    pub relation_checks: Vec<RelationCheck>,
}

/// What all tables have, by root.
pub(super) struct Keys(BTreeMap<u32, TableKeys>);

impl Keys {
    /// Sorts the constraints and indexes to their tables.
    pub fn sorted(answers: &Answers, layout: &Layout, drafts: &BTreeMap<u32, Draft<'_>>) -> Self {
        let mut keys: BTreeMap<u32, TableKeys> = drafts.keys().map(|root| (*root, TableKeys::default())).collect();
        let mut checks: BTreeMap<u32, Vec<&FoundConstraint>> = BTreeMap::new();
        for constraint in &answers.constraints {
            let Some(root) = layout.root(constraint.table) else { continue };
            let (Some(draft), Some(of_table)) = (drafts.get(&root), keys.get_mut(&root)) else { continue };
            match constraint.kind {
                'p' if constraint.table == root => of_table.primary = draft.indices(&constraint.columns),
                'f' => of_table.add_reference(constraint, draft, layout, drafts),
                'c' => checks.entry(root).or_default().push(constraint),
                _ => {}
            }
        }
        for index in &answers.indexes {
            let Some(root) = layout.root(index.table) else { continue };
            let (Some(draft), Some(of_table)) = (drafts.get(&root), keys.get_mut(&root)) else { continue };
            let columns = draft.indices(&index.columns);
            if index.equal_nulls {
                of_table.equal_nulls.extend(&columns);
            }
            // A part may have a key that the whole table has not: a constant in its columns would still collide there.
            let list = if index.partial { &mut of_table.partial_unique } else { &mut of_table.unique };
            if !columns.is_empty() && columns != of_table.primary && !list.contains(&columns) {
                list.push(columns);
            }
        }
        for (root, of_table) in &mut keys {
            of_table.unique.sort();
            of_table.partial_unique.sort();
            of_table.equal_nulls.sort_unstable();
            of_table.equal_nulls.dedup();
            if let Some(draft) = drafts.get(root) {
                of_table.add_declared_checks(checks.get(root).map_or(&[][..], Vec::as_slice), draft);
                of_table.add_domain_checks(draft, answers);
                of_table.add_type_checks(draft);
                // A partitioned table passes its keys on to its partitions; a table passes none on to the children that inherit from it.
                for (key, tables) in of_table.foreign_keys.iter_mut().zip(&of_table.declared_by) {
                    let by_the_root = tables.contains(root) && !draft.parts.contains(root);
                    key.everywhere = by_the_root || draft.parts.is_subset(tables);
                }
            }
        }
        Self(keys)
    }

    /// What a table has.
    pub fn take(&mut self, root: u32) -> TableKeys {
        self.0.remove(&root).unwrap_or_default()
    }
}

impl TableKeys {
    /// A foreign key, once however many parts declare it.
    fn add_reference(&mut self, constraint: &FoundConstraint, draft: &Draft<'_>, layout: &Layout, drafts: &BTreeMap<u32, Draft<'_>>) {
        let columns = draft.indices(&constraint.columns);
        let Some(to) = layout.root(constraint.target) else { return };
        let (Some(target), Some(to_name)) = (drafts.get(&to), layout.name(to)) else { return };
        let known = constraint.target_columns.iter().all(|name| target.column(name).is_some());
        if !known || columns.len() != constraint.columns.len() || columns.len() != constraint.target_columns.len() {
            return;
        }
        // CASCADE, SET NULL, SET DEFAULT.
        let deletes_silently = matches!(constraint.on_delete, 'c' | 'n' | 'd');
        let to_columns = constraint.target_columns.clone();
        let key = ForeignKey { columns, to: to_name.to_owned(), to_columns, deletes_silently, everywhere: false };
        let at = match self.foreign_keys.iter().position(|other| other.to == key.to && pairs(other) == pairs(&key)) {
            Some(at) => at,
            None => {
                self.foreign_keys.push(key);
                self.declared_by.push(BTreeSet::new());
                self.foreign_keys.len() - 1
            }
        };
        // Of two that are alike, what either does happens.
        self.foreign_keys[at].deletes_silently |= deletes_silently;
        self.declared_by[at].insert(constraint.table);
    }

    /// The checks of the parts, once each. Parts inherit the checks of what they are parts of, so that those of the parts are all there are.
    fn add_declared_checks(&mut self, constraints: &[&FoundConstraint], draft: &Draft<'_>) {
        let mut found: BTreeMap<&str, (&str, Vec<usize>, BTreeSet<u32>)> = BTreeMap::new();
        for constraint in constraints {
            let Some(expression) = constraint.expression.as_deref() else { continue };
            // A partitioned table without partitions has no row that could fail.
            if !draft.parts.contains(&constraint.table) {
                continue;
            }
            let (name, columns, parts) = found.entry(expression).or_insert_with(|| (constraint.name.as_str(), Vec::new(), BTreeSet::new()));
            *name = (*name).min(constraint.name.as_str());
            *columns = draft.indices(&constraint.columns);
            columns.sort_unstable();
            columns.dedup();
            parts.insert(constraint.table);
        }
        let mut ordered: Vec<_> = found.into_iter().collect();
        ordered.sort_by_key(|(expression, (name, ..))| (*name, *expression));
        for (expression, (_, columns, parts)) in ordered {
            let parts = (parts != draft.parts).then(|| parts.into_iter().collect());
            self.add_check(Check { expression: expression.to_owned(), columns }, CheckOrigin::Declared, parts);
        }
    }

    fn add_domain_checks(&mut self, draft: &Draft<'_>, answers: &Answers) {
        for (index, reading) in draft.readings.iter().enumerate() {
            for domain in &reading.domains {
                for (_, _, expression) in answers.domain_checks.iter().filter(|(of, ..)| of == domain) {
                    let expression = with_column(expression, &draft.columns[index].name);
                    self.add_check(Check { expression, columns: vec![index] }, CheckOrigin::Declared, None);
                }
            }
        }
    }

    /// A type that refuses some texts is a check on its column, in these words.
    fn add_type_checks(&mut self, draft: &Draft<'_>) {
        for (index, (column, reading)) in draft.columns.iter().zip(&draft.readings).enumerate() {
            if reading.refuses_texts {
                let expression = format!("{} is of the type {}", quoted(&column.name), column.declared);
                self.add_check(Check { expression, columns: vec![index] }, CheckOrigin::Type, None);
            }
        }
    }

    fn add_check(&mut self, check: Check, origin: CheckOrigin, parts: Option<Vec<u32>>) {
        self.checks.push(check);
        self.relation_checks.push(RelationCheck { origin, parts });
    }
}

/// The pairs of columns of a foreign key, whatever their order.
fn pairs(key: &ForeignKey) -> BTreeSet<(usize, &str)> {
    key.columns.iter().copied().zip(key.to_columns.iter().map(String::as_str)).collect()
}

/// A domain's check as one of a column. The server writes `VALUE` for the value, in capitals and without quotes, as it writes no name.
fn with_column(expression: &str, column: &str) -> String {
    let mut text = String::with_capacity(expression.len() + column.len());
    let mut word = String::new();
    let mut quote = None;
    for character in expression.chars() {
        if quote.is_none() && (character.is_alphanumeric() || matches!(character, '_' | '$')) {
            word.push(character);
            continue;
        }
        push_word(&mut text, &mut word, column);
        text.push(character);
        // The server doubles quotes and backslashes inside texts and names: two in a row close and open again.
        match quote {
            Some(open) if open == character => quote = None,
            None if matches!(character, '\'' | '"') => quote = Some(character),
            _ => {}
        }
    }
    push_word(&mut text, &mut word, column);
    text
}

fn push_word(text: &mut String, word: &mut String, column: &str) {
    if word == "VALUE" {
        text.push_str(&quoted(column));
    } else {
        text.push_str(word);
    }
    word.clear();
}

#[cfg(test)]
mod tests {
    use super::with_column;

    #[test]
    fn the_value_of_a_domain_becomes_the_column_outside_texts_and_names() {
        let expression = r#"((VALUE)::text <> 'VALUE ''VALUE'::text AND "VALUE"(VALUES) AND E'\\' <> VALUE AND xVALUE(VALUE))"#;
        let expected = r#"(("a""b")::text <> 'VALUE ''VALUE'::text AND "VALUE"(VALUES) AND E'\\' <> "a""b" AND xVALUE("a""b"))"#;
        assert_eq!(with_column(expression, "a\"b"), expected);
    }
}
