//! From the file as typed and the live catalog to a [`Pipeline`], or all problems at once.
//!
//! The order matters only in that later steps need earlier ones: tables and classes, references, categories and the paths that lead to
//! them, treatments, rules, sets. A step that finds a problem leaves a hole and goes on.

mod keyring;
mod outputs;
mod partial;
mod periods;
mod references;
pub(crate) mod rules;
mod sets;
mod tables;
mod treatments;
mod triggers;

use std::str::FromStr;

use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use super::diagnose::Problems;
use super::raw::RawPipeline;
use super::source::{Source, suggestion};
use super::*;
use crate::decide::clocks::FiscalCalendar;
use crate::keys::KeyringSource;
use crate::publish::Location;
use crate::store::Catalog;
use crate::store::postgres::Settings;

pub use outputs::check_outputs;

/// The operational database.
#[derive(Debug, Clone)]
pub enum Database {
    /// A file.
    Sqlite(std::path::PathBuf),
    /// A server's, with how to connect to it.
    Postgres(Box<Settings>),
}

/// Where the pipeline's files and folders stand, with `${…}` expanded and relative paths made relative to the pipeline file's folder.
#[derive(Debug, Clone)]
pub struct Locations {
    /// The operational database.
    pub source: Database,
    /// Where the published sets are.
    pub published: Location,
    /// The local folder in which their versions are made: their own, or for a bucket the one from which they are uploaded.
    pub output: std::path::PathBuf,
    /// Folder of the ledger.
    pub ledger: std::path::PathBuf,
    /// Where the keyring comes from.
    pub keyring: KeyringSource,
    /// The file of the register of legal holds.
    pub holds: std::path::PathBuf,
    /// The lock file.
    pub lock: std::path::PathBuf,
    /// The controller's time zone, for commands that need no store; UTC where the file's is none, which resolving reports.
    pub time_zone: TimeZone,
}

/// Finds the locations; needed before the store can be opened and asked for its catalog.
pub fn locations(
    raw: &RawPipeline,
    source: &Source,
    environment: &dyn Fn(&str) -> Option<String>,
    problems: &mut Problems,
) -> Option<Locations> {
    let mut expanded = |key: &str, text: &str| match super::source::expand(text, environment) {
        Ok(text) => Some(text),
        Err(error) => {
            problems.add(source.span(&["controller", key]), error.reason, Some(error.hint.to_owned()));
            None
        }
    };
    let controller = &raw.controller;
    let url = expanded("source", &controller.source);
    let output = expanded("output", &controller.output);
    let staging = expanded("staging", &controller.staging);
    let ledger = expanded("ledger", &controller.ledger);
    let holds = expanded("holds", &controller.holds);
    let keyring = keyring::source(&controller.keyring, source, environment, problems);
    let url = url?;
    let folder = source.folder();
    let database = if let Some(file) = url.strip_prefix("sqlite:") {
        Database::Sqlite(folder.join(file))
    } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        match Settings::parse(&url, environment) {
            Ok(settings) => Database::Postgres(Box::new(settings)),
            Err(error) => {
                problems.add(source.span(&["controller", "source"]), error.to_string(), Some(error.hint().to_owned()));
                return None;
            }
        }
    } else {
        let hint = "write `sqlite:path/to/file.db` or `postgres://user@host/database`".to_owned();
        problems.add(source.span(&["controller", "source"]), "the source is not a store that gallra knows", Some(hint));
        return None;
    };
    let (published, output) = outputs::output(&output?, &staging?, source, problems)?;
    Some(Locations {
        source: database,
        published,
        output,
        ledger: folder.join(ledger?),
        keyring: keyring?,
        holds: folder.join(holds?),
        lock: super::lock::path_of(&source.path),
        time_zone: TimeZone::get(&controller.time_zone).unwrap_or(TimeZone::UTC),
    })
}

/// Counts, per CHECK of a table, the rows that would fail with constants in place; see [`crate::store::Store::failing_checks`].
pub type CheckRows<'a> = dyn FnMut(&crate::store::Table, &[(usize, Option<String>)]) -> Vec<(usize, u64)> + 'a;

