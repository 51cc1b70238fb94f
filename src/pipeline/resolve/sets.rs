//! Published sets: declared along references, so that the lineage and class of every column are known before a row is read.

mod columns;
mod files;
mod formula;
mod generalised;
mod measures;
mod parts;

use super::*;
use crate::kernels::rank::Rank;
use crate::pipeline::Measure;
use crate::pipeline::raw::RawSet;

/// Percent of the p % rule where the file says nothing.
const DOMINANCE: u32 = 10;

fn dominance(raw: &RawSet) -> Option<u32> {
    let percent = raw.dominance.unwrap_or(DOMINANCE);
    (raw.release == Release::Anonymous && percent > 0).then_some(percent)
}

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
        // The rows of a category's own table are its people's, said or not.
        let own = self.tables[base].category.filter(|_| raw.subject.is_none()).map(|category| (Vec::new(), category));
        let subject = raw.subject.as_ref().and_then(|text| self.subject(name, base, text)).or(own);
        let mut filter = Vec::new();
        for (position, condition) in raw.filter.iter().enumerate() {
            let at = position.to_string();
            let place = ["set", name, "where", at.as_str()];
            if let Some((path, table, column)) = self.path_to_column(base, &condition.column, &place) {
                let mut own = condition.clone();
                own.column = self.names(table, column).1;
                if let Some(condition) = self.condition(table, &own, &place) {
                    self.check_condition(&condition, table, &place);
                    filter.push((path, condition));
                }
            }
        }
        let aggregates = raw.columns.iter().any(|column| column.is_aggregate());
        let columns = self.set_columns(name, base, raw, aggregates);
        self.check_release(name, raw, aggregates, &columns);
        let closed = self.closed(name, raw, &columns);
        self.check_rounding(name, raw);
        self.check_dominance(name, raw);
        if raw.k < 2 {
            self.problem(
                &["set", name, "k"],
                format!("the set `{name}` has a `k` below 2"),
                Some("a group of one is a person; 5 is the default".to_owned()),
            );
        }
        let partition = self.partition(name, raw, &columns);
        let sort = self.sort(name, raw, &columns);
        let after_forgetting = self.after_forgetting(name, raw, subject.as_ref(), &columns);
        let reader_grace = self.set_period(name, "reader_grace", &raw.reader_grace, "7 days");
        let keep_age = raw.keep_age.as_ref().and_then(|text| self.set_period(name, "keep_age", text, "1 year"));
        let needs_subject = columns.iter().any(|column| column.quasi_identifier || matches!(column.source, SetSource::CountSubjects))
            || raw.release == Release::Anonymous;
        if raw.subject.is_none() && subject.is_none() {
            let shown = columns.iter().find_map(|column| self.person_shown(column));
            let why = match shown {
                Some(person) => Some(format!("shows a pseudonym of `{person}`")),
                None if needs_subject => Some("counts people".to_owned()),
                None => self.about_people(base, &filter, &columns),
            };
            if let Some(why) = why {
                let message = format!("the set `{name}` {why}, but says not whose rows they are");
                self.problem(&["set", name], message, Some("add `subject`, the path from the base to the category".to_owned()));
            }
        }
        if raw.release == Release::Pseudonymised {
            self.check_who_is_shown(name, subject.as_ref(), &columns);
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
            partition,
            sort,
            after_forgetting,
            rounding: raw.rounding,
            round_to: raw.round_to,
            dominance: dominance(raw),
            keep_versions: raw.keep_versions,
            keep_age,
            reader_grace: reader_grace?,
        })
    }

    /// Refuses a set that shows people and counts others alone: `k` of the others says nothing of those who are shown.
    fn check_who_is_shown(&mut self, name: &str, subject: Option<&(Vec<ReferenceIndex>, CategoryIndex)>, columns: &[SetColumn]) {
        let Some(counted) = subject.map(|(_, category)| self.category_name(*category)) else { return };
        let people = |column| self.person_shown(column).or_else(|| self.person_described(column));
        let shown: Vec<&str> = columns.iter().filter_map(people).collect();
        let Some(first) = shown.first().filter(|_| !shown.contains(&counted.as_str())) else { return };
        let message = format!("the set `{name}` shows people of `{first}`, but counts people of `{counted}`, whom it does not show");
        let hint = format!("name the path to `{first}` in `subject`, or show the pseudonym of `{counted}` as well");
        self.problem(&["set", name, "subject"], message, Some(hint));
    }

    /// The table of a category's people.
    fn category_name(&self, category: CategoryIndex) -> String {
        let table = self.tables.iter().find(|table| table.category == Some(category));
        table.map(|table| table.name().to_owned()).unwrap_or_default()
    }

    /// The table of the people whose key a column shows as a pseudonym: what else stands in its rows is theirs, and can single them out.
    fn person_shown<'a>(&self, column: &'a SetColumn) -> Option<&'a str> {
        let SetSource::Column { generalise: Generalised::Pseudonym { domain, .. }, .. } = &column.source else { return None };
        self.tables.iter().any(|table| table.category.is_some() && table.name() == domain).then_some(domain)
    }

    /// How a set is about people although it neither shows nor counts them: it is chosen by what tells people apart, or by what stands in a
    /// person's own row, or shows that.
    fn about_people(&self, base: TableIndex, filter: &[(Vec<ReferenceIndex>, Condition)], columns: &[SetColumn]) -> Option<String> {
        let asked = filter.iter().find_map(|(path, condition)| {
            let table = &self.tables[path.last().map_or(base, |step| self.references[*step].to)];
            let is_of_person = table.category.is_some() || table.columns[condition.column].class == Class::QuasiIdentifier;
            let column = &table.catalog.columns[condition.column].name;
            is_of_person.then(|| format!("is chosen by `{}.{column}`", table.name()))
        });
        let shown = || {
            let mut sources = columns.iter().flat_map(|column| column.source.columns());
            let table = sources.find(|source| self.tables[source.table].category.is_some())?.table;
            Some(format!("says something of `{}`", self.tables[table].name()))
        };
        asked.or_else(shown)
    }

    /// The table of the people of whom a column says something by which they could be found.
    fn person_described(&self, column: &SetColumn) -> Option<&str> {
        let SetSource::Column { table, .. } = &column.source else { return None };
        let table = &self.tables[*table];
        (column.quasi_identifier && table.category.is_some()).then(|| table.name())
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

    fn check_release(&mut self, name: &str, raw: &RawSet, aggregates: bool, columns: &[SetColumn]) {
        if raw.release != Release::Anonymous {
            return;
        }
        if !aggregates {
            let message = format!("the set `{name}` says `anonymous`, but has a row per row of its base");
            self.problem(&["set", name, "release"], message, Some("aggregate it, or label it `pseudonymised`".to_owned()));
        }
        if raw.small_groups == SmallGroups::SuppressRows {
            let message = format!("the set `{name}` says `anonymous`, so it has no rows to leave out by `suppress_rows`");
            let hint = "with `suppress`, small cells are left out together with what would give them away".to_owned();
            self.problem(&["set", name, "small_groups"], message, Some(hint));
        }
        for column in columns {
            if let SetSource::Measure { measure: Measure::Rank(rank @ (Rank::Least | Rank::Greatest)), .. } = &column.source {
                let word = if *rank == Rank::Least { "least" } else { "greatest" };
                let message =
                    format!("the set `{name}` says `anonymous`, but its column `{}` is the {word} value of somebody", column.name);
                let hint = "publish a `quantile` or a `mean` instead: a minimum or maximum is one person's value".to_owned();
                self.problem(&["set", name, "release"], message, Some(hint));
            }
            let SetSource::Column { generalise, .. } = &column.source else { continue };
            if matches!(generalise, Generalised::Pseudonym { .. }) {
                let message = format!("the set `{name}` says `anonymous`, but its column `{}` is a pseudonym", column.name);
                self.problem(&["set", name, "release"], message, Some("take the column out, or label the set `pseudonymised`".to_owned()));
            }
        }
        self.check_parts(name, raw, columns);
        if raw.closed.is_none() {
            let message = format!("the set `{name}` says `anonymous`, but not which column is its period");
            let is_period = |column: &&SetColumn| matches!(&column.source, SetSource::Column { generalise: Generalised::Period(_), .. });
            let hint = match columns.iter().find(is_period) {
                Some(period) => format!("only closed periods are published: add `closed = \"{}\"`", period.name),
                None => "only closed periods are published: add a column with `as = \"month\"` or another period, and name it in `closed`"
                    .to_owned(),
            };
            self.problem(&["set", name], message, Some(hint));
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
            // An exact mean times the number of rows is the sum before it was rounded.
            if let Some(mean) = raw.columns.iter().find(|column| column.mean.is_some()) {
                let message =
                    format!("the set `{name}` is rounded, and its column `{}` is an exact mean, which gives the sum back", mean.name);
                self.problem(&["set", name, key], message, Some("publish a sum and a count instead".to_owned()));
            }
        }
    }

    fn check_dominance(&mut self, name: &str, raw: &RawSet) {
        let place = ["set", name, "dominance"];
        if raw.dominance.is_some() && raw.release != Release::Anonymous {
            let message = format!("the set `{name}` is `pseudonymised`, and `dominance` is a rule of `anonymous` sets");
            self.problem(&place, message, Some("take `dominance` out".to_owned()));
        }
        if raw.dominance.is_some_and(|percent| percent > 100) {
            let message = format!("the set `{name}` has a `dominance` above 100");
            self.problem(&place, message, Some("percent of the largest contribution: 5, 10, 15 …".to_owned()));
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
