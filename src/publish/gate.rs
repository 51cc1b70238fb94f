//! The disclosure gate: no set goes on to a file without passing here.
//!
//! Sets of rows are always `pseudonymised`. Their rows are grouped by the quasi-identifiers, and a group must hold at least
//! `k` distinct subjects:
//!
//! - `suppress`: the quasi-identifiers of rows in smaller groups become NULL. The rows without any quasi-identifier are a
//!   group too. If one was suppressed, or if somebody is known to be among them, and they are fewer than `k` subjects, then
//!   the next smallest group is suppressed as well, and so on until they are `k` or no group is left. If none is left, no row
//!   shows a quasi-identifier, so nobody is told apart by one, however few they are.
//! - `suppress_rows`: rows in smaller groups are left out, those without any quasi-identifier among them where somebody is known to be there.
//! - `generalise`: the quasi-identifier with the most distinct values is made one step coarser for all rows, as long as small
//!   groups hold more than `k` subjects and more than one subject in a hundred; the remainder is suppressed.
//! - `refuse`: the set is not published.
//!
//! In an `anonymous` set every group is a cell of totals: cells of fewer than `k` subjects are left out together with
//! complements (`cells.rs`), and a cell that was published stays as it was until `k` people changed (`frozen.rs`). A set that aggregates and is `pseudonymised` passes the gate of rows first and is grouped
//! afterwards.
//!
//! Groups are counted over the whole resulting set, whatever of it is written anew tonight, in distinct subjects; rows that lead to nobody count
//! for none. NULL is a value like any other: a row without a postcode stands with the rows without one, as ARX has it. sdcMicro lets a missing
//! value match every value, which calls groups larger than what a reader sees; here nothing is published on the strength of such a match.
//!
//! What k does not promise: that members of a group differ in anything else, or that a pseudonym's rows taken together are as
//! common as each of them alone. That is why such a set stays personal data and says so.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use serde::{Deserialize, Serialize};

use super::PublishError;
use super::amounts::adds_up;
use super::combinations::gate_rows;
use super::dictionary::{Dictionary, Entry, check_label, entry};
use super::frame::{Computed, ComputedColumn, LeftOut};
use super::frozen::Memory;
use super::group::Groups;
use super::lineage::selection;
use super::order::sorted;
use super::risk::RiskReport;
use super::rows::Rows;
use super::singled::SinglesOut;
use super::totals::{aggregate, gate_cells};
use super::unlink::Unlinked;
use crate::pipeline::{Generalised, Pipeline, Release, Set, SetColumn, SetSource, SmallGroups};

/// What the gate found and did. Counts only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateReport {
    /// Smallest group allowed, in distinct subjects.
    pub k: u32,
    /// What happens to smaller ones.
    pub small_groups: SmallGroups,
    /// Groups in what is published: combinations of quasi-identifiers that show at least one, or cells. Rows that show none are nobody's
    /// combination and are not counted, although for the risk they are one more group, because people are in it. `None` of a set of rows in which
    /// no column counts for k: nothing was counted, and the smallest group and the uniqueness are `None` as well.
    #[serde(default)]
    pub groups: Option<u64>,
    /// The fewest subjects of any of these groups: the k achieved. `None` where there is no group.
    pub smallest_group: Option<u64>,
    /// Distinct subjects behind all rows that are published; of an anonymous set those of its largest cell, because a number over cells would
    /// move with single people.
    pub subjects: u64,
    /// Rows (before they were grouped, where the set aggregates) that show a quasi-identifier. 0 of an anonymous set, whose cells are its rows.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub shown: u64,
    /// Distinct subjects before the gate: for whoever runs it, and in no file.
    #[serde(skip)]
    pub people: u64,
    /// Of a pseudonymised set of totals that no pseudonym parts: groups that are published of fewer than k people. For whoever runs it.
    #[serde(skip)]
    pub of_few: u64,
    /// Rows whose quasi-identifiers were suppressed, or cells left out. The published manifest of an anonymous set has neither this nor the other
    /// numbers of cells that are not in its files.
    #[serde(default)]
    pub suppressed: u64,
    /// Of these, how many only to protect others.
    #[serde(default)]
    pub complementary: u64,
    /// Cells that show what the last release showed, because fewer than k people changed since some release.
    #[serde(default)]
    pub frozen: u64,
    /// Cells left out that follow nevertheless from the totals of lines and planes, for who knows those: nothing was left to protect them, or
    /// nothing that an earlier release does not show.
    #[serde(default)]
    pub exposed: u64,
    /// Whether sums and means passed the p % rule. How many percent is not said: who knows it knows more of what was left out.
    #[serde(default)]
    pub dominance: bool,
    /// Before the gate: the share of rows whose group has one subject. `None` of an anonymous set, because it would say so of a cell left out, and
    /// where no column counts for k.
    #[serde(default)]
    pub uniqueness: Option<f64>,
    /// Columns made coarser than the pipeline declares: name and how they are published now.
    pub coarsened: Vec<(String, String)>,
    /// Of a set of rows with quasi-identifiers: the risk that somebody is found by them. An anonymous set has none, because figures over all of
    /// its cells would say something of those left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<RiskReport>,
    /// Of a set of rows: columns that say something of the person, do not count for k, and are one person's alone in some rows. Not there where
    /// no column does that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub singles_out: Vec<SinglesOut>,
}