/// Resolves the pipeline. `None` where there were problems (all are in `problems`).
pub fn resolve(
    raw: &RawPipeline,
    source: &Source,
    catalog: &Catalog,
    check_rows: &mut CheckRows<'_>,
    problems: &mut Problems,
) -> Option<Pipeline> {
    let before = problems.list.len();
    let controller = controller(raw, source, problems);
    let approval = Approval::resolve(raw.approval.as_ref(), source, problems);
    let mut resolver = Resolver { raw, source, catalog, problems, tables: Vec::new(), references: Vec::new(), categories: Vec::new() };
    resolver.add_tables();
    resolver.add_references();
    resolver.add_category_tables();
    resolver.add_leads();
    resolver.check_references();
    let tenants = resolver.tenants();
    let fiscal_years = resolver.fiscal_years();
    resolver.add_category_rules();
    let records = resolver.records();
    resolver.add_treatments(&records);
    resolver.check_purposes();
    let duties = resolver.duties();
    let same_person = resolver.same_person();
    let sets = resolver.sets();
    resolver.check_coverage(&records);
    resolver.check_triggers();
    resolver.check_unique_keys();
    resolver.check_personal_keys();
    resolver.check_partial_references();
    resolver.check_brake();
    if resolver.problems.list.len() == before {
        resolver.check_constants(check_rows);
        resolver.check_conditions(check_rows);
        resolver.check_partial_values(check_rows);
    }
    let copied_into = resolver.copied_into();
    let copied_elsewhere = catalog.copying.iter().any(|copying| copying.elsewhere || copying.instead);
    let Resolver { tables, references, categories, problems, .. } = resolver;
    if problems.list.len() > before {
        return None;
    }
    let pipeline = Pipeline {
        file_hash: hash(source.text.as_bytes()),
        lock_hash: String::new(),
        schema_hash: schema_hash(&tables),
        controller: controller?,
        tenants,
        fiscal_years,
        brake: raw.brake.clone(),
        run: raw.run.clone(),
        approval,
        tables,
        references,
        categories,
        records,
        duties,
        same_person,
        sets,
        copied_into,
        copied_elsewhere,
    };
    if pipeline.tenants.is_none()
        && let Some(rule) = crate::snapshot::tenants::without_pack(&pipeline, pipeline.controller.country)
    {
        let message = format!("{rule} names no retention pack for the controller's country {}", pipeline.controller.country.as_str());
        problems.add(source.span(&["controller", "country"]), message, Some("add one to its `pack`".to_owned()));
        return None;
    }
    Some(pipeline)
}

/// SHA-256 in hexadecimal digits.
pub fn hash(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}

fn schema_hash(tables: &[ScopedTable]) -> String {
    let text: Vec<String> = tables.iter().map(|table| format!("{:?}", table.catalog)).collect();
    hash(text.join("\n").as_bytes())
}

fn controller(raw: &RawPipeline, source: &Source, problems: &mut Problems) -> Option<Controller> {
    let controller = &raw.controller;
    let span = |key: &str| source.span(&["controller", key]);
    let country = crate::detect::Country::from_str(&controller.country);
    if country.is_err() {
        let hint = "an ISO 3166 code that gallra knows: `SE`, `DK`, `NO`, `FI`".to_owned();
        problems.add(span("country"), format!("unknown country `{}`", controller.country), Some(hint));
    }
    let mut zone = |key: &str, name: &str| {
        let zone = TimeZone::get(name);
        if zone.is_err() {
            let hint = "an IANA name such as `Europe/Stockholm` or `UTC`".to_owned();
            problems.add(span(key), format!("unknown time zone `{name}`"), Some(hint));
        }
        zone.ok()
    };
    let time_zone = zone("time_zone", &controller.time_zone);
    let timestamps = zone("timestamps", &controller.timestamps);
    let fiscal = FiscalCalendar::from_str(&controller.fiscal_year_end);
    if fiscal.is_err() {
        let hint = "the last day of the fiscal year as `MM-DD`, for example `12-31` or `04-30`".to_owned();
        problems.add(span("fiscal_year_end"), format!("`{}` is not a day of the year", controller.fiscal_year_end), Some(hint));
    }
    if controller.placeholder.is_empty() {
        problems.add(span("placeholder"), "the placeholder is empty", Some("a text such as `XXX`".to_owned()));
    }
    Some(Controller {
        name: controller.name.clone(),
        country: country.ok()?,
        time_zone: time_zone?,
        fiscal: fiscal.ok()?,
        timestamps: timestamps?,
        placeholder: controller.placeholder.clone(),
    })
}

