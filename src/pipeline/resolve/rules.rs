//! Tenants, categories with their rules, records, duties, and people who are in several categories.

use super::*;
use crate::pipeline::raw::{RawBlock, RawCondition, RawHold};
use crate::store::{Column, ColumnType};

impl Resolver<'_> {
    pub(super) fn tenants(&mut self) -> Option<TenantSource> {
        let raw = self.raw.tenants.as_ref()?;
        let table = self.table(&raw.table, &["tenants", "table"])?;
        let key = self.column(table, &raw.key, &["tenants", "key"]);
        let mut optional =
            |name: &str, column: &Option<String>| column.as_ref().and_then(|column| self.column(table, column, &["tenants", name]));
        let country = optional("country", &raw.country);
        let time_zone = optional("time_zone", &raw.time_zone);
        let fiscal_year_end = optional("fiscal_year_end", &raw.fiscal_year_end);
        let mut keep = Vec::new();
        for (rule, column) in &raw.keep {
            let known: Vec<&String> =
                self.raw.category.values().flat_map(|category| category.retention.iter().map(|rule| &rule.name)).collect();
            if !known.contains(&rule) {
                self.problem(&["tenants", "keep", rule], format!("no retention rule is called `{rule}`"), suggestion(rule, &known));
            }
            if let Some(column) = self.column(table, column, &["tenants", "keep", rule]) {
                keep.push((rule.clone(), column));
            }
        }
        Some(TenantSource { table, key: key?, country, time_zone, fiscal_year_end, keep })
    }

    /// Marks the categories' tables and every table's tenant column; the rules come later, when paths are known.
    pub(super) fn add_category_tables(&mut self) {
        if let Some(tenants) = &self.raw.tenants {
            for table in &mut self.tables {
                let own = table.name().eq_ignore_ascii_case(&tenants.table);
                table.tenant = table.catalog.column(if own { &tenants.key } else { &tenants.column });
            }
        }
        if self.raw.category.is_empty() {
            self.problem(
                &[],
                "the pipeline has no subject category: an empty policy is refused",
                Some("add `[category.customer]` with its table and rules".to_owned()),
            );
        }
        for (name, raw) in &self.raw.category {
            let Some(table) = self.table(&raw.table, &["category", name, "table"]) else { continue };
            let index = self.categories.len();
            if let Some(other) = self.tables[table].category {
                let message = format!("the table `{}` is already the category `{}`", raw.table, self.categories[other].name);
                self.problem(&["category", name, "table"], message, None);
                continue;
            }
            if self.tables[table].catalog.primary_key.is_empty() {
                let message = format!("the category `{name}` needs a primary key on `{}`", raw.table);
                self.problem(&["category", name, "table"], message, Some("without one a person can not be found again".to_owned()));
            }
            if let Some(tenants) = self.raw.tenants.as_ref().filter(|_| self.tables[table].tenant.is_none()) {
                let message = format!("the table `{}` of the category `{name}` has no tenant column `{}`", raw.table, tenants.column);
                self.problem(&["category", name, "table"], message, Some("every subject belongs to one tenant".to_owned()));
            }
            self.tables[table].category = Some(index);
            self.categories.push(Category {
                name: name.clone(),
                description: raw.description.clone(),
                table,
                person_when: None,
                company_number: None,
                retention: Vec::new(),
                purposes: Vec::new(),
                suppressions: Vec::new(),
                holds: Vec::new(),
                restrictions: Vec::new(),
                blocks: Vec::new(),
                delete: raw.delete,
            });
        }
    }

    pub(super) fn add_category_rules(&mut self) {
        for index in 0..self.categories.len() {
            let name = self.categories[index].name.clone();
            let table = self.categories[index].table;
            let Some(raw) = self.raw.category.get(&name) else { continue };
            if raw.retention.is_empty() {
                self.problem(
                    &["category", &name],
                    format!("the category `{name}` has no retention rule"),
                    Some(format!("add `[[category.{}.retention]]` with a clock and a period", diagnose::key(&name))),
                );
            }
            if let Some(person) = &raw.natural_person {
                let place = ["category", &name, "natural_person"];
                self.categories[index].person_when = person.when.as_ref().and_then(|when| self.condition(table, when, &place));
                self.categories[index].company_number =
                    person.company_number.as_ref().and_then(|column| self.column(table, column, &place));
            }
            let mut rules: Vec<Retention> = Vec::new();
            for (position, rule) in raw.retention.iter().enumerate() {
                let at = position.to_string();
                if rules.iter().any(|other| other.name == rule.name) {
                    self.problem(
                        &["category", &name, "retention", &at, "name"],
                        format!("the category `{name}` has two rules called `{}`", rule.name),
                        None,
                    );
                }
                rules.extend(self.retention(index, rule, &["category", &name, "retention", &at]));
            }
            self.categories[index].retention = rules;
            self.categories[index].purposes = self.purposes(index, &raw.purpose);
            self.categories[index].suppressions = self.suppressions(index, &raw.suppression);
            self.categories[index].holds = self.holds(index, "hold", &raw.hold);
            self.categories[index].restrictions = self.holds(index, "restriction", &raw.restriction);
            let blocks: Vec<RawHold> = raw.block.iter().map(hold_of).collect();
            self.categories[index].blocks = self.holds(index, "block", &blocks);
        }
    }

    pub(super) fn condition(&mut self, table: TableIndex, raw: &RawCondition, place: &[&str]) -> Option<Condition> {
        let column = self.column(table, &raw.column, place)?;
        let mut tests = Vec::new();
        tests.extend(raw.is.clone().map(Test::Is));
        tests.extend(raw.is_not.clone().map(Test::IsNot));
        tests.extend(raw.null.map(Test::Null));
        tests.extend(raw.above.clone().map(Test::Above));
        tests.extend(raw.below.clone().map(Test::Below));
        if tests.is_empty() {
            let message = format!("the condition on `{}` tests nothing", raw.column);
            self.problem(place, message, Some("add `is`, `is_not`, `null`, `above` or `below`".to_owned()));
        }
        for test in &tests {
            if !self.can_test(table, column, test) {
                let described = &self.tables[table].catalog.columns[column];
                let message = format!("`{}` has the type {}, with which the condition can not be compared", raw.column, described.declared);
                let hint = comparable_with(described);
                self.problem(place, message, Some(hint.to_owned()));
            }
        }
        Some(Condition { column, tests })
    }

    /// A value that a CHECK forbids is never there: a hold or block that compares with it is off, and nobody would notice.
    pub(super) fn check_conditions(&mut self, check_rows: &mut CheckRows<'_>) {
        for category in 0..self.categories.len() {
            let name = self.categories[category].name.clone();
            for (kind, table, condition) in conditions(&self.categories[category]) {
                for value in
                    condition.tests.iter().filter_map(|test| if let Test::Is(values) = test { Some(values) } else { None }).flatten()
                {
                    let Scalar::Text(text) = value else { continue };
                    let catalog = self.tables[table].catalog.clone();
                    let failing = check_rows(&catalog, &[(condition.column, Some(text.clone()))]);
                    let alone = |check: &usize| catalog.checks.get(*check).is_some_and(|check| check.columns == [condition.column]);
                    if failing.iter().any(|(check, rows)| *rows > 0 && alone(check)) {
                        let message = format!(
                            "the {kind} of `{name}` compares `{}` with `{text}`, which its CHECK forbids",
                            catalog.columns[condition.column].name
                        );
                        self.problem(
                            &["category", &name, kind],
                            message,
                            Some("mend the value: as it stands the condition never holds".to_owned()),
                        );
                    }
                }
            }
        }
    }

    /// Whether a test can be made on a column at all; asked of a column without rows, so that a night never finds out.
    pub(super) fn can_test(&self, table: TableIndex, column: ColumnIndex, test: &Test) -> bool {
        let none = arrow::array::new_empty_array(&self.tables[table].catalog.columns[column].data_type.arrow());
        crate::decide::condition::passes_cells(&none, std::slice::from_ref(test)).is_some()
    }

    fn holds(&mut self, category: CategoryIndex, kind: &str, raws: &[RawHold]) -> Vec<Hold> {
        let name = self.categories[category].name.clone();
        let own = self.categories[category].table;
        let mut holds = Vec::new();
        for (position, raw) in raws.iter().enumerate() {
            let at = position.to_string();
            let place = ["category", name.as_str(), kind, at.as_str()];
            let table = match &raw.table {
                None => own,
                Some(table) => match self.table(table, &place) {
                    Some(table) => table,
                    None => continue,
                },
            };
            let when = raw.when.as_ref().and_then(|when| self.condition(table, when, &place));
            let until = raw.until.as_ref().and_then(|until| self.clock_column(table, until, &place));
            let fields = self.fields(category, &raw.fields, &place);
            if kind == "restriction" && !raw.fields.is_empty() {
                let hint = "a restriction is about the whole subject (GDPR article 18); a `hold` can name fields".to_owned();
                self.problem(&place, format!("the restriction of `{name}` names fields"), Some(hint));
            }
            if table == own {
                if when.is_none() && until.is_none() {
                    self.problem(
                        &place,
                        format!("the {kind} of `{name}` would apply to every row"),
                        Some("add `when` or `until`".to_owned()),
                    );
                }
                holds.push(Hold { table, lead: None, when, until, fields, purposes: raw.purposes, reason: raw.reason.clone() });
                continue;
            }
            let leads: Vec<usize> =
                (0..self.tables[table].leads.len()).filter(|lead| self.tables[table].leads[*lead].category == category).collect();
            if leads.is_empty() {
                let message = format!("the rows of `{}` do not lead to the category `{name}`", self.tables[table].name());
                self.problem(&place, message, Some("declare the reference under `[[reference]]`".to_owned()));
            }
            holds.extend(leads.into_iter().map(|lead| Hold {
                table,
                lead: Some(lead),
                when: when.clone(),
                until,
                fields: fields.clone(),
                purposes: raw.purposes,
                reason: raw.reason.clone(),
            }));
        }
        holds
    }

    pub(super) fn records(&mut self) -> Vec<Record> {
        let mut records: Vec<Record> = Vec::new();
        for (name, raw) in &self.raw.record {
            let Some(table) = self.table(&raw.table, &["record", name, "table"]) else { continue };
            if self.tables[table].category.is_some() {
                self.problem(
                    &["record", name, "table"],
                    format!("`{}` is a subject category, not a record table", raw.table),
                    Some("give the category a retention rule instead".to_owned()),
                );
                continue;
            }
            if records.iter().any(|record| record.table == table) {
                self.problem(
                    &["record", name, "table"],
                    format!("`{}` has two record rules", raw.table),
                    Some("the longest period is the one to keep".to_owned()),
                );
                continue;
            }
            if self.tables[table].catalog.primary_key.is_empty() {
                let message = format!("the record rule `{name}` needs a primary key on `{}`", raw.table);
                let hint =
                    "without one a row can not be found again when it is written; add a key, or let the table's owner clean it".to_owned();
                self.problem(&["record", name, "table"], message, Some(hint));
            }
            let place = ["record", name.as_str(), "clock"];
            let clock = self.path_to_column(table, &raw.clock, &place);
            let clock = clock.and_then(|(path, at, column)| {
                let name = self.tables[at].catalog.columns[column].name.clone();
                self.clock_column(at, &name, &place).map(|column| (path, column))
            });
            let keep = self.keep(raw.keep.as_deref(), raw.from, raw.pack.as_ref(), &["record", name]);
            if let Some(Keep::Open { .. }) = keep {
                let hint = "leave the record rule out, or say how long".to_owned();
                self.problem(&["record", name, "keep"], format!("the record rule `{name}` never ends"), Some(hint));
            }
            let ended = raw.ended.as_ref().and_then(|ended| self.record_ended(table, ended, &["record", name, "ended"]));
            if raw.action == Action::Delete {
                let pointing = self.references.iter().find(|reference| reference.to == table && reference.kind != ReferenceKind::Owned);
                if let Some(reference) = pointing {
                    let from = self.tables[reference.from].name().to_owned();
                    let message = format!("rows of `{}` can not be deleted: `{from}` references them", raw.table);
                    self.problem(
                        &["record", name, "action"],
                        message,
                        Some("use `action = \"anonymise\"`, or make that reference `owned`".to_owned()),
                    );
                }
            }
            let (Some((clock_path, clock)), Some(keep)) = (clock, keep) else { continue };
            records.push(Record {
                name: name.clone(),
                description: raw.description.clone(),
                table,
                clock_path,
                clock,
                missing: raw.missing,
                keep,
                ended,
                action: raw.action,
                basis: raw.basis,
                source: raw.source.clone(),
            });
        }
        records
    }

    pub(super) fn duties(&mut self) -> Vec<Duty> {
        let mut duties = Vec::new();
        for (name, raw) in &self.raw.duty {
            let Some(table) = self.table(&raw.table, &["duty", name, "table"]) else { continue };
            let clock = self.clock_column(table, &raw.clock, &["duty", name, "clock"]);
            let keep = self.keep(raw.keep.as_deref(), raw.from, raw.pack.as_ref(), &["duty", name]);
            if let Some(Keep::Open { .. }) = keep {
                let hint = "say how long; what is to stay until somebody decides is a `hold`".to_owned();
                self.problem(&["duty", name, "keep"], format!("the duty `{name}` never ends"), Some(hint));
            }
            let when = raw.when.as_ref().and_then(|when| self.condition(table, when, &["duty", name, "when"]));
            if raw.protects.is_empty() {
                self.problem(
                    &["duty", name, "protects"],
                    format!("the duty `{name}` protects nothing"),
                    Some("name the columns that must stay".to_owned()),
                );
            }
            let mut protects = Vec::new();
            for (position, text) in raw.protects.iter().enumerate() {
                let place = ["duty", name.as_str(), "protects", &position.to_string()];
                protects.extend(self.path_to_column(table, text, &place).map(|(path, _, column)| (path, column)));
            }
            let (Some(clock), Some(keep)) = (clock, keep) else { continue };
            duties.push(Duty { name: name.clone(), table, clock, keep, when, protects });
        }
        duties
    }

    pub(super) fn same_person(&mut self) -> Vec<Vec<(CategoryIndex, ColumnIndex)>> {
        let mut groups = Vec::new();
        for (position, group) in self.raw.same_person.iter().enumerate() {
            let position = position.to_string();
            let mut columns = Vec::new();
            for (at, text) in group.iter().enumerate() {
                let place = ["same_person", position.as_str(), &at.to_string()];
                let Some((table, column)) = self.table_and_column(text) else {
                    self.problem(&place, format!("`{text}` is not a column"), Some("write `table.column`".to_owned()));
                    continue;
                };
                let Some(table) = self.table(table, &place) else { continue };
                let Some(column) = self.column(table, column, &place) else { continue };
                match self.tables[table].category {
                    Some(category) => columns.push((category, column)),
                    None => self.problem(&place, format!("`{text}` is not a column of a subject category"), None),
                }
            }
            groups.push(columns);
        }
        groups
    }
}

