//! The columns of a set: where each comes from.

use super::super::*;
use crate::kernels::convert::{Target, convert};
use crate::pipeline::Constant;
use crate::pipeline::raw::{RawSet, RawSetColumn};
use crate::store::ColumnType;

impl Resolver<'_> {
    pub(super) fn set_columns(&mut self, name: &str, base: TableIndex, raw: &RawSet, aggregates: bool) -> Vec<SetColumn> {
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
            if columns.iter().any(|other| other.name.to_lowercase() == column.name.to_lowercase()) {
                let hint = "readers do not tell upper from lower case".to_owned();
                self.problem(&place, format!("the set `{name}` has two columns called `{}`", column.name.escape_debug()), Some(hint));
            }
            if column.name.chars().any(|letter| letter.is_control() || "/\\=".contains(letter)) || column.name.starts_with("__") {
                let message = format!("`{}` can not name a column of a set", column.name.escape_debug());
                let hint = "letters, digits, `_`, blanks: no control characters, `/`, `\\` or `=`, and no `__` at the beginning".to_owned();
                self.problem(&place, message, Some(hint));
            }
            self.check_keys(column, &place);
            if let Some((source, quasi)) = self.set_source(base, column, aggregates, &place) {
                if quasi && column.quasi_identifier == Some(false) {
                    let message =
                        format!("the column `{}` is of a quasi-identifier, which `quasi_identifier = false` does not undo", column.name);
                    let hint = "take it out; a column that tells nobody apart has another class".to_owned();
                    self.problem(&place, message, Some(hint));
                }
                let quasi_identifier = column.quasi_identifier.unwrap_or(false) || quasi;
                columns.push(SetColumn { name: column.name.clone(), source, quasi_identifier, description: column.description.clone() });
            }
        }
        columns
    }

    /// A key that says nothing where it stands is a mistake, and often the wrong one.
    fn check_keys(&mut self, raw: &RawSetColumn, place: &[&str]) {
        let how = raw.generalise;
        let banded = matches!(how, Generalise::Band | Generalise::AgeBand);
        let reckoned = raw.amount.is_some() || raw.constant.is_some();
        let keys = [
            ("as", how != Generalise::Value && reckoned, "a column with a `path`"),
            ("format", raw.format.is_some() && how != Generalise::Pseudonym, "`as = \"pseudonym\"`"),
            ("bounds", raw.bounds.is_some() && !banded, "`as = \"band\"` or `\"age_band\"`"),
            ("taxonomy", raw.taxonomy.is_some() && how != Generalise::Taxonomy, "`as = \"taxonomy\"`"),
            ("level", raw.level.is_some() && how != Generalise::Taxonomy, "`as = \"taxonomy\"`"),
            ("cast", raw.cast.is_some() && raw.amount.is_some(), "a `path`, a `constant` or an aggregate of one column"),
        ];
        for (key, _, belongs) in keys.into_iter().filter(|(_, misplaced, _)| *misplaced) {
            let message = format!("the column `{}` has `{key}`, which says nothing there", raw.name);
            self.problem(place, message, Some(format!("`{key}` belongs to {belongs}")));
        }
    }

    /// The column's source, and whether its class makes it a quasi-identifier.
    fn set_source(&mut self, base: TableIndex, raw: &RawSetColumn, aggregates: bool, place: &[&str]) -> Option<(SetSource, bool)> {
        let given = [
            raw.path.is_some(),
            raw.amount.is_some(),
            raw.constant.is_some(),
            raw.sum.is_some(),
            raw.min.is_some(),
            raw.max.is_some(),
            raw.mean.is_some(),
            raw.quantile.is_some(),
            raw.count == Some(true),
            raw.count_subjects == Some(true),
        ];
        if given.iter().filter(|given| **given).count() != 1 {
            let hint = "`min`, `max`, `mean`, `quantile`, `amount` and `constant` are such keys as well".to_owned();
            self.problem(
                place,
                format!("the column `{}` needs exactly one of `path`, `sum`, `count` and `count_subjects`", raw.name),
                Some(hint),
            );
            return None;
        }
        let cast = match &raw.cast {
            Some(text) => Some(self.cast(text, place)?),
            None => None,
        };
        if raw.count == Some(true) {
            return Some((SetSource::Count, false));
        }
        if raw.count_subjects == Some(true) {
            return Some((SetSource::CountSubjects, false));
        }
        if let Some(value) = &raw.constant {
            return Some((SetSource::Constant(self.set_constant(raw, value, cast, place)?), false));
        }
        if let Some(text) = &raw.amount {
            let formula = self.formula(base, text, place)?;
            if aggregates {
                let message = format!("the amount `{}` would make a group of its own", raw.name);
                self.problem(place, message, Some("publish it as a `sum`, `mean` or `quantile`".to_owned()));
            }
            return Some((SetSource::Amount(formula), false));
        }
        if let Some((measure, text)) = self.measure(raw, place)? {
            let of = self.measured(base, measure, &text, cast, place)?;
            return Some((SetSource::Measure { measure, of }, false));
        }
        let (path, table, column) = self.path_to_column(base, raw.path.as_deref().unwrap_or_default(), place)?;
        let class = self.tables[table].columns[column].class;
        self.check_cast(cast, table, column, place)?;
        let generalise = self.generalised(raw, table, column, cast, place)?;
        self.check_class(&generalise, class, table, column, place);
        if aggregates && class == Class::Amount && !matches!(generalise, Generalised::Band(_) | Generalised::Bounds(_)) {
            let (table, column) = self.names(table, column);
            self.problem(
                place,
                format!("`{table}.{column}` is an amount and would make a group of its own"),
                Some("publish it as a `sum`, or in bands".to_owned()),
            );
        }
        let (path, table, columns) = match &generalise {
            Generalised::Pseudonym { .. } => self.keyed(path, table, column),
            _ => (path, table, vec![column]),
        };
        let source = SetSource::Column { path, table, columns, cast, generalise };
        Some((source, class == Class::QuasiIdentifier))
    }

    /// A type as typed: `integer`, `decimal(12,2)`.
    fn cast(&mut self, text: &str, place: &[&str]) -> Option<Target> {
        let decimal = || {
            let digits = text.strip_prefix("decimal(")?.strip_suffix(')')?;
            let (precision, scale) = digits.split_once(',')?;
            let (precision, scale) = (precision.trim().parse::<u8>().ok()?, scale.trim().parse::<u8>().ok()?);
            let fits = (1..=crate::kernels::mean::DIGITS).contains(&precision) && scale <= precision;
            fits.then_some(Target::Decimal { precision, scale: i8::try_from(scale).ok()? })
        };
        let target = match text {
            "integer" => Some(Target::Integer),
            "float" => Some(Target::Float),
            "text" => Some(Target::Text),
            "date" => Some(Target::Date),
            "timestamp" => Some(Target::Timestamp),
            "boolean" => Some(Target::Boolean),
            _ => decimal(),
        };
        if target.is_none() {
            let hint = "`integer`, `decimal(12,2)` with at most 38 digits, `float`, `text`, `date`, `timestamp` or `boolean`".to_owned();
            self.problem(place, format!("`{text}` is no type to cast to"), Some(hint));
        }
        target
    }

    /// Refuses a cast that there is none of, and one of a text that the forgotten do not have any more: their rows stay in the set.
    pub(super) fn check_cast(&mut self, cast: Option<Target>, table: TableIndex, column: ColumnIndex, place: &[&str]) -> Option<()> {
        let described = &self.tables[table].catalog.columns[column];
        let Some(target) = cast else { return Some(()) };
        let name = format!("{}.{}", self.tables[table].name(), described.name);
        if !target.takes(&described.data_type.arrow()) {
            let message = format!("`{name}` can not be cast to `{target}`: its type is {}", described.declared);
            self.problem(place, message, None);
            return None;
        }
        if let Treatment::Constant(value @ Scalar::Text(text)) = &self.tables[table].columns[column].treatment
            && described.data_type == ColumnType::Text
            && convert(&Constant { value: value.clone(), cast }.cell(), target, &TimeZone::UTC).is_ok_and(|cells| cells.failed > 0)
        {
            let message = format!("`{name}` can not be cast to `{target}`: of the forgotten it is `{text}`");
            let hint = "give the column a `placeholder` that can be cast, or publish it without `cast`".to_owned();
            self.problem(place, message, Some(hint));
            return None;
        }
        Some(())
    }

    fn set_constant(&mut self, raw: &RawSetColumn, value: &Scalar, cast: Option<Target>, place: &[&str]) -> Option<Constant> {
        let constant = Constant { value: value.clone(), cast };
        let cell = constant.cell();
        let cast_cell = cast.map(|target| convert(&cell, target, &TimeZone::UTC));
        if cast_cell.is_some_and(|converted| converted.is_ok_and(|converted| converted.failed == 0)) || cast.is_none() {
            return Some(constant);
        }
        let wanted = raw.cast.as_deref().unwrap_or_default();
        self.problem(place, format!("the constant of `{}` can not be cast to `{wanted}`", raw.name), None);
        None
    }

    /// Where the cells stand whose values together name the row that a pseudonym stands for, in the order of the primary key pointed at.
    ///
    /// They are the reference's own, or the key's itself where the reference writes it otherwise (another type, another case) or points at
    /// another key: the same row has the same pseudonym along every reference.
    fn keyed(
        &self,
        mut path: Vec<ReferenceIndex>,
        table: TableIndex,
        column: ColumnIndex,
    ) -> (Vec<ReferenceIndex>, TableIndex, Vec<ColumnIndex>) {
        let own = &self.tables[table].catalog;
        let mut references = self.references.iter().enumerate();
        let Some((index, reference)) = references.find(|(_, known)| known.from == table && known.columns.contains(&column)) else {
            let key = &own.primary_key;
            let columns = if key.contains(&column) { key.clone() } else { vec![column] };
            return (path, table, columns);
        };
        let target = &self.tables[reference.to].catalog;
        let key = &target.primary_key;
        let pair = |to: &ColumnIndex| reference.to_columns.iter().position(|known| known == to).map(|at| reference.columns[at]);
        let is_written_alike = |from: ColumnIndex, to: ColumnIndex| {
            let (from, to) = (&own.columns[from], &target.columns[to]);
            from.data_type == to.data_type && !from.case_insensitive && !to.case_insensitive
        };
        let columns: Option<Vec<ColumnIndex>> = key.iter().map(|to| pair(to).filter(|from| is_written_alike(*from, *to))).collect();
        match columns.filter(|_| key.len() == reference.columns.len()) {
            Some(columns) if !columns.is_empty() => (path, table, columns),
            _ if key.is_empty() => (path, table, reference.columns.clone()),
            _ => {
                path.push(index);
                (path, reference.to, key.clone())
            }
        }
    }
}
