//! References between tables, their kinds and names, and the paths that lead from each table to the categories.

use std::collections::BTreeMap;

use super::*;

/// Paths longer than this are not searched; a schema that needs more is named in a problem by its uncovered columns.
const LONGEST_PATH: usize = 6;

impl Resolver<'_> {
    /// Fills `references`: the declared foreign keys, then what the file adds.
    pub(super) fn add_references(&mut self) {
        for from in 0..self.tables.len() {
            for key in self.tables[from].catalog.foreign_keys.clone() {
                let exactly = self.tables.iter().position(|table| table.name() == key.to);
                let found = exactly.or_else(|| self.tables.iter().position(|table| table.name().eq_ignore_ascii_case(&key.to)));
                let Some(to) = found else { continue };
                // Between two tables out of scope nothing is decided.
                if self.tables[from].out_of_scope.is_some() && self.tables[to].out_of_scope.is_some() {
                    continue;
                }
                let to_columns: Vec<_> = key.to_columns.iter().filter_map(|name| self.tables[to].catalog.column(name)).collect();
                if to_columns.len() == key.columns.len() {
                    self.push_reference(from, key.columns, to, to_columns, ReferenceKind::Linked, key.everywhere);
                }
            }
        }
        for position in 0..self.raw.reference.len() {
            self.add_written_reference(position);
        }
        self.name_references();
    }

    fn push_reference(
        &mut self,
        from: TableIndex,
        columns: Vec<ColumnIndex>,
        to: TableIndex,
        to_columns: Vec<ColumnIndex>,
        kind: ReferenceKind,
        declared: bool,
    ) {
        let tenant = self.raw.tenants.as_ref().and_then(|tenants| self.tables[from].catalog.column(&tenants.column));
        let own: Vec<&ColumnIndex> = columns.iter().filter(|column| Some(**column) != tenant).collect();
        let nullable = own.iter().any(|column| self.tables[from].catalog.columns[**column].nullable);
        self.references.push(Reference {
            name: String::new(),
            from,
            columns,
            to,
            to_columns,
            kind,
            declared,
            nullable,
            placeholder_row: None,
            when: Vec::new(),
            prefix: None,
        });
    }

    fn add_written_reference(&mut self, position: usize) {
        let raw = self.raw.reference[position].clone();
        let at = position.to_string();
        let place = ["reference", at.as_str()];
        let Some(from) = self.table(&raw.table, &["reference", &at, "table"]) else { return };
        let mut columns = Vec::new();
        for (number, name) in raw.columns.iter().enumerate() {
            let Some(column) = self.column(from, name, &["reference", &at, "columns", &number.to_string()]) else { return };
            columns.push(column);
        }
        let to = match &raw.to {
            Some(name) => match self.table(name, &["reference", &at, "to"]) {
                Some(to) => Some(to),
                None => return,
            },
            None => None,
        };
        let same_columns = |reference: &Reference| {
            let mut left = reference.columns.clone();
            let mut right = columns.clone();
            left.sort_unstable();
            right.sort_unstable();
            left == right
        };
        let Some(when) = self.when(from, &raw, &at) else { return };
        if self.is_enforced(from, &columns, &raw, &at) {
            return;
        }
        let same_rows = |reference: &Reference| reference.when == when && reference.prefix == raw.prefix;
        let known = self.references.iter().position(|reference| {
            reference.from == from && same_columns(reference) && to.is_none_or(|to| to == reference.to) && same_rows(reference)
        });
        let index = match (known, to) {
            (Some(index), _) => index,
            (None, None) => {
                let message = format!("the store declares no foreign key of `{}` on {}", raw.table, quoted(&raw.columns));
                self.problem(&place, message, Some("name the table pointed at with `to`".to_owned()));
                return;
            }
            (None, Some(to)) => {
                let Some(to_columns) = self.target_columns(&raw, to, &at) else { return };
                let target = &self.tables[to].catalog;
                let is_key = std::iter::once(&target.primary_key)
                    .chain(&target.unique)
                    .any(|key| !key.is_empty() && key.iter().all(|column| to_columns.contains(column)));
                if !is_key {
                    let message = format!("the columns pointed at in `{}` are no unique key, so a row could point at many", target.name);
                    self.problem(&place, message, Some("name a primary key or a UNIQUE key with `to_columns`".to_owned()));
                    return;
                }
                if !self.can_have_prefix((from, &columns), (to, &to_columns), &raw, &at) {
                    return;
                }
                self.push_reference(from, columns, to, to_columns, raw.kind, false);
                self.references.len() - 1
            }
        };
        let reference = &mut self.references[index];
        reference.kind = raw.kind;
        reference.name = raw.name.clone().unwrap_or_default();
        reference.placeholder_row = raw.placeholder_row.clone();
        reference.when = when;
        reference.prefix = raw.prefix.clone();
        let to = reference.to;
        let tenant = self.raw.tenants.as_ref().and_then(|tenants| self.tables[to].catalog.column(&tenants.column));
        let expected = self.references[index].to_columns.iter().filter(|column| Some(**column) != tenant).count();
        if raw.placeholder_row.as_ref().is_some_and(|row| row.len() != expected) {
            let hint = "the tenant's column is left out: every tenant has a placeholder row of its own".to_owned();
            self.problem(&["reference", &at, "placeholder_row"], "`placeholder_row` has not one value per column pointed at", Some(hint));
        }
        let own = self.references[index].to_columns.iter().copied().filter(|column| Some(*column) != tenant);
        let pairs: Vec<(ColumnIndex, Scalar)> = own.zip(raw.placeholder_row.iter().flatten().cloned()).collect();
        for (column, value) in pairs {
            if !self.can_test(to, column, &Test::Is(vec![value])) {
                let (table, name) = self.names(to, column);
                let message = format!("a value of `placeholder_row` does not fit the type of `{table}.{name}`");
                self.problem(&["reference", &at, "placeholder_row"], message, None);
            }
        }
        if raw.kind == ReferenceKind::Shared && !self.references[index].nullable && raw.placeholder_row.is_none() {
            let message =
                format!("the shared reference of `{}` on {} can not be NULL and has no `placeholder_row`", raw.table, quoted(&raw.columns));
            self.problem(
                &place,
                message,
                Some("name the key of a row to point at when the subject leaves: `placeholder_row = [0]`".to_owned()),
            );
        }
    }

    fn target_columns(&mut self, raw: &raw::RawReference, to: TableIndex, at: &str) -> Option<Vec<ColumnIndex>> {
        let to_columns = match &raw.to_columns {
            Some(names) => names.iter().map(|name| self.column(to, name, &["reference", at, "to_columns"])).collect::<Option<Vec<_>>>()?,
            None => self.tables[to].catalog.primary_key.clone(),
        };
        if to_columns.len() != raw.columns.len() {
            let message = format!(
                "the reference has {} columns, but `{}` is found by {}",
                raw.columns.len(),
                self.tables[to].name(),
                to_columns.len()
            );
            self.problem(&["reference", at], message, Some("name the columns pointed at, pairwise, with `to_columns`".to_owned()));
            return None;
        }
        Some(to_columns)
    }

    /// Default names: the table pointed at; the column where several references of a table point there.
    fn name_references(&mut self) {
        let mut pointing: BTreeMap<(TableIndex, TableIndex), usize> = BTreeMap::new();
        for reference in &self.references {
            *pointing.entry((reference.from, reference.to)).or_default() += 1;
        }
        for index in 0..self.references.len() {
            let reference = &self.references[index];
            if !reference.name.is_empty() {
                continue;
            }
            let alone = pointing.get(&(reference.from, reference.to)) == Some(&1);
            let name = if alone {
                self.tables[reference.to].name().to_owned()
            } else {
                // The tenant's column is in all of them; another one tells them apart.
                let catalog = &self.tables[reference.from].catalog;
                let tenant = self.raw.tenants.as_ref().and_then(|tenants| catalog.column(&tenants.column));
                let own = reference.columns.iter().rfind(|column| Some(**column) != tenant).or(reference.columns.last());
                own.map(|column| catalog.columns[*column].name.clone()).unwrap_or_default()
            };
            self.references[index].name = name;
        }
        for index in 0..self.references.len() {
            let reference = &self.references[index];
            let same = |other: &Reference| other.from == reference.from && other.name == reference.name;
            if reference.is_partial() && self.references[..index].iter().any(same) {
                let (table, name) = (self.tables[reference.from].name().to_owned(), reference.name.clone());
                let message = format!("two references of `{table}` have the name `{name}`");
                self.problem(&["reference"], message, Some("give each a `name` of its own".to_owned()));
            }
        }
    }

    /// Finds the nearest paths from every table to every category.
    pub(super) fn add_leads(&mut self) {
        for table in 0..self.tables.len() {
            if self.tables[table].category.is_some() || self.tables[table].out_of_scope.is_some() {
                continue;
            }
            let mut found: Vec<Lead> = Vec::new();
            let mut frontier: Vec<Vec<ReferenceIndex>> = vec![Vec::new()];
            for _ in 0..LONGEST_PATH {
                let mut next = Vec::new();
                let mut reached: Vec<Lead> = Vec::new();
                for path in &frontier {
                    let at = path.last().map_or(table, |step| self.references[*step].to);
                    for (index, reference) in self.references.iter().enumerate() {
                        if reference.from != at || reference.kind == ReferenceKind::Shared || self.passes(table, path, reference.to) {
                            continue;
                        }
                        let mut longer = path.clone();
                        longer.push(index);
                        match self.tables[reference.to].category {
                            Some(category) => {
                                let owned = longer.iter().all(|step| self.references[*step].kind == ReferenceKind::Owned);
                                reached.push(Lead { path: longer, category, owned });
                            }
                            None => next.push(longer),
                        }
                    }
                }
                // Only the nearest paths to a category count: farther ones repeat what the nearer say, unless no row has both.
                let repeats =
                    |lead: &Lead, nearer: &Lead| nearer.category == lead.category && !exclusive(&self.references, &nearer.path, &lead.path);
                reached.retain(|lead| !found.iter().any(|nearer| repeats(lead, nearer)));
                found.extend(reached);
                frontier = next;
            }
            self.tables[table].leads = found;
        }
    }

    fn passes(&self, start: TableIndex, path: &[ReferenceIndex], table: TableIndex) -> bool {
        start == table || path.iter().any(|step| self.references[*step].to == table)
    }

    /// Classes and tenants of the columns that refer.
    pub(super) fn check_references(&mut self) {
        for index in 0..self.references.len() {
            let reference = self.references[index].clone();
            if self.tables[reference.from].out_of_scope.is_some() {
                continue;
            }
            self.check_tenants_of(&reference);
            for column in &reference.columns {
                let class = self.tables[reference.from].columns[*column].class;
                // A personal column of a whole reference is a copy of a personal key; of a partial one it can be anything.
                let copy = is_personal(class) && !reference.is_partial();
                if !matches!(class, Class::Reference | Class::Key) && !copy && class != Class::Plain {
                    let (table, column) = self.names(reference.from, *column);
                    let hint = format!("class it `reference`: it points at `{}`", self.tables[reference.to].name());
                    let what = if reference.declared { "foreign key" } else { "reference" };
                    self.problem(
                        &["table", &table, &column],
                        format!("the column `{table}.{column}` is a {what}, not `{}`", crate::pipeline::lock::class_name(class)),
                        Some(hint),
                    );
                }
            }
        }
        for table in 0..self.tables.len() {
            for column in 0..self.tables[table].columns.len() {
                let refers = self.references.iter().any(|reference| reference.from == table && reference.columns.contains(&column));
                if self.tables[table].columns[column].class == Class::Reference && !refers {
                    let (table, column) = self.names(table, column);
                    let hint = "add it under `[[reference]]` with `to`, or class it by what it holds".to_owned();
                    self.problem(
                        &["table", &table, &column],
                        format!("the column `{table}.{column}` is a `reference`, but points nowhere"),
                        Some(hint),
                    );
                }
            }
        }
    }

    fn check_tenants_of(&mut self, reference: &Reference) {
        let Some(tenants) = &self.raw.tenants else { return };
        let tenant_table = self.tables[reference.to].name().eq_ignore_ascii_case(&tenants.table);
        let (from, to) = (self.tables[reference.from].tenant, self.tables[reference.to].tenant);
        let (Some(from), Some(to)) = (from, to) else { return };
        let paired = reference.columns.iter().zip(&reference.to_columns).any(|pair| pair == (&from, &to));
        if !paired && !tenant_table {
            let (table, name) = (self.tables[reference.from].name().to_owned(), reference.name.clone());
            let target = self.tables[reference.to].name().to_owned();
            let written = self.raw.reference.iter().position(|raw| {
                raw.table.eq_ignore_ascii_case(&table) && raw.to.as_ref().is_none_or(|to| to.eq_ignore_ascii_case(&target))
            });
            let place = written.map_or_else(|| vec!["table".to_owned(), table.clone()], |at| vec!["reference".to_owned(), at.to_string()]);
            let place: Vec<&str> = place.iter().map(String::as_str).collect();
            let hint = format!("let the reference carry `{}` on both sides", tenants.column);
            self.problem(&place, format!("the reference `{table}.{name}` to `{target}` can cross tenants"), Some(hint));
        }
    }

    pub(super) fn names(&self, table: TableIndex, column: ColumnIndex) -> (String, String) {
        let table = &self.tables[table];
        (table.name().to_owned(), table.catalog.columns[column].name.clone())
    }
}

/// Whether a class is personal data that has a treatment of its own.
pub(super) fn is_personal(class: Class) -> bool {
    is_direct_identifier(class) || matches!(class, Class::QuasiIdentifier | Class::FreeText | Class::Sensitive)
}

/// Whether a class is a direct identifier.
pub(crate) fn is_direct_identifier(class: Class) -> bool {
    matches!(class, Class::Name | Class::Email | Class::Phone | Class::Address | Class::NationalId | Class::BankAccount | Class::Identifier)
}

pub(super) fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
