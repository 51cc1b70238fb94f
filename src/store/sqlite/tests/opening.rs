use std::fs;
use std::io::Write;
use std::path::Path;

use super::*;
use crate::store::StoreError;

fn refused(path: &Path) -> (String, String) {
    let mut last = None;
    for writable in [false, true] {
        match SqliteStore::open(path, options(writable)).unwrap_err() {
            error @ StoreError::Open { .. } => {
                assert!(error.hint().is_some_and(|hint| !hint.is_empty()));
                last = Some((error.to_string(), error.hint().unwrap()));
            }
            error => panic!("{error}"),
        }
    }
    last.unwrap()
}

#[test]
fn what_is_no_database_is_refused_with_its_reason_and_nothing_is_created() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let cases = [
        (folder.path().join("missing.db"), "there is no such file"),
        (folder.path().join("no/such/folder.db"), "there is no such file"),
        (folder.path().to_path_buf(), "it is a folder"),
        (file("empty.db", b""), "the file is empty"),
        (file("text.db", "PRAGMA foreign_keys=OFF;\nCREATE TABLE kund (namn TEXT); -- åäö\n".as_bytes()), "text, not an SQLite database"),
        (file("long.txt", &"å".repeat(600).into_bytes()), "text, not an SQLite database"),
        (file("zip.db", b"PK\x03\x04\x00\x00\x00\x00"), "not an SQLite database, or it is encrypted"),
        (
            file("noise.db", &(0..4096_u32).map(|value| (value.wrapping_mul(2_654_435_761) >> 24) as u8).collect::<Vec<_>>()),
            "or it is encrypted",
        ),
        (file("start.db", b"SQLite format 3\0"), "damaged or cut short"),
        (folder.path().join("zip.db/inside"), "not a folder"),
    ];
    let before = files(folder.path());
    for (path, reason) in cases {
        let (sentence, _) = refused(&path);
        assert!(sentence.contains(reason), "{sentence}");
        assert!(sentence.contains(&path.display().to_string()), "{sentence}");
    }
    assert_eq!(files(folder.path()), before);
}

/// A database of many pages as bytes.
fn bytes() -> Vec<u8> {
    let database = database(
        "CREATE TABLE a (x INTEGER PRIMARY KEY, y TEXT);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO a SELECT i, hex(randomblob(20)) FROM n;",
    );
    fs::read(&database.path).unwrap()
}

#[test]
fn a_database_that_was_cut_short_or_overwritten_is_refused() {
    let whole = bytes();
    assert!(whole.len() > 20 * 4096);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.db");
    for length in [99, 100, 511, 512, 1000, 4096, 4097, 8192, whole.len() - 4096, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(refused(&path).0.contains("damaged or cut short"), "{length}");
    }
    let mut overwritten = whole.clone();
    overwritten[100..400].fill(0xff);
    fs::write(&path, &overwritten).unwrap();
    assert!(refused(&path).0.contains("damaged or cut short"));
    fs::write(&path, &whole).unwrap();
    assert!(SqliteStore::open(&path, options(false)).is_ok());
}

#[test]
fn damage_found_later_is_an_error_and_never_a_short_answer() {
    let mut damaged = bytes();
    damaged[5 * 4096..6 * 4096].fill(0xff);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged.db");
    fs::write(&path, damaged).unwrap();
    let mut store = SqliteStore::open(&path, options(false)).unwrap();
    let table = store.catalog().unwrap().table("a").unwrap().clone();
    let error = store.snapshot().unwrap().read(&request(&table, &[]), &mut |_| {}).unwrap_err();
    assert_eq!(error.to_string(), format!("the store `sqlite:{}` is damaged: reading `a` failed", path.display()));
}

