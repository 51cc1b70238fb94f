//! Who contributed what to a cell of totals, in a few numbers that name nobody, and how many people changed between two such summaries.
//!
//! Each person is a number `x` and what they contribute to a cell a number `w`, both keyed and modulo the prime 2^61 - 1. A summary holds the
//! moments `Σ w·x^j` for `j` from 0 to `2·capacity - 2`. The moments of two summaries subtract: whoever contributes the same to both vanishes
//! from the difference, and whoever came, left or contributes something else stays in it exactly once. From the difference's moments the
//! Hankel matrix `H[i][j] = m[i + j]` is a product of Vandermonde matrices over those people (the step by which Reed-Solomon and BCH decoders
//! find the number of errors; W. W. Peterson, 1960), so its rank is their number, as far as the matrix is large enough.
//!
//! The rank can only be too small (two people of one number, two contributions of one number, a sum that happens to vanish: each about one in
//! 2^61), never larger than the number of people. So «at least k changed» is never said of fewer.
//!
//! A cell shows several totals, and who changed in one need not have changed in another: four people whose quantity is another one hide nobody whose
//! amount is. So beside the summary of whole rows there is one for each total, of the values that are neither NULL nor zero, and the fewest people
//! who changed in any that changed count.
//!
//! Moments add up: summaries of parts of a table are merged by addition, in any order, as long as nobody's numbers depend on the part.

use super::field::{PRIME, inverse, negative, product, sum};

/// The contributors of one cell at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Contributors {
    /// Of whole rows.
    moments: Vec<u64>,
    /// Of each total's own values; none in the memory of an earlier build.
    totals: Vec<Vec<u64>>,
}

/// A number of the field that is not zero, from 128 keyed bits.
pub(super) fn number(token: &[u8; 16]) -> u64 {
    // 128 bits over a prime of 61: no number is likelier than another by more than 2^-67.
    let wide = u128::from_be_bytes(*token);
    (wide % u128::from(PRIME - 1)) as u64 + 1
}

impl Contributors {
    /// Nobody, in a cell of so many totals. Differences are counted up to `capacity`, at least 1.
    pub fn nobody(capacity: usize, totals: usize) -> Self {
        let nobody = vec![0; length(capacity)];
        Self { totals: vec![nobody.clone(); totals], moments: nobody }
    }

    /// Adds what a row contributes. A person's rows add up.
    pub fn add(&mut self, person: u64, contribution: u64) {
        add(&mut self.moments, person, contribution);
    }

    /// Adds what a row contributes to one total.
    pub fn add_to(&mut self, total: usize, person: u64, contribution: u64) {
        if let Some(moments) = self.totals.get_mut(total) {
            add(moments, person, contribution);
        }
    }

    /// How many people changed between two summaries, or in a single total if these were fewer, counted up to `limit`; `None` where the summaries
    /// are too short to count so far.
    pub fn changed(&self, earlier: &Self, limit: usize) -> Option<usize> {
        if self.moments.len() != earlier.moments.len() || 2 * limit > self.moments.len() + 1 {
            return None;
        }
        let totals = self.totals.iter().zip(&earlier.totals).map(|(now, then)| changed(now, then, limit));
        let all = std::iter::once(changed(&self.moments, &earlier.moments, limit)).chain(totals);
        Some(all.filter(|people| *people > 0).min().unwrap_or(0))
    }

    /// The moments as bytes, eight each, the least first.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.moments.iter().chain(self.totals.iter().flatten()).flat_map(|moment| moment.to_le_bytes()).collect()
    }

    /// What [`Self::to_bytes`] wrote for this capacity; `None` for anything else.
    pub fn from_bytes(bytes: &[u8], capacity: usize) -> Option<Self> {
        let (moments, rest) = bytes.as_chunks::<8>();
        let all: Vec<u64> = moments.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect();
        let (summaries, more) = (all.chunks_exact(length(capacity)), all.len() % length(capacity));
        let whole = rest.is_empty() && more == 0 && all.iter().all(|moment| *moment < PRIME);
        let mut summaries = summaries.map(<[u64]>::to_vec);
        let moments = summaries.next().filter(|_| whole)?;
        Some(Self { moments, totals: summaries.collect() })
    }
}

/// Moments by which so many people are counted.
fn length(capacity: usize) -> usize {
    2 * capacity.max(1) - 1
}

fn add(moments: &mut [u64], person: u64, contribution: u64) {
    let mut term = contribution % PRIME;
    for moment in moments {
        *moment = sum(*moment, term);
        term = product(term, person);
    }
}

/// How many people changed between two summaries of one length, up to `limit`.
fn changed(now: &[u64], then: &[u64], limit: usize) -> usize {
    let difference: Vec<u64> = now.iter().zip(then).map(|(now, then)| sum(*now, negative(*then))).collect();
    if difference.iter().all(|moment| *moment == 0) {
        return 0;
    }
    let rows = (0..limit).map(|row| difference[row..row + limit].to_vec()).collect();
    // Two people who swap what they contribute leave the first moment, which is all that a limit of 1 looks at, as it was.
    rank(rows).max(1).min(limit)
}

