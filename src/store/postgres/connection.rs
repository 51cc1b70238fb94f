//! A blocking connection to the server.
//!
//! The driver is asynchronous; nothing else here is. A [`Connection`] has a runtime of its own on the thread that calls it, and polls the
//! driver only while a call waits. It may move to another thread, and serves one at a time.

mod open;
mod tap;
#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, Stream, StreamExt};
use tokio::runtime::Runtime;
use tokio_postgres::types::ToSql;
use tokio_postgres::{AsyncMessage, Client, Error, Row, SimpleQueryMessage, Statement};

use super::failure::{Access, CopyFailure, Failure, Place};
use crate::store::StoreError;
pub(super) use tap::{SharedLane, Tap};

/// How long a closing connection waits to say goodbye.
const GOODBYE: Duration = Duration::from_millis(200);

/// Statements kept prepared. A batch uses a dozen, each many times.
const PREPARED: usize = 64;

/// The server sends rows eight kilobytes at a time. Whoever is woken for each of them is woken more often than it works, and so is the server:
/// where a copy is longer than `LITTLE` bytes and fewer arrived, more may arrive first. A socket holds far more than comes in that time.
const LITTLE: usize = 64 << 10;
const LET_ARRIVE: Duration = Duration::from_micros(400);

/// The half of the driver that reads and writes the socket.
type Driver = Box<dyn FnMut(&mut Context<'_>) -> Poll<Option<Result<AsyncMessage, Error>>> + Send>;

/// A session on the server. Dropping it ends the session at once, and rolls back what was not committed.
pub struct Connection {
    runtime: Runtime,
    /// Always there until the connection is dropped.
    client: Option<Client>,
    /// Gone once the session has ended.
    driver: RefCell<Option<Driver>>,
    /// Why the session ended, where the server said so while nothing was asked of it.
    ended: RefCell<Option<Failure>>,
    lane: SharedLane,
    prepared: RefCell<HashMap<String, Statement>>,
    /// Whether a statement was left in the middle.
    broken: Cell<bool>,
    name: String,
    role: String,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Connection").field("store", &self.name).finish_non_exhaustive()
    }
}

impl Connection {
    /// The store's name for people: its URL without the password.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The role that the session runs as.
    pub fn role(&self) -> &str {
        &self.role
    }

    /// Whether the session has ended: every further call fails.
    pub fn is_lost(&self) -> bool {
        self.broken.get() || self.driver.borrow().is_none()
    }

    /// A failure of this connection as an error of the store. `doing` completes "failed while"; `access` is what the statement needs.
    pub fn store_error(&self, doing: &str, access: Option<Access<'_>>, failure: &Failure) -> StoreError {
        failure.store_error(doing, &Place { store: &self.name, role: &self.role, access })
    }

    /// Runs one or several statements without parameters, whose results are of no interest.
    ///
    /// # Errors
    /// What the server refused, or how the session was lost.
    pub fn execute(&self, sql: &str) -> Result<(), Failure> {
        self.drive(self.client()?.batch_execute(sql))
    }

    /// Runs a statement. Returns the number of rows that it touched.
    ///
    /// # Errors
    /// What the server refused, or how the session was lost.
    pub fn run(&self, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<u64, Failure> {
        let statement = self.prepare(sql)?;
        self.drive(self.client()?.execute(&statement, parameters)).inspect_err(|_| self.forget(sql))
    }

    /// Runs a query. Returns its rows.
    ///
    /// # Errors
    /// What the server refused, or how the session was lost.
    pub fn rows(&self, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Failure> {
        let statement = self.prepare(sql)?;
        self.drive(self.client()?.query(&statement, parameters)).inspect_err(|_| self.forget(sql))
    }

    /// Runs a query without parameters and returns the first row's columns as text. It prepares nothing.
    ///
    /// # Errors
    /// What the server refused, or how the session was lost.
    pub fn first_row(&self, sql: &str) -> Result<Vec<Option<String>>, Failure> {
        let answer = self.drive(self.client()?.simple_query(sql))?;
        let row = answer.into_iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => {
                Some((0..row.len()).map(|column| row.try_get(column).ok().flatten().map(String::from)).collect())
            }
            _ => None,
        });
        Ok(row.unwrap_or_default())
    }

