//! What a written name may be an inflected form of.
//!
//! Scandinavian and English genitives (`Annas`, `Petersens`), Finnish cases (`Virtasen`, `Mattilla`, `Annan`), Icelandic cases (`Jóns`,
//! `Guðrúnar`, `Önnu`, `Jónssyni`). An ending is only taken off a word that is itself in no table, and only where what is left is a name.

use crate::detect::lexicon::{self, Entry, Lexicon};

/// A word as a name: what is known of it, and the hash of its uninflected form.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stem {
    pub(super) entry: Entry,
    pub(super) hash: u64,
    /// Whether an ending was taken off.
    pub(super) is_inflected: bool,
}

/// How usual a name must be for an ending other than `s` to be taken off it: short stems fit many words.
const USUAL: u32 = 4;

/// An ending, what stands in its place in the name, and how usual the name must be.
type Ending = (&'static str, &'static str, u32);

/// The endings by their last byte.
const ENDINGS: [(u8, &[Ending]); 10] = [
    (b's', &[("s", "", 2)]),
    (
        b'n',
        &[
            ("sen", "nen", USUAL),
            ("seen", "nen", USUAL),
            ("sten", "nen", USUAL),
            ("n", "", USUAL),
            ("in", "", USUAL),
            ("en", "i", USUAL),
            ("kin", "", USUAL),
            ("han", "", USUAL),
        ],
    ),
    (b'e', &[("selle", "nen", USUAL), ("lle", "", USUAL), ("ille", "", USUAL)]),
    (
        b'a',
        &[
            ("sella", "nen", USUAL),
            ("selta", "nen", USUAL),
            ("sessa", "nen", USUAL),
            ("sesta", "nen", USUAL),
            ("sta", "nen", USUAL),
            ("lla", "", USUAL),
            ("lta", "", USUAL),
            ("ssa", "", USUAL),
            ("sta", "", USUAL),
            ("ta", "", USUAL),
            ("a", "", USUAL),
            ("ia", "", USUAL),
            ("ea", "i", USUAL),
        ],
    ),
    // The last byte of `ä`.
    (
        0xa4,
        &[
            ("llä", "", USUAL),
            ("ltä", "", USUAL),
            ("ssä", "", USUAL),
            ("stä", "", USUAL),
            ("tä", "", USUAL),
            ("ä", "", USUAL),
            ("eä", "i", USUAL),
        ],
    ),
    (b'r', &[("sonar", "son", USUAL), ("ar", "", USUAL), ("dóttur", "dóttir", USUAL), ("ar", "i", USUAL)]),
    (b'i', &[("syni", "son", USUAL), ("i", "", USUAL), ("ksi", "", USUAL)]),
    (b'u', &[("u", "a", USUAL), ("u", "", USUAL)]),
    (b'm', &[("um", "", USUAL)]),
    (b'x', &[("x", "", USUAL)]),
];

/// Finnish cases that a stem in the weak grade takes.
const WEAK_CASES: [&str; 12] = ["n", "lla", "llä", "lle", "lta", "ltä", "ssa", "ssä", "sta", "stä", "ksi", "tta"];

/// How Finnish stems end in the weak grade, and the name in the strong one, by the last byte: `Pekan` is of Pekka, `Lahden` of Lahti,
/// `Mäen` of Mäki.
#[rustfmt::skip]
const GRADES: [(u8, &[(&str, &str)]); 7] = [
    (b'a', &[("ka", "kka"), ("ta", "tta"), ("pa", "ppa"), ("da", "ta"), ("nna", "nta"), ("lla", "lta"), ("rra", "rta"), ("mma", "mpa"), ("nga", "nka"), ("nkaa", "ngas")]),
    (b'e', &[("de", "ti"), ("nne", "nti"), ("mme", "mpi"), ("nge", "nki"), ("kse", "s"), ("äe", "äki"), ("oe", "oki"), ("ve", "pi"), ("e", "i")]),
    (b'i', &[("ki", "kki"), ("ti", "tti"), ("pi", "ppi"), ("di", "ti"), ("nni", "nti")]),
    (b'o', &[("ko", "kko"), ("to", "tto"), ("po", "ppo"), ("do", "to"), ("nno", "nto"), ("llo", "lto"), ("rro", "rto")]),
    (b'u', &[("ku", "kku"), ("tu", "ttu"), ("pu", "ppu"), ("du", "tu")]),
    (0xa4, &[("kä", "kkä"), ("tä", "ttä"), ("pä", "ppä"), ("dä", "tä")]),
    (0xb6, &[("kö", "kkö"), ("tö", "ttö"), ("pö", "ppö")]),
];

