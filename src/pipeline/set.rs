//! A published set: what its rows are, where its columns come from and what it promises.

use super::{
    AfterForgetting, CategoryIndex, ColumnIndex, Condition, PeriodKind, PseudonymFormat, ReferenceIndex, Release, SmallGroups, TableIndex,
};
use crate::decide::clocks::Period;
use crate::kernels::pseudonym;

impl PseudonymFormat {
    /// The format as the kernel names it; `None` where pseudonyms can not be written so.
    pub fn of_kernel(self) -> Option<pseudonym::PseudonymFormat> {
        match self {
            Self::Hex => Some(pseudonym::PseudonymFormat::Hex),
            Self::Uuid => Some(pseudonym::PseudonymFormat::Uuid),
            Self::Base32 | Self::Int64 => None,
        }
    }
}

/// A published set.
#[derive(Debug, Clone)]
pub struct Set {
    /// Its name.
    pub name: String,
    /// For the data dictionary.
    pub description: String,
    /// The base table.
    pub base: TableIndex,
    /// The label.
    pub release: Release,
    /// The pseudonyms' purpose.
    pub purpose: String,
    /// Path from the base to the data subject and its category.
    pub subject: Option<(Vec<ReferenceIndex>, CategoryIndex)>,
    /// Filters on rows: (path, condition at its end).
    pub filter: Vec<(Vec<ReferenceIndex>, Condition)>,
    /// The columns.
    pub columns: Vec<SetColumn>,
    /// Whether rows are grouped.
    pub aggregates: bool,
    /// Smallest group.
    pub k: u32,
    /// What happens to smaller ones.
    pub small_groups: SmallGroups,
    /// Index of the period column of which only closed periods are published.
    pub closed: Option<usize>,
    /// Index of the column by whose values the files are parted into folders: a period or a day.
    pub partition: Option<usize>,
    /// Indices of the columns by which the rows of a file are sorted; none where all columns are, in their order.
    pub sort: Vec<usize>,
    /// What stays of a subject's rows after it was forgotten.
    pub after_forgetting: AfterForgetting,
    /// Versions kept.
    pub keep_versions: usize,
    /// The age at which versions go, although `keep_versions` would keep them; never the latest one.
    pub keep_age: Option<Period>,
    /// How long a replaced version stays.
    pub reader_grace: Period,
}

/// A column of a set.
#[derive(Debug, Clone)]
pub struct SetColumn {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub source: SetSource,
    /// Whether it counts for k.
    pub quasi_identifier: bool,
    /// For the data dictionary.
    pub description: String,
}

/// Where a set's column comes from.
#[derive(Debug, Clone)]
pub enum SetSource {
    /// A column along references.
    Column {
        /// References from the base.
        path: Vec<ReferenceIndex>,
        /// The table at their end.
        table: TableIndex,
        /// The columns there (several for a composite pseudonym, otherwise one).
        columns: Vec<ColumnIndex>,
        /// How it is published.
        generalise: Generalised,
    },
    /// The sum of an amount.
    Sum {
        /// References from the base.
        path: Vec<ReferenceIndex>,
        /// The column at their end.
        column: ColumnIndex,
    },
    /// The number of rows.
    Count,
    /// The number of distinct subjects.
    CountSubjects,
}

/// How a column is published.
#[derive(Debug, Clone, PartialEq)]
pub enum Generalised {
    /// As it is.
    Value,
    /// A pseudonym. The domain names the category or table whose key it is, so that the same key gives the same pseudonym along every path.
    Pseudonym {
        /// The table whose key this is.
        domain: String,
        /// How it is written.
        format: PseudonymFormat,
    },
    /// First day of the period.
    Period(PeriodKind),
    /// The first characters.
    Prefix(usize),
    /// A number's band.
    Band(u32),
    /// The age on the run's day in bands.
    AgeBand(u32),
}
