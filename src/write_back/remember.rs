//! What a batch leaves in the journal for later nights: who was forgotten and in which version, the activity that erased records proved, and
//! the shared rows that somebody left.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, ArrayRef};

use super::WriteError;
use super::batch::{Done, Fresh, Work};
use super::unit::Kind;
use crate::decide::Outcome;
use crate::passes::fingerprint::{fingerprints, version_columns};
use crate::pipeline::*;
use crate::store::JournalEntry;
use crate::suppression;

impl Work<'_> {
    /// A record that goes may be the latest activity of a subject who stays: the day is journalled, so that erasing it shortens no clock.
    pub(super) fn remember_activity(&self, done: &mut Done) -> Result<(), WriteError> {
        let Kind::Records(_) = self.unit.kind else { return Ok(()) };
        let scoped = &self.pipeline().tables[self.unit.table];
        let tenant = &self.treating.tenants[self.tenant];
        for (lead_index, lead) in scoped.leads.iter().enumerate() {
            let category = &self.pipeline().categories[lead.category];
            let subjects = self.state.follow(self.unit.table, &lead.path);
            let plan = &self.plan.subjects[lead.category];
            let gone = self
                .rows
                .iter()
                .filter(|row| !done.skipped.contains_key(row) && self.deletes(self.unit.table, **row) && subjects.is_valid(**row as usize));
            let stay: BTreeSet<u32> =
                gone.map(|row| subjects.value(*row as usize)).filter(|row| !plan.outcome[*row as usize].erases()).collect();
            let stay: Vec<u32> = stay.into_iter().collect();
            let keys = self.keys_of(category.table, &self.state.tables[category.table].columns, Some(&stay))?;
            let people = &self.pipeline().tables[category.table];
            let tokens = crate::passes::pseudonymise::row_tokens(&keys, &self.treating.keys[self.tenant].journal, people.name())
                .map_err(|source| self.treating.failed(category.table, people.key[0], source))?;
            for (rule, starts) in category.retention.iter().zip(&plan.rule_starts) {
                if !rule.linked.iter().any(|(table, lead, _)| (*table, *lead) == (self.unit.table, lead_index)) {
                    continue;
                }
                for (at, row) in stay.iter().enumerate() {
                    let day = Some(starts[*row as usize]).filter(|day| *day != crate::decide::facts::NO_DAY);
                    let Some(day) = day.and_then(crate::decide::clocks::date_of_day) else { continue };
                    done.journal.push(JournalEntry {
                        tenant: tenant.name.clone(),
                        table: crate::decide::memory::activity_table(people, rule),
                        token: data_encoding::HEXLOWER.encode(tokens.value(at)),
                        batch: String::new(),
                        outcome: "activity".to_owned(),
                        clock_start: Some(day.to_string()),
                        version: String::new(),
                        written_on: tenant.as_of.to_string(),
                    });
                }
            }
        }
        Ok(())
    }

    /// Journals the shared rows that this batch leaves: should the run stop before it comes to them, the next one still knows.
    pub(super) fn remember_shared(&self, done: &mut Done) -> Result<(), WriteError> {
        let mut left: BTreeMap<TableIndex, BTreeSet<u32>> = BTreeMap::new();
        for (index, reference) in self.pipeline().references.iter().enumerate() {
            if reference.kind != ReferenceKind::Shared {
                continue;
            }
            let released = self.plan.rows[reference.from].release.get(&index);
            let gone = done.deleted.iter().filter(|(table, _)| *table == reference.from).map(|(_, row)| *row);
            let written = done.rewritten.iter().filter(|(table, ..)| *table == reference.from).map(|(_, row, _)| *row);
            let leaving = written.filter(|row| released.is_some_and(|released| released[*row as usize]));
            let parents = &self.state.parents[index];
            let rows = gone.chain(leaving).filter(|row| parents.is_valid(*row as usize)).map(|row| parents.value(row as usize));
            left.entry(reference.to).or_default().extend(rows);
        }
        let tenant = &self.treating.tenants[self.tenant];
        for (table, rows) in left {
            let rows: Vec<u32> = rows.into_iter().collect();
            let scoped = &self.pipeline().tables[table];
            let keys = self.keys_of(table, &self.state.tables[table].columns, Some(&rows))?;
            let tokens = crate::passes::pseudonymise::row_tokens(&keys, &self.treating.keys[self.tenant].journal, scoped.name())
                .map_err(|source| self.treating.failed(table, scoped.key[0], source))?;
            done.journal.extend((0..rows.len()).map(|at| JournalEntry {
                tenant: tenant.name.clone(),
                table: crate::decide::memory::left_table(scoped),
                token: data_encoding::HEXLOWER.encode(tokens.value(at)),
                batch: String::new(),
                outcome: "left".to_owned(),
                clock_start: None,
                version: String::new(),
                written_on: tenant.as_of.to_string(),
            }));
        }
        Ok(())
    }

    /// Addresses that go and that want no more mail stay as tokens, entered with the erasure itself.
    pub(super) fn remember_suppressed(&self, done: &mut Done) -> Result<(), WriteError> {
        let Kind::Subjects(category) = self.unit.kind else { return Ok(()) };
        let category = &self.pipeline().categories[category];
        let scoped = &self.pipeline().tables[self.unit.table];
        let (tenant, keys) = (&self.treating.tenants[self.tenant], &self.treating.keys[self.tenant]);
        let rows = &self.plan.rows[self.unit.table];
        for list in &category.suppressions {
            let goes = |row: &u32| {
                let treated = rows.treat.get(&list.column).is_some_and(|treat| treat[*row as usize]);
                (treated || rows.delete[*row as usize]) && !done.skipped.contains_key(row)
            };
            let going: Vec<u32> = self.rows.iter().copied().filter(goes).collect();
            let gathered = |column: ColumnIndex| {
                let cells = self.state.column(self.unit.table, column).ok_or_else(|| self.treating.not_read(self.unit.table, column))?;
                crate::passes::gather(cells, &going).ok_or_else(|| self.treating.assembly(self.unit.table, column))
            };
            let (conditions, addresses) = (gathered(list.when.column)?, gathered(list.column)?);
            let described = &scoped.catalog.columns[list.when.column];
            let unwanted = crate::decide::condition::passes_column(described, &conditions, &list.when.tests).unwrap_or_default();
            let Some(addresses) = arrow::array::AsArray::as_string_opt::<i32>(&addresses) else { continue };
            let table = suppression::list_table(&category.name, &list.name);
            let class = scoped.columns[list.column].class;
            for (address, _) in addresses.iter().zip(unwanted).filter(|(_, unwanted)| *unwanted) {
                let token = address.and_then(|address| suppression::token(&keys.suppression, class, tenant.country, &list.name, address));
                done.journal.extend(token.map(|token| suppression::entry(tenant, &table, token, suppression::SUPPRESSED)));
            }
        }
        Ok(())
    }

    /// The journal's entries for the subjects of the batch.
    pub(super) fn journal(&self, own: &Fresh, kept: &[bool], done: &mut Done) -> Result<(), WriteError> {
        let Kind::Subjects(category) = self.unit.kind else { return Ok(()) };
        let scoped = &self.pipeline().tables[self.unit.table];
        let keys = &self.treating.keys[self.tenant];
        let failed = |source| self.treating.failed(self.unit.table, scoped.key[0], source);
        let domain = scoped.name();
        let columns = version_columns(scoped, &self.pipeline().categories[category]);
        let cells: Vec<&ArrayRef> = columns.iter().filter_map(|column| own.columns[*column].as_ref()).collect();
        let versions = fingerprints(&cells, own.rows, &keys.version, domain).map_err(failed)?;
        let new_keys = self.keys_of(self.unit.table, &own.columns, None)?;
        let tokens = crate::passes::pseudonymise::row_tokens(&new_keys, &keys.journal, domain).map_err(failed)?;
        let mut remaining: Vec<Option<usize>> = vec![None; self.rows.len()];
        own.ordinals.iter().enumerate().for_each(|(at, ordinal)| remaining[*ordinal as usize] = Some(at));
        // Rows that are gone are named by the key that they had.
        let gone: Vec<u32> = self.rows.iter().zip(&remaining).filter(|(_, at)| at.is_none()).map(|(row, _)| *row).collect();
        let old_keys = self.keys_of(self.unit.table, &self.state.tables[self.unit.table].columns, Some(&gone))?;
        let old_tokens = crate::passes::pseudonymise::row_tokens(&old_keys, &keys.journal, domain).map_err(failed)?;
        let mut old_tokens = (0..gone.len()).map(|at| old_tokens.value(at));
        let subjects = &self.plan.subjects[category];
        let tenant = &self.treating.tenants[self.tenant];
        for (ordinal, row) in self.rows.iter().enumerate() {
            let (token, version) = match remaining[ordinal] {
                Some(at) => (tokens.value(at), versions[at].to_string()),
                None => (old_tokens.next().unwrap_or_default(), String::new()),
            };
            // Of whom something went because a purpose has ended is not forgotten.
            if !kept[ordinal] || subjects.released.contains_key(row) {
                continue;
            }
            let outcome = subjects.outcome[*row as usize];
            let outcome = if outcome == Outcome::Forgotten { Outcome::Anonymise } else { outcome };
            let clock_start = subjects.clock_start[*row as usize].and_then(crate::decide::clocks::date_of_day).map(|date| date.to_string());
            done.journal.push(JournalEntry {
                tenant: tenant.name.clone(),
                table: scoped.name().to_owned(),
                token: data_encoding::HEXLOWER.encode(token),
                batch: String::new(),
                outcome: outcome.as_str().to_owned(),
                clock_start,
                version,
                written_on: tenant.as_of.to_string(),
            });
        }
        Ok(())
    }
}
