//! How likely somebody is found again in a set of rows: figures for the manifest, before the gate and after it.
//!
//! The measures are those of prosecutor risk (K. El Emam, *Guide to the De-Identification of Personal Health Information*, CRC Press 2013;
//! K. El Emam and F. K. Dankar, *Protecting Privacy Using k-Anonymity*, JAMIA 15(5), 2008), as the ARX anonymisation tool computes them: the
//! attacker knows that somebody is in the set and knows the quasi-identifiers; among `n` people who share them, one guess in `n` is right.
//!
//! Two things are counted differently, because a set here may hold many rows of one person:
//!
//! - a group's size is its distinct subjects, never its rows. Who stands in several groups is found in the smallest of them, so a subject's
//!   risk is 1 / the fewest subjects of any of its groups. Where everybody has one row, all figures are those of ARX;
//! - NULL is a value like any other and equals itself alone. A row with one suppressed value is thus compared with rows that have the same one
//!   suppressed; sdcMicro's `freqCalc` lets a missing value stand for every value, which makes groups larger and the risk smaller. Rows without
//!   any quasi-identifier are one group; ARX leaves them out of its figures, here they stay in, because those people are in the set.
//!
//! Rows that lead to nobody are in no figure.

use std::collections::BTreeMap;

use arrow::array::UInt32Array;
use serde::{Deserialize, Serialize};

use super::group::{Groups, subject_of};

/// The risk in a set of rows before its gate and in what is published. Shares are between 0 and 1, to six decimals.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RiskReport {
    /// As the set would be without its gate: generalised as declared, nothing suppressed, nothing coarser.
    pub before: Risk,
    /// In the whole resulting version.
    pub after: Risk,
}

/// Risk that a person in a set is found by its quasi-identifiers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Risk {
    /// Rows that lead to somebody.
    pub rows: u64,
    /// Distinct people.
    pub subjects: u64,
    /// Combinations of quasi-identifiers that somebody has, the one without any value included.
    pub groups: u64,
    /// The share of rows whose subject is alone with their combination.
    pub unique_rows: f64,
    /// The share of subjects who are alone with one of their combinations.
    pub unique_subjects: f64,
    /// The highest prosecutor risk: 1 / the subjects of the smallest group. 0 where nobody is in the set.
    pub highest: f64,
    /// The average prosecutor risk over subjects; groups / subjects where each is in one group. What share of people is found on average.
    pub average: f64,
    /// The share of subjects whose risk is above 1 / k.
    pub at_risk: f64,
}

impl Risk {
    /// Of rows grouped by all quasi-identifiers. `subjects` holds per row the subject, null for nobody.
    pub(super) fn of(groups: &Groups, subjects: &UInt32Array, k: u64) -> Self {
        // Per subject the size of its smallest group, as if everybody stood with everybody before the first is seen. Subjects are row numbers.
        let subject_rows = subjects.iter().flatten().max().map_or(0, |last| last as usize + 1);
        let mut smallest = vec![u64::MAX; subject_rows];
        let mut risk = Self::default();
        let mut alone = 0;
        for (group, size) in groups.subjects.iter().enumerate().filter(|(_, size)| **size > 0) {
            risk.groups += 1;
            let known = |row: &u32| subject_of(subjects, *row).map(|subject| (subject, groups.weight(*row)));
            for (subject, rows) in groups.rows_of(group).iter().filter_map(known) {
                risk.rows += rows;
                alone += if *size == 1 { rows } else { 0 };
                let known = &mut smallest[subject as usize];
                *known = (*known).min(*size);
            }
        }
        // By size, so that floats are added in one order whatever the rows' is.
        let mut of_size: BTreeMap<u64, u64> = BTreeMap::new();
        for size in smallest.into_iter().filter(|size| *size < u64::MAX) {
            *of_size.entry(size).or_default() += 1;
        }
        risk.subjects = of_size.values().sum();
        risk.unique_rows = share(alone, risk.rows);
        risk.unique_subjects = share(of_size.get(&1).copied().unwrap_or(0), risk.subjects);
        risk.highest = of_size.keys().next().map_or(0.0, |size| share(1, *size));
        let found: f64 = of_size.iter().map(|(size, count)| *count as f64 / *size as f64).sum();
        risk.average = if risk.subjects == 0 { 0.0 } else { six_decimals(found / risk.subjects as f64) };
        risk.at_risk = share(of_size.range(..k).map(|(_, count)| count).sum(), risk.subjects);
        risk
    }
}

/// The share of some of all, to six decimals: as many as its text in a manifest gives back to the last bit.
pub(super) fn share(some: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { six_decimals(some as f64 / all as f64) }
}

