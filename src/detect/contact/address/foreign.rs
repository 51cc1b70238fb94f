//! Streets of other countries, whose noun stands first: `ul. Długa 14`, `Calle del Mar 22`, `Rue de la Paix 5`.

use super::line::{byte_before, is_capital, token_before};

/// How many words a street may have between its noun and its number.
const WORDS: usize = 5;

/// Where the foreign street begins whose last word begins at `start`.
pub(super) fn street(text: &str, start: usize) -> Option<usize> {
    let mut at = start;
    let mut names = is_capital(text.get(start..)?);
    for _ in 0..WORDS {
        // `C/Mayor 4`
        if byte_before(text, at) == Some(b'/') {
            return text.get(..at).filter(|before| before.ends_with("C/") && is_free(text, at - 2)).map(|_| at - 2);
        }
        let end = at.checked_sub(1).filter(|_| byte_before(text, at) == Some(b' '))?;
        let token = token_before(text, end);
        if token.is_empty() {
            return text.get(..end).filter(|before| before.ends_with("C/") && is_free(text, end - 2)).map(|_| end - 2);
        }
        at = end - token.len();
        if !is_free(text, at) {
            return None;
        }
        if is_noun(token) && names {
            return Some(at);
        }
        if !is_capital(token) && !is_article(token) {
            return None;
        }
        names |= is_capital(token);
    }
    None
}

/// Whether nothing is written onto a word before it.
fn is_free(text: &str, at: usize) -> bool {
    byte_before(text, at).is_none_or(|before| matches!(before, b' ' | b'\n' | b'\t' | b'(' | b'"' | b',' | b';' | b':' | b'|' | b'\r'))
}

/// What streets are called in Poland, Spain, Portugal, Italy, France and Romania.
fn is_noun(token: &str) -> bool {
    matches!(
        token,
        "ul."
            | "Ul."
            | "al."
            | "Al."
            | "ulica"
            | "Ulica"
            | "aleja"
            | "Aleja"
            | "Calle"
            | "calle"
            | "Avenida"
            | "Avda."
            | "Av."
            | "Carrer"
            | "Paseo"
            | "Plaza"
            | "Camino"
            | "Urb."
            | "Rua"
            | "Travessa"
            | "Via"
            | "Viale"
            | "Piazza"
            | "Corso"
            | "Vicolo"
            | "Rue"
            | "rue"
            | "Avenue"
            | "Quai"
            | "Str."
            | "Strada"
            | "Strasse"
            | "Ulitsa"
    )
}

/// What stands between the words of a street.
fn is_article(token: &str) -> bool {
    matches!(
        token,
        "de" | "la"
            | "las"
            | "los"
            | "el"
            | "del"
            | "du"
            | "des"
            | "di"
            | "da"
            | "do"
            | "dos"
            | "della"
            | "dei"
            | "delle"
            | "al"
            | "van"
            | "und"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let number = text.find(|character: char| character.is_ascii_digit()).unwrap();
        let end = text[..number].trim_end().len();
        let start = end - super::super::line::word_before(text, end).len();
        assert_eq!(street(text, start).map(|start| &text[start..end]), expected, "{text}");
    }

    #[test]
    fn the_noun_stands_first() {
        check("hos ul. Długa 14/3", Some("ul. Długa"));
        check("at Calle del Mar 22", Some("Calle del Mar"));
        check("Rue de la Paix 5", Some("Rue de la Paix"));
        check("C/ Mayor 4", Some("C/ Mayor"));
        check("Via Roma 22", Some("Via Roma"));
        check("via Lund 3", None);
        check("en mil 3", None);
        check("Calle och Lina 3", None);
    }
}
