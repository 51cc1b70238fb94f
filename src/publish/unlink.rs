//! `after_forgetting = "unlink"`: the history of whoever was forgotten stays, and leads to nobody.
//!
//! A pseudonym can be computed again by whoever has the key and the row's key. Of a forgotten person every pseudonym that leads there (the
//! customer's, the order's) is replaced by an identity that is drawn for one person and one partition when the partition is written, under
//! a key that is in memory for that long and nowhere else. Within a partition a person's rows still belong together; across partitions and
//! sets they do not.
//!
//! So that a partition whose content is the same keeps its files, what was drawn is never compared: until the files are written, a keyed
//! stand-in takes the place of each such pseudonym, the same every night.

use std::collections::HashSet;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use arrow::compute::kernels::zip::zip;
use arrow::datatypes::{DataType, Int64Type};
use arrow::error::ArrowError;
use jiff::Timestamp;

use super::PublishError;
use super::frame::{Computed, ComputedColumn};
use super::order::sorted;
use super::treatment::Treatment;
use crate::kernels::pseudonym::{PseudonymFormat, pseudonyms};
use crate::keys::{DerivedKey, Keyring, Purpose};
use crate::pipeline::{Generalised, Pipeline, Set};

/// The domain of stand-ins under their own key.
const STAND_IN: &str = "stand-in";

/// The stand-ins of a set, by column.
#[derive(Debug, Clone, Default)]
pub(super) struct Unlinked {
    columns: Vec<Column>,
}

#[derive(Debug, Clone)]
struct Column {
    /// Its place in the set.
    at: usize,
    format: PseudonymFormat,
    texts: HashSet<String>,
    numbers: HashSet<i64>,
}

impl Column {
    /// Which cells are stand-ins.
    fn is_stand_in(&self, cells: &ArrayRef) -> BooleanArray {
        match cells.data_type() {
            DataType::Int64 => {
                cells.as_primitive::<Int64Type>().iter().map(|cell| Some(cell.is_some_and(|cell| self.numbers.contains(&cell)))).collect()
            }
            DataType::Utf8 => {
                cells.as_string::<i32>().iter().map(|cell| Some(cell.is_some_and(|cell| self.texts.contains(cell)))).collect()
            }
            _ => BooleanArray::from(vec![false; cells.len()]),
        }
    }

    fn remember(&mut self, cells: &ArrayRef, which: &BooleanArray) {
        let rows = (0..cells.len()).filter(|row| which.value(*row) && cells.is_valid(*row));
        match cells.data_type() {
            DataType::Int64 => self.numbers.extend(rows.map(|row| cells.as_primitive::<Int64Type>().value(row))),
            DataType::Utf8 => self.texts.extend(rows.map(|row| cells.as_string::<i32>().value(row).to_owned())),
            _ => {}
        }
    }
}

impl Computed {
    /// Puts stand-ins in the place of the pseudonyms that lead to somebody forgotten. `forgotten` is asked with the subject's row in the
    /// category's table.
    ///
    /// # Errors
    /// [`PublishError::Compute`].
    pub fn unlink(
        &mut self,
        pipeline: &Pipeline,
        set: &Set,
        forgotten: &dyn Fn(usize) -> bool,
        key: &DerivedKey,
    ) -> Result<(), PublishError> {
        let (Some(subjects), Some((path, _))) = (&self.subjects, &set.subject) else { return Ok(()) };
        let failed = || PublishError::Compute { set: set.name.clone(), step: "unlinking" };
        let which: BooleanArray = subjects.iter().map(|row| Some(row.is_some_and(|row| forgotten(row as usize)))).collect();
        // The base's own key and that of every row on the way to the subject lead there; a product's does not.
        let on_the_way = path.iter().map(|step| pipeline.references[*step].to).chain([set.base]);
        let tables: Vec<&str> = on_the_way.map(|table| pipeline.tables[table].name()).collect();
        let mut unlinked = Unlinked::default();
        for (at, column) in self.columns.iter_mut().enumerate() {
            let ComputedColumn::Cells { values, treatment: Treatment::Declared(Generalised::Pseudonym { domain, format }, _), .. } = column
            else {
                continue;
            };
            if !tables.contains(&domain.as_str()) {
                continue;
            }
            let format = format.of_kernel();
            let stand_ins: ArrayRef = pseudonyms(std::slice::from_ref(values), key, STAND_IN, format).map_err(|_| failed())?;
            let mut known = Column { at, format, texts: HashSet::new(), numbers: HashSet::new() };
            known.remember(&stand_ins, &which);
            *values = zip(&which, &stand_ins, values).map_err(|_| failed())?;
            unlinked.columns.push(known);
        }
        self.unlinked = Some(unlinked);
        Ok(())
    }
}

/// Identities for the unlinked, drawn for one writing of a set.
pub(super) struct Fresh {
    /// The columns, numbered as in the files.
    columns: Vec<Column>,
    /// Gone with this value: nobody can derive the identities again.
    key: Option<DerivedKey>,
}

impl Fresh {
    /// `partition`: the column that stands in no file. `random`: 40 bytes from the system's random source.
    pub fn new(unlinked: &Unlinked, partition: Option<usize>, random: [u8; 40]) -> Self {
        let in_file =
            |column: &Column| Column { at: column.at - usize::from(partition.is_some_and(|at| at < column.at)), ..column.clone() };
        let keyring = Keyring::generate(Timestamp::UNIX_EPOCH, random);
        let key = keyring.derive("", Purpose::Pseudonym(STAND_IN.to_owned()), keyring.current_epoch());
        Self { columns: unlinked.columns.iter().map(in_file).collect(), key: key.ok() }
    }

    /// A partition's rows with identities in the place of the stand-ins, sorted anew: the order of stand-ins must not show.
    pub fn identities(&self, rows: &RecordBatch, partition: &str, sorting: &[usize]) -> Result<RecordBatch, ArrowError> {
        let failed = || ArrowError::ComputeError("no identities".to_owned());
        let key = self.key.as_ref().ok_or_else(failed)?;
        let mut columns = rows.columns().to_vec();
        let mut is_changed = false;
        for column in &self.columns {
            let cells = columns[column.at].clone();
            let which = column.is_stand_in(&cells);
            if which.true_count() > 0 {
                is_changed = true;
                let drawn: ArrayRef = pseudonyms(std::slice::from_ref(&cells), key, partition, column.format).map_err(|_| failed())?;
                columns[column.at] = zip(&which, &drawn, &cells)?;
            }
        }
        if !is_changed {
            return Ok(rows.clone());
        }
        RecordBatch::try_new(rows.schema(), sorted(&columns, None, sorting)?)
    }
}
