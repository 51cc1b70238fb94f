//! Published cells stay as they are until enough people changed: two releases that differ in one person would show what that person did.
//!
//! The rule: between any two releases that show a cell's own values, nobody changed in that cell, or at least `k` people did. «Changed» is who
//! came, who left and whose rows are others now; and in each total that changed, at least `k` people did. Against every earlier release, not only
//! the one before: nine small steps of one person each are nine differences of one person, and skipping eight of them would leave the ninth to
//! somebody who kept all files. So:
//!
//! - **new**: never shown; it goes through the gate as if there had been no release;
//! - **known**: some release showed it with the same contributions, and all others are far enough away. Shown;
//! - **changed**: far enough from all releases. Through the gate like a new one; where it is too small now, it is left out, which tells no more
//!   than that at least `k` people changed;
//! - **frozen**: too near to a release, and shown in the last one. Shown again with the last one's values. Leaving it out would say that it
//!   changed, and hide nothing, because its values are public. That holds for a cell that has fewer than `k` people left, or none, as well, but
//!   not for one that was shown under a smaller `k` with fewer people than today's: it goes;
//! - **withheld**: too near to a release, and not shown in the last one. Left out, as it was.
//!
//! A frozen total of people who have been erased since is no copy of their data that erasure forgot: a total that passed the gate is not
//! personal data (GDPR recital 26), and it is replaced as soon as `k` people changed.
//!
//! What a release showed can not be hidden later, so a cell whose present values an earlier release shows protects no other one: it is never
//! left out as a complement (`cells.rs`). Frozen values are those of another night, so lines of a table need not add up to what they would be
//! tonight; whoever adds them up adds what was published.
//!
//! Pure functions: the memory comes from and goes to `memory.rs`, cells come from `totals.rs`.

use std::collections::BTreeMap;

use super::contributors::Contributors;
use crate::keys::Token;
use crate::ledger::Digest;

/// A cell tonight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    /// The values that it is grouped by, as a keyed token.
    pub name: Token,
    /// Per column of the set its value as text.
    pub values: Vec<Option<String>>,
    /// Its distinct subjects.
    pub subjects: u64,
    /// Who contributed what.
    pub contributors: Contributors,
}

/// A cell as a release shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    /// Per column of the set its value as text.
    pub values: Vec<Option<String>>,
    /// Its distinct subjects then.
    pub subjects: u64,
}

/// What is known of a cell that some release showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    /// As the last release shows it; `None` where it does not.
    pub shown: Option<Shown>,
    /// Its contributors in every release that showed its own values, each once.
    pub states: Vec<Contributors>,
}

/// What earlier releases of an anonymous set showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memory {
    /// SHA-256 of what its columns are; none before the first release.
    pub(super) shape: Option<Digest>,
    /// How far changes are counted.
    pub(super) capacity: usize,
    /// By the cell's token.
    pub(super) cells: BTreeMap<Token, Known>,
}

/// Where a cell stands among earlier releases; the module's page says what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Never shown.
    New,
    /// Shown with the same contributions.
    Known,
    /// Far enough from all releases.
    Changed,
    /// Too near to a release, and shown in the last one.
    Frozen,
    /// Too near to a release, and not shown in the last one.
    Withheld,
}

impl Standing {
    /// Whether the cell's own values of tonight may be shown.
    pub fn may_show(self) -> bool {
        matches!(self, Self::New | Self::Known | Self::Changed)
    }

    /// Whether nobody knows its values of tonight yet, so that leaving it out protects others.
    pub fn may_protect(self) -> bool {
        matches!(self, Self::New | Self::Changed)
    }
}

/// A release: which cells it shows, and the memory once it is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frozen {
    /// Cells that are shown with tonight's values.
    pub fresh: Vec<usize>,
    /// Cells that are shown as before.
    pub frozen: Vec<Shown>,
    /// With this release.
    pub memory: Memory,
}

/// The memory compares fewer people than `k` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooShort;

impl Memory {
    /// No releases. Changes can be counted up to `k`, or to a somewhat larger one that somebody may ask for later.
    pub(super) fn new(k: u32) -> Self {
        const ROOM: usize = 16;
        Self { shape: None, capacity: ROOM.max(k as usize), cells: BTreeMap::new() }
    }

    /// Whether any cell was ever shown.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    fn standing(&self, cell: &Cell, k: usize) -> Result<Standing, TooShort> {
        match self.cells.get(&cell.name) {
            None => Ok(Standing::New),
            Some(known) => known.standing(&cell.contributors, k),
        }
    }
}

