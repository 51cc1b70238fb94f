//! Where the server is and how to get in: the URL, libpq's environment variables, and `~/.pgpass`.
//!
//! The URL comes first; what it leaves out the environment fills in; what both leave out has libpq's default. The environment arrives as
//! a function, so that nothing here reads it.

mod error;
mod passwords;
#[cfg(test)]
mod tests;
mod url;

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio_postgres::Config;
use tokio_postgres::config::{SslMode, SslNegotiation};

use super::tls::{Mode, Roots, TlsSettings};
pub use error::SettingsError;
use passwords::PasswordFile;

/// How long connecting may take where nothing says so. libpq waits for ever, which in a nightly run nobody would notice.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

const PORT: u16 = 5432;

/// Where libpq's packages look for the socket, in this order; then `localhost`.
const FOLDERS: [&str; 2] = ["/var/run/postgresql", "/tmp"];

/// A host of the URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Host {
    /// The folder of a Unix socket.
    Folder(PathBuf),
    /// A name, which certificates are compared with, and the address where it needs no resolving.
    Name {
        /// The name.
        name: String,
        /// `hostaddr`.
        address: Option<IpAddr>,
    },
}

/// One of the servers to try.
#[derive(Clone)]
pub(super) struct Target {
    host: Host,
    port: u16,
    password: Option<SecretString>,
    source: &'static str,
}

impl Target {
    /// The host.
    pub(super) fn host(&self) -> &Host {
        &self.host
    }

    /// The port.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Where the password comes from, in words.
    pub(super) fn password_source(&self) -> &'static str {
        self.source
    }
}

/// What kind of session is wanted: `target_session_attrs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Session {
    /// One that takes writes.
    Writable,
    /// One that takes none.
    ReadOnly,
    /// One on the primary.
    Primary,
    /// One on a replica.
    Standby,
}

/// How to reach a store, and what each session sets.
#[derive(Clone)]
pub struct Settings {
    /// What the driver parsed for itself: timeouts, keepalives, channel binding.
    driver: Config,
    targets: Vec<Target>,
    user: String,
    database: String,
    options: Option<String>,
    connect_timeout: Option<Duration>,
    wanted: Option<Session>,
    tls: TlsSettings,
    ignored_password_file: Option<String>,
    name: String,
    /// How long a statement may run; zero is without end.
    pub statement_timeout: Duration,
    /// How long a statement waits for a lock; zero is without end.
    pub lock_timeout: Duration,
    /// How long a transaction may wait for its next statement; zero is without end.
    pub idle_in_transaction_timeout: Duration,
}

impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Settings").field("store", &self.name).finish_non_exhaustive()
    }
}

impl Settings {
    /// Reads a URL (`postgres://…`), and what it leaves out from the environment.
    ///
    /// # Errors
    /// A URL that can not be read, a parameter that is unknown or makes no sense, or no user at all.
    pub fn parse(url: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let mut given = url::Given::parse(url)?;
        given.fill_in(environment)?;
        let set = |name| environment(name).filter(|value| !value.is_empty());
        let user = given.take("user").or_else(|| set("USER")).or_else(|| set("LOGNAME")).ok_or(SettingsError::NoUser)?;
        let home = set("HOME").map(PathBuf::from);
        let database = given.take("dbname").unwrap_or_else(|| user.clone());
        let places = places(&mut given)?;
        let file =
            PasswordFile::read(given.take("passfile").map(PathBuf::from).or_else(|| Some(home.as_ref()?.join(".pgpass"))).as_deref());
        let password = given.take_password();
        let targets: Vec<Target> = places
            .into_iter()
            .map(|(host, port)| match &password {
                Some((password, source)) => Target { host, port, password: Some(password.clone()), source },
                None => {
                    let password = file.find(&host, port, &database, &user);
                    Target { host, port, password, source: "the password is from the password file" }
                }
            })
            .collect();
        let tls = tls(&mut given, home.as_deref())?;
        let wanted = wanted(&mut given)?;
        let connect_timeout = match given.take("connect_timeout") {
            None => Some(CONNECT_TIMEOUT),
            Some(seconds) => match seconds.trim().parse::<i64>() {
                Ok(seconds) => u64::try_from(seconds).ok().filter(|&seconds| seconds > 0).map(Duration::from_secs),
                Err(_) => return Err(SettingsError::Value { name: "connect_timeout", wanted: "a number of seconds" }),
            },
        };
        let options = given.take("options");
        let driver = given.driver()?;
        let name = name(&user, &targets, &database);
        Ok(Self {
            driver,
            targets,
            user,
            database,
            options,
            connect_timeout,
            wanted,
            tls,
            ignored_password_file: file.ignored(),
            name,
            statement_timeout: Duration::ZERO,
            lock_timeout: Duration::from_secs(10),
            idle_in_transaction_timeout: Duration::ZERO,
        })
    }

