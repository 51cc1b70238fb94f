//! Opening a session: the hosts in turn, what every session sets, and what the server must be.

use std::path::Path;
use std::sync::Arc;

use tokio::net::UnixStream;
use tokio::runtime::Builder;
use tokio_postgres::{Client, Config};

use super::{Connection, Driver, SharedLane};
use crate::store::StoreError;
use crate::store::postgres::failure::{Failure, opening};
use crate::store::postgres::settings::{Host, Session, Settings, Target};
use crate::store::postgres::tls::{Negotiation, Tls};

/// The oldest version whose catalog and behaviour are known here.
const OLDEST: u32 = 140_000;

/// What a session must be able to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Reading,
    Writing,
}

/// Why a server that answers is not the right one.
struct Refusal {
    reason: String,
    hint: &'static str,
}

impl Connection {
    /// Opens a session for reading. A replica will do.
    ///
    /// # Errors
    /// [`StoreError::Open`] with a reason and a hint: where there is no server, where it does not let the role in, where it is too old, or
    /// where a pooler hands each transaction to another session.
    pub fn open(settings: &Settings) -> Result<Self, StoreError> {
        open(settings, Purpose::Reading)
    }

    /// Opens a session for writing, at a server that takes writes.
    ///
    /// # Errors
    /// As [`Connection::open`], and where the server is a replica or its transactions are read-only.
    pub fn open_writable(settings: &Settings) -> Result<Self, StoreError> {
        open(settings, Purpose::Writing)
    }
}

/// Tries the hosts in turn. Of several errors the last is told, as libpq does.
fn open(settings: &Settings, purpose: Purpose) -> Result<Connection, StoreError> {
    // Over a socket there is no TLS, so that no certificate is needed either.
    let over_network = settings.targets().iter().any(|target| matches!(target.host(), Host::Name { .. }));
    let tls = if over_network { Tls::load(settings.tls()) } else { Ok(Tls::none()) };
    let tls =
        tls.map_err(|problem| StoreError::Open { store: settings.name().into(), reason: problem.reason, hint: problem.hint.into() })?;
    let mut last = None;
    for target in settings.targets() {
        match open_target(settings, target, &tls, purpose) {
            Ok(connection) => return Ok(connection),
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| StoreError::Open {
        store: settings.name().into(),
        reason: "no host is given".into(),
        hint: "name the host in the URL".into(),
    }))
}

fn open_target(settings: &Settings, target: &Target, tls: &Arc<Tls>, purpose: Purpose) -> Result<Connection, StoreError> {
    let explain = |failure: Failure| opening(&failure, settings, target);
    let refuse = |refusal: Refusal| StoreError::Open {
        store: settings.name().into(),
        reason: format!("{}{}", settings.at(target), refusal.reason),
        hint: refusal.hint.into(),
    };
    let connection = connect(settings, target, tls).map_err(explain)?;
    let facts = connection.set_up(&settings.session()).map_err(explain)?;
    let wanted = match purpose {
        Purpose::Writing => Some(Session::Writable),
        Purpose::Reading => settings.wanted_session(),
    };
    facts.check(wanted).map_err(refuse)?;
    if purpose == Purpose::Writing {
        connection.set_up_for_writing().map_err(explain)?;
    }
    // A server announces the process that serves a session; a pooler can not know it beforehand and announces a number of its own.
    if connection.lane.lock().process() != Some(facts.process) {
        let second = connect(settings, target, tls).map_err(explain)?;
        if connection.is_shared_with(&second).map_err(explain)? {
            return Err(refuse(Refusal {
                reason: "a pooler in transaction or statement mode stands before the server; no snapshot can be shared through it".into(),
                hint: "connect to the server directly (often port 5432), or to a pool in session mode",
            }));
        }
    }
    Ok(connection)
}

/// One session on one host.
fn connect(settings: &Settings, target: &Target, tls: &Arc<Tls>) -> Result<Connection, Failure> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| Failure::network(error.kind()))?;
    let lane = SharedLane::default();
    let attempt = async {
        match settings.connect_timeout() {
            Some(limit) => {
                tokio::time::timeout(limit, reach(settings, target, tls, &lane)).await.unwrap_or_else(|_| Err(Failure::silent()))
            }
            None => reach(settings, target, tls, &lane).await,
        }
    };
    let (client, driver) = runtime.block_on(attempt)?;
    Ok(Connection {
        runtime,
        client: Some(client),
        driver: Some(driver).into(),
        ended: None.into(),
        lane,
        prepared: Default::default(),
        broken: false.into(),
        name: settings.name().into(),
        role: settings.user().into(),
    })
}

