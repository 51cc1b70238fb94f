//! The plan as a value: an outcome with its reason for every subject and record, and which cells change and which rows go.

use std::collections::{BTreeMap, HashMap};

use arrow::array::{Array, UInt32Array};

use super::Standing;
use super::duties::Protected;
use super::purposes::EndedPurposes;
use crate::pipeline::*;
use crate::snapshot::State;

/// What happens to a subject or a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Stays: not due, or not a natural person.
    Keep,
    /// Due, but a legal hold applies.
    Held,
    /// Processing is restricted (GDPR article 18): neither erased nor published.
    Restricted,
    /// Due, but a condition such as an open order blocks it.
    Blocked,
    /// Its clock is missing, in the future, absurd or unreadable.
    Undetermined,
    /// Its personal columns are replaced; the row stays.
    Anonymise,
    /// Its row is deleted.
    Delete,
    /// Anonymised but for columns that a duty protects until a later day.
    Partly,
    /// Forgotten on an earlier night.
    Forgotten,
}

impl Outcome {
    /// All outcomes, in the order in which they are reported.
    pub const ALL: [Self; 9] = [
        Self::Keep,
        Self::Held,
        Self::Restricted,
        Self::Blocked,
        Self::Undetermined,
        Self::Anonymise,
        Self::Delete,
        Self::Partly,
        Self::Forgotten,
    ];

    /// Its word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Held => "held",
            Self::Restricted => "restricted",
            Self::Blocked => "blocked",
            Self::Undetermined => "undetermined",
            Self::Anonymise => "anonymise",
            Self::Delete => "delete",
            Self::Partly => "partly",
            Self::Forgotten => "forgotten",
        }
    }

    /// Whether it erases something.
    pub fn erases(self) -> bool {
        matches!(self, Self::Anonymise | Self::Delete | Self::Partly)
    }
}

/// Reasons, each text once.
#[derive(Debug, Clone, Default)]
pub struct Reasons {
    texts: Vec<String>,
    known: HashMap<String, u32>,
}

impl Reasons {
    /// The number of a text; the same text has the same number.
    pub fn add(&mut self, text: &str) -> u32 {
        if let Some(known) = self.known.get(text) {
            return *known;
        }
        let number = self.texts.len() as u32;
        self.texts.push(text.to_owned());
        self.known.insert(text.to_owned(), number);
        number
    }

    /// The text of a number.
    pub fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", String::as_str)
    }

    pub(super) fn into_texts(self) -> Vec<String> {
        self.texts
    }
}

/// Tonight's plan.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Per category.
    pub subjects: Vec<SubjectPlan>,
    /// Per record rule.
    pub records: Vec<RecordPlan>,
    /// Per table.
    pub rows: Vec<RowPlan>,
    /// The texts behind the reasons' numbers.
    pub reasons: Vec<String>,
    /// Cells whose time has come and that stay as they are, because they can not be read and their columns can not be empty: how many.
    pub unreadable: BTreeMap<(TableIndex, ColumnIndex), u64>,
    /// The cells that duties and holds on some fields keep.
    pub protected: Protected,
}

impl Plan {
    /// Whether some row of a table is written or goes.
    pub fn writes(&self, table: TableIndex) -> bool {
        let rows = &self.rows[table];
        !rows.treat.is_empty() || !rows.release.is_empty() || rows.delete.contains(&true)
    }

    /// The number of a reason's text, added where it is new.
    pub fn reason(&mut self, text: &str) -> u32 {
        let known = self.reasons.iter().position(|known| known == text).unwrap_or_else(|| {
            self.reasons.push(text.to_owned());
            self.reasons.len() - 1
        });
        known as u32
    }
}

