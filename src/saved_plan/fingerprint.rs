//! What a plan erases, line by line, each with a keyed fingerprint of the decision and of the rows that it rests on.
//!
//! A fingerprint covers the outcome, the rule, until when a duty keeps the rest, which cells and rows of the subject go, and what is in all rows
//! that hang on it: its own, those that lead to it, those that it owns, and which others point at any of these. The last day of keeping stands
//! beside it: erasing a record that proved an activity may move it to an earlier day and never to a later one. A fingerprint goes by content and by keys of the keyring alone, so that
//! it is the same tomorrow, in a copy of the store, and after a VACUUM.
//!
//! What another line of the same plan is about is left out, so that a line's fingerprint is the same after that one was executed: a run that was
//! killed goes on where it stopped. Left out are rows that go by a clock of their own, what such a clock replaces in a row that stays, and what
//! belongs to somebody else in a row that several share. So is what goes of a text because the tenant's records name somebody: who else is a
//! customer today says nothing about this line.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringArray, UInt32Array};

use crate::decide::plan::owned_below;
use crate::decide::{Outcome, Plan};
use crate::keys::Token as Fingerprint;
use crate::ledger::Token;
use crate::passes::expiry::{KnownSubjects, would_change};
use crate::passes::fingerprint::{Multiset, compared_columns, fingerprints};
use crate::passes::names::Names;
use crate::passes::{PassError, Treating, gather, in_pieces};
use crate::pipeline::*;
use crate::snapshot::{NO_TENANT, State};
use crate::write_back::ledger_tokens;
use crate::write_back::unit::{Hanging, Kind, Unit, units};

/// One subject or record that a plan erases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The tenant, as an index into the run's.
    pub tenant: usize,
    /// What its row is.
    pub kind: Kind,
    /// The category, or `record.NAME`.
    pub unit: String,
    /// Its row in the snapshot.
    pub row: u32,
    /// Its name in the ledger.
    pub token: Token,
    /// What happens.
    pub outcome: Outcome,
    /// Why.
    pub reason: String,
    /// The last day of keeping, in days since 1970-01-01.
    pub due: Option<i32>,
    /// Of all that the decision rests on.
    pub fingerprint: Fingerprint,
}

/// All that a plan erases, but for shared rows: they follow from those who leave them.
///
/// # Errors
/// [`PassError`] where a column that names rows was not read.
pub fn lines(treating: &Treating<'_>, state: &State, plan: &Plan) -> Result<Vec<Line>, PassError> {
    let by_itself = by_itself(treating, state, plan)?;
    let mut lines = Vec::new();
    for unit in units(treating.pipeline, plan) {
        if unit.kind != Kind::Shared {
            lines.extend(of_unit(treating, state, plan, &by_itself, &unit)?);
        }
    }
    Ok(lines)
}

/// Cells of some columns that would go although nobody's names were known.
type ByItself = BTreeMap<(TableIndex, ColumnIndex), Vec<bool>>;

/// The cells of all columns of texts that are searched for the tenant's people, so far as they go without that.
fn by_itself(treating: &Treating<'_>, state: &State, plan: &Plan) -> Result<ByItself, PassError> {
    let mut found = ByItself::new();
    if treating.names.is_empty() {
        return Ok(found);
    }
    let nobody = Names::default();
    let without = Treating { names: &nobody, ..*treating };
    let mut known = KnownSubjects::new(treating.pipeline, state);
    for (table, rows) in plan.rows.iter().enumerate() {
        for (column, treat) in &rows.treat {
            if treating.pipeline.tables[table].columns[*column].treatment.scrubs_names() {
                found.insert((table, *column), would_change(&without, state, table, *column, treat, &mut known)?);
            }
        }
    }
    Ok(found)
}

/// The decision on one row.
struct Decision<'a> {
    outcome: Outcome,
    reason: &'a str,
    due: Option<i32>,
    /// Of what is left afterwards.
    next_due: Option<Option<i32>>,
}

fn decision<'a>(plan: &'a Plan, kind: Kind, row: u32) -> Decision<'a> {
    let at = row as usize;
    let text = |reason: u32| plan.reasons.get(reason as usize).map_or("", String::as_str);
    match kind {
        Kind::Subjects(category) => {
            let subjects = &plan.subjects[category];
            let next_due = subjects.next_due.get(&row).copied();
            Decision { outcome: subjects.outcome[at], reason: text(subjects.reason[at]), due: subjects.due[at], next_due }
        }
        Kind::Records(record) => {
            let found = plan.records.iter().find(|plan| plan.record == record);
            let (outcome, reason, due) =
                found.map_or((Outcome::Keep, "", None), |plan| (plan.outcome[at], text(plan.reason[at]), plan.due[at]));
            Decision { outcome, reason, due, next_due: None }
        }
        Kind::Shared => Decision { outcome: Outcome::Keep, reason: "", due: None, next_due: None },
    }
}

