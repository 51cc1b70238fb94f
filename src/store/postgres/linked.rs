//! The subjects of a write batch in a temporary table, and the rows that lead to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, UInt32Array};
use arrow::datatypes::Int64Type;
use jiff::tz::TimeZone;

use super::batch::{Places, PostgresBatch, placed};
use super::copy::{Chunk, Decoder, Wire};
use super::failure::Access;
use super::names::{literal, qualified, quoted};
use super::relation::{Relation, RelationColumn, RelationKind};
use super::scan::{reading, selection, undecodable, version};
use super::staging::{Staged, value};
use super::{copy_error, indexes, misuse, relation_of, retyped};
use crate::store::{LinkedRows, Locators, Patience, ROWS_PER_BATCH, Request, Rows, Step, StoreError, StoreVersion, Table, Value};

/// How many rows are looked up in an index in the time in which a page of a table is read through.
const LOOKUPS_PER_PAGE: u64 = 4;

/// What is loaded: a table, and the columns that its rows are found by.
pub(super) struct Subjects {
    pub(super) table: String,
    /// The temporary table.
    pub(super) staged: String,
    /// The key's columns; column `k0` of the temporary table holds the first, and so on.
    key: Vec<RelationColumn>,
    /// How many there are.
    rows: u64,
    /// The rows' versions, where the temporary table has them too.
    pub(super) versions: Option<Vec<StoreVersion>>,
}

/// `FROM … AS t0` and what must hold of it, so that all parts of a relation are read and nothing else.
pub(super) fn from_all(relation: &Relation, alias: &str) -> (String, Option<String>) {
    let name = qualified(&relation.schema, &relation.relation);
    match relation.kind {
        RelationKind::Ordinary => (format!("ONLY {name} AS {alias}"), None),
        RelationKind::Partitioned => (format!("{name} AS {alias}"), None),
        RelationKind::Inherited => {
            // Children with columns of their own are tables of their own.
            let parts: Vec<String> = relation.parts.iter().map(|part| part.oid.to_string()).collect();
            (format!("{name} AS {alias}"), Some(format!("{alias}.tableoid IN ({})", parts.join(", "))))
        }
    }
}

/// An equality of two columns. Where the server has no such comparison (a reference that nobody declared, between a number and a text), both
/// are compared as texts.
fn equal(left: &str, left_column: &RelationColumn, right: &str, right_column: &RelationColumn) -> String {
    if comparable(left_column, right_column) { format!("{left} = {right}") } else { format!("{left}::text = {right}::text") }
}

/// What makes a row point at another by a step of a path. Behind a prefix the key's text is compared exactly, and in a form that an index of
/// the pointing column finds.
fn points(step: &Step, from: &str, from_column: &RelationColumn, to: &str, to_column: &RelationColumn) -> String {
    let Some(prefix) = &step.prefix else { return equal(from, from_column, to, to_column) };
    let spelled = format!("({} || {to}::text)", literal(prefix));
    match (is_plain_text(from_column), is_text(to_column)) {
        (true, false) => format!("{from} = {spelled}"),
        // Two columns may have collations of their own, and neither is to rule.
        (true, true) => format!("{from} = {spelled} COLLATE pg_catalog.\"default\""),
        (false, _) => format!("{from}::text = {spelled} COLLATE pg_catalog.\"C\""),
    }
}

/// A column that holds a value, as the server compares it: of an enumeration, which may not have the value, the text is compared.
fn holds(column: &str, described: &RelationColumn, value: &Value) -> String {
    match value {
        Value::Text(text) if described.cast.is_some() => format!("{column}::text = {}", literal(text)),
        Value::Text(text) => format!("{column} = {}", literal(text)),
        Value::Integer(number) => format!("{column} = {number}"),
        Value::Boolean(value) => format!("{column} = {value}"),
    }
}

fn is_text(column: &RelationColumn) -> bool {
    column.cast.is_none() && matches!(column.wire, Wire::Text | Wire::PaddedText)
}

/// Whether two texts of a column are equal to the server when they are the same, and no padding is added.
fn is_plain_text(column: &RelationColumn) -> bool {
    column.cast.is_none() && matches!(column.wire, Wire::Text) && !column.case_insensitive
}

/// Whether the server compares two columns as they are.
fn comparable(left: &RelationColumn, right: &RelationColumn) -> bool {
    let integer = |column: &RelationColumn| matches!(column.wire, Wire::Int2 | Wire::Int4 | Wire::Int8);
    left.type_name == right.type_name
        || (left.cast.is_none() && right.cast.is_none() && left.wire == right.wire)
        || (integer(left) && integer(right))
        || (is_text(left) && is_text(right))
}

