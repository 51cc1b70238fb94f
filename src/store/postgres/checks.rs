//! CHECK constraints, evaluated by the server, and foreign keys that rows violate.

use std::collections::BTreeMap;

use tokio_postgres::types::ToSql;

use super::catalog::{cell, letter};
use super::connection::Connection;
use super::failure::Failure;
use super::names::{qualified, quoted};
use super::relation::{CheckOrigin, Part, Relation, RelationCheck, Relations};
use crate::store::{Check, ColumnType, Table};

/// A constant for a column, as text or NULL.
type Constant = (usize, Option<String>);

/// How many rows would fail each check that names one of the columns, were they all set to these constants.
///
/// A constant that its column's type refuses (too long, no number, none of the enumeration's labels) fails every check of the column in
/// every row; so does a check that ends in an error of the data. A domain's check is evaluated on the type below the domain, since the cast
/// to the domain would be an error. A generated column keeps the value it has. Only the columns that a check names are read.
pub(super) fn failing(
    connection: &Connection,
    relations: &Relations,
    table: &Table,
    constants: &[Constant],
) -> Result<Vec<(usize, u64)>, Failure> {
    let Some(relation) = relations.get(&table.name) else {
        return Ok(Vec::new());
    };
    let mut refused = Vec::with_capacity(constants.len());
    for constant in constants {
        refused.push(is_refused(connection, relation, table, constant)?);
    }
    let mut failing = Vec::new();
    for (index, (check, about)) in table.checks.iter().zip(&relation.checks).enumerate() {
        let named: Vec<usize> = (0..constants.len()).filter(|&at| check.columns.contains(&constants[at].0)).collect();
        if named.is_empty() {
            continue;
        }
        let evaluation = Evaluation { connection, relation, check, constants: named.iter().map(|&at| &constants[at]).collect() };
        let parts: Vec<&Part> = relation.parts.iter().filter(|part| is_for(about, part)).collect();
        let rows = match about.origin {
            _ if named.iter().any(|&at| refused[at]) => count(connection, &parts)?,
            CheckOrigin::Type => 0,
            CheckOrigin::Declared => match data_error(evaluation.count(&parts))? {
                Some(rows) => rows,
                None => count(connection, &parts)?,
            },
        };
        failing.push((index, rows));
    }
    Ok(failing)
}

fn is_for(check: &RelationCheck, part: &Part) -> bool {
    check.parts.as_ref().is_none_or(|parts| parts.contains(&part.oid))
}

/// Whether a column's type can not hold a constant. A cast cuts what is too long, where an assignment refuses it.
fn is_refused(connection: &Connection, relation: &Relation, table: &Table, (index, constant): &Constant) -> Result<bool, Failure> {
    let (Some(column), Some(described), Some(text)) = (relation.columns.get(*index), table.columns.get(*index), constant) else {
        return Ok(false);
    };
    let longest = described.max_length.filter(|_| described.data_type == ColumnType::Text);
    if longest.is_some_and(|longest| text.trim_end_matches(' ').chars().count() > longest) {
        return Ok(true);
    }
    let sql = format!("SELECT ($1::text::{}) IS NULL", column.base_type_name);
    match connection.rows(&sql, &[text]) {
        // A name that means nothing (`regclass`, `regtype`), or a type that is made of no text.
        Err(failure) if matches!(failure.sqlstate(), Some("42P01" | "42704" | "42883" | "42846")) => Ok(true),
        result => Ok(data_error(result)?.is_none()),
    }
}

