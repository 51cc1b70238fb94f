//! What earlier runs did, as the next one asks about it.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use jiff::civil::Date;

use super::Token;
use super::record::{Completion, Record, RunCompleted};
use super::sequence::{OpenIntent, Sequence};

/// How many completed runs the usual count looks back on.
const LOOK_BACK: usize = 30;
/// How many it needs before it says anything.
const FEWEST: usize = 3;

/// What is known of one tenant and category.
#[derive(Debug, Default)]
struct Group {
    /// Every erasure in the order of the ledger; 16 bytes each, since an old ledger has millions.
    erased: Vec<Token>,
    /// The entry, run and batch of each completion, and where its tokens end in `erased`.
    completions: Vec<Completed>,
    /// How many each unfinished run has erased.
    tally: HashMap<String, u64>,
    /// How many the last completed runs erased, those that erased nobody left out.
    recent: VecDeque<u64>,
    /// The subjects that every run since a certain day has skipped.
    skipped: HashMap<Token, Series>,
    /// The subjects of which a run that executed a saved plan has erased a part, with the last such run.
    partly: HashMap<Token, String>,
}

/// A completion.
#[derive(Debug)]
struct Completed {
    seq: u64,
    run: String,
    batch: u64,
    end: usize,
}

/// An unbroken series of runs that skipped one subject.
#[derive(Debug)]
struct Series {
    since: Date,
    /// The last run that had the subject before it and left it as it was.
    last_run: String,
}

/// The history of all tenants and categories.
#[derive(Debug, Default)]
pub(super) struct History {
    groups: BTreeMap<String, BTreeMap<String, Group>>,
    /// Run → the saved plan that it executed.
    plans: HashMap<String, String>,
}

impl History {
    /// Takes note of a record; `settled` is the intent that it settled, `sequence` the state that includes it.
    pub fn apply(&mut self, seq: u64, record: &Record, settled: Option<&OpenIntent>, sequence: &Sequence) {
        match record {
            Record::Completion(completion) => {
                if let Some(as_of) = sequence.as_of(&completion.run) {
                    self.complete(seq, completion, as_of);
                }
            }
            Record::Abandoned(abandoned) => {
                // Nothing was decided about these subjects: a series that was under way goes on.
                let Some(OpenIntent { intent, .. }) = settled else {
                    return;
                };
                let group = self.group_mut(&intent.tenant, &intent.category);
                for token in &intent.tokens {
                    if let Some(series) = group.skipped.get_mut(token) {
                        series.last_run.clone_from(&abandoned.run);
                    }
                }
            }
            Record::RunCompleted(completed) => self.end_run(completed),
            Record::RunFailed(failed) => {
                for group in self.groups.values_mut().flat_map(BTreeMap::values_mut) {
                    group.tally.remove(&failed.run);
                }
            }
            Record::RunStarted(started) => {
                if let Some(executed) = &started.saved_plan {
                    self.plans.insert(started.run.clone(), executed.plan.clone());
                }
            }
            Record::Opened(_)
            | Record::Intent(_)
            | Record::Restored(_)
            | Record::SetNoted(_)
            | Record::HoldAdded(_)
            | Record::HoldReleased(_)
            | Record::EpochShredded(_) => {}
        }
    }

    fn group_mut(&mut self, tenant: &str, category: &str) -> &mut Group {
        self.groups.entry(tenant.to_owned()).or_default().entry(category.to_owned()).or_default()
    }

    fn complete(&mut self, seq: u64, completion: &Completion, as_of: Date) {
        let by_plan = self.plans.contains_key(&completion.run);
        let group = self.group_mut(&completion.tenant, &completion.category);
        let before = group.erased.len();
        group.erased.extend(completion.deleted.iter().chain(&completion.anonymised));
        let end = group.erased.len();
        group.completions.push(Completed { seq, run: completion.run.clone(), batch: completion.batch, end });
        let erased = group.erased.len() - before;
        if erased > 0 {
            *group.tally.entry(completion.run.clone()).or_default() += erased as u64;
        }
        for token in completion.deleted.iter().chain(&completion.anonymised).chain(&completion.partly) {
            group.skipped.remove(token);
        }
        if by_plan {
            group.partly.extend(completion.partly.iter().map(|token| (*token, completion.run.clone())));
        }
        for skipped in &completion.skipped {
            let series = Series { since: as_of, last_run: String::new() };
            group.skipped.entry(skipped.token).or_insert(series).last_run.clone_from(&completion.run);
        }
    }

