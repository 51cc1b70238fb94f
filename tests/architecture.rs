//! The rules of ARCHITECTURE.md as a test: who may import what, who may print, and that no fixture lies about unused.

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found.sort();
    found
}

/// The source files below some folders of `src`, with the tests at their ends cut off.
fn sources(below: &[&str]) -> Vec<(String, String)> {
    let mut sources = Vec::new();
    for folder in below {
        let path = root().join("src").join(folder);
        let list = if path.is_dir() { files(&path) } else { vec![path] };
        for path in list.iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs")) {
            let name = path.strip_prefix(root()).unwrap().display().to_string();
            // Modules that exist for tests alone.
            let is_test = [
                "tests.rs",
                "ledger/crash.rs",
                "ledger/hostile.rs",
                "detect/examples.rs",
                "detect/hostile.rs",
                "detect/known/linked.rs",
                "detect/names/fit.rs",
                "detect/national/odds.rs",
            ]
            .iter()
            .any(|end| name.ends_with(end))
                || name.contains("/tests/")
                || name.ends_with("testing.rs");
            let text = std::fs::read_to_string(path).unwrap();
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
            if !is_test {
                sources.push((name, text));
            }
        }
    }
    assert!(!sources.is_empty(), "{below:?} has sources");
    sources
}

#[track_caller]
fn never(below: &[&str], words: &[&str], except: &[&str]) {
    for (name, text) in sources(below) {
        if except.iter().any(|except| name.contains(except)) {
            continue;
        }
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for word in words {
                assert!(!line.contains(word), "{name}:{}: `{word}` is not allowed here", number + 1);
            }
        }
    }
}

#[test]
fn pure_folders_know_no_store_no_command_line_no_runtime_and_no_threads() {
    let words = ["rusqlite", "crate::store::sqlite", "clap::", "tokio", "rayon", "indicatif", "std::fs", "std::thread"];
    never(&["kernels", "detect", "decide"], &words, &[]);
    never(&["kernels", "detect"], &["crate::store", "crate::pipeline", "crate::snapshot"], &[]);
    never(&["holds"], &["rusqlite", "crate::store::sqlite", "crate::store::postgres", "clap::", "tokio"], &[]);
    never(
        &["store/sqlite/decode.rs", "store/sqlite/encode.rs", "store/temporal.rs", "store/sqlite/decimal.rs"],
        &["clap::", "tokio", "rayon"],
        &[],
    );
}

#[test]
fn polars_stands_in_decide_publish_and_interop_alone() {
    never(&[""], &["polars"], &["src/decide/", "src/publish/", "src/interop.rs"]);
}

#[test]
fn rayon_stands_where_work_is_divided_alone() {
    never(
        &[""],
        &["rayon"],
        &["passes/mod.rs", "scan/parallel.rs", "publish/stage.rs", "publish/compare.rs", "publish/order.rs", "publish/build.rs"],
    );
}

#[test]
fn the_driver_stays_in_its_folder() {
    never(&[""], &["rusqlite"], &["store/sqlite/", "demo/", "cli/demo.rs"]);
}

#[test]
fn only_the_command_line_writes_to_the_terminal() {
    never(&[""], &["println!", "eprintln!", "print!(", "dbg!("], &[]);
    never(&[""], &["io::stdout", "io::stderr"], &["cli/"]);
}

#[test]
fn unsafe_stands_in_interop_alone() {
    never(&[""], &["unsafe {", "unsafe fn", "unsafe impl"], &["interop.rs"]);
}

#[test]
fn the_clock_and_chance_come_from_outside() {
    never(&[""], &["Timestamp::now", "Zoned::now", "SystemTime::now", "getrandom::"], &["cli/"]);
}

#[test]
fn files_stay_short_enough_to_read() {
    // Tables of words are data: their rows do not count.
    let is_row = |line: &&str| ["\"", "b\"", "(\"", "(b"].iter().any(|start| line.trim_start().starts_with(start));
    for (name, text) in sources(&[""]) {
        let lines = text.lines().filter(|line| !is_row(line)).count();
        assert!(lines <= 500, "{name} has {lines} lines without its tests: it wants splitting");
    }
}

#[test]
fn every_fixture_is_used_by_a_test() {
    let mut tests = String::new();
    for path in files(&root().join("tests")).iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs")) {
        tests.push_str(&std::fs::read_to_string(path).unwrap());
    }
    let fixtures = root().join("fixtures");
    let manifest = std::fs::read_to_string(fixtures.join("hostile/manifest.toml")).unwrap();
    for path in files(&fixtures) {
        let name = path.strip_prefix(&fixtures).unwrap().display().to_string();
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let used = match name.split_once('/').unwrap() {
            ("hostile", "manifest.toml") => tests.contains("manifest.toml"),
            ("hostile", _) => manifest.contains(&file),
            (folder, _) => tests.contains(&format!("\"{folder}\"")),
        };
        assert!(used, "no test uses fixtures/{name}");
    }
}

#[test]
fn the_program_and_its_tests_share_one_build_of_polars() {
    // A development dependency that switches on a feature of a crate below polars would build polars twice.
    let features = |edges: &str| {
        let output = std::process::Command::new(env!("CARGO"))
            .args(["tree", "--locked", "--offline", "-e", edges, "--prefix", "none", "-f", "{p} {f}"])
            .current_dir(root())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(|line| line.trim_end_matches(" (*)").trim().to_owned()).collect::<std::collections::BTreeSet<_>>()
    };
    let (program, all) = (features("normal,build"), features("normal,build,dev"));
    let name = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    for line in &program {
        let others: Vec<&String> = all.iter().filter(|other| name(other) == name(line)).collect();
        assert!(others.iter().all(|other| program.contains(*other)), "the tests build {} with other features than the program", name(line));
    }
}