/// `None` where the server could not make sense of the data: a data exception, or a constraint.
fn data_error<T>(result: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(failure) if failure.sqlstate().is_some_and(|state| state.starts_with("22") || state.starts_with("23")) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// The rows of some parts.
fn count(connection: &Connection, parts: &[&Part]) -> Result<u64, Failure> {
    let counts: Vec<String> =
        parts.iter().map(|part| format!("SELECT count(*) AS rows FROM ONLY {}", qualified(&part.schema, &part.relation))).collect();
    sum(connection, &counts, &[])
}

/// The sum of counts named `rows`.
fn sum(connection: &Connection, counts: &[String], parameters: &[&(dyn ToSql + Sync)]) -> Result<u64, Failure> {
    if counts.is_empty() {
        return Ok(0);
    }
    let sql = format!("SELECT sum(rows)::int8 FROM ({}) AS parts", counts.join(" UNION ALL "));
    let mut rows = 0;
    for row in &connection.rows(&sql, parameters)? {
        rows = cell::<i64>(row, 0)?.unsigned_abs();
    }
    Ok(rows)
}

/// One check with the constants for the columns that it names.
struct Evaluation<'a> {
    connection: &'a Connection,
    relation: &'a Relation,
    check: &'a Check,
    constants: Vec<&'a Constant>,
}

impl Evaluation<'_> {
    /// The rows of some parts that fail. Where all columns are constants, one row tells for all.
    fn count(&self, parts: &[&Part]) -> Result<u64, Failure> {
        let parameters: Vec<&(dyn ToSql + Sync)> = self.constants.iter().map(|(_, text)| text as &(dyn ToSql + Sync)).collect();
        if self.constants.len() == self.check.columns.len() {
            let once = sum(self.connection, &[self.failing_rows(None)], &parameters)?;
            return if once == 0 { Ok(0) } else { count(self.connection, parts) };
        }
        let counts: Vec<String> = parts.iter().map(|part| self.failing_rows(Some(part))).collect();
        sum(self.connection, &counts, &parameters)
    }

    /// A check fails where it is false; NULL passes. The rows go by the name of their table, which the expression may use.
    fn failing_rows(&self, part: Option<&Part>) -> String {
        let cells: Vec<String> = self
            .check
            .columns
            .iter()
            .filter_map(|index| Some((index, self.relation.columns.get(*index)?)))
            .map(|(index, column)| {
                let name = quoted(&column.name);
                match self.constants.iter().position(|(constant, _)| constant == index) {
                    Some(position) => format!("${}::text::{} AS {name}", position + 1, column.base_type_name),
                    None => format!("t.{name} AS {name}"),
                }
            })
            .collect();
        let from = part.map_or_else(String::new, |part| format!(" FROM ONLY {} AS t", qualified(&part.schema, &part.relation)));
        format!(
            "SELECT count(*) FILTER (WHERE NOT ({})) AS rows FROM (SELECT {}{from}) AS {}",
            self.check.expression,
            cells.join(", "),
            quoted(&self.relation.relation)
        )
    }
}

/// The foreign keys that rows violate, as (table, number of rows), by table.
///
/// The server enforces every key except while it is told not to, and looking at all of them would read the database once per key. Only those
/// are looked at that the server itself marks: declared `NOT VALID` (or `NOT ENFORCED`) and never validated since, or with a trigger
/// switched off, on any partition. Rows written under `session_replication_role = replica` leave no mark, and are not found.
pub(super) fn broken_references(connection: &Connection, relations: &Relations) -> Result<Vec<(String, u64)>, Failure> {
    let tables: BTreeMap<u32, &str> =
        relations.iter().flat_map(|relation| owned_oids(relation).map(|oid| (oid, relation.name.as_str()))).collect();
    let mut broken: BTreeMap<&str, u64> = BTreeMap::new();
    for row in &connection.rows(DOUBTFUL, &[])? {
        let Some(table) = tables.get(&cell::<u32>(row, 0)?) else { continue };
        let rows = sum(connection, &[violations(row)?], &[])?;
        if rows > 0 {
            let entry = broken.entry(table).or_default();
            *entry = entry.saturating_add(rows);
        }
    }
    Ok(broken.into_iter().map(|(table, rows)| (table.to_owned(), rows)).collect())
}

fn owned_oids(relation: &Relation) -> impl Iterator<Item = u32> {
    std::iter::once(relation.oid).chain(relation.parts.iter().map(|part| part.oid))
}

