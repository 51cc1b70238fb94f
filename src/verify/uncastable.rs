//! What would refuse a set tonight, found beforehand: cells that can not be cast as the set says, and amounts of too many digits.
//!
//! Every cell is looked at, because one is enough. The rows of the base are those that the set's own conditions let pass; where a condition
//! or the column itself stands at the end of a path the rows are not followed, so that some of them may not be in the set.

use arrow::array::{Array, ArrayRef, BooleanArray, Decimal128Array, RecordBatch};
use arrow::compute::filter;
use jiff::tz::TimeZone;

use crate::decide::condition::passes_column;
use crate::kernels::arithmetic::{combine, decimals};
use crate::kernels::convert::{Target, convert};
use crate::kernels::mean::DIGITS;
use crate::pipeline::*;
use crate::store::{Request, Snapshot, StoreError};

/// A column of a set that can not be computed from what the store holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uncastable {
    /// The set.
    pub set: String,
    /// Its column.
    pub column: String,
    /// The store's column with its table, or the amount as typed.
    pub source: String,
    /// The type to cast to; `None` for an amount.
    pub to: Option<String>,
    /// In how many rows it fails.
    pub failed: u64,
    /// Rows that have a value.
    pub cells: u64,
    /// Whether each of them would be in the set.
    pub surely: bool,
}

impl std::fmt::Display for Uncastable {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { set, column, source, failed, cells, .. } = self;
        match &self.to {
            Some(to) => {
                write!(formatter, "`{column}` of the set `{set}` casts `{source}` to `{to}`, which {failed} of {cells} cells can not be")?
            }
            None => write!(
                formatter,
                "`{column}` of the set `{set}` is `{source}`, which has more than {DIGITS} digits in {failed} of {cells} rows"
            )?,
        }
        formatter.write_str(match self.surely {
            true => ": a run would refuse the set",
            false => ": a run would refuse the set, unless these rows are not in it",
        })
    }
}

/// What is reckoned with the rows of one table.
enum Reckoned<'a> {
    Cast(ColumnIndex, Target),
    Amount(&'a Formula),
}

/// One column of a set that is looked at.
struct Question<'a> {
    set: &'a Set,
    column: &'a str,
    table: TableIndex,
    in_base: bool,
    reckoned: Reckoned<'a>,
}

impl Question<'_> {
    /// The conditions on the rows themselves; of other rows' conditions nothing is known here.
    fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.set.filter.iter().filter(|(path, _)| self.in_base && path.is_empty()).map(|(_, condition)| condition)
    }

    fn surely(&self) -> bool {
        self.in_base && self.set.filter.iter().all(|(path, _)| path.is_empty())
    }

    fn columns(&self) -> Vec<ColumnIndex> {
        let mut columns: Vec<ColumnIndex> = self.conditions().map(|condition| condition.column).collect();
        match &self.reckoned {
            Reckoned::Cast(column, _) => columns.push(*column),
            Reckoned::Amount(formula) => columns.extend(formula.columns().iter().map(|source| source.column)),
        }
        columns
    }
}

/// Looks at the cells of all sets that cast or reckon.
///
/// # Errors
/// The store can not be read.
pub fn uncastable(pipeline: &Pipeline, snapshot: &mut dyn Snapshot) -> Result<Vec<Uncastable>, StoreError> {
    let questions: Vec<Question<'_>> = pipeline.sets.iter().flat_map(questions).collect();
    let mut found: Vec<Option<Uncastable>> = questions.iter().map(|_| None).collect();
    for (table, scoped) in pipeline.tables.iter().enumerate() {
        let own = || questions.iter().enumerate().filter(|(_, question)| question.table == table);
        let mut columns: Vec<ColumnIndex> = own().flat_map(|(_, question)| question.columns()).collect();
        columns.sort_unstable();
        columns.dedup();
        if columns.is_empty() {
            continue;
        }
        let rows = snapshot.read(&Request { table: scoped.catalog.clone(), columns: columns.clone() }, &mut |_| {})?;
        for (at, question) in own() {
            let (mut failed, mut cells) = (0, 0);
            for batch in &rows.batches {
                let (more_failed, more) = looked_at(question, scoped, &columns, batch, &pipeline.controller.time_zone);
                failed += more_failed;
                cells += more;
            }
            if failed > 0 {
                found[at] = Some(told(question, scoped, failed, cells));
            }
        }
    }
    Ok(found.into_iter().flatten().collect())
}