/// The decisions on a category's subjects; every list has one entry per row of its table.
#[derive(Debug, Clone)]
pub struct SubjectPlan {
    /// The category.
    pub category: CategoryIndex,
    /// What happens. Rows of tenants that are not processed say `Keep` and are not counted.
    pub outcome: Vec<Outcome>,
    /// Why, as a number into [`Plan::reasons`].
    pub reason: Vec<u32>,
    /// The clock's start, in days since 1970-01-01.
    pub clock_start: Vec<Option<i32>>,
    /// The last day of keeping.
    pub due: Vec<Option<i32>>,
    /// Per retention rule the day of the latest activity of other tables' rows that it counts; [`super::facts::NO_DAY`] where there is none.
    pub rule_starts: Vec<Vec<i32>>,
    /// The purposes that have ended although the subject stays.
    pub ended: EndedPurposes,
    /// Of those who stay and of whom something goes because a purpose has ended: what they are, and why, once nothing of it is left.
    pub released: BTreeMap<u32, (Outcome, u32)>,
    /// Of `partly`: the last day of the longest duty; `None` where it is not known.
    pub next_due: BTreeMap<u32, Option<i32>>,
    /// Whether anything is left to do tonight; narrowed by the passes to what really changes.
    pub work: Vec<bool>,
    /// Rows that the journal remembers as forgotten and unchanged since.
    pub remembered: std::collections::BTreeSet<u32>,
}

impl SubjectPlan {
    pub(super) fn empty(category: CategoryIndex, rows: usize) -> Self {
        Self {
            category,
            outcome: vec![Outcome::Keep; rows],
            reason: vec![0; rows],
            clock_start: vec![None; rows],
            due: vec![None; rows],
            rule_starts: Vec::new(),
            ended: EndedPurposes::default(),
            released: BTreeMap::new(),
            next_due: BTreeMap::new(),
            work: vec![false; rows],
            remembered: std::collections::BTreeSet::new(),
        }
    }
}

/// The decisions on a record rule's rows.
#[derive(Debug, Clone)]
pub struct RecordPlan {
    /// The rule.
    pub record: usize,
    /// Its table.
    pub table: TableIndex,
    /// What happens.
    pub outcome: Vec<Outcome>,
    /// Why.
    pub reason: Vec<u32>,
    /// The clock's start.
    pub clock_start: Vec<Option<i32>>,
    /// The last day of keeping.
    pub due: Vec<Option<i32>>,
    /// Whether anything is left to do tonight.
    pub work: Vec<bool>,
}

impl RecordPlan {
    pub(super) fn empty(record: usize, table: TableIndex, rows: usize) -> Self {
        Self {
            record,
            table,
            outcome: vec![Outcome::Keep; rows],
            reason: vec![0; rows],
            clock_start: vec![None; rows],
            due: vec![None; rows],
            work: vec![false; rows],
        }
    }

    pub(super) fn set(&mut self, row: usize, outcome: Outcome, reason: u32) {
        self.outcome[row] = outcome;
        self.reason[row] = reason;
        self.work[row] = outcome.erases();
    }

    /// Marks the rows that go, and what they own.
    pub(super) fn mark_deletions(&self, pipeline: &Pipeline, state: &State, rows: &mut [RowPlan]) {
        for (row, outcome) in self.outcome.iter().enumerate() {
            if *outcome == Outcome::Delete {
                rows[self.table].delete[row] = true;
            }
        }
        for path in owned_below(pipeline, self.table) {
            let Some(from) = path.first().map(|step| pipeline.references[*step].from) else { continue };
            let reached = state.follow(from, &path);
            for row in 0..state.tables[from].rows {
                if reached.is_valid(row) && self.outcome[reached.value(row) as usize] == Outcome::Delete {
                    rows[from].delete[row] = true;
                }
            }
        }
    }
}

/// The paths of owned references that end at a table: what goes when its rows go.
pub fn owned_below(pipeline: &Pipeline, table: TableIndex) -> Vec<Vec<ReferenceIndex>> {
    let mut found: Vec<Vec<ReferenceIndex>> = Vec::new();
    let mut frontier: Vec<Vec<ReferenceIndex>> = vec![Vec::new()];
    while let Some(path) = frontier.pop() {
        let at = path.first().map_or(table, |step| pipeline.references[*step].from);
        for (index, reference) in pipeline.references.iter().enumerate() {
            if reference.to == at && reference.kind == ReferenceKind::Owned && !path.contains(&index) {
                let longer: Vec<ReferenceIndex> = std::iter::once(index).chain(path.iter().copied()).collect();
                found.push(longer.clone());
                frontier.push(longer);
            }
        }
    }
    found
}

