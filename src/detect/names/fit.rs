//! The weights of names, computed from the labelled notes for tuning, and compared with those in use.

use std::cell::RefCell;
use std::fmt::Write as _;

use super::super::{Country, Scanner};
use super::weigh::{FEATURES, Run};
use super::weights;

thread_local! {
    /// What was weighed since the list was emptied.
    static SAMPLES: RefCell<Vec<Sample>> = const { RefCell::new(Vec::new()) };
}

/// A run that was weighed.
#[derive(Clone)]
struct Sample {
    start: usize,
    end: usize,
    is_alone: bool,
    figures: [f32; FEATURES],
}

/// Keeps what is weighed.
pub(super) fn note(run: &Run<'_>) {
    let (Some(first), Some(last)) = (run.parts.first(), run.parts.last()) else { return };
    let sample = Sample { start: first.start, end: last.end, is_alone: run.parts.len() == 1, figures: run.figures() };
    SAMPLES.with(|samples| samples.borrow_mut().push(sample));
}

/// Pulls every weight towards zero, so that what is seen a few times says little.
const RIDGE: f64 = 0.5;

/// How much a run counts in a note without names. Those notes are written to be hard, full of ships, roses and products that bear the
/// names of people: counted in full, their odds would be taken for those of every text.
const NAMELESS: f64 = 0.6;

/// A note without its marks, and the byte ranges that were marked as names.
fn unmarked(text: &str) -> (String, Vec<(usize, usize)>) {
    let mut plain = String::new();
    let mut names = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('⟦') {
        let (marked, after) = behind.split_once('⟧').expect("a mark ends");
        let (kind, value) = marked.split_once(':').expect("a mark has a kind");
        plain.push_str(before);
        if kind == "name" {
            names.push((plain.len(), plain.len() + value.len()));
        }
        plain.push_str(value);
        rest = after;
    }
    plain.push_str(rest);
    (plain, names)
}

/// The figures of a run, whether it is a name, and how much it counts.
type Row = ([f64; FEATURES], bool, f64);

/// Every run of words that is weighed in the notes for tuning, alone or together, with whether it is a name.
fn rows() -> [Vec<Row>; 2] {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/notes/tuning");
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("the notes").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    let scanner = Scanner::new(&Country::ALL);
    let mut rows = [Vec::new(), Vec::new()];
    for line in files.iter().map(|file| std::fs::read_to_string(file).expect("a file of notes")).collect::<String>().lines() {
        let note: serde_json::Value = serde_json::from_str(line).expect("a note");
        let (text, names) = unmarked(note["text"].as_str().expect("a text"));
        SAMPLES.with(|samples| samples.borrow_mut().clear());
        scanner.scan(&text);
        for sample in SAMPLES.with(|samples| samples.borrow().clone()) {
            let is_name = names.iter().any(|(first, last)| sample.start < *last && *first < sample.end);
            let counts = if names.is_empty() { NAMELESS } else { 1.0 };
            rows[usize::from(!sample.is_alone)].push((sample.figures.map(f64::from), is_name, counts));
        }
    }
    rows
}

fn sigmoid(odds: f64) -> f64 {
    1.0 / (1.0 + (-odds).exp())
}

/// Logistic regression with a ridge, by Newton's method on each weight in turn until nothing moves.
fn fit(rows: &[Row]) -> [f64; FEATURES] {
    let mut weights = [0.0; FEATURES];
    let mut odds = vec![0.0; rows.len()];
    for _ in 0..400 {
        let mut moved: f64 = 0.0;
        for feature in 0..FEATURES {
            let ridge = if feature == 0 { 1e-3 } else { RIDGE };
            let (mut slope, mut curve) = (-ridge * weights[feature], ridge);
            for ((values, is_name, counts), odds) in rows.iter().zip(&odds) {
                let value = values[feature];
                if value != 0.0 {
                    let likely = sigmoid(*odds);
                    slope += counts * value * (f64::from(u8::from(*is_name)) - likely);
                    curve += counts * value * value * (likely * (1.0 - likely)).max(1e-3);
                }
            }
            let step = (slope / curve).clamp(-0.5, 0.5);
            weights[feature] += step;
            rows.iter().zip(&mut odds).for_each(|((values, ..), odds)| *odds += step * values[feature]);
            moved = moved.max(step.abs());
        }
        if moved < 1e-4 {
            break;
        }
    }
    weights
}

fn written(name: &str, doc: &str, weights: &[f64; FEATURES]) -> String {
    let mut text = format!("\n/// {doc}\n#[rustfmt::skip]\npub(super) const {name}: [f32; FEATURES] = [\n");
    for chunk in weights.chunks(12) {
        let line: Vec<String> = chunk.iter().map(|weight| format!("{:.2}", if weight.abs() < 0.005 { 0.0 } else { *weight })).collect();
        writeln!(text, "    {},", line.join(", ")).expect("a text");
    }
    text.push_str("];\n");
    text
}

/// `GALLRA_BLESS=1` writes the file.
#[test]
fn the_weights_in_use_are_those_of_the_labelled_notes() {
    let [alone, together] = rows();
    assert!(alone.len() > 1000 && together.len() > 300, "{} {}", alone.len(), together.len());
    let fitted = [fit(&alone), fit(&together)];
    if std::env::var_os("GALLRA_BLESS").is_some() {
        let head = "//! The weights of `weigh.rs`, in its order of figures. Made by the test in `fit.rs` from the labelled notes for tuning: do not edit.\n\n\
                    use super::weigh::FEATURES;\n";
        let text =
            format!("{head}{}{}", written("ALONE", "For one word.", &fitted[0]), written("TOGETHER", "For several words.", &fitted[1]));
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/detect/names/weights.rs"), text).expect("the file of weights");
        return;
    }
    for (in_use, fitted) in [weights::ALONE, weights::TOGETHER].iter().zip(&fitted) {
        for (position, (in_use, fitted)) in in_use.iter().zip(fitted).enumerate() {
            assert!((f64::from(*in_use) - fitted).abs() < 0.2, "figure {position}: {in_use} in use, {fitted:.2} of the notes");
        }
    }
}

#[test]
fn marks_are_taken_off_where_they_stand() {
    assert_eq!(unmarked("å ⟦name:Bo⟧ ⟦phone:1⟧."), ("å Bo 1.".to_owned(), vec![(3, 5)]));
}

#[test]
fn a_regression_finds_the_odds_of_a_table() {
    // 30 of 40 with the figure are names, 10 of 40 without: odds of 3 and 1/3.
    let row = |figure: f64, is_name| {
        let mut values = [0.0; FEATURES];
        (values[0], values[1]) = (1.0, figure);
        (values, is_name, 1.0)
    };
    let counts = [(1.0, true, 3000), (1.0, false, 1000), (0.0, true, 1000), (0.0, false, 3000)];
    let rows: Vec<Row> = counts.into_iter().flat_map(|(figure, is_name, count)| std::iter::repeat_n(row(figure, is_name), count)).collect();
    let weights = fit(&rows);
    assert!((weights[0] + 3.0_f64.ln()).abs() < 0.01 && (weights[1] - 9.0_f64.ln()).abs() < 0.01, "{weights:?}");
}
