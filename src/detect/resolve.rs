//! Overlapping candidates: who stays.

use std::collections::BTreeMap;

use super::Finding;

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
    pub(super) finding: Finding,
    pub(super) validity: Validity,
}

/// Keeps the best of each overlapping group: validity first, then confidence, then length, then
/// whoever comes first in the text.
///
/// A candidate that is dropped always overlaps one that is kept. Recognisers therefore offer every
/// reading of the same digits, the shorter ones too: what remains beside a winner is found now, not
/// in the next scan.
pub(super) fn resolve(mut candidates: Vec<Candidate>) -> Vec<Finding> {
    candidates.sort_by(|left, right| {
        right
            .validity
            .cmp(&left.validity)
            .then_with(|| right.finding.confidence.total_cmp(&left.finding.confidence))
            .then_with(|| right.finding.length().cmp(&left.finding.length()))
            .then_with(|| left.finding.start.cmp(&right.finding.start))
            .then_with(|| left.finding.kind.cmp(&right.finding.kind))
    });
    let mut kept: BTreeMap<usize, Finding> = BTreeMap::new();
    for Candidate { finding, .. } in candidates {
        // The kept ones do not overlap, so the last that starts before this one's end is the only
        // one that can reach into it.
        let free = kept.range(..finding.end).next_back().is_none_or(|(_, before)| before.end <= finding.start);
        if free && finding.start < finding.end {
            kept.insert(finding.start, finding);
        }
    }
    kept.into_values().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Kind;
    use super::*;

    fn candidate(start: usize, end: usize, confidence: f32, validity: Validity) -> Candidate {
        Candidate { finding: Finding { start, end, kind: Kind::Phone, confidence }, validity }
    }

    fn spans(candidates: Vec<Candidate>) -> Vec<(usize, usize)> {
        resolve(candidates).iter().map(|finding| (finding.start, finding.end)).collect()
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
            raw in prop::collection::vec((0_usize..60, 1_usize..9, 0_u8..4, any::<bool>()), 0..40),
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
            for Candidate { finding, .. } in candidates {
                prop_assert!(kept.iter().any(|(start, end)| finding.start < *end && *start < finding.end));
            }
        }
    }
}
