//! Reading tables in one exported snapshot: several connections, each taking ranges of pages, biggest table first.
//!
//! What the server sends is decoded on the thread that reads it, and full batches wait in a short queue: a slow taker slows the readers, so
//! that memory is bounded whatever the tables' size.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::{Duration, Instant};

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;

use super::connection::Connection;
use super::copy::{Chunk, DecodeError, Decoder, Wire};
use super::failure::{Access, CopyFailure};
use super::names::{qualified, quoted};
use super::relation::{Part, Relation, Relations};
use super::{Session, copy_error, misuse, relation_of, retyped};
use crate::store::{ROWS_PER_BATCH, Request, StoreError, StoreVersion, Table};

/// Pages of one range: 64 MB.
const PAGES_PER_PIECE: u32 = 8_192;

/// A batch ends early at this many bytes, so that memory is bounded and 32-bit offsets suffice.
const BYTES_PER_BATCH: usize = 32 << 20;

/// Full batches that wait per connection.
const WAITING: usize = 2;

/// Whether rows' versions are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Versions {
    With,
    Without,
}

/// One decoded batch.
pub(super) struct Scanned {
    /// Index of the request.
    pub(super) request: usize,
    /// Where the batch stands among those of its request.
    pub(super) place: (usize, u32, u32),
    /// The requested columns.
    pub(super) batch: RecordBatch,
    /// Request position → rows of this batch whose temporal cell can not be read.
    pub(super) unreadable: BTreeMap<usize, Vec<u32>>,
    /// Per row its version.
    pub(super) versions: Option<Vec<StoreVersion>>,
}

/// A range of pages of one physical table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    request: usize,
    part: usize,
    from: u32,
    /// `None`: to the end.
    to: Option<u32>,
}

/// A row's version: the table that holds it (4 bytes), its place there (8) and the transaction that wrote it (4).
///
/// A row that somebody else updated has another place and a later transaction, one that came is new in both, and a lock, a VACUUM or a hint
/// leaves all three as they are (PostgreSQL keeps `xmin` when it freezes a row). Versions are compared within one run only: `xmin` comes round
/// after 2^32 transactions.
pub(super) fn version(table: u32, place: i64, transaction: u32) -> StoreVersion {
    let mut version = [0; 16];
    version[..4].copy_from_slice(&table.to_be_bytes());
    version[4..12].copy_from_slice(&place.to_be_bytes());
    version[12..].copy_from_slice(&transaction.to_be_bytes());
    version
}

/// The table, the place and the transaction of a version.
pub(super) fn parts(version: &StoreVersion) -> (u32, i64, u32) {
    let [t0, t1, t2, t3, p0, p1, p2, p3, p4, p5, p6, p7, x0, x1, x2, x3] = *version;
    (u32::from_be_bytes([t0, t1, t2, t3]), i64::from_be_bytes([p0, p1, p2, p3, p4, p5, p6, p7]), u32::from_be_bytes([x0, x1, x2, x3]))
}

/// How the requested columns of a table are selected from the alias `t0` and decoded.
pub(super) fn selection(
    relation: &Relation,
    table: &Table,
    columns: &[usize],
    doing: &str,
) -> Result<Vec<(String, String, Wire)>, StoreError> {
    let select = |index: &usize| {
        let (column, known) = table
            .columns
            .get(*index)
            .zip(relation.columns.get(*index))
            .ok_or_else(|| misuse(doing, "a requested column does not exist"))?;
        let name = quoted(&known.name);
        let expression = match &known.cast {
            Some(cast) => format!("t0.{name}::{cast}"),
            None => format!("t0.{name}"),
        };
        Ok((expression, column.name.clone(), known.wire))
    };
    columns.iter().map(select).collect()
}

/// Everything that a scan works with.
pub(super) struct Scan<'a> {
    pub(super) session: &'a Session,
    pub(super) relations: &'a Relations,
    /// The exported snapshot's id.
    pub(super) exported: &'a str,
    /// When the snapshot was taken.
    pub(super) since: Instant,
    pub(super) requests: &'a [Request],
    pub(super) versions: Versions,
}

