mod copying;
mod encryption;
mod refusals;
use crate::store::postgres::server;

use super::*;
use crate::store::postgres::settings::Settings;
use server::Server;

/// Settings of a URL in an empty environment.
fn settings(url: &str) -> Settings {
    Settings::parse(url, &|_| None).unwrap()
}

/// A session in a database of the shared server.
fn session(database: &str) -> Connection {
    let server = server::shared();
    server.create_database(database);
    Connection::open(&settings(&server.url(database))).unwrap()
}

#[test]
fn a_session_is_set_up() {
    let connection = session("set_up");
    let shown = |name: &str| connection.first_row(&format!("SHOW {name}")).unwrap()[0].clone().unwrap();
    let expected = [
        ("DateStyle", "ISO, MDY"),
        ("IntervalStyle", "postgres"),
        ("TimeZone", "UTC"),
        ("client_encoding", "UTF8"),
        ("extra_float_digits", "3"),
        ("bytea_output", "hex"),
        ("row_security", "off"),
        ("jit", "off"),
        ("lock_timeout", "10s"),
        ("statement_timeout", "0"),
        ("application_name", "gallra"),
    ];
    for (name, value) in expected {
        assert_eq!(shown(name), value, "{name}");
    }
    assert_eq!(connection.name(), settings(&server::shared().url("set_up")).name());
}

#[test]
fn statements_run_and_give_rows() {
    let connection = session("statements");
    connection.execute("CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'x'), (2, NULL)").unwrap();
    assert_eq!(connection.run("UPDATE t SET b = $1 WHERE a = $2", &[&"y", &2_i32]).unwrap(), 1);
    let rows = connection.rows("SELECT a, b FROM t ORDER BY a", &[]).unwrap();
    let rows: Vec<(i32, Option<&str>)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(rows, [(1, Some("x")), (2, Some("y"))]);
    // A table that was altered does not spoil the prepared statement for longer than one call.
    connection.execute("ALTER TABLE t ADD c int").unwrap();
    connection.rows("SELECT * FROM t", &[]).unwrap();
    connection.execute("ALTER TABLE t DROP c").unwrap();
    assert!(connection.rows("SELECT * FROM t", &[]).is_err());
    assert_eq!(connection.rows("SELECT * FROM t", &[]).unwrap().len(), 2);
}

#[test]
fn a_dropped_session_is_gone() {
    let connection = session("dropped");
    connection.execute("BEGIN").unwrap();
    drop(connection);
    let gone = || server::shared().psql("postgres", "SELECT count(*) FROM pg_stat_activity WHERE datname = 'dropped'") == "0";
    assert!((0..50).any(|_| gone() || {
        std::thread::sleep(Duration::from_millis(20));
        false
    }));
    assert!(!server::shared().log().contains("unexpected EOF"));
}

#[test]
fn a_session_can_move_to_another_thread() {
    let connection = session("moved");
    let there = std::thread::spawn(move || connection.first_row("SELECT 1").unwrap());
    assert_eq!(there.join().unwrap(), [Some("1".to_string())]);
}
