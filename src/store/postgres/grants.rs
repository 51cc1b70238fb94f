//! The SQL that makes the roles gallra works with, with no more rights than it needs.
//!
//! One role plans and verifies: it reads the columns in scope. The other runs: it also changes the columns that have a treatment, deletes
//! where rows are deleted, makes temporary tables, and keeps a schema of its own. Neither may create anything elsewhere.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::connection::Connection;
use super::failure::Failure;
use super::names::{literal, qualified, quoted};
use super::relation::Relation;

/// System columns by which rows are found again.
pub(super) const ADDRESS: [&str; 3] = ["ctid", "tableoid", "xmin"];
/// The schema of gallra's own tables.
const OWN_SCHEMA: &str = "gallra";

/// The names of the roles, and the database they work in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles {
    /// The database.
    pub database: String,
    /// Plans and verifies.
    pub planner: String,
    /// Runs.
    pub runner: String,
}

/// What is done with a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableAccess {
    /// Its name in the catalog.
    pub name: String,
    /// Itself and its parts, as (schema, name).
    pub relations: Vec<(String, String)>,
    /// The columns that are read; those that are written are read as well.
    pub read: Vec<String>,
    /// The columns that are written.
    pub written: Vec<String>,
    /// Whether rows are deleted.
    pub deleted: bool,
    /// Whether a trigger of another table writes rows into it.
    pub inserted: bool,
    /// The sequences that its columns' defaults draw from, as (schema, name). Those of identity columns need no right of their own.
    pub sequences: Vec<(String, String)>,
    /// Whether it has row security.
    pub row_security: bool,
}

impl TableAccess {
    /// A table of which nothing is read yet.
    pub fn of(relation: &Relation) -> Self {
        let parts = relation.parts.iter().map(|part| (part.schema.clone(), part.relation.clone()));
        let own = (relation.schema.clone(), relation.relation.clone());
        Self {
            name: relation.name.clone(),
            relations: std::iter::once(own.clone()).chain(parts.filter(|part| *part != own)).collect(),
            row_security: relation.row_security.declared,
            ..Self::default()
        }
    }
}

/// The sequences that defaults of a relation's columns draw from, as (object identifier, schema, name). Whoever draws from one needs no right
/// on its schema, because a default knows it by its identifier.
pub(super) fn sequences(connection: &Connection, relation: &Relation) -> Result<Vec<(u32, String, String)>, Failure> {
    let tables: Vec<u32> = relation.parts.iter().map(|part| part.oid).chain([relation.oid]).collect();
    let sql = "SELECT DISTINCT s.oid, n.nspname::text, s.relname::text
        FROM pg_catalog.pg_attrdef a
        JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = a.oid
            AND d.refclassid = 'pg_catalog.pg_class'::regclass
        JOIN pg_catalog.pg_class s ON s.oid = d.refobjid AND s.relkind = 'S'
        JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
        WHERE a.adrelid = ANY ($1) ORDER BY 2, 3";
    connection.rows(sql, &[&tables])?.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))).collect()
}

/// The statements, for the owner of the database to run with `psql`. Running them again does no harm.
pub fn grants(roles: &Roles, tables: &[TableAccess]) -> String {
    let mut sql = String::new();
    // Writing to a text can not fail.
    let _ = write_all(&mut sql, roles, tables);
    sql
}

