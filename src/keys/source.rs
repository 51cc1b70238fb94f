//! Where the keyring comes from: a file, an environment variable, or what a command prints.
//!
//! A variable and a command are for keyrings that lie encrypted, or with a key management service:
//! `age --decrypt`, `vault kv get`, `aws kms decrypt`. What they give is the text of a keyring file.
//! It is held in memory that is wiped, and stands in no error, log or `Debug`.

mod command;

use std::fmt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroize;

pub use command::KeyringCommand;

use super::{Keyring, KeysError, Place};

/// Where the keyring comes from.
#[derive(Clone, Debug)]
pub enum KeyringSource {
    /// A file that nobody but its owner may read.
    File(PathBuf),
    /// An environment variable.
    Variable(Variable),
    /// What a command prints.
    Command(KeyringCommand),
}

/// An environment variable and, if it is set, the keyring in it.
#[derive(Clone, Debug)]
pub struct Variable {
    name: String,
    text: Option<SecretString>,
}

impl Variable {
    /// The variable of this name with its value, whose own memory is wiped.
    #[must_use]
    pub fn new(name: &str, value: Option<String>) -> Self {
        let text = value.map(|mut value| {
            let text = SecretString::from(value.as_str());
            value.zeroize();
            text
        });
        Self { name: name.to_owned(), text }
    }
}

impl KeyringSource {
    /// Opens the keyring.
    ///
    /// # Errors
    /// One variant of [`KeysError`] for each way in which there is no whole keyring.
    pub fn open(&self) -> Result<Keyring, KeysError> {
        match self {
            Self::File(path) => Keyring::open(path),
            Self::Variable(Variable { name, text: None }) => Err(KeysError::VariableMissing { name: name.clone() }),
            Self::Variable(Variable { text: Some(text), .. }) => Keyring::parse(&self.place(), text.expose_secret().as_bytes()),
            Self::Command(command) => Keyring::parse(&self.place(), command.output()?),
        }
    }

    /// Makes the keyring where it comes from, which can be done for a file alone.
    ///
    /// # Errors
    /// As [`Keyring::create`]; [`KeysError::NotInPlace`] for a variable or a command.
    pub fn create(&self, now: Timestamp, random: [u8; 40]) -> Result<Keyring, KeysError> {
        Keyring::create(self.require_file()?, now, random)
    }

    /// The file, where it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            _ => None,
        }
    }

    pub(crate) fn require_file(&self) -> Result<&Path, KeysError> {
        self.file().ok_or_else(|| KeysError::NotInPlace { place: self.place() })
    }

    /// As errors name it.
    #[must_use]
    pub fn place(&self) -> Place {
        match self {
            Self::File(path) => Place::File(path.clone()),
            Self::Variable(variable) => Place::Variable(variable.name.clone()),
            Self::Command(command) => Place::Command(command.program().to_owned()),
        }
    }
}

impl fmt::Display for KeyringSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(formatter, "{}", path.display()),
            Self::Variable(variable) => write!(formatter, "the environment variable {}", variable.name),
            Self::Command(command) => write!(formatter, "the output of {}", command.program()),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn keyring_text() -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring.json");
        Keyring::create(&path, NOW, [7; 40]).unwrap();
        std::fs::read_to_string(path).unwrap()
    }

    fn of_variable(value: Option<&str>) -> KeyringSource {
        KeyringSource::Variable(Variable::new("GALLRA_KEYRING", value.map(str::to_owned)))
    }

    #[test]
    fn a_variable_gives_the_keyring_of_the_file_or_its_own_sentence() {
        let text = keyring_text();
        assert_eq!(of_variable(Some(&text)).open().unwrap().id(), "0707070707070707");
        let refused = |value: Option<&str>| of_variable(value).open().unwrap_err();
        for (value, sentence) in [
            (None, "the environment variable `GALLRA_KEYRING`, which should hold the keyring, is not set"),
            (Some(""), "the keyring in the environment variable `GALLRA_KEYRING` is empty"),
            (Some(" \n"), "the keyring in the environment variable `GALLRA_KEYRING` is empty"),
            (Some("/run/keyring.json"), "the keyring in the environment variable `GALLRA_KEYRING` is corrupt at line 1, column 1"),
            (Some(&text[..text.len() / 2]), "the keyring in the environment variable `GALLRA_KEYRING` is corrupt at line"),
        ] {
            let error = refused(value);
            assert!(error.to_string().starts_with(sentence), "{error}");
            assert!(error.hint().unwrap().contains("GALLRA_KEYRING"));
        }
        let error = of_variable(Some(&text)).create(NOW, [8; 40]).unwrap_err();
        assert_eq!(error.to_string(), "the keyring in the environment variable `GALLRA_KEYRING` can not be changed in its place");
        assert!(error.hint().unwrap().contains("--output"));
    }

    #[test]
    fn nothing_of_a_keyring_is_shown() {
        let text = keyring_text();
        let source = of_variable(Some(&text));
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        let shown = format!("{source:?} {source} {} {:?}", source.place(), source.open().unwrap());
        for secret in [&document["control"]["master"], &document["epochs"][0]["master"]] {
            let secret = secret.as_str().unwrap();
            assert_eq!(secret.len(), 44);
            assert!(!shown.contains(secret));
        }
        assert!(!shown.contains("\"format\""), "{shown}");
    }
}
