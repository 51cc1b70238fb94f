//! The columns of a set that stand at the end of a path: worked out once for every row where the path can end.
//!
//! A line's customer, month and postcode depend on its order alone, and the postcode on the order's customer alone. So they are fetched,
//! generalised and hashed once, and numbered; what a line needs is its order's row, and where the paths go from there.

use arrow::array::{Array, ArrayRef, UInt32Array, new_null_array};
use arrow::compute::{concat, take};
use arrow::datatypes::DataType;

use super::PublishError;
use super::coded::{Coded, Codes};
use super::frame::kernel_error;
use super::intern::{Interner, NULL};
use super::treatment::{Circumstances, Treatment};
use super::walk::Walk;
use crate::keys::DerivedKey;
use crate::pipeline::{Generalised, ReferenceIndex, Set, SetColumn, SetSource, TableIndex};

/// A row that is not there.
pub(super) const NOBODY: u32 = u32::MAX;

/// The rows at the end of a path.
#[derive(Debug)]
pub(super) struct Ends {
    /// The path.
    pub path: Vec<ReferenceIndex>,
    /// Its first step.
    pub step: ReferenceIndex,
    /// Per row of the table that the first step leads to the row at the end; `None` where the path ends there.
    rows: Option<UInt32Array>,
}

impl Ends {
    /// `None` for an empty path.
    pub fn of(walk: &Walk<'_>, path: &[ReferenceIndex]) -> Option<Self> {
        let (step, rest) = path.split_first()?;
        let first = walk.pipeline.references[*step].to;
        let rows = match rest {
            [] if walk.is_open(first) => None,
            // The pointers are known already.
            [next] if walk.is_open(first) && walk.is_open(walk.pipeline.references[*next].to) => Some(walk.state.parents[*next].clone()),
            _ => {
                let all = 0..walk.state.tables[first].rows as u32;
                Some(walk.on_from(all.map(|row| walk.may_read(first, row as usize).then_some(row)).collect(), rest, false))
            }
        };
        Some(Self { path: path.to_vec(), step: *step, rows })
    }

    /// The ends for rows whose first step leads to these rows; [`NOBODY`] where they lead nowhere.
    pub fn rows_of(&self, parents: &UInt32Array) -> Vec<u32> {
        let Some(rows) = &self.rows else { return parents.iter().map(|parent| parent.unwrap_or(NOBODY)).collect() };
        if parents.null_count() == 0 && rows.null_count() == 0 {
            return parents.values().iter().map(|parent| rows.value(*parent as usize)).collect();
        }
        let at = |parent: u32| rows.is_valid(parent as usize).then(|| rows.value(parent as usize));
        parents.iter().map(|parent| parent.and_then(at).unwrap_or(NOBODY)).collect()
    }

    /// Of each row of the table at the end its place among those that anything leads to, counted from 1; [`NULL`] where nothing does. And those
    /// rows, behind a null.
    fn reached(&self, rows: usize) -> (Vec<u32>, UInt32Array) {
        let Some(ends) = &self.rows else {
            let all = 0..rows as u32;
            return (all.clone().map(|row| row + 1).collect(), [None].into_iter().chain(all.map(Some)).collect());
        };
        let mut place = vec![NULL; rows];
        let mut reached: Vec<Option<u32>> = vec![None];
        for row in ends.iter().flatten() {
            if place[row as usize] == NULL {
                place[row as usize] = reached.len() as u32;
                reached.push(Some(row));
            }
        }
        (place, reached.into())
    }
}

/// A column along a path.
#[derive(Debug)]
pub(super) struct Tail {
    /// The path, as its number among the paths of the set.
    pub ends: usize,
    /// Per row at the end the number of the cell, where the cells themselves are not in memory.
    coded: Option<Codes>,
    /// The code of the published cell, per row at the end or by its cell's number; the last is that of NULL, and of a row that is not there.
    codes: Vec<u32>,
    /// The published values.
    pub values: Interner,
}

impl Tail {
    /// The path that a column can be worked out along; `None` where it has none, or its cells have to be looked at row by row: a cast that fails
    /// stops the set, and must not fail for a cell that is not in it.
    pub fn path(column: &SetColumn) -> Option<&[ReferenceIndex]> {
        match &column.source {
            SetSource::Column { path, cast: None, .. } if !path.is_empty() => Some(path),
            _ => None,
        }
    }

