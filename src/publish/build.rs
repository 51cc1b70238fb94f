//! A set of rows, made piece by piece: what the base table holds is in memory a piece at a time, and what is kept of a row is a few numbers.
//!
//! Cells at the end of a path are worked out once per row that the path's first step leads to ([`Tail`]). The gate needs of all rows no more
//! than how many of them each person has with each combination of quasi-identifiers; that is counted as rows come, and rows are hidden by
//! their combination when they are written. The result is that of [`super::compute()`] and [`super::pass`], to the last byte.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasherDefault;
use std::path::Path;

use arrow::array::{Array, ArrayRef, UInt32Array, new_empty_array, new_null_array};
use arrow::compute::{concat, take};
use arrow::datatypes::DataType;
use rayon::prelude::*;

use super::PublishError;
use super::coded::Coded;
use super::combinations::gate_rows;
use super::counted::Combinations;
use super::dictionary::{check_column, check_label};
use super::frame::{Computed, ComputedColumn, LeftOut, choose, computed, counts};
use super::gate::{GateReport, Gated, batch, checked_dictionary, schema};
use super::gather::Gather;
use super::intern::{Interner, NULL, Ranked};
use super::packed::{Cells, Packed};
use super::piece::Piece;
use super::rows::{Kept, Parted, Rows};
use super::singled::{SinglesOut, singling_out};
use super::tails::{Ends, NOBODY, Tail};
use super::treatment::{Circumstances, Treatment};
use super::walk::Walk;
use crate::decide::keys::Spread;
use crate::kernels::sums::{Sum, checked_sum};
use crate::keys::DerivedKey;
use crate::pipeline::{AfterForgetting, Generalised, Pipeline, ReferenceIndex, Release, Set, SetColumn, SetSource, SmallGroups, Tenant};
use crate::snapshot::State;

/// Rows that go through the set at a time.
const ROWS: usize = 65_536;
/// Bytes of rows that wait in memory before they go to the disk.
const HELD: usize = 96 << 20;
/// So many different texts of the base's own are numbered; more are kept as they are.
const FEW: usize = 65_536;

/// Whether a set can be made piece by piece: its rows are not added up, and neither coarser cells nor identities for the forgotten are made
/// from all of them.
#[must_use]
pub fn goes_in_pieces(pipeline: &Pipeline, set: &Set) -> bool {
    let coarsens = set.small_groups == SmallGroups::Generalise && set.columns.iter().any(|column| counts(pipeline, column));
    set.release == Release::Pseudonymised && !set.aggregates && !coarsens && set.after_forgetting != AfterForgetting::Unlink
}

/// Where a column's cells come from.
enum Source {
    Tail(Tail),
    /// From the base's rows; numbered where there are few, or where they have to be.
    Own(DataType, Option<Interner>, bool),
}

/// What a set of one tenant is made of.
#[derive(Clone, Copy)]
pub struct Making<'p, 's> {
    /// The pipeline.
    pub pipeline: &'p Pipeline,
    /// The set.
    pub set: &'p Set,
    /// All tables after tonight's forgetting; the base may be missing.
    pub state: &'s State,
    /// The tenant.
    pub tenant: &'s Tenant,
    /// Its number in the state.
    pub tenant_index: u16,
    /// Its pseudonym key for the set's purpose.
    pub key: &'s DerivedKey,
    /// Columns of tables in the state whose cells are not there.
    pub coded: &'s [Coded],
    /// The folder that takes what memory should not hold.
    pub spill: &'s Path,
}

/// A set of one tenant in the making.
pub struct Builder<'p, 's> {
    state: &'s State,
    tenant: u16,
    key: &'s DerivedKey,
    /// Where the paths end.
    ends: Vec<Ends>,
    /// The path that leads to whose a row is, where there is one.
    subjects: Option<usize>,
    columns: Vec<Source>,
    made: Made<'p>,
}

