//! The weights of names, computed from the labelled notes, and compared with those in use.
//!
//! Three regressions, one upon the other: the figures of a run and its single traits together, then the second reading, of which each run's
//! first reading was made without its own note: in five parts, each read by the weights of the other four.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::super::reading::Reading;
use super::super::{Country, Scanner};
use super::again::{FIGURES, Offer, Room, Whole};
use super::beside::Beside;
use super::odds::STEP;
use super::surroundings::Surroundings;
use super::tokens::Token;
use super::weigh::FEATURES;
use super::{Reader, traits, weights};

thread_local! {
    /// What was weighed since there is a list.
    static SAMPLES: RefCell<Option<Vec<Sample>>> = const { RefCell::new(None) };
}

/// A run that was weighed.
#[derive(Clone)]
struct Sample {
    start: usize,
    end: usize,
    parts: Vec<Token>,
    figures: [f32; FEATURES],
    traits: Vec<u32>,
    is_nobody: bool,
    /// What its words were weighed to come to.
    odds: Option<f32>,
    /// The least odds of it.
    least: f32,
    /// Whether it was marked as a name, or a part of it.
    is_name: bool,
}

/// Keeps what is weighed.
pub(super) fn note(reader: &Reader<'_, '_>, first: usize, last: usize) {
    if SAMPLES.with_borrow(Option::is_none) {
        return;
    }
    let parts = &reader.tokens[first..last];
    let ((start, end), beside) = reader.beside(first, last);
    let around = Surroundings::of_beside(reader.page, reader.words, (start, end), &beside);
    let is_nobody = around.is_nobody || reader.begins_compound(first, last);
    let traits = traits_of(reader.page.text, parts, &beside, reader.beyond(&beside), reader.is_uncased);
    let figures = reader.run(first, last, &around).figures();
    let parts = reader.tokens[first..last].to_vec();
    let (odds, least) = (reader.weigh(first, last), reader.least(first, last, &around));
    let sample = Sample { start, end, parts, figures, traits, is_nobody, odds, least, is_name: false };
    SAMPLES.with_borrow_mut(|samples| samples.get_or_insert_default().push(sample));
}

/// All traits of a run: those of single words, whose odds are kept with the words, as well.
fn traits_of(text: &str, parts: &[Token], beside: &[Beside; 2], beyond: [u64; 2], is_uncased: bool) -> Vec<u32> {
    let mut keys = Vec::new();
    traits::read(beside, beyond, parts, is_uncased, |key| keys.push(key));
    let word = |token: &Token| &text[token.start..token.end];
    let is_several = parts.len() > 1;
    let [first, .., last] = [parts.first(), parts.last()].map(|token| word(token.expect("a word")));
    let mut put = |key| keys.push(key);
    traits::own(first, is_several, &mut put);
    traits::before(&text[beside[0].first..beside[0].last], is_several, &mut put);
    if is_several {
        traits::last(last, &mut put);
    }
    keys
}

/// How much a run counts in a note without names. Those notes are written to be hard, full of ships, roses and products that bear the
/// names of people: counted in full, their odds would be taken for those of every text.
const NAMELESS: f64 = 0.6;

/// How much a run counts in a note of `hard.jsonl` and `amb.jsonl`, which hold nothing but what is called like a person and is none, and
/// words that are names here and words there.
const HARD: f64 = 0.6;

/// How much a run counts in a sentence of a note that is read by itself. Much of what is scanned is no longer than that, and who is named
/// once is then nowhere named a second time.
const SENTENCE: f64 = 0.4;

/// How much a run counts in a note that is read once more in other letters, each third in small ones, each third in capitals: chats have no
/// capitals, and old systems nothing else.
const RECASED: f64 = 0.6;

/// Parts of which each is read by the weights of the others.
const PARTS: usize = 5;

/// A trait that is seen in fewer notes is not weighed.
const SEEN: usize = 3;

/// How often a weight may be moved, and by how little a round must move all of them to be the last.
const ROUNDS: usize = 150;
const STILL: f64 = 2e-3;

/// How much weights are drawn towards zero, so that what is seen a few times says little: of figures, traits, and those of the second
/// reading.
const RIDGES: [f64; 4] = [0.5, 2.2, 1.5, 3.0];

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

