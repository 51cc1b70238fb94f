//! The passes: what the plan says, done to columns. In parallel over pieces of rows; the only place that uses rayon.
//!
//! Each pass stands in a file of its own: [`expiry`] (which cells and rows go), [`pseudonymise`] (replacements and tokens under keys),
//! [`minimise`] (NULL, placeholder, period, prefix), [`scrub`] (personal data in text; [`names`]: whose names it knows) and [`document`] (values inside JSON documents). They
//! serve twice: on the snapshot, for the state after tonight that the sets are computed from, and on the rows that write-back has just read
//! under its lock.

pub mod document;
pub mod expiry;
pub mod fingerprint;
pub mod minimise;
pub mod names;
pub mod pseudonymise;
pub mod scrub;

use arrow::array::{Array, ArrayRef, UInt32Array};
use arrow::compute::{interleave, take};
use rayon::prelude::*;

use crate::kernels::{KernelError, json};
use crate::keys::{DerivedKey, Keyring, KeysError, Purpose};
use crate::pipeline::*;
use names::Names;
use scrub::Whom;

/// Rows per piece of parallel work.
const ROWS_PER_PIECE: usize = 16_384;

/// Why a pass failed.
#[derive(Debug, thiserror::Error)]
pub enum PassError {
    /// A kernel refused.
    #[error("treating `{table}`.`{column}` failed: {}", in_words(.reason))]
    Kernel {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Why. Not as the error's source: the sentence has all of it that means anything outside of the program.
        reason: KernelError,
    },
    /// A column that a pass needs was not read.
    #[error("the column `{table}`.`{column}` was not read")]
    NotRead {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// Arrow could not put a column together.
    #[error("putting `{table}`.`{column}` together failed")]
    Assembly {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
}

impl PassError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let Self::Kernel { reason: KernelError::Cell { kernel: json::KERNEL, reason, .. }, .. } = self else { return None };
        Some(if *reason == json::TOO_LONG {
            "let the column hold more characters, or treat the path with `forget = \"null\"`".into()
        } else {
            "`json_valid` (SQLite) or `IS JSON` (PostgreSQL 16) finds such cells: correct them, or take `paths` out and class the column as a whole".into()
        })
    }
}

/// A refusal without what means nothing outside of the program: the kernel's name, and a row's place among those that were read together.
fn in_words(reason: &KernelError) -> String {
    match reason {
        KernelError::Cell { reason, .. } => format!("a cell {reason}"),
        other => other.to_string(),
    }
}

/// The keys that one tenant's treatments and tokens need.
#[derive(Debug, Clone)]
pub struct TenantKeys {
    /// Derived replacements.
    pub replacement: DerivedKey,
    /// Row versions.
    pub version: DerivedKey,
    /// The journal's tokens.
    pub journal: DerivedKey,
    /// The ledger's tokens.
    pub ledger: DerivedKey,
    /// Tokens by which reports name a row.
    pub report: DerivedKey,
    /// Tokens by which the register of legal holds names a subject.
    pub hold: DerivedKey,
    /// Fingerprints in saved plans.
    pub plan: DerivedKey,
    /// Tokens of suppression lists.
    pub suppression: DerivedKey,
    /// The names of the tenant's people, in memory.
    pub names: DerivedKey,
    /// Stand-ins for the pseudonyms of unlinked people.
    pub stand_in: DerivedKey,
}

impl TenantKeys {
    /// Derives them from the keyring's control master: tokens must stay comparable for as long as the ledger lives, whatever epoch pseudonyms are in.
    pub fn derive(keyring: &Keyring, tenant: &str) -> Result<Self, KeysError> {
        let key = |purpose| keyring.control(tenant, purpose);
        Ok(Self {
            replacement: key(Purpose::Replacement)?,
            version: key(Purpose::RowVersion)?,
            journal: key(Purpose::Journal)?,
            ledger: key(Purpose::LedgerToken)?,
            report: key(Purpose::RowToken)?,
            hold: key(Purpose::HoldToken)?,
            plan: key(Purpose::PlanFingerprint)?,
            suppression: key(Purpose::Suppression)?,
            names: key(Purpose::Names)?,
            stand_in: key(Purpose::StandIn)?,
        })
    }
}

/// What all treatments of a run share.
#[derive(Debug)]
pub struct Treating<'a> {
    /// The pipeline.
    pub pipeline: &'a Pipeline,
    /// The tenants of the run.
    pub tenants: &'a [Tenant],
    /// Their keys, in the same order.
    pub keys: &'a [TenantKeys],
    /// The names of their people, whom texts are searched for.
    pub names: &'a Names,
    /// Replacements of personal keys: under a key that exists in memory during this run alone, so that nobody can derive them again.
    pub rekeying: &'a DerivedKey,
    /// Comparisons of rows between the snapshot and the lock: under a key of this run alone.
    pub comparing: &'a DerivedKey,
}

/// Some rows of one table and one tenant, as the passes see them.
#[derive(Debug, Clone, Copy)]
pub struct Cells<'a> {
    /// The table.
    pub table: TableIndex,
    /// The tenant of all rows.
    pub tenant: usize,
    /// Per column of the table the cells of these rows; `None` where the column was not read.
    pub columns: &'a [Option<ArrayRef>],
    /// The number of rows.
    pub rows: usize,
    /// Per row what is known of the subject whose text it is; empty where nothing is.
    pub known: &'a [Option<std::sync::Arc<crate::detect::known::KnownSubject>>],
}

