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
fn an_error_after_the_last_row_is_told() {
    let connection = session("copy_end");
    connection
        .execute(
            "CREATE SCHEMA rules; CREATE TABLE p (a int PRIMARY KEY); CREATE TABLE t (a int REFERENCES p, b text); INSERT INTO p VALUES (1);
             INSERT INTO t SELECT 1, 'Algot' FROM generate_series(1, 3000);
             CREATE FUNCTION rules.inner(text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not %', $1 USING ERRCODE = '40001'; END $$;
             CREATE FUNCTION rules.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM rules.inner(OLD.b); RETURN NULL; END $$;
             CREATE TRIGGER late AFTER UPDATE OF b ON t FOR EACH ROW EXECUTE FUNCTION rules.refuse()",
        )
        .unwrap();
    for (set, sqlstate, named) in [("a = 7", "23503", "constraint `t_a_fkey`"), ("b = 'x'", "40001", "function `rules.refuse`")] {
        for _ in 0..2 {
            let mut bytes = 0;
            let sql = format!("COPY (UPDATE t SET {set} RETURNING a, b) TO STDOUT (FORMAT binary)");
            let failure = connection
                .copy_out(&sql, &mut |rows| {
                    bytes += rows.len();
                    Ok(())
                })
                .unwrap_err();
            let CopyFailure::Server(failure) = failure else { panic!("{failure}") };
            assert!(bytes > 3_000, "the rows came first");
            assert_eq!((failure.sqlstate(), failure.is_lost()), (Some(sqlstate), false));
            assert!(failure.to_string().contains(named) && !format!("{failure} {failure:?}").contains("Algot"), "{failure:?}");
            // The session goes on, and the next copy has no share in it.
            connection.copy_out("COPY (SELECT a FROM t) TO STDOUT", &mut |_| Ok(())).unwrap();
        }
    }
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