/// The sentences and lines of a text, where there are several. None ends within a name, or is a mere `Dr.`.
fn sentences(text: &str, names: &[(usize, usize)]) -> Vec<Range<usize>> {
    const SHORTEST: usize = 12;
    let mut all: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    for (at, sentence) in text.split_sentence_bound_indices() {
        let end = at + sentence.len();
        let is_whole = end - start >= SHORTEST && !names.iter().any(|(first, last)| *first < end && end < *last);
        if is_whole || end == text.len() {
            all.push(start..end);
            start = end;
        }
    }
    if all.len() > 1 { all } else { Vec::new() }
}

/// A text in other letters, and its names.
fn recased(text: &str, names: &[(usize, usize)], recase: fn(&str) -> String) -> (String, Vec<(usize, usize)>) {
    let (mut all, mut places, mut end) = (String::new(), Vec::new(), 0);
    for (first, last) in names {
        all += &recase(&text[end..*first]);
        let start = all.len();
        all += &recase(&text[*first..*last]);
        places.push((start, all.len()));
        end = *last;
    }
    all += &recase(&text[end..]);
    (all, places)
}

/// A labelled note, or a sentence of one, as it is read, and the runs that are weighed in it.
struct Note {
    /// The same for a note and its sentences.
    number: usize,
    text: String,
    /// How much each of its runs counts.
    counts: f64,
    samples: Vec<Sample>,
}

impl Note {
    /// The runs that somebody may be named by.
    fn weighed(&self) -> impl Iterator<Item = &Sample> {
        self.samples.iter().filter(|sample| !sample.is_nobody)
    }
}

/// The notes for tuning and those for training.
fn notes() -> Vec<Note> {
    let folder = |name: &str| std::fs::read_dir(format!("{}/fixtures/notes/{name}", env!("CARGO_MANIFEST_DIR"))).expect("the notes");
    let mut files: Vec<_> = folder("tuning").chain(folder("training")).map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    let texts: String = files.iter().map(|file| std::fs::read_to_string(file).expect("a file of notes")).collect();
    let scanner = Scanner::new(&Country::ALL);
    let mut notes = Vec::new();
    for (number, line) in texts.lines().enumerate() {
        let note: serde_json::Value = serde_json::from_str(line).expect("a note");
        let (text, names) = unmarked(note["text"].as_str().expect("a text"));
        let id = note["id"].as_str().expect("an id");
        let hard = if id.starts_with("hard") || id.starts_with("amb") { HARD } else { 1.0 };
        let counts = hard * if names.is_empty() { NAMELESS } else { 1.0 };
        for part in sentences(&text, &names) {
            let within = names.iter().filter(|(first, last)| part.start <= *first && *last <= part.end);
            let within: Vec<_> = within.map(|(first, last)| (first - part.start, last - part.start)).collect();
            notes.push(read(&scanner, number, &text[part], &within, counts * SENTENCE));
        }
        notes.push(read(&scanner, number, &text, &names, counts));
        let recase: Option<fn(&str) -> String> = [Some(str::to_lowercase as _), Some(str::to_uppercase as _), None][number % 3];
        if let Some(recase) = recase {
            let (text, names) = recased(&text, &names, recase);
            notes.push(read(&scanner, number, &text, &names, counts * RECASED));
        }
    }
    notes
}

/// What is weighed in a text, with the places of its names.
fn read(scanner: &Scanner, number: usize, text: &str, names: &[(usize, usize)], counts: f64) -> Note {
    SAMPLES.set(Some(Vec::new()));
    scanner.scan(text);
    let mut samples = SAMPLES.take().unwrap_or_default();
    // Runs stand where they are in the text as it is read, in which a dash or quotation mark is one byte.
    let (mut reading, mut marks) = Default::default();
    let clean = Reading::read(&mut reading, text, &mut marks).to_owned();
    for sample in &mut samples {
        let (start, end) = reading.original(text, sample.start, sample.end);
        sample.is_name = names.iter().any(|(first, last)| start < *last && *first < end);
    }
    Note { number, text: clean, counts, samples }
}

fn sigmoid(odds: f64) -> f64 {
    1.0 / (1.0 + (-odds).exp())
}

/// What is to be explained: per row the figures that are not zero, whether it is a name, and how much it counts.
#[derive(Default)]
struct Rows {
    figures: Vec<Vec<(usize, f64)>>,
    is_name: Vec<bool>,
    counts: Vec<f64>,
}

