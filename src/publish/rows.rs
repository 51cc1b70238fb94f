//! The rows of a set that passed its gate: together, or as numbers by partition.

use std::collections::BTreeMap;

use arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::compute::{concat, partition};
use arrow::datatypes::{DataType, SchemaRef};

use super::PublishError;
use super::folder::folder_name;
use super::intern::{NULL, Ranked};
use super::loaded::Loaded;
use super::packed::{Cells, Packed};
use super::partition::{Partition, Place, folder_of_value, without};
use super::together::{Shape, Together, put_together, put_together_as_they_came};
use crate::kernels::sums::{Sum, checked_sum};

/// The rows of a set, sorted.
#[derive(Debug)]
pub(super) enum Rows {
    /// In memory as they will be written.
    Whole(RecordBatch),
    /// Put together when a partition is written.
    Parted(Box<Parted>),
}

/// Rows by partition, as numbers.
#[derive(Debug)]
pub(super) struct Parted {
    pub schema: SchemaRef,
    /// The columns but the one by which rows are parted; then, where `hidden` is not empty, the row's combination of quasi-identifiers.
    pub packed: Packed,
    /// In the set's order.
    pub columns: Vec<Kept>,
    /// The column by which rows are parted.
    pub partition: Option<usize>,
    /// The columns by which rows are sorted first.
    pub sort: Vec<usize>,
    /// By combination whether its quasi-identifiers are NULL.
    pub hidden: Vec<bool>,
    /// Rows whose value of the partition's column is hidden, by the partition where they would be; or those that are left out.
    pub moved: Vec<(u32, usize)>,
    /// Whether hidden rows are left out.
    pub leaves_out: bool,
    /// Of columns of amounts the total, where it was reckoned as the rows came.
    pub totals: Vec<Option<Sum>>,
    pub rows: usize,
}

/// A column as it is kept.
#[derive(Debug)]
pub(super) enum Kept {
    /// As codes; whether it is a quasi-identifier.
    Coded(Ranked, bool),
    Plain(DataType),
}

impl Rows {
    /// The columns, that of the partition among them.
    pub fn schema(&self) -> SchemaRef {
        match self {
            Self::Whole(batch) => batch.schema(),
            Self::Parted(parted) => parted.schema.clone(),
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Self::Whole(batch) => batch.num_rows(),
            Self::Parted(parted) => parted.rows,
        }
    }

    /// The partitions. Without a column all rows are one; no rows are one too, so that readers find the columns.
    ///
    /// # Errors
    /// [`PublishError::Compute`].
    pub fn partitions(&self, set: &str, column: Option<usize>) -> Result<Vec<Partition>, PublishError> {
        let Some(column) = column.filter(|_| self.len() > 0) else {
            return Ok(vec![Partition { folder: String::new(), rows: self.len(), place: Place::All }]);
        };
        let schema = self.schema();
        let name = folder_name(schema.field(column).name());
        match self {
            Self::Whole(batch) => {
                let failed = |_| PublishError::Compute { set: set.to_owned(), step: "dividing into partitions" };
                let values = batch.column(column);
                let ranges = partition(std::slice::from_ref(values)).map_err(failed)?.ranges();
                let made = ranges.into_iter().map(|range| {
                    let folder = folder_of_value(set, &name, &values.slice(range.start, 1))?;
                    Ok(Partition { folder, rows: range.len(), place: Place::From(range.start) })
                });
                made.collect()
            }
            Self::Parted(parted) => parted.partitions(set, &name, column),
        }
    }

    /// The rows of a partition, without the column that its folder names.
    ///
    /// # Errors
    /// [`PublishError::Compute`]; [`PublishError::Io`] where rows are on the disk.
    pub fn load(&self, set: &str, column: Option<usize>, partition: &Partition) -> Result<Loaded, PublishError> {
        match (self, &partition.place) {
            (Self::Whole(batch), Place::From(start)) => Ok(Loaded::Whole(without(set, batch, column)?.slice(*start, partition.rows))),
            (Self::Whole(batch), _) => Ok(Loaded::Whole(batch.clone())),
            (Self::Parted(parted), place) => parted.load(set, if let Place::Part(part) = place { *part } else { NULL }),
        }
    }

