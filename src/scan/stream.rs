//! JSON lines in, findings out: one line for each line, in order.

use std::io::{self, Read, Write};
use std::sync::mpsc::sync_channel;

use super::Search;
use super::lines::{Blocks, lines, pieces};
use super::parallel::Workers;
use crate::detect::{Finding, Scanner, Workspace};
use crate::error::Error;
use crate::kernels::json::{Raw, members};
use crate::progress::Progress;

/// Answers that wait to be written, in blocks.
const WAITING: usize = 2;

const NOT_UTF_8: &str = "is not UTF-8";
const NOT_JSON: &str = "is not a JSON object";
const NO_TEXT: &str = "has no `text`";
const NO_STRING: &str = "has a `text` that is no string";

/// What went through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Streamed {
    /// Lines that hold something.
    pub lines: u64,
    /// Those of them that could not be read.
    pub broken: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Findings written.
    pub findings: u64,
}

/// Scans the `text` of each line `{"id": …, "text": "…"}` and writes a line for it: `{"id":…,"findings":[…]}`.
///
/// `id` is any JSON value and is written as it was read, `null` where there is none; a `text` that is `null` has no findings. A line that
/// can not be read is answered with `{"id":…,"error":"…"}` and told to `complain` by its number, counted from 1; the others go on. Blank lines
/// have no answer. Of equal keys the last counts.
///
/// Blocks of lines are read, scanned on all cores and written side by side. Ends early, and quietly, when nobody reads the answers any more.
///
/// # Errors
/// [`Error::File`] where the input can not be read or the output not be written.
pub fn stream(
    input: Box<dyn Read + Send>,
    name: &str,
    output: &mut (dyn Write + Send),
    search: &Search,
    progress: &dyn Progress,
    complain: &mut dyn FnMut(u64, &str),
) -> Result<Streamed, Error> {
    let unreadable = |error: io::Error| Error::file("read", std::path::Path::new(name), &error);
    let (scanner, workers) = (search.scanner(), Workers::new());
    let stage = progress.start("scan", 0);
    let mut streamed = Streamed::default();
    let mut line = 0;
    std::thread::scope(|scope| {
        let (sender, answers) = sync_channel::<Vec<Answers>>(WAITING);
        let writer = scope.spawn(move || -> io::Result<()> {
            for block in answers {
                for piece in block {
                    output.write_all(&piece.text)?;
                }
                output.flush()?;
            }
            Ok(())
        });
        let mut blocks = Blocks::of(input).map_err(unreadable)?;
        while let Some(block) = blocks.next().map_err(unreadable)? {
            let answers = workers.map(&pieces(&block), |piece, workspace| answer(piece, &scanner, workspace));
            for piece in &answers {
                for (at, problem) in &piece.broken {
                    complain(line + at, problem);
                }
                line += piece.all_lines;
                streamed.lines += piece.lines;
                streamed.broken += piece.broken.len() as u64;
                streamed.findings += piece.findings;
            }
            streamed.bytes += block.len() as u64;
            stage.advance(answers.iter().map(|piece| piece.lines).sum());
            if sender.send(answers).is_err() {
                break;
            }
        }
        drop(sender);
        match writer.join() {
            Ok(Err(error)) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Error::file("write", std::path::Path::new("standard output"), &error))
            }
            Ok(_) => Ok(()),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })?;
    stage.finish();
    Ok(streamed)
}

