//! Reading words forwards and backwards from a place in a text, never far.

/// Longer words are no part of an address.
const LONGEST: usize = 40;

/// Whether the byte belongs to a word: every byte beyond ASCII counts as a letter.
pub(super) fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80
}

/// The letters that begin here; nothing where there are too many.
pub(super) fn letters(text: &str, at: usize) -> &str {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    let length = rest.iter().take(LONGEST).take_while(|byte| is_letter(**byte)).count();
    text.get(at..at + length).unwrap_or_default()
}

/// The word that begins here, with hyphens inside: `Saltsjö-Boo`.
pub(super) fn word(text: &str, at: usize) -> &str {
    let mut end = at + letters(text, at).len();
    while end > at && end < at + LONGEST && byte(text, end) == Some(b'-') {
        match letters(text, end + 1).len() {
            0 => break,
            more => end += 1 + more,
        }
    }
    text.get(at..end).unwrap_or_default()
}

/// The last letters before here, with what joins them inside a word: `Per-Olofs`; nothing where there are too many.
pub(super) fn word_before(text: &str, end: usize) -> &str {
    back(text, end, b"-").trim_start_matches('-')
}

/// As [`word_before`], with the signs of abbreviations and initials: `H.C.`, `S:t`, `Sct.`, `O'Connell`.
pub(super) fn token_before(text: &str, end: usize) -> &str {
    back(text, end, b"-.:'").trim_start_matches(['-', '.', ':', '\''])
}

fn back<'t>(text: &'t str, end: usize, joins: &[u8]) -> &'t str {
    let before = text.as_bytes().get(..end).unwrap_or_default();
    let length = before.iter().rev().take(LONGEST).take_while(|byte| is_letter(**byte) || joins.contains(byte)).count();
    if length == LONGEST { "" } else { text.get(end - length..end).unwrap_or_default() }
}

/// The byte that stands here.
pub(super) fn byte(text: &str, at: usize) -> Option<u8> {
    text.as_bytes().get(at).copied()
}

/// The byte before here.
pub(super) fn byte_before(text: &str, at: usize) -> Option<u8> {
    at.checked_sub(1).and_then(|before| byte(text, before))
}

/// How many digits begin here, up to seven.
pub(super) fn digits(text: &str, at: usize) -> usize {
    text.as_bytes().get(at..).unwrap_or_default().iter().take(7).take_while(|byte| byte.is_ascii_digit()).count()
}

/// Behind at most two blanks.
pub(super) fn skip_blanks(text: &str, at: usize) -> usize {
    at + text.as_bytes().get(at..).unwrap_or_default().iter().take(2).take_while(|byte| **byte == b' ').count()
}

/// Whether a word begins with a capital.
pub(super) fn is_capital(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase)
}

/// Whether a word is written in capitals alone.
pub(super) fn is_shouted(word: &str) -> bool {
    word.chars().all(|character| !character.is_lowercase())
}

/// Whether a sentence goes on here with a small word that follows a place: ` i Lild`, ` til søndag`, ` hos`.
pub(super) fn goes_on(text: &str, at: usize) -> bool {
    let word = letters(text, at + 1);
    let end = at + 1 + word.len();
    let small = matches!(
        word,
        "i" | "til"
            | "till"
            | "fra"
            | "från"
            | "og"
            | "och"
            | "ja"
            | "hos"
            | "med"
            | "for"
            | "för"
            | "når"
            | "när"
            | "hvor"
            | "der"
            | "som"
            | "kl"
            | "klo"
            | "siden"
            | "sedan"
            | "idag"
            | "nå"
            | "nu"
            | "nær"
            | "nära"
            | "ved"
            | "vid"
            | "mot"
            | "etter"
            | "efter"
            | "held"
            | "frá"
            | "kring"
            | "rundt"
            | "at"
            | "from"
            | "and"
            | "until"
            | "to"
    );
    let counted = byte(text, end) == Some(b' ') && digits(text, end + 1) > 0 && !matches!(word, "kl" | "klo" | "fra" | "från");
    byte(text, at) == Some(b' ') && small && !counted && !byte(text, end).is_some_and(|next| matches!(next, b'-' | b'@' | b'_'))
}

/// Whether a clause ends here: at the end, a line's end, or a sign that closes it.
pub(super) fn is_clause_end(text: &str, at: usize) -> bool {
    matches!(byte(text, at), None | Some(b'\n' | b'\r' | b',' | b'.' | b';' | b')' | b'"' | b'\t' | b'|' | b'?' | b'!'))
        || text.get(at..).is_some_and(|rest| rest.starts_with(['\u{bb}', '\u{201d}', '\u{201c}', '\u{2019}']))
}
