//! A name's stems and the endings that they take: one name in all its cases.
//!
//! Source: Iso suomen kielioppi § 41–48 (consonant gradation), § 57–65 (the inflectional types of names); Icelandic declension after Stefán
//! Einarsson, Icelandic (1945), part II.1; the Scandinavian and English genitive `-s`. Kept small on purpose: a stem that no case has
//! matches no word of the text, and a typing error in an ending is found as any other.

use std::collections::HashSet;

/// A set of endings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Endings {
    /// The word itself and its Scandinavian genitive.
    Plain,
    /// The same, and the Finnish cases of a name in a vowel.
    Vowel,
    /// The same, and the Finnish cases of a name in a consonant.
    Consonant,
    /// The Finnish cases alone: of a weak grade, or of a stem that is no word.
    Case,
    /// Those of the stem before `-ta` and of the plural.
    Plural,
    /// Icelandic cases of a name in a consonant.
    Icelandic,
}

impl Endings {
    const PLAIN: &[&str] = &["", "s"];
    #[rustfmt::skip]
    const VOWEL: &[&str] = &[
        "", "s", "n", "lle", "lla", "lta", "ssa", "sta", "ksi", "na", "t", "a", "an", "en", "in", "on", "un", "yn", "kin",
    ];
    const CONSONANT: &[&str] = &["", "s", "in", "ille", "illa", "ilta", "issa", "ista", "iksi", "iin", "ia", "ina", "it"];
    const CASE: &[&str] = &["n", "lle", "lla", "lta", "ssa", "sta", "ksi", "en", "an", "na", "t", "a"];
    const PLURAL: &[&str] = &["ta", "ten", "ille", "illa", "ilta", "issa", "ista", "ia"];
    const ICELANDIC: &[&str] = &["i", "ar", "u"];

    /// The endings, the most frequent first.
    pub(super) const fn all(self) -> &'static [&'static str] {
        match self {
            Self::Plain => Self::PLAIN,
            Self::Vowel => Self::VOWEL,
            Self::Consonant => Self::CONSONANT,
            Self::Case => Self::CASE,
            Self::Plural => Self::PLURAL,
            Self::Icelandic => Self::ICELANDIC,
        }
    }
}

/// The longest ending.
pub(super) const LONGEST_ENDING: usize = 4;

fn is_vowel(letter: char) -> bool {
    matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u' | 'y')
}

/// A folded word's stems, each with the endings that it takes; the word itself is the first.
pub(super) fn stems(word: &str, icelandic: bool) -> Vec<(String, Endings)> {
    let mut found = Vec::new();
    let Some(last) = word.chars().next_back().filter(char::is_ascii_alphabetic) else { return vec![(word.to_owned(), Endings::Plain)] };
    let body = &word[..word.len() - 1];
    if is_vowel(last) {
        found.push((word.to_owned(), Endings::Vowel));
        found.extend(weak(word).map(|weak| (weak, Endings::Case)));
        if last == 'i' && body.len() >= 2 {
            // Mäki, mäen.
            let stem = format!("{body}e");
            found.extend(weak(&stem).map(|weak| (weak, Endings::Case)));
            found.push((stem, Endings::Case));
        }
    } else {
        found.push((word.to_owned(), Endings::Consonant));
    }
    if let Some(stem) = word.strip_suffix("nen").filter(|stem| stem.len() >= 2) {
        found.push((format!("{stem}se"), Endings::Case));
        found.push((format!("{stem}s"), Endings::Plural));
    } else if let Some(stem) = word.strip_suffix('s').filter(|stem| stem.len() >= 3) {
        found.push((format!("{stem}kse"), Endings::Case));
        if let Some(vowel) = stem.chars().next_back().filter(|letter| is_vowel(*letter)) {
            found.push((format!("{stem}{vowel}"), Endings::Case));
        }
    }
    if let Some(stem) = word.strip_suffix("son") {
        found.push((format!("{stem}syni"), Endings::Plain));
        found.push((format!("{stem}sonar"), Endings::Plain));
    }
    if let Some(stem) = word.strip_suffix("dottir") {
        found.push((format!("{stem}dottur"), Endings::Plain));
    }
    if icelandic {
        found.extend(icelandic_stems(word));
    }
    let mut seen = HashSet::new();
    found.retain(|stem| seen.insert(stem.clone()));
    found
}

