//! Making quasi-identifiers coarser, one step of one column at a time.

use arrow::array::UInt32Array;

use super::PublishError;
use super::frame::{Computed, ComputedColumn, kernel_error};
use super::group::{Groups, distinct, subject_of};
use super::treatment::Treatment;
use crate::pipeline::{Set, SetSource};

/// With `generalise`: of so many subjects, one may be left to suppression.
const SUPPRESSIBLE_SHARE: u64 = 100;

/// Whether small groups hold more subjects than suppression should take.
pub(super) fn too_many_small(groups: &Groups, subjects: &UInt32Array, k: u64) -> bool {
    let small = (0..groups.len()).filter(|group| groups.subjects[*group] < k);
    let in_small = distinct(small.flat_map(|group| groups.rows_of(group)).filter_map(|row| subject_of(subjects, *row)));
    in_small > k && in_small.saturating_mul(SUPPRESSIBLE_SHARE) > distinct(subjects.iter().flatten())
}

/// Makes the quasi-identifier with the most distinct values one step coarser, the first of equals. False where none is left
/// that shows more than one value. The column whose open period is left out keeps its periods: a coarser one would be open.
pub(super) fn coarsen(set: &Set, computed: &mut Computed) -> Result<bool, PublishError> {
    let mut most: Option<(usize, usize)> = None;
    for (at, column) in computed.columns.iter().enumerate() {
        if let ComputedColumn::Cells { values, quasi_identifier: true, .. } = column
            && set.closed != Some(at)
        {
            let distinct = Groups::of(&set.name, std::slice::from_ref(values), None, computed.rows)?.len();
            if distinct > 1 && most.is_none_or(|(_, before)| distinct > before) {
                most = Some((at, distinct));
            }
        }
    }
    let Some((at, _)) = most else {
        return Ok(false);
    };
    if let ComputedColumn::Cells { values, source, treatment, .. } = &mut computed.columns[at] {
        let Some(coarser) = treatment.coarser() else {
            return Ok(false);
        };
        // Hidden cells keep the published type, whatever the store's is.
        let sources = match (&coarser, source.as_ref()) {
            (Treatment::Declared(..), Some(source)) => [source.clone()],
            _ => [values.clone()],
        };
        *values = coarser
            .apply(&sources, &computed.circumstances, None)
            .map_err(|error| kernel_error(set, &set.columns[at].name, &coarser, &sources, error))?;
        *treatment = coarser;
    }
    Ok(true)
}

/// The columns that are coarser than declared, and how they are published now.
pub(super) fn coarsened(set: &Set, computed: &Computed) -> Vec<(String, String)> {
    set.columns
        .iter()
        .zip(&computed.columns)
        .filter_map(|(declared, column)| match (&declared.source, column) {
            (SetSource::Column { generalise, .. }, ComputedColumn::Cells { treatment, .. })
                if *treatment != Treatment::declared(generalise) =>
            {
                Some((declared.name.clone(), treatment.describe()))
            }
            (SetSource::Amount(_) | SetSource::Constant(_), ComputedColumn::Cells { treatment: Treatment::Hidden, .. }) => {
                Some((declared.name.clone(), Treatment::Hidden.describe()))
            }
            _ => None,
        })
        .collect()
}
