//! An S3 server of the test's own, which ends with it; and processes of the test's own.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use gallra::publish::Bucket;

const REQUIREMENTS: &str = include_str!("requirements.txt");
const FILE: &str = "GALLRA_TEST_UPLOAD";
const BACK: &str = "handed back: ";

/// A server with one bucket, `company-se`.
pub struct Server {
    process: Child,
    ready: serde_json::Value,
}

/// The Python that has the server, in an environment beside the build, made where it is missing or of other packages.
fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("s3-server");
        let (python, installed) = (folder.join("bin/python"), folder.join("installed.txt"));
        fs::create_dir_all(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        // Two test processes may want it at once.
        let lock = fs::File::create(folder.with_extension("lock")).expect("a lock file");
        lock.lock().expect("the lock");
        if fs::read_to_string(&installed).is_ok_and(|text| text == REQUIREMENTS) && python.exists() {
            return python;
        }
        let run = |command: &mut Command, what: &str| {
            let done = command.stdin(Stdio::null()).status().unwrap_or_else(|error| panic!("{what}: {error}"));
            assert!(done.success(), "{what} failed; on Debian and Ubuntu it may need `apt-get install python3-venv`");
        };
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder), "making an environment of Python");
        let requirements = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/buckets/requirements.txt");
        let arguments = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", requirements];
        run(Command::new(&python).args(arguments), "installing the S3 server from PyPI");
        fs::write(&installed, REQUIREMENTS).expect("noted");
        python
    })
}

impl Server {
    /// Starts one on a free port.
    pub fn start() -> Self {
        Self::start_that(&[])
    }

    /// The same for one that dies or fails in the middle of an upload; see the script.
    pub fn start_that(how: &[&str]) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/buckets/server.py");
        let mut command = Command::new(python());
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("AWS_") || name.starts_with("MOTO_")) {
                command.env_remove(name);
            }
        }
        let mut process = command.arg(script).args(how).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Python starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let ready = serde_json::from_str(&line).unwrap_or_else(|error| panic!("the server says `{line}`: {error}"));
        Self { process, ready }
    }

    fn text(&self, pointer: &str) -> String {
        self.ready.pointer(pointer).and_then(serde_json::Value::as_str).unwrap_or_else(|| panic!("no {pointer}")).to_owned()
    }

    /// What a run that may write would have in its environment.
    pub fn environment(&self) -> HashMap<String, String> {
        let set = [
            ("AWS_ENDPOINT_URL", self.text("/endpoint")),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_REGION", self.text("/region")),
            ("AWS_ACCESS_KEY_ID", self.text("/writer/id")),
            ("AWS_SECRET_ACCESS_KEY", self.text("/writer/secret")),
        ];
        set.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// The access key of somebody who may only read.
    pub fn reader(&self) -> (String, String) {
        (self.text("/reader/id"), self.text("/reader/secret"))
    }

    /// A bucket of the server, for whoever may write.
    pub fn open(&self, url: &str) -> Bucket {
        let environment = self.environment();
        Bucket::open(&super::url(url), &|name| environment.get(name).cloned()).expect("opened")
    }

    /// How many uploads in parts were begun and neither completed nor given up.
    pub fn open_uploads(&self) -> usize {
        let script = "import json, sys, boto3\n\
            ready = json.load(sys.stdin)\n\
            s3 = boto3.client('s3', endpoint_url=ready['endpoint'], region_name=ready['region'],\n\
            \x20   aws_access_key_id=ready['writer']['id'], aws_secret_access_key=ready['writer']['secret'])\n\
            print(len(s3.list_multipart_uploads(Bucket=ready['bucket']).get('Uploads', [])))\n";
        let mut asking = Command::new(python());
        let mut asking = asking.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Python starts");
        serde_json::to_writer(asking.stdin.take().expect("its input"), &self.ready).expect("handed over");
        let answer = asking.wait_with_output().expect("an answer").stdout;
        String::from_utf8_lossy(&answer).trim().parse().expect("a number")
    }

    /// Whether it has ended by itself.
    pub fn is_dead(&mut self) -> bool {
        self.process.try_wait().expect("known").is_some()
    }

    /// Nothing of any key stands in a text.
    #[track_caller]
    pub fn says_nothing_secret(&self, text: &str) {
        let keys = ["/writer/id", "/writer/secret", "/reader/id", "/reader/secret"].map(|pointer| self.text(pointer));
        for secret in keys.iter().map(String::as_str).chain(["hunter2", "HUNTER2", "Signature=", "Credential="]) {
            assert!(!text.contains(secret), "`{secret}` stands in: {text}");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs one test of this binary in a process of its own, for a file to upload. Gives the hash that it saw and the memory that it took.
pub fn in_a_process(test: &str, server: &Server, file: &Path) -> (String, u64) {
    let mut command = Command::new(std::env::current_exe().expect("this binary"));
    command.args(["--exact", test, "--nocapture"]).envs(server.environment()).env(FILE, file);
    let output = command.output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let (_, rest) = text.split_once(BACK).unwrap_or_else(|| panic!("nothing was handed back: {text}"));
    let mut words = rest.split_whitespace();
    let hash = words.next().expect("a hash").to_owned();
    (hash, words.next().and_then(|bytes| bytes.parse().ok()).expect("a number"))
}

/// What such a process is to do; `None` in an ordinary run.
pub fn handed_over() -> Option<(HashMap<String, String>, PathBuf)> {
    let file = std::env::var_os(FILE)?;
    let environment = std::env::vars().filter(|(name, _)| name.starts_with("AWS_")).collect();
    Some((environment, PathBuf::from(file)))
}

/// What it found.
#[expect(clippy::print_stdout, reason = "one process of a test speaks to another")]
pub fn hand_back(hash: &str, bytes: u64) {
    println!("{BACK}{hash} {bytes}");
}
