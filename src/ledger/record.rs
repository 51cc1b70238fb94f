//! What a ledger entry can say. Counts, tokens, digests and codes; never a value from the store.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Code, Digest, EpochShredded, HoldAdded, HoldReleased, KeyFingerprint, LedgerId, SetNoted, Token};

/// One record, written as a JSON object whose first member, `kind`, names the variant in snake case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Record {
    /// Always and only entry 0.
    Opened(Opening),
    /// A run begins.
    RunStarted(RunStarted),
    /// A batch is about to be written; durable before its first row.
    Intent(Intent),
    /// A batch is committed.
    Completion(Completion),
    /// A batch was never committed; its intent is settled.
    Abandoned(Abandoned),
    /// A run reached its end.
    RunCompleted(RunCompleted),
    /// A run stopped before its end.
    RunFailed(RunFailed),
    /// The store was found to be older than this ledger: a backup came back.
    Restored(Restored),
    /// A run found something about a set's published versions that somebody has to hear.
    SetNoted(SetNoted),
    /// A legal hold was added to gallra's register. Not part of a run, though it may stand within one.
    HoldAdded(HoldAdded),
    /// A legal hold was released. Not part of a run either.
    HoldReleased(HoldReleased),
    /// The key of an epoch of pseudonyms was destroyed. Not part of a run either.
    EpochShredded(EpochShredded),
}

/// What a new ledger says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// Random, from the caller; it stays when the ledger already exists.
    pub ledger: LedgerId,
    /// The keyring whose key authenticates the entries.
    pub keyring: String,
    /// The store whose erasures are recorded; an opaque id, not a connection string.
    pub store: String,
    /// The version of gallra that created the ledger.
    pub gallra_version: String,
}

/// A run begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunStarted {
    /// The run; unique within the ledger.
    pub run: String,
    /// The day on which due dates are judged.
    pub as_of: Date,
    /// The tenants in scope.
    pub tenants: Vec<String>,
    /// Of the pipeline file.
    pub pipeline_sha256: Digest,
    /// Of the lock file beside it.
    pub lock_sha256: Digest,
    /// Of the live schema that the pipeline was resolved against.
    pub schema_sha256: Digest,
    /// The version of gallra that ran.
    pub code_version: String,
    /// The snapshot that decided, as the store names it.
    pub snapshot: String,
    /// IANA names of the time zones in which due dates were judged.
    pub time_zones: Vec<String>,
    /// The epoch of the pseudonym keys.
    pub key_epoch: u32,
    /// Of that epoch's key, so that another one under the same number is noticed; absent in runs of versions that entered none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_fingerprint: Option<KeyFingerprint>,
    /// The saved plan that is executed; absent where the run made its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved_plan: Option<ExecutedPlan>,
}

/// A saved plan that a run executes, and who approved it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExecutedPlan {
    /// Its id.
    pub plan: String,
    /// Of its header, which holds that of its body: what the approvers signed.
    pub header_sha256: Digest,
    /// SHA-256 of the public keys of those whose approvals counted; none where nobody's was needed.
    pub approvers: Vec<Digest>,
}

/// A batch is about to be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    /// The run that the batch belongs to.
    pub run: String,
    /// The number of the batch within its run; used again only after an abandonment.
    pub batch: u64,
    /// The tenant of every subject in the batch.
    pub tenant: String,
    /// The category of every subject in the batch.
    pub category: String,
    /// How many subjects each planned action concerns.
    pub actions: BTreeMap<Code, u64>,
    /// Every subject that the batch may touch.
    pub tokens: Vec<Token>,
}

/// A batch is committed. Every token in it was in the intent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Completion {
    /// The run of the intent.
    pub run: String,
    /// The batch of the intent.
    pub batch: u64,
    /// The tenant of the intent.
    pub tenant: String,
    /// The category of the intent.
    pub category: String,
    /// Subjects whose rows are gone.
    pub deleted: Vec<Token>,
    /// Subjects whose rows stay without identity.
    pub anonymised: Vec<Token>,
    /// Subjects with columns that are still under a duty; not erased yet.
    pub partly: Vec<Token>,
    /// Subjects that were left alone, and why.
    pub skipped: Vec<Skipped>,
    /// Rows updated or inserted.
    pub rows_written: u64,
    /// Rows deleted.
    pub rows_deleted: u64,
}

