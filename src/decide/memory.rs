//! What earlier nights left behind: the journal's entries matched with the rows at hand.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::clocks::day_of_date;
use super::{Memory, Remembered};
use crate::passes::fingerprint::{fingerprints, version_columns};
use crate::passes::pseudonymise::row_tokens;
use crate::passes::{PassError, Treating, gather};
use crate::pipeline::*;
use crate::snapshot::State;
use crate::store::JournalEntry;

/// Matches the journal with every category's rows. `erased` gives, per tenant and category, the ledger's tokens of those who were erased after
/// the store's last word: with a restored backup they are back.
///
/// A row whose entry's version is not its version now was changed since, and is decided afresh.
pub fn remember(
    treating: &Treating<'_>,
    state: &State,
    journal: &[JournalEntry],
    erased: &dyn Fn(&str, &str) -> HashSet<[u8; 16]>,
) -> Result<Vec<Memory>, PassError> {
    let mut entries: HashMap<(&str, &str, &str), &JournalEntry> = HashMap::with_capacity(journal.len());
    for entry in journal {
        entries.insert((&entry.tenant, &entry.table, &entry.token), entry);
    }
    let mut memories = Vec::with_capacity(treating.pipeline.categories.len());
    for category in &treating.pipeline.categories {
        let table = category.table;
        let scoped = &treating.pipeline.tables[table];
        let mut memory = Memory::default();
        for (tenant_index, tenant) in treating.tenants.iter().enumerate() {
            let erased = erased(&tenant.name, &category.name);
            let activity = |rule: &Retention| activity_table(scoped, rule);
            let tables: Vec<String> = category.retention.iter().map(activity).chain([scoped.name().to_owned()]).collect();
            let any_entry = journal.iter().any(|entry| entry.tenant == tenant.name && tables.contains(&entry.table));
            if !any_entry && erased.is_empty() {
                continue;
            }
            let rows: Vec<u32> = (0..state.tables[table].rows as u32)
                .filter(|row| state.tables[table].tenants[*row as usize] == tenant_index as u16)
                .collect();
            let gathered = |column: ColumnIndex| {
                let cells = state.column(table, column).ok_or_else(|| treating.not_read(table, column))?;
                gather(cells, &rows).ok_or_else(|| treating.assembly(table, column))
            };
            let keys = scoped.key.iter().map(|column| gathered(*column)).collect::<Result<Vec<_>, _>>()?;
            let failed = |source| treating.failed(table, scoped.key[0], source);
            let tokens = row_tokens(&keys, &treating.keys[tenant_index].journal, scoped.name()).map_err(failed)?;
            let versions = version_columns(scoped, category).into_iter().map(gathered).collect::<Result<Vec<_>, _>>()?;
            let cells: Vec<_> = versions.iter().collect();
            let versions = fingerprints(&cells, rows.len(), &treating.keys[tenant_index].version, scoped.name()).map_err(failed)?;
            let ledger = row_tokens(&keys, &treating.keys[tenant_index].ledger, &category.name).map_err(failed)?;
            for (at, row) in rows.iter().enumerate() {
                let token = data_encoding::HEXLOWER.encode(tokens.value(at));
                for (rule, table) in tables.iter().take(category.retention.len()).enumerate() {
                    let entry = entries.get(&(tenant.name.as_str(), table.as_str(), token.as_str()));
                    let day = entry.and_then(|entry| entry.clock_start.as_deref()).and_then(|date| date.parse().ok()).map(day_of_date);
                    if let Some(day) = day {
                        memory.activity.entry(*row).or_default().push((rule, day));
                    }
                }
                let entry = entries.get(&(tenant.name.as_str(), scoped.name(), token.as_str()));
                match entry {
                    Some(entry) => {
                        memory.journalled.insert(*row);
                        if entry.version == versions[at].to_string() {
                            let clock_start = entry.clock_start.as_deref().and_then(|date| date.parse().ok()).map(day_of_date);
                            memory.forgotten.insert(*row, Remembered { clock_start });
                        }
                    }
                    None => {
                        if !erased.is_empty() && <[u8; 16]>::try_from(ledger.value(at)).is_ok_and(|token| erased.contains(&token)) {
                            memory.resurrected.insert(*row);
                        }
                    }
                }
            }
        }
        memories.push(memory);
    }
    Ok(memories)
}

