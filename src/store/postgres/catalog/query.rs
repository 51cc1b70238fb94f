//! What is asked of the server: a fixed number of queries, however many tables there are.
//!
//! Everything comes from `pg_catalog`, which every role may read. Names are cast to `text` so that no column of the answers has a type
//! that would have to be looked up.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use super::types::{ServerType, Types};
use crate::store::postgres::connection::Connection;
use crate::store::postgres::failure::Failure;

/// Which relations are the database's own: neither the server's, nor gallra's, nor an extension's.
const OWN: &str = "n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'gallra') AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')";

/// Everything that the server says.
pub(super) struct Answers {
    pub default_schema: Option<String>,
    pub relations: Vec<Found>,
    pub parents: BTreeMap<u32, Vec<u32>>,
    pub columns: BTreeMap<u32, Vec<FoundColumn>>,
    pub not_null_in_partitions: Vec<(u32, String)>,
    pub types: Types,
    pub constraints: Vec<FoundConstraint>,
    pub domain_checks: Vec<(u32, String, String)>,
    pub indexes: Vec<FoundIndex>,
    pub partition_keys: Vec<(u32, String)>,
    pub computed: Vec<(u32, i16, i16)>,
    pub view_sources: Vec<(u32, u32)>,
    pub has_large_objects: bool,
    pub statement_logging: Vec<String>,
}

/// A row of `pg_class`.
pub(super) struct Found {
    pub oid: u32,
    pub schema: String,
    pub name: String,
    pub kind: char,
    pub partition: bool,
    pub heap: bool,
    pub pages: u32,
    pub row_security: bool,
    pub forced_row_security: bool,
    pub hides_rows: bool,
    pub populated: bool,
    pub owned: bool,
}

/// A row of `pg_attribute`.
pub(super) struct FoundColumn {
    pub number: i16,
    pub name: String,
    pub type_oid: u32,
    pub modifier: i32,
    pub declared: String,
    pub not_null: bool,
    pub generated: bool,
    pub identity_always: bool,
    pub deterministic: bool,
}

/// A row of `pg_constraint`, with columns by name.
pub(super) struct FoundConstraint {
    pub table: u32,
    pub name: String,
    pub kind: char,
    pub columns: Vec<String>,
    pub target: u32,
    pub target_columns: Vec<String>,
    pub on_delete: char,
    pub expression: Option<String>,
}

/// A unique index, or one of an exclusion constraint, with columns by name.
pub(super) struct FoundIndex {
    pub table: u32,
    pub partial: bool,
    /// Whether two NULLs are equal in it.
    pub equal_nulls: bool,
    pub columns: Vec<String>,
    /// Whether it can identify the rows of a materialized view.
    pub plain: bool,
}

/// Asks everything.
pub(super) fn ask(connection: &Connection) -> Result<Answers, Failure> {
    let settings = connection.rows(
        "SELECT pg_catalog.current_schema()::text, pg_catalog.scale(0::pg_catalog.money::pg_catalog.numeric),
            pg_catalog.current_setting('server_version_num')::int4,
            EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata)",
        &[],
    )?;
    let (mut default_schema, mut money_scale, mut version, mut has_large_objects) = (None, 0_i32, 0_i32, false);
    for row in &settings {
        (default_schema, money_scale, version, has_large_objects) = (cell(row, 0)?, cell(row, 1)?, cell(row, 2)?, cell(row, 3)?);
    }
    Ok(Answers {
        default_schema,
        relations: relations(connection)?,
        parents: parents(connection)?,
        columns: columns(connection)?,
        not_null_in_partitions: not_null_in_partitions(connection)?,
        types: Types { by_oid: types(connection)?, money_scale: u8::try_from(money_scale).unwrap_or_default() },
        constraints: constraints(connection, version)?,
        domain_checks: domain_checks(connection)?,
        indexes: indexes(connection)?,
        partition_keys: partition_keys(connection)?,
        computed: computed(connection)?,
        view_sources: view_sources(connection)?,
        has_large_objects,
        statement_logging: statement_logging(connection)?,
    })
}

/// A cell of an answer.
pub(in crate::store::postgres) fn cell<'a, T: FromSql<'a>>(row: &'a Row, index: usize) -> Result<T, Failure> {
    row.try_get(index).map_err(Failure::from)
}

