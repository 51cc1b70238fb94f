//! What single traits say for a name or against it: log odds by the hash of a trait.
//!
//! The file beside this one holds them, five bytes each: the hash, its lowest byte first, and the odds in steps of 1/32. `fit.rs` makes it
//! from the labelled notes. A trait that is not in it says nothing.

use std::sync::LazyLock;

/// Odds are kept in steps of this.
pub(super) const STEP: f32 = 1.0 / 32.0;

static ODDS: LazyLock<Odds> = LazyLock::new(|| Odds::of(include_bytes!("odds.bin")));

/// Log odds of traits: a table of hashes, of each slot 24 bits of the hash and 8 of the odds.
#[derive(Debug)]
pub(super) struct Odds {
    slots: Vec<u32>,
    shift: u32,
}

/// The table, read on the first call.
pub(super) fn odds() -> &'static Odds {
    &ODDS
}

impl Odds {
    fn of(file: &[u8]) -> Self {
        let (records, _) = file.as_chunks::<5>();
        let size = (records.len() * 2 + 2).next_power_of_two().max(1 << 8);
        let mut odds = Self { slots: vec![0; size], shift: 32 - size.trailing_zeros() };
        for [a, b, c, d, weight] in records {
            let key = u32::from_le_bytes([*a, *b, *c, *d]);
            let mut at = (key >> odds.shift) as usize;
            while odds.slots[at] != 0 {
                at = (at + 1) & (size - 1);
            }
            odds.slots[at] = key << 8 | u32::from(*weight);
        }
        odds
    }

    /// How much a trait says for a name, in log odds.
    #[inline(always)]
    pub(super) fn of_trait(&self, key: u32) -> f32 {
        let mut at = (key >> self.shift) as usize;
        loop {
            let slot = self.slots[at];
            if slot == 0 {
                return 0.0;
            }
            if slot >> 8 == key & 0x00ff_ffff {
                return f32::from((slot as u8).cast_signed()) * STEP;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trait_has_its_own_odds() {
        // Hashes that meet in their place, and one that ends the table.
        let records: Vec<(u32, i8)> =
            (0..300).map(|number: u32| (number.wrapping_mul(0x0100_0193) | 1, (number % 120) as i8 - 60)).collect();
        let records: Vec<(u32, i8)> =
            records.into_iter().filter(|(_, weight)| *weight != 0).chain([(u32::MAX, 7), (u32::MAX - 2, -7)]).collect();
        let file: Vec<u8> = records.iter().flat_map(|(key, weight)| [&key.to_le_bytes()[..], &weight.to_le_bytes()].concat()).collect();
        let odds = Odds::of(&file);
        for (key, weight) in records {
            assert_eq!(odds.of_trait(key), f32::from(weight) * STEP, "{key}");
        }
        assert_eq!(odds.of_trait(0x1234_5678), 0.0);
        assert_eq!(Odds::of(&[]).of_trait(5), 0.0);
    }
}