/// The keys that may be violated, as they were declared: a partition's copy leads to its root's. Column names come in pairs, with the operator
/// that compares them.
const DOUBTFUL: &str = "WITH RECURSIVE doubtful (oid) AS (
        SELECT k.oid FROM pg_catalog.pg_constraint k WHERE k.contype = 'f' AND (NOT k.convalidated OR EXISTS (
            SELECT FROM pg_catalog.pg_trigger t WHERE t.tgconstraint = k.oid AND t.tgenabled IN ('D', 'R')))
        UNION SELECT k.conparentid FROM pg_catalog.pg_constraint k JOIN doubtful d ON k.oid = d.oid WHERE k.conparentid <> 0)
    SELECT coalesce(pg_catalog.pg_partition_root(k.conrelid)::oid, k.conrelid), c.relkind, n.nspname::text, c.relname::text, target.relkind, space.nspname::text, target.relname::text, k.confmatchtype,
        ARRAY(SELECT pg_catalog.quote_ident(a.attname) FROM unnest(k.conkey) WITH ORDINALITY AS p (number, position)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.number ORDER BY p.position),
        ARRAY(SELECT pg_catalog.quote_ident(a.attname) FROM unnest(k.confkey) WITH ORDINALITY AS p (number, position)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = p.number ORDER BY p.position),
        ARRAY(SELECT pg_catalog.format('OPERATOR(%I.%s)', s.nspname, o.oprname) FROM unnest(k.conpfeqop) WITH ORDINALITY AS p (operator, position)
            JOIN pg_catalog.pg_operator o ON o.oid = p.operator JOIN pg_catalog.pg_namespace s ON s.oid = o.oprnamespace ORDER BY p.position)
    FROM pg_catalog.pg_constraint k JOIN doubtful USING (oid)
    JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_class target ON target.oid = k.confrelid JOIN pg_catalog.pg_namespace space ON space.oid = target.relnamespace
    WHERE k.conparentid = 0 ORDER BY k.oid";

/// A query for the rows that violate a key.
fn violations(row: &tokio_postgres::Row) -> Result<String, Failure> {
    // A key of a table that others inherit from is for its own rows and points at them; one of a partitioned table is for all its partitions'.
    let relation = |kind: usize| -> Result<String, Failure> {
        let (schema, name): (String, String) = (cell(row, kind + 1)?, cell(row, kind + 2)?);
        Ok(format!("{}{}", if letter(row, kind)? == 'r' { "ONLY " } else { "" }, qualified(&schema, &name)))
    };
    let (columns, targets, operators): (Vec<String>, Vec<String>, Vec<String>) = (cell(row, 8)?, cell(row, 9)?, cell(row, 10)?);
    let matching: Vec<String> = columns
        .iter()
        .zip(&targets)
        .zip(&operators)
        .map(|((column, target), operator)| format!("t.{target} {operator} c.{column}"))
        .collect();
    let given: Vec<String> = columns.iter().map(|column| format!("c.{column} IS NOT NULL")).collect();
    let dangling = format!("{} AND NOT EXISTS (SELECT FROM {} AS t WHERE {})", given.join(" AND "), relation(4)?, matching.join(" AND "));
    // MATCH FULL: all columns or none.
    let partly =
        if letter(row, 7)? == 'f' { format!(" OR (({}) AND NOT ({}))", given.join(" OR "), given.join(" AND ")) } else { String::new() };
    Ok(format!("SELECT count(*) AS rows FROM {} AS c WHERE ({dangling}){partly}", relation(1)?))
}

/// The triggers that run before each changed or deleted row of a relation and can keep it as it is, by name.
pub(super) fn withholding(connection: &Connection, relation: &Relation) -> Result<Vec<String>, Failure> {
    let tables: Vec<u32> = relation.parts.iter().map(|part| part.oid).chain([relation.oid]).collect();
    // In `tgtype`, 1 stands for each row, 2 for BEFORE, 8 for DELETE and 16 for UPDATE.
    let sql = "SELECT DISTINCT tgname::text FROM pg_catalog.pg_trigger
        WHERE tgrelid = ANY ($1) AND NOT tgisinternal AND tgenabled IN ('O', 'A') AND tgtype & 3 = 3 AND tgtype & 24 <> 0 ORDER BY 1";
    connection.rows(sql, &[&tables])?.iter().map(|row| row.try_get(0).map_err(Failure::from)).collect()
}
