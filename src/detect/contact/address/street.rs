//! The street before a house number.

use super::endings::{self, Surety};
use super::line::{byte_before, is_capital, is_letter, is_shouted, word_before};
use super::named::{self, modified, named};
use super::words::{self, LABELS, MODIFIERS, STEMS};
use super::{finnish, foreign, line};
use crate::detect::fold::Folded;
use crate::detect::lexicon::lexicon;

/// How much the words before a number say by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// A capitalised word that says nothing: a street where a postcode and town follow.
    Named,
    /// `Box 12`: an address where a postcode and town follow.
    Box,
    /// A word in lower case with an ending that is a street's with a capital alone: where a town or a flat follows.
    Bare,
    /// What streets end with, for itself: `Kaien 8`, `Krogen 9`. As [`Named`](Strength::Named), and a preposition before it is enough.
    Site,
    /// An ending that many other words have.
    Weak,
    /// A street in lower case.
    Lower,
    /// `Postboks 12`, which is nothing else.
    PostBox,
    /// A street.
    Street,
}

/// A street before a number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Street {
    pub(super) start: usize,
    /// Where its shortest reading begins, without the words before that may belong to it.
    pub(super) least: usize,
    pub(super) strength: Strength,
    /// Finnish, where a staircase and a door follow the number.
    pub(super) finnish: bool,
}

/// The street that ends before the digits at `number`.
pub(super) fn before(text: &str, number: usize) -> Option<Street> {
    let mut end = number;
    while byte_before(text, end) == Some(b' ') && number - end < 2 {
        end -= 1;
    }
    let glued = end == number;
    if let Some(filler) = filler(text, end) {
        end = filler;
    }
    let dotted = byte_before(text, end) == Some(b'.');
    if dotted {
        end -= 1;
    }
    if !byte_before(text, end).is_some_and(is_letter) {
        return None;
    }
    let word = word_before(text, end);
    let capital = is_capital(word);
    if word.is_empty() {
        return None;
    }
    let start = end - word.len();
    if let Some(start) = foreign::street(text, start) {
        // `Via Lund 3`
        let sure = !text.get(start..).is_some_and(|street| street.starts_with("Via ") || street.starts_with("Av"));
        return Some(Street { start, least: start, strength: if sure { Strength::Street } else { Strength::Site }, finnish: false });
    }
    let stairs = || finnish::stairs(text, number + line::digits(text, number));
    if !dotted && (word.len() < 2 || !capital && !endings::may_end(word.as_bytes()) && !is_box(word) && !is_short_lower(word) && !stairs())
    {
        return None;
    }
    // Inside a longer token, a path, a placeholder.
    if byte_before(text, start)
        .is_some_and(|before| before.is_ascii_digit() || matches!(before, b'/' | b'@' | b'_' | b'#' | b'\\' | b']' | b'=' | b'&' | b'+'))
    {
        return None;
    }
    let tail = text.get(text.ceil_char_boundary(start.max(end.saturating_sub(30)))..end)?;
    let folded = Folded::of(tail);
    let found = of_word(text, start, end, folded.as_str(), dotted);
    // `yo-kylä 18 c 24`, `Topeliuksenk 3b20`: a staircase and a door say that it is a street.
    let vague = found.is_none_or(|found| matches!(found.strength, Strength::Named | Strength::Bare | Strength::Site));
    // `servin maijan tie 10c42`
    let whole = found.filter(|found| found.finnish && found.strength == Strength::Bare && found.start < start);
    let found = if let Some(found) = whole.filter(|_| stairs()) {
        Street { strength: Strength::Lower, ..found }
    } else if vague
        && !dotted
        && stairs()
        && may_have_stairs(word, folded.as_str(), finnish::has_cased_stairs(text, number + line::digits(text, number)))
    {
        let begins = found.map_or_else(|| modified(text, start), |found| found.start);
        Street { start: begins, least: start, strength: Strength::Lower, finnish: true }
    } else {
        found?
    };
    // `Storgatan12`: only what can be nothing else, and no code.
    let sure = found.strength == Strength::Street && end - start >= 6 && !is_shouted(word);
    let found = Street { start: named::ordinal(text, found.start), ..found };
    (!glued || sure || dotted && found.strength >= Strength::Weak).then_some(found)
}

/// `storgt`, `drammensvn`: short streets in lower case without a point.
fn is_short_lower(word: &str) -> bool {
    let stem = word.strip_suffix("gt").or_else(|| word.strip_suffix("vn")).unwrap_or_default();
    let folded = Folded::of(stem);
    stem.len() >= 4 && (STEMS.contains(&folded.as_str()) || stem.len() >= 5 && stem.ends_with('s'))
}

