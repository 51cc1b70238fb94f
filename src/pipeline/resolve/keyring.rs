//! Where the keyring comes from, resolved.

use super::super::diagnose::Problems;
use super::super::raw::{RawKeyring, RawKeyringTable};
use super::super::source::{Source, expand};
use crate::keys::{KeyringCommand, KeyringSource, Variable};

const PLACE: [&str; 2] = ["controller", "keyring"];

/// The keyring's source with `${…}` expanded, or `None` where that is a problem. A variable is read here, and a missing one is no problem yet:
/// `check` and `plan` are asked for more than the keyring.
pub(super) fn source(
    raw: &RawKeyring,
    source: &Source,
    environment: &dyn Fn(&str) -> Option<String>,
    problems: &mut Problems,
) -> Option<KeyringSource> {
    let mut problem = |message: &str, hint: &str| {
        problems.add(source.span(&PLACE), message, Some(hint.to_owned()));
    };
    let mut expanded = |text: &str| match expand(text, environment) {
        Ok(text) => Some(text),
        Err(error) => {
            problem(&error.reason, error.hint);
            None
        }
    };
    match raw {
        RawKeyring::File(file) => Some(KeyringSource::File(source.folder().join(expanded(file)?))),
        RawKeyring::Table(RawKeyringTable { env: Some(name), command: None }) => {
            // The system takes neither, and would give nothing.
            if name.is_empty() || name.contains(['=', '\0']) {
                problem("`env` is not the name of an environment variable", "a name such as `GALLRA_KEYRING`");
                return None;
            }
            Some(KeyringSource::Variable(Variable::new(name, environment(name))))
        }
        RawKeyring::Table(RawKeyringTable { env: None, command: Some(command) }) => {
            // All of them, so that one look shows every variable that is missing.
            let words: Vec<Option<String>> = command.iter().map(|word| expanded(word)).collect();
            let words = words.into_iter().collect::<Option<Vec<String>>>()?;
            let Some((program, arguments)) = words.split_first().filter(|(program, _)| !program.is_empty()) else {
                problem("`command` names no program", "the program and each of its arguments: `[\"age\", \"--decrypt\", \"keyring.age\"]`");
                return None;
            };
            Some(KeyringSource::Command(KeyringCommand::new(program, arguments, &source.folder())))
        }
        RawKeyring::Table(_) => {
            problem(
                "the keyring needs either `env` or `command`",
                "`{ env = \"NAME\" }`, `{ command = [\"program\"] }`, or the path of a file",
            );
            None
        }
    }
}
