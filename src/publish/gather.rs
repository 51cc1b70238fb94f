//! The rows of a base table that are in a set, and their cells at the ends of paths.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, UInt32Array};
use arrow::compute::{TakeOptions, filter, take};
use arrow::datatypes::{DataType, Date32Type};
use jiff::tz::TimeZone;

use super::PublishError;
use super::frame::kernel_error;
use super::piece::Piece;
use super::treatment::{Circumstances, Treatment, period};
use super::walk::Walk;
use crate::decide::clocks::day_of_date;
use crate::kernels::KernelError;
use crate::kernels::arithmetic::{combine, decimals};
use crate::kernels::convert::{Target, convert};
use crate::kernels::mean::DIGITS;
use crate::kernels::period::to_period;
use crate::pipeline::{ColumnIndex, Constant, Formula, Generalised, Pipeline, ReferenceIndex, Set, SetSource, TableIndex, Term};
use crate::snapshot::State;

/// The tenant's rows of the piece that still exist.
fn base_rows(set: &Set, piece: &Piece<'_>, tenant: u16) -> Result<UInt32Array, PublishError> {
    let count = u32::try_from(piece.rows).map_err(|_| PublishError::TooManyRows { set: set.name.clone() })?;
    let present = |row: usize| piece.present.as_ref().is_none_or(|present| present.is_valid(row) && present.value(row));
    Ok((0..count).filter(|row| piece.tenants.get(*row as usize) == Some(&tenant) && present(*row as usize)).collect::<Vec<_>>().into())
}

/// The rows chosen so far, and how to fetch cells for them.
pub(super) struct Gather<'a> {
    set: &'a Set,
    pipeline: &'a Pipeline,
    state: &'a State,
    piece: &'a Piece<'a>,
    walk: Walk<'a>,
    rows: UInt32Array,
    /// The rows at the ends of the paths walked, of one choice of rows; several columns share a path.
    ends: BTreeMap<(Vec<ReferenceIndex>, bool), UInt32Array>,
}

impl<'a> Gather<'a> {
    /// The tenant's rows of the piece that still exist.
    pub fn of(pipeline: &'a Pipeline, set: &'a Set, state: &'a State, piece: &'a Piece<'a>, tenant: u16) -> Result<Self, PublishError> {
        let walk = Walk { pipeline, state, piece, tenant };
        Ok(Self { set, pipeline, state, piece, walk, rows: base_rows(set, piece, tenant)?, ends: BTreeMap::new() })
    }

    /// Per chosen row the row that its first step leads to, whatever stands there; null where it leads nowhere.
    pub fn first_step(&self, step: ReferenceIndex) -> Result<UInt32Array, PublishError> {
        let parents = self.piece.parents_by(self.state, step);
        if self.all() {
            return Ok(parents.clone());
        }
        let taken = take(parents, &self.rows, None).map_err(PublishError::step(&self.set.name, "following a reference"))?;
        Ok(taken.as_primitive().clone())
    }

    /// Whether no row of the piece is left out.
    fn all(&self) -> bool {
        self.rows.len() == self.piece.rows
    }

    /// How many rows are chosen.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Per chosen row its subject, at the end of the path.
    pub fn subjects(&self, path: &[ReferenceIndex]) -> UInt32Array {
        self.walk.along(&self.rows, path, false)
    }

    /// The table at the end of a path from the base.
    pub fn end_of(&self, path: &[ReferenceIndex]) -> TableIndex {
        path.last().map_or(self.set.base, |step| self.pipeline.references[*step].to)
    }

    /// A column's cell at the end of the path, per chosen row. `restricted` as in [`Walk::along`]: only to choose rows.
    pub fn cells(
        &mut self,
        path: &[ReferenceIndex],
        table: TableIndex,
        column: ColumnIndex,
        restricted: bool,
    ) -> Result<ArrayRef, PublishError> {
        let known = if path.is_empty() { self.piece.columns[column].as_ref() } else { self.state.column(table, column) };
        let values = known.ok_or_else(|| PublishError::ColumnNotRead {
            set: self.set.name.clone(),
            table: self.pipeline.tables[table].name().to_owned(),
            column: self.pipeline.tables[table].catalog.columns[column].name.clone(),
        })?;
        if path.is_empty() && self.all() {
            return Ok(values.clone());
        }
        let rows = self.ends.entry((path.to_vec(), restricted)).or_insert_with(|| self.walk.along(&self.rows, path, restricted));
        take(values, rows, Some(TakeOptions { check_bounds: true })).map_err(PublishError::step(&self.set.name, "fetching a column"))
    }

    /// A column's cells cast to the type that the set gives them. One cell that can not be cast stops the set: NULL in its place would be a
    /// wrong total that nobody sees.
    pub fn cast_cells(
        &mut self,
        name: &str,
        path: &[ReferenceIndex],
        table: TableIndex,
        column: ColumnIndex,
        cast: Option<Target>,
        zone: &TimeZone,
    ) -> Result<ArrayRef, PublishError> {
        let cells = self.cells(path, table, column, false)?;
        match cast {
            Some(target) => self.converted(name, &cells, target, zone),
            None => Ok(cells),
        }
    }

