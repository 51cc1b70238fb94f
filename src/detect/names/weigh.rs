//! How likely a run of words is a person's name: log odds of its parts and of what stands around it.
//!
//! What is known of a run becomes a row of figures (`describe`); their weights are in `weights.rs`. To these come its single traits
//! (`traits.rs`), and a second reading in the light of all other runs of the text (`again.rs`). All weights are logistic regressions that
//! `fit.rs` computes again in a test from the labelled notes. So a confidence is the share of such findings that were names there.

use super::surroundings::Surroundings;
use super::tokens::{Gap, Shape, Token};
use super::weights;
use crate::detect::lexicon::Entry;

/// A name of more parts is a heading.
pub(super) const MOST_PARTS: usize = 6;

/// Figures of a row.
pub(super) const FEATURES: usize = 80;

/// Takes the figures of a run of words, one after the other: from 0 to about 1.
trait Row {
    fn put(&mut self, figure: f32);
}

/// Adds figures up by their weights.
struct Odds<'w> {
    weights: &'w [f32; FEATURES],
    next: usize,
    sum: f32,
}

impl Row for Odds<'_> {
    #[inline(always)]
    fn put(&mut self, figure: f32) {
        self.sum += figure * self.weights[self.next];
        self.next += 1;
    }
}

/// A run of words, and what is known of it.
pub(super) struct Run<'a> {
    pub(super) parts: &'a [Token],
    pub(super) around: &'a Surroundings,
    /// Whether another name stands in a row with it.
    pub(super) is_beside: bool,
    /// Whether nothing in the text is written with a capital but the beginnings of sentences.
    pub(super) is_uncased: bool,
    /// How much the first and the last part are built like names, where they are hardly known as such: -1 to 1.
    pub(super) likeness: [f32; 2],
}

impl Run<'_> {
    /// What its figures say for a person's name and against it, in log odds.
    pub(super) fn odds(&self) -> f32 {
        let weights = if self.parts.len() == 1 { &weights::ALONE } else { &weights::TOGETHER };
        let mut odds = Odds { weights, next: 0, sum: 0.0 };
        self.describe(&mut odds);
        odds.sum
    }

    /// The figures themselves, those not used zero.
    #[cfg(test)]
    pub(super) fn figures(&self) -> [f32; FEATURES] {
        struct All([f32; FEATURES], usize);
        impl Row for All {
            fn put(&mut self, figure: f32) {
                self.0[self.1] = figure;
                self.1 += 1;
            }
        }
        let mut all = All([0.0; FEATURES], 0);
        self.describe(&mut all);
        all.0
    }

    #[inline(always)]
    fn describe(&self, row: &mut impl Row) {
        let Self { parts, around, .. } = *self;
        row.put(1.0);
        row.put(yes(around.opened == 9));
        row.put(yes(around.opened == 8));
        row.put(yes(around.opened == 7));
        row.put(yes((5..=6).contains(&around.opened)));
        row.put(yes(around.closed >= 8));
        row.put(yes((6..=7).contains(&around.closed)));
        row.put(yes(around.follows_organisation));
        row.put(yes(around.precedes_short_number));
        row.put(yes(around.precedes_long_number));
        row.put(yes(around.is_quoted));
        row.put(yes(self.is_beside));
        row.put(yes(around.follows_place_word));
        row.put(yes(around.follows_unknown));
        row.put(yes(parts.first().is_some_and(|first| first.opens_sentence)));
        row.put(yes(around.follows_speech));
        row.put(yes(around.follows_lower));
        row.put(yes(around.follows_common));
        row.put(yes(around.precedes_lower));
        row.put(yes(around.precedes_capital));
        row.put(yes(around.precedes_sign));
        row.put(yes(self.is_uncased));
        row.put(yes(self.is_uncased && parts.iter().all(|token| token.shape == Shape::Lower)));
        row.put(yes(around.follows_article));
        row.put(yes(around.follows_role));
        row.put(yes(around.follows_number));
        row.put(yes(around.precedes_age));
        row.put(yes(around.precedes_parenthesis));
        row.put(yes(around.beside_ampersand));
        match parts {
            [single] => alone(single, around, self.likeness[0], row),
            several => together(several, self.likeness, row),
        }
    }
}

fn yes(condition: bool) -> f32 {
    f32::from(u8::from(condition))
}

fn share(of_nine: u32) -> f32 {
    of_nine.min(9) as f32 / 9.0
}

fn is_place(entry: Entry) -> bool {
    entry.is_place() || entry.is_people()
}