    fn end_run(&mut self, completed: &RunCompleted) {
        let seen: HashSet<(&str, &str)> = completed.outcomes.iter().map(|count| (count.tenant.as_str(), count.category.as_str())).collect();
        for (tenant, categories) in &mut self.groups {
            for (category, group) in categories {
                if let Some(erased) = group.tally.remove(&completed.run) {
                    group.recent.push_back(erased);
                    if group.recent.len() > LOOK_BACK {
                        group.recent.pop_front();
                    }
                }
                if seen.contains(&(tenant.as_str(), category.as_str())) {
                    group.skipped.retain(|_, series| series.last_run == completed.run);
                }
            }
        }
    }

    /// Every token erased by a completion whose entry number is at least `from`, but for those of batches (run, number) that `known` says.
    pub fn completed_tokens(&self, tenant: &str, category: &str, from: u64, known: &dyn Fn(&str, u64) -> bool) -> HashSet<Token> {
        let Some(group) = self.groups.get(tenant).and_then(|categories| categories.get(category)) else {
            return HashSet::new();
        };
        let earlier = group.completions.partition_point(|completed| completed.seq < from);
        let mut start = earlier.checked_sub(1).map_or(0, |index| group.completions[index].end);
        let mut tokens = HashSet::new();
        for completed in &group.completions[earlier..] {
            if !known(&completed.run, completed.batch) {
                tokens.extend(&group.erased[start..completed.end]);
            }
            start = completed.end;
        }
        tokens
    }

    /// Every token of which the last run that erased a part of it by any saved plan did so by this one.
    pub fn partly_by(&self, plan: &str, tenant: &str, category: &str) -> HashSet<Token> {
        let group = self.groups.get(tenant).and_then(|categories| categories.get(category));
        let partly = group.into_iter().flat_map(|group| &group.partly);
        partly.filter(|(_, run)| self.plans.get(*run).is_some_and(|by| by == plan)).map(|(token, _)| *token).collect()
    }

    pub fn usual_count(&self, tenant: &str, category: &str) -> Option<u64> {
        let group = self.groups.get(tenant)?.get(category)?;
        let mut counts: Vec<u64> = group.recent.iter().copied().collect();
        if counts.len() < FEWEST {
            return None;
        }
        counts.sort_unstable();
        let upper = counts[counts.len() / 2];
        let lower = counts[(counts.len() - 1) / 2];
        Some(lower + (upper - lower) / 2)
    }

    pub fn first_skipped(&self, token: &Token) -> Option<Date> {
        let groups = self.groups.values().flat_map(BTreeMap::values);
        groups.filter_map(|group| group.skipped.get(token)).map(|series| series.since).min()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::super::testing::*;
    use super::super::*;
    use super::*;

    const CATEGORIES: [&str; 2] = ["customer", "lead"];

    #[test]
    fn the_usual_count_is_a_median_over_thirty_runs_that_forgot_somebody() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = open(folder.path()).unwrap();
        // The first two nights forget 9, then 30 nights forget 1 and 2 in turn; every fifth night forgets nobody.
        let mut expected = Vec::new();
        for number in 0..40_u32 {
            let run = format!("r{number}");
            let count = match number {
                0 | 1 => 9,
                number if number % 5 == 0 => 0,
                number => number as u8 % 2 + 1,
            };
            ledger.append(&started(&run, number), night(number)).unwrap();
            let numbers: Vec<u8> = (0..count).collect();
            ledger.append(&intent(&run, 1, "lead", &numbers), night(number)).unwrap();
            ledger.append(&completion(&run, 1, "lead", &numbers, &[]), night(number)).unwrap();
            if number == 2 {
                assert_eq!(ledger.usual_count("north", "lead"), None, "two completed runs are too few");
            }
            ledger.append(&completed(&run, &["lead"]), night(number)).unwrap();
            if count > 0 {
                expected.push(u64::from(count));
            }
            if number == 2 {
                assert_eq!(ledger.usual_count("north", "lead"), Some(9), "of 9, 9 and 1");
            }
        }
        assert!(expected.len() > 30);
        // 16 + 14 or 15 + 15 of the ones and twos remain; the two nines have gone out of sight.
        let mut last = expected[expected.len() - 30..].to_vec();
        last.sort_unstable();
        assert!(!last.contains(&9));
        assert_eq!(ledger.usual_count("north", "lead"), Some((last[14] + last[15]) / 2));
        assert_eq!(ledger.usual_count("north", "customer"), None);
        assert_eq!(ledger.usual_count("west", "lead"), None);
    }

