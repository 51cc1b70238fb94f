//! Where a set's columns come from, worked out from the pipeline alone: no row is read.

use arrow::array::Array;
use arrow::datatypes::DataType;
use serde::{Deserialize, Serialize};

use super::dictionary::{Entry, entry, path_name};
use super::treatment::Treatment;
use crate::kernels::convert::Target;
use crate::kernels::mean::{DIGITS, mean_scale};
use crate::pipeline::{
    Class, Constant, Generalised, Measure, Pipeline, PseudonymFormat, Release, Scalar, Set, SetColumn, SetSource, Term, Test,
};

/// The lineage of a set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lineage {
    /// The set.
    pub set: String,
    /// What it is.
    pub description: String,
    /// What it promises.
    pub label: Release,
    /// The table of which its rows are rows or groups of rows.
    pub base: String,
    /// What its rows are, and whose.
    #[serde(flatten)]
    pub selection: Selection,
    /// Its columns, as the data dictionary has them where nothing is made coarser.
    pub columns: Vec<Entry>,
}

/// What the rows of a set are, and whose.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// Whether its rows are groups.
    #[serde(default)]
    pub aggregates: bool,
    /// References from the base to the data subject; empty where the base is the subject's own table. `None` where the set names no subject.
    #[serde(default)]
    pub subject: Option<String>,
    /// The subject's category.
    #[serde(default)]
    pub category: Option<String>,
    /// Which rows of the base are in the set; all must hold. No condition names a person: the pipeline refuses those on identifiers.
    #[serde(default)]
    pub filters: Vec<Filter>,
    /// The column of which only closed periods are published.
    #[serde(default)]
    pub closed: Option<String>,
}

/// A condition on the rows of the base.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// References from the base and the column at their end.
    pub path: String,
    /// What must hold, as the pipeline says it: `is "open" or "paid"`.
    pub holds: String,
}

/// What the rows of a set are, and whose.
pub(super) fn selection(pipeline: &Pipeline, set: &Set) -> Selection {
    let filters = set.filter.iter().map(|(path, condition)| {
        let end = path.last().map_or(set.base, |step| pipeline.references[*step].to);
        let column = &pipeline.tables[end].catalog.columns[condition.column].name;
        Filter { path: path_name(pipeline, path, column), holds: condition.tests.iter().map(words).collect::<Vec<_>>().join(" and ") }
    });
    Selection {
        aggregates: set.aggregates,
        subject: set.subject.as_ref().map(|(path, _)| path_name(pipeline, path, "")),
        category: set.subject.as_ref().map(|(_, category)| pipeline.categories[*category].name.clone()),
        filters: filters.collect(),
        closed: set.closed.and_then(|at| Some(set.columns.get(at)?.name.clone())),
    }
}

/// Works out where a set's columns come from.
pub fn lineage(pipeline: &Pipeline, set: &Set) -> Lineage {
    let columns = set.columns.iter().map(|column| {
        let (treatment, personal) = match &column.source {
            SetSource::Column { generalise, table, columns, .. } => {
                let quasi = columns.iter().any(|at| pipeline.tables[*table].columns[*at].class == Class::QuasiIdentifier);
                (Some(Treatment::declared(generalise)), quasi)
            }
            SetSource::Amount(_) | SetSource::Constant(_) => (Some(Treatment::declared(&Generalised::Value)), false),
            SetSource::Measure { .. } | SetSource::Count | SetSource::CountSubjects => (None, false),
        };
        let shown = treatment.as_ref().map(|treatment| (treatment, column.quasi_identifier || personal));
        entry(pipeline, set, column, shown, &data_type(pipeline, column))
    });
    Lineage {
        set: set.name.clone(),
        description: set.description.clone(),
        label: set.release,
        base: pipeline.tables[set.base].name().to_owned(),
        selection: selection(pipeline, set),
        columns: columns.collect(),
    }
}

/// A test in words.
fn words(test: &Test) -> String {
    let listed = |values: &[Scalar]| {
        let quoted = values.iter().map(|value| match value {
            Scalar::Text(text) => format!("\"{text}\""),
            other => other.to_string(),
        });
        quoted.collect::<Vec<_>>().join(" or ")
    };
    match test {
        Test::Is(values) => format!("is {}", listed(values)),
        Test::IsNot(values) => format!("is not {}", listed(values)),
        Test::Null(true) => "is NULL".to_owned(),
        Test::Null(false) => "is not NULL".to_owned(),
        Test::Above(bound) => format!("is above {bound}"),
        Test::Below(bound) => format!("is below {bound}"),
    }
}