    /// The store's name for people: its URL without password and parameters.
    pub fn display(&self) -> String {
        self.name.clone()
    }

    /// As [`Settings::display`].
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The role to be.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The database.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// Whether these reach the same database of the same server, as whoever and however secured.
    pub fn same_database(&self, other: &Self) -> bool {
        let places = |settings: &Self| settings.targets.iter().map(|target| (target.host.clone(), target.port)).collect::<Vec<_>>();
        self.database == other.database && places(self) == places(other)
    }

    /// The servers, in the order in which they are tried.
    pub(super) fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// Which of several servers is spoken of, at the start of a sentence; nothing where there is only one.
    pub(super) fn at(&self, target: &Target) -> String {
        match self.targets.len() {
            1 => String::new(),
            _ => format!("at {}: ", authority(target)),
        }
    }

    /// TLS.
    pub(super) fn tls(&self) -> &TlsSettings {
        &self.tls
    }

    /// How long connecting to one server may take.
    pub(super) fn connect_timeout(&self) -> Option<Duration> {
        self.connect_timeout
    }

    /// `target_session_attrs`.
    pub(super) fn wanted_session(&self) -> Option<Session> {
        self.wanted
    }

    /// A password file that was not read because others may read it, as a sentence.
    pub(super) fn ignored_password_file(&self) -> Option<&str> {
        self.ignored_password_file.as_deref()
    }

    /// What the driver is told for a server; its host is left to whoever connects.
    pub(super) fn config(&self, target: &Target) -> Config {
        let mut config = self.driver.clone();
        // Asking for TLS is not left to the driver.
        config.ssl_mode(SslMode::Require).ssl_negotiation(SslNegotiation::Direct);
        config.user(&self.user).dbname(&self.database).application_name("gallra").port(target.port);
        if let Some(options) = &self.options {
            config.options(options);
        }
        if let Some(password) = &target.password {
            config.password(password.expose_secret());
        }
        config
    }

    /// The statements that every session starts with.
    pub(super) fn session(&self) -> String {
        let milliseconds = |time: Duration| time.as_millis().min(i32::MAX as u128);
        format!(
            "SET DateStyle TO ISO; SET IntervalStyle TO postgres; SET TimeZone TO 'UTC'; SET extra_float_digits TO 3; \
             SET bytea_output TO hex; SET standard_conforming_strings TO on; SET row_security TO off; SET jit TO off; \
             SET statement_timeout TO {}; SET lock_timeout TO {}; SET idle_in_transaction_session_timeout TO {}",
            milliseconds(self.statement_timeout),
            milliseconds(self.lock_timeout),
            milliseconds(self.idle_in_transaction_timeout),
        )
    }
}

/// Hosts and ports, paired as libpq pairs them: one port serves all hosts.
fn places(given: &mut url::Given) -> Result<Vec<(Host, u16)>, SettingsError> {
    let list = |text: Option<String>| -> Vec<String> { text.map(|text| text.split(',').map(String::from).collect()).unwrap_or_default() };
    let hosts = list(given.take("host"));
    let addresses = list(given.take("hostaddr"));
    let ports = list(given.take("port"));
    let number = hosts.len().max(addresses.len()).max(1);
    if !hosts.is_empty() && !addresses.is_empty() && hosts.len() != addresses.len() {
        return Err(SettingsError::Value { name: "hostaddr", wanted: "a list as long as that of the hosts" });
    }
    if ports.len() > 1 && ports.len() != number {
        return Err(SettingsError::Value { name: "port", wanted: "one port, or a list as long as that of the hosts" });
    }
    (0..number)
        .map(|nth| {
            let port = match ports.get(nth).or_else(|| ports.first()).map(|port| port.trim()) {
                None | Some("") => PORT,
                Some(port) => match port.parse() {
                    Ok(port) if port > 0 => port,
                    _ => return Err(SettingsError::Value { name: "port", wanted: "a number from 1 to 65535" }),
                },
            };
            let address = match addresses.get(nth).map(String::as_str) {
                None | Some("") => None,
                Some(address) => Some(
                    address
                        .parse::<std::net::IpAddr>()
                        .map_err(|_| SettingsError::Value { name: "hostaddr", wanted: "a numeric address" })?,
                ),
            };
            let host = match (hosts.get(nth).map(String::as_str), address) {
                (Some(folder), _) if folder.starts_with('/') => Host::Folder(folder.into()),
                (None | Some(""), Some(address)) => Host::Name { name: address.to_string(), address: Some(address) },
                (None | Some(""), None) => default_host(port),
                (Some(name), address) => Host::Name { name: name.into(), address },
            };
            Ok((host, port))
        })
        .collect()
}

