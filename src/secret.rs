//! Texts that hold a secret and show themselves without it.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};

/// The address of a store, such as `postgresql://user:password@host/database` or `sqlite:shop.db`.
///
/// `Debug` and `Display` show the address without password, query and fragment. An address in
/// which the password can not be told from the rest with certainty (an unescaped `@` or `/` in it,
/// a list of `key=value` words) is shown by its scheme alone, or as `[redacted]` if it has none.
/// The memory is wiped when the value is dropped.
///
/// ```
/// use gallra::secret::SourceUrl;
///
/// let source = SourceUrl::new("postgresql://gallra:hunter2@db.example.com/shop?sslmode=require");
/// assert_eq!(source.to_string(), "postgresql://gallra:[redacted]@db.example.com/shop");
/// assert_eq!(source.scheme(), Some("postgresql"));
/// ```
#[derive(Clone)]
pub struct SourceUrl(SecretString);

impl SourceUrl {
    /// Takes the address as typed; nothing is checked here.
    #[must_use]
    pub fn new(address: impl Into<String>) -> Self {
        Self(SecretString::from(address.into()))
    }

    /// The whole address, for opening the connection and nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// What stands before the first colon, if it has the form of a scheme (RFC 3986, section 3.1).
    #[must_use]
    pub fn scheme(&self) -> Option<&str> {
        split_scheme(self.expose()).map(|(scheme, _)| scheme)
    }
}

impl From<String> for SourceUrl {
    fn from(address: String) -> Self {
        Self::new(address)
    }
}

impl FromStr for SourceUrl {
    type Err = Infallible;

    fn from_str(address: &str) -> Result<Self, Infallible> {
        Ok(Self::new(address))
    }
}

impl fmt::Display for SourceUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.expose();
        let Some((scheme, rest)) = split_scheme(address) else {
            // Perhaps the path of a file; a connection string always has one of these.
            let path = !address.contains(['=', '@', ':', '?', '#']);
            return formatter.write_str(if path { address } else { "[redacted]" });
        };
        match rest.strip_prefix("//").map(split_authority) {
            Some(Some(Authority { user, password, place })) => {
                write!(formatter, "{scheme}://")?;
                if let Some(user) = user {
                    let password = if password { ":[redacted]" } else { "" };
                    write!(formatter, "{user}{password}@")?;
                }
                formatter.write_str(place)
            }
            None if !rest.contains(['@', '=', ':']) => {
                write!(formatter, "{scheme}:{}", before_query(rest))
            }
            _ => write!(formatter, "{scheme}:…"),
        }
    }
}

impl fmt::Debug for SourceUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SourceUrl({self})")
    }
}

struct Authority<'a> {
    user: Option<&'a str>,
    password: bool,
    place: &'a str,
}

/// Splits what follows `//`, or gives `None` where more than one reading is possible.
fn split_authority(rest: &str) -> Option<Authority<'_>> {
    let Some((credentials, place)) = rest.split_once('@') else {
        let place = before_query(rest);
        let authority = place.split('/').next().unwrap_or(place);
        let plain = is_host_and_port(authority);
        return plain.then_some(Authority { user: None, password: false, place });
    };
    if place.contains('@') || credentials.contains(['/', '?', '#']) {
        return None;
    }
    let (user, password) = match credentials.split_once(':') {
        Some((user, _)) => (user, true),
        None => (credentials, false),
    };
    Some(Authority { user: Some(user), password, place: before_query(place) })
}

/// Without an `@`, a colon introduces a port, unless somebody forgot the host after a password.
fn is_host_and_port(authority: &str) -> bool {
    let (host, port) = match authority.strip_prefix('[').map(|rest| rest.split_once(']')) {
        Some(Some((address, after))) => (address, after.strip_prefix(':')),
        Some(None) => return false,
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => return true,
        },
    };
    let numeric = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    !host.is_empty() && port.is_none_or(numeric)
}

fn before_query(text: &str) -> &str {
    text.split(['?', '#']).next().unwrap_or(text)
}

fn split_scheme(address: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = address.split_once(':')?;
    let mut letters = scheme.bytes();
    let well_formed = letters.next()?.is_ascii_alphabetic() && letters.all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    well_formed.then_some((scheme, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(address: &str, expected: &str) {
        let source = SourceUrl::new(address);
        assert_eq!(source.to_string(), expected);
        assert_eq!(format!("{source:?}"), format!("SourceUrl({expected})"));
        assert_eq!(source.expose(), address);
    }

    #[test]
    fn an_address_is_shown_without_its_password() {
        check("postgres://u:pw@h:5432/db", "postgres://u:[redacted]@h:5432/db");
        check("postgres://u:@h/db", "postgres://u:[redacted]@h/db");
        check("postgres://u:p:w@h/db", "postgres://u:[redacted]@h/db");
        check("postgres://u@h/db", "postgres://u@h/db");
        check("postgres://h:5432/db", "postgres://h:5432/db");
        check("postgres:///db?password=pw", "postgres:///db");
        check("postgres://[::1]:5432/db", "postgres://[::1]:5432/db");
        check("postgres://u:pw@h/db?password=pw#pw", "postgres://u:[redacted]@h/db");
        check("sqlite:data/shop.db?key=pw", "sqlite:…");
        check("sqlite:data/shop.db?cache", "sqlite:data/shop.db");
        check("sqlite:///data/shop.db", "sqlite:///data/shop.db");
        check("data/shop.db", "data/shop.db");
        check("", "");
    }

    #[test]
    fn an_ambiguous_address_shows_its_scheme_alone() {
        check("postgres://u:p@w@h/db", "postgres:…");
        check("postgres://u:p/w@h/db", "postgres:…");
        check("postgres://u:p?w@h/db", "postgres:…");
        check("postgres://u:p#w@h/db", "postgres:…");
        check("postgres://u:pw@h/db?password=p@w", "postgres:…");
        check("postgres://u:pw", "postgres:…");
        check("postgres://u:/w", "postgres:…");
        check("postgres://:pw:", "postgres:…");
        check("postgres://[pw", "postgres:…");
        check("postgres:u:pw@h/db", "postgres:…");
        check("host=h password=pw", "[redacted]");
        check("host=h password=p:w", "[redacted]");
        check("u:pw@h", "u:…");
        check("1u:pw", "[redacted]");
    }

    #[test]
    fn the_scheme_is_what_the_standard_calls_one() {
        let scheme = |address: &str| SourceUrl::new(address).scheme().map(str::to_owned);
        assert_eq!(scheme("postgresql+ssl://h"), Some("postgresql+ssl".into()));
        assert_eq!(scheme("shop.db"), None);
        assert_eq!(scheme(":memory:"), None);
        assert_eq!(scheme("/data/a:b"), None);
    }

    proptest! {
        /// Whatever the password is, escaped or not, none of it is shown. The letter `W` stands
        /// for the secret: no other part has it.
        #[test]
        fn no_password_is_ever_shown(
            password in "W[W@:/?#=& %\\[\\]]{0,8}W",
            user in "[a-z]{0,4}",
            tail in "(/shop)?(\\?sslmode=require)?",
        ) {
            for address in [
                format!("postgres://{user}:{password}@h{tail}"),
                // With an `@` this one would be a whole address, its host unluckily named.
                format!("postgres://{user}:{}", password.replace('@', "")),
                format!("postgres://h{tail}?password={password}"),
                format!("host=h user={user} password={password}"),
                format!("user={user} password={password} host=h@example.com"),
            ] {
                let shown = SourceUrl::new(address.clone()).to_string();
                prop_assert!(!shown.contains('W'), "{} became {}", address, shown);
            }
        }
    }
}
