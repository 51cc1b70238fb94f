//! Triggers and rules that can copy a row elsewhere when it is changed or deleted, such as those behind an audit table.
//!
//! A trigger's function is read as a list of tokens, in PL/pgSQL and SQL alone; the functions of the database that it calls are read with
//! it. What can not be told from the text is said to be unknown, never to be nothing.

mod body;

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::Row;

use self::body::Body;
use super::layout::Layout;
use super::query::{cell, letter};
use crate::store::postgres::connection::Connection;
use crate::store::postgres::failure::Failure;
use crate::store::postgres::relation::CopyingTrigger;

/// A function of the database's own.
struct Function {
    schema: String,
    name: String,
    understood: bool,
    source: String,
}

/// A trigger on a change or deletion.
struct Trigger {
    table: u32,
    name: String,
    function: u32,
    /// What `REFERENCING` calls the rows as they were before.
    old_rows: Option<String>,
}

/// The triggers and rules that can copy, sorted by table and name.
pub(super) fn read(connection: &Connection, layout: &Layout) -> Result<Vec<CopyingTrigger>, Failure> {
    let triggers = triggers(connection)?;
    let rules = rules(connection)?;
    if triggers.is_empty() && rules.is_empty() {
        return Ok(Vec::new());
    }
    let functions = functions(connection)?;
    let tables = resolvable(connection, layout)?;
    let mut found = BTreeMap::new();
    for trigger in &triggers {
        let (Some(table), Some(function)) = (layout.table(trigger.table), functions.get(&trigger.function)) else { continue };
        let body = with_calls(trigger.function, &functions, trigger.old_rows.as_deref());
        let (targets, missing) = body.targets(&tables);
        let targets_unknown = missing || body.dynamic || !body.understood;
        if !targets.is_empty() || targets_unknown {
            let copying = CopyingTrigger {
                table: table.to_owned(),
                name: trigger.name.clone(),
                function: Some(format!("{}.{}", function.schema, function.name)),
                instead: false,
                targets,
                targets_unknown,
                uses_old: body.uses_old,
                uses_query_text: body.uses_query_text,
                understood: body.understood,
            };
            // The same trigger of several parts is one.
            found.entry((copying.table.clone(), copying.name.clone())).or_insert(copying);
        }
    }
    for (oid, name, instead, definition) in rules {
        let Some(table) = layout.table(oid) else { continue };
        let body = Body::of_rule(&definition);
        let (targets, missing) = body.targets(&tables);
        let copying = CopyingTrigger {
            table: table.to_owned(),
            name: name.clone(),
            function: None,
            instead,
            targets,
            targets_unknown: missing || body.dynamic || !body.understood || !body.calls.is_empty(),
            uses_old: body.uses_old,
            uses_query_text: body.uses_query_text,
            understood: body.understood,
        };
        found.entry((copying.table.clone(), name)).or_insert(copying);
    }
    Ok(found.into_values().collect())
}

/// What a function does, with all that it calls.
fn with_calls(start: u32, functions: &BTreeMap<u32, Function>, old_rows: Option<&str>) -> Body {
    let mut whole = Body { understood: true, ..Body::default() };
    let mut waiting = vec![start];
    let mut seen = BTreeSet::new();
    while let Some(oid) = waiting.pop() {
        let Some(function) = functions.get(&oid).filter(|_| seen.insert(oid)) else { continue };
        if !function.understood {
            whole.understood = false;
            continue;
        }
        let body = Body::of_function(&function.source, old_rows);
        for (schema, name) in &body.calls {
            let is_called = |function: &Function| function.name == *name && schema.as_ref().is_none_or(|schema| *schema == function.schema);
            waiting.extend(functions.iter().filter(|(_, function)| is_called(function)).map(|(oid, _)| *oid));
        }
        whole.take(body);
    }
    whole
}

