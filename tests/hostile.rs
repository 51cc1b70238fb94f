//! Every hostile input of `fixtures/hostile`: refused with the right code and words, nothing changed, never a panic.

mod common_cli;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use common_cli::{Answer, answer, database, files, gallra, walk};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    file: Vec<Input>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    name: String,
    kind: Kind,
    what: String,
    #[serde(default)]
    make: Make,
    command: Vec<String>,
    exit: i32,
    messages: Vec<String>,
}

#[derive(Debug, Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Pipeline,
    Database,
    Keyring,
    Ledger,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Make {
    from: Option<String>,
    keep_bytes: Option<usize>,
    zero_bytes: Option<[usize; 2]>,
    #[serde(default)]
    folder: bool,
    #[serde(default)]
    missing: bool,
    noise_bytes: Option<usize>,
}

impl Make {
    /// Whether the input does not stand in the folder under its own name.
    fn is_made_here(&self) -> bool {
        self.folder || self.missing || self.noise_bytes.is_some() || self.keep_bytes.is_some() || self.zero_bytes.is_some()
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/hostile")
}

fn manifest() -> Vec<Input> {
    let text = fs::read_to_string(fixtures().join("manifest.toml")).expect("the manifest");
    toml::from_str::<Manifest>(&text).expect("a sound manifest").file
}

/// A folder with everything sound in it: database, pipeline, keyring and lock.
struct Scratch {
    _temporary: tempfile::TempDir,
    folder: PathBuf,
    database: PathBuf,
}

impl Scratch {
    fn new() -> Self {
        let temporary = tempfile::tempdir().expect("a folder");
        let folder = temporary.path().to_path_buf();
        let sound = folder.join("sound.db");
        database(&sound, &fs::read_to_string(fixtures().join("base.sql")).expect("base.sql"));
        fs::copy(fixtures().join("base.toml"), folder.join("base.toml")).expect("copied");
        let scratch = Self { _temporary: temporary, folder, database: sound };
        scratch.call(&["keys", "init", "base.toml"]).expect(0);
        scratch.call(&["check", "base.toml", "--accept"]).expect(0);
        scratch
    }

    #[track_caller]
    fn call(&self, arguments: &[&str]) -> Answer {
        answer(gallra(&self.folder, arguments).env("GALLRA_DATABASE", &self.database))
    }
}

/// Puts the input where the command finds it; gives the name of the pipeline file.
fn place(scratch: &mut Scratch, input: &Input) -> String {
    let source = fixtures().join(&input.name);
    let name = source.file_name().expect("named").to_string_lossy().into_owned();
    match input.kind {
        Kind::Pipeline => {
            if name != "base.toml" {
                fs::copy(&source, scratch.folder.join(&name)).expect("copied");
            }
            return name;
        }
        Kind::Database => {
            let path = scratch.folder.join(&name).with_extension("db");
            match &input.make {
                Make { folder: true, .. } => fs::create_dir(&path).expect("made"),
                Make { missing: true, .. } => {}
                Make { from: Some(from), keep_bytes, zero_bytes, .. } => {
                    database(&path, &fs::read_to_string(fixtures().join(from)).expect("statements"));
                    let mut bytes = fs::read(&path).expect("readable");
                    let whole = bytes.clone();
                    bytes.truncate(keep_bytes.unwrap_or(bytes.len()));
                    if let Some([first, end]) = *zero_bytes {
                        bytes[first..end].fill(0);
                    }
                    assert!(bytes != whole || keep_bytes.or(zero_bytes.map(|_| 0)).is_none(), "{} is not damaged", input.name);
                    fs::write(&path, bytes).expect("written");
                }
                _ => {
                    fs::copy(&source, &path).expect("copied");
                }
            }
            scratch.database = path;
        }
        Kind::Keyring => {
            let path = scratch.folder.join("keys/keyring.json");
            assert!(path.is_file(), "the keyring is not where it is expected");
            fs::remove_file(&path).expect("removed");
            if input.make.folder {
                fs::create_dir(&path).expect("made");
            } else {
                fs::copy(&source, &path).expect("copied");
                // A keyring that others may read is refused for that alone.
                fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("closed");
            }
        }
        Kind::Ledger => {
            let path = scratch.folder.join("ledger");
            match input.make.noise_bytes {
                Some(bytes) => {
                    fs::create_dir(&path).expect("made");
                    fs::write(path.join("ledger.jsonl"), noise(bytes)).expect("written");
                }
                None => {
                    fs::copy(&source, &path).expect("copied");
                }
            }
        }
    }
    "base.toml".to_owned()
}

/// Bytes without a pattern, the same every time.
fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..bytes).map(|_| next()).collect()
}

/// What an answer must be, whatever the input.
fn judge(input: &Input, arguments: &[&str], answer: &Answer, wrong: &mut Vec<String>) {
    let mut say =
        |what: String| wrong.push(format!("{} ({}), `{}`: {what}\n{}", input.name, input.what, arguments.join(" "), answer.printed()));
    if answer.code != Some(input.exit) {
        say(format!("exit {:?} instead of {}", answer.code, input.exit));
    }
    for message in input.messages.iter().filter(|message| !answer.printed().contains(message.as_str())) {
        say(format!("`{message}` is not said"));
    }
    // The one person in the database, and what the damaged keyring holds.
    for value in ["Prøve", "prove@example.com", "0123456789abcdef0123456789abcdef"] {
        if answer.printed().contains(value) {
            say(format!("`{value}` is said"));
        }
    }
    if input.exit > 1 && !answer.err.contains("error:") {
        say("no error on standard error".to_owned());
    }
}

