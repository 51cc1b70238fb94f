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

/// What a run's first reading comes to.
#[derive(Clone, Copy, Debug)]
struct Reading {
    odds: f32,
    likelihood: f32,
    /// The odds in steps.
    step: u64,
}

/// A run beside another.
#[derive(Clone, Copy)]
struct Neighbour {
    reading: Reading,
    /// Whether hardly anything stands between the two, and whether a line ends there.
    is_close: bool,
    is_on_other_line: bool,
}

/// A word of a run, by its hash: with what the run's odds are.
#[derive(Clone, Copy, Debug)]
struct Shared {
    stem: u64,
    odds: f32,
    offer: usize,
}

/// Memory for the runs of one text, used again for the next.
#[derive(Debug, Default)]
pub(super) struct Room {
    readings: Vec<Option<Reading>>,
    shared: Vec<Shared>,
}

/// A text's runs as a whole.
pub(super) struct Whole<'a> {
    text: &'a str,
    tokens: &'a [Token],
    offers: &'a [Offer],
    /// The first reading of each run.
    readings: &'a [Option<Reading>],
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
    pub(super) fn of(text: &'a str, tokens: &'a [Token], offers: &'a [Offer], memory: &'a mut Room) -> Self {
        let Room { readings, shared } = memory;
        readings.clear();
        shared.clear();
        let (mut runs, mut likely, mut sum) = (0.0, 0.0, 0.0);
        for (index, offer) in offers.iter().enumerate() {
            let reading = offer.odds.map(|odds| Reading { odds, likelihood: likelihood(odds), step: step_of_odds(odds) });
            readings.push(reading);
            let Some(Reading { odds, likelihood, .. }) = reading else { continue };
            shared.extend(tokens[offer.first..offer.last].iter().filter(|token| token.is_telling()).map(|token| Shared {
                stem: token.stem,
                odds,
                offer: index,
            }));
            runs += 1.0;
            likely += f32::from(u8::from(odds > 0.0));
            sum += likelihood;
        }
        shared.sort_unstable_by(|one, other| one.stem.cmp(&other.stem).then(other.odds.total_cmp(&one.odds)));
        Self { text, tokens, offers, readings, shared, runs, likely, sum }
    }

    /// The run at an index beside another, with these bytes between them; `None` where there is none, or it is nobody's.
    fn neighbour(&self, index: usize, between: (usize, usize)) -> Option<Neighbour> {
        let reading = *self.readings.get(index)?.as_ref()?;
        let between = self.text.as_bytes().get(between.0..between.1).unwrap_or_default();
        Some(Neighbour { reading, is_close: between.len() <= 5, is_on_other_line: memchr::memchr(b'\n', between).is_some() })
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
        let Reading { odds, likelihood, step: own } = (*self.readings.get(index)?)?;
        let mut figures = [0.0; FIGURES];
        figures[0] = 1.0;
        figures[1] = odds;
        let before = index.checked_sub(1).and_then(|before| self.neighbour(before, (self.offers[before].end, offer.start)));
        let behind = self.offers.get(index + 1).and_then(|behind| self.neighbour(index + 1, (offer.end, behind.start)));
        let mut sides = [NO_ODDS; 2];
        for (side, (neighbour, at)) in sides.iter_mut().zip([(before, 2), (behind, 6)]) {
            let Some(Neighbour { reading, is_close, is_on_other_line }) = neighbour else { continue };
            let when = |holds: bool| if holds { reading.odds } else { 0.0 };
            figures[at] = when(is_close);
            figures[at + 1] = when(is_on_other_line);
            figures[at + 2] = f32::from(u8::from(is_close));
            figures[at + 3] = when(!is_close && !is_on_other_line);
            if is_close || !is_on_other_line {
                *side = reading.step;
            }
        }
        let namesake = self.namesake(index);
        figures[10] = namesake.unwrap_or(0.0);
        figures[11] = f32::from(u8::from(namesake.is_some()));
        let others = self.runs - 1.0;
        let mean = (others > 0.0).then(|| (self.sum - likelihood) / others);
        let likely = self.likely - f32::from(u8::from(odds > 0.0));
        figures[12] = mean.unwrap_or(0.0);
        figures[13] = f32::from(u8::from(mean.is_some()));
        figures[14] = (likely / 10.0).min(2.0);
        figures[15] = (self.runs / 10.0).min(3.0);
        figures[16] = (self.runs / (self.text.len() as f32 / 100.0).max(1.0)).min(5.0);

        let several = u64::from(offer.last - offer.first > 1);
        let mean = mean.map_or(15, |mean| step_of(mean, &[0.02, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9]));
        let namesake = namesake.map_or(15, step_of_odds);
        let [left, right] = sides;
        let is_close = |side: Option<Neighbour>| u64::from(side.is_some_and(|side| side.is_close));
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

/// The step of odds that say nothing.
const NO_ODDS: u64 = 5;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tokens::tests::word;
    use super::*;

    /// Runs of one or two words, a few bytes apart, and a text of blanks and line ends around them.
    fn runs() -> impl Strategy<Value = (String, Vec<Token>, Vec<Offer>)> {
        let run = (
            prop::option::of(-6.0_f32..6.0),
            prop::collection::vec(0_u64..5, 1..3),
            prop::sample::select(vec![" ", ", ", "\n", " - - - - ", "\n\n      "]),
        );
        prop::collection::vec(run, 0..12).prop_map(|runs| {
            let (mut text, mut tokens, mut offers) = (String::new(), Vec::new(), Vec::new());
            for (odds, stems, gap) in runs {
                text.push_str(gap);
                let (start, first) = (text.len(), tokens.len());
                for stem in stems {
                    let begin = text.len();
                    text.push_str("Xxxx ");
                    tokens.push(word(begin, begin + 4, stem));
                }
                text.pop();
                offers.push(Offer { start, end: text.len(), first, last: tokens.len(), odds });
            }
            (text, tokens, offers)
        })
    }

    proptest! {
        /// Against the figures' plain meaning, each run compared with every other.
        #[test]
        fn a_run_is_seen_in_the_light_of_all_others((text, tokens, offers) in runs()) {
            let mut room = Room::default();
            let whole = Whole::of(&text, &tokens, &offers, &mut room);
            for (index, offer) in offers.iter().enumerate() {
                let described = whole.describe(index);
                let Some(odds) = offer.odds else {
                    prop_assert!(described.is_none());
                    continue;
                };
                let (figures, _) = described.expect("a run that may be somebody");
                let others: Vec<&Offer> = offers.iter().enumerate().filter(|(other, run)| *other != index && run.odds.is_some()).map(|(_, run)| run).collect();
                let stems = |run: &Offer| tokens[run.first..run.last].iter().map(|token| token.stem).collect::<Vec<_>>();
                let namesakes = others.iter().filter(|other| stems(other).iter().any(|stem| stems(offer).contains(stem)));
                let best = namesakes.filter_map(|other| other.odds).reduce(f32::max);
                prop_assert_eq!((figures[10], figures[11]), (best.unwrap_or(0.0), f32::from(u8::from(best.is_some()))));
                let mean = others.iter().filter_map(|other| other.odds).map(likelihood).sum::<f32>() / (others.len() as f32).max(1.0);
                prop_assert!((figures[12] - mean).abs() < 1e-4, "{} {mean}", figures[12]);
                prop_assert_eq!(figures[13], f32::from(u8::from(!others.is_empty())));
                let likely = others.iter().filter(|other| other.odds > Some(0.0)).count();
                prop_assert!((figures[14] - likely as f32 / 10.0).abs() < 1e-6);
                prop_assert_eq!((figures[0], figures[1]), (1.0, odds));
                for (neighbour, at) in [(index.checked_sub(1), 2), (Some(index + 1), 6)] {
                    let neighbour = neighbour.and_then(|neighbour| offers.get(neighbour)).filter(|neighbour| neighbour.odds.is_some());
                    let between = neighbour.map_or("", |neighbour| &text[offer.end.min(neighbour.end)..offer.start.max(neighbour.start)]);
                    let of = |holds: bool| neighbour.filter(|_| holds).and_then(|neighbour| neighbour.odds).unwrap_or(0.0);
                    let (close, other_line) = (between.len() <= 5, between.contains('\n'));
                    let expected = [of(close), of(other_line), f32::from(u8::from(close && neighbour.is_some())), of(!close && !other_line)];
                    prop_assert_eq!(&figures[at..at + 4], &expected);
                }
            }
        }
    }

    #[test]
    fn a_word_in_common_counts_once_a_run() {
        // `Lind Lind` is no namesake of itself.
        let tokens = [word(0, 4, 7), word(5, 9, 7)];
        let alone = [Offer { start: 0, end: 9, first: 0, last: 2, odds: Some(1.0) }];
        let mut room = Room::default();
        assert_eq!(Whole::of("Lind Lind", &tokens, &alone, &mut room).namesake(0), None);
    }
}
