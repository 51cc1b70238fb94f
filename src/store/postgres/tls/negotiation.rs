//! The question before the first message: does the server speak TLS?
//!
//! The driver could ask it, but it would then read messages from either of two kinds of stream. Here both become one [`Channel`] with one
//! [`Tap`] over it, and the driver is told that TLS needs no asking.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::BytesMut;
use postgres_protocol::message::frontend;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{Tls, TlsFailure};
use crate::store::postgres::connection::{SharedLane, Tap};

/// The TLS stream over a stream of the kind `S`.
type Encrypted<S> = <MakeRustlsConnect as MakeTlsConnect<S>>::Stream;

/// What connects one session.
#[derive(Clone)]
pub(in crate::store::postgres) struct Negotiation {
    /// Missing where this attempt is to do without.
    tls: Option<Arc<Tls>>,
    lane: SharedLane,
    host: String,
}

impl Negotiation {
    /// With TLS as its settings say.
    pub(in crate::store::postgres) fn with(tls: &Arc<Tls>, lane: &SharedLane) -> Self {
        Self { tls: Some(Arc::clone(tls)), lane: lane.clone(), host: String::new() }
    }

    /// Without TLS.
    pub(in crate::store::postgres) fn without(lane: &SharedLane) -> Self {
        Self { tls: None, lane: lane.clone(), host: String::new() }
    }

    /// The lane that the session's rows will take.
    pub(in crate::store::postgres) fn lane(&self) -> &SharedLane {
        &self.lane
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> MakeTlsConnect<S> for Negotiation {
    type Stream = Tap<Channel<S>>;
    type TlsConnect = Self;
    type Error = Infallible;

    fn make_tls_connect(&mut self, host: &str) -> Result<Self, Infallible> {
        Ok(Self { host: host.into(), ..self.clone() })
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> TlsConnect<S> for Negotiation {
    type Stream = Tap<Channel<S>>;
    type Error = TlsFailure;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Stream, TlsFailure>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        let lane = self.lane.clone();
        Box::pin(async move { Ok(Tap::new(self.agree(stream).await?, lane)) })
    }
}

impl Negotiation {
    async fn agree<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(self, mut stream: S) -> Result<Channel<S>, TlsFailure> {
        let Some(tls) = self.tls else {
            return Ok(Channel::Plain(stream));
        };
        let Some(mut connector) = tls.connector.clone() else {
            return Ok(Channel::Plain(stream));
        };
        if !tls.direct && !ask(&mut stream).await.map_err(|_| TlsFailure::Cut)? {
            return match tls.is_optional() {
                true => Ok(Channel::Plain(stream)),
                false => Err(TlsFailure::NotOffered),
            };
        }
        let Ok(connect) = MakeTlsConnect::<S>::make_tls_connect(&mut connector, &self.host);
        let encrypted = connect.connect(stream).await.map_err(|error| why(&error))?;
        Ok(Channel::Encrypted(Box::new(encrypted)))
    }
}

/// What rustls says through an error of the stream.
fn why(error: &io::Error) -> TlsFailure {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(tls) => tls.into(),
        None if error.kind() == io::ErrorKind::InvalidInput => TlsFailure::WrongName,
        None => TlsFailure::Cut,
    }
}

/// Asks for TLS. The server answers with one byte, `S` or `N`; a server too old for the question sends an error, which starts with `E`.
async fn ask<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> io::Result<bool> {
    let mut question = BytesMut::new();
    frontend::ssl_request(&mut question);
    let mut sent = 0;
    while sent < question.len() {
        let written = poll_fn(|context| Pin::new(&mut *stream).poll_write(context, &question[sent..])).await?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        sent += written;
    }
    poll_fn(|context| Pin::new(&mut *stream).poll_flush(context)).await?;
    // Exactly one byte is read: whatever followed it unencrypted would be somebody else's.
    let mut answer = [0];
    let mut room = ReadBuf::new(&mut answer);
    poll_fn(|context| Pin::new(&mut *stream).poll_read(context, &mut room)).await?;
    match room.filled() {
        b"S" => Ok(true),
        b"N" => Ok(false),
        [] => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// A stream, encrypted or not.
pub(in crate::store::postgres) enum Channel<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> {
    /// As it is.
    Plain(S),
    /// Through TLS.
    Encrypted(Box<Encrypted<S>>),
}

/// Passes a call on to whichever stream it is.
macro_rules! either {
    ($channel:expr, $stream:ident => $call:expr) => {
        match $channel.get_mut() {
            Channel::Plain($stream) => $call,
            Channel::Encrypted($stream) => {
                let $stream = &mut **$stream;
                $call
            }
        }
    };
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> AsyncRead for Channel<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, room: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        either!(self, stream => Pin::new(stream).poll_read(context, room))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> AsyncWrite for Channel<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        either!(self, stream => Pin::new(stream).poll_write(context, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, stream => Pin::new(stream).poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, stream => Pin::new(stream).poll_shutdown(context))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> TlsStream for Channel<S> {
    fn channel_binding(&self) -> ChannelBinding {
        match self {
            Self::Plain(_) => ChannelBinding::none(),
            Self::Encrypted(stream) => stream.channel_binding(),
        }
    }
}
