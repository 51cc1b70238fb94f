//! Combinations of quasi-identifiers in the rows of a set, numbered and counted as the rows come.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use arrow::array::UInt32Array;

use super::tails::NOBODY;
use crate::decide::keys::Spread;

/// Which quasi-identifiers stand together, and how many rows whom has with them.
#[derive(Default)]
pub(super) struct Combinations {
    /// By quasi-identifier from the second on: the numbers of (what stands before, its code).
    pairs: Vec<HashMap<u64, u32, BuildHasherDefault<Spread>>>,
    /// The same the other way round.
    made_of: Vec<Vec<(u32, u32)>>,
    /// (Combination, subject or nobody) → rows.
    rows: HashMap<u64, u64, BuildHasherDefault<Spread>>,
    /// The largest number of a combination.
    most: u32,
}

impl Combinations {
    pub fn paired(&mut self, level: usize, before: &[u32], codes: &[u32]) -> Vec<u32> {
        if self.pairs.len() < level {
            self.pairs.push(HashMap::default());
            self.made_of.push(Vec::new());
        }
        let (pairs, made_of) = (&mut self.pairs[level - 1], &mut self.made_of[level - 1]);
        let pair = |(before, code): (&u32, &u32)| {
            *pairs.entry(u64::from(*before) << 32 | u64::from(*code)).or_insert_with(|| {
                made_of.push((*before, *code));
                made_of.len() as u32 - 1
            })
        };
        before.iter().zip(codes).map(pair).collect()
    }

    pub fn count(&mut self, combined: Option<&[u32]>, subjects: &[u32]) {
        // Lines of one order come together.
        let (mut before, mut rows) = (0, 0);
        for (row, subject) in subjects.iter().enumerate() {
            let combination = combined.map_or(0, |combined| combined[row]);
            self.most = self.most.max(combination);
            let key = u64::from(combination) << 32 | u64::from(*subject);
            if key != before && rows > 0 {
                *self.rows.entry(before).or_default() += rows;
                rows = 0;
            }
            before = key;
            rows += 1;
        }
        if rows > 0 {
            *self.rows.entry(before).or_default() += rows;
        }
    }

    /// Who has rows; who has several combinations comes several times.
    pub fn subjects(&self) -> impl Iterator<Item = u32> {
        self.rows.keys().map(|key| (key & u64::from(u32::MAX)) as u32).filter(|subject| *subject != NOBODY)
    }

    /// How many numbers of combinations there may be.
    pub fn len(&self) -> usize {
        self.most as usize + 1
    }

    /// Of each combination and subject, in one order whatever the rows' was: the combination, the subject, the rows.
    pub fn counted(&self) -> (Vec<u32>, UInt32Array, Vec<u64>) {
        let mut all: Vec<(u64, u64)> = self.rows.iter().map(|(key, rows)| (*key, *rows)).collect();
        all.sort_unstable();
        let subject = |key: u64| Some((key & u64::from(u32::MAX)) as u32).filter(|subject| *subject != NOBODY);
        (
            all.iter().map(|(key, _)| (key >> 32) as u32).collect(),
            all.iter().map(|(key, _)| subject(*key)).collect(),
            all.iter().map(|(_, rows)| *rows).collect(),
        )
    }

    /// The code of a combination's quasi-identifier, counted from 0.
    pub fn code(&self, combination: u32, place: usize) -> u32 {
        let mut at = combination;
        for level in (place.max(1)..=self.made_of.len()).rev() {
            let (before, code) = self.made_of[level - 1][at as usize];
            if level == place {
                return code;
            }
            at = before;
        }
        at
    }
}