/// A subject that a batch left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Skipped {
    /// The subject.
    pub token: Token,
    /// Why, such as `changed`.
    pub reason: Code,
}

/// An intent whose transaction never committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Abandoned {
    /// The run of the intent.
    pub run: String,
    /// The batch of the intent.
    pub batch: u64,
    /// Why, such as `rolled_back` or `not_in_journal`.
    pub reason: Code,
}

/// A run reached its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunCompleted {
    /// The run.
    pub run: String,
    /// Subjects by tenant, category, outcome and reason; they add up to the input of each tenant and category that the
    /// run got through. A tenant and category that is absent counts as not looked at.
    pub outcomes: Vec<OutcomeCount>,
    /// The set versions that became the latest.
    pub sets: Vec<PublishedSet>,
    /// The sets of whose subjects somebody was erased, whose versions before this run may hold them. Absent in what earlier versions wrote.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outdated: Vec<OutdatedSet>,
    /// What was verified after the last write.
    pub verification: Vec<VerificationCount>,
    /// The exit code of the process.
    pub exit_code: u8,
}

/// How many subjects ended in the same way for the same reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeCount {
    /// The tenant.
    pub tenant: String,
    /// The category.
    pub category: String,
    /// Such as `keep`, `held`, `deleted`, `skipped`.
    pub outcome: Code,
    /// The rule or cause behind it.
    pub reason: Code,
    /// How many subjects.
    pub subjects: u64,
}

/// A set version that became the latest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedSet {
    /// The set's declared name. Where the tenant has no member of its own, as versions before it wrote, the tenant and a slash before it.
    pub name: String,
    /// The tenant; absent in a store with one controller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Its version.
    pub version: String,
    /// Of its manifest.
    pub manifest_sha256: Digest,
    /// What it may call itself.
    pub label: ReleaseLabel,
    /// Of the folder or bucket that it was published to, so that a set that was given another place is not missed in the old one. Absent in what
    /// earlier versions wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place_sha256: Option<Digest>,
    /// Of the way from the ledger's folder to the folder in which its versions are made, which a copy of both keeps. Absent in what earlier versions
    /// wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way_sha256: Option<Digest>,
}

impl PublishedSet {
    /// The tenant (empty in a store with one controller) and the set's declared name, which has no slash.
    #[must_use]
    pub fn of(&self) -> (&str, &str) {
        match &self.tenant {
            Some(tenant) => (tenant, &self.name),
            None => self.name.rsplit_once('/').unwrap_or(("", &self.name)),
        }
    }
}

/// A set of whose subjects somebody was erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutdatedSet {
    /// The set's declared name.
    pub name: String,
    /// The tenant; absent in a store with one controller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Whether that is true of the version as well that was the latest and stayed so: no other one could be made, or nobody knows whether it was
    /// made before the erasure. Else only of those that were replaced, by this run or earlier.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub latest: bool,
}

/// What a published set may call itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseLabel {
    /// Still personal data (GDPR article 4(5)).
    Pseudonymised,
    /// Aggregates without pseudonyms that passed the disclosure gate (GDPR recital 26).
    Anonymous,
}

/// How often one verification held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerificationCount {
    /// Which one, such as `money_totals` or `residual_identifiers`.
    pub check: Code,
    /// How often it held.
    pub passed: u64,
    /// How often it did not.
    pub failed: u64,
}

/// A run stopped before its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunFailed {
    /// The run.
    pub run: String,
    /// How far it came, such as `write_back`.
    pub stage: Code,
    /// The class of the error, never its message.
    pub class: Code,
}

/// A run found its store older than this ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restored {
    /// The run that noticed.
    pub run: String,
    /// The entry that the store last knew of.
    pub store_seq: u64,
    /// The entry that the ledger had reached.
    pub ledger_seq: u64,
}

