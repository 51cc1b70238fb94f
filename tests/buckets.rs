//! Buckets: against an S3 server that checks signatures and rights, and against a store in memory. The server is moto, from PyPI, one process per
//! test. Google's and Azure's own servers are not here: their clients share the code above them, and are only opened.

mod common_cli;
#[path = "buckets/nights.rs"]
mod nights;
#[path = "buckets/outputs.rs"]
mod outputs;
#[path = "buckets/server.rs"]
mod server;

use std::fs;
use std::path::Path;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use gallra::publish::{Bucket, BucketError, BucketUrl, Location, PublishError, Put, Replaced, Sent};
use server::Server;
use sha2::{Digest, Sha256};

fn url(text: &str) -> BucketUrl {
    match Location::parse(text, Path::new("/")) {
        Ok(Location::Bucket(url)) => url,
        other => panic!("{text} is no bucket: {other:?}"),
    }
}

/// Bytes without a pattern, the same each time.
fn noise(size: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let mut bytes = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}

fn sha256(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}

/// The most memory that this process has held so far, in bytes.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux says");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("the peak");
    line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<u64>().ok()).expect("a number") * 1024
}

fn bucket_error<T: std::fmt::Debug>(found: Result<T, PublishError>) -> BucketError {
    match found {
        Err(PublishError::Bucket(error)) => error,
        other => panic!("no failure of a bucket: {other:?}"),
    }
}

/// What a person may come to see of an error.
fn told(error: &BucketError) -> String {
    format!("{error} | {error:?} | {}", error.hint().unwrap_or_default())
}

/// What holds of every bucket.
fn small_objects(bucket: &Bucket) {
    assert_eq!(bucket.get("north/sales/latest.json").unwrap(), None);
    assert_eq!(bucket.sha256_of("north/sales/latest.json").unwrap(), None);
    assert_eq!(bucket.list("").unwrap(), []);
    assert_eq!(bucket.folders("").unwrap(), [""; 0]);

    // A first one, once.
    assert_eq!(bucket.put_new("north/sales/latest.json", b"one".to_vec()).unwrap(), Put::Done);
    assert_eq!(bucket.put_new("north/sales/latest.json", b"two".to_vec()).unwrap(), Put::AlreadyExists);
    assert_eq!(bucket.put_new("north/sales/latest.json", b"one".to_vec()).unwrap(), Put::AlreadyExists);
    let (content, first) = bucket.get("north/sales/latest.json").unwrap().unwrap();
    assert_eq!(content, b"one");

    // Replaced by whoever read what there is, and by nobody else.
    assert_eq!(bucket.replace("north/sales/latest.json", b"three".to_vec(), None).unwrap(), Replaced::Conflict);
    assert_eq!(bucket.replace("north/sales/latest.json", b"two".to_vec(), Some(&first)).unwrap(), Replaced::Done);
    let (_, second) = bucket.get("north/sales/latest.json").unwrap().unwrap();
    assert_ne!(first, second);
    assert_eq!(bucket.replace("north/sales/latest.json", b"three".to_vec(), Some(&first)).unwrap(), Replaced::Conflict);
    assert_eq!(bucket.get("north/sales/latest.json").unwrap().unwrap().0, b"two");
    // A repetition whose first answer was lost.
    assert_eq!(bucket.replace("north/sales/latest.json", b"two".to_vec(), Some(&first)).unwrap(), Replaced::Done);
    // What is gone is not what was read.
    assert_eq!(bucket.replace("north/gone.json", b"x".to_vec(), Some(&second)).unwrap(), Replaced::Conflict);
    assert_eq!(bucket.replace("north/new.json", Vec::new(), None).unwrap(), Replaced::Done);
    assert_eq!(bucket.get("north/new.json").unwrap().unwrap().0, b"");

    // Names as `folder_name` makes them keep their bytes, and a folder is none whose name begins alike.
    let hostile = gallra::publish::folder_name("../år~");
    assert!(hostile.contains('%'), "{hostile}");
    for name in ["sales/v-1/a", "sales/v-1/month=2024-01/b", "sales/v-10/a", &format!("{hostile}/v-1/a")] {
        assert_eq!(bucket.put_new(name, name.as_bytes().to_vec()).unwrap(), Put::Done);
    }
    assert_eq!(bucket.folders("").unwrap(), [hostile.as_str(), "north", "sales"]);
    assert_eq!(bucket.folders("sales").unwrap(), ["v-1", "v-10"]);
    assert_eq!(bucket.folders(&hostile).unwrap(), ["v-1"]);
    let names = |folder: &str| bucket.list(folder).unwrap().into_iter().map(|object| object.name).collect::<Vec<_>>();
    assert_eq!(names("sales"), ["sales/v-1/a", "sales/v-1/month=2024-01/b", "sales/v-10/a"]);
    assert_eq!(names(&hostile), [format!("{hostile}/v-1/a")]);
    assert_eq!(bucket.list("sales/v-10").unwrap()[0].bytes, 12);
    assert_eq!(bucket.sha256_of("sales/v-10/a").unwrap(), Some((sha256(b"sales/v-10/a"), 12)));
    assert_eq!(bucket.remove("sales/v-1").unwrap(), 2);
    assert_eq!(bucket.remove("sales/v-1").unwrap(), 0);
    assert_eq!(names("sales"), ["sales/v-10/a"]);

    // No name leads out, and none means everything.
    for name in ["..", "../other", "a/../../other", "a//b", "/a", "a/", "./a", "a\nb"] {
        assert!(matches!(bucket_error(bucket.get(name)), BucketError::Other { .. }), "{name:?}");
        assert!(matches!(bucket_error(bucket.put_new(name, Vec::new())), BucketError::Other { .. }), "{name:?}");
    }
    assert!(matches!(bucket_error(bucket.remove("")), BucketError::Other { .. }));
}