fn questions(set: &Set) -> impl Iterator<Item = Question<'_>> {
    set.columns.iter().filter_map(|column| {
        let (path, table, reckoned) = match &column.source {
            SetSource::Column { path, table, columns, cast: Some(target), .. } => {
                (path.as_slice(), *table, Reckoned::Cast(*columns.first()?, *target))
            }
            SetSource::Amount(formula) | SetSource::Measure { of: formula, .. } => match &formula.term {
                Term::Column { path, table, column, cast: Some(target) } => (path.as_slice(), *table, Reckoned::Cast(*column, *target)),
                Term::Combined(..) => {
                    let (path, table) = formula.only_path()?;
                    (path, table, Reckoned::Amount(formula))
                }
                _ => return None,
            },
            _ => return None,
        };
        Some(Question { set, column: &column.name, table, in_base: path.is_empty(), reckoned })
    })
}

/// In how many rows of a batch it fails, and how many have a value.
fn looked_at(question: &Question<'_>, scoped: &ScopedTable, columns: &[ColumnIndex], batch: &RecordBatch, zone: &TimeZone) -> (u64, u64) {
    let mut pass = vec![true; batch.num_rows()];
    for condition in question.conditions() {
        let Some(cells) = cells_of(columns, batch, condition.column) else { continue };
        let passing = passes_column(&scoped.catalog.columns[condition.column], &cells, &condition.tests);
        pass.iter_mut().zip(passing.into_iter().flatten()).for_each(|(pass, passing)| *pass &= passing);
    }
    let pass = BooleanArray::from(pass);
    let cells = |column: ColumnIndex| filter(&cells_of(columns, batch, column)?, &pass).ok();
    match &question.reckoned {
        Reckoned::Cast(column, target) => {
            let Some(cells) = cells(*column) else { return (0, 0) };
            let there = (cells.len() - cells.null_count()) as u64;
            // A cast that there is none of was refused with the pipeline.
            (convert(&cells, *target, zone).map_or(there, |converted| converted.failed), there)
        }
        Reckoned::Amount(formula) => {
            let rows = pass.true_count();
            let whole = |at: usize, rows: usize| reckon(&formula.term, rows, &|column| Some(cells(column)?.slice(at, rows)));
            match whole(0, rows) {
                Some(amounts) => (0, (rows - amounts.null_count()) as u64),
                // The kernel stops at the first; how many there are is seen row by row.
                None => (0..rows).map(|row| whole(row, 1)).fold((0, 0), |(failed, there), amount| match amount {
                    None => (failed + 1, there + 1),
                    Some(amount) => (failed, there + u64::from(amount.is_valid(0))),
                }),
            }
        }
    }
}

fn cells_of(columns: &[ColumnIndex], batch: &RecordBatch, column: ColumnIndex) -> Option<ArrayRef> {
    Some(batch.column(columns.binary_search(&column).ok()?).clone())
}

/// The amounts of so many rows; `None` where one has too many digits.
fn reckon(term: &Term, rows: usize, cells: &dyn Fn(ColumnIndex) -> Option<ArrayRef>) -> Option<Decimal128Array> {
    match term {
        Term::Column { column, .. } => decimals(&cells(*column)?).ok(),
        Term::Number { unscaled, scale } => Decimal128Array::from(vec![*unscaled; rows]).with_precision_and_scale(DIGITS, *scale).ok(),
        Term::Combined(operator, left, right) => combine(*operator, &reckon(left, rows, cells)?, &reckon(right, rows, cells)?).ok(),
    }
}

fn told(question: &Question<'_>, scoped: &ScopedTable, failed: u64, cells: u64) -> Uncastable {
    let (source, to) = match &question.reckoned {
        Reckoned::Cast(column, target) => (format!("{}.{}", scoped.name(), scoped.catalog.columns[*column].name), Some(target.to_string())),
        Reckoned::Amount(formula) => (formula.text.clone(), None),
    };
    let (set, column) = (question.set.name.clone(), question.column.to_owned());
    Uncastable { set, column, source, to, failed, cells, surely: question.surely() }
}
