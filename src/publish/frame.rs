//! The rows of a set, before its gate.
//!
//! Data comes from the [`State`] after tonight's forgetting; it goes to [`super::gate`], which is the only way on to a file.

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, UInt32Array};
use arrow::compute::filter;
use arrow::error::ArrowError;
use serde::{Deserialize, Serialize};

use super::PublishError;
use super::dictionary::{check_column, check_label};
use super::earlier::Earlier;
use super::gather::Gather;
use super::piece::Piece;
use super::singled::{SinglesOut, singling_out};
use super::treatment::{Circumstances, Treatment, one_zero};
use super::unlink::Unlinked;
use crate::decide::condition::passes_column;
use crate::kernels::KernelError;
use crate::keys::DerivedKey;
use crate::pipeline::{Class, Generalised, Pipeline, Set, SetColumn, SetSource, Tenant};
use crate::snapshot::State;

/// How many base rows of the tenant are not in the set, and why.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Rows that the set's conditions leave out.
    pub filtered: u64,
    /// Rows of subjects under restriction (GDPR article 18) that would be in the set otherwise.
    pub restricted: u64,
    /// Rows of the period that has not ended, or of no known period.
    pub open_period: u64,
}

/// The rows of a set for one tenant, each column along its path, generalised and pseudonymised; not yet fit to be published.
#[derive(Debug)]
pub struct Computed {
    /// How many rows are left out.
    pub left_out: LeftOut,
    /// The number of rows.
    pub rows: usize,
    /// In the set's order.
    pub(super) columns: Vec<ComputedColumn>,
    /// Per row the subject, as its row in the category's table; null where the row leads to nobody. `None` where the set
    /// names no subject.
    pub(super) subjects: Option<UInt32Array>,
    /// For making columns coarser.
    pub(super) circumstances: Circumstances,
    /// For how many rows of the set each row stands; one each where there are none.
    pub(super) weights: Option<Vec<u64>>,
    /// Pseudonyms that stand in for the forgotten, where they are unlinked.
    pub(super) unlinked: Option<Unlinked>,
    /// Of an anonymous set: what earlier releases showed.
    pub(super) earlier: Option<Earlier>,
    /// Columns that do not count for k and single somebody out.
    pub(super) singles_out: Vec<SinglesOut>,
}

/// A column of a set, before its gate.
#[derive(Debug)]
pub(super) enum ComputedColumn {
    /// One cell per row.
    Cells {
        /// As published.
        values: ArrayRef,
        /// The store's cells of a quasi-identifier, from which coarser ones are made.
        source: Option<ArrayRef>,
        /// How `values` came from `source`.
        treatment: Treatment,
        /// Whether the column counts for k.
        quasi_identifier: bool,
    },
    /// What is aggregated: one cell per row.
    Measure(ArrayRef),
    /// The number of rows.
    Count,
    /// The number of subjects.
    CountSubjects,
}

impl Computed {
    /// The columns whose combinations must be common.
    pub(super) fn quasi_identifiers(&self) -> Vec<ArrayRef> {
        let cells = self.columns.iter().filter_map(|column| match column {
            ComputedColumn::Cells { values, quasi_identifier: true, .. } => Some(values.clone()),
            _ => None,
        });
        cells.collect()
    }

    /// The columns by which an aggregate is grouped: all that are not aggregated themselves.
    pub(super) fn group_columns(&self) -> Vec<ArrayRef> {
        let cells = self.columns.iter().filter_map(|column| match column {
            ComputedColumn::Cells { values, .. } => Some(values.clone()),
            _ => None,
        });
        cells.collect()
    }

    /// Leaves rows out, of all that is known of rows.
    pub(super) fn leave_out(&mut self, gone: &BooleanArray) -> Result<(), ArrowError> {
        let kept = arrow::compute::not(gone)?;
        let filtered = |cells: &ArrayRef| if cells.len() == kept.len() { filter(cells, &kept) } else { Ok(cells.clone()) };
        for column in &mut self.columns {
            match column {
                ComputedColumn::Cells { values, source, .. } => {
                    *values = filtered(values)?;
                    *source = source.as_ref().map(filtered).transpose()?;
                }
                ComputedColumn::Measure(values) => *values = filtered(values)?,
                ComputedColumn::Count | ComputedColumn::CountSubjects => {}
            }
        }
        if let Some(subjects) = &self.subjects {
            self.subjects = Some(filter(subjects, &kept)?.as_primitive().clone());
        }
        if let Some(weights) = &mut self.weights {
            let mut kept = kept.iter();
            weights.retain(|_| kept.next().flatten() == Some(true));
        }
        self.rows = kept.true_count();
        Ok(())
    }