/// The names by which SQL can mean a table: every table and part with its schema, and those on the search path without.
fn resolvable(connection: &Connection, layout: &Layout) -> Result<body::Tables, Failure> {
    let sql = "SELECT c.oid, n.nspname::text, c.relname::text, pg_catalog.pg_table_is_visible(c.oid)
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p')";
    let mut tables = body::Tables::default();
    for row in &connection.rows(sql, &[])? {
        let (oid, schema, name, visible): (u32, String, String, bool) = (cell(row, 0)?, cell(row, 1)?, cell(row, 2)?, cell(row, 3)?);
        let Some(table) = layout.table(oid) else { continue };
        if visible {
            tables.insert((None, name.clone()), table.to_owned());
        }
        tables.insert((Some(schema), name), table.to_owned());
    }
    Ok(tables)
}

/// The enabled triggers on changes and deletions, of rows and of whole statements, without the copies that partitions have of their root's.
fn triggers(connection: &Connection) -> Result<Vec<Trigger>, Failure> {
    // In `tgtype`, 8 stands for DELETE and 16 for UPDATE.
    let sql = "SELECT tgrelid, tgname::text, tgfoid, tgoldtable::text FROM pg_catalog.pg_trigger
        WHERE NOT tgisinternal AND tgenabled IN ('O', 'A') AND tgparentid = 0 AND tgtype & 24 <> 0 ORDER BY tgrelid, tgname";
    let found = |row: &Row| Ok(Trigger { table: cell(row, 0)?, name: cell(row, 1)?, function: cell(row, 2)?, old_rows: cell(row, 3)? });
    connection.rows(sql, &[])?.iter().map(found).collect()
}

/// The tables on which triggers or rules run when rows are updated, whatever they do.
pub(super) fn reacting(connection: &Connection, layout: &Layout) -> Result<BTreeSet<String>, Failure> {
    let sql = "SELECT tgrelid FROM pg_catalog.pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A') AND tgtype & 16 <> 0
        UNION SELECT ev_class FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
        WHERE c.relkind IN ('r', 'p') AND r.ev_enabled IN ('O', 'A')";
    let mut reacting = BTreeSet::new();
    for row in &connection.rows(sql, &[])? {
        reacting.extend(layout.table(cell(row, 0)?).map(str::to_owned));
    }
    Ok(reacting)
}

/// All functions that a trigger could be or call: those outside the server's own schema. The server's own trigger functions write nowhere but
/// into the row at hand.
fn functions(connection: &Connection) -> Result<BTreeMap<u32, Function>, Failure> {
    // A function whose body is SQL itself, not a text, has an empty source.
    let sql = "SELECT p.oid, n.nspname::text, p.proname::text,
            l.lanname IN ('plpgsql', 'sql'),
            CASE WHEN l.lanname = 'sql' AND p.prosrc = '' THEN pg_catalog.pg_get_function_sqlbody(p.oid) ELSE p.prosrc END
        FROM pg_catalog.pg_proc p
        JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
        JOIN pg_catalog.pg_language l ON l.oid = p.prolang
        WHERE (n.nspname NOT IN ('pg_catalog', 'information_schema')
                AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                    WHERE e.classid = 'pg_catalog.pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e'))
            OR (p.prorettype = 'pg_catalog.trigger'::regtype AND n.nspname <> 'pg_catalog')";
    let found = |row: &Row| {
        let source: Option<String> = cell(row, 4)?;
        let function =
            Function { schema: cell(row, 1)?, name: cell(row, 2)?, understood: cell(row, 3)?, source: source.unwrap_or_default() };
        Ok((cell(row, 0)?, function))
    };
    connection.rows(sql, &[])?.iter().map(found).collect()
}

/// The enabled rules on changes and deletions of tables: (table, name, whether in place of the statement, definition).
fn rules(connection: &Connection) -> Result<Vec<(u32, String, bool, String)>, Failure> {
    let sql = "SELECT r.ev_class, r.rulename::text, r.is_instead, pg_catalog.pg_get_ruledef(r.oid), r.ev_type
        FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
        WHERE c.relkind IN ('r', 'p') AND r.ev_enabled IN ('O', 'A') ORDER BY r.ev_class, r.rulename";
    let mut rules = Vec::new();
    for row in &connection.rows(sql, &[])? {
        // 2 is UPDATE, 4 is DELETE.
        if matches!(letter(row, 4)?, '2' | '4') {
            rules.push((cell(row, 0)?, cell(row, 1)?, cell(row, 2)?, cell(row, 3)?));
        }
    }
    Ok(rules)
}
