//! A number as it is written: its digits, how they are grouped, and what that alone says.

use crate::detect::digits::{DigitGroup, Separator};

/// As many groups as a run holds.
const MOST: usize = 8;

/// Some leading groups of a run.
pub(super) struct Written<'p> {
    /// All digits, joined.
    pub(super) digits: &'p [u8],
    lengths: [usize; MOST],
    separators: [Separator; MOST],
    count: usize,
}

impl<'p> Written<'p> {
    /// The digits of these groups; more groups than a number has are left out.
    pub(super) fn new(groups: &[DigitGroup], digits: &'p [u8]) -> Self {
        let mut written = Self { digits, lengths: [0; MOST], separators: [Separator::Other; MOST], count: groups.len().min(MOST) };
        for (place, group) in groups.iter().take(MOST).enumerate() {
            written.lengths[place] = group.length();
            written.separators[place] = group.before;
        }
        written
    }

    /// The lengths of the groups.
    pub(super) fn lengths(&self) -> &[usize] {
        &self.lengths[..self.count]
    }

    /// The length of the first group.
    pub(super) fn head(&self) -> usize {
        self.lengths[0]
    }

    /// The lengths of the groups behind the first.
    pub(super) fn tail(&self) -> &[usize] {
        self.lengths().get(1..).unwrap_or_default()
    }

    /// What stands between the groups.
    pub(super) fn separators(&self) -> &[Separator] {
        self.separators[..self.count].get(1..).unwrap_or_default()
    }

    /// Whether all digits stand together.
    pub(super) fn is_undelimited(&self) -> bool {
        self.count == 1
    }

    /// Whether only blanks stand between the groups.
    pub(super) fn is_spaced(&self) -> bool {
        self.separators().iter().all(|separator| *separator == Separator::Space)
    }

    /// Whether the groups behind the first two are separated alike, as within one number.
    pub(super) fn is_even(&self) -> bool {
        let inner = self.separators().get(1..).unwrap_or_default();
        inner.windows(2).all(|pair| pair[0] == pair[1])
            && inner.iter().all(|separator| matches!(separator, Separator::Space | Separator::Hyphen | Separator::Dot))
    }
}

/// What the digits and their grouping say before any word is read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Form {
    /// How likely it is a telephone number with no telling word around; 0 if it then is none.
    pub(super) alone: f32,
    /// Nothing else is written so: even a word that speaks of something else does not count.
    pub(super) unmistakable: bool,
    /// Among other numbers in a row it is none of itself.
    pub(super) lonely: bool,
    /// Only a word right beside it makes it one.
    pub(super) strict: bool,
    /// Of the words that call it one, none but a preposition may stand between.
    pub(super) near: bool,
}

impl Form {
    /// A number only beside a word.
    pub(super) const BARE: Self = Self { alone: 0.0, unmistakable: false, lonely: false, strict: false, near: false };

    /// A number only right beside a word.
    pub(super) const STRICT: Self = Self { strict: true, ..Self::BARE };

    /// A number only right beside a word, or where its place calls it one.
    pub(super) const NEAR: Self = Self { near: true, ..Self::BARE };

    /// A number unless a word says otherwise.
    pub(super) const fn likely(alone: f32) -> Self {
        Self { alone, ..Self::BARE }
    }

    /// A number unless a word says otherwise, or it stands in a row of numbers.
    pub(super) const fn lonely(alone: f32) -> Self {
        Self { alone, lonely: true, ..Self::BARE }
    }

    /// A number whatever the words say.
    pub(super) const fn unmistakable(alone: f32) -> Self {
        Self { alone, unmistakable: true, ..Self::BARE }
    }
}