    #[test]
    fn a_series_of_skips_outlives_a_failed_run_and_ends_with_a_run_that_did_not_skip() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = open(folder.path()).unwrap();
        let mut day = 0;
        let mut run = |ledger: &mut Ledger, records: &[Record], end: fn(&str) -> Record| {
            let name = format!("r{day}");
            ledger.append(&started(&name, day), night(day)).unwrap();
            for record in records {
                ledger.append(record, night(day)).unwrap();
            }
            ledger.append(&end(&name), night(day)).unwrap();
            day += 1;
        };
        let all = |name: &str| completed(name, &CATEGORIES);
        let others = |name: &str| completed(name, &["lead"]);
        let skip = |name: &str| [intent(name, 1, "customer", &[7]), completion(name, 1, "customer", &[], &[7])];

        run(&mut ledger, &skip("r0"), all);
        let first = Some(jiff::civil::date(2026, 11, 1));
        assert_eq!(ledger.first_skipped(&token(7)), first);
        run(&mut ledger, &skip("r1"), all);
        run(&mut ledger, &[], failed);
        run(&mut ledger, &[], others);
        run(&mut ledger, &[intent("r4", 1, "customer", &[7]), abandoned("r4", 1)], all);
        assert_eq!(ledger.first_skipped(&token(7)), first, "nobody decided otherwise");
        assert_eq!(open_again(ledger, folder.path(), |ledger| ledger.first_skipped(&token(7))), first);

