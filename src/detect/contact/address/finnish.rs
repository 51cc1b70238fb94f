//! Finnish cases on a house number and on the town behind it: `33:ssa`, `9:stä Salosta`.

use super::line::{self, byte, letters, word};
use super::towns::is_town;
use crate::detect::Country;
use crate::detect::fold::Folded;
use crate::detect::lexicon::lexicon;

/// Behind the case that is written onto a number, where one begins here: `:ssa` of `33:ssa`.
pub(super) fn number_ending(text: &str, at: usize) -> Option<usize> {
    if byte(text, at) != Some(b':') {
        return None;
    }
    let ending = letters(text, at + 1);
    let folded = Folded::of(ending);
    let known = matches!(
        folded.as_str(),
        "n" | "ssa"
            | "sta"
            | "een"
            | "seen"
            | "teen"
            | "aan"
            | "an"
            | "hun"
            | "hyn"
            | "hin"
            | "han"
            | "hen"
            | "hon"
            | "iin"
            | "lla"
            | "lle"
            | "lta"
            | "na"
            | "ta"
            | "a"
            | "in"
            | "on"
            | "ksi"
            | "nssa"
            | "nsta"
    );
    let end = at + 1 + ending.len();
    let free = !byte(text, end).is_some_and(|next| next.is_ascii_digit() || matches!(next, b'-' | b'@' | b'_'));
    (known && free).then_some(end)
}

/// Whether a staircase in a Finnish case stands behind a number: ` 4 A:ssa`.
pub(super) fn has_cased_stairs(text: &str, at: usize) -> bool {
    let letter = line::skip_blanks(text, at);
    byte(text, letter).is_some_and(|letter| letter.is_ascii_alphabetic())
        && number_ending(text, letter + 1).is_some_and(|end| end > letter + 3)
}

/// Whether a staircase and a door stand behind a number: ` A 12`, `b20`, ` c 24`; or the case of a staircase: ` A:ssa`.
pub(super) fn stairs(text: &str, at: usize) -> bool {
    let letter = line::skip_blanks(text, at);
    if !matches!(byte(text, letter), Some(b'A'..=b'P' | b'a'..=b'p')) || letter > at + 1 {
        return false;
    }
    if has_cased_stairs(text, at) {
        return true;
    }
    let small = byte(text, letter).is_some_and(|letter| letter.is_ascii_lowercase());
    let door = line::skip_blanks(text, letter + 1);
    // `12 a 3`: with one blank it is a price.
    let even = (letter > at) == (door > letter + 1);
    let length = line::digits(text, door);
    let end = door + length;
    let stands = line::is_clause_end(text, end) && !matches!(text.as_bytes().get(end..), Some([b'.' | b',', b'0'..=b'9', ..]))
        || number_ending(text, end).is_some()
        || text.get(end..).is_some_and(|rest| rest.starts_with(" (") || rest.starts_with(" /"));
    (1..=3).contains(&length) && stands && (even || !small) && door <= letter + 2
}

/// The end of a town in a local case that begins here: `Salosta`, `Lahdessa`, `Tampereella`.
///
/// In the cases for "in", "out of" and "into" any place will do; those for "at" and "to" are people's too and need a known town.
pub(super) fn town(text: &str, at: usize) -> Option<usize> {
    let written = word(text, at);
    let end = at + written.len();
    if !line::is_capital(written) || byte(text, end).is_some_and(|next| next.is_ascii_digit() || matches!(next, b'@' | b'_')) {
        return None;
    }
    let folded = Folded::of(written);
    let folded = folded.as_str();
    // `Kuhmoisiin`
    if folded.ends_with("isiin") && folded.len() >= 8 && !lexicon().entry(written).is_common() {
        return Some(end);
    }
    // `Inkooseen`, `Turkuun`, `Lahteen`
    if let [.., one, two, b'n'] = folded.as_bytes()
        && one == two
        && let Some(stem) = folded.get(..folded.len() - 2)
    {
        let finnish = |name: &str| is_town(name, |country| country == Country::FI);
        let weak = stem.strip_suffix('e').is_some_and(|stem| TOWNS_IN_I.contains(&stem));
        if finnish(stem) || weak || folded.strip_suffix("seen").is_some_and(finnish) {
            return Some(end);
        }
    }
    for case in ["ssa", "sta", "lla", "lle", "lta"] {
        let Some(stem) = folded.strip_suffix(case).filter(|stem| stem.len() >= 3) else { continue };
        if is_stem(stem) {
            return Some(end);
        }
        let inside = matches!(case, "ssa" | "sta");
        // The same bytes of the word itself: `ssä` is one byte longer.
        let name = written.get(..written.char_indices().rev().nth(2).map_or(0, |(start, _)| start)).unwrap_or_default();
        let entry = lexicon().entry(name);
        let person = entry.given().max(entry.family()) > 3 && !entry.is_place();
        if entry.is_place() || inside && !person && !entry.is_common() && !lexicon().entry(written).is_common() {
            return Some(end);
        }
    }
    None
}

/// What towns that end with `i` are before the case for "into".
const TOWNS_IN_I: [&str; 6] = ["iisalm", "laht", "riihimak", "rovaniem", "seinajok", "ylojarv"];

/// Whether a known town has this stem before a case, with the consonants that weaken there: `lahde` of Lahti.
fn is_stem(stem: &str) -> bool {
    const WEAKENED: [(&str, &str); 14] = [
        ("ngi", "nki"),
        ("hde", "hti"),
        ("uru", "urku"),
        ("joe", "joki"),
        ("nieme", "niemi"),
        ("ranna", "ranta"),
        ("mae", "maki"),
        ("jarve", "jarvi"),
        ("salme", "salmi"),
        ("lahde", "lahti"),
        ("kaude", "kaus"),
        ("lamme", "lampi"),
        ("koske", "koski"),
        ("sue", "suu"),
    ];
    let finnish = |name: &str| is_town(name, |country| country == Country::FI);
    if finnish(stem) {
        return true;
    }
    // `Tampereella`: a vowel that is doubled; `Helsingforsissa`: an `i` that is put in.
    if stem.strip_suffix(['e', 'i']).is_some_and(finnish) {
        return true;
    }
    WEAKENED.iter().any(|(weak, strong)| {
        let Some(begin) = stem.strip_suffix(weak) else { return false };
        let mut whole = [0_u8; 32];
        let length = begin.len() + strong.len();
        let Some(place) = whole.get_mut(..length) else { return false };
        place[..begin.len()].copy_from_slice(begin.as_bytes());
        place[begin.len()..].copy_from_slice(strong.as_bytes());
        str::from_utf8(place).is_ok_and(finnish)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_cases() {
        for text in ["33:ssa on", "2:een", "14:n", "12:stä.", "8:aan", "1:ssä,"] {
            let colon = text.find(':').unwrap();
            assert!(number_ending(text, colon).is_some(), "{text}");
        }
        for text in ["12:30", "12:ssa3", "12:kello", "12 ssa"] {
            assert_eq!(number_ending(text, 2), None, "{text}");
        }
    }

    #[test]
    fn towns_have_cases() {
        for town_text in [
            "Salosta",
            "Lahdessa",
            "Kouvolassa",
            "Tampereella",
            "Turussa",
            "Helsingissä",
            "Seinäjoella",
            "Vantaalle",
            "Turkuun",
            "Lahteen",
            "Inkooseen",
        ] {
            assert_eq!(town(town_text, 0), Some(town_text.len()), "{town_text}");
        }
        for other in ["Annalla", "Mikolle", "lahdessa", "Talossa"] {
            assert_eq!(town(other, 0), None, "{other}");
        }
    }
}
