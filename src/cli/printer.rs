//! The one place that writes to the terminal: results to standard output, errors to standard error.

use std::borrow::Cow;
use std::io::Write;

use gallra::error::{Error, FAILED};
use serde::Serialize;

/// Prints results for people or machines.
pub struct Printer {
    json: bool,
    broken: bool,
}

impl Printer {
    /// For people, or for machines.
    pub fn new(json: bool) -> Self {
        Self { json, broken: false }
    }

    /// A line for people; machines do not get it.
    pub fn line(&mut self, text: impl AsRef<str>) {
        if !self.json {
            self.write(&shown(text.as_ref(), true));
            self.write("\n");
        }
    }

    /// A finding, which takes one line whatever the file is called that it names.
    pub fn one_line(&mut self, text: &str) {
        self.line(shown(text, false));
    }

    /// What to do about the line before, on its own line.
    pub fn hint(&mut self, hint: Option<&str>) {
        if let Some(hint) = hint {
            self.line(format!("hint: {hint}"));
        }
    }

    /// The result for machines.
    pub fn value(&mut self, value: &impl Serialize) {
        if self.json {
            let text = serde_json::to_string_pretty(value).unwrap_or_else(|error| format!("{{\"error\": \"{error}\"}}"));
            self.write(&text);
            self.write("\n");
        }
    }

    /// Text that is the result itself, whoever reads.
    pub fn raw(&mut self, text: &str) {
        self.write(text);
    }

    /// Standard output for a result that comes in pieces, whoever reads. Tells the writer when nobody does.
    pub fn pieces(&mut self) -> impl Write + Send + use<> {
        std::io::stdout()
    }

    /// Something that was left out while the rest went on: a sentence, and its hint on its own line.
    pub fn warning(&mut self, sentence: &str, hint: Option<&str>) {
        let hint = hint.map_or(String::new(), |hint| format!("hint: {hint}\n"));
        // Nobody is left to tell if standard error is closed.
        let _ = std::io::stderr().write_all(format!("warning: {}\n{}", shown(sentence, false), shown(&hint, true)).as_bytes());
    }

    /// An error: its sentence, what was drawn of it, and the hint on its own line.
    pub fn error(&mut self, error: &Error) {
        let mut text = String::new();
        if self.json {
            let mut value = serde_json::json!({ "error": error.to_string(), "hint": error.hint(), "exit_code": error.exit_code() });
            if let Error::Pipeline { list, path, .. } = error {
                let problems = list
                    .iter()
                    .map(|(line, message, hint)| serde_json::json!({ "file": path, "line": line, "message": message, "hint": hint }));
                value["problems"] = problems.collect();
            }
            text.push_str(&value.to_string());
            text.push('\n');
            self.write(&text);
            return;
        }
        if let Error::Pipeline { drawn, .. } = error {
            text.push_str(drawn);
        }
        text.push_str(&format!("error: {}\n", shown(&error.to_string(), false)));
        let mut cause = std::error::Error::source(error);
        while let Some(inner) = cause {
            text.push_str(&format!("  because {}\n", shown(&inner.to_string(), false)));
            cause = inner.source();
        }
        if let Some(hint) = error.hint() {
            text.push_str(&format!("hint: {}\n", shown(&hint, true)));
        }
        // Nobody is left to tell if standard error is closed.
        let _ = std::io::stderr().write_all(text.as_bytes());
    }

    /// The exit code: what was asked for was not delivered if standard output refused it.
    pub fn finish(self, code: u8) -> u8 {
        if self.broken { code.max(FAILED) } else { code }
    }

    fn write(&mut self, text: &str) {
        match std::io::stdout().write_all(text.as_bytes()) {
            Ok(()) => {}
            // A reader that has seen enough (`| head`) is no failure.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
            Err(_) => self.broken = true,
        }
    }
}

/// A text as a terminal may have it: what steers one, or turns the writing, is written as its escape. Anybody who can write to the output names
/// files as they like. `lines` says whether it may take several.
fn shown(text: &str, lines: bool) -> Cow<'_, str> {
    let steers = |letter: char| match letter {
        '\n' => !lines,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        letter => letter.is_control(),
    };
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        if steers(letter) {
            out.extend(letter.escape_default());
        } else {
            out.push(letter);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_written_out_and_all_else_stays() {
        for plain in ["`sales/v-r1` is missing", "Ærøskøbing, Åre, 北", "─── 1\u{202f}000"] {
            assert!(matches!(shown(plain, false), Cow::Borrowed(_)), "{plain}");
        }
        assert_eq!(shown("a\nb", true), "a\nb");
        assert_eq!(
            shown("a\nverified: all\r\u{1b}[2K\u{202e}gnp.\u{7}\u{9b}", false),
            r"a\nverified: all\r\u{1b}[2K\u{202e}gnp.\u{7}\u{9b}"
        );
    }
}