/// What stays of the rows that came.
struct Made<'p> {
    pipeline: &'p Pipeline,
    set: &'p Set,
    circumstances: Circumstances,
    /// By column whether it counts for k.
    counts: Vec<bool>,
    combinations: Combinations,
    /// (Partition, combination) → rows, where rows may be left out.
    by_part: HashMap<u64, usize, BuildHasherDefault<Spread>>,
    packed: Packed,
    totals: Vec<Option<Sum>>,
    left_out: LeftOut,
    rows: usize,
}

impl<'p, 's> Builder<'p, 's> {
    /// `prototype` is a piece of the base without a row.
    ///
    /// # Errors
    /// As [`super::compute()`].
    pub fn new(of: Making<'p, 's>, prototype: &Piece<'_>) -> Result<Self, PublishError> {
        let Making { pipeline, set, state, tenant, tenant_index, key, coded, spill } = of;
        check_label(set)?;
        for column in &set.columns {
            check_column(pipeline, set, column)?;
        }
        let circumstances = Circumstances::of(tenant);
        let walk = Walk { pipeline, state, piece: prototype, tenant: tenant_index };
        let mut gather = Gather::of(pipeline, set, state, prototype, tenant_index)?;
        let of_subject = set.subject.as_ref().map(|(path, _)| path.as_slice()).filter(|path| !path.is_empty());
        let mut paths: Vec<&[ReferenceIndex]> = set.columns.iter().filter_map(Tail::path).chain(of_subject).collect();
        paths.sort_unstable();
        paths.dedup();
        let ends: Vec<Ends> = paths.par_iter().filter_map(|path| Ends::of(&walk, path)).collect();
        let along = |path: &[ReferenceIndex]| ends.iter().position(|ends| ends.path == path);
        let tail = |column: &SetColumn| match Tail::path(column).and_then(along) {
            Some(at) => Tail::of(&walk, set, column, (at, &ends[at]), coded, &circumstances, key),
            None => Ok(None),
        };
        let tails = set.columns.par_iter().map(tail).collect::<Result<Vec<Option<Tail>>, PublishError>>()?;
        let subjects = of_subject.and_then(along);
        let mut columns = Vec::with_capacity(set.columns.len());
        for (at, (column, tail)) in set.columns.iter().zip(tails).enumerate() {
            if let Some(tail) = tail {
                columns.push(Source::Tail(tail));
                continue;
            }
            let cells = cells_of(computed(pipeline, set, &mut gather, column, &circumstances, key)?);
            let data_type = cells.map_or(DataType::Int64, |cells| cells.data_type().clone());
            let must = counts(pipeline, column) || set.partition == Some(at);
            let interner = Interner::of(&data_type).filter(|_| must || data_type == DataType::Utf8);
            columns.push(Source::Own(data_type, interner, must));
        }
        let made = Made {
            pipeline,
            set,
            circumstances,
            totals: vec![None; columns.len()],
            counts: set.columns.iter().map(|column| counts(pipeline, column)).collect(),
            combinations: Combinations::default(),
            by_part: HashMap::default(),
            packed: Packed::new(spill, HELD),
            left_out: LeftOut::default(),
            rows: 0,
        };
        Ok(Self { state, tenant: tenant_index, key, ends, subjects, columns, made })
    }

    /// As [`Self::new`], with all rows of the state's base table.
    ///
    /// # Errors
    /// As [`Self::new`] and [`Self::push`].
    pub fn of_state(of: Making<'p, 's>) -> Result<Self, PublishError> {
        Self::by_rows(of, ROWS, HELD)
    }

    /// So many rows at a time, so many bytes in memory.
    fn by_rows(of: Making<'p, 's>, at_a_time: usize, held: usize) -> Result<Self, PublishError> {
        let Making { pipeline, set, state, .. } = of;
        let begin_here = |at: &ReferenceIndex| pipeline.references[*at].from == set.base;
        let references: Vec<ReferenceIndex> = (0..pipeline.references.len()).filter(begin_here).collect();
        let piece = |from, rows| Piece::of(state, set.base, &references, from, rows);
        let mut builder = Self::new(of, &piece(0, 0))?;
        builder.made.packed = Packed::new(of.spill, held);
        let all = state.tables[set.base].rows;
        for from in (0..all).step_by(at_a_time) {
            builder.push(&piece(from, at_a_time.min(all - from)))?;
        }
        Ok(builder)
    }

