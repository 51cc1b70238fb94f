//! What an explanation says: values for people and machines, without any cell's value.

use serde::Serialize;

use super::FieldLine;
use crate::decide::Outcome;

/// A subject or record and all that is decided about it.
#[derive(Debug, Clone, Serialize)]
pub struct Explained {
    /// The tenant; empty for a store with one controller.
    pub tenant: String,
    /// The category, or `record NAME`.
    pub category: String,
    /// The table of its row.
    pub table: String,
    /// The row's token, as reports name it.
    pub token: String,
    /// The day that is evaluated.
    pub as_of: String,
    /// What happens.
    pub outcome: Outcome,
    /// Why.
    pub reason: String,
    /// The deciding clock's start.
    pub clock_start: Option<String>,
    /// The last day of keeping.
    pub due: Option<String>,
    /// Of `partly`: the last day of the longest duty.
    pub next_due: Option<String>,
    /// Whether something is done tonight.
    pub tonight: bool,
    /// The retention rules; all must have expired.
    pub rules: Vec<RuleLine>,
    /// The purposes that columns serve.
    pub purposes: Vec<PurposeLine>,
    /// What keeps it although its time has come: restriction, holds, blocks.
    pub guards: Vec<GuardLine>,
    /// The duties and holds that keep some of its fields.
    pub protections: Vec<ProtectionLine>,
    /// Rows elsewhere that lead to it or point at it.
    pub rows: Vec<RowsLine>,
    /// Every field.
    pub fields: Vec<FieldLine>,
}

/// One retention rule.
#[derive(Debug, Clone, Serialize)]
pub struct RuleLine {
    /// Its name.
    pub name: String,
    /// The legal basis.
    pub basis: String,
    /// How long, in words: `24 months`, `se.bookkeeping`.
    pub keep: String,
    /// Statute or notice.
    pub source: String,
    /// The clock's start.
    pub clock_start: Option<String>,
    /// The last day of keeping.
    pub due: Option<String>,
    /// What it says: `over`, `not due`, `not started`, `open-ended`, or why it can not be told.
    pub state: String,
}

/// One purpose.
#[derive(Debug, Clone, Serialize)]
pub struct PurposeLine {
    /// Its name.
    pub name: String,
    /// The legal basis.
    pub basis: String,
    /// The notice or statute.
    pub source: String,
    /// `goes on`, or why it has ended.
    pub state: String,
    /// The last day of a period of its own.
    pub due: Option<String>,
    /// The columns that serve it.
    pub columns: Vec<String>,
}

/// A restriction, hold or block.
#[derive(Debug, Clone, Serialize)]
pub struct GuardLine {
    /// `restricted`, `held` or `blocked`, with its reason.
    pub reason: String,
}

/// A duty, or a hold on some fields.
#[derive(Debug, Clone, Serialize)]
pub struct ProtectionLine {
    /// The duty's name, or the hold's reason.
    pub name: String,
    /// How long, in words.
    pub keep: String,
    /// The statute, with the line that counsel confirms it.
    pub statute: String,
    /// The last day, by the document that lasts longest; `None` where it can not be told.
    pub until: Option<String>,
    /// The fields that it keeps.
    pub fields: Vec<String>,
}

/// Rows of another table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowsLine {
    /// The table.
    pub table: String,
    /// How many.
    pub rows: u64,
    /// What the reference means: `owned`, `linked`, `shared`.
    pub kind: String,
    /// How many of them go tonight.
    pub deleted: u64,
}
