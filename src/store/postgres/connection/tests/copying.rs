//! Copies, compared with what psql gives.

use std::process::Command;

use super::*;
use crate::store::StoreError;

fn refusal() -> StoreError {
    StoreError::Full
}

/// What psql gives for a copy.
fn witness(database: &str, sql: &str) -> Vec<u8> {
    let server = server::shared();
    let mut psql = Command::new(server::program("psql"));
    psql.args(["-X", "-q", "-U", server::SUPERUSER, "-d", database, "-p", &server.port().to_string(), "-c", sql, "-h"]);
    psql.arg(server.socket_folder()).output().unwrap().stdout
}

#[test]
fn a_copy_gives_what_psql_gives() {
    let connection = session("copy_out");
    // Rows from a few bytes to more than a piece of the socket, and columns of none.
    for sql in [
        "COPY (SELECT g, g::text, repeat('x', g % 300) FROM generate_series(1, 100000) g) TO STDOUT (FORMAT binary)",
        "COPY (SELECT repeat('y', 1000000 * g) FROM generate_series(1, 5) g) TO STDOUT (FORMAT binary)",
        "COPY (SELECT FROM generate_series(1, 10)) TO STDOUT (FORMAT binary)",
        "COPY (SELECT 1 WHERE false) TO STDOUT (FORMAT binary)",
    ] {
        let mut got = Vec::new();
        connection
            .copy_out(sql, &mut |rows| {
                got.extend_from_slice(rows);
                Ok(())
            })
            .unwrap();
        assert_eq!(got, witness("copy_out", sql), "{sql}");
        // The session goes on.
        assert_eq!(connection.rows("SELECT 1", &[]).unwrap().len(), 1);
    }
}

#[test]
fn whole_rows_come_at_once() {
    let connection = session("whole_rows");
    let sql = "COPY (SELECT repeat('z', g % 3000) FROM generate_series(1, 20000) g) TO STDOUT";
    connection
        .copy_out(sql, &mut |rows| {
            assert_eq!(rows.last(), Some(&b'\n'));
            Ok(())
        })
        .unwrap();
}

#[test]
fn an_error_in_the_middle_of_a_copy_is_told() {
    let connection = session("copy_error");
    let sql = "COPY (SELECT 1 / (g - 50000) FROM generate_series(1, 100000) g) TO STDOUT (FORMAT binary)";
    let failure = connection.copy_out(sql, &mut |_| Ok(())).unwrap_err();
    assert!(matches!(&failure, CopyFailure::Server(failure) if failure.sqlstate() == Some("22012") && !failure.is_lost()), "{failure}");
    assert_eq!(connection.rows("SELECT 1", &[]).unwrap().len(), 1);
    let failure = connection.copy_out("COPY nothing TO STDOUT", &mut |_| Ok(())).unwrap_err();
    assert!(matches!(failure, CopyFailure::Server(failure) if failure.sqlstate() == Some("42P01")));
}

#[test]
fn a_taker_that_refuses_ends_the_session() {
    let connection = session("copy_refused");
    let sql = "COPY (SELECT g FROM generate_series(1, 1000000) g) TO STDOUT (FORMAT binary)";
    let mut calls = 0;
    let failure = connection
        .copy_out(sql, &mut |_| {
            calls += 1;
            Err(refusal())
        })
        .unwrap_err();
    assert!(matches!(failure, CopyFailure::Caller(StoreError::Full)));
    assert_eq!(calls, 1);
    assert!(connection.is_lost());
    assert!(connection.execute("SELECT 1").unwrap_err().is_lost());
}

#[test]
fn copies_go_in() {
    let connection = session("copy_in");
    connection.execute("CREATE TABLE t (a int CHECK (a < 1000000), b text)").unwrap();
    let mut pieces = (0..20).map(|piece| {
        let lines: String = (0..10_000).map(|line| format!("{}\ttext\n", piece * 10_000 + line)).collect();
        Bytes::from(lines)
    });
    assert_eq!(connection.copy_in("COPY t FROM STDIN", &mut || Ok(pieces.next())).unwrap(), 200_000);
    assert_eq!(server::shared().psql("copy_in", "SELECT count(*), sum(a), min(b) FROM t"), "200000|19999900000|text");
    // A refused row.
    let mut pieces = vec![Bytes::from("1000000\tx\n"); 500].into_iter();
    let failure = connection.copy_in("COPY t FROM STDIN", &mut || Ok(pieces.next())).unwrap_err();
    assert!(matches!(failure, CopyFailure::Server(failure) if failure.sqlstate() == Some("23514") && failure.table() == Some("t")));
    // A giver that refuses.
    let failure = connection.copy_in("COPY t FROM STDIN", &mut || Err(refusal())).unwrap_err();
    assert!(matches!(failure, CopyFailure::Caller(StoreError::Full)));
    assert_eq!(connection.rows("SELECT a FROM t", &[]).unwrap().len(), 200_000);
}

/// Not a test: `cargo test --release -- --ignored --nocapture measure_copy_out`.
#[test]
#[ignore = "a measurement"]
fn measure_copy_out() {
    let server = server::shared();
    let connection = session("measured");
    let sql = std::env::var("MEASURE_SQL").unwrap_or_else(|_| {
        "COPY (SELECT g, g::int8 * 7 AS n, 'customer name', timestamp '2020-01-01', g % 2 = 0 FROM generate_series(1, 6000000) g) TO STDOUT (FORMAT binary)".into()
    });
    let usage = || {
        let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        (fields[11].parse::<u64>().unwrap(), fields[12].parse::<u64>().unwrap())
    };
    for _ in 0..2 {
        let (before, start) = (usage(), std::time::Instant::now());
        let (mut bytes, mut calls) = (0, 0);
        connection
            .copy_out(&sql, &mut |rows| {
                bytes += rows.len();
                calls += 1;
                Ok(())
            })
            .unwrap();
        let after = usage();
        let report = format!(
            "{:?} wall, {} ms user, {} ms system, {bytes} bytes in {calls} calls\n",
            start.elapsed(),
            (after.0 - before.0) * 10,
            (after.1 - before.1) * 10
        );
        std::io::Write::write_all(&mut std::io::stderr(), report.as_bytes()).unwrap();
    }
    let server_cpu = server.psql("postgres", "SELECT pid FROM pg_stat_activity WHERE datname = 'measured'");
    let stat = std::fs::read_to_string(format!("/proc/{server_cpu}/stat")).unwrap();
    std::io::Write::write_all(&mut std::io::stderr(), format!("server for both: {stat}\nurl {}\n", server.url("measured")).as_bytes())
        .unwrap();
    let start = std::time::Instant::now();
    let command = format!(
        "time {} -X -q -U postgres -d measured -h {} -p {} -c \"{sql}\" > /dev/null",
        server::program("psql").display(),
        server.socket_folder().display(),
        server.port()
    );
    let output = Command::new("bash").args(["-c", &command]).output().unwrap();
    std::io::Write::write_all(
        &mut std::io::stderr(),
        format!("psql {:?} {}\n", start.elapsed(), String::from_utf8_lossy(&output.stderr)).as_bytes(),
    )
    .unwrap();
}
