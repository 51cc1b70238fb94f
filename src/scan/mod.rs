//! Scanning: where personal data stands in streams, files and the store's columns.
//!
//! Texts come from JSON lines ([`stream()`]), from files ([`files()`]) or from the tables of a pipeline ([`tables()`]), go through
//! [`crate::detect::Scanner`] on all cores, and leave as findings per line, as a [`Summary`], or as a file of findings. No value ever leaves:
//! only places, kinds, confidences and counts. What comes from where, by file: `lines` (blocks of whole lines), `parallel` (the threads),
//! `tally` (what is counted), `csv`, `parquet`, `text` (the kinds of files), `findings` (the file of findings).

mod csv;
mod files;
mod findings;
mod lines;
mod parallel;
mod parquet;
mod stream;
mod tables;
mod tally;
mod text;

use std::path::PathBuf;

use serde::Serialize;

use crate::detect::{Country, Kinds, Scanner};

pub use files::files;
pub use findings::Target;
pub use stream::{Streamed, stream};
pub use tables::tables;

/// What is searched for.
#[derive(Clone, Debug)]
pub struct Search {
    /// The countries whose numbers are read.
    pub countries: Vec<Country>,
    /// The kinds that are found.
    pub kinds: Kinds,
    /// The least confidence of a finding, from 0 to 1.
    pub min_confidence: f32,
}

impl Search {
    fn scanner(&self) -> Scanner {
        Scanner::new(&self.countries).of_kinds(self.kinds).at_least(self.min_confidence)
    }
}

/// Which texts of a source are scanned; everything where nothing is named.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// The tables of a store.
    pub tables: Vec<String>,
    /// The columns of a table, a CSV or a Parquet file; the members of JSON lines.
    pub columns: Vec<String>,
}

impl Choice {
    fn wants(&self, column: &str) -> bool {
        self.columns.is_empty() || self.columns.iter().any(|wanted| wanted == column)
    }
}

/// What was found, in numbers.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Summary {
    /// Each column that was scanned, in order; a text file is one column without a name.
    pub columns: Vec<ColumnLine>,
    /// What could not be scanned, each as a sentence.
    pub problems: Vec<Problem>,
    /// What was scanned otherwise than one might think, each as a sentence.
    pub notes: Vec<String>,
    /// Rows, lines or records.
    pub rows: u64,
    /// Texts that were scanned.
    pub cells: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Findings in all columns.
    pub findings: u64,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnLine {
    /// The file or table.
    pub source: String,
    /// The column; `None` for lines of text.
    pub column: Option<String>,
    /// Texts that were scanned: NULL is none.
    pub cells: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Texts with findings of any kind.
    pub cells_with_findings: u64,
    /// What was found, by kind.
    pub kinds: Vec<KindLine>,
}

/// Findings of one kind in one column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KindLine {
    /// The kind's name.
    pub kind: &'static str,
    /// Texts with such findings.
    pub cells: u64,
    /// Their share of all texts of the column.
    pub share: f64,
    /// The findings.
    pub findings: u64,
    /// Their mean confidence.
    pub mean_confidence: f64,
}

/// Something that could not be scanned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// The line, where it is one.
    pub line: Option<u64>,
    /// Why, without a value.
    pub reason: String,
    /// What to do.
    pub hint: Option<String>,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(formatter, "`{}`, line {line}: {}", self.file.display(), self.reason),
            None => write!(formatter, "`{}`: {}", self.file.display(), self.reason),
        }
    }
}
