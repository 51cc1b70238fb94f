//! The head of a ledger, as the store keeps it, and what it says about the ledger at hand.

use serde::{Deserialize, Serialize};

use super::Digest;

/// The last entry that somebody knows of. Kept in the store, it tells a truncated ledger from a whole one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The ledger, 16 hexadecimal digits.
    pub ledger: String,
    /// The number of the entry, from 0.
    pub seq: u64,
    /// The MAC of the entry.
    pub mac: Digest,
}

/// How the head that a store keeps stands to the ledger at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Both name the same last entry.
    Same,
    /// The ledger went on after the store's head. A single entry may be a crash between the two; else a backup of the
    /// store was restored.
    StoreOlder {
        /// The entry that the store knows of.
        store_seq: u64,
        /// The last entry of the ledger.
        ledger_seq: u64,
    },
    /// The store knows of entries that the ledger no longer has.
    Truncated {
        /// The entry that the store knows of.
        store_seq: u64,
        /// The last entry of the ledger.
        ledger_seq: u64,
    },
    /// The ledger has another entry at the store's head: one of the two went a way of its own.
    Diverged {
        /// The entry in question.
        seq: u64,
    },
    /// The head belongs to another ledger.
    Foreign,
}

impl Head {
    /// Compares a kept head with the ledger's last entry; `at_kept` is the MAC that the ledger has at the kept number.
    pub(super) fn standing(&self, last: &Head, at_kept: Option<Digest>) -> Standing {
        if self.ledger != last.ledger {
            return Standing::Foreign;
        }
        match at_kept {
            None => Standing::Truncated { store_seq: self.seq, ledger_seq: last.seq },
            Some(mac) if mac != self.mac => Standing::Diverged { seq: self.seq },
            Some(_) if self.seq == last.seq => Standing::Same,
            Some(_) => Standing::StoreOlder { store_seq: self.seq, ledger_seq: last.seq },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Hex;
    use super::*;

    #[test]
    fn travels_as_json() {
        let head = Head { ledger: "00000000000000aa".into(), seq: 7, mac: Hex([0xab; 32]) };
        let text = format!(r#"{{"ledger":"00000000000000aa","seq":7,"mac":"{}"}}"#, "ab".repeat(32));
        assert_eq!(serde_json::to_string(&head).unwrap(), text);
        assert_eq!(serde_json::from_str::<Head>(&text).unwrap(), head);
    }
}