/// What changes in a table.
#[derive(Debug, Clone)]
pub struct RowPlan {
    /// Rows that go.
    pub delete: Vec<bool>,
    /// Cells whose time has come: column → per row.
    pub treat: BTreeMap<ColumnIndex, Vec<bool>>,
    /// Pointers that leave a shared row which stays: reference → per row.
    pub release: BTreeMap<ReferenceIndex, Vec<bool>>,
}

pub(super) fn empty_rows(pipeline: &Pipeline, state: &State) -> Vec<RowPlan> {
    let tables = pipeline.tables.iter().zip(&state.tables);
    tables.map(|(_, table)| RowPlan { delete: vec![false; table.rows], treat: BTreeMap::new(), release: BTreeMap::new() }).collect()
}

/// Whether a subject's data goes tonight (or went on an earlier night and what a duty kept may follow).
pub(super) fn leaves(standing: Standing) -> bool {
    matches!(standing, Standing::Due(_) | Standing::Forgotten(true))
}

/// Marks the rows of subjects that are deleted, and what they own.
pub(super) fn mark_subject_deletions(
    pipeline: &Pipeline,
    state: &State,
    standings: &[Vec<Standing>],
    subjects: &[SubjectPlan],
    rows: &mut [RowPlan],
) {
    let deleted = |category: CategoryIndex, row: usize| {
        subjects[category].outcome[row] == Outcome::Delete && matches!(standings[category][row], Standing::Due(_))
    };
    for (table_index, table) in pipeline.tables.iter().enumerate() {
        let count = state.tables[table_index].rows;
        for lead in table.leads.iter().filter(|lead| lead.owned) {
            let reached = state.follow(table_index, &lead.path);
            for row in 0..count {
                rows[table_index].delete[row] |= reached.is_valid(row) && deleted(lead.category, reached.value(row) as usize);
            }
        }
        if let Some(category) = table.category {
            for row in 0..count {
                rows[table_index].delete[row] |= deleted(category, row);
            }
        }
    }
}

/// Marks the cells that follow from the subjects' and records' outcomes.
pub(super) fn treat_rows(
    pipeline: &Pipeline,
    state: &State,
    standings: &[Vec<Standing>],
    subjects: &mut [SubjectPlan],
    records: &[RecordPlan],
    protected: &Protected,
    rows: &mut [RowPlan],
) {
    for (table_index, table) in pipeline.tables.iter().enumerate() {
        if table.out_of_scope.is_some() {
            continue;
        }
        let count = state.tables[table_index].rows;
        let leads: Vec<UInt32Array> = table.leads.iter().map(|lead| state.follow(table_index, &lead.path)).collect();
        let expired = records.iter().find(|record| record.table == table_index);
        for (column_index, column) in table.columns.iter().enumerate() {
            if column.treatment == Treatment::Keep {
                continue;
            }
            let mut treat = vec![false; count];
            let named = subjects.iter().any(|plan| plan.ended.name(table_index, column_index));
            let released = |subjects: &[SubjectPlan], category: usize, subject: usize| {
                subjects[category].ended.release(table_index, column_index, subject)
            };
            let empty = |row: usize| state.column(table_index, column_index).is_some_and(|cells| cells.is_null(row));
            for row in 0..count {
                let led = || column.owners.iter().find(|lead| leads[**lead].is_valid(row));
                let subject = match table.category {
                    Some(category) => Some((category, row)),
                    None => led().map(|lead| (table.leads[*lead].category, leads[*lead].value(row) as usize)),
                };
                let by_subject = subject.is_some_and(|(category, subject)| leaves(standings[category][subject]));
                // A key that was replaced is not replaced again.
                let replaced = matches!(column.treatment, Treatment::Rekey(_))
                    && subject.is_some_and(|(category, subject)| matches!(standings[category][subject], Standing::Forgotten(_)));
                let by_record = expired.is_some_and(|record| matches!(record.outcome[row], Outcome::Anonymise | Outcome::Partly));
                let by_purpose = named && !by_subject && subject.is_some_and(|(category, subject)| released(subjects, category, subject));
                if !(by_subject || by_record || by_purpose) || replaced || rows[table_index].delete[row] {
                    continue;
                }
                match protected.until(table_index, column_index, row as u32) {
                    None if by_purpose && !by_record && empty(row) => {}
                    None => {
                        treat[row] = true;
                        if let (Some((category, subject)), true) = (subject, by_purpose) {
                            let plan = &mut subjects[category];
                            let stays = (plan.outcome[subject], plan.reason[subject]);
                            plan.released.entry(subject as u32).or_insert(stays);
                        }
                    }
                    Some(until) => {
                        if let (Some((category, subject)), false) = (subject.filter(|_| by_subject), empty(row)) {
                            let next = subjects[category].next_due.entry(subject as u32).or_insert(Some(i32::MIN));
                            *next = next.zip(until).map(|(known, until)| known.max(until));
                        }
                    }
                }
            }
            if treat.contains(&true) {
                rows[table_index].treat.insert(column_index, treat);
            }
        }
    }
}