/// A word in lower case as it stands, or without the ending of a genitive.
pub(super) fn stem_in_lower_case(lexicon: &Lexicon, word: &str) -> Stem {
    let hash = lexicon::hash(word);
    let whole = Stem { entry: lexicon.entry_of(hash), hash, is_inflected: false };
    match word.strip_suffix('s') {
        Some(head) if whole.entry.is_unknown() => {
            let hash = lexicon::hash(head);
            Stem { entry: lexicon.entry_of(hash).as_inflected(), hash, is_inflected: true }
        }
        _ => whole,
    }
}

/// The word as it stands, or what it is a form of.
pub(super) fn stem(lexicon: &Lexicon, word: &str) -> Stem {
    let hash = lexicon::hash(word);
    let entry = lexicon.entry_of(hash);
    let whole = Stem { entry, hash, is_inflected: false };
    if entry.given() > 0 || entry.family() > 0 || entry.is_common() || entry.word() > 0 || entry.is_place() || entry.is_brand() {
        // `Hans`, `Lars`, `Virtanen` are what they are.
        return whole;
    }
    let mut known = whole;
    for (form, least) in forms(word) {
        let hash = form.hash();
        let entry = lexicon.entry_of(hash);
        let form = Stem { entry: entry.as_inflected(), hash, is_inflected: true };
        if entry.given().max(entry.family()) >= least {
            return form;
        }
        // `Göteborgs`, `Inarissa`, `Volvos` are no names, but no unknown words either.
        if known.entry.is_unknown() && (entry.is_place() || entry.is_people() || entry.is_brand() || entry.is_common()) {
            known = Stem { entry, ..form };
        }
    }
    known
}

/// Whether a word or what it may be a form of has one of these hashes.
pub(super) fn is_form_of(word: &str, known: impl Fn(u64) -> bool) -> bool {
    known(lexicon::hash(word)) || forms(word).any(|(form, _)| known(form.hash()))
}

/// A word without its ending, and what stands in the ending's place.
struct Form<'w> {
    head: &'w str,
    tail: &'static str,
}

impl Form<'_> {
    fn hash(&self) -> u64 {
        let mut bytes = [0; 64];
        let whole = self.head.len() + self.tail.len();
        match bytes.get_mut(..whole) {
            Some(place) => {
                place[..self.head.len()].copy_from_slice(self.head.as_bytes());
                place[self.head.len()..].copy_from_slice(self.tail.as_bytes());
                lexicon::hash_of(place)
            }
            None => 0,
        }
    }
}

/// What the word may be a form of, with how usual a name it must be to be believed. The genitive first: it is the commonest.
fn forms(word: &str) -> impl Iterator<Item = (Form<'_>, u32)> {
    /// Bytes that a stem has at least.
    const SHORTEST: usize = 3;
    let last = word.as_bytes().last().copied().unwrap_or(0);
    // Most words end in none of these letters, or are tried for few.
    let endings = ENDINGS.iter().find(|(letter, _)| *letter == last).map_or(&[][..], |(_, endings)| *endings);
    let anna = (word == "Önnu").then_some((Form { head: "Anna", tail: "" }, USUAL));
    endings
        .iter()
        .filter_map(move |(ending, tail, least)| {
            let head = word.strip_suffix(ending)?;
            (head.len() >= SHORTEST).then_some((Form { head, tail }, *least))
        })
        .chain(anna)
        .chain(weak_forms(word, last))
}

