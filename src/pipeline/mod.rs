//! The pipeline: the file as typed ([`raw`]) resolved against the live catalog into a [`Pipeline`], or all of its problems at once.
//!
//! Everything behind this point works with indices into [`Pipeline::tables`] and never looks a name up again.

mod approval;
pub mod diagnose;
mod document;
pub mod lock;
pub mod packs;
pub mod personal_keys;
pub mod raw;
mod reference;
pub mod resolve;
mod rules;
mod scrubbing;
mod set;
pub mod source;
mod taxonomy;
pub mod usage;

use jiff::civil::Date;
use jiff::tz::TimeZone;

pub use approval::{Approval, Approver};
pub use document::{Document, DocumentPath, PathTreatment};
pub use raw::{
    Class, RawAction as Action, RawBasis as Basis, RawDelete as DeleteRule, RawGeneralise as Generalise, RawMissing as MissingClock,
    RawReferenceKind as ReferenceKind,
};
pub use raw::{
    RawAfterForgetting as AfterForgetting, RawPseudonymFormat as PseudonymFormat, RawRelease as Release, RawSmallGroups as SmallGroups,
    Scalar,
};
pub use reference::{Reference, exclusive};
pub use rules::{Duty, Ended, Keep, Purpose, Record, Retention, Suppression};
pub use scrubbing::{Replacement, Scrubbing};
pub use set::{Constant, Formula, Generalised, Measure, Set, SetColumn, SetSource, SourceColumn, Term};
pub use taxonomy::{Taxonomy, TaxonomyFault};

use crate::decide::clocks::{FiscalCalendar, Period};
use crate::detect::{Country, Kind};
use crate::store::Table;

/// Index into [`Pipeline::tables`].
pub type TableIndex = usize;
/// Index into a table's columns.
pub type ColumnIndex = usize;
/// Index into [`Pipeline::references`].
pub type ReferenceIndex = usize;
/// Index into [`Pipeline::categories`].
pub type CategoryIndex = usize;

/// A validated pipeline.
#[derive(Debug, Clone)]
pub struct Pipeline {
    /// SHA-256 of the file's bytes, in hexadecimal digits.
    pub file_hash: String,
    /// SHA-256 of the lock file's bytes.
    pub lock_hash: String,
    /// SHA-256 over the catalog of the tables in scope.
    pub schema_hash: String,
    /// The controller and its defaults.
    pub controller: Controller,
    /// Where tenants stand; `None` for a store with one controller.
    pub tenants: Option<TenantSource>,
    /// Where fiscal years stand one by one.
    pub fiscal_years: Option<FiscalYears>,
    /// When to stop before writing.
    pub brake: raw::RawBrake,
    /// Settings of the run.
    pub run: raw::RawRun,
    /// Who has to approve a saved plan.
    pub approval: Approval,
    /// Tables in scope first, then those out of scope that reference one in scope.
    pub tables: Vec<ScopedTable>,
    /// All references between those tables.
    pub references: Vec<Reference>,
    /// Subject categories.
    pub categories: Vec<Category>,
    /// Record rules.
    pub records: Vec<Record>,
    /// Duties.
    pub duties: Vec<Duty>,
    /// Columns that identify one person across categories, a list per kind of identity.
    pub same_person: Vec<Vec<(CategoryIndex, ColumnIndex)>>,
    /// Published sets.
    pub sets: Vec<Set>,
    /// Tables that triggers of the database write when rows of others are changed or deleted.
    pub copied_into: Vec<TableIndex>,
    /// Whether a trigger or rule of the database may write what can not be seen from its text.
    pub copied_elsewhere: bool,
}

impl Pipeline {
    /// Whether personal keys are replaced, in a table and wherever somebody points at it.
    pub fn rekeys(&self) -> bool {
        self.tables.iter().any(|table| table.columns.iter().any(|column| matches!(column.treatment, Treatment::Rekey(_))))
    }
}

