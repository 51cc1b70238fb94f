//! Overlapping candidates: who stays.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::Kind;

/// What a candidate's claim rests on, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Validity {
    /// The right digits in the right places, perhaps beside the right word.
    Shape,
    /// A check digit or an unambiguous grammar.
    Proven,
}

/// A possible finding, before overlaps are resolved.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) start: usize,
    pub(super) end: usize,
    /// What it is; `None` for what is known to be nobody's, such as a company's number, which takes its digits away from others.
    pub(super) kind: Option<Kind>,
    pub(super) confidence: f32,
    pub(super) validity: Validity,
}

impl Candidate {
    /// What a check digit or an unambiguous grammar proves.
    pub(super) fn proven(start: usize, end: usize, kind: Kind, confidence: f32) -> Self {
        Self { start, end, kind: Some(kind), confidence, validity: Validity::Proven }
    }

    /// What has the right shape, perhaps beside the right word.
    pub(super) fn shape(start: usize, end: usize, kind: Kind, confidence: f32) -> Self {
        Self { start, end, kind: Some(kind), confidence, validity: Validity::Shape }
    }

    /// What is nobody's: it takes its characters from weaker candidates and is no finding.
    pub(super) fn nobody(start: usize, end: usize, confidence: f32, validity: Validity) -> Self {
        Self { start, end, kind: None, confidence, validity }
    }

    fn length(&self) -> usize {
        self.end - self.start
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The better of two comes first.
    fn rank(&self, other: &Self) -> Ordering {
        (other.validity.cmp(&self.validity))
            .then_with(|| other.confidence.total_cmp(&self.confidence))
            .then_with(|| other.length().cmp(&self.length()))
            .then_with(|| self.start.cmp(&other.start))
            .then_with(|| self.kind.cmp(&other.kind))
    }
}

/// Candidates that overlap one another in a chain; beyond this many a tree keeps the order, since each is compared with those kept.
const FEW: usize = 24;

/// Keeps the best of each overlapping group: validity first, then confidence, then length, then
/// whoever comes first in the text. What is left in `candidates` is sorted and does not overlap.
///
/// A candidate that is dropped always overlaps one that is kept. Recognisers therefore offer every
/// reading of the same digits, the shorter ones too: what remains beside a winner is found now, not
/// in the next scan.
pub(super) fn resolve(candidates: &mut Vec<Candidate>) {
    candidates.retain(|candidate| candidate.start < candidate.end);
    candidates.sort_unstable_by_key(|candidate| candidate.start);
    let mut kept = 0;
    let mut first = 0;
    while first < candidates.len() {
        let mut reach = candidates[first].end;
        let mut last = first + 1;
        while candidates.get(last).is_some_and(|next| next.start < reach) {
            reach = reach.max(candidates[last].end);
            last += 1;
        }
        let chain = &mut candidates[first..last];
        let count = match chain.len() {
            1 => 1,
            2..=FEW => resolve_few(chain),
            _ => resolve_many(chain),
        };
        candidates.copy_within(first..first + count, kept);
        kept += count;
        first = last;
    }
    candidates.truncate(kept);
}

/// Moves those that stay to the front, in order; returns how many they are.
fn resolve_few(chain: &mut [Candidate]) -> usize {
    chain.sort_unstable_by(Candidate::rank);
    let mut kept = 0;
    for index in 0..chain.len() {
        if !chain[..kept].iter().any(|other| other.overlaps(&chain[index])) {
            chain.swap(kept, index);
            kept += 1;
        }
    }
    chain[..kept].sort_unstable_by_key(|candidate| candidate.start);
    kept
}

fn resolve_many(chain: &mut [Candidate]) -> usize {
    chain.sort_unstable_by(Candidate::rank);
    let mut kept: BTreeMap<usize, Candidate> = BTreeMap::new();
    for candidate in chain.iter() {
        // The kept ones do not overlap, so the last that starts before this one's end is the only
        // one that can reach into it.
        if kept.range(..candidate.end).next_back().is_none_or(|(_, before)| before.end <= candidate.start) {
            kept.insert(candidate.start, *candidate);
        }
    }
    chain.iter_mut().zip(kept.values()).for_each(|(place, candidate)| *place = *candidate);
    kept.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn candidate(start: usize, end: usize, confidence: f32, validity: Validity) -> Candidate {
        Candidate { start, end, kind: Some(Kind::Phone), confidence, validity }
    }

    fn spans(mut candidates: Vec<Candidate>) -> Vec<(usize, usize)> {
        resolve(&mut candidates);
        candidates.iter().map(|candidate| (candidate.start, candidate.end)).collect()
    }

    #[test]
    fn validity_beats_confidence_beats_length() {
        use Validity::{Proven, Shape};
        assert_eq!(spans(vec![candidate(0, 9, 0.9, Shape), candidate(3, 5, 0.2, Proven)]), [(3, 5)]);
        assert_eq!(spans(vec![candidate(0, 9, 0.5, Shape), candidate(3, 5, 0.6, Shape)]), [(3, 5)]);
        assert_eq!(spans(vec![candidate(3, 5, 0.5, Shape), candidate(0, 9, 0.5, Shape)]), [(0, 9)]);
    }

    #[test]
    fn neighbours_that_only_touch_both_stay() {
        use Validity::Shape;
        assert_eq!(spans(vec![candidate(4, 8, 0.5, Shape), candidate(0, 4, 0.5, Shape)]), [(0, 4), (4, 8)]);
    }

    proptest! {
        #[test]
        fn the_kept_are_disjoint_and_every_dropped_one_overlaps_a_kept_one(
            raw in prop::collection::vec((0_usize..60, 1_usize..9, 0_u8..4, any::<bool>()), 0..90),
        ) {
            let candidates: Vec<Candidate> = raw
                .into_iter()
                .map(|(start, length, rank, proven)| {
                    let validity = if proven { Validity::Proven } else { Validity::Shape };
                    candidate(start, start + length, f32::from(rank) / 4.0, validity)
                })
                .collect();
            let kept = spans(candidates.clone());
            for pair in kept.windows(2) {
                prop_assert!(pair[0].1 <= pair[1].0);
            }
            for candidate in &candidates {
                prop_assert!(kept.iter().any(|(start, end)| candidate.start < *end && *start < candidate.end));
            }
            // One by one, best first, against all that were kept before: the rule in its plainest form.
            let mut sorted = candidates;
            sorted.sort_by(Candidate::rank);
            let mut plain: Vec<Candidate> = Vec::new();
            for candidate in sorted {
                if !plain.iter().any(|other| other.overlaps(&candidate)) {
                    plain.push(candidate);
                }
            }
            let mut plain: Vec<(usize, usize)> = plain.iter().map(|candidate| (candidate.start, candidate.end)).collect();
            plain.sort_unstable();
            prop_assert_eq!(kept, plain);
        }
    }
}
