//! Random policies over random rows: the decision equals a slow and obvious reference, a longer period or another hold never erases more, the order
//! of rows and rules is of no matter, and a file that is wrong is refused with reasons and never ends in a panic.

mod policies {
    pub mod calendar;
    pub mod policy;
    pub mod reference;
}

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;

use arrow::array::Array;
use gallra::decide::clocks::date_of_day;
use gallra::decide::stream::Stream;
use gallra::decide::{Given, Outcome, Plan, Withheld, decide};
use gallra::pipeline::Pipeline;
use gallra::pipeline::diagnose::Problems;
use gallra::pipeline::resolve::resolve;
use gallra::pipeline::source::Source;
use gallra::progress::Silent;
use gallra::snapshot::read::{Breadth, ReadState, read};
use gallra::store::sqlite::{Options, SqliteStore};
use gallra::store::{Catalog, Store};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use policies::policy::{Keep, Policy, Random, Rows};
use policies::reference::{Fate, fate};

/// The rows in a database of their own.
struct Database {
    _folder: tempfile::TempDir,
    store: SqliteStore,
    catalog: Catalog,
}

impl Database {
    fn of(rows: &Rows) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute_batch("PRAGMA synchronous = off; PRAGMA journal_mode = memory; BEGIN").unwrap();
        rows.fill(&connection);
        connection.execute_batch("COMMIT").unwrap();
        drop(connection);
        let row_token = Arc::new(|_: &str, _: &[u8]| String::new());
        let options = Options { writable: false, timestamps: TimeZone::UTC, row_token, busy_seconds: 1 };
        let mut store = SqliteStore::open(&path, options).unwrap();
        let catalog = store.catalog().unwrap();
        Self { _folder: folder, store, catalog }
    }

    /// The pipeline, or the problems that refuse it.
    fn resolve(&mut self, text: &str) -> Result<Pipeline, Problems> {
        let mut problems = Problems::default();
        let (source, raw) = Source::parse(Path::new("random.toml"), text.to_owned(), &mut problems);
        let Some(raw) = raw else { return Err(problems) };
        let pipeline = resolve(&raw, &source, &self.catalog, &mut |_, _| Vec::new(), &mut problems);
        match pipeline {
            Some(pipeline) if problems.list.is_empty() => Ok(pipeline),
            _ => Err(problems),
        }
    }

    fn read(&mut self, pipeline: &Pipeline) -> Result<ReadState, gallra::snapshot::read::ReadError> {
        // Noon in Stockholm on 2026-11-22.
        let now: Timestamp = "2026-11-22T11:00:00Z".parse().unwrap();
        let mut snapshot = self.store.snapshot().unwrap();
        read(pipeline, &mut *snapshot, now, None, Breadth::Needed, &Silent)
    }

    fn decide(&mut self, pipeline: &Pipeline) -> (ReadState, Plan) {
        let state = self.read(pipeline).unwrap();
        let (left, withheld) = (BTreeSet::new(), Withheld::default());
        let given = Given { tenants: &state.tenants, memory: &[], left: &left, registered: &[], withheld: &withheld };
        let plan = decide(pipeline, &state.state, &given).unwrap();
        (state, plan)
    }

    /// What is decided about each person, by number.
    fn fates(&mut self, policy: &Policy) -> BTreeMap<i64, Fate> {
        let pipeline = self.resolve(&policy.toml()).unwrap_or_else(|problems| {
            let messages: Vec<&String> = problems.list.iter().map(|problem| &problem.message).collect();
            panic!("refused for {messages:?}:\n{}", policy.toml())
        });
        let (state, plan) = self.decide(&pipeline);
        let table = |name: &str| pipeline.tables.iter().position(|table| table.name() == name).unwrap();
        let column = |table: usize, name: &str| pipeline.tables[table].catalog.column(name).unwrap();
        let (people, sales) = (table("person"), table("sale"));
        let numbers = |of: usize, name: &str| -> Vec<Option<i64>> {
            let cells = state.state.column(of, column(of, name)).unwrap();
            let numbers = cells.as_any().downcast_ref::<arrow::array::Int64Array>().unwrap();
            numbers.iter().collect()
        };
        // A cell that is empty stays what it is, whatever is planned for it.
        let goes = |of: usize, name: &str, row: usize| {
            let column = column(of, name);
            let masked = plan.rows[of].treat.get(&column).is_some_and(|treat| treat[row]);
            masked && state.state.column(of, column).unwrap().is_valid(row)
        };
        let (persons, sale_numbers) = (numbers(sales, "person_no"), numbers(sales, "sale_no"));
        let subjects = &plan.subjects[0];
        let each = numbers(people, "person_no").into_iter().enumerate().map(|(row, number)| {
            let number = number.unwrap();
            let fields = ["name", "email", "promotion_email"];
            let mut gone: Vec<i64> = (0..sale_numbers.len())
                .filter(|sale| persons[*sale] == Some(number) && goes(sales, "buyer_name", *sale))
                .map(|sale| sale_numbers[sale].unwrap())
                .collect();
            gone.sort_unstable();
            let fate = Fate {
                outcome: subjects.outcome[row].as_str(),
                due: subjects.due[row].and_then(date_of_day).map(|day| day.to_string()),
                cells: fields.into_iter().filter(|field| goes(people, field, row)).collect(),
                sales: gone,
            };
            (number, fate)
        });
        each.collect()
    }
}

