//! Lines of a file, one at a time and of bounded length.

use std::io::{self, BufRead, Read};

use super::entry::LONGEST_LINE;

/// One line, without its line feed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'buffer> {
    /// A line that ends in a line feed.
    Ended(&'buffer [u8]),
    /// What stands after the last line feed; never empty.
    Tail(&'buffer [u8]),
    /// More bytes than any entry has.
    Oversized,
}

/// Reads lines into one buffer that is used again.
pub(super) struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
    /// The offset in bytes at which the line that was read last begins.
    pub start: u64,
    /// The offset in bytes behind it.
    pub end: u64,
    /// Its number, from 1.
    pub number: u64,
}

impl<R: BufRead> Lines<R> {
    pub fn new(reader: R) -> Self {
        Self { reader, buffer: Vec::new(), start: 0, end: 0, number: 0 }
    }

    /// The next line, or `None` at the end.
    pub fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.buffer.clear();
        self.start = self.end;
        let limit = LONGEST_LINE as u64;
        let read = (&mut self.reader).take(limit).read_until(b'\n', &mut self.buffer)?;
        if read == 0 {
            return Ok(None);
        }
        self.end += read as u64;
        self.number += 1;
        if self.buffer.last() == Some(&b'\n') {
            return Ok(Some(Line::Ended(&self.buffer[..read - 1])));
        }
        if read < LONGEST_LINE {
            return Ok(Some(Line::Tail(&self.buffer)));
        }
        self.end += self.reader.skip_until(b'\n')? as u64;
        Ok(Some(Line::Oversized))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_end_is_not_kept_in_memory() {
        let mut bytes = vec![b'x'; LONGEST_LINE + 10];
        bytes.extend_from_slice(b"\nshort\n\ntail");
        let mut lines = Lines::new(&bytes[..]);
        assert_eq!(lines.next().unwrap(), Some(Line::Oversized));
        assert_eq!(lines.next().unwrap(), Some(Line::Ended(b"short")));
        assert_eq!((lines.start, lines.number), (LONGEST_LINE as u64 + 11, 2));
        assert_eq!(lines.next().unwrap(), Some(Line::Ended(b"")));
        assert_eq!(lines.next().unwrap(), Some(Line::Tail(b"tail")));
        assert_eq!(lines.end, bytes.len() as u64);
        assert_eq!(lines.next().unwrap(), None);
        assert!(lines.buffer.capacity() <= 2 * LONGEST_LINE);
    }
}
