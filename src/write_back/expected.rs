//! What the rows of a unit looked like when the plan was made, or when this run last wrote them.

use std::collections::{BTreeMap, HashMap, HashSet};

use arrow::array::{Array, ArrayRef, UInt32Array};

use super::unit::Unit;
use crate::keys::Token;
use crate::passes::fingerprint::{Multiset, compared_columns, fingerprints};
use crate::passes::{PassError, Treating, gather, in_pieces};
use crate::pipeline::*;
use crate::snapshot::State;
use crate::store::StoreVersion;

/// No place.
const NOWHERE: u32 = u32::MAX;

/// What this run itself has written so far: such versions are accepted, and are not somebody else's change.
#[derive(Debug, Clone, Default)]
pub struct OwnWrites {
    /// Per table the rows of the snapshot that were rewritten and their fingerprints since, in the order in which it happened.
    pub rewritten: BTreeMap<TableIndex, Vec<(u32, Token)>>,
    /// Rows of the snapshot that are gone.
    pub deleted: BTreeMap<TableIndex, HashSet<u32>>,
}

/// What a unit's rows looked like in the snapshot, or when this run last wrote them.
pub struct Expected<'a> {
    /// Per row of the unit's table its place among the unit's rows.
    places: Vec<u32>,
    /// Per hanging table: the row of the unit's table that each row hangs on.
    subjects: Vec<UInt32Array>,
    /// Per hanging table, and per place of the unit's rows: fingerprint of all rows that hang on it.
    multisets: Vec<Vec<Multiset>>,
    tables: BTreeMap<TableIndex, Known<'a>>,
    /// Tables of which this run has written rows that the unit may meet: the snapshot no longer says what is in them.
    stale: HashSet<TableIndex>,
}

/// What is known of one table's rows.
struct Known<'a> {
    before: Before<'a>,
    /// Rows of the snapshot that this run has rewritten, by their fingerprints now; `None` for those that are gone.
    now: HashMap<u32, Option<Token>>,
    /// The reverse.
    rewritten: HashMap<Token, u32>,
}

/// The rows as the snapshot saw them. Memory counts here: a large shop has a hundred orders for each customer.
enum Before<'a> {
    /// By the store's own versions. Where these do not ascend with the rows, they stand here once more in their order.
    Versions(&'a [StoreVersion], Option<Vec<(StoreVersion, u32)>>),
    /// By what is in those rows that hang on the unit: by row, and by fingerprint.
    Contents(Vec<(u32, Token)>, Vec<(Token, u32)>),
}

impl Before<'_> {
    fn fingerprint(&self, row: u32) -> Option<Token> {
        match self {
            Self::Versions(versions, _) => versions.get(row as usize).copied().map(Token::from_bytes),
            Self::Contents(rows, _) => rows.binary_search_by_key(&row, |(row, _)| *row).ok().map(|at| rows[at].1),
        }
    }

    fn row(&self, fingerprint: Token) -> Option<u32> {
        match self {
            Self::Versions(versions, None) => versions.binary_search(fingerprint.as_bytes()).ok().map(|row| row as u32),
            Self::Versions(_, Some(sorted)) => {
                sorted.binary_search_by_key(fingerprint.as_bytes(), |(version, _)| *version).ok().map(|at| sorted[at].1)
            }
            Self::Contents(_, sorted) => {
                sorted.binary_search_by_key(&fingerprint, |(fingerprint, _)| *fingerprint).ok().map(|at| sorted[at].1)
            }
        }
    }
}

impl<'a> Expected<'a> {
    /// For all rows of a unit at once.
    pub fn of(treating: &Treating<'_>, state: &'a State, unit: &Unit, own: &OwnWrites) -> Result<Self, PassError> {
        let mut places = vec![NOWHERE; state.tables[unit.table].rows];
        unit.rows.iter().enumerate().for_each(|(place, row)| places[*row as usize] = place as u32);
        let subjects: Vec<UInt32Array> = unit.hanging.iter().map(|hanging| state.follow(hanging.table, &hanging.path)).collect();
        let hangs = |index: usize, row: usize| {
            let subjects = &subjects[index];
            (subjects.is_valid(row)).then(|| places[subjects.value(row) as usize]).filter(|place| *place != NOWHERE)
        };
        let mut tables: BTreeMap<TableIndex, Known<'a>> = BTreeMap::new();
        for table in unit.hanging.iter().map(|hanging| hanging.table) {
            if tables.contains_key(&table) {
                continue;
            }
            let paths: Vec<usize> = (0..unit.hanging.len()).filter(|index| unit.hanging[*index].table == table).collect();
            let chosen = |row: &u32| paths.iter().any(|index| hangs(*index, *row as usize).is_some());
            let before = match &state.tables[table].versions {
                Some(versions) if versions.is_sorted() => Before::Versions(versions, None),
                Some(versions) => {
                    let mut sorted: Vec<(StoreVersion, u32)> = versions.iter().copied().zip(0..).collect();
                    sorted.sort_unstable();
                    Before::Versions(versions, Some(sorted))
                }
                None => {
                    let rows: Vec<u32> = (0..state.tables[table].rows as u32).filter(chosen).collect();
                    let found = contents(treating, state, table, &rows)?;
                    let mut sorted: Vec<(Token, u32)> = found.iter().copied().zip(rows.iter().copied()).collect();
                    sorted.sort_unstable();
                    Before::Contents(rows.into_iter().zip(found).collect(), sorted)
                }
            };
            let mut known = Known { before, now: HashMap::new(), rewritten: HashMap::new() };
            for (row, fingerprint) in own.rewritten.get(&table).into_iter().flatten() {
                known.now.insert(*row, Some(*fingerprint));
                known.rewritten.insert(*fingerprint, *row);
            }
            known.now.extend(own.deleted.get(&table).into_iter().flatten().map(|row| (*row, None)));
            tables.insert(table, known);
        }
        let mut expected = Self {
            multisets: vec![vec![Multiset::default(); unit.rows.len()]; unit.hanging.len()],
            subjects: Vec::new(),
            places: Vec::new(),
            tables,
            stale: own.rewritten.keys().copied().collect(),
        };
        for (index, hanging) in unit.hanging.iter().enumerate() {
            for row in 0..subjects[index].len() {
                if let Some(place) = hangs(index, row)
                    && let Some(fingerprint) = expected.fingerprint(hanging.table, row as u32)
                {
                    expected.multisets[index][place as usize].add(fingerprint);
                }
            }
        }
        expected.subjects = subjects;
        expected.places = places;
        Ok(expected)
    }