struct Resolver<'a> {
    raw: &'a RawPipeline,
    source: &'a Source,
    catalog: &'a Catalog,
    problems: &'a mut Problems,
    tables: Vec<ScopedTable>,
    references: Vec<Reference>,
    categories: Vec<Category>,
}

impl Resolver<'_> {
    fn problem(&mut self, place: &[&str], message: impl Into<String>, hint: impl Into<Option<String>>) {
        self.problems.add(self.source.span(place), message, hint);
    }

    /// A table in scope by name; a problem at `place` where there is none.
    fn table(&mut self, name: &str, place: &[&str]) -> Option<TableIndex> {
        let in_scope = |table: &ScopedTable| table.out_of_scope.is_none();
        let exactly = self.tables.iter().position(|table| table.name() == name && in_scope(table));
        let found = exactly.or_else(|| self.tables.iter().position(|table| table.name().eq_ignore_ascii_case(name) && in_scope(table)));
        if found.is_none() {
            if self.catalog.table(name).is_some() {
                self.problem(place, format!("the table `{name}` is out of scope"), Some("take it out of `[[out_of_scope]]`".to_owned()));
            } else if self.catalog.views.iter().any(|view| view == name) {
                let hint = "name the tables that it selects from: they hold the rows".to_owned();
                self.problem(place, format!("`{name}` is a view and holds nothing"), Some(hint));
            } else {
                let names: Vec<String> = self.tables.iter().map(|table| table.name().to_owned()).collect();
                self.problem(place, format!("the store has no table `{name}`"), suggestion(name, &names));
            }
        }
        found
    }

    /// A column by name; a problem at `place` where there is none.
    fn column(&mut self, table: TableIndex, name: &str, place: &[&str]) -> Option<ColumnIndex> {
        let found = self.tables[table].catalog.column(name);
        if found.is_none() {
            let names: Vec<String> = self.tables[table].catalog.columns.iter().map(|column| column.name.clone()).collect();
            let message = format!("the table `{}` has no column `{name}`", self.tables[table].name());
            self.problem(place, message, suggestion(name, &names));
        }
        found
    }

    /// A temporal column, for a clock.
    fn clock_column(&mut self, table: TableIndex, name: &str, place: &[&str]) -> Option<ColumnIndex> {
        let column = self.column(table, name, place)?;
        let described = &self.tables[table].catalog.columns[column];
        if !described.data_type.is_temporal() {
            let message =
                format!("`{}.{}` can not start a clock: its type is {}", self.tables[table].name(), described.name, described.declared);
            self.problem(place, message, Some("a clock is a DATE or TIMESTAMP column; for text or numbers that hold dates say `type = \"date\"` or `type = \"timestamp\"` beside the class".to_owned()));
            return None;
        }
        Some(column)
    }

    /// Follows a path of reference names from a table; a problem where a step is none.
    fn path(&mut self, from: TableIndex, steps: &[&str], place: &[&str]) -> Option<(Vec<ReferenceIndex>, TableIndex)> {
        let mut at = from;
        let mut path = Vec::new();
        for step in steps {
            let Some(reference) = self.step(at, step) else {
                self.no_such_step(at, step, place);
                return None;
            };
            path.push(reference);
            at = self.references[reference].to;
        }
        Some((path, at))
    }

    /// Reference names from a table, in scope.
    fn step(&self, from: TableIndex, name: &str) -> Option<ReferenceIndex> {
        let from_here = |reference: &&Reference| reference.from == from && self.tables[reference.to].out_of_scope.is_none();
        let found = |is: &dyn Fn(&str) -> bool| self.references.iter().position(|other| from_here(&other) && is(&other.name));
        found(&|known| known == name).or_else(|| found(&|known| known.eq_ignore_ascii_case(name)))
    }

    /// A path's steps, parted by full stops. A name can have full stops of its own (`crm.customer`): the longest that is a reference's is taken.
    fn steps<'t>(&self, from: TableIndex, text: &'t str) -> Vec<&'t str> {
        let (mut steps, mut at, mut rest) = (Vec::new(), Some(from), text);
        while !rest.is_empty() {
            let mut ends = rest.match_indices('.').map(|(end, _)| end).chain([rest.len()]).rev();
            let known = at.and_then(|at| ends.find_map(|end| Some((end, self.step(at, &rest[..end])?))));
            let end = known.map_or_else(|| rest.find('.').unwrap_or(rest.len()), |(end, _)| end);
            steps.push(&rest[..end]);
            at = known.map(|(_, step)| self.references[step].to);
            rest = rest.get(end + 1..).unwrap_or_default();
        }
        steps
    }

    /// `table.column` in two, where either name can have full stops of its own.
    fn table_and_column<'t>(&self, text: &'t str) -> Option<(&'t str, &'t str)> {
        let parts = |(at, _): (usize, &str)| (&text[..at], &text[at + 1..]);
        let exists = |(table, column): &(&str, &str)| {
            self.tables.iter().any(|scoped| scoped.name().eq_ignore_ascii_case(table) && scoped.catalog.column(column).is_some())
        };
        text.match_indices('.').map(parts).find(exists).or_else(|| text.split_once('.'))
    }

    fn no_such_step(&mut self, at: TableIndex, step: &str, place: &[&str]) {
        let from_here: Vec<String> =
            self.references.iter().filter(|reference| reference.from == at).map(|reference| reference.name.clone()).collect();
        let points_back =
            self.references.iter().any(|reference| reference.to == at && self.tables[reference.from].name().eq_ignore_ascii_case(step));
        let table = self.tables[at].name().to_owned();
        if points_back {
            let message = format!("`{step}` is a step to many: one row of `{table}` has many of `{step}`, so its rows would multiply");
            self.problem(place, message, Some(format!("take `{step}` as the base instead")));
        } else {
            self.problem(place, format!("`{table}` has no reference `{step}`"), suggestion(step, &from_here));
        }
    }

    /// Splits `a.b.column` and follows it.
    fn path_to_column(&mut self, from: TableIndex, text: &str, place: &[&str]) -> Option<(Vec<ReferenceIndex>, TableIndex, ColumnIndex)> {
        let ends = |at: usize, steps: &[&str]| steps.iter().try_fold(at, |at, step| Some(self.references[self.step(at, step)?].to));
        let exists = |(path, column): &(&str, &str)| {
            let at = if path.is_empty() { Some(from) } else { ends(from, &self.steps(from, path)) };
            at.is_some_and(|at| self.tables[at].catalog.column(column).is_some())
        };
        let parts = std::iter::once(("", text)).chain(text.match_indices('.').map(|(at, _)| (&text[..at], &text[at + 1..])));
        let (path, column) = parts.into_iter().find(exists).or_else(|| text.rsplit_once('.')).unwrap_or(("", text));
        let steps = self.steps(from, path);
        let (path, at) = self.path(from, &steps, place)?;
        let column = self.column(at, column, place)?;
        Some((path, at, column))
    }

    fn check_brake(&mut self) {
        if !(self.raw.brake.percent > 0.0 && self.raw.brake.percent <= 100.0) {
            self.problem(&["brake", "percent"], "the brake's `percent` is not between 0 and 100", None);
        }
        if self.raw.brake.times_usual.is_nan() || self.raw.brake.times_usual < 1.0 {
            self.problem(&["brake", "times_usual"], "the brake's `times_usual` is below 1", None);
        }
        if self.raw.run.batch == 0 || self.raw.run.batch > 200_000 {
            self.problem(&["run", "batch"], "`batch` is not between 1 and 200,000", None);
        }
    }
}
