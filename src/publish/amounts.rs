//! What people contribute to the sums and means of a table of totals, and which cells show too much of one of them.
//!
//! Sums add up, and so do means of people whose number is known: who knows the total of a line subtracts what is published. So two rules hold for
//! each cell and for what is left of each line (`cells.rs`), for every sum and mean by itself and for the difference of every two:
//!
//! - `k` people contribute to it, or nobody; who has nothing but zeros does not;
//! - the p % rule: the cell is unsafe where its total without the two largest contributions is less than p % of the largest one. Otherwise who
//!   contributes second most subtracts their own part and knows the largest one to within p % (Hundepool et al., *Handbook on Statistical
//!   Disclosure Control*, section 4.2.1; it prefers this rule to (n, k)-dominance, which it finds to protect too much).
//!
//! A contribution is what one person's rows sum up to, without its sign: the rule is made for amounts that are not negative, and of refunds the
//! size tells as much. Rows that lead to nobody protect nobody: whoever knows that there are some may know them as well.
//!
//! The least, the greatest and quantiles do not add up: no total of a line leads from the other cells to a hidden one.

use std::collections::HashMap;

use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array, Float64Array, Int64Array, UInt32Array};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type};

use super::frame::{Computed, ComputedColumn};
use super::group::{Groups, subject_of};
use crate::pipeline::{Measure, Set, SetSource};

/// Bits that floats keep before they are added up: with 2^37 rows the sum still fits 128.
const FLOAT_BITS: i32 = 90;

/// What the rows of cells contribute to sums and means.
pub(super) struct Amounts<'a> {
    columns: Vec<Numbers<'a>>,
    groups: &'a Groups,
    subjects: &'a UInt32Array,
    k: u64,
    percent: Option<u32>,
}

