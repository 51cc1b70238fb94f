//! The gate of rows: every combination of quasi-identifiers that is shown has k subjects.

use std::collections::HashSet;

use arrow::array::{Array, ArrayRef, BooleanArray, UInt32Array};
use arrow::compute::nullif;

use super::PublishError;
use super::coarsen::{coarsen, coarsened, too_many_small};
use super::dictionary::end_of;
use super::frame::{Computed, ComputedColumn};
use super::gate::GateReport;
use super::group::{Groups, distinct, subject_of};
use super::risk::{Risk, RiskReport, share};
use crate::pipeline::{Class, Condition, Pipeline, ReferenceIndex, Set, SmallGroups};

/// Makes quasi-identifiers coarser or NULL until every combination shown has k subjects. Gives the rows where they became NULL, if there are
/// any.
///
/// # Errors
/// [`PublishError::FewChosen`] where the set's conditions ask for a quasi-identifier and leave fewer than k subjects: what the conditions say is
/// then a combination that is shown, whatever the columns hide. As [`super::pass`] besides.
pub(super) fn gate_rows(
    pipeline: &Pipeline,
    set: &Set,
    computed: &mut Computed,
    report: &mut GateReport,
) -> Result<Option<BooleanArray>, PublishError> {
    let hidden = gate_combinations(set, computed, report)?;
    let asks = |(path, condition): &(Vec<ReferenceIndex>, Condition)| {
        pipeline.tables[end_of(pipeline, set, path)].columns[condition.column].class == Class::QuasiIdentifier
    };
    if report.people > 0 && report.people < u64::from(set.k) && set.filter.iter().any(asks) {
        return Err(PublishError::FewChosen { set: set.name.clone(), people: report.people, k: set.k });
    }
    Ok(hidden)
}

fn gate_combinations(set: &Set, computed: &mut Computed, report: &mut GateReport) -> Result<Option<BooleanArray>, PublishError> {
    report.singles_out = std::mem::take(&mut computed.singles_out);
    if computed.quasi_identifiers().is_empty() {
        // Nothing is counted, so that no figure may say nought.
        report.subjects = distinct(computed.subjects.as_ref().into_iter().flat_map(|subjects| subjects.iter().flatten()));
        report.people = report.subjects;
        return Ok(None);
    }
    let Some(subjects) = computed.subjects.clone() else {
        return Err(PublishError::NoSubject { set: set.name.clone() });
    };
    let k = u64::from(set.k);
    let by_quasi_identifiers = |computed: &Computed| {
        let groups = Groups::of(&set.name, &computed.quasi_identifiers(), computed.subjects.as_ref(), computed.rows)?;
        Ok::<_, PublishError>(groups.weighted(computed.weights.as_deref()))
    };
    let mut groups = by_quasi_identifiers(computed)?;
    let before = Risk::of(&groups, &subjects, k);
    let alone = (0..groups.len()).filter(|group| groups.subjects[*group] == 1).map(|group| groups.size(group)).sum();
    report.uniqueness = Some(share(alone, (0..groups.len()).map(|group| groups.size(group)).sum()));
    match set.small_groups {
        SmallGroups::Refuse => refuse(set, &groups, computed, k)?,
        SmallGroups::Suppress | SmallGroups::SuppressRows => {}
        SmallGroups::Generalise => {
            while too_many_small(&groups, &subjects, k) && coarsen(set, computed)? {
                groups = by_quasi_identifiers(computed)?;
            }
            report.coarsened = coarsened(set, computed);
        }
    }
    let leaves_out = set.small_groups == SmallGroups::SuppressRows;
    let hidden = match leaves_out {
        true => combinations_to_leave_out(&groups, &computed.quasi_identifiers(), k),
        false => combinations_to_hide(&groups, &computed.quasi_identifiers(), &subjects, k),
    };
    let mut hides = None;
    if hidden.rows > 0 {
        let mut mask = vec![false; computed.rows];
        for group in (0..groups.len()).filter(|group| hidden.groups[*group]) {
            for row in groups.rows_of(group) {
                mask[*row as usize] = true;
            }
        }
        let mask = BooleanArray::from(mask);
        if leaves_out {
            computed.leave_out(&mask).map_err(PublishError::step(&set.name, "leaving rows out"))?;
        }
        for column in &mut computed.columns {
            if let ComputedColumn::Cells { values, quasi_identifier: true, .. } = column
                && !leaves_out
            {
                *values = nullif(values, &mask).map_err(PublishError::step(&set.name, "suppressing"))?;
            }
        }
        hides = Some(mask);
    }
    // Counted again from what is published, not from what was meant to be.
    let subjects = computed.subjects.clone().unwrap_or(subjects);
    let cells = computed.quasi_identifiers();
    let groups = by_quasi_identifiers(computed)?;
    let shown = groups.first_rows();
    let shown: Vec<usize> =
        (0..groups.len()).filter(|group| cells.iter().any(|cell| cell.is_valid(shown.value(*group) as usize))).collect();
    report.shown = shown.iter().map(|group| groups.size(*group)).sum();
    let shown: Vec<u64> = shown.into_iter().map(|group| groups.subjects[group]).collect();
    report.groups = Some(shown.len() as u64);
    report.smallest_group = shown.iter().min().copied();
    report.people = before.subjects;
    report.suppressed = hidden.rows;
    report.complementary = hidden.complementary;
    report.subjects = distinct(subjects.iter().flatten());
    report.risk = Some(RiskReport { before, after: Risk::of(&groups, &subjects, k) });
    match report.smallest_group {
        Some(smallest) if smallest < k => Err(PublishError::Compute { set: set.name.clone(), step: "the gate's own check" }),
        _ => Ok(hides),
    }
}

