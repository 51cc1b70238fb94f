//! Rules as typed: how long something is kept, from when, on which legal basis, and what ends it before.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{OneOrMany, RawCondition};
use crate::pipeline::packs::Base;

/// One retention rule of a category.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawRetention {
    /// A short name, unique in the category; stands in every decision.
    pub name: String,
    /// What starts the period: a date column of the table, `last_activity` (latest over all `activity` columns of the subject and the rows that
    /// reference it), or a list of such columns of referencing tables (`["booking.starts_at"]`), the latest of which counts.
    pub clock: Option<OneOrMany>,
    /// Column that starts the clock for a subject without any date in `clock`. Without it such a subject is `undetermined`.
    pub start: Option<String>,
    /// What it means that there is no date, and no `start` either: `undetermined` (default) or `not_started`: keep, the relation goes on.
    #[serde(default)]
    pub missing: RawMissing,
    /// How long to keep after the clock's start: `6 months`, `90 days`, `3 years`. `open`: until the rule has `ended`; needs a `review`.
    pub keep: Option<String>,
    /// The day that `keep` counts from: the clock's own (`event`, the default), or the end of the fiscal or calendar year that it falls in.
    #[serde(default)]
    pub from: Base,
    /// A retention pack instead of `keep`, for example `se.bookkeeping`, or one per country.
    pub pack: Option<RawPack>,
    /// Of `keep = "open"`: the last day for which somebody has looked at it, `YYYY-MM-DD`. Without it, or past it, the rule is reported.
    pub review: Option<String>,
    /// What ends the rule at once: a withdrawal of consent, an objection.
    pub ended: Option<RawEnded>,
    /// The legal basis that ends with this period.
    pub basis: Option<RawBasis>,
    /// Where the rule stands: a statute or the privacy notice.
    #[serde(default)]
    pub source: String,
}

/// What a clock without a date means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawMissing {
    /// It is not known when the period started: reported, never expired.
    #[default]
    Undetermined,
    /// The period has not started: the subject is kept.
    NotStarted,
}

/// A retention pack, the same everywhere or one per country.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RawPack {
    /// One for all.
    One(String),
    /// ISO 3166 country code → pack. A tenant of another country is not processed.
    ByCountry(BTreeMap<String, String>),
}

/// A legal basis (GDPR article 6(1)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawBasis {
    /// Article 6(1)(a).
    Consent,
    /// Article 6(1)(b).
    Contract,
    /// Article 6(1)(c).
    LegalObligation,
    /// Article 6(1)(d).
    VitalInterests,
    /// Article 6(1)(e).
    PublicTask,
    /// Article 6(1)(f).
    LegitimateInterest,
}

impl RawBasis {
    /// As reports say it: `legitimate interest`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Contract => "contract",
            Self::LegalObligation => "legal obligation",
            Self::VitalInterests => "vital interests",
            Self::PublicTask => "public task",
            Self::LegitimateInterest => "legitimate interest",
        }
    }

    /// The point of GDPR article 6(1) that it stands in.
    pub fn article(self) -> &'static str {
        match self {
            Self::Consent => "GDPR article 6(1)(a)",
            Self::Contract => "GDPR article 6(1)(b)",
            Self::LegalObligation => "GDPR article 6(1)(c)",
            Self::VitalInterests => "GDPR article 6(1)(d)",
            Self::PublicTask => "GDPR article 6(1)(e)",
            Self::LegitimateInterest => "GDPR article 6(1)(f)",
        }
    }
}

/// Rows that say that a purpose has ended: consent withdrawn (GDPR article 7(3)), an objection (article 21).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawEnded {
    /// The table that says so; the category's own (a record's own) where left out. It must reference the category.
    pub table: Option<String>,
    /// Which of its rows speak of this purpose; all of them where left out.
    pub when: Option<RawCondition>,
    /// Date column with the day of the withdrawal. NULL: not withdrawn; a day ahead: not yet. Without it every row that counts says that it ended.
    pub on: Option<String>,
    /// Date column with the day on which consent was given, or given anew: later than the latest withdrawal, it counts again.
    pub given: Option<String>,
}

/// A purpose of processing and what serves it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawPurpose {
    /// A short name, unique in the category.
    pub name: String,
    /// Its legal basis.
    pub basis: RawBasis,
    /// The columns that serve it: of the category's table, or `table.column` of a table that leads to the category.
    pub columns: Vec<String>,
    /// What ends it: a withdrawal, an objection.
    pub ended: Option<RawEnded>,
    /// What starts a period of its own; as in a retention rule.
    pub clock: Option<OneOrMany>,
    /// Column that starts the clock where there is no date in `clock`.
    pub start: Option<String>,
    /// What it means that there is no date.
    #[serde(default)]
    pub missing: RawMissing,
    /// How long after the clock's start.
    pub keep: Option<String>,
    /// The day that `keep` counts from.
    #[serde(default)]
    pub from: Base,
    /// A retention pack instead of `keep`.
    pub pack: Option<RawPack>,
    /// Where it stands: the privacy notice, a statute.
    #[serde(default)]
    pub source: String,
}

/// A suppression list: addresses of people who want no more mail survive their erasure as keyed tokens, so that a later import does not mail them
/// again.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSuppression {
    /// The list's name, unique in the category.
    pub name: String,
    /// The column of the category's table with the address, of class `email` or `phone`.
    pub column: String,
    /// Which rows want no more mail.
    pub when: RawCondition,
    /// Which rows have subscribed anew: their address leaves the list.
    pub renewed: Option<RawCondition>,
}

/// The table with one row per fiscal year. The tenant column is the one of `[tenants]`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawFiscalYears {
    /// The table.
    pub table: String,
    /// Date column with a fiscal year's first day.
    pub starts: String,
    /// Date column with its last day.
    pub ends: String,
}