/// Numbers of one column as whole ones.
enum Numbers<'a> {
    Integer(&'a Int64Array),
    Decimal(&'a Decimal128Array),
    /// Times a power of two, by which the largest keeps [`FLOAT_BITS`] bits.
    Float(&'a Float64Array, f64),
}

impl<'a> Numbers<'a> {
    fn of(values: &'a ArrayRef) -> Option<Self> {
        match values.data_type() {
            DataType::Int64 => values.as_primitive_opt::<Int64Type>().map(Self::Integer),
            DataType::Decimal128(..) => values.as_primitive_opt::<Decimal128Type>().map(Self::Decimal),
            DataType::Float64 => {
                let values = values.as_primitive_opt::<Float64Type>()?;
                let largest = values.iter().flatten().map(f64::abs).filter(|value| value.is_finite()).fold(0.0, f64::max);
                let exponent = if largest > 0.0 { largest.log2().ceil() as i32 } else { 0 };
                Some(Self::Float(values, 2_f64.powi((FLOAT_BITS - exponent).min(1000))))
            }
            _ => None,
        }
    }

    /// The digits after the point; `None` of floats, which are compared with nothing.
    fn scale(&self) -> Option<i8> {
        match self {
            Self::Integer(_) => Some(0),
            Self::Decimal(values) => Some(values.scale()),
            Self::Float(..) => None,
        }
    }

    fn at(&self, row: usize) -> Option<i128> {
        match self {
            Self::Integer(values) => values.is_valid(row).then(|| i128::from(values.value(row))),
            Self::Decimal(values) => values.is_valid(row).then(|| values.value(row)),
            Self::Float(values, unit) => values.is_valid(row).then(|| (values.value(row) * unit) as i128),
        }
    }
}

/// Whether a set has anything that adds up.
pub(super) fn adds_up(set: &Set) -> bool {
    set.columns.iter().any(|column| matches!(column.source, SetSource::Measure { measure: Measure::Sum | Measure::Mean, .. }))
}

impl<'a> Amounts<'a> {
    /// The sums and means of a computed set whose rows are grouped to cells.
    pub fn of(set: &Set, computed: &'a Computed, groups: &'a Groups, subjects: &'a UInt32Array) -> Self {
        let columns = computed.columns.iter().zip(&set.columns).filter_map(|(column, declared)| match (column, &declared.source) {
            (ComputedColumn::Measure(values), SetSource::Measure { measure: Measure::Sum | Measure::Mean, .. }) => Numbers::of(values),
            _ => None,
        });
        Self { columns: columns.collect(), groups, subjects, k: u64::from(set.k), percent: set.dominance }
    }

    /// No cells yet.
    pub fn together(&'a self) -> Together<'a> {
        Together { amounts: self, people: vec![HashMap::new(); self.columns.len()] }
    }

    /// Whether a cell shows too much of one person.
    pub fn is_unsafe(&self, cell: usize) -> bool {
        let mut alone = self.together();
        alone.add(cell);
        alone.is_unsafe()
    }
}

/// What one person contributes.
#[derive(Clone, Copy, Default)]
struct Part {
    sum: i128,
    /// Whether any value is not zero, though they may come to nothing together.
    is_any: bool,
}

/// Some cells added up.
pub(super) struct Together<'a> {
    amounts: &'a Amounts<'a>,
    /// Per column what each person contributes; a person without values is not among them.
    people: Vec<HashMap<u32, Part>>,
}

impl Together<'_> {
    /// Adds a cell.
    pub fn add(&mut self, cell: usize) {
        for (column, people) in self.amounts.columns.iter().zip(&mut self.people) {
            for row in self.amounts.groups.rows_of(cell) {
                if let (Some(person), Some(amount)) = (subject_of(self.amounts.subjects, *row), column.at(*row as usize)) {
                    let part = people.entry(person).or_default();
                    // A sum that does not fit stops the set anyway.
                    part.sum = part.sum.saturating_add(amount);
                    part.is_any |= amount != 0;
                }
            }
        }
    }

    /// Whether a total of theirs, or the difference of two, shows too much of one person.
    pub fn is_unsafe(&self) -> bool {
        let own = |people: &HashMap<u32, Part>| {
            self.shows_much(people.values().filter(|part| part.is_any).count(), people.values().map(|part| part.sum.unsigned_abs()))
        };
        self.people.iter().any(own) || (0..self.people.len()).any(|other| (0..other).any(|one| self.differ_in_few(one, other)))
    }

    /// Whether a total of so many people, of whom each contributes this much, shows too much of one.
    fn shows_much(&self, people: usize, contributions: impl Iterator<Item = u128>) -> bool {
        let is_few = people > 0 && (people as u64) < self.amounts.k;
        is_few || self.amounts.percent.is_some_and(|percent| is_dominated(contributions, percent))
    }

    /// Whether the difference of two totals shows too much of one person: who reads both has it.
    fn differ_in_few(&self, one: usize, other: usize) -> bool {
        let scale = |column: usize| self.amounts.columns[column].scale();
        let (Some(first), Some(second)) = (scale(one), scale(other)) else { return false };
        let unit = |scale: i8| 10_i128.saturating_pow(u32::from(first.max(second).abs_diff(scale)));
        let part = |column: usize, person: &u32| self.people[column].get(person).map_or(0, |part| part.sum);
        let all = self.people[one].keys().chain(self.people[other].keys().filter(|person| !self.people[one].contains_key(person)));
        let differences: Vec<u128> = all
            .map(|person| {
                let first = part(one, person).saturating_mul(unit(first));
                first.saturating_sub(part(other, person).saturating_mul(unit(second))).unsigned_abs()
            })
            .filter(|difference| *difference > 0)
            .collect();
        self.shows_much(differences.len(), differences.into_iter())
    }
}

/// The p % rule: whether all contributions but the two largest are less than `percent` of the largest. Exact.
fn is_dominated(contributions: impl Iterator<Item = u128>, percent: u32) -> bool {
    let (mut first, mut second, mut rest) = (0_u128, 0_u128, 0_u128);
    for contribution in contributions {
        let smaller = if contribution > first {
            let third = second;
            (first, second) = (contribution, first);
            third
        } else if contribution > second {
            std::mem::replace(&mut second, contribution)
        } else {
            contribution
        };
        rest = rest.saturating_add(smaller);
    }
    // `rest < first × percent / 100`, without the product of all digits.
    let percent = u128::from(percent);
    let (hundreds, units) = (first / 100, first % 100);
    rest < hundreds.saturating_mul(percent).saturating_add((units * percent).div_ceil(100))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_handbooks_example_is_unsafe_from_three_percent_on() {
        // Section 4.2.1, example 1: 100,000 in all, of which 50,000 and 49,000. It is safe by a (1, 90)-rule, and yet the second estimates
        // the first as 51,000, 2 % too high.
        let cell = || [50_000, 49_000, 1_000].into_iter();
        assert!(!is_dominated(cell(), 2));
        assert!(is_dominated(cell(), 3));
        // Examples 1b and 1d: two companies, and one among fifty very small ones that has 99 % of all.
        assert!(is_dominated([70, 30].into_iter(), 1));
        assert!(is_dominated(std::iter::once(9_900).chain(std::iter::repeat_n(2, 50)), 10));
        // The same in any order, and nobody where all contribute nothing.
        assert!(is_dominated([1_000, 49_000, 50_000].into_iter(), 3));
        assert!(!is_dominated([0, 0, 0].into_iter(), 10));
        assert!(!is_dominated([5, 5, 5, 5, 5].into_iter(), 100));
    }

    #[test]
    fn contributions_of_all_digits_do_not_overflow() {
        let most = u128::MAX;
        assert!(is_dominated([most, most, 5].into_iter(), 100));
        assert!(!is_dominated([most, most, most, most].into_iter(), 100));
    }

    fn together(amounts: Vec<Option<f64>>, people: Vec<Option<u32>>, percent: Option<u32>) -> bool {
        let (subjects, values) = (UInt32Array::from(people), Float64Array::from(amounts));
        let groups = Groups::of("s", &[], Some(&subjects), values.len()).unwrap();
        let values: ArrayRef = Arc::new(values);
        let amounts = Amounts { columns: Numbers::of(&values).into_iter().collect(), groups: &groups, subjects: &subjects, k: 3, percent };
        amounts.is_unsafe(0)
    }

    #[test]
    fn a_persons_rows_are_one_contribution_and_nobodys_protect_nobody() {
        let people = || vec![Some(1), Some(1), Some(2), Some(3), None];
        // 60 and 40 of one person, 20 and 9 of two others, and 500 of nobody known.
        assert!(together(vec![Some(60.0), Some(40.0), Some(20.0), Some(9.0), Some(500.0)], people(), Some(10)));
        assert!(!together(vec![Some(60.0), Some(40.0), Some(20.0), Some(10.0), Some(500.0)], people(), Some(10)));
        // A refund is as large as a purchase, and one that takes all back is nothing.
        assert!(together(vec![Some(-60.0), Some(-40.0), Some(20.0), Some(-9.0), None], people(), Some(10)));
        assert!(!together(vec![Some(60.0), Some(-60.0), Some(20.0), Some(9.0), None], people(), Some(0)));
        // Without the rule, as many people as it takes; with values of two, never.
        assert!(!together(vec![Some(1e9), None, Some(1.0), Some(1.0), None], people(), None));
        assert!(together(vec![Some(1e9), None, Some(1.0), None, None], people(), None));
        assert!(!together(vec![None, None, None, None, Some(7.0)], people(), Some(10)));
    }

    /// One cell with two totals; the second has two digits after the point. Each row is of one person, `k` is 3.
    fn two_totals(rows: &[(u32, i64, i128)], percent: Option<u32>) -> bool {
        let subjects: UInt32Array = rows.iter().map(|row| Some(row.0)).collect();
        let one: ArrayRef = Arc::new(rows.iter().map(|row| Some(row.1)).collect::<Int64Array>());
        let other = rows.iter().map(|row| Some(row.2)).collect::<Decimal128Array>().with_precision_and_scale(38, 2).unwrap();
        let other: ArrayRef = Arc::new(other);
        let groups = Groups::of("s", &[], Some(&subjects), rows.len()).unwrap();
        let columns = [&one, &other].into_iter().filter_map(Numbers::of).collect();
        Amounts { columns, groups: &groups, subjects: &subjects, k: 3, percent }.is_unsafe(0)
    }

    #[test]
    fn who_has_nothing_but_zeros_contributes_nothing() {
        let people = || (0..6).map(Some).collect::<Vec<_>>();
        let of = |amounts: [f64; 6]| together(amounts.map(Some).to_vec(), people(), None);
        assert!(of([5.0, 7.0, 0.0, 0.0, 0.0, 0.0]), "a total of two people among six");
        assert!(!of([5.0, 7.0, 1.0, 0.0, 0.0, 0.0]));
        assert!(!of([0.0; 6]), "nobody's total is nobody's secret");
    }

    #[test]
    fn two_totals_may_not_differ_in_few_people() {
        let rows = |differing: &[u32]| -> Vec<(u32, i64, i128)> {
            (0..6).map(|person| (person, 10, if differing.contains(&person) { 2000 } else { 1000 })).collect()
        };
        assert!(!two_totals(&rows(&[]), Some(10)), "the same in another scale");
        assert!(two_totals(&rows(&[4]), None) && two_totals(&rows(&[1, 4]), None));
        assert!(!two_totals(&rows(&[0, 1, 4]), Some(10)));
        // Of those three one differs by nearly everything.
        let mut lopsided = rows(&[0, 1, 4]);
        lopsided[4].2 = 1_000_000;
        lopsided.iter_mut().for_each(|row| (row.1, row.2) = (row.1 + 100_000, row.2 + 10_000_000));
        assert!(two_totals(&lopsided, Some(10)) && !two_totals(&lopsided, None));
    }

    #[test]
    fn what_was_published_stays_and_what_protects_is_not_dominated() {
        use crate::publish::cells::{Table, suppress};
        use crate::publish::frozen::Standing::{self, Changed, Frozen, Known, New};

        // Four cells in a line, of three people each; in the second one person has 1,000 and the others 1. The others have 400 each, so that
        // the second needs any one of them beside it.
        let rows: Vec<(i64, u32)> = (0..12)
            .map(|row| {
                (
                    if row == 3 {
                        1_000
                    } else if (4..6).contains(&row) {
                        1
                    } else {
                        400
                    },
                    row,
                )
            })
            .collect();
        let values: ArrayRef = Arc::new(rows.iter().map(|row| Some(row.0)).collect::<Int64Array>());
        let cells: ArrayRef = Arc::new((0..12).map(|row| Some(row / 3)).collect::<Int64Array>());
        let subjects: UInt32Array = rows.iter().map(|row| Some(row.1)).collect();
        let groups = Groups::of("s", &[cells], Some(&subjects), rows.len()).unwrap();
        let amounts =
            Amounts { columns: Numbers::of(&values).into_iter().collect(), groups: &groups, subjects: &subjects, k: 3, percent: Some(10) };
        let people = |cell: usize| groups.rows_of(cell).to_vec();
        let left_out = |standings: &[Standing]| {
            let codes = [vec![0, 1, 2, 3]];
            let table = Table { codes: &codes, subjects: &groups.subjects, people: &people, amounts: Some(&amounts), standings };
            suppress(&table, 3).cells
        };
        assert_eq!(left_out(&[]), [true, true, false, false]);
        assert_eq!(left_out(&[New, Frozen, New, New]), [false; 4], "a frozen cell shows what is public already");
        assert_eq!(left_out(&[Known, Changed, Known, New]), [false, true, false, true]);
        assert_eq!(left_out(&[Known, Known, Known, New]), [false, true, false, true]);
    }

    proptest! {
        /// The witness sorts, and reckons in fractions that a double holds exactly. And the Handbook's relation: what is safe by the
        /// (2, 100·100 / (100 + p))-rule is safe by the p % rule.
        #[test]
        fn the_rule_is_that_of_a_sorted_list(mut contributions in prop::collection::vec(0_u32..2_000, 0..8), percent in 1_u32..101) {
            let found = is_dominated(contributions.iter().map(|one| u128::from(*one)), percent);
            contributions.sort_unstable_by(|one, other| other.cmp(one));
            let total: u32 = contributions.iter().sum();
            let at = |place: usize| f64::from(contributions.get(place).copied().unwrap_or(0));
            prop_assert_eq!(found, (f64::from(total) - at(1) - at(0)) * 100.0 < f64::from(percent) * at(0));
            let safe_by_two = (at(0) + at(1)) * f64::from(100 + percent) <= 100.0 * f64::from(total);
            prop_assert!(!(safe_by_two && found));
        }

        /// The witness makes a list per person and total, and asks the sorted list.
        #[test]
        fn a_cell_of_two_totals_is_what_a_plain_loop_says(
            rows in prop::collection::vec((0_u32..6, 0_i64..4, 0_i128..4), 0..14),
            percent in prop::option::of(1_u32..101),
        ) {
            let rows: Vec<(u32, i64, i128)> = rows.into_iter().map(|(person, one, other)| (person, one, other * 100)).collect();
            prop_assume!(!rows.is_empty());
            let sum = |person: u32, of: &dyn Fn(&(u32, i64, i128)) -> i64| rows.iter().filter(|row| row.0 == person).map(of).sum::<i64>();
            let one = |row: &(u32, i64, i128)| row.1;
            let other = |row: &(u32, i64, i128)| (row.2 / 100) as i64;
            let mut expected = false;
            for of in [&one as &dyn Fn(&_) -> i64, &other, &|row: &(u32, i64, i128)| one(row) - other(row)] {
                let mut parts: Vec<i64> = (0..6).map(|person| sum(person, of).abs()).filter(|part| *part > 0).collect();
                parts.sort_unstable_by(|first, second| second.cmp(first));
                let at = |place: usize| parts.get(place).copied().unwrap_or(0);
                let rest: i64 = parts.iter().skip(2).sum();
                expected |= (1..3).contains(&parts.len()) || percent.is_some_and(|percent| rest * 100 < i64::from(percent) * at(0));
            }
            prop_assert_eq!(two_totals(&rows, percent), expected);
        }
    }
}