impl Treating<'_> {
    /// All cells of a column as they are after their time has come.
    pub fn treat(&self, cells: Cells<'_>, column: ColumnIndex) -> Result<ArrayRef, PassError> {
        let table = &self.pipeline.tables[cells.table];
        let original = cells.columns[column].as_ref().ok_or_else(|| self.not_read(cells.table, column))?;
        let treated = match &table.columns[column].treatment {
            Treatment::Keep => Ok(original.clone()),
            Treatment::Null | Treatment::Constant(_) | Treatment::Period(_) | Treatment::Prefix(_) => {
                minimise::minimise(original, &table.columns[column].treatment, &self.tenants[cells.tenant].time_zone)
            }
            Treatment::Derived(shape) => {
                let keys = self.key_cells(cells)?;
                let name = &table.catalog.columns[column].name;
                let domain = format!("{}.{name}", table.name());
                pseudonymise::derived(
                    &keys,
                    &self.keys[cells.tenant].replacement,
                    &domain,
                    *shape,
                    self.limit(cells.table, column),
                    &self.pipeline.controller.placeholder,
                )
            }
            Treatment::Rekey(shape) => pseudonymise::derived(
                std::slice::from_ref(original),
                self.rekeying,
                table.name(),
                *shape,
                self.limit(cells.table, column),
                &self.pipeline.controller.placeholder,
            ),
            Treatment::Scrub(scrubbing) => {
                let country = self.tenants[cells.tenant].country;
                scrub::scrub(original, *scrubbing, self.limit(cells.table, column), country, self.whom(cells))
            }
            Treatment::Document(document) => {
                let tenant = &self.tenants[cells.tenant];
                document::treat(original, document, self.limit(cells.table, column), &tenant.time_zone, tenant.country, self.whom(cells))
            }
        };
        treated.map_err(|source| self.failed(cells.table, column, source))
    }

    /// The cells that name each row.
    pub fn key_cells(&self, cells: Cells<'_>) -> Result<Vec<ArrayRef>, PassError> {
        let table = &self.pipeline.tables[cells.table];
        table.key.iter().map(|column| cells.columns[*column].clone().ok_or_else(|| self.not_read(cells.table, *column))).collect()
    }

    /// Whom the texts of some rows are searched for.
    fn whom<'c>(&'c self, cells: Cells<'c>) -> Whom<'c> {
        Whom { known: cells.known, names: self.names.of(cells.tenant) }
    }

    fn limit(&self, table: TableIndex, column: ColumnIndex) -> Option<usize> {
        self.pipeline.tables[table].catalog.columns[column].max_length
    }

    pub(crate) fn not_read(&self, table: TableIndex, column: ColumnIndex) -> PassError {
        let (table, column) = self.names(table, column);
        PassError::NotRead { table, column }
    }

    pub(crate) fn failed(&self, table: TableIndex, column: ColumnIndex, reason: KernelError) -> PassError {
        let (table, column) = self.names(table, column);
        PassError::Kernel { table, column, reason }
    }

    pub(crate) fn assembly(&self, table: TableIndex, column: ColumnIndex) -> PassError {
        let (table, column) = self.names(table, column);
        PassError::Assembly { table, column }
    }

    fn names(&self, table: TableIndex, column: ColumnIndex) -> (String, String) {
        let table = &self.pipeline.tables[table];
        (table.name().to_owned(), table.catalog.columns[column].name.clone())
    }
}

/// Cells of some rows of a column.
pub(crate) fn gather(column: &ArrayRef, rows: &[u32]) -> Option<ArrayRef> {
    take(column, &UInt32Array::from(rows.to_vec()), None).ok()
}

/// The column with `treated` in place of the cells of `rows` (ascending).
pub(crate) fn scatter(column: &ArrayRef, rows: &[u32], treated: &[ArrayRef]) -> Option<ArrayRef> {
    let mut sources: Vec<&dyn Array> = vec![column.as_ref()];
    sources.extend(treated.iter().map(|piece| piece.as_ref()));
    let mut indices: Vec<(usize, usize)> = (0..column.len()).map(|row| (0, row)).collect();
    let mut rows = rows.iter();
    for (piece, cells) in treated.iter().enumerate() {
        for at in 0..cells.len() {
            indices[*rows.next()? as usize] = (piece + 1, at);
        }
    }
    interleave(&sources, &indices).ok()
}

/// Runs `work` over pieces of `rows` in parallel, results in order.
pub(crate) fn in_pieces<T: Send, E: Send>(rows: &[u32], work: impl Fn(&[u32]) -> Result<T, E> + Send + Sync) -> Result<Vec<T>, E> {
    rows.par_chunks(ROWS_PER_PIECE).map(work).collect()
}

/// Runs `work` over pieces of `rows` in parallel and joins two results at a time, in no order.
pub(crate) fn join_pieces<T: Send>(
    rows: &[u32],
    work: impl Fn(&[u32]) -> T + Send + Sync,
    join: impl Fn(T, T) -> T + Send + Sync,
) -> Option<T> {
    rows.par_chunks(ROWS_PER_PIECE).map(work).reduce_with(join)
}