/// Files that the bucket does not have.
fn sent_of<'a>(files: &[&'a str]) -> Vec<Sent<'a>> {
    files.iter().map(|name| Sent { name, copied_from: None }).collect()
}

/// Versions: visible when whole, once.
fn versions(bucket: &Bucket) {
    let folder = tempfile::tempdir().expect("a folder");
    let files = ["month=2024-01/part-0000.parquet", "dictionary.json", "manifest.json"];
    fs::create_dir(folder.path().join("month=2024-01")).expect("made");
    for (at, file) in files.iter().enumerate() {
        fs::write(folder.path().join(file), noise(100 + at, 7)).expect("written");
    }
    // What an earlier run left without a manifest is not in the way, nor part of the version.
    bucket.put_new("sales/v-r1/left-over", b"x".to_vec()).unwrap();
    let sent = bucket.publish_version("sales", "v-r1", folder.path(), &sent_of(&files)).unwrap();
    for (at, (file, sent)) in files.iter().zip(&sent).enumerate() {
        let expected = noise(100 + at, 7);
        assert_eq!((sent.bytes, &sent.sha256), (expected.len() as u64, &sha256(&expected)));
        assert_eq!(bucket.get(&format!("sales/v-r1/{file}")).unwrap().unwrap().0, expected);
    }
    assert_eq!(bucket.list("sales/v-r1").unwrap().len(), 3);

    // The same name again is somebody else's version, which stays.
    fs::write(folder.path().join("dictionary.json"), "other").expect("written");
    let error = bucket_error(bucket.publish_version("sales", "v-r1", folder.path(), &sent_of(&files)));
    assert!(matches!(error, BucketError::Conflict { .. }), "{error}");
    assert_eq!(bucket.get("sales/v-r1/dictionary.json").unwrap().unwrap().0, noise(101, 7));

    // A file that is not there: nothing stays of the version.
    let error = bucket
        .publish_version("sales", "v-r2", folder.path(), &sent_of(&["dictionary.json", "gone.parquet", "manifest.json"]))
        .unwrap_err();
    assert!(matches!(&error, PublishError::Io { path, .. } if path.ends_with("gone.parquet")), "{error}");
    assert_eq!(bucket.list("sales/v-r2").unwrap(), []);
    let nothing: [&str; 0] = [];
    assert!(bucket.publish_version("sales", "v-r3", folder.path(), &sent_of(&nothing)).is_err());
}