/// A cell of the type `"char"`.
pub(in crate::store::postgres) fn letter(row: &Row, index: usize) -> Result<char, Failure> {
    let byte: i8 = cell(row, index)?;
    Ok(char::from(byte.to_ne_bytes()[0]))
}

fn relations(connection: &Connection) -> Result<Vec<Found>, Failure> {
    let sql = format!(
        "SELECT c.oid, n.nspname::text, c.relname::text, c.relkind,
            c.relispartition AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid AND i.inhdetachpending),
            coalesce(a.amname = 'heap', true),
            CASE WHEN c.relkind = 'r' THEN coalesce(pg_catalog.pg_relation_size(c.oid), 0)
                / pg_catalog.current_setting('block_size')::int8 ELSE 0 END,
            c.relrowsecurity, c.relforcerowsecurity,
            c.relrowsecurity AND pg_catalog.row_security_active(c.oid),
            c.relispopulated, pg_catalog.pg_has_role(c.relowner, 'USAGE')
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_am a ON a.oid = c.relam AND c.relkind = 'r'
        WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND {OWN}"
    );
    let found = |row: &Row| {
        Ok(Found {
            oid: cell(row, 0)?,
            schema: cell(row, 1)?,
            name: cell(row, 2)?,
            kind: letter(row, 3)?,
            partition: cell(row, 4)?,
            heap: cell(row, 5)?,
            pages: u32::try_from(cell::<i64>(row, 6)?).unwrap_or(u32::MAX),
            row_security: cell(row, 7)?,
            forced_row_security: cell(row, 8)?,
            hides_rows: cell(row, 9)?,
            populated: cell(row, 10)?,
            owned: cell(row, 11)?,
        })
    };
    connection.rows(&sql, &[])?.iter().map(found).collect()
}

/// The parents of each relation that has some. A partition that is being detached has none any more.
fn parents(connection: &Connection) -> Result<BTreeMap<u32, Vec<u32>>, Failure> {
    let sql = "SELECT i.inhrelid, i.inhparent FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
        WHERE c.relkind IN ('r', 'p', 'f') AND NOT i.inhdetachpending ORDER BY i.inhrelid, i.inhseqno";
    let mut parents: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for row in &connection.rows(sql, &[])? {
        parents.entry(cell(row, 0)?).or_default().push(cell(row, 1)?);
    }
    Ok(parents)
}

/// The columns of all tables. Partitions have those of their root, so that only tables beside them are asked for.
fn columns(connection: &Connection) -> Result<BTreeMap<u32, Vec<FoundColumn>>, Failure> {
    let sql = format!(
        "SELECT c.oid, t.attnum, t.attname::text, t.atttypid, t.atttypmod, pg_catalog.format_type(t.atttypid, t.atttypmod),
            t.attnotnull, t.attgenerated <> '', t.attidentity = 'a', coalesce(l.collisdeterministic, true)
        FROM pg_catalog.pg_attribute t
        JOIN pg_catalog.pg_class c ON c.oid = t.attrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_collation l ON l.oid = t.attcollation
        WHERE t.attnum > 0 AND NOT t.attisdropped AND c.relkind IN ('r', 'p', 'f') AND {OWN} AND (NOT c.relispartition
            OR EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid AND i.inhdetachpending))
        ORDER BY c.oid, t.attnum"
    );
    let mut columns: BTreeMap<u32, Vec<FoundColumn>> = BTreeMap::new();
    for row in &connection.rows(&sql, &[])? {
        columns.entry(cell(row, 0)?).or_default().push(FoundColumn {
            number: cell(row, 1)?,
            name: cell(row, 2)?,
            type_oid: cell(row, 3)?,
            modifier: cell(row, 4)?,
            declared: cell(row, 5)?,
            not_null: cell(row, 6)?,
            generated: cell(row, 7)?,
            identity_always: cell(row, 8)?,
            deterministic: cell(row, 9)?,
        });
    }
    Ok(columns)
}

/// The columns that a partition does not let be NULL, whatever its root says.
fn not_null_in_partitions(connection: &Connection) -> Result<Vec<(u32, String)>, Failure> {
    let sql = "SELECT t.attrelid, t.attname::text FROM pg_catalog.pg_attribute t JOIN pg_catalog.pg_class c ON c.oid = t.attrelid
        WHERE t.attnum > 0 AND NOT t.attisdropped AND t.attnotnull AND c.relispartition AND c.relkind = 'r'";
    connection.rows(sql, &[])?.iter().map(|row| Ok((cell(row, 0)?, cell(row, 1)?))).collect()
}

