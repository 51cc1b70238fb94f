//! The fast lane for `COPY … TO STDOUT`: rows leave the stream of bytes before the driver makes a message of each.
//!
//! The server sends one message per row, and the driver allocates and counts references for every one, which costs more than decoding the
//! row. A [`Tap`] lies between the socket (or TLS) and the driver. It reads in large pieces, finds the messages in them, and hands on to the
//! driver what is the driver's. While a copy runs, the rows go into a [`Lane`] instead, their headers taken out, for
//! [`Connection::copy_out`](super::Connection::copy_out) to give to its caller.
//!
//! A statement can fail after its last row, by a trigger or a foreign key that is looked at when it ends. The driver's stream is over by then
//! and nobody is told, so that the lane keeps such an error as well.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, TlsStream};

use crate::store::postgres::failure::Failure;

/// Bytes asked of the socket at once: what a Unix socket holds, so that one call empties it.
const PIECE: usize = 256 * 1024;

/// A message is its tag, four bytes of length (which count themselves), and its body.
const HEADER: usize = 5;

const COPY_DATA: u8 = b'd';
const COPY_BEGINS: u8 = b'H';
const ERROR: u8 = b'E';
const READY: u8 = b'Z';
const BACKEND_KEY: u8 = b'K';

/// What is between the socket and the two that read from it.
#[derive(Default)]
pub(in crate::store::postgres) struct Lane {
    /// Bytes as they came; `raw[start..end]` is not yet looked at.
    raw: Vec<u8>,
    start: usize,
    end: usize,
    /// Whole messages for the driver, of which `given` bytes are already its own.
    messages: Vec<u8>,
    given: usize,
    /// Bodies of whole rows, headers taken out: the front of `raw`, moved together.
    rows: usize,
    /// Whether rows stay here.
    copying: bool,
    /// What the server refused since the copy at hand began.
    refused: Option<Failure>,
    /// Whether it takes another statement since.
    ready: bool,
    /// The process that the server said would serve this session.
    process: Option<i32>,
}

impl Lane {
    /// From here on rows of a copy stay in the lane, or go to the driver.
    pub(super) fn copying(&mut self, copying: bool) {
        self.copying = copying;
    }

    /// Whether the statement of the copy is over on the server.
    pub(super) fn is_ready(&self) -> bool {
        self.ready
    }

    /// What the server refused while it copied, or when it was done with it.
    pub(super) fn take_refused(&mut self) -> Option<Failure> {
        self.refused.take()
    }

    /// Forgets everything, for a new stream.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// The process that serves this session, as it was announced at the start.
    pub(super) fn process(&self) -> Option<i32> {
        self.process
    }

    /// Takes the rows that have arrived: whole messages, one after the other.
    pub(super) fn take_rows(&mut self) -> Option<&[u8]> {
        match std::mem::take(&mut self.rows) {
            0 => None,
            rows => self.raw.get(..rows),
        }
    }

    /// Sorts the whole messages of `raw[start..end]` into rows and messages. A part of a message stays.
    fn sort(&mut self) -> io::Result<()> {
        while let Some(&[tag, a, b, c, d]) = self.raw[self.start..self.end].first_chunk::<HEADER>() {
            let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX).saturating_add(1);
            if length < HEADER {
                return Err(io::Error::from(io::ErrorKind::InvalidData));
            }
            if length > self.end - self.start {
                break;
            }
            let (body, next) = (self.start + HEADER, self.start + length);
            if tag == COPY_DATA && self.copying {
                self.raw.copy_within(body..next, self.rows);
                self.rows += length - HEADER;
            } else {
                match tag {
                    // What came before was about preparing the statement.
                    COPY_BEGINS => (self.refused, self.ready) = (None, false),
                    ERROR if self.copying => self.refused = Some(Failure::noted(&self.raw[body..next])),
                    READY => self.ready = true,
                    BACKEND_KEY => self.process = self.raw[body..next].first_chunk::<4>().map(|bytes| i32::from_be_bytes(*bytes)),
                    _ => {}
                }
                self.messages.extend_from_slice(&self.raw[self.start..next]);
            }
            self.start = next;
        }
        Ok(())
    }

    /// Makes room behind what is still in `raw`: for a piece, or for the rest of the message that has begun.
    fn make_room(&mut self) {
        self.raw.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        let begun = match self.raw[..self.end].first_chunk::<HEADER>() {
            Some(&[_, a, b, c, d]) => usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX).saturating_add(1),
            None => 0,
        };
        // A length is only believed as far as bytes arrive: the buffer at most doubles per reading.
        let wanted = begun.min(self.end.saturating_mul(2)).max(PIECE);
        if self.raw.len() < wanted {
            self.raw.resize(wanted, 0);
        } else if self.raw.len() > PIECE && self.end < PIECE && begun < PIECE {
            self.raw.truncate(PIECE);
            self.raw.shrink_to_fit();
        }
    }

    /// Gives the driver as much of its messages as it has room for.
    fn give(&mut self, room: &mut ReadBuf<'_>) {
        let waiting = &self.messages[self.given..];
        let bytes = waiting.len().min(room.remaining());
        room.put_slice(&waiting[..bytes]);
        self.given += bytes;
        if self.given == self.messages.len() {
            self.messages.clear();
            self.messages.shrink_to(PIECE);
            self.given = 0;
        }
    }
}

/// A lane that the tap and the connection share. Both live on one thread at a time; the lock is never contended.
#[derive(Clone, Default)]
pub(in crate::store::postgres) struct SharedLane(Arc<Mutex<Lane>>);

impl SharedLane {
    /// The lane.
    pub(super) fn lock(&self) -> MutexGuard<'_, Lane> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream with a [`Lane`] beside it. From its first byte on it carries messages.
pub(in crate::store::postgres) struct Tap<S> {
    stream: S,
    lane: SharedLane,
}

impl<S> Tap<S> {
    /// Lies over a stream at the start of a message.
    pub(in crate::store::postgres) fn new(stream: S, lane: SharedLane) -> Self {
        Self { stream, lane }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tap<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, room: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Self { stream, lane } = self.get_mut();
        let mut lane = lane.lock();
        loop {
            if lane.given < lane.messages.len() {
                lane.give(room);
                return Poll::Ready(Ok(()));
            }
            // Whoever polls takes the rows and polls again; nobody needs to be woken for that.
            if lane.rows > 0 {
                return Poll::Pending;
            }
            lane.make_room();
            let Lane { raw, end, .. } = &mut *lane;
            let mut piece = ReadBuf::new(&mut raw[*end..]);
            ready!(Pin::new(&mut *stream).poll_read(context, &mut piece))?;
            let read = piece.filled().len();
            if read == 0 {
                return Poll::Ready(Ok(()));
            }
            lane.end += read;
            lane.sort()?;
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tap<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

impl<S: TlsStream + Unpin> TlsStream for Tap<S> {
    fn channel_binding(&self) -> ChannelBinding {
        self.stream.channel_binding()
    }
}