/// The controller and the defaults for its tenants.
#[derive(Debug, Clone)]
pub struct Controller {
    /// Its name.
    pub name: String,
    /// Country whose numbers are read.
    pub country: Country,
    /// Zone in which days begin and end.
    pub time_zone: TimeZone,
    /// The fiscal calendar.
    pub fiscal: FiscalCalendar,
    /// Zone of timestamps that the store keeps without one.
    pub timestamps: TimeZone,
    /// The general placeholder.
    pub placeholder: String,
}

/// Where the tenants stand in the store.
#[derive(Debug, Clone)]
pub struct TenantSource {
    /// The tenant table.
    pub table: TableIndex,
    /// Its key.
    pub key: ColumnIndex,
    /// Country override.
    pub country: Option<ColumnIndex>,
    /// Time zone override.
    pub time_zone: Option<ColumnIndex>,
    /// Fiscal year end override.
    pub fiscal_year_end: Option<ColumnIndex>,
    /// Period overrides: retention rule name → column.
    pub keep: Vec<(String, ColumnIndex)>,
}

/// The table with one row per fiscal year.
#[derive(Debug, Clone, Copy)]
pub struct FiscalYears {
    /// The table.
    pub table: TableIndex,
    /// First day.
    pub starts: ColumnIndex,
    /// Last day.
    pub ends: ColumnIndex,
}

/// A table that the run reads.
#[derive(Debug, Clone)]
pub struct ScopedTable {
    /// As the store describes it.
    pub catalog: Table,
    /// `None` in scope; otherwise the reason for being out of scope (only its reference columns are read).
    pub out_of_scope: Option<String>,
    /// Per catalog column, in order.
    pub columns: Vec<ScopedColumn>,
    /// The column that carries the tenant.
    pub tenant: Option<ColumnIndex>,
    /// The category whose subjects are this table's rows.
    pub category: Option<CategoryIndex>,
    /// To which categories its rows lead, nearest paths only; empty for category tables themselves.
    pub leads: Vec<Lead>,
    /// Columns that name a row: the primary key, or all columns of a table without one.
    pub key: Vec<ColumnIndex>,
}

impl ScopedTable {
    /// The table's name.
    pub fn name(&self) -> &str {
        &self.catalog.name
    }
}

/// A path from a table to a category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lead {
    /// The references, from the table to the category's.
    pub path: Vec<ReferenceIndex>,
    /// The category reached.
    pub category: CategoryIndex,
    /// Whether every step is `owned`: the row goes with the subject.
    pub owned: bool,
}

/// A column with its class and treatment.
#[derive(Debug, Clone)]
pub struct ScopedColumn {
    /// The paths in its documents that the file names, whatever happens to what stands there.
    pub paths: Vec<crate::kernels::json::Path>,
    /// What it holds.
    pub class: Class,
    /// What happens to a cell whose time has come.
    pub treatment: Treatment,
    /// Indices into the table's `leads`: whose data it is. Several only where no row has two of them, because another column or a prefix says
    /// whose it is. None for category tables (the row's own) and for tables with record rules alone.
    pub owners: Vec<usize>,
    /// For the data dictionary.
    pub description: String,
}

impl ScopedColumn {
    /// Whether the cells of rows that lead along one of the table's `leads`, or along none, go with whom they lead to.
    pub fn goes_with(&self, lead: Option<usize>) -> bool {
        lead.map_or(self.owners.is_empty(), |lead| self.owners.contains(&lead))
    }
}

/// What happens to a cell whose time has come.
#[derive(Debug, Clone, PartialEq)]
pub enum Treatment {
    /// Stays.
    Keep,
    /// Becomes NULL.
    Null,
    /// Becomes a constant of the column's type.
    Constant(Scalar),
    /// Becomes a replacement derived from the row's key.
    Derived(Shape),
    /// Personal data in the text is replaced.
    Scrub(Scrubbing),
    /// A date becomes the first day of its period.
    Period(PeriodKind),
    /// The first characters stay.
    Prefix(usize),
    /// A personal key: the row and all who point at it get a new one.
    Rekey(Shape),
    /// Values at paths inside a JSON document are treated, each in its own way.
    Document(Document),
}

impl Treatment {
    /// Whether texts are scrubbed, which needs to know whose they are.
    pub fn scrubs(&self) -> bool {
        match self {
            Self::Scrub(_) => true,
            Self::Document(document) => document.scrubs(),
            _ => false,
        }
    }