/// Files on both sides of the size of a part, up to several parts.
fn files_of_all_sizes(bucket: &Bucket) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("part-0000.parquet");
    const PART: usize = 8 << 20;
    for size in [0, 1, PART - 1, PART, PART + 1, 2 * PART] {
        let content = noise(size, 11);
        fs::write(&file, &content).expect("written");
        let sent = bucket.upload("sales/part", &file).unwrap();
        assert_eq!((sent.bytes, &sent.sha256), (size as u64, &sha256(&content)));
        let (found, _) = bucket.get("sales/part").unwrap().unwrap();
        assert!(found == content, "{size} bytes came back otherwise");
    }
    let missing = bucket.upload("sales/part", &folder.path().join("gone")).unwrap_err();
    assert!(matches!(missing, PublishError::Io { .. }), "{missing}");
}

/// Many writers read the same and replace it at once: one of them wins each time.
fn races(open: &(dyn Fn() -> Bucket + Sync), rounds: usize) {
    let writers = 4;
    let first = open();
    for round in 0..rounds {
        let name = format!("race/{round}.json");
        // Rounds in which there is nothing yet, and rounds in which there is.
        if round % 2 == 1 {
            first.put_new(&name, b"before".to_vec()).unwrap();
        }
        let barrier = Barrier::new(writers);
        let write = |writer: usize| {
            let bucket = open();
            let read = bucket.get(&name).unwrap();
            barrier.wait();
            bucket.replace(&name, format!("writer {writer}").into_bytes(), read.as_ref().map(|(_, tag)| tag)).unwrap()
        };
        let write = &write;
        let done: Vec<Replaced> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..writers).map(|writer| scope.spawn(move || write(writer))).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        let winners: Vec<usize> = (0..writers).filter(|writer| done[*writer] == Replaced::Done).collect();
        assert_eq!(winners.len(), 1, "round {round}: {done:?}");
        assert_eq!(first.get(&name).unwrap().unwrap().0, format!("writer {}", winners[0]).into_bytes());
    }
}

#[test]
fn a_bucket_in_memory_does_what_a_bucket_has_to() {
    small_objects(&Bucket::in_memory().unwrap());
    versions(&Bucket::in_memory().unwrap());
    files_of_all_sizes(&Bucket::in_memory().unwrap());
}

#[test]
fn one_bucket_serves_many_threads() {
    let bucket = Bucket::in_memory().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let bucket = &bucket;
            scope.spawn(move || {
                for at in 0..50 {
                    let name = format!("t{thread}/{at}");
                    assert_eq!(bucket.put_new(&name, name.clone().into_bytes()).unwrap(), Put::Done);
                    assert_eq!(bucket.get(&name).unwrap().unwrap().0, name.into_bytes());
                }
            });
        }
    });
    assert_eq!(bucket.list("").unwrap().len(), 400);
}

#[test]
fn a_bucket_of_s3_does_what_a_bucket_has_to() {
    let server = Server::start();
    small_objects(&server.open("s3://company-se/small"));
    versions(&server.open("s3://company-se"));
    files_of_all_sizes(&server.open("s3://company-se/files/deep"));
    // Each kept to its own prefix.
    let whole = server.open("s3://company-se/");
    assert_eq!(whole.folders("").unwrap(), ["files", "sales", "small"]);
    assert_eq!(whole.url_of("sales/v-r1"), "s3://company-se/sales/v-r1");
}

#[test]
fn of_writers_that_replace_one_object_exactly_one_wins() {
    let server = Server::start();
    races(&|| server.open("s3://company-se"), 12);
}

