//! How well the detector does on labelled notes: reading the notes, scanning them, counting, and writing the figures down.
//!
//! Nothing here opens a file or prints. Whoever includes this module has the detector as `crate::detect`.
//!
//! # What is counted
//!
//! - A label is *found* if findings of its kind cover all its letters and digits: a tail that is left behind is a miss.
//! - A label is *covered* if findings of any kind do: scrubbing the text would leave nothing of it.
//! - A finding is *right* if it overlaps a label of its kind.
//! - Recall is found / labels, precision is right / findings, F1 their harmonic mean.
//!
//! The kinds are those that are replaced in a text, but for `identifier`, which no note marks.
#![allow(dead_code, reason = "the test and the program for tuning each use their part")]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::str::FromStr;

use crate::detect::{Country, Finding, Kind, Kinds, Scanner, Workspace};

/// What a finding must have to be counted.
pub const MIN_CONFIDENCE: f32 = 0.5;

/// How the figures name all languages or all kinds together.
pub const ALL: &str = "all";

/// The ends of the bins of confidence that calibration is told in.
const BINS: [f32; 5] = [0.6, 0.7, 0.8, 0.9, f32::INFINITY];

/// Characters of a note shown on either side of a miss.
const CONTEXT: usize = 40;

/// One note, its marks taken out of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub id: String,
    pub language: String,
    pub genre: String,
    pub text: String,
    pub labels: Vec<Label>,
    pub flags: Vec<Kind>,
}

/// A marked span of a note's text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    pub start: usize,
    pub end: usize,
    pub kind: Kind,
}

/// The kinds that are measured.
pub fn measured() -> Kinds {
    Kind::ALL.into_iter().filter(|kind| !kind.is_flag() && *kind != Kind::Identifier).collect()
}

/// Reads a file of notes, one JSON object on a line.
///
/// # Errors
/// What is wrong with which line, without a word of its text.
pub fn parse(lines: &str) -> Result<Vec<Note>, String> {
    let numbered = lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    numbered.map(|(at, line)| parse_note(line).map_err(|problem| format!("line {}: {problem}", at + 1))).collect()
}

fn parse_note(line: &str) -> Result<Note, String> {
    let value: serde_json::Value = serde_json::from_str(line).map_err(|error| format!("no JSON, at column {}", error.column()))?;
    let word = |name: &str| value.get(name).and_then(serde_json::Value::as_str).ok_or_else(|| format!("no `{name}`"));
    let flags = value.get("flags").and_then(serde_json::Value::as_array).ok_or("no `flags`")?;
    let flag = |flag: &serde_json::Value| {
        let kind = flag.as_str().and_then(|name| Kind::from_str(name).ok()).filter(|kind| kind.is_flag());
        kind.ok_or("a flag that is none")
    };
    let (text, labels) = strip(word("text")?)?;
    Ok(Note {
        id: word("id")?.to_owned(),
        language: word("language")?.to_owned(),
        genre: word("genre")?.to_owned(),
        text,
        labels,
        flags: flags.iter().map(flag).collect::<Result<_, _>>()?,
    })
}

/// Takes the marks `⟦kind:…⟧` out of a text.
///
/// # Errors
/// What is wrong with which mark, by its number.
pub fn strip(marked: &str) -> Result<(String, Vec<Label>), String> {
    let (mut text, mut labels) = (String::with_capacity(marked.len()), Vec::new());
    let mut rest = marked;
    while let Some((before, after)) = rest.split_once('⟦') {
        let problem = |what: &str| Err(format!("mark {}: {what}", labels.len() + 1));
        if before.contains('⟧') {
            return problem("closed before it opens");
        }
        let Some((mark, behind)) = after.split_once('⟧') else { return problem("not closed") };
        let Some((kind, words)) = mark.split_once(':') else { return problem("without a kind") };
        let Ok(kind) = Kind::from_str(kind) else { return problem("of no kind that there is") };
        if !measured().contains(kind) {
            return problem("of a kind that is not marked");
        }
        if words.contains('⟦') {
            return problem("another begins inside it");
        }
        if !words.chars().any(char::is_alphanumeric) {
            return problem("without a letter or digit");
        }
        text.push_str(before);
        labels.push(Label { start: text.len(), end: text.len() + words.len(), kind });
        text.push_str(words);
        rest = behind;
    }
    if rest.contains('⟧') {
        return Err(format!("mark {}: closed before it opens", labels.len() + 1));
    }
    text.push_str(rest);
    Ok((text, labels))
}

