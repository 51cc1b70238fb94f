//! How long, from when, and what ends it before: retention rules, purposes, retention packs, fiscal years.

use super::*;
use crate::decide::clocks::Period;
use crate::pipeline::packs::Base;
use crate::pipeline::raw::{OneOrMany, RawEnded, RawPack, RawPurpose, RawRetention, RawSuppression};

/// The word that stands for the latest over all activity columns.
const LAST_ACTIVITY: &str = "last_activity";
/// The word that stands for a period without end.
const OPEN: &str = "open";

/// The own columns and those of tables that lead to the category, which start a clock.
type ClockColumns = (Vec<ColumnIndex>, Vec<(TableIndex, usize, ColumnIndex)>);

impl Resolver<'_> {
    pub(super) fn fiscal_years(&mut self) -> Option<FiscalYears> {
        let raw = self.raw.fiscal_years.as_ref()?;
        let table = self.table(&raw.table, &["fiscal_years", "table"])?;
        let starts = self.clock_column(table, &raw.starts, &["fiscal_years", "starts"]);
        let ends = self.clock_column(table, &raw.ends, &["fiscal_years", "ends"]);
        if let Some(tenants) = self.raw.tenants.as_ref().filter(|_| self.tables[table].tenant.is_none()) {
            let message = format!("the table `{}` of the fiscal years has no tenant column `{}`", raw.table, tenants.column);
            self.problem(&["fiscal_years", "table"], message, Some("every fiscal year belongs to one tenant".to_owned()));
        }
        Some(FiscalYears { table, starts: starts?, ends: ends? })
    }

    pub(super) fn retention(&mut self, category: CategoryIndex, raw: &RawRetention, place: &[&str]) -> Option<Retention> {
        let within = |key: &'static str| -> Vec<&str> { place.iter().copied().chain([key]).collect() };
        let review = raw.review.as_ref().and_then(|text| match Date::from_str(text) {
            Ok(day) => Some(day),
            Err(_) => {
                self.problem(&within("review"), format!("`{text}` is not a day"), Some("a day as `YYYY-MM-DD`".to_owned()));
                None
            }
        });
        let open = raw.keep.as_deref() == Some(OPEN);
        if raw.review.is_some() && !open {
            let hint = "a rule with an end needs none; take it out".to_owned();
            self.problem(&within("review"), format!("the rule `{}` has a `review` and an end", raw.name), Some(hint));
        }
        let keep = self.keep(raw.keep.as_deref(), raw.from, raw.pack.as_ref(), place);
        let keep = keep.map(|keep| if let Keep::Open { .. } = keep { Keep::Open { review } } else { keep });
        if raw.clock.as_ref().is_none_or(|clock| clock.as_slice().is_empty()) && !open {
            self.problem(
                &within("clock"),
                format!("the rule `{}` has no clock", raw.name),
                Some("name a date column, or `last_activity`".to_owned()),
            );
        }
        let (own, linked) = self.clock(category, raw.clock.as_ref(), &within("clock"));
        let table = self.categories[category].table;
        let start = raw.start.as_ref().and_then(|start| self.clock_column(table, start, &within("start")));
        let ended = raw.ended.as_ref().and_then(|ended| self.ended(category, ended, &within("ended")));
        Some(Retention {
            name: raw.name.clone(),
            own,
            linked,
            start,
            missing: raw.missing,
            keep: keep?,
            ended,
            basis: raw.basis,
            source: raw.source.clone(),
        })
    }

    /// The columns that start a clock.
    fn clock(&mut self, category: CategoryIndex, raw: Option<&OneOrMany>, place: &[&str]) -> ClockColumns {
        let name = self.categories[category].name.clone();
        let table = self.categories[category].table;
        let mut own = Vec::new();
        let mut linked = Vec::new();
        let mut activity = false;
        for clock in raw.map_or(&[][..], OneOrMany::as_slice) {
            if clock == LAST_ACTIVITY {
                activity = true;
                own.extend(self.activity_columns(table));
                for other in 0..self.tables.len() {
                    for (position, lead) in self.tables[other].leads.iter().enumerate() {
                        if lead.category == category {
                            linked.extend(self.activity_columns(other).into_iter().map(|column| (other, position, column)));
                        }
                    }
                }
            } else if let Some((other, column)) = self.table_and_column(clock).filter(|_| !self.tables[table].catalog.has_column(clock)) {
                let Some(other) = self.table(other, place) else { continue };
                let Some(column) = self.clock_column(other, column, place) else { continue };
                let leads = self.leads_to(category, other, place);
                linked.extend(leads.into_iter().map(|lead| (other, lead, column)));
            } else if let Some(column) = self.clock_column(table, clock, place) {
                own.push(column);
            }
        }
        if activity && own.is_empty() && linked.is_empty() {
            let message = format!("`last_activity` of the category `{name}` has no column: none of class `activity` leads to it");
            self.problem(place, message, Some("class the dates of its activity `activity`".to_owned()));
        }
        (own, linked)
    }

    /// A table's leads to a category; a problem where there is none.
    pub(super) fn leads_to(&mut self, category: CategoryIndex, table: TableIndex, place: &[&str]) -> Vec<usize> {
        let leads = &self.tables[table].leads;
        let leads: Vec<usize> = (0..leads.len()).filter(|lead| leads[*lead].category == category).collect();
        if leads.is_empty() {
            let message =
                format!("the rows of `{}` do not lead to the category `{}`", self.tables[table].name(), self.categories[category].name);
            self.problem(place, message, Some("declare the reference under `[[reference]]`".to_owned()));
        }
        leads
    }

    fn activity_columns(&self, table: TableIndex) -> Vec<ColumnIndex> {
        let scoped = &self.tables[table];
        (0..scoped.columns.len())
            .filter(|column| scoped.columns[*column].class == Class::Activity && scoped.catalog.columns[*column].data_type.is_temporal())
            .collect()
    }

    /// A period or a pack; exactly one of them.
    pub(super) fn keep(&mut self, keep: Option<&str>, from: Base, pack: Option<&RawPack>, place: &[&str]) -> Option<Keep> {
        let within = |key: &'static str| -> Vec<&str> { place.iter().copied().chain([key]).collect() };
        if from != Base::Event && keep.is_none_or(|keep| keep == OPEN) {
            let hint = "a retention pack says itself what it counts from, and `open` counts nothing".to_owned();
            self.problem(&within("from"), "`from` stands without a period in `keep`", Some(hint));
        }
        match (keep, pack) {
            (Some(OPEN), None) => Some(Keep::Open { review: None }),
            (Some(text), None) => match Period::from_str(text) {
                Ok(period) => Some(Keep::Period { from, period }),
                Err(_) => {
                    let hint = "a period such as `6 months`, `90 days` or `3 years 6 months`".to_owned();
                    self.problem(&within("keep"), format!("`{text}` is not a period"), Some(hint));
                    None
                }
            },
            (None, Some(RawPack::One(id))) => self.pack(id, &within("pack")).map(Keep::Pack),
            (None, Some(RawPack::ByCountry(packs))) => {
                if packs.is_empty() {
                    self.problem(&within("pack"), "`pack` names no country", Some("`{ SE = \"se.bookkeeping\" }`".to_owned()));
                }
                let mut found = Vec::new();
                for (code, id) in packs {
                    let country = Country::from_str(code);
                    if country.is_err() {
                        let hint = "an ISO 3166 code that gallra knows: `SE`, `DK`, `NO`, `FI`".to_owned();
                        self.problem(&within("pack"), format!("unknown country `{code}`"), Some(hint));
                    }
                    found.extend(country.ok().zip(self.pack(id, &within("pack"))));
                }
                Some(Keep::Packs(found))
            }
            (Some(_), Some(_)) => {
                self.problem(&within("pack"), "a rule has both `keep` and `pack`", Some("take one of them out".to_owned()));
                None
            }
            (None, None) => {
                self.problem(place, "a rule has neither `keep` nor `pack`", Some("say how long: `keep = \"6 months\"`".to_owned()));
                None
            }
        }
    }

    fn pack(&mut self, id: &str, place: &[&str]) -> Option<&'static packs::Pack> {
        let found = packs::pack(id);
        if found.is_none() {
            let known: Vec<&str> = packs::all().iter().map(|pack| pack.id.as_str()).collect();
            self.problem(place, format!("there is no retention pack `{id}`"), suggestion(id, &known));
        }
        found
    }

    fn ended(&mut self, category: CategoryIndex, raw: &RawEnded, place: &[&str]) -> Option<Ended> {
        let own = self.categories[category].table;
        let table = match &raw.table {
            None => own,
            Some(table) => self.table(table, place)?,
        };
        let paths = if table == own {
            vec![Vec::new()]
        } else {
            let leads = self.leads_to(category, table, place);
            leads.into_iter().map(|lead| self.tables[table].leads[lead].path.clone()).collect()
        };
        self.ended_in(table, paths, raw, place)
    }

    fn ended_in(&mut self, table: TableIndex, paths: Vec<Vec<ReferenceIndex>>, raw: &RawEnded, place: &[&str]) -> Option<Ended> {
        let when = raw.when.as_ref().and_then(|when| self.condition(table, when, place));
        let on = raw.on.as_ref().and_then(|on| self.clock_column(table, on, place));
        let given = raw.given.as_ref().and_then(|given| self.clock_column(table, given, place));
        if raw.on.is_none() && raw.given.is_some() {
            let hint = "without the day of the withdrawal nobody can tell which came first".to_owned();
            self.problem(place, "`ended` has `given` and no `on`", Some(hint));
        }
        if raw.when.is_none() && raw.on.is_none() {
            let hint = "add `when` or `on`".to_owned();
            self.problem(place, format!("`ended` would be said by every row of `{}`", self.tables[table].name()), Some(hint));
        }
        (raw.when.is_some() == when.is_some()).then_some(Ended { table, paths, when, on, given })
    }

    /// What ends a record's period: in its own table, or in one that leads to a category to which the record leads as well.
    pub(super) fn record_ended(&mut self, record: TableIndex, raw: &RawEnded, place: &[&str]) -> Option<(Option<CategoryIndex>, Ended)> {
        let table = match &raw.table {
            None => record,
            Some(table) => self.table(table, place)?,
        };
        if table == record {
            return Some((None, self.ended_in(table, vec![Vec::new()], raw, place)?));
        }
        let led: Vec<CategoryIndex> = self.tables[record].leads.iter().map(|lead| lead.category).collect();
        let shared = led.into_iter().find(|category| {
            self.categories[*category].table == table || self.tables[table].leads.iter().any(|lead| lead.category == *category)
        });
        let Some(category) = shared else {
            let message =
                format!("`{}` and `{}` lead to no category that both know", self.tables[record].name(), self.tables[table].name());
            self.problem(place, message, Some("declare the reference under `[[reference]]`".to_owned()));
            return None;
        };
        Some((Some(category), self.ended(category, raw, place)?))
    }

    /// Columns of a category's table, and `table.column` or `table.*` of tables that lead to it.
    pub(super) fn fields(&mut self, category: CategoryIndex, names: &[String], place: &[&str]) -> Vec<(TableIndex, ColumnIndex)> {
        let own = self.categories[category].table;
        let mut fields = Vec::new();
        for name in names {
            let (table, column) = if self.tables[own].catalog.has_column(name) {
                (own, name.as_str())
            } else if let Some(table) = name.strip_suffix(".*") {
                let Some(table) = self.table(table, place) else { continue };
                (table, "*")
            } else if let Some((table, column)) = self.table_and_column(name) {
                let Some(table) = self.table(table, place) else { continue };
                (table, column)
            } else {
                (own, name.as_str())
            };
            if table != own && self.leads_to(category, table, place).is_empty() {
                continue;
            }
            if column == "*" {
                fields.extend((0..self.tables[table].columns.len()).map(|column| (table, column)));
            } else {
                fields.extend(self.column(table, column, place).map(|column| (table, column)));
            }
        }
        fields
    }

    pub(super) fn purposes(&mut self, category: CategoryIndex, raws: &[RawPurpose]) -> Vec<Purpose> {
        let name = self.categories[category].name.clone();
        let mut purposes: Vec<Purpose> = Vec::new();
        for (position, raw) in raws.iter().enumerate() {
            let at = position.to_string();
            let place = ["category", name.as_str(), "purpose", at.as_str()];
            let within = |key: &'static str| -> Vec<&str> { place.iter().copied().chain([key]).collect() };
            if purposes.iter().any(|other| other.name == raw.name) {
                self.problem(&within("name"), format!("the category `{name}` has two purposes called `{}`", raw.name), None);
            }
            if raw.columns.is_empty() {
                let hint = "name the columns that serve it".to_owned();
                self.problem(&within("columns"), format!("the purpose `{}` names no column", raw.name), Some(hint));
            }
            let columns = self.fields(category, &raw.columns, &within("columns"));
            let ended = raw.ended.as_ref().and_then(|ended| self.ended(category, ended, &within("ended")));
            let has_period = raw.clock.is_some() || raw.keep.is_some() || raw.pack.is_some();
            if raw.keep.as_deref() == Some(OPEN) {
                let hint = "leave `keep` out: without a period the purpose lasts until it has `ended`".to_owned();
                self.problem(&within("keep"), format!("the purpose `{}` has a period without end", raw.name), Some(hint));
            }
            let period = if has_period {
                let rule = RawRetention {
                    name: raw.name.clone(),
                    clock: raw.clock.clone(),
                    start: raw.start.clone(),
                    missing: raw.missing,
                    keep: raw.keep.clone(),
                    from: raw.from,
                    pack: raw.pack.clone(),
                    review: None,
                    ended: None,
                    basis: Some(raw.basis),
                    source: raw.source.clone(),
                };
                self.retention(category, &rule, &place)
            } else {
                None
            };
            purposes.push(Purpose { name: raw.name.clone(), basis: raw.basis, columns, ended, period, source: raw.source.clone() });
        }
        purposes
    }

    pub(super) fn suppressions(&mut self, category: CategoryIndex, raws: &[RawSuppression]) -> Vec<Suppression> {
        let name = self.categories[category].name.clone();
        let table = self.categories[category].table;
        let mut lists: Vec<Suppression> = Vec::new();
        for (position, raw) in raws.iter().enumerate() {
            let at = position.to_string();
            let place = ["category", name.as_str(), "suppression", at.as_str()];
            if lists.iter().any(|other| other.name == raw.name) {
                self.problem(&place, format!("the category `{name}` has two suppression lists called `{}`", raw.name), None);
            }
            let column = self.column(table, &raw.column, &place);
            if let Some(column) = column
                && !matches!(self.tables[table].columns[column].class, Class::Email | Class::Phone)
            {
                let hint = "a suppression list holds addresses: class the column `email` or `phone`".to_owned();
                self.problem(&place, format!("`{}` is no address by its class", raw.column), Some(hint));
            }
            let when = self.condition(table, &raw.when, &place);
            let renewed = raw.renewed.as_ref().and_then(|renewed| self.condition(table, renewed, &place));
            let (Some(column), Some(when)) = (column, when) else { continue };
            lists.push(Suppression { name: raw.name.clone(), column, when, renewed });
        }
        lists
    }

    /// What a purpose names must be something that goes: known only when the treatments are.
    pub(super) fn check_purposes(&mut self) {
        for category in 0..self.categories.len() {
            let name = self.categories[category].name.clone();
            for (position, purpose) in self.categories[category].purposes.clone().into_iter().enumerate() {
                let at = position.to_string();
                for (table, column) in purpose.columns {
                    let scoped = self.tables[table].clone();
                    let shown = format!("{}.{}", scoped.name(), scoped.catalog.columns[column].name);
                    let place = ["category", name.as_str(), "purpose", at.as_str(), "columns"];
                    let leads = |lead: &usize| scoped.leads[*lead].category == category;
                    if scoped.category != Some(category) && !scoped.columns[column].owners.iter().any(leads) {
                        let hint = format!("say whose it is: `of = \"{name}\"` beside its class");
                        self.problem(
                            &place,
                            format!("`{shown}` of the purpose `{}` is not the data of a `{name}`", purpose.name),
                            Some(hint),
                        );
                        continue;
                    }
                    match scoped.columns[column].treatment {
                        Treatment::Keep => {
                            let hint = "its class or `forget` keeps it; give it another, or take it out of the purpose".to_owned();
                            self.problem(&place, format!("`{shown}` of the purpose `{}` never goes", purpose.name), Some(hint));
                        }
                        Treatment::Rekey(_) => {
                            let hint = "a key goes with its subject; take it out of the purpose".to_owned();
                            self.problem(&place, format!("`{shown}` of the purpose `{}` is a key", purpose.name), Some(hint));
                        }
                        _ => {}
                    }
                }
            }
        }
    }
}