    /// Adds the rows of a piece that are in the set.
    ///
    /// # Errors
    /// As [`super::compute()`]; [`PublishError::Io`] where rows go to a disk that does not take them.
    pub fn push(&mut self, piece: &Piece<'_>) -> Result<(), PublishError> {
        let made = &mut self.made;
        let (pipeline, set) = (made.pipeline, made.set);
        let mut gather = Gather::of(pipeline, set, self.state, piece, self.tenant)?;
        let left_out = choose(pipeline, set, &mut gather, &made.circumstances)?;
        made.left_out.filtered += left_out.filtered;
        made.left_out.restricted += left_out.restricted;
        made.left_out.open_period += left_out.open_period;
        let rows = gather.rows();
        if rows == 0 {
            return Ok(());
        }
        made.rows += rows;
        let failed = PublishError::step(&set.name, "numbering values");
        let mut ends = AtEnds { known: vec![None; self.ends.len()], parents: BTreeMap::new() };
        let mut columns: Vec<Cells> = Vec::with_capacity(set.columns.len());
        let mut parts: Option<Vec<u32>> = None;
        let mut combined: Option<Vec<u32>> = None;
        let mut level = 0;
        for (at, column) in set.columns.iter().enumerate() {
            let codes = match &mut self.columns[at] {
                Source::Tail(tail) => tail.codes_of(ends.of(&self.ends, &gather, tail.ends)?),
                Source::Own(data_type, interner, must) => {
                    let cells = cells_of(computed(pipeline, set, &mut gather, column, &made.circumstances, self.key)?);
                    let cells = cells.unwrap_or_else(|| new_null_array(&DataType::Int64, rows));
                    if *data_type != *cells.data_type() {
                        return Err(PublishError::Compute { set: set.name.clone(), step: "numbering values" });
                    }
                    let known = interner.as_mut().filter(|known| *must || known.len() <= FEW);
                    let Some(known) = known else {
                        made.totals[at] = added(made.totals[at], &cells, made.rows == rows);
                        columns.push(Cells::of(&cells));
                        continue;
                    };
                    known.codes(&cells).map_err(&failed)?
                }
            };
            if made.counts[at] {
                combined = Some(match combined {
                    None => codes.clone(),
                    Some(before) => {
                        level += 1;
                        made.combinations.paired(level, &before, &codes)
                    }
                });
            }
            if set.partition == Some(at) { parts = Some(codes) } else { columns.push(Cells::of_codes(&codes)) }
        }
        if columns.is_empty() {
            // Only the partition is told of a row, and how many rows there are.
            columns.push(Cells::of_codes(&vec![NULL; rows]));
        }
        let subjects = match (&self.subjects, &set.subject) {
            (Some(subjects), _) => Some(ends.of(&self.ends, &gather, *subjects)?.to_vec()),
            (None, Some((path, _))) => Some(gather.subjects(path).iter().map(|row| row.unwrap_or(NOBODY)).collect()),
            (None, None) => None,
        };
        if let Some(subjects) = &subjects {
            made.combinations.count(combined.as_deref(), subjects);
        }
        if let Some(combined) = combined {
            if set.small_groups == SmallGroups::SuppressRows {
                for (row, combination) in combined.iter().enumerate() {
                    let part = parts.as_ref().map_or(NULL, |parts| parts[row]);
                    *made.by_part.entry(u64::from(part) << 32 | u64::from(*combination)).or_default() += 1;
                }
            }
            if subjects.is_none() {
                return Err(PublishError::NoSubject { set: set.name.clone() });
            }
            columns.push(Cells::of_codes(&combined));
        }
        made.packed.push(&set.name, parts.as_deref(), columns)
    }

