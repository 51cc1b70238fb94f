//! gallra's own small tables in the store: the journal of what was forgotten, and the head of the ledger.
//!
//! An entry is written in the transaction that treats its row. It makes a killed run resumable and a repeated run a no-op, and tells a
//! restored store from a living one. It holds tokens under a key of its own, never an identifier.

/// One row that was forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// The tenant; `""` for a store with one controller.
    pub tenant: String,
    /// The table of the row.
    pub table: String,
    /// The row's token under the journal's key: 32 hexadecimal digits.
    pub token: String,
    /// The run and batch that wrote it: `<run id>/<number>`.
    pub batch: String,
    /// What was done: `delete`, `anonymise` or `partly`.
    pub outcome: String,
    /// The clock's start (ISO date) that the decision rested on.
    pub clock_start: Option<String>,
    /// The row's version after the write: 32 hexadecimal digits; empty for a deleted row.
    pub version: String,
    /// The day of the write, ISO date.
    pub written_on: String,
}

/// The ledger's head as the store last knew it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The ledger's id.
    pub ledger: String,
    /// The number of its last entry.
    pub sequence: u64,
    /// That entry's MAC in hexadecimal digits.
    pub mac: String,
}
