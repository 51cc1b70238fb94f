//! Sentences and hints.

use std::io::ErrorKind;

use super::{Cause, Failure, Place};
use crate::store::StoreError;
use crate::store::postgres::tls::TlsFailure;

/// A reason in words, and what to do about it where something is known.
pub(super) struct Words {
    pub(super) reason: String,
    pub(super) hint: Option<String>,
}

fn words(reason: impl Into<String>, hint: impl Into<String>) -> Words {
    Words { reason: reason.into(), hint: Some(hint.into()) }
}

fn bare(reason: impl Into<String>) -> Words {
    Words { reason: reason.into(), hint: None }
}

/// A failure in one sentence.
pub(super) fn sentence(failure: &Failure) -> String {
    explain(failure, None).reason
}

/// A failure and what to do about it.
pub(super) fn explain(failure: &Failure, place: Option<&Place<'_>>) -> Words {
    match &failure.cause {
        Cause::Server { sqlstate, fatal } => server(failure, sqlstate, *fatal, place),
        Cause::Lost => {
            words("the server closed the connection", "look into the server's log; nothing that was not committed is left behind")
        }
        Cause::Network(kind) => network(*kind),
        Cause::NoSuchHost => words("there is no such host", "check the host's name in the URL, and the name server"),
        Cause::Silent => words("the server did not answer in time", "check host and port, firewalls, and whether the server is overloaded"),
        Cause::NoPassword => words("the server wants a password and none is known", PASSWORD),
        Cause::Tls(tls) => tls_words(tls),
        Cause::Driver => bare("the driver and the server did not understand each other"),
    }
}

/// Where a password may stand.
pub(super) const PASSWORD: &str = "put it into PGPASSWORD or into ~/.pgpass, which is only read where nobody but its owner may (chmod 600)";

fn network(kind: ErrorKind) -> Words {
    match kind {
        ErrorKind::ConnectionRefused => {
            words("nothing listens there: the connection was refused", "check host and port, and whether the server runs")
        }
        ErrorKind::NotFound => words(
            "there is no such socket",
            "check whether the server runs, and its `unix_socket_directories` and port; a host that starts with / is the socket's folder",
        ),
        ErrorKind::PermissionDenied => words("this user may not use the server's socket", "check the rights of the socket and its folder"),
        ErrorKind::TimedOut => {
            words("the server did not answer in time", "check host and port, firewalls, and whether the server is overloaded")
        }
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            words("there is no way to the host", "check the host and the network")
        }
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof => {
            words("the connection was cut", "look into the server's log; nothing that was not committed is left behind")
        }
        kind => bare(format!("the network failed: {kind}")),
    }
}

fn tls_words(tls: &TlsFailure) -> Words {
    match tls {
        TlsFailure::NotOffered => words(
            "the server does not speak TLS, and `sslmode` wants it",
            "switch `ssl` on in the server's configuration; over a network that nobody else reads, `sslmode=prefer` does without",
        ),
        TlsFailure::NotTrusted => words(
            "no root certificate vouches for the server's certificate",
            "give the authority's certificate with `sslrootcert=FILE`; `sslrootcert=system` takes those of the operating system",
        ),
        TlsFailure::WrongName => words(
            "the server's certificate is for another name",
            "connect by the name in the certificate; `sslmode=verify-ca` does not look at the name",
        ),
        TlsFailure::Expired => words("the server's certificate is not valid at this time", "renew it, or correct the clock"),
        TlsFailure::Certificate => words("the server's certificate can not be accepted", "`openssl s_client -starttls postgres` shows it"),
        TlsFailure::Refused => words(
            "the server refused this client's certificate, or the want of one",
            "give a certificate that the server's authority signed with `sslcert=FILE` and `sslkey=FILE`",
        ),
        TlsFailure::Handshake => words("TLS could not be agreed on", "both sides must know TLS 1.2 or 1.3 and a cipher in common"),
        TlsFailure::Cut => words("the server closed the connection while TLS was agreed on", "look into the server's log"),
    }
}

/// The names that a failure carries, for the end of a sentence.
fn about(failure: &Failure) -> String {
    let names = &failure.names;
    let named = [
        ("table", &names.table),
        ("column", &names.column),
        ("constraint", &names.constraint),
        ("type", &names.data_type),
        ("function", &names.function),
    ];
    named.iter().filter_map(|(kind, name)| name.as_ref().map(|name| format!(", {kind} `{name}`"))).collect()
}

