//! What is counted: per column and kind, and each finding by itself where somebody wants them.

use std::collections::BTreeMap;

use super::{ColumnLine, KindLine, Summary};
use crate::detect::{Country, Finding, Kind, Kinds, Scanner, Workspace};

/// Columns of one source that are told apart. A document whose keys are data (a person's number, say) would have one for each.
pub(super) const MOST_COLUMNS: usize = 400;

/// The confidence from which on a column's name is taken for a value.
const NAME_LIKE_DATA: f32 = 0.7;

/// A finding and where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Located {
    /// The column's place among those of the source.
    pub(super) column: usize,
    /// The row's number, counted from 0.
    pub(super) row: u64,
    pub(super) finding: Finding,
}

#[derive(Clone, Copy, Debug, Default)]
struct KindCount {
    cells: u64,
    findings: u64,
    confidence: f64,
}

/// What one column holds.
#[derive(Clone, Debug, Default)]
struct Count {
    cells: u64,
    bytes: u64,
    found: u64,
    kinds: [KindCount; Kind::ALL.len()],
}

/// What some rows hold.
#[derive(Debug, Default)]
pub(super) struct Part {
    counts: Vec<Count>,
    /// The names of columns that are found while scanning.
    names: Vec<String>,
    by_name: BTreeMap<String, usize>,
    pub(super) rows: u64,
    pub(super) bytes: u64,
    /// Cells with bytes that are not UTF-8.
    pub(super) invalid: u64,
    /// Rows that could not be read, counted from 0.
    pub(super) broken: Vec<u64>,
    pub(super) findings: Vec<Located>,
}

/// Scans cell by cell into a part.
pub(super) struct Tally<'a> {
    pub(super) scanner: &'a Scanner,
    pub(super) workspace: &'a mut Workspace,
    /// Whether each finding is wanted, or their number alone.
    pub(super) each: bool,
    pub(super) part: Part,
}

impl<'a> Tally<'a> {
    pub(super) fn new(scanner: &'a Scanner, workspace: &'a mut Workspace, each: bool) -> Self {
        Self { scanner, workspace, each, part: Part::default() }
    }

    /// Scans a cell of the current row.
    pub(super) fn cell(&mut self, column: usize, text: &str) {
        let found = self.scanner.scan_with(text, self.workspace);
        let count = self.part.count(column);
        count.cells += 1;
        count.bytes += text.len() as u64;
        count.found += u64::from(!found.is_empty());
        let mut seen = 0_u32;
        self.part.bytes += text.len() as u64;
        let row = self.part.rows;
        for finding in found {
            self.part.add(column, finding, &mut seen);
        }
        if self.each {
            self.part.findings.extend(found.iter().map(|finding| Located { column, row, finding: *finding }));
        }
    }

    /// Scans a cell that should be UTF-8: what is not is skipped over.
    pub(super) fn bytes(&mut self, column: usize, cell: &[u8]) {
        if let Ok(text) = std::str::from_utf8(cell) {
            return self.cell(column, text);
        }
        self.part.invalid += 1;
        self.part.bytes += cell.len() as u64;
        let row = self.part.rows;
        let (mut at, mut seen, mut any) = (0, 0, false);
        for chunk in cell.utf8_chunks() {
            for finding in self.scanner.scan_with(chunk.valid(), self.workspace) {
                let finding = Finding { start: at + finding.start, end: at + finding.end, ..*finding };
                self.part.add(column, &finding, &mut seen);
                any = true;
                if self.each {
                    self.part.findings.push(Located { column, row, finding });
                }
            }
            at += chunk.valid().len() + chunk.invalid().len();
        }
        let count = self.part.count(column);
        count.cells += 1;
        count.bytes += cell.len() as u64;
        count.found += u64::from(any);
    }

    /// Scans a cell of a column that is known by its name.
    pub(super) fn named(&mut self, name: &str, text: &str) {
        let column = self.part.column(name);
        self.cell(column, text);
    }