impl Record {
    /// Whether it is about what a run does to the store, and not about a hold or a key, which come and go beside the runs.
    pub(super) fn concerns_the_store(&self) -> bool {
        !matches!(self, Self::HoldAdded(_) | Self::HoldReleased(_) | Self::EpochShredded(_))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Hex;
    use super::*;

    /// The second line is as versions before saved plans wrote it, and both are as versions before fingerprints did.
    #[test]
    fn a_run_without_a_saved_plan_is_written_as_ever() {
        let text = |plan: &str| {
            let hash = |digit: &str| digit.repeat(64);
            format!(
                r#"{{"kind":"run_started","run":"r1","as_of":"2026-11-01","tenants":[""],"pipeline_sha256":"{}","lock_sha256":"{}","schema_sha256":"{}","code_version":"0.1.0","snapshot":"s","time_zones":["UTC"],"key_epoch":1{plan}}}"#,
                hash("1"),
                hash("2"),
                hash("3"),
            )
        };
        let plan = format!(r#","saved_plan":{{"plan":"ab","header_sha256":"{0}","approvers":["{0}"]}}"#, "4".repeat(64));
        for (text, executed) in [(text(&plan), true), (text(""), false)] {
            let record: Record = serde_json::from_str(&text).unwrap();
            let Record::RunStarted(started) = &record else { panic!("{record:?}") };
            assert_eq!(started.saved_plan.is_some(), executed);
            assert_eq!(serde_json::to_string(&record).unwrap(), text);
        }
        assert!(serde_json::from_str::<Record>(&text(&plan.replace("approvers", "approver"))).is_err());
        let fingerprint = text(&format!(r#","key_fingerprint":"{}"{plan}"#, "5".repeat(32)));
        let record: Record = serde_json::from_str(&fingerprint).unwrap();
        assert!(matches!(&record, Record::RunStarted(started) if started.key_fingerprint == Some(Hex([0x55; 16]))), "{record:?}");
        assert_eq!(serde_json::to_string(&record).unwrap(), fingerprint);
    }

    /// The first line is as versions before tenants and places wrote it.
    #[test]
    fn a_published_set_is_read_as_ever() {
        let old = format!(r#"{{"name":"north/sales","version":"v-r1","manifest_sha256":"{}","label":"anonymous"}}"#, "4".repeat(64));
        let new = format!(
            r#"{{"name":"sales","tenant":"a/b","version":"v-r1","manifest_sha256":"{0}","label":"anonymous","place_sha256":"{0}"}}"#,
            "4".repeat(64)
        );
        let way = new.replace("}", &format!(r#","way_sha256":"{}"}}"#, "5".repeat(64)));
        for (text, of) in [(old, ("north", "sales")), (new, ("a/b", "sales")), (way, ("a/b", "sales"))] {
            let set: PublishedSet = serde_json::from_str(&text).unwrap();
            assert_eq!(set.of(), of);
            assert_eq!(serde_json::to_string(&set).unwrap(), text);
        }
    }

    /// As versions wrote it that did not say of which sets somebody was erased.
    #[test]
    fn a_run_that_outdates_nothing_is_written_as_ever() {
        let text = |outdated: &str| {
            format!(r#"{{"kind":"run_completed","run":"r1","outcomes":[],"sets":[]{outdated},"verification":[],"exit_code":0}}"#)
        };
        for (text, sets) in [
            (text(""), vec![]),
            (text(r#","outdated":[{"name":"sales"},{"name":"totals","tenant":"north","latest":true}]"#), vec![false, true]),
        ] {
            let record: Record = serde_json::from_str(&text).unwrap();
            assert!(matches!(&record, Record::RunCompleted(run) if run.outdated.iter().map(|set| set.latest).eq(sets)), "{record:?}");
            assert_eq!(serde_json::to_string(&record).unwrap(), text);
        }
    }

    #[test]
    fn the_kind_comes_first_and_nothing_unknown_is_read() {
        let record = Record::Restored(Restored { run: "r1".into(), store_seq: 3, ledger_seq: 9 });
        let text = r#"{"kind":"restored","run":"r1","store_seq":3,"ledger_seq":9}"#;
        assert_eq!(serde_json::to_string(&record).unwrap(), text);
        assert_eq!(serde_json::from_str::<Record>(text).unwrap(), record);
        for other in [
            r#"{"kind":"restored","run":"r1","store_seq":3,"ledger_seq":9,"more":1}"#,
            r#"{"kind":"restored","run":"r1","store_seq":3}"#,
            r#"{"kind":"resurrected","run":"r1","store_seq":3,"ledger_seq":9}"#,
            r#"{"run":"r1","store_seq":3,"ledger_seq":9}"#,
            r#"{"kind":"run_failed","run":"r1","stage":"write","class":"key (70123456) exists"}"#,
        ] {
            assert!(serde_json::from_str::<Record>(other).is_err(), "{other}");
        }
    }
}