        let mut ledger = open(folder.path()).unwrap();
        run(&mut ledger, &[], all);
        assert_eq!(ledger.first_skipped(&token(7)), None, "a run saw the category and did not skip");
        run(&mut ledger, &skip("r6"), all);
        assert_eq!(ledger.first_skipped(&token(7)), Some(jiff::civil::date(2026, 11, 7)));
        let treat = [intent("r7", 1, "customer", &[7]), completion("r7", 1, "customer", &[7], &[])];
        run(&mut ledger, &treat, failed);
        assert_eq!(ledger.first_skipped(&token(7)), None, "treated, though the run failed later");
        assert_eq!(ledger.first_skipped(&token(8)), None);
    }

    #[test]
    fn the_last_run_tells_how_it_ended() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = open(folder.path()).unwrap();
        assert_eq!(ledger.last_run(), None);
        let end = |ledger: &Ledger| ledger.last_run().map(|last| (last.started.run.clone(), last.end.clone())).unwrap();
        ledger.append(&started("r1", 0), night(0)).unwrap();
        assert_eq!(end(&ledger), ("r1".into(), RunEnd::Open));
        // A killed run is settled by the next one, and its batch number is free again only after an abandonment.
        ledger.append(&intent("r1", 1, "lead", &[1]), night(0)).unwrap();
        ledger.append(&started("r2", 1), night(1)).unwrap();
        ledger.append(&abandoned("r1", 1), night(1)).unwrap();
        ledger.append(&intent("r1", 1, "lead", &[1]), night(1)).unwrap();
        ledger.append(&failed("r1"), night(1)).unwrap();
        assert_eq!(end(&ledger), ("r2".into(), RunEnd::Open), "the end of an earlier run is not this one's");
        ledger.append(&completion("r1", 1, "lead", &[1], &[]), night(1)).unwrap();
        assert_eq!(ledger.open_intents().count(), 0);
        ledger.append(&completed("r2", &[]), night(2)).unwrap();
        assert_eq!(end(&ledger), ("r2".into(), RunEnd::Completed { time: night(2), exit_code: 0 }));
    }

    fn open_again<T>(ledger: Ledger, folder: &std::path::Path, ask: impl Fn(&Ledger) -> T) -> T {
        drop(ledger);
        ask(&open(folder).unwrap())
    }

    #[derive(Debug, Clone)]
    enum Step {
        Start,
        Intent { category: usize, subjects: u8 },
        Complete { which: usize, deleted: u8, skipped: u8 },
        Abandon { which: usize },
        Finish { categories: u8 },
        Fail,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            3 => Just(Step::Start),
            6 => (0..2_usize, 1..64_u8).prop_map(|(category, subjects)| Step::Intent { category, subjects }),
            6 => (0..4_usize, any::<u8>(), any::<u8>())
                .prop_map(|(which, deleted, skipped)| Step::Complete { which, deleted, skipped }),
            1 => (0..4_usize).prop_map(|which| Step::Abandon { which }),
            3 => (0..4_u8).prop_map(|categories| Step::Finish { categories }),
            1 => Just(Step::Fail),
        ]
    }

    fn numbers(mask: u8) -> Vec<u8> {
        (0..8).filter(|bit| mask & (1 << bit) != 0).collect()
    }

    /// Turns steps into records that may follow each other; a step that can not be taken is left out.
    fn records(steps: &[Step]) -> Vec<(Record, Timestamp)> {
        let mut records = Vec::new();
        let (mut runs, mut batches) = (0, 0);
        let mut running: Option<String> = None;
        let mut open: Vec<(String, u64, usize, u8)> = Vec::new();
        for step in steps {
            let record = match step {
                Step::Start if running.is_none() || runs % 3 == 0 => {
                    runs += 1;
                    running = Some(format!("r{runs}"));
                    started(&format!("r{runs}"), runs)
                }
                Step::Intent { category, subjects } if running.is_some() => {
                    batches += 1;
                    let run = running.clone().unwrap();
                    open.push((run.clone(), batches, *category, *subjects));
                    intent(&run, batches, CATEGORIES[*category], &numbers(*subjects))
                }
                Step::Complete { which, deleted, skipped } if *which < open.len() => {
                    let (run, batch, category, subjects) = open.remove(*which);
                    let deleted = deleted & subjects;
                    let skipped = skipped & subjects & !deleted;
                    completion(&run, batch, CATEGORIES[category], &numbers(deleted), &numbers(skipped))
                }
                Step::Abandon { which } if *which < open.len() => {
                    let (run, batch, ..) = open.remove(*which);
                    abandoned(&run, batch)
                }
                Step::Finish { categories } if running.is_some() => {
                    let seen: Vec<&str> = numbers(*categories).iter().map(|bit| CATEGORIES[*bit as usize]).collect();
                    completed(&running.take().unwrap(), &seen)
                }
                Step::Fail if running.is_some() => failed(&running.take().unwrap()),
                _ => continue,
            };
            records.push((record, night(runs)));
        }
        records
    }

    /// The reference for the usual count: runs looked up from their ends, over and over.
    fn slow_usual_count(records: &[Record], category: &str) -> Option<u64> {
        let mut counts = Vec::new();
        for (end, record) in records.iter().enumerate() {
            let Record::RunCompleted(completed) = record else {
                continue;
            };
            let erased: usize = records[..end]
                .iter()
                .map(|record| match record {
                    Record::Completion(completion) if completion.run == completed.run && completion.category == category => {
                        completion.deleted.len() + completion.anonymised.len()
                    }
                    _ => 0,
                })
                .sum();
            counts.extend((erased > 0).then_some(erased as u64));
        }
        let mut last: Vec<u64> = counts.into_iter().rev().take(30).collect();
        last.sort_unstable();
        let middle = last.len() / 2;
        match last.len() {
            0..=2 => None,
            odd if odd % 2 == 1 => Some(last[middle]),
            _ => Some((last[middle - 1] + last[middle]) / 2),
        }
    }

    /// The reference for skips: the first skip after the last record that ended a series.
    fn slow_first_skipped(records: &[Record], category: &str, token: &Token) -> Option<Date> {
        let as_of = |run: &str| {
            records.iter().find_map(|record| match record {
                Record::RunStarted(started) if started.run == run => Some(started.as_of),
                _ => None,
            })
        };
        let announced = |run: &str, batch: u64| {
            records.iter().any(|record| match record {
                Record::Intent(intent) => {
                    (intent.run.as_str(), intent.batch) == (run, batch) && intent.category == category && intent.tokens.contains(token)
                }
                _ => false,
            })
        };
        let skips = |record: &Record| match record {
            Record::Completion(completion) if completion.category == category => {
                completion.skipped.iter().any(|skipped| skipped.token == *token).then(|| completion.run.clone())
            }
            _ => None,
        };
        let leaves = |record: &Record| match record {
            Record::Abandoned(abandoned) if announced(&abandoned.run, abandoned.batch) => Some(abandoned.run.clone()),
            record => skips(record),
        };
        let ends = |index: usize| match &records[index] {
            Record::Completion(completion) if completion.category == category => completion.deleted.contains(token),
            Record::RunCompleted(completed) if completed.outcomes.iter().any(|count| count.category == category) => {
                records[..index].iter().rev().find_map(leaves).is_none_or(|run| run != completed.run)
            }
            _ => false,
        };
        let after = (0..records.len()).rev().find(|index| ends(*index)).map_or(0, |index| index + 1);
        records[after..].iter().find_map(skips).and_then(|run| as_of(&run))
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

        #[test]
        fn any_valid_sequence_checks_clean_and_answers_as_the_slow_reference(
            steps in prop::collection::vec(step(), 0..60)
        ) {
            let folder = tempfile::tempdir().unwrap();
            let timed = records(&steps);
            let mut ledger = open(folder.path()).unwrap();
            for (record, time) in &timed {
                ledger.append(record, *time).unwrap();
            }
            let head = ledger.head();
            drop(ledger);
            let path = folder.path().join(FILE_NAME);
            let report = check(&path, &KEY, Some(&head), "keyring-1").unwrap();
            prop_assert_eq!(&report.findings, &[]);
            prop_assert_eq!(report.entries, timed.len() as u64 + 1);
            let macs = verify_by_hand(&std::fs::read(&path).unwrap(), KEY.0);
            prop_assert_eq!(macs.map(|macs| macs.len()), Ok(timed.len() + 1));

            let ledger = open(folder.path()).unwrap();
            prop_assert_eq!(ledger.standing(&head), Standing::Same);
            let records: Vec<Record> = timed.into_iter().map(|(record, _)| record).collect();
            let settled = |run: &str, batch| records.iter().any(|record| match record {
                Record::Completion(completion) => (completion.run.as_str(), completion.batch) == (run, batch),
                Record::Abandoned(abandoned) => (abandoned.run.as_str(), abandoned.batch) == (run, batch),
                _ => false,
            });
            let open: Vec<&Intent> = records.iter().filter_map(|record| match record {
                Record::Intent(intent) if !settled(&intent.run, intent.batch) => Some(intent),
                _ => None,
            }).collect();
            prop_assert_eq!(ledger.open_intents().map(|open| &open.intent).collect::<Vec<_>>(), open.clone());
            prop_assert_eq!(report.open_intents.iter().map(|open| &open.intent).collect::<Vec<_>>(), open);

            for category in CATEGORIES {
                for from in [0, 3, records.len()] {
                    // Record `index` is entry `index + 1`.
                    let erased: HashSet<Token> = records[from..].iter().flat_map(|record| match record {
                        Record::Completion(completion) if completion.category == category => completion.deleted.clone(),
                        _ => Vec::new(),
                    }).collect();
                    prop_assert_eq!(ledger.completed_tokens_after("north", category, from as u64, &|_, _| false), erased.clone());
                    let odd: HashSet<Token> = records[from..].iter().flat_map(|record| match record {
                        Record::Completion(completion) if completion.category == category && completion.batch % 2 == 1 => {
                            completion.deleted.clone()
                        }
                        _ => Vec::new(),
                    }).collect();
                    prop_assert_eq!(ledger.completed_tokens_after("north", category, from as u64, &|_, batch| batch % 2 == 0), odd);
                    if from == 0 {
                        prop_assert_eq!(ledger.completed_tokens("north", category), erased);
                    }
                    if records.len() < 3 {
                        break;
                    }
                }
                prop_assert_eq!(ledger.usual_count("north", category), slow_usual_count(&records, category));
            }
            prop_assert!(ledger.completed_tokens("south", "customer").is_empty());
            for number in 0..8 {
                let slow = CATEGORIES.iter().filter_map(|category| slow_first_skipped(&records, category, &token(number)));
                prop_assert_eq!(ledger.first_skipped(&token(number)), slow.min());
            }
        }
    }
}
