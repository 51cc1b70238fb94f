//! Totals: groups of rows as cells, and the gate of a set of totals that is anonymous.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, UInt32Array};
use arrow::compute::take;

use super::PublishError;
use super::amounts::{Amounts, adds_up};
use super::cells;
use super::coarsen::{coarsen, coarsened, too_many_small};
use super::earlier::shape;
use super::frame::{Computed, ComputedColumn};
use super::frozen::{Memory, Standing};
use super::gate::{GateReport, dictionary};
use super::group::{Groups, distinct, subject_of};
use super::measures::Behind;
use super::rounding::{rounded_amounts, rounded_counts};
use crate::pipeline::{Measure, Pipeline, Release, Set, SetColumn, SetSource, SmallGroups};

/// Groups rows to cells of totals, leaves out small ones, those whose sums show too much of one person and their complements, and freezes those that are too near to an earlier release.
///
/// Returns the published cells, and with earlier releases what is known once this one is published.
pub(super) fn gate_cells(
    pipeline: &Pipeline,
    set: &Set,
    computed: &mut Computed,
    report: &mut GateReport,
) -> Result<(Vec<ArrayRef>, Option<Memory>), PublishError> {
    let Some(subjects) = computed.subjects.clone() else {
        return Err(PublishError::NoSubject { set: set.name.clone() });
    };
    report.people = distinct(subjects.iter().flatten());
    let k = u64::from(set.k);
    let grouped = |computed: &Computed| Groups::of(&set.name, &computed.group_columns(), Some(&subjects), computed.rows);
    let mut groups = grouped(computed)?;
    match set.small_groups {
        SmallGroups::Refuse => {
            let small: Vec<usize> = (0..groups.len()).filter(|group| groups.subjects[*group] < k).collect();
            if !small.is_empty() {
                let rows = small.iter().map(|group| groups.rows_of(*group).len() as u64).sum();
                return Err(PublishError::SmallGroups { set: set.name.clone(), groups: small.len() as u64, rows, k: set.k });
            }
        }
        SmallGroups::Suppress | SmallGroups::SuppressRows => {}
        SmallGroups::Generalise => {
            while too_many_small(&groups, &subjects, k) && coarsen(set, computed)? {
                groups = grouped(computed)?;
            }
            report.coarsened = coarsened(set, computed);
        }
    }
    let amounts = Amounts::of(set, computed, &groups, &subjects);
    report.dominance = set.dominance.is_some() && adds_up(set);
    if set.small_groups == SmallGroups::Refuse {
        let dominated = (0..groups.len()).filter(|cell| amounts.is_unsafe(*cell)).count() as u64;
        if dominated > 0 {
            // Too few people behind a measure are told first, with its column.
            let all: Vec<usize> = (0..groups.len()).collect();
            aggregate(set, computed, (&groups, &all))?;
            return Err(PublishError::Dominated { set: set.name.clone(), cells: dominated });
        }
    }
    let first = groups.first_rows();
    let mut codes = Vec::new();
    for column in computed.group_columns() {
        let values = take(&column, &first, None).map_err(PublishError::step(&set.name, "fetching a column"))?;
        let of_values = Groups::of(&set.name, &[values], None, groups.len())?;
        let mut code = vec![0; groups.len()];
        for value in 0..of_values.len() {
            for cell in of_values.rows_of(value) {
                code[*cell as usize] = value as u32;
            }
        }
        codes.push(code);
    }
    let people = |cell: usize| groups.rows_of(cell).iter().filter_map(|row| subject_of(&subjects, *row)).collect();
    let mut leave_out = |standings: &[Standing]| {
        let table = cells::Table { codes: &codes, subjects: &groups.subjects, people: &people, amounts: Some(&amounts), standings };
        let found = cells::suppress(&table, k);
        report.suppressed = found.small + found.complementary;
        report.complementary = found.complementary;
        report.exposed = found.exposed;
        found.cells
    };
    let released = match &computed.earlier {
        None => {
            let left_out = leave_out(&[]);
            let kept: Vec<usize> = (0..groups.len()).filter(|cell| !left_out[*cell]).collect();
            let of_cells = kept.iter().map(|cell| groups.subjects[*cell]).collect();
            (aggregate(set, computed, (&groups, &kept))?, of_cells, 0, None)
        }
        Some(earlier) => {
            let all: Vec<usize> = (0..groups.len()).collect();
            let columns = aggregate(set, computed, (&groups, &all))?;
            let shape = shape(&dictionary(pipeline, set, computed, &columns));
            let release = earlier.release(set, shape, computed, &groups, &columns, leave_out)?;
            (release.columns, release.subjects, release.frozen, Some(release.memory))
        }
    };
    let (columns, of_cells, frozen, memory): (_, Vec<u64>, _, _) = released;
    report.groups = Some(of_cells.len() as u64);
    report.smallest_group = of_cells.iter().min().copied();
    report.frozen = frozen;
    // Not those of all cells together: that number moves with single people whatever is frozen, and over all cells it would give
    // suppressed ones away.
    report.subjects = of_cells.iter().max().copied().unwrap_or(0);
    Ok((columns, memory))
}