    /// The exact total of a column; `None` where it has none.
    pub fn total(&self, set: &str, column: usize) -> Option<Sum> {
        match self {
            Self::Whole(batch) => checked_sum(batch.column(column)).ok(),
            Self::Parted(parted) => parted.totals[column].or_else(|| parted.total(set, column)),
        }
    }

    /// Whether a column that is made coarser has no value at all.
    pub fn is_blank(&self, column: usize) -> bool {
        match self {
            Self::Whole(batch) => batch.column(column).null_count() == batch.num_rows(),
            Self::Parted(parted) => matches!(&parted.columns[column], Kept::Coded(ranked, _) if ranked.values.is_empty()),
        }
    }

    /// All rows, partition by partition.
    #[cfg(test)]
    pub fn whole(&self, column: Option<usize>) -> RecordBatch {
        let Self::Parted(parted) = self else {
            let Self::Whole(batch) = self else { unreachable!() };
            return batch.clone();
        };
        let schema = self.schema();
        let batches: Vec<RecordBatch> = self
            .partitions("", column)
            .unwrap()
            .iter()
            .map(|partition| {
                let loaded = self.load("", column, partition).unwrap();
                let mut columns = loaded.whole().unwrap().columns().to_vec();
                if let (Some(at), Place::Part(part)) = (column, &partition.place) {
                    let Kept::Coded(ranked, _) = &parted.columns[at] else { unreachable!() };
                    let rank = ranked.ranks[*part as usize].checked_sub(1);
                    let same = arrow::array::UInt32Array::from(vec![rank; partition.rows]);
                    columns.insert(at, arrow::compute::take(&ranked.values, &same, None).unwrap());
                }
                RecordBatch::try_new_with_options(schema.clone(), columns, &RecordBatchOptions::new().with_row_count(Some(partition.rows)))
                    .unwrap()
            })
            .collect();
        arrow::compute::concat_batches(&schema, &batches).unwrap()
    }
}

/// Per piece its columns, and per row whether its quasi-identifiers are hidden, where any are.
type Pieces = (Vec<Vec<Cells>>, Option<Vec<Vec<bool>>>);

impl Parted {
    fn partitions(&self, set: &str, name: &str, column: usize) -> Result<Vec<Partition>, PublishError> {
        let Kept::Coded(ranked, _) = &self.columns[column] else {
            return Err(PublishError::Compute { set: set.to_owned(), step: "dividing into partitions" });
        };
        let mut parts: Vec<(u32, usize)> = self.parts().into_iter().filter(|(_, rows)| *rows > 0).collect();
        parts.sort_by_key(|(part, _)| ranked.ranks[*part as usize]);
        let made = parts.into_iter().map(|(part, rows)| {
            let value = match ranked.ranks[part as usize] {
                NULL => arrow::array::new_null_array(ranked.values.data_type(), 1),
                rank => ranked.values.slice(rank as usize - 1, 1),
            };
            Ok(Partition { folder: folder_of_value(set, name, &value)?, rows, place: Place::Part(part) })
        });
        made.collect()
    }

    /// The rows by partition, where they are published.
    fn parts(&self) -> BTreeMap<u32, usize> {
        let mut rows = self.packed.rows_by_part();
        for (part, moved) in &self.moved {
            *rows.entry(*part).or_default() -= moved;
            if !self.leaves_out {
                *rows.entry(NULL).or_default() += moved;
            }
        }
        rows
    }