/// Connects, agrees on TLS, and authenticates.
async fn reach(settings: &Settings, target: &Target, tls: &Arc<Tls>, lane: &SharedLane) -> Result<(Client, Driver), Failure> {
    let config = settings.config(target);
    let (name, address) = match target.host() {
        Host::Folder(folder) => return socket(&config, folder, target.port(), lane).await,
        Host::Name { name, address } => (name, address),
    };
    let asked = address.map_or_else(|| name.clone(), |address| address.to_string());
    let addresses = tokio::net::lookup_host((asked.as_str(), target.port())).await.map_err(|_| Failure::no_such_host())?;
    let mut last = Failure::no_such_host();
    for address in addresses {
        let mut config = config.clone();
        config.host(name.as_str()).hostaddr(address.ip());
        let first = network(&config, Negotiation::with(tls, lane)).await;
        let failure = match first {
            Ok(session) => return Ok(session),
            // As libpq's `prefer`: TLS that fails, or that the server lets nobody in with, is done without.
            Err(failure) if tls.is_optional() && failure.may_do_without_tls() => match network(&config, Negotiation::without(lane)).await {
                Ok(session) => return Ok(session),
                Err(failure) => failure,
            },
            Err(failure) => failure,
        };
        // Another address of the same name has the same roles and passwords.
        if failure.sqlstate().is_some() {
            return Err(failure);
        }
        last = failure;
    }
    Err(last)
}

/// Over the network.
async fn network(config: &Config, negotiation: Negotiation) -> Result<(Client, Driver), Failure> {
    negotiation.lane().lock().reset();
    let (client, mut driver) = config.connect(negotiation).await?;
    Ok((client, Box::new(move |context| driver.poll_message(context))))
}

/// Over the server's socket, where TLS has no use.
async fn socket(config: &Config, folder: &Path, port: u16, lane: &SharedLane) -> Result<(Client, Driver), Failure> {
    let stream = UnixStream::connect(folder.join(format!(".s.PGSQL.{port}"))).await.map_err(|error| Failure::network(error.kind()))?;
    let (client, mut driver) = config.connect_raw(stream, Negotiation::without(lane)).await?;
    Ok((client, Box::new(move |context| driver.poll_message(context))))
}

/// What a server says of itself.
struct Facts {
    name: String,
    version: u32,
    replica: bool,
    read_only: bool,
    process: i32,
}

impl Connection {
    /// Sets what every session sets, and asks the server what it is.
    fn set_up(&self, session: &str) -> Result<Facts, Failure> {
        // A server that is too old may not know a setting, so that its version is asked for first.
        let answer = self.first_row(
            "SELECT version(), current_setting('server_version_num'), pg_is_in_recovery()::text, \
             current_setting('transaction_read_only'), pg_backend_pid()::text",
        )?;
        let text = |column: usize| answer.get(column).cloned().flatten().unwrap_or_default();
        let facts = Facts {
            name: text(0),
            version: text(1).parse().unwrap_or_default(),
            replica: text(2) == "true",
            read_only: text(3) == "on",
            process: text(4).parse().unwrap_or_default(),
        };
        if facts.version >= OLDEST {
            self.execute(session)?;
        }
        Ok(facts)
    }

    /// Sets what every session that writes sets.
    fn set_up_for_writing(&self) -> Result<(), Failure> {
        // The ledger says of a commit that it is on disk.
        self.execute("SELECT set_config('synchronous_commit', 'local', false) WHERE current_setting('synchronous_commit') = 'off'")?;
        // So that a server in the middle of a statement notices that nobody is there any more, and the run's lock is free again. Not every
        // system can tell, and those refuse it.
        let _ = self.execute("SET client_connection_check_interval TO '2s'");
        Ok(())
    }

    /// Whether another session through the same pooler is served by the same process of the server while this one is open. A pooler in
    /// session mode gives each its own; one in transaction mode gives the one that has just become free.
    fn is_shared_with(&self, other: &Self) -> Result<bool, Failure> {
        let process = |connection: &Self| connection.first_row("SELECT pg_backend_pid()::text");
        for _ in 0..3 {
            let before = process(self)?;
            if process(other)? == before || process(self)? != before {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Facts {
    fn check(&self, wanted: Option<Session>) -> Result<(), Refusal> {
        let refuse = |reason: String, hint: &'static str| Err(Refusal { reason, hint });
        if !self.name.starts_with("PostgreSQL") || self.name.contains("-YB-") {
            return refuse(
                "the server speaks PostgreSQL's protocol but is another product".into(),
                "gallra works with PostgreSQL itself, 14 or newer",
            );
        }
        if self.version < OLDEST {
            let (major, minor) = (self.version / 10_000, self.version % 10_000);
            return refuse(
                format!("the server is PostgreSQL {major}.{minor}, which is too old"),
                "gallra works with PostgreSQL 14 or newer",
            );
        }
        let primary = "connect to the primary; with several hosts in the URL, `target_session_attrs=read-write` finds it";
        match wanted {
            Some(Session::Writable | Session::Primary) if self.replica => {
                refuse("the server is a replica and takes no writes".into(), primary)
            }
            Some(Session::Writable) if self.read_only => {
                refuse("the server's transactions are read-only".into(), "unset `default_transaction_read_only` for the role")
            }
            Some(Session::ReadOnly) if !self.read_only && !self.replica => {
                refuse("the server takes writes, and `target_session_attrs` wants one that does not".into(), "name a replica")
            }
            Some(Session::Standby) if !self.replica => {
                refuse("the server is no replica, and `target_session_attrs` wants one".into(), "name a replica")
            }
            _ => Ok(()),
        }
    }
}
