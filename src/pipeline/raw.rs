//! The pipeline file as typed: a serde mirror of the TOML, nothing resolved, nothing checked against a store.
//!
//! `gallra schema` prints the JSON Schema of [`RawPipeline`]; the doc comments here are what an editor shows.
//! [`super::resolve`] turns this and the live catalog into a [`super::Pipeline`].

mod approval;
mod column;
mod keyring;
mod output;
mod path;
mod rule;
mod scrub;
mod set;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::packs::Base;

pub use approval::{RawApproval, RawApprover};
pub use column::{Class, RawColumn, RawColumnSettings, RawForget, RawHolds};
pub use keyring::{RawKeyring, RawKeyringTable};
pub use output::{RawAllowedOutput, RawAllowedPlace};
pub use path::{RawPath, RawPathSettings};
pub use rule::{RawBasis, RawEnded, RawFiscalYears, RawMissing, RawPack, RawPurpose, RawRetention, RawSuppression};
pub use scrub::{RawScrub, RawScrubbing};
pub use set::{RawAfterForgetting, RawGeneralise, RawPseudonymFormat, RawQuantile, RawRelease, RawSet, RawSetColumn, RawSmallGroups};

/// A gallra pipeline: whose data, how long, what happens to it, and what is published.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawPipeline {
    /// The controller (personuppgiftsansvarig) and the defaults for all of its tenants.
    pub controller: RawController,
    /// Where the tenants of a shared database stand. Without this table the whole database is one controller's.
    pub tenants: Option<RawTenants>,
    /// Where fiscal years stand one by one: for broken, shortened and extended ones.
    pub fiscal_years: Option<RawFiscalYears>,
    /// When to stop before writing because unusually many would be forgotten.
    #[serde(default)]
    pub brake: RawBrake,
    /// Settings of the nightly run.
    #[serde(default)]
    pub run: RawRun,
    /// Who has to approve a saved plan before it is executed. Without this table a run needs nobody's approval.
    pub approval: Option<RawApproval>,
    /// Subject categories: the tables whose rows are people, and their retention rules.
    #[serde(default)]
    pub category: BTreeMap<String, RawCategory>,
    /// Record tables with a retention clock of their own: logs, chats, tickets, messages.
    #[serde(default)]
    pub record: BTreeMap<String, RawRecord>,
    /// Statutory duties to keep data, for example bookkeeping. The longest duty wins per field.
    #[serde(default)]
    pub duty: BTreeMap<String, RawDuty>,
    /// What kind each reference is, and the references that the database does not declare.
    #[serde(default)]
    pub reference: Vec<RawReference>,
    /// Lists of columns that identify one person across categories: equal values are one person, and the longest period wins.
    #[serde(default)]
    pub same_person: Vec<Vec<String>>,
    /// Tables that hold no personal data, each with the reason.
    #[serde(default)]
    pub out_of_scope: Vec<RawOutOfScope>,
    /// Triggers and rules of the database of which somebody knows that they copy no personal data to where it stays.
    #[serde(default)]
    pub trigger: Vec<RawTrigger>,
    /// Column classes by pattern: `"*_phone" = "phone"` or `"invoice.*_total" = "amount"`. A column's own line in `[table.…]` wins.
    #[serde(default)]
    pub classes: BTreeMap<String, RawColumn>,
    /// Column classes by table: `[table.customer]`, then `email = "email"`.
    #[serde(default)]
    pub table: BTreeMap<String, BTreeMap<String, RawColumn>>,
    /// The published sets.
    #[serde(default)]
    pub set: BTreeMap<String, RawSet>,
}

