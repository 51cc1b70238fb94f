//! TLS as libpq's `sslmode` describes it, spoken by rustls.
//!
//! | `sslmode` | without TLS | the chain of certificates is verified | the name too |
//! |---|---|---|---|
//! | `disable` | always | | |
//! | `allow` (as `prefer`) | where the server has none, or TLS fails | no | no |
//! | `prefer` (the default) | where the server has none, or TLS fails | no | no |
//! | `require` | never | where a root certificate file exists | no |
//! | `verify-ca` | never | yes | no |
//! | `verify-full` | never | yes | yes |
//!
//! `require` with a root certificate file verifies as `verify-ca` does; libpq's manual says so and gives backwards compatibility as the
//! reason. `sslrootcert=system` wants `verify-full`, because every public authority would vouch for any name. Over the server's own socket
//! there is no TLS.

mod negotiation;
mod verifier;

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{CertificateError, ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

pub(super) use negotiation::Negotiation;

/// libpq's `sslmode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mode {
    /// Never TLS.
    Disable,
    /// TLS where it works.
    Prefer,
    /// Always TLS.
    Require,
    /// And a certificate that a known authority signed.
    VerifyAuthority,
    /// And for the name that was asked for.
    VerifyFull,
}

/// Where root certificates come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Roots {
    /// libpq's default: a file in the home folder, where there is one.
    Default(Option<PathBuf>),
    /// A file that was named.
    File(PathBuf),
    /// Those of the operating system.
    System,
}

/// What the URL and the environment say about TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TlsSettings {
    /// `sslmode`.
    pub(super) mode: Mode,
    /// `sslrootcert`.
    pub(super) roots: Roots,
    /// `sslcert` and `sslkey`.
    pub(super) client: Option<(PathBuf, PathBuf)>,
    /// `sslnegotiation=direct`: TLS from the first byte, without asking.
    pub(super) direct: bool,
}

/// Why TLS could not be agreed on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("TLS could not be agreed on: {self:?}")]
pub(super) enum TlsFailure {
    /// The server has none.
    NotOffered,
    /// No root vouches for the certificate.
    NotTrusted,
    /// The certificate is for another name.
    WrongName,
    /// The certificate is too old or too new.
    Expired,
    /// The certificate can not be accepted for another reason.
    Certificate,
    /// The server refused this side's certificate, or wants one.
    Refused,
    /// Versions or ciphers do not meet, or the other side does not speak TLS.
    Handshake,
    /// The connection ended meanwhile.
    Cut,
}

/// Why the files can not be used.
#[derive(Debug)]
pub(super) struct TlsProblem {
    /// In words.
    pub(super) reason: String,
    /// What to do.
    pub(super) hint: &'static str,
}

fn problem(reason: impl Into<String>, hint: &'static str) -> TlsProblem {
    TlsProblem { reason: reason.into(), hint }
}

/// TLS made ready: certificates and key are read.
pub(super) struct Tls {
    /// Missing for `disable`.
    connector: Option<MakeRustlsConnect>,
    mode: Mode,
    direct: bool,
}

impl Tls {
    /// Reads the files that the settings name.
    ///
    /// # Errors
    /// A file that is missing or can not be used, and settings that contradict each other.
    pub(super) fn load(settings: &TlsSettings) -> Result<Arc<Self>, TlsProblem> {
        let Mode::Disable = settings.mode else {
            let connector = MakeRustlsConnect::new(client_config(settings)?);
            return Ok(Arc::new(Self { connector: Some(connector), mode: settings.mode, direct: settings.direct }));
        };
        Ok(Self::none())
    }

    /// No TLS at all.
    pub(super) fn none() -> Arc<Self> {
        Arc::new(Self { connector: None, mode: Mode::Disable, direct: false })
    }

    /// Whether a connection without TLS is better than none.
    pub(super) fn is_optional(&self) -> bool {
        self.mode <= Mode::Prefer
    }
}