/// The scanner as it is measured: all countries, the usual threshold.
pub fn scanner() -> Scanner {
    Scanner::new(&Country::ALL).of_kinds(measured()).at_least(MIN_CONFIDENCE)
}

/// What is counted of some notes, a kind and a language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub labels: u64,
    /// Labels that findings of their own kind cover.
    pub found: u64,
    /// Labels that findings of any kind cover.
    pub covered: u64,
    pub findings: u64,
    /// Findings that overlap a label of their own kind.
    pub right: u64,
}

impl Count {
    fn add(&mut self, other: Count) {
        self.labels += other.labels;
        self.found += other.found;
        self.covered += other.covered;
        self.findings += other.findings;
        self.right += other.right;
    }

    /// `None` where nothing was found.
    pub fn precision(&self) -> Option<f64> {
        share(self.right, self.findings)
    }

    /// `None` where there was nothing to find.
    pub fn recall(&self) -> Option<f64> {
        share(self.found, self.labels)
    }

    /// `None` where there was nothing to find and nothing found. A mean with a part that is missing counts that part as nothing.
    pub fn f1(&self) -> Option<f64> {
        if self.labels + self.findings == 0 {
            return None;
        }
        let (precision, recall) = (self.precision().unwrap_or(0.0), self.recall().unwrap_or(0.0));
        Some(if precision + recall > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 })
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Findings of one bin of confidence.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bin {
    pub findings: u64,
    pub right: u64,
    /// The sum of their confidences.
    pub confidence: f64,
}

/// What is counted of one part of the notes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Score {
    pub notes: u64,
    /// Notes without a label.
    pub clean: u64,
    /// Notes without a label in which something was found.
    pub disturbed: u64,
    /// Per kind and language, each also [`ALL`] together.
    pub counts: BTreeMap<(String, String), Count>,
    /// Per kind, and [`ALL`] together.
    pub calibration: BTreeMap<String, [Bin; BINS.len()]>,
}

/// A label that was not found, or a finding that is wrong: with its surroundings, so only for notes that may be looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Miss {
    pub note: String,
    pub language: String,
    pub kind: Kind,
    /// What was found although nothing is there; `None` for a label that was missed.
    pub confidence: Option<f32>,
    /// The span between its neighbours, in `⟦⟧`.
    pub shown: String,
    /// What was found on a label that was missed.
    pub instead: Vec<Finding>,
}

impl std::fmt::Display for Miss {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.confidence {
            None => write!(out, "missed {} {} {}", self.kind, self.note, self.shown)?,
            Some(confidence) => write!(out, "wrong {} {confidence:.2} {} {}", self.kind, self.note, self.shown)?,
        }
        for (at, finding) in self.instead.iter().enumerate() {
            let word = if at == 0 { "  found:" } else { "," };
            write!(out, "{word} {} {:.2} at {}..{}", finding.kind, finding.confidence, finding.start, finding.end)?;
        }
        Ok(())
    }
}

/// Scans notes and counts. What was missed goes to `missed`.
pub fn score(notes: &[Note], missed: &mut dyn FnMut(Miss)) -> Score {
    let (scanner, mut workspace, mut score) = (scanner(), Workspace::default(), Score::default());
    for note in notes {
        count_note(note, scanner.scan_with(&note.text, &mut workspace), &mut score, missed);
    }
    score
}