/// The controller and the defaults for its tenants.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawController {
    /// The company's name, for reports.
    pub name: String,
    /// The operational database: `sqlite:path/to/file.db`, or `postgres://user@host/database` (what the URL leaves out comes from libpq's
    /// environment variables, the password best from `~/.pgpass`). `${NAME}` and `${NAME:-default}` are taken from the environment.
    pub source: String,
    /// ISO 3166 country code: decides how phone and identity numbers are read.
    pub country: String,
    /// IANA time zone in which days begin and end, for example `Europe/Stockholm`.
    pub time_zone: String,
    /// Last day of the fiscal year as `MM-DD`.
    #[serde(default = "default_fiscal_year_end")]
    pub fiscal_year_end: String,
    /// The zone in which the database's timestamps without a zone are written.
    #[serde(default = "default_utc")]
    pub timestamps: String,
    /// What replaces a mandatory field, the same for everyone.
    #[serde(default = "default_placeholder")]
    pub placeholder: String,
    /// Folder of the published sets, relative to this file; or `s3://bucket/prefix`, `gs://bucket/prefix` or `az://container/prefix`. Credentials
    /// and endpoint come from the provider's environment variables, such as AWS_ACCESS_KEY_ID and AWS_ENDPOINT_URL.
    #[serde(default = "output::default_output")]
    pub output: String,
    /// Folder in which the sets for a bucket are made before they are uploaded, relative to this file.
    #[serde(default = "output::default_staging")]
    pub staging: String,
    /// Folder of the ledger, relative to this file. It must outlive the longest backup.
    #[serde(default = "default_ledger")]
    pub ledger: String,
    /// Where the keyring comes from: a file, relative to this file; `{ env = "NAME" }`, an environment variable that holds its text; or
    /// `{ command = ["program", "argument"] }`, a command that prints it.
    #[serde(default)]
    pub keyring: RawKeyring,
    /// The file with gallra's own register of legal holds, relative to this file. Keep copies of it where the ledger's copies are.
    #[serde(default = "default_holds")]
    pub holds: String,
}

fn default_fiscal_year_end() -> String {
    "12-31".into()
}
fn default_utc() -> String {
    "UTC".into()
}
fn default_placeholder() -> String {
    "XXX".into()
}
fn default_ledger() -> String {
    "ledger".into()
}
fn default_holds() -> String {
    "holds/holds.json".into()
}

/// Where the tenants stand in the store. Column names; a NULL cell means the controller's default.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawTenants {
    /// The table with one row per tenant.
    pub table: String,
    /// Its key column.
    pub key: String,
    /// The column that carries the tenant in the other tables.
    pub column: String,
    /// Column with the tenant's ISO 3166 country code.
    pub country: Option<String>,
    /// Column with the tenant's IANA time zone.
    pub time_zone: Option<String>,
    /// Column with the last day of the tenant's fiscal year as `MM-DD`.
    pub fiscal_year_end: Option<String>,
    /// Retention periods that a tenant sets itself: rule name → column with a period such as `12 months`.
    #[serde(default)]
    pub keep: BTreeMap<String, String>,
}

/// The brake: stop before writing, and ask for `--confirm COUNT`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawBrake {
    /// Percent of a category's subjects that one run may forget.
    pub percent: f64,
    /// How many times the usual number one run may forget.
    pub times_usual: f64,
    /// Counts up to this many never trip the brake.
    pub at_least: u64,
}

impl Default for RawBrake {
    fn default() -> Self {
        Self { percent: 5.0, times_usual: 3.0, at_least: 10 }
    }
}

/// Settings of the nightly run.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawRun {
    /// Subjects per write-back transaction.
    pub batch: usize,
    /// After how many days of being skipped a subject makes the run end with exit code 1.
    pub skipped_days: u32,
    /// PostgreSQL: how many connections read the snapshot, and write batches that have nothing to do with each other, side by side.
    pub connections: usize,
    /// PostgreSQL: for how many minutes the snapshot may stay open; as long as it is, VACUUM can not remove what died after it began.
    pub snapshot_minutes: u64,
    /// PostgreSQL: for how many seconds a lock is waited for before the batch is begun anew.
    pub lock_seconds: u64,
    /// PostgreSQL: for how many seconds one statement may run; 0 for as long as it takes.
    pub statement_seconds: u64,
    /// How many megabytes the names of a tenant's people may take, whom free texts are searched for; where they take more, the rarest are left
    /// out. 0 to search for nobody but the linked subject and whoever a text itself shows to be a person.
    pub names_megabytes: u32,
    /// The folders and buckets that a run may write its sets and its ledger to, with everything below them; anywhere where left out. A run, a
    /// plan and a check that would write elsewhere are refused.
    pub allowed_outputs: Option<Vec<RawAllowedOutput>>,
}

