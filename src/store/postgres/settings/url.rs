//! The URL, taken apart.
//!
//! The driver's own parser reads user, password, hosts, ports and database. The parameters behind `?` are separated here, because the
//! driver refuses those that it does not know; their percent-encoding is again the driver's to undo (each is handed to it as the one value
//! of a URL of its own).

use secrecy::SecretString;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use super::{Parameters, SettingsError};

/// The parameters that may stand in a URL, with the environment variable that stands in for each.
const KNOWN: [(&str, &str); 24] = [
    ("host", "PGHOST"),
    ("hostaddr", "PGHOSTADDR"),
    ("port", "PGPORT"),
    ("dbname", "PGDATABASE"),
    ("user", "PGUSER"),
    ("password", "PGPASSWORD"),
    ("passfile", "PGPASSFILE"),
    ("sslmode", "PGSSLMODE"),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("sslcert", "PGSSLCERT"),
    ("sslkey", "PGSSLKEY"),
    ("sslnegotiation", "PGSSLNEGOTIATION"),
    ("channel_binding", "PGCHANNELBINDING"),
    ("connect_timeout", "PGCONNECT_TIMEOUT"),
    ("options", "PGOPTIONS"),
    ("target_session_attrs", "PGTARGETSESSIONATTRS"),
    ("gssencmode", "PGGSSENCMODE"),
    ("client_encoding", ""),
    ("application_name", ""),
    ("tcp_user_timeout", ""),
    ("keepalives", ""),
    ("keepalives_idle", ""),
    ("keepalives_interval", ""),
    ("keepalives_count", ""),
];

/// What libpq knows beyond that. Each would change what is connected to or how; to ignore it would be wrong.
const UNSUPPORTED: [&str; 16] = [
    "service",
    "servicefile",
    "sslcompression",
    "sslpassword",
    "sslcrl",
    "sslcrldir",
    "sslsni",
    "sslcertmode",
    "requirepeer",
    "require_auth",
    "ssl_min_protocol_version",
    "ssl_max_protocol_version",
    "krbsrvname",
    "gsslib",
    "replication",
    "load_balance_hosts",
];

/// What is left to the driver: our name, its name, and what its value must be.
const DRIVER: [(&str, &str, &str); 6] = [
    ("channel_binding", "channel_binding", "disable, prefer or require"),
    ("tcp_user_timeout", "tcp_user_timeout", "a number"),
    ("keepalives", "keepalives", "0 or 1"),
    ("keepalives_idle", "keepalives_idle", "a number of seconds"),
    ("keepalives_interval", "keepalives_interval", "a number of seconds"),
    ("keepalives_count", "keepalives_retries", "a number"),
];

/// What was given, by libpq's names, values decoded.
pub(super) struct Given {
    parameters: Parameters,
    password: Option<(SecretString, &'static str)>,
}

fn malformed(reason: &'static str) -> SettingsError {
    SettingsError::Malformed { reason }
}

/// Undoes the percent-encoding of a part of a URL that holds no separator.
fn decode(text: &str) -> Result<String, SettingsError> {
    let refuse = || malformed("a percent-encoding is not UTF-8");
    let config: Config = format!("postgres://?application_name={}", text.replace('@', "%40")).parse().map_err(|_| refuse())?;
    config.get_application_name().map(String::from).ok_or_else(refuse)
}

impl Given {
    /// Takes a URL apart.
    pub(super) fn parse(url: &str) -> Result<Self, SettingsError> {
        let rest = ["postgres://", "postgresql://"].iter().find_map(|scheme| url.strip_prefix(scheme)).ok_or(SettingsError::Scheme)?;
        // As libpq: a user ends at the first @ before any slash.
        let user = rest.find(['@', '/']).filter(|&at| rest[at..].starts_with('@')).map_or(0, |at| at + 1);
        let (front, query) = match rest[user..].find('?') {
            Some(at) => (&rest[..user + at], Some(&rest[user + at + 1..])),
            None => (rest, None),
        };
        // The rest of a password whose @ or / was not encoded would otherwise become a host or a database, and be shown.
        if front[user..].contains('@') {
            return Err(malformed(
                "there is an `@` where none may be; in a user, password or database it is written %40, and / is written %2F",
            ));
        }
        let mut given = Self { parameters: Parameters::new(), password: None };
        given.take_front(front)?;
        for pair in query.into_iter().flat_map(|query| query.split('&')).filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').ok_or_else(|| malformed("a parameter has no value"))?;
            given.put(&decode(name)?, decode(value)?)?;
        }
        Ok(given)
    }