fn write_all(sql: &mut String, roles: &Roles, tables: &[TableAccess]) -> std::fmt::Result {
    let (planner, runner) = (quoted(&roles.planner), quoted(&roles.runner));
    writeln!(
        sql,
        "-- The roles of gallra, with the rights that this pipeline needs and no others. Run it as a superuser, or as the owner of"
    )?;
    writeln!(sql, "-- the database and its tables; run it again whenever the pipeline or a table has changed, or a partition was added.")?;
    writeln!(
        sql,
        "\nBEGIN;\n\n-- No password is set here. Set one with `\\password {}` in psql, or use certificates.",
        one_line(&planner)
    )?;
    for role in BTreeSet::from([&roles.planner, &roles.runner]) {
        let create = format!(
            "BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {}) THEN CREATE ROLE {} LOGIN; END IF; END",
            literal(role),
            quoted(role)
        );
        writeln!(sql, "DO {};", literal(&create))?;
    }
    write_row_security(sql, &planner, &runner, tables)?;
    let database = quoted(&roles.database);
    writeln!(sql, "\n-- Both connect; whoever runs keeps the rows at hand in temporary tables.")?;
    writeln!(sql, "GRANT CONNECT ON DATABASE {database} TO {planner}, {runner};")?;
    writeln!(sql, "GRANT TEMPORARY ON DATABASE {database} TO {runner};")?;
    writeln!(sql, "\n-- gallra's own tables: the journal and the ledger's head. Whoever runs makes them; whoever plans reads them.")?;
    writeln!(sql, "CREATE SCHEMA IF NOT EXISTS {OWN_SCHEMA};")?;
    writeln!(sql, "GRANT USAGE, CREATE ON SCHEMA {OWN_SCHEMA} TO {runner};\nGRANT USAGE ON SCHEMA {OWN_SCHEMA} TO {planner};")?;
    writeln!(sql, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {OWN_SCHEMA} TO {runner};")?;
    writeln!(sql, "GRANT SELECT ON ALL TABLES IN SCHEMA {OWN_SCHEMA} TO {planner};")?;
    writeln!(sql, "ALTER DEFAULT PRIVILEGES FOR ROLE {runner} IN SCHEMA {OWN_SCHEMA} GRANT SELECT ON TABLES TO {planner};")?;
    let schemas: BTreeSet<&str> = tables.iter().flat_map(|table| &table.relations).map(|(schema, _)| schema.as_str()).collect();
    if !schemas.is_empty() {
        let schemas: Vec<String> = schemas.into_iter().map(quoted).collect();
        writeln!(sql, "\n-- The tables in scope. Partitions are read one by one, so that each has its grants.")?;
        writeln!(sql, "GRANT USAGE ON SCHEMA {} TO {planner}, {runner};", schemas.join(", "))?;
    }
    for table in tables {
        write_table(sql, &planner, &runner, table)?;
    }
    if tables.iter().any(|table| table.inserted) {
        writeln!(
            sql,
            "\n-- Some tables are written by triggers, with the rights of whoever fires them unless the function is SECURITY DEFINER."
        )?;
        for (schema, relation) in tables.iter().filter(|table| table.inserted).flat_map(|table| &table.relations) {
            writeln!(sql, "GRANT INSERT ON TABLE {} TO {runner};", qualified(schema, relation))?;
        }
        let sequences: BTreeSet<&(String, String)> =
            tables.iter().filter(|table| table.inserted).flat_map(|table| &table.sequences).collect();
        for (schema, sequence) in sequences {
            writeln!(sql, "GRANT USAGE ON SEQUENCE {} TO {runner};", qualified(schema, sequence))?;
        }
    }
    writeln!(sql, "\nCOMMIT;")
}

fn write_row_security(sql: &mut String, planner: &str, runner: &str, tables: &[TableAccess]) -> std::fmt::Result {
    let secured: Vec<&str> = tables.iter().filter(|table| table.row_security).map(|table| table.name.as_str()).collect();
    if secured.is_empty() {
        return Ok(());
    }
    writeln!(sql, "\n-- Row security would hide rows, and a hidden row would never be forgotten:")?;
    for name in secured {
        writeln!(sql, "--   {}", one_line(name))?;
    }
    writeln!(sql, "ALTER ROLE {planner} BYPASSRLS;")?;
    if runner != planner { writeln!(sql, "ALTER ROLE {runner} BYPASSRLS;") } else { Ok(()) }
}

fn write_table(sql: &mut String, planner: &str, runner: &str, table: &TableAccess) -> std::fmt::Result {
    let both = || table.read.iter().chain(&table.written).map(String::as_str).collect::<BTreeSet<_>>();
    let list = |columns: BTreeSet<&str>| columns.into_iter().map(quoted).collect::<Vec<_>>().join(", ");
    // Rows are locked before they go, which the server lets nobody do who may change none of their columns.
    let locked = || table.read.first().filter(|_| table.deleted && table.written.is_empty());
    let written: BTreeSet<&str> = table.written.iter().chain(locked()).map(String::as_str).collect();
    let counted = if both().is_empty() { ": its rows are counted" } else { "" };
    writeln!(sql, "\n-- {}{counted}", one_line(&table.name))?;
    for (schema, relation) in &table.relations {
        let name = qualified(schema, relation);
        let read = list(both().into_iter().chain(ADDRESS).collect());
        writeln!(sql, "GRANT SELECT ({read}) ON TABLE {name} TO {planner}, {runner};")?;
        if !written.is_empty() {
            writeln!(sql, "GRANT UPDATE ({}) ON TABLE {name} TO {runner};", list(written.clone()))?;
        }
        if table.deleted {
            writeln!(sql, "GRANT DELETE ON TABLE {name} TO {runner};")?;
        }
    }
    Ok(())
}

/// A name inside a comment, which ends with its line.
fn one_line(name: &str) -> String {
    name.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_is_read_alone_is_never_written() {
        let roles = Roles { database: "shop".into(), planner: "plan\"er".into(), runner: "runner".into() };
        let read = TableAccess {
            name: "country".into(),
            relations: vec![("public".into(), "country".into())],
            read: vec!["code".into(), "Name".into()],
            ..TableAccess::default()
        };
        let sql = grants(&roles, &[read]);
        assert!(
            sql.contains(
                r#"GRANT SELECT ("Name", "code", "ctid", "tableoid", "xmin") ON TABLE "public"."country" TO "plan""er", "runner";"#
            )
        );
        assert!(!sql.contains("GRANT UPDATE (") && !sql.contains("GRANT DELETE") && !sql.contains("BYPASSRLS"), "{sql}");
    }

    #[test]
    fn a_name_can_not_end_its_comment() {
        let table = TableAccess {
            name: "a\nDROP TABLE b; --".into(),
            relations: vec![("s".into(), "a".into())],
            deleted: true,
            ..Default::default()
        };
        let roles = Roles { database: "d".into(), planner: "p".into(), runner: "r".into() };
        assert!(!grants(&roles, &[table]).lines().any(|line| line.starts_with("DROP")));
    }
}
