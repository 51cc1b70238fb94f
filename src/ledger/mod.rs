//! The ledger: what was about to be erased, what was erased, and proof that nobody edited the list.
//!
//! It is a JSON-lines file, `<folder>/ledger.jsonl`, that lives outside the store and is only ever appended to. A batch
//! writes an *intent* before its first row and a *completion* after its commit, so that after a crash, or after a backup
//! of the store was restored, it is known who has to be forgotten again. Records come from the run and from write-back;
//! they go to the next run, to the check command and to an auditor.
//!
//! # Format
//!
//! One entry per line, without spaces and in exactly this order, closed by a line feed:
//!
//! ```text
//! {"seq":0,"time":"2026-11-22T01:00:00Z","previous":"<64 hex>","record":{…},"mac":"<64 hex>"}
//! ```
//!
//! The MAC is taken over five parts: the label [`LABEL`], then `seq`, `time` and `previous` without their quotes, then
//! the record, each as the very bytes that stand in the line. `previous` is the MAC of the line before, zeros at entry 0.
//! Everything outside those bytes is fixed punctuation and read strictly (no other spacing, no upper-case hex), so that
//! no byte of the file can change unnoticed. The record is cut out of the line by this fixed frame and is never
//! serialised a second time.
//!
//! # Invariants
//!
//! - An acknowledged entry is never changed, removed or written again.
//! - [`check`] never writes; only opening for append drops a torn tail, which nobody was ever promised.
//! - No identifier fits into a record: subjects are [`Token`]s and reasons are [`Code`]s, not sentences.
//! - Where the MAC's key comes from is not known here: it arrives as a [`Mac`].

mod chain;
mod check;
mod code;
mod entry;
mod epochs;
mod error;
mod file;
mod head;
mod hex;
mod history;
mod hold;
mod lines;
mod noted;
mod publication;
mod record;
mod sequence;
mod shredding;
mod writer;

#[cfg(test)]
mod crash;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod testing;

pub use check::{Finding, Problem, Report, Severity, check};
pub use code::{Code, CodeError};
pub use entry::LABEL;
pub use epochs::{KnownEpoch, KnownEpochs};
pub use error::LedgerError;
pub use file::{FILE_NAME, exists};
pub use head::{Head, Standing};
pub use hex::{Digest, Hex, HexError, KeyFingerprint, LedgerId, Token};
pub use hold::{HoldAdded, HoldId, HoldIdError, HoldReleased, KnownHold};
pub use noted::{Noted, SetNoted};
pub use publication::{KnownPublication, Place, Publications, VouchedVersion};
pub use record::{
    Abandoned, Completion, ExecutedPlan, Intent, Opening, OutcomeCount, OutdatedSet, PublishedSet, Record, ReleaseLabel, Restored,
    RunCompleted, RunFailed, RunStarted, Skipped, VerificationCount,
};
pub use sequence::{LastRun, OpenIntent, RunEnd, Violation};
pub use shredding::{EpochShredded, KnownShredding};
pub use writer::{Ledger, TornTail};

/// A keyed message authentication code under the ledger's own key.
///
/// An implementation must keep the parts apart (by prefixing each with its length, say): `["ab", "c"]` and `["a", "bc"]`
/// must not give the same code. It must be a pseudorandom function of its key, such as HMAC-SHA-256.
pub trait Mac {
    /// The code over `parts`, in this order.
    fn mac(&self, parts: &[&[u8]]) -> [u8; 32];
}