impl Rows {
    fn push(&mut self, figures: Vec<(usize, f64)>, is_name: bool, counts: f64) {
        self.figures.push(figures);
        self.is_name.push(is_name);
        self.counts.push(counts);
    }

    fn odds(&self, row: usize, weights: &[f64]) -> f64 {
        self.figures[row].iter().map(|(figure, value)| value * weights[*figure]).sum()
    }

    /// Logistic regression with ridges, of some rows, by Newton's method on each weight in turn until hardly anything moves.
    fn fit(&self, takes: impl Fn(usize) -> bool, ridges: &[f64]) -> Vec<f64> {
        let mut columns: Vec<Vec<(usize, f64)>> = vec![Vec::new(); ridges.len()];
        for row in (0..self.figures.len()).filter(|row| takes(*row)) {
            self.figures[row].iter().for_each(|(figure, value)| columns[*figure].push((row, *value)));
        }
        let mut weights = vec![0.0; ridges.len()];
        let mut odds = vec![0.0; self.figures.len()];
        for _ in 0..ROUNDS {
            let mut moved: f64 = 0.0;
            for (figure, column) in columns.iter().enumerate().filter(|(_, column)| !column.is_empty()) {
                let (mut slope, mut curve) = (-ridges[figure] * weights[figure], ridges[figure]);
                for (row, value) in column {
                    let likely = sigmoid(odds[*row]);
                    slope += self.counts[*row] * value * (f64::from(u8::from(self.is_name[*row])) - likely);
                    curve += self.counts[*row] * value * value * (likely * (1.0 - likely)).max(1e-3);
                }
                let step = (slope / curve).clamp(-0.5, 0.5);
                weights[figure] += step;
                column.iter().for_each(|(row, value)| odds[*row] += step * value);
                moved = moved.max(step.abs());
            }
            if moved < STILL {
                break;
            }
        }
        weights
    }
}

/// The weights of everything.
struct Fitted {
    dense: [[f64; FEATURES]; 2],
    again: [f64; FIGURES],
    traits: Vec<(u32, f64)>,
}

/// Numbers for the traits that are seen in notes enough, of traits and the notes that they are seen in.
fn number<'t>(traits: impl Iterator<Item = (&'t u32, usize)>, from: usize) -> HashMap<u32, usize> {
    let mut seen: HashMap<u32, (usize, usize)> = HashMap::new();
    for (key, note) in traits {
        let (times, last) = seen.entry(*key).or_insert((0, usize::MAX));
        *times += usize::from(*last != note);
        *last = note;
    }
    let mut keys: Vec<u32> = seen.into_iter().filter(|(_, (times, _))| *times >= SEEN).map(|(key, _)| key).collect();
    keys.sort_unstable();
    keys.into_iter().enumerate().map(|(index, key)| (key, from + index)).collect()
}

