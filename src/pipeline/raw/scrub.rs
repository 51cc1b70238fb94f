//! How free text is scrubbed, as typed.

use schemars::JsonSchema;
use serde::Deserialize;

/// What takes the place of personal data in free text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawScrub {
    /// Its kind: `[name]`.
    Kind,
    /// Its kind and a number, the same for the same person within a text: `[name 1]`, `[name 2]`.
    Pseudonym,
    /// Nothing: a text in which anything is found becomes NULL, or empty where the column is NOT NULL.
    Drop,
}

/// A column's or path's own say in how its text is scrubbed.
#[derive(Debug, Clone, Default)]
pub struct RawScrubbing {
    /// What takes the place of personal data.
    pub scrub: Option<RawScrub>,
    /// The kinds that are replaced.
    pub kinds: Option<Vec<String>>,
    /// How likely a finding must be.
    pub min_confidence: Option<f64>,
}

impl RawScrubbing {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.scrub.is_none() && self.kinds.is_none() && self.min_confidence.is_none()
    }

    /// What this leaves open, as `other` says it.
    pub fn or(self, other: Self) -> Self {
        Self {
            scrub: self.scrub.or(other.scrub),
            kinds: self.kinds.or(other.kinds),
            min_confidence: self.min_confidence.or(other.min_confidence),
        }
    }
}
