//! Which tables are in scope and which class each column has.

use globset::{Glob, GlobMatcher};

use super::*;
use crate::pipeline::diagnose::key;
use crate::pipeline::raw::{RawColumn, RawColumnSettings, RawHolds};
use crate::store::ColumnType;

impl Resolver<'_> {
    /// Fills `tables`: those in scope with their classes, then those out of scope (needed for their references).
    pub(super) fn add_tables(&mut self) {
        let scopes = self.out_of_scope_patterns();
        let mut outside = Vec::new();
        for table in &self.catalog.tables {
            let reason = scopes.iter().find(|(pattern, _)| pattern.is_match(&table.name)).map(|(_, reason)| reason.clone());
            match reason {
                Some(reason) => outside.push(blank(table, Some(reason))),
                None => self.tables.push(blank(table, None)),
            }
        }
        for name in &self.catalog.unreadable {
            if !scopes.iter().any(|(pattern, _)| pattern.is_match(name)) {
                let message = format!("the virtual table `{name}` can hold copies of personal data, and is not read");
                let hint = "have its owner rebuild it after each run, and name it in `[[out_of_scope]]` with that as the reason".to_owned();
                self.problem(&[], message, Some(hint));
            }
        }
        self.report_unknown_tables();
        let patterns = self.class_patterns();
        let mut used = vec![false; patterns.len()];
        for index in 0..self.tables.len() {
            self.class_columns(index, &patterns, &mut used);
        }
        for (position, pattern) in patterns.iter().enumerate() {
            if !used[position] {
                self.problem(
                    &["classes", &pattern.text],
                    format!("the pattern `{}` fits no column", pattern.text),
                    Some("take it out, or mend it".to_owned()),
                );
            }
        }
        self.tables.append(&mut outside);
    }

    fn out_of_scope_patterns(&mut self) -> Vec<(GlobMatcher, String)> {
        let mut scopes = Vec::new();
        for (position, entry) in self.raw.out_of_scope.iter().enumerate() {
            let position = position.to_string();
            if entry.reason.trim().is_empty() {
                self.problem(
                    &["out_of_scope", &position],
                    "a table is out of scope without a reason",
                    Some("say why in `reason`".to_owned()),
                );
            }
            for (at, text) in entry.tables.iter().enumerate() {
                let place = ["out_of_scope", &position, "tables", &at.to_string()];
                let Some(pattern) = self.glob(text, &place) else { continue };
                let tables = self.catalog.tables.iter().map(|table| &table.name);
                if !tables.chain(&self.catalog.unreadable).any(|name| pattern.is_match(name)) {
                    let names: Vec<String> = self.catalog.tables.iter().map(|table| table.name.clone()).collect();
                    self.problem(&place, format!("`{text}` is out of scope, but the store has no such table"), suggestion(text, &names));
                }
                scopes.push((pattern, entry.reason.clone()));
            }
        }
        scopes
    }

    fn glob(&mut self, text: &str, place: &[&str]) -> Option<GlobMatcher> {
        match Glob::new(text) {
            Ok(glob) => Some(glob.compile_matcher()),
            Err(_) => {
                self.problem(place, format!("`{text}` is not a pattern"), Some("`*` stands for any characters, `?` for one".to_owned()));
                None
            }
        }
    }

    fn report_unknown_tables(&mut self) {
        for (name, columns) in &self.raw.table {
            let Some(table) = self.table(name, &["table", name]) else { continue };
            for column in columns.keys() {
                self.column(table, column, &["table", name, column]);
            }
        }
    }

    fn class_patterns(&mut self) -> Vec<Pattern> {
        let mut patterns = Vec::new();
        for (text, settings) in &self.raw.classes {
            if let Some(matcher) = self.glob(text, &["classes", text]) {
                patterns.push(Pattern { text: text.clone(), matcher, settings: settings.0.clone() });
            }
        }
        patterns
    }

    fn class_columns(&mut self, index: TableIndex, patterns: &[Pattern], used: &mut [bool]) {
        let name = self.tables[index].name().to_owned();
        let own = named(&self.raw.table, &name, &|table| self.tables.iter().any(|other| other.name() == table)).map(|(_, columns)| columns);
        let mut without = Vec::new();
        for column in 0..self.tables[index].catalog.columns.len() {
            let column_name = self.tables[index].catalog.columns[column].name.clone();
            let catalog = &self.tables[index].catalog;
            let line = own.and_then(|columns| named(columns, &column_name, &|name| catalog.has_column(name)));
            let fitting: Vec<usize> = (0..patterns.len()).filter(|position| patterns[*position].fits(&name, &column_name)).collect();
            for position in &fitting {
                used[*position] = true;
            }
            let settings = match line {
                Some((_, RawColumn(settings))) => Some(settings.clone()),
                None => self.by_pattern(&name, &column_name, &fitting, patterns),
            };
            match settings {
                Some(settings) => {
                    self.tables[index].columns[column].class = settings.class;
                    if let Some(holds) = settings.holds {
                        self.tables[index].catalog.columns[column].data_type = match holds {
                            RawHolds::Date => ColumnType::Date,
                            RawHolds::Timestamp => ColumnType::Timestamp,
                        };
                    }
                    self.tables[index].columns[column].description = settings.description.unwrap_or_default();
                }
                None => without.push(column_name),
            }
        }
        if without.is_empty() {
            return;
        }
        if own.is_none() && without.len() == self.tables[index].catalog.columns.len() {
            let hint = format!("class its columns under `[table.{}]`, or name it in `[[out_of_scope]]` with a reason", key(&name));
            self.problem(&[], format!("the table `{name}` is neither classed nor out of scope"), Some(hint));
            return;
        }
        for column in without {
            let hint = format!("add `{} = \"…\"` under `[table.{}]`; `gallra schema` lists the classes", key(&column), key(&name));
            self.problem(&["table", &name], format!("the column `{name}.{column}` has no class"), Some(hint));
        }
    }

    fn by_pattern(&mut self, table: &str, column: &str, fitting: &[usize], patterns: &[Pattern]) -> Option<RawColumnSettings> {
        // A pattern that names the table is closer than one for all tables.
        let closer: Vec<usize> = fitting.iter().copied().filter(|position| patterns[*position].text.contains('.')).collect();
        let fitting = if closer.is_empty() { fitting } else { &closer };
        let (first, rest) = fitting.split_first()?;
        let settings = &patterns[*first].settings;
        if let Some(other) = rest.iter().find(|position| patterns[**position].settings.class != settings.class) {
            let message = format!(
                "the column `{table}.{column}` fits two patterns with different classes: `{}` and `{}`",
                patterns[*first].text, patterns[*other].text
            );
            let hint = format!("give it a line of its own under `[table.{}]`", key(table));
            self.problem(&["classes", &patterns[*other].text], message, Some(hint));
        }
        Some(settings.clone())
    }

    /// The settings of a column as the file gives them, by its own line or by pattern.
    pub(super) fn settings(&self, table: TableIndex, column: ColumnIndex) -> Option<(RawColumnSettings, Vec<String>)> {
        let name = self.tables[table].name();
        let column = self.tables[table].catalog.columns[column].name.as_str();
        let others = |table: &str| self.tables.iter().any(|other| other.name() == table);
        let own = named(&self.raw.table, name, &others);
        let catalog = &self.tables[table].catalog;
        if let Some((table_key, columns)) = own
            && let Some((column_key, settings)) = named(columns, column, &|name| catalog.has_column(name))
        {
            return Some((settings.0.clone(), vec!["table".into(), table_key.clone(), column_key.clone()]));
        }
        let mut fitting: Vec<(&String, &RawColumn)> =
            self.raw.classes.iter().filter(|(text, _)| pattern_fits(text, name, column)).collect();
        fitting.sort_by_key(|(text, _)| !text.contains('.'));
        fitting.first().map(|(text, settings)| (settings.0.clone(), vec!["classes".into(), (*text).clone()]))
    }
}