fn fitted() -> Fitted {
    let notes = notes();
    let numbers =
        number(notes.iter().flat_map(|note| note.weighed().flat_map(|sample| &sample.traits).map(|key| (key, note.number))), 2 * FEATURES);
    let mut first = Rows::default();
    let mut part = Vec::new();
    for note in &notes {
        for sample in note.weighed() {
            let from = if sample.parts.len() == 1 { 0 } else { FEATURES };
            let dense = sample.figures.iter().enumerate().map(|(figure, value)| (from + figure, f64::from(*value)));
            let sparse = sample.traits.iter().filter_map(|key| Some((*numbers.get(key)?, 1.0)));
            let figures = dense.filter(|(_, value)| *value != 0.0).chain(sparse).collect();
            first.push(figures, sample.is_name, note.counts);
            part.push(note.number % PARTS);
        }
    }
    let mut ridges = vec![RIDGES[0]; 2 * FEATURES];
    (ridges[0], ridges[FEATURES]) = (1e-3, 1e-3);
    ridges.resize(2 * FEATURES + numbers.len(), RIDGES[1]);
    // What each run's first reading is by the weights of other notes, and the weights of all notes.
    let (readings, weights) = std::thread::scope(|scope| {
        let (first, part, ridges) = (&first, &part, &ridges);
        let others: Vec<_> = (0..PARTS).map(|own| scope.spawn(move || first.fit(|row| part[row] != own, ridges))).collect();
        let all = first.fit(|_| true, ridges);
        let others: Vec<Vec<f64>> = others.into_iter().map(|thread| thread.join().expect("a regression")).collect();
        let readings: Vec<f64> = (0..part.len()).map(|row| first.odds(row, &others[part[row]])).collect();
        (readings, all)
    });

    let mut described = Vec::new();
    let mut row = 0;
    for note in &notes {
        let (mut tokens, mut offers) = (Vec::new(), Vec::new());
        for sample in &note.samples {
            let odds = (!sample.is_nobody).then(|| {
                row += 1;
                (readings[row - 1] as f32).max(sample.least)
            });
            let from = tokens.len();
            tokens.extend_from_slice(&sample.parts);
            offers.push(Offer { start: sample.start, end: sample.end, first: from, last: tokens.len(), odds });
        }
        let mut room = Room::default();
        let whole = Whole::of(&note.text, &tokens, &offers, &mut room);
        for (index, sample) in note.samples.iter().enumerate() {
            described.extend(whole.describe(index).map(|described| (described, sample.is_name, note)));
        }
    }
    let numbers_again = number(described.iter().flat_map(|((_, traits), _, note)| traits.iter().map(|key| (key, note.number))), FIGURES);
    let mut second = Rows::default();
    for ((figures, traits), is_name, note) in &described {
        let dense = figures.iter().enumerate().map(|(figure, value)| (figure, f64::from(*value))).filter(|(_, value)| *value != 0.0);
        let sparse = traits.iter().filter_map(|key| Some((*numbers_again.get(key)?, 1.0)));
        second.push(dense.chain(sparse).collect(), *is_name, note.counts);
    }
    let mut ridges = vec![RIDGES[2]; FIGURES];
    ridges[0] = 1e-3;
    ridges.resize(FIGURES + numbers_again.len(), RIDGES[3]);
    let again = second.fit(|_| true, &ridges);

    let of = |numbers: &HashMap<u32, usize>, weights: &[f64]| -> Vec<(u32, f64)> {
        numbers.iter().map(|(key, number)| (*key, weights[*number])).collect()
    };
    let mut traits = of(&numbers, &weights);
    traits.extend(of(&numbers_again, &again));
    traits.sort_unstable_by_key(|(key, _)| *key);
    Fitted {
        dense: [0, FEATURES].map(|from| std::array::from_fn(|figure| weights[from + figure])),
        again: std::array::from_fn(|figure| again[figure]),
        traits,
    }
}

fn written(name: &str, doc: &str, length: &str, weights: &[f64]) -> String {
    let mut text = format!("\n/// {doc}\n#[rustfmt::skip]\npub(super) const {name}: [f32; {length}] = [\n");
    for chunk in weights.chunks(12) {
        let line: Vec<String> = chunk.iter().map(|weight| format!("{:.2}", if weight.abs() < 0.005 { 0.0 } else { *weight })).collect();
        writeln!(text, "    {},", line.join(", ")).expect("a text");
    }
    text.push_str("];\n");
    text
}

/// The file of traits: what is nearly nothing is left out.
fn file_of(traits: &[(u32, f64)]) -> Vec<u8> {
    let steps = traits.iter().map(|(key, weight)| (key, (weight / f64::from(STEP)).round().clamp(-127.0, 127.0) as i8));
    steps.filter(|(_, steps)| *steps != 0).flat_map(|(key, steps)| key.to_le_bytes().into_iter().chain(steps.to_le_bytes())).collect()
}

