//! Whether the role may do all that a run is about to do, asked before the first batch: a right that is missing in the middle of the write
//! would leave a night half done.

use std::collections::{BTreeMap, BTreeSet};

use super::connection::Connection;
use super::failure::Failure;
use super::grants::{ADDRESS, sequences};
use super::names::quoted;
use super::relation::{Relation, Relations};
use crate::store::{StoreError, TableUse};

/// Something that the role must be allowed to do with a relation.
#[derive(Default)]
struct Asked {
    relations: Vec<u32>,
    /// `SELECT`, `INSERT` …
    privileges: Vec<&'static str>,
    /// A column, nothing for the whole table, or [`ANY_COLUMN`].
    columns: Vec<String>,
}

/// No name of a column.
const ANY_COLUMN: &str = "";

impl Asked {
    fn column(&mut self, relation: u32, privilege: &'static str, column: &str) {
        self.relations.push(relation);
        self.privileges.push(privilege);
        self.columns.push(column.to_owned());
    }

    fn table(&mut self, relation: u32, privilege: &'static str) {
        self.column(relation, privilege, "*");
    }
}

/// An error that names all rights that are missing for this use of the tables.
pub(super) fn check(connection: &Connection, relations: &Relations, uses: &[TableUse]) -> Result<(), StoreError> {
    let doing = "preparing to write";
    let missing = missing(connection, relations, uses).map_err(|failure| connection.store_error(doing, None, &failure))?;
    if missing.is_empty() {
        return Ok(());
    }
    let reason = format!("`{}` may not do all that the plan does, and lacks {}", connection.role(), missing.join(", "));
    let hint =
        "let the owner run what `gallra grants` prints, once more where it was run before, or grant this by hand; nothing was written";
    Err(StoreError::Refused { doing: doing.into(), reason, hint: Some(hint.into()), privilege: true })
}

fn missing(connection: &Connection, relations: &Relations, uses: &[TableUse]) -> Result<Vec<String>, Failure> {
    let mut asked = Asked::default();
    let writes = |used: &TableUse| used.deleted || !used.written.is_empty();
    for used in uses {
        let Some(relation) = relations.get(&used.name) else { continue };
        for oid in of(relation) {
            for column in used.read.iter().chain(&used.written).map(String::as_str).chain(ADDRESS) {
                asked.column(oid, "SELECT", column);
            }
        }
        // Rows are locked by the name of the table, and written where they stand.
        if writes(used) {
            asked.column(relation.oid, "UPDATE", ANY_COLUMN);
        }
        for part in &relation.parts {
            used.written.iter().for_each(|column| asked.column(part.oid, "UPDATE", column));
            if used.deleted {
                asked.table(part.oid, "DELETE");
            }
        }
    }
    let written: Vec<&str> = uses.iter().filter(|used| writes(used)).map(|used| used.name.as_str()).collect();
    let mut found = Vec::new();
    if !written.is_empty() {
        let temporary = "SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMPORARY')";
        if connection.first_row(temporary)?.first().and_then(Option::as_deref) != Some("t") {
            found.push("TEMPORARY on the database".to_owned());
        }
        for relation in filled_by_triggers(connection, relations, &written)?.into_values() {
            asked.table(relation.oid, "INSERT");
            for (sequence, ..) in sequences(connection, relation)? {
                asked.table(sequence, "USAGE");
            }
        }
    }
    found.extend(refused(connection, &asked)?);
    Ok(found)
}

/// The relation by whose name it is read, and the physical tables that hold its rows.
fn of(relation: &Relation) -> BTreeSet<u32> {
    relation.parts.iter().map(|part| part.oid).chain([relation.oid]).collect()
}

/// The tables that triggers on these insert into with the rights of whoever fires them. A function may call another that has rights of its
/// own, so that only what stands in the trigger's own function counts.
fn filled_by_triggers<'r>(
    connection: &Connection,
    relations: &'r Relations,
    written: &[&str],
) -> Result<BTreeMap<&'r str, &'r Relation>, Failure> {
    let mut filled = BTreeMap::new();
    for trigger in relations.copying_triggers.iter().filter(|trigger| written.contains(&trigger.table.as_str())) {
        let Some(function) = &trigger.function else { continue };
        for target in trigger.targets.iter().filter_map(|target| relations.get(target)) {
            let sql = "SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
                WHERE n.nspname || '.' || p.proname = $1 AND p.pronargs = 0 AND NOT p.prosecdef
                    AND p.prosrc ~* 'insert\\s+into' AND pg_catalog.strpos(pg_catalog.lower(p.prosrc), pg_catalog.lower($2)) > 0";
            if !connection.rows(sql, &[function, &target.relation])?.is_empty() {
                filled.insert(target.name.as_str(), target);
            }
        }
    }
    Ok(filled)
}

/// What is refused, each in words.
fn refused(connection: &Connection, asked: &Asked) -> Result<Vec<String>, Failure> {
    // Without the schema the rights on what is in it are of no use, but for a sequence that a default draws from.
    let sql = "SELECT n.nspname::text, c.relname::text, a.privilege, a.name, u.usable
        FROM unnest($1::oid[], $2::text[], $3::text[]) AS a (relation, privilege, name)
        JOIN pg_catalog.pg_class c ON c.oid = a.relation
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL (SELECT a.privilege = 'USAGE' OR pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS usable) AS u
        WHERE NOT u.usable OR NOT CASE
            WHEN a.privilege = 'USAGE' THEN pg_catalog.has_sequence_privilege(c.oid, 'USAGE, UPDATE')
            WHEN a.name = '*' THEN pg_catalog.has_table_privilege(c.oid, a.privilege)
            WHEN a.name = '' THEN pg_catalog.has_any_column_privilege(c.oid, a.privilege)
            ELSE pg_catalog.has_column_privilege(c.oid, a.name, a.privilege) END";
    let mut schemas = BTreeSet::new();
    let mut tables: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for row in &connection.rows(sql, &[&asked.relations, &asked.privileges, &asked.columns])? {
        let (schema, table, privilege): (String, String, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let column: String = row.try_get(3)?;
        if !row.try_get::<_, bool>(4)? {
            schemas.insert(format!("USAGE on the schema {}", quoted(&schema)));
            continue;
        }
        let table = super::names::qualified(&schema, &table);
        let columns = tables.entry((table, privilege)).or_default();
        match column.as_str() {
            "*" => {}
            ANY_COLUMN => drop(columns.insert("any column".into())),
            _ => drop(columns.insert(quoted(&column))),
        }
    }
    let tables = tables.into_iter().map(|((table, privilege), columns)| {
        let columns: Vec<String> = columns.into_iter().collect();
        let columns = if columns.is_empty() { String::new() } else { format!(" ({})", columns.join(", ")) };
        format!("{privilege}{columns} on {table}")
    });
    Ok(schemas.into_iter().chain(tables).collect())
}