/// The type that a column has in the set.
fn data_type(pipeline: &Pipeline, column: &SetColumn) -> DataType {
    let cast_or = |cast: &Option<Target>, stored: DataType| cast.map_or(stored, Target::data_type);
    let stored = || {
        let first = column.source.columns().into_iter().next();
        first.map_or(DataType::Null, |source| pipeline.tables[source.table].catalog.columns[source.column].data_type.arrow())
    };
    match &column.source {
        SetSource::Column { cast, generalise, .. } => match generalise {
            Generalised::Value => cast_or(cast, stored()),
            Generalised::Period(_) => DataType::Date32,
            Generalised::Pseudonym { format: PseudonymFormat::Int64, .. } => DataType::Int64,
            Generalised::Pseudonym { .. }
            | Generalised::Prefix(_)
            | Generalised::Band(_)
            | Generalised::Bounds(_)
            | Generalised::AgeBand(_)
            | Generalised::AgeBounds(_)
            | Generalised::Taxonomy(..) => DataType::Utf8,
        },
        SetSource::Amount(formula) => DataType::Decimal128(DIGITS, scale(pipeline, &formula.term)),
        SetSource::Constant(constant @ Constant { cast, .. }) => cast_or(cast, constant.cell().data_type().clone()),
        SetSource::Measure { measure, of } => {
            let measured = match &of.term {
                Term::Column { cast, .. } => cast_or(cast, stored()),
                term => DataType::Decimal128(DIGITS, scale(pipeline, term)),
            };
            match (measure, measured) {
                (Measure::Sum, DataType::Decimal128(_, scale)) => DataType::Decimal128(DIGITS, scale),
                (Measure::Mean, DataType::Decimal128(_, scale)) => DataType::Decimal128(DIGITS, mean_scale(scale)),
                (Measure::Mean, DataType::Int64) => DataType::Decimal128(DIGITS, mean_scale(0)),
                (_, measured) => measured,
            }
        }
        SetSource::Count | SetSource::CountSubjects => DataType::Int64,
    }
}

