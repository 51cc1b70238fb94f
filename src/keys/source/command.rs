//! A command whose output is the keyring.

use std::fmt;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, OnceLock, mpsc};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::keys::KeysError;
use crate::keys::keyring::LARGEST;

/// How long a command may take: a key management service across the world answers within seconds.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often is looked whether it has ended.
const PAUSE: Duration = Duration::from_millis(5);

/// A program with its arguments, started directly and by no shell: nothing in them is expanded.
///
/// It runs in the pipeline file's folder, with gallra's own environment, without input. Its standard
/// error goes nowhere. It runs in a process group of its own, which is killed as a whole when it is
/// given up. It runs once: what it printed well is kept for as long as this or a clone of it.
#[derive(Clone, Debug)]
pub struct KeyringCommand {
    program: String,
    arguments: Vec<String>,
    folder: PathBuf,
    printed: Arc<OnceLock<Printed>>,
}

/// The text of a keyring, wiped when it is dropped.
struct Printed(Zeroizing<Vec<u8>>);

impl fmt::Debug for Printed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}

impl KeyringCommand {
    /// The program, its arguments, and the folder in which it runs. A program with a path that is
    /// not absolute is looked for from that folder, one without along the `PATH`.
    #[must_use]
    pub fn new(program: &str, arguments: &[String], folder: &Path) -> Self {
        Self { program: program.to_owned(), arguments: arguments.to_vec(), folder: folder.to_owned(), printed: Arc::default() }
    }

    /// The program as it was named.
    #[must_use]
    pub fn program(&self) -> &str {
        &self.program
    }

    /// What it prints.
    ///
    /// # Errors
    /// One variant of [`KeysError`] for each way in which it does not print and end well.
    pub(super) fn output(&self) -> Result<&[u8], KeysError> {
        if self.printed.get().is_none() {
            let text = self.output_within(PATIENCE)?;
            // Somebody else may have been faster, with the same text.
            let _ = self.printed.set(Printed(text));
        }
        Ok(self.printed.get().map_or(&[], |printed| &printed.0))
    }

    fn output_within(&self, patience: Duration) -> Result<Zeroizing<Vec<u8>>, KeysError> {
        let program = || self.program.clone();
        let not_started = |source: io::Error| match source.kind() {
            ErrorKind::NotFound => KeysError::CommandMissing { program: program() },
            _ => KeysError::CommandNotStarted { program: program(), source },
        };
        let too_slow = || KeysError::CommandTooSlow { program: program(), seconds: patience.as_secs() };
        let deadline = Instant::now() + patience;
        let mut child = Running(Some(self.command().map_err(not_started)?.spawn().map_err(not_started)?));
        let Some(output) = child.0.as_mut().and_then(|child| child.stdout.take()) else {
            return Err(not_started(io::Error::other("it has no output")));
        };
        // A thread of its own, because reading has no time limit. It ends with the last program that holds the output open, and nobody waits
        // for it longer than for the command.
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            // Room for all of it from the start: a growing buffer leaves copies behind.
            let mut text = Zeroizing::new(Vec::with_capacity(LARGEST + 1));
            let read = output.take(LARGEST as u64 + 1).read_to_end(&mut text);
            // Nobody listens any more once the time is over.
            let _ = sender.send(read.map(|_| text));
        });
        let text = match receiver.recv_timeout(patience) {
            Ok(text) => text.map_err(not_started)?,
            // It may have failed long ago, and left somebody behind who holds its output open. An exit code is its own: it was not stopped here.
            Err(_) => {
                return Err(match child.stop().filter(|status| status.code().is_some_and(|code| code != 0)) {
                    Some(status) => KeysError::CommandFailed { program: program(), status },
                    None => too_slow(),
                });
            }
        };
        if text.len() > LARGEST {
            return Err(KeysError::CommandTooLong { program: program(), limit: LARGEST });
        }
        loop {
            match child.ended().map_err(not_started)? {
                Some(status) if status.success() => return Ok(text),
                Some(status) => return Err(KeysError::CommandFailed { program: program(), status }),
                None if Instant::now() >= deadline => return Err(too_slow()),
                None => std::thread::sleep(PAUSE),
            }
        }
    }

    fn command(&self) -> io::Result<Command> {
        let path = Path::new(&self.program);
        // Systems disagree on which folder a relative path counts from.
        let program = if path.components().count() > 1 { std::path::absolute(self.folder.join(path))? } else { path.to_owned() };
        let mut command = Command::new(program);
        command.args(&self.arguments).current_dir(&self.folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        in_its_own_group(&mut command);
        Ok(command)
    }
}

/// A child that is stopped, with all that it started, when it is given up before its end was seen. `None` once it was.
struct Running(Option<Child>);

impl Running {
    /// How it ended, if it has.
    fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        let Some(child) = &mut self.0 else { return Ok(None) };
        let status = child.try_wait()?;
        if status.is_some() {
            self.0 = None;
        }
        Ok(status)
    }

    /// Stops it, with all that it started, and says how it ended: by itself, if it had before.
    fn stop(&mut self) -> Option<ExitStatus> {
        let mut child = self.0.take()?;
        // Before its end is asked for: until then the number of its group can not be another's.
        kill_group(&child);
        let _ = child.kill();
        child.wait().ok()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // What is left to say has been said by whoever gave up.
        let _ = self.stop();
    }
}