/// One row per group of `kept`: its values, sums and counts.
pub(super) fn aggregate(set: &Set, computed: &Computed, (groups, kept): (&Groups, &[usize])) -> Result<Vec<ArrayRef>, PublishError> {
    if set.columns.iter().any(|column| matches!(column.source, SetSource::CountSubjects)) && computed.subjects.is_none() {
        return Err(PublishError::NoSubject { set: set.name.clone() });
    }
    let kept: UInt32Array = kept.iter().map(|group| Some(*group as u32)).collect();
    let first = groups.first_rows();
    let fetch =
        |values: &ArrayRef, rows: &UInt32Array| take(values, rows, None).map_err(PublishError::step(&set.name, "fetching a column"));
    computed
        .columns
        .iter()
        .zip(&set.columns)
        .map(|(column, declared)| match column {
            ComputedColumn::Cells { values, .. } => fetch(&fetch(values, &first)?, &kept),
            ComputedColumn::Measure(values) => {
                let amounts = fetch(&measured(set, declared, computed, groups, &kept, values)?, &kept)?;
                let is_sum = matches!(declared.source, SetSource::Measure { measure: Measure::Sum, .. });
                if is_sum { rounded_amounts(set, &declared.name, amounts) } else { Ok(amounts) }
            }
            ComputedColumn::Count => rounded_counts(set, &declared.name, fetch(&(Arc::new(groups.row_counts()) as ArrayRef), &kept)?),
            ComputedColumn::CountSubjects => {
                let counts: Int64Array = groups.subjects.iter().map(|count| Some(*count as i64)).collect();
                rounded_counts(set, &declared.name, fetch(&(Arc::new(counts) as ArrayRef), &kept)?)
            }
        })
        .collect()
}