    /// What rows contribute to measures, beside being counted.
    pub(super) fn contributed(&self) -> Vec<ArrayRef> {
        let cells = self.columns.iter().filter_map(|column| match column {
            ComputedColumn::Measure(values) => Some(values.clone()),
            ComputedColumn::Cells { .. } | ComputedColumn::Count | ComputedColumn::CountSubjects => None,
        });
        cells.collect()
    }
}

/// Computes the rows of a set for one tenant, from the state after tonight's forgetting.
///
/// In the set are the base rows of the tenant that still exist, pass the set's conditions and belong to no subject under
/// restriction. Every column is fetched along its path; a path that leads nowhere, to a row of another tenant or to a row
/// that may not be published gives NULL, and no row ever multiplies. Aggregates are still one row per base row here: the gate
/// groups them.
///
/// `tenant_index` is the tenant's number in [`State`], `key` its pseudonym key for the set's purpose.
///
/// # Errors
/// [`PublishError::ClassRefused`], [`PublishError::AnonymousPseudonym`] and [`PublishError::AnonymousRows`] where the set
/// declares what may not be published; [`PublishError::ColumnNotRead`], [`PublishError::FilterType`],
/// [`PublishError::Unsupported`], [`PublishError::NotAPeriod`] and [`PublishError::TooManyRows`].
pub fn compute(
    pipeline: &Pipeline,
    set: &Set,
    state: &State,
    tenant: &Tenant,
    tenant_index: u16,
    key: &DerivedKey,
) -> Result<Computed, PublishError> {
    check_label(set)?;
    for column in &set.columns {
        check_column(pipeline, set, column)?;
    }
    let circumstances = Circumstances::of(tenant);
    let piece = Piece::whole(state, set.base);
    let mut gather = Gather::of(pipeline, set, state, &piece, tenant_index)?;
    let left_out = choose(pipeline, set, &mut gather, &circumstances)?;

    let mut columns = Vec::with_capacity(set.columns.len());
    for column in &set.columns {
        columns.push(computed(pipeline, set, &mut gather, column, &circumstances, key)?);
    }
    let subjects = set.subject.as_ref().map(|(path, _)| gather.subjects(path));
    let people = subjects.iter().flat_map(|subjects| subjects.iter().flatten());
    let singles_out = singling_out((pipeline, set, state, tenant_index), &circumstances, key, people)?;
    let rows = gather.rows();
    Ok(Computed { left_out, rows, columns, subjects, circumstances, weights: None, unlinked: None, earlier: None, singles_out })
}

/// Leaves out the rows that are not in the set, and says how many and why.
pub(super) fn choose(
    pipeline: &Pipeline,
    set: &Set,
    gather: &mut Gather<'_>,
    circumstances: &Circumstances,
) -> Result<LeftOut, PublishError> {
    let mut left_out = LeftOut::default();
    for (path, condition) in &set.filter {
        let table = gather.end_of(path);
        let cells = gather.cells(path, table, condition.column, true)?;
        let column = &pipeline.tables[table].catalog.columns[condition.column];
        let pass = passes_column(column, &cells, &condition.tests).ok_or_else(|| PublishError::FilterType {
            set: set.name.clone(),
            column: column.name.clone(),
            data_type: cells.data_type().to_string(),
        })?;
        left_out.filtered += gather.keep(&pass.into())?;
    }
    if let Some(allowed) = gather.publishable() {
        left_out.restricted = gather.keep(&allowed)?;
    }
    if let Some(closed) = set.closed {
        let closed = gather.closed(closed, circumstances)?;
        left_out.open_period = gather.keep(&closed)?;
    }
    Ok(left_out)
}