/// `GALLRA_BLESS=1` writes the files.
#[test]
fn the_weights_in_use_are_those_of_the_labelled_notes() {
    let fitted = fitted();
    let [alone, together] = &fitted.dense;
    let file = file_of(&fitted.traits);
    if std::env::var_os("GALLRA_BLESS").is_some() {
        let head = "//! The weights of `weigh.rs` and `again.rs`, in their order of figures. Made by the test in `fit.rs` from the labelled notes: do not edit.\n\n\
                    #![allow(clippy::approx_constant, reason = \"a weight may come near one\")]\n\n\
                    use super::again::FIGURES;\nuse super::weigh::FEATURES;\n";
        let text = format!(
            "{head}{}{}{}",
            written("ALONE", "For one word.", "FEATURES", alone),
            written("TOGETHER", "For several words.", "FEATURES", together),
            written("AGAIN", "For the second reading.", "FIGURES", &fitted.again)
        );
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/detect/names");
        std::fs::write(format!("{folder}/weights.rs"), text).expect("the file of weights");
        std::fs::write(format!("{folder}/odds.bin"), file).expect("the file of odds");
        return;
    }
    let in_use = weights::ALONE.iter().chain(&weights::TOGETHER).chain(&weights::AGAIN);
    for (position, (in_use, fitted)) in in_use.zip(alone.iter().chain(together).chain(&fitted.again)).enumerate() {
        assert!((f64::from(*in_use) - fitted).abs() < 0.2, "figure {position}: {in_use} in use, {fitted:.2} of the notes");
    }
    let odds = super::odds::odds();
    let differ = fitted.traits.iter().filter(|(key, weight)| (f64::from(odds.of_trait(*key)) - weight).abs() > 0.2).count();
    assert!(differ * 100 < fitted.traits.len(), "{differ} of {} traits", fitted.traits.len());
}

/// What single words come to is kept with them: a text is weighed by the same figures and traits as those that are fitted, each once.
#[test]
fn what_is_weighed_is_what_is_fitted() {
    let table = super::odds::odds();
    let mut weighed = 0;
    for sample in notes().iter().step_by(7).flat_map(|note| note.samples.clone()) {
        let of_figures = if sample.parts.len() == 1 { &weights::ALONE } else { &weights::TOGETHER };
        let figures: f32 = sample.figures.iter().zip(of_figures).map(|(figure, weight)| figure * weight).sum();
        let odds = figures + sample.traits.iter().map(|key| table.of_trait(*key)).sum::<f32>();
        match sample.odds {
            Some(in_use) => assert!((in_use - odds.max(sample.least)).abs() < 1e-3, "{in_use} {odds}"),
            None => assert!(sample.is_nobody),
        }
        weighed += usize::from(!sample.is_nobody);
    }
    assert!(weighed > 5_000, "{weighed}");
}

#[test]
fn marks_are_taken_off_where_they_stand() {
    assert_eq!(unmarked("å ⟦name:Bo⟧ ⟦phone:1⟧."), ("å Bo 1.".to_owned(), vec![(3, 5)]));
}

#[test]
fn sentences_and_other_letters_keep_their_names() {
    let text = "Ring A. Lind. Hon är hos Dr. Berg i dag.\nInger kommer!";
    let names = [(5, 12), (30, 34), (42, 47)];
    let cut = |(first, last): &(usize, usize)| &text[*first..*last];
    assert_eq!(names.iter().map(cut).collect::<Vec<_>>(), ["A. Lind", "Berg", "Inger"]);
    let parts: Vec<&str> = sentences(text, &names).into_iter().map(|part| &text[part]).collect();
    assert_eq!(parts, ["Ring A. Lind. ", "Hon är hos Dr. ", "Berg i dag.\n", "Inger kommer!"]);
    assert!(sentences("En mening.", &[]).is_empty());
    let (upper, places) = recased("Groß på ⟦", &[(0, 5)], str::to_uppercase);
    assert_eq!((upper.as_str(), places), ("GROSS PÅ ⟦", vec![(0, 5)]));
}

#[test]
fn a_regression_finds_the_odds_of_a_table() {
    // 30 of 40 with the figure are names, 10 of 40 without: odds of 3 and 1/3.
    let mut rows = Rows::default();
    for (figure, is_name, count) in [(1.0, true, 3000), (1.0, false, 1000), (0.0, true, 1000), (0.0, false, 3000)] {
        (0..count).for_each(|_| rows.push(vec![(0, 1.0), (1, figure)], is_name, 1.0));
    }
    let weights = rows.fit(|_| true, &[1e-3, 0.5]);
    assert!((weights[0] + 3.0_f64.ln()).abs() < 0.01 && (weights[1] - 9.0_f64.ln()).abs() < 0.01, "{weights:?}");
    // Rows that are left out say nothing.
    let weights = rows.fit(|row| row < 4000, &[1e-3, 0.5]);
    assert!((sigmoid(weights[0] + weights[1]) - 0.75).abs() < 0.01, "{weights:?}");
}