    /// The next row.
    pub(super) fn next_row(&mut self) {
        self.part.rows += 1;
    }
}

impl Part {
    fn count(&mut self, column: usize) -> &mut Count {
        if self.counts.len() <= column {
            self.counts.resize_with(column + 1, Count::default);
        }
        &mut self.counts[column]
    }

    /// `seen` are the kinds that the cell is counted for already.
    fn add(&mut self, column: usize, finding: &Finding, seen: &mut u32) {
        let count = &mut self.count(column).kinds[finding.kind as usize];
        count.findings += 1;
        count.confidence += f64::from(finding.confidence);
        count.cells += u64::from(*seen >> (finding.kind as u32) & 1 == 0);
        *seen |= 1 << (finding.kind as u32);
    }

    fn column(&mut self, name: &str) -> usize {
        if let Some(column) = self.by_name.get(name) {
            return *column;
        }
        let name = if self.names.len() < MOST_COLUMNS { name } else { "further columns" };
        if let Some(column) = self.by_name.get(name) {
            return *column;
        }
        self.by_name.insert(name.to_owned(), self.names.len());
        self.names.push(name.to_owned());
        self.names.len() - 1
    }

    /// Adds the rows that follow.
    pub(super) fn append(&mut self, mut next: Part) {
        // The columns of both in one order, by name where they have names.
        let places: Vec<usize> = if next.names.is_empty() {
            (0..next.counts.len()).collect()
        } else {
            next.names.iter().map(|name| self.column(name)).collect()
        };
        for (count, place) in next.counts.iter().zip(&places) {
            let own = self.count(*place);
            own.cells += count.cells;
            own.bytes += count.bytes;
            own.found += count.found;
            for (own, kind) in own.kinds.iter_mut().zip(&count.kinds) {
                own.cells += kind.cells;
                own.findings += kind.findings;
                own.confidence += kind.confidence;
            }
        }
        for found in &mut next.findings {
            found.column = places.get(found.column).copied().unwrap_or(found.column);
            found.row += self.rows;
        }
        self.findings.append(&mut next.findings);
        self.broken.extend(next.broken.iter().map(|row| row + self.rows));
        self.rows += next.rows;
        self.bytes += next.bytes;
        self.invalid += next.invalid;
    }

    /// The name of a column that was found while scanning.
    pub(super) fn name(&self, column: usize) -> Option<&str> {
        self.names.get(column).map(String::as_str)
    }

    /// Adds the columns of this source to a summary, each under the name that may be shown.
    pub(super) fn tell(&self, source: &str, columns: usize, name: &dyn Fn(usize) -> Option<String>, summary: &mut Summary) {
        let none = Count::default();
        for column in 0..columns.max(self.counts.len()) {
            let count = self.counts.get(column).unwrap_or(&none);
            let kinds = Kind::ALL.iter().zip(&count.kinds).filter(|(_, kind)| kind.findings > 0);
            let kinds = kinds.map(|(kind, found)| KindLine {
                kind: kind.as_str(),
                cells: found.cells,
                share: found.cells as f64 / count.cells as f64,
                findings: found.findings,
                mean_confidence: found.confidence / found.findings as f64,
            });
            summary.columns.push(ColumnLine {
                source: source.to_owned(),
                column: name(column),
                cells: count.cells,
                bytes: count.bytes,
                cells_with_findings: count.found,
                kinds: kinds.collect(),
            });
            summary.cells += count.cells;
            summary.bytes += count.bytes;
            summary.findings += count.kinds.iter().map(|kind| kind.findings).sum::<u64>();
        }
        summary.rows += self.rows;
    }
}

