//! Files of lines: plain text, and JSON lines with all their members.

use super::files::{Failure, Gathering, Open, Scanned, number};
use super::lines::{Blocks, lines, pieces};
use super::tally::{Part, Tally};
use crate::kernels::json::leaves;

/// Scans each line of a file as a text of its own.
pub(super) fn text(open: &Open<'_>, source: &mut Gathering<'_>) -> Result<Scanned, Failure> {
    // Lines have no columns.
    if open.choice.columns.is_empty() {
        by_lines(open, source, &|tally, line| tally.bytes(0, line))?;
    } else {
        open.open()?;
    }
    Ok(Scanned { absent: open.choice.columns.clone() })
}

/// Scans each text and number of each line's document, under the keys that lead to it.
pub(super) fn json_lines(open: &Open<'_>, source: &mut Gathering<'_>) -> Result<Scanned, Failure> {
    by_lines(open, source, &|tally, line| {
        if line.trim_ascii().is_empty() {
            return;
        }
        let mut texts = |text: &str| {
            leaves(text, &mut |path, value| {
                if belongs(open, path) {
                    match value.text() {
                        Some(text) => tally.named(path, &text),
                        None => tally.named(path, value.written()),
                    }
                }
            })
        };
        if !std::str::from_utf8(line).is_ok_and(&mut texts) {
            tally.part.broken.push(tally.part.rows);
        }
    })?;
    let is_there = |column: &String| source.has(|path| is_in(path, column));
    Ok(Scanned { absent: open.choice.columns.iter().filter(|column| !is_there(column)).cloned().collect() })
}

/// Whether a place is wanted: itself, or a member that it lies in.
fn belongs(open: &Open<'_>, path: &str) -> bool {
    open.choice.columns.is_empty() || open.choice.columns.iter().any(|column| is_in(path, column))
}

fn is_in(path: &str, column: &str) -> bool {
    path.strip_prefix(column).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

fn by_lines(open: &Open<'_>, source: &mut Gathering<'_>, scan: &(dyn Fn(&mut Tally<'_>, &[u8]) + Sync)) -> Result<(), Failure> {
    let file = open.open()?;
    let unreadable = |error: std::io::Error| open.unreadable(&error);
    let mut blocks = Blocks::of(Box::new(file)).map_err(unreadable)?;
    while let Some(block) = blocks.next().map_err(unreadable)? {
        let parts: Vec<Part> = open.workers.map(&pieces(&block), |piece, workspace| {
            let mut tally = Tally::new(open.scanner, workspace, open.each);
            for line in lines(piece) {
                scan(&mut tally, &piece[line]);
                tally.next_row();
            }
            tally.part
        });
        parts.into_iter().try_for_each(|part| source.take(part, &number))?;
        open.stage.advance(block.len() as u64);
    }
    Ok(())
}