/// The answers to a piece's lines.
struct Answers {
    text: Vec<u8>,
    all_lines: u64,
    lines: u64,
    findings: u64,
    /// Numbers of lines in the piece, counted from 1, and what is wrong with them.
    broken: Vec<(u64, &'static str)>,
}

fn answer(piece: &[u8], scanner: &Scanner, workspace: &mut Workspace) -> Answers {
    let mut answers = Answers { text: Vec::with_capacity(piece.len() / 2), all_lines: 0, lines: 0, findings: 0, broken: Vec::new() };
    // Looked at as a whole, which is fast, and line by line only where something is wrong.
    let sound = std::str::from_utf8(piece);
    let mut memory = String::new();
    for line in lines(piece) {
        answers.all_lines += 1;
        if piece[line.clone()].trim_ascii().is_empty() {
            continue;
        }
        let line = match sound {
            Ok(sound) => Ok(&sound[line]),
            Err(_) => std::str::from_utf8(&piece[line]).map_err(|_| NOT_UTF_8),
        };
        answers.lines += 1;
        answers.text.extend_from_slice(b"{\"id\":");
        let (id, text) = line.map_or_else(|problem| (None, Err(problem)), |line| read(line, &mut memory));
        answers.text.extend_from_slice(id.map_or("null", Raw::written).as_bytes());
        match text {
            Ok(text) => {
                answers.text.extend_from_slice(b",\"findings\":[");
                let findings = scanner.scan_with(text, workspace);
                write_findings(findings, &mut answers.text);
                answers.findings += findings.len() as u64;
                answers.text.extend_from_slice(b"]}\n");
            }
            Err(problem) => {
                answers.broken.push((answers.all_lines, problem));
                answers.text.extend_from_slice(b",\"error\":\"");
                // No problem has a letter that JSON would escape but the backquotes, which it would not.
                answers.text.extend_from_slice(problem.as_bytes());
                answers.text.extend_from_slice(b"\"}\n");
            }
        }
    }
    answers
}

/// A line's `id` and `text`; the text is in the line itself unless it has escapes.
fn read<'t>(line: &'t str, memory: &'t mut String) -> (Option<Raw<'t>>, Result<&'t str, &'static str>) {
    let (mut id, mut text) = (None, None);
    let is_object = members(line, &mut |key, value| match key {
        "id" => id = Some(value),
        "text" => text = Some(value),
        _ => {}
    });
    if !is_object {
        return (None, Err(NOT_JSON));
    }
    let text = match text {
        None => Err(NO_TEXT),
        Some(text) if text.is_null() => Ok(""),
        Some(text) => text.text_in(memory).ok_or(NO_STRING),
    };
    (id, text)
}

fn write_findings(findings: &[Finding], out: &mut Vec<u8>) {
    for (at, finding) in findings.iter().enumerate() {
        out.extend_from_slice(if at == 0 { b"{\"start\":" } else { b",{\"start\":" });
        write_number(finding.start, out);
        out.extend_from_slice(b",\"end\":");
        write_number(finding.end, out);
        out.extend_from_slice(b",\"kind\":\"");
        out.extend_from_slice(finding.kind.as_str().as_bytes());
        out.extend_from_slice(b"\",\"confidence\":");
        write_confidence(finding.confidence, out);
        out.push(b'}');
    }
}