    /// What is expected of all rows that hang on one of the unit's rows.
    pub fn multiset(&self, hanging: usize, unit_row: u32) -> Multiset {
        self.place(unit_row).map(|place| self.multisets[hanging][place]).unwrap_or_default()
    }

    fn place(&self, unit_row: u32) -> Option<usize> {
        self.places.get(unit_row as usize).copied().filter(|place| *place != NOWHERE).map(|place| place as usize)
    }

    /// The row of the snapshot that looks like this.
    pub fn row(&self, table: TableIndex, fingerprint: Token) -> Option<u32> {
        let known = self.tables.get(&table)?;
        known.rewritten.get(&fingerprint).copied().or_else(|| known.before.row(fingerprint))
    }

    /// The fingerprint of a row, unless this run has deleted it.
    pub fn fingerprint(&self, table: TableIndex, row: u32) -> Option<Token> {
        let known = self.tables.get(&table)?;
        known.now.get(&row).map_or_else(|| known.before.fingerprint(row), |now| *now)
    }

    /// Whether the snapshot may not say any more what is in a table's rows, because this run has written some.
    pub fn is_stale(&self, table: TableIndex) -> bool {
        self.stale.contains(&table)
    }

    /// This run has rewritten a row.
    pub fn rewritten(&mut self, unit: &Unit, table: TableIndex, row: u32, new: Token) {
        let Some(old) = self.fingerprint(table, row) else { return };
        if let Some(known) = self.tables.get_mut(&table) {
            known.now.insert(row, Some(new));
            known.rewritten.insert(new, row);
        }
        // By one path a row leads to one of the unit's rows, and each of these is in one batch.
        if unit.paths_to(table) > 1 {
            self.stale.insert(table);
        }
        self.change(unit, table, row, |multiset| multiset.replace(old, new));
    }

    /// This run has deleted a row.
    pub fn deleted(&mut self, unit: &Unit, table: TableIndex, row: u32) {
        let Some(old) = self.fingerprint(table, row) else { return };
        if let Some(known) = self.tables.get_mut(&table) {
            known.now.insert(row, None);
        }
        self.change(unit, table, row, |multiset| multiset.remove(old));
    }

    /// What hangs on the unit's rows changes in one row.
    fn change(&mut self, unit: &Unit, table: TableIndex, row: u32, change: impl Fn(&mut Multiset)) {
        for (index, _) in unit.hanging.iter().enumerate().filter(|(_, hanging)| hanging.table == table) {
            let subjects = &self.subjects[index];
            let place = subjects.is_valid(row as usize).then(|| subjects.value(row as usize)).and_then(|subject| self.place(subject));
            if let Some(place) = place {
                change(&mut self.multisets[index][place]);
            }
        }
    }
}

/// Fingerprints of what is in some rows of the snapshot, in their order.
fn contents(treating: &Treating<'_>, state: &State, table: TableIndex, rows: &[u32]) -> Result<Vec<Token>, PassError> {
    let columns = compared_columns(&state.tables[table].columns);
    let name = treating.pipeline.tables[table].name();
    let pieces = in_pieces(rows, |rows| {
        let gathered: Vec<ArrayRef> = columns
            .iter()
            .map(|column| {
                let cells = state.column(table, *column).ok_or_else(|| treating.not_read(table, *column))?;
                gather(cells, rows).ok_or_else(|| treating.assembly(table, *column))
            })
            .collect::<Result<_, _>>()?;
        let cells: Vec<&ArrayRef> = gathered.iter().collect();
        fingerprints(&cells, rows.len(), treating.comparing, name)
            .map_err(|source| treating.failed(table, columns.first().copied().unwrap_or_default(), source))
    })?;
    Ok(pieces.into_iter().flatten().collect())
}
