//! What a doubtful word is worth, by what stands beside it.
//!
//! Rule: a word that other things are called too counts where a witness of its category stands within a line's reach: a word of the list
//! here, a dose in mg for health, or another word of the category that bears witness. Beside `EU`, the Union is none.
//!
//! Source: our own lists.

use std::sync::LazyLock;

use super::super::Kind;
use super::super::marks::BLOCK;
use super::super::resolve::Candidate;
use super::{CATEGORIES, LONGEST, Lower, NOTHING};

/// Below this a word alone says too little; a witness beside it may say more.
const DOUBTFUL: f32 = 0.5;
/// A doubtful word from here on is a witness of another one of its kind.
const SPEAKING: f32 = 0.48;
/// What a doubtful word is worth beside a witness.
const WITNESSED: f32 = 0.75;
/// How far from a doubtful word its witness may stand, in bytes.
const AROUND: usize = 48;

/// Beginnings of words that say which of its meanings a doubtful word has.
fn witnesses(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Health => &[
            "sjuk",
            "patient",
            "läkar",
            "diagnos",
            "opere",
            "kirurg",
            "läkemed",
            "syg",
            "læge",
            "indlagt",
            "syk",
            "lege",
            "pasient",
            "innlagt",
            "sairaa",
            "lääk",
            "potil",
            "sjúk",
            "lækn",
            "veikin",
            "veikur",
            "hospital",
            "doctor",
            "surgeon",
            "clinic",
            "medic",
            "medicin",
            "vårdcent",
            "mottagning",
            "cancer",
            "therap",
            "terapi",
            "rygg",
            "nack",
            "magen",
            "maven",
            "mave",
            "huvud",
            "hodet",
            "hovedet",
            "halsen",
            "ögat",
            "øyet",
            "skuld",
            "knä",
            "höft",
            "sykepl",
            "sjuksk",
            "sygepl",
            "hjúkr",
            "klini",
            "kateter",
            "blodtr",
            "feber",
            "smert",
            "smärt",
            "kipu",
            "tablett",
            "knæ",
            "kneet",
            "ryggen",
            "foden",
        ],
        Kind::Union => &[
            "fack",
            "medlem",
            "kassa",
            "avtal",
            "fag",
            "tillid",
            "tillit",
            "strejk",
            "strejke",
            "streik",
            "jäsen",
            "ammatti",
            "lakko",
            "luottamus",
            "félag",
            "stétt",
            "verkalýð",
            "kjara",
            "member",
            "labour",
            "labor",
            "shop",
            "ombud",
            "organis",
            "kontingent",
        ],
        Kind::Religion => &[
            "kyrk",
            "krist",
            "troende",
            "relig",
            "församling",
            "kirk",
            "menig",
            "muslim",
            "islam",
            "usko",
            "uskon",
            "seurak",
            "trú",
            "söfnuð",
            "kirkj",
            "christ",
            "church",
            "worship",
            "congreg",
            "medlem",
            "member",
            "döp",
            "døb",
            "døp",
            "rukou",
            "jumala",
        ],
        Kind::Doping => &[
            "doping",
            "dopn",
            "idrott",
            "idræt",
            "idrett",
            "sport",
            "tävling",
            "prov",
            "prøve",
            "kilpail",
            "urheil",
            "íþrótt",
            "lyfja",
            "athlet",
            "anabol",
            "steroid",
            "banned",
            "olymp",
            "wada",
            "cycli",
            "hurdler",
            "sprinter",
            "trace",
            "fitness",
            "bodybuild",
        ],
        _ => &[
            "fängel",
            "brott",
            "misstänk",
            "åtal",
            "polis",
            "tingsrätt",
            "dömd",
            "fæng",
            "politi",
            "sigtet",
            "dømt",
            "byret",
            "feng",
            "tingrett",
            "siktet",
            "tiltal",
            "vankil",
            "rikos",
            "poliisi",
            "tuomi",
            "syyt",
            "fang",
            "lögregl",
            "saka",
            "dæmd",
            "prison",
            "police",
            "court",
            "crim",
            "convict",
            "arrest",
            "fraud",
            "theft",
            "narko",
            "misshand",
            "stöld",
            "tyveri",
            "tjuveri",
            "månader",
            "måneder",
            "åklag",
            "lensm",
            "mord",
            "drap",
            "drab",
            "häkt",
            "statsadv",
            "anklag",
        ],
    }
}

/// What three bytes a witness can begin with: a bit for each hash, for each kind.
static WITNESSES: LazyLock<[[u64; WITNESS_BITS / 64]; CATEGORIES.len()]> = LazyLock::new(|| {
    std::array::from_fn(|category| {
        let mut bits = [0; WITNESS_BITS / 64];
        let Some((kind, _)) = CATEGORIES.get(category) else { return bits };
        for witness in witnesses(*kind) {
            let bit = witness.as_bytes().first_chunk().map_or(0, |three| witness_bit(*three));
            bits[bit >> 6] |= 1 << (bit & 63);
        }
        bits
    })
});