/// Counts what was found in one note: findings sorted, without overlaps.
pub fn count_note(note: &Note, findings: &[Finding], score: &mut Score, missed: &mut dyn FnMut(Miss)) {
    score.notes += 1;
    if note.labels.is_empty() {
        score.clean += 1;
        score.disturbed += u64::from(!findings.is_empty());
    }
    let mut count = |kind: Kind, one: Count| {
        for kind in [kind.as_str(), ALL] {
            for language in [&note.language, ALL] {
                score.counts.entry((kind.to_owned(), language.to_owned())).or_default().add(one);
            }
        }
    };
    for label in &note.labels {
        let found = covers(&note.text, label, findings, Some(label.kind));
        let covered = covers(&note.text, label, findings, None);
        count(label.kind, Count { labels: 1, found: found.into(), covered: covered.into(), ..Count::default() });
        if !found {
            missed(Miss {
                note: note.id.clone(),
                language: note.language.clone(),
                kind: label.kind,
                confidence: None,
                shown: shown(&note.text, label.start, label.end),
                instead: findings.iter().copied().filter(|finding| overlap(finding, label)).collect(),
            });
        }
    }
    for finding in findings {
        let right = note.labels.iter().any(|label| label.kind == finding.kind && overlap(finding, label));
        count(finding.kind, Count { findings: 1, right: right.into(), ..Count::default() });
        let bin = BINS.iter().position(|end| finding.confidence < *end).unwrap_or(BINS.len() - 1);
        for kind in [finding.kind.as_str(), ALL] {
            let bin = &mut score.calibration.entry(kind.to_owned()).or_default()[bin];
            bin.findings += 1;
            bin.right += u64::from(right);
            bin.confidence += f64::from(finding.confidence);
        }
        if !right {
            missed(Miss {
                note: note.id.clone(),
                language: note.language.clone(),
                kind: finding.kind,
                confidence: Some(finding.confidence),
                shown: shown(&note.text, finding.start, finding.end),
                instead: Vec::new(),
            });
        }
    }
}

fn overlap(finding: &Finding, label: &Label) -> bool {
    finding.start < label.end && label.start < finding.end
}

/// Whether findings (of one kind, or of any) cover every letter and digit of a label.
fn covers(text: &str, label: &Label, findings: &[Finding], kind: Option<Kind>) -> bool {
    text[label.start..label.end].char_indices().filter(|(_, letter)| letter.is_alphanumeric()).all(|(offset, _)| {
        let at = label.start + offset;
        findings.iter().any(|finding| finding.start <= at && at < finding.end && kind.is_none_or(|kind| kind == finding.kind))
    })
}

/// A span in `⟦⟧` between its neighbours, on one line.
fn shown(text: &str, start: usize, end: usize) -> String {
    let before = text[..start].char_indices().rev().take(CONTEXT).last().map_or(start, |(at, _)| at);
    let after = text[end..].char_indices().nth(CONTEXT).map_or(text.len(), |(at, _)| end + at);
    format!("{}⟦{}⟧{}", &text[before..start], &text[start..end], &text[end..after]).replace(['\n', '\r'], "⏎")
}

/// The file of results: the figures of both parts, the calibration of the first.
pub fn results(tuning: &Score, held_out: &Score) -> String {
    let mut text = String::from(
        "# How well personal data is found in notes

`tests/notes.rs` measures this and writes it (`GALLRA_BLESS=1`); no figure may fall. The notes are made up and marked by hand; nobody looks at
those held out while the detector is worked on. Those for tuning are worked with: the weights of names are fitted to them and to the notes
in `training/`, so that of names they tell what was learnt and not how well it holds elsewhere. Scanned for all five countries, with a
confidence of at least 0.5.

A label is found if findings of its kind cover all its letters and digits: a tail left behind is a miss. It is covered if findings of any
kind do: scrubbing leaves nothing of it. A finding is right if it overlaps a label of its kind. Recall is found / labels, precision is
right / findings.
",
    );
    text += "\n## Tuning\n\n";
    text += &summary(tuning);
    text += &table(tuning, &|_, _| true);
    text += "\n## Held out\n\n";
    text += &summary(held_out);
    text += &table(held_out, &|kind, language| kind == ALL || language == ALL);
    text += "\n## Confidence and truth\n\nFindings in the tuning notes by their confidence, and the share that is right.\n\n";
    text += &calibration(tuning);
    text
}

/// What a part holds, in a sentence.
pub fn summary(score: &Score) -> String {
    format!(
        "Notes: {}, of which {} hold no personal data; something is found in {} of these.\n\n",
        score.notes, score.clean, score.disturbed
    )
}

