//! Combinations of quasi-identifiers in the rows of a set, numbered and counted as the rows come.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use arrow::array::UInt32Array;

use super::tails::NOBODY;
use crate::decide::keys::Spread;

/// No combination: there are fewer.
const NONE: u32 = u32::MAX;

/// Which quasi-identifiers stand together, and how many rows whom has with them.
#[derive(Default)]
pub(super) struct Combinations {
    /// By quasi-identifier from the second on: the numbers of (what stands before, its code).
    pairs: Vec<HashMap<u64, u32, BuildHasherDefault<Spread>>>,
    /// The same the other way round.
    made_of: Vec<Vec<(u32, u32)>>,
    /// By subject the combination that came first and its rows: most have one alone.
    firsts: Vec<(u32, u32)>,
    /// All others: (combination, subject or nobody) → rows.
    others: HashMap<u64, u64, BuildHasherDefault<Spread>>,
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
        let (mut before, mut rows) = ((0, 0), 0);
        for (row, subject) in subjects.iter().enumerate() {
            let combination = combined.map_or(0, |combined| combined[row]);
            self.most = self.most.max(combination);
            if (combination, *subject) != before && rows > 0 {
                self.add(before, rows);
                rows = 0;
            }
            before = (combination, *subject);
            rows += 1;
        }
        if rows > 0 {
            self.add(before, rows);
        }
    }

    fn add(&mut self, (combination, subject): (u32, u32), rows: u32) {
        let at = subject as usize;
        if subject != NOBODY && at >= self.firsts.len() {
            self.firsts.resize(at + 1, (NONE, 0));
        }
        if let Some((first, known)) = self.firsts.get_mut(at)
            && (*first == NONE || *first == combination)
            && let Some(sum) = known.checked_add(rows)
        {
            (*first, *known) = (combination, sum);
            return;
        }
        *self.others.entry(u64::from(combination) << 32 | u64::from(subject)).or_default() += u64::from(rows);
    }

    /// Who has rows.
    pub fn subjects(&self) -> impl Iterator<Item = u32> {
        (0_u32..).zip(&self.firsts).filter(|(_, (combination, _))| *combination != NONE).map(|(subject, _)| subject)
    }

    /// How many numbers of combinations there may be.
    pub fn len(&self) -> usize {
        self.most as usize + 1
    }

    /// Of each combination and subject, in one order whatever the rows' was: the combination, the subject, the rows.
    pub fn counted(&self) -> (Vec<u32>, UInt32Array, Vec<u64>) {
        let firsts = (0_u64..).zip(&self.firsts).filter(|(_, (combination, _))| *combination != NONE);
        let firsts = firsts.map(|(subject, (combination, rows))| (u64::from(*combination) << 32 | subject, u64::from(*rows)));
        let mut all: Vec<(u64, u64)> = firsts.chain(self.others.iter().map(|(key, rows)| (*key, *rows))).collect();
        all.sort_unstable();
        // More rows of one than a number of 32 bits holds.
        all.dedup_by(|later, first| {
            later.0 == first.0 && {
                first.1 += later.1;
                true
            }
        });
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rows_are_counted_as_a_walk_counts_them(
            rows in prop::collection::vec((0_u32..4, prop_oneof![4 => 0_u32..6, 1 => Just(NOBODY)]), 0..60), at_a_time in 1_usize..9,
        ) {
            let mut counted = Combinations::default();
            for rows in rows.chunks(at_a_time) {
                let (combined, subjects): (Vec<u32>, Vec<u32>) = rows.iter().copied().unzip();
                counted.count(Some(&combined), &subjects);
            }
            let mut walked: BTreeMap<(u32, u32), u64> = BTreeMap::new();
            rows.iter().for_each(|row| *walked.entry(*row).or_default() += 1);
            let (combinations, subjects, weights) = counted.counted();
            let all = combinations.iter().zip(subjects.iter()).zip(&weights);
            let all: Vec<((u32, u32), u64)> = all.map(|((one, whose), rows)| ((*one, whose.unwrap_or(NOBODY)), *rows)).collect();
            prop_assert_eq!(all, walked.into_iter().collect::<Vec<_>>());
            let mut people: Vec<u32> = rows.iter().map(|row| row.1).filter(|subject| *subject != NOBODY).collect();
            people.sort_unstable();
            people.dedup();
            prop_assert_eq!(counted.subjects().collect::<Vec<_>>(), people);
        }
    }

    #[test]
    fn more_rows_of_one_than_fit_are_counted_too() {
        let mut counted = Combinations::default();
        counted.add((2, 1), u32::MAX);
        counted.add((2, 1), 3);
        counted.add((2, 1), 4);
        assert_eq!(counted.counted(), (vec![2], UInt32Array::from(vec![1]), vec![u64::from(u32::MAX) + 7]));
    }
}
