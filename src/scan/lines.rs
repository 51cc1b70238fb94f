//! Blocks of whole lines, read ahead while the block before is worked on.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};

/// Bytes of a block, more or less: enough work for all threads, little enough memory.
const BLOCK: usize = 8 << 20;
/// Bytes of a piece of a block: one thread's work at a time.
const PIECE: usize = 128 << 10;
/// Bytes read at a time: as many as a pipe holds.
const CHUNK: usize = 64 << 10;
/// Chunks read ahead.
const AHEAD: usize = 128;
/// A longer line is cut, so that a file without lines does not fill the memory.
const LONGEST: usize = 1 << 30;

/// A reader's content, block by block.
///
/// A block holds what there is when it is asked for: whoever writes a line and waits for the answer gets it.
pub(super) struct Blocks {
    chunks: Receiver<io::Result<Vec<u8>>>,
    /// What follows the last line of the block before.
    rest: Vec<u8>,
    begun: bool,
    ended: bool,
}

impl Blocks {
    /// Begins to read. The thread that does lives as long as somebody asks, or until its next byte comes.
    pub(super) fn of(mut input: Box<dyn Read + Send>) -> io::Result<Self> {
        let (sender, chunks) = sync_channel(AHEAD);
        std::thread::Builder::new().name("reader".into()).spawn(move || {
            loop {
                let mut chunk = vec![0; CHUNK];
                let read = match input.read(&mut chunk) {
                    Ok(0) => return,
                    Ok(length) => {
                        chunk.truncate(length);
                        Ok(chunk)
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) => Err(error),
                };
                let failed = read.is_err();
                if sender.send(read).is_err() || failed {
                    return;
                }
            }
        })?;
        Ok(Self { chunks, rest: Vec::new(), begun: false, ended: false })
    }

    /// The next block; `None` at the end. Each ends with a line's end, but for the last and for lines that are too long.
    pub(super) fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut block = std::mem::take(&mut self.rest);
        let mut end = None;
        while !self.ended {
            let chunk = match end {
                None if block.len() >= LONGEST => break,
                None => self.chunks.recv().map_err(|_| TryRecvError::Disconnected),
                Some(_) if block.len() < BLOCK => self.chunks.try_recv(),
                Some(_) => break,
            };
            match chunk {
                Ok(chunk) => {
                    let chunk = chunk?;
                    end = memchr::memrchr(b'\n', &chunk).map(|at| block.len() + at + 1).or(end);
                    block.extend_from_slice(&chunk);
                }
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => self.ended = true,
            }
        }
        if !self.ended
            && let Some(end) = end
        {
            self.rest = block.split_off(end);
        }
        if !self.begun {
            self.begun = true;
            // A mark that says no more than that this is UTF-8.
            if block.starts_with("\u{feff}".as_bytes()) {
                block.drain(.."\u{feff}".len());
            }
        }
        Ok((!block.is_empty() || !self.ended).then_some(block))
    }
}

/// A block's lines in pieces.
pub(super) fn pieces(block: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::with_capacity(block.len() / PIECE + 1);
    let mut rest = block;
    while rest.len() > PIECE {
        let end = memchr::memchr(b'\n', &rest[PIECE..]).map_or(rest.len(), |at| PIECE + at + 1);
        let (piece, behind) = rest.split_at(end);
        pieces.push(piece);
        rest = behind;
    }
    if !rest.is_empty() {
        pieces.push(rest);
    }
    pieces
}

/// Where the lines of a piece stand in it, without their ends.
pub(super) fn lines(piece: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        if start == piece.len() {
            return None;
        }
        let end = memchr::memchr(b'\n', &piece[start..]).map_or(piece.len(), |at| start + at);
        let line = start..if end > start && piece[end - 1] == b'\r' { end - 1 } else { end };
        start = piece.len().min(end + 1);
        Some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes a few at a time.
    struct Dripping(Vec<u8>, usize);

    impl Read for Dripping {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(buffer.len()).min(self.0.len());
            buffer[..length].copy_from_slice(&self.0[..length]);
            self.0.drain(..length);
            Ok(length)
        }
    }

    fn blocks(bytes: &[u8], at_a_time: usize) -> Vec<Vec<u8>> {
        let mut blocks = Blocks::of(Box::new(Dripping(bytes.to_vec(), at_a_time))).unwrap();
        std::iter::from_fn(|| blocks.next().unwrap()).collect()
    }

    #[test]
    fn blocks_are_whole_lines_and_together_the_input() {
        let text = "ett\r\ntvå\n\nfyra utan slut".as_bytes();
        for at_a_time in 1..=text.len() {
            let blocks = blocks(text, at_a_time);
            assert_eq!(blocks.concat(), text);
            for block in &blocks[..blocks.len() - 1] {
                assert!(block.is_empty() || block.ends_with(b"\n"));
            }
        }
        assert!(blocks(b"", 1).is_empty());
    }

    #[test]
    fn a_mark_at_the_beginning_is_no_part_of_the_first_line() {
        assert_eq!(blocks("\u{feff}a\u{feff}\n".as_bytes(), 100).concat(), "a\u{feff}\n".as_bytes());
        assert_eq!(blocks("\u{feff}".as_bytes(), 1).concat(), b"");
    }

    #[test]
    fn pieces_end_where_lines_do() {
        let block = [b"x".repeat(PIECE * 2), b"\n".to_vec(), b"ab\n".repeat(PIECE), b"end".to_vec()].concat();
        let pieces = pieces(&block);
        assert_eq!(pieces.concat(), block);
        assert!(pieces.len() > 3 && pieces[..pieces.len() - 1].iter().all(|piece| piece.ends_with(b"\n")));
    }

    #[test]
    fn lines_have_no_ends() {
        let piece = b"a\r\n\nb\rc\nd";
        let all: Vec<&[u8]> = lines(piece).map(|line| &piece[line]).collect();
        assert_eq!(all, [b"a".as_slice(), b"", b"b\rc", b"d"]);
    }
}
