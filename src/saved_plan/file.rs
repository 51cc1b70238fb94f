//! The file of a saved plan: one spelling, prepared beside its place, synced and renamed.

use std::collections::HashSet;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{FORMAT, Group, Header, Part, SavedPlan, SavedPlanError, SignedApproval, counts};
use crate::ledger::{Digest, Hex, Token};

/// The file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPlan {
    header: Header,
    mac: Digest,
    approvals: Vec<SignedApproval>,
    body: Vec<Group>,
}

/// Read first, so that a plan of a later format is called foreign and not malformed.
#[derive(Deserialize)]
struct RawFormat {
    header: RawFormatHeader,
}

#[derive(Deserialize)]
struct RawFormatHeader {
    format: String,
}

/// JSON without blanks.
pub(super) fn compact(value: &impl Serialize) -> String {
    // Derived structs of texts and numbers can not fail to be written.
    serde_json::to_string(value).unwrap_or_default()
}

/// SHA-256 of a value as JSON without blanks.
pub(super) fn sha256(value: &impl Serialize) -> Digest {
    Hex(Sha256::digest(compact(value).as_bytes()).into())
}

impl SavedPlan {
    /// Its text: the header for people, approvals and erasures a line each.
    pub fn text(&self) -> String {
        let header = serde_json::to_string_pretty(&self.header).unwrap_or_default();
        let mut text = format!("{{\n\"header\": {header},\n\"mac\": \"{}\",\n\"approvals\": [", self.mac);
        lines(&mut text, &self.approvals, compact);
        text.push_str("],\n\"body\": [");
        lines(&mut text, &self.body, |group| {
            let mut text = compact(&group.without_erasures());
            // Without the empty list's bracket and the object's: they follow behind the erasures.
            text.truncate(text.len().saturating_sub(2));
            lines(&mut text, &group.erasures, compact);
            text + "]}"
        });
        text + "]\n}\n"
    }

    /// Writes it to a file that does not exist yet: a saved plan may be waiting for its approval, and nobody can tell what is approved of a file
    /// that changes.
    ///
    /// # Errors
    /// [`SavedPlanError::Exists`] where anything has that name; [`SavedPlanError::Io`] where the system refuses.
    pub fn create(&self, path: &Path) -> Result<(), SavedPlanError> {
        crate::files::create(path, self.text().as_bytes()).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => SavedPlanError::Exists { path: path.to_owned() },
            _ => SavedPlanError::io("write", path, &error),
        })
    }

    /// Writes it over the file that it was read from.
    ///
    /// # Errors
    /// [`SavedPlanError::Io`] where the system refuses.
    pub fn replace(&self, path: &Path) -> Result<(), SavedPlanError> {
        crate::files::replace(path, self.text().as_bytes()).map_err(|error| SavedPlanError::io("write", path, &error))
    }

    /// Reads a plan, and refuses one that is not exactly as gallra and its approvers left it, as far as can be told without the keyring.
    ///
    /// # Errors
    /// The [`SavedPlanError`] that says what is wrong; it never quotes the file.
    pub fn open(path: &Path) -> Result<Self, SavedPlanError> {
        let text = std::fs::read(path).map_err(|error| SavedPlanError::io("read", path, &error))?;
        Self::parse(path, &text)
    }

    /// The same of a text at hand.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn parse(path: &Path, text: &[u8]) -> Result<Self, SavedPlanError> {
        let malformed =
            |error: serde_json::Error| SavedPlanError::Malformed { path: path.to_owned(), line: error.line(), column: error.column() };
        let raw: RawPlan = match serde_json::from_slice(text) {
            Ok(raw) => raw,
            Err(error) => {
                let format = serde_json::from_slice::<RawFormat>(text).ok().map(|raw| raw.header.format);
                return Err(match format.filter(|format| format != FORMAT) {
                    Some(_) => SavedPlanError::ForeignFormat { path: path.to_owned() },
                    None => malformed(error),
                });
            }
        };
        let plan = Self { header: raw.header, mac: raw.mac, approvals: raw.approvals, body: raw.body };
        if plan.header.format != FORMAT {
            return Err(SavedPlanError::ForeignFormat { path: path.to_owned() });
        }
        let edited = |part: Part| Err(SavedPlanError::Edited { path: path.to_owned(), part });
        if plan.text().as_bytes() != text {
            return edited(Part::Spelling);
        }
        let erased: Vec<(&String, &String, Token)> = plan
            .body
            .iter()
            .flat_map(|group| group.erasures.iter().map(move |erasure| (&group.tenant, &group.unit, erasure.token)))
            .collect();
        let named: HashSet<_> = erased.iter().collect();
        if sha256(&plan.body) != plan.header.body_sha256
            || counts(&plan.body) != plan.header.counts
            || erased.len() as u64 != plan.header.erasures
            || named.len() != erased.len()
        {
            return edited(Part::Body);
        }
        if !plan.approvals.iter().all(|approval| approval.verifies(&plan)) {
            return edited(Part::Approvals);
        }
        Ok(plan)
    }
}

impl Group {
    /// The same with an empty list of erasures, which is its last field.
    fn without_erasures(&self) -> Self {
        Self {
            tenant: self.tenant.clone(),
            unit: self.unit.clone(),
            outcome: self.outcome,
            reason: self.reason.clone(),
            erasures: Vec::new(),
        }
    }
}

/// A list's elements, a line each.
fn lines<T>(text: &mut String, elements: &[T], write: impl Fn(&T) -> String) {
    for (at, element) in elements.iter().enumerate() {
        text.push_str(if at == 0 { "\n" } else { ",\n" });
        text.push_str(&write(element));
    }
    if !elements.is_empty() {
        text.push('\n');
    }
}