/// The digits after the point of an amount.
fn scale(pipeline: &Pipeline, term: &Term) -> i8 {
    match term {
        Term::Column { table, column, .. } => match pipeline.tables[*table].catalog.columns[*column].data_type.arrow() {
            DataType::Decimal128(_, scale) => scale.max(0),
            _ => 0,
        },
        Term::Number { scale, .. } => *scale,
        Term::Combined(operator, left, right) => operator.scale(scale(pipeline, left), scale(pipeline, right)),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::kernels::arithmetic::Operator;
    use crate::kernels::rank::{Rank, Share};
    use crate::pipeline::{Condition, Formula, PeriodKind};
    use crate::publish::testing::{
        self, CUSTOMER, LINE, ORDER, TO_CUSTOMER, TO_ORDER, column, customer, key, line, measure, measured, order, pipeline, pseudonym,
        tenant,
    };
    use crate::publish::{compute, pass};

    fn times_total() -> Formula {
        let quantity = Term::Column { path: vec![], table: LINE, column: line::QUANTITY, cast: None };
        let total = Term::Column { path: vec![TO_ORDER], table: ORDER, column: order::TOTAL, cast: None };
        let doubled = Term::Combined(Operator::Times, Box::new(total), Box::new(Term::Number { unscaled: 25, scale: 1 }));
        let term = Term::Combined(Operator::Times, Box::new(quantity), Box::new(doubled));
        Formula { text: "quantity * sales_order.total * 2.5".to_owned(), term }
    }

    fn rows() -> Set {
        let mut set = testing::set(LINE, Release::Pseudonymised, Some(vec![TO_ORDER, TO_CUSTOMER]));
        let test = Test::IsNot(["private", "7"].map(|text| Scalar::Text(text.to_owned())).to_vec());
        set.filter = vec![(vec![TO_ORDER], Condition { column: order::NOTE, tests: vec![test, Test::Null(false)] })];
        set.columns = vec![
            column("who", &[TO_ORDER], ORDER, order::CUSTOMER, pseudonym()),
            column("week", &[TO_ORDER], ORDER, order::DAY, Generalised::Period(PeriodKind::Week)),
            column("area", &[TO_ORDER, TO_CUSTOMER], CUSTOMER, customer::POSTCODE, Generalised::Prefix(2)),
            column("age", &[TO_ORDER, TO_CUSTOMER], CUSTOMER, customer::BORN, Generalised::AgeBounds(vec![18, 65])),
            column("many", &[], LINE, line::QUANTITY, Generalised::Bounds(vec![0, 10])),
            measure("paid", SetSource::Amount(times_total())),
            measure("currency", SetSource::Constant(Constant { value: Scalar::Text("SEK".to_owned()), cast: None })),
            measure("since", SetSource::Constant(Constant { value: Scalar::Text("2026-01-01".to_owned()), cast: Some(Target::Date) })),
        ];
        if let SetSource::Column { cast, .. } = &mut set.columns[4].source {
            *cast = Some(Target::Decimal { precision: 12, scale: 1 });
        }
        set
    }

    fn totals() -> Set {
        let mut set = testing::set(LINE, Release::Pseudonymised, Some(vec![TO_ORDER, TO_CUSTOMER]));
        let half = Measure::Rank(Rank::Quantile(Share::of(0.5).unwrap()));
        set.aggregates = true;
        set.columns = vec![
            column("month", &[TO_ORDER], ORDER, order::DAY, Generalised::Period(PeriodKind::Month)),
            measure("sum", SetSource::Measure { measure: Measure::Sum, of: times_total() }),
            measure("mean", SetSource::Measure { measure: Measure::Mean, of: times_total() }),
            measure("mean_of_whole", measured(Measure::Mean, LINE, line::QUANTITY)),
            measure("most", measured(Measure::Rank(Rank::Greatest), LINE, line::QUANTITY)),
            measure("median", SetSource::Measure { measure: half, of: times_total() }),
            measure("rows", SetSource::Count),
            measure("buyers", SetSource::CountSubjects),
        ];
        set
    }

    /// The witness is the dictionary of a version that was really computed: what is said before a row is read is what comes out.
    #[test]
    fn what_is_said_is_what_is_published() {
        let born = Some(date(1990, 1, 1));
        let customers: Vec<_> = (0..4).map(|_| (0, Some("21100"), born)).collect();
        let orders: Vec<_> = (0..4).map(|at| (0, Some(at), Some(date(2026, 1, 5)), Some(1050))).collect();
        let lines: Vec<_> = (0..4).map(|at| (0, Some(at), None, Some(3))).collect();
        let state = testing::state(&customers, &orders, &lines, &[]);
        for set in [rows(), totals()] {
            let computed = compute(&pipeline(), &set, &state, &tenant(""), 0, &key("")).unwrap();
            let gated = pass(&pipeline(), &set, computed).unwrap();
            assert!(gated.batch().num_rows() > 0);
            let said = lineage(&pipeline(), &set);
            assert_eq!((said.columns, said.selection), (gated.dictionary.columns.clone(), gated.dictionary.selection.clone()));
            for (entry, cells) in gated.dictionary.columns.iter().zip(gated.batch().columns()) {
                assert!(entry.nullable || cells.null_count() == 0, "{}", entry.column);
            }
        }
    }

    #[test]
    fn amounts_name_all_of_their_columns_and_conditions_are_in_words() {
        let found = lineage(&pipeline(), &rows());
        assert_eq!(found.selection.subject.as_deref(), Some("sales_order.customer"));
        assert_eq!(
            found.selection.filters,
            [Filter { path: "sales_order.note".to_owned(), holds: "is not \"private\" or \"7\" and is not NULL".to_owned() }]
        );
        let paid = &found.columns[5];
        let sources: Vec<_> = paid.sources.iter().map(|source| (source.path.as_str(), source.column.as_str(), source.class)).collect();
        assert_eq!(
            sources,
            [("quantity", "order_line.quantity", Class::Amount), ("sales_order.total", "sales_order.total", Class::Amount)]
        );
        assert_eq!((paid.treatment.as_str(), paid.data_type.as_str()), ("value", "decimal(38,3)"));
        assert_eq!(paid.amount.as_deref(), Some("quantity * sales_order.total * 2.5"));
        let constant = &found.columns[7];
        assert_eq!((constant.treatment.as_str(), constant.data_type.as_str(), constant.nullable), ("constant", "date", false));
        assert_eq!((found.columns[4].cast.as_deref(), found.columns[4].treatment.as_str()), (Some("decimal(12,1)"), "band from 0 and 10"));
    }
}
