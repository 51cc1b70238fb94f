//! Saved plans: what a person approves, and a run executes later as the intersection with a fresh plan.
//!
//! `gallra plan --save` writes one, `gallra approve` signs it, `gallra run --plan` executes it. A saved plan names erasures alone, each by its token
//! in the ledger, with a keyed fingerprint of the decision and of the rows that it rests on ([`fingerprint`]). A run for the same days makes a
//! fresh plan and executes what both agree on ([`comparison`]): nothing is added, and what changed since is left out and reported.
//!
//! # The file
//!
//! ```text
//! {"header": {…}, "mac": "<64 hex>", "approvals": [{"key": …, "approved": …, "signature": …}], "body": [{…}]}
//! ```
//!
//! `header.body_sha256` is the SHA-256 of the body as JSON without blanks (`jq -cj .body`), the MAC is taken over the header in the same form
//! (`jq -cj .header`) under a key of the keyring that is for nothing else, and what approvers sign names the header's SHA-256
//! ([`approval::message`]). A plan has one spelling: a file that differs in as little as a blank from what gallra writes is refused, so that no
//! byte of it can be changed unnoticed. It holds tokens, counts, days, names of rules and hashes; no value of the store.

pub mod approval;
pub mod comparison;
mod error;
mod file;
pub mod fingerprint;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use approval::SignedApproval;
pub use error::{Part, SavedPlanError};

use crate::decide::Outcome;
use crate::decide::clocks::date_of_day;
use crate::keys::{Keyring, KeysError, Purpose, Token as Fingerprint};
use crate::ledger::{Digest, Hex, Token};
use crate::pipeline::{Approval, Pipeline, Tenant};
use fingerprint::Line;

/// The format that this version writes and reads.
pub const FORMAT: &str = "gallra-plan-1";

/// A plan that waits for its execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedPlan {
    /// What it is of, and what is in it.
    pub header: Header,
    /// The keyring's word that gallra wrote the header.
    mac: Digest,
    /// Who approved it.
    pub approvals: Vec<SignedApproval>,
    /// The erasures.
    pub body: Vec<Group>,
}

/// What a saved plan is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// [`FORMAT`].
    pub format: String,
    /// The version of gallra that decided.
    pub gallra: String,
    /// Random, 16 hexadecimal digits.
    pub id: String,
    /// When it was saved.
    pub created: Timestamp,
    /// The controller's name.
    pub controller: String,
    /// The days that were evaluated.
    pub tenants: Vec<PlannedTenant>,
    /// Of the pipeline file.
    pub pipeline_sha256: Digest,
    /// Of the lock file beside it.
    pub lock_sha256: Digest,
    /// Of the schema that the pipeline was resolved against.
    pub schema_sha256: Digest,
    /// The keyring's id.
    pub keyring: String,
    /// The snapshot that decided, as the store names it.
    pub snapshot: String,
    /// How many erasures there are.
    pub erasures: u64,
    /// The same by tenant, unit and outcome.
    pub counts: Vec<PlannedCount>,
    /// Of the body.
    pub body_sha256: Digest,
}

/// A tenant and the day that it was planned for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedTenant {
    /// Its key; empty for a store with one controller.
    pub tenant: String,
    /// The day.
    pub as_of: Date,
    /// IANA name of the zone in which its days begin and end.
    pub time_zone: String,
}

/// How many erasures of one kind there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedCount {
    /// The tenant.
    pub tenant: String,
    /// The category, or `record.NAME`.
    pub unit: String,
    /// What is to happen.
    pub outcome: Outcome,
    /// To how many.
    pub erasures: u64,
    /// The earliest last day of keeping among them.
    pub earliest_due: Option<Date>,
}

/// Erasures of one tenant and unit with the same outcome for the same reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The tenant.
    pub tenant: String,
    /// The category, or `record.NAME`.
    pub unit: String,
    /// What is to happen: `forgotten` where of somebody forgotten before the rest goes.
    pub outcome: Outcome,
    /// The rule behind it.
    pub reason: String,
    /// To whom, by ascending token.
    pub erasures: Vec<Erasure>,
}