/// A column of the chosen rows, as published where the gate changes nothing.
pub(super) fn computed(
    pipeline: &Pipeline,
    set: &Set,
    gather: &mut Gather<'_>,
    column: &SetColumn,
    circumstances: &Circumstances,
    key: &DerivedKey,
) -> Result<ComputedColumn, PublishError> {
    Ok(match &column.source {
        SetSource::Column { path, table, columns, cast, generalise } => {
            let fetched = columns.iter().map(|at| gather.cast_cells(&column.name, path, *table, *at, *cast, &circumstances.zone));
            let sources = fetched.collect::<Result<Vec<_>, _>>()?;
            let treatment = Treatment::declared(generalise);
            let values = treatment
                .apply(&sources, circumstances, Some(key))
                .map_err(|error| kernel_error(set, &column.name, &treatment, &sources, error))?;
            let quasi_identifier = counts(pipeline, column);
            ComputedColumn::Cells {
                values,
                // A composite pseudonym has no coarser form, so one source is all that is ever needed again.
                source: sources.into_iter().next().filter(|_| quasi_identifier),
                treatment,
                quasi_identifier,
            }
        }
        SetSource::Amount(formula) => plain(gather.formula(&column.name, formula, &circumstances.zone)?, column.quasi_identifier),
        SetSource::Constant(constant) => plain(gather.constant(&column.name, constant)?, column.quasi_identifier),
        SetSource::Measure { of, .. } => ComputedColumn::Measure(one_zero(&gather.formula(&column.name, of, &circumstances.zone)?)),
        SetSource::Count => ComputedColumn::Count,
        SetSource::CountSubjects => ComputedColumn::CountSubjects,
    })
}

/// Cells that are published as they are and have no coarser form.
fn plain(values: ArrayRef, quasi_identifier: bool) -> ComputedColumn {
    let treatment = Treatment::declared(&Generalised::Value);
    ComputedColumn::Cells { source: quasi_identifier.then(|| values.clone()), values, treatment, quasi_identifier }
}

/// A kernel's refusal in terms of the set.
pub(super) fn kernel_error(set: &Set, column: &str, treatment: &Treatment, sources: &[ArrayRef], error: KernelError) -> PublishError {
    match error {
        KernelError::UnsupportedType { .. } => PublishError::Unsupported {
            set: set.name.clone(),
            column: column.to_owned(),
            data_type: sources.first().map(|source| source.data_type().to_string()).unwrap_or_default(),
            treatment: treatment.describe(),
        },
        KernelError::Cell { reason, .. } => PublishError::Cell { set: set.name.clone(), column: column.to_owned(), reason },
        _ => PublishError::Compute { set: set.name.clone(), step: "generalising a column" },
    }
}

/// Whether a column counts for k: it is declared to, or made from a quasi-identifier.
pub(super) fn counts(pipeline: &Pipeline, column: &SetColumn) -> bool {
    let of_class = match &column.source {
        SetSource::Column { table, columns, .. } => {
            columns.iter().any(|column| pipeline.tables[*table].columns[*column].class == Class::QuasiIdentifier)
        }
        _ => false,
    };
    column.quasi_identifier || of_class
}

#[cfg(test)]
mod tests {
    use arrow::array::{StringArray, TimestampMicrosecondArray};
    use jiff::civil::date;

    use super::*;
    use crate::kernels::cast::to_text;
    use crate::pipeline::{Condition, PeriodKind, Release, Scalar, Test};
    use crate::publish::testing::{
        self, CUSTOMER, LINE, ORDER, PRODUCT, TO_CUSTOMER, TO_ORDER, TO_PRODUCT, column, customer, flags, key, line, measure, order,
        pipeline, product, pseudonym, set, state, tenant,
    };

    /// Two customers of tenant 0 and one of tenant 1; four orders, of which one points across tenants and one at nobody.
    fn shop() -> State {
        let day = |day| Some(date(2026, 10, day));
        state(
            &[(0, Some("221 00"), Some(date(1990, 5, 1))), (0, Some("22345"), None), (1, Some("99999"), Some(date(1980, 1, 1)))],
            &[
                (0, Some(0), day(1), Some(1050)),
                (0, Some(1), day(2), Some(-50)),
                (0, Some(2), day(3), Some(300)),
                (0, None, day(4), None),
                (1, Some(2), day(5), Some(700)),
            ],
            &[
                (0, Some(0), Some(0), Some(2)),
                (0, Some(0), Some(1), Some(3)),
                (0, Some(1), Some(1), Some(5)),
                (1, Some(4), Some(1), Some(7)),
            ],
            &["tea", "tools"],
        )
    }