/// The name of a column as it may be shown: a file without a line of names begins with data, and the keys of a document can be data too.
pub(super) fn shown(name: &str, position: usize) -> String {
    // A word that only speaks of health, say, is no value of anybody's.
    let scanner = Scanner::new(&Country::ALL).of_kinds(Kinds::replaced()).at_least(NAME_LIKE_DATA);
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let is_name =
        !name.is_empty() && name.len() <= 100 && digits < 6 && !name.contains(['@', '\n', '\r']) && !name.contains(char::is_control);
    if is_name && scanner.scan(name).is_empty() { name.to_owned() } else { format!("column {}", position + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(rows: &[&[(&str, &str)]], each: bool) -> Part {
        let (scanner, mut workspace) = (Scanner::new(&Country::ALL), Workspace::default());
        let mut tally = Tally::new(&scanner, &mut workspace, each);
        for row in rows {
            row.iter().for_each(|(name, text)| tally.named(name, text));
            tally.next_row();
        }
        tally.part
    }

    #[test]
    fn cells_and_findings_are_counted_apart() {
        let part = tally(
            &[&[("a", "kim@example.org bo@example.org 070-174 06 05"), ("b", "x")], &[("a", "")], &[("a", "kim@example.org")]],
            false,
        );
        let mut summary = Summary::default();
        part.tell("file", 0, &|column| part.name(column).map(str::to_owned), &mut summary);
        assert_eq!([summary.rows, summary.cells, summary.findings], [3, 4, 4]);
        let line = &summary.columns[0];
        assert_eq!((line.column.as_deref(), line.cells, line.cells_with_findings), (Some("a"), 3, 2));
        let kinds: Vec<(&str, u64, u64)> = line.kinds.iter().map(|kind| (kind.kind, kind.cells, kind.findings)).collect();
        assert_eq!(kinds, [("email", 2, 3), ("phone", 1, 1)]);
        assert!((line.kinds[0].share - 2.0 / 3.0).abs() < 1e-9);
        assert!(summary.columns[1].kinds.is_empty());
    }

    #[test]
    fn parts_meet_by_the_names_of_their_columns() {
        let mut one = tally(&[&[("a", "x"), ("b", "kim@example.org")]], true);
        one.append(tally(&[&[("b", "bo@example.org")], &[("c", "kim@example.org"), ("a", "")]], true));
        let places: Vec<(&str, u64)> = one.findings.iter().map(|found| (one.name(found.column).unwrap(), found.row)).collect();
        assert_eq!(places, [("b", 0), ("b", 1), ("c", 2)]);
        assert_eq!(one.rows, 3);
        assert_eq!(one.counts.iter().map(|count| count.cells).collect::<Vec<_>>(), [2, 2, 1]);
    }

    #[test]
    fn bytes_that_are_no_text_are_skipped_over_and_counted_in_places() {
        let (scanner, mut workspace) = (Scanner::new(&Country::ALL), Workspace::default());
        let mut tally = Tally::new(&scanner, &mut workspace, true);
        tally.bytes(0, b"\xe5\xe4 kim@example.org \xff bo@example.org");
        let places: Vec<(usize, usize)> = tally.part.findings.iter().map(|found| (found.finding.start, found.finding.end)).collect();
        assert_eq!(places, [(3, 18), (21, 35)]);
        assert_eq!((tally.part.invalid, tally.part.counts[0].cells, tally.part.counts[0].found), (1, 1, 1));
    }

    #[test]
    fn keys_that_are_data_do_not_make_columns_without_end() {
        let mut part = Part::default();
        for key in 0..MOST_COLUMNS * 2 {
            part.column(&key.to_string());
        }
        assert_eq!(part.names.len(), MOST_COLUMNS + 1);
        assert_eq!(part.name(MOST_COLUMNS), Some("further columns"));
    }

    #[test]
    fn names_that_look_like_data_are_not_shown() {
        for (name, expected) in
            [("E-post", "E-post"), ("kim@example.org", "column 3"), ("0701740605", "column 3"), ("", "column 3"), ("2024", "2024")]
        {
            assert_eq!(shown(name, 2), expected);
        }
    }
}
