//! How much of the server's certificate is verified.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

use super::{TlsProblem, problem, root_store};

/// Verifies the chain and the name, the chain alone, or nothing.
#[derive(Debug)]
pub(super) struct Verifier {
    chain: Option<Chain>,
    name: bool,
    provider: Arc<CryptoProvider>,
}

#[derive(Debug)]
struct Chain {
    authority: Arc<WebPkiServerVerifier>,
    roots: Vec<CertificateDer<'static>>,
}

impl Verifier {
    /// Verifies against `roots`, where there are any to verify against; the name as well where `name` says so.
    pub(super) fn new(roots: Option<Vec<CertificateDer<'static>>>, name: bool, provider: Arc<CryptoProvider>) -> Result<Self, TlsProblem> {
        let chain = match roots {
            None => None,
            Some(roots) => {
                let authority = WebPkiServerVerifier::builder_with_provider(Arc::new(root_store(&roots)), Arc::clone(&provider))
                    .build()
                    .map_err(|_| problem("none of the root certificates can be used", "check the file of `sslrootcert`"))?;
                Some(Chain { authority, roots })
            }
        };
        Ok(Self { chain, name, provider })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(chain) = &self.chain else {
            return Ok(ServerCertVerified::assertion());
        };
        // A server's own certificate, signed by itself and named as root, is how many small servers are set up. It vouches for itself.
        if chain.roots.iter().any(|root| root == certificate) {
            if self.name {
                verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
            }
            return Ok(ServerCertVerified::assertion());
        }
        match chain.authority.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            // The name is looked at last: whoever fails there has a good chain.
            Err(Error::InvalidCertificate(CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }))
                if !self.name =>
            {
                Ok(ServerCertVerified::assertion())
            }
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
