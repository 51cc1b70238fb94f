//! What the totals of an anonymous set are added up from, so that no two of them, and no arithmetic within one, lead around its rules.
//!
//! An amount is a sum of products of columns, each with a factor. The rules for cells (so many people, none of whom dominates, rounding) look at
//! each total as it is published; whoever reads several can add them up, take one from the other, and knows how many rows there are. So:
//!
//! - no number is added to every row: it makes everybody's part alike, and is taken off again by the number of rows;
//! - no column is multiplied with itself: of `n` people the sums of the first `n` powers give every single value (Newton's identities);
//! - no two totals have a part in common, unless one is a multiple of the other: their difference would be a total that no rule was asked of;
//! - no column is written that comes to nothing (`a + b - b`): rows without it would not count, so that the total is one of other people;
//! - no column stands in more than two totals, or in a set whose `k` is larger in `k` - 3: so many sums with weights that somebody knows are so many
//!   equations, and of five people five solve them;
//! - in a rounded set no part has a factor: a total a thousand times as large is rounded a thousand times as finely.

use std::collections::BTreeMap;

use super::super::*;
use crate::kernels::arithmetic::Operator;
use crate::pipeline::raw::RawSet;
use crate::pipeline::{Formula, Measure, Term};

/// Products in one amount; what has more is nobody's amount.
const MOST: usize = 64;

/// A column at the end of a path.
type Factor = (Vec<ReferenceIndex>, TableIndex, ColumnIndex);

/// A product of columns, in order; of none it is a number.
type Product = Vec<Factor>;

/// The factor before a product: `unscaled` × 10^-`scale`, without zeros at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Number {
    unscaled: i128,
    scale: u32,
}

impl Number {
    fn of(mut unscaled: i128, mut scale: u32) -> Self {
        while scale > 0 && unscaled % 10 == 0 {
            (unscaled, scale) = (unscaled / 10, scale - 1);
        }
        Self { unscaled, scale }
    }

    fn plus(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let at = |number: Self| number.unscaled.checked_mul(10_i128.checked_pow(scale - number.scale)?);
        Some(Self::of(at(self)?.checked_add(at(other)?)?, scale))
    }

    fn times(self, other: Self) -> Option<Self> {
        Some(Self::of(self.unscaled.checked_mul(other.unscaled)?, self.scale + other.scale))
    }
}

/// Why an amount is not read as a sum of products.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Unread {
    /// A column is multiplied with itself.
    Power(Factor),
    /// There are too many products, or their factors have too many digits.
    TooLarge,
}

/// An amount as a sum of products.
type Parts = BTreeMap<Product, Number>;

fn parts(term: &Term) -> Result<Parts, Unread> {
    match term {
        Term::Column { path, table, column, .. } => Ok(Parts::from([(vec![(path.clone(), *table, *column)], Number::of(1, 0))])),
        Term::Number { unscaled: 0, .. } => Ok(Parts::new()),
        Term::Number { unscaled, scale } => Ok(Parts::from([(Product::new(), Number::of(*unscaled, u32::from(scale.unsigned_abs())))])),
        Term::Combined(operator, left, right) => {
            let (left, right) = (parts(left)?, parts(right)?);
            let mut all = Parts::new();
            match operator {
                Operator::Plus | Operator::Minus => {
                    let sign = Number::of(if *operator == Operator::Plus { 1 } else { -1 }, 0);
                    left.into_iter().try_for_each(|(product, factor)| add(&mut all, product, Some(factor)))?;
                    right.into_iter().try_for_each(|(product, factor)| add(&mut all, product, factor.times(sign)))?;
                }
                Operator::Times => {
                    for (one, first) in &left {
                        for (other, second) in &right {
                            if let Some(twice) = one.iter().find(|factor| other.contains(factor)) {
                                return Err(Unread::Power(twice.clone()));
                            }
                            let mut product: Product = one.iter().chain(other).cloned().collect();
                            product.sort();
                            add(&mut all, product, first.times(*second))?;
                        }
                    }
                }
            }
            Ok(all)
        }
    }
}

/// Adds a product; one that comes to nothing is none.
fn add(all: &mut Parts, product: Product, factor: Option<Number>) -> Result<(), Unread> {
    let known = all.remove(&product).unwrap_or(Number { unscaled: 0, scale: 0 });
    let sum = factor.and_then(|factor| known.plus(factor)).ok_or(Unread::TooLarge)?;
    if sum.unscaled != 0 {
        all.insert(product, sum);
    }
    if all.len() > MOST { Err(Unread::TooLarge) } else { Ok(()) }
}

