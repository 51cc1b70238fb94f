//! Approvals: somebody's signature under a saved plan, and whether enough of those who may have signed.

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{SavedPlan, SavedPlanError};
use crate::keys::approver::{ApprovalSignature, ApproverKey, PublicKey};
use crate::ledger::{Digest, Hex};
use crate::pipeline::{Approval, Approver};

/// Somebody's approval of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedApproval {
    /// Whose.
    pub key: PublicKey,
    /// When.
    pub approved: Timestamp,
    /// Over [`message`].
    pub signature: ApprovalSignature,
}

impl SignedApproval {
    /// Whether the signature is the key's, under this plan and this time.
    #[must_use]
    pub fn verifies(&self, plan: &SavedPlan) -> bool {
        self.key.verifies(message(&plan.header_sha256(), &self.key, self.approved).as_bytes(), &self.signature)
    }
}

/// What an approver signs: four lines, each closed by a line feed.
///
/// ```text
/// gallra plan approval 1
/// header sha256 <64 hexadecimal digits>
/// key ed25519:<base64>
/// approved <RFC 3339>
/// ```
#[must_use]
pub fn message(header_sha256: &Digest, key: &PublicKey, approved: Timestamp) -> String {
    format!("gallra plan approval 1\nheader sha256 {header_sha256}\nkey {key}\napproved {approved}\n")
}

/// An approver whose approval counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApprovedBy {
    /// The role, as the pipeline names it.
    pub name: String,
    /// The public key.
    pub key: PublicKey,
    /// When.
    pub approved: Timestamp,
}

impl ApprovedBy {
    /// SHA-256 of the public key.
    #[must_use]
    pub fn fingerprint(&self) -> Digest {
        Hex(self.key.fingerprint())
    }
}

impl SavedPlan {
    /// Adds an approval.
    ///
    /// # Errors
    /// [`SavedPlanError::ApprovedAlready`] where the key has approved this plan before.
    pub fn approve(&mut self, path: &Path, key: &ApproverKey, now: Timestamp) -> Result<(), SavedPlanError> {
        let public = key.public();
        if self.approvals.iter().any(|approval| approval.key == public) {
            return Err(SavedPlanError::ApprovedAlready { path: path.to_owned() });
        }
        let signature = key.sign(message(&self.header_sha256(), &public, now).as_bytes());
        self.approvals.push(SignedApproval { key: public, approved: now, signature });
        Ok(())
    }

    /// Whose approvals count: those of approvers that the pipeline names, each once.
    #[must_use]
    pub fn approved_by(&self, approval: &Approval) -> Vec<ApprovedBy> {
        let by = |approver: &Approver| {
            let signed = self.approvals.iter().find(|signed| signed.key == approver.key && signed.verifies(self))?;
            Some(ApprovedBy { name: approver.name.clone(), key: approver.key, approved: signed.approved })
        };
        approval.approvers.iter().filter_map(by).collect()
    }

    /// Those whose approvals count, where they are as many as are asked for; nobody where no approval is asked for and too few have approved.
    ///
    /// # Errors
    /// [`SavedPlanError::NotApproved`] where approval is required and too few have approved.
    pub fn approved(&self, path: &Path, approval: &Approval) -> Result<Vec<ApprovedBy>, SavedPlanError> {
        let by = self.approved_by(approval);
        if !by.is_empty() && by.len() >= approval.signatures {
            return Ok(by);
        }
        if !approval.required {
            return Ok(Vec::new());
        }
        Err(SavedPlanError::NotApproved {
            path: path.to_owned(),
            valid: by.len(),
            wanted: approval.signatures,
            unlisted: self.approvals.len() - by.len(),
        })
    }
}
