//! A PostgreSQL database (14 or later) as a [`Store`].
//!
//! The database belongs to others: nothing of it is created, altered or set but gallra's own schema `gallra` (journal and ledger head). A run
//! holds an advisory lock for its whole life, so that two runs never meet. All connections say `gallra` as their `application_name`, and turn
//! `row_security` off, so that a policy which would hide rows is an error and not a smaller table.
//!
//! | Part | What it does |
//! |---|---|
//! | `settings`, `tls`, `connection`, `failure` | from a URL to a blocking connection, and from the server's errors to sentences |
//! | `catalog`, `relation`, `checks` | what tables there are, which physical tables hold their rows, and how each column is read and written |
//! | `copy` | binary COPY to Arrow and back; knows neither connection nor store |
//! | `scan`, `snapshot` | one exported snapshot, read by several connections in ranges of pages |
//! | `batch`, `staging`, `linked`, `rekey`, `journal` | write transactions |
//!
//! A row is addressed by the table that holds it and its `ctid`, and its version is these and its `xmin` (see `scan::version`).

mod aftercare;
mod batch;
mod catalog;
mod checks;
mod connection;
pub mod copy;
mod failure;
mod grants;
mod indexes;
mod journal;
mod linked;
mod names;
mod rekey;
mod relation;
mod retyped;
mod rights;
mod scan;
#[cfg(test)]
#[path = "../../../tests/server/mod.rs"]
mod server;
mod settings;
mod snapshot;
mod staging;
mod stale;
mod tls;

use std::collections::HashSet;
use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use backon::BlockingRetryable;
use jiff::tz::TimeZone;

use self::batch::PostgresBatch;
use self::connection::Connection;
use self::failure::{Access, CopyFailure, Place};
use self::grants::{Roles, TableAccess};
use self::relation::{CopyingTrigger, Relation, Relations};
pub use self::settings::{Settings, SettingsError};
use self::snapshot::PostgresSnapshot;
use super::{Aftercare, Batch, Catalog, Copying, Snapshot, Store, StoreError, StoreVersion, Table, TableUse, Writer, patience};

/// The advisory lock of a run: `gall`, `ra`.
const RUN_LOCK: (i32, i32) = (0x6761_6c6c, 0x7261);

/// How to open a database.
#[derive(Clone)]
pub struct Options {
    /// Whether it will be written; then this process locks it against other runs.
    pub writable: bool,
    /// The zone of `timestamp` columns, which carry none.
    pub timestamps: TimeZone,
    /// How many connections read the snapshot, or write, side by side.
    pub connections: usize,
    /// For how many seconds a snapshot may stay open: it keeps VACUUM from removing dead rows everywhere in the database.
    pub snapshot_seconds: u64,
}

/// What every part of one opened store needs to know.
pub(in crate::store::postgres) struct Session {
    settings: Settings,
    name: String,
    options: Options,
}

/// Something that this crate asked of the store and that makes no sense.
fn misuse(doing: &str, reason: &str) -> StoreError {
    StoreError::Driver { doing: doing.to_owned(), code: reason.to_owned() }
}

/// The write transactions of one opened store, over all its sessions.
#[derive(Default)]
struct Own {
    /// How many have ended.
    ended: AtomicU64,
    /// The numbers of those that were committed, as rows carry them.
    committed: Mutex<HashSet<u32>>,
}

/// An opened PostgreSQL database.
pub struct PostgresStore {
    connection: Connection,
    session: Session,
    relations: Option<Relations>,
    own: Own,
}

/// A session that writes: the store's first one, or one of its own.
struct PostgresWriter<'a> {
    session: &'a Session,
    connection: Lent<'a>,
    relations: &'a Relations,
    own: &'a Own,
    /// Its number: 0 is the store's first session.
    lane: i16,
}

/// A connection that may move to another thread.
enum Lent<'a> {
    Borrowed(&'a mut Connection),
    Owned(Box<Connection>),
}