/// An aggregate per group. In an anonymous set it rests on k people, a quantile on k on either side, or it is NULL, or the set is refused.
///
/// A quantile is the value of one unit, and safe only where enough units lie on either side of it (Brandt et al., "Guidelines for the checking
/// of output based on microdata research", ESSnet SDC 2010, on maxima, minima and percentiles); here units are subjects, and enough are k.
fn measured(
    set: &Set,
    declared: &SetColumn,
    computed: &Computed,
    groups: &Groups,
    kept: &UInt32Array,
    values: &ArrayRef,
) -> Result<ArrayRef, PublishError> {
    let SetSource::Measure { measure, .. } = &declared.source else {
        return Err(PublishError::Compute { set: set.name.clone(), step: "aggregating" });
    };
    let anonymous = set.release == Release::Anonymous;
    let behind = computed.subjects.as_ref().filter(|_| anonymous).map(|subjects| Behind { subjects, k: u64::from(set.k) });
    let measured = groups.measure(&set.name, &declared.name, *measure, values, behind)?;
    let hidden = kept.values().iter().filter(|group| measured.hidden.get(**group as usize) == Some(&true)).count() as u64;
    if hidden > 0 && set.small_groups == SmallGroups::Refuse {
        return Err(PublishError::FewBehind { set: set.name.clone(), column: declared.name.clone(), cells: hidden, k: set.k });
    }
    Ok(measured.cells)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::pipeline::{Generalised, PeriodKind, Release};
    use crate::publish::compute;
    use crate::publish::gate::{Gated, pass};
    use crate::publish::testing::{
        self, CUSTOMER, Customer, ORDER, Order, TO_CUSTOMER, column, customer, key, lines_of, measure, order, pipeline, pseudonym, sum,
        tenant,
    };

    /// Per month and postcode area: sum, orders, buyers.
    fn sales(release: Release) -> Set {
        let mut set = testing::set(ORDER, release, Some(vec![TO_CUSTOMER]));
        set.aggregates = true;
        set.columns = vec![
            column("month", &[], ORDER, order::DAY, Generalised::Period(PeriodKind::Month)),
            column("area", &[TO_CUSTOMER], CUSTOMER, customer::POSTCODE, Generalised::Prefix(2)),
            measure("total", sum(ORDER, order::TOTAL)),
            measure("orders", SetSource::Count),
            measure("buyers", SetSource::CountSubjects),
        ];
        set
    }

    /// Buyer, month, amount.
    type Row = (Option<u32>, i8, i128);

    fn gate(set: &Set, places: &[&'static str], rows: &[Row]) -> Result<Gated, PublishError> {
        let customers: Vec<Customer> = places.iter().map(|place| (0, Some(*place), None)).collect();
        let orders: Vec<Order> =
            rows.iter().map(|(buyer, month, amount)| (0, *buyer, Some(date(2026, *month, 9)), Some(*amount))).collect();
        let state = testing::state(&customers, &orders, &[], &[]);
        let computed = compute(&pipeline(), set, &state, &tenant(""), 0, &key(""))?;
        pass(&pipeline(), set, computed)
    }

    /// Four buyers in 21, four in 22, four in 23.
    const PLACES: [&str; 12] = ["21", "21", "21", "21", "22", "22", "22", "22", "23", "23", "23", "23"];

    /// Every buyer buys for 1.00 in each month, and the one at `absent` and the two after it not in April.
    fn three_months() -> Vec<Row> {
        let all = (4..=6).flat_map(|month| (0..12).map(move |buyer| (Some(buyer), month, 100)));
        all.filter(|(buyer, month, _)| *month != 4 || !(5..8).contains(&buyer.unwrap_or(0))).collect()
    }

    #[test]
    fn a_small_cell_is_left_out_with_its_complements() {
        // k = 3. April × 22 has one buyer. In its month, 21 and 23 have 4 each: the first, 21, goes. In its area, May and June
        // have 4 each: May goes. Then April × 21 is alone in area 21: May × 21 goes, and May has two of three as well.
        let gated = gate(&sales(Release::Anonymous), &PLACES, &three_months()).unwrap();
        assert_eq!(
            lines_of(&gated.batch()),
            ["2026-04-01|23|4|4|4", "2026-05-01|23|4|4|4", "2026-06-01|21|4|4|4", "2026-06-01|22|4|4|4", "2026-06-01|23|4|4|4",]
        );
        let report = gated.report;
        assert_eq!((report.groups, report.smallest_group, report.suppressed, report.complementary), (Some(5), Some(4), 4, 3));
        assert_eq!((gated.rows_before, report.subjects, report.uniqueness), (9, 4, None));
    }

    #[test]
    fn a_refused_set_is_not_published() {
        let refusing = Set { small_groups: SmallGroups::Refuse, ..sales(Release::Anonymous) };
        let error = gate(&refusing, &PLACES, &three_months()).unwrap_err();
        assert_eq!(error.to_string(), "set `sales` has 1 groups of fewer than 3 subjects, with 1 rows, and refuses small groups");
    }

    #[test]
    fn a_cell_that_one_person_dominates_is_left_out_or_the_set_refused() {
        // Four buyers of 1.00 in each cell, but in May × 22 one of 100.00: the other two beside the largest are 2 % of it. May × 21 goes with it,
        // and so do April × 22 and, alone in its lines by then, April × 21.
        let rows: Vec<Row> = (4..=6)
            .flat_map(|month| (0..12).map(move |buyer| (Some(buyer), month, if (buyer, month) == (4, 5) { 10_000 } else { 100 })))
            .collect();
        let ruled = |small_groups| Set { dominance: Some(10), small_groups, ..sales(Release::Anonymous) };
        let gated = gate(&ruled(SmallGroups::Suppress), &PLACES, &rows).unwrap();
        assert!(gated.report.dominance && gated.dictionary.dominance);
        assert!(lines_of(&gated.batch()).iter().all(|line| !line.starts_with("2026-05-01|22")));
        // What is left of the line of May must not be dominated either, so that nothing of May or of 22 is published beside it.
        assert!(
            lines_of(&gated.batch()).iter().all(|line| !line.starts_with("2026-05-01") && !line.contains("|22|")),
            "{:?}",
            lines_of(&gated.batch())
        );
        assert_eq!(gate(&sales(Release::Anonymous), &PLACES, &rows).unwrap().batch().num_rows(), 9);
        let error = gate(&ruled(SmallGroups::Refuse), &PLACES, &rows).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a sum or mean of set `sales` shows too much of one person in 1 cells, and the set refuses small groups"
        );
    }

    #[test]
    fn a_set_without_groups_is_one_cell() {
        let mut total = sales(Release::Anonymous);
        total.columns.drain(..2);
        let gated = gate(&total, &PLACES, &three_months()).unwrap();
        assert_eq!(lines_of(&gated.batch()), ["33|33|12"]);
        let few = gate(&total, &PLACES, &[(Some(0), 4, 100), (Some(1), 4, 100), (None, 4, 100)]).unwrap();
        assert_eq!((few.batch().num_rows(), few.report.suppressed, few.report.subjects), (0, 1, 0));
        assert_eq!(gate(&total, &PLACES, &[]).unwrap().batch().num_rows(), 0);
    }

    #[test]
    fn generalising_makes_quasi_identifiers_coarser_and_leaves_closed_periods_alone() {
        // 12 areas of one buyer each in one month: the prefix of 2 becomes one of 1, a single cell.
        let places = ["21", "22", "23", "24", "25", "26", "27", "28", "29", "20", "21", "22"];
        let rows: Vec<Row> = (0..12).map(|buyer| (Some(buyer), 4, 100)).collect();
        let coarse = Set { small_groups: SmallGroups::Generalise, closed: Some(0), ..sales(Release::Anonymous) };
        let gated = gate(&coarse, &places, &rows).unwrap();
        assert_eq!(lines_of(&gated.batch()), ["2026-04-01|2|12|12|12"]);
        assert_eq!(gated.report.coarsened, [("area".to_owned(), "prefix of 1".to_owned())]);
    }

    #[test]
    fn totals_per_pseudonym_pass_the_gate_of_rows() {
        // Per buyer's pseudonym and area. Area 23 has one buyer only, who loses it; the next smallest area, 22, goes along.
        let mut per_buyer = sales(Release::Pseudonymised);
        per_buyer.columns[0] = column("who", &[], ORDER, order::CUSTOMER, pseudonym());
        let places = ["21", "21", "21", "21", "22", "22", "22", "23"];
        let rows: Vec<Row> = (0..8).flat_map(|buyer| [(Some(buyer), 4, 100), (Some(buyer), 5, 150)]).collect();
        let gated = gate(&per_buyer, &places, &rows).unwrap();
        assert_eq!(gated.batch().num_rows(), 8);
        let batch = gated.batch();
        let areas = testing::texts(&batch, "area");
        assert_eq!(areas.iter().filter(|area| **area == Some("21")).count(), 4);
        assert_eq!(areas.iter().filter(|area| area.is_none()).count(), 4);
        assert!(lines_of(&gated.batch()).iter().all(|line| line.ends_with("|2.5|2|1")));
        assert_eq!((gated.report.suppressed, gated.report.complementary), (8, 6));
    }

    #[test]
    fn measures_are_rounded_after_small_cells_are_left_out() {
        let rounded = Set { rounding: Some(3), round_to: Some(10), ..sales(Release::Anonymous) };
        let gated = gate(&rounded, &PLACES, &three_months()).unwrap();
        assert_eq!(gated.batch().num_rows(), 5);
        assert!(lines_of(&gated.batch()).iter().all(|line| line.ends_with("|0|3|3")), "{:?}", lines_of(&gated.batch()));
        let treatments: Vec<&str> = gated.dictionary.columns[2..].iter().map(|entry| entry.treatment.as_str()).collect();
        assert_eq!(treatments, ["sum, rounded to 10", "count, rounded to 3", "count of subjects, rounded to 3"]);
    }

    #[test]
    fn cells_need_a_subject() {
        let unnamed = Set { subject: None, ..sales(Release::Anonymous) };
        assert!(matches!(gate(&unnamed, &PLACES, &three_months()), Err(PublishError::NoSubject { .. })));
        let pseudonymised = Set { release: Release::Pseudonymised, ..unnamed };
        assert!(matches!(gate(&pseudonymised, &PLACES, &three_months()), Err(PublishError::NoSubject { .. })));
    }

    #[test]
    fn a_sum_that_does_not_fit_stops_the_set() {
        let most = 10_i128.pow(38) - 1;
        let rows: Vec<Row> = (0..12).map(|buyer| (Some(buyer), 4, most)).collect();
        assert!(
            matches!(gate(&sales(Release::Anonymous), &PLACES, &rows), Err(PublishError::Overflow { column, .. }) if column == "total")
        );
    }

    proptest! {
        /// The witness adds up person by person: neither a published sum nor what is left of a margin's, where anything of it is published, is
        /// of fewer than three people or falls to the p % rule. Some amounts are NULL, and some rows are nobody's.
        #[test]
        fn no_sum_that_can_be_known_shows_too_much_of_one_person(
            places in prop::collection::vec(prop::sample::select(vec!["21", "22", "23"]), 1..15),
            rows in prop::collection::vec(
                (prop::option::weighted(0.9, 0_u32..15), 1_i8..4, prop::option::weighted(0.8, prop_oneof![-50_i128..50, 1_000_i128..9_000])),
                0..120,
            ),
            measure_mean: bool,
        ) {
            let mut set = Set { dominance: Some(10), ..sales(Release::Anonymous) };
            if measure_mean {
                let SetSource::Measure { of, .. } = sum(ORDER, order::TOTAL) else { unreachable!() };
                set.columns[2] = measure("total", SetSource::Measure { measure: Measure::Mean, of });
            }
            let customers: Vec<Customer> = places.iter().map(|place| (0, Some(*place), None)).collect();
            let buyer = |row: &(Option<u32>, i8, Option<i128>)| row.0.map(|buyer| buyer % places.len() as u32);
            let orders: Vec<Order> = rows.iter().map(|row| (0, buyer(row), Some(date(2026, row.1, 9)), row.2)).collect();
            let state = testing::state(&customers, &orders, &[], &[]);
            let computed = compute(&pipeline(), &set, &state, &tenant(""), 0, &key("")).unwrap();
            let gated = pass(&pipeline(), &set, computed).unwrap();
            prop_assert!(gated.report.dominance && gated.dictionary.dominance);

            type Cell = (BTreeSet<u32>, BTreeMap<u32, i128>);
            let mut cells: BTreeMap<(String, String), Cell> = BTreeMap::new();
            for row in &rows {
                let place = buyer(row).map(|buyer| places[buyer as usize]).unwrap_or_default();
                let cell = cells.entry((format!("2026-0{}-01", row.1), place.to_owned())).or_default();
                cell.0.extend(buyer(row));
                if let (Some(buyer), Some(amount)) = (buyer(row), row.2) {
                    *cell.1.entry(buyer).or_default() += amount;
                }
            }
            let shows_too_much = |names: &[&(String, String)]| {
                let mut people: BTreeMap<u32, i128> = BTreeMap::new();
                for name in names {
                    for (person, amount) in &cells[*name].1 {
                        *people.entry(*person).or_default() += amount;
                    }
                }
                let mut amounts: Vec<i128> = people.values().map(|amount| amount.abs()).collect();
                amounts.sort_unstable();
                let (first, second) = (amounts.pop().unwrap_or(0), amounts.pop().unwrap_or(0));
                let rest = people.values().map(|amount| amount.abs()).sum::<i128>() - first - second;
                (1..3).contains(&people.len()) || rest * 100 < 10 * first
            };
            let published: BTreeSet<(String, String)> = lines_of(&gated.batch())
                .iter()
                .map(|line| line.split('|').collect::<Vec<_>>())
                .map(|found| (found[0].to_owned(), found[1].to_owned()))
                .collect();
            for name in &published {
                prop_assert!(cells[name].0.len() >= 3 && !shows_too_much(&[name]), "{name:?}");
            }
            for (month, place) in cells.keys() {
                for (by_month, by_place) in [(true, false), (false, true), (false, false)] {
                    let margin: Vec<_> =
                        cells.keys().filter(|cell| (!by_month || cell.0 == *month) && (!by_place || cell.1 == *place)).collect();
                    let unknown: Vec<_> = margin.iter().copied().filter(|cell| !published.contains(*cell)).collect();
                    if !unknown.is_empty() && unknown.len() < margin.len() {
                        prop_assert!(unknown.len() > 1 && !shows_too_much(&unknown), "{unknown:?}");
                    }
                }
            }
            if cells.iter().all(|(name, cell)| cell.0.len() >= 3 && !shows_too_much(&[name])) {
                prop_assert_eq!(published.len(), cells.len());
            }
        }

        /// The witness groups row by row; from what is published and every margin's true total, no cell left out is one
        /// subtraction away.
        #[test]
        fn published_totals_are_true_and_nothing_small_can_be_worked_out(
            places in prop::collection::vec(prop::sample::select(vec!["21", "22", "23"]), 1..15),
            rows in prop::collection::vec((prop::option::weighted(0.9, 0_u32..15), 1_i8..4, -500_i128..500), 0..80),
        ) {
            let rows: Vec<Row> = rows.into_iter().map(|(buyer, month, amount)| (buyer.map(|buyer| buyer % places.len() as u32), month, amount)).collect();
            let gated = gate(&sales(Release::Anonymous), &places, &rows).unwrap();
            let mut cells: BTreeMap<(String, String), (i128, u64, BTreeSet<u32>)> = BTreeMap::new();
            for (buyer, month, amount) in &rows {
                let place = buyer.map(|buyer| places[buyer as usize]).unwrap_or_default();
                let cell = cells.entry((format!("2026-0{month}-01"), place.to_owned())).or_default();
                cell.0 += amount;
                cell.1 += 1;
                cell.2.extend(buyer);
            }
            let mut published = BTreeSet::new();
            for line in lines_of(&gated.batch()) {
                let found: Vec<&str> = line.split('|').collect();
                let name = (found[0].to_owned(), found[1].to_owned());
                let (sum, count, people) = &cells[&name];
                prop_assert_eq!((found[2].parse::<f64>().unwrap() * 100.0).round() as i128, *sum);
                prop_assert_eq!(found[3].parse::<u64>().unwrap(), *count);
                prop_assert_eq!(found[4].parse::<usize>().unwrap(), people.len());
                prop_assert!(people.len() >= 3);
                published.insert(name);
            }
            prop_assert_eq!(gated.report.suppressed as usize, cells.len() - published.len());
            for (month, place) in cells.keys() {
                for (by_month, by_place) in [(true, false), (false, true), (false, false)] {
                    let margin: Vec<_> =
                        cells.keys().filter(|cell| (!by_month || cell.0 == *month) && (!by_place || cell.1 == *place)).collect();
                    let unknown = margin.iter().filter(|cell| !published.contains(**cell)).count();
                    prop_assert!(unknown != 1 || margin.len() == 1);
                }
            }
            if cells.values().all(|cell| cell.2.len() >= 3) {
                prop_assert_eq!(published.len(), cells.len());
            }
        }
    }
}