#[test]
fn a_large_file_arrives_whole_in_little_memory() {
    let server = Server::start();
    let bucket = server.open("s3://company-se/large");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("part-0000.parquet");
    let size: usize = 150_000_001;
    let expected = {
        let content = noise(size, 5);
        fs::write(&file, &content).expect("written");
        sha256(&content)
    };
    // What the test itself held is in the peak; so the upload is made by a process of its own.
    let (sent, grown) = server::in_a_process("upload_for_the_memory_test", &server, &file);
    assert_eq!(sent, expected);
    assert!(grown < 64 << 20, "an upload of {size} bytes took {grown} bytes of memory");
    assert_eq!(bucket.sha256_of("part-0000.parquet").unwrap(), Some((expected, size as u64)));
}

/// What `a_large_file_arrives_whole_in_little_memory` starts; by itself it does nothing.
#[test]
fn upload_for_the_memory_test() {
    let Some((environment, file)) = server::handed_over() else { return };
    let bucket = Bucket::open(&url("s3://company-se/large"), &|name| environment.get(name).cloned()).unwrap();
    bucket.put_new("warm-up", b"x".to_vec()).unwrap();
    let before = peak();
    let sent = bucket.upload("part-0000.parquet", &file).unwrap();
    server::hand_back(&sent.sha256, peak() - before);
}

/// A version of 60 MB in eight parts.
fn large_version() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("part-0000.parquet"), noise(60 << 20, 3)).expect("written");
    fs::write(folder.path().join("manifest.json"), "{}").expect("written");
    folder
}

#[test]
fn a_server_that_dies_during_an_upload_is_said_in_a_clear_sentence() {
    let mut server = Server::start_that(&["die"]);
    let bucket = server.open("s3://company-se/sets");
    let folder = large_version();
    let beginning = Instant::now();
    let error = bucket_error(bucket.publish_version("sales", "v-r1", folder.path(), &sent_of(&["part-0000.parquet", "manifest.json"])));
    let took = beginning.elapsed();
    assert!(server.is_dead());
    assert!(matches!(error, BucketError::Unreachable { .. }), "{error:?}");
    assert!(took < Duration::from_secs(75), "it took {took:?}");
    let sentence = error.to_string();
    assert!(
        sentence.starts_with("cannot upload `sales/v-r1/part-0000.parquet`: the bucket `s3://company-se/sets` can not be"),
        "{sentence}"
    );
    assert!(error.hint().is_some_and(|hint| hint.contains("run again")));
    server.says_nothing_secret(&told(&error));
}

#[test]
fn an_upload_that_fails_in_the_middle_leaves_nothing() {
    let server = Server::start_that(&["fail"]);
    let bucket = server.open("s3://company-se/sets");
    let folder = large_version();
    fs::write(folder.path().join("dictionary.json"), "{}").expect("written");
    // What was published before stays as it is.
    bucket.publish_version("sales", "v-r0", folder.path(), &sent_of(&["dictionary.json", "manifest.json"])).unwrap();
    bucket.put_new("sales/latest.json", b"v-r0".to_vec()).unwrap();
    let files = ["dictionary.json", "part-0000.parquet", "manifest.json"];
    let error = bucket_error(bucket.publish_version("sales", "v-r1", folder.path(), &sent_of(&files)));
    assert!(matches!(error, BucketError::Unreachable { reason: "HTTP 500", .. }), "{error:?}");
    // The server's answer quotes the key.
    server.says_nothing_secret(&told(&error));
    let names: Vec<String> = bucket.list("sales").unwrap().into_iter().map(|object| object.name).collect();
    assert_eq!(names, ["sales/latest.json", "sales/v-r0/dictionary.json", "sales/v-r0/manifest.json"]);
    assert_eq!(server.open_uploads(), 0);
}

