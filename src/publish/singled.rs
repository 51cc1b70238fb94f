//! Columns that do not count for k and tell people apart all the same.
//!
//! A loyalty number classed `plain`, or a lifetime total classed `amount`, stands in a person's own row and is published with each of that
//! person's rows. Where it is different for everybody it is a second pseudonym, which whoever knows it from elsewhere turns into a name, and k
//! says nothing of it. So the cells of such columns are compared among the people who are in the set: over the people's own table, each person
//! once, whatever the number of their rows is.

use arrow::array::BooleanArray;
use serde::{Deserialize, Serialize};

use super::PublishError;
use super::frame::{ComputedColumn, computed, counts};
use super::gate::GateReport;
use super::gather::Gather;
use super::intern::Interner;
use super::manifest::Manifest;
use super::piece::Piece;
use super::remarks::Remark;
use super::risk::share;
use super::treatment::Circumstances;
use crate::keys::DerivedKey;
use crate::pipeline::{Formula, Generalised, Measure, Pipeline, ReferenceIndex, Release, Set, SetColumn, SetSource, Term};
use crate::snapshot::State;

/// A published column that does not count for k, and how many people are alone with what it says of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SinglesOut {
    /// The set's column.
    pub column: String,
    /// How many people are alone with their value, or alone without one.
    pub alone: u64,
    /// The share of the people whose rows come to the gate who are, to six decimals.
    pub share: f64,
}