fn client_config(settings: &TlsSettings) -> Result<ClientConfig, TlsProblem> {
    // The provider is named here, so that nobody else's default counts.
    let provider = Arc::new(ring::default_provider());
    let verifier = verifier::Verifier::new(roots(settings)?, settings.mode == Mode::VerifyFull, Arc::clone(&provider))?;
    let useless = |_| problem("TLS can not be made ready", "the versions and ciphers of this program do not fit together");
    let builder = ClientConfig::builder_with_provider(Arc::<CryptoProvider>::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(useless)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match &settings.client {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            builder.with_client_auth_cert(certificates(certificate, "sslcert")?, private_key(key)?).map_err(|_| {
                problem(
                    "the client's certificate and its key do not fit together",
                    "check that `sslcert` and `sslkey` belong to each other",
                )
            })?
        }
    };
    if settings.direct {
        config.alpn_protocols = vec![b"postgresql".to_vec()];
    }
    Ok(config)
}

/// The root certificates to verify against, where the mode verifies.
fn roots(settings: &TlsSettings) -> Result<Option<Vec<CertificateDer<'static>>>, TlsProblem> {
    let from_file = |file: &Path| certificates(file, "sslrootcert").map(Some);
    match (settings.mode, &settings.roots) {
        (Mode::Disable | Mode::Prefer, _) => Ok(None),
        (Mode::Require, Roots::File(file)) | (Mode::Require, Roots::Default(Some(file))) if !file.exists() => Ok(None),
        (_, Roots::File(file)) => from_file(file),
        (_, Roots::Default(Some(file))) if file.exists() => from_file(file),
        (Mode::Require, Roots::Default(_)) => Ok(None),
        (_, Roots::Default(_)) => Err(problem(
            "there is no root certificate to verify the server's certificate with",
            "name the authority's certificate with `sslrootcert=FILE`, or put it into ~/.postgresql/root.crt",
        )),
        (_, Roots::System) => match rustls_native_certs::load_native_certs().certs {
            none if none.is_empty() => {
                Err(problem("the operating system has no root certificates", "install them (package `ca-certificates`)"))
            }
            some => Ok(Some(some)),
        },
    }
}

/// The certificates of a PEM file.
fn certificates(file: &Path, parameter: &str) -> Result<Vec<CertificateDer<'static>>, TlsProblem> {
    let bytes = fs::read(file)
        .map_err(|error| problem(format!("the file of `{parameter}` can not be read: {}", error.kind()), "check path and rights"))?;
    match CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>() {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => {
            Err(problem(format!("the file of `{parameter}` holds no certificate"), "it must be in PEM form (-----BEGIN CERTIFICATE-----)"))
        }
    }
}

/// The client's private key. As libpq, it must be its owner's alone, or root's and readable for a group.
fn private_key(file: &Path) -> Result<PrivateKeyDer<'static>, TlsProblem> {
    let unreadable =
        |error: std::io::Error| problem(format!("the file of `sslkey` can not be read: {}", error.kind()), "check path and rights");
    let metadata = fs::metadata(file).map_err(unreadable)?;
    let allowed = if metadata.uid() == 0 { 0o740 } else { 0o700 };
    if metadata.mode() & 0o777 & !allowed != 0 {
        return Err(problem("the file of `sslkey` may be read by others", "chmod 600 it"));
    }
    let bytes = fs::read(file).map_err(unreadable)?;
    PrivateKeyDer::from_pem_slice(&bytes).map_err(|_| {
        problem(
            "the file of `sslkey` holds no private key that can be used",
            "it must be in PEM form and without a password (-----BEGIN PRIVATE KEY-----)",
        )
    })
}

/// Those of the certificates that can serve as roots.
fn root_store(certificates: &[CertificateDer<'static>]) -> RootCertStore {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(certificates.iter().cloned());
    store
}

impl From<&rustls::Error> for TlsFailure {
    fn from(error: &rustls::Error) -> Self {
        use rustls::AlertDescription as Alert;
        match error {
            rustls::Error::InvalidCertificate(reason) => match reason {
                CertificateError::UnknownIssuer | CertificateError::BadSignature => Self::NotTrusted,
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Self::WrongName,
                CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. } => Self::Expired,
                _ => Self::Certificate,
            },
            rustls::Error::AlertReceived(
                Alert::CertificateRequired
                | Alert::BadCertificate
                | Alert::UnsupportedCertificate
                | Alert::CertificateRevoked
                | Alert::CertificateExpired
                | Alert::CertificateUnknown
                | Alert::UnknownCA
                | Alert::AccessDenied,
            ) => Self::Refused,
            _ => Self::Handshake,
        }
    }
}