    /// All rows came: what they were made from is not needed any more.
    pub fn close(self) -> Collected<'p> {
        let of = (self.made.pipeline, self.made.set, self.state, self.tenant);
        let singles_out = singling_out(of, &self.made.circumstances, self.key, self.made.combinations.subjects());
        let columns = self.columns.into_iter().map(|source| match source {
            Source::Tail(tail) => (tail.values.data_type().clone(), Some(tail.into_values())),
            Source::Own(data_type, known, _) => (data_type, known),
        });
        Collected { columns: columns.collect(), made: self.made, singles_out }
    }

    /// Takes the set through its gate.
    ///
    /// # Errors
    /// As [`super::pass`].
    pub fn finish(self) -> Result<Gated, PublishError> {
        self.close().finish()
    }
}

/// All rows of a set of one tenant, before its gate.
pub struct Collected<'p> {
    /// Each column's type, and its values where they are numbered.
    columns: Vec<(DataType, Option<Interner>)>,
    made: Made<'p>,
    /// Columns that do not count for k and single somebody out.
    singles_out: Result<Vec<SinglesOut>, PublishError>,
}

impl Collected<'_> {
    /// Takes the set through its gate.
    ///
    /// # Errors
    /// As [`super::pass`].
    pub fn finish(self) -> Result<Gated, PublishError> {
        let Self { columns: sources, made, singles_out } = self;
        let (pipeline, set) = (made.pipeline, made.set);
        let failed = PublishError::step(&set.name, "numbering values");
        let mut report = GateReport::of(set);
        let quasi: Vec<usize> = (0..sources.len()).filter(|at| made.counts[*at]).collect();
        let (combinations, subjects, weights) = made.combinations.counted();
        let rows = combinations.len();
        let mut types = Vec::new();
        let mut columns = Vec::new();
        for (at, (declared, (data_type, known))) in set.columns.iter().zip(&sources).enumerate() {
            types.push(data_type.clone());
            let place = quasi.iter().position(|known| *known == at);
            let values = match (place, known) {
                (Some(place), Some(known)) => {
                    let behind_null = [new_null_array(data_type, 1), known.values().map_err(&failed)?];
                    let values = concat(&[behind_null[0].as_ref(), behind_null[1].as_ref()]).map_err(&failed)?;
                    let codes: UInt32Array = combinations.iter().map(|of| Some(made.combinations.code(*of, place))).collect();
                    take(&values, &codes, None).map_err(&failed)?
                }
                _ => new_empty_array(data_type),
            };
            let treatment = match &declared.source {
                SetSource::Column { generalise, .. } => Treatment::declared(generalise),
                _ => Treatment::declared(&Generalised::Value),
            };
            columns.push(match &declared.source {
                SetSource::Count => ComputedColumn::Count,
                SetSource::CountSubjects => ComputedColumn::CountSubjects,
                SetSource::Measure { .. } => ComputedColumn::Measure(values),
                _ => ComputedColumn::Cells { values, source: None, treatment, quasi_identifier: place.is_some() },
            });
        }
        let subjects = set.subject.as_ref().map(|_| subjects);
        let mut counted = Computed {
            left_out: made.left_out,
            rows,
            columns,
            subjects,
            circumstances: made.circumstances,
            weights: Some(weights),
            unlinked: None,
            earlier: None,
            singles_out: singles_out?,
        };
        let weights = counted.weights.clone().unwrap_or_default();
        let mask = gate_rows(pipeline, set, &mut counted, &mut report)?;
        let leaves_out = mask.is_some() && set.small_groups == SmallGroups::SuppressRows;
        let empty: Vec<ArrayRef> = types.iter().map(new_empty_array).collect();
        let dictionary = checked_dictionary(pipeline, set, &counted, &empty)?;
        let rows_before = made.rows as u64;
        let left = if leaves_out { counted.weights.iter().flatten().sum() } else { rows_before };
        let rows = if left == 0 && (leaves_out || made.rows == 0) {
            Rows::Whole(batch(set, &dictionary, empty)?)
        } else {
            let mut hidden = vec![false; if quasi.is_empty() { 0 } else { made.combinations.len() }];
            let mut moved: BTreeMap<u32, usize> = BTreeMap::new();
            let of_partition = set.partition.and_then(|at| quasi.iter().position(|known| *known == at));
            for (row, combination) in combinations.iter().enumerate().filter(|(row, _)| mask.as_ref().is_some_and(|mask| mask.value(*row)))
            {
                hidden[*combination as usize] = true;
                if let Some(place) = of_partition {
                    *moved.entry(made.combinations.code(*combination, place)).or_default() += weights[row] as usize;
                }
            }
            if leaves_out {
                moved.clear();
                let left_out = made.by_part.iter().filter(|(key, _)| hidden[(**key & u64::from(u32::MAX)) as usize]);
                left_out.for_each(|(key, rows)| *moved.entry((key >> 32) as u32).or_default() += rows);
            }
            let schema = schema(&dictionary, &types);
            let mut kept = Vec::with_capacity(types.len());
            for ((data_type, known), counts) in sources.into_iter().zip(made.counts) {
                kept.push(match known {
                    Some(known) => Kept::Coded(Ranked::of(&known.values().map_err(&failed)?).map_err(&failed)?, counts),
                    None => Kept::Plain(data_type),
                });
            }
            Rows::Parted(Box::new(Parted {
                schema,
                packed: made.packed,
                columns: kept,
                partition: set.partition,
                sort: set.sort.clone(),
                hidden,
                rows: made.rows - if leaves_out { moved.values().sum::<usize>() } else { 0 },
                moved: moved.into_iter().filter(|(part, _)| leaves_out || *part != NULL).collect(),
                leaves_out,
                totals: if leaves_out { vec![None; set.columns.len()] } else { made.totals },
            }))
        };
        Ok(Gated { rows, report, dictionary, left_out: made.left_out, rows_before, unlinked: None, memory: None })
    }
}