/// Makes the child the first of a group, to which all that it starts belongs.
#[cfg(unix)]
fn in_its_own_group(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

#[cfg(not(unix))]
fn in_its_own_group(_: &mut Command) {}

/// Kills the child's group. std can signal a child alone, and the system call is not to be had without `unsafe`; what a shell has built in is
/// the same on every Unix (POSIX, `kill`).
#[cfg(unix)]
fn kill_group(child: &Child) {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "kill -s KILL -- \"-$1\"", "sh", &child.id().to_string()]);
    // Where there is no shell the child alone is killed.
    let _ = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
}

#[cfg(not(unix))]
fn kill_group(_: &Child) {}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn shell(script: &str) -> KeyringCommand {
        KeyringCommand::new("sh", &["-c".to_owned(), script.to_owned()], Path::new("."))
    }

    #[track_caller]
    fn refused(command: &KeyringCommand, sentence: &str) {
        let error = command.output_within(Duration::from_millis(700)).unwrap_err();
        assert_eq!(error.to_string(), sentence);
        assert!(error.hint().is_some());
        assert!(!format!("{error:?}").contains("SECRET"));
    }

    #[test]
    fn what_is_printed_arrives_as_it_is_and_no_shell_touches_the_arguments() {
        let echo = KeyringCommand::new("printf", &["%s".into(), "$HOME `id` *; å\n".into()], Path::new("/"));
        assert_eq!(echo.output().unwrap(), "$HOME `id` *; å\n".as_bytes());
        // Exactly as much as is allowed.
        let most = shell(&format!("head -c {LARGEST} /dev/zero"));
        assert_eq!(most.output().unwrap().len(), LARGEST);
        // No input: whoever asks for a passphrase is told that there is none.
        assert_eq!(shell("cat; pwd >&2; echo done").output().unwrap(), b"done\n");
    }

    #[test]
    fn it_runs_once_and_what_it_printed_is_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let command = KeyringCommand::new("sh", &["-c".into(), "echo SECRET; echo >> runs".into()], folder.path());
        for command in [&command, &command.clone(), &command] {
            assert_eq!(command.output().unwrap(), b"SECRET\n");
        }
        assert_eq!(std::fs::read(folder.path().join("runs")).unwrap(), b"\n");
        let shown = format!("{command:?}");
        assert!(shown.contains("[redacted]") && !shown.contains("83, 69"), "{shown}");
        // A failure is tried again.
        let flaky = KeyringCommand::new("sh", &["-c".into(), "test -e there || { touch there; exit 1; }; echo well".into()], folder.path());
        flaky.output().unwrap_err();
        assert_eq!(flaky.output().unwrap(), b"well\n");
    }

    #[test]
    fn a_relative_program_is_looked_for_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("print.sh");
        std::fs::write(&script, "#!/bin/sh\ncat key.txt").unwrap();
        std::fs::write(folder.path().join("key.txt"), "the key").unwrap();
        let command = KeyringCommand::new("./print.sh", &[], folder.path());
        refused(&command, "the command `./print.sh`, which should print the keyring, can not be started");
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(command.output().unwrap(), b"the key");
    }

    #[test]
    fn each_failure_has_its_sentence_and_standard_error_is_never_told() {
        let absent = KeyringCommand::new("gallra-no-such-program", &[], Path::new("."));
        refused(&absent, "the command `gallra-no-such-program`, which should print the keyring, does not exist");
        refused(
            &shell("echo SECRET; echo SECRET >&2; exit 3"),
            "the command `sh`, which should print the keyring, failed (exit status: 3)",
        );
        refused(&shell("kill -9 $$"), "the command `sh`, which should print the keyring, failed (signal: 9 (SIGKILL))");
        let slow = "the command `sh`, which should print the keyring, had not ended after 0 seconds and was stopped";
        refused(&shell("exec sleep 20"), slow);
        // It closes its output and stays.
        refused(&shell("exec >&-; exec sleep 20"), slow);
        refused(&shell("yes SECRET"), &format!("the command `sh` printed more than {LARGEST} bytes, which no keyring has"));
    }

    #[test]
    fn what_a_command_started_does_not_outlive_its_time() {
        let slow = "the command `sh`, which should print the keyring, had not ended after 0 seconds and was stopped";
        let folder = tempfile::tempdir().unwrap();
        for script in [
            // Waited for by the command.
            "(sleep 2; touch late) & wait",
            // The command has ended, and its child holds the output open.
            "echo SECRET; (sleep 2; touch late) &",
            // It has nothing to do with the output, and the command never ends.
            "(exec >&-; sleep 2; touch late) & exec sleep 20",
        ] {
            let begun = Instant::now();
            refused(&KeyringCommand::new("sh", &["-c".into(), script.into()], folder.path()), slow);
            assert!(begun.elapsed() < Duration::from_millis(1900), "{script}: {:?}", begun.elapsed());
        }
        // That it had failed says more than that somebody held its output open.
        let failed = "the command `sh`, which should print the keyring, failed (exit status: 3)";
        refused(&KeyringCommand::new("sh", &["-c".into(), "(sleep 2; touch late) & exit 3".into()], folder.path()), failed);
        std::thread::sleep(Duration::from_millis(2100));
        assert!(!folder.path().join("late").exists());
        // What a command leaves behind on purpose, without holding its output, is left alone.
        let agent = KeyringCommand::new("sh", &["-c".into(), "(exec >&-; sleep 1; touch agent) & echo well".into()], folder.path());
        assert_eq!(agent.output().unwrap(), b"well\n");
        std::thread::sleep(Duration::from_millis(1900));
        assert!(folder.path().join("agent").exists());
    }
}
