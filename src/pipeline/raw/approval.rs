//! Who has to approve a saved plan, as typed.

use schemars::JsonSchema;
use serde::Deserialize;

/// Who has to approve a saved plan (`gallra plan --save`, `gallra approve`) before `gallra run --plan` executes it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawApproval {
    /// Whether a run executes approved plans alone: `gallra run` without `--plan` is refused.
    pub required: bool,
    /// How many different approvers must have signed a plan.
    pub signatures: usize,
    /// For how many hours after it was saved a plan may be executed, approved or not.
    pub max_age_hours: u64,
    /// Who may approve.
    pub approvers: Vec<RawApprover>,
}

impl Default for RawApproval {
    fn default() -> Self {
        Self { required: false, signatures: 1, max_age_hours: 72, approvers: Vec::new() }
    }
}

/// Somebody who may approve.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawApprover {
    /// The role, for reports: `data protection officer`.
    pub name: String,
    /// The public key as `gallra keys approver` prints it: `ed25519:…`.
    pub key: String,
}