    /// Order day, customer's pseudonym, postcode area and birth year, per order.
    fn orders() -> Set {
        let mut orders = set(ORDER, Release::Pseudonymised, Some(vec![TO_CUSTOMER]));
        orders.columns = vec![
            column("day", &[], ORDER, order::DAY, Generalised::Value),
            column("who", &[], ORDER, order::CUSTOMER, pseudonym()),
            column("area", &[TO_CUSTOMER], CUSTOMER, customer::POSTCODE, Generalised::Prefix(3)),
            column("born", &[TO_CUSTOMER], CUSTOMER, customer::BORN, Generalised::Period(PeriodKind::Year)),
            column("total", &[], ORDER, order::TOTAL, Generalised::Value),
        ];
        orders
    }

    fn run(set: &Set, state: &State, at: u16) -> Result<Computed, PublishError> {
        compute(&pipeline(), set, state, &tenant("north"), at, &key("north"))
    }

    fn cells(computed: &Computed, at: usize) -> Vec<Option<String>> {
        let (ComputedColumn::Cells { values, .. } | ComputedColumn::Measure(values)) = &computed.columns[at] else {
            panic!("column {at} has no cells");
        };
        to_text(values).unwrap().iter().map(|cell| cell.map(str::to_owned)).collect()
    }

    fn some(cells: &[&str]) -> Vec<Option<String>> {
        cells.iter().map(|cell| Some((*cell).to_owned()).filter(|cell| !cell.is_empty())).collect()
    }

    #[test]
    fn columns_follow_their_paths_and_stop_at_another_tenants_row() {
        let computed = run(&orders(), &shop(), 0).unwrap();
        assert_eq!(computed.rows, 4);
        assert_eq!(cells(&computed, 0), some(&["2026-10-01", "2026-10-02", "2026-10-03", "2026-10-04"]));
        assert_eq!(cells(&computed, 2), some(&["221", "223", "", ""]));
        assert_eq!(cells(&computed, 3), some(&["1990-01-01", "", "", ""]));
        assert_eq!(cells(&computed, 4), some(&["10.5", "-0.5", "3", ""]));
        assert_eq!(computed.subjects, Some(UInt32Array::from(vec![Some(0), Some(1), None, None])));
        assert_eq!(computed.left_out, LeftOut::default());
    }

    #[test]
    fn a_pseudonym_is_the_same_along_every_path_and_another_for_another_tenant() {
        let by_reference = run(&orders(), &shop(), 0).unwrap();
        let mut by_key = orders();
        by_key.columns[1] = column("who", &[TO_CUSTOMER], CUSTOMER, customer::ID, pseudonym());
        let by_key = run(&by_key, &shop(), 0).unwrap();
        assert_eq!(cells(&by_reference, 1)[..2], cells(&by_key, 1)[..2]);
        assert_ne!(cells(&by_key, 1)[0], cells(&by_key, 1)[1]);
        assert_eq!(cells(&by_key, 1)[2..], [None, None]);
        let south = compute(&pipeline(), &orders(), &shop(), &tenant("south"), 0, &key("south")).unwrap();
        assert_ne!(cells(&south, 1)[0], cells(&by_key, 1)[0]);
    }

    #[test]
    fn rows_do_not_multiply_along_two_references() {
        let mut lines = set(LINE, Release::Pseudonymised, Some(vec![TO_ORDER, TO_CUSTOMER]));
        lines.columns = vec![
            column("group", &[TO_PRODUCT], PRODUCT, product::GROUP, Generalised::Value),
            column("area", &[TO_ORDER, TO_CUSTOMER], CUSTOMER, customer::POSTCODE, Generalised::Prefix(5)),
            column("quantity", &[], LINE, line::QUANTITY, Generalised::Value),
        ];
        let computed = run(&lines, &shop(), 0).unwrap();
        assert_eq!(cells(&computed, 0), some(&["tea", "tools", "tools"]));
        assert_eq!(cells(&computed, 1), some(&["22100", "22100", "22345"]));
        assert_eq!(cells(&computed, 2), some(&["2", "3", "5"]));
        assert_eq!(computed.subjects, Some(UInt32Array::from(vec![0, 0, 1])));
    }

