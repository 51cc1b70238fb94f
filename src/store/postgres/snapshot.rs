//! One consistent view: a read-only transaction that exports its snapshot to the connections that read.

use std::time::Instant;

use super::connection::Connection;
use super::relation::Relations;
use super::scan::{Scan, Scanned, Versions};
use super::{Session, journal, misuse, relation_of};
use crate::store::{Head, JournalEntry, Request, Rows, Snapshot, StoreError, Streamed};

/// An exported snapshot; dropping it ends its transaction.
///
/// While it is open VACUUM can not remove rows that died after it began, in any table of the database: it is closed before anything is
/// written, and an age limit bounds it.
pub(super) struct PostgresSnapshot<'a> {
    session: &'a Session,
    connection: &'a Connection,
    relations: &'a Relations,
    exported: String,
    id: String,
    since: Instant,
}

impl<'a> PostgresSnapshot<'a> {
    pub(super) fn begin(session: &'a Session, connection: &'a Connection, relations: &'a Relations) -> Result<Self, StoreError> {
        let doing = "opening a snapshot";
        connection
            .execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            .map_err(|failure| connection.store_error(doing, None, &failure))?;
        // From here on dropping ends the transaction.
        let mut snapshot = Self { session, connection, relations, exported: String::new(), id: String::new(), since: Instant::now() };
        let answer = connection
            .first_row("SELECT pg_export_snapshot(), pg_current_snapshot()")
            .map_err(|failure| connection.store_error(doing, None, &failure))?;
        let [Some(exported), Some(current)] = answer.as_slice() else { return Err(misuse(doing, "the server answered nothing")) };
        snapshot.exported.clone_from(exported);
        snapshot.id = format!("postgres-{current}");
        Ok(snapshot)
    }

    /// Reads tables batch by batch.
    pub(super) fn scan(
        &self,
        requests: &[Request],
        versions: Versions,
        take: &mut dyn FnMut(Scanned) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let (session, relations) = (self.session, self.relations);
        Scan { session, relations, exported: &self.exported, since: self.since, requests, versions }.run(take)
    }
}

impl PostgresSnapshot<'_> {
    /// The tables' rows by partition and place.
    fn assemble(&self, requests: &[Request], versions: Versions, rows_read: &mut dyn FnMut(u64)) -> Result<Vec<Rows>, StoreError> {
        let mut scanned: Vec<Vec<Scanned>> = requests.iter().map(|_| Vec::new()).collect();
        self.scan(requests, versions, &mut |batch| {
            rows_read(batch.batch.num_rows() as u64);
            scanned[batch.request].push(batch);
            Ok(())
        })?;
        let assembled = requests.iter().zip(scanned).map(|(request, mut batches)| {
            batches.sort_by_key(|batch| batch.place);
            rows(request, batches, versions)
        });
        assembled.collect()
    }
}

impl Snapshot for PostgresSnapshot<'_> {
    /// `postgres-<xmin>:<xmax>:<transactions in progress>`, as `pg_current_snapshot()` has them.
    fn id(&self) -> String {
        self.id.clone()
    }

    fn seconds(&self) -> f64 {
        self.since.elapsed().as_secs_f64()
    }

    /// Rows by partition and place.
    fn read(&mut self, request: &Request, rows_read: &mut dyn FnMut(u64)) -> Result<Rows, StoreError> {
        let mut all = self.read_all(std::slice::from_ref(request), rows_read)?;
        all.pop().ok_or_else(|| misuse("reading", "nothing was read"))
    }

    fn read_all(&mut self, requests: &[Request], rows_read: &mut dyn FnMut(u64)) -> Result<Vec<Rows>, StoreError> {
        self.assemble(requests, Versions::With, rows_read)
    }

    fn look_at_all(&mut self, requests: &[Request], rows_read: &mut dyn FnMut(u64)) -> Result<Vec<Rows>, StoreError> {
        self.assemble(requests, Versions::Without, rows_read)
    }

    fn stream(&mut self, request: &Request, take: &mut dyn FnMut(Streamed) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let scanned = &mut |Scanned { batch, unreadable, .. }| take(Streamed { batch, unreadable });
        self.scan(std::slice::from_ref(request), Versions::Without, scanned)
    }

    /// The planner's estimate.
    fn count(&mut self, table: &str) -> Result<u64, StoreError> {
        let doing = format!("estimating the rows of `{table}`");
        let parts: Vec<u32> = relation_of(self.relations, table, &doing)?.parts.iter().map(|part| part.oid).collect();
        let sql = "SELECT coalesce(sum(greatest(reltuples, 0)), 0)::bigint FROM pg_class WHERE oid = ANY ($1)";
        let rows = self.connection.rows(sql, &[&parts]).map_err(|failure| self.connection.store_error(&doing, None, &failure))?;
        Ok(rows.first().map_or(0, |row| row.get::<_, i64>(0).unsigned_abs()))
    }

    fn journal(&mut self) -> Result<Vec<JournalEntry>, StoreError> {
        journal::entries(self.connection)
    }

    fn head(&mut self) -> Result<Option<Head>, StoreError> {
        journal::head(self.connection)
    }
}

/// The batches of one request as rows.
fn rows(request: &Request, batches: Vec<Scanned>, versions: Versions) -> Result<Rows, StoreError> {
    let versions = (versions == Versions::With).then(Vec::new);
    let mut rows = Rows { batches: Vec::with_capacity(batches.len()), unreadable: Default::default(), versions };
    let mut before: u32 = 0;
    for scanned in batches {
        for (position, numbers) in scanned.unreadable {
            rows.unreadable.entry(position).or_default().extend(numbers.iter().map(|number| number + before));
        }
        if let (Some(all), Some(versions)) = (&mut rows.versions, scanned.versions) {
            all.extend(versions);
        }
        let count = u32::try_from(scanned.batch.num_rows()).ok().and_then(|count| before.checked_add(count));
        before = count.ok_or_else(|| misuse(&super::scan::reading(&request.table), "more than 2^32 rows"))?;
        rows.batches.push(scanned.batch);
    }
    Ok(rows)
}

impl Drop for PostgresSnapshot<'_> {
    fn drop(&mut self) {
        // Nothing was written, and a failure leaves nothing that could be done.
        let _ = self.connection.execute("ROLLBACK");
    }
}