impl Scan<'_> {
    /// Reads all requests; `take` gets the batches in the order in which they come.
    pub(super) fn run(&self, take: &mut dyn FnMut(Scanned) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let pieces = Mutex::new(self.pieces()?);
        let stopped = AtomicBool::new(false);
        let workers = self.session.options.connections.clamp(1, 64);
        let limit = self.limit();
        let (sender, receiver) = sync_channel::<Result<Scanned, StoreError>>(WAITING * workers);
        // One reader must be had; where the server has no more to give, the others stay away.
        let mut first = Some(self.connect()?);
        std::thread::scope(|scope| {
            for _ in 0..workers {
                let sender = sender.clone();
                let (pieces, stopped) = (&pieces, &stopped);
                let connection = first.take();
                scope.spawn(move || {
                    if let Err(error) = self.work(connection, pieces, stopped, &sender) {
                        stopped.store(true, Ordering::Relaxed);
                        // Where nobody listens any more, the first error was told already.
                        let _ = sender.send(Err(error));
                    }
                });
            }
            drop(sender);
            let mut outcome = Ok(());
            for scanned in receiver {
                if outcome.is_ok() {
                    outcome = scanned.and_then(&mut *take);
                    if outcome.is_ok() && self.since.elapsed() > limit {
                        outcome = Err(StoreError::SnapshotAge { seconds: limit.as_secs() });
                    }
                    stopped.fetch_or(outcome.is_err(), Ordering::Relaxed);
                }
            }
            outcome
        })
    }

    /// For how long the snapshot may be open.
    fn limit(&self) -> Duration {
        Duration::from_secs(self.session.options.snapshot_seconds)
    }

    /// How long a statement may take from now on, in milliseconds: until the snapshot is too old, or as long as the session allows.
    fn timeout(&self) -> u128 {
        let left = self.limit().saturating_sub(self.since.elapsed()).as_millis() + 1;
        let session = self.session.settings.statement_timeout.as_millis();
        if session == 0 { left } else { left.min(session) }.min(i32::MAX as u128)
    }

    /// All ranges of pages, those of the biggest tables first.
    fn pieces(&self) -> Result<VecDeque<Piece>, StoreError> {
        let mut sized = Vec::new();
        for (request, wanted) in self.requests.iter().enumerate() {
            let relation = relation_of(self.relations, &wanted.table.name, &reading(&wanted.table))?;
            for (part, known) in relation.parts.iter().enumerate() {
                let mut from = 0;
                while known.pages.saturating_sub(from) > PAGES_PER_PIECE {
                    sized.push((known.pages, Piece { request, part, from, to: Some(from + PAGES_PER_PIECE) }));
                    from += PAGES_PER_PIECE;
                }
                // The table may have grown since its pages were counted.
                sized.push((known.pages, Piece { request, part, from, to: None }));
            }
        }
        sized.sort_by_key(|(pages, piece)| (std::cmp::Reverse(*pages), piece.request, piece.part, piece.from));
        Ok(sized.into_iter().map(|(_, piece)| piece).collect())
    }

    fn work(
        &self,
        mut connection: Option<Connection>,
        pieces: &Mutex<VecDeque<Piece>>,
        stopped: &AtomicBool,
        sender: &SyncSender<Result<Scanned, StoreError>>,
    ) -> Result<(), StoreError> {
        while !stopped.load(Ordering::Relaxed) {
            let is_left = !pieces.lock().map_err(|_| misuse("reading the snapshot", "a reader broke off"))?.is_empty();
            let connection = match &connection {
                Some(connection) => connection,
                None if !is_left => break,
                None => match self.connect() {
                    Ok(made) => connection.insert(made),
                    Err(error) => {
                        tracing::warn!(%error, "fewer sessions read than `connections` allows");
                        break;
                    }
                },
            };
            let next = pieces.lock().map_err(|_| misuse("reading the snapshot", "a reader broke off"))?.pop_front();
            let Some(piece) = next else { break };
            self.read(connection, piece, stopped, sender)?;
        }
        Ok(())
    }

    /// A connection of its own that sees what the exporting one sees.
    fn connect(&self) -> Result<Connection, StoreError> {
        let connection = Connection::open(&self.session.settings)?;
        let id = self.exported.replace('\'', "''");
        connection
            .execute(&format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '{id}'"))
            .map_err(|failure| connection.store_error("joining the snapshot", None, &failure))?;
        Ok(connection)
    }

    fn read(
        &self,
        connection: &Connection,
        piece: Piece,
        stopped: &AtomicBool,
        sender: &SyncSender<Result<Scanned, StoreError>>,
    ) -> Result<(), StoreError> {
        let request = &self.requests[piece.request];
        let doing = reading(&request.table);
        let relation = relation_of(self.relations, &request.table.name, &doing)?;
        let part = &relation.parts[piece.part];
        let mut selected = selection(relation, &request.table, &request.columns, &doing)?;
        if self.versions == Versions::With || selected.is_empty() {
            selected.push(("t0.ctid".into(), "ctid".into(), Wire::Tid));
            selected.push(("t0.xmin".into(), "xmin".into(), Wire::Xid));
        }
        let list: Vec<&str> = selected.iter().map(|(expression, ..)| expression.as_str()).collect();
        let source = format!("FROM ONLY {} AS t0{}", qualified(&part.schema, &part.relation), range(piece));
        let sql = format!("COPY (SELECT {} {source}) TO STDOUT (FORMAT binary)", list.join(", "));
        let decoded = selected.into_iter().map(|(_, name, wire)| (name, wire)).collect();
        let mut decoder = Decoder::new(decoded, self.session.options.timestamps.clone());
        // An age that is only looked at when rows come would let a reader wait for ever that gets none.
        connection
            .execute(&format!("SET LOCAL statement_timeout TO {}", self.timeout()))
            .map_err(|failure| connection.store_error(&doing, None, &failure))?;
        let mut sequence = 0;
        let mut misfit = None;
        let mut finish = |decoder: &mut Decoder| -> Result<(), StoreError> {
            let chunk = decoder.take().map_err(|error| undecodable(&request.table, &error))?;
            let scanned = self.scanned(piece, part, sequence, chunk)?;
            sequence += 1;
            // Where nobody listens any more, the reason was told already.
            let _ = sender.send(Ok(scanned));
            Ok(())
        };
        let outcome = connection.copy_out(&sql, &mut |bytes| {
            if let Err(error) = decoder.push(bytes) {
                let told = undecodable(&request.table, &error);
                misfit = Some(error);
                return Err(told);
            }
            if stopped.load(Ordering::Relaxed) {
                return Err(misuse(&doing, "another reader failed"));
            }
            if decoder.rows() >= ROWS_PER_BATCH || decoder.bytes() >= BYTES_PER_BATCH { finish(&mut decoder) } else { Ok(()) }
        });
        if let Err(error) = outcome {
            let table = qualified(&relation.schema, &relation.relation);
            // The server ends a statement that sends nothing until the snapshot is too old.
            if matches!(&error, CopyFailure::Server(failure) if failure.sqlstate() == Some("57014")) && self.since.elapsed() >= self.limit()
            {
                return Err(StoreError::SnapshotAge { seconds: self.limit().as_secs() });
            }
            let error = copy_error(connection, &doing, Some(Access { table: &table, privileges: "SELECT" }), error);
            return Err(self.located(error, misfit, relation, &source, &request.table));
        }
        decoder.finish().map_err(|error| undecodable(&request.table, &error))?;
        if decoder.rows() > 0 { finish(&mut decoder) } else { Ok(()) }
    }

    /// The error of a cell with the place of its row, found by a second look.
    fn located(&self, error: StoreError, misfit: Option<DecodeError>, relation: &Relation, source: &str, table: &Table) -> StoreError {
        let (StoreError::Value { column, declared, reason, .. }, Some(DecodeError::Cell { row, .. })) = (&error, misfit) else {
            return error;
        };
        let row = row - 1;
        let look = || {
            let connection = self.connect().ok()?;
            let rows = connection.rows(&format!("SELECT t0.ctid::text {source} OFFSET {row} LIMIT 1"), &[]).ok()?;
            Some(rows.first()?.get::<_, String>(0))
        };
        let place = look().unwrap_or_else(|| format!("number {row}"));
        StoreError::Value {
            table: table.name.clone(),
            column: column.clone(),
            declared: declared.clone(),
            row: format!("at ctid {place} of {}", qualified(&relation.schema, &relation.relation)),
            reason: reason.clone(),
            find: None,
        }
    }

    fn scanned(&self, piece: Piece, part: &Part, sequence: u32, chunk: Chunk) -> Result<Scanned, StoreError> {
        let request = &self.requests[piece.request];
        let width = request.columns.len();
        let versions = (self.versions == Versions::With).then(|| versions(part.oid, &chunk.batch, width));
        let requested = retyped::requested(chunk, &request.table, &request.columns, &self.session.options.timestamps);
        let (batch, unreadable) = requested.ok_or_else(|| misuse(&reading(&request.table), "the decoded columns do not form a batch"))?;
        Ok(Scanned { request: piece.request, place: (piece.part, piece.from, sequence), batch, unreadable, versions })
    }
}