/// One subject or record that is to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erasure {
    /// Its name in the ledger.
    pub token: Token,
    /// The last day of keeping: when the plan is executed it may be an earlier one, never a later.
    pub due: Option<Date>,
    /// Of the decision and of the rows that it rests on.
    pub fingerprint: Fingerprint,
}

/// Where a saved plan comes from.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The pipeline.
    pub pipeline: &'a Pipeline,
    /// The keyring.
    pub keyring: &'a Keyring,
    /// The tenants that were planned for.
    pub tenants: &'a [Tenant],
    /// The snapshot's id.
    pub snapshot: &'a str,
    /// Now.
    pub now: Timestamp,
    /// Chance, for the id.
    pub random: [u8; 40],
}

impl SavedPlan {
    /// A plan with these erasures, sealed under the keyring.
    ///
    /// # Errors
    /// [`KeysError`] where the keyring can not derive the key of its MAC.
    pub fn new(origin: &Origin<'_>, lines: &[Line]) -> Result<Self, KeysError> {
        let pipeline = origin.pipeline;
        let body = groups(origin.tenants, lines);
        let digest = |hex: &str| Digest::parse(hex.as_bytes()).unwrap_or(Hex([0; 32]));
        let tenant = |tenant: &Tenant| PlannedTenant {
            tenant: tenant.name.clone(),
            as_of: tenant.as_of,
            time_zone: tenant.time_zone.iana_name().unwrap_or("UTC").to_owned(),
        };
        let header = Header {
            format: FORMAT.to_owned(),
            gallra: env!("CARGO_PKG_VERSION").to_owned(),
            id: data_encoding::HEXLOWER.encode(&origin.random[..8]),
            created: origin.now,
            controller: pipeline.controller.name.clone(),
            tenants: origin.tenants.iter().map(tenant).collect(),
            pipeline_sha256: digest(&pipeline.file_hash),
            lock_sha256: digest(&pipeline.lock_hash),
            schema_sha256: digest(&pipeline.schema_hash),
            keyring: origin.keyring.id().to_owned(),
            snapshot: origin.snapshot.to_owned(),
            erasures: lines.len() as u64,
            counts: counts(&body),
            body_sha256: file::sha256(&body),
        };
        let mac = mac(&header, origin.keyring)?;
        Ok(Self { header, mac, approvals: Vec::new(), body })
    }

    /// The header's SHA-256: what is signed, and what the ledger keeps.
    pub fn header_sha256(&self) -> Digest {
        file::sha256(&self.header)
    }

    /// The day that a tenant was planned for.
    pub fn day_of(&self, tenant: &str) -> Option<Date> {
        self.header.tenants.iter().find(|planned| planned.tenant == tenant).map(|planned| planned.as_of)
    }

