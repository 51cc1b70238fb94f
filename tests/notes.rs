//! How well personal data is found in notes that were marked by hand: measured, written down, and never worse than written down.
//!
//! - `GALLRA_BLESS=1` writes `fixtures/notes/RESULTS.md` anew.
//! - `GALLRA_NOTES_MISSES=1` prints each label that was missed and each finding that is wrong in the notes for tuning (`--nocapture`).
//!
//! The notes that are held out are never printed.

use std::fs;
use std::path::PathBuf;

use gallra::detect;

#[path = "notes/measure.rs"]
mod measure;

use measure::{Note, Score};

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join("notes")
}

/// The notes of one part, from all its files. What is wrong with one is told by file and line.
fn notes(part: &str) -> Vec<Note> {
    let folder = fixtures().join(part);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("`{}`: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    let mut notes = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        notes.extend(measure::parse(&text).unwrap_or_else(|problem| panic!("`{}`, {problem}", path.display())));
    }
    assert!(!notes.is_empty(), "no notes in `{}`", folder.display());
    notes
}

fn set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty() && value != "0")
}

#[test]
fn what_is_found_is_no_less_than_what_is_written_down() {
    let mut misses = Vec::new();
    let tuning = measure::score(&notes("tuning"), &mut |miss| misses.push(miss));
    let held_out: Score = measure::score(&notes("held_out"), &mut |_| {});
    if set("GALLRA_NOTES_MISSES") {
        for miss in &misses {
            println!("{miss}");
        }
    }
    let (path, now) = (fixtures().join("RESULTS.md"), measure::results(&tuning, &held_out));
    println!("{now}");
    if set("GALLRA_BLESS") {
        fs::write(&path, &now).unwrap();
        return;
    }
    let before = fs::read_to_string(&path).unwrap_or_else(|error| panic!("`{}`: {error}; GALLRA_BLESS=1 writes it", path.display()));
    let fallen = measure::fallen(&before, &now).unwrap_or_else(|problem| panic!("`{}`, {problem}", path.display()));
    assert!(fallen.is_empty(), "figures fell, or the notes changed (then GALLRA_BLESS=1):\n{}", fallen.join("\n"));
    if before != now {
        println!("better than `{}`: GALLRA_BLESS=1 writes it down", path.display());
    }
}

#[test]
fn ids_are_unique_in_a_part_and_no_note_stands_in_two() {
    let parts = [notes("tuning"), notes("training"), notes("held_out")];
    let mut texts = std::collections::BTreeSet::new();
    for part in &parts {
        let mut ids = std::collections::BTreeSet::new();
        for note in part {
            assert!(ids.insert(&note.id), "two notes are called `{}`", note.id);
            assert!(texts.insert(&note.text), "the text of `{}` stands in another note", note.id);
        }
    }
}