    /// Whether names of anyone are replaced in texts, which needs to know the tenant's people.
    pub fn scrubs_names(&self) -> bool {
        let names = |scrubbing: &Scrubbing| scrubbing.kinds.contains(Kind::Name);
        match self {
            Self::Scrub(scrubbing) => names(scrubbing),
            Self::Document(document) => document.scrubbings().any(names),
            _ => false,
        }
    }
}

/// The form of a derived replacement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// The placeholder, a hyphen and letters and digits.
    Text,
    /// An e-mail address that ends in `.invalid`.
    Email,
    /// Digits only.
    Digits,
    /// A whole number.
    Integer,
    /// A number that fits precision and scale, not below 0.
    Decimal {
        /// Digits in all.
        precision: u8,
        /// Digits after the point.
        scale: u8,
    },
    /// A UUID.
    Uuid,
    /// Sixteen bytes.
    Bytes,
}

/// A calendar period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeriodKind {
    /// Calendar year.
    Year,
    /// Calendar quarter.
    Quarter,
    /// Calendar month.
    Month,
    /// Monday to Sunday.
    Week,
    /// A day.
    Day,
}

/// A subject category.
#[derive(Debug, Clone)]
pub struct Category {
    /// Its name.
    pub name: String,
    /// For the record of processing.
    pub description: String,
    /// Its table.
    pub table: TableIndex,
    /// Rows that are natural persons by a flag.
    pub person_when: Option<Condition>,
    /// Company number that may be a personal one.
    pub company_number: Option<ColumnIndex>,
    /// Retention rules; all must have expired.
    pub retention: Vec<Retention>,
    /// Purposes whose columns go before their subject.
    pub purposes: Vec<Purpose>,
    /// Suppression lists.
    pub suppressions: Vec<Suppression>,
    /// Legal holds.
    pub holds: Vec<Hold>,
    /// Restrictions.
    pub restrictions: Vec<Hold>,
    /// Blocking conditions.
    pub blocks: Vec<Hold>,
    /// Whether unlinked rows are deleted.
    pub delete: DeleteRule,
}

/// A condition on a column of one row.
#[derive(Debug, Clone)]
pub struct Condition {
    /// The column.
    pub column: ColumnIndex,
    /// The tests; all must hold.
    pub tests: Vec<Test>,
}

/// One test of a condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// The value is one of these.
    Is(Vec<Scalar>),
    /// The value is none of these; NULL is none of them.
    IsNot(Vec<Scalar>),
    /// The value is NULL, or is not.
    Null(bool),
    /// The number is above, the day or instant is after.
    Above(Scalar),
    /// The number is below, the day or instant is before.
    Below(Scalar),
}

/// A hold, a restriction or a block: rows that say that a subject is not to be erased.
#[derive(Debug, Clone)]
pub struct Hold {
    /// The table that says so.
    pub table: TableIndex,
    /// Index into that table's leads; `None` where it is the category's own table.
    pub lead: Option<usize>,
    /// Which rows count.
    pub when: Option<Condition>,
    /// Last day; NULL means until released.
    pub until: Option<ColumnIndex>,
    /// The columns that it keeps, of the category's table and of tables that lead to it; empty where it keeps the whole subject.
    pub fields: Vec<(TableIndex, ColumnIndex)>,
    /// Of a block: whether it also keeps what a purpose that has ended would erase.
    pub purposes: bool,
    /// Why.
    pub reason: String,
}

/// A tenant as one run sees it.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Its key as text; `""` for a store with one controller.
    pub name: String,
    /// Country whose numbers are read.
    pub country: Country,
    /// Zone in which its days begin and end.
    pub time_zone: TimeZone,
    /// Its fiscal calendar.
    pub fiscal: FiscalCalendar,
    /// The day that the run evaluates, in the tenant's zone.
    pub as_of: Date,
    /// Periods of its own, by retention rule name.
    pub keep: Vec<(String, Period)>,
}

impl Tenant {
    /// Its day, in days since 1970-01-01.
    pub fn today(&self) -> i32 {
        crate::decide::clocks::day_of_date(self.as_of)
    }
}
