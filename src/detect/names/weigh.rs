//! How likely a run of words is a person's name: log odds of its parts and of what stands around it.
//!
//! What is known of a run becomes a row of figures (`features`); their weights are in `weights.rs`, a logistic regression that `fit.rs`
//! computes again in a test from the labelled notes for tuning. So a confidence is the share of such findings that were names there.

use super::surroundings::Surroundings;
use super::tokens::{Gap, Shape, Token};
use super::weights;
use crate::detect::lexicon::Entry;

/// A name of more parts is a heading.
pub(super) const MOST_PARTS: usize = 6;

/// Figures of a row.
pub(super) const FEATURES: usize = 72;

/// What is known of a run of words: figures from 0 to about 1, for one word or for several.
#[derive(Clone, Copy, Debug)]
pub(super) struct Features {
    pub(super) is_alone: bool,
    pub(super) values: [f32; FEATURES],
}

impl Features {
    /// How likely a person's name is: 0 to 1, never quite sure.
    pub(super) fn probability(&self) -> f32 {
        let weights = if self.is_alone { &weights::ALONE } else { &weights::TOGETHER };
        let odds: f32 = weights.iter().zip(&self.values).map(|(weight, value)| weight * value).sum();
        (1.0 / (1.0 + (-odds).exp())).min(0.98)
    }
}

fn yes(condition: bool) -> f32 {
    f32::from(u8::from(condition))
}

fn share(of_nine: u32) -> f32 {
    of_nine.min(9) as f32 / 9.0
}

/// What these parts, in these surroundings, are like. `beside`: another name stands in a row with them; `is_uncased`: nothing in the
/// text is written with a capital but the beginnings of sentences; `has_people`: somebody was named in full before.
pub(super) fn features(parts: &[Token], around: &Surroundings, beside: bool, is_uncased: bool, has_people: bool) -> Features {
    let mut values = [0.0; FEATURES];
    let shared = [
        1.0,
        yes(around.opened == 9),
        yes(around.opened == 8),
        yes(around.opened == 7),
        yes((5..=6).contains(&around.opened)),
        yes(around.closed >= 8),
        yes((6..=7).contains(&around.closed)),
        yes(around.follows_organisation),
        yes(around.precedes_short_number),
        yes(around.precedes_long_number),
        yes(around.is_quoted),
        yes(beside),
        yes(around.follows_place_word),
        yes(around.follows_unknown),
        yes(parts.first().is_some_and(|first| first.opens_sentence)),
        yes(around.follows_speech),
        yes(around.follows_lower),
        yes(around.follows_common),
        yes(around.precedes_lower),
        yes(around.precedes_capital),
        yes(around.precedes_sign),
        yes(has_people),
        yes(is_uncased),
        yes(is_uncased && parts.iter().all(|token| token.shape == Shape::Lower)),
    ];
    values[..shared.len()].copy_from_slice(&shared);
    let own = &mut values[shared.len()..];
    match parts {
        [single] => alone(single, around, own),
        several => together(several, own),
    }
    Features { is_alone: parts.len() == 1, values }
}

fn is_place(entry: Entry) -> bool {
    entry.is_place() || entry.is_people()
}

fn alone(token: &Token, around: &Surroundings, own: &mut [f32]) {
    let entry = token.entry;
    let (given, family) = (entry.given(), token.family);
    let opens = token.opens_sentence;
    let length = token.end - token.start;
    let upper = token.shape == Shape::Upper;
    let unknown = entry.is_unknown();
    let word = share(entry.word());
    let figures = [
        share(given),
        yes(given >= 7),
        yes(given == 0),
        share(family),
        yes(unknown) * share(family),
        yes(unknown),
        word * yes(opens),
        word * yes(!opens),
        yes(entry.is_common() && opens),
        yes(entry.is_common() && !opens),
        yes(is_place(entry)),
        yes(is_place(entry) && around.follows_place_word),
        yes(entry.is_brand()),
        yes(entry.is_organisation_after() || entry.is_organisation_before()),
        yes(upper),
        yes(upper && length <= 4),
        yes(token.shape == Shape::Lower),
        yes(token.shape == Shape::Lower && around.opened >= 5),
        yes(length <= 3),
        yes(unknown && (7..=8).contains(&around.opened)),
        yes(unknown && around.closed >= 8),
        yes(token.is_inflected),
        yes(unknown && opens),
        share(given) * yes(opens),
        yes(given > 0 && family > 0),
        yes(given < 5 && family >= 7),
        yes(token.is_hyphenated),
        yes(entry.opens_name() >= 5),
        word * yes(around.opened >= 7 || around.follows_speech || around.closed >= 8),
        yes(is_place(entry) && (around.opened >= 7 || around.follows_speech)),
        share(family) * yes(unknown && opens),
        yes(given == 0 && family > 0 && (around.opened >= 7 || around.follows_speech)),
        yes(given == 0 && family > 0 && opens),
        yes(unknown && around.opened == 9),
        yes(unknown && around.follows_speech),
        token.likeness * yes(!opens),
        token.likeness * yes(opens),
        token.likeness * yes(around.opened >= 7),
    ];
    own[..figures.len()].copy_from_slice(&figures);
}

fn together(parts: &[Token], own: &mut [f32]) {
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return };
    let is_unknown = |token: &Token| token.entry.is_unknown() && token.family < 5;
    let count = |of: &dyn Fn(&Token) -> bool| parts.iter().filter(|token| of(token)).count() as f32;
    let given = first.entry.given();
    let family = last.family;
    let all = |of: &dyn Fn(&Token) -> bool| yes(parts.iter().all(of));
    let opens = first.opens_sentence;
    let names_nothing = |entry: Entry| entry.given() < 5 && entry.family() < 5;
    let figures = [
        share(given),
        yes(given == 0),
        yes(given >= 6),
        yes(first.shape == Shape::Initial),
        yes(last.shape == Shape::Initial),
        share(family),
        yes(family == 0),
        yes(is_unknown(last)),
        yes(is_unknown(first)),
        (count(&is_unknown) - 1.0).max(0.0),
        share(last.entry.given()) * yes(family == 0),
        share(first.entry.word()) * yes(opens),
        share(first.entry.word()) * yes(!opens),
        share(last.entry.word()),
        yes(first.entry.is_common() && opens),
        yes(first.entry.is_common() && !opens),
        yes(last.entry.is_common()),
        count(&|token| is_place(token.entry) && names_nothing(token.entry)),
        count(&|token| token.entry.is_brand() && names_nothing(token.entry)),
        count(&|token| (token.entry.is_organisation_after() || token.entry.is_organisation_before()) && names_nothing(token.entry)),
        all(&|token| matches!(token.shape, Shape::Upper | Shape::Initial)),
        all(&|token| token.shape == Shape::Lower),
        yes(parts.iter().any(|token| token.shape == Shape::Lower) && parts.iter().any(|token| token.shape != Shape::Lower)),
        yes(parts.len() == 3),
        yes(parts.len() >= 4),
        yes(parts[1..].iter().any(|token| token.gap == Gap::Particle)),
        yes(parts[1..].iter().all(|token| token.gap == Gap::Hyphen)),
        yes(first.entry.family() > first.entry.given() && last.entry.given() > last.entry.family()),
        yes(last.is_inflected),
        share(given) * share(family),
        yes(parts.iter().all(|token| token.shape == Shape::Initial)),
        yes(is_place(last.entry)),
        yes(opens && is_unknown(first)),
        yes(given == 0 && family < 4),
        first.likeness,
        last.likeness,
    ];
    own[..figures.len()].copy_from_slice(&figures);
}