/// Versions from the columns `ctid` and `xmin` that stand from `at` on.
fn versions(table: u32, batch: &RecordBatch, at: usize) -> Vec<StoreVersion> {
    let places = batch.column(at).as_primitive::<Int64Type>();
    let transactions = batch.column(at + 1).as_primitive::<Int64Type>();
    places.values().iter().zip(transactions.values()).map(|(place, by)| version(table, *place, (*by & 0xffff_ffff) as u32)).collect()
}

fn range(piece: Piece) -> String {
    let from = (piece.from > 0).then(|| format!("t0.ctid >= '({},0)'", piece.from));
    let to = piece.to.map(|to| format!("t0.ctid < '({to},0)'"));
    let bounds: Vec<String> = from.into_iter().chain(to).collect();
    if bounds.is_empty() { String::new() } else { format!(" WHERE {}", bounds.join(" AND ")) }
}

/// What is being done, for an error.
pub(super) fn reading(table: &Table) -> String {
    format!("reading `{}`", table.name)
}

/// A cell that does not fit its column, or bytes that are none of PostgreSQL's.
pub(super) fn undecodable(table: &Table, error: &DecodeError) -> StoreError {
    match error {
        DecodeError::Cell { column, row, reason } => StoreError::Value {
            table: table.name.clone(),
            column: column.clone(),
            declared: table.columns.iter().find(|known| known.name == *column).map(|known| known.declared.clone()).unwrap_or_default(),
            row: format!("number {row}"),
            reason: (*reason).to_owned(),
            find: None,
        },
        other => misuse(&reading(table), &other.to_string()),
    }
}