/// Whether a word with an ending of Finnish places, or short for one, may be the street of a staircase and a door.
fn may_have_stairs(word: &str, folded: &str, cased: bool) -> bool {
    let entry = lexicon().entry(word);
    // `Topeliuksenk 3b20`
    let short = folded.len() >= 7 && folded.ends_with("nk") && entry.is_unknown();
    folded.len() >= 5
        && !entry.is_common()
        && entry.given() < 3
        && !entry.is_brand()
        && !is_label(folded)
        && (is_finnish(folded) || short && !cased)
}

/// Words for a post-office box in lower case.
fn is_box(word: &str) -> bool {
    matches!(word, "box" | "boks" | "pb" | "postboks" | "postbox" | "p\u{f3}sth\u{f3}lf" | "pl")
}

/// Where the street ends before a `nr` that stands before its number.
fn filler(text: &str, end: usize) -> Option<usize> {
    if !matches!(byte_before(text, end), Some(b'r' | b'.')) {
        return None;
    }
    let rest = text.get(..end)?;
    [" nr", " nr.", " no.", " Nr", " Nr.", " num."].iter().find_map(|filler| rest.strip_suffix(filler)).map(str::len)
}

fn of_word(text: &str, start: usize, end: usize, folded: &str, dotted: bool) -> Option<Street> {
    let word = text.get(start..end)?;
    let capital = is_capital(word);
    let word_start = start;
    let street = |start, strength| Some(Street { start, least: word_start, strength, finnish: false });
    match folded {
        "box" if !dotted => return post_office_box(text, start).or_else(|| street(start, Strength::Box)),
        "pl" | "pb" if is_shouted(word) || folded == "pb" => return street(start, Strength::Box),
        "postboks" | "postbox" | "postholf" | "postlokero" | "boks" => {
            return street(start, if folded == "boks" { Strength::Box } else { Strength::PostBox });
        }
        _ => {}
    }
    if dotted {
        // `Kong Oscars gt. 31`
        if is_short_noun(folded) {
            let found = named(text, start, folded, false).filter(|(_, _, lower)| !lower);
            return found.map(|(start, least, _)| Street { start, least, strength: Strength::Street, finnish: false });
        }
        // `Pihlajat. 6 as 2`: short for a street, where a flat or a postcode follows.
        let vague = || {
            let entry = lexicon().entry(word);
            let short = folded.ends_with(['g', 'v', 't', 'k']) && !is_label(folded);
            let other = entry.is_common() || entry.given() > 2 || entry.is_place() || folded.ends_with("dag") || folded.ends_with("ing");
            (short && folded.len() >= if capital { 5 } else { 7 } && !other).then_some(if capital {
                Strength::Named
            } else {
                Strength::Bare
            })
        };
        let strength = is_abbreviation(folded, capital).or_else(vague)?;
        let begins = named::town_street(text, start, folded).unwrap_or_else(|| modified(text, start));
        return Some(Street { start: begins, least: start, strength, finnish: folded.ends_with('k') });
    }
    if let Some(any) = endings::noun(folded) {
        if let Some((start, least, lower)) = named(text, start, folded, any) {
            let finnish = is_finnish(folded);
            return Some(Street { start, least, strength: if lower { Strength::Lower } else { Strength::Street }, finnish });
        }
        if let Some(start) = named::lower_finnish(text, start, folded).filter(|_| !capital) {
            return Some(Street { start, least: start, strength: Strength::Bare, finnish: true });
        }
        // `Torget 5`: the square of a small town.
        let square = matches!(folded, "torget" | "torvet" | "storgata" | "allen") && capital && !is_shouted(word);
        return street(start, if square { Strength::Weak } else { Strength::Named }).filter(|_| capital);
    }
    // `Kattvikens byaväg`, `Juvan teollisuuskatu`, `Kongens Nytorv`
    if let Some(begins) = named::genitive(text, start, folded) {
        return Some(Street { start: modified(text, begins), least: begins, strength: Strength::Street, finnish: is_finnish(folded) });
    }
    // `Gamla Landsvägen`: a road without houses, but for one with a name.
    let road = folded.ends_with("vagen") || folded.ends_with("vei") || folded.ends_with("veien") || folded.ends_with("vej");
    if capital && road && words::OTHERS.binary_search(&folded).is_ok() {
        let begins = modified(text, start);
        return street(begins, Strength::Street).filter(|_| begins < start && !is_shouted(word));
    }
    let ending = endings::of(folded).filter(|(ending, _)| !is_other_vowel(word, ending));
    if let Some((ending, surety)) = ending {
        let strength = match surety {
            Surety::Sure if capital => Strength::Street,
            Surety::Sure if folded.len() > ending.len() + 1 => Strength::Lower,
            Surety::Capital if capital => Strength::Street,
            Surety::Weak if word.ends_with(['é', 'É']) => {
                if capital {
                    Strength::Street
                } else {
                    Strength::Lower
                }
            }
            // `Detaljplan 14`: far more plans than streets.
            Surety::Weak if capital && *ending == *"plan" => Strength::Named,
            Surety::Weak | Surety::Icelandic if capital => Strength::Weak,
            // `Kallioniemi 3`: rather somebody's name.
            Surety::Place if capital && lexicon().entry(word).family() > 2 => Strength::Named,
            Surety::Place if capital => Strength::Site,
            _ if folded.len() >= ending.len() + 2 => Strength::Bare,
            _ => return None,
        };
        let first = || named::town_street(text, start, folded).or_else(|| named::first_name(text, start, end));
        let begins = first().unwrap_or_else(|| modified(text, start));
        return Some(Street { start: begins, least: start, strength, finnish: is_finnish(folded) });
    }
    let site = endings::is_site(folded);
    if !capital && is_short_lower(word) {
        return street(start, Strength::Lower);
    }
    if !capital {
        return if site { street(start, Strength::Bare) } else { None };
    }
    // `Kirkegt 12`, `Drammensvn 3`, `Kungsg 4`.
    if let Some(strength) = is_abbreviation_without_point(folded) {
        return street(modified(text, start), strength);
    }
    if is_label(folded) {
        return None;
    }
    let begins = modified(text, start);
    match site {
        // `Ö. Promenaden`, `Vestre Kaien`
        true if begins < start => street(begins, Strength::Weak),
        true => street(begins, Strength::Site),
        false => street(begins, Strength::Named),
    }
}

