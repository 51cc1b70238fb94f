//! Candidates: those whose time has come, as a list for the people who must look through it.
//!
//! An explicit export, the one place where real keys and names leave the store for a file: to a table of text (`text`) or a workbook
//! (`workbook`) with mode 0600, never to the terminal. Data comes from the plan of the same day; nothing is changed.

mod list;
mod text;
mod workbook;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::decide::Outcome;
use crate::error::Error;
use crate::report::{StoppedLine, TenantLine};

pub use list::list;

/// The file's first words, before what it holds.
pub const NOTICE: &str = "Personal data of people whose time has come: not pseudonymised where keys or names stand. Handle accordingly, and delete this file after use.";

/// What a person asks for.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// One category; all where left out.
    pub category: Option<String>,
    /// Only those who have done nothing since this day, whether they are due or not.
    pub inactive_since: Option<Date>,
    /// Only these outcomes.
    pub outcomes: Vec<Outcome>,
    /// Columns of the categories' tables to show.
    pub columns: Vec<String>,
    /// Columns of restricted classes may be shown.
    pub with_restricted: bool,
}

/// The list, with what says where it comes from.
#[derive(Debug, Clone)]
pub struct Candidates {
    /// The pipeline file.
    pub pipeline: String,
    /// SHA-256 of its bytes.
    pub pipeline_sha256: String,
    /// The snapshot.
    pub snapshot: String,
    /// When it was read.
    pub made: Timestamp,
    /// The tenants' days.
    pub tenants: Vec<TenantLine>,
    /// The tenants that are not in it.
    pub stopped: Vec<StoppedLine>,
    /// What was asked for.
    pub ask: Ask,
    /// Names of the shown columns, in the order of [`Candidate::shown`].
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Candidate>,
    /// What the list leaves out, in words.
    pub notes: Vec<String>,
}

/// One subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The tenant.
    pub tenant: String,
    /// The category.
    pub category: String,
    /// The real key, its parts with ` | ` between them; empty where it is of a restricted class and those were not asked for.
    pub key: String,
    /// The token of all reports.
    pub token: String,
    /// What a run on that day would do.
    pub outcome: Outcome,
    /// The rule, with its statute or notice.
    pub reason: String,
    /// The hold, restriction or block that keeps the subject from being forgotten.
    pub waits_for: String,
    /// The latest activity that is known, of whatever rule and table.
    pub latest_activity: Option<Date>,
    /// The start of the clock that ends last.
    pub clock_start: Option<Date>,
    /// The last day of keeping.
    pub due: Option<Date>,
    /// Of `partly`: the last day of the longest duty.
    pub next_due: Option<Date>,
    /// Rows of other tables that lead to the subject.
    pub linked_rows: u64,
    /// The columns asked for; empty where the category has no such column.
    pub shown: Vec<Cell>,
}

/// A cell of the file.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Text as it is.
    Text(String),
    /// A number, in digits.
    Number(String),
    /// A day.
    Day(Date),
}

impl Cell {
    fn day(day: Option<Date>) -> Self {
        day.map_or(Self::Empty, Self::Day)
    }

    fn text(text: &str) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text.to_owned()) }
    }
}

/// The file's own columns, before those asked for.
const HEADER: [&str; 12] = [
    "tenant",
    "category",
    "key",
    "token",
    "outcome",
    "reason",
    "waits_for",
    "latest_activity",
    "clock_start",
    "due",
    "next_due",
    "linked_rows",
];

impl Candidate {
    fn cells(&self) -> Vec<Cell> {
        let own = [
            Cell::text(&self.tenant),
            Cell::text(&self.category),
            Cell::text(&self.key),
            Cell::text(&self.token),
            Cell::text(self.outcome.as_str()),
            Cell::text(&self.reason),
            Cell::text(&self.waits_for),
            Cell::day(self.latest_activity),
            Cell::day(self.clock_start),
            Cell::day(self.due),
            Cell::day(self.next_due),
            Cell::Number(self.linked_rows.to_string()),
        ];
        own.into_iter().chain(self.shown.iter().cloned()).collect()
    }
}

/// How many of a tenant's category end in the same way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CountLine {
    /// The tenant.
    pub tenant: String,
    /// The category.
    pub category: String,
    /// What a run would do.
    pub outcome: Outcome,
    /// How many.
    pub count: u64,
}

impl Candidates {
    /// The list in numbers: what the terminal may show.
    pub fn counts(&self) -> Vec<CountLine> {
        let mut counts: BTreeMap<(&str, &str, Outcome), u64> = BTreeMap::new();
        for row in &self.rows {
            *counts.entry((&row.tenant, &row.category, row.outcome)).or_default() += 1;
        }
        let line = |((tenant, category, outcome), count): ((&str, &str, Outcome), u64)| CountLine {
            tenant: tenant.to_owned(),
            category: category.to_owned(),
            outcome,
            count,
        };
        counts.into_iter().map(line).collect()
    }

    /// The header's names.
    fn header(&self) -> Vec<String> {
        HEADER.iter().map(|name| (*name).to_owned()).chain(self.columns.iter().cloned()).collect()
    }
}

/// A file of one of the two kinds, named by its ending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    path: PathBuf,
    workbook: bool,
    overwrite: bool,
}

impl Output {
    /// Looks at the name, and at what is there, before anything is read.
    pub fn at(path: &Path, overwrite: bool) -> Result<Self, Error> {
        let usage = |message: String, hint: &str| Err(Error::Usage { message, hint: Some(hint.to_owned()) });
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        let workbook = match ending.as_deref() {
            Some("csv") => false,
            Some("xlsx") => true,
            _ => return usage(format!("`{}` is neither a CSV nor an XLSX file", path.display()), "end its name in `.csv` or `.xlsx`"),
        };
        let there = path.symlink_metadata();
        match there {
            Ok(there) if there.is_dir() => return usage(format!("`{}` is a folder", path.display()), "name a file in it"),
            Ok(_) if !overwrite => return usage(format!("`{}` exists", path.display()), "`--overwrite` replaces it"),
            _ => {}
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() {
            return usage(format!("there is no folder `{}` to write `{}` into", folder.display(), path.display()), "make it first");
        }
        Ok(Self { path: path.to_owned(), workbook, overwrite })
    }

    /// The file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the list with mode 0600: whole, or not at all.
    pub fn write(&self, candidates: &Candidates) -> Result<(), Error> {
        let written = crate::files::private(&self.path, self.overwrite, &mut |file| {
            if self.workbook { workbook::write(candidates, file, workbook::ROWS) } else { text::write(candidates, file) }
        });
        written.map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                Error::Usage { message: format!("`{}` exists", self.path.display()), hint: Some("`--overwrite` replaces it".into()) }
            }
            _ => Error::file("write", &self.path, &error),
        })
    }
}
