//! Published sets, as typed.

use schemars::JsonSchema;
use serde::Deserialize;

use super::RawCondition;

/// A published set.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSet {
    /// One row per row of this table (or per group of them).
    pub base: String,
    /// `pseudonymised` or `anonymous`; only aggregates without pseudonyms may be `anonymous`.
    pub release: RawRelease,
    /// What the set is, for the data dictionary.
    #[serde(default)]
    pub description: String,
    /// Pseudonyms of one purpose join; those of two purposes do not.
    #[serde(default = "default_purpose")]
    pub purpose: String,
    /// Path along references from the base to the data subject (`sales_order.customer`). Needed for `k` and `count_subjects`.
    pub subject: Option<String>,
    /// Which rows of the base are in the set. All must hold.
    #[serde(default, rename = "where")]
    pub filter: Vec<RawCondition>,
    /// The columns, in order. Where one aggregates, the others are the groups.
    pub columns: Vec<RawSetColumn>,
    /// Smallest number of distinct subjects per combination of quasi-identifiers (or per cell of an aggregate).
    #[serde(default = "default_k")]
    pub k: u32,
    /// What happens to rows in groups smaller than `k`.
    #[serde(default)]
    pub small_groups: RawSmallGroups,
    /// Aggregates: the column with the period; only closed periods are published.
    pub closed: Option<String>,
    /// Anonymous sets: counts are rounded to the nearest multiple of this number.
    pub rounding: Option<u32>,
    /// Anonymous sets: sums are rounded to the nearest multiple of so many whole units of their column.
    pub round_to: Option<u32>,
    /// How many versions are kept at least, whatever their age.
    #[serde(default = "default_keep_versions")]
    pub keep_versions: usize,
    /// How long a replaced version stays for its readers.
    #[serde(default = "default_reader_grace")]
    pub reader_grace: String,
}

fn default_purpose() -> String {
    "analytics".into()
}
fn default_k() -> u32 {
    5
}
fn default_keep_versions() -> usize {
    1
}
fn default_reader_grace() -> String {
    "7 days".into()
}

/// What a set promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawRelease {
    /// Still personal data (GDPR article 4(5)): pseudonyms, no direct identifiers.
    Pseudonymised,
    /// Aggregates without pseudonyms that pass the disclosure checks.
    Anonymous,
}

/// What happens to rows in groups smaller than `k`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawSmallGroups {
    /// Their quasi-identifiers become NULL (event sets); the cell and a complement are left out (aggregates).
    #[default]
    Suppress,
    /// Their quasi-identifiers are made coarser one step at a time, then suppressed.
    Generalise,
    /// The set is not published.
    Refuse,
}

/// A column of a set.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawSetColumn {
    /// Its name in the set.
    pub name: String,
    /// The column of the store, along references from the base: `quantity`, `sales_order.customer.postcode`.
    pub path: Option<String>,
    /// How it is published.
    #[serde(rename = "as")]
    pub generalise: RawGeneralise,
    /// With `as = "prefix"`: characters that stay.
    pub length: Option<usize>,
    /// With `as = "band"` or `"age_band"`: the band's width.
    pub width: Option<u32>,
    /// Aggregate: the sum of this column.
    pub sum: Option<String>,
    /// Aggregate: the number of rows.
    pub count: Option<bool>,
    /// Aggregate: the number of distinct subjects.
    pub count_subjects: Option<bool>,
    /// Counts as a quasi-identifier for `k`; columns of that class always do.
    pub quasi_identifier: Option<bool>,
    /// What the column means, for the data dictionary.
    #[serde(default)]
    pub description: String,
}

/// How a column is published.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawGeneralise {
    /// As it is: amounts, activity and plain columns.
    #[default]
    Value,
    /// A keyed pseudonym: keys and references.
    Pseudonym,
    /// The year.
    Year,
    /// The quarter.
    Quarter,
    /// The month.
    Month,
    /// The first `length` characters.
    Prefix,
    /// A number's band of `width`.
    Band,
    /// The age in bands of `width` years on the day that the run evaluates.
    AgeBand,
}