    fn converted(&self, name: &str, cells: &ArrayRef, target: Target, zone: &TimeZone) -> Result<ArrayRef, PublishError> {
        let (set, column) = (self.set.name.clone(), name.to_owned());
        match convert(cells, target, zone) {
            Ok(converted) if converted.failed == 0 => Ok(converted.cells),
            Ok(converted) => Err(PublishError::NotCast { set, column, cells: converted.failed, to: target.to_string() }),
            Err(_) => {
                let data_type = cells.data_type().to_string();
                Err(PublishError::Unsupported { set, column, data_type, treatment: format!("cast to {target}") })
            }
        }
    }

    /// The same value for each chosen row.
    pub fn constant(&self, name: &str, constant: &Constant) -> Result<ArrayRef, PublishError> {
        let cell = constant.cell();
        let cell = constant.cast.map_or(Ok(cell.clone()), |target| self.converted(name, &cell, target, &TimeZone::UTC))?;
        let first = UInt32Array::from(vec![0; self.rows.len()]);
        take(&cell, &first, None).map_err(PublishError::step(&self.set.name, "repeating a constant"))
    }

    /// A column, or an amount reckoned from several, for each chosen row. A column alone is as the store has it; an amount is a decimal of 38
    /// digits.
    pub fn formula(&mut self, name: &str, formula: &Formula, zone: &TimeZone) -> Result<ArrayRef, PublishError> {
        match &formula.term {
            Term::Column { path, table, column, cast } => self.cast_cells(name, path, *table, *column, *cast, zone),
            term => Ok(Arc::new(self.term(name, term)?)),
        }
    }

    fn term(&mut self, name: &str, term: &Term) -> Result<Decimal128Array, PublishError> {
        let set = self.set;
        let refused = |error: KernelError| match error {
            KernelError::UnsupportedType { data_type, .. } => PublishError::Unsupported {
                set: set.name.clone(),
                column: name.to_owned(),
                data_type: data_type.to_string(),
                treatment: "amount".to_owned(),
            },
            _ => PublishError::AmountOverflow { set: set.name.clone(), column: name.to_owned() },
        };
        match term {
            Term::Column { path, table, column, .. } => {
                let cells = self.cells(path, *table, *column, false)?;
                decimals(&cells).map_err(refused)
            }
            Term::Number { unscaled, scale } => {
                let cells = Decimal128Array::from(vec![*unscaled; self.rows.len()]);
                let named = cells.with_precision_and_scale(DIGITS, *scale);
                named.map_err(|_| PublishError::AmountOverflow { set: set.name.clone(), column: name.to_owned() })
            }
            Term::Combined(operator, left, right) => {
                let (left, right) = (self.term(name, left)?, self.term(name, right)?);
                combine(*operator, &left, &right).map_err(refused)
            }
        }
    }

    /// Keeps the rows that pass and returns how many do not.
    pub fn keep(&mut self, pass: &BooleanArray) -> Result<u64, PublishError> {
        let before = self.rows.len();
        let kept = filter(&self.rows, pass).map_err(PublishError::step(&self.set.name, "filtering"))?;
        self.rows = kept.as_primitive().clone();
        self.ends.clear();
        Ok((before - self.rows.len()) as u64)
    }

    /// Which rows may be published: neither they nor their subjects are restricted. `None` where nobody is.
    pub fn publishable(&self) -> Option<BooleanArray> {
        let restricted = |table: TableIndex| self.state.tables[table].publishable.is_some();
        let of_subject = self.set.subject.as_ref().is_some_and(|(_, category)| restricted(self.pipeline.categories[*category].table));
        if !of_subject && self.piece.publishable.is_none() {
            return None;
        }
        let subjects = self.set.subject.as_ref().map(|(path, category)| {
            let table = self.pipeline.categories[*category].table;
            (table, self.walk.along(&self.rows, path, true))
        });
        let pass = (0..self.rows.len())
            .map(|at| {
                let own = self.piece.publishable(self.rows.value(at) as usize);
                let of_subject = subjects
                    .as_ref()
                    .is_none_or(|(table, rows)| rows.is_null(at) || self.walk.publishable(*table, rows.value(at) as usize));
                Some(own && of_subject)
            })
            .collect();
        Some(pass)
    }

    /// Which rows fall into a period that ended before the period of the run's day began. A row without a period does not.
    pub fn closed(&mut self, closed: usize, circumstances: &Circumstances) -> Result<BooleanArray, PublishError> {
        let set = self.set;
        let not_a_period = |name: &str| PublishError::NotAPeriod { set: set.name.clone(), column: name.to_owned() };
        let column = set.columns.get(closed).ok_or_else(|| not_a_period(""))?;
        let SetSource::Column { path, table, columns, cast, generalise: Generalised::Period(kind) } = &column.source else {
            return Err(not_a_period(&column.name));
        };
        let source = columns.first().ok_or_else(|| not_a_period(&column.name))?;
        let cells = self.cast_cells(&column.name, path, *table, *source, *cast, &circumstances.zone)?;
        let treatment = Treatment::Declared(Generalised::Period(*kind), 0);
        let sources = [cells];
        let refused = |error| kernel_error(set, &column.name, &treatment, &sources, error);
        let starts = treatment.apply(&sources, circumstances, None).map_err(refused)?;
        let today = Date32Array::from(vec![day_of_date(circumstances.day)]);
        let current = to_period(&today, period(*kind), &circumstances.zone).map_err(refused)?;
        match (starts.data_type(), starts.as_primitive_opt::<Date32Type>()) {
            (DataType::Date32, Some(starts)) => {
                Ok(starts.iter().map(|start| Some(start.is_some_and(|start| start < current.value(0)))).collect())
            }
            _ => Err(not_a_period(&column.name)),
        }
    }
}
