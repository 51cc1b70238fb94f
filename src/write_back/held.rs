//! Holds that came while the run was at work: whom they are about is left alone tonight, whatever the plan says.
//!
//! Asked right after a batch's transaction has begun, and once more before it commits: if a hold came in between, the batch is rolled back and
//! begun anew. So a hold is honoured by every batch that commits after `gallra hold add` has returned. A hold on some columns alone stops the
//! whole subject for tonight; the next plan keeps just the columns.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::Array;

use super::WriteError;
use super::batch::Work;
use crate::holds::{Register, Watch, in_force};
use crate::ledger::HoldId;
use crate::pipeline::CategoryIndex;

/// Subjects by their category.
type Subjects = BTreeMap<CategoryIndex, BTreeSet<u32>>;

/// The holds that the plan does not know.
#[derive(Debug)]
pub struct Latecomers<'a> {
    watch: &'a Watch,
    planned: &'a BTreeSet<HoldId>,
    last: Mutex<Option<Late>>,
}

/// Of the register that was seen last.
#[derive(Debug)]
struct Late {
    register: Arc<Register>,
    /// Whom its new holds are about.
    subjects: Subjects,
    /// Per unit, by its name, the rows that must be left alone: found once, however many batches the unit has.
    rows: BTreeMap<String, BTreeSet<u32>>,
}

impl<'a> Latecomers<'a> {
    /// Of a register that is watched; `planned` are the holds that the plan was made with.
    pub fn new(watch: &'a Watch, planned: &'a BTreeSet<HoldId>) -> Self {
        Self { watch, planned, last: Mutex::new(None) }
    }

    /// The register.
    pub(super) fn watch(&self) -> &Watch {
        self.watch
    }

    /// The batch's rows that must be left alone by now.
    pub(super) fn rows(&self, work: &Work<'_>) -> Result<BTreeSet<u32>, WriteError> {
        let register = self.watch.register()?;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let late = match last.take().filter(|late| Arc::ptr_eq(&late.register, &register)) {
            Some(late) => late,
            None => Late { subjects: self.subjects(work, &register)?, register, rows: BTreeMap::new() },
        };
        let late = last.insert(late);
        if late.subjects.is_empty() {
            return Ok(BTreeSet::new());
        }
        let rows = late.rows.entry(work.unit.name.clone()).or_insert_with(|| work.touching(&late.subjects));
        Ok(work.rows.iter().copied().filter(|row| rows.contains(row)).collect())
    }

    /// Who is held now and was not when the plan was made.
    fn subjects(&self, work: &Work<'_>, register: &Register) -> Result<Subjects, WriteError> {
        let holds = register.holds.iter().filter(|hold| !self.planned.contains(&hold.id)).cloned().collect();
        let new = Register { ledger: register.ledger, holds };
        let mut subjects = Subjects::new();
        for hold in in_force(work.treating, work.state, &[], &new)?.registered.into_iter().filter(|hold| !hold.subjects.is_empty()) {
            subjects.entry(hold.category).or_default().extend(hold.subjects);
        }
        Ok(subjects)
    }
}

impl Work<'_> {
    /// The unit's rows that are held subjects, or with whom something that is a held subject's would be written.
    fn touching(&self, held: &Subjects) -> BTreeSet<u32> {
        let mut found = BTreeSet::new();
        for hanging in self.unit.hanging.iter().filter(|hanging| !hanging.guard) {
            if !hanging.path.is_empty() && !self.plan.writes(hanging.table) {
                continue;
            }
            let own = self.state.follow(hanging.table, &hanging.path);
            let mut note = |row: usize| {
                if own.is_valid(row) {
                    found.insert(own.value(row));
                }
            };
            let scoped = &self.pipeline().tables[hanging.table];
            let subjects = scoped.category.and_then(|category| held.get(&category));
            subjects.into_iter().flatten().for_each(|row| note(*row as usize));
            for lead in &scoped.leads {
                let Some(subjects) = held.get(&lead.category) else { continue };
                let led = self.state.follow(hanging.table, &lead.path);
                (0..led.len()).filter(|row| led.is_valid(*row) && subjects.contains(&led.value(*row))).for_each(&mut note);
            }
        }
        found
    }
}