impl Default for RawRun {
    fn default() -> Self {
        Self {
            batch: 20_000,
            skipped_days: 14,
            connections: 2,
            snapshot_minutes: 120,
            lock_seconds: 10,
            statement_seconds: 0,
            names_megabytes: 8,
            allowed_outputs: None,
        }
    }
}

/// A subject category: a table whose rows are people.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCategory {
    /// The table with one row per subject.
    pub table: String,
    /// What the category is, for the record of processing.
    #[serde(default)]
    pub description: String,
    /// Which rows are natural persons. Without it every row is one. A sole trader (enskild firma) is a natural person.
    pub natural_person: Option<RawNaturalPerson>,
    /// Retention rules. ALL must have expired. A category without rules is an error.
    #[serde(default)]
    pub retention: Vec<RawRetention>,
    /// Purposes of processing with their legal bases, and the columns that serve them: a column goes when all its purposes have ended, although
    /// the subject stays.
    #[serde(default)]
    pub purpose: Vec<RawPurpose>,
    /// Suppression lists: what stays of an unsubscribed address, as a keyed token, when its subject is erased.
    #[serde(default)]
    pub suppression: Vec<RawSuppression>,
    /// Legal holds: the subject is not erased while one applies.
    #[serde(default)]
    pub hold: Vec<RawHold>,
    /// Restriction of processing (GDPR article 18): neither erased nor published.
    #[serde(default)]
    pub restriction: Vec<RawHold>,
    /// Conditions that block erasure: open orders, unpaid invoices.
    #[serde(default)]
    pub block: Vec<RawBlock>,
    /// `unlinked` (default): delete the row where nothing references it, anonymise it otherwise. `never`: always anonymise.
    #[serde(default)]
    pub delete: RawDelete,
}

/// Whether a row without links is deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawDelete {
    /// Delete the row where nothing references it.
    #[default]
    Unlinked,
    /// Always anonymise.
    Never,
}

/// Which rows of a category are natural persons.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawNaturalPerson {
    /// The rows that are natural persons.
    pub when: Option<RawCondition>,
    /// A column with a company number: where it is in fact a personal identity number, the row is a sole trader and so a natural person.
    pub company_number: Option<String>,
}

/// A string or a list of strings.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    /// The strings, whichever way they were written.
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// A condition on one column of a row. All given tests must hold.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawCondition {
    /// The column, or in a set's `where` a path along references.
    pub column: String,
    /// The value is one of these.
    pub is: Option<Vec<Scalar>>,
    /// The value is none of these (NULL is none of these).
    pub is_not: Option<Vec<Scalar>>,
    /// The value is NULL (`true`) or is not (`false`).
    pub null: Option<bool>,
    /// The number is above this, or the day or instant after it.
    pub above: Option<Scalar>,
    /// The number is below this, or the day or instant before it.
    pub below: Option<Scalar>,
}

/// A value in a condition.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Scalar {
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

impl std::fmt::Display for Scalar {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Boolean(value) => value.fmt(formatter),
            Self::Integer(number) => number.fmt(formatter),
            Self::Number(number) => number.fmt(formatter),
            Self::Text(text) => text.fmt(formatter),
        }
    }
}

/// A legal hold or a restriction: where it stands in the store.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawHold {
    /// The table that says so; the category's own table where left out. It must reference the category.
    pub table: Option<String>,
    /// Which of its rows count; all of them where left out.
    pub when: Option<RawCondition>,
    /// Date column with the last day of the hold. NULL means until released.
    pub until: Option<String>,
    /// The columns that the hold keeps, of the category's table or `table.column` and `table.*` of tables that lead to it; the whole subject where
    /// left out.
    #[serde(default)]
    pub fields: Vec<String>,
    /// A hold keeps what ended purposes would erase as well; a block says so itself.
    #[serde(skip, default = "default_true")]
    pub purposes: bool,
    /// Why, in words, for the report (never personal data).
    pub reason: String,
}

/// A condition that blocks erasure.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawBlock {
    /// The table that says so; the category's own table where left out. It must reference the category.
    pub table: Option<String>,
    /// Which of its rows block.
    pub when: RawCondition,
    /// Why, in words, for the report: `unpaid invoice`.
    pub reason: String,
    /// Whether it also keeps what a purpose that has ended would erase. An access request does; an unpaid invoice need not.
    #[serde(default = "default_true")]
    pub purposes: bool,
}

