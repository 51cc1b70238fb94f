//! Published sets: computed from the state after tonight's forgetting, taken through the disclosure gate, written as
//! immutable versions, switched in one step.
//!
//! Data comes from [`crate::snapshot::State`]. [`compute`] fetches a set's rows for one tenant, [`pass`] is the only way on,
//! [`stage`] writes a version where no reader looks, [`Staged::verify`] reads it back, and [`switch`] makes it the latest
//! after the store was written. A failure stops one set of one tenant; nothing half-made is ever visible.

mod bucket;
mod cells;
mod check;
mod coarsen;
mod combinations;
mod dictionary;
mod error;
mod folder;
mod frame;
mod gate;
mod group;
mod latest;
mod location;
mod manifest;
mod order;
mod parquet;
#[cfg(test)]
mod testing;
mod totals;
mod treatment;
mod version;
mod walk;

pub use bucket::{Bucket, BucketError, Object, Put, Replaced, Tag, Uploaded};
pub use check::{Finding, Problem, check_published};
pub use dictionary::{Dictionary, Entry, Source};
pub use error::PublishError;
pub use folder::folder_name;
pub use frame::{Computed, LeftOut, compute};
pub use gate::{GateReport, Gated, pass};
pub use latest::{Published, list_sets, prune, resolve_latest};
pub use location::{Allowed, AllowedBucket, AllowedEntry, BucketUrl, Location, LocationError, Service};
pub use manifest::{ColumnEntry, FileEntry, Manifest, RowCounts};
pub use parquet::for_each_text;
pub use version::{RunFacts, Staged, Switch, clear_abandoned_staging, stage, switch};
