//! Legal holds as the ledger takes them down: that one was added or released, never why or by whom.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize, Serializer};

use super::Token;

/// The number of a legal hold: the year in which it was added, and its place in that year, from 1. Written `H-2026-0001`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HoldId {
    /// The year, 0 to 9999.
    pub year: u16,
    /// The place in the year, from 1.
    pub number: u32,
}

/// Text that is not a [`HoldId`]. The text itself is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a hold's number looks like `H-2026-0001`")]
pub struct HoldIdError;

impl fmt::Display for HoldId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "H-{:04}-{:04}", self.year, self.number)
    }
}

impl FromStr for HoldId {
    type Err = HoldIdError;

    /// Reads the one spelling that a number has.
    fn from_str(text: &str) -> Result<Self, HoldIdError> {
        let (year, number) = text.strip_prefix("H-").and_then(|rest| rest.split_once('-')).ok_or(HoldIdError)?;
        let id = Self { year: year.parse().map_err(|_| HoldIdError)?, number: number.parse().map_err(|_| HoldIdError)? };
        if id.number > 0 && id.to_string() == text { Ok(id) } else { Err(HoldIdError) }
    }
}

impl Serialize for HoldId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for HoldId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// A legal hold was added to gallra's register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldAdded {
    /// Its number.
    pub hold: HoldId,
    /// The tenant.
    pub tenant: String,
    /// The category.
    pub category: String,
    /// The subject, under the holds' own key; `None` where the whole category is held.
    pub subject: Option<Token>,
    /// The columns that it keeps as `table.column`; empty where it keeps everything.
    pub fields: Vec<String>,
    /// Its last day; `None` until it is released.
    pub until: Option<Date>,
}

/// A legal hold was released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldReleased {
    /// Its number.
    pub hold: HoldId,
}

/// What the ledger knows of one hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownHold {
    /// As it was added.
    pub added: HoldAdded,
    /// When that was entered.
    pub entered: Timestamp,
    /// Whether it was released.
    pub released: bool,
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::*;

    #[test]
    fn a_number_has_one_spelling() {
        for text in ["H-2026-0001", "H-0999-0012", "H-2026-123456"] {
            assert_eq!(text.parse::<HoldId>().unwrap().to_string(), text);
            assert_eq!(serde_json::from_str::<HoldId>(&format!("\"{text}\"")).unwrap().to_string(), text);
        }
        for other in ["", "H-2026-0000", "H-2026-1", "h-2026-0001", "H-2026-00001", "H-+026-0001", "H-2026-0001 ", "4711", "H-2026"] {
            assert_eq!(other.parse::<HoldId>(), Err(HoldIdError), "{other}");
        }
        let order: Vec<HoldId> = ["H-2025-9999", "H-2026-0002", "H-2026-10000"].map(|text| text.parse().unwrap()).into();
        assert!(order.is_sorted());
    }

    fn added(number: u32) -> Record {
        let hold = HoldId { year: 2026, number };
        Record::HoldAdded(HoldAdded {
            hold,
            tenant: "north".into(),
            category: "lead".into(),
            subject: Some(token(number as u8)),
            fields: vec!["lead.name".into()],
            until: None,
        })
    }

    fn released(number: u32) -> Record {
        Record::HoldReleased(HoldReleased { hold: HoldId { year: 2026, number } })
    }

    #[test]
    fn holds_stand_between_anything_and_in_an_order_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = open(folder.path()).unwrap();
        let run = [started("r1", 0), intent("r1", 1, "lead", &[1]), completion("r1", 1, "lead", &[1], &[]), completed("r1", &["lead"])];
        for (number, record) in (1..).zip(&run) {
            ledger.append(&added(number), night(0)).unwrap();
            ledger.append(record, night(0)).unwrap();
        }
        ledger.append(&released(2), night(1)).unwrap();
        for (record, violation) in [
            (added(1), Violation::HoldAddedAgain { hold: HoldId { year: 2026, number: 1 } }),
            (released(2), Violation::HoldNotInForce { hold: HoldId { year: 2026, number: 2 } }),
            (released(9), Violation::HoldNotInForce { hold: HoldId { year: 2026, number: 9 } }),
        ] {
            assert!(matches!(ledger.append(&record, night(1)), Err(LedgerError::OutOfSequence(found)) if found == violation));
        }
        let states = |holds: &std::collections::BTreeMap<HoldId, KnownHold>| -> Vec<(u32, bool)> {
            holds.iter().map(|(id, known)| (id.number, known.released)).collect()
        };
        assert_eq!(states(ledger.holds()), [(1, false), (2, true), (3, false), (4, false)]);
        drop(ledger);
        assert_eq!(states(open(folder.path()).unwrap().holds()), [(1, false), (2, true), (3, false), (4, false)]);
        let report = check(&folder.path().join(FILE_NAME), &KEY, None, "keyring-1").unwrap();
        assert_eq!((states(&report.holds).len(), report.findings), (4, vec![]));
    }

    /// A hold is entered beside the runs, so that the store, which hears of the ledger at each run, is none the older for it.
    #[test]
    fn a_store_that_has_not_heard_of_a_hold_is_not_older_than_its_ledger() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        let mut ledger = open(folder.path()).unwrap();
        ledger.append(&started("r1", 0), night(0)).unwrap();
        let kept = ledger.append(&completed("r1", &["lead"]), night(0)).unwrap();
        let found = |head: &Head| -> Vec<Problem> {
            check(&path, &KEY, Some(head), "keyring-1").unwrap().findings.into_iter().map(|finding| finding.problem).collect()
        };
        let with_hold = ledger.append(&added(1), night(1)).unwrap();
        assert_eq!(found(&kept), []);
        ledger.append(&started("r2", 1), night(1)).unwrap();
        assert_eq!(found(&kept), [Problem::StoreOlder { store_seq: kept.seq }]);
        assert_eq!(found(&with_hold), [Problem::StoreOlder { store_seq: with_hold.seq }]);
        drop(ledger);
        // A hold that the store has heard of can not be cut off.
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        std::fs::write(&path, format!("{}\n", lines[..3].join("\n"))).unwrap();
        assert_eq!(found(&with_hold), [Problem::Truncated { store_seq: with_hold.seq }]);
    }
}
