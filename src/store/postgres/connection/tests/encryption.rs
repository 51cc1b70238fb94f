//! TLS with a real server: which `sslmode` lets in whom.

use std::fs;
use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;

use super::server::Options;
use super::*;

/// An authority of a test's own.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.distinguished_name.push(rcgen::DnType::CommonName, name);
        Self { issuer: CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap() }
    }

    fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// A certificate for names, and its key.
    fn sign(&self, common: &str, names: &[&str]) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(names.iter().map(|name| (*name).to_string()).collect::<Vec<_>>()).unwrap();
        parameters.distinguished_name.push(rcgen::DnType::CommonName, common);
        (parameters.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }
}

/// Files for the client.
struct Files(TempDir);

impl Files {
    fn put(&self, name: &str, content: &str) -> String {
        let path: PathBuf = self.0.path().join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        path.to_str().unwrap().into()
    }
}

fn encrypted_server(certificate: (String, String), client_authority: &str, access: &str) -> Server {
    let server = Server::start_with(Options {
        tcp: true,
        configuration: "ssl = on\nssl_cert_file = 'server.crt'\nssl_key_file = 'server.key'\nssl_ca_file = 'client.crt'\n".into(),
        access: format!("local all all trust\n{access}"),
        files: vec![
            ("server.crt".into(), certificate.0),
            ("server.key".into(), certificate.1),
            ("client.crt".into(), client_authority.into()),
        ],
    });
    server.psql("postgres", "CREATE ROLE reader LOGIN PASSWORD 'right'");
    server
}

/// Whether the session is encrypted, or why there is none.
fn encrypted(url: &str) -> Result<bool, String> {
    match Connection::open(&settings(url)) {
        Ok(connection) => {
            Ok(connection.first_row("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").unwrap()[0].as_deref() == Some("t"))
        }
        Err(StoreError::Open { reason, .. }) => Err(reason),
        Err(other) => panic!("{other}"),
    }
}

#[track_caller]
fn check(url: &str, expected: Result<bool, &str>) {
    match (encrypted(url), expected) {
        (Err(reason), Err(wanted)) => assert!(reason.contains(wanted), "{url}: {reason}"),
        (got, wanted) => assert_eq!(got, wanted.map_err(String::from), "{url}"),
    }
}

#[test]
fn each_mode_lets_in_whom_libpq_lets_in() {
    let files = Files(tempfile::tempdir().unwrap());
    let (ours, other) = (Authority::new("ours"), Authority::new("other"));
    let (root, stranger) = (files.put("root.crt", &ours.pem()), files.put("stranger.crt", &other.pem()));
    let certificate = ours.sign("localhost", &["localhost"]);
    let pinned = files.put("pinned.crt", &certificate.0);
    let server = encrypted_server(certificate, &ours.pem(), "host all all 127.0.0.1/32 trust\n");
    let url = |host: &str, parameters: &str| format!("{}?{parameters}", server.network_url("postgres", host, "postgres"));
    let by_name = |parameters: String| url("localhost", &format!("hostaddr=127.0.0.1&{parameters}"));
    for mode in ["disable", "allow", "prefer", "require"] {
        check(&by_name(format!("sslmode={mode}")), Ok(mode != "disable"));
    }
    check(&by_name("sslmode=verify-ca".into()), Err("there is no root certificate"));
    for mode in ["prefer", "require", "verify-ca", "verify-full"] {
        check(&by_name(format!("sslmode={mode}&sslrootcert={root}")), Ok(true));
        // By a name that is not in the certificate.
        let expected = if mode == "verify-full" { Err("for another name") } else { Ok(true) };
        check(&url("127.0.0.1", &format!("sslmode={mode}&sslrootcert={root}")), expected);
        // With an authority that did not sign it: `require` verifies where there is a root certificate file.
        let expected = if mode == "prefer" { Ok(true) } else { Err("no root certificate vouches") };
        check(&by_name(format!("sslmode={mode}&sslrootcert={stranger}")), expected);
        check(&by_name(format!("sslmode={mode}&sslrootcert={pinned}")), Ok(true));
    }
    check(&by_name("sslmode=require&sslrootcert=/nowhere".into()), Ok(true));
    check(&by_name("sslmode=verify-full&sslrootcert=/nowhere".into()), Err("`sslrootcert` can not be read"));
    check(&by_name("sslrootcert=system".into()), Err("certificate"));
    // Over the socket there is no TLS, whatever the mode.
    check(&format!("{}?sslmode=require", server.url("postgres")), Ok(false));
    // Rows take the fast lane through TLS, too.
    let connection = Connection::open(&settings(&by_name(format!("sslmode=verify-full&sslrootcert={root}")))).unwrap();
    let mut bytes = 0;
    let copy = "COPY (SELECT repeat('x', 99) FROM generate_series(1, 100000)) TO STDOUT";
    connection
        .copy_out(copy, &mut |rows| {
            bytes += rows.len();
            Ok(())
        })
        .unwrap();
    assert_eq!(bytes, 10_000_000);
}

#[test]
fn a_server_without_tls_is_refused_where_it_is_wanted() {
    let server = Server::start_with(Options { tcp: true, ..Options::default() });
    let url = |mode: &str| format!("{}?sslmode={mode}", server.network_url("postgres", "127.0.0.1", "postgres"));
    check(&url("prefer"), Ok(false));
    check(&url("require"), Err("does not speak TLS"));
}

#[test]
fn channels_are_bound_and_clients_show_certificates() {
    let files = Files(tempfile::tempdir().unwrap());
    let ours = Authority::new("ours");
    let access =
        "hostssl all reader 127.0.0.1/32 scram-sha-256\nhostssl all postgres 127.0.0.1/32 cert\nhostnossl all nosy 127.0.0.1/32 trust\n";
    let server = encrypted_server(ours.sign("localhost", &["localhost"]), &ours.pem(), access);
    server.psql("postgres", "CREATE ROLE nosy LOGIN");
    let url = |role: &str, parameters: &str| format!("{}?{parameters}", server.network_url(role, "127.0.0.1", "postgres"));
    check(&url("reader:right", "channel_binding=require"), Ok(true));
    check(&url("reader:wrong", "channel_binding=require"), Err("password for `reader` is wrong"));
    // Let in without TLS only: `prefer` does without, as libpq does.
    check(&url("nosy", "sslmode=prefer"), Ok(false));
    check(&url("nosy", "sslmode=require"), Err("does not let `nosy` in"));
    let (certificate, key) = ours.sign("postgres", &[]);
    let (certificate, key) = (files.put("me.crt", &certificate), files.put("me.key", &key));
    let with = format!("sslmode=require&sslcert={certificate}&sslkey={key}");
    check(&url("postgres", &with), Ok(true));
    check(&url("postgres", "sslmode=require"), Err("does not let `postgres` in"));
    fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    check(&url("postgres", &with), Err("may be read by others"));
}
