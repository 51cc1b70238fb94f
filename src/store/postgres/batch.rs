//! A write transaction.
//!
//! READ COMMITTED: every statement sees what others have committed, and the rows that are to be written are locked before they are read
//! again. A row is written by its place (`ctid`), which nobody else can change while it is locked; where this batch's own writes have moved
//! it is kept, so that places read before stay good.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use arrow::datatypes::Int64Type;

use super::connection::Connection;
use super::copy::{Decoder, Wire};
use super::failure::{Access, Failure};
use super::linked::{Found, Subjects, expressions};
use super::names::{literal, qualified, quoted};
use super::relation::{Part, Relation, RelationColumn, Relations};
use super::scan::parts;
use super::staging::{Staged, Staging, travelling, value};
use super::{Own, Session, copy_error, journal, misuse, rekey, relation_of, retyped};
use crate::kernels::cast::to_text;
use crate::store::{Assignment, Batch, Head, JournalEntry, LinkedRows, Locators, Patience, Request, Step, StoreError, StoreVersion, Table};

/// A row's address: the physical table's object identifier and the place in it.
pub(super) type Address = (i64, i64);

/// A write transaction; dropping it rolls back.
pub(super) struct PostgresBatch<'a> {
    pub(super) session: &'a Session,
    pub(super) connection: &'a Connection,
    pub(super) relations: &'a Relations,
    pub(super) staging: Staging<'a>,
    pub(super) subjects: Option<Subjects>,
    /// Where rows stand now that this batch has written, by where they stood before.
    moved: HashMap<Address, Address>,
    own: &'a Own,
    /// Which of the sessions that write this is.
    lane: i16,
    /// This transaction's number, as rows carry it.
    number: Option<u32>,
    open: bool,
}

impl<'a> PostgresBatch<'a> {
    pub(super) fn begin(
        session: &'a Session,
        connection: &'a Connection,
        relations: &'a Relations,
        own: &'a Own,
        lane: i16,
    ) -> Result<Self, StoreError> {
        // A number at once, so that each of these transactions has exactly one: see `write_counter`.
        let begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET CONSTRAINTS ALL DEFERRED; SELECT pg_current_xact_id()";
        let answer =
            connection.first_row(begin).map_err(|failure| connection.store_error("opening a write transaction", None, &failure))?;
        let number = answer.first().and_then(Option::as_deref).and_then(|text| text.parse::<u64>().ok());
        // Rows carry the lower half.
        let number = number.map(|number| (number & 0xffff_ffff) as u32);
        let staging = Staging::new(connection, &session.options.timestamps);
        Ok(Self { session, connection, relations, staging, subjects: None, moved: HashMap::new(), own, lane, number, open: true })
    }

    fn ended(&mut self) {
        if self.open {
            self.open = false;
            self.own.ended.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// The rows' addresses as they are now.
    fn addresses(&self, locators: &Locators, doing: &str) -> Result<Vec<Address>, StoreError> {
        let [tables, places] = locators.columns.as_slice() else { return Err(misuse(doing, "the locators are not of this store")) };
        let integers = |array: &ArrayRef| array.as_primitive_opt::<Int64Type>().cloned();
        let (Some(tables), Some(places)) = (integers(tables), integers(places)) else {
            return Err(misuse(doing, "the locators are not of this store"));
        };
        Ok(tables.values().iter().zip(places.values()).map(|(table, place)| self.now_at((*table, *place))).collect())
    }

    fn now_at(&self, mut address: Address) -> Address {
        while let Some(next) = self.moved.get(&address) {
            address = *next;
        }
        address
    }

    /// Notes where rows went.
    pub(super) fn note_moves(&mut self, moves: impl IntoIterator<Item = (Address, Address)>) {
        self.moved.extend(moves.into_iter().filter(|(before, after)| before != after));
    }

    /// The parts of a relation that hold some of these rows.
    fn parts_of<'r>(&self, relation: &'r Relation, addresses: &[Address], doing: &str) -> Result<Vec<&'r Part>, StoreError> {
        let mut tables: Vec<i64> = addresses.iter().map(|(table, _)| *table).collect();
        tables.sort_unstable();
        tables.dedup();
        let part = |table: &i64| relation.parts.iter().find(|part| i64::from(part.oid) == *table);
        tables
            .iter()
            .map(|table| part(table).ok_or_else(|| misuse(doing, "a row stands in a table that is not of this relation")))
            .collect()
    }