    /// `ends` are those of [`Tail::path`], and their number. `None` where the column's values can not be numbered.
    ///
    /// # Errors
    /// [`PublishError::ColumnNotRead`], [`PublishError::Unsupported`] and [`PublishError::Compute`].
    pub fn of(
        walk: &Walk<'_>,
        set: &Set,
        column: &SetColumn,
        (number, ends): (usize, &Ends),
        coded: &[Coded],
        circumstances: &Circumstances,
        key: &DerivedKey,
    ) -> Result<Option<Self>, PublishError> {
        let SetSource::Column { table, columns, generalise, .. } = &column.source else { return Ok(None) };
        let failed = PublishError::step(&set.name, "following a path");
        let treatment = Treatment::declared(generalise);
        // Codes of published cells whose first is NULL. What was different before, and is not made coarser, is different afterwards.
        let publish = |sources: &[ArrayRef], are_different: bool| -> Result<Option<(Vec<u32>, Interner)>, PublishError> {
            let published = treatment.apply(sources, circumstances, Some(key));
            let published = published.map_err(|error| kernel_error(set, &column.name, &treatment, sources, error))?;
            let Some(mut values) = Interner::of(published.data_type()) else { return Ok(None) };
            let stay_different = match generalise {
                Generalised::Pseudonym { .. } => true,
                Generalised::Value => *published.data_type() != DataType::Float64,
                _ => false,
            };
            if are_different && stay_different {
                let codes = (0..published.len() as u32).collect();
                return Ok(Some((codes, Interner::of_different(&published.slice(1, published.len() - 1)))));
            }
            let codes = values.codes(&published).map_err(&failed)?;
            Ok(Some((codes, values.closed().map_err(&failed)?)))
        };
        let known = |at: usize| coded.iter().find(|known| known.table == *table && known.column == at);
        if let [only] = columns.as_slice()
            && let Some(coded) = known(*only)
        {
            let Some((mut codes, values)) = publish(&[behind_null(&coded.values).map_err(&failed)?], true)? else { return Ok(None) };
            codes.rotate_left(1);
            return Ok(Some(Self { ends: number, coded: Some(coded.codes.clone()), codes, values }));
        }
        // The rows at the end that anything leads to, each once; nothing else of that table is looked at.
        let (place, reached) = ends.reached(walk.state.tables[*table].rows);
        let fetched = columns.iter().map(|at| take(cells(walk, set, *table, *at)?, &reached, None).map_err(&failed));
        let mut sources = fetched.collect::<Result<Vec<_>, _>>()?;
        // Equal cells are published alike: of a single column each value is treated once, unless all are different anyway, or it is a text that
        // is treated sooner than looked up.
        let is_key = matches!(sources.as_slice(), [cells] if cells.null_count() == 1 && walk.pipeline.tables[*table].catalog.primary_key == *columns);
        let looks_up = !is_key
            && (matches!(generalise, Generalised::Pseudonym { .. }) || sources.iter().all(|cells| *cells.data_type() != DataType::Utf8));
        let mut which: Vec<u32> = (0..reached.len() as u32).collect();
        let mut are_different = is_key;
        if let [cells] = sources.as_slice()
            && looks_up
            && let Some(mut different) = Interner::of(cells.data_type())
        {
            which = different.codes(cells).map_err(&failed)?;
            sources = vec![behind_null(&different.values().map_err(&failed)?).map_err(&failed)?];
            are_different = true;
        }
        let Some((published, values)) = publish(&sources, are_different)? else { return Ok(None) };
        let places = place.into_iter().chain([NULL]);
        let codes = places.map(|place| published[which[place as usize] as usize]).collect();
        Ok(Some(Self { ends: number, coded: None, codes, values }))
    }

    /// The codes of rows whose path ends at these rows.
    pub fn codes_of(&self, ends: &[u32]) -> Vec<u32> {
        if let Some(coded) = &self.coded {
            return coded.look_up(&self.codes, ends);
        }
        let nobody = self.codes.len() - 1;
        ends.iter().map(|end| self.codes[(*end as usize).min(nobody)]).collect()
    }

    /// What is left once all rows came.
    pub fn into_values(self) -> Interner {
        self.values
    }
}

fn cells<'a>(walk: &Walk<'a>, set: &Set, table: TableIndex, column: usize) -> Result<&'a ArrayRef, PublishError> {
    walk.state.column(table, column).ok_or_else(|| PublishError::ColumnNotRead {
        set: set.name.clone(),
        table: walk.pipeline.tables[table].name().to_owned(),
        column: walk.pipeline.tables[table].catalog.columns[column].name.clone(),
    })
}

/// The values, so that every code is its place: NULL first.
fn behind_null(different: &ArrayRef) -> Result<ArrayRef, arrow::error::ArrowError> {
    concat(&[new_null_array(different.data_type(), 1).as_ref(), different.as_ref()])
}