/// `gt.`, `v.`, `g.`, which are a street's behind a name in the genitive.
fn is_short_noun(folded: &str) -> bool {
    matches!(folded, "g" | "gt" | "gd" | "v" | "vn" | "vg" | "pl" | "k" | "t" | "tn" | "str" | "all" | "blvd" | "boul")
}

/// `P.O. Box 12`, `PO Box 12`.
fn post_office_box(text: &str, start: usize) -> Option<Street> {
    let before = text.get(..start)?.strip_suffix(' ')?;
    let start = ["P.O.", "PO", "P.O", "P. O."].iter().find_map(|office| before.strip_suffix(office)).map(str::len)?;
    Some(Street { start, least: start, strength: Strength::PostBox, finnish: false })
}

/// `vågen` folds to what `vägen` folds to.
fn is_other_vowel(word: &str, ending: &str) -> bool {
    matches!(ending, "vagen" | "vag")
        && word.get(word.floor_char_boundary(word.len().saturating_sub(5))..).is_some_and(|tail| tail.contains(['å', 'Å']))
}

fn is_finnish(folded: &str) -> bool {
    const FINNISH: [&str; 36] = [
        "katu",
        "kadulla",
        "kadulle",
        "kadulta",
        "kadun",
        "tie",
        "tiella",
        "tielle",
        "tielta",
        "kuja",
        "polku",
        "kaari",
        "raitti",
        "rinne",
        "tori",
        "ranta",
        "aukio",
        "vayla",
        "puisto",
        "puistikko",
        "penger",
        "maki",
        "niemi",
        "saari",
        "lahti",
        "kyla",
        "harju",
        "kallio",
        "metsa",
        "niitty",
        "laita",
        "kannas",
        "reuna",
        "portti",
        "kumpu",
        "kulma",
    ];
    FINNISH.iter().any(|ending| folded.ends_with(ending))
}

/// `Storg.`, `Kungsv.`, `Kirkegt.`, `Drammensvn.`, `Koskik.`, `skipperg.`
fn is_abbreviation(folded: &str, capital: bool) -> Option<Strength> {
    if folded.len() >= 5
        && (folded.ends_with("gt")
            || folded.ends_with("vn") && !folded.ends_with("havn")
            || folded.ends_with("vg")
            || folded.ends_with("gd"))
    {
        return capital.then_some(Strength::Street);
    }
    // `Friedrichstr. 44`
    if folded.ends_with("str") && folded.len() >= 7 {
        return capital.then_some(Strength::Street);
    }
    // `Koskik. 11`, `Siltasaarenk. 18`: a vowel or `n` before the first letter of `katu`.
    if let Some(stem) =
        folded.strip_suffix('k').filter(|stem| capital && stem.len() >= 4 && stem.ends_with(['a', 'e', 'i', 'o', 'u', 'y', 'n']))
    {
        let other =
            ["sti", "ri", "ti", "fi", "li", "pi", "ni", "bo", "ra", "ta", "tan", "ban", "fran"].iter().any(|end| stem.ends_with(end));
        let known = ["asemati"].iter().any(|known| stem.ends_with(known));
        return (!other || known || stem.ends_with("nti")).then_some(Strength::Weak);
    }
    let stem = folded.strip_suffix(['g', 'v'])?;
    if !capital {
        // `skipperg. 14`: no word ends so, but for a few.
        let street = stem.len() >= 5 && stem.ends_with(['s', 'r', 't', 'd', 'k']) && folded.ends_with('g');
        let other = ["ber", "bor", "tor", "kor", "sor", "mar", "var"].iter().any(|end| stem.ends_with(end));
        let known = STEMS.contains(&stem) && stem.len() >= 4;
        return (known || street && !other).then_some(if stem.len() >= 6 && stem.ends_with(['r', 's']) {
            Strength::Lower
        } else {
            Strength::Bare
        });
    }
    if STEMS.contains(&stem) {
        return Some(Strength::Street);
    }
    // `Göteborg. 12 personer`, `i dag. 3 st`: a sentence's end.
    let other = ["ber", "bor", "in", "da", "sla", "tin", "la", "bre", "ha", "fa", "o"].iter().any(|end| stem.ends_with(end));
    (folded.len() >= 6 && !other).then_some(Strength::Weak)
}