    /// Stages rows, and values beside them.
    fn stage(&self, rows: &Places<'_>, columns: Vec<Staged>, arrays: Vec<ArrayRef>, doing: &str) -> Result<Stage, StoreError> {
        if let (true, Some(subjects)) = (columns.is_empty(), self.subjects.as_ref().filter(|subjects| rows.are(subjects))) {
            return Ok(Stage { name: subjects.staged.clone(), borrowed: true });
        }
        let (mut staged, mut all) = placed(rows).ok_or_else(|| misuse(doing, "too many rows"))?;
        staged.extend(columns);
        all.extend(arrays);
        Ok(Stage { name: self.staging.fill(&staged, &all, doing)?, borrowed: false })
    }

    /// Drops what is not needed any more.
    fn done_with(&self, stage: &Stage, doing: &str) -> Result<(), StoreError> {
        if stage.borrowed { Ok(()) } else { self.staging.drop(&stage.name, doing) }
    }

    /// What an UPDATE sets, and which columns and cells it needs beside the rows' places.
    fn settings(&self, relation: &Relation, assignments: &[Assignment], rows: usize, doing: &str) -> Result<Settings, StoreError> {
        if assignments.is_empty() || !assignments.iter().all(|assignment| assignment.fits(rows, relation.columns.len())) {
            return Err(misuse(doing, "the values and their columns do not match"));
        }
        let mut made = Settings::default();
        for (index, assignment) in assignments.iter().enumerate() {
            let column = &relation.columns[assignment.column];
            let name = quoted(&column.name);
            // As a text, a civil time would be read in another zone, a year before our era not at all, and bytes as their digits.
            let needs_bytes = matches!(column.wire, Wire::Date | Wire::Timestamp | Wire::TimestampTz | Wire::Bytes);
            let one_for_all = assignment.values.len() == 1 && (!needs_bytes || assignment.values.is_null(0));
            let new = if one_for_all {
                let value = retyped::for_wire(&assignment.values, column.wire, &self.session.options.timestamps);
                constant(&value.ok_or_else(|| misuse(doing, "a value has no form in its column's type"))?, column, doing)?
            } else {
                made.columns.push(Staged::of(format!("v{index}"), column));
                made.arrays.push(repeated(&assignment.values, rows).ok_or_else(|| misuse(doing, "a value can not be repeated"))?);
                value(&format!("v.v{index}"), column)
            };
            made.set.push(match &assignment.rows {
                Some(mask) => {
                    made.columns.push(Staged::plain(&format!("m{index}"), "boolean", Wire::Boolean));
                    made.arrays.push(Arc::new(mask.clone()) as ArrayRef);
                    format!("{name} = CASE WHEN v.m{index} THEN {new} ELSE t0.{name} END")
                }
                None => format!("{name} = {new}"),
            });
        }
        Ok(made)
    }

    /// Runs a statement that returns integers, by binary COPY.
    pub(super) fn integers(&self, sql: &str, wires: &[Wire], doing: &str, access: Access<'_>) -> Result<Vec<Vec<i64>>, StoreError> {
        let decoded = wires.iter().enumerate().map(|(at, wire)| (format!("c{at}"), *wire)).collect();
        let mut decoder = Decoder::new(decoded, self.session.options.timestamps.clone());
        let failed = |error: super::copy::DecodeError| misuse(doing, &error.to_string());
        self.connection
            .copy_out(&format!("COPY ({sql}) TO STDOUT (FORMAT binary)"), &mut |bytes| decoder.push(bytes).map_err(failed))
            .map_err(|failure| copy_error(self.connection, doing, Some(access), failure))?;
        decoder.finish().map_err(failed)?;
        let chunk = decoder.take().map_err(failed)?;
        Ok((0..wires.len()).map(|at| chunk.batch.column(at).as_primitive::<Int64Type>().values().to_vec()).collect())
    }
}

