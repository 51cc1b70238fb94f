//! Verification after the writes: the store as it is now against what was planned. Findings are collected, never stopping at the first.

pub mod later;
mod published;
pub mod residual;
pub mod suspicion;
pub mod uncastable;
pub mod unreadable;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use arrow::array::{Array, AsArray};

use crate::decide::{Outcome, Plan};
use crate::detect::{Country, Scanner};
use crate::keys::DerivedKey;
use crate::passes::{PassError, Treating};
use crate::pipeline::*;
use crate::publish::{PublishError, for_each_text};
use crate::report::counted;
use crate::snapshot::State;
use crate::store::StoreVersion;
use crate::write_back::money;
use crate::write_back::{SkippedSubject, Written};

use residual::{Fate, Identities, Place, Residue};

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// Which check: `counts`, `money`, `references`, `treated_cells`, `residual_identity`, `published`, `contributors`, `ledger`, `keyring`,
    /// `shredded`, `unreadable`.
    pub check: String,
    /// What is wrong, in words, without a value.
    pub message: String,
    /// What to do about it, or what becomes of it, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// The result of the checks.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Verification {
    /// Check → how often it held.
    pub held: BTreeMap<String, u64>,
    /// What did not hold.
    pub findings: Vec<Finding>,
    /// What could not be checked, and why.
    pub not_checked: Vec<String>,
    /// The search for those just forgotten.
    pub residue: Residue,
}

impl Verification {
    /// Notes the result of one check.
    pub fn note(&mut self, check: &str, held: bool, message: impl FnOnce() -> String) {
        if held {
            *self.held.entry(check.to_owned()).or_default() += 1;
        } else {
            self.findings.push(Finding { check: check.to_owned(), message: message(), hint: None });
        }
    }

    /// Notes what a check found, and the way out.
    pub fn found(&mut self, check: &str, message: String, hint: Option<String>) {
        self.findings.push(Finding { check: check.to_owned(), message, hint });
    }

    /// How many findings a check has.
    pub fn failed(&self, check: &str) -> u64 {
        self.findings.iter().filter(|finding| finding.check == check).count() as u64
    }
}

/// The store after the writes against the state that the plan promised.
pub struct AfterWrite<'a> {
    /// Keys and pipeline.
    pub treating: &'a Treating<'a>,
    /// The snapshot that decided.
    pub before: &'a State,
    /// The state that the passes computed.
    pub promised: &'a State,
    /// The plan.
    pub plan: &'a Plan,
    /// What was written.
    pub written: &'a Written,
    /// The store as it is now.
    pub now: &'a State,
    /// Whether nobody else wrote since the snapshot: only then can whole tables be compared.
    pub alone: bool,
    /// Whether the store wrote a row of this version itself.
    pub wrote: &'a dyn Fn(&StoreVersion) -> bool,
}

/// Whether cells of a column name somebody, or hold documents that do.
fn identifies(settings: &ScopedColumn) -> bool {
    let in_document = |document: &Document| document.paths.iter().any(|path| residual::kind_of(path.class).is_some());
    residual::kind_of(settings.class).is_some() || matches!(&settings.treatment, Treatment::Document(document) if in_document(document))
}

