//! The list as comma-separated values: UTF-8, RFC 4180, a header line.

use std::io::{BufWriter, Write};

use super::{Candidates, Cell};

/// Beginnings that spreadsheet programs take for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Writes it.
pub(super) fn write(candidates: &Candidates, out: &mut dyn Write) -> std::io::Result<()> {
    let mut lines = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(BufWriter::new(out));
    lines.write_record(candidates.header().iter().map(|name| harmless(name)))?;
    for row in &candidates.rows {
        let cells = row.cells();
        lines.write_record(cells.iter().map(|cell| match cell {
            Cell::Empty => String::new(),
            Cell::Text(text) => harmless(text),
            Cell::Number(digits) => digits.clone(),
            Cell::Day(day) => day.to_string(),
        }))?;
    }
    lines.flush()
}

/// A text that no spreadsheet program calculates: one that begins like a formula gets an apostrophe before it, which says "this is text".
fn harmless(text: &str) -> String {
    if text.starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() }
}