/// Rows by their places, and where they must have them by their versions.
pub(super) enum Places<'v> {
    /// Locked, wherever this batch has moved them.
    At(Vec<Address>),
    /// Only as long as they have these versions.
    Unchanged(&'v [StoreVersion]),
}

impl Places<'_> {
    fn addresses(&self) -> Vec<Address> {
        match self {
            Self::At(addresses) => addresses.clone(),
            Self::Unchanged(versions) => versions.iter().map(address).collect(),
        }
    }

    /// Whether these are just the loaded subjects, whose staged table will do.
    fn are(&self, subjects: &Subjects) -> bool {
        let Some(known) = &subjects.versions else { return false };
        match self {
            Self::At(addresses) => known.len() == addresses.len() && known.iter().map(address).eq(addresses.iter().copied()),
            Self::Unchanged(versions) => known == versions,
        }
    }
}

/// A temporary table that holds places.
struct Stage {
    name: String,
    /// Whether it is the loaded subjects' own.
    borrowed: bool,
}

/// What an UPDATE sets, and the columns that it needs staged.
#[derive(Default)]
struct Settings {
    set: Vec<String>,
    columns: Vec<Staged>,
    arrays: Vec<ArrayRef>,
}

/// Ordinals from 0, places, and versions where there are: as columns of a temporary table. `None` for more rows than can be numbered.
pub(super) fn placed(rows: &Places<'_>) -> Option<(Vec<Staged>, Vec<ArrayRef>)> {
    let addresses = rows.addresses();
    let mut staged = vec![
        Staged::plain("ordinal", "bigint", Wire::Int8),
        Staged::plain("held_by", "oid", Wire::Oid),
        Staged::plain("place", "tid", Wire::Tid),
    ];
    let mut arrays: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(0..i64::try_from(addresses.len()).ok()?)),
        Arc::new(Int64Array::from_iter_values(addresses.iter().map(|(table, _)| *table))),
        Arc::new(Int64Array::from_iter_values(addresses.iter().map(|(_, place)| *place))),
    ];
    if let Places::Unchanged(versions) = rows {
        staged.push(Staged::plain("version", "xid", Wire::Xid));
        arrays.push(Arc::new(Int64Array::from_iter_values(versions.iter().map(|version| i64::from(parts(version).2)))));
    }
    Some((staged, arrays))
}

fn address(version: &StoreVersion) -> Address {
    let (table, place, _) = parts(version);
    (i64::from(table), place)
}

/// One value for all rows, once per row.
fn repeated(values: &ArrayRef, rows: usize) -> Option<ArrayRef> {
    if values.len() == rows {
        return Some(values.clone());
    }
    arrow::compute::take(values, &arrow::array::UInt32Array::from(vec![0; rows]), None).ok()
}

/// What must hold of a row `t0` that nobody may have written since it had its staged version `v`. A transaction that waited for whoever wrote
/// it sees the new version here, which another transaction has written.
const UNCHANGED: &str = "t0.xmin = v.version";

/// The condition that a row `t0` of a physical table stands at a staged place `v`. Said once as a join and once as a list: by the list the
/// server goes to the places at once, where it would otherwise read the whole table for a batch that is not small beside it.
fn at_places(staged: &str, part: &Part) -> String {
    let oid = part.oid;
    format!(
        "v.held_by = {oid} AND t0.ctid = v.place AND t0.ctid = ANY ((SELECT array_agg(place) FROM {staged} WHERE held_by = {oid})::tid[])"
    )
}

/// A constant of a column as SQL; `NULL` for none.
fn constant(array: &ArrayRef, column: &RelationColumn, doing: &str) -> Result<String, StoreError> {
    let text = to_text(array).map_err(|_| misuse(doing, "a value has a type that no column has"))?;
    Ok(if text.is_null(0) { "NULL".into() } else { value(&format!("{}::{}", literal(text.value(0)), travelling(column)), column) })
}