/// The columns of a set of rows that single somebody out, although they neither count for k nor are pseudonyms: those that stand in the row of
/// the subject, or are reached from there. `subjects` are the rows of those who are in the set before its gate; one may come several times.
/// None where fewer than two people are in it, whom nothing could tell apart.
///
/// # Errors
/// As [`super::compute()`].
pub(super) fn singling_out(
    (pipeline, set, state, tenant): (&Pipeline, &Set, &State, u16),
    circumstances: &Circumstances,
    key: &DerivedKey,
    subjects: impl Iterator<Item = u32>,
) -> Result<Vec<SinglesOut>, PublishError> {
    let Some((path, category)) = set.subject.as_ref().filter(|_| set.release == Release::Pseudonymised) else { return Ok(Vec::new()) };
    // A group that is not one person's has the values of several.
    let table = pipeline.categories[*category].table;
    let of_person = |column: &SetColumn| match &column.source {
        SetSource::Column { generalise: Generalised::Pseudonym { domain, .. }, .. } => domain == pipeline.tables[table].name(),
        _ => false,
    };
    let by_person = !set.aggregates || set.columns.iter().any(of_person);
    let is_tested = |column: &&SetColumn| !counts(pipeline, column) && (by_person || !matches!(column.source, SetSource::Measure { .. }));
    let uncounted = set.columns.iter().filter(is_tested);
    let own = uncounted.filter_map(|column| Some(SetColumn { source: from_subject(&column.source, path)?, ..column.clone() }));
    let own: Vec<SetColumn> = own.collect();
    if own.is_empty() {
        return Ok(Vec::new());
    }
    let mut is_in = vec![false; state.tables[table].rows];
    for subject in subjects {
        if let Some(is_in) = is_in.get_mut(subject as usize) {
            *is_in = true;
        }
    }
    let people = Set { base: table, subject: Some((Vec::new(), *category)), filter: Vec::new(), columns: Vec::new(), ..set.clone() };
    let piece = Piece::whole(state, table);
    let mut gather = Gather::of(pipeline, &people, state, &piece, tenant)?;
    let chosen = gather.subjects(&[]).iter().map(|row| Some(row.is_some_and(|row| is_in[row as usize]))).collect::<BooleanArray>();
    gather.keep(&chosen)?;
    let all = gather.rows() as u64;
    if all < 2 {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for column in &own {
        let ComputedColumn::Cells { values, .. } = computed(pipeline, set, &mut gather, column, circumstances, key)? else { continue };
        // Every type that a set can publish has its values numbered.
        let Some(mut known) = Interner::of(values.data_type()) else { continue };
        let codes = known.codes(&values).map_err(PublishError::step(&set.name, "numbering values"))?;
        let mut people = vec![0_u32; known.len() + 1];
        codes.iter().for_each(|code| people[*code as usize] += 1);
        let alone = people.iter().filter(|people| **people == 1).count() as u64;
        if alone > 0 {
            found.push(SinglesOut { column: column.name.clone(), alone, share: share(alone, all) });
        }
    }
    Ok(found)
}

/// What is to be said of them; it is new where the version before had no such column of that name.
pub(super) fn remarks(gate: &GateReport, before: Option<&Manifest>) -> Vec<Remark> {
    let told = gate.singles_out.iter().map(|found| {
        let was_there = |before: &Manifest| before.gate.singles_out.iter().any(|known| known.column == found.column);
        let people = if found.alone == 1 { "1 person is" } else { &format!("{} people are", found.alone) };
        let percent = match found.share * 100.0 {
            few if few < 0.1 => "less than 0.1".to_owned(),
            share => format!("{share:.1}"),
        };
        Remark {
            text: format!(
                "`{}` does not count for k, and {people} alone with what it says of them ({percent} % of those in the set)",
                found.column
            ),
            hint: Some("declare `quasi_identifier = true` for it, generalise it with `as`, or leave it out".to_owned()),
            look: !before.is_some_and(was_there),
        }
    });
    told.collect()
}

/// The same column as seen from the subject's row; `None` where it is a pseudonym, says nothing of the subject, or is not the same in all of the
/// subject's rows.
fn from_subject(source: &SetSource, subject: &[ReferenceIndex]) -> Option<SetSource> {
    match source {
        SetSource::Column { generalise: Generalised::Pseudonym { .. }, .. } => None,
        SetSource::Column { path, table, columns, cast, generalise } => Some(SetSource::Column {
            path: path.strip_prefix(subject)?.to_vec(),
            table: *table,
            columns: columns.clone(),
            cast: *cast,
            generalise: generalise.clone(),
        }),
        SetSource::Amount(formula) => {
            Some(SetSource::Amount(Formula { text: formula.text.clone(), term: term_from_subject(&formula.term, subject)? }))
        }
        // Of a person's own row every one of that person's rows has the same, so that the least, the greatest and the mean are that value too.
        SetSource::Measure { measure: Measure::Rank(_) | Measure::Mean, of } => from_subject(&SetSource::Amount(of.clone()), subject),
        SetSource::Constant(_) | SetSource::Measure { .. } | SetSource::Count | SetSource::CountSubjects => None,
    }
}

fn term_from_subject(term: &Term, subject: &[ReferenceIndex]) -> Option<Term> {
    Some(match term {
        Term::Column { path, table, column, cast } => {
            Term::Column { path: path.strip_prefix(subject)?.to_vec(), table: *table, column: *column, cast: *cast }
        }
        Term::Number { .. } => term.clone(),
        Term::Combined(operator, left, right) => {
            Term::Combined(*operator, Box::new(term_from_subject(left, subject)?), Box::new(term_from_subject(right, subject)?))
        }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use arrow::array::{ArrayRef, StringArray};
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::kernels::convert::Target;
    use crate::kernels::rank::Rank;
    use crate::publish::build::{Builder, Making};
    use crate::publish::testing::{self, CUSTOMER, ORDER, TO_CUSTOMER, column, customer, key, measure, order, pipeline, pseudonym, tenant};
    use crate::publish::{Gated, compute, pass};

    /// The column of the customer table that is classed `plain`.
    const KIND: usize = 5;

    fn orders() -> Set {
        let mut set = testing::set(ORDER, Release::Pseudonymised, Some(vec![TO_CUSTOMER]));
        set.columns = vec![
            column("who", &[], ORDER, order::CUSTOMER, pseudonym()),
            column("loyalty_no", &[TO_CUSTOMER], CUSTOMER, KIND, Generalised::Value),
            column("total", &[], ORDER, order::TOTAL, Generalised::Value),
        ];
        set
    }

    /// Customers by what stands in the plain column, and whose order each is.
    fn shop(kinds: &[Option<&str>], buyers: &[Option<u32>]) -> State {
        let customers: Vec<testing::Customer> = kinds.iter().map(|_| (0, Some("22100"), None)).collect();
        let orders: Vec<testing::Order> =
            buyers.iter().enumerate().map(|(at, buyer)| (0, *buyer, Some(date(2026, 5, 1)), Some(at as i128 * 100))).collect();
        let mut state = testing::state(&customers, &orders, &[], &[]);
        state.tables[CUSTOMER].columns[KIND] = Some(Arc::new(StringArray::from(kinds.to_vec())) as ArrayRef);
        state
    }

    /// Both ways in which a set is made must say the same.
    fn gated(set: &Set, state: &State) -> Gated {
        let (pipeline, tenant, key) = (pipeline(), tenant(""), key(""));
        let folder = tempfile::tempdir().unwrap();
        let making =
            Making { pipeline: &pipeline, set, state, tenant: &tenant, tenant_index: 0, key: &key, coded: &[], spill: folder.path() };
        let piece_by_piece = Builder::of_state(making).unwrap().finish().unwrap();
        let whole = pass(&pipeline, set, compute(&pipeline, set, state, &tenant, 0, &key).unwrap()).unwrap();
        assert_eq!(piece_by_piece.report, whole.report);
        whole
    }

    fn found(set: &Set, state: &State) -> Vec<(String, u64, f64)> {
        gated(set, state).report.singles_out.into_iter().map(|found| (found.column, found.alone, found.share)).collect()
    }

    #[test]
    fn a_number_of_ones_own_singles_everybody_out_and_a_kind_does_not() {
        let numbers = shop(&[Some("L1"), Some("L2"), Some("L3"), Some("L4")], &[Some(0), Some(0), Some(1), Some(2), None]);
        assert_eq!(found(&orders(), &numbers), [("loyalty_no".to_owned(), 3, 1.0)], "the fourth has bought nothing");
        let kinds = shop(&[Some("gold"), Some("gold"), Some("gold"), None], &[Some(0), Some(0), Some(1), Some(2)]);
        assert_eq!(found(&orders(), &kinds), []);
        let one = shop(&[Some("gold"), Some("gold"), Some("gold"), None], &[Some(0), Some(3), Some(1), Some(2)]);
        assert_eq!(found(&orders(), &one), [("loyalty_no".to_owned(), 1, 0.25)], "who alone has none is alone");
    }

    #[test]
    fn what_counts_for_k_is_a_pseudonym_or_is_of_the_row_is_not_looked_at() {
        let numbers = shop(&[Some("L1"), Some("L2"), Some("L3")], &[Some(0), Some(1), Some(2)]);
        let mut set = orders();
        set.columns[1].quasi_identifier = true;
        assert_eq!(found(&set, &numbers), []);
        set.columns.remove(1);
        set.columns.push(column("key", &[TO_CUSTOMER], CUSTOMER, customer::ID, pseudonym()));
        assert_eq!(found(&set, &numbers), []);
        let alone = shop(&[Some("L1"), Some("L2")], &[Some(0), Some(0)]);
        assert_eq!(found(&orders(), &alone), [], "one person can not be told from anybody");
    }

    #[test]
    fn a_set_of_the_people_themselves_is_looked_at_too() {
        let numbers = shop(&[Some("L1"), Some("L2"), Some("L2")], &[]);
        let mut set = testing::set(CUSTOMER, Release::Pseudonymised, Some(Vec::new()));
        set.columns = vec![column("loyalty_no", &[], CUSTOMER, KIND, Generalised::Value)];
        assert_eq!(found(&set, &numbers), [("loyalty_no".to_owned(), 1, 0.333_333)]);
        set.columns[0].source =
            SetSource::Column { path: Vec::new(), table: CUSTOMER, columns: vec![KIND], cast: None, generalise: Generalised::Prefix(1) };
        assert_eq!(found(&set, &numbers), [], "what is published is compared, not what is stored");
    }

    #[test]
    fn the_least_and_the_greatest_of_what_stands_in_ones_own_row_are_looked_at_too() {
        let numbers = shop(&[Some("1"), Some("2"), Some("2")], &[Some(0), Some(0), Some(1), Some(2)]);
        let mut set = orders();
        set.aggregates = true;
        let term = Term::Column { path: vec![TO_CUSTOMER], table: CUSTOMER, column: KIND, cast: Some(Target::Integer) };
        let of = Formula { text: "customer.kind".to_owned(), term };
        set.columns.truncate(1);
        set.columns.push(measure("kind", SetSource::Measure { measure: Measure::Rank(Rank::Greatest), of }));
        assert_eq!(found(&set, &numbers), [("kind".to_owned(), 1, 0.333_333)]);
        // A group of several has the value of one of them, and k is about groups.
        set.columns[0] = column("day", &[], ORDER, order::DAY, Generalised::Value);
        assert_eq!(found(&set, &numbers), []);
    }

    #[test]
    fn where_nothing_counts_for_k_the_figures_are_missing_and_not_nought() {
        let report = gated(&orders(), &shop(&[Some("a"), Some("b")], &[Some(0), Some(1)])).report;
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!((&json["groups"], &json["smallest_group"], &json["uniqueness"]), (&().into(), &().into(), &().into()), "{json}");
        assert_eq!(json["singles_out"], serde_json::json!([{"column": "loyalty_no", "alone": 2, "share": 1.0}]));
        let mut set = orders();
        set.columns.push(column("area", &[TO_CUSTOMER], CUSTOMER, customer::POSTCODE, Generalised::Prefix(2)));
        let report = gated(&set, &shop(&[Some("a"), Some("a"), Some("a")], &[Some(0), Some(1), Some(2)])).report;
        assert_eq!((report.groups, report.uniqueness), (Some(1), Some(0.0)), "what was counted is told, although it is nought");
    }

    proptest! {
        /// The witness asks each person in the set who else says the same.
        #[test]
        fn figures_are_those_of_a_plain_loop(
            kinds in prop::collection::vec(prop::option::weighted(0.8, "[ab]{1,2}"), 1..9),
            buyers in prop::collection::vec(prop::option::weighted(0.9, 0_u32..9), 0..20),
        ) {
            let buyers: Vec<Option<u32>> = buyers.into_iter().map(|buyer| buyer.filter(|buyer| (*buyer as usize) < kinds.len())).collect();
            let people: BTreeMap<u32, Option<&str>> =
                buyers.iter().flatten().map(|buyer| (*buyer, kinds[*buyer as usize].as_deref())).collect();
            let is_alone = |(person, kind): &(&u32, &Option<&str>)| !people.iter().any(|(other, said)| other != *person && said == *kind);
            let alone = people.iter().filter(is_alone).count() as u64;
            let texts: Vec<Option<&str>> = kinds.iter().map(Option::as_deref).collect();
            let found = found(&orders(), &shop(&texts, &buyers));
            let expected = if people.len() < 2 { 0 } else { alone };
            prop_assert_eq!(found.iter().map(|(_, alone, _)| *alone).sum::<u64>(), expected);
        }
    }
}