/// Groups whose quasi-identifiers become NULL.
struct Hidden {
    groups: Vec<bool>,
    rows: u64,
    complementary: u64,
}

/// Chooses the groups whose rows are left out: all that are small, but for rows that show nothing and lead to nobody.
fn combinations_to_leave_out(groups: &Groups, cells: &[ArrayRef], k: u64) -> Hidden {
    let first = groups.first_rows();
    let shows = |group: usize| cells.iter().any(|cell| cell.is_valid(first.value(group) as usize));
    let hidden: Vec<bool> =
        (0..groups.len()).map(|group| groups.subjects[group] < k && (groups.subjects[group] > 0 || shows(group))).collect();
    let rows = (0..groups.len()).filter(|group| hidden[*group]).map(|group| groups.size(group)).sum();
    Hidden { groups: hidden, rows, complementary: 0 }
}

/// Chooses the groups to suppress; the module's page states the rule.
fn combinations_to_hide(groups: &Groups, cells: &[ArrayRef], subjects: &UInt32Array, k: u64) -> Hidden {
    let first = groups.first_rows();
    let blank = |group: usize| cells.iter().all(|cell| cell.is_null(first.value(group) as usize));
    let mut hidden = vec![false; groups.len()];
    let mut without: HashSet<u32> = HashSet::new();
    let mut result = Hidden { groups: Vec::new(), rows: 0, complementary: 0 };
    let mut shown = Vec::new();
    for (group, hidden) in hidden.iter_mut().enumerate() {
        let small = groups.subjects[group] < k;
        let is_blank = blank(group);
        if is_blank || small {
            without.extend(groups.rows_of(group).iter().filter_map(|row| subject_of(subjects, *row)));
        }
        if small && !is_blank {
            *hidden = true;
            result.rows += groups.size(group);
        } else if !is_blank {
            shown.push(group);
        }
    }
    shown.sort_by_key(|group| (groups.subjects[*group], *group));
    let mut shown = shown.into_iter();
    // Rows that were blank from the start and lead to nobody, such as cash sales, need no company.
    let mut needs_company = result.rows > 0 || !without.is_empty();
    while needs_company && (without.len() as u64) < k {
        match shown.next() {
            Some(group) => {
                let rows = groups.rows_of(group);
                without.extend(rows.iter().filter_map(|row| subject_of(subjects, *row)));
                hidden[group] = true;
                result.rows += groups.size(group);
                result.complementary += groups.size(group);
            }
            None => needs_company = false,
        }
    }
    result.groups = hidden;
    result
}

