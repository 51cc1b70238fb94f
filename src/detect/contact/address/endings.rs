//! How streets end, per language, and the words that end so and are none.

/// How surely a word of this ending, with a number behind it, is a street.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Surety {
    /// In lower case too: `storgatan 12`.
    Sure,
    /// Where it begins with a capital: `Stortorget 5`.
    Capital,
    /// With a capital, and then still half the time something else: `Solbakken 8`.
    Weak,
    /// As [`Weak`](Surety::Weak), and read for Iceland alone.
    Icelandic,
    /// What places without houses are called as well: where words before, a staircase or a town say that somebody lives there.
    Place,
}

use super::words::{NOUNS, OTHER_ENDINGS, OTHERS};
use Surety::{Capital, Icelandic, Place, Sure, Weak};

/// Folded endings of one word. The longest that fits decides.
#[rustfmt::skip]
pub(super) const ENDINGS: [(&str, Surety); 331] = [
    // Swedish.
    ("gatan", Sure),
    ("gata", Sure),
    ("vagen", Sure),
    ("vag", Capital),
    ("granden", Sure),
    ("grand", Sure),
    ("stigen", Sure),
    ("stig", Capital),
    ("allen", Capital),
    ("alle", Weak),
    ("torget", Capital),
    ("torg", Capital),
    ("backen", Weak),
    ("backe", Weak),
    ("esplanaden", Capital),
    ("promenaden", Weak),
    ("slingan", Capital),
    ("svangen", Weak),
    ("kroken", Weak),
    ("ringen", Weak),
    ("leden", Weak),
    ("kajen", Weak),
    ("parken", Weak),
    ("plan", Weak),
    ("terrassen", Weak),
    ("brinken", Weak),
    ("liden", Weak),
    // Danish.
    ("vejen", Sure),
    ("vej", Sure),
    ("gade", Sure),
    ("gaden", Sure),
    ("straede", Sure),
    ("straedet", Sure),
    ("torv", Capital),
    ("torvet", Capital),
    ("vaenget", Capital),
    ("vaenge", Capital),
    ("vangen", Weak),
    ("vang", Weak),
    ("haven", Weak),
    ("toften", Weak),
    ("marken", Weak),
    ("lunden", Weak),
    ("engen", Weak),
    ("krogen", Weak),
    ("svinget", Weak),
    ("skraenten", Weak),
    ("boulevard", Capital),
    ("boulevarden", Capital),
    ("plads", Capital),
    ("pladsen", Weak),
    ("stien", Capital),
    ("sti", Weak),
    ("hojen", Weak),
    ("lokken", Weak),
    ("dammen", Weak),
    // Norwegian.
    ("veien", Sure),
    ("vegen", Sure),
    ("vei", Capital),
    ("veg", Capital),
    ("gaten", Sure),
    ("gate", Capital),
    ("plass", Capital),
    ("plassen", Weak),
    ("bakken", Weak),
    ("svingen", Weak),
    ("lia", Weak),
    ("haugen", Weak),
    ("tunet", Weak),
    ("toppen", Weak),
    ("lokka", Weak),
    ("myra", Weak),
    ("moen", Weak),
    ("jordet", Weak),
    ("kollen", Weak),
    ("faret", Weak),
    ("smauet", Capital),
    ("allmenningen", Capital),
    ("allmenning", Capital),
    ("brygge", Weak),
    ("brygga", Weak),
    ("hagen", Weak),
    ("enga", Weak),
    // Finnish, with the endings for "on", "to" and "from".
    ("katu", Sure),
    ("kadulla", Sure),
    ("kadulle", Sure),
    ("kadulta", Sure),
    ("kadun", Capital),
    ("tie", Capital),
    ("tiella", Capital),
    ("tielle", Capital),
    ("tielta", Capital),
    ("kuja", Sure),
    ("kujalla", Capital),
    ("kujalle", Capital),
    ("kujalta", Capital),
    ("polku", Capital),
    ("polulla", Capital),
    ("polulle", Capital),
    ("kaari", Capital),
    ("raitti", Capital),
    ("rinne", Weak),
    ("tori", Weak),
    ("ranta", Weak),
    ("vayla", Weak),
    ("aukio", Weak),
    ("puistikko", Capital),
    ("penger", Weak),
    ("esplanadi", Capital),
    ("bulevardi", Capital),
    // Icelandic, with the dative.
    ("gotu", Sure),
    ("vegur", Capital),
    ("vegi", Capital),
    ("stigur", Capital),
    ("braut", Capital),
    ("straeti", Sure),
    ("hlid", Icelandic),
    ("sund", Icelandic),
    ("hvammur", Icelandic),
    ("hvammi", Icelandic),
    ("gerdi", Icelandic),
    ("holt", Icelandic),
    ("teigur", Icelandic),
    ("teigi", Icelandic),
    ("myri", Icelandic),
    ("heimar", Icelandic),
    ("heimum", Icelandic),
    ("holar", Icelandic),
    ("bakki", Icelandic),
    ("borgir", Icelandic),
    ("hjalli", Icelandic),
    ("hraun", Icelandic),
    ("melur", Icelandic),
    ("hagi", Icelandic),
    ("smari", Icelandic),
    ("tun", Icelandic),
    // More, of the whole North: what lies beside or under a street.
    ("vollen", Weak),
    ("skogen", Weak),
    ("kaien", Weak),
    ("kaia", Weak),
    ("dalen", Weak),
    ("marka", Weak),
    ("teigen", Weak),
    ("bukta", Weak),
    ("vika", Weak),
    ("viken", Weak),
    ("holmen", Weak),
    ("neset", Weak),
    ("odden", Weak),
    ("stranda", Weak),
    ("stranden", Weak),
    ("tangen", Weak),
    ("hamna", Weak),
    ("grenda", Weak),
    ("gjerdet", Weak),
    ("gardet", Weak),
    ("brekka", Weak),
    ("rabben", Weak),
    ("akeren", Weak),
    ("ageren", Weak),
    ("mosen", Weak),
    ("kaeret", Weak),
    ("diget", Weak),
    ("brynet", Weak),
    ("vollane", Weak),
    ("hojden", Weak),
    ("berget", Weak),
    ("bjerget", Weak),
    ("sletta", Weak),
    ("sletten", Weak),
    ("svingane", Weak),
    ("hegnet", Weak),
    ("buen", Weak),
    ("haga", Weak),
    ("havnen", Weak),
    ("hamnen", Weak),
    ("hogda", Weak),
    ("ekra", Weak),
    ("trekanten", Weak),
    ("hojvang", Weak),
    ("hoj", Weak),
    ("asel", Icelandic),
    ("aseli", Icelandic),
    ("baer", Icelandic),
    ("bae", Icelandic),
    ("gardar", Icelandic),
    ("garda", Icelandic),
    ("hvarf", Icelandic),
    ("bakka", Icelandic),
    ("holti", Icelandic),
    ("grund", Icelandic),
    ("lundur", Icelandic),
    ("lundi", Icelandic),
    ("melum", Icelandic),
    ("hrauni", Icelandic),
    ("hofda", Icelandic),
    ("hofdi", Icelandic),
    ("thingi", Icelandic),
    ("laekur", Icelandic),
    ("laek", Icelandic),
    ("leiti", Icelandic),
    ("brekku", Icelandic),
    ("skogar", Icelandic),
    ("skogum", Icelandic),
    ("gota", Capital),
    ("strasse", Sure),
    ("kaarre", Capital),
    ("kulma", Weak),
    ("polulta", Capital),
    ("kujan", Capital),
    ("silta", Weak),
    ("puisto", Weak),
    ("mula", Icelandic),
    ("muli", Icelandic),
    ("gardi", Icelandic),
    ("gardur", Icelandic),
    ("hals", Icelandic),
    ("halsi", Icelandic),
    ("vellir", Icelandic),
    ("vollum", Icelandic),
    ("londum", Icelandic),
    ("fold", Icelandic),
    ("stekkur", Icelandic),
    ("stekk", Icelandic),
    ("bard", Icelandic),
    ("gili", Icelandic),
    ("hvoll", Icelandic),
    ("brunnur", Icelandic),
    ("piren", Weak),
    ("tuni", Icelandic),
    ("holum", Icelandic),
    ("smara", Icelandic),
    ("lundum", Icelandic),
    ("runna", Icelandic),
    ("borgum", Icelandic),
    // What needs a word before, a staircase or a town.
    ("maki", Place),
    ("niemi", Place),
    ("saari", Place),
    ("lahti", Place),
    ("kyla", Place),
    ("harju", Place),
    ("kallio", Place),
    ("metsa", Place),
    ("niitty", Place),
    ("laita", Place),
    ("kannas", Place),
    ("reuna", Place),
    ("portti", Place),
    ("kumpu", Place),
    ("notko", Place),
    ("suora", Place),
    ("linna", Place),
    ("laakso", Place),
    ("kangas", Place),
    ("bakkane", Place),
    ("bakkan", Place),
    ("haugane", Place),
    ("hagan", Place),
    ("hagane", Place),
    ("bratan", Place),
    ("braten", Place),
    ("brata", Place),
    ("asane", Place),
    ("asen", Place),
    ("osen", Place),
    ("lien", Place),
    ("liane", Place),
    ("myrane", Place),
    ("moane", Place),
    ("kleiva", Place),
    ("kleiven", Place),
    ("skaret", Place),
    ("eidet", Place),
    ("holtet", Place),
    ("reina", Place),
    ("sveen", Place),
    ("lyngen", Place),
    ("tappan", Place),
    ("mossen", Place),
    ("kullen", Place),
    ("lyckan", Place),
    ("glantan", Place),
    ("hult", Place),
    ("torp", Place),
    ("byn", Place),
    ("dungen", Place),
    ("kilen", Place),
    ("backarna", Place),
    ("berga", Place),
    ("banken", Place),
    ("krattet", Place),
    ("centret", Place),
    ("tofte", Place),
    ("lund", Place),
    ("kaer", Place),
    ("mose", Place),
    ("bycenter", Place),
    ("hegn", Place),
    ("tanga", Place),
    ("tangi", Place),
    ("lod", Place),
    ("bjarg", Place),
    ("fit", Place),
    ("skard", Place),
    ("nesi", Place),
    ("vik", Place),
    ("tungu", Place),
    ("hvammar", Place),
    ("sel", Place),
    ("grendi", Place),
    ("enget", Place),
    ("stova", Place),
    ("husene", Place),
    ("haverne", Place),
    ("bogarna", Place),
    ("heden", Place),
    ("heia", Place),
    ("furua", Place),
    ("allee", Capital),
    ("weg", Capital),
    ("platz", Capital),
    ("rinteen", Capital),
    ("rinteella", Capital),
    ("kaarella", Capital),
    ("kaarelle", Capital),
    ("raitilla", Capital),
    ("raitille", Capital),
    ("kvarnen", Place),
    ("bryggan", Place),
    ("alleen", Capital),
    ("brautar", Capital),
];

