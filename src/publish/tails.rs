//! The columns of a set that stand at the end of a path: worked out once for every row that the path's first step can lead to.
//!
//! A line's customer, month and postcode depend on its order alone. So they are fetched, generalised and hashed once per order, and numbered;
//! what a line needs is its order's row.

use arrow::array::{Array, ArrayRef, UInt32Array, new_null_array};
use arrow::compute::{concat, take};

use super::PublishError;
use super::frame::kernel_error;
use super::intern::{Interner, NULL};
use super::treatment::{Circumstances, Treatment};
use super::walk::Walk;
use crate::keys::DerivedKey;
use crate::pipeline::{ReferenceIndex, Set, SetColumn, SetSource};

/// A row that is not there.
pub(super) const NOBODY: u32 = u32::MAX;

/// The rows at the end of a path.
#[derive(Debug)]
pub(super) struct Ends {
    /// The path's first step.
    pub step: ReferenceIndex,
    /// Per row of the table that it leads to the row at the end or [`NOBODY`]; the last is for those whom it leads nowhere.
    rows: Vec<u32>,
}

impl Ends {
    /// `None` for an empty path.
    pub fn of(walk: &Walk<'_>, path: &[ReferenceIndex]) -> Option<Self> {
        let (step, rest) = path.split_first()?;
        Some(Self { step: *step, rows: ends(walk, *step, rest).iter().map(|row| row.unwrap_or(NOBODY)).collect() })
    }

    /// The ends for rows whose first step leads to these rows.
    pub fn rows_of(&self, parents: &UInt32Array) -> Vec<u32> {
        at(&self.rows, parents)
    }
}

/// Per row of the table that a first step leads to, and for nowhere, the row at the end of the rest of the path.
fn ends(walk: &Walk<'_>, step: ReferenceIndex, rest: &[ReferenceIndex]) -> UInt32Array {
    let first = walk.pipeline.references[step].to;
    let rows = walk.state.tables[first].rows as u32;
    let begins = (0..rows).map(|row| walk.may_read(first, row as usize).then_some(row)).chain([None]).collect();
    walk.on_from(begins, rest, false)
}

/// What stands at each row's parent; the last of `known` where it has none.
fn at(known: &[u32], parents: &UInt32Array) -> Vec<u32> {
    if parents.null_count() == 0 {
        return parents.values().iter().map(|parent| known[*parent as usize]).collect();
    }
    parents.iter().map(|parent| known[parent.map_or(known.len() - 1, |parent| parent as usize)]).collect()
}

/// A column along a path.
#[derive(Debug)]
pub(super) struct Tail {
    /// The path's first step.
    pub step: ReferenceIndex,
    /// Per row of the table that it leads to the code of the published cell; the last is for those whom it leads nowhere.
    codes: Vec<u32>,
    /// The published values.
    pub values: Interner,
}

impl Tail {
    /// `None` where the column has no path, or its cells have to be looked at row by row: a cast that fails stops the set, and must not fail for
    /// a cell that is not in it.
    ///
    /// # Errors
    /// [`PublishError::ColumnNotRead`], [`PublishError::Unsupported`] and [`PublishError::Compute`].
    pub fn of(
        walk: &Walk<'_>,
        set: &Set,
        column: &SetColumn,
        circumstances: &Circumstances,
        key: &DerivedKey,
    ) -> Result<Option<Self>, PublishError> {
        let SetSource::Column { path, table, columns, cast: None, generalise } = &column.source else { return Ok(None) };
        let Some((step, rest)) = path.split_first() else { return Ok(None) };
        let failed = PublishError::step(&set.name, "following a path");
        let ends = ends(walk, *step, rest);

        // The rows at the end that anything leads to, each once; nothing else of that table is looked at.
        let mut place = vec![NULL; walk.state.tables[*table].rows];
        let mut reached: Vec<Option<u32>> = vec![None];
        for row in ends.iter().flatten() {
            if place[row as usize] == NULL {
                place[row as usize] = reached.len() as u32;
                reached.push(Some(row));
            }
        }
        let reached = UInt32Array::from(reached);
        let fetched = columns.iter().map(|at| {
            let cells = walk.state.column(*table, *at).ok_or_else(|| PublishError::ColumnNotRead {
                set: set.name.clone(),
                table: walk.pipeline.tables[*table].name().to_owned(),
                column: walk.pipeline.tables[*table].catalog.columns[*at].name.clone(),
            })?;
            take(cells, &reached, None).map_err(&failed)
        });
        let mut sources = fetched.collect::<Result<Vec<_>, _>>()?;
        // Equal cells are published alike: of a single column each value is treated once.
        let mut which: Vec<u32> = (0..reached.len() as u32).collect();
        if let [cells] = sources.as_slice()
            && let Some(mut different) = Interner::of(cells.data_type())
        {
            which = different.codes(cells).map_err(&failed)?;
            sources = vec![behind_null(&different).map_err(&failed)?];
        }
        let treatment = Treatment::declared(generalise);
        let published = treatment
            .apply(&sources, circumstances, Some(key))
            .map_err(|error| kernel_error(set, &column.name, &treatment, &sources, error))?;
        let Some(mut values) = Interner::of(published.data_type()) else { return Ok(None) };
        let published = values.codes(&published).map_err(&failed)?;
        let code = |end: Option<u32>| published[which[end.map_or(NULL, |end| place[end as usize]) as usize] as usize];
        Ok(Some(Self { step: *step, codes: ends.iter().map(code).collect(), values }))
    }

    /// The codes of rows whose first step leads to these rows.
    pub fn codes_of(&self, parents: &UInt32Array) -> Vec<u32> {
        at(&self.codes, parents)
    }
}

/// The values, so that every code is its place: NULL first.
fn behind_null(different: &Interner) -> Result<ArrayRef, arrow::error::ArrowError> {
    let values = different.values()?;
    concat(&[new_null_array(different.data_type(), 1).as_ref(), values.as_ref()])
}