    /// User, password, hosts, ports and database.
    fn take_front(&mut self, front: &str) -> Result<(), SettingsError> {
        let config: Config = format!("postgres://{front}").parse().map_err(|_| malformed("check host and port"))?;
        let mut put = |name, value: Option<String>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                self.parameters.insert(name, value);
            }
        };
        put("user", config.get_user().map(String::from));
        put("dbname", config.get_dbname().map(String::from));
        let hosts = config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => Some(name.clone()),
            Host::Unix(folder) => folder.to_str().map(String::from),
        });
        let hosts: Vec<String> = hosts.collect::<Option<_>>().ok_or_else(|| malformed("the socket's folder is not UTF-8"))?;
        if hosts.iter().any(|host| host.contains(',')) {
            return Err(malformed("a host can not have a comma in its name"));
        }
        put("host", Some(hosts.join(",")));
        // The driver fills in its default port for every host, which would hide PGPORT.
        let authority = front.split_once('/').map_or(front, |(authority, _)| authority);
        let authority = authority.split_once('@').map_or(authority, |(_, hosts)| hosts);
        let bare = |host: &str| host.rsplit(']').next().is_some_and(|tail| !tail.contains(':'));
        if !authority.split(',').all(bare) {
            put("port", Some(config.get_ports().iter().map(u16::to_string).collect::<Vec<_>>().join(",")));
        }
        if let Some(password) = config.get_password().filter(|password| !password.is_empty()) {
            let password = str::from_utf8(password).map_err(|_| malformed("the password is not UTF-8"))?;
            self.password = Some((password.into(), "the password is from the URL"));
        }
        Ok(())
    }

    fn put(&mut self, name: &str, value: String) -> Result<(), SettingsError> {
        let name = match name {
            // What the JDBC driver and others call them.
            "ssl" if value == "true" => return self.put("sslmode", "require".into()),
            "fallback_application_name" => return Ok(()),
            "database" => "dbname",
            name => name,
        };
        let Some((known, _)) = KNOWN.iter().find(|(known, _)| *known == name) else {
            return Err(match UNSUPPORTED.contains(&name) {
                true => SettingsError::Unsupported { name: name.into() },
                false => SettingsError::Unknown { name: name.into() },
            });
        };
        match *known {
            "password" => self.password = Some((value.into(), "the password is from the URL")),
            "gssencmode" if !matches!(value.as_str(), "" | "disable" | "prefer") => {
                return Err(SettingsError::Value { name: "gssencmode", wanted: "disable or prefer" });
            }
            "client_encoding" if !matches!(value.to_ascii_lowercase().as_str(), "" | "auto" | "utf8" | "utf-8") => {
                return Err(SettingsError::Value { name: "client_encoding", wanted: "UTF8" });
            }
            // The session is called gallra, whatever else is asked for.
            "gssencmode" | "client_encoding" | "application_name" => {}
            known => {
                self.parameters.insert(known, value);
            }
        }
        Ok(())
    }

    /// Fills in what the URL leaves out.
    pub(super) fn fill_in(&mut self, environment: &dyn Fn(&str) -> Option<String>) -> Result<(), SettingsError> {
        // Hosts of the URL and addresses of the environment do not belong together.
        let hosts = self.parameters.contains_key("host") || self.parameters.contains_key("hostaddr");
        for (name, variable) in KNOWN.iter().filter(|(_, variable)| !variable.is_empty()) {
            let belongs = !(hosts && matches!(*name, "host" | "hostaddr"));
            let missing = if *name == "password" { self.password.is_none() } else { !self.parameters.contains_key(name) };
            if !belongs || !missing {
                continue;
            }
            let Some(value) = environment(variable).filter(|value| !value.is_empty()) else {
                continue;
            };
            match *name {
                "password" => self.password = Some((value.into(), "the password is from PGPASSWORD")),
                name => self.put(name, value)?,
            }
        }
        Ok(())
    }

    /// Takes a parameter.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.parameters.remove(name).filter(|value| !value.is_empty())
    }

    /// Takes the password, with a sentence that says where it is from.
    pub(super) fn take_password(&mut self) -> Option<(SecretString, &'static str)> {
        self.password.take()
    }

    /// The rest, which is the driver's.
    pub(super) fn driver(&mut self) -> Result<Config, SettingsError> {
        let mut text = String::new();
        for (name, drivers, wanted) in DRIVER {
            let Some(value) = self.take(name) else {
                continue;
            };
            let pair = format!("{drivers}='{}' ", value.replace('\\', "\\\\").replace('\'', "\\'"));
            pair.parse::<Config>().map_err(|_| SettingsError::Value { name, wanted })?;
            text.push_str(&pair);
        }
        text.parse().map_err(|_| malformed("its parameters contradict each other"))
    }
}