fn refuse(set: &Set, groups: &Groups, computed: &Computed, k: u64) -> Result<(), PublishError> {
    let cells = computed.quasi_identifiers();
    let first = groups.first_rows();
    let small: Vec<usize> = (0..groups.len())
        .filter(|group| groups.subjects[*group] < k)
        // As in suppression: a row that shows nothing and leads to nobody identifies nobody.
        .filter(|group| groups.subjects[*group] > 0 || cells.iter().any(|cell| cell.is_valid(first.value(*group) as usize)))
        .collect();
    if small.is_empty() {
        return Ok(());
    }
    Err(PublishError::SmallGroups {
        set: set.name.clone(),
        groups: small.len() as u64,
        rows: small.iter().map(|group| groups.size(*group)).sum(),
        k: set.k,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::pipeline::{Generalised, PeriodKind, Release};
    use crate::publish::gate::{Gated, pass};
    use crate::publish::testing::{
        self, CUSTOMER, Customer, ORDER, Order, TO_CUSTOMER, column, customer, key, lines_of, order, pipeline, tenant,
    };
    use crate::publish::{PublishError, compute};

    /// Per order its number (as the amount), the buyer's postcode area and the month; both count for k.
    fn orders(small_groups: SmallGroups, prefix: usize) -> Set {
        let mut set = testing::set(ORDER, Release::Pseudonymised, Some(vec![TO_CUSTOMER]));
        let month = column("month", &[], ORDER, order::DAY, Generalised::Period(PeriodKind::Month));
        set.columns = vec![
            column("area", &[TO_CUSTOMER], CUSTOMER, customer::POSTCODE, Generalised::Prefix(prefix)),
            crate::pipeline::SetColumn { quasi_identifier: true, ..month },
            column("number", &[], ORDER, order::TOTAL, Generalised::Value),
        ];
        set.small_groups = small_groups;
        set
    }

    fn gate(set: &Set, customers: &[Option<&'static str>], orders: &[(Option<u32>, Option<i8>)]) -> Result<Gated, PublishError> {
        let customers: Vec<Customer> = customers.iter().map(|postcode| (0, *postcode, None)).collect();
        let orders: Vec<Order> = orders
            .iter()
            .enumerate()
            .map(|(at, (buyer, month))| (0, *buyer, month.map(|month| date(2026, month, 15)), Some(at as i128 * 100)))
            .collect();
        let state = testing::state(&customers, &orders, &[], &[]);
        let computed = compute(&pipeline(), set, &state, &tenant(""), 0, &key(""))?;
        pass(&pipeline(), set, computed)
    }

    /// Four customers of Lund (22), two of Malmö (21), one of Kiruna (98), one of no known place.
    const PLACES: [Option<&str>; 8] =
        [Some("22100"), Some("22100"), Some("22200"), Some("22200"), Some("21100"), Some("21200"), Some("98100"), None];

    fn one_order_each(month: i8) -> Vec<(Option<u32>, Option<i8>)> {
        (0..PLACES.len() as u32).map(|buyer| (Some(buyer), Some(month))).collect()
    }

    #[test]
    fn small_groups_lose_their_quasi_identifiers_and_nothing_else() {
        // k = 3, one month. Groups: 22 (4 subjects), 21 (2), 98 (1), none (1). The last three are suppressed: 4 subjects
        // without quasi-identifiers, which is enough; 22 stays.
        let gated = gate(&orders(SmallGroups::Suppress, 2), &PLACES, &one_order_each(5)).unwrap();
        assert_eq!(
            lines_of(&gated.batch()),
            ["||4", "||5", "||6", "||7", "22|2026-05-01|0", "22|2026-05-01|1", "22|2026-05-01|2", "22|2026-05-01|3"]
        );
        let report = gated.report;
        assert_eq!((report.groups, report.smallest_group, report.subjects), (Some(1), Some(4), 8));
        assert_eq!((report.suppressed, report.complementary), (4, 0));
        // Kiruna and the unknown place stood alone: two of eight rows.
        assert_eq!(report.uniqueness, Some(0.25));
        // Four groups of 4, 2, 1 and 1, of whom those below 3 are four people; then two of 4.
        let risk = report.risk.unwrap();
        assert_eq!((risk.before.unique_rows, risk.before.highest, risk.before.average, risk.before.at_risk), (0.25, 1.0, 0.5, 0.5));
        assert_eq!((risk.after.unique_rows, risk.after.highest, risk.after.average, risk.after.at_risk), (0.0, 0.25, 0.25, 0.0));
        assert_eq!(gated.rows_before, 8);
    }

    #[test]
    fn a_few_suppressed_rows_take_the_next_smallest_group_along() {
        // Only Kiruna is small. One subject is fewer than three: the 3 of Malmö go as well, the 4 of Lund stay.
        let places = [Some("22"), Some("22"), Some("22"), Some("22"), Some("21"), Some("21"), Some("21"), Some("98")];
        let gated = gate(&orders(SmallGroups::Suppress, 2), &places, &one_order_each(5)).unwrap();
        assert_eq!(lines_of(&gated.batch())[..5], ["||4", "||5", "||6", "||7", "22|2026-05-01|0"]);
        assert_eq!((gated.report.suppressed, gated.report.complementary, gated.report.smallest_group), (4, 3, Some(4)));
    }

    #[test]
    fn where_all_are_few_nothing_is_shown() {
        let gated = gate(&orders(SmallGroups::Suppress, 2), &PLACES[..2], &[(Some(0), Some(5)), (Some(1), Some(5))]).unwrap();
        assert_eq!(lines_of(&gated.batch()), ["||0", "||1"]);
        assert_eq!((gated.report.groups, gated.report.smallest_group, gated.report.suppressed), (Some(0), None, 2));
    }

    #[test]
    fn many_rows_of_one_subject_are_one_subject() {
        let many = vec![(Some(6), Some(5)); 50];
        let gated = gate(&orders(SmallGroups::Suppress, 2), &PLACES, &many).unwrap();
        assert_eq!((gated.report.suppressed, gated.report.subjects), (50, 1));
    }

    #[test]
    fn rows_of_nobody_count_for_nobody() {
        // Four subjects of Lund, and cash sales: in May (a month, so a combination without any subject) and without a day.
        let mut rows = one_order_each(5)[..4].to_vec();
        rows.extend([(None, None); 5]);
        let gated = gate(&orders(SmallGroups::Suppress, 2), &PLACES, &rows).unwrap();
        assert_eq!((gated.report.suppressed, gated.report.smallest_group), (0, Some(4)));
        rows.extend([(None, Some(5)); 5]);
        let gated = gate(&orders(SmallGroups::Suppress, 2), &PLACES, &rows).unwrap();
        // The cash sales of May are suppressed; nobody is known behind them, so the only group left joins them.
        assert_eq!((gated.report.suppressed, gated.report.complementary), (9, 4));
    }

    #[test]
    fn rows_of_small_groups_are_left_out_where_the_set_says_so() {
        let gated = gate(&orders(SmallGroups::SuppressRows, 2), &PLACES, &one_order_each(5)).unwrap();
        assert_eq!(lines_of(&gated.batch()), ["22|2026-05-01|0", "22|2026-05-01|1", "22|2026-05-01|2", "22|2026-05-01|3"]);
        let report = gated.report;
        assert_eq!((report.groups, report.smallest_group, report.subjects), (Some(1), Some(4), 4));
        assert_eq!((report.suppressed, report.complementary, gated.rows_before), (4, 0, 8));
        // Cash sales without a month say nothing of anybody, and stay.
        let rows = [&one_order_each(5)[..4], &[(None, None); 2], &[(None, Some(5)); 2]].concat();
        let gated = gate(&orders(SmallGroups::SuppressRows, 2), &PLACES, &rows).unwrap();
        assert_eq!(lines_of(&gated.batch())[..3], ["||4", "||5", "22|2026-05-01|0"]);
        assert_eq!((gated.batch().num_rows(), gated.report.suppressed), (6, 2));
    }

    #[test]
    fn refusing_tells_counts_and_no_values() {
        let error = gate(&orders(SmallGroups::Refuse, 2), &PLACES, &one_order_each(5)).unwrap_err();
        assert_eq!(error.to_string(), "set `sales` has 3 groups of fewer than 3 subjects, with 4 rows, and refuses small groups");
        let mut common = one_order_each(5)[..4].to_vec();
        common.push((None, None));
        assert!(gate(&orders(SmallGroups::Refuse, 2), &PLACES, &common).is_ok());
    }

    #[test]
    fn generalising_goes_on_until_few_are_left() {
        // 12 subjects, one order each, months 1 to 12, areas 221 and 222 alternating: 12 groups of one. `month` has the most
        // values (12): a quarter has 3 subjects in 2 areas, still 12 in small groups. `month` has 4 values, `area` 2: a year
        // has 6 subjects per area, and k = 3 is reached.
        let places: Vec<_> = (0..12).map(|at| Some(if at % 2 == 0 { "22100" } else { "22200" })).collect();
        let rows: Vec<_> = (0..12).map(|at| (Some(at), Some(at as i8 + 1))).collect();
        let gated = gate(&orders(SmallGroups::Generalise, 3), &places, &rows).unwrap();
        assert_eq!(gated.report.coarsened, [("month".to_owned(), "year".to_owned())]);
        assert_eq!((gated.report.groups, gated.report.smallest_group, gated.report.suppressed), (Some(2), Some(6), 0));
        assert_eq!(lines_of(&gated.batch())[0], "221|2026-01-01|0");
        assert_eq!(gated.dictionary.columns[1].treatment, "year");
        assert_eq!(gated.report.uniqueness, Some(1.0));
    }

    #[test]
    fn generalising_leaves_a_small_remainder_to_suppression() {
        // Kiruna's one subject and Malmö's two are three, not more than k: no column is made coarser for them.
        let gated = gate(&orders(SmallGroups::Generalise, 2), &PLACES[..7], &one_order_each(5)[..7]).unwrap();
        assert_eq!((gated.report.coarsened.len(), gated.report.suppressed), (0, 3));
    }

    #[test]
    fn groups_need_a_subject_and_sets_without_quasi_identifiers_do_not() {
        let mut set = orders(SmallGroups::Suppress, 2);
        set.subject = None;
        assert!(matches!(gate(&set, &PLACES, &one_order_each(5)), Err(PublishError::NoSubject { .. })));
        set.columns.drain(..2);
        let gated = gate(&set, &PLACES, &one_order_each(5)).unwrap();
        assert_eq!((gated.batch().num_rows(), gated.report.groups, gated.report.uniqueness), (8, None, None));
    }

    type Row = (Option<u32>, Option<i8>);

    fn store() -> impl Strategy<Value = (Vec<Option<&'static str>>, Vec<Row>)> {
        let place = prop::option::weighted(0.8, prop::sample::select(vec!["21", "22", "98"]));
        prop::collection::vec(place, 1..12).prop_flat_map(|places| {
            let buyers = places.len() as u32;
            let row = (prop::option::weighted(0.9, 0..buyers), prop::option::weighted(0.9, 1_i8..4));
            (Just(places), prop::collection::vec(row, 0..40))
        })
    }

    type Combination = (Option<&'static str>, Option<i8>);

    /// The witness of suppression: rows are blanked one group at a time, and everything is counted anew each time.
    fn slow(places: &[Option<&'static str>], rows: &[Row], k: usize) -> Vec<Combination> {
        let mut shown: Vec<Combination> =
            rows.iter().map(|(buyer, month)| (buyer.and_then(|buyer| places[buyer as usize]), *month)).collect();
        let groups = |shown: &[Combination]| {
            let mut groups: BTreeMap<Combination, BTreeSet<u32>> = BTreeMap::new();
            for (combination, (buyer, _)) in shown.iter().zip(rows) {
                groups.entry(*combination).or_default().extend(buyer);
            }
            groups
        };
        let mut suppressed = false;
        for (combination, people) in groups(&shown) {
            if combination != (None, None) && people.len() < k {
                suppressed = true;
                shown.iter_mut().filter(|shown| **shown == combination).for_each(|shown| *shown = (None, None));
            }
        }
        loop {
            let mut groups = groups(&shown);
            let blank = groups.remove(&(None, None)).unwrap_or_default();
            if blank.len() >= k || (blank.is_empty() && !suppressed) {
                return shown;
            }
            let Some(next) = groups.iter().min_by_key(|(combination, people)| (people.len(), **combination)) else {
                return shown;
            };
            let next = *next.0;
            shown.iter_mut().filter(|shown| **shown == next).for_each(|shown| *shown = (None, None));
        }
    }

    fn published(gated: &Gated) -> BTreeMap<usize, (String, String)> {
        let cells = lines_of(&gated.batch()).into_iter().map(|line| {
            let cells: Vec<&str> = line.split('|').collect();
            (cells[2].parse().unwrap(), (cells[0].to_owned(), cells[1].to_owned()))
        });
        cells.collect()
    }

    proptest! {
        #[test]
        fn suppression_is_that_of_a_plain_loop((places, rows) in store()) {
            let gated = gate(&orders(SmallGroups::Suppress, 2), &places, &rows).unwrap();
            let expected: BTreeMap<usize, (String, String)> = slow(&places, &rows, 3)
                .into_iter()
                .map(|(place, month)| (place.unwrap_or_default().to_owned(), month.map(|month| format!("2026-0{month}-01")).unwrap_or_default()))
                .enumerate()
                .collect();
            prop_assert_eq!(published(&gated), expected);
        }

        #[test]
        fn what_is_left_out_is_what_a_plain_loop_leaves_out((places, rows) in store()) {
            let gated = gate(&orders(SmallGroups::SuppressRows, 2), &places, &rows).unwrap();
            let combination = |row: &Row| (row.0.and_then(|buyer| places[buyer as usize]), row.1);
            let people = |of: (Option<&str>, Option<i8>)| -> BTreeSet<u32> {
                rows.iter().filter(|row| combination(row) == of).filter_map(|row| row.0).collect()
            };
            let stays = |row: &Row| {
                let (of, known) = (combination(row), people(combination(row)).len());
                known >= 3 || (known == 0 && of == (None, None))
            };
            let expected: BTreeSet<usize> = rows.iter().enumerate().filter(|(_, row)| stays(row)).map(|(at, _)| at).collect();
            prop_assert_eq!(published(&gated).into_keys().collect::<BTreeSet<_>>(), expected);
            prop_assert_eq!(gated.report.suppressed as usize + gated.batch().num_rows(), rows.len());
        }

        #[test]
        fn every_group_that_is_shown_has_k_subjects((places, rows) in store(), generalise: bool, k in 1_u32..5) {
            let small_groups = if generalise { SmallGroups::Generalise } else { SmallGroups::Suppress };
            let set = Set { k, ..orders(small_groups, 2) };
            let gated = gate(&set, &places, &rows).unwrap();
            let published = published(&gated);
            prop_assert_eq!(published.len(), rows.len());
            let mut groups: BTreeMap<(String, String), BTreeSet<u32>> = BTreeMap::new();
            for (row, combination) in published {
                groups.entry(combination).or_default().extend(rows[row].0);
            }
            let blank = groups.remove(&(String::new(), String::new()));
            for people in groups.values() {
                prop_assert!(people.len() >= k as usize);
            }
            prop_assert_eq!(gated.report.groups, Some(groups.len() as u64));
            prop_assert_eq!(gated.report.smallest_group, groups.values().map(|people| people.len() as u64).min());
            if let Some(people) = blank {
                prop_assert!(people.len() >= k as usize || groups.is_empty() || (people.is_empty() && gated.report.suppressed == 0));
            }
        }
    }
}