/// What a word in a Finnish case may be a form of, where the stem is in the weak grade.
fn weak_forms(word: &str, last: u8) -> impl Iterator<Item = (Form<'_>, u32)> {
    /// Bytes before the changed end.
    const SHORTEST: usize = 1;
    let cases = if matches!(last, b'n' | b'a' | b'e' | b'i' | 0xa4) { &WEAK_CASES[..] } else { &[] };
    cases.iter().filter_map(move |case| word.strip_suffix(case)).flat_map(|stem| {
        let last = stem.as_bytes().last().copied().unwrap_or(0);
        let grades = GRADES.iter().find(|(byte, _)| *byte == last).map_or(&[][..], |(_, grades)| *grades);
        grades.iter().filter_map(move |(weak, strong)| {
            let head = stem.strip_suffix(weak)?;
            (head.len() >= SHORTEST && head.len() + strong.len() >= 4).then_some((Form { head, tail: strong }, USUAL))
        })
    })
}

/// Endings of family names by their last byte, with how much each says: 0 to 9.
const SHAPES: [(u8, &[(&str, u32)]); 19] = [
    (b'a', &[("ova", 3), ("ska", 3)]),
    (b'c', &[("vic", 6)]),
    (b'd', &[("gaard", 4), ("blad", 3), ("gård", 2), ("lund", 4)]),
    (b'f', &[("löf", 5)]),
    (b'g', &[("berg", 4)]),
    (b'h', &[("zadeh", 8)]),
    (b'i', &[("ski", 6)]),
    (b'k', &[("czyk", 8)]),
    (b'l', &[("dahl", 5)]),
    (b'm', &[("strom", 5), ("ström", 6), ("strøm", 6), ("holm", 3)]),
    (b'n', &[("gren", 4), ("mann", 3), ("sson", 9), ("nen", 7), ("sen", 5), ("yan", 2)]),
    (b'o', &[("enko", 6)]),
    (b'r', &[("sdatter", 9), ("sdotter", 9), ("datter", 7), ("dottir", 9), ("dóttir", 9), ("dóttur", 9)]),
    (b's', &[("poulos", 8), ("ssons", 9), ("sens", 5)]),
    (b't', &[("feldt", 5), ("kvist", 7), ("quist", 8), ("qvist", 8), ("stedt", 6), ("felt", 3)]),
    (b'u', &[("escu", 7), ("oglu", 7), ("oğlu", 8)]),
    (b'v', &[("löv", 3), ("ov", 3)]),
    (b'z', &[("wicz", 8)]),
    (0x87, &[("vić", 8)]),
];

/// How much an unknown word looks like a family name by its end: 0 to 9.
pub(super) fn family_shape(word: &str) -> u32 {
    /// Bytes before the ending.
    const SHORTEST: usize = 2;
    let last = word.as_bytes().last().copied().unwrap_or(0);
    let shapes = SHAPES.iter().find(|(byte, _)| *byte == last).map_or(&[][..], |(_, shapes)| *shapes);
    let fits = |ending: &str| word.len() >= ending.len() + SHORTEST && word.as_bytes().ends_with(ending.as_bytes());
    shapes.iter().filter(|(ending, _)| fits(ending)).map(|(_, shape)| *shape).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::lexicon::lexicon;

    #[test]
    fn inflected_names_lead_back_to_the_name() {
        for (written, name) in [
            ("Annas", "anna"),
            ("Petersens", "petersen"),
            ("Virtasen", "virtanen"),
            ("Virtaselle", "virtanen"),
            ("Pekan", "pekka"),
            ("Lahdelta", "lahti"),
            ("Mäen", "mäki"),
            ("Koskea", "koski"),
            ("Niemellä", "niemi"),
            ("Antille", "antti"),
            ("Kankaan", "kangas"),
            ("Mattilla", "matti"),
            ("Önnu", "anna"),
            ("Jónssyni", "jónsson"),
            ("Guðrúnu", "guðrún"),
        ] {
            let found = stem(lexicon(), written);
            let expected = lexicon::hash(name);
            assert!(found.hash == expected || is_form_of(written, |hash| hash == expected), "{written}");
        }
    }

    #[test]
    fn names_that_end_like_forms_are_whole() {
        for name in ["Hans", "Lars", "Jonas", "Virtanen", "Martin", "Nilsen"] {
            assert_eq!(stem(lexicon(), name).hash, lexicon::hash(name), "{name}");
        }
    }

    #[test]
    fn family_names_are_told_by_their_end() {
        assert!(family_shape("Grimvaldsson") >= 8 && family_shape("Oddgeirsdóttir") >= 8);
        assert_eq!(family_shape("Faktura"), 0);
        assert_eq!(family_shape("sson"), 0);
    }
}