fn of_unit(treating: &Treating<'_>, state: &State, plan: &Plan, by_itself: &ByItself, unit: &Unit) -> Result<Vec<Line>, PassError> {
    let hanging = Rows { treating, state, plan, by_itself, unit }.fingerprints()?;
    let mut lines = Vec::with_capacity(unit.rows.len());
    for tenant in 0..treating.tenants.len() {
        let of_tenant = |row: &u32| state.tables[unit.table].tenants[*row as usize] == tenant as u16;
        let places: Vec<(usize, u32)> = unit.rows.iter().copied().enumerate().filter(|(_, row)| of_tenant(row)).collect();
        let rows: Vec<u32> = places.iter().map(|(_, row)| *row).collect();
        let tokens = ledger_tokens(treating, state, unit.table, tenant, &unit.name, &rows)?;
        for ((place, row), token) in places.into_iter().zip(tokens) {
            let Decision { outcome, reason, due, next_due } = decision(plan, unit.kind, row);
            let next_due = next_due.map_or(i64::MIN, |next| next.map_or(i64::MAX, i64::from)).to_be_bytes();
            let sums: Vec<u8> = hanging.iter().flat_map(|of| of[place].to_bytes()).collect();
            let parts: [&[u8]; 5] = [unit.name.as_bytes(), outcome.as_str().as_bytes(), reason.as_bytes(), &next_due, &sums];
            let fingerprint = treating.keys[tenant].plan.token(&parts);
            lines.push(Line {
                tenant,
                kind: unit.kind,
                unit: unit.name.clone(),
                row,
                token,
                outcome,
                reason: reason.to_owned(),
                due,
                fingerprint,
            });
        }
    }
    Ok(lines)
}

/// The rows that hang on a unit's.
struct Rows<'a> {
    treating: &'a Treating<'a>,
    state: &'a State,
    plan: &'a Plan,
    by_itself: &'a ByItself,
    unit: &'a Unit,
}

/// How much of a row counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Share {
    /// All that is the subject's or nobody's.
    Own,
    /// What no clock of the row's own replaces.
    Kept,
    /// That it is there, and where it points.
    Pointer,
}