impl PostgresBatch<'_> {
    /// Stages the keys with their ordinals from 0.
    pub(super) fn load(
        &mut self,
        table: &Table,
        key_columns: &[usize],
        keys: &[ArrayRef],
        versions: Option<&[StoreVersion]>,
    ) -> Result<(), StoreError> {
        let doing = format!("loading the subjects of `{}`", table.name);
        let relation = relation_of(self.relations, &table.name, &doing)?;
        let key: Vec<RelationColumn> = key_columns.iter().filter_map(|index| relation.columns.get(*index)).cloned().collect();
        let rows = keys.first().map_or(0, |array| array.len());
        let fits = key.len() == key_columns.len() && keys.len() == key.len() && keys.iter().all(|array| array.len() == rows);
        if key.is_empty() || !fits || versions.is_some_and(|versions| versions.len() != rows) {
            return Err(misuse(&doing, "the keys and their columns do not match"));
        }
        let (mut columns, mut arrays) = match versions {
            Some(versions) => placed(&Places::Unchanged(versions)).ok_or_else(|| misuse(&doing, "too many rows"))?,
            None => {
                let ordinals: Int64Array = (0..rows as u64).map(|ordinal| i64::try_from(ordinal).ok()).collect();
                (vec![Staged::plain("ordinal", "bigint", Wire::Int8)], vec![Arc::new(ordinals) as ArrayRef])
            }
        };
        columns.extend(key.iter().enumerate().map(|(index, column)| Staged::of(format!("k{index}"), column)));
        arrays.extend(keys.iter().cloned());
        if let Some(before) = self.subjects.take() {
            self.staging.drop(&before.staged, &doing)?;
        }
        let staged = self.staging.fill(&columns, &arrays, &doing)?;
        self.subjects = Some(Subjects { table: table.name.clone(), staged, key, rows: rows as u64, versions: versions.map(<[_]>::to_vec) });
        Ok(())
    }

    /// `FROM … WHERE …` from the loaded subjects `b` along the reversed path to the table's rows `t0`.
    fn leading(&self, table: &Table, path: &[Step], doing: &str) -> Result<String, StoreError> {
        let subjects = self.subjects.as_ref().ok_or_else(|| misuse(doing, "no subjects are loaded"))?;
        if path.last().map_or(&table.name, |step| &step.to) != &subjects.table {
            return Err(misuse(doing, "the path does not end at the table of the loaded subjects"));
        }
        if path.iter().any(|step| step.columns.is_empty()) {
            return Err(misuse(doing, "a step of the path joins no columns"));
        }
        let mut relations = vec![relation_of(self.relations, &table.name, doing)?];
        for step in path {
            relations.push(relation_of(self.relations, &step.to, doing)?);
        }
        let column = |depth: usize, name: &str| {
            let found = relations[depth].columns.iter().find(|column| column.name == name);
            found.ok_or_else(|| misuse(doing, "a step of the path joins a column that does not exist"))
        };
        // Where the last step joins just the key that is loaded, the subjects' own table says nothing more; and a row whose subject is gone is
        // found as well.
        let last_step = path.last().filter(|step| {
            step.columns.len() == subjects.key.len() && subjects.key.iter().all(|key| step.columns.iter().any(|(_, to)| *to == key.name))
        });
        let mut conditions = Vec::new();
        let deepest = match last_step {
            Some(step) => {
                let depth = path.len() - 1;
                for (from, to) in &step.columns {
                    let at = subjects.key.iter().position(|key| key.name == *to).unwrap_or_default();
                    let key = &subjects.key[at];
                    let own = column(depth, from)?;
                    let (left, right) = (format!("t{depth}.{}", quoted(from)), value(&format!("b.k{at}"), key));
                    conditions.push(points(step, &left, own, &right, key));
                }
                depth
            }
            None => {
                let depth = path.len();
                for (at, key) in subjects.key.iter().enumerate() {
                    conditions.push(format!("t{depth}.{} = {}", quoted(&key.name), value(&format!("b.k{at}"), key)));
                }
                depth
            }
        };
        let mut tables = vec![format!("{} AS b", subjects.staged)];
        for depth in (0..=deepest).rev() {
            let (from, only) = from_all(relations[depth], &format!("t{depth}"));
            tables.push(from);
            conditions.extend(only);
            if depth < deepest {
                for (from, to) in &path[depth].columns {
                    let (left, right) = (format!("t{depth}.{}", quoted(from)), format!("t{}.{}", depth + 1, quoted(to)));
                    conditions.push(points(&path[depth], &left, column(depth, from)?, &right, column(depth + 1, to)?));
                }
            }
            for (name, value) in path.get(depth).iter().flat_map(|step| &step.when) {
                conditions.push(holds(&format!("t{depth}.{}", quoted(name)), column(depth, name)?, value));
            }
        }
        Ok(format!("FROM {} WHERE {}", tables.join(", "), conditions.join(" AND ")))
    }

    /// The rows that lead to the loaded subjects.
    pub(super) fn read_linked(&self, request: &Request, path: &[Step], about: Option<u64>) -> Result<LinkedRows, StoreError> {
        let doing = reading(&request.table);
        let leading = self.leading(&request.table, path, &doing)?;
        let relation = relation_of(self.relations, &request.table.name, &doing)?;
        let selected = self.selected(request, "b", &doing)?;
        let table = qualified(&relation.schema, &relation.relation);
        let mut found = Found::new(request, &self.session.options.timestamps);
        let sql = format!("SELECT {} {leading}", expressions(&selected));
        let by_index = about.is_some_and(|about| self.by_index(relation, path, about));
        if by_index {
            self.joining("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off", &doing)?;
        }
        self.copied(&sql, &selected, Access { table: &table, privileges: "SELECT" }, &doing, &mut found)?;
        if by_index {
            self.joining("SET LOCAL enable_hashjoin TO DEFAULT; SET LOCAL enable_mergejoin TO DEFAULT", &doing)?;
        }
        Ok(found.finish())
    }

    fn joining(&self, settings: &str, doing: &str) -> Result<(), StoreError> {
        self.connection.execute(settings).map_err(|failure| self.connection.store_error(doing, None, &failure))
    }

    /// Whether so few rows are expected that looking each subject up in an index is less than reading the table. The planner can not know: it
    /// takes every subject for an average one, and whoever is forgotten has been quiet for years.
    fn by_index(&self, relation: &Relation, path: &[Step], about: u64) -> bool {
        let Some(subjects) = &self.subjects else { return false };
        let pages: u64 = relation.parts.iter().map(|part| u64::from(part.pages)).sum();
        if path.is_empty() || subjects.rows + about >= pages * LOOKUPS_PER_PAGE {
            return false;
        }
        let tables = std::iter::once(relation.name.as_str()).chain(path.iter().map(|step| step.to.as_str()));
        tables.zip(path).all(|(from, step)| {
            let (Some(from), Some(to)) = (self.relations.get(from), self.relations.get(&step.to)) else { return false };
            let described = |relation: &Relation, name: &str| relation.columns.iter().find(|column| column.name == name).cloned();
            let comparable = |(own, key): &(String, String)| {
                described(from, own).zip(described(to, key)).is_some_and(|(own, key)| match step.prefix {
                    Some(_) => is_plain_text(&own) && !is_text(&key),
                    None => comparable(&own, &key),
                })
            };
            let columns: Vec<String> = step.columns.iter().map(|(from, _)| from.clone()).collect();
            let narrower: Vec<String> = step.when.iter().map(|(column, _)| column.clone()).chain(columns.iter().cloned()).collect();
            let searched = [(from.name.clone(), columns), (from.name.clone(), narrower)];
            step.columns.iter().all(comparable)
                && indexes::unindexed(self.connection, self.relations, &searched).is_ok_and(|lacking| lacking.len() < searched.len())
        })
    }

    /// How the requested columns of a row `t0`, its place and version, and the ordinal of whom it belongs to in `ordinals` are selected.
    pub(super) fn selected(&self, request: &Request, ordinals: &str, doing: &str) -> Result<Vec<(String, String, Wire)>, StoreError> {
        let relation = relation_of(self.relations, &request.table.name, doing)?;
        let mut selected = selection(relation, &request.table, &request.columns, doing)?;
        for (expression, name, wire) in
            [("t0.tableoid", "table", Wire::Oid), ("t0.ctid", "ctid", Wire::Tid), ("t0.xmin", "xmin", Wire::Xid)]
        {
            selected.push((expression.into(), name.into(), wire));
        }
        selected.push((format!("{ordinals}.ordinal"), "ordinal".into(), Wire::Int8));
        Ok(selected)
    }

    /// Runs a statement that gives what was [`selected`](Self::selected), by binary COPY.
    pub(super) fn copied(
        &self,
        sql: &str,
        selected: &[(String, String, Wire)],
        access: Access<'_>,
        doing: &str,
        found: &mut Found<'_>,
    ) -> Result<(), StoreError> {
        let decoded = selected.iter().map(|(_, name, wire)| (name.clone(), *wire)).collect();
        let mut decoder = Decoder::new(decoded, self.session.options.timestamps.clone());
        let table = &found.request.table;
        let failed = |error: super::copy::DecodeError| undecodable(table, &error);
        self.connection
            .copy_out(&format!("COPY ({sql}) TO STDOUT (FORMAT binary)"), &mut |bytes| {
                decoder.push(bytes).map_err(failed)?;
                if decoder.rows() >= ROWS_PER_BATCH { found.add(decoder.take().map_err(failed)?, doing) } else { Ok(()) }
            })
            .map_err(|failure| copy_error(self.connection, doing, Some(access), failure))?;
        decoder.finish().map_err(failed)?;
        found.add(decoder.take().map_err(failed)?, doing)
    }

    /// Locks the rows that lead to the loaded subjects.
    pub(super) fn lock_linked(&self, table: &Table, path: &[Step], patience: Patience) -> Result<Vec<u32>, StoreError> {
        let doing = format!("locking rows of `{}`", table.name);
        let leading = self.leading(table, path, &doing)?;
        let relation = relation_of(self.relations, &table.name, &doing)?;
        let name = qualified(&relation.schema, &relation.relation);
        let access = Access { table: &name, privileges: "SELECT, UPDATE" };
        let failed = |failure| self.connection.store_error(&doing, Some(access), &failure);
        if patience == Patience::Wait {
            let sql = format!("SELECT count(*) FROM (SELECT 1 {leading} FOR UPDATE OF t0) AS locked");
            self.connection.first_row(&sql).map_err(failed)?;
            return Ok(Vec::new());
        }
        let count = |how: &str| -> Result<BTreeMap<i64, i64>, StoreError> {
            let sql = format!("SELECT ordinal, count(*) FROM (SELECT b.ordinal {leading}{how}) AS found GROUP BY ordinal");
            let rows = self.connection.rows(&sql, &[]).map_err(failed)?;
            Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
        };
        let locked = count(" FOR UPDATE OF t0 SKIP LOCKED")?;
        let all = count("")?;
        let held = all.iter().filter(|(ordinal, rows)| locked.get(ordinal) != Some(rows));
        Ok(held.filter_map(|(ordinal, _)| u32::try_from(*ordinal).ok()).collect())
    }
}

