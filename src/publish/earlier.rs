//! Tonight's cells of an anonymous set among those of its earlier releases: from columns to `frozen.rs` and back.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringArray, UInt32Array};
use arrow::compute::{CastOptions, cast_with_options, concat, take};
use sha2::{Digest as _, Sha256};

use super::PublishError;
use super::contributors::{Contributors, number};
use super::dictionary::Dictionary;
use super::frame::{Computed, ComputedColumn};
use super::frozen::{Cell, Frozen, Memory, Standing, freeze};
use super::group::{Groups, subject_of};
use super::memory::Remembering;
use crate::kernels::cast::to_text;
use crate::keys::{DerivedKey, Token};
use crate::ledger::{Digest, Hex};
use crate::passes::pseudonymise::row_tokens;
use crate::pipeline::{Pipeline, Set};
use crate::snapshot::State;

/// What a set's gate has to know of earlier releases.
#[derive(Debug)]
pub(super) struct Earlier {
    pub memory: Memory,
    key: DerivedKey,
    /// Per subject of the set its keyed number.
    people: HashMap<u32, u64>,
}

impl Remembering {
    /// Lets the gate compare a computed set with its earlier releases.
    ///
    /// # Errors
    /// [`PublishError::ColumnNotRead`] where a subject's key was not; [`PublishError::Compute`] where it has none.
    pub fn begin(&self, pipeline: &Pipeline, set: &Set, state: &State, mut computed: Computed) -> Result<Computed, PublishError> {
        let mut people = HashMap::new();
        if let (Some((_, category)), Some(subjects)) = (&set.subject, &computed.subjects) {
            let table = pipeline.categories[*category].table;
            let mut rows: Vec<u32> = subjects.iter().flatten().collect();
            rows.sort_unstable();
            rows.dedup();
            let rows = UInt32Array::from(rows);
            let mut keys = Vec::new();
            for column in &pipeline.tables[table].catalog.primary_key {
                let cells = state.column(table, *column).ok_or_else(|| PublishError::ColumnNotRead {
                    set: set.name.clone(),
                    table: pipeline.tables[table].name().to_owned(),
                    column: pipeline.tables[table].catalog.columns[*column].name.clone(),
                })?;
                keys.push(take(cells, &rows, None).map_err(PublishError::step(&set.name, "fetching a column"))?);
            }
            let unnamed = || PublishError::Compute { set: set.name.clone(), step: "naming contributors" };
            let tokens = row_tokens(&keys, &self.tokens, "person").map_err(|_| unnamed())?;
            for (row, token) in rows.values().iter().zip(tokens.iter()) {
                let token: &[u8; 16] = token.and_then(|token| token.try_into().ok()).ok_or_else(unnamed)?;
                people.insert(*row, number(token));
            }
        }
        computed.earlier = Some(Earlier { memory: self.memory().clone(), key: self.tokens.clone(), people });
        Ok(computed)
    }
}

/// A release of cells.
pub(super) struct Release {
    /// Per column of the set.
    pub columns: Vec<ArrayRef>,
    /// Per published cell its distinct subjects, of a frozen one those of then.
    pub subjects: Vec<u64>,
    /// How many cells are frozen.
    pub frozen: u64,
    /// With this release.
    pub memory: Memory,
}

impl Earlier {
    /// Decides what is shown: `columns` are all cells of tonight, `leave_out` is told where each stands.
    pub fn release(
        &self,
        set: &Set,
        shape: Digest,
        computed: &Computed,
        groups: &Groups,
        columns: &[ArrayRef],
        leave_out: impl FnOnce(&[Standing]) -> Vec<bool>,
    ) -> Result<Release, PublishError> {
        if self.memory.shape.is_some_and(|known| known != shape) {
            return Err(PublishError::MemoryShape { set: set.name.clone() });
        }
        let cells = self.cells(set, computed, groups, columns)?;
        let Frozen { fresh, frozen, mut memory } =
            freeze(&self.memory, &cells, set.k, leave_out).map_err(|_| PublishError::MemoryTooShort { set: set.name.clone(), k: set.k })?;
        memory.shape = Some(shape);
        let rows = UInt32Array::from(fresh.iter().map(|cell| *cell as u32).collect::<Vec<_>>());
        let failed = || PublishError::Compute { set: set.name.clone(), step: "fetching frozen cells" };
        let mut shown = Vec::with_capacity(columns.len());
        for (at, column) in columns.iter().enumerate() {
            let texts: StringArray = frozen.iter().map(|cell| cell.values.get(at).and_then(Option::as_deref)).collect();
            let before = typed(&texts, column).ok_or_else(failed)?;
            let tonight = take(column, &rows, None).map_err(|_| failed())?;
            shown.push(concat(&[&tonight, &before]).map_err(|_| failed())?);
        }
        let subjects = fresh.iter().map(|cell| cells[*cell].subjects).chain(frozen.iter().map(|cell| cell.subjects)).collect();
        Ok(Release { columns: shown, subjects, frozen: frozen.len() as u64, memory })
    }