/// The rank of a square matrix, by elimination.
fn rank(mut rows: Vec<Vec<u64>>) -> usize {
    let mut rank = 0;
    for column in 0..rows.len() {
        let Some(pivot) = (rank..rows.len()).find(|row| rows[*row][column] != 0) else {
            continue;
        };
        rows.swap(rank, pivot);
        let (done, rest) = rows.split_at_mut(rank + 1);
        let Some(pivot) = done.last() else {
            continue;
        };
        let scale = inverse(pivot[column]);
        for row in rest.iter_mut().filter(|row| row[column] != 0) {
            let factor = negative(product(row[column], scale));
            for (cell, above) in row.iter_mut().zip(pivot).skip(column) {
                *cell = sum(*cell, product(factor, *above));
            }
        }
        rank += 1;
    }
    rank
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;
    use crate::publish::field::spread;

    /// People and their contributions, row by row.
    type Rows = Vec<(u64, u64)>;

    fn summary(rows: &Rows, capacity: usize) -> Contributors {
        let mut contributors = Contributors::nobody(capacity, 0);
        for (person, contribution) in rows {
            contributors.add(spread(*person), spread(1000 + contribution));
        }
        contributors
    }

    fn of_people(rows: &Rows) -> BTreeMap<u64, Vec<u64>> {
        let mut people: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        for (person, contribution) in rows {
            people.entry(*person).or_default().push(*contribution);
        }
        people.values_mut().for_each(|contributions| contributions.sort_unstable());
        people
    }

    #[test]
    fn joining_leaving_and_contributing_something_else_count_once_each() {
        let before = vec![(1, 10), (2, 10), (3, 10), (3, 11)];
        for (after, changed) in [
            (vec![(3, 11), (2, 10), (3, 10), (1, 10)], 0),
            (vec![(1, 10), (2, 10), (3, 10), (3, 12)], 1),
            (vec![(1, 10), (2, 10), (3, 10)], 1),
            (vec![(1, 10), (1, 10), (2, 10), (3, 10), (3, 11)], 1),
            (vec![(2, 10), (3, 10), (3, 11), (4, 10)], 2),
            (vec![(1, 10), (1, 11), (2, 10), (3, 10)], 2),
            (vec![], 3),
            (vec![(5, 10), (6, 10), (7, 1), (8, 1), (9, 1)], 5),
        ] {
            assert_eq!(summary(&after, 5).changed(&summary(&before, 5), 5), Some(changed), "{after:?}");
        }
    }

    #[test]
    fn what_is_too_short_to_count_so_far_counts_nothing() {
        let rows = vec![(1, 10)];
        assert_eq!(summary(&rows, 3).changed(&summary(&vec![], 3), 3), Some(1));
        assert_eq!(summary(&rows, 3).changed(&summary(&rows, 3), 4), None);
        assert_eq!(summary(&rows, 3).changed(&summary(&rows, 4), 3), None);
        let bytes = summary(&rows, 3).to_bytes();
        assert_eq!(Contributors::from_bytes(&bytes, 3), Some(summary(&rows, 3)));
        assert_eq!(Contributors::from_bytes(&bytes, 4), None);
        assert_eq!(Contributors::from_bytes(&bytes[1..], 3), None);
        assert_eq!(Contributors::from_bytes(&[0xff; 40], 3), None);
    }

    #[test]
    fn the_fewest_who_changed_in_a_total_count() {
        let cell = |amounts: [u64; 6], quantities: [u64; 6]| {
            let mut contributors = Contributors::nobody(4, 2);
            for person in 0..6_usize {
                let keyed = spread(person as u64);
                contributors.add(keyed, spread(1000 + 100 * amounts[person] + quantities[person]));
                contributors.add_to(0, keyed, spread(2000 + amounts[person]));
                contributors.add_to(1, keyed, spread(3000 + quantities[person]));
            }
            contributors
        };
        let before = cell([1; 6], [1; 6]);
        for (amounts, quantities, expected) in [
            ([1; 6], [1; 6], 0),
            ([2, 2, 2, 1, 1, 1], [1; 6], 3),
            ([2, 2, 2, 2, 1, 1], [2, 2, 2, 2, 2, 1], 4),
            // One amount is another, under cover of three quantities.
            ([1, 1, 1, 1, 1, 2], [2, 2, 2, 1, 1, 1], 1),
        ] {
            let now = cell(amounts, quantities);
            assert_eq!(now.changed(&before, 4), Some(expected), "{amounts:?} {quantities:?}");
            let again = Contributors::from_bytes(&now.to_bytes(), 4).unwrap();
            assert_eq!(again, now);
            // What an earlier build remembered is compared by whole rows.
            let rows = Contributors::from_bytes(&before.to_bytes()[..7 * 8], 4).unwrap();
            assert_eq!(now.changed(&rows, 4).map(|changed| changed >= expected), Some(true));
        }
    }

    #[test]
    fn every_token_is_a_number_of_the_field() {
        assert_eq!(number(&[0; 16]), 1);
        assert!((1..PRIME).contains(&number(&[0xff; 16])));
    }

    proptest! {
        /// The witness compares what each person contributes.
        #[test]
        fn the_number_of_changed_people_is_that_of_a_plain_comparison(
            before in prop::collection::vec((0_u64..9, 0_u64..3), 0..20),
            after in prop::collection::vec((0_u64..9, 0_u64..3), 0..20),
            limit in 1_usize..7,
        ) {
            let (one, other) = (of_people(&before), of_people(&after));
            let everybody: BTreeSet<u64> = one.keys().chain(other.keys()).copied().collect();
            let changed = everybody.iter().filter(|person| one.get(person) != other.get(person)).count();
            let found = summary(&after, 7).changed(&summary(&before, 7), limit);
            prop_assert_eq!(found, Some(changed.min(limit)));
        }

        /// However a table is divided, the parts add up.
        #[test]
        fn rows_may_come_in_any_order(mut rows in prop::collection::vec((0_u64..9, 0_u64..3), 0..20)) {
            let whole = summary(&rows, 4);
            rows.reverse();
            prop_assert_eq!(summary(&rows, 4), whole);
        }
    }
}