fn write_number(number: usize, out: &mut Vec<u8>) {
    // As many digits as a usize can have.
    let mut digits = [0; 20];
    let mut start = digits.len();
    let mut rest = number;
    loop {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

/// Three digits at most, without zeros at the end.
fn write_confidence(confidence: f32, out: &mut Vec<u8>) {
    let thousandths = (confidence.clamp(0.0, 1.0) * 1_000.0).round() as usize;
    if thousandths.is_multiple_of(1_000) {
        out.push(if thousandths == 0 { b'0' } else { b'1' });
        return;
    }
    out.extend_from_slice(b"0.");
    let mut rest = thousandths;
    for place in [100, 10, 1] {
        if rest == 0 {
            break;
        }
        out.push(b'0' + (rest / place) as u8);
        rest %= place;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Country, Kinds};

    #[track_caller]
    fn check(input: impl Into<Vec<u8>>, expected: &str, complaints: &[(u64, &str)]) {
        let search = Search { countries: Country::ALL.to_vec(), kinds: Kinds::ALL, min_confidence: 0.5 };
        let (mut out, mut told) = (Vec::new(), Vec::new());
        let input = Box::new(io::Cursor::new(input.into()));
        let complain = &mut |line: u64, problem: &str| told.push((line, problem.to_owned()));
        stream(input, "input", &mut out, &search, &crate::progress::Silent, complain).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        assert_eq!(told, complaints.iter().map(|(line, problem)| (*line, (*problem).to_owned())).collect::<Vec<_>>());
    }

    #[test]
    fn ids_are_written_as_they_were_read() {
        for id in ["7", "1.10", "123456789012345678901234567890", "\"å\\u00e5\"", "null", "true", "[1, {\"a\": 2}]", "{ }"] {
            check(format!("{{\"id\": {id} , \"text\":\"x\"}}"), &format!("{{\"id\":{id},\"findings\":[]}}\n"), &[]);
        }
    }

    #[test]
    fn broken_lines_are_answered_and_told_and_the_others_go_on() {
        check(
            "{\"text\":null}\n\n{\"id\":1,\"txt\":\"\"}\nnot json\n{\"id\":2,\"text\":[\"x\"]}\n{\"text\":\"x\"}",
            "{\"id\":null,\"findings\":[]}\n{\"id\":1,\"error\":\"has no `text`\"}\n{\"id\":null,\"error\":\"is not a JSON object\"}\n\
             {\"id\":2,\"error\":\"has a `text` that is no string\"}\n{\"id\":null,\"findings\":[]}\n",
            &[(3, NO_TEXT), (4, NOT_JSON), (5, NO_STRING)],
        );
    }

    #[test]
    fn bytes_that_are_no_text_spoil_their_own_line_alone() {
        let (good, found) = ("{\"text\":\"kim@example.org\"}", "{\"id\":null,\"findings\":[{\"start\":0,\"end\":15,\"kind\":\"email\"");
        let answer = |line: &[u8]| {
            let search = Search { countries: Country::ALL.to_vec(), kinds: Kinds::ALL, min_confidence: 0.5 };
            let input = [good.as_bytes(), b"\n", line, b"\r\n", good.as_bytes()].concat();
            let (mut out, mut told) = (Vec::new(), Vec::new());
            let complain = &mut |line: u64, problem: &str| told.push((line, problem.to_owned()));
            stream(Box::new(io::Cursor::new(input)), "input", &mut out, &search, &crate::progress::Silent, complain).unwrap();
            let out = String::from_utf8(out).unwrap();
            let lines: Vec<&str> = out.lines().collect();
            assert!(lines.len() == 3 && lines[0].starts_with(found) && lines[2].starts_with(found), "{out}");
            assert_eq!(told, [(2, NOT_UTF_8.to_owned())]);
            assert_eq!(lines[1], "{\"id\":null,\"error\":\"is not UTF-8\"}");
        };
        // At either edge: a byte that begins nothing, a character cut short, one written too long, half of a pair.
        for bytes in [b"\xff".as_slice(), b"\x80", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x91", b"\xc0\xaf", b"\xed\xa0\x80", b"\xff\xfe"] {
            answer(&[bytes, good.as_bytes()].concat());
            answer(&[good.as_bytes(), bytes].concat());
            answer(bytes);
        }
        // Where the input ends in the middle of a character.
        check(b"{\"text\":\"\xe2\x82".as_slice(), "{\"id\":null,\"error\":\"is not UTF-8\"}\n", &[(1, NOT_UTF_8)]);
        check(b"\xef\xbb".as_slice(), "{\"id\":null,\"error\":\"is not UTF-8\"}\n", &[(1, NOT_UTF_8)]);
    }

    #[test]
    fn confidence_has_three_digits_at_most() {
        for (confidence, written) in
            [(0.0, "0"), (1.0, "1"), (0.9999, "1"), (0.97, "0.97"), (0.5, "0.5"), (0.005, "0.005"), (0.1234, "0.123")]
        {
            let mut out = Vec::new();
            write_confidence(confidence, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), written);
        }
    }

    #[test]
    fn numbers_are_written_whole() {
        for number in [0, 9, 10, 1_234_567, usize::MAX] {
            let mut out = Vec::new();
            write_number(number, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), number.to_string());
        }
    }
}