#[test]
fn what_a_server_refuses_is_said_without_a_secret() {
    let server = Server::start();
    let writer = server.environment();
    let open = |at: &str, changes: &[(&str, &str)]| {
        let mut environment = writer.clone();
        environment.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Bucket::open(&url(at), &|name| environment.get(name).cloned()).unwrap()
    };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("part");
    fs::write(&file, noise(9 << 20, 1)).expect("written");
    type Call<'a> = &'a dyn Fn(&Bucket) -> BucketError;
    let calls: [(&str, Call<'_>); 6] = [
        ("read `x`", &|bucket| bucket_error(bucket.get("x"))),
        ("write `x`", &|bucket| bucket_error(bucket.put_new("x", b"1".to_vec()))),
        ("write `x`", &|bucket| bucket_error(bucket.replace("x", b"1".to_vec(), None))),
        ("list `x`", &|bucket| bucket_error(bucket.list("x"))),
        ("remove `x`", &|bucket| bucket_error(bucket.remove("x"))),
        ("upload `x`", &|bucket| bucket_error(bucket.upload("x", &file))),
    ];
    let unknown = open("s3://company-se", &[("AWS_ACCESS_KEY_ID", "AKIAHUNTER2HUNTER2AA"), ("AWS_SECRET_ACCESS_KEY", "hunter2")]);
    let wrong = open("s3://company-se", &[("AWS_SECRET_ACCESS_KEY", "hunter2")]);
    let missing = open("s3://company-nowhere", &[]);
    for (doing, call) in calls {
        for bucket in [&unknown, &wrong] {
            let error = call(bucket);
            let told = told(&error);
            assert!(matches!(error, BucketError::AccessDenied { .. }), "{told}");
            assert!(error.to_string().starts_with(&format!("cannot {doing}: the bucket `s3://company-se` refused access")), "{told}");
            assert!(told.contains("AWS_ACCESS_KEY_ID"), "{told}");
            server.says_nothing_secret(&told);
        }
        let error = call(&missing);
        assert_eq!(error.to_string(), format!("cannot {doing}: there is no bucket `s3://company-nowhere`"), "{error:?}");
        server.says_nothing_secret(&told(&error));
    }

    // Who may only read.
    let reader = server.reader();
    server.open("s3://company-se").put_new("shared", b"1".to_vec()).unwrap();
    let only_reads = open("s3://company-se", &[("AWS_ACCESS_KEY_ID", &reader.0), ("AWS_SECRET_ACCESS_KEY", &reader.1)]);
    assert_eq!(only_reads.get("shared").unwrap().unwrap().0, b"1");
    for error in [bucket_error(only_reads.put_new("y", b"1".to_vec())), bucket_error(only_reads.upload("y", &file))] {
        assert!(matches!(error, BucketError::AccessDenied { .. }), "{error:?}");
        server.says_nothing_secret(&told(&error));
    }
    for bucket in [&unknown, &wrong, &missing, &only_reads] {
        server.says_nothing_secret(&format!("{bucket:?}"));
    }
}

#[test]
fn a_dead_or_silent_endpoint_is_given_up_within_about_a_minute() {
    // Nobody listens; and somebody who listens and never answers.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its address");
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let addresses = [closed, silent.local_addr().expect("its address")];
    std::thread::scope(|scope| {
        for (address, reason) in addresses.iter().zip(["no connection", "no answer in time"]) {
            scope.spawn(move || {
                let environment = |name: &str| match name {
                    "AWS_ENDPOINT_URL" => Some(format!("http://{address}")),
                    "AWS_ALLOW_HTTP" => Some("true".to_owned()),
                    "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("hunter2".to_owned()),
                    _ => None,
                };
                let bucket = Bucket::open(&url("s3://company-se/x"), &environment).unwrap();
                let beginning = Instant::now();
                let error = bucket_error(bucket.get("latest.json"));
                let took = beginning.elapsed();
                let sentence = format!("cannot read `latest.json`: the bucket `s3://company-se/x` can not be reached ({reason})");
                assert_eq!(error.to_string(), sentence);
                assert!(!told(&error).contains("hunter2"));
                assert!(took < Duration::from_secs(75), "{reason}: {took:?}");
            });
        }
    });
}