fn types(connection: &Connection) -> Result<BTreeMap<u32, ServerType>, Failure> {
    let sql = "SELECT t.oid, n.nspname::text, t.typname::text, t.typtype, t.typbasetype, t.typtypmod, t.typnotnull,
            CASE WHEN t.typtype = 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END
        FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
        WHERE t.typtype = 'd' OR t.typname = 'citext' OR (n.nspname = 'pg_catalog' AND t.typtype IN ('b', 'p') AND t.typcategory <> 'A')";
    let found = |row: &Row| {
        Ok((
            cell(row, 0)?,
            ServerType {
                schema: cell(row, 1)?,
                name: cell(row, 2)?,
                kind: letter(row, 3)?,
                base: cell(row, 4)?,
                modifier: cell(row, 5)?,
                not_null: cell(row, 6)?,
                base_name: cell(row, 7)?,
            },
        ))
    };
    connection.rows(sql, &[])?.iter().map(found).collect()
}

/// Keys, references and checks of tables and of partitions, without the copies that partitions have of their roots' references.
fn constraints(connection: &Connection, version: i32) -> Result<Vec<FoundConstraint>, Failure> {
    // PostgreSQL 18 knows constraints that are declared and never checked.
    let enforced = if version >= 180_000 { "AND (k.conenforced OR k.contype = 'f')" } else { "" };
    // A check of the whole row has the column 0.
    let named = |numbers: &str, table: &str| {
        format!(
            "ARRAY(SELECT t.attname::text FROM unnest(k.{numbers}) WITH ORDINALITY AS p (number, position)
                JOIN pg_catalog.pg_attribute t ON t.attrelid = k.{table} AND (t.attnum = p.number OR (p.number = 0 AND t.attnum > 0 AND NOT t.attisdropped))
                ORDER BY p.position, t.attnum)"
        )
    };
    let sql = format!(
        "SELECT k.conrelid, k.conname::text, k.contype, {}, k.confrelid, {}, k.confdeltype,
            CASE WHEN k.contype = 'c' THEN pg_catalog.pg_get_expr(k.conbin, k.conrelid) END
        FROM pg_catalog.pg_constraint k
        JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE (k.contype IN ('p', 'c') OR (k.contype = 'f' AND k.conparentid = 0)) AND {OWN} {enforced}
        ORDER BY n.nspname, c.relname, k.conname",
        named("conkey", "conrelid"),
        named("confkey", "confrelid")
    );
    let found = |row: &Row| {
        Ok(FoundConstraint {
            table: cell(row, 0)?,
            name: cell(row, 1)?,
            kind: letter(row, 2)?,
            columns: cell(row, 3)?,
            target: cell(row, 4)?,
            target_columns: cell(row, 5)?,
            on_delete: letter(row, 6)?,
            expression: cell(row, 7)?,
        })
    };
    connection.rows(&sql, &[])?.iter().map(found).collect()
}

/// The checks of domains: (domain, constraint, expression over `VALUE`).
fn domain_checks(connection: &Connection) -> Result<Vec<(u32, String, String)>, Failure> {
    let sql = "SELECT contypid, conname::text, pg_catalog.pg_get_expr(conbin, 0) FROM pg_catalog.pg_constraint
        WHERE contypid <> 0 AND contype = 'c' ORDER BY contypid, conname";
    connection.rows(sql, &[])?.iter().map(|row| Ok((cell(row, 0)?, cell(row, 1)?, cell(row, 2)?))).collect()
}