#[test]
fn every_input_is_answered_as_the_manifest_says() {
    let mut wrong = Vec::new();
    for input in manifest() {
        let mut scratch = Scratch::new();
        let pipeline = place(&mut scratch, &input);
        let command: Vec<&str> =
            input.command.iter().map(|word| if word == "{pipeline}" { pipeline.as_str() } else { word.as_str() }).collect();
        let mut calls = vec![command.clone()];
        if command[0] == "check" {
            // What is broken can not be accepted either.
            calls.push([command.as_slice(), &["--accept"]].concat());
        }
        if input.exit > 1 && command[0] == "check" && input.kind != Kind::Pipeline {
            calls.push(vec!["run", &pipeline]);
        }
        let before = files(&scratch.folder);
        for arguments in calls {
            let answer = scratch.call(&arguments);
            judge(&input, &arguments, &answer, &mut wrong);
            if input.exit > 1 && files(&scratch.folder) != before {
                wrong.push(format!("{}: `{}` changed something on the disk", input.name, arguments.join(" ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{} answers are wrong:\n\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_sound_pipeline_runs_and_forgets_nobody() {
    let scratch = Scratch::new();
    // One purchase of one member is nobody's statistics: that is told, once.
    let report = scratch.call(&["run", "base.toml", "--format", "json"]).expect(1).json();
    let notes = report["notes"].as_array().expect("notes");
    assert!(notes.iter().all(|note| note.as_str().is_some_and(|note| note.starts_with("the set `"))), "{notes:?}");
    scratch.call(&["run", "base.toml"]).expect(0).says("note: the set `by_month` of the tenant `1`: it is empty");
    assert_eq!(report["rows_written"], 0);
    assert_eq!(report["rows_deleted"], 0);
    assert!(scratch.folder.join("ledger/ledger.jsonl").is_file());
}

#[test]
fn a_value_that_no_row_has_is_told() {
    let scratch = Scratch::new();
    let sound = fs::read_to_string(fixtures().join("base.toml")).expect("base.toml");
    let chosen = |condition: &str| {
        let subject = "base = \"purchase\"\nrelease = \"pseudonymised\"\nsubject = \"member\"\n";
        let chosen = sound.replace(subject, &format!("{subject}where = [{{ column = \"bought_on\", {condition} }}]\n"));
        assert_ne!(chosen, sound);
        fs::write(scratch.folder.join("chosen.toml"), chosen).expect("written");
        scratch.call(&["check", "chosen.toml", "--accept"]).expect(0)
    };
    chosen("is = [\"1999-01-01\"]").says("note: the set `purchases` compares `purchase.bought_on` with `1999-01-01`, which no row has");
    for holds in ["is = [\"2026-10-02\"]", "above = \"2026-10-01\", below = \"2026-10-03\""] {
        assert!(!chosen(holds).printed().contains("which no row has"), "{holds}");
    }
}

#[test]
fn all_problems_of_a_file_are_reported_at_once_with_their_lines() {
    let scratch = Scratch::new();
    fs::copy(fixtures().join("pipelines/many-errors.toml"), scratch.folder.join("many-errors.toml")).expect("copied");
    let refused = scratch.call(&["check", "many-errors.toml", "--format", "json"]).expect(2);
    let problems = refused.json()["problems"].as_array().expect("problems").clone();
    let text = fs::read_to_string(scratch.folder.join("many-errors.toml")).expect("readable");
    let lines: Vec<&str> = text.lines().collect();
    for broken in ["colour", "nickname", "6 moons"] {
        let problem = problems.iter().find(|problem| problem["message"].as_str().is_some_and(|message| message.contains(broken)));
        let problem = problem.unwrap_or_else(|| panic!("`{broken}` is not reported: {problems:#?}"));
        let line = problem["line"].as_u64().expect("a line") as usize;
        assert!(lines[line - 1].contains(broken), "line {line} has no `{broken}`: {}", lines[line - 1]);
    }
    let named = scratch.call(&["check", "many-errors.toml"]).expect(2);
    assert!(named.err.contains(&format!("has {} problems", problems.len())), "{}", named.err);
}

#[test]
fn a_torn_ledger_of_nothing_but_noise_is_refused_with_and_without_a_line_end() {
    for end in ["", "\n"] {
        let scratch = Scratch::new();
        fs::create_dir(scratch.folder.join("ledger")).expect("made");
        let ledger = [noise(300).as_slice(), end.as_bytes()].concat();
        fs::write(scratch.folder.join("ledger/ledger.jsonl"), &ledger).expect("written");
        let before = files(&scratch.folder);
        scratch.call(&["run", "base.toml"]).expect(3).says("ledger.jsonl");
        assert_eq!(files(&scratch.folder), before);
    }
}

#[test]
fn every_file_is_listed_once_and_every_line_has_its_file() {
    let manifest = manifest();
    let listed: BTreeSet<&str> = manifest.iter().map(|input| input.name.as_str()).collect();
    assert_eq!(listed.len(), manifest.len(), "a name is listed twice");
    let root = fixtures();
    let there: BTreeSet<String> =
        walk(&root).iter().map(|file| file.strip_prefix(&root).expect("below").to_string_lossy().into_owned()).collect();
    for file in &there {
        let known = listed.contains(file.as_str()) || ["manifest.toml", "base.sql"].contains(&file.as_str());
        assert!(known, "`{file}` is not listed");
    }
    for input in &manifest {
        assert!(input.make.is_made_here() || there.contains(&input.name), "`{}` has no file", input.name);
    }
}
