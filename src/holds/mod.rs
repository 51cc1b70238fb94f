//! gallra's own register of legal holds: whose forgetting is stopped for a while, why, by whom, and until when.
//!
//! Beside holds that stand in the store (`[[category.customer.hold]]`), somebody may register one by `gallra hold add`. It comes from
//! [`add`] into a small file of its own ([`Register`]), is matched with the rows of each night's snapshot ([`in_force`]) and goes from there to
//! `decide`, and is asked once more before each batch of write-back ([`Watch`]).
//!
//! # Invariants
//!
//! - The register is the truth: a hold counts from the moment that the file stands in its place. The ledger follows: by `hold add` itself, or,
//!   while a run has the ledger, by that run or the next. So the register may know more than the ledger, never less.
//! - A hold is never taken out of the file. It lapses after its last day, or is released; a file that lacks a hold that the ledger knows, or that
//!   is gone, stops a run ([`compare`]).
//! - A subject stands in it as a token under a key of its own, never as its key.
//! - The words that somebody typed (reason, owner) stand in this file alone: never in the ledger, a log, an error or a report.

mod change;
mod entries;
mod error;
mod look;
mod matching;
mod register;
mod report;
mod subject;
mod watch;

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use change::{Added, Entered, Released, Wish, add, rebuild, release};
pub use entries::{Known, compare, enter};
pub use error::HoldsError;
pub use look::{look, misunderstood, open_to_others};
pub use matching::{InForce, MatchError, in_force};
pub use register::Register;
pub use report::HoldsLine;
pub use watch::{EnterError, Watch};

use crate::ledger::{HoldId, Token};

/// A legal hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// Its number.
    pub id: HoldId,
    /// The tenant; empty for a store with one controller.
    pub tenant: String,
    /// The category.
    pub category: String,
    /// The subject, as a token; `None` where the whole category of the tenant is held.
    pub subject: Option<Token>,
    /// The columns that it keeps as `table.column`; empty where it keeps everything.
    pub fields: Vec<String>,
    /// Why.
    pub reason: Words,
    /// Who answers for it.
    pub owner: Words,
    /// When it was added.
    pub since: Timestamp,
    /// Its last day, in the tenant's time zone; `None` until it is released.
    pub until: Option<Date>,
    /// How it was released.
    pub released: Option<Release>,
}

/// How a hold was released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: Words,
    /// Who released it.
    pub owner: Words,
}

/// What somebody typed, which may hold personal data: shown by `gallra hold list` alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Words(String);

impl Words {
    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[words]")
    }
}

/// Whether a hold counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It counts.
    Active,
    /// Its last day is over.
    Lapsed,
    /// Somebody ended it.
    Released,
}

impl Standing {
    /// In a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Lapsed => "lapsed",
            Self::Released => "released",
        }
    }
}

impl Hold {
    /// Whether it counts on a day of its tenant. Its last day counts.
    pub fn standing(&self, today: Date) -> Standing {
        if self.released.is_some() {
            Standing::Released
        } else if self.until.is_some_and(|until| until < today) {
            Standing::Lapsed
        } else {
            Standing::Active
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    pub(super) fn hold(number: u32) -> Hold {
        Hold {
            id: HoldId { year: 2026, number },
            tenant: String::new(),
            category: "customer".into(),
            subject: Some(crate::ledger::Hex([number as u8; 16])),
            fields: Vec::new(),
            reason: Words("unpaid debt of Ada Andersson".into()),
            owner: Words("Olle Ombud".into()),
            since: "2026-11-22T12:00:00Z".parse().unwrap(),
            until: None,
            released: None,
        }
    }

    #[test]
    fn the_last_day_counts_and_a_release_counts_at_once() {
        let until = Hold { until: Some(date(2026, 12, 31)), ..hold(1) };
        assert_eq!(until.standing(date(2026, 12, 31)), Standing::Active);
        assert_eq!(until.standing(date(2027, 1, 1)), Standing::Lapsed);
        assert_eq!(hold(1).standing(date(9999, 12, 31)), Standing::Active);
        let release = Release { at: "2027-01-05T12:00:00Z".parse().unwrap(), reason: Words("paid".into()), owner: Words("O".into()) };
        let released = Hold { released: Some(release), ..until.clone() };
        assert_eq!(released.standing(date(2026, 12, 31)), Standing::Released);
    }

    #[test]
    fn what_was_typed_is_not_in_the_debug_output() {
        let text = format!("{:?}", hold(1));
        assert!(!text.contains("Ada") && !text.contains("Olle"), "{text}");
    }
}
