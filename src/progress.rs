//! Progress as a trait: the library reports, the command line draws.

/// Somebody who shows how far a stage is.
pub trait Progress: Sync {
    /// Starts a stage of `total` units (0 where it is not known).
    fn start(&self, stage: &str, total: u64) -> Box<dyn Stage>;
}

/// A stage that runs. Dropping it without [`Stage::finish`] means that it failed.
pub trait Stage: Send + Sync {
    /// So many more units are done.
    fn advance(&self, units: u64);
    /// The stage is done.
    fn finish(&self);
}

/// Shows nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn start(&self, _stage: &str, _total: u64) -> Box<dyn Stage> {
        Box::new(Silent)
    }
}

impl Stage for Silent {
    fn advance(&self, _units: u64) {}
    fn finish(&self) {}
}
