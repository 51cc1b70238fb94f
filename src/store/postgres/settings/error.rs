//! What can be wrong with a URL.

/// Why the URL or the environment can not be used. Never holds a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Not a URL of PostgreSQL.
    #[error("the store's URL does not start with `postgres://` or `postgresql://`")]
    Scheme,
    /// A URL that can not be taken apart.
    #[error("the store's URL can not be read: {reason}")]
    Malformed {
        /// Why, without a part of the URL.
        reason: &'static str,
    },
    /// A parameter that nobody knows.
    #[error("the store's URL has an unknown parameter `{name}`")]
    Unknown {
        /// Its name.
        name: String,
    },
    /// A parameter that libpq knows and this program does not.
    #[error("the store's URL has the parameter `{name}`, which is not supported")]
    Unsupported {
        /// Its name.
        name: String,
    },
    /// A parameter whose value makes no sense.
    #[error("`{name}` of the store's URL or environment is not {wanted}")]
    Value {
        /// Its name.
        name: &'static str,
        /// What it may be.
        wanted: &'static str,
    },
    /// Nobody says which role to be.
    #[error("no user is given for the store")]
    NoUser,
}

impl SettingsError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Scheme | Self::Malformed { .. } => {
                "postgres://USER@HOST:PORT/DATABASE; special characters are written %40 for @, %2F for / and so on"
            }
            Self::Unknown { .. } | Self::Unsupported { .. } => {
                "known are host, hostaddr, port, dbname, user, password, passfile, sslmode, sslrootcert, sslcert, sslkey, sslnegotiation, \
                 channel_binding, connect_timeout, tcp_user_timeout, keepalives, keepalives_idle, keepalives_interval, keepalives_count, \
                 options, application_name, client_encoding, gssencmode and target_session_attrs"
            }
            Self::Value { .. } => "correct it",
            Self::NoUser => "postgres://USER@HOST/DATABASE, or PGUSER",
        }
    }
}
