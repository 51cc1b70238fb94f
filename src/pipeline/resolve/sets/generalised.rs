//! How a column is published, and what its class allows.

use std::sync::Arc;

use arrow::datatypes::DataType;

use super::super::references::is_direct_identifier;
use super::super::*;
use crate::kernels::band::Bands;
use crate::kernels::convert::Target;
use crate::pipeline::Taxonomy;
use crate::pipeline::raw::RawSetColumn;

impl Resolver<'_> {
    pub(super) fn generalised(
        &mut self,
        raw: &RawSetColumn,
        table: TableIndex,
        column: ColumnIndex,
        cast: Option<Target>,
        place: &[&str],
    ) -> Option<Generalised> {
        let described = self.tables[table].catalog.columns[column].clone();
        let (table_name, name) = self.names(table, column);
        let data_type = cast.map_or_else(|| described.data_type.arrow(), Target::data_type);
        let is_date = matches!(data_type, DataType::Date32 | DataType::Timestamp(..));
        let is_number = matches!(data_type, DataType::Int64 | DataType::Float64 | DataType::Decimal128(..));
        let is_partial = self.references.iter().any(|known| known.from == table && known.is_partial() && known.columns.contains(&column));
        let mut refuse = |needs: &str| {
            let found = cast.map_or_else(|| format!("its type is {}", described.declared), |target| format!("it is cast to `{target}`"));
            self.problem(place, format!("`{table_name}.{name}` can not be published so: {found}, not {needs}"), None);
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
            Generalise::Pseudonym if cast.is_some() => {
                let hint = "leave `cast` out: the same key has the same pseudonym only as the store has it".to_owned();
                self.problem(place, format!("the pseudonym `{}` is of a key that is cast", raw.name), Some(hint));
                None
            }
            Generalise::Pseudonym => {
                let domain = self
                    .references
                    .iter()
                    .find(|reference| reference.from == table && reference.columns.contains(&column))
                    .map_or(table_name, |reference| self.tables[reference.to].name().to_owned());
                let format = raw.format.unwrap_or_default();
                Some(Generalised::Pseudonym { domain, format })
            }
            Generalise::Year | Generalise::Quarter | Generalise::Month | Generalise::Week | Generalise::Day if !is_date => refuse("a date"),
            Generalise::Year => Some(Generalised::Period(PeriodKind::Year)),
            Generalise::Quarter => Some(Generalised::Period(PeriodKind::Quarter)),
            Generalise::Month => Some(Generalised::Period(PeriodKind::Month)),
            Generalise::Week => Some(Generalised::Period(PeriodKind::Week)),
            Generalise::Day => Some(Generalised::Period(PeriodKind::Day)),
            Generalise::Prefix if data_type != DataType::Utf8 => refuse("text"),
            Generalise::Band if !is_number => refuse("a number"),
            Generalise::AgeBand if !is_date => refuse("a date"),
            Generalise::Prefix => self.needed(raw.length.filter(|length| *length > 0), "length", raw, place).map(Generalised::Prefix),
            Generalise::Band => match self.bounds(raw, place)? {
                Some(bounds) => Some(Generalised::Bounds(bounds)),
                None => self.needed(raw.width.filter(|width| *width > 0), "width", raw, place).map(Generalised::Band),
            },
            Generalise::AgeBand => match self.bounds(raw, place)? {
                Some(bounds) => Some(Generalised::AgeBounds(bounds)),
                None => self.needed(raw.width.filter(|width| *width > 0), "width", raw, place).map(Generalised::AgeBand),
            },
            Generalise::Taxonomy => self.taxonomy(raw, place),
        }
    }

    fn needed<T>(&mut self, value: Option<T>, key: &str, raw: &RawSetColumn, place: &[&str]) -> Option<T> {
        if value.is_none() {
            self.problem(place, format!("the column `{}` needs `{key}`", raw.name), Some(format!("add `{key}`, a whole number above 0")));
        }
        value
    }

    /// The bounds of bands, where there are some; `None` outside where they are none.
    fn bounds(&mut self, raw: &RawSetColumn, place: &[&str]) -> Option<Option<Vec<i64>>> {
        let Some(bounds) = &raw.bounds else { return Some(None) };
        if raw.width.is_some() {
            let message = format!("the column `{}` has both `width` and `bounds`", raw.name);
            self.problem(place, message, Some("bands have one width, or bounds".to_owned()));
            return None;
        }
        if Bands::at_edges(bounds.clone()).is_err() {
            let message = format!("the `bounds` of `{}` do not ascend", raw.name);
            self.problem(place, message, Some("whole numbers, each above the one before: `[18, 65]`".to_owned()));
            return None;
        }
        Some(Some(bounds.clone()))
    }

    /// The taxonomy, read from its file.
    fn taxonomy(&mut self, raw: &RawSetColumn, place: &[&str]) -> Option<Generalised> {
        let Some(file) = &raw.taxonomy else {
            let hint = "add `taxonomy`, a CSV file with the columns `value`, `level1`, `level2` …".to_owned();
            self.problem(place, format!("the column `{}` needs `taxonomy`", raw.name), Some(hint));
            return None;
        };
        let path = self.source.folder().join(file);
        // A pipe or a device may never end.
        let is_other = std::fs::metadata(&path).is_ok_and(|found| !found.is_file());
        let read = if is_other { Err(std::io::Error::other("it is not a file")) } else { std::fs::read(&path) };
        let bytes = match read {
            Ok(bytes) => bytes,
            Err(error) => {
                let hint = "the file is looked for beside the pipeline file".to_owned();
                self.problem(place, format!("the taxonomy `{file}` can not be read: {error}"), Some(hint));
                return None;
            }
        };
        let taxonomy = match Taxonomy::parse(&bytes) {
            Ok(taxonomy) => taxonomy,
            Err(fault) => {
                let hint = "a line per value, its coarser and coarser names beside it: `62.01,Programming,IT`".to_owned();
                self.problem(place, format!("the taxonomy `{file}` can not be used: {fault}"), Some(hint));
                return None;
            }
        };
        let level = raw.level.unwrap_or(1);
        if !(1..=taxonomy.levels()).contains(&level) {
            let message = format!("the taxonomy `{file}` has {} levels, not a level {level}", taxonomy.levels());
            self.problem(place, message, Some("levels count from 1, the finest".to_owned()));
            return None;
        }
        Some(Generalised::Taxonomy(Arc::new(taxonomy), level))
    }

    /// What a class allows in a set's `where`: whoever is in the set is known by its conditions, so that none may name somebody, ask what somebody
    /// wrote, or make being in the set itself the sensitive fact.
    pub(super) fn check_condition(&mut self, condition: &Condition, table: TableIndex, place: &[&str]) {
        let class = self.tables[table].columns[condition.column].class;
        let asks_for_values = condition.tests.iter().any(|test| !matches!(test, Test::Null(_)));
        let (name, column) = self.names(table, condition.column);
        let class_name = crate::pipeline::lock::class_name(class);
        if class == Class::Sensitive {
            let message = format!("`{name}.{column}` is `{class_name}`, and a set may not be chosen by it: being in the set would tell it");
            self.problem(place, message, Some("take the condition out; count such rows where nobody can be linked to them".to_owned()));
            return;
        }
        let names_people = matches!(class, Class::Key | Class::Reference) && self.is_of_people(table, condition.column);
        let personal_path = self.personal_path(table, condition.column).is_some();
        if asks_for_values && (is_direct_identifier(class) || class == Class::FreeText || names_people || personal_path) {
            let what = if personal_path { "holds personal data".to_owned() } else { format!("is `{class_name}`") };
            let message = format!("`{name}.{column}` {what}, and a set may not be chosen by its values: they name people");
            self.problem(place, message, Some("`null = true` and `null = false` may be asked of it".to_owned()));
        }
    }

    /// Whether a key or reference is that of the people of a category.
    fn is_of_people(&self, table: TableIndex, column: ColumnIndex) -> bool {
        let own = self.tables[table].category.is_some() && self.tables[table].columns[column].class == Class::Key;
        let mut references = self.references.iter().filter(|known| known.from == table && known.columns.contains(&column));
        own || references.any(|known| self.tables[known.to].category.is_some())
    }

    /// What a class allows in a set.
    pub(super) fn check_class(&mut self, generalise: &Generalised, class: Class, table: TableIndex, column: ColumnIndex, place: &[&str]) {
        let personal_path = self.personal_path(table, column);
        let is_key = matches!(class, Class::Key | Class::Reference)
            || self.tables[table].key.contains(&column)
            || self.references.iter().any(|known| known.from == table && known.columns.contains(&column));
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
        } else if !is_key && matches!(generalise, Generalised::Pseudonym { .. }) {
            let message =
                format!("`{table}.{column}` is `{class_name}` and no key or reference, and a pseudonym stands for the row of a key");
            let hint = "take `as` out, or class the column `key` or `reference` if other tables know the row by it".to_owned();
            self.problem(place, message, Some(hint));
        }
    }
}
