//! What the driver and the server say, in the store's words.
//!
//! A server's message, its detail and its context may quote a row. None of them is kept: a [`Failure`] has the SQLSTATE and the names of
//! what it is about.

mod opening;
mod words;

use std::error::Error as _;
use std::io;

use tokio_postgres::Error;
use tokio_postgres::error::Severity;

use super::tls::TlsFailure;
use crate::store::StoreError;
pub(super) use opening::opening;

/// Why a statement did not succeed. Holds no value of a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", words::sentence(self))]
pub struct Failure {
    cause: Cause,
    names: Box<Names>,
}

/// Where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cause {
    /// The server refused. Five characters, and whether the session ended with it.
    Server { sqlstate: String, fatal: bool },
    /// The session is over and nobody said why.
    Lost,
    /// The network, or the socket's file.
    Network(io::ErrorKind),
    /// The server's name could not be resolved.
    NoSuchHost,
    /// The server did not answer in time.
    Silent,
    /// The server wants a password and there is none.
    NoPassword,
    /// TLS could not be agreed on.
    Tls(TlsFailure),
    /// The driver could not make sense of an answer, or refused a parameter.
    Driver,
}

/// What it is about, as far as the server said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Names {
    schema: Option<String>,
    table: Option<String>,
    column: Option<String>,
    data_type: Option<String>,
    constraint: Option<String>,
    /// The function of the database that was at work, which a statement of gallra's own can only have fired by a trigger.
    function: Option<String>,
}

/// What a statement needs, for those who may not run it.
#[derive(Debug, Clone, Copy)]
pub struct Access<'a> {
    /// The table as SQL names it: schema and name, quoted.
    pub table: &'a str,
    /// The privileges, as `GRANT` names them: `SELECT`, or `UPDATE, DELETE`.
    pub privileges: &'a str,
}

/// Where a statement ran.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The store's name for people.
    pub store: &'a str,
    /// The role.
    pub role: &'a str,
    /// What the statement needed.
    pub access: Option<Access<'a>>,
}

/// Why a copy did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum CopyFailure {
    /// The server refused, or the session was lost.
    #[error(transparent)]
    Server(#[from] Failure),
    /// Whoever takes or gives the rows refused.
    #[error(transparent)]
    Caller(StoreError),
}

impl CopyFailure {
    /// As an error of the store.
    pub fn store_error(self, doing: &str, place: &Place<'_>) -> StoreError {
        match self {
            Self::Server(failure) => failure.store_error(doing, place),
            Self::Caller(error) => error,
        }
    }
}

impl Failure {
    fn of(cause: Cause) -> Self {
        Self { cause, names: Box::default() }
    }

    /// The session is over.
    pub(super) fn lost() -> Self {
        Self::of(Cause::Lost)
    }

    /// The server's name could not be resolved.
    pub(super) fn no_such_host() -> Self {
        Self::of(Cause::NoSuchHost)
    }

    /// The network, or the socket's file.
    pub(super) fn network(kind: io::ErrorKind) -> Self {
        Self::of(Cause::Network(kind))
    }

    /// Whether it came from TLS, or from a rule of the server for those who come with TLS.
    pub(super) fn may_do_without_tls(&self) -> bool {
        matches!(self.cause, Cause::Tls(_)) || self.sqlstate() == Some("28000")
    }

    /// The server did not answer in time.
    pub(super) fn silent() -> Self {
        Self::of(Cause::Silent)
    }

    /// What ended the session while nothing was asked of it.
    pub(super) fn ending(error: Error) -> Self {
        let mut failure = Self::from(error);
        match &mut failure.cause {
            Cause::Server { fatal, .. } => *fatal = true,
            Cause::Network(_) | Cause::Lost => {}
            cause => *cause = Cause::Lost,
        }
        failure
    }

    /// What an `ErrorResponse` says: fields of a letter and a text, each ended by a zero byte, and one more at the end.
    pub(super) fn noted(body: &[u8]) -> Self {
        let mut sqlstate = String::new();
        let mut fatal = false;
        let mut names = Names::default();
        for field in body.split(|byte| *byte == 0) {
            let Some((letter, text)) = field.split_first() else { break };
            let text = String::from_utf8_lossy(text);
            match letter {
                b'C' => sqlstate = text.into_owned(),
                b'V' => fatal = matches!(&*text, "FATAL" | "PANIC"),
                b's' => names.schema = Some(text.into_owned()),
                b't' => names.table = Some(text.into_owned()),
                b'c' => names.column = Some(text.into_owned()),
                b'd' => names.data_type = Some(text.into_owned()),
                b'n' => names.constraint = Some(text.into_owned()),
                b'W' => names.function = function(&text),
                _ => {}
            }
        }
        Self { cause: Cause::Server { sqlstate, fatal }, names: Box::new(names) }
    }

    /// The five characters by which the server names the kind of failure.
    pub fn sqlstate(&self) -> Option<&str> {
        match &self.cause {
            Cause::Server { sqlstate, .. } => Some(sqlstate),
            _ => None,
        }
    }

    /// The table that it is about.
    #[cfg(test)]
    pub fn table(&self) -> Option<&str> {
        self.names.table.as_deref()
    }

    /// Whether the same transaction, run again from its start, may succeed: it met another one (serialization failure, deadlock), or waited
    /// too long for a lock.
    pub fn is_retryable(&self) -> bool {
        matches!(self.sqlstate(), Some("40001" | "40P01" | "55P03"))
    }

    /// Whether the session is over.
    pub fn is_lost(&self) -> bool {
        match &self.cause {
            Cause::Server { sqlstate, fatal } => *fatal || sqlstate.starts_with("08") || sqlstate.starts_with("57P0"),
            Cause::Lost | Cause::Network(_) | Cause::Silent => true,
            _ => false,
        }
    }
}

/// The name of the function that an error's context ends with: the outermost, which is the one that a trigger called. Lines before it may
/// quote statements with their values, and nothing but the name is taken.
fn function(context: &str) -> Option<String> {
    let named = context.lines().last()?.strip_prefix("PL/pgSQL function ")?;
    let (name, _) = named.split_once('(')?;
    Some(name.to_owned())
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if let Some(server) = error.as_db_error() {
            let fatal = matches!(server.parsed_severity(), Some(Severity::Fatal | Severity::Panic));
            let name = |name: Option<&str>| name.map(String::from);
            return Self {
                cause: Cause::Server { sqlstate: server.code().code().into(), fatal },
                names: Box::new(Names {
                    schema: name(server.schema()),
                    table: name(server.table()),
                    column: name(server.column()),
                    data_type: name(server.datatype()),
                    constraint: name(server.constraint()),
                    function: server.where_().and_then(function),
                }),
            };
        }
        if error.is_closed() {
            return Self::lost();
        }
        let Some(source) = error.source() else {
            return Self::of(Cause::Driver);
        };
        if let Some(tls) = source.downcast_ref::<TlsFailure>() {
            return Self::of(Cause::Tls(tls.clone()));
        }
        if let Some(network) = source.downcast_ref::<io::Error>() {
            return match network.kind() {
                io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Self::of(Cause::Driver),
                kind => Self::of(Cause::Network(kind)),
            };
        }
        // The driver's own words, which it has no type for.
        if source.to_string() == "password missing" {
            return Self::of(Cause::NoPassword);
        }
        Self::of(Cause::Driver)
    }
}
