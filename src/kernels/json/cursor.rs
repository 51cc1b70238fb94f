//! A place in a document, which moves over its parts and is strict about their form (RFC 8259).

use std::borrow::Cow;

/// Objects and lists within one another. Ten are many in practice; the walk calls itself for each, and the stack must hold them all.
pub(super) const MOST_LEVELS: usize = 256;

/// Why a text can not be walked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Form,
    Depth,
}

impl Fault {
    /// A verb phrase.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Form => "is not JSON",
            Self::Depth => "is nested too deeply",
        }
    }
}

/// A place in a text.
pub(super) struct Cursor<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        if self.take(byte) { Ok(()) } else { Err(Fault::Form) }
    }

    pub(super) fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// A text, a number, `true`, `false` or `null`.
    pub(super) fn scalar(&mut self) -> Result<(), Fault> {
        match self.peek() {
            Some(b'"') => self.string().map(drop),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => {
                let word = ["null", "true", "false"].into_iter().find(|word| self.text.as_bytes()[self.at..].starts_with(word.as_bytes()));
                self.at += word.ok_or(Fault::Form)?.len();
                Ok(())
            }
        }
    }

    /// A text, without its quotation marks and with its escapes.
    pub(super) fn string(&mut self) -> Result<&'t str, Fault> {
        self.expect(b'"')?;
        let start = self.at;
        loop {
            // Texts are most of a document: sought at once for what ends them, not byte by byte.
            let rest = &self.text.as_bytes()[self.at..];
            let stop = memchr::memchr2(b'"', b'\\', rest).ok_or(Fault::Form)?;
            if rest[..stop].iter().fold(false, |found, byte| found | (*byte < 0x20)) {
                return Err(Fault::Form);
            }
            self.at += stop + 1;
            if rest[stop] == b'"' {
                return Ok(&self.text[start..self.at - 1]);
            }
            match self.peek().ok_or(Fault::Form)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 1,
                b'u' => {
                    let digits = self.text.as_bytes().get(self.at + 1..self.at + 5).ok_or(Fault::Form)?;
                    if !digits.iter().all(u8::is_ascii_hexdigit) {
                        return Err(Fault::Form);
                    }
                    self.at += 5;
                }
                _ => return Err(Fault::Form),
            }
        }
    }

    fn number(&mut self) -> Result<(), Fault> {
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            if !self.take(b'+') {
                self.take(b'-');
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(Fault::Form) }
    }
}

/// What a text of sound form says. Half of a surrogate pair, which says nothing, reads as U+FFFD.
pub(super) fn decoded(raw: &str) -> Cow<'_, str> {
    if !raw.contains('\\') {
        return Cow::Borrowed(raw);
    }
    let mut said = String::with_capacity(raw.len());
    decode_into(raw, &mut said);
    Cow::Owned(said)
}

/// The same at the end of a text that is there.
pub(super) fn decode_into(raw: &str, said: &mut String) {
    let mut rest = raw;
    while let Some(escape) = rest.find('\\') {
        said.push_str(&rest[..escape]);
        let letter = rest.as_bytes().get(escape + 1).copied().unwrap_or(b'\\');
        let mut length = 2;
        said.push(match letter {
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let (character, escapes) = unicode(&rest[escape..]);
                length = escapes;
                character
            }
            other => char::from(other),
        });
        rest = &rest[escape + length..];
    }
    said.push_str(rest);
}

/// The character of a `\u` escape, or of two that make a surrogate pair, and how many bytes they take.
fn unicode(text: &str) -> (char, usize) {
    let unit = |at: usize| {
        let escape = text.get(at..at + 6)?;
        u16::from_str_radix(escape.strip_prefix("\\u")?, 16).ok()
    };
    let units = [unit(0), unit(6)].map(|unit| unit.unwrap_or(0));
    match char::decode_utf16(units).next() {
        Some(Ok(character)) => (character, if character.len_utf16() == 2 { 12 } else { 6 }),
        _ => (char::REPLACEMENT_CHARACTER, 6),
    }
}
