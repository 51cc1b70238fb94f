//! How personal data in free text is replaced.

use crate::detect::Kinds;

/// How personal data in a text is replaced. What a text says of the linked subject goes whatever the kinds and the confidence are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scrubbing {
    /// What takes its place.
    pub replacement: Replacement,
    /// What is replaced, of anyone.
    pub kinds: Kinds,
    /// How likely a finding must be to be replaced, from 0 to 1.
    pub min_confidence: f32,
}

/// What takes the place of personal data in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replacement {
    /// The kind in brackets: `[name]`.
    Kind,
    /// The kind with a number that is the same for the same person within a text: `[name 1]`.
    Pseudonym,
    /// The whole text becomes NULL.
    Null,
    /// The whole text becomes empty, since its column is NOT NULL.
    Empty,
}

impl Scrubbing {
    /// From this confidence on findings are replaced where the pipeline says nothing else.
    pub const MIN_CONFIDENCE: f32 = 0.5;
}

impl Default for Scrubbing {
    fn default() -> Self {
        Self { replacement: Replacement::Kind, kinds: Kinds::replaced(), min_confidence: Self::MIN_CONFIDENCE }
    }
}
