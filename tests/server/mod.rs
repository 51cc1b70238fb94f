//! A PostgreSQL server of a test's own: made in a temporary folder, and gone with the test, however the test ends.
//!
//! The binaries are those of `GALLRA_POSTGRES_BIN`, of `/usr/lib/postgresql/<newest>/bin`, or of `PATH`. The server refuses to run as root;
//! where the tests do, it runs as `postgres` or `nobody`.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, OnceLock};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The server's superuser, whom it trusts unless told otherwise.
pub const SUPERUSER: &str = "postgres";

/// Starts the server and waits for its own end of life: a line on its input stops the server, the end of its input (the test process is gone,
/// or has dropped the server) stops it and removes the folder.
const WATCHER: &str = r#"
folder=$1; shift
"$@" >>"$folder/log" 2>&1 </dev/null &
server=$!
keep=no
if read -r line; then keep=yes; fi
kill -QUIT $server 2>/dev/null
wait $server
if [ $keep = no ]; then rm -rf "$folder"; fi
"#;

/// How long a server may take to start, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a server is started with.
#[derive(Default)]
pub struct Options {
    /// Listen on 127.0.0.1 as well.
    pub tcp: bool,
    /// Lines for `postgresql.conf`.
    pub configuration: String,
    /// All of `pg_hba.conf`; empty trusts everybody.
    pub access: String,
    /// Files for the data folder, readable for the server alone: name and content.
    pub files: Vec<(String, String)>,
}

/// A running server.
pub struct Server {
    folder: PathBuf,
    port: u16,
    options: Options,
    watcher: Mutex<Option<Child>>,
}

/// The server that all tests of a process share; each uses a database of its own. It ends with the process.
pub fn shared() -> &'static Server {
    static SHARED: OnceLock<Server> = OnceLock::new();
    SHARED.get_or_init(Server::start)
}

impl Server {
    /// A server that listens on a Unix socket only.
    pub fn start() -> Self {
        Self::start_with(Options::default())
    }

