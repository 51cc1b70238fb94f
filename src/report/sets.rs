//! The sets in a run's report.

use serde::Serialize;

use crate::pipeline::Release;
use crate::publish::{GateReport, LeftOut, Remark};

/// What became of one set of one tenant.
#[derive(Debug, Clone, Serialize)]
pub struct SetLine {
    /// The set.
    pub set: String,
    /// The tenant.
    pub tenant: String,
    /// The label.
    pub label: Release,
    /// `published`, `unchanged` or `refused`; `left` where no run looks after it any more.
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
    /// Why it was refused.
    pub reason: Option<String>,
    /// What to do about that, where there is something.
    pub hint: Option<String>,
    /// What else there is to say of it.
    pub remarks: Vec<Remark>,
}

impl SetLine {
    /// Of a set of which no version is the run's.
    #[must_use]
    pub fn without_version(set: &str, tenant: &str, label: Release, state: &'static str) -> Self {
        Self {
            set: set.to_owned(),
            tenant: tenant.to_owned(),
            label,
            state,
            folder: None,
            url: None,
            rows: 0,
            written: 0,
            kept: 0,
            gate: None,
            left_out: None,
            reason: None,
            hint: None,
            remarks: Vec::new(),
        }
    }

    /// What needs a look, in words, each with what to do about it.
    #[must_use]
    pub fn looks(&self) -> Vec<(String, Option<String>)> {
        let not = if self.state == "refused" { " was not published" } else { "" };
        let refused = self.reason.iter().map(|reason| (format!("{}{not}: {reason}", self.named()), self.hint.clone()));
        refused.chain(self.remarks.iter().filter(|remark| remark.look).map(|remark| self.said(remark))).collect()
    }

    /// What is as it was and was said before, each with what to do about it.
    #[must_use]
    pub fn notes(&self) -> Vec<(String, Option<String>)> {
        self.remarks.iter().filter(|remark| !remark.look).map(|remark| self.said(remark)).collect()
    }

    fn said(&self, remark: &Remark) -> (String, Option<String>) {
        (format!("{}: {}", self.named(), remark.text), remark.hint.clone())
    }

    fn named(&self) -> String {
        let of = if self.tenant.is_empty() { String::new() } else { format!(" of the tenant `{}`", self.tenant) };
        format!("the set `{}`{of}", self.set)
    }
}
