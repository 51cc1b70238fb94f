//! Every run of words once more, in the light of all others of the text.
//!
//! Whoever stands in a list of people is likelier one; a word that is a person's name in one place is hardly a ship's in another; a text
//! that names nobody else seldom names one. So what the words of a run and those around it say is one figure among others: the same of
//! the runs before and behind it, of runs with a word in common, of all together. These are weighed a second time.

use super::odds::Odds;
use super::tokens::Token;
use super::traits::{key, sort};
use super::weights;

/// Figures of a run in the second reading.
pub(super) const FIGURES: usize = 17;

/// Traits of a run in the second reading.
const TRAITS: usize = 9;

/// Kinds of traits from here on are those of the second reading.
const FIRST_KIND: u64 = 64;

/// A run of words that may be a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offer {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Its tokens, the last not included.
    pub(super) first: usize,
    pub(super) last: usize,
    /// What was read for and against it in the first reading, in log odds; `None` where it is a company's, street's or illness's name.
    pub(super) odds: Option<f32>,
}

/// A word of a run, by its hash: with what the run's odds are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shared {
    stem: u64,
    odds: f32,
    offer: usize,
}

/// A text's runs as a whole.
pub(super) struct Whole<'a> {
    text: &'a str,
    tokens: &'a [Token],
    offers: &'a [Offer],
    /// Sorted by stem, the likeliest run first.
    shared: &'a [Shared],
    /// How many runs there are, how many are likely names, and the sum of all their likelihoods.
    runs: f32,
    likely: f32,
    sum: f32,
}

pub(super) fn likelihood(odds: f32) -> f32 {
    1.0 / (1.0 + (-odds).exp())
}

impl<'a> Whole<'a> {
    /// Looks at all runs of a text, which stand in order.
    pub(super) fn of(text: &'a str, tokens: &'a [Token], offers: &'a [Offer], shared: &'a mut Vec<Shared>) -> Self {
        shared.clear();
        let (mut runs, mut likely, mut sum) = (0.0, 0.0, 0.0);
        for (index, offer) in offers.iter().enumerate() {
            let Some(odds) = offer.odds else { continue };
            shared.extend(tokens[offer.first..offer.last].iter().filter(|token| token.is_telling()).map(|token| Shared {
                stem: token.stem,
                odds,
                offer: index,
            }));
            runs += 1.0;
            likely += f32::from(u8::from(odds > 0.0));
            sum += likelihood(odds);
        }
        shared.sort_unstable_by(|one, other| one.stem.cmp(&other.stem).then(other.odds.total_cmp(&one.odds)));
        Self { text, tokens, offers, shared, runs, likely, sum }
    }

    /// What was read for a neighbour, whether it stands close by, and whether a line ends between.
    fn neighbour(&self, neighbour: Option<&Offer>, start: impl Fn(&Offer) -> (usize, usize)) -> Option<(f32, bool, bool)> {
        let neighbour = neighbour?;
        let (first, last) = start(neighbour);
        let between = self.text.as_bytes().get(first..last).unwrap_or_default();
        Some((neighbour.odds?, between.len() <= 5, memchr::memchr(b'\n', between).is_some()))
    }

    /// The best odds of another run with a word in common.
    fn namesake(&self, index: usize) -> Option<f32> {
        let offer = &self.offers[index];
        let of_stem = |stem: u64| {
            let from = self.shared.partition_point(|shared| shared.stem < stem);
            let same = self.shared[from..].iter().take_while(move |shared| shared.stem == stem);
            // A run may hold a word twice, hardly more often.
            same.take(8).find(|shared| shared.offer != index).map(|shared| shared.odds)
        };
        self.tokens[offer.first..offer.last].iter().filter_map(|token| of_stem(token.stem)).reduce(f32::max)
    }

    /// The figures and traits of one run; `None` where it is nobody's.
    pub(super) fn describe(&self, index: usize) -> Option<([f32; FIGURES], [u32; TRAITS])> {
        let offer = self.offers.get(index)?;
        let odds = offer.odds?;
        let mut figures = [0.0; FIGURES];
        figures[0] = 1.0;
        figures[1] = odds;
        let before = self.neighbour(index.checked_sub(1).and_then(|before| self.offers.get(before)), |before| (before.end, offer.start));
        let behind = self.neighbour(self.offers.get(index + 1), |behind| (offer.end, behind.start));
        let mut sides = [0.0; 2];
        for (side, (neighbour, at)) in sides.iter_mut().zip([(before, 2), (behind, 6)]) {
            let Some((odds, is_close, is_other_line)) = neighbour else { continue };
            figures[at] = if is_close { odds } else { 0.0 };
            figures[at + 1] = if is_other_line { odds } else { 0.0 };
            figures[at + 2] = f32::from(u8::from(is_close));
            figures[at + 3] = if is_close || is_other_line { 0.0 } else { odds };
            *side = if is_close || !is_other_line { odds } else { 0.0 };
        }
        let namesake = self.namesake(index);
        figures[10] = namesake.unwrap_or(0.0);
        figures[11] = f32::from(u8::from(namesake.is_some()));
        let others = self.runs - 1.0;
        let mean = (others > 0.0).then(|| (self.sum - likelihood(odds)) / others);
        let likely = self.likely - f32::from(u8::from(odds > 0.0));
        figures[12] = mean.unwrap_or(0.0);
        figures[13] = f32::from(u8::from(mean.is_some()));
        figures[14] = (likely / 10.0).min(2.0);
        figures[15] = (self.runs / 10.0).min(3.0);
        figures[16] = (self.runs / (self.text.len() as f32 / 100.0).max(1.0)).min(5.0);

        let several = u64::from(offer.last - offer.first > 1);
        let own = step_of_odds(odds);
        let mean = mean.map_or(15, |mean| step_of(mean, &[0.02, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9]));
        let namesake = namesake.map_or(15, step_of_odds);
        let [left, right] = sides.map(step_of_odds);
        let is_close = |side: Option<(f32, bool, bool)>| u64::from(side.is_some_and(|(_, is_close, _)| is_close));
        let first = sort(&self.tokens[offer.first]);
        let traits = [
            (several, own),
            (mean << 1 | several, own),
            (own, (likely.min(6.0) as u64) << 8 | self.runs.min(10.0) as u64),
            (own, left << 1 | is_close(before)),
            (own, right << 1 | is_close(behind)),
            (own, namesake),
            (mean, first << 1 | several),
            (own, left << 8 | right),
            (namesake, mean),
        ];
        let mut kind = FIRST_KIND;
        Some((
            figures,
            traits.map(|(one, other)| {
                kind += 1;
                key(kind, one, other)
            }),
        ))
    }

    /// What is read for and against a run in the second reading, in log odds; `None` where it is nobody's.
    pub(super) fn odds(&self, index: usize, table: &Odds) -> Option<f32> {
        let (figures, traits) = self.describe(index)?;
        let sum: f32 = figures.iter().zip(&weights::AGAIN).map(|(figure, weight)| figure * weight).sum();
        Some(sum + traits.into_iter().map(|key| table.of_trait(key)).sum::<f32>())
    }
}

/// How many of these marks a figure reaches.
fn step_of(figure: f32, marks: &[f32]) -> u64 {
    marks.iter().filter(|mark| figure >= **mark).count() as u64
}

fn step_of_odds(odds: f32) -> u64 {
    step_of(odds, &[-4.0, -2.5, -1.5, -0.75, 0.0, 0.75, 1.5, 2.5, 4.0])
}