    #[test]
    fn what_is_gone_is_gone_and_what_is_restricted_is_counted() {
        let mut shop = shop();
        shop.tables[ORDER].present = flags(&[true, false, true, true, true]);
        assert_eq!(cells(&run(&orders(), &shop, 0).unwrap(), 2), some(&["221", "", ""]));
        shop.tables[CUSTOMER].present = flags(&[false, true, true]);
        let computed = run(&orders(), &shop, 0).unwrap();
        assert_eq!((cells(&computed, 2), computed.subjects.unwrap().null_count()), (some(&["", "", ""]), 3));

        let mut shop = self::shop();
        shop.tables[CUSTOMER].publishable = flags(&[true, false, true]);
        let computed = run(&orders(), &shop, 0).unwrap();
        assert_eq!((computed.left_out.restricted, cells(&computed, 2)), (1, some(&["221", "", ""])));
        shop.tables[ORDER].publishable = flags(&[true, true, true, false, true]);
        assert_eq!(run(&orders(), &shop, 0).unwrap().left_out.restricted, 2);
    }

    #[test]
    fn a_restricted_person_who_is_not_the_subject_gives_no_cell() {
        let mut unnamed = orders();
        unnamed.subject = None;
        let mut shop = shop();
        shop.tables[CUSTOMER].publishable = flags(&[false, true, true]);
        let computed = run(&unnamed, &shop, 0).unwrap();
        assert_eq!((computed.left_out.restricted, cells(&computed, 2)), (0, some(&["", "223", "", ""])));
    }

    #[test]
    fn conditions_choose_rows_also_along_paths() {
        let mut filtered = orders();
        filtered.filter =
            vec![(vec![TO_CUSTOMER], Condition { column: customer::POSTCODE, tests: vec![Test::Is(vec![Scalar::Text("22345".into())])] })];
        let computed = run(&filtered, &shop(), 0).unwrap();
        assert_eq!((computed.left_out.filtered, cells(&computed, 2)), (3, some(&["223"])));
        filtered.filter[0].1.tests = vec![Test::Above(Scalar::Number(1.0))];
        assert_eq!(
            run(&filtered, &shop(), 0).unwrap_err().to_string(),
            "set `sales` compares column `postcode` of type `Utf8` with a value of another type"
        );
    }

    #[test]
    fn a_row_that_is_filtered_out_is_not_counted_as_restricted() {
        let mut filtered = orders();
        filtered.filter = vec![(vec![], Condition { column: order::TOTAL, tests: vec![Test::Above(Scalar::Number(5.0))] })];
        let mut shop = shop();
        shop.tables[CUSTOMER].publishable = flags(&[false, false, true]);
        let left_out = run(&filtered, &shop, 0).unwrap().left_out;
        assert_eq!(left_out, LeftOut { filtered: 3, restricted: 1, open_period: 0 });
    }

    #[test]
    fn only_periods_that_ended_are_closed() {
        // The run's day is 2026-11-22.
        let day = |month, day| Some(date(2026, month, day));
        let shop = state(
            &[],
            &[
                (0, None, day(9, 30), None),
                (0, None, day(10, 31), None),
                (0, None, day(11, 1), None),
                (0, None, day(12, 24), None),
                (0, None, None, None),
            ],
            &[],
            &[],
        );
        let mut by_period = set(ORDER, Release::Pseudonymised, Some(vec![TO_CUSTOMER]));
        by_period.closed = Some(0);
        for (kind, expected) in [
            (PeriodKind::Month, some(&["2026-09-01", "2026-10-01"])),
            (PeriodKind::Quarter, some(&["2026-07-01"])),
            (PeriodKind::Year, some(&[])),
        ] {
            by_period.columns = vec![column("period", &[], ORDER, order::DAY, Generalised::Period(kind))];
            let computed = run(&by_period, &shop, 0).unwrap();
            assert_eq!((cells(&computed, 0), computed.left_out.open_period), (expected.clone(), 5 - expected.len() as u64));
        }
        by_period.columns = vec![column("period", &[], ORDER, order::DAY, Generalised::Value)];
        assert!(matches!(run(&by_period, &shop, 0), Err(PublishError::NotAPeriod { .. })));
    }

