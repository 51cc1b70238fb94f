//! Published sets: computed from the state after tonight's forgetting, taken through the disclosure gate, written as
//! immutable versions, switched in one step.
//!
//! Data comes from [`crate::snapshot::State`]. [`compute`] fetches a set's rows for one tenant, [`pass`] is the only way on,
//! [`stage`] writes a version where no reader looks, [`Staged::verify`] reads it back, and [`switch`] makes it the latest
//! after the store was written. A failure stops one set of one tenant; nothing half-made is ever visible.

mod altered;
mod amounts;
mod bucket;
mod build;
mod cells;
mod check;
mod coarsen;
mod coded;
mod combinations;
mod compare;
mod content;
mod contributors;
mod counted;
mod dictionary;
mod earlier;
mod error;
mod field;
mod folder;
mod frame;
mod frozen;
mod gate;
mod gather;
mod group;
mod intern;
mod kept;
mod latest;
mod lineage;
mod loaded;
mod location;
mod manifest;
mod measures;
mod memory;
mod mirror;
mod order;
mod packed;
mod parquet;
mod partition;
mod piece;
mod remarks;
mod risk;
mod rounding;
mod row_groups;
mod rows;
mod singled;
mod stage;
mod tails;
#[cfg(test)]
mod testing;
mod together;
mod totals;
mod treatment;
mod unlink;
mod version;
mod vouched;
mod walk;

pub use altered::{Altered, Expected, altered, damaged};
pub use bucket::{Bucket, BucketError, Object, Put, Replaced, Sent, Tag, Uploaded};
pub use build::{Builder, Collected, Making, goes_in_pieces};
pub use check::{Finding, Problem, beside_published, check_published};
pub use coded::{Coded, Coding};
pub use compare::{Change, Made, PartitionChange, compare};
pub use dictionary::{Dictionary, Entry, Source};
pub use error::PublishError;
pub use folder::folder_name;
pub use frame::{Computed, LeftOut, compute};
pub use frozen::Memory;
pub use gate::{GateReport, Gated, pass};
pub use kept::LatestVersion;
pub(crate) use latest::shredded_mark;
pub use latest::{Marked, Published, list_sets, mark_erased, mark_shredded, may_hold_erased, prune, resolve_latest};
pub use lineage::{Filter, Lineage, Selection, lineage};
pub use location::{
    Allowed, AllowedBucket, AllowedEntry, BucketUrl, Location, LocationError, Service, place_sha256, real_folder, way_sha256,
};
pub(crate) use manifest::SHREDDED;
pub use manifest::{ColumnEntry, EarlierEntry, FileEntry, Manifest, PartitionEntry, RowCounts};
pub use memory::Remembering;
pub use mirror::{LatestThere, Mirrored, check_bucket, latest_in, mirror};
pub use parquet::{for_each_text, write_parquet};
pub use partition::value_of;
pub use piece::Piece;
pub use remarks::{Remark, remarks};
pub use risk::{Risk, RiskReport};
pub use singled::SinglesOut;
pub use stage::{RunFacts, Staged, Staging, stage};
pub use version::{Switch, backfill_name, clear_abandoned_staging, set_folder as folder_of_set, switch};
pub use vouched::{Contradiction, Contradicts, Standing, Vouched, contradictions, put_right};
