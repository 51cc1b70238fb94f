//! Published sets, as typed.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{RawCondition, Scalar};

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
    /// Path along references from the base to the data subject (`sales_order.customer`). Needed for `k` and
    /// `count_subjects`, and where a subject's pseudonym is among the columns; left out, the rows of a subject category's own table are its people's.
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
    /// The column by whose values the files are parted into folders: one with `as = "month"` or another period, or a date.
    pub partition: Option<String>,
    /// The columns by which the rows of a file are sorted, the most filtered first; all of them, in their order, where left out.
    #[serde(default)]
    pub sort: Vec<String>,
    /// What stays of a subject's rows after it was forgotten. Only with a pseudonym of the `subject` among the columns.
    pub after_forgetting: Option<RawAfterForgetting>,
    /// Anonymous sets: counts are rounded to the nearest multiple of this number.
    pub rounding: Option<u32>,
    /// Anonymous sets: sums are rounded to the nearest multiple of so many whole units of their column.
    pub round_to: Option<u32>,
    /// Anonymous sets: a cell is left out where whoever contributes second most to a sum or mean could estimate the largest contribution to within
    /// so many percent (the p % rule). 10 where left out; 0 turns it off.
    pub dominance: Option<u32>,
    /// How many versions are kept at least, whatever their age.
    #[serde(default = "default_keep_versions")]
    pub keep_versions: usize,
    /// Versions older than this period go although `keep_versions` would keep them: `1 year`. The latest one stays.
    pub keep_age: Option<String>,
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
    /// The rows are left out (event sets).
    SuppressRows,
    /// Their quasi-identifiers are made coarser one step at a time, then suppressed.
    Generalise,
    /// The set is not published.
    Refuse,
}

impl RawSmallGroups {
    /// As it is typed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Suppress => "suppress",
            Self::SuppressRows => "suppress_rows",
            Self::Generalise => "generalise",
            Self::Refuse => "refuse",
        }
    }
}

/// What stays of a subject's rows in a set after it was forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawAfterForgetting {
    /// Its pseudonym: the rows of one person remain those of one pseudonym.
    #[default]
    KeepPseudonym,
    /// A random pseudonym that no key derives, another one in each partition, drawn when the partition is rewritten.
    Unlink,
}

/// How a pseudonym is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawPseudonymFormat {
    /// 32 hexadecimal digits.
    #[default]
    Hex,
    /// A UUID.
    Uuid,
    /// 26 letters and digits.
    Base32,
    /// A whole number of 64 bits.
    Int64,
}

/// A column of a set.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawSetColumn {
    /// Its name in the set.
    pub name: String,
    /// The column of the store, along references from the base: `quantity`, `sales_order.customer.postcode`.
    pub path: Option<String>,
    /// An amount reckoned from columns of numbers, exactly: `quantity * price`, with `+`, `-`, `*`, parentheses and numbers.
    pub amount: Option<String>,
    /// The same value in every row: `"SEK"`, `7`, `true`; of another type with `cast`.
    pub constant: Option<Scalar>,
    /// The type that the cells are cast to: `integer`, `decimal(12,2)`, `float`, `text`, `date`, `timestamp` or `boolean`. A cell that can not be
    /// cast stops the set.
    pub cast: Option<String>,
    /// How it is published.
    #[serde(rename = "as")]
    pub generalise: RawGeneralise,
    /// With `as = "pseudonym"`: how it is written; `hex` where left out.
    pub format: Option<RawPseudonymFormat>,
    /// With `as = "prefix"`: characters that stay.
    pub length: Option<usize>,
    /// With `as = "band"` or `"age_band"`: the band's width.
    pub width: Option<u32>,
    /// With `as = "band"` or `"age_band"`, instead of `width`: where bands begin. `[18, 65]` gives `<18`, `18-64` and `≥65`.
    pub bounds: Option<Vec<i64>>,
    /// With `as = "taxonomy"`: a CSV file, relative to this one, with the columns `value`, `level1`, `level2` …, from fine to coarse.
    pub taxonomy: Option<String>,
    /// With `as = "taxonomy"`: the level that is published; 1 where left out.
    pub level: Option<usize>,
    /// Aggregate: the sum of this column or amount.
    pub sum: Option<String>,
    /// Aggregate: the least of this column or amount. Never in an `anonymous` set: it is one person's value.
    pub min: Option<String>,
    /// Aggregate: the greatest of this column or amount. Never in an `anonymous` set: it is one person's value.
    pub max: Option<String>,
    /// Aggregate: the mean of this column or amount, with four digits more after the point, rounded half to even.
    pub mean: Option<String>,
    /// Aggregate: a quantile of this column or amount, `{ of = "amount", at = 0.5 }`, which is always one of its values.
    pub quantile: Option<RawQuantile>,
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

impl RawSetColumn {
    /// Whether it says something of many rows, so that the set has a row per group of them.
    pub fn is_aggregate(&self) -> bool {
        let measures = [&self.sum, &self.min, &self.max, &self.mean];
        measures.iter().any(|measure| measure.is_some())
            || self.quantile.is_some()
            || self.count == Some(true)
            || self.count_subjects == Some(true)
    }
}

/// A quantile.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawQuantile {
    /// The column or amount.
    pub of: String,
    /// The share of rows at or below it, between 0 and 1: 0.5 is the median.
    pub at: f64,
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
    /// The week, from Monday.
    Week,
    /// The day: of a timestamp the date.
    Day,
    /// The first `length` characters.
    Prefix,
    /// A number's band of `width`, or between `bounds`.
    Band,
    /// The age in bands of `width` years, or between `bounds`, on the day that the run evaluates.
    AgeBand,
    /// What a `taxonomy` says of the value; NULL where it says nothing.
    Taxonomy,
}
