//! The sets in a run's report.

use serde::Serialize;

use crate::pipeline::Release;
use crate::publish::{GateReport, LeftOut};

/// What became of one set of one tenant.
#[derive(Debug, Clone, Serialize)]
pub struct SetLine {
    /// The set.
    pub set: String,
    /// The tenant.
    pub tenant: String,
    /// The label.
    pub label: Release,
    /// `published`, `unchanged` or `refused`.
    pub state: &'static str,
    /// The version's folder.
    pub folder: Option<String>,
    /// Where readers find it, where the sets go to a bucket.
    pub url: Option<String>,
    /// Rows (or cells).
    pub rows: u64,
    /// Partitions that were written; a set without partitions is one.
    pub written: usize,
    /// Partitions that keep the latest version's files.
    pub kept: usize,
    /// What the gate did.
    pub gate: Option<GateReport>,
    /// Rows left out.
    pub left_out: Option<LeftOut>,
    /// Why it was refused, or what else there is to say of it.
    pub reason: Option<String>,
    /// What to do about that, where there is something.
    pub hint: Option<String>,
}

impl SetLine {
    /// What a run has to say of it.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        let reason = self.reason.as_ref()?;
        let of = if self.tenant.is_empty() { String::new() } else { format!(" of the tenant `{}`", self.tenant) };
        let not = if self.state == "refused" { " was not published" } else { "" };
        Some(format!("the set `{}`{of}{not}: {reason}", self.set))
    }
}