impl Batch for PostgresBatch<'_> {
    fn load_subjects(
        &mut self,
        table: &Table,
        key_columns: &[usize],
        keys: &[ArrayRef],
        versions: Option<&[StoreVersion]>,
    ) -> Result<(), StoreError> {
        self.load(table, key_columns, keys, versions)
    }

    fn claim(&mut self) -> Result<Vec<u32>, StoreError> {
        let Some(Subjects { table, staged, versions: Some(versions), .. }) = &self.subjects else {
            return Err(misuse("locking subjects", "none are loaded with their versions"));
        };
        let doing = format!("locking rows of `{table}`");
        let relation = relation_of(self.relations, table, &doing)?;
        let addresses: Vec<Address> = versions.iter().map(address).collect();
        let mut claimed = Vec::with_capacity(addresses.len());
        for part in self.parts_of(relation, &addresses, &doing)? {
            let name = qualified(&part.schema, &part.relation);
            let places = at_places(staged, part);
            let sql = format!("SELECT v.ordinal FROM {staged} AS v, ONLY {name} AS t0 WHERE {places} AND {UNCHANGED} FOR UPDATE OF t0");
            let ordinals = self.integers(&sql, &[Wire::Int8], &doing, Access { table: &name, privileges: "SELECT, UPDATE" })?;
            claimed.extend(ordinals.iter().flatten().filter_map(|ordinal| u32::try_from(*ordinal).ok()));
        }
        Ok(claimed)
    }

    fn located(&self, versions: &[StoreVersion]) -> Result<Locators, StoreError> {
        let (tables, places): (Vec<i64>, Vec<i64>) = versions.iter().map(address).unzip();
        Ok(Locators { columns: vec![Arc::new(Int64Array::from(tables)), Arc::new(Int64Array::from(places))] })
    }

    /// The rows come in no particular order. Locators are the physical table's object identifier and the row's place, both `Int64`.
    fn linked(&mut self, request: &Request, path: &[Step], about: Option<u64>) -> Result<LinkedRows, StoreError> {
        self.read_linked(request, path, about)
    }

    fn lock(&mut self, table: &Table, path: &[Step], patience: Patience) -> Result<Vec<u32>, StoreError> {
        self.lock_linked(table, path, patience)
    }

    /// A SHARE lock, which any of the privileges UPDATE, DELETE and TRUNCATE permits.
    fn lock_table(&mut self, table: &Table, patience: Patience) -> Result<bool, StoreError> {
        let doing = format!("locking `{}`", table.name);
        let relation = relation_of(self.relations, &table.name, &doing)?;
        let failed = |failure: Failure| self.connection.store_error(&doing, None, &failure);
        let sql = format!("SELECT has_table_privilege({}, 'UPDATE, DELETE, TRUNCATE')", relation.oid);
        let answer = self.connection.first_row(&sql).map_err(failed)?;
        if answer.first().and_then(Option::as_deref) != Some("t") {
            return Ok(false);
        }
        let name = qualified(&relation.schema, &relation.relation);
        if patience == Patience::Wait {
            self.connection.execute(&format!("LOCK TABLE {name} IN SHARE MODE")).map_err(failed)?;
            return Ok(true);
        }
        self.connection.execute("SAVEPOINT gallra_lock").map_err(failed)?;
        match self.connection.execute(&format!("LOCK TABLE {name} IN SHARE MODE NOWAIT")) {
            Ok(()) => {
                self.connection.execute("RELEASE SAVEPOINT gallra_lock").map_err(failed)?;
                Ok(true)
            }
            Err(failure) if failure.is_retryable() => {
                self.connection.execute("ROLLBACK TO SAVEPOINT gallra_lock").map_err(failed)?;
                Ok(false)
            }
            Err(failure) => Err(failed(failure)),
        }
    }

    fn update(&mut self, table: &Table, locators: &Locators, assignments: &[Assignment]) -> Result<u64, StoreError> {
        let doing = format!("updating `{}`", table.name);
        let relation = relation_of(self.relations, &table.name, &doing)?;
        let addresses = self.addresses(locators, &doing)?;
        let Settings { set, columns, arrays } = self.settings(relation, assignments, addresses.len(), &doing)?;
        let stage = self.stage(&Places::At(addresses.clone()), columns, arrays, &doing)?;
        let mut matched = 0;
        for part in self.parts_of(relation, &addresses, &doing)? {
            let name = qualified(&part.schema, &part.relation);
            let sql = format!(
                "UPDATE ONLY {name} AS t0 SET {} FROM {} AS v WHERE {} RETURNING v.ordinal, t0.ctid",
                set.join(", "),
                stage.name,
                at_places(&stage.name, part)
            );
            let returned = self.integers(&sql, &[Wire::Int8, Wire::Tid], &doing, Access { table: &name, privileges: "SELECT, UPDATE" })?;
            let [ordinals, places] = returned.as_slice() else { return Err(misuse(&doing, "the server answered nothing")) };
            matched += ordinals.len() as u64;
            let before = |ordinal: &i64| usize::try_from(*ordinal).ok().and_then(|at| addresses.get(at)).copied();
            let moves: Vec<(Address, Address)> = ordinals
                .iter()
                .zip(places)
                .filter_map(|(ordinal, place)| Some((before(ordinal)?, (i64::from(part.oid), *place))))
                .collect();
            self.note_moves(moves);
        }
        self.done_with(&stage, &doing)?;
        Ok(matched)
    }

    fn update_unchanged(
        &mut self,
        request: &Request,
        versions: &[StoreVersion],
        assignments: &[Assignment],
    ) -> Result<LinkedRows, StoreError> {
        let doing = format!("updating `{}`", request.table.name);
        let relation = relation_of(self.relations, &request.table.name, &doing)?;
        let rows = Places::Unchanged(versions);
        let addresses = rows.addresses();
        let Settings { set, columns, arrays } = self.settings(relation, assignments, versions.len(), &doing)?;
        let stage = self.stage(&rows, columns, arrays, &doing)?;
        let selected = self.selected(request, "v", &doing)?;
        let mut found = Found::new(request, &self.session.options.timestamps);
        for part in self.parts_of(relation, &addresses, &doing)? {
            let name = qualified(&part.schema, &part.relation);
            let sql = format!(
                "UPDATE ONLY {name} AS t0 SET {} FROM {} AS v WHERE {} AND {UNCHANGED} RETURNING {}",
                set.join(", "),
                stage.name,
                at_places(&stage.name, part),
                expressions(&selected)
            );
            self.copied(&sql, &selected, Access { table: &name, privileges: "SELECT, UPDATE" }, &doing, &mut found)?;
        }
        self.done_with(&stage, &doing)?;
        let found = found.finish();
        let now = self.addresses(&found.locators, &doing)?;
        let before = found.subjects.values().iter().filter_map(|at| addresses.get(*at as usize)).copied();
        self.note_moves(before.zip(now));
        Ok(found)
    }

    fn delete_unchanged(&mut self, table: &Table, versions: &[StoreVersion]) -> Result<Vec<u32>, StoreError> {
        let doing = format!("deleting from `{}`", table.name);
        let relation = relation_of(self.relations, &table.name, &doing)?;
        let rows = Places::Unchanged(versions);
        let stage = self.stage(&rows, Vec::new(), Vec::new(), &doing)?;
        let mut gone = Vec::with_capacity(versions.len());
        for part in self.parts_of(relation, &rows.addresses(), &doing)? {
            let name = qualified(&part.schema, &part.relation);
            let places = at_places(&stage.name, part);
            let sql = format!("DELETE FROM ONLY {name} AS t0 USING {} AS v WHERE {places} AND {UNCHANGED} RETURNING v.ordinal", stage.name);
            let ordinals = self.integers(&sql, &[Wire::Int8], &doing, Access { table: &name, privileges: "SELECT, DELETE" })?;
            gone.extend(ordinals.iter().flatten().filter_map(|ordinal| u32::try_from(*ordinal).ok()));
        }
        self.done_with(&stage, &doing)?;
        Ok(gone)
    }

    fn moved(&self, _table: &Table, locators: &Locators) -> Locators {
        let Ok(addresses) = self.addresses(locators, "finding rows again") else { return locators.clone() };
        let tables = Int64Array::from_iter_values(addresses.iter().map(|(table, _)| *table));
        let places = Int64Array::from_iter_values(addresses.iter().map(|(_, place)| *place));
        Locators { columns: vec![Arc::new(tables), Arc::new(places)] }
    }

    fn rekey(&mut self, targets: &[(Table, Vec<usize>)], old: &[ArrayRef], new: &[ArrayRef]) -> Result<u64, StoreError> {
        rekey::rekey(self, targets, old, new)
    }

    fn delete(&mut self, table: &Table, locators: &Locators) -> Result<u64, StoreError> {
        Ok(self.delete_all(&[(table.clone(), locators.clone())])?.into_iter().sum())
    }

    /// One statement for all: foreign keys between the tables are checked at its end, when whoever points is gone as well. Rows that triggers or
    /// cascades take along are not counted.
    fn delete_all(&mut self, rows: &[(Table, Locators)]) -> Result<Vec<u64>, StoreError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let tables = rows.iter().map(|(table, _)| format!("`{}`", table.name)).collect::<Vec<_>>().join(", ");
        let doing = format!("deleting from {tables}");
        // One table may be reached by several paths, and one statement may touch a row but once.
        let mut statements = Vec::new();
        let mut counts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut staged = Vec::new();
        for (at, (table, locators)) in rows.iter().enumerate() {
            let relation = relation_of(self.relations, &table.name, &doing)?;
            let addresses = self.addresses(locators, &doing)?;
            let stage = self.stage(&Places::At(addresses.clone()), Vec::new(), Vec::new(), &doing)?;
            for part in self.parts_of(relation, &addresses, &doing)? {
                counts.entry(at).or_default().push(statements.len());
                statements.push(format!(
                    "d{} AS (DELETE FROM ONLY {} AS t0 USING {} AS v WHERE {} RETURNING 1)",
                    statements.len(),
                    qualified(&part.schema, &part.relation),
                    stage.name,
                    at_places(&stage.name, part)
                ));
            }
            staged.push(stage);
        }
        let selected: Vec<String> = (0..statements.len()).map(|index| format!("(SELECT count(*) FROM d{index})")).collect();
        let sql = format!("WITH {} SELECT {}", statements.join(", "), selected.join(", "));
        let access = Access { table: &tables, privileges: "SELECT, DELETE" };
        let answer = self.connection.first_row(&sql).map_err(|failure| self.connection.store_error(&doing, Some(access), &failure))?;
        for stage in &staged {
            self.done_with(stage, &doing)?;
        }
        let count = |index: &usize| answer.get(*index).and_then(Option::as_deref).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        Ok((0..rows.len()).map(|at| counts.get(&at).map_or(0, |indices| indices.iter().map(count).sum())).collect())
    }

    fn journal(&mut self, entries: &[JournalEntry]) -> Result<(), StoreError> {
        journal::enter(self.connection, entries)
    }

    fn set_head(&mut self, head: &Head) -> Result<(), StoreError> {
        journal::set_head(self.connection, self.lane, head)
    }

    fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        let committed = self.connection.execute("COMMIT");
        if committed.is_ok() {
            if let Ok(mut committed) = self.own.committed.lock() {
                committed.extend(self.number);
            }
            self.ended();
        }
        committed.map_err(|failure| self.connection.store_error("committing", None, &failure))
    }
}

impl Drop for PostgresBatch<'_> {
    fn drop(&mut self) {
        if self.open {
            // There is nobody to tell; the server rolls back when the session ends.
            let _ = self.connection.execute("ROLLBACK");
            self.ended();
        }
    }
}