/// Where the paths of a piece's rows end, followed once for all columns that share a path.
struct AtEnds {
    known: Vec<Option<Vec<u32>>>,
    /// The rows that the first steps lead to.
    parents: BTreeMap<ReferenceIndex, UInt32Array>,
}

impl AtEnds {
    fn of(&mut self, paths: &[Ends], gather: &Gather<'_>, path: usize) -> Result<&[u32], PublishError> {
        let known = &mut self.known[path];
        Ok(match known {
            Some(known) => known,
            None => {
                let ends = &paths[path];
                let parents = match self.parents.entry(ends.step) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(place) => place.insert(gather.first_step(ends.step)?),
                };
                known.insert(ends.rows_of(parents))
            }
        })
    }
}

fn cells_of(column: ComputedColumn) -> Option<ArrayRef> {
    match column {
        ComputedColumn::Cells { values, .. } | ComputedColumn::Measure(values) => Some(values),
        ComputedColumn::Count | ComputedColumn::CountSubjects => None,
    }
}

/// A total with the cells of one more piece; `None` where it does not fit, and where cells can not be added in any order.
fn added(total: Option<Sum>, cells: &ArrayRef, is_first: bool) -> Option<Sum> {
    match (total, checked_sum(cells).ok()?) {
        (_, Sum::Float(_)) => None,
        (None, more) => is_first.then_some(more),
        (Some(Sum::Integer(one)), Sum::Integer(other)) => one.checked_add(other).map(Sum::Integer),
        (Some(Sum::Decimal { unscaled, scale }), Sum::Decimal { unscaled: more, .. }) => {
            unscaled.checked_add(more).map(|unscaled| Sum::Decimal { unscaled, scale })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{AsArray, RecordBatch};
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::pipeline::{Condition, PeriodKind, Scalar, SetColumn, Test};
    use crate::publish::testing::{
        CUSTOMER, Customer, LINE, Line, ORDER, Order, PRODUCT, TO_CUSTOMER, TO_ORDER, TO_PRODUCT, column, customer, flags, key, line,
        order, pipeline, product, pseudonym, set, state, tenant,
    };
    use crate::publish::{Coding, compute, pass};

    const TEA: [&str; 3] = ["tea", "tools", ""];

    /// What a set of lines or orders may consist of, by number.
    fn any_column(base: usize, which: usize) -> SetColumn {
        let (to_order, to_customer): (&[usize], &[usize]) =
            if base == LINE { (&[TO_ORDER], &[TO_ORDER, TO_CUSTOMER]) } else { (&[], &[TO_CUSTOMER]) };
        let month = Generalised::Period(PeriodKind::Month);
        match which {
            0 => column("who", to_order, ORDER, order::CUSTOMER, pseudonym()),
            1 => column("whose", to_customer, CUSTOMER, customer::ID, pseudonym()),
            2 => column("area", to_customer, CUSTOMER, customer::POSTCODE, Generalised::Prefix(2)),
            3 => column("born", to_customer, CUSTOMER, customer::BORN, Generalised::Period(PeriodKind::Year)),
            4 => column("month", to_order, ORDER, order::DAY, month),
            5 => SetColumn {
                quasi_identifier: true,
                ..column("quarter", to_order, ORDER, order::DAY, Generalised::Period(PeriodKind::Quarter))
            },
            6 => column("total", to_order, ORDER, order::TOTAL, Generalised::Value),
            7 if base == LINE => column("group", &[TO_PRODUCT], PRODUCT, product::GROUP, Generalised::Value),
            8 if base == LINE => column("quantity", &[], LINE, line::QUANTITY, Generalised::Value),
            9 if base == LINE => SetColumn { quasi_identifier: true, ..column("many", &[], LINE, line::QUANTITY, Generalised::Band(2)) },
            _ => column("id", to_order, ORDER, order::ID, pseudonym()),
        }
    }

    type Shop = (Vec<Customer>, Vec<Order>, Vec<Line>);

    fn shop() -> impl Strategy<Value = Shop> {
        let place = prop::option::weighted(0.8, prop::sample::select(vec!["2111", "2122", "2233", "98"]));
        let tenant = || prop_oneof![5 => Just(0_u16), 1 => Just(1_u16)];
        let born = prop::option::of(prop::sample::select(vec![date(1980, 1, 1), date(1980, 7, 1), date(1990, 1, 1)]));
        let customers = prop::collection::vec((tenant(), place, born), 1..7);
        customers.prop_flat_map(move |customers| {
            let buyer = prop::option::weighted(0.9, 0..customers.len() as u32);
            let day = prop::option::weighted(0.9, (1_i8..5, 1_i8..28).prop_map(|(month, day)| date(2026, month, day)));
            let total =
                prop::option::weighted(0.9, prop_oneof![3 => -500_i128..500, 1 => Just(1_i128 << 80), 1 => Just(i128::from(i64::MIN))]);
            let orders = prop::collection::vec((tenant(), buyer, day, total), 1..14);
            (Just(customers), orders).prop_flat_map(move |(customers, orders)| {
                let order = prop::option::weighted(0.9, 0..orders.len() as u32);
                let many = prop::option::weighted(0.9, prop_oneof![4 => 0_i64..6, 1 => any::<i64>()]);
                let lines = prop::collection::vec((tenant(), order, prop::option::of(0_u32..3), many), 0..30);
                (Just(customers), Just(orders), lines)
            })
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

        /// The slow reference has all rows in memory as they are published.
        #[test]
        fn pieces_give_what_the_whole_gives(
            (customers, orders, lines) in shop(),
            base in prop::sample::select(vec![LINE, ORDER]),
            columns in prop::collection::btree_set(0_usize..11, 1..7),
            (partition, sort) in (prop::option::of(0_usize..7), prop::collection::vec(0_usize..7, 0..3)),
            (k, how, closed, filtered) in (2_u32..4, prop_oneof![4 => Just(0_usize), 4 => Just(1), 1 => Just(2)], any::<bool>(), prop::bool::weighted(0.3)),
            (gone, restricted) in (prop::collection::vec(prop::bool::weighted(0.9), 14), prop::collection::vec(prop::bool::weighted(0.9), 7)),
            (at_a_time, held, is_coded) in (1_usize..9, prop::sample::select(vec![0_usize, 300, 1 << 20]), any::<bool>()),
        ) {
            let mut known = state(&customers, &orders, &lines, &TEA);
            known.tables[ORDER].present = flags(&gone[..orders.len()]);
            known.tables[CUSTOMER].publishable = flags(&restricted[..customers.len()]);
            let subject = if base == LINE { vec![TO_ORDER, TO_CUSTOMER] } else { vec![TO_CUSTOMER] };
            let mut sales = set(base, Release::Pseudonymised, Some(subject));
            sales.k = k;
            sales.small_groups = [SmallGroups::Suppress, SmallGroups::SuppressRows, SmallGroups::Refuse][how];
            let mut names = std::collections::HashSet::new();
            sales.columns = columns.iter().map(|which| any_column(base, *which)).filter(|column| names.insert(column.name.clone())).collect();
            let is_period = |at: &usize| matches!(
                sales.columns[*at].source, SetSource::Column { generalise: Generalised::Period(_), .. }
            );
            sales.partition = partition.filter(|at| *at < sales.columns.len()).filter(is_period);
            sales.closed = (0..sales.columns.len()).find(is_period).filter(|_| closed);
            sales.sort = sort.into_iter().filter(|at| *at < sales.columns.len()).collect();
            sales.sort.dedup();
            sales.sort = if sales.sort.len() == 2 && sales.sort[0] == sales.sort[1] { vec![sales.sort[0]] } else { sales.sort };
            if filtered && base == LINE {
                let condition = Condition { column: product::GROUP, tests: vec![Test::Is(vec![Scalar::Text("tea".to_owned())])] };
                sales.filter = vec![(vec![TO_PRODUCT], condition)];
            }
            prop_assert!(goes_in_pieces(&pipeline(), &sales));
            let (pipeline, tenant, key, folder) = (pipeline(), tenant("north"), key("north"), tempfile::tempdir().unwrap());
            let whole = compute(&pipeline, &sales, &known, &tenant, 0, &key).and_then(|computed| pass(&pipeline, &sales, computed));
            let mut coded = Vec::new();
            if is_coded && base == LINE {
                let closed = sales.closed.map(|at| sales.columns[at].source.columns()[0]).map(|source| (source.table, source.column));
                for (at, cells) in known.tables[ORDER].columns.iter_mut().enumerate() {
                    let Some(mut coding) = cells.as_ref().and_then(|cells| Coding::of(cells.data_type(), 0)) else { continue };
                    cells.iter().for_each(|cells| {
                        (0..cells.len()).step_by(at_a_time).for_each(|from| {
                            coding.push(&cells.slice(from, at_a_time.min(cells.len() - from))).unwrap();
                        });
                    });
                    coded.push(coding.finish(ORDER, at).unwrap());
                    // Nobody may ask for the cells themselves, but who needs them row by row.
                    *cells = cells.take().filter(|_| closed == Some((ORDER, at)));
                }
            }
            let making = Making { pipeline: &pipeline, set: &sales, state: &known, tenant: &tenant, tenant_index: 0, key: &key, coded: &coded, spill: folder.path() };
            let pieces = Builder::by_rows(making, at_a_time, held).and_then(Builder::finish);
            match (whole, pieces) {
                (Err(whole), Err(pieces)) => prop_assert_eq!(whole.to_string(), pieces.to_string()),
                (whole, pieces) => {
                    let (whole, pieces) = (whole.unwrap(), pieces.unwrap());
                    prop_assert_eq!(&whole.report, &pieces.report);
                    prop_assert_eq!(whole.left_out, pieces.left_out);
                    prop_assert_eq!(whole.rows_before, pieces.rows_before);
                    prop_assert_eq!(serde_json::to_value(&whole.dictionary).unwrap(), serde_json::to_value(&pieces.dictionary).unwrap());
                    prop_assert_eq!(whole.rows.whole(sales.partition), pieces.rows.whole(sales.partition));
                    let folders = |gated: &Gated| -> Vec<(String, usize)> {
                        let found = gated.rows.partitions("", sales.partition).unwrap();
                        found.into_iter().map(|partition| (partition.folder, partition.rows)).collect()
                    };
                    prop_assert_eq!(folders(&whole), folders(&pieces));
                    for at in 0..sales.columns.len() {
                        prop_assert_eq!(whole.rows.total("", at), pieces.rows.total("", at), "{}", at);
                    }
                }
            }
        }

        /// Whatever else the set holds and however its rows came: a partition's hash is that of its rows.
        #[test]
        fn partitions_have_the_same_hash_if_and_only_if_they_hold_the_same(
            (customers, orders, lines) in shop(),
            dropped in prop::collection::vec(prop::bool::weighted(0.9), 30),
            columns in prop::collection::btree_set(0_usize..11, 1..5),
            at_a_time in 1_usize..9,
        ) {
            let mut sales = set(LINE, Release::Pseudonymised, Some(vec![TO_ORDER, TO_CUSTOMER]));
            sales.k = 2;
            sales.columns = [4].into_iter().chain(columns.into_iter().filter(|which| *which != 4)).map(|which| any_column(LINE, which)).collect();
            let mut names = std::collections::HashSet::new();
            sales.columns.retain(|column| names.insert(column.name.clone()));
            sales.partition = Some(0);
            let (pipeline, tenant, key, folder) = (pipeline(), tenant("north"), key("north"), tempfile::tempdir().unwrap());
            let partitions = |lines: &[Line], at_a_time| -> BTreeMap<String, (RecordBatch, String)> {
                let state = state(&customers, &orders, lines, &TEA);
                let making =
                    Making { pipeline: &pipeline, set: &sales, state: &state, tenant: &tenant, tenant_index: 0, key: &key, coded: &[], spill: folder.path() };
                let built = Builder::by_rows(making, at_a_time, HELD);
                let rows = built.unwrap().finish().unwrap().rows;
                let loaded = rows.partitions("", Some(0)).unwrap().into_iter().map(|partition| {
                    let loaded = rows.load("", Some(0), &partition).unwrap();
                    let hash = loaded.content_hash("", &[]).unwrap();
                    let rows = loaded.whole().unwrap();
                    let cells = |rows: RecordBatch| -> Vec<ArrayRef> {
                        let texts = |cells: &ArrayRef| cells.as_any_dictionary_opt().map(|cells| take(cells.values(), cells.keys(), None).unwrap());
                        rows.columns().iter().map(|cells| texts(cells).unwrap_or_else(|| cells.clone())).collect()
                    };
                    for from in 0..rows.num_rows() {
                        let some = from..rows.num_rows().min(from + 2);
                        assert_eq!(cells(loaded.slice(some.clone()).unwrap()), cells(rows.slice(from, some.len())));
                        let places = UInt32Array::from(vec![from as u32, 0]);
                        let single: Vec<ArrayRef> = rows.columns().iter().map(|cells| take(cells, &places, None).unwrap()).collect();
                        assert_eq!(cells(loaded.at(&[from, 0]).unwrap()), single);
                    }
                    (partition.folder, (rows, hash))
                });
                loaded.collect()
            };
            let all = partitions(&lines, at_a_time);
            let mut fewer: Vec<Line> = lines.iter().zip(&dropped).filter(|(_, kept)| **kept).map(|(line, _)| *line).collect();
            fewer.reverse();
            for (folder, (rows, hash)) in partitions(&fewer, 4) {
                if let Some((known, known_hash)) = all.get(&folder) {
                    prop_assert_eq!(*known == rows, *known_hash == hash);
                }
            }
        }
    }
}
