//! A published set: what its rows are, where its columns come from and what it promises.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array, StringArray};

use super::{
    AfterForgetting, CategoryIndex, ColumnIndex, Condition, PeriodKind, PseudonymFormat, ReferenceIndex, Release, Scalar, SmallGroups,
    TableIndex, Taxonomy,
};
use crate::decide::clocks::Period;
use crate::kernels::arithmetic::Operator;
use crate::kernels::convert::Target;
use crate::kernels::pseudonym;
use crate::kernels::rank::Rank;

impl PseudonymFormat {
    /// The format as the kernel names it.
    #[must_use]
    pub fn of_kernel(self) -> pseudonym::PseudonymFormat {
        match self {
            Self::Hex => pseudonym::PseudonymFormat::Hex,
            Self::Uuid => pseudonym::PseudonymFormat::Uuid,
            Self::Base32 => pseudonym::PseudonymFormat::Base32,
            Self::Int64 => pseudonym::PseudonymFormat::Integer,
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
    /// Of an anonymous set: counts are rounded to multiples of this.
    pub rounding: Option<u32>,
    /// Of an anonymous set: sums are rounded to multiples of so many whole units.
    pub round_to: Option<u32>,
    /// Of an anonymous set: cells are left out in which the second largest contributor to a sum or mean could estimate the largest one's part to
    /// within so many percent.
    pub dominance: Option<u32>,
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

impl Set {
    /// The paths from the base that its columns, its subject and its conditions are found along; a path may come several times.
    pub fn paths(&self) -> Vec<&[ReferenceIndex]> {
        let of_columns = self.columns.iter().flat_map(|column| column.source.columns()).map(|source| source.path);
        let others = self.subject.iter().map(|(path, _)| path).chain(self.filter.iter().map(|(path, _)| path));
        of_columns.chain(others.map(Vec::as_slice)).collect()
    }
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
        /// The type that its cells are cast to before anything else.
        cast: Option<Target>,
        /// How it is published.
        generalise: Generalised,
    },
    /// An amount reckoned from columns of numbers, one per row.
    Amount(Formula),
    /// The same value in every row.
    Constant(Constant),
    /// An aggregate of a column or an amount.
    Measure {
        /// Which.
        measure: Measure,
        /// Of what.
        of: Formula,
    },
    /// The number of rows.
    Count,
    /// The number of distinct subjects.
    CountSubjects,
}

/// A column of the store that a set's column is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceColumn<'a> {
    /// References from the base.
    pub path: &'a [ReferenceIndex],
    /// The table at their end.
    pub table: TableIndex,
    /// The column there.
    pub column: ColumnIndex,
}

impl SetSource {
    /// The store's columns behind it, in the order in which they are named; none for constants and counts.
    pub fn columns(&self) -> Vec<SourceColumn<'_>> {
        match self {
            Self::Column { path, table, columns, .. } => {
                columns.iter().map(|column| SourceColumn { path, table: *table, column: *column }).collect()
            }
            Self::Amount(formula) | Self::Measure { of: formula, .. } => formula.columns(),
            Self::Constant(_) | Self::Count | Self::CountSubjects => Vec::new(),
        }
    }
}

/// An aggregate of the rows of a group. NULL does not count; a group of NULLs has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// The exact sum.
    Sum,
    /// The exact mean, rounded once.
    Mean,
    /// The least, the greatest, or a quantile.
    Rank(Rank),
}

impl std::fmt::Display for Measure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sum => formatter.write_str("sum"),
            Self::Mean => formatter.write_str("mean"),
            Self::Rank(Rank::Least) => formatter.write_str("min"),
            Self::Rank(Rank::Greatest) => formatter.write_str("max"),
            Self::Rank(Rank::Quantile(share)) => write!(formatter, "quantile at {share}"),
        }
    }
}

/// A column, or an amount reckoned from several.
#[derive(Debug, Clone, PartialEq)]
pub struct Formula {
    /// As typed.
    pub text: String,
    /// What it says.
    pub term: Term,
}

impl Formula {
    /// The store's columns in it, in the order in which they are named.
    pub fn columns(&self) -> Vec<SourceColumn<'_>> {
        let mut found = Vec::new();
        self.term.gather(&mut found);
        found
    }

    /// The one path at whose end all of its columns stand, with the table there; `None` where they stand at several.
    pub fn only_path(&self) -> Option<(&[ReferenceIndex], TableIndex)> {
        let columns = self.columns();
        let first = columns.first()?;
        columns.iter().all(|column| column.path == first.path).then_some((first.path, first.table))
    }
}

/// A term of a formula.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    /// A column along references. Alone it is the column as it is; combined it is exact.
    Column {
        /// References from the base.
        path: Vec<ReferenceIndex>,
        /// The table at their end.
        table: TableIndex,
        /// The column there.
        column: ColumnIndex,
        /// The type that its cells are cast to.
        cast: Option<Target>,
    },
    /// A number: `unscaled` × 10^-`scale`.
    Number {
        /// Its digits.
        unscaled: i128,
        /// How many follow the point.
        scale: i8,
    },
    /// Two terms combined.
    Combined(Operator, Box<Term>, Box<Term>),
}

impl Term {
    fn gather<'a>(&'a self, found: &mut Vec<SourceColumn<'a>>) {
        match self {
            Self::Column { path, table, column, .. } => found.push(SourceColumn { path, table: *table, column: *column }),
            Self::Number { .. } => {}
            Self::Combined(_, left, right) => {
                left.gather(found);
                right.gather(found);
            }
        }
    }
}

/// The same value in every row.
#[derive(Debug, Clone, PartialEq)]
pub struct Constant {
    /// As typed.
    pub value: Scalar,
    /// The type that it is cast to.
    pub cast: Option<Target>,
}

impl Constant {
    /// A column of one row that holds it, not cast yet.
    pub fn cell(&self) -> ArrayRef {
        match &self.value {
            Scalar::Boolean(value) => Arc::new(BooleanArray::from(vec![*value])),
            Scalar::Integer(number) => Arc::new(Int64Array::from(vec![*number])),
            Scalar::Number(number) => Arc::new(Float64Array::from(vec![*number])),
            Scalar::Text(text) => Arc::new(StringArray::from(vec![text.as_str()])),
        }
    }
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
    /// A number's band between bounds, which ascend.
    Bounds(Vec<i64>),
    /// The age on the run's day in bands.
    AgeBand(u32),
    /// The age on the run's day in bands between bounds, which ascend.
    AgeBounds(Vec<i64>),
    /// What a taxonomy says of the value at a level, counted from 1.
    Taxonomy(Arc<Taxonomy>, usize),
}