/// Shared rows that somebody forgotten pointed at, whether or not the night came to erase them: without this a night that was stopped after
/// the last pointer had gone would leave a row that nobody points at, and that nobody's forgetting reaches any more.
pub fn left_behind(treating: &Treating<'_>, state: &State, journal: &[JournalEntry]) -> Result<BTreeSet<(TableIndex, u32)>, PassError> {
    let pipeline = treating.pipeline;
    let shared = pipeline.references.iter().filter(|reference| reference.kind == ReferenceKind::Shared);
    let targets: BTreeSet<TableIndex> = shared.map(|reference| reference.to).collect();
    let mut found = BTreeSet::new();
    for table in targets {
        let scoped = &pipeline.tables[table];
        let name = left_table(scoped);
        for (index, tenant) in treating.tenants.iter().enumerate() {
            let known: HashSet<&str> = journal
                .iter()
                .filter(|entry| entry.tenant == tenant.name && entry.table == name)
                .map(|entry| entry.token.as_str())
                .collect();
            if known.is_empty() {
                continue;
            }
            let rows: Vec<u32> =
                (0..state.tables[table].rows as u32).filter(|row| state.tables[table].tenants[*row as usize] == index as u16).collect();
            let gathered = |column: &ColumnIndex| {
                let cells = state.column(table, *column).ok_or_else(|| treating.not_read(table, *column))?;
                gather(cells, &rows).ok_or_else(|| treating.assembly(table, *column))
            };
            let keys = scoped.key.iter().map(gathered).collect::<Result<Vec<_>, _>>()?;
            let tokens = row_tokens(&keys, &treating.keys[index].journal, scoped.name())
                .map_err(|source| treating.failed(table, scoped.key[0], source))?;
            let left = rows.iter().enumerate().filter(|(at, _)| known.contains(data_encoding::HEXLOWER.encode(tokens.value(*at)).as_str()));
            found.extend(left.map(|(_, row)| (table, *row)));
        }
    }
    Ok(found)
}

/// The journal's name for a shared table's rows that somebody forgotten pointed at. No retention rule has an empty name.
pub fn left_table(table: &ScopedTable) -> String {
    format!("{}#", table.name())
}

/// The journal's name for what a retention rule counted as activity of a table's rows.
pub fn activity_table(table: &ScopedTable, rule: &Retention) -> String {
    format!("{}#{}", table.name(), rule.name)
}

/// The batches that the journal says were committed.
pub fn committed_batches(journal: &[JournalEntry]) -> BTreeSet<&str> {
    journal.iter().filter(|entry| entry.table == crate::write_back::BATCH_MARKER).map(|entry| entry.token.as_str()).collect()
}

/// Subjects per tenant and category that would be forgotten for the first time, and the subjects there are: what the brake looks at.
pub fn newly_forgotten(
    treating: &Treating<'_>,
    state: &State,
    plan: &super::Plan,
    memories: &[Memory],
) -> BTreeMap<(usize, CategoryIndex), (u64, u64)> {
    let mut counts = BTreeMap::new();
    for (index, category) in treating.pipeline.categories.iter().enumerate() {
        let subjects = &plan.subjects[index];
        for (row, tenant) in state.tables[category.table].tenants.iter().enumerate() {
            if *tenant == crate::snapshot::NO_TENANT {
                continue;
            }
            let entry: &mut (u64, u64) = counts.entry((*tenant as usize, index)).or_default();
            entry.1 += 1;
            let before = memories
                .get(index)
                .is_some_and(|memory| memory.journalled.contains(&(row as u32)) || memory.resurrected.contains(&(row as u32)));
            // Whom only an ended purpose let go of is not forgotten.
            let whole = !subjects.released.contains_key(&(row as u32));
            if subjects.work[row] && subjects.outcome[row].erases() && whole && !before {
                entry.0 += 1;
            }
        }
    }
    counts
}