#[cfg(unix)]
#[test]
fn a_file_without_rights_is_refused() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    let database = database("CREATE TABLE a (x TEXT)");
    if fs::metadata(database.folder.path()).unwrap().uid() == 0 {
        // Rights do not bind the superuser.
        eprintln!("skipped: the superuser may read every file");
        return;
    }
    fs::set_permissions(&database.path, fs::Permissions::from_mode(0o000)).unwrap();
    assert!(refused(&database.path).0.contains("may not be read by this user"));
    fs::set_permissions(&database.path, fs::Permissions::from_mode(0o400)).unwrap();
    assert!(SqliteStore::open(&database.path, options(false)).is_ok());
    let error = SqliteStore::open(&database.path, options(true)).unwrap_err();
    assert!(error.to_string().contains("may not be written"), "{error}");
}

#[cfg(unix)]
#[test]
fn two_runs_never_meet_whatever_path_they_take() {
    let database = database("CREATE TABLE a (x TEXT)");
    let link = database.folder.path().join("link.db");
    std::os::unix::fs::symlink(&database.path, &link).unwrap();
    let first = database.writer();
    assert!(matches!(SqliteStore::open(&link, options(true)).unwrap_err(), StoreError::Busy { .. }));
    assert!(matches!(SqliteStore::open(&database.path, options(true)).unwrap_err(), StoreError::Busy { .. }));
    assert!(SqliteStore::open(&link, options(false)).is_ok(), "a plan reads beside a run");
    drop(first);
    assert!(SqliteStore::open(&link, options(true)).is_ok());
    assert_eq!(files(database.folder.path()), ["link.db", "shop.db", "shop.db.gallra-lock"]);
}

#[test]
fn reading_changes_no_byte_and_leaves_no_file() {
    let database = database("CREATE TABLE a (x TEXT, CHECK (x <> 'never')); INSERT INTO a VALUES ('one')");
    let before = fs::read(&database.path).unwrap();
    let mut store = database.reader();
    let table = store.catalog().unwrap().table("a").unwrap().clone();
    assert_eq!(shown(&read(&mut store, &request(&table, &[]))), "one");
    assert_eq!(store.failing_checks(&table, &[(0, Some("never".into()))]).unwrap(), [(0, 1)]);
    assert!(store.broken_references().unwrap().is_empty());
    assert!(store.prepare_journal().is_err());
    drop(store);
    assert_eq!(fs::read(&database.path).unwrap(), before);
    assert_eq!(files(database.folder.path()), ["shop.db"]);
}

#[test]
fn the_journal_mode_and_settings_of_the_database_stay() {
    for mode in ["delete", "wal", "truncate", "persist"] {
        let database = database(&format!(
            "PRAGMA journal_mode = {mode}; CREATE TABLE a (x TEXT); INSERT INTO a VALUES ('one'); PRAGMA user_version = 7;"
        ));
        let settings = "SELECT * FROM pragma_user_version, pragma_application_id, pragma_auto_vacuum, pragma_page_size";
        let before = (database.ask("PRAGMA journal_mode"), database.ask(settings));
        let mut store = database.writer();
        store.prepare_journal().unwrap();
        store.batch().unwrap().commit().unwrap();
        drop(store);
        assert_eq!((database.ask("PRAGMA journal_mode"), database.ask(settings)), before);
    }
}

#[test]
fn a_wal_database_is_read_with_what_is_not_checkpointed_yet() {
    let database = database("PRAGMA journal_mode = wal; CREATE TABLE a (x TEXT); INSERT INTO a VALUES ('one');");
    let table = database.table("a");
    database.other.execute_batch("INSERT INTO a VALUES ('two')").unwrap();
    assert_eq!(shown(&read(&mut database.reader(), &request(&table, &[]))), "one;two");
}

#[test]
fn a_locked_database_is_told_apart_from_a_broken_one() {
    let database = database("CREATE TABLE a (x TEXT)");
    database.other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let error = SqliteStore::open(&database.path, options(false)).unwrap_err();
    assert!(matches!(error, StoreError::Locked { seconds: 0, .. }), "{error}");
}

#[test]
fn a_foreign_file_with_a_header_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("half.db");
    let mut file = fs::File::create(&path).unwrap();
    file.write_all(b"SQLite format 3\0").unwrap();
    file.write_all(&[0x10, 0x00]).unwrap();
    file.write_all(&[0xab; 4096 - 18]).unwrap();
    assert!(refused(&path).0.contains("damaged or cut short"));
}