    /// Runs `COPY … TO STDOUT` and gives what comes to `take`: at each call one or more whole rows' messages, joined.
    ///
    /// # Errors
    /// What the server refused, or what `take` said. After an error of `take` the session is over, because the server is still sending.
    pub fn copy_out(&self, sql: &str, take: &mut dyn FnMut(&[u8]) -> Result<(), StoreError>) -> Result<(), CopyFailure> {
        self.lane.lock().copying(true);
        let done = self.copy_rows(sql, take);
        self.lane.lock().copying(false);
        if let Err(CopyFailure::Caller(_)) = &done {
            self.broken.set(true);
        }
        done
    }

    fn copy_rows(&self, sql: &str, take: &mut dyn FnMut(&[u8]) -> Result<(), StoreError>) -> Result<(), CopyFailure> {
        let client = self.client()?;
        let copy = async {
            let mut rows = pin!(client.copy_out(sql).await?);
            // The rows themselves go through the lane; what comes here is the end, or an error.
            while let Some(row) = rows.next().await {
                row?;
            }
            // The statement goes on after its last row: triggers and foreign keys have their turn at its end.
            poll_fn(|context| {
                loop {
                    if self.lane.lock().is_ready() {
                        return Poll::Ready(());
                    }
                    match rows.as_mut().poll_next(context) {
                        Poll::Ready(Some(Err(error))) if error.is_closed() => return Poll::Ready(()),
                        Poll::Ready(_) => {}
                        Poll::Pending => return Poll::Pending,
                    }
                }
            })
            .await;
            Ok::<(), Error>(())
        };
        let (mut refusal, mut copied) = (None, 0_usize);
        let ended = self.poll(copy, &mut || {
            let mut lane = self.lane.lock();
            let Some(rows) = lane.take_rows() else {
                return Turn::Idle;
            };
            let arrived = rows.len();
            copied = copied.saturating_add(arrived);
            match take(rows) {
                Ok(()) => {
                    drop(lane);
                    if arrived < LITTLE && copied > LITTLE {
                        thread::sleep(LET_ARRIVE);
                    }
                    Turn::Worked
                }
                Err(error) => {
                    refusal = Some(error);
                    Turn::Stop
                }
            }
        });
        match refusal {
            Some(error) => Err(CopyFailure::Caller(error)),
            None => {
                ended?;
                self.lane.lock().take_refused().map_or(Ok(()), |failure| Err(failure.into()))
            }
        }
    }