    fn cells(&self, set: &Set, computed: &Computed, groups: &Groups, columns: &[ArrayRef]) -> Result<Vec<Cell>, PublishError> {
        let failed = |_| PublishError::Compute { set: set.name.clone(), step: "comparing cells with earlier releases" };
        let texts = columns.iter().map(|column| to_text(column)).collect::<Result<Vec<_>, _>>().map_err(failed)?;
        let of_groups: Vec<&StringArray> = texts
            .iter()
            .zip(&computed.columns)
            .filter_map(|(texts, column)| matches!(column, ComputedColumn::Cells { .. }).then_some(texts))
            .collect();
        let contributed: Vec<StringArray> =
            computed.contributed().iter().map(|values| to_text(values)).collect::<Result<_, _>>().map_err(failed)?;
        let contributed: Vec<&StringArray> = contributed.iter().collect();
        let subjects = computed.subjects.as_ref();
        let mut cells = Vec::with_capacity(groups.len());
        for group in 0..groups.len() {
            let mut contributors = Contributors::nobody(self.memory.capacity, contributed.len());
            for row in groups.rows_of(group) {
                let person = subjects.and_then(|subjects| subject_of(subjects, *row)).and_then(|subject| self.people.get(&subject));
                let Some(person) = person else { continue };
                let at = *row as usize;
                contributors.add(*person, number(self.token(b"contribution", &contributed, at).as_bytes()));
                for (total, values) in
                    contributed.iter().enumerate().filter(|(_, values)| values.is_valid(at) && !is_zero(values.value(at)))
                {
                    contributors.add_to(total, *person, number(self.token(b"part", &[values], at).as_bytes()));
                }
            }
            cells.push(Cell {
                name: self.token(b"cell", &of_groups, group),
                values: texts.iter().map(|texts| texts.is_valid(group).then(|| texts.value(group).to_owned())).collect(),
                subjects: groups.subjects[group],
                contributors,
            });
        }
        Ok(cells)
    }

    /// The token of a row of texts. NULL is no text at all, the empty text included.
    fn token(&self, of: &[u8], texts: &[&StringArray], row: usize) -> Token {
        let mut parts: Vec<&[u8]> = vec![of];
        for texts in texts {
            match texts.is_valid(row) {
                true => parts.extend([&b"="[..], texts.value(row).as_bytes()]),
                false => parts.extend([&b"-"[..], b""]),
            }
        }
        self.key.token(&parts)
    }
}

/// Whether a number is zero, as [`to_text`] writes it.
fn is_zero(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0' | b'.' | b'-'))
}

/// Texts as [`to_text`] writes them, as the cells of a column of this type; `None` where they are none.
fn typed(texts: &StringArray, like: &ArrayRef) -> Option<ArrayRef> {
    let texts: ArrayRef = Arc::new(texts.clone());
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    let typed = cast_with_options(&texts, like.data_type(), &strict).ok()?;
    // A type whose text does not lead back has no frozen cells, rather than others.
    let again: ArrayRef = Arc::new(to_text(&typed).ok()?);
    (again.as_ref() == texts.as_ref()).then_some(typed)
}

/// What a set's columns are, without what only explains them: values under another shape can not be compared.
pub(super) fn shape(dictionary: &Dictionary) -> Digest {
    let mut hash = Sha256::new();
    let mut part = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    };
    part(&dictionary.base);
    for entry in &dictionary.columns {
        part(&entry.column);
        part(&entry.data_type);
        part(&entry.treatment);
        entry.sources.iter().for_each(|source| part(&source.path));
        part("");
    }
    Hex(hash.finalize().into())
}