/// `Kirkegt 12`, `Storg 3`.
fn is_abbreviation_without_point(folded: &str) -> Option<Strength> {
    let stem = folded.strip_suffix("gt").or_else(|| folded.strip_suffix("vn"));
    let joined = stem.is_some_and(|stem| stem.len() >= 4 && stem.ends_with(['s', 'r', 'n', 'd', 't', 'k', 'm', 'l', 'g']));
    let kirkegt = folded.len() >= 7 && folded.ends_with("egt") && !folded.ends_with("aegt");
    let short = folded.strip_suffix(['g', 'v']).is_some_and(|stem| STEMS.contains(&stem) && stem.len() >= 3);
    (joined || kirkegt || short).then_some(Strength::Street)
}

pub(super) fn is_label(folded: &str) -> bool {
    opens(&LABEL_OPENINGS, folded) && LABELS.binary_search(&folded).is_ok()
}

pub(super) fn is_modifier(folded: &str) -> bool {
    opens(&MODIFIER_OPENINGS, folded) && MODIFIERS.binary_search(&folded).is_ok()
}

/// A bit for what two letters a word of a list begins with.
type Openings = [u64; 16];

static LABEL_OPENINGS: Openings = openings(&LABELS);
static MODIFIER_OPENINGS: Openings = openings(&MODIFIERS);

const fn openings(words: &[&str]) -> Openings {
    let mut bits = [0; 16];
    let mut index = 0;
    while index < words.len() {
        let bit = opening(words[index].as_bytes());
        bits[bit >> 6] |= 1 << (bit & 63);
        index += 1;
    }
    bits
}

const fn opening(word: &[u8]) -> usize {
    match word {
        [one, two, ..] => ((*one & 31) as usize) << 5 | (*two & 31) as usize,
        [one] => ((*one & 31) as usize) << 5,
        [] => 0,
    }
}

fn opens(openings: &Openings, word: &str) -> bool {
    let bit = opening(word.as_bytes());
    openings[bit >> 6] >> (bit & 63) & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, Strength)>) {
        let number = text.find(|character: char| character.is_ascii_digit()).unwrap();
        let found = before(text, number).map(|street| (text[street.start..number].trim_end(), street.strength));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn streets_of_one_word() {
        check("bor på Storgatan 12", Some(("Storgatan", Strength::Street)));
        check("bor på storgatan 12", Some(("storgatan", Strength::Lower)));
        check("Adress: KUNGSVÄGEN 3", Some(("KUNGSVÄGEN", Strength::Street)));
        check("Storgatan12", Some(("Storgatan", Strength::Street)));
        check("Per-Olofsgatan 3", Some(("Per-Olofsgatan", Strength::Street)));
        check("Hjulvågen 3", Some(("Hjulvågen", Strength::Named)));
        check("i gatan 3", None);
        check("example.com/storgatan 3", None);
        check("Gamle Kongevej 10", Some(("Gamle Kongevej", Strength::Street)));
        check("Storg. 12", Some(("Storg.", Strength::Street)));
        check("Kungsv 3", Some(("Kungsv", Strength::Street)));
        check("Göteborg. 12", None);
    }

    #[test]
    fn streets_of_several_words() {
        check("Besök Karl Johans gate 3", Some(("Karl Johans gate", Strength::Street)));
        check("på H.C. Andersens Boulevard 12", Some(("H.C. Andersens Boulevard", Strength::Street)));
        check("Drottning Kristinas väg 4", Some(("Drottning Kristinas väg", Strength::Street)));
        check("södra vägen 4", Some(("södra vägen", Strength::Lower)));
        check("gick hans väg 4", None);
        check("the coach leaves Gate 2", Some(("Gate", Strength::Named)));
        check("Detaljplan 14", Some(("Detaljplan", Strength::Named)));
        check("P.O. Box 12", Some(("P.O. Box", Strength::PostBox)));
    }
}