    /// A server with options.
    pub fn start_with(options: Options) -> Self {
        let folder = tempfile::Builder::new().prefix("gallra-pg-").tempdir_in("/tmp").unwrap().keep();
        let data = folder.join("data");
        give(&folder);
        let initdb = as_server(&program("initdb"))
            .args(["--username", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"])
            .arg(&data)
            .output()
            .unwrap();
        assert!(initdb.status.success(), "initdb failed: {}", String::from_utf8_lossy(&initdb.stderr));
        for (name, content) in &options.files {
            let file = data.join(name);
            fs::write(&file, content).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
            give(&file);
        }
        if !options.access.is_empty() {
            fs::write(data.join("pg_hba.conf"), &options.access).unwrap();
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let configuration = format!(
            "listen_addresses = '{}'\nport = {port}\nunix_socket_directories = '{}'\nfsync = off\nfull_page_writes = off\n\
             synchronous_commit = off\nshared_buffers = 32MB\nmax_connections = 60\nautovacuum = off\njit = off\n{}\n",
            if options.tcp { "127.0.0.1" } else { "" },
            folder.display(),
            options.configuration,
        );
        fs::write(data.join("postgresql.auto.conf"), configuration).unwrap();
        let server = Self { folder, port, options, watcher: Mutex::new(None) };
        server.launch();
        server
    }

    fn launch(&self) {
        // After a SIGKILL the old server's children need a moment to notice; until then a new one does not start.
        let end = Instant::now() + PATIENCE;
        loop {
            let child = as_server(Path::new("sh"))
                .args(["-c", WATCHER, "watcher"])
                .arg(&self.folder)
                .arg(program("postgres"))
                .arg("-D")
                .arg(self.folder.join("data"))
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            *self.watcher.lock().unwrap() = Some(child);
            let attempt = (Instant::now() + Duration::from_secs(10)).min(end);
            while Instant::now() < attempt {
                if self.answers() {
                    return;
                }
                sleep(Duration::from_millis(20));
            }
            assert!(Instant::now() < end, "the server does not start: {}", fs::read_to_string(self.folder.join("log")).unwrap_or_default());
            self.stop();
        }
    }

    fn answers(&self) -> bool {
        let mut ready = Command::new(program("pg_isready"));
        ready.args(["-q", "-d", "postgres", "-h"]).arg(&self.folder).args(["-p", &self.port.to_string()]);
        ready.status().unwrap().success()
    }

    /// The URL of a database, over the socket, as the superuser.
    pub fn url(&self, database: &str) -> String {
        self.url_as(SUPERUSER, database)
    }

    /// The URL of a database, over the socket, as a role.
    pub fn url_as(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}@{}:{}/{database}", self.folder.display().to_string().replace('/', "%2F"), self.port)
    }

    /// The URL of a database, over the network.
    pub fn network_url(&self, role: &str, host: &str, database: &str) -> String {
        assert!(self.options.tcp);
        format!("postgres://{role}@{host}:{}/{database}", self.port)
    }

    /// The folder of the socket.
    pub fn socket_folder(&self) -> &Path {
        &self.folder
    }

    /// The port, which the socket's name has as well.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What the server has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// Makes an empty database.
    pub fn create_database(&self, name: &str) {
        self.psql("postgres", &format!("CREATE DATABASE \"{name}\""));
    }

    /// Runs SQL and gives what psql prints: rows without headers, columns parted by `|`.
    #[track_caller]
    pub fn psql(&self, database: &str, sql: &str) -> String {
        let output = self.psql_output(database, sql);
        assert!(output.status.success(), "psql failed: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end_matches('\n').into()
    }

    /// Runs SQL, which may fail.
    pub fn psql_output(&self, database: &str, sql: &str) -> Output {
        let mut psql = Command::new(program("psql"));
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", SUPERUSER, "-d", database, "-h"]).arg(&self.folder);
        let mut child =
            psql.args(["-p", &self.port.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        let sql = sql.to_owned();
        // Written beside, because a long input and a long output would otherwise wait for each other.
        let writer = std::thread::spawn(move || input.write_all(sql.as_bytes()).ok());
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        output
    }

    /// The process id of the server's first process.
    pub fn postmaster_pid(&self) -> u32 {
        let file = fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap();
        file.lines().next().unwrap().trim().parse().unwrap()
    }

    /// Kills the server's first process with SIGKILL.
    pub fn kill9(&self) {
        let killed = Command::new("kill").args(["-9", &self.postmaster_pid().to_string()]).status().unwrap();
        assert!(killed.success());
    }

    /// Stops the server where it still runs (without a checkpoint, as after a crash), and starts it again.
    pub fn restart(&self) {
        self.stop();
        self.launch();
    }

    /// Stops the server and keeps its data.
    pub fn stop(&self) {
        if let Some(mut watcher) = self.watcher.lock().unwrap().take() {
            watcher.stdin.take().unwrap().write_all(b"stop\n").ok();
            watcher.wait().unwrap();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut watcher) = self.watcher.get_mut().unwrap().take() {
            drop(watcher.stdin.take());
            watcher.wait().ok();
        }
        fs::remove_dir_all(&self.folder).ok();
    }
}

/// A program of PostgreSQL.
pub fn program(name: &str) -> PathBuf {
    if let Some(folder) = std::env::var_os("GALLRA_POSTGRES_BIN") {
        return Path::new(&folder).join(name);
    }
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok()).max();
    match newest.map(|version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin/{name}"))) {
        Some(path) if path.exists() => path,
        _ => name.into(),
    }
}

/// Whom the server runs as, where the tests run as root: user and group.
fn other_user() -> Option<(u32, u32)> {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    ["postgres", "nobody"].iter().find_map(|name| {
        let fields: Vec<&str> =
            users.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|fields| fields.first() == Some(name))?;
        Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
    })
}

/// Gives a file or folder to whoever the server runs as.
fn give(path: &Path) {
    if let Some((user, group)) = other_user() {
        chown(path, Some(user), Some(group)).unwrap();
    }
}

/// A command that runs as whoever the server runs as.
fn as_server(program: &Path) -> Command {
    let mut command = match other_user() {
        None => Command::new(program),
        Some((user, group)) => {
            let mut command = Command::new("setpriv");
            command.args([&format!("--reuid={user}"), &format!("--regid={group}"), "--clear-groups"]).arg(program);
            command
        }
    };
    command.current_dir("/");
    command
}