/// Whether a folded word is a street once a name stands before it, and whether any name will do.
pub(super) fn noun(folded: &str) -> Option<bool> {
    let [.., first, last] = folded.as_bytes() else { return None };
    if !has(&NOUN_PAIRS, *first, *last) {
        return None;
    }
    NOUNS.binary_search_by_key(&folded, |(noun, _)| noun).ok().and_then(|index| NOUNS.get(index)).map(|(_, any)| *any)
}

/// A bit for every pair of last letters that a street may end with; case does not count.
const PAIRS: [u64; 16] = {
    let mut bits = NOUN_PAIRS;
    let mut index = 0;
    while index < ENDINGS.len() {
        let ending = ENDINGS[index].0.as_bytes();
        let bit = pair(ending[ending.len() - 2], ending[ending.len() - 1]);
        bits[bit >> 6] |= 1 << (bit & 63);
        index += 1;
    }
    bits
};

/// As [`PAIRS`], of the nouns alone.
const NOUN_PAIRS: [u64; 16] = {
    let mut bits = [0; 16];
    let mut index = 0;
    while index < NOUNS.len() {
        let noun = NOUNS[index].0.as_bytes();
        let bit = pair(noun[noun.len() - 2], noun[noun.len() - 1]);
        bits[bit >> 6] |= 1 << (bit & 63);
        index += 1;
    }
    bits
};

