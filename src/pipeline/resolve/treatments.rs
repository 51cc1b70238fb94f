//! What happens to each column's cells when their time has come, and whose data they are.

mod documents;
mod scrubbing;

use super::references::is_personal;
use super::*;
use crate::kernels::json::quoted;
use crate::pipeline::diagnose::key;
use crate::pipeline::personal_keys::personal_keys;
use crate::pipeline::raw::{RawColumnSettings, RawForget};
use crate::store::ColumnType;

/// The address that stands for a replaced mandatory e-mail.
pub const PLACEHOLDER_EMAIL: &str = "xxx@gallra.invalid";

/// The UUID that stands for a replaced mandatory one: of nobody and nothing (RFC 9562, section 5.9).
const NIL_UUID: &str = "00000000-0000-0000-0000-000000000000";

impl Resolver<'_> {
    /// Gives every column of every table in scope its treatment and owner.
    pub(super) fn add_treatments(&mut self, records: &[Record]) {
        for table in 0..self.tables.len() {
            if self.tables[table].out_of_scope.is_some() {
                continue;
            }
            for column in 0..self.tables[table].columns.len() {
                let Some((settings, place)) = self.settings(table, column) else { continue };
                let place: Vec<&str> = place.iter().map(String::as_str).collect();
                let treatment = self.treatment(table, column, &settings, records, &place);
                let (table_name, name) = self.names(table, column);
                self.check_scrubbed(&format!("`{table_name}.{name}`"), &settings.scrubbing(), treatment.scrubs(), &place);
                if treatment != Treatment::Keep {
                    self.tables[table].columns[column].owners = self.owner(table, column, &settings, &place);
                }
                self.tables[table].columns[column].treatment = treatment;
                self.tables[table].columns[column].paths = settings.paths.keys().filter_map(|path| path.parse().ok()).collect();
            }
        }
    }

    fn treatment(
        &mut self,
        table: TableIndex,
        column: ColumnIndex,
        settings: &RawColumnSettings,
        records: &[Record],
        place: &[&str],
    ) -> Treatment {
        if !settings.paths.is_empty() {
            return self.document(table, column, settings, records, place);
        }
        let described = self.tables[table].catalog.columns[column].clone();
        let (table_name, name) = self.names(table, column);
        if settings.forget == Some(RawForget::Remove) {
            let message = format!("`{table_name}.{name}` can not be removed: `remove` is for paths inside documents");
            self.problem(place, message, Some("use `forget = \"null\"` or `\"placeholder\"`".to_owned()));
            return Treatment::Keep;
        }
        if matches!(described.data_type, ColumnType::Unsupported) && is_personal(settings.class) {
            self.problem(place, format!("`{table_name}.{name}` has the type `{}`, which is not supported", described.declared), None);
            return Treatment::Keep;
        }
        if !is_personal(settings.class) {
            if settings.forget.is_some_and(|forget| forget != RawForget::Keep)
                && settings.class != Class::Activity
                && settings.class != Class::Plain
            {
                let message =
                    format!("`{table_name}.{name}` is `{}`, which is never changed", crate::pipeline::lock::class_name(settings.class));
                self.problem(place, message, Some("take `forget` out, or class the column by what it holds".to_owned()));
            }
            return match settings.forget {
                Some(forget) if matches!(settings.class, Class::Activity | Class::Plain) => {
                    self.explicit(table, column, settings, forget, place)
                }
                _ => Treatment::Keep,
            };
        }
        if described.generated {
            return Treatment::Keep;
        }
        if let Some(reason) = described.fixed {
            if settings.forget != Some(RawForget::Keep) {
                let message = format!("`{table_name}.{name}` can not be forgotten: {reason}");
                let hint =
                    "class it by what it holds if that is nobody's, or say `forget = \"keep\"` and why in its `description`".to_owned();
                self.problem(place, message, Some(hint));
            }
            return Treatment::Keep;
        }
        if self.references.iter().any(|reference| reference.from == table && reference.columns.contains(&column)) {
            // A child's copy of a personal key: replaced together with the key.
            return Treatment::Keep;
        }
        let in_key = self.tables[table].catalog.primary_key.contains(&column)
            || self.references.iter().any(|reference| reference.to == table && reference.to_columns.contains(&column));
        if in_key {
            return self.rekey(table, column, settings, place);
        }
        match settings.forget {
            Some(forget) => self.explicit(table, column, settings, forget, place),
            None => self.by_class(table, column, settings, records, place),
        }
    }

    fn rekey(&mut self, table: TableIndex, column: ColumnIndex, settings: &RawColumnSettings, place: &[&str]) -> Treatment {
        let (table_name, name) = self.names(table, column);
        if !matches!(settings.forget, None | Some(RawForget::Derived)) {
            let message = format!("`{table_name}.{name}` is a key, so it can only be replaced by another key");
            self.problem(place, message, Some("take `forget` out".to_owned()));
        }
        if self.tables[table].category.is_none() && self.tables[table].leads.is_empty() {
            let message = format!("`{table_name}.{name}` is a personal key of a row that leads to no subject");
            self.problem(place, message, Some("declare the reference to its subject, or class the column `key`".to_owned()));
        }
        self.derived_shape(table, column, settings.class, place).map_or(Treatment::Keep, Treatment::Rekey)
    }

    fn by_class(
        &mut self,
        table: TableIndex,
        column: ColumnIndex,
        settings: &RawColumnSettings,
        records: &[Record],
        place: &[&str],
    ) -> Treatment {
        let scoped = &self.tables[table];
        let nullable = scoped.catalog.columns[column].nullable;
        let is_text = scoped.catalog.columns[column].data_type == ColumnType::Text;
        if settings.class == Class::FreeText && is_text && settings.placeholder.is_none() && self.text_stays(table, records) {
            return self.scrub_of(table, column, settings, place);
        }
        if nullable && settings.placeholder.is_none() && !scoped.catalog.equal_nulls.contains(&column) {
            return Treatment::Null;
        }
        if scoped.catalog.tells_rows_apart(column) && settings.placeholder.is_none() {
            return self.derived_shape(table, column, settings.class, place).map_or(Treatment::Keep, Treatment::Derived);
        }
        self.constant(table, column, settings, place)
    }

    /// Whether free text in a table's rows outlives its subject, so that it is scrubbed and not cleared.
    fn text_stays(&self, table: TableIndex, records: &[Record]) -> bool {
        let scoped = &self.tables[table];
        let stays = scoped.category.is_none() && !scoped.leads.is_empty() && !scoped.leads.iter().any(|lead| lead.owned);
        let cleared_by_record = records.iter().any(|record| record.table == table && record.action == Action::Anonymise);
        stays && !cleared_by_record
    }

    fn explicit(
        &mut self,
        table: TableIndex,
        column: ColumnIndex,
        settings: &RawColumnSettings,
        forget: RawForget,
        place: &[&str],
    ) -> Treatment {
        let described = self.tables[table].catalog.columns[column].clone();
        let (table_name, name) = self.names(table, column);
        let is_text = described.data_type == ColumnType::Text;
        let is_date = described.data_type.is_temporal();
        let wrong_type = |resolver: &mut Self, needs: &str| {
            let message = format!("`{table_name}.{name}` can not be treated so: its type is {}, not {needs}", described.declared);
            resolver.problem(place, message, None);
            Treatment::Keep
        };
        match forget {
            // Refused before it comes here.
            RawForget::Keep | RawForget::Remove => Treatment::Keep,
            RawForget::Null if !described.nullable => {
                let message = format!("`{table_name}.{name}` is NOT NULL, so it can not become NULL");
                self.problem(place, message, Some("use `forget = \"placeholder\"`".to_owned()));
                Treatment::Keep
            }
            RawForget::Null => Treatment::Null,
            RawForget::Placeholder => self.constant(table, column, settings, place),
            RawForget::Derived => self.derived_shape(table, column, settings.class, place).map_or(Treatment::Keep, Treatment::Derived),
            RawForget::Scrub if is_text => self.scrub_of(table, column, settings, place),
            RawForget::Scrub => wrong_type(self, "text"),
            RawForget::Year | RawForget::Quarter | RawForget::Month if !is_date => wrong_type(self, "a date"),
            RawForget::Year => Treatment::Period(PeriodKind::Year),
            RawForget::Quarter => Treatment::Period(PeriodKind::Quarter),
            RawForget::Month => Treatment::Period(PeriodKind::Month),
            RawForget::Prefix if !is_text || documents::is_json(&described) => wrong_type(self, "text"),
            RawForget::Prefix => match settings.length {
                Some(length) => Treatment::Prefix(length),
                None => {
                    self.problem(
                        place,
                        format!("`{table_name}.{name}` keeps a prefix without `length`"),
                        Some("say how many characters stay".to_owned()),
                    );
                    Treatment::Keep
                }
            },
        }
    }

    /// The placeholder as a constant that fits the column.
    fn constant(&mut self, table: TableIndex, column: ColumnIndex, settings: &RawColumnSettings, place: &[&str]) -> Treatment {
        let described = self.tables[table].catalog.columns[column].clone();
        let (table_name, name) = self.names(table, column);
        let limit = described.max_length;
        let fits = |text: &str| limit.is_none_or(|limit| text.chars().count() <= limit);
        let own = settings.placeholder.clone();
        let constant = match (described.data_type, own) {
            (ColumnType::Text, own) if documents::is_json(&described) => match documents::constant(own) {
                Some(document) => document,
                None => return self.wrong_placeholder(&table_name, &name, &described.declared, place),
            },
            (ColumnType::Text, None) if is_uuid(&described) => Scalar::Text(NIL_UUID.to_owned()),
            (ColumnType::Text, Some(Scalar::Text(text))) => {
                if !fits(&text) {
                    let message = format!(
                        "the placeholder of `{table_name}.{name}` has {} characters, but its type is {}",
                        text.chars().count(),
                        described.declared
                    );
                    self.problem(place, message, Some(format!("use at most {} characters", limit.unwrap_or_default())));
                }
                Scalar::Text(text)
            }
            (ColumnType::Text, None) if settings.class == Class::Email => {
                if !fits(PLACEHOLDER_EMAIL) {
                    let message = format!(
                        "the placeholder `{PLACEHOLDER_EMAIL}` does not fit `{table_name}.{name}`, whose type is {}",
                        described.declared
                    );
                    self.problem(place, message, Some("give the column a `placeholder` of its own".to_owned()));
                }
                Scalar::Text(PLACEHOLDER_EMAIL.to_owned())
            }
            (ColumnType::Text, None) => {
                let general = &self.raw.controller.placeholder;
                Scalar::Text(general.chars().take(limit.unwrap_or(usize::MAX)).collect())
            }
            (ColumnType::Integer | ColumnType::Decimal { .. } | ColumnType::Float, own) => match own {
                None => Scalar::Integer(0),
                Some(number @ (Scalar::Integer(_) | Scalar::Number(_))) => number,
                Some(_) => return self.wrong_placeholder(&table_name, &name, &described.declared, place),
            },
            (ColumnType::Boolean, None) => Scalar::Boolean(false),
            (ColumnType::Boolean, Some(Scalar::Boolean(value))) => Scalar::Boolean(value),
            (ColumnType::Date | ColumnType::Timestamp, Some(Scalar::Text(text))) if text.parse::<jiff::civil::Date>().is_ok() => {
                Scalar::Text(text)
            }
            (ColumnType::Date | ColumnType::Timestamp, None) => {
                let message = format!("`{table_name}.{name}` is a mandatory date and has no placeholder");
                self.problem(place, message, Some("give it `placeholder = \"2000-01-01\"` or `forget = \"year\"`".to_owned()));
                return Treatment::Keep;
            }
            (ColumnType::Blob, None) => Scalar::Text(String::new()),
            _ => return self.wrong_placeholder(&table_name, &name, &described.declared, place),
        };
        Treatment::Constant(constant)
    }

    fn wrong_placeholder(&mut self, table: &str, column: &str, declared: &str, place: &[&str]) -> Treatment {
        self.problem(place, format!("the placeholder of `{table}.{column}` does not fit its type {declared}"), None);
        Treatment::Keep
    }

    /// The form of a replacement that is different for every row.
    fn derived_shape(&mut self, table: TableIndex, column: ColumnIndex, class: Class, place: &[&str]) -> Option<Shape> {
        let described = self.tables[table].catalog.columns[column].clone();
        let shape = match (described.data_type, class) {
            // Made up of letters and digits alone, it would be no document.
            (ColumnType::Text, _) if documents::is_json(&described) => None,
            (ColumnType::Text, _) if is_uuid(&described) => Some(Shape::Uuid),
            (ColumnType::Text, Class::Email) => Some(Shape::Email),
            (ColumnType::Text, Class::Phone | Class::NationalId | Class::BankAccount) => Some(Shape::Digits),
            (ColumnType::Text, _) => Some(Shape::Text),
            (ColumnType::Integer, _) => Some(Shape::Integer),
            (ColumnType::Decimal { precision, scale }, _) if has_all_digits(&described.declared) => {
                u8::try_from(scale).ok().map(|scale| Shape::Decimal { precision, scale })
            }
            (ColumnType::Blob, _) => Some(Shape::Bytes),
            _ => None,
        };
        let Some(shape) = shape else {
            let (table, name) = self.names(table, column);
            let message = format!("`{table}.{name}` needs a replacement per row, which its type {} can not hold", described.declared);
            let few =
                (described.data_type.is_temporal()).then_some("there are too few days for one per row; make it nullable, or not UNIQUE");
            self.problem(place, message, few.map(str::to_owned));
            return None;
        };
        let needed = crate::passes::minimise::shortest_derived(shape);
        let (limit, unit) = match shape {
            Shape::Decimal { precision, .. } => (Some(usize::from(precision)), "digits"),
            Shape::Integer => (described.max_length, "digits"),
            _ => (described.max_length, "characters"),
        };
        if limit.is_some_and(|limit| limit < needed) {
            let (table, name) = self.names(table, column);
            let message = format!(
                "a replacement per row does not fit `{table}.{name}`: it needs {needed} {unit}, its type is {}",
                described.declared
            );
            self.problem(place, message, Some("make the column longer, or not UNIQUE".to_owned()));
            return None;
        }
        Some(shape)
    }

    /// Whose data a column of a table that leads to subjects is.
    fn owner(&mut self, table: TableIndex, column: ColumnIndex, settings: &RawColumnSettings, place: &[&str]) -> Vec<usize> {
        let leads = self.tables[table].leads.clone();
        let (table_name, name) = self.names(table, column);
        let mut first = None;
        if let Some(of) = &settings.of {
            let steps = self.steps(table, of);
            let Some((path, _)) = self.path(table, &steps, place) else { return Vec::new() };
            first = leads.iter().position(|lead| lead.path == path);
            if first.is_none() {
                let known: Vec<String> = leads.iter().map(|lead| self.path_name(&lead.path)).collect();
                self.problem(place, format!("`{of}` does not lead from `{table_name}` to a category"), suggestion(of, &known));
                return Vec::new();
            }
        }
        let (owners, open) = self.owners(table, first);
        if !open.is_empty() {
            let known: Vec<String> = open.iter().map(|lead| format!("`of = {}`", quoted(&self.path_name(&leads[*lead].path)))).collect();
            let message = format!("whose data `{table_name}.{name}` is, is open: `{table_name}` leads to several subjects");
            self.problem(place, message, Some(format!("say {}", known.join(" or "))));
        }
        owners
    }

    pub(super) fn path_name(&self, path: &[ReferenceIndex]) -> String {
        path.iter().map(|step| self.references[*step].name.as_str()).collect::<Vec<_>>().join(".")
    }

    /// Every personal column must have somebody or something that ends its retention.
    pub(super) fn check_coverage(&mut self, records: &[Record]) {
        for table in 0..self.tables.len() {
            let scoped = &self.tables[table];
            let has_end = scoped.category.is_some()
                || !scoped.leads.is_empty()
                || records.iter().any(|record| record.table == table)
                || self.references.iter().any(|reference| reference.to == table && reference.kind == ReferenceKind::Shared);
            if scoped.out_of_scope.is_some() || has_end {
                continue;
            }
            let personal: Vec<String> = (0..scoped.columns.len())
                .filter(|column| is_personal(scoped.columns[*column].class) || self.personal_path(table, *column).is_some())
                .map(|column| scoped.catalog.columns[column].name.clone())
                .collect();
            if let Some(first) = personal.first() {
                let name = scoped.name().to_owned();
                let message = format!("the personal data in `{name}` never ends: `{name}.{first}` leads to no subject and has no clock");
                let hint = format!(
                    "declare the reference to its subject under `[[reference]]`, or give the table a clock under `[record.{}]`",
                    key(&name)
                );
                self.problem(&["table", &name, first], message, Some(hint));
            }
        }
    }

    /// A column of two keys would have to change in the copies of both at once.
    pub(super) fn check_personal_keys(&mut self) {
        for table in 0..self.tables.len() {
            for key in personal_keys(&self.tables, &self.references, table) {
                let replaced = |column: &&ColumnIndex| matches!(self.tables[table].columns[**column].treatment, Treatment::Rekey(_));
                let part = |reference: &&Reference| {
                    let shared = key.iter().filter(replaced).find(|column| reference.to_columns.contains(column));
                    let carries = key.iter().all(|column| reference.to_columns.contains(column));
                    reference.to == table && shared.is_some() && !carries
                };
                let Some(reference) = self.references.iter().find(part) else { continue };
                let (name, from) = (self.tables[table].name().to_owned(), self.tables[reference.from].name().to_owned());
                let columns: Vec<String> = key.iter().map(|column| self.names(table, *column).1).collect();
                let message = format!("`{from}` points at a part of the personal key of `{name}` ({})", columns.join(", "));
                let hint = "let it point at the whole key; until then the key can not be replaced everywhere at once".to_owned();
                self.problem(&["table", &name], message, Some(hint));
            }
        }
    }

    /// Reports unique keys in which all rows would come to have the same.
    pub(super) fn check_unique_keys(&mut self) {
        for table in 0..self.tables.len() {
            let scoped = &self.tables[table];
            let same = |column: &ColumnIndex| match scoped.columns[*column].treatment {
                Treatment::Constant(_) | Treatment::Prefix(_) | Treatment::Period(_) => true,
                Treatment::Null => scoped.catalog.equal_nulls.contains(column),
                _ => false,
            };
            let keys = scoped.catalog.unique.iter().chain(&scoped.catalog.partial_unique);
            let broken: Vec<ColumnIndex> = keys.filter(|key| key.iter().all(same)).filter_map(|key| key.first().copied()).collect();
            for column in broken {
                let (table_name, name) = self.names(table, column);
                let place = self.settings(table, column).map(|(_, place)| place).unwrap_or_default();
                let place: Vec<&str> = place.iter().map(String::as_str).collect();
                let message = format!("`{table_name}.{name}` would be the same in every row that is forgotten, and is unique");
                let hint = "take `placeholder` or `forget` out: each row then gets a replacement of its own".to_owned();
                self.problem(&place, message, Some(hint));
            }
        }
    }

    /// Asks the store whether the constants, and replacements per row by an example, pass the tables' CHECKs in every row.
    pub(super) fn check_constants(&mut self, check_rows: &mut CheckRows<'_>) {
        for table in 0..self.tables.len() {
            let scoped = &self.tables[table];
            let placeholder = &self.raw.controller.placeholder;
            let example = |column: ColumnIndex, shape: Shape| {
                crate::passes::pseudonymise::example(shape, scoped.catalog.columns[column].max_length, placeholder)
            };
            let constants: Vec<(usize, Option<String>)> = scoped
                .columns
                .iter()
                .enumerate()
                .filter_map(|(column, settings)| match settings.treatment {
                    Treatment::Derived(shape) | Treatment::Rekey(shape) => Some((column, Some(example(column, shape)?))),
                    ref treatment => constant_text(treatment).map(|text| (column, text)),
                })
                .collect();
            if scoped.catalog.checks.is_empty() || constants.is_empty() {
                continue;
            }
            for (check, rows) in check_rows(&scoped.catalog.clone(), &constants).into_iter().filter(|(_, rows)| *rows > 0) {
                let scoped = &self.tables[table];
                let Some(described) = scoped.catalog.checks.get(check) else { continue };
                let named: Vec<ColumnIndex> =
                    described.columns.iter().copied().filter(|column| constants.iter().any(|(constant, _)| constant == column)).collect();
                let Some(column) = named.first().copied() else { continue };
                let expression = described.expression.clone();
                let (table_name, name) = self.names(table, column);
                let place = self.settings(table, column).map(|(_, place)| place).unwrap_or_default();
                let place: Vec<&str> = place.iter().map(String::as_str).collect();
                let message = format!("the replacement of `{table_name}.{name}` is refused by CHECK ({expression}) in {rows} rows");
                self.problem(&place, message, Some("give the column a `placeholder` that the CHECK allows".to_owned()));
            }
        }
    }
}

fn is_uuid(column: &crate::store::Column) -> bool {
    column.declared.eq_ignore_ascii_case("uuid")
}

/// Whether a decimal's declared precision and scale are its Arrow type's: PostgreSQL also rounds before the point (`numeric(20,-3)`), and keeps
/// digits far behind it alone (`numeric(14,16)`).
fn has_all_digits(declared: &str) -> bool {
    let Some((_, arguments)) = declared.split_once('(') else { return true };
    let numbers: Vec<i32> = arguments.trim_end_matches(')').split(',').filter_map(|number| number.trim().parse().ok()).collect();
    match numbers[..] {
        [precision, scale] => (0..=precision).contains(&scale),
        _ => true,
    }
}

fn constant_text(treatment: &Treatment) -> Option<Option<String>> {
    match treatment {
        Treatment::Null => Some(None),
        Treatment::Constant(Scalar::Text(text)) => Some(Some(text.clone())),
        Treatment::Constant(Scalar::Integer(number)) => Some(Some(number.to_string())),
        Treatment::Constant(Scalar::Number(number)) => Some(Some(number.to_string())),
        Treatment::Constant(Scalar::Boolean(value)) => Some(Some(if *value { "1" } else { "0" }.to_owned())),
        _ => None,
    }
}