    #[test]
    fn an_instant_falls_into_the_period_of_the_tenants_clock() {
        // 2025-12-31 23:30 UTC, which is 2026 in Stockholm.
        let mut shop = shop();
        let instants = TimestampMicrosecondArray::from(vec![1_767_223_800_000_000; 5]).with_timezone("UTC");
        shop.tables[ORDER].columns[order::DAY] = Some(std::sync::Arc::new(instants));
        let mut orders = orders();
        orders.columns = vec![column("year", &[], ORDER, order::DAY, Generalised::Period(PeriodKind::Year))];
        let mut tenant = tenant("north");
        tenant.time_zone = jiff::tz::TimeZone::get("Europe/Stockholm").unwrap();
        let computed = compute(&pipeline(), &orders, &shop, &tenant, 0, &key("north")).unwrap();
        assert_eq!(cells(&computed, 0)[0].as_deref(), Some("2026-01-01"));
    }

    #[test]
    fn forbidden_columns_are_refused_however_they_came_here() {
        let refused = |column| {
            let mut orders = orders();
            orders.columns.push(column);
            run(&orders, &shop(), 0).unwrap_err().to_string()
        };
        assert_eq!(
            refused(column("name", &[TO_CUSTOMER], CUSTOMER, customer::NAME, Generalised::Prefix(1))),
            "column `name` of set `sales` is of class `name` and can not be published as `prefix of 1`"
        );
        assert_eq!(
            refused(column("note", &[], ORDER, order::NOTE, Generalised::Value)),
            "column `note` of set `sales` is of class `free_text` and can not be published as `value`"
        );
        assert_eq!(
            refused(column("name", &[TO_CUSTOMER], CUSTOMER, customer::NAME, pseudonym())),
            "column `name` of set `sales` is of class `name` and can not be published as `pseudonym`"
        );
        for (table, path, at) in
            [(ORDER, vec![], order::ID), (ORDER, vec![], order::CUSTOMER), (CUSTOMER, vec![TO_CUSTOMER], customer::POSTCODE)]
        {
            assert!(refused(column("c", &path, table, at, Generalised::Value)).contains("can not be published as `value`"));
        }
        assert!(refused(measure("c", testing::sum(CUSTOMER, customer::ID))).contains("as `sum`"));
    }

    #[test]
    fn a_person_keyed_by_telephone_may_have_a_pseudonym_of_it() {
        let mut pipeline = pipeline();
        pipeline.tables[CUSTOMER].columns[customer::ID].class = Class::Phone;
        pipeline.tables[ORDER].columns[order::CUSTOMER].class = Class::Phone;
        let compute = |set: &Set| compute(&pipeline, set, &shop(), &tenant("north"), 0, &key("north"));
        assert!(compute(&orders()).is_ok());
        let mut plain = orders();
        plain.columns[1] = column("who", &[], ORDER, order::CUSTOMER, Generalised::Prefix(3));
        assert!(matches!(compute(&plain), Err(PublishError::ClassRefused { class: Class::Phone, .. })));
    }

    #[test]
    fn a_label_must_be_true() {
        let mut anonymous = orders();
        anonymous.release = Release::Anonymous;
        assert!(matches!(run(&anonymous, &shop(), 0), Err(PublishError::AnonymousRows { .. })));
        anonymous.aggregates = true;
        assert!(matches!(run(&anonymous, &shop(), 0), Err(PublishError::AnonymousPseudonym { column, .. }) if column == "who"));
    }

    #[test]
    fn a_column_that_was_not_read_is_an_error() {
        let mut shop = shop();
        shop.tables[CUSTOMER].columns[customer::POSTCODE] = None;
        assert_eq!(
            run(&orders(), &shop, 0).unwrap_err().to_string(),
            "set `sales` needs column `postcode` of table `customer`, which was not read"
        );
    }

    #[test]
    fn an_empty_store_gives_an_empty_set_of_the_same_types() {
        let empty = run(&orders(), &testing::state(&[], &[], &[], &[]), 0).unwrap();
        let full = run(&orders(), &shop(), 0).unwrap();
        assert_eq!(empty.rows, 0);
        let types = |computed: &Computed| computed.group_columns().iter().map(|values| values.data_type().clone()).collect::<Vec<_>>();
        assert_eq!(types(&empty), types(&full));
        assert_eq!(empty.group_columns()[1].as_any().downcast_ref::<StringArray>().unwrap().len(), 0);
    }
}