fn erased(fates: &BTreeMap<i64, Fate>) -> BTreeSet<(i64, String)> {
    let cells = |(number, fate): (&i64, &Fate)| -> Vec<(i64, String)> {
        let whole: &[&str] = if fate.outcome == "delete" { &["name", "email", "promotion_email"] } else { &[] };
        let sales = fate.sales.iter().map(|sale| format!("sale {sale}"));
        fate.cells.iter().chain(whole).map(|cell| (*cell).to_owned()).chain(sales).map(|cell| (*number, cell)).collect()
    };
    // An empty cell can go with the row and not without it: only who loses something counts.
    fates.iter().flat_map(cells).collect()
}

#[test]
fn the_decision_equals_a_slow_and_obvious_reference() {
    let mut outcomes: BTreeMap<&str, u32> = BTreeMap::new();
    for seed in 0..300 {
        let mut random = Random(seed);
        let rows = Rows::random(&mut random);
        let mut database = Database::of(&rows);
        for _ in 0..4 {
            let policy = Policy::random(&mut random);
            let decided = database.fates(&policy);
            for person in &rows.people {
                let expected = fate(&policy, person, &rows);
                let found = &decided[&person.number];
                assert_eq!(found, &expected, "seed {seed}, {person:?}\n{}", policy.toml());
                *outcomes.entry(expected.outcome).or_default() += 1;
            }
        }
    }
    // The reference would agree with anything if nothing ever happened.
    for outcome in ["keep", "held", "restricted", "blocked", "undetermined", "anonymise", "delete", "partly"] {
        assert!(outcomes.get(outcome).is_some_and(|people| *people > 100), "{outcome}: {outcomes:?}");
    }
}

#[test]
fn a_longer_period_never_erases_more() {
    let mut fewer = 0;
    for seed in 1_000..1_150 {
        let mut random = Random(seed);
        let rows = Rows::random(&mut random);
        let mut database = Database::of(&rows);
        let policy = Policy { purposes: Vec::new(), ..Policy::random(&mut random) };
        let mut longer = policy.clone();
        let more = 1 + random.below(36) as i32;
        for rule in &mut longer.rules {
            match &mut rule.keep {
                Keep::Months(months, _) => *months += more,
                Keep::Days(days) => *days += more * 30,
                Keep::Pack(_) | Keep::Open => {}
            }
        }
        let (before, after) = (erased(&database.fates(&policy)), erased(&database.fates(&longer)));
        assert!(after.is_subset(&before), "seed {seed}: {:?}\n{}", after.difference(&before), policy.toml());
        fewer += usize::from(after.len() < before.len());
    }
    assert!(fewer > 20, "{fewer}");
}

#[test]
fn another_hold_never_erases_more() {
    let mut fewer = 0;
    for seed in 2_000..2_150 {
        let mut random = Random(seed);
        let rows = Rows::random(&mut random);
        let mut database = Database::of(&rows);
        let mut policy = Policy { hold: false, ..Policy::random(&mut random) };
        if random.one_in(2) {
            policy.hold_fields.clear();
        }
        let with = Policy { hold: true, ..policy.clone() };
        let (before, after) = (erased(&database.fates(&policy)), erased(&database.fates(&with)));
        assert!(after.is_subset(&before), "seed {seed}: {:?}\n{}", after.difference(&before), with.toml());
        fewer += usize::from(after.len() < before.len());
    }
    assert!(fewer > 20, "{fewer}");
}

#[test]
fn the_order_of_rows_and_rules_is_of_no_matter() {
    for seed in 3_000..3_100 {
        let mut random = Random(seed);
        let rows = Rows::random(&mut random);
        let policy = Policy::random(&mut random);
        let mut turned = policy.clone();
        turned.rules.reverse();
        turned.purposes.reverse();
        let first = Database::of(&rows).fates(&policy);
        let second = Database::of(&rows.shuffled(&mut random)).fates(&turned);
        assert_eq!(first, second, "seed {seed}\n{}", policy.toml());
    }
}