impl Gated {
    /// How many rows it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All rows.
    #[cfg(test)]
    pub(super) fn batch(&self) -> RecordBatch {
        self.rows.whole(None)
    }
}

impl GateReport {
    /// Before anything was found.
    pub(super) fn of(set: &Set) -> Self {
        Self {
            k: set.k,
            small_groups: set.small_groups,
            groups: None,
            smallest_group: None,
            subjects: 0,
            shown: 0,
            people: 0,
            of_few: 0,
            suppressed: 0,
            complementary: 0,
            frozen: 0,
            exposed: 0,
            dominance: false,
            uniqueness: None,
            coarsened: Vec::new(),
            risk: None,
            singles_out: Vec::new(),
        }
    }
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// A set that passed its gate: what may be written.
#[derive(Debug)]
pub struct Gated {
    /// The rows, sorted by all columns.
    pub(super) rows: Rows,
    /// What the gate did.
    pub report: GateReport,
    /// What the columns are.
    pub dictionary: Dictionary,
    /// Rows left out before the gate.
    pub left_out: LeftOut,
    /// Rows (of an anonymous set: cells) before the gate.
    pub rows_before: u64,
    /// Pseudonyms that stand in for the forgotten, where they are unlinked.
    pub(super) unlinked: Option<Unlinked>,
    /// Of an anonymous set that was compared with its earlier releases: what is known once this one is published.
    pub memory: Option<Memory>,
}

/// Takes a computed set through its gate.
///
/// # Errors
/// [`PublishError::SmallGroups`] where the set refuses small groups and has some; [`PublishError::NoSubject`] where groups can
/// not be counted in subjects; [`PublishError::Overflow`] where a sum does not fit its type.
pub fn pass(pipeline: &Pipeline, set: &Set, mut computed: Computed) -> Result<Gated, PublishError> {
    check_label(set)?;
    let rows_before = rows_before(set, &computed)?;
    let mut report = GateReport::of(set);
    let (columns, memory) = if set.release == Release::Anonymous {
        gate_cells(pipeline, set, &mut computed, &mut report)?
    } else {
        gate_rows(pipeline, set, &mut computed, &mut report)?;
        (if set.aggregates { totals(set, &computed, &mut report)? } else { plain_columns(&computed) }, None)
    };
    let columns = sorted(&columns, set.partition, &set.sort).map_err(PublishError::step(&set.name, "sorting"))?;
    let dictionary = checked_dictionary(pipeline, set, &computed, &columns)?;
    Ok(Gated {
        rows: Rows::Whole(batch(set, &dictionary, columns)?),
        report,
        dictionary,
        left_out: computed.left_out,
        rows_before,
        unlinked: computed.unlinked,
        memory,
    })
}

/// The totals of a pseudonymised set, and how many of them are of few people. Where a pseudonym parts them, that is what they are for.
fn totals(set: &Set, computed: &Computed, report: &mut GateReport) -> Result<Vec<ArrayRef>, PublishError> {
    let groups = Groups::of(&set.name, &computed.group_columns(), computed.subjects.as_ref(), computed.rows)?;
    let is_pseudonym = |column: &SetColumn| matches!(&column.source, SetSource::Column { generalise: Generalised::Pseudonym { .. }, .. });
    if !set.columns.iter().any(is_pseudonym) {
        report.of_few = groups.subjects.iter().filter(|people| (1..u64::from(set.k)).contains(*people)).count() as u64;
    }
    let all: Vec<usize> = (0..groups.len()).collect();
    aggregate(set, computed, (&groups, &all))
}

/// Rows or, of an anonymous set, cells before the gate.
fn rows_before(set: &Set, computed: &Computed) -> Result<u64, PublishError> {
    if set.release == Release::Anonymous {
        return Ok(Groups::of(&set.name, &computed.group_columns(), computed.subjects.as_ref(), computed.rows)?.len() as u64);
    }
    Ok(computed.rows as u64)
}

/// The columns of a set that does not aggregate. A measure can not stand there: the pipeline refuses it.
fn plain_columns(computed: &Computed) -> Vec<ArrayRef> {
    let columns = computed.columns.iter().map(|column| match column {
        ComputedColumn::Cells { values, .. } | ComputedColumn::Measure(values) => values.clone(),
        ComputedColumn::Count | ComputedColumn::CountSubjects => new_null_array(&DataType::Int64, computed.rows),
    });
    columns.collect()
}

/// What the columns are; nothing of it may be what is never published.
pub(super) fn checked_dictionary(
    pipeline: &Pipeline,
    set: &Set,
    computed: &Computed,
    columns: &[ArrayRef],
) -> Result<Dictionary, PublishError> {
    let dictionary = dictionary(pipeline, set, computed, columns);
    match dictionary.forbidden() {
        None => Ok(dictionary),
        Some((column, None)) => Err(PublishError::AnonymousPseudonym { set: set.name.clone(), column: column.to_owned() }),
        Some((column, Some(class))) => {
            Err(PublishError::ClassRefused { set: set.name.clone(), column: column.to_owned(), class, treatment: "value".to_owned() })
        }
    }
}

/// What the columns are, as far as the gate has treated them.
pub(super) fn dictionary(pipeline: &Pipeline, set: &Set, computed: &Computed, columns: &[ArrayRef]) -> Dictionary {
    let entries = set.columns.iter().zip(&computed.columns).zip(columns).map(|((declared, column), values)| {
        let shown = match column {
            ComputedColumn::Cells { treatment, quasi_identifier, .. } => Some((treatment, *quasi_identifier)),
            ComputedColumn::Measure(_) | ComputedColumn::Count | ComputedColumn::CountSubjects => None,
        };
        entry(pipeline, set, declared, shown, values.data_type())
    });
    Dictionary {
        set: set.name.clone(),
        description: set.description.clone(),
        label: set.release,
        base: pipeline.tables[set.base].name().to_owned(),
        dominance: set.dominance.is_some() && adds_up(set),
        selection: selection(pipeline, set),
        columns: entries.collect(),
    }
}

/// The columns with their descriptions. Every field may be NULL, so that tonight's data does not decide the schema.
pub(super) fn schema(dictionary: &Dictionary, types: &[DataType]) -> SchemaRef {
    let field = |(entry, data_type): (&Entry, &DataType)| {
        let field = Field::new(&entry.column, data_type.clone(), true);
        if entry.description.is_empty() {
            return field;
        }
        field.with_metadata([("description".to_owned(), entry.description.clone())].into())
    };
    Arc::new(Schema::new(dictionary.columns.iter().zip(types).map(field).collect::<Vec<_>>()))
}

/// The rows as a batch whose fields carry their descriptions.
pub(super) fn batch(set: &Set, dictionary: &Dictionary, columns: Vec<ArrayRef>) -> Result<RecordBatch, PublishError> {
    let types: Vec<DataType> = columns.iter().map(|column| column.data_type().clone()).collect();
    let rows = columns.first().map_or(0, |column| column.len());
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(schema(dictionary, &types), columns, &options)
        .map_err(PublishError::step(&set.name, "putting columns together"))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    use crate::publish::compute;
    use crate::publish::testing::{
        self, CUSTOMER, ORDER, TO_CUSTOMER, column, customer, key, lines_of, order, pipeline, pseudonym, tenant,
    };
    use crate::snapshot::State;

    fn shop(order_of_customers: [usize; 7]) -> State {
        let postcodes = ["21", "21", "21", "22", "23", "23", "23"];
        let customers: Vec<_> = order_of_customers.iter().map(|at| (0, Some(postcodes[*at]), None)).collect();
        let orders: Vec<_> = order_of_customers
            .iter()
            .enumerate()
            .map(|(row, at)| (0, Some(row as u32), Some(date(2026, 1, 1 + *at as i8)), Some(5)))
            .collect();
        testing::state(&customers, &orders, &[], &[])
    }

    fn orders() -> Set {
        let mut set = testing::set(ORDER, Release::Pseudonymised, Some(vec![TO_CUSTOMER]));
        set.columns = vec![
            column("area", &[TO_CUSTOMER], CUSTOMER, customer::POSTCODE, Generalised::Prefix(2)),
            column("day", &[], ORDER, order::DAY, Generalised::Value),
        ];
        set
    }

    fn gate(set: &Set, state: &State) -> Gated {
        let computed = compute(&pipeline(), set, state, &tenant("north"), 0, &key("north")).unwrap();
        pass(&pipeline(), set, computed).unwrap()
    }

    #[test]
    fn totals_of_few_people_are_counted_where_no_pseudonym_parts_them() {
        let count = |name: &str, source| SetColumn { source, ..column(name, &[], ORDER, order::DAY, Generalised::Value) };
        let mut set = Set { aggregates: true, k: 3, ..orders() };
        set.columns = vec![
            column("month", &[], ORDER, order::DAY, Generalised::Period(crate::pipeline::PeriodKind::Month)),
            column("product", &[], ORDER, order::TOTAL, Generalised::Band(1)),
            count("orders", SetSource::Count),
        ];
        let state = shop([0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(gate(&set, &state).report.of_few, 0, "all seven stand together");
        set.columns[0] = column("day", &[], ORDER, order::DAY, Generalised::Value);
        assert_eq!(gate(&set, &state).report.of_few, 7);
        let told = crate::publish::remarks(&pipeline(), &set, &gate(&set, &state), None);
        assert!(
            told.iter().any(|remark| remark.text.starts_with("7 of its 7 groups are of fewer than 3 people") && !remark.look),
            "{told:?}"
        );
        set.columns[0] = column("who", &[], ORDER, order::CUSTOMER, pseudonym());
        assert_eq!(gate(&set, &state).report.of_few, 0);
    }

    #[test]
    fn neither_the_stores_order_nor_a_suppressed_value_shows_in_the_order_of_rows() {
        // 22 has one subject: it is suppressed, and the 3 of 21 (the first of two equals) go along. Were rows sorted before
        // the gate, 4 January would stand after the others.
        let gated = gate(&orders(), &shop([0, 1, 2, 3, 4, 5, 6]));
        assert_eq!(
            lines_of(&gated.batch()),
            ["|2026-01-01", "|2026-01-02", "|2026-01-03", "|2026-01-04", "23|2026-01-05", "23|2026-01-06", "23|2026-01-07"]
        );
        for shuffled in [[6, 5, 4, 3, 2, 1, 0], [3, 0, 6, 1, 5, 2, 4]] {
            assert_eq!(gate(&orders(), &shop(shuffled)).batch(), gated.batch());
        }
    }

    #[test]
    fn the_dictionary_says_where_columns_come_from() {
        let mut set = orders();
        set.columns[0].description = "Two digits of the postcode".to_owned();
        set.columns.push(column("who", &[], ORDER, order::CUSTOMER, pseudonym()));
        let gated = gate(&set, &shop([0, 1, 2, 3, 4, 5, 6]));
        let json = serde_json::to_value(&gated.dictionary).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "set": "sales", "description": "What was sold", "label": "pseudonymised", "base": "sales_order",
                "aggregates": false, "subject": "customer", "category": "customer", "filters": [], "closed": null,
                "columns": [
                    {"column": "area", "type": "string", "description": "Two digits of the postcode", "treatment": "prefix of 2",
                     "quasi_identifier": true, "nullable": true,
                     "sources": [{"path": "customer.postcode", "column": "customer.postcode", "class": "quasi_identifier"}]},
                    {"column": "day", "type": "date", "description": "the day as the store has it", "treatment": "value",
                     "quasi_identifier": false, "nullable": true, "sources": [{"path": "day", "column": "sales_order.day", "class": "activity"}]},
                    {"column": "who", "type": "string", "description": "the customer_id as the store has it", "treatment": "pseudonym",
                     "quasi_identifier": false, "nullable": true,
                     "sources": [{"path": "customer_id", "column": "sales_order.customer_id", "class": "reference"}]},
                ],
            })
        );
        let field = gated.batch().schema_ref().field(0).clone();
        assert_eq!(field.metadata()["description"], "Two digits of the postcode");
    }

    #[test]
    fn a_label_that_turned_after_the_computation_is_refused_again() {
        let mut set = orders();
        set.columns.push(column("who", &[], ORDER, order::CUSTOMER, pseudonym()));
        set.aggregates = true;
        let state = shop([0, 1, 2, 3, 4, 5, 6]);
        let computed = compute(&pipeline(), &set, &state, &tenant(""), 0, &key("")).unwrap();
        set.release = Release::Anonymous;
        assert!(matches!(pass(&pipeline(), &set, computed), Err(PublishError::AnonymousPseudonym { .. })));
        let mut set = orders();
        let computed = compute(&pipeline(), &set, &state, &tenant(""), 0, &key("")).unwrap();
        set.release = Release::Anonymous;
        assert!(matches!(pass(&pipeline(), &set, computed), Err(PublishError::AnonymousRows { .. })));
    }
}