fn has(pairs: &[u64; 16], first: u8, last: u8) -> bool {
    let bit = pair(first, last);
    pairs[bit >> 6] >> (bit & 63) & 1 == 1
}

/// Endings by a hash of their last three letters.
struct ByTail {
    /// The first ending of each hash, counted from one.
    first: [u16; TAILS],
    /// The next ending of the same hash.
    next: [u16; ENDINGS.len()],
}

const TAILS: usize = 512;

const fn tail(letters: [u8; 3]) -> usize {
    let [one, two, three] = letters;
    ((one & 31) as usize * 37 + (two & 31) as usize * 101 + (three & 31) as usize * 7) % TAILS
}

static BY_TAIL: ByTail = {
    let mut by_tail = ByTail { first: [0; TAILS], next: [0; ENDINGS.len()] };
    let mut index = 0;
    while index < ENDINGS.len() {
        let ending = ENDINGS[index].0.as_bytes();
        let length = ending.len();
        let place = tail([ending[length - 3], ending[length - 2], ending[length - 1]]);
        by_tail.next[index] = by_tail.first[place];
        by_tail.first[place] = index as u16 + 1;
        index += 1;
    }
    by_tail
};

/// The longest ending that a folded word has.
fn longest(folded: &str) -> Option<(&'static str, Surety)> {
    let [.., one, two, three] = folded.as_bytes() else { return None };
    let mut index = BY_TAIL.first[tail([*one, *two, *three])];
    let mut best: Option<(&'static str, Surety)> = None;
    while let Some(found) = usize::from(index).checked_sub(1) {
        let (ending, surety) = *ENDINGS.get(found)?;
        if best.is_none_or(|(other, _)| ending.len() > other.len()) && folded.ends_with(ending) {
            best = Some((ending, surety));
        }
        index = *BY_TAIL.next.get(found)?;
    }
    best
}

const fn pair(first: u8, last: u8) -> usize {
    ((first & 31) as usize) << 5 | (last & 31) as usize
}

/// Whether a word may end as a street does, by a look at its last two letters. Letters beyond ASCII always may.
pub(super) fn may_end(word: &[u8]) -> bool {
    match word {
        [.., first, last] if first.is_ascii() && last.is_ascii() => has(&PAIRS, *first, *last),
        [_, .., last] => !last.is_ascii() || word.len() > 2,
        _ => false,
    }
}

/// The ending of a folded word and how sure it is; `None` where the word is known to be something else.
pub(super) fn of(folded: &str) -> Option<(&'static str, Surety)> {
    if !may_end(folded.as_bytes()) {
        return None;
    }
    let (ending, surety) = longest(folded)?;
    // A stem of one letter: `Ågatan`; the weak ones want more.
    let stem = folded.len() - ending.len();
    // `Åbrinken`
    let enough = if matches!(surety, Weak | Icelandic | Place) && ending.len() < 6 { stem >= 2 } else { stem >= 1 };
    let is_other = || OTHERS.binary_search(&folded).is_ok() || OTHER_ENDINGS.iter().any(|other| folded.ends_with(other));
    (enough && !is_other()).then_some((ending, surety))
}

/// Whether a word ends as streets in Iceland do.
pub(super) fn is_icelandic(word: &str) -> bool {
    let folded = crate::detect::fold::Folded::of(word);
    longest(folded.as_str())
        .is_some_and(|(ending, surety)| surety == Icelandic || matches!(ending, "gotu" | "vegi" | "vegur" | "stigur" | "braut" | "straeti"))
}

/// Whether a folded word is itself what weak endings are: `kaien`, `krogen`, `jordet`; or a yard, as institutions are called too.
pub(super) fn is_site(folded: &str) -> bool {
    // `Vika 22`: a week in Iceland.
    let ending = || {
        folded != "vika"
            && longest(folded).is_some_and(|(ending, surety)| ending == folded && matches!(surety, Weak | Place))
            && folded.len() >= 4
    };
    folded == "asen" || folded.len() > 8 && folded.ends_with("garden") || may_end(folded.as_bytes()) && ending()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ending_stands_once_and_may_end() {
        for (index, (ending, _)) in ENDINGS.iter().enumerate() {
            assert!(ENDINGS[index + 1..].iter().all(|(other, _)| other != ending), "{ending}");
            assert!(may_end(ending.as_bytes()) && may_end(ending.to_uppercase().as_bytes()), "{ending}");
        }
        assert!(may_end("gränd".as_bytes()) && may_end("Allé".as_bytes()) && may_end("hlíð".as_bytes()));
        assert!(!may_end(b"hus") && !may_end(b"x") && !may_end(b""));
    }

    #[test]
    fn the_longest_ending_decides() {
        for (ending, _) in ENDINGS {
            let word = format!("xy{ending}");
            let slow = ENDINGS.into_iter().filter(|(ending, _)| word.ends_with(ending)).max_by_key(|(ending, _)| ending.len());
            assert_eq!(longest(&word), slow, "{word}");
        }
        assert_eq!(of("storgatan"), Some(("gatan", Sure)));
        assert_eq!(of("leveringen"), None);
        assert_eq!(of("gatan"), None);
        assert_eq!(of("motorvagen"), None);
    }
}
