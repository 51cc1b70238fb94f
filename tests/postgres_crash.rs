//! PostgreSQL: runs and servers that are killed, and connections that are cut, at chosen points. The next run finishes what an uninterrupted
//! one would have done.

mod shop;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use shop::cli::{Answer, latest_data, walk};
use shop::server::{Options, SUPERUSER, Server};
use shop::{COMMIT_GATE, Other, ROW_GATE, Shop, Size, until};

/// A server whose commits are on disk as soon as it says so, and that leaves everything else of a commit to the sessions.
fn durable() -> Server {
    let configuration = "fsync = on\nfull_page_writes = on\nsynchronous_commit = on\nwal_writer_delay = 10s".into();
    Server::start_with(Options { tcp: true, configuration, ..Options::default() })
}

/// The server of the tests that do not kill it.
fn shared() -> &'static Server {
    static SHARED: OnceLock<Server> = OnceLock::new();
    SHARED.get_or_init(|| Server::start_with(Options { tcp: true, ..Options::default() }))
}

/// A shop of twenty customers, sixteen of whom are due, in batches of five: 9 is in the second batch and 20 in the last one.
fn a_shop(server: &Server) -> Shop<'_> {
    Shop::new(server, &Size { batch: 5, statements: format!("{ROW_GATE}{COMMIT_GATE}"), ..Size::default() })
}

/// What a finished run leaves.
#[derive(Debug, PartialEq, Eq)]
struct Finished {
    rows: String,
    /// Per table of the journal how many bytes of entries there are: an entry that was made twice shows.
    journal: String,
    sets: BTreeMap<String, BTreeSet<String>>,
}

fn finished(shop: &Shop<'_>) -> Finished {
    let journal = r#"SELECT "table", sum(length(entries)) FROM gallra.journal WHERE "table" <> '' GROUP BY 1 ORDER BY 1"#;
    Finished { rows: shop.dump(), journal: shop.sql(journal), sets: latest_data(&shop.output()) }
}

/// What an uninterrupted run leaves.
fn promised(shop: &Shop<'_>) -> Finished {
    let whole = shop.copy();
    whole.call("run", &[]).expect(0);
    settled(&whole, "uninterrupted");
    finished(&whole)
}