/// Unique indexes and those of exclusion constraints. The columns inside an expression are those that the index depends on, beyond the ones
/// that it merely carries along (`INCLUDE`).
fn indexes(connection: &Connection) -> Result<Vec<FoundIndex>, Failure> {
    let sql = format!(
        "SELECT i.indrelid, i.indpred IS NOT NULL,
            ARRAY(SELECT t.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS p (number, position)
                JOIN pg_catalog.pg_attribute t ON t.attrelid = i.indrelid AND t.attnum = p.number
                WHERE p.position <= i.indnkeyatts ORDER BY p.position)
            || CASE WHEN i.indexprs IS NULL THEN ARRAY[]::text[] ELSE
            ARRAY(SELECT DISTINCT t.attname::text FROM pg_catalog.pg_depend d
                JOIN pg_catalog.pg_attribute t ON t.attrelid = i.indrelid AND t.attnum = d.refobjsubid
                WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid
                    AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid > 0
                    AND d.refobjsubid <> ALL (i.indkey::int2[]) ORDER BY 1) END,
            i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indisvalid,
            coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false)
        FROM pg_catalog.pg_index i
        JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE (i.indisunique OR i.indisexclusion) AND i.indislive AND c.relkind IN ('r', 'p', 'm') AND {OWN}
        ORDER BY i.indrelid, i.indexrelid"
    );
    // NULLS NOT DISTINCT is of PostgreSQL 15: what is before has no such column.
    let found = |row: &Row| {
        let (table, partial, columns) = (cell(row, 0)?, cell(row, 1)?, cell(row, 2)?);
        Ok(FoundIndex { table, partial, columns, plain: cell(row, 3)?, equal_nulls: cell(row, 4)? })
    };
    connection.rows(&sql, &[])?.iter().map(found).collect()
}

/// The columns of partition keys, of roots and of partitions. The server keeps them, plain or inside an expression, as columns that stand and
/// fall with their table.
fn partition_keys(connection: &Connection) -> Result<Vec<(u32, String)>, Failure> {
    let sql = "SELECT t.attrelid, t.attname::text FROM pg_catalog.pg_depend d
        JOIN pg_catalog.pg_partitioned_table p ON p.partrelid = d.objid
        JOIN pg_catalog.pg_attribute t ON t.attrelid = d.objid AND t.attnum = d.objsubid
        WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objsubid > 0 AND d.refobjsubid = 0
            AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = d.objid AND d.deptype = 'i'";
    connection.rows(sql, &[])?.iter().map(|row| Ok((cell(row, 0)?, cell(row, 1)?))).collect()
}

/// What generated columns are computed from: (table, generated column, column). PostgreSQL 14 notes it at the column, later ones at its
/// expression.
fn computed(connection: &Connection) -> Result<Vec<(u32, i16, i16)>, Failure> {
    let sql = "SELECT DISTINCT t.attrelid, t.attnum, d.refobjsubid::int2 FROM pg_catalog.pg_attribute t
        JOIN pg_catalog.pg_attrdef f ON f.adrelid = t.attrelid AND f.adnum = t.attnum
        JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = t.attrelid
            AND d.refobjsubid > 0 AND d.refobjsubid <> t.attnum
            AND ((d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = f.oid)
                OR (d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = t.attrelid AND d.objsubid = t.attnum))
        WHERE t.attgenerated <> '' ORDER BY 1, 2, 3";
    connection.rows(sql, &[])?.iter().map(|row| Ok((cell(row, 0)?, cell(row, 1)?, cell(row, 2)?))).collect()
}

/// What views select from: (view, relation).
fn view_sources(connection: &Connection) -> Result<Vec<(u32, u32)>, Failure> {
    let sql = "SELECT DISTINCT r.ev_class, d.refobjid FROM pg_catalog.pg_rewrite r
        JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
            AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> r.ev_class
        WHERE r.ev_type = '1'";
    connection.rows(sql, &[])?.iter().map(|row| Ok((cell(row, 0)?, cell(row, 1)?))).collect()
}

/// The settings by which statements reach the server's log.
fn statement_logging(connection: &Connection) -> Result<Vec<String>, Failure> {
    let sql = "SELECT name || ' = ' || setting FROM pg_catalog.pg_settings
        WHERE (name = 'log_statement' AND setting <> 'none')
            OR (name IN ('log_min_duration_statement', 'log_min_duration_sample', 'auto_explain.log_min_duration') AND setting <> '-1')
            OR (name = 'log_transaction_sample_rate' AND setting <> '0')
            OR (name = 'pgaudit.log' AND setting <> 'none')
        ORDER BY name";
    connection.rows(sql, &[])?.iter().map(|row| cell(row, 0)).collect()
}

/// The relations of a set of kinds, by object identifier.
pub(super) fn of_kinds<'a>(relations: &'a [Found], kinds: &[char]) -> BTreeMap<u32, &'a Found> {
    relations.iter().filter(|found| kinds.contains(&found.kind)).map(|found| (found.oid, found)).collect()
}

/// The names of several sorted lists, once each.
pub(super) fn merged(names: impl Iterator<Item = String>) -> Vec<String> {
    names.collect::<BTreeSet<_>>().into_iter().collect()
}