impl Rows<'_> {
    /// Per hanging table, and per place of the unit's rows, all rows that hang on it as one value.
    fn fingerprints(&self) -> Result<Vec<Vec<Multiset>>, PassError> {
        const NOWHERE: u32 = u32::MAX;
        let mut places = vec![NOWHERE; self.state.tables[self.unit.table].rows];
        self.unit.rows.iter().enumerate().for_each(|(place, row)| places[*row as usize] = place as u32);
        let others = self.gone_by_themselves();
        let mut all = Vec::with_capacity(self.unit.hanging.len());
        for hanging in &self.unit.hanging {
            let subjects: UInt32Array = self.state.follow(hanging.table, &hanging.path);
            // By tenant, whose key it is, and by how much of the row counts.
            let mut chosen: BTreeMap<(u16, Share), (Vec<u32>, Vec<u32>)> = BTreeMap::new();
            for row in 0..subjects.len() {
                let place = if subjects.is_valid(row) { places[subjects.value(row) as usize] } else { NOWHERE };
                if place == NOWHERE || others.get(&hanging.table).is_some_and(|gone| gone[row]) {
                    continue;
                }
                let tenant = self.state.tables[self.unit.table].tenants[subjects.value(row) as usize];
                let Some(share) = self.share(hanging, row).filter(|_| tenant != NO_TENANT) else { continue };
                let (rows, of) = chosen.entry((tenant, share)).or_default();
                rows.push(row as u32);
                of.push(place);
            }
            let mut sums = vec![Multiset::default(); self.unit.rows.len()];
            for ((tenant, share), (rows, of)) in chosen {
                let found = self.contents(hanging, tenant as usize, share, &rows)?;
                found.into_iter().zip(of).for_each(|(fingerprint, place)| sums[place as usize].add(fingerprint));
            }
            all.push(sums);
        }
        Ok(all)
    }

    /// Rows that have a line of their own in the plan by which they are deleted, with all that they own.
    fn gone_by_themselves(&self) -> BTreeMap<TableIndex, Vec<bool>> {
        let pipeline = self.treating.pipeline;
        let mut gone: BTreeMap<TableIndex, Vec<bool>> = BTreeMap::new();
        for record in self.plan.records.iter().filter(|record| self.unit.kind != Kind::Records(record.record)) {
            let goes = |row: usize| record.outcome[row] == Outcome::Delete && record.work[row];
            for path in std::iter::once(Vec::new()).chain(owned_below(pipeline, record.table)) {
                let table = path.first().map_or(record.table, |step: &ReferenceIndex| pipeline.references[*step].from);
                let reached = self.state.follow(table, &path);
                let gone = gone.entry(table).or_insert_with(|| vec![false; reached.len()]);
                for (row, gone) in gone.iter_mut().enumerate() {
                    *gone |= reached.is_valid(row) && goes(reached.value(row) as usize);
                }
            }
        }
        gone
    }

    fn share(&self, hanging: &Hanging, row: usize) -> Option<Share> {
        if hanging.path.is_empty() {
            return Some(Share::Own);
        }
        if hanging.guard {
            // Whoever goes tonight points at nobody any more.
            return (!self.plan.rows[hanging.table].delete[row]).then_some(Share::Pointer);
        }
        let by_itself = |outcome: Outcome| matches!(outcome, Outcome::Anonymise | Outcome::Partly | Outcome::Forgotten);
        let replaced = self.plan.records.iter().any(|record| record.table == hanging.table && by_itself(record.outcome[row]));
        Some(if replaced { Share::Kept } else { Share::Own })
    }

    /// The columns that count.
    fn columns(&self, hanging: &Hanging, share: Share) -> Vec<ColumnIndex> {
        let scoped = &self.treating.pipeline.tables[hanging.table];
        let mut columns = compared_columns(&self.state.tables[hanging.table].columns);
        columns.retain(|column| {
            let kept = scoped.columns[*column].treatment == Treatment::Keep;
            match share {
                Share::Own => kept || self.is_own(hanging, *column),
                Share::Kept => kept,
                Share::Pointer => {
                    let pointer = hanging.path.first().map(|step| &self.treating.pipeline.references[*step]);
                    scoped.catalog.primary_key.contains(column) || pointer.is_some_and(|pointer| pointer.columns.contains(column))
                }
            }
        });
        columns
    }

    /// Whether a column's cells are those of whom the rows hang on, or nobody's.
    fn is_own(&self, hanging: &Hanging, column: ColumnIndex) -> bool {
        let owners = &self.treating.pipeline.tables[hanging.table].columns[column].owners;
        owners.is_empty() || hanging.lead.is_none_or(|lead| owners.contains(&lead))
    }

    /// Fingerprints of some rows: their cells, and what of them goes.
    fn contents(&self, hanging: &Hanging, tenant: usize, share: Share, rows: &[u32]) -> Result<Vec<Fingerprint>, PassError> {
        let (table, treating) = (hanging.table, self.treating);
        let columns = self.columns(hanging, share);
        let name = treating.pipeline.tables[table].name();
        let pieces = in_pieces(rows, |rows| {
            let mut cells: Vec<ArrayRef> = Vec::with_capacity(columns.len() + 1);
            for column in &columns {
                let column_cells = self.state.column(table, *column).ok_or_else(|| treating.not_read(table, *column))?;
                cells.push(gather(column_cells, rows).ok_or_else(|| treating.assembly(table, *column))?);
            }
            let goes: StringArray = rows.iter().map(|row| Some(self.goes(hanging, share, *row as usize))).collect();
            cells.push(Arc::new(goes));
            let cells: Vec<&ArrayRef> = cells.iter().collect();
            fingerprints(&cells, rows.len(), &treating.keys[tenant].plan, name)
                .map_err(|source| treating.failed(table, columns.first().copied().unwrap_or_default(), source))
        })?;
        Ok(pieces.into_iter().flatten().collect())
    }

    /// What of a row goes with whom it hangs on: its columns by number, or all of it.
    fn goes(&self, hanging: &Hanging, share: Share, row: usize) -> String {
        let rows = &self.plan.rows[hanging.table];
        let with_it =
            hanging.lead.is_none_or(|lead| self.treating.pipeline.tables[hanging.table].leads.get(lead).is_some_and(|lead| lead.owned));
        match share {
            Share::Kept | Share::Pointer => String::new(),
            Share::Own if rows.delete[row] && with_it => "row".to_owned(),
            Share::Own => {
                let by_itself = |column: ColumnIndex| self.by_itself.get(&(hanging.table, column)).is_none_or(|goes| goes[row]);
                let goes = rows.treat.iter().filter(|(column, treat)| treat[row] && by_itself(**column) && self.is_own(hanging, **column));
                goes.map(|(column, _)| column.to_string()).collect::<Vec<_>>().join(" ")
            }
        }
    }
}
