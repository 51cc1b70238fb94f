//! Materialized views that may still show what was forgotten: noted before the first batch, and until they have been refreshed.
//!
//! `gallra.stale_view` has a row for each, with the view's own row in `pg_class` as it was then. Every REFRESH, concurrent or not, writes that
//! row anew and changes nothing in it but where the view's file is. GRANT and ALTER write it as well and change something else, so that a view
//! on which both were done between two runs is still called stale, to be on the safe side. What can not be told from a refresh is a view that
//! was written anew as it stands, by VACUUM FULL or CLUSTER.

use super::connection::Connection;
use super::failure::Failure;
use super::journal::exists;
use super::names::qualified;
use super::relation::MaterializedView;

/// The table's declaration.
pub(super) const CREATE: &str = "
CREATE TABLE IF NOT EXISTS gallra.stale_view (
    view oid PRIMARY KEY,
    version text NOT NULL,
    shape text NOT NULL
);
";

/// What of `pg_class` stays the same when a view is refreshed.
const SHAPE: &str = "pg_catalog.concat_ws(',', c.relname, c.relnamespace, c.relowner, c.relam, c.reltablespace, c.relpersistence,
    c.relreplident, c.relacl::text, c.reloptions::text)";

/// Notes views as they are now. Returns how many transactions that took.
pub(super) fn note(connection: &Connection, views: &[u32]) -> Result<u64, Failure> {
    if views.is_empty() {
        return Ok(0);
    }
    let sql = format!(
        "INSERT INTO gallra.stale_view (view, version, shape)
         SELECT c.oid, c.xmin::text, {SHAPE} FROM pg_catalog.pg_class c WHERE c.oid = ANY ($1)
         ON CONFLICT (view) DO UPDATE SET version = excluded.version, shape = excluded.shape"
    );
    Ok(u64::from(connection.run(&sql, &[&views])? > 0))
}

/// Keeps none of the notes but those on these views, and notes these as they are now. Returns how many transactions that took.
pub(super) fn keep(connection: &Connection, views: &[u32]) -> Result<u64, Failure> {
    let gone = connection.run("DELETE FROM gallra.stale_view WHERE view <> ALL ($1)", &[&views])?;
    Ok(u64::from(gone > 0) + note(connection, views)?)
}

/// The views that were noted and have not been refreshed since: object identifier and name, ready for a statement.
pub(super) fn noted(connection: &Connection) -> Result<Vec<(u32, String)>, Failure> {
    if !exists(connection, "gallra.stale_view")? {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT c.oid, n.nspname::text, c.relname::text
         FROM gallra.stale_view s
         JOIN pg_catalog.pg_class c ON c.oid = s.view AND c.relkind = 'm' AND c.relispopulated
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE c.xmin::text = s.version OR {SHAPE} <> s.shape ORDER BY 2, 3"
    );
    let named = |row: &tokio_postgres::Row| {
        let (schema, relation): (String, String) = (row.try_get(1)?, row.try_get(2)?);
        Ok((row.try_get(0)?, qualified(&schema, &relation)))
    };
    connection.rows(&sql, &[])?.iter().map(named).collect()
}

/// The statement that refreshes a view, without locking out its readers where that is possible.
pub(super) fn statement(view: &MaterializedView) -> String {
    let how = if view.concurrently { "CONCURRENTLY " } else { "" };
    format!("REFRESH MATERIALIZED VIEW {how}{}", qualified(&view.schema, &view.relation))
}
