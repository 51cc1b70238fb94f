//! What is said when something is wrong, with a real server saying no.

use super::server::Options;
use super::*;

/// The reason and the hint of a store that does not open.
#[track_caller]
fn refused(opened: Result<Connection, StoreError>) -> (String, String) {
    match opened {
        Err(StoreError::Open { reason, hint, .. }) => (reason, hint),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn check(opened: Result<Connection, StoreError>, reason_wanted: &str, hint_wanted: &str) {
    let (reason, hint) = refused(opened);
    assert!(reason.contains(reason_wanted), "reason: {reason}");
    assert!(hint.contains(hint_wanted), "hint: {hint}");
}

fn open(url: &str) -> Result<Connection, StoreError> {
    Connection::open(&settings(url))
}

#[test]
fn a_server_that_is_not_there_is_told_apart() {
    check(open("postgres://me@127.0.0.1:1/x"), "refused", "whether the server runs");
    check(open("postgres://me@%2Fnowhere/x"), "no such socket", "unix_socket_directories");
    check(open("postgres://me@gallra.invalid/x"), "no such host", "name server");
    // Documentation addresses (RFC 5737) answer nobody.
    let silent = refused(open("postgres://me@192.0.2.1/x?connect_timeout=1")).0;
    assert!(silent.contains("did not answer in time") || silent.contains("no way to the host") || silent.contains("refused"), "{silent}");
    check(open("postgres://me@127.0.0.1:1,127.0.0.2:1/x"), "at 127.0.0.2:1: ", "host and port");
}

#[test]
fn passwords_and_access_rules_are_told_apart() {
    let server = Server::start_with(Options {
        tcp: true,
        access: "local all postgres trust\nlocal all nosy reject\nlocal all all scram-sha-256\nhost all postgres 127.0.0.1/32 password\n"
            .into(),
        ..Options::default()
    });
    server.psql(
        "postgres",
        "CREATE ROLE reader LOGIN PASSWORD 'right'; CREATE ROLE nosy LOGIN; CREATE ROLE full LOGIN PASSWORD 'right' CONNECTION LIMIT 0",
    );
    let with = |password: &str, role: &str, database: &str| open(&server.url_as(&format!("{role}:{password}"), database));
    check(open(&server.url_as("reader", "postgres")), "wants a password and none is known", "PGPASSWORD");
    check(with("wrong", "reader", "postgres"), "password for `reader` is wrong", "from the URL");
    check(with("right", "nobody_knows", "postgres"), "password for `nobody_knows` is wrong, or the role does not exist", "PGPASSWORD");
    check(with("right", "reader", "nothing"), "no such database", "end of the URL");
    check(with("x", "nosy", "postgres"), "does not let `nosy` in", "pg_hba.conf");
    check(with("right", "full", "postgres"), "no connection left", "max_connections");
    check(open(&server.network_url("reader", "127.0.0.1", "postgres")), "does not let `reader` in", "pg_hba.conf");
    with("right", "reader", "postgres").unwrap();
    // A password file that others may read is not read, and the hint says so.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".pgpass"), "*:*:*:*:right\n").unwrap();
    let home = |mode| {
        std::fs::set_permissions(folder.path().join(".pgpass"), std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        let home = folder.path().to_str().unwrap().to_string();
        let environment = move |name: &str| (name == "HOME").then(|| home.clone());
        Connection::open(&Settings::parse(&server.url_as("reader", "postgres"), &environment).unwrap())
    };
    check(home(0o644), "wants a password", "others may read it");
    home(0o600).unwrap();
}

#[test]
fn what_a_role_may_not_do_is_told() {
    let server = server::shared();
    server.create_database("privileges");
    server.psql(
        "privileges",
        "CREATE ROLE limited LOGIN; CREATE TABLE a (x int); CREATE TABLE b (x int); ALTER TABLE b ENABLE ROW LEVEL SECURITY; \
         CREATE POLICY p ON b USING (x > 1); GRANT SELECT ON b TO limited; INSERT INTO b VALUES (1), (2)",
    );
    let connection = open(&server.url_as("limited", "privileges")).unwrap();
    let access = |table| Some(Access { table, privileges: "SELECT" });
    for (sql, table) in [("COPY (SELECT x FROM a) TO STDOUT", "\"public\".\"a\""), ("COPY (SELECT x FROM b) TO STDOUT", "\"public\".\"b\"")]
    {
        let failure = match connection.copy_out(sql, &mut |_| Ok(())).unwrap_err() {
            CopyFailure::Server(failure) => failure,
            CopyFailure::Caller(error) => panic!("{error}"),
        };
        assert_eq!(failure.sqlstate(), Some("42501"));
        let error = connection.store_error("reading", access(table), &failure);
        let told = format!("{error} {:?}", error.hint());
        assert!(
            told.replace('\\', "").contains(&format!("GRANT SELECT ON {table} TO \"limited\"")) && told.contains("BYPASSRLS"),
            "{told}"
        );
    }
}

#[test]
fn constraints_are_named_and_values_are_not() {
    let connection = session("constraints");
    connection
        .execute(
            "CREATE SCHEMA other; CREATE TABLE p (a int PRIMARY KEY); \
             CREATE TABLE other.t (a int NOT NULL, b text UNIQUE, c int CHECK (c > 0), d int REFERENCES p, EXCLUDE USING btree (c WITH =)); \
             INSERT INTO other.t VALUES (1, 'secret', 5, NULL)",
        )
        .unwrap();
    for (values, kind) in [
        ("NULL, 'q', 1, NULL", "NOT NULL"),
        ("1, 'secret', 1, NULL", "UNIQUE"),
        ("1, 'secret2', -7, NULL", "CHECK"),
        ("1, 'secret3', 1, 777", "FOREIGN KEY"),
        ("1, 'secret4', 5, NULL", "EXCLUDE"),
    ] {
        let failure = connection.execute(&format!("INSERT INTO other.t VALUES ({values})")).unwrap_err();
        match connection.store_error("writing", None, &failure) {
            StoreError::Constraint { table, constraint } => assert_eq!((table.as_str(), constraint.as_str()), ("other.t", kind)),
            other => panic!("{other}"),
        }
        let shown = format!("{failure} {failure:?}");
        assert!(!shown.contains("secret") && !shown.contains("777"), "{shown}");
    }
}

#[test]
fn what_may_be_tried_again_is_known() {
    let first = session("retries");
    let second = open(&server::shared().url("retries")).unwrap();
    first.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1)").unwrap();
    second.execute("SET lock_timeout TO 50").unwrap();
    first.execute("BEGIN; UPDATE t SET a = 2").unwrap();
    let failure = second.execute("UPDATE t SET a = 3").unwrap_err();
    assert_eq!((failure.sqlstate(), failure.is_retryable(), failure.is_lost()), (Some("55P03"), true, false));
    second.execute("BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT * FROM t").unwrap();
    first.execute("COMMIT").unwrap();
    let failure = second.execute("UPDATE t SET a = 3").unwrap_err();
    assert_eq!((failure.sqlstate(), failure.is_retryable()), (Some("40001"), true));
    second.execute("ROLLBACK; SET statement_timeout TO 50").unwrap();
    let failure = second.execute("SELECT pg_sleep(5)").unwrap_err();
    assert_eq!((failure.sqlstate(), failure.is_retryable()), (Some("57014"), false));
}

#[test]
fn a_session_that_ends_is_known_to_be_lost() {
    let server = Server::start();
    let connection = open(&server.url("postgres")).unwrap();
    let process = connection.first_row("SELECT pg_backend_pid()::text").unwrap()[0].clone().unwrap();
    server.psql("postgres", &format!("SELECT pg_terminate_backend({process}, 5000)"));
    let failure = connection.execute("SELECT 1").unwrap_err();
    assert!(failure.is_lost() && !failure.is_retryable() && connection.is_lost());
    assert_eq!(failure.sqlstate(), Some("57P01"), "{failure}");
    let connection = open(&server.url("postgres")).unwrap();
    server.kill9();
    let copy = "COPY (SELECT g, pg_sleep(0.001) FROM generate_series(1, 100000) g) TO STDOUT";
    let failure = connection.copy_out(copy, &mut |_| Ok(())).unwrap_err();
    assert!(matches!(failure, CopyFailure::Server(failure) if failure.is_lost()));
    server.restart();
    assert_eq!(open(&server.url("postgres")).unwrap().first_row("SELECT 1").unwrap(), [Some("1".to_string())]);
}

#[test]
fn a_server_without_writes_is_refused_for_writing() {
    let server = Server::start_with(Options { configuration: "default_transaction_read_only = on".into(), ..Options::default() });
    let settings = settings(&server.url("postgres"));
    Connection::open(&settings).unwrap();
    check(Connection::open_writable(&settings), "read-only", "default_transaction_read_only");
    let failure = Connection::open(&settings).unwrap().execute("CREATE TABLE t ()").unwrap_err();
    assert_eq!(failure.sqlstate(), Some("25006"));
}