/// The list of what is selected.
pub(super) fn expressions(selected: &[(String, String, Wire)]) -> String {
    selected.iter().map(|(expression, ..)| expression.as_str()).collect::<Vec<_>>().join(", ")
}

/// Linked rows as they come.
pub(super) struct Found<'a> {
    request: &'a Request,
    zone: &'a TimeZone,
    rows: Rows,
    versions: Vec<[u8; 16]>,
    tables: Vec<i64>,
    places: Vec<i64>,
    ordinals: Vec<u32>,
}

impl<'a> Found<'a> {
    pub(super) fn new(request: &'a Request, zone: &'a TimeZone) -> Self {
        let rows = Rows { batches: Vec::new(), unreadable: BTreeMap::new(), versions: None };
        Self { request, zone, rows, versions: Vec::new(), tables: Vec::new(), places: Vec::new(), ordinals: Vec::new() }
    }

    fn add(&mut self, chunk: Chunk, doing: &str) -> Result<(), StoreError> {
        let before = u32::try_from(self.ordinals.len()).map_err(|_| misuse(doing, "more than 2^32 rows"))?;
        let integers = |at: usize| chunk.batch.column(self.request.columns.len() + at).as_primitive::<Int64Type>().values();
        let (tables, places, transactions, ordinals) = (integers(0), integers(1), integers(2), integers(3));
        for row in 0..chunk.batch.num_rows() {
            let narrow = |value: i64| u32::try_from(value).map_err(|_| misuse(doing, "the server gave a row number that is none"));
            self.versions.push(version(narrow(tables[row])?, places[row], narrow(transactions[row])?));
            self.ordinals.push(narrow(ordinals[row])?);
        }
        self.tables.extend_from_slice(tables);
        self.places.extend_from_slice(places);
        let requested = retyped::requested(chunk, &self.request.table, &self.request.columns, self.zone);
        let (batch, unreadable) = requested.ok_or_else(|| misuse(doing, "the decoded columns do not form a batch"))?;
        for (position, numbers) in unreadable {
            self.rows.unreadable.entry(position).or_default().extend(numbers.iter().map(|number| number + before));
        }
        self.rows.batches.push(batch);
        Ok(())
    }

    pub(super) fn finish(mut self) -> LinkedRows {
        self.rows.versions = Some(self.versions);
        let locators = vec![Arc::new(Int64Array::from(self.tables)) as ArrayRef, Arc::new(Int64Array::from(self.places))];
        LinkedRows { rows: self.rows, subjects: UInt32Array::from(self.ordinals), locators: Locators { columns: locators } }
    }
}
