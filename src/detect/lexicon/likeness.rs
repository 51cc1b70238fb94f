//! How much an unknown word is built like the names of the tables, and how much like their other words.
//!
//! The ends of words, of two, three and four bytes, and their first three, are counted over the names on one side and over ordinary words,
//! towns and brands on the other. A word's likeness is the sum of the log odds of its four pieces: naive Bayes.

/// Places of each table; pieces are hashed into them.
const PLACES: usize = 1 << 13;
/// The pieces of a word.
const PIECES: usize = 4;
/// Log odds are kept in steps of this.
const STEP: f32 = 1.0 / 16.0;

/// Log odds of pieces of words.
#[derive(Debug)]
pub(super) struct Likeness {
    odds: Vec<i8>,
}

/// Where the pieces of a word stand in the tables; `None` where the word is too short to have them.
fn pieces(word: &[u8]) -> Option<[usize; PIECES]> {
    let length = word.len();
    let first = word.first_chunk::<3>()?;
    let last = word.last_chunk::<3>()?;
    let before = if length > 3 { word[length - 4] } else { 0 };
    let number = |bytes: [u8; 4]| u32::from_le_bytes(bytes.map(|byte| byte | 0x20));
    let place = |table: usize, number: u32| table * PLACES + (number.wrapping_mul(0x9e37_79b1) >> 19) as usize;
    Some([
        place(0, number([last[1], last[2], 0, 0])),
        place(1, number([last[0], last[1], last[2], 0])),
        place(2, number([before, last[0], last[1], last[2]])),
        place(3, number([first[0], first[1], first[2], 0])),
    ])
}

impl Likeness {
    /// Counts the pieces of names and of other words, in lower case.
    pub(super) fn of<'w>(names: impl Iterator<Item = &'w str>, others: impl Iterator<Item = &'w str>) -> Self {
        let count = |words: &mut dyn Iterator<Item = &'w str>| {
            let mut counts = vec![0_u32; PIECES * PLACES];
            let mut words_in_all = 0_u32;
            for pieces in words.filter_map(|word| pieces(word.as_bytes())) {
                pieces.into_iter().for_each(|piece| counts[piece] += 1);
                words_in_all += 1;
            }
            (counts, words_in_all)
        };
        let (mut names, mut others) = (names, others);
        let ((names, all_names), (others, all_others)) = (count(&mut names), count(&mut others));
        let share = |count: u32, all: u32| ((count as f32 + 2.0) / (all as f32 + 2.0)).ln();
        let odds = names.iter().zip(&others).map(|(name, other)| {
            let odds = (share(*name, all_names) - share(*other, all_others)) / STEP;
            odds.clamp(-127.0, 127.0) as i8
        });
        Self { odds: odds.collect() }
    }

    /// How much a word is built like a name: -1 (not at all) to 1.
    pub(super) fn of_word(&self, word: &str) -> f32 {
        let Some(pieces) = pieces(word.as_bytes()) else { return 0.0 };
        let sum: i32 = pieces.into_iter().map(|piece| i32::from(self.odds[piece])).sum();
        (sum as f32 * STEP / 8.0).clamp(-1.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_by_their_pieces() {
        let names = ["andersson", "persson", "karlsson", "larsson", "olsson", "maria", "daria"];
        let others = ["planen", "banan", "skolan", "vagnen", "hallen", "bolaget", "huset"];
        let likeness = Likeness::of(names.into_iter(), others.into_iter());
        assert!(likeness.of_word("Fredriksson") > 0.2);
        assert!(likeness.of_word("hallan") < -0.1);
        assert_eq!(likeness.of_word("ab"), 0.0);
    }
}