/// The socket where it usually is, or this machine.
fn default_host(port: u16) -> Host {
    let socket = format!(".s.PGSQL.{port}");
    let folder = FOLDERS.iter().map(Path::new).find(|folder| folder.join(&socket).exists());
    let folder = folder.or_else(|| FOLDERS.first().map(Path::new).filter(|folder| folder.is_dir()));
    match folder {
        Some(folder) => Host::Folder(folder.into()),
        None => Host::Name { name: "localhost".into(), address: None },
    }
}

fn tls(given: &mut url::Given, home: Option<&Path>) -> Result<TlsSettings, SettingsError> {
    let default = |name: &str| home.map(|home| home.join(".postgresql").join(name));
    let roots = match given.take("sslrootcert").as_deref() {
        None | Some("") => Roots::Default(default("root.crt")),
        Some("system") => Roots::System,
        Some(file) => Roots::File(file.into()),
    };
    let mode = match given.take("sslmode").as_deref() {
        None | Some("") if roots == Roots::System => Mode::VerifyFull,
        None | Some("" | "allow" | "prefer") => Mode::Prefer,
        Some("disable") => Mode::Disable,
        Some("require") => Mode::Require,
        Some("verify-ca") => Mode::VerifyAuthority,
        Some("verify-full") => Mode::VerifyFull,
        Some(_) => {
            return Err(SettingsError::Value { name: "sslmode", wanted: "disable, allow, prefer, require, verify-ca or verify-full" });
        }
    };
    if roots == Roots::System && mode != Mode::VerifyFull && mode != Mode::Disable {
        return Err(SettingsError::Value { name: "sslmode", wanted: "verify-full, which `sslrootcert=system` needs" });
    }
    let named = (given.take("sslcert").filter(|file| !file.is_empty()), given.take("sslkey").filter(|file| !file.is_empty()));
    let client = match named {
        (Some(certificate), key) => {
            let key = key.map(PathBuf::from).or_else(|| default("postgresql.key"));
            Some((certificate.into(), key.ok_or(SettingsError::Value { name: "sslkey", wanted: "given, and `sslcert` needs it" })?))
        }
        (None, key) => default("postgresql.crt")
            .filter(|certificate| certificate.exists())
            .zip(key.map(PathBuf::from).or_else(|| default("postgresql.key"))),
    };
    let direct = match given.take("sslnegotiation").as_deref() {
        None | Some("" | "postgres") => false,
        Some("direct") if mode >= Mode::Require => true,
        Some("direct") => {
            return Err(SettingsError::Value { name: "sslmode", wanted: "require or stronger, which `sslnegotiation=direct` needs" });
        }
        Some(_) => return Err(SettingsError::Value { name: "sslnegotiation", wanted: "postgres or direct" }),
    };
    Ok(TlsSettings { mode, roots, client, direct })
}

fn wanted(given: &mut url::Given) -> Result<Option<Session>, SettingsError> {
    match given.take("target_session_attrs").as_deref() {
        None | Some("" | "any") => Ok(None),
        Some("read-write") => Ok(Some(Session::Writable)),
        Some("read-only") => Ok(Some(Session::ReadOnly)),
        Some("primary") => Ok(Some(Session::Primary)),
        Some("standby") => Ok(Some(Session::Standby)),
        Some(_) => Err(SettingsError::Value { name: "target_session_attrs", wanted: "any, read-write, read-only, primary or standby" }),
    }
}

/// `postgres://user@host:port,…/database`; of the percent-encoding only what keeps the parts apart.
fn name(user: &str, targets: &[Target], database: &str) -> String {
    let hosts: Vec<String> = targets.iter().map(authority).collect();
    format!("postgres://{}@{}/{}", encoded(user), hosts.join(","), encoded(database))
}

fn authority(target: &Target) -> String {
    let host = match &target.host {
        Host::Folder(folder) => encoded(&folder.to_string_lossy()),
        Host::Name { name, .. } if name.contains(':') => format!("[{name}]"),
        Host::Name { name, .. } => encoded(name),
    };
    match target.port {
        PORT => host,
        port => format!("{host}:{port}"),
    }
}

fn encoded(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '%' | '/' | '@' | ':' | '?' | '#' | '[' | ']' | ',' | ' ' => format!("%{:02X}", u32::from(character)),
            control if control.is_control() => String::from("%3F"),
            other => other.to_string(),
        })
        .collect()
}

/// What is known so far, by libpq's names.
type Parameters = BTreeMap<&'static str, String>;
