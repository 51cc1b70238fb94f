//! What is measured, and how.

use std::error::Error;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::server::{SUPERUSER, Server, program};

/// Clock ticks per second in `/proc`, which Linux fixes for user programs.
const TICKS: f64 = 100.0;

/// One measurement. A process prints its own as JSON.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Measured {
    /// Seconds of the work itself.
    pub seconds: f64,
    /// Rows read or written.
    pub rows: u64,
    /// Processor seconds of the client.
    pub processor: f64,
    /// Processor seconds of the server.
    pub server: f64,
    /// The client's peak memory.
    pub peak_kilobytes: u64,
    /// Bytes of the write-ahead log.
    pub logged: u64,
}

/// Processor seconds of a process so far, in all threads.
pub fn processor(pid: &str) -> f64 {
    ticks(pid, 11..13)
}

/// Processor seconds of this thread so far, finer than the clock ticks of a process; 0 where the system does not tell.
pub fn thread() -> f64 {
    // It adds up when a thread gives its processor away.
    std::thread::yield_now();
    let told = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    told.split(' ').next().and_then(|nanoseconds| nanoseconds.parse::<f64>().ok()).unwrap_or_default() / 1e9
}

/// The 12th and 13th number after the name are a process's own user and system time, the two behind them those of children that have ended.
fn ticks(pid: &str, fields: std::ops::Range<usize>) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The program's name stands in parentheses and may hold spaces.
    let numbers: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    numbers.get(fields).unwrap_or_default().iter().filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / TICKS
}

/// This process's peak memory.
pub fn peak_kilobytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let (low, high) = (values.len().saturating_sub(1) / 2, values.len() / 2);
    values.get(low).zip(values.get(high)).map_or(f64::NAN, |(low, high)| f64::midpoint(*low, *high))
}

/// A database of a server that runs.
#[derive(Debug, Clone)]
pub struct Connected {
    /// Where the socket stands.
    pub folder: String,
    /// The port, which the socket's name has.
    pub port: String,
    /// The database.
    pub database: String,
}

impl Connected {
    /// A database of a server.
    pub fn to(server: &Server, database: &str) -> Self {
        Self { folder: server.socket_folder().display().to_string(), port: server.port().to_string(), database: database.into() }
    }

    /// The URL, over the socket.
    pub fn url(&self) -> String {
        format!("postgres://{SUPERUSER}@{}:{}/{}", self.folder.replace('/', "%2F"), self.port, self.database)
    }

    /// psql, which reads nobody's settings.
    pub fn psql(&self) -> Command {
        let mut psql = Command::new(program("psql"));
        psql.args([
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-U",
            SUPERUSER,
            "-h",
            &self.folder,
            "-p",
            &self.port,
            "-d",
            &self.database,
        ]);
        psql.stdin(Stdio::null());
        psql
    }

    /// What psql prints for some statements.
    pub fn ask(&self, statements: &[&str]) -> Result<String, Box<dyn Error>> {
        let mut psql = self.psql();
        for statement in statements {
            psql.args(["-c", statement]);
        }
        let output = psql.output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    /// Where the write-ahead log ends after a statement.
    pub fn log_position(&self, before: &str) -> Result<u64, Box<dyn Error>> {
        Ok(self.ask(&[before, "SELECT pg_current_wal_insert_lsn() - '0/0'"])?.parse::<f64>()? as u64)
    }

    /// Whether a table exists.
    pub fn has_table(&self, name: &str) -> Result<bool, Box<dyn Error>> {
        Ok(self.ask(&[&format!("SELECT to_regclass('{name}') IS NOT NULL")])? == "t")
    }

    /// Seconds that the server itself took for the last of some statements, as psql's `\timing` says, and what was logged meanwhile.
    pub fn timed(&self, prepare: &[&str], statement: &str) -> Result<Measured, Box<dyn Error>> {
        let position = "SELECT pg_current_wal_insert_lsn() - '0/0'";
        // From its input, because a list of keys is too long for an argument.
        let mut script = String::new();
        for statement in prepare.iter().chain(&["CHECKPOINT", position]) {
            script += &format!("{statement};\n");
        }
        script += &format!("\\timing on\n{statement};\n");
        let mut psql = self.psql().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let mut input = psql.stdin.take().ok_or("psql has no input")?;
        input.write_all(script.as_bytes())?;
        drop(input);
        let output = psql.wait_with_output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        let told = String::from_utf8(output.stdout)?;
        let number = |line: &str| line.split_whitespace().find_map(|word| word.parse::<f64>().ok());
        let before = told.lines().find(|line| line.bytes().all(|byte| byte.is_ascii_digit()) && !line.is_empty()).and_then(number);
        let milliseconds = told.lines().rev().find(|line| line.starts_with("Time:")).and_then(number);
        let (before, milliseconds) = before.zip(milliseconds).ok_or("psql did not say how long it took")?;
        let logged = self.log_position("")? - before as u64;
        Ok(Measured { seconds: milliseconds / 1_000.0, logged, ..Measured::default() })
    }
}

/// Processor seconds of the server's sessions that have ended, once all that were begun meanwhile have.
pub struct Sessions {
    postmaster: String,
    before: f64,
    running: usize,
}

impl Sessions {
    /// Starts to count.
    pub fn watch(server: &Server) -> Self {
        let postmaster = server.postmaster_pid().to_string();
        let running = children(&postmaster);
        Self { before: ticks(&postmaster, 13..15), running, postmaster }
    }

    /// What was used since.
    pub fn used(&self) -> f64 {
        let end = Instant::now() + Duration::from_secs(10);
        while children(&self.postmaster) > self.running && Instant::now() < end {
            sleep(Duration::from_millis(5));
        }
        ticks(&self.postmaster, 13..15) - self.before
    }
}

fn children(pid: &str) -> usize {
    fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default().split_whitespace().count()
}