/// Pieces of any size, in any order, gathered apart and merged, say the same as all rows at once.
#[test]
fn what_is_decided_from_pieces_is_what_is_decided_at_once() {
    let (mut decided, mut refused) = (0, 0);
    for seed in 4_000..4_200 {
        let mut random = Random(seed);
        let rows = Rows::random(&mut random);
        let mut database = Database::of(&rows);
        let mut policy = Policy::random(&mut random);
        if random.one_in(2) {
            policy.purposes.clear();
            policy.hold_fields.clear();
            policy.rules.iter_mut().for_each(|rule| rule.ended = None);
        }
        let pipeline = database.resolve(&policy.toml()).map_err(|problems| problems.list.len()).unwrap();
        let (state, plan) = database.decide(&pipeline);
        let (left, withheld) = (BTreeSet::new(), Withheld::default());
        let given = Given { tenants: &state.tenants, memory: &[], left: &left, registered: &[], withheld: &withheld };
        let stream = match Stream::new(&pipeline, &state.state, given, 0) {
            Ok(stream) => stream,
            Err(error) => {
                assert!(error.to_string().contains("piece by piece"), "{error}");
                refused += 1;
                continue;
            }
        };
        let mut parts = [stream.gather(), stream.gather(), stream.gather()];
        let mut pieces = Vec::new();
        for (table, columns) in stream.tables() {
            let of = &state.state.tables[table];
            let column = |column: &usize| {
                let name = pipeline.tables[table].catalog.columns[*column].name.clone();
                (name, of.columns[*column].clone().unwrap())
            };
            let whole = arrow::array::RecordBatch::try_from_iter(columns.iter().map(column)).unwrap();
            let mut from = 0;
            while from < whole.num_rows() {
                let length = (1 + random.below(9) as usize).min(whole.num_rows() - from);
                pieces.push((random.below(3) as usize, table, whole.slice(from, length)));
                from += length;
            }
        }
        for at in (1..pieces.len()).rev() {
            pieces.swap(at, random.below(at as u64 + 1) as usize);
        }
        for (part, table, piece) in pieces {
            stream.take(&mut parts[part], table, &piece).unwrap();
        }
        let [mut first, second, third] = parts;
        first.merge(&third);
        first.merge(&second);
        let found = stream.decide(first).unwrap();
        let whole = &plan.subjects[0];
        for row in 0..whole.outcome.len() {
            assert_eq!(found.plan.outcome[row], whole.outcome[row], "seed {seed}, row {row}\n{}", policy.toml());
            let next = |plan: &gallra::decide::SubjectPlan| plan.next_due.get(&(row as u32)).copied();
            assert_eq!(next(&found.plan), next(whole), "seed {seed}, row {row}\n{}", policy.toml());
            assert_eq!(found.plan.due[row], whole.due[row], "seed {seed}, row {row}");
            let reason = |reasons: &[String], number: u32| reasons[number as usize].clone();
            assert_eq!(reason(&found.reasons, found.plan.reason[row]), reason(&plan.reasons, whole.reason[row]), "seed {seed}, row {row}");
        }
        decided += 1;
    }
    assert!(decided > 50 && refused > 50, "{decided} decided, {refused} refused");
}

#[test]
fn ten_thousand_policies_are_refused_with_reasons_or_decided() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let (mut refused, mut decided, mut failures) = (0, 0, Vec::new());
    let mut database = Database::of(&Rows::random(&mut Random(1)));
    for seed in 0..10_000 {
        let mut random = Random(10_000_000 + seed);
        let policy = Policy::random(&mut random);
        let text = policy.broken(&mut random);
        let result = std::panic::catch_unwind(AssertUnwindSafe(|| match database.resolve(&text) {
            Err(problems) => {
                let sentences = problems.list.iter().all(|problem| !problem.message.trim().is_empty());
                if problems.list.is_empty() || !sentences { Err("refused without a reason".to_owned()) } else { Ok(false) }
            }
            Ok(pipeline) => {
                // Fiscal years or the like can still stop the night, with a sentence.
                let Ok(state) = database.read(&pipeline) else { return Ok(false) };
                let (left, withheld) = (BTreeSet::new(), Withheld::default());
                let given = Given { tenants: &state.tenants, memory: &[], left: &left, registered: &[], withheld: &withheld };
                let plan = decide(&pipeline, &state.state, &given).map_err(|error| error.to_string())?;
                let counted: usize = plan.subjects.iter().map(|subjects| subjects.outcome.len()).sum();
                let all = Outcome::ALL
                    .iter()
                    .map(|outcome| plan.subjects.iter().flat_map(|subjects| &subjects.outcome).filter(|found| *found == outcome).count());
                if all.sum::<usize>() == counted { Ok(true) } else { Err("the outcomes do not add up".to_owned()) }
            }
        }));
        match result {
            Ok(Ok(true)) => decided += 1,
            Ok(Ok(false)) => refused += 1,
            Ok(Err(reason)) => failures.push(format!("seed {seed}: {reason}\n{text}")),
            Err(_) => failures.push(format!("seed {seed}: a panic\n{text}")),
        }
    }
    std::panic::set_hook(hook);
    assert!(failures.is_empty(), "{} of 10,000; the first:\n{}", failures.len(), failures[0]);
    assert!(refused > 2_000 && decided > 300, "{refused} refused, {decided} decided");
}
