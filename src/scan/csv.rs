//! Files of comma-separated values (or semicolons, tabs or bars between them), with a line of column names.

use std::io::{BufReader, Read};

use csv::{ByteRecord, ReaderBuilder};

use super::files::{Failure, Gathering, Open, Scanned, number};
use super::tally::{MOST_COLUMNS, Part, Tally, shown};

/// Records read before they are scanned.
const RECORDS: usize = 16_384;
/// Bytes of records read before they are scanned, more or less.
const BYTES: usize = 8 << 20;
/// Records of one thread's work.
const PIECE: usize = 256;
/// Bytes at the beginning in which the separator is sought.
const BEGINNING: u64 = 64 << 10;

/// Scans the columns that are wanted. A record of another length than the first line is scanned all the same.
pub(super) fn scan(open: &Open<'_>, source: &mut Gathering<'_>) -> Result<Scanned, Failure> {
    let mut beginning = Vec::new();
    open.open()?.take(BEGINNING).read_to_end(&mut beginning).map_err(|error| open.unreadable(&error))?;
    let mut reader =
        ReaderBuilder::new().delimiter(separator(&beginning)).flexible(true).from_reader(BufReader::with_capacity(1 << 20, open.open()?));
    let unreadable = |error: csv::Error| match error.into_kind() {
        csv::ErrorKind::Io(error) => open.unreadable(&error),
        _ => Failure::Problem(open.problem("can not be read as CSV".to_owned(), None)),
    };
    let header = reader.byte_headers().map_err(unreadable)?;
    let written: Vec<String> = header.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    let mut names: Vec<String> = written.iter().enumerate().map(|(at, name)| shown(name, at)).collect();
    let is = |at: usize, wanted: &String| written[at] == *wanted || names[at] == *wanted;
    let wanted: Vec<bool> =
        (0..names.len()).map(|at| open.choice.columns.is_empty() || open.choice.columns.iter().any(|one| is(at, one))).collect();
    let absent: Vec<String> = open.choice.columns.iter().filter(|one| !(0..names.len()).any(|at| is(at, one))).cloned().collect();
    let all = open.choice.columns.is_empty();
    let kept: Vec<usize> = (0..names.len()).filter(|at| wanted[*at]).collect();
    // Where a column of the file stands among those that are scanned.
    let places: Vec<Option<usize>> = (0..names.len()).map(|at| kept.iter().position(|kept| *kept == at)).collect();
    names = kept.iter().map(|at| names[*at].clone()).collect();
    // Fields behind the last name, where all are wanted.
    let behind = names.len();
    let place =
        |at: usize| places.get(at).copied().unwrap_or_else(|| all.then(|| (behind + at - places.len()).min(MOST_COLUMNS.max(behind))));
    let mut longest = names.len();
    let mut records: Vec<ByteRecord> = Vec::new();
    let mut told = 0;
    loop {
        let (mut read, mut bytes) = (0, 0);
        while read < RECORDS && bytes < BYTES {
            if read == records.len() {
                records.push(ByteRecord::new());
            }
            if !reader.read_byte_record(&mut records[read]).map_err(unreadable)? {
                break;
            }
            bytes += records[read].as_slice().len();
            longest = longest.max(records[read].len());
            read += 1;
        }
        if read == 0 {
            source.set_names(with_further(names, longest, &place, written.len()));
            return Ok(Scanned { absent });
        }
        source.set_names(with_further(names.clone(), longest, &place, written.len()));
        let pieces: Vec<&[ByteRecord]> = records[..read].chunks(PIECE).collect();
        let parts: Vec<Part> = open.workers.map(&pieces, |piece, workspace| {
            let mut tally = Tally::new(open.scanner, workspace, open.each);
            for record in *piece {
                for (at, cell) in record.iter().enumerate() {
                    if let Some(place) = place(at) {
                        tally.bytes(place, cell);
                    }
                }
                tally.next_row();
            }
            tally.part
        });
        parts.into_iter().try_for_each(|part| source.take(part, &number))?;
        let position = reader.position().byte();
        open.stage.advance(position - told);
        told = position;
    }
}

/// The names, and those of fields behind the last name.
fn with_further(mut names: Vec<String>, longest: usize, place: &dyn Fn(usize) -> Option<usize>, named: usize) -> Vec<String> {
    for at in named..longest {
        if place(at) == Some(names.len()) {
            names.push(format!("column {}", at + 1));
        }
    }
    names
}

/// What stands between the fields of the first line most often.
fn separator(beginning: &[u8]) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut quoted = false;
    for byte in beginning {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if quoted => {}
            _ => counts.iter_mut().filter(|(separator, _)| separator == byte).for_each(|(_, count)| *count += 1),
        }
    }
    // The first of equals: a comma where there is none at all.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(separator, _)| *separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_is_what_the_first_line_has_most_of() {
        for (line, expected) in [
            ("a,b,c\n1;2;3;4;5", b','),
            ("a;b,c;d", b';'),
            ("a\tb\r\n", b'\t'),
            ("\"a,b,c\n\";d\n,,,,", b';'),
            ("a|b", b'|'),
            ("alone", b','),
            ("", b','),
        ] {
            assert_eq!(separator(line.as_bytes()), expected, "{line}");
        }
    }
}