    /// Runs `COPY … FROM STDIN` with what `next` gives, until it gives nothing. Pieces of 64 kB to 1 MB are best. Returns the number of rows.
    ///
    /// # Errors
    /// What the server refused, or what `next` said. After an error of `next` the statement has failed on the server, and the session goes on.
    pub fn copy_in(&self, sql: &str, next: &mut dyn FnMut() -> Result<Option<Bytes>, StoreError>) -> Result<u64, CopyFailure> {
        let client = self.client()?;
        let mut sink = Box::pin(self.drive(client.copy_in::<_, Bytes>(sql))?);
        loop {
            match next() {
                Ok(Some(piece)) if piece.is_empty() => {}
                Ok(Some(piece)) => {
                    // A refused row ends the sink; why it was refused is told at the end.
                    if self.drive(sink.feed(piece)).is_err() {
                        break;
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    drop(sink);
                    // The server answers a statement that was given up with an error; a question behind it makes sure that it is read.
                    self.drive(client.batch_execute("")).ok();
                    return Err(CopyFailure::Caller(error));
                }
            }
        }
        Ok(self.drive(sink.as_mut().finish())?)
    }

    fn client(&self) -> Result<&Client, Failure> {
        match &self.client {
            Some(client) if !self.is_lost() => Ok(client),
            _ => Err(self.ended.borrow().clone().unwrap_or_else(Failure::lost)),
        }
    }

    /// A statement, prepared once.
    fn prepare(&self, sql: &str) -> Result<Statement, Failure> {
        if let Some(statement) = self.prepared.borrow().get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.drive(self.client()?.prepare(sql))?;
        let mut prepared = self.prepared.borrow_mut();
        if prepared.len() >= PREPARED {
            prepared.clear();
        }
        prepared.insert(sql.into(), statement.clone());
        Ok(statement)
    }

    /// Forgets a statement that failed: a table that was altered makes a prepared statement useless.
    fn forget(&self, sql: &str) {
        self.prepared.borrow_mut().remove(sql);
    }

    fn drive<T>(&self, future: impl Future<Output = Result<T, Error>>) -> Result<T, Failure> {
        self.poll(future, &mut || Turn::Idle)
    }

    /// Polls the driver and a future until the future is ready. `beside` has its turn whenever the driver has nothing more to do.
    fn poll<T>(&self, future: impl Future<Output = Result<T, Error>>, beside: &mut dyn FnMut() -> Turn) -> Result<T, Failure> {
        let mut future = pin!(future);
        let mut stopped = false;
        let polled = poll_fn(|context| {
            loop {
                let answer = future.as_mut().poll(context);
                let ended = self.poll_driver(context);
                match beside() {
                    Turn::Stop => {
                        stopped = true;
                        return Poll::Ready(None);
                    }
                    Turn::Worked if answer.is_pending() => continue,
                    Turn::Worked | Turn::Idle => {}
                }
                match answer {
                    Poll::Ready(answer) => return Poll::Ready(Some(answer)),
                    Poll::Pending if !ended => return Poll::Pending,
                    // The driver is gone, and with it everyone who could still wake the future.
                    Poll::Pending => match future.as_mut().poll(context) {
                        Poll::Ready(answer) => return Poll::Ready(Some(answer)),
                        Poll::Pending => return Poll::Ready(None),
                    },
                }
            }
        });
        let answer = self.runtime.block_on(async {
            // The runtime looks at the socket first: where the server has said goodbye meanwhile, its reason is read before anything is
            // written, which would only find the connection cut.
            tokio::task::yield_now().await;
            polled.await
        });
        match answer {
            Some(Ok(value)) => Ok(value),
            Some(Err(error)) => Err(self.explain(error)),
            None if stopped => Err(Failure::lost()),
            None => Err(self.ended.borrow().clone().unwrap_or_else(Failure::lost)),
        }
    }

    /// Lets the driver read and write what it can. Returns whether the session has ended.
    fn poll_driver(&self, context: &mut Context<'_>) -> bool {
        let mut slot = self.driver.borrow_mut();
        let Some(driver) = slot.as_mut() else {
            return true;
        };
        loop {
            match driver(context) {
                // Notices may hold values; nobody reads them.
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(Some(Err(error))) => {
                    *self.ended.borrow_mut() = Some(Failure::ending(error));
                    *slot = None;
                    return true;
                }
                Poll::Ready(None) => {
                    *slot = None;
                    return true;
                }
                Poll::Pending => return false,
            }
        }
    }

    /// An error of a call. Where it says no more than that the session is over, the server's reason is better.
    fn explain(&self, error: Error) -> Failure {
        match self.ended.borrow().clone() {
            Some(ended) if error.is_closed() => ended,
            _ => Failure::from(error),
        }
    }
}

/// What was done beside the driver.
enum Turn {
    /// Nothing.
    Idle,
    /// Something that lets the driver go on.
    Worked,
    /// The call ends here.
    Stop,
}

impl Drop for Connection {
    fn drop(&mut self) {
        let broken = self.is_lost();
        self.client = None;
        let Some(mut driver) = self.driver.take() else {
            return;
        };
        if broken {
            return;
        }
        // Without its client the driver says goodbye, which spares the server's log a line about a lost connection.
        self.runtime.block_on(async {
            let goodbye = poll_fn(|context| {
                loop {
                    match driver(context) {
                        Poll::Ready(Some(Ok(_))) => {}
                        Poll::Ready(_) => return Poll::Ready(()),
                        Poll::Pending => return Poll::Pending,
                    }
                }
            });
            tokio::time::timeout(GOODBYE, goodbye).await.ok();
        });
    }
}