    /// Refuses a plan that was not made by gallra under this keyring, for this pipeline as it is, with these columns, or that is none for `now`.
    ///
    /// # Errors
    /// The [`SavedPlanError`] that says what does not fit.
    pub fn fits(&self, path: &Path, pipeline: &Pipeline, keyring: &Keyring, now: Timestamp) -> Result<(), SavedPlanError> {
        let path = || path.to_owned();
        let header = &self.header;
        if header.keyring != keyring.id() {
            return Err(SavedPlanError::OtherKeyring { path: path() });
        }
        let sealed = mac(header, keyring).is_ok_and(|mac| mac == self.mac);
        if !sealed {
            return Err(SavedPlanError::Edited { path: path(), part: Part::Header });
        }
        if header.gallra != env!("CARGO_PKG_VERSION") {
            return Err(SavedPlanError::OtherVersion { path: path(), version: header.gallra.clone() });
        }
        let hashes = [
            ("pipeline file", &header.pipeline_sha256, &pipeline.file_hash),
            ("lock file", &header.lock_sha256, &pipeline.lock_hash),
            ("schema of the store", &header.schema_sha256, &pipeline.schema_hash),
        ];
        if let Some((what, ..)) = hashes.into_iter().find(|(_, planned, now)| planned.to_string() != **now) {
            return Err(SavedPlanError::Changed { path: path(), what });
        }
        if header.controller != pipeline.controller.name {
            return Err(SavedPlanError::OtherController { path: path() });
        }
        for tenant in &header.tenants {
            let zone = jiff::tz::TimeZone::get(&tenant.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
            let today = crate::decide::clocks::today(now, &zone);
            if tenant.as_of > today {
                return Err(SavedPlanError::Ahead { path: path(), day: tenant.as_of, today });
            }
        }
        self.refuse_age(path(), pipeline.approval.max_age_hours, now)
    }

    /// Refuses a plan of another pipeline file, or one that is too old: all that can be told without store and keyring.
    ///
    /// # Errors
    /// The [`SavedPlanError`] that says what does not fit.
    pub fn is_of(&self, path: &Path, pipeline_sha256: &str, approval: &Approval, now: Timestamp) -> Result<(), SavedPlanError> {
        if self.header.pipeline_sha256.to_string() != pipeline_sha256 {
            return Err(SavedPlanError::Changed { path: path.to_owned(), what: "pipeline file" });
        }
        self.refuse_age(path.to_owned(), approval.max_age_hours, now)
    }

    /// Refuses a plan that is older than allowed, or younger than now.
    fn refuse_age(&self, path: PathBuf, limit: Option<u64>, now: Timestamp) -> Result<(), SavedPlanError> {
        /// How far two machines' clocks may disagree, in seconds.
        const SKEW: i64 = 300;
        let age = now.as_second() - self.header.created.as_second();
        if age < -SKEW {
            return Err(SavedPlanError::FromTheFuture { path, created: self.header.created });
        }
        match limit {
            Some(limit) if age > 0 && age as u64 > limit.saturating_mul(3_600) => {
                Err(SavedPlanError::TooOld { path, hours: age as u64 / 3_600, limit })
            }
            _ => Ok(()),
        }
    }
}

fn mac(header: &Header, keyring: &Keyring) -> Result<Digest, KeysError> {
    // The first epoch, like the tokens: turning to new pseudonyms makes no plan invalid.
    let key = keyring.control("", Purpose::PlanMac)?;
    Ok(Hex(key.mac(&[FORMAT.as_bytes(), file::compact(header).as_bytes()])))
}

fn groups(tenants: &[Tenant], lines: &[Line]) -> Vec<Group> {
    let mut grouped: BTreeMap<(usize, &str, Outcome, &str), Vec<Erasure>> = BTreeMap::new();
    for line in lines {
        let erasure = Erasure { token: line.token, due: line.due.and_then(date_of_day), fingerprint: line.fingerprint };
        grouped.entry((line.tenant, &line.unit, line.outcome, &line.reason)).or_default().push(erasure);
    }
    grouped
        .into_iter()
        .map(|((tenant, unit, outcome, reason), mut erasures)| {
            erasures.sort_by_key(|erasure| erasure.token);
            Group { tenant: tenants[tenant].name.clone(), unit: unit.to_owned(), outcome, reason: reason.to_owned(), erasures }
        })
        .collect()
}

/// The body's erasures by tenant, unit and outcome, in the body's order.
fn counts(body: &[Group]) -> Vec<PlannedCount> {
    let mut counts: Vec<PlannedCount> = Vec::new();
    for group in body {
        let earliest = group.erasures.iter().filter_map(|erasure| erasure.due).min();
        let erasures = group.erasures.len() as u64;
        match counts.last_mut() {
            Some(last) if (&last.tenant, &last.unit, last.outcome) == (&group.tenant, &group.unit, group.outcome) => {
                last.erasures += erasures;
                last.earliest_due = last.earliest_due.into_iter().chain(earliest).min();
            }
            _ => counts.push(PlannedCount {
                tenant: group.tenant.clone(),
                unit: group.unit.clone(),
                outcome: group.outcome,
                erasures,
                earliest_due: earliest,
            }),
        }
    }
    counts
}
