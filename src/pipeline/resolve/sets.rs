//! Published sets: declared along references, so that the lineage and class of every column are known before a row is read.

use super::references::is_direct_identifier;
use super::*;
use crate::decide::clocks::Period;
use crate::pipeline::raw::{RawSet, RawSetColumn};

impl Resolver<'_> {
    pub(super) fn sets(&mut self) -> Vec<Set> {
        let mut sets = Vec::new();
        for (name, raw) in &self.raw.set {
            sets.extend(self.set(name, raw));
        }
        sets
    }

    fn set(&mut self, name: &str, raw: &RawSet) -> Option<Set> {
        if name.is_empty() || !name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_') {
            self.problem(&["set", name], format!("`{name}` can not name a set"), Some("lower-case letters, digits and `_`".to_owned()));
        }
        let base = self.table(&raw.base, &["set", name, "base"])?;
        if let Some(tenants) = self.raw.tenants.as_ref().filter(|_| self.tables[base].tenant.is_none()) {
            let message = format!("the base `{}` has no tenant column `{}`", raw.base, tenants.column);
            self.problem(&["set", name, "base"], message, Some("sets are made per tenant".to_owned()));
        }
        let subject = raw.subject.as_ref().and_then(|text| self.subject(name, base, text));
        let mut filter = Vec::new();
        for (position, condition) in raw.filter.iter().enumerate() {
            let at = position.to_string();
            let place = ["set", name, "where", at.as_str()];
            if let Some((path, table, column)) = self.path_to_column(base, &condition.column, &place) {
                let mut own = condition.clone();
                own.column = self.names(table, column).1;
                filter.extend(self.condition(table, &own, &place).map(|condition| (path, condition)));
            }
        }
        let aggregates =
            raw.columns.iter().any(|column| column.sum.is_some() || column.count == Some(true) || column.count_subjects == Some(true));
        let columns = self.set_columns(name, base, raw, aggregates);
        self.check_release(name, raw, aggregates, &columns);
        let closed = self.closed(name, raw, &columns);
        self.check_rounding(name, raw);
        if raw.k < 2 {
            self.problem(
                &["set", name, "k"],
                format!("the set `{name}` has a `k` below 2"),
                Some("a group of one is a person; 5 is the default".to_owned()),
            );
        }
        let reader_grace = Period::from_str(&raw.reader_grace);
        if reader_grace.is_err() {
            self.problem(
                &["set", name, "reader_grace"],
                format!("`{}` is not a period", raw.reader_grace),
                Some("a period such as `7 days`".to_owned()),
            );
        }
        let needs_subject = columns.iter().any(|column| column.quasi_identifier || matches!(column.source, SetSource::CountSubjects))
            || raw.release == Release::Anonymous;
        if needs_subject && raw.subject.is_none() {
            let message = format!("the set `{name}` counts people, but says not whose rows they are");
            self.problem(&["set", name], message, Some("add `subject`, the path from the base to the category".to_owned()));
        }
        Some(Set {
            name: name.to_owned(),
            description: raw.description.clone(),
            base,
            release: raw.release,
            purpose: raw.purpose.clone(),
            subject,
            filter,
            columns,
            aggregates,
            k: raw.k,
            small_groups: raw.small_groups,
            closed,
            rounding: raw.rounding,
            round_to: raw.round_to,
            keep_versions: raw.keep_versions,
            reader_grace: reader_grace.ok()?,
        })
    }

    fn subject(&mut self, name: &str, base: TableIndex, text: &str) -> Option<(Vec<ReferenceIndex>, CategoryIndex)> {
        let place = ["set", name, "subject"];
        let steps = self.steps(base, text);
        let own = steps.len() == 1 && self.tables[base].name().eq_ignore_ascii_case(text);
        let (path, at) = self.path(base, if own { &[] } else { &steps }, &place)?;
        let category = self.tables[at].category;
        if category.is_none() {
            let message = format!("`{text}` leads to `{}`, which is no subject category", self.tables[at].name());
            self.problem(&place, message, None);
        }
        Some((path, category?))
    }

    fn set_columns(&mut self, name: &str, base: TableIndex, raw: &RawSet, aggregates: bool) -> Vec<SetColumn> {
        let mut columns: Vec<SetColumn> = Vec::new();
        if raw.columns.is_empty() {
            self.problem(&["set", name], format!("the set `{name}` has no columns"), None);
        }
        for (position, column) in raw.columns.iter().enumerate() {
            let at = position.to_string();
            let place = ["set", name, "columns", at.as_str()];
            if column.name.is_empty() {
                self.problem(&place, "a column of a set has no `name`", None);
            }
            if columns.iter().any(|other| other.name == column.name) {
                self.problem(&place, format!("the set `{name}` has two columns called `{}`", column.name), None);
            }
            if let Some((source, quasi)) = self.set_source(base, column, aggregates, &place) {
                let quasi_identifier = column.quasi_identifier.unwrap_or(false) || quasi;
                columns.push(SetColumn { name: column.name.clone(), source, quasi_identifier, description: column.description.clone() });
            }
        }
        columns
    }

    /// The column's source, and whether its class makes it a quasi-identifier.
    fn set_source(&mut self, base: TableIndex, raw: &RawSetColumn, aggregates: bool, place: &[&str]) -> Option<(SetSource, bool)> {
        let given = [raw.path.is_some(), raw.sum.is_some(), raw.count == Some(true), raw.count_subjects == Some(true)];
        if given.iter().filter(|given| **given).count() != 1 {
            self.problem(
                place,
                format!("the column `{}` needs exactly one of `path`, `sum`, `count` and `count_subjects`", raw.name),
                None,
            );
            return None;
        }
        if raw.count == Some(true) {
            return Some((SetSource::Count, false));
        }
        if raw.count_subjects == Some(true) {
            return Some((SetSource::CountSubjects, false));
        }
        if let Some(sum) = &raw.sum {
            let (path, table, column) = self.path_to_column(base, sum, place)?;
            if self.tables[table].columns[column].class != Class::Amount {
                let (table, column) = self.names(table, column);
                self.problem(place, format!("`{table}.{column}` is not an `amount`, so it is not summed"), None);
            }
            if !path.is_empty() {
                self.problem(
                    place,
                    format!("the sum of `{sum}` would count a row once for each row of the base"),
                    Some("sum a column of the base".to_owned()),
                );
            }
            return Some((SetSource::Sum { path, column }, false));
        }
        let (path, table, column) = self.path_to_column(base, raw.path.as_deref().unwrap_or_default(), place)?;
        let class = self.tables[table].columns[column].class;
        let generalise = self.generalised(raw, table, column, place)?;
        self.check_class(&generalise, class, table, column, place);
        if aggregates && class == Class::Amount {
            let (table, column) = self.names(table, column);
            self.problem(
                place,
                format!("`{table}.{column}` is an amount and would make a group of its own"),
                Some("publish it as a `sum`".to_owned()),
            );
        }
        let columns = match &generalise {
            Generalised::Pseudonym { .. } => self.key_columns(table, column),
            _ => vec![column],
        };
        let source = SetSource::Column { path, table, columns, generalise };
        Some((source, class == Class::QuasiIdentifier))
    }

    fn generalised(&mut self, raw: &RawSetColumn, table: TableIndex, column: ColumnIndex, place: &[&str]) -> Option<Generalised> {
        let described = self.tables[table].catalog.columns[column].clone();
        let (table_name, name) = self.names(table, column);
        let is_date = described.data_type.is_temporal();
        let is_text = described.data_type == crate::store::ColumnType::Text;
        let is_number = matches!(
            described.data_type,
            crate::store::ColumnType::Integer | crate::store::ColumnType::Float | crate::store::ColumnType::Decimal { .. }
        );
        let is_partial = self.references.iter().any(|known| known.from == table && known.is_partial() && known.columns.contains(&column));
        let mut refuse = |needs: &str| {
            self.problem(
                place,
                format!("`{table_name}.{name}` can not be published so: its type is {}, not {needs}", described.declared),
                None,
            );
            None
        };
        match raw.generalise {
            Generalise::Value => Some(Generalised::Value),
            Generalise::Pseudonym if is_partial => {
                let message = format!("`{table_name}.{name}` points at several tables, so its pseudonym would name the wrong row");
                let hint = "publish the key of the table pointed at, by a path along the reference".to_owned();
                self.problem(place, message, Some(hint));
                None
            }
            Generalise::Pseudonym => {
                let domain = self
                    .references
                    .iter()
                    .find(|reference| reference.from == table && reference.columns.contains(&column))
                    .map_or(table_name, |reference| self.tables[reference.to].name().to_owned());
                Some(Generalised::Pseudonym { domain })
            }
            Generalise::Year | Generalise::Quarter | Generalise::Month if !is_date => refuse("a date"),
            Generalise::Year => Some(Generalised::Period(PeriodKind::Year)),
            Generalise::Quarter => Some(Generalised::Period(PeriodKind::Quarter)),
            Generalise::Month => Some(Generalised::Period(PeriodKind::Month)),
            Generalise::Prefix if !is_text => refuse("text"),
            Generalise::Band if !is_number => refuse("a number"),
            Generalise::AgeBand if !is_date => refuse("a date"),
            Generalise::Prefix => self.needed(raw.length.filter(|length| *length > 0), "length", raw, place).map(Generalised::Prefix),
            Generalise::Band => self.needed(raw.width.filter(|width| *width > 0), "width", raw, place).map(Generalised::Band),
            Generalise::AgeBand => self.needed(raw.width.filter(|width| *width > 0), "width", raw, place).map(Generalised::AgeBand),
        }
    }

    fn needed<T>(&mut self, value: Option<T>, key: &str, raw: &RawSetColumn, place: &[&str]) -> Option<T> {
        if value.is_none() {
            self.problem(place, format!("the column `{}` needs `{key}`", raw.name), Some(format!("add `{key}`, a whole number above 0")));
        }
        value
    }

    /// What a class allows in a set.
    fn check_class(&mut self, generalise: &Generalised, class: Class, table: TableIndex, column: ColumnIndex, place: &[&str]) {
        let personal_path = self.personal_path(table, column);
        let (table, column) = self.names(table, column);
        let class_name = crate::pipeline::lock::class_name(class);
        if is_direct_identifier(class) || matches!(class, Class::FreeText | Class::Sensitive) {
            let message = format!("`{table}.{column}` is `{class_name}` and can not be published");
            self.problem(place, message, Some("publish the subject's key as a pseudonym instead".to_owned()));
        } else if let Some((path, class)) = personal_path {
            let class_name = crate::pipeline::lock::class_name(class);
            let message = format!("`{table}.{column}` holds `{class_name}` at `{path}` and can not be published");
            self.problem(place, message, Some("publish the subject's key as a pseudonym instead".to_owned()));
        } else if class == Class::QuasiIdentifier && matches!(generalise, Generalised::Value | Generalised::Pseudonym { .. }) {
            let message = format!("`{table}.{column}` is a quasi-identifier and is published only generalised");
            self.problem(place, message, Some("`as = \"prefix\"`, `\"band\"`, `\"age_band\"`, `\"year\"` …".to_owned()));
        } else if matches!(class, Class::Key | Class::Reference) && !matches!(generalise, Generalised::Pseudonym { .. }) {
            let message = format!("`{table}.{column}` is a `{class_name}` and is published only as a pseudonym");
            self.problem(place, message, Some("add `as = \"pseudonym\"`".to_owned()));
        }
    }

    /// The columns whose values together name the row that a pseudonym stands for, in the order of the primary key pointed at.
    fn key_columns(&self, table: TableIndex, column: ColumnIndex) -> Vec<ColumnIndex> {
        if let Some(reference) = self.references.iter().find(|reference| reference.from == table && reference.columns.contains(&column)) {
            let key = &self.tables[reference.to].catalog.primary_key;
            let mut pairs: Vec<(usize, ColumnIndex)> = reference
                .to_columns
                .iter()
                .zip(&reference.columns)
                .map(|(to, from)| (key.iter().position(|key| key == to).unwrap_or(usize::MAX), *from))
                .collect();
            pairs.sort_unstable();
            return pairs.into_iter().map(|(_, from)| from).collect();
        }
        let key = &self.tables[table].catalog.primary_key;
        if key.contains(&column) { key.clone() } else { vec![column] }
    }

    fn check_release(&mut self, name: &str, raw: &RawSet, aggregates: bool, columns: &[SetColumn]) {
        if raw.release != Release::Anonymous {
            return;
        }
        if !aggregates {
            let message = format!("the set `{name}` says `anonymous`, but has a row per row of its base");
            self.problem(&["set", name, "release"], message, Some("aggregate it, or label it `pseudonymised`".to_owned()));
        }
        for column in columns {
            let SetSource::Column { generalise, .. } = &column.source else { continue };
            if matches!(generalise, Generalised::Pseudonym { .. }) {
                let message = format!("the set `{name}` says `anonymous`, but its column `{}` is a pseudonym", column.name);
                self.problem(&["set", name, "release"], message, Some("take the column out, or label the set `pseudonymised`".to_owned()));
            }
        }
        if raw.closed.is_none() {
            let message = format!("the set `{name}` says `anonymous`, but not which column is its period");
            self.problem(&["set", name], message, Some("only closed periods are published: add `closed = \"month\"`".to_owned()));
        }
    }

    /// Rounding is for totals that nobody may take apart; elsewhere it would only make amounts wrong.
    fn check_rounding(&mut self, name: &str, raw: &RawSet) {
        for (key, base) in [("rounding", raw.rounding), ("round_to", raw.round_to)] {
            let Some(base) = base else { continue };
            if raw.release != Release::Anonymous {
                let message = format!("the set `{name}` is `pseudonymised`, and only `anonymous` sets are rounded");
                self.problem(&["set", name, key], message, Some(format!("take `{key}` out")));
            }
            if base < 2 {
                let message = format!("the set `{name}` has a `{key}` below 2");
                self.problem(&["set", name, key], message, Some("a base to round to: 5, 10, 100 …".to_owned()));
            }
        }
    }

    fn closed(&mut self, name: &str, raw: &RawSet, columns: &[SetColumn]) -> Option<usize> {
        let wanted = raw.closed.as_ref()?;
        let found = columns.iter().position(|column| {
            &column.name == wanted && matches!(&column.source, SetSource::Column { generalise: Generalised::Period(_), .. })
        });
        if found.is_none() {
            let message = format!("the set `{name}` has no column `{wanted}` that is a period");
            self.problem(&["set", name, "closed"], message, Some("a column with `as = \"month\"`, `\"quarter\"` or `\"year\"`".to_owned()));
        }
        found
    }
}