fn six_decimals(share: f64) -> f64 {
    (share * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use arrow::array::{ArrayRef, StringArray};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_share_is_the_same_after_it_was_written_and_read() {
        for all in 0..400 {
            for some in 0..=all {
                let written = serde_json::to_string(&share(some, all)).unwrap();
                assert_eq!(serde_json::from_str::<f64>(&written).unwrap(), share(some, all), "{some} of {all}");
            }
        }
        assert_eq!(share(1, 9), 0.111_111);
    }

    /// The risk of a table with one row per person, cells between commas, `-` for NULL.
    fn risk(table: &[&str], k: u64) -> Risk {
        let cells: Vec<Vec<Option<&str>>> =
            table.iter().map(|row| row.split(',').map(|cell| Some(cell).filter(|cell| *cell != "-")).collect()).collect();
        let columns: Vec<ArrayRef> =
            (0..cells[0].len()).map(|column| Arc::new(cells.iter().map(|row| row[column]).collect::<StringArray>()) as ArrayRef).collect();
        let people: UInt32Array = (0..table.len() as u32).collect();
        Risk::of(&Groups::of("s", &columns, Some(&people), table.len()).unwrap(), &people, k)
    }

    /// The table of ARX's own tests (`DataProvider`: age, gender, postcode) and the figures that its `TestRiskMetrics` expects for it: highest
    /// risk 1 and average risk 1 before, 0.5 and 0.42857142857142855 after anonymisation with k = 2. Its best solution has the classes that
    /// are written here (age in halves, no gender, three digits); pycanon 1.3.6 gives k = 1 for the first and k = 2 for the second table.
    #[test]
    fn figures_are_those_of_arx() {
        let before =
            ["34,male,81667", "45,female,81675", "66,male,81925", "70,female,81931", "34,female,81931", "70,male,81931", "45,male,81931"];
        let found = risk(&before, 2);
        assert_eq!((found.highest, found.average, found.at_risk, found.unique_rows, found.unique_subjects), (1.0, 1.0, 1.0, 1.0, 1.0));
        let after = ["<50,-,816", "<50,-,816", ">=50,-,819", ">=50,-,819", "<50,-,819", ">=50,-,819", "<50,-,819"];
        let found = risk(&after, 2);
        assert_eq!((found.highest, found.average, found.at_risk, found.unique_rows), (0.5, 0.428_571, 0.0, 0.0));
        assert_eq!((found.rows, found.subjects, found.groups), (7, 7, 3));
        assert_eq!(risk(&after, 3).at_risk, share(4, 7));
    }

    /// Table 4.1 of *Statistical Disclosure Control for Microdata: A Practice Guide* (Benschop, Machingauta, Welch): ten respondents, of whom
    /// sdcMicro's `freq(…, type = "fk")` prints 2 2 1 2 1 2 1 1 2 2; seven keys and four sample uniques, as the text says.
    const RESPONDENTS: [&str; 10] = [
        "urban,female,secondary incomplete,employed",
        "urban,female,secondary incomplete,employed",
        "urban,female,primary incomplete,non-lf",
        "urban,male,secondary complete,employed",
        "rural,female,secondary complete,unemployed",
        "urban,male,secondary complete,employed",
        "urban,female,primary complete,non-lf",
        "urban,male,post-secondary,unemployed",
        "urban,female,secondary incomplete,non-lf",
        "urban,female,secondary incomplete,non-lf",
    ];

    #[test]
    fn figures_are_those_of_sdcmicro() {
        let found = risk(&RESPONDENTS, 2);
        // Individual risks 1/f_k: four of 1 and six of 1/2, on average 7/10.
        assert_eq!((found.groups, found.unique_rows, found.highest, found.average, found.at_risk), (7, 0.4, 1.0, 0.7, 0.4));
        assert_eq!(risk(&RESPONDENTS, 3).at_risk, 1.0);
    }

    /// Table 4.6 of the same guide empties two cells of respondent 4: sdcMicro then counts it three times (as 6 and as 8) and 8 twice. Here it
    /// is alone, and so are 6 and 8: the larger risk of the two readings.
    #[test]
    fn a_suppressed_value_matches_no_other_value() {
        let mut table = RESPONDENTS;
        table[3] = "urban,male,-,-";
        let found = risk(&table, 2);
        assert_eq!((found.groups, found.unique_rows, found.average), (8, 0.6, 0.8));
        table[5] = "urban,male,-,-";
        assert_eq!(risk(&table, 2).unique_rows, 0.4);
    }

    #[test]
    fn nobody_is_at_no_risk() {
        let nobody = UInt32Array::from(vec![None, None]);
        let groups = Groups::of("s", &[], Some(&nobody), 2).unwrap();
        assert_eq!(Risk::of(&groups, &nobody, 5), Risk::default());
    }

    proptest! {
        /// The witness asks of each person, row by row, with whom it could be mistaken.
        #[test]
        fn figures_are_those_of_a_plain_loop(
            rows in prop::collection::vec((prop::option::of("[ab]"), prop::option::weighted(0.9, 0_u32..6)), 0..25),
            k in 1_u64..5,
        ) {
            let people: UInt32Array = rows.iter().map(|row| row.1).collect();
            let texts: ArrayRef = Arc::new(rows.iter().map(|row| row.0.as_deref()).collect::<StringArray>());
            let found = Risk::of(&Groups::of("s", &[texts], Some(&people), rows.len()).unwrap(), &people, k);
            let size = |cell: &Option<String>| {
                rows.iter().filter(|row| row.0 == *cell).filter_map(|row| row.1).collect::<BTreeSet<u32>>().len()
            };
            let mut risks: BTreeMap<u32, f64> = BTreeMap::new();
            for (cell, person) in &rows {
                if let Some(person) = person {
                    let risk = risks.entry(*person).or_insert(0.0);
                    *risk = risk.max(1.0 / size(cell) as f64);
                }
            }
            let close = |one: f64, other: f64| (one - other).abs() < 1e-6;
            let people = risks.len().max(1) as f64;
            prop_assert_eq!(found.subjects as usize, risks.len());
            prop_assert!(close(found.average, risks.values().sum::<f64>() / people));
            prop_assert!(close(found.highest, risks.values().copied().fold(0.0, f64::max)));
            prop_assert!(close(found.at_risk, risks.values().filter(|risk| **risk > 1.0 / k as f64 + 1e-9).count() as f64 / people));
            prop_assert!(close(found.unique_subjects, risks.values().filter(|risk| **risk == 1.0).count() as f64 / people));
            let somebody = rows.iter().filter(|row| row.1.is_some()).count();
            let alone = rows.iter().filter(|row| row.1.is_some() && size(&row.0) == 1).count();
            prop_assert!(close(found.unique_rows, alone as f64 / somebody.max(1) as f64));
        }
    }
}