/// Enters what is settled, and why.
pub(super) fn note_settled(plan: &mut SubjectPlan, standings: &[Standing]) {
    for (row, standing) in standings.iter().enumerate() {
        if let Standing::Settled(outcome, reason) = standing {
            plan.outcome[row] = *outcome;
            plan.reason[row] = *reason;
        }
    }
}

/// Settles what is `partly` and what is `forgotten`, now that all cells are known.
pub(super) fn settle(standings: &[Vec<Standing>], subjects: &mut [SubjectPlan], reasons: &mut Reasons) {
    let forgotten = reasons.add("forgotten before");
    let duty = reasons.add("some columns stay under a duty or hold");
    for (plan, standing) in subjects.iter_mut().zip(standings) {
        for (row, standing) in standing.iter().enumerate() {
            let partly = plan.next_due.contains_key(&(row as u32));
            match standing {
                Standing::Due(_) => {
                    plan.work[row] = true;
                    if partly && plan.outcome[row] == Outcome::Anonymise {
                        plan.outcome[row] = Outcome::Partly;
                    }
                }
                Standing::Forgotten(leaves) => {
                    plan.work[row] = *leaves;
                    plan.remembered.insert(row as u32);
                    plan.outcome[row] = if partly { Outcome::Partly } else { Outcome::Forgotten };
                    plan.reason[row] = if partly { duty } else { forgotten };
                }
                Standing::Outside | Standing::Settled(..) => {}
            }
        }
        settle_released(plan, reasons);
    }
}

/// Those who stay and of whom something goes because a purpose has ended.
fn settle_released(plan: &mut SubjectPlan, reasons: &mut Reasons) {
    let ended: Vec<(usize, Vec<u32>)> =
        plan.released.keys().map(|row| (*row as usize, plan.ended.of_subject(*row as usize).map(|(_, reason)| reason).collect())).collect();
    for (row, purposes) in ended {
        let texts: Vec<String> = purposes.iter().map(|reason| reasons.text(*reason).to_owned()).collect();
        let goes = reasons.add(&texts.join("; "));
        // Afterwards the reason to stay, and which purposes nothing is left of.
        let short: Vec<&str> = texts.iter().map(|text| text.split(':').next().unwrap_or_default()).collect();
        let stays = format!("{}; {}", reasons.text(plan.reason[row]), short.join("; "));
        let stays = reasons.add(&stays);
        if let Some(after) = plan.released.get_mut(&(row as u32)) {
            after.1 = stays;
        }
        plan.outcome[row] = Outcome::Partly;
        plan.reason[row] = goes;
        plan.work[row] = true;
    }
}
