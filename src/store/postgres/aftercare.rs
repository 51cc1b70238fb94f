//! What is left after rows were written: views that keep copies, dead rows, and what nobody but an administrator reaches.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use super::connection::Connection;
use super::failure::Failure;
use super::names::qualified;
use super::relation::{MaterializedView, Relation, Relations};
use super::stale;
use crate::store::{Aftercare, StoreError};

/// The materialized views that copy some of these tables, each after those that it depends on.
pub(super) fn views_of<'r>(relations: &'r Relations, tables: &[String]) -> impl Iterator<Item = &'r MaterializedView> {
    relations.materialized_views.iter().filter(|view| view.tables.iter().any(|table| tables.contains(table)))
}

/// Refreshes what copies the touched tables or was left stale by an earlier run, vacuums the tables where that is wished, and says what
/// remains. `numbered` counts the transactions of this connection that were given a number.
pub(super) fn aftercare(
    connection: &Connection,
    relations: &Relations,
    touched: &[String],
    vacuum: bool,
    numbered: &AtomicU64,
) -> Result<Aftercare, StoreError> {
    let mut care = Aftercare::default();
    let failed = |failure: Failure| connection.store_error("looking after materialized views", None, &failure);
    let mut wanted: BTreeSet<u32> = stale::noted(connection).map_err(failed)?.into_iter().map(|(view, _)| view).collect();
    wanted.extend(views_of(relations, touched).map(|view| view.oid));
    let views = relations.materialized_views.iter().filter(|view| wanted.contains(&view.oid));
    let left: Vec<u32> = views.filter(|view| !refresh(connection, view, &mut care)).map(|view| view.oid).collect();
    numbered.fetch_add(stale::keep(connection, &left).map_err(failed)?, Ordering::SeqCst);
    if touched.is_empty() {
        return Ok(care);
    }
    let tables: Vec<&Relation> = touched.iter().filter_map(|name| relations.get(name)).collect();
    if vacuum {
        tables.iter().for_each(|table| vacuum_table(connection, table, &mut care));
        if !care.done.is_empty() {
            // VACUUM frees the room of a dead row and does not write over it.
            care.remains
                .push("old values in the free space of vacuumed pages until other rows take it (VACUUM FULL writes a table anew)".into());
        }
        held_back(connection, &mut care).map_err(|failure| connection.store_error("looking for old transactions", None, &failure))?;
    } else if !tables.is_empty() {
        let count = tables.len();
        care.remains
            .push(format!("old values in dead rows and index entries of {count} tables until they are vacuumed (`--vacuum` does it)"));
    }
    remains(connection, relations, &mut care)
        .map_err(|failure| connection.store_error("looking at the server's settings", None, &failure))?;
    Ok(care)
}

/// Whether it could be refreshed.
fn refresh(connection: &Connection, view: &MaterializedView, care: &mut Aftercare) -> bool {
    let sql = stale::statement(view);
    let done = view.may_refresh && connection.execute(&sql).is_ok();
    if done {
        care.done.push(format!("refreshed the materialized view `{}`", view.name));
    } else {
        care.look.push(format!("the materialized view `{}` still shows what was forgotten; let its owner run {sql}", view.name));
    }
    done
}

fn vacuum_table(connection: &Connection, relation: &Relation, care: &mut Aftercare) {
    let mut left = Vec::new();
    for part in &relation.parts {
        let name = qualified(&part.schema, &part.relation);
        // Without the right the server only warns.
        let may = format!("SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = {}", part.oid);
        let may = connection.first_row(&may).is_ok_and(|row| row.first().and_then(Option::as_deref) == Some("t"));
        if !may || connection.execute(&format!("VACUUM {name}")).is_err() {
            left.push(name);
        }
    }
    if left.is_empty() {
        care.done.push(format!("vacuumed `{}`", relation.name));
    } else {
        care.look.push(format!("`{}` could not be vacuumed; let its owner run VACUUM {}", relation.name, left.join(", ")));
    }
}

/// Transactions that can still see what was forgotten keep VACUUM from removing it.
fn held_back(connection: &Connection, care: &mut Aftercare) -> Result<(), Failure> {
    let sql = "SELECT (SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_xmin IS NOT NULL AND datname = current_database())
                    + (SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database())
                    + (SELECT count(*) FROM pg_replication_slots WHERE xmin IS NOT NULL OR catalog_xmin IS NOT NULL)";
    let row = connection.first_row(sql)?;
    match row.first().and_then(Option::as_deref) {
        Some("0") | None => {}
        Some(count) => care.remains.push(format!(
            "old values in dead rows that {count} open transactions or replication slots may still see: vacuum again when they have ended"
        )),
    }
    Ok(())
}

fn remains(connection: &Connection, relations: &Relations, care: &mut Aftercare) -> Result<(), Failure> {
    let sql = "SELECT current_setting('archive_mode') <> 'off', (SELECT count(*) FROM pg_stat_replication), (SELECT count(*) FROM pg_replication_slots)";
    let row = connection.first_row(sql)?;
    let cell = |at: usize| row.get(at).and_then(Option::as_deref).unwrap_or_default();
    let mut places = vec!["the write-ahead log until its files are reused".to_owned()];
    if cell(0) == "t" {
        places.push("its archive".into());
    }
    if cell(1) != "0" || cell(2) != "0" {
        places.push(format!("{} replicas and {} replication slots until they have followed", cell(1), cell(2)));
    }
    places.push("backups until they are gone".into());
    care.remains.push(format!("old values in {}", places.join(", ")));
    if !relations.statement_logging.is_empty() {
        let settings = relations.statement_logging.join(", ");
        care.remains.push(format!("the server logs statements ({settings}): gallra's own hold placeholders and no personal value"));
    }
    Ok(())
}
