//! HTML entities: what `&ouml;`, `&#229;` and `&#xe5;` stand for.
//!
//! Knows the named ones of Latin-1 and of usual punctuation, letters with a mark by their mark's name, and every numeric one.
//!
//! Source: HTML Living Standard, section 13.5 (named character references) and 13.2.5.80 (numeric ones).

use unicode_normalization::char::{compose, is_combining_mark};

use super::reading::{Change, change};

/// Between `&` and `;` no more bytes stand.
const LONGEST: usize = 10;

/// The entity that a `;` behind this text would end: where its `&` stands, and what becomes of it.
pub(super) fn before(text: &str) -> Option<(usize, Change)> {
    let bytes = text.as_bytes();
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'#';
    let length = bytes.iter().rev().take(LONGEST + 1).take_while(is_part).count();
    let start = bytes.len().checked_sub(length + 1).filter(|start| bytes.get(*start) == Some(&b'&') && (2..=LONGEST).contains(&length))?;
    let name = text.get(start + 1..)?;
    let character = match name.strip_prefix('#') {
        Some(number) => numeric(number)?,
        None => named(name)?,
    };
    // What is read by the letters beside it, and what would end another entity, stays as it is written.
    let becomes = match change(character) {
        _ if is_combining_mark(character) => Change::Join(character),
        Change::Keep => Change::Become(character),
        other => other,
    };
    (!matches!(becomes, Change::Become(';' | '\u{370}'..='\u{4ff}'))).then_some((start, becomes))
}

fn numeric(number: &str) -> Option<char> {
    let hexadecimal = number.strip_prefix(['x', 'X']);
    let code = match hexadecimal {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => number.parse(),
    };
    code.ok().and_then(char::from_u32).filter(|character| !character.is_control() || matches!(character, '\n' | '\r' | '\t'))
}

fn named(name: &str) -> Option<char> {
    if let Some((_, character)) = NAMED.iter().find(|(known, _)| *known == name) {
        return Some(*character);
    }
    let letter = name.chars().next().filter(char::is_ascii_alphabetic)?;
    let (_, mark) = MARKS.iter().find(|(mark, _)| *mark == &name[1..])?;
    compose(letter, *mark)
}

/// Names of marks, behind the letter that has one.
const MARKS: [(&str, char); 9] = [
    ("ring", '\u{30a}'),
    ("uml", '\u{308}'),
    ("acute", '\u{301}'),
    ("grave", '\u{300}'),
    ("circ", '\u{302}'),
    ("tilde", '\u{303}'),
    ("cedil", '\u{327}'),
    ("caron", '\u{30c}'),
    ("ogon", '\u{328}'),
];

#[rustfmt::skip]
static NAMED: &[(&str, char)] = &[
    ("amp", '&'), ("AMP", '&'), ("nbsp", '\u{a0}'), ("lt", '<'), ("gt", '>'), ("LT", '<'), ("GT", '>'), ("quot", '"'), ("apos", '\''),
    ("oslash", 'ø'), ("Oslash", 'Ø'), ("aelig", 'æ'), ("AElig", 'Æ'), ("eth", 'ð'), ("ETH", 'Ð'), ("thorn", 'þ'), ("THORN", 'Þ'), ("szlig", 'ß'),
    ("oelig", 'œ'), ("OElig", 'Œ'), ("lstrok", 'ł'), ("Lstrok", 'Ł'), ("dstrok", 'đ'), ("Dstrok", 'Đ'),
    ("ndash", '\u{2013}'), ("mdash", '\u{2014}'), ("minus", '\u{2212}'), ("hyphen", '\u{2010}'), ("dash", '\u{2010}'), ("lsquo", '\u{2018}'), ("rsquo", '\u{2019}'),
    ("sbquo", '\u{201a}'), ("ldquo", '\u{201c}'), ("rdquo", '\u{201d}'), ("bdquo", '\u{201e}'), ("laquo", '«'), ("raquo", '»'), ("hellip", '…'), ("shy", '\u{ad}'),
    ("zwj", '\u{200d}'), ("zwnj", '\u{200c}'), ("ensp", '\u{2002}'), ("emsp", '\u{2003}'), ("thinsp", '\u{2009}'), ("euro", '€'), ("pound", '£'), ("sect", '§'),
    ("bull", '•'), ("middot", '·'), ("deg", '°'), ("copy", '©'), ("reg", '®'), ("commat", '@'), ("period", '.'), ("colon", ':'), ("plus", '+'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_with_marks_are_named_by_them() {
        for (name, character) in
            [("aring", 'å'), ("Aring", 'Å'), ("ouml", 'ö'), ("eacute", 'é'), ("yacute", 'ý'), ("scaron", 'š'), ("ccedil", 'ç')]
        {
            assert_eq!(named(name), Some(character), "{name}");
        }
        for name in ["ring", "xring", "åring", "", "Bring"] {
            assert_eq!(named(name), None, "{name}");
        }
    }

    #[test]
    fn numbers_are_read_in_both_notations() {
        for (number, character) in [
            ("229", Some('å')),
            ("xe5", Some('å')),
            ("XE5", Some('å')),
            ("0229", Some('å')),
            ("10", Some('\n')),
            ("0", None),
            ("7", None),
            ("x", None),
            ("", None),
            ("xd800", None),
        ] {
            assert_eq!(numeric(number), character, "{number}");
        }
    }
}
