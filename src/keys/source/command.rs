//! A command whose output is the keyring.

use std::fmt;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
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
/// error goes nowhere. It runs once: what it printed well is kept for as long as this or a clone of it.
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
        let mut child = Running(self.command().map_err(not_started)?.spawn().map_err(not_started)?);
        let Some(output) = child.0.stdout.take() else {
            return Err(not_started(io::Error::other("it has no output")));
        };
        // A thread of its own, because reading has no time limit. It ends with the last program that holds the output open.
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            // Room for all of it from the start: a growing buffer leaves copies behind.
            let mut text = Zeroizing::new(Vec::with_capacity(LARGEST + 1));
            let read = output.take(LARGEST as u64 + 1).read_to_end(&mut text);
            // Nobody listens any more once the time is over.
            let _ = sender.send(read.map(|_| text));
        });
        let text = receiver.recv_timeout(patience).map_err(|_| too_slow())?.map_err(not_started)?;
        if text.len() > LARGEST {
            return Err(KeysError::CommandTooLong { program: program(), limit: LARGEST });
        }
        loop {
            match child.0.try_wait().map_err(not_started)? {
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
        Ok(command)
    }
}

/// A child that is stopped, if it has not ended, when nobody waits for it any more.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(None) = self.0.try_wait() {
            // What is left to say has been said by whoever gave up.
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}

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
}
