//! JSON documents in a column: what stands at which path, and what happens to it.

use super::{Class, PeriodKind, Scalar, Scrubbing};
use crate::kernels::json::Path;

/// The treatment of a column of documents. Beside the paths everything in a document stays as it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The paths; no value stands at two of them.
    pub paths: Vec<DocumentPath>,
    /// How personal data in the texts at no path is replaced, if it is.
    pub scrub_rest: Option<Scrubbing>,
}

/// A path into a column's documents.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentPath {
    /// Where.
    pub path: Path,
    /// What stands there.
    pub class: Class,
    /// What happens to it when its row's time has come.
    pub treatment: PathTreatment,
}

/// What happens to the value at a path when its row's time has come.
#[derive(Debug, Clone, PartialEq)]
pub enum PathTreatment {
    /// Stays.
    Keep,
    /// Becomes JSON's `null`.
    Null,
    /// Goes with its key, or out of its list.
    Remove,
    /// Becomes a constant.
    Constant(Scalar),
    /// Personal data in the text is replaced.
    Scrub(Scrubbing),
    /// A date or time becomes the first day of its period.
    Period(PeriodKind),
    /// The first characters stay.
    Prefix(usize),
}

impl Document {
    /// Whether texts of it are scrubbed, which needs to know whose they are.
    pub fn scrubs(&self) -> bool {
        self.scrubbings().next().is_some()
    }

    /// How texts of it are scrubbed: those at no path, and those at paths.
    pub fn scrubbings(&self) -> impl Iterator<Item = &Scrubbing> {
        let at_paths = self.paths.iter().filter_map(|path| match &path.treatment {
            PathTreatment::Scrub(scrubbing) => Some(scrubbing),
            _ => None,
        });
        self.scrub_rest.iter().chain(at_paths)
    }
}