/// What the server refused.
fn server(failure: &Failure, sqlstate: &str, fatal: bool, place: Option<&Place<'_>>) -> Words {
    let role = place.map_or("the role", |place| place.role);
    let access = place.and_then(|place| place.access);
    let grantee = match place {
        Some(place) => format!("\"{}\"", place.role.replace('"', "\"\"")),
        None => "the role".into(),
    };
    let code = format!("(SQLSTATE {sqlstate}{})", about(failure));
    let in_function = failure.names.function.is_some();
    match sqlstate {
        "42501" if in_function => words(
            format!("`{role}` lacks a privilege that a trigger's function needs {code}"),
            "a trigger works with the rights of whoever writes, unless its function is SECURITY DEFINER; let the owner run what \
             `gallra grants` prints once more, and grant what the function does beside writing tables by hand",
        ),
        "42501" => match access {
            // `row_security = off` turns a policy that would hide rows into this same code.
            Some(access) => words(
                format!("`{role}` may not do this to {}, or a row-level security policy would hide rows from it {code}", access.table),
                format!(
                    "let the owner run what `gallra grants` prints once more, which grants column by column; or GRANT {} ON {} TO {grantee}, \
                     and USAGE on its schema; where the table has policies, gallra needs the table's owner or a role with BYPASSRLS",
                    access.privileges, access.table
                ),
            ),
            None => words(
                format!("`{role}` lacks a privilege {code}"),
                format!(
                    "let the owner run what `gallra grants` prints, once more where it was run before; or grant it to {grantee} by hand"
                ),
            ),
        },
        "25006" => words(
            format!("the server takes no writes: it is a replica, or its transactions are read-only {code}"),
            "connect to the primary; with several hosts in the URL, `target_session_attrs=read-write` finds it",
        ),
        "28000" => words(
            format!(
                "the server does not let `{role}` in from here: the role does not exist, may not log in, or pg_hba.conf has no line for it {code}"
            ),
            "check the role, and pg_hba.conf on the server: database, role, address, and whether it wants TLS (`hostssl`)",
        ),
        "28P01" => words(format!("the password for `{role}` is wrong, or the role does not exist {code}"), PASSWORD),
        "3D000" => words(format!("there is no such database {code}"), "check the database's name at the end of the URL"),
        "3F000" => words(format!("there is no such schema {code}"), "the schema may have changed since the catalog was read; run again"),
        "53300" => words(
            format!("the server has no connection left {code}"),
            "wait, or raise `max_connections` or the role's limit: gallra needs two sessions at least, and one more than `[run] connections` to be as fast as it can",
        ),
        "53200" => words(format!("the server ran out of memory {code}"), "look into the server's log"),
        "57P01" | "57P02" => words(
            format!("the server ended the session or is shutting down {code}"),
            "run again when it is up; nothing that was not committed is left behind",
        ),
        "57P03" => words(format!("the server is starting up or shutting down {code}"), "run again when it is up"),
        "57P04" => words(format!("the database was dropped {code}"), "check the database's name at the end of the URL"),
        "57P05" => {
            words(format!("the session was idle for longer than the server allows {code}"), "raise `idle_session_timeout` for the role")
        }
        "25P03" => words(
            format!("a transaction waited for longer than the server allows {code}"),
            "raise `idle_in_transaction_session_timeout` for the role",
        ),
        "57014" => words(
            format!("the statement was cancelled, or ran longer than the server allows {code}"),
            "raise `statement_timeout` for the role",
        ),
        "55P03" => words(format!("another program held a lock for too long {code}"), "run at a quieter hour"),
        "40001" | "40P01" => words(format!("another transaction got in between {code}"), "run again"),
        "42P01" | "42703" | "0A000" | "42P18" => {
            words(format!("the schema is not what the catalog said {code}"), "it may have changed since the catalog was read; run again")
        }
        "08P01" => words(
            format!("the server or a pooler before it refused the session {code}"),
            "connect to the server directly, not through a pooler in transaction or statement mode",
        ),
        "XX001" | "XX002" => {
            words(format!("the server found damaged data {code}"), "look into the server's log, and restore from a backup")
        }
        "P0001" => words(
            format!("a trigger or function of the database raised an error {code}"),
            "look at the function; its message stands in the server's log alone, because it may hold personal data",
        ),
        _ if fatal => words(format!("the server ended the session {code}"), "look into the server's log"),
        _ if in_function => {
            words(format!("the server refused what a trigger did {code}"), "look at the trigger's function, and into the server's log")
        }
        _ => bare(format!("the server refused the statement {code}")),
    }
}

/// The kind of constraint of a class 23 code.
fn constraint(sqlstate: &str) -> Option<&'static str> {
    match sqlstate {
        "23502" => Some("NOT NULL"),
        "23503" | "23001" => Some("FOREIGN KEY"),
        "23505" => Some("UNIQUE"),
        "23514" => Some("CHECK"),
        "23P01" => Some("EXCLUDE"),
        other => other.starts_with("23").then_some("table"),
    }
}

impl Failure {
    /// As an error of the store. `doing` completes "failed while".
    pub fn store_error(&self, doing: &str, place: &Place<'_>) -> StoreError {
        if let Some(kind) = self.sqlstate().and_then(constraint) {
            let table = match (&self.names.schema, &self.names.table) {
                (Some(schema), Some(table)) if schema != "public" => format!("{schema}.{table}"),
                (_, Some(table)) => table.clone(),
                _ => place.access.map_or_else(|| "(unnamed)".into(), |access| access.table.into()),
            };
            return StoreError::Constraint { table, constraint: kind.into() };
        }
        if self.sqlstate() == Some("53100") {
            return StoreError::Full;
        }
        let Words { reason, hint } = explain(self, Some(place));
        if self.is_retryable() {
            return StoreError::Contended { doing: doing.into(), reason };
        }
        if self.is_lost() {
            return StoreError::Lost { store: place.store.into(), doing: doing.into(), reason, hint };
        }
        StoreError::Refused { doing: doing.into(), reason, hint, privilege: self.sqlstate() == Some("42501") }
    }
}