/// Whether one is the other times a number.
fn is_multiple(one: &Parts, other: &Parts) -> bool {
    let Some((product, first)) = one.first_key_value() else { return other.is_empty() };
    let Some(second) = other.get(product) else { return false };
    one.len() == other.len()
        && one.iter().all(|(product, factor)| {
            other.get(product).is_some_and(|counter| {
                let sides = (factor.times(*second), counter.times(*first));
                sides.0.is_some() && sides.0 == sides.1
            })
        })
}

/// In how many totals a column may stand.
fn most_totals(k: u32) -> usize {
    (k as usize).saturating_sub(3).max(2)
}

impl Resolver<'_> {
    /// Refuses sums and means of an anonymous set from which more can be reckoned than its rules were asked of.
    pub(super) fn check_parts(&mut self, name: &str, raw: &RawSet, columns: &[SetColumn]) {
        let is_rounded = raw.rounding.is_some() || raw.round_to.is_some();
        let mut read: Vec<(&str, Parts)> = Vec::new();
        for column in columns {
            let SetSource::Measure { measure: measure @ (Measure::Sum | Measure::Mean), of } = &column.source else { continue };
            let Formula { text, term } = of;
            let stands = |parts: &Parts, factor: &Factor| parts.keys().flatten().any(|other| other == factor);
            let unused = |parts: &Parts| {
                let mut written = of.columns().into_iter().map(|column| (column.path.to_vec(), column.table, column.column));
                written.find(|factor| !stands(parts, factor))
            };
            let crowded = |parts: &Parts| {
                let in_most = |factor: &&Factor| read.iter().filter(|(_, other)| stands(other, factor)).count() >= most_totals(raw.k);
                parts.keys().flatten().find(in_most).cloned()
            };
            let says = format!("the set `{name}` says `anonymous`, and its column `{}`", column.name);
            let (problem, hint) = match parts(term) {
                Err(Unread::Power((_, table, at))) => {
                    let (table, at) = self.names(table, at);
                    let problem = format!("{says} multiplies `{table}.{at}` with itself: from such totals single values can be reckoned");
                    (problem, "publish a sum, a mean or quantiles of it".to_owned())
                }
                Err(Unread::TooLarge) => {
                    (format!("{says} is too long to be looked through: `{text}`"), "publish its parts as sums of their own".to_owned())
                }
                Ok(parts) if parts.contains_key(&Product::new()) => {
                    let problem = format!("{says} adds a number to every row, which hides whose part is large");
                    let times = if *measure == Measure::Sum { " times `count = true`" } else { "" };
                    (problem, format!("take the number out, and add it{times} to what is read"))
                }
                Ok(parts) if is_rounded && parts.values().any(|factor| factor.scale > 0 || factor.unscaled.unsigned_abs() != 1) => {
                    let problem = format!(
                        "the set `{name}` is rounded, and its column `{}` has a factor, by which it is rounded more finely",
                        column.name
                    );
                    (problem, "take the number out, and multiply what is read".to_owned())
                }
                Ok(parts) if let Some((_, table, at)) = unused(&parts) => {
                    let (table, at) = self.names(table, at);
                    let problem =
                        format!("{says} names `{table}.{at}`, which comes to nothing and leaves out the rows without it all the same");
                    (problem, "take it out".to_owned())
                }
                // A multiple tells nothing more.
                Ok(parts) if read.iter().any(|(_, other)| is_multiple(&parts, other)) => continue,
                Ok(parts) if let Some((_, table, at)) = crowded(&parts) => {
                    let (table, at) = self.names(table, at);
                    let problem = format!(
                        "{says} has `{table}.{at}` in it as {} other totals have: together they give single values away",
                        most_totals(raw.k)
                    );
                    (problem, "publish fewer totals of it, or raise `k`".to_owned())
                }
                Ok(parts) => {
                    let meets = |other: &Parts| other.keys().any(|product| parts.contains_key(product));
                    let Some((other, _)) = read.iter().find(|(_, other)| meets(other)) else {
                        read.push((&column.name, parts));
                        continue;
                    };
                    let problem =
                        format!("{says} has a part in common with `{other}`: their difference would be a total that nobody looks at");
                    (problem, "publish the parts as sums of their own, and add up what is read".to_owned())
                }
            };
            let at = raw.columns.iter().position(|declared| declared.name == column.name).unwrap_or_default().to_string();
            self.problem(&["set", name, "columns", &at], problem, Some(hint));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn column(at: usize) -> Term {
        Term::Column { path: Vec::new(), table: 0, column: at, cast: None }
    }

    fn number(unscaled: i128, scale: i8) -> Term {
        Term::Number { unscaled, scale }
    }

    fn combined(operator: Operator, left: Term, right: Term) -> Term {
        Term::Combined(operator, Box::new(left), Box::new(right))
    }

    /// What a term is worth where column `at` is `values[at]`, times 10 to the 6th.
    fn worth(term: &Term, values: &[i128]) -> f64 {
        match term {
            Term::Column { column, .. } => values[*column] as f64,
            Term::Number { unscaled, scale } => *unscaled as f64 / 10_f64.powi(i32::from(*scale)),
            Term::Combined(Operator::Plus, left, right) => worth(left, values) + worth(right, values),
            Term::Combined(Operator::Minus, left, right) => worth(left, values) - worth(right, values),
            Term::Combined(Operator::Times, left, right) => worth(left, values) * worth(right, values),
        }
    }

    fn worth_of(parts: &Parts, values: &[i128]) -> f64 {
        let product = |product: &Product| product.iter().map(|(_, _, at)| values[*at] as f64).product::<f64>();
        parts.iter().map(|(columns, factor)| product(columns) * factor.unscaled as f64 / 10_f64.powi(factor.scale as i32)).sum()
    }

    #[test]
    fn what_cancels_is_no_part_and_what_is_added_is() {
        let zero_times = combined(Operator::Plus, combined(Operator::Times, column(0), number(0, 0)), number(1, 0));
        assert_eq!(parts(&zero_times), Ok(Parts::from([(vec![], Number::of(1, 0))])));
        assert_eq!(parts(&combined(Operator::Minus, column(0), column(0))), Ok(Parts::new()));
        let shifted = combined(Operator::Plus, column(0), number(1_000_000, 1));
        assert_eq!(parts(&shifted).unwrap().get(&vec![]), Some(&Number { unscaled: 100_000, scale: 0 }));
        // (a + 1) * (a - 1)
        let power = combined(Operator::Times, shifted, combined(Operator::Minus, column(0), number(1, 0)));
        assert_eq!(parts(&power), Err(Unread::Power((vec![], 0, 0))));
    }

    #[test]
    fn multiples_are_told_from_what_shares_a_part() {
        let of = |term: &Term| parts(term).unwrap();
        let net = combined(Operator::Times, column(0), column(1));
        let gross = combined(Operator::Times, net.clone(), number(125, 2));
        assert!(is_multiple(&of(&net), &of(&gross)) && is_multiple(&of(&gross), &of(&net)));
        let less = combined(Operator::Minus, net.clone(), column(2));
        assert!(!is_multiple(&of(&net), &of(&less)) && !is_multiple(&of(&less), &of(&net)));
        let other = combined(Operator::Minus, gross, column(2));
        assert!(!is_multiple(&of(&less), &of(&other)));
    }

    #[test]
    fn what_would_grow_without_end_is_refused() {
        // (a0 + b0) * (a1 + b1) * …
        let sums = (0..10).map(|at| combined(Operator::Plus, column(2 * at), column(2 * at + 1)));
        let long = sums.reduce(|one, other| combined(Operator::Times, one, other)).unwrap();
        assert_eq!(parts(&long), Err(Unread::TooLarge));
        let large = (0..3).fold(column(0), |term, _| combined(Operator::Times, term, number(10_i128.pow(18), 0)));
        assert_eq!(parts(&large), Err(Unread::TooLarge));
    }

    fn term() -> impl Strategy<Value = Term> {
        let leaf =
            prop_oneof![(0_usize..4).prop_map(column), (-30_i128..30, 0_i8..3).prop_map(|(unscaled, scale)| number(unscaled, scale))];
        leaf.prop_recursive(4, 12, 2, |inner| {
            let operator = prop::sample::select(vec![Operator::Plus, Operator::Minus, Operator::Times]);
            (operator, inner.clone(), inner).prop_map(|(operator, left, right)| combined(operator, left, right))
        })
    }

    proptest! {
        /// The witness puts numbers in: a sum of products is worth what the term is.
        #[test]
        fn the_parts_are_worth_what_the_amount_is(term in term(), values in prop::collection::vec(-20_i128..20, 4)) {
            if let Ok(parts) = parts(&term) {
                let (found, expected) = (worth_of(&parts, &values), worth(&term, &values));
                prop_assert!((found - expected).abs() <= 1e-6 * expected.abs().max(1.0), "{term:?}: {found} {expected}");
            }
        }
    }
}