fn icelandic_stems(word: &str) -> Vec<(String, Endings)> {
    let mut found = Vec::new();
    for (nominative, cases) in [
        ("bjorn", &["birni", "bjarnar"][..]),
        ("orn", &["erni", "arnar"]),
        ("bjork", &["bjarkar", "bjorku"]),
        ("bjorg", &["bjargar", "bjorgu"]),
        ("egill", &["agli"]),
        ("fridur", &["frid"]),
    ] {
        if let Some(stem) = word.strip_suffix(nominative) {
            found.extend(cases.iter().map(|case| (format!("{stem}{case}"), Endings::Plain)));
        }
    }
    let without = |ending: &str| word.strip_suffix(ending).filter(|stem| stem.len() >= 2);
    if let Some(stem) = without("a") {
        // Anna, Önnu: an `a` before `u` becomes `ö`.
        found.push((format!("{stem}u"), Endings::Plain));
        if let Some(at) = stem.rfind(is_vowel).filter(|at| stem[*at..].starts_with('a')) {
            found.push((format!("{}o{}u", &stem[..at], &stem[at + 1..]), Endings::Plain));
        }
    } else if let Some(stem) = without("ur") {
        found.push((stem.to_owned(), Endings::Plain));
        found.push((stem.to_owned(), Endings::Icelandic));
    } else if let Some(stem) = without("i") {
        found.push((format!("{stem}a"), Endings::Plain));
    } else if without("ll").or(without("nn")).is_some() {
        found.push((word[..word.len() - 1].to_owned(), Endings::Plain));
        found.push((word[..word.len() - 1].to_owned(), Endings::Icelandic));
    } else if !word.ends_with(is_vowel) {
        found.push((word.to_owned(), Endings::Icelandic));
    }
    found
}

/// The weak grade of a Finnish stem in a vowel, where it differs.
fn weak(stem: &str) -> Option<String> {
    const GRADES: [(&str, &str); 13] = [
        ("kk", "k"),
        ("pp", "p"),
        ("tt", "t"),
        ("nk", "ng"),
        ("mp", "mm"),
        ("nt", "nn"),
        ("lt", "ll"),
        ("rt", "rr"),
        ("lp", "lv"),
        ("rp", "rv"),
        ("ht", "hd"),
        ("hk", "h"),
        ("lk", "l"),
    ];
    let (body, vowel) = stem.split_at_checked(stem.len().checked_sub(1)?)?;
    if let Some((strong, weak)) = GRADES.iter().find(|(strong, _)| body.ends_with(strong)) {
        return Some(format!("{}{weak}{vowel}", &body[..body.len() - strong.len()]));
    }
    // A single stop between vowels.
    let (before, stop) = body.split_at_checked(body.len().checked_sub(1)?)?;
    let weak = match stop {
        "k" => "",
        "p" => "v",
        "t" => "d",
        _ => return None,
    };
    before.ends_with(is_vowel).then(|| format!("{before}{weak}{vowel}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, icelandic: bool, cases: &[&str]) {
        let stems = stems(word, icelandic);
        for case in cases {
            let is_form =
                stems.iter().any(|(stem, endings)| case.strip_prefix(stem.as_str()).is_some_and(|end| endings.all().contains(&end)));
            assert!(is_form, "{case} of {word}: {stems:?}");
        }
    }

    #[test]
    fn finnish_cases() {
        check("virtanen", false, &["virtanen", "virtasen", "virtaselle", "virtaselta", "virtasta", "virtaset", "virtasille"]);
        check("maki", false, &["maki", "maen", "maelle", "makea", "maelta"]);
        check("anna", false, &["annan", "annalle", "annalta", "annaa", "annaan", "annas"]);
        check("matti", false, &["matin", "matille", "mattia", "mattiin"]);
        check("jukka", false, &["jukan", "jukalle"]);
        check("lahti", false, &["lahden", "lahdelle"]);
        check("ranta", false, &["rannan", "rannalta", "rantaan"]);
        check("tuomas", false, &["tuomaan", "tuomaalle"]);
        check("jonas", false, &["jonaksen", "jonakselle"]);
        check("lindqvist", false, &["lindqvistin", "lindqvistille", "lindqvists"]);
        check("koski", false, &["kosken", "koskelle"]);
    }

    #[test]
    fn icelandic_cases() {
        check("jon", true, &["jon", "joni", "jons"]);
        check("anna", true, &["onnu", "annas"]);
        check("gudrun", true, &["gudrunu", "gudrunar"]);
        check("sigurdur", true, &["sigurd", "sigurdi", "sigurdar"]);
        check("jonsson", true, &["jonssyni", "jonssonar"]);
        check("jonsdottir", true, &["jonsdottur"]);
        check("bjorn", true, &["birni", "bjarnar", "bjorns"]);
        check("einar", true, &["einari", "einars"]);
        check("helgi", true, &["helga"]);
        check("sigridur", true, &["sigridi", "sigridar"]);
        check("steinn", true, &["stein", "steini"]);
    }

    #[test]
    fn a_swedish_name_takes_no_icelandic_endings() {
        let all = stems("jon", false);
        assert!(!all.iter().any(|(stem, endings)| "joni".strip_prefix(stem.as_str()).is_some_and(|end| endings.all().contains(&end))));
    }
}