impl Known {
    fn standing(&self, now: &Contributors, k: usize) -> Result<Standing, TooShort> {
        let mut same = false;
        let mut near = false;
        for state in &self.states {
            match now.changed(state, k).ok_or(TooShort)? {
                0 => same = true,
                changed if changed < k => near = true,
                _ => {}
            }
        }
        Ok(match (near, same) {
            (true, _) if self.shown.is_some() => Standing::Frozen,
            (true, _) => Standing::Withheld,
            (false, true) => Standing::Known,
            (false, false) => Standing::Changed,
        })
    }
}

/// Decides what a release shows. No two of `cells` have one name.
///
/// `leave_out` is told where each cell stands and says which are left out: too small ones and those that protect them. Frozen cells are shown
/// and withheld ones are left out whatever it says.
///
/// # Errors
/// [`TooShort`] where the memory was begun with a smaller `k` and can not count so far.
pub(super) fn freeze(
    previous: &Memory,
    cells: &[Cell],
    k: u32,
    leave_out: impl FnOnce(&[Standing]) -> Vec<bool>,
) -> Result<Frozen, TooShort> {
    let k = k as usize;
    let standings = cells.iter().map(|cell| previous.standing(cell, k)).collect::<Result<Vec<_>, _>>()?;
    let left_out = leave_out(&standings);
    let nobody = Contributors::nobody(previous.capacity, 0);
    let mut memory = previous.clone();
    let mut frozen = Vec::new();
    let tonight: BTreeMap<Token, Standing> = cells.iter().map(|cell| cell.name).zip(standings.iter().copied()).collect();
    for (name, known) in &mut memory.cells {
        let standing = match tonight.get(name) {
            Some(standing) => *standing,
            // A cell without rows has nobody left.
            None => known.standing(&nobody, k)?,
        };
        known.shown = known.shown.take().filter(|shown| standing == Standing::Frozen && shown.subjects >= k as u64);
        frozen.extend(known.shown.clone());
    }
    let mut fresh = Vec::new();
    for (at, (cell, standing)) in cells.iter().zip(&standings).enumerate() {
        if !standing.may_show() || left_out.get(at).copied().unwrap_or(true) {
            continue;
        }
        fresh.push(at);
        let known = memory.cells.entry(cell.name).or_insert_with(|| Known { shown: None, states: Vec::new() });
        known.shown = Some(Shown { values: cell.values.clone(), subjects: cell.subjects });
        if !known.states.contains(&cell.contributors) {
            known.states.push(cell.contributors.clone());
        }
    }
    Ok(Frozen { fresh, frozen, memory })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::keys::{DerivedKey, Keyring, Purpose};
    use crate::publish::contributors::number;

    /// Per cell the people in it and what each contributes.
    type Table = BTreeMap<u8, BTreeMap<u8, u32>>;

    fn key() -> DerivedKey {
        Keyring::generate(jiff::Timestamp::UNIX_EPOCH, [7; 40]).derive("", Purpose::Contributor, 1).unwrap()
    }

    fn cells(table: &Table, memory: &Memory) -> Vec<Cell> {
        let key = key();
        let of_cell = |(name, people): (&u8, &BTreeMap<u8, u32>)| {
            let mut contributors = Contributors::nobody(memory.capacity, 0);
            for (person, amount) in people {
                let person = number(key.token(&[b"person", &[*person]]).as_bytes());
                contributors.add(person, number(key.token(&[b"amount", &amount.to_be_bytes()]).as_bytes()));
            }
            Cell {
                name: key.token(&[b"cell", &[*name]]),
                values: vec![Some(name.to_string()), Some(people.values().sum::<u32>().to_string())],
                subjects: people.len() as u64,
                contributors,
            }
        };
        table.iter().filter(|(_, people)| !people.is_empty()).map(of_cell).collect()
    }

    /// A release: per cell the total that is shown.
    fn release(memory: &mut Memory, table: &Table, k: u32) -> BTreeMap<u8, u32> {
        let now = cells(table, memory);
        let small = |_: &[Standing]| now.iter().map(|cell| cell.subjects < u64::from(k)).collect();
        let found = freeze(memory, &now, k, small).unwrap();
        *memory = found.memory;
        let fresh = found.fresh.iter().map(|at| now[*at].values.clone());
        let text = |values: &[Option<String>], at: usize| values[at].clone().unwrap();
        fresh
            .chain(found.frozen.into_iter().map(|shown| shown.values))
            .map(|values| (text(&values, 0).parse().unwrap(), text(&values, 1).parse().unwrap()))
            .collect()
    }

    fn everybody(people: &[(u8, u32)]) -> Table {
        Table::from([(1, people.iter().copied().collect())])
    }

    #[test]
    fn a_cell_waits_until_k_people_changed() {
        let mut memory = Memory::new(3);
        let mut people = vec![(1, 10), (2, 10), (3, 10), (4, 10)];
        assert_eq!(release(&mut memory, &everybody(&people), 3)[&1], 40);
        // One spends more, another leaves: two changed, and the release shows what it showed.
        people[0].1 = 15;
        assert_eq!(release(&mut memory, &everybody(&people), 3)[&1], 40);
        people.remove(1);
        assert_eq!(release(&mut memory, &everybody(&people), 3)[&1], 40);
        // A third comes: three changed since the only release that there is.
        people.push((5, 1));
        assert_eq!(release(&mut memory, &everybody(&people), 3)[&1], 36);
        // Back as it was: known.
        assert_eq!(release(&mut memory, &everybody(&[(1, 10), (2, 10), (3, 10), (4, 10)]), 3)[&1], 40);
        // Near to the second release, far from the last: frozen as the last one.
        assert_eq!(release(&mut memory, &everybody(&[(1, 15), (3, 10), (4, 10), (5, 1), (6, 2)]), 3)[&1], 40);
    }

    #[test]
    fn a_cell_that_became_small_stays_until_k_people_left() {
        let mut memory = Memory::new(3);
        let four = [(1, 10), (2, 10), (3, 10), (4, 10)];
        assert_eq!(release(&mut memory, &everybody(&four), 3)[&1], 40);
        assert_eq!(release(&mut memory, &everybody(&four[..2]), 3)[&1], 40, "two left of four");
        assert!(release(&mut memory, &everybody(&four[..1]), 3).is_empty(), "three left");
        assert!(release(&mut memory, &everybody(&four[..2]), 3).is_empty(), "withheld: too near to the first release");
        assert_eq!(release(&mut memory, &everybody(&four), 3)[&1], 40, "as it was");
        assert!(release(&mut memory, &Table::new(), 3).is_empty(), "all four left");
    }

    #[test]
    fn a_larger_k_than_can_be_counted_is_refused() {
        let mut memory = Memory::new(3);
        let all: Vec<(u8, u32)> = (0..40).map(|person| (person, 1)).collect();
        release(&mut memory, &everybody(&all), 3);
        release(&mut memory, &everybody(&all), 16);
        let now = cells(&everybody(&all), &memory);
        assert_eq!(freeze(&memory, &now, 17, |_| vec![false]), Err(TooShort));
    }

    /// Nights of small changes: a person and a cell, with what the person contributes to it from then on (0: nothing).
    fn nights() -> impl Strategy<Value = Vec<Vec<(u8, u8, u32)>>> {
        prop::collection::vec(prop::collection::vec((0_u8..2, 0_u8..9, 0_u32..3), 0..7), 1..14)
    }

    /// A total that was shown, and the people behind it with what each contributed.
    type Shown = (u32, BTreeMap<u8, u32>);

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        /// The attacker keeps every release and knows of each whose contributions its values are of. Any two that show a cell differ in nobody
        /// or in k people; a cell that vanished or came back differs from every release that shows it in nobody or in k people, unless it was
        /// never shown before.
        #[test]
        fn no_two_releases_differ_in_fewer_than_k_people(nights in nights(), k in 2_u32..5) {
            let mut memory = Memory::new(k);
            let mut table = Table::new();
            // Per cell the people behind each total that was ever shown.
            let mut shown: BTreeMap<u8, Vec<Shown>> = BTreeMap::new();
            let mut last: BTreeMap<u8, u32> = BTreeMap::new();
            for night in nights {
                for (cell, person, amount) in night {
                    let people = table.entry(cell).or_default();
                    if amount == 0 { people.remove(&person); } else { people.insert(person, amount); }
                }
                let found = release(&mut memory, &table, k);
                let changed = |one: &BTreeMap<u8, u32>, other: &BTreeMap<u8, u32>| {
                    let people: BTreeSet<&u8> = one.keys().chain(other.keys()).collect();
                    people.into_iter().filter(|person| one.get(person) != other.get(person)).count()
                };
                for (cell, people) in &table {
                    let known = shown.entry(*cell).or_default();
                    let far = known.iter().all(|(_, earlier)| !(1..k as usize).contains(&changed(earlier, people)));
                    match found.get(cell) {
                        Some(total) if far && people.len() >= k as usize => {
                            prop_assert_eq!(*total, people.values().sum::<u32>(), "its own values, as soon as that is safe");
                            known.push((*total, people.clone()));
                        }
                        Some(total) => {
                            prop_assert!(!far);
                            prop_assert_eq!(Some(total), last.get(cell), "what the last release showed");
                        }
                        None => prop_assert!(far || !last.contains_key(cell), "left out without need"),
                    }
                    for (_, one) in known.iter() {
                        prop_assert!(one.len() >= k as usize);
                        for (_, other) in known.iter() {
                            prop_assert!(!(1..k as usize).contains(&changed(one, other)));
                        }
                    }
                }
                last = found;
            }
        }
    }
}