/// What must hold once a run has come to its end, whatever happened before.
#[track_caller]
fn settled(shop: &Shop<'_>, what: &str) {
    let checked = shop.call("ledger check", &["--format", "json"]).expect(0).json();
    assert_eq!((&checked["intact"], &checked["open_intents"]), (&true.into(), &0.into()), "{what}: {checked}");
    let verified = shop.call("verify", &[]);
    assert_eq!(verified.code, Some(0), "{what}: {}", verified.printed());
    // Each batch that the store knows of has its completion in the ledger, once, and no other has.
    let mut completed: Vec<String> = records(shop, "completion").iter().map(batch).collect();
    completed.sort();
    let committed = shop.sql(r#"SELECT batch FROM gallra.journal WHERE "table" = '' ORDER BY batch COLLATE "C""#);
    assert_eq!(completed, committed.lines().collect::<Vec<_>>(), "{what}");
    let hidden: Vec<_> = walk(shop.folder.path()).into_iter().filter(|file| file.to_string_lossy().contains("/.staging-")).collect();
    assert!(hidden.is_empty(), "{what}: staging stays: {hidden:?}");
}

/// The ledger's records of a kind.
fn records(shop: &Shop<'_>, kind: &str) -> Vec<serde_json::Value> {
    let ledger = fs::read_to_string(shop.ledger()).unwrap_or_default();
    let lines = ledger.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    lines.map(|mut line| line["record"].take()).filter(|record| record["kind"] == kind).collect()
}

/// A record's batch as the journal names it.
fn batch(record: &serde_json::Value) -> String {
    format!("{}/{}", record["run"].as_str().unwrap(), record["batch"])
}

/// Finishes what was interrupted, and compares it with what an uninterrupted run would have done. Nobody is forgotten twice: the rows of those
/// who already were are not written again.
#[track_caller]
fn finish(shop: &Shop<'_>, promised: &Finished, what: &str) {
    let versions = || shop.sql("SELECT id, xmin FROM customer WHERE name = 'XXX' ORDER BY id");
    let before = versions();
    let next = shop.call("run", &[]);
    assert_eq!(next.code, Some(0), "{what}: {}", next.printed());
    settled(shop, what);
    assert_eq!(&finished(shop), promised, "{what}");
    let after = versions();
    let after: BTreeSet<&str> = after.lines().collect();
    assert!(before.lines().all(|row| after.contains(row)), "{what}: somebody was written twice");
}

/// A run that is under way.
struct Running(Option<Child>);

impl Running {
    fn start(shop: &Shop<'_>) -> Self {
        Self(Some(shop.command("run", &[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()))
    }

    fn signal(&self, name: &str) {
        let id = self.0.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// SIGKILL: nothing of the program runs after it.
    fn kill(mut self) {
        let mut child = self.0.take().unwrap();
        child.kill().unwrap();
        assert_eq!(child.wait().unwrap().code(), None, "it had ended already");
    }

    /// Waits for its end.
    fn answer(mut self) -> Answer {
        let output = self.0.take().unwrap().wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let answer = Answer { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) };
        assert!(!answer.printed().contains("panicked at"), "a panic:\n{}", answer.printed());
        answer
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

/// A run that failed because its store went away: one sentence, one hint, no value of a row.
#[track_caller]
fn lost(answer: Answer, what: &str) {
    assert_eq!(answer.code, Some(3), "{what}: {}", answer.printed());
    let lines: Vec<&str> = answer.err.lines().filter(|line| line.starts_with("error") || line.trim_start().starts_with("hint")).collect();
    assert_eq!(lines.len(), 2, "{what}: {}", answer.printed());
    assert!(!answer.printed().contains("Karlsson"), "{what}: {}", answer.printed());
}

/// How many customers are forgotten.
fn forgotten(shop: &Shop<'_>) -> usize {
    shop.sql("SELECT count(*) FROM customer WHERE name = 'XXX'").parse().unwrap()
}

/// Whether a run's lock is held.
fn lock_is_held(shop: &Shop<'_>) -> bool {
    let of_here = "database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    shop.sql(&format!("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = {} AND {of_here}", 0x6761_6c6c)) != "0"
}

#[test]
fn a_run_that_is_killed_at_any_point_is_finished_by_the_next_one() {
    let shop = a_shop(shared());
    let promised = promised(&shop);

    let what = "killed before the first lock";
    let killed = shop.copy();
    let holder = Other::of(&killed);
    holder.run("BEGIN; LOCK TABLE ticket IN ACCESS EXCLUSIVE MODE");
    let run = Running::start(&killed);
    killed.until_gallra_waits();
    run.kill();
    holder.run("ROLLBACK");
    until("the lock is free", || !lock_is_held(&killed));
    assert_eq!((records(&killed, "completion").len(), forgotten(&killed)), (0, 0), "{what}");
    finish(&killed, &promised, what);

    let what = "killed behind the first intent of customers";
    let killed = shop.copy();
    let holder = Other::of(&killed);
    holder.run("BEGIN; LOCK TABLE call IN ROW EXCLUSIVE MODE");
    let run = Running::start(&killed);
    killed.until_gallra_waits();
    run.kill();
    holder.run("ROLLBACK");
    until("the lock is free", || !lock_is_held(&killed));
    assert_eq!((records(&killed, "intent").len(), records(&killed, "completion").len(), forgotten(&killed)), (2, 1, 0), "{what}");
    finish(&killed, &promised, what);

    let what = "killed in the middle of the second batch";
    let killed = shop.copy();
    let gate = Other::of(&killed);
    gate.run("SELECT pg_advisory_lock(7, 9)");
    let run = Running::start(&killed);
    killed.until_gallra_waits();
    // Meanwhile nobody else runs.
    killed.call("run", &[]).expect(3).says("another gallra run is working on the store").says("wait until it has finished");
    assert!(lock_is_held(&killed));
    run.kill();
    // The server notices although what the run had asked for goes on waiting.
    let noticed = Instant::now();
    until("the lock is free", || !lock_is_held(&killed));
    assert!(noticed.elapsed() < Duration::from_secs(15), "{:?}", noticed.elapsed());
    drop(gate);
    assert!(forgotten(&killed) > 0, "{what}");
    finish(&killed, &promised, what);

    let what = "killed while the second batch is being committed";
    let killed = shop.copy();
    let gate = Other::of(&killed);
    gate.run("SELECT pg_advisory_lock(8, 9)");
    let run = Running::start(&killed);
    killed.until_gallra_waits();
    run.kill();
    drop(gate);
    until("the lock is free", || !lock_is_held(&killed));
    finish(&killed, &promised, what);

    let what = "killed between the second batch's commit and its completion";
    let killed = shop.copy();
    let gate = Other::of(&killed);
    gate.run("SELECT pg_advisory_lock(8, 9)");
    let run = Running::start(&killed);
    killed.until_gallra_waits();
    let before = (forgotten(&killed), records(&killed, "completion").len());
    run.signal("-STOP");
    drop(gate);
    until("the batch is committed", || forgotten(&killed) > before.0);
    run.kill();
    until("the lock is free", || !lock_is_held(&killed));
    assert_eq!(records(&killed, "completion").len(), before.1, "{what}");
    finish(&killed, &promised, what);

    let what = "killed behind the last batch, before the switch";
    let killed = shop.copy();
    let gate = Other::of(&killed);
    gate.run("SELECT pg_advisory_lock(8, 20)");
    let run = Running::start(&killed);
    killed.until_gallra_waits();
    let holder = thread::spawn({
        let other = Other::of(&killed);
        move || {
            other.run("BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE");
            other
        }
    });
    killed.until("somebody waits behind it", "application_name = 'other'", 1);
    drop(gate);
    let holder = holder.join().unwrap();
    killed.until_gallra_waits();
    assert_eq!(records(&killed, "intent").len(), records(&killed, "completion").len(), "{what}");
    run.kill();
    drop(holder);
    until("the lock is free", || !lock_is_held(&killed));
    assert!(!walk(&killed.output()).iter().any(|file| file.ends_with("latest.json")), "{what}: switched already");
    finish(&killed, &promised, what);
}

#[test]
fn a_server_that_is_killed_keeps_what_it_has_committed_and_nothing_else() {
    let server = durable();
    let shop = a_shop(&server);
    // Even where the sessions of this database do not wait for the disk: the ledger relies on it.
    server.psql("postgres", &format!("ALTER DATABASE \"{}\" SET synchronous_commit TO off", shop.database));
    let promised = promised(&shop);
    for (gate, customer) in [(7, 9), (8, 9), (8, 20)] {
        let what = format!("killed at gate {gate} of {customer}");
        let killed = shop.copy();
        server.psql("postgres", &format!("ALTER DATABASE \"{}\" SET synchronous_commit TO off", killed.database));
        let holder = Other::of(&killed);
        holder.run(&format!("SELECT pg_advisory_lock({gate}, {customer})"));
        let run = Running::start(&killed);
        killed.until_gallra_waits();
        let (before, completed) = (forgotten(&killed), records(&killed, "completion").len());
        assert!(before > 0 && completed > 1, "{what}");
        server.kill9();
        lost(run.answer(), &what);
        server.restart();
        assert_eq!(forgotten(&killed), before, "{what}");
        assert_eq!(killed.sql(r#"SELECT count(*) FROM gallra.journal WHERE "table" = ''"#), completed.to_string(), "{what}");
        finish(&killed, &promised, &what);
    }
}

/// Stands between a client and the server, and cuts all connections when it is told to, or when enough has gone through.
struct Proxy {
    port: u16,
    wire: Arc<Wire>,
}

struct Wire {
    server: u16,
    /// Bytes that have gone through, both ways.
    passed: AtomicU64,
    /// Bytes after which it cuts.
    limit: AtomicU64,
    ended: AtomicBool,
    /// Whether one side's end is kept from the other.
    silent: AtomicBool,
    /// The clients' sides and the servers' sides.
    open: Mutex<[Vec<TcpStream>; 2]>,
}

impl Wire {
    fn cut_clients(&self) {
        // The server's side stays open, and silent, until everything is cut.
        self.silent.store(true, Ordering::SeqCst);
        for stream in self.open.lock().unwrap()[0].drain(..) {
            stream.shutdown(Shutdown::Both).ok();
        }
    }

    fn cut(&self) {
        for stream in self.open.lock().unwrap().iter_mut().flat_map(|side| side.drain(..)) {
            stream.shutdown(Shutdown::Both).ok();
        }
    }

    fn is_cut(&self) -> bool {
        self.passed.load(Ordering::SeqCst) >= self.limit.load(Ordering::SeqCst)
    }

    /// Copies until either side ends. What would go beyond the limit is not passed on.
    fn copy(&self, mut from: TcpStream, mut to: TcpStream) {
        let mut bytes = [0; 1024];
        while let Ok(read @ 1..) = from.read(&mut bytes) {
            let before = self.passed.fetch_add(read as u64, Ordering::SeqCst);
            let left = self.limit.load(Ordering::SeqCst).saturating_sub(before).min(read as u64) as usize;
            if to.write_all(&bytes[..left]).is_err() {
                break;
            }
            if left < read {
                self.cut();
            }
        }
        if !self.silent.load(Ordering::SeqCst) {
            from.shutdown(Shutdown::Both).ok();
            to.shutdown(Shutdown::Both).ok();
        }
    }
}

impl Proxy {
    fn to(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let wire = Wire {
            server: server.port(),
            passed: AtomicU64::new(0),
            limit: AtomicU64::new(u64::MAX),
            ended: AtomicBool::new(false),
            silent: AtomicBool::new(false),
            open: Mutex::default(),
        };
        let wire = Arc::new(wire);
        let accepting = wire.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if accepting.ended.load(Ordering::SeqCst) {
                    return;
                }
                if accepting.is_cut() {
                    continue;
                }
                let server = TcpStream::connect(("127.0.0.1", accepting.server)).unwrap();
                let both = |stream: &TcpStream| (stream.try_clone().unwrap(), stream.try_clone().unwrap());
                let ((client_1, client_2), (server_1, server_2)) = (both(&client), both(&server));
                let mut open = accepting.open.lock().unwrap();
                open[0].push(client);
                open[1].push(server);
                drop(open);
                let (there, back) = (accepting.clone(), accepting.clone());
                thread::spawn(move || there.copy(client_1, server_1));
                thread::spawn(move || back.copy(server_2, client_2));
            }
        });
        Self { port, wire }
    }

    fn url(&self, shop: &Shop<'_>) -> String {
        format!("postgres://{SUPERUSER}@127.0.0.1:{}/{}?sslmode=disable", self.port, shop.database)
    }

    /// Begins to count, and cuts after so many bytes.
    fn limit(&self, bytes: u64) {
        self.wire.passed.store(0, Ordering::SeqCst);
        self.wire.limit.store(bytes, Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.wire.ended.store(true, Ordering::SeqCst);
        self.wire.cut();
        TcpStream::connect(("127.0.0.1", self.port)).ok();
    }
}

#[test]
fn a_connection_that_is_cut_anywhere_leaves_nothing_half_done() {
    let shop = a_shop(shared());
    let promised = promised(&shop);
    let proxy = Proxy::to(shared());
    let whole = shop.copy();
    whole.at(&proxy.url(&whole));
    proxy.limit(u64::MAX);
    whole.call("run", &[]).expect(0);
    assert_eq!(finished(&whole), promised);
    let bytes = proxy.wire.passed.load(Ordering::SeqCst);
    drop(whole);
    let mut in_between = 0;
    for part in 1..8 {
        let what = format!("cut after {part} of 8 parts of {bytes} bytes");
        let cut = shop.copy();
        cut.at(&proxy.url(&cut));
        proxy.limit(bytes * part / 8);
        lost(cut.call("run", &[]), &what);
        proxy.limit(u64::MAX);
        until("the lock is free", || !lock_is_held(&cut));
        in_between += usize::from((1..12).contains(&forgotten(&cut)));
        finish(&cut, &promised, &what);
    }
    assert!(in_between >= 2, "only {in_between} were cut between batches");
}

#[test]
fn a_connection_that_is_cut_while_the_server_commits_leaves_it_to_the_next_run_to_find_out() {
    let shop = a_shop(shared());
    let promised = promised(&shop);
    let proxy = Proxy::to(shared());
    for commits in [true, false] {
        let what = format!("cut within a commit that comes through: {commits}");
        let cut = shop.copy();
        cut.at(&proxy.url(&cut));
        let gate = Other::of(&cut);
        gate.run("SELECT pg_advisory_lock(8, 9)");
        let run = Running::start(&cut);
        cut.until_gallra_waits();
        let before = forgotten(&cut);
        if commits {
            // The server does not hear of it before it has committed.
            proxy.wire.cut_clients();
            lost(run.answer(), &what);
            drop(gate);
            until("the batch is committed", || forgotten(&cut) > before);
            proxy.wire.cut();
            proxy.wire.silent.store(false, Ordering::SeqCst);
        } else {
            proxy.wire.cut();
            lost(run.answer(), &what);
            until("the server notices", || !lock_is_held(&cut));
            drop(gate);
            assert_eq!(forgotten(&cut), before, "{what}");
        }
        assert_eq!(records(&cut, "abandoned").len(), 0, "{what}: the ledger says more than anybody knew");
        until("the lock is free", || !lock_is_held(&cut));
        finish(&cut, &promised, &what);
    }
}