impl AfterWrite<'_> {
    /// Counts of rows and totals of money, per table.
    pub fn totals(&self, verification: &mut Verification) -> Result<(), PassError> {
        let versioned = self.now.tables.iter().all(|table| table.versions.is_some());
        if !self.alone && !versioned {
            verification
                .not_checked
                .push("whole tables: somebody else wrote to the store meanwhile, so only the batches' own totals are proved".into());
            return Ok(());
        }
        for (table, scoped) in self.treating.pipeline.tables.iter().enumerate() {
            if !self.alone && self.written_by_others(table) {
                let name = scoped.name();
                verification
                    .not_checked
                    .push(format!("the whole of `{name}`: somebody else wrote it meanwhile, so only the batches' own totals are proved"));
                continue;
            }
            if self.treating.pipeline.copied_into.contains(&table) {
                verification.not_checked.push(format!("the number of rows of `{}`: triggers of the database add to it", scoped.name()));
                continue;
            }
            let gone = self.written.deleted.get(&table);
            let stays: Vec<bool> =
                (0..self.before.tables[table].rows as u32).map(|row| gone.is_none_or(|gone| !gone.contains(&row))).collect();
            let expected = stays.iter().filter(|stays| **stays).count();
            let found = self.now.tables[table].rows;
            verification.note("counts", expected == found, || {
                format!("`{}` has {} instead of {expected}", scoped.name(), counted(found as u64, "row", "rows"))
            });
            if scoped.out_of_scope.is_some() {
                continue;
            }
            self.as_promised(table, verification);
            let before = money::totals(self.treating, table, &self.before.tables[table].columns, &stays)?;
            let now = money::totals(self.treating, table, &self.now.tables[table].columns, &vec![true; found])?;
            for (key, total) in &before {
                let column = &scoped.catalog.columns[key.1].name;
                verification
                    .note("money", now.get(key) == Some(total), || format!("the total of `{}`.`{column}` is another one", scoped.name()));
            }
        }
        Ok(())
    }

    /// Every text that was to be written stands in its column as often as it should. Rows may have moved, so that they are counted, not compared
    /// one by one; documents are left out, because a server may spell them its own way.
    fn as_promised(&self, table: TableIndex, verification: &mut Verification) {
        let scoped = &self.treating.pipeline.tables[table];
        for (column, treat) in &self.plan.rows[table].treat {
            let treatment = &scoped.columns[*column].treatment;
            let texts = |state: &State| state.column(table, *column).and_then(|cells| cells.as_string_opt::<i32>().cloned());
            let (Some(promised), Some(now)) = (texts(self.promised), texts(self.now)) else { continue };
            let Some(rewritten) = self.written.rewritten.get(&table) else { continue };
            if matches!(treatment, Treatment::Document(_) | Treatment::Rekey(_)) {
                continue;
            }
            let mut left: HashMap<Option<&str>, u64> = HashMap::new();
            now.iter().for_each(|text| *left.entry(text).or_default() += 1);
            let written = rewritten.iter().map(|row| *row as usize).filter(|row| treat[*row]);
            let mut other = 0_u64;
            for row in written {
                match left.get_mut(&promised.is_valid(row).then(|| promised.value(row))) {
                    Some(count) if *count > 0 => *count -= 1,
                    _ => other += 1,
                }
            }
            let name = &scoped.catalog.columns[*column].name;
            verification.note("written", other == 0, || {
                format!("in `{}`.`{name}` {} not what was to be written", scoped.name(), counted(other, "cell is", "cells are"))
            });
        }
    }

    /// Whether rows of a table came that this run did not write, or went that it did not delete, as far as the store's own versions tell.
    fn written_by_others(&self, table: TableIndex) -> bool {
        let (Some(before), Some(now)) = (&self.before.tables[table].versions, &self.now.tables[table].versions) else { return true };
        let known: std::collections::HashSet<&StoreVersion> = before.iter().collect();
        if now.iter().any(|version| !known.contains(version) && !(self.wrote)(version)) {
            return true;
        }
        let left: std::collections::HashSet<&StoreVersion> = now.iter().collect();
        let ours = |row: u32| {
            let of = |rows: Option<&BTreeSet<u32>>| rows.is_some_and(|rows| rows.contains(&row));
            of(self.written.deleted.get(&table)) || of(self.written.rewritten.get(&table))
        };
        (0..before.len() as u32).any(|row| !left.contains(&before[row as usize]) && !ours(row))
    }

    /// Searches the store and the staged sets for those just forgotten.
    pub fn residual(&self, key: DerivedKey, files: &[std::path::PathBuf], verification: &mut Verification) -> Result<(), PublishError> {
        let pipeline = self.treating.pipeline;
        let skipped = self.skipped_rows();
        let goes = |table: TableIndex, column: ColumnIndex, row: usize| {
            let rows = &self.plan.rows[table];
            let planned = rows.delete[row] || rows.treat.get(&column).is_some_and(|treat| treat[row]);
            let done = self.written.deleted.get(&table).is_some_and(|rows| rows.contains(&(row as u32)))
                || self.written.rewritten.get(&table).is_some_and(|rows| rows.contains(&(row as u32)));
            planned && done && !skipped.contains(&(table, row as u32))
        };
        // What the plan should have treated and did not is nobody else's: it must not pass for a value that somebody living shares.
        let missed = self.missed(&skipped);
        let fate = |table: TableIndex, column: ColumnIndex, row: usize| match goes(table, column, row) {
            true => Fate::Goes,
            false if missed.get(&(table, column)).is_some_and(|rows| rows.contains(&(row as u32))) => Fate::Missed,
            false => Fate::Stays,
        };
        let identities = Identities::of(pipeline, self.before, key, &fate);
        let scanner = Scanner::new(&Country::ALL).of_kinds(residual::COMPARED.into_iter().collect());
        let mut residue = Residue { searched: identities.len(), ..Residue::default() };
        if identities.is_empty() {
            verification.residue = residue;
            return Ok(());
        }
        let mut touched = self.touched_texts(&missed);
        self.copied_texts(&mut touched);
        for (table, scoped) in pipeline.tables.iter().enumerate().filter(|(_, scoped)| scoped.out_of_scope.is_none()) {
            for (column, settings) in scoped.columns.iter().enumerate() {
                let personal = residual::kind_of(settings.class).is_some()
                    || settings.class == Class::FreeText
                    || settings.treatment != Treatment::Keep;
                let Some(texts) = self.now.column(table, column).and_then(|cells| cells.as_string_opt::<i32>()) else { continue };
                let name = format!("{}.{}", scoped.name(), scoped.catalog.columns[column].name);
                let touched = touched.get(&(table, column));
                let mut distinct: HashMap<&str, u64> = HashMap::new();
                texts.iter().flatten().for_each(|text| *distinct.entry(text).or_default() += 1);
                for (text, cells) in distinct {
                    // A row's place in the table may have moved; what was written is recognised by what it says now.
                    let place = match touched.is_some_and(|touched| touched.contains(text)) {
                        _ if !personal => Place::SaidToBeImpersonal,
                        true => Place::Treated,
                        false => Place::Elsewhere,
                    };
                    identities.look((text, cells), Some(settings.class), place, &name, &scanner, &mut residue);
                }
            }
        }
        for file in files {
            let name = file
                .parent()
                .and_then(|folder| folder.parent())
                .and_then(|folder| folder.file_name())
                .map(|name| name.to_string_lossy().into_owned());
            let name = format!("set {}", name.unwrap_or_default());
            let mut distinct: BTreeMap<String, HashMap<String, u64>> = BTreeMap::new();
            for_each_text(file, |column, text| {
                if !distinct.contains_key(column) {
                    distinct.insert(column.to_owned(), HashMap::new());
                }
                if let Some(texts) = distinct.get_mut(column) {
                    match texts.get_mut(text) {
                        Some(cells) => *cells += 1,
                        None => drop(texts.insert(text.to_owned(), 1)),
                    }
                }
            })?;
            for (column, texts) in &distinct {
                let place = format!("{name}.{column}");
                texts
                    .iter()
                    .for_each(|(text, cells)| identities.look((text, *cells), None, Place::Treated, &place, &scanner, &mut residue));
            }
        }
        let held = residue.left.is_empty();
        verification.note("residual_identity", held, || {
            let places: Vec<String> =
                residue.left.iter().map(|(place, cells)| format!("{place} in {}", counted(*cells, "cell", "cells"))).collect();
            format!("identifiers of forgotten subjects are left: {}", places.join("; "))
        });
        verification.residue = residue;
        Ok(())
    }

    /// What triggers wrote in the run's own transactions is about those whom it forgot, whatever column it stands in.
    fn copied_texts<'s>(&'s self, touched: &mut BTreeMap<(TableIndex, ColumnIndex), std::collections::HashSet<&'s str>>) {
        for table in &self.treating.pipeline.copied_into {
            let Some(versions) = &self.now.tables[*table].versions else { continue };
            let own: Vec<usize> = (0..versions.len()).filter(|row| (self.wrote)(&versions[*row])).collect();
            for column in 0..self.treating.pipeline.tables[*table].columns.len() {
                let Some(texts) = self.now.column(*table, column).and_then(|cells| cells.as_string_opt::<i32>()) else { continue };
                let said = own.iter().filter(|row| texts.is_valid(**row)).map(|row| texts.value(*row));
                touched.entry((*table, column)).or_default().extend(said);
            }
        }
    }

    /// What the treated cells say after the passes, per column: to tell them from everybody else's cells.
    fn touched_texts(
        &self,
        missed: &BTreeMap<(TableIndex, ColumnIndex), BTreeSet<u32>>,
    ) -> BTreeMap<(TableIndex, ColumnIndex), std::collections::HashSet<&str>> {
        let mut touched: BTreeMap<(TableIndex, ColumnIndex), std::collections::HashSet<&str>> = BTreeMap::new();
        for (table, rows) in self.plan.rows.iter().enumerate() {
            for (column, treat) in &rows.treat {
                let Some(texts) = self.promised.column(table, *column).and_then(|cells| cells.as_string_opt::<i32>()) else { continue };
                let treated = (0..texts.len()).filter(|row| treat[*row] && texts.is_valid(*row)).map(|row| texts.value(row));
                touched.insert((table, *column), treated.collect());
            }
        }
        for ((table, column), rows) in missed {
            let Some(texts) = self.before.column(*table, *column).and_then(|cells| cells.as_string_opt::<i32>()) else { continue };
            let cells = rows.iter().filter(|row| texts.is_valid(**row as usize)).map(|row| texts.value(*row as usize));
            touched.entry((*table, *column)).or_default().extend(cells);
        }
        touched
    }

    /// Cells of identifiers that have a treatment, belong to somebody who was forgotten altogether, and are not in the plan: column → rows.
    /// Their texts may be what they should be already; if they are not, the search finds them.
    fn missed(&self, skipped: &std::collections::HashSet<(TableIndex, u32)>) -> BTreeMap<(TableIndex, ColumnIndex), BTreeSet<u32>> {
        let pipeline = self.treating.pipeline;
        let mut missed = BTreeMap::new();
        for (table, scoped) in pipeline.tables.iter().enumerate().filter(|(_, scoped)| scoped.out_of_scope.is_none()) {
            for (column, settings) in scoped.columns.iter().enumerate() {
                if !identifies(settings) || settings.treatment == Treatment::Keep {
                    continue;
                }
                let own = scoped.category.map(|category| (category, [].as_slice()));
                let leads = settings.owners.iter().map(|lead| &scoped.leads[*lead]);
                for (category, path) in own.into_iter().chain(leads.map(|lead| (lead.category, lead.path.as_slice()))) {
                    let plan = &self.plan.subjects[category];
                    let people = pipeline.categories[category].table;
                    let subjects = self.before.follow(table, path);
                    let rows = &self.plan.rows[table];
                    let forgotten = |row: &u32| {
                        let at = *row as usize;
                        let planned = rows.delete[at] || rows.treat.get(&column).is_some_and(|treat| treat[at]);
                        let subject =
                            subjects.is_valid(at).then(|| subjects.value(at)).filter(|subject| !skipped.contains(&(people, *subject)));
                        let gone = |subject: u32| {
                            matches!(plan.outcome[subject as usize], Outcome::Anonymise | Outcome::Delete) && plan.work[subject as usize]
                        };
                        !planned && subject.is_some_and(gone)
                    };
                    let found: BTreeSet<u32> = (0..subjects.len() as u32).filter(forgotten).collect();
                    if !found.is_empty() {
                        missed.entry((table, column)).or_insert_with(BTreeSet::new).extend(found);
                    }
                }
            }
        }
        missed
    }

    fn skipped_rows(&self) -> std::collections::HashSet<(TableIndex, u32)> {
        let table_of = |skipped: &SkippedSubject| {
            let category = self.treating.pipeline.categories.iter().find(|category| category.name == skipped.unit);
            category.map(|category| (category.table, skipped.row))
        };
        self.written.skipped.iter().filter_map(table_of).collect()
    }
}