impl Writer for PostgresWriter<'_> {
    fn batch(&mut self) -> Result<Box<dyn Batch + '_>, StoreError> {
        let connection = match &mut self.connection {
            Lent::Borrowed(connection) => &**connection,
            Lent::Owned(connection) => &**connection,
        };
        Ok(Box::new(PostgresBatch::begin(self.session, connection, self.relations, self.own, self.lane)?))
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PostgresStore").field("name", &self.session.name).finish_non_exhaustive()
    }
}

impl PostgresStore {
    /// Connects; where the store is to be written, takes the run's lock.
    pub fn open(settings: Settings, options: Options) -> Result<Self, StoreError> {
        let connection = if options.writable { Connection::open_writable(&settings) } else { Connection::open(&settings) }?;
        let session = Session { name: settings.display(), settings, options };
        if session.options.writable {
            let sql = format!("SELECT pg_try_advisory_lock({}, {})", RUN_LOCK.0, RUN_LOCK.1);
            let lock = || {
                let answer = connection.first_row(&sql);
                let answer = answer.map_err(|failure| connection.store_error("taking the run's lock", None, &failure))?;
                let taken = answer.first().and_then(Option::as_deref) == Some("t");
                if taken { Ok(()) } else { Err(StoreError::Busy { store: session.name.clone() }) }
            };
            // The server gives a lock back a moment after whoever had it is gone: a run may follow another at once.
            lock.retry(patience()).when(|error| matches!(error, StoreError::Busy { .. })).call()?;
        }
        Ok(Self { connection, session, relations: None, own: Own::default() })
    }

    fn relations(&mut self) -> Result<&Relations, StoreError> {
        if self.relations.is_none() {
            self.catalog()?;
        }
        self.relations.as_ref().ok_or_else(|| misuse("reading the catalog", "it was not read"))
    }

    /// Reads tables batch by batch, in no particular order, each as it was in one consistent view: (index of the request, the batch). Memory
    /// holds a few batches per connection, whatever the tables' size.
    pub fn scan(
        &mut self,
        requests: &[super::Request],
        take: &mut dyn FnMut(usize, arrow::array::RecordBatch) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.relations()?;
        let Some(relations) = &self.relations else { return Ok(()) };
        let snapshot = PostgresSnapshot::begin(&self.session, &self.connection, relations)?;
        snapshot.scan(requests, scan::Versions::Without, &mut |scanned| take(scanned.request, scanned.batch))
    }
}

/// A failed copy as an error of the store.
fn copy_error(connection: &Connection, doing: &str, access: Option<Access<'_>>, failure: CopyFailure) -> StoreError {
    failure.store_error(doing, &Place { store: connection.name(), role: connection.role(), access })
}

/// What the store knows of a table beyond the catalog.
fn relation_of<'a>(relations: &'a Relations, name: &str, doing: &str) -> Result<&'a Relation, StoreError> {
    relations.get(name).ok_or_else(|| misuse(doing, "the table is not in the catalog"))
}

/// What a trigger copies, for the pipeline; `None` for one that writes nothing but its own table.
fn copying(trigger: &CopyingTrigger) -> Option<Copying> {
    let targets: Vec<String> = trigger.targets.iter().filter(|target| **target != trigger.table).cloned().collect();
    let elsewhere = trigger.targets_unknown || !trigger.understood;
    (trigger.instead || elsewhere || !targets.is_empty()).then(|| Copying {
        table: trigger.table.clone(),
        name: trigger.name.clone(),
        targets,
        elsewhere,
        instead: trigger.instead,
    })
}

impl Store for PostgresStore {
    fn name(&self) -> String {
        self.session.name.clone()
    }