    /// The cells of a partition, and of each piece which rows' quasi-identifiers are hidden.
    fn pieces(&self, set: &str, part: u32) -> Result<Pieces, PublishError> {
        let failed = PublishError::step(set, "putting a partition together");
        let mut pieces = self.packed.rows_of(set, part)?;
        if self.hidden.is_empty() {
            return Ok((pieces, None));
        }
        let which = |columns: &mut Vec<Cells>| -> Vec<bool> {
            let combination = columns.pop();
            let mut hidden = Vec::new();
            combination.iter().for_each(|cells| cells.each(|code| hidden.push(self.hidden[code.unwrap_or(0) as usize])));
            hidden
        };
        let mut hidden: Vec<Vec<bool>> = pieces.iter_mut().map(which).collect();
        if self.moved.is_empty() {
            return Ok((pieces, Some(hidden)));
        }
        let only = |pieces: &mut Vec<Vec<Cells>>, hidden: &mut Vec<Vec<bool>>, wanted: bool| -> Result<(), arrow::error::ArrowError> {
            for (columns, hidden) in pieces.iter_mut().zip(hidden) {
                let kept: BooleanArray = hidden.iter().map(|hidden| Some(*hidden == wanted)).collect();
                for cells in columns {
                    *cells = cells.filter(&kept)?;
                }
                hidden.retain(|hidden| *hidden == wanted);
            }
            Ok(())
        };
        if part != NULL || self.leaves_out {
            only(&mut pieces, &mut hidden, false).map_err(&failed)?;
            return Ok((pieces, Some(hidden)));
        }
        for (from, _) in self.moved.iter().filter(|(from, _)| *from != NULL) {
            let mut others = self.packed.rows_of(set, *from)?;
            let mut of_others: Vec<Vec<bool>> = others.iter_mut().map(which).collect();
            only(&mut others, &mut of_others, true).map_err(&failed)?;
            pieces.append(&mut others);
            hidden.append(&mut of_others);
        }
        Ok((pieces, Some(hidden)))
    }

    /// The columns that stand in the pieces.
    fn kept(&self) -> impl Iterator<Item = (usize, &Kept)> {
        self.columns.iter().enumerate().filter(|(at, _)| Some(*at) != self.partition)
    }

    fn shape(kept: &Kept) -> Shape<'_> {
        match kept {
            Kept::Coded(ranked, hides) => Shape::Coded(ranked, *hides),
            Kept::Plain(data_type) => Shape::Plain(data_type),
        }
    }

    fn load(&self, set: &str, part: u32) -> Result<Loaded, PublishError> {
        let (pieces, hidden) = self.pieces(set, part)?;
        let (places, shapes): (Vec<usize>, Vec<Shape<'_>>) = self.kept().map(|(at, kept)| (at, Self::shape(kept))).unzip();
        let first: Vec<usize> = self.sort.iter().filter_map(|at| places.iter().position(|place| place == at)).collect();
        let failed = |_| PublishError::Compute { set: set.to_owned(), step: "sorting" };
        let together = put_together(&pieces, hidden.as_deref(), &shapes, &first).map_err(failed)?;
        let schema: SchemaRef = self.schema.project(&places).map_err(failed)?.into();
        let rows = pieces.iter().map(|columns| columns.first().map_or(0, Cells::len)).sum();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(match together {
            Together::Columns(columns) => Loaded::Whole(RecordBatch::try_new_with_options(schema, columns, &options).map_err(failed)?),
            Together::Numbers(numbers) => Loaded::Numbers(schema, rows, numbers),
        })
    }

    /// The total of a column, read once more.
    fn total(&self, set: &str, column: usize) -> Option<Sum> {
        let place = self.kept().position(|(at, _)| at == column)?;
        let mut cells: Vec<ArrayRef> = Vec::new();
        for part in self.parts().into_keys() {
            let (mut pieces, hidden) = self.pieces(set, part).ok()?;
            pieces.iter_mut().for_each(|columns| *columns = vec![columns[place].clone()]);
            cells.push(put_together_as_they_came(&pieces, hidden.as_deref(), &Self::shape(&self.columns[column])).ok()?);
        }
        let cells: Vec<&dyn Array> = cells.iter().map(AsRef::as_ref).collect();
        checked_sum(&concat(&cells).ok()?).ok()
    }
}