#[inline(always)]
fn alone(token: &Token, around: &Surroundings, likeness: f32, row: &mut impl Row) {
    let entry = token.entry;
    let (given, family) = (entry.given(), token.family);
    let opens = token.opens_sentence;
    let length = token.end - token.start;
    let upper = token.shape == Shape::Upper;
    let unknown = entry.is_unknown();
    let word = share(entry.word());
    row.put(share(given));
    row.put(yes(given >= 7));
    row.put(yes(given == 0));
    row.put(share(family));
    row.put(yes(unknown) * share(family));
    row.put(yes(unknown));
    row.put(word * yes(opens));
    row.put(word * yes(!opens));
    row.put(yes(entry.is_common() && opens));
    row.put(yes(entry.is_common() && !opens));
    row.put(yes(is_place(entry)));
    row.put(yes(is_place(entry) && around.follows_place_word));
    row.put(yes(entry.is_brand()));
    row.put(yes(entry.is_organisation_after() || entry.is_organisation_before()));
    row.put(yes(upper));
    row.put(yes(upper && length <= 4));
    row.put(yes(token.shape == Shape::Lower));
    row.put(yes(token.shape == Shape::Lower && around.opened >= 5));
    row.put(yes(length <= 3));
    row.put(yes(unknown && (7..=8).contains(&around.opened)));
    row.put(yes(unknown && around.closed >= 8));
    row.put(yes(token.is_inflected));
    row.put(yes(unknown && opens));
    row.put(share(given) * yes(opens));
    row.put(yes(given > 0 && family > 0));
    row.put(yes(given < 5 && family >= 7));
    row.put(yes(token.is_hyphenated));
    row.put(yes(entry.opens_name() >= 5));
    row.put(word * yes(around.opened >= 7 || around.follows_speech || around.closed >= 8));
    row.put(yes(is_place(entry) && (around.opened >= 7 || around.follows_speech)));
    row.put(share(family) * yes(unknown && opens));
    row.put(yes(given == 0 && family > 0 && (around.opened >= 7 || around.follows_speech)));
    row.put(yes(given == 0 && family > 0 && opens));
    row.put(yes(unknown && around.opened == 9));
    row.put(yes(unknown && around.follows_speech));
    row.put(likeness * yes(!opens));
    row.put(likeness * yes(opens));
    row.put(likeness * yes(around.opened >= 7));
}

#[inline(always)]
fn together(parts: &[Token], likeness: [f32; 2], row: &mut impl Row) {
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return };
    let is_unknown = |token: &Token| token.entry.is_unknown() && token.family < 5;
    let count = |of: &dyn Fn(&Token) -> bool| parts.iter().filter(|token| of(token)).count() as f32;
    let given = first.entry.given();
    let family = last.family;
    let all = |of: &dyn Fn(&Token) -> bool| yes(parts.iter().all(of));
    let opens = first.opens_sentence;
    let names_nothing = |entry: Entry| entry.given() < 5 && entry.family() < 5;
    row.put(share(given));
    row.put(yes(given == 0));
    row.put(yes(given >= 6));
    row.put(yes(first.shape == Shape::Initial));
    row.put(yes(last.shape == Shape::Initial));
    row.put(share(family));
    row.put(yes(family == 0));
    row.put(yes(is_unknown(last)));
    row.put(yes(is_unknown(first)));
    row.put((count(&is_unknown) - 1.0).max(0.0));
    row.put(share(last.entry.given()) * yes(family == 0));
    row.put(share(first.entry.word()) * yes(opens));
    row.put(share(first.entry.word()) * yes(!opens));
    row.put(share(last.entry.word()));
    row.put(yes(first.entry.is_common() && opens));
    row.put(yes(first.entry.is_common() && !opens));
    row.put(yes(last.entry.is_common()));
    row.put(count(&|token| is_place(token.entry) && names_nothing(token.entry)));
    row.put(count(&|token| token.entry.is_brand() && names_nothing(token.entry)));
    row.put(count(&|token| (token.entry.is_organisation_after() || token.entry.is_organisation_before()) && names_nothing(token.entry)));
    row.put(all(&|token| matches!(token.shape, Shape::Upper | Shape::Initial)));
    row.put(all(&|token| token.shape == Shape::Lower));
    row.put(yes(parts.iter().any(|token| token.shape == Shape::Lower) && parts.iter().any(|token| token.shape != Shape::Lower)));
    row.put(yes(parts.len() == 3));
    row.put(yes(parts.len() >= 4));
    row.put(yes(parts[1..].iter().any(|token| token.gap == Gap::Particle)));
    row.put(yes(parts[1..].iter().all(|token| token.gap == Gap::Hyphen)));
    row.put(yes(first.entry.family() > first.entry.given() && last.entry.given() > last.entry.family()));
    row.put(yes(last.is_inflected));
    row.put(share(given) * share(family));
    row.put(yes(parts.iter().all(|token| token.shape == Shape::Initial)));
    row.put(yes(is_place(last.entry)));
    row.put(yes(opens && is_unknown(first)));
    row.put(yes(given == 0 && family < 4));
    row.put(likeness[0]);
    row.put(likeness[1]);
}