fn default_true() -> bool {
    true
}

/// A record table with a clock of its own.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawRecord {
    /// The table.
    pub table: String,
    /// What it is, for the record of processing.
    #[serde(default)]
    pub description: String,
    /// The date column that starts the period, or a path along references (`customer.relation_ended_on`).
    pub clock: String,
    /// What it means that there is no date: `undetermined` (default) or `not_started`: keep, the relation goes on.
    #[serde(default)]
    pub missing: RawMissing,
    /// How long to keep after the clock's start.
    pub keep: Option<String>,
    /// The day that `keep` counts from: the clock's own (`event`, the default), or the end of the fiscal or calendar year that it falls in.
    #[serde(default)]
    pub from: Base,
    /// A retention pack instead of `keep`, one for all or one per country.
    pub pack: Option<RawPack>,
    /// What ends the period at once: a withdrawal or an objection, in the record's table or in one that leads to the same category.
    pub ended: Option<RawEnded>,
    /// `delete` the row or `anonymise` its personal columns.
    pub action: RawAction,
    /// The legal basis that ends with this period.
    pub basis: Option<RawBasis>,
    /// Where the rule stands: a statute or the privacy notice.
    #[serde(default)]
    pub source: String,
}

/// What happens to an expired record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawAction {
    /// The row is deleted; refused where a `linked` reference points at the table.
    Delete,
    /// The row stays, its personal columns are treated.
    Anonymise,
}

/// A statutory duty to keep data.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawDuty {
    /// The table whose rows are under the duty (the documents).
    pub table: String,
    /// The date column that starts the period.
    pub clock: String,
    /// A retention pack such as `se.bookkeeping`, or one per country: `{ SE = "se.bookkeeping", NO = "no.bookkeeping" }`.
    pub pack: Option<RawPack>,
    /// Or a plain period.
    pub keep: Option<String>,
    /// The day that `keep` counts from: the clock's own (`event`, the default), or the end of the fiscal or calendar year that it falls in.
    #[serde(default)]
    pub from: Base,
    /// Which rows are under the duty; all where left out.
    pub when: Option<RawCondition>,
    /// The columns that stay: of the table itself (`buyer_name`) or along references (`customer.name`).
    pub protects: Vec<String>,
}

/// The kind of a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawReferenceKind {
    /// A business event: keeps the subject from deletion. The default for every declared foreign key.
    Linked,
    /// Goes with the subject: deleted when it is deleted, cleared when it is anonymised.
    Owned,
    /// The row pointed at is shared by several: erased with its last pointer.
    Shared,
}

/// A reference from one table to another.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawReference {
    /// The table that points.
    pub table: String,
    /// Its columns. For a foreign key that the database declares, this finds it.
    pub columns: Vec<String>,
    /// The table pointed at; needed where the database does not declare the reference.
    pub to: Option<String>,
    /// The columns pointed at; the primary key where left out.
    pub to_columns: Option<Vec<String>>,
    /// What the reference means for erasure.
    pub kind: RawReferenceKind,
    /// Only rows of which these columns hold these values have the reference: `{ owner_type = "party" }`. The others point elsewhere.
    #[serde(default)]
    pub when: BTreeMap<String, Scalar>,
    /// Only texts that begin with this have the reference, and the key is what follows: `"party.party,"`. The others point elsewhere.
    pub prefix: Option<String>,
    /// Its name in paths; the table pointed at where left out (the column where several point there).
    pub name: Option<String>,
    /// For a `shared` reference that can not be NULL: the key of the row to point at when the subject leaves.
    pub placeholder_row: Option<Vec<Scalar>>,
}

/// A trigger or rule that may run when gallra writes, although it can not be seen what it copies.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawTrigger {
    /// The table that it is on.
    pub table: String,
    /// Its name.
    pub name: String,
    /// Why it copies no personal data to where it stays.
    pub reason: String,
}

/// Tables that hold no personal data.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawOutOfScope {
    /// Table names or patterns.
    pub tables: Vec<String>,
    /// Why.
    pub reason: String,
}
