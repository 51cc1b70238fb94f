//! What reports say of the register.

use serde::Serialize;

use super::InForce;

/// The holds of gallra's own register.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct HoldsLine {
    /// How many count on their tenants' days.
    pub active: u64,
    /// Of these the numbers of those whose subject is not in the store.
    pub unmatched: Vec<String>,
}

impl HoldsLine {
    /// Of those that were matched with the rows.
    pub fn of(holds: &InForce) -> Self {
        Self { active: holds.registered.len() as u64, unmatched: holds.unmatched.iter().map(ToString::to_string).collect() }
    }

    /// What needs a look, in words.
    pub fn notes(&self) -> Vec<String> {
        let note = |hold: &String| {
            format!(
                "the subject of the hold {hold} is not in the store: it was deleted or given another key; release the hold, or add it anew"
            )
        };
        self.unmatched.iter().map(note).collect()
    }
}