/// What a column can be compared with, as it is written.
fn comparable_with(column: &Column) -> &'static str {
    match column.data_type {
        ColumnType::Text => "compare it with texts, `is = [\"open\"]`; `above` and `below` are for numbers, days and instants",
        ColumnType::Integer | ColumnType::Decimal { .. } | ColumnType::Float => "compare it with numbers, without quotation marks",
        ColumnType::Boolean => "compare it with `true` or `false`",
        ColumnType::Date => "compare it with days: \"2026-01-31\"",
        ColumnType::Timestamp => "compare it with instants, which say their offset: \"2026-01-31T00:00:00+01:00\"",
        _ => "`null = true` and `null = false` may be asked of it",
    }
}

/// A block as the hold that it is, which nobody dates and which keeps everything.
fn hold_of(block: &RawBlock) -> RawHold {
    RawHold {
        table: block.table.clone(),
        when: Some(block.when.clone()),
        until: None,
        fields: Vec::new(),
        purposes: block.purposes,
        reason: block.reason.clone(),
    }
}

/// The conditions that decide about a category's subjects: what they are, the table, the condition.
pub(crate) fn conditions(category: &Category) -> Vec<(&'static str, TableIndex, Condition)> {
    let of = |kind: &'static str, holds: &[Hold]| -> Vec<(&'static str, TableIndex, Condition)> {
        holds.iter().filter_map(|hold| Some((kind, hold.table, hold.when.clone()?))).collect()
    };
    let person = category.person_when.clone().map(|when| ("natural_person", category.table, when));
    let parts = [of("hold", &category.holds), of("restriction", &category.restrictions), of("block", &category.blocks)];
    let rules = category.retention.iter().filter_map(|rule| Some(("retention", rule.ended.as_ref()?)));
    let purposes = category.purposes.iter().filter_map(|purpose| Some(("purpose", purpose.ended.as_ref()?)));
    let ended = rules.chain(purposes).filter_map(|(kind, ended)| Some((kind, ended.table, ended.when.clone()?)));
    person.into_iter().chain(parts.into_iter().flatten()).chain(ended).collect()
}