struct Pattern {
    text: String,
    matcher: GlobMatcher,
    settings: RawColumnSettings,
}

impl Pattern {
    fn fits(&self, table: &str, column: &str) -> bool {
        if self.text.contains('.') { self.matcher.is_match(format!("{table}.{column}")) } else { self.matcher.is_match(column) }
    }
}

/// What stands under a name: under that very name, or else under one that differs in case alone and is not the name of something else.
fn named<'m, T>(
    map: &'m std::collections::BTreeMap<String, T>,
    name: &str,
    is_other: &dyn Fn(&str) -> bool,
) -> Option<(&'m String, &'m T)> {
    map.get_key_value(name).or_else(|| map.iter().find(|(known, _)| known.eq_ignore_ascii_case(name) && !is_other(known)))
}

fn pattern_fits(text: &str, table: &str, column: &str) -> bool {
    let Ok(glob) = Glob::new(text) else { return false };
    Pattern { text: text.to_owned(), matcher: glob.compile_matcher(), settings: RawColumnSettings::of_class(Class::Plain) }
        .fits(table, column)
}

/// A table with every column `plain` for now.
fn blank(table: &crate::store::Table, out_of_scope: Option<String>) -> ScopedTable {
    let column =
        ScopedColumn { class: Class::Plain, treatment: Treatment::Keep, owners: Vec::new(), description: String::new(), paths: Vec::new() };
    let key = if table.primary_key.is_empty() { (0..table.columns.len()).collect() } else { table.primary_key.clone() };
    ScopedTable {
        columns: vec![column; table.columns.len()],
        catalog: table.clone(),
        out_of_scope,
        tenant: None,
        category: None,
        leads: Vec::new(),
        key,
    }
}