const WITNESS_BITS: usize = 1 << 12;

fn witness_bit(three: [u8; 3]) -> usize {
    let lower = u32::from_le_bytes([three[0], three[1], three[2], 0]) | 0x0020_2020;
    (lower.wrapping_mul(0x9e37_79b1) >> 20) as usize
}

/// Whether a witness stands near, and whether the European Union does.
fn surroundings(text: &str, start: usize, end: usize, kind: Kind) -> (bool, bool) {
    let from = text.ceil_char_boundary(start.saturating_sub(AROUND)).min(start);
    let to = text.floor_char_boundary(end + AROUND).max(end);
    let witnesses = witnesses(kind);
    let bits = CATEGORIES.iter().position(|(other, _)| *other == kind).and_then(|category| WITNESSES.get(category));
    let (mut witnessed, mut european) = (false, false);
    let mut hear = |word: &str| {
        let lower = Lower::of(word);
        let word = lower.as_bytes();
        witnessed |= witnesses.iter().any(|witness| word.starts_with(witness.as_bytes())) || (kind == Kind::Health && word == b"mg");
        european |= word == b"eu" || word.starts_with(b"europ");
    };
    for side in [text.get(from..start), text.get(end..to)].into_iter().flatten() {
        // Letters of ASCII and Latin-1 are a word's, and nothing else beyond ASCII is; `×` and `÷` are none.
        let is_strange = |byte: &u8| (*byte > 0xc3) | (*byte >= 0xc0 && *byte < 0xc3) | (*byte == 0x97) | (*byte == 0xb7);
        let is_latin = !side.as_bytes().iter().fold(false, |any, byte| any | is_strange(byte));
        match (is_latin, bits) {
            (true, Some(bits)) => {
                let bytes = side.as_bytes();
                let is_letter = |byte: u8| byte.is_ascii_alphabetic() || byte >= 0x80;
                let mut at = 0;
                while at < bytes.len() {
                    let begins = at;
                    while at < bytes.len() && is_letter(bytes[at]) {
                        at += 1;
                    }
                    if let [one, two, rest @ ..] = &bytes[begins..at] {
                        let is_witness = rest.first().is_some_and(|three| {
                            let bit = witness_bit([*one, *two, *three]);
                            bits[bit >> 6] >> (bit & 63) & 1 == 1
                        });
                        // The European Union, and a dose.
                        if is_witness || matches!((one | 0x20, two | 0x20), (b'e', b'u') | (b'm', b'g')) {
                            hear(&side[begins..at]);
                        }
                    }
                    at += 1;
                }
            }
            _ => side.split(|character: char| !character.is_alphabetic()).filter(|word| !word.is_empty()).for_each(&mut hear),
        }
    }
    (witnessed, european)
}

/// Says what doubtful words are worth, by what stands beside them.
pub(super) fn weigh(text: &str, found: &mut Vec<Candidate>) {
    let mut silent = 0;
    for index in 0..found.len() {
        let Some((candidate, kind)) = found.get(index).and_then(|candidate| Some((candidate, candidate.kind?))) else { continue };
        if candidate.confidence >= DOUBTFUL {
            continue;
        }
        let beside = speaks_beside(text, found, index);
        let (witnessed, european) = match beside && kind != Kind::Union {
            true => (true, false),
            false => surroundings(text, candidate.start, candidate.end, kind),
        };
        let Some(candidate) = found.get_mut(index) else { continue };
        if kind == Kind::Union && european {
            candidate.confidence = NOTHING;
            silent += 1;
        } else if beside || witnessed {
            // Less than nothing until all are weighed: what a word said by itself is still to be seen.
            candidate.confidence = -candidate.confidence;
        }
    }
    if silent > 0 {
        found.retain(|candidate| candidate.confidence != NOTHING);
    }
    for candidate in found.iter_mut().filter(|candidate| candidate.confidence < NOTHING) {
        candidate.confidence = WITNESSED;
    }
}

/// Whether another word of the same kind that bears witness stands near one of the candidates.
fn speaks_beside(text: &str, found: &[Candidate], index: usize) -> bool {
    let (Some(own), Some((before, [_, behind @ ..]))) = (found.get(index), found.split_at_checked(index)) else { return false };
    let four = |candidate: &Candidate| {
        let four = text.as_bytes().get(candidate.start..).and_then(<[u8]>::first_chunk);
        four.map_or(0, |four: &[u8; 4]| u32::from_le_bytes(*four) | 0x2020_2020)
    };
    let is_witness = |other: &&Candidate| {
        let is_near = other.end + AROUND > own.start && other.start < own.end + AROUND;
        is_near && other.kind == own.kind && other.confidence.abs() >= SPEAKING && four(other) != four(own)
    };
    // Candidates are in the order of the blocks of text that they begin in.
    let is_close = |other: &&Candidate| other.start.abs_diff(own.start) < AROUND + LONGEST + 2 * BLOCK;
    before.iter().rev().take_while(is_close).any(|other| is_witness(&other))
        || behind.iter().take_while(is_close).any(|other| is_witness(&other))
}