/// The figures per kind and language as a table, those that `keep` wants.
pub fn table(score: &Score, keep: &dyn Fn(&str, &str) -> bool) -> String {
    let mut text = String::from(
        "| kind | language | labels | found | covered | findings | right | precision | recall | F1 |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    // All together comes first, then the kinds in their order.
    let kinds = std::iter::once(ALL).chain(Kind::ALL.iter().map(|kind| kind.as_str()));
    for kind in kinds {
        let mut rows: Vec<_> = score.counts.iter().filter(|((of, language), _)| of == kind && keep(kind, language)).collect();
        rows.sort_by_key(|((_, language), _)| (language != ALL, language));
        for ((_, language), count) in rows {
            let Count { labels, found, covered, findings, right } = count;
            let [precision, recall, f1] = [count.precision(), count.recall(), count.f1()].map(percent);
            let _ = writeln!(
                text,
                "| {kind} | {language} | {labels} | {found} | {covered} | {findings} | {right} | {precision} | {recall} | {f1} |"
            );
        }
    }
    text
}

/// All findings by confidence, as a table.
pub fn calibration(score: &Score) -> String {
    let mut text = String::from("| confidence | findings | mean confidence | right | share |\n|---|--:|--:|--:|--:|\n");
    let bins = score.calibration.get(ALL).copied().unwrap_or_default();
    for (at, bin) in bins.iter().enumerate() {
        let mean = (bin.findings > 0).then(|| bin.confidence / bin.findings as f64);
        let (mean, share) = (percent(mean), percent(share(bin.right, bin.findings)));
        let _ = writeln!(text, "| {} | {} | {mean} | {} | {share} |", bin_name(at), bin.findings, bin.right);
    }
    text
}

/// The share that is right by kind and confidence, as a table.
pub fn calibration_by_kind(score: &Score) -> String {
    let names: Vec<String> = (0..BINS.len()).map(bin_name).collect();
    let mut text = format!("| kind | {} |\n|---|{}\n", names.join(" | "), "--:|".repeat(names.len()));
    for kind in Kind::ALL {
        let Some(bins) = score.calibration.get(kind.as_str()) else { continue };
        let cells: Vec<String> =
            bins.iter().map(|bin| format!("{} ({}/{})", percent(share(bin.right, bin.findings)), bin.right, bin.findings)).collect();
        let _ = writeln!(text, "| {kind} | {} |", cells.join(" | "));
    }
    text
}

fn bin_name(at: usize) -> String {
    let start = if at == 0 { MIN_CONFIDENCE } else { BINS[at - 1] };
    format!("{start:.1}–{:.1}", BINS[at].min(1.0))
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", share * 100.0))
}

/// The counts of a file of results, per part (its heading), kind and language.
///
/// # Errors
/// The number of a line that can not be read.
pub fn read_results(text: &str) -> Result<BTreeMap<(String, String, String), Count>, String> {
    let (mut part, mut counts) = ("", BTreeMap::new());
    for (at, line) in text.lines().enumerate() {
        if let Some(heading) = line.strip_prefix("## ") {
            part = heading;
        }
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [kind, language, labels, found, covered, findings, right, _, _, _] = cells[..] else { continue };
        if kind == "kind" || kind.starts_with('-') {
            continue;
        }
        let number = |cell: &str| cell.parse::<u64>().map_err(|_| format!("line {}: `{cell}` is no count", at + 1));
        let count = Count {
            labels: number(labels)?,
            found: number(found)?,
            covered: number(covered)?,
            findings: number(findings)?,
            right: number(right)?,
        };
        counts.insert((part.to_owned(), kind.to_owned(), language.to_owned()), count);
    }
    Ok(counts)
}

/// What fell between two files of results, in sentences: precision and recall of each row, and rows that are about other notes.
///
/// # Errors
/// As [`read_results`].
pub fn fallen(before: &str, now: &str) -> Result<Vec<String>, String> {
    let (before, now) = (read_results(before)?, read_results(now)?);
    let mut sentences = Vec::new();
    for ((part, kind, language), old) in &before {
        let name = format!("{part}, {kind}, {language}");
        // A kind without a label and without a finding has no row: nothing fell.
        let new = now.get(&(part.clone(), kind.clone(), language.clone())).copied().unwrap_or_default();
        if new.labels != old.labels {
            sentences.push(format!("{name}: {} labels, and the results are about {}", new.labels, old.labels));
        }
        for (figure, was, is) in [("precision", old.precision(), new.precision()), ("recall", old.recall(), new.recall())] {
            // Where nothing is found, nothing is wrong.
            if was.unwrap_or(1.0) > is.unwrap_or(1.0) {
                sentences.push(format!("{name}: {figure} {}, and it was {}", percent(is), percent(was)));
            }
        }
    }
    for ((part, kind, language), new) in &now {
        // A row is new when the notes are, or when the detector finds what nobody marked.
        if !before.contains_key(&(part.clone(), kind.clone(), language.clone())) {
            let Count { labels, findings, right, .. } = new;
            if *labels > 0 || right < findings {
                sentences
                    .push(format!("{part}, {kind}, {language}: not in the results; {labels} labels, {right} of {findings} findings right"));
            }
        }
    }
    Ok(sentences)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(marked: &str) -> Note {
        let (text, labels) = strip(marked).unwrap();
        Note { id: "sv-1".into(), language: "sv".into(), genre: "crm".into(), text, labels, flags: Vec::new() }
    }

    /// Findings given by the words that they cover, each the first time that they occur.
    fn findings(text: &str, words: &[(&str, Kind)]) -> Vec<Finding> {
        let finding = |(words, kind): &(&str, Kind)| {
            let start = text.find(words).unwrap();
            Finding { start, end: start + words.len(), kind: *kind, confidence: 0.9 }
        };
        let mut findings: Vec<Finding> = words.iter().map(finding).collect();
        findings.sort_by_key(|finding| finding.start);
        findings
    }

    #[track_caller]
    fn check(marked: &str, words: &[(&str, Kind)], expected: [u64; 5]) {
        let note = note(marked);
        let mut score = Score::default();
        count_note(&note, &findings(&note.text, words), &mut score, &mut |_| {});
        let [labels, found, covered, findings, right] = expected;
        let count = score.counts.get(&(ALL.into(), ALL.into())).copied().unwrap_or_default();
        assert_eq!(count, Count { labels, found, covered, findings, right });
    }

    #[test]
    fn a_note_is_read_and_its_marks_are_taken_out() {
        let line =
            r#"{"id":"da-7","language":"da","genre":"chat","text":"Åse ⟦name:Ida Ø.⟧: ⟦phone:+45 20 11 22 33⟧!","flags":["health"]}"#;
        let notes = parse(&format!("{line}\n\n{line}\r\n")).unwrap();
        assert_eq!(notes.len(), 2);
        assert_eq!(notes[0], notes[1]);
        let Note { id, language, genre, text, labels, flags } = &notes[0];
        assert_eq!([id, language, genre, text], ["da-7", "da", "chat", "Åse Ida Ø.: +45 20 11 22 33!"]);
        assert_eq!(flags, &[Kind::Health]);
        let words: Vec<(&str, Kind)> = labels.iter().map(|label| (&text[label.start..label.end], label.kind)).collect();
        assert_eq!(words, [("Ida Ø.", Kind::Name), ("+45 20 11 22 33", Kind::Phone)]);
    }

    #[test]
    fn a_time_in_a_mark_keeps_its_colon() {
        assert_eq!(strip("⟦ip_address:2001:db8::1⟧").unwrap().0, "2001:db8::1");
    }

    #[test]
    fn broken_notes_are_told_by_line_and_mark_and_never_by_their_words() {
        for (line, problem) in [
            ("{", "line 1: no JSON, at column 1"),
            (r#"{"id":"1","language":"sv","genre":"crm","text":"Kim"}"#, "line 1: no `flags`"),
            (r#"{"id":"1","language":"sv","genre":"crm","text":"Kim","flags":["name"]}"#, "line 1: a flag that is none"),
            (r#"{"id":"1","language":"sv","genre":"crm","flags":[]}"#, "line 1: no `text`"),
            ("\n{\"id\":\"1\",\"language\":\"sv\",\"genre\":\"crm\",\"text\":\"⟦name:Kim\",\"flags\":[]}", "line 2: mark 1: not closed"),
        ] {
            assert_eq!(parse(line).unwrap_err(), problem);
        }
        for (text, problem) in [
            ("Kim⟧", "mark 1: closed before it opens"),
            ("⟦name:Kim⟧ Bo⟧ ⟦name:Åsa⟧", "mark 2: closed before it opens"),
            ("⟦Kim⟧", "mark 1: without a kind"),
            ("⟦nick:Kim⟧", "mark 1: of no kind that there is"),
            ("⟦identifier:4711⟧", "mark 1: of a kind that is not marked"),
            ("⟦name:Kim ⟦name:Bo⟧⟧", "mark 1: another begins inside it"),
            ("⟦phone:-⟧", "mark 1: without a letter or digit"),
        ] {
            assert_eq!(strip(text).unwrap_err(), problem, "{text}");
        }
    }

    #[test]
    fn what_covers_all_letters_and_digits_finds_a_label() {
        let marked = "Ring ⟦name:Anna Lind⟧ på ⟦phone:(070) 174 06 05⟧.";
        check(marked, &[], [2, 0, 0, 0, 0]);
        check(marked, &[("Anna Lind", Kind::Name), ("070) 174 06 05", Kind::Phone)], [2, 2, 2, 2, 2]);
        // A brack is neither letter nor digit; a blank between two findings is neither.
        check(marked, &[("Anna", Kind::Name), ("Lind", Kind::Name)], [2, 1, 1, 2, 2]);
        // More than the label is right all the same.
        check(marked, &[("Ring Anna Lind på", Kind::Name)], [2, 1, 1, 1, 1]);
    }

    #[test]
    fn a_tail_is_a_miss_although_the_finding_is_right() {
        check("⟦name:Anna Linds⟧ bil", &[("Anna Lind", Kind::Name)], [1, 0, 0, 1, 1]);
        check("⟦phone:070-174 06 05⟧", &[("174 06 05", Kind::Phone)], [1, 0, 0, 1, 1]);
    }

    #[test]
    fn another_kind_covers_but_does_not_find_and_is_wrong() {
        check("nr ⟦national_id:190101-2391⟧", &[("190101-2391", Kind::Phone)], [1, 0, 1, 1, 0]);
        // Together they cover; alone neither does.
        check("⟦address:Ek 2⟧", &[("Ek", Kind::Name), ("2", Kind::Address)], [1, 0, 1, 2, 1]);
    }

    #[test]
    fn a_finding_beside_a_label_is_wrong() {
        check("⟦name:Kim⟧ Ek AB", &[("Ek AB", Kind::Name)], [1, 0, 0, 1, 0]);
        // One that touches it overlaps nothing.
        check("⟦name:Kim⟧.", &[(".", Kind::Name)], [1, 0, 0, 1, 0]);
    }

    #[test]
    fn counts_are_kept_by_kind_and_language_and_notes_without_labels_apart() {
        let (mut score, mut missed) = (Score::default(), Vec::new());
        let mut one = |marked: &str, language: &str, words: &[(&str, Kind)]| {
            let note = Note { language: language.into(), ..note(marked) };
            count_note(&note, &findings(&note.text, words), &mut score, &mut |miss| missed.push(miss));
        };
        one("⟦name:Kim⟧ och ⟦email:kim@example.org⟧", "sv", &[("Kim", Kind::Name)]);
        one("Order 12", "da", &[("12", Kind::Phone)]);
        one("Order 13", "da", &[]);
        let count = |kind: &str, language: &str| {
            let Count { labels, found, findings, right, .. } =
                score.counts.get(&(kind.into(), language.into())).copied().unwrap_or_default();
            [labels, found, findings, right]
        };
        assert_eq!([score.notes, score.clean, score.disturbed], [3, 2, 1]);
        assert_eq!(count("all", "all"), [2, 1, 2, 1]);
        assert_eq!(count("all", "sv"), [2, 1, 1, 1]);
        assert_eq!(count("name", "all"), [1, 1, 1, 1]);
        assert_eq!(count("email", "sv"), [1, 0, 0, 0]);
        assert_eq!(count("phone", "da"), [0, 0, 1, 0]);
        assert_eq!(count("name", "da"), [0, 0, 0, 0]);
        let lines: Vec<String> = missed.iter().map(ToString::to_string).collect();
        assert_eq!(lines, ["missed email sv-1 Kim och ⟦kim@example.org⟧", "wrong phone 0.90 sv-1 Order ⟦12⟧"]);
    }

    #[test]
    fn figures_are_shares_of_what_there_is() {
        let count = Count { labels: 4, found: 3, covered: 4, findings: 6, right: 3 };
        assert_eq!([count.precision(), count.recall()], [Some(0.5), Some(0.75)]);
        // 2 · 0.5 · 0.75 / 1.25
        assert!((count.f1().unwrap() - 0.6).abs() < 1e-12);
        let none = Count::default();
        assert_eq!([none.precision(), none.recall(), none.f1()], [None; 3]);
        assert_eq!(Count { labels: 2, ..none }.f1(), Some(0.0));
    }

    #[test]
    fn calibration_sorts_findings_by_confidence() {
        let note = note("⟦name:Kim⟧ 11 22 33");
        let finding = |start: usize, kind: Kind, confidence: f32| Finding { start, end: start + 2, kind, confidence };
        let found =
            [finding(0, Kind::Name, 0.95), finding(4, Kind::Phone, 0.5), finding(7, Kind::Phone, 0.6), finding(10, Kind::Phone, 1.0)];
        let mut score = Score::default();
        count_note(&note, &found, &mut score, &mut |_| {});
        let bins = score.calibration[ALL].map(|bin| [bin.findings, bin.right]);
        assert_eq!(bins, [[1, 0], [1, 0], [0, 0], [0, 0], [2, 1]]);
        let text = calibration(&score);
        assert!(text.contains("| 0.5–0.6 | 1 | 50.0 % | 0 | 0.0 % |"), "{text}");
        assert!(text.contains("| 0.9–1.0 | 2 | 97.5 % | 1 | 50.0 % |"), "{text}");
    }

    /// Results of one kind and language, in the tuning part.
    fn results_of(count: Count) -> String {
        let counts = BTreeMap::from([(("name".to_owned(), "sv".to_owned()), count)]);
        results(&Score { counts, ..Score::default() }, &Score::default())
    }

    #[test]
    fn results_can_be_read_again_and_no_figure_may_fall() {
        let before = Count { labels: 10, found: 8, covered: 9, findings: 10, right: 9 };
        let text = results_of(before);
        assert!(text.contains("| name | sv | 10 | 8 | 9 | 10 | 9 | 90.0 % | 80.0 % | 84.7 % |"), "{text}");
        let read = read_results(&text).unwrap();
        assert_eq!(read, BTreeMap::from([(("Tuning".into(), "name".into(), "sv".into()), before)]));
        let fell = |now: Count| fallen(&text, &results_of(now)).unwrap();
        assert_eq!(fell(before), [""; 0]);
        assert_eq!(fell(Count { found: 9, right: 10, ..before }), [""; 0]);
        assert_eq!(fell(Count { found: 7, ..before }), ["Tuning, name, sv: recall 70.0 %, and it was 80.0 %"]);
        assert_eq!(fell(Count { findings: 12, ..before }), ["Tuning, name, sv: precision 75.0 %, and it was 90.0 %"]);
        assert_eq!(fell(Count { labels: 5, found: 5, ..before }), ["Tuning, name, sv: 5 labels, and the results are about 10"]);
    }

    #[test]
    fn a_row_that_is_new_may_only_be_without_fault() {
        let empty = results(&Score::default(), &Score::default());
        let now = results_of(Count { findings: 1, ..Count::default() });
        assert_eq!(fallen(&empty, &now).unwrap(), ["Tuning, name, sv: not in the results; 0 labels, 0 of 1 findings right"]);
        assert_eq!(fallen(&now, &empty).unwrap(), [""; 0]);
    }

    #[test]
    fn held_out_notes_are_told_in_totals_alone() {
        let count = Count { labels: 1, ..Count::default() };
        let all = [("name", "sv"), ("name", ALL), (ALL, "sv"), (ALL, ALL)];
        let counts = all.map(|(kind, language)| ((kind.to_owned(), language.to_owned()), count)).into();
        let text = results(&Score::default(), &Score { counts, ..Score::default() });
        let rows: Vec<String> =
            read_results(&text).unwrap().into_keys().map(|(part, kind, language)| format!("{part} {kind} {language}")).collect();
        assert_eq!(rows, ["Held out all all", "Held out all sv", "Held out name all"]);
    }
}