    fn catalog(&mut self) -> Result<Catalog, StoreError> {
        let read = catalog::read(&self.connection);
        let (mut catalog, relations) = read.map_err(|failure| catalog::error(&self.connection, &failure))?;
        catalog.views.clone_from(&relations.views);
        for (table, relation) in catalog.tables.iter_mut().zip(relations.iter()) {
            debug_assert_eq!(table.name, relation.name);
            for (column, _) in table.columns.iter_mut().zip(&relation.columns).filter(|(_, known)| known.partition_key) {
                column.fixed = Some("it is in the partition key, and writing it could move the row to another partition");
            }
        }
        catalog.copying = relations.copying_triggers.iter().filter_map(copying).collect();
        self.relations = Some(relations);
        Ok(catalog)
    }

    fn snapshot(&mut self) -> Result<Box<dyn Snapshot + '_>, StoreError> {
        self.relations()?;
        let relations = self.relations.as_ref().ok_or_else(|| misuse("opening a snapshot", "the catalog was not read"))?;
        Ok(Box::new(PostgresSnapshot::begin(&self.session, &self.connection, relations)?))
    }

    fn shares_tables(&self) -> bool {
        true
    }

    fn prepare_journal(&mut self) -> Result<(), StoreError> {
        journal::prepare(&self.connection)
    }

    fn batch(&mut self) -> Result<Box<dyn Batch + '_>, StoreError> {
        self.relations()?;
        let relations = self.relations.as_ref().ok_or_else(|| misuse("opening a write transaction", "the catalog was not read"))?;
        Ok(Box::new(PostgresBatch::begin(&self.session, &self.connection, relations, &self.own, 0)?))
    }

    fn writers(&mut self, wanted: usize) -> Result<Vec<Box<dyn Writer + '_>>, StoreError> {
        self.relations()?;
        let Self { connection, session, relations, own } = self;
        let (session, own) = (&*session, &*own);
        let relations = relations.as_ref().ok_or_else(|| misuse("opening a session that writes", "the catalog was not read"))?;
        let mut writers: Vec<Box<dyn Writer + '_>> = Vec::with_capacity(wanted);
        for lane in (1..i16::MAX).take(wanted.min(session.options.connections).saturating_sub(1)) {
            // The server may have no more to give; then fewer work side by side.
            let connection = match Connection::open_writable(&session.settings) {
                Ok(connection) => Lent::Owned(Box::new(connection)),
                Err(error) => {
                    tracing::warn!(%error, sessions = lane, "fewer sessions write than `connections` allows");
                    break;
                }
            };
            writers.push(Box::new(PostgresWriter { session, connection, relations, own, lane }));
        }
        writers.push(Box::new(PostgresWriter { session, connection: Lent::Borrowed(connection), relations, own, lane: 0 }));
        Ok(writers)
    }

    /// How many transactions of others that were given a number, which every writer's is, have ended: one that was open when it was asked
    /// before counts as soon as its rows can be seen. Writers of other databases of the same server count too, so that it errs on the careful
    /// side.
    fn write_counter(&mut self) -> Result<u64, StoreError> {
        let doing = "reading the write counter";
        let sql = "SELECT (pg_snapshot_xmax(seen)::text::bigint - (SELECT count(*) FROM pg_snapshot_xip(seen)))::text
            FROM pg_current_snapshot() AS seen";
        let answer = self.connection.first_row(sql).map_err(|failure| self.connection.store_error(doing, None, &failure))?;
        let next: Option<u64> = answer.first().and_then(Option::as_deref).and_then(|text| text.parse().ok());
        next.map(|next| next.saturating_sub(self.own.ended.load(Ordering::SeqCst))).ok_or_else(|| misuse(doing, "it is no number"))
    }

    fn wrote(&self, version: &StoreVersion) -> bool {
        let (_, _, transaction) = scan::parts(version);
        self.own.committed.lock().is_ok_and(|committed| committed.contains(&transaction))
    }

    fn aftercare(&mut self, touched: &[String], vacuum: bool) -> Result<Aftercare, StoreError> {
        self.relations()?;
        let Some(relations) = &self.relations else { return Ok(Aftercare::default()) };
        aftercare::aftercare(&self.connection, relations, touched, vacuum, &self.own.ended)
    }

    fn expect_writes(&mut self, tables: &[String]) -> Result<(), StoreError> {
        self.relations()?;
        let Some(relations) = &self.relations else { return Ok(()) };
        let views: Vec<u32> = aftercare::views_of(relations, tables).map(|view| view.oid).collect();
        let noted = stale::note(&self.connection, &views);
        let noted = noted.map_err(|failure| self.connection.store_error("noting materialized views", None, &failure))?;
        self.own.ended.fetch_add(noted, Ordering::SeqCst);
        Ok(())
    }

    fn stale_copies(&mut self) -> Result<Vec<String>, StoreError> {
        let stale = stale::noted(&self.connection);
        let stale = stale.map_err(|failure| self.connection.store_error("looking at materialized views", None, &failure))?;
        Ok(stale
            .into_iter()
            .map(|(_, name)| format!("the materialized view {name} was not refreshed since a run set out to forget people"))
            .collect())
    }

    fn grants(&mut self, planner: &str, runner: &str, tables: &[TableUse]) -> Result<Option<String>, StoreError> {
        self.relations()?;
        let Some(relations) = &self.relations else { return Ok(None) };
        let roles = Roles { database: self.session.settings.database().into(), planner: planner.into(), runner: runner.into() };
        let access = |used: &TableUse| {
            let doing = "listing the grants";
            let relation = relation_of(relations, &used.name, doing)?;
            let sequences = if used.inserted { grants::sequences(&self.connection, relation) } else { Ok(Vec::new()) };
            let sequences = sequences.map_err(|failure| self.connection.store_error(doing, None, &failure))?;
            Ok(TableAccess {
                read: used.read.clone(),
                written: used.written.clone(),
                deleted: used.deleted,
                inserted: used.inserted,
                sequences: sequences.into_iter().map(|(_, schema, name)| (schema, name)).collect(),
                ..TableAccess::of(relation)
            })
        };
        let accesses: Result<Vec<TableAccess>, StoreError> = tables.iter().map(access).collect();
        Ok(Some(grants::grants(&roles, &accesses?)))
    }

    fn may_run(&mut self, uses: &[TableUse]) -> Result<(), StoreError> {
        self.relations()?;
        let Some(relations) = &self.relations else { return Ok(()) };
        rights::check(&self.connection, relations, uses)
    }

    fn withholding(&mut self, table: &str) -> Result<Vec<String>, StoreError> {
        self.relations()?;
        let Some(relation) = self.relations.as_ref().and_then(|relations| relations.get(table)) else { return Ok(Vec::new()) };
        checks::withholding(&self.connection, relation)
            .map_err(|failure| self.connection.store_error("looking at the triggers", None, &failure))
    }

    fn unindexed(&mut self, columns: &[(String, Vec<String>)]) -> Result<Vec<usize>, StoreError> {
        self.relations()?;
        let Some(relations) = &self.relations else { return Ok(Vec::new()) };
        indexes::unindexed(&self.connection, relations, columns)
            .map_err(|failure| self.connection.store_error("looking at the indexes", None, &failure))
    }

    fn broken_references(&mut self) -> Result<Vec<(String, u64)>, StoreError> {
        self.relations()?;
        let Some(relations) = &self.relations else { return Ok(Vec::new()) };
        checks::broken_references(&self.connection, relations)
            .map_err(|failure| self.connection.store_error("checking the foreign keys", None, &failure))
    }

    fn failing_checks(&mut self, table: &Table, constants: &[(usize, Option<String>)]) -> Result<Vec<(usize, u64)>, StoreError> {
        self.relations()?;
        let Some(relations) = &self.relations else { return Ok(Vec::new()) };
        let doing = format!("evaluating the CHECK constraints of `{}`", table.name);
        checks::failing(&self.connection, relations, table, constants)
            .map_err(|failure| self.connection.store_error(&doing, None, &failure))
    }
}
